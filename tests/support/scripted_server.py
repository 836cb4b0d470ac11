"""A server that says what it is told, octet for octet and without a socket, to a `DeliverySession`.

It counts what it is asked: the connection, each line, and each message up to its lone dot. So many answers it gives,
and when it has no more it closes. How the network cuts its answers is for the caller to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from smtplab.client.session import DeliverySession
from support.octets import byte_by_byte, in_pieces

# Begins one operation of a session.
Step = Callable[[DeliverySession], object]
# Cuts octets into pieces.
Cut = Callable[[bytes], list[bytes]]


def whole(octets: bytes) -> list[bytes]:
    """Leave the octets in one piece."""
    return [octets]


def at(place: int) -> Cut:
    """Return what cuts octets in two at a place, or not at all if they end before it."""
    return lambda octets: in_pieces(octets, [place])


@dataclass
class Ending:
    """How a session went.

    Args:
        results: what each step returned; an error as its class and its sentence.
        said: what the client sent, in pieces as it was sent.
        session: the client's end.
    """

    results: list[Any] = field(default_factory=list)
    said: list[bytes] = field(default_factory=list)
    session: Any = None

    @property
    def result(self) -> Any:
        """What the last step returned."""
        return self.results[-1]

    @property
    def lines(self) -> list[bytes]:
        """The lines that the client sent."""
        return b"".join(self.said).splitlines(keepends=True)


class ScriptedServer:
    """Gives one answer after the other to a session.

    Args:
        session: the client's end.
        answers: the greeting, and the answers to what comes, each with its CRLF.
        cut: how the network cuts answers that are given in one go.
    """

    def __init__(self, session: DeliverySession, answers: tuple[bytes, ...], cut: Cut = whole) -> None:
        self.session = session
        self.said: list[bytes] = []
        self._answers = list(answers)
        self._cut = cut
        self._asked = 1  # what has not been answered: the connection itself
        self._heard = b""
        self._takes_message = False

    def finish(self) -> Any:
        """Answer until the operation has ended; return its result, or its error as its class and its sentence."""
        session = self.session
        while session.busy:
            self.listen()
            session.prepare()
            self.answer()
        self.listen()
        try:
            return session.outcome()
        except Exception as error:
            return type(error), str(error)

    def listen(self) -> bytes:
        """Take what the client says, and return it."""
        if data := self.session.data_to_send():
            self.said.append(data)
            self._heard += data
            self._asked += sum(1 for _ in self._questions())
        return data

    def answer(self) -> None:
        """Give an answer to everything that was asked; close if there are no answers left."""
        assert self._asked, "the client waits, and has asked for nothing"
        given, self._answers = self._answers[: self._asked], self._answers[self._asked :]
        self._asked -= len(given)
        self._takes_message = bool(given) and given[-1].startswith(b"354")
        for piece in self._cut(b"".join(given)):
            self.session.receive(piece)
        if self._asked:
            self.session.receive(b"")

    def _questions(self) -> Iterator[bytes]:
        """Take each line, or the message, that is complete."""
        while True:
            if self._takes_message and not self._heard.startswith(b".\r\n"):
                question, end, rest = self._heard.partition(b"\r\n.\r\n")
            else:
                question, end, rest = self._heard.partition(b"\r\n")
            if not end:
                return
            self._takes_message, self._heard = False, rest
            yield question


def play(answers: tuple[bytes, ...], *steps: Step, cut: Cut = whole, **options: Any) -> Ending:
    """Open a session with a scripted server, take the steps, and return how it went."""
    session = DeliverySession("client.example", **options)
    server = ScriptedServer(session, answers, cut)
    ending = Ending(said=server.said, session=session)
    for step in (DeliverySession.open, *steps):
        step(session)
        ending.results.append(server.finish())
    return ending


def assert_same_however_cut(answers: tuple[bytes, ...], *steps: Step, **options: Any) -> Ending:
    """Assert that a session goes the same way with its answers whole, byte by byte, and cut in two at every place."""
    expected = play(answers, *steps, **options)
    longest = sum(map(len, answers))
    for cut in (byte_by_byte, *(at(place) for place in range(1, min(longest, 120)))):
        found = play(answers, *steps, cut=cut, **options)
        assert (found.results, found.lines) == (expected.results, expected.lines)
        assert (found.session.state, found.session.closed) == (expected.session.state, expected.session.closed)
    return expected
