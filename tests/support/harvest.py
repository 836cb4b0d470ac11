"""What a script finds in an exercise that it takes apart, without reading the task sheet.

It looks at every attribute, public or private, at what functions remember, and calls whatever the exercise's package
has with what it has found. It makes texts and sessions of all that, as somebody would who has seen the objects.
"""

from __future__ import annotations

import inspect
import logging
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from itertools import chain, permutations
from typing import Any

from smtplab.grading.handout import Exercise

_MOST, _DEPTH = 6000, 5
_PLAIN = (str, bytes, int, float, bool, type(None))
_ITEMS = 60  # of a sequence


@dataclass
class Harvest:
    """What was found.

    Attributes:
        objects: the objects.
        texts: what may be handed in.
        sessions: lines that may be sent.
        named: texts by the name of the attribute that held them.
    """

    objects: list[Any] = field(default_factory=list)
    texts: dict[str, None] = field(default_factory=dict)
    sessions: dict[tuple[str, ...], None] = field(default_factory=dict)
    named: dict[str, dict[str, None]] = field(default_factory=dict)


def harvest(mine: Exercise, *more: Any) -> Harvest:
    """Take an exercise apart.

    Args:
        mine: the exercise.
        more: further objects to begin with.
    """
    found = Harvest()
    evidence = mine.evidence()
    package = type(evidence.task).__module__.rpartition(".")[0]
    modules = [module for name, module in sorted(sys.modules.items()) if name.startswith(package)]
    known = (evidence.task, evidence, *_inside(evidence.task))
    logging.disable(logging.CRITICAL)  # worlds that are played with nonsense complain
    made = list(_called(modules, known))
    logging.disable(logging.NOTSET)
    _collect(found, [mine, mine.design, evidence, *modules, *made, *more])
    for each in found.objects:
        _render(found, each)
    return found


def _inside(task: Any) -> Iterator[Any]:
    for each in fields(task):
        value = getattr(task, each.name)
        if is_dataclass(value):
            yield value


def _called(modules: Iterable[Any], known: Sequence[Any]) -> Iterator[Any]:
    """Yield what the functions of the modules return for one of the objects, or for none."""
    for module in modules:
        for value in list(vars(module).values()):
            if not inspect.isroutine(value) or not getattr(value, "__module__", "").startswith(module.__name__):
                continue
            for arguments in ((), *((each,) for each in known)):
                result = _result(value, arguments)
                if result is not None and not isinstance(result, bool):
                    yield result


def _result(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    try:
        result = function(*arguments)
        return tuple(result) if inspect.isgenerator(result) else result
    except Exception:
        return None


def _collect(found: Harvest, roots: Iterable[Any]) -> None:
    queue, seen = [(each, 0) for each in roots], set[int]()
    for each, depth in queue:
        if id(each) in seen or len(found.objects) > _MOST:
            continue
        seen.add(id(each))
        found.objects.append(each)
        if depth < _DEPTH and not isinstance(each, _PLAIN):
            queue += [(value, depth + 1) for value in _parts(each)]


def _parts(each: Any) -> Iterator[Any]:
    """Yield what belongs to an object: items, attributes, and what a function remembers."""
    if isinstance(each, Mapping):
        yield from chain(list(each.keys())[:_ITEMS], list(each.values())[:_ITEMS])
    elif isinstance(each, Sequence | set | frozenset):
        yield from list(each)[:_ITEMS]
    elif inspect.isfunction(each):
        cells = each.__closure__ or ()
        yield from (cell.cell_contents for cell in cells)
        yield from each.__defaults__ or ()
    else:
        yield from _attributes(each).values()


def _attributes(each: Any) -> dict[str, Any]:
    """Return the attributes of an object of the package, properties included; private ones as well."""
    is_ours = (
        getattr(type(each), "__module__", "").startswith("smtplab") or inspect.ismodule(each) or is_dataclass(each)
    )
    if not is_ours:
        return {}
    names = vars(each) if inspect.ismodule(each) else dict.fromkeys(dir(each))
    found = {}
    for name in names:
        if not name.startswith("__"):
            try:
                value = getattr(each, name)
            except Exception:
                continue
            if not inspect.ismethod(value) and not inspect.isbuiltin(value) and not inspect.ismodule(value):
                found[name] = value
    return found


def _render(found: Harvest, each: Any) -> None:
    """Make texts and sessions of an object."""
    if isinstance(each, str):
        found.texts[each] = None
        found.sessions[tuple(each.splitlines())] = None
    elif isinstance(each, Mapping):
        _render_rows(found, [(key, value) for key, value in list(each.items())[:_ITEMS]])
        for key, value in each.items():
            if isinstance(key, str) and isinstance(value, str | int):
                found.named.setdefault(key, {})[str(value)] = None
    elif isinstance(each, tuple | list) and each:
        rows = [_row(item) for item in each[:_ITEMS]]
        if len({len(row) for row in rows}) == 1:
            _render_rows(found, rows)
    else:
        for name, value in _attributes(each).items():
            if isinstance(value, str | int):
                found.named.setdefault(name, {})[str(value)] = None


def _row(item: Any) -> tuple[Any, ...]:
    if isinstance(item, tuple):
        return item
    return tuple(_attributes(item).values()) if is_dataclass(item) else (item,)


def _render_rows(found: Harvest, rows: Sequence[Sequence[Any]]) -> None:
    """Make a text of each column and of each two columns, a line for each row; and sessions."""
    columns = [[str(cell) for cell in column] for column in zip(*rows, strict=True)][:10]
    for column in columns:
        found.texts["\n".join(column)] = None
        found.sessions[tuple(column)] = None
    for left, right in permutations(columns, 2):
        found.texts["\n".join(map(" ".join, zip(left, right, strict=True)))] = None
