"""The review in a notebook: the modules of `recall` take today's date and the folder of the notebook from here."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from ..base.printed import running_shell
from ..recall.review import Review, open_review
from . import widgets


def review(notebook: str) -> Review:
    """Ask three questions about earlier tutorials, chosen by what you answered and mistook on other days.

    The record is the file ``smtplab-review.json`` in the folder of your notebooks. It is yours: nobody grades it, and
    you may delete it. In a checkout of smtplab there is none.

    Args:
        notebook: the name of the tutorial that begins with it, such as ``02-the-fourteen-commands``.

    Returns:
        The questions. Press a button, or write ``review.answer(1, "b")``.

    Raises:
        ValueError: if `notebook` is not the name of a tutorial.
    """
    if (shell := running_shell()) is not None:
        widgets.register(shell)
    return open_review(notebook, Path.cwd(), date.today())
