"""Play mail hosts with queues on a virtual clock, for exercises that judge what becomes of mail.

A student's answer is a value here, such as a zone or a schedule. The referee builds the hosts itself, sends messages,
lets hours or days pass, and looks into the mailboxes. No code of the student's runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from ...base.seed import Seed
from ...client.outcomes import Delivery
from ...client.session import DeliverySession
from ...mta.directory import Directory
from ...mta.host import MailHost
from ...mta.personality import Personality
from ...mta.policy import Policy
from ...mta.queue_ids import QueueIds
from ...mta.queue_manager import QueueManager, QueueSettings
from ...mta.spool import MemorySpool
from ...mta.store import MemoryStore
from ...mta.zone import Zone
from ...protocol.grammar import Path
from ...protocol.replies import Reply
from ...worlds.connections import connect
from ...worlds.host_jobs import HostJobs
from ...worlds.virtual import Host, World
from .hosts import NOON

SEED = Seed("smtplab exercises")


@dataclass(frozen=True, slots=True)
class PlayedHost:
    """A host of a played world.

    Args:
        host: the host of the virtual world.
        handler: its mail server.
        manager: its queue.
        jobs: starts the attempts of its queue.
    """

    host: Host
    handler: MailHost
    manager: QueueManager
    jobs: HostJobs

    def mail(self, mailbox: str) -> tuple[bytes, ...]:
        """Return the messages in a mailbox, oldest first."""
        return tuple(self.handler.store.messages(mailbox))

    def go_up(self) -> None:
        """Come back after an outage, and go on with the queue."""
        self.host.up = True
        self.jobs.look()


class PlayedWorld:
    """Mail hosts with queues, and a client that gives them messages."""

    def __init__(self) -> None:
        self._world = World()
        self._clock = self._world.clock(NOON)

    @property
    def now(self) -> int:
        """The time since the beginning, in microseconds."""
        return self._world.scheduler.now

    def add(
        self,
        name: str,
        address: str,
        directory: Directory,
        zone: Zone,
        settings: QueueSettings | None = None,
        kind: type[MailHost] = MailHost,
    ) -> PlayedHost:
        """Add a host that delivers the mail of its directory, and relays all other mail by its zone.

        Args:
            name, address: the host's name and IP address.
            directory: its users.
            zone: where it sends other mail.
            settings: its queue; the defaults of RFC 5321 4.5.4.1 if None.
            kind: the class of its handler.
        """
        settings = settings or QueueSettings(seed=SEED.fork(name))
        manager = QueueManager(name, zone, MemorySpool(), settings, clock=self._clock, ids=QueueIds())
        handler = kind(directory, MemoryStore(), personality=_plain(), queue=manager)
        host = self._world.add(Host(name, address, handler, Policy()))
        return PlayedHost(host, handler, manager, HostJobs(self._world, host, manager))

    def send(self, via: str, sender: str, recipient: str, content: bytes) -> Reply:
        """Give a message to a host, and return the reply that decides: to the recipient, or to the message."""
        session = DeliverySession("laptop.example")
        session.open()
        call = connect(self._world, session, via)
        self.run(lambda: not session.busy)
        session.deliver(Path.parse(f"<{sender}>"), [Path.parse(f"<{recipient}>")], content)
        call.run()
        self.run(lambda: not session.busy)
        delivery: Delivery = session.outcome()
        session.leave()
        call.run()
        ((_, reply),) = delivery.recipient_replies
        return reply if not reply.is_positive else delivery.reply or reply

    def advance(self, microseconds: int) -> None:
        """Let time pass."""
        self._world.advance(microseconds)

    def after(self, microseconds: int, action: Callable[[], None]) -> None:
        """Call an action once so much time has passed."""
        self._world.scheduler.after(microseconds, action)

    def run(self, until: Callable[[], bool]) -> None:
        """Let time pass until a condition holds, or until nothing happens any more."""
        self._world.run(until)


@cache
def _plain() -> Personality:
    return Personality.load("plain")
