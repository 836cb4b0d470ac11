"""The goal of an open cell, judged by what went over the wire and by what lies in a mailbox.

::

    {"said": ["250 MAIL FROM:<alice@lab.example>", "250 RCPT"], "session": "session"}
    {"lines": ["Subject: *"]}                              # inside a message, where nothing is answered
    {"mail": "bob@lab.example: Lunch at noon?"}

Whoever reaches the goal in another way than the reference answer has reached it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Self

from ..base.printed import Printed, sentence
from ..lab.lab_host import Message
from ..protocol.states import GREETING, MESSAGE
from ..show import style
from ..transcript import Exchange, Row, Side
from ..transcript.rows import printable
from . import sentences

DEFAULT_SESSION = "session"
_CODE = re.compile(r"[2-5][0-9y][0-9z]")
_WITH_PATH = re.compile(r"(MAIL FROM|SEND FROM|SOML FROM|SAML FROM|RCPT TO) ?: ?<?([^\s>]*)>?", re.IGNORECASE)
_LONE_DOT = "."


@dataclass(frozen=True, slots=True)
class StepEvidence:
    """What a goal is judged by.

    Args:
        exchanges: the exchanges since the step began.
        rows: the rows of the transcript since then.
        mailbox: returns the messages in a mailbox, oldest first; raises `LookupError` if there is none.
    """

    exchanges: Sequence[Exchange]
    rows: Sequence[Row]
    mailbox: Callable[[str], Sequence[Message]]


@dataclass(frozen=True, slots=True)
class Verdict(Printed):
    """How an open cell stands, for the student; ``str`` gives one or two lines.

    Args:
        ok: True if its goal is reached.
        reason: what was got, as a sentence.
        more: a further sentence, such as the hint; empty for none.
    """

    ok: bool
    reason: str
    more: str = ""

    @property
    def word(self) -> str:
        """``ok`` or ``not yet``."""
        return style.OK if self.ok else style.NOT_YET

    def __str__(self) -> str:
        return "\n".join(filter(None, [f"{self.word}: {self.reason}", self.more]))

    def _repr_html_(self) -> str:
        """Show the verdict in a notebook, in words and in colour."""
        color = style.VERDICT_COLORS[self.word]
        lines = "<br>".join(map(style.prose, filter(None, [self.reason, self.more])))
        return style.panel(f"{style.chip(self.word, color)} {lines}", color)


@dataclass(frozen=True, slots=True)
class Wanted:
    """An exchange that must have happened: a code, or a class such as ``2yz``, and the line that it answers."""

    code: str
    line: str

    @classmethod
    def read(cls, text: str) -> Self:
        """Read ``250 HELO laptop.example``; raise `ValueError` if it does not begin with a code."""
        code, _, line = text.partition(" ")
        if not _CODE.fullmatch(code):
            raise ValueError(text)
        return cls(code, line.strip())

    @property
    def verb(self) -> str:
        """The verb as a transcript has it."""
        if not self.line:
            return GREETING
        return MESSAGE if self.line == _LONE_DOT else self.line.split()[0].upper()

    def fits(self, exchange: Exchange) -> bool:
        """Return True if the exchange is the one that is wanted."""
        return self.fits_line(exchange) and self.fits_code(exchange)

    def fits_code(self, exchange: Exchange) -> bool:
        """Return True if the reply has the code."""
        code = "" if exchange.reply is None else str(exchange.reply.code)
        return len(code) == 3 and all(want in (digit, "y", "z") for digit, want in zip(code, self.code, strict=True))

    def fits_line(self, exchange: Exchange) -> bool:
        """Return True if the line has the verb, and the argument where one is wanted."""
        if exchange.verb != self.verb:
            return False
        return exchange.verb in (GREETING, MESSAGE) or " " not in self.line or _same(_line_of(exchange), self.line)


@dataclass(frozen=True, slots=True)
class Goal:
    """What an open cell must bring about.

    Args:
        said: exchanges that happened, in this order; others may stand between.
        lines: lines that the client sent, in this order, as patterns with ``*``.
        mail: an address, and the subject of the newest message in its mailbox; empty for none.
        session: the variable that holds the session.
    """

    said: tuple[Wanted, ...] = ()
    lines: tuple[str, ...] = ()
    mail: tuple[str, str] | tuple[()] = ()
    session: str = DEFAULT_SESSION

    @classmethod
    def read(cls, settings: Mapping[str, Any], *, cell: str) -> Self:
        """Return the goal in the metadata of a cell.

        Raises:
            ValueError: if it is not understood; the sentence names the cell.
        """
        try:
            known = {"said", "lines", "mail", "session"}
            if not settings or set(settings) - known:
                raise ValueError
            address, _, subject = settings.get("mail", "").partition(": ")
            return cls(
                tuple(map(Wanted.read, settings.get("said", ()))),
                tuple(settings.get("lines", ())),
                (address, subject) if address else (),
                settings.get("session", DEFAULT_SESSION),
            )
        except (ValueError, TypeError, AttributeError):
            raise ValueError(sentences.BAD_GOAL.format(cell=cell, goal=dict(settings))) from None

    def judge(self, evidence: StepEvidence) -> Verdict:
        """Return the verdict: what was reached, or the first thing that is missing."""
        reached = ""
        for check in (self._judge_said, self._judge_lines, self._judge_mail):
            missing, found = check(evidence)
            if missing:
                return Verdict(False, sentence(missing))
            reached = found or reached
        return Verdict(True, sentence(reached))

    def _judge_said(self, evidence: StepEvidence) -> tuple[str, str]:
        """Return what is missing of the exchanges, and what was found."""
        rest, found = list(evidence.exchanges), ""
        for wanted in self.said:
            at = next((at for at, each in enumerate(rest) if wanted.fits(each)), None)
            if at is None:
                return _missing(wanted, evidence), ""
            found = sentences.ANSWERED.format(line=_named(rest[at]), code=_code(rest[at]))
            del rest[: at + 1]
        return "", found

    def _judge_lines(self, evidence: StepEvidence) -> tuple[str, str]:
        sent = [row.text.rstrip() for row in evidence.rows if row.side is Side.CLIENT]
        if self.lines and not sent:
            return sentences.NOTHING_SENT, ""
        for pattern in self.lines:
            at = next((at for at, line in enumerate(sent) if fnmatchcase(line, pattern)), None)
            if at is None:
                return sentences.OTHER_LINE, ""
            del sent[: at + 1]
        if self.lines and evidence.exchanges and evidence.rows[-1].side is Side.SERVER:
            last = evidence.exchanges[-1]
            return "", sentences.ANSWERED.format(line=_named(last), code=_code(last))
        return "", sentences.LINE_SAID if self.lines else ""

    def _judge_mail(self, evidence: StepEvidence) -> tuple[str, str]:
        if not self.mail:
            return "", ""
        address, subject = self.mail
        try:
            newest = evidence.mailbox(address)[-1:]
        except LookupError:
            newest = []
        header = [str(message).partition("\n\n")[0].split("\n") for message in newest]
        if any(f"Subject: {subject}" in lines for lines in header):
            return "", sentences.MAIL_ARRIVED.format(subject=subject, address=address)
        # Also if nothing was sent: the message may come from another session, such as one that is built by clicking.
        return sentences.NO_MAIL.format(subject=subject, address=address), ""


def _missing(wanted: Wanted, evidence: StepEvidence) -> str:
    """Say why an exchange that is wanted did not happen, by the nearest thing that did."""
    said = [each for each in evidence.exchanges if each.data]
    if not said and not any(row.side is Side.CLIENT for row in evidence.rows):
        return sentences.NOTHING_SENT
    for each in reversed(evidence.exchanges):
        if wanted.fits_line(each):
            return sentences.OTHER_CODE.format(line=_named(each), code=_code(each), wanted=wanted.code)
    for each in reversed(said):
        if each.verb == wanted.verb:
            return sentences.OTHER_ARGUMENT.format(line=_named(each))
    last = _named(said[-1]) if said else "the one that was sent"
    return sentences.NOT_SAID.format(said=last)


def _line_of(exchange: Exchange) -> str:
    return printable(exchange.data.split(b"\r\n", 1)[0])


def _named(exchange: Exchange) -> str:
    """Return the line as a sentence shows it."""
    if exchange.verb == GREETING:
        return "the connection"
    return "the message" if exchange.verb == MESSAGE else f"`{_line_of(exchange)}`"


def _code(exchange: Exchange) -> str:
    return "no reply" if exchange.reply is None else str(exchange.reply.code)


def _same(one: str, other: str) -> bool:
    return _normal(one) == _normal(other)


def _normal(line: str) -> str:
    """Return a command as it is compared: without brackets and parameters of a path, in one case."""
    if found := _WITH_PATH.match(line.strip()):
        return f"{found[1]}:{found[2]}".lower()
    return " ".join(line.lower().split())
