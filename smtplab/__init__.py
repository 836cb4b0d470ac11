"""smtplab: learn SMTP by holding the conversation."""
