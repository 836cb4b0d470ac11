"""A figure that is too high for a slide is shown in parts that leave nothing out."""

import re
from itertools import pairwise

import pytest

from smtplab import Lab, diagrams
from smtplab.site.figure_parts import parts_of


def drawing(width: float, height: float) -> str:
    return f'<div><svg width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}"><g/></svg></div>'


def windows(parts: list[str]) -> list[tuple[float, float]]:
    """Return from where to where each part reaches."""
    found = [re.findall(r'viewBox="0 ([\d.]+) [\d.]+ ([\d.]+)"', part) for part in parts]
    return [(float(top), float(top) + float(height)) for ((top, height),) in found]


@pytest.mark.parametrize("size", [(760, 100), (760, 456)])
def test_a_wide_figure_stays_whole(size: tuple[float, float]) -> None:
    assert parts_of(drawing(*size)) == []


def test_what_is_no_figure_has_no_parts() -> None:
    assert parts_of("<table></table>") == []


@pytest.mark.parametrize("height", [457, 500, 754, 1200, 3000])
def test_the_parts_cover_the_figure_and_overlap(height: float) -> None:
    found = windows(parts_of(drawing(760, height)))
    assert found[0][0] == 0
    assert found[-1][1] == pytest.approx(height, abs=1)
    assert all(after[0] < before[1] - 20 for before, after in pairwise(found))
    assert all(bottom - top < 0.6 * 760 for top, bottom in found)


def test_a_ladder_of_the_course_is_cut_in_two() -> None:
    session = Lab().telnet("mail.lab.example", 25)
    for line in ("HELO a.example", "MAIL FROM:<a@a.example>", "RCPT TO:<bob@lab.example>", "DATA", "x", ".", "QUIT"):
        session.send(line)
    assert len(parts_of(diagrams.ladder(session)._repr_html_())) == 2
