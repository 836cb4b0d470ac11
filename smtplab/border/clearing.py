"""Look through a folder that a submission has filled, and remove it, whatever it holds."""

import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from itertools import count


def has_large_file(folder: str, octets: int) -> bool:
    """Return True if a file in a folder is at least so large. Links and other file systems in it are left out."""
    return any(size >= octets for size in _sizes(folder))


def holds_more(folder: str, octets: int, files: int) -> bool:
    """Return True if all files in a folder together are larger than `octets`, or if there are more than `files`."""
    total = 0
    for number, size in enumerate(_sizes(folder), start=1):
        total += size
        if total > octets or number > files:
            return True
    return False


def _sizes(folder: str) -> Iterator[int]:
    """Yield the size of each file in a folder, and 0 for each folder in it."""
    device = os.lstat(folder).st_dev
    folders = [folder]
    for each in folders:
        with suppress(OSError), os.scandir(each) as entries:
            for entry in entries:
                status = entry.stat(follow_symlinks=False)
                if status.st_dev != device:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                    yield 0
                else:
                    yield status.st_size


def remove_folder(path: str) -> None:
    """Remove a folder with all that is in it, as far as that is allowed. No link in it is followed.

    What lies in folders is moved up until none is left. So it does not matter how deep they lie in each other, and that
    a submission has closed them to their owner.
    """
    with suppress(OSError):
        os.chmod(path, 0o700)
        unknown = secrets.token_hex(8)  # a name that a submission has not given
        numbers = count()
        while entries := _entries(path):
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    _move_up(entry.path, f"{path}/{unknown}-{next(numbers)}")
                else:
                    os.unlink(entry.path)
        os.rmdir(path)


def _entries(path: str) -> list[os.DirEntry[str]]:
    with os.scandir(path) as entries:
        return list(entries)


def _move_up(folder: str, beside: str) -> None:
    """Remove a folder, and give what was in it names that begin with `beside`."""
    os.chmod(folder, 0o700)
    for index, name in enumerate(os.listdir(folder)):
        os.rename(f"{folder}/{name}", f"{beside}-{index}")
    os.rmdir(folder)
