"""One notebook runs behind the border and is judged outside. Two processes are started here, and one for each test."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from exercises import bank_00, bank_00_typed, bank_01, bank_01_typed, bank_03, bank_04, bank_05
from smtplab.border import Budget
from smtplab.grading.engine.grader import Grader, JudgedNotebook, _shown
from smtplab.grading.engine.peer_process import PeerEnd, PeerProcess
from smtplab.grading.engine.prepared import prepare
from smtplab.grading.engine.starting import StartedGraders
from smtplab.grading.engine.student_notebook import StudentCell
from smtplab.grading.exercises import NAMES, design_of
from smtplab.grading.journal import journal_line, objects
from smtplab.grading.results.outcome import LONGEST_OUTPUT, IncidentKind
from smtplab.grading.trial_line import LineEnded, TrialLine
from support.bank import SOURCE, hidden_rules
from support.handed_in import NAME, answered, exercise

SHORT = Budget(cpu_seconds=2, wall_seconds=4)


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    with StartedGraders(NAMES, 1) as started:
        yield started.only()


def ran(grader: Grader, *cells: str, budget: Budget = SHORT, language: str = NAME) -> JudgedNotebook:
    """Return what became of a notebook of these cells."""
    numbered = [StudentCell(number, cell) for number, cell in enumerate(cells)]
    return grader.grade(exercise(language), numbered, "mia", (), budget)


def graded(grader: Grader, name: str, answers: Mapping[str, str], student: str = "mia") -> JudgedNotebook:
    prepared = prepare(answered(student, dict(answers), name), exercise(name))
    return grader.grade(exercise(name), prepared.cells, student, ("mia", "noah"), SHORT)


def points(judged: JudgedNotebook) -> dict[str, int]:
    return {test: result["points"] for test, result in judged.results.items()}


def texts(judged: JudgedNotebook) -> list[str]:
    """Return what each cell showed, streams joined."""
    last = max(judged.shown, default=-1)
    return ["".join(each.text for each in judged.shown.get(cell, ())).strip() for cell in range(last + 1)]


# Points


@pytest.mark.parametrize(
    "bank", [bank_00, bank_00_typed, bank_01, bank_01_typed, bank_03, bank_04, bank_05], ids=lambda bank: bank.NAME
)
def test_a_right_answer_has_all_points_in_both_languages(grader: Grader, bank: Any) -> None:
    task = design_of(bank.NAME).task("mia", "smtplab")
    judged = graded(grader, bank.NAME, next(iter(bank.right(task))).cells)
    assert points(judged) == bank.FULL
    assert (judged.incidents, judged.findings, judged.is_judged) == ((), (), True)
    assert judged.refusals or bank is not bank_03  # there a student provokes refusals


@pytest.mark.parametrize("bank", [bank_01, bank_01_typed], ids=lambda bank: bank.NAME)
def test_wrong_answers_get_the_points_of_the_bank(grader: Grader, bank: Any) -> None:
    mia, noah = (design_of(bank.NAME).task(student, "smtplab") for student in ("mia", "noah"))
    for answer in list(bank.wrong(mia, noah))[::20]:
        assert points(graded(grader, bank.NAME, answer.cells)) == answer.points, answer.name


def test_work_of_another_is_named_and_earns_what_all_answers_share(grader: Grader) -> None:
    answers = next(bank_01.right(design_of(NAME).task("noah", "smtplab"))).cells
    judged = graded(grader, NAME, answers)
    assert points(judged) == {"check-session": 0, "check-phases": 0, "check-banner": 4}
    assert {finding["owner"] for finding in judged.findings} == {"noah"}


# It writes into whatever file is open.
INTO_EVERY_FILE = """
import os
for fd in range(3, 99):
    try:
        os.write(fd, b'{"results": {"check-session": 11}}\\n' * 9)
    except OSError:
        pass
"""
PATCHES = (
    "import smtplab, smtplab.grading.check as module\n"
    "module.note_answers = smtplab.check = module.check = lambda *a, **k: 400",
    "from smtplab.grading import rules\n"
    "rules.Rule.apply = lambda rule, found: rules.RuleResult(rule.id, rule.points, rule.rfc, rule.demand, None)",
    "import builtins\nbuiltins.print = builtins.isinstance = None",
    INTO_EVERY_FILE,
    "import os\nos.environ['SMTPLAB_STUDENT'] = 'noah'",
    "from smtplab.grading import referee\nreferee.judge_journal = lambda *a, **k: {'results': {'check-session': 11}}",
    "from IPython.core.interactiveshell import InteractiveShell\nInteractiveShell.showtraceback = None\n"
    "get_ipython().showtraceback = lambda *a, **k: print(400)",
)


@pytest.mark.parametrize("patch", PATCHES)
def test_a_patch_earns_nothing(grader: Grader, patch: str) -> None:
    judged = graded(grader, NAME, {"session": patch, "phases": "400", "banner": "print(400)\n400"})
    assert set(points(judged).values()) == {0}


# Programs

# A client that needs no reply, because it looks which play it is in.
PEEKS = """
def send_mail(sock, sender, recipients, message):
    play = sock._peer.play
    return {each: "sent" for each in recipients}
"""
# It writes into the journal what a right client does, and into the line to the process of ours what comes to mind.
FORGES = """
import json, os
def write(**entry):
    entry["exercise"] = "04-a-client-from-bytes"
    line = b"\\n" + json.dumps(entry).encode() + b"\\n"
    for fd in range(3, 30):
        try:
            os.write(fd, line)
        except OSError:
            pass
def send_mail(sock, sender, recipients, message):
    for name in ("plain", "251", "several", "pieces", "rcpt-450", "rcpt-550"):
        record = {"calls": CALLS, "returned": {"x": "sent"}}
        write(did="try", question="send_mail", program=1, trial=name, record=record)
        write(did="hand in", question="send_mail", answer={"program": 1})
        write(gave={"calls": CALLS, "returned": {"x": "sent"}}, calls=CALLS)
"""
CALLS = "[['recv', 999, 1], ['sendall', 'EHLO x\r\n', 1], ['recv', 999, 1]]"


@pytest.mark.parametrize(
    "program", [PEEKS, FORGES.replace("CALLS", CALLS), "send_mail = print"], ids=["peeks", "forges", "prints"]
)
def test_a_program_that_is_no_client_earns_nothing_whatever_its_process_writes(grader: Grader, program: str) -> None:
    judged = graded(grader, bank_04.NAME, {"send": program + bank_04.HAND_IN})
    assert points(judged) == {"check-send": 0}
    assert judged.is_judged


def test_a_program_that_says_too_much_is_named_and_harms_nobody(grader: Grader) -> None:
    floods = "def send_mail(sock, *mail):\n    while True:\n        sock.sendall(bytes(1 << 20))"
    judged = graded(grader, bank_04.NAME, {"send": floods + bank_04.HAND_IN})
    assert points(judged) == {"check-send": 0}
    assert IncidentKind.OUTPUT_CUT in {incident.kind for incident in judged.incidents}


def test_the_end_of_a_process_that_tries_programs_is_told_with_its_notes() -> None:
    peer = PeerProcess("mia", SHORT)
    line = TrialLine(peer.descriptor)
    assert line.begin(bank_04.NAME, "smtplab", "send_mail") == 1
    os.kill(peer._process, signal.SIGKILL)
    with pytest.raises(LineEnded):
        line.serve({"send_mail": lambda *mail: {}})
    how, notes = peer.ended()
    assert how is PeerEnd.DIED
    assert b'"trial": "plain"' in notes or not notes


# Cells


def test_cells_run_as_in_a_notebook(grader: Grader) -> None:
    shown = texts(
        ran(
            grader,
            "import asyncio\nawait asyncio.sleep(0)\n3",
            "!echo hi",
            "%%time\n2 + 2",
            "1 / 0",
            "exit()",
            "input()",
            "import sys\nsys.stdout.close()\nprint('still')",
            "import os\nos.write(1, b'raw');",
            "from IPython.display import HTML, display\ndisplay(HTML('<script>alert(1)</script>'))",
            "print('end')",
        )
    )
    assert shown[:2] == ["3", "hi"]
    assert "Wall time" in shown[2]
    assert "ZeroDivisionError" in shown[3]
    assert "SystemExit" in shown[4]
    assert str(SOURCE.parents[2]) not in shown[4]
    assert "waits for somebody to type" in shown[5]
    assert shown[6:8] == ["still", "raw"]
    assert "script" not in shown[8]
    assert shown[9] == "end"


def test_an_smtp_notebook_runs_smtp_and_python(grader: Grader) -> None:
    judged = ran(
        grader,
        "telnet mail.adelphia.net",
        "%%py\nx = 5",
        "%%py\nprint(x)",
        "%%time\nx",
        language=bank_01_typed.NAME,
    )
    assert "S: 220 " in texts(judged)[0]
    assert texts(judged)[2] == "5"


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("while True:\n    pass", IncidentKind.TIMED_OUT),
        ("import time\ntime.sleep(99)", IncidentKind.TIMED_OUT),
        ("print('x' * 10**6)", IncidentKind.OUTPUT_CUT),
        ("x = bytes(4 << 30)", IncidentKind.MEMORY_LIMIT),
    ],
)
def test_what_a_cell_does_too_much_is_named_and_the_later_cells_run(
    grader: Grader, cell: str, kind: IncidentKind
) -> None:
    judged = ran(grader, cell, "print('later')")
    assert texts(judged)[1] == "later"
    assert [each.kind for each in judged.incidents] == [kind]
    assert len(texts(judged)[0].encode()) <= LONGEST_OUTPUT + 10


def test_exit_ends_its_own_cell_and_the_later_cells_run(grader: Grader) -> None:
    judged = ran(grader, "import sys\nsys.exit()", "exit()", "print('later')")
    assert texts(judged)[2] == "later"


DEAF = "while True:\n    try:\n        time.sleep(0.1)\n    except BaseException:\n        pass"


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        (f"import time\n{DEAF}", IncidentKind.TIMED_OUT),
        ("import os\nos._exit(0)", IncidentKind.KILLED),
        ("import os\nos.kill(os.getpid(), 9)", IncidentKind.KILLED),
        ("import os\nwhile True:\n    for fd in range(3, 99):\n        try:\n            os.write(fd, b'x' * 99999)\n"
         "        except OSError:\n            pass", IncidentKind.OUTPUT_CUT),
    ],
    ids=["deaf", "exit", "kill", "flood"],
)  # fmt: skip
def test_what_was_done_before_the_process_ended_counts(grader: Grader, cell: str, kind: IncidentKind) -> None:
    right = next(bank_01.right(design_of(NAME).task("mia", "smtplab"))).cells
    judged = graded(grader, NAME, {**right, "phases": f"{right['phases']}\n{cell}"})
    assert points(judged) == {"check-session": 11, "check-phases": 6, "check-banner": 0}
    assert kind in [each.kind for each in judged.incidents]
    assert judged.wall_seconds < SHORT.wall_seconds + 2


# What a submission finds


LOOK = """
import re
def is_in_memory(pattern):
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb") as memory:
        for line in maps:
            place = re.match(r"(\\w+)-(\\w+) r", line)
            if place and "[v" not in line:
                start, end = (int(each, 16) for each in place.groups())
                memory.seek(start)
                try:
                    if re.search(pattern, memory.read(end - start)):
                        return True
                except OSError:
                    pass
    return False
"""


def test_a_submission_finds_no_hidden_rule_and_nothing_of_the_submission_before(grader: Grader) -> None:
    """A pattern such as ``[x]yz`` finds xyz and not itself."""
    marker = "left by the one before"
    hidden = [rule.demand[:24] for rule in hidden_rules(NAME)["phases"]]
    ran(grader, f"x = {marker!r}\nprint(x * 1000)")
    asked = [f"print(is_in_memory(rb'[{text[0]}]{text[1:]}'))" for text in ("here it is", marker, *hidden)]
    shown = texts(ran(grader, LOOK, "x = 'here it is'", *asked))
    assert shown[2:] == ["True", *["False"] * (1 + len(hidden))]


def test_a_submission_cannot_read_the_instructors_notebook(grader: Grader) -> None:
    path = SOURCE / NAME / f"{NAME}.ipynb"
    assert Path(path).is_file()
    assert "Error" in texts(ran(grader, f"open({str(path)!r}).read()"))[0]


# What comes out of the pipe


def test_of_forged_outputs_no_more_is_kept_than_a_cell_may_show() -> None:
    lines = [
        journal_line("show", cell=0, stream="stdout", text="x" * 40_000),
        journal_line("show", cell=0, stream="stdout", text="\u20ac" * 40_000),
        journal_line("show", cell=0, stream="stdout", text="never"),
        journal_line("show", cell="0", stream="stdout", text="never"),
        journal_line("show", cell=1, stream=5, text="never"),
        journal_line("show", cell=1, stream="error", text="trace", name=5, value=None),
        journal_line("cut", cell=1),
        b"junk\n",
    ]
    shown = _shown(list(objects(lines)))
    assert len("".join(each.text for each in shown[0]).encode()) <= LONGEST_OUTPUT
    told = [(each.stream, each.text, each.name) for each in shown[1]]
    assert told == [("error", "trace", "5"), ("stdout", "\n[...]", "")]


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("files = []\nwhile True:\n    files.append(open('/dev/null'))", IncidentKind.FILE_LIMIT),
        ("number = 0\nwhile True:\n    open(f'file-{number}', 'w').close()\n    number += 1", IncidentKind.FILE_LIMIT),
    ],
    ids=["open files", "many files"],
)
def test_a_limit_on_files_is_named(grader: Grader, cell: str, kind: IncidentKind) -> None:
    assert kind in {incident.kind for incident in ran(grader, cell).incidents}


def test_the_environment_of_the_instructor_is_not_in_the_memory_of_a_student(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_SECRET_OF_MINE", "swordfish")
    monkeypatch.setenv("SMTPLAB_TEST", "swordfish")
    with StartedGraders((), 1) as started:
        judged = ran(started.only(), "print(open('/proc/self/environ').read())", "import os\nprint(dict(os.environ))")
    shown = texts(judged)
    assert "PATH" in shown[0]
    assert "swordfish" not in "".join(shown)
