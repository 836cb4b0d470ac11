"""The table `queue`: what it says arrives and is written again, and a slip has its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtplab.base.duration import DAY, HOUR, MINUTE
from smtplab.mta.queue_table import KEYS, queue_pairs, queue_values, read_queue
from smtplab.mta.retry_schedule import HopLimits, RetrySchedule
from smtplab.mta.toml_file import TableError

LIMITS = st.builds(
    HopLimits, st.integers(1, 99), st.integers(1, 99), st.dictionaries(st.sampled_from("ab"), st.integers(1, 9))
)
DURATIONS = st.integers(1, 30 * DAY)


@st.composite
def schedules(draw: st.DrawFn) -> RetrySchedule:
    expires = draw(st.integers(1, 30 * DAY))
    warns = draw(st.none() | st.integers(0, expires - 1))
    return RetrySchedule(tuple(draw(st.lists(DURATIONS, min_size=1))), draw(st.integers(0, 100)), expires, warns)


def test_without_a_word_all_is_as_usual() -> None:
    assert read_queue({}, "queue") == (RetrySchedule(), HopLimits())
    assert queue_pairs(RetrySchedule(), HopLimits()) == {}


@given(schedules(), LIMITS)
def test_what_is_written_is_read_again(schedule: RetrySchedule, limits: HopLimits) -> None:
    assert read_queue(queue_pairs(schedule, limits)) == (schedule, limits)
    assert read_queue(queue_values(schedule, limits)) == (schedule, limits)


def test_what_is_written_has_the_keys_that_can_be_read() -> None:
    assert [*queue_values(RetrySchedule(), HopLimits())] == [*KEYS]


def test_one_delay_needs_no_list_and_names_of_hops_are_not_told_apart_by_case() -> None:
    schedule, limits = read_queue({"delays": "5 min", "hops": {"B.Example": 1}})
    assert (schedule.delays, limits.of("b.example"), limits.of("c.example")) == ((5 * MINUTE,), 1, 20)


def test_mail_may_be_given_up_at_once_and_nobody_warned() -> None:
    schedule, _ = read_queue({"expires_after": "0 s", "warns_after": ""})
    assert (schedule.expires_after, schedule.warns_after) == (0, None)
    assert read_queue({"expires_after": ""})[0].expires_after == 5 * DAY
    assert read_queue({"expires_after": "1 h"})[0].warns_after == 4 * HOUR  # as usual, and never due


@pytest.mark.parametrize(
    ("table", "place", "word"),
    [
        (3, (), "table"),
        ({"retry": "1 h"}, ("retry",), "delays"),
        ({"delays": ["soon"]}, ("delays",), "soon"),
        ({"delays": [30]}, ("delays",), "unit"),
        ({"delays": 1.5}, ("delays",), "unit"),
        ({"delays": []}, ("delays",), "least"),
        ({"expires_after": 5}, ("expires_after",), "unit"),
        ({"warns_after": "5 d"}, ("warns_after",), "expires_after"),
        ({"jitter": 101}, ("jitter",), "percent"),
        ({"sessions": 0}, ("sessions",), "session"),
        ({"total_sessions": "9"}, ("total_sessions",), "whole number"),
        ({"hops": {"a.example": "1"}}, ("hops", "a.example"), "whole number"),
        ({"total_sessions": 0}, ("total_sessions",), "session"),
        ({"hops": {"a.example": 0}}, ("hops",), "session"),
    ],
)
def test_a_slip_has_its_place(table: object, place: tuple[str, ...], word: str) -> None:
    with pytest.raises(TableError, match=word) as caught:
        read_queue(table, "hosts", "x", "queue")
    assert caught.value.place == ("hosts", "x", "queue", *place)
