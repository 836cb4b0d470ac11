"""The folder ``static/pyodide`` of the site: Python for browsers, and the wheels that it loads when a cell needs them.

The wheels are listed in a lock file of Pyodide's own. A cell that imports a module then loads its wheel by itself;
nothing is installed with pip, and nothing is looked for on another host.
"""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Mapping

from ..base.version import version
from .own_wheel import own_wheel
from .parts import PYODIDE, Lock, SitePart, digest

FOLDER = "static/pyodide"
LOCK_FILE = "pyodide-lock.json"
# What the kernel has to load before it can answer. The kernel itself would look for what is not here on another host.
LOADED_FIRST = ("micropip", "piplite", "ipykernel", "comm", "jedi", "ipython", "pyodide-kernel", "smtplab")

_FILES = ("pyodide.js", "pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
# What smtplab uses in the browser; `idna` is for international domain names.
_SMTPLAB_NEEDS = ("anywidget", "idna", "ipywidgets")


def pyodide_files(lock: Lock, content: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files of the folder by their names.

    Args:
        lock: the parts.
        content: the checked content of each part, by its name.
    """
    given = _from_tarball(content[PYODIDE])
    files = {name: given[name] for name in _FILES}
    wheels = [part for part in lock.parts if part.imports]
    files |= {part.file: content[part.name] for part in wheels}
    entries = {part.name: _entry(part) for part in wheels}
    ours = own_wheel()
    # The hash is in the name, where a wheel has its build number. So no cache gives an older wheel of this version.
    file = f"smtplab-{version()}-0{digest(ours)[:12]}-py3-none-any.whl"
    files[file] = ours
    entries["smtplab"] = _row("smtplab", version(), file, digest(ours), ("smtplab",), _SMTPLAB_NEEDS)
    info = json.loads(given[LOCK_FILE])["info"]
    files[LOCK_FILE] = json.dumps({"info": info, "packages": entries}, indent=1, sort_keys=True).encode()
    return files


def _from_tarball(content: bytes) -> dict[str, bytes]:
    wanted = {*_FILES, LOCK_FILE}
    found: dict[str, bytes] = {}
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        for member in archive:
            name = member.name.removeprefix("package/")
            file = archive.extractfile(member) if name in wanted else None
            if file is not None:
                found[name] = file.read()
    return found  # all of them, as the hash of the tarball is that of the lock


def _entry(part: SitePart) -> dict[str, object]:
    return _row(part.name, part.version, part.file, part.sha256, part.imports, part.depends)


def _row(
    name: str, number: str, file: str, sha256: str, imports: tuple[str, ...], depends: tuple[str, ...]
) -> dict[str, object]:
    return {
        "name": name,
        "version": number,
        "file_name": file,
        "install_dir": "site",
        "sha256": sha256,
        "package_type": "package",
        "imports": list(imports),
        "depends": list(depends),
        "unvendored_tests": False,
    }
