"""Every sentence about the class and what it handed in is said somewhere, in exactly these words."""

import os
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from smtplab.roster import found_files, sentences
from smtplab.roster.collect import collect
from smtplab.roster.hand_in_zip import MANIFEST
from smtplab.roster.making import make_roster
from smtplab.roster.roster import RosterEntry, RosterError, read_roster, roster_of
from support.handed_in_class import EXERCISE, OTHER, notebook, zip_of
from support.templates import names_of

NAME = f"{EXERCISE}.ipynb"
ROSTER = roster_of(
    [RosterEntry("mia", "Mia Meyer", "7"), RosterEntry("noah", "Mia Meyer", "8"), RosterEntry("zoe", "Z")]
)


def table(text: str, *more: str, before: str = "", encoding: str = "utf-8") -> Callable[[Path], list[str]]:
    """Make a roster of tables 0.csv, 1.csv ..., and return the remarks or the error."""

    def say(folder: Path) -> list[str]:
        files = {f"{number}.csv": each.encode(encoding) for number, each in enumerate((text, *more))}
        try:
            return make_roster(files, before=read_roster(before.encode()) if before else None).remarks
        except RosterError as error:
            return [str(error)]

    return say


def column(name: str) -> Callable[[Path], list[str]]:
    def say(folder: Path) -> list[str]:
        with pytest.raises(RosterError) as caught:
            make_roster({"0.csv": b"id,name\nmia,M\n"}, id_column=name)
        return [str(caught.value)]

    return say


def roster(text: str) -> Callable[[Path], list[str]]:
    def say(folder: Path) -> list[str]:
        with pytest.raises(RosterError) as caught:
            read_roster(text.encode())
        return [str(caught.value)]

    return say


def handed_in(
    files: dict[str, bytes], *, known: bool = False, exercises: tuple[str, ...] = (EXERCISE,)
) -> Callable[[Path], list[str]]:
    """Collect a folder, and return all that is said about it."""

    def say(folder: Path) -> list[str]:
        for name, data in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        return said(folder, known=known, exercises=exercises)

    return say


def said(*paths: Path, known: bool = False, exercises: tuple[str, ...] = (EXERCISE,)) -> list[str]:
    found = collect(paths, exercises, ROSTER if known else None)
    of_students = [problem for each in found.submissions for problem in each.problems]
    problems = [problem.sentence for problem in (*found.problems, *of_students)]
    return problems + [each.sentence for each in found.absent]


def notebook_of(data: bytes) -> Callable[[Path], list[str]]:
    return handed_in({f"mia/{NAME}": data})


def member(data: bytes = b"x", *, mode: int = 0, method: int = 0, name: str = NAME, flag: int = 0) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo(name)
        info.compress_type, info.external_attr = method, mode << 16
        archive.writestr(info, data)
    packed = bytearray(buffer.getvalue())
    packed[packed.index(b"PK\x01\x02") + 8] |= flag
    return bytes(packed)


def in_zip(data: bytes) -> Callable[[Path], list[str]]:
    return handed_in({"mia/a.zip": data})


def unreadable(folder: Path) -> list[str]:
    (folder / "mia" / NAME).parent.mkdir()
    (folder / "mia" / NAME).write_bytes(notebook())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(found_files.os, "open", lambda *_: os.stat(folder / "none"))
        return said(folder)


def too_many(folder: Path) -> list[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(found_files, "_MOST_FILES", {1: 1})
        return handed_in({"mia/1": b"", "mia/2": b""})(folder)


def too_much(folder: Path) -> list[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("smtplab.roster.collect._MOST_OF_A_STUDENT", 2**20)
        return handed_in({"mia/1.txt": b"x" * (2**20 + 1), "mia/2.txt": b"x"})(folder)


def linked(folder: Path) -> list[str]:
    (folder / "mia").symlink_to(folder)
    return said(folder, known=True)


def pipe(folder: Path) -> list[str]:
    (folder / "mia").mkdir()
    os.mkfifo(folder / "mia" / NAME)
    return said(folder)


def moodle(name: str, key: int) -> dict[str, bytes]:
    return {f"{name}_{key}_assignsubmission_file_/{NAME}": notebook()}


CANVAS = "Student,ID,SIS User ID,SIS Login ID\n"
MANIFEST_OF_ANOTHER = b"""{"format": 1, "course": "", "version": "", "student": "noah", "exercise": "", "packed": "",
"sha256": {}}"""
COPIES = {f"mia/{EXERCISE}-Copy{number}.ipynb": notebook(str(number)) for number in (1, 2)}
TWO = {f"mia/{place}/{NAME}": notebook(place) for place in "ab"} | {"noah/x": b""}

# The constant -> what says it, and the sentence; FOLDER stands for the folder of the test.
ROWS: dict[str, tuple[Callable[[Path], list[str]], str]] = {
    "NOT_A_ROSTER": (
        roster("a,b\n"),
        "roster.csv has no column id, its title is 'a,b'; make a roster with `smtplab roster FILE`",
    ),
    "NO_ID_IN_LINE": (
        roster("id\n../x\n"),
        "roster.csv, line 2 has no id that can be the name of a folder; write one, or delete the line",
    ),
    "SHORTENED_NUMBER": (
        roster("id,platform key\nmia,1.00001E+13\n"),
        "roster.csv, line 2 has '1.00001E+13', because a spreadsheet shortened a long number; make the roster again, "
        "and let the spreadsheet read the column as text",
    ),
    "TWICE_IN_ROSTER": (
        roster("id\nmia\nmia\n"),
        "roster.csv has the id mia twice; each student needs a line, an id and a key of their own",
    ),
    "NOT_A_DATE": (
        table("id,extension\nmia,friday\n"),
        "the extension of mia is 'friday'; write a date and time such as 2026-11-30T18:00",
    ),
    "NO_STUDENTS": (table("id\n"), "0.csv has no line about a student; export the table again"),
    "NO_COLUMN": (column("login"), "0.csv has no column 'login'; it has 'id', 'name'"),
    "ID_SHARED": (
        table("id,name\nmia,A\nmia,B\n"),
        "0.csv: the column 'id' gives one id to A and B (mia); name another column with --id",
    ),
    "ID_OF_TWO_NAMES": (
        table("id,name\nmia,A\n", "id,name\nmia,B\n"),
        "1.csv gives the id 'mia' to 'B', and another table to 'A'; name another column with --id",
    ),
    "IDS_TAKEN": (table("id\nmia\n"), "0.csv (a plain table, 1 student): the id is the column 'id'"),
    "COLUMN_EMPTY": (
        table(f"{CANVAS}A,1,u1,\n"),
        "0.csv: the column 'SIS Login ID' is not the id, because it is empty for 1 student",
    ),
    "READ_AS_WINDOWS_1252": (
        table("id\nzoë\n", encoding="cp1252"),
        "0.csv is not UTF-8 and was read as Windows-1252; check the names",
    ),
    "TEST_STUDENT": (
        table(f'{CANVAS}A,1,u1,a\n"Student, Test",2,,\n'),
        "0.csv: 'Student, Test' is the platform's own test student, and is left out",
    ),
    "MAYBE_TEST_STUDENT": (
        table(f'{CANVAS}A,1,u1,a\n"Student, Test",2,u2,test\n'),
        "0.csv: 'Student, Test' has a login and is kept; if it is the platform's test student, delete the line",
    ),
    "NO_NAMES": (
        table("Identifier,Status,Grade\nParticipant 1,Submitted,\nParticipant 2,Submitted,\n"),
        "0.csv has no names of students; the assignment may be anonymous, and the keys alone tell whose a file is",
    ),
    "STUDENT_WITHOUT_ID": (
        table(f"{CANVAS}A,1,u1,a\nB,2,u2,\n"),
        "0.csv, line 3: B has no 'SIS Login ID' and is left out; add a line to the roster, or use --id",
    ),
    "UNUSABLE_ID": (
        table(f"{CANVAS}A,1,u1,a\nB,2,u2,b/c\n"),
        "0.csv, line 3: B is left out, because 'b/c' cannot be the name of a folder",
    ),
    "NEW_KEY": (
        table(f"{CANVAS}A,1,u1,a\n", f"{CANVAS}A,2,u1,a\n"),
        "1.csv: a has another key there, 2; it replaces the earlier one",
    ),
    "TIMES_TAKEN": (
        table("Identifier,Name,Status,A (b),A (c)\nParticipant 7,Mia,x,2026-11-20 17:03,-\n"),
        "0.csv: the column 'A (b)' says when 1 student handed in",
    ),
    "TIMES_UNREAD": (
        table("Identifier,Name,Status,A (b),A (c)\nParticipant 7,Mia,x,11/20/2026,-\n"),
        "0.csv: a time in the column 'A (b)', '11/20/2026', cannot be read; switch Moodle to English, and download the "
        "table again",
    ),
    "EXTENSIONS_TAKEN": (
        table("Identifier,Name,Status\nParticipant 7,Mia,until 2026-12-01 12:00\n"),
        "0.csv has an extension for Mia",
    ),
    "EXTENSION_DIFFERS": (
        table("Identifier,Name,Status\nParticipant 7,Mia,2026-12-01 12:00\n", before="id,extension\n7,2026-12-02\n"),
        "7 has the extension 2026-12-02 in the earlier roster, which stays, and 2026-12-01T12:00 in the new table",
    ),
    "EXTENSION_LOST": (
        table("id\nmia\n", before="id,extension\nnoah,2026-12-01\n"),
        "noah is no longer in the class, and the extension to 2026-12-01 is dropped",
    ),
    "HIDDEN": (
        handed_in({f"mia/.kept/{NAME}": notebook()}),
        f"FOLDER/mia/.kept/{NAME}: its name or that of its folder begins with a dot, and hidden files are not graded",
    ),
    "EMPTY_FILE": (notebook_of(b""), f"FOLDER/mia/{NAME}: the file is empty"),
    "NOT_A_NOTEBOOK": (notebook_of(b"{"), f"FOLDER/mia/{NAME}: the file is not a notebook, or not the whole of one"),
    "WRONG_FORMAT": (
        notebook_of(notebook(nbformat=3)),
        f"FOLDER/mia/{NAME}: the notebook has format 3, and only format 4 can be graded",
    ),
    "TOO_LARGE": (
        lambda folder: notebook_of(notebook("x" * 5_000_000))(folder),
        f"FOLDER/mia/{NAME}: the notebook is too large; without outputs it may have 4 MiB",
    ),
    "NO_SUCH_PATH": (lambda folder: said(folder / "none"), "FOLDER/none: there is no such file or folder"),
    "LINK": (linked, "FOLDER/mia: it is a link, and links are not followed"),
    "NOT_A_FILE": (pipe, f"FOLDER/mia/{NAME}: it is not a regular file"),
    "FILE_UNREADABLE": (unreadable, f"FOLDER/mia/{NAME}: it cannot be read: No such file or directory"),
    "FILE_TOO_LARGE": (
        lambda folder: in_zip(zip_of({NAME: b" " * (33 * 2**20)}))(folder),
        f"FOLDER/mia/a.zip: {NAME}: it has more than 32 MiB",
    ),
    "BROKEN_ZIP": (in_zip(b"x"), "FOLDER/mia/a.zip: the zip is broken, or is not a zip"),
    "BROKEN_MEMBER": (
        in_zip(zip_of({NAME: notebook()}).replace(NAME.encode(), b"x" * len(NAME), 1)),
        f"FOLDER/mia/a.zip: {NAME}: it is damaged inside the zip",
    ),
    "PATH_REFUSED": (in_zip(member(name="../x")), "FOLDER/mia/a.zip: ../x: its path leads out of the zip"),
    "ENCRYPTED": (
        in_zip(member(flag=1)),
        f"FOLDER/mia/a.zip: {NAME}: it is encrypted; ask for a zip without a password",
    ),
    "ODD_COMPRESSION": (
        in_zip(member(method=zipfile.ZIP_BZIP2)),
        f"FOLDER/mia/a.zip: {NAME}: it is packed by a method other than Deflate; ask for an ordinary zip",
    ),
    "TOO_MANY_MEMBERS": (
        in_zip(zip_of({str(number): b"" for number in range(1001)})),
        "FOLDER/mia/a.zip: the zip has more than 1000 files",
    ),
    "TOO_MANY_FILES": (
        too_many,
        "FOLDER/mia: it has more than 1 files, and not all were looked at",
    ),
    "TOO_DEEP": (
        handed_in({f"mia/{'x/' * 12}{NAME}": notebook()}),
        f"FOLDER/mia/{'x/' * 12}".removesuffix("/") + ": it lies more than 12 folders deep",
    ),
    "TOO_MUCH": (
        too_much,
        "FOLDER/mia/2.txt: it was not read, because this student handed in more than 1 MiB",
    ),
    "IN_PLACE": (notebook_of(b""), f"FOLDER/mia/{NAME}: the file is empty"),
    "NO_STUDENT": (
        handed_in({NAME: notebook()}),
        f"FOLDER/{NAME} belongs to no student: nothing tells whose it is; put the student's id before the name, as in "
        f"mia_{NAME}",
    ),
    "NEEDS_ROSTER": (
        handed_in(moodle("A B", 1)),
        f"FOLDER/A B_1_assignsubmission_file_/{NAME} belongs to no student: it has a platform's name of a student, and "
        "no id; make a roster with `smtplab roster FILE`, and name it with --roster",
    ),
    "NOT_IN_CLASS": (
        handed_in({f"eve/{NAME}": notebook()}, known=True),
        f"FOLDER/eve/{NAME} belongs to no student: nobody in the roster fits; add a line to it",
    ),
    "NAME_OF_SEVERAL": (
        handed_in(moodle("Mia Meyer", 1), known=True),
        f"FOLDER/Mia Meyer_1_assignsubmission_file_/{NAME} belongs to no student: 'Mia Meyer' is the name of mia and "
        "noah; put the platform key of each into the roster",
    ),
    "KEY_OF_ANOTHER": (
        handed_in(moodle("Z", 7), known=True),
        f"FOLDER/Z_7_assignsubmission_file_/{NAME} belongs to no student: 7 is the platform key of mia, and 'Z' is the "
        "name of zoe; make the roster anew",
    ),
    "WHOSE": (
        handed_in({f"eve/{NAME}": notebook()}, known=True),
        f"FOLDER/eve/{NAME} belongs to no student: nobody in the roster fits; add a line to it",
    ),
    "SEVERAL_FOLDERS": (
        handed_in({f"mia/{NAME}": notebook("a"), f"MIA/{NAME}": notebook("b")}),
        "'MIA' and 'mia' all belong to mia, with different notebooks; delete those that do not count",
    ),
    "OTHER_KEYS": (
        handed_in(moodle("Mia Meyer", 17) | moodle("Noah Ng", 18), known=True),
        "FOLDER has none of the platform keys in the roster, which may be of another assignment; make the roster again "
        "with the worksheet of this one, or its points go to nobody",
    ),
    "CLAIMED": (
        handed_in({"x.zip": zip_of({NAME: notebook(), MANIFEST: MANIFEST_OF_ANOTHER}), f"noah/{NAME}": notebook()}),
        "FOLDER/x.zip belongs to no student: the id in it is 'noah', and noah handed in something else; put the right "
        "id before its name",
    ),
    "NOTHING": (handed_in({f"mia/{NAME}": notebook()}, known=True), "nothing was handed in"),
    "ONLY_OTHER_FILES": (handed_in({"mia/a.pdf": b"x"}), "only a.pdf was handed in, and no notebook"),
    "IS_RENAMED": (handed_in({"mia/x.ipynb": notebook()}), "the notebook is called x.ipynb"),
    "HOLDS_ANOTHER": (
        handed_in({f"mia/{NAME}": notebook(exercise=OTHER)}, exercises=(EXERCISE, OTHER)),
        f"the notebook is called {NAME}, and its cells are those of {OTHER}",
    ),
    "ALSO_THERE": (
        handed_in({f"mia/{NAME}": notebook("a"), "mia/x.ipynb": notebook("b")}),
        "x.ipynb was not graded, because another notebook has the better name",
    ),
    "SEVERAL_NOTEBOOKS": (
        handed_in(COPIES),
        f"there are several notebooks, and none has the name {NAME}: FOLDER/mia/{EXERCISE}-Copy1.ipynb and "
        f"FOLDER/mia/{EXERCISE}-Copy2.ipynb",
    ),
    "SEVERAL_EXACT": (
        handed_in(TWO),
        f"there are several different notebooks of this name: FOLDER/mia/a/{NAME} and FOLDER/mia/b/{NAME}",
    ),
    "MARKED_LATE": (
        handed_in({f"z_LATE_7_1_{NAME}": notebook(), f"meyermia_LATE_7_1_{NAME}": notebook()}, known=True),
        "the learning platform marked it as late",
    ),
    "WRONG_CHECKSUM": (
        in_zip(zip_of({NAME: notebook(), MANIFEST: MANIFEST_OF_ANOTHER})),
        f"{NAME} differs from the one that `smtplab submit` packed",
    ),
    "OTHER_ID_PACKED": (
        in_zip(zip_of({NAME: notebook(), MANIFEST: MANIFEST_OF_ANOTHER})),
        "the zip was packed with the id 'noah'",
    ),
}


def test_every_sentence_has_a_row() -> None:
    assert set(ROWS) == set(names_of(sentences))


@pytest.mark.parametrize("name", ROWS)
def test_the_sentence_is_said_word_by_word(name: str, tmp_path: Path) -> None:
    say, text = ROWS[name]
    assert text in [each.replace(str(tmp_path), "FOLDER") for each in say(tmp_path)]
