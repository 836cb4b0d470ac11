"""Times as Moodle writes them in several languages, and what is no such time."""

import pytest

from smtplab.roster.written_times import time_in


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("Friday, 20 November 2026, 5:03 PM", "2026-11-20T17:03"),
        ("Friday, November 20, 2026, 12:03 AM", "2026-11-20T00:03"),
        ("Friday, 20 November 2026, 12:03 p.m.", "2026-11-20T12:03"),
        ("Freitag, 20. November 2026, 17:03", "2026-11-20T17:03"),
        ("Montag, 2. März 2026, 08:00", "2026-03-02T08:00"),
        ("jeudi 4 juin 2026, 17:03", "2026-06-04T17:03"),
        ("jeudi 2 juillet 2026 à 17h03", "2026-07-02T17:03"),
        ("viernes, 20 de noviembre de 2026, 17:03", "2026-11-20T17:03"),
        ("mercoledì, 1 luglio 2026, 17:03", "2026-07-01T17:03"),
        ("sexta-feira, 20 de março de 2026, 17:03", "2026-03-20T17:03"),
        ("vrijdag 20 maart 2026, 17:03", "2026-03-20T17:03"),
        ("2026-11-20 17:03:59", "2026-11-20T17:03"),
        ("20.11.2026, 17:03", "2026-11-20T17:03"),
        ("Extension granted until: Friday, 27 November 2026, 6:00 PM - Graded", "2026-11-27T18:00"),
    ],
)
def test_a_time_is_read_in_the_languages_that_are_listed(text: str, iso: str) -> None:
    found = time_in(text)
    assert found is not None
    assert found.isoformat(timespec="minutes") == iso


@pytest.mark.parametrize(
    "text",
    ["", "-", "11/20/2026 17:03", "31 February 2026, 10:00", "3 mins 31 secs late", "5 Νοεμβρίου 2026, 17:03", "2026"],
)
def test_what_is_no_time_or_has_two_readings_is_not_read(text: str) -> None:
    assert time_in(text) is None
