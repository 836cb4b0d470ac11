"""A zone is read from TOML and from a standard zone file; a slip is named with its key and its line."""

import builtins
from pathlib import Path
from typing import Any

import pytest

from smtplab.base.seed import Seed
from smtplab.mta.zone import Exchanger, MailRoute, NoRoute, Zone, ZoneError
from smtplab.mta.zone_file import read_zone, read_zone_file

GOOD = """\
# The lab's zone
[mx]
"lab.example" = ["10 mail.lab.example", "20 backup.lab.example"]
"one.example" = "10 backup.lab.example"
"nomail.example" = "0 ."

[hosts]
"mail.lab.example" = "192.0.2.1"
"backup.lab.example" = { address = ["127.0.0.1", "::1"], port = 2526 }
"plain.example" = ["192.0.2.3"]

[aliases]
"smtp.lab.example" = "mail.lab.example"
"""

MASTER = """\
$ORIGIN lab.example.
$TTL 3600
@     IN SOA ns hostmaster 1 7200 3600 1209600 3600
      IN NS  ns
      IN MX  10 mail
      IN MX  20 backup.other.example.
      IN TXT "v=spf1 -all"
mail  IN A     192.0.2.1
      IN AAAA  2001:db8::1
smtp  IN CNAME mail
quiet IN MX  0 .
"""


def written(folder: Path, text: str) -> Path:
    """Return a file with this text."""
    path = folder / "zone"
    path.write_text(text, encoding="utf-8")
    return path


def exchangers(zone: Zone, domain: str) -> tuple[Exchanger, ...]:
    route = zone.route(domain, Seed(1))
    assert isinstance(route, MailRoute), route
    return route.exchangers


def test_a_toml_file_has_mx_records_hosts_and_aliases(tmp_path: Path) -> None:
    zone = read_zone(written(tmp_path, GOOD))
    backup = (Exchanger("backup.lab.example", "127.0.0.1", 2526), Exchanger("backup.lab.example", "::1", 2526))
    assert exchangers(zone, "lab.example") == (Exchanger("mail.lab.example", "192.0.2.1"), *backup)
    assert exchangers(zone, "one.example") == backup
    assert exchangers(zone, "plain.example") == (Exchanger("plain.example", "192.0.2.3"),)
    assert exchangers(zone, "smtp.lab.example")[0].address == "192.0.2.1"
    nothing = zone.route("nomail.example", Seed(1))
    assert isinstance(nothing, NoRoute)
    assert nothing.reply.code == 556


def test_an_empty_file_is_an_empty_zone(tmp_path: Path) -> None:
    assert read_zone(written(tmp_path, "")).domains == ()


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ("[mx]\n\n[host]\n", 3, "'host'"),
        ("[hosts]\na = '192.0.2.1'\n\"b\\r\\n\" = '192.0.2.2'\n", 3, "control"),
        ("[mx]\n'a b' = '0 .'\n", 2, "'a b'"),
        ("[aliases]\n'a@b' = 'c'\n", 2, "'a@b'"),
        ("[hosts]\n'a.example' = { adress = '192.0.2.1' }\n", 2, "'adress'"),
        ("[hosts]\n# none\n'a.example' = []\n", 3, "'a.example'"),
        ("[hosts]\n'a.example' = { port = 26 }\n", 2, "'a.example'"),
        ("[hosts.'a.example']\nport = 26\n", 1, "'a.example'"),
        ("[hosts.'a.example']\naddress = '192.0.2.1'\nport = 'smtp'\n", 3, "'port'"),
        ("[hosts]\n'a.example' = '192.0.2'\n", 2, "'a.example'"),
        ("[hosts]\n'a.example' = { address = '192.0.2.1', port = 70000 }\n", 2, "'a.example'"),
        ("hosts.'a.example' = 1\n", 1, "'address'"),
        ("[mx]\n'lab.example' = 10\n", 2, "'lab.example'"),
        ("[mx]\n'lab.example' = 'mail.lab.example'\n", 2, "'lab.example'"),
        ("[mx]\n'lab.example' = [\n  '10 mail.lab.example',\n]\n", 2, "'mail.lab.example'"),
        ("[aliases]\n'a.example' = 1\n", 2, "'a.example'"),
        ("[hosts]\n'a.example' = '192.0.2.1'\n[aliases]\n'a.example' = 'b.example'\n", 4, "'a.example'"),
    ],
)
def test_a_slip_is_named_with_its_key_and_its_line(tmp_path: Path, text: str, line: int, key: str) -> None:
    with pytest.raises(ZoneError, match=rf"line {line}: .*{key}"):
        read_zone(written(tmp_path, text))


def test_a_key_inside_a_value_has_the_line_of_the_value(tmp_path: Path) -> None:
    text = "\nhosts = { 'b.example' = '192.0.2.1', 'a.example' = { address = [] } }\n"
    with pytest.raises(ZoneError, match=r"line 2: .*'a.example'"):
        read_zone(written(tmp_path, text))


def test_a_slip_whose_line_cannot_be_told_is_named_by_its_key_alone(tmp_path: Path) -> None:
    text = "mx = {}\n[[hosts]]\n"  # a list of tables, which no zone has
    with pytest.raises(ZoneError, match="'hosts'"):
        read_zone(written(tmp_path, text))


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ZoneError, match="'hosts'"):
        read_zone(written(tmp_path, "hosts = 1\n"))


def test_a_file_that_is_not_there_or_not_toml_is_told(tmp_path: Path) -> None:
    with pytest.raises(ZoneError, match="No such file"):
        read_zone(tmp_path / "none.toml")
    with pytest.raises(ZoneError, match="TOML"):
        read_zone(written(tmp_path, "[mx\n"))
    (tmp_path / "latin").write_bytes(b"# \xe4\n")
    with pytest.raises(ZoneError, match="UTF-8"):
        read_zone(tmp_path / "latin")


def test_a_standard_zone_file_is_read_by_dnspython(tmp_path: Path) -> None:
    zone = read_zone_file(written(tmp_path, MASTER), port=2525)
    mail = (Exchanger("mail.lab.example", "192.0.2.1", 2525), Exchanger("mail.lab.example", "2001:db8::1", 2525))
    assert exchangers(zone, "lab.example") == mail  # the other MX host is in another zone
    assert exchangers(zone, "smtp.lab.example")[0].address == "192.0.2.1"
    assert isinstance(zone.route("quiet.lab.example", Seed(1)), NoRoute)


def test_an_origin_completes_relative_names(tmp_path: Path) -> None:
    zone = read_zone_file(written(tmp_path, "@ 60 IN A 192.0.2.1\n"), "lab.example")
    assert exchangers(zone, "lab.example")[0].address == "192.0.2.1"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("@ 60 IN A 192.0.2.1\n", "origin"),
        ("$ORIGIN lab.example.\n@ 60 IN A 192.0.2.300\n", "malformed"),
        ("$ORIGIN lab.example.\n@ 60 IN MX 0 .\n@ 60 IN MX 10 mail\n", "null"),
    ],
)
def test_a_broken_zone_file_is_told_in_one_sentence(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ZoneError, match=words) as caught:
        read_zone_file(written(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_a_zone_file_that_is_not_there_or_not_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(ZoneError, match="No such file"):
        read_zone_file(tmp_path / "none.zone")
    (tmp_path / "latin").write_bytes(b"; \xe4\n")
    with pytest.raises(ZoneError, match="UTF-8"):
        read_zone_file(tmp_path / "latin")


def test_without_dnspython_a_sentence_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_dns(name: str, *rest: Any) -> Any:
        if name.partition(".")[0] == "dns":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without_dns)
    with pytest.raises(ZoneError, match="smtplab\\[dns\\]"):
        read_zone_file(written(tmp_path, MASTER))
