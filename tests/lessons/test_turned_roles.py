"""After TURN the student is the server: a verdict says which reply the host waits for, and TURN is not lost."""

import json

import pytest

from smtplab import Lab
from smtplab.jupyter.directives.lessons import _TypedWorkspace
from smtplab.jupyter.engine import Engine
from smtplab.lessons.cells import cells_of
from smtplab.lessons.lesson import Lesson
from support.cells import LAB, done
from support.student import StudentNotebook
from support.tutorials import tutorial

OPEN = 'session = lab.telnet("mail.lab.example")'
HELO = 'session.send("HELO a")'
TASK = "# Now you: be the server."
ANSWER = "\n".join(f'session.send("{line}")' for line in ("TURN", "220 a", "250 a", "221 a"))
GOAL = {"goal": {"said": ["250 TURN", "250 HELO", "221 QUIT"]}}
SERVER_NOW = "not yet: You are the server now: greet with 220 and a name; the host will say HELO."


@pytest.fixture
def student() -> StudentNotebook:
    student = StudentNotebook(cells_of(tutorial(OPEN, HELO, (f"{TASK}\n{ANSWER}", GOAL), "session.transcript")))
    lab = student.names["lab"]
    assert isinstance(lab, Lab)
    lab.host("mail.lab.example").handler.turns = True
    student.cell(OPEN)
    student.cell(HELO)
    return student


def say(student: StudentNotebook, *lines: str) -> tuple[str, str]:
    shown, verdict = student.cell("\n".join([TASK, *(f'session.send("{line}")' for line in lines)]))
    return shown, verdict.partition("\n")[0]


def test_line_by_line_the_verdict_says_what_the_host_waits_for(student: StudentNotebook) -> None:
    assert say(student, "turn")[1] == SERVER_NOW
    waits = "not yet: You are the server, and the host said `{}`; answer it with {} and any text."
    assert say(student, "220 a")[1] == waits.format("HELO mail.lab.example", 250)
    assert say(student, "250 a")[1] == waits.format("QUIT", 221)
    assert say(student, "221 a")[1] == "ok: You answered `QUIT` with done (221)."


def test_a_wrong_reply_is_told_with_the_right_one(student: StudentNotebook) -> None:
    told = "not yet: The host said `HELO mail.lab.example`, and your reply was 500; the right one begins with 250."
    assert say(student, "TURN", "220 a", "500 no")[1] == told


@pytest.mark.parametrize("line", ["helo a", "QUIT"])
def test_who_speaks_as_a_client_after_turn_finds_the_roles_swapped_again(student: StudentNotebook, line: str) -> None:
    say(student, "TURN")
    assert say(student, line)[1] == SERVER_NOW
    shown, verdict = say(student, "220 a", "250 a", "221 a")
    assert shown.startswith("The session had ended; that was taken back, and it is open again:\nC: TURN\nS: 250")
    assert verdict == "ok: You answered `QUIT` with done (221)."


def test_who_says_turn_himself_begins_before_it(student: StudentNotebook) -> None:
    say(student, "TURN")
    say(student, "helo a")
    shown, verdict = say(student, "TURN", "220 a", "250 a", "221 a")
    assert "TURN" not in shown
    assert verdict == "ok: You answered `QUIT` with done (221)."


# Back from a fork

BACK = tutorial(
    f"telnet {LAB} 25\nHELO a",
    "%fork other",
    "NOOP",
    (
        "%now you: go back with %switch main and end the session\n%switch main\nQUIT",
        {"goal": {"said": ["221 QUIT"]}},
    ),
    language="smtp",
)


@pytest.mark.parametrize(("ended", "line"), [(True, "QUIT"), (False, "NOPE"), (False, "")])
def test_who_forgets_to_go_back_to_another_session_is_told_so(ended: bool, line: str) -> None:
    engine = Engine(seconds=0.5)
    workspace = _TypedWorkspace(engine)
    lesson = Lesson("a", cells_of(BACK))
    texts = ["".join(cell["source"]) for cell in json.loads(BACK)["cells"]]
    for text in texts[:3]:
        list(lesson.before(text, "", workspace))
        done(engine, text)
        lesson.after(None, workspace)
    if ended:
        assert engine.session is not None
        engine.session.close()
    task = texts[3].partition("\n")[0]
    assert list(lesson.before(f"{task}\n{line}", "", workspace)) == []
    failed = engine.run(f"{task}\n{line}").failure
    assert ("or go to main with %switch main" in str(failed)) == ended
    told = str(lesson.after(None, workspace, failed))
    assert told == "not yet: You are in the session `other`; say `%switch main` first."
    list(lesson.before(texts[3], "", workspace))
    done(engine, texts[3])
    assert str(lesson.after(None, workspace)) == "ok: `QUIT` was answered with done (221)."
