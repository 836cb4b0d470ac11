"""A socket in memory behaves as a real one, in virtual time, and never hangs."""

from __future__ import annotations

import smtplib
from collections.abc import Iterable

import pytest

from smtplab.transcript import Side
from smtplab.worlds.memory_socket import EndlessWait, MemorySocket
from smtplab.worlds.peer_script import HangUp, Say, Step, in_pieces

GREETING = b"220 mail.lab.example\r\n"


class Peer:
    """Greets, and answers each piece of octets with the next of its replies."""

    def __init__(self, *replies: Iterable[Step], greeting: Iterable[Step] = (Say(GREETING),)) -> None:
        self.greeting, self.replies = greeting, list(replies)
        self.heard: list[bytes] = []
        self.on_silence: list[Iterable[Step]] = []

    def connected(self) -> Iterable[Step]:
        return self.greeting

    def receive(self, octets: bytes) -> Iterable[Step]:
        self.heard.append(octets)
        return self.replies.pop(0) if self.replies else []

    def silence(self) -> Iterable[Step]:
        return self.on_silence.pop(0) if self.on_silence else []


def test_recv_returns_what_has_arrived_and_no_more_than_is_asked_for() -> None:
    sock = MemorySocket(Peer())
    assert [sock.recv(4), sock.recv(1000)] == [b"220 ", b"mail.lab.example\r\n"]


def test_octets_come_one_by_one_where_time_passes_between_them() -> None:
    sock = MemorySocket(Peer(greeting=in_pieces(GREETING, gap=0.5, after=2)))
    assert [sock.recv(1000) for _ in GREETING] == [GREETING[i : i + 1] for i in range(len(GREETING))]
    assert sock.now == 2 + 0.5 * (len(GREETING) - 1)


def test_pieces_that_have_all_arrived_are_read_together() -> None:
    assert MemorySocket(Peer(greeting=in_pieces(GREETING, 3))).recv(1000) == GREETING


def test_recv_returns_at_most_what_the_socket_allows() -> None:
    assert MemorySocket(Peer(), at_most=1).recv(1000) == b"2"


def test_the_clock_moves_to_the_next_arrival() -> None:
    sock = MemorySocket(Peer([Say(b"250 late\r\n", after=30)]))
    sock.recv(1000)
    sock.sendall(b"NOOP\r\n")
    assert sock.recv(1000) == b"250 late\r\n"
    assert sock.now == 30


def test_a_timeout_before_the_arrival_raises_and_the_arrival_comes_later() -> None:
    sock = MemorySocket(Peer(greeting=[Say(GREETING, after=10)]))
    sock.settimeout(4)
    with pytest.raises(TimeoutError):
        sock.recv(1000)
    assert sock.now == 4
    with pytest.raises(TimeoutError):
        sock.recv(1000)
    assert sock.recv(1000) == GREETING
    assert sock.gettimeout() == 4


def test_waiting_for_ever_is_an_error_that_except_oserror_does_not_hide() -> None:
    sock = MemorySocket(Peer())
    sock.recv(1000)
    with pytest.raises(EndlessWait) as caught:
        sock.recv(1000)
    assert not isinstance(caught.value, OSError)


def test_the_script_hears_of_each_second_of_silence_a_few_times() -> None:
    peer = Peer()
    sock = MemorySocket(peer)
    sock.recv(1000)
    peer.on_silence = [[], [Say(b"421 speak up\r\n")]]
    assert sock.recv(1000) == b"421 speak up\r\n"
    assert sock.now == 2
    peer.on_silence = [[], [], [], [Say(b"421 too late\r\n")]]
    with pytest.raises(EndlessWait):
        sock.recv(1000)
    sock.sendall(b"NOOP\r\n")
    assert sock.recv(1000) == b"421 too late\r\n"


def test_a_short_timeout_comes_before_the_script_hears_of_silence() -> None:
    peer = Peer()
    sock = MemorySocket(peer)
    sock.recv(1000)
    peer.on_silence = [[Say(b"421\r\n")]]
    sock.settimeout(0.5)
    with pytest.raises(TimeoutError):
        sock.recv(1000)


def test_send_may_take_a_part_and_sendall_takes_all() -> None:
    peer = Peer()
    sock = MemorySocket(peer, takes=3)
    assert sock.send(b"NOOP\r\n") == 3
    sock.sendall(b"P\r\n")
    sock.sendall(b"")
    assert peer.heard == [b"NOO", b"P\r\n"]


def test_the_end_is_read_as_empty_octets_and_nothing_more_can_be_sent() -> None:
    sock = MemorySocket(Peer(greeting=[Say(GREETING), HangUp(after=1)]))
    assert [sock.recv(1000), sock.recv(1000), sock.recv(1000)] == [GREETING, b"", b""]
    with pytest.raises(BrokenPipeError):
        sock.sendall(b"HELO a\r\n")


def test_closing_is_seen_by_the_script_once() -> None:
    peer = Peer()
    with MemorySocket(peer) as sock:
        sock.recv(1000)
    sock.close()
    assert peer.heard == [b""]
    with pytest.raises(OSError, match="closed"):
        sock.sendall(b"x")


def test_the_script_may_still_answer_a_client_that_only_ended_its_octets() -> None:
    sock = MemorySocket(Peer([Say(b"221 bye\r\n"), HangUp()]))
    sock.shutdown(1)
    assert sock.makefile("rb").read() == GREETING + b"221 bye\r\n"
    sock.close()


def test_files_of_the_socket_read_lines_and_write() -> None:
    peer = Peer([Say(b"250 ok\r\n")])
    sock = MemorySocket(peer, at_most=1)
    assert sock.makefile("rb").readline() == GREETING
    with sock.makefile("w", newline="") as file:
        file.write("NOOP\r\n")
    assert peer.heard == [b"NOOP\r\n"]
    assert sock.makefile("rb", buffering=0).read(1) == b"2"
    both = sock.makefile("rwb")
    both.write(b"QUIT\r\n")
    both.flush()
    assert peer.heard[-1] == b"QUIT\r\n"
    assert both.readline() == b"50 ok\r\n"


def test_everything_is_in_the_log_in_its_order_and_with_its_time() -> None:
    sock = MemorySocket(Peer([Say(b"250 ok\r\n", after=3)]))
    sock.recv(1000)
    sock.sendall(b"NOO")
    sock.sendall(b"P\r\n")
    sock.recv(1000)
    sock.close()
    said = [(chunk.time, chunk.side, chunk.data) for chunk in sock.log.chunks]
    client, server = Side.CLIENT, Side.SERVER
    assert said == [
        (0, server, GREETING), (0, client, b"NOO"), (0, client, b"P\r\n"), (3, server, b"250 ok\r\n"), (3, client, b""),
    ]  # fmt: skip
    assert [row.data for row in sock.transcript] == [GREETING, b"NOOP\r\n", b"250 ok\r\n"]
    assert sock.log.sent_by(client) == b"NOOP\r\n"


def test_a_client_that_speaks_too_early_stands_before_the_reply_in_the_transcript() -> None:
    sock = MemorySocket(Peer(greeting=[Say(GREETING, after=1)]))
    sock.sendall(b"HELO a\r\n")
    sock.recv(1000)
    assert [row.side for row in sock.transcript] == [Side.CLIENT, Side.SERVER]


def test_smtplib_talks_through_it() -> None:
    class Client(smtplib.SMTP):
        def _get_socket(self, host: object, port: object, timeout: object) -> MemorySocket:
            return MemorySocket(Peer([Say(b"250 ok\r\n")], [Say(b"221 bye\r\n"), HangUp()]), at_most=1)

    with Client("mail.lab.example", 25, "client.example") as client:
        assert client.helo() == (250, b"ok")
