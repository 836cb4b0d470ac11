"""Part ``schedule`` of exercise 07: a retry schedule, judged by delay and load in played worlds.

A slip costs its own points only. So the times between attempts are tried with a sound end, and the warning and the end
with sound times.
"""

from __future__ import annotations

from collections.abc import Callable

from ....base.duration import DAY, HOUR, MINUTE, format_duration
from ....mta.retry_schedule import RetrySchedule
from ...rules import ExercisePart, Rule, RuleFailure, text_of, visible
from .configuration import FORM, Configuration, read_configuration
from .demands import BUSY_ATTEMPTS, BUSY_HOURS, GIVE_UP_DAYS, SHORT_DELAY_MINUTES, WARN_HOURS
from .task import RetryEvidence
from .world import BUSY, DOWN, play, worst_outage

QUESTIONS = ("schedule",)

_FOR_GOOD = 20 * DAY
_UNDER_AN_HOUR = 59 * MINUTE
# A warning comes with the first failed attempt after its time. So it is tried with many attempts, and some room.
_CLOSE, _ROOM = (10 * MINUTE,), 30 * MINUTE


def configuration_of(evidence: RetryEvidence) -> Configuration:
    """Return the schedule that was handed in, as its lines."""
    return read_configuration(text_of(evidence.answers.get("schedule")) or "")


def trying(
    judge: Callable[[RetryEvidence, RetrySchedule], RuleFailure | None],
) -> Callable[[RetryEvidence], RuleFailure | None]:
    """Return a judge that gets a schedule with the student's times between attempts, if they can be read."""

    def judge_times(evidence: RetryEvidence) -> RuleFailure | None:
        delays = configuration_of(evidence).delays()
        return delays if isinstance(delays, RuleFailure) else judge(evidence, RetrySchedule(delays))

    return judge_times


def retry_line(evidence: RetryEvidence) -> str:
    """Return the line with the times between attempts, to be shown."""
    return visible(f"retry {configuration_of(evidence).values.get('retry', '')}")


def _is_yours(evidence: RetryEvidence) -> RuleFailure | None:
    """The schedule names this student's host."""
    answer, task = evidence.answers.get("schedule"), evidence.task
    if answer is None:
        hint = f"hand in with {evidence.wording.answer.format(question='schedule')}"
        return RuleFailure("No schedule has been handed in yet.", FORM, hint=hint, undone=True)
    if text_of(answer) is None:
        got = f"a value of the type {type(answer).__name__}"
        return RuleFailure("The schedule that you handed in is not text.", "lines between triple quotes", got)
    host = configuration_of(evidence).values.get("host", "").casefold().rstrip(".")
    if host == task.host:
        return None
    return RuleFailure(
        "The schedule does not name your host.",
        f"host {task.host}",
        visible(f"host {host}" if host else text_of(answer) or ""),
        f"{evidence.wording.sheet} shows your own host",
    )


@trying
def _arrives_after_a_short_outage(evidence: RetryEvidence, schedule: RetrySchedule) -> RuleFailure | None:
    end, delay = worst_outage(schedule, _UNDER_AN_HOUR)
    if delay is not None and delay <= SHORT_DELAY_MINUTES * MINUTE:
        return None
    return RuleFailure(
        "After a short outage the message waits too long for its next attempt.",
        f"at most {SHORT_DELAY_MINUTES} minutes after the host is up again",
        f"{told_of(end, delay)}, with {retry_line(evidence)}",
        "most outages are short, so the first attempts come close together",
    )


def told_of(end: int, delay: int | None) -> str:
    """Return in words when an outage ended, and how long after that the message came."""
    late = "never" if delay is None else f"{format_duration(delay)} later"
    return f"the outage ended after {format_duration(end)}, and the message came {late}"


@trying
def _spares_a_busy_host(evidence: RetryEvidence, schedule: RetrySchedule) -> RuleFailure | None:
    fate = play(schedule, BUSY, _FOR_GOOD)
    count = fate.attempts_until(BUSY_HOURS * HOUR)
    if count <= BUSY_ATTEMPTS:
        return None
    return RuleFailure(
        "A host that is busy gets even more to do by your attempts.",
        f"at most {BUSY_ATTEMPTS} attempts in {BUSY_HOURS} hours",
        f"{count}{' or more' if fate.is_cut else ''}, with {retry_line(evidence)}",
        "each further attempt may come later than the one before",
    )


def _warns_once(evidence: RetryEvidence) -> RuleFailure | None:
    warns = configuration_of(evidence).time("warn")
    if isinstance(warns, RuleFailure):
        return warns
    fate = play(RetrySchedule(_CLOSE, warns_after=warns), DOWN, _FOR_GOOD)
    first, last = (hours * HOUR for hours in WARN_HOURS)
    got = f"after {format_duration(fate.warnings[0])}" if fate.warnings else "no warning in the first day"
    if fate.warnings and fate.warnings[0] < first:
        return RuleFailure(
            "The sender is warned of outages that are over in an hour.", f"after {WARN_HOURS[0]} hour or later", got
        )
    if not fate.warnings or fate.warnings[0] > last + _ROOM:
        return RuleFailure(
            "The sender does not hear in time that the message is late.", f"within {WARN_HOURS[1]} hours", got
        )
    return None


def _gives_up_in_time(evidence: RetryEvidence) -> RuleFailure | None:
    expires = configuration_of(evidence).time("give up")
    if isinstance(expires, RuleFailure):
        return expires
    bounced = play(RetrySchedule(expires_after=expires), DOWN, _FOR_GOOD).bounced
    got = "not in ten days" if bounced is None else f"after {format_duration(bounced)}"
    expected = f"after {GIVE_UP_DAYS[0]} to {GIVE_UP_DAYS[1]} days"
    if bounced is not None and bounced < GIVE_UP_DAYS[0] * DAY:
        return RuleFailure(
            "The message is given up too early.", expected, got, "a host that fails on Friday is mended on Monday"
        )
    if bounced is None or bounced > GIVE_UP_DAYS[1] * DAY:
        return RuleFailure("The message is kept too long before its sender gets a bounce.", expected, got)
    return None


PART = ExercisePart(
    "schedule",
    (
        Rule(
            "schedule.short",
            2,
            "RFC 5321 4.5.4.1",
            "After a short outage the message arrives soon.",
            _arrives_after_a_short_outage,
            "When are your attempts in the first two hours, and between which two is the longest wait?",
        ),
        Rule(
            "schedule.busy",
            2,
            "RFC 5321 4.5.4.1",
            "A busy host is not called too often.",
            _spares_a_busy_host,
            "How many attempts does your schedule make in the first eight hours?",
        ),
        Rule(
            "schedule.warning",
            1,
            "RFC 3464 2.3.3",
            "The sender hears in time that the message is late, and not too soon.",
            _warns_once,
            "After how many hours does your sender hear of the delay?",
        ),
        Rule(
            "schedule.gives-up",
            1,
            "RFC 5321 4.5.4.1",
            "The message is given up in time, and not too early.",
            _gives_up_in_time,
            "After how many days does your host give up?",
        ),
    ),
    hidden=3,
    hidden_points=5,
    question="When are the attempts of your schedule, and what does the sheet demand of them?",
    needs=Rule("schedule.yours", 0, "your task sheet", "The schedule is that of your host.", _is_yours),
)
