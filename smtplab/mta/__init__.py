"""What a mail host decides and keeps: who lives here, how it words its replies, where the mail lies."""
