"""Answer an editor about the language: completions, help on a word, and if a cell is complete.

All of this are functions of the text, the cursor and the engine; none sends anything. Lines above the cursor that have
not been sent yet count as if the server accepted each of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..client.session import SMTP_PORT
from ..protocol.commands import VERBS, Opening
from ..protocol.extensions import EXTENSIONS, Offer, Parameter
from ..protocol.states import GREETING, MESSAGE, State, is_legal, legal_verbs, state_if_accepted
from ..transcript import verb_of
from .arguments import SLOT_OF, Slot, choices
from .cell_result import Page
from .directives import DIRECTIVES, PYTHON, directive_in
from .engine import Engine, says_something
from .notebook_state import OPENERS
from .pages import page_of

_LONE_DOT = "."
_WORD = re.compile(r"%*[A-Za-z0-9]+(?:-[A-Za-z]+)*")
_LOOPBACK = "127.0.0.1"
# What is said beside a verb or an opener where it is offered, for editors sort what they offer as they like. JupyterLab
# has room for a word or two.
LEGAL, ILLEGAL, OPENS = "legal", "not here", "opens"


@dataclass(frozen=True, slots=True)
class Completion:
    """What may replace the text from `start` to `end`, best first.

    Args:
        kinds: for each match, its kind in the state of the session there; empty if there is none.
    """

    matches: tuple[str, ...]
    kinds: tuple[str, ...]
    start: int
    end: int


def complete(code: str, cursor: int, engine: Engine) -> Completion:
    """Return what may be typed at the cursor; what is legal in the state of the session there comes first.

    Args:
        code: the cell.
        cursor: how many characters stand before the cursor.
        engine: the notebook's sessions.
    """
    *above, line = code[:cursor].split("\n")
    state = _state_after(above, engine)
    if line.startswith("%"):
        found = dict.fromkeys(_directives(line, engine, first=not above), "")
    elif _in_message(state):
        found = {}
    elif " " not in line:
        found = _first_words(state, engine.extensions)
    else:
        found = dict.fromkeys(_arguments(line, engine), "")
    typed = line.rpartition(" ")[2]  # a word may hold a colon and brackets
    # What stands before an address stays as typed: JupyterLab offers nothing where what it replaces holds a bracket.
    kept = typed.rfind("<") + 1
    matches = {word[kept:]: kind for word, kind in found.items() if word.lower().startswith(typed.lower())}
    return Completion(tuple(matches), tuple(matches.values()), cursor - len(typed) + kept, cursor)


def inspect(code: str, cursor: int, engine: Engine) -> Page | None:
    """Return the page about the word at the cursor, or about the command around it; None if there is none.

    Args:
        code: the cell.
        cursor: how many characters stand before the cursor.
        engine: the notebook's sessions.
    """
    *above, line = code[:cursor].split("\n")
    at = len(line)
    line += code[cursor:].partition("\n")[0]
    state = _state_after(above, engine)
    if _in_message(state) and not line.startswith("%"):
        return None
    here = next((found[0] for found in _WORD.finditer(line) if found.start() <= at <= found.end()), "")
    first = line.split(" ", 1)[0]
    return next(filter(None, map(_page, (here, first))), None)


def _page(word: str) -> Page | None:
    if word.startswith("%"):
        directive = DIRECTIVES.get(word[1:].lower())
        return None if directive is None else directive.page
    return page_of(word)


def is_complete(code: str, engine: Engine) -> str:
    """Return ``incomplete`` inside a message, ``invalid`` for an unknown directive, else ``complete``."""
    lines = code.split("\n")
    *before, after = _states(lines, engine)
    for line, state in zip(lines, before, strict=True):
        if line.startswith("%") and directive_in(line) is None and not _in_message(state):
            return "invalid"
    return "incomplete" if _in_message(after) else "complete"


# The state at a line


def _in_message(state: State | None) -> bool:
    return state is not None and is_legal(state, MESSAGE)


def _state_after(lines: Sequence[str], engine: Engine) -> State | None:
    *_, state = _states(lines, engine)
    return state


def _states(lines: Sequence[str], engine: Engine) -> Iterator[State | None]:
    """Yield the state before each line and after the last one, if each is accepted; None without a session."""
    state = engine.state
    yield state
    begun = False
    for line in lines:
        line = line.removesuffix("\r")
        if not begun and engine.dials(line):
            state = state_if_accepted(State.CONNECTED, GREETING)
        elif directive_in(line) is None:
            state = _after(line, state)
        begun = begun or (says_something(line) and directive_in(line) is None)
        yield state


def _after(line: str, state: State | None) -> State | None:
    if _in_message(state):
        return state_if_accepted(State.DATA, MESSAGE) if line == _LONE_DOT else state
    word = line.split(" ", 1)[0]
    if word.lower() in OPENERS:
        return state_if_accepted(State.CONNECTED, GREETING)
    return None if state is None else state_if_accepted(state, verb_of(line.encode("utf-8", "replace")))


# What may stand where


def _directives(line: str, engine: Engine, *, first: bool) -> Iterable[str]:
    name, *words = line.split(" ")
    if not words:
        return [*(f"%{each}" for each in DIRECTIVES), *([PYTHON] if first else [])]
    directive = DIRECTIVES.get(name[1:].lower())
    if directive is None:
        return []
    return directive.choices(engine) if len(words) == 1 else directive.seconds(*words[:-1])


def _first_words(state: State | None, in_force: Offer) -> dict[str, str]:
    """Return the legal verbs, those that lead on first, then the others, which can be tried as well."""
    legal = () if state is None else legal_verbs(state, in_force)
    verbs = dict.fromkeys(legal, LEGAL) | {verb: ILLEGAL for verb in VERBS if verb not in legal}
    openers = dict.fromkeys(OPENERS, OPENS)
    return verbs | openers if legal else openers | verbs


def _arguments(line: str, engine: Engine) -> Iterable[str]:
    """Return what may stand at the end of a line after its first word."""
    first, *others = line.split(" ")
    verb, number = first.upper(), len(others)
    if verb.lower() in OPENERS:
        return [*engine.internet.host_names, _LOOPBACK] if number == 1 else [str(SMTP_PORT)] * (number == 2)
    slot = SLOT_OF.get(verb)
    if slot is None or number > 1:
        return _parameters(engine) if slot is not None and slot.word == f"{Opening.word}:" else []
    if not others[0].upper().startswith(f"{slot.word}<") and slot.word:
        return [f"{slot.word}<"]
    return [f"{slot.word}{argument}" for argument in _known(slot, engine) if argument]


def _known(slot: Slot, engine: Engine) -> Iterable[str]:
    """Return the values for a slot: from the lab its users, over a socket examples, from an exercise nothing."""
    if engine.session is None or engine.in_memory:
        return choices(slot, engine.hosts, engine.host) if engine.hosts else ()
    return choices(slot, ())


def _parameters(engine: Engine) -> Iterable[str]:
    """Return the parameters of MAIL that the server has offered in its reply to EHLO."""
    if engine.session is None:
        return []
    offer = engine.session.transcript.extensions
    brought = (EXTENSIONS[keyword] for keyword in offer if keyword in EXTENSIONS)
    rows = (row for extension in brought for row in extension.parameters if row.verb == "MAIL")
    return [word for row in rows for word in _written(row)]


def _written(row: Parameter) -> Iterable[str]:
    """Return how a parameter is written."""
    return [row.keyword] if row.values is None else [f"{row.keyword}={value}" for value in row.values or ("",)]
