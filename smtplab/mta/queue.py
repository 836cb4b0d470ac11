"""The queue of a mail host: what is tried when, and what comes after each attempt (RFC 5321 4.5.4.1).

A queue only decides. Time comes in as an argument, in microseconds since any fixed moment. A world
waits until `next_due`, makes the attempts that `due` returns, and settles each::

    for attempt in queue.due(now):          # the world delivers attempt.entry, see `transmission.transmit`
        ...
    settlement = queue.settle(attempt, result, now)
    # bounce settlement.failed; if settlement.warns, send a warning about settlement.delayed

A host with a spool does it in two steps, and writes ``settlement.entry`` and its reports between them::

    settlement = queue.decide(attempt, result, now)
    queue.settle(attempt, settlement)

An entry is a message for the recipients of one next hop. It is a value: a spool writes ``settlement.entry`` to the
disk, or removes the entry if it is None. After a restart, `add` takes back what was written. An attempt that a crash
interrupted is made again.

The disk comes first: an entry whose attempt is under way, or that is on `hold`, is not started, tried at once or
dropped by anybody else while the spool writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from heapq import heappop, heappush
from typing import overload

from ..base.duration import format_duration
from ..base.failure import Failure
from ..base.seed import Seed
from ..protocol.grammar import Path
from ..protocol.replies import EnhancedCode
from . import sentences
from .attempt import Action, AttemptResult, RecipientResult
from .queue_entry import Attempt, QueueEntry, Settlement
from .retry_schedule import HopLimits, RetrySchedule

_TIE_BREAKS = 2**32
# Subject and detail of the status of mail whose time has run out: RFC 3463 3.5.
_EXPIRED = (4, 7)
# What has become of recipients who have not got the message.
_LACKING = (Action.DELAYED, Action.FAILED)

# What comes first: the time an entry is due, a drawn number among those of the same time, and its id.
_Key = tuple[int, int, str]


class QueueError(Failure):
    """The queue cannot do what it was called for. The message is a plain sentence."""


class Queue:
    """The entries that wait or are under way, and the order in which their turn comes.

    It is one class, because each call changes the entries and the heaps together, which no other code may see apart.
    Each call costs at most the logarithm of the number of entries, for each entry that it starts.

    Args:
        schedule: when to try again, when to warn, when to give up.
        seed: draws the jitter, and the order of entries that are due at the same time.
        limits: how many attempts may be under way at once.

    Attributes:
        added: how many entries have been added so far.
    """

    def __init__(self, schedule: RetrySchedule, seed: Seed, limits: HopLimits | None = None) -> None:
        self.schedule = schedule
        self.limits = limits or HopLimits()
        self.added = 0
        self._jitter, self._order = seed.fork("jitter"), seed.fork("order")
        self._entries: dict[str, QueueEntry] = {}
        self._keys: dict[str, _Key] = {}  # of the entries that wait: neither under way nor on hold
        self._active: dict[str, Attempt] = {}
        self._sessions: dict[str, int] = {}  # attempts under way, by next hop
        # Heaps. A key in them that is not that of its entry any more is skipped when it comes to the top.
        self._waiting: list[_Key] = []
        self._ready: dict[str, list[_Key]] = {}  # due, by next hop
        self._startable: list[tuple[_Key, str]] = []  # the first of each next hop that has a session to spare

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[QueueEntry]:
        """Yield the entries in the order in which they were added."""
        return iter(tuple(self._entries.values()))

    def __contains__(self, entry_id: object) -> bool:
        return entry_id in self._entries

    @property
    def active(self) -> tuple[Attempt, ...]:
        """The attempts that are under way, in the order in which they were started."""
        return tuple(self._active.values())

    def get(self, entry_id: str) -> QueueEntry:
        """Return an entry by its id; raise `QueueError` if there is none."""
        try:
            return self._entries[entry_id]
        except KeyError:
            raise QueueError(sentences.NO_ENTRY.format(id=entry_id)) from None

    def add(self, entry: QueueEntry) -> None:
        """Add an entry: a new one, or one that a spool has kept; raise `QueueError` if its id is taken."""
        if entry.id in self._entries:
            raise QueueError(sentences.ENTRY_TWICE.format(id=entry.id))
        self.added += 1
        self._wait(entry)

    def next_due(self) -> int | None:
        """Return when to call `due` next; None if no entry becomes due by time alone.

        After `due` it is later than the present time. What waits for a session can start after the next `settle`, and
        does not count.
        """
        if self._startable_hop() is not None:
            return self._startable[0][0][0]
        while self._waiting and self._is_stale(self._waiting[0]):
            heappop(self._waiting)
        return self._waiting[0][0] if self._waiting else None

    def due(self, now: int) -> tuple[Attempt, ...]:
        """Start the attempts that are due and have a session to spare, in the order of their times.

        Args:
            now: the present time, in microseconds.
        """
        self._make_ready(now)
        started = []
        while (hop := self._startable_hop()) is not None:
            heappop(self._startable)
            started.append(self._start(hop, now))
        return tuple(started)

    def another(self, next_hop: str, now: int) -> Attempt | None:
        """Start one more attempt for a next hop to which a session is open, if an entry for it is due.

        Args:
            next_hop: as in `QueueEntry`.
            now: the present time, in microseconds.
        """
        self._make_ready(now)
        return self._start(next_hop, now) if self.has_session_for(next_hop) and self._head(next_hop) else None

    def decide(self, attempt: Attempt, result: AttemptResult, now: int) -> Settlement:
        """Decide what comes next for each recipient of an attempt, and change nothing.

        Who was delayed is tried again, and given up once the message is too old. The last attempt is made at the end of
        that time. A warning is due once, with the first failed attempt after its time.

        Args:
            attempt: as `due` or `another` returned it.
            result: one result for each recipient.
            now: the present time, in microseconds.

        Raises:
            QueueError: if the attempt is not under way, or the result is about other recipients.
        """
        entry = self._check(attempt, [each.path for each in result.recipients])
        done, failed, delayed = _by_action(result)
        age = now - entry.arrived
        expired = bool(delayed) and age >= self.schedule.expires_after
        if expired or not delayed:
            return Settlement(None, done, failed + tuple(_given_up(each, age) for each in delayed), expired=expired)
        warns = self._is_warning_due(entry, age)
        left = self._put_off(entry, delayed, now, warned=entry.warned or warns)
        return Settlement(left, done, failed, delayed, warns)

    def postpone(self, attempt: Attempt, result: AttemptResult, now: int) -> Settlement:
        """Decide about an attempt whose failures cannot be reported now, and change nothing.

        All who lack the message are tried again, also after it has expired. The arguments and errors are those of
        `decide`.
        """
        entry = self._check(attempt, [each.path for each in result.recipients])
        lacking = tuple(each for each in result.recipients if each.action in _LACKING)
        done = tuple(each for each in result.recipients if each.action not in _LACKING)
        left = self._put_off(entry, lacking, now, warned=entry.warned)
        return Settlement(replace(left, due=now + self._delay_after(entry)), done, delayed=lacking)

    @overload
    def settle(self, attempt: Attempt, outcome: AttemptResult, now: int) -> Settlement: ...
    @overload
    def settle(self, attempt: Attempt, outcome: Settlement) -> Settlement: ...

    def settle(self, attempt: Attempt, outcome: AttemptResult | Settlement, now: int = 0) -> Settlement:
        """End an attempt: keep what is left of its entry; return what comes next for each recipient.

        Args:
            attempt: as `due` or `another` returned it.
            outcome: its result, about which `decide` decides; or what `decide` or `postpone` returned for it.
            now: the present time, in microseconds; only with a result.

        Raises:
            QueueError: if the attempt is not under way, or the result is about other recipients.
        """
        settlement = outcome if isinstance(outcome, Settlement) else self.decide(attempt, outcome, now)
        self._under_way(attempt)
        self._end(attempt)
        if settlement.entry is None:
            del self._entries[attempt.entry.id]
        else:
            self._wait(settlement.entry)
        return settlement

    def retry(self, entry_id: str, now: int) -> QueueEntry:
        """Make an entry due now; return it. One that is under way stays as it is.

        The attempt counts as any other, so it uses up a delay of the schedule. Postfix takes its delay from the age of
        the message, so there an attempt by hand leaves it alone; a table of delays says more to who learns, and the
        expiry is a matter of age here, too.

        Raises:
            QueueError: if there is no such entry, or it is on hold.
        """
        entry = self.get(entry_id)
        if entry_id in self._active:
            return entry
        self._require_waiting(entry)
        if entry.due > now:
            self._wait(replace(entry, due=now))
        return self._entries[entry_id]

    def hold(self, entry_id: str) -> QueueEntry:
        """Start no attempt of an entry until `drop` or `release`; return it.

        Raises:
            QueueError: if there is no such entry, an attempt is under way, or it is on hold already.
        """
        entry = self.get(entry_id)
        self._require_waiting(entry)
        del self._keys[entry_id]
        self._offer(entry.next_hop)
        return entry

    def release(self, entry_id: str) -> None:
        """Let an entry that is on `hold` wait for its turn again."""
        self._wait(self.get(entry_id))

    def drop(self, entry_id: str) -> QueueEntry:
        """Remove an entry without a bounce; return it. It may be on `hold`.

        Raises:
            QueueError: if there is no such entry, or an attempt is under way.
        """
        if entry_id in self._keys or entry_id in self._active:
            self.hold(entry_id)
        entry = self.get(entry_id)
        del self._entries[entry_id]
        return entry

    def has_session_for(self, next_hop: str) -> bool:
        """Return True if the limits allow one more attempt for a next hop now."""
        return len(self._active) < self.limits.total and self._sessions.get(next_hop, 0) < self.limits.of(next_hop)

    def attempt_of(self, entry_id: str) -> Attempt | None:
        """Return the attempt of an entry that is under way; None if it waits, or if there is no such entry."""
        return self._active.get(entry_id)

    def warning_attempt(self, entry_id: str, now: int) -> tuple[int, int] | None:
        """Return the attempt that warns the sender if it fails: its number, and when it is due.

        It is the first one after the time of the warning, so the warning comes later than that time (see `decide`). Of
        an attempt after the next one the time is a guess: the attempts before it take time, too.

        Args:
            entry_id: the id of the entry.
            now: the present time, in microseconds.

        Returns:
            None if no warning is to come.

        Raises:
            QueueError: if there is no such entry.
        """
        entry, after = self.get(entry_id), self.schedule.warns_after
        if after is None or entry.warned or entry.sender.is_null:
            return None
        ends = entry.arrived + self.schedule.expires_after
        due, attempts = max(entry.due, now), entry.attempts
        while due < min(entry.arrived + after, ends):
            attempts += 1
            due = min(due + self._delay_of(entry_id, attempts), ends)
        return (attempts + 1, due) if due < ends else None  # the one at the end bounces the message

    # What waits

    def _require_waiting(self, entry: QueueEntry) -> None:
        """Raise `QueueError` if an attempt of an entry is under way, or the entry is on hold."""
        if entry.id in self._active:
            raise QueueError(sentences.UNDER_WAY.format(id=entry.id, next_hop=entry.next_hop))
        if entry.id not in self._keys:
            raise QueueError(sentences.ON_HOLD.format(id=entry.id))

    def _wait(self, entry: QueueEntry) -> None:
        tie_break = self._order.number(f"{entry.id} {entry.attempts}", _TIE_BREAKS)
        key = (entry.due, tie_break, entry.id)
        self._entries[entry.id], self._keys[entry.id] = entry, key
        heappush(self._waiting, key)

    def _put_off(
        self, entry: QueueEntry, delayed: tuple[RecipientResult, ...], now: int, *, warned: bool
    ) -> QueueEntry:
        """Return what is left of an entry after an attempt."""
        return replace(
            entry,
            recipients=tuple(each.path for each in delayed),
            due=min(now + self._delay_after(entry), entry.arrived + self.schedule.expires_after),
            attempts=entry.attempts + 1,
            warned=warned,
            last=delayed,
        )

    def _delay_after(self, entry: QueueEntry) -> int:
        """Return the time from a failed attempt of an entry to the next one."""
        return self._delay_of(entry.id, entry.attempts + 1)

    def _delay_of(self, entry_id: str, failures: int) -> int:
        """Return the time to the next attempt after a number of failed ones."""
        return self.schedule.delay(failures, self._jitter, f"{entry_id} {failures}")

    def _is_warning_due(self, entry: QueueEntry, age: int) -> bool:
        after = self.schedule.warns_after
        return after is not None and age >= after and not entry.warned and not entry.sender.is_null

    def _is_stale(self, key: _Key) -> bool:
        return self._keys.get(key[2]) != key

    # What may start

    def _make_ready(self, now: int) -> None:
        """Move what is due to the heaps of the next hops."""
        while self._waiting and self._waiting[0][0] <= now:
            key = heappop(self._waiting)
            if self._is_stale(key):
                continue
            hop = self._entries[key[2]].next_hop
            heappush(self._ready.setdefault(hop, []), key)
            if self._ready[hop][0] == key:
                self._offer(hop)

    def _head(self, hop: str) -> _Key | None:
        """Return the first key of what is ready for a next hop; None if there is none."""
        ready = self._ready.get(hop, [])
        while ready and self._is_stale(ready[0]):
            heappop(ready)
        if not ready:
            self._ready.pop(hop, None)
            return None
        return ready[0]

    def _offer(self, hop: str) -> None:
        """Note that a next hop can start an attempt, if it can."""
        if self._sessions.get(hop, 0) < self.limits.of(hop) and (key := self._head(hop)) is not None:
            heappush(self._startable, (key, hop))

    def _startable_hop(self) -> str | None:
        """Return the next hop of the attempt that is to be started first; None if none can be started."""
        while self._startable:
            key, hop = self._startable[0]
            if self._head(hop) == key and self._sessions.get(hop, 0) < self.limits.of(hop):
                return hop if self.has_session_for(hop) else None
            heappop(self._startable)
        return None

    def _start(self, hop: str, now: int) -> Attempt:
        key = heappop(self._ready[hop])
        attempt = Attempt(self._entries[key[2]], now)
        del self._keys[key[2]]
        self._active[key[2]] = attempt
        self._sessions[hop] = self._sessions.get(hop, 0) + 1
        self._offer(hop)
        return attempt

    def _check(self, attempt: Attempt, paths: Iterable[Path]) -> QueueEntry:
        """Return the entry of an attempt that is under way, if the paths are its recipients."""
        entry = self._under_way(attempt)
        given = tuple(paths)
        if given != entry.recipients and sorted(map(str, given)) != sorted(map(str, entry.recipients)):
            raise QueueError(sentences.OTHER_RECIPIENTS.format(id=entry.id))
        return entry

    def _under_way(self, attempt: Attempt) -> QueueEntry:
        """Return the entry of an attempt; raise `QueueError` if it is not under way."""
        entry = attempt.entry
        if self._active.get(entry.id) != attempt:
            raise QueueError(sentences.NOT_UNDER_WAY.format(id=entry.id))
        return entry

    def _end(self, attempt: Attempt) -> None:
        """Take an attempt off those under way, and give its session to the next one."""
        next_hop = attempt.entry.next_hop
        del self._active[attempt.entry.id]
        self._sessions[next_hop] -= 1
        if not self._sessions[next_hop]:
            del self._sessions[next_hop]
        self._offer(next_hop)


def _by_action(result: AttemptResult) -> tuple[tuple[RecipientResult, ...], ...]:
    """Return the results of those who are done with, who failed, and who were delayed."""
    failed, delayed = result.having(Action.FAILED), result.having(Action.DELAYED)
    if not failed and not delayed:  # as nearly always
        return result.recipients, (), ()
    done = [each for each in result.recipients if each.action not in _LACKING]
    return tuple(done), failed, delayed


def _given_up(result: RecipientResult, age: int) -> RecipientResult:
    """Return the result of a recipient for whom the time has run out.

    RFC 3463 3.5 on X.4.7 prefers the code of the problem itself to that of the time that has run out. So X.4.7 only
    takes the place of a status that tells no problem, such as that of a bare 450.
    """
    words = sentences.GIVEN_UP.format(time=format_duration(age), reason=result.words)
    status = EnhancedCode(result.status.severity, *_EXPIRED) if not result.status.subject else result.status
    return replace(result, action=Action.FAILED, status=status, words=words)
