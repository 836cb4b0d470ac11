"""Empty on purpose: without any such file, nbgrader writes a warning into the terminal of ``smtplab start``."""
