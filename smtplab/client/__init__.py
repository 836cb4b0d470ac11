"""The SMTP client: deliver messages, report the outcome, and convert messages of the standard library."""
