"""A session with its place on a network: who called whom, from which port to which, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from ..base.printed import Printed, plural
from ..transcript import Transcript


@dataclass(frozen=True, slots=True, repr=False)
class CapturedSession(Printed):
    """One SMTP connection of a capture.

    Args:
        transcript: what was said; its times count from `began`.
        client: the IP address of the host that opened the connection; to write a capture, a name will do.
        server: that of the other.
        client_port: the client's port; 0 to have one chosen when a capture is written.
        server_port: the server's port; 0 for the port that `write_capture` is told.
        began: when the connection began, in seconds since 1970.
        whole: False if the capture lacks octets before the last one that it has, or the beginning of the connection.
    """

    transcript: Transcript
    client: str
    server: str
    client_port: int = 0
    server_port: int = 0
    began: float = 0.0
    whole: bool = True

    @property
    def title(self) -> str:
        """Who called whom, and when, in one line."""
        called = f"{self.client} port {self.client_port} calls {self.server} port {self.server_port}"
        try:
            return f"{called}, {datetime.fromtimestamp(self.began, UTC):%Y-%m-%d %H:%M:%S} UTC"
        except (ValueError, OverflowError, OSError):  # the clock of the capture was wrong by thousands of years
            return f"{called}, {self.began:g} seconds after 1970"

    def __str__(self) -> str:
        return f"{self.title}:\n{self.transcript}"

    def __repr__(self) -> str:
        return f"<CapturedSession, {self.title}, {plural(len(self.transcript), 'line')}>"
