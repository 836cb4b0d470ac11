"""Draw a ladder: each conversation in a lane of its own, between the lifelines of its client and its server."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace

from ...base.printed import plural
from ...protocol.codes import classify
from ...protocol.states import Phase
from ...show.figure import Canvas, Font, Point
from ...show.style import EDGE, NEUTRAL, PHASE_COLORS, veil
from ...transcript import Side
from .paper import (
    ASIDE,
    CODE,
    CODE_BOLD,
    CODE_SMALL,
    CODE_SMALL_BOLD,
    LABEL,
    TINY,
    TINY_BOLD,
    VERB_BOLD,
    WIDTH,
    about_state,
    color_of,
)
from .talk import Talk, Word, words

_LEFT, _RIGHT = 58.0, 654.0  # the lifelines of client and server if there are no others; the states are to the right
_FIRST, _LAST = 70.0, 684.0  # the outer lifelines if there are several
_MARGIN = 14.0  # between a lifeline and the text
_PITCH = 18.0  # from line to line
_MOST_LIFELINES = 4  # there is no room for text between more
_MOST_TALKS = 6  # the maximum of conversations that are drawn
_REPLY = re.compile(r"([0-9]{3})(?=[ -]|$)")
_WORD_LINES, _NARROW_WORD_LINES = 3, 6  # the maximum of lines on paper for one line on the wire
_TIP_LINES, _TIP_COLUMNS = 40, 200  # the maximum that a tooltip shows of omitted text
_ANSWER_ASIDE = CODE_BOLD.width("250") + 18  # the width of a code before the text of its reply


@dataclass(frozen=True, slots=True)
class _Line:
    """One line on paper.

    Args:
        text: the text of the line.
        font: its font.
        code: the code of a reply in front of the text; empty for none.
        tip: the omitted text, for a tooltip.
    """

    text: str
    font: Font
    code: str = ""
    tip: str = ""


@dataclass(frozen=True, slots=True)
class _Lane:
    """The position of a conversation on the paper.

    Args:
        client, server: the x of their lifelines.
        left, right: the x of the two lifelines that enclose the text.
        ground: the x at which the bands of its phases begin and end.
        states: the x of the right edge of the states; None if they are left out.
        font: the font of the text.
        lines: the maximum of lines on paper for one line on the wire.
    """

    client: float
    server: float
    left: float
    right: float
    ground: tuple[float, float]
    states: float | None
    font: Font
    lines: int

    @property
    def room(self) -> float:
        """The maximal width of a line."""
        return self.right - self.left - 2 * _MARGIN

    @property
    def middle(self) -> float:
        """The x of centred text."""
        return (self.left + self.right) / 2


@dataclass(slots=True)
class _Band:
    """A phase of a conversation, from top to bottom; `covers` is True if it overlaps the band of another one."""

    lane: _Lane
    phase: Phase
    top: float
    bottom: float
    covers: bool


class Ladder:
    """Draw conversations from top to bottom, on bands for their phases.

    Args:
        canvas: the canvas to draw on.
        fold: the maximum of lines drawn of a message or a reply.
        talk: the conversation, with those inside it.
        states: False leaves out the states on the right.
    """

    def __init__(self, canvas: Canvas, fold: int, talk: Talk, *, states: bool = True) -> None:
        self.canvas = canvas
        self.fold = max(fold, 3)
        self.talk = talk
        self.single = not talk.inner
        self.states = states
        self.columns = _columns(talk)
        self.bands: list[_Band] = []
        self.waiting: list[_Lane] = []
        self.words: list[tuple[_Lane, Word, Sequence[_Line], float]] = []
        self.asides: list[tuple[float, float, str, Font]] = []
        self.waits: list[Sequence[Point]] = []

    def draw(self) -> float:
        """Draw everything; return the y of the bottom."""
        top = 34.0 if self.single else 46.0
        bottom = self._place(self.talk, top + 12)
        for band in self.bands:
            left, right = band.lane.ground
            color, height = PHASE_COLORS[band.phase], band.bottom - band.top - 4
            if not band.covers:  # text on several veils would be hard to read
                self.canvas.rect(left, band.top, right - left, height, fill=veil(color), radius=4)
            self.canvas.rect(left, band.top, 5, height, fill=color)
        for x in self.columns.values():
            self.canvas.line([(x, top), (x, bottom - 4)], weight=1.2, opacity=EDGE)
        self._heads()
        font = LABEL if self.single else TINY_BOLD
        for band in self.bands:
            color = PHASE_COLORS[band.phase]
            self.canvas.chip(band.lane.middle, band.top + 19, band.phase.value, color, font, anchor="middle")
        for ends in self.waits:
            self.canvas.line(ends, weight=2, dash="2 6")
        for x, y, text, font in self.asides:
            self.canvas.text(x, y, text, font, anchor="middle")
        for lane, word, lines, y in self.words:
            self._word(lane, word, lines, y)
        return bottom

    def mark_last(self) -> bool:
        """Frame the last line, with a word beside it; return False if there is not just one conversation with lines."""
        if not (self.single and self.words):
            return False
        lane, word, lines, top = self.words[-1]
        count = len(list(self._lines(lane, replace(word, lines=word.lines[-1:]))))
        top += (len(lines) - count) * _PITCH + 0.5
        left, right = lane.left + _MARGIN - 8, lane.right - _MARGIN + 8
        self.canvas.rect(left, top, right - left, count * _PITCH, stroke="currentColor", weight=2, radius=4)
        self.canvas.chip(lane.left - 10, top + 13, "now", NEUTRAL, TINY_BOLD, anchor="end")
        return True

    # Layout

    def _place(self, talk: Talk, y: float, below: float = 0.0) -> float:
        """Lay out a conversation and those inside it.

        Args:
            y: the top of the conversation.
            below: the y below text beside its heading; its own text begins no higher.

        Returns:
            The y below.
        """
        lane, calls = self._lane(talk), deque(talk.inner)
        if not self.single:
            y = max(below, self._aside(lane, y, f"{talk.number}. {talk.heading}", LABEL) + 6)
        band, y = None, y + 4
        for word in words(talk.conversation.transcript):
            while calls and calls[0][0] <= word.row:
                y = self._place_inner(lane, talk, calls.popleft()[1], y)
            if word.side is not Side.NOTE and (band is None or word.phase is not band.phase):
                y = self._end(band, y)
                band = _Band(lane, word.phase, y, y, self._covers(lane))
                self.bands.append(band)
                y += 30
            lines = list(self._lines(lane, word))
            self.words.append((lane, word, lines, y))
            y += len(lines) * _PITCH + (2 if word.side is Side.NOTE else 16)
        for _, inner in calls:
            y = self._place_inner(lane, talk, inner, y)
        return self._end(band, y)

    def _end(self, band: _Band | None, y: float) -> float:
        """End a phase; return the y below it."""
        if band is not None:
            band.bottom = y + 4
        return y + 4 if self.words else y

    def _place_inner(self, lane: _Lane, talk: Talk, inner: Talk, y: float) -> float:
        """Lay out a conversation inside another one, with a line beside or above it that says who waits."""
        if not self._is_drawn(inner):
            return self._aside(lane, y, f"({plural(inner.count, 'more conversation')})", ASIDE) + 6
        waits = f"{talk.conversation.client} waits: {talk.conversation.server} relays the message first."
        if inner.later:
            waits = f"After {inner.later}, {inner.conversation.client} works on its queue."
        below = self._aside(lane, y, waits, ASIDE) + 6
        self.waiting.append(lane)
        bottom = self._place(inner, below if self._lane(inner).left == lane.left else y, below) + 6
        self.waiting.pop()
        if not inner.later and all(self._lane(each).left != lane.left for each in inner.all() if self._is_drawn(each)):
            self.waits.append([(lane.middle, below + 2), (lane.middle, bottom - 4)])
        return bottom

    def _covers(self, lane: _Lane) -> bool:
        """Return True if the bands of `lane` overlap those of a conversation that waits."""
        return any(each.ground[0] < lane.ground[1] and lane.ground[0] < each.ground[1] for each in self.waiting)

    def _aside(self, lane: _Lane, y: float, text: str, font: Font) -> float:
        for line in font.wrap(text, lane.room):
            y += _PITCH
            self.asides.append((lane.middle, y - 4, line, font))
        return y

    def _is_drawn(self, talk: Talk) -> bool:
        names = {talk.conversation.client, talk.conversation.server}
        return talk.number <= _MOST_TALKS and names <= self.columns.keys()

    def _lane(self, talk: Talk) -> _Lane:
        if self.single:
            states = WIDTH - 8 if self.states else None
            return _Lane(_LEFT, _RIGHT, _LEFT, _RIGHT, (0.0, WIDTH), states, CODE, _WORD_LINES)
        xs = [*self.columns.values()]
        client, server = (self.columns[name] for name in (talk.conversation.client, talk.conversation.server))
        first, last = sorted((client, server))
        ground = (0.0 if first == xs[0] else first + 4, WIDTH if last == xs[-1] else last - 4)
        font = CODE if len(xs) < _MOST_LIFELINES else CODE_SMALL
        return _Lane(client, server, first, xs[xs.index(first) + 1], ground, None, font, _NARROW_WORD_LINES)

    def _lines(self, lane: _Lane, word: Word) -> Iterator[_Line]:
        """Yield the lines to draw: folded if they are many, broken if they are long."""
        if word.side is Side.NOTE:
            yield from (_Line(line, ASIDE) for text in word.lines for line in ASIDE.wrap(f"= {text}", lane.room))
            return
        left_out = len(word.lines) - self.fold + 1 if len(word.lines) > self.fold else 0
        for number, text in enumerate(word.lines):
            if not left_out or not self.fold - 2 <= number < len(word.lines) - 1:
                yield from _broken(lane, word, text)
            elif number == self.fold - 2:
                yield _Line(f"({left_out} more lines)", ASIDE, tip=_tip(word.lines[number:-1]))

    # Drawing

    def _heads(self) -> None:
        if self.single:
            for x, name in zip(self.columns.values(), ("Client (C)", "Server (S)"), strict=True):
                self._head(x, 26, [(name, LABEL)])
            if self.states:
                self.canvas.text(WIDTH - 8, 25.5, "State", LABEL, anchor="end")
            return
        callers = {talk.conversation.client for talk in self.talk.all()}
        called = {talk.conversation.server for talk in self.talk.all()}
        for name, x in self.columns.items():
            role = "Client" if name not in called else "Server, then client" if name in callers else "Server"
            self._head(x, 38, [(role, TINY), (name, CODE_SMALL_BOLD)])

    def _head(self, x: float, height: float, lines: Sequence[tuple[str, Font]]) -> None:
        width = max(font.width(line) for line, font in lines) + 14
        self.canvas.rect(x - width / 2, 8, width, height, stroke="currentColor", weight=1.5, radius=5)
        y = 25.5 if len(lines) == 1 else 23.0
        for line, font in lines:
            self.canvas.text(x, y, line, font, anchor="middle")
            y += 15

    def _word(self, lane: _Lane, word: Word, lines: Sequence[_Line], y: float) -> None:
        for line in lines:
            y += _PITCH
            self._line(lane, word, line, y - 4)
        if word.side is Side.NOTE:
            return
        y += 4
        ends = [(lane.client, y), (lane.server, y)]
        self.canvas.arrow(ends if word.side is Side.CLIENT else ends[::-1])
        if word.becomes is not None and lane.states is not None:
            with self.canvas.tip(about_state(word.becomes)):
                self.canvas.text(lane.states, y + 4, word.becomes.name, VERB_BOLD, anchor="end")

    def _line(self, lane: _Lane, word: Word, line: _Line, y: float) -> None:
        x, canvas = lane.left + _MARGIN, self.canvas
        if line.code:
            with canvas.tip(classify(line.code).summary):
                canvas.chip(x, y, line.code, color_of(int(line.code)), CODE_BOLD)
        if word.side is Side.NOTE:
            canvas.text(lane.middle, y, line.text, line.font, anchor="middle")
        elif line.text:
            with canvas.tip(line.tip) if line.tip else nullcontext():
                canvas.text(x + _ANSWER_ASIDE if word.answers else x, y, line.text, line.font)


def _columns(talk: Talk) -> dict[str, float]:
    """Return the x of the lifeline of each machine, from left to right in order of appearance."""
    if not talk.inner:
        return {"client": _LEFT, "server": _RIGHT}
    names = [name for each in talk.all() for name in (each.conversation.client, each.conversation.server)]
    names = list(dict.fromkeys(names))[:_MOST_LIFELINES]
    pitch = (_LAST - _FIRST) / (len(names) - 1)
    return {name: _FIRST + pitch * number for number, name in enumerate(names)}


def _broken(lane: _Lane, word: Word, text: str) -> Iterator[_Line]:
    """Break one line on the wire into lines that fit on paper; the last one counts the omitted characters."""
    room, code = lane.room, ""
    if word.answers:
        room -= _ANSWER_ASIDE
        if found := _REPLY.match(text):
            code, text = found[1], text[3:].removeprefix(" ")
    lines = lane.font.wrap(text, room)
    shown = lines if len(lines) <= lane.lines else lines[: lane.lines - 1]
    for line in shown:
        yield _Line(line, lane.font, code)
        code = ""
    if shown is not lines:
        yield _Line(f"({len(text) - sum(map(len, shown))} more characters)", ASIDE, tip=_tip([text]))


def _tip(lines: Sequence[str]) -> str:
    """Return omitted lines as the text of a tooltip, shortened to a readable size."""
    shown = [line if len(line) <= _TIP_COLUMNS else f"{line[:_TIP_COLUMNS]} ..." for line in lines[:_TIP_LINES]]
    return "\n".join([*shown, "..."] if len(lines) > _TIP_LINES else shown)
