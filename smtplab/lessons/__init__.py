"""Tutorials as lessons: what the student does in them, what he is given, and how a step is judged by the wire."""
