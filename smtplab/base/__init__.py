"""Helpers for every room: failures shown as one sentence, values shown as text, and the paths of the course files."""
