"""Show a widget in the cell that runs, and close what an earlier run of the same cell has shown."""

from __future__ import annotations

from .widget import Widget, run_on_the_page

_displayed: dict[str, tuple[str, list[Widget]]] = {}  # by cell: its last run, and what that has shown


def show_in_cell(widget: Widget) -> None:
    """Show a widget below the running cell."""
    if run := run_on_the_page():
        cell, this_run = run
        last_run, before = _displayed.get(cell, ("", []))
        if last_run != this_run:
            for old in before:
                old.close()
            before = []
        _displayed[cell] = this_run, [*before, widget]
    widget.display()
