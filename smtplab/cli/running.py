"""Run a server in the foreground until a signal stops it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterable

from ..worlds.background import new_event_loop
from ..worlds.control import ControlSocket
from ..worlds.tcp import Server
from .output import echo

# A session may hold its connection, the file of its message and a connection to the next hop. The rest is shared.
_FILES_PER_SESSION = 3
_FILES_FOR_ALL = 256

# SIGHUP, which comes when a terminal is closed, ends a server in good order, too. None of them reads its file anew.
_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


def run_server(
    server: Server,
    sessions: int,
    told: str,
    control: ControlSocket | None = None,
    ready: Callable[[], None] | None = None,
) -> None:
    """Serve until SIGINT, SIGTERM or SIGHUP, then stop in good order. A second signal ends the process at once.

    Args:
        server: the server.
        sessions: how many sessions it may have at once.
        told: what is printed below the line that says where it listens.
        control: answers requests about its queue.
        ready: called once these lines are printed.
    """
    _allow_open_files(sessions * _FILES_PER_SESSION + _FILES_FOR_ALL)
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(_run(server, told, control, ready))


def _allow_open_files(wanted: int) -> None:
    """Raise this process's limit of open files to `wanted`, as far as the system allows."""
    try:
        import resource
    except ImportError:  # only POSIX has this limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if resource.RLIM_INFINITY not in (soft, hard):
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def _run(server: Server, told: str, control: ControlSocket | None, ready: Callable[[], None] | None) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    numbers = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]  # as `nohup` does
    for number in numbers:
        loop.add_signal_handler(number, _begin_to_stop, stopping, numbers)
    await server.start()
    if control is not None:
        await control.start()
    host, port = server.address
    echo(f"listening on {f'[{host}]' if ':' in host else host}:{port}\n{told}")
    if ready is not None:
        ready()
    await stopping.wait()
    if control is not None:  # before the server, which runs the jobs that answer
        control.stop()
    await server.stop()
    if control is not None:
        await control.wait_closed()


def _begin_to_stop(stopping: asyncio.Event, numbers: Iterable[signal.Signals]) -> None:
    """Stop in good order; the next signal ends the process at once."""
    stopping.set()
    for number in numbers:
        asyncio.get_running_loop().remove_signal_handler(number)
        signal.signal(number, signal.SIG_DFL)
