"""Explain why a reply came: the rule, its section, what may come now, and how to fix what went wrong.

An explanation is derived from the tables on which the code runs. The kernel reads the line again and its error says
what is wrong. `TRANSITIONS` has the sequence to a verb that came too early, `CODES` and `VERBS` the meanings, the table
of causes the sections, and ``data/lecture`` the lecture's words. Only decisions of a host, such as refusing an unknown
mailbox, have sentences of their own, in `reasons`.

The input is a transcript, so a conversation in the lab, over a socket, or pasted from elsewhere can be explained::

    print(explain(session.transcript))       # the last reply; session.why() is the same
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from ..base.printed import sentence
from ..protocol import replies
from ..protocol.body import TEXT_LINE_OCTETS, long_line
from ..protocol.codes import Category, Severity, classify
from ..protocol.commands import VERBS, Opening, Send, parse_command
from ..protocol.events import MessageData
from ..protocol.replies import BY_NAME, NAMES, ProtocolError, RemoteProtocolError, Reply
from ..protocol.server import ServerConnection, check_length
from ..protocol.states import GREETING, MESSAGE, State, is_legal
from ..transcript import Exchange, Side, Transcript, printable
from ..transcript.rows import CRLF
from . import sentences
from .causes import CAUSES
from .consequences import follows_from
from .explanation import Explanation
from .lecture import lecture_rows
from .reasons import (
    ADVICE,
    BREAK_THE_LINE,
    EHLO_FIRST,
    HELO_AGAIN,
    LOOKUPS,
    NO_SENDER,
    NOBODY_TO_SEND_TO,
    NOT_LOGGED_IN,
    NOT_VERIFIED,
    OTHER_VERB,
    OTHER_VERB_OF_OWN,
    OWN_REASONS,
    OWN_SERVER,
    REASONS,
)
from .spelling import is_extension_verb, meant_verb, no_verb_of_ours
from .verb_order import UNTYPED, way_to, what_first

_COLUMNS = 72  # of a line that is quoted
_SECTION = re.compile(r"RFC [0-9]+ [0-9A-Z](?:[0-9A-Z.]*[0-9])?")
_LENGTH = re.compile(r"\b(long|length|longer|octets|characters|chars|bytes)\b", re.IGNORECASE)
_COMMAND_LINE_SECTION, _TEXT_LINE_SECTION = "RFC 5321 4.5.3.1.4", "RFC 5321 4.5.3.1.6"
_OF_A_MESSAGE = re.compile(rb"[A-Za-z][A-Za-z0-9-]*:|\.$")


def explain(transcript: Transcript) -> Explanation:
    """Explain the last reply of a conversation.

    Raises:
        LookupError: if the conversation has no reply yet.
    """
    if transcript.last_exchange is None:
        raise LookupError(sentences.NO_REPLY_YET)
    answered = [each for each in transcript.exchanges() if each.reply is not None]
    return replace(explain_exchange(transcript.last_exchange), follows=follows_from(answered))


def explain_exchange(exchange: Exchange) -> Explanation:
    """Explain the reply of one exchange, which holds all that the explanation needs of its conversation.

    Raises:
        LookupError: if the exchange has no reply.
    """
    if exchange.reply is None:
        raise LookupError(sentences.NO_REPLY_YET)
    return _Case(exchange).explanation()


def strict_objection(line: bytes) -> str | None:
    """Return why a strict server would refuse a line that a lenient one accepts; None if both accept or refuse it.

    A server need not take a command that is longer than its verb allows, and some do (RFC 5321 4.5.3.1.4).
    """
    try:
        parse_command(line)
    except RemoteProtocolError:
        return None
    try:
        check_length(line)
        parse_command(line, strict=True)
    except RemoteProtocolError as error:
        return str(error)
    return None


@cache
def _sections() -> Mapping[tuple[Reply, str | None], str]:
    """Return the section of each reply's first cause, by (reply, verb) and by (reply, None)."""
    sections: dict[tuple[Reply, str | None], str] = {}
    for cause in CAUSES:
        for key in ((cause.reply, cause.verb), (cause.reply, None)):
            sections.setdefault(key, cause.rfc)
    return sections


def _stems(text: str) -> set[str]:
    """Return the beginnings of the words of a text, by which ``relay`` and ``relaying`` are alike."""
    return {word[:5] for word in re.findall(r"[a-z]+", text.lower())}


class _Case:
    """One exchange, and the errors of the kernel that reads its line again."""

    def __init__(self, exchange: Exchange) -> None:
        assert exchange.reply is not None
        self.exchange, self.reply, self.verb = exchange, exchange.reply, exchange.verb
        self.line = exchange.data.removesuffix(CRLF)
        self.offer, self.opening = exchange.extensions, _opening(exchange.opening.removesuffix(CRLF))
        self.lenient, self.strict = (self._fault(strict) for strict in (False, True))
        self.fault = self._given_fault()
        self.canonical = self._canonical()

    def explanation(self) -> Explanation:
        """Return the explanation of the exchange."""
        return Explanation(
            self._said(),
            self.reply,
            self._reason(),
            self._rule(),
            self._section(),
            self.exchange.before,
            self.exchange.after,
            self._advice(),
            self._suggestion(),
            self._note(),
            self._lecture_word(),
            "" if self.canonical is None else NAMES[self.canonical],
            in_force=self.exchange.in_force,
            again=self.exchange.again,
        )

    def _given_fault(self) -> ProtocolError | None:
        """Return the error that the reply is about; a server may report a syntax error with another code than ours."""
        named = BY_NAME.get(self.reply.name)
        for fault in (self.lenient, self.strict):
            if fault is None or fault.reply is None:
                continue
            if fault.reply == named if named is not None else fault.reply.code == self.reply.code:
                return fault
        if named is not None:
            return None
        return self.lenient if self.reply.category is Category.SYNTAX else None

    def _fault(self, strict: bool) -> ProtocolError | None:
        """Return the error that the kernel raises when it reads the line again; None if it accepts the line."""
        if not self.exchange.data:
            return None
        try:
            if self.verb in VERBS:
                check_length(self.line)  # it says more than the buffer, which drops a long line before it has the verb
            self._read_again(ServerConnection(self.offer, strict=strict))
        except ProtocolError as error:
            return error
        return None

    def _read_again(self, server: ServerConnection) -> None:
        server.send(replies.SERVICE_READY)
        server.state = self.exchange.before
        server.extensions, server.transaction = self.offer, self.opening
        if self.verb == MESSAGE:
            server.state = State.RECIPIENT
            server.receive_data(b"DATA\r\n")
            server.next_event()
            server.send(replies.START_MAIL)
        server.receive_data(self.exchange.data)
        event = server.next_event()
        while isinstance(event, MessageData):
            event = server.next_event()

    def _canonical(self) -> Reply | None:
        """Return which of the canonical replies this is; None for a code that has none.

        A reply from a host in the lab carries its name. For a pasted session the best likeness is taken.
        """
        if (named := BY_NAME.get(self.reply.name)) is not None:
            return named
        if self.fault is not None:
            return self.fault.reply
        if self.reply.code == 421 and self.lenient is not None:
            return replies.TOO_MANY_ERRORS
        alike = [reply for reply in NAMES if reply.code == self.reply.code]
        return max(alike, key=self._likeness, default=None)

    def _likeness(self, reply: Reply) -> tuple[bool, bool, int]:
        """Say how well a canonical reply fits: by the enhanced code, the verb that it answers, the words."""
        same = self.reply.enhanced is not None and reply.enhanced == self.reply.enhanced
        return same, (reply, self.verb) in _sections(), len(_stems(reply.text) & _stems(self.reply.text))

    def _said(self) -> str:
        if self.verb == MESSAGE:
            return f"a message of {len(self.exchange.data)} octets, its lone dot included"
        text = printable(self.line)
        return text if len(text) <= _COLUMNS else f"{text[:_COLUMNS]}... ({len(self.exchange.data)} octets)"

    @property
    def _clears_a_transaction(self) -> bool:
        """True for a HELO or EHLO that was accepted inside a transaction."""
        inside = self.exchange.before in (State.SENDER, State.RECIPIENT)
        return inside and self.canonical == replies.HELO_OK

    def _reason(self) -> str:
        if self.exchange.side is Side.SERVER:
            return "Since TURN you are the server, and this is your own reply."
        if self._is_about_length:
            return self._too_long()
        if self.canonical == replies.UNRECOGNIZED and (other := no_verb_of_ours(self.line)):
            return other
        if self.fault is not None:
            return sentence(_SECTION.sub("", str(self.fault)).replace(" ()", ""))
        if self.canonical is None:
            return classify(self.reply.code).meaning
        if self._owes_lone_dot:
            return NOBODY_TO_SEND_TO[0]
        if self._clears_a_transaction:
            return HELO_AGAIN[0]
        if (self.canonical, self.verb) in LOOKUPS:
            return LOOKUPS[self.canonical, self.verb][0]
        if self.canonical == replies.MAILBOX_BUSY and isinstance(self.opening, Send):
            return NOT_LOGGED_IN
        if self.canonical == replies.SENDER_OK and (said := _opening(self.line)) is not None and said.path.is_null:
            return NO_SENDER
        if self.canonical == replies.CANNOT_VERIFY and (told := self._why_not_verified()):
            return told
        meaning = classify(self.reply.code).meaning
        if self.reply.name == OWN_SERVER:
            usual = REASONS.get(self.canonical, meaning) if self._needs_no_look_inside else meaning
            return OWN_REASONS.get(self.canonical, usual)
        return REASONS.get(self.canonical, meaning)

    @property
    def _needs_no_look_inside(self) -> bool:
        """True if a reply follows from the line alone: it is positive, or about the syntax."""
        return self.reply.is_positive or self.reply.category is Category.SYNTAX

    def _why_not_verified(self) -> str:
        """Return the reason that the host gives in its words; empty if it gives none of those."""
        return next((reason for words, reason in NOT_VERIFIED.items() if words in self.reply.text), "")

    @property
    def _owes_lone_dot(self) -> bool:
        """True for a 354 without an accepted recipient; RFC 2920 3.1 lets servers say it."""
        return self.exchange.after is State.DATA and self.exchange.before is not State.RECIPIENT

    def _rule(self) -> str:
        """Say what the code means; half of the meaning of 250 concerns messages only."""
        code = classify(self.reply.code)
        is_plain = self.reply.code == 250 and self.verb != MESSAGE
        return self.reply.severity.meaning if is_plain or self._reason() == code.meaning else code.meaning

    def _section(self) -> str:
        """Return the most specific section that is known: of the error, the cause, the verb, or the code."""
        if self._is_about_length or self.canonical == replies.LINE_TOO_LONG:
            return _TEXT_LINE_SECTION if self.verb == MESSAGE else _COMMAND_LINE_SECTION
        if self._clears_a_transaction:
            return HELO_AGAIN[1]
        named = _SECTION.search(str(self.fault))
        if named is not None:
            return named[0]
        if self._owes_lone_dot:
            return "RFC 2920 3.1"
        sections = _sections()
        if self.canonical is not None and (self.canonical, self.verb) in sections:
            return sections[self.canonical, self.verb]
        is_syntax = self.verb in VERBS and self.reply.category is Category.SYNTAX and self.reply.code != 503
        if is_syntax or (self.canonical is not None and (self.canonical, self.verb) in LOOKUPS):
            return VERBS[self.verb].section
        if self.canonical is not None and (self.canonical, None) in sections:
            return sections[self.canonical, None]
        return classify(self.reply.code).rfc

    def _suggestion(self) -> str:
        if self.reply.is_positive or self.verb in VERBS or self.verb in UNTYPED or not self.line:
            return ""
        return meant_verb(self.line)

    def _note(self) -> str:
        if self.verb == MESSAGE and not self._is_about_length:
            return self._too_long()
        refused = self.reply.category is Category.SYNTAX
        why = None if refused or self.verb in UNTYPED or not self.line else strict_objection(self.line)
        return "" if why is None else sentence(sentences.STRICT_SERVER_REFUSES.format(why=why))

    @property
    def _is_about_length(self) -> bool:
        """True if the reply refuses a line for its length, in other words than those of our server."""
        refused = self.reply.severity is Severity.PERMANENT_NEGATIVE and self.reply.name not in BY_NAME
        return refused and bool(_LENGTH.search(self.reply.text)) and bool(self._too_long())

    def _too_long(self) -> str:
        """Say which line is longer than servers need take, as a sentence; empty if none is."""
        if self.verb == MESSAGE:
            found = long_line(_unstuffed(self.exchange.data))
            limit = TEXT_LINE_OCTETS - 2
            if found is None:
                return ""
            return sentence(sentences.LONG_TEXT_LINE.format(number=found[0], octets=found[1], limit=limit))
        is_long = self.lenient is not None and self.lenient.reply == replies.LINE_TOO_LONG
        return sentence(str(self.lenient)) if is_long else ""

    def _advice(self) -> str:
        if self.reply.is_positive:
            return self._next()
        if self.exchange.after is State.CLOSED:
            return classify(self.reply.code).advice
        if self._is_about_length:
            return ADVICE[replies.LINE_TOO_LONG] if self.verb != MESSAGE else BREAK_THE_LINE
        if suggestion := self._suggestion():
            return self._write(suggestion)
        if self.verb not in UNTYPED and is_extension_verb(self.line):
            return ADVICE[replies.NOT_IMPLEMENTED]
        if self.canonical == replies.UNRECOGNIZED and _OF_A_MESSAGE.match(self.line):
            return f"If this is a line of the message: {self._first('the message')}"
        if self.canonical == replies.UNRECOGNIZED and self.verb not in VERBS:
            return OTHER_VERB_OF_OWN if self.reply.name == OWN_SERVER else OTHER_VERB
        if self.reply.code == 503 and self.verb in VERBS:
            return self._first(self.verb)
        if self.canonical == replies.BAD_ARGUMENT and self.verb in VERBS:
            return self._write(self.verb)
        return self._general_advice()

    def _write(self, verb: str) -> str:
        """Say how a verb is written, if it may come now; otherwise what must come before it."""
        if is_legal(self.exchange.after, verb, self.exchange.in_force):
            return f"Write {VERBS[verb].syntax}."
        return self._first(verb)

    def _general_advice(self) -> str:
        advice = classify(self.reply.code).advice
        if self.canonical is None:
            return advice
        lookup = LOOKUPS.get((self.canonical, self.verb))
        if self.canonical == replies.PARAMETER_NOT_RECOGNIZED and not self.exchange.extensions:
            return EHLO_FIRST
        return ADVICE.get(self.canonical, advice) if lookup is None else lookup[1]

    def _next(self) -> str:
        """Say which command leads towards the next message."""
        after = self.exchange.after
        if is_legal(after, GREETING):
            return "Greet with 220 and your name, then reply to the commands of the other host."
        if self._owes_lone_dot:
            return NOBODY_TO_SEND_TO[1]
        way = way_to(MESSAGE, after)
        if not way:
            return classify(self.reply.code).advice
        verbs = [way[0], "QUIT"] if self.verb == MESSAGE else [way[0]]
        return " Or ".join(f"{VERBS[verb].syntax}: {VERBS[verb].summary}" for verb in verbs)

    def _first(self, what: str) -> str:
        """Say which commands must come before a verb, or before the message."""
        verb, state = what if what in VERBS else MESSAGE, self.exchange.after
        if is_legal(state, verb, self.exchange.in_force):
            return self._general_advice()
        first = what_first(verb, state)
        return f"{first}." if way_to(verb, state) is None else f"{first}; then {what} may come."

    def _lecture_word(self) -> str:
        """Say where the lecture differs about the verb and the code; empty if it agrees.

        Where its last banner stands is left out: exercise 01 asks that.
        """
        code = classify(self.reply.code)
        remarks = [row["slip"] for row in lecture_rows("commands") if row["verb"] == (self._suggestion() or self.verb)]
        if self.verb in VERBS and VERBS[self.verb].tier is not None and VERBS[self.verb].rfc5321 == "obsolete":
            remarks.append(f"The lecture ranks {self.verb} as seldom used, RFC 5321 as obsolete.")
        if code.lecture is not None and not code.phrase.casefold().startswith(code.lecture.casefold()):
            remarks.append(f'The lecture calls {code.number} "{code.lecture}".')
        remarks += [row["slip"] for row in lecture_rows("codes") if int(row["code"]) == self.reply.code]
        return " ".join(filter(None, remarks))


def _unstuffed(data: bytes) -> bytes:
    """Return the lines of a message without the dots that transparency adds (RFC 5321 4.5.2)."""
    return (CRLF + data).replace(CRLF + b"..", CRLF + b".").removeprefix(CRLF)


def _opening(line: bytes) -> Opening | None:
    """Parse the command that opened a transaction; None if the server accepted a line that our kernel cannot parse."""
    try:
        command = parse_command(line)
    except ProtocolError:
        return None
    return command if isinstance(command, Opening) else None
