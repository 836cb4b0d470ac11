"""``smtplab purge``: remove a class from a course folder."""

from __future__ import annotations

from pathlib import Path

import click

from ..base.printed import in_a_row, plural
from ..course.purge import Removable, is_course, remove, things_of_the_class, things_that_stay
from . import sentences
from .frame import ExitCode, fail, one_line
from .output import complain, echo


@click.command()
@click.argument("course", metavar="COURSE_FOLDER", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--yes", is_flag=True, help="Do not ask.")
def purge(course: Path, yes: bool) -> None:
    """Remove a class from a course folder: what was handed in, its grades, and the roster.

    First it lists what it will remove: nbgrader's folders submitted, downloaded, autograded and feedback, the gradebook
    and its copies, the results of `smtplab grade`, the tables, and the roster. Then it asks. The exercises stay. A link
    is removed, and what it leads to is not.
    """
    if not is_course(course):
        fail(sentences.NOT_A_COURSE.format(folder=course), ExitCode.USAGE)
    things = things_of_the_class(course)
    for thing in things:
        echo(f"  {one_line(_described(thing, course))}")
    if not things:
        echo(f"{course} holds no class.")
    elif not (yes or _wants(len(things))):
        fail(sentences.NOTHING_REMOVED, ExitCode.REFUSED)
    failed = [thing for thing in things if not _removed(thing)]
    if failed:
        fail(sentences.NOT_ALL_REMOVED.format(count=plural(len(failed), "entry", "entries")))
    if things:
        echo(f"removed  {plural(len(things), 'entry', 'entries')}")
    if left := things_that_stay(course):
        echo(one_line(f"Look at {in_a_row(left)}: what you keep there may name students, and stays."))


def _described(thing: Removable, course: Path) -> str:
    name = thing.path.relative_to(course)
    if thing.is_link:
        return f"{name}: a link; what it leads to stays"
    size = f"{max(1, round(thing.octets / 1000)):,} kB"
    return f"{name}{'/' if thing.path.is_dir() else ''}: {plural(thing.files, 'file')}, {size}"


def _wants(count: int) -> bool:
    """Ask if it is meant; without an answer it is not."""
    try:
        return click.confirm("Remove it?" if count == 1 else f"Remove these {count}?")
    except click.Abort:
        return False


def _removed(thing: Removable) -> bool:
    """Remove an entry; print why if that is impossible."""
    try:
        remove(thing)
    except OSError as error:
        complain(one_line(sentences.SYSTEM_ERROR.format(file=error.filename or thing.path, reason=error.strerror)))
        return False
    return True
