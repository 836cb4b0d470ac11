"""``smtplab commands``, ``codes`` and ``faults``: what they show is what the tables hold."""

import re

import pytest

from smtplab.faults.grammar import grammar
from smtplab.protocol.codes import CODES, classify
from smtplab.protocol.commands import VERBS
from support.command_line import Open, Run, check_fails


def cells(line: str) -> list[str]:
    """Return the columns of a line, which are two blanks or more apart."""
    return re.split(r" {2,}", line)


def test_commands_shows_every_verb_with_its_ranks_in_plain_columns(smtplab: Run) -> None:
    done = smtplab("commands")
    assert (done.returncode, done.stderr) == (0, "")
    heads, *rows = done.stdout.splitlines()
    assert cells(heads) == ["Command", "Lecture", "RFC 821", "RFC 5321", "What it is for"]
    assert [cells(row) for row in rows] == [
        [verb.syntax, verb.tier.value if verb.tier else "-", verb.rfc821, verb.rfc5321, verb.summary]
        for verb in VERBS.values()
    ]
    assert done.stdout.isascii()


def test_codes_shows_every_code_in_plain_columns(smtplab: Run) -> None:
    done = smtplab("codes")
    assert (done.returncode, done.stderr) == (0, "")
    heads, *rows = done.stdout.splitlines()
    assert cells(heads) == ["Code", "Severity", "Category", "Lecture", "Phrase"]
    assert [cells(row)[0] for row in rows] == [str(number) for number in CODES]
    assert [cells(row)[3] for row in rows].count("yes") == 21
    assert cells(rows[list(CODES).index(500)]) == [
        *("500", "Permanent Negative Completion", "Syntax", "yes", "Syntax error, command unrecognized")
    ]
    assert done.stdout.isascii()


def test_one_code_is_explained(smtplab: Run) -> None:
    done = smtplab("codes", "552")
    code = classify(552)
    assert code.severity is not None
    assert code.category is not None
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "552 Exceeded storage allocation",
        f"First digit, 5: Permanent Negative Completion. {code.severity.meaning}",
        f"Second digit, 5: Mail system. {code.category.meaning}",
        f"What it means: {code.meaning}",
        f"What a client should do: {code.advice}",
        "Defined in: RFC 5321 4.2.3",
        "Its class in the lecture: Permanent Negative Completion Reply",
        "In the lecture's words: Requested action aborted; exceeded storage location",
    ]


@pytest.mark.parametrize("number", ["299", "000", "042", "999", "555"])
def test_any_three_digits_are_explained(smtplab: Run, number: str) -> None:
    done = smtplab("codes", number)
    assert done.returncode == (0 if classify(number).severity else 1)
    assert done.stdout.startswith(f"{classify(number)}\n")
    assert f"What a client should do: {classify(number).advice}\n" in done.stdout
    assert "In the lecture's words" not in done.stdout


@pytest.mark.parametrize(("number", "code"), [("999", 1), ("000", 1), ("642", 1), ("555", 0), ("299", 0), ("199", 1)])
def test_a_code_that_no_server_may_send_is_exit_1(smtplab: Run, number: str, code: int) -> None:
    done = smtplab("codes", number)
    assert done.returncode == code
    assert ("not a reply code" in done.stderr) == bool(code)


@pytest.mark.parametrize("text", ["55", "5520", "55x", "", "٥٥٢", "-55"])
def test_what_is_not_three_digits_is_exit_2(smtplab: Run, text: str) -> None:
    check_fails(smtplab("codes", "--", text), 2, "is not a reply code")


@pytest.mark.parametrize("name", ["commands", "codes"])
def test_on_a_terminal_the_table_fits_its_width_and_nothing_is_cut_off(terminal: Open, name: str) -> None:
    screen = terminal(name)
    assert screen.wait_for_end() == 0
    lines = re.sub(r"\x1b\[[0-9;]*m", "", screen.text).splitlines()
    assert all(len(line) <= 80 for line in lines)
    words = " ".join(lines).split()
    wanted = VERBS if name == "commands" else [str(number) for number in CODES]
    assert [word for word in words if word in wanted][: len(wanted)] == list(wanted)
    assert "\u2026" not in screen.text  # the ellipsis of a cell that is too narrow


def test_faults_shows_all_that_can_be_said(smtplab: Run) -> None:
    done = smtplab("faults")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("\n\n" + grammar() + "\n")
    assert done.stdout.isascii()


def test_faults_shows_ten_examples_first(smtplab: Run) -> None:
    head, *examples = smtplab("faults").stdout.partition("\n\n")[0].splitlines()
    assert (head, len(examples)) == ("For example:", 10)
    assert smtplab("faults", *map(str.strip, examples)).returncode == 0


def test_a_word_that_is_like_no_other_gets_no_suggestion(smtplab: Run) -> None:
    done = smtplab("faults", "reply 450 to the point RCPT")
    assert done.returncode == 2
    assert "mean" not in done.stderr


def test_faults_are_checked_and_shown_as_they_are_read(smtplab: Run) -> None:
    done = smtplab("faults", "421 after 1 message", "greylist for 90 s")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "reply 421 above 1 messages",
        'reply 451 "4.7.1 Greylisted; try again later" to RCPT in the first 1 min 30 s of a triplet',
    ]


def test_what_is_no_fault_is_one_sentence(smtplab: Run) -> None:
    check_fails(smtplab("faults", "lose teh 250"), 2, "After 'lose'", "Did you mean 'the', not 'teh'?")
