"""What of a course folder belongs to a class."""

from importlib import import_module
from pathlib import Path

from smtplab.grading.tables import Table
from smtplab.roster.purge import TABLES, things_of_the_class


def test_every_table_that_grading_makes_is_among_those_that_are_removed() -> None:
    grading = Path(__file__).parents[2] / "smtplab" / "grading"
    names = [".".join(path.relative_to(grading.parents[1]).with_suffix("").parts) for path in grading.rglob("*.py")]
    made = [value.name for name in names for value in vars(import_module(name)).values() if isinstance(value, Table)]
    assert made
    assert set(made) <= set(TABLES)


def test_things_are_measured_without_following_links(tmp_path: Path) -> None:
    (tmp_path / "submitted" / "mia").mkdir(parents=True)
    (tmp_path / "submitted" / "mia" / "x").write_bytes(b"x" * 500)
    (tmp_path / "submitted" / "loop").symlink_to(tmp_path)
    (thing,) = things_of_the_class(tmp_path)
    assert (thing.path.name, thing.files, thing.is_link) == ("submitted", 1, False)
    assert thing.octets == 500
