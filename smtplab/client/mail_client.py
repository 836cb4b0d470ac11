"""The client's side of a mail session, over any stream of octets: it says who it is, delivers, and reports.

It opens no socket; `worlds.tcp_client.Client` does, and a world in memory brings streams of its own.
"""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol, Self

from ..protocol.body import StuffedMessage
from ..protocol.codes import Severity
from ..protocol.commands import (
    Command,
    Data,
    Ehlo,
    Helo,
    Mail,
    Quit,
    Rcpt,
    Rset,
    parse_command,
)
from ..protocol.connection import NEED_DATA, ClientConnection, ClientEvent
from ..protocol.errors import LocalProtocolError, RemoteProtocolError
from ..protocol.extensions import Offer, check_allowed, is_international
from ..protocol.grammar import Path
from ..protocol.replies import Reply
from ..protocol.states import GREETING, MESSAGE, State, is_legal
from ..transcript import Side, Transcript
from .outcomes import (
    ClientError,
    ConnectionLost,
    Delivery,
    OutcomeUnknown,
    ServiceRefused,
    Timeouts,
    Unsupported,
)

if TYPE_CHECKING:
    from email.message import EmailMessage

# Looking a member up in its Enum takes Python 3.11 as long as calling a function; these are compared at every reply.
_DATA, _CLOSED, _GO_ON = State.DATA, State.CLOSED, Severity.POSITIVE_INTERMEDIATE
_CLIENT, _SERVER = Side.CLIENT, Side.SERVER

SMTP_PORT = 25  # where mail servers listen, RFC 5321 4.5.4.2

# How long the reply to the last QUIT is waited for.
_FAREWELL_SECONDS = 5.0

# Recipients sent in one group. All replies to a group must fit into the buffers between the two hosts, or both wait
# for ever (RFC 2920 3.1): 200 replies of at most 512 octets do.
_GROUP = 200


class Stream(Protocol):
    """A reliable stream of octets to the server."""

    def send(self, data: bytes, seconds: float) -> None:
        """Send all of it, or raise `TimeoutError` if a block of it waits for so many seconds, or another `OSError`."""

    def receive(self, seconds: float) -> bytes:
        """Return what has arrived, or empty octets if the server has closed; raise `TimeoutError` or `OSError`."""

    def close(self) -> None:
        """Close; never raises."""


@dataclass(slots=True)
class _Transfer:
    """One message on its way: what is still to be said for it, and what has been answered."""

    paths: list[Path]
    groups: deque[list[Command]]  # MAIL, RCPT for each path, DATA
    message: StuffedMessage
    replies: list[Reply] = field(default_factory=list)

    @property
    def has_recipient(self) -> bool:
        opening, *answers = self.replies[: 1 + len(self.paths)]
        return opening.is_positive and any(reply.is_positive for reply in answers)

    def delivery(self, final: Reply | None, *, closed: bool) -> Delivery:
        """Return what became of it.

        Args:
            final: the reply to the message, if it was sent.
            closed: True if one of the replies before that ended the session.
        """
        sender_reply, *answers = self.replies
        if not sender_reply.is_positive:
            return Delivery(sender_reply)
        count = len(self.paths)
        answers, answer_to_data = answers[:count], answers[count:]
        reply = final or next(iter(answer_to_data), None)
        if closed and reply is None and answers:
            reply = answers[-1]  # a 421 to one recipient, which goes for the message
        answered = tuple(zip(self.paths, answers, strict=False))
        return Delivery(sender_reply, answered, reply, unanswered=tuple(self.paths[len(answers) :]))


class _Ahead:
    """The transfers to come.

    Attributes:
        failure: what is wrong with the first that could not be planned, to be raised once those before it have ended.
    """

    def __init__(self, transfers: Iterator[_Transfer]) -> None:
        self.failure: Exception | None = None
        self._transfers = transfers
        self._next: _Transfer | None = None

    def prepare(self) -> None:
        """Plan the next one now rather than when it is taken."""
        if self._next is None:
            try:
                self._next = next(self._transfers, None)
            except Exception as error:
                self.failure = error

    def take(self) -> _Transfer | None:
        """Return the next one, or None if no other can be sent."""
        self.prepare()
        transfer, self._next = self._next, None
        return transfer


class MailClient:
    """A session with a server, from the greeting on.

    Args:
        stream: the open connection.
        helo: what the client calls itself in EHLO or HELO: a domain name or an address literal.
        timeouts: how long to wait for each reply.
        name: how error sentences call the server.
        transcript: where to write the conversation down; None for nowhere.
        clock: tells seconds, for the times in the transcript.

    Raises:
        ServiceRefused: if the server's greeting, or its reply to EHLO and then to HELO, is a refusal.
        ConnectionLost: if it does not answer.
        LocalProtocolError: if `helo` is no name.
    """

    def __init__(
        self,
        stream: Stream,
        helo: str,
        *,
        timeouts: Timeouts | None = None,
        name: str = "the server",
        transcript: Transcript | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = stream
        self._timeouts = timeouts or Timeouts()
        self._name = name
        self._connection = ClientConnection()
        self._clock = clock
        self._began = clock()
        self.transcript = transcript
        self._announced: _Transfer | None = None  # its first group has gone out behind the message before
        hello, fallback = Ehlo(helo), Helo(helo)
        try:
            greeting = self._read()
            if not greeting.is_positive:
                raise ServiceRefused(f"{name} does not take mail now: {greeting}", greeting)
            self._identify(hello, fallback)
        except ServiceRefused:
            self._leave()  # RFC 5321 4.1.1.10: no client leaves without QUIT
            raise
        except BaseException:
            self.close()
            raise

    @property
    def extensions(self) -> Offer:
        """What the server offered in its EHLO reply: keyword to text."""
        return self._connection.extensions

    @property
    def state(self) -> State:
        """Where the session stands."""
        return self._connection.state

    def command(self, command: Command | str) -> Reply:
        """Send one command, or a line such as ``"VRFY alice"``, and return its reply, positive or not.

        Raises:
            LocalProtocolError: if the state does not allow it; nothing was sent.
            RemoteProtocolError: if a line is no command; nothing was sent.
            ConnectionLost: if no reply came.
        """
        self._say(parse_command(command.encode()) if isinstance(command, str) else command)
        return self._read()

    def deliver(self, sender: Path | str, recipients: Iterable[Path | str], content: bytes) -> Delivery:
        """Deliver one message to the server for all recipients.

        Args:
            sender: the reverse-path; ``""`` for the null reverse-path of a bounce.
            recipients: the forward-paths, at least one.
            content: the message, lines ended by CRLF; dots are doubled here.

        Raises:
            LocalProtocolError: for a wrong address, no recipient, a bare CR or LF in the content, a header section that
                is neither ASCII nor UTF-8, or more octets than the server takes (SIZE); nothing was sent.
            Unsupported: if the message needs an extension that the server does not offer; nothing was sent.
            ConnectionLost: if the session broke before the end of the message.
            OutcomeUnknown: if it broke after that.
        """
        (delivery,) = self.deliver_all([(sender, recipients, content)])
        return delivery

    def ask(self, sender: Path | str, recipients: Iterable[Path | str], content: bytes) -> Delivery:
        """Ask the server whether it takes a message for these recipients, without sending it: `deliver` up to DATA.

        The transaction is taken back, with RSET. A server may still refuse what it has agreed to here.

        Raises:
            As `deliver`.
        """
        transfer = self._plan(sender, recipients, content, closing=())
        self._negotiate(transfer)
        return self._finish(transfer)

    def deliver_all(self, mail: Iterable[tuple[Path | str, Iterable[Path | str], bytes]]) -> Iterator[Delivery]:
        """Deliver one message after the other; yield what became of each as soon as it is known.

        Where the server offers PIPELINING, the end of a message and the commands for the next one go out together (RFC
        2920 3.1), so that each message takes one round trip. If you leave the loop early, a next message that has been
        announced already ends the session: the connection is closed. Within the loop nothing else can be delivered.

        Args:
            mail: sender, recipients and content of each message, as `deliver` takes them. Two are asked for ahead: the
                next one before the end of a message is sent, and the one after it while the server takes that message.

        Raises:
            As `deliver`, for the message whose turn it is. Those before it have been yielded, and those behind it have
            not been sent; of the next one, sender and recipients may have been announced. Of this one nothing has been
            sent if the exception says so.
        """
        ahead = _Ahead(self._plan(*each) for each in mail)
        transfer = ahead.take()
        while transfer is not None:
            self._negotiate(transfer)
            following = ahead.take()
            delivery = self._finish(transfer, following, ahead)
            try:
                yield delivery
            except GeneratorExit:
                if self._connection.awaited is not None:
                    self.close()
                raise
            if following is not None and self.state is State.CLOSED:
                raise ConnectionLost(f"{self._name} ended the session before the next message")
            transfer = following
        if ahead.failure is not None:
            raise ahead.failure

    def send_message(
        self, message: EmailMessage, sender: Path | str | None = None, recipients: Sequence[Path | str] | None = None
    ) -> Delivery:
        """Deliver a message of the standard library's `email` package.

        Args:
            message: the message; a Bcc field is not sent.
            sender: the reverse-path; by default the Sender or else the From field.
            recipients: by default the addresses of To, Cc and Bcc.

        Raises:
            As `deliver`.
        """
        from .message import addresses, all_addresses, content_of

        default_sender, default_recipients = addresses(message)
        sender = default_sender if sender is None else sender
        recipients = default_recipients if recipients is None else recipients
        international = is_international([*all_addresses(message), sender, *recipients])
        content = content_of(message, eight_bit="8BITMIME" in self.extensions, international=international)
        return self.deliver(sender, recipients, content)

    def quit(self) -> Reply | None:
        """Say QUIT if the session is still open, return the reply, and close."""
        try:
            return None if self.state is State.CLOSED else self.command(Quit())
        finally:
            self.close()

    def close(self) -> None:
        """Close the connection without a word."""
        self._connection.close()
        self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self.close()
            return
        self._leave()

    def _leave(self) -> None:
        """Say QUIT. Everything that matters was answered before, so the reply is not waited for as long as others."""
        self._timeouts = Timeouts.all(min(self._timeouts.command, _FAREWELL_SECONDS))
        with contextlib.suppress(ClientError):
            self.quit()

    def _identify(self, hello: Ehlo, fallback: Helo) -> None:
        """Say EHLO, and HELO to a server that does not know it (RFC 5321 3.2)."""
        reply = self.command(hello)
        if not reply.is_positive and self.state is not State.CLOSED:
            reply = self.command(fallback)
        if not reply.is_positive:
            refused = "closed the session at EHLO" if self.state is State.CLOSED else "takes neither EHLO nor HELO"
            raise ServiceRefused(f"{self._name} {refused}: {reply}", reply)

    def _opening(self, sender: Path, content: bytes, recipients: list[Path]) -> Mail:
        """Return MAIL with the parameters that the message needs."""
        parameters: list[tuple[str, str | None]] = []
        if "SIZE" in self.extensions:
            parameters.append(("SIZE", str(len(content))))
        international = is_international((sender, *recipients), content)
        if international:
            self._need("SMTPUTF8", "an address or the header section is not ASCII")
        if not content.isascii():
            self._need("8BITMIME", "the message holds octets above 127")
            parameters.append(("BODY", "8BITMIME"))
        if international:
            parameters.append(("SMTPUTF8", None))
        return Mail(sender, tuple(parameters))

    def _need(self, keyword: str, why: str) -> None:
        if keyword not in self.extensions:
            raise Unsupported(f"{why}, and {self._name} does not offer {keyword}")

    @property
    def _pipelines(self) -> bool:
        return "PIPELINING" in self.extensions

    def _plan(
        self,
        sender: Path | str,
        recipients: Iterable[Path | str],
        content: bytes,
        closing: Sequence[Command] = (Data(),),
    ) -> _Transfer:
        """Return what is to be said for a message, once everything that can be checked before has been."""
        paths = [_path(each) for each in recipients]
        opening = self._opening(_path(sender), content, paths)
        if not paths:
            raise LocalProtocolError("a message needs at least one recipient")
        message = StuffedMessage(content)
        check_allowed(opening, self.extensions, None)
        commands = [opening, *(Rcpt(path) for path in paths), *closing]
        size = _GROUP if self._pipelines else 1
        groups = deque(commands[start : start + size] for start in range(0, len(commands), size))
        return _Transfer(paths, groups, message)

    def _negotiate(self, transfer: _Transfer) -> None:
        """Send the commands for a message, group after group as long as there is a point, and take the replies."""
        if self._announced is None:
            self._say(*transfer.groups.popleft())
        elif self._announced is not transfer:
            raise LocalProtocolError(
                "the next message of deliver_all has been announced; end that loop before you deliver another"
            )
        self._announced = None
        self._gather(transfer)
        while transfer.groups and is_legal(self.state, transfer.groups[0][0].verb):
            self._say(*transfer.groups.popleft())
            self._gather(transfer)

    def _gather(self, transfer: _Transfer) -> None:
        while self._connection.awaited is not None:
            transfer.replies.append(self._read())

    def _finish(self, transfer: _Transfer, following: _Transfer | None = None, ahead: _Ahead | None = None) -> Delivery:
        """Send the message if it may come, with the next one's first group behind it; return what became of it."""
        closed, reply = self.state is _CLOSED, None
        if self.state is _DATA:
            # With no recipient the server's 354 obliges us to a lone dot (RFC 2920 3.1).
            self._connection.send_message(transfer.message if transfer.has_recipient else b"")
            if following is not None and self._pipelines:
                self._queue(*following.groups.popleft())
                self._announced = following
            reply = self._outcome(ahead)
        elif self.state in (State.SENDER, State.RECIPIENT):
            self._reset()
        return transfer.delivery(reply, closed=closed)

    def _reset(self) -> None:
        """Say RSET. The message has been refused by now; what becomes of the session does not change that."""
        with contextlib.suppress(ConnectionLost):  # the connection is closed then
            self.command(Rset())

    def _outcome(self, ahead: _Ahead | None) -> Reply:
        """Send what has been queued, which begins with a message, and return the reply to the message."""
        try:
            self._flush()
        except ConnectionLost as error:
            if self._announced is None:
                raise  # the octets that end the message are the last, and have not gone out
            raise _not_known(error) from None
        try:
            if ahead is not None:
                ahead.prepare()  # a tenth of the time of a message, while the server works
            return self._read()
        except ConnectionLost as error:
            raise _not_known(error) from None

    def _say(self, *commands: Command) -> None:
        self._queue(*commands)
        self._flush()

    def _queue(self, *commands: Command) -> None:
        for command in commands:
            self._connection.send(command)

    def _flush(self) -> None:
        data = self._connection.data_to_send()
        self._note(_CLIENT, data)
        try:
            self._stream.send(data, self._timeouts.block)
        except TimeoutError:
            self.close()
            raise ConnectionLost(f"{self._name} took no data for {self._timeouts.block:g} s") from None
        except OSError as error:
            self._drain()
            self.close()
            raise ConnectionLost(f"the connection to {self._name} broke: {error.strerror or error}") from None
        except BaseException:  # interrupted: what was begun must not be taken for the beginning of something else
            self.close()
            raise

    def _drain(self) -> None:
        """Write down what the server said before it closed, as a 421 may be."""
        try:
            while data := self._stream.receive(0.1):
                self._note(_SERVER, data)
        except OSError:
            pass

    def _read(self) -> Reply:
        """Wait for the next reply, all of it within one deadline."""
        verb = self._connection.awaited
        assert verb is not None, "nothing was asked"
        try:
            # With nothing to read there is no event: not to ask takes a tenth off our work.
            event = self._connection.next_event() if self._connection.has_unread else NEED_DATA
            if event is NEED_DATA:
                event = self._wait(self._timeouts.of(verb))
        except TimeoutError:
            self.close()
            if self._connection.has_bare_line_feed:
                fault = "it ends its lines with LF alone, and only CRLF ends a line (RFC 5321 2.3.8)"
                raise ConnectionLost(f"{self._name} does not speak SMTP as it should: {fault}") from None
            seconds = self._timeouts.of(verb)
            raise ConnectionLost(f"{self._name} did not answer {_what(verb)} within {seconds:g} s") from None
        except OSError as error:
            self.close()
            raise ConnectionLost(f"the connection to {self._name} broke: {error.strerror or error}") from None
        except RemoteProtocolError as error:
            self.close()
            raise ConnectionLost(f"{self._name} does not speak SMTP as it should: {error}") from None
        except BaseException:  # interrupted: a late reply must not pair with the next command
            self.close()
            raise
        if not isinstance(event, Reply):
            self.close()
            lacking = "a greeting" if verb == GREETING else f"an answer to {_what(verb)}"
            raise ConnectionLost(f"{self._name} closed the connection without {lacking}")
        self._check_answer(verb, event)
        return event

    def _check_answer(self, verb: str, reply: Reply) -> None:
        """See that 3yz answers DATA and 2yz does not (RFC 5321 4.3.2); else replies and commands are out of step."""
        if reply.is_positive and (reply.severity is _GO_ON) is not (verb == "DATA"):
            self.close()
            raise ConnectionLost(f"{self._name} does not speak SMTP as it should: {reply.code} answers {_what(verb)}")

    def _wait(self, seconds: float) -> ClientEvent:
        """Return the next event, which has to come within the time."""
        deadline, left = time.monotonic() + seconds, seconds
        while left > 0:
            data = self._stream.receive(left)
            self._note(_SERVER, data)
            self._connection.receive_data(data)
            if (event := self._connection.next_event()) is not NEED_DATA:
                return event
            left = deadline - time.monotonic()
        raise TimeoutError

    def _note(self, side: Side, data: bytes) -> None:
        if self.transcript is not None and data:
            self.transcript.feed(side, data, self._clock() - self._began)


def _not_known(error: ConnectionLost) -> OutcomeUnknown:
    return OutcomeUnknown(f"the message is not known to be delivered: {error}")


def _path(address: Path | str) -> Path:
    return address if isinstance(address, Path) else _parse_path(address)


@lru_cache(maxsize=1024)
def _parse_path(address: str) -> Path:
    """Read an address; the same come again and again, so the last ones are remembered."""
    return Path.parse(address or "<>")


def _what(verb: str) -> str:
    return {GREETING: "the connection with a greeting", MESSAGE: "the end of the message"}.get(verb, verb)
