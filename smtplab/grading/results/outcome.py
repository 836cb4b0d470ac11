"""The outcome of grading a class, as values, and its form as JSON: ``report.json``.

The grader writes it, and all tables and pages are made from it alone. So it also names the students who handed in
nothing. The times are all that may differ between two runs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from enum import StrEnum
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from ...base.failure import Failure
from ...border import values as border
from ...roster.collected import HandInProblem, ProblemKind
from .. import sentences

FORMAT = 1
LONGEST_OUTPUT = 64 * 1024  # octets of a cell's output in UTF-8; a page of a class of cells stays readable


class ReportError(Failure):
    """A text is not a report of a graded class."""


class StudentStatus(StrEnum):
    """What became of a student's work."""

    GRADED = "graded"
    ABSENT = "absent"
    NOT_GRADED = "not graded"


class RuleStatus(StrEnum):
    """What became of a rule; it is not reached if nothing was handed in for it, or somebody else's work."""

    HOLDS = "holds"
    FAILS = "fails"
    NOT_REACHED = "not reached"

    @classmethod
    def of(cls, *, holds: bool, mistake: str) -> RuleStatus:
        """Return what became of a rule; one that fails without a mistake of its own was not reached."""
        return cls.HOLDS if holds else cls.FAILS if mistake else cls.NOT_REACHED


class IncidentKind(StrEnum):
    """What an instructor should hear of a submission, beside its points.

    What collecting finds odd, and the limits that the border sees, have their words there.
    """

    TIMED_OUT = "timed out"
    KILLED = "killed"
    OUTPUT_CUT = "output cut"
    CELLS_RESTORED = "cells restored"
    RENAMED = ProblemKind.RENAMED.value
    FORK_LIMIT = border.FORK_LIMIT
    MEMORY_LIMIT = border.MEMORY_LIMIT
    FILE_LIMIT = border.FILE_LIMIT
    LINK_REFUSED = ProblemKind.LINK_REFUSED.value
    ID_MISMATCH = ProblemKind.ID_MISMATCH.value
    ABSENT = "absent"
    LATE = ProblemKind.LATE.value
    NOT_JUDGED = "not judged"
    MANY_CHECKS = "many checks"
    WORK_OF_ANOTHER = "work of another"
    COPIES = ProblemKind.COPIES.value
    UNREADABLE = ProblemKind.UNREADABLE.value
    CELLS_RAISED = "cells raised"
    POINTS_CHANGED = "points changed"


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that happened with a submission.

    Args:
        kind: one of the list.
        sentence: what happened, for the instructor.
    """

    kind: IncidentKind
    sentence: str

    @classmethod
    def of(cls, problem: HandInProblem) -> Incident:
        """Return what collecting found odd as an incident."""
        return cls(IncidentKind(problem.kind), problem.sentence)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A reply that a host gave to a student's sessions; 4yz and 5yz alone are refusals.

    Args:
        command: the verb that was refused, in capital letters; the end of the message is ``end of data``.
        code: the reply's code.
        count: how often it came.
    """

    command: str
    code: int
    count: int = 1


@dataclass(frozen=True, slots=True)
class RuleRow:
    """What became of one rule.

    Args:
        rule, demand: its name, and what it demands.
        points, possible: what it gave, and could give.
        outcome: what became of it.
        mistake: why it fails; empty if it holds.
        expected, got, hint: lines of the explanation; empty where there is none.
        is_hidden: True for a rule that students see at grading only.
    """

    rule: str
    demand: str
    points: int
    possible: int
    outcome: RuleStatus
    mistake: str = ""
    expected: str = ""
    got: str = ""
    hint: str = ""
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class PartResult:
    """What a student earned in a part of the exercise; for a platform a part is a question.

    Args:
        name: the name of the part, as in `PartHead`.
        points, possible: public and hidden rules together; what the instructor gave counts.
        report: the text that the student reads about it.
        rules: all that were judged, the public ones first.
        change: which points the instructor gave in place of those of the grading, and why; empty if none.
    """

    name: str
    points: int
    possible: int
    report: str = ""
    rules: tuple[RuleRow, ...] = ()
    change: str = ""


@dataclass(frozen=True, slots=True)
class CellShown:
    """A cell as the student's page shows it.

    Args:
        cell: its place in the notebook, from 0.
        kind: ``code`` or ``markdown``.
        source: its text, without hidden rules.
        output: what it printed, as text; at most `LONGEST_OUTPUT` octets, and it says where it is cut.
        is_locked: True for a cell of the exercise, which no student wrote.
    """

    cell: int
    kind: str
    source: str
    output: str = ""
    is_locked: bool = False

    @property
    def is_own(self) -> bool:
        """True if a student wrote it. The texts between the cells are the exercise's, though nothing locks them."""
        return self.kind == "code" and not self.is_locked


@dataclass(frozen=True, slots=True)
class StudentResult:
    """What became of one student's work.

    Args:
        student: the id.
        name, platform_key: the name and the learning platform's own key, as in the roster; empty if it has none.
        status: what became of the work.
        reason: why it could not be graded, in a sentence.
        files: the names of what was handed in, if none of it could be graded.
        points: of all parts.
        parts: in the order of the exercise; empty if it was not graded.
        beliefs: the ids of the wrong beliefs that the work shows.
        incidents: what the instructor should hear.
        refusals: what the hosts refused in the sessions; see `refusals.refusals_in`.
        cells: the notebook with its outputs.
        tried: how many answers were checked, by the name of the part.
        drawn: the words that were drawn for this student, such as hosts and addresses; see `drawn_words.drawn_words`.
        wall_seconds, cpu_seconds: what the work took.
        other_id: the id that the notebook gives, if nobody in the class has it; else empty.
        notebook_hash: the SHA-256 of what was handed in.
        graded_at: when it was judged, in ISO 8601, UTC; empty if it was not.
        submitted: the time of it in ISO 8601; empty if it is unknown.
        late_seconds: how much later it came than was due, extensions included; 0 if it came in time.
        extension: until when the student may hand in, in ISO 8601; empty if there is no extension.
        canvas_prefix: how Canvas begins the name of what was handed in, so that it takes a page back under it; empty if
            it came from no zip of Canvas.
    """

    student: str
    name: str = ""
    platform_key: str = ""
    status: StudentStatus = StudentStatus.GRADED
    reason: str = ""
    files: tuple[str, ...] = ()
    points: int = 0
    parts: tuple[PartResult, ...] = ()
    beliefs: tuple[str, ...] = ()
    incidents: tuple[Incident, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    cells: tuple[CellShown, ...] = ()
    tried: Mapping[str, int] = field(default_factory=dict)
    drawn: tuple[str, ...] = ()
    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    other_id: str = ""
    notebook_hash: str = ""
    graded_at: str = ""
    submitted: str = ""
    late_seconds: float = 0.0
    extension: str = ""
    canvas_prefix: str = ""

    @property
    def is_graded(self) -> bool:
        """True if the work was judged."""
        return self.status is StudentStatus.GRADED


@dataclass(frozen=True, slots=True)
class PartHead:
    """A part of the exercise, as all students have it.

    Args:
        name, title: its name, and its title for people.
        possible: the points of all its rules.
        hidden_possible: those of the hidden rules among them.
    """

    name: str
    title: str
    possible: int
    hidden_possible: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A graded class.

    Args:
        exercise, title: the name of the exercise, and its title for people.
        possible: the points of all parts.
        parts: in the order of the exercise.
        students: everybody in the class, also those who handed in nothing.
        smtplab: the version that graded.
        border: what the submissions were kept from, in a sentence.
        begun, ended: when the run began and ended, in ISO 8601, UTC.
        due: until when the work was due, in ISO 8601; empty if nobody said.
        format: of this JSON.
    """

    exercise: str
    title: str
    possible: int
    parts: tuple[PartHead, ...]
    students: tuple[StudentResult, ...]
    smtplab: str = ""
    border: str = ""
    begun: str = ""
    ended: str = ""
    due: str = ""
    format: int = FORMAT

    @property
    def by_id(self) -> tuple[StudentResult, ...]:
        """The students in the order of their ids, in which all tables and pages have them."""
        return tuple(sorted(self.students, key=lambda result: result.student))

    @property
    def graded(self) -> tuple[StudentResult, ...]:
        """Those whose work was judged, in the same order."""
        return tuple(result for result in self.by_id if result.is_graded)

    def to_json(self) -> str:
        """Return the report as JSON, a line for each student.

        It is in ASCII, so that no text of a student's can be a fault of the file.
        """
        students = ",\n".join(map(_json, self.students))
        head = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "students"}
        return f'{_json(head)[:-1]},\n"students": [\n{students}\n]}}\n'

    @classmethod
    def from_json(cls, text: str | bytes) -> Report:
        """Return the report that JSON holds.

        Raises:
            ReportError: if it is not such a report; the sentence says where.
        """
        try:
            given = json.loads(text)
        except ValueError as error:
            raise ReportError(sentences.REPORT_IS_NOT_JSON.format(reason=error)) from None
        if isinstance(given, dict) and given.get("format") != FORMAT:
            raise ReportError(sentences.REPORT_FORMAT.format(format=given.get("format"), readable=FORMAT))
        return value_from_json(cls, given)


def _json(value: Any) -> str:
    return json.dumps(value, default=_as_mapping, allow_nan=False)


def _as_mapping(value: Any) -> dict[str, Any]:
    return {each.name: getattr(value, each.name) for each in fields(value)}


ShapeT = TypeVar("ShapeT")


def value_from_json(shape: type[ShapeT], given: Any, where: str = "the report") -> ShapeT:
    """Return a value of a class of this module from what JSON gives for it; unknown keys are skipped.

    Raises:
        ReportError: if a key is missing, or has a value of another kind.
    """
    if not isinstance(given, dict):
        raise _unfit(where)
    hints = get_type_hints(shape)
    values: dict[str, Any] = {}
    for each in fields(shape):  # type: ignore[arg-type]
        here = f"{each.name} of {where}"
        if each.name in given:
            values[each.name] = _read(hints[each.name], given[each.name], here)
        elif each.default is MISSING and each.default_factory is MISSING:
            raise _unfit(here)
    return shape(**values)


def _read(kind: Any, given: Any, where: str) -> Any:
    if get_origin(kind) is tuple and isinstance(given, list):
        inner = get_args(kind)[0]
        return tuple(_read(inner, each, f"{where}, number {number}") for number, each in enumerate(given, 1))
    if get_origin(kind) is Mapping and isinstance(given, dict):
        return {name: _read(int, each, where) for name, each in given.items()}
    if isinstance(kind, type) and issubclass(kind, StrEnum) and given in list(kind):
        return kind(given)
    if kind is float and type(given) is int:
        return float(given)
    if isinstance(kind, type) and kind in (str, int, float, bool) and type(given) is kind:
        return given
    if hasattr(kind, "__dataclass_fields__"):
        return value_from_json(kind, given, where)
    raise _unfit(where)


def _unfit(where: str) -> ReportError:
    return ReportError(sentences.REPORT_IS_INCOMPLETE.format(where=where))
