"""Octets as the network cuts them, octets that are no end of data, and octets that count how often they are read."""

import itertools

from hypothesis import strategies as st

from smtplab.protocol.buffer import ReceiveBuffer

END = b"\r\n.\r\n"
FALSE_ENDS = [
    b"\n.\n",
    b"\n.\r\n",
    b"\r\n.\n",
    b"\r.\r",
    b"\r.\r\n",
    b"\r\n.\r",
    b"\r.\n",
    b"\n.\r",
    b"\n\r.\n\r",
    b"\r\r.\r\r",
    b"\r\n.\r\r\n",
    b"\r\n.\0\r\n",
    b"\r\n\0.\r\n",
    b"\r\0\n.\r\n",
    b"\r\n.\r\0\n",
    b"\0.\0",
    b"\0\n.\0\n",
    b"\r\n..\r\n",
    b"\r\n. \r\n",
    b"\r\n .\r\n",
]


@st.composite
def cuts(draw, octets):
    """The octets in pieces, cut anywhere."""
    places = sorted(draw(st.sets(st.integers(1, max(len(octets) - 1, 1)), max_size=8)))
    return in_pieces(octets, places)


def in_pieces(octets, places):
    ends = [0, *places, len(octets)]
    return [piece for start, end in itertools.pairwise(ends) if (piece := octets[start:end])]


def byte_by_byte(octets):
    return [octets[i : i + 1] for i in range(len(octets))]


def unstuffed(octets):
    """Undo transparency in the most obvious way: RFC 5321 4.5.2, line by line."""
    return b"\r\n".join(line[1:] if line.startswith(b".") else line for line in octets.split(b"\r\n"))


class Watched(ReceiveBuffer):
    """Octets that count how often they are looked at and copied."""

    work = 0

    def find(self, what, start=0):
        found = super().find(what, start)
        self.work += (len(self) if found < 0 else found) - start + len(what)
        return found

    def rfind(self, what, start=0):
        found = super().rfind(what, start)
        self.work += len(self) - (start if found < 0 else found)
        return found

    def __getitem__(self, place):
        copied = super().__getitem__(place)
        self.work += len(copied)
        return copied
