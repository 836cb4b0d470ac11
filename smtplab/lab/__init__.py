"""What a student sees: an internet to play in, and a session that is held line by line."""
