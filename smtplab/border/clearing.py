"""Look through a folder that a submission has filled, and remove it, whatever it holds."""

import os
import secrets
from contextlib import suppress
from itertools import count


def has_large_file(folder: str, octets: int) -> bool:
    """Return True if a file in a folder is at least so large. Links and other file systems in it are left out."""
    device = os.lstat(folder).st_dev
    folders = [folder]
    for each in folders:
        with suppress(OSError), os.scandir(each) as entries:
            for entry in entries:
                status = entry.stat(follow_symlinks=False)
                if status.st_dev == device and entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                elif status.st_dev == device and status.st_size >= octets:
                    return True
    return False


def remove_folder(path: str) -> None:
    """Remove a folder with all that is in it, as far as that is allowed. No link in it is followed.

    What lies in folders is moved up until none is left. So it does not matter how deep they lie in each other, and that
    a submission has closed them to their owner.
    """
    with suppress(OSError):
        os.chmod(path, 0o700)
        unknown = secrets.token_hex(8)  # a name that a submission has not given
        for number in count():
            with os.scandir(path) as entries:
                entry = next(entries, None)
            if entry is None:
                os.rmdir(path)
            elif entry.is_dir(follow_symlinks=False):
                _move_up(entry.path, f"{path}/{unknown}-{number}")
            else:
                os.unlink(entry.path)


def _move_up(folder: str, beside: str) -> None:
    """Remove a folder, and give what was in it names that begin with `beside`."""
    os.chmod(folder, 0o700)
    for index, name in enumerate(os.listdir(folder)):
        os.rename(f"{folder}/{name}", f"{beside}-{index}")
    os.rmdir(folder)
