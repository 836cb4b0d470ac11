"""A grader without processes, for tests of what is around it: an answer that says right has all points."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, Self

from smtplab.grading.engine.graded_exercise import GradedExercise
from smtplab.grading.engine.grader import JudgedNotebook, ShownText
from smtplab.grading.engine.student_notebook import StudentCell
from smtplab.grading.results.outcome import Incident, IncidentKind


class FakeGrader:
    """Grades by a look at the sources; `graded` has the ids of whom it graded, in all."""

    graded: ClassVar[list[str]] = []
    border = "No border, this is a test."

    def grade(
        self, exercise: GradedExercise, cells: Iterable[StudentCell], student: str, classmates: Iterable[str] = ()
    ) -> JudgedNotebook:
        """Return full points for each test cell below an answer that says right."""
        type(self).graded.append(student)
        results: dict[str, Any] = {}
        is_right, shown = False, {}
        for cell in cells:
            if cell.test:
                points = exercise.points_of(cell.test) if is_right else 0
                results[cell.test] = {"report": f"{points}", "points": points, "rules": [], "beliefs": []}
                is_right = False
            elif "raise RuntimeError" in cell.source:
                raise RuntimeError(cell.source)
            else:
                is_right = is_right or "right" in cell.source
                shown[cell.cell] = (ShownText("stdout", "shown\n"),)
        is_judged = not any("unjudged" in cell.source for cell in cells)
        incidents = () if is_judged else (Incident(IncidentKind.NOT_JUDGED, "why"),)
        return JudgedNotebook(
            results=results if is_judged else {}, shown=shown, incidents=incidents, is_judged=is_judged
        )


class FakeGraders:
    """Stands for `StartedGraders`, and starts nothing."""

    def __init__(self, exercises: Sequence[str], count: int | None = None) -> None:
        self.size = count or 2

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        pass

    @staticmethod
    @contextmanager
    def graders(count: int) -> Iterator[Sequence[FakeGrader]]:
        """Give graders."""
        yield [FakeGrader() for _ in range(count)]
