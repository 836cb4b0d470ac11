"""The goal of an open cell, judged by what went over the wire and by what lies in a mailbox.

::

    {"said": ["250 MAIL FROM:<alice@lab.example>", "250 RCPT"], "session": "session"}
    {"lines": ["Subject: *"]}                              # inside a message, where nothing is answered
    {"said": ["250 MAIL FROM:<alice@lab.example>", "250 RCPT TO:<bob@lab.example>", "250 ."], "text": ["Subject: Hi"]}
    {"mail": "bob@lab.example: Lunch at noon?", "sender": "alice@lab.example"}
    {"mail": "bob@lab.example: Lunch at noon?", "idle": true}      # and no host has mail left to deliver
    {"guess": {"name": "guess", "right": 10, "from": [10, 20]}}    # a prediction in Python, which nothing sends
    {"lines": ["..hidden"], "slips": {".hidden": "the server takes the first dot of a line away"}}

Whoever reaches the goal in another way than the reference answer has reached it. But a message has to be the one of the
task: with this sender, these recipients and no other, and where ``text`` gives them, these lines and no other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any, Self

from ..base.printed import Printed, sentence
from ..explain.spelling import meant_verb
from ..lab.lab_host import Message
from ..protocol.states import GREETING, MESSAGE, State
from ..show import style
from ..transcript import Exchange, Row, Side
from ..transcript.rows import BULLETS, printable
from . import sentences
from .guesses import Guess
from .messages import WantedMessage, address_in, foreign_line, offered

DEFAULT_SESSION = "session"
_WORDS = {str(int(severity)): word for severity, word in style.SEVERITY_WORDS.items()}  # by the first digit
_CODE = re.compile(r"[2-5][0-9y][0-9z]")
_WITH_PATH = re.compile(r"(MAIL FROM|SEND FROM|SOML FROM|SAML FROM|RCPT TO) ?: ?<?([^\s>]*)>?", re.IGNORECASE)
_LONE_DOT = "."
_DATA, _RCPT = "DATA", "RCPT"
_OUT_OF_ORDER = "503"
_OPENS = ("MAIL", "SEND", "SOML", "SAML")  # a transaction
_ON_THE_WAY = ("HELO", "EHLO", "DATA", "RSET", MESSAGE)  # what leads to a goal though it does not name it
_FORGETS = ("RSET", "HELO", "EHLO")  # an envelope
_CRLF_SPELT = "<CRLF>"
_RULE = re.compile(r" \(RFC [^()]*\)\Z")
_NOT_RECOGNIZED = "500"
_LONG_REASON = 100  # octets; behind it a reply says what to do


@dataclass(frozen=True, slots=True)
class StepEvidence:
    """What a goal is judged by.

    Args:
        exchanges: the exchanges since the step began.
        rows: the rows of the transcript since then.
        mailbox: returns the messages in a mailbox, oldest first; raises `LookupError` if there is none.
        unfinished: the octets of a line of the client whose CRLF has not come yet.
        waiting: the names of the hosts that have mail in their queues; None in a lab without queues.
        value: returns the value of a variable of the student; None if there is none.
    """

    exchanges: Sequence[Exchange]
    rows: Sequence[Row]
    mailbox: Callable[[str], Sequence[Message]]
    unfinished: bytes = b""
    waiting: Sequence[str] | None = None
    value: Callable[[str], object] = field(default=lambda name: None)

    @property
    def lines(self) -> list[str]:
        """The lines that the client sent."""
        return [row.text for row in self.rows if row.side is Side.CLIENT]

    @property
    def open_message(self) -> str | None:
        """The last line of a message that has not ended yet; None if there is no such message."""
        if not self.lines or not self.exchanges:
            return None
        last = self.exchanges[-1]
        return self.lines[-1] if last.verb == MESSAGE and last.reply is None else None


@dataclass(frozen=True, slots=True)
class Verdict(Printed):
    """How an open cell stands, for the student; ``str`` gives one or two lines.

    Args:
        ok: True if its goal is reached.
        reason: what was got, as a sentence.
        more: a further sentence, such as the hint; empty for none.
        answered: True if the exchanges of the goal happened, so that later cells can build on them.
        spoiled: True if the server keeps something wrong, which has to be taken back before a right answer counts.
    """

    ok: bool
    reason: str
    more: str = ""
    answered: bool = False
    spoiled: bool = False

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
        said: exchanges that happened, in this order; others may stand between, and recipients come in any order.
        lines: lines that the client sent, in this order, as patterns with ``*``.
        slips: sentences for lines that are sent by mistake, each with the pattern of its line.
        host: the host with which the session is held; empty if any will do.
        mail: an address, and the subject of the newest message in its mailbox; empty for none.
        sender: the envelope's sender of this message, as its ``Return-Path`` has it; empty if any will do.
        text: the lines of the message that is sent, and no others; empty if any will do.
        idle: True if no host may have mail left to deliver.
        guess: a prediction in a variable; None for none.
        session: the variable that holds the session.
    """

    said: tuple[Wanted, ...] = ()
    lines: tuple[str, ...] = ()
    mail: tuple[str, str] | tuple[()] = ()
    session: str = DEFAULT_SESSION
    slips: tuple[tuple[str, str], ...] = ()
    host: str = ""
    sender: str = ""
    text: tuple[str, ...] = ()
    idle: bool = False
    guess: Guess | None = None

    @classmethod
    def read(cls, settings: Mapping[str, Any], *, cell: str) -> Self:
        """Return the goal in the metadata of a cell.

        Raises:
            ValueError: if it is not understood; the sentence names the cell.
        """
        try:
            known = {"said", "lines", "mail", "session", "slips", "host", "sender", "text", "idle", "guess"}
            if not settings or set(settings) - known:
                raise ValueError
            address, _, subject = settings.get("mail", "").partition(": ")
            return cls(
                tuple(map(Wanted.read, settings.get("said", ()))),
                tuple(settings.get("lines", ())),
                (address, subject) if address else (),
                settings.get("session", DEFAULT_SESSION),
                tuple(settings.get("slips", {}).items()),
                settings.get("host", ""),
                settings.get("sender", ""),
                tuple(settings.get("text", ())),
                bool(settings.get("idle", False)),
                Guess.read(settings["guess"]) if "guess" in settings else None,
            )
        except (ValueError, TypeError, AttributeError):
            raise ValueError(sentences.BAD_GOAL.format(cell=cell, goal=dict(settings))) from None

    @property
    def message(self) -> WantedMessage:
        """What the goal says about the message that the step sends."""
        begun = max((at for at, each in enumerate(self.said) if each.verb in _FORGETS), default=-1) + 1
        taken = [each for each in self.said[begun:] if each.code[0] in "23" and _WITH_PATH.match(each.line)]
        senders = [address_in(each.line) for each in taken if each.verb != _RCPT]
        recipients = frozenset(address_in(each.line) for each in taken if each.verb == _RCPT)
        ended = any(each.verb == MESSAGE for each in self.said)
        return WantedMessage(senders[-1] if senders else None, recipients or None, self.text, ended)

    def judge(self, evidence: StepEvidence, latest: StepEvidence | None = None) -> Verdict:
        """Return the verdict: what was reached, or the first thing that is missing.

        Args:
            evidence: what happened since the step began; the goal may be reached in several cells.
            latest: what happened in the last cell alone, which the reason for "not yet" is about; None for all of it.
        """
        latest = latest or evidence
        if self.guess is not None:
            return self._judge_guess(self.guess, evidence)
        if spoiled := self._spoiled_text(evidence, latest):
            return Verdict(False, sentence(spoiled), spoiled=True)
        if unsent := self._unsent_line(evidence, latest):
            return Verdict(False, sentence(unsent))
        reached = ""
        for check in (self._judge_said, self._judge_lines, self._judge_message, self._judge_mail):
            missing, found = check(evidence, latest)
            if missing:
                answered = bool(self.said) and check != self._judge_said
                kept = answered and check != self._judge_mail
                kept = kept or (check == self._judge_said and self._keeps_wrong(evidence))
                return Verdict(False, sentence(missing), answered=answered, spoiled=kept)
            reached = found or reached
        return Verdict(True, sentence(reached), self._also_refused(latest), answered=True)

    @staticmethod
    def _judge_guess(guess: Guess, evidence: StepEvidence) -> Verdict:
        """Return the verdict on a prediction, which does not tell if it is right."""
        value = evidence.value(guess.name)
        ok = guess.noted(value) is not None
        return Verdict(ok, sentence(guess.note(value)), answered=ok)

    def _keeps_wrong(self, evidence: StepEvidence) -> bool:
        """Return True if the server has taken a message, or a sender or a recipient that the goal does not name."""
        wanted, messages = self.message, offered(evidence.exchanges)
        if wanted.ended and any(message.accepted for message in messages):
            return True
        last = messages[-1]
        other = wanted.sender is not None and last.sender not in (None, wanted.sender)
        return other or (wanted.recipients is not None and not wanted.recipients.issuperset(last.recipients))

    def _also_refused(self, latest: StepEvidence) -> str:
        """Return a sentence about a line that was refused besides; empty if none was."""
        wrong = [each for each in _refusals(latest) if not any(one.fits(each) for one in self.said)]
        if not self.said or not wrong:
            return ""
        return sentence(sentences.ALSO_REFUSED.format(line=_named(wrong[-1]), reply=_told(wrong[-1])))

    def _spoiled_text(self, evidence: StepEvidence, latest: StepEvidence) -> str:
        """Return which line does not belong into the message that is under way; empty if all of them do."""
        last = latest.open_message
        if last is None or _slip_of_the_end(last):
            return ""
        if self.said and (self.said[-1].verb == _DATA or self._keeps_wrong(evidence)):
            return foreign_line(last)
        return self.message.fault_of_text(evidence.exchanges)

    def _unsent_line(self, evidence: StepEvidence, latest: StepEvidence) -> str:
        """Return what to do about a line that a message, which goes on, does not have yet; empty if it has all."""
        last = latest.open_message
        if not self.said or last is None or _slip_of_the_end(last):
            return ""
        missing = _first_missing(self.lines, evidence.lines)
        if missing is None and any(each.verb == MESSAGE for each in self.said):
            missing = self.message.missing_line(evidence.exchanges)
        return "" if missing is None else sentences.NOT_IN_MESSAGE_YET.format(wanted=missing)

    def _judge_said(self, evidence: StepEvidence, latest: StepEvidence) -> tuple[str, str]:
        """Return what is missing of the exchanges, and what was found."""
        rest, found = list(evidence.exchanges), ""
        for group in _groups(self.said):
            places = [next((at for at, each in enumerate(rest) if wanted.fits(each)), None) for wanted in group]
            if None in places:
                wanted = group[places.index(None)]
                return self._slip(latest) or _missing(wanted, self.said, evidence, latest), ""
            at = max(place for place in places if place is not None)
            found = sentences.ANSWERED.format(line=_named(rest[at]), reply=_told(rest[at]))
            del rest[: at + 1]
        return "", found

    def _judge_message(self, evidence: StepEvidence, latest: StepEvidence) -> tuple[str, str]:
        """Return what is wrong with the envelope or the lines of the message."""
        if not self.said:
            return "", ""
        return self.message.fault(evidence.exchanges), ""

    def _judge_lines(self, evidence: StepEvidence, latest: StepEvidence) -> tuple[str, str]:
        missing = _first_missing(self.lines, evidence.lines)
        if missing is not None:
            return self._slip(latest) or self._other_line(missing, latest), ""
        if self.lines and evidence.exchanges and evidence.rows[-1].side is Side.SERVER:
            last = evidence.exchanges[-1]
            return "", sentences.ANSWERED.format(line=_named(last), reply=_told(last))
        return "", sentences.LINE_SAID if self.lines else ""

    def _other_line(self, pattern: str, latest: StepEvidence) -> str:
        """Say that a line of the message was not sent, by the line that comes nearest to it."""
        if not latest.lines:
            return _nothing_sent(latest)
        near = get_close_matches(pattern, latest.lines, n=1)
        if near:
            return sentences.NEAR_LINE.format(line=f"`{near[0]}`")
        return sentences.MESSAGE_WITHOUT if self.said else sentences.OTHER_LINE

    def _slip(self, latest: StepEvidence) -> str:
        """Return the sentence for a line that was sent by mistake; empty if none was."""
        told = (text for line in latest.lines for pattern, text in self.slips if fnmatchcase(line, pattern))
        return next(told, "")

    def _judge_mail(self, evidence: StepEvidence, latest: StepEvidence) -> tuple[str, str]:
        if not self.mail:
            return "", ""
        address, subject = self.mail
        try:
            newest = evidence.mailbox(address)[-1:]
        except LookupError:
            newest = []
        header = [line for message in newest for line in str(message).partition("\n\n")[0].split("\n")]
        if not any(message.subject == subject for message in newest):
            # Also if nothing was sent: the message may come from another session, one that is built by clicking.
            return self._why_no_mail(evidence, latest), ""
        if self.sender and f"Return-Path: <{self.sender}>" not in header:
            return sentences.MAIL_OF_ANOTHER.format(subject=subject, address=address, sender=self.sender), ""
        if not self.said and (fault := self.message.fault_in_mailbox(str(newest[-1]))):
            return fault, ""
        if self.idle and evidence.waiting:
            return sentences.STILL_WAITING.format(hosts=" and ".join(evidence.waiting)), ""
        return "", sentences.MAIL_ARRIVED.format(subject=subject, address=address)

    def _why_no_mail(self, evidence: StepEvidence, latest: StepEvidence) -> str:
        """Say that a message has not arrived, by the first line that was refused, or by what has to come yet."""
        refused = next(iter(_refusals(latest)), None)
        if refused is not None and not any(wanted.fits(refused) for wanted in self.said):
            return _refused(refused, Wanted("250", _LONE_DOT), [])
        if latest.open_message is not None and latest.lines:
            return _not_ended(latest.open_message)
        address, subject = self.mail or ("", "")
        if evidence.waiting:
            hosts = " and ".join(evidence.waiting)
            return sentences.NO_MAIL_YET.format(subject=subject, address=address, hosts=hosts)
        if evidence.waiting is not None and not self.said:
            return sentences.NO_MAIL_LEFT.format(subject=subject, address=address)
        return sentences.NO_MAIL.format(subject=subject, address=address)


def _refusals(evidence: StepEvidence) -> list[Exchange]:
    """Return the exchanges in which a line was refused; a reply that nobody asked for, such as a 421, refuses none."""
    return [each for each in evidence.exchanges if each.refused and each.data]


def _groups(said: Sequence[Wanted]) -> list[list[Wanted]]:
    """Return what is wanted in groups whose order does not matter: recipients that follow each other."""
    groups: list[list[Wanted]] = []
    for wanted in said:
        if groups and wanted.verb == groups[-1][-1].verb == _RCPT:
            groups[-1].append(wanted)
        else:
            groups.append([wanted])
    return groups


def _first_missing(patterns: Sequence[str], lines: Sequence[str]) -> str | None:
    """Return the first pattern that no line fits behind those of the patterns before; None if all have one."""
    rest = [line.rstrip() for line in lines]
    for pattern in patterns:
        at = next((at for at, line in enumerate(rest) if fnmatchcase(line, pattern)), None)
        if at is None:
            return pattern
        del rest[: at + 1]
    return None


def _missing(wanted: Wanted, goal: Sequence[Wanted], evidence: StepEvidence, latest: StepEvidence) -> str:
    """Say why an exchange that is wanted did not happen, by the nearest thing that did."""
    if not latest.lines:
        return _nothing_sent(latest)
    left = [each.verb for each in goal if not any(map(each.fits, evidence.exchanges))]
    for each in _refusals(latest):  # the first fault: what was refused behind it may be due to it
        if not any(other.fits(each) for other in goal):
            return _refused(each, wanted, left)
    if latest.open_message is not None and wanted.verb != _DATA:
        return _not_ended(latest.open_message)
    said = [each for each in latest.exchanges if each.data]
    for each in reversed(said):
        if wanted.fits_line(each) and not wanted.fits_code(each):
            return _other_code(each, wanted)
    for each in reversed(said):
        if each.verb == wanted.verb and not any(other.fits(each) for other in goal):
            return sentences.OTHER_ARGUMENT.format(line=_named(each))
    return _not_said(said, goal, left)


def _not_said(said: Sequence[Exchange], goal: Sequence[Wanted], left: Sequence[str]) -> str:
    """Say which line is wrong, or if none is, what is missing."""
    for each in reversed(said):
        if each.verb == "EHLO" and "HELO" in left:
            return sentences.EHLO_FOR_HELO.format(line=_named(each))
    wrong = [each for each in said if each.verb not in _ON_THE_WAY and not any(other.fits(each) for other in goal)]
    if said and not wrong and not left:
        return sentences.OTHER_ORDER
    if wrong or not said:
        return sentences.NOT_SAID.format(said=_named((wrong or said)[-1]) if said else "a line")
    verbs = " and ".join(map(_spoken, left))
    if [each.verb for each in goal].index(left[0]) < len(goal) - len(left):
        return sentences.MISSING_BEFORE.format(said=_named(said[-1]), verbs=verbs)
    return sentences.STILL_MISSING.format(verbs=verbs)


def _refused(refused: Exchange, wanted: Wanted, left: Sequence[str]) -> str:
    """Say that a line was refused, and if another had to come before it, which one."""
    line, code = _named(refused), _code(refused)
    if refused.verb == "EHLO" and wanted.verb == "HELO":
        return sentences.EHLO_FOR_HELO.format(line=line)
    if code == _OUT_OF_ORDER and wanted.code != code:
        if refused.verb in _OPENS and refused.before in (State.SENDER, State.RECIPIENT):
            return sentences.TRANSACTION_OPEN.format(line=line)
        if wanted.verb in left and wanted.verb != refused.verb:
            return sentences.REFUSED_FOR_ORDER.format(line=line, reply=_told(refused), verbs=_spoken(wanted.verb))
    if code == wanted.code and refused.verb != wanted.verb:
        return sentences.OTHER_VERB.format(line=line, reply=_told(refused), verb=_spoken(wanted.verb))
    told = sentences.REFUSED.format(line=line, reply=_told(refused), text=_reason_of(refused))
    meant = meant_verb(refused.data.rstrip()) if code == _NOT_RECOGNIZED else ""
    return f"{told}{sentences.MEANT.format(verb=meant)}" if meant else told


def _other_code(said: Exchange, wanted: Wanted) -> str:
    opened = said.verb in _OPENS and not said.refused
    told = sentences.OTHER_CODE_AND_OPEN if opened else sentences.OTHER_CODE
    return told.format(line=_named(said), reply=_told(said), wanted=_in_words(wanted.code))


def _spoken(verb: str) -> str:
    """Return a verb as a sentence names it."""
    return "the message" if verb == MESSAGE else f"`{verb}`"


def _nothing_sent(latest: StepEvidence) -> str:
    if latest.unfinished:
        return sentences.LINE_NOT_ENDED.format(octets=f"`{printable(latest.unfinished)}`")
    return sentences.NOTHING_SENT


def _slip_of_the_end(line: str) -> bool:
    """Return True if a line of a message was meant to end it."""
    return _CRLF_SPELT in line.upper() or line.strip() in BULLETS or line.strip(' \t"') == _LONE_DOT


def _not_ended(line: str) -> str:
    """Say that a message goes on, and what its last line has to do with it."""
    named = f"`{line}`" if line else "an empty line"
    if _CRLF_SPELT in line.upper():
        return sentences.CRLF_IN_MESSAGE.format(line=named)
    if line.strip() in BULLETS:
        return sentences.BULLET_IN_MESSAGE.format(line=named)
    if line.strip(' \t"') == _LONE_DOT:
        return sentences.DOT_IN_MESSAGE.format(line=named)
    return sentences.NO_END.format(line=named)


def _reason_of(exchange: Exchange) -> str:
    """Return the server's own reason, without what follows if it is long."""
    text = "" if exchange.reply is None else _RULE.sub("", exchange.reply.lines[0])
    return text if len(text) <= _LONG_REASON else text[: max(text.rfind("; ", 0, _LONG_REASON), 0)] or text


def _line_of(exchange: Exchange) -> str:
    return printable(exchange.data.split(b"\r\n", 1)[0])


def _named(exchange: Exchange) -> str:
    """Return the line as a sentence shows it."""
    if exchange.verb == GREETING:
        return "the connection"
    return "the message" if exchange.verb == MESSAGE else f"`{_line_of(exchange)}`"


def _code(exchange: Exchange) -> str:
    return "no reply" if exchange.reply is None else str(exchange.reply.code)


def _told(exchange: Exchange) -> str:
    """Return the reply as a sentence names it: its class in a word, and its code."""
    return _in_words(_code(exchange)) if exchange.reply is not None else _code(exchange)


def _in_words(code: str) -> str:
    """Return a code, or a class such as ``2yz``, behind the word for its first digit."""
    return f"{_WORDS[code[0]]} ({code})"


def _same(one: str, other: str) -> bool:
    return _normal(one) == _normal(other)


def _normal(line: str) -> str:
    """Return a command as it is compared: without brackets and parameters of a path, in one case."""
    if found := _WITH_PATH.match(line.strip()):
        return f"{found[1]}:{found[2]}".lower()
    return " ".join(line.lower().split())
