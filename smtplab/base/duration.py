"""Durations in integer microseconds, the unit of every clock here, and how a person writes and reads them.

Integers add up without rounding errors, so a run of five virtual days is the same on every machine.
"""

from __future__ import annotations

import re

from . import sentences

MICROSECONDS = 1_000_000  # in a second
SECOND = MICROSECONDS
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

# The units that a person writes, the longest first: symbol, microseconds.
_UNITS = (("d", DAY), ("h", HOUR), ("min", MINUTE), ("s", SECOND), ("ms", 1000), ("us", 1))
# The steps of an axis of time up to five days; longer ones are tens of days.
_STEPS = (
    *(number * 1000 for number in (1, 10, 100)),
    *(number * SECOND for number in (1, 2, 5, 10, 30)),
    *(number * MINUTE for number in (1, 2, 5, 10, 30)),
    *(number * HOUR for number in (1, 2, 3, 6, 12)),
    *(number * DAY for number in (1, 2, 5)),
)
_WORDS = {"day": DAY, "hour": HOUR, "minute": MINUTE, "second": SECOND}
# All symbols and words for a unit, with its microseconds.
UNITS = {**dict(_UNITS), "m": MINUTE, **_WORDS, **{f"{word}s": size for word, size in _WORDS.items()}}
_PART = re.compile(r"(\d+) *([a-z]+)")
_WHOLE = re.compile(rf"{_PART.pattern}(?: *{_PART.pattern})*")


def parse_duration(text: str) -> int:
    """Return a duration in microseconds, as in ``"30 min"``, ``"1 d 12 h"``, ``"3 days"`` or ``"500ms"``.

    Args:
        text: whole numbers, each with a unit: d, h, min (or m), s, ms, us, or a word such as days.

    Raises:
        ValueError: if it is not that.
    """
    parts = _PART.findall(text) if _WHOLE.fullmatch(text.strip()) else []
    if not parts or any(unit not in UNITS for _, unit in parts):
        raise ValueError(sentences.NOT_A_DURATION.format(text=text, units=", ".join(name for name, _ in _UNITS)))
    return sum(int(count) * UNITS[unit] for count, unit in parts)


def format_duration(microseconds: int) -> str:
    """Return a duration as a person says it, as ``1 d 12 h``, ``29 min 3 s``, ``6 s`` or ``131 ms``; rounded down.

    From a minute on there are at most two neighbouring units, below it there is one.
    """
    for index, (symbol, size) in enumerate(_UNITS):
        if microseconds >= size:
            count, rest = divmod(microseconds, size)
            smaller, part = _UNITS[min(index + 1, len(_UNITS) - 1)]
            return f"{count} {symbol} {rest // part} {smaller}" if rest >= part >= SECOND else f"{count} {symbol}"
    return "0 s"


def ticks(duration: int, most: int = 6) -> list[int]:
    """Return the round times from 0 to a duration that an axis of time is marked at, such as each day or six hours.

    Args:
        duration: how long the axis is, in microseconds.
        most: how many steps fit into it at most.
    """
    step = next((each for each in _STEPS if duration // each <= most), 0)
    if not step:
        step = -(-duration // (most * 10 * DAY)) * 10 * DAY
    return list(range(0, duration + 1, step))


def format_due(microseconds: int) -> str:
    """Return when something is due, as ``in 29 min 3 s``; ``now`` if it is less than a second ahead."""
    return f"in {format_duration(microseconds)}" if microseconds >= SECOND else "now"


def format_exactly(microseconds: int) -> str:
    """Return a duration that `parse_duration` reads as the same, as ``3 d`` or ``1 h 30 min 1 us``."""
    parts, rest = [], microseconds
    for symbol, size in _UNITS:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {symbol}")
    return " ".join(parts) or "0 s"
