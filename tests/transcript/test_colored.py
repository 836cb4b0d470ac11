"""A conversation in a notebook: the same text, and each side in its colour."""

import re
from html import escape, unescape

import pytest

from smtplab import Lab, Transcript
from smtplab.show import style
from smtplab.transcript import Side
from smtplab.transcript.colored import SIDE_COLORS
from support.contrast import ENOUGH, THEMES, readings
from support.drawing import lecture, troubled, turned


def text_of(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html.replace("</div><div", "</div>\n<div")))


@pytest.mark.parametrize("make", [lecture, troubled, turned], ids=lambda make: make.__name__)
def test_the_text_is_the_same(make) -> None:
    transcript = make().transcript
    assert text_of(transcript._repr_html_()) == str(transcript)


def test_each_line_stands_on_the_colour_of_its_side() -> None:
    html = lecture().transcript._repr_html_()
    for side in Side:
        begin = f'<div style="border-left: 4px solid {SIDE_COLORS[side]}'
        blocks = re.findall(rf'{begin}[^"]*">(.*?)</div></div>', html)
        lines = [line.removeprefix("<div>") for block in blocks for line in block.split("</div>")]
        assert lines
        assert all(line.startswith(side.value) for line in lines)
    assert style.veil(SIDE_COLORS[Side.CLIENT]) in html


@pytest.mark.parametrize("side", Side)
def test_the_rest_of_a_line_that_is_broken_is_indented_behind_the_mark(side: Side) -> None:
    html = lecture().transcript._repr_html_()
    mark = len(side.mark) + 1
    block = re.search(
        rf'{SIDE_COLORS[side]}[^"]*; padding: 0 1ch 0 {mark + 1}ch; text-indent: -{mark}ch">(.*?)</div></div>', html
    )
    assert block is not None
    assert all(line.startswith(f"{side.mark} ") for line in block[1].removeprefix("<div>").split("</div><div>"))


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_it_is_readable_in_both_themes(theme) -> None:
    found = list(readings(lecture().transcript._repr_html_(), theme))
    assert found
    assert [reading for reading in found if reading.contrast < ENOUGH] == []


@pytest.mark.parametrize("line", ["NOOP <b>bold</b>", "NOOP &amp;", 'NOOP "><script>alert(1)</script>'])
def test_what_looks_like_a_tag_is_text(line: str) -> None:
    session = Lab().telnet("mail.lab.example")
    session.send(line)
    html = session.transcript._repr_html_()
    assert escape(line) in html
    assert line in text_of(html)


def test_of_a_long_conversation_the_beginning_is_shown() -> None:
    session = Lab().telnet("mail.lab.example")
    for _ in range(250):
        session.send("NOOP")
    said = text_of(session.transcript._repr_html_())
    assert said.endswith("more lines; print shows all)")
    assert 390 < len(said.splitlines()) < 410


def test_of_nothing_nothing_is_shown() -> None:
    assert text_of(Transcript()._repr_html_()) == ""
