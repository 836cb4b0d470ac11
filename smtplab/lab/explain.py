"""Why this reply came: the rule behind it, where it is written, what may come now, and how to mend what went wrong.

Everything is asked from what the code itself runs on. The kernel reads the line once more and says what is wrong with
it; the way to a verb that came too early is looked for in `TRANSITIONS`; codes and verbs have their meaning in `CODES`
and `VERBS`, sections come from the table of causes, the lecture's words from ``data/lecture``. Only what a host decides
by itself, such as whether it has a mailbox, has its sentence in `reasons`.

It reads transcripts, and so explains a conversation in the lab, over a socket, or pasted from somewhere::

    print(explain(session.transcript))       # the last reply; session.why() is the same
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from ..base.printed import Printed, listed, sentence
from ..protocol import replies
from ..protocol.codes import Category, Code, Severity, classify
from ..protocol.commands import VERBS, Opening, parse_command
from ..protocol.connection import MessageData, ServerConnection
from ..protocol.errors import ProtocolError, RemoteProtocolError
from ..protocol.replies import BY_NAME, NAMES, Reply
from ..protocol.states import GREETING, MESSAGE, State, is_legal, legal_verbs
from ..transcript import Exchange, Side, Transcript, printable
from ..transcript.rows import CRLF
from . import style
from .causes import CAUSES
from .lecture import lecture_rows
from .order import UNTYPED, way_to, what_first
from .reasons import ADVICE, LOOKUPS, REASONS
from .spelling import meant_verb, no_verb_of_ours

_COLUMNS = 72  # of a line that is shown
_SECTION = re.compile(r"RFC [0-9]+ [0-9A-Z](?:[0-9A-Z.]*[0-9])?")
_OF_A_MESSAGE = re.compile(rb"[A-Za-z][A-Za-z0-9-]*:|\.$")


@dataclass(frozen=True, slots=True)
class Explanation(Printed):
    """Why a reply came, and what can be done now; ``str`` is its text, a notebook shows it as a table.

    Args:
        said: the line that was answered; of a message its size, and empty where the server spoke unasked.
        reply: the reply.
        reason: why it came, in one sentence.
        rule: what such a reply means in every session, in one sentence.
        rfc: where the rule is written.
        before: the state in which the line was read.
        after: the state that the reply led to.
        advice: how to mend it after a refusal; what comes next after a success.
        suggestion: the verb that was probably meant; empty if the verb is one.
        note: why a strict server would have refused the line that this one took; empty if it would not.
        lecture: what the lecture says where it differs; empty if it does not.
        over: True if the connection is gone since, so that nothing may come any more.
        name: which of the canonical replies in `NAMES` this is, such as ``RELAY_DENIED``; empty if none is like it.
    """

    said: str
    reply: Reply
    reason: str
    rule: str
    rfc: str
    before: State
    after: State
    advice: str
    suggestion: str = ""
    note: str = ""
    lecture: str = ""
    name: str = ""
    over: bool = False

    @property
    def code(self) -> Code:
        """What is known of the reply's code."""
        return classify(self.reply.code)

    @property
    def severity(self) -> Severity:
        """What the first digit says."""
        return self.reply.severity

    @property
    def category(self) -> Category | None:
        """What the second digit says; None where RFC 5321 gives it no meaning."""
        return self.reply.category

    @property
    def legal(self) -> tuple[str, ...]:
        """The verbs that may come now."""
        return () if self.over else legal_verbs(self.after)

    @property
    def change(self) -> str:
        """What the reply did to the state."""
        if self.before is self.after:
            return f"unchanged: {self.after.value}"
        return f"{self.before.value} -> {self.after.value}"

    @property
    def question(self) -> str:
        """The question whether another verb was meant; empty if there is none to suggest, or the reason names it."""
        named = re.search(rf"\b{self.suggestion}\b", self.reason)
        return f"Did you mean {self.suggestion}?" if self.suggestion and not named else ""

    @property
    def lines(self) -> Mapping[str, str]:
        """The explanation line by line, each under its name; what is empty is left out."""
        lost = self.over and self.after is not State.CLOSED
        lines = {
            "said": self.said,
            "why": f"{self.reason} {self.question}".rstrip(),
            "rule": f"{self.rule} ({self.rfc})",
            "digits": _digits(self.reply),
            "state": self.change,
            "legal now": ", ".join(self.legal) or _NOTHING_LEGAL[is_legal(self.after, MESSAGE) and not self.over],
            "next" if self.reply.is_positive else "mend": _ANEW if lost and self.reply.is_positive else self.advice,
            "strictly": self.note and sentence(f"A strict server refuses the line: {self.note}"),
            "lecture": self.lecture,
        }
        return {name: line for name, line in lines.items() if line}

    def __str__(self) -> str:
        return f"{self.code}\n{listed(self.lines)}"

    def _repr_html_(self) -> str:
        """Show a table in a notebook."""
        head = style.chip(str(self.code), style.SEVERITY_COLORS[self.severity])
        return style.panel(head + style.definitions(self.lines), style.SEVERITY_COLORS[self.severity])

    def reply_html(self, mark: str = "") -> str:
        """Return the reply as HTML: its lines, then severity and category, the state change and the reason.

        A reason that the server has given itself, word by word, is not said twice.

        Args:
            mark: what to write before each line of the reply, such as ``S:`` where the client's lines stand beside it.
        """
        color = style.SEVERITY_COLORS[self.severity]
        lines = "<br>".join(style.code(f"{mark} {line}" if mark else line) for line in self.reply.wire_lines())
        first, _, second = _digits(self.reply).partition("; ")
        facts = " ".join([style.chip(first, color), style.escape(second), style.quiet(f"| {self.change}")])
        why = self.lines["why"]
        told = why.removesuffix(".") in self.reply.text
        return style.panel("<br>".join([lines, facts, *([] if told else [style.escape(why)])]), color)


_ANEW = "The connection is gone; `telnet` opens a new one."
_NOTHING_LEGAL = {True: "no verb; every line belongs to the message until the lone dot", False: "nothing"}


def _digits(reply: Reply) -> str:
    """Say what the first and the second digit mean."""
    digits = (reply.severity, reply.category)
    return "; ".join(f"{digit.mask} {digit.phrase}" for digit in digits if digit is not None)


def explain(transcript: Transcript, exchange: Exchange | None = None) -> Explanation:
    """Explain a reply.

    Args:
        transcript: the conversation.
        exchange: one of its exchanges that has a reply; the last one by default.

    Raises:
        LookupError: if there is no reply yet, or the exchange has none.
    """
    exchange = exchange or transcript.last_exchange
    if exchange is None or exchange.reply is None:
        raise LookupError("there is no reply to explain yet; in SMTP the server speaks first (RFC 5321 3.1)")
    return _Case(exchange).explanation()


def strict_objection(line: bytes) -> str | None:
    """Return why a strict server would refuse a command line that the lenient reading takes; None if it would not."""
    try:
        parse_command(line)
    except RemoteProtocolError:
        return None
    try:
        parse_command(line, strict=True)
    except RemoteProtocolError as error:
        return str(error)
    return None


@cache
def _sections() -> Mapping[tuple[Reply, str | None], str]:
    """Return where the causes of each reply are written: by reply and verb, and by reply and None."""
    sections: dict[tuple[Reply, str | None], str] = {}
    for cause in CAUSES:
        for key in ((cause.reply, cause.verb), (cause.reply, None)):
            sections.setdefault(key, cause.rfc)
    return sections


def _stems(text: str) -> set[str]:
    """Return the beginnings of the words of a text, by which ``relay`` and ``relaying`` are alike."""
    return {word[:5] for word in re.findall(r"[a-z]+", text.lower())}


class _Case:
    """One exchange, and what the kernel says about it."""

    def __init__(self, exchange: Exchange) -> None:
        assert exchange.reply is not None
        self.exchange, self.reply, self.verb = exchange, exchange.reply, exchange.verb
        self.line = exchange.data.removesuffix(CRLF)
        self.offer, self.opening = exchange.extensions, _opening(exchange.opening.removesuffix(CRLF))
        self.lenient, self.strict = (self._fault(strict) for strict in (False, True))
        self.fault = self._given_fault()
        self.canonical = self._canonical()

    def explanation(self) -> Explanation:
        """Put everything together."""
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
        )

    def _given_fault(self) -> ProtocolError | None:
        """Return the fault that the reply is about; servers that word a syntax error by another code are understood."""
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
        """Have the kernel read the line once more; return what it says is wrong."""
        if not self.exchange.data:
            return None
        try:
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

    def _reason(self) -> str:
        if self.exchange.side is Side.SERVER:
            return "Since TURN you are the server, and this is your own word."
        if self.canonical == replies.UNRECOGNIZED and (other := no_verb_of_ours(self.line)):
            return other
        if self.fault is not None:
            return sentence(_SECTION.sub("", str(self.fault)).replace(" ()", ""))
        if self.canonical is None:
            return classify(self.reply.code).meaning
        if (self.canonical, self.verb) in LOOKUPS:
            return LOOKUPS[self.canonical, self.verb][0]
        return REASONS.get(self.canonical, classify(self.reply.code).meaning)

    def _rule(self) -> str:
        """Say what the code means; of 250 a part concerns the message alone."""
        code = classify(self.reply.code)
        is_plain = self.reply.code == 250 and self.verb != MESSAGE
        return self.reply.severity.meaning if is_plain or self._reason() == code.meaning else code.meaning

    def _section(self) -> str:
        """Say where the rule is written, as near to the case as it is known."""
        named = _SECTION.search(str(self.fault))
        if named is not None:
            return named[0]
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
        refused = self.reply.category is Category.SYNTAX
        return "" if refused or self.verb in UNTYPED or not self.line else strict_objection(self.line) or ""

    def _advice(self) -> str:
        if self.reply.is_positive:
            return self._next()
        if self.exchange.after is State.CLOSED:
            return classify(self.reply.code).advice
        if suggestion := self._suggestion():
            return f"Write {VERBS[suggestion].syntax}."
        if self.canonical == replies.UNRECOGNIZED and _OF_A_MESSAGE.match(self.line):
            return f"If this is a line of the message: {self._first('the message')}"
        if self.canonical == replies.UNRECOGNIZED and self.verb not in VERBS:
            return "Say one of the verbs that may come now; HELP says what the server knows."
        if self.reply.code == 503 and self.verb in VERBS:
            return self._first(self.verb)
        if self.canonical == replies.BAD_ARGUMENT and self.verb in VERBS:
            return f"Write {VERBS[self.verb].syntax}."
        return self._general_advice()

    def _general_advice(self) -> str:
        advice = classify(self.reply.code).advice
        if self.canonical is None:
            return advice
        lookup = LOOKUPS.get((self.canonical, self.verb))
        return ADVICE.get(self.canonical, advice) if lookup is None else lookup[1]

    def _next(self) -> str:
        """Say what leads on from here to the next message."""
        after = self.exchange.after
        if is_legal(after, GREETING):
            return "Greet with 220 and your name, and then answer what the other host asks."
        way = way_to(MESSAGE, after)
        if not way:
            return classify(self.reply.code).advice
        verbs = [way[0], "QUIT"] if self.verb == MESSAGE else [way[0]]
        return " Or ".join(f"{VERBS[verb].syntax}: {VERBS[verb].summary}" for verb in verbs)

    def _first(self, what: str) -> str:
        """Say what must come before a verb, or before the message."""
        verb, state = what if what in VERBS else MESSAGE, self.exchange.after
        if is_legal(state, verb):
            return self._general_advice()
        first = what_first(verb, state)
        return f"{first}." if way_to(verb, state) is None else f"{first}; then {what} may come."

    def _lecture_word(self) -> str:
        """Say how the lecture differs, in what it says of the code, of the verb, and of the end of the message."""
        code = classify(self.reply.code)
        sentences = [
            row["slip"] for row in lecture_rows("commands") if row["verb"] == (self._suggestion() or self.verb)
        ]
        if self.verb in VERBS and VERBS[self.verb].tier is not None and VERBS[self.verb].rfc5321 == "obsolete":
            sentences.append(f"The lecture ranks {self.verb} as seldom used, RFC 5321 as obsolete.")
        if self.verb == MESSAGE and self.reply.is_positive:
            sentences += [row["slip"] for row in lecture_rows("phases") if row["slip"]]
        if code.lecture is not None and not code.phrase.casefold().startswith(code.lecture.casefold()):
            sentences.append(f'The lecture calls {code.number} "{code.lecture}".')
        sentences += [row["slip"] for row in lecture_rows("codes") if int(row["code"]) == self.reply.code]
        return " ".join(filter(None, sentences))


def _opening(line: bytes) -> Opening | None:
    """Read a command that opened a transaction; None if our kernel cannot read what that server took."""
    try:
        command = parse_command(line)
    except ProtocolError:
        return None
    return command if isinstance(command, Opening) else None
