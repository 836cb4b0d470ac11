"""The way of a message is what the conversations and the mailboxes say, whatever became of it."""

import pytest

from smtplab import Lab, Transcript
from smtplab.lab.conversations import Conversation
from smtplab.lab.internet import LabSession
from smtplab.lab.message_route import Way, way_of
from support.drawing import CAMPUS, TO_DORA, down, in_a_ring, lecture, refused, relayed, session, troubled

HOST, ADELPHIA, LAPTOP = "mail.lab.example", "mail.adelphia.net", "laptop.example"
TO_BOB = TO_DORA.replace("dora@campus.example", "bob@lab.example")


def way(source: LabSession, message: int = -1) -> Way:
    return way_of(source.conversation, source.lab, message)


def told(found: Way) -> list[tuple[str, str, str, int | None, bool]]:
    return [(hop.client, hop.server, hop.about, hop.reply and hop.reply.code, hop.taken) for hop in found.hops]


def test_a_message_for_the_host_itself_has_one_hop_and_lies_there() -> None:
    found = way(lecture())
    assert told(found) == [(LAPTOP, ADELPHIA, "(message)", 250, True)]
    assert found.mailboxes == ((ADELPHIA, "forouzanb"),)
    assert found.hops[0].sender == "<forouzanb@adelphia.net>"


def test_a_relayed_message_has_two_and_lies_at_the_second() -> None:
    found = way(relayed())
    assert told(found) == [(LAPTOP, HOST, "(message)", 250, True), (HOST, CAMPUS, "(message)", 250, True)]
    assert [hop.number for hop in found.hops] == [1, 2]
    assert [hop.recipients for hop in found.hops] == [(("<dora@campus.example>", 250),)] * 2
    assert found.mailboxes == ((CAMPUS, "dora"),)


def test_hops_are_numbered_as_the_sessions_began_also_within_each_other() -> None:
    found = way(in_a_ring())
    assert [(hop.number, hop.client, hop.server) for hop in found.hops] == [
        (1, LAPTOP, HOST),
        (2, HOST, CAMPUS),
        (3, CAMPUS, ADELPHIA),
        (4, ADELPHIA, HOST),
    ]
    assert found.mailboxes == ((HOST, "bob"),)


def test_a_message_for_many_lies_with_each_of_them() -> None:
    found = way(relayed("bob@lab.example", "sales@lab.example", "forouzanb@adelphia.net", "zoe@lab.example"))
    assert set(found.mailboxes) == {(CAMPUS, "dora"), (HOST, "alice"), (HOST, "bob"), (ADELPHIA, "forouzanb")}
    assert len(found.mailboxes) == 4
    assert found.hops[0].recipients[-1] == ("<zoe@lab.example>", 550)


def test_a_hop_is_refused_only_if_the_server_has_said_no() -> None:
    assert [[hop.refused for hop in way(source).hops] for source in (refused(), relayed(), down())] == [
        [True, True],
        [False, False],
        [True, False],
    ]


def test_a_host_that_is_down_has_a_note_and_the_client_its_451() -> None:
    found = way(down())
    assert told(found) == [(LAPTOP, HOST, "(message)", 451, False), (HOST, CAMPUS, "", None, False)]
    assert found.hops[1].note == "mail.campus.example does not answer; the host is down"
    assert found.mailboxes == ()


def test_a_refusal_further_on_is_named_by_its_cause_and_not_by_the_503_behind_it() -> None:
    found = way(refused())
    assert told(found) == [(LAPTOP, HOST, "(message)", 554, False), (HOST, CAMPUS, "RCPT", 550, False)]
    assert found.mailboxes == ()


def test_a_host_that_takes_no_mail_refuses_with_its_greeting() -> None:
    lab = Lab()
    lab.host(CAMPUS).handler.open = False
    assert told(way(relayed(lab=lab)))[1] == (HOST, CAMPUS, "(connection)", 554, False)


def test_one_of_several_recipients_whom_the_next_hop_refuses_keeps_it_from_all() -> None:
    found = way(relayed("nobody@campus.example"))
    assert told(found)[1] == (HOST, CAMPUS, "RCPT", 550, False)
    assert found.mailboxes == ()


def test_a_session_without_a_message_has_a_hop_and_nothing_on_it() -> None:
    found = way(session("HELO laptop.example", "VERFY alice"))
    assert told(found) == [(LAPTOP, HOST, "", None, False)]
    assert (found.number, found.count, found.hops[0].verb) == (0, 0, "")


def test_a_message_under_way_is_not_decided() -> None:
    begun = session("HELO laptop.example", *TO_BOB.split("\n")[:3])
    assert told(way(begun)) == [(LAPTOP, HOST, "", None, False)]
    begun.send("DATA\nSubject: half a message")
    assert told(way(begun))[0][2:4] == ("", None)
    begun.send(".")
    assert told(way(begun))[0][2:] == ("(message)", 250, True)


def test_a_message_whose_reply_never_came_is_not_known_to_be_taken() -> None:
    opened = session("HELO laptop.example", *TO_BOB.split("\n"))
    rows = opened.transcript
    end = next(number for number, row in enumerate(rows) if row.data == b".\r\n")
    found = way_of(Conversation(LAPTOP, HOST, Transcript(rows[: end + 1])), opened.lab)
    assert told(found) == [(LAPTOP, HOST, "(message)", None, False)]


def test_a_refused_recipient_decides_when_the_client_gives_up() -> None:
    opened = session("HELO laptop.example", "MAIL FROM:<alice@lab.example>", "RCPT TO:<bob@lab.example>")
    opened.send("RCPT TO:<zoe@lab.example>")
    assert told(way(opened))[0][2:4] == ("", None)
    opened.send("RSET")
    assert told(way(opened))[0][2:4] == ("RCPT", 550)


def test_which_message_it_is_can_be_said() -> None:
    opened = session("HELO laptop.example", *TO_BOB.split("\n"), *TO_DORA.split("\n"))
    opened.send("MAIL FROM:<>\nRCPT TO:<zoe@lab.example>")
    first, second, last = (way(opened, message) for message in (0, 1, -1))
    assert [each.mailboxes for each in (first, second, last)] == [((HOST, "bob"),), ((CAMPUS, "dora"),), ()]
    assert [len(each.hops) for each in (first, second, last)] == [1, 2, 1]
    assert [(each.number, each.count) for each in (first, second, last)] == [(1, 3), (2, 3), (3, 3)]
    assert told(last)[0][2:4] == ("RCPT", 550)
    with pytest.raises(IndexError, match="3 messages"):
        way(opened, 3)


@pytest.mark.parametrize(
    "slips",
    [
        "MAIL FROM alice@lab.example",
        "MAIL FROM:<carol@lab.example>\nDATA\nRSET",
        "MAIL FROM:<carol@lab.example>\nRCPT TO:<alice@lab.example>\nMAIL FROM:<alice@lab.example>\nRSET",
    ],
)
def test_a_sender_that_was_refused_as_a_line_or_taken_back_is_no_message(slips: str) -> None:
    found = way(session("HELO laptop.example", *slips.split("\n"), *TO_BOB.split("\n")))
    assert (found.number, found.count, found.mailboxes) == (1, 1, ((HOST, "bob"),))


def test_a_sender_at_the_wrong_time_belongs_to_the_message_that_is_open() -> None:
    begun, *rest = TO_BOB.split("\n")
    found = way(session("HELO laptop.example", begun, "MAIL FROM:<x@lab.example>", *rest))
    assert (found.count, found.mailboxes) == (1, ((HOST, "bob"),))


def test_messages_sent_in_one_breath_are_told_apart() -> None:
    opened = session("EHLO laptop.example")
    to_erin = TO_DORA.replace("dora", "erin").replace("two hops", "the second")
    opened.send_bytes(f"{TO_DORA}\n{to_erin}\n".replace("\n", "\r\n").encode())
    assert [way(opened, message).mailboxes for message in (0, 1)] == [((CAMPUS, "dora"),), ((CAMPUS, "erin"),)]


def test_the_same_message_to_another_lies_with_the_other() -> None:
    opened = session("HELO laptop.example", *TO_BOB.split("\n"))
    opened.send(TO_BOB.replace("bob", "carol").replace("DATA", "RCPT TO:<zoe@lab.example>\nDATA"))
    assert [way(opened, message).mailboxes for message in (0, 1)] == [((HOST, "bob"),), ((HOST, "carol"),)]


def test_it_is_found_also_when_the_recipient_has_become_busy_since() -> None:
    opened = session("HELO laptop.example", *TO_BOB.split("\n"))
    opened.lab.host(HOST).mailboxes["bob"].busy = True
    assert way(opened).mailboxes == ((HOST, "bob"),)


def test_what_went_to_a_terminal_lies_in_no_mailbox() -> None:
    sent = "SEND FROM:<x@lab.example>\nRCPT TO:<alice@lab.example>\nDATA\nhello\n."
    found = way(session("HELO laptop.example", *sent.split("\n")))
    assert (found.hops[0].taken, found.hops[0].verb, found.mailboxes) == (True, "SEND", ())
    both = way(session("HELO laptop.example", *sent.replace("SEND", "SAML").split("\n")))
    assert both.mailboxes == ((HOST, "alice"),)


def test_a_message_that_only_quotes_another_is_another() -> None:
    opened = session("HELO laptop.example", *TO_BOB.split("\n"))
    quoted = bytes(opened.lab.mailbox("bob@lab.example")[0]).decode().replace("\r\n", "\n")
    opened.send(f"MAIL FROM:<x@lab.example>\nRCPT TO:<carol@lab.example>\nDATA\n{quoted}.")
    assert way(opened, 0).mailboxes == ((HOST, "bob"),)


def test_lines_with_dots_and_fields_that_the_host_removes_are_found_again() -> None:
    message = "DATA\nReturn-Path: <x@y.example>\nSubject: dots\n\n..one\n."
    assert way(session("HELO c.example", *TO_BOB.split("\n")[:2], *message.split("\n"))).mailboxes == ((HOST, "bob"),)
    empty = session("HELO c.example", *TO_BOB.split("\n")[:2], "DATA", ".")
    assert way(empty).mailboxes == ((HOST, "bob"),)


def test_a_sender_that_cannot_be_read_is_shown_as_it_was_typed() -> None:
    assert way(troubled()).hops[0].recipients == (("<zoe@lab.example>", 550), ("<alice@lab.example>", 250))
    assert way(session("HELO c.example", "MAIL FORM alice")).hops[0].sender == "MAIL FORM alice"


def test_what_is_taken_back_is_no_way_any_more() -> None:
    opened = session("HELO laptop.example")
    opened.send(TO_DORA)
    opened.undo()
    assert way(opened).count == 0
