"""Pair commands and replies by the table: which line is command, which is message, which reply answers which.

It reads lines and keeps the exchanges; the rows are the transcript's.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Self

from ..base.log import Log
from ..protocol.extensions import NO_EXTENSIONS, Offer
from ..protocol.replies import RemoteProtocolError, Reply, ReplyParser
from ..protocol.states import GREETING, MESSAGE, Phase, State, is_legal, next_state, phase_of
from .rows import CRLF, Exchange, Side, verb_of

END_OF_DATA = b".\r\n"  # RFC 5321 4.1.1.4: a line that holds one dot and nothing else


_NumberedLine = tuple[int, bytes]  # the index of its row, and the line


class Dialogue:
    """Follow the lines of both sides by the table, to tell commands, messages and replies apart.

    Attributes:
        state: where the replies have led to.
        client: the side that gives commands now.
        server: the side that replies now.
        answered: what was said and answered, in the order of the replies.
        extensions: what the server offered in its last reply to EHLO; none after HELO.
    """

    def __init__(self) -> None:
        self.state = State.CONNECTED
        self.client, self.server = Side.CLIENT, Side.SERVER
        self.answered: Log[Exchange] = Log()
        self.extensions: Offer = NO_EXTENSIONS
        self._opening = b""  # the command that opened the last transaction
        self._had: frozenset[tuple[str, int]] = frozenset()  # the verbs so far, each with a code that answered it
        self._row = 0  # the index of the row that is taken
        self._sent: deque[_NumberedLine] = deque()  # command lines that wait for a reply
        self._message: Log[_NumberedLine] = Log()
        self._replies = ReplyParser()
        self._reply_row = 0  # where the reply that is read began

    def copy(self) -> Self:
        """Return a dialogue that stands where this one stands; it costs the same however much was said."""
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin.answered, twin._message = self.answered.copy(), self._message.copy()
        twin._sent = self._sent.copy()
        twin._replies = deepcopy(self._replies) if self._replies.unfinished else ReplyParser()
        return twin

    @property
    def in_message(self) -> bool:
        """True while what the client sends is message data."""
        return is_legal(self.state, MESSAGE) and not (self._message and self._message[-1][1] == END_OF_DATA)

    @property
    def awaited(self) -> str | None:
        """The verb that the server's next reply answers; None if no reply is due."""
        if is_legal(self.state, GREETING):
            return GREETING
        if is_legal(self.state, MESSAGE):
            return None if self.in_message else MESSAGE
        return verb_of(self._sent[0][1]) if self._sent else None

    @property
    def waiting(self) -> int:
        """How many commands wait for a reply; a message is not counted."""
        return len(self._sent)

    @property
    def turn(self) -> Side | None:
        """The side that speaks next: the server if a reply is due, else the client; None at the end."""
        if self.state is State.CLOSED:
            return None
        return self.client if self.awaited is None else self.server

    @property
    def phase(self) -> Phase:
        """The phase of the exchange under way."""
        return phase_of(self.state, self.awaited or "")

    def take(self, side: Side, line: bytes, name: str = "", *, literal: bool = False) -> tuple[State, Phase]:
        """Take one line and return the state and the phase of its row.

        A line that was cut off, and a literal, are neither command nor reply.

        Args:
            side: who sent it.
            line: the line as on the wire.
            name: the canonical name of the reply that the line ends, if it is known.
            literal: True for octets that are not a line.
        """
        whole = line.endswith(CRLF) and not literal
        if whole and side is self.client:
            (self._message if self.in_message else self._sent).append((self._row, line))
        phase = self.phase
        if whole and side is self.server:
            self._read_reply(line.removesuffix(CRLF), name)
        self._row += 1
        return self.state, phase

    def unanswered(self) -> Iterator[Exchange]:
        """Yield the exchanges of the client that got no reply yet."""
        if self._message:
            yield self._exchange(MESSAGE, self._message, None)
        for row, line in self._sent:
            yield self._exchange(verb_of(line), [(row, line)], None)

    def _read_reply(self, line: bytes, name: str) -> None:
        if not self._replies.unfinished:
            self._reply_row = self._row
        try:
            reply = self._replies.feed(line)
        except RemoteProtocolError:  # a row like any other, but it answers nothing
            self._replies = ReplyParser()
            return
        if reply is not None:
            self._settle(Reply(reply.code, reply.lines, reply.enhanced, name) if name else reply)

    def _settle(self, reply: Reply) -> None:
        """Pair the reply with what it answers and move the state."""
        verb = self.awaited
        exchange = self._exchange(verb or "", self._pop(verb), reply)
        self.answered.append(exchange)
        if reply.is_positive:
            self._accept(exchange)
        self.state = exchange.after
        if exchange.turned:
            self.client, self.server = self.server, self.client
        while self.in_message and self._sent:  # the client did not wait for the 354
            self._message.append(self._sent.popleft())

    def _accept(self, exchange: Exchange) -> None:
        """Note what an accepted command puts into force: the extensions of EHLO (RFC 5321 4.1.1.1), a transaction."""
        self.extensions = exchange.in_force
        if exchange.after is State.SENDER and exchange.before is State.READY:
            self._opening = exchange.data

    def _exchange(self, verb: str, said: Sequence[_NumberedLine], reply: Reply | None) -> Exchange:
        after = self.state if reply is None else next_state(self.state, verb, reply.code)
        data = b"".join(line for _, line in said)
        first = said[0][0] if said else self._reply_row
        last = said[-1][0] if reply is None else self._row
        again = False
        if reply is not None:
            again = (verb, reply.code) in self._had
            self._had |= {(verb, reply.code)}
        side, before = self.client, self.state
        return Exchange(verb, side, data, reply, before, after, first, last, self.extensions, self._opening, again)

    def _pop(self, verb: str | None) -> Sequence[_NumberedLine]:
        """Remove and return the lines of `verb`, which now has its reply; none if the server spoke unasked."""
        if verb == MESSAGE:
            message, self._message = self._message, Log()
            return message
        return () if verb in (GREETING, None) else (self._sent.popleft(),)
