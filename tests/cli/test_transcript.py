"""``smtplab transcript``: what `diagnose` says, from a file or standard input."""

from pathlib import Path

import pytest

from smtplab import diagnose
from support.command_line import Run

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
