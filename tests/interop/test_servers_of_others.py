"""Our client delivers to servers of other makers, and each message arrives there octet for octet."""

from pathlib import Path

import pytest

from smtplab.client.outcomes import Unsupported
from smtplab.protocol.extensions import is_international
from smtplab.worlds.tcp_client import Client
from support import peers


def _deliver(port: int, message: Path, *recipients: str) -> Client:
    with Client("127.0.0.1", port, helo="client.example") as client:
        delivery = client.deliver(peers.SENDER, recipients or [peers.RECIPIENT], message.read_bytes())
        assert delivery.complete, str(delivery)
    return client


def test_aiosmtpd_gets_the_message_octet_for_octet(message: Path) -> None:
    with peers.aiosmtpd_server() as (port, envelopes):
        client = _deliver(port, message, "one@peer.example", "two@peer.example")
        assert "PIPELINING" not in client.extensions
    (envelope,) = envelopes
    assert envelope.original_content == message.read_bytes()
    assert (envelope.mail_from, envelope.rcpt_tos) == (peers.SENDER, ["one@peer.example", "two@peer.example"])


def test_aiosmtpd_gets_international_addresses(message: Path) -> None:
    with peers.aiosmtpd_server() as (port, envelopes):
        _deliver(port, message, "zoë@peer.example", "प्रयाग@peer.example")
    assert envelopes[0].original_content == message.read_bytes()
    assert envelopes[0].rcpt_tos == ["zoë@peer.example", "प्रयाग@peer.example"]


@pytest.mark.parametrize(("options", "pipelines"), [((), True), (("-p",), False)], ids=["pipelined", "one by one"])
def test_smtp_sink_gets_the_message_octet_for_octet(message: Path, options: tuple[str, ...], pipelines: bool) -> None:
    with peers.smtp_sink(*options) as (port, folder):
        if is_international([], message.read_bytes()):  # smtp-sink does not offer SMTPUTF8
            with pytest.raises(Unsupported, match="SMTPUTF8"):
                _deliver(port, message)
            return
        client = _deliver(port, message)
        assert ("PIPELINING" in client.extensions) is pipelines
        assert peers.kept_by_smtp_sink(folder) == [message.read_bytes()]


def test_smtp_sink_that_knows_no_ehlo_gets_the_message_after_helo() -> None:
    content = b"Subject: x\r\n\r\n.\r\n..\r\nlast\r\n"
    with peers.smtp_sink("-e", "-f", "EHLO") as (port, folder):
        with Client("127.0.0.1", port, helo="client.example") as client:
            assert client.extensions == {}
            assert client.deliver(peers.SENDER, [peers.RECIPIENT], content).complete
        assert peers.kept_by_smtp_sink(folder) == [content]


def test_smtp_sink_gets_many_messages_in_one_session() -> None:
    contents = {b"Subject: %d\r\n\r\n.%d\r\n" % (number, number) for number in range(50)}
    with peers.smtp_sink() as (port, folder):
        with Client("127.0.0.1", port, helo="client.example") as client:
            assert all(client.deliver(peers.SENDER, [peers.RECIPIENT], content).complete for content in contents)
        kept = peers.kept_by_smtp_sink(folder)
        assert (len(kept), set(kept)) == (50, contents)


@pytest.mark.parametrize(
    ("options", "code"),
    [(("-r", "RCPT"), 450), (("-f", "DATA"), 500), (("-f", "."), 500), (("-r", "."), 450), (("-f", "MAIL"), 500)],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else str(value),
)
def test_refusal_by_smtp_sink_is_reported_and_the_session_goes_on(options: tuple[str, ...], code: int) -> None:
    with (
        peers.smtp_sink(*options) as (port, _),
        Client("127.0.0.1", port, helo="client.example") as client,
    ):
        delivery = client.deliver(peers.SENDER, [peers.RECIPIENT], b"Subject: x\r\n\r\nx\r\n")
        assert not delivery.complete
        assert str(code) in str(delivery)
        assert client.command("NOOP").code == 250
