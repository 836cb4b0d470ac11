"""A small lock for the course in a browser, its parts, and programs that fetch them or fail."""

from __future__ import annotations

import dataclasses
import io
import json
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from smtplab.lite.parts import Lock, PartSource, digest, read_lock


def wheel(files: Mapping[str, bytes]) -> bytes:
    """Return a wheel that holds these files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def tarball(files: Mapping[str, bytes]) -> bytes:
    """Return a tarball of npm that holds these files."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


_PYODIDE = ("pyodide.js", "pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "console.html")
INSIDE = wheel({"piplite.py": b""})
CONTENT = {
    "pyodide": tarball(
        {name: name.encode() for name in _PYODIDE} | {"pyodide-lock.json": b'{"info": {"python": "3.14.2"}}'}
    ),
    "jupyterlite-pyodide-kernel": wheel({"a.data/static/pypi/piplite-0.8.6-py3-none-any.whl": INSIDE}),
    "comm": wheel({"comm.py": b""}),
    "piplite": INSIDE,
}
_REAL = read_lock()
LOCK = Lock(
    "3.14",
    tuple(dataclasses.replace(part, sha256=digest(CONTENT[part.name])) for part in _REAL.parts if part.name in CONTENT)
    + _REAL.of(PartSource.INSTALLED),
)


@dataclass
class Fetcher:
    """Stands for pip and npm: writes the parts that it has where they are wanted.

    Args:
        content: what it has, by the name of the package.
        error: what it says instead, and fails.
    """

    content: Mapping[str, bytes] = field(default_factory=lambda: CONTENT)
    error: str = ""
    commands: list[list[str]] = field(default_factory=list)

    def __call__(
        self, command: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Do what the command says."""
        self.commands.append(list(command))
        if not self.error:
            is_npm = "pack" in command
            folder = Path(command[command.index("--pack-destination" if is_npm else "-d") + 1])
            for part in LOCK.of(PartSource.NPM if is_npm else PartSource.PYPI):
                folder.joinpath(part.file).write_bytes(self.content[part.name])
        return subprocess.CompletedProcess(command, int(bool(self.error)), "", self.error)


def fill(folder: Path) -> None:
    """Put all parts into a folder, as an earlier run has left them."""
    folder.mkdir(parents=True, exist_ok=True)
    for part in (*LOCK.of(PartSource.PYPI), *LOCK.of(PartSource.NPM)):
        folder.joinpath(part.file).write_bytes(CONTENT[part.name])


def build_nothing(
    command: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Stand for ``jupyter lite build``: copy the contents, and write the pages and the configuration of the kernel."""
    assert cwd is not None
    site, lite = cwd / "site", cwd / "lite"
    shutil.copytree(cwd / "contents", site / "files")
    shutil.copytree(lite / "static", site / "static")
    config = json.loads((lite / "jupyter-lite.json").read_text())
    (kernel,) = config["jupyter-config-data"]["litePluginSettings"].values()
    kernel["pyodideUrl"] = "./static/pyodide/pyodide.mjs"
    (site / "jupyter-lite.json").write_text(json.dumps(config))
    (site / "package.json").write_text("{}")
    (site / "lab").mkdir()
    (site / "lab" / "index.html").write_text("<html>\n<head>\n</head></html>")
    return subprocess.CompletedProcess(command, 0, "", "")
