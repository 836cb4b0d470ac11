"""Each notebook of the course runs to its end in JupyterLab, and reads well there, in light and in dark."""

import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from smtplab.course.copies import course_files
from support.axe import grave_violations
from support.lab_page import THEMES, LabPage, NotebookPage, Result, ThemeName
from support.paths import ROOT

NOTEBOOKS = list(course_files())
TUTORIAL_WITH_FIGURES = "01-the-lectures-session.ipynb"

# Outputs that are wider or higher than the room they have, and so would have to be scrolled.
_CUT_OFF = """
({panel}) => [...panel.node.querySelectorAll('.jp-OutputArea-output')]
  .filter((output) => output.scrollWidth > output.clientWidth || output.scrollHeight > output.clientHeight)
  .map((output) => output.textContent)
"""


class Ran(NamedTuple):
    """A notebook of the course that was opened and run as a whole."""

    name: str
    page: NotebookPage
    results: list[Result]


@pytest.fixture(scope="module", params=NOTEBOOKS)
def ran(request: pytest.FixtureRequest, loaded_lab: LabPage) -> Iterator[Ran]:
    """A notebook after "Run All". In an exercise the student has given an id, and no answer yet."""
    page = loaded_lab.open(request.param)
    page.sign("ada01")
    yield Ran(request.param, page, page.run_all())
    loaded_lab.close_all()


def test_every_cell_runs_without_an_error(ran: Ran) -> None:
    assert [result.errors for result in ran.results if result.errors and "raises-exception" not in result.tags] == []
    assert [result.count for result in ran.results] == list(range(1, len(ran.results) + 1))


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_serious_in_the_outputs(ran: Ran, theme: ThemeName) -> None:
    ran.page.lab.theme(theme)
    assert ran.page.outputs().count() > 0
    assert grave_violations(ran.page.lab.page) == []
    ran.page.lab.screenshot(f"{ran.name.replace('/', '-')}-{theme}")


def test_every_output_has_the_room_it_takes(ran: Ran) -> None:
    assert ran.page.evaluate(_CUT_OFF) == []


def test_every_picture_has_a_name_and_every_figure_its_words(ran: Ran) -> None:
    outputs = ran.page.outputs()
    assert (
        outputs.get_by_role("img", name=re.compile(r"\w")).count()
        == outputs.locator("svg:visible, img:visible").count()
    )
    for figure in outputs.locator(".smtplab-figure:visible").all():
        assert figure.locator("svg").is_visible()
        assert len(str(figure.locator(".smtplab-words").text_content()).split()) > 10


def test_before_a_notebook_is_trusted_its_figures_are_their_words(lab: LabPage) -> None:
    written = (ROOT / "notebooks" / "tutorials" / TUTORIAL_WITH_FIGURES).read_text(encoding="utf-8")  # with outputs
    elsewhere = lab.server.folder / "from-elsewhere.ipynb"  # `smtplab start` signs its own copies
    elsewhere.write_text(written.replace('"# The lecture', '"# Sent by a friend: the lecture', 1), encoding="utf-8")
    outputs = lab.open(elsewhere.name).outputs()
    outputs.locator(".smtplab-words").first.wait_for()
    for words in outputs.locator(".smtplab-words").all():
        assert words.is_visible()
    assert outputs.locator("svg").count() == 0
    assert grave_violations(lab.page) == []
