"""The client's driver: decide what to send from the server's replies.

It moves no octets and reads no clock. A world does both, and drives it like its twin, `mta.session.ServerSession`::

    session.open()                           # begin an operation: here greeting and EHLO
    while session.busy:
        send(session.data_to_send())
        session.receive(octets)              # b"" once the server has closed;
                                             # or session.timed_out() after `session.awaits` seconds of silence
    session.outcome()                        # the result of the operation, or its error is raised

The dialogues of the operations are in `operations`.

The class is long because it is one thing: all its methods share one connection and one operation under way, and each
thing that a caller or a world may do has its method.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..protocol.commands import Command
from ..protocol.events import NEED_DATA
from ..protocol.extensions import Offer
from ..protocol.grammar import Path
from ..protocol.replies import LocalProtocolError, RemoteProtocolError, Reply
from ..protocol.states import GREETING, MESSAGE, POSITIVE_DIGITS, State
from . import sentences
from .arguments import check_arguments
from .operations import SOME, Operation, Operations
from .outcomes import DEFAULT_TIMEOUTS, ConnectionLost, Timeouts
from .transfer import Batch, OutgoingMail, Recipients

_CLOSED = State.CLOSED  # a constant for speed, see protocol.connection

# The lone dot, without the CRLF before it, which ends the text (RFC 5321 4.1.1.4).
_LAST_LINE_OCTETS = 3

# Where mail servers listen, RFC 5321 4.5.4.2.
SMTP_PORT = 25


class DeliverySession:
    """A client's session with one server, from the greeting to the end. It runs one operation at a time.

    Args:
        helo: what the client calls itself in EHLO or HELO: a domain name or an address literal.
        timeouts: how many seconds to wait for each reply.
        server: the server's name in error sentences.

    Attributes:
        busy: True while an operation is under way.
        wait_number: how many waits have begun. When it grows, the time of `awaits` starts anew.

    Raises:
        LocalProtocolError: if `helo` is not a name.
        TypeError: if `helo` or `timeouts` is of another type.
    """

    __slots__ = (
        "_connection",
        "_due",
        "_error",
        "_operation",
        "_operations",
        "_replies",
        "_result",
        "busy",
        "wait_number",
    )

    def __init__(self, helo: str, *, timeouts: Timeouts | None = None, server: str = "the server") -> None:
        self._operations = Operations(check_arguments(helo, timeouts), timeouts or DEFAULT_TIMEOUTS, server)
        self._connection = self._operations.connection
        self._operation: Operation[Any] | None = None
        self._due = 0  # how many more replies the operation waits for
        self._replies: list[Reply] = []  # those that have come before them
        self._result: Any = None
        self._error: Exception | None = None
        self.busy = False
        self.wait_number = 0

    @property
    def server(self) -> str:
        """The server's name in error sentences."""
        return self._operations.server

    @property
    def timeouts(self) -> Timeouts:
        """How many seconds each reply may take; ``timeouts.block`` is for the world, which sends."""
        return self._operations.timeouts

    @property
    def closed(self) -> bool:
        """True once nothing more will be said. Send what is left, then close the connection."""
        return self._connection.state is _CLOSED

    # For callers that deliver mail

    @property
    def extensions(self) -> Offer:
        """What the server offered in its EHLO reply: keyword to text."""
        return self._connection.extensions

    @property
    def state(self) -> State:
        """The state of the session."""
        return self._connection.state

    def outcome(self) -> Any:
        """Return the result of the last operation, once, or raise its error."""
        outcome = self.outcome_or_error()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def outcome_or_error(self) -> Any:
        """Return the result of the last operation, or its error, once; for callers to whom both are values."""
        result, error = self._result, self._error
        self._result = self._error = None
        return result if error is None else error

    def open(self) -> None:
        """Begin to wait for the greeting, and to identify with EHLO, or HELO where EHLO is unknown (RFC 5321 3.1, 3.2).

        Raises (by `outcome`):
            ServiceRefused: if the greeting, or the reply to EHLO and then to HELO, is a refusal. QUIT was said.
            ConnectionLost: if the server does not answer.
        """
        self._begin(self._operations.open())

    def command(self, command: Command | str) -> None:
        """Begin to send one command, or a line such as ``"VRFY alice"``. The result is its `Reply`, positive or not.

        Raises (by `outcome`):
            LocalProtocolError: if the state does not allow it; nothing was sent.
            RemoteProtocolError: if a line is not a command; nothing was sent.
            ConnectionLost: if no reply came.
        """
        self._begin(self._operations.command(command))

    def deliver(self, sender: Path | str, recipients: Recipients, content: bytes, *, leaving: bool = False) -> None:
        """Begin to deliver one message to the server for all recipients. The result is a `Delivery`.

        Args:
            sender: the reverse-path; ``""`` for the null reverse-path of a bounce.
            recipients: the forward-paths, at least one; one alone needs no list.
            content: the message, lines ended by CRLF; dots are doubled here.
            leaving: True if you call `leave` next. After a refusal the transaction then ends with that QUIT, and the
                outcome does not wait for a reply to RSET.

        Raises (by `outcome`):
            LocalProtocolError: for a wrong address, no recipient, a bare CR or LF in the content, a header section that
                is neither ASCII nor UTF-8, or more octets than the server takes (SIZE); nothing was sent.
            TypeError: if an argument is of the wrong type; nothing was sent.
            Unsupported: if the message needs an extension that the server does not offer; nothing was sent.
            ConnectionLost: if the session broke before the end of the message.
            OutcomeUnknown: if it broke after that (RFC 5321 4.2.5: the server may have taken the message).
        """
        self._begin(self._operations.deliver((sender, recipients, content), leaving=leaving))

    def ask(self, sender: Path | str, recipients: Recipients, content: bytes, *, leaving: bool = False) -> None:
        """Begin to test if the server would accept a message for these recipients: `deliver` up to DATA, then RSET.

        The result is a `Delivery` without a final reply. A server may still refuse what it agreed to here. `leaving` is
        True if you call `leave` after a refusal, as for `deliver`.

        Raises (by `outcome`):
            As `deliver`.
        """
        self._begin(self._operations.ask((sender, recipients, content), leaving=leaving))

    def batch(self, mail: Iterable[OutgoingMail]) -> Batch:
        """Return messages, as `deliver` takes them, for `deliver_next`. Nothing is read from `mail` yet.

        Raises:
            TypeError: if `mail` cannot be read one by one.
        """
        if not isinstance(mail, Iterable):
            raise TypeError(sentences.NOT_MAIL.format(mail=mail))
        planner, connection = self._operations.planner, self._connection
        return Batch(planner.plan(each, connection.extensions) for each in mail)

    @property
    def announced(self) -> bool:
        """True if commands for the next message of a batch have gone out, so that what arrives may answer them."""
        return self._operations.announced is not None

    def deliver_next(self, batch: Batch) -> None:
        """Begin to deliver the next message of a batch. The result is its `Delivery`, or None after the last one.

        Where the server offers PIPELINING, the end of a message and the commands for the next one go out together
        (RFC 2920 3.1), so that each message takes one round trip. Until the batch has ended nothing else can be
        delivered. Call `leave_batch` to leave it early.

        Raises (by `outcome`):
            As `deliver`, for the present message. The outcomes of earlier messages have been returned; later messages
            have not been sent.
        """
        self._begin(self._operations.deliver_next(batch))

    def leave_batch(self) -> None:
        """End a batch early. If the next message was announced already, only the end of the session takes it back."""
        if self._operations.announced is not None:
            self._operations.announced = None
            self.close()

    def quit(self) -> None:
        """Begin to say QUIT if the session is still open, and end the session. The result is the reply, or None."""
        self._begin(self._operations.quit())

    def leave(self) -> None:
        """Begin to say QUIT as `quit` does, but wait for the reply at most `FAREWELL_SECONDS` and report no failure."""
        self._begin(self._operations.leave())

    def close(self) -> None:
        """End the session without a word. An operation that is under way ends with `ConnectionLost`."""
        if self._operation is None:
            self._connection.close()
        else:
            self._operations.unsent = 0
            self._lose(sentences.ABANDONED.format(server=self.server, question=self._question()))

    # For the world that moves octets and time

    @property
    def awaits(self) -> float | None:
        """How many seconds the server may take for the reply that is due (RFC 5321 4.5.3.2); None if none is due.

        The time counts for the whole reply, from the moment when `wait_number` last grew.
        """
        if self._operation is None or (verb := self._connection.awaited) is None:
            return None
        return self._operations.timeouts.of(verb)

    def data_to_send(self) -> bytes:
        """Return the octets that wait to be sent to the server, and forget them."""
        return self._connection.data_to_send()

    def prepare(self) -> None:
        """Use the time while the server works: plan the next message of a batch. A world calls it after sending."""
        batch, self._operations.preparing = self._operations.preparing, None
        if batch is not None:
            batch.prepare()

    @property
    def sends_message(self) -> bool:
        """True if the end of a message waits in `data_to_send`: hear first what has arrived, for it answers no message.

        See `octets_at_end`.
        """
        return self._connection.octets_to_send > 0 and self._connection.awaited == MESSAGE

    @property
    def octets_at_end(self) -> int:
        """How many octets the last line of the message has, and what was queued behind it.

        As long as they have not all been sent, the server cannot have the message.
        """
        return _LAST_LINE_OCTETS + self._operations.octets_behind

    def receive(self, data: bytes | memoryview, *, unsent: int = 0) -> None:
        """Take a copy of octets from the server.

        Args:
            data: the octets; none once the server has closed its side.
            unsent: how many octets of `data_to_send` the world has not sent yet; `SOME` if it cannot say. While the
                end of a message is among them, no reply is about it, and the server does not have it. So the session
                ends then, and a later retry does no harm. An early reply that arrives after the end was sent looks like
                the answer; a second reply that comes with it makes the outcome unknown.
        """
        connection, operations = self._connection, self._operations
        connection.receive_data(data)
        operations.unsent = unsent + connection.octets_to_send
        early = operations.unsent > operations.octets_behind and connection.awaited == MESSAGE
        if early:
            connection.still_sending()
        self._read()
        if early and connection.state is _CLOSED:
            connection.data_to_send()  # what is left of the message must not be sent

    def timed_out(self) -> None:
        """End the session, because the reply did not come in time."""
        if (seconds := self.awaits) is None:
            return
        self._operations.unsent = 0
        if self._connection.has_bare_line_feed:
            sentence = self._not_smtp(sentences.LF_ALONE)
        else:
            question = self._question()
            sentence = sentences.NO_ANSWER.format(server=self.server, question=question, seconds=seconds)
        if self._connection.awaited == "RSET":  # nothing is lost, so the client leaves as it should
            self._connection.leave_unanswered()
        self._lose(sentence)

    def took_nothing(self) -> None:
        """End the session, because the server took no octets for ``timeouts.block`` seconds (RFC 5321 4.5.3.2.5)."""
        self._operations.unsent = SOME
        self._lose(sentences.TOOK_NOTHING.format(server=self.server, seconds=self.timeouts.block))

    def broken(self, reason: str, *, unsent: int = 0) -> None:
        """End the session, because the connection broke.

        Args:
            reason: what the system says of it.
            unsent: how many octets of `data_to_send` have not been sent; `SOME` if the world cannot say.
        """
        self._operations.unsent = unsent or self._connection.octets_to_send
        self._connection.data_to_send()  # it goes nowhere
        self._lose(sentences.BROKEN.format(server=self.server, reason=reason))

    def connection_failed(self, error: ConnectionLost) -> None:
        """End the session before it began, because the connection failed with `error`."""
        self._fail(error)

    # How an operation runs

    def _begin(self, operation: Operation[Any]) -> None:
        if self._operation is not None:
            operation.close()
            raise LocalProtocolError(sentences.BUSY)
        self._operation, self._result, self._error = operation, None, None
        self.busy = True
        self.wait_number += 1
        self._advance(None)
        self._read()  # what came before the question was sent: a 421, or what answers nothing

    def _read(self) -> None:
        """Give each reply that has arrived to the operation, as long as it waits for one."""
        connection = self._connection
        while self._operation is not None:
            try:
                event = connection.next_event()
                if event is NEED_DATA:
                    return
                verb = connection.answered
                if (verb == "DATA" or verb == MESSAGE) and connection.has_unread and connection.awaited is None:
                    self._read_behind(verb)
            except RemoteProtocolError as error:
                self._lose(self._not_smtp(str(error)))
                return
            if not isinstance(event, Reply):
                self._lose_to_the_end()
            elif event.code < 400 and event.code // 100 not in POSITIVE_DIGITS[verb]:
                # RFC 5321 4.3.2: 3yz answers DATA, and 2yz does not; else replies and commands are out of step.
                self._lose(self._not_smtp(sentences.WRONG_KIND.format(code=event.code, question=_name(verb))))
            else:
                self._take(event)

    def _lose_to_the_end(self) -> None:
        """End the session, because the server has closed the connection."""
        question = self._connection.awaited or ""
        answer = "a greeting" if question == GREETING else f"an answer to {_name(question)}"
        self._lose(sentences.CLOSED.format(server=self.server, answer=answer))

    def _read_behind(self, verb: str) -> None:
        """Read what came with the reply to DATA or to a message, and answers nothing: a 421, or a broken rule.

        What came with the 354 is about no message, so none is sent then. If two replies come to one message, the first
        may be older than its end, and nobody can tell which one is about it. What is not a reply leaves no doubt.

        Raises:
            RemoteProtocolError: for a broken rule.
        """
        try:
            event = self._connection.next_event()
        except RemoteProtocolError:
            if verb == MESSAGE and self._connection.answered == MESSAGE:  # the last that could be read as a reply
                return
            raise
        if isinstance(event, Reply):  # the kernel lets a 421 alone through, RFC 5321 3.8
            self._operations.farewell = event

    def _take(self, reply: Reply) -> None:
        """Let the operation go on once all replies have come for which it waits, or the last that will ever come."""
        self.wait_number += 1
        self._due -= 1
        self._replies.append(reply)
        if not self._due or self._connection.state is _CLOSED:
            replies, self._replies = self._replies, []
            self._advance(replies)

    def _advance(self, replies: list[Reply] | None) -> None:
        """Let the operation go on with replies, until it waits for more or ends."""
        assert self._operation is not None
        try:
            self._due = self._operation.send(replies)  # type: ignore[arg-type]  # a generator is begun with None
        except StopIteration as done:
            self._end(done.value)
        except Exception as error:
            self._end(None, error)
        except BaseException:  # interrupted: a late reply must not pair with the next command
            self._end(None)
            self._connection.close()
            raise

    def _end(self, result: Any, error: Exception | None = None) -> None:
        """Keep the outcome of the operation, which has ended."""
        self._operation, self.busy = None, False
        self._result, self._error = result, error

    def _lose(self, sentence: str) -> None:
        self._fail(ConnectionLost(sentence))

    def _fail(self, error: ConnectionLost) -> None:
        """End the session, and tell the operation why."""
        self._connection.close()
        if self._operation is None:
            return
        result = failure = None
        try:
            self._operation.throw(error)
        except StopIteration as done:
            result = done.value
        except Exception as raised:
            # Without the frames that it went through: they hold it, too, and only the garbage collector would free it.
            failure = raised.with_traceback(None)
        self._end(result, failure)

    def _not_smtp(self, fault: str) -> str:
        return sentences.NOT_SMTP.format(server=self.server, fault=fault)

    def _question(self) -> str:
        return _name(self._connection.awaited or "")


def _name(verb: str) -> str:
    """Return how a sentence calls what is answered."""
    return {GREETING: "the connection with a greeting", MESSAGE: "the end of the message"}.get(verb, verb)
