"""The lecture's tables in data/lecture, and the library held against them row by row."""

import csv
import re

import pytest

from smtplab.protocol.codes import CODES, classify
from smtplab.protocol.commands import VERBS
from smtplab.protocol.states import Phase
from support.paths import DATA

LECTURE = DATA / "lecture"

Row = dict[str, str]


def rows_of(name: str) -> list[Row]:
    with (LECTURE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


COMMANDS, CODE_ROWS, PHASES = rows_of("commands.csv"), rows_of("codes.csv"), rows_of("phases.csv")

each_command = pytest.mark.parametrize("row", COMMANDS, ids=[row["keyword"] for row in COMMANDS])
each_code = pytest.mark.parametrize("row", CODE_ROWS, ids=[row["code"] for row in CODE_ROWS])


# The tables themselves


@pytest.mark.parametrize("name", ["commands.csv", "codes.csv", "phases.csv"])
def test_every_row_has_a_value_for_every_column_and_no_stray_space(name: str) -> None:
    for row in rows_of(name):
        assert None not in row
        assert all(value == value.strip() for value in row.values())


@pytest.mark.parametrize("row", [*COMMANDS, *CODE_ROWS, *PHASES], ids=lambda row: next(iter(row.values())))
def test_a_slip_is_marked_with_one_sentence(row: Row) -> None:
    slip = row["slip"]
    assert slip == "" or (slip[0].isupper() and slip.endswith(".") and ". " not in slip)


def test_the_slips_of_the_lecture_are_marked_and_nothing_else_is() -> None:
    assert {row["keyword"] for row in COMMANDS if row["slip"]} == {
        "DATA",
        "RSET",
        "VERFY",
        "NOOP",
        "SEND FROM",
        "SMOL FROM",
        "SMAL FROM",
    }
    assert {row["code"] for row in CODE_ROWS if row["slip"]} == {"504", "552"}
    assert [row["phase"] for row in PHASES if row["slip"]] == ["Connection Termination"]


# The 14 commands


def test_the_lecture_has_5_mandatory_3_recommended_and_6_seldom_used_commands_in_this_order() -> None:
    assert [row["tier"] for row in COMMANDS] == ["mandatory"] * 5 + ["recommended"] * 3 + ["seldom used"] * 6


def test_the_misspelt_keywords_are_the_three_that_the_slips_correct() -> None:
    misspelt = {row["keyword"]: row["verb"] for row in COMMANDS if row["keyword"].split()[0] != row["verb"]}
    assert misspelt == {"VERFY": "VRFY", "SMOL FROM": "SOML", "SMAL FROM": "SAML"}
    assert all(f"; the verb is {row['verb']}" in row["slip"] for row in COMMANDS if row["keyword"] in misspelt)


def test_the_lectures_mandatory_is_not_the_minimum_of_either_rfc() -> None:
    # RFC 821 4.5.1 and RFC 5321 4.5.1; the latter adds EHLO, which the lecture does not have.
    first_five = {"HELO", "MAIL", "RCPT", "DATA", "QUIT"}
    assert {row["verb"] for row in COMMANDS if row["tier"] == "mandatory"} == first_five
    assert required_by("rfc821") == first_five | {"RSET", "NOOP"}
    assert required_by("rfc5321") == first_five | {"RSET", "NOOP", "VRFY"}


def required_by(rfc: str) -> set[str]:
    return {row["verb"] for row in COMMANDS if row[f"{rfc}_status"] == "required"}


@each_command
def test_the_syntax_of_each_command_begins_with_its_verb_unless_the_rfc_gives_none(row: Row) -> None:
    assert row["rfc821_syntax"].split()[0] == row["verb"]
    assert (row["rfc5321_syntax"] == "") is (row["rfc5321_status"] == "obsolete")
    assert row["rfc5321_syntax"] == "" or row["rfc5321_syntax"].split()[0] == row["verb"]


def test_the_library_has_the_lectures_commands_in_its_order_and_ehlo_besides() -> None:
    assert [verb for verb in VERBS if verb != "EHLO"] == [row["verb"] for row in COMMANDS]
    assert VERBS["EHLO"].tier is None


@each_command
def test_the_library_ranks_each_command_as_the_lecture_and_the_rfcs_do(row: Row) -> None:
    verb = VERBS[row["verb"]]
    assert verb.tier is not None
    assert verb.tier.value == row["tier"]
    assert (verb.rfc821, verb.rfc5321) == (row["rfc821_status"], row["rfc5321_status"])


@each_command
def test_the_library_gives_each_command_the_arguments_of_the_rfc_that_defines_it(row: Row) -> None:
    syntax = row["rfc5321_syntax"] or row["rfc821_syntax"]
    assert without_names(VERBS[row["verb"]].syntax) == without_names(syntax)


def without_names(syntax: str) -> str:
    """Leave of ``VRFY <string>`` its shape, ``VRFY <>``: what an argument is called is a matter of taste."""
    return re.sub(r"(?<=[<\[])[^>\]]+", "", syntax)


# The 21 codes


def test_the_lecture_has_21_codes_in_four_categories() -> None:
    sizes: dict[str, int] = {}
    for row in CODE_ROWS:
        sizes[row["category"]] = sizes.get(row["category"], 0) + 1
    assert list(sizes.items()) == [
        ("Positive Completion Reply", 6),
        ("Positive Intermediate Reply", 1),
        ("Transient Negative Completion Reply", 4),
        ("Permanent Negative Completion Reply", 10),
    ]


def test_the_library_marks_as_the_lectures_just_these_codes() -> None:
    assert [row["code"] for row in CODE_ROWS] == [str(c.number) for c in CODES.values() if c.lecture is not None]


@each_code
def test_the_library_describes_each_code_in_the_lectures_words(row: Row) -> None:
    assert classify(row["code"]).lecture == row["description"]


@each_code
def test_the_lectures_category_is_the_librarys_severity(row: Row) -> None:
    severity = classify(row["code"]).severity
    assert severity is not None
    assert severity.lecture_phrase == row["category"]


@each_code
def test_the_librarys_phrase_for_each_code_is_made_of_the_words_of_rfc_5321(row: Row) -> None:
    words = set(row["rfc5321"].replace("forward-path", "another path").split()) | {"another", "path"}
    assert {word for word in classify(row["code"]).phrase.split() if word.lower() not in lowered(words)} == set()


def lowered(words: set[str]) -> set[str]:
    return {word.lower() for word in words} | {word.lower().rstrip(",") for word in words}


# The three phases


def test_the_phases_of_the_library_are_those_of_the_lecture() -> None:
    assert [row["phase"] for row in PHASES] == [phase.value for phase in Phase]
    assert [row["number"] for row in PHASES] == ["1", "2", "3"]
