"""SMTP in notebooks: a kernel whose language is SMTP, magics for Python, and widgets."""
