"""A mail client that blocks until it has its answer: `client.session.DeliverySession` over any stream of octets.

It opens no socket. `tcp_client.Client` does, and a world in memory brings streams of its own.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Protocol, Self

from ..client.operations import SOME
from ..client.outcomes import Delivery, Timeouts
from ..client.session import DeliverySession
from ..client.transfer import OutgoingMail, Recipients
from ..protocol.commands import Command
from ..protocol.extensions import Offer
from ..protocol.grammar import Path
from ..protocol.replies import Reply
from ..protocol.states import State
from ..transcript import Side, Transcript

if TYPE_CHECKING:
    from email.message import Message

_CLIENT, _SERVER, _DATA = Side.CLIENT, Side.SERVER, State.DATA  # constants for speed, see protocol.connection

# A message of no more octets is sent at once, so the server has no time to speak before its end is sent.
_LONG_OCTETS = 16 * 1024
# How long to read what the server said before it broke the connection, as a 421 may be.
_LAST_WORDS_SECONDS = 0.1


class Stream(Protocol):
    """A reliable stream of octets to the server."""

    def send(self, data: bytes, seconds: float) -> None:
        """Send all of it, or raise `TimeoutError` if a block of it waits for so many seconds, or another `OSError`."""

    def receive(self, seconds: float) -> bytes:
        """Return what has arrived, or empty octets if the server has closed; raise `TimeoutError` or `OSError`."""

    def arrived(self) -> bytes | None:
        """Return what has arrived already, without waiting; None if nothing has, empty octets as `receive`."""

    def take_names(self) -> tuple[str, ...]:
        """Return the canonical names of the replies received since the last call, for `Transcript.feed`.

        A stream in memory hands them over beside the octets. Over a socket there are none.
        """

    def close(self) -> None:
        """Close; never raises."""


class NeverWaiting(ABC):
    """What all streams in memory have in common: reading never waits, and names come beside the octets.

    A subclass has the other methods of `Stream`, and adds to `_names` the canonical names of the replies it receives.
    """

    def __init__(self) -> None:
        self._names: list[str] = []

    @abstractmethod
    def receive(self, seconds: float = 0.0) -> bytes:
        """Return the unread octets, empty if the server has closed; raise `TimeoutError` if there are none."""

    def arrived(self) -> bytes | None:
        """Return the unread octets; None if there are none, empty octets if the server has closed."""
        try:
            return self.receive()
        except TimeoutError:
            return None

    def take_names(self) -> tuple[str, ...]:
        """Return the canonical names of the replies that were received since the last call, in order."""
        names = tuple(self._names)
        self._names.clear()
        return names


class Deadline:
    """A moment until which something must have happened.

    Args:
        seconds: how far away it is.
    """

    __slots__ = ("_end",)

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def receive(self, stream: Stream) -> bytes:
        """Return what arrives on `stream` before the deadline, or empty octets if the peer has closed.

        Raises:
            TimeoutError: if nothing arrives in time.
            OSError: if the connection broke.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return stream.receive(left)


class MailClient:
    """A client's session with a server. Once it exists, it has been greeted and has said EHLO (or HELO).

    Args:
        stream: the open connection.
        helo: what the client calls itself in EHLO or HELO: a domain name or an address literal.
        timeouts: how many seconds to wait for each reply.
        name: the server's name in error sentences.
        transcript: where to write the conversation down; None for nowhere.
        clock: returns seconds, for the times in the transcript.

    Raises:
        ServiceRefused: if the server's greeting, or its reply to EHLO and then to HELO, is a refusal.
        ConnectionLost: if it does not answer.
        LocalProtocolError: if `helo` is not a name.
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
        self._clock = clock
        self._began = clock()
        self.transcript = transcript
        try:
            self._session = DeliverySession(helo, timeouts=timeouts, server=name)
            self._session.open()
            self._run()
        except BaseException:
            self._stream.close()
            raise

    @property
    def extensions(self) -> Offer:
        """What the server offered in its EHLO reply: keyword to text."""
        return self._session.extensions

    @property
    def state(self) -> State:
        """The state of the session."""
        return self._session.state

    def command(self, command: Command | str) -> Reply:
        """Send one command, or a line such as ``"VRFY alice"``, and return its reply, positive or not.

        Raises:
            LocalProtocolError: if the state does not allow it; nothing was sent.
            RemoteProtocolError: if a line is not a command; nothing was sent.
            ConnectionLost: if no reply came.
        """
        reply: Reply = self._ask(self._session.command, command)
        return reply

    def deliver(self, sender: Path | str, recipients: Recipients, content: bytes) -> Delivery:
        """Deliver one message to the server for all recipients.

        Args:
            sender: the reverse-path; ``""`` for the null reverse-path of a bounce.
            recipients: the forward-paths, at least one; one alone needs no list.
            content: the message, lines ended by CRLF; dots are doubled here.

        Raises:
            LocalProtocolError: for a wrong address, no recipient, a bare CR or LF in the content, a header section that
                is neither ASCII nor UTF-8, or more octets than the server takes (SIZE); nothing was sent.
            TypeError: if an argument is of the wrong type; nothing was sent.
            Unsupported: if the message needs an extension that the server does not offer; nothing was sent.
            ConnectionLost: if the session broke before the end of the message.
            OutcomeUnknown: if it broke after that.
        """
        delivery: Delivery = self._ask(self._session.deliver, sender, recipients, content)
        return delivery

    def ask(self, sender: Path | str, recipients: Recipients, content: bytes) -> Delivery:
        """Test if the server would accept a message for these recipients: `deliver` up to DATA, then RSET.

        The message is not sent. A server may still refuse it later.

        Raises:
            As `deliver`.
        """
        delivery: Delivery = self._ask(self._session.ask, sender, recipients, content)
        return delivery

    def deliver_all(self, mail: Iterable[OutgoingMail]) -> Iterator[Delivery]:
        """Deliver one message after the other; yield what became of each as soon as it is known.

        Where the server offers PIPELINING, the end of a message and the commands for the next one go out together (RFC
        2920 3.1), so that each message takes one round trip. If you leave the loop early, a next message that has been
        announced already ends the session: the connection is closed. Within the loop nothing else can be delivered.

        Args:
            mail: sender, recipients and content of each message, as `deliver` takes them. Two are read ahead: the
                next one before the end of a message is sent, and the one after it while the server takes that message.

        Raises:
            As `deliver`, for the message whose turn it is. Those before it have been yielded, and those behind it have
            not been sent; of the next one, sender and recipients may have been announced. Of this one nothing has been
            sent if the exception says so.
        """
        batch = self._session.batch(mail)
        while True:
            delivery: Delivery | None = self._ask(self._session.deliver_next, batch)
            if delivery is None:
                return
            try:
                yield delivery
            except GeneratorExit:
                self._session.leave_batch()
                self._close_if_over()
                raise

    def send_message(
        self,
        message: Message,
        sender: Path | str | None = None,
        recipients: Recipients | None = None,
    ) -> Delivery:
        """Deliver a message of the standard library's `email` package.

        Args:
            message: the message; Bcc and Resent-Bcc are not sent.
            sender: the reverse-path; by default the Sender or else the From field. If neither names an address, say
                ``""`` for a message that nobody answers.
            recipients: by default the addresses of To, Cc and Bcc.

        Raises:
            As `deliver`.
        """
        from ..client.message import as_mail

        return self.deliver(*as_mail(message, sender, recipients, self.extensions))

    def quit(self) -> Reply | None:
        """Say QUIT if the session is still open, return the reply, and close."""
        try:
            reply: Reply | None = self._ask(self._session.quit)
            return reply
        finally:
            self.close()

    def close(self) -> None:
        """Close the connection without a word."""
        self._session.close()
        self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._ask(self._session.leave)
        self.close()

    def _ask(self, begin: Callable[..., None], *arguments: object) -> Any:
        """Run an operation. What has arrived before is heard first, because it answers nothing that is asked now.

        What arrives after the next message of a batch was announced answers that; `_run` hears it in its turn.
        """
        if not self._session.announced:
            self._hear_unasked()
        begin(*arguments)
        return self._run()

    def _hear_unasked(self, *, unsent: int = 0) -> None:
        """Hear what has arrived, so that it is not taken for the answer to what is sent next.

        Args:
            unsent: as for `DeliverySession.receive`.
        """
        try:
            if not self._session.closed and (data := self._stream.arrived()) is not None:
                self._note(_SERVER, data)
                self._session.receive(data, unsent=unsent)
        except OSError as error:  # the connection is gone; the operation under way, or the next one, says so
            if self._session.busy:
                self._session.broken(error.strerror or str(error), unsent=unsent)
            else:
                self._session.receive(b"")
        except BaseException:
            self.close()
            raise

    def _run(self) -> Any:
        """Move octets until the operation has ended; return its result, or raise its error."""
        session = self._session
        try:
            while True:
                if session.sends_message:
                    self._hear_unasked()
                if data := session.data_to_send():
                    self._send(data)
                if not session.busy:
                    break
                session.prepare()
                self._hear()
        except BaseException:  # interrupted: a late reply must not pair with the next command
            self.close()
            raise
        self._close_if_over()
        return session.outcome()

    def _send(self, data: bytes) -> None:
        session = self._session
        try:
            if len(data) > _LONG_OCTETS and session.state is _DATA:
                # The server may speak while most of it is sent, and nobody listens: hear that before the end goes out.
                end = session.octets_at_end
                self._send_all(data[:-end])
                data = data[-end:]
                self._hear_unasked(unsent=end)
                if session.closed:
                    return
            self._send_all(data)
        except TimeoutError:
            session.took_nothing()
        except OSError as error:
            self._hear_last_words()
            session.broken(error.strerror or str(error), unsent=SOME)

    def _send_all(self, data: bytes) -> None:
        if self.transcript is not None:
            self._note(_CLIENT, data)
        self._stream.send(data, self._session.timeouts.block)

    def _hear(self) -> None:
        """Wait for the reply that is due, all of it within one deadline."""
        session = self._session
        wait, deadline = session.wait_number, Deadline(session.awaits or 0.0)
        try:
            while session.wait_number == wait and session.busy:
                data = deadline.receive(self._stream)
                if self.transcript is not None:
                    self._note(_SERVER, data)
                session.receive(data)
        except TimeoutError:
            session.timed_out()
        except OSError as error:
            session.broken(error.strerror or str(error))

    def _close_if_over(self) -> None:
        if self._session.closed:
            self._stream.close()

    def _hear_last_words(self) -> None:
        """Take what the server said before it broke the connection: a 421 may say why."""
        try:
            while data := self._stream.receive(_LAST_WORDS_SECONDS):
                self._note(_SERVER, data)
                self._session.receive(data, unsent=SOME)
        except OSError:
            pass

    def _note(self, side: Side, data: bytes) -> None:
        if self.transcript is not None and data:
            names = self._stream.take_names() if side is _SERVER else ()
            self.transcript.feed(side, data, self._clock() - self._began, names)
