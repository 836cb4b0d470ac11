"""Where a reply code is picked from a list or typed."""

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
        others: what can be picked besides, by its words; such a thing has no code.
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
        """What is typed; if nothing is, what is picked: three digits, or the words of something else."""
        typed: str = self.line.value.strip()
        picked: str = self.list.value
        return typed or picked

    def pick(self, value: str, *, otherwise: str) -> None:
        """Show a value in the list; one that is not in it shows as `otherwise`."""
        known: Any = [known for _, known in self.list.options]
        self.line.value = ""
        self.list.value = value if value in known else otherwise
