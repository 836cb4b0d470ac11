"""The zip that a student hands in: a notebook, and a manifest that says whose it is and what its checksum is.

The manifest proves nothing, because the student makes it. It shows what was damaged on the way, and whose a zip is that
lost its name.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from .student_ids import folder_id

MANIFEST = "smtplab-manifest.json"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a student's zip says about itself.

    Args:
        course: the course's salt, as the notebook has it; empty if it has none.
        version: the version of smtplab that packed it.
        student: the id in the notebook; empty if there is none.
        exercise: the name of the exercise.
        sha256: the checksum of each file, in hexadecimal digits, by its name.
        packed: the time of the student's clock, in ISO form.
    """

    course: str
    version: str
    student: str
    exercise: str
    sha256: Mapping[str, str]
    packed: str

    def has(self, name: str, data: bytes) -> bool:
        """Return True if a file is the one that was packed."""
        return self.sha256.get(name) == hashlib.sha256(data).hexdigest()


def packed_zip(files: Mapping[str, bytes], manifest: Manifest, now: datetime) -> bytes:
    """Return the zip with files and a manifest.

    Args:
        files: the content of each file, by its name.
        manifest: what it says about itself; its checksums are made here.
        now: the time that the zip gives its members.
    """
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    text = json.dumps({"format": _FORMAT, **asdict(manifest), "sha256": sums}, indent=1, sort_keys=True)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {**files, MANIFEST: f"{text}\n".encode()}.items():
            member = zipfile.ZipInfo(name, (max(now.year, 1980), *now.timetuple()[1:6]))
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, data)
    return buffer.getvalue()


def read_manifest(data: bytes) -> Manifest | None:
    """Return the manifest in a file; None if it is none, or of a later format."""
    try:
        given = json.loads(data)
        sums = {str(name): str(value) for name, value in given["sha256"].items()}
        is_known = given["format"] == _FORMAT
        texts = {name: str(given[name]) for name in ("course", "version", "exercise", "packed")}
        student = folder_id(str(given["student"]))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    return Manifest(student=student, sha256=sums, **texts) if is_known else None
