"""A client that is a function, tried in memory and in virtual time."""

from __future__ import annotations

from collections.abc import Callable

from ...worlds.memory_socket import EndlessWait, MemorySocket
from ...worlds.peer_script import WireLog
from ...worlds.program_end import ProgramEnd
from .played_server import PlayedServer
from .plays import RECIPIENT, SENDER, Play

SendMail = Callable[[MemorySocket, str, str, bytes], object]


class FunctionClient:
    """A function ``send_mail(sock, sender, recipient, message)`` as a client.

    It fails as a program does that ends with another exit code than 0: by an exception, or by returning False.

    Args:
        send_mail: the function. The socket is connected; the message is octets, its lines end in CRLF.
        gives_up: True if it must set a timeout by itself.
    """

    sends_parts = True

    def __init__(self, send_mail: SendMail, *, gives_up: bool = True) -> None:
        self._send_mail = send_mail
        self.gives_up = gives_up
        self.name = getattr(send_mail, "__name__", "send_mail")

    def perform(self, play: Play, server: PlayedServer) -> tuple[ProgramEnd, WireLog]:
        """Let the function send the message of a play."""
        sock = MemorySocket(server, takes=play.takes)
        try:
            result = self._send_mail(sock, SENDER, RECIPIENT, play.message)
        except EndlessWait as error:
            end = ProgramEnd(None, waits=str(error))
        except Exception as error:
            end = ProgramEnd(1, crash=f"{type(error).__name__}: {error}")
        else:
            end = ProgramEnd(1 if result is False else 0)
        sock.close()
        return end, sock.log
