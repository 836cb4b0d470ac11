"""Events of a queue as lines for a person at a terminal; `test_sentences` holds the words."""

import pytest

from smtplab.mta.attempt import Action, RecipientResult
from smtplab.mta.queue_entry import Attempt, QueueEntry, Settlement
from smtplab.mta.queue_events import AttemptSettled, Origin, Queued
from smtplab.mta.queue_log import log_lines
from smtplab.protocol.grammar import Path
from smtplab.protocol.replies import EnhancedCode

ALICE, BOB = Path.parse("<alice@near.example>"), Path.parse("<bob@far.example>")
ENTRY = QueueEntry("A000001-1", "A000001", ALICE, (BOB,), "far.example", 0, 0)


@pytest.mark.parametrize("origin", Origin)
def test_mail_of_each_origin_has_a_line(origin: Origin) -> None:
    [line] = log_lines(Queued((ENTRY,), origin), 0)
    assert line.startswith("A000001-1 ")
    assert "bob@far.example" in line


@pytest.mark.parametrize("action", Action)
def test_each_result_of_an_attempt_has_a_line(action: Action) -> None:
    result = RecipientResult(BOB, action, EnhancedCode(2, 0, 0), "mx.far.example said so")
    [line] = log_lines(AttemptSettled(Attempt(ENTRY, 0), Settlement(None, (result,))), 0)
    assert line.startswith("A000001-1 ")
    assert "bob@far.example" in line
