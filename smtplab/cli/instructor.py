"""The command ``release``, for instructors: make the students' notebooks of the exercises."""

from __future__ import annotations

from pathlib import Path

import click

from ..grading import release as releasing
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
    for name in dict.fromkeys(name for wanted in names for name in _fitting(wanted, known)) or known:
        try:
            written = releasing.release(name, source, out)
        except releasing.ReleaseError as error:
            fail(sentences.EXERCISE_UNUSABLE.format(reason=error), ExitCode.REFUSED)
        for path in written:
            echo(f"released  {path}")


def _fitting(wanted: str, known: tuple[str, ...]) -> list[str]:
    """Return the exercises that have the name or the number `wanted`."""
    fitting = [name for name in known if wanted == name or releasing.is_numbered(name, wanted)]
    if not fitting:
        fail(sentences.UNKNOWN_EXERCISE.format(wanted=wanted, names=", ".join(known)), ExitCode.USAGE)
    return fitting
