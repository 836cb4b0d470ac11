"""A TOML file is read as editors of all systems write it; one of another encoding is named with its line."""

from pathlib import Path

import pytest

from smtplab.mta.directory import Directory
from smtplab.mta.personality import Personality
from smtplab.mta.toml_file import read_toml

USERS = 'domains = ["lab.example"]\n[mailboxes.carol]\nfull_name = "Carol Öztürk"\n'


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_byte_order_mark_and_line_ends_of_windows_are_read(tmp_path: Path, mark: str, line_end: str) -> None:
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
        ("utf-16", "line 1 is not UTF-8, but probably UTF-16"),
        ("utf-16-le", "line 1 is not UTF-8, but probably UTF-16"),
        ("utf-16-be", "line 1 is not UTF-8, but probably UTF-16"),
        ("latin-1", "line 3 is not UTF-8, but probably Windows-1252"),
        ("cp1252", "line 3 is not UTF-8, but probably Windows-1252"),
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
