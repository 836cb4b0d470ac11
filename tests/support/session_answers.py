"""Answers of a bank that hold a session: code for the cell, made from lines or octets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class HasHost(Protocol):
    """A task whose sessions are held with one host."""

    @property
    def host(self) -> str:
        """The name of the host."""


def said(task: HasHost, *lines: str) -> str:
    """Return code that holds a session line by line."""
    sends = "".join(f"session.send({line!r})\n" for line in lines)
    return f"session = mine.telnet({task.host!r}, 25)\n{sends}"


def octets(task: HasHost, *pieces: bytes) -> str:
    """Return code that sends octets as they are."""
    sends = "".join(f"session.send_bytes({piece!r})\n" for piece in pieces)
    return f"session = mine.telnet({task.host!r}, 25)\n{sends}"


def with_steps_changed(
    steps: Mapping[str, str | tuple[str, ...]], changed: Mapping[str, str | tuple[str, ...]]
) -> list[str]:
    """Return the lines of the steps, in their order, some of them changed; an empty tuple leaves a step out."""
    assert changed.keys() <= steps.keys()
    lines = (dict(steps) | dict(changed)).values()
    return [line for step in lines for line in ((step,) if isinstance(step, str) else step)]
