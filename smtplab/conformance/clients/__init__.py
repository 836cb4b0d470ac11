"""Clients under test: the rules, the plays that a server acts out for them, the judges, and the run (`client_run`)."""
