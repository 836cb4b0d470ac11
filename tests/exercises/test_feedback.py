"""What students read is what was recorded and read: the reports of the first right answer and of every wrong one.

After a change of a text, ``SMTPLAB_RECORD=1 pytest -n0 tests/exercises/test_feedback.py`` records the reports again;
read the difference before you commit it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from exercises import bank_00, bank_00_typed, bank_02, bank_02_typed, bank_04, bank_05
from exercises.test_banks import MIA, Bank
from support.bank import Answer, filled, run

BANKS = [Bank(module) for module in (bank_00, bank_00_typed, bank_02, bank_02_typed, bank_04, bank_05)]
FOLDER = Path(__file__).parent / "feedback"


def answers(bank: Bank) -> list[Answer]:
    """Return the answers whose reports are recorded: of a typed exercise a few, for the rest differs by hints alone."""
    typed = "-type-" in bank.name
    return [bank.right[0], *(bank.wrong[-3:] if typed else bank.wrong)]


def report(bank: Bank, answer: Answer) -> str:
    """Return what the check cells tell about an answer; of a wrong one without the parts that are right."""
    told = run(filled(bank.name, MIA, answer.cells)).told
    parts = re.split(rf"^(?={bank.name}, )", told, flags=re.MULTILINE)
    kept = [part for part in parts if "not yet" in part or answer is bank.right[0]]
    return "".join(re.sub(r" +$", "", part, flags=re.MULTILINE) for part in kept)


@pytest.mark.parametrize("bank", BANKS, ids=str)
def test_the_feedback_is_what_was_recorded(bank: Bank) -> None:
    file = FOLDER / f"{bank.name}.txt"
    found = "".join(f"##### {answer.name}\n{report(bank, answer)}\n" for answer in answers(bank))
    if os.environ.get("SMTPLAB_RECORD"):
        FOLDER.mkdir(exist_ok=True)
        file.write_text(found, "utf-8")
    assert found == file.read_text("utf-8")
