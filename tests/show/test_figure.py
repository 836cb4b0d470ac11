"""What a diagram is made of: text that is measured and wrapped, elements that are escaped, a figure with its words."""

from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtplab.show.figure import MONO, SANS, Canvas, Figure, Font
from smtplab.show.style import DARK, LIGHT


def figure(text: str = "hello") -> Figure:
    canvas = Canvas(100)
    canvas.text(5, 20, text)
    return canvas.finish(30, f"Saying {text}", f"It says {text}.\nNo more.")


def test_bold_text_takes_more_room_and_wide_characters_take_two() -> None:
    assert Font(bold=True).width("hello") > SANS.width("hello")
    assert MONO.width("\u65e5") == MONO.width("ab")
    assert MONO.width("hello") == pytest.approx(5 * 0.605 * 13)


@given(st.text(alphabet="ab \u65e5<-", max_size=60), st.sampled_from([MONO, SANS, Font(11, bold=True)]))
def test_wrapped_lines_have_room_and_lose_nothing_but_spaces(text: str, font: Font) -> None:
    lines = font.wrap(text, 100)
    assert all(font.width(line) <= 100 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_text_breaks_at_spaces_and_a_word_that_is_longer_than_a_line_breaks_where_it_must() -> None:
    font = Font(10, mono=True)
    assert font.wrap("one two three", font.width("one two")) == ["one two", "three"]
    assert font.wrap("a bcdefgh", font.width("12345")) == ["a bcd", "efgh"]
    assert font.wrap("", 50) == [""]
    assert font.wrap("ab", 1) == ["a", "b"]
    assert font.wrap("漢字漢字", font.width("12345")) == ["漢字", "漢字"]


def test_a_line_without_a_space_is_wrapped_in_a_time_that_grows_with_its_length(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    measured = 0

    def count(character: str) -> str:
        nonlocal measured
        measured += 1
        return "Na"

    monkeypatch.setattr("smtplab.show.figure.unicodedata.east_asian_width", count)
    assert len(MONO.wrap("x" * 20_000, 400)) > 300
    assert measured < 100_000


def test_what_looks_like_a_tag_is_text() -> None:
    drawn = figure("<reverse-path> & \"x\" 'y'")
    root = ElementTree.fromstring(drawn.svg)
    assert [element.text for element in root] == [drawn.title, drawn.text, "<reverse-path> & \"x\" 'y'"]
    assert "<reverse-path>" not in drawn._repr_html_()


def test_spaces_in_a_row_stay() -> None:
    assert 'xml:space="preserve">two  spaces<' in figure("two  spaces").svg
    assert "xml:space" not in figure("one space").svg


def test_an_arrow_ends_where_it_points_to() -> None:
    canvas = Canvas(100)
    canvas.arrow([(0, 0), (50, 0)])
    svg = canvas.finish(10, "", "").svg
    assert 'd="M0,0 L41,0"' in svg
    assert '<polygon points="50,0 41,5.2 41,-5.2"' in svg


def test_a_figure_has_a_title_a_description_and_a_role() -> None:
    root = ElementTree.fromstring(figure().svg)
    assert root.get("role") == "img"
    assert root.get("viewBox") == "0 0 100 30"
    assert [element.tag.rpartition("}")[2] for element in root[:2]] == ["title", "desc"]
    assert root[1].text == "It says hello.\nNo more."


def test_a_figure_is_its_words_where_there_is_no_drawing() -> None:
    class Printer:
        said = ""

        def text(self, words: str) -> None:
            self.said += words

    printer = Printer()
    figure()._repr_pretty_(printer, False)
    assert printer.said == str(figure()) == "It says hello.\nNo more."
    assert repr(figure()) == "<Figure, Saying hello>"


def test_in_a_notebook_the_words_are_shown_unless_the_drawing_has_stayed() -> None:
    root = ElementTree.fromstring(figure()._repr_html_().replace(" hidden ", " "))
    style, drawing, words = root
    assert style.tag == "style"
    assert drawing.get("style") == "display:none"
    assert (words.tag, words.text) == ("pre", "It says hello.\nNo more.")
    assert ".smtplab-drawing:has(>svg){display:block!important;" in (style.text or "")
    assert figure()._repr_html_().count("It says hello.") == 1


@pytest.mark.parametrize(("width", "narrowest"), [(760, 600), (601, 600), (600, 600), (100, 100)])
def test_a_drawing_in_a_notebook_shrinks_to_a_limit_and_then_scrolls(width: float, narrowest: int) -> None:
    shown = Canvas(width).finish(30, 'A "title"', "")
    assert f"min-width:{narrowest}px;max-width:100%" in shown._repr_html_()
    assert 'tabindex="0" role="group" aria-label="A &quot;title&quot;"' in shown._repr_html_()
    assert "min-width" not in shown.svg


def test_a_drawing_does_not_shrink_at_twice_the_zoom() -> None:
    assert "@media (min-resolution:1.75dppx){.smtplab-drawing>svg{max-width:none!important}}" in figure()._repr_html_()


def test_a_figure_is_saved_on_paper_of_its_own(tmp_path: Path) -> None:
    for theme in (LIGHT, DARK):
        path = tmp_path / f"{theme.name}.svg"
        figure().save(path, theme)
        root = ElementTree.parse(path).getroot()
        assert (root.get("style") or "").startswith(f"color:{theme.ink};background:{theme.paper};")
    figure().save(str(tmp_path / "light.svg"))
    assert LIGHT.paper in (tmp_path / "light.svg").read_text("utf-8")


def test_a_tip_goes_round_what_is_drawn_meanwhile() -> None:
    canvas = Canvas(100)
    with canvas.tip("more of <it>"):
        canvas.dot(5, 5, 2)
        canvas.text(10, 10, "it")
    canvas.text(10, 20, "other")
    group, other = list(ElementTree.fromstring(canvas.finish(30, "", "").svg))[2:]
    title, dot, text = group
    assert (title.text, dot.get("r"), text.text, other.text) == ("more of <it>", "2", "it", "other")
