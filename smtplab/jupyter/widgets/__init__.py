"""Widgets: build a session by clicking, take reply codes apart, play conversations, answer predictions.

They are ipywidgets, with a little JavaScript of our own, all of it in `frontend`. Each works by keyboard, has a method
for everything that a click does, and leaves text and HTML in the saved notebook (`widget`). The first widget loads
ipywidgets.
"""

from typing import Any


def register(ip: Any) -> None:
    """Show the question of a cell that ends in ``session.predict(line)`` with a field for the answer.

    Args:
        ip: the IPython shell.
    """
    ip.display_formatter.ipython_display_formatter.for_type_by_name("smtplab.lab.predict", "Question", _show)


def _show(question: Any) -> None:
    from .prediction import show_in_cell

    show_in_cell(question)
