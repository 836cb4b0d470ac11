"""The map of the course to its lecture and to CS2023: it has each notebook, and its page says what its data says."""

import re
import tomllib
from typing import Any

import pytest

from smtplab.grading.exercises import NAMES, design_of
from support.golden import same_as_golden
from support.paths import DATA, ROOT

EXERCISES = ROOT / "notebooks" / "exercises"
PAGE = EXERCISES / "CURRICULUM.md"
MAP: dict[str, Any] = tomllib.loads((DATA / "curriculum.toml").read_text(encoding="utf-8"))
TUTORIALS = sorted(path.stem for path in (ROOT / "notebooks" / "tutorials").glob("*.ipynb"))
ROWS = [*MAP["tutorials"], *MAP["exercises"]]
HEAD = """\
# The course and your curriculum

Which notebook teaches what, in the words of two plans: the sections of the lecture, and the knowledge units of
*Networking and Communication* (NC) in [CS2023](https://doi.org/10.1145/3664191), the computer science curricula of ACM,
IEEE-CS and AAAI. The notes are ours and not the topics of CS2023. This page is made from `data/curriculum.toml`.

The course does not teach TLS, AUTH, SPF, DKIM and DMARC. Of *Network Security* it shows why they were invented: SMTP
itself believes what it is told. Routing, single hop communication, mobility and emerging topics are not touched.
"""


def _link(kind: str, name: str) -> str:
    path = f"../tutorials/{name}.ipynb" if kind == "tutorials" else f"source/{name}/{name}.ipynb"
    return f"[{name}]({path})"


def _table(kind: str) -> str:
    rows = [
        (
            ", ".join(_link(kind, name) for name in row["notebooks"]),
            ", ".join(row["lecture"]),
            "<br>".join(f"**{unit}**: {note}" for unit, note in row["units"].items()),
        )
        for row in MAP[kind]
    ]
    return _markdown(("notebook", "the lecture", "CS2023"), rows)


def _numbers(kind: str, key: str, value: str) -> str:
    return ", ".join(row["notebooks"][0][:2] for row in MAP[kind] if value in row[key])


def _index(key: str, title: str, names: dict[str, str]) -> str:
    rows = [(text, _numbers("tutorials", key, name), _numbers("exercises", key, name)) for name, text in names.items()]
    return _markdown((title, "tutorials", "exercises"), rows)


def _markdown(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def made() -> str:
    """Return the page as the data has it."""
    units = {unit: f"{unit}, {name}" for unit, name in MAP["units"].items()}
    sections = {name: name for name in MAP["lecture"]}
    parts = [
        ("From a plan to the notebooks", f"{_index('units', 'knowledge unit of CS2023', units)}\n"),
        ("", _index("lecture", "section of the lecture", sections)),
        ("Tutorials", _table("tutorials")),
        ("Exercises", _table("exercises")),
    ]
    return HEAD + "".join(f"\n## {title}\n\n{text}" if title else text for title, text in parts)


def test_the_page_is_made_from_the_data() -> None:
    same_as_golden(PAGE, made())


@pytest.mark.parametrize(("kind", "names"), [("tutorials", TUTORIALS), ("exercises", list(NAMES))])
def test_every_notebook_is_in_the_map_once(kind: str, names: list[str]) -> None:
    assert sorted(name for row in MAP[kind] for name in row["notebooks"]) == names


def test_versions_of_an_exercise_stand_together() -> None:
    twins = [{name, design_of(name).twin} for name in NAMES if design_of(name).twin]
    assert twins
    assert [twin for twin in twins if twin not in [set(row["notebooks"]) for row in MAP["exercises"]]] == []


@pytest.mark.parametrize("kind", ["tutorials", "exercises"])
def test_no_unit_and_no_section_is_left_out_or_unknown(kind: str) -> None:
    assert {unit for row in MAP[kind] for unit in row["units"]} == set(MAP["units"])
    assert {name for row in MAP[kind] for name in row["lecture"]} == set(MAP["lecture"])


def test_a_note_is_short() -> None:
    notes = [note for row in ROWS for note in row["units"].values()]
    assert [note for note in notes if len(note.split()) > 20] == []


def _points(name: str) -> int:
    """Return what the headings of an exercise promise together."""
    text = (EXERCISES / "source" / name / f"{name}.ipynb").read_text(encoding="utf-8")
    return sum(map(int, re.findall(r"## \d+\. [^\"\\]*\((\d+) points\)", text)))


def test_the_guide_has_the_points_of_each_exercise() -> None:
    guide = (EXERCISES / "GUIDE.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d\d) [^|]*\| *\d+ *\| *(\d+) *\|", guide, re.MULTILINE)
    assert [(number, int(points)) for number, points in rows] == [
        (row["notebooks"][0][:2], _points(row["notebooks"][0])) for row in MAP["exercises"]
    ]


def test_the_newest_release_notes_for_teachers_have_the_exercises_as_they_are() -> None:
    """Whoever changes a name or the points of an exercise writes a new section: the table of a release stays."""
    page = (EXERCISES / "RELEASES-FOR-TEACHERS.md").read_text(encoding="utf-8")
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    newest = page.partition(f"\n## {version}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([\w-]+)` \| (?:`([\w-]+)` )?\| (\d+) \|$", newest, re.MULTILINE)
    assert [([name for name in names if name], int(points)) for *names, points in rows] == [
        (row["notebooks"], _points(row["notebooks"][0])) for row in MAP["exercises"]
    ]


@pytest.mark.parametrize("row", MAP["exercises"], ids=lambda row: row["notebooks"][0])
def test_versions_of_an_exercise_have_the_same_points(row: dict[str, Any]) -> None:
    assert len({_points(name) for name in row["notebooks"]}) == 1
