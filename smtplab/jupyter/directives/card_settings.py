"""Directives that set how much the cards of replies say."""

from __future__ import annotations

from ...explain.cards import LEVELS as LEVELS
from ...explain.cards import cards
from .. import sentences
from ..cell_result import CellError
from ..notebook_state import NotebookState

BRIEF: dict[str, bool | None] = {"on": True, "off": False, "new": None}
_SAID = {
    True: "each reply but a refusal is one line",
    False: "each card is full",
    None: "a card is full for what is new in its session and for a refusal, else one line",
}


def brief(notebook: NotebookState, argument: str) -> object:
    """Choose between full cards and cards of one line, or say which are chosen."""
    if argument and argument not in BRIEF:
        raise CellError(sentences.BRIEF_SYNTAX.format(argument=argument))
    if argument:
        cards.brief = BRIEF[argument]
    return f"= {_SAID[cards.brief]}"


def level(notebook: NotebookState, argument: str) -> object:
    """Choose what a full card says, or say what is chosen."""
    if argument and argument not in LEVELS:
        raise CellError(sentences.CARDS_SYNTAX.format(argument=argument))
    if argument:
        cards.level = argument
    return f"= cards say: {', '.join(LEVELS[: LEVELS.index(cards.level) + 1])}"
