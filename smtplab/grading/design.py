"""An exercise as it is designed, the same for all students: how a task is drawn, its hosts, its sheet, and its rules.

The designs are in `smtplab.grading.exercises`, one package each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, NoReturn

from ..base.failure import Failure
from ..base.printed import Printed
from ..border import Budget
from ..worlds.virtual import Host
from . import sentences
from .defence_part import DEFENCE, PART, has_defence
from .evidence import Evidence, TaskT
from .hint_wording import PYTHON, HintWording
from .rules import ExercisePart
from .trials import ProgramTrials
from .variants import Draw


class ExerciseError(Failure):
    """An exercise, or an answer, is not possible like this; ``str(error)`` is a sentence for the student."""


class GivenTexts(dict[str, str]):
    """The texts of a task, by their names. A name that it does not have gets a sentence.

    Args:
        exercise: the name of the exercise.
        texts: its texts.
    """

    def __init__(self, exercise: str, texts: Mapping[str, str]) -> None:
        super().__init__(texts)
        self._exercise = exercise

    def __missing__(self, name: object) -> str:
        texts = f"it has {', '.join(map(repr, self))}" if self else "it has none"
        raise ExerciseError(sentences.NO_TEXT.format(exercise=self._exercise, name=name, texts=texts))


class NotHere(Printed):
    """Stands for an object that a notebook has not, and says what to do whatever is done with it.

    Args:
        sentence: what to do.
    """

    def __init__(self, sentence: str) -> None:
        self._sentence = sentence

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_"):  # what Python and IPython look for in any object
            raise AttributeError(name)
        raise ExerciseError(self._sentence)

    def __str__(self) -> str:
        return self._sentence


def _nothing_given(task: Any) -> Mapping[str, str]:
    return {}


def _no_hosts(task: Any) -> tuple[Host, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Design(Generic[TaskT]):
    """What an exercise is made of.

    Args:
        name: ``NN-title``, also the name of the notebook and of nbgrader's assignment.
        draw: makes a student's task, any frozen value, from the student's draws.
        sheet: makes the task sheet, with everything that the student needs and no answer.
        parts: one for each test cell of the notebook, in order.
        hosts: makes the mail hosts of a task, new ones each time.
        given: texts to print and work on, by their names.
        questions: the names of the answers that can be handed in.
        trials: for each question that is answered with a program, how the program of a task is tried.
        asked: for each question that is answered with a function, the numbers with which rules call it, hidden rules
            included; no rule uses another number.
        wording: how hints name an action.
        budget: what a submission may use while it is graded, all its cells together.
        opening: the ids of the wrong beliefs that it asks about at its beginning; see `opening_questions`.
        twin: the name of an exercise with the same tasks for another kind of notebook; tasks are drawn under this name.
            Empty if there is none.
    """

    name: str
    draw: Callable[[Draw], TaskT]
    sheet: Callable[[TaskT], str]
    parts: tuple[ExercisePart[Evidence[TaskT]], ...]
    hosts: Callable[[TaskT], tuple[Host, ...]] = _no_hosts
    given: Callable[[TaskT], Mapping[str, str]] = _nothing_given
    questions: tuple[str, ...] = ()
    trials: Mapping[str, Callable[[TaskT], ProgramTrials]] = field(default_factory=dict)
    asked: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    wording: HintWording = PYTHON
    budget: Budget = field(default_factory=Budget)
    opening: tuple[str, ...] = ()
    twin: str = ""

    def part(self, name: str) -> ExercisePart[Evidence[TaskT]]:
        """Return the part with this name.

        Raises:
            ExerciseError: if there is none; the sentence lists the parts.
        """
        for part in self.parts:
            if part.name == name:
                return part
        if name == DEFENCE and has_defence(self.parts):
            return PART
        parts = ", ".join(part.name for part in self.parts)
        raise ExerciseError(sentences.NO_PART.format(exercise=self.name, part=name, parts=parts))

    def task(self, student: str, course: str = "") -> TaskT:
        """Return the task of a student."""
        return self.draw(Draw(student, self.twin or self.name, course))
