"""``smtplab roster``: make the table of a class from the tables of learning platforms."""

from __future__ import annotations

from pathlib import Path

import click

from ..base.printed import plural, sentence
from ..grading.release import write_whole
from ..roster import roster as rosters
from ..roster.making import make_roster
from . import sentences
from .frame import ExitCode, fail, one_line, reason_of
from .output import echo


@click.command()
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
@click.option("--id", "id_column", metavar="COLUMN", default="", help="The column that holds the students' ids.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path(rosters.FILE),
    show_default=True,
    metavar="FILE",
    help="Where the roster goes. One that is there is replaced, and its extensions are kept.",
)
def roster(files: tuple[Path, ...], id_column: str, out: Path) -> None:
    """Make the table of a class, roster.csv, from tables of Moodle, Canvas or a spreadsheet.

    FILE is Moodle's grading worksheet, the export of Canvas's gradebook, or a table with a column id. The roster has
    for each student the id, the name, the platform's key, and an empty column for an extension: a date and time, as in
    2026-11-30T18:00. A line says which column gave the ids.
    """
    try:
        made = make_roster(
            {str(path): path.read_bytes() for path in files}, id_column=id_column, before=_roster_before(out)
        )
    except rosters.RosterError as error:
        fail(sentence(error), ExitCode.REFUSED)
    try:
        write_whole(out, made.roster.to_csv())
    except OSError as error:
        fail(sentences.ROSTER_UNUSABLE.format(file=out, reason=reason_of(error)))
    for remark in made.remarks:
        echo(one_line(sentence(remark)))
    echo(f"written  {out}, {plural(len(made.roster), 'student')}")


def _roster_before(out: Path) -> rosters.Roster | None:
    """Return the roster that is there; its extensions must not get lost, so a damaged one is not replaced."""
    if not out.exists():
        return None
    try:
        return rosters.read_roster(out.read_bytes(), out.name)
    except rosters.RosterError as error:
        fail(sentences.OLD_ROSTER.format(reason=sentence(error), file=out), ExitCode.REFUSED)
