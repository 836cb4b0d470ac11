r"""Message data: dot transparency and the end of data, RFC 5321 4.5.2 and 4.1.1.4.

A message may hold a line with a single dot, and such a line ends a message. So the client puts one more dot before each
line that begins with one, and the server takes it off again: that is transparency. `StuffedMessage` does the first,
`MessageReader` the second:

>>> StuffedMessage(b"Hi\r\n.\r\nBye\r\n").octets
b'Hi\r\n..\r\nBye\r\n.\r\n'
>>> reader = MessageReader()
>>> reader.feed(b"Hi\r\n..\r\nBye\r\n.\r\nQUIT\r\n"), reader.finished
(b'Hi\r\n.\r\nBye\r\n', True)

The network cuts the octets anywhere. At the end of each piece the reader has to decide what is content already. What
may still become the end of data is held back until the next piece shows what it is:

>>> reader = MessageReader()
>>> reader.feed(b"Hi\r\n.")
b'Hi'
>>> reader.feed(b".x\r\n")
b'\r\n.x'
>>> reader.feed(b".\r\n"), reader.finished
(b'\r\n', True)

The end is CRLF.CRLF and nothing else. LF.LF, CRLF.LF, CR.CR and their like are content: whatever stands behind them is
still the same message, so no second message can be smuggled in behind a false end.
"""

import re

from . import replies, sentences
from .commands import Opening
from .replies import LocalProtocolError, RemoteProtocolError

_CRLF, _DOT_LINE, _END = b"\r\n", b"\r\n.", b"\r\n.\r\n"


class StuffedMessage:
    """A whole message as it goes on the wire: dots doubled at the start of lines, and the end of data behind it.

    It is a value of its own, so that nobody stuffs a message twice, and a client can prepare the next one while the
    server still works on the last. One message for many servers is stuffed once.

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
    # Each CRLF holds one CR and one LF. If there are more of either, the others stand alone. To count is faster than to
    # look for them with a regular expression: three passes in C over the content.
    pairs = content.count(b"\r\n")
    return content.count(b"\n") != pairs or content.count(b"\r") != pairs


def check_line_ends(content: bytes) -> None:
    """Raise `LocalProtocolError` if the content holds a bare CR or LF, which must not be sent (RFC 5321 2.3.8).

    They are not mended here, because only the author knows if a bare LF was meant as the end of a line.
    """
    if has_bare_line_end(content):
        raise LocalProtocolError(sentences.BARE_LINE_END, replies.CONTENT_REFUSED)


# RFC 5322 2.2 and 4.5: the name of a field is printable ASCII without a colon. Older mail has blanks before the colon.
# Here: no name is all digits, and no text begins with //, because a message without a header section may well begin
# with a time (12:30) or an address of the web.
_FIELD = re.compile(rb"(?![0-9]+[ \t]*:)[!-9;-~]+[ \t]*:(?!//)")


def begins_with_field(content: bytes) -> bool:
    """True if a message begins with a header field; otherwise its first line belongs to the body."""
    return _FIELD.match(content) is not None


# RFC 5321 4.5.3.1.6: a text line has at most 1000 octets, CRLF included. The dot that transparency adds does not count.
TEXT_LINE_OCTETS = 1000


def long_line(content: bytes) -> tuple[int, int] | None:
    """Return number and octets, without CRLF, of the first line that a server need not take; None if there is none.

    Servers may refuse such a line, or cut it (RFC 5321 4.5.3.1.6).
    """
    # Each step looks for the last line end within reach, so that short lines are passed over many at a time.
    start, rest = 0, len(content)
    while rest - start > TEXT_LINE_OCTETS - 2:
        end = content.rfind(b"\n", start, start + TEXT_LINE_OCTETS)
        if end < 0:
            end = content.find(b"\n", start)
            line = content[start:] if end < 0 else content[start:end]
            return content.count(b"\n", 0, start) + 1, len(line.removesuffix(b"\r"))
        start = end + 1
    return None


# The states of the search for the end of data: how much of CRLF.CRLF has been seen. Each state is written as the octets
# that it holds back, because the next octet decides what they are:
#
#   state       holds back    the next octet        leads to      what was held back
#   IN_LINE                   CR                    CR
#                             any other             IN_LINE
#   CR          CR            LF                    LINE_START    is still held back
#                             any other             as IN_LINE    is content
#   LINE_START  CRLF          a dot                 DOT           is still held back
#                             any other             as IN_LINE    is content
#   DOT         CRLF.         CR                    DOT_CR        is still held back
#                             any other             as IN_LINE    is content without the dot (RFC 5321 4.5.2)
#   DOT_CR      CRLF.CR       LF                    the end       CRLF is content; the rest has done its work
#                             any other             as IN_LINE    is content without the dot
#
# The reader does not go through this table octet by octet, because loops over octets are slow in Python. It searches
# each piece for the whole of CRLF.CRLF, and needs the state only where two pieces meet.
IN_LINE, CR, LINE_START, DOT, DOT_CR = (_END[:seen] for seen in range(5))


def _state_after(octets: bytes) -> bytes:
    """Return the state of the search after `octets`, which do not hold the end of data.

    The states are the beginnings of CRLF.CRLF, so the state is the longest of them with which the octets end. What came
    before does not matter.
    """
    for state in (DOT_CR, DOT, LINE_START, CR):  # the longest first: DOT_CR ends in CR, too
        if octets.endswith(state):
            return state
    return IN_LINE


class MessageReader:
    """Turns message data, cut anywhere, into content until the end of data, and notes why it must be refused.

    It holds back four octets at most, so a message of any size passes through it in little memory. It judges the
    message (`fault`) only for a server that refuses at the end, because SMTP has no reply before the dot.

    Args:
        transaction: what opened the transaction; it says if octets above 127 may come.
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

        What stands behind the end of data is not looked at, however much it is. Take `taken` octets off the front of
        `data` afterwards; what is left is not part of the message.
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
        # The CRLF of the DATA line, with which the search began, is not content.
        begin = len(_CRLF) if self._at_start else 0
        self._at_start = self._at_start and not certain
        return octets[begin:certain]

    def fault(self) -> RemoteProtocolError | None:
        """Say why the whole message cannot be taken; the answer does not depend on how the network cut it."""
        # RFC 1870 6.3: 552 for a message beyond the limit, whatever MAIL declared. This comes first: of such a message
        # only the beginning has been kept.
        if 0 < self._limit < self.octets:
            return RemoteProtocolError(sentences.MESSAGE_TOO_BIG.format(limit=self._limit), replies.MESSAGE_TOO_BIG)
        # RFC 5321 2.3.8: if we passed a bare LF on, the next host might take it for the end of a line, and so see an
        # end of data that we did not see.
        if self._has_bare_line_end:
            return RemoteProtocolError(sentences.BARE_LINE_END, replies.CONTENT_REFUSED)
        # RFC 5322 3.5: NUL stands in no message; many programs would take it for the end of the text.
        if self._has_nul:
            return RemoteProtocolError(sentences.NUL_IN_CONTENT, replies.CONTENT_REFUSED)
        # RFC 6152 3: octets above 127 only if MAIL announced them, because the next hop may take ASCII alone.
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
    # First the place where two pieces meet. What is held back is a beginning of CRLF.CRLF, so four octets behind it are
    # enough to see the end of data here; and if the end does not begin with the first octet held back, it does not
    # begin in any of them.
    seam = held + data[: len(_END) - 1]
    if seam.startswith(_END):
        # All that comes before the end is content already, so there is no dot to drop either.
        return False, len(_END) - len(held)
    stuffed_at_seam = _DOT_LINE in seam
    # Then the piece itself.
    first_dot = data.find(_DOT_LINE)
    if first_dot < 0:
        return stuffed_at_seam, -1
    end = data.find(_END, first_dot)
    if end < 0:
        return True, -1
    # If the first line that begins with a dot is the end of data itself, there is no dot to drop.
    return stuffed_at_seam or first_dot < end, end + len(_END)
