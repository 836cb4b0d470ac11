"""Long runs against a real server in a process of its own: hostile octets, and a crowd.

    python tests/soak.py hostile --number 100000 --seed 1
    python tests/soak.py crowd --idle 500 --busy 200 --messages 50

Each prints its figures, and fails if a promise was broken. ``test_soak.py`` runs both for a short time.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from smtplab.mta.directory import Directory
from smtplab.mta.host import MailHost
from smtplab.mta.maildir import MaildirStore
from smtplab.mta.policy import Policy
from smtplab.transcript import Side, Transcript
from smtplab.worlds.background import new_event_loop
from smtplab.worlds.tcp import Server
from support.paths import DATA, ROOT
from support.raw_client import behind_the_trace

TRANSCRIPTS = DATA / "transcripts"
PATIENCE = 30.0

# Nobody hostile knows this mailbox, so that what is in it came from those who behave.
GOOD = "well-behaved"
MAILBOXES = ["alice", "bob", "carol", "forouzanb", GOOD]
DOMAINS = ["lab.example", "adelphia.net", "mail.adelphia.net", "example.org"]

_REPLIES = re.compile(rb"(?:(?:[2-5]\d\d-[^\r\n]{0,506}\r\n)*[2-5]\d\d(?: [^\r\n]{0,506})?\r\n)*")


# The server


async def _serve(maildir: str) -> None:
    handler = MailHost(Directory(DOMAINS, MAILBOXES), MaildirStore(maildir))
    server = Server(handler, policy=Policy(max_sessions=10_000))
    await server.start()
    print(*server.address, flush=True)
    await asyncio.to_thread(sys.stdin.read)  # until whoever started it closes its end
    await server.stop()


def serve(maildir: str) -> None:
    """Run a server, say where it listens, and stop when the standard input ends; warnings go to the standard error."""
    logging.basicConfig(level=logging.WARNING)
    _allow_many_files()
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(_serve(maildir))


def _allow_many_files() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


@dataclass
class Peer:
    """The server, seen from outside.

    Args:
        acknowledged: the messages for the good mailbox that it answered with 250.
    """

    process: subprocess.Popen[str]
    address: tuple[str, int]
    store: MaildirStore
    acknowledged: list[bytes] = field(default_factory=list)

    @property
    def resident_kib(self) -> int:
        """How much memory the server holds, as the system counts it."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1])

    def check_mailbox(self) -> None:
        """See that each acknowledged message is in the good mailbox once, and nothing else."""
        assert len(set(self.acknowledged)) == len(self.acknowledged) > 0
        assert Counter(map(behind_the_trace, self.store.messages(GOOD))) == Counter(self.acknowledged)


@contextmanager
def server_process() -> Iterator[Peer]:
    """Run a server in a process of its own; at the end its log must be empty and no half message left."""
    _allow_many_files()
    with tempfile.TemporaryDirectory() as folder:
        maildir, log = Path(folder, "mail"), Path(folder, "log")
        with log.open("w") as errors:
            process = subprocess.Popen(
                [sys.executable, __file__, "serve", str(maildir)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env=os.environ | {"PYTHONPATH": str(ROOT)},
            )
        try:
            host, port = process.stdout.readline().split()
            yield Peer(process, (host, int(port)), MaildirStore(maildir))
            process.stdin.close()
            assert process.wait(PATIENCE) == 0, log.read_text()
            assert log.read_text() == ""
            assert list(maildir.glob("*/tmp/*")) == []
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


# Clients that behave


class Session:
    """A session of a client that behaves."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def reply(self) -> bytes:
        """Return the last line of the next reply."""
        while (line := await self._reader.readline())[3:4] == b"-":
            pass
        return line

    async def say(self, data: bytes, *codes: bytes) -> None:
        """Send octets and expect these codes."""
        self._writer.write(data)
        for code in codes:
            line = await self.reply()
            assert line.startswith(code), line

    async def deliver(self, content: bytes) -> None:
        """Deliver a message, in a group."""
        group = b"MAIL FROM:<someone@client.example>\r\nRCPT TO:<%s@lab.example>\r\nDATA\r\n" % GOOD.encode()
        await self.say(group, b"250", b"250", b"354")
        await self.say(content + b".\r\n", b"250")


@asynccontextmanager
async def session(address: tuple[str, int]) -> AsyncIterator[Session]:
    """Open a session up to the reply to EHLO."""
    reader, writer = await asyncio.open_connection(*address)
    try:
        opened = Session(reader, writer)
        await opened.say(b"", b"220")
        await opened.say(b"EHLO client.example\r\n", b"250")
        yield opened
    finally:
        writer.close()


class Good:
    """A client that delivers again and again, each time in a new session, until it is told to stop."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self.slowest = 0.0
        self.stop = False

    async def run(self) -> None:
        """Deliver."""
        while not self.stop:
            begin = time.monotonic()
            content = b"Subject: %d\r\n\r\n" % len(self._peer.acknowledged) + b"0123456789" * 50 + b"\r\n"
            async with session(self._peer.address) as opened:
                await opened.deliver(content)
            self._peer.acknowledged.append(content)
            self.slowest = max(self.slowest, time.monotonic() - begin)
            await asyncio.sleep(0.01)  # it leaves the machine to the others


# Clients that do not


class Attacks:
    """Random octets and mutated sessions, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._corpus = [_client_side(path) for path in sorted(TRANSCRIPTS.glob("*.txt"))]
        self._mutations: list[Callable[[bytearray], None]] = [
            self._flip, self._cut, self._double, self._swap_line_ends, self._nul, self._lengthen, self._splice,
        ]  # fmt: skip

    def next(self) -> list[bytes]:
        """Return what to send, in the pieces in which to send it."""
        draw = self._random
        if draw.random() < 0.2:
            data = bytearray(draw.randbytes(draw.randrange(1, 2000)))
        else:
            data = bytearray(draw.choice(self._corpus) if draw.random() < 0.5 else self._session())
            for _ in range(draw.randrange(1, 6)):
                draw.choice(self._mutations)(data)
        places = sorted(draw.randrange(len(data) + 1) for _ in range(draw.randrange(4)))
        return [bytes(data[start:end]) for start, end in zip([0, *places], [*places, len(data)], strict=True)]

    def leaves_rudely(self) -> bool:
        """Say whether the client breaks the connection off without waiting for the replies."""
        return self._random.random() < 0.1

    def _session(self) -> bytes:
        """Return a session in order: some transactions, at most pipelined."""
        draw = self._random
        lines = [draw.choice(["EHLO c.example", "HELO c.example"])]
        for _ in range(draw.randrange(1, 4)):
            lines.append(
                draw.choice(["MAIL FROM:<a@c.example>", "MAIL FROM:<> BODY=8BITMIME", "SAML FROM:<a@c.example>"])
            )
            lines += [
                f"RCPT TO:<{draw.choice(['alice', 'bob', 'nobody'])}@lab.example>" for _ in range(draw.randrange(5))
            ]
            lines += [
                "DATA",
                "Subject: x",
                "",
                *(draw.choice(["..", "text", ". x"]) for _ in range(draw.randrange(9))),
                ".",
            ]
            lines += draw.sample(["NOOP", "RSET", "VRFY alice", "EXPN staff", "HELP", "TURN", "HELP DATA"], 2)
        return "".join(f"{line}\r\n" for line in [*lines, "QUIT"]).encode()

    def _place(self, data: bytearray) -> int:
        return self._random.randrange(len(data) + 1)

    def _flip(self, data: bytearray) -> None:
        for _ in range(self._random.randrange(1, 9)):
            if data:
                data[self._random.randrange(len(data))] ^= 1 << self._random.randrange(8)

    def _cut(self, data: bytearray) -> None:
        start = self._place(data)
        del data[start : start + self._random.randrange(1, 40)]

    def _double(self, data: bytearray) -> None:
        start = self._place(data)
        piece = data[start : start + self._random.randrange(1, 200)]
        data[start:start] = piece * self._random.choice([1, 1, 2, 30])

    def _swap_line_ends(self, data: bytearray) -> None:
        new = self._random.choice([b"\n", b"\r", b"\n\r", b"\r\r\n", b""])
        start = self._place(data)
        data[start:] = data[start:].replace(b"\r\n", new, self._random.choice([1, 1, 3, -1]))

    def _nul(self, data: bytearray) -> None:
        start = self._place(data)
        data[start:start] = self._random.choice([b"\0", b"\0\r\n", b"\r\0\n", b"\x1b[2J", b"\xff\xfe", b"\r\n.\0\r\n"])

    def _lengthen(self, data: bytearray) -> None:
        start = self._place(data)
        data[start:start] = self._random.choice([b"x", b" ", b"<", b"\\", b"@a,", b"\r"]) * self._random.choice(
            [100, 600, 5000, 100_000]
        )

    def _splice(self, data: bytearray) -> None:
        other = self._random.choice(self._corpus)
        start = self._place(data)
        data[start:] = other[self._random.randrange(len(other)) :]


def _client_side(path: Path) -> bytes:
    transcript = Transcript.parse(path.read_text("utf-8"))
    return b"".join(row.data for row in transcript if row.side is Side.CLIENT)


async def attack(address: tuple[str, int], pieces: list[bytes], rude: bool) -> None:
    """Send the pieces; unless the client is rude, there must be replies and nothing else, and then the end.

    A server that has said 421 does not read on, and TCP may then lose what it said last.
    """
    reader, writer = await asyncio.open_connection(*address)
    said, whole = bytearray(), True
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        if rude:
            writer.transport.abort()
            return
        writer.write_eof()
    except OSError:
        whole = False
    try:
        while data := await reader.read(65536):
            said += data
    except OSError:
        whole = False
    finally:
        writer.close()
    rest = said[_REPLIES.match(said).end() :]
    assert rest == b"" if whole else b"\n" not in rest, (pieces, bytes(said))
    assert said.startswith(b"220 ") or not whole, (pieces, bytes(said))


async def hostile(peer: Peer, number: int, seed: int, width: int = 32) -> Good:
    """Attack so many times, `width` at once, while a good client delivers; return that client."""
    attacks, good, left = Attacks(seed), Good(peer), iter(range(number))

    async def attacker() -> None:
        for _ in left:
            pieces, rude = attacks.next(), attacks.leaves_rudely()
            async with asyncio.timeout(PATIENCE):
                await attack(peer.address, pieces, rude)

    delivering = asyncio.create_task(good.run())
    await _all(attacker() for _ in range(width))
    good.stop = True
    await delivering
    peer.check_mailbox()
    return good


async def crowd(peer: Peer, idle: int, busy: int, messages: int) -> None:
    """Hold idle sessions open while busy ones deliver; each acknowledged message must be there, once."""
    enough = asyncio.Event()
    waiting: list[Session] = []

    async def wait() -> None:
        async with session(peer.address) as opened:
            waiting.append(opened)
            await enough.wait()
            await opened.say(b"NOOP\r\nQUIT\r\n", b"250", b"221")

    async def work(name: int) -> None:
        contents = [b"Subject: %d of %d\r\n\r\n.%d\r\n" % (index, name, index) for index in range(messages)]
        async with session(peer.address) as opened:
            for content in contents:
                await opened.deliver(content.replace(b"\r\n.", b"\r\n.."))
                peer.acknowledged.append(content)

    try:
        async with asyncio.timeout(PATIENCE * (1 + messages)), asyncio.TaskGroup() as group:
            for _ in range(idle):
                group.create_task(wait())
            await _all(work(name) for name in range(busy))
            assert len(waiting) == idle
            enough.set()
    finally:
        enough.set()
    peer.check_mailbox()
    assert len(peer.acknowledged) == busy * messages


async def _all(coroutines: Iterable[Coroutine[Any, Any, None]]) -> None:
    async with asyncio.TaskGroup() as group:
        for coroutine in coroutines:
            group.create_task(coroutine)


# By hand


def _run_hostile(number: int, seed: int) -> None:
    with server_process() as peer:
        # What is loaded and kept once and for all is no growth.
        asyncio.run(hostile(peer, min(number, 2000), seed + 1))
        before, begin = peer.resident_kib, time.monotonic()
        served = len(peer.acknowledged)
        good = asyncio.run(hostile(peer, number, seed))
        seconds, after = time.monotonic() - begin, peer.resident_kib
        print(f"{number} attacks, seed {seed}: {seconds:.1f} s, {number / seconds:.0f} a second")
        print(f"resident memory {before / 1024:.1f} MiB before, {after / 1024:.1f} MiB after")
        print(
            f"{len(peer.acknowledged) - served} messages of a good client meanwhile, {good.slowest:.2f} s the slowest"
        )


def _run_crowd(idle: int, busy: int, messages: int) -> None:
    with server_process() as peer:
        before, begin = peer.resident_kib, time.monotonic()
        asyncio.run(crowd(peer, idle, busy, messages))
        seconds, after = time.monotonic() - begin, peer.resident_kib
        print(f"{idle} idle and {busy} busy sessions, {busy * messages} messages, each stored once: {seconds:.1f} s")
        print(f"resident memory {before / 1024:.1f} MiB before, {after / 1024:.1f} MiB after")


def main() -> None:
    """Run what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("hostile", help="attack the server")
    command.add_argument("--number", type=int, default=100_000)
    command.add_argument("--seed", type=int, default=1)
    command.set_defaults(run=_run_hostile)
    command = commands.add_parser("crowd", help="hold many sessions at once")
    command.add_argument("--idle", type=int, default=500)
    command.add_argument("--busy", type=int, default=200)
    command.add_argument("--messages", type=int, default=50, help="of each busy session")
    command.set_defaults(run=_run_crowd)
    command = commands.add_parser("serve", help="what the others start")
    command.add_argument("maildir")
    command.set_defaults(run=serve)
    arguments = vars(parser.parse_args())
    run = arguments.pop("run")
    _allow_many_files()
    run(**arguments)


if __name__ == "__main__":
    main()
