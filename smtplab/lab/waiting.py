"""What a session waits for, in words: the sentences that say what is due, what is overdue, and what came to an end."""

from __future__ import annotations

from ..protocol.states import GREETING, MESSAGE, legal_verbs
from ..transcript import Side, Transcript
from .reply import reply_in

# How a sentence calls what is no verb.
_NAMES = {MESSAGE: "the message", "": "the empty line"}


def wanted(transcript: Transcript, *, mid_line: bool) -> str:
    """Say what the server waits for when it is our turn.

    Args:
        transcript: what was said.
        mid_line: whether our last octets end amid a line.
    """
    if mid_line:
        return "the rest of the line; lines end in CRLF"
    if transcript.awaited is not None:
        return f"your {_due(transcript)}"
    if transcript.in_message:
        return "the rest of the message; a line that holds one dot and nothing else ends it"
    return f"a command; what may come is {', '.join(legal_verbs(transcript.state))}"


def overdue(transcript: Transcript, seconds: float) -> str:
    """Say what the server has not done within the time; 0 where it needs none."""
    within = f" within {seconds:g} s" if seconds else ""
    last = transcript[-1] if transcript else None
    odd = f"; it said {last.text!r}, which ends no reply" if last and last.side is Side.SERVER else ""
    return f"the server gave no {_due(transcript)}{within}{odd}"


def why_lost(transcript: Transcript, exceeded: int = 0) -> str:
    """Say how the connection ended without a farewell.

    Args:
        transcript: what was said.
        exceeded: the limit in octets beyond which the server went on, and was left; 0 if it closed.
    """
    missing = f" without a {_due(transcript)}" if transcript.turn is Side.SERVER else ""
    if not exceeded:
        return f"the server closed the connection{missing}"
    return f"the server said more than {exceeded} octets{missing}; the connection is closed"


def why_closed(transcript: Transcript) -> str:
    """Say why nothing can be sent any more."""
    reply = reply_in(transcript)
    said = f", after the server said {reply}" if reply is not None and reply.code == 421 else ""
    return f"the session is closed{said}; open a new one with telnet or connect"


def _due(transcript: Transcript) -> str:
    """Name what comes next: a greeting, a reply, or after TURN the server's command."""
    awaited = transcript.awaited
    if awaited is None:
        return "command"
    if awaited == GREETING:
        return "greeting"
    return f"reply to {_NAMES.get(awaited, awaited)}"
