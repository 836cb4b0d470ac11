"""Rules: points, the best attempt, what other rules rest on, and values that bite when they are looked at."""

from __future__ import annotations

import pytest

from smtplab.grading.rules import ExercisePart, Rule, RuleFailure, RuleList, Score, judge, shown, text_of, visible

WRONG = RuleFailure("It is wrong.")


def even(number: int) -> RuleFailure | None:
    return WRONG if number % 2 else None


def large(number: int) -> RuleFailure | None:
    return None if number > 100 else RuleFailure("It is small.", "more than 100", str(number))


EVEN = Rule("number.even", 1, "RFC 0", "It is even.", even)
LARGE = Rule("number.large", 2, "RFC 0", "It is large.", large)
PART = ExercisePart("number", (EVEN, LARGE), hidden=1, hidden_points=4)


def test_the_score_is_the_sum_of_the_points_of_the_rules_that_hold() -> None:
    scores = [judge(PART, number) for number in (1, 2, 101, 102)]
    assert [score.points for score in scores] == [0, 1, 2, 3]
    assert {score.possible for score in scores} == {3}


def test_a_verdict_says_which_rule_failed_and_why() -> None:
    result = judge(PART, 2).results[1]
    assert (result.rule, result.rfc, result.demand) == ("number.large", "RFC 0", "It is large.")
    assert result.failure == RuleFailure("It is small.", "more than 100", "2")


def test_hidden_rules_are_judged_behind_the_public_ones() -> None:
    score = judge(PART, 102, [Rule("number.hidden", 4, "RFC 0", "It is 102.", lambda number: None)])
    assert (score.points, score.possible) == (7, 7)
    assert [result.rule for result in score.results] == ["number.even", "number.large", "number.hidden"]
    assert PART.points == 7


def test_where_the_needed_rule_fails_no_other_holds_and_only_it_explains() -> None:
    needs = Rule("number.positive", 0, "RFC 0", "It is positive.", lambda number: WRONG if number < 0 else None)
    part = ExercisePart("number", (EVEN, LARGE), needs=needs)
    score = judge(part, -2)
    assert (score.points, score.possible) == (0, 3)
    assert [result.failure.sentence for result in score.results if result.failure] == ["It is wrong.", "", ""]
    assert [result.rule for result in judge(part, 2).results] == ["number.even", "number.large"]


def test_the_best_attempt_counts_and_of_equals_the_last() -> None:
    part: ExercisePart[tuple[int, ...]] = ExercisePart(
        "numbers",
        (
            Rule("numbers.even", 1, "RFC 0", "It is even.", lambda numbers: even(numbers[0])),
            Rule("numbers.large", 2, "RFC 0", "It is large.", lambda numbers: large(numbers[0])),
        ),
        attempts=lambda numbers: [(number,) for number in numbers],
    )
    assert judge(part, (1, 101, 2)).points == 2
    assert judge(part, (2, 4)).results[1].failure == RuleFailure("It is small.", "more than 100", "4")
    assert judge(part, ()) == Score()


@pytest.mark.parametrize("error", [ValueError, SystemExit, GeneratorExit, RecursionError, StopIteration])
def test_a_value_that_raises_costs_the_rule_and_no_more(error: type[BaseException]) -> None:
    def bites(number: int) -> RuleFailure | None:
        raise error

    part = ExercisePart("number", (Rule("number.bites", 1, "RFC 0", "It does not bite.", bites), EVEN))
    score = judge(part, 2)
    assert score.points == 1
    failure = score.results[0].failure
    assert failure is not None
    assert error.__name__ in failure.sentence


def test_an_interrupt_is_no_verdict() -> None:
    def interrupted(number: int) -> RuleFailure | None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Rule("number.slow", 1, "RFC 0", "It is quick.", interrupted).apply(1)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (b"QUIT\r\n", r"QUIT\r\n"),
        (b"a\nb\tc", r"a\nb\tc"),
        ("caf\u00e9\x1b[0m", "caf\u00e9\\x1b[0m"),
        (b"\xff\x00", r"\xff\x00"),
        ("\ud800", r"\xed\xa0\x80"),
        (b"", ""),
        (b"x" * 200, "x" * 200),
        (b"x" * 201, "x" * 200 + "..."),
    ],
)
def test_control_characters_are_made_visible(value: bytes | str, shown: str) -> None:
    assert visible(value) == shown
    assert visible(value).isprintable()


def test_a_long_value_is_cut_after_a_word() -> None:
    text = "a " * 90 + "mailers " * 9
    assert visible(text) == text[: text.index("mailers") + 15] + "..."


@pytest.mark.parametrize(
    ("value", "lines"),
    [
        ("\nFrom: A\n\n  b\r\nC\n\n", ["From: A", "", "  b", "C"]),
        (b"x\x00\r\ny", ["x\\x00", "y"]),
        ("word " * 50, [("word " * 40).rstrip() + "..."]),
        ("x\n" * 13, ["x"] * 12 + ["..."]),
        ("", [""]),
    ],
)
def test_lines_are_shown_as_they_were_written(value: bytes | str, lines: list[str]) -> None:
    assert shown(value).split("\n") == lines


class Yes(str):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = str.__hash__

    def __str__(self) -> str:
        return self


def test_text_that_equals_everything_becomes_plain() -> None:
    text = text_of(Yes("no"))
    assert type(text) is str
    assert text != "yes"


class Liar:
    __class__ = str  # type: ignore[assignment]


@pytest.mark.parametrize("value", [None, 3, b"text", ["text"], str, Liar()], ids=lambda value: type(value).__name__)
def test_what_is_no_text_is_none(value: object) -> None:
    assert text_of(value) is None


# A list of rules


def listed() -> RuleList[str]:
    rules = RuleList[str]("greeting")

    @rules.rule("second", 2, "RFC 5321 4.2", "It ends.", label="its end")
    @rules.asks("Where does it end?")
    def _ends(evidence: str) -> RuleFailure | None:
        return None if evidence.endswith(".") else RuleFailure("It has no end.")

    rules.rule("first", 1, "RFC 5321 4.1", "It is not empty.")(lambda evidence: None)
    assert _ends("a.") is None  # the function stays what it was
    return rules


def test_rules_are_in_the_order_in_which_they_are_written_and_have_the_name_of_their_part() -> None:
    ends, empty = listed().in_order()
    assert (ends.id, ends.points, ends.rfc, ends.demand) == ("greeting.second", 2, "RFC 5321 4.2", "It ends.")
    assert (ends.question, ends.label) == ("Where does it end?", "its end")
    assert (empty.id, empty.question, empty.label) == ("greeting.first", "", "")
    assert ends.apply("a").failure == RuleFailure("It has no end.")


def test_a_rule_can_be_taken_over_by_another_part() -> None:
    taken = listed().named("second", "farewell")
    assert (taken.id, taken.question) == ("farewell.second", "Where does it end?")
    assert listed().named("second").id == "greeting.second"


def test_a_name_is_given_once() -> None:
    with pytest.raises(AssertionError, match="first"):
        listed().rule("first", 1, "RFC 5321 4.1", "Again.")(lambda evidence: None)
