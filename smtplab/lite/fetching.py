"""Gather the parts of the site: fetch what is missing with pip and npm into a folder, and check the hash of each.

With all of them in the folder, no network is needed. Nothing is installed, and no other folder is changed but the
caches of pip and npm.
"""

from __future__ import annotations

import io
import os
import shlex
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from ..base.printed import plural
from . import sentences
from .failure import LiteError
from .parts import BUILDERS, KERNEL, PYODIDE, Lock, PartSource, SitePart, digest, requirements
from .programs import RunProgram, last_line, run_quietly

_WISHES = "parts.txt"  # in the folder of the parts; for the command that a person runs where there is a network


def parts_folder() -> Path:
    """Return the folder in which a user's parts are kept: in the cache, as the system has it."""
    home = Path.home()
    if sys.platform == "win32":
        cache = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        cache = home / "Library" / "Caches"
    else:
        cache = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return cache / "smtplab" / "lite"


def gather(
    lock: Lock,
    folder: Path,
    *,
    pyodide: Path | None = None,
    say: Callable[[str], None] = lambda _: None,
    run: RunProgram = run_quietly,
) -> dict[str, bytes]:
    """Return the checked content of every part, by the name of its package.

    Args:
        lock: the parts.
        folder: holds the parts that were fetched before, and keeps those that are fetched now.
        pyodide: the tarball of Pyodide that the user has; None takes it from the folder, or fetches it.
        say: is called with a line about what is being fetched.
        run: runs pip or npm.

    Raises:
        LiteError: if a part is missing and cannot be fetched, or is not the one of the lock.
    """
    _check_builders(lock)
    folder.mkdir(parents=True, exist_ok=True)
    content = {part.name: _installed(part) for part in lock.of(PartSource.INSTALLED)}
    if pyodide is not None:
        _keep(folder, lock[PYODIDE], _given(lock[PYODIDE], pyodide))
    wheels = lock.of(PartSource.PYPI)
    if missing := [part for part in wheels if _kept(folder, part) is None]:
        say(f"fetching {plural(len(missing), 'wheel')} with pip")
        _fetch_wheels(lock, missing, folder, run)
    if _kept(folder, lock[PYODIDE]) is None:
        say(f"fetching Pyodide {lock[PYODIDE].version} with npm")
        _fetch_pyodide(lock[PYODIDE], folder, run)
    content |= {part.name: _checked(part, folder / part.file) for part in (*wheels, *lock.of(PartSource.NPM))}
    inside = _wheels_inside(content[KERNEL])
    for part in lock.of(PartSource.INSIDE):
        content[part.name] = _fitting(part, inside.get(part.file, b""), f"{part.file} in {lock[KERNEL].file}")
    return content


def _check_builders(lock: Lock) -> None:
    for name in BUILDERS:
        try:
            found = metadata.version(name)
        except metadata.PackageNotFoundError:
            raise LiteError(sentences.NOT_INSTALLED.format(package=name)) from None
        if found != lock[name].version:
            text = sentences.OTHER_VERSION.format(package=name, found=found, version=lock[name].version)
            raise LiteError(text)


def _installed(part: SitePart) -> bytes:
    """Return the content of a file in an installed package."""
    spec = find_spec(part.name.replace("-", "_"))
    if spec is None or spec.origin is None:
        raise LiteError(sentences.NOT_INSTALLED.format(package=part.name))
    return _checked(part, Path(spec.origin).with_name(part.file))


def _kept(folder: Path, part: SitePart) -> bytes | None:
    """Return a part that is in the folder and whole; None if it has to be fetched."""
    try:
        content = (folder / part.file).read_bytes()
    except OSError:
        return None
    return content if part.fits(content) else None


def _keep(folder: Path, part: SitePart, content: bytes) -> None:
    """Put a part into the folder, whole or not at all, since another process may build at the same time."""
    with tempfile.NamedTemporaryFile(dir=folder, prefix=f".{part.file}.", delete=False) as file:
        file.write(content)
    os.replace(file.name, folder / part.file)


def _checked(part: SitePart, path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise LiteError(sentences.UNREADABLE.format(path=path, reason=error.strerror)) from None
    return _fitting(part, content, path)


def _fitting(part: SitePart, content: bytes, path: object) -> bytes:
    if not part.fits(content):
        raise LiteError(sentences.WRONG_HASH.format(path=path, found=digest(content), wanted=part.sha256))
    return content


def _given(part: SitePart, path: Path) -> bytes:
    """Return the content of the tarball that the user named."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise LiteError(sentences.UNREADABLE.format(path=path, reason=error.strerror)) from None
    if not part.fits(content):
        text = sentences.WRONG_PYODIDE.format(
            path=path, version=part.version, found=digest(content), wanted=part.sha256, url=_url(part)
        )
        raise LiteError(text)
    return content


def _fetch_wheels(lock: Lock, missing: Sequence[SitePart], folder: Path, run: RunProgram) -> None:
    wishes = folder / _WISHES
    wishes.write_text(requirements(missing), "utf-8")
    options = ["download", "--no-deps", "--only-binary", ":all:", "--python-version", lock.python, "--require-hashes"]
    command = ["pip", *options, "-r", str(wishes)]
    told = {"count": plural(len(missing), "wheel"), "command": shlex.join([*command, "-d", str(folder)])}
    pip = _pip()
    if not pip:
        raise LiteError(sentences.NO_PIP.format(**told))
    with tempfile.TemporaryDirectory(dir=folder, prefix=".fetching-") as place:
        quiet = ["--quiet", "--disable-pip-version-check", "--no-input", "-d", place]
        done = run([*pip, *command[1:], *quiet])
        if done.returncode:
            raise LiteError(sentences.PIP_FAILED.format(**told, reason=last_line(done.stderr)))
        _take(place, missing, folder)
    wishes.unlink()


def _pip() -> list[str]:
    """Return how to call pip: that of this Python, or another one, which does as well; empty if there is none."""
    if find_spec("pip") is not None:
        return [sys.executable, "-m", "pip"]
    found = shutil.which("pip3") or shutil.which("pip")
    return [found] if found else []


def _fetch_pyodide(part: SitePart, folder: Path, run: RunProgram) -> None:
    told = {"url": _url(part), "file": part.file}
    npm = shutil.which("npm")
    if npm is None:
        raise LiteError(sentences.NO_NPM.format(**told))
    with tempfile.TemporaryDirectory(dir=folder, prefix=".fetching-") as place:
        package = f"{part.name}@{part.version}"
        done = run([npm, "pack", package, "--silent", "--ignore-scripts", "--pack-destination", place])
        if done.returncode:
            raise LiteError(sentences.NPM_FAILED.format(**told, reason=last_line(done.stderr or done.stdout)))
        _take(place, [part], folder)


def _take(place: str, parts: Sequence[SitePart], folder: Path) -> None:
    """Keep what was fetched, if it is what the lock names."""
    for part in parts:
        _keep(folder, part, _checked(part, Path(place, part.file)))


def _url(part: SitePart) -> str:
    return f"https://registry.npmjs.org/{part.name}/-/{part.file}"


def _wheels_inside(wheel: bytes) -> Mapping[str, bytes]:
    """Return the wheels that lie in a wheel, by the names of their files."""
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        names = [name for name in archive.namelist() if name.endswith(".whl")]
        return {name.rpartition("/")[2]: archive.read(name) for name in names}
