"""Directives of a review: ask its questions, and answer them or the one of an explanation."""

from __future__ import annotations

from ...explain.choice_question import ChoiceOutcome
from ...explain.inquiry import AskingExplanation
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
    notebook.asking = asked = open_review(argument)
    return asked


def answer(asking: Review | AskingExplanation, argument: str) -> ChoiceOutcome:
    """Answer a question: of a review by its number and a letter, of an explanation by a letter."""
    said = " ".join(argument.split())
    if isinstance(asking, Review):
        number, _, choice = said.partition(" ")
        if not choice:
            raise CellError(sentences.CHOICE_SYNTAX)
        return asking.answer(number, choice)
    outcome = asking.answer(said)
    note_what_shows(outcome)
    return outcome
