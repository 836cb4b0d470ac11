"""The directive ``%answer``: it answers every question that is open, whoever has asked it.

A question of an exercise has a name, one of a review or of a defence a number, and the one below an explanation stands
alone. If several have the same number, the answer goes to the one that was asked last and is still open.
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter
from typing import Any

from ...base.printed import in_a_row
from ...explain.question_sheet import QuestionSheet, SheetQuestion
from .. import sentences
from ..cell_result import CellError
from ..notebook_state import NotebookState
from ..noted_beliefs import note_what_shows


def answer(notebook: NotebookState, argument: str) -> object:
    """Answer the question with this name or number, or the one that has none.

    Lines below belong to the answer of an exercise, without those that begin with #, which are comments here, too.
    """
    first, *below = argument.split("\n")
    if name := next((each for each in _names(notebook) if f"{first} ".startswith(f"{each} ")), ""):
        return _handed_in(notebook, name, [first[len(name) :].strip(), *below])
    number, choice = _number_and_choice(" ".join(argument.split()))
    asked = [(question.outcome is not None, each) for each, question in _with_number(notebook, number)]
    if not asked or not choice:
        raise CellError(_nothing_like_it(notebook, first))
    _, sheet = min(asked, key=itemgetter(0))  # the first of those that are open, if any is
    outcome = sheet.answer(number, choice)
    note_what_shows(outcome)
    return outcome


def _with_number(notebook: NotebookState, number: str) -> Iterator[tuple[QuestionSheet[Any], SheetQuestion]]:
    """Yield the questions that have this number, each with its sheet; the latest first."""
    for sheet in notebook.asked:
        if (question := sheet.with_number(number)) is not None:
            yield sheet, question


def _names(notebook: NotebookState) -> tuple[str, ...]:
    """Return the questions of the exercise in hand."""
    return () if notebook.exercise is None else tuple(notebook.exercise.design.questions)


def _number_and_choice(argument: str) -> tuple[str, str]:
    """Return the number of a question and the answer; the number is empty if there is none."""
    number, _, choice = argument.partition(" ")
    number = number.rstrip(".")
    return (number, choice) if choice and number.isdigit() else ("", argument)


def _handed_in(notebook: NotebookState, name: str, lines: list[str]) -> str:
    from ...grading.design import ExerciseError

    given = "\n".join([lines[0], *(line for line in lines[1:] if not line.startswith("#"))]).strip("\n")
    assert notebook.exercise is not None
    try:
        notebook.exercise.hand_in(name, given)
    except ExerciseError as error:
        raise CellError(error) from None
    if not given.strip():
        return f"= the answer to {name!r} is empty; write it as in `%answer {name} ...`, or in the lines below"
    return f"= the answer to {name!r} is handed in"


def _nothing_like_it(notebook: NotebookState, said: str) -> str:
    """Return the sentence for an answer to no question; it names what is open."""
    forms = [f"`{form}`" for form in _open(notebook)]
    if not forms:
        return sentences.NOTHING_TO_ANSWER
    return sentences.NO_SUCH_ANSWER.format(said=f"%answer {said}".rstrip(), forms=in_a_row(forms))


def _open(notebook: NotebookState) -> Iterator[str]:
    """Yield how each open question is answered; those of an exercise stay open, because the last answer counts."""
    for name in _names(notebook):
        yield f"%answer {name} ..."
    for sheet in notebook.asked:
        for number, question in sheet.numbered:
            if question.outcome is None:
                yield " ".join(filter(None, ["%answer", number, question.buttons[0]]))
