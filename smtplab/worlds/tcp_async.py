"""SMTP over TCP from the side that calls, on an asyncio event loop: `DeliverySession` between callbacks.

No thread waits: `ClientProtocol` passes received octets to the session and sends the session's octets. A server relays
with it on its own loop, and `AsyncClient` is the public client.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterable
from typing import TYPE_CHECKING, Any, Self, cast

from ..client.arguments import check_arguments
from ..client.message import as_mail
from ..client.operations import SOME
from ..client.outcomes import ConnectionLost, Delivery, Timeouts
from ..client.session import DeliverySession
from ..client.transfer import OutgoingMail, Recipients
from ..protocol.commands import Command
from ..protocol.extensions import Offer
from ..protocol.grammar import Path
from ..protocol.replies import Reply
from ..protocol.states import State
from ..transcript import Side, Transcript
from .addresses import Endpoints, no_connection, resolve_async
from .tcp_client import arrives

if TYPE_CHECKING:
    from email.message import Message

# How many octets of a reply are read at a time.
_READ_OCTETS = 64 * 1024


async def connect(host: str, port: int, *, seconds: float = 300.0, allow_remote: bool = False) -> socket.socket:
    """Open a TCP connection without blocking the event loop, and return its socket.

    Args:
        host: a name or an address.
        port: 1 to 65535.
        seconds: how long to try, all the host's addresses together.
        allow_remote: see `addresses.check_reach`.

    Raises:
        RemoteAddressRefused: if the host is not loopback and `allow_remote` is not set; nothing was sent.
        ConnectionLost: if nobody answers; the sentence says why.
    """
    endpoints = await resolve_async(host, port, allow_remote=allow_remote)
    try:
        async with asyncio.timeout(seconds):
            return await _first_that_answers(endpoints)
    except OSError as error:
        raise no_connection(host, port, error, seconds) from None


async def _first_that_answers(endpoints: Endpoints) -> socket.socket:
    loop = asyncio.get_running_loop()
    for family, address in endpoints:
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setblocking(False)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await loop.sock_connect(sock, address)
        except OSError as error:
            sock.close()
            failure = error
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    raise failure


class ClientProtocol(asyncio.BufferedProtocol):
    """Moves octets between one connection and one session.

    Args:
        session: the client's driver.
        inbox: where the connection is read into; connections of one loop may share it.
        transcript: where to write the conversation down; None for nowhere.
    """

    __slots__ = (
        "_began",
        "_deadline",
        "_done",
        "_inbox",
        "_loop",
        "_timer",
        "_transcript",
        "_unsent",
        "_wait_number",
        "_write_paused",
        "session",
        "transport",
    )  # fmt: skip

    def __init__(
        self,
        session: DeliverySession,
        inbox: memoryview | None = None,
        transcript: Transcript | None = None,
    ) -> None:
        self.session = session
        self._done: Callable[[], None] | None = None  # to be called when the operation under way has ended
        self._inbox = memoryview(bytearray(_READ_OCTETS)) if inbox is None else inbox
        self._transcript = transcript
        self._began = time.monotonic()
        self._loop = asyncio.get_running_loop()
        self._write_paused = False  # the server takes no octets now
        self._unsent = 0  # how many octets waited for it when that was last looked at
        self._timer: asyncio.TimerHandle | None = None
        self._wait_number = -1  # those of the session for which the deadline is
        self._deadline = 0.0

    def run(self, done: Callable[[], None]) -> None:
        """Move octets until the operation that was begun has ended; `done` is called then, perhaps at once."""
        self._done = done
        self._pump()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._inbox

    def buffer_updated(self, nbytes: int) -> None:
        data = self._inbox[:nbytes]
        if self._transcript is not None:
            self._note(Side.SERVER, bytes(data))
        self.session.receive(data, unsent=self.transport.get_write_buffer_size())
        self._pump()

    def eof_received(self) -> bool:
        self.session.receive(b"", unsent=self.transport.get_write_buffer_size())
        self._pump()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        if self.session.busy:
            reason = (exc.strerror if isinstance(exc, OSError) else None) or str(exc or "closed by this side")
            # The transport has forgotten what it had to send.
            self.session.broken(reason, unsent=SOME if self._write_paused else 0)
        else:
            self.session.receive(b"")  # the next operation says so, or returns the 421 that came before
        self._pump()

    def pause_writing(self) -> None:
        self._write_paused = True
        self._unsent = self.transport.get_write_buffer_size()
        self._set_deadline(self.session.timeouts.block)

    def resume_writing(self) -> None:
        self._write_paused = False
        self._wait_number = -1  # the reply is awaited from now on
        self._watch()

    def _pump(self) -> None:
        session = self.session
        if session.sends_message and self._has_arrived():
            return  # what the loop reads next is older than the message
        if (data := session.data_to_send()) and not self.transport.is_closing():
            if self._transcript is not None:
                self._note(Side.CLIENT, data)
            self.transport.write(data)
        if session.busy:
            session.prepare()
            self._watch()
            return
        if session.closed:
            self._stop_timer()
            self.transport.abort()  # what is left of a message must not be sent
        if self._done is not None:
            done, self._done = self._done, None
            done()

    def _has_arrived(self) -> bool:
        """Return True if something is still to be read, be it the end of the stream."""
        return not self.transport.is_closing() and arrives(self.transport.get_extra_info("socket").fileno(), 0.0)

    def _watch(self) -> None:
        """Set the deadline of the reply that is due."""
        session = self.session
        if session.wait_number != self._wait_number and not self._write_paused:
            self._wait_number = session.wait_number
            if (seconds := session.awaits) is not None:
                self._set_deadline(seconds)

    def _set_deadline(self, seconds: float) -> None:
        """Note the deadline. The timer stays if it is early enough: most replies come long before."""
        self._deadline = self._loop.time() + seconds
        if self._timer is not None and self._timer.when() > self._deadline:
            self._stop_timer()
        if self._timer is None:
            self._timer = self._loop.call_at(self._deadline, self._time_is_up)

    def _time_is_up(self) -> None:
        self._timer = None
        if not self.session.busy:
            return
        if self._loop.time() < self._deadline:
            self._timer = self._loop.call_at(self._deadline, self._time_is_up)
            return
        if not self._write_paused:
            self.session.timed_out()
        elif (unsent := self.transport.get_write_buffer_size()) < self._unsent:
            self._unsent = unsent  # RFC 5321 4.5.3.2.5: the limit is for each block, and some have been taken
            self._set_deadline(self.session.timeouts.block)
            return
        else:
            self.session.took_nothing()
        self._pump()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _note(self, side: Side, data: bytes) -> None:
        assert self._transcript is not None
        self._transcript.feed(side, data, time.monotonic() - self._began)


class AsyncClient:
    """An SMTP client over TCP for asyncio, to be used with ``async with``::

        async with AsyncClient("127.0.0.1", 2525) as client:
            await client.deliver("a@example.com", ["b@example.com"], content)

    It has the methods of `Client`. One client does one thing at a time; to deliver in parallel, use several. When a
    call is cancelled, the session ends, because a late reply must not pair with the next command.

    Args:
        host: a name or an address.
        port: the server's port.
        helo: what the client calls itself; by default the address literal of loopback.
        timeouts: how many seconds to wait for each reply.
        allow_remote: see `addresses.check_reach`.
        transcript: where to write the conversation down.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        helo: str = "[127.0.0.1]",
        timeouts: Timeouts | None = None,
        allow_remote: bool = False,
        transcript: Transcript | None = None,
    ) -> None:
        self._host, self._port, self._allow_remote = host, port, allow_remote
        check_arguments(helo, timeouts, transcript)
        self._session = DeliverySession(helo, timeouts=timeouts, server=f"{host} port {port}")
        self._protocol: ClientProtocol | None = None
        self._ended: asyncio.Future[None] | None = None
        self.transcript = transcript

    async def open(self) -> Self:
        """Connect, be greeted, and say EHLO (or HELO); ``async with`` does it.

        Raises:
            RemoteAddressRefused, ConnectionLost, ServiceRefused: as `Client` does.
            LocalProtocolError: if it has been opened before.
        """
        self._session.open()
        if self._session.busy:
            await self._connect()
        await self._run()
        return self

    async def _connect(self) -> None:
        """Open the session's connection, or report to the session why there is none."""
        loop, seconds = asyncio.get_running_loop(), self._session.timeouts.greeting
        try:
            sock = await connect(self._host, self._port, seconds=seconds, allow_remote=self._allow_remote)
            protocol = ClientProtocol(self._session, transcript=self.transcript)
            await loop.create_connection(lambda: protocol, sock=sock)
            self._protocol = protocol
        except ConnectionLost as error:
            self._session.connection_failed(error)
        except BaseException:
            self._session.close()
            raise

    @property
    def extensions(self) -> Offer:
        """What the server offered in its EHLO reply: keyword to text."""
        return self._session.extensions

    @property
    def state(self) -> State:
        """The state of the session."""
        return self._session.state

    async def command(self, command: Command | str) -> Reply:
        """Send one command and return its reply; see `Client.command`."""
        self._session.command(command)
        return cast(Reply, await self._run())

    async def deliver(self, sender: Path | str, recipients: Recipients, content: bytes) -> Delivery:
        """Deliver one message to the server for all recipients; see `Client.deliver`."""
        self._session.deliver(sender, recipients, content)
        return cast(Delivery, await self._run())

    async def ask(self, sender: Path | str, recipients: Recipients, content: bytes) -> Delivery:
        """Test if the server would accept a message, without sending it; see `Client.ask`."""
        self._session.ask(sender, recipients, content)
        return cast(Delivery, await self._run())

    async def deliver_all(self, mail: Iterable[OutgoingMail]) -> AsyncIterator[Delivery]:
        """Deliver one message after the other; yield what became of each. See `Client.deliver_all`."""
        batch = self._session.batch(mail)
        while True:
            self._session.deliver_next(batch)
            delivery: Delivery | None = await self._run()
            if delivery is None:
                return
            try:
                yield delivery
            except GeneratorExit:
                self._session.leave_batch()
                self._close_if_over()
                raise

    async def send_message(
        self,
        message: Message,
        sender: Path | str | None = None,
        recipients: Recipients | None = None,
    ) -> Delivery:
        """Deliver a message of the standard library's `email` package; see `Client.send_message`."""
        return await self.deliver(*as_mail(message, sender, recipients, self.extensions))

    async def quit(self) -> Reply | None:
        """Say QUIT if the session is still open, return the reply, and close."""
        self._session.quit()
        try:
            return cast("Reply | None", await self._run())
        finally:
            self.close()

    def close(self) -> None:
        """Close the connection without a word."""
        self._session.close()
        self._close_if_over()

    async def __aenter__(self) -> Self:
        return await self.open()

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None and not self._session.closed:
                self._session.leave()
                await self._run()
        finally:
            self.close()

    async def _run(self) -> Any:
        """Wait until the operation has ended; return its result, or raise its error."""
        if self._session.busy:
            assert self._protocol is not None
            self._ended = asyncio.get_running_loop().create_future()
            self._protocol.run(self._operation_ended)
            try:
                await self._ended
            except BaseException:
                self.close()
                raise
        else:
            self._close_if_over()
        return self._session.outcome()

    def _operation_ended(self) -> None:
        if self._ended is not None and not self._ended.done():
            self._ended.set_result(None)

    def _close_if_over(self) -> None:
        if self._session.closed and self._protocol is not None:
            self._protocol.transport.abort()
