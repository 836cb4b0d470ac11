"""Whose turn it was: the commands that a client sent before the reply to the one before had come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...transcript import Side
from ...worlds.peer_script import Chunk
from .played_server import Heard


@dataclass(frozen=True, slots=True)
class EarlyCommand:
    """A command or a text that came too early.

    Args:
        number: its place among all that came, from 0.
        heard: what came.
        behind: how many replies the client should have read before it and could not.
    """

    number: int
    heard: Heard
    behind: int


def early_commands(chunks: Sequence[Chunk], heard: Sequence[Heard]) -> tuple[EarlyCommand, ...]:
    """Return what the client sent before the last octet of the reply it should have waited for.

    Args:
        chunks: everything on the wire, in order.
        heard: what the server understood, in order; each had one reply, and the greeting came before.
    """
    done = _replies_done(chunks, [each.start for each in heard])
    return tuple(
        EarlyCommand(number, each, number + 1 - replies)
        for number, (each, replies) in enumerate(zip(heard, done, strict=True))
        if replies <= number
    )


def _replies_done(chunks: Sequence[Chunk], starts: Sequence[int]) -> list[int]:
    """Return how many whole replies the server had sent when each of these octets of the client came."""
    sent, replies, unfinished = 0, 0, b""
    done: list[int] = []
    for chunk in chunks:
        if chunk.side is Side.SERVER:
            *lines, unfinished = (unfinished + chunk.data).split(b"\r\n")
            replies += sum(line[3:4] != b"-" for line in lines)
        else:
            sent += len(chunk.data)
            done += [replies for start in starts[len(done) :] if start < sent]
    return done + [replies] * (len(starts) - len(done))


def is_one_behind(early: Sequence[EarlyCommand], heard: Sequence[Heard]) -> bool:
    """True if each command came one reply too early from the first one on, as of a client that skips the greeting."""
    return len(early) >= 3 and len(early) >= len(heard) - 1 and all(each.behind == 1 for each in early)
