"""Grade many submissions: each in a process of its own, and all judged by a referee that runs no student's code.

`smtplab grade` and nbgrader's `autograde` both call `run` and `grader`, so both give the same points.
"""
