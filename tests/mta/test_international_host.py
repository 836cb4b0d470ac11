"""A host whose domain is not ASCII: what it says of itself, and whose mail it takes (RFC 6531 3.7)."""

import smtplib
from email.message import EmailMessage

import pytest

from smtplab.client.outcomes import ConnectionLost, Unsupported
from smtplab.client.session import DeliverySession
from smtplab.mta.accounts import Forward, Mailbox, MailingList
from smtplab.mta.directory import Directory, DirectoryError
from smtplab.mta.handler import Handler
from smtplab.mta.host import MailHost
from smtplab.mta.policy import Policy
from smtplab.mta.relay import Relay
from smtplab.mta.store import MemoryStore
from smtplab.protocol.replies import LocalProtocolError
from smtplab.worlds.background import serve
from smtplab.worlds.memory import Network
from smtplab.worlds.tcp_client import Client
from smtplab.worlds.virtual import Host
from support.hosts import in_memory
from support.odd_server import OddServer, line, message, say

A_LABEL = "xn--bcher-kva.example"


@pytest.mark.parametrize("name", ["bücher.example", "bu\u0308cher.example", A_LABEL])
def test_host_calls_itself_by_a_labels_and_takes_every_form_as_its_own(name: str) -> None:
    with serve(name, ["alice"]) as server:
        client = smtplib.SMTP(*server.address)
        greeting = client.ehlo("me.example")[1].splitlines()[0]
        assert greeting.split()[0] == A_LABEL.encode()
        client.quit()
        with Client(*server.address) as ours:
            for domain in (A_LABEL, "bücher.example", "bu\u0308cher.example", "BÜCHER.example"):
                assert ours.deliver("a@b.example", f"alice@{domain}", b"Subject: x\r\n\r\nx\r\n").complete
        assert isinstance(server.handler, MailHost)
        kept = server.handler.store.messages("alice")
        assert len(kept) == 4
        assert f"by {A_LABEL} ".encode() in kept[0]
        assert kept[0].isascii()


@pytest.mark.parametrize("name", ["bücher.example", "bu\u0308cher.example", "例え.テスト"])
def test_host_relays_ascii_mail_to_a_hop_that_does_not_offer_smtputf8(name: str) -> None:
    answers = [say("220 hop"), line, say("250 hop"), line, say("250 ok"), line, say("250 ok"), line, say("354 go")]
    with (
        OddServer(*answers, message, say("250 kept"), line, say("221 bye")) as hop,
        serve(name, ["alice"], routes={"elsewhere.example": hop.address}) as server,
        Client(*server.address) as ours,
    ):
        assert ours.deliver("a@b.example", "x@elsewhere.example", b"Subject: x\r\n\r\nx\r\n").complete
    assert hop.heard[0].startswith(b"EHLO xn--")
    assert b"".join(hop.heard).isascii()


@pytest.mark.parametrize("route", ["bücher.example", "bu\u0308cher.example", A_LABEL])
@pytest.mark.parametrize("domain", ["Bücher.example", "bu\u0308cher.example", A_LABEL])
def test_route_holds_for_every_form_of_its_domain(route: str, domain: str) -> None:
    assert Relay({route: ("127.0.0.1", 25)}).next_hop(domain) == ("127.0.0.1", 25)


def test_client_calls_itself_by_a_labels() -> None:
    session = DeliverySession("bücher.example")
    session.open()
    session.receive(b"220 x\r\n")
    assert session.data_to_send() == f"EHLO {A_LABEL}\r\n".encode()


# A next hop without SMTPUTF8


def old_hop() -> OddServer:
    answers = [say("220 hop"), line, say("250 hop"), line, say("250 ok"), line, say("250 ok"), line, say("354 go")]
    return OddServer(*answers, message, say("250 kept"), line, say("221 bye"))


@pytest.mark.parametrize(
    ("sender", "recipient", "said"),
    [
        ("a@b.example", "x@bücher.example", f"RCPT TO:<x@{A_LABEL}>\r\n"),
        ("a@b.example", "x@bu\u0308cher.example", f"RCPT TO:<x@{A_LABEL}>\r\n"),
        ("a@b.example", "x@BÜCHER.example", f"RCPT TO:<x@{A_LABEL}>\r\n"),
        ("a@bücher.example", "x@b.example", f"MAIL FROM:<a@{A_LABEL}>\r\n"),
        ('"a b"@bücher.example', "x@例え.テスト", f'MAIL FROM:<"a b"@{A_LABEL}>\r\n'),
    ],
)
def test_client_writes_a_domain_in_a_labels_where_smtputf8_is_not_offered(
    sender: str, recipient: str, said: str
) -> None:
    with old_hop() as hop, Client(*hop.address) as client:
        delivery = client.deliver(sender, recipient, b"Subject: x\r\n\r\nx\r\n")
    assert delivery.complete
    assert [path.address for path, _ in delivery.recipient_replies] == [recipient]
    assert said.encode() in hop.heard
    assert b"".join(hop.heard).isascii()


@pytest.mark.parametrize("recipient", ["ö@b.example", "ö@bücher.example", "x@☃️\u200d.example"])
def test_what_has_no_form_in_ascii_needs_smtputf8(recipient: str) -> None:
    with old_hop() as hop, Client(*hop.address) as client, pytest.raises(Unsupported, match="SMTPUTF8"):
        client.deliver("a@b.example", recipient, b"Subject: x\r\n\r\nx\r\n")


def test_message_with_an_ascii_header_section_goes_to_a_u_label_domain() -> None:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "a@b.example", "list@b.example", "Grüße"
    made.set_content("x\n")
    with old_hop() as hop, Client(*hop.address) as client:
        assert client.send_message(made, recipients="x@bücher.example").complete
    assert b"Subject: =?utf-8?" in b"".join(hop.heard)


@pytest.mark.parametrize(
    ("helo", "sender", "recipient"),
    [
        ("mé.example", "a@b.example", "x@elsewhere.example"),
        ("me.example", "a@bücher.example", "x@elsewhere.example"),
        ("me.example", "a@b.example", "x@mail.bücher.example"),
        ("bu\u0308cher.example", "a@bücher.example", "x@mail.bu\u0308cher.example"),
    ],
)
def test_relayed_mail_is_ascii_where_only_its_domains_were_not(helo: str, sender: str, recipient: str) -> None:
    with (
        old_hop() as hop,
        serve("bücher.example", ["alice"], routes={"*": hop.address}) as server,
    ):
        client = smtplib.SMTP(*server.address)
        client.command_encoding = "utf-8"
        client.docmd(f"EHLO {helo}")
        assert client.docmd(f"MAIL FROM:<{sender}> SMTPUTF8")[0] == 250
        assert client.docmd(f"RCPT TO:<{recipient}>")[0] == 250
        assert client.data(b"Subject: x\r\n\r\nx\r\n")[0] == 250
        client.quit()
    assert b"".join(hop.heard).isascii()
    assert f"by {A_LABEL}".encode() in b"".join(hop.heard)


# Names without A-labels


@pytest.mark.parametrize("name", ["☃️\u200d.example", "ü" * 70 + ".example", "xn--ü.example"])
def test_name_without_a_labels_is_refused_with_a_sentence(name: str) -> None:
    with pytest.raises(DirectoryError, match="ASCII"):
        serve(name, ["alice"])
    with pytest.raises(ValueError, match="ASCII"):
        Handler(name)
    with pytest.raises(LocalProtocolError, match="ASCII"):
        DeliverySession(name)


# In memory


@pytest.mark.parametrize("own", ["bücher.example", "bu\u0308cher.example", A_LABEL])
@pytest.mark.parametrize("called", ["bücher.example", "BU\u0308CHER.example", A_LABEL, A_LABEL.upper()])
def test_host_in_memory_is_called_by_every_form_of_its_name(own: str, called: str) -> None:
    network = Network()
    network.add(Host(own, "192.0.2.1", MailHost(Directory([own], ["alice"]), MemoryStore()), Policy()))
    assert network.dial(called).receive().startswith(f"220 {A_LABEL} ".encode())
    with pytest.raises(ConnectionLost):
        network.dial("xn--bcher-kvb.example")


@pytest.mark.parametrize("asked", ["alice", f"alice@{A_LABEL}", "al"])
def test_answer_to_vrfy_has_a_labels(asked: str) -> None:
    host = MailHost(Directory(["bücher.example"], ["alice"], aliases={"al": "alice"}), MemoryStore())
    network = Network()
    network.add(Host("mx.example", "192.0.2.1", host, Policy()))
    client = network.dial("mx.example")
    client.receive()
    client.send(f"EHLO me.example\r\nVRFY {asked}\r\n".encode())
    assert f"@{A_LABEL}>".encode() in client.receive()


def test_owner_of_a_list_is_named_in_a_labels() -> None:
    lists = {"all": MailingList(["alice"], owner="alice")}
    host = MailHost(Directory(["bücher.example"], ["alice"], lists=lists), MemoryStore())
    network = Network()
    network.add(Host("mx.example", "192.0.2.1", host, Policy()))
    client = network.dial("mx.example")
    client.send(f"HELO me\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<all@{A_LABEL}>\r\nDATA\r\n".encode())
    client.send(b"Subject: x\r\n\r\nx\r\n.\r\n")
    (kept,) = host.store.messages("alice")
    assert kept.startswith(f"Return-Path: <alice@{A_LABEL}>".encode())


# Answers to a client that has not asked for SMTPUTF8


@pytest.fixture
def answering() -> MailHost:
    directory = Directory(
        "größe.example",
        [Mailbox("jo", "Jörg Otto"), Mailbox("jörg"), Mailbox("ann", "Ann Otto"), Mailbox("bea", "Béa Brun")],
        lists={"staff": MailingList(["jo", "x@grüße.example"]), "all": MailingList(["jo", "ü@far.example"])},
        forwards={
            "eve": Forward("eve@grüße.example"),
            "uwe": Forward("üwe@far.example"),
            "ada": Forward("ada@grüße.example", accepted=False),
            "udo": Forward("üdo@far.example", accepted=False),
        },
    )
    return MailHost(directory, MemoryStore(), relay=Relay({"*": ("far.example", 25)}))


HERE, THERE = "xn--gre-6ka8i.example", "xn--gre-6ka8l.example"
NOT_ASCII, NEW_NOT_ASCII = (
    "252 2.6.8 The answer is not ASCII; ask again with SMTPUTF8",
    "550 5.6.8 The address to use instead is not ASCII; ask for it with SMTPUTF8",
)


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("VRFY jo", f"250 2.1.5 <jo@{HERE}>"),
        ("VRFY ann", f"250 2.1.5 Ann Otto <ann@{HERE}>"),
        ("VRFY jo SMTPUTF8", f"250 2.1.5 Jörg Otto <jo@{HERE}>"),
        (
            "VRFY otto",
            f"553-5.1.4 otto is ambiguous; it may be\n553-5.1.4 <jo@{HERE}>\n553 5.1.4 Ann Otto <ann@{HERE}>",
        ),
        ("VRFY jörg SMTPUTF8", f"250 2.1.5 <jörg@{HERE}>"),
        ("VRFY eve", f"251 2.1.5 <eve> is not here; will forward to <eve@{THERE}>"),
        ("VRFY eve SMTPUTF8", "251 2.1.5 <eve> is not here; will forward to <eve@grüße.example>"),
        ("VRFY uwe", NOT_ASCII),
        ("VRFY ada", f"551 5.1.6 <ada> is not here; please try <ada@{THERE}>"),
        ("VRFY udo", NEW_NOT_ASCII),
        ("EXPN staff", f"250-2.1.5 <jo@{HERE}>\n250 2.1.5 <x@{THERE}>"),
        ("EXPN staff SMTPUTF8", f"250-2.1.5 Jörg Otto <jo@{HERE}>\n250 2.1.5 <x@grüße.example>"),
        ("EXPN all", NOT_ASCII),
        ("RCPT TO:<eve@{HERE}>", f"251 2.1.5 <eve@{HERE}> is not here; will forward to <eve@{THERE}>"),
        ("RCPT TO:<uwe@{HERE}>", f"250 2.1.5 Recipient <uwe@{HERE}> ok"),
        ("RCPT TO:<ada@{HERE}>", f"551 5.1.6 <ada@{HERE}> is not here; please try <ada@{THERE}>"),
        ("RCPT TO:<udo@{HERE}>", NEW_NOT_ASCII),
        ("EHLO größe.example", f"250-{HERE} greets {HERE}"),
        ("HELO grüße.example", f"250 {HERE} greets {THERE}"),
        ("NOOP", "250 2.0.0 Nothing done, as you asked"),
    ],
)
def test_no_answer_names_an_address_that_nobody_has(answering: MailHost, command: str, answer: str) -> None:
    client = in_memory(answering)
    client.reply()
    client.say("EHLO client.example")
    client.say("MAIL FROM:<a@b.example>")
    said = client.say(command.replace("{HERE}", HERE))
    assert said.replace("\r\n", "\n").startswith(answer)
    assert "?" not in said


@pytest.mark.parametrize("declared", ["jörg", "jo\u0308rg", "JÖRG"])
@pytest.mark.parametrize("named", ["jörg", "jo\u0308rg", "JO\u0308RG"])
def test_local_part_is_known_in_every_normal_form(declared: str, named: str) -> None:
    client = in_memory(MailHost(Directory("lab.example", declared), MemoryStore()))
    client.reply()
    client.say("EHLO client.example")
    assert client.say("MAIL FROM:<> SMTPUTF8", f"RCPT TO:<{named}@lab.example>").startswith("250")
