"""What a queue will do next with a message is said in plain sentences."""

from dataclasses import replace
from functools import partial

import pytest

from smtplab.base.duration import DAY, HOUR, MINUTE, SECOND
from smtplab.base.seed import Seed
from smtplab.mta import sentences
from smtplab.mta.attempt import Action, RecipientResult
from smtplab.mta.outlook import outlook, warning_outlook
from smtplab.mta.queue import Queue, QueueError
from smtplab.mta.queue_entry import QueueEntry
from smtplab.mta.queue_events import Reported
from smtplab.mta.queue_log import log_lines
from smtplab.mta.retry_schedule import HopLimits, RetrySchedule
from smtplab.protocol.grammar import NULL_PATH, Path
from smtplab.protocol.replies import EnhancedCode, Reply
from support import templates

says = partial(templates.says, sentences)

ALICE, SENDER = Path("alice", "far.example"), Path("someone", "near.example")
RESULT = RecipientResult(ALICE, Action.DELAYED, EnhancedCode(4, 3, 0), "x said 451 Later", "x", Reply(451, "Later"))


def entry(name: str = "A1", due: int = 0, **more: object) -> QueueEntry:
    """Return an entry for alice that arrived at 0."""
    values: dict[str, object] = {"sender": SENDER, "arrived": 0} | more
    return QueueEntry(name, name, recipients=(ALICE,), next_hop="far.example", due=due, **values)  # type: ignore[arg-type]


def queue_of(*entries: QueueEntry) -> Queue:
    queue = Queue(RetrySchedule(jitter=0, expires_after=DAY), Seed(1), HopLimits(sessions=1))
    for each in entries:
        queue.add(each)
    return queue


def test_the_outlook_says_when_the_next_attempt_comes_and_why() -> None:
    queue = queue_of(entry(due=HOUR, attempts=2, last=(RESULT,)))
    told = outlook(queue, "A1", 30 * MINUTE)
    assert says(told, "ATTEMPT_DUE_IN", "Attempt 3 ", "30 min.")
    assert says(told, "LAST_ANSWER", "alice@far.example", "x said 451 Later")
    assert says(told, "GIVES_UP_IN SENDS_BOUNCE", "23 h 30 min", "someone@near.example")


def test_the_outlook_of_an_attempt_under_way_says_for_how_long() -> None:
    queue = queue_of(entry())
    queue.due(0)
    assert says(outlook(queue, "A1", 5 * SECOND), "ATTEMPT_RUNS", "5 s")
    assert queue.attempt_of("A1") == queue.active[0]


def test_the_outlook_of_what_waits_for_a_session_says_so() -> None:
    queue = queue_of(entry("A1"), entry("A2"))
    assert says(outlook(queue, "A1", 0), "ATTEMPT_DUE")
    (attempt,) = queue.due(0)
    waiting = "A2" if attempt.entry.id == "A1" else "A1"
    assert says(outlook(queue, waiting, 0), "WAITS_FOR_SESSION")


def test_the_outlook_warns_of_a_possible_duplicate_and_of_a_bounce_that_is_not_sent() -> None:
    lost = RecipientResult(ALICE, Action.DELAYED, RESULT.status, "the reply was lost", "mx.far.example", None, True)
    text = outlook(queue_of(entry(sender=NULL_PATH, last=(lost,), due=DAY)), "A1", DAY)
    assert says(text, "MAY_HAVE_IT", "mx.far.example")
    assert says(text, "GIVES_UP_NEXT DROPS_BOUNCE")


def test_an_entry_that_is_not_there_has_no_outlook() -> None:
    with pytest.raises(QueueError, match="B2"):
        outlook(queue_of(entry()), "B2", 0)


def test_the_warning_is_foreseen_once_and_not_for_a_null_reverse_path() -> None:
    foreseen = warning_outlook(queue_of(entry()), "A1", 210 * MINUTE)
    assert says(foreseen, "WARNS_IN", "30 min", "someone@near.example")
    assert warning_outlook(queue_of(entry(sender=NULL_PATH)), "A1", 0) == ""
    assert says(warning_outlook(queue_of(entry(warned=True)), "A1", 5 * HOUR), "WARNED")
    assert says(warning_outlook(queue_of(entry()), "A1", 4 * HOUR), "WARNS_NEXT", "someone@near.example")


def test_a_schedule_without_warnings_foresees_none() -> None:
    queue = Queue(RetrySchedule(warns_after=None), Seed(1), HopLimits())
    queue.add(entry())
    assert warning_outlook(queue, "A1", DAY) == ""


@pytest.mark.parametrize(
    ("actions", "kind"),
    [
        ([Action.DELAYED], "warning"),
        ([Action.FAILED], "bounce"),
        ([Action.FAILED, Action.DELAYED], "bounce and warning"),
    ],
)
def test_the_log_calls_a_report_by_its_kind(actions: list[Action], kind: str) -> None:
    results = tuple(replace(RESULT, action=action) for action in actions)
    assert log_lines(Reported(entry(), "B1", results), 0) == [f"A1 someone@near.example gets the {kind} B1"]
