"""Servers under test: the rules, the probes that judge them over TCP or in memory, and the run (`server_rules`)."""
