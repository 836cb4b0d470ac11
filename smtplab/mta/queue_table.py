"""Read the table ``queue`` of a TOML file, which is the same in the configuration of a host and in a scenario.

::

    [queue]
    delays = ["10 min", "1 h"]       # until the next attempt; the last one repeats
    jitter = 10                      # how much later an attempt may come, in percent
    expires_after = "5 d"            # when mail is given up and returned
    warns_after = "4 h"              # when the sender is warned of a delay; "" for never
    sessions = 20                    # at once with one next hop
    total_sessions = 100             # at once with all of them
    [queue.hops]                     # other numbers for single next hops
    "far.example" = 1
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from ..base.domains import host_key
from ..base.duration import format_duration, format_exactly, parse_duration
from . import sentences
from .retry_schedule import HopLimits, RetrySchedule
from .toml_file import TableError, check_names, check_table, in_place, with_texts

KEYS = {
    "delays": (list, str),
    "jitter": (int,),
    "expires_after": (str,),
    "warns_after": (str,),
    "sessions": (int,),
    "total_sessions": (int,),
    "hops": (dict,),
}


def read_queue(value: object, *place: str) -> tuple[RetrySchedule, HopLimits]:
    """Return when mail is tried again, and how many sessions with next hops there are.

    Args:
        value: the table; what it does not say is as usual.
        place: the keys that lead to it in its file.

    Raises:
        TableError: if something in it is wrong.
    """
    table = check_table("queue", with_texts(value, "delays", "expires_after", "warns_after"), KEYS, *place)
    return _schedule(table, place), _hop_limits(table, place)


def queue_pairs(schedule: RetrySchedule, limits: HopLimits) -> dict[str, Any]:
    """Return the keys and values of the table from which `read_queue` reads these; none for what is as usual."""
    usual = queue_values(RetrySchedule(), HopLimits())
    return {key: value for key, value in queue_values(schedule, limits).items() if value != usual[key]}


def queue_values(schedule: RetrySchedule, limits: HopLimits) -> dict[str, Any]:
    """Return the table with all its keys."""
    return {
        "delays": [format_exactly(delay) for delay in schedule.delays],
        "jitter": schedule.jitter,
        "expires_after": format_exactly(schedule.expires_after),
        "warns_after": "" if schedule.warns_after is None else format_exactly(schedule.warns_after),
        "sessions": limits.sessions,
        "total_sessions": limits.total,
        "hops": dict(limits.hops),
    }


def _schedule(table: dict[str, Any], place: tuple[str, ...]) -> RetrySchedule:
    usual = RetrySchedule()

    def duration(key: str, default: int | None) -> int | None:
        text = table.get(key)
        if text is None:
            return default
        return in_place(lambda: parse_duration(text), *place, key) if text else None

    schedule = usual
    if "delays" in table:
        texts = [table["delays"]] if isinstance(table["delays"], str) else table["delays"]
        schedule = in_place(lambda: replace(usual, delays=tuple(map(parse_duration, texts))), *place, "delays")
    if "jitter" in table:
        schedule = in_place(partial(replace, schedule, jitter=table["jitter"]), *place, "jitter")
    given = duration("expires_after", usual.expires_after)
    expires = usual.expires_after if given is None else given  # 0 makes one attempt
    warns = duration("warns_after", usual.warns_after)
    if warns is not None and "warns_after" in table and warns >= expires:
        text = sentences.WARNS_TOO_LATE.format(warns=format_duration(warns), expires=format_duration(expires))
        raise TableError(text, *place, "warns_after")
    return replace(schedule, expires_after=expires, warns_after=warns)


def _hop_limits(table: dict[str, Any], place: tuple[str, ...]) -> HopLimits:
    hops = table.get("hops", {})
    check_names("queue.hops", hops, (), *place, "hops")
    check_table("queue.hops", hops, dict.fromkeys(hops, (int,)), *place, "hops")
    limits = HopLimits()
    for key, changes in (
        ("sessions", {"sessions": table.get("sessions", limits.sessions)}),
        ("total_sessions", {"total": table.get("total_sessions", limits.total)}),
        ("hops", {"hops": {host_key(name): number for name, number in hops.items()}}),
    ):
        limits = in_place(partial(replace, limits, **changes), *place, key)
    return limits
