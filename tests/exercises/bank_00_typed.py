"""The bank of exercise 00 in the SMTP kernel: the answers of the bank in Python, typed, and some for typing alone."""

from __future__ import annotations

from collections.abc import Iterator

from exercises import bank_00
from exercises.bank_00 import FULL, STUDENTS, dialogue
from exercises.bank_01_typed import BREAKS, typed
from smtplab.grading.exercises.one_message.task import OneMessageTask
from support.bank import Answer

__all__ = ["BREAKS", "FULL", "NAME", "STUDENTS", "right", "wrong"]
NAME = "00-type-one-message"


def right(task: OneMessageTask) -> Iterator[Answer]:
    """Yield answers that differ and are all right."""
    yield from map(typed, bank_00.right(task))


def wrong(task: OneMessageTask, other: OneMessageTask) -> Iterator[Answer]:
    """Yield the mistakes, each with what it costs."""
    yield from map(typed, bank_00.wrong(task, other))
    yield Answer(
        "no telnet before the first line",
        {"message": "\n".join(dialogue(task))},
        FULL | {"check-message": 0},
        ("No session has been opened yet.", f"begin with telnet {task.host} 25"),
    )
    yield Answer(
        "who speaks typed in front of each line",
        {"message": "\n".join((f"telnet {task.host} 25", *(f"C: {line}" for line in dialogue(task))))},
        FULL | {"check-message": 0},
        ("You never said HELO or EHLO.",),
    )
