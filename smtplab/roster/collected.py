"""What was collected of a class: each student's notebook, who handed in none, and what could not be used, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ProblemKind(StrEnum):
    """What is odd about something that was handed in. Each is also a kind of incident in the report of a class."""

    RENAMED = "renamed"
    LINK_REFUSED = "link refused"
    ID_MISMATCH = "id mismatch"
    LATE = "late"
    COPIES = "copies"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class HandInProblem:
    """Something odd about what was handed in.

    Args:
        kind: one of the list.
        sentence: what was found, and what became of it, for the instructor.
    """

    kind: ProblemKind
    sentence: str


@dataclass(frozen=True, slots=True)
class Submission:
    """What one student handed in for one exercise.

    Args:
        student: the id.
        exercise: the name of the exercise.
        path: where the notebook was found: a path, and inside a zip the zip's path, a colon and the member's name.
        data: the notebook as JSON in UTF-8, with the end of each cell's text as its only output; empty if there is none
            that can be graded.
        problems: what is odd. If `data` is empty, the last one is the reason.
        submitted: when it was handed in, with its time zone; None if nothing tells.
        files: the names of what was handed in, if none of it can be graded.
        canvas_prefix: how Canvas begins the name of the file; empty if it is of no zip of Canvas.
    """

    student: str
    exercise: str
    path: str
    data: bytes
    problems: tuple[HandInProblem, ...] = ()
    submitted: datetime | None = None
    files: tuple[str, ...] = ()
    canvas_prefix: str = ""

    @property
    def reason(self) -> str:
        """Why there is no notebook that can be graded, as a sentence; empty if there is one."""
        return "" if self.data else self.problems[-1].sentence


@dataclass(frozen=True, slots=True)
class Absent:
    """A student who handed in nothing for an exercise.

    Args:
        student: the id.
        exercise: the name of the exercise.
        sentence: what was found in the place of a submission.
    """

    student: str
    exercise: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Collected:
    """All that was found, in the order of ids and exercises.

    Args:
        submissions: at most one for each student and exercise, also those that cannot be graded.
        absent: who handed in nothing.
        problems: what belongs to no known student, and what cannot be read at all.
    """

    submissions: tuple[Submission, ...] = ()
    absent: tuple[Absent, ...] = ()
    problems: tuple[HandInProblem, ...] = ()
