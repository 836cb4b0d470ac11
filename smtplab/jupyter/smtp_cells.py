"""Translate cells of the SMTP kernel to Python, for the kernel and for any other IPython shell.

``%load_ext smtplab.jupyter.smtp_cells`` lets a shell that has the attribute ``translate`` run such cells.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from . import magics, widgets
from .directives import PYTHON

_MAGIC = "smtp"


def load_ipython_extension(shell: Any) -> None:
    """Register the magics in a shell, and let it translate its cells."""
    magics.register(shell)
    widgets.register(shell)
    shell.translate = partial(as_python, shell)


def as_python(shell: Any, cell: str) -> str:
    """Return a cell as Python: one of SMTP is a call of ``%%smtp``, and one of Python is itself."""
    if (head := python_head(shell, cell)) is not None:
        return cell[head:]
    # %%smtp takes off one line end, which IPython would have added.
    return f"get_ipython().run_cell_magic({_MAGIC!r}, '', {cell + chr(10)!r})\n"


def python_head(shell: Any, cell: str) -> int | None:
    """Return how many characters stand before the Python in a Python cell; None for a cell of SMTP.

    A cell with another cell magic that IPython knows is Python with nothing before it.
    """
    first, newline, _ = cell.partition("\n")
    if first.rstrip() == PYTHON:
        return len(first + newline)
    known = shell.magics_manager.magics["cell"]
    return 0 if first.startswith("%%") and first[2:].split(" ", 1)[0].rstrip() in known else None
