"""Retries back off by a table, with jitter from the seed; limits say how many sessions a next hop gets."""

import pytest

from smtplab.base.duration import DAY, HOUR, MINUTE
from smtplab.base.seed import Seed
from smtplab.mta.retry_schedule import HopLimits, RetrySchedule

SEED = Seed(1)


def test_the_default_tries_twice_in_the_first_hour_then_every_two_or_three_hours() -> None:
    """RFC 5321 4.5.4.1."""
    schedule = RetrySchedule(jitter=0)
    delays = [schedule.delay(failures, SEED, str(failures)) for failures in range(1, 7)]
    assert delays == [30 * MINUTE, 30 * MINUTE, 2 * HOUR, 3 * HOUR, 3 * HOUR, 3 * HOUR]
    assert 4 * DAY <= schedule.expires_after <= 5 * DAY


def test_jitter_makes_an_attempt_later_and_never_earlier() -> None:
    schedule = RetrySchedule((10 * HOUR,), jitter=10)
    delays = [schedule.delay(1, SEED, str(number)) for number in range(300)]
    assert 10 * HOUR <= min(delays) < 10 * HOUR + 6 * MINUTE
    assert 11 * HOUR - 6 * MINUTE < max(delays) <= 11 * HOUR
    assert schedule.delay(1, SEED, "7") == delays[7]


def test_a_schedule_is_written_in_durations() -> None:
    assert RetrySchedule.of(["30 min", "2 h"], expires_after="1 d", warns_after="", jitter=0) == RetrySchedule(
        (30 * MINUTE, 2 * HOUR), 0, DAY, None
    )
    assert RetrySchedule.of(["30 min", "30 min", "2 h", "3 h"]) == RetrySchedule()


@pytest.mark.parametrize(
    "arguments",
    [
        {"delays": ()},
        {"delays": (HOUR, 0)},
        {"jitter": -1},
        {"jitter": 101},
        {"expires_after": -1},
        {"warns_after": -1},
    ],
)
def test_a_schedule_out_of_range_is_refused(arguments: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"delay|jitter|expire"):
        RetrySchedule(**arguments)  # type: ignore[arg-type]


def test_a_next_hop_may_have_a_limit_of_its_own() -> None:
    limits = HopLimits(sessions=5, hops={"slow.example": 1})
    assert (limits.of("slow.example"), limits.of("fast.example")) == (1, 5)


@pytest.mark.parametrize("arguments", [{"sessions": 0}, {"total": 0}, {"hops": {"a": 0}}])
def test_a_limit_of_no_session_is_refused(arguments: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="session"):
        HopLimits(**arguments)  # type: ignore[arg-type]
