"""Dates as microseconds since 1970."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from smtplab.base.epoch import date_at, since_epoch


def test_a_date_counts_from_1970_in_utc() -> None:
    assert since_epoch(datetime(1970, 1, 1, 1, 0, 0, 5, tzinfo=timezone(timedelta(hours=1)))) == 5
    assert since_epoch(datetime(2004, 8, 6, tzinfo=UTC)) == 1_091_750_400_000_000


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_date_comes_back_from_its_microseconds(date: datetime) -> None:
    assert date_at(since_epoch(date)) == date
