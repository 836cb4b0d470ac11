"""Directives for a lab whose hosts queue: look at a queue, let time pass, take hosts down, let something go wrong."""

from __future__ import annotations

import re

from ...base.duration import MICROSECONDS, format_duration, parse_duration
from ...lab.internet import Lab, LabSession
from ...lab.queue_log import short_time
from .. import sentences
from ..cell_result import CellError, Shown
from ..notebook_state import NotebookState

QUEUES = "queues"  # behind ``%lab new``
OFF = "off"
# What may stand behind %advance and %down, for completion.
TIMES = ("10 minutes", "1 hour", "1 day", "3 days")
_ID = re.compile(r"[Aa][0-9A-Fa-f]{6}(?:-[0-9]+)?")


def queue(notebook: NotebookState, argument: str) -> object:
    """Show the queue of a host, what has become of a message, or all queues that hold something."""
    lab = _lab(notebook)
    if _ID.fullmatch(argument):
        return lab.why(argument)
    if argument:
        return lab.queue(argument)
    shown = [view for view in map(lab.queue, lab.host_names) if view.rows]
    if not shown:
        return "= all queues are empty"
    return Shown("\n".join(map(str, shown)), "".join(view._repr_html_() for view in shown))


def ids_and_hosts(notebook: NotebookState) -> list[str]:
    """Return what may stand behind ``%queue``: the hosts, and the ids of what waits."""
    lab = notebook.lab
    waiting = [row.entry.queue_id for name in lab.host_names for row in lab.queue(name)] if lab.has_queues else []
    return [*lab.host_names, *dict.fromkeys(waiting)]


def clock(notebook: NotebookState, argument: str) -> str:
    """Say what time it is in the lab."""
    lab = _lab(notebook)
    passed = format_duration(round(lab.time) * MICROSECONDS)
    return f"= it is {short_time(lab.clock)} in the lab, which began {passed} ago"


def advance(notebook: NotebookState, argument: str) -> object:
    """Let time pass; without a time, until all mail is handed on."""
    return _lab(notebook).run(seconds=_seconds(argument))


def down(notebook: NotebookState, argument: str) -> str:
    """Take a host down, for some time or until ``%up``."""
    host, _, time = map(str.strip, argument.partition(" "))
    if not host:
        raise CellError(sentences.DOWN_SYNTAX)
    lab = _lab(notebook) if time else _any_lab(notebook)
    lab.down(host, seconds=_seconds(time))
    name = lab.host(host).name
    if lab.host(host).up:
        return f"= {name} has gone down and is up again"
    return f"= {name} is down " + (f"for {time}" if time else f"until `%up {host}`")


def up(notebook: NotebookState, argument: str) -> str:
    """Bring a host up again."""
    if not argument:
        raise CellError(sentences.UP_SYNTAX)
    lab = _any_lab(notebook)
    lab.up(argument)
    return f"= {lab.host(argument).name} is up"


def fault(notebook: NotebookState, argument: str) -> str:
    """Let something go wrong at a host, or at all of them."""
    if not argument:
        raise CellError(sentences.FAULT_SYNTAX)
    lab = _any_lab(notebook)
    first, _, rest = argument.partition(" ")
    host = first if first.lower() in map(str.lower, lab.host_names) else None
    text = rest.strip() if host else argument
    if text.lower() == OFF:
        lab.mend(host)
        return f"= no more faults at {host or 'any host'}"
    try:
        lab.fault(text, host)
    except ValueError as error:
        raise CellError(error) from None
    return f"= from the next session on, at {host or 'every host'}: {text}"


def host_names(notebook: NotebookState) -> tuple[str, ...]:
    """Return the names of the lab's hosts, for completion."""
    return notebook.lab.host_names


def _seconds(text: str) -> float | None:
    """Return a time in seconds; None if there is no text."""
    try:
        return parse_duration(text) / MICROSECONDS if text else None
    except ValueError as error:
        raise CellError(error) from None


def _any_lab(notebook: NotebookState) -> Lab:
    """Return the lab, unless the current session is with a host elsewhere."""
    if notebook.in_field or (notebook.session is not None and not isinstance(notebook.session, LabSession)):
        raise CellError(sentences.NOT_VISIBLE.format(what="queue", host=notebook.host))
    return notebook.lab


def _lab(notebook: NotebookState) -> Lab:
    """Return the lab, whose hosts must queue."""
    lab = _any_lab(notebook)
    if not lab.has_queues:
        raise CellError(sentences.NO_QUEUES)
    return lab
