"""A wrong belief is found in the answer that has it, and in no right one: all banks against all detectors."""

from __future__ import annotations

from typing import Any

import pytest

from exercises.test_banks import BANKS, Bank
from smtplab.explain.belief_evidence import NEVER_PROVEN, slips_in
from smtplab.explain.misconceptions import beliefs
from smtplab.grading.exercises import design_of
from smtplab.grading.rules import judge
from smtplab.grading.scoring import assess
from smtplab.grading.shown_beliefs import beliefs_in
from support.bank import filled, run, said

# The beliefs that no answer of a bank has, and why. Each is asked about in the review, and where it is seen on the wire
# tests/explain/test_belief_evidence.py has conversations with it.
NO_BANK_ANSWER = {
    "brackets-may-be-left-out": "the hosts of the exercises take such a path, so nobody is refused for it",
    "message-cannot-hold-a-lone-dot": "it shows in an answer alone, and no exercise has a message with such a line",
    "250-is-the-inbox": "it shows in an answer alone, and no exercise asks where a message lies after the 250",
    "ehlo-holds-after-starttls": "there is no TLS in the lab yet",
    "my-program-calls-the-receivers-server": "it shows in an answer alone, and every exercise names the host to call",
    "quit-sends-the-mail": "it shows in an answer alone; without QUIT the message is delivered just the same",
    "smtp-fetches-mail": "it shows in an answer alone, and no exercise reads a mailbox",
    "vrfy-proves-an-address": "the hosts of the exercises answer VRFY, so there is no 252",
}
RIGHT = [
    (bank, student, number) for bank in BANKS for student in bank.module.STUDENTS for number in range(len(bank.right))
]


def named(bank: Bank, evidence: Any) -> set[str]:
    """Return the beliefs that are named for an answer, with its hidden rules."""
    found: set[str] = set()
    for part in design_of(bank.name).parts:
        found |= {*beliefs_in(part, evidence, judge(part, evidence, bank.hidden[part.name]))}
    return found


@pytest.mark.parametrize(("bank", "student", "number"), RIGHT, ids=str)
def test_no_right_answer_has_a_belief(bank: Bank, student: str, number: int) -> None:
    outcome = run(filled(bank.name, student, bank.right_for(student)[number].cells))
    assert assess(outcome.variables["mine"]).beliefs == ()
    assert "belief:" not in outcome.told
    assert not [each.id for each in beliefs().values() if each.tell in said(outcome.told)]


@pytest.mark.parametrize("bank", BANKS, ids=str)
def test_an_answer_that_is_named_after_a_belief_has_this_one_alone(bank: Bank) -> None:
    for answer, evidence in bank.evidence:
        _, believes, belief = answer.name.partition("believes ")
        if believes:
            slips = {slip.belief for slip in slips_in(*(wire.transcript for wire in evidence.wires))}
            assert slips == {belief}
            assert named(bank, evidence) == ({belief} - NEVER_PROVEN)


def test_a_belief_of_an_earlier_session_counts_for_the_class_and_is_not_told_below_a_right_one() -> None:
    bank = next(each for each in BANKS if str(each) == "01")
    wrong = next(each for each in bank.wrong if each.name == "believes mail-again-starts-anew")
    right = bank.right[0]
    cells = {**right.cells, "session": wrong.cells["session"] + right.cells["session"]}
    outcome = run(filled(bank.name, "mia", cells))
    assert assess(outcome.variables["mine"]).beliefs == ("mail-again-starts-anew",)
    assert "belief:" not in outcome.told


def test_each_belief_is_met_by_an_answer_of_a_bank_or_has_a_reason_why_not() -> None:
    met: set[str] = set()
    for bank in BANKS:
        for answer, evidence in bank.evidence:
            met |= named(bank, evidence)
            if answer.name.startswith("believes "):
                met |= {slip.belief for slip in slips_in(*(wire.transcript for wire in evidence.wires))}
    assert met | set(NO_BANK_ANSWER) == set(beliefs())
    assert met & set(NO_BANK_ANSWER) == set()


@pytest.mark.parametrize(
    ("bank", "belief"),
    [("01", "header-names-the-sender"), ("06", "higher-mx-is-better"), ("07", "bounce-has-a-sender")],
)
def test_a_rule_names_a_belief_where_its_mistake_has_no_other_reading(bank: str, belief: str) -> None:
    (found,) = (each for each in BANKS if str(each) == bank)
    answers = [answer for answer, evidence in found.evidence if belief in named(found, evidence)]
    assert answers
    assert all(answer not in found.right for answer in answers)
