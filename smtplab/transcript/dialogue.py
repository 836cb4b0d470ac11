"""Tell commands from message lines, and pair each reply with what it answers, by the kernel's table.

Lines are kept only until they are answered; the transcript keeps the rows.
"""

from collections import deque
from collections.abc import Iterator

from ..protocol.errors import RemoteProtocolError
from ..protocol.replies import Reply, ReplyParser
from ..protocol.states import GREETING, MESSAGE, Phase, State, is_legal, next_state, phase_of
from .rows import CRLF, Exchange, Side, verb_of

END_OF_DATA = b".\r\n"  # RFC 5321 4.1.1.4: a line that holds one dot and nothing else


class Dialogue:
    """Follows the lines of both sides by the table.

    Attributes:
        state: the state after the last reply.
        client: the side that gives commands now.
        server: the side that replies now.
        answered: what was said and answered, in the order of the replies.
    """

    def __init__(self) -> None:
        self.state = State.CONNECTED
        self.client, self.server = Side.CLIENT, Side.SERVER
        self.answered: list[Exchange] = []
        self._sent: deque[bytes] = deque()  # command lines that wait for a reply
        self._message: list[bytes] = []
        self._replies = ReplyParser()

    @property
    def in_message(self) -> bool:
        """True while what the client sends is message data."""
        return is_legal(self.state, MESSAGE) and self._message[-1:] != [END_OF_DATA]

    @property
    def awaited(self) -> str | None:
        """The verb that the server's next reply answers; None if no reply is due."""
        if is_legal(self.state, GREETING):
            return GREETING
        if is_legal(self.state, MESSAGE):
            return None if self.in_message else MESSAGE
        return verb_of(self._sent[0]) if self._sent else None

    @property
    def turn(self) -> Side | None:
        """The side that speaks next: the server if a reply is due, else the client; None after the end."""
        if self.state is State.CLOSED:
            return None
        return self.client if self.awaited is None else self.server

    @property
    def phase(self) -> Phase:
        """The phase of the exchange under way."""
        return phase_of(self.state, self.awaited or "")

    def take(self, side: Side, line: bytes) -> tuple[State, Phase]:
        """Take one line and return the state and the phase of its row. A line that was cut off changes nothing."""
        whole = line.endswith(CRLF)
        if whole and side is self.client:
            (self._message if self.in_message else self._sent).append(line)
        phase = self.phase
        if whole and side is self.server:
            self._read_reply(line.removesuffix(CRLF))
        return self.state, phase

    def unanswered(self) -> Iterator[Exchange]:
        """Yield the exchanges that have no reply yet."""
        if self._message:
            yield self._exchange(MESSAGE, b"".join(self._message), None)
        for line in self._sent:
            yield self._exchange(verb_of(line), line, None)

    def _read_reply(self, line: bytes) -> None:
        try:
            reply = self._replies.feed(line)
        except RemoteProtocolError:  # the row stays, but it answers nothing
            self._replies = ReplyParser()
            return
        if reply is not None:
            self._settle(reply)

    def _settle(self, reply: Reply) -> None:
        """Pair the reply with what it answers and move the state."""
        verb = self.awaited
        exchange = self._exchange(verb or "", self._pop(verb), reply)
        self.answered.append(exchange)
        self.state = exchange.after
        if exchange.turned:
            self.client, self.server = self.server, self.client
        while self.in_message and self._sent:  # the client did not wait for the 354
            self._message.append(self._sent.popleft())

    def _exchange(self, verb: str, data: bytes, reply: Reply | None) -> Exchange:
        after = self.state if reply is None else next_state(self.state, verb, reply.code)
        return Exchange(verb, self.client, data, reply, self.state, after)

    def _pop(self, verb: str | None) -> bytes:
        """Return the bytes of what the reply answers, and forget them; empty if the server spoke unasked."""
        if verb == MESSAGE:
            message, self._message = b"".join(self._message), []
            return message
        return b"" if verb in (GREETING, None) else self._sent.popleft()
