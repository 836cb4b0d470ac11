"""The reply explorer: a code taken apart, and brought about by each of its causes."""

import pytest

from smtplab import ReplyExplorer, classify
from smtplab.explain.causes import CAUSES
from smtplab.jupyter.widgets.explorer import digits
from smtplab.jupyter.widgets.frontend import LineInput
from smtplab.lab.provoking import provoke
from smtplab.protocol.codes import CODES, Category, Severity
from support.views import chooser, labels, only, page, press


@pytest.fixture
def explorer() -> ReplyExplorer:
    return ReplyExplorer(552)


def test_it_begins_with_the_code_that_clients_hear_most() -> None:
    assert ReplyExplorer().code is classify(250)
    assert ReplyExplorer("354").code is classify(354)
    with pytest.raises(ValueError, match="is not a reply code"):
        ReplyExplorer(12345)


@pytest.mark.parametrize("number", CODES)
def test_every_code_has_three_digits_that_say_something(number: int) -> None:
    parts = digits(classify(number))
    assert [[sign for sign in mask if sign.isdigit()] for mask, _, _ in parts] == [[digit] for digit in str(number)]
    assert all(name and meaning for _, name, meaning in parts)


def test_the_third_digit_tells_the_code_from_its_neighbours() -> None:
    assert digits(classify(552))[2] == ("xy2", "Which one", "It distinguishes 552 from 550, 551, 553, 554, 555, 556.")
    assert digits(classify(421))[2][2] == "No other code begins with 42."
    assert digits(classify(477))[2][2] == "No RFC here defines 477. A client goes by its first digit."


@pytest.mark.parametrize("number", CODES)
def test_each_digit_says_what_the_table_of_digits_says(number: int) -> None:
    (_, severity, first), (_, category, second), _ = digits(classify(number))
    assert (severity, first) == (Severity(number // 100).phrase, Severity(number // 100).meaning)
    assert (category, second) == (Category(number // 10 % 10).phrase, Category(number // 10 % 10).meaning)


def test_an_unknown_code_is_read_by_its_digits_as_a_client_must() -> None:
    explorer = ReplyExplorer()
    assert explorer.pick(499) is not None
    assert digits(explorer.code)[:2] == (
        ("4yz", "Transient Negative Completion", "The command was refused for now, and the reason may pass."),
        ("x9z", "No category", "RFC 5321 gives this digit no meaning."),
    )
    assert chooser(explorer.view, "code").value == "(a code that no RFC here defines)"
    explorer.pick(999)
    assert digits(explorer.code)[0][:2] == ("9yz", "No severity")


def test_a_code_is_picked_from_the_list_or_typed(explorer: ReplyExplorer) -> None:
    chooser(explorer.view, "code").value = "421"
    assert explorer.code is classify(421)
    only(explorer.view, LineInput).enter(" 250 ")
    assert explorer.code is classify(250)
    assert (chooser(explorer.view, "code").value, only(explorer.view, LineInput).value) == ("250", "")


def test_what_is_no_code_is_a_sentence_in_the_widget(explorer: ReplyExplorer) -> None:
    assert explorer.pick("25") is None
    assert explorer.problem == "'25' is not a reply code: it has three digits, such as 250."
    assert explorer.code is classify(552)
    assert "such as 250" in page(explorer.view)


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: f"{cause.code} {cause.sentence}")
def test_every_cause_is_offered_and_provoked_live(cause: object) -> None:
    explorer = ReplyExplorer(cause.code)  # type: ignore[attr-defined]
    explorer.choose(explorer.causes.index(cause) + 1)  # type: ignore[arg-type]
    assert explorer.cause is cause
    press(explorer.view, "make it happen")
    assert explorer.transcript == provoke(explorer.cause)
    last = explorer.transcript.last_exchange  # type: ignore[union-attr]
    assert last is not None
    assert last.reply is not None
    assert last.reply.code == explorer.code.number
    assert "<svg" in page(explorer.view)


def test_a_cause_that_is_not_there_is_a_sentence_in_the_widget(explorer: ReplyExplorer) -> None:
    for number in (0, -1, len(explorer.causes) + 1):
        explorer.choose(number)
        assert explorer.problem == f"There is no cause {number}; there are {len(explorer.causes)}."
        assert explorer.cause is explorer.causes[0]
    explorer.choose(2)
    assert (explorer.problem, explorer.cause) == ("", explorer.causes[1])
    explorer.pick(235)
    explorer.choose(1)
    assert explorer.problem == "The lab's server never answers 235."


def test_a_code_that_nothing_here_brings_about_has_no_button() -> None:
    explorer = ReplyExplorer(451)
    assert labels(explorer.view) == ["make it happen"]
    explorer.pick(235)
    assert explorer.cause is None
    assert labels(explorer.view) == []
    assert "The lab&#x27;s server never answers 235." in page(explorer.view)
    assert explorer.provoke() is None
    assert explorer.problem == "The lab's server never answers 235."


def test_another_cause_or_code_takes_the_last_session_off_the_page(explorer: ReplyExplorer) -> None:
    assert explorer.provoke() is not None
    assert "<svg" in page(explorer.view)
    chooser(explorer.view, "cause").value = 2
    assert explorer.transcript is None
    assert "<svg" not in page(explorer.view)
    explorer.provoke()
    explorer.pick(250)
    assert explorer.transcript is None
    assert "<svg" not in page(explorer.view)


def test_its_text_and_its_picture_tell_everything(explorer: ReplyExplorer) -> None:
    explorer.provoke()
    text = str(explorer)
    assert text.startswith(
        "Reply explorer: 552 Exceeded storage allocation\n"
        "  5yz        Permanent Negative Completion. The command was refused, and saying it again unchanged will not "
        "help.\n"
    )
    assert "  cause 1    Carol's mailbox is full. (RFC 5321 4.2.3)\n" in text
    assert text.endswith(str(explorer.transcript))
    assert "Carol&#x27;s mailbox is full. (RFC 5321 4.2.3)" in explorer.picture
    assert "Requested action aborted; exceeded storage location" in explorer.picture
