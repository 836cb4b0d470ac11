"""A relay for tests that is run without sockets, and with a time that is only a number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from smtplab.base.seed import Seed
from smtplab.mta.bounce import DeliveryReport, read_report
from smtplab.mta.directory import Directory
from smtplab.mta.handler import Handler
from smtplab.mta.host import MailHost
from smtplab.mta.policy import Policy
from smtplab.mta.queue_entry import LOCAL
from smtplab.mta.queue_events import AttemptSettled, AttemptStarted, QueueEvent, ReportSuppressed
from smtplab.mta.queue_ids import QueueIds
from smtplab.mta.queue_manager import QueueManager, QueueSettings
from smtplab.mta.spool import MemorySpool
from smtplab.mta.store import LocalError, MemoryStore
from smtplab.mta.zone import Zone
from smtplab.protocol.grammar import Path
from smtplab.worlds.virtual import Host
from support.hosts import MemoryWorld, carry_out

BEGIN = datetime(2026, 11, 30, tzinfo=UTC)
SENDER = Path("someone", "near.example")
CONTENT = b"Subject: x\r\n\r\nx\r\n"
ZONE = Zone(
    mx={"far.example": [(10, "far.example"), (20, "backup.example")], "nomail.example": [(0, ".")]},
    hosts={"far.example": ["192.0.2.10"], "backup.example": ["192.0.2.11"], "other.example": ["192.0.2.12"]},
)


def failing(*arguments: object, **named: object) -> Any:
    """Fail as a disk does; it stands in for any call of a spool or store."""
    raise LocalError("the disk is broken")


class Relaying:
    """A relay named near.example, its own user `someone`, and its clock.

    Args:
        hosts: the hosts that answer, by their names; they may be put in and taken out.
        seed: draws what is left to chance.
        spool: what it has kept; a new one by default.
    """

    def __init__(self, hosts: dict[str, Handler], seed: int = 1, spool: MemorySpool | None = None) -> None:
        self.hosts, self.now = hosts, 0
        self.policy = Policy()  # how they treat their clients
        self.attempts: list[int] = []
        self.events: list[QueueEvent] = []
        self.store = MemoryStore()
        self.spool = spool or MemorySpool()
        settings = QueueSettings(seed=Seed(seed))
        self.manager = QueueManager(
            "near.example", ZONE, self.spool, settings, clock=self.clock, ids=QueueIds(), observe=self.observe
        )
        self.host = MailHost(
            Directory("near.example", ["someone"], lists={"list": ["a@far.example"]}),
            self.store,
            queue=self.manager,
        )

    def clock(self) -> datetime:
        return BEGIN + timedelta(microseconds=self.now)

    def observe(self, event: QueueEvent) -> None:
        self.events.append(event)
        if isinstance(event, AttemptStarted) and event.attempt.entry.next_hop != LOCAL:
            self.attempts.append(self.now)

    @property
    def ended(self) -> Counter[str]:
        """How many recipients have ended in which way; reports do not count."""
        settled = [event for event in self.events if isinstance(event, AttemptSettled)]
        return Counter(
            each.action.value
            for event in settled
            if event.attempt.entry.next_hop != LOCAL
            for each in (*event.settlement.done, *event.settlement.failed)
        )

    @property
    def reports(self) -> list[DeliveryReport]:
        """The reports that `someone` has."""
        return [read_report(content) for content in self.store.messages("someone")]

    @property
    def dropped(self) -> int:
        return sum(isinstance(event, ReportSuppressed) for event in self.events)

    def accept(self, *recipients: Path, sender: Path = SENDER) -> None:
        """Take a message from a client, as `MailHost` does after it has checked the recipients."""
        entries = self.manager.entries(next(self.host.ids), {sender: recipients})
        draft = self.spool.begin(entries)
        draft.write(CONTENT)
        self.spool.commit(draft)
        self.manager.add(entries)

    def run(self, until: Callable[[], bool] = lambda: False) -> None:
        """Let time pass until a condition holds, or nothing is left in the queue."""
        while not until() and (left := self.manager.next_in()) is not None:
            self.now += left
            for job in self.manager.start_due():
                carry_out(job, self.world())

    def world(self) -> MemoryWorld:
        world = MemoryWorld()
        for name, handler in self.hosts.items():
            world.network.add(Host(handler.hostname, ZONE.addresses(name)[0], handler, self.policy))
        return world
