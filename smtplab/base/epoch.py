"""Dates as microseconds since 1970, the unit in which a queue counts its times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from .duration import MICROSECONDS

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS_A_DAY = 86_400


def since_epoch(date: datetime) -> int:
    """Return the microseconds from 1970 to an aware datetime."""
    since = date - _EPOCH
    # As since // timedelta(microseconds=1), in two thirds of the time.
    return (since.days * _SECONDS_A_DAY + since.seconds) * MICROSECONDS + since.microseconds


def date_at(microseconds: int) -> datetime:
    """Return the date, in UTC, that comes so many microseconds after the beginning of 1970."""
    return _EPOCH + timedelta(microseconds=microseconds)
