"""Every error sentence of a mail host is raised somewhere, in exactly these words."""

import dataclasses
import errno
import logging
import os
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path as FilePath
from unittest import mock

import pytest

from smtplab.base.duration import DAY, HOUR
from smtplab.base.seed import Seed
from smtplab.mta import durable, sentences, spool_folder
from smtplab.mta.attempt import Action, RecipientResult, answered
from smtplab.mta.bounce import ReportedMessage, read_report, write_report
from smtplab.mta.directory import Directory, DirectoryError, Forward, Mailbox, MailingList, Resolution
from smtplab.mta.entry_record import read_entry
from smtplab.mta.handler import Envelope, Handler
from smtplab.mta.host_file import HostFileError, HostSettings, read_host_file
from smtplab.mta.maildir import MaildirInUse, MaildirStore, folder_name
from smtplab.mta.outlook import outlook
from smtplab.mta.personality import Personality, PersonalityError
from smtplab.mta.policy import Policy
from smtplab.mta.queue import Queue, QueueError
from smtplab.mta.queue_control import QueueControl
from smtplab.mta.queue_entry import Attempt, QueueEntry, Settlement
from smtplab.mta.queue_events import (
    AttemptSettled,
    AttemptStarted,
    EntryDropped,
    Origin,
    Queued,
    QueueEvent,
    Reported,
    ReportSuppressed,
)
from smtplab.mta.queue_log import left_line, log_lines, refused_line, stored_lines, unwritable_line
from smtplab.mta.relay import Handovers, NotRelayed, Relay, RelayedMessage, RelayResult
from smtplab.mta.relay_policy import RelayPolicy
from smtplab.mta.remarks import remarks
from smtplab.mta.report_fields import NotAReport
from smtplab.mta.retry_schedule import HopLimits, RetrySchedule
from smtplab.mta.spool import MemorySpool
from smtplab.mta.spool_folder import FolderSpool, SpoolInUse
from smtplab.mta.store import InsufficientStorageError, LocalError, MemoryStore, Store
from smtplab.mta.toml_file import parse_toml, read_toml
from smtplab.mta.trace import format_date
from smtplab.mta.transaction import Transaction
from smtplab.mta.zone import NoRoute, Zone, ZoneError
from smtplab.mta.zone_file import read_zone, read_zone_file
from smtplab.protocol import replies
from smtplab.protocol.commands import Mail, Rcpt
from smtplab.protocol.grammar import NULL_PATH, Path
from smtplab.protocol.replies import EnhancedCode, Reply
from support.hosts import MemoryWorld, carry_out, in_memory, mail_host, world_of
from support.relaying import Relaying
from support.templates import is_made_of, names_of

Trigger = Callable[[FilePath], object]


def declared(domain: str = "lab.example", **declarations: object) -> Trigger:
    return lambda folder: Directory([domain] if domain else [], **declarations)  # type: ignore[arg-type]


def file(text: str) -> Trigger:
    def load(folder: FilePath) -> Directory:
        (folder / "d.toml").write_text(text)
        return Directory.load(folder / "d.toml")

    return load


def not_utf_8(folder: FilePath) -> object:
    (folder / "d.toml").write_bytes(b"a = 1\nb = '\xe4'\n")
    return read_toml(folder / "d.toml")


def templates(**texts: str) -> Trigger:
    return lambda folder: Personality("test", texts)


def personality_file(text: str) -> Trigger:
    def load(folder: FilePath) -> Personality:
        (folder / "p.toml").write_text(text)
        return Personality.load(folder / "p.toml")

    return load


def stored(make: Callable[[Path], Store], content: bytes = b"octets") -> Trigger:
    def commit(folder: FilePath) -> None:
        store = make(folder)
        draft = store.begin(["alice"])
        draft.write(content)
        store.commit_all([draft])

    return commit


def on_windows(folder: FilePath) -> None:
    with mock.patch.object(durable, "_POSIX", False):
        MaildirStore(folder)


def with_nul(folder: FilePath) -> None:
    file = folder / "users.toml"
    file.write_bytes(b'domains = ["lab.example"]\nmailboxes = ["al\0ice"]\n')
    read_toml(file)


def committed_twice(folder: FilePath) -> None:
    store = MemoryStore()
    draft = store.begin(["alice"])
    store.commit_all([draft])
    store.commit_all([draft])


def on_a_disk_with_little_room(folder: FilePath) -> None:
    disk = os.statvfs(folder)
    free = disk.f_bavail * disk.f_frsize
    try:
        stored(lambda folder: MaildirStore(folder, free_octets=2**62))(folder)
    except InsufficientStorageError as error:
        found = int(str(error).split()[6])
        assert abs(found - free) < 2**30  # others use the disk, too
        raise InsufficientStorageError(str(error).replace(str(found), "N")) from None


def in_the_way_of_a_folder(folder: FilePath) -> None:
    store = MaildirStore(folder)
    (folder / "alice").write_text("a file")
    stored(lambda folder: store)(folder)


def not_relayed(routes: dict[str, tuple[str, int]]) -> None:
    """Raise the reason why two recipients get nothing by these routes; the next hop leaves after it was asked."""
    paths = [Path.parse("a@far.example"), Path.parse("b@far.example")]
    job = Relay(routes).deliver(RelayedMessage(Path.parse("<>"), paths, b"", "near.example", "A000001"))
    try:
        session = next(job).session
        for said in (b"220 x\r\n", b"250 x\r\n"):
            session.receive(said)
        job.send(None)
        for said in (b"250 ok\r\n", b"250 ok\r\n", b"250 ok\r\n", b"421 ok\r\n"):
            session.receive(said)
        job.send(None)
    except StopIteration as done:
        raise LookupError(done.value.failures[0].reason) from None


def zone(**records: object) -> Trigger:
    return lambda folder: Zone(**records)  # type: ignore[arg-type]


def zone_file(text: str, read: Callable[[FilePath], Zone] = read_zone) -> Trigger:
    def load(folder: FilePath) -> Zone:
        (folder / "z").write_text(text)
        return read(folder / "z")

    return load


def without_dnspython(folder: FilePath) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(sys.modules, "dns.zone", None)
        patched.setitem(sys.modules, "dns.exception", None)
        patched.setitem(sys.modules, "dns", None)
        read_zone_file(folder / "z")


def queued(**values: object) -> tuple[Queue, QueueEntry]:
    """Return a queue with one session for each next hop, and its entry A1."""
    given = {"due": 0, "sender": Path("a", "near.example"), "last": ()} | values
    entry = QueueEntry("A1", "A1", recipients=(Path("b", "far.example"),), next_hop="far.example", arrived=0, **given)  # type: ignore[arg-type]
    queue = Queue(RetrySchedule(jitter=0), Seed(1), HopLimits(sessions=1))
    queue.add(entry)
    return queue, entry


def settled_for(paths: list[Path]) -> None:
    queue, _ = queued()
    queue.settle(queue.due(0)[0], answered(paths, "far.example", Reply(250)), 0)


def settled_twice(folder: FilePath) -> None:
    queue, entry = queued()
    (attempt,) = queue.due(0)
    for _ in range(2):
        queue.settle(attempt, answered(entry.recipients, "far.example", Reply(250)), 0)


DATE = datetime(2026, 11, 30, tzinfo=UTC)


def report_of(reply: str = "550 no", about: int = 1) -> bytes:
    """Return a report about one recipient or none, by the reply of x.example."""
    paths = [Path("b", "far.example")] * about
    results = answered(paths, "x.example", Reply.parse(f"{reply}\r\n".encode())).recipients
    results = tuple(dataclasses.replace(each, possible_duplicate=True) for each in results)
    return write_report(
        ReportedMessage(Path("a", "near.example"), b"", "near.example", DATE), results, "A2", DATE, DATE
    )


def read_by_people(reply: str) -> Callable[[], str]:
    """Return what reads the subject and the explanation of a report, and returns both, unfolded."""

    def read() -> str:
        content = report_of(reply)
        subject = content.partition(b"Subject: ")[2].partition(b"\r\n")[0].decode()
        return f"{subject}\n{' '.join(read_report(content).explanation.split())}"

    return read


def held_by_two(folder: FilePath) -> None:
    stores = [MaildirStore(folder / "mail") for _ in range(2)]
    for store in stores:
        store.hold()


def held_twice(folder: FilePath) -> None:
    queue, _ = queued()
    queue.hold("A1")
    queue.hold("A1")


def dropped_under_way(folder: FilePath) -> None:
    queue, _ = queued()
    queue.due(0)
    queue.drop("A1")


# The constant -> what raises it, the type, the exact text. FOLDER stands for the folder of the test, and `*` at the end
# for the words of Python's TOML reader.
def spooled(folder: FilePath) -> FolderSpool:
    """Return a spool with one message."""
    spool = FolderSpool(folder / "spool")
    spool.commit(spool.begin([queued()[1]]))
    return spool


def kept_twice(folder: FilePath) -> None:
    spool = spooled(folder)
    spool.commit(spool.begin([queued()[1]]))


def with_broken_spool(use: Callable[[FolderSpool], object]) -> Trigger:
    """Return what uses a spool in which a folder is where the file of a message was."""

    def act(folder: FilePath) -> object:
        spool = spooled(folder)
        (file,) = (folder / "spool" / "messages").iterdir()
        file.unlink()
        file.mkdir()
        return use(spool)

    return act


def _why_no_folder_is_unlinked() -> str:
    """Return what the system says if a folder is removed as a file is; systems differ."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            os.unlink(folder)
        except OSError as error:
            return error.strerror
    raise AssertionError(folder)


def loaded_without_folder(folder: FilePath) -> None:
    spool = FolderSpool(folder / "spool")
    (folder / "spool" / "messages").rmdir()
    spool.load()


USERS = "directory.domains = ['lab.example']"


def configured(*lines: str) -> Trigger:
    def read(folder: FilePath) -> object:
        (folder / "host.toml").write_text("\n".join(lines))
        return read_host_file(folder / "host.toml")

    return read


def remark(*lines: str) -> Callable[[], str]:
    """Return what says what a configuration allows and its author hardly wants."""

    def read() -> str:
        with tempfile.TemporaryDirectory() as folder:
            settings = configured(*lines)(FilePath(folder))
        assert isinstance(settings, HostSettings)
        return "\n".join(remarks(settings))

    return read


def mailboxes_of_nobody() -> str:
    return sentences.MAILBOXES_OF_NOBODY.format(maildir="FOLDER", names="carol")


def faulty(folder: FilePath) -> object:
    def check(text: str) -> None:
        raise ValueError(f"which {text.split()[-1]}?")

    (folder / "host.toml").write_text(f"{USERS}\nfaults = 'lose all'")
    return read_host_file(folder / "host.toml", check)


def moved_aside(damage: Callable[[FilePath], object]) -> Callable[[], str]:
    """Return what starts on a spool with a damaged message, and returns the warning."""

    def start() -> str:
        with tempfile.TemporaryDirectory() as folder, mock.patch.object(spool_folder, "_log") as log:
            spool = spooled(FilePath(folder))
            (file,) = (FilePath(folder) / "spool" / "messages").iterdir()
            damage(file)
            spool.load()
            return str(log.warning.call_args.args[0]).replace(folder, "FOLDER")

    return start


def lost(file: FilePath) -> None:
    """Remove the file of a message whose entry has one of its own."""
    record = file.read_text().split("\n")[0]
    (file.parent.parent / "entries" / read_entry(record).id).write_text(f"{record}\n")
    file.unlink()


def logged(event: QueueEvent) -> Callable[[], str]:
    return lambda: "\n".join(log_lines(event, 0))


def stored_here() -> str:
    opening = Mail(Path("a", "near.example"))
    envelope = Envelope(opening, [Rcpt(Path("b", "near.example"))])
    transaction = Transaction()
    assert not stored_lines(envelope, transaction)
    transaction.queue_id = "A1"
    transaction.copies_for(opening.path).mailboxes["b"] = False
    return "\n".join(stored_lines(envelope, transaction))


def led_to(count: int) -> str:
    transaction = Transaction(queue_id="A1")
    elsewhere = tuple(Path(f"c{number}", "far.example") for number in range(count))
    transaction.led[Path("b", "near.example")] = Resolution(replies.RECIPIENT_OK, mailboxes=("b",), remote=elsewhere)
    (line,) = stored_lines(Envelope(Mail(Path("a", "near.example"))), transaction)
    return line


def refused() -> str:
    session = mock.Mock(peer="192.0.2.7")
    return refused_line(session, "RCPT <x@far.example>", Reply.parse(b"550 5.7.1 no\r\n"))


def left_early() -> str:
    envelope = Envelope(Mail(Path("a", "near.example")), [Rcpt(Path("b", "far.example"))])
    return left_line(mock.Mock(peer="192.0.2.7"), envelope)


def unwritable() -> str:
    error = LocalError("the message could not be stored: why")
    error.folder = "far/maildir"
    return unwritable_line(error)


def settled(*results: RecipientResult, left: QueueEntry | None = None) -> Callable[[], str]:
    return logged(AttemptSettled(Attempt(ENTRY, 0), Settlement(left, results)))


def ended(action: Action) -> RecipientResult:
    return RecipientResult(Path("b", "far.example"), action, EnhancedCode(2, 0, 0), "why")


ROWS: dict[str, tuple[Trigger, type[Exception], str]] = {
    "NO_DOMAIN": (declared(""), DirectoryError, "a directory needs at least one domain"),
    "NO_A_LABELS": (
        lambda folder: Directory(["xn--ü.example"]),
        DirectoryError,
        "'xn--ü.example' is not a valid domain, because it has no form in ASCII (RFC 5890 2.3.2.1)",
    ),
    "NOT_A_HOST_NAME": (
        configured("hostname = 'mail a'", "directory.domains = ['lab.example']"),
        HostFileError,
        "the configuration FOLDER/host.toml is wrong: line 1: 'mail a' cannot be the name of a host: *",
    ),
    "EMPTY_NAME": (declared(mailboxes=[""]), DirectoryError, "a name is empty"),
    "NAME_WITH_DOMAIN": (
        configured("[directory]", "domains = ['lab.example']", "mailboxes = ['eve@lab.example']"),
        HostFileError,
        "the configuration FOLDER/host.toml is wrong: line 3: 'eve@lab.example' is an address, and a name of this host "
        "has no domain; write 'eve'",
    ),
    "NOT_IN_AN_ADDRESS": (
        declared("no domain"),
        DirectoryError,
        "'postmaster' at 'no domain' is not a valid address: *",
    ),
    "NOT_AN_ADDRESS": (
        declared(aliases={"a": "b@@c"}),
        DirectoryError,
        "'a' leads to 'b@@c', which is not a valid address: *",
    ),
    "DECLARED_TWICE": (
        declared(aliases={"a": ["postmaster"]}, forwards={"A": "a@far.example"}),
        DirectoryError,
        "'A' is declared twice, in aliases and in forwards; take it out of one of them",
    ),
    "SAME_IN_LOWER_CASE": (
        declared(mailboxes=["a", "A"]),
        DirectoryError,
        "'A' is declared twice in mailboxes; upper and lower case are the same in a name",
    ),
    "KEEPS_A_COPY": (
        declared(mailboxes=["a"], forwards={"a": "a@far.example"}),
        DirectoryError,
        "'a' is declared twice, in mailboxes and in forwards; take it out of one of them. To send mail on and keep a "
        "copy, call the mailbox 'a-here', and make 'a' an alias of 'a-here' and of the other address",
    ),
    "NO_MEMBER": (declared(aliases={"a": []}), DirectoryError, "'a' has no members; give it at least one"),
    "NOT_ELSEWHERE": (
        declared(forwards={"a": "postmaster"}),
        DirectoryError,
        "'a' is forwarded to 'postmaster', which is not an address in another domain",
    ),
    "LEADS_TO_UNDECLARED": (
        declared(aliases={"a": "b"}),
        DirectoryError,
        "'a' leads to 'b', which is not declared",
    ),
    "LEADS_IN_A_CIRCLE": (
        declared(aliases={"a": "b", "b": ["c"], "c": "a"}),
        DirectoryError,
        "'a' leads in a circle: a -> b -> c -> a",
    ),
    "LEADS_TO_REFUSED": (
        declared(aliases={"x": "e"}, forwards={"e": Forward("e@new.example", accepted=False)}),
        DirectoryError,
        "'x' leads to 'e', who gets no mail here",
    ),
    "OWNED_IN_A_CIRCLE": (
        declared(aliases={"a": "l"}, lists={"l": MailingList(["postmaster"], owner="a")}),
        DirectoryError,
        "the owner of 'l' leads back to it: l -> a -> l; name a person as owner",
    ),
    "OWNER_UNDECLARED": (
        declared(lists={"l": MailingList(["postmaster"], owner="x")}),
        DirectoryError,
        "'l' is owned by 'x', which is not declared",
    ),
    "DIRECTORY_UNREADABLE": (
        lambda folder: Directory.load(folder / "none.toml"),
        DirectoryError,
        "the directory FOLDER/none.toml cannot be read: No such file or directory",
    ),
    "DIRECTORY_NOT_TOML": (file("domains = ["), DirectoryError, "the directory FOLDER/d.toml is not a TOML file: *"),
    "DIRECTORY_WRONG": (
        file(""),
        DirectoryError,
        "the directory FOLDER/d.toml is wrong: a directory needs at least one domain",
    ),
    "NOT_A_TABLE": (
        file("mailboxes.a = 1"),
        DirectoryError,
        "the directory FOLDER/d.toml is wrong: line 1: mailbox 'a' must be a table, not 1",
    ),
    "UNKNOWN_KEY": (
        file("who = []"),
        DirectoryError,
        "the directory FOLDER/d.toml is wrong: line 1: the file cannot have 'who'; it may have domains, *",
    ),
    "NAME_WITHOUT_QUOTES": (
        file("aliases.first.last = 'alice'"),
        DirectoryError,
        "the directory FOLDER/d.toml is wrong: line 1: first.last in aliases has a dot, so it stands in quotation "
        'marks: write "first.last"',
    ),
    "WRONG_VALUE": (
        file("aliases.a = 1"),
        DirectoryError,
        "the directory FOLDER/d.toml is wrong: line 1: 'a' in aliases must be a text or a list of texts, not 1",
    ),
    "UNKNOWN_PERSONALITY": (
        lambda folder: Personality.load("polite"),
        PersonalityError,
        "there is no personality 'polite'; there are lecture, plain",
    ),
    "PERSONALITY_MEANT": (
        lambda folder: Personality.load("Lectur"),
        PersonalityError,
        "there is no personality 'Lectur'; did you mean lecture?",
    ),
    "PERSONALITY_UNREADABLE": (
        lambda folder: Personality.load(folder / "none.toml"),
        PersonalityError,
        "the personality FOLDER/none.toml cannot be read: No such file or directory",
    ),
    "TOML_NOT_UTF_8": (
        lambda folder: not_utf_8(folder),
        ValueError,
        "line 2 is not UTF-8, but probably Windows-1252; save the file as UTF-8",
    ),
    "TOML_WITH_NUL": (
        lambda folder: with_nul(folder),
        ValueError,
        "line 2 holds the octet NUL, which stands in no TOML; remove it",
    ),
    "LIMIT_TOO_LOW": (
        lambda folder: Policy(max_errors=-1),
        ValueError,
        "max_errors: -1 is not a valid limit; use a number of 0 or more",
    ),
    "PERSONALITY_NOT_TOML": (
        personality_file("[replies"),
        PersonalityError,
        "the personality FOLDER/p.toml is not a TOML file: *",
    ),
    "PERSONALITY_WRONG": (
        personality_file("replies = 1"),
        PersonalityError,
        "the personality FOLDER/p.toml is wrong: replies and help must be tables of texts",
    ),
    "UNKNOWN_TABLE": (
        personality_file("reply = 1"),
        PersonalityError,
        "the personality FOLDER/p.toml is wrong: it cannot have 'reply'; it may have the tables replies and help",
    ),
    "NOT_TEXTS": (
        personality_file("[help]\nMAIL = 1"),
        PersonalityError,
        "the personality FOLDER/p.toml is wrong: replies and help must be tables of texts",
    ),
    "UNKNOWN_REPLY": (
        templates(FINE="x"),
        PersonalityError,
        "there is no reply 'FINE' to word; the names are those of NAMES in replies",
    ),
    "NOT_PRINTABLE": (
        templates(OK="a\tb"),
        PersonalityError,
        "OK has 'a\\tb', which is not printable ASCII (RFC 5321 4.2)",
    ),
    "BAD_TEMPLATE": (
        templates(OK="{host"),
        PersonalityError,
        "OK has '{host': expected '}' before end of string; write a literal brace twice",
    ),
    "UNKNOWN_FIELD": (
        templates(OK="{sender}"),
        PersonalityError,
        "OK has '{sender}'; its fields may be {host}",
    ),
    "NOT_STORED": (
        in_the_way_of_a_folder,
        LocalError,
        "the message could not be stored: Not a directory",
    ),
    "DRAFT_ENDED": (
        committed_twice,
        LocalError,
        "the message could not be stored: its draft has already ended",
    ),
    "NEEDS_POSIX": (
        on_windows,
        OSError,
        f"[Errno {errno.ENOTSUP}] Maildirs need a POSIX system; use Linux, macOS or WSL, or keep mail in memory",
    ),
    "READ_ONLY": (
        stored(lambda folder: MemoryStore(read_only=True)),
        LocalError,
        "the message could not be stored: the storage is read-only",
    ),
    "OVER_CAPACITY": (
        stored(lambda folder: MemoryStore(capacity_octets=5)),
        InsufficientStorageError,
        "the message could not be stored: 6 octets do not fit into 5",
    ),
    "DISK_TOO_FULL": (
        on_a_disk_with_little_room,
        InsufficientStorageError,
        f"the message could not be stored: N octets are free, and {2**62} must stay free",
    ),
    "NO_MAILBOX": (lambda folder: MemoryStore().begin([]), ValueError, "a message needs at least one mailbox"),
    "NAMELESS_MAILBOX": (lambda folder: folder_name(""), ValueError, "a mailbox needs a name"),
    "IDLE_SECONDS": (
        lambda folder: Policy(idle_seconds=0.0),
        ValueError,
        "idle_seconds: 0 is not a number of seconds above 0",
    ),
    "SIZE_OF_OFFER": (
        lambda folder: Policy(offer={"SIZE": "big"}),
        ValueError,
        "offer: 'big' is not a valid SIZE; give a number of octets, or an empty text (RFC 1870 4)",
    ),
    "NOT_NAMES": (
        lambda folder: Directory("lab.example", [5]),
        TypeError,
        "the mailboxes are names as text, or one name, not int",
    ),
    "NOT_A_HOP": (
        lambda folder: Relay({"far.example": "10.0.0.1:25"}),
        TypeError,
        "the next hop of 'far.example' is a host and a port, such as ('127.0.0.1', 2525), not '10.0.0.1:25'",
    ),
    "NO_ROUTE": (lambda folder: not_relayed({}), LookupError, "no route to its domain"),
    "HOP_ENDED": (
        lambda folder: not_relayed({"*": ("far.example", 25)}),
        LookupError,
        "far.example ended the session before the message",
    ),
    "ALIAS_HAS_RECORDS": (
        zone(aliases={"a.example": "b.example"}, hosts={"a.example": ["192.0.2.1"]}),
        ZoneError,
        "'a.example' is an alias, and has other records too; an alias has none (RFC 1034 3.6.2)",
    ),
    "NO_EXCHANGER": (
        zone(mx={"a.example": []}),
        ZoneError,
        "'a.example' has no MX record; leave it out, or write \"0 .\" if it takes no mail (RFC 7505)",
    ),
    "BAD_PREFERENCE": (
        zone(mx={"a.example": [(-1, "b.example")]}),
        ZoneError,
        "'a.example' has an MX record of preference -1; preferences are 0 to 65535",
    ),
    "NULL_MX_NOT_ALONE": (
        zone(mx={"a.example": [(0, "."), (1, "b.example")]}),
        ZoneError,
        "'a.example' has a null MX and other MX records; a null MX stands alone (RFC 7505 3)",
    ),
    "NO_ADDRESS": (
        zone(hosts={"a.example": []}),
        ZoneError,
        "'a.example' has no address; give it one, as in 'a.example' = \"192.0.2.1\"",
    ),
    "BAD_ADDRESS": (
        zone(hosts={"a.example": ["here", "192.0.2.1"]}),
        ZoneError,
        "'a.example' has an address that is not a valid IP address: here, 192.0.2.1",
    ),
    "BAD_PORT": (
        zone(ports={"a.example": 70000}),
        ZoneError,
        "'a.example' has port 70000; ports are 1 to 65535",
    ),
    "BAD_MX": (
        zone_file("mx.'a.example' = 'b.example'"),
        ZoneError,
        "the zone FOLDER/z is wrong: line 1: 'b.example' in 'a.example' is not an MX record; write preference and "
        'host, as in "10 mail.lab.example"',
    ),
    "MX_TO_NOWHERE": (
        zone_file("[mx]\n'a.example' = '10 b.example'"),
        ZoneError,
        "the zone FOLDER/z is wrong: line 2: 'a.example' has the mail host 'b.example', which has no address in this "
        "zone; add it under [hosts]",
    ),
    "ZONE_UNREADABLE": (
        lambda folder: read_zone(folder / "none"),
        ZoneError,
        "the zone FOLDER/none cannot be read: No such file or directory",
    ),
    "ZONE_NOT_TOML": (zone_file("[mx"), ZoneError, "the zone FOLDER/z is not a TOML file: *"),
    "ZONE_WRONG": (
        zone_file("[a]"),
        ZoneError,
        "the zone FOLDER/z is wrong: line 1: the file cannot have 'a'; it may have mx, hosts, aliases",
    ),
    "IN_LINE": (
        zone_file("\n[a]"),
        ZoneError,
        "the zone FOLDER/z is wrong: line 2: the file cannot have 'a'; it may have mx, hosts, aliases",
    ),
    "NOT_A_ZONE_FILE": (
        zone_file("@ 60 IN A 192.0.2.1", read_zone_file),
        ZoneError,
        "FOLDER/z is not a zone file: *",
    ),
    "NO_DNSPYTHON": (
        without_dnspython,
        ZoneError,
        "reading a zone file needs dnspython; install it with: pip install 'smtplab[dns]'",
    ),
    "BAD_DELAYS": (
        lambda folder: RetrySchedule(()),
        ValueError,
        "a retry schedule needs at least one delay, and each must be longer than 0",
    ),
    "BAD_JITTER": (
        lambda folder: RetrySchedule(jitter=200),
        ValueError,
        "the jitter is 0 to 100 percent, not 200",
    ),
    "NEGATIVE_LIMIT": (
        lambda folder: RetrySchedule(warns_after=-1),
        ValueError,
        "a message cannot expire, or be warned of, before it has arrived",
    ),
    "NO_SESSIONS": (
        lambda folder: HopLimits(sessions=0),
        ValueError,
        "each next hop needs at least one session, or its mail would wait for ever",
    ),
    "NO_ENTRY": (
        lambda folder: queued()[0].get("B2"),
        QueueError,
        "there is no 'B2' in the queue; what was delivered, given up or dropped is no longer there",
    ),
    "ENTRY_RECIPIENTS": (
        lambda folder: dataclasses.replace(queued()[1], recipients=()),
        ValueError,
        "'A1' needs at least one recipient, and each of them once",
    ),
    "ENTRY_TWICE": (
        lambda folder: queued()[0].add(queued()[1]),
        QueueError,
        "'A1' is in the queue already",
    ),
    "UNDER_WAY": (
        dropped_under_way,
        QueueError,
        "'A1' is being delivered to far.example now; drop it when the attempt has ended",
    ),
    "ON_HOLD": (held_twice, QueueError, "'A1' is being dropped now; look at the queue again"),
    "NOT_UNDER_WAY": (settled_twice, QueueError, "no attempt to deliver 'A1' is under way"),
    "NOT_IN_SPOOL": (lambda folder: MemorySpool().content("A1"), LocalError, "the spool has no message A1"),
    "TWICE_IN_SPOOL": (kept_twice, LocalError, "the spool has a message A1 already"),
    "SPOOL_UNREADABLE": (
        with_broken_spool(lambda spool: spool.content("A1")),
        LocalError,
        "the message A1 cannot be read from the spool: Is a directory",
    ),
    "SPOOL_NOT_WRITTEN": (
        with_broken_spool(lambda spool: spool.withdraw("A1")),
        LocalError,
        f"the spool cannot be written: {_why_no_folder_is_unlinked()}",
    ),
    "SPOOL_NOT_READ": (
        loaded_without_folder,
        LocalError,
        "the spool FOLDER/spool cannot be read: No such file or directory",
    ),
    "SPOOL_IN_USE": (
        lambda folder: [FolderSpool(folder), FolderSpool(folder)],
        SpoolInUse,
        "another process works with the spool FOLDER; is the host running already?",
    ),
    "HOST_FILE_UNREADABLE": (
        lambda folder: read_host_file(folder / "none.toml"),
        HostFileError,
        "the configuration FOLDER/none.toml cannot be read: No such file or directory",
    ),
    "HOST_FILE_NOT_TOML": (
        configured("hostname = \n"),
        HostFileError,
        "the configuration FOLDER/host.toml cannot be used: line 1 has no value behind hostname =; write one, or "
        "remove the line",
    ),
    "KEY_OF_FILE": (
        configured(USERS, "[queue]", "relay_for = []"),
        HostFileError,
        "the configuration FOLDER/host.toml is wrong: line 3: queue cannot have 'relay_for'; write it above the first "
        "[table]",
    ),
    "KEY_OF_TABLE": (
        configured("domains = ['lab.example']"),
        HostFileError,
        "the configuration FOLDER/host.toml is wrong: line 1: the file cannot have 'domains'; put it under [directory]",
    ),
    "IN_KEY": (
        configured("relay_for = ['alice']", USERS),
        HostFileError,
        "the configuration FOLDER/host.toml is wrong: line 1: relay_for: 'alice' is not a reverse-path, such as *",
    ),
    "NOT_A_SENDER": (
        lambda folder: RelayPolicy(senders=["alice"]),
        ValueError,
        "'alice' is not a reverse-path, such as alice@near.example: *",
    ),
    **{
        name: (lambda folder, text=text: parse_toml(text), ValueError, said)  # type: ignore[misc]
        for name, text, said in (
            ("TOML_CURLY", "a = “x”", 'line 1 has the curly quotation mark “; write straight ones, as in "text"'),
            (
                "TOML_ODD_CHARACTER",
                "a =\xa01",
                "line 1 has the character U+00A0, which looks like a blank or like nothing; remove it, "
                "or write a space",
            ),
            (
                "TOML_BACKSLASH",
                'a = "\\d"',
                "line 1 has a backslash in a text; put the text between single quotation marks, as in 'C:\\mail'",
            ),
            ("TOML_NO_EQUALS", "a: 1", "line 1 has no = after its key; write key = value"),
            (
                "TOML_NAME",
                "a@b = 1",
                "line 1 has no valid name before its =; a name with other characters than a-z, 0-9, - and _ stands in "
                "quotation marks",
            ),
            ("TOML_NO_VALUE", "a =", "line 1 has no value behind a =; write one, or remove the line"),
            (
                "TOML_UNQUOTED",
                "a = b",
                "line 1 has 'b' without quotation marks; texts stand in quotation marks",
            ),
            ("TOML_BOOLEAN", "a = True", "line 1 has True; write true"),
            ("TOML_BEHIND", "a = 'b' c", "line 1 has 'c' after its end; remove it"),
            (
                "TOML_HEADER_OPEN",
                "[a",
                "line 1 opens a table with [ that is not closed; add ] at its end",
            ),
            (
                "TOML_LIST_OPEN",
                "a = [",
                "line 1 opens a list with [ that is not closed; add ] behind its last value",
            ),
            (
                "TOML_TABLE_OPEN",
                "a = {",
                "line 1 opens a table with { that is not closed in this line; add } at its end",
            ),
            (
                "TOML_NO_COMMA",
                "a = ['b' 'c']",
                "line 1 has \"'c'\" in a list without a comma before it; add the comma",
            ),
            (
                "TOML_WRONG",
                "a = '\x01'",
                "line 1 cannot be read (*",
            ),
        )
    },
    "HOST_FILE_WRONG": (
        configured("\nhost_name = 'a.example'"),
        HostFileError,
        "the configuration FOLDER/host.toml is wrong: line 2: the file cannot have 'host_name'; did you mean *",
    ),
    "NO_DIRECTORY": (
        configured(""),
        HostFileError,
        "the configuration FOLDER/host.toml is wrong: it needs a directory: the domains and users whose mail the host "
        "keeps",
    ),
    "NOT_A_FAULT": (
        faulty,
        HostFileError,
        "the configuration FOLDER/host.toml is wrong: line 2: 'lose all' in 'faults' is not a fault: which all?",
    ),
    "NOT_AN_ENDPOINT": (
        configured("listen = '2525'", USERS),
        HostFileError,
        "the configuration FOLDER/host.toml is wrong: line 1: '2525' is not of the form HOST:PORT, such as "
        "127.0.0.1:2525",
    ),
    "OTHER_FILE_MISSING": (
        configured("zone = 'none.toml'", USERS),
        HostFileError,
        "the zone FOLDER/none.toml cannot be read: No such file or directory; create it, or correct `zone` in the "
        "configuration",
    ),
    "NO_SUCH_PORT": (
        configured("listen = '127.0.0.1:70000'", USERS),
        HostFileError,
        "the configuration FOLDER/host.toml is wrong: line 1: '127.0.0.1:70000' has port 70000; ports are 1 to 65535, "
        "and 0 takes a free one",
    ),
    "TOML_KEY_TWICE": (
        configured("hostname = 'a.example'\nhostname = 'a.example'", USERS),
        HostFileError,
        "the configuration FOLDER/host.toml cannot be used: line 2 has a key, or a table, that the file has already; "
        "remove one of them",
    ),
    "MAILDIR_IN_USE": (
        held_by_two,
        MaildirInUse,
        "another host keeps mail in FOLDER/mail; give each host a `maildir` of its own",
    ),
    "UNKNOWN_KEY_MEANT": (
        configured("hostnam = 'a.example'", USERS),
        HostFileError,
        "the configuration FOLDER/host.toml is wrong: line 1: the file cannot have 'hostnam'; did you mean 'hostname'? "
        "It may have *",
    ),
    "NOT_A_NETWORK": (
        lambda folder: RelayPolicy(["lab.example"]),
        ValueError,
        "'lab.example' is neither an address nor a network, such as 127.0.0.1 or 192.0.2.0/24",
    ),
    "NETWORK_MEANT": (
        lambda folder: RelayPolicy(["127.0.0.1/8"]),
        ValueError,
        "'127.0.0.1/8' is one address of a network; did you mean 127.0.0.0/8?",
    ),
    "NOT_AN_IP_ADDRESS": (
        configured("listen = 'mail.lab.example:2527'", USERS),
        HostFileError,
        "the configuration FOLDER/host.toml is wrong: line 1: 'mail.lab.example' is a name; a host listens at an "
        "address: write 127.0.0.1:2527",
    ),
    "SHARED_FOLDER": (
        configured("spool = 'mail'", "maildir = './mail/'", USERS),
        HostFileError,
        "the configuration FOLDER/host.toml is wrong: line 1: FOLDER/mail cannot be the spool, because the mailboxes "
        "are in FOLDER/mail; give each a folder of its own",
    ),
    "WARNS_TOO_LATE": (
        configured(USERS, "[queue]", "warns_after = '1 h'", "expires_after = '30 min'"),
        HostFileError,
        "the configuration FOLDER/host.toml is wrong: line 3: warns_after, 1 h, must be shorter than expires_after, "
        "30 min, or nobody is warned",
    ),
    "HOP_NOT_IN_ZONE": (
        configured(USERS, "[zone.hosts]", "'far.example' = '127.0.0.2'", "[queue.hops]", "'fra.example' = 1"),
        HostFileError,
        "the configuration FOLDER/host.toml is wrong: line 5: fra.example is not in the zone, so no mail goes there; "
        "the zone has far.example",
    ),
    "OWN_DOMAIN_ELSEWHERE": (
        configured(
            "hostname = 'mail.lab.example'",
            USERS,
            "[zone.mx]",
            "'lab.example' = '10 far.example'",
            "[zone.hosts]",
            "'far.example' = '127.0.0.2'",
        ),
        HostFileError,
        "the configuration FOLDER/host.toml is wrong: line 4: lab.example is a domain of this host, mail.lab.example, "
        "but the zone sends its mail to far.example; correct the zone, or hostname",
    ),
    "TOML_TEXT_OPEN": (
        configured(USERS, "hostname = 'mail.lab.example", "spool = 'spool'"),
        HostFileError,
        "the configuration FOLDER/host.toml cannot be used: line 2 has a text that is not closed; add the quotation "
        "mark at its end",
    ),
    "NUMBER_TOO_LOW": (
        configured("hop_limit = 0", USERS),
        HostFileError,
        "the configuration FOLDER/host.toml is wrong: line 1: hop_limit must be at least 1, not 0",
    ),
    "LISTENS_FOR_OTHERS": (
        configured("listen = '0.0.0.0:2525'", USERS),
        HostFileError,
        "the configuration FOLDER/host.toml is wrong: line 1: 0.0.0.0 can be reached by other machines; "
        "`allow_remote = true` allows that",
    ),
    "ROUTE_LEAVES": (
        configured(USERS, "[zone.hosts]", "'far.example' = '192.0.2.1'"),
        HostFileError,
        "the configuration FOLDER/host.toml is wrong: line 3: far.example is another machine, 192.0.2.1; "
        "`allow_remote = true` lets mail go there",
    ),
    "BAD_ENTRY": (
        lambda folder: read_entry("{}"),
        ValueError,
        "the spool has a record that is not an entry of a queue, or is damaged: {}",
    ),
    "OTHER_RECIPIENTS": (
        lambda folder: settled_for([]),
        QueueError,
        "the result for 'A1' is about other recipients than its attempt",
    ),
    "REPORT_OF_REPORT": (
        lambda folder: ReportedMessage(NULL_PATH, b"", "x.example", DATE),
        ValueError,
        "a message from the null reverse-path gets no report (RFC 5321 6.1); drop it and say so in the log",
    ),
    "NOT_A_REPORT": (
        lambda folder: read_report(b""),
        NotAReport,
        "the message is not a delivery report (multipart/report with a part message/delivery-status)",
    ),
    "REPORT_IS_ONE_MESSAGE": (
        lambda folder: read_report([b""]),  # type: ignore[arg-type]
        TypeError,
        "read_report takes one message as bytes or text, such as mailbox[0], not list",
    ),
    "NO_RECIPIENT_REPORT": (
        lambda folder: read_report(report_of(about=0)),
        NotAReport,
        "the report has no status of any recipient",
    ),
    "BAD_RECIPIENT_REPORT": (
        lambda folder: read_report(report_of().replace(b"Action: failed", b"Action: unsure")),
        NotAReport,
        "the report about b@far.example has no valid Final-Recipient, Action and Status (RFC 3464 2.3)",
    ),
    "NO_TIME_ZONE": (
        lambda folder: format_date(datetime(2004, 8, 6)),
        ValueError,
        "the date 2004-08-06T00:00:00 has no time zone, and mail needs one (RFC 5322 3.3)",
    ),
}


def answer(*lines: str, **entries: object) -> Callable[[], str]:
    """Return what says these lines to a host of these entries, and returns the last reply."""
    return lambda: said_to(mail_host(**entries), *lines)  # type: ignore[arg-type]


def said_to(handler: Handler, *lines: str) -> str:
    client = in_memory(handler)
    client.reply()
    return client.say("EHLO client.example", *lines)


def handed_on(*recipients: str, loses_drafts: bool = False, result: RelayResult | None = None) -> Callable[[], str]:
    """Return what answers a message that far.example takes, and no.example refuses behind the dot.

    With `result` this, instead, became of the message elsewhere.
    """

    def say() -> str:
        with world_of("memory") as world:
            far, no = mail_host(domain="far.example"), mail_host(domain="no.example")
            no.deliver = lambda *_: Reply(550, "no")
            routes = {host.directory.domains[0]: world.start(host) for host in (far, no)}
            near = mail_host(relay=Relay(routes))
            if loses_drafts:
                near.store.commit_all = lambda drafts: committed_twice(FilePath())
            if result is not None:
                near.relay.deliver = lambda message: handed_over(result)
            client = world.connect(world.start(near))
            client.reply()
            for text in ("HELO x", "MAIL FROM:<>", *(f"RCPT TO:<{each}>" for each in recipients), "DATA"):
                client.say(text)
            return str(client.say("."))

    return say


REPLY_LOST = NotRelayed(Path.parse("<bob@no.example>"), False, "its reply was lost", unknown=True)


def handed_over(result: RelayResult) -> Handovers:
    """Return a handover that takes no step."""
    yield from ()
    return result


def route(domain: str, **records: object) -> Callable[[], str]:
    """Return what finds no route to a domain in a zone of these records, and returns the reply."""

    def find() -> str:
        found = Zone(**records).route(domain, Seed(1), ["me.example"])  # type: ignore[arg-type]
        assert isinstance(found, NoRoute)
        return str(found.reply)

    return find


def foreseen(now: int = 0, *, starts: bool = False, **values: object) -> Callable[[], str]:
    """Return what foresees the way of an entry with these values."""

    def look() -> str:
        queue, entry = queued(**values)
        if starts:
            queue.add(dataclasses.replace(entry, id="B2"))
            queue.due(0)
        return " ".join(outlook(queue, each.id, now) for each in queue)

    return look


def queue_says(
    prepare: Callable[[Relaying], object] = lambda relaying: None, path: str = "alice@far.example"
) -> Callable[[], str]:
    """Return what the first attempt to deliver a message says, in its results and in the log."""

    def run() -> str:
        relaying = Relaying({})
        relaying.accept(Path.parse(f"<{path}>"))
        prepare(relaying)
        logged: list[str] = []
        handler = logging.Handler()
        handler.emit = lambda record: logged.append(record.getMessage())  # type: ignore[method-assign]
        logger = logging.getLogger("smtplab.mta.settling")
        logger.addHandler(handler)
        try:
            relaying.run(until=lambda: len(relaying.events) > 2 or bool(logged))
        finally:
            logger.removeHandler(handler)
        settlements = [event.settlement for event in relaying.events if isinstance(event, AttemptSettled)]
        words = [each.words for it in settlements for each in (*it.done, *it.failed, *it.delayed)]
        return "\n".join(words + logged)

    return run


def broken(*arguments: object, **named: object) -> None:
    raise LocalError("the disk is gone")


def queue_answers(do: str, breaks: str) -> Callable[[], str]:
    """Return what changes an entry of a stopped host whose spool fails, and returns the answer."""

    def change() -> str:
        relaying = Relaying({})
        relaying.accept(Path.parse("<alice@far.example>"))
        setattr(relaying.spool, breaks, broken)
        control = QueueControl(relaying.manager, runs=False)
        answer = carry_out(control.answer({"do": do, "id": "A000001"}), MemoryWorld())
        return "\n".join(answer["failed"])

    return change


def given_up() -> str:
    queue, entry = queued(due=5 * DAY)
    (attempt,) = queue.due(5 * DAY)
    return queue.settle(attempt, answered(entry.recipients, "x", Reply(450)), 5 * DAY).failed[0].words


LOST = RecipientResult(
    Path("b", "far.example"), Action.DELAYED, EnhancedCode(4, 4, 2), "it is lost", "x", possible_duplicate=True
)
FULL = [Mailbox("alice", quota_octets=0)]
# The constant -> what a host then says, and the end of it.
ENTRY = QueueEntry("A1-1", "A1", Path("a", "near.example"), (Path("b", "far.example"),), "far.example", 0, 0)
DETAILS: dict[str, tuple[Callable[[], str], str]] = {
    "NO_SUCH_MAILBOX": (answer("VRFY nobody"), "no such mailbox here"),
    "NO_SUCH_LIST": (answer("EXPN nobody"), "no such mailing list here"),
    "IS_A_USER": (answer("EXPN alice"), "it is a user, not a mailing list"),
    "IS_A_LIST": (answer("VRFY staff", lists={"staff": ["alice"]}), "it is a mailing list"),
    "NAME_RESERVED": (answer("VRFY root", reserved=["root"]), "the name is reserved"),
    "DOMAIN_NOT_OURS": (answer("VRFY a@far.example", relay=Relay({"*": ("x.example", 25)})), "the domain is not ours"),
    "OCTETS_USED": (
        answer("MAIL FROM:<>", "RCPT TO:<alice@lab.example>", mailboxes=FULL),
        "0 octets are used, and 0 are allowed",
    ),
    "OCTETS_USED_AND_SIZE": (
        answer("MAIL FROM:<> SIZE=9", "RCPT TO:<alice@lab.example>", mailboxes=FULL),
        "0 octets are used, 0 are allowed, and the message has 9",
    ),
    "NOT_LOGGED_IN": (answer("SEND FROM:<>", "RCPT TO:<alice@lab.example>"), "alice is not logged in"),
    "MAILBOX_IN_USE": (
        answer("MAIL FROM:<>", "RCPT TO:<alice@lab.example>", mailboxes=[Mailbox("alice", busy=True)]),
        "alice is in use",
    ),
    "NO_ROUTE_TO": (
        answer("VRFY all", aliases={"all": ["alice", "x@far.example"]}),
        "there is no route to far.example",
    ),
    "CANNOT_BE_SENT_ON": (
        answer(
            *("EHLO x", "MAIL FROM:<>", "RCPT TO:<a@far.example>", "DATA", "a\rb\r\n."),
            relay=Relay({"*": ("x.example", 25)}),
        ),
        "it goes to another host, and no host could take it: the message holds a bare CR or LF; every line ends in "
        "CRLF (RFC 5321 2.3.8)",
    ),
    "HANDED_ON_IN_PART": (
        handed_on("alice@far.example", "bob@no.example"),
        "1 of 2 recipients elsewhere have the message already, but not bob@no.example: no.example said 550 no",
    ),
    "HANDED_ON_AND_UNKNOWN": (
        handed_on("alice@far.example", "bob@no.example", result=RelayResult((REPLY_LOST,), taken=True)),
        "1 of 2 recipients elsewhere have the message already, and perhaps bob@no.example: its reply was lost",
    ),
    "HANDED_ON_NOT_STORED": (
        handed_on("alice@far.example", "bob@lab.example", loses_drafts=True),
        "the recipients elsewhere have the message already, but those here do not: "
        "the message could not be stored: its draft has already ended",
    ),
    "ANSWER_NOT_ASCII": (
        answer("EXPN all", lists={"all": ["alice", "ü@far.example"]}),
        "The answer is not ASCII; ask again with SMTPUTF8",
    ),
    "FORWARD_NOT_ASCII": (
        answer("VRFY dora", forwards={"dora": Forward("ü@far.example", accepted=False)}),
        "The address to use instead is not ASCII; ask for it with SMTPUTF8",
    ),
    "VERIFIES_NOBODY": (lambda: said_to(Handler("x.example"), "VRFY alice"), "this host does not tell"),
    "NOT_IMPLEMENTED": (answer("TURN"), "TURN is not implemented here"),
    "NO_SUCH_DOMAIN": (route("a.example"), "550 5.1.2 a.example has neither a mail host nor an address"),
    "ALIAS_LOOP": (
        route("a.example", aliases={"a.example": "a.example"}),
        "451 4.4.3 the aliases of a.example do not end",
    ),
    "NULL_MX": (
        route("a.example", mx={"a.example": [(0, ".")]}),
        "556 5.1.10 a.example takes no mail (null MX, RFC 7505)",
    ),
    "BAD_LITERAL": (route("[1]"), "550 5.1.2 [1] is not a valid address literal"),
    "ROUTE_TO_MYSELF": (
        route("me.example", hosts={"me.example": ["192.0.2.1"]}),
        "554 5.4.6 mail for me.example would come back to this host",
    ),
    "MX_WITHOUT_ADDRESS": (
        route("a.example", mx={"a.example": [(1, "b.example"), (2, "c.example")]}),
        "550 5.4.4 the mail hosts of a.example have no address: b.example, c.example",
    ),
    "BOUNCE_SUBJECT": (read_by_people("550 no"), "Undelivered mail returned to sender"),
    "WARNING_SUBJECT": (read_by_people("450 no"), "Your mail is delayed"),
    "BOUNCE_TEXT": (
        read_by_people("550 no"),
        "This is the mail host near.example. Your message was not delivered to the following recipients, and this host "
        "does not try again.",
    ),
    "WARNING_TEXT": (
        read_by_people("450 no"),
        "This is the mail host near.example. Your message has not been delivered yet to the following recipients. You "
        "need not send it again: this host keeps trying.",
    ),
    "RETRIES_UNTIL": (read_by_people("450 no"), "It tries until Mon, 30 Nov 2026 00:00:00 +0000."),
    "REPORT_HEAD": (lambda: str(read_report(report_of())), "A bounce from near.example:"),
    "REPORT_ENDS": (read_by_people("450 no"), "Your message, or the beginning of it, is attached."),
    "MAY_HAVE_IT_ALREADY": (
        read_by_people("450 no"),
        "x.example may have the message all the same, because only its answer was lost",
    ),
    "ATTEMPT_RUNS": (
        foreseen(1_000_000, starts=True),
        "Attempt 1 to reach far.example has been under way for 1 s.",
    ),
    "ATTEMPT_DUE_IN": (foreseen(due=1_000_000), "Attempt 1 to reach far.example is due in 1 s."),
    "ATTEMPT_DUE": (foreseen(), "Attempt 1 to reach far.example is due now."),
    "WAITS_FOR_SESSION": (
        foreseen(starts=True),
        "Attempt 1 to reach far.example waits until one of the sessions under way has ended.",
    ),
    "LAST_ANSWER": (foreseen(last=(LOST,), attempts=2), "Attempt 2 failed for b@far.example: it is lost."),
    "MAY_HAVE_IT": (
        foreseen(last=(LOST,)),
        "x may have the message all the same; a retry may deliver it twice (RFC 5321 6.1).",
    ),
    "GIVES_UP_IN": (foreseen(), "In 5 d the host gives up and sends a bounce to a@near.example."),
    "GIVES_UP_NEXT": (
        foreseen(5 * DAY),
        "If attempt 1 fails, the host gives up and sends a bounce to a@near.example.",
    ),
    "WARNS_IN": (
        foreseen(3 * HOUR, attempts=3),
        "If attempt 5, in about 3 h, fails too, a@near.example gets a warning that the mail is delayed.",
    ),
    "WARNS_NEXT": (
        foreseen(4 * HOUR),
        "If attempt 1 fails, a@near.example gets a warning that the mail is delayed.",
    ),
    "WARNED": (foreseen(5 * HOUR, warned=True), "a@near.example was warned that the mail is delayed."),
    "SENDS_BOUNCE": (foreseen(), "sends a bounce to a@near.example"),
    "DROPS_BOUNCE": (foreseen(sender=NULL_PATH), "sends no bounce, because the reverse-path is null"),
    "GIVEN_UP": (given_up, "given up after 5 d: x said 450"),
    "ATTEMPT_BROKE": (
        queue_says(lambda relaying: setattr(relaying.manager, "transmit", None)),
        "the attempt broke by a mistake in this host's program; see its log",
    ),
    "STORED_HERE": (queue_says(path="someone@near.example"), "stored by near.example"),
    "LEADS_ELSEWHERE": (queue_says(path="list@near.example"), "near.example sends it on"),
    "NO_LOCAL_DELIVERY": (
        queue_says(lambda relaying: setattr(relaying.manager, "local", None), "someone@near.example"),
        "this host has no mailboxes",
    ),
    "REPORT_NOT_KEPT": (
        queue_says(lambda relaying: setattr(relaying.spool, "capacity_octets", 20), "nobody@near.example"),
        "the report about A000001-1 could not be written, so A000001-1 stays in the queue: the message could not",
    ),
    "ENTRY_NOT_KEPT": (
        queue_says(lambda relaying: setattr(relaying.spool, "remove", broken), "someone@near.example"),
        "what is left of A000001-1 could not be written, so a restart would try more than that: the disk is gone",
    ),
    "MOVED_ASIDE": (
        moved_aside(lambda file: file.rename(file.with_name("x"))),
        "FOLDER/spool/messages/x is damaged and was moved to FOLDER/spool/broken: it is not a message of a spool",
    ),
    "MESSAGE_GONE": (
        moved_aside(lost),
        "the message A1 from <a@near.example> for <b@far.example> is gone; its file was removed, or a "
        "crash came just after its end",
    ),
    "NOT_OF_SPOOL": (
        moved_aside(lambda file: file.rename(file.with_name("x"))),
        "it is not a message of a spool",
    ),
    "WRONG_SIZE": (moved_aside(lambda file: file.write_bytes(b"")), "it has 0 octets, and was written with "),
    "OTHER_MESSAGE": (
        moved_aside(lambda file: file.rename(str(file).replace("A1,", "A2,"))),
        "its name is that of another message",
    ),
    "LOG_QUEUED": (
        logged(Queued((ENTRY,), Origin.RECEIVED)),
        "from <a@near.example> for b@far.example: queued for far.example",
    ),
    "LOG_STORED": (stored_here, "A1 from <a@near.example> for b@near.example: stored for b"),
    "LOG_REPORT_QUEUED": (
        logged(Queued((ENTRY,), Origin.REPORT)),
        "a report for b@far.example: queued for far.example",
    ),
    "LOG_RESTORED": (
        logged(Queued((ENTRY,), Origin.RESTORED)),
        "from <a@near.example> for b@far.example: found in the spool, queued for far.example",
    ),
    "LOG_ATTEMPT": (logged(AttemptStarted(Attempt(ENTRY, 0))), "attempt 1 to reach far.example"),
    "LOG_DELIVERED": (settled(ended(Action.DELIVERED)), "b@far.example: delivered: why"),
    "LOG_RELAYED": (settled(ended(Action.RELAYED)), "b@far.example: handed on: why"),
    "LOG_EXPANDED": (settled(ended(Action.EXPANDED)), "b@far.example: sent on: why"),
    "LOG_DELAYED": (settled(ended(Action.DELAYED)), "b@far.example: delayed: why"),
    "LOG_FAILED": (settled(ended(Action.FAILED)), "b@far.example: failed: why"),
    "LISTENS_ELSEWHERE": (
        remark("listen = '127.0.0.1:2526'", USERS, "[zone.hosts]", "'lab.example' = {address='127.0.0.1', port=2525}"),
        "lab.example is at 127.0.0.1:2525 in the zone, and listens at 127.0.0.1:2526; hosts with this zone do not find "
        "it: correct `listen` or the zone",
    ),
    "OWN_DOMAIN_MISSING": (
        remark(USERS, "[zone.hosts]", "'far.example' = {address='127.0.0.1', port=2526}"),
        "lab.example is not in the zone; other hosts with this zone send it no mail",
    ),
    "NO_PORT": (
        remark(USERS, "[zone.mx]", "'lab.example' = '0 .'", "[zone.hosts]", "'far.example' = '127.0.0.1'"),
        "mail for far.example goes to 127.0.0.1, port 25; if it listens elsewhere, give it a `port` in the zone",
    ),
    "NO_OWNER": (
        remark(USERS, "directory.lists.staff = ['postmaster']"),
        "bounces of the list staff go to Postmaster; `owner` names somebody else",
    ),
    "MAILBOXES_OF_NOBODY": (mailboxes_of_nobody, "FOLDER has mailboxes of nobody in the directory: carol"),
    "MAY_HAVE_IT_TOO": (settled(LOST), "b@far.example: delayed: it is lost; x may have it all the same"),
    "LOG_NEXT": (settled(left=dataclasses.replace(ENTRY, due=DAY)), "attempt 2 is due in 1 d"),
    "LOG_REPORTED": (logged(Reported(ENTRY, "A2", ())), "a@near.example gets the bounce A2"),
    "LOG_SUPPRESSED": (
        logged(ReportSuppressed(ENTRY, ())),
        "nobody gets a report, because the reverse-path is null",
    ),
    "LOG_LEADS_TO": (lambda: led_to(1), "A1 b@near.example -> b, c0@far.example"),
    "LOG_REFUSED": (refused, "refused 192.0.2.7 RCPT <x@far.example>: 550 5.7.1 no"),
    "LOG_LEFT": (left_early, "192.0.2.7 left without a message for b@far.example"),
    "LOG_UNWRITABLE": (unwritable, "the message could not be stored: why; look at the folder far/maildir"),
    "LOG_DROPPED": (logged(EntryDropped(ENTRY)), "dropped; nobody gets a report"),
    "NO_SUCH_REQUEST": (
        lambda: str(carry_out(QueueControl(Relaying({}).manager, runs=True).answer({}), MemoryWorld())),
        "a request is list, show, retry or drop",
    ),
    "NOT_RETRIED": (
        queue_answers("retry", "update"),
        "'A000001-1' waits as before: the disk is gone",
    ),
    "NOT_DROPPED": (
        queue_answers("drop", "remove"),
        "'A000001-1' was not dropped and waits as before: the disk is gone",
    ),
    "NO_HELP": (answer("HELP ME"), "there is no help for 'ME'; say HELP alone for what there is"),
}


@pytest.mark.parametrize("name", DETAILS)
def test_the_detail_of_a_reply_is_given_word_by_word(name: str) -> None:
    say, text = DETAILS[name]
    said = say()
    assert text in said
    assert is_made_of(text, getattr(sentences, name))


def test_every_sentence_has_a_row() -> None:
    assert ROWS.keys() | DETAILS.keys() == set(names_of(sentences))


@pytest.mark.parametrize("name", ROWS)
def test_the_sentence_is_raised_word_by_word(name: str, tmp_path: FilePath) -> None:
    trigger, kind, text = ROWS[name]
    with pytest.raises(kind) as caught:
        trigger(tmp_path)
    said = str(caught.value).replace(str(tmp_path), "FOLDER")
    assert said == text or (text.endswith("*") and said.startswith(text[:-1]))
