"""The two ends of a connection: octets in, events out; values in, octets out. No input or output happens here.

Whoever owns the socket moves octets::

    connection.receive_data(octets)       # b"" once the peer has closed
    event = connection.next_event()       # NEED_DATA until there is one
    connection.send(...)                  # a reply (server) or a command (client)
    socket.sendall(connection.data_to_send())

The order of commands is decided by the tables of `states`: `TRANSITIONS` says what may come and where it leads,
`READERS` how a state reads octets, and `ANSWERS` what a server may reply. The two classes here read, pair and write.

Here is the beginning of a session, seen from the server's end. `>` is what the owner of the socket calls::

    > send(Reply(220, "mail.example"))      state: GREETED     to send: 220 mail.example
    > receive_data(b"HELO me\\r\\nMAIL F")
    > next_event() -> Helo("me")            the reply to it is due; nothing else is read before it
    > send(Reply(250, "Hello"))             state: READY       to send: 250 Hello
    > next_event() -> NEED_DATA             "MAIL F" waits for the rest of its line

Why must a command be answered before the next one is read? Because the answer decides how the next octets are read:
behind a DATA that got 354 they are a message, behind one that got 503 they are commands. A server that read ahead would
have to guess.

Start with `ServerConnection.next_event`: it picks the reader for the state, which turns octets into an event. `send`
writes the reply and moves the state. `ClientConnection` mirrors this: `send` writes a command and remembers it, and
`next_event` reads a reply, pairs it with what has waited longest, and moves the state.

`LocalProtocolError` means that the caller broke a rule, and nothing was sent. `RemoteProtocolError` means that the peer
broke one: the server's end stays in step and goes on, and the client's end closes. Whatever octets arrive, they give
events or that error, and nothing else.

Each branch of `next_event` and `send` begins with the section of the RFC that it carries out, and the rule in our
words.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from . import replies, sentences
from .body import MessageReader, StuffedMessage
from .buffer import ReceiveBuffer
from .codes import Severity
from .commands import Command, Lookup, Opening, Quit, parse_command, split_verb
from .extensions import (
    COMMAND_OCTETS,
    EXTENSIBLE_VERBS,
    LINE_OCTETS,
    LONGEST_LINE,
    MAY_BE_FOLLOWED,
    NO_EXTENSIONS,
    Offer,
    check_allowed,
    ehlo_lines,
    parse_ehlo_lines,
)
from .replies import LocalProtocolError, ProtocolError, RemoteProtocolError, Reply, ReplyParser
from .states import (
    ANSWERS,
    GREETING,
    MESSAGE,
    READERS,
    TRANSITIONS,
    UNKNOWN,
    Reader,
    State,
    is_legal,
    next_state,
    out_of_order,
    state_if_accepted,
)

# Plain names for speed: to look a member up in its Enum takes Python 3.11 as long as to call a function, and these are
# compared at every event.
_CONNECTED, _SENDER, _DATA, _CLOSED = State.CONNECTED, State.SENDER, State.DATA, State.CLOSED

# RFC 5321 4.5.3.1.5 allows 512 octets a reply line, CRLF included. Servers in the field send more. There is a limit all
# the same, or a line without end would fill the memory.
REPLY_LINE_OCTETS = 8 * 1024


class NoEvent(Enum):
    """What `next_event` returns when there is no event, and what to do about it."""

    # Two members, and not None and something else, so that each says in its repr what the caller has to do.
    NEED_DATA = "more octets are needed; receive some, then try again"
    PAUSED = "the protocol is switched; what arrives is for the connection that takes over; see hand_over()"


NEED_DATA, PAUSED = NoEvent.NEED_DATA, NoEvent.PAUSED


@dataclass(frozen=True, slots=True)
class MessageData:
    """A piece of the message's content, transparency undone. The network decides where the pieces are cut.

    The content of a message that will be refused comes too, as far as the size limit allows. Its end is then a
    `RemoteProtocolError` and not an `EndOfMessage`.
    """

    content: bytes


@dataclass(frozen=True, slots=True)
class EndOfMessage:
    """The lone dot has arrived; the message needs its reply.

    Args:
        octets: the size of the content.
    """

    octets: int


@dataclass(frozen=True, slots=True)
class ConnectionClosed:
    """Nothing more will come: the session has ended, or the peer has closed the connection."""


ServerEvent = Command | MessageData | EndOfMessage | ConnectionClosed | NoEvent
ClientEvent = Reply | ConnectionClosed | NoEvent


# A transaction is open where a recipient or the message may come; in any other state there is none.
_IN_TRANSACTION = frozenset(state for state, rows in TRANSITIONS.items() if "RCPT" in rows or MESSAGE in rows)


class _Connection:
    """What both ends have in common.

    Attributes:
        state: where the session stands.
        extensions: those in force: what the server offered in its last EHLO reply; none after HELO.
        transaction: the command that opened the transaction under way, or None.
        octets_to_send: how many octets wait to be sent.
    """

    __slots__ = ("_buffer", "_out", "extensions", "octets_to_send", "state", "transaction")

    def __init__(self, buffer: ReceiveBuffer | None = None) -> None:
        self.state = State.CONNECTED
        self.extensions: Offer = NO_EXTENSIONS
        self.transaction: Opening | None = None
        self._buffer = ReceiveBuffer() if buffer is None else buffer
        # A list, because join returns a single item as it is: a message of megabytes is not copied.
        self._out: list[bytes] = []
        self.octets_to_send = 0

    def receive_data(self, data: bytes | memoryview) -> None:
        """Take a copy of octets from the peer; empty octets mean that the peer has closed its side."""
        if data:
            self._buffer += data
        else:
            self._buffer.ended = True

    def data_to_send(self) -> bytes:
        """Return the octets that wait to be sent, and forget them."""
        data = b"".join(self._out)
        self._out.clear()
        self.octets_to_send = 0
        return data

    def _move(self, after: State, command: Command | None) -> None:
        """Go to the state that `command` led to; remember what opened the transaction as long as there is one."""
        # RFC 5321 3.3: the sender's parameters hold for the whole transaction: SMTPUTF8 for its recipients, BODY for
        # its message. RFC 5321 4.1.1.4, 4.1.1.5 and 4.1.4: the end of data, RSET, and HELO or EHLO forget them.
        self.state = after
        if after is _SENDER and isinstance(command, Opening):
            self.transaction = command
        elif after not in _IN_TRANSACTION:
            self.transaction = None

    def _hand_over(self, is_busy: bool) -> ReceiveBuffer:
        """Return what has arrived, if the session is where it was when the connection was opened (RFC 821 3.8)."""
        if is_busy or self.state is not _CONNECTED:
            raise LocalProtocolError(sentences.NOT_TURNED)
        return self._buffer


# Stands for the reader of a message where none is read. Nothing is ever given to it.
_NO_MESSAGE = MessageReader()


class ServerConnection(_Connection):
    """The server's end. It greets first, then answers each command before the next one is read.

    Args:
        offer: the extensions to put into the EHLO reply, keyword to text; see `extensions.EXTENSIONS`. A message of
            more octets than SIZE says is read to its end and refused with 552; 0, or no SIZE, sets no limit.
        strict: take only what RFC 5321's grammar allows; refuse message data with bare line ends, with NUL, or with
            octets above 127 that were not announced.
        buffer: what has arrived already; see `hand_over`.
    """

    __slots__ = ("_command", "_max_message_octets", "_message", "_offer", "_unanswered", "strict")

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
        # What waits for its reply: a verb, GREETING, MESSAGE, or UNKNOWN for a line that is no legal command. None
        # while the client may speak. The greeting answers no command, but it is due all the same (RFC 5321 3.1).
        self._unanswered: str | None = GREETING
        self._command: Command | None = None  # the same as a value, if it is a command
        self._message = _NO_MESSAGE  # the reader of the message that comes, or came last

    def next_event(self) -> ServerEvent:
        """Return the next thing that the client sent, or `NEED_DATA`; `PAUSED` after TURN was accepted.

        A command and an `EndOfMessage` must be answered with `send` before the next event.

        Raises:
            RemoteProtocolError: for a line that is no legal command, or a message that must be refused. Send
                ``error.reply`` and go on; the session is in step.
            LocalProtocolError: if the last command has not been answered.
        """
        # RFC 5321 4.3.1: client and server take turns, and the server speaks first. A client may send several commands
        # at once, but each one is judged in the state that the reply to the one before it has led to.
        if self._unanswered is not None:
            raise LocalProtocolError(sentences.ANSWER_FIRST)
        # RFC 5321 4.1.1 and 4.1.1.4: octets are command lines, or lines of a message behind a 354. The state says
        # which.
        event = _READ[self.state](self)
        if event is None:
            # RFC 5321 4.1.1: a command ends in CRLF. What has no end when the peer closes is no command.
            return ConnectionClosed() if self._buffer.ended else NEED_DATA
        return event

    def send(self, reply: Reply) -> None:
        """Send the greeting, or the answer to a command or a message; 421 may be sent at any time, but last.

        The keywords of the extensions are added to a positive EHLO reply. The enhanced code is left out where it was
        not negotiated, and from replies to HELO and EHLO. A character that is not ASCII becomes ``?``,
        unless the client has asked for SMTPUTF8.

        Raises:
            LocalProtocolError: if there is nothing to answer, or the reply's severity is not possible for the command.
        """
        code, verb = reply.code, self._unanswered
        if code == 421:
            # RFC 5321 3.8: a server that must shut down says 421, asked or not, in reply to whatever was sent.
            if self.state is _CLOSED:
                raise LocalProtocolError(sentences.NOTHING_TO_ANSWER.format(code=code))
            after = next_state(self.state, verb or UNKNOWN, code)
        elif verb is None:
            # RFC 5321 4.2: each command has exactly one reply.
            raise LocalProtocolError(sentences.NOTHING_TO_ANSWER.format(code=code))
        else:
            # RFC 5321 4.3.2: each command has its own list of replies. We hold only the first digit to it, because a
            # client acts on that alone (4.2.1), and servers in the field answer with codes that the list lacks.
            try:
                after = ANSWERS[self.state, verb, code // 100]
            except KeyError:
                raise _impossible_answer(verb, code) from None
        if verb == "EHLO" or verb == "HELO":
            # RFC 5321 4.1.1.1: the reply to EHLO lists the extensions. They are in force from now on, and none is after
            # HELO. RFC 2034 3: neither reply has an enhanced code.
            octets = self._answer_hello(reply, self._offer if verb == "EHLO" else NO_EXTENSIONS)
        else:
            # RFC 2034 4: every other reply has one, but only if the client was told so in the reply to EHLO.
            octets = reply.serialize(enhanced="ENHANCEDSTATUSCODES" in self.extensions)
        if not (octets.isascii() or _wants_smtputf8(self._command, self.transaction)):
            # RFC 5321 4.2: a reply is ASCII. RFC 6531 3.7.4.2: unless the client asked for more. We do not raise here:
            # it is better to lose a letter of a text for people than the reply.
            octets = octets.decode("utf-8", "surrogateescape").encode("ascii", "replace")
        self._out.append(octets)
        self.octets_to_send += len(octets)
        if after is not self.state:
            self._move(after, self._command)
            # RFC 5321 4.1.1.4: behind the 354 comes the message, up to the lone dot. SIZE bounds it (RFC 1870 6.3).
            self._message = (
                MessageReader(self.transaction, self._max_message_octets, strict=self.strict)
                if after is _DATA
                else _NO_MESSAGE  # an idle connection holds no reader of its own
            )
        self._unanswered = self._command = None

    def hand_over(self) -> ReceiveBuffer:
        """Return what arrived behind TURN, for the client's end that takes over: ``ClientConnection(buffer)``.

        RFC 821 3.8: after TURN and 250 the roles are swapped, and this end has nothing more to do.

        Raises:
            LocalProtocolError: if that has not happened.
        """
        return self._hand_over(self._unanswered is not None)

    def _answer_hello(self, reply: Reply, offer: Offer) -> bytes:
        """Put the offer into force and into the reply to HELO or EHLO, if that is positive; return its octets."""
        if reply.is_positive:
            self.extensions = offer
            reply = Reply(reply.code, reply.lines + ehlo_lines(offer), reply.enhanced)
        return reply.serialize(enhanced=False)

    # The readers, one for each member of `Reader`; `_READ` below says which state uses which. They return an event, or
    # None as long as it is not complete.

    def _next_command(self) -> Command | None:
        """Read one command line, RFC 5321 4.1.1; if it may come now, its reply is due before anything else is read."""
        try:
            # RFC 5321 4.5.3.1.4: no line may be longer than the longest that any verb has.
            line = self._buffer.next_line(LONGEST_LINE)
            if line is None:
                return None
            # The same section: 512 octets, CRLF included, unless an extension lengthens the line of this verb.
            if len(line) > COMMAND_OCTETS - 2:
                _check_length(line)
            try:
                command = parse_command(line, self.strict)
            except RemoteProtocolError:
                # RFC 5321 4.1.4: what cannot come now is refused for that, however its argument looks. Otherwise a
                # client would correct its RCPT and then learn that it forgot MAIL.
                verb, _ = split_verb(line)
                if is_legal(self.state, verb, self.extensions):
                    raise
                raise out_of_order(self.state, verb, self.extensions) from None
            # RFC 5321 4.1.4: the order of commands. What comes at a wrong time gets 503.
            if not is_legal(self.state, command.verb, self.extensions):
                raise out_of_order(self.state, command.verb, self.extensions)
            # RFC 5321 4.1.1.11: only parameters whose extension was offered and taken.
            if command.verb in EXTENSIBLE_VERBS:
                check_allowed(command, self.extensions, self.transaction)
        except ProtocolError as error:
            # RFC 5321 4.2: each line gets exactly one reply, also one that is refused. A client uses the same checks,
            # so some raise LocalProtocolError; here it was the peer who broke the rule.
            self._unanswered = UNKNOWN
            raise RemoteProtocolError(str(error), error.reply) from None
        self._unanswered, self._command = command.verb, command
        return command

    def _next_piece(self) -> MessageData | EndOfMessage | None:
        """Read a piece of the message, RFC 5321 4.1.1.4, or its end, after which a reply is due."""
        message = self._message
        # Once the dot has been read, what is in the buffer is the next command.
        if self._buffer and not message.finished:
            content = message.feed(self._buffer)
            self._buffer.skip(message.taken)
            if content:
                return MessageData(content)
        if not message.finished:
            return None
        self._unanswered = MESSAGE
        # RFC 5321 4.1.1.4: only here may a message be refused for what it holds; up to the dot, no reply is due.
        if fault := message.fault():
            raise fault
        return EndOfMessage(message.octets)

    def _nothing(self) -> ConnectionClosed | NoEvent:
        """Read nothing: the session is over, or the octets are for the end that takes over."""
        return ConnectionClosed() if self.state is _CLOSED else PAUSED


_READERS: Mapping[Reader, Callable[[ServerConnection], ServerEvent | None]] = {
    Reader.COMMAND_LINE: ServerConnection._next_command,
    Reader.MESSAGE: ServerConnection._next_piece,
    Reader.NOTHING: ServerConnection._nothing,
}
# By state, so that an event costs one look-up.
_READ = {state: _READERS[reader] for state, reader in READERS.items()}


class ClientConnection(_Connection):
    """The client's end. It waits for the greeting, then sends commands that the table allows.

    Several commands may be under way at once if the server offered PIPELINING. The next one is then judged as if all
    those under way were accepted: with MAIL and RCPT on their way, DATA may follow. If RCPT is refused after all, the
    server answers DATA with 503, and that reply is paired with DATA like any other::

        > send(Mail(...)), send(Rcpt(...)), send(Data())    state: READY    planned: SENDER, RECIPIENT, DATA
        > next_event() -> 250, to MAIL                      state: SENDER
        > next_event() -> 550, to RCPT                      state: SENDER   planned anew: DATA leads nowhere
        > next_event() -> 503, to DATA                      state: SENDER
    """

    __slots__ = ("_octets_received", "_opening", "_parser", "_planned", "_reply_begins_at", "_under_way")

    def __init__(self, buffer: ReceiveBuffer | None = None) -> None:
        super().__init__(buffer)
        self._parser = ReplyParser()
        # The last MAIL or its like that was sent, answered or not; `transaction` is the last that was accepted.
        self._opening: Opening | None = None
        # How many octets had arrived, and how many of them had been read when the reply at hand began; see `_pair`.
        self._octets_received = len(self._buffer)
        self._reply_begins_at = 0
        # What waits for its reply: the verb, the command if it is one, and how many octets had arrived when it was
        # sent. The greeting is not asked for, so it may have arrived before this end was made, as it may after TURN.
        self._under_way: deque[tuple[str, Command | None, int]] = deque([(GREETING, None, 0)])
        # The state that what is under way leads to if all of it is accepted. Of no meaning if nothing is under way.
        self._planned = State.GREETED

    def receive_data(self, data: bytes | memoryview) -> None:
        """Take a copy of octets from the server, and count them; empty octets mean that it has closed its side."""
        # The server's end need not count, so the base class does not. What it does is repeated here, not called: a call
        # for each reply would be felt.
        self._octets_received += len(data)
        if data:
            self._buffer += data
        else:
            self._buffer.ended = True

    @property
    def awaited(self) -> str | None:
        """The verb whose reply comes next, or `GREETING` or `MESSAGE`; None if no reply is to come."""
        return self._under_way[0][0] if self._under_way else None

    @property
    def has_unread(self) -> bool:
        """True if received octets are still unread. If False, the only event left is ConnectionClosed."""
        return bool(self._buffer)

    @property
    def has_bare_line_feed(self) -> bool:
        """True if the line that is not complete yet holds an LF: the server seems to end its lines with LF alone.

        Such a line never ends (RFC 5321 2.3.8). A client that waits for it in vain can so say why.
        """
        return self._buffer.find(b"\n") >= 0

    def send(self, command: Command) -> None:
        """Send a command.

        Raises:
            LocalProtocolError: if the state does not allow it, a reply must be waited for first, or it uses what no
                extension in force allows. Nothing is sent then.
        """
        verb = command.verb
        # RFC 2920 3.1: in a group, a command is planned for the state that the commands before it will lead to.
        state = self._state_to_come(verb) if self._under_way else self.state
        # RFC 5321 4.1.4: the order of commands. The server would answer 503, so we do not send it.
        if not is_legal(state, verb, self.extensions):
            raise out_of_order(state, verb, self.extensions)
        # RFC 5321 4.1.1.11: only parameters whose extension the server has offered. In a group, RCPT comes before the
        # reply to MAIL, so it is held against the MAIL that was sent, not the one that was accepted.
        if verb in EXTENSIBLE_VERBS:
            check_allowed(command, self.extensions, self._opening)
        if isinstance(command, Opening):
            self._opening = command
        octets = command.serialize()
        self._out.append(octets)
        self.octets_to_send += len(octets)
        self._under_way.append((verb, command, self._octets_received))
        self._planned = state_if_accepted(state, verb)

    def send_message(self, content: bytes | StuffedMessage) -> None:
        """Send the whole message and the end of data, after DATA was answered with 354.

        Args:
            content: the message, lines ended by CRLF; dots are doubled here, unless they have been.

        Raises:
            LocalProtocolError: before 354; for a bare CR or LF; for octets above 127 without BODY=8BITMIME or SMTPUTF8.
        """
        # RFC 5321 4.1.1.4: the message waits for the 354. RFC 2920 3.1: so DATA is the last command of its group.
        if self.state is not _DATA or self._under_way:
            raise LocalProtocolError(sentences.MESSAGE_BEFORE_354, replies.BAD_SEQUENCE)
        # RFC 5321 4.5.2: a line that begins with a dot gets another one.
        octets = (content if isinstance(content, StuffedMessage) else StuffedMessage(content)).octets
        # RFC 6152 3: MAIL must have said that the message is more than ASCII.
        if not (octets.isascii() or (self.transaction and self.transaction.announces_eight_bit)):
            raise LocalProtocolError(sentences.EIGHT_BIT_NOT_ANNOUNCED, replies.CONTENT_REFUSED)
        self._out.append(octets)
        self.octets_to_send += len(octets)
        self._under_way.append((MESSAGE, None, self._octets_received))
        self._planned = state_if_accepted(_DATA, MESSAGE)

    def next_event(self) -> ClientEvent:
        """Return the next reply, in the order in which the commands were sent, or `NEED_DATA`.

        After TURN was accepted it is `PAUSED`: what arrives then is for the server's end.

        Raises:
            RemoteProtocolError: for a malformed or endless reply, or one that was not asked for. The session is over.
        """
        # RFC 5321 3.8: after 221 or 421 the server closes, and says nothing more.
        if self.state is _CLOSED:
            return ConnectionClosed()
        # RFC 821 3.8: after TURN this end is the server, and must greet.
        if self.state is _CONNECTED and not self._under_way:
            return PAUSED
        buffer, parser = self._buffer, self._parser
        if not parser.unfinished:
            self._reply_begins_at = self._octets_received - len(buffer)
        try:
            # RFC 5321 4.2.1: a reply has one line or more. Each begins with the code, all but the last with a hyphen
            # behind it.
            while (line := buffer.next_line(REPLY_LINE_OCTETS)) is not None:
                reply = parser.feed(line)
                if reply is not None:
                    # RFC 5321 4.3.1: replies come in the order of the commands, so each answers what has waited
                    # longest.
                    self._pair(reply)
                    return reply
            if buffer.pending_octets() > REPLY_LINE_OCTETS:
                raise RemoteProtocolError(sentences.ENDLESS_LINE.format(limit=REPLY_LINE_OCTETS))
        except RemoteProtocolError as error:
            # With a server that breaks the rules of replies, no later reply can be trusted to belong to its command: a
            # 250 taken for the wrong one would lose mail. So the session ends here.
            self.close()
            raise RemoteProtocolError(str(error)) from None
        # RFC 5321 4.2: a reply ends in CRLF. What has no end when the server closes is no reply.
        return ConnectionClosed() if self._buffer.ended else NEED_DATA

    def hand_over(self) -> ReceiveBuffer:
        """Return what arrived behind the 250 to TURN, for the server's end that takes over (RFC 821 3.8).

        It goes on with ``ServerConnection(buffer=...)``, and greets.

        Raises:
            LocalProtocolError: if TURN was not answered with 250.
        """
        return self._hand_over(bool(self._under_way))

    def close(self) -> None:
        """End the session; what is under way will not be answered."""
        self.state = State.CLOSED
        self.transaction = None
        self._under_way.clear()

    def leave_unanswered(self) -> None:
        """Say QUIT to a server that owes a reply to a command, and end the session without waiting for either.

        RFC 5321 4.1.1.10: a client says QUIT before it closes the connection.
        """
        octets = Quit().serialize()
        self._out.append(octets)
        self.octets_to_send += len(octets)
        self.close()

    def _state_to_come(self, verb: str) -> State:
        """Return the state that what is under way leads to, if `verb` may follow it without waiting for a reply."""
        before = self._under_way[-1][0]
        # RFC 5321 3.1: the client waits for the greeting before it sends anything.
        if self.state is _CONNECTED:
            raise LocalProtocolError(sentences.GREETING_FIRST)
        # RFC 5321 2.1: without PIPELINING, one command at a time.
        if "PIPELINING" not in self.extensions:
            raise LocalProtocolError(sentences.NO_PIPELINING.format(verb=before))
        # RFC 2920 3.1: some verbs are the last of their group. A message may begin the next one.
        if before not in MAY_BE_FOLLOWED and before != MESSAGE:
            raise LocalProtocolError(sentences.LAST_OF_GROUP.format(before=before, verb=verb))
        return self._planned

    def _pair(self, reply: Reply) -> None:
        """Take the reply as the answer to what has waited longest, and move the state.

        Only a reply that begins to arrive after a command was sent can answer it. If a server writes 354 and 250 at
        once, the 250 is no answer to the message, which the server did not have yet.
        """
        if not self._under_way:
            self._take_unasked(reply)
            return
        verb, command, arrived_before = self._under_way.popleft()
        if self._reply_begins_at < arrived_before:
            self._take_unasked(reply)
            return
        before, after = self.state, next_state(self.state, verb, reply.code)
        if after is _CONNECTED and verb == GREETING:
            # RFC 5321 3.1: a server greets with 220, or refuses with 554. A 3yz does neither.
            raise RemoteProtocolError(sentences.BAD_GREETING.format(code=reply.code))
        if (verb == "EHLO" or verb == "HELO") and reply.severity is Severity.POSITIVE_COMPLETION:
            # RFC 5321 4.1.1.1: the reply to EHLO lists the extensions; after HELO there is none.
            self.extensions = parse_ehlo_lines(reply.lines) if verb == "EHLO" else NO_EXTENSIONS
        if after is not before:
            self._move(after, command)
        if after is _CLOSED:
            # RFC 5321 3.8: behind 221 or 421 no other reply comes.
            self.close()
        elif self._under_way and after is not state_if_accepted(before, verb):
            # RFC 2920 3.1: a command inside a group may be refused while those behind it are under way already. What
            # was planned for them holds no longer.
            for follower, _, _ in self._under_way:
                after = state_if_accepted(after, follower)
            self._planned = after

    def _take_unasked(self, reply: Reply) -> None:
        """RFC 5321 3.8: a server may close the session unasked, with 421. It may say nothing else unasked."""
        if next_state(self.state, UNKNOWN, reply.code) is not _CLOSED:
            raise RemoteProtocolError(sentences.UNASKED.format(code=reply.code))
        self.close()


def _check_length(line: bytes) -> None:
    """Raise with 500 if a line is longer than its verb allows."""
    limit = LINE_OCTETS.get(split_verb(line)[0], COMMAND_OCTETS)
    if len(line) + 2 > limit:
        sentence = sentences.COMMAND_TOO_LONG.format(octets=len(line) + 2, limit=limit)
        raise RemoteProtocolError(sentence, replies.LINE_TOO_LONG)


def _impossible_answer(verb: str, code: int) -> LocalProtocolError:
    sentence = sentences.IMPOSSIBLE_ANSWER if verb else sentences.ILLEGAL_LINE_ACCEPTED
    return LocalProtocolError(sentence.format(verb=verb, code=code))


def _wants_smtputf8(command: Command | None, transaction: Opening | None) -> bool:
    """True if the client has asked for SMTPUTF8, in this command or in the one that opened the transaction.

    VRFY and EXPN belong to no transaction and ask for themselves (RFC 6531 3.7.4.2).
    """
    asking = command if isinstance(command, Opening | Lookup) else transaction
    return asking is not None and asking.smtputf8
