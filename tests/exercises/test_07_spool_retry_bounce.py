"""What is particular to exercise 07; `test_banks` grades the answers of its bank."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest

from exercises import bank_07
from exercises.bank_07 import NAME, STUDENTS
from smtplab.base.duration import DAY, HOUR, MINUTE, SECOND, format_duration
from smtplab.grading.evidence import Evidence
from smtplab.grading.exercises import design_of
from smtplab.grading.exercises.retry_and_bounce import bounce, bounce_structure, demands, envelope, report, schedule
from smtplab.grading.exercises.retry_and_bounce.configuration import read_configuration
from smtplab.grading.exercises.retry_and_bounce.task import RetryTask
from smtplab.grading.exercises.retry_and_bounce.world import (
    BUSY,
    DOWN,
    GREYLISTING,
    MOST_ATTEMPTS,
    endless_outage,
    play,
    worst_outage,
)
from smtplab.grading.rules import RuleFailure, judge
from smtplab.mta.bounce import read_report
from smtplab.mta.retry_schedule import RetrySchedule

DESIGN = design_of(NAME)
TASK: RetryTask = DESIGN.task("mia", "smtplab")
MANY: list[RetryTask] = [DESIGN.task(f"student-{number}") for number in range(300)]
DEFAULT = RetrySchedule()
FOR_GOOD = 20 * DAY


def evidence(task: RetryTask = TASK, **answers: object) -> Evidence[RetryTask]:
    return Evidence(task, (), {}, {name.replace("_", " "): value for name, value in answers.items()})


# The task


def test_in_every_variant_two_of_the_four_messages_get_a_bounce_at_drawn_places() -> None:
    places = Counter(tuple(bank_07.chosen(task)) for task in MANY)
    assert len(places) == 6
    assert {len(numbers) for numbers in places} == {2}
    assert min(places.values()) > 20


def test_no_two_names_of_a_task_are_the_same_and_the_author_is_not_the_sender() -> None:
    for task in MANY:
        assert task.domain != task.far
        assert len({task.sender, task.author, task.recipient}) == 3
        paths = [path for each in task.undelivered for path in (each.reverse_path, each.forward_path)]
        assert len({*paths}) == 8


@pytest.mark.parametrize("student", STUDENTS)
def test_the_task_sheet_has_all_that_is_needed(student: str) -> None:
    task = DESIGN.task(student, "smtplab")
    sheet = DESIGN.sheet(task)
    for text in (task.host, task.far_host, f"<{task.sender}>", f"<{task.recipient}>", task.refusal):
        assert text in sheet
    for number, each in enumerate(task.undelivered, start=1):
        assert f"{number}. from {each.reverse_path} to {each.forward_path}\n     {each.told}" in sheet
    assert max(map(len, sheet.splitlines())) <= 110


# The schedule


@pytest.mark.parametrize("task", MANY[:20], ids=str)
def test_the_default_schedule_has_room_in_each_demand(task: RetryTask) -> None:
    _, short = worst_outage(DEFAULT, HOUR)
    _, long = worst_outage(DEFAULT, task.long_hours * HOUR)
    assert short is not None
    assert long is not None
    assert short < (demands.SHORT_DELAY_MINUTES - 5) * MINUTE
    assert long < demands.LONG_DELAY_HOURS * HOUR - 30 * MINUTE
    assert play(DEFAULT, BUSY, FOR_GOOD).attempts_until(demands.BUSY_HOURS * HOUR) <= demands.BUSY_ATTEMPTS // 2
    assert play(DEFAULT, DOWN, FOR_GOOD).attempts_until(4 * DAY) <= demands.LONG_ATTEMPTS * 2 // 3
    arrived = play(DEFAULT, GREYLISTING, task.greylist_minutes * MINUTE).arrived
    assert arrived is not None
    assert arrived < demands.GREYLIST_MINUTES * MINUTE // 2


def test_an_outage_without_an_end_ends_in_a_warning_and_a_bounce() -> None:
    fate = play(DEFAULT, DOWN, FOR_GOOD)
    assert fate.arrived is None
    assert len(fate.warnings) == 1
    assert fate.bounced == 5 * DAY
    assert not fate.is_cut


@pytest.mark.parametrize("trouble", [DOWN, BUSY, GREYLISTING])
def test_a_trouble_that_ends_is_followed_by_the_message(trouble: str) -> None:
    fate = play(DEFAULT, trouble, 20 * MINUTE)
    assert fate.arrived is not None
    assert 30 * MINUTE <= fate.arrived <= 33 * MINUTE
    assert len(fate.attempts) == 2


def test_a_schedule_that_never_rests_is_cut_and_its_delay_is_that_of_one_wait() -> None:
    never_rests = RetrySchedule((SECOND,))
    assert len(play(never_rests, DOWN, FOR_GOOD).attempts) == MOST_ATTEMPTS
    _, delay = worst_outage(never_rests, HOUR)
    assert delay == SECOND * 110 // 100


def test_the_outage_ends_where_the_wait_is_longest() -> None:
    end, delay = worst_outage(RetrySchedule((10 * MINUTE, 50 * MINUTE, MINUTE), jitter=0), HOUR)
    assert (end, delay) == (11 * MINUTE, 49 * MINUTE)


@pytest.mark.parametrize(
    ("text", "delays"),
    [
        ("30 min, 2 h", (30 * MINUTE, 2 * HOUR)),
        ("30min,2h,", (30 * MINUTE, 2 * HOUR)),
        ("30 minutes, 2 hours", (30 * MINUTE, 2 * HOUR)),
        ("1 Hour 30 Minutes", (90 * MINUTE,)),
        ("1 day, 90 seconds, 5 sec", (DAY, 90 * SECOND, 5 * SECOND)),
        ("99999999999999 d", (400 * DAY,)),
    ],
)
def test_times_are_read_as_people_write_them(text: str, delays: tuple[int, ...]) -> None:
    assert read_configuration(f"retry {text}").delays() == delays


@pytest.mark.parametrize(
    "text", ["", ",", "30", "half an hour", "1.5 h", "30 min; 2 h", "1 w", "0 s", "1 h, " * 101, "-1 h"]
)
def test_what_is_not_a_time_gets_a_sentence(text: str) -> None:
    assert isinstance(read_configuration(f"retry {text}").delays(), RuleFailure)
    assert isinstance(read_configuration(f"warn {text}").time("warn"), RuleFailure) or text == "0 s"


def test_two_lines_with_the_same_word_are_refused_and_a_line_that_is_none_is_told() -> None:
    found = read_configuration("retry 1 h\nagain 2 h\n# aside\nRetry: 3 h # more\nGIVE-UP 5 d\ngive up 6 d")
    assert isinstance(found.delays(), RuleFailure)
    assert isinstance(found.time("give up"), RuleFailure)
    assert found.written("retry", "give up") == "retry 1 h\nRetry: 3 h\nGIVE-UP 5 d\ngive up 6 d"
    assert found.unread == ("again 2 h",)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("retry 1 h,\n  2 h,\n\n  3 h", (1, 2, 3)),
        ("  retry 1 h\n    , 2 h # aside\n  warn 4 h", (1, 2)),
        ("retry\n  1 h,\n  2 h", (1, 2)),
        ("retry 1 h,\n2 h", (1, 2)),
        ("retry 1 h\nthen 2 h", (1,)),
        ("host x\n  2 h\nretry 1 h", (1,)),
    ],
)
def test_a_line_of_times_goes_on_in_the_next_one(text: str, hours: tuple[int, ...]) -> None:
    assert read_configuration(text).delays() == tuple(hour * HOUR for hour in hours)


def test_what_follows_a_comma_belongs_to_the_line_and_is_refused_if_it_is_no_time() -> None:
    found = read_configuration("retry 1 h,\nthen 2 h\nwarn 4 h")
    delays = found.delays()
    assert isinstance(delays, RuleFailure)
    assert delays.got == "retry 1 h,\nthen 2 h"
    assert found.unread == ()


def test_the_sheet_says_which_attempts_count() -> None:
    hourly = RetrySchedule((HOUR,), jitter=0, warns_after=None, expires_after=4 * DAY)
    fate = play(hourly, DOWN, FOR_GOOD)
    assert fate.attempts[0] == 0
    assert fate.attempts[-1] == 4 * DAY == fate.bounced  # a last attempt at the time of giving up
    assert fate.attempts_until(4 * DAY) == 4 * 24  # with the first, and without that at the end
    assert "a last attempt is made" in DESIGN.sheet(TASK)


def failure(rule: str, **answers: object) -> RuleFailure | None:
    """Return how a rule of the exercise fails."""
    part = DESIGN.part(rule.partition(".")[0])
    (found,) = (each.failure for each in judge(part, evidence(**answers)).results if each.rule == rule)
    return found


@pytest.mark.parametrize(
    ("retry", "warn", "holds"),
    [
        ("30 min, 30 min, 30 min, 12 h", "8 h", False),  # after 14 h
        ("30 min, 30 min, 30 min, 12 h", "1 h", True),
        ("10 min, 7 h", "5 h", True),
        ("10 min, 9 h", "5 h", False),
        ("5 min", "8 h", True),  # at the eighth hour, because times count as they are written
        ("7 min", "8 h", False),  # after it, though by minutes
        ("5 min", "7 h 50 min", True),
        ("1 s", "7 h", True),
        ("1 s", "9 h", False),
        ("20 min", "59 min", True),  # after 60
        ("10 min", "30 min", False),
    ],
)
def test_a_warning_is_judged_by_the_attempts_that_the_schedule_makes(retry: str, warn: str, holds: bool) -> None:
    schedule = f"host {TASK.host}\nretry {retry}\nwarn {warn}\ngive up 5 d"
    assert (failure("schedule.warning", schedule=schedule) is None) == holds


@pytest.mark.parametrize(
    ("retry", "holds"), [("40 min", True), ("41 min", True), ("42 min", False), ("40 min, 2 h", False)]
)
def test_times_count_as_they_are_written_without_the_tenth_that_a_host_adds(retry: str, holds: bool) -> None:
    """The worst outage ends a minute after an attempt."""
    schedule = f"host {TASK.host}\nretry {retry}\nwarn 4 h\ngive up 5 d"
    assert (failure("schedule.short", schedule=schedule) is None) == holds


def test_what_is_told_of_a_warning_are_attempts_that_the_schedule_makes() -> None:
    delays, warn = "30 min, 30 min, 30 min, 12 h", 8 * HOUR
    schedule = RetrySchedule.of(delays.split(", "), warns_after="8 h", jitter=0)
    attempts = play(schedule, DOWN, FOR_GOOD).attempts
    before = max(attempt for attempt in attempts if attempt < warn)
    after = min(attempt for attempt in attempts if attempt >= warn)
    found = failure("schedule.warning", schedule=f"host {TASK.host}\nretry {delays}\nwarn 8 h\ngive up 5 d")
    assert found is not None
    assert f"attempts after {format_duration(before)} and after {format_duration(after)}" in found.got


def test_a_sender_whose_message_is_given_up_soon_needs_no_warning() -> None:
    schedule = f"host {TASK.host}\nretry 30 min\nwarn 9 h\ngive up 2 h"
    assert failure("schedule.warning", schedule=schedule) is None
    assert failure("schedule.gives-up", schedule=schedule) is not None


def test_an_outage_that_is_longer_than_the_message_is_kept_is_not_survived() -> None:
    assert worst_outage(RetrySchedule(expires_after=30 * MINUTE), HOUR) == (HOUR, None)
    found = failure("schedule.short", schedule=f"host {TASK.host}\nretry 10 min\nwarn 1 h\ngive up 30 min")
    assert found is not None
    assert "given up" in found.got


def test_a_schedule_that_is_cut_still_warns_and_gives_up_at_its_times() -> None:
    fate = endless_outage(RetrySchedule((SECOND,), expires_after=6 * DAY, warns_after=3 * HOUR))
    assert fate.is_cut
    assert fate.bounced == 6 * DAY
    assert fate.warnings == (3 * HOUR + SECOND,)
    late = endless_outage(RetrySchedule((SECOND,), expires_after=HOUR, warns_after=3 * HOUR))
    assert (late.warnings, late.bounced) == ((), HOUR)


@pytest.mark.parametrize("line", ["30 min 30 min 3 h", "1 h 1 d", "2 h 2 h, 3 h"])
def test_times_side_by_side_are_not_added_up(line: str) -> None:
    found = read_configuration(f"retry {line}").delays()
    assert isinstance(found, RuleFailure)
    assert found.expected == "commas between times"


# The bounce


def test_the_right_bounce_is_a_report_for_our_own_reader_too() -> None:
    found = read_report(bank_07.bounce(TASK).encode())
    assert found.is_bounce
    assert found.reporting_mta == TASK.host
    assert (found.recipients[0].address, str(found.recipients[0].status)) == (TASK.recipient, TASK.status)


def test_a_text_may_be_indented_as_a_whole() -> None:
    text = bank_07.bounce(TASK)
    indented = "\n" + "".join(f"    {line}\n" if line else "\n" for line in text.splitlines())
    assert bounce.octets_of(evidence(bounce=indented)) == text.replace("\n", "\r\n").encode()


def test_a_text_may_have_any_line_ends_but_no_others() -> None:
    text = bank_07.bounce(TASK)
    assert bounce.octets_of(evidence(bounce=text.replace("\n", "\r\n"))) == text.replace("\n", "\r\n").encode()
    assert bounce.octets_of(evidence(bounce="a\x0cb\u2028c\n")) == "a\x0cb\u2028c\r\n".encode()


WHOLE = """\
Subject: x
Content-Type: multipart/report;
 boundary=xyz

--xyz
Content-Type: text/plain

words

--xyz
Content-Type: message/delivery-status

Reporting-MTA: dns; a.example

--xyz--
"""


def test_a_sound_bounce_is_read_as_it_is() -> None:
    assert bounce_structure.read_structure(WHOLE) == bounce_structure.BounceStructure(WHOLE, None, None)
    assert bounce_structure.read_structure(f"\n\n{WHOLE}".replace("\n", "\r\n")) == bounce_structure.BounceStructure(
        WHOLE, None, None
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("xyz\n\n--xyz", "xyz\n--xyz", "first boundary"),
        ("plain\n\n", "plain\n", "text/plain and its content"),
        ("plain\n\nwords", "plain\nNote: words", "text/plain and its content"),
        ("status\n\n", "status\n", "message/delivery-status and its content"),
        ("--xyz\nContent-Type: text/plain\n\nwords", "--xyz\nwords", "its fields are missing"),
        ("--xyz\nContent-Type: text", "--xyz\n\nContent-Type: text", "between a boundary and the fields"),
        ("\n--xyz--\n", "\n", "closes the last part"),
        ("--xyz--\n", "--xyz\n", "closes the last part"),
        ("--xyz--\n", "", "closes the last part"),
        ("\n\n--xyz\nContent-Type: m", "\n\n--xyz--\nContent-Type: m", "behind the closing boundary"),
        (";\n boundary=xyz", "", "names no boundary"),
        ("boundary=xyz", "boundary=abc", "begins a part"),
        ("boundary=xyz", "boundary=--xyz", "begins a part"),
        ("words\n", "\n", "has no words"),
        ("Subject: x", "Subject x", "is not a field"),
    ],
)
def test_a_mistake_in_the_structure_is_named_and_mended_for_the_other_rules(old: str, new: str, said: str) -> None:
    assert old in WHOLE
    found = bounce_structure.read_structure(
        WHOLE.replace(old, new, 1) if "--xyz--\n" not in old else new.join(WHOLE.split(old))
    )
    assert found.fault is not None
    assert said in found.fault.sentence
    types = [part.get_content_type() for part in bounce.parsed(found.repaired).get_payload()]
    assert types[-1] == "message/delivery-status"
    status = bounce.parsed(found.repaired).get_payload()[-1].get_payload()[0]
    assert status["Reporting-MTA"] == "dns; a.example"


def test_of_very_many_parts_only_the_first_are_read() -> None:
    found = bounce_structure.read_structure(WHOLE.replace("--xyz\n", "--xyz\n" * 10_000))
    assert found.fault is not None
    assert "too many parts" in found.fault.sentence
    assert found.repaired.count("--xyz\n") < 100


@pytest.mark.parametrize("width", ["    ", "\t"])
def test_lines_that_begin_with_blanks_are_named(width: str) -> None:
    all_of_it = bounce_structure.read_structure("".join(f"{width}{line}\n" for line in WHOLE.splitlines()))
    assert all_of_it.indented is not None
    assert all_of_it.fault is None
    parts_alone = bounce_structure.read_structure(WHOLE.replace("\n--xyz", f"\n{width}--xyz"))
    assert parts_alone.fault is not None
    assert "begin with spaces" in parts_alone.fault.sentence


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("1, 4", {1, 4}),
        ("1 and 4", {1, 4}),
        (" 4;1 ", {1, 4}),
        ("2 3", {2, 3}),
        ("1 & 4, 4", {1, 4}),
        (3, {3}),
        ("1-4", "range"),
        ("1 to 4", "range"),
        ("1 \u2013 4", "range"),
        ("1..4", "range"),
        ("1, 4, 5", "no message 5"),
        ("0, 1, 4", "no message 0"),
        ("-1, 4", "no message -1"),
        ("14", "no message 14"),
        (-1, "no message -1"),
        ("", "by its number"),
        ("first and last", "by its number"),
        ("1, x", "by its number"),
        ("\u0661", "by its number"),
        (["1"], "not text"),
        (None, "not been handed in"),
    ],
)
def test_the_numbers_of_a_choice_are_read_or_refused_with_the_reason(text: object, numbers: set[int] | str) -> None:
    found = envelope.numbers_of(evidence(bounces=text))
    if isinstance(found, RuleFailure):
        assert isinstance(numbers, str)
        assert numbers in found.sentence
    else:
        assert found == numbers


def test_the_check_says_the_same_about_every_choice() -> None:
    answers = {"bounce": bank_07.bounce(TASK), "MAIL_FROM": "<>", "RCPT_TO": f"<{TASK.sender}>"}
    choices = [", ".join(each) for size in range(1, 5) for each in itertools.combinations("1234", size)]
    scores = {judge(report.PART, evidence(**answers, bounces=choice)) for choice in choices}
    assert len(choices) == 15
    assert len(scores) == 1


@pytest.mark.parametrize(
    ("date", "holds"),
    [
        ("Fri, 6 Aug 2004 19:00:00 +0000", True),
        ("6 Aug 2004 19:00 GMT", True),
        ("Fri, 6 Aug 2004 19:00:00 -0000 (UTC)", True),
        ("today", False),
        ("2004-08-06T19:00:00Z", False),
        ("6 Aug 2004", False),
        ("Fri, 36 Aug 2004 19:00:00 +0000", False),
        ("6 August 2004 19:00 +0000", False),
    ],
)
def test_a_date_is_one_of_rfc_5322(date: str, holds: bool) -> None:
    text = bank_07.changed(TASK, f"Date: {TASK.arrived}\nSub", f"Date: {date}\nSub")
    assert (failure("bounce.header", bounce=text) is None) == holds


def test_a_bounce_of_our_own_host_has_full_marks() -> None:
    from datetime import UTC, datetime

    from smtplab.mta.attempt import answered
    from smtplab.mta.bounce import ReportedMessage, write_report
    from smtplab.protocol.grammar import Path
    from smtplab.protocol.replies import Reply

    moment = datetime(2004, 8, 6, 12, 0, tzinfo=UTC)
    content = TASK.original.replace("\n", "\r\n").encode() + b"\r\n"
    message = ReportedMessage(Path.parse(f"<{TASK.sender}>"), content, TASK.host, moment)
    reply = Reply(int(TASK.refusal[:3]), TASK.refusal[4:])
    results = answered([Path.parse(f"<{TASK.recipient}>")], TASK.far_host, reply).recipients
    written = write_report(message, results, "A000001", moment)
    chosen = ", ".join(map(str, bank_07.chosen(TASK)))
    found = evidence(bounce=written, MAIL_FROM="<>", RCPT_TO=f"<{TASK.sender}>", bounces=chosen)
    score = judge(report.PART, found)
    assert [result.failure for result in score.results if result.failure is not None] == []


def test_a_bounce_with_only_the_students_own_message_in_it_is_not_the_students() -> None:
    other: RetryTask = DESIGN.task("noah", "smtplab")
    copied = bank_07.bounce(other).replace(other.original, TASK.original)
    assert judge(report.PART, evidence(bounce=copied)).points == 0


# What no answer may do


BOUNDARY = "Content-Type: multipart/report; boundary=x\n\n--x\n"
STATUS = f"{BOUNDARY}Content-Type: message/delivery-status\n\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\0",
        "\ud800",
        "\n\n\n",
        "x" * 60_000,
        "Content-Type: multipart/report",
        "Content-Type: multipart/report; boundary=x; report-type*=utf-8''delivery-status\n\n--x",
        BOUNDARY * 200,
        f"{STATUS}\n\n\n--x--",
        f"{STATUS}Final-Recipient: rfc822\nAction:\nStatus: \n",
        f"{STATUS}Final-Recipient: é; ü\nStatus: \udcff\nAction: é\nReporting-MTA: ;\n",
        f"{BOUNDARY}Content-Type: text/plain; charset=nonsense\nContent-Transfer-Encoding: base64\n\n!!!\n--x--",
        f"{BOUNDARY}Content-Type: message/rfc822\n\n",
    ],
)
def test_any_bounce_is_judged_without_an_error(text: str) -> None:
    mark = TASK.host
    for message in (f"{text}\n{mark}", f"{text}\n{mark}".encode("utf-8", "surrogatepass")):
        answers = {
            "bounce": message,
            "MAIL_FROM": text,
            "RCPT_TO": text,
            "bounces": text,
            "schedule": f"host {mark}\n{text}",
        }
        for part in DESIGN.parts:
            score = judge(part, evidence(**answers))
            told = [result.failure.sentence for result in score.results if result.failure is not None]
            assert not [sentence for sentence in told if "raised" in sentence], told


@pytest.mark.parametrize("value", [None, 5, ("a",), object(), lambda: 0])
def test_a_value_of_another_type_earns_nothing(value: object) -> None:
    answers = dict.fromkeys(("schedule", "bounce", "MAIL_FROM", "RCPT_TO", "bounces"), value)
    for part in DESIGN.parts:
        score = judge(part, evidence(**answers))
        assert score.points == 0
        assert "raised" not in "".join(each.failure.sentence for each in score.results if each.failure)


def test_nothing_that_a_schedule_says_makes_the_worlds_long() -> None:
    for retry in ("1 us", "1 us, 400 d", "400 d", ", ".join(["1 ms"] * 100)):
        found = evidence(schedule=f"host {TASK.host}\nretry {retry}\nwarn 1 us\ngive up 1 us")
        score = judge(schedule.PART, found)
        assert "raised" not in "".join(each.failure.sentence for each in score.results if each.failure)
