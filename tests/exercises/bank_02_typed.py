"""The bank of exercise 02 in the SMTP kernel: the answers of the bank in Python, typed, and some for typing alone."""

from __future__ import annotations

from collections.abc import Iterator

from exercises import bank_02
from exercises.bank_01_typed import BREAKS, typed, typed_cell
from exercises.bank_02 import FULL, STUDENTS
from smtplab.grading.exercises.every_command.task import EveryCommandTask
from support.bank import Answer

__all__ = ["BREAKS", "FULL", "NAME", "STUDENTS", "right", "wrong"]
NAME = "02-type-every-command"


def right(task: EveryCommandTask) -> Iterator[Answer]:
    """Yield answers that differ and are all right."""
    yield from map(typed, bank_02.right(task))


def wrong(task: EveryCommandTask, other: EveryCommandTask) -> Iterator[Answer]:
    """Yield the mistakes, each with what it costs."""
    yield from map(typed, bank_02.wrong(task, other))
    good = {part: typed_cell(code) for part, code in bank_02.good(task).items()}
    yield Answer(
        "the codes without their directive",
        good | {"cells": good["cells"].removeprefix("%answer cells ")},
        FULL | {"check-cells": 0},
        ("No codes have been handed in yet.", "hand in with %answer cells ..."),
    )
