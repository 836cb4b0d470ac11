"""The files of messages in a spool: named by id and size, with the entries in front, and refused if damaged."""

from __future__ import annotations

from pathlib import Path as FilePath

import pytest

from smtplab.mta.durable import OpenFolder
from smtplab.mta.message_files import MessageFiles, file_name, head_of
from smtplab.mta.queue_entry import QueueEntry
from smtplab.protocol.grammar import Path

ENTRIES = [
    QueueEntry("A1-1", "A1", Path("alice", "near.example"), (Path("bob", "far.example"),), "far.example", 0, 0),
    QueueEntry("A1-2", "A1", Path("alice", "near.example"), (Path("jürgen", "x.example"),), "x.example", 0, 0),
]
CONTENT = b"Subject: x\r\n\r\n\n\nbody\r\n"


@pytest.fixture
def files(tmp_path: FilePath) -> MessageFiles:
    return MessageFiles(OpenFolder(tmp_path / "messages"))


def put(files: MessageFiles, stored: bytes, queue_id: str = "A1") -> str:
    """Write a file and return its name."""
    name = file_name(queue_id, len(stored))
    (files.folder.path / name).write_bytes(stored)
    return name


def test_entries_and_message_of_a_file_are_told_apart_at_the_first_empty_line(files: MessageFiles) -> None:
    name = put(files, head_of(ENTRIES) + CONTENT)
    assert files.entries(name) == ENTRIES
    assert files.content(name) == CONTENT


def test_a_head_that_is_longer_than_what_is_read_at_once_is_read(files: MessageFiles) -> None:
    many = [
        QueueEntry(f"A1-{number}", "A1", Path("a", "x.example"), (Path("b", "y.example"),), "y.example", 0, 0)
        for number in range(300)
    ]
    assert len(head_of(many)) > 3 * 8 * 1024
    assert files.entries(put(files, head_of(many) + CONTENT)) == many


def test_ids_of_messages_are_those_of_files_that_are_named_as_a_message(files: MessageFiles) -> None:
    assert put(files, b"damaged", "B2") == "B2,S=7"
    (files.folder.path / "letter").write_bytes(b"")
    assert files.queue_ids() == ["B2"]
    assert sorted(files.names()) == ["B2,S=7", "letter"]


def test_a_name_stays_in_the_folder() -> None:
    assert "/" not in file_name("../A1", 4)


@pytest.mark.parametrize(
    ("name", "stored", "reason"),
    [
        ("letter", head_of(ENTRIES) + CONTENT, "not"),
        ("A1,S=3", b"four", "octets"),
        ("A1,S=4", b"four", "not"),
        (f"A2,S={len(head_of(ENTRIES))}", head_of(ENTRIES), "other"),
    ],
)
def test_a_file_that_is_damaged_or_misnamed_has_no_entries(
    files: MessageFiles, name: str, stored: bytes, reason: str
) -> None:
    (files.folder.path / name).write_bytes(stored)
    with pytest.raises(ValueError, match=reason):
        files.entries(name)


def test_a_folder_has_no_entries(files: MessageFiles) -> None:
    (files.folder.path / "A1,S=4096").mkdir()
    with pytest.raises(ValueError, match="not"):
        files.entries("A1,S=4096")


def test_a_file_that_was_cut_has_no_content(files: MessageFiles) -> None:
    name = put(files, head_of(ENTRIES) + CONTENT)
    (files.folder.path / name).write_bytes(head_of(ENTRIES) + CONTENT[:-1])
    with pytest.raises(ValueError, match="octets"):
        files.content(name)


def test_a_file_without_an_empty_line_has_no_content(files: MessageFiles) -> None:
    with pytest.raises(ValueError, match="not"):
        files.content(put(files, b"no empty line"))


def test_a_file_that_is_not_there_is_an_os_error(files: MessageFiles) -> None:
    for read in (files.content, files.entries):
        with pytest.raises(FileNotFoundError):
            read("A1,S=4")
