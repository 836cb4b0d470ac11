"""The referee believes which octets were sent and which answers were given, and nothing else of a student's process."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any
from unittest import mock

import pytest

from exercises import bank_01, bank_03
from smtplab.grading import check, referee, sentences
from smtplab.grading.exercises import design_of
from smtplab.grading.handout import Exercise
from smtplab.grading.journal import MAX_CALLS, TURN, journal_line, keep_journal
from smtplab.grading.referee import LockedCell, define, judge_journal, python_of, subject_of
from smtplab.grading.rules import Rule
from support.bank import filled, graded, notebook, run, value_of

NAME = bank_01.NAME
TASK = design_of(NAME).task("mia", "smtplab")
RIGHT = next(bank_01.right(TASK)).cells


def results(journal: list[bytes], *classmates: str, share: Any = nullcontext) -> tuple[list[int], dict[str, Any]]:
    """Return the points that the referee gives for a journal, part by part, and all that it says."""
    cells = [cell for cell in notebook(NAME)["cells"] if graded(cell).get("locked")]
    said = judged(
        journal, [LockedCell(cell["id"], "".join(cell["source"])) for cell in cells], *classmates, share=share
    )
    return [result["points"] for result in said["results"].values()], said


def judged(journal: list[bytes], cells: list[LockedCell], *classmates: str, share: Any = nullcontext) -> dict[str, Any]:
    """Return what the referee says of mia's journal, in a process that has not run her cells."""
    check.forget()
    keep_journal(None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SMTPLAB_STUDENT", "mia")
        return judge_journal("mia", classmates, cells, b"".join(journal), share)


@pytest.fixture
def journal(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    monkeypatch.setenv("SMTPLAB_STUDENT", "mia")
    check.forget()  # what other tests have checked would count as tried
    lines: list[bytes] = []
    keep_journal(lines.append)
    yield lines
    keep_journal(None)
    check.forget()


def test_a_right_answer_has_full_marks_and_is_told_what_check_tells(journal: list[bytes]) -> None:
    outcome = run(filled(NAME, "mia", RIGHT))
    check.note_answers(NAME)
    points, said = results(journal)
    assert points == [11, 6, 4]
    rules = [rule for result in said["results"].values() if result for rule in result["rules"]]
    assert sum(rule["points"] for rule in rules) == sum(rule["possible"] for rule in rules) == 21
    assert {rule["outcome"] for rule in rules} == {"holds"}
    assert "".join(result["report"] for result in said["results"].values() if result) == outcome.told
    assert (said["findings"], said["other id"]) == ([], "")
    assert said["tried"] == {"session": 1, "phases": 1, "banner": 1}


def test_what_the_hosts_refused_is_told(journal: list[bytes]) -> None:
    mine = run(filled(NAME, "mia", RIGHT)).variables["mine"]
    before = results(journal)[1]["refusals"]
    keep_journal(journal.append)
    mine.telnet(mine.host_names[0]).send("BLAH")
    said = results(journal)[1]["refusals"]
    assert [each for each in said if each not in before] == [{"command": "BLAH", "code": 500, "count": 1}]


def test_the_wrong_beliefs_of_the_work_are_told_for_the_class_table(journal: list[bytes]) -> None:
    name = "mail-again-starts-anew"
    (wrong,) = (each for each in bank_01.wrong(TASK, TASK) if each.name == f"believes {name}")
    run(filled(NAME, "mia", wrong.cells))
    check.note_answers(NAME)
    said = results(journal)[1]
    assert {belief for result in said["results"].values() if result for belief in result["beliefs"]} == {name}
    assert {"command": "MAIL", "code": 503, "count": 2} in said["refusals"]


def test_without_a_journal_there_are_no_points(journal: list[bytes]) -> None:
    assert results(journal, "noah")[0] == [0, 0, 0]


@pytest.mark.parametrize(
    "patch",
    [
        "from smtplab.grading import rules\n"
        "rules.Rule.apply = lambda rule, found: rules.RuleResult('', 9, '', '', None)",
        "import smtplab\nsmtplab.check = lambda *a, **k: 21",
        "check = lambda *a, **k: 400",
        "mine.evidence = lambda: None",
        "mine.design = None",
    ],
)
def test_a_patched_checker_changes_nothing(journal: list[bytes], patch: str) -> None:
    cell = f"from smtplab import exercise\nmine = exercise({NAME!r}, course='smtplab')\n{patch}"
    test = f"try:\n    note_answers({NAME!r})\nexcept AttributeError:\n    pass"
    begin = "from smtplab.grading import check, journal\nlines = []\njournal.keep_journal(lines.append)\n"
    kernel = f"{begin}from smtplab.grading.check import note_answers\n{cell}\n{test}\nprint(b''.join(lines).decode())"
    done = subprocess.run([sys.executable, "-c", kernel], check=True, capture_output=True)
    assert results([done.stdout])[0] == [0, 0, 0]


def test_another_identity_in_the_notebook_earns_what_all_answers_share_and_is_found(
    journal: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMTPLAB_STUDENT", "noah")  # what the copied notebook does itself
    theirs = next(bank_01.right(design_of(NAME).task("noah", "smtplab"))).cells
    assert run(filled(NAME, "noah", theirs)).points == bank_01.FULL
    check.note_answers(NAME)
    points, said = results(journal, "ada", "mia", "noah")
    assert points == [0, 0, 4]
    assert said["findings"] == [
        {"part": "all", "owner": "noah", "evidence": "the notebook names the owner as its student"},
        {"part": "all", "owner": "noah", "evidence": "a host of the owner's task was called"},
        {"part": "session", "owner": "noah", "evidence": "it fits the owner's task"},
        {"part": "phases", "owner": "noah", "evidence": "it fits the owner's task"},
    ]
    told = "".join(result["report"] for result in said["results"].values() if result)
    assert "fits" not in told  # that is for the instructor


def test_an_id_that_nobody_has_may_be_a_slip_and_is_told_as_such(
    journal: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMTPLAB_STUDENT", "mia@uni.example")
    run(filled(NAME, "mia@uni.example", RIGHT))
    check.note_answers(NAME)
    said = results(journal, "ada", "mia")[1]
    finding = said["findings"][0]
    assert said["other id"] == "mia@uni.example"
    assert finding["owner"] == "mia@uni.example"
    assert finding["evidence"].endswith("if it is the student's own, say so in ids.csv")


def test_a_loop_of_calls_without_an_end_costs_no_part_behind_it(journal: list[bytes]) -> None:
    name, task = bank_03.NAME, design_of(bank_03.NAME).task("mia", "smtplab")
    right = next(bank_03.right(task)).cells
    loop = f"for _ in range({MAX_CALLS + 100}):\n    mine.telnet(mine.host_names[0])\n"
    variables = run(filled(name, "mia", {"classify": f"{right['classify']}\n{loop}"})).variables
    for part in ("classify", "provoke"):
        value_of(right[part] if part == "provoke" else "", variables)
        check.note_answers(name)
        journal.append(journal_line(TURN, cell=f"check-{part}"))
    locked = [cell for cell in notebook(name)["cells"] if graded(cell).get("locked")]
    said = judged(journal, [LockedCell(graded(cell)["grade_id"], "".join(cell["source"])) for cell in locked])
    assert [result["points"] for result in said["results"].values()] == [5, 20]


def test_a_test_cell_is_judged_by_what_was_done_until_its_turn_or_by_all_if_it_had_none(journal: list[bytes]) -> None:
    run(filled(NAME, "mia", RIGHT))
    journal[:0] = [journal_line(TURN, cell="check-session")]
    check.note_answers(NAME)
    assert results(journal)[0] == [0, 6, 4]


def test_what_is_repeated_once_is_judged_as_what_is_repeated_for_each_test_cell(journal: list[bytes]) -> None:
    mine = run(filled(NAME, "mia", RIGHT)).variables["mine"]
    check.note_answers(NAME)
    journal.append(journal_line(TURN, cell="check-session"))
    mine.hand_in("phases", "wrong")
    assert results(journal)[0] == [11, 0, 4]
    begun = [journal_line("hand out", exercise=NAME, said="mia", course="smtplab")]
    assert results([*journal, *begun])[0] == [11, 0, 0]  # handed out anew: what was done before no longer counts


@pytest.mark.parametrize("turn", range(3))
def test_a_part_that_takes_too_long_loses_its_own_points_alone_and_is_named(journal: list[bytes], turn: int) -> None:
    run(filled(NAME, "mia", RIGHT))
    check.note_answers(NAME)
    number = iter(range(3))

    @contextmanager
    def share() -> Iterator[None]:
        if next(number) != turn:
            yield
            return
        with mock.patch.object(Rule, "apply", side_effect=KeyboardInterrupt):
            yield

    points, said = results(journal, share=share)
    assert points == [0 if part == turn else full for part, full in enumerate((11, 6, 4))]
    assert said["slow"] == [("check-session", "check-phases", "check-banner")[turn]]
    assert said["results"][said["slow"][0]]["report"] == f"{sentences.TOO_LONG_TO_JUDGE}\n"


def test_points_stay_if_only_the_search_for_the_owner_takes_too_long(journal: list[bytes]) -> None:
    run(filled(NAME, "mia", RIGHT))
    check.note_answers(NAME)
    with mock.patch.object(referee, "_whose", side_effect=KeyboardInterrupt):
        points, said = results(journal, "noah")
    assert (points, len(said["slow"])) == ([11, 6, 4], 3)


def test_what_was_repeated_in_part_is_repeated_anew(journal: list[bytes]) -> None:
    run(filled(NAME, "mia", RIGHT))
    check.note_answers(NAME)
    repeat = Exercise.do_again
    stops = iter((True, False, False))

    def half(mine: Exercise, entries: list[Any], records: object) -> None:
        if next(stops):
            repeat(mine, entries[:5])
            raise KeyboardInterrupt
        repeat(mine, entries)

    with mock.patch.object(Exercise, "do_again", half):
        assert results(journal)[0] == [0, 6, 4]


def test_replies_and_mail_that_a_journal_makes_up_count_for_nothing(journal: list[bytes]) -> None:
    made_up = [
        {"did": "hand out", "exercise": NAME, "said": "mia"},
        {"did": "dial", "exercise": NAME, "call": 0, "host": TASK.host, "port": 25},
        {"did": "receive", "exercise": NAME, "call": 0, "data": "250 2.0.0 Message accepted\r\n"},
        {"did": "mail", "exercise": NAME, "address": TASK.recipient, "data": TASK.token},
    ]
    journal[:] = [json.dumps(entry).encode() + b"\n" for entry in made_up]
    assert results(journal)[0] == [0, 0, 0]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('smtplab.check("01-hold-your-own-session", "banner")', ("01-hold-your-own-session", "banner")),
        ('check("01-hold-your-own-session", "banner", hidden=HIDDEN)', ("01-hold-your-own-session", "banner")),
        ('check("01-hold-your-own-session")', ("01-hold-your-own-session", "")),
        ("%check 01", ("01-hold-your-own-session", "")),
        ("%check 01 banner", ("01-hold-your-own-session", "banner")),
        ('%%py\nimport smtplab\nsmtplab.check("01", "phases")', ("01-hold-your-own-session", "phases")),
        ('check("01", "elsewhere")', None),
        ("check()", None),
        ("HELO client.example", None),
        ('check("98-elsewhere", "banner")', None),
        ("assert answer == 42", None),
        ("%check banner", None),
        ('%check "banner', None),
        ("check(name, part)", None),
    ],
)
def test_a_test_cell_that_asks_check_is_known(source: str, found: tuple[str, str] | None) -> None:
    assert subject_of(source) == found


def test_the_directives_of_an_smtp_notebook_are_read_as_python() -> None:
    assert python_of("%%py\nx = 1") == "x = 1"
    assert python_of("%exercise 01 mia course=smtplab\n") == "__import__('smtplab').exercise('01', course='smtplab')\n"
    assert python_of('%exercise 01 course="a year"') == "__import__('smtplab').exercise('01', course='a year')"
    assert python_of("%check 01 banner") == "__import__('smtplab').check('01', 'banner')"


def test_hidden_tests_below_a_check_are_judged_behind_the_public_rules() -> None:
    cell = "%check 01 banner\n### BEGIN HIDDEN TESTS\nHIDDEN = ()\n### END HIDDEN TESTS"
    first, *tests, last = python_of(cell).split("\n")
    assert (first, last) == tuple(
        f"__import__('smtplab').check('01', 'banner'{more})" for more in ("", ", hidden=HIDDEN")
    )
    assert tests == cell.split("\n")[1:]
    assert subject_of(cell) == (NAME, "banner")


def test_where_no_locked_cell_hands_the_exercise_out_the_journal_tells_the_course(journal: list[bytes]) -> None:
    run(filled(NAME, "mia", RIGHT))
    check.note_answers(NAME)
    cells = [LockedCell("first", "smtplab = __import__('smtplab')"), LockedCell("check", "%check 01 session")]
    said = judged(journal, cells)
    assert said["results"]["check"]["points"] == 10  # without the hidden rules


def test_a_cell_is_run_for_its_definitions_and_its_checks_are_returned_unrun() -> None:
    variables: dict[str, Any] = {}
    cell = "RULES = (1,)\npoints = check('01', 'banner', hidden=RULES)\nif points is None:\n    check('02')"
    (first, named), (second, nothing) = define(cell, variables)
    assert [ast.literal_eval(each) for each in first] == ["01", "banner"]
    assert {key: ast.unparse(value) for key, value in named.items()} == {"hidden": "RULES"}
    assert ([ast.literal_eval(each) for each in second], nothing) == (["02"], {})
    assert (variables["RULES"], variables["points"]) == ((1,), None)


@pytest.mark.parametrize(
    "cell",
    [
        "check({name!r}, 'session')\n400",
        "check({name!r}, 'session')\nprint('400 points')",
        "check = lambda *a, **k: 400\ncheck({name!r}, 'session')",
        "from smtplab.grading import check as module\nmodule.check = lambda *a: 400\ncheck({name!r}, 'session')",
    ],
)
def test_what_a_locked_cell_prints_or_ends_with_is_no_score(journal: list[bytes], cell: str) -> None:
    run(filled(NAME, "mia", RIGHT))
    check.note_answers(NAME)
    (result,) = judged(journal, [LockedCell("check", cell.format(name=NAME))])["results"].values()
    assert result["points"] == 10
    assert "400" not in result["report"]
