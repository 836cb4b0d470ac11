"""A server that listens at an address, and the Maildir in which it keeps mail."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

from ...worlds.tcp_client import SocketStream, dial
from .probe_session import SUBJECT
from .server_peer import PeerConnection, ServerPeer

_QUIET = 0.15  # seconds; on loopback a reply comes within a millisecond or two
_POLL = 0.02
_FOLDERS = ("new", "cur")  # of a Maildir, with messages in them


class TcpPeerConnection(PeerConnection):
    """A connection over TCP.

    Args:
        stream: the open socket.
        patience: how many seconds sending may take.
    """

    def __init__(self, stream: SocketStream, patience: float) -> None:
        self._stream = stream
        self._patience = patience
        self._closed = False

    def send(self, octets: bytes) -> None:
        """Send octets; if the server has closed or takes no more, what is left is dropped."""
        try:
            if not self._closed:
                self._stream.send(octets, self._patience)
        except OSError:  # also a timeout
            self._closed = True

    def receive(self, seconds: float) -> bytes | None:
        """Wait for octets, at most some seconds."""
        try:
            return self._stream.receive(seconds)
        except TimeoutError:
            return None
        except OSError:  # a reset
            return b""

    def close(self) -> None:
        """Close the socket."""
        self._stream.close()


class TcpPeer(ServerPeer):
    """A server that listens at an address.

    Args:
        host: a name or an address.
        port: its port.
        patience: how many seconds a reply may take.
        maildir: a Maildir, or a folder with Maildirs, in which the server keeps mail; None if that cannot be seen.
        messages: returns what the server has stored, oldest first, in place of `maildir`.
        allow_remote: see `addresses.check_reach`.
    """

    quiet = _QUIET

    def __init__(
        self,
        host: str,
        port: int,
        *,
        patience: float = 3.0,
        maildir: Path | None = None,
        messages: Callable[[], list[bytes]] | None = None,
        allow_remote: bool = False,
    ) -> None:
        self._address = host, port
        self.subject = f"{host} port {port}"
        self.patience = patience
        self._maildir = maildir
        self._messages = messages
        self._allow_remote = allow_remote
        self._files: set[Path] = set()
        self._count = 0

    def clock(self) -> float:
        """Return the time in seconds."""
        return time.monotonic()

    def connect(self) -> TcpPeerConnection:
        """Open a connection."""
        host, port = self._address
        return TcpPeerConnection(
            dial(host, port, seconds=self.patience, allow_remote=self._allow_remote), self.patience
        )

    def begin(self, rule: str) -> None:
        """Begin a trial; its texts have a subject of their own, because a server may deliver earlier ones late."""
        if self._maildir is not None:
            self._files = set(_messages_in(self._maildir))
            self.subject_of_texts = b"Subject: test of %s\r\n" % rule.encode()
        elif self._messages is not None:
            self._count = len(self._messages())

    def stored(self, count: int) -> list[bytes] | None:
        """Return what was stored since; wait for a server that answers first and stores then."""
        if self._maildir is None and self._messages is None:
            return None
        deadline = time.monotonic() + (self.patience if count else self.quiet)
        while len(found := self._found()) < max(count, 1) and time.monotonic() < deadline:
            time.sleep(_POLL)
        return found

    def _found(self) -> list[bytes]:
        if self._maildir is None:
            return [] if self._messages is None else self._messages()[self._count :]
        files = [path for path in _messages_in(self._maildir) if path not in self._files]
        files.sort(key=lambda path: (path.stat().st_mtime_ns, path.name))
        subject = re.compile(re.escape(self.subject_of_texts.rstrip()) + rb"(\r?\n|\Z)", re.IGNORECASE)
        texts = [path.read_bytes() for path in files]
        return [subject.sub(SUBJECT.rstrip() + rb"\1", text, count=1) for text in texts if subject.search(text)]


def may_be_maildir(folder: Path) -> bool:
    """Return True if a folder is a Maildir, has Maildirs in it, or is empty: a server may make them for its mail."""
    below = [*folder.glob("*"), *folder.glob("*/*")]
    return folder.is_dir() and (not below or any(each.name == "new" and each.is_dir() for each in (folder, *below)))


def _messages_in(folder: Path) -> list[Path]:
    """Return the messages in a Maildir, or in all Maildirs below a folder."""
    depths = ("*", "*/*", "*/*/*")
    return [path for depth in depths for path in folder.glob(depth) if path.parent.name in _FOLDERS and path.is_file()]
