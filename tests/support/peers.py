"""Clients and servers of other makers. A test that needs one which is not installed is skipped, with the reason."""

import asyncio
import os
import pwd
import shutil
import smtplib
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from support.raw_client import PATIENCE

SENDER, RECIPIENT = "someone@client.example", "alice@lab.example"


def program(name: str) -> str:
    """Return where a program is. Debian keeps some outside a user's PATH."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if found is None:
        pytest.skip(f"the program {name} is not installed")
    return found


def run(*command: str, stdin: bytes = b"") -> None:
    """Run a program to its end; it must succeed."""
    done = subprocess.run(command, input=stdin, capture_output=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr).decode(errors="replace")


# Clients: each delivers the message in a file, once, to the server on a port of loopback.


def with_smtplib(port: int, file: Path) -> None:
    with smtplib.SMTP("127.0.0.1", port, "client.example", PATIENCE) as client:
        assert client.sendmail(SENDER, [RECIPIENT], file.read_bytes(), ["BODY=8BITMIME"]) == {}


def with_aiosmtplib(port: int, file: Path) -> None:
    aiosmtplib = pytest.importorskip("aiosmtplib")

    async def deliver() -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, local_hostname="client.example") as client:
            options = ["BODY=8BITMIME"]
            refused, _ = await client.sendmail(SENDER, [RECIPIENT], file.read_bytes(), mail_options=options)
            assert refused == {}

    asyncio.run(deliver())


def with_swaks(port: int, file: Path, *more: str) -> None:
    options = ("--server", "127.0.0.1", "--port", str(port), "--helo", "client.example")
    envelope = ("--from", SENDER, "--to", RECIPIENT)
    # A lone dot at the end of the data is the end of the data to it, so that the message's own last line stays one.
    run(program("swaks"), *options, *envelope, "--data", "-", *more, stdin=file.read_bytes() + b".\r\n")


def with_swaks_pipelined(port: int, file: Path) -> None:
    with_swaks(port, file, "--pipeline")


def with_curl(port: int, file: Path) -> None:
    url = f"smtp://127.0.0.1:{port}/client.example"
    run(program("curl"), "-sS", "--mail-from", SENDER, "--mail-rcpt", RECIPIENT, "-T", str(file), url)


def with_msmtp(port: int, file: Path) -> None:
    options = ("--file=/dev/null", "--host=127.0.0.1", f"--port={port}", "--auth=off", "--tls=off")
    envelope = ("--domain=client.example", f"--from={SENDER}", RECIPIENT)
    # It reads a message as Unix keeps it, and ends every line with CRLF.
    run(program("msmtp"), *options, *envelope, stdin=file.read_bytes().replace(b"\r\n", b"\n"))


def compose_with_s_nail(port: int, subject: str, body: bytes) -> None:
    """Write a message in s-nail, which makes a header section of its own, and let it go."""
    options = ("-:/", "-S", "v15-compat", "-S", f"mta=smtp://127.0.0.1:{port}", "-S", "smtp-auth=none")
    names = ("-S", f"from={SENDER}", "-S", "hostname=client.example", "-S", "smtp-hostname=client.example")
    run(program("s-nail"), *options, *names, "-s", subject, RECIPIENT, stdin=body)


CLIENTS: list[Callable[[int, Path], None]] = [
    with_smtplib,
    with_aiosmtplib,
    with_swaks,
    with_swaks_pipelined,
    with_curl,
    with_msmtp,
]


# Servers: each keeps what it is given for the length of a ``with``.


@contextmanager
def aiosmtpd_server(pause: float = 0.0, at_once: list[int] | None = None) -> Iterator[tuple[int, list[Any]]]:
    """Run aiosmtpd in a thread; yield its port and the envelopes it has taken.

    Args:
        pause: how many seconds it takes to keep a message.
        at_once: takes at each message how many sessions have one then; None for nowhere.
    """
    module = pytest.importorskip("aiosmtpd.smtp")
    envelopes: list[Any] = []
    started, loop = threading.Event(), asyncio.new_event_loop()
    port = 0

    busy: set[Any] = set()

    async def keep(server: Any, session: Any, envelope: Any) -> str:
        busy.add(session)
        if at_once is not None:
            at_once.append(len(busy))
        await asyncio.sleep(pause)
        busy.remove(session)
        envelopes.append(envelope)
        return "250 kept"

    handler = SimpleNamespace(handle_DATA=keep)

    class Server(module.SMTP):
        line_length_limit = 4096  # the sample with a long line is above the 1001 it takes otherwise

    async def listen() -> None:
        nonlocal port
        listener = await loop.create_server(
            lambda: Server(handler, hostname="peer.example", enable_SMTPUTF8=True, loop=loop), "127.0.0.1", 0
        )
        port = listener.sockets[0].getsockname()[1]
        started.set()

    def main() -> None:
        loop.create_task(listen())
        loop.run_forever()

    thread = threading.Thread(target=main, daemon=True)
    thread.start()
    assert started.wait(PATIENCE)
    try:
        yield port, envelopes
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE)
        loop.close()


@contextmanager
def smtp_sink(*options: str) -> Iterator[tuple[int, Path]]:
    """Run Postfix's smtp-sink; yield its port and the folder where it keeps each message in a file."""
    sink = program("smtp-sink")
    user = ("-u", "root") if os.geteuid() == 0 else ()
    with tempfile.TemporaryDirectory() as folder:
        port = _free_port()
        command = [sink, *user, *options, "-d", f"{folder}/%M.", f"127.0.0.1:{port}", "100"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            _wait_for(port, process)
            yield port, Path(folder)
        finally:
            process.terminate()
            process.communicate(timeout=PATIENCE)


def kept_by_smtp_sink(folder: Path) -> list[bytes]:
    """Return the messages in a folder of `smtp_sink` as they came, without what it puts before and behind each.

    It keeps lines as Unix does. Before the message stand fields of its own and a Received field, behind it an empty
    line.
    """
    contents = []
    for file in sorted(folder.iterdir()):
        lines = file.read_bytes().removesuffix(b"\n").split(b"\n")
        received = next(number for number, line in enumerate(lines) if line.startswith(b"Received: "))
        first = next(number for number in range(received + 1, len(lines)) if lines[number][:1] not in (b"\t", b" "))
        contents.append(b"\r\n".join(lines[first:]))
    return contents


_POSTFIX_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
mail_owner = postfix
setgid_group = postdrop
myhostname = postfix.example
mydestination =
alias_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
virtual_mailbox_domains = postfix.example
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = inline:{{ {{alice@postfix.example = alice/}} }}
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
transport_maps = inline:{{ {{near.example = smtp:[127.0.0.1]:{hop}}}, {{far.example = smtp:[127.0.0.1]:{hop}}} }}
relay_domains = near.example, far.example
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
smtp_host_lookup = native
"""
_POSTFIX_SERVICES = """
127.0.0.1:{port} inet n - n - - smtpd
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
proxymap  unix  - - n - - proxymap
smtp      unix  - - n - - smtp
relay     unix  - - n - - smtp
error     unix  - - n - - error
retry     unix  - - n - - error
virtual   unix  - n n - - virtual
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
"""


@contextmanager
def postfix(hop: int) -> Iterator[tuple[int, Path]]:
    """Run a Postfix of its own named postfix.example, where alice lives.

    Mail for near.example and far.example goes to the port `hop`. Yields its port and the Maildir of alice.
    """
    command = program("postfix")
    if os.geteuid() != 0:
        pytest.skip("only root can start Postfix")
    port = _free_port()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        owner = pwd.getpwnam("postfix")
        _configure_postfix(folder, owner, port, hop)
        run(command, "-c", f"{folder}/conf", "start")
        try:
            yield port, folder / "mail" / "alice" / "new"
        finally:
            run(command, "-c", f"{folder}/conf", "stop")


def _configure_postfix(folder: Path, owner: pwd.struct_passwd, port: int, hop: int) -> None:
    folder.chmod(0o755)
    for each in ("conf", "queue", "data", "mail"):
        (folder / each).mkdir(mode=0o755)
    for each in ("data", "mail"):
        os.chown(folder / each, owner.pw_uid, owner.pw_gid)
    for each in ("postfix-files", "dynamicmaps.cf"):
        shutil.copy(f"/etc/postfix/{each}", folder / "conf")
    main = _POSTFIX_MAIN.format(folder=folder, uid=owner.pw_uid, gid=owner.pw_gid, hop=hop)
    (folder / "conf" / "main.cf").write_text(main)
    (folder / "conf" / "master.cf").write_text(_POSTFIX_SERVICES.format(port=port))


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Return once the program listens; it has no other way to say so."""
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), PATIENCE).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.01)
    raise AssertionError(f"{process.args!r} does not listen")
