"""Exercises and their grades: hand out tasks, keep the evidence, score it, and grade a class with nbgrader."""
