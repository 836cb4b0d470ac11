"""``smtplab mta`` and ``smtplab queue``, run as a user runs them: acknowledged mail is delivered, whatever happens."""

from __future__ import annotations

import os
import random
import re
import resource
import shutil
import signal
import smtplib
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from smtplab.client.outcomes import ClientError
from smtplab.mta.bounce import read_report
from smtplab.mta.spool_folder import FolderSpool
from smtplab.worlds.background import BackgroundServer
from smtplab.worlds.tcp import Server
from smtplab.worlds.tcp_client import Client
from support.command_line import Run, check_fails
from support.hosts import mail_host
from support.mail_hosts import MailHostProcess, free_port, until
from support.odd_server import OddServer, before, line, say, silence
from support.peers import program
from support.raw_client import PATIENCE

Near = Callable[..., MailHostProcess]


@pytest.fixture
def near(tmp_path: Path) -> Iterator[Near]:
    """Make a mail host near.example, which has not been started."""
    hosts: list[MailHostProcess] = []

    def make(hop: int, *arguments: object, **options: object) -> MailHostProcess:
        hosts.append(MailHostProcess(tmp_path, hop, *arguments, **options))  # type: ignore[arg-type]
        return hosts[-1]

    yield make
    for host in hosts:
        host.close()


@pytest.fixture
def down() -> int:
    """A port where nobody listens."""
    return free_port()


def far() -> BackgroundServer:
    return BackgroundServer(Server(mail_host(domain="far.example")))


def received(server: BackgroundServer, mailbox: str = "alice") -> list[bytes]:
    return server.handler.store.messages(mailbox)  # type: ignore[attr-defined, no-any-return]


# Mail passes


def test_a_host_says_where_it_listens_keeps_mail_and_relays_mail(near: Near) -> None:
    with far() as other:
        host = near(other.address[1])
        ready, told = host.start()
        assert ready == f"listening on 127.0.0.1:{host.port}"
        assert told.startswith("mail for near.example is kept in ")
        assert host.send("bob@near.example", "alice@far.example").startswith("250 ")
        until(lambda: received(other))
        until(lambda: not host.messages)
    assert len(host.mailbox("bob")) == 1
    (message,) = received(other)
    assert message.count(b"Received: from ") == 2
    assert host.terminate() == 0
    assert "alice@far.example: handed on: far.example said 250 " in host.log
    assert "from <alice@near.example> for bob@near.example, alice@far.example: stored for bob\n" in host.log


def test_a_refusal_and_where_a_name_leads_are_seen_at_the_host(near: Near, down: int, tmp_path: Path) -> None:
    host = near(down, "# relays for nobody")
    host.config.write_text(f'{host.config.read_text()}[directory.forwards]\ncarol = "carol@far.example"\n')
    host.start()
    client = host.connect()
    client.say("EHLO client.example", "MAIL FROM:<x@client.example>")
    assert client.say("RCPT TO:<x@far.example>").startswith("550")
    client.stream.close()
    client = host.connect()
    client.say("EHLO client.example", "MAIL FROM:<x@client.example>", "RCPT TO:<carol@near.example>", "QUIT")
    until(lambda: "127.0.0.1 left without a message for carol@near.example" in host.log)
    assert host.send("carol@near.example").startswith("250 ")
    assert re.search(
        r"^\d\d:\d\d:\d\d refused 127\.0\.0\.1 RCPT <x@far\.example>: 550 5\.7\.1 ", host.log, re.MULTILINE
    )
    assert re.search(r"^\S+ \w+ carol@near\.example -> carol@far\.example$", host.log, re.MULTILINE)
    (host.folder / "maildir" / "alice").touch()
    assert host.send("alice@near.example").startswith("451 ")
    until(lambda: f"look at the folder {host.folder}/maildir" in host.log)
    assert host.terminate() == 0
    check_fails(smtplab_mta(host), 3, f"{host.folder}/maildir/alice", "Not a directory")


def smtplab_mta(host: MailHostProcess) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "smtplab", "mta", "--config", str(host.config)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)


def test_what_cannot_be_delivered_comes_back_as_a_report(near: Near) -> None:
    with far() as other:
        host = near(other.address[1])
        host.start()
        assert host.send("nobody@far.example").startswith("250 ")
        until(lambda: host.mailbox("alice"))
    report = read_report(host.mailbox("alice")[0])
    assert [each.address for each in report.recipients] == ["nobody@far.example"]
    assert report.is_bounce


def test_mail_waits_for_a_host_that_is_down_over_a_restart(near: Near, down: int) -> None:
    host = near(down)
    host.start()
    host.send("alice@far.example")
    until(lambda: "attempt 3 is due" in host.log)
    assert host.terminate() == 0
    assert f"\nstopped; 1 entry in the queue in {host.spool}\n" in host.log
    _, told = host.start()
    assert "; 1 entry in the queue" in told
    with BackgroundServer(Server(mail_host(domain="far.example"), port=down)) as other:
        until(lambda: received(other))
        until(lambda: not host.messages)


def test_what_the_spool_kept_is_told_behind_the_first_line(near: Near, down: int) -> None:
    host = near(down)
    host.start()
    host.send("alice@far.example")
    until(lambda: "attempt 2 is due" in host.log)
    host.terminate()
    (host.folder / "maildir" / "carol" / "new").mkdir(parents=True)
    command = [sys.executable, "-u", "-m", "smtplab", "mta", "--config", str(host.config)]
    log = host.folder / "both"
    with log.open("w") as both, subprocess.Popen(command, stdout=both, stderr=subprocess.STDOUT) as process:
        try:
            until(lambda: " is due " in log.read_text() or process.poll() is not None)
        finally:
            process.terminate()
    lines = log.read_text().splitlines()
    assert lines[0] == f"listening on 127.0.0.1:{host.port}"
    assert lines[2].endswith("has mailboxes of nobody in the directory: carol")
    assert "found in the spool" in lines[3]


# Whom it relays for


@pytest.mark.parametrize(
    ("more", "sender", "code"),
    [
        ("", "alice@near.example", "550 5.7.1"),
        ("", "x@client.example", "550 5.7.1"),
        ('relay_from = ["192.0.2.1"]', "alice@near.example", "550 5.7.1"),
        ('relay_from = ["127.0.0.0/8"]', "x@client.example", "250 2.1.5"),
        ('relay_for = ["bob@near.example"]', "alice@near.example", "550 5.7.1"),
        ('relay_for = ["alice@near.example"]', "alice@near.example", "250 2.1.5"),
    ],
)
def test_no_host_is_an_open_relay(near: Near, down: int, more: str, sender: str, code: str) -> None:
    host = near(down, more)
    host.start()
    client = host.connect()
    client.say("EHLO client.example", f"MAIL FROM:<{sender}>")
    assert client.say("RCPT TO:<x@far.example>").startswith(code)
    assert client.say("RCPT TO:<bob@near.example>").startswith("250 ")
    client.stream.close()


def test_a_domain_without_a_host_is_refused_at_once(near: Near, down: int) -> None:
    host = near(down)
    host.start()
    client = host.connect()
    client.say("EHLO client.example", "MAIL FROM:<alice@near.example>")
    assert client.say("RCPT TO:<x@unknown.example>").startswith("550 5.1.2 unknown.example has neither ")
    assert client.say("RCPT TO:<x@nomail.example>").startswith("556 5.1.10 nomail.example takes no mail ")
    client.stream.close()


# The end


def test_sigterm_lets_an_attempt_under_way_end(near: Near) -> None:
    slow = (*before("message"), lambda session: time.sleep(1.0), say("250 ok"), line, say("221 bye"))
    with OddServer(*slow) as hop:
        host = near(hop.address[1])
        host.start()
        host.send("alice@far.example")
        until(lambda: "attempt 1" in host.log)
        time.sleep(0.3)
        assert host.terminate() == 0
    assert "alice@far.example: handed on" in host.log
    assert not host.messages


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(("messages", "words"), [(0, "0 entries"), (1, "1 entry"), (2, "2 entries")])
def test_a_stop_says_how_many_entries_wait(
    near: Near, down: int, number: signal.Signals, messages: int, words: str
) -> None:
    host = near(down, queue='delays = ["1 h"]')
    host.start()
    for _ in range(messages):
        host.send("alice@far.example")
    until(lambda: host.log.count("is due in") == messages)
    assert host.process is not None
    host.process.send_signal(number)
    assert host.process.wait(PATIENCE) == 0
    assert host.log.endswith(f"stopped; {words} in the queue in {host.spool}\n")


def test_sigterm_keeps_what_cannot_end_in_the_spool(near: Near) -> None:
    with OddServer(silence) as hop:
        host = near(hop.address[1])
        host.start()
        host.send("alice@far.example")
        until(lambda: "attempt 1" in host.log)
        begin = time.monotonic()
        assert host.terminate() == 0
        assert time.monotonic() - begin < 15
    assert len(host.messages) == 1


def _sender(host: MailHostProcess, name: str, acknowledged: list[str]) -> None:
    """Send messages of different sizes until the host dies; note those that it has acknowledged."""
    draw = random.Random(name)
    try:
        with Client("127.0.0.1", host.port) as client:
            for number in range(100_000):
                mark = f"{name}-{number}"
                content = f"Subject: {mark}\r\n\r\n{'x' * draw.choice([10, 1000, 100_000])}\r\nend {mark}\r\n"
                if client.deliver("alice@near.example", "alice@far.example", content.encode()).complete:
                    acknowledged.append(mark)
    except (ClientError, OSError):
        pass


_MARK = re.compile(rb"Subject: (\S+)\r\n(?:.*\r\n)*?\r\nx+\r\nend (\S+)\r\n\Z")


def _marks(contents: list[bytes]) -> set[str]:
    """Return the names of the messages, all of which must be whole."""
    found = [_MARK.search(content) for content in contents]
    assert all(each is not None and each[1] == each[2] for each in found)
    return {each[1].decode() for each in found if each is not None}


def _in_spool(host: MailHostProcess) -> set[str]:
    spool = FolderSpool(host.spool)
    try:
        return _marks([spool.content(entry.queue_id) for entry in spool.load()])
    finally:
        spool.close()


def test_killed_twenty_times_under_load_it_loses_no_acknowledged_message(near: Near) -> None:
    draw = random.Random(11)
    acknowledged: list[str] = []
    with far() as other:
        host = near(other.address[1])
        for turn in range(20):
            host.start()
            senders = [
                threading.Thread(target=_sender, args=(host, f"{turn}-{number}", acknowledged)) for number in range(3)
            ]
            for sender in senders:
                sender.start()
            time.sleep(draw.uniform(0.05, 0.3))
            host.kill()
            for sender in senders:
                sender.join(PATIENCE)
            kept = _in_spool(host)  # before the mailboxes are read, because what leaves the spool has been delivered
            assert set(acknowledged) <= kept | _marks(received(other))
        host.start()
        until(lambda: not host.messages)
        assert set(acknowledged) <= _marks(received(other))
    assert len(acknowledged) > 100
    assert not list((host.spool / "broken").iterdir())


# The disk


def _limit_files(octets: int) -> list[str]:
    """Return what runs a command under a limit for the size of a file, above which a write fails."""
    script = (
        "import os, resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({octets}, {octets})); os.execv(sys.argv[1], sys.argv[1:])"
    )
    return [sys.executable, "-c", script]


def test_a_message_for_which_there_is_no_room_gets_452_and_the_others_go_on(near: Near, down: int) -> None:
    host = near(down, before=_limit_files(300_000))
    host.start()
    assert host.send("alice@far.example").startswith("250 ")
    assert host.send("alice@far.example", body="x" * 900_000).startswith("452 ")
    assert host.send("alice@far.example", "bob@near.example", body="x" * 900_000).startswith("452 ")
    assert host.send("alice@far.example").startswith("250 ")
    assert len(host.messages) == 2
    until(lambda: not list((host.spool / "tmp").iterdir()))  # an attempt may be written down at this moment
    assert host.mailbox("bob") == []
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of two megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount", path=f"{os.environ.get('PATH', '')}:/bin:/sbin")
    mounted = os.geteuid() == 0 and mount is not None
    if mounted:
        command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    if not mounted:
        pytest.skip("a file system can be mounted here only by root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_loses_nothing_and_recovers(near: Near, down: int, small_disk: Path) -> None:
    host = near(down, f'relay_from = ["127.0.0.1"]\nspool = "{small_disk}/spool"')
    host.spool = small_disk / "spool"
    host.start()
    replies = [host.send("alice@far.example", body="x" * 200_000)[:3] for _ in range(15)]
    assert {*replies} == {"250", "452"}
    assert replies == sorted(replies)
    with BackgroundServer(Server(mail_host(domain="far.example"), port=down)) as other:
        until(lambda: len(received(other)) == replies.count("250"))
        until(lambda: not host.messages)
        assert host.send("alice@far.example", body="x" * 200_000).startswith("250 ")
        until(lambda: len(received(other)) == replies.count("250") + 1)


def _calls(trace: str) -> list[str]:
    """Return the system calls of a trace, each where it ended."""
    begun: dict[str, str] = {}
    calls = []
    for text in trace.splitlines():
        process, _, call = text.partition(" ")
        call = call.strip()
        if call.endswith("<unfinished ...>"):
            begun[process] = call.removesuffix("<unfinished ...>")
        elif (resumed := re.match(r"<\.\.\. \w+ resumed>", call)) is not None:
            calls.append(begun.pop(process, "") + call[resumed.end() :])
        else:
            calls.append(call)
    return calls


def test_system_calls_are_write_sync_rename_sync_250(near: Near, down: int, tmp_path: Path) -> None:
    strace = program("strace")
    if subprocess.run([strace, "true"], capture_output=True, check=False).returncode:
        pytest.skip("strace may not trace here")
    names = "openat,write,fsync,rename,renameat,renameat2,sendto"
    trace = tmp_path / "trace"
    host = near(down, before=(strace, "-f", "-qq", "-y", "-s", "300", "-e", f"trace={names}", "-o", str(trace)))
    host.start()
    reply = host.send("alice@far.example")
    until(lambda: "attempt 1" in host.log)
    found = re.search(r" as (\w+),", reply)
    assert found is not None
    name = found[1]
    wanted = [
        rf'openat\(.*"{name}".*O_CREAT',
        rf"write\(\d+<.*/tmp/{name}>.*= \d+",
        rf"fsync\(\d+<.*/tmp/{name}>\) += 0",
        rf'rename\w*\(.*"{name}".*"{name},S=\d+".*= 0',
        r"fsync\(\d+<.*/messages>\) += 0",
        rf'sendto\(.*"250 .*{name}',
    ]
    calls = _calls(trace.read_text())
    places = [next(at for at, call in enumerate(calls) if re.match(each, call)) for each in wanted]
    renamed = places[3]
    places[4] = next(at for at, call in enumerate(calls) if at > renamed and re.match(wanted[4], call))
    assert places == sorted(places)


# The configuration


def _config(folder: Path, text: str) -> str:
    path = folder / "bad.toml"
    path.write_text(f"{text}\n[directory]\ndomains = ['near.example']\n")
    return str(path)


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("colour = 'red'", 2, ("bad.toml", "line 1", "colour")),
        ("zone = { mx = { 'a.example' = '10 b.example' } }", 2, ("bad.toml", "line 1", "b.example")),
        ("listen = '192.0.2.1:25'", 2, ("bad.toml", "line 1", "allow_remote")),
        ("faults = ['lose teh 250']", 2, ("bad.toml", "line 1", "'lose teh 250' in 'faults'", "did you mean 'the'")),
        ("listen = '127.0.0.1:65536'", 2, ("bad.toml", "line 1", "port 65536")),
        ("strict = true\nhop_limit = 3\nstrict = true", 2, ("bad.toml", "line 3", "already")),
        ("zone.mx = {}\nzone.mx = {}", 2, ("bad.toml", "line 2", "already")),
        ("relay_frm = []", 2, ("bad.toml", "line 1", "did you mean 'relay_from'?")),
        ("limits.error = 1", 2, ("bad.toml", "line 1", "did you mean 'errors'?")),
        ("faults = ['down', '']", 2, ("bad.toml", "line 1", "'' in 'faults'", "the text ends there")),
        ("faults = 'down tonight'", 2, ("bad.toml", "line 1", "'down tonight' in 'faults'", "not 'tonight'")),
        ("spool = 'bad.toml'", 3, ("bad.toml", "Not a directory")),
        ("spool = '/proc/spool'", 3, ("/proc/spool",)),
        ("maildir = '/proc/mail'", 3, ("/proc/mail",)),
        ("spool = 'mail'\nmaildir = './mail/'", 2, ("bad.toml", "line 1", "folder of its own")),
    ],
)
def test_a_bad_configuration_is_one_sentence(
    tmp_path: Path, smtplab: Run, text: str, code: int, words: tuple[str, ...]
) -> None:
    check_fails(smtplab("mta", "--config", _config(tmp_path, text)), code, *words)


def test_a_port_that_is_taken_and_a_spool_in_use_are_one_sentence(near: Near, down: int, smtplab: Run) -> None:
    host = near(down)
    host.start()
    check_fails(smtplab("mta", "--config", str(host.config)), 3, "nother process")
    other = host.config.with_name("other.toml")
    other.write_text(f"spool = 'other'\n{host.config.read_text()}")
    check_fails(smtplab("mta", "--config", str(other)), 3, "nother host", str(host.folder / "maildir"))
    other.write_text(f"spool = 'third'\nmaildir = 'other mail'\n{host.config.read_text()}")
    check_fails(smtplab("mta", "--config", str(other)), 3, str(host.port), "taken")


def test_a_configuration_that_is_not_there_is_one_sentence(tmp_path: Path, smtplab: Run) -> None:
    for command in ("mta", "queue"):
        check_fails(smtplab(command, "--config", str(tmp_path / "none.toml")), 2, "none.toml", "--example")
        check_fails(smtplab(command), 2, "--example")
    check_fails(smtplab("mta", "--example", str(tmp_path / "lab"), "--config", "x.toml"), 2, "--config", "--example")
    assert not (tmp_path / "lab").exists()


def test_the_example_is_written_once(tmp_path: Path, smtplab: Run) -> None:
    done = smtplab("mta", "--example", str(tmp_path / "lab"))
    assert done.returncode == 0
    assert sorted(path.name for path in (tmp_path / "lab").iterdir()) == ["far.toml", "near.toml", "zone.toml"]
    check_fails(smtplab("mta", "--example", str(tmp_path / "lab")), 2, "not replaced")


# Scripted faults


def test_a_host_has_the_faults_of_its_configuration_and_says_so(near: Near, down: int) -> None:
    host = near(down, """faults = ["reply 451 to the second RCPT once", 'hide "SIZE"']""")
    host.start()
    assert host.process is not None
    assert host.process.stdout is not None
    told = host.process.stdout.readline()
    assert told == 'scripted faults: reply 451 to the second RCPT once; hide "SIZE"\n'
    users = ["alice@near.example", "bob@near.example"]
    with smtplib.SMTP("127.0.0.1", host.port, timeout=PATIENCE) as client:
        refused = client.sendmail("x@client.example", users, "Subject: x\r\n\r\n")
        assert not client.has_extn("SIZE")
        assert {who: code for who, (code, _) in refused.items()} == {"bob@near.example": 451}
        assert client.sendmail("x@client.example", users, "Subject: y\r\n\r\n") == {}
    assert [len(host.mailbox(name)) for name in ("alice", "bob")] == [2, 1]
    assert host.terminate() == 0


def test_a_relayed_message_comes_twice_if_the_other_host_loses_its_reply(tmp_path: Path, near: Near) -> None:
    (tmp_path / "far").mkdir()
    faults = 'faults = ["421 above 1 session", "cut before the 250 after the dot once", "delay the greeting by 50 ms"]'
    far_host = MailHostProcess(tmp_path / "far", free_port(), faults, domain="far.example")
    host = near(far_host.port)
    try:
        far_host.start()
        host.start()
        assert host.send("alice@far.example").startswith("250 ")
        until(lambda: not host.messages)
        first, second = far_host.mailbox("alice")
        assert far_host.log.count("scripted fault for 127.0.0.1: cut before the 250 after the dot once\n") == 1
    finally:
        far_host.close()
    assert first.partition(b"\r\nSubject: ")[2] == second.partition(b"\r\nSubject: ")[2]
    assert "the message is not known to be delivered: " in host.log


@pytest.mark.parametrize(("sessions", "turned_away"), [(1, False), (4, True)])
def test_a_next_hop_gets_as_many_sessions_at_once_as_the_configuration_says(
    tmp_path: Path, near: Near, sessions: int, turned_away: bool
) -> None:
    (tmp_path / "far").mkdir()
    faults = 'faults = ["421 above 1 session", "delay replies by 100 ms"]'
    far_host = MailHostProcess(tmp_path / "far", free_port(), faults, domain="far.example")
    host = near(far_host.port, queue=f'delays = ["200 ms"]\nhops = {{ "far.example" = {sessions} }}')
    try:
        far_host.start()
        host.start()
        for _ in range(4):
            host.send("alice@far.example")
        until(lambda: not host.messages)
        assert len(far_host.mailbox("alice")) == 4
    finally:
        far_host.close()
    assert (" 421 " in host.log) == turned_away


def test_a_host_without_a_zone_says_so_and_sighup_ends_it_in_good_order(near: Near, down: int) -> None:
    host = near(down)
    host.config.write_text(f"listen = '127.0.0.1:{host.port}'\ndirectory.domains = ['near.example']\n")
    host.start()
    assert host.process is not None
    assert host.process.stdout is not None
    assert "no `zone`" in host.process.stdout.readline()
    client = host.connect()
    host.process.send_signal(signal.SIGHUP)
    assert client.reply().startswith("421 ")
    assert host.process.wait(PATIENCE) == 0
    assert "stopped; 0 entries in the queue" in host.log


def test_a_host_under_nohup_outlives_its_terminal(near: Near, down: int) -> None:
    host = near(down, before=(program("nohup"),))
    host.start()
    assert host.process is not None
    host.process.send_signal(signal.SIGHUP)
    time.sleep(0.3)
    assert host.send("bob@near.example").startswith("250 ")
    assert host.terminate() == 0


# The queue


def _check_text(text: str) -> None:
    """Check that 80 columns are enough, and that there is nothing but words."""
    assert all(len(each) <= 80 and (each.isprintable() or not each) for each in text.splitlines())


def test_the_queue_is_listed_shown_and_changed_on_a_host_that_runs_and_on_one_that_does_not(
    near: Near, down: int
) -> None:
    host = near(down, queue='delays = ["1 h"]')
    host.start()
    host.send("alice@far.example")
    host.send("bob@far.example", sender="")
    until(lambda: host.log.count("is due in") == 2)
    for state in ("running", "stopped"):
        done = host.queue()
        assert done.returncode == 0
        _check_text(done.stdout)
        assert f"2 entries in the queue of near.example, which is {state}" in done.stdout
        first, second = re.findall(r"^(\w+-1) from", done.stdout, re.MULTILINE)
        for words in ("from <alice@near.example>", "from <>", "for alice@far.example", "next hop far.example"):
            assert words in done.stdout
        assert "1 attempt; the next one is due in" in done.stdout
        assert f"last result: nobody listens on 127.0.0.1 port {down}" in done.stdout
        shown = host.queue("show", first.lower())
        assert shown.returncode == 0
        assert "Attempt 2 to reach far.example is due in" in shown.stdout
        assert "alice@near.example gets a warning" in " ".join(shown.stdout.split())
        assert "  Subject: x\n" in shown.stdout
        assert host.queue("show", first.partition("-")[0]).stdout[:20] == shown.stdout[:20]
        check = host.queue("show", "NOBODY")
        check_fails(check, 1, "NOBODY")
        if state == "running":
            control = host.spool / "control"
            assert stat.S_IMODE(control.stat().st_mode) == 0o600
            host.terminate()
            assert not control.exists()
    assert host.queue("drop", second).stdout == f"{second} was dropped\n"
    assert host.queue("retry", first).stdout == f"{first} is due now\n"
    with BackgroundServer(Server(mail_host(domain="far.example"), port=down)) as other:
        host.start()
        until(lambda: received(other))
    assert "1 entry in the queue" not in host.queue("list").stdout


def test_the_configuration_may_stand_behind_the_subcommand_and_several_ids_may_be_given(
    near: Near, down: int, smtplab: Run
) -> None:
    host = near(down, queue='delays = ["1 h"]')
    host.start()
    for _ in range(2):
        host.send("alice@far.example")
    until(lambda: host.queue().stdout.count("1 attempt;") == 2)
    ids = re.findall(r"^(\S+) from", host.queue().stdout, re.MULTILINE)
    where = ("--config", str(host.config))
    assert smtplab("queue", "list", *where).stdout.startswith("2 entries")
    assert smtplab("queue", "show", ids[0], *where).stdout.startswith(f"{ids[0]} from")
    assert smtplab("queue", "retry", *ids, *where).stdout.count(" is due now") == 2
    until(lambda: host.queue().stdout.count("2 attempts;") == 2)
    dropped = smtplab("queue", "drop", *where, *ids, ids[0], ids[1].partition("-")[0])
    assert (dropped.stdout.count(" was dropped"), dropped.returncode) == (2, 0)
    check_fails(smtplab("queue", "list"), 2, "--config needs the file")
    assert smtplab("queue", "drop", "--help").returncode == 0


def with_two_entries(near: Near, down: int, *, runs: bool) -> MailHostProcess:
    """Return a host whose queue has two entries for a host that is down; it runs, or has ended."""
    host = near(down, queue='delays = ["1 h"]')
    host.start()
    for _ in range(2):
        host.send("alice@far.example")
    until(lambda: host.log.count("is due in") == 2)
    if not runs:
        host.terminate()
    return host


@pytest.mark.parametrize("runs", [True, False])
def test_an_id_that_fails_keeps_no_other_from_being_changed(near: Near, down: int, runs: bool) -> None:
    host = with_two_entries(near, down, runs=runs)
    first, second = re.findall(r"^(\S+) from", host.queue().stdout, re.MULTILINE)
    for verb, done in (("retry", "is due now"), ("drop", "was dropped")):
        changed = host.queue(verb, first, "NOBODY", second)
        assert changed.stdout == f"{first} {done}\n{second} {done}\n"
        assert changed.returncode == 1
        assert "here is no 'NOBODY' in the queue" in changed.stderr
        until(lambda: "way" not in host.queue().stdout)
    assert host.queue().stdout.startswith("no entries")


def test_a_client_of_the_control_socket_that_says_nothing_keeps_no_host_from_its_end(near: Near, down: int) -> None:
    host = near(down)
    host.start()
    with socket.socket(socket.AF_UNIX) as silent, socket.socket(socket.AF_UNIX) as half:
        for sock, octets in ((silent, b""), (half, b'{"do": "li')):
            sock.connect(str(host.spool / "control"))
            sock.sendall(octets)
        assert "which is running" in host.queue().stdout
        begin = time.monotonic()
        assert host.terminate() == 0
        assert time.monotonic() - begin < 5
        silent.settimeout(PATIENCE)
        assert silent.recv(100) == b""
    assert "Traceback" not in host.log


def test_a_retry_on_a_running_host_is_made_at_once_and_a_drop_leaves_nothing(near: Near, down: int) -> None:
    host = near(down, queue='delays = ["1 h"]')
    host.start()
    host.send("alice@far.example")
    host.send("bob@far.example")
    until(lambda: host.log.count("is due in") == 2)
    first, second = re.findall(r"^(\w+-1) from", host.queue("list").stdout, re.MULTILINE)
    assert host.queue("drop", second).returncode == 0
    assert f"{second} dropped" in host.log
    check_fails(host.queue("drop", second), 1, second)
    with BackgroundServer(Server(mail_host(domain="far.example"), port=down)) as other:
        assert host.queue("retry", first).returncode == 0
        until(lambda: received(other))
        until(lambda: not host.messages)
    assert received(other, "bob") == []


@pytest.mark.parametrize("runs", [True, False])
def test_a_retry_without_an_id_makes_all_entries_due(near: Near, down: int, runs: bool) -> None:
    host = with_two_entries(near, down, runs=runs)
    assert sorted(re.findall(r"^(\S+) is due now$", host.queue("retry").stdout, re.MULTILINE)) == sorted(
        re.findall(r"^(\S+) from", host.queue().stdout, re.MULTILINE)
    )
    if runs:
        until(lambda: host.queue().stdout.count("2 attempts;") == 2)
    else:
        assert host.queue().stdout.count("1 attempt; the next one is due now") == 2
        for entry in re.findall(r"^(\S+) from", host.queue().stdout, re.MULTILINE):
            host.queue("drop", entry)
        done = host.queue("retry")
        assert (done.stdout, done.returncode) == ("no entries in the queue\n", 0)


def test_the_queue_of_a_host_that_was_killed_can_be_read(near: Near, down: int) -> None:
    host = near(down, queue='delays = ["1 h"]')
    assert host.queue().stdout == "no entries in the queue of near.example, which is stopped\n"
    check_fails(host.queue("show", "A1"), 1, "A1")
    assert not host.spool.exists()
    host.start()
    host.send("alice@far.example")
    host.kill()
    assert (host.spool / "control").exists()
    assert "1 entry in the queue of near.example, which is stopped" in host.queue().stdout


def test_an_entry_under_way_is_told_and_not_dropped(near: Near) -> None:
    with OddServer(silence) as hop:
        host = near(hop.address[1])
        host.start()
        host.send("alice@far.example")
        until(lambda: "attempt 1" in host.log)
        listed = host.queue().stdout
        assert "no attempt yet, and one is under way" in listed
        (entry,) = re.findall(r"^(\w+-1) from", listed, re.MULTILINE)
        check_fails(host.queue("drop", entry), 1, "being delivered")
        assert host.process is not None
        host.process.send_signal(signal.SIGKILL)


def test_a_spool_with_a_long_path_has_its_socket_too(near: Near, down: int, tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 60) / ("y" * 60)
    host = near(down, f'spool = "{deep}/spool"')
    host.start()
    assert "which is running" in host.queue().stdout
