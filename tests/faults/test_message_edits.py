"""What faults make of a message before its host gets it, and how it then goes to the host."""

import pytest

from smtplab.faults.fault import Fault
from smtplab.faults.incoming import on_the_wire
from smtplab.faults.message_actions import EditMessage
from smtplab.faults.message_edits import edited

CONTENT = b".a\r\n..b\r\n\xe4cdef\r\n"


@pytest.mark.parametrize(
    ("line", "content"),
    [
        ("strip the eighth bit of the message", b".a\r\n..b\r\ndcdef\r\n"),
        ("leave the dots doubled in the message", b"..a\r\n...b\r\n\xe4cdef\r\n"),
        ("strip the leading dots of the message", b"a\r\n.b\r\n\xe4cdef\r\n"),
        ("cut the lines at 2 octets", b".a\r\n..\r\n\xe4c\r\n"),
        ("break the lines at 2 octets", b".a\r\n..\r\nb\r\n\xe4c\r\nde\r\nf\r\n"),
        ("keep only the first 3 octets of the message", b".a\r"),
        ("truncate the message after 1 octet", b"."),
        ("drop 2 octets of the message", b"\r\n..b\r\n\xe4cdef\r\n"),
        ("drop 1 octet of the message after 1 octet", b".\r\n..b\r\n\xe4cdef\r\n"),
        ("drop the last line of the message", b".a\r\n..b\r\n"),
        ("replace CRLF by LF in the message", b".a\n..b\n\xe4cdef\n"),
        ("begin the message with 'x'", b"x" + CONTENT),
        ("end the message with 'x'", CONTENT + b"x"),
    ],
)
def test_a_message_is_changed_as_the_line_says(line: str, content: bytes) -> None:
    action = Fault.parse(line).action
    assert isinstance(action, EditMessage)
    assert edited(CONTENT, action) == content


@pytest.mark.parametrize(
    ("content", "wire"),
    [(b"", b".\r\n"), (b"x", b"x\r\n.\r\n"), (b".x\r\n..y\r\n", b"..x\r\n...y\r\n.\r\n")],
)
def test_a_message_goes_to_the_host_with_its_dots_doubled_and_its_end(content: bytes, wire: bytes) -> None:
    assert on_the_wire(content) == wire
