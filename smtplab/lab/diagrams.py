"""Pictures of SMTP, drawn from the tables and from what was really said: a `Figure` each, with the same in words.

::

    from smtplab import diagrams
    diagrams.ladder(session)                # who said what, in which phase
    diagrams.state_machine(session)         # where the session stands, and how it came there
    diagrams.smtp_range()                   # the lecture's three figures
    diagrams.commands_and_responses()
    diagrams.command_format("MAIL FROM:<forouzanb@adelphia.net>")

Only the places on the paper are chosen here by hand. What stands there is read off the vocabulary, the codes, the
table of states or a transcript.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile

from ..protocol.codes import CODES, Severity, severity_of
from ..protocol.commands import VERBS, Command, Mail, Tier, parse_command
from ..protocol.grammar import Path
from ..protocol.states import GREETING, MESSAGE, PHASES, TRANSITIONS, Phase, State, is_legal
from ..transcript import Exchange, Recorded, Row, Side, Transcript, banner, transcript_of
from .figure import Canvas, Figure, Font, Point
from .style import EDGE, NEUTRAL, ON_COLOR, PHASE_COLORS, SEVERITY_COLORS, SIDE_COLORS, veil

_WIDTH = 760.0  # of every figure: the room that an output has in a window of 1280 pixels

_HEAD, _LABEL, _SMALL = Font(14, bold=True), Font(12, bold=True), Font(12)
_TINY, _ASIDE = Font(11), Font(12, italic=True)
_CODE, _CODE_BOLD, _CODE_SMALL = Font(12.5, mono=True), Font(12.5, mono=True, bold=True), Font(11, mono=True)
_VERB, _VERB_BOLD = Font(12, mono=True), Font(12, mono=True, bold=True)


# The ladder

_LEFT, _RIGHT = 58.0, 654.0  # the lifelines of client and server
_MARGIN = 14.0  # between a lifeline and what is said
_PITCH = 18.0  # from line to line
_REPLY = re.compile(r"([0-9]{3})(?=[ -]|$)")
_MORE_OF_IT = re.compile(r"[0-9]{3}-")
_WORD_LINES = 3  # a single line on the wire takes at most so many on paper
_ANSWER_ASIDE = _CODE_BOLD.width("250") + 18  # the room that a code takes before the text of the reply

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
    canvas = Canvas(_WIDTH)
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
            width = _LABEL.width(name) + 14
            self.canvas.rect(x - width / 2, 8, width, 26, stroke="currentColor", weight=1.5, radius=5)
            self.canvas.text(x, 25.5, name, _LABEL, anchor="middle")
        self.canvas.text(_WIDTH - 8, 25.5, "State", _LABEL, anchor="end")

    def _band(self, phase: Phase | None, words: Sequence[_Word], y: float) -> float:
        """Draw the words of one phase, and the lifelines through it; return the y where the next begins."""
        top, y = y, y + (30 if phase else 4)
        laid_out = [(word, list(self._lines(word))) for word in words]
        bottom = y + sum(self._height(word, lines) for word, lines in laid_out) + (4 if words else 0)
        if phase is not None:
            self.canvas.rect(0, top, _WIDTH, bottom - top - 4, fill=veil(PHASE_COLORS[phase]), radius=4)
            self.canvas.rect(0, top, 5, bottom - top - 4, fill=PHASE_COLORS[phase])
        for x in (_LEFT, _RIGHT):
            self.canvas.line([(x, top - 4 if phase else 34), (x, bottom - 4)], weight=1.2, opacity=EDGE)
        if phase is not None:
            middle = (_LEFT + _RIGHT) / 2
            self.canvas.chip(middle, top + 19, phase.value, PHASE_COLORS[phase], _LABEL, anchor="middle")
        for word, lines in laid_out:
            self._word(word, lines, y)
            y += self._height(word, lines)
        return bottom

    def _height(self, word: _Word, lines: Sequence[_Line]) -> float:
        return len(lines) * _PITCH + (2 if word.side is Side.NOTE else 16)

    def _lines(self, word: _Word) -> Iterator[_Line]:
        """Yield the lines to draw: folded if they are many, broken if they are long."""
        if word.side is Side.NOTE:
            yield from (("", line, _ASIDE) for text in word.lines for line in _ASIDE.wrap(f"= {text}", self.room))
            return
        left_out = len(word.lines) - self.fold + 1 if len(word.lines) > self.fold else 0
        for number, text in enumerate(word.lines):
            if not left_out or not self.fold - 2 <= number < len(word.lines) - 1:
                yield from self._broken(word, text)
            elif number == self.fold - 2:
                yield "", f"({left_out} more lines)", _ASIDE

    def _broken(self, word: _Word, text: str) -> Iterator[_Line]:
        """Break one line of the wire into lines with room on paper; what is behind the last of these is counted."""
        room, code = self.room, ""
        if word.answers:
            room -= _ANSWER_ASIDE
            if found := _REPLY.match(text):
                code, text = found[1], text[3:].removeprefix(" ")
        lines = _CODE.wrap(text, room)
        shown = lines if len(lines) <= _WORD_LINES else lines[: _WORD_LINES - 1]
        for line in shown:
            yield code, line, _CODE
            code = ""
        if shown is not lines:
            yield "", f"({len(text) - sum(map(len, shown))} more characters)", _ASIDE

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
            self.canvas.text(_WIDTH - 8, y + 4, word.becomes.name, _VERB_BOLD, anchor="end")

    def _line(self, word: _Word, line: _Line, y: float) -> None:
        code, text, font = line
        x = _LEFT + _MARGIN
        if code:
            self.canvas.chip(x, y, code, _color_of(int(code)), _CODE_BOLD)
        if word.side is Side.NOTE:
            self.canvas.text((_LEFT + _RIGHT) / 2, y, text, font, anchor="middle")
        elif text:
            self.canvas.text(x + _ANSWER_ASIDE if word.answers else x, y, text, font)


def _color_of(code: int) -> str:
    return SEVERITY_COLORS[severity_of(code)] if 100 <= code <= 599 else NEUTRAL


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


# The state machine


@dataclass(frozen=True, slots=True)
class _Edge:
    """A way from one state to another, with all that leads there: verbs and the digits of the replies."""

    start: State
    end: State
    labels: tuple[str, ...]


def _edges() -> tuple[_Edge, ...]:
    """Read the ways off the table of states; verbs that lead the same way stand together."""
    grouped: dict[tuple[State, State], dict[str, list[str]]] = {}
    for state, moves in TRANSITIONS.items():
        for verb, outcomes in moves.items():
            for severity, after in outcomes.items():
                if after is not state:
                    digits = grouped.setdefault((state, after), {}).setdefault(verb, [])
                    digits.append(f"{int(severity)}yz")
    return tuple(
        _Edge(*ends, tuple(_labelled(verb, said) for verb, said in by.items())) for ends, by in grouped.items()
    )


_COMPLETION = ["2yz"]


def _labelled(verb: str, digits: list[str]) -> str:
    """Name a move; that it takes a 2yz reply goes without saying."""
    spoken = {GREETING: "greeting", MESSAGE: "message"}.get(verb, verb)
    return spoken if digits == _COMPLETION and verb in VERBS else f"{spoken} {' '.join(digits)}"


def _stays(state: State) -> tuple[str, ...]:
    """Return the verbs that may come in `state` and leave it as it is."""
    return tuple(verb for verb, outcomes in TRANSITIONS[state].items() if set(outcomes.values()) <= {state})


@dataclass(frozen=True, slots=True)
class _Sign:
    """Where words stand beside a way: where they begin, end or have their middle."""

    x: float
    y: float
    anchor: str = "start"
    stacked: bool = False  # one verb a line


@dataclass(frozen=True, slots=True)
class _Route:
    """How a way is drawn: its corners from border to border, its label, and the numbers of the steps that took it."""

    corners: tuple[Point, ...]
    label: _Sign
    steps: _Sign


_BOX_WIDTH, _BOX_HEIGHT, _BOX_HEAD = 176.0, 98.0, 23.0
_PLACES: Mapping[State, Point] = {  # the upper left corner of each state
    State.GREETED: (14, 44),
    State.CONNECTED: (14, 190),
    State.REFUSED: (14, 336),
    State.READY: (316, 44),
    State.SENDER: (316, 190),
    State.RECIPIENT: (316, 336),
    State.DATA: (316, 482),
    State.CLOSED: (572, 336),
}
_S = State
# No two ways cross, and no label lies on a way.
_ROUTES: Mapping[tuple[State, State], _Route] = {
    (_S.CONNECTED, _S.GREETED): _Route(
        ((102, 190), (102, 142)), _Sign(94, 163, "end"), _Sign(110, 170)),
    (_S.CONNECTED, _S.REFUSED): _Route(
        ((102, 288), (102, 336)), _Sign(110, 309), _Sign(94, 316, "end")),
    (_S.GREETED, _S.READY): _Route(
        ((190, 60), (316, 60)), _Sign(196, 47), _Sign(301, 64, "end")),
    (_S.GREETED, _S.CLOSED): _Route(
        ((102, 44), (102, 22), (720, 22), (720, 336)), _Sign(110, 16), _Sign(404, 26, "middle")),
    (_S.READY, _S.CONNECTED): _Route(
        ((316, 76), (204, 76), (204, 214), (190, 214)), _Sign(199, 165, "end"), _Sign(204, 185, "middle")),
    (_S.READY, _S.SENDER): _Route(
        ((404, 142), (404, 190)), _Sign(412, 170), _Sign(396, 170, "end")),
    (_S.READY, _S.CLOSED): _Route(
        ((492, 84), (664, 84), (664, 336)), _Sign(500, 78), _Sign(664, 200, "middle")),
    (_S.SENDER, _S.READY): _Route(
        ((316, 230), (292, 230), (292, 124), (316, 124)), _Sign(297, 155, stacked=True), _Sign(300, 212, "end")),
    (_S.SENDER, _S.RECIPIENT): _Route(
        ((404, 288), (404, 336)), _Sign(412, 316), _Sign(396, 316, "end")),
    (_S.SENDER, _S.CLOSED): _Route(
        ((492, 230), (608, 230), (608, 336)), _Sign(500, 224), _Sign(608, 285, "middle")),
    (_S.RECIPIENT, _S.READY): _Route(
        ((316, 376), (258, 376), (258, 108), (316, 108)), _Sign(263, 303, stacked=True), _Sign(258, 250, "middle")),
    (_S.RECIPIENT, _S.DATA): _Route(
        ((404, 434), (404, 482)), _Sign(412, 455), _Sign(396, 462, "end")),
    (_S.RECIPIENT, _S.CLOSED): _Route(
        ((492, 376), (572, 376)), _Sign(500, 363), _Sign(528, 380, "middle")),
    (_S.DATA, _S.READY): _Route(
        ((316, 522), (226, 522), (226, 92), (316, 92)), _Sign(232, 455), _Sign(226, 400, "middle")),
    (_S.REFUSED, _S.CLOSED): _Route(
        ((102, 434), (102, 600), (734, 600), (734, 434)), _Sign(110, 455), _Sign(404, 604, "middle")),
}  # fmt: skip
_REMARKS = {State.CONNECTED: "begin", State.CLOSED: "end"}
_OF_THE_DRAWING = "The verbs inside a state may come there and leave the session in it; those beside an arrow lead on."
_FOOTNOTES = (
    "Where no class of reply is named, it is 2yz; after any other, the session stays where it was.",
    "A verb that a state does not show may not come there: the server answers 503.",
    "The reply 421 closes the session from any state.",
)


def state_machine(state: State | Recorded | None = None, path: Recorded | None = None) -> Figure:
    """Draw the table of states: what may come in each, and where it leads.

    Args:
        state: the state to light, in which the legal moves are bold; or a session or a transcript, for the state it is
            in and its path. None lights nothing, or the state at the end of `path`.
        path: the session or transcript whose exchanges are numbered along the ways they took.
    """
    if state is not None and not isinstance(state, State):
        path, state = state if path is None else path, transcript_of(state).state
    steps: tuple[Exchange, ...] = ()
    if path is not None:
        steps = tuple(exchange for exchange in transcript_of(path).exchanges() if exchange.reply)
        state = state or transcript_of(path).state
    drawn = _StateMachine(Canvas(_WIDTH), state, steps)
    where = f", now {state.name}" if state else ""
    return drawn.draw(f"The states of an SMTP session{where}", _states_text(state, steps))


class _StateMachine:
    """Draws states and ways; `state` is lit, `steps` are numbered."""

    def __init__(self, canvas: Canvas, state: State | None, steps: Sequence[Exchange]) -> None:
        self.canvas = canvas
        self.state = state
        self.steps = steps
        self.taken: dict[tuple[State, State], list[int]] = {}
        for number, step in enumerate(steps, 1):
            self.taken.setdefault((step.before, step.after), []).append(number)

    def draw(self, title: str, text: str) -> Figure:
        for edge in _edges():
            self._edge(edge)
        for state in State:
            self._box(state)
        self._phases(512, 464)
        y = 632.0
        for line in (_OF_THE_DRAWING, *_FOOTNOTES, *self._leaps()):
            self.canvas.text(14, y, line, _SMALL)
            y += 18
        return self.canvas.finish(y - 4, title, text)

    def _edge(self, edge: _Edge) -> None:
        route = _ROUTES[edge.start, edge.end]
        numbers = self.taken.get((edge.start, edge.end), [])
        self.canvas.arrow(route.corners, weight=3.2 if numbers else 1.5)
        font = _VERB_BOLD if edge.start is self.state else _VERB
        sign = route.label
        for number, line in enumerate(edge.labels if sign.stacked else _joined(edge.labels)):
            self.canvas.text(sign.x, sign.y + 14 * number, line, font, anchor=sign.anchor)
        if numbers:
            self._steps(numbers, route.steps)

    def _phases(self, x: float, y: float) -> None:
        """Say in words which states each phase has."""
        for phase in Phase:
            self.canvas.chip(x, y, phase.value, PHASE_COLORS[phase], Font(11, bold=True))
            names = " ".join(state.name for state in State if PHASES[state] is phase)
            self.canvas.text(x, y + 17, names, _CODE_SMALL)
            y += 44

    def _box(self, state: State) -> None:
        canvas, (x, y) = self.canvas, _PLACES[state]
        color, lit = PHASE_COLORS[PHASES[state]], state is self.state
        canvas.rect(x, y, _BOX_WIDTH, _BOX_HEIGHT, fill=veil(color, 0.07), radius=6)
        canvas.rect(x, y, _BOX_WIDTH, _BOX_HEAD, fill=color if lit else veil(color), radius=6)
        canvas.rect(
            x, y, _BOX_WIDTH, _BOX_HEIGHT, stroke="currentColor" if lit else color, weight=3 if lit else 1.5, radius=6
        )
        canvas.text(x + 9, y + 16.5, state.name, _CODE_BOLD, fill=ON_COLOR if lit else "currentColor")
        if remark := "now here" if lit else _REMARKS.get(state):
            fill = ON_COLOR if lit else "currentColor"
            canvas.text(x + _BOX_WIDTH - 9, y + 16.5, remark, _LABEL if lit else _ASIDE, anchor="end", fill=fill)
        self._inside(state, x + 9, y + _BOX_HEAD + 14)
        if numbers := self.taken.get((state, state), []):
            self._steps(numbers, _Sign(x + _BOX_WIDTH - 8, y + _BOX_HEIGHT - 9, "end"))

    def _inside(self, state: State, x: float, y: float) -> None:
        room = _BOX_WIDTH - 16
        stays = _CODE_SMALL if state is not self.state else Font(11, mono=True, bold=True)
        lines = [(line, _TINY) for line in _TINY.wrap(_described(state), room)]
        if verbs := _stays(state):
            lines += [(line, stays) for line in stays.wrap(" ".join(verbs), room)]
        for line, font in lines:
            self.canvas.text(x, y, line, font)
            y += 14.5

    def _steps(self, numbers: Sequence[int], sign: _Sign) -> None:
        """Write the numbers of the steps where they went; the words have those that are too many."""
        shown = " ".join(map(str, numbers)) if len(numbers) < 4 else f"{numbers[0]} {numbers[1]} ..."
        self.canvas.chip(sign.x, sign.y, shown, NEUTRAL, Font(11, bold=True), anchor=sign.anchor)

    def _leaps(self) -> Iterator[str]:
        """Say in words which steps were a 421: they went no way of the table."""
        for number, step in enumerate(self.steps, 1):
            if step.reply and step.reply.code == 421:
                yield f"Step {number} was a reply of 421: it led from {step.before.name} to {step.after.name}."


def _described(state: State) -> str:
    return f"{state.value[0].upper()}{state.value[1:]}."


def _joined(labels: Sequence[str]) -> list[str]:
    """Join single verbs in one line; what a reply is named with stands under its verb."""
    if any(" " in label for label in labels):
        return [line for label in labels for line in label.split(" ", 1)]
    return [" ".join(labels)]


def _states_text(state: State | None, steps: Sequence[Exchange]) -> str:
    lines = ["The states of an SMTP session, and what leads from one to another."]
    edges = _edges()
    for each in State:
        here = " The session is here now." if each is state else ""
        lines.append(f"{each.name} ({PHASES[each].value}): {each.value}.{here}")
        if stays := _stays(each):
            lines.append(f"  stay with {', '.join(stays)}")
        lines += [f"  to {edge.end.name} with {', '.join(edge.labels)}" for edge in edges if edge.start is each]
    lines += _FOOTNOTES
    if steps:
        lines.append("The path so far:")
    for number, step in enumerate(steps, 1):
        code = step.reply.code if step.reply else ""
        said = _labelled(step.verb or "unasked", [str(code)])
        lines.append(f"  {number}. {said}: {_from_to(step)}")
    return "\n".join(lines)


def _from_to(step: Exchange) -> str:
    return f"stays {step.after.name}" if step.before is step.after else f"{step.before.name} to {step.after.name}"


# The lecture's three figures


def smtp_range(hosts: Sequence[str] = ()) -> Figure:
    """Draw the range of SMTP: it is used twice, to the sender's mail server and from there to the receiver's.

    Args:
        hosts: the names of the sender's computer and of the two mail servers, to stand below them; none for nothing.

    Raises:
        ValueError: if there are names, but not three.
    """
    if hosts and len(hosts) != 3:
        raise ValueError(f"the figure has three machines that speak SMTP, and {len(hosts)} names were given")
    canvas = Canvas(_WIDTH)
    for (name, programs), x in zip(_MACHINES, _MACHINES_AT, strict=True):
        _machine(canvas, x, name, programs)
    starts = [x + _MACHINE_WIDTH for x in _MACHINES_AT[:3]]
    for number, (left, right) in enumerate(zip(starts, _MACHINES_AT[1:], strict=True)):
        _leg(canvas, left, right, _LEGS[number])
    for name, x in zip(hosts, _MACHINES_AT, strict=False):
        for number, line in enumerate(_CODE_SMALL.wrap(name, _MACHINE_WIDTH + 40)):
            canvas.text(x + _MACHINE_WIDTH / 2, 242 + 15 * number, line, _CODE_SMALL, anchor="middle")
    ends = (_MACHINES_AT[0], _MACHINES_AT[2] + _MACHINE_WIDTH)
    canvas.line([(ends[0], 50), (ends[0], 40), (ends[1], 40), (ends[1], 50)], weight=1.5)
    canvas.chip(sum(ends) / 2, 28, "The range of SMTP", _CLIENT_COLOR, _HEAD, anchor="middle")
    text = [
        "The range of SMTP. It is used twice:",
        "1. from the sender's computer to the sender's mail server,",
        "2. from the sender's mail server to the receiver's mail server.",
        "The client MTA is on the side that has the message, the server MTA on the side that takes it.",
        "The sender's mail server is both, one after the other.",
        "The receiver fetches the message from there with POP3 or IMAP, which is not SMTP.",
    ]
    text += [f"{name} is {host}." for (name, _), host in zip(_MACHINES, hosts, strict=False)]
    return canvas.finish(268 if hosts else 238, "The range of SMTP", "\n".join(text))


_CLIENT_COLOR, _SERVER_COLOR = SIDE_COLORS[Side.CLIENT], SIDE_COLORS[Side.SERVER]
_CLIENT_MTA, _SERVER_MTA = "Client MTA", "Server MTA"
_MACHINES = (
    ("Sender's computer", ("Mail program", _CLIENT_MTA)),
    ("Sender's mail server", (_SERVER_MTA, "Spool", _CLIENT_MTA)),
    ("Receiver's mail server", (_SERVER_MTA, "Mailboxes")),
    ("Receiver's computer", ("Mail program",)),
)
_MACHINE_WIDTH = 128.0
_MACHINES_AT = (10.0, 214.0, 418.0, 622.0)
_LEGS = (("SMTP", "first use"), ("SMTP", "second use"), ("POP3, IMAP", "no SMTP"))


def _machine(canvas: Canvas, x: float, name: str, programs: Sequence[str]) -> None:
    canvas.rect(x, 58, _MACHINE_WIDTH, 166, fill=veil(NEUTRAL, 0.07), stroke=NEUTRAL, weight=1.5, radius=8)
    y = 78.0
    for line in _LABEL.wrap(name, _MACHINE_WIDTH - 10):
        canvas.text(x + _MACHINE_WIDTH / 2, y, line, _LABEL, anchor="middle")
        y += 15
    for program in programs:
        color = {_CLIENT_MTA: _CLIENT_COLOR, _SERVER_MTA: _SERVER_COLOR}.get(program)
        at = 121.0 + 34 * programs.index(program) if color is None or len(programs) > 1 else 121.0
        font = _LABEL if color else _SMALL
        canvas.rect(x + 10, at - 17, _MACHINE_WIDTH - 20, 26, fill=color or "none", stroke=color or NEUTRAL, radius=5)
        canvas.text(
            x + _MACHINE_WIDTH / 2, at, program, font, anchor="middle", fill=ON_COLOR if color else "currentColor"
        )


def _leg(canvas: Canvas, left: float, right: float, labels: tuple[str, str]) -> None:
    is_smtp = labels[0] == "SMTP"
    canvas.arrow([(left + 3, 150), (right - 3, 150)], weight=3 if is_smtp else 1.5, dash="" if is_smtp else "5 4")
    middle = (left + right) / 2
    canvas.text(middle, 140, labels[0], _LABEL if is_smtp else _TINY, anchor="middle")
    canvas.text(middle, 169, labels[1], _SMALL, anchor="middle")


def commands_and_responses() -> Figure:
    """Draw what passes between client and server: commands one way, responses the other, each ended by CRLF."""
    canvas = Canvas(_WIDTH)
    tiers = {tier: [verb.name for verb in VERBS.values() if verb.tier is tier] for tier in Tier}
    classes = {severity: [code for code in _LECTURE_CODES if severity_of(code) is severity] for severity in Severity}
    classes = {severity: codes for severity, codes in classes.items() if codes}
    for x, name, color in ((8, _CLIENT_MTA, _CLIENT_COLOR), (_WIDTH - 128, _SERVER_MTA, _SERVER_COLOR)):
        canvas.rect(x, 8, 120, 252, fill=veil(color), stroke=color, weight=1.5, radius=8)
        canvas.text(x + 60, 139, name, _HEAD, anchor="middle")
    left, right = 142.0, _WIDTH - 142
    _passage(canvas, f"Commands ({sum(map(len, tiers.values()))} in the lecture)", [(left, 44), (right, 44)])
    for number, (tier, verbs) in enumerate(tiers.items()):
        canvas.text(left + 10, 68 + 21 * number, tier.value, _SMALL)
        canvas.text(left + 114, 68 + 21 * number, " ".join(verbs), _VERB)
    _passage(canvas, f"Responses ({len(_LECTURE_CODES)} in the lecture)", [(right, 164), (left, 164)])
    for number, (severity, codes) in enumerate(classes.items()):
        y = 189 + 21 * number
        canvas.chip(left + 10, y, f"{int(severity)}yz", SEVERITY_COLORS[severity], _VERB_BOLD)
        canvas.text(left + 114, y, f"{severity.phrase}: {_plural(len(codes), 'code')}", _SMALL)
    canvas.text(
        _WIDTH / 2,
        286,
        "Each line ends in CRLF, the two characters carriage return and line feed.",
        _SMALL,
        anchor="middle",
    )
    text = ["Commands go from the client MTA to the server MTA, responses the other way."]
    text += [f"Commands, {tier.value}: {', '.join(verbs)}" for tier, verbs in tiers.items()]
    text += [f"Responses, {int(s)}yz {s.phrase}: {', '.join(map(str, codes))}" for s, codes in classes.items()]
    text += ["Each line of either ends in CRLF, the two characters carriage return and line feed."]
    return canvas.finish(300, "Commands and responses between client and server", "\n".join(text))


_LECTURE_CODES = tuple(number for number, code in CODES.items() if code.lecture is not None)


def _passage(canvas: Canvas, name: str, ends: Sequence[Point]) -> None:
    canvas.arrow(ends, weight=3)
    canvas.text((ends[0][0] + ends[1][0]) / 2, ends[0][1] - 12, name, _HEAD, anchor="middle")


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


_FORMAT_EXAMPLE = Mail(Path.parse("forouzanb@adelphia.net"))
_KEYWORD, _SPACE, _ARGUMENT, _END = "keyword", "space", "argument", "end of line"
_PART_COLORS = {
    _KEYWORD: _CLIENT_COLOR,
    _SPACE: NEUTRAL,
    _ARGUMENT: _SERVER_COLOR,
    _END: PHASE_COLORS[Phase.CONNECTION_TERMINATION],
}
_CELLS, _CELL_WIDTH, _CELL_HEIGHT, _CELLS_AT = 16, 44.0, 42.0, 44.0
_NAMED = {0x20: "SP", 0x0D: "CR", 0x0A: "LF"}


def command_format(command: Command | str = _FORMAT_EXAMPLE) -> Figure:
    """Draw the format of a command, keyword and argument, and each octet that goes over the wire.

    Args:
        command: a command, or its line as it is typed.

    Raises:
        RemoteProtocolError: if the line is no command.
    """
    if isinstance(command, str):
        command = parse_command(command.encode())
    canvas = Canvas(_WIDTH)
    parts = _parts(command)
    y = _pieces(canvas, parts)
    marked = [(octet, name) for name, octets in parts for octet in octets]
    for start in range(0, len(marked), _CELLS):
        y = _octets(canvas, marked[start : start + _CELLS], start, y)
    line = command.serialize()
    text = [f"The format of a command, and its {_plural(len(line), 'octet')} in hexadecimal digits."]
    for name, octets in parts:
        text.append(f"{name}: {_shown(octets)}")
        text += [f"  {octets[start : start + _CELLS].hex(' ')}" for start in range(0, len(octets), _CELLS)]
    return canvas.finish(y, f"The format of the command {command.verb}", "\n".join(text))


def _parts(command: Command) -> list[tuple[str, bytes]]:
    """Take the octets of a command apart."""
    line = command.serialize()
    keyword = command.verb.encode()
    argument = line[len(keyword) : -2]
    parts = [(_KEYWORD, keyword), (_SPACE, argument[:1]), (_ARGUMENT, argument[1:]), (_END, line[-2:])]
    return [(name, octets) for name, octets in parts if octets]


def _pieces(canvas: Canvas, parts: Sequence[tuple[str, bytes]]) -> float:
    """Draw the parts side by side, each below its name; return the y below."""
    widths = [max(_CODE_BOLD.width(_shown(octets)), _SMALL.width(name)) + 14 for name, octets in parts]
    longest = widths.index(max(widths))
    widths[longest] -= max(0.0, sum(widths) + 6 * (len(parts) - 1) - (_WIDTH - 16))
    lines = [_CODE_BOLD.wrap(_shown(octets), width - 14) for (_, octets), width in zip(parts, widths, strict=True)]
    height = 12 + 18.0 * max(map(len, lines))
    x = (_WIDTH - sum(widths) - 6 * (len(parts) - 1)) / 2
    for (name, _), width, written in zip(parts, widths, lines, strict=True):
        color = _PART_COLORS[name]
        canvas.text(x + width / 2, 20, name, _SMALL, anchor="middle")
        canvas.rect(x, 28, width, height, fill=veil(color), stroke=color, weight=1.5, radius=4)
        for number, line in enumerate(written):
            canvas.text(x + width / 2, 46.5 + 18 * number, line, _CODE_BOLD, anchor="middle")
        x += width + 6
    return 28 + height + 18


def _octets(canvas: Canvas, marked: Sequence[tuple[int, str]], start: int, y: float) -> float:
    """Draw a row of octets, character above number, and below them which part they belong to; return the y below."""
    canvas.text(_CELLS_AT - 10, y + 26, str(start), _CODE_SMALL, anchor="end")
    x = _CELLS_AT
    for name, group in groupby(marked, key=lambda pair: pair[1]):
        octets = [octet for octet, _ in group]
        width = _CELL_WIDTH * len(octets)
        canvas.rect(x, y, width, _CELL_HEIGHT, fill=veil(_PART_COLORS[name]))
        for number, octet in enumerate(octets):
            middle = x + _CELL_WIDTH * (number + 0.5)
            canvas.rect(middle - _CELL_WIDTH / 2, y, _CELL_WIDTH, _CELL_HEIGHT, stroke=_PART_COLORS[name])
            canvas.text(middle, y + 18, _character(octet), _CODE_BOLD, anchor="middle")
            canvas.text(middle, y + 35, f"{octet:02x}", _CODE_SMALL, anchor="middle")
        label = next(label for label in (name, name.split()[0], "") if _TINY.width(label) <= width)
        ends = [(x + 3, y + _CELL_HEIGHT + 3), (x + 3, y + _CELL_HEIGHT + 7)]
        canvas.line([*ends, (x + width - 3, ends[1][1]), (x + width - 3, ends[0][1])], weight=1.2)
        canvas.text(x + width / 2, y + _CELL_HEIGHT + 20, label, _TINY, anchor="middle")
        x += width
    return y + _CELL_HEIGHT + 34


def _shown(octets: bytes) -> str:
    """Return octets as text in which a space alone, and CR and LF, have names."""
    if len(octets) == 1 or not octets.strip():
        return " ".join(map(_character, octets))
    return octets.decode("utf-8", "replace")


def _character(octet: int) -> str:
    return _NAMED.get(octet) or (chr(octet) if 0x20 < octet < 0x7F else "")
