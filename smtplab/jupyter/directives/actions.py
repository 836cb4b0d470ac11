"""Directives that act: send what a cell cannot, undo, fork and switch sessions, and configure the hosts."""

from __future__ import annotations

import re
from dataclasses import replace

from ...base.printed import plural
from ...lab.client_end import Silence
from ...lab.recorded import polled
from .. import sentences
from ..cell_result import CellError, Page
from ..notebook_state import NotebookState
from .mail_queues import QUEUES
from .parsing import number

_ESCAPES = {"r": b"\r", "n": b"\n", "t": b"\t", "0": b"\0", "\\": b"\\"}
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|([rnt0\\]))")
_LONGEST_WAIT = 300.0  # seconds, RFC 5321 4.5.3.2.7
ON_OFF = ("on", "off")
NEW = "new"


def send(notebook: NotebookState, argument: str) -> None:
    """Send a line as it is."""
    notebook.say(argument)


def raw(notebook: NotebookState, argument: str) -> object:
    """Send octets as they are."""
    try:
        notebook.say_octets(_unescaped(argument))
    except Silence as error:  # what was sent may well have no end
        return f"= {error}"
    return None


def _unescaped(text: str) -> bytes:
    octets, end = b"", 0
    for found in _ESCAPE.finditer(text):
        octets += text[end : found.start()].encode() + (bytes.fromhex(found[1]) if found[1] else _ESCAPES[found[2]])
        end = found.end()
    return octets + text[end:].encode()


def undo(notebook: NotebookState, argument: str) -> object:
    """Take back steps of the current session."""
    steps = number(argument, "steps") if argument else 1
    session = notebook.open_session()
    notebook.current.step_back(steps)
    taken = "the last step is" if steps == 1 else f"the last {steps} steps are"
    return f"= {taken} taken back; {notebook.standing()}, {plural(len(session.transcript), 'line')} in its transcript"


def fork(notebook: NotebookState, argument: str) -> object:
    """Go on in a copy of the current session; a cell that runs again makes its copy anew."""
    if (origin := notebook.origin_of_fork(argument)) is not None:
        notebook.use(origin)
    here, session = notebook.name, notebook.open_session()
    if not argument:
        raise CellError(sentences.FORK_SYNTAX)
    if argument in notebook.sessions and origin is None:
        raise CellError(sentences.SESSION_EXISTS.format(name=argument))
    copy = session.fork()
    notebook.use(argument)
    notebook.current.hold(copy, seen=True)
    notebook.note_fork(argument, here)
    back = f"`%switch {here}` goes back"
    return f"= {argument} stands where {here} stands, in a lab of its own, and is used from now on; {back}"


def switch(notebook: NotebookState, argument: str) -> object:
    """Use another session, or list them."""
    if argument:
        known = argument in notebook.sessions
        notebook.use(argument)
        return f"= {notebook.standing()}" if known else f"= {argument} is a new session; {notebook.invitation()}"
    used = notebook.name
    return Page("The sessions", {name: _standing(notebook, name, name == used) for name in notebook.sessions})


def _standing(notebook: NotebookState, name: str, used: bool) -> str:
    session = notebook.sessions[name].session
    state = "not opened yet" if session is None else polled(session).state.value
    return f"{state} (in use)" if used else state


def strict(notebook: NotebookState, argument: str) -> object:
    """Set or show how strict the lab's hosts are."""
    hosts = notebook.lab_hosts
    if not argument:
        return f"= strict is {ON_OFF[not all(host.policy.strict for host in hosts)]}"
    if argument.lower() not in ON_OFF:
        raise CellError(sentences.STRICT_SYNTAX.format(argument=argument[:40]))
    on = argument.lower() == ON_OFF[0]
    for host in hosts:
        host.policy = replace(host.policy, strict=on)
    takes = "take only what RFC 5321's grammar allows" if on else "also take `MAIL FROM: a@b` and its like"
    still = "; sessions that are open stay as they are" if notebook.session else ""
    return f"= strict is {argument.lower()}: from the next telnet on, the lab's hosts {takes}{still}"


def lab(notebook: NotebookState, argument: str) -> object:
    """Close all sessions and use a new lab."""
    new, *kind = argument.lower().split()[:2] or [""]
    if new != NEW or kind not in ([], [QUEUES]) or len(argument.split()) > 2:
        raise CellError(sentences.LAB_SYNTAX)
    notebook.start_over(queues=bool(kind))
    hosts = ", whose hosts queue what is for others" if kind else ""
    return f"= a new lab, with empty mailboxes{hosts}; {notebook.invitation()}"


def timeout(notebook: NotebookState, argument: str) -> object:
    """Set or show how long to wait for a server on this machine."""
    if argument:
        try:
            seconds = float(argument)
        except ValueError:
            seconds = 0.0
        if not 0 < seconds <= _LONGEST_WAIT:
            raise CellError(sentences.TIMEOUT_SYNTAX.format(most=_LONGEST_WAIT))
        notebook.seconds = seconds
    return f"= a server on this machine has {notebook.seconds:g} s for its reply, from the next telnet on"
