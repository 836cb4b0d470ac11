"""Say in words what a session waits for, what is overdue, and why the connection ended."""

from __future__ import annotations

from ..protocol.states import GREETING, MESSAGE, leading_verbs
from ..transcript import Side, Transcript, printable
from . import sentences
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
        return sentences.REST_OF_LINE
    if transcript.awaited is not None:
        return sentences.YOUR_ANSWER.format(due=_due(transcript))
    if transcript.in_message:
        return sentences.REST_OF_MESSAGE
    return sentences.NEXT_COMMAND.format(verbs=" or ".join(leading_verbs(transcript.state, transcript.extensions)))


def overdue(transcript: Transcript, seconds: float) -> str:
    """Say which reply is missing after `seconds`; 0 for a server in memory, which needs no time."""
    sentence = sentences.NOTHING_CAME_WITHIN if seconds else sentences.NOTHING_CAME
    return f"{sentence.format(due=_due(transcript), seconds=seconds)}{_odd(transcript)}{_doubt(transcript)}"


def _odd(transcript: Transcript) -> str:
    """Quote what the server sent instead of what is due; empty if it sent nothing."""
    if half := transcript.unfinished(Side.SERVER):
        sentence = sentences.ENDS_IN_LF if half.endswith(b"\n") else sentences.HAS_NO_CRLF
        return sentence.format(line=_quoted(printable(half.rstrip(_LINE_ENDS))))
    last, exchange = transcript[-1] if transcript else None, transcript.last_exchange
    if last is None or last.side is not Side.SERVER:
        return ""
    if exchange is None or exchange.reply is None or last.text != exchange.reply.wire_lines()[-1]:
        return sentences.NO_WHOLE_REPLY.format(line=_quoted(last.text))
    greeted = exchange.verb == GREETING == transcript.awaited  # a greeting came, and another one is due
    return sentences.NOT_A_GREETING.format(line=_quoted(last.text)) if greeted else ""


def _quoted(text: str) -> str:
    return f"'{text if len(text) <= _QUOTED else text[:_QUOTED] + '...'}'"


def _doubt(transcript: Transcript) -> str:
    """Warn that a message may be lost if its reply is due (RFC 5321 4.2.5); empty if another reply is due."""
    due = transcript.turn is Side.SERVER and transcript.awaited == MESSAGE
    return sentences.MAY_BE_LOST if due else ""


def why_lost(transcript: Transcript, exceeded: int = 0) -> str:
    """Say how the connection ended without QUIT or 421.

    Args:
        transcript: the conversation so far.
        exceeded: the limit in octets that the server exceeded, so that the client closed; 0 if the server closed.
    """
    without = sentences.WITHOUT_ANSWER.format(due=_due(transcript))
    sentence = sentences.SENT_TOO_MUCH if exceeded else sentences.SERVER_CLOSED
    missing = without if transcript.turn is Side.SERVER else ""
    return sentence.format(missing=missing, octets=exceeded) + _doubt(transcript)


def why_closed(transcript: Transcript) -> str:
    """Say why nothing more can be sent."""
    reply = reply_in(transcript)
    if reply is None or reply.code != 421:
        return sentences.SESSION_CLOSED
    return sentences.SESSION_CLOSED_AFTER.format(reply=reply)


def _due(transcript: Transcript) -> str:
    """Name what is due: a greeting, a reply, or the server's command after TURN."""
    awaited = transcript.awaited
    if awaited is None:
        return "command"
    if awaited == GREETING:
        return "greeting"
    return f"reply to {_NAMES.get(awaited, awaited)}"
