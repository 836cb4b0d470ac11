"""The lab: an internet in one process, and sessions that students hold line by line."""
