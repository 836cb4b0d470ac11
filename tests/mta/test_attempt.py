"""What replies and errors mean for each recipient: 2yz done, 4yz later, 5yz never, and a lost 250 perhaps twice."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtplab.client.outcomes import (
    HEADER_NOT_ASCII,
    ClientError,
    ConnectionLost,
    Delivery,
    OutcomeUnknown,
    ServiceRefused,
    Unsupported,
)
from smtplab.client.session import DeliverySession
from smtplab.mta.attempt import Action, AttemptResult, answered, result_of, said
from smtplab.protocol import replies
from smtplab.protocol.grammar import Path
from smtplab.protocol.replies import EnhancedCode, LocalProtocolError, ProtocolError, Reply

ALICE, BOB, CAROL = (Path(name, "far.example") for name in ("alice", "bob", "carol"))
OK, DATA_OK = Reply(250, "2.1.5 Ok"), Reply(250, "2.0.0 Queued")
LATER, NEVER, CLOSING = Reply(450, "4.2.0 Busy"), Reply(550, "5.1.1 Unknown"), Reply(421, "4.3.2 Closing")


def actions(result: AttemptResult) -> str:
    """Return the first letters of what was done about the recipients: r(elayed), d(elayed), f(ailed)."""
    return "".join(each.action.value[0] for each in result.recipients)


def statuses(result: AttemptResult) -> list[str]:
    return [str(each.status) for each in result.recipients]


def by_delivery(*answers: Reply, reply: Reply | None = None, sender: Reply = OK) -> AttemptResult:
    """Return the result for the first recipients, by their replies; the others were not answered."""
    paths = (ALICE, BOB, CAROL)
    answered = tuple(zip(paths, answers, strict=False))
    unanswered = paths[len(answers) :] if reply is not None and reply.code == 421 and sender.is_positive else ()
    asked = paths if not sender.is_positive or unanswered else paths[: len(answers)]
    return result_of(Delivery(sender, answered, reply, unanswered), asked, "far.example")


@pytest.mark.parametrize(
    ("answers", "reply", "expected", "codes"),
    [
        ([OK, OK], DATA_OK, "rr", ["2.0.0", "2.0.0"]),
        ([OK, NEVER], DATA_OK, "rf", ["2.0.0", "5.1.1"]),
        ([OK, LATER, NEVER], DATA_OK, "rdf", ["2.0.0", "4.2.0", "5.1.1"]),
        ([LATER, NEVER], None, "df", ["4.2.0", "5.1.1"]),
        ([OK, LATER], Reply(554, "5.6.0 Spam"), "fd", ["5.6.0", "4.2.0"]),
        ([OK, NEVER], Reply(452, "4.3.1 Full"), "df", ["4.3.1", "5.1.1"]),
        ([Reply(550, "without a status code"), Reply(450)], None, "fd", ["5.0.0", "4.0.0"]),
        ([OK], Reply(250), "r", ["2.0.0"]),
        ([Reply(251, "will forward")], DATA_OK, "r", ["2.0.0"]),
    ],
)
def test_the_reply_to_each_recipient_and_that_to_the_message_decide(
    answers: list[Reply], reply: Reply | None, expected: str, codes: list[str]
) -> None:
    result = by_delivery(*answers, reply=reply)
    assert actions(result) == expected
    assert statuses(result) == codes
    assert result.elsewhere == tuple(each.path for each in result.recipients if each.action is Action.DELAYED)


@pytest.mark.parametrize(("sender", "expected"), [(NEVER, "fff"), (LATER, "ddd")])
def test_a_refused_sender_is_the_answer_for_every_recipient(sender: Reply, expected: str) -> None:
    result = by_delivery(sender=sender)
    assert actions(result) == expected
    assert result.elsewhere == ((ALICE, BOB, CAROL) if expected == "ddd" else ())


@pytest.mark.parametrize(
    "later",
    [
        Reply(451, "4.7.1 Greylisted"),
        Reply(450, "4.7.0 Not now"),
        replies.TOO_MANY_RECIPIENTS,
        Reply(552, "Too many recipients"),
    ],
)
def test_a_policy_or_one_recipient_too_many_is_not_taken_to_another_host(later: Reply) -> None:
    result = by_delivery(OK, later, LATER, reply=DATA_OK)
    assert actions(result) == "rdd"
    assert result.elsewhere == (CAROL,)


def test_who_was_refused_before_the_connection_was_lost_stays_refused() -> None:
    lost = ConnectionLost("the connection is lost")
    lost.refused = ((ALICE, NEVER), (BOB, Reply(451, "4.7.1 Greylisted")))
    result = result_of(lost, [ALICE, BOB, CAROL], "far.example")
    assert actions(result) == "fdd"
    assert result.elsewhere == (CAROL,)


@pytest.mark.parametrize(
    ("answers", "expected"), [([], "ddd"), ([OK], "ddd"), ([OK, NEVER], "dfd"), ([NEVER, NEVER], "ffd")]
)
def test_421_leaves_the_rest_for_later_and_for_another_host(answers: list[Reply], expected: str) -> None:
    result = by_delivery(*answers, CLOSING, reply=CLOSING)
    assert actions(result) == expected
    assert result.elsewhere == tuple(each.path for each in result.recipients if each.action is Action.DELAYED)
    assert len(result.recipients) == 3


def test_421_to_the_sender_sends_the_client_to_another_host() -> None:
    result = by_delivery(sender=CLOSING)
    assert result.elsewhere == (ALICE, BOB, CAROL)
    assert actions(result) == "ddd"


@pytest.mark.parametrize(
    ("reply", "expected", "status"),
    [
        (Reply(552, "Too many recipients"), "rd", "4.5.3"),
        (Reply(552, "5.5.3 Too many recipients"), "rd", "4.5.3"),
        (Reply(552, "5.2.2 Mailbox full"), "rf", "5.2.2"),
    ],
)
def test_552_for_too_many_recipients_is_read_as_452(reply: Reply, expected: str, status: str) -> None:
    result = by_delivery(OK, reply, reply=DATA_OK)
    assert actions(result) == expected
    assert statuses(result)[1] == status


def test_552_to_the_first_recipient_is_about_the_mailbox() -> None:
    assert actions(by_delivery(Reply(552, "Full"), OK, reply=DATA_OK)) == "fr"


def test_a_refused_connection_is_tried_at_another_host_whatever_the_code() -> None:
    for reply, expected in ((Reply(554, "No service"), "f"), (CLOSING, "d")):
        result = result_of(ServiceRefused("it refuses", reply), [ALICE], "far.example", opening=True)
        assert actions(result) == expected
        assert result.elsewhere == (ALICE,)
        assert result.recipients[0].reply == reply
        assert result.recipients[0].words == "it refuses"


class _Forbidden(ConnectionLost):
    permanent = True


@pytest.mark.parametrize(
    ("error", "opening", "expected", "status", "elsewhere"),
    [
        (ConnectionLost("x"), True, "d", "4.4.1", True),
        (ConnectionLost("x"), False, "d", "4.4.2", True),
        (_Forbidden("x"), True, "f", "5.4.1", True),
        (OutcomeUnknown("x"), False, "d", "4.4.2", False),
        (Unsupported("x"), False, "f", "5.6.3", False),
        (Unsupported("x", HEADER_NOT_ASCII), True, "f", "5.6.9", False),
        (LocalProtocolError("x"), False, "f", "5.6.0", False),
        (LocalProtocolError("x", replies.MESSAGE_TOO_BIG), False, "f", "5.3.4", False),
        (LocalProtocolError("x", replies.LOCAL_ERROR), False, "f", "5.6.0", False),
    ],
)
def test_an_error_of_the_client_decides_for_all(
    error: Exception, opening: bool, expected: str, status: str, elsewhere: bool
) -> None:
    result = result_of(error, [ALICE, BOB], "far.example", opening=opening)
    assert actions(result) == expected * 2
    assert statuses(result) == [status] * 2
    assert result.elsewhere == ((ALICE, BOB) if elsewhere else ())
    assert {each.words for each in result.recipients} == {"x"}


def test_only_a_lost_reply_to_the_message_makes_a_possible_duplicate() -> None:
    errors: list[ClientError | ProtocolError] = [
        OutcomeUnknown("x"), ConnectionLost("x"), Unsupported("x"), LocalProtocolError("x"),
    ]  # fmt: skip
    marks = [result_of(error, [ALICE], "far.example").recipients[0].possible_duplicate for error in errors]
    assert marks == [True, False, False, False]


def test_who_was_refused_before_the_reply_was_lost_does_not_have_the_message() -> None:
    lost = OutcomeUnknown("the reply is lost")
    lost.refused = ((BOB, replies.NO_SUCH_MAILBOX), (CAROL, Reply(552, "too many")))
    result = result_of(lost, [ALICE, BOB, CAROL], "far.example")
    assert actions(result) == "dfd"
    assert [each.possible_duplicate for each in result.recipients] == [True, False, False]


def test_an_error_that_says_nothing_about_the_message_is_raised() -> None:
    with pytest.raises(TypeError, match="a slip of the caller"):
        result_of(TypeError("a slip of the caller"), [ALICE], "far.example")


def test_one_reply_may_decide_for_everybody() -> None:
    result = answered([ALICE, BOB], "here.example", replies.INSUFFICIENT_STORAGE, "the disk is full")
    assert actions(result) == "dd"
    assert {each.words for each in result.recipients} == {"the disk is full"}
    assert {each.host for each in result.recipients} == {"here.example"}
    assert result.having(Action.DELAYED) == result.recipients
    assert result.having(Action.FAILED) == ()


def test_a_long_answer_keeps_its_beginning_and_its_end() -> None:
    text = said("far.example", Reply(550, "a" * 300 + " the end"))
    assert text.startswith("far.example said 550 aaa")
    assert text.endswith(" the end")
    assert len(text) == 245
    assert said("far.example", Reply(550)) == "far.example said 550"


# The client's driver against a server that answers at random: each recipient gets exactly one result.
SESSIONS: list[Callable[[DeliverySession], None]] = [
    lambda session: session.receive(b""),
    lambda session: session.timed_out(),
    lambda session: session.broken("reset"),
]
REPLIES = st.sampled_from([b"250 ok", b"354 go", b"421 bye", b"450 later", b"452 full", b"550 no", b"552 many", b"999"])


@given(st.booleans(), st.lists(REPLIES, max_size=6), st.sampled_from(SESSIONS))
def test_every_recipient_has_one_result_whatever_a_server_answers(
    pipelining: bool, answers: list[bytes], end: Callable[[DeliverySession], None]
) -> None:
    session = DeliverySession("near.example", server="far.example")
    session.open()
    session.receive(b"220 x\r\n")
    session.receive(b"250-far.example\r\n250 PIPELINING\r\n" if pipelining else b"250 far.example\r\n")
    session.outcome()
    session.deliver("a@near.example", [ALICE, BOB], b"x\r\n")
    for answer in answers:
        session.data_to_send()
        session.receive(answer + b"\r\n")
    if session.busy:
        session.data_to_send()
        end(session)
    try:
        outcome: Delivery | Exception = session.outcome()
    except (ClientError, ProtocolError) as error:
        outcome = error
    result = result_of(outcome, [ALICE, BOB], "far.example")
    assert [each.path for each in result.recipients] == [ALICE, BOB]
    assert set(result.elsewhere) <= {each.path for each in result.recipients if each.action is Action.DELAYED}
    for each in result.recipients:
        severity = {Action.RELAYED: 2, Action.DELAYED: 4, Action.FAILED: 5}[each.action]
        assert each.status == EnhancedCode(severity, *each.status[1:])
    if result.having(Action.RELAYED):  # MAIL, RCPT and the message were accepted, and DATA was answered with 354
        assert answers.count(b"250 ok") >= 3
        assert b"354 go" in answers
