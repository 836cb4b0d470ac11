"""What a student's values print while they are looked at stands in no report."""

import sys

import pytest

from smtplab.grading.muting import muted_output


def test_prints_are_dropped_and_later_ones_are_not(capsys: pytest.CaptureFixture[str]) -> None:
    with muted_output():
        print("secret")
        print("secret", file=sys.stderr)
    print("after")
    print("after", file=sys.stderr)
    assert capsys.readouterr() == ("after\n", "after\n")


def test_a_stream_that_was_closed_meanwhile_is_open_afterwards(capsys: pytest.CaptureFixture[str]) -> None:
    with muted_output():
        sys.stdout.close()
        sys.stderr.close()
    print("after")
    assert capsys.readouterr() == ("after\n", "")


def test_an_error_passes_through(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit), muted_output():
        sys.exit("secret")
    print("after")
    assert capsys.readouterr().out == "after\n"
