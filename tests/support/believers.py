"""Students who have a wrong belief, beside those of the banks: an exercise, and what they write into its cells.

Their programs are the right ones of the banks with one thing done as the belief has it. Their points are no matter
here; `test_beliefs` looks for the belief that is named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from exercises import bank_04, bank_05, bank_06
from smtplab.explain.misconceptions import LETTERS, beliefs
from smtplab.grading.exercises import design_of

LEAVES_OUT_THE_LONE_DOT = """
right = send_mail


def send_mail(sock, sender, recipients, message):
    return right(sock, sender, recipients, message.replace(b"\\r\\n.\\r\\n", b"\\r\\n"))


mine.hand_in("send_mail", send_mail)
"""
STORES_AT_QUIT = """
class Late(Server):
    def __init__(self):
        super().__init__()
        self.kept = []

    def feed(self, octets):
        said = super().feed(octets)
        self.kept += self.messages
        self.messages.clear()
        if self.closed:
            self.messages.extend(self.kept)
        return said


mine.hand_in("server", Late)
"""


def _in_the_bank(bank: Any, task: Any, name: str) -> Mapping[str, str]:
    """Return the wrong answer of a bank that has this name."""
    (found,) = (each for each in bank.wrong(task, task) if each.name == name)
    return dict(found.cells)


def _held(name: str) -> Callable[[Any], Mapping[str, str]]:
    """Return the answer to an opening question that somebody gives who has the belief."""
    number = design_of(bank_06.NAME).opening.index(name) + 1
    letter = LETTERS[beliefs()[name].questions[0].held]
    return lambda task: {"opening": f'questions.answer({number}, "{letter}")'}


ASKED_ONLY = {"ehlo-holds-after-starttls": "there is no TLS in the lab yet, so the review alone asks about it"}
"""The beliefs that no cell of a tutorial shows and no exercise meets, and why; the course has no other exceptions."""

# The belief, the exercise, and the cells for a task.
BELIEVERS: list[tuple[str, str, Callable[[Any], Mapping[str, str]]]] = [
    ("brackets-may-be-left-out", bank_04.NAME, lambda task: _in_the_bank(bank_04, task, "no angle brackets")),
    (
        "message-cannot-hold-a-lone-dot",
        bank_04.NAME,
        lambda task: {"send": bank_04.code(task, bank_04.CLIENT) + LEAVES_OUT_THE_LONE_DOT},
    ),
    ("quit-sends-the-mail", bank_05.NAME, lambda task: {"server": bank_05.code(task) + STORES_AT_QUIT}),
    *((name, bank_06.NAME, _held(name)) for name in design_of(bank_06.NAME).opening),
]
