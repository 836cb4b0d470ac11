"""A session that a probe holds with the server under test: what it sends, what comes, and what it expects."""

from __future__ import annotations

from collections.abc import Callable

from .. import sentences
from .server_peer import PeerConnection, ServerPeer
from .wire_reply import WireReplies, WireReply

_PARTIAL_AGAIN = 0.05  # seconds that half a line waits for its end, from a server that has sent such replies before
_LINGER = 5  # times longer than the silence that it waits for is how long a session lingers at most
_PAUSE = 0.002  # seconds between two pieces
_MOST = 1_000_000  # octets that are read after one line; a server that sends more has lost its way
_REFUSALS = {"503": sentences.OTHER_THAN_503, "501": sentences.OTHER_THAN_501}
QUIT = b"QUIT\r\n"
SUBJECT = b"Subject: test\r\n"  # of all texts


class ProbeFailure(Exception):
    """The server broke the rule.

    Args:
        expected: what a right server does.
        sent, came: the octets to show; by default the last ones of the session.
        note: what happened besides.
        look: what to look at, if the rule's own sentence does not fit.
    """

    def __init__(
        self, expected: str, *, sent: bytes | None = None, came: bytes | None = None, note: str = "", look: str = ""
    ) -> None:
        super().__init__(expected)
        self.expected = expected
        self.sent = sent
        self.came = came
        self.note = note
        self.look = look


class NoGround(Exception):
    """The rule cannot be judged; the argument says why."""


class ProbeSession:
    """A session with the server under test.

    Args:
        peer: the server, for its patience.
        connection: an open connection to it.
        subject: takes the place of `SUBJECT` in what is sent; empty to leave it.
        farewell: returns the code with which this server answers QUIT, right or wrong; empty if it does not.

    Attributes:
        sent: the octets that were sent last.
        came: the octets that came since.
        closed: True once the server has closed the connection, or has crashed.
        has_spoken: True once anything has come.
        last_code: the code of the last reply that was read; empty before the first one.
        is_mute: True if the server said nothing when the first reply, the greeting, was due, and did not close.
    """

    def __init__(
        self, peer: ServerPeer, connection: PeerConnection, subject: bytes, farewell: Callable[[], str]
    ) -> None:
        self._peer = peer
        self._subject = subject
        self._farewell = farewell
        self._connection = connection
        self._replies = WireReplies()
        self._waited = 0.0  # seconds for the last reply
        self.has_spoken = False
        self.sent = b""
        self.came = b""
        self.closed = False
        self.last_code = ""
        self.is_mute = False

    @property
    def crash(self) -> str:
        """The last line of the program's error; empty if it is not known to have crashed."""
        return self._connection.crash

    def send(self, octets: bytes, *, goes_on: bool = False) -> None:
        """Send octets in one piece.

        Args:
            octets: what to send.
            goes_on: True if they belong to what was sent last, so that a report shows both.
        """
        octets = octets.replace(SUBJECT, self._subject or SUBJECT)
        if not goes_on:
            self.sent, self.came = b"", self._replies.unread
        self.sent += octets
        self._connection.send(octets)

    def send_in_pieces(self, octets: bytes, size: int = 1) -> None:
        """Send octets in pieces of `size`, as new ones."""
        octets = octets.replace(SUBJECT, self._subject or SUBJECT)
        self.send(octets[:size])
        for start in range(size, len(octets), size):
            self.pause()
            self.send(octets[start : start + size], goes_on=True)

    def pause(self) -> None:
        """Wait a moment between two pieces, so that a server whose reads are quick gets them one by one."""
        if not self.closed:
            self._read(min(_PAUSE, self._peer.quiet))

    def next_reply(self) -> WireReply | None:
        """Return the next reply; None if the server says nothing in time, or has closed."""
        self._waited = self._peer.patience
        deadline = self._peer.clock() + self._waited
        while (reply := self._replies.next_reply(final=self.closed)) is None:
            if self.closed or not self._read(max(deadline - self._peer.clock(), 0.0)):
                reply = self._half_a_line()
                break
        self.is_mute = reply is None and not self.has_spoken and not self.closed
        self.last_code = reply.code if reply else self.last_code
        return None if self._is_too_much else reply

    @property
    def _is_too_much(self) -> bool:
        return len(self.came) > _MOST

    def _half_a_line(self) -> WireReply | None:
        """Return what came without a line end as a reply; from now on, its end is not waited for so long."""
        reply = self._replies.next_reply(final=True)
        if reply is not None:
            self._peer.partial = _PARTIAL_AGAIN
        elif not self.closed:
            self._peer.note_silence()
        return reply

    def _read(self, seconds: float) -> bool:
        """Take what comes; return False if nothing does."""
        if self._replies.rest:
            seconds = min(seconds, self._peer.partial)
        octets = self._connection.receive(seconds)
        if octets is None:
            return False
        self.closed = self.closed or not octets
        self.has_spoken = self.has_spoken or bool(octets)
        self.came += octets
        self._replies.feed(octets)
        if self._is_too_much:
            self.vanish()
        return True

    def linger(self, seconds: float) -> None:
        """Take what comes until nothing comes for some seconds, within bounds; in memory, no time passes."""
        deadline = self._peer.clock() + _LINGER * seconds
        while not self.closed and self._peer.clock() <= deadline and self._read(seconds):
            pass

    def reply_at_hand(self) -> WireReply | None:
        """Return the next reply that has come already; None if there is none."""
        return self._replies.next_reply(final=True)

    def reply(self, expected: str) -> WireReply:
        """Return the next reply.

        Raises:
            ProbeFailure: if there is none; `expected` says what it should be.
        """
        reply = self.next_reply()
        if reply is None:
            raise ProbeFailure(expected, note=self.what_happened())
        return reply

    def what_happened(self) -> str:
        """Return why no reply comes: a crash, a closed connection, or silence."""
        if self.crash:
            return self.crash
        if self._is_too_much:
            return sentences.TOO_MUCH
        if self.closed:
            return sentences.CLOSED
        if self._waited:
            return sentences.SILENCE_FOR.format(seconds=f"{self._waited:g}")
        return sentences.SILENCE

    def expect(self, *codes: str) -> WireReply:
        """Return the next reply, which must have one of the codes; ``5yz`` stands for each that begins with 5.

        Raises:
            ProbeFailure: if it has not, or there is none.
        """
        expected = one_of(codes)
        reply = self.reply(expected)
        if not reply.is_one_of(codes):
            raise ProbeFailure(expected, look=_look_at_code(reply, codes))
        return reply

    def ask(self, octets: bytes, *codes: str) -> WireReply:
        """Forget what came, send octets in one piece, and return the reply, as `expect` does."""
        self.drain()
        self.send(octets)
        return self.expect(*codes)

    def expect_each(self, *expected: tuple[str, ...]) -> list[WireReply]:
        """Return as many replies as there are arguments; each argument has the codes that its reply may have.

        Raises:
            ProbeFailure: if a reply has another code, or is missing.
            NoGround: if replies have no line ends, so that nobody can tell where one ends.
        """
        told = ", then ".join(map(one_of, expected))
        replies = []
        for codes in expected:
            replies.append(self.reply(told))
            if not replies[-1].octets.endswith(b"\n"):
                raise NoGround(sentences.NO_LINE_ENDS)
            if not replies[-1].is_one_of(codes):
                raise ProbeFailure(told)
        return replies

    def drain(self) -> bytes:
        """Return the octets that have come unasked, and forget them."""
        while not self.closed and self._read(0.0):
            pass
        unread, self._replies = self._replies.unread, WireReplies()
        return unread

    def expect_silence(self, expected: str) -> None:
        """Wait a little.

        Raises:
            ProbeFailure: if anything comes, or the program crashes.
        """
        self.linger(self._peer.quiet)
        if self._replies.unread or self.crash:
            raise ProbeFailure(expected, note=self.crash)

    def expect_close(self, expected: str) -> None:
        """Wait until the server closes the connection.

        Raises:
            ProbeFailure: if it does not; the error of a crash is told, because a crash is not a way to close.
            NoGround: if it cannot be seen.
        """
        if not self._peer.tells_of_closing:
            raise NoGround(sentences.CLOSING_UNSEEN)
        self.linger(self._peer.patience)
        if not self.closed or self.crash:
            raise ProbeFailure(expected, note=self.crash or sentences.STILL_OPEN)

    def quit(self, expected: str = "") -> None:
        """Send QUIT, and take its reply as the next one; so a reply too many, or too few, before it is noticed.

        Args:
            expected: what a right server does; by default that it answers QUIT.

        Raises:
            ProbeFailure: if the next reply is another one.
            NoGround: if this server does not answer QUIT.
        """
        farewell = self._farewell()
        if not farewell:
            raise NoGround(sentences.NO_FAREWELL)
        expected = expected or sentences.FAREWELL.format(code=farewell)
        self.send(QUIT, goes_on=True)
        if self.reply(expected).code != farewell or self.reply_at_hand() is not None:
            raise ProbeFailure(expected)

    def leave(self) -> None:
        """End the session politely, so that the server is ready for the next one."""
        if not self.closed and self._peer.patience:
            self._connection.send(QUIT)
            self.linger(self._peer.quiet)
        self.vanish()

    def vanish(self) -> None:
        """Close the connection without QUIT."""
        self._connection.close()
        self.closed = True


def _look_at_code(reply: WireReply, codes: tuple[str, ...]) -> str:
    """Return what to look at if a command was refused, as it should be, but with the code of another mistake."""
    meant = next((code for code in codes if code in _REFUSALS), "")
    if not (meant and reply.is_one_of(("5yz",)) and all(code.startswith("5") for code in codes)):
        return ""
    return _REFUSALS[meant].format(came=reply.code)


def one_of(codes: tuple[str, ...]) -> str:
    """Return codes as words: ``250 or 251``, or ``2yz, any code that begins with 2``."""
    digits = [code[0] for code in codes if code.endswith("yz")]
    words = [code for code in codes if not code.endswith("yz")]
    if digits:
        words.append(sentences.ANY_CODE.format(digit=" or ".join(digits)))
    return " or ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
