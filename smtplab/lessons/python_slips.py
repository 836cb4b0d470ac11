"""Slips in the Python of an open cell: a name without quotes, a call without brackets, dots where code was to stand."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator, Sequence

from ..base.nearest import nearest
from ..lab.internet import Lab
from ..lab.session import Session
from . import sentences

_LAB = "lab"
_NAMES_OF_THE_LAB = {each.__name__ for each in Lab.__mro__}  # an error of Python names the class that has the method
# A host or an address as the argument of a call, without quotes.
_BARE_NAME = re.compile(r"\b(\w+\.\w+)\(\s*([\w-]+(?:[.@][\w-]+)+)\s*[,)]")
_CURLY = re.compile("[“”„‘’‚«»]")
_WITHOUT_ARGUMENT = re.compile(r"(\w+)\.(\w+)\(\) missing .* argument: '(\w+)'")
_NOT_CLOSED = re.compile(r"never closed|incomplete input|unterminated|EOF")
_BEGINS_A_CALL = re.compile(r"[ \t]*(?:\w+[ \t]*=[ \t]*)?\w+\.\w+\(")
_CALL_ALONE = re.compile(r"""^[ \t]*(?:\w+[ \t]*=[ \t]*)?(\w+)\.(\w+)[ \t]*(?:$|["'])""", re.MULTILINE)


def error_slip(text: str, error: BaseException, session: str, sessions: Sequence[str]) -> str:
    """Return what helps after an error of Python in a cell; empty if the error is of another kind.

    Args:
        text: the cell.
        error: the error with which it ended.
        session: the variable of the session that the cell is about.
        sessions: the variables of all sessions of the notebook.
    """
    if isinstance(error, TypeError) and (found := _WITHOUT_ARGUMENT.search(str(error))):
        owner = _LAB if found[1] in _NAMES_OF_THE_LAB else session
        return sentences.WITHOUT_ARGUMENT.format(call=f"{owner}.{found[2]}", argument=found[3])
    if not isinstance(error, NameError | SyntaxError | AttributeError):
        return ""
    if curly := _CURLY.search(text):
        return sentences.STRAIGHT_QUOTES.format(quote=curly[0])
    if found := _BARE_NAME.search(text):
        if found[1].endswith(".send"):
            return sentences.LINE_IN_QUOTES.format(call=found[1])
        return sentences.NAME_IN_QUOTES.format(call=found[1], name=found[2])
    if isinstance(error, SyntaxError):
        open_end = sentences.NOT_CLOSED if _NOT_CLOSED.search(str(error)) else ""
        open_end = sentences.NOT_ON_ONE_LINE if _goes_over_lines(text, error) else open_end
        return call_alone(text, sessions) or open_end or sentences.IN_QUOTES.format(session=session)
    if isinstance(error, AttributeError):
        is_line = isinstance(error.obj, Session | Lab | None)  # and no builder, which has buttons
        return _of_another(error, session) or (sentences.WITH_SEND.format(session=session) if is_line else "")
    if found := re.search(rf"\b(lab\.\w+)\(\s*({error.name})\s*[,)]", text):
        return sentences.NAME_IN_QUOTES.format(call=found[1], name=found[2])
    return _unknown_name(str(error.name), session, sessions)


def _goes_over_lines(text: str, error: SyntaxError) -> bool:
    """Return True if a text in simple quotes goes on in the next line: another line below has its other quote."""
    if "unterminated string literal" not in str(error) or error.lineno is None:
        return False
    begun, *below = text.split("\n")[error.lineno - 1 :]
    quote = begun[(error.offset or 1) - 1 :][:1]
    return bool(quote) and any(line.count(quote) % 2 and not _BEGINS_A_CALL.match(line) for line in below)


def call_alone(text: str, sessions: Sequence[str]) -> str:
    """Return what helps if a method is named without brackets, which does nothing; empty if none is."""
    for name, method in _calls_alone(text):
        kind = Lab if name == _LAB else Session if name in sessions else None
        if kind is not None and method in _methods(kind):
            return sentences.WITH_BRACKETS.format(call=f"{name}.{method}", arguments=_arguments(kind, method))
    return ""


def _calls_alone(text: str) -> Iterator[tuple[str, str]]:
    code = "\n".join(line for line in text.split("\n") if not line.lstrip().startswith("#"))
    return ((found[1], found[2]) for found in _CALL_ALONE.finditer(code))


def _unknown_name(name: str, session: str, sessions: Sequence[str]) -> str:
    if name == session:
        return sentences.NOT_OPENED.format(session=session)
    if name == "telnet":
        return sentences.WITH_LAB
    if name in _methods(Lab):
        return sentences.OF_THE_LAB.format(name=name, arguments=_arguments(Lab, name))
    if name in _methods(Session):
        return sentences.OF_THE_SESSION.format(session=session, name=name, arguments=_arguments(Session, name))
    if nearest(name, sessions):
        return sentences.OTHER_NAME.format(name=name, session=session)
    return sentences.IN_QUOTES.format(session=session)


def _of_another(error: AttributeError, session: str) -> str:
    """Return which object has the method that another does not have; empty if none has."""
    name = str(error.name)
    if isinstance(error.obj, Session) and name in _methods(Lab):
        return sentences.OF_THE_LAB.format(name=name, arguments=_arguments(Lab, name))
    if not isinstance(error.obj, Lab):
        return ""
    if name in _methods(Session):
        return sentences.OF_THE_SESSION.format(session=session, name=name, arguments=_arguments(Session, name))
    meant = nearest(name.lower(), _methods(Lab))
    return sentences.MEANT_CALL.format(name=name, meant=meant, arguments=_arguments(Lab, meant)) if meant else ""


def _methods(kind: type) -> set[str]:
    return {name for name, _ in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")}


def _arguments(kind: type, method: str) -> str:
    """Return what stands between the brackets of a call: dots, or nothing if it can be called with empty ones."""
    _, *parameters = inspect.signature(getattr(kind, method)).parameters.values()
    return "..." if any(each.default is each.empty for each in parameters) else ""


def unfilled(text: str, given: str) -> str:
    """Return the first line of a cell in which ``...`` still stands for code; empty if there is none.

    Args:
        text: the cell.
        given: the cell as the student found it.
    """
    try:
        nodes = list(ast.walk(ast.parse(text)))
    except SyntaxError:
        return ""
    numbers = sorted(each.lineno for each in nodes if isinstance(each, ast.Constant) and each.value is ...)
    lines = (text.split("\n")[number - 1].strip() for number in numbers)
    return next((line for line in lines if line in given), "")
