"""The palette is read by everybody: contrast in both themes, computed from the colours themselves."""

import re

import pytest

from smtplab.protocol.codes import Severity
from smtplab.protocol.states import Phase
from smtplab.show import style
from smtplab.show.style import Theme, over
from smtplab.transcript import Side, Transcript
from support.contrast import THEMES, contrast, luminance

COLORS = {
    style.NEUTRAL,
    *style.SEVERITY_COLORS.values(),
    *style.PHASE_COLORS.values(),
    *style.SIDE_COLORS.values(),
}
themes = pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
colors = pytest.mark.parametrize("color", sorted(COLORS))


def test_the_measure_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)
    assert contrast("#ffffff", "#777777") == contrast("#777777", "#ffffff")
    assert contrast("#123456", "#123456") == 1
    assert luminance("#ff0000") == pytest.approx(0.2126)


def test_a_veil_mixes_a_color_with_the_paper() -> None:
    assert over("#ff0000", 0.5, "#ffffff") == "#ff8080"
    assert over("#123456", 1, "#ffffff") == "#123456"
    assert over("#123456", 0, "#fedcba") == "#fedcba"
    assert style.veil("#1a7f37") == "rgba(26, 127, 55, 0.14)"


def test_the_rest_of_a_said_line_is_indented_behind_its_mark() -> None:
    transcript = Transcript.parse("S: 220 <a>\nC: QUIT\nS: 221 ok")
    html = style.said(transcript)
    assert re.findall(r"padding-left: (\d)ch; text-indent: -(\d)ch\">(.*?)</div>", html) == [
        ("3", "3", "S: 220 &lt;a&gt;"),
        ("3", "3", "C: QUIT"),
        ("3", "3", "S: 221 ok"),
    ]
    assert style.said([]) == ""


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("Time is virtual here.", 0),
        ("  from     zoe@a.example", 11),
        ("      which goes on above", 6),
        ("a  b  c <d>", 6),
        ("trailing   ", 0),
        ("", 0),
        ("   ", 3),
    ],
)
def test_the_rest_of_a_line_stays_in_its_last_column(line: str, column: int) -> None:
    html = style.columns(f"{line}\nlast")
    assert re.findall(r"padding-left: (\d+)ch; text-indent: -(\d+)ch\">(.*?)</div>", html) == [
        (str(column), str(column), style.escape(line) or "<br>"),
        ("0", "0", "last"),
    ]


def test_every_severity_phase_and_side_has_a_color_of_its_own() -> None:
    assert set(style.SEVERITY_COLORS) == set(Severity)
    assert set(style.PHASE_COLORS) == set(Phase)
    assert set(style.SIDE_COLORS) == set(Side)
    for colors in (style.SEVERITY_COLORS, style.PHASE_COLORS, style.SIDE_COLORS):
        assert len(set(colors.values())) == len(colors)


@colors
def test_white_letters_are_read_on_every_color(color: str) -> None:
    assert contrast(style.ON_COLOR, color) >= 4.5


@themes
@colors
def test_every_color_stands_out_from_the_paper(theme: Theme, color: str) -> None:
    assert contrast(color, theme.paper) >= 3


@themes
@colors
def test_text_is_read_on_every_veil_also_when_it_is_quiet(theme: Theme, color: str) -> None:
    ground = over(color, style.VEIL, theme.paper)
    assert contrast(theme.ink, ground) >= 4.5
    assert contrast(over(theme.ink, style.QUIET, ground), ground) >= 4.5


@themes
def test_text_is_read_on_the_paper(theme: Theme) -> None:
    assert contrast(theme.ink, theme.paper) >= 4.5
    assert contrast(over(theme.ink, style.QUIET, theme.paper), theme.paper) >= 4.5


def test_html_pieces_show_what_looks_like_a_tag() -> None:
    for piece in (style.chip("<CRLF>", style.NEUTRAL), style.quiet("<CRLF>"), style.code("<CRLF>")):
        assert "&lt;CRLF&gt;" in piece
        assert "<CRLF>" not in piece


def test_what_stands_between_backticks_is_code() -> None:
    assert style.prose("`<CRLF>` ends & is") == f"{style.code('<CRLF>')} ends &amp; is"
    assert style.prose("one ` alone") == "one ` alone"


def test_html_pieces_use_no_color_that_is_not_measured() -> None:
    pieces = style.panel(style.chip("a", style.NEUTRAL) + style.quiet("b") + style.code("c"))
    assert set(re.findall(r"#[0-9a-f]{3,8}", pieces)) <= COLORS | {style.ON_COLOR}


def test_a_long_cell_of_a_table_keeps_room_for_a_few_words_and_the_table_scrolls() -> None:
    long = "mail.adelphia.net does not answer; the host is down"
    shown = style.table(("id", "address", "last answer"), [("A000001-1", "forouzanb@adelphia.net", long)])
    assert shown.startswith('<div style="overflow-x: auto"><table')
    assert re.findall(r"min-width: ([^\"]*)\">(.*?)</td>", shown) == [
        ("min(22ch, 20em)", "forouzanb@adelphia.net"),
        (f"min({len(long)}ch, 20em)", long),
    ]
    assert re.search(r'nowrap">A000001-1</td>', shown)


def test_only_what_is_wide_in_a_panel_may_be_wider_than_a_line_of_text() -> None:
    assert style.panel("words").count(f"max-width: {style.LINE_WIDTH}") == 1
    shown = style.panel("words", wide="<table></table>")
    assert f'max-width: none"><table></table><div style="max-width: {style.LINE_WIDTH}">words</div></div>' in shown
