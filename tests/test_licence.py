"""Who may do what with smtplab, and how to cite it: one statement, the same in each place that says it."""

import re
import tomllib
from typing import Any

import pytest
import yaml

from support.paths import ROOT

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CITATION: dict[str, Any] = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
CODE, CONTENT = "BSD-3-Clause", "CC-BY-4.0"
AUTHORS = "the smtplab authors"


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("title", PROJECT["name"]),
        ("version", PROJECT["version"]),
        ("abstract", PROJECT["description"]),
        ("keywords", PROJECT["keywords"]),
        ("authors", PROJECT["authors"]),
    ],
)
def test_the_citation_agrees_with_pyproject(key: str, value: object) -> None:
    assert CITATION[key] == value


def test_the_citation_has_what_version_1_2_0_of_its_format_requires() -> None:
    assert CITATION["cff-version"] == "1.2.0"
    assert CITATION["message"]
    assert CITATION["type"] == "software"
    assert CITATION["license"] == CODE  # several licences would mean that the reader may choose
    known = {"abstract", "authors", "cff-version", "keywords", "license", "message", "title", "type", "version"}
    assert set(CITATION) <= known | {"date-released", "doi", "repository-code", "url"}


def test_code_and_content_have_a_licence_each() -> None:
    assert PROJECT["license"] == f"{CODE} AND {CONTENT}"
    assert PROJECT["license-files"] == ["LICENSE", "LICENSE-CONTENT"]
    assert PROJECT["authors"] == [{"name": AUTHORS}]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("LICENSE", ["BSD 3-Clause License", AUTHORS]),
        ("LICENSE-CONTENT", ["CC BY 4.0", "BSD-3-Clause", AUTHORS, "Attribution 4.0 International Public License"]),
        ("README.md", ["CC BY 4.0", "BSD-3-Clause", AUTHORS]),
        ("data/README.md", ["CC BY 4.0"]),
        ("notebooks/exercises/README.md", ["CC BY 4.0"]),
    ],
)
def test_each_place_that_speaks_of_the_licence_says_the_same(name: str, words: list[str]) -> None:
    text = " ".join(_text(name).split())
    assert [word for word in words if word not in text] == []


@pytest.mark.parametrize("name", ["LICENSE-CONTENT", "README.md", "data/README.md"])
def test_each_says_that_the_lecture_and_the_rfcs_give_facts_and_a_trace(name: str) -> None:
    text = " ".join(_text(name).split())
    assert re.search(r"lecture.{1,200}RFC.{1,300}facts|facts.{1,300}protocol trace", text)
    assert "protocol trace" in text


def test_the_text_of_the_content_licence_is_whole() -> None:
    sections = re.findall(r"^Section ([1-8]) -- ", _text("LICENSE-CONTENT"), re.MULTILINE)
    assert sections == [str(number) for number in range(1, 9)]
