"""Marks before the lines: what a transcript wrote is read to the letter, what a person wrote by its meaning."""

import pytest

from smtplab.protocol.states import State
from smtplab.transcript import Side, Transcript
from support.written_session import LINES, SESSION, SIDES, said, wire


def marked(behind: str = " ", before: str = "") -> str:
    """Return the session with marks, and with blanks before and behind them."""
    return "\n".join(f"{before}{side}:{behind}{line}" for side, line in zip(SIDES, LINES, strict=True))


@pytest.mark.parametrize("before", ["", "   ", "\t", "\xa0", "\xa0\xa0", "\u2003", "\u3000", "\f", "\u200b", "\ufeff"])
@pytest.mark.parametrize("behind", [" ", "  ", "    ", "\t", "\xa0", "\u2003"])
def test_blanks_around_a_mark_are_layout(before: str, behind: str) -> None:
    assert wire(Transcript.parse(marked(behind, before))) == wire(SESSION)


@pytest.mark.parametrize(
    "lines",
    [
        ["S: 220 x", "C:  HELO a", "S: 250 y", "C:  QUIT", "S: 221 z"],
        ["S: 220 x", "C: HELO a", "S: 250 y", "C:   QUIT", "S: 221 z"],
        ["S:  220 x", "C: HELO a", "\xa0S: 250 y", "C: QUIT", "S: 221 z"],
        ["S: 220 x", "\u2003C: HELO a", "S: 250 y", "C: QUIT", "S: 221 z"],
    ],
)
def test_only_some_lines_may_have_such_blanks(lines: list[str]) -> None:
    assert said(Transcript.parse("\n".join(lines))) == [("HELO", 250), ("QUIT", 221)]


def test_a_line_of_the_message_keeps_the_blanks_that_the_commands_do_not_have() -> None:
    opening = ["220 x", "HELO a", "250 y", "MAIL FROM:<a@b>", "250 y", "RCPT TO:<a@b>", "250 y", "DATA", "354 y"]
    text = "\n".join(f"{'SC'[at % 2]}:  {line}" for at, line in enumerate(opening))
    transcript = Transcript.parse(f"{text}\nC:  hi\nC:\nC:    in\nC:  .\nS:  250 y")
    assert transcript.commands()[-1].data == b"hi\r\n\r\n  in\r\n.\r\n"


@pytest.mark.parametrize("command", [b" HELO a\r\n", b"  QUIT\r\n", b"NOOP  \r\n", b"\xc2\xa0NOOP\r\n"])
def test_blanks_that_were_on_the_wire_are_kept_in_what_a_transcript_wrote(command: bytes) -> None:
    transcript = Transcript()
    transcript.add(Side.SERVER, b"220 x\r\n")
    transcript.add(Side.CLIENT, command)
    transcript.add(Side.SERVER, b"500 what\r\n")
    assert Transcript.parse(str(transcript)) == transcript


@pytest.mark.parametrize("dash", ["\u2010", "\u2013", "\u2014", "\u2212"])
def test_a_dash_behind_a_code_is_a_hyphen(dash: str) -> None:
    transcript = Transcript.parse(f"S: 220 x\nC: EHLO a\nS: 250{dash}y\nS: 250 z")
    assert transcript.lines(Side.SERVER)[1:] == (b"250-y\r\n", b"250 z\r\n")


def test_octets_that_the_text_form_shows_are_read_without_banners_too() -> None:
    assert Transcript.parse("S: 220 x\nC: HELO \\xff\nS: 501 y")[1].data == b"HELO \xff\r\n"


@pytest.mark.parametrize(
    ("opening", "verbs"),
    [
        ("===== Connection Establishment =====\nC: EHLO a\nS: 250 x\n", [("EHLO", 250), ("QUIT", 221)]),
        ("===== Mail Transfer =====\nC: MAIL FROM:<a@b>\nS: 250 x\n", [("MAIL", 250), ("QUIT", 221)]),
        ("===== Mail Transfer =====\nC: VRFY a\nS: 550 x\n", [("VRFY", 550), ("QUIT", 221)]),
    ],
)
def test_a_piece_of_what_a_transcript_wrote_is_not_shifted(opening: str, verbs: list[tuple[str, int]]) -> None:
    transcript = Transcript.parse(f"{opening}===== Connection Termination =====\nC: QUIT\nS: 221 y")
    assert said(transcript) == verbs
    assert transcript.state is State.CLOSED


def test_stage_directions_before_the_greeting_are_notes() -> None:
    text = "S: <wait for open connection>\nC: <open connection to server>\nS: 220 x\nC: QUIT\nS: 221 y"
    assert said(Transcript.parse(text)) == [("QUIT", 221)]
