"""``smtplab transcript``: what `diagnose` says, from a file or standard input."""

from pathlib import Path

import pytest

from smtplab import Transcript, diagnose, read_capture
from support import captures
from support.command_line import Run, check_fails

SESSION = "220 m\nEHLO x\n250–m\n250 HELP\nDATA\n503 no\nQUIT\n221 bye\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_is_explained_whatever_wrote_it(smtplab: Run, tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "session.txt"
    file.write_bytes(SESSION.encode(encoding))
    done = smtplab("transcript", str(file))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{diagnose(SESSION)}\n"


def test_standard_input_is_explained(smtplab: Run) -> None:
    done = smtplab("transcript", "-", stdin=SESSION)
    assert (done.returncode, done.stdout) == (0, f"{diagnose(SESSION)}\n")


@pytest.mark.parametrize("text", ["", "hello\n", "220 m\nthis\nthat\n500 x\n"])
def test_a_text_that_cannot_be_read_is_one_sentence(smtplab: Run, text: str) -> None:
    done = smtplab("transcript", "-", stdin=text)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1


def test_a_file_that_is_not_there_is_named(smtplab: Run) -> None:
    done = smtplab("transcript", "none.txt")
    assert done.returncode == 2
    assert "none.txt" in done.stderr


# Captures.


@pytest.fixture
def two_sessions(tmp_path: Path) -> Path:
    """A capture of two sessions; the second begins late."""
    packets = captures.held().packets + captures.held(captures.Wire(("192.0.2.7", 40001))).packets[6:]
    return captures.kept_in(tmp_path, captures.pcapng(packets))


def test_a_capture_is_explained_connection_by_connection(smtplab: Run, two_sessions: Path) -> None:
    first, second = read_capture(two_sessions)
    done = smtplab("transcript", str(two_sessions))
    assert (done.returncode, done.stderr) == (0, "")
    shown = f"Connection 1: {first.title}\n{diagnose(first.transcript)}\n\nConnection 2: {second}\n"
    assert done.stdout == shown.replace(f"{second.title}:", second.title)


def test_one_connection_of_a_capture_is_shown_alone(smtplab: Run, two_sessions: Path) -> None:
    done = smtplab("transcript", str(two_sessions), "--connection", "2")
    assert done.returncode == 0
    assert done.stdout.startswith("Connection 2: 192.0.2.7 port 40001")


def test_a_damaged_capture_is_one_sentence_with_its_name(smtplab: Run, tmp_path: Path) -> None:
    file = captures.kept_in(tmp_path, captures.pcap([]) + b"\xff" * 16)
    check_fails(smtplab("transcript", str(file)), 1, file.name, "damaged")
    file.write_bytes(b"\x1f\x8b" + bytes(20))
    check_fails(smtplab("transcript", str(file)), 1, file.name, "gunzip")


def test_a_copied_session_becomes_a_capture(smtplab: Run, tmp_path: Path) -> None:
    target = tmp_path / "copied.pcap"
    done = smtplab("transcript", "-", "--pcap", str(target), "--port", "587", stdin=SESSION)
    assert (done.returncode, done.stdout) == (0, f"{diagnose(SESSION)}\n")
    (found,) = read_capture(target)
    assert found.server_port == 587
    assert [row.data for row in found.transcript] == [row.data for row in Transcript.parse(SESSION)]


def test_a_connection_of_a_capture_becomes_a_capture_of_its_own(
    smtplab: Run, two_sessions: Path, tmp_path: Path
) -> None:
    target = tmp_path / "one.pcap"
    assert smtplab("transcript", str(two_sessions), "--connection", "1", "--pcap", str(target)).returncode == 0
    assert read_capture(target) == read_capture(two_sessions)[:1]


def test_a_copied_session_has_one_connection_and_a_target_must_be_writable(smtplab: Run) -> None:
    check_fails(smtplab("transcript", "-", "--connection", "2", stdin=SESSION), 2, "connection 2")
    check_fails(smtplab("transcript", "-", "--pcap", "/none/x.pcap", stdin=SESSION), 3, "/none/x.pcap")
