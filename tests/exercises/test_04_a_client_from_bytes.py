"""What is particular to exercise 04: the record of a client's calls, and what the referee makes of it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from exercises import bank_04
from smtplab.grading.exercises import design_of
from smtplab.grading.exercises.client_from_bytes.task import ClientTask
from smtplab.grading.exercises.client_from_bytes.trials import (
    ALL_PLAYS,
    ClientTrials,
    MemorySocket,
    PlayedServer,
    envelope_for,
    play_for,
    played,
)
from smtplab.grading.handout import Exercise
from smtplab.grading.rules import judge
from smtplab.grading.trials import TriedProgram
from support.bank import filled, run

TASK: ClientTask = design_of("04").task("mia", "smtplab")


def defined(text: str) -> Callable[..., object]:
    variables: dict[str, Any] = {}
    exec(text.replace("CLIENT", TASK.client), variables)
    function: Callable[..., object] = variables["send_mail"]
    return function


def tried(function: object) -> TriedProgram:
    return TriedProgram(function, ClientTrials(TASK))


def recalled(program: TriedProgram, *names: str) -> TriedProgram:
    """Return the program as the referee has it."""
    again = tried(None)
    again.records |= {name: json.loads(json.dumps(program.record(name))) for name in ("plain", *names)}
    return again


RIGHT = [bank_04.CLIENT, bank_04.BY_FILE, bank_04.BY_CLASS, bank_04.SKELETON, bank_04.ONE_RECV, bank_04.NEVER_WAITS]


@pytest.mark.parametrize("name", ALL_PLAYS)
def test_repeated_calls_put_the_same_octets_on_the_wire_at_the_same_times(name: str) -> None:
    for text in RIGHT:
        function = defined(text)
        live = MemorySocket(PlayedServer(play := play_for(TASK, name)), takes=play.takes)
        with contextlib.suppress(Exception):
            function(live, *envelope_for(TASK, name), play.message)
        live.close()
        assert played(recalled(tried(function), name), TASK, name).chunks == live.log.chunks


def test_a_record_has_nothing_that_the_server_said() -> None:
    record = json.dumps(tried(defined(bank_04.CLIENT)).record("plain"))
    assert "laptop" not in record
    assert "is ready" not in record
    assert TASK.client in record


def test_a_made_up_reply_is_no_call_and_changes_nothing() -> None:
    program = recalled(tried(lambda sock, *mail: {}))
    program.records["plain"] = {"calls": [["reply", "250 message kept\r\n", 1]], "returned": {}}
    client = played(program, TASK, "plain")
    assert client.heard == []
    assert not client.delivered


class Nasty(Exception):
    def __str__(self) -> str:
        raise ValueError


def raising(error: BaseException) -> Callable[..., object]:
    def send_mail(*_: object) -> None:
        raise error

    return send_mail


@pytest.mark.parametrize("error", [Nasty(), SystemExit(0), RuntimeError("\ud800"), RecursionError()])
def test_whatever_a_function_raises_is_its_end(error: BaseException) -> None:
    client = played(recalled(tried(raising(error))), TASK, "plain")
    assert client.end.crash.startswith(type(error).__name__)


def test_an_interrupt_is_the_students_and_ends_the_check() -> None:
    with pytest.raises(KeyboardInterrupt):
        tried(raising(KeyboardInterrupt())).record("plain")


def test_a_function_that_hides_that_it_waits_for_ever_is_said_to_wait() -> None:
    def send_mail(sock: MemorySocket, *_: object) -> list[str]:
        try:
            while True:
                sock.recv(100)
        except BaseException:
            return []

    assert played(recalled(tried(send_mail)), TASK, "plain").end.stopped


class Sly(dict[str, str]):
    def items(self) -> Any:
        raise ValueError


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ({"a": "sent"}, {"a": "sent"}),
        ({1: None}, {"None": "None"}),
        (Sly(a="sent"), {"a": "sent"}),
        (dict.fromkeys(map(str, range(200)), "sent"), dict.fromkeys(map(str, range(100)), "sent")),
        (["a"], "list"),
        (None, "NoneType"),
        (False, "False"),
    ],
)
def test_what_is_returned_comes_back_as_texts_or_its_type(value: object, kept: object) -> None:
    assert played(recalled(tried(lambda *_: value)), TASK, "plain").returned == kept


@pytest.mark.parametrize(
    ("value", "succeeded"),
    [
        ({"a": "sent", "b": "never"}, True),
        ({"a": "later", "b": "unknown"}, False),
        ({"a": "ok"}, True),  # another word is no failure: a wrong word costs its own points only
        ({}, True),
        (None, True),
        (False, False),
    ],
)
def test_a_function_has_failed_if_every_recipient_has_a_word_for_it(value: object, succeeded: bool) -> None:
    assert played(recalled(tried(lambda *_: value)), TASK, "plain").end.succeeded is succeeded


@pytest.mark.parametrize("text", [bank_04.OF_THE_TUTORIAL, bank_04.OF_THE_TUTORIAL_WITH_A_WORD])
def test_what_the_tutorial_ends_with_earns_a_third_of_the_points(text: str) -> None:
    points = run(filled(bank_04.NAME, "mia", {"send": bank_04.code(TASK, text)})).points["check-send"]
    assert isinstance(points, int)
    assert 0 < points * 3 <= bank_04.FULL["check-send"]


def test_small_verbs_are_no_sign_of_smtplib_nor_are_capitals_behind_a_verb_of_capitals() -> None:
    for old, new in (("MAIL FROM", "mail from"), ("RCPT TO", "rcpt to"), ("DATA", "data"), ("MAIL FROM", "mail FROM")):
        text = bank_04.code(TASK, bank_04.CLIENT, (old, new))
        assert run(filled(bank_04.NAME, "mia", {"send": text})).points == bank_04.FULL


def test_every_play_has_the_students_own_names_and_subject() -> None:
    for name in ALL_PLAYS:
        message = play_for(TASK, name).message
        assert TASK.sender.encode() in message
        assert TASK.recipient.encode() in message
        assert TASK.subject.encode() in message


def test_a_play_from_which_the_function_never_came_back_fails_the_rules_about_it_alone() -> None:
    handed = Exercise(design_of("04"), "mia", "smtplab")
    handed.hand_in("send_mail", defined(bank_04.CLIENT))
    evidence = handed.evidence()
    evidence.answers["send_mail"] = recalled(
        evidence.answers["send_mail"], "two", "two-later", "dots", "edges", "lone-dot"
    )
    told = {result.rule: result.failure for result in judge(design_of("04").part("send"), evidence).results}
    assert told["send.dots"] is told["send.recipients"] is None
    assert "never came back" in told["send.silence"].sentence


@pytest.mark.parametrize(
    ("name", "beliefs"),
    [
        ("one recv is one reply", {"one-read-is-one-reply"}),
        ("reads the first line of each reply", {"first-line-is-the-reply"}),
        ("LF behind commands", {"lf-ends-a-line"}),
        ("LF in the text", {"lf-ends-a-line"}),
        ("no line end behind commands", set()),
        ("only a lone dot is doubled", {"only-the-lone-dot-is-doubled"}),
        ("takes the hyphen for a part of the code", set()),
        ("no dot is doubled", set()),
        ("every dot is doubled", set()),
        ("awaits 250, whatever is asked for", {"success-is-250"}),
        ("sends all the same after 251, and lists the recipient as refused", {"success-is-250"}),
        ("all in one sending", set()),
        ("five seconds are enough", set()),
    ],
)
def test_a_belief_is_named_where_the_mistake_has_no_other_reading(name: str, beliefs: set[str]) -> None:
    (answer,) = (each for each in bank_04.wrong(TASK, TASK) if each.name == name)
    evidence = run(filled(bank_04.NAME, "mia", answer.cells)).variables["mine"].evidence()
    failures = [result.failure for result in judge(design_of("04").part("send"), evidence).results]
    assert {failure.belief for failure in failures if failure is not None and failure.belief} == beliefs


def test_a_function_that_runs_for_ever_without_a_call_is_stopped() -> None:
    def send_mail(sock: object, sender: str, recipients: list[str], message: bytes) -> None:
        while True:
            pass

    design = design_of("04")
    program = TriedProgram(send_mail, design.trials["send_mail"](design.task("mia", "smtplab")))
    assert "endless" in program.record("plain")
    assert program.was_endless
