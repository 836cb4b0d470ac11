"""In open cells a student's slips are counted; what given cells do, and what a task asks for, shows no belief."""

from __future__ import annotations

import pytest

from smtplab.lessons.cells import cells_of
from smtplab.lessons.own_slips import OwnSlips
from support.cells import LAB
from support.student import StudentNotebook
from support.tutorials import tutorial

FIRST = f'session = lab.telnet("{LAB}", 25)\nsession.send("HELO laptop.example")'
GIVEN = 'session.send("MAIL FROM:<>\\nMAIL FROM:<a@a.example>\\nMAIL FROM:<b@b.example>\\nRSET")'
TASK = "# Now you: name a recipient."
OPEN = (f'{TASK}\nsession.send("RCPT TO:<bob@lab.example>")', {"goal": {"said": ["250 RCPT"]}})
ASKS = (f'{TASK}\nsession.send("MAIL FROM:<x@x.example>")', {"goal": {"said": ["503 MAIL"], "lines": [".y*"]}})
MAIL = "MAIL FROM:<alice@lab.example>"
OTHERS = ("MAIL FROM:<bob@lab.example>", "MAIL FROM:<carol@lab.example>")
BELIEF = "mail-again-starts-anew"


class Notebook(StudentNotebook):
    """A notebook that counts slips as the front end does."""

    def __init__(self, *cells: object) -> None:
        super().__init__(cells_of(tutorial(*cells)))  # type: ignore[arg-type]
        self.slips = OwnSlips()

    def shown(self, text: str, cell: int | None = None) -> tuple[str, ...]:
        """Run a cell; return the beliefs that are shown by now if it is the open cell of this number."""
        self.slips.begin(self)
        self.cell(text)
        return () if cell is None else self.slips.end(self.lesson.cells[cell], self)


def sent(*lines: str) -> str:
    return f"{TASK}\n" + "\n".join(f"session.send({line!r})" for line in lines)


def test_two_slips_in_open_cells_show_the_belief_also_one_in_each() -> None:
    book = Notebook(FIRST, OPEN, OPEN)
    book.shown(FIRST)
    assert book.shown(sent(MAIL, OTHERS[0]), 1) == ()
    assert book.shown(sent(OTHERS[0]), 1) == ()  # the same line again is no second slip
    assert book.shown(sent(OTHERS[1]), 2) == (BELIEF,)
    assert book.shown(sent("NOOP"), 2) == (BELIEF,)


def test_what_a_given_cell_says_shows_nothing() -> None:
    book = Notebook(FIRST, GIVEN, OPEN)
    book.shown(FIRST)
    book.shown(GIVEN)
    assert book.shown(sent(MAIL, OTHERS[0]), 2) == ()


@pytest.mark.parametrize("lines", [(MAIL, *OTHERS), (MAIL, "RCPT TO:<bob@lab.example>", "DATA", ".yes", ".you")])
def test_what_the_task_asks_for_shows_nothing(lines: tuple[str, ...]) -> None:
    book = Notebook(FIRST, ASKS)
    book.shown(FIRST)
    assert book.shown(sent(*lines, "."), 1) == ()


def test_a_session_that_the_cell_opens_counts_from_its_beginning_and_once_if_the_cell_runs_again() -> None:
    book = Notebook(FIRST, OPEN)
    again = f"{TASK}\n{FIRST}\nsession.send({MAIL!r})\nsession.send({OTHERS[0]!r})"
    assert book.shown(again, 1) == ()
    assert book.shown(again, 1) == ()
    assert book.shown(again.replace(OTHERS[0], OTHERS[1]), 1) == (BELIEF,)


def test_an_undo_takes_back_nothing_of_what_was_believed() -> None:
    book = Notebook(FIRST, OPEN)
    book.shown(FIRST)
    book.shown(sent(MAIL, *OTHERS), 1)
    assert book.shown(f"{TASK}\nsession.undo(2)", 1) == (BELIEF,)
