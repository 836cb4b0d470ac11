"""The ladder of the tests of the lab: a lab, a session with one of its hosts, and HELO said in it."""

from support.lab_ladder import connected, lab, ready

__all__ = ["connected", "lab", "ready"]
