"""The error sentences of this package."""

NO_REPLY_YET = "there is no reply to explain yet; in SMTP the server speaks first (RFC 5321 3.1)"
