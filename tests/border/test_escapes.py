"""Nothing outside of the border can be reached from inside; each attempt is seen to work without a border first."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from border.bank_escapes import BANK, Outside, outcome
from border.conftest import border_of
from smtplab.border import Border, Budget, How, Level
from support.paths import ROOT

NOBODY = 65534
# What weaker borders leave open, as their sentences say.
OPEN = {
    Level.LANDLOCK: {"interfaces", "other_places", "path_socket"},
    Level.USER: {
        *("solution", "bank_of_answers", "file_of_others_from_above", "file_of_others_by_a_link", "file_of_others"),
        *("folder_of_others", "devices", "system", "other_places", "process_that_grades", "many_processes"),
        *("memory_in_a_file", "port", "abstract_socket", "interfaces", "path_socket"),
    },
}


WITHOUT_NAMESPACE = {"machine_below", "memory_that_nobody_counts", "keys"}


def all_tried(outside: Outside) -> Callable[[BinaryIO], None]:
    def function(pipe: BinaryIO) -> None:
        for name in BANK.attempts:
            pipe.write(json.dumps([name, outcome(name, outside)]).encode() + b"\n")

    return function


@cache
def reached(border: Border, outside: Outside) -> dict[str, str]:
    """Return what each attempt reaches behind a border, all of them tried by one submission."""
    ended = border.run(all_tried(outside), Budget(), readable=[Path(outside.root_program)])
    assert ended.how is How.FINISHED
    return dict(json.loads(line) for line in ended.data.splitlines())


def without_border(name: str, outside: Outside) -> str:
    """Return what an attempt reaches in a bare child of this process."""
    hears, says = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.chdir(os.path.dirname(outside.secret))
            os.write(says, outcome(name, outside).encode()[:1000])
        finally:
            os._exit(0)
    os.close(says)
    with open(hears, "rb") as pipe:
        said = pipe.read().decode()
    os.waitpid(child, 0)
    return said


@pytest.mark.parametrize("name", [name for name in BANK.attempts if name not in BANK.only_inside])
def test_without_a_border_the_attempt_works(name: str, outside: Outside) -> None:
    if os.geteuid():
        pytest.skip("only root is kept out of everything here by the border alone")
    assert without_border(name, outside)


@pytest.mark.parametrize("name", BANK.attempts)
def test_namespaces_leave_nothing_to_be_reached(name: str, outside: Outside) -> None:
    assert reached(border_of(Level.NAMESPACES), outside)[name] == ""


def test_namespaces_alone_leave_nothing_to_be_reached_but_what_has_no_namespace(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    border = border_of(Level.NAMESPACES)
    monkeypatch.setattr("smtplab.border.landlock.version", lambda: 0)
    monkeypatch.setattr("smtplab.border.call_filter.is_known_here", lambda: False)
    found = {name for name, what in reached.__wrapped__(border, outside).items() if what}
    assert found <= WITHOUT_NAMESPACE


def test_landlock_that_keeps_the_user_leaves_open_what_it_says_and_no_more(outside: Outside) -> None:
    found = {name: what for name, what in reached(border_of(Level.LANDLOCK, keeps_user=True), outside).items() if what}
    # It is root by its number alone, without the rights of root.
    assert found.keys() <= OPEN[Level.LANDLOCK] | {"root", "program_of_root"}, found


SCRIPT = """
import json, sys
from pathlib import Path
from unittest import mock
sys.path[:0] = [{root!r}, {tests!r}]
from border.bank_escapes import BANK, Outside, crowd, marked, outcome
from smtplab.border import Border, Budget, Level, strongest
outside = Outside(**json.loads({outside!r}))
def function(pipe):
    for name in BANK.attempts:
        pipe.write(json.dumps([name, outcome(name, outside)]).encode() + b"\\n")
found = {{"strongest": strongest().level}}
for level in {levels!r}:
    ended = Border(Level(level)).run(function, Budget(), readable=[Path(outside.root_program)])
    assert ended.how == "finished", (level, ended)
    found[level] = dict(map(json.loads, ended.data.splitlines()))
    crowded = Border(Level(level)).run(crowd, Budget(processes=12))
    found[level]["crowd"] = [int(crowded.data), crowded.signs, marked()]
with (
    mock.patch("smtplab.border.landlock.version", return_value=0),
    mock.patch("smtplab.border.call_filter.is_known_here", return_value=False),
):
    ended = Border(Level.NAMESPACES).run(function, Budget(), readable=[Path(outside.root_program)])
    assert ended.how == "finished", ended
    found["alone"] = dict(map(json.loads, ended.data.splitlines()))
print(json.dumps(found))
"""


@cache
def reached_by(user: int, outside: Outside, *levels: str) -> dict[str, dict[str, Any]]:
    """Return by level what each attempt reaches if a user grades, with a Python that is open to all users."""
    if os.geteuid():
        pytest.skip("only root is kept out of everything here, and can run what another user runs")
    script = SCRIPT.format(root=str(ROOT), tests=str(ROOT / "tests"), outside=json.dumps(vars(outside)), levels=levels)
    told = ""
    for python in filter(None, (sys.executable, shutil.which("python3", path="/usr/bin"))):
        environment = {"PYTHONDONTWRITEBYTECODE": "1", "PATH": "/usr/bin:/bin"}
        as_user = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]
        done = subprocess.run(
            [*as_user, python, "-c", script], cwd="/", env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode == 0:
            return dict(json.loads(done.stdout))
        told = done.stderr
    pytest.skip(f"no Python here is open to another user: {told}")


@pytest.mark.parametrize("user", [0, NOBODY], ids=["root", "nobody"])
def test_root_and_others_get_namespaces(user: int, outside: Outside) -> None:
    assert found_by(user, outside)["strongest"] == "namespaces"


@pytest.mark.parametrize("name", BANK.attempts)
def test_namespaces_of_another_user_leave_nothing_to_be_reached(name: str, outside: Outside) -> None:
    assert found_by(NOBODY, outside)["namespaces"][name] == ""


@pytest.mark.parametrize("user", [0, NOBODY], ids=["root", "nobody"])
def test_namespaces_alone_hold_whoever_grades(user: int, outside: Outside) -> None:
    assert {name for name in BANK.attempts if found_by(user, outside)["alone"][name]} <= WITHOUT_NAMESPACE


@pytest.mark.parametrize(("user", "level"), [(0, Level.LANDLOCK), (0, Level.USER), (NOBODY, Level.LANDLOCK)])
def test_a_weaker_border_leaves_open_what_it_says_and_no_more(user: int, level: Level, outside: Outside) -> None:
    found = {name for name in BANK.attempts if found_by(user, outside)[level][name]}
    assert found <= OPEN[level]


@pytest.mark.parametrize(
    ("user", "level"),
    [(0, level) for level in (Level.NAMESPACES, Level.LANDLOCK, Level.USER)] + [(NOBODY, Level.NAMESPACES)],
)
def test_whoever_grades_processes_are_counted_apart_and_none_is_left(user: int, level: Level, outside: Outside) -> None:
    assert found_by(user, outside)[level]["crowd"] == [11, ["fork limit"], []]


def test_without_namespaces_of_another_user_processes_have_an_end_and_none_is_left(outside: Outside) -> None:
    count, _, left = found_by(NOBODY, outside)[Level.LANDLOCK]["crowd"]
    assert 0 < count < 30
    assert left == []


def found_by(user: int, outside: Outside) -> dict[str, dict[str, Any]]:
    """Return what `reached_by` does for all levels that a user can have."""
    return reached_by(user, outside, "namespaces", "landlock", *(["user"] if user == 0 else []))
