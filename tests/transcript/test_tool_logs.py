"""Logs whose lines are not those of the session: Python strings, dumps, CSV, tables."""

import pytest

from smtplab.protocol.states import State
from smtplab.transcript import Side, Transcript
from support.written_session import said, wire

ONE_MESSAGE = [("EHLO", 250), ("MAIL", 250), ("RCPT", 250), ("DATA", 354), ("(message)", 250), ("QUIT", 221)]
SMTPLIB = r"""reply: b'220\r\n'
reply: retcode (220); Msg: b''
connect: b''
send: 'ehlo me\r\n'
reply: b'250-m\r\n'
reply: b'250 SIZE\r\n'
reply: retcode (250); Msg: b'm\nSIZE'
send: 'mail FROM:<a@b> size=3\r\n'
reply: b'250\r\n'
send: 'rcpt TO:<b@c>\r\n'
reply: b'250 ok\r\n'
send: 'data\r\n'
reply: b'354 go\r\n'
data: (354, b'go')
send: b"Subject: x\r\n\r\nit's\r\n250 x\r\n.\r\n"
reply: b'250 ok\r\n'
send: 'quit\r\n'
reply: b'221\r\n'
"""


@pytest.mark.parametrize(
    "prefix",
    ["", "10:11:{n:02}.123456 ", "> ", "> > ", "| ", "DEBUG:smtp:", "2024-03-04 10:11:{n:02} [7] ", "{n} ", "2{n:02} "],
)
def test_smtplib_is_read_with_any_prefix(prefix: str) -> None:
    text = "\n".join(prefix.format(n=n) + line for n, line in enumerate(SMTPLIB.splitlines()))
    transcript = Transcript.parse(text)
    assert said(transcript) == ONE_MESSAGE
    assert transcript.commands()[4].data == b"Subject: x\r\n\r\nit's\r\n250 x\r\n.\r\n"


@pytest.mark.parametrize("prefix", ["", "10:11:12.123456 ", "> "])
def test_smtplib_may_begin_after_its_greeting(prefix: str) -> None:
    lines = SMTPLIB.splitlines()[3:]
    assert said(Transcript.parse("\n".join(prefix + line for line in lines))) == ONE_MESSAGE


TRACED = [
    (Side.SERVER, b"220 lab.example SMTP service ready Mon, 30 Nov 2026 03:10:04 +0000\r\n"),
    (Side.CLIENT, b"EHLO me\r\n"),
    (Side.SERVER, b"250-lab.example\r\n"),
    (Side.SERVER, b"250 SIZE 100\r\n"),
    (Side.CLIENT, b"MAIL FROM:<a@b>\r\n"),
    (Side.SERVER, b"250 ok\r\n"),
    (Side.CLIENT, b"RCPT TO:<a@b>\r\n"),
    (Side.SERVER, b"250 ok\r\n"),
    (Side.CLIENT, b"DATA\r\n"),
    (Side.SERVER, b"354 go\r\n"),
    (Side.CLIENT, b"Subject: x\r\n\r\n250 hello\r\nQUIT\r\n.\r\n"),
    (Side.SERVER, b"250 taken\r\n"),
    (Side.CLIENT, b"QUIT\r\n"),
    (Side.SERVER, b"221 bye\r\n"),
]
ON_THE_WIRE = [(side, line + b"\r\n") for side, data in TRACED for line in data.split(b"\r\n")[:-1]]


def dumped(data: bytes, *, as_hex: bool) -> list[str]:
    """Return octets as curl dumps them."""
    if as_hex:
        pieces = [data[at : at + 16] for at in range(0, len(data), 16)]
        texts = ["".join(chr(octet) if 32 <= octet < 127 else "." for octet in piece) for piece in pieces]
        hexes = ["".join(f"{octet:02x} " for octet in piece) for piece in pieces]
        return [f"{16 * n:04x}: {one:48}{text}" for n, (one, text) in enumerate(zip(hexes, texts, strict=True))]
    lines = []
    at = 0
    for line in data.decode().split("\r\n")[:-1]:
        for begin in range(0, max(len(line), 1), 64):
            lines.append(f"{at + begin:04x}: {line[begin : begin + 64]}")
        at += len(line) + 2
    return lines


@pytest.mark.parametrize("time", ["", "03:10:04.334431 "])
@pytest.mark.parametrize("as_hex", [True, False])
def test_a_trace_of_curl_is_read(as_hex: bool, time: str) -> None:
    text = [f"{time}== Info:   Trying 127.0.0.1:25..."]
    for side, data in TRACED:
        head = "<= Recv header" if side is Side.SERVER else "=> Send data" if b"\r\n.\r\n" in data else "=> Send header"
        text += [f"{time}{head}, {len(data)} bytes ({len(data):#x})", *dumped(data, as_hex=as_hex)]
    transcript = Transcript.parse("\n".join([*text, f"{time}== Info: Closing connection"]))
    assert wire(transcript) == ON_THE_WIRE
    assert str(transcript[0]) == "= Trying 127.0.0.1:25..."


def test_the_data_that_curl_does_not_show_are_no_line_of_the_message() -> None:
    text = "< 220 x\n> EHLO me\n< 250 x\n> MAIL FROM:<a@b>\n< 250 x\n> RCPT TO:<a@b>\n< 250 x\n> DATA\n< 354 x\n"
    text += "} [32 bytes data]\n* We are completely uploaded and fine\n< 250 x"
    times = "\n".join(f"03:10:04.3342{n:02} {line}" for n, line in enumerate(text.split("\n")))
    for each in (text, times):
        assert Transcript.parse(each).commands()[-1].data == b".\r\n"


@pytest.mark.parametrize("greeting", [">", "<"])
def test_a_protocol_log_of_exchange_is_read(greeting: str) -> None:
    events = {"S": greeting, "C": "<" if greeting == ">" else ">"}
    lines = [("S", "220 a"), ("C", "EHLO x"), ("S", '"250-b, c"'), ("S", "250 SIZE"), ("C", "QUIT"), ("S", "221 z")]
    rows = [
        f"2024-03-04T10:11:12.1Z,E\\D,08D,{n},1.2.3.4:25,1.2.3.5:5,{events[s]},{x}," for n, (s, x) in enumerate(lines)
    ]
    rows.insert(1, "2024-03-04T10:11:12.1Z,E\\D,08D,9,1.2.3.4:25,1.2.3.5:5,*,SMTPSubmit,Set Session Permissions")
    transcript = Transcript.parse("\n".join(["#Software: Microsoft Exchange Server", *rows]))
    assert said(transcript) == [("EHLO", 250), ("QUIT", 221)]
    assert (Side.SERVER, b"250-b, c\r\n") in wire(transcript)


@pytest.mark.parametrize(
    "text",
    [
        "| Client | Server |\n|---|---|\n| | 220 a |\n| HELO me | 250 a |\n| QUIT | 221 bye |\n",
        "| | 220 a |\n| HELO me | 250 a |\n| QUIT | 221 bye |\n",
        "| Server | Client |\n|:--|--:|\n| 220 a | HELO me |\n| 250 a | QUIT |\n| 221 bye | |\n",
        "|1| | 220 a |\n|2| HELO me | 250 a |\n|3| QUIT | 221 bye |\n",
        "\t220 a\nHELO me\t250 a\nQUIT\t221 bye\n",
        "| server | 220 a |\n| client | HELO me |\n| server | 250 a |\n| client | QUIT |\n| server | 221 bye |\n",
        "| who | line |\n|--|--|\n| S | 220 a |\n| C | HELO me |\n| S | 250 a |\n| C | QUIT |\n| S | 221 bye |\n",
    ],
)
def test_a_table_is_read_by_its_columns(text: str) -> None:
    transcript = Transcript.parse(text)
    assert wire(transcript) == wire(Transcript.parse("S: 220 a\nC: HELO me\nS: 250 a\nC: QUIT\nS: 221 bye"))
    assert transcript.state is State.CLOSED
