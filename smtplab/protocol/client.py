r"""The client's end of a connection: it writes commands and messages, and reads replies.

How a command goes out, and how its reply finds it::

    command -> send -> legal in the state to come? -> Command.serialize -> data_to_send -> octets
                       remembered in _under_way, behind those that wait already
    octets -> receive_data -> buffer -> lines -> ReplyParser -> reply             next_event
                       _pair: it answers the first of _under_way, and moves the state

A reply does not say which command it answers. So a client has to count: the first reply is the greeting, the second
answers the first command, and so on (RFC 5321 4.3.1). If one is lost, each later one is taken for the wrong command.
That is why this end closes at the first reply that breaks a rule, where a server's end would go on.

Here is one command at a time:

>>> client = ClientConnection()
>>> client.receive_data(b"220 mail.example\r\n")
>>> client.next_event()
Reply(code=220, lines=('mail.example',), enhanced=None)
>>> client.send(Quit())
>>> client.data_to_send()
b'QUIT\r\n'
>>> client.awaited
'QUIT'
>>> client.receive_data(b"221 Bye\r\n")
>>> client.next_event().code, client.next_event()
(221, ConnectionClosed())

A command that the server would answer with 503 is not sent at all:

>>> from smtplab.protocol.commands import Data
>>> client = ClientConnection()
>>> client.receive_data(b"220 mail.example\r\n")
>>> client.next_event().code
220
>>> client.send(Data())
Traceback (most recent call last):
smtplab.protocol.replies.LocalProtocolError: DATA cannot come here (greeted, the client has not said who it is); ...
"""

from collections import deque

from . import replies, sentences
from .body import StuffedMessage
from .buffer import ReceiveBuffer
from .codes import Severity
from .commands import Command, Opening, Quit
from .connection import Connection
from .events import NEED_DATA, PAUSED, ClientEvent, ConnectionClosed
from .extensions import EXTENSIBLE_VERBS, MAY_BE_FOLLOWED, NO_EXTENSIONS, check_allowed, parse_ehlo_lines
from .replies import LocalProtocolError, RemoteProtocolError, Reply, ReplyParser
from .states import GREETING, MESSAGE, UNKNOWN, State, is_legal, next_state, out_of_order, state_if_accepted

# Plain names for speed: see `connection`.
_CONNECTED, _DATA, _CLOSED = State.CONNECTED, State.DATA, State.CLOSED

# RFC 2920 3.1: what another command may follow without waiting. A message may begin the next group: whatever the reply
# to it is, the session is back in READY.
_MAY_BE_FOLLOWED = MAY_BE_FOLLOWED | {MESSAGE}

# RFC 5321 4.5.3.1.5 allows 512 octets a reply line, CRLF included. Servers in the field send more, and 4.5.3.1 wants
# limits avoided where they are not needed. There is one all the same, or a line without end would fill the memory.
REPLY_LINE_OCTETS = 8 * 1024


class CommandGroup:
    """Commands that are sent at once, with their octets (RFC 2920 3.1).

    It is a value of its own, so that a client that sends the same commands again and again serializes them once.

    Args:
        commands: the commands.

    Attributes:
        commands: as above.
        octets: what goes on the wire.
    """

    __slots__ = ("commands", "octets")

    def __init__(self, *commands: Command) -> None:
        self.commands = commands
        self.octets = b"".join([command.serialize() for command in commands])

    def behind(self, command: Command) -> "CommandGroup":
        """Return the group of `command` and these behind it."""
        group = CommandGroup()
        group.commands = (command, *self.commands)
        group.octets = command.serialize() + self.octets
        return group


class ClientConnection(Connection):
    """The client's end. It waits for the greeting, then sends commands that the table allows.

    Several commands may be under way at once if the server offered PIPELINING. The next one is then judged as if all
    those under way were accepted: with MAIL and RCPT on their way, DATA may follow. If RCPT is refused after all, the
    server answers DATA with 503, and that reply is paired with DATA like any other::

        calls                                               state      planned, if all is accepted
        send(Mail(...)), send(Rcpt(...)), send(Data())      READY      SENDER, then RECIPIENT, then DATA
        next_event() -> 250, to MAIL                        SENDER     DATA, as before
        next_event() -> 550, to RCPT                        SENDER     SENDER: here DATA leads nowhere
        next_event() -> 503, to DATA                        SENDER     nothing is under way

    The class is long because it is one thing: what is sent and what is read meet in the commands under way.

    Args:
        buffer: what has arrived already; see `ServerConnection.hand_over`.

    Attributes:
        answered: what the last reply came to: a verb, `GREETING` or `MESSAGE`; `UNKNOWN` before the first reply, and if
            nothing was under way.
    """

    __slots__ = (
        "_lines", "_octets_read", "_octets_received", "_opening", "_parser", "_reply_begins_at", "_under_way",
        "answered",
    )  # fmt: skip

    def __init__(self, buffer: ReceiveBuffer | None = None) -> None:
        super().__init__(buffer)
        self._parser = ReplyParser()
        # The last MAIL or its like that was sent, answered or not; `transaction` is the last that was accepted.
        self._opening: Opening | None = None
        # The lines that are complete and have not been read. A client reads nothing but lines, so it can split off all
        # of them at once. Measured: four replies take 3.6 us so, and 4.6 if each line is looked for by itself.
        self._lines: deque[bytes] = deque()
        # How many octets have arrived in all, how many of them have been read, and how many came before the reply at
        # hand. With these numbers `_pair` can tell a reply that is older than the command that it would answer.
        self._octets_received = len(self._buffer)
        self._octets_read = self._reply_begins_at = 0
        self.answered = UNKNOWN
        # What waits for its reply: the verb, the command if it is one, how many octets had arrived when it was sent,
        # and the state that it leads to if it and all before it are accepted; there the next command of a group is
        # judged. The greeting is not asked for, so it may have arrived before this end was made, as it may after TURN.
        self._under_way: deque[tuple[str, Command | None, int, State]] = deque([(GREETING, None, 0, State.GREETED)])

    def receive_data(self, data: bytes | memoryview) -> None:
        """Take a copy of octets from the server, and count them; empty octets mean that it has closed its side.

        The count is what `_pair` needs to tell old octets from new ones; the octets themselves do not say when they
        came.
        """
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
        return bool(self._lines or self._buffer)

    @property
    def has_bare_line_feed(self) -> bool:
        """True if the line that is not complete yet holds an LF: the server seems to end its lines with LF alone.

        Such a line never ends (RFC 5321 2.3.8). A client that waits for it in vain can so say why.
        """
        return self._buffer.find(b"\n") >= 0

    def send(self, command: Command) -> None:
        """Send a command: put its octets behind those that wait to be sent, and expect its reply.

        Raises:
            LocalProtocolError: if the state does not allow it, a reply must be waited for first, or it uses what no
                extension in force allows. Nothing is sent then.
        """
        self._send((command,), command.serialize())

    def send_group(self, group: CommandGroup) -> None:
        """Send the commands of a group one behind the other, as `send` does.

        Raises:
            LocalProtocolError: as `send`, for any command of the group. Nothing of the group is sent then.
        """
        self._send(group.commands, group.octets)

    def _send(self, commands: tuple[Command, ...], octets: bytes) -> None:
        # RFC 2920 3.1: in a group, a command is planned for the state that the commands before it will lead to. If
        # nothing is under way, that is the state at hand.
        under_way, extensions, opening = [], self.extensions, self._opening
        may_pipeline = "PIPELINING" in extensions
        before, _, _, state = self._under_way[-1] if self._under_way else (None, None, 0, self.state)
        for command in commands:
            verb = command.verb
            if before is not None and not (may_pipeline and before in _MAY_BE_FOLLOWED):
                raise self._not_in_group(before, verb)
            # RFC 5321 4.1.4: the order of commands. The server would answer 503, so we do not send it. It is the same
            # table that a server's end reads, so what passes here gets no 503 there, unless a command before it is
            # refused.
            if not is_legal(state, verb, extensions):
                raise out_of_order(state, verb, extensions)
            # RFC 5321 4.1.1.11: only parameters whose extension the server has offered. In a group, RCPT comes before
            # the reply to MAIL, so it is held against the MAIL that was sent, not the one that was accepted.
            if verb in EXTENSIBLE_VERBS:
                check_allowed(command, extensions, opening)
                if isinstance(command, Opening):
                    opening = command
            before, state = verb, state_if_accepted(state, verb)
            under_way.append((verb, command, self._octets_received, state))
        # RFC 5321 4.3.1: from here on a reply is due to each. It cannot have begun to arrive yet; see `_pair`.
        self._under_way += under_way
        self._opening = opening
        self._out.append(octets)
        self.octets_to_send += len(octets)

    def send_message(self, content: bytes | StuffedMessage) -> None:
        """Send the whole message and the end of data, after DATA was answered with 354.

        Args:
            content: the message, lines ended by CRLF; dots are doubled here, unless they have been.

        Raises:
            LocalProtocolError: before 354; for a bare CR or LF; for octets above 127 without BODY=8BITMIME or SMTPUTF8.
        """
        # RFC 5321 4.1.1.4: the message waits for the 354. RFC 2920 3.1: so DATA is the last command of its group. A
        # message sent behind a 503 would be read as commands, line by line.
        if self.state is not _DATA or self._under_way:
            raise LocalProtocolError(sentences.MESSAGE_BEFORE_354, replies.BAD_SEQUENCE)
        # RFC 5321 4.5.2: a line that begins with a dot gets another one.
        octets = (content if isinstance(content, StuffedMessage) else StuffedMessage(content)).octets
        # RFC 6152 3: MAIL must have said that the message is more than ASCII. A server that has not been told may clear
        # the eighth bit, or pass the message on to one that does.
        if not (octets.isascii() or (self.transaction and self.transaction.announces_eight_bit)):
            raise LocalProtocolError(sentences.EIGHT_BIT_NOT_ANNOUNCED, replies.CONTENT_REFUSED)
        self._out.append(octets)
        self.octets_to_send += len(octets)
        self._under_way.append((MESSAGE, None, self._octets_received, state_if_accepted(_DATA, MESSAGE)))

    def still_sending(self) -> None:
        """Note that the message has not gone out to its end, so that no reply that has begun to arrive answers it.

        To this end it is sent once `data_to_send` has returned it. Whoever owns the socket can tell better.
        """
        verb, command, _, planned = self._under_way[0]
        self._under_way[0] = verb, command, self._octets_received, planned

    def next_event(self) -> ClientEvent:
        """Return the next reply, in the order in which the commands were sent, or `NEED_DATA`.

        After TURN was accepted it is `PAUSED`: what arrives then is for the server's end.

        Raises:
            RemoteProtocolError: for a malformed or endless reply, or one that was not asked for. The session is over.
        """
        # RFC 5321 3.8: after 221 or 421 the server closes, and says nothing more. What it sends all the same is not
        # read.
        if self.state is _CLOSED:
            return ConnectionClosed()
        # RFC 821 3.8: after TURN this end is the server, and must greet. What arrives are commands, and only the other
        # end can read them. CONNECTED alone does not tell: a new client is there too, but it waits for its greeting.
        if self.state is _CONNECTED and not self._under_way:
            return PAUSED
        # A caller that reads until NEED_DATA calls once more than there are replies. Let that call be a short one.
        if not (self._lines or self._buffer or self._buffer.ended):
            return NEED_DATA
        try:
            reply = self._next_reply()
        except RemoteProtocolError as error:
            # With a server that breaks the rules of replies, no later reply can be trusted to belong to its command: a
            # 250 taken for the wrong one would lose mail. So the session ends here.
            self.close()
            raise RemoteProtocolError(str(error)) from None
        if reply is not None:
            return reply
        # RFC 5321 4.2: a reply ends in CRLF. What has no end when the server closes is not a reply. So a message whose
        # reply broke off counts as not delivered, and will be sent again: twice is better than never (RFC 1047).
        return ConnectionClosed() if self._buffer.ended else NEED_DATA

    def hand_over(self) -> ReceiveBuffer:
        """Return what arrived behind the 250 to TURN, for the server's end that takes over (RFC 821 3.8).

        It goes on with ``ServerConnection(buffer=...)``, and greets.

        Raises:
            LocalProtocolError: if TURN was not answered with 250.
        """
        buffer = self._hand_over(bool(self._under_way))
        # They may have been split into lines already, and a server's end wants octets.
        buffer[:0] = b"".join(line + b"\r\n" for line in self._lines)
        self._lines.clear()
        return buffer

    def close(self) -> None:
        """End the session; what is under way will not be answered.

        Nothing is sent. Whoever owns the socket calls this when the connection is lost, or a deadline has passed.
        """
        self.state = State.CLOSED
        self.transaction = None
        self._under_way.clear()

    def leave_unanswered(self) -> None:
        """Say QUIT to a server that owes a reply to a command, and end the session without waiting for either.

        RFC 5321 4.1.1.10: a client says QUIT before it closes the connection. `send` would refuse it here, because
        without PIPELINING it has to wait for the reply that does not come.
        """
        octets = Quit().serialize()
        self._out.append(octets)
        self.octets_to_send += len(octets)
        self.close()

    def _not_in_group(self, before: str, verb: str) -> LocalProtocolError:
        """Return the error that says why `verb` may not follow `before` until the reply to it has come."""
        # RFC 5321 3.1: the client waits for the greeting before it sends anything.
        if self.state is _CONNECTED:
            return LocalProtocolError(sentences.GREETING_FIRST)
        # RFC 5321 2.1: without PIPELINING, one command at a time. A server may throw away what it has not asked for.
        if "PIPELINING" not in self.extensions:
            return LocalProtocolError(sentences.NO_PIPELINING.format(verb=before))
        # RFC 2920 3.1: some verbs are the last of their group, because what may follow depends on their reply.
        return LocalProtocolError(sentences.LAST_OF_GROUP.format(before=before, verb=verb))

    def _next_reply(self) -> Reply | None:
        """Read the next reply and pair it; return None if it is not complete yet.

        Raises:
            RemoteProtocolError: for a malformed or endless reply, or one that was not asked for.
        """
        lines, parser = self._lines, self._parser
        # A reply that begins now begins behind all that has been read. One whose first lines are read keeps its place.
        if not parser.unfinished:
            self._reply_begins_at = self._octets_read
        if not lines:
            lines += self._buffer.complete_lines()
        while lines:
            # RFC 5321 4.2.1: a reply has one line or more. Each begins with the code, all but the last with a hyphen
            # behind it.
            line = lines.popleft()
            self._octets_read += len(line) + 2
            if len(line) > REPLY_LINE_OCTETS - 2:
                raise RemoteProtocolError(sentences.LINE_TOO_LONG.format(octets=len(line) + 2, limit=REPLY_LINE_OCTETS))
            reply = parser.feed(line)
            if reply is not None:
                # RFC 5321 4.3.1: replies come in the order of the commands, so each answers what has waited longest.
                self._pair(reply)
                return reply
        # RFC 5321 4.5.3.1.5: the same limit for a line that is not complete. To wait for its end would not help, and an
        # endless one has none.
        if len(self._buffer) > REPLY_LINE_OCTETS:
            raise RemoteProtocolError(sentences.ENDLESS_LINE.format(limit=REPLY_LINE_OCTETS))
        return None

    def _pair(self, reply: Reply) -> None:
        """Take the reply as the answer to what has waited longest, and move the state.

        Only a reply that begins to arrive after a command was sent can answer it. If a server writes 354 and 250 at
        once, the 250 does not answer the message, which the server did not have yet. Taken for its answer, it would
        make the client forget a message that nobody has accepted.
        """
        # RFC 5321 4.3.1: each reply answers a command. If none waits, or only younger ones do, it answers nothing.
        under_way = self._under_way
        if not under_way:
            self.answered = UNKNOWN
            self._take_unasked(reply)
            return
        verb, command, arrived_before, planned = under_way.popleft()
        self.answered = verb
        if self._reply_begins_at < arrived_before:
            self._take_unasked(reply)
            return
        # RFC 5321 4.2.1: from here on only the code counts, and of it nearly always the first digit.
        before, after = self.state, next_state(self.state, verb, reply.code)
        if after is _CONNECTED and verb == GREETING:
            # RFC 5321 3.1: a server greets with 220, or refuses with 554. A 3yz does neither, so it moves nothing, and
            # this end would wait for a greeting that has come.
            raise RemoteProtocolError(sentences.BAD_GREETING.format(code=reply.code))
        if (verb == "EHLO" or verb == "HELO") and reply.severity is Severity.POSITIVE_COMPLETION:
            # RFC 5321 4.1.1.1: the reply to EHLO lists the extensions; after HELO there is none. A second EHLO replaces
            # what the first one brought. A refused one leaves it in force.
            self.extensions = parse_ehlo_lines(reply.lines) if verb == "EHLO" else NO_EXTENSIONS
        if after is not before:
            self._move(after, command)
        if after is _CLOSED:
            # RFC 5321 3.8: behind 221 or 421 no other reply comes, so nothing is under way any more.
            self.close()
        elif after is not planned and under_way:
            # RFC 2920 3.1: a command inside a group may be refused while those behind it are under way already. What
            # was planned for them holds no longer. So the plan is made anew: from the state that the refusal has left,
            # as if all that is still under way were accepted.
            for number, (follower, command, arrived_before, _) in enumerate(under_way):
                after = state_if_accepted(after, follower)
                under_way[number] = follower, command, arrived_before, after

    def _take_unasked(self, reply: Reply) -> None:
        """Take a reply that answers nothing: 421 ends the session, and any other breaks the rules.

        RFC 5321 3.8: a server may close the session unasked, with 421. It may say nothing else unasked.
        """
        if next_state(self.state, UNKNOWN, reply.code) is not _CLOSED:
            if self.answered == MESSAGE:
                raise RemoteProtocolError(sentences.EARLY.format(code=reply.code, text=reply.lines[0]))
            raise RemoteProtocolError(sentences.UNASKED.format(code=reply.code))
        self.close()
