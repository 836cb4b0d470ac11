"""What RFC 5321 and the extensions say that a server must do, one test a rule, octet by octet over a socket.

Each rule is held against two servers: ``smtplab serve --discard``, in a process of its own with the very command line
that is benchmarked, and the lab's host, which keeps its mail and so shows what became of a message.
"""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from smtplab.explain.causes import STRICT
from smtplab.lab.internet import Lab
from smtplab.lab.lab_host import LabHost
from smtplab.lab.provoking import set_up
from smtplab.protocol.replies import Reply
from smtplab.worlds.background import BackgroundServer
from smtplab.worlds.tcp import Server
from support.paths import ROOT
from support.raw_client import behind_the_trace

HELO = b"HELO client.example\r\n"
EHLO = b"EHLO client.example\r\n"
MAIL = b"MAIL FROM:<carol@client.example>\r\n"
RCPT = b"RCPT TO:<alice@lab.example>\r\n"
DATA = b"DATA\r\n"
NOOP = b"NOOP\r\n"
QUIT = b"QUIT\r\n"

# RFC 5321 2.3.8, 4.1.1.4: none of these ends the data. In 2023 several servers took one or the other for the end, and
# what stood behind it for a second message, of another sender ("SMTP smuggling").
FALSE_ENDS = [
    b"\n.\n", b"\n.\r\n", b"\n.\r", b"\r.\r", b"\r.\n", b"\r.\r\n", b"\r\n.\n", b"\r\n.\r", b"\r\r\n.\r\r\n",
    b"\n\n.\n\n", b"\r\r.\r\r", b"\n\r.\n\r", b"\r\n\0.\r\n", b"\r\n.\0\r\n", b"\0\r\n.\0\r\n", b"\n.\0\n", b"\0\n.\n",
    b"\r\n \r.\r\n", b"\r\n. \r\n", b"\r\n.\t\r\n", b"\r\n..\r\n", b"\r\n\x85.\r\n", b"\x0b.\x0b", b"\x0c.\x0c",
]  # fmt: skip


class Wire:
    """A socket to a server. Whatever a test writes goes out as it is."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address, timeout=20)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")
        self.greeting = self.read()

    def send(self, octets: bytes) -> None:
        self.socket.sendall(octets)

    def send_in_two(self, octets: bytes, cut: int) -> None:
        self.send(octets[:cut])
        self.send(octets[cut:])

    def read(self) -> Reply:
        """Read one reply."""
        return Reply.parse(self.read_octets())

    def read_octets(self) -> bytes:
        lines = [self.file.readline()]
        while lines[-1][3:4] == b"-":
            lines.append(self.file.readline())
        return b"".join(lines)

    def say(self, *lines: bytes) -> Reply:
        """Send lines one by one, wait for the reply to each, and return the last one."""
        for line in lines:
            self.send(line)
            reply = self.read()
        return reply

    def codes(self, octets: bytes, count: int) -> list[int]:
        """Send `octets` in one go, and return the codes of the next `count` replies."""
        self.send(octets)
        return [self.read().code for _ in range(count)]

    def is_in_step(self) -> bool:
        """Say whether the next reply is that to the next command, and no other one came before it."""
        return self.say(b"HELP DATA\r\n").code == 214

    def has_been_closed(self) -> bool:
        return self.file.read(1) == b""

    def close(self) -> None:
        self.file.close()
        self.socket.close()


@dataclass
class Peer:
    """A server under test.

    Args:
        name: what it calls itself.
        address: where it listens.
        host: the lab's host behind it; None if this server keeps no mail.
    """

    name: str
    address: tuple[str, int]
    host: LabHost | None = None

    @property
    def stored(self) -> list[bytes] | None:
        """Alice's messages; None if this server keeps none."""
        return None if self.host is None else self.host.store.messages("alice")

    @property
    def contents(self) -> list[bytes] | None:
        """Alice's messages without the trace fields; None if this server keeps none."""
        return None if self.stored is None else [behind_the_trace(message) for message in self.stored]

    def keeps(self, *contents: bytes) -> bool:
        """Say whether these are Alice's messages; of a server that keeps none, whatever it says is right."""
        return self.contents is None or self.contents == list(contents)


@contextmanager
def lab_host(lab: Lab) -> Iterator[Peer]:
    host = lab.host("mail.lab.example")
    with BackgroundServer(Server(host.handler, policy=host.policy)) as server:
        yield Peer(host.name, server.address, host)


@pytest.fixture(scope="module")
def discarding() -> Iterator[Peer]:
    command = [sys.executable, "-m", "smtplab", "serve", "--discard", "--port", "0"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:
        try:
            host, _, port = server.stdout.readline().split()[-1].rpartition(":")
            yield Peer("lab.example", (host, int(port)))
        finally:
            server.terminate()
            assert server.wait(10) == 0


@pytest.fixture(params=["discard", "lab"])
def peer(request: pytest.FixtureRequest) -> Iterator[Peer]:
    if request.param == "discard":
        yield request.getfixturevalue("discarding")
    else:
        with lab_host(Lab()) as peer:
            yield peer


@contextmanager
def connection(peer: Peer, *lines: bytes) -> Iterator[Wire]:
    wire = Wire(peer.address)
    try:
        for line in lines:
            assert wire.say(line).is_positive
        yield wire
    finally:
        wire.close()


@pytest.fixture
def connected(peer: Peer) -> Iterator[Wire]:
    with connection(peer) as wire:
        yield wire


@pytest.fixture
def ready(peer: Peer) -> Iterator[Wire]:
    with connection(peer, EHLO) as wire:
        yield wire


@pytest.fixture
def with_sender(peer: Peer) -> Iterator[Wire]:
    with connection(peer, EHLO, MAIL) as wire:
        yield wire


@pytest.fixture
def with_recipient(peer: Peer) -> Iterator[Wire]:
    with connection(peer, EHLO, MAIL, RCPT) as wire:
        yield wire


@pytest.fixture
def in_data(peer: Peer) -> Iterator[Wire]:
    with connection(peer, EHLO, MAIL, RCPT, DATA) as wire:
        yield wire


# The session: RFC 5321 3.1, 3.2, 3.8 and 4.1.4


def test_the_server_speaks_first_and_names_itself(connected, peer):
    assert connected.greeting.code == 220
    assert connected.greeting.text.split()[0] == peer.name


def test_the_replies_to_helo_and_ehlo_begin_with_the_servers_name(connected, peer):
    assert connected.say(HELO).lines[0].split()[0] == peer.name
    assert connected.say(EHLO).lines[0].split()[0] == peer.name


def test_helo_is_answered_in_one_line(connected):
    assert len(connected.say(HELO).lines) == 1


@pytest.mark.parametrize("line", [NOOP, b"HELP\r\n", b"VRFY alice\r\n", b"EXPN staff\r\n", b"RSET\r\n", QUIT])
def test_what_needs_no_transaction_may_come_before_helo(connected, line):
    assert connected.say(line).code not in (500, 503)


@pytest.mark.parametrize("line", [MAIL, RCPT, DATA])
def test_a_transaction_before_helo_is_refused_with_503(connected, line):
    assert connected.say(line).code == 503


def test_rcpt_before_mail_is_refused_with_503(ready):
    assert ready.say(RCPT).code == 503


def test_data_before_rcpt_is_refused(with_sender):
    assert with_sender.say(DATA).code in (503, 554)
    assert with_sender.is_in_step()


def test_data_without_a_valid_recipient_is_refused(with_sender):
    assert with_sender.say(b"RCPT TO:<>\r\n").code == 501
    assert with_sender.say(DATA).code in (503, 554)
    assert with_sender.is_in_step()


@pytest.mark.parametrize("line", [MAIL, b"SEND FROM:<>\r\n", b"SOML FROM:<>\r\n", b"SAML FROM:<>\r\n"])
def test_a_transaction_within_a_transaction_is_refused_with_503_and_the_first_goes_on(with_sender, line):
    assert with_sender.say(line).code == 503
    assert with_sender.say(RCPT, DATA).code == 354


@pytest.mark.parametrize("line", [b"RSET\r\n", HELO, EHLO])
def test_rset_helo_and_ehlo_clear_the_transaction(with_recipient, line):
    assert with_recipient.say(line).code == 250
    assert with_recipient.say(RCPT).code == 503
    assert with_recipient.say(MAIL, RCPT, DATA).code == 354


@pytest.mark.parametrize("line", [b"EHLO\r\n", b"HELO \x01\r\n"])
def test_a_refused_ehlo_leaves_the_session_as_it_was(with_recipient, line):
    assert with_recipient.say(line).code == 501
    assert with_recipient.say(DATA).code == 354


def test_the_transaction_is_over_after_the_message(in_data):
    assert in_data.say(b"Subject: one\r\n\r\n.\r\n").code == 250
    assert in_data.say(DATA).code == 503
    assert in_data.say(RCPT).code == 503
    assert in_data.say(MAIL).code == 250


def test_several_transactions_share_a_session(ready, peer):
    for number in range(3):
        assert ready.say(MAIL, RCPT, DATA, b"Subject: %d\r\n\r\n.\r\n" % number).code == 250
    assert peer.keeps(*(b"Subject: %d\r\n\r\n" % number for number in range(3)))


def test_quit_is_answered_with_221_and_then_the_server_closes(with_recipient):
    assert with_recipient.say(QUIT).code == 221
    assert with_recipient.has_been_closed()


def test_nothing_behind_quit_is_answered(connected):
    assert connected.codes(QUIT + NOOP, 1) == [221]
    assert connected.has_been_closed()


def test_a_message_whose_end_never_came_is_not_delivered(peer):
    with connection(peer, EHLO, MAIL, RCPT, DATA) as wire:
        wire.send(b"Subject: half\r\n\r\nThe end is mis")
        wire.socket.shutdown(socket.SHUT_WR)
        assert wire.has_been_closed()
    assert peer.keeps()


def test_a_session_does_not_see_what_another_one_says(peer):
    with connection(peer, EHLO, MAIL, RCPT), connection(peer, EHLO) as other:
        assert other.say(DATA).code == 503


# Commands: RFC 5321 2.4, 4.1.1, 4.2.4 and 4.5.1


@pytest.mark.parametrize("line", [b"noop\r\n", b"NoOp\r\n", b"rset\r\n", b"ehlo client.example\r\n"])
def test_verbs_are_not_case_sensitive(connected, line):
    assert connected.say(line).code == 250


def test_the_words_from_and_to_are_not_case_sensitive(ready):
    assert ready.say(b"mail from:<carol@client.example>\r\n", b"rcpt tO:<alice@lab.example>\r\n").code == 250


@pytest.mark.parametrize("line", [b"NOOP ", b"NOOP \t  ", b"RSET ", b"HELO client.example  ", b"EHLO client.example\t"])
def test_white_space_before_the_end_of_the_line_is_tolerated(connected, line):
    assert connected.say(line + b"\r\n").code == 250


@pytest.mark.parametrize("line", [b"MAIL FROM:<> ", b"MAIL FROM:<carol@client.example> SIZE=10  "])
def test_white_space_behind_a_path_is_tolerated(ready, line):
    assert ready.say(line + b"\r\n").code == 250


@pytest.mark.parametrize(
    "line", [b"VERFY alice", b"XYZZY", b"", b" ", b"NOOP\tx", b"\xff\xfe", b"M\xc3\x84IL", b"NO OP"]
)
def test_an_unknown_command_is_answered_with_500_and_the_session_goes_on(connected, line):
    assert connected.say(line + b"\r\n").code == 500
    assert connected.is_in_step()


MINIMUM = [EHLO, HELO, MAIL, RCPT, DATA, b"RSET\r\n", NOOP, QUIT, b"VRFY alice\r\n"]


@pytest.mark.parametrize("line", MINIMUM)
def test_every_command_of_the_minimum_is_implemented(connected, line):
    assert connected.say(line).code not in (500, 502)


@pytest.mark.parametrize("line", [b"DATA x\r\n", b"RSET x\r\n", b"QUIT x\r\n"])
def test_commands_without_argument_refuse_one_with_501(with_recipient, line):
    assert with_recipient.say(line).code == 501
    assert with_recipient.say(DATA).code == 354


@pytest.mark.parametrize(
    "line", [b"NOOP\n", b"NOOP\r", b"NOOP\n\r", b"NOOP\0", b"HELO a.example\n", b"\nNOOP", b"\rNOOP"]
)
def test_only_crlf_ends_a_command(connected, line):
    assert connected.codes(line + b"NOOP\r\nHELP DATA\r\n", 2)[1] == 214


@pytest.mark.parametrize("octet", [b"\r", b"\n", b"\0", b"\x01", b"\x7f", b"\x1b"])
@pytest.mark.parametrize("line", [b"HELO a%sb", b"NOOP a%sb", b"VRFY a%sb", b"MAIL FROM:<a%sb@c.example>"])
def test_a_control_character_in_an_argument_is_refused(peer, line, octet):
    with connection(peer, EHLO) as wire:
        assert wire.say(line % octet + b"\r\n").code in (500, 501)
        assert wire.is_in_step()


def test_commands_may_be_cut_anywhere(peer):
    octets = EHLO + MAIL + RCPT + DATA + b"Subject: cut\r\n\r\n..\r\n.\r\n" + QUIT
    for cut in range(len(octets)):
        with connection(peer) as wire:
            wire.send_in_two(octets, cut)
            assert [wire.read().code for _ in range(6)] == [250, 250, 250, 354, 250, 221]
    assert peer.keeps(*[b"Subject: cut\r\n\r\n.\r\n"] * len(octets))


# Sizes: RFC 5321 4.5.3.1


def test_a_command_line_of_512_octets_is_taken(connected):
    assert connected.say(b"NOOP " + b"x" * 505 + b"\r\n").code == 250


@pytest.mark.parametrize("octets", [513, 600, 1000, 5000, 100_000])
def test_a_longer_command_line_is_answered_with_500_and_the_session_stays_in_step(connected, octets):
    assert connected.say(b"NOOP " + b"x" * (octets - 7) + b"\r\n").code == 500
    assert connected.is_in_step()


def test_four_megabytes_without_a_line_end_are_one_wrong_line(connected):
    for _ in range(64):
        connected.send(b"x" * 65536)
    assert connected.say(b"\r\n").code == 500
    assert connected.is_in_step()


def test_a_mail_command_may_be_longer_by_what_the_extensions_add(ready):
    line = b"MAIL FROM:<carol@client.example> SIZE=12345678 BODY=8BITMIME SMTPUTF8"
    assert ready.say(line + b" " * (512 + 26 + 17 + 10 - len(line) - 2) + b"\r\n").code == 250


@pytest.mark.parametrize("octets", [1, 64])
def test_a_local_part_of_64_octets_is_taken(ready, octets):
    assert ready.say(b"MAIL FROM:<%s@client.example>\r\n" % (b"x" * octets)).code == 250


def test_a_domain_of_255_octets_is_taken(connected):
    assert connected.say(b"EHLO %s\r\n" % b".".join([b"x" * 63] * 4)).code == 250


def test_a_path_of_256_octets_is_taken(ready):
    path = b"<%s@%s>" % (b"x" * 64, b".".join([b"y" * 47, b"y" * 47, b"y" * 47, b"y" * 45]))
    assert len(path) == 256
    assert ready.say(b"MAIL FROM:%s\r\n" % path).code == 250


def test_a_local_part_beyond_64_octets_is_taken_as_every_server_in_the_field_takes_it(ready):
    assert ready.say(b"MAIL FROM:<%s@client.example>\r\n" % (b"x" * 65)).code == 250


@pytest.mark.parametrize("path", [b"<%s@client.example>" % (b"x" * 250), b"<x@%s.example>" % (b"y" * 250)])
def test_a_path_beyond_the_sizes_is_refused_with_501(ready, path):
    assert ready.say(b"MAIL FROM:%s\r\n" % path).code == 501
    assert ready.say(MAIL).code == 250


@pytest.mark.parametrize("octets", [998, 1000, 5000])
def test_a_text_line_of_1000_octets_is_kept_whole(in_data, peer, octets):
    content = b"Subject: long\r\n\r\n" + b"x" * (octets - 2) + b"\r\n"
    assert in_data.say(content + b".\r\n").code == 250
    assert peer.keeps(content)


@pytest.mark.parametrize("octets", [64 * 1024, 4 * 1024 * 1024])
def test_a_message_of_64_kilobytes_is_taken(in_data, peer, octets):
    content = b"Subject: big\r\n\r\n" + b"sixteen octets\r\n" * (octets // 16)
    assert in_data.say(content + b".\r\n").code == 250
    assert peer.keeps(content)


def test_a_hundred_recipients_are_taken_and_the_next_gets_452(with_sender, peer):
    assert with_sender.codes(RCPT * 101, 101) == [250] * 100 + [452]
    assert with_sender.say(DATA, b"Subject: all\r\n\r\n.\r\n").code == 250
    assert peer.keeps(b"Subject: all\r\n\r\n")


# Addresses: RFC 5321 4.1.1.3, 4.1.2, 4.1.3, 4.5.1 and 4.5.5


def test_the_null_reverse_path_is_taken(ready, peer):
    assert ready.say(b"MAIL FROM:<>\r\n", RCPT, DATA, b"Subject: bounce\r\n\r\n.\r\n").code == 250
    assert peer.stored is None or peer.stored[0].startswith(b"Return-Path: <>\r\n")


@pytest.mark.parametrize("name", [b"Postmaster", b"postmaster", b"POSTMASTER@lab.example", b"postmaster@LAB.example"])
def test_postmaster_is_always_there_in_any_case(with_sender, name):
    assert with_sender.say(b"RCPT TO:<%s>\r\n" % name).code == 250


@pytest.mark.parametrize("name", [b'"alice"', b'"al\\ice"', b'"\\a\\l\\i\\c\\e"'])
def test_a_quoted_name_is_the_same_mailbox_as_without_quotes(with_sender, peer, name):
    assert with_sender.say(b"RCPT TO:<%s@lab.example>\r\n" % name, DATA, b"\r\n.\r\n").code == 250
    assert peer.keeps(b"\r\n")


@pytest.mark.parametrize(
    "name", [b'"carol oats"', b'"carol@home"', b'"a\\"b\\\\c"', b'""', b"a+b", b"!#$%&'*+-/=?^_`{|}~"]
)
def test_every_local_part_of_the_grammar_is_taken(ready, name):
    assert ready.say(b"MAIL FROM:<%s@client.example>\r\n" % name).code == 250


@pytest.mark.parametrize("route", [b"@a.example:", b"@a.example,@b.example:"])
def test_a_source_route_is_taken_and_dropped(with_sender, peer, route):
    assert with_sender.say(b"RCPT TO:<%salice@lab.example>\r\n" % route, DATA, b"\r\n.\r\n").code == 250
    assert peer.keeps(b"\r\n")


@pytest.mark.parametrize("literal", [b"[192.0.2.1]", b"[IPv6:2001:db8::1]", b"[IPv6:::]", b"[IPv6:::ffff:192.0.2.1]"])
def test_address_literals_are_taken_in_helo_and_in_paths(connected, literal):
    assert connected.say(b"EHLO %s\r\n" % literal, b"MAIL FROM:<carol@%s>\r\n" % literal).code == 250


def test_domains_are_not_case_sensitive(with_sender):
    assert with_sender.say(b"RCPT TO:<alice@LAB.Example>\r\n").code == 250


def test_the_case_of_a_senders_local_part_is_kept(ready, peer):
    ready.say(b"MAIL FROM:<CaRoL@client.example>\r\n", RCPT, DATA, b"\r\n.\r\n")
    assert peer.stored is None or peer.stored[0].startswith(b"Return-Path: <CaRoL@client.example>\r\n")


# The message: RFC 5321 2.3.8, 4.1.1.4, 4.4 and 4.5.2


def test_an_empty_message_is_a_message(in_data, peer):
    assert in_data.say(b".\r\n").code == 250
    assert peer.keeps(b"")


def test_one_dot_is_taken_off_a_line_that_begins_with_one(in_data, peer):
    assert in_data.say(b"..\r\n...\r\n..one\r\n.two\r\n \r\n..\r\n.\r\n").code == 250
    assert peer.keeps(b".\r\n..\r\n.one\r\ntwo\r\n \r\n.\r\n")


@pytest.mark.parametrize("in_pieces", [False, True], ids=["whole", "in-single-octets"])
@pytest.mark.parametrize("false_end", FALSE_ENDS)
def test_only_crlf_dot_crlf_ends_the_message(peer, false_end, in_pieces):
    smuggled = MAIL.replace(b"carol", b"admin") + RCPT + DATA + b"Subject: smuggled\r\n\r\nBelieve me."
    octets = b"Subject: outer\r\n\r\none" + false_end + smuggled + b"\r\n.\r\n"
    with connection(peer, EHLO, MAIL, RCPT, DATA) as wire:
        for piece in [bytes([octet]) for octet in octets] if in_pieces else [octets]:
            wire.send(piece)
        assert wire.read().code in (250, 550, 554)
        assert wire.is_in_step()
    assert peer.contents is None or len(peer.contents) == 1
    assert peer.contents is None or peer.contents[0].endswith(smuggled + b"\r\n")


@pytest.mark.parametrize("false_end", FALSE_ENDS)
def test_a_strict_host_refuses_a_message_with_bare_line_ends_or_nul_and_keeps_nothing_of_it(false_end):
    lab = Lab()
    set_up(lab, STRICT)
    octets = b"Subject: outer\r\n\r\none" + false_end + MAIL + RCPT + DATA + b"two\r\n.\r\n"
    is_bad = bool(re.search(rb"(?<!\r)\n|\r(?!\n)|\0", false_end)) or not false_end.isascii()
    with lab_host(lab) as peer, connection(peer, EHLO, MAIL, RCPT, DATA) as wire:
        assert wire.say(octets).code == (554 if is_bad else 250)
        assert wire.is_in_step()
        assert len(peer.contents or []) == (0 if is_bad else 1)


@pytest.mark.parametrize("content", [b"\0\r\n", b"\xff\r\n", b"a\rb\r\n", b"a\nb\r\n", bytes(range(1, 10)) + b"\r\n"])
def test_odd_octets_neither_end_a_message_nor_change(in_data, peer, content):
    assert in_data.say(content + b".\r\n").code == 250
    assert peer.keeps(content)


def test_what_follows_the_message_in_the_same_segment_is_the_next_command(in_data):
    assert in_data.codes(b"\r\n.\r\nHELP DATA\r\nQUIT\r\n", 3) == [250, 214, 221]


def test_the_message_may_come_in_the_segment_of_data(with_recipient, peer):
    assert with_recipient.codes(DATA + b"..\r\n.\r\n", 2) == [354, 250]
    assert peer.keeps(b".\r\n")


@pytest.mark.parametrize(("hello", "protocol"), [(HELO, b"SMTP"), (EHLO, b"ESMTP")])
def test_the_trace_fields_come_first(hello, protocol):
    with lab_host(Lab()) as peer, connection(peer, hello, MAIL, RCPT, DATA) as wire:
        wire.say(b"Subject: trace\r\n\r\n.\r\n")
        (message,) = peer.stored
    assert message.startswith(b"Return-Path: <carol@client.example>\r\nReceived: from client.example ([127.0.0.1])")
    assert b" by mail.lab.example with %s id A000001 " % protocol in re.sub(rb"\r\n[ \t]+", b" ", message)
    assert message.count(b"Received: ") == message.count(b"Return-Path: ") == 1


# Replies: RFC 5321 4.2, RFC 2034

EVERYTHING = [
    b"HELP", b"HELP MAIL", b"HELP POSTAGE", b"EHLO client.example", b"VRFY alice", b"VRFY Example", b"EXPN staff",
    b"VRFY " + b"x" * 500, b"EXPN " + b"\xc3\xa4" * 250, b"HELP " + b"y" * 500, b"HELO", b"HELO " + b"z" * 500,
    b"MAIL FROM:<a@b", b"NOOP " + b"x" * 600, b"MAIL FROM:<carol@client.example>", b"RCPT TO:<zoe@lab.example>",
    b"RCPT TO:<%s@%s>" % (b"\xc3\xa4" * 32, b"x" * 180), b"RCPT TO:<alice@lab.example>", b"DATA\r\n.",
]  # fmt: skip


@pytest.mark.parametrize("line", EVERYTHING)
def test_a_reply_is_three_digits_and_text_in_lines_of_at_most_512_octets(peer, line):
    way = [EHLO, MAIL, RCPT] if line.startswith(b"DATA") else [EHLO, MAIL] if line.startswith(b"RCPT") else [EHLO]
    with connection(peer, *(way if line[:4] != b"EHLO" else [])) as wire:
        wire.send(line + b"\r\n")
        *first, last = wire.read_octets().splitlines(keepends=True)
    assert all(re.fullmatch(rb"[2-5][0-5][0-9]-[\t -~]*\r\n", each) for each in first)
    assert re.fullmatch(rb"[2-5][0-5][0-9](?: [\t -~]*)?\r\n", last)
    assert {each[:3] for each in first} <= {last[:3]}
    assert max(map(len, [*first, last])) <= 512


def test_a_reply_is_utf_8_only_where_the_client_asked_for_smtputf8(ready):
    line = "MAIL FROM:<jürgen@client.example>{}\r\n"
    assert ready.say(line.format("").encode()).text.isascii()
    assert "jürgen@" in ready.say(line.format(" SMTPUTF8").encode()).text
    assert ready.say(b"RSET\r\n", "VRFY jürgen\r\n".encode()).text.isascii()


SESSION = [NOOP, b"RSET\r\n", b"VRFY alice\r\n", b"XYZZY\r\n", b"HELP\r\n", MAIL, b"RCPT TO:<>\r\n", RCPT, QUIT]


def test_enhanced_codes_begin_the_text_of_every_reply_after_ehlo(connected):
    assert connected.greeting.enhanced is None
    assert connected.say(EHLO).enhanced is None
    for line in SESSION:
        reply = connected.say(line)
        assert reply.enhanced is not None
        assert reply.enhanced.severity == reply.code // 100


def test_there_are_no_enhanced_codes_before_ehlo_or_after_helo(connected):
    assert connected.say(NOOP).enhanced is None
    connected.say(EHLO, HELO)
    assert [connected.say(line).enhanced for line in SESSION] == [None] * len(SESSION)


def test_354_has_no_enhanced_code(with_recipient):
    assert with_recipient.say(DATA).enhanced is None


# Extensions: RFC 5321 2.2 and 4.1.1.11, RFC 1870, 2920, 6152, 6531


def test_every_extension_stands_alone_in_a_line_of_the_ehlo_reply(connected):
    offers = connected.say(EHLO).lines[1:]
    assert all(re.fullmatch(r"[A-Z0-9][A-Z0-9-]*( [!-~]+)*", offer) for offer in offers)
    assert {"PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"} <= set(offers)
    assert any(re.fullmatch("SIZE [0-9]{1,20}", offer) for offer in offers)


@pytest.mark.parametrize("parameter", [b"SIZE=10", b"BODY=8BITMIME", b"SMTPUTF8"])
def test_after_helo_no_extension_is_in_force(peer, parameter):
    with connection(peer, HELO) as wire:
        assert wire.say(b"MAIL FROM:<carol@client.example> %s\r\n" % parameter).code == 555
        assert wire.say(MAIL).code == 250


@pytest.mark.parametrize("parameter", [b"XYZZY", b"RET=FULL", b"AUTH=<>"])
def test_a_parameter_that_is_not_on_offer_is_answered_with_555(ready, parameter):
    assert ready.say(b"MAIL FROM:<carol@client.example> %s\r\n" % parameter).code == 555
    assert ready.say(MAIL, b"RCPT TO:<alice@lab.example> %s\r\n" % parameter).code == 555


@pytest.mark.parametrize("parameter", [b"SIZE=10 SIZE=10", b"=", b"SIZE=", b"-X=1", b"SIZE=1=2", b"SIZE=ten", b"SIZE"])
def test_a_malformed_parameter_is_answered_with_501(ready, parameter):
    assert ready.say(b"MAIL FROM:<carol@client.example> %s\r\n" % parameter).code == 501


def test_parameters_are_not_case_sensitive(ready):
    assert ready.say(b"MAIL FROM:<carol@client.example> size=10 body=8bitmime SmtpUtf8\r\n").code == 250


@pytest.mark.parametrize(("size", "code"), [(b"0", 250), (b"10", 250), (b"00000000000000000010", 250), (b"9" * 20, 552),
                                            (b"9" * 21, 501), (b"-1", 501), (b"1e3", 501)])  # fmt: skip
def test_a_declared_size_is_checked(ready, size, code):
    assert ready.say(b"MAIL FROM:<carol@client.example> SIZE=%s\r\n" % size).code == code


def test_a_message_beyond_the_limit_is_read_to_its_end_and_refused_with_552(peer):
    with connection(peer) as wire:
        limit = int(re.search(r"^SIZE ([0-9]+)$", wire.say(EHLO).text, re.MULTILINE)[1])
        wire.say(MAIL, RCPT, DATA)
        for _ in range(limit // 65536 + 1):
            wire.send(b"sixteen octets\r\n" * 4096)
        assert wire.say(b".\r\n").code == 552
        assert wire.is_in_step()
        assert wire.say(DATA).code == 503
    assert peer.keeps()


@pytest.mark.parametrize(("body", "code"), [(b"7BIT", 250), (b"8BITMIME", 250), (b"8bitmime", 250), (b"BINARY", 501)])
def test_8bitmime_says_what_the_body_is(ready, body, code):
    assert ready.say(b"MAIL FROM:<carol@client.example> BODY=%s\r\n" % body).code == code


def test_a_body_of_eight_bits_arrives_as_it_was_sent(ready, peer):
    content = b"Subject: eight\r\n\r\n" + bytes(set(range(1, 256)) - {10, 13}) + b"\r\n"
    assert ready.say(MAIL.replace(b"\r", b" BODY=8BITMIME\r"), RCPT, DATA, content + b".\r\n").code == 250
    assert peer.keeps(content)


def test_an_address_that_is_not_ascii_needs_smtputf8(ready):
    line = "MAIL FROM:<jürgen@bücher.example>{}\r\n"
    assert ready.say(line.format("").encode()).code in (550, 553)
    assert ready.say(line.format(" SMTPUTF8").encode()).code == 250


def test_a_recipient_that_is_not_ascii_needs_smtputf8(with_sender):
    assert with_sender.say("RCPT TO:<jürgen@lab.example>\r\n".encode()).code in (550, 553)
    with_sender.say(b"RSET\r\n", MAIL.replace(b"\r", b" SMTPUTF8\r"))
    assert with_sender.say("RCPT TO:<jürgen@lab.example>\r\n".encode()).code in (250, 550)
    assert with_sender.say(b"RCPT TO:<j\xfcrgen@lab.example>\r\n").code == 501


GROUP = MAIL + b"RCPT TO:<>\r\n" + RCPT + b"RCPT TO:<alice@lab.example> X=1\r\n" + RCPT + DATA
CODES_OF_GROUP = [250, 501, 250, 555, 250, 354]


def test_a_group_with_refused_recipients_may_be_cut_anywhere(peer):
    for cut in range(len(GROUP)):
        with connection(peer, EHLO) as wire:
            wire.send_in_two(GROUP, cut)
            assert [wire.read().code for _ in CODES_OF_GROUP] == CODES_OF_GROUP
            assert wire.say(b"Subject: group\r\n\r\n.\r\n").code == 250
    assert peer.keeps(*[b"Subject: group\r\n\r\n"] * len(GROUP))


def test_a_group_whose_recipients_are_all_refused_leaves_no_transaction_for_data(peer):
    group = MAIL + b"RCPT TO:<>\r\n" + DATA + b"RSET\r\n" + MAIL + RCPT
    for cut in range(len(group)):
        with connection(peer, EHLO) as wire:
            wire.send_in_two(group, cut)
            assert [wire.read().code for _ in range(6)] == [250, 501, 503, 250, 250, 250]


def test_groups_may_follow_each_other_without_a_pause(ready, peer):
    message = MAIL + RCPT + DATA + b"Subject: again\r\n\r\n.\r\n"
    assert ready.codes(message * 50, 200) == [250, 250, 354, 250] * 50
    assert peer.keeps(*[b"Subject: again\r\n\r\n"] * 50)
