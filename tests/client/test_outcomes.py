"""What a client says of its work: how long it waits, and what became of a message."""

import pytest

from smtplab.client.outcomes import Delivery, Timeouts
from smtplab.client.sentences import UNANSWERED
from smtplab.protocol.grammar import Path
from smtplab.protocol.replies import Reply

PATH = Path.parse("one@x.example")


def test_delivery_names_each_recipient_once() -> None:
    one, two = Path.parse("one@x.example"), Path.parse("two@x.example")
    delivery = Delivery(Reply(250), ((one, Reply(250)), (two, Reply(450))), Reply(554))
    assert [reply.code for _, reply in delivery.refused] == [554, 450]
    assert delivery.accepted == ()


@pytest.mark.parametrize(
    ("replies", "final", "unanswered", "complete"),
    [
        ((250,), 250, 0, True),
        ((250, 251), 250, 0, True),
        ((250, 450), 250, 0, False),
        ((550, 250), 250, 0, False),
        ((250,), 452, 0, False),
        ((250,), 354, 0, False),
        ((250,), None, 0, False),
        ((250,), 250, 1, False),
        ((), 250, 0, False),
    ],
)
def test_delivery_is_complete_if_every_recipient_gets_the_message(
    replies: tuple[int, ...], final: int | None, unanswered: int, complete: bool
) -> None:
    one = Path.parse("one@x.example")
    answers = tuple((one, Reply(code)) for code in replies)
    reply = None if final is None else Reply(final)
    assert Delivery(Reply(250), answers, reply, (one,) * unanswered).complete is complete


def test_recipient_that_was_not_answered_is_not_called_refused() -> None:
    one, two, three = (Path.parse(f"{name}@x.example") for name in ("one", "two", "three"))
    end = Reply(421, "going down")
    delivery = Delivery(Reply(250), ((one, Reply(250, "ok")), (two, end)), end, (three,))
    assert delivery.refused == ((one, end), (two, end))
    assert (delivery.accepted, delivery.unanswered, delivery.complete) == ((), (three,), False)
    assert str(delivery).split("\n") == [
        "accepted for 0 of 3 recipients",
        "one@x.example: 421 going down",
        "two@x.example: 421 going down",
        f"three@x.example: {UNANSWERED}",
    ]


@pytest.mark.parametrize(
    ("delivery", "words"),
    [
        (Delivery(Reply(550), consequences=(Reply(503), Reply(503), Reply(554))), "503, 554"),
        (
            Delivery(Reply(250), ((PATH, Reply(550)),), Reply(503), consequences=(Reply(503),)),
            "503",
        ),
    ],
)
def test_what_only_follows_from_a_refusal_is_said_to(delivery: Delivery, words: str) -> None:
    (said,) = delivery.explained
    assert words in said
    assert str(delivery).endswith(f"\n{said}")


def test_timeouts_are_those_of_the_rfc_by_default() -> None:
    names = ("(connection)", "EHLO", "MAIL", "RCPT", "DATA", "(message)")
    assert [Timeouts().of(name) for name in names] == [300, 300, 300, 300, 120, 600]
    assert Timeouts().block == 180
    assert {Timeouts.all(7).of(name) for name in names} == {7}


@pytest.mark.parametrize("seconds", [-1, -0.001, float("nan"), float("-inf"), "5", None])
@pytest.mark.parametrize("name", ["greeting", "command", "data", "block", "end_of_message"])
def test_a_time_below_0_or_not_a_number_is_refused_by_its_name(name: str, seconds: object) -> None:
    with pytest.raises(ValueError, match=name):
        Timeouts(**{name: seconds})


@pytest.mark.parametrize("seconds", [0, 0.5, 86400, float("inf")])
def test_a_time_of_0_or_more_is_taken(seconds: float) -> None:
    assert Timeouts.all(seconds).greeting == seconds


def test_notes_are_told_behind_what_became_of_the_recipients() -> None:
    told = str(Delivery(Reply(250), (), Reply(250), notes=("line 1 is long",)))
    assert told == "accepted for 0 of 0 recipients\nline 1 is long"
    assert str(Delivery(Reply(550, "no"), notes=("line 1 is long",))).endswith("550 no\nline 1 is long")
