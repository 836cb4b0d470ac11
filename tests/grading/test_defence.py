"""Defend a session: questions from the student's own transcript, judged by replaying, and useless to copy."""

from __future__ import annotations

import re
from itertools import combinations
from types import ModuleType, SimpleNamespace

import pytest

from exercises import bank_00, bank_01
from smtplab import defend
from smtplab.grading import check, referee
from smtplab.grading.defence import Defence, _code_of, defence_of
from smtplab.grading.defence_part import DEFENCE
from smtplab.grading.design import ExerciseError
from smtplab.grading.exercises import design_of
from smtplab.grading.handout import Exercise
from smtplab.grading.journal import keep_journal
from smtplab.jupyter.engine import Engine
from smtplab.jupyter.widgets.choices import Choices
from smtplab.transcript import Side
from support.bank import filled, run
from support.cells import done, failure
from support.views import labels, press

BANKS = [bank_00, bank_01]
STUDENTS = [f"student{number}" for number in range(24)]
MOVED = re.compile(r"Had (.+) come right before (.+), which code would .+ have got\?")
LEFT_OUT = re.compile(r"Had you left out (.+), which code would (.+) have got\?")
TWICE = re.compile(r"Had you sent (.+) twice, which code would (.+) have got\?")
MISSPELT = re.compile(r"Had you typed (.+) in place of (.+), which code would have come\?")


def held(name: str, student: str) -> Exercise:
    """Return an exercise in which the student has held the session that it asks for."""
    handed = check.exercise(name, student)
    handed.telnet(handed.host_names[0]).send("\n".join(said_for(student, name)))
    return handed


def said_for(student: str, name: str = bank_01.NAME) -> list[str]:
    """Return the lines of the session that a student's task asks for."""
    task = design_of(name).task(student)
    said = task.message if hasattr(task, "message") else (f"Subject: {task.subject}", "", task.token)
    envelope = f"MAIL FROM:<{task.sender}>", f"RCPT TO:<{task.recipient}>"
    return [f"HELO {task.client}", *envelope, "DATA", *said, ".", "QUIT"]


def codes_of(defence: Defence) -> list[int]:
    """Return the right codes, by sending what the questions are about."""
    codes = [_code_of(question._handed, question.case) for question in defence.questions]
    return [code for code in codes if code is not None]


def changed(lines: list[str], ask: str) -> list[str]:
    """Return the lines up to the one that a question is about, changed by hand as the question says."""
    if found := MOVED.fullmatch(ask):
        return [*lines[: lines.index(found[2])], found[1]]
    if found := LEFT_OUT.fullmatch(ask):
        without = [line for line in lines if line != found[1]]
        return without[: without.index(found[2]) + 1]
    if found := TWICE.fullmatch(ask):
        at = lines.index(found[1])
        again = [*lines[: at + 1], *lines[at:]]
        return again[: again.index(found[2], at + 1) + 1]
    found = MISSPELT.fullmatch(ask)
    assert found, ask
    return [*lines[: lines.index(found[2])], found[1]]


@pytest.mark.parametrize("name", [bank.NAME for bank in BANKS])
@pytest.mark.parametrize("student", STUDENTS[:6])
def test_each_question_has_the_one_answer_that_a_host_gives_when_the_change_is_typed(name: str, student: str) -> None:
    handed = held(name, student)
    said = [row.text for row in handed.evidence().wire.transcript if row.side is Side.CLIENT]
    for question in defend(name).questions:
        session = Exercise(handed.design, student).telnet(handed.evidence().wire.host)
        session.send("\n".join(changed(said, question.case.ask)))
        assert session.reply is not None
        assert _code_of(handed, question.case) == session.reply.code, question.case.ask
        assert str(session.reply.code) in question.buttons


@pytest.mark.parametrize("bank", BANKS)
def test_each_right_answer_of_a_bank_can_be_defended_fully(bank: ModuleType) -> None:
    for answer in bank.right(design_of(bank.NAME).task("mia", "smtplab")):
        run(filled(bank.NAME, "mia", answer.cells))
        assert check.judged(bank.NAME, DEFENCE).points == 0
        defence = defend(bank.NAME)
        assert len({question.case.ask for question in defence.questions}) == 3
        for number, code in enumerate(codes_of(defence), start=1):
            assert defence.answer(number, code).right
        assert check.judged(bank.NAME, DEFENCE).points == 3


def test_the_codes_differ_between_the_questions() -> None:
    for student in STUDENTS:
        held(bank_01.NAME, student)
        assert len(set(codes_of(defend(bank_01.NAME)))) == 3


def test_to_copy_anothers_answers_gains_no_more_than_chance() -> None:
    answers = []
    for student in STUDENTS:
        held(bank_01.NAME, student)
        answers.append(codes_of(defend(bank_01.NAME)))
    choices = len(defend(bank_01.NAME).questions[0].buttons)
    same = [mine == theirs for one, other in combinations(answers, 2) for mine, theirs in zip(one, other, strict=True)]
    assert choices >= 4
    assert sum(same) / len(same) < 1 / choices + 0.04


def test_there_is_nothing_to_defend_before_a_session_is_right() -> None:
    handed = check.exercise(bank_01.NAME, "mia")
    with pytest.raises(ExerciseError, match="none yet"):
        defend(bank_01.NAME)
    handed.telnet(handed.host_names[0]).send("QUIT")
    assert defence_of(handed) is None
    said = [row.text for row in held(bank_01.NAME, "noah").evidence().wire.transcript if row.side is Side.CLIENT]
    not_theirs = check.exercise(bank_01.NAME, "mia")
    not_theirs.telnet(not_theirs.host_names[0]).send("\n".join(said))
    assert defence_of(not_theirs) is None
    wrong, task = check.exercise(bank_01.NAME, "mia"), design_of(bank_01.NAME).task("mia")
    other = [line.replace(task.recipient, task.audience) for line in said_for("mia")]
    wrong.telnet(task.host).send("\n".join(other))
    assert defence_of(wrong) is None
    check.hand_out(handed)
    assert "none yet" in check.judged(bank_01.NAME, DEFENCE).report
    assert check.judged(bank_01.NAME, DEFENCE).points == 0


def test_a_later_session_changes_no_question() -> None:
    handed = held(bank_01.NAME, "mia")
    before = str(defend(bank_01.NAME))
    task = design_of(bank_01.NAME).task("mia")
    handed.telnet(task.host).send(f"NOOP\nHELO {task.client}\nQUIT")
    assert str(defend(bank_01.NAME)) == before


def test_the_first_answer_counts() -> None:
    held(bank_01.NAME, "mia")
    defence = defend(bank_01.NAME)
    right = codes_of(defence)[0]
    assert not defence.answer(1, 220).right
    for again in (defence, defend(bank_01.NAME)):
        with pytest.raises(ValueError, match="220"):
            again.answer("1.", right)
    check.handed_out(bank_01.NAME).keep("defence 1", str(right))  # type: ignore[union-attr]
    assert str(defend(bank_01.NAME)) == str(defence)
    report = check.judged(bank_01.NAME, DEFENCE).report
    assert "something else" in report
    assert "Not answered yet" in report
    assert f"you said 220, and the host answers {right}" in str(defence)


@pytest.mark.parametrize(("number", "prediction"), [(0, 250), (4, 250), ("x", 250), (1, "done"), (1, 25)])
def test_an_answer_that_is_none_is_refused(number: object, prediction: object) -> None:
    held(bank_01.NAME, "mia")
    with pytest.raises(ValueError, match=r"question|code"):
        defend(bank_01.NAME).answer(number, prediction)
    assert all(question.outcome is None for question in defend(bank_01.NAME).questions)


def test_an_exercise_without_sessions_and_one_that_is_not_handed_out_have_no_defence() -> None:
    check.exercise("06", "mia")
    with pytest.raises(ExerciseError, match="no session"):
        defend("06")
    with pytest.raises(ExerciseError, match="no part"):
        design_of("06").part(DEFENCE)


def test_the_points_of_the_exercise_are_those_of_today() -> None:
    held(bank_01.NAME, "mia")
    assert DEFENCE not in check.judged(bank_01.NAME).scores
    assert [part.name for part in design_of(bank_01.NAME).parts] == ["session", "phases", "banner"]


# With the referee


def test_the_referee_replays_what_the_journal_has(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[bytes] = []
    keep_journal(lines.append)
    monkeypatch.setenv("SMTPLAB_STUDENT", "mia")
    held(bank_01.NAME, "mia")
    defence = defend(bank_01.NAME)
    right = codes_of(defence)
    for number, code in enumerate((right[0], 220, right[2]), start=1):
        defence.answer(number, code)
    check.note_answers(bank_01.NAME)
    keep_journal(None)
    source = f'check("{bank_01.NAME}", "{DEFENCE}")'
    said = referee.judge_journal("mia", ["noah"], [referee.LockedCell("check", source)], b"".join(lines))
    result = said["results"]["check"]
    assert result["points"] == 2
    assert [rule["points"] for rule in result["rules"]] == [1, 0, 1]
    assert said["findings"] == []
    assert referee.subject_of(source) == (bank_01.NAME, DEFENCE)


# On the page and in a cell of SMTP


def test_a_button_answers_with_its_code() -> None:
    held(bank_01.NAME, "mia")
    defence = defend(bank_01.NAME)
    widget = Choices(defence)
    code = codes_of(defence)[1]
    press(widget.view, f"2 {code}")
    assert defence.questions[1].outcome is not None
    assert f"Right: {code}." in widget.picture
    assert not any(label.startswith("2 ") for label in labels(widget.view))
    for number in (1, 3):
        widget.answer(str(number), "250")
    assert "All three" in str(defence)


def test_check_offers_the_defence_at_the_desk_and_only_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    held(bank_01.NAME, "mia")
    check.check(bank_01.NAME, "session")
    assert "defend" not in capsys.readouterr().out
    told: list[str] = []
    publish = SimpleNamespace(publish=lambda data: told.append(data["text/plain"]))
    monkeypatch.setattr(check, "running_shell", lambda: SimpleNamespace(kernel=1, display_pub=publish))
    check.check(bank_01.NAME, "session")
    check.check(bank_01.NAME, "phases")
    assert ["smtplab.defend" in report for report in told] == [True, False]


def test_the_directive_asks_and_answer_answers() -> None:
    engine = Engine()
    name = "01-type-your-own-session"
    task = design_of(name).task("mia")
    done(engine, f"%student mia\n%exercise {name}")
    assert "none yet" in failure(engine, "%defend")
    lines = f"HELO {task.client}", f"MAIL FROM:<{task.sender}>", f"RCPT TO:<{task.recipient}>", "DATA", *task.message
    done(engine, "\n".join([f"telnet {task.host}", *lines, ".", "QUIT"]))
    assert "%answer 1 250" in done(engine, "%defend").text
    (defence,) = engine.asked
    assert isinstance(defence, Defence)
    code = codes_of(defence)[2]
    assert f"Right: {code}." in done(engine, f"%answer 3 {code}").text
    assert "first answer" in failure(engine, f"%answer 3 {code}")
    assert "`%answer 1 " in failure(engine, "%answer 9 250")
