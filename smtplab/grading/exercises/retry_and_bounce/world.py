"""The worlds in which a schedule of exercise 07 is tried: two hosts on a virtual clock, and one message.

The other host is down, busy or greylists. How often it was tried, and what became of the message, is the result.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from ....base.duration import DAY, MINUTE
from ....mta.attempt import Action
from ....mta.directory import Directory
from ....mta.handler import ClientIdentity, Envelope
from ....mta.host import MailHost
from ....mta.queue_events import AttemptStarted, QueueEvent, Reported
from ....mta.queue_manager import QueueSettings
from ....mta.retry_schedule import RetrySchedule
from ....mta.task import Job
from ....mta.zone import Zone
from ....protocol import replies
from ....protocol.commands import Rcpt
from ....protocol.replies import Reply
from ..played import SEED, PlayedWorld

_DAYS = 10  # how long a world lasts at most
# A schedule that tries more often than this has failed by its load; the rest of the world would show nothing more.
MOST_ATTEMPTS = 200
_ZONE = Zone(mx={"far.example": [(10, "mx.far.example")]}, hosts={"mx.far.example": ["192.0.2.2"]})
_MESSAGE = b"Subject: Hello\r\n\r\nHello.\r\n"

DOWN, BUSY, GREYLISTING = "down", "busy", "greylisting"


@dataclass(frozen=True)
class Fate:
    """What became of the message. All times are in microseconds after it came.

    Args:
        attempts: the times of the attempts.
        arrived: when it was in the mailbox; None if it never was.
        warnings: when the sender was warned.
        bounced: when the sender got a bounce; None if there was none.
    """

    attempts: tuple[int, ...]
    arrived: int | None
    warnings: tuple[int, ...]
    bounced: int | None

    @property
    def is_cut(self) -> bool:
        """True if the world was ended because of too many attempts."""
        return len(self.attempts) >= MOST_ATTEMPTS

    def attempts_until(self, time: int) -> int:
        """Return how many attempts began before a time."""
        return sum(attempt < time for attempt in self.attempts)

    def attempt_before_longest_wait(self, time: int) -> int:
        """Return which of the attempts before a time is followed by the longest wait for the next one."""
        waits = {attempt: following - attempt for attempt, following in pairwise(self.attempts) if attempt < time}
        return max(waits, key=lambda attempt: waits[attempt], default=0)


class _UnwillingHost(MailHost):
    """A mail host that takes no mail for a time.

    Attributes:
        greeting: the reply to every client; None to greet it.
        answer: the reply to every recipient; None to take them.
    """

    greeting: Reply | None = None
    answer: Reply | None = None

    def connect(self, session: ClientIdentity) -> Reply:
        """Send the client away, or greet it."""
        return super().connect(session) if self.greeting is None else self.word(session, self.greeting)

    def rcpt(self, session: ClientIdentity, envelope: Envelope, rcpt: Rcpt) -> Reply | Job:
        """Refuse the recipient, or take it."""
        return super().rcpt(session, envelope, rcpt) if self.answer is None else self.word(session, self.answer)


@lru_cache(maxsize=256)
def play(schedule: RetrySchedule, trouble: str, until: int) -> Fate:
    """Send a message to a host that is in trouble, and return what becomes of the message.

    Args:
        schedule: that of the sender's host.
        trouble: `DOWN`, `BUSY` or `GREYLISTING`.
        until: when the trouble ends, in microseconds after the message has come; also after days.
    """
    return _Trial(schedule, trouble, until).run()


class _Trial:
    """A message on its way to a host in trouble; the arguments are those of `play`."""

    def __init__(self, schedule: RetrySchedule, trouble: str, until: int) -> None:
        self._attempts: list[int] = []
        self._warnings: list[int] = []
        self._bounces: list[int] = []
        self._world = world = PlayedWorld()
        settings = QueueSettings(schedule, seed=SEED)
        near = world.add("near.example", "192.0.2.1", Directory(["near.example"], ["ann"]), _ZONE, settings)
        near.manager.observe = self._observe
        far = Directory(["far.example"], ["bob"])
        self._far = world.add("mx.far.example", "192.0.2.2", far, _ZONE, kind=_UnwillingHost)
        self._set_trouble(trouble)
        world.after(until, self._set_trouble)

    def run(self) -> Fate:
        """Send the message, and return what becomes of it."""
        world = self._world
        world.send("near.example", "ann@near.example", "bob@far.example", _MESSAGE)
        world.run(lambda: self._is_over or world.now > _DAYS * DAY)
        arrived = world.now if self._far.mail("bob") else None
        bounced = self._bounces[0] if self._bounces else None
        return Fate(tuple(self._attempts), arrived, tuple(self._warnings), bounced)

    @property
    def _is_over(self) -> bool:
        return bool(self._far.mail("bob") or self._bounces) or len(self._attempts) >= MOST_ATTEMPTS

    def _set_trouble(self, trouble: str = "") -> None:
        """Begin a trouble of the other host, or end the one that it has."""
        handler = self._far.handler
        assert isinstance(handler, _UnwillingHost)
        self._far.host.up = trouble != DOWN
        handler.greeting = replies.TOO_BUSY if trouble == BUSY else None
        handler.answer = replies.MAILBOX_BUSY if trouble == GREYLISTING else None

    def _observe(self, event: QueueEvent) -> None:
        if isinstance(event, AttemptStarted) and not event.attempt.entry.sender.is_null:
            self._attempts.append(self._world.now)
        elif isinstance(event, Reported):
            failed = any(each.action is Action.FAILED for each in event.results)
            (self._bounces if failed else self._warnings).append(self._world.now)


def endless_outage(schedule: RetrySchedule) -> Fate:
    """Return what becomes of a message whose host stays down.

    What the world of a schedule that is cut would still show is worked out: such a schedule goes on with its last time.
    """
    fate = play(schedule, DOWN, 2 * _DAYS * DAY)
    if not fate.is_cut:
        return fate
    warns, expires = schedule.warns_after, schedule.expires_after
    warnings = fate.warnings
    if not warnings and warns is not None and warns + schedule.delays[-1] < expires:
        warnings = (warns + schedule.delays[-1],)
    return replace(fate, warnings=warnings, bounced=expires if expires <= _DAYS * DAY else None)


def worst_outage(schedule: RetrySchedule, time: int) -> tuple[int, int | None]:
    """Return an outage that keeps a message waiting as long as the schedule allows.

    It ends a minute after the attempt that is followed by the longest wait. If the message is given up before the given
    time, it is an outage of that time.

    Args:
        schedule: that of the sender's host.
        time: the attempts before this time count, so the outage is hardly longer.

    Returns:
        When the outage ends, and how long after that the message arrives, in microseconds; None if it never does.
    """
    down = play(schedule, DOWN, _DAYS * DAY)
    if down.bounced is not None and down.bounced <= time:
        return time, None
    end = down.attempt_before_longest_wait(time) + MINUTE
    if down.is_cut and down.attempts[-1] < time:
        return end, schedule.delays[-1] * (100 + schedule.jitter) // 100
    arrived = play(schedule, DOWN, end).arrived
    return end, None if arrived is None else arrived - end
