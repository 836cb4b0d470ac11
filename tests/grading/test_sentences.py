"""Each error sentence of grading, as a user reads it. Other tests ask for one key word, so a sentence changes here."""

from __future__ import annotations

import json
import os
import re
import socket
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest

from smtplab import check, defend, exercise
from smtplab.grading import autograde, classroom, release, sentences, submissions
from smtplab.grading.check import Points, judged, with_offer_of_defence
from smtplab.grading.defence import Defence
from smtplab.grading.design import NotHere
from smtplab.grading.evidence import Tap
from smtplab.grading.exercises import NAMES, design_of
from smtplab.grading.exercises.client_from_bytes import trials
from smtplab.grading.handout import Exercise
from smtplab.grading.recording import RecordedFunction, Unasked
from smtplab.grading.referee import LockedCell, judge_journal
from smtplab.grading.results.changed_points import PointsError, changes_for, check_exercises, read_changes
from smtplab.grading.results.outcome import PartHead, Report, ReportError, StudentResult
from smtplab.grading.results.releasing import FeedbackError, release_feedback
from smtplab.grading.skeleton import skeleton
from smtplab.grading.students import read_spellings
from smtplab.grading.trials import TriedProgram, never_ended
from smtplab.grading.tries import told_of
from smtplab.worlds.memory import Network
from support.paths import ROOT

NAME = "01-hold-your-own-session"
NOT_SENTENCES = {"TEXT_STUB"}
CONSTANTS = {
    name: text
    for module in (sentences, release)
    for name, text in vars(module).items()
    if name.isupper() and isinstance(text, str) and name not in NOT_SENTENCES
}


def stopped_referee() -> str:
    cell = LockedCell("check-session", f'smtplab.check("{NAME}", "session")')
    stopped = mock.Mock(side_effect=KeyboardInterrupt)
    with mock.patch.dict(os.environ):
        return str(judge_journal("mia", (), [cell], b"", stopped)["results"]["check-session"]["report"]).strip()


def mine() -> Exercise:
    return Exercise(design_of(NAME), "mia")


def without_an_id() -> Exercise:
    return exercise(NAME, "")


def begun_anew() -> str:
    first = exercise("01-hold-your-own-session", "mia")
    first.hand_in("banner", "?")
    return str(exercise("01-hold-your-own-session", "mia")).split("\n\n")[1]


def unheard_check() -> str:
    with mock.patch("smtplab.grading.check._handed_out", {}), mock.patch("builtins.print") as told:
        check(NAME)
    return str(told.call_args.args[0])


def defended() -> Defence:
    handed, task = exercise(NAME, "mia"), design_of(NAME).task("mia")
    envelope = f"MAIL FROM:<{task.sender}>", f"RCPT TO:<{task.recipient}>"
    handed.telnet(task.host).send("\n".join([f"HELO {task.client}", *envelope, "DATA", *task.message, ".", "QUIT"]))
    return defend(NAME)


def opening(line: int, answers: int = 0) -> str:
    """Return a line of the questions with which exercise 06 begins."""
    questions = exercise("06", "mia").ask()
    for number in range(1, answers + 1):
        questions.answer(number, "a")
    return str(questions).split("\n")[line]


def defence_report(*predictions: int) -> str:
    asked = defended()
    for number, prediction in enumerate(predictions, start=1):
        asked.answer(number, prediction)
    lines = [line.strip() for line in judged(NAME, "defence").report.splitlines()]
    return next(line for line in lines if line.startswith("The host" if predictions else "Not answered"))


def offered() -> str:
    defended()
    with mock.patch("smtplab.grading.check._is_at_the_desk", return_value=True):
        return with_offer_of_defence(NAME, judged(NAME, "session")).report.splitlines()[-1]


def number_below() -> str:
    published: list[dict[str, str]] = []
    shell = SimpleNamespace(kernel=1, display_pub=SimpleNamespace(publish=lambda data: published.append(data)))
    with mock.patch("smtplab.grading.check.running_shell", return_value=shell):
        check(NAME)
    return published[0]["text/plain"].splitlines()[-1]


def silent_server() -> bytes:
    network = Network()
    for host in design_of(NAME).hosts(design_of(NAME).task("mia")):
        network.add(host)
    tap = Tap("host", network.dial(network.hosts[0].name, 25, peer="192.0.2.1"))
    tap.receive()
    return tap.receive()


def undone() -> None:
    session = mine().telnet(mine().host_names[0])
    session.send("NOOP")
    session.undo()


def not_answered() -> None:
    with pytest.raises(Unasked) as raised:
        RecordedFunction({"answers": []})(552)
    raise raised.value


def not_tried() -> None:
    design = design_of("04")
    TriedProgram(None, design.trials["send_mail"](design.task("mia"))).record("plain")


def called_too_often() -> str:
    def send_mail(sock: socket.socket, *_: object) -> None:
        while True:
            sock.sendall(b"")

    with mock.patch.object(trials, "MOST_CALLS", 2000):
        design = design_of("04")
        record = TriedProgram(send_mail, design.trials["send_mail"](design.task("mia"))).record("plain")
    return str(record["waits"])


# What a user of exercises does: the sentence, and what makes it.
SAID: list[tuple[str, str, Callable[[], object]]] = [
    (
        "NO_EXERCISE",
        f"there is no exercise '98'; there are {', '.join(NAMES)}",
        lambda: design_of("98"),
    ),
    (
        "NO_STUDENT_ID",
        'no student id is given; put your student id between the quotes, as in student_id("s4711"), and run the cell '
        "again",
        without_an_id,
    ),
    (
        "NOT_A_STUDENT_ID",
        "'= s42' is not a student id; write the id alone, as in s42, without quotation marks, brackets or punctuation "
        "around it",
        lambda: exercise(NAME, "= s42"),
    ),
    (
        "BEGUN_ANEW",
        "This cell has run before. The sessions and answers from then no longer count; run the cells with your answers "
        "again.",
        begun_anew,
    ),
    (
        "NOT_HANDED_OUT",
        f"{NAME} has not been handed out; run the cell that hands it out first.",
        unheard_check,
    ),
    (
        "DEFENCE_IS_ANSWERED",
        "this question is answered with 220, and the first answer counts",
        lambda: [defended().answer(1, 220), defend(NAME).answer(1, 250)],
    ),
    (
        "NOTHING_TO_DEFEND",
        "The questions are about a session that has all points that can be seen, and there is none yet.",
        lambda: [exercise(NAME, "mia"), defend(NAME)],
    ),
    ("DEFENCE_IS_OPEN", f'Not answered yet; defence = smtplab.defend("{NAME}") asks it.', lambda: defence_report()),
    ("DEFENCE_IS_WRONG", "The host answers something else.", lambda: defence_report(220)),
    (
        "DEFENCE_OFFERED",
        f'All that can be seen is right. defence = smtplab.defend("{NAME}") asks three questions about your own '
        "session.",
        offered,
    ),
    (
        "ANSWERS_TRIED",
        "You have checked 11 different answers to the part banner. The number stays with your notebook.",
        lambda: told_of("banner", 11),
    ),
    (
        "NO_DEFENCE",
        "06-smtp-is-used-twice has no session that could be defended",
        lambda: [exercise("06", "mia"), defend("06")],
    ),
    (
        "NO_OPENING",
        "01-hold-your-own-session begins with no questions",
        lambda: exercise(NAME, "mia").ask(),
    ),
    ("OPENING_QUESTIONS", "Questions about what you believe. They give no points.", lambda: opening(0)),
    (
        "ANSWER_THE_OPENING",
        'Answer with number and letter, as in `questions.answer(1, "b")`.',
        lambda: opening(-1),
    ),
    ("OPENING_IS_ANSWERED", "All are answered.", lambda: opening(-1, answers=5)),
    ("NO_PART", f"{NAME} has no part 'x'; it has session, phases, banner", lambda: design_of(NAME).part("x")),
    (
        "NO_QUESTION",
        f"{NAME} has no question 'x'; its questions are 'phases', 'banner', 'printed above', 'should be above'",
        lambda: mine().hand_in("x", 1),
    ),
    (
        "NO_ANSWER",
        'nothing was handed in: write the question and your answer, as in mine.hand_in("banner", ...)',
        lambda: mine().hand_in("banner"),
    ),
    (
        "SEVERAL_ANSWERS",
        "nothing was handed in: a question takes one answer; put all of it between one pair of quotes, as in "
        'mine.hand_in("banner", "2, 3")',
        lambda: mine().hand_in("banner", 2, 3),
    ),
    (
        "NO_TEXT",
        f"{NAME} has no text 'header'; it has 'session', 'lecture'. If this is the notebook of another exercise, "
        "run its cell with exercise(...) again",
        lambda: mine().given["header"],
    ),
    (
        "NOT_YOURS_YET",
        'No exercise is handed out yet. Put your student id into the cell below "Whose exercise it is", run it, and '
        "run the next cell.",
        lambda: NotHere(sentences.NOT_YOURS_YET).hand_in("banner", "x"),
    ),
    (
        "NO_LAB_HERE",
        'An exercise has hosts of its own, and no lab. Call one with mine.telnet("mail.lab.example").',
        lambda: NotHere(sentences.NO_LAB_HERE.format(host="mail.lab.example")).telnet("mail.lab.example"),
    ),
    (
        "NUMBER_BELOW",
        "The number below repeats your points, for the program that grades.",
        number_below,
    ),
    (
        "POINTS_IN_WORDS",
        "Points of this cell: 0 of 10 points that can be seen; 1 more at grading.",
        lambda: [exercise(NAME, "mia"), Points.of(judged(NAME, "session")).words][1],
    ),
    (
        "NO_MAILBOX",
        f"there is no mailbox 'x' here; there are {', '.join(mine().mailboxes)}",
        lambda: mine().mailbox("x"),
    ),
    (
        "IRREVOCABLE",
        "undo works only in a Lab: what you send in an exercise cannot be taken back; open another session instead",
        undone,
    ),
    ("SERVER_IS_SILENT", "the server has sent nothing", silent_server),
    ("NO_ANSWER_RECORDED", "the function gave no answer for 552", not_answered),
    ("NO_TRIAL_RECORDED", "the program did not come to the end of the trial plain", not_tried),
    ("TOO_MANY_CALLS", "the function called the methods of its socket 2,000 times", called_too_often),
    (
        "TOO_LONG_TO_JUDGE",
        "The referee could not judge this part in time, because very much was sent or handed in.",
        stopped_referee,
    ),
    (
        "NEVER_ENDED",
        "Your server does not come to an end, in your `line 2: while 1:`.",
        lambda: never_ended({"endless": "line 2: while 1:"}, "Your server").sentence,  # type: ignore[union-attr]
    ),
    (
        "IN_YOUR_LINE",
        "Your function does not come to an end, in your `line 5: while True:`.",
        lambda: never_ended({"endless": "line 5: while True:"}, "Your function").sentence,  # type: ignore[union-attr]
    ),
    (
        "LOOK_FOR_A_LOOP",
        "look for a loop that nothing ends",
        lambda: never_ended({"endless": ""}, "It").hint,  # type: ignore[union-attr]
    ),
    (
        "TOOK_TOO_LONG",
        "Your server took longer than 0.25 s and was stopped, in your `line 2: while 1:`.",
        lambda: never_ended({"endless": "line 2: while 1:", "seconds": 0.25}, "Your server").sentence,  # type: ignore[union-attr]
    ),
    (
        "LOOK_FOR_WHAT_IS_SLOW",
        "look for a loop that nothing ends, or for work that is done again for each octet",
        lambda: never_ended({"endless": "", "seconds": 1.0}, "It").hint,  # type: ignore[union-attr]
    ),
    (
        "NOT_JUDGED",
        "The referee could not judge this part; ask your instructor.",
        lambda: autograde._result(None)[0]["evalue"],
    ),
    (
        "NOT_AN_EXERCISE_NAME",
        "'4-client' is not a name of an exercise; use two digits and a title in small letters, as in 04-write-a-client",
        lambda: skeleton("4-client", ROOT),
    ),
    (
        "NOT_A_CHECKOUT",
        "nowhere is not a copy of the repository; run this in one, or name its folder",
        lambda: skeleton("04-client", Path("nowhere")),
    ),
    (
        "EXERCISE_IS_THERE",
        "smtplab/grading/exercises/one_message/__init__.py is there already; choose another number or title",
        lambda: skeleton("00-one-message", ROOT),
    ),
]


@pytest.mark.parametrize(("name", "text", "make"), SAID, ids=[name for name, *_ in SAID])
def test_what_happens_in_an_exercise_is_said_in_this_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, make: Callable[[], object]
) -> None:
    for variable in ("SMTPLAB_STUDENT", "JUPYTERHUB_USER"):
        monkeypatch.delenv(variable, raising=False)
    try:
        said = str(make())
    except Exception as error:
        said = str(error)
    assert said == text
    assert _fits(name, said)


# Why a submission cannot be graded: the files in its folder
REASONS: list[tuple[str, str, dict[str, str]]] = [
    (
        "SEVERAL_NOTEBOOKS",
        f"there are several notebooks, and none of them is called {NAME}.ipynb: a.ipynb, b.ipynb",
        {"a.ipynb": "{}", "b.ipynb": "{}"},
    ),
    (
        "NBGRADER_STOPPED",
        "nbgrader stopped at this submission; its log says where",
        {f"{NAME}.ipynb": '{"nbformat": 4, "cells": []}'},
    ),
]


def reason_for(tmp_path: Path, files: dict[str, str]) -> str:
    folder = tmp_path / "submitted" / "mia" / NAME
    folder.mkdir(parents=True)
    for file, text in files.items():
        (folder / file).write_text(text, "utf-8")
    submissions.take_in("*", "*", sorted(str(path) for path in folder.glob("*.ipynb")))
    (row,) = classroom.NOT_GRADED.rows(tmp_path)
    return row["reason"]


@pytest.mark.parametrize(("name", "text", "files"), REASONS, ids=[name for name, *_ in REASONS])
def test_the_table_says_why_a_submission_was_not_graded(
    tmp_path: Path, name: str, text: str, files: dict[str, str]
) -> None:
    assert reason_for(tmp_path, files) == text
    assert _fits(name, text)


# The same for what the operating system refuses
REFUSED = [
    (
        "NOT_COPIED",
        "the notebook is called a.ipynb, and a copy with the right name cannot be made: Disk full",
        "shutil.copyfile",
        "a.ipynb",
    ),
    ("UNREADABLE", "the notebook cannot be read: Disk full", "pathlib.Path.read_bytes", f"{NAME}.ipynb"),
]


@pytest.mark.parametrize(("name", "text", "refused", "file"), REFUSED, ids=[name for name, *_ in REFUSED])
def test_the_table_says_what_the_operating_system_refused(
    tmp_path: Path, name: str, text: str, refused: str, file: str
) -> None:
    folder = tmp_path / "submitted" / "mia" / NAME
    folder.mkdir(parents=True)
    (folder / file).write_text("{}", "utf-8")
    with (
        mock.patch(refused, side_effect=OSError(28, "Disk full")),
        mock.patch.object(submissions, "_tell") as told,
    ):
        submissions.take_in("*", "*", [str(folder / file)])
    assert told.call_args.args == (folder, text)
    assert _fits(name, text)


def marks(**changed: Any) -> dict[str, Any]:
    return {"nbgrader": {"grade_id": "a", "schema_version": 3, "points": 1, **changed}}


def cell(source: str, **changed: Any) -> dict[str, Any]:
    return {"cell_type": "code", "id": "x", "metadata": marks(**changed), "source": source, "outputs": []}


# Why a notebook is not released: the sentence behind the file's name, and the notebook
UNRELEASED: list[tuple[str, str, object]] = [
    ("NOT_FORMAT_4", "it is not a notebook of format 4", {"nbformat": 3}),
    ("DAMAGED", "it is damaged, or not a notebook", {"nbformat": 4}),
    ("NO_STUB", "its kernel's language is 'R'; there are stubs for python, smtp", "R"),
    (
        "OLD_METADATA",
        "cell x: its nbgrader metadata are not of schema version 3; run `nbgrader update`",
        [cell("1", grade=True, schema_version=2)],
    ),
    ("NO_GRADE_ID", "cell x: it has no grade_id", [cell("1", grade=True, grade_id="")]),
    (
        "SAME_GRADE_ID",
        "cell x: its grade_id 'a' is that of another cell",
        [cell("1", grade=True), cell("2", grade=True)],
    ),
    (
        "NO_POINTS",
        "cell x: it is graded and has no points",
        [{**cell("1"), "metadata": {"nbgrader": {"grade": True, "grade_id": "a", "schema_version": 3}}}],
    ),
    (
        "AUTOTEST",
        "cell x: AUTOTEST is not supported here; write these tests as hidden tests",
        [cell("### AUTOTEST f(1)", grade=True)],
    ),
    (
        "TWO_BEGINS",
        "cell x: BEGIN SOLUTION stands twice before END SOLUTION",
        [cell("### BEGIN SOLUTION\n### BEGIN SOLUTION", solution=True)],
    ),
    (
        "NO_END",
        "cell x: BEGIN HIDDEN TESTS has no END HIDDEN TESTS",
        [cell("### BEGIN HIDDEN TESTS", grade=True)],
    ),
    (
        "WRONG_MARK",
        "cell x: it has BEGIN SOLUTION, but nbgrader's metadata do not mark it as a solution cell",
        [cell("### BEGIN SOLUTION\n### END SOLUTION", locked=True)],
    ),
]


@pytest.mark.parametrize(("name", "text", "book"), UNRELEASED, ids=[name for name, *_ in UNRELEASED])
def test_why_a_notebook_is_not_released_is_said_in_this_sentence(
    tmp_path: Path, name: str, text: str, book: object
) -> None:
    if isinstance(book, str):
        book = {"nbformat": 4, "metadata": {"kernelspec": {"language": book}}, "cells": []}
    elif isinstance(book, list):
        book = {"nbformat": 4, "metadata": {}, "cells": book}
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps(book), "utf-8")
    with pytest.raises(release.ReleaseError) as raised:
        release.student_version(path)
    assert str(raised.value) == f"{path}: {text}"
    assert re.search(_pattern(getattr(release, name)), text)


# What the log of the grading says of the table of ids: the sentence, and the table
SPELLED: list[tuple[str, str, bytes | None]] = [
    ("IDS_UNREADABLE", "ids.csv cannot be read, so nobody has another id: Is a directory", None),
    (
        "IDS_NOT_UTF_8",
        "ids.csv is not UTF-8 and was read as Windows-1252; check the names, or save it as CSV UTF-8",
        b"student,id,\xfc\n",
    ),
    (
        "IDS_NO_TITLE",
        "ids.csv has no title, and 'mia,m' was read as a student; begin the file with the line student,id",
        b"mia,m\n",
    ),
    (
        "IDS_MISNAMED",
        "ids.csv was not read, because its title is 'name,id'; it needs the columns student and id",
        b"name,id\nmia,m\n",
    ),
    (
        "IDS_TOO_MANY",
        "ids.csv, line 2 was not read: it has 3 cells, and the title has 2",
        b"student,id\nmia,m,x\n",
    ),
    ("IDS_INCOMPLETE", "ids.csv, line 2 was not read: it has no id", b"student,id\nmia,\n"),
    (
        "STUDENT_TWICE",
        "ids.csv, line 3 has 'mia' again, as line 2 has; the last one counts",
        b"student,id\nmia,m\nmia,n\n",
    ),
    (
        "ID_TWICE",
        "ids.csv, line 3 gives the id 'm', which line 2 gives to another student",
        b"student,id\nmia,m\nnoah,m\n",
    ),
    (
        "NO_FOLDER",
        "ids.csv, line 2 names 'uma', who has no folder in submitted",
        b"student,id\numa,u\n",
    ),
]


@pytest.mark.parametrize(("name", "text", "content"), SPELLED, ids=[name for name, *_ in SPELLED])
def test_the_log_says_what_is_wrong_with_the_table_of_ids(
    tmp_path: Path, name: str, text: str, content: bytes | None
) -> None:
    for student in ("mia", "noah"):
        (tmp_path / "submitted" / student).mkdir(parents=True)
    table = tmp_path / "ids.csv"
    if content is None:
        table.mkdir()
    else:
        table.write_bytes(content)
    assert read_spellings(tmp_path).faults == [text]
    assert _fits(name, text)


REPORTS = [
    (
        "REPORT_IS_NOT_JSON",
        "the report cannot be read: Expecting value: line 1 column 1 (char 0); grade the class again to write it anew",
        "",
    ),
    (
        "REPORT_FORMAT",
        "the report has format 2, and this smtplab reads format 1; grade the class again",
        '{"format": 2}',
    ),
    (
        "REPORT_IS_INCOMPLETE",
        "the report has no valid exercise of the report; grade the class again to write it anew",
        '{"format": 1}',
    ),
]


@pytest.mark.parametrize(("name", "text", "report"), REPORTS, ids=[name for name, *_ in REPORTS])
def test_a_report_that_cannot_be_read_is_refused_with_the_reason(name: str, text: str, report: str) -> None:
    with pytest.raises(ReportError) as refused:
        Report.from_json(report)
    assert str(refused.value) == text
    assert _fits(name, text)


TITLE = "id,exercise,part,points,reason\n"
POINTS = [
    ("POINTS_MISNAMED", "has no column part and points; its title is id,exercise,part,points,reason", "id,exercise\n"),
    ("POINTS_INCOMPLETE", "line 2 has no part; write it, or delete the line", f"{TITLE}mia,01,,2\n"),
    (
        "POINTS_NO_NUMBER",
        "line 2 has the points '2.5'; write a whole number, what the part is to give",
        f"{TITLE}mia,01,session,2.5\n",
    ),
    (
        "POINTS_TWICE",
        "line 3 is about the same part as line 2; delete one of them",
        f"{TITLE}mia,01,session,2\nMia,01,session,3\n",
    ),
    (
        "POINTS_NO_EXERCISE",
        "line 2 names the exercise '77', which is not among yours; correct it",
        f"{TITLE}mia,77,session,2\n",
    ),
    (
        "POINTS_NO_STUDENT",
        "line 2 names 'max', who is not in the class; correct the id",
        f"{TITLE}max,01,session,2\n",
    ),
    (
        "POINTS_NO_PART",
        "line 2 names the part 'quit'; the exercise has session",
        f"{TITLE}mia,01,quit,2\n",
    ),
    (
        "POINTS_TOO_MANY",
        "line 2 gives more than the part session has; write at most 3",
        f"{TITLE}mia,01,session,4\n",
    ),
]


def give_points(table: str) -> None:
    changes = read_changes(table.encode())
    check_exercises(changes, ["01-session"])
    changes_for(changes, "01-session", [PartHead("session", "", 3)], ["mia"])


@pytest.mark.parametrize(("name", "text", "table"), POINTS, ids=[name for name, *_ in POINTS])
def test_points_that_cannot_be_given_are_refused_with_the_line(name: str, text: str, table: str) -> None:
    with pytest.raises(PointsError) as refused:
        give_points(table)
    said = str(refused.value)
    assert said.removeprefix("points.csv").lstrip(", ") == text
    assert _fits(name, said)


RELEASED = [
    (
        "NO_RESULTS",
        "there are no results in results: No such file or directory; grade the exercise first, and name the folder "
        "with report.json",
        [],
    ),
    (
        "NO_PAGE",
        "the page results/pages/mia.html cannot be read: No such file or directory; grade the exercise again to write "
        "it anew",
        ["mia"],
    ),
    (
        "NO_FOLDER_OF_THEIRS",
        "'..' and '01-session' are not both names of folders, so that nothing was released; correct the id in the "
        "roster, and grade again",
        [".."],
    ),
]


@pytest.mark.parametrize(("name", "text", "students"), RELEASED, ids=[name for name, *_ in RELEASED])
def test_feedback_that_cannot_be_released_is_refused_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str, students: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    if students:
        Path("results").mkdir()
        report = Report(
            exercise="01-session", title="", possible=0, parts=(), students=tuple(map(StudentResult, students))
        )
        Path("results/report.json").write_text(report.to_json())
    with pytest.raises(FeedbackError) as refused:
        release_feedback(Path("results"), Path("feedback"))
    assert str(refused.value) == text
    assert _fits(name, text)


def test_every_sentence_has_a_row() -> None:
    rows = {
        name for table in (SAID, REASONS, REFUSED, UNRELEASED, SPELLED, REPORTS, POINTS, RELEASED) for name, *_ in table
    }
    assert rows == set(CONSTANTS)


def _pattern(template: str) -> str:
    """Return what a sentence made of a template looks like."""
    return re.sub(r"\\{[^}]*\\}|\\{.*?\}", ".+", re.escape(template))


def _fits(name: str, said: str) -> bool:
    return re.search(_pattern(getattr(sentences, name)), said) is not None
