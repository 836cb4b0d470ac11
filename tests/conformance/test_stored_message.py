"""A stored message in a report: it is shown as it is, and so is what was expected."""

import pytest

from smtplab.conformance.servers.stored_message import as_expected, without_trace

MEANT = b".first: line\r\nSubject: test\r\n\r\ntext\r\n"


@pytest.mark.parametrize(
    "stored",
    [
        b"..first: line\r\nSubject: test\r\n\r\ntext\r\n",  # ends as the right line does
        b"x.first: line\nSubject: test\n\ntext\n",
        b".first: line more\r\nSubject: test\r\n",
    ],
)
def test_a_first_line_that_differs_is_shown_octet_for_octet(stored: bytes) -> None:
    assert without_trace(stored, MEANT) == stored


@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
def test_the_lines_of_the_server_before_the_text_are_left_out(end: bytes) -> None:
    stored = MEANT.replace(b"\r\n", end)
    assert without_trace(b"Received: from x" + end + b"\tby y" + end + stored, MEANT) == stored
    assert without_trace(b"X-Begins: .first: line" + end + stored, MEANT) == stored


def test_what_was_expected_has_the_line_ends_of_what_is_stored() -> None:
    assert as_expected(b"a\r\n.b\r\n", b"a\r\n..b\r\n") == "a<CRLF>\n.b<CRLF>"
    assert as_expected(b"a\r\n", b"b\n").startswith("a<LF>\n")
    assert as_expected(b"a\r\n", b"") == "a<CRLF>"
