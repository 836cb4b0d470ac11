"""Look through a folder that a submission has filled, and remove it, whatever it holds."""

import os
import shutil
from contextlib import suppress


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
    """Remove a folder with all that is in it, if it is there. No link in it is followed.

    A submission can close folders to their owner, or put thousands into each other; then the system's commands do it.
    """
    with suppress(OSError, RecursionError):
        shutil.rmtree(path)
    for command in (["/bin/chmod", "-R", "u+rwx", path], ["/bin/rm", "-rf", path]):
        if os.path.lexists(path):
            with suppress(OSError):
                os.waitpid(os.posix_spawn(command[0], command, {}), 0)
