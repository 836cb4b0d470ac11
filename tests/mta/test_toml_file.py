"""A TOML file is read as editors of all systems write it; one of another encoding is named with its line."""

from pathlib import Path

import pytest

from smtplab.mta.directory import Directory
from smtplab.mta.personality import Personality
from smtplab.mta.toml_file import TableError, check_table, located, read_toml

USERS = 'domains = ["lab.example"]\n[mailboxes.carol]\nfull_name = "Carol Öztürk"\n'


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_byte_order_mark_and_line_ends_of_any_system_are_read(tmp_path: Path, mark: str, line_end: str) -> None:
    file = tmp_path / "users.toml"
    file.write_bytes((mark + USERS.replace("\n", line_end)).encode())
    assert Directory.load(file).mailboxes["carol"].full_name == "Carol Öztürk"


def test_a_personality_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_bytes(b'\xef\xbb\xbf[replies]\nNOOP_OK = "yes"\n')
    assert Personality.load(file).templates == {"NOOP_OK": "yes"}


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("utf-16", "line 1 .*UTF-16"),
        ("utf-16-le", "line 1 .*UTF-16"),
        ("utf-16-be", "line 1 .*UTF-16"),
        ("utf-32", "line 1 .*UTF-32"),
        ("latin-1", "line 3 .*Windows-1252"),
        ("cp1252", "line 3 .*Windows-1252"),
    ],
)
def test_another_encoding_is_named_with_its_line(tmp_path: Path, encoding: str, words: str) -> None:
    file = tmp_path / "users.toml"
    file.write_bytes(USERS.encode(encoding))
    with pytest.raises(ValueError, match=words):
        read_toml(file)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_single_nul_is_named_with_its_line(tmp_path: Path, number: int) -> None:
    lines = USERS.split("\n")
    lines[number - 1] += " # \0"
    file = tmp_path / "users.toml"
    file.write_text("\n".join(lines), "utf-8")
    with pytest.raises(ValueError, match=f"line {number} holds the octet NUL"):
        read_toml(file)


KINDS = {"name": (str,), "names": (str, list), "port": (int,)}


def test_a_table_with_the_right_keys_and_kinds_is_returned_as_a_copy() -> None:
    table = {"name": "a", "names": ["a", "b"]}
    checked = check_table("the file", table, KINDS)
    assert checked == table
    assert checked is not table


@pytest.mark.parametrize(
    ("table", "place"),
    [
        ("text", ("x",)),
        ({"other": 1}, ("x", "other")),
        ({"name": 1}, ("x", "name")),
        ({"port": True}, ("x", "port")),
        ({"names": ["a", 1]}, ("x", "names")),
    ],
)
def test_a_wrong_key_or_kind_is_refused_with_its_place(table: object, place: tuple[str, ...]) -> None:
    with pytest.raises(TableError, match="host") as caught:
        check_table("host", table, KINDS, "x")
    assert caught.value.place == place


TOML = """\
top = 1   # a = b
[plain]
"a = b" = 1
dotted . key = [
  "x = y",
]
[ "quoted.name" . 'inner' ]   # comment
key = { inner = 1 }
[[list]]
key = 2
[[list]]
key = 3
"""


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("top",), 1),
        (("plain",), 2),
        (("plain", "a = b"), 3),
        (("plain", "dotted", "key"), 4),
        (("quoted.name", "inner"), 7),
        (("quoted.name", "inner", "key", "inner"), 8),
        (("list", "1", "key"), 10),
        (("list", "2"), 11),
        (("list", "2", "key"), 12),
    ],
)
def test_the_line_of_a_key_is_found(place: tuple[str, ...], line: int) -> None:
    assert located(ValueError("it is wrong"), TOML, place) == f"line {line}: it is wrong"


@pytest.mark.parametrize("place", [(), ("other",), ("plain2", "key")])
def test_without_a_line_the_sentence_stands_alone(place: tuple[str, ...]) -> None:
    assert located(ValueError("it is wrong"), TOML, place) == "it is wrong"
