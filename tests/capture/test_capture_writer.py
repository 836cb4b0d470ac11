"""What is written is read by dpkt, and by our own reader: the octets of each side, their order, their times."""

import io
from collections.abc import Iterable
from pathlib import Path

import dpkt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtplab import Lab, Transcript, read_capture, write_capture
from smtplab.capture import CapturedSession
from smtplab.capture.capture_writer import packets_of
from smtplab.capture.files import pcap
from smtplab.capture.headers import Flag
from smtplab.transcript import Side

PASTED = Transcript.parse("220 m\nEHLO x\n250-m\n250 HELP\nDATA\n503 no\nQUIT\n221 bye\n")


def written(folder: Path, sources: object, **options: object) -> list[tuple[float, dpkt.ip.IP]]:
    """Write a capture and return its packets as dpkt reads them."""
    path = folder / "written.pcap"
    write_capture(path, sources, **options)  # type: ignore[arg-type]
    packets = dpkt.pcap.Reader(io.BytesIO(path.read_bytes()))
    assert packets.datalink() == 101
    return [(time, (dpkt.ip6.IP6 if data[0] >> 4 == 6 else dpkt.ip.IP)(data)) for time, data in packets]


def flags(packets: Iterable[tuple[float, dpkt.ip.IP]]) -> list[str]:
    """Return the direction and the flags of each packet; a D stands for data."""
    names = [(dpkt.tcp.TH_SYN, "S"), (dpkt.tcp.TH_FIN, "F"), (dpkt.tcp.TH_ACK, "A")]
    rows = []
    for _, packet in packets:
        tcp = packet.data
        letters = "".join(letter for flag, letter in names if tcp.flags & flag) + ("D" if tcp.data else "")
        rows.append((">" if tcp.dport in (25, 587) else "<") + letters)
    return rows


def test_a_session_has_handshake_acknowledgments_and_an_end_from_the_server(tmp_path: Path) -> None:
    packets = written(tmp_path, PASTED)
    opening, ending = [">S", "<SA", ">A"], [">A", "<FA", ">FA", "<A"]
    assert flags(packets) == [*opening, "<AD", ">AD", "<AD", ">AD", "<AD", ">AD", "<AD", *ending]


def test_a_session_that_breaks_off_is_ended_by_the_client(tmp_path: Path) -> None:
    assert flags(written(tmp_path, Transcript(PASTED[:4])))[-4:] == [">A", ">FA", "<FA", ">A"]


def test_each_side_counts_and_acknowledges_every_octet_of_the_other(tmp_path: Path) -> None:
    transcript = Transcript(PASTED[:4])
    transcript.add(Side.CLIENT, bytes(100_000), literal=True)
    expected: dict[int, int] = {}
    acknowledged: dict[int, int] = {}
    for _, packet in written(tmp_path, transcript):
        tcp = packet.data
        assert tcp.seq == expected.get(tcp.sport, tcp.seq)
        if tcp.flags & dpkt.tcp.TH_ACK:
            assert tcp.ack == expected[tcp.dport]
            acknowledged[tcp.dport] = tcp.ack
        assert len(tcp.data) <= 1460
        assert (tcp.seq - acknowledged.get(tcp.sport, tcp.seq)) % 2**32 <= tcp.win - len(tcp.data)
        expected[tcp.sport] = (tcp.seq + len(tcp.data) + bool(tcp.flags & 3)) % 2**32


@pytest.mark.parametrize("client", ["192.0.2.7", "2001:db8::7"])
@pytest.mark.parametrize("extra", range(2))
def test_check_sums_are_those_of_dpkt(tmp_path: Path, client: str, extra: int) -> None:
    transcript = Transcript(PASTED)
    transcript.add(Side.CLIENT, b"x" * extra)
    for _, packet in written(tmp_path, CapturedSession(transcript, client, "mail.example")):
        sums = getattr(packet, "sum", None), packet.data.sum
        assert sums[1]
        if sums[0] is not None:
            packet.sum = 0
        packet.data.sum = 0
        bytes(packet)
        assert (getattr(packet, "sum", None), packet.data.sum) == sums


def test_the_port_is_the_one_that_is_asked_for(tmp_path: Path) -> None:
    assert {packet.data.dport for _, packet in written(tmp_path, PASTED, port=587)} >= {587}
    assert read_capture(tmp_path / "written.pcap")[0].server_port == 587


def test_rows_said_at_once_share_a_segment_and_others_do_not(tmp_path: Path) -> None:
    transcript = Transcript()
    for time, line in [(0.5, b"220-a\r\n"), (0.5, b"220-b\r\n"), (0.75, b"220 c\r\n")]:
        transcript.add(Side.SERVER, line, time)
    data = [(time, packet.data.data) for time, packet in written(tmp_path, transcript) if packet.data.data]
    assert data == [(0.5, b"220-a\r\n220-b\r\n"), (0.75, b"220 c\r\n")]


def test_a_row_without_a_usable_time_has_that_of_the_row_before(tmp_path: Path) -> None:
    transcript = Transcript()
    for time in (1.0, None, float("nan"), 0.25, float("inf"), 2.5):
        transcript.add(Side.SERVER, b"220 x\r\n", time)
    write_capture(tmp_path / "written.pcap", transcript)
    found = read_capture(tmp_path / "written.pcap")[0].transcript
    assert [row.time for row in found] == [1.0, 1.0, 1.0, 1.0, 1.0, 2.5]


def test_hosts_have_the_addresses_that_are_given_and_the_same_name_is_the_same_host(tmp_path: Path) -> None:
    lab = Lab()
    session = lab.telnet("mail.lab.example")
    for line in ["HELO x", "MAIL FROM:<alice@lab.example>", "RCPT TO:<forouzanb@adelphia.net>", "DATA", ".", "QUIT"]:
        session.send(line)
    addresses = {host.name.upper(): host.address for host in lab.hosts}
    write_capture(tmp_path / "written.pcap", [session, *lab.conversations, session], addresses=addresses)
    first, relayed, again = read_capture(tmp_path / "written.pcap")
    assert (first.server, relayed.client, relayed.server) == ("192.0.2.25", "192.0.2.25", "68.168.78.100")
    assert (first.client, first.client_port, again.client_port) == (again.client, 49152, 49153)
    assert first.client == "198.18.0.4"
    assert relayed.transcript.lines(Side.CLIENT) == lab.conversations[0].transcript.lines(Side.CLIENT)


def test_an_invented_address_is_nobody_elses(tmp_path: Path) -> None:
    sessions = [CapturedSession(PASTED, f"c{number}", "m") for number in range(3)]
    write_capture(tmp_path / "written.pcap", sessions, addresses={"m": "198.18.0.2"})
    clients = [each.client for each in read_capture(tmp_path / "written.pcap")]
    assert len({*clients, "198.18.0.2"}) == 4


def test_what_was_read_is_written_with_its_addresses_ports_and_times(tmp_path: Path) -> None:
    sources = [CapturedSession(PASTED, "192.0.2.7", "192.0.2.25", 40_000, 2525, 1_000_000_000.5) for _ in range(2)]
    write_capture(tmp_path / "written.pcap", sources)
    first, second = read_capture(tmp_path / "written.pcap")
    assert (first.client_port, first.server_port, first.began) == (40_000, 2525, 1_000_000_000.5)
    assert second.client_port == 49152  # one port cannot hold two connections to the same server
    write_capture(tmp_path / "again.pcap", [first, second])
    assert (tmp_path / "again.pcap").read_bytes() == (tmp_path / "written.pcap").read_bytes()


def test_all_ports_of_a_client_are_used_and_none_twice() -> None:
    calls = packets_of([Transcript()] * 64_512)
    assert {int.from_bytes(packet[20:22], "big") for _, packet in calls} == set(range(1024, 65_536))


def test_nothing_is_written_if_something_does_not_fit(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="port"):
        write_capture(tmp_path / "written.pcap", PASTED, port=0)
    assert list(tmp_path.iterdir()) == []


TIMES = st.none() | st.floats(0, 1e6) | st.sampled_from([-1.0, float("nan")])
ROWS = st.lists(
    st.tuples(
        st.sampled_from(list(Side)),
        st.binary(max_size=40).map(lambda data: data.replace(b"\r\n", b"")),
        TIMES,
        st.integers(0, 2),
    ),
    max_size=12,
)


@given(ROWS, st.binary(max_size=9).filter(lambda data: b"\r\n" not in data))
def test_octets_survive_the_way_through_a_capture(
    rows: list[tuple[Side, bytes, float | None, int]], tail: bytes
) -> None:
    transcript = Transcript()
    for side, data, time, kind in rows:
        literal = kind == 2 and side is not Side.NOTE
        transcript.add(side, data + b"\r\n" * (kind == 1 and side is not Side.NOTE), time, literal=literal)
    transcript.feed(Side.CLIENT, tail)
    file = io.BytesIO()
    file.writelines(pcap(packets_of([transcript])))
    file.seek(0)
    (found,) = read_capture(file)
    runs = {side: b"".join(transcript.lines(side)) + transcript.unfinished(side) for side in (Side.CLIENT, Side.SERVER)}
    assert {side: b"".join(found.transcript.lines(side)) for side in runs} == runs


def test_the_flags_are_those_of_tcp() -> None:
    assert [Flag.FIN, Flag.SYN, Flag.RST, Flag.PSH, Flag.ACK] == [1, 2, 4, 8, 16]
