"""The result of a cell as a value that any front end can show, as text and as HTML.

The text of a step is its transcript, row by row. A cell with one line shows only the answer, because the line stands
right above it. A cell with several lines shows both sides, so that each reply stands below its line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice

from ..base.printed import Printed, sentence
from ..explain.explainer import explain_exchange
from ..lab.predict import PredictionOutcome
from ..protocol.replies import RemoteProtocolError, ReplyParser
from ..show import style
from ..show.dataframes import html_of
from ..transcript import Exchange, Row, Side

# Of a long cell, so many replies are explained, and so many lines of a message are shown as HTML; the text has all.
_EXPLAINED = 30
_FOLD = 24
_PIECES = 400  # of HTML


class CellError(Exception):
    """A cell cannot go on. ``str(error)`` is a sentence, and all that a notebook shows."""

    def __init__(self, error: Exception | str) -> None:
        super().__init__(readable(sentence(error)))
        self.__cause__ = error if isinstance(error, Exception) else None

    def _render_traceback_(self) -> list[str]:
        """Show the sentence in IPython without a traceback, because the mistake is in the cell, not in the code."""
        return [str(self)]


class Interrupted(CellError):
    """The cell was interrupted; the sentence says how the session stands."""


class ExpectationFailed(CellError):
    """The code of the last reply is not the one in ``%expect``."""


def readable(text: str) -> str:
    """Return `text` in a form that can be encoded: a lone surrogate, half a character, becomes its number."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


@dataclass(frozen=True, slots=True)
class Said:
    """What was said in a step.

    Args:
        rows: the rows of the step.
        exchanges: the exchanges that ended in the step.
    """

    rows: tuple[Row, ...]
    exchanges: tuple[Exchange, ...]

    def text(self, *, both: bool) -> str:
        """Return the rows as text; without `both`, omit the client's rows."""
        return "\n".join(str(row) for row in self._told(both))

    def html(self, *, both: bool) -> str:
        """Return the rows as HTML, each reply with its class, the change of state and the reason."""
        answered = [each for each in self.exchanges if each.side is Side.CLIENT and each.reply is not None]
        pieces = list(islice(self._html(self._told(both), answered), _PIECES + 1))
        if len(pieces) > _PIECES:
            pieces[_PIECES] = f"<div>{style.quiet('(and more; %transcript shows all)')}</div>"
        return "".join(pieces)

    def _told(self, both: bool) -> list[Row]:
        return [row for row in self.rows if both or row.side is not Side.CLIENT]

    def _html(self, rows: Sequence[Row], answered: list[Exchange]) -> Iterator[str]:
        unexplained = len(answered) - _EXPLAINED  # when so many are left
        for side, group in groupby(rows, key=lambda row: row.side):
            if side is Side.SERVER:
                for lines, whole in _replies(group):
                    exchange = answered.pop(0) if whole and answered else None
                    if exchange is None or len(answered) < unexplained:
                        yield style.panel(_coded([f"{side.value}: {line}" for line in lines]))
                    else:
                        yield explain_exchange(exchange).reply_html(f"{side.value}:")
            elif side is Side.NOTE:
                yield f"<div>{_coded([str(row) for row in group])}</div>"
            else:
                yield f"<div>{_coded(_folded([str(row) for row in group]))}</div>"


def _replies(rows: Iterator[Row]) -> Iterator[tuple[list[str], bool]]:
    """Join the lines of each reply; a line that is not part of one stays alone, and is not whole."""
    parser, lines = ReplyParser(), []
    for row in rows:
        lines.append(row.text)
        try:
            reply = parser.feed(row.data.removesuffix(b"\r\n"))
        except RemoteProtocolError:
            parser = ReplyParser()
            yield lines, False
            lines = []
            continue
        if reply is not None:
            yield lines, True
            lines = []
    if lines:
        yield lines, False


def _folded(lines: list[str]) -> list[str]:
    if len(lines) <= _FOLD:
        return lines
    return [*lines[: _FOLD - 2], f"({len(lines) - _FOLD + 1} more lines)", lines[-1]]


def _coded(lines: Sequence[str]) -> str:
    return "<br>".join(map(style.code, lines))


@dataclass(frozen=True, slots=True)
class Shown:
    """Something else to show, such as the output of a directive."""

    plain: str
    rich: str = ""

    @classmethod
    def of(cls, thing: object) -> Shown:
        """Return the text and HTML of `thing`; a string is its own text.

        A prediction has only its verdict in HTML, because the card of the reply stands above it.
        """
        if isinstance(thing, Shown):
            return thing
        if isinstance(thing, PredictionOutcome):
            return cls(readable(str(thing)), f"<div><b>{style.escape(thing.verdict)}</b></div>")
        return cls(readable(str(thing)).rstrip("\n"), html_of(thing) or "")

    def text(self, *, both: bool) -> str:
        """Return the text form."""
        return self.plain

    def html(self, *, both: bool) -> str:
        """Return the HTML form."""
        return self.rich or f"<div>{style.code(self.plain)}</div>"

    def __str__(self) -> str:
        return self.plain

    def _repr_html_(self) -> str:
        """Show the HTML form in a notebook."""
        return self.html(both=True)


@dataclass(frozen=True, slots=True)
class Judged:
    """The report of ``%check``, and the points, which are the value of the cell."""

    report: str
    points: int
    rich: str = ""

    def __str__(self) -> str:
        return self.report

    def _repr_html_(self) -> str:
        """Show the report in colour in a notebook."""
        return self.rich


@dataclass(frozen=True, slots=True)
class Page(Printed):
    """A page to read: a title, and below it facts with their names."""

    title: str
    lines: Mapping[str, str]
    color: str = style.NEUTRAL

    def __str__(self) -> str:
        width = max(map(len, self.lines), default=0)
        return "\n".join([self.title, *(f"  {name:<{width}}  {line}".rstrip() for name, line in self.lines.items())])

    def _repr_html_(self) -> str:
        """Show a table in a notebook."""
        return style.panel(style.chip(self.title, self.color) + style.definitions(self.lines), self.color)


@dataclass(frozen=True, slots=True)
class CellResult:
    """The result of a cell.

    Args:
        parts: what to show, in order.
        lines: how many lines of the cell were sent, or opened a session.
        result: the last reply, or what the last directive returned; ``%smtp`` returns it to Python.
        value: the cell's value, which nbgrader reads as points; None for most cells.
        failure: why the cell could not go on; None if it could.
    """

    parts: tuple[Said | Shown, ...] = ()
    lines: int = 0
    result: object = None
    value: int | None = None
    failure: CellError | None = None

    @property
    def text(self) -> str:
        """The step as text."""
        return "\n".join(filter(None, (part.text(both=self.lines > 1) for part in self.parts)))

    @property
    def html(self) -> str:
        """The step as HTML."""
        return "".join(part.html(both=self.lines > 1) for part in self.parts)

    def bundle(self) -> Mapping[str, str]:
        """Return the step by MIME types, as Jupyter displays it; empty if there is nothing to show."""
        text = self.text
        return {"text/plain": text, "text/html": self.html} if text else {}

    def _repr_mimebundle_(self, **_: object) -> Mapping[str, str]:
        """Show the step in a notebook."""
        return self.bundle()

    def __str__(self) -> str:
        return self.text
