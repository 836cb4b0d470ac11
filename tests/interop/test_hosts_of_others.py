"""Our mail host relays to hosts of other makers, takes mail from them, and each reads the other's reports."""

from __future__ import annotations

import email
import email.policy
import smtplib
from collections.abc import Iterator
from pathlib import Path

import pytest

from smtplab.mta.bounce import read_report
from support import peers
from support.mail_hosts import MailHostProcess, free_port, until
from support.raw_client import PATIENCE


@pytest.fixture
def near(tmp_path: Path) -> Iterator[MailHostProcess]:
    """Our host; its next hop is a port where nobody listens yet."""
    host = MailHostProcess(tmp_path, free_port())
    yield host
    host.close()


def relaying_to(near: MailHostProcess, hop: int) -> MailHostProcess:
    host = MailHostProcess(near.folder, hop)
    near.port = host.port
    near.start()
    return near


def files(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.iterdir()] if folder.is_dir() else []


def test_a_message_is_relayed_to_aiosmtpd_octet_for_octet(near: MailHostProcess) -> None:
    with peers.aiosmtpd_server() as (port, envelopes):
        relaying_to(near, port)
        near.send("one@far.example", "two@far.example", body="..\r\ntext")
        until(lambda: envelopes)
        until(lambda: not near.messages)
    (envelope,) = envelopes
    assert envelope.rcpt_tos == ["one@far.example", "two@far.example"]
    assert envelope.original_content.startswith(b"Received: from client.example ")
    assert envelope.original_content.endswith(b"\r\nSubject: x\r\n\r\n.\r\ntext\r\n")


def test_aiosmtpd_has_no_more_sessions_at_once_than_its_limit(tmp_path: Path) -> None:
    at_once: list[int] = []
    with peers.aiosmtpd_server(0.1, at_once) as (port, envelopes):
        near = MailHostProcess(tmp_path, port, queue='sessions = 8\nhops = { "far.example" = 2 }')
        near.start()
        try:
            for number in range(8):
                near.send(f"user{number}@far.example")
            until(lambda: len(envelopes) == 8)
        finally:
            near.close()
    assert max(at_once) == 2


def test_mail_passes_to_postfix_and_what_it_refuses_is_reported(near: MailHostProcess) -> None:
    with peers.postfix(near.port) as (port, maildir):
        relaying_to(near, port)
        near.send("alice@postfix.example", "nobody@postfix.example")
        until(lambda: files(maildir))
        (message,) = files(maildir)
        until(lambda: near.mailbox("alice"))
    assert b"\nSubject: x\n" in message
    assert message.endswith(b"\n\nx\n")
    report = email.message_from_bytes(near.mailbox("alice")[0], policy=email.policy.default)
    assert report.get_content_type() == "multipart/report"
    assert report.get_param("report-type") == "delivery-status"
    kinds = [part.get_content_type() for part in report.iter_parts()]
    assert kinds[:2] == ["text/plain", "message/delivery-status"]
    assert kinds[2] in ("message/rfc822", "text/rfc822-headers")
    _, recipient = report.get_payload()[1].get_payload()  # type: ignore[index, union-attr]
    assert recipient["Final-Recipient"] == "rfc822; nobody@postfix.example"  # type: ignore[index]
    assert recipient["Status"].startswith("5.1.1")  # type: ignore[index]


def test_postfix_relays_to_us_and_its_report_is_read(near: MailHostProcess) -> None:
    near.start()
    with peers.postfix(near.port) as (port, _), smtplib.SMTP("127.0.0.1", port, "client.example", PATIENCE) as client:
        content = "Subject: from Postfix\r\n\r\n.\r\ntext\r\n"
        client.sendmail("bob@near.example", ["alice@near.example", "nobody@near.example"], content)
        until(lambda: near.mailbox("alice"))
        until(lambda: near.mailbox("bob"), 60)
    (message,) = near.mailbox("alice")
    assert b"\r\nSubject: from Postfix\r\n" in message
    assert message.endswith(b"\r\n\r\n.\r\ntext\r\n")
    report = read_report(near.mailbox("bob")[0])
    assert report.is_bounce
    assert [each.address for each in report.recipients] == ["nobody@near.example"]
