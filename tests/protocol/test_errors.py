"""What an error says, as a sentence."""

import pytest

from smtplab.protocol.errors import LocalProtocolError, sentence
from smtplab.protocol.replies import BAD_ARGUMENT


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("the line goes on", "The line goes on."),
        ("'VERFY' is no verb", "'VERFY' is no verb."),
        ("Done.", "Done."),
        ("did you mean VRFY?", "Did you mean VRFY?"),
    ],
)
def test_a_sentence_begins_with_a_capital_and_ends_in_a_stop(said: str, expected: str) -> None:
    assert sentence(said) == expected
    assert sentence(LocalProtocolError(said, BAD_ARGUMENT)) == expected
