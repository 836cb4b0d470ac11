"""The worlds in which the answers to exercise 06 are tried: the task's hosts, on a virtual clock.

A slip costs its own points only. So the records are tried without the aliases, and the aliases with sound records.
"""

from __future__ import annotations

from dataclasses import dataclass

from ....base.duration import MINUTE
from ....mta.directory import Directory
from ....mta.zone import Zone
from ....protocol.replies import Reply
from ..played import PlayedHost, PlayedWorld
from .records import Aliases, Records
from .task import MailRoutesTask

_ORIGIN_ADDRESS = "198.51.100.25"


@dataclass(frozen=True)
class Played:
    """What became of the messages to one address.

    Args:
        replies: the reply of the sender's host to each message.
        places: the host and mailbox of each copy that has arrived.
        hops: how many hosts each of these copies has passed.
        bounced: True if a report has come back to the sender.
        held: the hosts whose queues still have a message.
    """

    replies: tuple[Reply, ...]
    places: tuple[tuple[str, str], ...]
    hops: tuple[int, ...]
    bounced: bool
    held: tuple[str, ...]

    def told(self) -> str:
        """Return in words what became of the messages."""
        if self.places:
            at = ", ".join(dict.fromkeys(f"{host}, mailbox {box}" for host, box in self.places))
            return f"it arrived at {at}" + "; for others it came back to the sender as a bounce" * self.bounced
        if not self.replies[0].is_positive:
            return f"the sender's host refused it with {self.replies[0].code}"
        if self.bounced:
            return "it came back to the sender as a bounce"
        return f"it waits in the queue of {' and '.join(self.held)}" if self.held else "it arrived nowhere"


class RoutesWorld:
    """The hosts of a task with somebody's records and aliases. The first host of `branch` is down.

    Args:
        task: the task.
        records: the records of all domains.
        aliases: the aliases of the student's domain.

    Attributes:
        main, first: hosts that may go down and up.
    """

    def __init__(self, task: MailRoutesTask, records: Records, aliases: Aliases) -> None:
        self._task = task
        self._world = PlayedWorld()
        self._count = 0
        sender = f"out.{task.origin}"
        zone = Zone(
            mx={**records.mx, task.origin: [(10, sender)]},
            hosts={**records.addresses, sender: [_ORIGIN_ADDRESS]},
            aliases=records.aliases,
        )

        def add(name: str, directory: Directory) -> PlayedHost:
            return self._world.add(name, task.machines.get(name, _ORIGIN_ADDRESS), directory, zone)

        self._origin = add(sender, Directory([task.origin], [task.author]))
        self.main = add(task.main, aliases.directory(task))
        self.first = add(task.first, Directory([task.branch], [task.partner]))
        self._all = (
            self._origin,
            self.main,
            add(task.backup, Directory([task.backup])),
            self.first,
            add(task.second, Directory([task.branch], [task.partner])),
            add(task.small, Directory([task.small], [task.friend, task.moved])),
        )
        self.first.host.up = False

    def send(self, address: str, *, copies: int = 1, minutes: int = 5) -> Played:
        """Send messages to an address, let some time pass, and look where they are."""
        self._count += 1
        sender = f"{self._task.author}@{self._task.origin}"
        content = f"From: <{sender}>\r\nMessage-ID: <{self._mark}>\r\n\r\nHello.\r\n".encode()
        via = self._origin.handler.hostname
        replies = tuple(self._world.send(via, sender, address, content) for _ in range(copies))
        return self.later(replies, minutes=minutes)

    def later(self, replies: tuple[Reply, ...], *, minutes: int) -> Played:
        """Let some time pass, and look again where the last messages are; `replies` are those they got."""
        self._world.advance(minutes * MINUTE)
        mark = self._mark.encode()
        arrived = [
            (played.handler.hostname, mailbox, mail)
            for played in self._all
            for mailbox in played.handler.directory.mailboxes
            for mail in played.mail(mailbox)
            if mark in mail
        ]
        copies = [each for each in arrived if each[0] != self._origin.handler.hostname]
        return Played(
            replies,
            tuple((host, mailbox) for host, mailbox, _ in copies),
            tuple(mail.count(b"Received:") for _, _, mail in copies),
            len(copies) < len(arrived),
            tuple(
                "the sender's host" if played is self._origin else played.handler.hostname
                for played in self._all
                if any(mark in played.manager.spool.content(entry.queue_id) for entry in played.manager.queue)
            ),
        )

    @property
    def _mark(self) -> str:
        """What tells the messages to one address from others."""
        return f"mark-{self._count}@laptop.example"
