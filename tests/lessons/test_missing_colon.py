"""A line without its colon has one mistake; whatever else is wrong with it is named."""

import pytest

from smtplab.lessons.missing_colon import second_mistake


@pytest.mark.parametrize(
    ("line", "other"),
    [
        ("MAIL FROM <a@b.example>", ""),
        ("RCPT TO <a@b.example>", ""),
        ("RCPT TO a@b.example", ""),
        ("NOOP", ""),
        ("RCPT <a@b.example>", "so is `TO`"),
        ("RCPT TO <a@b.example", "so is `>`"),
        ("RCPT TO", "so is the address"),
        ("RCPT TO <>", "the rest is wrong, too"),
        ("RCPT TO: <a@b.example", "has its colon"),
    ],
)
def test_what_is_wrong_besides_the_colon_is_named(line: str, other: str) -> None:
    told = second_mistake(line)
    assert (other in told) if other else told == ""
