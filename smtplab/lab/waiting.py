"""What a session waits for, in words: the sentences that say what is due, what is overdue, and what came to an end."""

from __future__ import annotations

from ..protocol.states import GREETING, MESSAGE, legal_verbs
from ..transcript import Side, Transcript, printable
from .reply import reply_in

# How a sentence calls what is no verb.
_NAMES = {MESSAGE: "the message", "": "the empty line"}
_QUOTED = 60  # characters of an odd line
_LINE_ENDS = b"\r\n"


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
    return f"the server gave no {_due(transcript)}{within}{_odd(transcript)}{_doubt(transcript)}"


def _odd(transcript: Transcript) -> str:
    """Say what came and is not what is due; empty if nothing did."""
    if half := transcript.unfinished(Side.SERVER):
        end = "with LF alone, and" if half.endswith(b"\n") else "without CRLF, and"
        return f"; it said {_quoted(printable(half.rstrip(_LINE_ENDS)))} {end} only CRLF ends a line (RFC 5321 2.3.8)"
    last, exchange = transcript[-1] if transcript else None, transcript.last_exchange
    if last is None or last.side is not Side.SERVER:
        return ""
    if exchange is None or exchange.reply is None or last.text != exchange.reply.wire_lines()[-1]:
        return f"; it said {_quoted(last.text)}, which ends no reply"
    greeted = exchange.verb == GREETING == transcript.awaited  # and yet a greeting is due
    return f"; it said {_quoted(last.text)}, which is a reply, and no greeting" if greeted else ""


def _quoted(text: str) -> str:
    return f"'{text if len(text) <= _QUOTED else text[:_QUOTED] + '...'}'"


def _doubt(transcript: Transcript) -> str:
    """Say what it means that the lone dot has no reply (RFC 5321 4.2.5); empty if that is not what is due."""
    due = transcript.turn is Side.SERVER and transcript.awaited == MESSAGE
    return "; the message is not known to be delivered" if due else ""


def why_lost(transcript: Transcript, exceeded: int = 0) -> str:
    """Say how the connection ended without a farewell.

    Args:
        transcript: what was said.
        exceeded: the limit in octets beyond which the server went on, and was left; 0 if it closed.
    """
    missing = f" without a {_due(transcript)}" if transcript.turn is Side.SERVER else ""
    if not exceeded:
        return f"the server closed the connection{missing}{_doubt(transcript)}"
    return f"the server said more than {exceeded} octets{missing}; the connection is closed{_doubt(transcript)}"


def why_closed(transcript: Transcript) -> str:
    """Say why nothing can be sent any more."""
    reply = reply_in(transcript)
    said = f", after the server said {reply}" if reply is not None and reply.code == 421 else ""
    return f"the session is closed{said}; open a new one as you opened this one"


def _due(transcript: Transcript) -> str:
    """Name what comes next: a greeting, a reply, or after TURN the server's command."""
    awaited = transcript.awaited
    if awaited is None:
        return "command"
    if awaited == GREETING:
        return "greeting"
    return f"reply to {_NAMES.get(awaited, awaited)}"
