"""The text that a terminal shows: octets in, lines out. It scrolls and wraps nothing, so that all stays to be read."""

import re

_STEP = re.compile(r"\x1b\[(?P<mark>[?]?)(?P<numbers>[0-9;]*)(?P<letter>[A-Za-z])|\x1b[()=>].?|\r|\n|\x07|[^\x1b]|\x1b")


class TerminalScreen:
    """The lines of a terminal and its cursor."""

    def __init__(self) -> None:
        self._lines = [""]
        self._row = self._column = 0

    def feed(self, text: str) -> None:
        """Print text, and move the cursor as its control sequences say."""
        for step in _STEP.finditer(text):
            if step["letter"]:
                if not step["mark"]:
                    self._obey(step["letter"], int(step["numbers"].partition(";")[0] or 0))
            elif step[0] == "\r":
                self._column = 0
            elif step[0] == "\n":
                self._down(1)
            elif step[0] == "\b":
                self._column = max(0, self._column - 1)
            elif step[0].isprintable():
                self._print(step[0])

    @property
    def text(self) -> str:
        """All lines, without blanks at their ends; in the line of the cursor those before it count."""
        lines = [line.rstrip() for line in self._lines]
        lines[self._row] = lines[self._row].ljust(self._column)
        return "\n".join(lines)

    def _print(self, letter: str) -> None:
        line = self._lines[self._row].ljust(self._column)
        self._lines[self._row] = line[: self._column] + letter + line[self._column + 1 :]
        self._column += 1

    def _down(self, rows: int) -> None:
        self._row += rows
        self._lines += [""] * (self._row + 1 - len(self._lines))

    def _obey(self, letter: str, number: int) -> None:
        steps = max(1, number)
        if letter == "A":
            self._row = max(0, self._row - steps)
        elif letter == "B":
            self._down(steps)
        elif letter == "C":
            self._column += steps
        elif letter == "D":
            self._column = max(0, self._column - steps)
        elif letter in "JK" and number == 0:
            self._lines[self._row] = self._lines[self._row][: self._column]
            if letter == "J":
                del self._lines[self._row + 1 :]
