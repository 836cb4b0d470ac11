"""Servers of other makers, and which rules they fail. Each failure is defended by the section of the RFC beside it.

aiosmtpd runs in this process; smtp-sink and Postfix are processes of their own, and skipped where they are missing.
"""

import os
import pwd
import time
from pathlib import Path

import pytest

from smtplab.conformance.rule import ConformanceFinding
from smtplab.conformance.servers.server_rules import ServerCheck
from smtplab.conformance.servers.tcp_peer import TcpPeer
from support import peers

# RFC 5321 2.3.8: implementations "MUST NOT recognize or generate any other character or character sequence" than CRLF
# as a line terminator; all three take a bare LF for the end of a command.
LF_ENDS = {"lf-ends-no-command"}
# RFC 5321 4.1.1.3: the argument of RCPT is a Path, and only the reverse-path may be empty (4.1.2).
NULL_RECIPIENT = {"rcpt-refuses-the-null-address"}
# RFC 5321 4.1.2: Path = "<" [ A-d-l ":" ] Mailbox ">".
OPEN_BRACKET = {"address-needs-its-bracket"}

AIOSMTPD = {
    *LF_ENDS,
    *NULL_RECIPIENT,
    *OPEN_BRACKET,
    "help-is-answered",  # RFC 5321 4.3.2: HELP has 211 and 214; it answers 250
}
SMTP_SINK = {  # a sink for tests: it looks at the verb alone
    *NULL_RECIPIENT,
    *OPEN_BRACKET,
    "mail-needs-an-address",  # RFC 5321 4.1.1.2: "MAIL FROM:" Reverse-path
    "rcpt-needs-an-address",  # RFC 5321 4.1.1.3: "RCPT TO:" Forward-path
    "helo-needs-a-name",  # RFC 5321 4.1.1.1: helo = "HELO" SP Domain CRLF
    "address-ends-at-its-bracket",
    "unknown-parameter-is-refused",  # RFC 5321 4.1.1.11: a parameter that is not recognized gets 555
    "ehlo-keywords-are-words",  # RFC 5321 4.1.1.1: ehlo-line = ehlo-keyword ...; its last line is empty
}
POSTFIX = LF_ENDS
# RFC 5321 4.1.1.4: LF, dot, LF must not end the text; releases from 3.9 on refuse it (smtpd_forbid_bare_newline).
OLD_POSTFIX = {"lf-dot-lf-is-text"}


def failures_of(check: ServerCheck) -> set[str]:
    return {each.rule.id for each in _run(check) if each.failed}


def _run(check: ServerCheck) -> list[ConformanceFinding]:
    return list(check.run(all=True))


def test_aiosmtpd_fails_what_the_standard_forbids_within_ten_seconds() -> None:
    begin = time.monotonic()
    with peers.aiosmtpd_server() as (port, envelopes):
        peer = TcpPeer("127.0.0.1", port, messages=lambda: [each.original_content for each in envelopes])
        assert failures_of(ServerCheck(peer)) == AIOSMTPD
    assert time.monotonic() - begin < 10


def test_smtp_sink_fails_what_it_does_not_look_at() -> None:
    with peers.smtp_sink() as (port, _):
        assert failures_of(ServerCheck(TcpPeer("127.0.0.1", port))) == SMTP_SINK


@pytest.mark.timeout(120)
def test_postfix_fails_what_a_bare_lf_does() -> None:
    with peers.postfix(1) as (port, maildir):
        owner = pwd.getpwnam("postfix")
        Path(maildir.parent).mkdir()
        os.chown(maildir.parent, owner.pw_uid, owner.pw_gid)
        peer = TcpPeer("127.0.0.1", port, maildir=maildir.parent)
        assert failures_of(ServerCheck(peer, "alice@postfix.example")) - OLD_POSTFIX == POSTFIX
