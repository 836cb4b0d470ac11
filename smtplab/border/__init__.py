"""Runs what a student handed in so that it can read, change and outlive nothing: a process behind a border.

    border = strongest()
    ended = border.run(function, Budget())

`strongest` finds out what this machine allows. The border is made of what Linux offers: namespaces, Landlock, another
user id, limits. This room decides nothing about exercises or grades.
"""

from .border import Border, strongest
from .supervision import NotCrossed
from .values import FILE_LIMIT, FORK_LIMIT, MEMORY_LIMIT, Budget, Ended, How, Level

__all__ = [
    "FILE_LIMIT",
    "FORK_LIMIT",
    "MEMORY_LIMIT",
    "Border",
    "Budget",
    "Ended",
    "How",
    "Level",
    "NotCrossed",
    "strongest",
]
