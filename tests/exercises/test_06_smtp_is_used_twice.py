"""What is particular to exercise 06; `test_banks` grades the answers of its bank."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace
from functools import cache

import pytest

from exercises import bank_06
from exercises.bank_06 import FULL, NAME, STUDENTS
from smtplab.grading.evidence import Evidence
from smtplab.grading.exercises import design_of
from smtplab.grading.exercises.mail_routes import arrive, trace
from smtplab.grading.exercises.mail_routes.records import read_aliases, read_records
from smtplab.grading.exercises.mail_routes.task import MailRoutesTask
from smtplab.grading.rules import RuleFailure, judge
from smtplab.mta.trace import count_received
from support.trace_reading import JUDGES, reading

DESIGN = design_of(NAME)
TASK: MailRoutesTask = DESIGN.task("mia", "smtplab")


@cache
def many() -> list[MailRoutesTask]:
    """Return the tasks of three hundred students."""
    return [DESIGN.task(f"student-{number}") for number in range(300)]


def evidence(**answers: object) -> Evidence[MailRoutesTask]:
    return Evidence(TASK, (), {}, answers)


def mistake(part: str, rule: str, **answers: object) -> str:
    """Return the sentence with which a rule fails."""
    results = judge(DESIGN.part(part), evidence(**answers)).results
    (failure,) = (each.failure for each in results if each.rule == f"{part}.{rule}")
    return "" if failure is None else failure.sentence


# The task


def test_no_two_names_of_a_task_are_the_same() -> None:
    for task in many():
        assert len({*task.domains, task.origin}) == 5
        assert len({*task.machines}) == len({*task.addresses}) == 6
        people = (task.reader, task.deputy, task.partner, task.friend, task.moved, task.author, task.role, task.group)
        assert len({*people}) == 8


@pytest.mark.parametrize("student", STUDENTS)
def test_the_task_sheet_has_all_that_is_needed(student: str) -> None:
    task = DESIGN.task(student, "smtplab")
    sheet = DESIGN.sheet(task)
    for name, address in task.machines.items():
        assert f"{name}, {address}\n" in sheet
    for number, address in enumerate(task.wanted, start=1):
        assert f"{number}. {address}\n" in sheet
    assert f"{task.moved:<10} has moved to {task.new_address}" in sheet
    assert max(map(len, sheet.splitlines())) <= 110


# The way of the message


def test_every_variant_has_each_fault_and_none_hides_another() -> None:
    pairs = Counter()
    for task in many():
        read = reading(task.journey)
        places = [hop.host for hop in read.way]
        slow, clock = places.index(read.slow), places.index(read.clock)
        assert clock not in (slow, slow + 1)
        assert 40 <= read.minutes < 122
        assert places.count(read.twice) == 2
        assert read.forged not in places
        pairs[slow, clock] += 1
    assert len(pairs) == 7
    assert min(pairs.values()) > 20


def test_in_every_variant_somebody_who_leaves_out_the_time_zones_is_wrong() -> None:
    for task in many():
        read = reading(task.journey)
        bare = [hop.stamp.replace(tzinfo=None) for hop in read.way]
        steps = [after - before for before, after in itertools.pairwise(bare)]
        assert read.way[steps.index(max(steps))].host != read.slow


def test_times_of_different_zones_compared_get_their_sentence() -> None:
    told = set()
    for task in many()[:40]:
        read = reading(task.journey)
        for host in {hop.host for hop in read.way} - {read.slow}:
            failure = JUDGES["slow"](replace(evidence(slow=host), task=task))
            told |= {failure.sentence} if failure is not None else set()
    assert "You compared times of different time zones." in told


def test_the_header_section_has_eight_received_fields_and_ends_with_its_subject() -> None:
    header = DESIGN.given(TASK)["header"]
    assert count_received(header.replace("\n", "\r\n").encode()) == 8
    assert header.splitlines()[-1].startswith("Subject: ")


def test_four_names_alone_explain_each_variant_and_no_others_do() -> None:
    for task in many()[:30]:
        read, hosts = reading(task.journey), task.journey.hosts
        named = [dict(zip(JUDGES, each, strict=True)) for each in itertools.product(hosts, repeat=len(JUDGES))]
        assert [each for each in named if trace.fits(task.journey, each)] == [
            {question: getattr(read, question) for question in JUDGES}
        ]


def test_the_answers_are_not_part_of_the_task() -> None:
    assert set(TASK.journey.__dataclass_fields__) == {"fields", "sender", "recipient"}


# Reading records and aliases


@pytest.mark.parametrize(
    "line",
    [
        "a.example MX 10 b.example",
        "A.Example. mx 10 B.EXAMPLE.",
        "a.example 3600 IN MX 10 b.example ; comment",
        "a.example IN 1h MX 10 b.example",
        "\ta.example\tMX\t010\tb.example",
    ],
)
def test_a_record_may_be_written_as_in_a_zone_file(line: str) -> None:
    records = read_records(line)
    assert (records.mx, records.fault) == ({"a.example": [(10, "b.example")]}, None)


@pytest.mark.parametrize(
    "line",
    [
        "a.example",
        "a.example MX",
        "a.example MX ten b.example",
        "a.example MX 70000 b.example",
        "a.example MX 10 b_example",
        "a.example MX 10 192.0.2.1",
        "a.example A b.example",
        "a.example A 192.0.2.300",
        "a.example A 192.0.2.1 192.0.2.2",
        "a.example CNAME",
        "a.example TXT hello",
        "@ MX 10 b.example",
        "bob@a.example MX 10 b.example",
        "\x00 MX 10 b.example",
    ],
)
def test_a_line_that_is_no_record_is_left_out_and_told(line: str) -> None:
    records = read_records(f"{line}\nz.example A 192.0.2.9")
    assert records.fault is not None
    assert records.addresses == {"z.example": ["192.0.2.9"]}
    assert records.mx == {}


def test_records_that_contradict_each_other_are_left_out_and_told() -> None:
    records = read_records(
        "a.example CNAME b.example\na.example A 192.0.2.1\nc.example MX 0 .\nc.example MX 5 d.example"
    )
    assert records.fault is not None
    assert (records.mx, records.aliases) == ({}, {})
    assert records.zone().addresses("a.example") == ("192.0.2.1",)


@pytest.mark.parametrize("line", ["sales", "sales:", ": bob", "a b: c", "sales: a b", "sales: a@", "x@far.example: a"])
def test_a_line_that_is_no_alias_is_left_out_and_told(line: str) -> None:
    found = read_aliases(f"{line}\nok: {TASK.reader}", TASK)
    assert found.fault is not None
    assert found.members == {"ok": (TASK.reader,)}


def test_aliases_in_a_circle_are_left_out_and_told() -> None:
    found = read_aliases(f"a: b\nb: c\nc: a\nok: {TASK.reader}", TASK)
    assert found.fault is not None
    assert found.directory(TASK).resolve is not None
    assert "ok" in found.members


@pytest.mark.parametrize(
    ("text", "members"),
    [
        ("team: a@x.example,\n  b@x.example", ("a@x.example", "b@x.example")),
        ("team:\n  a@x.example", ("a@x.example",)),
        ("team: a@x.example,\nb@x.example", ("a@x.example", "b@x.example")),
        ("    team: a@x.example,\n    b@x.example", ("a@x.example", "b@x.example")),
        ("team: a@x.example, # first\n  # aside\n\n  b@x.example", ("a@x.example", "b@x.example")),
    ],
)
def test_the_members_of_an_alias_may_stand_in_several_lines(text: str, members: tuple[str, ...]) -> None:
    found = read_aliases(f"{text}\nok: {TASK.reader}", TASK)
    assert (found.members, found.fault) == ({"team": members, "ok": (TASK.reader,)}, None)


@pytest.mark.parametrize("text", ["team: a@x.example\n  b@x.example", "team: a@x.example\nb@x.example"])
def test_lines_of_members_without_a_comma_between_are_told(text: str) -> None:
    assert read_aliases(text, TASK).fault is not None


def test_of_two_lines_for_an_alias_the_first_stays_and_the_second_is_told() -> None:
    found = read_aliases("Team: a@x.example\nteam: b@x.example", TASK)
    assert found.members == {"team": ("a@x.example",)}
    assert found.fault is not None
    assert found.fault.got == "Team: a@x.example\nteam: b@x.example"


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("a: a", "a", "a leads back to itself."),
        ("a: b\nb: c\nc: a", "b", "b leads back to itself."),
        ("a: nobody", "a", "a leads to nobody, which is neither"),
        ("a: nobody, noone, x@y.example", "a", "a leads to nobody and noone, which are neither"),
        ("a: a, nobody", "a", "a leads to nobody, which is neither"),
        ("a: b@x.example, a", "a", "a is a member of itself"),
        ("a: b\nb: nobody", "a", "a leads to b, an alias that leads to no mailbox."),
        ("a: b\nb: b", "a", "a leads to b, an alias that leads to no mailbox."),
    ],
)
def test_where_an_alias_ends_is_told(text: str, name: str, said: str) -> None:
    found = read_aliases(text, TASK)
    assert found.members == {}
    assert found.left_out[name].sentence.startswith(said)


@pytest.mark.parametrize(
    ("members", "hint"),
    [
        ("x y, b@x.example", "x y is neither"),
        ("x y, (z), b@x.example", "x y and (z) are neither"),
    ],
)
def test_all_wrong_members_of_an_alias_are_named(members: str, hint: str) -> None:
    fault = read_aliases(f"team: {members}", TASK).fault
    assert fault is not None
    assert fault.hint.startswith(hint)


def test_a_second_line_of_an_alias_is_the_only_mistake_that_is_told() -> None:
    first, *others = TASK.members
    lines = [*bank_06.aliases(TASK)[:2], f"{TASK.group}: {first}", f"{TASK.group}: {', '.join(others)}"]
    assert mistake("arrive", "group", zone="a.example A 192.0.2.1", aliases="\n".join(lines)).startswith(
        "Only your first"
    )


def test_every_rule_has_a_name_in_words() -> None:
    for part in DESIGN.parts:
        ids = {rule.id.partition(".")[2].replace("-", " ") for rule in part.rules}
        assert not ids & {rule.label for rule in part.rules}
        assert all(rule.label for rule in part.rules)


def test_a_line_that_was_left_out_is_named_where_it_is_missed() -> None:
    names = [f"{TASK.role} {TASK.deputy}", "Other line", *bank_06.aliases(TASK)[1:]]
    (found,) = (
        each.failure
        for each in judge(arrive.PART, evidence(zone=TASK.home, aliases="\n".join(names))).results
        if each.rule == "arrive.role"
    )
    assert found is not None
    assert f"Your line about {TASK.role} could not be read, so it does not count." in found.sentence
    assert found.got == names[0]


def test_who_is_missing_in_a_group_and_who_was_refused_is_told() -> None:
    group = f"{TASK.group}: {TASK.reader}, {TASK.deputy}, nobody@{TASK.small}, {TASK.partner}@{TASK.branch}"
    (found,) = (
        each.failure
        for each in judge(arrive.PART, evidence(zone=TASK.home, aliases=group)).results
        if each.rule == "arrive.group"
    )
    assert found is not None
    assert f"reaches {TASK.deputy} at {TASK.main}, who should not get it" in found.sentence
    assert f"does not reach {TASK.friend} at {TASK.small}, who should get it" in found.sentence
    assert found.got.endswith("; for others it came back to the sender as a bounce")


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("192.0.2.270", "270 is more than 255"),
        ("999.0.2.1", "999 is more than 255"),
        ("192.0.2", "192.0.2 has 3 numbers"),
        ("192.0.2.1.5", "192.0.2.1.5 has 5 numbers"),
        ("192.0..2.1", "An A record has one IP address"),
        ("192.0.2.010", "192.0.2.010 is not an IP address"),
        ("mx.lab.example", "An A record has one IP address"),
        ("192.0.2.1 192.0.2.2", "An A record has one IP address"),
    ],
)
def test_what_is_wrong_with_an_address_is_told(address: str, sentence: str) -> None:
    (fault,) = read_records(f"{TASK.main} A {address}").faults
    assert fault.sentence.startswith(sentence)


def test_lines_that_were_got_stand_as_the_student_wrote_them() -> None:
    zone = bank_06.changed(bank_06.records(TASK), f"{TASK.branch} MX 10", f"{TASK.branch.upper()}.  mx 30")
    (found,) = (
        each.failure
        for each in judge(arrive.PART, evidence(zone="\n".join(zone), aliases="x")).results
        if each.rule == "arrive.second"
    )
    assert found is not None
    assert "wrong host" in found.sentence
    assert found.got.splitlines() == [
        f"{TASK.branch.upper()}.  mx 30 {TASK.first}",
        f"{TASK.branch} MX 20 {TASK.second}",
    ]


# Answers that are guessed


def test_the_check_says_the_same_about_all_names_but_the_right_ones() -> None:
    read, hosts = reading(TASK.journey), TASK.journey.hosts
    verdicts = Counter()
    for slow, clock, twice, forged in itertools.product(hosts, hosts, (read.twice, read.slow), (read.forged, hosts[0])):
        found = judge(trace.PART, evidence(slow=slow, clock=clock, twice=twice, forged=forged, minutes=75))
        assert found.points == 0
        failures = [each.failure for each in found.results if each.failure is not None]
        verdicts[tuple(each.sentence for each in failures)] += 1
        assert (failures == []) == ((slow, clock, twice, forged) == (read.slow, read.clock, read.twice, read.forged))
    assert sorted(verdicts.values())[0] == 1
    assert len(verdicts) == 2


def test_no_sentence_about_one_answer_depends_on_another() -> None:
    read = reading(TASK.journey)
    right = {question: getattr(read, question) for question in JUDGES}
    for question, rule in JUDGES.items():
        for host in TASK.journey.hosts:
            alone = rule(evidence(**{question: host}))
            assert alone == rule(evidence(**(right | {question: host})))
            words = f"{alone.sentence} {alone.expected} {alone.hint}" if alone is not None else ""
            assert not [name for name in TASK.journey.names if name in words]


@pytest.mark.parametrize(
    ("answer", "minutes"),
    [(75, 75), ("75", 75), (" 75 min ", 75), ("75 Minutes.", 75), ("75min", 75), ("about 75", None), ("75 h", None),
     ("-75", None), ("", None), (75.0, None), (True, None), ("\u0667\u0665", None)],
)  # fmt: skip
def test_minutes_are_read_in_each_form_that_the_sheet_names(answer: object, minutes: int | None) -> None:
    found = trace.minutes_of(evidence(minutes=answer))
    assert found == minutes if minutes is not None else isinstance(found, RuleFailure)


# What no answer may do


_CHAIN = "".join(f"n{number}: n{number + 1}\n" for number in range(5000))


@pytest.mark.parametrize("text", ["\0", "\ud800", "a" * 200_000, "a MX 1 b\n" * 20_000, ": : :\n" * 1000, _CHAIN])
def test_any_text_is_judged_without_an_error(text: str) -> None:
    zone = f"{text}\n{TASK.home}"
    score = judge(arrive.PART, evidence(zone=zone, aliases=text))
    told = [result.failure.sentence for result in score.results if result.failure is not None]
    assert not [sentence for sentence in told if "raised" in sentence]


@pytest.mark.parametrize("value", [None, 5, b"x", ("a",), object(), lambda: 0])
def test_a_value_that_is_not_text_earns_nothing(value: object) -> None:
    answers = dict.fromkeys((*arrive.QUESTIONS, *trace.QUESTIONS), value)
    for part in DESIGN.parts:
        score = judge(part, evidence(**answers))
        assert score.points == 0
        assert "raised" not in "".join(each.failure.sentence for each in score.results if each.failure)


def test_a_slip_in_the_aliases_costs_nothing_of_the_records_and_the_other_way_round() -> None:
    zone, aliases = "\n".join(bank_06.records(TASK)), "\n".join(bank_06.aliases(TASK))
    only_zone = judge(arrive.PART, evidence(zone=zone, aliases="x"))
    only_aliases = judge(arrive.PART, evidence(zone=f"{TASK.home} MX 1", aliases=aliases))
    assert (only_zone.points, only_aliases.points) == (8, 6)
    assert FULL["check-arrive"] == only_zone.points + only_aliases.points + arrive.PART.hidden_points


def test_a_circle_of_aliases_that_never_ends_in_the_zone_is_no_error() -> None:
    zone = [
        *bank_06.records(TASK)[5:],
        f"{TASK.home} CNAME x.example",
        "x.example CNAME y.example",
        "y.example CNAME x.example",
    ]
    assert mistake("arrive", "preferred", zone="\n".join(zone), aliases="a: b") != ""


# What the check says


def test_no_fault_of_the_records_hides_another() -> None:
    records = [line for line in bank_06.records(TASK) if TASK.backup not in line]  # neither MX nor A
    records = [line.replace(f"MX 10 {TASK.first}", f"MX 30 {TASK.first}") for line in records]
    told = mistake("arrive", "complete", zone="\n".join(records), aliases="a: b")
    assert f"Your zone has no address for {TASK.backup}." in told
    assert f"mail for {TASK.home} has nowhere to wait" in told
    assert f"Senders try the wrong host of {TASK.branch} first." in told


def test_three_names_have_a_comma_between() -> None:
    records = [line for line in bank_06.records(TASK) if " A " not in line]
    told = mistake("arrive", "complete", zone="\n".join(records))
    assert f"no address for {TASK.main}, {TASK.backup}, {TASK.first}, {TASK.second} and {TASK.small}." in told


@pytest.mark.parametrize("text", ["1 h 33 min", "1h33m", "93 minutes", "1 hour 33 mins", "93", " 1 H 33 Minutes "])
def test_the_minutes_may_have_hours(text: str) -> None:
    assert trace.minutes_of(evidence(minutes=text)) == 93


@pytest.mark.parametrize("text", ["33 min 1 h", "1 h 33", "h", "2 h", "1:33", "1.5 h", ""])
def test_what_is_no_time_has_no_minutes(text: str) -> None:
    assert isinstance(trace.minutes_of(evidence(minutes=text)), RuleFailure)


def test_answers_that_can_be_read_are_not_called_right() -> None:
    results = judge(DESIGN.part("trace"), evidence(minutes="93", slow=TASK.journey.fields[0].host)).results
    assert [each.name for each in results] == [
        "the names can be read",
        "the minutes can be read",
        "all four names are right",
    ]
