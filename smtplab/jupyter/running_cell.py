"""Which cell runs, as the front end names it."""

from __future__ import annotations

from typing import Any


def running_cell_id(shell: Any) -> str:
    """Return the id that JupyterLab gives the running cell; empty if the front end gives none.

    In a browser the shell does not pass it on, and its kernel has it.
    """
    holder: Any = shell if hasattr(shell, "get_parent") else getattr(shell, "kernel", None)
    request = holder.get_parent() if hasattr(holder, "get_parent") else {}
    return str(request.get("metadata", {}).get("cellId", ""))
