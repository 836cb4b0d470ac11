"""The mail host from the first word to the mailbox: trace fields, room, terminals, loops, and what it will not keep."""

import email
import re
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from smtplab.mta.directory import Directory, Mailbox, MailingList, Terminal
from smtplab.mta.host import MailHost
from smtplab.mta.maildir import MaildirStore
from smtplab.mta.store import MemoryStore
from support.hosts import ForgettingStore, in_memory, mail_host
from support.raw_client import RawClient, behind_the_trace

DATE = datetime(2004, 8, 6, 10, 25, tzinfo=timezone(timedelta(hours=-4)))
CONTENT = b"Subject: x\r\n\r\nx\r\n"


def ready(host: MailHost, hello: str = "EHLO client.example") -> RawClient:
    """Open a session up to the reply to HELO or EHLO."""
    client = in_memory(host, peer="192.0.2.7")
    client.reply()
    client.say(hello)
    return client


def send(
    client: RawClient, *recipients: str, content: bytes = CONTENT, opening: str = "MAIL FROM:<a@c.example>"
) -> str:
    """Send a message to recipients who must all be accepted; return the reply to it."""
    assert client.say(opening)[0] == "2"
    assert {client.say(f"RCPT TO:<{recipient}>")[0] for recipient in recipients} == {"2"}
    assert client.say("DATA").startswith("354")
    client.send(content)
    return client.say(".")


# Trace fields, RFC 5321 4.4


@pytest.mark.parametrize(
    "content",
    [
        b"  Dear Bob,\r\nhow are you\r\n",
        b"\tDear Bob,\r\nhow are you\r\n",
        b" - first point\r\n - second point\r\n",
        b": no name\r\n",
        b"12:30 we meet\r\n",
        b"12 : we meet\r\n\r\nyours\r\n",
        b"http://lab.example/\r\n",
        b"xmpp+x://lab.example\r\nfind it there\r\n",
        b":-)\r\nSubject: x\r\n",
        b" \r\nSubject: x\r\n\r\nx\r\n",
        b" " + b"x" * 300_000 + b"\r\n",
    ],
)
def test_a_message_without_header_section_keeps_its_first_line(content: bytes) -> None:
    host = mail_host()
    send(ready(host), "alice@lab.example", content=content)
    (kept,) = host.store.messages("alice")
    read = email.message_from_bytes(kept)
    assert str(read["Received"]).endswith("+0000")
    assert kept.partition(b"\r\n\r\n")[2] == content


def test_message_lies_in_the_maildir_behind_its_trace_fields(tmp_path: Path) -> None:
    host = MailHost(Directory(["lab.example"], ["alice"]), MaildirStore(tmp_path), clock=lambda: DATE, ids=iter(["A1"]))
    client = ready(host)
    assert send(client, "alice@lab.example") == "250 2.0.0 Message accepted as A1, 17 octets"
    (file,) = (tmp_path / "alice" / "new").iterdir()
    assert file.read_bytes() == (
        b"Return-Path: <a@c.example>\r\n"
        b"Received: from client.example ([192.0.2.7]) by lab.example with ESMTP id A1\r\n"
        b"        for <alice@lab.example>; Fri, 6 Aug 2004 10:25:00 -0400\r\n" + CONTENT
    )
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [file.name]


@pytest.mark.parametrize(
    ("hello", "opening", "protocol"),
    [
        ("HELO client.example", "MAIL FROM:<a@c.example>", b"SMTP"),
        ("EHLO client.example", "MAIL FROM:<a@c.example>", b"ESMTP"),
        ("EHLO client.example", "MAIL FROM:<a@c.example> SMTPUTF8", b"UTF8SMTP"),
    ],
)
def test_received_field_names_the_protocol(hello: str, opening: str, protocol: bytes) -> None:
    host = mail_host()
    send(ready(host, hello), "alice@lab.example", opening=opening)
    assert re.search(rb" with (\w+)\s", host.store.messages("alice")[0])[1] == protocol


@pytest.mark.parametrize(
    ("helo", "parameter", "name"),
    [
        ("bücher.example", " SMTPUTF8", "xn--bcher-kva.example"),
        ("bücher.example", "", "xn--bcher-kva.example"),
        ("☃️.☃️\u200d.example", " SMTPUTF8", "☃️.☃️\u200d.example"),
        ("☃️.☃️\u200d.example", "", "[192.0.2.7]"),
    ],
)
def test_trace_names_the_client_in_a_labels_and_in_utf_8_only_where_smtputf8_allows_it(
    helo: str, parameter: str, name: str
) -> None:
    host = mail_host()
    client = ready(host, f"EHLO {helo}")
    send(client, "alice@lab.example", opening=f"MAIL FROM:<>{parameter}")
    assert f"Received: from {name} ".encode() in host.store.messages("alice")[0]


def test_recipients_of_one_message_are_not_shown_to_each_other() -> None:
    host = mail_host()
    send(ready(host), "alice@lab.example", "bob@lab.example")
    (stored,) = host.store.messages("alice")
    assert b"bob" not in stored
    assert b" for " not in stored


def test_older_return_path_is_taken_away_and_nothing_else() -> None:
    host = mail_host()
    content = b"Return-Path: <old@x.example>\r\nSubject: x\r\n\r\nReturn-Path: <kept@x.example>\r\n"
    send(ready(host), "alice@lab.example", content=content)
    assert behind_the_trace(host.store.messages("alice")[0]) == content.partition(b"\r\n")[2]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\r\n",
        b"\r\nno header section\r\n",
        b"Subject: no body\r\n",
        b"no field\r\n\r\n",
        b"X: " + b"y" * 300_000 + b"\r\n\r\nx\r\n",
        b"X: y\r\n" * 60_000 + b"\r\nx\r\n",
        b"\0\xff\x01\r\n",
    ],
    ids=lambda content: f"{content[:12]!r} {len(content)}",
)
@pytest.mark.parametrize("size", [1000, 65536])
def test_content_is_kept_octet_for_octet_whatever_it_is_and_wherever_it_is_cut(content: bytes, size: int) -> None:
    host = mail_host()
    client = ready(host)
    client.say("MAIL FROM:<>", "RCPT TO:<alice@lab.example>", "DATA")
    for start in range(0, len(content), size):
        client.send(content[start : start + size])
    assert client.say(".").startswith("250")
    assert behind_the_trace(host.store.messages("alice")[0]) == content


def test_header_section_that_comes_octet_by_octet_is_searched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    searched = []

    class Counted(bytes):
        def __contains__(self, wanted: object) -> bool:
            searched.append(len(self))
            return super().__contains__(wanted)

        def __add__(self, more: bytes) -> "Counted":
            return Counted(super().__add__(more))

        def __getitem__(self, index: slice) -> "Counted":
            return Counted(super().__getitem__(index))

    host = mail_host()
    client = ready(host)
    client.say("MAIL FROM:<>", "RCPT TO:<alice@lab.example>", "DATA")
    client.stream.session.envelope.memo._header_end = Counted()
    content = b"X: y\r\n" * 300 + b"\r\nx\r\n"
    for octet in content:
        client.send(bytes([octet]))
    assert client.say(".").startswith("250")
    assert host.store.messages("alice")[0].endswith(content)
    assert len(searched) > 1000
    assert max(searched) <= 8


def test_recipient_who_is_named_twice_gets_one_copy() -> None:
    host = mail_host(aliases={"sales": ["alice", "bob"]})
    send(ready(host), "alice@lab.example", "ALICE@LAB.EXAMPLE", "sales@lab.example")
    assert len(host.store.messages("alice")) == len(host.store.messages("bob")) == 1


def test_members_of_a_list_get_the_owner_as_reverse_path_and_others_the_sender() -> None:
    host = mail_host(lists={"staff": MailingList(["alice", "bob"], owner="postmaster")})
    send(ready(host), "staff@lab.example", "alice@lab.example")
    paths = [stored.partition(b"\r\n")[0] for stored in host.store.messages("alice")]
    assert sorted(paths) == [b"Return-Path: <a@c.example>", b"Return-Path: <postmaster@lab.example>"]
    assert len(host.store.messages("bob")) == 1


def test_members_of_a_list_get_a_report_from_the_null_path() -> None:
    host = mail_host(lists={"staff": MailingList(["alice", "bob"], owner="postmaster")})
    client = ready(host)
    send(client, "staff@lab.example", opening="MAIL FROM:<>")
    assert [host.store.messages(name)[0].partition(b"\r\n")[0] for name in ("alice", "bob")] == [b"Return-Path: <>"] * 2


def test_members_of_a_list_behind_an_alias_get_its_owner_as_reverse_path() -> None:
    lists = {"staff": MailingList(["alice"], owner="postmaster")}
    host = mail_host(aliases={"everybody": ["staff", "bob"]}, lists=lists)
    send(ready(host), "everybody@lab.example")
    paths = {name: host.store.messages(name)[0].partition(b"\r\n")[0] for name in ("alice", "bob")}
    assert paths == {"alice": b"Return-Path: <postmaster@lab.example>", "bob": b"Return-Path: <a@c.example>"}


@pytest.mark.parametrize(("hops", "code"), [(99, "250"), (100, "554"), (5000, "554")])
def test_message_with_a_hundred_received_fields_goes_round_in_a_loop(hops: int, code: str) -> None:
    host = mail_host(store=ForgettingStore())
    client = ready(host)
    content = b"received: from a by b; date\r\n" * hops + b"\r\n" + b"Received: in the body\r\n" * 200
    assert send(client, "alice@lab.example", content=content)[:3] == code
    assert len(host.store.messages("alice")) == (code == "250")
    assert host.store.open_drafts == 0
    assert client.say("NOOP").startswith("250")


# Room


@pytest.mark.parametrize(("soft", "code"), [(False, "552"), (True, "452")])
def test_quota_is_known_only_when_the_message_is_whole(soft: bool, code: str) -> None:
    host = mail_host([Mailbox("alice", quota_octets=1000, quota_is_soft=soft), "bob"], store=ForgettingStore())
    client = ready(host)
    assert send(client, "alice@lab.example", "bob@lab.example", content=b"x" * 2000 + b"\r\n").startswith(code)
    assert host.store.messages("alice") == host.store.messages("bob") == []
    assert host.store.open_drafts == 0
    assert send(client, "alice@lab.example").startswith("250")


@pytest.mark.parametrize(("soft", "code"), [(False, "552"), (True, "452")])
def test_declared_size_beyond_the_quota_is_refused_for_that_recipient(soft: bool, code: str) -> None:
    host = mail_host([Mailbox("alice", quota_octets=1000, quota_is_soft=soft), "bob"])
    client = ready(host)
    client.say("MAIL FROM:<> SIZE=2000")
    assert client.say("RCPT TO:<alice@lab.example>").startswith(code)
    assert client.say("RCPT TO:<bob@lab.example>").startswith("250")


def test_postmaster_gets_mail_though_the_mailbox_is_full_or_busy() -> None:
    host = mail_host([Mailbox("postmaster", quota_octets=1, busy=True)])
    assert send(ready(host), "postmaster").startswith("250")
    assert len(host.store.messages("postmaster")) == 1


@pytest.mark.parametrize("names", [["Postmaster"], ["bob"]])
def test_postmaster_by_another_name_gets_mail_all_the_same(names: list[str]) -> None:
    aliases = {"postmaster": names} if names == ["bob"] else {}
    box = Mailbox(names[0], quota_octets=1)
    host = MailHost(Directory(["lab.example"], [box], aliases=aliases), MemoryStore())
    assert send(ready(host), "postmaster").startswith("250")
    assert len(host.store.messages(names[0])) == 1


def test_mailbox_that_became_busy_meanwhile_is_450_after_the_message() -> None:
    host = mail_host(store=ForgettingStore())
    client = ready(host)
    client.say("MAIL FROM:<>", "RCPT TO:<alice@lab.example>", "DATA")
    host.directory.mailboxes["alice"].busy = True
    assert client.say("x\r\n.").startswith("450")
    assert host.store.open_drafts == 0


@pytest.mark.parametrize(
    ("store", "code"), [(MemoryStore(capacity_octets=10), "452"), (MemoryStore(read_only=True), "451")]
)
def test_store_that_cannot_keep_it_is_told(store: MemoryStore, code: str) -> None:
    host = mail_host(store=store)
    client = ready(host)
    assert send(client, "alice@lab.example").startswith(code)
    assert store.messages("alice") == []
    store.capacity_octets, store.read_only = None, False
    assert send(client, "alice@lab.example").startswith("250")


def test_maildir_that_cannot_be_written_is_451(tmp_path: Path) -> None:
    (tmp_path / "alice").write_text("no folder")
    host = mail_host(store=MaildirStore(tmp_path))
    client = ready(host)
    assert send(client, "alice@lab.example").startswith("451 4.3.0 Local error: the message could not be stored")
    assert send(client, "bob@lab.example").startswith("250")


@pytest.mark.parametrize("disk", [False, True])
def test_message_with_two_reverse_paths_is_kept_for_both_or_for_none(disk: bool, tmp_path: Path) -> None:
    """The client that hears 452 sends it again, and nobody is to have it twice."""
    store = MaildirStore(tmp_path) if disk else MemoryStore(capacity_octets=400)
    host = mail_host(store=store, lists={"staff": MailingList(["bob"], owner="postmaster")})
    if disk:
        (tmp_path / "bob").write_text("no folder")
    reply = send(ready(host), "alice@lab.example", "staff@lab.example", content=b"x" * 100 + b"\r\n")
    assert reply[:3] == ("451" if disk else "452")
    assert store.messages("alice") == []


# Terminals, RFC 821 3.4


@pytest.mark.parametrize(
    ("verb", "logged_in", "shown", "stored"),
    [
        ("MAIL", True, False, True),
        ("SEND", True, True, False),
        ("SOML", True, True, False),
        ("SOML", False, False, True),
        ("SAML", True, True, True),
        ("SAML", False, False, True),
    ],
)
def test_verb_says_whether_a_message_is_shown_or_kept(verb: str, logged_in: bool, shown: bool, stored: bool) -> None:
    terminal = Terminal() if logged_in else None
    host = mail_host([Mailbox("alice", terminal=terminal)])
    reply = send(ready(host), "alice@lab.example", opening=f"{verb} FROM:<a@c.example>")
    assert reply.startswith("250")
    assert bool(host.store.messages("alice")) is stored
    assert (terminal is not None and "Subject: x" in terminal.lines) is shown


def test_send_to_somebody_who_is_not_logged_in_is_450() -> None:
    client = ready(mail_host())
    client.say("SEND FROM:<a@c.example>")
    assert client.say("RCPT TO:<alice@lab.example>").startswith("450")


def test_refused_message_is_not_shown() -> None:
    terminal = Terminal()
    host = mail_host([Mailbox("alice", terminal=terminal)], store=MemoryStore(read_only=True))
    assert send(ready(host), "alice@lab.example", opening="SAML FROM:<a@c.example>").startswith("451")
    assert terminal.lines == []


# Switches


def test_host_that_does_not_answer_vrfy_or_expn_says_so() -> None:
    host = mail_host(lists={"staff": ["alice"]})
    client = ready(host)
    assert client.say("VRFY alice").startswith("250")
    assert client.say("EXPN staff").startswith("250")
    host.answers_vrfy = host.answers_expn = False
    assert client.say("VRFY alice").startswith("252")
    assert client.say("VRFY nobody").startswith("252")
    assert client.say("EXPN staff").startswith("502")


def test_host_without_a_relay_verifies_nobody_elsewhere() -> None:
    client = ready(mail_host())
    assert client.say("VRFY a@nowhere.example").startswith("550 5.7.1 <a@nowhere.example> is not ours")


def test_host_calls_itself_by_its_first_domain_or_by_its_name() -> None:
    directory = Directory(["one.example", "two.example"])
    assert MailHost(directory, MemoryStore()).hostname == "one.example"
    assert MailHost(directory, MemoryStore(), hostname="mx.one.example").hostname == "mx.one.example"


@pytest.mark.parametrize("is_broken", [False, True])
def test_the_folder_that_cannot_be_written_is_told_to_who_watches_and_not_to_the_client(
    tmp_path: Path, is_broken: bool, caplog: pytest.LogCaptureFixture
) -> None:
    host = mail_host(store=MaildirStore(tmp_path / "mail"))
    (tmp_path / "mail" / "alice").touch()
    seen: list[str] = []
    host.observe_unwritable = lambda error: seen.append(error.folder) if not is_broken else 1 / 0  # type: ignore[assignment, return-value, func-returns-value]
    reply = send(ready(host), "alice@lab.example")
    assert reply.startswith("451")
    assert str(tmp_path) not in reply
    assert seen == ([] if is_broken else [str(tmp_path / "mail")])
    assert ("folders of the mail broke" in caplog.text) == is_broken
