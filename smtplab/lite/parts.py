"""The parts of the course in a browser, as ``lock.toml`` lists them: what goes into the site, and nothing else does."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

PYODIDE = "pyodide"
APPLICATION = "jupyterlite-core"
KERNEL = "jupyterlite-pyodide-kernel"
BUILDERS = (APPLICATION, KERNEL)
"""The packages that build the site. The extra ``lite`` pins the versions that the lock has; a test compares them."""

_LOCK = Path(__file__).with_name("lock.toml")


class PartSource(Enum):
    """Where a part comes from; the values are those of the lock."""

    NPM = "npm"
    PYPI = "pypi"
    INSTALLED = "installed"
    INSIDE = "inside"


@dataclass(frozen=True, slots=True)
class SitePart:
    """One file that the site is made of.

    Args:
        name: the name of the package.
        version: its version.
        source: where the file comes from.
        file: its name.
        sha256: the hash that it must have, in hexadecimal.
        imports: the modules that a wheel brings to the browser's Python; empty if it is no such wheel.
        depends: the names of the wheels that are loaded with it.
        extends: True if it holds an extension of JupyterLab.
    """

    name: str
    version: str
    source: PartSource
    file: str
    sha256: str
    imports: tuple[str, ...] = ()
    depends: tuple[str, ...] = ()
    extends: bool = False

    def fits(self, content: bytes) -> bool:
        """Return True if these are the octets of the part."""
        return digest(content) == self.sha256


@dataclass(frozen=True, slots=True)
class Lock:
    """All parts, and the version of Python for which pip chooses wheels."""

    python: str
    parts: tuple[SitePart, ...]

    def of(self, source: PartSource) -> tuple[SitePart, ...]:
        """Return the parts that come from one source."""
        return tuple(part for part in self.parts if part.source is source)

    def __getitem__(self, name: str) -> SitePart:
        """Return the part of this name."""
        return next(part for part in self.parts if part.name == name)


def read_lock(path: Path = _LOCK) -> Lock:
    """Return the lock of this version of smtplab."""
    table = tomllib.loads(path.read_text("utf-8"))
    return Lock(table["python"], tuple(map(_part, table["parts"])))


def _part(row: Mapping[str, Any]) -> SitePart:
    lists = {key: tuple(row.get(key, ())) for key in ("imports", "depends")}
    return SitePart(**{**row, **lists, "source": PartSource(row["source"])})


def requirements(parts: Iterable[SitePart]) -> str:
    """Return the file of requirements with which pip takes exactly these wheels, and refuses others."""
    return "".join(f"{part.name}=={part.version} --hash=sha256:{part.sha256}\n" for part in parts)


def digest(content: bytes) -> str:
    """Return the sha256 of octets, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
