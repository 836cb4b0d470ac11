"""The configuration of a host: what it says arrives, and a slip is one sentence with file and line."""

from __future__ import annotations

from pathlib import Path as FilePath

import pytest

from smtplab.base.duration import DAY, HOUR, MINUTE
from smtplab.base.resources import data_path
from smtplab.base.seed import Seed
from smtplab.mta.host_file import HostFileError, HostSettings, is_loopback, read_host_file
from smtplab.mta.queue_table import KEYS
from smtplab.mta.zone import MailRoute
from smtplab.protocol.grammar import Path

SMALLEST = "directory.domains = ['near.example']\n"
EVERYTHING = """
hostname = "mail.near.example"
listen = "[::1]:2600"
allow_remote = true
maildir = "mail"
spool = "/var/spool/lab"
zone = "zone.toml"
directory = "users.toml"
relay_from = ["192.0.2.0/24"]
relay_for = ["alice@near.example"]
free_octets = 1000
hop_limit = 5
personality = "lecture"
strict = true
faults = ["lose the 250 after the dot once", "one-octet writes"]

[queue]
delays = ["1 min", "1 h"]
jitter = 0
expires_after = "2 d"
warns_after = ""
sessions = 3
total_sessions = 30
hops = { "far.example" = 1 }

[limits]
message_octets = 1000
recipients = 200
errors = 3
sessions = 50
idle = "10 min"
"""


def read(folder: FilePath, text: str) -> HostSettings:
    (folder / "host.toml").write_text(text)
    return read_host_file(folder / "host.toml")


def test_a_directory_is_enough(tmp_path: FilePath) -> None:
    settings = read(tmp_path, SMALLEST)
    assert (settings.hostname, settings.listen) == ("near.example", ("127.0.0.1", 2525))
    assert (settings.maildir, settings.spool) == (tmp_path / "maildir", tmp_path / "spool")
    assert not settings.relays.allows("127.0.0.1", Path("x", "near.example"))
    assert settings.schedule.expires_after == 5 * DAY


def test_every_key_arrives(tmp_path: FilePath) -> None:
    (tmp_path / "zone.toml").write_text("[hosts]\n'far.example' = '192.0.2.7'\n")
    (tmp_path / "users.toml").write_text("domains = ['near.example']\nmailboxes = ['alice']\n")
    settings = read(tmp_path, EVERYTHING)
    assert (settings.hostname, settings.listen, settings.allow_remote) == ("mail.near.example", ("::1", 2600), True)
    assert (settings.maildir, settings.spool) == (tmp_path / "mail", FilePath("/var/spool/lab"))
    assert "alice" in settings.directory.mailboxes
    assert isinstance(settings.zone.route("far.example", Seed(1)), MailRoute)
    assert settings.relays.allows("192.0.2.1", Path("x", "y.example"))
    assert settings.relays.allows("127.0.0.1", Path("alice", "near.example"))
    schedule, hops, policy = settings.schedule, settings.hop_limits, settings.policy
    assert (schedule.delays, schedule.jitter) == ((MINUTE, HOUR), 0)
    assert (schedule.expires_after, schedule.warns_after) == (2 * DAY, None)
    assert (hops.sessions, hops.total, hops.of("far.example")) == (3, 30, 1)
    assert (policy.offer["SIZE"], policy.strict, policy.max_recipients) == ("1000", True, 200)
    assert (policy.max_errors, policy.max_sessions, policy.idle_seconds) == (3, 50, 600)
    assert (settings.free_octets, settings.hop_limit, settings.personality.name) == (1000, 5, "lecture")
    assert settings.faults == ("lose the 250 after the dot once", "one-octet writes")


def test_a_zone_may_be_a_standard_zone_file(tmp_path: FilePath) -> None:
    pytest.importorskip("dns")
    (tmp_path / "lab.zone").write_text("$ORIGIN far.example.\n@ 60 IN MX 10 mx\nmx 60 IN A 127.0.0.1\n")
    settings = read(tmp_path, f"zone = 'lab.zone'\n{SMALLEST}")
    route = settings.zone.route("far.example", Seed(1), [])
    assert isinstance(route, MailRoute)
    assert [(each.name, each.address, each.port) for each in route.exchangers] == [("mx.far.example", "127.0.0.1", 25)]
    (tmp_path / "lab.zone").write_text("mx 60 IN A nonsense\n")
    with pytest.raises(HostFileError, match="zone file"):
        read(tmp_path, f"zone = 'lab.zone'\n{SMALLEST}")


@pytest.mark.parametrize(
    ("listen", "address", "is_here"),
    [
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "127.0.0.3", False),
        ("LOCALHOST", "127.0.0.1", True),
        ("localhost", "::1", True),
        ("localhost", "127.0.0.3", False),
        ("[0:0:0:0:0:0:0:1]", "::1", True),
        ("0.0.0.0", "127.0.0.3", True),
        ("[0::0]", "127.0.0.3", True),
    ],
)
def test_the_zone_sends_the_mail_of_the_host_to_the_address_where_it_listens(
    tmp_path: FilePath, listen: str, address: str, is_here: bool
) -> None:
    host = f"{SMALLEST}listen = '{listen}:2525'\nallow_remote = true\nhostname = 'mail.near.example'\n"
    place = f"{{address = '{address}', port = 2525}}"
    zone = f"[zone.mx]\n'near.example' = '10 b.example'\n[zone.hosts]\n'b.example' = {place}\n"
    if is_here:
        assert read(tmp_path, host + zone).zone.domains
    else:
        with pytest.raises(HostFileError, match=r"b\.example"):
            read(tmp_path, host + zone)


@pytest.mark.parametrize("name", ["near.toml", "far.toml"])
def test_the_examples_can_be_used(name: str) -> None:
    settings = read_host_file(data_path("hosts", name))
    assert settings.hostname == f"mail.{name.removesuffix('.toml')}.example"
    assert isinstance(settings.zone.route("far.example", Seed(1)), MailRoute)


def test_the_example_names_every_key() -> None:
    from smtplab.mta import host_file

    text = data_path("hosts", "near.toml").read_text()
    for table in (host_file._FILE, KEYS, host_file._LIMITS):
        for key in table:
            assert f"{key} = " in text or f"[{key}]" in text or f".{key}]" in text, key


# What is written below `SMALLEST`, the line of the slip (0 if the sentence has none), and a word of the sentence.
SLIPS = [
    ("host_name = 'x.example'", 2, "host_name"),
    ("hostname = 1", 2, "hostname"),
    ("hostname = 'mail a'", 2, "'mail a'"),
    ("hostname = ''", 2, "missing"),
    ('hostname = "mail\\r\\nX"', 2, "U+000D"),
    ("listen = '127.0.0.1'", 2, "HOST:PORT"),
    ("listen = '127.0.0.1:70000'", 2, "70000"),
    ("listen = '::1:25'", 2, "HOST:PORT"),
    ("listen = '192.0.2.1:25'", 2, "allow_remote"),
    ("listen = 'mail.example:25'", 2, "address"),
    ("listen = 2525", 2, "HOST:PORT"),
    ("relay_from = ['127.0.0.1/8']", 2, "127.0.0.0/8"),
    ("directory.mailboxes = ['eve@near.example']", 2, "'eve'"),
    ("directory.aliases.'eve@far.example' = 'postmaster'", 2, "'eve'"),
    ("directory.lists.'eve@far.example' = ['postmaster']", 2, "'eve'"),
    ("directory.forwards.'eve@far.example' = 'a@b.example'", 2, "'eve'"),
    ("[zone.hosts]\n'b.example' = '127.0.0.2'\n[queue.hops]\n'x.example' = 1", 5, "x.example"),
    ("[zone.hosts]\n'b.example' = '127.0.0.2'\n[zone.mx]\n'near.example' = '1 b.example'", 5, "b.example"),
    ("[queue]\nexpires_after = 12", 3, "unit"),
    ("[queue]\ndelays = [30]", 3, "unit"),
    ("[queue]\nwarns_after = '6 d'", 3, "expires_after"),
    ("[limits]\nidle = 5", 3, "unit"),
    ("maildir = 'mail", 0, "line 2"),
    ('maildir = "mail', 0, "line 2"),
    ('maildir = "mail\nspool = 1', 0, "line 2"),
    ('maildir = """mail\n', 0, "line 2"),
    ("strict = 'yes'", 2, "strict"),
    ("hop_limit = -1", 2, "hop_limit"),
    ("hop_limit = true", 2, "hop_limit"),
    ("free_octets = -1", 2, "free_octets"),
    ("personality = 'rude'", 2, "rude"),
    ("relay_from = ['10.0.0.0/8', 'everybody']", 2, "everybody"),
    ("relay_from = '10.0.0.0/8'", 2, "relay_from"),
    ("relay_for = ['a b@c.example']", 2, "line 2"),
    ("faults = [451]", 2, "faults"),
    ("maildir = 1", 2, "maildir"),
    ("zone = 7", 2, "zone"),
    ("zone = 'none.toml'", 0, "none.toml"),
    ("[zone]\nmx = { 'a.example' = '10 b.example' }", 3, "b.example"),
    ("[zone.mx]\n'a.example' = 'b.example'", 3, "b.example"),
    ("[zone]\nhost = {}", 3, "host"),
    ("[zone.hosts]\n'a.example' = '1.2.3'", 3, "1.2.3"),
    ("[zone.hosts]\n'a.example' = '192.0.2.1'", 3, "allow_remote"),
    ("[queue]\nretry = '1 h'", 3, "retry"),
    ("[queue]\ndelays = ['soon']", 3, "soon"),
    ("[queue]\ndelays = []", 3, "delay"),
    ("[queue]\njitter = 101", 3, "101"),
    ("[queue]\nexpires_after = 'never'", 3, "never"),
    ("[queue]\nsessions = 0", 3, "session"),
    ("[queue.hops]\n'a.example' = 'few'", 3, "a.example"),
    ("[limits]\nsize = 1", 3, "size"),
    ("[limits]\nrecipients = 0", 3, "recipients must"),
    ("[limits]\nrecipients = -1", 3, "recipients must"),
    ("[limits]\nerrors = 0", 3, "errors must"),
    ("[limits]\nerrors = -1", 3, "errors must"),
    ("[limits]\nsessions = 0", 3, "sessions must"),
    ("[limits]\nidle = '1'", 3, "'1'"),
    ("[limits]\nmessage_octets = -5", 3, "message_octets"),
    ("[directory.mailbox]", 0, "mailbox"),
    ("a = ", 0, "line 2"),
    ("queue = 3", 2, "queue"),
]


@pytest.mark.parametrize(("text", "line", "word"), SLIPS, ids=[text for text, _, _ in SLIPS])
def test_a_slip_is_one_sentence_with_file_and_line(tmp_path: FilePath, text: str, line: int, word: str) -> None:
    with pytest.raises(HostFileError) as caught:
        read(tmp_path, SMALLEST + text + "\n")
    said = str(caught.value)
    assert (str(tmp_path / "host.toml") if "none.toml" not in text else "none.toml") in said
    assert said.isprintable()
    assert word in said
    if line:
        assert f"line {line}:" in said


@pytest.mark.parametrize(
    ("spool", "maildir"),
    [
        ("x", "x"),
        ("x/", "./x"),
        (".", "."),
        ("x/../y", "y"),
        ("link", "x"),
        ("x", "x/tmp"),
        ("x", "x/messages/mail"),
        ("x/alice", "x"),
        ("x/alice/new/deep", "x"),
    ],
)
def test_a_spool_and_mailboxes_that_would_share_a_folder_are_refused(
    tmp_path: FilePath, spool: str, maildir: str
) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "link").symlink_to("x")
    with pytest.raises(HostFileError, match=r"line 1: .* folder"):
        read(tmp_path, f"spool = '{spool}'\nmaildir = '{maildir}'\ndirectory.mailboxes = ['alice']\n{SMALLEST}")


@pytest.mark.parametrize(("spool", "maildir"), [("spool", "."), (".", "maildir"), ("x/spool", "x"), ("x", "x/mail")])
def test_a_spool_and_mailboxes_beside_each_other_are_not(tmp_path: FilePath, spool: str, maildir: str) -> None:
    settings = read(tmp_path, f"spool = '{spool}'\nmaildir = '{maildir}'\ndirectory.mailboxes = ['alice']\n{SMALLEST}")
    assert settings.spool == tmp_path / spool


@pytest.mark.parametrize(
    ("text", "word"), [("", "directory"), ("directory = 'none.toml'", "none.toml"), ("directory = {}", "domain")]
)
def test_a_host_needs_a_directory(tmp_path: FilePath, text: str, word: str) -> None:
    with pytest.raises(HostFileError, match=word):
        read(tmp_path, text)


@pytest.mark.parametrize(
    ("address", "here"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("LOCALHOST", True), ("0.0.0.0", False), ("::", False)],
)
def test_loopback_is_this_machine_alone(address: str, here: bool) -> None:
    assert is_loopback(address) is here


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[queue]\nrelay_for = []\n", 3, "above the first"),
        ("[limits]\nhop_limit = 5\n", 3, "above the first"),
        ("[directory.aliases]\nrelay_for = ['alice@near.example']\n", 3, "above the first"),
        ("[queue.hops]\nhop_limit = 5\n", 3, "above the first"),
        ("[directory.mailboxes]\nfree_octets = 5\n", 3, "above the first"),
        ("[queue]\nmessage_octets = 5\n", 3, r"under \[limits\]"),
        ("[limits]\ndelays = []\n", 3, r"under \[queue\]"),
        ("mailboxes = ['alice']\n", 2, r"under \[directory\]"),
        ("expires_after = '1 d'\n", 2, r"under \[queue\]"),
        ("mx = {}\n", 2, r"under \[zone\]"),
        ("sessions = 5\n", 2, "it may have"),  # of the queue, or of clients: both have it
        ("[queue.hops]\nfar.example = 1\n", 3, '"far.example"'),
        ("[zone.hosts]\nmail.far.example = '127.0.0.1'\n", 3, '"mail.far.example"'),
        ("[zone.hosts]\nfar.example = '127.0.0.1'\n", 3, '"far.example"'),
        ("[zone.hosts]\nmail.far.example = { address = '127.0.0.1' }\n", 3, '"mail.far.example"'),
        ("[zone.mx]\nfar.example = '0 .'\n", 3, '"far.example"'),
        ("[zone.hosts]\n'mail.far.example' = { port = 26, adress = '127.0.0.1' }\n", 3, "adress"),
    ],
)
def test_a_key_in_the_wrong_place_or_a_name_without_quotation_marks_is_led_to_its_place(
    tmp_path: FilePath, text: str, line: int, words: str
) -> None:
    users = "directory.domains = ['near.example']\n"
    with pytest.raises(HostFileError, match=rf"line {line}: .*{words}"):
        read(tmp_path, users + text)


def test_a_key_that_a_directory_cannot_have_is_not_laid_to_the_file(tmp_path: FilePath) -> None:
    with pytest.raises(HostFileError, match="line 3: directory cannot have 'users'"):
        read(tmp_path, "[directory]\ndomains = ['near.example']\nusers = ['alice']\n")


def test_an_alias_may_be_called_as_a_key_of_the_file(tmp_path: FilePath) -> None:
    read(tmp_path, "[directory]\ndomains = ['near.example']\naliases.queue = 'postmaster'\n")


@pytest.mark.parametrize(
    ("zone", "line", "word"),
    [
        ("[hosts]\n'far.example' = '127.0.0.1'\n'a.example' = '192.0.2.1'\n", 3, "another machine"),
        ("# none\n[mx]\n'near.example' = '10 x.example'\n[hosts]\n'x.example' = '127.0.0.1'\n", 3, "correct the zone"),
    ],
)
def test_a_zone_that_does_not_fit_is_named_with_its_line(tmp_path: FilePath, zone: str, line: int, word: str) -> None:
    (tmp_path / "zone.toml").write_text(zone)
    with pytest.raises(HostFileError, match=rf"the zone {tmp_path}/zone.toml is wrong: line {line}: .*{word}"):
        read(tmp_path, SMALLEST + "zone = 'zone.toml'\n")


def test_a_standard_zone_file_that_does_not_fit_is_named(tmp_path: FilePath) -> None:
    pytest.importorskip("dns")
    (tmp_path / "lab.zone").write_text("$ORIGIN far.example.\n$TTL 1\n@ IN A 192.0.2.1\n")
    with pytest.raises(HostFileError, match=rf"the zone {tmp_path}/lab.zone is wrong: far.example is another machine"):
        read(tmp_path, SMALLEST + "zone = 'lab.zone'\n")
