"""A tutorial as a page to read: as executed, with the answers to its tasks and questions folded.

A student who reads first is not spoiled: an open cell shows its task, and below it "Show an answer" opens the reference
answer and what it brought about. A cell whose output answers a question of the text has its output folded.
"""

from __future__ import annotations

import json
from typing import Any

from ..lessons.cells import AFTER_THE_RUN, METADATA, Kind, LessonCell, answering_cells, cells_of

ANSWER = "Show an answer"
OUTCOME = "Show what comes"
CLOSE = "Close"


def readable_notebook(content: bytes) -> dict[str, Any]:
    """Return a tutorial's notebook with folded answers.

    Args:
        content: the executed notebook, as its authors wrote it.
    """
    notebook: dict[str, Any] = json.loads(content)
    cells = {cell.id: cell for cell in cells_of(content)}
    answering = answering_cells(notebook["cells"])
    notebook["cells"] = [
        shown
        for raw in notebook["cells"]
        for shown in _shown(raw, cells.get(raw["id"]), answers=_is_kept_back(raw) or raw["id"] in answering)
    ]
    return notebook


def _is_kept_back(raw: dict[str, Any]) -> bool:
    return bool(raw["metadata"].get(METADATA, {}).get("output") == AFTER_THE_RUN)


def _shown(raw: dict[str, Any], cell: LessonCell | None, *, answers: bool) -> list[dict[str, Any]]:
    """Return the cells of the page for one cell of the notebook."""
    if cell is None:
        return [raw | {"metadata": {}}]
    if cell.kind is Kind.RUN:
        fold = _folded("hide-output", OUTCOME) if answers and raw["outputs"] else {}
        return [raw | {"metadata": fold}]
    # Of an open cell, the task stands above already.
    told = cell.answer if cell.kind is Kind.OPEN else cell.source
    task = raw | {"source": cell.given.rstrip("\n"), "outputs": [], "metadata": {}}
    prompt = ANSWER if cell.kind is Kind.OPEN else OUTCOME
    answer = raw | {"id": f"{raw['id']}-answer", "source": told, "metadata": _folded("hide-cell", prompt)}
    return [task, answer]


def _folded(tag: str, prompt: str) -> dict[str, Any]:
    """Return the metadata with which MyST-NB folds a cell."""
    return {"tags": [tag], "mystnb": {"code_prompt_show": prompt, "code_prompt_hide": CLOSE}}
