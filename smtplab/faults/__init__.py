"""Faults of a mail host, scripted in plain English: what is read, when it happens, and what it does to a session."""
