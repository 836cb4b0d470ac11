"""Directives of puzzles about a session: put its lines in order, fill in its blanks, defend it."""

from __future__ import annotations

from ...lab.blank_lines import HIDE_WORDS
from ...lab.faded import FadedPuzzle
from ...lab.parsons import ParsonsPuzzle
from .. import sentences
from ..cell_result import CellError
from ..notebook_state import NotebookState
from ..noted_beliefs import note_what_shows


def order(notebook: NotebookState, argument: str) -> object:
    """Shuffle the lines of the session; with numbers, send the lines of the puzzle in this order."""
    try:
        if argument:
            outcome = _ordered(notebook).order(argument)
            note_what_shows(outcome)
            return outcome
        notebook.parsons = ParsonsPuzzle.of(notebook.open_session())
    except ValueError as error:
        raise CellError(error) from None
    return notebook.parsons


def _ordered(notebook: NotebookState) -> ParsonsPuzzle:
    if notebook.parsons is None:
        raise CellError(sentences.ORDER_FIRST)
    return notebook.parsons


def fill(notebook: NotebookState, argument: str) -> object:
    """Hide something of the session; with the number of a line, fill in its blank."""
    first, _, filling = argument.partition(" ")
    try:
        if first.isdigit() and filling.strip():
            if notebook.faded is None:
                raise CellError(sentences.FILL_FIRST)
            return notebook.faded.fill(first, filling.strip())
        numbers = [int(word) for word in argument.split() if word.isdigit()]
        notebook.faded = FadedPuzzle.of(notebook.open_session(), numbers or argument or HIDE_WORDS[0])
    except ValueError as error:
        raise CellError(error) from None
    return notebook.faded


def defend(notebook: NotebookState, argument: str) -> object:
    """Ask three questions about the session of an exercise that has full marks."""
    from ...grading.check import defend as ask
    from ...grading.design import ExerciseError

    name = argument or (notebook.exercise.design.name if notebook.exercise is not None else "")
    if not name:
        raise CellError(sentences.NO_EXERCISE)
    try:
        asked = ask(name)
    except ExerciseError as error:
        raise CellError(error) from None
    notebook.ask(asked)
    return asked
