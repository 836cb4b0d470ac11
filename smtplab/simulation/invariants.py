"""What holds after every event of a run, whatever fails: no mail is lost, doubled or bounced without a reason.

Mail is counted by message and recipient. For each message this holds, where a recipient that is being handed from one
host to the next counts once::

    accepted + added by lists and aliases + copies made by lost replies
        = delivered + queued + bounced + dropped

Dropped are the recipients who failed without a report, because the reverse-path is null, and those who were removed
from a queue by hand. Besides: a message from the null path makes no report, no report causes another one, each host
adds a hop, a session has one transaction at a time, replies pair with commands, and the clock never goes back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from ..base.duration import format_duration
from ..mta.attempt import RecipientResult
from ..mta.handler import Envelope
from ..mta.queue_entry import LOCAL, QueueEntry, Settlement
from ..mta.queue_events import (
    AttemptSettled,
    AttemptStarted,
    EntryDropped,
    Origin,
    Queued,
    QueueEvent,
    Reported,
    ReportSuppressed,
)
from ..protocol.grammar import Path
from . import sentences
from .conversations import Both
from .hosts import message_id
from .milestones import Milestone
from .paired_replies import PairedReplies, leaves_pairs
from .simulation import Simulation

# With at most this many hosts, all queues are counted again after each event; with more, at the end.
_FEW_HOSTS = 12

# A host, a message and a recipient.
_Copy = tuple[str, str, Path]


class InvariantError(AssertionError):
    """A run broke an invariant. The message says when, and which."""


@dataclass(slots=True)
class Account:
    """What became of one message, in numbers of recipients.

    Attributes:
        accepted: whom hosts have taken it for, from its sender; for a report, whom it was written for.
        added: how many more lists and aliases make of them, as the directories have it, whatever came of it; less than
            0 if several lead to one mailbox.
        copies: how many more a lost reply made, or a disk that was full when only a part had been stored.
        delivered, queued, bounced, dropped: where they are now.
        handed: how many are at two hosts, because the first has not got the reply yet.
    """

    accepted: int = 0
    added: int = 0
    copies: int = 0
    delivered: int = 0
    queued: int = 0
    bounced: int = 0
    dropped: int = 0
    handed: int = 0

    @property
    def is_balanced(self) -> bool:
        """True if every recipient is accounted for."""
        made = self.accepted + self.added + self.copies
        return made == self.delivered + self.queued - self.handed + self.bounced + self.dropped


class Invariants:
    """Check the invariants of a run after each event.

    Args:
        simulation: the run, before it begins.

    Attributes:
        accounts: by Message-ID, what became of each message.
    """

    def __init__(self, simulation: Simulation) -> None:
        self.accounts: dict[str, Account] = {}
        self._simulation = simulation
        self._time = 0
        self._ids: dict[tuple[str, str], str] = {}  # Message-IDs by host and queue id
        self._attempts: Counter[_Copy] = Counter()  # attempts under way
        self._handed: Counter[_Copy] = Counter()  # which of them the next host has accepted
        self._given_up: Counter[_Copy] = Counter()  # attempts that have ended without the reply to the message
        self._hops: dict[tuple[str, str], int] = {}  # with how many hops a host has taken a message, at least
        self._arrived: Counter[tuple[str, str]] = Counter()  # destinations that an arrival has led to so far
        self._reports: set[str] = set()  # Message-IDs
        self._unreported: dict[str, None] = {}  # entries whose senders are still to be told
        self._touched: dict[str, None] = {}
        self._broken: list[str] = []
        simulation.witnesses.append(self)
        recorder = simulation.world.recorder
        simulation.world.recorder = self if recorder is None else Both(recorder, self)

    def check(self) -> None:
        """Check all invariants; raise `InvariantError` if one is broken."""
        now = self._simulation.now
        if now < self._time:
            self._broken.append(f"the clock went back from {self._time} to {now}")
        self._time = now
        if self._touched:
            self._check_accounts()
        if self._broken:
            what, self._broken = "; ".join(self._broken), []
            event = self._simulation.recording.last
            raise InvariantError(sentences.BROKEN.format(time=format_duration(now), event=event, what=what))

    def count_again(self) -> None:
        """Count what is in all queues, and compare it with the accounts; raise `InvariantError` if they differ."""
        self._compare_queues()
        self.check()

    # What a run reports

    def queue_event(self, host: str, event: QueueEvent) -> None:
        """Take an event of the queue of a host."""
        if isinstance(event, Queued):
            self._queued(host, event)
        elif isinstance(event, AttemptStarted):
            self._attempts.update(self._copies(host, event.attempt.entry))
        elif isinstance(event, AttemptSettled):
            self._settled(host, event)
        elif isinstance(event, Reported):
            self._unreported.pop(f"{host} {event.entry.id}", None)
            if event.entry.sender.is_null:
                self._broken.append(f"{host} wrote a report about {event.entry.id}, which came from <>")
            if self._id(host, event.entry) in self._reports:
                self._broken.append(f"{host} wrote a report about {event.entry.id}, which is a report itself")
        elif isinstance(event, ReportSuppressed):
            if not event.entry.sender.is_null:
                self._broken.append(f"{host} wrote no report about the failure of {event.entry.id}")
        elif isinstance(event, EntryDropped):
            account = self._account(self._id(host, event.entry))
            account.queued -= len(event.entry.recipients)
            account.dropped += len(event.entry.recipients)

    def stored(self, host: str, mailboxes: int, message: str) -> None:
        """Note that a message is in some mailboxes now."""
        self._account(message).delivered += mailboxes
        self._arrived[host, message] += mailboxes

    def accepted(self, host: str, client: str, envelope: Envelope, message: str, hops: int) -> None:
        """Note that a host has accepted a message.

        Args:
            host: the host.
            client: the host that has handed it over; empty for its sender.
            envelope: its recipients.
            message: its Message-ID.
            hops: how many hosts have taken it, with this one.
        """
        account = self._account(message)
        paths = [rcpt.path for rcpt in envelope.recipients]
        self._arrived.pop((host, message), None)
        account.added += self._destinations(host, envelope.reverse_path, paths) - len(paths)
        if not client:
            account.accepted += len(paths)
        else:
            for path in paths:
                self._accept(host, (client, message, path))
            if hops <= self._hops.get((client, message), 0):
                self._broken.append(f"{message} has {hops} hops at {host}, and had no fewer at {client}")
        self._hops[host, message] = min(hops, self._hops.get((host, message), hops))

    # Records of connections; see `worlds.virtual.Recorder`

    def call(self, client: str, server: str, queue_id: str, seconds: float) -> PairedReplies:
        """Begin to watch a connection. A fault of the server may leave no pairs; then nothing is watched."""
        name = self._simulation.host_at(server) or server
        plan = self._simulation.hosts[name].plan
        watched = all(map(leaves_pairs, plan.all_faults))
        return PairedReplies(f"{client} and {name}", self._broken if watched else None)

    # Parts

    def _queued(self, host: str, event: Queued) -> None:
        for entry in event.entries:
            key = host, entry.queue_id
            if key not in self._ids:
                self._ids[key] = message_id(self._simulation.hosts[host].spool.content(entry.queue_id))
            account, count = self._account(self._ids[key]), len(entry.recipients)
            account.queued += count
            if event.origin is Origin.REPORT:
                self._reports.add(self._ids[key])
            if event.origin in (Origin.REPORT, Origin.WRITTEN):
                account.accepted += count
            else:
                self._arrived[host, self._ids[key]] += count

    def _settled(self, host: str, event: AttemptSettled) -> None:
        entry, settlement = event.attempt.entry, event.settlement
        message = self._id(host, entry)
        account = self._account(message)
        self._attempts.subtract(self._copies(host, entry))
        if entry.next_hop == LOCAL:
            self._deliver_here(host, message, entry, settlement)
        else:
            self._take_over(host, message, settlement.done)
        account.queued -= len(settlement.done) + len(settlement.failed)
        if entry.sender.is_null:
            account.dropped += len(settlement.failed)
        else:
            account.bounced += len(settlement.failed)
            if settlement.failed:
                self._unreported[f"{host} {entry.id}"] = None
        self._find_doubles(host, message, (*settlement.failed, *settlement.delayed))

    def _deliver_here(self, host: str, message: str, entry: QueueEntry, settlement: Settlement) -> None:
        """Note the recipients of a queued message who are users of its own host, or names that lead elsewhere.

        The mailboxes of a name may have the message although the queue could not take it for the others: then the name
        is tried again, and each of those mailboxes gets a second copy.
        """
        account, arrived = self._account(message), self._arrived.pop((host, message), 0)

        def led_to(results: Iterable[RecipientResult]) -> int:
            return sum(self._destinations(host, entry.sender, [each.path]) for each in results)

        expected = led_to(settlement.done)
        account.added += expected - len(settlement.done)
        if 0 < arrived - expected <= led_to((*settlement.failed, *settlement.delayed)):
            account.copies += arrived - expected

    def _destinations(self, host: str, sender: Path, paths: Iterable[Path]) -> int:
        """Return to how many mailboxes and paths elsewhere recipients lead, as the directory of a host has it."""
        directory = self._simulation.hosts[host].mail.directory
        found: set[tuple[Path, Path | str]] = set()
        for path in paths:
            if directory.is_local(path.domain):
                route = directory.resolve(path)
                led_to: tuple[Path | str, ...] = (*route.mailboxes, *route.remote)
                found.update((route.sender_of(each, sender), each) for each in led_to)
            else:
                found.add((sender, path))
        return len(found)

    def _accept(self, host: str, copy: _Copy) -> None:
        """Note that a host has accepted a recipient from another one, which may have given up waiting for the reply."""
        client, message, path = copy
        account = self._account(message)
        if self._handed[copy] < self._attempts[copy]:
            self._handed[copy] += 1
            account.handed += 1
        elif self._given_up[copy] > 0:
            self._given_up[copy] -= 1
            account.copies += 1
            self._simulation.recording.reached.add(Milestone.DUPLICATE)
        else:
            self._broken.append(f"{host} accepted {path} of {message}, which {client} did not hand over")

    def _take_over(self, host: str, message: str, done: Iterable[RecipientResult]) -> None:
        """Note that a next host is responsible now, which must have accepted the recipient before."""
        for each in done:
            copy = host, message, each.path
            if self._handed[copy] <= 0:
                self._broken.append(f"{host} takes {each.path} of {message} for handed on, and no host has accepted it")
            else:
                self._handed[copy] -= 1
                self._account(message).handed -= 1

    def _find_doubles(self, host: str, message: str, left: Iterable[RecipientResult]) -> None:
        """Note the recipients whom a next host has accepted although this one believes that it has not."""
        for each in left:
            copy = host, message, each.path
            self._given_up[copy] += each.possible_duplicate
            doubles = self._handed[copy] - self._attempts[copy]
            if doubles > 0:
                self._given_up[copy] = max(self._given_up[copy] - doubles, 0)
                self._handed[copy] -= doubles
                account = self._account(message)
                account.handed -= doubles
                account.copies += doubles
                self._simulation.recording.reached.add(Milestone.DUPLICATE)

    def _copies(self, host: str, entry: QueueEntry) -> list[_Copy]:
        message = self._id(host, entry)
        return [(host, message, path) for path in entry.recipients]

    def _id(self, host: str, entry: QueueEntry) -> str:
        return self._ids[host, entry.queue_id]

    def _account(self, message: str) -> Account:
        self._touched[message] = None
        return self.accounts.setdefault(message, Account())

    def _check_accounts(self) -> None:
        self._arrived.clear()
        for message in self._touched:
            if not self.accounts[message].is_balanced:
                self._broken.append(f"the recipients of {message} do not add up: {self.accounts[message]}")
        if self._unreported:
            self._broken.append(f"no report was written about {', '.join(self._unreported)}")
            self._unreported.clear()
        self._touched.clear()
        if len(self._simulation.hosts) <= _FEW_HOSTS:
            self._compare_queues()

    def _compare_queues(self) -> None:
        found: Counter[str] = Counter()
        for name, running in self._simulation.hosts.items():
            for entry in running.queue.queue:
                found[self._id(name, entry)] += len(entry.recipients)
        for message, account in self.accounts.items():
            if found[message] != account.queued:
                self._broken.append(f"{found[message]} recipients of {message} wait, and not {account.queued}")
