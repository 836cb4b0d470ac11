"""Join what was collected of a class with its roster: one entry for each student, also for who handed in nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from ...base.printed import in_a_row
from ...roster.collected import Absent, Collected, Submission
from ...roster.roster import Roster, RosterEntry
from ..results.outcome import Incident, IncidentKind, StudentResult, StudentStatus
from ..students import normal, spellings
from . import sentences


@dataclass(frozen=True, slots=True)
class ClassWork:
    """What one student of the class handed in.

    Args:
        data: the notebook; empty if there is none.
        result: what is known about the student before: id, name, time, incidents. Its status is absent or not graded
            if there is no notebook.
        task_of: the id with which the student's task is drawn.
        is_left_out: True if the student is not to be graded now; the result of an earlier run stays.
    """

    data: bytes
    result: StudentResult
    task_of: str
    is_left_out: bool = False

    @property
    def student(self) -> str:
        """The id."""
        return self.result.student


@dataclass(frozen=True, slots=True)
class Chosen:
    """Whom to grade.

    Args:
        only: the ids; all if there are none.
        since: when it must have been handed in; None for any time. What has no time is graded.
    """

    only: tuple[str, ...] = ()
    since: datetime | None = None

    def takes(self, submission: Submission) -> bool:
        """Return True if a submission is to be graded."""
        is_named = not self.only or submission.student in map(normal, self.only)
        is_old = self.since is not None and submission.submitted is not None and submission.submitted < self.since
        return is_named and not is_old


def class_work(
    exercise: str,
    collected: Collected,
    roster: Roster | None,
    courses: Iterable[Path],
    chosen: Chosen,
    due: datetime | None,
) -> Sequence[ClassWork]:
    """Return what each student of the class handed in for an exercise.

    Args:
        exercise: its name.
        collected: what was found.
        roster: the class; None if it is unknown.
        courses: the folders that may have a table ``ids.csv``, which says who has worked under another id.
        chosen: whom to grade.
        due: until when the work was due; None if nobody said. A student's extension counts instead.
    """
    known = {} if roster is None else roster.by_id
    ids = {folder: own for course in courses for folder, own in spellings(course).items()}
    found = []
    every: tuple[Submission | Absent, ...] = (*collected.submissions, *collected.absent)
    for each in every:
        if each.exercise == exercise:
            entry = known.get(each.student, RosterEntry(each.student))
            task_of = ids.get(normal(each.student), each.student)
            result = _named(_before(each), entry)
            if isinstance(each, Submission):
                result = _timed(result, each.submitted, entry, due)
                found.append(ClassWork(each.data, result, task_of, not chosen.takes(each)))
            else:
                found.append(ClassWork(b"", result, task_of))
    return _with_shared_ids(found)


def _with_shared_ids(found: Sequence[ClassWork]) -> Sequence[ClassWork]:
    """Return the work with an incident for all whose tasks are drawn with one id; a copy would be right for both."""
    sharing: dict[str, list[str]] = {}
    for each in found:
        if each.data:
            sharing.setdefault(normal(each.task_of), []).append(each.student)
    return [_sharing(each, sharing.get(normal(each.task_of), [])) for each in found]


def _sharing(work: ClassWork, students: Sequence[str]) -> ClassWork:
    if not work.data or len(students) < 2:
        return work
    sentence = sentences.ID_OF_SEVERAL.format(id=work.task_of, students=in_a_row(students))
    incidents = (*work.result.incidents, Incident(IncidentKind.ID_MISMATCH, sentence))
    return replace(work, result=replace(work.result, incidents=incidents))


def _before(handed: Submission | Absent) -> StudentResult:
    if isinstance(handed, Absent):
        return StudentResult(handed.student, status=StudentStatus.ABSENT, reason=handed.sentence)
    incidents = tuple(map(Incident.of, handed.problems))
    status = StudentStatus.GRADED if handed.data else StudentStatus.NOT_GRADED
    return StudentResult(
        handed.student,
        status=status,
        reason=handed.reason,
        incidents=incidents,
        files=handed.files,
        canvas_prefix=handed.canvas_prefix,
    )


def _named(result: StudentResult, entry: RosterEntry) -> StudentResult:
    return replace(result, name=entry.name, platform_key=entry.platform_key, extension=entry.extension)


def _timed(
    result: StudentResult, submitted: datetime | None, entry: RosterEntry, due: datetime | None
) -> StudentResult:
    """Return the result with the time of the submission, and how late that was.

    The platform marks work as late by its own date; the mark goes if the work came within the student's extension.
    """
    own = entry.due()
    if submitted is None:
        return result
    until = max((moment for moment in (due, own) if moment is not None), default=None)
    late = 0.0 if until is None else max(0.0, (submitted - until).total_seconds())
    incidents = result.incidents
    if own is not None and submitted <= own:
        incidents = tuple(each for each in incidents if each.kind is not IncidentKind.LATE)
    return replace(result, submitted=submitted.isoformat(), late_seconds=late, incidents=incidents)
