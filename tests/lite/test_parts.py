"""The lock is whole: each part has a hash, what a wheel needs is there, and the extra pins the same versions."""

import re
import tomllib
from pathlib import Path

import pytest

from smtplab.lite.contents import MARK
from smtplab.lite.parts import BUILDERS, PartSource, read_lock, requirements
from smtplab.lite.pyodide_files import LOADED_FIRST

LOCK = read_lock()
WHEELS = {part.name: part for part in LOCK.parts if part.imports}


@pytest.mark.parametrize("part", LOCK.parts, ids=lambda part: part.name)
def test_each_part_has_a_hash_and_a_file_of_its_version(part) -> None:
    assert re.fullmatch("[0-9a-f]{64}", part.sha256)
    assert re.match(rf"[a-z_-]+-{re.escape(part.version)}[-.]", part.file.lower())


@pytest.mark.parametrize("part", WHEELS.values(), ids=WHEELS)
def test_a_wheel_for_the_browser_is_pure_python_and_what_it_needs_is_there(part) -> None:
    assert part.file.endswith("-none-any.whl")
    assert set(part.depends) <= set(WHEELS)


def test_what_the_kernel_loads_first_is_there() -> None:
    assert set(LOADED_FIRST) - {"smtplab"} <= set(WHEELS)


def test_no_two_parts_have_one_name_or_one_file() -> None:
    assert len({part.name for part in LOCK.parts}) == len({part.file for part in LOCK.parts}) == len(LOCK.parts)


def test_the_extra_pins_the_versions_of_the_lock(root: Path) -> None:
    extras = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    pins = {f"{name}=={LOCK[name].version}" for name in BUILDERS}
    assert set(extras["lite"]) == pins
    assert pins <= set(extras["test"])


def test_pip_is_told_the_version_and_the_hash_of_each_wheel() -> None:
    lines = requirements(LOCK.of(PartSource.PYPI)).splitlines()
    assert lines[0].startswith("jupyterlite-pyodide-kernel==0.8.6 --hash=sha256:")
    assert len(lines) == 24


def test_the_extension_reads_the_mark_of_the_notebooks(root: Path) -> None:
    script = root / "smtplab" / "lite" / "labextension" / "static" / "remoteEntry.js"
    assert f"'{MARK}'" in script.read_text("utf-8")
