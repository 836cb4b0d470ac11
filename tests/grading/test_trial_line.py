"""Two processes call functions of each other; here both ends are in one, each with what the other says in advance."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from smtplab.grading import trial_line
from smtplab.grading.trial_line import (
    Abandoned,
    Begun,
    LineEnded,
    OtherError,
    ProgramStopped,
    SaidTooMuch,
    TrialLine,
)


class Ends:
    """A line of ours, and the other end as plain octets."""

    def __init__(self, most_octets: int | None = None) -> None:
        ours, self.other = socket.socketpair()
        self._ours = ours
        self.other.settimeout(5)
        self.line = TrialLine(ours.fileno(), most_octets)

    def says(self, *said: Any) -> None:
        """Let the other end say something: octets, or what JSON can hold."""
        for each in said:
            self.other.sendall(each if isinstance(each, bytes) else json.dumps(each).encode() + b"\n")

    def heard(self) -> list[Any]:
        """Return what the other end has got."""
        return [json.loads(line) for line in self.other.recv(1 << 20).splitlines()]

    def close(self) -> None:
        self.other.close()
        self._ours.close()


@pytest.fixture
def ends() -> Iterator[Ends]:
    ends = Ends()
    yield ends
    ends.close()


def test_a_call_returns_what_the_other_side_gave(ends: Ends) -> None:
    ends.says({"gave": [1, "x"]})
    assert ends.line.call("add", 1, "two") == [1, "x"]
    assert ends.heard() == [{"do": "add", "given": [1, "two"]}]


@pytest.mark.parametrize(
    ("kind", "told", "error"),
    [
        ("TimeoutError", ["timed out"], TimeoutError),
        ("BrokenPipeError", ["closed"], BrokenPipeError),
        ("Abandoned", [], Abandoned),
        ("ProgramStopped", ["line 3: while True:", 1.0], ProgramStopped),
        ("UnicodeDecodeError", ["needs more"], OtherError),
        ("Nasty", ["of a student"], OtherError),
        # None of these may end the process of ours.
        ("SystemExit", [0], OtherError),
        ("KeyboardInterrupt", [], OtherError),
        ("LineEnded", [], OtherError),
        ("print", ["x"], OtherError),
    ],
)
def test_an_error_has_its_class_here_if_a_trial_can_have_it(
    ends: Ends, kind: str, told: list[Any], error: type[BaseException]
) -> None:
    ends.says({"raised": kind, "with": told})
    with pytest.raises(error) as raised:
        ends.line.call("any")
    assert type(raised.value) is error
    assert list(raised.value.args) == told


def test_calls_of_the_other_side_are_answered_until_its_answer_comes(ends: Ends) -> None:
    ends.says({"do": "double", "given": [4]}, {"do": "hidden", "given": []}, {"gave": None})
    ends.line.call("run", served={"double": lambda number: 2 * number})
    _, first, second = ends.heard()
    assert first == {"gave": 8}
    assert second["raised"] == "KeyError"


def test_an_error_with_a_class_of_trials_keeps_its_values(ends: Ends) -> None:
    def stopped() -> None:
        raise ProgramStopped("line 3: while True:", 0.25)

    def strange() -> None:
        raise type("Strange", (BaseException,), {"__str__": lambda self: 1 / 0})

    ends.says({"do": "stopped", "given": []}, {"do": "strange", "given": []}, {"over": True})
    ends.line.serve({"stopped": stopped, "strange": strange})
    first, second = ends.heard()
    assert first == {"raised": "ProgramStopped", "with": ["line 3: while True:", 0.25]}
    assert second == {"raised": "Strange", "with": [""]}


def test_an_interrupt_ends_what_is_served(ends: Ends) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    ends.says({"do": "interrupted", "given": []})
    with pytest.raises(KeyboardInterrupt):
        ends.line.serve({"interrupted": interrupted})


@pytest.mark.parametrize("noise", [b"\n", b"{\n", b"5\n", b"[]\n", b"\xff\n", b"[" * 20_000 + b"\n", b'{"gave": \n'])
def test_what_is_no_such_line_is_skipped(ends: Ends, noise: bytes) -> None:
    ends.says(noise, {"gave": 1})
    assert ends.line.call("any") == 1


def test_the_end_of_the_other_side_ends_a_call_also_in_the_middle_of_a_line(ends: Ends) -> None:
    ends.says(b'{"gave": 1}')
    ends.other.shutdown(socket.SHUT_WR)
    with pytest.raises(LineEnded):
        ends.line.call("any")


def test_the_end_of_a_side_that_had_not_read_all_is_an_end_as_well(ends: Ends) -> None:
    ends.line.tell(over=True)
    ends.other.close()
    with pytest.raises(LineEnded):
        ends.line.wait()


def test_nobody_can_be_told_anything_behind_the_end(ends: Ends) -> None:
    ends.other.close()
    with pytest.raises(LineEnded):
        ends.line.tell(over=True)


def test_who_begins_anew_breaks_off_what_was_under_way(ends: Ends) -> None:
    ends.says({"begin": ["04", "salt", "send_mail"]})
    with pytest.raises(Begun) as begun:
        ends.line.call("any")
    assert (begun.value.exercise, begun.value.course, begun.value.question) == ("04", "salt", "send_mail")


def test_a_program_begins_behind_what_is_left_of_the_one_before(ends: Ends) -> None:
    ends.says({"do": "stale", "given": []}, {"begun": 2})
    os.write(ends.line._descriptor, b'{"gave": "cut')
    assert ends.line.begin("04", "", "send_mail") == 2
    assert ends.other.recv(1 << 20).splitlines()[-1] == b'{"begin": ["04", "", "send_mail"]}'


def test_more_than_is_read_ends_it() -> None:
    ends = Ends(most_octets=50)
    ends.says({"gave": "x" * 20})
    assert ends.line.call("any")
    ends.says({"gave": "x" * 20})
    with pytest.raises(SaidTooMuch):
        ends.line.call("any")
    ends.close()


def test_a_line_without_an_end_ends_it(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial_line, "_LONGEST", 100)
    ends.says(b"x" * 101)
    with pytest.raises(SaidTooMuch):
        ends.line.call("any")
