"""`smtplab new-exercise` makes an exercise that works at once: here one is made, and graded by its own bank."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import exercises as banks
from smtplab.grading import exercises
from smtplab.grading.exercises import design_of
from smtplab.grading.skeleton import SkeletonError, skeleton, typed_name
from support import bank
from support.command_line import run_here
from support.paths import ROOT

NAME, PACKAGE = "98-greet-a-host", "greet_a_host"
TYPED = "98-type-greet-a-host"
COPIED = (
    "smtplab/grading/exercises/one_message",
    "notebooks/exercises/source/00-send-one-message",
    "notebooks/exercises/source/00-type-one-message",
)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the repository, with what a new exercise is made from."""
    for folder in COPIED:
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "tests" / "exercises").mkdir(parents=True)
    for file in ("bank_00.py", "bank_00_typed.py"):
        shutil.copy(ROOT / "tests" / "exercises" / file, tmp_path / "tests" / "exercises")
    shutil.copy(ROOT / "smtplab" / "grading" / "exercises" / "__init__.py", tmp_path / COPIED[0] / "..")
    return tmp_path


@pytest.fixture
def made(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A new exercise, in place of those of the course."""
    before = set(sys.modules)
    done = run_here(checkout, "new-exercise", NAME)
    assert (done.returncode, done.stderr) == (0, "")
    for package, folder in ((exercises, "smtplab/grading/exercises"), (banks, "tests/exercises")):
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(checkout / folder)])
    variables: dict[str, object] = {"__name__": exercises.__name__, "__package__": exercises.__name__}
    exec((checkout / "smtplab/grading/exercises/__init__.py").read_text("utf-8"), variables)
    for name in ("_HOMES", "_TYPED", "NAMES"):
        monkeypatch.setattr(exercises, name, variables[name])
    monkeypatch.setattr(bank, "SOURCE", checkout / "notebooks" / "exercises" / "source")
    yield checkout
    for name in set(sys.modules) - before:
        package, _, module = name.rpartition(".")
        if PACKAGE in name or "bank_98" in name:
            del sys.modules[name]
            vars(sys.modules.get(package, exercises)).pop(module, None)


def test_a_new_exercise_is_in_the_catalogue_in_both_languages(made: Path) -> None:
    assert exercises.NAMES[-2:] == (NAME, TYPED)
    assert (design_of(NAME).name, design_of(TYPED).twin) == (NAME, NAME)
    assert design_of(NAME).task("mia") != design_of("00").task("mia")


@pytest.mark.parametrize("module", ["bank_98", "bank_98_typed"])
def test_a_new_exercise_is_graded_and_its_bank_has_the_points_it_expects(made: Path, module: str) -> None:
    answers = import_module(f"exercises.{module}")
    mia, noah = (design_of(answers.NAME).task(student, "smtplab") for student in ("mia", "noah"))
    right, wrong = list(answers.right(mia)), list(answers.wrong(mia, noah))
    assert len(right) >= 3 < 8 <= len(wrong)
    for answer in (*right, *wrong):
        outcome = bank.run(bank.filled(answers.NAME, "mia", answer.cells))
        assert outcome.points == answer.points, outcome.told
        assert [sentence for sentence in answer.sentences if sentence not in bank.said(outcome.told)] == []


def test_nothing_in_a_new_exercise_says_that_it_is_the_old_one(checkout: Path) -> None:
    files = skeleton(NAME, checkout)
    catalogue = Path("smtplab/grading/exercises/__init__.py")
    old = (
        "00-send",
        "00-type",
        "one_message",
        "OneMessage",
        "ercise 00",
        "utorial 00",
        "bank_00",
        "Send one",
        "Type one",
    )
    for path, text in files.items():
        if path != catalogue:
            assert [word for word in old if word in text or word in str(path)] == []
    assert [path for path in files if (checkout / path).exists()] == [catalogue]


def test_the_command_says_what_it_wrote_and_refuses_to_write_it_again(checkout: Path) -> None:
    files = skeleton(NAME, checkout)
    told = run_here(checkout, "new-exercise", NAME).stdout.splitlines()
    assert told[: len(files)] == [
        f"{'changed' if path.name == '__init__.py' and path.parent.name == 'exercises' else 'written'}  {path}"
        for path in files
    ]
    assert all((checkout / path).read_text("utf-8") == text for path, text in files.items())
    again = run_here(checkout, "new-exercise", NAME)
    assert again.returncode == 2
    assert "is there already" in again.stderr


@pytest.mark.parametrize(
    "name", ["4-a", "04", "04-", "04-A", "04_a", "04-class", "04-2-hosts", "x-04-a", "04-a--b", "04-ä"]
)
def test_what_is_no_name_of_an_exercise_is_refused(checkout: Path, name: str) -> None:
    with pytest.raises(SkeletonError, match="two digits"):
        skeleton(name, checkout)


def test_the_typed_twin_has_the_same_number() -> None:
    assert typed_name(NAME) == TYPED
