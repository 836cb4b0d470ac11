"""Every error sentence of a mail host is raised somewhere, in exactly these words."""

import errno
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path as FilePath
from unittest import mock

import pytest

from smtplab.mta import maildir, sentences
from smtplab.mta.directory import Directory, DirectoryError, Forward, Mailbox, MailingList
from smtplab.mta.handler import Handler
from smtplab.mta.maildir import MaildirStore, folder_name
from smtplab.mta.personality import Personality, PersonalityError
from smtplab.mta.policy import Policy
from smtplab.mta.relay import Relay, RelayedMessage
from smtplab.mta.store import InsufficientStorageError, LocalError, MemoryStore, Store
from smtplab.mta.toml_file import read_toml
from smtplab.mta.trace import format_date
from smtplab.protocol.grammar import Path
from smtplab.protocol.replies import Reply
from support.hosts import in_memory, mail_host, world_of
from support.templates import is_made_of

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
    with mock.patch.object(maildir, "_POSIX", False):
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


# The constant -> what raises it, the type, the exact text. FOLDER stands for the folder of the test, and `*` at the end
# for the words of Python's TOML reader.
ROWS: dict[str, tuple[Trigger, type[Exception], str]] = {
    "NO_DOMAIN": (declared(""), DirectoryError, "a directory needs at least one domain"),
    "NO_A_LABELS": (
        lambda folder: Directory(["xn--ü.example"]),
        DirectoryError,
        "'xn--ü.example' is not a valid domain, because it has no form in ASCII (RFC 5890 2.3.2.1)",
    ),
    "EMPTY_NAME": (declared(mailboxes=[""]), DirectoryError, "a name is empty"),
    "NOT_IN_AN_ADDRESS": (
        declared("no domain"),
        DirectoryError,
        "'postmaster' at 'no domain' is not a valid address: *",
    ),
    "NOT_AN_ADDRESS": (declared(aliases={"a": "b@@c"}), DirectoryError, "'b@@c' is not a valid address: *"),
    "DECLARED_TWICE": (
        declared(mailboxes=["a", "A"]),
        DirectoryError,
        "'A' is declared twice; upper and lower case are the same in a name",
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
        "the directory FOLDER/d.toml is wrong: mailbox 'a' must be a table, not 1",
    ),
    "UNKNOWN_KEY": (
        file("lists.a.member = []"),
        DirectoryError,
        "the directory FOLDER/d.toml is wrong: list 'a' cannot have 'member'; it may have members, owner",
    ),
    "WRONG_VALUE": (
        file("aliases.a = 1"),
        DirectoryError,
        "the directory FOLDER/d.toml is wrong: 'a' in aliases must be a text or a list of texts, not 1",
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


def handed_on(*recipients: str, loses_drafts: bool = False) -> Callable[[], str]:
    """Return what answers a message that far.example takes, and no.example refuses behind the dot."""

    def say() -> str:
        with world_of("memory") as world:
            far, no = mail_host(domain="far.example"), mail_host(domain="no.example")
            no.deliver = lambda *_: Reply(550, "no")
            routes = {host.directory.domains[0]: world.start(host) for host in (far, no)}
            near = mail_host(relay=Relay(routes))
            if loses_drafts:
                near.store.commit_all = lambda drafts: committed_twice(FilePath())
            client = world.connect(world.start(near))
            client.reply()
            for text in ("HELO x", "MAIL FROM:<>", *(f"RCPT TO:<{each}>" for each in recipients), "DATA"):
                client.say(text)
            return str(client.say("."))

    return say


FULL = [Mailbox("alice", quota_octets=0)]
# The constant -> what a host then says, and the end of it.
DETAILS: dict[str, tuple[Callable[[], str], str]] = {
    "NO_SUCH_MAILBOX": (answer("VRFY nobody"), "no such mailbox here"),
    "NO_SUCH_LIST": (answer("EXPN nobody"), "no such mailing list here"),
    "IS_A_USER": (answer("EXPN alice"), "it is a user, not a mailing list"),
    "IS_A_LIST": (answer("VRFY staff", lists={"staff": ["alice"]}), "it is a mailing list"),
    "NAME_RESERVED": (answer("VRFY root", reserved=["root"]), "the name is reserved"),
    "DOMAIN_NOT_OURS": (answer("VRFY a@far.example", relay=Relay({"*": ("x.example", 25)})), "the domain is not ours"),
    "OCTETS_USED": (answer("MAIL FROM:<>", "RCPT TO:<alice@lab.example>", mailboxes=FULL), "0 of 0 octets are used"),
    "OCTETS_USED_AND_SIZE": (
        answer("MAIL FROM:<> SIZE=9", "RCPT TO:<alice@lab.example>", mailboxes=FULL),
        "0 of 0 octets are used, and the message has 9",
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
    "HANDED_ON_IN_PART": (
        handed_on("alice@far.example", "bob@no.example"),
        "1 of 2 recipients elsewhere have the message already, but not bob@no.example: no.example said 550 no",
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
    "NO_HELP": (answer("HELP ME"), "there is no help for 'ME'; say HELP alone for what there is"),
}


@pytest.mark.parametrize("name", DETAILS)
def test_the_detail_of_a_reply_is_given_word_by_word(name: str) -> None:
    say, text = DETAILS[name]
    said = say()
    assert text in said
    assert is_made_of(text, getattr(sentences, name))


def test_every_sentence_has_a_row() -> None:
    assert ROWS.keys() | DETAILS.keys() == {name for name in vars(sentences) if name.isupper()}


@pytest.mark.parametrize("name", ROWS)
def test_the_sentence_is_raised_word_by_word(name: str, tmp_path: FilePath) -> None:
    trigger, kind, text = ROWS[name]
    with pytest.raises(kind) as caught:
        trigger(tmp_path)
    said = str(caught.value).replace(str(tmp_path), "FOLDER")
    assert said == text or (text.endswith("*") and said.startswith(text[:-1]))
