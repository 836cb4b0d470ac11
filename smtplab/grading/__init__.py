"""Exercises and their grades: what a student is asked for, what is looked at, and what it earns."""
