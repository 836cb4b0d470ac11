"""A plain ``pytest`` collects every test file, and ``pytest --fast`` all but those that `support.selection` names."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from support import selection
from support.offenders import no_offender


def _files(root: Path) -> set[str]:
    """Return every test file and tutorial, relative to the root."""
    paths = [*(root / "tests").rglob("test_*.py"), *(root / "notebooks" / "tutorials").glob("*.ipynb")]
    return {path.relative_to(root).as_posix() for path in paths}


def _expected(root: Path, *, fast: bool) -> set[str]:
    places = selection.left_out(fast=fast)
    return {path for path in _files(root) if not any(selection.is_in(path, place) for place in places)}


@pytest.mark.timeout(400)
def test_a_fast_run_leaves_out_what_is_named_and_nothing_else(root: Path) -> None:
    command = [sys.executable, "-m", "pytest", "--fast", "--collect-only", "-q", "-n0", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout
    collected = set(re.findall(r"^([^:\n]+)::", done.stdout, re.MULTILINE))
    assert collected == _expected(root, fast=True)
    assert not [line for line in done.stdout.splitlines() if selection.is_slow(line)]


def test_a_full_run_leaves_out_only_what_other_tests_run(request: pytest.FixtureRequest, root: Path) -> None:
    if request.config.args_source is not pytest.Config.ArgsSource.TESTPATHS:
        pytest.skip("the command line names the tests of this run")
    collected = {item.nodeid.partition("::")[0] for item in request.session.items}
    assert collected == _expected(root, fast=False)


def test_each_place_that_is_named_holds_tests(root: Path) -> None:
    files = _files(root)
    together = (place for places in selection.TOGETHER for place in places)
    named = {*selection.SLOW, *selection.LONGEST, *selection.RUN_ELSEWHERE, *together}
    no_offender(named, lambda place: not any(selection.is_in(path, place) for path in files))


def test_what_is_run_together_and_among_the_longest_is_there_one_after_the_other() -> None:
    for places in selection.TOGETHER:
        first = selection.LONGEST.index(places[0])
        assert selection.LONGEST[first : first + len(places)] == places


@pytest.mark.parametrize("test", sorted(selection.SLOW_TESTS))
def test_each_slow_test_is_there(root: Path, test: str) -> None:
    path, _, name = test.partition("::")
    defined = re.findall(r"^(?:def |class )?(\w+)", (root / path).read_text("utf-8"), re.MULTILINE)
    name, _, parameters = name.partition("[")
    assert name.partition("::")[0] in defined
    assert selection.is_slow(test if parameters else f"{test}[a parameter]")


def test_the_longest_files_come_first_and_the_others_by_their_names() -> None:
    paths = ["tests/lab/test_b.py", "tests/browser/test_axe.py", "tests/cli/test_a.py", selection.LONGEST[0]]
    assert sorted(paths, key=selection.position) == [paths[3], paths[1], paths[2], paths[0]]


def test_each_process_collects_everything_and_begins_where_the_share_of_the_one_before_it_ends(tmp_path: Path) -> None:
    for name in ("a/test_1.py", "a/b/test_2.py", "c/help.py", "d/test_3.py", "test_4.py", "helper.py"):
        (tmp_path / "tests" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tests" / name).touch()
    places = selection.places(tmp_path, ["tests"])
    assert places == ["tests/a", "tests/d", "tests/test_4.py"]
    begun = [selection.turned(tmp_path, places, number / 4) for number in range(4)]
    assert [each[0] for each in begun] == ["tests/a", "tests/a", "tests/d", "tests/test_4.py"]
    assert [sorted(each) for each in begun] == [places] * 4


def test_tests_that_share_something_share_a_process_and_other_files_stay_whole() -> None:
    assert selection.group("tests/browser/test_axe.py") == selection.group("tests/browser/test_kernel.py")
    banks, beliefs = "tests/exercises/test_banks.py", "tests/exercises/test_beliefs.py"
    assert selection.group(banks) == selection.group(beliefs) == banks
    assert selection.group("tests/lab/test_way.py") == "tests/lab/test_way.py"


def test_a_file_is_in_a_folder_by_its_whole_name() -> None:
    assert selection.is_in("tests/cli/test_talk.py", "tests/cli")
    assert not selection.is_in("tests/client/test_message.py", "tests/cli")


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_both_commands_are_written_down(root: Path, page: str) -> None:
    text = (root / page).read_text("utf-8")
    assert ".venv-test/bin/pytest --fast" in text
    assert re.search(r"\.venv-test/bin/pytest$", text, re.MULTILINE)


@pytest.mark.parametrize(("processors", "full", "fast"), [(1, 2, 1), (2, 4, 2), (3, 4, 3), (4, 4, 4), (64, 4, 4)])
def test_a_full_run_has_processes_for_those_that_wait(processors: int, full: int, fast: int) -> None:
    assert selection.processes(processors, fast=False) == full
    assert selection.processes(processors, fast=True) == fast
