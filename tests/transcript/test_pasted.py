"""Conversations as text: the text form, and what is copied from a telnet window or printed in the lecture."""

from pathlib import Path

import pytest

from smtplab.protocol.codes import classify
from smtplab.protocol.states import MESSAGE, State
from smtplab.transcript import Side, Transcript
from support.paths import DATA

FILES = sorted((DATA / "transcripts").glob("*.txt"))
C, S, NOTE = Side.CLIENT, Side.SERVER, Side.NOTE

# As the lecture prints it: spaces at line ends, indented replies, a bullet for the dot, its third banner too early.
LECTURE = """\
$ telnet mail.adelphia.net 25

Trying 68.168.78.100 . . .

Connected to mail.adelphia.net (68.168.78.100).

===== Connection Establishment =====

220 mta13.adelphia.net SMTP server ready Fri, 6 Aug 2004 . . .

HELO mail.adelphia.net

250 mta13.adelphia.net

===== Mail Transfer =====\x20\x20
MAIL FROM: forouzanb@adelphia.net\x20\x20
    250 Sender <forouzanb@adelphia.net> Ok\x20\x20
RCPT TO: forouzanb@adelphia.net\x20\x20
    250 Recipient <forouzanb@adelphia.net> Ok\x20\x20
DATA\x20\x20
    354 Ok Send data ending with <CRLF>.<CRLF>\x20\x20
From: Forouzan\x20\x20
TO: Forouzan\x20\x20
\x20\x20
This is a test message\x20\x20
to show SMTP in action.\x20\x20
•

===== Connection Termination =====\x20\x20
    250 Message received: adelphia.net@mail.adelphia.net\x20\x20
QUIT\x20\x20
    221 mta13.adelphia.net SMTP server closing connection\x20\x20
Connection closed by foreign host.
"""

LECTURE_MARKED = """\
= $ telnet mail.adelphia.net 25
= Trying 68.168.78.100 . . .
= Connected to mail.adelphia.net (68.168.78.100).
===== Connection Establishment =====
S: 220 mta13.adelphia.net SMTP server ready Fri, 6 Aug 2004 . . .
C: HELO mail.adelphia.net
S: 250 mta13.adelphia.net
===== Mail Transfer =====
C: MAIL FROM: forouzanb@adelphia.net
S: 250 Sender <forouzanb@adelphia.net> Ok
C: RCPT TO: forouzanb@adelphia.net
S: 250 Recipient <forouzanb@adelphia.net> Ok
C: DATA
S: 354 Ok Send data ending with <CRLF>.<CRLF>
C: From: Forouzan
C: TO: Forouzan
C:
C: This is a test message
C: to show SMTP in action.
C: .
S: 250 Message received: adelphia.net@mail.adelphia.net
===== Connection Termination =====
C: QUIT
S: 221 mta13.adelphia.net SMTP server closing connection
= Connection closed by foreign host."""


def test_the_lecture_parses_with_its_third_banner_put_right() -> None:
    assert str(Transcript.parse(LECTURE)) == LECTURE_MARKED


def test_the_lecture_in_text_form_and_as_printed_are_one_conversation() -> None:
    assert Transcript.parse(LECTURE_MARKED) == Transcript.parse(LECTURE)


def test_the_lecture_classifies() -> None:
    replies = [e.reply for e in Transcript.parse(LECTURE).exchanges()]
    assert [str(classify(reply.code)) for reply in replies if reply] == [
        str(classify(code)) for code in (220, 250, 250, 250, 354, 250, 221)
    ]
    assert all(reply and classify(reply.code).known for reply in replies)


def test_the_lecture_replays() -> None:
    assert list(Transcript.parse(LECTURE).replay()) == [
        (b"", 220),
        (b"HELO mail.adelphia.net\r\n", 250),
        (b"MAIL FROM: forouzanb@adelphia.net\r\n", 250),
        (b"RCPT TO: forouzanb@adelphia.net\r\n", 250),
        (b"DATA\r\n", 354),
        (b"From: Forouzan\r\nTO: Forouzan\r\n\r\nThis is a test message\r\nto show SMTP in action.\r\n.\r\n", 250),
        (b"QUIT\r\n", 221),
    ]


@pytest.mark.parametrize("text", ["", "\n\n", "===== Mail Transfer =====\n"])
def test_nothing_parses_as_nothing(text: str) -> None:
    assert Transcript.parse(text) == Transcript()


def test_an_example_of_an_rfc_is_read_indented_and_with_windows_line_ends() -> None:
    transcript = Transcript.parse("\ufeff\r\n   S: 220 hi\r\n   C: HELO c.example\r\n   S: 250 hello\r\n")
    assert transcript.lines(S) == (b"220 hi\r\n", b"250 hello\r\n")
    assert transcript.state is State.READY


def test_a_command_without_a_mark_among_marked_ones_is_named() -> None:
    with pytest.raises(ValueError, match=r"line 4 .*mark"):
        Transcript.parse("S: 220 hi\nC: HELO x\nS: 250 x\nQUIT\nS: 221 bye")


def test_a_literal_is_read_only_where_every_line_has_a_mark() -> None:
    with pytest.raises(ValueError, match=r"line 2 .*mark"):
        Transcript.parse("S: 220 hi\nand more\nC# x")


def test_where_only_the_server_has_a_mark_the_other_lines_are_the_clients() -> None:
    assert str(Transcript.parse("S: 220 hi\nHELO x")).endswith("S: 220 hi\nC: HELO x")


def test_a_windows_prompt_is_no_client_line() -> None:
    transcript = Transcript.parse(
        "C:\\Users\\me> telnet lab.example 25\nConnecting To lab.example...\n220 hi\nQUIT\n221 x"
    )
    assert [row.side for row in transcript] == [NOTE, NOTE, S, C, S]


def test_a_telnet_session_cut_by_the_server_ends_in_a_note() -> None:
    transcript = Transcript.parse("220 hi\nHELO c\nConnection closed by foreign host.\n")
    assert [str(row) for row in transcript] == ["S: 220 hi", "C: HELO c", "= Connection closed by foreign host."]


def test_in_a_telnet_session_message_lines_are_the_clients_whatever_they_look_like() -> None:
    content = ["250 ok", "", "===== Mail Transfer =====", "$ telnet", "= x", "    indented", ". . .", "•x"]
    opening = "220 hi\nHELO c\n250-hello\n250 you\nMAIL FROM:<a@b>\n250 ok\nRCPT TO:<c@d>\n250 ok\nDATA\n354 go on"
    transcript = Transcript.parse(
        "\n".join([opening, *content, ".", "250 taken", "= a comment", "QUIT", "221 bye", "$ "])
    )
    message = next(e for e in transcript.commands() if e.verb == MESSAGE)
    assert message.data.decode().split("\r\n") == [*content, ".", ""]
    assert transcript[-1].side is NOTE
    assert "= a comment" in str(transcript).split("\n")
    assert transcript.state is State.CLOSED


def test_a_telnet_session_pasted_with_an_indentation_is_the_same_session() -> None:
    indented = "".join(f"    {line}\n" for line in LECTURE.splitlines())
    assert Transcript.parse(indented) == Transcript.parse(LECTURE)


def test_a_telnet_session_after_turn_has_its_replies_from_the_other_side() -> None:
    transcript = Transcript.parse("220 hi\nHELO c\n250 hello\nTURN\n250 your turn\n220 c\nHELO lab\n250 hello\n")
    assert [row.side for row in transcript] == [S, C, S, C, S, C, S, C]


def test_a_telnet_session_without_its_greeting_is_read_and_the_greeting_is_noted() -> None:
    transcript = Transcript.parse("$ telnet lab.example 25\nHELO c\n250 hello\n")
    assert [str(row) for row in transcript] == [
        "= $ telnet lab.example 25",
        "= The greeting is not shown here, only its code.",
        "S: 220",
        "C: HELO c",
        "S: 250 hello",
    ]
    assert transcript.state is State.READY


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_transcript_in_data_is_a_whole_conversation_that_deserves_its_verdict(path: Path) -> None:
    transcript = Transcript.parse(path.read_text(encoding="utf-8"))
    replies = [exchange.reply for exchange in transcript.exchanges() if exchange.reply]
    assert len(replies) == len(transcript.exchanges())
    assert all(classify(reply.code).known for reply in replies)
    assert transcript.state is State.CLOSED
    verdict, code = path.stem.split("-")[:2]
    assert verdict == "ok" or int(code) in [reply.code for reply in replies]
    assert Transcript.parse(str(transcript)) == transcript


@pytest.mark.parametrize("path", [path for path in FILES if path.read_bytes()[:2] != b"$ "], ids=lambda path: path.stem)
def test_a_marked_transcript_in_data_is_in_our_text_form_to_the_letter(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert str(Transcript.parse(text)) + "\n" == text


def test_the_lecture_in_data_is_the_lecture() -> None:
    (path,) = (path for path in FILES if "lecture-adelphia" in path.stem)
    assert Transcript.parse(path.read_text(encoding="utf-8")) == Transcript.parse(LECTURE)
