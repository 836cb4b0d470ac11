"""Draw the table of states as a graph, which grows with a session: what it has not passed yet is grey."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...base.printed import sentence
from ...explain.cards import cards
from ...protocol.codes import Severity
from ...protocol.commands import VERBS
from ...protocol.states import GREETING, MESSAGE, PHASES, TRANSITIONS, Phase, State, leading_verbs
from ...show.figure import Canvas, Figure, Point
from ...show.style import NEUTRAL, ON_COLOR, PHASE_COLORS, veil
from ...transcript import Exchange
from ..recorded import Recorded, polled, transcript_of
from ..session import Session
from .paper import ASIDE, CODE_BOLD, CODE_SMALL, CODE_SMALL_BOLD, LABEL, SMALL, TINY, TINY_BOLD, VERB, VERB_BOLD, WIDTH


@dataclass(frozen=True, slots=True)
class _Edge:
    """An arrow from one state to another, with its labels: verbs and the classes of their replies."""

    start: State
    end: State
    labels: tuple[str, ...]


def _edges() -> tuple[_Edge, ...]:
    """Return the arrows of the table of states; verbs with the same start and end share one."""
    grouped: dict[tuple[State, State], dict[str, list[Severity]]] = {}
    for state, moves in TRANSITIONS.items():
        for verb, outcomes in moves.items():
            for severity, after in outcomes.items():
                if after is not state:
                    grouped.setdefault((state, after), {}).setdefault(verb, []).append(severity)
    return tuple(
        _Edge(*ends, tuple(_labelled(verb, _classes(verb, said)) for verb, said in by.items()))
        for ends, by in grouped.items()
    )


_SPOKEN = {GREETING: "greeting", MESSAGE: "message"}
_CLASSES_OF_FINAL_REPLIES = 3  # all but the one that asks for more
_TIP_STEPS = 40  # the maximum of steps that a tooltip names


def _labelled(verb: str, said: str) -> str:
    """Return the label of a verb: its name, and what is said of its reply, if anything is."""
    return f"{_SPOKEN.get(verb, verb)} {said}".rstrip()


def _classes(verb: str, severities: Sequence[Severity]) -> str:
    """Name the classes of replies with which a verb takes an arrow; empty for a typed verb that needs a 2yz."""
    if verb in VERBS and [*severities] == [Severity.POSITIVE_COMPLETION]:
        return ""
    names = [cards.name_of(severity) for severity in severities]
    if cards.explains_digits:
        return " ".join(names)
    return "any reply" if len(names) == _CLASSES_OF_FINAL_REPLIES else ", ".join(names)


def _stays(state: State) -> tuple[str, ...]:
    """Return the verbs that are legal in `state` and do not change it."""
    return tuple(verb for verb, outcomes in TRANSITIONS[state].items() if set(outcomes.values()) <= {state})


@dataclass(frozen=True, slots=True)
class _Sign:
    """The position of text beside an arrow: the x of its start, middle or end, as `anchor` says."""

    x: float
    y: float
    anchor: str = "start"
    stacked: bool = False  # one verb per line


@dataclass(frozen=True, slots=True)
class _Route:
    """The corners of an arrow from border to border, and the positions of its label and of its step numbers."""

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
# No two arrows cross, and no label lies on an arrow.
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
_OF_THE_DRAWING = "The verbs inside a state are legal there and do not leave it; those beside an arrow lead on."
_OF_WHAT_MAY_COME = "What may come now is bold, with a dot where its arrow begins."
_OF_THE_PATH = "A thick arrow was taken; the grey numbers count the steps in their order."
_OF_THE_REST = "Grey states and arrows were not passed yet, and do not show their verbs."
_OF_THE_CLASS = "An arrow that names no reply needs the reply {reply}; after any other, the session stays where it was."
_FOOTNOTES = (
    "A verb that a state does not show is not legal there: the server answers 503.",
    "The reply 421 closes the session from any state.",
)


def state_machine(
    state: State | Recorded | None = None, path: Recorded | None = None, *, whole: bool = False
) -> Figure:
    """Draw the table of states: the verbs that are legal in each state, and where they lead.

    With a path, the drawing grows: states that were not passed yet are grey boxes with a name, and arrows that were
    not taken are grey and without verbs, but for those that may be taken now.

    Args:
        state: the state to highlight, with its legal verbs in bold; or a session or a transcript, for its state and
            its path. None highlights nothing, or the state at the end of `path`.
        path: the session or transcript whose exchanges are numbered along the arrows.
        whole: True draws everything in full, also what was not passed yet.
    """
    if state is not None and not isinstance(state, State):
        path, state = state if path is None else path, _state_of(state)
    steps: tuple[Exchange, ...] = ()
    if path is not None:
        steps = tuple(exchange for exchange in transcript_of(path).exchanges() if exchange.reply)
        state = state or _state_of(path)
    passed = tuple(State) if whole or path is None else _passed(state, steps)
    drawn = _StateMachine(Canvas(WIDTH), state, steps, passed)
    where = f", now {state.name}" if state else ""
    return drawn.draw(f"The states of an SMTP session{where}", _states_text(state, steps, passed))


def _passed(state: State | None, steps: Sequence[Exchange]) -> tuple[State, ...]:
    """Return the states of a path, with the highlighted one, in the table's order."""
    found = {state, *(each for step in steps for each in (step.before, step.after))}
    return tuple(each for each in State if each in found)


def _state_of(source: Recorded) -> State:
    """Return the state of a conversation; for a session, CLOSED if its connection is gone."""
    return polled(source).state if isinstance(source, Session) else transcript_of(source).state


class _StateMachine:
    """Draw states and arrows, with `state` highlighted and `steps` numbered; states that are not `passed` are grey."""

    def __init__(self, canvas: Canvas, state: State | None, steps: Sequence[Exchange], passed: Sequence[State]) -> None:
        self.canvas = canvas
        self.state = state
        self.steps = steps
        self.passed = passed
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
        for line in (_OF_THE_DRAWING, *_footnotes(), *self._legend(), *self._leaps()):
            self.canvas.text(14, y, line, SMALL)
            y += 18
        return self.canvas.finish(y - 4, title, text)

    def _edge(self, edge: _Edge) -> None:
        route = _ROUTES[edge.start, edge.end]
        numbers = self.taken.get((edge.start, edge.end), [])
        if not (numbers or edge.start is self.state or self._is_whole):
            self.canvas.arrow(route.corners, weight=1, dash="3 3", color=NEUTRAL)
            return
        self.canvas.arrow(route.corners, weight=3.2 if numbers else 1.5)
        font = VERB
        if edge.start is self.state:
            font = VERB_BOLD
            self.canvas.dot(*route.corners[0], 5)
        sign = route.label
        for number, line in enumerate(edge.labels if sign.stacked else _joined(edge.labels)):
            self.canvas.text(sign.x, sign.y + 14 * number, line, font, anchor=sign.anchor)
        if numbers:
            self._steps(numbers, route.steps)

    def _phases(self, x: float, y: float) -> None:
        """Name the states of each phase."""
        for phase in Phase:
            self.canvas.chip(x, y, phase.value, PHASE_COLORS[phase], TINY_BOLD)
            names = " ".join(state.name for state in State if PHASES[state] is phase)
            self.canvas.text(x, y + 17, names, CODE_SMALL)
            y += 44

    @property
    def _is_whole(self) -> bool:
        return len(self.passed) == len(State)

    def _box(self, state: State) -> None:
        canvas, (x, y) = self.canvas, _PLACES[state]
        if state not in self.passed:
            canvas.rect(x, y, _BOX_WIDTH, _BOX_HEIGHT, stroke=NEUTRAL, weight=1, radius=6, dash="3 3")
            canvas.text(x + 9, y + 16.5, state.name, CODE_SMALL)
            return
        color, lit = PHASE_COLORS[PHASES[state]], state is self.state
        canvas.rect(x, y, _BOX_WIDTH, _BOX_HEIGHT, fill=veil(color, 0.07), radius=6)
        canvas.rect(x, y, _BOX_WIDTH, _BOX_HEAD, fill=color if lit else veil(color), radius=6)
        canvas.rect(
            x, y, _BOX_WIDTH, _BOX_HEIGHT, stroke="currentColor" if lit else color, weight=3 if lit else 1.5, radius=6
        )
        canvas.text(x + 9, y + 16.5, state.name, CODE_BOLD, fill=ON_COLOR if lit else "currentColor")
        if remark := "now here" if lit else _REMARKS.get(state):
            fill = ON_COLOR if lit else "currentColor"
            canvas.text(x + _BOX_WIDTH - 9, y + 16.5, remark, LABEL if lit else ASIDE, anchor="end", fill=fill)
        self._inside(state, x + 9, y + _BOX_HEAD + 14)
        if numbers := self.taken.get((state, state), []):
            self._steps(numbers, _Sign(x + _BOX_WIDTH - 8, y + _BOX_HEIGHT - 9, "end"))

    def _inside(self, state: State, x: float, y: float) -> None:
        room = _BOX_WIDTH - 16
        stays = CODE_SMALL if state is not self.state else CODE_SMALL_BOLD
        lines = [(line, TINY) for line in TINY.wrap(sentence(state.value), room)]
        if verbs := _stays(state):
            lines += [(line, stays) for line in stays.wrap(" ".join(verbs), room)]
        for line, font in lines:
            self.canvas.text(x, y, line, font)
            y += 14.5

    def _steps(self, numbers: Sequence[int], sign: _Sign) -> None:
        """Write step numbers beside their arrow; if there are many, the tooltip and the text have the rest."""
        shown = " ".join(map(str, numbers)) if len(numbers) < 4 else f"{numbers[0]} {numbers[1]} ..."
        with self.canvas.tip("\n".join(_told(number, self.steps[number - 1]) for number in numbers[:_TIP_STEPS])):
            self.canvas.chip(sign.x, sign.y, shown, NEUTRAL, TINY_BOLD, anchor=sign.anchor)

    def _legend(self) -> Iterator[str]:
        """Explain the signs that only some drawings have."""
        if self.state is not None and TRANSITIONS[self.state]:
            yield _OF_WHAT_MAY_COME
        if self.steps:
            yield _OF_THE_PATH
        if not self._is_whole:
            yield _OF_THE_REST

    def _leaps(self) -> Iterator[str]:
        """Name the steps with a 421, which the table has no arrow for."""
        for number, step in enumerate(self.steps, 1):
            if step.reply and step.reply.code == 421:
                yield f"Step {number} was a reply of 421: it led from {step.before.name} to {step.after.name}."


def _joined(labels: Sequence[str]) -> list[str]:
    """Join single verbs in one line; a label with digits takes two lines, the verb above the digits."""
    if any(" " in label for label in labels):
        return [line for label in labels for line in label.split(" ", 1)]
    return [" ".join(labels)]


def _footnotes() -> tuple[str, ...]:
    """Return the lines below every drawing; the first one names the usual class of replies as the cards do."""
    reply = f"a {cards.name_of(Severity.POSITIVE_COMPLETION)}" if cards.explains_digits else '"done"'
    return (_OF_THE_CLASS.format(reply=reply), *_FOOTNOTES)


def _states_text(state: State | None, steps: Sequence[Exchange], passed: Sequence[State]) -> str:
    lines = ["The states of an SMTP session, and what leads from one to another."]
    edges = _edges()
    for each in passed:
        here = f" The session is here now. {_may_come(each)}" if each is state else ""
        lines.append(f"{each.name} ({PHASES[each].value}): {each.value}.{here}")
        if stays := _stays(each):
            lines.append(f"  stay with {', '.join(stays)}")
        lines += [f"  to {edge.end.name} with {', '.join(edge.labels)}" for edge in edges if edge.start is each]
    if rest := [each.name for each in State if each not in passed]:
        lines.append(f"Not passed yet: {', '.join(rest)}.")
    lines += _footnotes()
    if steps:
        lines.append("The path so far:")
    lines += [f"  {_told(number, step)}" for number, step in enumerate(steps, 1)]
    return "\n".join(lines)


def _told(number: int, step: Exchange) -> str:
    """Describe a step: the verb, the code of the reply, and where it led."""
    code = str(step.reply.code) if step.reply else ""
    return f"{number}. {_labelled(step.verb or 'unasked', code)}: {_from_to(step)}"


def _may_come(state: State) -> str:
    """Name what may come in `state`, what leads on first."""
    spoken = [_SPOKEN.get(verb, verb) for verb in sorted(TRANSITIONS[state], key=_order(state))]
    return f"What may come: {', '.join(spoken)}." if spoken else "Nothing may come."


def _order(state: State) -> Callable[[str], int]:
    """Return the sort key of the verbs that may come in `state`: those that lead on come first, in their own order."""
    leading = leading_verbs(state)
    return lambda verb: leading.index(verb) if verb in leading else len(leading)


def _from_to(step: Exchange) -> str:
    return f"stays {step.after.name}" if step.before is step.after else f"{step.before.name} to {step.after.name}"
