"""Find the files that a program in Python needs, so that a submission may read these and no others.

The list names what is needed, never what is to be hidden: a course folder, a home or an exchange folder is out of reach
because nothing here names it. So of the folder that Python was installed in, only the parts of Python are listed;
somebody may have made a virtual environment of the course folder itself.
"""

from __future__ import annotations

import os
import site
import sys
import sysconfig
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from ..base.resources import course_root

# Of the system: programs, libraries, and what these look up.
_SYSTEM = (
    *("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/gnu/store"),
    *(f"/usr/{part}" for part in ("bin", "sbin", "lib", "lib32", "lib64", "libx32", "libexec", "share")),
    *("/usr/local/bin", "/usr/local/lib", "/usr/local/lib64"),
    *("/etc/ld.so.cache", "/etc/localtime", "/etc/alternatives", "/etc/ssl/certs"),
    *("/etc/services", "/etc/protocols", "/etc/nsswitch.conf"),
)
# Of the folder of a Python or of a virtual environment.
_PARTS = ("bin", "lib", "lib64", "ssl", "pyvenv.cfg", "share/terminfo", "share/zoneinfo")
_INSTALLED = ("site-packages", "dist-packages")
# Of a checkout of smtplab, beside the package. Never `notebooks/exercises`, where solutions and hidden rules are.
_CHECKOUT = ("pyproject.toml", "data", "notebooks/tutorials")


@cache
def needed() -> tuple[str, ...]:
    """Return the files and folders that a submission may read, without those inside another one of them."""
    prefixes = {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix}
    return outermost(
        [
            *_SYSTEM,
            *(os.path.join(prefix, part) for prefix in sorted(prefixes) for part in _PARTS),
            *(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")),
            *(path for path in (*sys.path, site.getusersitepackages()) if Path(path).name in _INSTALLED),
            *_of_smtplab(),
            *_loaded_libraries(),
        ]
    )


def outermost(paths: Iterable[str | Path]) -> tuple[str, ...]:
    """Return those of some paths that exist and do not lie in another one, each under all its names, sorted.

    A path with a symbolic link in it stands beside the place where it leads: a program may use either.
    """
    names = {name for path in paths if os.path.exists(path) for name in (os.path.abspath(path), os.path.realpath(path))}
    kept: list[str] = []
    for name in sorted(names):
        if not any(name.startswith(f"{each}/") for each in kept):
            kept.append(name)
    return tuple(kept)


def _of_smtplab() -> list[Path]:
    package = Path(__file__).resolve().parents[1]
    root = course_root()
    return [package] if package in root.parents else [package, *(root / part for part in _CHECKOUT)]


def _loaded_libraries() -> set[str]:
    """Return the libraries that this process has loaded, wherever they lie."""
    try:
        lines = Path("/proc/self/maps").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return set()
    mapped = {line.split(maxsplit=5)[-1] for line in lines if line.count(" /")}
    return {path for path in mapped if ".so" in os.path.basename(path)}
