"""The notebook's own interfaces to SMTP."""
