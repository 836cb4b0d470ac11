"""A plot says in words all that it draws, and its bars are as long as its numbers."""

import re

from smtplab.grading.results.plots import bars, columns
from smtplab.show.style import NEUTRAL


def sizes(svg: str, name: str) -> list[float]:
    """Return a size of all bars, the ground of bars left out."""
    return [float(found) for found in re.findall(rf'<rect[^>]* {name}="([\d.]+)"[^>]* fill="{NEUTRAL}"', svg)]


def test_columns_are_as_high_as_their_numbers_and_empty_groups_have_none() -> None:
    figure = columns({(0, 1): 1, (2, 3): 0, (4, 4): 3}, "Points")
    low, high = sizes(figure.svg, "height")
    assert high == 3 * low
    assert figure.text == "0–1 points: 1 student\n4 points: 3 students"
    assert all(f">{label}<" in figure.svg for label in ("0–1", "2–3", "4"))


def test_bars_are_as_long_as_their_part_of_the_class() -> None:
    figure = bars([("a.rule", 20), ("a rule " * 20, 5), ("none", 0)], 40, "Rules")
    long, short, none = sizes(figure.svg, "width")
    assert abs(long - 4 * short) < 0.3
    assert none == 1
    assert figure.text.splitlines()[0] == "a.rule: 20 of 40"


def test_a_plot_of_nothing_says_so() -> None:
    assert columns({}, "Points").text == bars([], 0, "Rules").text == "nobody"
