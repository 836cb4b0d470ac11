"""What an error says, as a sentence, and how it counts."""

import pytest

from smtplab.protocol.errors import LocalProtocolError, plural, sentence
from smtplab.protocol.replies import BAD_ARGUMENT


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("the line goes on", "The line goes on."),
        ("'VERFY' is no verb", "'VERFY' is no verb."),
        ("Done.", "Done."),
        ("done.", "Done."),
        ("mail.lab.example does not answer", "mail.lab.example does not answer."),
        ("no, it said: a.example", "No, it said: a.example."),
        ("", "."),
        ("did you mean VRFY?", "Did you mean VRFY?"),
    ],
)
def test_a_sentence_begins_with_a_capital_and_ends_in_a_stop(said: str, expected: str) -> None:
    assert sentence(said) == expected
    assert sentence(LocalProtocolError(said, BAD_ARGUMENT)) == expected


def test_one_is_not_counted_as_several_are() -> None:
    assert [plural(count, "step") for count in (0, 1, 2)] == ["0 steps", "1 step", "2 steps"]
    assert [plural(count, "reply", "replies") for count in (0, 1, 2)] == ["0 replies", "1 reply", "2 replies"]
