"""An exercise as the grader has it: the instructor's cells, which parts they judge, and the budget of a submission.

It comes from the instructor's notebook, or from nbgrader's gradebook, and never from a submission.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from functools import cached_property, partial
from typing import Any

from ...border import Budget
from ..design import Design
from ..exercises import design_of
from ..referee import LockedCell, subject_of
from ..release import Cell, ReleaseError, graded_version, marks_of, name_of, without_hidden
from ..results.outcome import PartHead
from . import sentences
from .restoring import KnownCells, is_locked, is_test
from .warm_process import EngineError, fingerprint

_HEADING = re.compile(r"^#{1,6} +(?:\d+\. +)?(.+?)(?: +\(\d+ points?\))?$", re.MULTILINE)
# The kernels: their titles, their names, and how Pygments calls their languages.
_KERNELS = {"python": ("Python 3 (ipykernel)", "python3", "ipython3"), "smtp": ("SMTP", "smtp", "text")}
# How a locked cell of Python, or of the SMTP kernel, names the course.
_COURSE = re.compile(r"""\bcourse=(?:"|')?([^"'\s)]+)""")


@dataclass(frozen=True, slots=True)
class TestedPart:
    """What a test cell judges.

    Args:
        exercise: the exercise that it names.
        part: the name of the part; empty if it judges all of them.
    """

    exercise: str
    part: str


@dataclass(frozen=True, kw_only=True)
class GradedExercise:
    """An exercise that is graded.

    Args:
        name: of the notebook and of nbgrader's assignment.
        language: of its kernel: ``python`` or ``smtp``.
        known: its cells that have a name in nbgrader.
        title: for people.
        headings: for the name of a test cell the heading above it.
    """

    name: str
    language: str
    known: KnownCells
    title: str
    headings: Mapping[str, str]

    @classmethod
    def from_notebook(cls, name: str, content: bytes) -> GradedExercise:
        """Return the exercise of an instructor's notebook.

        Raises:
            EngineError: if it is not one, or nobody judges one of its test cells; the sentence says which.
        """
        try:
            notebook = graded_version(content)
        except ReleaseError as error:
            raise EngineError(sentences.SOURCE_UNUSABLE.format(exercise=name, reason=error)) from None
        cells = [{**cell, "source": "".join(cell["source"])} for cell in notebook["cells"]]
        headings = dict(_headings(cells))
        known = {name_of(cell): cell for cell in cells if name_of(cell)}
        language = notebook.get("metadata", {}).get("kernelspec", {}).get("language", "python")
        return cls.checked(name, language, known, title=headings.pop("", name), headings=headings)

    @classmethod
    def checked(
        cls, name: str, language: str, known: KnownCells, *, title: str = "", headings: Mapping[str, str] | None = None
    ) -> GradedExercise:
        """Return the exercise, if a referee judges each of its test cells.

        Raises:
            EngineError: if none judges one; the sentence names it.
        """
        for sentence in unjudged(known.values()):
            raise EngineError(sentences.IN_EXERCISE.format(exercise=name, sentence=sentence))
        return cls(name=name, language=language, known=known, title=title or name, headings=headings or {})

    def __reduce__(self) -> tuple[Any, ...]:
        """Let it be sent to another process without what is worked out, where functions are."""
        given = {each.name: getattr(self, each.name) for each in fields(self)}
        return partial(type(self), **given), ()

    @cached_property
    def tests(self) -> Mapping[str, TestedPart]:
        """What each test cell judges, by the cell's name, in the order of the notebook."""
        found = {name: subject_of(cell["source"]) for name, cell in self.known.items() if is_test(cell)}
        return {name: TestedPart(*subject) for name, subject in found.items() if subject is not None}

    @cached_property
    def locked(self) -> tuple[LockedCell, ...]:
        """The locked code cells, which the referee gets."""
        return tuple(
            LockedCell(name, cell["source"])
            for name, cell in self.known.items()
            if cell["cell_type"] == "code" and is_locked(cell)
        )

    @cached_property
    def design(self) -> Design[Any]:
        """The design of the exercise that the test cells name."""
        return design_of(next((test.exercise for test in self.tests.values()), self.name))

    @property
    def metadata(self) -> dict[str, Any]:
        """The metadata of a graded notebook: its kernel, and how nbgrader's feedback colours its cells."""
        display_name, name, lexer = _KERNELS[self.language]
        return {
            "kernelspec": {"display_name": display_name, "language": self.language, "name": name},
            "language_info": {"name": self.language, "pygments_lexer": lexer},
        }

    @property
    def budget(self) -> Budget:
        """What a submission may use."""
        return self.design.budget

    def points_of(self, test: str) -> int:
        """Return the points of a test cell."""
        return int(marks_of(self.known[test]).get("points", 0))

    def public_source(self, name: str) -> str:
        """Return the text of a cell as students have it, without hidden tests."""
        return without_hidden(self.known[name]["source"])

    @cached_property
    def course(self) -> str:
        """The course's salt, with which the locked cells hand the exercise out; empty if they name none."""
        sources = (cell.source for cell in self.locked)
        return next((found[1] for found in map(_COURSE.search, sources) if found), "")

    @cached_property
    def parts(self) -> tuple[PartHead, ...]:
        """The parts, one for each test cell."""
        return tuple(
            PartHead(
                tested.part or test,
                self.headings.get(test, tested.part or test),
                self.points_of(test),
                self.design.part(tested.part).hidden_points if tested.part else 0,
            )
            for test, tested in self.tests.items()
        )

    @property
    def possible(self) -> int:
        """The points of all parts."""
        return sum(part.possible for part in self.parts)

    @cached_property
    def hash(self) -> str:
        """A hash of all that a result depends on beside the submission and the class."""
        told = [self.name, self.language, [cell["source"] for cell in self.known.values()], asdict(self.budget)]
        return hashlib.sha256(json.dumps([*told, fingerprint()], sort_keys=True).encode()).hexdigest()


def unjudged(cells: Iterable[Cell]) -> Iterator[str]:
    """Yield a sentence for each test cell that no referee judges.

    Such a cell would have to run in the student's process, with its hidden rules, and could be made to say anything.
    """
    for cell in cells:
        if name_of(cell) and is_test(cell) and subject_of(cell["source"]) is None:
            yield sentences.UNJUDGED_CELL.format(cell=name_of(cell))


def unjudged_in(content: bytes) -> Iterator[str]:
    """Yield these sentences for an instructor's notebook; none for what is not one, which `release` refuses."""
    with suppress(ReleaseError):
        notebook = graded_version(content)
        yield from unjudged({**cell, "source": "".join(cell["source"])} for cell in notebook["cells"])


def _headings(cells: list[Cell]) -> Iterator[tuple[str, str]]:
    """Yield for each test cell the last heading above it, and for an empty name the first of all."""
    last = ""
    for cell in cells:
        if cell["cell_type"] == "markdown":
            for found in _HEADING.finditer(cell["source"]):
                if not last:
                    yield "", found[1]
                last = found[1]
        elif name_of(cell) and is_test(cell):
            yield name_of(cell), last
