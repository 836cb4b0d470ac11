"""Draw a session as HTML for the session builder: its status, the verbs that are off, the last reply, a figure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from ...base.printed import sentence
from ...explain.cards import cards
from ...lab import diagrams
from ...protocol.commands import VERBS
from ...show import style
from ...show.octets import octets
from ...transcript import Transcript
from .session_snapshot import SessionSnapshot, reasons

# What can be shown of a conversation: drawings, and the conversation as a cell, with the label of the button that
# copies it.
DRAWINGS: Mapping[str, Callable[[Transcript], str]] = {
    "ladder": lambda transcript: diagrams.ladder(transcript, states=cards.states)._repr_html_(),
    "state machine": lambda transcript: diagrams.state_machine(transcript)._repr_html_(),
    "octets": lambda transcript: octets(transcript)._repr_html_(),
}
COPIES: Mapping[str, str] = {"SMTP cell": "copy as SMTP cell", "Python": "copy as Python"}


def status(host: str | None, now: SessionSnapshot) -> str:
    """Show phase and state, and the host; None for the host if no session could be opened."""
    if host is None:
        return style.panel("No session is open.")
    color = style.PHASE_COLORS[now.phase]
    facts = f"{style.chip(now.phase.value, color)} <b>{style.escape(now.state.value)}</b>"
    return style.panel(f"{facts} {style.quiet(f'| with {host}')}", color)


def off_now(now: SessionSnapshot, shown: Iterable[str] = tuple(VERBS)) -> str:
    """Show which of the verbs are not legal now, by what must come first; empty if all are."""
    found = reasons(now.state, shown)
    if not found:
        return ""
    lines = "<br>".join(f"{style.code(', '.join(verbs))}: {style.escape(first)}." for first, verbs in found.items())
    hint = "To see what the server says to it all the same, type it as a raw line." if now.legal else ""
    return f"<b>Off now</b> {style.quiet(hint)}<br>{lines}"


def last_reply(now: SessionSnapshot) -> str:
    """Explain the server's last reply; empty if there is none."""
    explanation = None if now.reply is None else now.reply.explanation
    if explanation is None:
        return ""
    more = {name: explanation.lines.get(name, "") for name in ("next", "fix", "strictly", "lecture")}
    told = style.definitions({name: line for name, line in more.items() if line})
    return explanation.reply_html(full=True) + style.panel(told, style.SEVERITY_COLORS[explanation.severity])


def figure(name: str, transcript: Transcript, copies: Mapping[str, str]) -> str:
    """Show the conversation as one of `DRAWINGS`, or as one of `COPIES`, whose texts are given by their labels."""
    return DRAWINGS[name](transcript) if name in DRAWINGS else style.code(copies[COPIES[name]])


def undo_hint(irrevocable: str, now: SessionSnapshot) -> str:
    """Return what the undo button does, or why it is off.

    Args:
        irrevocable: why no step of this session can be taken back; empty if steps can.
        now: how the session stands.
    """
    if irrevocable:
        return sentence(irrevocable)
    return "As if it had never been said." if now.said_anything else "Nothing was said yet."
