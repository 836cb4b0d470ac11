"""Captures as networks and capture programs make them: each gives the transcript of what was said."""

import io
import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtplab import Transcript, read_capture
from smtplab.capture import CapturedSession, capture_reader, rows
from smtplab.transcript import Side
from support.captures import (
    ACK,
    CLIENT,
    RST,
    SERVER,
    SESSION,
    SYN,
    Wire,
    block,
    cooked,
    cooked2,
    enhanced,
    ethernet,
    held,
    interface,
    kept_in,
    loopback,
    notes,
    pcap,
    pcapng,
    rows_of,
    section,
    shown,
)

WHOLE = held().packets


def sessions(file: bytes, port: int | None = None) -> list[CapturedSession]:
    return read_capture(io.BytesIO(file), port=port)


def session(packets: list[bytes], port: int | None = None) -> CapturedSession:
    (found,) = sessions(pcap(packets), port)
    return found


def check_whole(found: CapturedSession) -> None:
    assert (shown(found.transcript), notes(found.transcript), found.whole) == (rows_of(), [], True)


# Files and links.

FILES: dict[str, Callable[[], bytes]] = {
    "pcap": lambda: pcap(WHOLE),
    "big-endian pcap": lambda: pcap(WHOLE, order=">"),
    "pcap with nanoseconds": lambda: pcap(WHOLE, nano=True),
    "big-endian pcap with nanoseconds": lambda: pcap(WHOLE, order=">", nano=True),
    "pcapng": lambda: pcapng(WHOLE),
    "big-endian pcapng": lambda: pcapng(WHOLE, order=">"),
    "ethernet": lambda: pcap(map(ethernet, WHOLE), 1),
    "VLAN": lambda: pcap((ethernet(each, 0x8100) for each in WHOLE), 1),
    "VLAN in VLAN": lambda: pcap((ethernet(each, 0x88A8, 0x8100) for each in WHOLE), 1),
    "cooked": lambda: pcap(map(cooked, WHOLE), 113),
    "cooked, second version": lambda: pcap(map(cooked2, WHOLE), 276),
    "BSD loopback": lambda: pcap(map(loopback, WHOLE), 0),
    "OpenBSD loopback": lambda: pcap(map(loopback, WHOLE), 108),
    "bare IPv4": lambda: pcap(WHOLE, 228),
    "link type with check sums": lambda: pcap(map(ethernet, WHOLE), 0x1400_0001),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_any_kind_reads_the_same(name: str) -> None:
    (found,) = sessions(FILES[name]())
    check_whole(found)
    assert (found.client, found.client_port) == ("192.0.2.7", 40000)
    assert (found.server, found.server_port) == ("192.0.2.25", 25)
    assert found.began == 1_000_000_000
    assert found.transcript[0].time == 0.003


@pytest.mark.parametrize("link", [ethernet, cooked, cooked2, loopback])
def test_ipv6_reads_the_same(link: Callable[[bytes], bytes]) -> None:
    wire = held(Wire(("2001:db8::7", 40000), ("2001:db8::25", 25)))
    number = {ethernet: 1, cooked: 113, cooked2: 276, loopback: 0}[link]
    (found,) = sessions(pcap(map(link, wire.packets), number))
    check_whole(found)
    assert found.server == "2001:db8::25"


def test_ipv6_extension_headers_are_skipped_and_fragments_are_missing() -> None:
    wire = held(Wire(("2001:db8::7", 40000), ("2001:db8::25", 25)))

    def behind(packet: bytes, kind: int, header: bytes) -> bytes:
        length = int.from_bytes(packet[4:6], "big") + len(header)
        return packet[:4] + length.to_bytes(2, "big") + bytes([kind]) + packet[7:40] + header + packet[40:]

    hop_by_hop, options = bytes([60, 0]) + bytes(6), bytes([6, 1]) + bytes(14)
    atomic, fragment = bytes([6, 0, 0, 0]) + bytes(4), bytes([6, 0, 0, 1]) + bytes(4)
    authentication = bytes([6, 4]) + bytes(22)
    check_whole(session([behind(behind(each, 60, options), 0, hop_by_hop) for each in wire.packets]))
    check_whole(session([behind(each, 44, atomic) for each in wire.packets]))
    check_whole(session([behind(each, 51, authentication) for each in wire.packets]))
    torn = [behind(each, 44, fragment) if b"QUIT" in each else each for each in wire.packets]
    assert "6 octets of the client" in notes(session(torn).transcript)[0]


def test_a_pcapng_file_may_hold_sections_interfaces_and_blocks_of_every_kind() -> None:
    microseconds = 1_000_000_000_000_000
    halves = b"\x09\x00\x01\x00\x8a\0\0\0" + b"\x0e\x00\x08\x00" + (1_000_000_000).to_bytes(8, "little") + bytes(4)
    file = section() + interface(101) + interface(1, options=halves)
    file += enhanced(WHOLE[0], microseconds) + block(4, b"names") + enhanced(ethernet(WHOLE[1]), 1024, 1)
    file += block(2, bytes(2) + bytes(2) + (microseconds >> 32).to_bytes(4, "little") + bytes(4) + bytes(8))  # no data
    file += section(">") + interface(113, ">")
    for number, packet in enumerate(WHOLE[2:]):
        file += enhanced(cooked(packet), microseconds + 2_000_000 + number, order=">")
    (found,) = sessions(file)
    check_whole(found)
    assert found.transcript[0].time == pytest.approx(2.000001)


def test_an_interface_that_is_hardly_described_has_nothing_to_read() -> None:
    packets = b"".join(map(enhanced, WHOLE))
    assert sessions(section() + block(1, b"") + packets) == []
    assert sessions(section() + block(77, b"") + interface(101) + (section() + interface(101) + packets)[:-5])


def test_a_pcapng_file_of_simple_packets_has_no_times() -> None:
    blocks = b"".join(block(3, len(each).to_bytes(4, "little") + each) for each in WHOLE)
    (found,) = sessions(section() + interface(101) + blocks)
    check_whole(found)
    cut = b"".join(block(3, len(each).to_bytes(4, "little") + each[:44]) for each in WHOLE)
    (found,) = sessions(section() + interface(101, kept=44) + cut)
    assert found.transcript[0].data == b"220 "


# What a network does.


def test_segments_that_come_twice_count_once() -> None:
    check_whole(session([each for packet in WHOLE for each in (packet, packet)]))


@pytest.mark.parametrize("seed", range(20))
def test_packets_in_any_order_read_the_same(seed: int) -> None:
    packets = list(WHOLE)
    random.Random(seed).shuffle(packets)
    found = session(packets)
    assert shown(found.transcript) == rows_of()
    assert notes(found.transcript) == []


def test_lines_across_segments_are_whole_octet_by_octet_too() -> None:
    said = [(side, data[at : at + 1]) for side, data in SESSION for at in range(len(data))]
    check_whole(session(held(said=said).packets))


def test_overlapping_segments_fit_together() -> None:
    wire = Wire()
    wire.handshake()
    begin = wire.seq[SERVER]
    wire.say(SERVER, b"220 mail.exam")
    wire.send(SERVER, ACK, b"mail.example SM", seq=begin + 4)
    wire.send(SERVER, ACK, b"220 mail.example SMTP\r\n", seq=begin)
    wire.seq[SERVER] = begin + 23
    for side, data in SESSION[1:]:
        wire.say(side, data)
    wire.close()
    check_whole(session(wire.packets))


def test_what_was_sent_twice_and_differs_is_told() -> None:
    wire = held()
    first = wire.first[CLIENT] + 1
    wire.send(CLIENT, ACK, b"EHLO another", seq=first, ack=wire.seq[SERVER])
    found = session(wire.packets)
    assert shown(found.transcript) == rows_of()
    assert notes(found.transcript) == [capture_reader.TWO_VALUES.format(side="client")]


def test_a_probe_that_keeps_the_connection_alive_is_no_data() -> None:
    wire = Wire()
    wire.handshake()
    for side, data in SESSION:
        wire.say(side, data)
        wire.send(side, ACK, b"\0", seq=wire.seq[side] - 1)
    wire.close()
    check_whole(session(wire.packets))


def test_a_missing_segment_is_told_and_nothing_is_joined_across_it() -> None:
    wire = Wire()
    wire.handshake()
    wire.say(*SESSION[0])
    wire.say(CLIENT, b"EHLO cli")
    lost = wire.say(CLIENT, b"ent.exa")
    wire.say(CLIENT, b"mple\r\n")
    for side, data in SESSION[2:]:
        wire.say(side, data)
    wire.close()
    found = session([each for each in wire.packets if each is not lost])
    assert [str(row) for row in found.transcript[:5]] == [
        "S: 220 mail.example SMTP",
        "C: EHLO cli",
        "= 7 octets of the client are missing here; they are not in the capture.",
        r"C# mple\x0d\x0a",
        "S: 250-mail.example",
    ]
    assert not found.whole


@pytest.mark.parametrize("number", range(len(SESSION)))
def test_whichever_segment_is_missing_the_note_stands_in_its_place(number: int) -> None:
    found = session([each for at, each in enumerate(WHOLE) if at != number + 3])
    _, data = SESSION[number]
    before, behind = rows_of(SESSION[:number]), rows_of(SESSION[number + 1 :])
    marks = [row.side for row in found.transcript]
    assert marks == [*(each for each, _ in before), Side.NOTE, *(each for each, _ in behind)]
    assert found.transcript[len(before)].text.startswith(f"{len(data)} octets of the ")
    assert [row.data for row in found.transcript if row.side is not Side.NOTE] == [each for _, each in before + behind]
    assert not found.whole


def test_packets_cut_by_the_capture_lack_their_ends() -> None:
    (found,) = sessions(pcap(WHOLE, kept=52))
    assert [str(row) for row in found.transcript[:4]] == [
        "S: 220 mail.exa",
        f"= {rows.CUT.format(count=11, side='server')}",
        "C: EHLO client.",
        f"= {rows.CUT.format(count=9, side='client')}",
    ]
    assert not found.whole


def test_a_packet_cut_within_its_headers_is_no_data() -> None:
    for kept in (0, 1, 10, 19, 30):
        assert sessions(pcap(WHOLE, kept=kept)) == []


def test_a_packet_whose_tcp_header_is_shorter_than_any_is_no_data() -> None:
    offset = 20 + 12  # its upper half counts the header's words, behind an IPv4 header without options
    short = [each[:offset] + b"\x40" + each[offset + 1 :] for each in WHOLE]
    assert sessions(pcap(short)) == []
    check_whole(session([*WHOLE[:3], short[3], *WHOLE[3:]]))


def test_a_capture_that_begins_late_says_so() -> None:
    found = session(WHOLE[6:])
    assert notes(found.transcript) == [capture_reader.BEGINS_LATE]
    assert shown(found.transcript) == rows_of(SESSION[3:])
    assert not found.whole
    assert (found.client, found.server_port) == ("192.0.2.7", 25)


def test_a_capture_without_the_first_syn_still_has_the_beginning() -> None:
    check_whole(session(WHOLE[1:]))


def test_a_capture_of_one_direction_lacks_the_other() -> None:
    found = session([each for each in WHOLE if each[12:16] == bytes([192, 0, 2, 25])])
    assert [data for side, data in shown(found.transcript)] == [data for side, data in rows_of() if side is SERVER]
    assert sum("octets of the client" in note for note in notes(found.transcript)) == 1


@pytest.mark.parametrize("make", [pcap, pcapng])
@pytest.mark.parametrize("left", [-1, -30, 5])
def test_a_file_that_breaks_off_in_a_packet_gives_what_it_has(make: Callable[[list[bytes]], bytes], left: int) -> None:
    file, begin = make(WHOLE[:6]), len(make(WHOLE[:5]))
    (found,) = sessions(file[: begin + left if left > 0 else left])
    assert shown(found.transcript) == rows_of(SESSION[:2])
    assert notes(found.transcript) == [capture_reader.CUT_SHORT]


def test_a_capture_that_ends_early_says_so() -> None:
    assert notes(session(WHOLE[:-2]).transcript) == [capture_reader.ENDS_EARLY]


@pytest.mark.parametrize(("side", "name"), [(CLIENT, "client"), (SERVER, "server")])
def test_a_reset_is_told(side: Side, name: str) -> None:
    wire = Wire()
    wire.handshake()
    wire.say(*SESSION[0])
    wire.send(side, RST | ACK, b"go away")
    found = session(wire.packets)
    assert notes(found.transcript) == [capture_reader.RESET.format(side=name)]
    assert shown(found.transcript) == rows_of(SESSION[:1])


def test_a_reset_behind_both_ends_is_of_no_account() -> None:
    wire = held()
    wire.send(CLIENT, RST)
    check_whole(session(wire.packets))


def test_a_call_without_an_answer_and_a_refused_one_are_told() -> None:
    wire = Wire()
    wire.send(CLIENT, SYN)
    wire.send(CLIENT, SYN, seq=wire.first[CLIENT])
    assert notes(session(wire.packets).transcript) == [capture_reader.UNANSWERED]
    wire.send(SERVER, RST | ACK, seq=0)
    assert notes(session(wire.packets).transcript) == [capture_reader.REFUSED]


def test_a_port_that_is_used_again_is_another_session() -> None:
    again = held(Wire(first={CLIENT: 5_000_000, SERVER: 9})).packets
    first, second = sessions(pcap([*WHOLE, *again]))
    check_whole(first)
    check_whole(second)


def test_sessions_at_the_same_time_are_kept_apart_and_other_traffic_is_skipped() -> None:
    other = held(Wire(("192.0.2.7", 40001))).packets
    web = [(CLIENT, b"GET / HTTP/1.1\r\n\r\n"), (SERVER, b"HTTP/1.1 200 OK\r\n\r\n")]
    ftp = [(SERVER, b"220 ftp\r\n"), (CLIENT, b"USER x\r\n"), (SERVER, b"331 x\r\n"), (CLIENT, b"QUIT\r\n")]
    noise = [
        *held(Wire(server=("192.0.2.80", 80)), web).packets,
        *held(Wire(server=("192.0.2.80", 21)), ftp).packets,
        bytes([0x45]) + bytes(8) + bytes([17]) + bytes(30),  # UDP
        bytes([0x60]) + bytes(5) + bytes([58]) + bytes(60),  # ICMPv6
        b"",
        b"\xff" * 60,
        *held(Wire(("192.0.2.7", 25), ("192.0.2.7", 25))).packets,  # forged
    ]
    mixed = [each for group in zip(WHOLE, other, noise * 3, strict=False) for each in group]
    mixed += [*WHOLE[len(mixed) // 3 :], *other[len(mixed) // 3 :]]
    found = sessions(pcap(mixed))
    assert [each.client_port for each in found] == [40000, 40001]
    for each in found:
        check_whole(each)
    assert sessions(pcap(noise)) == []


def test_of_two_ends_that_look_alike_the_first_to_send_is_the_client() -> None:
    wire = Wire(("192.0.2.7", 25), ("192.0.2.25", 25))
    wire.say(SERVER, b"hello\r\n")
    assert session(wire.packets).client == "192.0.2.25"


def test_octets_before_the_first_are_none_of_the_connection() -> None:
    wire = held()
    wire.send(CLIENT, ACK, b"old", seq=wire.first[CLIENT] - 4)
    check_whole(session(wire.packets))


def test_an_end_that_was_acknowledged_and_not_captured_is_no_missing_octet() -> None:
    found = session([each for at, each in enumerate(WHOLE) if at != len(WHOLE) - 2])
    assert shown(found.transcript) == rows_of()
    assert notes(found.transcript) == [capture_reader.ENDS_EARLY]


def test_segments_that_fill_a_hole_may_be_longer_than_it() -> None:
    wire = Wire()
    wire.handshake()
    begin = wire.seq[SERVER]
    greeting = SESSION[0][1]
    for at, end in [(0, 4), (8, 12), (16, len(greeting)), (2, 20)]:
        wire.send(SERVER, ACK, greeting[at:end], seq=begin + at)
    wire.seq[SERVER] += len(greeting)
    for side, data in SESSION[1:]:
        wire.say(side, data)
    wire.close()
    check_whole(session(wire.packets))


def test_a_stream_may_hold_more_than_sequence_numbers_count() -> None:
    # The number begins again at 0 in the middle of a line.
    wire = Wire(first={CLIENT: 2**32 - 8, SERVER: 2**32 - 30})
    check_whole(session(held(wire).packets))


def test_smtp_on_any_port_is_found_by_what_is_said() -> None:
    check_whole(session(held(Wire(server=("192.0.2.25", 31_337))).packets))
    late = held(Wire(server=("192.0.2.25", 31_337))).packets[5:]
    found = session(late)
    assert (found.server_port, shown(found.transcript)) == (31_337, rows_of(SESSION[2:]))


def test_a_port_chooses_its_connections_whatever_they_hold() -> None:
    packets = WHOLE + held(Wire(server=("192.0.2.80", 80)), [(CLIENT, b"GET /\r\n")]).packets
    (found,) = sessions(pcap(packets), port=80)
    assert shown(found.transcript) == [(CLIENT, b"GET /\r\n")]
    assert sessions(pcap(packets), port=81) == []


# What is no line.


def test_octets_behind_starttls_are_literals() -> None:
    secret = b"\x16\x03\x01\x00\x05QUIT\r\n"
    said = [*SESSION[:3], (CLIENT, b"STARTTLS\r\n"), (SERVER, b"220 go\r\n"), (CLIENT, secret), (SERVER, secret)]
    found = session(held(said=said).packets)
    assert notes(found.transcript) == [rows.TLS]
    assert [(row.data, row.literal) for row in found.transcript[-2:]] == [(secret, True)] * 2


def test_a_connection_in_tls_from_its_beginning_is_literals() -> None:
    said = [(CLIENT, b"\x16\x03\x01\x00\x05hello"), (SERVER, b"\x16\x03\x03\x00\x05hello\r\n")]
    found = session(held(Wire(server=("192.0.2.25", 465)), said).packets, port=465)
    assert notes(found.transcript) == [rows.TLS]
    assert all(row.literal for row in found.transcript if row.side is not Side.NOTE)


def test_octets_that_bdat_counts_are_a_literal() -> None:
    chunk = b"QUIT\r\n.\r\n\xff"
    said = [*SESSION[:3], (CLIENT, b"BDAT 10 LAST\r\n" + chunk[:4]), (CLIENT, chunk[4:] + b"NOOP\r\n")]
    transcript = session(held(said=said).packets).transcript
    assert [(row.data, row.literal) for row in transcript[-3:]] == [
        (b"BDAT 10 LAST\r\n", False),
        (chunk, True),
        (b"NOOP\r\n", False),
    ]


def test_a_chunk_that_lacks_octets_ends_where_it_would_have() -> None:
    wire = Wire()
    wire.handshake()
    for side, data in [*SESSION[:3], (CLIENT, b"BDAT 9\r\nabc")]:
        wire.say(side, data)
    lost = wire.say(CLIENT, b"def")
    wire.say(CLIENT, b"ghiNOOP\r\n")
    transcript = session([each for each in wire.packets if each is not lost]).transcript
    assert [str(row) for row in transcript[-5:-1]] == [
        "C# abc",
        f"= {rows.MISSING.format(count=3, side='client')}",
        "C# ghi",
        "C: NOOP",
    ]


# Any octets.

SAID = st.lists(st.tuples(st.sampled_from([CLIENT, SERVER]), st.binary(min_size=1, max_size=12)), max_size=12)


@given(SAID, st.randoms(use_true_random=False))
def test_whatever_is_said_and_however_it_is_captured_the_octets_of_each_side_arrive(
    said: list[tuple[Side, bytes]], chance: random.Random
) -> None:
    packets = held(said=said).packets
    copies = packets + chance.choices(packets, k=3)
    chance.shuffle(copies)
    (found,) = sessions(pcap(copies))
    for side in (CLIENT, SERVER):
        sent = b"".join(data for each, data in said if each is side)
        assert b"".join(found.transcript.lines(side)) == sent


@given(st.binary(max_size=200), st.sampled_from([pcap(WHOLE), pcapng(WHOLE), pcap(map(ethernet, WHOLE), 1)]), st.data())
def test_a_damaged_file_gives_sessions_or_a_sentence(octets: bytes, file: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(file)))
    damaged = file[:at] + octets + file[at + len(octets) * data.draw(st.integers(0, 1)) :]
    with suppress(ValueError):
        assert all(isinstance(each.transcript, Transcript) for each in sessions(damaged))


def test_a_path_is_read_as_an_open_file_is(tmp_path: Path) -> None:
    path = kept_in(tmp_path, pcap(WHOLE))
    assert read_capture(path) == read_capture(str(path)) == sessions(pcap(WHOLE))
