"""The people of a run: they hand their mail to hosts, and try again if a host does not take it."""

from __future__ import annotations

from typing import Protocol

from ..base.duration import MINUTE
from ..client.outcomes import Delivery
from ..client.session import DeliverySession
from ..client.transfer import path_of
from ..mta.attempt import Action, result_of
from ..mta.queue_events import Origin
from ..mta.queue_manager import QueueManager
from ..mta.store import StorageError
from ..mta.task import run_on_disk
from ..worlds.connections import CallingEnd, connect
from ..worlds.virtual import Host, World
from .traffic import BEGIN, SentMessage

# Whoever writes mail tries again after this time if the host does not take it, and so often.
_WAITS, _TRIES = 15 * MINUTE, 500

# What those who write mail are called in the record of a session, and their address.
WRITER, WRITER_ADDRESS = "writer", "203.0.113.7"


class RunWithSenders(Protocol):
    """The part of a run that a sender needs; see `simulation.Simulation`."""

    world: World

    def note(self, host: str, event: str, about: str = "", message: str = "", detail: str = "") -> None:
        """Write an event down."""

    def written(self) -> None:
        """Note that a sender has no more to do."""


class SenderOnHost:
    """Somebody who writes a message on its host, whose queue takes it without a session.

    Args:
        run: where that is.
        message: the message.
        host: the host.
        queue: the host's queue.
    """

    def __init__(self, run: RunWithSenders, message: SentMessage, host: Host, queue: QueueManager) -> None:
        self._run = run
        self._message = message
        self._host = host
        self._queue = queue
        self._tries = 0

    def write(self) -> None:
        """Put the message into the queue; try again later if the host is down or its disk is full."""
        if self._host.up and self._is_taken():
            self._run.written()
        else:
            world = self._run.world
            self._tries += 1
            world.scheduler.after(_WAITS, self.write, world.tie_breaks(f"writer {self._message.id} {self._tries}"))

    def _is_taken(self) -> bool:
        plan = self._message.plan
        copies = {path_of(plan.sender): [path_of(each) for each in plan.recipients]}
        try:
            run_on_disk(self._queue.spread(self._message.content(BEGIN), copies, Origin.WRITTEN))
        except StorageError:
            return False
        return True


class SenderOutside:
    """Somebody who hands a message to a host in a session.

    Args:
        run: where that is.
        message: the message.
    """

    def __init__(self, run: RunWithSenders, message: SentMessage) -> None:
        self._run = run
        self._message = message
        self._content = message.content(BEGIN)
        self._sender = path_of(message.plan.sender)
        self._left = [path_of(recipient) for recipient in message.plan.recipients]
        self._tries = 0

    def call(self) -> None:
        """Connect to the host."""
        run = self._run
        self._tries += 1
        self._session = DeliverySession("laptop.example", server=self._message.host)
        self._session.open()
        recorder = run.world.recorder
        record = None if recorder is None else recorder.call(WRITER, self._message.host, "", run.world.time)
        self._call: CallingEnd = connect(
            run.world,
            self._session,
            self._message.host,
            address=WRITER_ADDRESS,
            record=record,
            label=f"{self._message.id} {self._tries}",
            done=self._opened,
        )

    def _opened(self) -> None:
        error = self._session.outcome_or_error()
        if error is not None:
            self._settle(error, opening=True)
            return
        self._session.deliver(self._sender, self._left, self._content)
        self._call.run(self._delivered)

    def _delivered(self) -> None:
        outcome = self._session.outcome_or_error()
        if isinstance(outcome, Delivery) and outcome.complete:
            self._run.written()
        else:
            self._settle(outcome, opening=False)
        if isinstance(outcome, Delivery) and not self._session.closed:
            self._session.leave()
            self._call.run()

    def _settle(self, outcome: Delivery | Exception, *, opening: bool) -> None:
        result = result_of(outcome, self._left, self._message.host, opening=opening)
        self._left = [each.path for each in result.having(Action.DELAYED)]
        run = self._run
        for each in result.having(Action.FAILED):
            run.note(self._message.host, "not taken", each.path.address, self._message.id, each.words)
        if self._left and self._tries < _TRIES:
            ties = run.world.tie_breaks(f"sender {self._message.id} {self._tries}")
            run.world.scheduler.after(_WAITS, self.call, ties)
        else:
            run.written()
