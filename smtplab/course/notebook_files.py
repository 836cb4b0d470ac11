"""Notebooks as files: complete their metadata, compare what they ask and answer, and trust them.

A notebook that was only opened, run and saved has other bytes, but the same cells.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from ..jupyter.language_info import LANGUAGES


def with_language(content: bytes) -> bytes:
    """Return a notebook with all that its kernel says about its language, as Jupyter saves it.

    JupyterLab colours the cells by it before a kernel runs. What is not a notebook is returned as it is.
    """
    notebook = _read(content)
    if notebook is None:
        return content
    metadata = notebook.setdefault("metadata", {})
    name = metadata.get("kernelspec", {}).get("name")
    if name not in LANGUAGES:
        return content
    metadata["language_info"] = dict(LANGUAGES[name])
    text = json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True)
    return text.encode() + b"\n"


def fingerprint(content: bytes) -> str:
    """Return a hash of the sources of a notebook's cells, in order; of another file, a hash of its bytes.

    Outputs, numbers, ids and metadata do not count, and neither do empty cells: JupyterLab adds one below the last
    cell that is run.
    """
    notebook = _read(content)
    if notebook is None:
        return sha256(content)
    cells = [[cell.get("cell_type"), "".join(cell.get("source", ""))] for cell in notebook["cells"]]
    return sha256(json.dumps([cell for cell in cells if cell[1].strip()]).encode())


def sha256(content: bytes) -> str:
    """Return the hash of bytes."""
    return hashlib.sha256(content).hexdigest()


def trust(path: Path) -> None:
    """Sign a notebook for this user, so that JupyterLab shows its figures at once.

    Where signing is impossible, JupyterLab shows the text of each figure until the cell is run.
    """
    with suppress(Exception):  # no Jupyter, no notebook, no folder that can be written: the copy is fine without
        nbformat: Any = import_module("nbformat")
        notary: Any = import_module("nbformat.sign").NotebookNotary()
        notary.sign(nbformat.read(path, as_version=4))
        notary.store.close()


def _read(content: bytes) -> dict[str, Any] | None:
    """Return the notebook in a file; None if it is not a notebook of format 4."""
    try:
        notebook = json.loads(content)
        cells = notebook["cells"]
        is_notebook = notebook.get("nbformat") == 4 and all(isinstance(cell, dict) for cell in cells)
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
    return notebook if is_notebook else None
