"""`exercise` hands out an exercise, and `check` judges it and tells a student what holds, what does not, and why.

A notebook has them like this::

    from smtplab import check, exercise

    mine = exercise("01-hold-your-own-session", student="mia")
    session = mine.telnet("mail.acorn-birch.example")      # what is said there is the evidence
    ...
    check("01-hold-your-own-session", "session")           # prints the rules, returns the points

`check` looks at what was handed out last under the exercise's name; no name of a variable is known to it. What it
returns is a number, the last value of a test cell, which nbgrader reads as the points of the cell. It writes nothing to
stderr, for which nbgrader would give none, and whatever a student's value does, it does not raise.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..base.printed import sentence
from . import sentences
from .exercises import design_of
from .handout import Exercise, ExerciseError
from .journal import journal_of_this_process
from .muting import muted_output
from .rules import Rule
from .scoring import Assessment, assess
from .students import graded_student, id_of, local_student

_handed_out: dict[str, Exercise] = {}


def exercise(name: str, student: object = "", *, course: str = "") -> Exercise:
    """Hand out an exercise: with a task that is this student's own, and a fresh set of hosts.

    Args:
        name: the exercise's name, such as ``01-hold-your-own-session``.
        student: your student id, as your instructor has it, a text or a number. On a JupyterHub it may be left empty.
        course: the course's salt; see `variants.Draw`.

    Returns:
        The exercise. When it is graded it is that of the student who handed the notebook in, whatever `student` says.

    Raises:
        ExerciseError: if there is no such exercise, or nobody knows whose it is; the sentence says what to do.
    """
    design, graded = design_of(name), graded_student()
    said = id_of(student) or local_student()
    owner = graded or said
    if not owner:
        raise ExerciseError(sentences.NO_STUDENT_ID.format(remedy=design.wording.identity))
    handed = Exercise(design, owner, course, said=said, journal=journal_of_this_process() if graded else None)
    hand_out(handed)
    return handed


def hand_out(handed: Exercise) -> None:
    """Let `check` look at this exercise from now on."""
    _handed_out[handed.design.name] = handed


def handed_out(name: str) -> Exercise | None:
    """Return what was handed out last under an exercise's name."""
    return _handed_out.get(name)


def save_journal(name: str) -> None:
    """Save what has been done with an exercise so far, and answered, while a notebook is graded.

    The kernel that is graded runs this in place of `check`, because the student could have changed `check` there.
    """
    handed = handed_out(name)
    if handed is not None:
        with muted_output():
            handed.save_journal()


def check(name: str, part: str = "", *, hidden: Iterable[Rule[Any]] = ()) -> int:
    """Judge an exercise that was handed out, print a line for each rule and what is wrong where it fails.

    Args:
        name: the exercise's name.
        part: one part of it; empty for all of them.
        hidden: the hidden rules of that part, in the instructor's test cell. Then the lines are those of the hidden
            rules, and the points those of public and hidden rules together.

    Returns:
        The points.
    """
    assessment = judged(name, part, hidden=hidden)
    print(assessment.report)
    return assessment.points


def hidden_in(source: str) -> tuple[Rule[Any], ...]:
    """Return the hidden rules of a test cell of the SMTP kernel: Python that gives them the name HIDDEN."""
    names: dict[str, Any] = {}
    exec(compile(source, "<hidden tests>", "exec"), names)
    return tuple(names["HIDDEN"])


def judged(name: str, part: str = "", *, hidden: Iterable[Rule[Any]] = ()) -> Assessment:
    """Judge an exercise as `check` does, and print nothing."""
    try:
        design = design_of(name)
        if part:
            design.part(part)  # a wrong name is reported first
        handed = handed_out(design.name)
        if handed is None:
            raise ExerciseError(sentences.NOT_HANDED_OUT.format(exercise=design.name))
        return assess(handed, part, hidden)
    except ExerciseError as error:
        return Assessment(sentence(error))
