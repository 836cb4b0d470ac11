"""Each notebook of the course has a page, and each page its ways: to run it, to download it, to its exercise."""

import json
import re

import pytest

from smtplab.course.copies import course_files
from smtplab.site.course_pages import CoursePage, course_pages, partners, sphinx_notebook, ways

PAGES = course_pages()
BY_STEM = {page.path: page for page in PAGES}


def test_every_notebook_that_a_student_gets_has_a_page_of_its_own() -> None:
    assert [page.name for page in PAGES] == [*course_files()]
    assert len(BY_STEM) == len(PAGES)


def test_what_can_be_downloaded_is_what_a_student_gets() -> None:
    assert {page.name: page.delivered for page in PAGES} == course_files()


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("tutorials/01-the-lectures-session", ["01-hold-your-own-session"]),
        ("tutorials/01-type-the-lectures-session", ["01-type-your-own-session"]),
        ("tutorials/03-the-twenty-one-replies", ["03-every-reply-has-a-cause"]),
        ("exercises/02-type-every-command", ["02-type-the-fourteen-commands"]),
        ("exercises/00-type-one-message", ["00-start-here"]),
    ],
)
def test_a_tutorial_and_its_exercise_have_one_number_and_if_they_can_one_language(path: str, found: list[str]) -> None:
    assert [page.stem for page in partners(BY_STEM[path], PAGES)] == found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path)
def test_every_page_leads_to_the_browser_the_download_and_its_partner(page: CoursePage) -> None:
    links = re.findall(r'href="([^"]+)"', ways(page, PAGES, "../../lite"))
    assert links[:2] == [f"../../lite/lab/index.html?path={page.name}", f"../notebooks/{page.name}"]
    assert f"../{partners(page, PAGES)[0].path}.html" in links


def test_without_a_course_in_the_browser_no_link_leads_there() -> None:
    assert "Open in the browser" not in ways(PAGES[0], PAGES, None)


def test_the_ways_stand_below_the_title_and_the_rest_of_the_text_stays() -> None:
    page = BY_STEM["tutorials/00-start-here"]
    first = json.loads(sphinx_notebook(page, PAGES, None))["cells"][0]["source"].split("\n")
    assert first[0] == f"# {page.title}"
    assert first[2].startswith("<nav")
    assert "".join(page.shown["cells"][0]["source"]).split("\n")[-1] == first[-1]


def test_slides_are_made_of_the_first_four_tutorials_in_python() -> None:
    assert [page.number for page in PAGES if page.has_slides] == ["00", "01", "02", "03"]
    assert not any(page.typed or page.is_exercise for page in PAGES if page.has_slides)
