"""Choose the notebook that counts, of all that one student handed in for one exercise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum

from ..base.printed import few_in_a_row
from . import sentences
from .collected import HandInProblem, ProblemKind, Submission
from .found_files import UnreadableFileError
from .notebook_text import work_in


class Fit(IntEnum):
    """How well a notebook fits an exercise; the smallest number fits best."""

    EXACT = 0  # its name is that of the exercise
    NEAR = 1  # its name holds that of the exercise, as copies do
    CONTENT = 2  # its cells hand out the exercise
    PLACE = 3  # it lies in the exercise's folder, or only this exercise is collected


@dataclass(frozen=True, slots=True)
class Candidate:
    """A notebook that may be the one.

    Args:
        name: the name that the student gave it.
        where: how an instructor finds it.
        label: the text that says whose it is.
        exercise: the exercise that it is for.
        fit: why.
        data: the notebook; empty if it cannot be graded.
        problems: why not, or what else is odd.
        submitted: when it was handed in; None if nothing tells.
        canvas_prefix: as in `PlatformName`.
    """

    name: str
    where: str
    label: str
    exercise: str
    fit: Fit
    data: bytes
    problems: tuple[HandInProblem, ...] = ()
    submitted: datetime | None = None
    canvas_prefix: str = ""


@dataclass(slots=True)
class HandedIn:
    """All that was found of one student.

    Args:
        candidates: the notebooks.
        other_files: the names of files that are no notebooks, each with the exercise whose folder holds it, or "".
        problems: what is odd about other things that were found, in the same way.
        exercises: the exercises for which there is a folder.
        times: when the files of a label and an exercise were handed in, as nbgrader noted it.
        platform_times: when the platform got the files of a label, as its table says.
        canvas_prefix: as in `PlatformName`, of any file.
        octets: how much was read.
    """

    candidates: list[Candidate] = field(default_factory=list)
    other_files: list[tuple[str, str]] = field(default_factory=list)
    problems: list[tuple[HandInProblem, str]] = field(default_factory=list)
    exercises: set[str] = field(default_factory=set)
    times: dict[tuple[str, str], datetime] = field(default_factory=dict)
    platform_times: dict[str, datetime] = field(default_factory=dict)
    canvas_prefix: str = ""
    octets: int = 0

    def time_of(self, candidate: Candidate) -> datetime | None:
        """Return when a notebook was handed in: as nbgrader or the platform says, and else the time of its file."""
        noted = self.times.get((candidate.label, candidate.exercise))
        return noted or self.platform_times.get(candidate.label) or candidate.submitted

    def note(self, error: UnreadableFileError, where: str, place: str) -> None:
        """Note that a file cannot be read; `place` is the exercise whose folder holds it, or ""."""
        text = sentences.IN_PLACE.format(where=where, reason=error)
        self.problems.append((HandInProblem(error.kind, text), place))


def chosen(student: str, exercise: str, candidates: Sequence[Candidate]) -> Submission:
    """Return the submission that counts.

    A notebook that can be graded goes before one that cannot, and then the better name before the others. If two fit
    equally well and differ, or two folders belong to the student, none counts: no rule of ours picks a student's work.

    Args:
        student: the id.
        exercise: the exercise.
        candidates: all notebooks of the student for this exercise, at least one.
    """
    ranked = sorted(candidates, key=lambda each: (not each.data, each.fit, each.where))
    best = ranked[0]
    rivals = [each for each in ranked[1:] if each.data and work_in(each.data) != work_in(best.data)]
    if best.data and (apart := [each for each in rivals if each.label != best.label]):
        labels = few_in_a_row(list(dict.fromkeys(repr(each.label) for each in (best, *apart))))
        return _refused(student, best, sentences.SEVERAL_FOLDERS.format(labels=labels, student=student))
    if equal := [each for each in rivals if each.fit == best.fit]:
        names = few_in_a_row([each.where for each in (best, *equal)])
        template = sentences.SEVERAL_EXACT if best.fit is Fit.EXACT else sentences.SEVERAL_NOTEBOOKS
        return _refused(student, best, template.format(exercise=exercise, names=names))
    problems = [*_about_name(best), *best.problems]
    if rivals:
        names = few_in_a_row([each.name for each in rivals])
        problems.insert(0, HandInProblem(ProblemKind.COPIES, sentences.ALSO_THERE.format(names=names)))
    return _of(student, best, best.data, problems)


def _about_name(best: Candidate) -> list[HandInProblem]:
    if best.fit is Fit.EXACT:
        return []
    return [HandInProblem(ProblemKind.RENAMED, sentences.IS_RENAMED.format(name=best.name))]


def _refused(student: str, best: Candidate, sentence: str) -> Submission:
    reason = HandInProblem(ProblemKind.COPIES, sentence)
    return _of(student, best, b"", (*best.problems, reason))


def _of(student: str, best: Candidate, data: bytes, problems: Sequence[HandInProblem]) -> Submission:
    return Submission(
        student,
        best.exercise,
        best.where,
        data,
        tuple(problems),
        submitted=best.submitted,
        canvas_prefix=best.canvas_prefix,
    )
