"""What ACCESSIBILITY.md claims is held by tests that exist, and what nobody has looked at is named."""

import ast
import re
from functools import cache

import pytest

from support.paths import ROOT

PAGE = (ROOT / "ACCESSIBILITY.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)


def _rows(title: str) -> list[list[str]]:
    """Return the cells of the table in a section, without its head."""
    section = PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    rows = [re.split(r" \| ", line.strip("| ")) for line in section.splitlines() if line.startswith("| ")]
    return rows[1:]


@cache
def _tests(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize(("path", "name"), sorted(set(NAMED)))
def test_a_test_that_holds_a_claim_exists(path: str, name: str) -> None:
    assert name.startswith("test_")
    assert name in _tests(path)


def test_each_claim_is_held_by_a_test() -> None:
    rows = _rows("What tests hold")
    assert len(rows) > 15
    for guideline, claim, held in rows:
        assert guideline
        assert claim
        assert re.fullmatch(r"(`tests/[\w/]+\.py::\w+`(, )?)+", held), claim


def test_each_row_that_nobody_looked_at_says_so() -> None:
    rows = _rows("Not evaluated")
    assert len(rows) > 5
    assert [what for what, state in rows if not re.search(r"not evaluated|nobody", state)] == []
    named = " ".join(what for what, _ in rows)
    assert all(word in named for word in ("screen readers", "voice control", "switch control", "Firefox"))


def test_the_target_is_said() -> None:
    assert re.search(r"level AA of the \[Web Content Accessibility Guidelines 2\.2\]", PAGE)
