"""A server that acts out a play, and keeps what the client said. It has no socket and no clock.

It is as strict as a real server about where a line and a text end. When the client is silent because of that, it notes
the reason and then goes on as if the client had done it right. So one mistake does not hide all that comes after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ...protocol.commands import VERBS, WithPath, parse_command, split_verb
from ...protocol.extensions import Offer, parse_ehlo_lines
from ...protocol.replies import ProtocolError
from ...protocol.states import GREETING, MESSAGE, State, is_legal, next_state
from ...worlds.peer_script import HangUp, Say, Step, in_pieces
from .hangs import Hang, HangKind, hang_reason
from .plays import Play

CRLF = b"\r\n"
EMPTY_LINE = "an empty line"  # the step of a command that is one
_USUAL = {
    GREETING: b"220 mail.example is ready\r\n",
    "EHLO": b"250 mail.example\r\n",
    "HELO": b"250 mail.example\r\n",
    "MAIL": b"250 sender ok\r\n",
    "RCPT": b"250 recipient ok\r\n",
    "DATA": b"354 send the text, end it with a dot\r\n",
    MESSAGE: b"250 message kept\r\n",
    "QUIT": b"221 goodbye\r\n",
    "RSET": b"250 reset\r\n",
    "NOOP": b"250 ok\r\n",
    "VRFY": b"252 try it\r\n",
    "HELP": b"214 see RFC 5321\r\n",
}
_UNKNOWN, _SYNTAX, _ORDER = b"500 no such command\r\n", b"501 wrong argument\r\n", b"503 wrong order\r\n"
_NOT_OFFERED = b"555 this parameter is not offered\r\n"
_NOT_HERE = b"502 not here\r\n"
_END = re.compile(rb"\A\.\r\n|\r\n\.\r\n")
_LATE_DOTS = (b".\r\n", b"\r\n.\r\n")  # as they come behind a text that was taken without one
_LATE_DOT = re.compile(rb"\A(?:\r\n)?\.\r\n")
_LENIENT_END = re.compile(rb"\A\.\r?\n|\r?\n\.\r?\n")

# How many silences it takes until a client is taken for stuck that may only be slow.
_PATIENCE = {
    HangKind.NOTHING_SAID: 3,
    HangKind.WAITS_FOR_MORE: 3,
    HangKind.TEXT_EXPECTED: 3,
    HangKind.REPLY_TO_TEXT: 3,
    HangKind.NO_DOT: 2,
}


@dataclass(frozen=True, slots=True)
class Heard:
    """A command or a text of the client.

    Args:
        step: the verb in capitals, any first word, or `MESSAGE`.
        data: the octets, with their CRLF; a text without its dot.
        start: how many octets the client had sent before it.
        reply: the octets of the reply; empty if there was none.
        in_order: True if it may come where it came.
        finished: False if it had no end, and the server went on after a silence.
    """

    step: str
    data: bytes
    start: int
    reply: bytes
    in_order: bool = True
    finished: bool = True

    @property
    def code(self) -> int:
        """The code of the reply; 0 if there was none."""
        return int(self.reply[:3] or 0)

    @property
    def line(self) -> bytes:
        """A command without its end."""
        return self.data.rstrip(b"\r\n")


class PlayedServer:
    """One connection of a server that acts out a play.

    Args:
        play: what it does.
        lenient: True if LF alone ends a line from the beginning, because the client is known for it.

    Attributes:
        heard: what the client said, in order.
        hangs: the silences and their reasons.
        vanished: True if the client closed before the server did.
        padded: the first line that had octets 0 behind it, and one of them; empty if there was none.
    """

    def __init__(self, play: Play, *, lenient: bool = False) -> None:
        self.play = play
        self.heard: list[Heard] = []
        self.hangs: list[Hang] = []
        self.vanished = False
        self.padded = b""
        self.state = State.CONNECTED
        self.offer: Offer = {}
        self._lenient = lenient
        self._silences = 0  # of the client since it spoke last
        self._dot_may_come = False  # its text was taken without one
        self._dead = False  # the play has come to its silence
        self._pending = b""
        self._searched = 0  # octets of a text in which its end does not begin
        self._used = self._start = 0  # octets of the client that are no longer pending; those before what is handled

    @property
    def pending(self) -> bytes:
        """What the client has sent and the server cannot use yet."""
        return self._pending

    @property
    def greeting(self) -> bytes:
        """The octets of the greeting."""
        return self.play.replies.get(GREETING, _USUAL[GREETING])

    def connected(self) -> Iterable[Step]:
        """Return the greeting."""
        return list(self._answer(GREETING, self.greeting))

    def receive(self, octets: bytes) -> Iterable[Step]:
        """Return the replies to octets of the client, cut anywhere; empty octets if it has closed."""
        if not octets:
            self.vanished = self.state is not State.CLOSED
            return [HangUp()] if self.vanished else []
        self._silences = 0
        self._pending += octets
        return list(self._take_late_dot() if self._dot_may_come and not self._dead else self._go_on())

    def silence(self) -> Iterable[Step]:
        """Note why the client is silent, and go on as if it had done it right.

        A client that may be slow rather than wrong gets more time first.
        """
        if self._dead or self.state is State.CLOSED:
            return []
        self._silences += 1
        whole = self.play.message
        spoken = bool(self.heard)
        hang = hang_reason(self._pending, in_text=self.state is State.DATA, spoken=spoken, whole=whole)
        if self._silences < _PATIENCE.get(hang.kind, 1):
            return []
        self._silences = 0
        self.hangs.append(hang)
        return list(self._help(hang))

    def _help(self, hang: Hang) -> Iterator[Step]:
        kind = hang.kind
        self._searched = 0
        if kind in (HangKind.LF, HangKind.TEXT_LF):
            self._lenient = True
            yield from self._go_on()
        elif kind in (HangKind.HALF_LINE, HangKind.CR, HangKind.ESCAPES):
            yield from self._command(self._take(len(self._pending)), finished=False)
        elif kind is HangKind.TEXT_HALF_LINE:
            self._pending += CRLF
            yield from self._go_on()
        elif kind is HangKind.NO_DOT:
            yield from self._text(self._take(len(self._pending)), finished=False)
        elif kind in (HangKind.QUIT_IN_TEXT, HangKind.COMMAND_IN_TEXT):
            yield from self._text(self._take(_start_of_last_line(self._pending)), finished=False)
            yield from self._go_on()
        else:
            self.state = State.CLOSED
            yield HangUp()

    def _take_late_dot(self) -> Iterator[Step]:
        """Answer the dot of a client that first waited for a reply to its text; this is its mistake, not the end."""
        dot = _LATE_DOT.match(self._pending)
        if dot is None and any(whole.startswith(self._pending) for whole in _LATE_DOTS):
            return
        self._dot_may_come = False
        if dot is not None:
            self.hangs[-1] = Hang(HangKind.REPLY_TO_TEXT, self.heard[-1].data)
            self._take(dot.end())
            yield from _cut(self.heard[-1].reply, self.play, self.play.delay)
        yield from self._go_on()

    def _go_on(self) -> Iterator[Step]:
        while self.state is not State.CLOSED and not self._dead:
            self._drop_nul()
            if self.state is State.DATA:
                end = (_LENIENT_END if self._lenient else _END).search(self._pending, self._searched)
                if end is None:
                    self._searched = max(len(self._pending) - 4, 0)
                    return
                self._searched = 0
                keep = end.start() + (len(end[0]) - len(end[0].lstrip(CRLF)))
                yield from self._text(self._take(end.end())[:keep])
            else:
                size = self._line_size()
                if not size:
                    return
                yield from self._command(self._take(size))

    def _drop_nul(self) -> None:
        """Leave out the octets 0 that a program in C sends behind a line; they would hide all that comes after."""
        if self._pending.startswith(b"\0") and not self._searched:
            rest = self._pending.lstrip(b"\0")
            self.padded = self.padded or (self.heard[-1].data if self.heard else b"") + b"\0"
            self._take(len(self._pending) - len(rest))

    def _line_size(self) -> int:
        """Return the octets of the first line; 0 if it has not ended."""
        whole = self._pending.find(CRLF) + 2
        lone = self._pending.find(b"\n") + 1
        if whole > 1:
            return lone if lone < whole else whole
        return lone if self._lenient else 0

    def _take(self, size: int) -> bytes:
        taken, self._pending = self._pending[:size], self._pending[size:]
        self._start, self._used = self._used, self._used + size
        return taken

    def _text(self, text: bytes, *, finished: bool = True) -> Iterator[Step]:
        reply = self.play.replies.get(MESSAGE, _USUAL[MESSAGE])
        yield from self._hear(MESSAGE, text, reply, finished=finished)

    def _command(self, line: bytes, *, finished: bool = True) -> Iterator[Step]:
        line = line if finished else line.removesuffix(b"\\n").removesuffix(b"\\r")
        verb = _verb_of(line)
        in_order = is_legal(self.state, verb) or verb in ("NOOP", "HELP", "VRFY", "RSET")
        reply = self._reply_to(verb, line, in_order=in_order)
        yield from self._hear(verb, line, reply, in_order=in_order, finished=finished)

    def _reply_to(self, verb: str, line: bytes, *, in_order: bool) -> bytes:
        if verb in ("AUTH", "STARTTLS"):
            return _NOT_HERE
        if verb not in _USUAL:
            return _UNKNOWN
        if not in_order:
            return _ORDER
        if issubclass(VERBS[verb].command, WithPath):
            try:
                command = parse_command(line.rstrip(b"\r\n"))
            except ProtocolError:
                return _SYNTAX
            assert isinstance(command, WithPath)
            if not self._offers(command):
                return _NOT_OFFERED
            if verb == "RCPT" and command.path.address == self.play.refused:
                return self.play.refusal
        return self.play.replies.get(verb, _USUAL[verb])

    def _offers(self, command: WithPath) -> bool:
        return all(PARAMETER_EXTENSIONS.get(name, name) in self.offer for name, _ in command.parameters)

    def _hear(
        self, step: str, data: bytes, reply: bytes, *, in_order: bool = True, finished: bool = True
    ) -> Iterator[Step]:
        silent = step in (self.play.silent_at, self.play.closes_at)
        self._dot_may_come = step == MESSAGE and not finished
        self.heard.append(Heard(step, data, self._start, b"" if silent else reply, in_order, finished))
        if step in ("EHLO", "HELO"):
            self.offer = parse_ehlo_lines(_lines_of(reply)) if step == "EHLO" and reply[:1] == b"2" else {}
        yield from self._answer(step, reply)

    def _answer(self, step: str, reply: bytes) -> Iterator[Step]:
        """Yield the reply to a step, or what the play has in its place."""
        play = self.play
        if step == play.silent_at:
            self._dead = True
            return
        if step == play.closes_at:
            self.state = State.CLOSED
            yield HangUp()
            return
        self.state = next_state(self.state, step, int(reply[:3]))
        yield from _cut(reply, play, play.delays.get(step, play.delay))
        if self.state is State.CLOSED:
            yield HangUp()


PARAMETER_EXTENSIONS = {"SIZE": "SIZE", "BODY": "8BITMIME", "SMTPUTF8": "SMTPUTF8", "AUTH": "AUTH", "RET": "DSN",
                        "ENVID": "DSN", "NOTIFY": "DSN", "ORCPT": "DSN"}  # fmt: skip
"""The extension that brings each parameter of MAIL and RCPT."""


def _verb_of(line: bytes) -> str:
    if not line.strip():
        return EMPTY_LINE
    try:
        return split_verb(line.rstrip(b"\r\n"))[0]
    except ProtocolError:
        return line.split()[0].upper().decode("latin-1")


def _cut(reply: bytes, play: Play, delay: float) -> Iterable[Step]:
    """Return a reply in the pieces of a play, the first one after a delay."""
    if play.by_line:
        lines = reply.splitlines(keepends=True)
        return [Say(line, play.gap if number else delay) for number, line in enumerate(lines)]
    return in_pieces(reply, play.pieces or len(reply), play.gap, delay)


def _lines_of(reply: bytes) -> tuple[str, ...]:
    return tuple(line[4:].decode("latin-1") for line in reply.splitlines())


def _start_of_last_line(text: bytes) -> int:
    return text.removesuffix(b"\n").rfind(b"\n") + 1
