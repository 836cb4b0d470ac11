"""Fill in blanks on the page: a session with a field for each verb, code or argument that is hidden.

puzzle = smtplab.Faded(session, hide="verbs")   # a cell that ends with it shows it
puzzle.fill(3, "RCPT")                          # the same in a cell, also in one that is graded
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial

import ipywidgets

from ...lab.faded import TASK, FadedOutcome, FadedPuzzle
from ...lab.recorded import Recorded
from ...show import style
from .frontend import Frontend, LineInput
from .widget import Widget, button, html, show

CHECK = "send what is filled in"


class Faded(Widget):
    """A session with blanks; `FadedPuzzle` judges what is filled in.

    Args:
        session: a session, a transcript, text that was copied from somewhere, or a puzzle.
        hide: "verbs", "codes", "arguments", or the numbers of lines.
        host: the host of a new lab to send the lines to; by default the one that the session was held with.

    Attributes:
        puzzle: the puzzle.
    """

    def __init__(
        self, session: Recorded | str | FadedPuzzle, hide: str | Collection[int] = "verbs", *, host: str = ""
    ) -> None:
        super().__init__(Frontend("Blanks to fill"))
        self.puzzle = session if isinstance(session, FadedPuzzle) else FadedPuzzle.of(session, hide, host=host)
        self._fields = {
            line.number: LineInput(f"line {line.number}", "", partial(self._enter, line.number))
            for line in self.puzzle.blanks
        }
        self._outcome = html("smtplab-came")
        rows = []
        for line in self.puzzle.lines:
            text = html()
            text.value = f"<div>{style.quiet(str(line.number))} {style.code(self.puzzle.shown(line))}</div>"
            field = self._fields.get(line.number)
            rows.append(text if field is None else ipywidgets.HBox([text, field]))
        task = html()
        task.value = style.panel(f"<b>{style.escape(TASK)}</b>")
        send = button(CHECK, self.send, "smtplab-send-blanks")
        self._arrange([task, *rows, ipywidgets.HBox([send])], [self._outcome])
        self._refresh()

    @property
    def outcome(self) -> FadedOutcome:
        """What came of all that was filled in so far."""
        return self.puzzle.outcome

    def fill(self, line: int | str | Mapping[int, object], filling: object = None) -> FadedOutcome:
        """Fill in a blank, or several, and judge all that is filled in.

        Args:
            line, filling: as of `FadedPuzzle.fill`.

        Raises:
            ValueError: if a line has no blank, or nothing is filled in; nothing is sent.
        """
        outcome = self.puzzle.fill(line, filling)
        for number, text in self.puzzle.fillings.items():
            self._fields[number].value = text
        self._settle()
        return outcome

    def send(self) -> FadedOutcome | None:
        """Send what stands in the fields, as the button does."""
        written = {number: field.value for number, field in self._fields.items() if field.value.strip()}
        return self._attempt(lambda: self.puzzle.fill(written))

    def _enter(self, number: int, text: str) -> None:
        self._attempt(lambda: self.puzzle.fill(number, text))

    def __str__(self) -> str:
        return str(self.puzzle)

    @property
    def picture(self) -> str:
        """The still picture as HTML."""
        return self.puzzle._repr_html_()

    def _refresh(self) -> None:
        filled = bool(self.puzzle.fillings)
        self._outcome.value = self.puzzle.outcome._repr_html_() if filled else ""
        show(self._outcome, filled)

    def _announce(self) -> None:
        self._frontend.said = self.problem or str(self.puzzle.outcome)
