"""A server in a thread beside your program: `serve`, for notebooks and tests."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Self

from ..mta.directory import Directory, Mailbox
from ..mta.handler import Clock, now
from ..mta.host import MailHost
from ..mta.maildir import MaildirStore
from ..mta.personality import Personality
from ..mta.policy import Policy
from ..mta.relay import Relay
from ..mta.store import MemoryStore, Store
from . import sentences
from .faulty_server import session_factory
from .tcp import Server


def new_event_loop() -> asyncio.AbstractEventLoop:
    """Return a new event loop: uvloop's if it is installed (the extra ``fast``), else asyncio's."""
    try:
        import uvloop
    except ImportError:
        return asyncio.SelectorEventLoop()  # Windows has another default, which cannot watch sockets
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


class BackgroundServer:
    """A server in a daemon thread with its own event loop, started and stopped by ``with``.

    It does not use the notebook's own event loop.

    Attributes:
        handler: the handler of the server; a changed switch takes effect at once.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self.handler = server.handler
        self._started: Future[None] = Future()
        self._thread = threading.Thread(target=self._main, name="smtplab-server", daemon=True)

    @property
    def address(self) -> tuple[str, int]:
        """Host and port that the server listens on."""
        return self._server.address

    def start(self) -> Self:
        """Return once the server listens; raise `OSError` with a plain sentence if it cannot.

        Raises:
            RuntimeError: if it has been started before; it serves once.
        """
        if self._thread.ident is not None:
            raise RuntimeError(sentences.STARTED_BEFORE)
        self._thread.start()
        try:
            self._started.result()
        except Exception:
            self._thread.join()
            raise
        return self

    def stop(self) -> None:
        """Send 421 to open sessions, and return once everything has ended, or has had its time; see `Server.stop`."""
        if self._thread.is_alive():
            with contextlib.suppress(RuntimeError):  # another thread has stopped it in this moment
                self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    def _main(self) -> None:
        try:
            with asyncio.Runner(loop_factory=new_event_loop) as runner:
                runner.run(self._run())
        except Exception as error:
            if self._started.done():
                raise
            self._started.set_exception(error)  # whoever starts the server waits for this

    async def _run(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        await self._server.start()
        self._started.set_result(None)
        await self._stopping.wait()
        await self._server.stop()


def serve(
    domain: str = "lab.example",
    mailboxes: str | Mailbox | Iterable[str | Mailbox] = ("alice", "bob"),
    *,
    directory: Directory | None = None,
    maildir: Path | str | None = None,
    routes: Mapping[str, tuple[str, int]] | None = None,
    personality: str = "plain",
    policy: Policy | None = None,
    clock: Clock = now,
    host: str = "127.0.0.1",
    port: int = 0,
    faults: str | Iterable[str] = (),
) -> BackgroundServer:
    """Return a mail server beside your program, to be started with ``with``.

    Args:
        domain: the domain whose mail it takes.
        mailboxes: who lives there, by name; one alone needs no list.
        directory: in place of `domain` and `mailboxes`: aliases, lists and forwards too.
        maildir: the folder to keep mail in, one Maildir a mailbox; by default it is kept in memory.
        routes: domain to next hop, host and port, for mail to other domains; without one it is refused.
        personality: the wording of the replies.
        policy: limits and extensions.
        clock: returns the time, for the greeting and the traces.
        host: the address to listen on.
        port: the port; 0 takes a free one, see ``server.address``.
        faults: what goes wrong, each in one line such as ``"lose the 250 after the dot once"``; see `faults.fault`.

    Raises:
        ValueError: if there is no such port, or a text is not a fault.
        OSError: on entering ``with``, in a plain sentence, if it cannot listen.
    """
    directory = directory or Directory([domain], mailboxes)
    store: Store[Any] = MemoryStore() if maildir is None else MaildirStore(Path(maildir))
    relay = Relay(routes) if routes else None
    handler = MailHost(directory, store, personality=Personality.load(personality), relay=relay, clock=clock)
    return BackgroundServer(Server(handler, host, port, policy, sessions=session_factory(faults)))
