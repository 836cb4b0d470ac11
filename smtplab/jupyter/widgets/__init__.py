"""Widgets: build a session by clicking, take reply codes apart, play conversations, answer predictions.

They are ipywidgets, with a little JavaScript of our own, all of it in `frontend`. Each works by keyboard, has a method
for everything that a click does, and leaves text and HTML in the saved notebook (`widget`). The first widget loads
ipywidgets.
"""

from typing import Any


def register(ip: Any) -> None:
    """Show the question of a cell that ends in ``session.predict(line)`` with a field for the answer.

    The questions of a review, and of an explanation that asks one, get buttons.

    Args:
        ip: the IPython shell.
    """
    shown_by = ip.display_formatter.ipython_display_formatter.for_type_by_name
    shown_by("smtplab.lab.predict", "Question", _show_prediction)
    shown_by("smtplab.recall.review", "Review", _show_choices)
    shown_by("smtplab.lab.parsons", "ParsonsPuzzle", _show_order)
    shown_by("smtplab.lab.faded", "FadedPuzzle", _show_blanks)
    shown_by("smtplab.grading.defence", "Defence", _show_choices)
    shown_by("smtplab.explain.inquiry", "AskingExplanation", _show_choices)


def _show_prediction(question: Any) -> None:
    from .in_cell import show_in_cell
    from .prediction import Prediction

    show_in_cell(Prediction(question))


def _show_order(puzzle: Any) -> None:
    from .in_cell import show_in_cell
    from .parsons import Parsons

    show_in_cell(Parsons(puzzle))


def _show_blanks(puzzle: Any) -> None:
    from .faded import Faded
    from .in_cell import show_in_cell

    show_in_cell(Faded(puzzle))


def _show_choices(asking: Any) -> None:
    from .choices import Choices
    from .in_cell import show_in_cell

    show_in_cell(Choices(asking))
