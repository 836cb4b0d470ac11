"""The protocol kernel: bytes become commands and replies, and nothing else happens here."""
