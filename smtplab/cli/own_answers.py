"""Grade one notebook under several ids, so that an instructor sees what their own answers earn for each student."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..roster.student_ids import normal
from . import sentences
from .frame import ExitCode, fail
from .output import complain, echo

if TYPE_CHECKING:
    from ..grading.engine.graded_exercise import GradedExercise
    from ..grading.engine.run import Graders
    from ..grading.results.outcome import StudentResult


def notebook_of(submitted: Sequence[Path]) -> Path:
    """Return the one notebook that was named; fail if it is something else."""
    if len(submitted) != 1 or not submitted[0].is_file():
        fail(sentences.NOT_ONE_NOTEBOOK, ExitCode.USAGE)
    return submitted[0]


def ids_of(text: str) -> list[str]:
    """Return the ids of a list with commas, each once; fail if there is none."""
    ids = list(dict.fromkeys(filter(None, map(normal, text.split(",")))))
    if not ids:
        fail(sentences.NO_IDS.format(value=text), ExitCode.USAGE)
    return ids


def grade_as(notebook: Path, exercise: GradedExercise, ids: Iterable[str], graders: Graders) -> ExitCode:
    """Grade a notebook as the work of each of these students, and print what it earns.

    Args:
        notebook: the instructor's own one in ``source``, or a student's version that is filled in.
        exercise: the exercise.
        ids: the students.
        graders: gives what grades; see `StartedGraders.graders`.

    Returns:
        DONE if it has all points under each id.

    Raises:
        Failure: if it cannot be graded.
    """
    from ..grading.engine.prepared import prepare
    from ..grading.engine.student_result import graded_result

    prepared = prepare(notebook.read_bytes(), exercise)
    code = ExitCode.DONE
    with graders(1) as (grader, *_):
        complain(grader.border)
        for student in ids:
            judged = grader.grade(exercise, prepared.cells, student)
            result = graded_result(student, student, exercise, prepared, judged)
            for line in _told(result, exercise.possible):
                echo(line)
            if result.points < exercise.possible:
                code = ExitCode.REFUSED
    return code


def _told(result: StudentResult, possible: int) -> Iterator[str]:
    """Yield the points of a student, those of each part, and why one is missing."""
    parts = ", ".join(f"{part.name} {part.points}" for part in result.parts)
    yield f"{result.student}: {result.points} of {possible} ({parts})"
    for part in result.parts:
        for rule in part.rules:
            if rule.points < rule.possible:
                yield f"  {part.name}: {rule.mistake or rule.demand}"
    for incident in result.incidents:
        yield f"  {incident.sentence}"
