"""What the tests of the border climb on: borders of each level, and what they find outside."""

from __future__ import annotations

import ctypes
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest

import smtplab
from border.bank_escapes import Outside
from smtplab.border import Border, Level, landlock
from support.paths import ROOT


@cache
def border_of(level: Level, *, keeps_user: bool = False) -> Border:
    """Return the border of a level; skip the test if this machine does not allow it."""
    lacks = {Level.NAMESPACES: lambda: not _has_namespaces(), Level.LANDLOCK: lambda: not landlock.version()}
    if level in lacks and lacks[level]():
        pytest.skip(f"this machine gives no border of {level}")
    border = Border(level, keeps_user=keeps_user)
    assert border._try() == ""
    return border


def _has_namespaces() -> bool:
    """Return True if this machine allows a process to have namespaces, whatever the border makes of them."""
    child = os.fork()
    if not child:
        flags = 0x00020000 | 0x20000000 | 0x40000000 | 0x08000000 | (0x10000000 if os.geteuid() else 0)
        libc = ctypes.CDLL(None)
        failed = libc.unshare(flags) or libc.mount(b"none", b"/", None, 0x44000, None)
        os._exit(bool(failed))
    return os.waitpid(child, 0)[1] == 0


@pytest.fixture(scope="session", params=[Level.NAMESPACES, Level.LANDLOCK, Level.NONE], ids=str)
def border(request: pytest.FixtureRequest) -> Border:
    """A border of each level that a machine can have wherever its Python is."""
    return border_of(request.param, keeps_user=request.param is Level.LANDLOCK)


@pytest.fixture(scope="session")
def namespaces() -> Border:
    """The strongest border there is."""
    return border_of(Level.NAMESPACES)


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    """What is there to be reached, all of it in use."""
    folder = tmp_path_factory.mktemp("others")
    folder.chmod(0o755)
    secret = folder / "secret"
    secret.write_text("secret", encoding="ascii")
    program = tmp_path_factory.mktemp("programs") / "id"
    shutil.copy(shutil.which("id") or "/usr/bin/id", program)
    program.chmod(0o4755)
    shared = Path(f"/dev/shm/smtplab-test-{os.getpid()}")
    shared.write_text("secret", encoding="ascii")
    with ExitStack() as stack:
        stack.callback(shared.unlink)
        port = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        abstract, by_path = (stack.enter_context(socket.socket(socket.AF_UNIX)) for _ in range(2))
        abstract.bind(f"\0smtplab-test-{os.getpid()}")
        by_path.bind(str(folder / "socket"))
        for each in (abstract, by_path):
            each.listen()
        segment = _segment(stack, os.getpid())
        file = stack.enter_context(secret.open("rb"))
        os.environ["SMTPLAB_TEST_SECRET"] = "secret"
        stack.callback(os.environ.pop, "SMTPLAB_TEST_SECRET")
        yield Outside(
            process=os.getpid(),
            port=port.getsockname()[1],
            abstract=f"smtplab-test-{os.getpid()}",
            path_socket=str(folder / "socket"),
            secret=str(secret),
            descriptor=file.fileno(),
            shared=str(shared),
            segment=segment,
            solution=str(next((ROOT / "notebooks" / "exercises" / "source").rglob("*.ipynb"))),
            bank=str(next((ROOT / "tests" / "exercises").glob("bank_*.py"))),
            packages=str(Path(pytest.__file__).parents[1]),
            package=str(Path(smtplab.__file__).parent),
            root_program=str(program),
        )


def _segment(stack: ExitStack, key: int) -> int:
    """Make System V memory, which is removed at the end, and return its key."""
    libc = ctypes.CDLL(None)
    number = libc.shmget(key, 4096, 0o1666)
    stack.callback(libc.shmctl, number, 0, None)
    return key
