"""Make the roster of a class from tables of learning platforms, and say which column gives the ids.

The id is what students write into their notebooks. A platform has several: a login, an email address, a number of the
school, a number of its own. The first of them counts that at least half of the students have and no two share.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ..base.printed import few_in_a_row, plural
from . import sentences
from .csv_text import read_table
from .platform_tables import CANVAS_TEST_STUDENT, ListedStudent, Platform, PlatformTable, read_students
from .roster import Roster, RosterEntry, RosterError, roster_of
from .student_ids import folder_id, key_number, normal
from .worksheet_times import NO_TIME


@dataclass(slots=True)
class RosterMade:
    """A roster, and what the instructor should hear about it.

    Args:
        roster: the class.
        remarks: a sentence for each decision, and for each line that gives no student.
    """

    roster: Roster = field(default_factory=Roster)
    remarks: list[str] = field(default_factory=list)

    def remark(self, template: str, **facts: object) -> None:
        """Add a sentence."""
        self.remarks.append(template.format(**facts))


def make_roster(files: Mapping[str, bytes], *, id_column: str = "", before: Roster | None = None) -> RosterMade:
    """Make a roster from the tables of one class.

    Args:
        files: the contents of the tables, by their names. A student may be in several; the later one counts.
        id_column: the name of the column with the ids; by default each platform's own order decides.
        before: an earlier roster, whose extensions are kept.

    Raises:
        RosterError: if a table has no students, no such column, or one id for two students.
    """
    made = RosterMade()
    students: dict[str, RosterEntry] = {}
    for file, data in files.items():
        for entry in _entries(file, data, id_column, made):
            students[entry.student] = _merged(students.get(entry.student), entry, file, made)
    made.roster = _with_extensions(students, before or Roster(), made)
    _check_dates(made)
    return made


def _entries(file: str, data: bytes, id_column: str, made: RosterMade) -> list[RosterEntry]:
    """Return the students of one table."""
    text = read_table(data)
    table = read_students(text)
    if text.encoding == "cp1252":
        made.remark(sentences.READ_AS_WINDOWS_1252, file=file)
    if not table.students:
        raise RosterError(sentences.NO_STUDENTS.format(file=file))
    column = _column_of(file, table, id_column, made)
    ids = [_id_in(student, column, table) for student in table.students]
    name, of = table.columns.get(column, column), plural(len(table.students), "student")
    made.remark(sentences.IDS_TAKEN, file=file, platform=table.platform, of=of, what=_what(column, name, table))
    if table.left_out:
        made.remark(sentences.TEST_STUDENT, file=file, name=table.left_out[0])
    for student in table.students:
        if table.platform is Platform.CANVAS and normal(student.name) in CANVAS_TEST_STUDENT:
            made.remark(sentences.MAYBE_TEST_STUDENT, file=file, name=student.name)
    if table.platform is Platform.MOODLE and not any(student.name for student in table.students):
        made.remark(sentences.NO_NAMES, file=file)
    _tell_times(file, table, made)
    for student, id in zip(table.students, ids, strict=True):
        if not id:
            cell = student.cells.get(column, "")
            template = sentences.UNUSABLE_ID if cell else sentences.STUDENT_WITHOUT_ID
            made.remark(template, file=file, number=student.number, student=student, column=name, cell=cell)
    return [
        RosterEntry(id, student.name, student.platform_key, student.extension, student.submitted)
        for student, id in zip(table.students, ids, strict=True)
        if id
    ]


def _tell_times(file: str, table: PlatformTable, made: RosterMade) -> None:
    """Tell which times and extensions a worksheet has, and which cannot be read."""
    if table.platform is not Platform.MOODLE:
        return
    column = table.columns.get(table.time_column, "")
    cells = [(student.cells.get(table.time_column, ""), student.submitted) for student in table.students]
    if read := sum(bool(time) for _, time in cells):
        made.remark(sentences.TIMES_TAKEN, file=file, column=column, of=plural(read, "student"))
    if unread := next((cell for cell, time in cells if not time and cell not in NO_TIME), ""):
        made.remark(sentences.TIMES_UNREAD, file=file, column=column, cell=unread)
    if extended := [str(student) for student in table.students if student.extension]:
        made.remark(sentences.EXTENSIONS_TAKEN, file=file, students=few_in_a_row(extended))


def _id_in(student: ListedStudent, column: str, table: PlatformTable) -> str:
    """Return the id in a column: of an address the part before the @, of Moodle's Identifier the number."""
    cell = student.cells.get(column, "")
    if table.platform is Platform.MOODLE and column == table.id_columns[-1]:
        return folder_id(key_number(student.platform_key))
    return folder_id(cell.partition("@")[0] if cell.count("@") == 1 else cell)


def _what(column: str, name: str, table: PlatformTable) -> str:
    """Return in words which part of a column is the id."""
    has_addresses = any(student.cells.get(column, "").count("@") == 1 for student in table.students)
    return f"{name!r}, the part before the @" if has_addresses else repr(name)


def _column_of(file: str, table: PlatformTable, wanted: str, made: RosterMade) -> str:
    """Return the column that gives the ids, in the form of `normal`."""
    if wanted:
        if normal(wanted) not in table.columns:
            columns = ", ".join(map(repr, table.columns.values()))
            raise RosterError(sentences.NO_COLUMN.format(file=file, column=wanted, columns=columns))
        if twice := _shared(table, normal(wanted)):
            raise RosterError(sentences.ID_SHARED.format(file=file, column=wanted, who=twice))
        return normal(wanted)
    reasons = ""
    for column in table.id_columns:
        twice = _shared(table, column)
        missing = [str(student) for student in table.students if not _id_in(student, column, table)]
        if twice:
            reasons = sentences.ID_SHARED.format(file=file, column=table.columns[column], who=twice)
        elif len(missing) * 2 > len(table.students):
            reasons = sentences.COLUMN_EMPTY.format(
                file=file, column=table.columns[column], students=plural(len(missing), "student")
            )
        else:
            return column
        made.remarks.append(reasons)
    raise RosterError(reasons)


def _shared(table: PlatformTable, column: str) -> str:
    """Return who shares an id in a column; empty if nobody does."""
    ids = [_id_in(student, column, table) for student in table.students]
    shared = next((id for id, count in Counter(ids).items() if id and count > 1), "")
    who = [str(student) for student, id in zip(table.students, ids, strict=True) if id == shared]
    return f"{few_in_a_row(who)} ({shared})" if shared else ""


def _merged(known: RosterEntry | None, entry: RosterEntry, file: str, made: RosterMade) -> RosterEntry:
    """Return a student who is in two tables as one."""
    if known is None:
        return entry
    if known.name and entry.name and normal(known.name) != normal(entry.name):
        facts = {"file": file, "id": entry.student, "first": known.name, "second": entry.name}
        raise RosterError(sentences.ID_OF_TWO_NAMES.format(**facts))
    if known.platform_key and entry.platform_key not in ("", known.platform_key):
        made.remark(sentences.NEW_KEY, file=file, student=entry.student, key=entry.platform_key)
    return RosterEntry(
        entry.student,
        entry.name or known.name,
        entry.platform_key or known.platform_key,
        entry.extension or known.extension,
        entry.submitted or known.submitted,
    )


def _with_extensions(students: Mapping[str, RosterEntry], before: Roster, made: RosterMade) -> Roster:
    """Return the students with the extensions of an earlier roster, found by id, or else by key."""
    kept = dict(students)
    keys = {key_number(entry.platform_key): entry.student for entry in students.values() if entry.platform_key}
    for old in before:
        student = old.student if old.student in kept else keys.get(key_number(old.platform_key), "")
        if not old.extension:
            continue
        if not student:
            made.remark(sentences.EXTENSION_LOST, student=old.student, extension=old.extension)
            continue
        new = kept[student].extension
        if new not in ("", old.extension):
            made.remark(sentences.EXTENSION_DIFFERS, student=student, kept=old.extension, other=new)
        kept[student] = replace(kept[student], extension=old.extension)
    return roster_of(kept.values())


def _check_dates(made: RosterMade) -> None:
    for entry in made.roster:
        try:
            entry.due()
            entry.handed_in()
        except RosterError as error:
            made.remarks.append(str(error))
