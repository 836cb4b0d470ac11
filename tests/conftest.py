"""What all tests may use: the repository's root, and the command line run as a user runs it.

Hypothesis tries a few examples, always the same ones, unless HYPOTHESIS_PROFILE=thorough asks for many. It sets no
deadline, because the time that one example takes depends on how busy the machine is.
"""

import gc
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler.loadscope import LoadScopeScheduling

from support import memory, selection, skips, tracing
from support.paths import ROOT
from support.processors import available_processors

# Some hundred processes run the package in one run of the tests. Where the environment asks for no byte code, each of
# them would compile the package anew, and pytest the tests; git ignores what is written.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

QUIET = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("quick", max_examples=100, derandomize=True, **QUIET)
settings.register_profile("fast", max_examples=20, derandomize=True, **QUIET)
settings.register_profile("thorough", max_examples=2000, **QUIET)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
WATCH = pytest.StashKey[memory.Watch]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--fast``; `support.selection` says what it leaves out."""
    parser.addoption("--fast", action="store_true", help="leave out the slow tests, see tests/support/selection.py")


def pytest_configure(config: pytest.Config) -> None:
    """Leave out the places that this run need not collect, and try few examples of Hypothesis in a fast run."""
    config.addinivalue_line("markers", tracing.MARKER)
    config.stash[WATCH] = memory.Watch()
    if config.option.fast:
        settings.load_profile("fast")
    if config.args_source is pytest.Config.ArgsSource.TESTPATHS:
        left_out = selection.left_out(fast=config.option.fast)
        places = selection.turned(ROOT, selection.places(ROOT, config.args), _share_begun_by_this_process())
        config.args = [place for place in places if not any(selection.is_in(place, each) for each in left_out)]


def pytest_collectstart() -> None:
    """Collect without the garbage collector: a process collects all tests, and all that this makes stays."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Let the garbage collector begin, and never look at what has been collected, which is most of what there is."""
    gc.collect()
    gc.freeze()
    gc.enable()
    memory.return_large_blocks()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, object, object]:
    """Let go of the widgets of a file, and of what a test has left if the process has grown much."""
    done = yield
    if nextitem is None or nextitem.path != item.path:
        memory.forget_widgets()
    item.config.stash[WATCH].look()
    return done


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out what this run need not collect; a command line that names tests gets them all."""
    everything = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    places = selection.left_out(fast=config.option.fast) if everything else ()
    return True if collection_path in {ROOT / place for place in places} else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is slow in a fast run, and give all processes one order: the longest files first."""
    if config.option.fast and config.args_source is pytest.Config.ArgsSource.TESTPATHS:
        slow = [item for item in items if selection.is_slow(item.nodeid)]
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if not selection.is_slow(item.nodeid)]
    items.sort(key=lambda item: selection.position(_file_of(item.nodeid)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let a test skip only for a reason that is named, where that is asked for."""
    report = yield
    skips.refuse_unnamed(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Let a file skip only for a reason that is named, where that is asked for."""
    report = yield
    skips.refuse_unnamed(report)
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Hear SIGINT in each test and in what it starts.

    A shell without job control makes what it begins in the background ignore SIGINT, and an event loop that a test has
    left open keeps the handler.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Let coverage look away while a test tries many examples."""
    with tracing.paused_for(item):
        return (yield)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return how many processes run the tests: none beside this one where the command line names tests."""
    named = config.args_source is not pytest.Config.ArgsSource.TESTPATHS
    return 0 if named else selection.processes(available_processors(), fast=config.option.fast)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Give each process whole groups of tests, one after the other."""
    return _Groups(config, log)


class _Groups(LoadScopeScheduling):
    """Hand out tests in the groups of `support.selection`."""

    def _split_scope(self, nodeid: str) -> str:
        return selection.group(_file_of(nodeid))


def _share_begun_by_this_process() -> float:
    """Return how much of the tests stands before the place where this process begins to collect, from 0 to 1."""
    number = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    return int(number) / int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))


def _file_of(nodeid: str) -> str:
    return nodeid.partition("::")[0]


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's root."""
    return ROOT


@pytest.fixture
def smtplab(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run ``smtplab`` in a process and a folder of its own; `env` adds to the environment, `stdin` is typed in."""

    def run(*arguments: str, env: dict[str, str] | None = None, stdin: str = "") -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"PYTHONPATH": str(ROOT)} | (env or {})
        command = [sys.executable, "-m", "smtplab", *arguments]
        return subprocess.run(
            command,
            cwd=tmp_path,
            env=environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )

    return run


@pytest.fixture(autouse=True)
def _cards_are_those_of_a_new_kernel() -> Iterator[None]:
    """Set the level of cards back, which a lesson or a test has raised."""
    yield
    if (cards := sys.modules.get("smtplab.explain.cards")) is not None:
        cards.cards.reset()
