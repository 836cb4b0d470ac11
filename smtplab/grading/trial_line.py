"""The line between the process of a student, where a program runs, and the process of ours that tries it.

Each side calls functions of the other, and only those that are served at that moment. A call and its answer are lines
of JSON. Nothing that the student's side says is trusted: it may be any code of the student's that says it.
"""

from __future__ import annotations

import builtins
import json
import os
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from .recording import said_by

Served = Mapping[str, Callable[..., Any]]

_LONGEST = 4 * 1024 * 1024  # octets of a line


class BrokenOff(BaseException):
    """A trial ends here. It is not an `Exception`, because a program's own errors are part of its trial."""


class LineEnded(BrokenOff):
    """The other side has ended."""


class SaidTooMuch(LineEnded):
    """The other side has said more than is read."""


class Begun(BrokenOff):
    """The student's side begins with another program, whatever was under way."""

    def __init__(self, exercise: str, course: str, question: str) -> None:
        super().__init__()
        self.exercise, self.course, self.question = exercise, course, question


class ProgramStopped(BaseException):
    """A program did not come to its end in a trial.

    Args:
        place: the line that was stopped; empty if its source is not known.
        seconds: the time that was over; 0 if it ran too many lines.
    """

    def __init__(self, place: str = "", seconds: float = 0.0) -> None:
        super().__init__(place, seconds)

    @property
    def record(self) -> dict[str, Any]:
        """What the record of the trial has of it."""
        place, seconds = self.args
        return {"endless": place, "seconds": seconds}


class Abandoned(BaseException):
    """A program waits or goes on for ever. It is no `Exception`, so that code which catches those lets it by."""


# The errors of trials, which either side may raise at the other.
_ERRORS: Mapping[str, type[BaseException]] = {each.__name__: each for each in (ProgramStopped, Abandoned)}


class OtherError(Exception):
    """An error of the other side whose class is not known here."""


class TrialLine:
    """One end of the line.

    Args:
        descriptor: of the socket; it stays open.
        most_octets: how much of the other side is read in all; None for no limit.
    """

    def __init__(self, descriptor: int, most_octets: int | None = None) -> None:
        self._descriptor = descriptor
        self._file = open(descriptor, "rb", closefd=False)  # noqa: SIM115  as long as the process lives
        self._left = most_octets

    def tell(self, **what: Any) -> None:
        """Send a line.

        Raises:
            LineEnded: if the other side has ended.
        """
        unsent = memoryview(json.dumps(what).encode() + b"\n")
        try:
            while unsent:
                unsent = unsent[os.write(self._descriptor, unsent) :]
        except OSError:
            raise LineEnded from None

    def begin(self, exercise: str, course: str, question: str) -> int:
        """Begin with a program, on the student's side.

        Returns:
            Its number at the other side; 0 if that tries no such program.
        """
        self.tell()  # the line before may be cut, where the cell was interrupted
        self.tell(begin=[exercise, course, question])
        while True:
            match self._heard():
                case {"begun": int(number)}:
                    return number

    def serve(self, served: Served) -> None:
        """Answer calls until the other side has no more."""
        while True:
            match self._heard():
                case {"over": _}:
                    return
                case {"do": str(name), "given": list(given)}:
                    self._answer(served, name, given)

    def call(self, name: str, *given: Any, served: Served | None = None) -> Any:
        """Call a function of the other side, and answer its calls meanwhile.

        Args:
            name: of the function.
            given: its arguments; what JSON can hold.
            served: the functions that the other side may call until it has answered.

        Raises:
            BaseException: what the function has raised, by its class here; `OtherError` if there is none.
            BrokenOff: if the other side has ended, or begins with another program.
        """
        self.tell(do=name, given=given)
        while True:
            match self._heard():
                case {"gave": value}:
                    return value
                case {"raised": str(kind), "with": list(told)}:
                    self._raise(kind, told)
                case {"do": str(asked), "given": list(arguments)}:
                    self._answer(served or {}, asked, arguments)
                case {"begin": [str(exercise), str(course), str(question)]}:
                    raise Begun(exercise, course, question)

    def wait(self) -> NoReturn:
        """Wait for the student's side to begin with a program, and raise `Begun`; `LineEnded` if it has ended."""
        while True:
            match self._heard():
                case {"begin": [str(exercise), str(course), str(question)]}:
                    raise Begun(exercise, course, question)

    def _heard(self) -> Mapping[str, Any]:
        """Return what the next line says; nothing if it is cut, or no such line."""
        try:
            line = self._file.readline(_LONGEST)
        except OSError:  # it ended, and had not read all
            raise LineEnded from None
        if self._left is not None:
            self._left -= len(line)
        if len(line) == _LONGEST or (self._left is not None and self._left < 0):
            raise SaidTooMuch
        if not line.endswith(b"\n"):
            raise LineEnded
        try:
            said = json.loads(line)
        except (ValueError, RecursionError):
            return {}
        return said if isinstance(said, dict) else {}

    def _answer(self, served: Served, name: str, given: list[Any]) -> None:
        try:
            said = {"gave": served[name](*given)}
        except (KeyboardInterrupt, BrokenOff):
            raise
        except BaseException as error:  # a program may raise anything
            kind = type(error).__name__
            said = {"raised": kind, "with": list(error.args) if kind in _ERRORS else [said_by(error)]}
        self.tell(**said)

    def _raise(self, kind: str, told: list[Any]) -> NoReturn:
        own = getattr(builtins, kind, None)
        if not (isinstance(own, type) and issubclass(own, Exception)):
            own = _ERRORS.get(kind, OtherError)
        try:
            error = own(*told)
        except TypeError:  # such as UnicodeDecodeError, which needs more
            error = OtherError(*told)
        raise error from None
