"""The two ends of a connection: octets in, events out; values in, octets out. No input or output happens here.

Whoever owns the socket moves octets::

    connection.receive_data(octets)       # b"" once the peer has closed
    event = connection.next_event()       # NEED_DATA until there is one
    connection.send(...)                  # a reply (server) or a command (client)
    socket.sendall(connection.data_to_send())

The order of commands is asked from `states.TRANSITIONS` and nowhere else.
"""

from collections import deque
from dataclasses import dataclass
from enum import Enum
from functools import cache, lru_cache
from typing import TypeVar

from . import replies
from .body import MessageReader, StuffedMessage
from .buffer import ReceiveBuffer
from .codes import Severity, severity_of
from .commands import OPENINGS, Command, Lookup, Opening, parse_command, split_verb
from .errors import LocalProtocolError, ProtocolError, RemoteProtocolError
from .extensions import (
    COMMAND_OCTETS,
    MAIL_OCTETS,
    MAY_BE_FOLLOWED,
    NO_EXTENSIONS,
    Offer,
    check_allowed,
    ehlo_lines,
    parse_ehlo_lines,
)
from .replies import Reply, ReplyParser
from .states import GREETING, MESSAGE, TRANSITIONS, State, legal_verbs, next_state, state_if_accepted

# Looking a member up in its Enum takes Python 3.11 as long as calling a function; these are compared at every event.
_CONNECTED, _SENDER, _DATA, _CLOSED = State.CONNECTED, State.SENDER, State.DATA, State.CLOSED
_COMPLETED, _GO_ON = Severity.POSITIVE_COMPLETION, Severity.POSITIVE_INTERMEDIATE

# What a command line may have, its CRLF not counted, unless its verb is one that extensions lengthen.
_LINE_OCTETS = COMMAND_OCTETS - 2

# RFC 5321 4.5.3.1.5 allows 512 octets a reply line, CRLF included; servers that say more are heard up to this.
REPLY_LINE_OCTETS = 8 * 1024


class Need(Enum):
    """What `next_event` returns when there is no event."""

    DATA = "more octets are needed"


NEED_DATA = Need.DATA


@dataclass(frozen=True, slots=True)
class MessageData:
    """A piece of the message's content, transparency undone. Pieces fall as the network cuts them.

    A message that will be refused comes too, as far as the size limit goes; its end is then a `RemoteProtocolError`.
    """

    content: bytes


@dataclass(frozen=True, slots=True)
class EndOfMessage:
    """The lone dot has come; the message wants its reply."""

    octets: int


@dataclass(frozen=True, slots=True)
class ConnectionClosed:
    """Nothing more will come: the session has ended, or the peer has gone."""


ServerEvent = Command | MessageData | EndOfMessage | ConnectionClosed | Need
ClientEvent = Reply | ConnectionClosed | Need


# A transaction is open where a recipient or the message may come; in any other state there is none.
_IN_TRANSACTION = frozenset(state for state, rows in TRANSITIONS.items() if "RCPT" in rows or MESSAGE in rows)

_End = TypeVar("_End", bound="_Connection")

# What waits for its reply in a client: the verb, the command if it is one, the state expected after the reply, and how
# many octets had arrived when it was sent.
_UnderWay = tuple[str, Command | None, State, int]


class _Connection:
    """What both ends have in common.

    Attributes:
        octets_to_send: how many octets wait to be sent.
    """

    __slots__ = ("_buffer", "_out", "_peer_closed", "extensions", "octets_to_send", "state", "transaction")

    def __init__(self, buffer: ReceiveBuffer | None = None) -> None:
        self.state = State.CONNECTED
        self.extensions: Offer = NO_EXTENSIONS
        self.transaction: Opening | None = None
        self._buffer = ReceiveBuffer() if buffer is None else buffer
        self._out: list[bytes] = []
        self.octets_to_send = 0
        self._peer_closed = False

    def receive_data(self, data: bytes | memoryview) -> None:
        """Take a copy of octets from the peer; empty octets say that the peer has closed its side."""
        if data:
            self._buffer += data
        else:
            self._peer_closed = True

    def data_to_send(self) -> bytes:
        """Return the octets that wait to be sent, and forget them."""
        data = b"".join(self._out)
        self._out.clear()
        self.octets_to_send = 0
        return data

    def _no_event(self) -> ConnectionClosed | Need:
        return ConnectionClosed() if self._peer_closed else NEED_DATA

    def _move(self, after: State, command: Command | None) -> None:
        """Go to the state that `command` led to; remember what opened the transaction as long as there is one."""
        self.state = after
        if after is _SENDER and isinstance(command, Opening):
            self.transaction = command
        elif after not in _IN_TRANSACTION:
            self.transaction = None

    def _swap(self, end: type[_End], is_busy: bool) -> _End:
        """Return the other end, which goes on with the octets that have arrived."""
        if is_busy or self.state is not _CONNECTED:
            raise LocalProtocolError("the roles are swapped only after TURN was answered with 250")
        other = end(buffer=self._buffer)
        other._peer_closed = self._peer_closed
        return other


class ServerConnection(_Connection):
    """The server's end. It greets first, then answers each command before it is shown the next one.

    Args:
        offer: the extensions to put into the EHLO reply, keyword to text; see `extensions.EXTENSIONS`. A message of
            more octets than SIZE says is read to its end and refused with 552; 0, or no SIZE, sets no limit.
        strict: take only what RFC 5321's grammar allows; refuse message data with bare line ends, or with octets
            above 127 that were not announced.
        buffer: what has arrived already; see `turned`.
    """

    __slots__ = ("_asked", "_command", "_max_message_octets", "_message", "_offer", "strict")

    def __init__(
        self,
        offer: Offer = NO_EXTENSIONS,
        *,
        strict: bool = False,
        buffer: ReceiveBuffer | None = None,
    ) -> None:
        super().__init__(buffer)
        self.strict = strict
        self._offer = offer
        self._max_message_octets = int(offer.get("SIZE") or 0)
        self._asked: str | None = GREETING  # the verb that waits for its reply; "" for a line that is no legal command
        self._command: Command | None = None
        self._message: MessageReader | None = None  # the one that is being read

    def next_event(self) -> ServerEvent:
        """Return the next thing the client said, or `NEED_DATA`.

        A command and an `EndOfMessage` must be answered with `send` before the next event can be had.

        Raises:
            RemoteProtocolError: for a line that is no legal command, or a message that must be refused. Send
                ``error.reply`` and go on; the session is in step.
            LocalProtocolError: if the last command has not been answered, or the roles are swapped.
        """
        state = self.state
        if state is _CLOSED:
            return ConnectionClosed()
        if self._asked is not None:
            raise LocalProtocolError("the client waits for a reply; send it before the next event")
        if state is _CONNECTED:
            raise LocalProtocolError("the roles are swapped after TURN; go on with turned()")
        if self._message is not None:
            return self._next_message_event(self._message)
        try:
            line = self._buffer.next_line(MAIL_OCTETS)
            if line is None:
                return self._no_event()
            command = self._command = self._read_command(line)
        except ProtocolError as error:
            self._asked = ""
            raise RemoteProtocolError(str(error), error.reply) from None
        self._asked = command.verb
        return command

    def send(self, reply: Reply) -> None:
        """Give the greeting, or answer a command or a message; 421 may be sent at any time (RFC 5321 3.8), but last.

        The keywords of the extensions are added to a positive EHLO reply. The enhanced code is left out where it was
        not negotiated, and from replies to HELO and EHLO. A character that is not ASCII becomes ``?``,
        unless the client has asked for SMTPUTF8 (RFC 5321 4.2, RFC 6531 3.7.4).

        Raises:
            LocalProtocolError: if there is nothing to answer, or the reply's severity is not possible for the command.
        """
        code, verb = reply.code, self._asked
        if verb is None:
            if code != 421 or self.state is _CLOSED:
                raise LocalProtocolError(f"there is nothing to answer with {code}")
            verb = ""
        after = _state_after_answer(self.state, verb, code)
        if verb in ("HELO", "EHLO"):
            if code < 300:
                self.extensions = self._offer if verb == "EHLO" else NO_EXTENSIONS
                reply = _with_keywords(reply, ehlo_lines(self.extensions))
            octets = reply.serialize(enhanced=False)  # RFC 2034 3
        else:
            octets = reply.serialize(enhanced="ENHANCEDSTATUSCODES" in self.extensions)
        if not (octets.isascii() or _is_international(self._command, self.transaction)):
            octets = octets.decode("utf-8", "surrogateescape").encode("ascii", "replace")
        self._out.append(octets)
        self.octets_to_send += len(octets)
        if after is not self.state:
            self._move(after, self._command)
        self._asked = self._command = self._message = None
        if after is _DATA:
            self._message = MessageReader(self.transaction, self._max_message_octets, strict=self.strict)

    def turned(self) -> "ClientConnection":
        """Return the client's end that this one becomes after TURN was answered with 250 (RFC 821 3.8)."""
        return self._swap(ClientConnection, self._asked is not None)

    def _read_command(self, line: bytes) -> Command:
        if len(line) > _LINE_OCTETS and split_verb(line)[0] not in OPENINGS:
            raise RemoteProtocolError(
                f"the line has {len(line) + 2} octets, and {COMMAND_OCTETS} are allowed, CRLF included",
                replies.LINE_TOO_LONG,
            )
        try:
            command = parse_command(line, self.strict)
        except RemoteProtocolError:
            verb, _ = split_verb(line)
            if verb not in TRANSITIONS[self.state]:  # what cannot come now is refused for that first
                raise bad_sequence(self.state, verb) from None
            raise
        if command.verb not in TRANSITIONS[self.state]:
            raise bad_sequence(self.state, command.verb)
        check_allowed(command, self.extensions, self.transaction)
        return command

    def _next_message_event(self, message: MessageReader) -> MessageData | EndOfMessage | ConnectionClosed | Need:
        if self._buffer and not message.finished:
            content = message.feed(self._buffer)
            self._buffer.skip(message.taken)
            if content:
                return MessageData(content)
        if not message.finished:
            return self._no_event()
        self._asked = MESSAGE
        if fault := message.fault():
            raise fault
        return EndOfMessage(message.octets)


class ClientConnection(_Connection):
    """The client's end. It waits for the greeting, then sends commands that the table allows.

    Several commands may be under way at once if the server offered PIPELINING; whether the next one is legal is then
    judged as if all those under way were accepted.
    """

    __slots__ = ("_begun_at", "_opening", "_parser", "_received", "_under_way")

    def __init__(self, buffer: ReceiveBuffer | None = None) -> None:
        super().__init__(buffer)
        self._parser = ReplyParser()
        self._opening: Opening | None = None  # the last one that was sent, answered or not
        self._received = len(self._buffer)  # octets that have arrived so far
        self._begun_at = 0  # where in them the reply that is being read begins
        self._under_way: deque[_UnderWay] = deque([(GREETING, None, State.GREETED, 0)])

    def receive_data(self, data: bytes | memoryview) -> None:
        """Take a copy of octets from the server, and count them; empty octets mean that it has closed its side."""
        self._received += len(data)
        super().receive_data(data)

    @property
    def awaited(self) -> str | None:
        """The verb whose reply comes next, or `GREETING` or `MESSAGE`; None if no reply is to come."""
        return self._under_way[0][0] if self._under_way else None

    @property
    def has_unread(self) -> bool:
        """Whether octets have arrived that no event has told of; without them there is none but the end."""
        return bool(self._buffer)

    @property
    def has_bare_line_feed(self) -> bool:
        """Whether the line that is not complete yet holds an LF: the server seems to take it for a line's end."""
        return self._buffer.find(b"\n") >= 0

    def send(self, command: Command) -> None:
        """Send a command.

        Raises:
            LocalProtocolError: if the state does not allow it, a reply must be waited for first, or it uses what no
                extension in force allows. Nothing is sent then.
        """
        verb = command.verb
        state = self._state_to_come(verb) if self._under_way else self.state
        if verb not in TRANSITIONS[state]:
            raise bad_sequence(state, verb)
        check_allowed(command, self.extensions, self._opening)
        if isinstance(command, Opening):
            self._opening = command
        octets = command.serialize()
        self._out.append(octets)
        self.octets_to_send += len(octets)
        self._under_way.append((verb, command, state_if_accepted(state, verb), self._received))

    def send_message(self, content: bytes | StuffedMessage) -> None:
        """Send the whole message and the end of data, after DATA was answered with 354.

        Args:
            content: the message, lines ended by CRLF; dots are doubled here, unless they have been.

        Raises:
            LocalProtocolError: before 354; for a bare CR or LF; for octets above 127 without BODY=8BITMIME or SMTPUTF8.
        """
        if self.state is not _DATA or self._under_way:
            raise LocalProtocolError(
                "a message can be sent only after DATA was answered with 354", replies.BAD_SEQUENCE
            )
        octets = (content if isinstance(content, StuffedMessage) else StuffedMessage(content)).octets
        if not (octets.isascii() or (self.transaction and self.transaction.announces_eight_bit)):
            raise LocalProtocolError(
                "octets above 127 need MAIL with BODY=8BITMIME or SMTPUTF8 (RFC 6152 3)", replies.CONTENT_REFUSED
            )
        self._out.append(octets)
        self.octets_to_send += len(octets)
        self._under_way.append((MESSAGE, None, state_if_accepted(_DATA, MESSAGE), self._received))

    def next_event(self) -> ClientEvent:
        """Return the next reply, in the order in which the commands were sent, or `NEED_DATA`.

        Raises:
            RemoteProtocolError: for a malformed or endless reply, or one that was not asked for. The session is over.
            LocalProtocolError: if the roles are swapped; what arrives now is for the server's end.
        """
        state = self.state
        if state is _CLOSED:
            return ConnectionClosed()
        if state is _CONNECTED and not self._under_way:
            raise LocalProtocolError("the roles are swapped after TURN; go on with turned()")
        buffer, parser = self._buffer, self._parser
        try:
            while True:
                if not parser.unfinished:
                    self._begun_at = self._received - len(buffer)
                line = buffer.next_line(REPLY_LINE_OCTETS)
                if line is None:
                    break
                if (reply := parser.feed(line)) is not None:
                    self._pair(reply)
                    return reply
            if buffer.pending_octets() > REPLY_LINE_OCTETS:
                raise RemoteProtocolError(f"the server's line goes on beyond {REPLY_LINE_OCTETS} octets")
        except RemoteProtocolError as error:
            self.close()
            raise RemoteProtocolError(str(error)) from None
        return self._no_event()

    def turned(self) -> ServerConnection:
        """Return the server's end that this one becomes after TURN was answered with 250 (RFC 821 3.8)."""
        return self._swap(ServerConnection, bool(self._under_way))

    def _state_to_come(self, verb: str) -> State:
        """Return the state that what is under way leads to, if `verb` need not wait (RFC 5321 2.1, RFC 2920 3.1)."""
        before, _, state, _ = self._under_way[-1]
        if before == GREETING:
            raise LocalProtocolError("wait for the server's greeting first (RFC 5321 3.1)")
        if "PIPELINING" not in self.extensions:
            raise LocalProtocolError(f"wait for the reply to {before} first: the server does not offer PIPELINING")
        if before != MESSAGE and before not in MAY_BE_FOLLOWED:  # RFC 2920 3.1: a message may begin a group
            raise LocalProtocolError(
                f"wait for the reply to {before} first: {verb} may not follow it in a group (RFC 2920 3.1)"
            )
        return state

    def _pair(self, reply: Reply) -> None:
        """Take the reply as the answer to what has waited longest, and move the state.

        Only what arrives behind a command can answer it. A server that says 354 and 250 in one write has accepted no
        message: the message was sent behind both, and its own reply is still to come.
        """
        if not self._under_way or self._begun_at < self._under_way[0][3]:
            if next_state(self.state, "", reply.code) is not _CLOSED:  # RFC 5321 3.8: only 421 may come unasked
                raise RemoteProtocolError(f"the server sent {reply.code} though nothing was asked")
            self.close()
            return
        verb, command, expected, _ = self._under_way.popleft()
        after = _state_after_reply(self.state, verb, reply.code)
        if verb == GREETING and after is _CONNECTED:
            raise RemoteProtocolError(f"the server greets with {reply.code}, which neither welcomes nor refuses")
        if verb == "EHLO" and reply.severity is _COMPLETED:
            self.extensions = parse_ehlo_lines(reply.lines)
        elif verb == "HELO" and reply.severity is _COMPLETED:
            self.extensions = NO_EXTENSIONS
        if after is not self.state:
            self._move(after, command)
        if after is _CLOSED:
            self.close()
        elif after is not expected:
            self._expect_again()

    def close(self) -> None:
        """End the session; what is under way will not be answered."""
        self.state = State.CLOSED
        self.transaction = None
        self._under_way.clear()

    def _expect_again(self) -> None:
        """Work out anew what the commands under way lead to, after one was not answered as hoped."""
        under_way = list(self._under_way)
        self._under_way.clear()
        state = self.state
        for verb, command, _, position in under_way:
            state = state_if_accepted(state, verb)
            self._under_way.append((verb, command, state, position))


# A host says the same to every client, so it is remembered: that takes a seventh off the work for a connection.
@lru_cache(maxsize=64)
def _with_keywords(reply: Reply, keywords: tuple[str, ...]) -> Reply:
    """Return the reply to EHLO with its keywords."""
    return Reply(reply.code, reply.lines + keywords, reply.enhanced)


# Remembered, which takes a twentieth off either end's work. The verbs of the table and the codes of replies bound it.
_state_after_reply = cache(next_state)


@cache
def _state_after_answer(state: State, verb: str, code: int) -> State:
    """Return the state after a server answered `verb`, or raise if it cannot say `code`; it can always refuse."""
    row = TRANSITIONS[state].get(verb)
    if row is None and code < 400:
        raise LocalProtocolError(f"a line that is no legal command cannot be answered with {code}")
    severity = severity_of(code)
    if row is not None and code < 400 and severity not in row and (severity is _GO_ON or _GO_ON in row):
        raise LocalProtocolError(f"{verb} cannot be answered with {code} (RFC 5321 4.3.2)")
    return next_state(state, verb, code)


def bad_sequence(state: State, verb: str) -> LocalProtocolError:
    """Return the error that says why `verb` cannot come in `state`, and what can."""
    legal = ", ".join(legal_verbs(state))
    where = f" ({state.value}); what may come is {legal}" if legal else f": the session is {state.value}"
    return LocalProtocolError(f"{verb} cannot come now{where}", replies.BAD_SEQUENCE)


def _is_international(command: Command | None, transaction: Opening | None) -> bool:
    """Say whether the client has asked for SMTPUTF8, in this command or in the one that opened the transaction.

    VRFY and EXPN belong to no transaction and ask for themselves (RFC 6531 3.7.4.2).
    """
    asking = command if isinstance(command, Opening | Lookup) else transaction
    return asking is not None and asking.smtputf8
