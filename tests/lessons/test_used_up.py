"""A given cell that uses up what another has made runs a second time as the first."""

import pytest

from smtplab.base.resources import course_root
from smtplab.lessons.cells import Kind, cells_of
from support.student import StudentNotebook
from support.tutorials import tutorial

OPEN = "got = []\nsock = lab.socket('mail.lab.example')"
HALF = ("half = sock.recv(1)\ngot.append(half)\nsock.recv(2)", {"again": ["cell-0"]})
REST = ("got.append(sock.recv(1))", {"again": ["cell-0", "cell-1"]})
CELLS = cells_of(tutorial(OPEN, HALF, REST))
TUTORIALS = sorted((course_root() / "notebooks" / "tutorials").glob("[!.]*.ipynb"))


def run(*places: int) -> tuple[object, str]:
    """Run cells of the tutorial, and return what the last ones have read, and the remark above the last one."""
    student = StudentNotebook(CELLS)
    above = ""
    for place in places:
        above, _ = student.cell(CELLS[place].source, CELLS[place].id)
    return student.names["got"], above


@pytest.mark.parametrize("places", [(0, 1, 2), (0, 1, 2, 0, 1, 2), (2,), (0, 1, 2, 1, 2)])
def test_a_cell_whose_octets_are_there_runs_as_it_is(places: tuple[int, ...]) -> None:
    got, above = run(*places)
    assert got == [b"2", b" "]
    assert "used up" not in above


@pytest.mark.parametrize("places", [(0, 1, 2, 2), (0, 1, 1, 2, 2), (0, 1, 2, 2, 2), (0, 1, 2, 0, 2), (2, 2)])
def test_a_cell_that_has_used_them_up_gets_them_again(places: tuple[int, ...]) -> None:
    got, above = run(*places)
    assert got == [b"2", b" "]
    assert "the cells with `got = []` and `half = sock.recv(1)` ran again first" in above


def test_a_step_between_may_be_used_up_too() -> None:
    got, above = run(0, 1, 1)
    assert got == [b"2"]
    assert "the cell with `got = []` ran again first" in above


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_each_cell_names_given_cells_above_it(path: object) -> None:
    above: dict[str, Kind] = {}
    for cell in cells_of(path.read_bytes()):  # type: ignore[attr-defined]
        assert all(above.get(each) is Kind.RUN for each in cell.again)
        above[cell.id] = cell.kind
