"""A program that is started to be tried: it is played to, its end is told, and it always ends."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest

from smtplab.transcript import Side
from smtplab.worlds import sentences
from smtplab.worlds.client_process import run_client
from smtplab.worlds.peer_script import HangUp, Say, Step, WireLog, in_pieces
from smtplab.worlds.socket_play import Patience, play_on_socket

QUICK = Patience(connect=5, silent=0.2, idle=0.5, end=0.4, whole=1.5)

CONNECT = "import socket, sys, time, os; s = socket.create_connection((sys.argv[1], int(sys.argv[2]))); "


class Peer:
    """Greets octet by octet, answers a line with 221 and closes."""

    def __init__(self) -> None:
        self.silences = 0

    def connected(self) -> Iterable[Step]:
        return in_pieces(b"220 hello\r\n", gap=0.001)

    def receive(self, octets: bytes) -> Iterable[Step]:
        return [Say(b"221 bye\r\n"), HangUp()] if octets == b"QUIT\r\n" else []

    def silence(self) -> Iterable[Step]:
        self.silences += 1
        return []


def program(source: str) -> Callable[[str, int], Sequence[str]]:
    return lambda host, port: (sys.executable, "-c", source, host, str(port))


def test_conversation_and_exit_code_come_back() -> None:
    source = CONNECT + "s.makefile('rb').readline(); s.sendall(b'QUIT\\r\\n'); s.makefile('rb').read(); sys.exit(7)"
    end, log = run_client(program(source), Peer(), QUICK)
    assert (end.code, end.connected, end.crash, end.waits) == (7, True, "", "")
    assert [str(row) for row in log.transcript] == ["S: 220 hello", "C: QUIT", "S: 221 bye"]


def test_octets_before_the_reply_stand_before_it_in_the_log() -> None:
    source = CONNECT + "s.sendall(b'QUIT\\r\\n'); s.makefile('rb').read()"

    class LateGreeting(Peer):
        def connected(self) -> Iterable[Step]:
            return [Say(b"220 late\r\n", after=0.3)]

    _, log = run_client(program(source), LateGreeting(), QUICK)
    assert [chunk.side for chunk in log.chunks][:2] == [Side.CLIENT, Side.SERVER]


def test_a_crash_is_told_by_its_last_line() -> None:
    end, _ = run_client(program(CONNECT + "{}['code']"), Peer(), QUICK)
    assert (end.code, end.crash) == (1, "KeyError: 'code'")


def test_a_crash_names_the_line_of_the_program_and_not_of_a_library(tmp_path: Path) -> None:
    file = tmp_path / "client.py"
    file.write_text("import json\n\n\njson.loads('x')\n")
    end, _ = run_client(lambda host, port: (sys.executable, str(file)), Peer(), QUICK)
    assert end.crash == sentences.CRASH_PLACE.format(
        error="json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)", file="client.py", number=4
    )


def test_a_program_that_cannot_be_read_has_crashed_and_one_that_is_not_there_says_so(tmp_path: Path) -> None:
    source = tmp_path / "client.py"
    missing, _ = run_client(lambda host, port: (sys.executable, str(source)), Peer(), QUICK)
    assert (missing.crash, "client.py" in missing.said) == ("", True)
    source.write_text("def f(:\n")
    wrong, _ = run_client(lambda host, port: (sys.executable, str(source)), Peer(), QUICK)
    assert wrong.crash.startswith("SyntaxError: ")
    assert wrong.crash.endswith("(client.py, line 1)")


def test_a_program_ended_by_a_signal_has_crashed() -> None:
    end, _ = run_client(program(CONNECT + "os.kill(os.getpid(), 11)"), Peer(), QUICK)
    assert end.crash == sentences.ENDED_BY_SIGNAL.format(name="SIGSEGV")


def test_a_failure_that_is_reported_is_no_crash() -> None:
    end, _ = run_client(program(CONNECT + "sys.exit('550 refused')"), Peer(), QUICK)
    assert (end.code, end.crash) == (1, "")


def test_a_program_that_does_not_connect_is_told_from_one_that_does() -> None:
    end, log = run_client(program("raise SystemExit(3)"), Peer(), QUICK)
    assert (end.code, end.connected, log.chunks) == (3, False, [])


@pytest.mark.parametrize(
    ("source", "patience", "sentence"),
    [
        ("import time; time.sleep(60)", Patience(connect=0.3), sentences.NOT_CONNECTED.format(seconds=0.3)),
        (CONNECT + "time.sleep(60)", QUICK, sentences.IDLE.format(seconds=0.5)),
        (CONNECT + "s.close(); time.sleep(60)", QUICK, sentences.STILL_RUNS.format(seconds=0.4)),
        (
            CONNECT + "[(time.sleep(.1), s.sendall(b'x')) for _ in range(99)]",
            QUICK,
            sentences.TOO_LONG.format(seconds=1.5),
        ),
    ],
    ids=["never connects", "is silent", "does not end", "goes on and on"],
)
def test_a_program_that_does_not_end_is_stopped(source: str, patience: Patience, sentence: str) -> None:
    end, _ = run_client(program(source), Peer(), patience)
    assert (end.stopped, end.waits) == (True, sentence)


def test_the_script_hears_of_each_part_of_a_silence() -> None:
    peer = Peer()
    run_client(program(CONNECT + "time.sleep(60)"), peer, QUICK)
    assert peer.silences == 2


def test_what_the_program_has_started_ends_with_it(tmp_path: Path) -> None:
    source = (
        f"import os, time\nif os.fork() == 0:\n    time.sleep(0.8); open('{tmp_path}/alive', 'w')\nelse: time.sleep(60)"
    )
    end, _ = run_client(program(source), Peer(), Patience(connect=0.3))
    time.sleep(0.8)
    assert end.stopped
    assert not (tmp_path / "alive").exists()


def test_ctrl_c_ends_the_program() -> None:
    class Interrupting(Peer):
        def receive(self, octets: bytes) -> Iterable[Step]:
            raise KeyboardInterrupt

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run_client(program(CONNECT + "s.sendall(b'x'); time.sleep(60)"), Interrupting(), QUICK)
    assert time.monotonic() - began < 5


def test_a_program_that_is_not_there_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        run_client(lambda host, port: ("/no/such/program",), Peer(), QUICK)


def test_a_script_plays_on_a_socket_pair() -> None:
    ours, theirs = socket.socketpair()
    log = WireLog()
    with ours, theirs:
        theirs.sendall(b"QUIT\r\n")
        assert play_on_socket(ours, Peer(), log, QUICK) == ""
        assert theirs.makefile("rb").read().endswith(b"221 bye\r\n")
    assert log.sent_by(Side.CLIENT) == b"QUIT\r\n"
