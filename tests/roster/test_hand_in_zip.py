"""The zip that a student hands in, and its manifest."""

import hashlib
import json
import zipfile
from datetime import UTC, datetime
from io import BytesIO

import pytest

from smtplab.roster.hand_in_zip import MANIFEST, Manifest, packed_zip, read_manifest

NOW = datetime(2026, 11, 30, 12, 0, 1, tzinfo=UTC)
ABOUT = Manifest("course", "0.1", "mia", "01-x", {}, NOW.isoformat())


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_what_is_packed_is_read_with_the_checksum_of_each_file() -> None:
    found = members(packed_zip({"a": b"1", "b": b"2"}, ABOUT, NOW))
    manifest = read_manifest(found.pop(MANIFEST))
    assert found == {"a": b"1", "b": b"2"}
    assert manifest is not None
    assert (manifest.student, manifest.exercise, manifest.packed) == ("mia", "01-x", "2026-11-30T12:00:01+00:00")
    assert manifest.sha256["a"] == hashlib.sha256(b"1").hexdigest()
    assert (manifest.has("a", b"1"), manifest.has("a", b"2"), manifest.has("c", b"1")) == (True, False, False)


def test_a_clock_of_before_1980_packs_as_well() -> None:
    assert members(packed_zip({"a": b"1"}, ABOUT, NOW.replace(year=1970)))


@pytest.mark.parametrize(
    "change", [{"format": 2}, {"sha256": []}, {"sha256": None}, {"student": ...}, {"course": ...}], ids=str
)
def test_a_manifest_that_lacks_something_is_none(change: dict[str, object]) -> None:
    given = json.loads(members(packed_zip({}, ABOUT, NOW))[MANIFEST]) | change
    assert read_manifest(json.dumps({k: v for k, v in given.items() if v is not ...}).encode()) is None


@pytest.mark.parametrize("data", [b"", b"[]", b"1", b"\xff", b"[" * 100_000])
def test_any_other_file_is_no_manifest(data: bytes) -> None:
    assert read_manifest(data) is None


@pytest.mark.parametrize("student", ["../noah", "a/b", ".hidden", "\x00", "x" * 256])
def test_an_id_that_is_no_name_of_a_folder_is_none(student: str) -> None:
    given = json.loads(members(packed_zip({}, ABOUT, NOW))[MANIFEST]) | {"student": student}
    found = read_manifest(json.dumps(given).encode())
    assert found is not None
    assert found.student == ""
