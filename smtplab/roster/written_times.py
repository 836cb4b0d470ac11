"""Read a time as a learning platform writes it for people, such as ``Friday, 20 November 2026, 5:03 PM``.

Moodle writes the name of the month in the language of whoever downloads the table. A time without a name of a month
that is listed here is not read, and a date in digits is read only where the day cannot be taken for the month.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

from .student_ids import normal

# Months by how their names begin: English, German, French, Spanish, Italian, Portuguese, Dutch.
_MONTHS = (
    ("jan", "jän", "ene", "gen"),
    ("feb", "fév", "fev"),
    ("mar", "mär", "mrz", "maa", "mrt"),
    ("apr", "avr", "abr"),
    ("may", "mai", "mag", "mei"),
    ("jun", "juin", "giu"),
    ("jul", "juil", "lug"),
    ("aug", "aoû", "aou", "ago"),
    ("sep", "set"),
    ("oct", "okt", "ott", "out"),
    ("nov",),
    ("dec", "dez", "déc", "dic"),
)
_MONTH_OF = {begin: number for number, names in enumerate(_MONTHS, 1) for begin in names}
_WORD = r"[^\W\d_]{3,}\.?"
_CLOCK = r"(?P<hour>\d{1,2})[:.h](?P<minute>\d\d)(?::\d\d)?(?:\s*(?P<half>[AaPp])\.?\s?[Mm]\b)?"
_FORMS = tuple(
    re.compile(rf"(?<!\d){date}\D{{1,6}}{_CLOCK}")
    for date in (
        rf"(?P<day>\d{{1,2}})(?:\.|st|nd|rd|th)?\s+(?:de\s+)?(?P<month>{_WORD})\s+(?:de\s+)?(?P<year>\d{{4}})",
        rf"(?P<month>{_WORD})\s+(?P<day>\d{{1,2}}),?\s+(?P<year>\d{{4}})",
        r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)",
        r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})",
    )
)


def time_in(text: str) -> datetime | None:
    """Return the first time that a text has, without a time zone, as it stands there; None if it has none."""
    return next(_times_in(normal(text)), None)


def _times_in(text: str) -> Iterator[datetime]:
    for form in _FORMS:
        for found in form.finditer(text):
            month = _month(found["month"])
            with suppress(ValueError):  # there is no such day or hour
                yield datetime(int(found["year"]), month, int(found["day"]), _hour(found), int(found["minute"]))


def _month(text: str) -> int:
    """Return the number of a month; 0 if no listed name begins so."""
    if text.isdecimal():
        return int(text)
    return _MONTH_OF.get(text[:4]) or _MONTH_OF.get(text[:3], 0)


def _hour(found: re.Match[str]) -> int:
    hour = int(found["hour"])
    if not found["half"]:
        return hour
    return hour % 12 + (12 if found["half"] == "p" else 0)
