"""A field to pick a reply code from a list, or to type it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets

from ...protocol.codes import CODES
from .frontend import LineInput


class CodeField:
    """A list of all codes, and a line for any three digits.

    Args:
        entered: called with digits that were typed and ended with Enter.
        others: other items of the list, by their words; they have no code.
    """

    def __init__(self, entered: Callable[[str], object], others: tuple[str, ...]) -> None:
        codes = [(str(code), str(number)) for number, code in CODES.items()]
        self.list = ipywidgets.Dropdown(
            options=[*((words, words) for words in others), *codes], description="code", layout={"width": "520px"}
        )
        self.line = LineInput("or type it", "three digits", entered)
        self.view = ipywidgets.HBox([self.list, self.line], layout={"flex_flow": "row wrap"})

    @property
    def value(self) -> str:
        """The typed digits, or else the picked item: three digits, or the words of another item."""
        typed: str = self.line.value.strip()
        picked: str = self.list.value
        return typed or picked

    def pick(self, value: str, *, otherwise: str) -> None:
        """Show a value in the list; an unknown one shows as `otherwise`."""
        known: Any = [known for _, known in self.list.options]
        self.line.value = ""
        self.list.value = value if value in known else otherwise
