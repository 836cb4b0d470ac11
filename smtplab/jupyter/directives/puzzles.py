"""Directives of puzzles about the session: put its lines in order, fill in its blanks."""

from __future__ import annotations

from ...lab.faded import BlanksPuzzle, Hidden
from ...lab.parsons import OrderPuzzle
from .. import sentences
from ..cell_result import CellError
from ..notebook_state import NotebookState

KINDS = tuple(kind.value for kind in Hidden if kind is not Hidden.LINE)


def order(notebook: NotebookState, argument: str) -> object:
    """Shuffle the lines of the session; with numbers, send the lines of the puzzle in this order."""
    try:
        if argument:
            return _ordered(notebook).order(argument)
        notebook.ordering = OrderPuzzle.of(notebook.open_session())
    except ValueError as error:
        raise CellError(error) from None
    return notebook.ordering


def _ordered(notebook: NotebookState) -> OrderPuzzle:
    if notebook.ordering is None:
        raise CellError(sentences.ORDER_FIRST)
    return notebook.ordering


def fill(notebook: NotebookState, argument: str) -> object:
    """Hide something of the session; with the number of a line, fill in its blank."""
    first, _, filling = argument.partition(" ")
    try:
        if first.isdigit() and filling.strip():
            if notebook.blanks is None:
                raise CellError(sentences.FILL_FIRST)
            return notebook.blanks.fill(first, filling.strip())
        numbers = [int(word) for word in argument.split() if word.isdigit()]
        notebook.blanks = BlanksPuzzle.of(notebook.open_session(), numbers or argument or KINDS[0])
    except ValueError as error:
        raise CellError(error) from None
    return notebook.blanks
