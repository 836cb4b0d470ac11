"""The client's end of a session: what it sends and hears is written down, and it can stand again where it stood."""

from collections import deque

import pytest

from smtplab import ConnectionLost, SessionClosed, Silence
from smtplab.lab.client_end import ClientEnd
from smtplab.transcript import Side


class Scripted:
    """A stream whose other end says what it was told, piece by piece, and then nothing more."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = deque(pieces)
        self.sent = b""

    def send(self, data: bytes, seconds: float) -> None:
        self.sent += data

    def receive(self, seconds: float) -> bytes:
        if not self.pieces:
            raise TimeoutError
        return self.pieces.popleft()

    def arrived(self) -> bytes | None:
        return None

    def take_names(self) -> tuple[str, ...]:
        return ()

    def close(self) -> None:
        self.pieces.clear()


def greeted(*pieces: bytes) -> ClientEnd:
    """Return an end that has heard the greeting."""
    end = ClientEnd(Scripted(b"220 x\r\n", *pieces), 0, None, None, "")
    end.await_server()
    return end


def test_a_reply_is_heard_to_its_end_however_it_is_cut() -> None:
    end = greeted(b"250-o", b"ne\r\n25", b"0 two\r\n", b"421 late\r\n")
    reply = end.say(b"NOOP\r\n")
    assert reply is not None
    assert (reply.code, reply.lines) == (250, ("one", "two"))
    assert end.transcript.lines(Side.CLIENT) == (b"NOOP\r\n",)


def test_what_is_due_and_does_not_come_is_silence_and_the_end_stays_open() -> None:
    end = greeted()
    with pytest.raises(Silence):
        end.say(b"NOOP\r\n")
    assert end.closed == ""


def test_an_end_amid_a_line_knows_it() -> None:
    end = greeted()
    with pytest.raises(Silence, match="waits"):
        end.say(b"NOO")
    assert end.mid_line


def test_a_server_that_goes_away_amid_a_reply_is_lost_and_nothing_more_can_be_sent() -> None:
    end = greeted(b"250-one\r\n", b"")
    with pytest.raises(ConnectionLost):
        end.say(b"NOOP\r\n")
    assert end.closed
    with pytest.raises(SessionClosed):
        end.say(b"QUIT\r\n")


def test_times_are_counted_from_where_the_session_began() -> None:
    ticks = iter([100.0, 100.5, 101.0, 103.0])
    end = ClientEnd(Scripted(b"220 x\r\n", b"250 ok\r\n"), 0, lambda: next(ticks), None, "")
    end.await_server()
    end.say(b"NOOP\r\n")
    assert [row.time for row in end.transcript] == [0.5, 1.0, 3.0]


def test_it_stands_again_where_it_stood_and_the_old_transcript_stays() -> None:
    end = greeted(b"250 ok\r\n", b"221 bye\r\n", b"")
    before = end.snapshot()
    end.say(b"NOOP\r\n")
    end.say(b"QUIT\r\n")
    held = end.transcript
    rows = len(held)
    end.restore(before)
    assert (end.closed, end.mid_line) == ("", False)
    assert list(end.transcript) == held[:1]
    assert len(held) == rows


class Interrupted(Scripted):
    """A stream on which a person presses Ctrl-C once, when the octets have gone out."""

    interrupts = 1

    def send(self, data: bytes, seconds: float) -> None:
        super().send(data, seconds)
        if self.interrupts:
            self.interrupts -= 1
            raise KeyboardInterrupt


def test_what_went_out_when_a_person_interrupted_is_in_the_transcript_and_has_its_reply() -> None:
    end = ClientEnd(Interrupted(b"220 x\r\n", b"250 first\r\n", b"250 second\r\n"), 0, None, None, "")
    end.await_server()
    with pytest.raises(KeyboardInterrupt):
        end.say(b"NOOP\r\n")
    assert end.transcript.awaited == "NOOP"
    end.look()
    assert [each.reply.code for each in end.transcript.commands()] == [250]
    reply = end.say(b"RSET\r\n")
    assert reply is not None
    assert reply.lines == ("second",)
