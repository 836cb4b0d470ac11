"""The operations of a client, each a dialogue that reads from top to bottom.

An operation is a generator. It queues commands, and each ``yield`` waits for so many replies; it gets fewer if one of
them ends the session. A timeout, a lost connection or an invalid reply is raised as an exception at the ``yield`` that
waited.
`session.DeliverySession` runs operations; nothing here moves octets or reads a clock.
"""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import suppress
from typing import TypeVar

from ..protocol.client import ClientConnection
from ..protocol.commands import Command, Ehlo, Helo, Quit, Rset, parse_command
from ..protocol.replies import LocalProtocolError, Reply
from ..protocol.states import GREETING, State, is_legal
from . import sentences
from .outcomes import ConnectionLost, Delivery, OutcomeUnknown, ServiceRefused, Timeouts
from .transfer import Batch, OutgoingMail, Planner, Transfer

ResultT = TypeVar("ResultT")
# Yields how many replies it waits for, at least one; is sent these replies, and returns its result. It is resumed once
# for a group of commands, not once for each reply.
Operation = Generator[int, list[Reply], ResultT]

# Constants for speed, see protocol.connection.
_SENDER, _RECIPIENT, _DATA, _CLOSED = State.SENDER, State.RECIPIENT, State.DATA, State.CLOSED

# How many octets of `data_to_send` were not sent, where a world cannot say: at least one, and perhaps all.
SOME = sys.maxsize

# How long the reply to the last QUIT is awaited. Everything that matters was answered before.
FAREWELL_SECONDS = 5.0
_FAREWELL = Timeouts.all(FAREWELL_SECONDS)


class Operations:
    """The operations of one session.

    Args:
        helo: what the client calls itself in EHLO or HELO: a domain name or an address literal.
        timeouts: how many seconds to wait for each reply.
        server: the server's name in error sentences.

    Attributes:
        connection: the client's end in the kernel, which checks the order of commands.
        timeouts, server: as above.
        planner: plans the messages.
        announced: the next message of a batch, once its first group went out behind the message before it.
        preparing: the batch that has a next message to plan while the server works; None if there is nothing to do.
        unsent: how many octets had not been sent when the connection ended; `SOME` for an unknown number.
        octets_behind: how many octets of the next message's commands were queued behind the end of the last message.
        farewell: a 421 that came unasked before the session could go on; None if none did.

    Raises:
        LocalProtocolError: if `helo` is not a name.
    """

    __slots__ = (
        "_hello", "announced", "connection", "farewell", "octets_behind", "planner", "preparing",
        "server", "timeouts", "unsent",
    )  # fmt: skip

    def __init__(self, helo: str, timeouts: Timeouts, server: str) -> None:
        self._hello = Ehlo(helo)
        self.connection = ClientConnection()
        self.timeouts, self.server = timeouts, server
        self.planner = Planner(server)
        self.announced: Transfer | None = None
        self.preparing: Batch | None = None
        self.unsent = 0
        self.octets_behind = 0
        self.farewell: Reply | None = None

    def open(self) -> Operation[None]:
        """Wait for the greeting, then say EHLO, or HELO where EHLO is unknown (RFC 5321 3.1, 3.2)."""
        if self.connection.awaited != GREETING:
            raise LocalProtocolError(sentences.OPENED)
        (greeting,) = yield 1
        if not greeting.is_positive:
            yield from self.leave()  # RFC 5321 4.1.1.10: no client leaves without QUIT
            raise ServiceRefused(sentences.NO_SERVICE.format(server=self.server, reply=greeting), greeting)
        reply = yield from self.command(self._hello)
        if not reply.is_positive and self.connection.state is not _CLOSED:
            reply = yield from self.command(Helo(self._hello.domain))  # RFC 5321 3.2: the server does not support EHLO
        if not reply.is_positive:
            why = sentences.CLOSED_AT_EHLO if self.connection.state is _CLOSED else sentences.NEITHER_HELLO
            yield from self.leave()
            raise ServiceRefused(why.format(server=self.server, reply=reply), reply)

    def command(self, command: Command | str) -> Operation[Reply]:
        """Say one command, and return its reply."""
        if self.announced is not None:  # its replies come first, and they are for `_negotiate`
            raise LocalProtocolError(sentences.ANNOUNCED)
        if isinstance(command, str):
            command = parse_command(command.encode())
        elif not isinstance(command, Command):
            raise TypeError(sentences.NOT_A_COMMAND.format(type=type(command).__name__))
        self.connection.send(command)
        (reply,) = yield 1
        return reply

    def quit(self) -> Operation[Reply | None]:
        """Say QUIT if the session is still open, return its reply, and end the session."""
        try:
            return None if self.connection.state is _CLOSED else (yield from self.command(Quit()))
        finally:
            self.connection.close()

    def leave(self) -> Operation[None]:
        """Say QUIT; nothing that comes of it matters any more, so it is not awaited for long.

        Where QUIT may not come, as between 354 and the lone dot, only the end of the connection is left. It alone also
        takes back a next message that was announced.
        """
        if self.announced is not None or not is_legal(self.connection.state, "QUIT"):
            self.connection.close()
        patience = self.timeouts.command
        self.timeouts = _FAREWELL if patience >= FAREWELL_SECONDS else Timeouts.all(patience)
        with suppress(ConnectionLost):
            yield from self.quit()

    def deliver(self, mail: OutgoingMail, *, leaving: bool = False) -> Operation[Delivery]:
        """Deliver one message."""
        transfer = self.planner.plan(mail, self.connection.extensions)
        yield from self._negotiate(transfer)
        return (yield from self._finish(transfer, leaving=leaving))

    def ask(self, mail: OutgoingMail, *, leaving: bool = False) -> Operation[Delivery]:
        """Say what `deliver` says up to the last recipient, then RSET."""
        transfer = self.planner.plan(mail, self.connection.extensions, closing=())
        yield from self._negotiate(transfer)
        return (yield from self._finish(transfer, leaving=leaving))

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
        groups, connection = transfer.groups, self.connection
        if self.announced is None:
            connection.send_group(groups[0])
        elif self.announced is not transfer:
            raise LocalProtocolError(sentences.ANNOUNCED)
        self.announced = None
        transfer.replies += yield len(groups.popleft().commands)
        while groups and is_legal(connection.state, groups[0].commands[0].verb, connection.extensions):
            connection.send_group(groups[0])
            transfer.replies += yield len(groups.popleft().commands)

    def _finish(self, transfer: Transfer, batch: Batch | None = None, *, leaving: bool = False) -> Operation[Delivery]:
        """Send the message if it may come, with the next one's first group behind it; return what became of it."""
        state, reply = self.connection.state, self.farewell
        if state is _DATA:
            # RFC 2920 3.1: if no recipient was accepted, a 354 all the same obliges us to a lone dot.
            self.connection.send_message(transfer.message if transfer.has_recipient else b"")
            self.octets_behind = self.unsent = 0
            if batch is not None:
                self._announce(batch)
            try:
                (reply,) = yield 1
            except ConnectionLost as error:
                self._lose_reply(transfer, error)
        elif (state is _SENDER or state is _RECIPIENT) and not (leaving and transfer.is_refused):
            yield from self._take_back()
        return transfer.delivery(reply, closed=state is _CLOSED)

    def _take_back(self) -> Operation[None]:
        """End the transaction with RSET. What was said of its message stands, whatever becomes of the session.

        RFC 5321 4.1.1.5: RSET is answered with 250. A server that refuses it is left, for its next transaction would
        begin amid this one.
        """
        with suppress(ConnectionLost):
            reply = yield from self.command(Rset())
            if not reply.is_positive:
                yield from self.leave()

    def _announce(self, batch: Batch) -> None:
        """Queue the first commands of the next message behind the end of this one."""
        if "PIPELINING" in self.connection.extensions and batch.following is not None:
            group = batch.following.groups[0]
            self.connection.send_group(group)
            self.octets_behind = len(group.octets)
            self.announced = batch.following
        self.preparing = batch

    def _lose_reply(self, transfer: Transfer, error: ConnectionLost) -> None:
        """Raise `OutcomeUnknown`, because the reply to the message was lost.

        A lone dot after no accepted recipient sends no message. If its reply is lost, return, because every recipient
        was refused.
        """
        if not transfer.has_recipient:
            return
        is_known = self.announced is None or self.unsent < SOME
        if self.unsent > self.octets_behind and is_known:
            raise error  # the end of the message was not sent, so the server cannot have it
        unknown = OutcomeUnknown(sentences.NOT_KNOWN.format(reason=error))
        unknown.refused = transfer.refused
        raise unknown from None
