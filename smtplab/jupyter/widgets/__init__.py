"""Widgets: a session that is clicked together, reply codes taken apart, conversations played, predictions answered.

They are ipywidgets; with JavaScript of our own where nothing else does, all of it in `frontend`. Each can be worked by
keyboard, has a method for everything that a click does, and leaves text and HTML in the saved notebook (`widget`).
ipywidgets is loaded with the first of them.
"""

from typing import Any


def register(ip: Any) -> None:
    """Let a cell that ends in ``session.predict(line)`` show the question with a field for the answer.

    Args:
        ip: the IPython shell.
    """
    ip.display_formatter.ipython_display_formatter.for_type_by_name("smtplab.lab.predict", "Question", _show)


def _show(question: Any) -> None:
    from .prediction import show_in_cell

    show_in_cell(question)
