"""Read the schedule that is handed in for exercise 07: lines with a word and its value.

A line that cannot be read costs the points of its own demands only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ....base.duration import DAY, parse_duration
from ...rules import RuleFailure, visible

KEYS = ("host", "retry", "warn", "give up")
FORM = "lines that begin with host, retry, warn, give up"

_LINE = re.compile(r"(host|retry|warn|give[ _-]*up)\b[ \t]*[:=]?[ \t]*(.*)", re.IGNORECASE)
_UNIT = re.compile(r"(\d\s*)(d|h|min|s)(?:ay|our|ute|ec|econd)?s?\b", re.IGNORECASE)
_MOST = 100  # times in a schedule
_LONGEST = 400 * DAY  # longer times count as this, which is longer than any demand


@dataclass(frozen=True)
class Configuration:
    """The lines of a configuration.

    Args:
        values: for each word its value.
        unread: the first line that begins with none of the words; empty if there is none.
    """

    values: Mapping[str, str]
    unread: str

    def delays(self) -> tuple[int, ...] | RuleFailure:
        """Return the times between attempts in microseconds, or what is wrong with them."""
        text = self._value("retry", "retry 20 min, 1 h")
        if isinstance(text, RuleFailure):
            return text
        times = [_duration(each) for each in text.split(",") if each.strip()]
        if not times or len(times) > _MOST or None in times:
            return _not_a_time("retry", text, "times with their units and commas between, such as 20 min, 1 h")
        if 0 in times:
            return RuleFailure("A time of zero would try again without an end.", "times above zero", visible(text))
        return tuple(each for each in times if each is not None)

    def time(self, key: str) -> int | RuleFailure:
        """Return the one time of a line in microseconds, or what is wrong with it."""
        text = self._value(key, f"{key} 6 h")
        if isinstance(text, RuleFailure):
            return text
        found = _duration(text)
        return _not_a_time(key, text, "one time with its unit, such as 6 h") if found is None else found

    def _value(self, key: str, example: str) -> str | RuleFailure:
        if self.values.get(key):
            return self.values[key]
        got = visible(self.unread)
        return RuleFailure(f'Your schedule has no line that begins with "{key}".', f"a line such as {example}", got)


def read_configuration(text: str) -> Configuration:
    """Return what a text configures; of two lines with the same word the last one counts."""
    values, unread = {}, ""
    for line in text.splitlines():
        line = line.partition("#")[0].strip()
        found = _LINE.fullmatch(line)
        if found is not None:
            values["give up" if found[1].casefold().startswith("give") else found[1].casefold()] = found[2].strip()
        elif line:
            unread = unread or line
    return Configuration(values, unread)


def _duration(text: str) -> int | None:
    """Return a time in microseconds; hours may be written h, hour or hours, and so on. None if it is not a time."""
    try:
        found = parse_duration(_UNIT.sub(lambda unit: f"{unit[1]}{unit[2].lower()}", text.strip()))
        return min(found, _LONGEST)
    except ValueError:
        return None


def _not_a_time(key: str, text: str, form: str) -> RuleFailure:
    return RuleFailure(f'The line that begins with "{key}" has something that is not a time.', form, visible(text))
