"""The notebook's own interfaces to SMTP: a kernel whose language it is, magics for Python, and widgets."""
