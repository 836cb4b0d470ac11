"""A cell of the SMTP kernel is coloured by the kernel's own tables, and no letter of it is lost."""

import json
from pathlib import Path

import pytest
from pygments.token import Comment, Keyword, Name, Number, String, Token

from smtplab.jupyter.directives import DIRECTIVES
from smtplab.protocol.commands import VERBS
from smtplab.site.accessible import mend
from smtplab.site.highlighting import SMTPLexer
from support.paths import ROOT

TYPED = sorted((ROOT / "notebooks" / "tutorials").glob("*-type-*.ipynb"))


def tokens(text: str) -> list[tuple[object, str]]:
    return [(kind, part) for kind, part in SMTPLexer(stripnl=False, ensurenl=False).get_tokens(text) if part.strip()]


@pytest.mark.parametrize("word", [*VERBS, "telnet", "rcpt"])
def test_a_verb_and_what_opens_a_session_stand_out_at_the_front_of_a_line(word: str) -> None:
    assert tokens(f"x\n{word} y")[1] == (Keyword, word)
    assert (Keyword, word) not in tokens(f"x {word}")


@pytest.mark.parametrize("name", DIRECTIVES)
def test_a_directive_stands_out(name: str) -> None:
    assert tokens(f"%{name}")[0] == (Name.Decorator, f"%{name}")


def test_an_address_a_code_and_a_remark_have_colours_of_their_own() -> None:
    found = tokens("RCPT TO:<bob@lab.example>\n250 ok\n# a remark")
    assert {(String, "<bob@lab.example>"), (Number, "250"), (Comment, "# a remark")} <= {*found}


def test_below_the_mark_of_python_a_cell_is_python() -> None:
    assert (Keyword.Namespace, "import") in tokens("%%py\nimport smtplab")


@pytest.mark.parametrize("path", TYPED, ids=lambda path: path.stem)
def test_every_cell_is_shown_whole_and_without_an_error(path: Path) -> None:
    cells = json.loads(path.read_bytes())["cells"]
    for source in ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"):
        found = [*SMTPLexer(stripnl=False, ensurenl=False).get_tokens(source)]
        assert "".join(part for _, part in found) == source
        assert Token.Error not in {kind for kind, _ in found}


def test_the_headings_of_the_navigation_get_a_level(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text('<p class="caption" role="heading"><span>Tutorials</span></p>')
    mend(page.parent)
    assert page.read_text() == '<p class="caption" role="heading" aria-level="2"><span>Tutorials</span></p>'
