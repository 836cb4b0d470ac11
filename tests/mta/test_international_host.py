"""A host whose domain is not ASCII: what it says of itself, and whose mail it takes (RFC 6531 3.7)."""

import smtplib

import pytest

from smtplab.client.session import DeliverySession
from smtplab.mta.host import MailHost
from smtplab.mta.relay import Relay
from smtplab.worlds.background import serve
from smtplab.worlds.tcp_client import Client
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
