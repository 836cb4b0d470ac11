"""The mail host: its directory, its replies, its mailboxes and its relay."""
