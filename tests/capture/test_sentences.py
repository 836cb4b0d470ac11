"""Each error sentence of captures, word for word; elsewhere tests hold the kind of error and a key word."""

import io
import re
from collections.abc import Callable
from typing import NamedTuple

import pytest

from smtplab import Transcript, read_capture
from smtplab.capture import CapturedSession, sentences
from smtplab.capture.capture_writer import packets_of
from support.captures import block, enhanced, held, interface, pcap, section
from support.templates import is_made_of

SESSION = Transcript.parse("220 m\nQUIT\n221 bye\n")


def read(file: bytes) -> object:
    return read_capture(io.BytesIO(file))


def write(client: str = "c", server: str = "m", **more: float) -> object:
    return packets_of([CapturedSession(SESSION, client, server, **more)])  # type: ignore[arg-type]


def of_type(link: int) -> bytes:
    return pcap(held().packets, link)


class Said(NamedTuple):
    """The constants that make a sentence, what raises it, and how it reads."""

    names: str
    act: Callable[[], object]
    sentence: str


DAMAGED = "the file is damaged at octet {}; capture it again, or repair it with `editcap`"
ROWS = [
    Said(
        "COMPRESSED",
        lambda: read(b"\x1f\x8b\x08\0\0\0"),
        "the file is compressed with gzip; unpack it first, for example with gunzip",
    ),
    Said(
        "NO_CAPTURE",
        lambda: read(b"220 hi\r\n"),
        "the file is not a capture: it begins neither as pcap nor as pcapng does",
    ),
    Said(
        "DAMAGED NO_FILE_HEADER",
        lambda: read(pcap([])[:20]),
        DAMAGED.format("20: its file header is cut short"),
    ),
    Said(
        "DAMAGED BAD_LENGTH",
        lambda: read(pcap([]) + b"\xff" * 16),
        DAMAGED.format("40: a length of 4294967295 octets cannot be right"),
    ),
    Said(
        "DAMAGED NO_INTERFACE",
        lambda: read(section() + interface(101) + enhanced(b"", number=3)),
        DAMAGED.format("80: a packet belongs to interface 3, which the file does not describe"),
    ),
    Said(
        "UNKNOWN_LINK",
        lambda: read(of_type(127)),
        "the file was captured on a link of type 127, which smtplab cannot read; "
        "capture on Ethernet, on loopback or with `tcpdump -i any`",
    ),
    Said(
        "NO_TRANSCRIPT",
        lambda: packets_of(["220 m"]),
        "a capture is written from transcripts, sessions or conversations, not from a value of type str",
    ),
    Said(
        "NOT_A_PORT",
        lambda: write(server_port=65536),
        "65536 is not a valid port; use a number from 1 to 65535, such as 25 or 587",
    ),
    Said(
        "NOT_AN_ADDRESS",
        lambda: packets_of([SESSION], addresses={"m": "192.0.2.256"}),
        "'192.0.2.256', the address of m, is not a valid IP address",
    ),
    Said(
        "TWO_FAMILIES",
        lambda: write("192.0.2.7", "2001:db8::25"),
        "192.0.2.7 has an IPv4 address and 2001:db8::25 an IPv6 address, or the reverse; give both the same kind",
    ),
    Said(
        "NOT_A_TIME",
        lambda: write(began=-1.0),
        "a time of -1.0 seconds does not fit into a capture; the clock may run from 1970 to 2106",
    ),
    Said(
        "TOO_MANY",
        lambda: packets_of([Transcript()] * 64_513),
        "client cannot open one more connection to server port 25: all its ports are used",
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.names)
def test_an_error_says_what_is_wrong(row: Said) -> None:
    with pytest.raises((ValueError, TypeError), match=f"^{re.escape(row.sentence)}$"):
        row.act()


def test_every_sentence_has_a_row() -> None:
    rows = {name for row in ROWS for name in row.names.split()}
    assert rows == {name for name in vars(sentences) if name.isupper()}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.names)
def test_a_row_shows_the_constants_that_it_names(row: Said) -> None:
    for name in row.names.split():
        assert is_made_of(row.sentence, getattr(sentences, name))


BROKEN = {
    "a block of no length": section() + (6).to_bytes(4, "little") + bytes(8),
    "a block of an odd length": section() + (6).to_bytes(4, "little") + b"\x0d" + bytes(20),
    "a packet longer than its block": section() + interface(101) + block(6, bytes(12) + b"\xff\0\0\0" + bytes(8)),
    "a packet without a header": section() + interface(101) + block(6, bytes(8)),
    "an endless block": section() + (6).to_bytes(4, "little") + b"\xfc\xff\xff\xff" + bytes(8),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_length_that_cannot_be_right_is_damage(name: str) -> None:
    with pytest.raises(ValueError, match="a length of"):
        read(BROKEN[name])


def test_a_start_that_is_no_time_is_refused() -> None:
    with pytest.raises(ValueError, match="time"):
        write(began=float("nan"))


@pytest.mark.parametrize("magic", [b"BZh91A", b"\xfd7zXZ\0", b"(\xb5/\xfd\0\0"])
def test_a_file_that_is_compressed_in_any_way_is_refused(magic: bytes) -> None:
    with pytest.raises(ValueError, match="compressed"):
        read(magic)


@pytest.mark.parametrize("file", [b"", b"\xd4\xc3\xb2", b"\n\r\r", b"snoop\0\0\0"])
def test_what_is_too_short_or_of_another_kind_is_no_capture(file: bytes) -> None:
    with pytest.raises(ValueError, match="not a capture"):
        read(file)
