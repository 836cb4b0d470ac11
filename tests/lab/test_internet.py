"""The lab's internet: its hosts, what a student meets there, mail that is passed on, and that every run is the same."""

import re

import pytest

from smtplab import ConnectionLost, Lab, LocalProtocolError, Session
from smtplab.base.resources import data_path
from smtplab.lab.lab_host import Message
from smtplab.mta.directory import Directory
from smtplab.mta.policy import Policy
from smtplab.protocol.replies import Reply
from smtplab.transcript import Transcript
from support.paths import ROOT
from support.python import printed_by

HOSTS = ["mail.adelphia.net", "mail.lab.example", "mail.campus.example"]


@pytest.fixture
def with_sender(lab: Lab) -> Session:
    session = lab.telnet("mail.lab.example")
    session.send("HELO laptop.example\nMAIL FROM:<someone@laptop.example>")
    return session


def code_of(reply: Reply | None) -> int:
    assert reply is not None
    return reply.code


# Hosts


def test_the_hosts_are_listed_with_address_and_domain(lab: Lab) -> None:
    assert [host.name for host in lab.hosts] == HOSTS
    assert [repr(host) for host in lab.hosts] == [
        "<mail.adelphia.net [68.168.78.100], mail for adelphia.net>",
        "<mail.lab.example [192.0.2.25], mail for lab.example>",
        "<mail.campus.example [198.51.100.25], mail for campus.example>",
    ]
    assert repr(lab) == "<Lab with mail.adelphia.net, mail.lab.example, mail.campus.example>"


def test_a_host_that_is_down_shows_it(lab: Lab) -> None:
    lab.host("mail.lab.example").up = False
    assert repr(lab.host("mail.lab.example")) == "<mail.lab.example [192.0.2.25], mail for lab.example, down>"


@pytest.mark.parametrize("name", ["mail.adelphia.net", "MTA13.adelphia.net", "mail.adelphia.net.", "68.168.78.100"])
def test_a_host_is_found_by_its_names_and_its_address(lab: Lab, name: str) -> None:
    assert lab.host(name) is lab.hosts[0]
    assert str(lab.telnet(name).greeting).startswith("220 mta13.adelphia.net SMTP server ready Fri, 6 Aug 2004 ")


@pytest.mark.parametrize("name", HOSTS)
def test_every_host_greets_and_telnet_says_where_it_is(lab: Lab, name: str) -> None:
    session, address = lab.telnet(name), lab.host(name).address
    assert code_of(session.greeting) == 220
    assert [str(row) for row in session.transcript[:2]] == [
        f"= Trying {address} . . .",
        f"= Connected to {name} ({address}).",
    ]


def test_an_unknown_host_is_refused_with_a_list_of_those_there_are(lab: Lab) -> None:
    for ask in (lab.telnet, lab.client, lab.host):
        with pytest.raises(ConnectionLost) as caught:
            ask("mail.nowhere.example")
        assert "'mail.nowhere.example'" in str(caught.value)
        assert all(name in str(caught.value) for name in HOSTS)


def test_another_port_than_25_is_refused(lab: Lab) -> None:
    with pytest.raises(ConnectionLost, match="port 2525"):
        lab.telnet("mail.lab.example", 2525)


def test_a_host_that_is_down_does_not_answer_until_it_is_up_again(lab: Lab) -> None:
    lab.host("mail.lab.example").up = False
    with pytest.raises(ConnectionLost, match="is down"):
        lab.telnet("mail.lab.example")
    lab.host("mail.lab.example").up = True
    assert code_of(lab.telnet("mail.lab.example").greeting) == 220


# What is met there


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("RCPT TO:<alice@lab.example>", 250),
        ("RCPT TO:<sales@lab.example>", 250),
        ("RCPT TO:<staff@lab.example>", 250),
        ("RCPT TO:<postmaster>", 250),
        ("RCPT TO:<frank@campus.example>", 250),
        ("RCPT TO:<dora@lab.example>", 251),
        ("RCPT TO:<nobody@lab.example>", 550),
        ("RCPT TO:<someone@elsewhere.example>", 550),
        ("RCPT TO:<erin@lab.example>", 551),
        ("RCPT TO:<root@lab.example>", 553),
        ("RCPT TO:<test-7@lab.example>", 553),
        ("VRFY alice", 250),
        ("VRFY dora", 251),
        ("VRFY staff", 252),
        ("VRFY nobody", 550),
        ("VRFY erin", 551),
        ("VRFY Example", 553),
        ("EXPN staff", 250),
        ("HELP", 211),
        ("HELP MAIL", 214),
        ("TURN", 503),
    ],
)
def test_the_directory_of_lab_example_gives_each_of_its_answers(with_sender: Session, line: str, code: int) -> None:
    assert code_of(with_sender.send(line)) == code


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("HELP", "Commands: HELO EHLO MAIL RCPT DATA QUIT RSET VRFY NOOP TURN EXPN HELP SEND SOML SAML"),
        ("HELP VRFY", "VRFY <user or mailbox>"),
        ("help data", "Send the message; a lone dot ends it."),
    ],
)
def test_help_of_the_lectures_host_helps(lab: Lab, line: str, answer: str) -> None:
    reply = lab.telnet("mail.adelphia.net").send(line)
    assert reply is not None
    assert answer in reply.lines


def test_who_is_logged_in_is_reached_by_send_and_who_is_not_is_not(lab: Lab) -> None:
    session = lab.telnet("mail.lab.example")
    session.send("HELO laptop.example\nSEND FROM:<someone@laptop.example>")
    assert code_of(session.send("RCPT TO:<bob@lab.example>")) == 450
    assert code_of(session.send("RCPT TO:<alice@lab.example>")) == 250
    session.send("DATA\nlunch?\n.")
    terminal = lab.host("mail.lab.example").mailboxes["alice"].terminal
    assert terminal is not None
    assert terminal.lines[-1] == "lunch?"
    assert lab.mailbox("alice@lab.example") == []


def test_the_switches_of_a_host_take_effect(lab: Lab, with_sender: Session) -> None:
    host = lab.host("mail.lab.example")
    host.mailboxes["bob"].busy = True
    assert code_of(with_sender.send("RCPT TO:<bob@lab.example>")) == 450
    host.store.capacity_octets = 0
    assert code_of(with_sender.send("RCPT TO:<alice@lab.example>\nDATA\nSubject: x\n.")) == 452
    host.store.capacity_octets, host.store.read_only = None, True
    lines = "MAIL FROM:<someone@laptop.example>\nRCPT TO:<alice@lab.example>\nDATA\nSubject: x\n."
    assert code_of(with_sender.send(lines)) == 451
    host.store.read_only = False
    assert code_of(with_sender.send(lines)) == 250
    host.handler.open = False
    assert code_of(lab.telnet("mail.lab.example").greeting) == 554


def test_a_full_mailbox_is_refused_with_552(lab: Lab) -> None:
    with lab.client("mail.lab.example") as client:
        big = b"Subject: big\r\n\r\n" + b"x" * 1800 + b"\r\n"
        assert client.deliver("someone@laptop.example", ["carol@lab.example"], big).complete
        ((path, reply),) = client.deliver("someone@laptop.example", ["carol@lab.example"], big).refused
    assert path.address == "carol@lab.example"
    assert reply.code == 552


def test_a_policy_holds_for_the_next_session(lab: Lab, with_sender: Session) -> None:
    lab.host("mail.lab.example").policy = Policy(strict=True)
    assert code_of(with_sender.send("RCPT TO: alice@lab.example")) == 250
    strict = lab.telnet("mail.lab.example")
    assert code_of(strict.send("HELO laptop.example\nMAIL FROM: someone@laptop.example")) == 501
    assert strict.note is None


# Mailboxes


def test_every_mailbox_is_listed_by_its_address_and_no_alias(lab: Lab) -> None:
    assert lab.host_names == ("mail.adelphia.net", "mail.lab.example", "mail.campus.example")
    at_lab = [address for address in lab.mailboxes if address.endswith("@lab.example")]
    assert at_lab == [f"{name}@lab.example" for name in ("alice", "bob", "carol", "postmaster")]
    assert all(lab.mailbox(address) == [] for address in lab.mailboxes)


def test_an_empty_mailbox_is_a_list_that_shows_itself_as_a_sentence(lab: Lab) -> None:
    pretty = pytest.importorskip("IPython.lib.pretty").pretty
    empty = lab.mailbox("bob@lab.example")
    assert pretty(empty) == str(empty) == f"{empty}" == "The mailbox of bob@lab.example has no messages."
    assert repr(empty) == "[]"
    assert (empty, list(empty), len(empty), [*empty]) == ([], [], 0, [])


def test_a_mailbox_with_messages_shows_itself_as_a_list(lab: Lab) -> None:
    pretty = pytest.importorskip("IPython.lib.pretty").pretty
    session = lab.telnet("mail.lab.example")
    session.send("HELO a\nMAIL FROM:<>\nRCPT TO:<bob@lab.example>\nDATA\nSubject: One\n.")
    (message,) = mailbox = lab.mailbox("bob@lab.example")
    assert pretty(mailbox) == f"[{pretty(message)}]"
    assert str(mailbox) == repr(mailbox) == repr([message])


def test_a_mailbox_holds_the_message_with_its_trace(lab: Lab) -> None:
    session = lab.telnet("mail.adelphia.net")
    session.send("HELO mail.adelphia.net\nMAIL FROM: forouzanb@adelphia.net\nRCPT TO: forouzanb@adelphia.net")
    assert lab.mailbox("forouzanb@adelphia.net") == []
    session.send("DATA\nFrom: Forouzan\nTO: Forouzan\n\nThis is a test message\nto show SMTP in action.\n.\nQUIT")
    (message,) = lab.mailbox("forouzanb@adelphia.net")
    assert message == (
        b"Return-Path: <forouzanb@adelphia.net>\r\n"
        b"Received: from mail.adelphia.net ([203.0.113.7]) by mta13.adelphia.net\r\n"
        b"        with SMTP id A000001 for <forouzanb@adelphia.net>;\r\n"
        b"        Fri, 6 Aug 2004 10:25:00 -0400\r\n"
        b"From: Forouzan\r\nTO: Forouzan\r\n\r\nThis is a test message\r\nto show SMTP in action.\r\n"
    )


def test_a_message_is_octets_that_print_as_text(lab: Lab) -> None:
    pretty = pytest.importorskip("IPython.lib.pretty").pretty
    with lab.client("mail.lab.example") as client:
        client.deliver("a@lab.example", ["bob@lab.example"], "Subject: x\r\n\r\ngr\u00fcn\r\n".encode())
    (message,) = lab.mailbox("BOB@lab.example")
    assert isinstance(message, bytes)
    assert str(message).endswith("Subject: x\n\ngr\u00fcn\n")
    assert pretty(message) == str(message)


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ("alice@elsewhere.example", ["elsewhere.example", "adelphia.net"]),
        ("nobody@lab.example", ["mail.lab.example", "nobody", "alice, bob, carol, postmaster"]),
        ("sales@lab.example", ["mailbox", "sales"]),
        ("bob", ["bob@lab.example"]),
        (" <FORouzanb> ", ["forouzanb@adelphia.net"]),
        ("postmaster", ["postmaster@adelphia.net", "postmaster@lab.example", "postmaster@campus.example"]),
    ],
)
def test_what_is_no_mailbox_is_named_so(lab: Lab, address: str, named: list[str]) -> None:
    with pytest.raises(LookupError, match=".*".join(map(re.escape, named))):
        lab.mailbox(address)


@pytest.mark.parametrize("text", ["alice@@lab.example", "sales", "nobody", ""])
def test_what_is_no_address_is_refused(lab: Lab, text: str) -> None:
    with pytest.raises(LocalProtocolError):
        lab.mailbox(text)


# SMTP is used twice


def test_mail_for_another_domain_passes_through_both_servers(lab: Lab) -> None:
    with lab.client("mail.lab.example") as client:
        assert client.deliver("alice@lab.example", ["frank@campus.example"], b"Subject: hi\r\n\r\n").complete
    (message,) = lab.mailbox("frank@campus.example")
    lines = str(message).splitlines()
    hops = [line.split(" (")[0] for line in lines if line.startswith("Received:")]
    assert lines[0] == "Return-Path: <alice@lab.example>"
    assert hops == ["Received: from mail.lab.example", "Received: from laptop.example"]
    assert "([192.0.2.25])" in str(message)
    assert "([203.0.113.7])" in str(message)


@pytest.mark.parametrize("first", HOSTS)
@pytest.mark.parametrize(
    "recipient", ["forouzanb@adelphia.net", "bob@lab.example", "frank@campus.example"], ids=lambda text: text[:5]
)
def test_every_host_hands_mail_on_to_every_other(lab: Lab, first: str, recipient: str) -> None:
    with lab.client(first) as client:
        assert client.deliver("someone@laptop.example", [recipient], b"Subject: hi\r\n\r\n").complete
    assert len(lab.mailbox(recipient)) == 1


def test_a_forward_leads_to_the_other_host(lab: Lab) -> None:
    with lab.client("mail.lab.example") as client:
        delivery = client.deliver("alice@lab.example", ["dora@lab.example"], b"Subject: hi\r\n\r\n")
    assert [reply.code for _, reply in delivery.recipient_replies] == [251]
    assert len(lab.mailbox("dora@campus.example")) == 1


def test_a_list_reaches_its_members_here_and_there_in_its_owners_name(lab: Lab) -> None:
    with lab.client("mail.lab.example") as client:
        client.deliver("frank@campus.example", ["staff@lab.example"], b"Subject: hi\r\n\r\n")
    for member in ("alice@lab.example", "bob@lab.example", "dora@campus.example"):
        (message,) = lab.mailbox(member)
        assert message.startswith(b"Return-Path: <bob@lab.example>\r\n")


def test_the_first_server_says_451_while_the_second_is_down(lab: Lab) -> None:
    lab.host("mail.campus.example").up = False
    with lab.client("mail.lab.example") as client:
        delivery = client.deliver("alice@lab.example", ["frank@campus.example"], b"Subject: hi\r\n\r\n")
    assert code_of(delivery.reply) == 451
    assert lab.mailbox("frank@campus.example") == []


# The same on every run


def visit(lab: Lab) -> tuple[list[str], list[bytes]]:
    """Do a bit of everything, and return the transcripts and the mail."""
    session = lab.telnet("mail.lab.example")
    session.send("EHLO laptop.example\nVERFY alice\nHELP\nMAIL FROM:<alice@lab.example>\nRCPT TO:<staff@lab.example>")
    session.send("DATA\nSubject: hello\n\ntext\n.\nQUIT")
    with lab.client("mail.adelphia.net") as client:
        client.deliver("forouzanb@adelphia.net", ["dora@lab.example"], b"Subject: hi\r\n\r\n")
    assert client.transcript is not None
    boxes = ("alice@lab.example", "bob@lab.example", "dora@campus.example")
    return [session.transcript.to_json(), client.transcript.to_json()], [m for box in boxes for m in lab.mailbox(box)]


def test_two_labs_share_nothing_and_say_the_same() -> None:
    first, second = Lab(), Lab()
    seen = visit(first)
    assert second.mailbox("alice@lab.example") == []
    assert visit(second) == seen
    assert visit(second) != seen  # message ids go on, and there is more mail


def test_another_process_sees_the_same() -> None:
    script = "from lab.test_internet import *; t, m = visit(Lab()); print(t, m, Lab().hosts)"
    runs = {printed_by(script, cwd=ROOT / "tests") for _ in range(2)}
    transcripts, mail = visit(Lab())
    assert runs == {f"{transcripts} {mail} {Lab().hosts}\n"}


def test_in_memory_the_rows_have_no_times(lab: Lab, with_sender: Session) -> None:
    assert {row.time for row in with_sender.transcript} == {None}


def test_a_copy_of_the_transcript_stays_as_it_is(with_sender: Session) -> None:
    copy = Transcript(with_sender.transcript)
    with_sender.send("RSET")
    assert len(with_sender.transcript) == len(copy) + 2


def test_a_lab_needs_no_sockets_and_no_pandas() -> None:
    script = (
        "import sys, smtplab\n"
        "smtplab.Lab().telnet('mail.adelphia.net').send('HELO a.example')\n"
        "print(sorted({'asyncio', 'email', 'pandas', 'socket', 'ssl'} & set(sys.modules)))\n"
    )
    assert printed_by(script) == "[]\n"


def test_every_directory_in_data_belongs_to_a_host_of_the_lab(lab: Lab) -> None:
    files = sorted(data_path("directories").iterdir())
    assert [Directory.load(file).domains for file in files] == [(file.stem,) for file in files]
    assert {file.stem for file in files} == {domain for host in lab.hosts for domain in host.handler.directory.domains}


def test_a_host_is_named_by_text_and_a_port_by_a_number() -> None:
    with pytest.raises(TypeError, match="text"):
        Lab().telnet(None)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="number"):
        Lab().telnet("mail.adelphia.net", "25")  # type: ignore[arg-type]


def test_a_mailbox_is_a_list_whose_error_names_it(lab: Lab) -> None:
    assert lab.mailbox("bob@lab.example") == lab.mailbox("bob@lab.example")[-1:] == []
    with pytest.raises(IndexError, match="has no message"):
        lab.mailbox("bob@lab.example")[-1]
    with lab.client("mail.lab.example") as client:
        client.deliver("a@b.example", ["bob@lab.example"], b"Subject: x\r\n")
    assert bytes(lab.mailbox("bob@lab.example")[0]).endswith(b"Subject: x\r\n")
    with pytest.raises(IndexError, match="1 message"):
        lab.mailbox("bob@lab.example")[1]


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("Subject: Lunch\r\n\r\nSubject: Dinner\r\n", "Lunch"),
        ("To: Bob\r\nsubject:  A long\r\n one \r\n", "A long one"),
        ("To: Bob\r\n\r\nSubject: text\r\n", ""),
        ("", ""),
    ],
)
def test_a_message_has_its_subject(text: str, subject: str) -> None:
    assert Message(text.encode()).subject == subject
