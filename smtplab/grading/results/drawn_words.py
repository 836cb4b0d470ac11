"""The words that were drawn for a task; answers that differ in these alone are the same answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any


def drawn_words(task: object) -> tuple[str, ...]:
    """Return the texts in a task, long ones first, each once.

    Args:
        task: a task as an exercise draws it: a frozen value of values.
    """
    return tuple(sorted({text for text in _texts(task) if text.strip()}, key=lambda text: (-len(text), text)))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, bytes):
        yield value.decode("latin-1")
    elif isinstance(value, Mapping):
        yield from _texts([*value, *value.values()])
    elif isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from _texts(each)
    elif is_dataclass(value):
        yield from _texts([getattr(value, each.name) for each in fields(value)])
