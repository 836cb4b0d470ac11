"""Different answers that were checked are counted for each part, and kept with exercise, notebook and journal."""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from exercises import bank_01, bank_03, bank_06
from smtplab.grading import sentences, tries
from smtplab.grading.check import check, exercise
from smtplab.grading.handout import Exercise
from smtplab.grading.journal import entries, keep_journal
from smtplab.grading.tries import MANY, CheckedAnswers, in_notebook, largest, told_of
from support.bank import filled, run

NAME = bank_01.NAME
LOOP = """
import itertools
import smtplab
for marks in itertools.islice(itertools.product("EMT", repeat=4), {count}):
    lines = mine.given["session"].split("\\n")
    for number, mark in enumerate(marks):
        lines[number] = lines[number].replace("?", mark)
    mine.hand_in("phases", "\\n".join(lines))
    smtplab.check({name!r}, "phases")
"""


@pytest.fixture(autouse=True)
def new_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SMTPLAB_STUDENT", raising=False)
    monkeypatch.setattr(sys.modules["smtplab.grading.check"], "_handed_out", {})


@pytest.fixture
def mine() -> Exercise:
    return exercise(NAME, "mia")


# What is an answer


def test_an_answer_that_is_checked_again_counts_once(mine: Exercise) -> None:
    for answer in ("third", "third", "second", "third"):
        mine.hand_in("banner", answer)
        check(NAME, "banner")
    assert mine.tries.counts == {"banner": 2}


def test_an_answer_to_another_part_is_none_to_this_one(mine: Exercise) -> None:
    mine.hand_in("banner", "third")
    check(NAME, "banner")
    mine.hand_in("phases", "E")
    mine.telnet(mine.host_names[0])
    check(NAME, "banner")
    assert mine.tries.counts == {"banner": 1}


def test_a_check_of_all_parts_counts_for_each(mine: Exercise) -> None:
    check(NAME)
    assert mine.tries.counts == {"session": 1, "phases": 1, "banner": 1}


def test_a_session_is_one_answer_however_often_it_is_checked_while_it_is_held(mine: Exercise) -> None:
    for _ in range(3):
        session = mine.telnet(mine.host_names[0])
        for line in ("NOOP", "HELO x", "NOOP"):
            session.send(line)
            check(NAME, "session")
    assert mine.tries.counts == {"session": 3}


def test_the_same_function_written_again_is_the_same_answer() -> None:
    mine = exercise(bank_03.NAME, "mia")
    for code in ("lambda code: 1", "lambda code: 1", "lambda code: 2", "lambda code: [code for _ in '1']"):
        mine.hand_in("classify", eval(code))
        check(bank_03.NAME, "classify")
    assert mine.tries.counts == {"classify": 3}


def test_a_check_with_hidden_rules_is_not_one_of_the_student(mine: Exercise) -> None:
    outcome = run(filled(NAME, "mia", {}))
    assert outcome.variables["mine"].tries.counts == {"session": 1, "phases": 1, "banner": 1}


def test_a_check_of_what_does_not_exist_counts_nothing(mine: Exercise) -> None:
    check(NAME, "nonsense")
    assert mine.tries.counts == {}


def test_another_student_at_the_same_kernel_begins_without_a_number(mine: Exercise) -> None:
    check(NAME, "banner")
    assert exercise(NAME, "mia").tries.counts == {"banner": 1}
    assert exercise(NAME, "noah").tries.counts == {}


# A loop over check


ANEW = "    mine = smtplab.exercise(mine.design.name, student, course='smtplab')\n"


@pytest.mark.parametrize("loop", [LOOP, LOOP + ANEW], ids=["one exercise", "begun anew for each answer"])
def test_a_loop_over_check_is_seen(mine: Exercise, loop: str) -> None:
    found = run(filled(NAME, "mia", {"phases": loop.format(count=40, name=NAME)})).variables["mine"]
    assert found.tries.counts["phases"] > MANY >= found.tries.counts["session"]


def test_the_referee_counts_what_a_journal_says_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTPLAB_STUDENT", "mia")
    lines: list[bytes] = []
    keep_journal(lines.append)
    loop = LOOP.format(count=30, name=NAME) + "mine = smtplab.exercise(mine.design.name, student, course='smtplab')\n"
    kept = run(filled(NAME, "mia", {"phases": loop})).variables["mine"]
    keep_journal(None)
    kept.note_answers()
    again = Exercise(kept.design, "mia", "smtplab")
    again.do_again(entries(lines, NAME))
    assert again.tries.counts == kept.tries.counts
    assert again.tries.counts["phases"] >= 30


def test_no_part_has_more_answers_than_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tries, "_MOST", 5)
    found = CheckedAnswers()
    assert [found.note("banner", str(number)) for number in range(7)] == [True] * 5 + [False] * 2
    assert found.counts == {"banner": 5}


def test_the_answers_to_guessing_parts_have_a_fingerprint_of_their_questions() -> None:
    mine = exercise(bank_06.NAME, "mia")
    for host in mine.evidence().task.journey.hosts:
        mine.hand_in("slow", host)
        check(bank_06.NAME)
    assert mine.tries.counts == {"arrive": 1, "trace": len(mine.evidence().task.journey.hosts)}


# What a student sees, and what stays in the saved notebook


def shown_at_the_desk(monkeypatch: pytest.MonkeyPatch, mine: Exercise, count: int) -> str:
    published: list[dict[str, str]] = []
    shell = SimpleNamespace(kernel=1, display_pub=SimpleNamespace(publish=published.append), user_ns={})
    shell.display_pub.publish = lambda data: published.append(data)
    monkeypatch.setattr(sys.modules["smtplab.grading.check"], "running_shell", lambda: shell)
    for number in range(count):
        mine.hand_in("banner", f"{number}")
        check(NAME, "banner")
    return published[-1]["text/plain"]


def test_a_student_is_told_of_the_number_once_it_is_large(monkeypatch: pytest.MonkeyPatch, mine: Exercise) -> None:
    assert "different answers" not in shown_at_the_desk(monkeypatch, mine, 10)
    assert told_of("banner", 11) in shown_at_the_desk(monkeypatch, mine, 11)


def test_the_number_is_read_from_a_saved_notebook(monkeypatch: pytest.MonkeyPatch, mine: Exercise) -> None:
    text = shown_at_the_desk(monkeypatch, mine, 25)
    outputs = [
        {"output_type": "display_data", "data": {"text/plain": text.splitlines(keepends=True)}},
        {"output_type": "stream", "text": told_of("phases", 12)},
    ]
    assert in_notebook({"cells": [{"outputs": outputs}, {"outputs": outputs[:1]}]}) == {"banner": 25, "phases": 12}


ODD: tuple[Any, ...] = (
    {},
    {"cells": None},
    {"cells": [1, {"outputs": 2}, {"outputs": [None, {"data": [], "text": 3}, {"text": [1, None]}]}]},
    {"cells": [{"outputs": [{"text": sentences.ANSWERS_TRIED}, {"text": told_of("x", 10**9)}]}]},
)


@pytest.mark.parametrize("book", ODD, ids=json.dumps)
def test_a_notebook_of_any_shape_is_read_without_an_error(book: dict[str, Any]) -> None:
    assert in_notebook(book) == {}


def test_the_largest_number_of_each_part_counts() -> None:
    assert largest({"a": 1, "b": 5}, {"a": 3}, {}) == {"a": 3, "b": 5}


def test_a_check_of_the_smtp_kernel_counts_as_well() -> None:
    cells = {"banner": "%answer banner first\n%check 01-type-your-own-session banner\n%answer banner third"}
    found = run(filled("01-type-your-own-session", "mia", cells)).variables["mine"]
    assert found.tries.counts == {"banner": 2}  # the other test cells have hidden rules, as no student has
