"""Graded classes to make tables and pages from: some students by hand, and classes whose notebooks a bank fills."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from smtplab.grading.exercises import design_of
from smtplab.grading.handout import Exercise
from smtplab.grading.results.drawn_words import drawn_words
from smtplab.grading.results.outcome import (
    CellShown,
    Incident,
    IncidentKind,
    PartHead,
    PartResult,
    Refusal,
    Report,
    RuleRow,
    RuleStatus,
    StudentResult,
    StudentStatus,
)
from support.bank import filled, graded

HOLDS, FAILS, OPEN = RuleStatus.HOLDS, RuleStatus.FAILS, RuleStatus.NOT_REACHED
QUIT = RuleRow("session.quit", "You end the session with QUIT.", 1, 1, HOLDS)
NO_QUIT = replace(QUIT, points=0, outcome=FAILS, mistake="The session is still open; 221 never came.")
HELLO = RuleRow("session.hello", "You say HELO.", 2, 2, HOLDS)
NO_HELLO = replace(
    HELLO, points=0, outcome=FAILS, mistake="No HELO.", expected="HELO x", got="<b>MAIL</b>", hint="greet"
)
BANNER = RuleRow("banner.which", "You name the banner.", 3, 3, HOLDS, is_hidden=True)
NO_BANNER = replace(BANNER, points=0, outcome=OPEN)

PARTS = (PartHead("session", "Your own session", 3), PartHead("banner", "The banners & more", 3, 3))


def part(name: str, *rules: RuleRow) -> PartResult:
    """Return the result of a part with these rules."""
    return PartResult(name, sum(each.points for each in rules), sum(each.possible for each in rules), "", rules)


def student(id_: str, *parts: PartResult, **more: object) -> StudentResult:
    """Return the result of a student whose work was graded."""
    return StudentResult(id_, points=sum(each.points for each in parts), parts=parts, **more)  # type: ignore[arg-type]


MIA = student(
    "mia",
    part("session", HELLO, QUIT),
    part("banner", BANNER),
    name="Mia Groß",
    platform_key="Participant 4711",
    submitted="2026-11-20T18:00:00+00:00",
)
NOAH = student(
    "noah",
    part("session", NO_HELLO, NO_QUIT),
    part("banner", NO_BANNER),
    name="=cmd()",
    platform_key="Participant 4712",
    beliefs=("dot-is-optional", "250-is-delivered"),
    incidents=(Incident(IncidentKind.WORK_OF_ANOTHER, "It fits the task of mia."),),
    refusals=(Refusal("RCPT", 550, 2), Refusal("MAIL", 503)),
    cells=(
        CellShown(0, "markdown", "# The exercise", is_locked=True),
        CellShown(1, "code", "print('<script>alert(1)</script>')", "<script>alert(1)</script>\x1b[31m\u202e\x00"),
    ),
    submitted="2026-11-21T18:00:00Z",
    late_seconds=90000.0,
    extension="2026-11-20T00:00:00Z",
    tried={"banner": 21, "session": 20},
)
UMA = StudentResult("uma", "Uma", status=StudentStatus.ABSENT)
ZOE = StudentResult("zoe", status=StudentStatus.NOT_GRADED, reason="the file is empty", platform_key="Participant 4714")

REPORT = Report(
    exercise="01-session",
    title="Hold your own session",
    possible=6,
    parts=PARTS,
    students=(ZOE, NOAH, UMA, MIA),
    smtplab="0.1.0",
    border="Each notebook ran alone.",
    begun="2026-11-30T19:00:00+00:00",
    ended="2026-11-30T19:01:00+00:00",
    due="2026-11-20T12:00:00Z",
)


def handed_in(exercise: str, student: str, task_of: str, answers: Mapping[str, str]) -> StudentResult:
    """Return a student with the cells of a notebook that has these answers, and nothing else.

    Args:
        exercise: the name of the exercise.
        student: the student's id.
        task_of: whose task the answers are for.
        answers: the code of the answer cells by their ``grade_id``.
    """
    handed = Exercise(design_of(exercise), task_of, "smtplab")
    sheet = CellShown(-1, "code", "mine", "\n".join([str(handed), *handed.given.values()]), is_locked=True)
    cells = (
        CellShown(place, cell["cell_type"], "".join(cell["source"]), is_locked=not graded(cell).get("solution"))
        for place, cell in enumerate(filled(exercise, task_of, answers)["cells"])
    )
    return StudentResult(student, cells=(sheet, *cells), drawn=drawn_words(handed.evidence().task))


def class_of(students: Sequence[StudentResult]) -> Report:
    """Return a report that has these students, and of the exercise nothing."""
    return Report(exercise="01", title="", possible=0, parts=(), students=tuple(students))
