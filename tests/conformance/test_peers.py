"""Servers in memory of every shape, and servers at an address, as the rules reach them."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, ClassVar

import pytest

import smtplab
from conformance.bank_servers import Right
from smtplab.conformance import sentences
from smtplab.conformance.report import ConformanceReport
from smtplab.conformance.rule import RuleOutcome
from smtplab.conformance.servers.check import check_conformance
from smtplab.conformance.servers.memory_peer import MemoryPeer
from smtplab.conformance.servers.server_rules import SERVER_RULES, ServerCheck, ServerRule
from smtplab.conformance.servers.tcp_peer import TcpPeer, may_be_maildir
from smtplab.worlds.background import serve


def skipped(report: ConformanceReport) -> set[str]:
    return {each.rule.id for each in report.findings if each.outcome is RuleOutcome.SKIP}


class WithGreeting(Right):
    greeting: Any = b"220 mail.lab.example ready\r\n"

    def __init__(self) -> None:
        super().__init__()
        self.greeted = True


class WithViews(Right):
    def feed(self, octets: bytes) -> Any:
        return memoryview(super().feed(octets))


class WithTuples(Right):
    def store(self, text: bytes) -> None:
        self.messages.append(("carol", ["alice"], text))  # type: ignore[arg-type]


class WithDicts(Right):
    def store(self, text: bytes) -> None:
        self.messages.append({"from": "carol", "data": text})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "server",
    [
        Right,
        Right(),
        lambda: Right(),
        WithGreeting,
        type("Array", (WithGreeting,), {"greeting": bytearray(b"220 mail.lab.example ready\r\n")}),
        type("Method", (WithGreeting,), {"greeting": lambda self: self.greet()}),
        WithViews,
        WithTuples,
        WithDicts,
    ],
)
def test_a_right_server_of_any_shape_passes(server: Any) -> None:
    report = smtplab.Lab().conformance(server)
    assert report.passed
    assert skipped(report) == set()


def test_messages_of_a_list_that_all_sessions_share_are_told_apart() -> None:
    class Shared(Right):
        box: ClassVar[list[bytes]] = []

        def __init__(self) -> None:
            super().__init__()
            self.messages = self.box

    assert check_conformance(Shared).passed


def test_a_server_that_does_not_show_what_it_stores_or_closes_passes_what_can_be_seen() -> None:
    class Secret:
        def __init__(self) -> None:
            self._server = Right()

        def feed(self, octets: bytes) -> bytes:
            return self._server.feed(octets)

    report = check_conformance(Secret)
    assert report.first_failure is None
    assert "message-is-stored" in skipped(report)
    assert "quit-closes-the-connection" in skipped(report)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (lambda octets: octets.decode("latin-1"), "a str"),
        (lambda octets: octets or None, "None"),
        (lambda octets: [octets], "a list"),
        (lambda octets: (octets,) if octets else octets, "a tuple"),
    ],
)
def test_what_feed_gives_and_is_no_octets_is_a_failed_rule_and_no_error_of_a_line(given: Any, told: str) -> None:
    class Odd(Right):
        def feed(self, octets: bytes) -> Any:
            return given(super().feed(octets))

    report = check_conformance(Odd)
    assert report.first_failure is not None
    assert report.first_failure.note == sentences.FEED_GAVE.format(kind=told)
    assert report.first_failure.look == sentences.LOOK_AT_OCTETS
    assert "raised this error" not in str(report)


def test_a_server_with_other_mailboxes_is_told_of_no_option_of_the_command_line() -> None:
    class Others(Right):
        def command(self, line: bytes) -> bytes:
            return b"550 unknown\r\n" if line.startswith(b"RCPT") else super().command(line)

    finding = check_conformance(Others).first_failure
    assert finding is not None
    assert finding.rule.id == "rcpt-is-answered-250"
    assert "its mailbox" in finding.look
    assert "--" not in finding.look


@pytest.mark.parametrize("server", [5, "server", None])
def test_something_else_is_no_server(server: Any) -> None:
    with pytest.raises(TypeError, match="feed"):
        check_conformance(server)


def test_a_program_that_exits_is_told_as_a_crash() -> None:
    class Exits(Right):
        def quit(self, argument: bytes) -> bytes:
            raise SystemExit("bye")

    finding = check_conformance(Exits).first_failure
    assert finding is not None
    assert finding.note == 'SystemExit: bye, in quit: raise SystemExit("bye")'


def test_a_class_that_cannot_be_made_is_told_as_a_crash() -> None:
    class Needs:
        def __init__(self, port: int) -> None:
            pass

        def feed(self, octets: bytes) -> bytes:
            return b""

    finding = check_conformance(Needs).first_failure
    assert finding is not None
    assert "missing 1 required positional argument: 'port'" in finding.note


def test_an_interrupted_run_reports_what_it_has_found() -> None:
    class Interrupted(Right):
        def noop(self, argument: bytes) -> bytes:
            if argument:
                raise KeyboardInterrupt
            return super().noop(argument)

    report = check_conformance(Interrupted)
    assert not report.complete
    assert not report.passed
    assert report.reached[-1].name == "reset"
    assert report.under_way == "noop-takes-an-argument"
    assert "noop-takes-an-argument" in report.summary


# At an address


@pytest.mark.parametrize("strict", [False, True])
def test_our_own_server_fails_no_rule(strict: bool) -> None:
    with serve(policy=smtplab.Policy(strict=strict)) as server:
        report = check_conformance(server)
    assert report.failures == ()
    assert skipped(report) == {"crlf-is-stored"}


def test_what_our_server_stores_in_maildirs_is_seen(tmp_path: Path) -> None:
    with serve(maildir=tmp_path) as server:
        check = ServerCheck(TcpPeer(*server.address, maildir=tmp_path), rules=rules_of("storage", "dots", "again"))
        outcomes = {each.rule.id: each.outcome for each in check.run()}
    assert outcomes.pop("crlf-is-stored") is RuleOutcome.SKIP
    assert set(outcomes.values()) == {RuleOutcome.PASS}


def test_an_address_alone_shows_no_storage() -> None:
    with serve() as server:
        check = ServerCheck(TcpPeer(*server.address), "bob@lab.example", rules_of("recipient", "storage"))
        outcomes = {each.rule.stage: each.outcome for each in check.run()}
    assert outcomes == {"recipient": RuleOutcome.PASS, "storage": RuleOutcome.SKIP}


Serve = Callable[[socket.socket], None]


@contextmanager
def threaded(serve_client: Serve, *, one_at_a_time: bool = False) -> Iterator[tuple[str, int]]:
    """Serve clients on loopback as a simple program would: each in a thread, or one after the other."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.1)
    stopped = threading.Event()

    def accept() -> None:
        while not stopped.is_set():
            try:
                client, _ = listener.accept()
            except TimeoutError:
                continue
            client.settimeout(5)
            if one_at_a_time:
                handle(client)
            else:
                threading.Thread(target=handle, args=(client,), daemon=True).start()

    def handle(client: socket.socket) -> None:
        with client, suppress(OSError):
            serve_client(client)

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[:2]
    finally:
        stopped.set()
        thread.join(10)
        listener.close()


def run_right(client: socket.socket, server: Right) -> None:
    client.sendall(server.feed(b""))
    while not server.closed and (octets := client.recv(1000)):
        client.sendall(server.feed(octets))


def rules_of(*stages: str) -> list[ServerRule]:
    return [each for each in SERVER_RULES if each.rule.stage in stages]


def failed_at(address: tuple[str, int], *stages: str, **settings: Any) -> list[str]:
    """Return the rules that the server at an address fails; of these stages, or of all."""
    peer = TcpPeer(*address, patience=0.5, **settings)
    check = ServerCheck(peer, rules=rules_of(*stages) if stages else SERVER_RULES)
    return [each.rule.id for each in check.run(all=True) if each.failed]


def test_the_right_server_of_the_bank_passes_over_tcp() -> None:
    with threaded(lambda client: run_right(client, Right())) as address:
        assert failed_at(address) == []


def test_a_server_of_one_client_at_a_time_fails_one_rule() -> None:
    with threaded(lambda client: run_right(client, Right()), one_at_a_time=True) as address:
        assert failed_at(address, "order", "clients") == ["second-client-is-greeted"]


def test_replies_without_line_ends_fail_one_rule_over_tcp() -> None:
    class NoLineEnds(Right):
        def say(self, *lines: str) -> bytes:
            return b"\r\n".join(line.encode() for line in lines)

    with threaded(lambda client: run_right(client, NoLineEnds())) as address:
        assert failed_at(address, "greet") == ["replies-end-in-crlf"]


def test_a_silent_server_is_told_how_long_it_was_waited_for() -> None:
    def silent(client: socket.socket) -> None:
        client.recv(1000)

    with threaded(silent) as address:
        check = ServerCheck(TcpPeer(*address, patience=0.2))
        (failure,) = [each for each in check.run() if each.failed]
    assert (failure.rule.id, failure.note) == ("greeting-comes-first", "(nothing more for 0.2 s)")


@pytest.mark.parametrize("octets", [b"x", b"220 a\r\n" * 1000, b"220-a\r\n" * 1000])
def test_a_server_that_never_stops_talking_ends_the_run(octets: bytes) -> None:
    def talk(client: socket.socket) -> None:
        while True:
            client.sendall(octets)
            time.sleep(0.001)

    begin = time.monotonic()
    with threaded(talk) as address:
        assert failed_at(address, "greet")
    assert time.monotonic() - begin < 20


def test_a_server_that_was_silent_several_times_is_waited_for_less() -> None:
    peer = TcpPeer("127.0.0.1", 2525, patience=3)
    for _ in range(3):
        peer.note_silence()
    assert peer.patience == 3
    peer.note_silence()
    assert peer.patience == 1


def test_messages_that_are_delivered_late_are_seen_and_not_taken_for_others(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()

    class Late(Right):
        def store(self, text: bytes) -> None:
            name = f"{time.monotonic_ns()}"
            threading.Timer(0.05, (tmp_path / "new" / name).write_bytes, [text.replace(b"\r\n", b"\n")]).start()

    with threaded(lambda client: run_right(client, Late())) as address:
        assert failed_at(address, "storage", "again", "clients", maildir=tmp_path) == []


def test_a_server_that_goes_away_is_told_as_gone() -> None:
    gone = threading.Event()

    class Once(Right):
        def verbs(self) -> dict[bytes, Any]:
            return {**super().verbs(), b"VRFY": self.go}

        def go(self, argument: bytes) -> bytes:
            gone.set()
            raise OSError

    with threaded(lambda client: run_right(client, Once())) as address:
        peer = TcpPeer(*address, patience=0.3)
        connect = peer.connect

        def refuse_when_gone() -> Any:
            if gone.is_set():
                with socket.create_server(("127.0.0.1", 0)) as closed:
                    port = closed.getsockname()[1]
                return TcpPeer("127.0.0.1", port, patience=0.3).connect()
            return connect()

        peer.connect = refuse_when_gone  # type: ignore[method-assign,assignment]
        failures = [each for each in ServerCheck(peer, rules=rules_of("reset")).run() if each.failed]
    assert [each.rule.id for each in failures] == ["vrfy-is-known"]
    assert failures[0].note == sentences.ENDED
    assert failures[0].look == sentences.GONE


def test_nothing_is_sent_to_another_machine() -> None:
    with pytest.raises(smtplab.ClientError, match=r"192\.0\.2\.1"):
        check_conformance(("192.0.2.1", 25))


def test_the_subject_of_a_peer_is_the_name_of_the_class_or_the_address() -> None:
    assert MemoryPeer(Right).subject == MemoryPeer(Right()).subject == "Right"
    assert TcpPeer("127.0.0.1", 2525).subject == "127.0.0.1 port 2525"


@pytest.mark.parametrize("new", ["new", "alice/new", "lab.example/alice/new"])
def test_a_maildir_has_a_folder_new_and_an_empty_folder_may_become_one(tmp_path: Path, new: str) -> None:
    assert may_be_maildir(tmp_path)
    assert not may_be_maildir(tmp_path / "missing")
    (tmp_path / "readme.txt").touch()
    assert not may_be_maildir(tmp_path)
    (tmp_path / new).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / new).touch()
    assert not may_be_maildir(tmp_path), "it is a file"
    (tmp_path / new).unlink()
    (tmp_path / new).mkdir()
    assert may_be_maildir(tmp_path) == (new.count("/") < 2), "deeper, messages would not be found"
