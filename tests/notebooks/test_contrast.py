"""Every text that a tutorial's outputs show is read on its ground, in a light and in a dark notebook.

The colours are those of the committed outputs themselves, with all that lies upon each other: veils, chips, what is
said in passing, drawings, the stripes of tables.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from notebooks.execute import TUTORIALS
from smtplab.show.style import DARK, LIGHT, Theme
from support.contrast import ENOUGH, ROW_GROUNDS, THEMES, Unmeasured, readings

PATHS = sorted(TUTORIALS.glob("*.ipynb"))
themes = pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)


def shown(path: Path) -> Iterator[str]:
    """Yield what the outputs of a notebook have as HTML or as a drawing."""
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        for output in cell.get("outputs", []):
            for form in ("text/html", "image/svg+xml"):
                if form in output.get("data", {}):
                    yield "".join(output["data"][form])


@themes
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_all_text_of_the_outputs_stands_out_from_its_ground(path: Path, theme: Theme) -> None:
    found = [reading for html in shown(path) for reading in readings(html, theme)]
    assert len(found) >= 100
    assert [reading for reading in found if reading.contrast < ENOUGH] == []


# The measure


def contrasts(html: str, theme: Theme = LIGHT) -> list[float]:
    return [round(reading.contrast, 2) for reading in readings(html, theme)]


def test_text_takes_the_colors_that_are_declared_around_it() -> None:
    assert contrasts("a<b>c</b>") == [16.1, 16.1]
    assert contrasts('<p style="color: #777777">a <i>b</i></p> c') == [4.48, 4.48, 16.1]
    assert contrasts('<p style="background-color: #777777; color: #ffffff"><br>a</p>', DARK) == [4.48]


def test_a_veil_lets_the_paper_through() -> None:
    veiled = '<p style="background-color: rgba(0, 0, 0, 0.5)">a</p>'
    assert [reading.ground for reading in readings(veiled, LIGHT)] == ["#808080"]
    assert [reading.ground for reading in readings(veiled, DARK)] == ["#080808"]


def test_what_fades_fades_with_its_ground() -> None:
    faded = '<p style="background-color: #000000; color: #ffffff; opacity: 0.5"><b style="opacity: 0.5">a</b></p>'
    (reading,) = readings(faded, LIGHT)
    assert (reading.ink, reading.ground) == ("#c0c0c0", "#808080")


def test_the_rows_of_a_table_are_read_on_every_ground() -> None:
    table = '<table><tr><td style="color: #757575">a</td></tr></table>'
    assert contrasts(table) == [4.61, 4.23, 4.1]
    assert len(ROW_GROUNDS[DARK]) == 2


def test_a_drawing_is_read_field_by_field() -> None:
    chip = '<rect x="0" y="0" width="90" height="30" fill="#777777"/>'
    text = '<text x="10" y="20" font-size="13" fill="#ffffff">a</text>'
    drawing = '<div><svg xmlns="http://www.w3.org/2000/svg">{}</svg></div>'
    assert contrasts(drawing.format(chip + text)) == [4.48]
    assert contrasts(drawing.format(text + chip)) == [1]


@pytest.mark.parametrize(
    "html",
    [
        '<p style="background: red">a</p>',
        '<p style="filter: invert(1)">a</p>',
        '<p style="color: tomato">a</p>',
        '<font color="#ffffff">a</font>',
        "<style>p { color: #ffffff }</style><p>a</p>",
        '<svg xmlns="http://www.w3.org/2000/svg"><circle r="9" fill="#000000"/></svg>',
        '<svg xmlns="http://www.w3.org/2000/svg"><text opacity="0.5">a</text></svg>',
        '<svg xmlns="http://www.w3.org/2000/svg"><g fill-opacity="0.5"/></svg>',
    ],
)
def test_what_cannot_be_measured_is_not_passed_over(html: str) -> None:
    with pytest.raises(Unmeasured):
        list(readings(html, LIGHT))
