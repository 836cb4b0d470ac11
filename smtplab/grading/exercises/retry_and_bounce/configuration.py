"""Read the schedule that is handed in for exercise 07: lines with a word and its value.

A line that cannot be read costs the points of its own demands only. A line goes on in the next one if that is indented,
begins with a number, or follows a comma.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from textwrap import dedent

from ....base.duration import DAY, parse_duration
from ....mta.retry_schedule import RetrySchedule
from ...rules import RuleFailure, shown, visible
from ..answer_evidence import with_what_goes_on

KEYS = ("host", "retry", "warn", "give up")
FORM = "lines that begin with host, retry, warn, give up"

_LINE = re.compile(r"(host|retry|warn|give[ _-]*up)\b[ \t]*[:=]?[ \t]*(.*)", re.IGNORECASE | re.DOTALL)
_GOES_ON = re.compile(r"[ \t]|[ \t]*(?:[0-9]|,)")  # the beginning of a line that goes on with the one above
# Times that meet some demands of the sheet, and not all.
_EXAMPLES = {"retry": "retry 20 min, 1 h", "warn": "warn 6 h", "give up": "give up 5 d"}
_UNIT = re.compile(r"(\d\s*)(d|h|min|s)(?:ay|our|ute|ec|econd)?s?\b", re.IGNORECASE)
_PIECE = re.compile(r"\d+\s*[a-z]+")  # of a time, such as the two of 1 h 30 min
_MOST = 100  # times in a schedule
_LONGEST = 400 * DAY  # longer times count as this, which is longer than any demand
_FORMS = "whole numbers with their units, such as 90 s, 20 min, 6 h, 1 h 30 min"


@dataclass(frozen=True)
class Configuration:
    """The lines of a configuration.

    Args:
        values: for each word its value, and if it is there twice, the last one.
        lines: for each word the lines that begin with it, as they were written.
        unread: the lines that begin with none of the words, and do not go on with another one.
    """

    values: Mapping[str, str]
    lines: Mapping[str, tuple[str, ...]]
    unread: tuple[str, ...]

    def delays(self) -> tuple[int, ...] | RuleFailure:
        """Return the times between attempts in microseconds, or what is wrong with them."""
        text = self._value("retry")
        if isinstance(text, RuleFailure):
            return text
        pieces = [each.strip() for each in text.split(",") if each.strip()]
        if not pieces or len(pieces) > _MOST:
            return self._not_a_time("retry", text)
        times: list[int] = []
        for piece in pieces:
            time = self._time("retry", piece)
            if isinstance(time, RuleFailure):
                return time
            times.append(time)
        if 0 in times:
            return RuleFailure(
                "A time of zero would try again without an end.", "times above zero", self.written("retry")
            )
        return tuple(times)

    def time(self, key: str) -> int | RuleFailure:
        """Return the one time of a line in microseconds, or what is wrong with it."""
        text = self._value(key)
        if isinstance(text, RuleFailure):
            return text
        if "," in text:
            return RuleFailure(
                f'The line that begins with "{key}" has several times.', _EXAMPLES[key], self.written(key)
            )
        return self._time(key, text)

    def schedule(self, delays: tuple[int, ...]) -> RetrySchedule:
        """Return the whole schedule with some times between attempts, in microseconds, as they are written.

        It has no jitter, so that no demand is met or missed by chance. Where the time of the warning or of the end
        cannot be read, it is the usual one.
        """
        usual, warns, expires = RetrySchedule(), self.time("warn"), self.time("give up")
        return RetrySchedule(
            delays,
            jitter=0,
            warns_after=usual.warns_after if isinstance(warns, RuleFailure) else warns,
            expires_after=usual.expires_after if isinstance(expires, RuleFailure) else expires,
        )

    def written(self, *keys: str) -> str:
        """Return the lines that begin with some words, as they were written."""
        return shown("\n".join(line for key in keys for line in self.lines.get(key, ())))

    def repeated(self, key: str) -> RuleFailure | None:
        """Return that a word stands at the beginning of several lines, if it does."""
        if len(self.lines.get(key, ())) < 2:
            return None
        return RuleFailure(
            f'Your schedule has more than one line that begins with "{key}".', "one line", self.written(key)
        )

    def _value(self, key: str) -> str | RuleFailure:
        if (twice := self.repeated(key)) is not None:
            return twice
        if self.values.get(key):
            return self.values[key]
        got = self.written(key) or shown("\n".join(self.unread))
        example = _EXAMPLES[key]
        if key in self.values:
            return RuleFailure(f'The line that begins with "{key}" has no value.', f"a line such as {example}", got)
        return RuleFailure(f'Your schedule has no line that begins with "{key}".', f"a line such as {example}", got)

    def _time(self, key: str, piece: str) -> int | RuleFailure:
        """Return one time in microseconds; hours may be written h, hour or hours, and so on."""
        text = _UNIT.sub(lambda unit: f"{unit[1]}{unit[2].lower()}", piece.strip())
        try:
            found = parse_duration(text)
        except ValueError:
            return self._not_a_time(key, piece)
        sizes = [parse_duration(f"1{part.lstrip('0123456789 ')}") for part in _PIECE.findall(text)]
        if any(size <= following for size, following in pairwise(sizes)):
            return RuleFailure(
                f'In the line that begins with "{key}" times stand side by side.',
                "commas between times" if key == "retry" else f"one time, as in {_EXAMPLES[key]}",
                self.written(key),
                f'"{visible(piece)}" would be one time',
            )
        return min(found, _LONGEST)

    def _not_a_time(self, key: str, piece: str) -> RuleFailure:
        return RuleFailure(
            f'The line that begins with "{key}" has something that is not a time.',
            f"{_FORMS}; with commas between" if key == "retry" else _FORMS,
            self.written(key),
            f'"{visible(piece)}" cannot be read',
        )


def read_configuration(text: str) -> Configuration:
    """Return what a text configures."""
    values: dict[str, str] = {}
    lines: dict[str, tuple[str, ...]] = {}
    unread: list[str] = []
    for line in _joined(text):
        found = _LINE.fullmatch(line)
        if found is not None:
            key = "give up" if found[1].casefold().startswith("give") else found[1].casefold()
            values[key] = " ".join(found[2].split("\n")).strip()
            lines[key] = (*lines.get(key, ()), line)
        else:
            unread.append(line)
    return Configuration(values, lines, tuple(unread))


def _joined(text: str) -> Iterator[str]:
    """Yield the lines, each with the lines in which it goes on; what stands behind a # is left out."""
    lines = (each.partition("#")[0].rstrip() for each in dedent(text).splitlines())
    for whole in with_what_goes_on(lines, _goes_on):
        yield "\n".join(map(str.strip, whole.split("\n")))


def _goes_on(whole: str, line: str) -> bool:
    """Return True if a line goes on with what stands above it, which is one of several times."""
    above = _LINE.fullmatch(whole)
    several = above is not None and above[1].casefold() != "host"
    indented = _GOES_ON.match(line) or whole.endswith(",")
    return several and bool(indented) and not _LINE.fullmatch(line.strip())
