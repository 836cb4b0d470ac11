r"""The server's end of a connection: it reads commands and messages, and writes replies.

How an octet comes to its event, and how a reply goes out::

    octets -> receive_data -> buffer -> the reader of the state -> event        next_event
                                        _next_command, _next_piece, _nothing
    octets <- data_to_send <-------- Reply.serialize <-------- reply            send
                                        checked by ANSWERS, which also gives the state after it

Here are a command and half a command. MAIL has to wait for the reply to HELO, and then for the rest of its octets:

>>> server = ServerConnection()
>>> server.send(Reply(220, "mail.example"))
>>> server.receive_data(b"HELO me\r\nMAIL F")
>>> server.next_event()
Helo(domain='me')
>>> server.next_event()
Traceback (most recent call last):
smtplab.protocol.replies.LocalProtocolError: the client waits for a reply; send it before the next event
>>> server.send(Reply(250, "Hello"))
>>> server.data_to_send()
b'220 mail.example\r\n250 Hello\r\n'
>>> server.next_event()
<NoEvent.NEED_DATA: 'more octets are needed; receive some, then try again'>

Why must a command be answered before the next one is read? Because the answer decides how the next octets are read:
behind a DATA that got 354 they are a message, behind one that got 503 they are commands. A server that read ahead would
have to guess. Here nothing has been said but the greeting, so DATA gets 503, and QUIT behind it is a command. Behind a
354, it would be a line of the message:

>>> server = ServerConnection()
>>> server.send(Reply(220, "mail.example"))
>>> server.receive_data(b"DATA\r\nQUIT\r\n")
>>> try:
...     server.next_event()
... except RemoteProtocolError as error:
...     server.send(error.reply)
>>> server.next_event()
Quit()

A server refuses in two ways. What the kernel refuses comes as `RemoteProtocolError` with the reply that it deserves, as
here. What it lets pass comes as an event, and whoever calls may refuse it for reasons of its own: 550 for a mailbox
that is not there, 451 for a disk that is full.
"""

from collections.abc import Callable, Mapping

from . import replies, sentences
from .body import MessageReader
from .buffer import ReceiveBuffer
from .commands import Command, Lookup, Opening, parse_command, split_verb
from .connection import Connection
from .events import NEED_DATA, PAUSED, ConnectionClosed, EndOfMessage, MessageData, NoEvent, ServerEvent
from .extensions import (
    COMMAND_OCTETS,
    EXTENSIBLE_VERBS,
    LINE_OCTETS,
    LONGEST_LINE,
    NO_EXTENSIONS,
    Offer,
    check_allowed,
    ehlo_lines,
)
from .replies import LocalProtocolError, ProtocolError, RemoteProtocolError, Reply
from .states import ANSWERS, GREETING, MESSAGE, READERS, UNKNOWN, Reader, State, is_legal, next_state, out_of_order

# Plain names for speed: see `connection`.
_DATA, _CLOSED = State.DATA, State.CLOSED

# RFC 5321 4.5.3.1.5: what a line of a reply may have, CRLF included.
_REPLY_LINE_OCTETS = 512

# Stands for the reader of a message where none is read; nothing is ever given to it. It is a reader, and not None, so
# that `_next_piece` needs no case for None.
_NO_MESSAGE = MessageReader()


class ServerConnection(Connection):
    """The server's end. It greets first, then answers each command before the next one is read.

    Args:
        offer: the extensions to put into the EHLO reply, keyword to text; see `extensions.EXTENSIONS`. A message of
            more octets than SIZE says is read to its end and refused with 552; 0, or no SIZE, sets no limit.
        strict: take only what RFC 5321's grammar allows; refuse message data with bare line ends, with NUL, or with
            octets above 127 that were not announced. The lenient reading is for people who type, and for mail from the
            field; where a line or a message ends is the same in both.
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
        # What waits for its reply: a verb, GREETING, MESSAGE, or UNKNOWN for a line that is not a legal command. None
        # while the client may speak. The greeting answers no command, but it is due all the same (RFC 5321 3.1), and so
        # `send` and the tables need no case of their own for it.
        self._unanswered: str | None = GREETING
        self._command: Command | None = None  # the same as a value, if it is a command
        self._message = _NO_MESSAGE  # the reader of the message that is coming

    def next_event(self) -> ServerEvent:
        """Return the next thing that the client sent, or `NEED_DATA`; `PAUSED` after TURN was accepted.

        A command and an `EndOfMessage` must be answered with `send` before the next event. A `MessageData` must not.

        Raises:
            RemoteProtocolError: for a line that is not a legal command, or a message that must be refused. Send
                ``error.reply`` and go on; the session is in step, because the whole line or message has been read.
            LocalProtocolError: if the last command has not been answered.
        """
        # RFC 5321 4.3.1: client and server take turns, and the server speaks first. A client may send several commands
        # at once, but each one is judged in the state that the reply to the one before it has led to.
        if self._unanswered is not None:
            raise LocalProtocolError(sentences.ANSWER_FIRST)
        # RFC 5321 4.1.1 and 4.1.1.4: octets are command lines, or lines of a message behind a 354. The octets
        # themselves do not say which; the state does.
        event = _READ[self.state](self)
        if event is None:
            # RFC 5321 4.1.1: a command ends in CRLF. What has no end when the peer closes is not a command. A QUIT
            # whose CRLF is missing may well have been meant as one, but half a RCPT may name another mailbox than the
            # whole.
            return ConnectionClosed() if self._buffer.ended else NEED_DATA
        return event

    def send(self, reply: Reply) -> None:
        """Send the greeting, or the answer to a command or a message; 421 may be sent at any time, but last.

        The reply decides what becomes of the session. A caller has no other means to move it.

        The keywords of the extensions are added to a positive EHLO reply. The enhanced code is left out where it was
        not negotiated, and from replies to HELO and EHLO. A character that is not ASCII is escaped as in ``\\xfc``,
        unless the client has asked for SMTPUTF8.

        Raises:
            LocalProtocolError: if there is nothing to answer, or the reply's severity is not possible for the command.
        """
        code, verb = reply.code, self._unanswered
        if code == 421:
            # RFC 5321 3.8: a server that must shut down says 421, asked or not, in reply to whatever was sent. Only
            # what is closed already cannot be closed again.
            if self.state is _CLOSED:
                raise LocalProtocolError(sentences.NOTHING_TO_ANSWER.format(code=code))
            after = next_state(self.state, verb or UNKNOWN, code)
        elif verb is None:
            # RFC 5321 4.2: each command has exactly one reply. A second one would be taken for the reply to the next
            # command, and every reply after it, too.
            raise LocalProtocolError(sentences.NOTHING_TO_ANSWER.format(code=code))
        else:
            # RFC 5321 4.3.2: each command has its own list of replies. We hold only the first digit to it, because a
            # client acts on that alone (4.2.1), and servers in the field answer with codes that the list lacks. So DATA
            # may get 354 or 554 here, but no 250: a client that reads it does not know if a message is expected.
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
        if not (octets.isascii() or self.may_answer_in_utf8):
            # RFC 5321 4.2: a reply is ASCII. RFC 6531 3.7.4.2: unless the client asked for more. We do not raise here:
            # it is better to lose a letter of a text for people than the reply. What holds more than ASCII is most
            # often an address that the client itself has sent, and that the text repeats. A backslash stands in no
            # address without quotation marks, so nobody takes the escaped letters for another address.
            octets = _in_ascii(octets)
        self._out.append(octets)
        self.octets_to_send += len(octets)
        # Many replies leave the state as it is: those to a second RCPT and to NOOP, and nearly every refusal.
        if after is not self.state:
            self._move(after, self._command)
            # RFC 5321 4.1.1.4: behind the 354 comes the message, up to the lone dot. SIZE bounds it (RFC 1870 6.3).
            self._message = (
                MessageReader(self.transaction, self._max_message_octets, strict=self.strict)
                if after is _DATA
                else _NO_MESSAGE  # an idle connection holds no reader of its own
            )
        self._unanswered = self._command = None

    @property
    def may_answer_in_utf8(self) -> bool:
        """True if the reply that is due may hold more than ASCII, because the client has asked for SMTPUTF8.

        RFC 6531 3.7.4.2. A caller can then word another answer, before `send` escapes a letter.
        """
        return _wants_smtputf8(self._command, self.transaction)

    def hand_over(self) -> ReceiveBuffer:
        """Return what arrived behind TURN, for the client's end that takes over: ``ClientConnection(buffer)``.

        RFC 821 3.8: after TURN and 250 the roles are swapped, and this end has nothing more to do.

        Raises:
            LocalProtocolError: if that has not happened.
        """
        return self._hand_over(self._unanswered is not None)

    def _answer_hello(self, reply: Reply, offer: Offer) -> bytes:
        """Put the offer into force and into the reply to HELO or EHLO, if that is positive; return its octets.

        What a client reads in the reply and what is in force here come from the same value, so they cannot differ.
        """
        if reply.is_positive:
            self.extensions = offer
            reply = Reply(reply.code, reply.lines + ehlo_lines(offer), reply.enhanced)
        return reply.serialize(enhanced=False)

    # The readers, one for each member of `Reader`; `_READ` below says which state uses which. They return an event, or
    # None as long as it is not complete. None, and not NEED_DATA: if the peer has closed, no data will come, and
    # `next_event` decides that for all of them.

    def _next_command(self) -> Command | None:
        """Read one command line, RFC 5321 4.1.1; if it may come now, its reply is due before anything else is read."""
        try:
            # RFC 5321 4.5.3.1.4: no line may be longer than the longest that any verb has. The buffer holds the line to
            # this limit first, because it cannot tell the verb before the line is there.
            line = self._buffer.next_line(LONGEST_LINE)
            if line is None:
                return None
            # The same section: 512 octets, CRLF included, unless an extension lengthens the line of this verb.
            if len(line) > COMMAND_OCTETS - 2:
                check_length(line)
            try:
                command = parse_command(line, self.strict)
            except RemoteProtocolError:
                # RFC 5321 4.1.4: what cannot come here is refused for that, however its argument looks. Otherwise a
                # client would correct its RCPT and then learn that it forgot MAIL.
                verb, _ = split_verb(line)
                if is_legal(self.state, verb, self.extensions):
                    raise
                raise out_of_order(self.state, verb, self.extensions) from None
            # RFC 5321 4.1.4: the order of commands. What comes at a wrong time gets 503.
            if not is_legal(self.state, command.verb, self.extensions):
                raise out_of_order(self.state, command.verb, self.extensions)
            # RFC 5321 4.1.1.11: only parameters whose extension was offered and taken. RFC 1870 6.1: a size that is
            # declared in MAIL is judged here, too, before a single octet of the message has been sent.
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
        # RFC 2920 3.1: a client may send the next command right behind the dot. So once the dot has been read, what is
        # in the buffer belongs to the next event, and the message is not fed any more.
        if self._buffer and not message.finished:
            content = message.feed(self._buffer)
            self._buffer.skip(message.taken)
            if content:
                return MessageData(content)
        if not message.finished:
            return None
        self._unanswered = MESSAGE
        # RFC 5321 4.1.1.4: only here may a message be refused for what it holds; up to the dot, no reply is due, and a
        # client that is still sending does not look for one.
        if fault := message.fault():
            raise fault
        return EndOfMessage(message.octets)

    def _nothing(self) -> ConnectionClosed | NoEvent:
        """Read nothing: the session is over, or the octets are for the end that takes over.

        RFC 5321 3.8: behind the QUIT that got its 221, nothing is read any more, however much the client has sent.
        """
        return ConnectionClosed() if self.state is _CLOSED else PAUSED


_READERS: Mapping[Reader, Callable[[ServerConnection], ServerEvent | None]] = {
    Reader.COMMAND_LINE: ServerConnection._next_command,
    Reader.MESSAGE: ServerConnection._next_piece,
    Reader.NOTHING: ServerConnection._nothing,
}
# READERS of `states` names a reader for each state; here it is the function, so that an event costs one look-up.
_READ = {state: _READERS[reader] for state, reader in READERS.items()}


def check_length(line: bytes) -> None:
    """Raise with 500 if a line is longer than its verb allows (RFC 5321 4.5.3.1.4).

    MAIL may be longer than 512 octets, by what its parameters take (RFC 1870 3). A NOOP of that length is too long, and
    so is a line whose first word is not a verb: its length is what is wrong with it at any host.
    """
    limit = LINE_OCTETS.get(line.partition(b" ")[0].decode("ascii", "replace").upper(), COMMAND_OCTETS)
    if len(line) + 2 > limit:
        sentence = sentences.COMMAND_TOO_LONG.format(octets=len(line) + 2, limit=limit)
        raise RemoteProtocolError(sentence, replies.LINE_TOO_LONG)


def _impossible_answer(verb: str, code: int) -> LocalProtocolError:
    """Return the error for a reply that no client expects; `verb` is `UNKNOWN`, which is empty, for an illegal line."""
    sentence = sentences.IMPOSSIBLE_ANSWER if verb else sentences.ILLEGAL_LINE_ACCEPTED
    return LocalProtocolError(sentence.format(verb=verb, code=code))


def _in_ascii(octets: bytes) -> bytes:
    """Return a reply with an escape for each character that is not ASCII; with ``?`` if a line would be too long."""
    text = octets.decode("utf-8", "surrogateescape")
    escaped = text.encode("ascii", "backslashreplace")
    fits = all(len(line) <= _REPLY_LINE_OCTETS for line in escaped.splitlines(keepends=True))
    return escaped if fits else text.encode("ascii", "replace")


def _wants_smtputf8(command: Command | None, transaction: Opening | None) -> bool:
    """True if the client has asked for SMTPUTF8, in this command or in the one that opened the transaction.

    VRFY and EXPN belong to no transaction and ask for themselves (RFC 6531 3.7.4.2). MAIL asks for the transaction that
    it opens: when its own reply is written, that is not `transaction` yet.
    """
    asking = command if isinstance(command, Opening | Lookup) else transaction
    return asking is not None and asking.smtputf8
