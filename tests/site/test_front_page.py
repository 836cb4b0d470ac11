"""The first page lists all pages, and leads to the course in the browser if there is one."""

import re
import tomllib

import pytest

from smtplab.site.build import PARTS, seen_from_below
from smtplab.site.course_pages import course_pages
from smtplab.site.front_page import front_page
from smtplab.site.reference import REFERENCE_PAGES
from support.paths import ROOT

PAGES = course_pages()


def test_every_page_is_listed_once() -> None:
    text = front_page(PAGES, None)
    for page in PAGES:
        assert text.count(f"{page.number} {page.title} <{page.path}>") == 1
        assert (f"slides/{page.stem}.html" in text) == page.has_slides
    assert all(f"\nreference/{name.partition('.')[0]}" in text for name in REFERENCE_PAGES)


@pytest.mark.parametrize(
    ("lite", "link"),
    [
        ("../lite", '"../lite/lab/index.html"'),
        ("https://course.example/lite/", '"https://course.example/lite/lab/index.html"'),
    ],
)
def test_it_leads_to_the_course_in_the_browser(lite: str, link: str) -> None:
    assert f"href={link}" in front_page(PAGES, lite)


def test_without_a_course_in_the_browser_it_does_not_speak_of_one() -> None:
    assert "In the browser" not in front_page(PAGES, None)


@pytest.mark.parametrize(
    ("lite", "below"),
    [
        ("../lite", "../../lite"),
        ("lite", "../lite"),
        ("/lite", "/lite"),
        ("//course.example/lite", "//course.example/lite"),
        ("https://course.example/lite", "https://course.example/lite"),
        (None, None),
    ],
)
def test_a_page_in_a_folder_sees_the_course_in_the_browser_from_there(lite: str | None, below: str | None) -> None:
    assert seen_from_below(lite) == below


def test_the_extra_brings_all_that_is_asked_for_and_in_one_version() -> None:
    extra = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]["site"]
    assert all(re.fullmatch(r"[a-z-]+==[0-9.]+", each) for each in extra)
    assert {module.replace("_", "-") for module in PARTS} <= {each.partition("==")[0] for each in extra}
