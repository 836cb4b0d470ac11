"""One message's commands, its replies and what became of it; and messages that are planned ahead of their turn."""

from collections.abc import Iterator
from typing import Any

import pytest

from smtplab.client.outcomes import Delivery, Unsupported
from smtplab.client.transfer import Batch, Planner, Transfer
from smtplab.protocol.commands import Command, Data, Mail, Rcpt, Rset
from smtplab.protocol.grammar import NULL_PATH, Path
from smtplab.protocol.replies import LocalProtocolError, Reply

SENDER, ALICE, BOB, CAROL = (Path(name, "x.example") for name in ("sender", "alice", "bob", "carol"))
CONTENT = b"Subject: x\r\n\r\n.x\r\n"
EVERYTHING = {"PIPELINING": "", "SIZE": "1000", "8BITMIME": "", "SMTPUTF8": ""}
INTERNATIONAL = Path("zoë", "x.example")
OK, NO, LATER, GO_ON, GOING_DOWN = Reply(250), Reply(550), Reply(450), Reply(354), Reply(421)


def plan(mail: Any, offer: Any, **options: Any) -> Transfer:
    """Plan a message as the first one for a server."""
    return Planner("the host").plan(mail, offer, **options)


def planned(*recipients: Any, sender: Any = SENDER, content: bytes = CONTENT, **options: Any) -> Transfer:
    """Plan a message for a server that offers nothing unless it is said."""
    return plan((sender, recipients or (ALICE,), content), options.pop("offer", {}), **options)


def said(transfer: Transfer) -> list[tuple[Command, ...]]:
    """Return the commands of a transfer, group by group."""
    return [group.commands for group in transfer.groups]


def seen(transfer: Transfer) -> tuple[Any, ...]:
    """Return what of a transfer goes on the wire."""
    return transfer.paths, said(transfer), transfer.message.octets


def answered(*replies: Reply, recipients: tuple[Path, ...] = (ALICE, BOB)) -> Transfer:
    """Return a message whose commands were answered."""
    transfer = planned(*recipients)
    transfer.replies.extend(replies)
    return transfer


# Plans


def test_message_takes_mail_a_rcpt_for_each_recipient_and_data() -> None:
    assert said(planned(ALICE, BOB)) == [(Mail(SENDER),), (Rcpt(ALICE),), (Rcpt(BOB),), (Data(),)]


def test_commands_form_one_group_where_the_server_pipelines() -> None:
    offer = {"PIPELINING": ""}
    assert said(planned(ALICE, BOB, offer=offer)) == [(Mail(SENDER), Rcpt(ALICE), Rcpt(BOB), Data())]


@pytest.mark.parametrize(
    ("recipients", "sizes"), [(1, [3]), (198, [200]), (199, [200, 1]), (398, [200, 200]), (399, [200, 200, 1])]
)
def test_group_holds_at_most_two_hundred_commands(recipients: int, sizes: list[int]) -> None:
    transfer = planned(*[ALICE] * recipients, offer={"PIPELINING": ""})
    assert [len(group) for group in said(transfer)] == sizes


def test_other_commands_may_close_the_plan() -> None:
    assert said(planned(closing=())) == [(Mail(SENDER),), (Rcpt(ALICE),)]
    assert said(planned(closing=(Rset(),)))[-1] == (Rset(),)


@pytest.mark.parametrize("domain", ["bücher.example", "bu\u0308cher.example", "BÜCHER.example"])
def test_domain_is_sent_in_a_labels_where_smtputf8_is_not_offered(domain: str) -> None:
    path, sent = Path("alice", domain), Path("alice", "xn--bcher-kva.example")
    transfer = planned(path, sender=path)
    assert said(transfer) == [(Mail(sent),), (Rcpt(sent),), (Data(),)]
    assert transfer.paths == (path,)
    assert said(planned(path, offer={"SMTPUTF8": ""}))[1] == (Rcpt(path),)


@pytest.mark.parametrize("path", [INTERNATIONAL, Path("zoë", "bücher.example"), Path("alice", "☃️\u200d.example")])
def test_path_that_has_no_form_in_ascii_needs_smtputf8(path: Path) -> None:
    with pytest.raises(Unsupported, match="SMTPUTF8"):
        planned(path)


def test_addresses_may_be_text_and_an_empty_one_is_the_null_reverse_path() -> None:
    transfer = planned("alice@x.example", sender="")
    assert transfer.paths == (ALICE,)
    assert transfer.groups[0].commands == (Mail(NULL_PATH),)


def test_message_has_its_dots_doubled_and_its_end() -> None:
    assert planned().message.octets == b"Subject: x\r\n\r\n..x\r\n.\r\n"


@pytest.mark.parametrize(
    ("sender", "recipient", "content", "parameters"),
    [
        (SENDER, ALICE, b"x\r\n", [("SIZE", "3")]),
        (SENDER, ALICE, b"\r\n\xc3\xb6\r\n", [("SIZE", "6"), ("BODY", "8BITMIME")]),
        (INTERNATIONAL, ALICE, b"x\r\n", [("SIZE", "3"), ("SMTPUTF8", None)]),
        (SENDER, INTERNATIONAL, b"x\r\n", [("SIZE", "3"), ("SMTPUTF8", None)]),
        (
            SENDER,
            ALICE,
            "Subject: ö\r\n\r\n".encode(),
            [("SIZE", "15"), ("BODY", "8BITMIME"), ("SMTPUTF8", None)],
        ),
    ],
)
def test_mail_declares_what_the_message_needs(
    sender: Path, recipient: Path, content: bytes, parameters: list[tuple[str, str | None]]
) -> None:
    (opening, *_) = planned(recipient, sender=sender, content=content, offer=EVERYTHING).groups[0].commands
    assert opening == Mail(sender, tuple(parameters))


def test_size_is_declared_only_where_it_is_offered() -> None:
    assert planned().groups[0].commands == (Mail(SENDER),)
    assert planned(offer={"SIZE": ""}).groups[0].commands == (Mail(SENDER, (("SIZE", str(len(CONTENT))),)),)


@pytest.mark.parametrize(
    ("mail", "missing"),
    [
        ((SENDER, [ALICE], b"\r\n\xe9\r\n"), "8BITMIME"),
        ((SENDER, [INTERNATIONAL], b""), "SMTPUTF8"),
        ((INTERNATIONAL, [ALICE], b""), "SMTPUTF8"),
        ((SENDER, [ALICE], "Subject: ö\r\n\r\n".encode()), "SMTPUTF8"),
    ],
)
def test_message_that_needs_what_is_not_offered_is_not_planned(mail: Any, missing: str) -> None:
    offer = {keyword: text for keyword, text in EVERYTHING.items() if keyword != missing}
    with pytest.raises(Unsupported, match=f"does not offer {missing}$"):
        plan(mail, offer)


@pytest.mark.parametrize(
    ("mail", "word"),
    [
        ((SENDER, [], b""), "recipient"),
        ((SENDER, [ALICE], b"a\nb\r\n"), "bare CR or LF"),
        ((SENDER, [ALICE], b"x" * 999 + b"\r\n"), "1001"),
        ((SENDER, [ALICE], b"Subject: \xfc\r\n\r\n"), "UTF-8"),
        (("a b@x", [ALICE], b""), "address"),
        ((SENDER, [ALICE, "b@x\r\nDATA"], b""), "address"),
    ],
)
def test_message_that_cannot_be_sent_is_not_planned(mail: Any, word: str) -> None:
    with pytest.raises(LocalProtocolError, match=word):
        plan(mail, EVERYTHING)


@pytest.mark.parametrize("recipients", ["alice@x.example", ALICE, ["alice@x.example"], (ALICE,), iter([ALICE])])
def test_one_recipient_needs_no_list(recipients: Any) -> None:
    assert plan((SENDER, recipients, CONTENT), {}).paths == (ALICE,)


@pytest.mark.parametrize("content", [bytearray(CONTENT), CONTENT])
def test_content_may_be_any_array_of_bytes(content: Any) -> None:
    assert planned(content=content).message.octets == b"Subject: x\r\n\r\n..x\r\n.\r\n"


@pytest.mark.parametrize(
    ("mail", "word"),
    [
        ((None, [ALICE], b""), "sender .*NoneType"),
        ((b"a@x.example", [ALICE], b""), "sender .*bytes"),
        ((("A", "a@x.example"), [ALICE], b""), "sender .*tuple"),
        ((SENDER, [b"a@x.example"], b""), "recipient .*bytes"),
        ((SENDER, [ALICE, None], b""), "recipient .*NoneType"),
        ((SENDER, [("A", "a@x.example")], b""), "recipient .*tuple"),
        ((SENDER, None, b""), "recipients .*NoneType"),
        ((SENDER, 5, b""), "recipients .*int"),
        ((SENDER, b"a@x.example", b""), "recipients .*bytes"),
        ((SENDER, [ALICE], "x"), "content .*str"),
        ((SENDER, [ALICE], None), "content .*NoneType"),
        ((SENDER, [ALICE], [b"x"]), "content .*list"),
    ],
)
def test_wrong_type_is_named(mail: Any, word: str) -> None:
    with pytest.raises(TypeError, match=word):
        plan(mail, {})


def test_addresses_are_found_out_before_the_lack_of_recipients() -> None:
    with pytest.raises(LocalProtocolError, match="address"):
        plan(("a b@x", [], b""), {})


def test_commands_are_made_once_for_an_envelope_that_comes_again() -> None:
    planner, offer = Planner("the host"), {"PIPELINING": ""}
    first, second = (planner.plan((SENDER, [ALICE, BOB], content), offer) for content in (b"1\r\n", b"2\r\n"))
    assert first.groups[0] is second.groups[0]
    assert (second.message.octets, second.replies, second.groups is first.groups) == (b"2\r\n.\r\n", [], False)


@pytest.mark.parametrize(
    ("mail", "offer", "closing"),
    [
        ((BOB, [ALICE], CONTENT), EVERYTHING, (Data(),)),
        ((SENDER, [BOB], CONTENT), EVERYTHING, (Data(),)),
        ((SENDER, [ALICE, ALICE], CONTENT), EVERYTHING, (Data(),)),
        ((SENDER, [INTERNATIONAL], CONTENT), EVERYTHING, (Data(),)),
        ((SENDER, [ALICE], CONTENT + CONTENT), EVERYTHING, (Data(),)),
        ((SENDER, [ALICE], b"\r\n\xe9\r\n"), EVERYTHING, (Data(),)),
        ((SENDER, [ALICE], CONTENT), {}, (Data(),)),
        ((SENDER, [ALICE], CONTENT), EVERYTHING, ()),
    ],
)
def test_plan_does_not_depend_on_the_message_before(mail: Any, offer: Any, closing: Any) -> None:
    planner = Planner("the host")
    planner.plan((SENDER, [ALICE], CONTENT), EVERYTHING)
    assert seen(planner.plan(mail, offer, closing)) == seen(plan(mail, offer, closing=closing))


def test_list_of_recipients_may_change_between_two_messages() -> None:
    planner, recipients = Planner("the host"), [ALICE]
    planner.plan((SENDER, recipients, CONTENT), {})
    recipients.append(BOB)
    assert planner.plan((SENDER, recipients, CONTENT), {}).paths == (ALICE, BOB)


def test_content_that_comes_again_is_made_ready_once_unless_it_is_long_or_may_change() -> None:
    def kept(content: Any) -> bool:
        planner = Planner("the host")
        first, again = (planner.plan((SENDER, [ALICE], content), {}).message for _ in range(2))
        assert first.octets == again.octets
        return first is again

    long = b"x" * 64 * 1024
    assert [kept(each) for each in (CONTENT, b"", bytearray(CONTENT), long, long + b"x")] == [1, 1, 0, 1, 0]


def test_content_that_was_changed_is_read_again() -> None:
    planner, content = Planner("the host"), bytearray(b"1\r\n")
    planner.plan((SENDER, [ALICE], bytes(content)), {})
    planner.plan((SENDER, [ALICE], content), {})
    content[0:1] = b"2"
    assert planner.plan((SENDER, [ALICE], content), {}).message.octets == b"2\r\n.\r\n"


def test_envelope_that_cannot_be_sent_is_refused_again() -> None:
    planner = Planner("the host")
    for _ in range(2):
        with pytest.raises(LocalProtocolError, match="1001"):
            planner.plan((SENDER, [ALICE], b"x" * 999 + b"\r\n"), EVERYTHING)
        with pytest.raises(LocalProtocolError, match="recipient"):
            planner.plan((SENDER, [], CONTENT), EVERYTHING)
    assert planner.plan((SENDER, [ALICE], CONTENT), EVERYTHING).paths == (ALICE,)


# What became of it


@pytest.mark.parametrize(
    ("replies", "expected"),
    [((OK, OK, NO), True), ((OK, NO, OK), True), ((OK, NO, LATER), False), ((NO, OK, OK), False), ((OK,), False)],
)
def test_message_has_a_recipient_if_sender_and_recipient_were_accepted(
    replies: tuple[Reply, ...], expected: bool
) -> None:
    assert answered(*replies).has_recipient is expected


def test_reply_to_data_makes_no_recipient() -> None:
    assert not answered(OK, NO, NO, GO_ON).has_recipient


def test_refused_sender_says_nothing_of_recipients() -> None:
    assert answered(NO, OK, OK, GO_ON).delivery(Reply(554), closed=False) == Delivery(NO)


def test_final_reply_is_that_to_the_message() -> None:
    found = answered(OK, OK, NO, GO_ON).delivery(Reply(452), closed=False)
    assert found == Delivery(OK, ((ALICE, OK), (BOB, NO)), Reply(452))


def test_refusal_of_data_is_final() -> None:
    assert answered(OK, OK, OK, NO).delivery(None, closed=False) == Delivery(OK, ((ALICE, OK), (BOB, OK)), NO)


def test_message_that_was_not_sent_has_no_final_reply() -> None:
    assert answered(OK, OK, NO).delivery(None, closed=False) == Delivery(OK, ((ALICE, OK), (BOB, NO)))


def test_421_to_a_recipient_is_final_and_those_behind_him_are_unanswered() -> None:
    found = answered(OK, OK, GOING_DOWN, recipients=(ALICE, BOB, CAROL)).delivery(None, closed=True)
    assert found == Delivery(OK, ((ALICE, OK), (BOB, GOING_DOWN)), GOING_DOWN, (CAROL,))


def test_421_to_data_is_final() -> None:
    found = answered(OK, OK, OK, GOING_DOWN).delivery(None, closed=True)
    assert found == Delivery(OK, ((ALICE, OK), (BOB, OK)), GOING_DOWN)


def test_end_of_the_session_before_any_recipient_was_answered_leaves_all_unanswered() -> None:
    assert answered(OK).delivery(None, closed=True) == Delivery(OK, (), None, (ALICE, BOB))


# Batches


class Mails:
    """Messages that note how many have been read, and break behind the last one if they are told to."""

    def __init__(self, count: int, breaks: bool = False) -> None:
        self.transfers = [planned() for _ in range(count)]
        self.read = 0
        self._breaks = breaks

    def __iter__(self) -> Iterator[Transfer]:
        for transfer in self.transfers:
            self.read += 1
            yield transfer
        if self._breaks:
            raise OSError("the file is gone")


def test_batch_reads_nothing_before_it_is_asked() -> None:
    mails = Mails(2)
    batch = Batch(iter(mails))
    assert (mails.read, batch.begun, batch.following, batch.failure) == (0, False, None, None)


def test_batch_gives_each_message_its_turn_and_then_none() -> None:
    mails = Mails(3)
    batch = Batch(iter(mails))
    assert [batch.advance() for _ in range(4)] == [*mails.transfers, None]


def test_message_that_was_taken_ahead_has_the_next_turn() -> None:
    mails = Mails(3)
    batch = Batch(iter(mails))
    first, second, third = mails.transfers
    assert batch.advance() is first
    batch.following = batch.take()
    assert batch.following is second
    assert batch.advance() is second
    assert batch.following is None
    assert batch.advance() is third


def test_one_message_is_planned_ahead_however_often_it_is_asked_for() -> None:
    mails = Mails(3)
    batch = Batch(iter(mails))
    batch.prepare()
    batch.prepare()
    assert mails.read == 1
    assert batch.take() is mails.transfers[0]
    assert mails.read == 1


def test_failure_has_its_turn_behind_the_messages_before_it_and_stays() -> None:
    mails = Mails(1, breaks=True)
    batch = Batch(iter(mails))
    batch.following = batch.take()
    batch.prepare()
    assert batch.take() is None
    assert batch.advance() is mails.transfers[0]
    for _ in range(2):
        with pytest.raises(OSError, match="the file is gone"):
            batch.advance()


@pytest.mark.parametrize("before", [b"", b"a\r\n" * 700, b"b" * 998 + b"\r\n", b".\r\n"])
@pytest.mark.parametrize("after", [b"", b"\r\n", b"\r\nc\r\n" * 600])
@pytest.mark.parametrize(("octets", "is_long"), [(998, False), (999, True), (1000, True), (40_000, True)])
def test_first_line_beyond_998_octets_is_noted(before: bytes, after: bytes, octets: int, is_long: bool) -> None:
    transfer = plan(("a@b.example", "c@d.example", before + b"x" * octets + after), {})
    number = before.count(b"\n") + 1
    assert [note[: note.index(" octets")] for note in transfer.notes] == [
        f"line {number} of the message has {octets}"
    ] * is_long


BAD = Reply(503)


@pytest.mark.parametrize(
    ("replies", "consequences"),
    [
        ((NO, BAD, BAD, BAD), (BAD, BAD, BAD)),  # the sender
        ((NO, BAD, GOING_DOWN), (BAD,)),  # a 421 stands for itself
        ((NO,), ()),
        ((NO, OK, OK, GO_ON), ()),
        ((OK, NO, LATER, BAD), (BAD,)),  # every recipient
        ((OK, NO, LATER, GO_ON), ()),
        ((OK, NO, LATER), ()),
        ((OK, NO, OK, BAD), ()),  # DATA was refused for a reason of its own
        ((OK, NO, LATER, GOING_DOWN), ()),
    ],
)
def test_refusals_that_only_follow_from_others_are_told_apart(
    replies: tuple[Reply, ...], consequences: tuple[Reply, ...]
) -> None:
    assert answered(*replies).delivery(None, closed=False).consequences == consequences
