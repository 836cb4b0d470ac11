"""The client: what it says to deliver a message, what became of it, and messages of the standard library."""
