"""The files of the messages in a spool on disk, each with the entries of its message.

A file has the entries, one a line, an empty line, and the message. Its size is a part of its name, so a file that was
cut is noticed. `spool_folder` decides what is written and removed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from . import sentences
from .durable import OpenFolder, read_all
from .entry_record import read_entry, write_entry
from .maildir import folder_name
from .queue_entry import QueueEntry

_NAME = re.compile(r"(.+),S=([0-9]+)")
_HEAD_ENDS = b"\n\n"
# The head of a file is read in pieces of this size.
_HEAD_OCTETS = 8 * 1024


class MessageFiles:
    """The files of messages in a folder. Several threads may use them at the same time.

    Args:
        folder: the folder of the files.
    """

    def __init__(self, folder: OpenFolder) -> None:
        self.folder = folder

    def names(self) -> list[str]:
        """Return the names of all that is in the folder."""
        return os.listdir(self.folder.path)

    def queue_ids(self) -> list[str]:
        """Return the queue ids of the messages in the folder, also of damaged ones."""
        return [named[1] for name in self.names() if (named := _NAME.fullmatch(name)) is not None]

    def content(self, name: str) -> bytes:
        """Return the message in a file; raise `ValueError` if it is damaged, and `OSError` if it cannot be read."""
        stored = read_all(self.folder.open(name))
        _check_size(name, len(stored))
        _, empty_line, message = stored.partition(_HEAD_ENDS)
        if not empty_line:
            raise ValueError(sentences.NOT_OF_SPOOL)
        return message

    def entries(self, name: str) -> list[QueueEntry]:
        """Return the entries in a file; raise `ValueError` if it is damaged, and `OSError` if it cannot be read."""
        if (self.folder.path / name).is_dir():
            raise ValueError(sentences.NOT_OF_SPOOL)
        file = self.folder.open(name)
        try:
            message = _check_size(name, os.fstat(file).st_size)
            head = _read_head(file)
        finally:
            os.close(file)
        entries = [read_entry(line) for line in head.decode("ascii").split("\n")]
        if any(folder_name(entry.queue_id) != message for entry in entries):
            raise ValueError(sentences.OTHER_MESSAGE)
        return entries


def head_of(entries: Iterable[QueueEntry]) -> bytes:
    """Return what stands before the message in its file."""
    return "".join(f"{write_entry(entry)}\n" for entry in entries).encode("ascii") + b"\n"


def file_name(queue_id: str, octets: int) -> str:
    """Return the name of the file of a message; `octets` is the size of the whole file."""
    return f"{folder_name(queue_id)},S={octets}"


def _check_size(name: str, size: int) -> str:
    """Return the message's part of the name of a file; raise `ValueError` if the file has another size than it says."""
    named = _NAME.fullmatch(name)
    if named is None:
        raise ValueError(sentences.NOT_OF_SPOOL)
    if size != int(named[2]):
        raise ValueError(sentences.WRONG_SIZE.format(size=size, octets=named[2]))
    return named[1]


def _read_head(file: int) -> bytes:
    """Return the entries at the head of an open file, without the empty line behind them."""
    head = b""
    while (end := head.find(_HEAD_ENDS)) < 0:
        piece = os.read(file, _HEAD_OCTETS)
        if not piece:
            raise ValueError(sentences.NOT_OF_SPOOL)
        head += piece
    return head[:end]
