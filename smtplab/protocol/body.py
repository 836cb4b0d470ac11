"""Message data: dot transparency and the end of data, RFC 5321 4.5.2 and 4.1.1.4.

A message may hold a line with a single dot, and such a line ends a message. So the client puts one more dot before each
line that begins with one, and the server takes it off again: that is transparency. ``StuffedMessage`` does the first,
``MessageReader`` the second.

The end is CRLF.CRLF and nothing else. LF.LF, CRLF.LF, CR.CR and their like are content: whatever stands behind them is
still the same message, so no second message can be smuggled in behind a false end.
"""

from . import replies, sentences
from .commands import Opening
from .replies import LocalProtocolError, RemoteProtocolError

_CRLF, _DOT_LINE, _END = b"\r\n", b"\r\n.", b"\r\n.\r\n"


class StuffedMessage:
    """A whole message as it goes on the wire: dots doubled at the start of lines, and the end of data behind it.

    It is a value of its own, so that nobody stuffs a message twice, and a client can prepare the next one while the
    server still works on the last.

    Args:
        content: the message, lines ended by CRLF; a last line without CRLF gets one.

    Attributes:
        octets: what goes on the wire.

    Raises:
        LocalProtocolError: as `check_line_ends` does.
    """

    __slots__ = ("octets",)

    def __init__(self, content: bytes) -> None:
        check_line_ends(content)
        # RFC 5321 4.1.1.4: the CRLF of the last line is the first CRLF of the end of data. An empty message has no last
        # line; the CRLF of the DATA line does for it.
        end = b".\r\n" if not content or content.endswith(b"\r\n") else _END
        # RFC 5321 4.5.2: one more dot for each line that begins with one. No CRLF stands before the first line.
        self.octets = (b"." if content.startswith(b".") else b"") + content.replace(b"\r\n.", b"\r\n..") + end


def has_bare_line_end(content: bytes) -> bool:
    """True if a CR or an LF stands alone anywhere in the content."""
    pairs = content.count(b"\r\n")
    return content.count(b"\n") != pairs or content.count(b"\r") != pairs


def check_line_ends(content: bytes) -> None:
    """Raise `LocalProtocolError` if the content holds a bare CR or LF, which must not be sent (RFC 5321 2.3.8)."""
    if has_bare_line_end(content):
        raise LocalProtocolError(sentences.BARE_LINE_END)


# The states of the search for the end of data: how much of CRLF.CRLF has been seen. Each state is written as the octets
# that it holds back, because the next octet decides what they are:
# - CR: it may become the end of a line.
# - LINE_START: if a dot follows, see DOT; if not, the CRLF is content.
# - DOT, DOT_CR: they may become the end of data. If they do not, only the dot is dropped (RFC 5321 4.5.2).
IN_LINE, CR, LINE_START, DOT, DOT_CR = (_END[:seen] for seen in range(5))


def _state_after(octets: bytes) -> bytes:
    """Return the state of the search after `octets`, which do not hold the end of data."""
    for state in (DOT_CR, DOT, LINE_START, CR):  # the longest first: DOT_CR ends in CR, too
        if octets.endswith(state):
            return state
    return IN_LINE


class MessageReader:
    """Turns message data, cut anywhere, into content until the end of data, and notes why it must be refused.

    Here is a message that arrives in two pieces, with a command behind it::

        > feed(b"Hi\\r\\n..x\\r\\n.") -> b"Hi\\r\\n.x"    the last CRLF and dot are held back: they may be the end
        > feed(b"\\r\\nNOOP") -> b"\\r\\n"               they were; finished, and 2 octets are taken

    Args:
        transaction: what opened the transaction; it says whether octets above 127 may come.
        limit: how many octets the content may have; 0 for any number.
        strict: refuse bare line ends, NUL, and octets above 127 that were not announced.

    Attributes:
        finished: True once CRLF.CRLF has been seen.
        taken: how many octets of the last piece belong to the message; those behind its end begin the next command.
        octets: how many the content has so far, those beyond the limit included.
    """

    __slots__ = (
        "_at_start", "_has_bare_line_end", "_has_eight_bit", "_has_nul", "_held", "_limit", "_strict", "_transaction",
        "finished", "octets", "taken",
    )  # fmt: skip

    def __init__(self, transaction: Opening | None = None, limit: int = 0, *, strict: bool = False) -> None:
        self._transaction = transaction
        self._limit = limit
        self._strict = strict
        self._has_bare_line_end = self._has_eight_bit = self._has_nul = False
        # RFC 5321 4.1.1.4: ".CRLF" right behind the DATA line ends an empty message. So the search begins as if the
        # CRLF of the DATA line had come first. Where the content begins, that CRLF is taken off again.
        self._held = LINE_START
        self._at_start = True
        self.finished = False
        self.octets = self.taken = 0

    def feed(self, data: bytes | bytearray) -> bytes:
        """Take octets from the wire and return the content that is certain now and within the limit.

        What stands behind the end of data is not looked at, however much it is.
        """
        content = self._content(data)
        self.octets += len(content)
        # RFC 5321 2.3.8, RFC 6152 3, RFC 5322 3.5. Content that is certain never ends between a CR and its LF, so each
        # piece can be judged alone.
        if self._strict:
            self._has_bare_line_end = self._has_bare_line_end or has_bare_line_end(content)
            self._has_eight_bit = self._has_eight_bit or not content.isascii()
            self._has_nul = self._has_nul or b"\0" in content
        # RFC 1870 6.3: beyond the limit nothing is kept, but all is read and counted, up to the dot.
        excess = self.octets - self._limit if self._limit else 0
        return content[:-excess] if excess > 0 else content

    def _content(self, data: bytes | bytearray) -> bytes:
        """Return the content that is certain now, with transparency undone, and move the search on."""
        held = self._held
        has_stuffed_dots, end = _search(held, data)
        self.finished = end >= 0
        self.taken = end if self.finished else len(data)
        octets = held + data[: self.taken]
        if self.finished:
            # RFC 5321 4.1.1.4: the first CRLF of the end also ends the last line, so it is content.
            certain = len(octets) - len(b".\r\n")
        else:
            self._held = _state_after(octets)
            certain = len(octets) - len(self._held)
        if has_stuffed_dots:
            # RFC 5321 4.5.2: a dot at the start of a line is dropped, for the client put it there.
            octets = octets[:certain].replace(_DOT_LINE, _CRLF)
            certain = len(octets)
        begin = len(_CRLF) if self._at_start else 0
        self._at_start = self._at_start and not certain
        return octets[begin:certain]

    def fault(self) -> RemoteProtocolError | None:
        """Say why the whole message cannot be taken; the answer does not depend on how the network cut it."""
        if 0 < self._limit < self.octets:
            return RemoteProtocolError(sentences.MESSAGE_TOO_BIG.format(limit=self._limit), replies.MESSAGE_TOO_BIG)
        if self._has_bare_line_end:
            return RemoteProtocolError(sentences.BARE_LINE_END, replies.CONTENT_REFUSED)
        if self._has_nul:
            return RemoteProtocolError(sentences.NUL_IN_CONTENT, replies.CONTENT_REFUSED)
        if self._has_eight_bit and not (self._transaction and self._transaction.announces_eight_bit):
            return RemoteProtocolError(sentences.EIGHT_BIT_CONTENT, replies.CONTENT_REFUSED)
        return None


def _search(held: bytes, data: bytes | bytearray) -> tuple[bool, int]:
    """Look for stuffed dots and for the end of data.

    Both begin with CRLF and a dot, and most pieces of a message hold neither. So one search for these three octets does
    for most pieces. `find` runs in C, and copies nothing: behind the end, `data` may hold many more messages.

    Args:
        held: the state of the search, and so the octets before `data`.
        data: those behind them.

    Returns:
        True if there may be a dot to drop; and how many octets of `data` belong to the message, its end included, or -1
        if the end is not there.
    """
    # What began in the octets held back. They are the beginning of the end of data, so that is here or not at all.
    seam = held + data[: len(_END) - 1]
    if seam.startswith(_END):
        return False, len(_END) - len(held)
    stuffed_at_seam = _DOT_LINE in seam
    first_dot = data.find(_DOT_LINE)
    if first_dot < 0:
        return stuffed_at_seam, -1
    end = data.find(_END, first_dot)
    if end < 0:
        return True, -1
    # If the first line that begins with a dot is the end of data itself, there is no dot to drop.
    return stuffed_at_seam or first_dot < end, end + len(_END)
