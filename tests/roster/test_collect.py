"""A class is collected from every kind of folder and zip, and one odd submission stops nobody else."""

import os
import socket
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest

from smtplab.roster import found_files, sentences
from smtplab.roster.collect import collect
from smtplab.roster.collected import Collected, ProblemKind, Submission
from smtplab.roster.hand_in_zip import MANIFEST, Manifest, packed_zip
from smtplab.roster.making import make_roster
from smtplab.roster.roster import Roster, RosterEntry, read_roster, roster_of
from support.handed_in_class import (
    CLASS,
    EXERCISE,
    OTHER,
    canvas_gradebook,
    canvas_zip,
    moodle_worksheet,
    moodle_zip,
    notebook,
    zip_of,
)
from support.templates import says

NAME = f"{EXERCISE}.ipynb"
MOODLE = make_roster({"w.csv": moodle_worksheet().encode()}).roster
CANVAS = make_roster({"g.csv": canvas_gradebook().encode()}).roster
SMALL = roster_of([RosterEntry("mia", "Mia Meyer", "7"), RosterEntry("noah", "Noah Ng", "8"), RosterEntry("zoë")])


def write(folder: Path, files: Mapping[str, bytes]) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def collected(
    path: Path, data: bytes | None = None, roster: Roster | None = None, exercises: tuple[str, ...] = (EXERCISE,)
) -> Collected:
    """Collect a path; with `data`, it is the content of a zip."""
    if data is not None:
        path /= "download.zip"
        path.write_bytes(data)
    return collect([path], exercises, roster)


def of(found: Collected, student: str) -> Submission:
    (one,) = (each for each in found.submissions if each.student == student)
    return one


def told(problems: object, names: str, *words: str) -> bool:
    return says(sentences, str(problems), names, *words)


# Whole classes


@pytest.mark.parametrize("kind", ["moodle zip", "moodle folder", "moodle files", "canvas zip", "canvas folder"])
def test_a_class_of_40_is_collected_whatever_the_platform_gave(tmp_path: Path, kind: str) -> None:
    data = canvas_zip() if "canvas" in kind else moodle_zip()
    if "files" in kind:
        data = zip_of({f"{each.moodle}_{NAME}": notebook(each.id) for each in CLASS})
    if "folder" in kind:
        zipfile.ZipFile(BytesIO(data)).extractall(tmp_path)
        found = collected(tmp_path, None, CANVAS if "canvas" in kind else MOODLE)
    else:
        found = collected(tmp_path, data, CANVAS if "canvas" in kind else MOODLE)
    assert [each.student for each in found.submissions] == sorted(each.id for each in CLASS)
    assert (found.problems, found.absent) == ((), ())
    for each in found.submissions:
        assert f'student_id(\\"{each.student}\\")'.encode() in each.data
        assert each.problems == ()


def test_the_roster_of_another_assignment_is_named_once_and_that_of_this_one_is_not(tmp_path: Path) -> None:
    old = roster_of(
        RosterEntry(each.student, each.name, f"Participant {90_000 + at}") for at, each in enumerate(MOODLE)
    )
    found = collected(tmp_path, moodle_zip(), old)
    assert sum(told([each], "OTHER_KEYS") for each in found.problems) == 1
    one_is_known = roster_of([*list(old)[1:], next(iter(MOODLE))])
    assert not told(collected(tmp_path, moodle_zip(), one_is_known).problems, "OTHER_KEYS")
    assert not told(collected(tmp_path, moodle_zip(), roster_of(map(RosterEntry, ("a", "b")))).problems, "OTHER_KEYS")


def test_what_was_handed_in_is_named_once_where_none_of_it_is_a_notebook(tmp_path: Path) -> None:
    write(tmp_path, {"mia/a.pdf": b"%PDF", "mia/again/a.pdf": b"%PDF", f"noah/{NAME}": b"{"})
    found = collected(tmp_path, None, SMALL)
    assert of(found, "mia").files == ("a.pdf",)
    assert "only a.pdf was handed in" in of(found, "mia").reason
    assert of(found, "noah").files == (NAME,)


@pytest.mark.parametrize("make", [moodle_zip, canvas_zip])
def test_who_handed_in_nothing_or_no_notebook_is_in_the_result(tmp_path: Path, make: Callable[..., bytes]) -> None:
    found = collected(tmp_path, make(s00={}, s01={"essay.pdf": b"%PDF"}), MOODLE if make is moodle_zip else CANVAS)
    assert [(each.student, each.exercise) for each in found.absent] == [("s00", EXERCISE)]
    assert told(of(found, "s01").reason, "ONLY_OTHER_FILES", "essay.pdf")
    assert sum(bool(each.data) for each in found.submissions) == 38


def test_the_time_in_the_platforms_table_counts_for_files_with_its_key_alone(tmp_path: Path) -> None:
    """A key of another assignment says that the table's times are of that one, too."""
    lines = "".join(f"{each.id},{each.name},Participant {each.key},2026-11-20T17:03\n" for each in CLASS[:2])
    roster = read_roster(f"id,name,platform key,submitted\n{lines}".encode())
    other_key = CLASS[1].moodle.replace(str(CLASS[1].key), "999")
    files = {f"{CLASS[0].moodle}_/{NAME}": notebook(), f"{other_key}_/{NAME}": notebook()}
    found = collected(tmp_path, zip_of(files), roster)
    time = of(found, "s00").submitted
    assert time is not None
    assert time.isoformat()[:16] == "2026-11-20T17:03"
    assert of(found, "s01").submitted is None


def test_the_beginning_of_canvas_name_is_kept_for_the_way_back(tmp_path: Path) -> None:
    file = CLASS[0].canvas(f"{EXERCISE}-1.ipynb", late=True)
    others = {CLASS[1].canvas(NAME): b"{", CLASS[2].canvas("a.pdf"): b"%PDF"}
    found = collected(tmp_path, zip_of({file: notebook(), **others}), CANVAS)
    assert of(found, "s02").canvas_prefix + "a.pdf" == CLASS[2].canvas("a.pdf")
    assert file == of(found, "s00").canvas_prefix + f"{EXERCISE}-1.ipynb"
    assert of(found, "s01").canvas_prefix + NAME == CLASS[1].canvas(NAME)


@pytest.mark.parametrize("make", [moodle_zip, canvas_zip])
def test_hidden_work_is_named_and_what_programs_hide_is_not(tmp_path: Path, make: Callable[..., bytes]) -> None:
    if make is canvas_zip:  # a student can only hide it in a zip
        mine = {f"{EXERCISE}.zip": zip_of({f".hidden/{NAME}": notebook()})}
        both = {f"{EXERCISE}.zip": zip_of({NAME: notebook(), f".ipynb_checkpoints/{NAME}": notebook()})}
    else:
        mine = {f".hidden/{NAME}": notebook()}
        both = {NAME: notebook(), f".ipynb_checkpoints/{NAME}": notebook(), f"._{NAME}": b"x"}
    found = collected(tmp_path, make(s00=mine, s01=both), MOODLE if make is moodle_zip else CANVAS)
    assert (of(found, "s00").data, told(of(found, "s00").reason, "IN_PLACE")) == (b"", True)
    assert sentences.HIDDEN in of(found, "s00").reason
    assert (bool(of(found, "s01").data), of(found, "s01").problems) == (True, ())


def test_canvas_mark_of_late_work_is_kept_and_its_count_of_attempts_is_no_other_name(tmp_path: Path) -> None:
    files = {CLASS[0].canvas(f"{EXERCISE}-1.ipynb", late=True): notebook(), CLASS[1].canvas(NAME): notebook()}
    found = collected(tmp_path, zip_of(files), CANVAS)
    assert [each.kind for each in of(found, "s00").problems] == [ProblemKind.LATE]
    assert of(found, "s01").problems == ()


def test_the_names_of_a_new_assignment_are_matched_where_only_one_student_has_them(tmp_path: Path) -> None:
    files = {f"{each.name}_{each.key + 1000}_assignsubmission_file_/{NAME}": notebook() for each in CLASS}
    found = collected(tmp_path, zip_of(files), MOODLE)
    assert len(found.submissions) == 37
    assert [each.student for each in found.absent] == ["s08", "s09", "s39"]  # two Jane Does, and Doe Jane
    assert told(found.problems, "NAME_OF_SEVERAL", "Jane Doe")


def test_a_key_that_fits_another_name_is_refused_and_both_are_named(tmp_path: Path) -> None:
    found = collected(tmp_path, zip_of({f"Noah Ng_7_assignsubmission_file_/{NAME}": notebook()}), SMALL)
    assert told(found.problems, "WHOSE KEY_OF_ANOTHER", "mia", "noah")
    assert found.submissions == ()


@pytest.mark.parametrize("make", [moodle_zip, canvas_zip])
def test_a_platforms_names_need_a_roster_and_one_sentence_says_so(tmp_path: Path, make: Callable[..., bytes]) -> None:
    found = collected(tmp_path, make())
    assert (found.submissions, len(found.problems)) == ((), 1)
    assert told(found.problems, "NEEDS_ROSTER")


@pytest.mark.parametrize("roster", [None, SMALL])
@pytest.mark.parametrize(
    "pattern",
    [
        "submitted/{id}/{exercise}/{exercise}.ipynb",
        "{id}/{exercise}/{exercise}.ipynb",
        "{exercise}/{id}/{exercise}.ipynb",
        "{id}/{exercise}.ipynb",
        "wrapped/{id}/{exercise}.ipynb",
        "{id}_{exercise}.ipynb",
        "wrapped/{id}_{exercise}.ipynb",
        "{id}_{exercise}.zip",
    ],
)
@pytest.mark.parametrize("is_zip", [False, True])
def test_every_layout_of_folders_gives_the_ids(
    tmp_path: Path, pattern: str, roster: Roster | None, is_zip: bool
) -> None:
    inner = zip_of({NAME: notebook()}) if pattern.endswith("zip") else notebook()
    files = {pattern.format(id=id, exercise=EXERCISE): inner for id in ("Mia", "noah")}
    if is_zip and "submitted" not in pattern:
        found = collected(tmp_path, zip_of(files), roster)
    else:
        found = collected(write(tmp_path, files), None, roster)
    assert [(each.student, each.problems) for each in found.submissions] == [("mia", ()), ("noah", ())]
    assert found.problems == ()
    assert [each.student for each in found.absent] == (["zoë"] if roster else [])


def test_one_notebook_belongs_to_the_student_of_its_folder_or_name(tmp_path: Path) -> None:
    write(tmp_path, {f"mia/{EXERCISE}/{NAME}": notebook(), f"noah_{NAME}": notebook(), f"zoë/{NAME}": notebook()})
    paths = [tmp_path / "mia" / EXERCISE / NAME, tmp_path / f"noah_{NAME}", tmp_path / "zoë" / NAME]
    assert [each.student for each in collect(paths, [EXERCISE]).submissions] == ["mia", "noah", "zoë"]


@pytest.mark.parametrize("name", [f"Mia Meyer/{NAME}", f"Meyer, Mia_{NAME}", "mia.ipynb", f"MIA - {NAME}"])
def test_with_a_roster_full_names_and_bare_ids_are_found(tmp_path: Path, name: str) -> None:
    assert of(collected(write(tmp_path, {name: notebook()}), None, SMALL), "mia").data


def test_who_is_not_in_the_roster_is_told_and_not_collected(tmp_path: Path) -> None:
    found = collected(write(tmp_path, {f"eve/{NAME}": notebook(), f"mia/{NAME}": notebook()}), None, SMALL)
    assert [each.student for each in found.submissions] == ["mia"]
    assert told(found.problems, "NOT_IN_CLASS", "eve")


def test_a_flat_file_that_names_nobody_is_told(tmp_path: Path) -> None:
    found = collected(write(tmp_path, {NAME: notebook(), "notes.csv": b""}))
    assert found.submissions == ()
    assert told(found.problems, "WHOSE NO_STUDENT", NAME)
    assert "notes.csv" not in str(found.problems)


def test_several_exercises_are_kept_apart_and_nobody_is_absent_from_one_that_nobody_handed_in(tmp_path: Path) -> None:
    files = {f"mia/{EXERCISE}.ipynb": notebook(), f"mia/{OTHER}.ipynb": notebook(exercise=OTHER)}
    files |= {"noah/x.ipynb": notebook(exercise=OTHER)}
    found = collected(write(tmp_path, files), None, None, (OTHER, EXERCISE, "03-every-reply-has-a-cause"))
    assert [(each.student, each.exercise) for each in found.submissions] == [
        ("mia", OTHER),
        ("mia", EXERCISE),
        ("noah", OTHER),
    ]
    assert [(each.student, each.exercise) for each in found.absent] == [("noah", EXERCISE)]


# Which notebook counts


@pytest.mark.parametrize(
    "name",
    [
        f"{EXERCISE}-Copy1.ipynb",
        f"{EXERCISE} (1).ipynb",
        f"{EXERCISE}[1].ipynb",
        f"{NAME}.txt",
        f"{NAME}.json",
        f"{EXERCISE}.IPYNB",
        f"{EXERCISE}.txt",
        f"{EXERCISE.replace('-', '_')}.ipynb",
        f"[mia] {NAME}",
        "abgabe.ipynb",
        "Untitled [final].json",
        "notebook",
    ],
)
@pytest.mark.parametrize("is_zip", [False, True])
def test_a_renamed_notebook_is_taken_and_its_name_is_told(tmp_path: Path, name: str, is_zip: bool) -> None:
    files = {f"mia/{name}": notebook(), f"noah/{NAME}": notebook(), f"__MACOSX/mia/._{NAME}": b"\0"}
    files |= {f"mia/.ipynb_checkpoints/{EXERCISE}-checkpoint.ipynb": b"{", "mia/.DS_Store": b"\0"}
    found = collected(tmp_path, zip_of(files)) if is_zip else collected(write(tmp_path, files))
    assert of(found, "mia").data == of(found, "noah").data
    assert [each.kind for each in of(found, "mia").problems] == [ProblemKind.RENAMED]
    assert found.problems == ()


def test_the_notebook_with_the_exact_name_counts_and_the_others_are_named(tmp_path: Path) -> None:
    files = {f"mia/{NAME}": notebook("a"), f"mia/{EXERCISE}-Copy1.ipynb": notebook("b"), "mia/x.ipynb": notebook("c")}
    one = of(collected(write(tmp_path, files)), "mia")
    assert b'\\"a\\"' in one.data
    assert told(one.problems, "ALSO_THERE", "Copy1", "x.ipynb")


def test_of_two_copies_none_is_picked_unless_they_are_the_same(tmp_path: Path) -> None:
    names = (f"{EXERCISE}-Copy1.ipynb", f"{EXERCISE} (1).ipynb")
    one = of(collected(write(tmp_path, {f"mia/{name}": notebook(name) for name in names})), "mia")
    assert (one.data, told(one.reason, "SEVERAL_NOTEBOOKS", *names)) == (b"", True)
    same = of(collected(write(tmp_path, {f"mia/{name}": notebook("same") for name in names})), "mia")
    assert same.data


def test_two_copies_that_differ_in_what_they_showed_are_the_same_work(tmp_path: Path) -> None:
    shown = notebook().replace(b'"outputs": []', b'"outputs": [{"output_type": "stream", "text": "2"}]', 1)
    names = (f"{EXERCISE}-Copy1.ipynb", f"{EXERCISE} (1).ipynb")
    write(tmp_path, {f"mia/{names[0]}": notebook(), f"mia/{names[1]}": shown})
    one = of(collected(tmp_path), "mia")
    assert one.data


def test_two_exact_names_that_differ_are_refused(tmp_path: Path) -> None:
    one = of(
        collected(write(tmp_path, {f"mia/a/{NAME}": notebook("a"), f"mia/b/{NAME}": notebook("b"), "noah/x": b""})),
        "mia",
    )
    assert told(one.reason, "SEVERAL_EXACT")


def test_a_broken_file_with_the_exact_name_gives_way_to_a_copy_that_can_be_read(tmp_path: Path) -> None:
    one = of(collected(write(tmp_path, {f"mia/{NAME}": b"{", f"mia/{EXERCISE}-Copy1.ipynb": notebook()})), "mia")
    assert one.data


def test_two_folders_of_one_id_are_refused_and_both_are_named(tmp_path: Path) -> None:
    files = {f"mia/{NAME}": notebook("a"), f"MIA /{NAME}": notebook("b"), f"noah/{NAME}": notebook()}
    found = collected(write(tmp_path, files))
    assert told(of(found, "mia").reason, "SEVERAL_FOLDERS", "'mia'", "'MIA '")
    assert of(found, "noah").data


def test_a_notebook_of_another_exercise_under_this_name_is_told(tmp_path: Path) -> None:
    found = collected(write(tmp_path, {f"mia/{NAME}": notebook(exercise=OTHER)}), None, None, (OTHER, EXERCISE))
    assert told(of(found, "mia").problems, "HOLDS_ANOTHER", OTHER)


def test_a_notebook_of_an_exercise_that_is_not_graded_is_none(tmp_path: Path) -> None:
    found = collected(write(tmp_path, {"mia/x.ipynb": notebook(exercise=OTHER)}))
    assert told(of(found, "mia").reason, "ONLY_OTHER_FILES", "x.ipynb")


# What is broken or hostile


def bomb() -> bytes:
    """A notebook of 40 MiB in a few octets."""
    return zip_of({NAME: b" " * (40 * 2**20)})


def with_member(
    change: Callable[[zipfile.ZipInfo], None], data: bytes = b"x", method: int = zipfile.ZIP_STORED
) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        member = zipfile.ZipInfo(NAME)
        member.compress_type = method
        change(member)
        archive.writestr(member, data)
    return buffer.getvalue()


def encrypted() -> bytes:
    data = with_member(lambda member: None)
    return data.replace(b"PK\x03\x04\x14\0\0\0", b"PK\x03\x04\x14\0\1\0").replace(
        b"\x14\x03\x14\0\0\0", b"\x14\x03\x14\0\1\0"
    )


def damaged() -> bytes:
    return zip_of({NAME: notebook()}).replace(NAME.encode(), NAME.encode()[:-1] + b"_", 1)


def as_link(member: zipfile.ZipInfo) -> None:
    member.external_attr = 0o120777 << 16


def as_pipe(member: zipfile.ZipInfo) -> None:
    member.external_attr = 0o010644 << 16


def named(name: str) -> Callable[[zipfile.ZipInfo], None]:
    def change(member: zipfile.ZipInfo) -> None:
        member.filename = name

    return change


HOSTILE: dict[str, tuple[str, bytes, str]] = {
    "empty": (NAME, b"", "EMPTY_FILE"),
    "blank": (NAME, b" \n", "EMPTY_FILE"),
    "half": (NAME, notebook()[:99], "NOT_A_NOTEBOOK"),
    "a list": (NAME, b"[]", "NOT_A_NOTEBOOK"),
    "deep": (NAME, b"[" * 100_000, "NOT_A_NOTEBOOK"),
    "no cells": (NAME, notebook(cells=None), "NOT_A_NOTEBOOK"),
    "format 3": (NAME, notebook(nbformat=3), "WRONG_FORMAT"),
    "a broken zip": ("a.zip", b"PK\x05\x06", "BROKEN_ZIP"),
    "half a zip": ("a.zip", zip_of({NAME: notebook()})[:-30], "BROKEN_ZIP"),
    "an empty zip": ("a.zip", zip_of({}), ""),
    "a damaged member": ("a.zip", damaged(), "BROKEN_MEMBER"),
    "a bomb": ("a.zip", bomb(), "FILE_TOO_LARGE"),
    "encrypted": ("a.zip", encrypted(), "ENCRYPTED"),
    "a link": ("a.zip", with_member(as_link), "LINK"),
    "a pipe": ("a.zip", with_member(as_pipe), "NOT_A_FILE"),
    "bzip2": ("a.zip", with_member(lambda member: None, notebook(), zipfile.ZIP_BZIP2), "ODD_COMPRESSION"),
    "lzma": ("a.zip", with_member(lambda member: None, notebook(), zipfile.ZIP_LZMA), "ODD_COMPRESSION"),
    "out": ("a.zip", with_member(named(f"../noah/{NAME}"), notebook()), "PATH_REFUSED"),
    "absolute": ("a.zip", with_member(named(f"/noah/{NAME}"), notebook()), "PATH_REFUSED"),
    "a drive": ("a.zip", with_member(named(f"C:\\noah\\{NAME}"), notebook()), "PATH_REFUSED"),
    "many members": ("a.zip", zip_of({f"{number}.py": b"" for number in range(1001)}), "TOO_MANY_MEMBERS"),
    "zips in zips": ("a.zip", zip_of({"b.zip": zip_of({NAME: notebook()})}), "ONLY_OTHER_FILES"),
}


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("is_zip", [False, True])
def test_what_is_broken_or_hostile_is_named_and_the_others_are_collected(
    tmp_path: Path, kind: str, is_zip: bool
) -> None:
    name, data, sentence = HOSTILE[kind]
    files = {f"mia/{name}": data, f"noah/{NAME}": notebook("noah")}
    found = collected(tmp_path, zip_of(files)) if is_zip else collected(write(tmp_path, files))
    assert b"noah" in of(found, "noah").data
    if sentence:
        one = of(found, "mia")
        assert one.data == b""
        assert told(one.reason, sentence)
        assert told([problem.sentence for problem in one.problems], sentence)
    else:
        assert [each.student for each in found.absent] == ["mia"] or not is_zip


def test_a_good_notebook_beside_something_broken_is_taken_and_both_are_told(tmp_path: Path) -> None:
    one = of(collected(write(tmp_path, {f"mia/{NAME}": notebook(), "mia/a.zip": b"x"})), "mia")
    assert one.data
    assert told(one.problems, "BROKEN_ZIP")


def test_links_are_refused_by_name_and_never_followed(tmp_path: Path) -> None:
    folder = write(tmp_path / "class", {f"noah/{NAME}": notebook("noah"), "zoë/x": b""})
    (folder / "mia").symlink_to(folder / "noah")
    (folder / "zoë" / NAME).symlink_to(folder / "noah" / NAME)
    found = collected(folder, None, SMALL)
    for student in ("mia", "zoë"):
        assert of(found, student).data == b""
        assert ProblemKind.LINK_REFUSED in [each.kind for each in of(found, student).problems]
    assert of(found, "noah").data


def test_a_linked_folder_is_told_of_the_student_with_this_very_id(tmp_path: Path) -> None:
    folder = write(tmp_path / "class", {f"mia/{NAME}": notebook()})
    (folder / "mia.k").symlink_to(folder / "mia")
    found = collected(folder, None, roster_of([RosterEntry("mia"), RosterEntry("mia.k")]))
    assert of(found, "mia").problems == ()
    assert told(of(found, "mia.k").reason, "LINK")


def test_pipes_sockets_and_devices_are_refused_and_not_opened(tmp_path: Path) -> None:
    folder = write(tmp_path / "c", {f"noah/{NAME}": notebook()})
    (folder / "mia").mkdir()
    os.mkfifo(folder / "mia" / NAME)
    (folder / "zoë").mkdir()
    with socket.socket(socket.AF_UNIX) as bound:
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(folder / "zoë")
            bound.bind(NAME)
        found = collected(folder)
    assert told(of(found, "mia").reason, "NOT_A_FILE")
    assert told(of(found, "zoë").reason, "NOT_A_FILE")


def test_a_file_that_turns_into_a_link_between_listing_and_reading_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, {NAME: notebook()}) / NAME
    file = found_files.found_file(path, (NAME,))
    path.rename(tmp_path / "secret")
    path.symlink_to(tmp_path / "secret")
    with pytest.raises(found_files.UnreadableFileError):
        file.read()


def test_a_link_that_comes_in_the_last_moment_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / NAME).symlink_to(tmp_path / "secret")
    monkeypatch.setattr(Path, "lstat", Path.stat)  # when it was looked at, it was a file
    with pytest.raises(found_files.UnreadableFileError):
        found_files.read_file(tmp_path / NAME)


def test_an_empty_folder_is_an_absent_student(tmp_path: Path) -> None:
    (tmp_path / "submitted" / "mia" / EXERCISE).mkdir(parents=True)
    (tmp_path / "submitted" / "noah").mkdir()
    assert [each.student for each in collected(tmp_path).absent] == ["mia", "noah"]


def test_a_student_of_too_many_octets_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smtplab.roster.collect._MOST_OF_A_STUDENT", 100)
    found = collected(write(tmp_path, {f"mia/{number}.txt": b"x" * 60 for number in range(4)}))
    assert told(of(found, "mia").problems, "TOO_MUCH", "3.txt")
    assert "1.txt" not in str(of(found, "mia").problems[1:])


@pytest.mark.parametrize("layout", ["{id}", "wrapped/{id}", f"{EXERCISE}/{{id}}", f"{{id}}/{EXERCISE}"])
def test_a_student_of_too_many_files_is_cut_off_and_the_others_are_collected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: str
) -> None:
    monkeypatch.setattr(found_files, "_MOST_FILES", {1: 30, 2: 10})
    mia, noah = (layout.format(id=id) for id in ("mia", "noah"))
    write(tmp_path, {f"{mia}/{number}/{other}": b"" for number in range(7) for other in range(7)})
    found = collected(write(tmp_path, {f"{noah}/{NAME}": notebook()}))
    assert of(found, "noah").data
    assert told(of(found, "mia").problems, "TOO_MANY_FILES")
    assert str(of(found, "mia").problems).count("not all were looked at") <= 2


def test_a_folder_that_cannot_be_listed_stops_nobody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scandir = os.scandir

    def refuse(folder: Path) -> object:
        if folder.name == "mia":
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    write(tmp_path, {f"{id}/{NAME}": notebook() for id in ("mia", "noah")})
    monkeypatch.setattr(found_files.os, "scandir", refuse)
    found = collected(tmp_path)
    assert told(of(found, "mia").reason, "FILE_UNREADABLE", "Permission denied")
    assert of(found, "noah").data


def test_folders_too_deep_are_told(tmp_path: Path) -> None:
    found = collected(write(tmp_path, {f"mia/{'x/' * 14}{NAME}": notebook()}))
    assert told(of(found, "mia").reason, "TOO_DEEP")


@pytest.mark.parametrize("data", [b"", b"PK", b"x" * 100])
def test_a_platforms_zip_that_is_broken_is_told_and_the_next_path_is_collected(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(data)
    folder = write(tmp_path / "f", {f"mia/{NAME}": notebook()})
    found = collect([tmp_path / "a.zip", tmp_path / "none", folder], [EXERCISE])
    assert [each.student for each in found.submissions] == ["mia"]
    assert told(found.problems, "BROKEN_ZIP NO_SUCH_PATH", "a.zip", "none")


@pytest.mark.parametrize("name", [b"zo\x89", "zoë".encode(), "zoe\u0308".encode()])
def test_names_in_cp437_in_utf_8_without_its_flag_and_composed_otherwise_are_read(tmp_path: Path, name: bytes) -> None:
    stand_in = "A" * len(name)
    data = zip_of({f"{stand_in}/{NAME}": notebook()}).replace(stand_in.encode(), name)
    assert of(collected(tmp_path, data, SMALL), "zoë").data


def test_a_name_that_moves_the_cursor_or_is_no_utf_8_can_be_printed(tmp_path: Path) -> None:
    write(tmp_path, {"mia/\x1b[2J.pdf": b"x"})
    (tmp_path / "mia" / os.fsdecode(b"\xff.pdf")).write_bytes(b"x")
    reason = of(collected(tmp_path), "mia").reason
    assert reason.isprintable()
    assert reason.encode()


@pytest.mark.parametrize(
    "name",
    [
        f"eve/mia/{NAME}",
        f"eve/mia_{NAME}",
        f"eve/{EXERCISE}/mia/{NAME}",
        f"Eve_99_assignsubmission_file_/mia/{NAME}",
        f"Eve_99_assignsubmission_file_/Mia Meyer_7_assignsubmission_file_/{NAME}",
        f"Eve_99_assignsubmission_file_Mia Meyer_7_assignsubmission_file_{NAME}",
        f"eve_99_100_mia_7_8_{NAME}",
        f"eve_99_100_mia_{NAME}",
    ],
)
@pytest.mark.parametrize("is_zip", [False, True])
def test_nobody_hands_in_for_another_by_the_names_of_files(tmp_path: Path, name: str, is_zip: bool) -> None:
    files = {f"noah/{NAME}": notebook("noah"), name: notebook("eve")}
    found = collected(tmp_path, zip_of(files), SMALL) if is_zip else collected(write(tmp_path, files), None, SMALL)
    assert [each.student for each in found.submissions] == ["noah"]
    assert told(found.problems, "NOT_IN_CLASS")


def test_below_moodles_folder_of_an_unknown_student_no_name_counts(tmp_path: Path) -> None:
    found = collected(tmp_path, zip_of({f"Eve_99_assignsubmission_file_/mia/{NAME}": notebook()}), SMALL)
    assert found.submissions == ()
    assert told(found.problems, "NOT_IN_CLASS", "Eve_99")


def test_a_known_student_hands_in_nothing_for_another(tmp_path: Path) -> None:
    hostile = f"x_{CLASS[1].key}_assignsubmission_file_{NAME}"
    files = {f"{CLASS[0].moodle}_{hostile}": notebook(), f"{CLASS[2].moodle}_/{CLASS[1].moodle}_/{NAME}": notebook()}
    found = collected(tmp_path, zip_of(files), MOODLE)
    assert [each.student for each in found.submissions] == ["s00", "s02"]


# Zips of `smtplab submit`


def packed(student: str, data: bytes = notebook(), name: str = NAME) -> bytes:
    manifest = Manifest("smtplab", "0.1", student, EXERCISE, {}, "2026-11-30T12:00:00+00:00")
    return packed_zip({name: data}, manifest, datetime(2026, 11, 30, tzinfo=UTC))


@pytest.mark.parametrize("name", ["mia/x.zip", "x.zip", f"mia_{EXERCISE}.zip"])
def test_a_zip_of_submit_is_collected_also_if_only_its_manifest_has_the_id(tmp_path: Path, name: str) -> None:
    found = collected(write(tmp_path, {name: packed("mia")}))
    assert (of(found, "mia").problems, found.problems) == ((), ())
    assert of(collect([tmp_path / name], [EXERCISE]), "mia").data


def test_in_a_platforms_zip_the_platform_decides_whose_it_is(tmp_path: Path) -> None:
    found = collected(tmp_path, moodle_zip(s00={"a.zip": packed("s01")}), MOODLE)
    assert [each.kind for each in of(found, "s00").problems] == [ProblemKind.ID_MISMATCH]
    assert told(of(found, "s00").problems, "OTHER_ID_PACKED", "s01")
    assert of(found, "s01").problems == ()


@pytest.mark.parametrize("name", ["x.zip", "eve/x.zip", "Eve_99_assignsubmission_file_x.zip"])
def test_the_id_in_a_zip_takes_nothing_from_a_student_who_handed_in(tmp_path: Path, name: str) -> None:
    files = {f"mia/{NAME}": notebook("own"), name: packed("mia")}
    found = collected(write(tmp_path, files), None, SMALL)
    assert b"own" in of(found, "mia").data
    assert told(found.problems, "WHOSE", name)


@pytest.mark.parametrize("name", ["eve/x.zip", "Eve_99_assignsubmission_file_x.zip"])
def test_the_id_in_a_zip_counts_only_where_no_other_name_does(tmp_path: Path, name: str) -> None:
    found = collected(write(tmp_path, {name: packed("mia"), f"noah/{NAME}": notebook()}), None, SMALL)
    assert [each.student for each in found.submissions] == ["noah"]


def test_a_manifest_gives_nobody_who_is_not_in_the_roster(tmp_path: Path) -> None:
    found = collected(write(tmp_path, {"x.zip": packed("eve")}), None, SMALL)
    assert (found.submissions, len(found.problems)) == ((), 1)


def test_a_wrong_checksum_is_told(tmp_path: Path) -> None:
    members = {each.filename: each for each in zipfile.ZipFile(BytesIO(packed("mia"))).infolist()}
    manifest = zipfile.ZipFile(BytesIO(packed("mia"))).read(members[MANIFEST])
    one = of(collected(write(tmp_path, {"mia/x.zip": zip_of({NAME: notebook("other"), MANIFEST: manifest})})), "mia")
    assert one.data
    assert told(one.problems, "WRONG_CHECKSUM", NAME)


# When


def test_the_time_of_nbgraders_time_stamp_counts(tmp_path: Path) -> None:
    stamp = b"2026-11-30 12:00:00.000000 UTC"
    files = {
        f"submitted/mia/{EXERCISE}/{name}": data
        for name, data in {"zz.ipynb": notebook(), "timestamp.txt": stamp}.items()
    }
    assert of(collected(write(tmp_path, files)), "mia").submitted == datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize("stamp", [b"", b"yesterday", b"2026-11-30 12:00:00 Nowhere/City", b"\xff" * 200])
def test_a_time_stamp_that_is_none_gives_no_time(tmp_path: Path, stamp: bytes) -> None:
    found = collected(write(tmp_path, {f"mia/{EXERCISE}/{NAME}": notebook(), f"mia/{EXERCISE}/timestamp.txt": stamp}))
    assert of(found, "mia").submitted is None
    assert of(found, "mia").data


@pytest.mark.parametrize(("apart", "means"), [(60, False), (3600, True)])
def test_times_of_files_count_unless_the_whole_class_has_the_same(tmp_path: Path, apart: int, means: bool) -> None:
    write(tmp_path, {f"{id}/{NAME}": notebook() for id in ("mia", "noah")})
    for number, id in enumerate(("mia", "noah")):
        os.utime(tmp_path / id / NAME, (10**9 + number * apart,) * 2)
    found = collected(tmp_path)
    expected = datetime.fromtimestamp(10**9, UTC) if means else None
    assert of(found, "mia").submitted == expected
    assert of(found, "mia").submitted is None or of(found, "mia").submitted.tzinfo is not None


def test_the_order_in_which_paths_and_files_come_decides_nothing(tmp_path: Path) -> None:
    a = write(tmp_path / "a", {f"mia/{NAME}": notebook("1"), f"noah/{NAME}": notebook(), f"zoë/{NAME}": notebook()})
    b = write(tmp_path / "b", {f"mia/{EXERCISE}-Copy1.ipynb": notebook("2"), f"zoë/{NAME}": notebook()})
    one, other = collect([a, b], [EXERCISE]), collect([b, a], [EXERCISE])
    assert one == other
