"""A session that lacks a line has one reading, which is read, or the line is named; it is never shifted."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtplab.transcript import Side, Transcript
from support.written_session import said

FORMS = {
    "marks": ("S: ", "C: "),
    "marks-and-blanks": ("S:   ", "C:   "),
    "swaks": ("<-  ", " -> "),
    "arrows": ("<<< ", ">>> "),
    "names": ("Server: ", "Client: "),
    "server-marked": ("S: ", ""),
    "plain": ("", ""),
}
SIDES = "SCSCSCSCSCCSCS"
LINES = [
    "220 a",
    "EHLO me",
    "250 h",
    "MAIL FROM:<a@b.example>",
    "250 m",
    "RCPT TO:<c@d.example>",
    "250 r",
    "DATA",
    "354 d",
    "hi",
    ".",
    "250 q",
    "QUIT",
    "221 z",
]
WHOLE = [("EHLO", 250), ("MAIL", 250), ("RCPT", 250), ("DATA", 354), ("(message)", 250), ("QUIT", 221)]


def written(form: str, rows: list[tuple[str, str]]) -> str:
    server, client = FORMS[form]
    return "\n".join((server if side == "S" else client) + line for side, line in rows)


def without(form: str, *missing: int) -> str:
    rows = list(zip(SIDES, LINES, strict=True))
    return written(form, [row for at, row in enumerate(rows) if at not in missing])


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("missing", "number"),
    [
        (1, 2),  # EHLO
        (2, 2),  # the reply to it: the client seems to go on without
        (3, 4),
        (4, 4),
        (5, 6),
        (6, 8),
        (7, 8),  # DATA
        (8, 11),  # the 354
        (11, 13),  # the reply to the message
        (12, 13),  # QUIT
    ],
)
def test_a_session_without_one_line_is_refused_and_the_place_is_named(form: str, missing: int, number: int) -> None:
    with pytest.raises(ValueError, match=r"line (\d+)") as caught:
        Transcript.parse(without(form, missing))
    named = [int(word.rstrip(",")) for word in str(caught.value).split() if word.rstrip(",").isdigit()]
    assert any(abs(each - number) <= 1 for each in named)


@pytest.mark.parametrize("form", FORMS)
def test_a_session_without_its_greeting_has_one_reading(form: str) -> None:
    transcript = Transcript.parse(without(form, 0))
    assert said(transcript) == WHOLE
    assert [str(row) for row in transcript][:3] == [
        "= The greeting is not shown here, only its code.",
        "S: 220",
        "C: EHLO me",
    ]


@pytest.mark.parametrize("form", [form for form in FORMS if form != "plain"])
def test_a_message_without_its_dot_ends_where_the_server_replies(form: str) -> None:
    transcript = Transcript.parse(without(form, 10))
    assert said(transcript) == WHOLE
    assert "C: hi\n= The end of the message is not shown here.\nC: .\nS: 250 q" in str(transcript)


def test_a_plain_message_without_its_dot_has_no_end() -> None:
    assert Transcript.parse("\n".join([*LINES[:10], "250 taken"])).in_message


def test_a_plain_message_without_its_dot_does_not_take_the_goodbye() -> None:
    with pytest.raises(ValueError, match="end of the message"):
        Transcript.parse(without("plain", 10))


@pytest.mark.parametrize("form", ["marks", "swaks", "arrows"])
def test_a_message_without_its_dot_and_its_reply_is_refused(form: str) -> None:
    with pytest.raises(ValueError, match="end of the message"):
        Transcript.parse(without(form, 10, 11))


@pytest.mark.parametrize("form", ["marks", "swaks", "names"])
def test_a_421_within_a_message_does_not_end_it(form: str) -> None:
    rows = [*list(zip(SIDES, LINES, strict=True))[:10], ("S", "421 too slow")]
    assert said(Transcript.parse(written(form, rows)))[-1] == ("(message)", None)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("command", "reply"),
    [("FOO", "354 d"), ("NOOP", "354 d"), ("DATA", "250 d"), ("QUIT", "354 d"), ("EHLO x", "334 d")],
)
def test_a_reply_that_no_server_gives_to_a_command_is_refused(form: str, command: str, reply: str) -> None:
    rows = [("S", "220 a"), ("C", "HELO me"), ("S", "250 h"), ("C", command), ("S", reply)]
    with pytest.raises(ValueError, match="line 5"):
        Transcript.parse(written(form, rows))


@pytest.mark.parametrize("form", ["marks", "swaks", "names"])
@pytest.mark.parametrize("rest", [["BODY=8BITMIME"], ["SIZE=1", "BODY=8BITMIME"], ["<a@b>"]])
def test_a_wrapped_command_may_repeat_its_mark(form: str, rest: list[str]) -> None:
    first = "MAIL FROM:" if rest == ["<a@b>"] else "MAIL FROM:<a@b>"
    rows = [("S", "220 a"), ("C", "EHLO x"), ("S", "250 a"), ("C", first), *(("C", each) for each in rest)]
    transcript = Transcript.parse(written(form, [*rows, ("S", "250 m"), ("C", "QUIT"), ("S", "221 z")]))
    assert said(transcript) == [("EHLO", 250), ("MAIL", 250), ("QUIT", 221)]
    assert all(each.encode() in transcript.commands()[1].data for each in rest)


@pytest.mark.parametrize("form", ["marks", "swaks", "names"])
@pytest.mark.parametrize(("verb", "code"), [("NOOP", "250"), ("QUIT", "221"), ("VRFY x", "550")])
def test_a_wrapped_reply_may_repeat_its_mark(form: str, verb: str, code: str) -> None:
    rows = [("S", "220 a"), ("C", verb), ("S", f"{code} one"), ("S", "two"), ("S", "three")]
    assert Transcript.parse(written(form, rows)).lines(Side.SERVER)[1] == f"{code} one two three\r\n".encode()


def test_a_line_with_a_reply_of_its_own_is_a_command() -> None:
    text = "S: 220 a\nC: NOOP\nC: X=Y\nS: 250 a\nS: 500 b\nC: QUIT\nS: 221 c"
    assert said(Transcript.parse(text)) == [("NOOP", 250), ("X=Y", 500), ("QUIT", 221)]


def test_several_commands_without_pipelining_and_too_few_replies_have_two_readings() -> None:
    group = "C: MAIL FROM:<a@b>\nC: RCPT TO:<c@d>\nS: 550 no"
    with pytest.raises(ValueError, match="line 4"):
        Transcript.parse(f"S: 220 a\nC: EHLO x\nS: 250 a\n{group}")
    offered = Transcript.parse(f"S: 220 a\nC: EHLO x\nS: 250-a\nS: 250 PIPELINING\n{group}")
    assert said(offered)[1:] == [("MAIL", 550), ("RCPT", None)]
    closed = Transcript.parse(f"S: 220 a\nC: EHLO x\nS: 250 a\n{group.replace('550', '421')}")
    assert said(closed)[1:] == [("MAIL", 421), ("RCPT", None)]


def test_a_client_that_speaks_before_the_greeting_is_read_if_its_lines_are_marked() -> None:
    assert said(Transcript.parse("C: EHLO x\nS: 220 a\nS: 250 b\nC: QUIT\nS: 221 c")) == [("EHLO", 250), ("QUIT", 221)]
    with pytest.raises(ValueError, match="line 1"):
        Transcript.parse("EHLO x\n220 a\n250 b")
    with pytest.raises(ValueError, match="line 1"):
        Transcript.parse("C: STARTTLS\nS: 220 go\nC: EHLO x\nS: 250 b")


def test_a_bad_sequence_is_no_goodbye() -> None:
    text = ">>> DATA\n<<< 550 5.1.1 <bob@x>... User unknown\n550 5.1.1 bob@x... User unknown\n<<< 503 5.0.0 Need RCPT"
    with pytest.raises(ValueError, match="line 4"):
        Transcript.parse(text)


PIECES = [
    "S: ",
    "C: ",
    "= ",
    "220 x",
    "250 x",
    "250-x",
    "354 x",
    "221 x",
    "EHLO x",
    "MAIL FROM:<a@b>",
    "DATA",
    ".",
    "hi",
]
ODD = [
    " ",
    "\t",
    "\xa0",
    "\f",
    "\x1b[0m",
    "^M",
    "|",
    ">",
    "<-  ",
    " -> ",
    "send: 'x'",
    "reply: b'250 x'",
    "C# x",
    "\\x0d",
]


@given(st.lists(st.lists(st.sampled_from([*PIECES, *ODD]), max_size=4).map("".join), max_size=12).map("\n".join))
def test_any_text_is_read_or_refused_in_a_sentence(text: str) -> None:
    with suppress(ValueError):  # and no other error
        Transcript.parse(text)
