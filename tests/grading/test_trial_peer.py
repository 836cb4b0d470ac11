"""A program in one process is tried by another: here by one thread, and the program runs in the main thread."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from exercises import bank_04, bank_05
from smtplab.grading.exercises import design_of
from smtplab.grading.exercises.client_from_bytes.trials import ALL_PLAYS, DistantSocket
from smtplab.grading.handout import Exercise
from smtplab.grading.trial_line import LineEnded, TrialLine
from smtplab.grading.trial_peer import DistantPeer, PeerOfPrograms, records_of
from smtplab.grading.trials import ProgramRecords, TriedProgram

NAME = bank_04.NAME
PROGRAMS = [
    (bank_04, "send_mail", "send_mail", bank_04.CLIENT),
    (bank_04, "send_mail", "send_mail", bank_04.BY_FILE),
    (bank_05, "server", "Server", bank_05.SERVER),
]


class Peers:
    """Both peers, with what the one in the thread notes."""

    def __init__(self) -> None:
        ours, self._theirs = socket.socketpair()
        self._notes: list[bytes] = []
        self.line = TrialLine(self._theirs.fileno())
        self.distant = DistantPeer(self.line)
        self._thread = threading.Thread(target=self._serve, args=(ours,))
        self._thread.start()

    def _serve(self, ours: socket.socket) -> None:
        with ours, contextlib.suppress(LineEnded):
            PeerOfPrograms("mia", self._notes.append).serve(TrialLine(ours.fileno()))

    def ended(self) -> ProgramRecords:
        """End the student's side, and return the records."""
        with contextlib.suppress(OSError):
            self._theirs.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._theirs.close()
        return records_of(self._notes)


@pytest.fixture
def peers() -> Iterator[Peers]:
    peers = Peers()
    yield peers
    peers.ended()


def program(code: Any, name: str = NAME, question: str = "send_mail") -> TriedProgram:
    design = design_of(name)
    return TriedProgram(code, design.trials[question](design.task("mia", "smtplab")))


def tried(peers: Peers, code: Any, course: str = "smtplab") -> list[int]:
    """Let a function for exercise 04 be tried, and return the numbers it got."""
    numbers: list[int] = []
    peers.distant.try_program(NAME, course, "send_mail", program(code), numbers.append)
    return numbers


@pytest.mark.parametrize(("bank", "question", "name", "text"), PROGRAMS)
def test_a_program_does_the_same_on_both_sides_of_a_line(
    peers: Peers, bank: Any, question: str, name: str, text: str
) -> None:
    task, variables = design_of(bank.NAME).task("mia", "smtplab"), dict[str, Any]()
    exec(text.replace("CLIENT", task.client) if bank is bank_04 else bank.code(task, text).split("mine.")[0], variables)
    here = program(variables[name], bank.NAME, question)
    for each in here.trials.names:
        here.record(each)
    peers.distant.try_program(
        bank.NAME, "smtplab", question, program(variables[name], bank.NAME, question), lambda number: None
    )
    assert peers.ended() == {(bank.NAME, question, 1): json.loads(json.dumps(here.records))}


def test_a_socket_in_the_students_process_holds_nothing_of_the_play(peers: Peers) -> None:
    seen: list[object] = []

    def send_mail(sock: DistantSocket, *mail: object) -> None:
        seen.append(sorted(vars(sock)))

    tried(peers, send_mail)
    assert seen == [["_line"]] * len(ALL_PLAYS)


def test_a_trial_without_an_end_is_noted_with_its_line_or_its_time(peers: Peers) -> None:
    def send_mail(sock: DistantSocket, *mail: object) -> None:
        while True:
            pass

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("smtplab.grading.trials._MOST_SECONDS", 0.01)
        patch.setattr("smtplab.grading.trials._MOST_LINES", 10**9)
        tried(peers, send_mail)
    record = peers.ended()[NAME, "send_mail", 1]["plain"]
    assert (record["calls"], record["seconds"]) == ([], 0.01)
    assert "while True" in record["endless"] or "pass" in record["endless"]


def test_a_trial_that_is_interrupted_leaves_those_before_and_the_next_program_as_they_are(peers: Peers) -> None:
    count = iter(range(99))

    def interrupted(*mail: object) -> None:
        if next(count) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tried(peers, interrupted)
    assert tried(peers, lambda *mail: {}) == [2]
    found = peers.ended()
    assert len(found[NAME, "send_mail", 1]) == 2
    assert len(found[NAME, "send_mail", 2]) == len(ALL_PLAYS)


@pytest.mark.parametrize(
    ("exercise", "question"), [("no-such-exercise", "send_mail"), (NAME, "recipe"), ("01-hold-your-own-session", "x")]
)
def test_what_no_exercise_asks_for_is_not_tried(peers: Peers, exercise: str, question: str) -> None:
    numbers: list[int] = []
    peers.distant.try_program(exercise, "", question, program(None), numbers.append)
    assert (numbers, peers.ended()) == ([0], {})


def test_only_so_many_programs_are_tried(peers: Peers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smtplab.grading.trial_peer._MOST_PROGRAMS", 1)
    assert [tried(peers, lambda *mail: {}) for _ in range(2)] == [[1], [0]]


# What the student's side may say in place of an honest program
FORGED: list[tuple[object, int]] = [
    ({"calls": [["sendall", "QUIT\r\n", 1]], "waits": "x", "returned": "False"}, len(ALL_PLAYS)),
    ({}, len(ALL_PLAYS)),
    ([], 0),
    (None, 0),
    ("returned", 0),
]


@pytest.mark.parametrize(("said", "count"), FORGED)
def test_what_is_said_about_a_program_adds_no_call_and_ends_no_peer(peers: Peers, said: object, count: int) -> None:
    number = peers.line.begin(NAME, "smtplab", "send_mail")
    peers.line.serve({"send_mail": lambda *mail: said})
    records = peers.ended().get((NAME, "send_mail", number), {})
    assert len(records) == count
    assert all(record["calls"] == [] and "waits" not in record for record in records.values())


@pytest.mark.parametrize("said", [None, 5, [], ["a"], ["a", False, "", 4], [5, "x", None], {"endless": 1}])
def test_what_is_said_in_place_of_a_server_ends_no_peer(peers: Peers, said: object) -> None:
    peers.line.begin(bank_05.NAME, "smtplab", "server")
    methods: dict[str, Callable[..., object]] = {name: lambda *given: said for name in ("connect", "step", "stored")}
    peers.line.serve(methods | {"visit": lambda: None, "hang_up": lambda number: said})
    for record in peers.ended()[bank_05.NAME, "server", 1].values():
        assert all(type(given) is str for steps in record["connections"] for _, given, _, _ in steps)


def test_a_number_that_no_peer_gave_has_no_records() -> None:
    mine = Exercise(design_of(NAME), "mia", "smtplab")
    records = {(NAME, "send_mail", 1): {"plain": {"calls": [], "returned": {}}}, (NAME, "other", 2): {"plain": {}}}
    for number, found in ((1, 1), (2, 0), (0, 0), (-1, 0)):
        entry = {"did": "hand in", "question": "send_mail", "answer": {"program": number}}
        mine.do_again([entry], records)  # type: ignore[arg-type]
        answer = mine.evidence().answers["send_mail"]
        assert isinstance(answer, TriedProgram)
        assert len(answer.records) == found


def test_a_record_in_the_journal_is_none() -> None:
    mine = Exercise(design_of(NAME), "mia", "smtplab")
    mine.do_again([{"did": "hand in", "question": "send_mail", "answer": {"program": 0}}])
    mine.do_again([{"did": "try", "question": "send_mail", "trial": "plain", "record": {"calls": [], "returned": {}}}])
    answer = mine.evidence().answers["send_mail"]
    assert isinstance(answer, TriedProgram)
    assert answer.records == {}


def test_octets_past_the_program_are_what_it_said(peers: Peers) -> None:
    """Other code of the process that finds the descriptor can only do what a program can."""

    def send_mail(sock: DistantSocket, *mail: object) -> None:
        os.write(sock._line._descriptor, b'{"do": "recv", "given": [5]}\n')
        sock._line._heard()

    tried(peers, send_mail)
    assert peers.ended()[NAME, "send_mail", 1]["plain"]["calls"] == [["recv", 5, 1]]
