"""The ladder: who said what to whom, from the top to the bottom, phase by phase."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile

from ...protocol.states import GREETING, MESSAGE, Phase, State, is_legal
from ...transcript import Recorded, Row, Side, Transcript, banner, transcript_of
from ..figure import Canvas, Figure, Font
from ..style import EDGE, PHASE_COLORS, veil
from .paper import ASIDE, CODE, CODE_BOLD, LABEL, VERB_BOLD, WIDTH, color_of

_LEFT, _RIGHT = 58.0, 654.0  # the lifelines of client and server
_MARGIN = 14.0  # between a lifeline and what is said
_PITCH = 18.0  # from line to line
_REPLY = re.compile(r"([0-9]{3})(?=[ -]|$)")
_MORE_OF_IT = re.compile(r"[0-9]{3}-")
_WORD_LINES = 3  # a single line on the wire takes at most so many on paper
_ANSWER_ASIDE = CODE_BOLD.width("250") + 18  # the room that a code takes before the text of the reply

_Line = tuple[str, str, Font]  # the code of a reply, what else the line says, and how it is set


@dataclass(frozen=True, slots=True)
class _Word:
    """What one side says before the arrow is drawn: a command, a reply, a message, or a note.

    Args:
        answers: whether it is a reply, and so begins with a code.
        becomes: the state that it led to; None if the session stayed where it was.
    """

    side: Side
    phase: Phase
    lines: tuple[str, ...]
    answers: bool
    becomes: State | None


def ladder(source: Recorded, *, fold: int = 8) -> Figure:
    """Draw a conversation as a ladder: an arrow for each word of the client and of the server, phase by phase.

    At the right stands the state that a reply led to.

    Args:
        source: a session or a transcript.
        fold: the most lines of a message or a long reply that are drawn; of longer ones, the first and the last.
            The text alternative has all.
    """
    transcript = transcript_of(source)
    canvas = Canvas(WIDTH)
    words = list(_words(transcript))
    bottom = _Ladder(canvas, fold).draw(words)
    return canvas.finish(bottom, f"Ladder of a conversation, {len(transcript)} lines", _ladder_text(transcript))


def _words(transcript: Transcript) -> Iterator[_Word]:
    """Join the rows that are said in one breath: a message, and a reply in several lines."""
    state, answering = State.CONNECTED, Side.SERVER
    for _, group in groupby(_breaths(transcript), key=lambda pair: pair[0]):
        rows = [row for _, row in group]
        last = rows[-1]
        answers = last.side is answering
        becomes = None if last.state is state or last.side is Side.NOTE else last.state
        yield _Word(last.side, last.phase, tuple(row.text for row in rows), answers, becomes)
        if becomes is not None and is_legal(becomes, GREETING):  # TURN: from now on, the other side answers
            answering = Side.CLIENT if answering is Side.SERVER else Side.SERVER
        state = state if becomes is None else becomes


def _breaths(transcript: Transcript) -> Iterator[tuple[int, Row]]:
    """Number the rows, with the same number for rows of one breath."""
    number, before = 0, None
    for row in transcript:
        goes_on = (
            before is not None
            and row.side is before.side is not Side.NOTE
            and (_MORE_OF_IT.match(before.text) or is_legal(before.state, MESSAGE))
        )
        number += not goes_on
        yield number, row
        before = row


def _in_phases(words: Iterable[_Word]) -> Iterator[tuple[Phase, _Word]]:
    """Yield the words from the first on the wire on, with their phases; a note begins none, as in a transcript."""
    phase = None
    for word in words:
        if word.side is not Side.NOTE:
            phase = word.phase
        if phase is not None:
            yield phase, word


class _Ladder:
    """Draws words from the top to the bottom, on phases as bands."""

    def __init__(self, canvas: Canvas, fold: int) -> None:
        self.canvas = canvas
        self.fold = max(fold, 3)
        self.room = _RIGHT - _LEFT - 2 * _MARGIN

    def draw(self, words: Sequence[_Word]) -> float:
        """Draw everything; return the y of the bottom."""
        self._heads()
        y = self._band(None, list(takewhile(lambda word: word.side is Side.NOTE, words)), 46.0)
        for phase, group in groupby(_in_phases(words), key=lambda pair: pair[0]):
            y = self._band(phase, [word for _, word in group], y)
        return y

    def _heads(self) -> None:
        for x, name in ((_LEFT, "Client (C)"), (_RIGHT, "Server (S)")):
            width = LABEL.width(name) + 14
            self.canvas.rect(x - width / 2, 8, width, 26, stroke="currentColor", weight=1.5, radius=5)
            self.canvas.text(x, 25.5, name, LABEL, anchor="middle")
        self.canvas.text(WIDTH - 8, 25.5, "State", LABEL, anchor="end")

    def _band(self, phase: Phase | None, words: Sequence[_Word], y: float) -> float:
        """Draw the words of one phase, and the lifelines through it; return the y where the next begins."""
        top, y = y, y + (30 if phase else 4)
        laid_out = [(word, list(self._lines(word))) for word in words]
        bottom = y + sum(self._height(word, lines) for word, lines in laid_out) + (4 if words else 0)
        if phase is not None:
            self.canvas.rect(0, top, WIDTH, bottom - top - 4, fill=veil(PHASE_COLORS[phase]), radius=4)
            self.canvas.rect(0, top, 5, bottom - top - 4, fill=PHASE_COLORS[phase])
        for x in (_LEFT, _RIGHT):
            self.canvas.line([(x, top - 4 if phase else 34), (x, bottom - 4)], weight=1.2, opacity=EDGE)
        if phase is not None:
            middle = (_LEFT + _RIGHT) / 2
            self.canvas.chip(middle, top + 19, phase.value, PHASE_COLORS[phase], LABEL, anchor="middle")
        for word, lines in laid_out:
            self._word(word, lines, y)
            y += self._height(word, lines)
        return bottom

    def _height(self, word: _Word, lines: Sequence[_Line]) -> float:
        return len(lines) * _PITCH + (2 if word.side is Side.NOTE else 16)

    def _lines(self, word: _Word) -> Iterator[_Line]:
        """Yield the lines to draw: folded if they are many, broken if they are long."""
        if word.side is Side.NOTE:
            yield from (("", line, ASIDE) for text in word.lines for line in ASIDE.wrap(f"= {text}", self.room))
            return
        left_out = len(word.lines) - self.fold + 1 if len(word.lines) > self.fold else 0
        for number, text in enumerate(word.lines):
            if not left_out or not self.fold - 2 <= number < len(word.lines) - 1:
                yield from self._broken(word, text)
            elif number == self.fold - 2:
                yield "", f"({left_out} more lines)", ASIDE

    def _broken(self, word: _Word, text: str) -> Iterator[_Line]:
        """Break one line of the wire into lines with room on paper; what is behind the last of these is counted."""
        room, code = self.room, ""
        if word.answers:
            room -= _ANSWER_ASIDE
            if found := _REPLY.match(text):
                code, text = found[1], text[3:].removeprefix(" ")
        lines = CODE.wrap(text, room)
        shown = lines if len(lines) <= _WORD_LINES else lines[: _WORD_LINES - 1]
        for line in shown:
            yield code, line, CODE
            code = ""
        if shown is not lines:
            yield "", f"({len(text) - sum(map(len, shown))} more characters)", ASIDE

    def _word(self, word: _Word, lines: Sequence[_Line], y: float) -> None:
        for line in lines:
            y += _PITCH
            self._line(word, line, y - 4)
        if word.side is Side.NOTE:
            return
        y += 4
        ends = [(_LEFT, y), (_RIGHT, y)]
        self.canvas.arrow(ends if word.side is Side.CLIENT else ends[::-1])
        if word.becomes is not None:
            self.canvas.text(WIDTH - 8, y + 4, word.becomes.name, VERB_BOLD, anchor="end")

    def _line(self, word: _Word, line: _Line, y: float) -> None:
        code, text, font = line
        x = _LEFT + _MARGIN
        if code:
            self.canvas.chip(x, y, code, color_of(int(code)), CODE_BOLD)
        if word.side is Side.NOTE:
            self.canvas.text((_LEFT + _RIGHT) / 2, y, text, font, anchor="middle")
        elif text:
            self.canvas.text(x + _ANSWER_ASIDE if word.answers else x, y, text, font)


def _ladder_text(transcript: Transcript) -> str:
    lines = ["Ladder of a conversation between a client (C) and a server (S); = is not on the wire."]
    phase, state = None, State.CONNECTED
    for row in transcript:
        if row.side is not Side.NOTE and row.phase is not phase:
            phase = row.phase
            lines.append(banner(phase))
        arrives = "" if row.state is state or row.side is Side.NOTE else f"  [now {row.state.name}]"
        state = state if row.side is Side.NOTE else row.state
        lines.append(f"{row}{arrives}")
    return "\n".join(lines)
