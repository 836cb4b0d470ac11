"""A duration is written in whole numbers with units, and shown in one or two of the largest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtplab.base.duration import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    format_due,
    format_duration,
    format_exactly,
    parse_duration,
    ticks,
)


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [
        ("30 min", 30 * MINUTE),
        ("30m", 30 * MINUTE),
        ("1 d 12 h", 36 * HOUR),
        ("1d12h", 36 * HOUR),
        (" 500 ms ", SECOND // 2),
        ("7us", 7),
        ("0 s", 0),
        ("3 days", 3 * DAY),
        ("1 hour 30 minutes 1 second", HOUR + 30 * MINUTE + SECOND),
    ],
)
def test_a_duration_is_read(text: str, microseconds: int) -> None:
    assert parse_duration(text) == microseconds


@pytest.mark.parametrize("text", ["", "30", "min", "-1 s", "1.5 h", "1 week", "1 h, 2 s", "1 h x", "h 1", "1 min 2"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("microseconds", "text"),
    [
        (0, "0 s"),
        (1, "1 us"),
        (1_500, "1 ms"),
        (131_999, "131 ms"),
        (SECOND, "1 s"),
        (6 * SECOND + 131_000, "6 s"),
        (2 * MINUTE + 999_999, "2 min"),
        (3 * HOUR + 5 * MINUTE + 59 * SECOND, "3 h 5 min"),
        (29 * MINUTE + 3 * SECOND + 1, "29 min 3 s"),
        (5 * DAY + 59 * MINUTE, "5 d"),
        (DAY + 12 * HOUR, "1 d 12 h"),
    ],
)
def test_a_duration_is_shown_in_its_largest_units(microseconds: int, text: str) -> None:
    assert format_duration(microseconds) == text


@given(st.integers(0, 10**13))
def test_what_is_shown_is_read_again_and_never_longer(microseconds: int) -> None:
    shown = parse_duration(format_duration(microseconds))
    assert shown <= microseconds < shown + (max(shown // 20, SECOND) if shown >= MINUTE else max(shown, 1))


@pytest.mark.parametrize(
    ("microseconds", "when"), [(-1, "now"), (0, "now"), (SECOND - 1, "now"), (SECOND, "in 1 s"), (DAY, "in 1 d")]
)
def test_what_is_due_within_a_second_is_due_now(microseconds: int, when: str) -> None:
    assert format_due(microseconds) == when


@given(st.integers(0, 10**15))
def test_what_is_written_exactly_is_read_as_the_same(microseconds: int) -> None:
    assert parse_duration(format_exactly(microseconds)) == microseconds


def test_an_exact_duration_has_all_its_units() -> None:
    assert format_exactly(DAY + 2 * MINUTE + 1) == "1 d 2 min 1 us"


@pytest.mark.parametrize(
    ("duration", "step"),
    [
        (6 * DAY, DAY),
        (7 * DAY, 2 * DAY),
        (DAY, 6 * HOUR),
        (70 * MINUTE, 30 * MINUTE),
        (5 * SECOND, SECOND),
        (90, 1000),
        (100 * DAY, 20 * DAY),
    ],
)
def test_an_axis_is_marked_at_round_times(duration: int, step: int) -> None:
    assert ticks(duration) == list(range(0, duration + 1, step))


def test_an_axis_without_length_has_one_mark() -> None:
    assert ticks(0) == [0]
