"""Carry what a student hands in from one process to another, as data.

Of a value, only what rules look at is kept: its text or octets, cut if they are very long, a number, the items of a
tuple, or the name of its type. Of a function, its results for the arguments that the rules use are kept. What is
restored at the other end looks the same to a rule, and runs no code of the student's.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable, Iterable, Mapping
from types import FrameType
from typing import Any, NoReturn

from . import sentences
from .rules import text_of

# How deep a tuple in a tuple is looked into, how many things of it are kept, and how many characters of a text.
_DEPTH, _WIDTH, MAX_LENGTH = 3, 10, 64 * 1024
_LARGEST = 10**15  # of a number; the text of a very long one takes long to make

RecordedData = Mapping[str, Any]


class Unasked(Exception):
    """A function was not called with this argument: it ran out of time before, or no rule uses it."""


class RecordedFunction:
    """A student's function as a table of its recorded results; callable with one argument.

    Args:
        data: the value that `record` returned.

    Attributes:
        uses: the full names of smtplab's functions that it called.
    """

    def __init__(self, data: RecordedData) -> None:
        self.uses = frozenset(name for name in _listed(data.get("uses")) if isinstance(name, str))
        answers = (pair for pair in _listed(data.get("answers")) if isinstance(pair, list) and len(pair) == 2)
        self._answers = {argument: answer for argument, answer in answers if isinstance(argument, int)}

    def __call__(self, argument: int) -> object:
        """Answer as the student's function did.

        Raises:
            BaseException: what the function raised, or an exception with the same name and built-in ancestor.
            Unasked: if the function was not called with this argument.
        """
        answer = self._answers.get(argument)
        if not isinstance(answer, dict):
            raise Unasked(sentences.NO_ANSWER_RECORDED.format(argument=argument))
        if "raises" in answer:
            _raise(answer)
        return restored(answer)


def record(function: Callable[[Any], object], arguments: Iterable[int]) -> dict[str, Any]:
    """Call a function with some arguments, and return its results as data.

    Raises:
        KeyboardInterrupt: if it is interrupted, also by a timeout.
    """
    asked = iter(arguments)
    first = next(asked)
    data: dict[str, Any] = {"uses": sorted(used_by(function, first)), "answers": [[first, _answer(function, first)]]}
    data["answers"] += ([argument, _answer(function, argument)] for argument in asked)
    return data


def used_by(function: Callable[[Any], object], argument: int) -> frozenset[str]:
    """Call a function once, and return the full names of smtplab's functions that it calls, whatever it calls them."""
    if isinstance(function, RecordedFunction):
        return function.uses
    called = set()

    def watch(frame: FrameType, event: str, value: object) -> None:
        called.add(f"{frame.f_globals.get('__name__')}.{frame.f_code.co_name}")

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        _answer(function, argument)
    finally:
        sys.setprofile(before)
    return frozenset(name for name in called if name.startswith("smtplab."))


def portable(value: object, depth: int = 0) -> dict[str, Any]:
    """Return a value as data that JSON can hold."""
    text = text_of(value)
    if text is not None:
        return {"text": text[:MAX_LENGTH]}
    if type(value) is bytes:
        return {"octets": value[:MAX_LENGTH].decode("latin-1")}
    if type(value) is int and abs(value) < _LARGEST:
        return {"number": value}
    if issubclass(type(value), tuple) and depth < _DEPTH:  # isinstance would ask the value for its class
        items: Any = value
        return {"tuple": [portable(each, depth + 1) for each in list(tuple.__iter__(items))[:_WIDTH]]}
    return {"type": _name(type(value)), "callable": callable(value)}


def restored(data: object) -> object:
    """Return a value that looks to a rule like the one that `portable` recorded."""
    match data:
        case {"text": str(text)}:
            return text
        case {"octets": str(text)}:
            return text.encode("latin-1", "replace")
        case {"number": int(number)}:
            return number
        case {"tuple": list(items)}:
            return tuple(map(restored, items))
        case {"function": dict(answers)}:
            return RecordedFunction(answers)
        case {"type": "NoneType"}:
            return None
        case {"type": str(name), "callable": True}:
            return type(_plain(name), (), {"__call__": lambda self, *arguments: None})()
        case {"type": str(name)}:
            return type(_plain(name), (), {})()
    return None


def _answer(function: Callable[[Any], object], argument: int) -> dict[str, Any]:
    try:
        return portable(function(argument))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # also SystemExit: a student's function may do anything
        kind = type(error)
        ancestors = [each.__name__ for each in kind.__mro__ if getattr(builtins, each.__name__, None) is each]
        return {"raises": _name(kind), "ancestor": ancestors[0], "text": said_by(error)}


def said_by(error: BaseException) -> str:
    """Return the text of a student's exception; empty if it has none, or raises when it is asked."""
    try:
        return (text_of(str(error)) or "")[:MAX_LENGTH]
    except BaseException:
        return ""


def _raise(answer: RecordedData) -> NoReturn:
    name, ancestor = (_plain(answer.get(key)) for key in ("raises", "ancestor"))
    base = getattr(builtins, ancestor, None)
    if not (isinstance(base, type) and issubclass(base, BaseException)) or issubclass(base, KeyboardInterrupt):
        base = Exception
    text = str(answer.get("text"))
    raise type(name, (base,), {"__init__": BaseException.__init__, "__str__": lambda self: text})(text)


def _name(kind: type) -> str:
    return text_of(type.__dict__["__name__"].__get__(kind)) or "object"


def _plain(name: object) -> str:
    return name if isinstance(name, str) and name.isidentifier() else "object"


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
