"""The commands for instructors: ``release`` makes the students' notebooks, ``new-exercise`` an exercise to change."""

from __future__ import annotations

from pathlib import Path

import click

from ..grading import release as releasing
from ..grading.skeleton import SkeletonError, skeleton
from . import sentences
from .frame import ExitCode, fail
from .output import echo

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option(
    "--source", type=_FOLDER, default=Path("source"), show_default=True, metavar="DIR", help="Your notebooks."
)
@click.option(
    "--out",
    type=_FOLDER,
    default=Path("release"),
    show_default=True,
    metavar="DIR",
    help="Where the students' notebooks go; older ones of the same names are replaced.",
)
def release(names: tuple[str, ...], source: Path, out: Path) -> None:
    """Make the students' notebooks from yours: without solutions, hidden tests and outputs.

    NAME is an exercise, or the number with which one or several begin; without one, all are released. The folders are
    those of nbgrader, and so are the notebooks: `nbgrader generate_assignment` makes the same ones, and a gradebook
    besides.
    """
    known = releasing.assignments(source)
    if not known:
        fail(sentences.NO_EXERCISES.format(folder=source))
    for name in dict.fromkeys(name for wanted in names for name in fitting(wanted, known)) or known:
        try:
            _require_referees(source / name)
            written = releasing.release(name, source, out)
        except releasing.ReleaseError as error:
            fail(sentences.EXERCISE_UNUSABLE.format(reason=error), ExitCode.REFUSED)
        for path in written:
            echo(f"released  {path}")


def _require_referees(folder: Path) -> None:
    """End the command if no referee judges a test cell, because nobody could grade the exercise."""
    from ..grading.engine.graded_exercise import unjudged_in

    for path in sorted(folder.glob("[!.]*.ipynb")):
        for reason in unjudged_in(path.read_bytes()):
            fail(sentences.EXERCISE_UNUSABLE.format(reason=f"{path}: {reason}"), ExitCode.REFUSED)


def fitting(wanted: str, known: tuple[str, ...]) -> list[str]:
    """Return the exercises that have the name or the number `wanted`."""
    fitting = [name for name in known if wanted == name or releasing.is_numbered(name, wanted)]
    if not fitting:
        fail(sentences.UNKNOWN_EXERCISE.format(wanted=wanted, names=", ".join(known)), ExitCode.USAGE)
    return fitting


@click.command()
@click.argument("name", metavar="NN-NAME")
@click.argument("folder", metavar="[DIR]", type=_FOLDER, default=Path())
def new_exercise(name: str, folder: Path) -> None:
    """Make a new exercise in a copy of the repository, to be changed.

    It is a copy of exercise 00 under another name: a task, its variants, a part with rules, a notebook in Python and
    one for the SMTP kernel, and a bank of answers, with which it passes its tests at once. NN-NAME is two digits and
    a title, such as 04-write-a-client; DIR is the copy of the repository, by default the current folder.
    """
    try:
        files = skeleton(name, folder)
    except SkeletonError as error:
        fail(sentences.NO_NEW_EXERCISE.format(reason=error), ExitCode.USAGE)
    for path, text in files.items():
        there = (folder / path).exists()
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
        echo(f"{'changed' if there else 'written'}  {path}")
    echo(f"Try it: pytest -n0 tests/exercises/test_banks.py -k {name.partition('-')[0]}")
    echo('Then read notebooks/exercises/README.md, "Write an exercise".')
