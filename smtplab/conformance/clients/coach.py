"""The coach of a client that talks to ``smtplab serve``: what it should do next, when it is silent or stumbles.

It decides from the conversation alone. Time belongs to the server, which says when the client has been silent. Each
sentence is told once a session.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from ...base.printed import in_a_row
from ...explain.explainer import explain_exchange
from ...protocol.body import begins_with_field, has_bare_line_end
from ...protocol.states import MESSAGE, State, leading_verbs
from ...transcript import Exchange, Side, Transcript, printable
from ...transcript.dialogue import END_OF_DATA
from . import client_wording as wording
from .hangs import HangKind, hang_reason

_BLANK = re.compile(rb"(?i)^(?:MAIL FROM|RCPT TO):[ \t]+")
_TWO = 2  # lines that come together may be those of a client that does not read the greeting
_COLUMNS = 60  # of a line that is quoted


class Coach:
    """Watches one session, and tells the client what to do.

    Args:
        tell: takes each sentence.
    """

    def __init__(self, tell: Callable[[str], object]) -> None:
        self._tell = tell
        self._told: set[str] = set()
        self._transcript = Transcript()
        self._judged = 0  # exchanges that have been looked at
        self._is_hanging = False  # its silence has been explained; if it closes now, it may have been stopped
        self._stray = False  # a text has come where no text may come

    def heard(self, octets: bytes) -> None:
        """Take octets of the client."""
        self._is_hanging = False
        transcript = self._transcript
        together = octets.count(b"\n") > 1 and not transcript.in_message
        last = transcript.last_exchange
        self._stray = together and last is not None and last.verb == "DATA" and last.refused
        if self._stray:
            self._say(wording.COACH_TEXT_AS_COMMANDS)
        elif together and "PIPELINING" not in transcript.extensions:
            self._say(wording.COACH_AHEAD if octets.count(b"\n") == _TWO else wording.COACH_TOGETHER)
        transcript.feed(Side.CLIENT, octets)

    def said(self, octets: bytes) -> None:
        """Take octets of the server, and look at what they answer."""
        self._transcript.feed(Side.SERVER, octets)
        answered = self._transcript.answered
        for exchange in answered[self._judged :]:
            for sentence in () if self._stray else _remarks(exchange):
                self._say(sentence)
        self._judged = len(answered)

    def silent(self) -> None:
        """Tell a silent client what the server waits for."""
        transcript = self._transcript
        if transcript.state is State.CLOSED or transcript.awaited is not None:
            return
        in_text = transcript.state is State.DATA
        pending = self._text if in_text else transcript.unfinished(Side.CLIENT)
        spoken = transcript.last_command is not None
        hang = hang_reason(pending, in_text=in_text, spoken=spoken)
        sentence = hang.sentence
        if hang.kind is HangKind.WAITS_FOR_MORE:
            verbs = in_a_row(leading_verbs(transcript.state, transcript.extensions)).replace(" and ", " or ")
            sentence = f"{sentence} {wording.COACH_NEXT.format(verbs=verbs)}"
        self._is_hanging = True
        self._say(sentence)

    def gone(self) -> None:
        """Tell a client that has closed too early what it left out, unless it was told why it hung."""
        if self._is_hanging:
            return
        state = self._transcript.state
        if state is State.DATA:
            self._say(wording.COACH_LEFT_IN_TEXT)
        elif state is not State.CLOSED:
            self._say(wording.COACH_LEFT)

    @property
    def _text(self) -> bytes:
        """The text that has come since the 354."""
        lines: list[bytes] = []
        for row in reversed(self._transcript):
            if row.side is not Side.CLIENT:
                break
            lines.append(row.data)
        return b"".join(reversed(lines)) + self._transcript.unfinished(Side.CLIENT)

    def _say(self, sentence: str) -> None:
        if sentence not in self._told:
            self._told.add(sentence)
            self._tell(sentence)


def _remarks(exchange: Exchange) -> Iterator[str]:
    """Yield what is to be said about a command or a message that has its reply."""
    if exchange.refused and exchange.reply is not None:
        explanation = explain_exchange(exchange)
        line = "your message" if exchange.verb == MESSAGE else _quoted(exchange.data)
        told = wording.COACH_REFUSED.format(line=line or "your empty line", code=exchange.reply.code)
        yield " ".join(filter(None, (told, explanation.reason, explanation.follows, explanation.advice)))
    elif exchange.verb == MESSAGE:
        yield from _remarks_on_message(exchange.data.removesuffix(END_OF_DATA))
    elif _BLANK.match(exchange.data):
        yield wording.COACH_BLANK


def _quoted(line: bytes) -> str:
    text = printable(line.removesuffix(b"\r\n"))
    return text if len(text) <= _COLUMNS else f"{text[:_COLUMNS]} ..."


def _remarks_on_message(text: bytes) -> Iterator[str]:
    if has_bare_line_end(text):
        yield wording.COACH_LF
    header = text.partition(b"\r\n\r\n")[0].lower()
    if not begins_with_field(text):
        yield wording.COACH_NO_HEADERS
    elif missing := [name for name in ("From", "Date") if not re.search(rb"(?m)^%s:" % name.lower().encode(), header)]:
        yield wording.COACH_NO_FIELD.format(names=in_a_row(missing))
    if text.endswith(b"\r\n\r\n"):
        yield wording.COACH_EMPTY_LINE
