"""What a student holds, and what `check` tells: of an exercise that was made up for these tests."""

from __future__ import annotations

import contextlib
import io
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from smtplab import check, exercise, student_id
from smtplab.client.outcomes import ConnectionLost
from smtplab.grading import check as module
from smtplab.grading import scoring
from smtplab.grading.design import Design, ExerciseError
from smtplab.grading.evidence import Evidence
from smtplab.grading.exercises import NAMES, design_of
from smtplab.grading.exercises.hosts import mail_host
from smtplab.grading.handout import Exercise
from smtplab.grading.journal import SAVED, ExerciseJournal, entries, keep_journal
from smtplab.grading.recording import Unasked
from smtplab.grading.rules import ExercisePart, Rule, RuleFailure
from smtplab.grading.students import normal
from smtplab.lab.client_end import Silence
from smtplab.lab.session import Irrevocable
from smtplab.recall.record import read_cards

HOST = "mail.lab.example"


def said_helo(evidence: Evidence[str]) -> RuleFailure | None:
    if b"HELO" in evidence.wire.sent:
        return None
    return RuleFailure("You have not said HELO.", "HELO", "nothing", "it is a word of four letters")


def answered(evidence: Evidence[str]) -> RuleFailure | None:
    print("thinking")
    print("thinking aloud", file=sys.stderr)
    return (
        None if evidence.answers.get("word") == evidence.task else RuleFailure("That is not the word " + "again " * 30)
    )


DESIGN: Design[str] = Design(
    name="99-made-up",
    draw=lambda lots: lots.token("word"),
    sheet=lambda word: f"Say {word}.",
    parts=(
        ExercisePart(
            "wire",
            (Rule("wire.helo", 2, "RFC 5321 4.1.1.1", "You say HELO.", said_helo),),
            hidden=1,
            hidden_points=3,
            attempts=Evidence.each_wire,
        ),
        ExercisePart(
            "word",
            (Rule("word.told", 1, "RFC 0", "You hand in the word.", answered),),
            needs=Rule("word.yours", 0, "your task sheet", "It is your word.", answered),
        ),
    ),
    hosts=lambda word: (mail_host(HOST, ["alice@lab.example", "Bob@lab.example"]),),
    given=lambda word: {"hint": "look around"},
    questions=("word",),
)
HIDDEN: Rule[Any] = Rule("wire.secret", 3, "RFC 0", "It is secret.", lambda evidence: None)


@pytest.fixture(autouse=True)
def made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the made-up exercise be the only one, at a student's desk."""

    def design_of(name: str) -> Design[Any]:
        if name != DESIGN.name:
            raise ExerciseError(f"there is no exercise {name!r}; there are {DESIGN.name}")
        return DESIGN

    monkeypatch.setattr(sys.modules["smtplab.grading.check"], "design_of", design_of)
    monkeypatch.setattr(sys.modules["smtplab.grading.check"], "_handed_out", {})
    for name in ("SMTPLAB_STUDENT", "JUPYTERHUB_USER"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def mine() -> Exercise:
    return exercise(DESIGN.name, "mia")


def told(*arguments: Any, **options: Any) -> tuple[int, list[str]]:
    """Return what `check` returns and the lines it prints; it writes nothing to stderr."""
    printed, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(errors):
        points = check(*arguments, **options)
    assert errors.getvalue() == ""
    return points, printed.getvalue().splitlines()


# The student's own record of review


@pytest.mark.parametrize(("at_the_desk", "names"), [(True, ["lf-ends-a-line"]), (False, [])])
def test_a_wrong_belief_is_noted_for_the_review_at_the_desk_alone(
    mine: Exercise, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_the_desk: bool, names: list[str]
) -> None:
    part = replace(DESIGN.parts[0], has_sessions=True)
    mine.design = replace(DESIGN, parts=(part, *DESIGN.parts[1:]))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys.modules["smtplab.grading.check"], "_is_at_the_desk", lambda: at_the_desk)
    with contextlib.suppress(Silence):
        mine.telnet(HOST).send_bytes(b"NOOP\nRSET\n")
    _, lines = told(DESIGN.name, "wire")
    assert any("A line feed ends a line" in line for line in lines)
    assert [*read_cards(tmp_path / "smtplab-review.json")[0]] == names


# What a student holds


def test_an_exercise_shows_its_sheet(mine: Exercise) -> None:
    word = DESIGN.task("mia")
    sheet = str(mine).splitlines()
    assert sheet[0] == "Task sheet of mia. `smtplab submit` packs 99-made-up.ipynb, and says where to hand it in."
    assert sheet[1:] == ["", f"Say {word}."]
    assert unescape(re.sub("<[^>]*>", "", mine._repr_html_().replace("</div><div", "</div>\n<div"))) == str(mine)
    assert repr(mine) == "<Exercise 99-made-up for mia>"
    assert mine.given == {"hint": "look around"}


def test_a_session_with_a_host_of_the_exercise_begins_as_telnet_does(mine: Exercise) -> None:
    session = mine.telnet(HOST)
    assert [row.text for row in session.transcript][:2] == [
        "Trying 192.0.2.25 . . .",
        f"Connected to {HOST} (192.0.2.25).",
    ]
    assert (session.host, session.port, session.in_memory) == (HOST, 25, True)
    assert session.conversation.server == HOST
    with pytest.raises(ConnectionLost, match="there is no host 'elsewhere'"):
        mine.telnet("elsewhere")
    with pytest.raises(ConnectionLost, match="port 26"):
        mine.telnet(HOST, 26)


def test_a_call_that_nobody_took_is_written_down_before_the_connections(mine: Exercise) -> None:
    mine.telnet(HOST)
    with pytest.raises(ConnectionLost):
        mine.telnet("elsewhere")
    wires = mine.evidence().wires
    assert [(wire.host, len(wire.transcript)) for wire in wires] == [("elsewhere", 0), (HOST, 1)]


def test_what_was_delivered_is_in_the_mailbox(mine: Exercise) -> None:
    session = mine.telnet(HOST)
    session.send("HELO x.example\nMAIL FROM:<a@b.example>\nRCPT TO:<bob@lab.example>\nDATA\nSubject: hello\n\nhello\n.")
    (message,) = mine.mailbox("BOB@lab.example")
    assert str(message).endswith("\n\nhello\n")
    assert mine.mailbox("alice@lab.example") == []
    assert set(mine.evidence().mail) == {f"{name}@lab.example" for name in ("alice", "bob", "postmaster")}


def test_a_mailbox_that_is_not_there_is_named_with_those_that_are(mine: Exercise) -> None:
    with pytest.raises(LookupError, match=r"no mailbox 'carol'.* here; there are alice@lab\.example"):
        mine.mailbox("carol")


def test_a_later_answer_takes_the_place_of_an_earlier_one(mine: Exercise) -> None:
    mine.hand_in("word", "one")
    mine.hand_in("word", "two")
    assert mine.evidence().answers == {"word": "two"}


def test_a_question_that_is_not_asked_is_refused_with_those_that_are(mine: Exercise) -> None:
    with pytest.raises(ExerciseError, match="has no question 'wrod'; its questions are 'word'"):
        mine.hand_in("wrod", "one")


@pytest.mark.parametrize("arguments", [(), ("word",)])
def test_a_call_without_an_answer_is_refused_with_the_right_form(mine: Exercise, arguments: tuple[str, ...]) -> None:
    with pytest.raises(ExerciseError, match=r'mine\.hand_in\("word", \.\.\.\)'):
        mine.hand_in(*arguments)
    assert not mine.is_begun


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        (" relay.example ", '"word" is handed in: relay.example'),
        ("\none\n\ntwo\n", '"word" is handed in: 2 lines'),
        ("x" * 61, '"word" is handed in: 1 line'),
        ("\n", '"word" is handed in: an empty text'),
        (b"From: a\r\n", '"word" is handed in: 9 octets'),
        (75, '"word" is handed in: 75'),
        (len, '"word" is handed in: a function'),
        (["a"], '"word" is handed in: a list, not text'),
    ],
)
def test_a_line_says_what_was_taken(
    mine: Exercise, answer: object, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    mine.hand_in("word", answer)
    assert capsys.readouterr().out == f"{line}\n"


def test_when_it_is_graded_no_line_says_what_was_taken(
    monkeypatch: pytest.MonkeyPatch, kept_journal: list[bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SMTPLAB_STUDENT", "mia")
    exercise(DESIGN.name).hand_in("word", "one")
    assert capsys.readouterr().out == ""


def test_a_text_of_another_exercise_is_asked_for_in_vain_with_a_sentence(mine: Exercise) -> None:
    assert mine.given["hint"] == "look around"
    with pytest.raises(ExerciseError, match="notebook of another exercise"):
        mine.given["header"]
    assert "header" not in mine.given


def test_an_exercise_handed_out_again_begins_anew(mine: Exercise) -> None:
    mine.telnet(HOST).send("HELO x.example")
    assert told(DESIGN.name, "wire")[0] == 2
    again = exercise(DESIGN.name, "mia")
    assert told(DESIGN.name, "wire")[0] == 0
    assert "no longer count" in str(again)
    assert "no longer count" not in str(exercise(DESIGN.name, "mia"))


def test_while_a_part_is_blocked_the_report_says_so_once(mine: Exercise) -> None:
    assert "\n".join(told(DESIGN.name, "word")[1]).count("not looked at until this one holds") == 1
    mine.hand_in("word", mine.evidence().task)
    assert "not looked at" not in "\n".join(told(DESIGN.name, "word")[1])


# Whose it is


def test_without_an_id_the_exercise_is_not_handed_out_and_the_sentence_says_what_to_do() -> None:
    with pytest.raises(ExerciseError, match="put your student id between the quotes"):
        exercise(DESIGN.name, "  ")


@pytest.mark.parametrize("slip", ["", "= s42"])
def test_later_cells_of_a_notebook_without_an_id_say_what_to_do(slip: str, monkeypatch: pytest.MonkeyPatch) -> None:
    names: dict[str, Any] = {}
    monkeypatch.setattr(sys.modules["smtplab.grading.check"], "running_shell", lambda: SimpleNamespace(user_ns=names))
    with pytest.raises(ExerciseError):
        student_id(slip)
    with pytest.raises(ExerciseError, match="put your student id between the quotes"):
        exercise(DESIGN.name, names["student"])
    for use in (lambda mine: mine.hand_in("word", "x"), lambda mine: mine.given["hint"], lambda mine: mine.telnet("x")):
        with pytest.raises(ExerciseError, match="Whose exercise it is"):
            use(names["mine"])
    assert "Whose exercise it is" in str(names["mine"])
    assert not hasattr(names["mine"], "_ipython_display_")


@pytest.mark.parametrize("own", [None, object()])
def test_a_cell_that_calls_a_lab_is_told_where_the_hosts_are_unless_it_has_its_own(
    own: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    names: dict[str, Any] = {} if own is None else {"lab": own}
    monkeypatch.setattr(sys.modules["smtplab.grading.check"], "running_shell", lambda: SimpleNamespace(user_ns=names))
    exercise(DESIGN.name, "mia")
    if own is not None:
        assert names["lab"] is own
        return
    with pytest.raises(ExerciseError, match=f'mine.telnet."{HOST}"'):
        names["lab"].telnet(HOST)


def test_a_hub_stands_in_for_the_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTERHUB_USER", "Noah")
    assert exercise(DESIGN.name).student == "noah"
    assert exercise(DESIGN.name, "mia").student == "mia"


def test_when_it_is_graded_it_is_that_of_who_handed_it_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTPLAB_STUDENT", "Noah")
    handed = exercise(DESIGN.name, "mia")
    assert (handed.student, handed.said) == ("noah", "mia")
    assert told(DESIGN.name, "wire")[1][1] == (
        "The notebook says that it is the work of mia; it was handed in by noah."
    )
    assert exercise(DESIGN.name).said == "noah"


def test_an_unknown_exercise_is_refused_with_those_there_are() -> None:
    with pytest.raises(ExerciseError, match=r"'98'.*99-made-up"):
        exercise("98", "mia")


def test_the_salt_of_the_course_changes_the_task() -> None:
    assert str(exercise(DESIGN.name, "mia", course="2026")) != str(exercise(DESIGN.name, "mia", course="2027"))


# What check tells


def test_a_failed_rule_gets_its_sentence_and_what_was_expected_and_found(mine: Exercise) -> None:
    assert told(DESIGN.name, "wire") == (
        0,
        [
            "99-made-up, wire, for mia: 0 of 2 points that can be seen; 3 more at grading",
            "  not yet 0/2 You say HELO.",
            "              You have not said HELO.",
            "              expected: HELO",
            "              got:      nothing",
            "              hint:     it is a word of four letters",
            "1 more rule runs when your notebook is graded, worth 3 points.",
            "rules: RFC 5321 4.1.1.1",
        ],
    )


def test_it_never_says_that_all_is_well_while_hidden_rules_are_to_come(mine: Exercise) -> None:
    mine.telnet(HOST).send("HELO x.example")
    assert told(DESIGN.name, "wire") == (
        2,
        [
            "99-made-up, wire, for mia: 2 of 2 points that can be seen; 3 more at grading",
            "  ok      2/2 helo",
            "Every rule that can be seen here holds, but not everything is looked at here. 1 more rule runs when",
            "your notebook is graded, worth 3 points.",
            "rules: RFC 5321 4.1.1.1",
        ],
    )


def test_when_it_is_graded_the_hidden_rules_follow(mine: Exercise, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTPLAB_STUDENT", "mia")
    assert told(DESIGN.name, "wire")[1][-2] == "1 more rule follows, worth 3 points."


def test_with_the_hidden_rules_the_points_are_those_of_all_rules(mine: Exercise) -> None:
    mine.telnet(HOST).send("HELO x.example")
    assert told(DESIGN.name, "wire", hidden=[HIDDEN]) == (
        5,
        ["99-made-up, wire, for mia: 5 of 5 points with the hidden rules", "  ok      3/3 secret", "rules: RFC 0"],
    )


def test_without_hidden_rules_it_says_when_all_hold(mine: Exercise) -> None:
    mine.hand_in("word", DESIGN.task("mia"))
    assert told(DESIGN.name, "word") == (
        1,
        [
            "99-made-up, word, for mia: 1 of 1 point",
            "  ok      1/1 told",
            "Every rule of this part holds.",
            "rules: RFC 0",
        ],
    )


def test_no_line_is_longer_than_a_notebook_shows_and_what_rules_print_is_dropped(mine: Exercise) -> None:
    points, lines = told(DESIGN.name, "word")
    assert points == 0
    assert lines[1:4:2] == ["  not yet     It is your word.", " " * 14 + lines[3].strip()]
    assert lines[-2] == "Correct what is not yet right, and run this cell again."
    assert max(map(len, lines)) <= 100
    assert not any("thinking" in line for line in lines)


def test_all_parts_together_are_the_sum(mine: Exercise) -> None:
    mine.telnet(HOST).send("HELO x.example")
    mine.hand_in("word", DESIGN.task("mia"))
    points, lines = told(DESIGN.name)
    assert points == 3
    assert sum(line.startswith("99-made-up, ") for line in lines) == 2


@pytest.mark.parametrize(
    ("arguments", "keys"),
    [(("98",), ("'98'", "99-made-up")), (("99-made-up", "wires"), ("'wires'", "wire, word"))],
)
def test_a_wrong_name_gets_a_sentence_and_no_points(
    mine: Exercise, arguments: tuple[str, ...], keys: tuple[str, str]
) -> None:
    points, (line,) = told(*arguments)
    assert points == 0
    assert all(key in line for key in keys)


def test_before_it_is_handed_out_there_is_nothing_to_check() -> None:
    points, (line,) = told(DESIGN.name, "wire")
    assert points == 0
    assert "handed out" in line


def test_points_are_whole_numbers_as_nbgrader_reads_them(mine: Exercise) -> None:
    assert type(told(DESIGN.name)[0]) is int


# Whose work it is


def test_the_owner_is_found_in_the_class(mine: Exercise) -> None:
    mine.hand_in("word", DESIGN.task("noah"))
    assert scoring.owners(mine, "word", ["ada", "Noah", "mia"]) == ("noah",)
    assert scoring.owners(mine, "wire", ["ada", "Noah", "mia"]) == ()


def test_one_does_not_own_ones_own_work_twice(mine: Exercise) -> None:
    mine.hand_in("word", DESIGN.task("mia"))
    assert scoring.owners(mine, "word", ["ada", "Noah", "mia"]) == ()


def test_who_calls_a_host_of_another_task_is_told_whose(monkeypatch: pytest.MonkeyPatch) -> None:
    design = replace(DESIGN, hosts=lambda word: (mail_host(f"mail.{word}.example", ()),))
    mine = Exercise(design, "mia")
    assert scoring.called(mine, ["ada", "Noah", "mia"]) == ()
    for host in (f"mail.{design.task('mia')}.example", "nowhere.example", f"MAIL.{design.task('noah')}.example"):
        with contextlib.suppress(ConnectionLost):
            mine.telnet(host)
    assert scoring.called(mine, ["ada", "Noah", "mia"]) == ("noah",)


def test_a_mistake_that_fails_several_rules_is_explained_once(monkeypatch: pytest.MonkeyPatch) -> None:
    part = DESIGN.part("wire")
    twice = replace(part, rules=(*part.rules, replace(part.rules[0], id="wire.again")), hidden=0, hidden_points=0)
    module.hand_out(Exercise(replace(DESIGN, parts=(twice,)), "mia"))
    monkeypatch.setattr(module, "design_of", lambda name: replace(DESIGN, parts=(twice,)))
    _, lines = told(DESIGN.name, "wire")
    assert [line.strip() for line in lines[1:5]] == [
        *["not yet 0/2 You say HELO."] * 2,
        "These 2 rules fail by one mistake:",
        "You have not said HELO.",
    ]
    assert [line.strip() for line in lines].count("You have not said HELO.") == 1


def test_hidden_rules_that_are_not_looked_at_say_why(monkeypatch: pytest.MonkeyPatch) -> None:
    part = replace(DESIGN.part("word"), hidden=1, hidden_points=3)
    module.hand_out(Exercise(replace(DESIGN, parts=(part,)), "mia"))
    monkeypatch.setattr(module, "design_of", lambda name: replace(DESIGN, parts=(part,)))
    _, lines = told(DESIGN.name, "word", hidden=[HIDDEN])
    assert lines[1] == "  not yet 0/3 It is secret."
    assert "looked at when the work is about the task" in lines[2]


def test_what_is_not_yet_right_stands_above_what_is_ok(monkeypatch: pytest.MonkeyPatch) -> None:
    part = DESIGN.part("wire")
    ok = replace(part.rules[0], id="wire.fine-words", rfc="RFC 5321 4.2 and 4.1.1.1", judge=lambda evidence: None)
    named = replace(ok, id="wire.other", rfc="your task", label="number 2")
    four = replace(part, rules=(ok, *part.rules, named), hidden=0, hidden_points=0)
    module.hand_out(Exercise(replace(DESIGN, parts=(four,)), "mia"))
    monkeypatch.setattr(module, "design_of", lambda name: replace(DESIGN, parts=(four,)))
    _, lines = told(DESIGN.name, "wire")
    assert [line for line in lines if line.startswith(("  ok", "  not yet", "rules"))] == [
        "  not yet 0/2 You say HELO.",
        "  ok      4/4 fine words (2), number 2 (2)",
        "rules: RFC 5321 4.2, 4.1.1.1",
    ]


# Who it is


@pytest.mark.parametrize(("student", "whose"), [(123456, "123456"), (" Mia ", "mia")])
def test_an_id_may_be_a_number(student: object, whose: str) -> None:
    assert exercise(DESIGN.name, student).student == whose
    assert exercise(DESIGN.name, student_id(student)).student == student_id(student) == whose


@pytest.mark.parametrize(
    "student", [None, b"mia", 1.5, [], "", "\ud800", "m\0", "x" * 256, 10**5000], ids=lambda given: type(given).__name__
)
def test_what_can_be_no_id_gets_one_sentence(student: object) -> None:
    with pytest.raises(ExerciseError, match="student id"):
        exercise(DESIGN.name, student)
    with pytest.raises(ExerciseError, match="student id"):
        student_id(student)


@pytest.mark.parametrize("written", ["= s42", '"s42"', "s42."])
def test_a_slip_in_an_id_is_told_where_the_id_is_given(written: str) -> None:
    with pytest.raises(ExerciseError, match="write the id alone, as in s42"):
        student_id(written)


@pytest.mark.parametrize("variable", ["JUPYTERHUB_USER", "SMTPLAB_STUDENT"])
def test_an_id_may_be_empty_where_it_is_known(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "mia")
    assert exercise(DESIGN.name, student_id("")).student == "mia"


def test_what_can_be_no_id_costs_nothing_where_it_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTPLAB_STUDENT", "mia")
    assert exercise(DESIGN.name, []).student == "mia"


def test_what_a_journal_gives_that_can_be_no_id_names_nobody() -> None:
    handed = Exercise(DESIGN, "mia")
    handed.do_again([{"did": "hand out", "said": "\ud800"}])
    assert handed.said == "mia"


# What cannot be taken back


def test_work_that_fits_the_students_own_task_is_nobody_elses() -> None:
    mine = Exercise(replace(DESIGN, draw=lambda lots: "same"), "mia")
    mine.hand_in("word", "same")
    assert scoring.owners(mine, "word", ["noah"]) == ()


@pytest.mark.parametrize("take", ["undo", "fork"])
def test_a_session_of_an_exercise_says_why_it_takes_nothing_back(mine: Exercise, take: str) -> None:
    session = mine.telnet(HOST)
    session.send("NOOP")
    with pytest.raises(Irrevocable, match="open another session instead"):
        getattr(session, take)()


# What is done again


@pytest.fixture
def kept_journal() -> Iterator[list[bytes]]:
    """The lines of the journal of this process."""
    lines: list[bytes] = []
    keep_journal(lines.append)
    yield lines
    keep_journal(None)


def test_doing_again_what_a_journal_tells_gives_the_same_evidence(journal: list[bytes]) -> None:
    kept = Exercise(DESIGN, "mia", said="noah", journal=ExerciseJournal(journal.append))
    session = kept.telnet(HOST)
    with contextlib.suppress(ConnectionLost):
        kept.telnet("elsewhere")
    session.send("HELO x.example\nMAIL FROM:<a@b.example>\nRCPT TO:<bob@lab.example>\nDATA\nhello \xff\n.")
    kept.telnet(HOST).close()
    session.send("QUIT")
    kept.hand_in("word", "one")
    kept.note_answers()
    again = Exercise(DESIGN, "mia")
    again.do_again(entries(journal, DESIGN.name))
    assert again.evidence() == kept.evidence()
    assert again.said == "noah"


@pytest.fixture
def journal() -> list[bytes]:
    return []


def answers_in(journal: list[bytes], design: Design[Any] = DESIGN) -> Mapping[str, Any]:
    again = Exercise(design, "mia")
    again.do_again(entries(journal, design.name))
    return again.evidence().answers


ASKING = replace(DESIGN, asked={"word": (1, 2)})


def test_a_function_that_was_handed_in_is_asked_once(journal: list[bytes]) -> None:
    kept = Exercise(ASKING, "mia", journal=ExerciseJournal(journal.append))
    kept.hand_in("word", str)
    kept.note_answers()
    assert answers_in(journal, ASKING)["word"](2) == "2"
    kept.note_answers()
    assert [entry["did"] for entry in entries(journal, DESIGN.name)].count("hand in") == 2  # asked and answered


def test_a_function_in_the_place_of_a_value_is_not_asked(journal: list[bytes]) -> None:
    kept = Exercise(replace(ASKING, questions=("word", "other")), "mia", journal=ExerciseJournal(journal.append))
    kept.hand_in("other", str)
    kept.hand_in("word", str)
    kept.note_answers()
    answers = answers_in(journal, ASKING)
    assert callable(answers["other"])
    assert answers["word"](1) == "1"


def test_a_function_without_an_end_has_no_answers_and_costs_no_other_answer(journal: list[bytes]) -> None:
    def endless(number: int) -> None:
        raise KeyboardInterrupt  # as a time-out does

    kept = Exercise(replace(ASKING, questions=("word", "other")), "mia", journal=ExerciseJournal(journal.append))
    kept.hand_in("word", endless)
    kept.hand_in("other", "one")
    with pytest.raises(KeyboardInterrupt):
        kept.note_answers()
    kept.note_answers()
    answers = answers_in(journal, ASKING)
    assert answers["other"] == "one"
    with pytest.raises(Unasked):
        answers["word"](1)


def test_of_answers_in_a_loop_without_an_end_the_journal_has_the_last(journal: list[bytes]) -> None:
    kept = Exercise(DESIGN, "mia", journal=ExerciseJournal(journal.append))
    for number in range(100):
        kept.hand_in("word", f"{number}{'x' * 1_000_000}")
    kept.note_answers()
    assert answers_in(journal)["word"].startswith("99x")
    kept.hand_in("word", "right")
    kept.note_answers()
    assert answers_in(journal)["word"] == "right"
    assert sum(map(len, journal)) < 3_000_000


def test_of_exercises_handed_out_in_a_loop_without_an_end_the_last_counts(
    kept_journal: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMTPLAB_STUDENT", "mia")
    for _ in range(20):
        mine = exercise(DESIGN.name)
        mine.telnet(HOST).send("NOOP " + "x" * 100_000)
    module.note_answers(DESIGN.name)
    assert [entry["did"] for entry in entries(kept_journal, DESIGN.name)] == [
        "hand out",
        "dial",
        "send",
        SAVED,
    ]


def test_an_answer_is_noted_when_it_is_given_for_whoever_runs_out_of_time(journal: list[bytes]) -> None:
    kept = Exercise(ASKING, "mia", journal=ExerciseJournal(journal.append))
    kept.hand_in("word", "one")
    assert answers_in(journal)["word"] == "one"


def test_what_was_said_to_hosts_of_another_task_is_heard_by_nobody() -> None:
    mine = Exercise(DESIGN, "mia")
    mine.do_again(
        [
            {"did": "dial", "call": 0, "host": "elsewhere", "port": 25},
            {"did": "send", "call": 0, "data": "HELO x\r\n"},
        ]
    )
    (wire,) = mine.evidence().wires
    assert (wire.host, wire.sent, len(wire.transcript)) == ("elsewhere", b"HELO x\r\n", 0)


@pytest.mark.parametrize(
    "entry",
    [
        {"did": "send", "call": 7, "data": "x"},
        {"did": "send", "call": 0, "data": "\u20ac"},
        {"did": "send", "call": 0, "data": 5},
        {"did": "dial", "call": 1, "host": 5, "port": 25},
        {"did": "dial", "call": "1", "host": HOST, "port": 25},
        {"did": "close", "call": -9},
        {"did": "anything"},
        {},
    ],
)
def test_what_cannot_be_done_is_left_undone(mine: Exercise, entry: dict[str, Any]) -> None:
    mine.telnet(HOST)
    before = mine.evidence()
    mine.do_again([entry])
    assert mine.evidence() == before


# The catalogue


@pytest.mark.parametrize("name", NAMES)
def test_every_exercise_is_found_by_its_name_and_the_first_of_a_number_by_that(name: str) -> None:
    assert design_of(name).name == name
    for number in (name[:2], str(int(name[:2]))):
        assert design_of(number).name == next(each for each in NAMES if each[:2] == name[:2])


@pytest.mark.parametrize("name", ["98", "9", "", "01-", "-1"])
def test_an_unknown_exercise_is_refused_with_the_list(name: str) -> None:
    with pytest.raises(ExerciseError, match=f"there is no exercise '{name}'; there are {NAMES[0]}"):
        design_of(name)


@pytest.mark.parametrize(
    "student",
    ["= s42", "“s42”", '"s42"', "s42,", "<s42>", "[s42]", "(s42)", "{s42}", "s42.", "#s42", "‘s42", "s42)", "`s42`"],
)
def test_an_id_with_something_around_it_is_refused_with_the_right_form(student: str) -> None:
    with pytest.raises(ExerciseError, match="write the id alone, as in s42,"):
        exercise(DESIGN.name, student)


@pytest.mark.parametrize(
    "student",
    ["s42", "o'brien", "Doe, Jane", "Doe (2)", "sam+x@uni.example", "_s42", "42", "Müller", "समीर", "a.b-c_d"],
)
def test_an_id_as_platforms_give_it_is_taken(student: str) -> None:
    assert exercise(DESIGN.name, student).student == normal(student)


def test_an_id_with_something_around_it_costs_nothing_where_the_folder_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTPLAB_STUDENT", "mia")
    assert exercise(DESIGN.name, "“s42”").student == "mia"


def test_several_answers_to_one_question_get_a_sentence_and_change_nothing(mine: Exercise) -> None:
    mine.hand_in("word", "old")
    with pytest.raises(ExerciseError, match=r'as in mine.hand_in\("word", "1, 2, 3"\)'):
        mine.hand_in("word", 1, 2, 3)
    assert mine.evidence().answers["word"] == "old"
