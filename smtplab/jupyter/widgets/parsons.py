"""Order lines on the page: the lines of a session, shuffled, with buttons that move each up and down.

    puzzle = smtplab.Parsons(session)   # a cell that ends with it shows it
    puzzle.order(3, 1, 4, 2)            # the same in a cell, also in one that is graded

Nothing is dragged. A line keeps its number wherever it stands, and the focus goes with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

import ipywidgets

from ...lab.parsons import ParsonsOutcome, ParsonsPuzzle
from ...lab.recorded import Recorded
from ...show import style
from ..noted_beliefs import note_what_shows
from .frontend import Frontend
from .widget import Widget, button, html, show

PRESS = "Move the lines with their buttons, leave out what is not needed, and send them in this order"
SEND = "send in this order"
_MOVED = "Line {number} is now {place} of {count}: {line}"
_LEFT_OUT = "Line {number} is left out: {line}"


class Parsons(Widget):
    """The lines of a session to be put in order; `ParsonsPuzzle` judges the order.

    Args:
        session: a session, a transcript, text that was copied from somewhere, or a puzzle.
        distractors: further lines that a right order does without; None makes a few from the lines of the session.
        host: the host of a new lab to send the lines to; by default the one that the session was held with.
        seed: draws the order; the same seed gives the same.

    Attributes:
        puzzle: the puzzle.
    """

    def __init__(
        self,
        session: Recorded | str | ParsonsPuzzle,
        distractors: Iterable[str | bytes] | None = None,
        *,
        host: str = "",
        seed: str = "",
    ) -> None:
        super().__init__(Frontend("Lines to order"))
        made = session if isinstance(session, ParsonsPuzzle) else None
        self.puzzle = made or ParsonsPuzzle.of(session, distractors, host=host, seed=seed)  # type: ignore[arg-type]
        self._sent = list(range(1, len(self.puzzle.pieces) + 1))
        self._left_out: list[int] = []
        self._said = ""
        self._task, self._came = html(), html("smtplab-came")
        self._rows = [_PlaceRow(place, self._up, self._down, self._take) for place in range(len(self._sent))]
        send = button(SEND, self.send, "smtplab-send-order")
        self._arrange([self._task, *(row.view for row in self._rows), ipywidgets.HBox([send])], [self._came])
        self._refresh()

    @property
    def outcome(self) -> ParsonsOutcome | None:
        """What came of the last order; None before the first."""
        return self.puzzle.outcome

    @property
    def order_now(self) -> tuple[int, ...]:
        """The numbers of the lines as they stand on the page, without those that are left out."""
        return tuple(self._sent)

    def order(self, *numbers: object) -> ParsonsOutcome:
        """Send the lines with these numbers, in this order, and judge what came of it.

        Args:
            numbers: as of `ParsonsPuzzle.order`.

        Raises:
            ValueError: if there is no such line, or one is named twice; nothing is sent.
        """
        outcome = self.puzzle.order(*numbers)
        self._sent = list(outcome.order)
        self._left_out = [number for number in range(1, len(self._rows) + 1) if number not in self._sent]
        self._settle()
        return outcome

    def send(self) -> ParsonsOutcome | None:
        """Send the lines as they stand on the page, as the button does."""
        self._said = ""
        outcome = self._attempt(lambda: self.puzzle.order(*self._sent))
        note_what_shows(outcome)
        return outcome

    def move(self, number: int, places: int) -> None:
        """Move a line up or down, as its buttons do.

        Args:
            number: its number.
            places: how many places down; less than 0 for up.
        """
        before = self._sent.index(number)
        after = min(max(before + places, 0), len(self._sent) - 1)
        self._sent.insert(after, self._sent.pop(before))
        self._said = _MOVED.format(
            number=number, place=after + 1, count=len(self._sent), line=self.puzzle.pieces[number - 1].name
        )
        at_an_end = after == (0 if places < 0 else len(self._sent) - 1)
        self._focus = f".smtplab-place-{after} .smtplab-{'down' if (places < 0) == at_an_end else 'up'}"
        self._settle()

    def take(self, number: int) -> None:
        """Leave a line out, or put one that was left out behind the others, as its button does."""
        if number in self._sent:
            self._sent.remove(number)
            self._left_out.append(number)
            place, self._said = len(self._rows) - 1, _LEFT_OUT
        else:
            self._left_out.remove(number)
            self._sent.append(number)
            place, self._said = len(self._sent) - 1, _MOVED
        line = self.puzzle.pieces[number - 1].name
        self._said = self._said.format(number=number, place=place + 1, count=len(self._sent), line=line)
        self._focus = f".smtplab-place-{place} .smtplab-take"
        self._settle()

    _focus = ""  # where the focus goes, as a CSS selector

    def _up(self, place: int) -> None:
        self.move(self._sent[place], -1)

    def _down(self, place: int) -> None:
        self.move(self._sent[place], 1)

    def _take(self, place: int) -> None:
        self.take([*self._sent, *self._left_out][place])

    def __str__(self) -> str:
        return str(self.puzzle)

    @property
    def picture(self) -> str:
        """The still picture as HTML."""
        came = "" if self.outcome is None else self.outcome._repr_html_()
        return self.puzzle.to_html() + came

    def _refresh(self) -> None:
        self._task.value = style.panel(f"<b>{style.escape(self.puzzle.task)}</b><br>{PRESS}.")
        for place, number in enumerate([*self._sent, *self._left_out]):
            lines = self.puzzle.pieces[number - 1].lines
            self._rows[place].show(number, lines, len(self._sent))
        self._came.value = "" if self.outcome is None else self.outcome._repr_html_()

    def _announce(self) -> None:
        self._frontend.said = self.problem or self._said or (self.outcome.verdict if self.outcome else "")
        if self._focus:
            self._frontend.focus_on(self._focus)
        self._focus = self._said = ""


class _PlaceRow:
    """A place in the order: the line that stands there, and its buttons."""

    def __init__(self, place: int, up: Any, down: Any, take: Any) -> None:
        self._place = place
        self._line = html()
        self._up = button("", partial(up, place), "smtplab-up")
        self._down = button("", partial(down, place), "smtplab-down")
        self._take = button("", partial(take, place), "smtplab-take")
        self.view = ipywidgets.HBox([self._up, self._down, self._take, self._line]).add_class(f"smtplab-place-{place}")

    def show(self, number: int, lines: tuple[str, ...], sent: int) -> None:
        """Show a line here.

        Args:
            number: its number.
            lines: its text.
            sent: how many lines are sent; those behind them are left out.
        """
        is_sent = self._place < sent
        text = "<br>".join(style.code(line) for line in lines)
        where = f"<b>{self._place + 1}.</b>" if is_sent else "<b>left out</b>"
        self._line.value = f"<div>{where} {style.quiet(f'line {number}')} {text}</div>"
        self._up.description, self._down.description = f"{number} up", f"{number} down"
        self._take.description = f"{number} out" if is_sent else f"{number} in"
        self._up.disabled = not is_sent or self._place == 0
        self._down.disabled = not is_sent or self._place == sent - 1
        show(self._up, is_sent)
        show(self._down, is_sent)
