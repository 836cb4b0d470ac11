"""Read a notebook as a student handed it in, repair what harms nobody, and drop most of its outputs.

Grading runs the cells again, so pictures, HTML and the state of widgets do not count. Of what a cell showed as text the
end stays, because `check` says there how many answers were tried. So a notebook is small, whatever it printed.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from ..base.failure import Failure
from . import sentences

LARGEST_FILE = 32 * 2**20  # octets of a notebook with its outputs
LARGEST_TEXT = 4 * 2**20  # octets of what stays
LONGEST_OUTPUT = 8192  # characters of a cell's output that stay
_MOST_OUTPUT = 2**19  # of all cells
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
    """A notebook without what grading does not need.

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
    What is not a cell is dropped.

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
    if not isinstance(book.get("cells"), list):
        raise UnusableNotebookError(sentences.NOT_A_NOTEBOOK)
    text = _reduced(book, [cell for cell in book["cells"] if isinstance(cell, dict)])
    if len(text) > LARGEST_TEXT:
        raise UnusableNotebookError(sentences.TOO_LARGE.format(most=LARGEST_TEXT // 2**20))
    return NotebookText(text, _handed_out(book["cells"]))


def work_in(data: bytes) -> tuple[tuple[str, str], ...]:
    """Return the kind and the source of each cell of a notebook that `read_notebook` has returned.

    Two notebooks with the same are the same work, whatever they showed.
    """
    return tuple((cell["cell_type"], cell["source"]) for cell in json.loads(data)["cells"])


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


def _reduced(book: dict[str, Any], cells: list[dict[str, Any]]) -> bytes:
    """Return a notebook with repaired cells and short outputs, as text."""
    metadata = _mapping(book.get("metadata"))
    metadata.pop("widgets", None)
    minor = book.get("nbformat_minor")
    minor = minor if type(minor) is int and 0 <= minor <= 99 else 5
    book["cells"] = [_repaired(cell) for cell in cells]
    _keep_outputs(book["cells"], cells)
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


def _keep_outputs(kept: list[dict[str, Any]], cells: list[dict[str, Any]]) -> None:
    """Give the code cells the end of what they showed as text, the first cells first."""
    left = _MOST_OUTPUT
    for new, cell in zip(kept, cells, strict=True):
        shown = _shown(cell.get("outputs"))[-min(LONGEST_OUTPUT, left) :] if left and "outputs" in new else ""
        left -= len(shown)
        if shown:
            new["outputs"] = [{"output_type": "stream", "name": "stdout", "text": shown}]


def _shown(outputs: object) -> str:
    """Return what a cell showed as text."""
    found = [each for each in outputs if isinstance(each, dict)] if isinstance(outputs, list) else []
    texts = [_mapping(each.get("data")).get("text/plain", each.get("text")) for each in found]
    return "\n".join(filter(None, map(_source, texts)))


def _source(source: object) -> str:
    """Return a text of a notebook. Halves of characters, which no Python source may hold, are replaced."""
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
