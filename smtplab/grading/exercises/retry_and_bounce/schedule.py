"""Part ``schedule`` of exercise 07: a retry schedule, judged by delay and load in played worlds.

Each world plays the whole schedule of the student. Only a line that cannot be read is replaced by a usual one, so that
it costs the points of its own demands alone.
"""

from __future__ import annotations

from collections.abc import Callable

from ....base.duration import DAY, HOUR, MINUTE, format_duration
from ....mta.retry_schedule import RetrySchedule
from ...rules import ExercisePart, Judge, Rule, RuleFailure, RuleList, shown, text_of
from ..answer_evidence import kind_of, not_handed_in
from .configuration import FORM, Configuration, read_configuration
from .demands import BUSY_ATTEMPTS, BUSY_HOURS, GIVE_UP_DAYS, SHORT_DELAY_MINUTES, WARN_HOURS
from .task import RetryEvidence
from .world import BUSY, Fate, endless_outage, play, worst_outage

QUESTIONS = ("schedule",)

_UNDER_AN_HOUR = 59 * MINUTE


RULES = RuleList[RetryEvidence]("schedule")


def configuration_of(evidence: RetryEvidence) -> Configuration:
    """Return the schedule that was handed in, as its lines."""
    return read_configuration(text_of(evidence.answers.get("schedule")) or "")


def trying(
    judge: Callable[[RetryEvidence, RetrySchedule], RuleFailure | None],
) -> Judge[RetryEvidence]:
    """Return a judge that gets the student's schedule, if its times between attempts can be read."""

    def judge_times(evidence: RetryEvidence) -> RuleFailure | None:
        configuration = configuration_of(evidence)
        delays = configuration.delays()
        return delays if isinstance(delays, RuleFailure) else judge(evidence, configuration.schedule(delays))

    return judge_times


def schedule_lines(evidence: RetryEvidence, *keys: str) -> str:
    """Return lines of the schedule, as the student wrote them."""
    return configuration_of(evidence).written(*keys)


def _with_usual_times(configuration: Configuration) -> RetrySchedule:
    """Return the schedule; if its times between attempts cannot be read, they are the usual ones."""
    delays = configuration.delays()
    return configuration.schedule(RetrySchedule().delays if isinstance(delays, RuleFailure) else delays)


def _is_yours(evidence: RetryEvidence) -> RuleFailure | None:
    """The schedule names this student's host."""
    answer, task = evidence.answers.get("schedule"), evidence.task
    if answer is None:
        return not_handed_in(evidence, "schedule", "No schedule has been handed in yet.", FORM)
    if text_of(answer) is None:
        got = kind_of(answer)
        return RuleFailure("The schedule that you handed in is not text.", "lines between triple quotes", got)
    configuration = configuration_of(evidence)
    if (twice := configuration.repeated("host")) is not None:
        return twice
    if configuration.values.get("host", "").casefold().rstrip(".") == task.host:
        return None
    return RuleFailure(
        "The schedule does not name your host.",
        f"host {task.host}",
        configuration.written("host") or shown(text_of(answer) or ""),
        f"{evidence.wording.sheet} shows your own host",
    )


@RULES.rule("lines", 0, "your task sheet", "Every line is read. This has no points; what the lines say has.")
@RULES.asks("With which word does this line begin, and to which of the four does it belong?")
def _can_be_read(evidence: RetryEvidence) -> RuleFailure | None:
    """Each line is one of the four; a line that nothing reads would be missing without a word."""
    unread = configuration_of(evidence).unread
    if not unread:
        return None
    return RuleFailure(
        "This line begins with none of host, retry, warn, give up, so nothing of it counts."
        if len(unread) == 1
        else "These lines begin with none of host, retry, warn, give up, so nothing of them counts.",
        FORM,
        shown("\n".join(unread)),
        "a retry line may go on in the next one, if that is indented",
    )


@RULES.rule("short", 2, "RFC 5321 4.5.4.1", "After a short outage the message arrives soon.")
@RULES.asks("When are your attempts in the first two hours, and between which two is the longest wait?")
@trying
def _arrives_after_a_short_outage(evidence: RetryEvidence, schedule: RetrySchedule) -> RuleFailure | None:
    end, delay = worst_outage(schedule, _UNDER_AN_HOUR)
    if delay is not None and delay <= SHORT_DELAY_MINUTES * MINUTE:
        return None
    return RuleFailure(
        "After a short outage the message waits too long for its next attempt.",
        f"at most {SHORT_DELAY_MINUTES} minutes after the host is up again",
        f"{schedule_lines(evidence, 'retry')}\n{told_of(end, delay)}",
        "most outages are short, so the first attempts come close together",
    )


def told_of(end: int, delay: int | None) -> str:
    """Return in words when an outage ended, and how long after that the message came."""
    if delay is None:
        return f"the outage lasted {format_duration(end)}, and before its end the message was given up"
    return f"the outage ended after {format_duration(end)}, and the message came {format_duration(delay)} later"


@RULES.rule("busy", 2, "RFC 5321 4.5.4.1", "A busy host is not called too often.")
@RULES.asks("How many attempts does your schedule make in the first eight hours?")
@trying
def _spares_a_busy_host(evidence: RetryEvidence, schedule: RetrySchedule) -> RuleFailure | None:
    fate = play(schedule, BUSY, 20 * DAY)
    count = fate.attempts_until(BUSY_HOURS * HOUR)
    if count <= BUSY_ATTEMPTS:
        return None
    return RuleFailure(
        "A host that is busy gets even more to do by your attempts.",
        f"at most {BUSY_ATTEMPTS} attempts in {BUSY_HOURS} hours",
        f"{schedule_lines(evidence, 'retry')}\n{count}{' or more' if fate.is_cut else ''} attempts",
        "each further attempt may come later than the one before",
    )


@RULES.rule("warning", 1, "RFC 3464 2.3.3", "The sender hears in time that the message is late, and not too soon.")
@RULES.asks("After how many hours does your sender hear of the delay?")
def _warns_once(evidence: RetryEvidence) -> RuleFailure | None:
    configuration = configuration_of(evidence)
    warns = configuration.time("warn")
    if isinstance(warns, RuleFailure):
        return warns
    schedule = _with_usual_times(configuration)
    fate = endless_outage(schedule)
    first, last = (hours * HOUR for hours in WARN_HOURS)
    told = f"{configuration.written('retry', 'warn')}\n{_told_of_the_warning(fate, last)}"
    if fate.warnings and fate.warnings[0] < first:
        return RuleFailure(
            "The sender is warned of outages that are over in an hour.", f"after {WARN_HOURS[0]} hour or later", told
        )
    if (fate.warnings and fate.warnings[0] <= last) or (fate.bounced is not None and fate.bounced <= last):
        return None
    return RuleFailure(
        "The sender does not hear in time that the message is late.",
        f"within {WARN_HOURS[1]} hours",
        told,
        "the warning comes with the first failed attempt after its time, and not before"
        if fate.warnings and warns <= last
        else "",
    )


def _told_of_the_warning(fate: Fate, last: int) -> str:
    """Return in words when the warning came, and if that was late, between which attempts there was none."""
    if not fate.warnings:
        return "no warning"
    came = fate.warnings[0]
    before = max((attempt for attempt in fate.attempts if attempt < came), default=None)
    if before is None or came <= last or before > last or fate.is_cut:
        return f"the warning came after {format_duration(came)}"
    return (
        f"attempts after {format_duration(before)} and after {format_duration(came)}, and none between; "
        "the warning came with the second"
    )


@RULES.rule("gives-up", 1, "RFC 5321 4.5.4.1", "The message is given up in time, and not too early.")
@RULES.asks("After how many days does your host give up?")
def _gives_up_in_time(evidence: RetryEvidence) -> RuleFailure | None:
    configuration = configuration_of(evidence)
    expires = configuration.time("give up")
    if isinstance(expires, RuleFailure):
        return expires
    bounced = endless_outage(_with_usual_times(configuration)).bounced
    told = "in ten days no bounce" if bounced is None else f"the bounce came after {format_duration(bounced)}"
    got = f"{configuration.written('give up')}\n{told}"
    expected = f"after {GIVE_UP_DAYS[0]} to {GIVE_UP_DAYS[1]} days"
    if bounced is not None and bounced < GIVE_UP_DAYS[0] * DAY:
        return RuleFailure(
            "The message is given up too early.",
            expected,
            got,
            "a host that breaks down on a Friday evening may be repaired on Monday",
        )
    if bounced is None or bounced > GIVE_UP_DAYS[1] * DAY:
        return RuleFailure("The message is kept too long before its sender gets a bounce.", expected, got)
    return None


PART = ExercisePart(
    "schedule",
    RULES.in_order(),
    hidden=3,
    hidden_points=5,
    beyond="They try demands c and d of your sheet: work them out by hand.",
    question="When are the attempts of your schedule, and what does the sheet demand of them?",
    needs=Rule("schedule.yours", 0, "your task sheet", "The schedule is that of your host.", _is_yours),
    questions=QUESTIONS,
)
