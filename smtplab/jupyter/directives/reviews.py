"""Directives of a review: ask its questions, and answer them or the one of an explanation."""

from __future__ import annotations

from ...explain.choice_question import ChoiceOutcome
from ...recall.review import Review
from .. import sentences
from ..cell_result import CellError
from ..notebook_state import NotebookState
from ..noted_beliefs import note_what_shows
from ..reviewing import review as open_review


def review(notebook: NotebookState, argument: str) -> Review:
    """Ask the questions with which a tutorial begins."""
    if not argument:
        raise CellError(sentences.REVIEW_SYNTAX)
    notebook.review = asked = open_review(argument)
    return asked


def asks(notebook: NotebookState) -> bool:
    """Return True if a review or an explanation has asked something."""
    return notebook.review is not None or notebook.asking is not None


def answer(notebook: NotebookState, argument: str) -> ChoiceOutcome:
    """Answer a question: of a review by its number and a letter, of an explanation by a letter alone."""
    number, _, choice = " ".join(argument.split()).partition(" ")
    if notebook.review is not None and number.isdigit() and choice:
        return notebook.review.answer(number, choice)
    if notebook.asking is None:
        raise CellError(sentences.CHOICE_SYNTAX)
    outcome = notebook.asking.answer(argument)
    note_what_shows(outcome)
    return outcome
