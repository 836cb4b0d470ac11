"""What directives do: send what a cell could not, go back and aside in a session, and switch the hosts."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from ...lab.client_end import Silence
from ...transcript import polled
from ..step import CellError, Page
from .reading import number

if TYPE_CHECKING:
    from ..engine import Engine

_ESCAPES = {"r": b"\r", "n": b"\n", "t": b"\t", "0": b"\0", "\\": b"\\"}
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|([rnt0\\]))")
_LONGEST_WAIT = 300.0  # seconds, RFC 5321 4.5.3.2.7
ON_OFF = ("on", "off")


def send(engine: Engine, argument: str) -> None:
    """Send a line as it is."""
    engine.say(argument)


def raw(engine: Engine, argument: str) -> object:
    """Send octets as they are."""
    try:
        engine.say_octets(_unescaped(argument))
    except Silence as error:  # what was sent may well have no end
        return f"= {error}"
    return None


def _unescaped(text: str) -> bytes:
    octets, end = b"", 0
    for found in _ESCAPE.finditer(text):
        octets += text[end : found.start()].encode() + (bytes.fromhex(found[1]) if found[1] else _ESCAPES[found[2]])
        end = found.end()
    return octets + text[end:].encode()


def undo(engine: Engine, argument: str) -> object:
    """Take back steps of the session in use."""
    steps = number(argument, "steps") if argument else 1
    session = engine.open_session()
    engine.place.step_back(steps)
    taken = "the last step is" if steps == 1 else f"the last {steps} steps are"
    return f"= {taken} taken back; {engine.standing()}, {len(session.transcript)} lines"


def fork(engine: Engine, argument: str) -> object:
    """Go on in a copy of the session in use."""
    here, session = engine.name, engine.open_session()
    if not argument:
        raise CellError("%fork is followed by a name for the new session")
    if argument in engine.places:
        raise CellError(f"there is a session {argument} already; choose another name")
    copy = session.fork()
    engine.use(argument)
    engine.place.hold(copy, seen=True)
    back = f"`%switch {here}` goes back"
    return f"= {argument} stands where {here} stands, in a lab of its own, and is used from now on; {back}"


def switch(engine: Engine, argument: str) -> object:
    """Use another session, or list them."""
    if argument:
        known = argument in engine.places
        engine.use(argument)
        return f"= {engine.standing()}" if known else f"= {argument} is a new session; {engine.invitation()}"
    used = engine.name
    return Page("The sessions", {name: _place(engine, name, name == used) for name in engine.places})


def _place(engine: Engine, name: str, used: bool) -> str:
    session = engine.places[name].session
    state = "not opened yet" if session is None else polled(session).state.value
    return f"{state} (in use)" if used else state


def strict(engine: Engine, argument: str) -> object:
    """Set how strict the lab's hosts are, or say it."""
    hosts = engine.lab_hosts
    if not argument:
        return f"= strict is {ON_OFF[not all(host.policy.strict for host in hosts)]}"
    if argument.lower() not in ON_OFF:
        raise CellError(f"%strict is on or off, not {argument[:40]!r}")
    on = argument.lower() == ON_OFF[0]
    for host in hosts:
        host.policy = replace(host.policy, strict=on)
    takes = "take only what RFC 5321's grammar allows" if on else "also take `MAIL FROM: a@b` and its like"
    still = "; sessions that are open stay as they are" if engine.session else ""
    return f"= strict is {argument.lower()}: from the next telnet on, the lab's hosts {takes}{still}"


def timeout(engine: Engine, argument: str) -> object:
    """Set how long a server on this machine has for its reply, or say it."""
    if argument:
        try:
            seconds = float(argument)
        except ValueError:
            seconds = 0.0
        if not 0 < seconds <= _LONGEST_WAIT:
            raise CellError(f"%timeout is a number of seconds above 0 and up to {_LONGEST_WAIT:g}")
        engine.seconds = seconds
    return f"= a server on this machine has {engine.seconds:g} s for its reply, from the next telnet on"
