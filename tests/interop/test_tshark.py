"""tshark and tcpdump as oracles: what we write it reads without complaint, and what they write we read."""

import json
import os
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from smtplab import Lab, Transcript, connect, read_capture, simulate, write_capture
from smtplab.capture import CapturedSession
from smtplab.transcript import Side
from smtplab.worlds.background import serve
from support import captures, peers
from support.raw_client import PATIENCE

# tshark remarks on the SYN and the FIN of every connection; that is no complaint.
CHECKED = ("-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE")
HARMLESS = r"This frame (initiates|undergoes) the connection closing|Connection (establish|finish)"


def tshark(*arguments: str) -> str:
    command = [peers.program("tshark"), *CHECKED, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def complaints(file: Path) -> list[str]:
    """Return what tshark finds wrong in a capture: warnings, errors, and the notes that are not of every connection."""
    fields = ("_ws.expert.severity", "_ws.expert.message", "_ws.malformed", "tcp.checksum.status", "ip.checksum.status")
    found = json.loads(tshark("-r", str(file), "-T", "json", *(word for each in fields for word in ("-e", each))))
    wrong = []
    for packet in found:
        layers = packet["_source"]["layers"]
        messages = [each for each in layers.get("_ws.expert.message", []) if not re.search(HARMLESS, each)]
        severe = [each for each in layers.get("_ws.expert.severity", []) if int(each) >= 0x600000]  # PI_WARN
        bad_sums = {*layers.get("tcp.checksum.status", []), *layers.get("ip.checksum.status", [])} - {"1", "Good"}
        wrong += [*messages, *severe, *bad_sums, *layers.get("_ws.malformed", [])]
    return wrong


def followed(file: Path, number: int) -> list[tuple[Side, bytes]]:
    """Return what "follow stream" shows, neighbouring pieces of one side joined."""
    lines = tshark("-r", str(file), "-q", "-z", f"follow,tcp,raw,{number}").splitlines()
    pieces = [line for line in lines if re.fullmatch(r"\t?[0-9a-f]+", line)]
    return joined((Side.SERVER if line.startswith("\t") else Side.CLIENT, bytes.fromhex(line)) for line in pieces)


def joined(pieces: Iterator[tuple[Side, bytes]]) -> list[tuple[Side, bytes]]:
    runs: list[tuple[Side, bytes]] = []
    for side, data in pieces:
        if runs and runs[-1][0] is side:
            runs[-1] = side, runs[-1][1] + data
        elif data:
            runs.append((side, data))
    return runs


def octets(transcript: Transcript) -> list[tuple[Side, bytes]]:
    return joined((row.side, row.data) for row in transcript if row.side is not Side.NOTE)


def in_the_lab() -> list[CapturedSession]:
    """A session by hand, one that is relayed, and the conversation of the two hosts."""
    lab = Lab()
    session = lab.telnet("mail.lab.example")
    for line in ["HELO laptop.example", "MAIL FROM:<alice@lab.example>", "RCPT TO:<forouzanb@adelphia.net>", "DATA"]:
        session.send(line)
    for line in ["Subject: x", "", "x" * 4000, "."]:
        session.send(line)
    session.send("NOPE")
    session.send("QUIT")
    return [session, *lab.conversations]  # type: ignore[list-item]


PASTED = Transcript.parse("220 m\nEHLO x\n250-m\n250 HELP\nDATA\n503 no\nQUIT\n221 bye\n")


def in_a_simulation() -> list[Transcript]:
    """The sessions of a run: with people, between hosts, with a host that is down, and one that is cut."""
    scenarios = ("lecture-two-hops", "three-days-down", "lost-250")
    runs = [simulate(name, records=True).conversations for name in scenarios]
    return [session.transcript for run in runs for session in run]


def odd() -> Transcript:
    """Literals, control characters, a line without an end, and a connection that breaks."""
    transcript = Transcript(PASTED[:4])
    transcript.add(Side.CLIENT, b"NO\x00\xff\x1bOP\r\n", 3.0)
    transcript.add(Side.SERVER, b"500 \xe9\r\n", 3.25)
    transcript.add(Side.CLIENT, bytes(range(256)) * 400, 4.0, literal=True)
    transcript.add(Side.SERVER, b"", 4.0, literal=True)
    transcript.add(Side.SERVER, b"250 half", 5.0)
    return transcript


SOURCES: dict[str, Callable[[], list[Transcript]]] = {
    "pasted": lambda: [PASTED],
    "the lab": lambda: in_the_lab(),  # type: ignore[dict-item, return-value]
    "a simulation": lambda: in_a_simulation(),
    "odd octets": lambda: [odd()],
    "a hundred sessions": lambda: [PASTED] * 100,
}


@pytest.mark.parametrize("name", SOURCES)
def test_tshark_reads_what_we_write_without_complaint_and_follows_each_stream(name: str, tmp_path: Path) -> None:
    sources, file = SOURCES[name](), tmp_path / "ours.pcap"
    write_capture(file, sources)
    assert complaints(file) == []
    for number in range(min(len(sources), 3)):
        source = sources[number]
        transcript = source if isinstance(source, Transcript) else source.transcript
        assert followed(file, number) == octets(transcript)


@pytest.mark.parametrize("port", [25, 587])
def test_tshark_finds_smtp_with_its_commands_replies_and_message(port: int, tmp_path: Path) -> None:
    file = tmp_path / "ours.pcap"
    write_capture(file, in_the_lab()[:1], port=port)
    fields = ("-T", "fields", "-e", "smtp.req.command", "-e", "smtp.response.code", "-e", "imf.subject")
    words = tshark("-r", str(file), "-Y", "smtp", *fields).split()
    assert words == [
        "220",
        "HELO",
        "250",
        "MAIL",
        "250",
        "RCPT",
        "250",
        "DATA",
        "354",
        "x",
        "250",
        "NOPE",
        "500",
        "QUIT",
        "221",
    ]


def test_the_capture_of_a_simulation_has_its_sessions_addresses_and_times(tmp_path: Path) -> None:
    result, file = simulate("three-days-down", records=True), tmp_path / "run.pcap"
    result.write_capture(file)
    assert complaints(file) == []
    answered = [each for each in result.conversations if octets(each.transcript)]
    read = {each.began: each for each in read_capture(file) if octets(each.transcript)}
    assert len(answered) == len(read) > 3
    for each in answered:
        found = read[each.began]
        assert octets(found.transcript) == octets(each.transcript)
        wanted = result.simulation.addresses.get(each.client, "203.0.113.7"), result.simulation.addresses[each.server]
        assert (found.client, found.server) == wanted
    assert max(read) - min(read) > 3 * 86_400


def test_a_call_that_nobody_answers_is_a_lone_syn(tmp_path: Path) -> None:
    file, unanswered = tmp_path / "ours.pcap", Transcript()
    unanswered.note("mail.lab.example is down")
    write_capture(file, unanswered)
    assert tshark("-r", str(file), "-T", "fields", "-e", "tcp.flags.str").replace("·", "") == "S\n"
    assert complaints(file) == []


def test_a_file_over_ipv6_has_no_complaint(tmp_path: Path) -> None:
    file = tmp_path / "ours.pcap"
    write_capture(file, CapturedSession(PASTED, "2001:db8::7", "mail.example"))
    assert complaints(file) == []
    assert followed(file, 0) == octets(PASTED)
    assert read_capture(file)[0].client == "2001:db8::7"


def test_packets_come_in_the_order_of_time(tmp_path: Path) -> None:
    file = tmp_path / "ours.pcap"
    sessions = [CapturedSession(odd(), "a.example", "m.example", began=began) for began in (7.0, 1.5, 3.0)]
    write_capture(file, sessions, epoch=1_000_000_000)
    found = [float(each) for each in tshark("-r", str(file), "-T", "fields", "-e", "frame.time_epoch").split()]
    assert found == sorted(found)
    assert found[0] == 1_000_000_001.5
    assert [each.began for each in read_capture(file)] == [1_000_000_001.5, 1_000_000_003.0, 1_000_000_007.0]


@pytest.mark.parametrize("options", [("-F", "pcapng"), ("-F", "nsecpcap"), ("-F", "pcap"), ("-F", "modpcap")], ids=str)
def test_what_editcap_converts_reads_the_same(options: tuple[str, ...], tmp_path: Path) -> None:
    ours, other = tmp_path / "ours.pcap", tmp_path / "other"
    write_capture(ours, in_the_lab())
    peers.run(peers.program("editcap"), *options, str(ours), str(other))
    assert [each.transcript for each in read_capture(other)] == [each.transcript for each in read_capture(ours)]


def test_two_captures_that_mergecap_joins_are_two_sessions(tmp_path: Path) -> None:
    one, other, both = (tmp_path / name for name in ("one.pcap", "other.pcap", "both"))
    write_capture(one, CapturedSession(PASTED, "198.18.0.9", "mail.example", began=2.0))
    other.write_bytes(captures.pcap(map(captures.ethernet, captures.held().packets), 1))
    peers.run(peers.program("mergecap"), "-w", str(both), str(other), str(one))
    assert [each.client for each in read_capture(both)] == ["198.18.0.9", "192.0.2.7"]
    assert octets(read_capture(both)[0].transcript) == octets(PASTED)


def test_packets_that_editcap_cuts_lack_their_ends(tmp_path: Path) -> None:
    ours, cut = tmp_path / "ours.pcap", tmp_path / "cut"
    write_capture(ours, PASTED)
    peers.run(peers.program("editcap"), "-s", "43", str(ours), str(cut))
    (found,) = read_capture(cut)
    assert str(found.transcript[0]) == "S: 220"
    assert captures.notes(found.transcript)[0].startswith("4 octets of the server")
    assert not found.whole


# Real captures.


@pytest.fixture
def sniff(tmp_path: Path) -> Iterator[Callable[..., Callable[[], Path]]]:
    """Start tcpdump on an interface; call what it returns for the file, once all packets are in it."""
    program = peers.program("tcpdump")
    running: list[subprocess.Popen[bytes]] = []

    def start(interface: str, port: int, *options: str) -> Callable[[], Path]:
        file = tmp_path / f"{interface}-{len(running)}.pcap"
        command = [program, "-U", "-i", interface, "-w", str(file), "-Z", "root", *options, f"tcp port {port}"]
        process = subprocess.Popen(
            command if os.geteuid() == 0 else [*command[:6], *command[8:]], stderr=subprocess.PIPE
        )
        running.append(process)
        assert process.stderr is not None
        told = b""
        while b"listening" not in told:
            line = process.stderr.readline()
            told += line
            if not line:
                pytest.skip(f"tcpdump may not capture here: {told.decode(errors='replace').strip()}")

        def stop() -> Path:
            deadline = time.monotonic() + PATIENCE
            while b"F" not in ends(file) and time.monotonic() < deadline:
                time.sleep(0.05)
            process.terminate()
            process.wait(PATIENCE)
            return file

        return stop

    def ends(file: Path) -> bytes:
        """Return F once both sides have closed, as far as the capture tells."""
        sessions = read_capture(file, port=ports[0]) if file.exists() and file.stat().st_size > 24 else []
        closed = sessions and not any("ends before" in note for note in captures.notes(sessions[-1].transcript))
        return b"F" if closed else b""

    ports: list[int] = []

    def of_port(interface: str, port: int, *options: str) -> Callable[[], Path]:
        ports[:] = [port]
        return start(interface, port, *options)

    yield of_port
    for process in running:
        process.kill()
        process.communicate(timeout=PATIENCE)


@pytest.mark.parametrize("interface", ["lo", "any"])
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_real_session_reads_as_its_client_saw_it(
    sniff: Callable[..., Callable[[], Path]], interface: str, host: str, tmp_path: Path
) -> None:
    with serve(host=host) as server:
        file = sniff(interface, server.address[1])
        with connect(*server.address) as session:
            for line in ["EHLO client.example", "MAIL FROM:<a@client.example>", "RCPT TO:<alice@lab.example>", "DATA"]:
                session.send(line)
            session.send("x" * 60_000)
            session.send(".")
            session.send("QUIT")
        (captured,) = read_capture(file())
    assert octets(captured.transcript) == octets(session.transcript)
    assert captured.whole
    assert captures.notes(captured.transcript) == []
    assert (captured.client, captured.server_port) == (host, server.address[1])
    write_capture(tmp_path / "ours.pcap", session)
    assert complaints(tmp_path / "ours.pcap") == []
    assert followed(tmp_path / "ours.pcap", 0) == octets(session.transcript)


def test_messages_of_other_clients_at_the_same_time_are_each_a_session(
    sniff: Callable[..., Callable[[], Path]], tmp_path: Path
) -> None:
    message = tmp_path / "message.eml"
    message.write_bytes(b"Subject: hi\r\n\r\n" + b"line\r\n" * 20_000)
    clients = [peers.with_smtplib, peers.with_smtplib, peers.with_aiosmtplib]
    if shutil.which("swaks"):
        clients.append(peers.with_swaks_pipelined)
    with serve() as server:
        file = sniff("lo", server.address[1])
        threads = [threading.Thread(target=client, args=(server.address[1], message)) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        time.sleep(0.3)
        captured = read_capture(file())
    assert len(captured) == len(clients)
    for each in captured:
        assert (each.whole, captures.notes(each.transcript)) == (True, [])
        assert [exchange.reply.code for exchange in each.transcript.exchanges() if exchange.reply][-1] == 221
        assert message.read_bytes() in b"".join(each.transcript.lines(Side.CLIENT)).replace(b"\r\n..", b"\r\n.")
