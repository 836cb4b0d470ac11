"""A step shows itself once as text, whole, and once as HTML, which is escaped and has an end."""

from __future__ import annotations

import pytest

from smtplab.jupyter.cell_result import CellError, CellResult, Page, Shown, readable
from smtplab.jupyter.engine import Engine
from support.cells import done


def test_an_error_is_its_sentence_and_has_no_traceback() -> None:
    error = CellError("the server said \ud800")
    assert str(error) == r"The server said \ud800."
    assert error._render_traceback_() == [str(error)]


@pytest.mark.parametrize("text", ["plain", "Grüße", "日本語", "\x00\x85", "\ud800"])
def test_what_is_readable_can_be_encoded_and_nothing_else_is_changed(text: str) -> None:
    shown = readable(text)
    assert shown.encode()
    assert shown == text or not text.isprintable()


def test_a_step_in_which_nothing_was_said_displays_nothing(engine: Engine) -> None:
    assert CellResult().bundle() == {}
    assert done(engine, "\n# a remark\n").bundle() == {}


def test_text_and_html_tell_the_same_of_a_reply(ready: Engine) -> None:
    bundle = done(ready, "NOOP").bundle()
    assert bundle["text/plain"] == "S: 250 Nothing done, as you asked"
    assert "250 Nothing done, as you asked" in bundle["text/html"]


def test_what_a_client_typed_is_escaped(ready: Engine) -> None:
    html = done(ready, "NOOP <script>alert(1)</script>\n<b>").html
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_of_a_long_cell_the_text_has_all_and_the_html_an_end(ready: Engine) -> None:
    step = done(ready, "\n".join(["NOOP"] * 1000))
    assert step.text.count("S: 250") == 1000
    assert step.html.count(">done</span>") == 30
    assert step.html.count("250 Nothing done") < 300
    assert "%transcript shows all" in step.html


def test_of_a_long_message_the_html_has_beginning_and_end(in_data: Engine) -> None:
    step = done(in_data, "\n".join([*(f"line {number}" for number in range(100)), "."]))
    assert "line 50" in step.text
    assert "line 3" in step.html
    assert "line 50" not in step.html
    assert "(78 more lines)" in step.html


def test_a_page_has_a_name_before_each_line() -> None:
    page = Page("A <title>", {"one": "1", "longer": "<2>"})
    assert str(page) == "A <title>\n  one     1\n  longer  <2>"
    html = page._repr_html_()
    assert html.count('<th scope="row"') == 2
    assert "<2>" not in html
    assert "A &lt;title&gt;" in html


def test_whatever_is_shown_has_text_and_html() -> None:
    shown = Shown.of("a < b\n")
    assert (shown.plain, Shown.of(shown)) == ("a < b", shown)
    assert "a &lt; b" in shown._repr_html_()
