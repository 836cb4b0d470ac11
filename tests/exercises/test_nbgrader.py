"""nbgrader generates, autogrades, gives feedback and exports the exercises, and gives the points that `check` gives.

Two course folders are graded at the same time, each by nbgrader's own commands. In one there is a class of eight, with
all that may go wrong; in the other each submission holds wrong answers from the banks, one in each part, because
nbgrader takes more than a second for each submission. Of the banks' mistakes a part is graded here, and all of them in
`test_banks`; with ``SMTPLAB_WHOLE_BANK=1`` in the environment, nbgrader grades all of them, too, in some minutes.
"""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from exercises import (
    bank_00,
    bank_00_typed,
    bank_01,
    bank_01_typed,
    bank_02,
    bank_02_typed,
    bank_03,
    bank_04,
    bank_05,
    bank_06,
    bank_07,
)
from smtplab import defend
from smtplab.explain.misconceptions import LETTERS, beliefs
from smtplab.grading.defence_part import DEFENCE
from smtplab.grading.exercises import NAMES, design_of
from smtplab.grading.release import CODE_STUBS, student_version
from support import graded_bank
from support.bank import SOURCE, Answer, by, filled, graded, language, run
from support.paths import ROOT

COMMANDS = ROOT / "tests" / "support" / "nbgrader_commands.py"
COURSE = "smtplab"
BANKS: Mapping[str, ModuleType] = {
    bank.NAME: bank
    for bank in (
        bank_00,
        bank_00_typed,
        bank_01,
        bank_01_typed,
        bank_02,
        bank_02_typed,
        bank_03,
        bank_04,
        bank_05,
        bank_06,
        bank_07,
    )
}
ZERO, ZERO_TYPED, ONE, TYPED, TWO, TWO_TYPED, THREE, FOUR, FIVE, SIX, SEVEN = BANKS
IN_SMTP = (ZERO_TYPED, TYPED, TWO_TYPED)
# Submissions with wrong answers, for each exercise; those that are typed are the same as those in Python.
PACKS = {ZERO: 1, ZERO_TYPED: 1, ONE: 6, TYPED: 2, TWO: 2, TWO_TYPED: 1, THREE: 4, FOUR: 2, FIVE: 2, SIX: 2, SEVEN: 2}
# Those where nobody does harm, and where one more right answer is graded: a submission takes over a second.
HARMLESS = (ZERO, ZERO_TYPED, TWO, TWO_TYPED, FOUR, FIVE)
SECONDS = 6  # what a notebook may take here

Points = dict[str, float]


@dataclass(frozen=True)
class Course:
    """A course folder that has been graded.

    Args:
        folder: where it lies.
        log: what nbgrader's commands said.
        points: for each exercise and student the points of each test cell; None for a cell that was not graded.
    """

    folder: Path
    log: str
    points: Mapping[tuple[str, str], Points]

    def autograded(self, name: str, student: str) -> Mapping[str, dict[str, Any]]:
        """Return the cells of a graded notebook by their ``grade_id``."""
        path = self.folder / "autograded" / student / name / f"{name}.ipynb"
        cells = json.loads(path.read_text("utf-8"))["cells"]
        return {graded(cell)["grade_id"]: cell for cell in cells if "grade_id" in graded(cell)}


# Submissions


def submit(
    course: Path,
    student: str,
    name: str,
    answers: Mapping[str, str],
    *,
    said: str | None = None,
    planted: Mapping[str, Any] | None = None,
    file: str = "",
    source: Path = SOURCE,
) -> None:
    """Hand in what a student has made of the released notebook.

    Args:
        student: who hands it in.
        answers: for the id of an answer cell its code; for that of another what becomes of it, delete, copy or first.
        said: the student id that is written in it.
        planted: a cell that is put at the beginning.
        file: the name of the file; as it was handed out if empty.
        source: the instructor's notebooks.
    """
    book = json.loads(student_version(source / name / f"{name}.ipynb"))
    for cell in book["cells"]:
        if cell["id"] == "student":
            cell["source"] = by(book, student if said is None else said)
        elif graded(cell).get("solution"):
            cell["source"] = answers.get(cell["id"], CODE_STUBS[language(book)])
    times = {"delete": 0, "copy": 2}
    book["cells"] = [cell for cell in book["cells"] for _ in range(times.get(answers.get(cell["id"], ""), 1))]
    book["cells"].sort(key=lambda cell: answers.get(cell["id"]) != "first")
    book["cells"][:0] = [planted] if planted else []
    path = course / "submitted" / student / name / (file or f"{name}.ipynb")
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(book), "utf-8")


def right(name: str, student: str, number: int = 0) -> dict[str, str]:
    task = design_of(name).task(student, COURSE)
    return dict(list(BANKS[name].right(task))[number].cells)


# The part whose answer cell does harm.
PARTS = {ZERO: "message", ZERO_TYPED: "message", TWO: "cells", TWO_TYPED: "cells"} | {
    ONE: "phases",
    TYPED: "phases",
    THREE: "classify",
    FOUR: "send",
    FIVE: "server",
    SIX: "trace",
    SEVEN: "bounce",
}
# It cannot be interrupted, so the notebook ends there.
DEAF = "import time\nwhile True:\n    try:\n        time.sleep(0.1)\n    except BaseException:\n        pass"
# It makes the checker say what it likes, and closes the stream to which everything is printed.
PATCHES = """
import smtplab, sys
from smtplab.grading import rules
check = smtplab.check = lambda *a, **k: 400
rules.Rule.apply = lambda rule, found: rules.RuleResult(rule.id, rule.points, rule.rfc, rule.demand, None)
sys.stdout.close()
"""
# It says that it is locked, as the instructor's cells are.
PLANTED = {
    "cell_type": "code",
    "execution_count": None,
    "id": "planted",
    "metadata": {"nbgrader": {"grade": False, "grade_id": "planted", "locked": True, "schema_version": 3}},
    "outputs": [],
    "source": PATCHES.replace("sys.stdout.close()", ""),
}
NOISE = """
import logging, os, sys
logging.basicConfig(level=logging.DEBUG)
ERR = sys.stderr
def noise():
    logging.debug("noise")
    print("noise", file=ERR)
    print("noise", file=sys.__stderr__)
    os.write(2, b"noise")
noise()
"""


def python(name: str, code: str) -> str:
    """Return a cell of Python, as the notebook of an exercise has it."""
    return f"%%py\n{code}" if name in IN_SMTP else code


def as_somebody_else(name: str, owner: str) -> dict[str, str]:
    """Return somebody's right answers, in a notebook that says in every way it can that it is theirs."""
    claim = f"%student {owner}\n%exercise {name} course={COURSE}\n"
    in_python = (
        f"import os\nos.environ['SMTPLAB_STUDENT'] = {owner!r}\nos.chdir('..')\n"
        f"from smtplab import exercise\nmine = exercise({name!r}, course={COURSE!r})\n"
    )
    answers = right(name, owner)
    first = next(part.name for part in design_of(name).parts)
    return answers | {first: (claim if name in IN_SMTP else in_python) + answers[first]}


def noisy(name: str, answers: dict[str, str]) -> dict[str, str]:
    """Return answers that write to standard error whenever they can."""
    if name in IN_SMTP:
        said = {part: f"get_ipython().run_cell_magic('smtp', '', {cell!r})" for part, cell in answers.items()}
        return {part: python(name, f"{NOISE}\n{code}") for part, code in said.items()}
    noisy = {part: f"{NOISE}\n{code}" for part, code in answers.items()}
    if name == THREE:
        ask = "quiet_one = classify\ndef classify(code):\n    noise()\n    return quiet_one(code)\n"
        noisy["classify"] += f"\n{ask}mine.hand_in('classify', classify)"
    return noisy


def submit_class(course: Path) -> None:
    """Hand in for eight students, and for a ninth; three of them hand in every exercise."""
    opening = {SIX: {"opening": f'questions.answer(1, "{LETTERS[beliefs()["250-is-the-inbox"].questions[0].held]}")'}}
    for name in NAMES:
        submit(course, "mia", name, right(name, "mia") | opening.get(name, {}))
        moved = {f"check-{PARTS[name]}": "first"}
        submit(course, "Noah", name, noisy(name, right(name, "noah", 1)) | moved, said="")
        submit(course, "uma", name, right(name, "noah", 2), said="noah")
    bela = right(ONE, "bela")
    calls = f"while True:\n    mine.telnet({design_of(ONE).task('bela', COURSE).host!r}).send('NOOP')"
    answers = "while True:\n    mine.hand_in('phases', 'x' * 1_000_000)"
    submit(course, "bela", ONE, bela | {"session": f"{bela['session']}\n{calls}", "phases": answers})
    submit(course, "bela", TYPED, right(TYPED, "bela") | {"phases": python(TYPED, "while True:\n    pass")})
    endless = "def classify(code):\n    while True:\n        pass\nmine.hand_in('classify', classify)"
    submit(course, "bela", THREE, right(THREE, "bela") | {"classify": endless})
    for name in set(NAMES).difference(HARMLESS):
        submit(course, "eve", name, as_somebody_else(name, "noah"), said="noah")
        submit(course, "emeka", name, right(name, "emeka") | {PARTS[name]: python(name, DEAF)})
        patched = right(name, "chen") | {PARTS[name]: python(name, PATCHES)}
        submit(course, "chen", name, patched, planted=PLANTED, file="final version (2).ipynb")
    for name in (ONE, TYPED):
        changed = {"session": python(name, "exit()"), "check-phases": "copy", "check-banner": "delete"}
        submit(course, "quinn", name, right(name, "quinn") | changed)
    gone = dict.fromkeys(("your-task", "session", "check-session"), "delete")
    submit(course, "rosa", ONE, right(ONE, "rosa@uni.example") | gone, said="rosa@uni.example")
    (course / "ids.csv").write_text("student,id\nrosa,Rosa@uni.example\n", "utf-8")
    submit(course, "quinn", THREE, right(THREE, "quinn") | {"classify": "1 / 0", "provoke": "import os\nos._exit(1)"})


EXPECTED_OF_01: Mapping[str, Points] = {
    "mia": {"check-session": 11, "check-phases": 6, "check-banner": 4},
    "Noah": {"check-session": 11, "check-phases": 6, "check-banner": 4},
    "uma": {"check-session": 0, "check-phases": 0, "check-banner": 4},
    "bela": {"check-session": 11, "check-phases": 0, "check-banner": 4},
    "eve": {"check-session": 0, "check-phases": 0, "check-banner": 4},
    "emeka": {"check-session": 11, "check-phases": 0, "check-banner": 0},
    "chen": {"check-session": 11, "check-phases": 0, "check-banner": 4},
    "quinn": {"check-session": 0, "check-phases": 6, "check-banner": 4},
}
EXPECTED_OF_00: Mapping[str, Points] = {
    "mia": {"check-message": 10},
    "Noah": {"check-message": 10},
    "uma": {"check-message": 0},
}
EXPECTED_OF_02: Mapping[str, Points] = {
    "mia": {"check-cells": 5, "check-fourteen": 16, "check-tour": 6},
    "Noah": {"check-cells": 5, "check-fourteen": 16, "check-tour": 6},
    "uma": {"check-cells": 0, "check-fourteen": 0, "check-tour": 0},
}
EXPECTED_OF_04: Mapping[str, Points] = {
    "mia": {"check-send": 36},
    "Noah": {"check-send": 36},
    "uma": {"check-send": 0},
}
EXPECTED_OF_05: Mapping[str, Points] = {
    "mia": {"check-server": 30},
    "Noah": {"check-server": 30},
    "uma": {"check-server": 0},
}
EXPECTED: Mapping[str, Mapping[str, Points]] = {
    ZERO: EXPECTED_OF_00,
    ZERO_TYPED: EXPECTED_OF_00,
    TWO: EXPECTED_OF_02,
    TWO_TYPED: EXPECTED_OF_02,
    FOUR: EXPECTED_OF_04,
    FIVE: EXPECTED_OF_05,
    ONE: {**EXPECTED_OF_01, "rosa": {"check-session": 0, "check-phases": 6, "check-banner": 4}},
    TYPED: EXPECTED_OF_01,
    THREE: {
        "mia": {"check-classify": 5, "check-provoke": 20},
        "Noah": {"check-classify": 5, "check-provoke": 20},
        "uma": {"check-classify": 5, "check-provoke": 0},
        "bela": {"check-classify": 0, "check-provoke": 20},
        "eve": {"check-classify": 5, "check-provoke": 0},
        "emeka": {"check-classify": 0, "check-provoke": 0},
        "chen": {"check-classify": 0, "check-provoke": 20},
        "quinn": {"check-classify": 0, "check-provoke": 0},
    },
    SIX: {
        "mia": {"check-arrive": 16, "check-trace": 8},
        "Noah": {"check-arrive": 16, "check-trace": 8},
        "uma": {"check-arrive": 0, "check-trace": 0},
        "eve": {"check-arrive": 0, "check-trace": 0},
        "emeka": {"check-arrive": 16, "check-trace": 0},
        "chen": {"check-arrive": 16, "check-trace": 0},
    },
    SEVEN: {
        "mia": {"check-schedule": 11, "check-bounce": 18},
        "Noah": {"check-schedule": 11, "check-bounce": 18},
        "uma": {"check-schedule": 0, "check-bounce": 0},
        "eve": {"check-schedule": 0, "check-bounce": 0},
        "emeka": {"check-schedule": 11, "check-bounce": 0},
        "chen": {"check-schedule": 11, "check-bounce": 0},
    },
}


# The cells that an instructor adds so that the defence counts.
DEFENCE_CELLS = (
    ("defence", "### BEGIN SOLUTION\npass\n### END SOLUTION", {"grade": False, "locked": False, "solution": True}),
    (
        f"check-{DEFENCE}",
        f'import smtplab\n\nsmtplab.check("{ZERO}", "{DEFENCE}")',
        {"grade": True, "locked": True, "points": 3, "solution": False},
    ),
)


def add_a_defence(path: Path) -> None:
    """Add the cells of the defence to an instructor's notebook, as notebooks/exercises/README.md says it."""
    book = json.loads(path.read_text("utf-8"))
    for name, code, settings in DEFENCE_CELLS:
        nbgrader = {"grade_id": name, "schema_version": 3, "task": False, **settings}
        cell = {"cell_type": "code", "execution_count": None, "id": name, "outputs": [], "source": code}
        book["cells"].append({**cell, "metadata": {"nbgrader": nbgrader}})
    path.write_text(json.dumps(book), "utf-8")


def defence(answer: Answer, *wrong: int) -> str:
    """Return a cell that answers the three questions about a session, some of them wrongly, with 220."""
    run(filled(ZERO, "mia", answer.cells))
    right = [each.answer(220).code for each in defend(ZERO).questions]  # which a wrong answer tells
    codes = [220 if number in wrong else code for number, code in enumerate(right, start=1)]
    said = "".join(f"defence.answer({number}, {code})\n" for number, code in enumerate(codes, start=1))
    return f'import smtplab\n\ndefence = smtplab.defend("{ZERO}")\n{said}'


def packs(name: str) -> Iterator[Answer]:
    """Yield right answers, and wrong ones that are several in one: one mistake in each part.

    The first right answer is left out, because ``mia`` of the class hands it in. Of each part's mistakes some are taken
    from all over the bank, or all of them.
    """
    bank = next(each for each in graded_bank.BANKS if each.name == name)
    yield from bank.right[1 : 2 if name in HARMLESS else None]
    mistakes = {
        part.name: [each for each in bank.wrong if each.points[f"check-{part.name}"] != part.points]
        for part in bank.parts
    }
    count = max(map(len, mistakes.values())) if os.environ.get("SMTPLAB_WHOLE_BANK") else PACKS[name]
    for number in range(count):
        several = {part: wrong[number * len(wrong) // count] for part, wrong in mistakes.items()}
        yield Answer(
            " + ".join(answer.name for answer in several.values()),
            {part: answer.cells[part] for part, answer in several.items()},
            {f"check-{part}": answer.points[f"check-{part}"] for part, answer in several.items()},
        )


# nbgrader


def start(course: Path, *commands: str, **environment: str) -> subprocess.Popen[str]:
    """Start nbgrader's commands in a course folder, as a terminal without an activated environment would."""
    shown = {
        name: value for name, value in os.environ.items() if not name.startswith(("SMTPLAB", "NBGRADER", "JUPYTER"))
    }
    shown |= {
        "HOME": str(course.parent),
        "IPYTHONDIR": str(course.parent / "ipython"),
        "PATH": os.defpath,
    } | environment
    shown |= {name: str(course.parent / "jupyter") for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR")}
    root = str(SOURCE.parents[2])
    return subprocess.Popen(
        [sys.executable, str(COMMANDS), *commands],
        cwd=course,
        env=shown | {"PYTHONPATH": root},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(course: Path, process: subprocess.Popen[str]) -> Course:
    log, _ = process.communicate(timeout=600)
    assert log.count("exit code 0\n") == log.count("$ nbgrader"), log
    return Course(course, log, points_in(course))


def points_in(course: Path) -> Mapping[tuple[str, str], Points]:
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        return {
            (assignment.name, submission.student.id): {
                grade.name: grade.auto_score for notebook in submission.notebooks for grade in notebook.grades
            }
            for assignment in book.assignments
            for submission in assignment.submissions
        }


@pytest.fixture(scope="session")
def courses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Course, Course]]:
    """The class of eight, and the banks."""
    folders = []
    for title in ("class", "banks"):
        folder = tmp_path_factory.mktemp(title) / "course"
        folder.mkdir()
        shutil.copytree(SOURCE, folder / "source")
        shutil.copy(SOURCE.parent / "nbgrader_config.py", folder)
        folders.append(folder)
    submit_class(folders[0])
    source = folders[1] / "source"
    add_a_defence(source / ZERO / f"{ZERO}.ipynb")
    for name in NAMES:
        for number, answer in enumerate(packs(name)):
            also = {"defence": defence(answer, 2)} if (name, number) == (ZERO, 0) else {}
            submit(folders[1], f"bank-{number:02}", name, {**answer.cells, **also}, source=source)
    generate = [f"generate_assignment {name}" for name in NAMES]
    grade = [f"autograde {name} --RefereedExecute.wall_seconds={SECONDS}" for name in NAMES]
    feedback = [f"generate_feedback {name}" for name in NAMES]
    processes = (
        start(folders[0], *generate, *grade, *feedback, "export"),
        start(folders[1], *generate, *grade, SMTPLAB_STUDENT="mia"),
    )
    try:
        yield finish(folders[0], processes[0]), finish(folders[1], processes[1])
    finally:
        for process in processes:
            process.kill()
            process.wait()


pytestmark = pytest.mark.timeout(640)  # the first test waits for all of nbgrader's work


# The class of eight


@pytest.mark.parametrize(("name", "student"), [(name, student) for name in NAMES for student in EXPECTED[name]])
def test_the_class_gets_its_points(courses: tuple[Course, Course], name: str, student: str) -> None:
    assert courses[0].points[name, student] == EXPECTED[name][student]


@pytest.mark.parametrize("name", NAMES)
def test_nbgrader_releases_the_notebooks_that_we_release(courses: tuple[Course, Course], name: str) -> None:
    content = (courses[0].folder / "release" / name / f"{name}.ipynb").read_bytes()
    ours = student_version(SOURCE / name / f"{name}.ipynb")
    for theirs, cell in zip_longest(json.loads(content)["cells"], json.loads(ours)["cells"]):
        assert cell == theirs
    assert content == ours


def test_nbgrader_complains_of_nothing(courses: tuple[Course, Course]) -> None:
    lines = [line for course in courses for line in course.log.splitlines()]
    complaints = [
        line for line in lines if re.search(r"\| ?(WARNING|ERROR|CRITICAL)|(WARNING|ERROR) ?\||Warning:", line)
    ]
    done_by_students = [
        "the cell check-phases was copied; the last one counts",
        "was missing, and is put back",
        "stood above its answer, and is put behind it",
        "took all its time and was ended",
        "of the notebook's time and was interrupted",
        "ended the process of the notebook",
        "the cell planted is marked as a cell of the exercise and is none",
        "the notebook is called final version (2).ipynb; a copy with the right name is graded",
    ]
    assert [what for what in done_by_students if not any(what in line for line in complaints)] == []
    assert [line for line in complaints if not any(what in line for what in done_by_students)] == []


def test_somebody_elses_work_is_reported_as_whose_it_is(courses: tuple[Course, Course]) -> None:
    with (courses[0].folder / "whose-work.csv").open(newline="") as file:
        found = {(row["exercise"], row["student"], row["part"], row["owner"]) for row in csv.DictReader(file)}
    parts = {
        ONE: ("session", "phases"),
        TYPED: ("session", "phases"),
        SIX: ("arrive", "trace"),
        SEVEN: ("schedule", "bounce"),
    }
    harmless = {
        ZERO: ("message",),
        ZERO_TYPED: ("message",),
        TWO: ("cells",),
        TWO_TYPED: ("cells",),
        FOUR: ("send",),
        FIVE: ("server",),
    }
    by_part = {
        (name, student, part, "noah")
        for students, named in ((("uma",), harmless), (("uma", "eve"), parts))
        for name in named
        for student in students
        for part in ("all", *named[name])
    }
    assert found == by_part | {(THREE, "uma", "all", "noah"), (THREE, "eve", "all", "noah")}


def test_the_class_table_tells_what_was_not_understood(courses: tuple[Course, Course]) -> None:
    with (courses[1].folder / "class.csv").open(newline="") as file:
        rows = {(row["exercise"], row["rule"]): row for row in csv.DictReader(file)}
    for name in NAMES:
        students = sum(exercise == name for exercise, _ in courses[1].points)
        counts = [
            int(rows[name, rule.id][each])
            for part in design_of(name).parts
            for rule in part.rules
            for each in ("holds", "fails", "not reached")
        ]
        assert sum(counts) == students * len(counts) // 3
    assert any(int(row["fails"]) for (exercise, _), row in rows.items() if exercise == ONE)


def test_nobody_of_the_class_is_left_ungraded(courses: tuple[Course, Course]) -> None:
    with (courses[0].folder / "not-graded.csv").open(newline="") as file:
        assert list(csv.DictReader(file)) == []


def test_no_feedback_names_the_owner_unless_the_notebook_does(courses: tuple[Course, Course]) -> None:
    page = (courses[0].folder / "feedback" / "uma" / ONE / f"{ONE}.html").read_text("utf-8")
    assert "The notebook says that it is the work of noah; it was handed in by uma." in page
    assert "fits" not in re.sub(r"<style.*?</style>|<script.*?</script>", "", page, flags=re.DOTALL)


@pytest.mark.parametrize("name", NAMES)
def test_a_graded_cell_writes_nothing_to_stderr(courses: tuple[Course, Course], name: str) -> None:
    for course in courses:
        for exercise, student in course.points:
            if exercise != name:
                continue
            for cell in course.autograded(name, student).values():
                if graded(cell)["grade"]:
                    assert [output for output in cell["outputs"] if output.get("name") == "stderr"] == []


@pytest.mark.parametrize("name", NAMES)
def test_everybody_gets_feedback_with_the_sentences(courses: tuple[Course, Course], name: str) -> None:
    for student in EXPECTED[name]:
        page = (courses[0].folder / "feedback" / student / name / f"{name}.html").read_text("utf-8")
        assert f"for {'rosa@uni.example' if student == 'rosa' else student.casefold()}:" in page
        assert "with the hidden rules" in page


def test_the_export_has_everybodys_sum(courses: tuple[Course, Course]) -> None:
    with (courses[0].folder / "grades.csv").open(newline="") as file:
        rows = {(row["assignment"], row["student_id"]): row for row in csv.DictReader(file)}
    expected = {(name, student): sum(points.values()) for name in NAMES for student, points in EXPECTED[name].items()}
    everybody = {student for points in EXPECTED.values() for student in points}
    nothing = {(name, student): 0 for name in NAMES for student in everybody - EXPECTED[name].keys()}
    assert {key: float(row["score"]) for key, row in rows.items()} == expected | nothing
    assert {float(row["max_score"]) for row in rows.values()} == {sum(bank.FULL.values()) for bank in BANKS.values()}


# The banks


@pytest.mark.parametrize(
    ("name", "number", "answer"),
    [(name, number, answer) for name in NAMES for number, answer in enumerate(packs(name))],
    ids=lambda value: value if isinstance(value, str) and value not in NAMES else None,
)
def test_nbgrader_gives_the_points_of_the_bank(
    courses: tuple[Course, Course], name: str, number: int, answer: Answer
) -> None:
    points = dict(courses[1].points[name, f"bank-{number:02}"])
    if name == ZERO:
        assert points.pop(f"check-{DEFENCE}") == (2 if number == 0 else 0)
    assert points == answer.points


def test_a_defence_is_graded_by_what_was_written_in_its_cell(courses: tuple[Course, Course]) -> None:
    told, nothing = (
        " ".join(
            str(output.get("text", ""))
            for output in courses[1].autograded(ZERO, student)[f"check-{DEFENCE}"]["outputs"]
        )
        for student in ("bank-00", "bank-01")
    )
    assert "2 of 3 points" in told
    assert "The host answers something else." in told
    assert "none yet." in nothing


def test_the_class_table_counts_what_is_answered_to_the_opening_questions(courses: tuple[Course, Course]) -> None:
    with (courses[0].folder / "class-beliefs.csv").open(newline="") as file:
        shown = {row["belief"]: row["shown by"] for row in csv.DictReader(file)}
    assert shown["250-is-the-inbox"] == "1"
