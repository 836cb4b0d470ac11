"""How fast smtplab is beside its peers, paired and interleaved in one run; the answer is a Markdown table.

    python tests/bench/run.py --rounds 5

In each round every contestant of every case is measured, one after the other and in an order that turns; a ratio is
taken within a round, and the median over the rounds counts. So a slow machine, or a busy one, changes the figures more
than the ratios. The exit status is 1 if a ratio is below the limit in the title of its case, unless --scale is below 1.

The contestant named first is the base of its case. Peers are aiosmtpd and smtplib, of the extra ``test``, and, where
Debian's package ``postfix`` is installed, smtp-source and smtp-sink. smtplab runs on asyncio's own loop, and once more
on uvloop's where that is installed. The cases that need smtp-source are left out where it is missing; those of memory
need Linux. Everything stays on loopback.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PYTHON = sys.executable
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT), "PATH": PATH}
SOURCE, SINK = (shutil.which(name, path=PATH) or "" for name in ("smtp-source", "smtp-sink"))
PATIENCE = 120.0

# smtp-sink started by root wants to know whom to become.
_SINK = [SINK, *(["-u", "nobody"] if os.geteuid() == 0 else []), "-m", "4000"]
# uvloop is used wherever it is installed; a module that is None cannot be imported.
_WITHOUT_UVLOOP = "import sys; sys.modules['uvloop'] = None; from smtplab.cli import main; main()"
_SMTPLAB = [PYTHON, "-c", _WITHOUT_UVLOOP, "serve", "--port", "{port}"]
SERVERS = {
    "aiosmtpd": [PYTHON, str(HERE / "aiosmtpd_peer.py"), "{port}"],
    "aiosmtpd, Maildir": [PYTHON, str(HERE / "aiosmtpd_peer.py"), "{port}", "{folder}/mail"],
    "smtplab": [*_SMTPLAB, "--discard"],
    "smtplab, uvloop": [PYTHON, "-m", "smtplab", "serve", "--port", "{port}", "--discard"],
    "smtplab, Maildir": [*_SMTPLAB, "--domain", "example.com", "--user", "b", "--maildir", "{folder}/mail"],
    "asyncio alone": [PYTHON, str(HERE / "loop_peer.py"), "{port}"],
    "uvloop alone": [PYTHON, str(HERE / "loop_peer.py"), "{port}", "uvloop"],
    "smtp-sink": [*_SINK, "127.0.0.1:{port}", "2048"],
    "smtp-sink without PIPELINING": [*_SINK, "-p", "127.0.0.1:{port}", "2048"],
}

# Two hosts: the first relays to the second. Nobody listens for the third.
RELAYS = """
listen = "127.0.0.1:{port}"
relay_from = ["127.0.0.1"]
[directory]
domains = ["{domain}"]
mailboxes = ["b"]
[zone.hosts]
"example.com" = {{ address = "127.0.0.1", port = {far} }}
"down.example" = {{ address = "127.0.0.1", port = {down} }}
"""

Measure = Callable[[int], float]


@dataclass(frozen=True)
class Case:
    """One comparison.

    Args:
        title: what is measured.
        unit: of the figures.
        count: messages, connections or starts at each measurement.
        measures: for each contestant, the base first, what returns its figure.
        least: how many it takes for a figure that means something, however small the scale.
        limit: what the median ratio must be at least; 0 for no limit.
    """

    title: str
    unit: str
    count: int
    measures: dict[str, Measure]
    least: int = 1
    limit: float = 0.0
    figures: dict[str, list[float]] = field(default_factory=dict)

    def measure(self, turn: int, scale: float) -> None:
        """Measure every contestant once, beginning with another one at each turn."""
        names = list(self.measures)
        start = turn % len(names)
        for name in names[start:] + names[:start]:
            figure = self.measures[name](max(self.least, int(self.count * scale)))
            self.figures.setdefault(name, []).append(figure)

    def ratios(self, name: str) -> list[float]:
        """Return the ratios of a contestant to the base, one a round."""
        base = self.figures[next(iter(self.measures))]
        return [figure / other for figure, other in zip(self.figures[name], base, strict=True)]

    @property
    def is_within_limit(self) -> bool:
        """True if no median ratio is below the limit."""
        return all(statistics.median(self.ratios(name)) >= self.limit for name in self.measures)

    def rows(self) -> Iterator[str]:
        """Return the lines of the table for this case."""
        title = self.title + (f", at least {self.limit:g}" if self.limit else "")
        for name in self.measures:
            figures, ratios = self.figures[name], self.ratios(name)
            yield (
                f"| {title} | {name} | {statistics.median(figures):,.1f} {self.unit} "
                f"| {statistics.median(ratios):.2f} | {min(ratios):.2f} to {max(ratios):.2f} |"
            )


# Servers


@dataclass(frozen=True)
class Peer:
    """A server that runs."""

    port: int
    pid: int

    @property
    def resident_kib(self) -> int:
        """How much memory it has, in KiB."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") // 1024


@contextmanager
def running(name: str) -> Iterator[Peer]:
    """Run a server of `SERVERS` in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        port = _free_port()
        command = [part.format(port=port, folder=folder) for part in SERVERS[name]]
        with open(f"{folder}/log", "wb") as log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=ENVIRONMENT)
            try:
                _await_greeting(process, name, port)
                yield Peer(port, process.pid)
            finally:
                process.terminate()
                process.wait(PATIENCE)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _await_greeting(process: subprocess.Popen[bytes], name: str, port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with Talker(port):
                return
        except ConnectionRefusedError:
            time.sleep(0.05)
    raise SystemExit(f"{name} did not start: {' '.join(SERVERS[name])}")


class Talker:
    """A client that says what it is told: one connection, past its greeting."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._replies = self._socket.makefile("rb")
        self.expect("220")

    def say(self, octets: bytes, *codes: str) -> None:
        """Send octets, and see that the replies to them have these codes."""
        self._socket.sendall(octets)
        for code in codes:
            self.expect(code)

    def expect(self, code: str) -> None:
        """Read a reply."""
        while (line := self._replies.readline())[3:4] == b"-":
            pass
        if line[:3].decode() != code:
            raise SystemExit(f"a server said {line!r} instead of {code}")

    def __enter__(self) -> Talker:
        return self

    def __exit__(self, *_: object) -> None:
        self._replies.close()
        self._socket.close()


# Hosts that relay


class Relays:
    """Two hosts that run.

    Args:
        port: where the first one listens.
        mailbox: where the second one puts mail for b@example.com.
    """

    def __init__(self, port: int, mailbox: Path) -> None:
        self.port = port
        self._mailbox = mailbox

    def acknowledged(self, send: Callable[[], float]) -> float:
        """Return the messages that the first host acknowledges in a second, and wait until all are delivered."""
        figure, _ = self._timed(send)
        return figure

    def delivered(self, send: Callable[[], float], count: int) -> float:
        """Return the messages in a second, from the first one sent to the last one delivered."""
        _, seconds = self._timed(send, count)
        return count / seconds

    def _timed(self, send: Callable[[], float], count: int = 0) -> tuple[float, float]:
        before, begin = self._count(), time.perf_counter()
        figure = send()
        while count and self._count() < before + count:
            if time.perf_counter() - begin > PATIENCE:
                raise SystemExit("mail was not delivered")
            time.sleep(0.005)
        seconds = time.perf_counter() - begin
        self._drain()
        return figure, seconds

    def _drain(self) -> None:
        """Wait until nothing more arrives."""
        last = -1
        while (now := self._count()) != last:
            last = now
            time.sleep(0.2)

    def _count(self) -> int:
        return len(os.listdir(self._mailbox)) if self._mailbox.is_dir() else 0


@contextmanager
def relays() -> Iterator[Relays]:
    """Run two hosts, each in a process of its own."""
    near, far, down = _free_port(), _free_port(), _free_port()
    processes = []
    with tempfile.TemporaryDirectory() as folder:
        try:
            for name, domain, port in (("far", "example.com", far), ("near", "near.example", near)):
                (Path(folder) / name).mkdir()
                config = Path(folder) / name / "host.toml"
                config.write_text(RELAYS.format(port=port, domain=domain, far=far, down=down))
                processes.append(_start_mta(config))
                _await_greeting(processes[-1], f"smtplab mta, {name}", port)
            yield Relays(near, Path(folder) / "far" / "maildir" / "b" / "new")
        finally:
            for process in processes:
                process.kill()
                process.wait(PATIENCE)


def _start_mta(config: Path) -> subprocess.Popen[bytes]:
    command = [PYTHON, "-m", "smtplab", "mta", "--quiet", "--config", str(config)]
    with open(config.with_name("log"), "wb") as log:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=ENVIRONMENT)


# Measurements


def source(port: int, count: int, *options: str) -> float:
    """Return the messages that smtp-source delivers in a second."""
    envelope = ["-M", "client.example", "-f", "a@example.com", "-t", "b@example.com"]
    begin = time.perf_counter()
    _run([SOURCE, "-4", *envelope, *options, "-m", str(count), f"inet:127.0.0.1:{port}"])
    return count / (time.perf_counter() - begin)


def groups(port: int, count: int) -> float:
    """Return the transactions in a second, each one group of MAIL, 50 RCPT and DATA (RFC 2920)."""
    recipients = b"".join(b"RCPT TO:<user%d@example.com>\r\n" % number for number in range(50))
    group = b"MAIL FROM:<a@example.com>\r\n" + recipients + b"DATA\r\n"
    content = b"Subject: x\r\n\r\n" + (b"X" * 78 + b"\r\n") * 12 + b".\r\n"
    with Talker(port) as talker:
        talker.say(b"EHLO client.example\r\n", "250")
        begin = time.perf_counter()
        for _ in range(count):
            talker.say(group, *["250"] * 51, "354")
            talker.say(content, "250")
        return count / (time.perf_counter() - begin)


def idle_memory(name: str, count: int) -> float:
    """Return by how much each idle connection makes a new server grow, in KiB."""
    with running(name) as peer, ExitStack() as stack:
        before = peer.resident_kib
        for _ in range(count):
            stack.enter_context(Talker(peer.port)).say(b"EHLO client.example\r\n", "250")
        time.sleep(0.2)
        return (peer.resident_kib - before) / count


def client(name: str, port: int, count: int) -> float:
    """Return the messages that a client of `clients.CLIENTS` delivers in a second."""
    return count / float(_run([PYTHON, str(HERE / "clients.py"), name, str(port), str(count)]))


def start_up(count: int, *arguments: str) -> float:
    """Return the milliseconds that an interpreter takes from its start to its end; the least of `count`."""
    times = []
    for _ in range(count):
        begin = time.perf_counter()
        _run([PYTHON, *arguments])
        times.append(time.perf_counter() - begin)
    return min(times) * 1000


def _run(command: list[str]) -> str:
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        timeout=PATIENCE,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr}")
    return done.stdout


# Cases


class Bench:
    """All cases, and the servers they share, which are started when they are first needed."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._running: dict[str, Peer] = {}
        self._relays: dict[int, Relays] = {}  # by how many messages wait there

    def port(self, name: str) -> int:
        """Return the port of a server."""
        if name not in self._running:
            self._running[name] = self._stack.enter_context(running(name))
        return self._running[name].port

    def cases(self) -> Iterator[Case]:
        """Return what can be measured here."""
        servers = ["aiosmtpd", "smtplab"]
        servers += ["smtplab, uvloop"] if find_spec("uvloop") else []
        servers += ["smtp-sink"] if SINK else []
        alone = ["asyncio alone", *(["uvloop alone"] if find_spec("uvloop") else [])]
        if SOURCE:
            yield self._sourced("server: 20 sessions, a connection per message", 2000, servers + alone, "-s", "20")
            yield self._sourced("server: 20 sessions, connections reused", 5000, servers + alone, "-s", "20", "-d")
            yield self._sourced("server: 500 sessions, connections reused", 5000, servers, "-s", "500", "-d")
            yield self._sourced("server: 10 MiB messages", 5, servers, "-s", "1", "-d", "-l", "10485760")
            maildirs = ["aiosmtpd, Maildir", "smtplab, Maildir"]
            yield self._sourced("server: mail kept in a Maildir, 20 sessions", 400, maildirs, "-s", "20", "-d")
            yield from self._relay_cases()
        yield Case(
            "server: MAIL, 50 RCPT and DATA in one group", "messages/s", 300, {n: self._groups(n) for n in servers}
        )
        if Path("/proc/self/statm").exists():
            yield Case("server: an idle connection", "KiB", 400, {n: _idle(n) for n in servers}, least=200)
        yield from self._client_cases()
        yield Case("start-up", "ms", 3, _start_ups())

    def _sourced(self, title: str, count: int, names: list[str], *options: str) -> Case:
        return Case(
            title,
            "messages/s",
            count,
            {name: lambda n, name=name: source(self.port(name), n, *options) for name in names},
        )

    def _relay_cases(self) -> Iterator[Case]:
        """Yield what a host costs that spools durably and relays, beside a server that only receives."""
        base = "aiosmtpd, Maildir"
        maildir: Measure = lambda count: source(self.port(base), count, "-s", "20")  # noqa: E731
        name = "smtplab mta, to a second one"
        title = "host: mail spooled and relayed, 20 sessions"
        acknowledged: Measure = lambda count: self._relay(lambda host: host.acknowledged(_to(host, count)))  # noqa: E731
        delivered: Measure = lambda count: self._relay(lambda host: host.delivered(_to(host, count), count))  # noqa: E731
        yield Case(f"{title}: acknowledged", "messages/s", 400, {base: maildir, name: acknowledged}, limit=1.0)
        yield Case(f"{title}: delivered", "messages/s", 400, {base: maildir, name: delivered}, limit=0.6)
        crowded: Measure = lambda count: self._relay(lambda host: host.acknowledged(_to(host, count)), 1000)  # noqa: E731
        queues = {"an empty queue": acknowledged, "1,000 messages in the queue": crowded}
        yield Case("host: a new message", "messages/s", 400, queues, limit=0.9)

    def _relay(self, measure: Callable[[Relays], float], waiting: int = 0) -> float:
        """Measure two hosts, of which the first has so many messages for a third, which is down."""
        if waiting not in self._relays:
            hosts = self._stack.enter_context(relays())
            if waiting:
                source(hosts.port, waiting, "-s", "20", "-t", "x@down.example")
            self._relays[waiting] = hosts
        return measure(self._relays[waiting])

    def _groups(self, name: str) -> Measure:
        return lambda count: groups(self.port(name), count)

    def _client_cases(self) -> Iterator[Case]:
        pipelining = "smtp-sink" if SINK else "smtplab"
        names = ["smtplib", "smtplab deliver", "smtplab deliver_all"]
        yield self._clients(f"client: one connection to {pipelining}", names, pipelining, "-d")
        if SINK:
            one_by_one = "smtp-sink without PIPELINING"
            yield self._clients("client: one connection, no PIPELINING", names[:2], one_by_one, "-d")
        each = ["smtplib, each connected", "smtplab, each connected"]
        yield self._clients(f"client: a connection per message to {pipelining}", each, pipelining)

        parallel = ["smtplib, 20 threads", "smtplab AsyncClient"]
        parallel += ["smtplab AsyncClient, uvloop"] if find_spec("uvloop") else []
        yield self._clients(f"client: 20 connections to {pipelining}", parallel, pipelining, "-s", "20", "-d", least=20)

    def _clients(self, title: str, names: list[str], server: str, *options: str, least: int = 1) -> Case:
        measures: dict[str, Measure] = {n: lambda count, n=n: client(n, self.port(server), count) for n in names}
        if SOURCE:
            measures["smtp-source"] = lambda count: source(self.port(server), count, "-s", "1", *options)
        return Case(title, "messages/s", 2000, measures, least)


def _to(host: Relays, count: int) -> Callable[[], float]:
    return lambda: source(host.port, count, "-s", "20")


def _idle(name: str) -> Measure:
    return lambda count: idle_memory(name, count)


def _start_ups() -> dict[str, Measure]:
    commands = {
        "a bare interpreter": ["-c", "pass"],
        "import smtplab": ["-c", "import smtplab"],
        "smtplab --help": ["-m", "smtplab", "--help"],
    }
    return {name: lambda count, line=line: start_up(count, *line) for name, line in commands.items()}


def main() -> int:
    """Measure, and print the table; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scale", type=float, default=1.0, help="multiplies the number of messages")
    parser.add_argument("--only", default="", help="measure only cases whose title holds this text")
    options = parser.parse_args()
    with ExitStack() as stack:
        cases = [case for case in Bench(stack).cases() if options.only in case.title]
        for case in cases:  # the first time warms up and does not count
            case.measure(0, options.scale / 10)
            case.figures.clear()
        for turn in range(options.rounds):
            for case in cases:
                case.measure(turn, options.scale)
            print(f"round {turn + 1} of {options.rounds}", file=sys.stderr)
    print("| case | contestant | median | times the base | from to |\n| --- | --- | ---: | ---: | --- |")
    for case in cases:
        print(*case.rows(), sep="\n")
    return 0 if options.scale < 1 else int(not all(case.is_within_limit for case in cases))


if __name__ == "__main__":
    sys.exit(main())
