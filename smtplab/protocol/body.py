"""Message data: dot transparency and the end of data, RFC 5321 4.5.2 and 4.1.1.4.

The end is CRLF.CRLF and nothing else. LF.LF, CRLF.LF, CR.CR and their like are content: whatever stands behind them is
still the same message, so no second message can be smuggled in behind a false end.
"""

from . import replies
from .commands import Opening
from .errors import LocalProtocolError, RemoteProtocolError

_END = b"\r\n.\r\n"
_BARE_LINE_END = "the message holds a bare CR or LF; every line ends in CRLF (RFC 5321 2.3.8)"


class StuffedMessage:
    """A whole message as it goes on the wire: dots doubled at the start of lines, and the end of data behind it.

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
        end = b".\r\n" if not content or content.endswith(b"\r\n") else _END
        self.octets = (b"." if content.startswith(b".") else b"") + content.replace(b"\r\n.", b"\r\n..") + end


def has_bare_line_end(content: bytes) -> bool:
    """Say whether a CR or an LF stands alone anywhere in the content."""
    pairs = content.count(b"\r\n")
    return content.count(b"\n") != pairs or content.count(b"\r") != pairs


def check_line_ends(content: bytes) -> None:
    """Raise `LocalProtocolError` if the content holds a bare CR or LF, which must not be sent (RFC 5321 2.3.8)."""
    if has_bare_line_end(content):
        raise LocalProtocolError(_BARE_LINE_END)


class MessageReader:
    """Turns message data, cut anywhere, into content until the end of data, and notes what forbids to take it.

    Args:
        transaction: what opened the transaction; it says whether octets above 127 may come.
        limit: how many octets the content may have; 0 for any number.
        strict: refuse bare line ends, and octets above 127 that were not announced.

    Attributes:
        finished: True once CRLF.CRLF has been seen.
        taken: how many octets of the last piece belong to the message; those behind its end begin the next command.
        octets: how many the content has so far, those beyond the limit included.
    """

    __slots__ = (
        "_has_bare_line_end", "_has_eight_bit", "_held", "_limit", "_started", "_strict", "_transaction",
        "finished", "octets", "taken",
    )  # fmt: skip

    def __init__(self, transaction: Opening | None = None, limit: int = 0, *, strict: bool = False) -> None:
        self._transaction = transaction
        self._limit = limit
        self._strict = strict
        self._has_bare_line_end = self._has_eight_bit = False
        # The 354 ended in CRLF, and the data begins as if it stood behind that CRLF: ".CRLF" ends an empty message.
        self._held = b"\r\n"
        self._started = self.finished = False
        self.octets = self.taken = 0

    def feed(self, data: bytes | bytearray) -> bytes:
        """Take octets from the wire and return the content that is certain now and within the limit.

        What stands behind the end of data is not looked at, however much it is.
        """
        content = self._certain(data)
        self.octets += len(content)
        if self._strict:  # what is certain never ends between a CR and its LF, so each piece can be judged alone
            self._has_bare_line_end = self._has_bare_line_end or has_bare_line_end(content)
            self._has_eight_bit = self._has_eight_bit or not content.isascii()
        excess = self.octets - self._limit if self._limit else 0
        return content[:-excess] if excess > 0 else content

    def _certain(self, data: bytes | bytearray) -> bytes:
        """Return the content that is certain now, with transparency undone."""
        held = self._held
        seam = held + data[: len(_END) - 1]
        end, has_dots = seam.find(_END), False
        if end < 0:
            if (dot := data.find(b"\r\n.")) >= 0:
                end = data.find(_END, dot)
            has_dots = dot != end or b"\r\n." in seam
            end = end if end < 0 else len(held) + end
        self.finished = end >= 0
        self.taken = end + len(_END) - len(held) if self.finished else len(data)
        content = held + data[: self.taken]
        certain = len(content) - (len(_END) - 2 if self.finished else _unfinished_end(content))
        self._held = content[certain:]
        if has_dots:
            content = content[:certain].replace(b"\r\n.", b"\r\n")
        begin, self._started = 0 if self._started else 2, self._started or certain >= 2
        return content[begin:] if has_dots else content[begin:certain]

    def fault(self) -> RemoteProtocolError | None:
        """Say why the whole message cannot be taken; the answer does not depend on how the network cut it."""
        if 0 < self._limit < self.octets:
            return RemoteProtocolError(
                f"the message exceeds the limit of {self._limit} octets (RFC 1870 6.3)", replies.MESSAGE_TOO_BIG
            )
        if self._has_bare_line_end:
            return RemoteProtocolError(_BARE_LINE_END, replies.CONTENT_REFUSED)
        if self._has_eight_bit and not (self._transaction and self._transaction.announces_eight_bit):
            return RemoteProtocolError(
                "the message holds octets above 127 without BODY=8BITMIME (RFC 6152 3)", replies.CONTENT_REFUSED
            )
        return None


def _unfinished_end(data: bytes) -> int:
    """Return how many of the last octets may be the beginning of the end of data."""
    return next((size for size in (4, 3, 2, 1) if data.endswith(_END[:size])), 0)
