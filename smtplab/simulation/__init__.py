"""Runs of many mail hosts on a virtual clock: what a scenario describes, what happens in it, and what it comes to."""
