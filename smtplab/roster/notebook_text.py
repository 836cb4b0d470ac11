"""Read a notebook as a student handed it in, repair what harms nobody, and drop its outputs.

Grading runs the cells again, so outputs, pasted pictures and the state of widgets do not count. Without them a notebook
is small, whatever it printed.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from ..base.failure import Failure
from . import sentences

LARGEST_FILE = 32 * 2**20  # octets of a notebook with its outputs
LARGEST_TEXT = 4 * 2**20  # octets without them
_MOST_BRACKETS = 2_000_000  # a value in brackets takes many times its octets in memory
_FORMAT = 4
_LONGEST_ID = 64  # characters of a cell's id in nbformat 4.5
_CELL_ID = re.compile(rf"[A-Za-z0-9_-]{{1,{_LONGEST_ID}}}")
_CELL_TYPES = ("code", "markdown", "raw")
_HANDED_OUT = re.compile(r"""\bexercise\(\s*(['"])(?P<call>[^'"\n]+)\1|^\s*%exercise\s+(?P<line>\S+)""", re.MULTILINE)


class UnusableNotebookError(Failure):
    """A file is not a notebook that can be graded; ``str(error)`` says why."""


@dataclass(frozen=True, slots=True)
class NotebookText:
    """A notebook without outputs.

    Args:
        data: the notebook, as JSON in ASCII.
        exercise: the exercise that its cells hand out; empty if they hand out none.
    """

    data: bytes
    exercise: str


def looks_like_a_notebook(data: bytes) -> bool:
    """Return True if a file of another name may be a notebook, in any encoding of JSON."""
    start = data.replace(b"\0", b"")
    return b'"nbformat"' in start and start.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"{")


def read_notebook(data: bytes) -> NotebookText:
    """Read a notebook in UTF-8, UTF-16 or Windows-1252, with or without a byte order mark.

    Cell ids that nbformat does not allow, such as null, are replaced; so are sources and metadata that are null.

    Raises:
        UnusableNotebookError: if it is none, or too large.
    """
    if not data.strip(b"\0 \t\r\n"):
        raise UnusableNotebookError(sentences.EMPTY_FILE)
    if data.count(b"[") + data.count(b"{") > _MOST_BRACKETS:
        raise UnusableNotebookError(sentences.TOO_LARGE.format(most=LARGEST_TEXT // 2**20))
    book = _json(data)
    if not isinstance(book, dict) or "nbformat" not in book:
        raise UnusableNotebookError(sentences.NOT_A_NOTEBOOK)
    if book["nbformat"] != _FORMAT:
        raise UnusableNotebookError(sentences.WRONG_FORMAT.format(format=_short(book["nbformat"]), readable=_FORMAT))
    cells = book.get("cells")
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise UnusableNotebookError(sentences.NOT_A_NOTEBOOK)
    text = _without_outputs(book, cells)
    if len(text) > LARGEST_TEXT:
        raise UnusableNotebookError(sentences.TOO_LARGE.format(most=LARGEST_TEXT // 2**20))
    return NotebookText(text, _handed_out(book["cells"]))


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except UnicodeDecodeError:
        data = data.decode("cp1252", "replace").encode()
    except (ValueError, RecursionError):
        raise UnusableNotebookError(sentences.NOT_A_NOTEBOOK) from None
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise UnusableNotebookError(sentences.NOT_A_NOTEBOOK) from None


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 20 else f"{text[:19]}…"


def _without_outputs(book: dict[str, Any], cells: list[dict[str, Any]]) -> bytes:
    """Return a notebook with repaired cells and without outputs, as text."""
    metadata = _mapping(book.get("metadata"))
    metadata.pop("widgets", None)
    minor = book.get("nbformat_minor")
    minor = minor if type(minor) is int and 0 <= minor <= 99 else 5
    book["cells"] = [_repaired(cell) for cell in cells]
    if minor >= 5:
        _give_ids(book["cells"])
    kept = {"cells": book["cells"], "metadata": metadata, "nbformat": _FORMAT, "nbformat_minor": minor}
    try:
        return json.dumps(kept).encode("ascii")
    except (ValueError, RecursionError):
        raise UnusableNotebookError(sentences.NOT_A_NOTEBOOK) from None


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _repaired(cell: dict[str, Any]) -> dict[str, Any]:
    kind = cell.get("cell_type")
    kept = {
        "cell_type": kind if kind in _CELL_TYPES else "raw",
        "metadata": _mapping(cell.get("metadata")),
        "source": _source(cell.get("source")),
    }
    if isinstance(cell.get("id"), str) and _CELL_ID.fullmatch(cell["id"]):
        kept["id"] = cell["id"]
    return kept | {"outputs": [], "execution_count": None} if kind == "code" else kept


def _source(source: object) -> str:
    """Return the text of a cell. Halves of characters, which no Python source may hold, are replaced."""
    lines = source if isinstance(source, list) else [source]
    text = "".join(line for line in lines if isinstance(line, str))
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _give_ids(cells: list[dict[str, Any]]) -> None:
    """Give each cell an id of its own, as nbformat 4.5 wants it; the first cell with an id keeps it."""
    taken: set[str] = set()
    known = {cell.get("id") for cell in cells}
    for number, cell in enumerate(cells):
        if "id" not in cell or cell["id"] in taken:
            cell["id"] = next(name for name in _ids(number) if name not in known | taken)
        taken.add(cell["id"])


def _ids(number: int) -> Any:
    yield f"cell-{number}"
    for more in range(1, 10**9):
        yield f"cell-{number}-{more}"


def _handed_out(cells: list[dict[str, Any]]) -> str:
    """Return the exercise that the last such code cell hands out."""
    found = [
        match["call"] or match["line"]
        for cell in cells
        if cell["cell_type"] == "code"
        for match in _HANDED_OUT.finditer(cell["source"])
    ]
    return found[-1] if found else ""
