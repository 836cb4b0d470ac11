"""What of a course folder belongs to a class."""

import re
from pathlib import Path

from smtplab.course.purge import TABLES, things_of_the_class
from smtplab.grading.students import SPELLINGS
from smtplab.roster.roster import FILE
from support.paths import ROOT


def test_every_table_that_grading_makes_is_among_those_that_are_removed() -> None:
    sources = [path.read_text("utf-8") for path in (ROOT / "smtplab" / "grading").rglob("*.py")]
    made = {name for source in sources for name in re.findall(r'\bTable\(\s*"([^"]+)"', source)}
    assert len(made) > 3
    assert made | {SPELLINGS, FILE} <= set(TABLES)


def test_things_are_measured_without_following_links(tmp_path: Path) -> None:
    (tmp_path / "submitted" / "mia").mkdir(parents=True)
    (tmp_path / "submitted" / "mia" / "x").write_bytes(b"x" * 500)
    (tmp_path / "submitted" / "loop").symlink_to(tmp_path)
    (thing,) = things_of_the_class(tmp_path)
    assert (thing.path.name, thing.files, thing.is_link) == ("submitted", 1, False)
    assert thing.octets == 500
