"""What a client says, operation by operation: each is a dialogue that reads from top to bottom.

An operation is a generator. It queues what is to be said, and each ``yield`` waits for one reply. Whatever can break
the dialogue (silence, a lost connection, a reply that is none) arrives as an exception at the ``yield`` that waited.
`session.DeliverySession` runs operations; nothing here moves octets or reads a clock.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import suppress
from typing import TypeVar

from ..protocol.commands import Command, Ehlo, Helo, Quit, Rset, parse_command
from ..protocol.connection import ClientConnection
from ..protocol.errors import LocalProtocolError
from ..protocol.replies import Reply
from ..protocol.states import GREETING, State, is_legal
from . import sentences
from .outcomes import ConnectionLost, Delivery, OutcomeUnknown, ServiceRefused, Timeouts
from .transfer import Batch, OutgoingMail, Transfer, plan

Result = TypeVar("Result")
# Yields to wait for a reply, is sent the reply, and returns its result.
Operation = Generator[None, Reply, Result]

_DATA, _CLOSED = State.DATA, State.CLOSED  # constants for speed, see protocol.connection

# How long the reply to the last QUIT is awaited. Everything that matters was answered before.
FAREWELL_SECONDS = 5.0


class Operations:
    """The operations of one session.

    Args:
        helo: what the client calls itself in EHLO or HELO: a domain name or an address literal.
        timeouts: how many seconds to wait for each reply.
        server: the server's name in error sentences.

    Attributes:
        connection: the client's end in the kernel, which judges what may be said when.
        timeouts, server: as above.
        announced: the next message of a batch, once its first group went out behind the message before it.
        preparing: the batch that has a next message to plan while the server works; None if there is nothing to do.
        unsent: True once the connection broke before all octets were sent.

    Raises:
        LocalProtocolError: if `helo` is not a name.
    """

    __slots__ = ("_fallback", "_hello", "announced", "connection", "preparing", "server", "timeouts", "unsent")

    def __init__(self, helo: str, timeouts: Timeouts, server: str) -> None:
        self._hello, self._fallback = Ehlo(helo), Helo(helo)
        self.connection = ClientConnection()
        self.timeouts, self.server = timeouts, server
        self.announced: Transfer | None = None
        self.preparing: Batch | None = None
        self.unsent = False

    def open(self) -> Operation[None]:
        """Wait for the greeting, then say EHLO, or HELO where EHLO is unknown (RFC 5321 3.1, 3.2)."""
        if self.connection.awaited != GREETING:
            raise LocalProtocolError(sentences.OPENED)
        greeting = yield
        if not greeting.is_positive:
            yield from self.leave()  # RFC 5321 4.1.1.10: no client leaves without QUIT
            raise ServiceRefused(sentences.NO_SERVICE.format(server=self.server, reply=greeting), greeting)
        reply = yield from self.command(self._hello)
        if not reply.is_positive and self.connection.state is not _CLOSED:
            reply = yield from self.command(self._fallback)  # RFC 5321 3.2: a server that does not know EHLO
        if not reply.is_positive:
            why = sentences.CLOSED_AT_EHLO if self.connection.state is _CLOSED else sentences.NEITHER_HELLO
            yield from self.leave()
            raise ServiceRefused(why.format(server=self.server, reply=reply), reply)

    def command(self, command: Command | str) -> Operation[Reply]:
        """Say one command, and return its reply."""
        if self.announced is not None:  # its replies come first, and they are for `_negotiate`
            raise LocalProtocolError(sentences.ANNOUNCED)
        self.connection.send(parse_command(command.encode()) if isinstance(command, str) else command)
        return (yield)

    def quit(self) -> Operation[Reply | None]:
        """Say QUIT if the session is still open, return its reply, and end the session."""
        try:
            return None if self.connection.state is _CLOSED else (yield from self.command(Quit()))
        finally:
            self.connection.close()

    def leave(self) -> Operation[None]:
        """Say QUIT; nothing that comes of it matters any more, so it is not awaited for long.

        If a next message was announced, the end of the connection alone takes it back.
        """
        if self.announced is not None:
            self.connection.close()
        self.timeouts = Timeouts.all(min(self.timeouts.command, FAREWELL_SECONDS))
        with suppress(ConnectionLost):
            yield from self.quit()

    def deliver(self, mail: OutgoingMail) -> Operation[Delivery]:
        """Deliver one message."""
        transfer = plan(mail, self.connection.extensions, self.server)
        yield from self._negotiate(transfer)
        return (yield from self._finish(transfer))

    def ask(self, mail: OutgoingMail) -> Operation[Delivery]:
        """Say what `deliver` says up to the last recipient, then RSET."""
        transfer = plan(mail, self.connection.extensions, self.server, closing=())
        yield from self._negotiate(transfer)
        return (yield from self._finish(transfer))

    def deliver_next(self, batch: Batch) -> Operation[Delivery | None]:
        """Deliver the next message of a batch; return None after the last one."""
        transfer = batch.advance()
        if transfer is None:
            return None
        if batch.begun and self.connection.state is _CLOSED:
            raise ConnectionLost(sentences.ENDED_BEFORE_NEXT.format(server=self.server))
        batch.begun = True
        yield from self._negotiate(transfer)
        batch.following = batch.take()
        return (yield from self._finish(transfer, batch))

    def _negotiate(self, transfer: Transfer) -> Operation[None]:
        """Send the commands for a message, group after group as long as there is a point, and take the replies."""
        if self.announced is None:
            self._queue(transfer.groups.popleft())
        elif self.announced is not transfer:
            raise LocalProtocolError(sentences.ANNOUNCED)
        self.announced = None
        yield from self._gather(transfer)
        connection = self.connection
        while transfer.groups and is_legal(connection.state, transfer.groups[0][0].verb, connection.extensions):
            self._queue(transfer.groups.popleft())
            yield from self._gather(transfer)

    def _gather(self, transfer: Transfer) -> Operation[None]:
        while self.connection.awaited is not None:
            transfer.replies.append((yield))

    def _queue(self, group: list[Command]) -> None:
        for command in group:
            self.connection.send(command)

    def _finish(self, transfer: Transfer, batch: Batch | None = None) -> Operation[Delivery]:
        """Send the message if it may come, with the next one's first group behind it; return what became of it."""
        closed, reply = self.connection.state is _CLOSED, None
        if self.connection.state is _DATA:
            # RFC 2920 3.1: if no recipient was accepted, a 354 all the same obliges us to a lone dot.
            self.connection.send_message(transfer.message if transfer.has_recipient else b"")
            if batch is not None:
                self._announce(batch)
            reply = yield from self._answer_to_message()
        elif self.connection.state in (State.SENDER, State.RECIPIENT):
            with suppress(ConnectionLost):  # the message has been refused; the end of the session does not change that
                yield from self.command(Rset())
        return transfer.delivery(reply, closed=closed)

    def _announce(self, batch: Batch) -> None:
        """Queue the first commands of the next message behind the end of this one."""
        if "PIPELINING" in self.connection.extensions and batch.following is not None:
            self._queue(batch.following.groups.popleft())
            self.announced = batch.following
        self.preparing = batch

    def _answer_to_message(self) -> Operation[Reply]:
        """Return the reply to the message; if it is lost, nobody knows whether the server took the message."""
        try:
            return (yield)
        except ConnectionLost as error:
            if self.unsent and self.announced is None:
                raise  # the octets that end the message are the last, and have not gone out
            raise OutcomeUnknown(sentences.NOT_KNOWN.format(reason=error)) from None
