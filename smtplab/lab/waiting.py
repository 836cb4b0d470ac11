"""Say in words what a session waits for, what is overdue, and why the connection ended."""

from __future__ import annotations

from ..protocol.states import GREETING, MESSAGE, legal_verbs
from ..transcript import Side, Transcript, printable
from .reply import reply_in

# The names of the two things in a sentence that have no verb.
_NAMES = {MESSAGE: "the message", "": "the empty line"}
_QUOTED = 60  # characters of a line that is quoted
_LINE_ENDS = b"\r\n"


def wanted(transcript: Transcript, *, mid_line: bool) -> str:
    """Say what the server waits for when it is the client's turn.

    Args:
        transcript: the conversation so far.
        mid_line: True if the last octets of the client end in the middle of a line.
    """
    if mid_line:
        return "the rest of the line; lines end in CRLF"
    if transcript.awaited is not None:
        return f"your {_due(transcript)}"
    if transcript.in_message:
        return "the rest of the message; a line with a single dot ends it"
    return f"a command; what may come is {', '.join(legal_verbs(transcript.state, transcript.extensions))}"


def overdue(transcript: Transcript, seconds: float) -> str:
    """Say which reply is missing after `seconds`; 0 for a server in memory, which needs no time."""
    within = f" within {seconds:g} s" if seconds else ""
    return f"the server gave no {_due(transcript)}{within}{_odd(transcript)}{_doubt(transcript)}"


def _odd(transcript: Transcript) -> str:
    """Quote what the server sent instead of what is due; empty if it sent nothing."""
    if half := transcript.unfinished(Side.SERVER):
        end = "with LF alone, and" if half.endswith(b"\n") else "without CRLF, and"
        return f"; it said {_quoted(printable(half.rstrip(_LINE_ENDS)))} {end} only CRLF ends a line (RFC 5321 2.3.8)"
    last, exchange = transcript[-1] if transcript else None, transcript.last_exchange
    if last is None or last.side is not Side.SERVER:
        return ""
    if exchange is None or exchange.reply is None or last.text != exchange.reply.wire_lines()[-1]:
        return f"; it said {_quoted(last.text)}, which does not complete a reply"
    greeted = exchange.verb == GREETING == transcript.awaited  # and yet a greeting is due
    return f"; it said {_quoted(last.text)}, which is a reply, but not a greeting" if greeted else ""


def _quoted(text: str) -> str:
    return f"'{text if len(text) <= _QUOTED else text[:_QUOTED] + '...'}'"


def _doubt(transcript: Transcript) -> str:
    """Warn that a message without a reply to its lone dot may be lost (RFC 5321 4.2.5); empty if it is not that."""
    due = transcript.turn is Side.SERVER and transcript.awaited == MESSAGE
    return "; the message is not known to be delivered" if due else ""


def why_lost(transcript: Transcript, exceeded: int = 0) -> str:
    """Say how the connection ended without QUIT or 421.

    Args:
        transcript: the conversation so far.
        exceeded: the limit in octets that the server exceeded, so that the client closed; 0 if the server closed.
    """
    missing = f" without a {_due(transcript)}" if transcript.turn is Side.SERVER else ""
    if not exceeded:
        return f"the server closed the connection{missing}{_doubt(transcript)}"
    return f"the server sent more than {exceeded} octets{missing}; the connection is closed{_doubt(transcript)}"


def why_closed(transcript: Transcript) -> str:
    """Say why nothing more can be sent, and how to go on."""
    reply = reply_in(transcript)
    said = f", after the server said {reply}" if reply is not None and reply.code == 421 else ""
    return f"the session is closed{said}; open a new one the same way"


def _due(transcript: Transcript) -> str:
    """Name what is due: a greeting, a reply, or the server's command after TURN."""
    awaited = transcript.awaited
    if awaited is None:
        return "command"
    if awaited == GREETING:
        return "greeting"
    return f"reply to {_NAMES.get(awaited, awaited)}"
