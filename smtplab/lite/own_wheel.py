"""Pack the smtplab that runs here as a wheel, so that the browser gets exactly this version.

It is made from the files of the package and the course, in a checkout as well as after an installation, without a
build tool and without a network. Two calls give the same octets.
"""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from ..base.resources import course_root
from ..base.version import version
from ..course.copies import EXERCISES, course_files

_PACKAGE = Path(__file__).resolve().parent.parent
_COURSE = "smtplab/_course"
_LEFT_BEHIND = {"__pycache__", ".ipynb_checkpoints", "_course"}


def own_wheel() -> bytes:
    """Return the wheel: the package, the tutorials, the exercises as students get them, and the data."""
    files = dict(sorted((*_package_files(), *_course_files())))
    about = f"smtplab-{version()}.dist-info"
    files[f"{about}/METADATA"] = f"Metadata-Version: 2.1\nName: smtplab\nVersion: {version()}\n".encode()
    files[f"{about}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: smtplab\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files[f"{about}/RECORD"] = _record(files, f"{about}/RECORD").encode()
    return packed(files)


def packed(files: Mapping[str, bytes], when: datetime = datetime(1980, 1, 1)) -> bytes:
    """Return a zip of files, by their names, all with the time `when`; the same arguments give the same octets."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, when.timetuple()[:6])
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return packed.getvalue()


def _package_files() -> Iterator[tuple[str, bytes]]:
    for path in _below(_PACKAGE):
        yield f"smtplab/{path.relative_to(_PACKAGE).as_posix()}", path.read_bytes()


def _course_files() -> Iterator[tuple[str, bytes]]:
    root = course_root()
    for path in (*_below(root / "notebooks" / "tutorials"), *_below(root / "data")):
        yield f"{_COURSE}/{path.relative_to(root).as_posix()}", path.read_bytes()
    for name, content in course_files().items():
        if name.startswith(f"{EXERCISES}/"):
            stem = Path(name).stem
            yield f"{_COURSE}/notebooks/exercises/release/{stem}/{stem}.ipynb", content


def _below(folder: Path) -> Iterator[Path]:
    """Yield the files in a folder and in those below it, without what running and editing leave behind."""
    for path in sorted(folder.iterdir()):
        if path.name in _LEFT_BEHIND or path.name.startswith("."):
            continue
        if path.is_dir():
            yield from _below(path)
        else:
            yield path


def _record(files: Mapping[str, bytes], own_name: str) -> str:
    rows = [f"{name},sha256={_encoded(content)},{len(content)}\n" for name, content in files.items()]
    return "".join([*rows, f"{own_name},,\n"])


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
