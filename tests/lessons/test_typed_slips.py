"""Octets that are written as escapes need ``%raw``; without it letters were sent."""

import pytest

from smtplab.lessons.typed_slips import raw_forgotten


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("%now you: a\n\\r\\n", "`\\r\\n` was sent as 4 letters, because it does not begin with `%raw`"),
        ("\\n", "`\\n` was sent as 2 letters, because it does not begin with `%raw`"),
        ("%raw \\r\\n", ""),
        ("NOOP\\r\\n", ""),
        ("", ""),
    ],
)
def test_escapes_without_raw_are_told_as_letters(text: str, told: str) -> None:
    assert raw_forgotten(text) == told
