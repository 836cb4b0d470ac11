"""Clients of other makers deliver to our server, and each message arrives octet for octet behind the trace fields."""

import asyncio
import re
import smtplib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from smtplab.worlds.background import BackgroundServer, serve
from support import peers
from support.raw_client import PATIENCE, behind_the_trace


@pytest.fixture(params=["memory", "maildir"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BackgroundServer]:
    """A running server that keeps mail for alice and bob."""
    with serve(maildir=tmp_path / "mail" if request.param == "maildir" else None) as running:
        yield running


def _messages(server: BackgroundServer, mailbox: str = "alice") -> list[bytes]:
    return [behind_the_trace(stored) for stored in server.handler.store.messages(mailbox)]


@pytest.mark.parametrize("deliver", peers.CLIENTS, ids=lambda function: function.__name__)
def test_message_arrives_octet_for_octet(
    server: BackgroundServer, deliver: Callable[[int, Path], None], message: Path
) -> None:
    deliver(server.address[1], message)
    assert _messages(server) == [message.read_bytes()]


def test_smtplib_delivers_for_international_addresses(message: Path) -> None:
    options = ["SMTPUTF8", "BODY=8BITMIME"]
    with serve(mailboxes=["zoë", "प्रयाग"]) as server:
        with smtplib.SMTP(*server.address, "client.example", PATIENCE) as client:
            recipients = ["zoë@lab.example", "प्रयाग@lab.example"]
            assert client.sendmail("grüße@client.example", recipients, message.read_bytes(), options) == {}
        (stored,) = server.handler.store.messages("zoë")
        assert stored.startswith("Return-Path: <grüße@client.example>\r\n".encode())
        assert _messages(server, "zoë") == _messages(server, "प्रयाग") == [message.read_bytes()]


def test_aiosmtplib_is_told_which_recipients_are_refused(server: BackgroundServer) -> None:
    aiosmtplib = pytest.importorskip("aiosmtplib")

    async def deliver() -> dict[str, tuple[int, str]]:
        host, port = server.address
        async with aiosmtplib.SMTP(hostname=host, port=port, local_hostname="client.example") as client:
            recipients = ["alice@lab.example", "nobody@lab.example", "bob@lab.example"]
            refused, _ = await client.sendmail(peers.SENDER, recipients, b"Subject: x\r\n\r\nx\r\n")
            return dict(refused)

    assert {name: code for name, (code, _) in asyncio.run(deliver()).items()} == {"nobody@lab.example": 550}
    assert _messages(server, "alice") == _messages(server, "bob") == [b"Subject: x\r\n\r\nx\r\n"]


def test_what_is_written_in_s_nail_arrives_as_it_was_written(server: BackgroundServer) -> None:
    peers.compose_with_s_nail(server.address[1], "lunch", b"at noon\n.\n..two\n.hidden\n\nbye\n")
    ((header, _, body),) = (message.partition(b"\r\n\r\n") for message in _messages(server))
    assert b"\r\nSubject: lunch\r\n" in header
    assert body == b"at noon\r\n.\r\n..two\r\n.hidden\r\n\r\nbye\r\n"


def test_smtp_source_delivers_over_many_sessions_at_once(server: BackgroundServer) -> None:
    amount = ("-s", "10", "-m", "100", "-l", "5000")
    envelope = ("-f", peers.SENDER, "-t", peers.RECIPIENT)
    peers.run(peers.program("smtp-source"), "-4", *amount, *envelope, f"inet:127.0.0.1:{server.address[1]}")
    messages = _messages(server)
    assert len(messages) == 100
    assert len({re.search(rb"(?im)^message-id: (\S+)", message)[1] for message in messages}) == 100
    assert len({len(message) for message in messages}) <= 4, "only the numbers in the header section may differ"
