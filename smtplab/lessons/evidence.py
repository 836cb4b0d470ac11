"""What an open cell is judged by: what was sent and answered since the step began, and the exchanges that it wants."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from ..base.printed import Printed
from ..lab.lab_host import Message
from ..protocol.commands import VERBS
from ..protocol.states import GREETING, MESSAGE, TRANSITIONS, State
from ..show import style
from ..transcript import Exchange, Row, Side
from ..transcript.rows import printable
from .missing_colon import second_mistake

_CODE = re.compile(r"[2-5][0-9y][0-9z]")
_WITH_PATH = re.compile(r"([A-Z]{4} (?:FROM|TO)) ?: ?<?([^\s>]*)>?", re.IGNORECASE)
_WITH_USER = re.compile(r"(VRFY|EXPN) +<?([^\s>@]+)(?:@[^\s>]*)?>?", re.IGNORECASE)
LONE_DOT = "."  # the line that ends a message (RFC 5321 4.1.1.4)
# The verbs that forget an envelope (RFC 5321 4.1.1.5, 4.1.4): they lead from a transaction to a state without one.
FORGETS = frozenset(verb for verb, moves in TRANSITIONS[State.RECIPIENT].items() if State.READY in moves.values())
_WRONG_ARGUMENT = "501"
_TAKES_A_COLON = ("MAIL", "RCPT")
_ASKS_ONLY = ("NOOP", "VRFY", "EXPN", "HELP")
_REFUSED_IN_ANY_STATE = ("500", "501", "502", "504")
_RCPT, _DATA = "RCPT", "DATA"
HELLO = _HELO, _EHLO = "HELO", "EHLO"


@dataclass(frozen=True, slots=True)
class StepEvidence:
    """What a goal is judged by.

    Args:
        exchanges: the exchanges since the step began.
        rows: the rows of the transcript since then.
        mailbox: returns the messages in a mailbox, oldest first; raises `LookupError` if there is none.
        unfinished: the octets of a line of the client whose CRLF has not come yet.
        waiting: the names of the hosts that have mail in their queues; None in a lab without queues.
        earlier: the exchanges of the session before the step.
        elsewhere: the exchanges of the session that a widget holds, such as one with buttons.
        value: returns the value of a variable of the student; None if there is none.
    """

    exchanges: Sequence[Exchange]
    rows: Sequence[Row]
    mailbox: Callable[[str], Sequence[Message]]
    unfinished: bytes = b""
    waiting: Sequence[str] | None = None
    earlier: Sequence[Exchange] = ()
    elsewhere: Sequence[Exchange] = ()
    value: Callable[[str], object] = field(default=lambda name: None)

    @property
    def lines(self) -> list[str]:
        """The lines that the client sent."""
        return [row.text for row in self.rows if row.side is Side.CLIENT]

    @property
    def lines_of_message(self) -> list[str]:
        """The lines that the step has added to the message that was under way when it began."""
        lines = [] if any(each.verb == _DATA for each in self.exchanges) else self.lines
        return lines[: lines.index(LONE_DOT)] if LONE_DOT in lines else lines

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
        before: True if the step was done before, and what was sent this time did no harm.
        rows: what the student's own program said, and heard.
        spoiled: True if the server keeps something wrong, which has to be taken back before a right answer counts.
        noted: True for a prediction, which nobody has judged yet.
    """

    ok: bool
    reason: str
    more: str = ""
    answered: bool = False
    spoiled: bool = False
    noted: bool = False
    before: bool = False
    rows: tuple[Row, ...] = ()

    @property
    def word(self) -> str:
        """``ok`` or ``not yet``; ``noted`` for a prediction, ``done before`` for a done step that has not changed."""
        if self.before:
            return style.DONE_BEFORE
        if not self.ok:
            return style.NOT_YET
        return style.NOTED if self.noted else style.OK

    def with_more(self, *told: str) -> Self:
        """Return the verdict with further sentences behind those that it has; empty ones are left out."""
        return replace(self, more=" ".join(filter(None, [self.more, *told])))

    def __str__(self) -> str:
        return "\n".join([*filter(None, [f"{self.word}: {self.reason}", self.more]), *map(str, self.rows)])

    def _repr_html_(self) -> str:
        """Show the verdict in a notebook, in words and in colour."""
        color = style.VERDICT_COLORS.get(self.word, style.NEUTRAL)
        told = map(style.prose, filter(None, [self.reason, self.more]))
        lines = "<br>".join(told) + style.said(self.rows)
        return style.panel(f"{style.chip(self.word, color)} {lines}", color)


@dataclass(frozen=True, slots=True)
class Wanted:
    """An exchange that must have happened: a code, or a class such as ``2yz``, and the line that it answers.

    Args:
        code: the code, or the class.
        line: the line; its verb alone if any argument will do.
        either_hello: True if EHLO will do in the place of HELO, because the task does not say which.
    """

    code: str
    line: str
    either_hello: bool = False

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
        return MESSAGE if self.line == LONE_DOT else self.line.split()[0].upper()

    @property
    def has_path(self) -> bool:
        """True if the line is a MAIL, RCPT or the like with its path."""
        return _WITH_PATH.match(self.line) is not None

    @property
    def bare(self) -> bool:
        """True if the verb takes no argument, and it is not the mistake that is wanted to give it one."""
        return self.code != _WRONG_ARGUMENT and self.verb in VERBS and VERBS[self.verb].syntax == self.verb

    @property
    def is_a_mistake(self) -> bool:
        """True if the wanted line is a MAIL or the like that has one mistake, and this is its colon."""
        return self.code == _WRONG_ARGUMENT and self.line in _TAKES_A_COLON

    @property
    def changes_nothing(self) -> bool:
        """True if the state of the session is as before, so that the line may come before its neighbour or after it."""
        return self.verb in _ASKS_ONLY or self.code in _REFUSED_IN_ANY_STATE

    @property
    def given(self) -> str:
        """What tells the line from another with the same verb: an address, a name; empty for none."""
        found = _WITH_PATH.match(self.line)
        return found[2] if found else self.line.partition(" ")[2]

    def fits(self, exchange: Exchange) -> bool:
        """Return True if the exchange is the one that is wanted."""
        return self.fits_line(exchange) and self.fits_code(exchange)

    def fits_code(self, exchange: Exchange) -> bool:
        """Return True if the reply has the code."""
        code = "" if exchange.reply is None else str(exchange.reply.code)
        return len(code) == 3 and all(want in (digit, "y", "z") for digit, want in zip(code, self.code, strict=True))

    def fits_line(self, exchange: Exchange) -> bool:
        """Return True if the line has the verb, and the argument where one is wanted, and no mistake but the wanted."""
        line, verb = line_of(exchange), exchange.verb
        if self.either_hello and verb == _EHLO:
            line, verb = f"{_HELO}{line[len(_EHLO) :]}", _HELO
        if verb != self.verb or (self.bare and " " in line.rstrip()):
            return False
        if self.is_a_mistake and second_mistake(line):
            return False
        return verb in (GREETING, MESSAGE) or " " not in self.line or _same(line, self.line)


def has_other_hello(said: Sequence[Wanted], exchanges: Sequence[Exchange]) -> bool:
    """Return True if the last exchange is a HELO or EHLO that was accepted, and a goal wants another one.

    Args:
        said: the exchanges of the goal.
        exchanges: those of the step.
    """
    hellos = [each for each in said if each.verb in HELLO]
    last = exchanges[-1] if exchanges else None
    if not hellos or last is None or last.verb not in HELLO or not last.accepted:
        return False
    return not any(each.fits(last) for each in hellos)


def in_groups(said: Sequence[Wanted]) -> list[list[Wanted]]:
    """Return what is wanted in groups whose order does not matter: recipients, and lines that change nothing."""
    groups: list[list[Wanted]] = []
    for wanted in said:
        before = groups[-1][-1] if groups else None
        recipients = before is not None and wanted.verb == before.verb == _RCPT
        if before is not None and (recipients or (wanted.changes_nothing and before.changes_nothing)):
            groups[-1].append(wanted)
        else:
            groups.append([wanted])
    return groups


def line_of(exchange: Exchange) -> str:
    """Return the first line of what the client said."""
    return printable(exchange.data.split(b"\r\n", 1)[0])


def lines_of(exchange: Exchange) -> list[str]:
    """Return all lines of what the client said."""
    return [printable(line) for line in exchange.data.removesuffix(b"\r\n").split(b"\r\n")]


def _same(one: str, other: str) -> bool:
    return _normal(one) == _normal(other)


def _normal(line: str) -> str:
    """Return a command as it is compared: without brackets and parameters of a path, in one case."""
    if found := _WITH_PATH.match(line.strip()) or _WITH_USER.fullmatch(line.strip()):
        return f"{found[1]}:{found[2]}".lower()
    return " ".join(line.lower().split())
