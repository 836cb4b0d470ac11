"""What a message that goes to another host may hold: refused at the dot if no host could take it, else sent on."""

import smtplib
from collections.abc import Iterator

import pytest

from smtplab.mta.accounts import Forward
from smtplab.mta.host import MailHost
from smtplab.mta.policy import Policy
from smtplab.mta.relay import Relay
from smtplab.mta.transaction import Copies, Transaction
from smtplab.protocol.grammar import NULL_PATH, Path
from smtplab.worlds.background import BackgroundServer
from smtplab.worlds.tcp import Server
from smtplab.worlds.tcp_client import dial
from support.hosts import mail_host
from support.raw_client import PATIENCE, RawClient
from support.relaying import Relaying

LOCAL, ELSEWHERE, UNICODE = "someone@near.example", "alice@far.example", "zoë@far.example"
EVERYTHING = dict(Policy().offer)


@pytest.fixture
def relaying() -> Relaying:
    return Relaying({"far.example": mail_host(["alice", "zoë"], domain="far.example")})


@pytest.fixture
def client(relaying: Relaying) -> Iterator[RawClient]:
    """A client of a host with a queue, on a socket."""
    with BackgroundServer(Server(relaying.host)) as server:
        raw = RawClient(dial(*server.address, seconds=PATIENCE))
        raw.reply()
        raw.say("EHLO client.example")
        yield raw
        raw.close()


def hand_over(client: RawClient, content: bytes, *recipients: str, parameters: str = "") -> str:
    """Return the reply to the dot."""
    sender = f"MAIL FROM:<someone@near.example>{parameters}"
    assert client.say(sender, *(f"RCPT TO:<{each}>" for each in recipients), "DATA").startswith("354 ")
    client.send(content + b".\r\n")
    return client.reply()


# Refused at the dot

UNSENDABLE = {
    "LF": b"Subject: x\r\n\r\none\ntwo\r\n",
    "CR": b"Subject: x\r\n\r\none\rtwo\r\n",
    "LF in the header section": b"Subject: x\nTo: y\r\n\r\nx\r\n",
    "LF in a long body": b"Subject: x\r\n\r\n" + b"a line of text\r\n" * 20_000 + b"one\ntwo\r\n",
    "CR CR LF": b"Subject: x\r\n\r\none\r\r\n",
    "Latin-1": b"Subject: Gr\xfc\xdfe\r\n\r\nx\r\n",
    "Latin-1 without a body": b"Subject: Gr\xfc\xdfe\r\n",
    "half a letter": b"Subject: x\r\nTo: Zo\xc3\r\n",
}


@pytest.mark.parametrize("recipients", [[ELSEWHERE], [LOCAL, ELSEWHERE], ["list@near.example"]])
@pytest.mark.parametrize("name", UNSENDABLE)
def test_what_no_host_could_take_is_refused_at_the_dot_for_all(
    client: RawClient, relaying: Relaying, name: str, recipients: list[str]
) -> None:
    reply = hand_over(client, UNSENDABLE[name], *recipients, parameters=" BODY=8BITMIME")
    assert reply.startswith("554 5.6.0 ")
    assert ("bare" if "R" in name or "LF" in name else "UTF-8") in reply
    assert relaying.store.messages("someone") == []
    assert (len(relaying.manager.queue), relaying.events) == (0, [])
    assert hand_over(client, b"Subject: x\r\n\r\nx\r\n", ELSEWHERE).startswith("250 ")  # the session goes on


@pytest.mark.parametrize("name", UNSENDABLE)
def test_mail_for_local_users_alone_is_kept_as_it_is(client: RawClient, relaying: Relaying, name: str) -> None:
    assert hand_over(client, UNSENDABLE[name], LOCAL).startswith("250 ")
    assert relaying.store.messages("someone")[0].endswith(UNSENDABLE[name])


def test_a_relay_that_keeps_no_queue_refuses_it_before_it_calls_the_next_hop() -> None:
    host = mail_host(relay=Relay({"*": ("192.0.2.1", 25)}), forwards={"bob2": Forward(ELSEWHERE)})
    with BackgroundServer(Server(host)) as server, smtplib.SMTP(*server.address) as ours:
        for recipient in (ELSEWHERE, "bob2@lab.example"):
            with pytest.raises(smtplib.SMTPDataError) as caught:
                ours.sendmail("a@b.example", recipient, b"Subject: Gr\xfc\xdfe\r\n\r\nx\r\n")
            assert caught.value.smtp_code == 554
            assert b"no host could take it" in caught.value.smtp_error  # type: ignore[operator]


def test_a_letter_that_is_cut_where_a_long_header_section_is_no_longer_examined_is_no_fault() -> None:
    transaction = Transaction({NULL_PATH: Copies(remote={Path("alice", "far.example"): None})})
    transaction.take(b"Subject: " + b"\xc3\xa4" * 200_000)
    assert transaction.unsendable is None
    transaction = Transaction({NULL_PATH: Copies(remote={Path("alice", "far.example"): None})})
    transaction.take(b"Subject: " + b"\xc3\xa4" * 200_000 + b"\xff")
    assert transaction.unsendable is not None


# Sent on


def carried(relaying: Relaying, *lacking: str) -> MailHost:
    """Let the queue work, against a next hop that does not offer some extensions."""
    relaying.policy = Policy(offer={keyword: text for keyword, text in EVERYTHING.items() if keyword not in lacking})
    relaying.run()
    host = relaying.hosts["far.example"]
    assert isinstance(host, MailHost)
    return host


def statuses(relaying: Relaying) -> list[tuple[str, str]]:
    return [(each.address, str(each.status)) for report in relaying.reports for each in report.recipients]


BODY_8, HEADER_8 = b"Subject: x\r\n\r\nGr\xfc\xdfe\r\n", "Subject: Grüße\r\n\r\nx\r\n".encode()


@pytest.mark.parametrize("content", [BODY_8, HEADER_8, b"\r\n" + BODY_8, b"12:30 Gr\xfc\xdfe\r\n"])
@pytest.mark.parametrize("parameters", ["", " BODY=8BITMIME", " BODY=8BITMIME SMTPUTF8"])
def test_octets_above_127_are_sent_on_where_the_next_hop_takes_them(
    client: RawClient, relaying: Relaying, content: bytes, parameters: str
) -> None:
    assert hand_over(client, content, ELSEWHERE, parameters=parameters).startswith("250 ")
    (message,) = carried(relaying).store.messages("alice")
    assert message.endswith(content)
    assert relaying.reports == []


@pytest.mark.parametrize(
    ("content", "recipient", "lacking", "status"),
    [
        (BODY_8, ELSEWHERE, "8BITMIME", "5.6.3"),
        (HEADER_8, ELSEWHERE, "SMTPUTF8", "5.6.9"),
        (HEADER_8, UNICODE, "SMTPUTF8", "5.6.9"),
        (b"Subject: x\r\n\r\nx\r\n", UNICODE, "SMTPUTF8", "5.6.7"),
    ],
)
def test_the_report_says_what_the_next_hop_could_not_take(
    client: RawClient, relaying: Relaying, content: bytes, recipient: str, lacking: str, status: str
) -> None:
    assert hand_over(client, content, recipient, parameters=" SMTPUTF8").startswith("250 ")
    assert carried(relaying, lacking).store.messages("alice") == []
    assert statuses(relaying) == [(recipient, status)]


def test_recipients_whose_addresses_are_ascii_get_what_a_hop_without_smtputf8_cannot_take_for_others(
    client: RawClient, relaying: Relaying
) -> None:
    assert hand_over(client, b"Subject: x\r\n\r\nx\r\n", UNICODE, ELSEWHERE, parameters=" SMTPUTF8").startswith("250 ")
    assert len(carried(relaying, "SMTPUTF8").store.messages("alice")) == 1
    assert statuses(relaying) == [(UNICODE, "5.6.7")]
