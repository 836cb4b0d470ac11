"""What telnet prints of a connection names the host, and is read back."""

import pytest

from smtplab.lab.telnet import connected_to, notes_of
from smtplab.transcript import Transcript


def noted(*lines: str) -> Transcript:
    transcript = Transcript()
    for line in lines:
        transcript.note(line)
    return transcript


@pytest.mark.parametrize("host", ["mail.lab.example", "127.0.0.1", "::1", "localhost"])
@pytest.mark.parametrize("address", ["", "192.0.2.25", "::1"])
def test_the_host_that_is_written_is_read_back(host: str, address: str) -> None:
    assert connected_to(noted(*notes_of(host, address))) == host
    assert connected_to(Transcript.parse("\n".join([*notes_of(host, address), "220 ready"]))) == host


def test_the_notes_are_those_of_the_lectures_telnet() -> None:
    assert notes_of("mail.adelphia.net", "68.168.78.100") == (
        "Trying 68.168.78.100 . . .",
        "Connected to mail.adelphia.net (68.168.78.100).",
    )


@pytest.mark.parametrize("lines", [(), ("Trying 192.0.2.25 . . .",), ("We are Connected to a.example.",)])
def test_where_no_note_names_a_host_there_is_none(lines: tuple[str, ...]) -> None:
    assert connected_to(noted(*lines)) is None
