"""Dates as microseconds since 1970, the unit in which a queue counts its times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def since_epoch(date: datetime) -> int:
    """Return the microseconds from 1970 to an aware datetime."""
    return (date - _EPOCH) // _MICROSECOND


def date_at(microseconds: int) -> datetime:
    """Return the date, in UTC, that comes so many microseconds after the beginning of 1970."""
    return _EPOCH + timedelta(microseconds=microseconds)
