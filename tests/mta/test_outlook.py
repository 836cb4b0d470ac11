"""What a queue will do next with a message is said in plain sentences."""

from dataclasses import replace
from functools import partial

import pytest

from smtplab.base.duration import DAY, HOUR, MINUTE, SECOND
from smtplab.base.seed import Seed
from smtplab.mta import sentences
from smtplab.mta.attempt import Action, AttemptResult, RecipientResult
from smtplab.mta.outlook import outlook
from smtplab.mta.queue import Queue, QueueError
from smtplab.mta.queue_entry import Attempt, QueueEntry, Settlement
from smtplab.mta.queue_events import AttemptSettled, Reported
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
    assert outlook(queue, "A1", 30 * MINUTE) == (
        "Attempt 3 to reach far.example is due in 30 min. Attempt 2 failed for alice@far.example: x said 451 Later. "
        "If attempt 5, in about 5 h 30 min, fails too, someone@near.example gets a warning that the mail is delayed. "
        "In 23 h 30 min the host gives up and sends a bounce to someone@near.example."
    )


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
    assert "mx.far.example may have the message all the same" in text
    assert text.endswith("If attempt 1 fails, the host gives up and sends no bounce, because the reverse-path is null.")


def test_an_entry_that_is_not_there_has_no_outlook() -> None:
    with pytest.raises(QueueError, match="B2"):
        outlook(queue_of(entry()), "B2", 0)


@pytest.mark.parametrize(
    ("arrived", "due", "attempts", "delays"),
    [
        (0, 10 * SECOND, 1, ["10 s", "5 s", "20 s"]),
        (0, 0, 0, ["30 min", "30 min", "2 h", "3 h"]),
        (0, 4 * HOUR, 2, ["30 min"]),
        (HOUR, 3 * HOUR, 3, ["7 min", "1 s", "50 min"]),
    ],
)
def test_the_attempt_that_is_foreseen_sends_the_warning(
    arrived: int, due: int, attempts: int, delays: list[str]
) -> None:
    schedule = RetrySchedule.of(delays, warns_after="4 h", jitter=50)
    queue = Queue(schedule, Seed(1), HopLimits())
    queue.add(entry(arrived=arrived, due=due, attempts=attempts))
    foreseen = queue.warning_attempt("A1", arrived)
    while True:
        now = queue.get("A1").due
        (attempt,) = queue.due(now)
        if queue.settle(attempt, AttemptResult((RESULT,)), now).warns:
            break
    assert foreseen == (attempt.number, now)
    assert "was warned" in outlook(queue, "A1", now)


@pytest.mark.parametrize(
    ("schedule", "sender"),
    [
        (RetrySchedule(warns_after=None), SENDER),
        (RetrySchedule(), NULL_PATH),
        (
            RetrySchedule.of(["2 d"], expires_after="1 d", jitter=0),
            SENDER,
        ),  # the last attempt bounces, and warns nobody
        (RetrySchedule(expires_after=HOUR), SENDER),
    ],
)
def test_no_warning_is_foreseen_if_none_comes(schedule: RetrySchedule, sender: Path) -> None:
    queue = Queue(schedule, Seed(1), HopLimits())
    queue.add(entry(sender=sender))
    assert "warning" not in outlook(queue, "A1", 0)


def test_the_outlook_says_what_comes_next_then_the_warning_then_the_end() -> None:
    text = outlook(queue_of(entry(due=5 * HOUR, attempts=1, last=(RESULT,))), "A1", 0)
    places = [text.index(words) for words in ("Attempt 2 to", "Attempt 1 failed", "If attempt 2 fails, s", "gives up")]
    assert places == sorted(places)


def test_the_outlook_names_the_last_attempt_if_the_next_one_is_the_last() -> None:
    text = outlook(queue_of(entry(due=DAY, attempts=8, warned=True)), "A1", 23 * HOUR)
    assert "due in 1 h" in text
    assert "If attempt 9 fails, the host gives up" in text


def several(count: int, words: str = "nobody listens") -> tuple[RecipientResult, ...]:
    """Return the results of u1, u2 and so on, who share a reason."""
    paths = [Path(f"u{number}", "far.example") for number in range(1, count + 1)]
    return tuple(replace(RESULT, path=path, words=words) for path in paths)


def test_a_reason_is_said_once_for_all_its_recipients() -> None:
    text = outlook(queue_of(entry(last=(*several(12), RESULT), attempts=1)), "A1", 0)
    assert "u10@far.example and 2 more: nobody listens." in text
    assert text.count("nobody listens") == 1
    assert "Attempt 1 failed for alice@far.example: x said 451 Later." in text


def test_the_log_says_a_reason_once_for_all_its_recipients() -> None:
    failed = tuple(replace(each, action=Action.FAILED) for each in several(2, "no"))
    settlement = Settlement(None, failed=failed, delayed=(*several(2, "no"), RESULT))
    lines = log_lines(AttemptSettled(Attempt(entry(), 0), settlement), 0)
    assert lines == [
        "A1 u1@far.example, u2@far.example: failed: no",
        "A1 u1@far.example, u2@far.example: delayed: no",
        "A1 alice@far.example: delayed: x said 451 Later",
    ]


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
