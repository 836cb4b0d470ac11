"""What students read is what was recorded and read: the reports of the first right answer and of every wrong one.

After a change of a text, ``SMTPLAB_RECORD=1 pytest -n0 tests/exercises/test_feedback.py`` records the reports again;
read the difference before you commit it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from support.graded_bank import BANKS, Bank

RECORDED = [bank for bank in BANKS if str(bank) in ("00", "00_typed", "02", "02_typed", "04", "05")]
FOLDER = Path(__file__).parent / "feedback"


def numbers(bank: Bank) -> list[int]:
    """Return which answers' reports are recorded: of a typed exercise a few, for the rest differs by hints alone."""
    wrong = range(len(bank.right), len(bank.answers))
    return [0, *(wrong[-3:] if "-type-" in bank.name else wrong)]


def report(bank: Bank, number: int) -> str:
    """Return what the check cells tell about an answer; of a wrong one without the parts that are right."""
    told = bank.graded(number).told
    parts = re.split(rf"^(?={bank.name}, )", told, flags=re.MULTILINE)
    kept = [part for part in parts if "not yet" in part or number == 0]
    return "".join(re.sub(r" +$", "", part, flags=re.MULTILINE) for part in kept)


@pytest.mark.parametrize("bank", RECORDED, ids=str)
def test_the_feedback_is_what_was_recorded(bank: Bank) -> None:
    file = FOLDER / f"{bank.name}.txt"
    found = "".join(f"##### {bank.answers[number].name}\n{report(bank, number)}\n" for number in numbers(bank))
    if os.environ.get("SMTPLAB_RECORD"):
        FOLDER.mkdir(exist_ok=True)
        file.write_text(found, "utf-8")
    assert found == file.read_text("utf-8")
