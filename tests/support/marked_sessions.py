"""The session of exercise 01 with its right marks, for the bank and for tests. The package has no such list.

The marks are written here by hand: what stands above the reply to EHLO is E, what stands from QUIT on is T.
"""

from __future__ import annotations

from dataclasses import dataclass

from smtplab.grading.exercises.own_session.line_groups import groups_of
from smtplab.grading.exercises.own_session.shown_session import ShownSession
from smtplab.transcript import Transcript


@dataclass(frozen=True)
class MarkedLine:
    """A line with its side, its right mark, its group, and for a line of a second message that of its like."""

    text: str
    mark: str
    group: str
    like: str


def marked_lines(shown: ShownSession) -> tuple[MarkedLine, ...]:
    """Return the lines of a session, each with its right mark."""
    lines = shown.lines
    hello = next(number for number, line in enumerate(lines) if line.startswith("C: EHLO"))
    answered = next(number for number, line in enumerate(lines) if number > hello and line.startswith("S: 250 "))
    groups = groups_of(Transcript.parse("\n".join(lines)))
    marks = ("E" if number <= answered else "T" if number >= len(lines) - 2 else "M" for number in range(len(lines)))
    return tuple(MarkedLine(*each[:2], *each[2]) for each in zip(lines, marks, groups, strict=True))
