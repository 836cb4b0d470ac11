"""A field to choose or type the argument of a verb."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import ipywidgets

from ..arguments import Slot
from .frontend import LineInput
from .widget import show

_OTHER = "\0"  # stands for what is typed; no argument can hold it


class Field:
    """A list of known arguments, and a line for any other.

    Args:
        slot: the kind of argument.
        entered: called with an argument that was typed and ended with Enter.
    """

    def __init__(self, slot: Slot, entered: Callable[[str], object]) -> None:
        label = slot.word or slot.what
        self.slot = slot
        self._list = ipywidgets.Dropdown(description=label, layout={"width": "max-content", "min_width": "150px"})
        self._line = LineInput(f"your own {slot.what}", "type it, then Enter", entered)
        self._list.observe(self._switch, "value")
        self.view = ipywidgets.HBox([self._list, self._line], layout={"flex_flow": "row wrap"})
        show(self.view, bool(slot.what))
        show(self._line, False)

    def offer(self, known: Iterable[str]) -> None:
        """Fill the list with known arguments, and choose the first."""
        named = [(argument or "(nothing)", argument) for argument in known]
        self._list.options = [*named, ("something else ...", _OTHER)]
        self._list.value = self._list.options[0][1]

    @property
    def value(self) -> str:
        """The chosen or typed argument."""
        chosen: str = self._line.value if self._list.value == _OTHER else self._list.value
        return chosen

    @value.setter
    def value(self, argument: str) -> None:
        if argument in [value for _, value in self._list.options[:-1]]:
            self._list.value = argument
        else:
            self._list.value, self._line.value = _OTHER, argument

    def _switch(self, change: Any) -> None:
        show(self._line, change["new"] == _OTHER)
