"""The tables that drive a queue: when mail is tried again, and how many sessions one next hop gets.

RFC 5321 4.5.4.1 has the rules that the defaults follow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from ..base.duration import DAY, HOUR, MINUTE, parse_duration
from ..base.seed import Seed
from . import sentences


@dataclass(frozen=True, slots=True)
class RetrySchedule:
    """When the next attempt comes, and when the queue gives up. All times are in microseconds.

    The defaults follow RFC 5321 4.5.4.1: two attempts in the first hour, then one every two or three hours, and an end
    after four to five days.

    Args:
        delays: the time to the next attempt after the first failed one, the second, and so on; the last one repeats.
        jitter: how much later than that the attempt may come, in percent, so that a host that comes back is not called
            by everybody at once.
        expires_after: how long after its arrival a message is given up and bounced.
        warns_after: how long after its arrival the sender gets one warning of the delay; None for never.

    Raises:
        ValueError: if there is no delay, or a number is out of range.
    """

    delays: tuple[int, ...] = (30 * MINUTE, 30 * MINUTE, 2 * HOUR, 3 * HOUR)
    jitter: int = 10
    expires_after: int = 5 * DAY
    warns_after: int | None = 4 * HOUR

    def __post_init__(self) -> None:
        if not self.delays or min(self.delays) <= 0:
            raise ValueError(sentences.BAD_DELAYS)
        if not 0 <= self.jitter <= 100:
            raise ValueError(sentences.BAD_JITTER.format(jitter=self.jitter))
        if self.expires_after < 0 or (self.warns_after or 0) < 0:
            raise ValueError(sentences.NEGATIVE_LIMIT)

    @classmethod
    def of(
        cls, delays: Iterable[str], *, expires_after: str = "5 d", warns_after: str = "4 h", jitter: int = 10
    ) -> Self:
        """Make a schedule of durations as a person writes them: ``RetrySchedule.of(["30 min", "2 h"])``.

        Args:
            delays, expires_after, warns_after, jitter: as above; an empty `warns_after` is never.

        Raises:
            ValueError: if one is not a duration, or out of range.
        """
        warning = parse_duration(warns_after) if warns_after else None
        return cls(tuple(map(parse_duration, delays)), jitter, parse_duration(expires_after), warning)

    def delay(self, failures: int, seed: Seed, name: str) -> int:
        """Return how long to wait for the next attempt.

        Args:
            failures: how many attempts have failed; 1 or more.
            seed: draws the jitter.
            name: names the draw, so it is the same after a restart.
        """
        delay = self.delays[min(failures, len(self.delays)) - 1]
        return delay + seed.number(name, delay * self.jitter // 100 + 1)


@dataclass(frozen=True, slots=True)
class HopLimits:
    """How many sessions a host opens at once to hand on mail.

    Args:
        sessions: to one next hop. Twenty is what most MTAs have.
        total: to all of them.
        hops: other numbers for single next hops, by their domains.

    Raises:
        ValueError: if a number is below 1: such mail would wait for ever.
    """

    sessions: int = 20
    total: int = 100
    hops: Mapping[str, int] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if min(self.sessions, self.total, *self.hops.values()) < 1:
            raise ValueError(sentences.NO_SESSIONS)

    def of(self, next_hop: str) -> int:
        """Return how many sessions one next hop may have at once."""
        return self.hops.get(next_hop, self.sessions)
