r"""Collect octets as the network cuts them, and return lines, in bounded memory and linear time.

TCP carries a stream of octets, not lines: what was sent as one line may arrive in pieces, and several lines may arrive
in one piece. So octets are collected until a line has its end:

>>> buffer = ReceiveBuffer()
>>> buffer += b"HELO me\r"
>>> buffer.next_line(512) is None
True
>>> buffer += b"\nQUIT\r\nNO"
>>> buffer.next_line(512), buffer.next_line(512), buffer.next_line(512)
(b'HELO me', b'QUIT', None)
>>> buffer
ReceiveBuffer(b'NO')

Only CRLF ends a line (RFC 5321 2.3.8). A bare CR or a bare LF is an octet of the line like any other. If one host took
an LF for the end of a line and the next host did not, the two would see different commands in the same octets.

In bounded memory: a peer may send a line that never ends. In linear time: a peer may send a line octet by octet, and it
must not cost us more to search it than it costs the peer to send it.
"""

from . import replies, sentences
from .replies import RemoteProtocolError


class ReceiveBuffer(bytearray):
    """What has arrived and has not been read yet; `+=` takes octets from the network.

    It is a bytearray, and does not hold one, because taking octets off its front is cheap (CPython only moves a
    pointer), and a reader of messages can search it without a copy. A list of pieces, or bytes, would have to be joined
    again for each piece that arrives.

    Attributes:
        ended: True once the peer has closed its side, so that nothing will come behind these octets.
    """

    __slots__ = ("_dropped", "_searched", "ended")

    def __init__(self, data: bytes = b"") -> None:
        super().__init__(data)
        self.ended = False
        self._searched = 0  # no CRLF begins before this index
        self._dropped = 0  # octets of the current line that were dropped because it is too long

    def next_line(self, limit: int) -> bytes | None:
        """Return the next line without its CRLF, or None if it is not complete yet.

        Args:
            limit: the most octets a line may have, CRLF included.

        Raises:
            RemoteProtocolError: with 500 for a longer line, raised when its end has arrived, so that the session stays
                in step; until then its octets are counted and dropped (RFC 5321 4.5.3.1.4).
        """
        if not self:
            return None
        # RFC 5321 2.3.8: CRLF ends a line. Each octet is searched once: a peer that sends one octet at a time must not
        # make us look at all of them again.
        end = self.find(b"\r\n", self._searched)
        if end < 0:
            # The last octet is searched again, with the one that follows: it may be a CR that waits for its LF.
            self._searched = len(self) - 1
            # RFC 5321 4.5.3.1.4: a line that is too long gets 500, but only when its end has come: a reply amid the
            # line would be taken for the reply to the command before. Until then, what is too long to be of use takes
            # no memory. The last octet stays, for it may be that CR.
            if len(self) > limit:
                self._dropped += self._searched
                self.skip(self._searched)
            return None
        # The line is here. Whatever it is, it is taken off, so that the next call finds the next line: a line that is
        # too long is an error, and the session goes on behind it.
        length = self._dropped + end + 2
        line = bytes(self[:end])
        del self[: end + 2]
        self._searched = self._dropped = 0
        if length > limit:
            raise RemoteProtocolError(
                sentences.OVERLONG_COMMAND.format(octets=length, limit=limit),
                replies.LINE_TOO_LONG,
            )
        return line

    def complete_lines(self) -> list[bytes]:
        """Return all lines that are complete, without their CRLF, however long they are.

        For a reader that is done with lines: it takes all of them in one pass. One that may read octets behind a line,
        as a server reads a message, takes one line at a time.
        """
        end = self.rfind(b"\r\n", self._searched)
        if end < 0:
            self._searched = max(len(self) - 1, 0)
            return []
        lines = bytes(self[:end]).split(b"\r\n")
        self.skip(end + 2)
        return lines

    def pending_octets(self) -> int:
        """Return how many octets of an unfinished line have arrived, those that were dropped included.

        A server waits for the end of the line, to answer it. A client has nothing to answer, and can give up when this
        goes beyond its limit.
        """
        return self._dropped + len(self)

    def skip(self, count: int) -> None:
        """Forget the first `count` octets; they have been read, by `body.MessageReader` for example."""
        del self[:count]
        self._searched = 0
