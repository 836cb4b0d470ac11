"""The directive of a review, which asks its questions; `answering` takes the answers."""

from __future__ import annotations

from ...recall.review import Review
from .. import sentences
from ..cell_result import CellError
from ..notebook_state import NotebookState
from ..reviewing import review as open_review


def review(notebook: NotebookState, argument: str) -> Review:
    """Ask the questions with which a tutorial begins."""
    if not argument:
        raise CellError(sentences.REVIEW_SYNTAX)
    asked = open_review(argument)
    notebook.ask(asked)
    return asked
