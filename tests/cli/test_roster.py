"""``smtplab roster``."""

from pathlib import Path

from smtplab.roster.roster import read_roster
from support.command_line import Run
from support.handed_in_class import canvas_gradebook, moodle_worksheet


def test_the_roster_of_moodles_worksheet_is_written_and_the_column_of_the_ids_is_told(
    smtplab: Run, tmp_path: Path
) -> None:
    (tmp_path / "w.csv").write_bytes(moodle_worksheet().encode("utf-8-sig"))
    done = smtplab("roster", "w.csv")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "w.csv (Moodle, 40 students): the id is the column 'Email address', the part before the @.",
        "written  roster.csv, 40 students",
    ]
    assert len(read_roster((tmp_path / "roster.csv").read_bytes())) == 40


def test_a_roster_made_anew_keeps_the_extensions(smtplab: Run, tmp_path: Path) -> None:
    (tmp_path / "g.csv").write_text(canvas_gradebook(), "utf-8")
    (tmp_path / "r.csv").write_text("id;name;extension\ns00;Ada;2026-12-01T18:00\n")
    assert smtplab("roster", "g.csv", "--out", "r.csv").returncode == 0
    assert read_roster((tmp_path / "r.csv").read_bytes()).by_id["s00"].extension == "2026-12-01T18:00"


def test_the_column_can_be_named_and_a_wrong_one_writes_nothing(smtplab: Run, tmp_path: Path) -> None:
    (tmp_path / "g.csv").write_text(canvas_gradebook(), "utf-8")
    assert smtplab("roster", "g.csv", "--id", "Sis user id").returncode == 0
    before = (tmp_path / "roster.csv").read_bytes()
    assert b"u4700" in before
    done = smtplab("roster", "g.csv", "--id", "Login")
    assert (done.returncode, done.stdout) == (1, "")
    assert "'SIS User ID'" in done.stderr
    assert (tmp_path / "roster.csv").read_bytes() == before


def test_a_roster_that_cannot_be_read_is_not_replaced(smtplab: Run, tmp_path: Path) -> None:
    (tmp_path / "g.csv").write_text(canvas_gradebook(), "utf-8")
    (tmp_path / "roster.csv").write_text("x\n")
    done = smtplab("roster", "g.csv")
    assert done.returncode == 1
    assert "roster.csv" in done.stderr
    assert (tmp_path / "roster.csv").read_text() == "x\n"


def test_two_tables_of_one_name_are_both_read(smtplab: Run, tmp_path: Path) -> None:
    for folder, text in {"a": "id\nmia\n", "b": "id\nnoah\n"}.items():
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "w.csv").write_text(text)
    assert smtplab("roster", "a/w.csv", "b/w.csv").stdout.endswith("2 students\n")
