"""The figures of a class are those of the textbook, and chance is not told as a finding."""

from dataclasses import replace

import pytest

from smtplab.grading.results import statistics, wording
from smtplab.grading.results.outcome import Refusal, Report, RuleStatus, StudentResult
from smtplab.grading.results.statistics import QuestionFigures, correlation
from support.graded_class import BANNER, HELLO, NO_BANNER, NO_HELLO, NO_QUIT, QUIT, REPORT, part, student


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ([1, 2, 3], [2, 4, 6], 1.0),
        ([1, 2, 3], [6, 4, 2], -1.0),
        ([0, 0, 1, 1], [0, 1, 0, 1], 0.0),
        ([1, 1], [1, 2], None),
        ([], [], None),
        ([5], [5], None),
    ],
)
def test_the_correlation_is_pearsons(first: list[float], second: list[float], expected: float | None) -> None:
    found = correlation(first, second)
    assert found == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize(
    ("facility", "discrimination", "students", "verdict"),
    [
        (0.96, 0.5, 40, wording.TOO_EASY),
        (0.29, 0.5, 40, wording.TOO_HARD),
        (0.95, None, 40, ""),
        (0.3, 0.5, 40, ""),
        (0.5, None, 40, ""),
        (0.5, -0.5, 40, wording.MISLEADS),
        (0.5, -0.3, 40, wording.TELLS_LITTLE),
        (0.5, -0.3, 10, ""),
        (0.5, 0.1, 300, wording.TELLS_LITTLE),
        (0.5, 0.1, 40, ""),
        (1.0, None, 9, ""),
        (0.0, -1.0, 9, ""),
    ],
)
def test_a_verdict_is_given_only_where_chance_does_not_explain_it(
    facility: float, discrimination: float | None, students: int, verdict: str
) -> None:
    assert QuestionFigures("x", facility, discrimination, students).verdict == verdict


def a_class(*students: StudentResult) -> Report:
    return replace(REPORT, students=students)


def test_the_parts_and_rules_have_their_facility_and_discrimination() -> None:
    good = student("a", part("session", HELLO, QUIT), part("banner", BANNER))
    middling = student("b", part("session", HELLO, NO_QUIT), part("banner", BANNER))
    weak = student("c", part("session", NO_HELLO, NO_QUIT), part("banner", NO_BANNER))
    report = a_class(weak, good, middling)
    session, banner = statistics.parts(report)
    assert (session.name, session.facility) == ("Your own session", pytest.approx(5 / 9))
    assert banner.facility == pytest.approx(2 / 3)
    assert session.discrimination == banner.discrimination == pytest.approx(0.9449, abs=1e-4)
    assert {each.name: each.facility for each in statistics.rules(report)} == {
        "session.hello": pytest.approx(2 / 3),
        "session.quit": pytest.approx(1 / 3),
        "banner.which": pytest.approx(2 / 3),
    }
    assert [each.name for each in statistics.rules(report)] == ["session.hello", "session.quit", "banner.which"]


def test_a_class_without_graded_work_has_figures_of_nothing() -> None:
    assert [each.facility for each in statistics.parts(a_class())] == [0.0, 0.0]
    assert statistics.rules(a_class()) == statistics.rule_counts(a_class()) == []


def test_rules_that_fail_most_come_first_with_the_most_frequent_mistake() -> None:
    both = student("a", part("session", NO_HELLO, NO_QUIT))
    first, second = statistics.rule_counts(a_class(both, student("b", part("session", HELLO, NO_QUIT))))
    assert (first.rule, first.fails, first.made_by) == ("session.quit", 2, 2)
    assert (second.rule, second.fails, second.outcomes[RuleStatus.HOLDS]) == ("session.hello", 1, 1)


def test_commands_and_codes_are_counted_once_for_each_student() -> None:
    failing = part("session", NO_HELLO, replace(NO_QUIT, expected="221, not 999, 2.2.1 or 1221"), NO_BANNER)
    refused = (Refusal("RCPT", 550, 7), Refusal("RCPT", 450), Refusal("MAIL", 550))
    report = a_class(student("a", failing, refusals=refused), student("b", failing))
    assert statistics.failed_commands(report) == [("HELO", 2), ("QUIT", 2)]
    assert statistics.failed_codes(report) == [("221", 2)]
    assert statistics.refused_commands(report) == [("MAIL", 1), ("RCPT", 1)]
    assert statistics.refusal_codes(report) == [("450", 1), ("550", 1)]


@pytest.mark.parametrize(("possible", "groups"), [(0, 1), (1, 2), (15, 16), (16, 9), (21, 11), (33, 12), (300, 16)])
def test_each_student_is_in_one_group_of_points_and_there_are_few_groups(possible: int, groups: int) -> None:
    students = tuple(StudentResult(f"s{points}", points=points) for points in range(-1, possible + 2))
    found = statistics.distribution(replace(REPORT, possible=possible, students=students))
    assert len(found) == groups
    assert sum(found.values()) == len(students)
    assert [*found][-1][1] == possible
