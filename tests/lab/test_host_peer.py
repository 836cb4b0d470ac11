"""A socket of the lab: a client that a student writes talks to the hosts, in virtual time and with their faults."""

import pytest

from smtplab import Lab
from smtplab.client.outcomes import ConnectionLost
from smtplab.lab.host_peer import HostPeer, LabSocket

HOST = "mail.lab.example"
ENVELOPE = b"HELO a\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<bob@lab.example>\r\nDATA\r\n"


def connected(fault: str = "") -> tuple[Lab, LabSocket]:
    lab = Lab()
    if fault:
        lab.fault(fault, HOST)
    sock = lab.socket(HOST)
    sock.settimeout(300)
    return lab, sock


def test_commands_in_one_piece_have_their_replies_in_one_burst() -> None:
    lab, sock = connected()
    assert sock.recv(1000).startswith(b"220 ")
    sock.sendall(ENVELOPE + b"Subject: x\r\n.\r\nQUIT\r\n")
    assert [line[:3] for line in sock.recv(5000).splitlines()] == [b"250", b"250", b"250", b"354", b"250", b"221"]
    assert sock.recv(1000) == b""
    assert lab.mailbox("bob@lab.example")[-1].subject == "x"


def test_a_host_that_writes_octet_by_octet_is_heard_so() -> None:
    _, sock = connected("one-octet writes")
    assert [sock.recv(100) for _ in range(4)] == [b"2", b"2", b"0", b" "]


def test_a_delay_passes_in_virtual_time() -> None:
    _, sock = connected("delay the reply to HELO by 200 s")
    sock.sendall(b"HELO a\r\n")
    sock.recv(1000)
    assert sock.recv(1000).startswith(b"250")
    assert 200 <= sock.now < 201


def test_a_delay_beyond_the_timeout_ends_it() -> None:
    _, sock = connected("delay the reply to HELO by 400 s")
    sock.recv(1000)
    sock.sendall(b"HELO a\r\n")
    with pytest.raises(TimeoutError):
        sock.recv(1000)
    assert sock.now == 300


def test_a_reply_that_is_lost_leaves_the_message_with_the_host() -> None:
    lab, sock = connected("cut before the 250 after the dot")
    sock.sendall(ENVELOPE + b"Subject: x\r\n.\r\n")
    while sock.recv(1000):
        pass
    assert len(lab.mailbox("bob@lab.example")) == 1


def test_a_host_that_closes_is_told_when_the_client_goes_on() -> None:
    lab, sock = connected()
    sock.recv(1000)
    lab.host(HOST).stop()
    sock.sendall(b"NOOP\r\n")
    assert sock.recv(1000) == b""
    with pytest.raises(BrokenPipeError):
        sock.sendall(b"NOOP\r\n")


def test_closing_the_socket_ends_the_session_of_the_host() -> None:
    lab, sock = connected()
    assert len(lab.host(HOST).sessions) == 1
    sock.close()
    assert len(lab.host(HOST).sessions) == 0


def test_an_endless_reply_comes_to_an_end() -> None:
    _, sock = connected("an endless reply to HELO")
    sock.recv(1000)
    sock.sendall(b"HELO a\r\n")
    assert len(sock.recv(10_000_000)) < 2_000_000


def test_a_socket_shows_its_octets_also_those_of_an_open_line() -> None:
    _, sock = connected()
    sock.sendall(b"NOOP\r\nQU")
    assert "4e 4f 4f 50 0d 0a" in str(sock.octets())
    assert "51 55" in str(sock.octets(1))


@pytest.mark.parametrize(("host", "port"), [("nowhere.example", 25), (HOST, 26)])
def test_there_is_no_socket_to_where_nobody_listens(host: str, port: int) -> None:
    with pytest.raises(ConnectionLost):
        Lab().socket(host, port)


def test_before_the_connection_nothing_is_said() -> None:
    lab = Lab()
    peer = HostPeer(lambda: lab._network.dial(HOST), lambda: 0.0)
    assert peer.receive(b"NOOP\r\n") == peer.silence() == []
