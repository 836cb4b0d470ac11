"""The error sentences of this package."""

NO_REPLY_YET = "there is no reply to explain yet; in SMTP the server speaks first (RFC 5321 3.1)"
NO_SUCH_LEVEL = "there is no level {level!r} of cards; there are {levels}"
