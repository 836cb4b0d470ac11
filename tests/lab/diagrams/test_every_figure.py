"""All figures alike: well-formed, the same every time, readable in light and dark, nothing upon anything else."""

import re
from itertools import combinations

import pytest

from smtplab.show import style
from support.contrast import ENOUGH, THEMES, contrast, readings_of_svg
from support.drawing import FIGURES, SVG, Box, box_of_rect, box_of_text, number, root_of, stretches, texts

each = pytest.mark.parametrize("make", FIGURES.values(), ids=FIGURES.keys())


@each
def test_a_figure_is_well_formed_and_has_a_title_and_its_words(make) -> None:
    figure = make()
    root = root_of(figure)
    assert root.get("role") == "img"
    assert (root[0].tag, root[0].text) == (f"{SVG}title", figure.title)
    assert (root[1].tag, root[1].text) == (f"{SVG}desc", figure.text)
    assert figure.title
    assert not figure.text.endswith("\n")


@each
def test_a_figure_is_the_same_every_time_and_has_no_ids(make) -> None:
    assert make() == make()
    assert make()._repr_html_() == make()._repr_html_()
    assert not re.search(r'\bid="|url\(|<script|font-family="(?!monospace"|sans-serif")', make()._repr_html_())


@each
def test_no_text_runs_out_of_the_figure_or_into_another(make) -> None:
    figure = make()
    paper = Box(0, 0, figure.width, figure.height)
    boxes = [(element.text, box_of_text(element)) for element in texts(figure)]
    assert [text for text, box in boxes if not paper.holds(box)] == []
    assert [(one[0], other[0]) for one, other in combinations(boxes, 2) if one[1].meets(other[1])] == []


@each
def test_no_text_crosses_the_edge_of_a_field(make) -> None:
    figure = make()
    fields = [box_of_rect(element) for element in root_of(figure).iter(f"{SVG}rect")]
    for element in texts(figure):
        box = box_of_text(element)
        assert all(field.holds(box) or not field.meets(box) for field in fields), element.text


@each
def test_no_line_runs_through_text_unless_the_text_has_a_field_of_its_own(make) -> None:
    figure = make()
    chips = [box_of_rect(e) for e in root_of(figure).iter(f"{SVG}rect") if e.get("fill", "").startswith("#")]
    lines = list(stretches(figure))
    for element in texts(figure):
        box = box_of_text(element)
        if not any(chip.holds(box) for chip in chips):
            assert not any(line.meets(box) for line in lines), element.text


@each
def test_no_dot_lies_upon_text(make) -> None:
    figure = make()
    for circle in root_of(figure).iter(f"{SVG}circle"):
        x, y, r = (number(circle, name) for name in ("cx", "cy", "r"))
        dot = Box(x - r, y - r, x + r, y + r)
        assert not any(dot.meets(box_of_text(element)) for element in texts(figure))


@each
@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_all_text_stands_out_from_its_ground(make, theme) -> None:
    found = list(readings_of_svg(make().svg, theme))
    assert len(found) == len(texts(make()))
    assert [reading for reading in found if reading.contrast < ENOUGH] == []


@each
@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_the_lines_stand_out_from_the_paper(make, theme) -> None:
    for path in root_of(make()).iter(f"{SVG}path"):
        drawn = style.over(theme.ink, float(path.get("opacity", "1")), theme.paper)
        assert contrast(drawn, theme.paper) >= 3
