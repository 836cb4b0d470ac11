"""Sessions without prefixes: wrapped lines, remarks, split commands; and what has two readings."""

import pytest

from smtplab.protocol.states import State
from smtplab.transcript import Transcript
from smtplab.transcript.pasted_reader import GREETING_NOT_SHOWN


def rows(text: str) -> list[str]:
    """Return the rows of a session as text, without the banners."""
    return [str(row) for row in Transcript.parse(text)]


HELLO = ["S: 220 m", "C: HELO me", "S: 250 m"]
BYE = ["C: QUIT", "S: 221 x"]


def session(*lines: str) -> str:
    return "\n".join(["220 m", "HELO me", "250 m", *lines, "QUIT", "221 x", ""])


@pytest.mark.parametrize(
    ("lines", "read"),
    [
        ((), []),
        (("(now the sender)", "MAIL FROM:<a@b>", "250 ok"), ["= (now the sender)", "C: MAIL FROM:<a@b>", "S: 250 ok"]),
        (("MAIL FROM:<a@b>", "# sent", "250 ok"), ["C: MAIL FROM:<a@b>", "= # sent", "S: 250 ok"]),
        (("Now the sender:", "MAIL FROM:<a@b>", "250 ok"), ["= Now the sender:", "C: MAIL FROM:<a@b>", "S: 250 ok"]),
        (("NOOP", "250 ok", "Data is next.", "Help, no."), ["C: NOOP", "S: 250 ok", "= Data is next.", "= Help, no."]),
        (("HELLO me", "500 what"), ["C: HELLO me", "S: 500 what"]),
        (("QUIT now", "501 no"), ["C: QUIT now", "S: 501 no"]),
        (("foo", "bar", "500 no", "500 no"), ["C: foo", "C: bar", "S: 500 no", "S: 500 no"]),
        (("(foo)", "500 no"), ["C: (foo)", "S: 500 no"]),
        (("AUTH LOGIN", "334 VXNl", "YWJj", "235 ok"), ["C: AUTH LOGIN", "S: 334 VXNl", "C: YWJj", "S: 235 ok"]),
        (("mail from:", "a@b.example", "250 ok"), ["C: mail from: a@b.example", "S: 250 ok"]),
        (("MAIL", "FROM:", "<a@b>", "250 ok"), ["C: MAIL FROM: <a@b>", "S: 250 ok"]),
        (("MAIL FROM:<a@b>", "SIZE=100", "250 ok"), ["C: MAIL FROM:<a@b> SIZE=100", "S: 250 ok"]),
        (("RCPT TO:<very.long", ".name@x>", "550 no"), ["C: RCPT TO:<very.long.name@x>", "S: 550 no"]),
        (("NOOP", "250 ok and", "  more", "  more"), ["C: NOOP", "S: 250 ok and more more"]),
        (("EHLO x", "250-SIZE", "1000", "250 HELP"), ["C: EHLO x", "S: 250-SIZE 1000", "S: 250 HELP"]),
        (("NOOP", "RSET", "250 ok,", "  so", "250 ok"), ["C: NOOP", "C: RSET", "S: 250 ok, so", "S: 250 ok"]),
        (("EHLO x", "250\u2013m", "250 c"), ["C: EHLO x", "S: 250-m", "S: 250 c"]),
        (("EHLO x", "250\u2014m", "250\u2011a", "250 c"), ["C: EHLO x", "S: 250-m", "S: 250-a", "S: 250 c"]),
        (("MAIL\xa0FROM:<a@b>", "250\xa0ok\u202fnow"), ["C: MAIL FROM:<a@b>", "S: 250 ok now"]),
        (("\u200bNOOP", "\xa0\xa0250 ok"), ["C: NOOP", "S: 250 ok"]),
    ],
)  # fmt: skip
def test_a_session_with_one_reading_is_read(lines: tuple[str, ...], read: list[str]) -> None:
    transcript = Transcript.parse(session(*lines))
    assert [str(row) for row in transcript] == [*HELLO, *read, *BYE]
    assert transcript.state is State.CLOSED


@pytest.mark.parametrize("before", [" ", "", "\t"])
def test_a_wrapped_greeting_is_joined(before: str) -> None:
    greeting = "220 mail.example Microsoft ESMTP MAIL Service, Version: 5.0"
    assert rows(f"{greeting}\n{before}ready at Wed, 7 Apr 2004\nHELO me\n250 m\n") == [
        f"S: {greeting} ready at Wed, 7 Apr 2004",
        "C: HELO me",
        "S: 250 m",
    ]


@pytest.mark.parametrize("mark", ["", "S: "])
@pytest.mark.parametrize("rest", ["  channel now", "channel now", "\tchannel now"])
def test_a_wrapped_goodbye_is_joined(rest: str, mark: str) -> None:
    goodbye = "221 mail.example Service closing transmission"
    text = f"{mark}220 m\nQUIT\n{mark}{goodbye}\n{rest}\nConnection closed by foreign host."
    assert rows(text)[2:] == [f"S: {goodbye} channel now", "= Connection closed by foreign host."]


@pytest.mark.parametrize("marks", [("", ""), ("S: ", "C: ")])
@pytest.mark.parametrize("reply", ["250 a@b ...", "250 Hello,", "250-a ("])
def test_a_short_reply_that_plainly_goes_on_is_joined(marks: tuple[str, str], reply: str) -> None:
    server, client = marks
    text = f"{server}220 m\n{client}NOOP\n{server}250 m\n{client}NOOP\n{server}{reply}\nSender ok\n"
    text += f"{server}250 end\n" if "-" in reply else ""
    assert rows(f"{text}{client}QUIT\n{server}221 x")[4] == f"S: {reply} Sender ok"


@pytest.mark.parametrize("behind", ["\nWhat does this mean?", "What does this mean?", "$ ", "\n  Thanks, Bob", "bye"])
def test_what_stands_behind_the_end_is_no_rest_of_the_goodbye(behind: str) -> None:
    assert rows(f"220 m\nQUIT\n221 bye\n{behind}\n")[2] == "S: 221 bye"


@pytest.mark.parametrize("rest", [" <CRLF>.<CRLF>", "<CR><LF>.<CR><LF>", "  with <CRLF>.<CRLF>"])
def test_a_wrapped_invitation_is_joined_and_is_no_line_of_the_message(rest: str) -> None:
    transcript = Transcript.parse(f"{TO_THE_MESSAGE}{rest}\nhi\n.\n250 ok\nQUIT\n221 x\n")
    assert transcript.commands()[4].data == b"hi\r\n.\r\n"
    assert str(transcript[8]) == f"S: 354 go {rest.strip()}"


def test_client_lines_may_be_indented_and_so_is_their_message_then() -> None:
    text = "220 m\n  HELO me\n250 m\n  MAIL FROM:<a@b>\n250 ok\n  RCPT TO:<c@d>\n250 ok\n  DATA\n354 go\n"
    transcript = Transcript.parse(f"{text}  Subject: x\n\n  hi\n    in\n  .\n250 ok\n  QUIT\n221 x")
    message = transcript.commands()[4]
    assert message.data == b"Subject: x\r\n\r\nhi\r\n  in\r\n.\r\n"
    assert transcript.state is State.CLOSED


TO_THE_MESSAGE = "220 m\nHELO me\n250 m\nMAIL FROM:<a@b>\n250 ok\nRCPT TO:<c@d>\n250 ok\nDATA\n354 go\n"


@pytest.mark.parametrize("dot", [".", " .", "\xa0.", ".\xa0", "\u2022", "  \u2022 "])
def test_a_dot_that_the_page_has_moved_ends_the_message(dot: str) -> None:
    transcript = Transcript.parse(f"{TO_THE_MESSAGE}hi\n{dot}\n250 ok\nQUIT\n221 x\n")
    assert transcript.commands()[4].data == b"hi\r\n.\r\n"
    assert transcript.state is State.CLOSED


def test_an_indented_dot_is_a_line_of_the_message_if_a_lone_dot_follows() -> None:
    transcript = Transcript.parse(f"{TO_THE_MESSAGE}hi\n .\nho\n.\n250 ok\nQUIT\n221 x\n")
    assert transcript.commands()[4].data == b"hi\r\n .\r\nho\r\n.\r\n"


def test_a_split_command_with_the_clients_prefix_is_joined() -> None:
    assert rows("<< 220 m\n>> HELO\n>> me\n<< 250 m")[1] == "C: HELO me"


def test_a_pipelined_message_is_read() -> None:
    group = "MAIL FROM:<a@b>\nRCPT TO:<b@c>\nDATA\n250 ok\n250 ok\n354 go\nhi\n.\nQUIT\n250 ok\n221 x"
    text = f"220 m\nHELO me\n250 m\n{group}"
    assert [(each.verb, each.reply and each.reply.code) for each in Transcript.parse(text).commands()] == [
        *(("HELO", 250), ("MAIL", 250), ("RCPT", 250), ("DATA", 354), ("(message)", 250), ("QUIT", 221))
    ]


@pytest.mark.parametrize("lines", [["421 bye"], ["NOOP", "250 ok", "421 bye"], ["554 too many errors"]])
def test_a_server_may_hang_up_unasked(lines: list[str]) -> None:
    assert rows("\n".join(["220 m", "HELO me", "250 m", *lines]))[-1] == f"S: {lines[-1]}"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("250 m\nMAIL FROM:<a@b>\n250 ok\nQUIT\n221 x", 1),  # no greeting
        (session("250 again"), 4),
        (session("250 octets is what it holds.", "NOOP", "250 ok"), 4),
        (session("NOOP", "250 ok", "250 ok"), 6),
        (session("EHLO x", "250-m", "NOOP", "250 ok"), 6),  # the end of the reply is missing
        (session("this", "that", "500 no"), 4),
        (session("NOOP", "this", "that", "500 no", "500 no"), 5),
        (session("  and so on", "250 ok"), 4),
        (session("MAIL FROM:<a@b>"), 6),  # its reply is missing
        (session("MAIL FROM:<a@b>", "RCPT TO:<a@b>", "DATA", "250 ok", "354 go"), 8),
        ("S: 220 m\nC: HELO x\nS: 250 m\nNOOP\nS: 250 ok", 4),
    ],
)
def test_a_session_with_two_readings_is_refused_and_the_line_is_named(text: str, number: int) -> None:
    with pytest.raises(ValueError, match=rf"line {number}\b"):
        Transcript.parse(text)


# As people have published them: each holds a whole session.
PUBLISHED = {
    "angle-arrows": ("< 220 mars.example ESMTP\n> HELO a.example\n< 250 mars.example\n> QUIT\n< 221 bye\n"),
    "quoted": (
        "> 220 mail.example ESMTP\n"
        "> HELO me.example\n"
        "> 250 mail.example\n"
        "> MAIL FROM:<a@b.example>\n"
        "> 250 ok\n"
        "> QUIT\n"
        "> 221 bye\n"
    ),
    "remark": (
        "220 mail.example ESMTP\n"
        "HELO me.example\n"
        "250 mail.example\n"
        "(now the sender)\n"
        "MAIL FROM:<a@b.example>\n"
        "250 ok\n"
        "QUIT\n"
        "221 bye\n"
    ),
    "split-command": (
        "220 localhost ESMTP Postfix\n"
        "ehlo localhost\n"
        "250-localhost\n"
        "250 DSN\n"
        "mail from:\n"
        "a@b.example\n"
        "250 2.1.0 Ok\n"
        "quit\n"
        "221 2.0.0 Bye\n"
    ),
    "wrapped-greeting": (
        "220 mail.example Microsoft ESMTP MAIL Service, Version: 5.0\n"
        " ready at Wed, 7 Apr 2004 14:32:17 -0400\n"
        "HELO me.example\n"
        "250 mail.example\n"
        "MAIL FROM:<a@b.example>\n"
        "250 ok\n"
        "QUIT\n"
        "221 bye\n"
    ),
    "endash": ("220 mail.example\nEHLO me\n250\u2013mail.example\n250 SIZE 1\nQUIT\n221 bye\n"),
    "client-indented": (
        "220 mail.example ESMTP\n"
        "  HELO me.example\n"
        "250 mail.example\n"
        "  MAIL FROM:<a@b.example>\n"
        "250 ok\n"
        "  QUIT\n"
        "221 bye\n"
    ),
    "cr-only": (
        "220 mail.example ESMTP\rHELO me.example\r250 mail.example\rMAIL FROM:<a@b.example>\r250 ok\rQUIT\r221 bye\r"
    ),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_session_is_read_to_its_end_with_a_reply_to_each_command(name: str) -> None:
    transcript = Transcript.parse(PUBLISHED[name])
    replies = [(each.verb, each.reply.code if each.reply else None) for each in transcript.commands()]
    expected = [("EHLO" if name in ("endash", "split-command") else "HELO", 250), ("MAIL", 250), ("QUIT", 221)]
    assert replies == [each for each in expected if each[0] != "MAIL" or name not in ("endash", "angle-arrows")]
    assert transcript.state is State.CLOSED


@pytest.mark.parametrize("remark", ["<-- I say hello", "# hello", "// hello", "(I say hello)", "\u2190 hello"])
@pytest.mark.parametrize("marks", [("", ""), ("S: ", "C: ")])
def test_a_remark_behind_a_command_is_a_note(marks: tuple[str, str], remark: str) -> None:
    server, client = marks
    text = f"{server}220 m\n{client}HELO me   {remark}\n{server}250 m\n{client}QUIT {remark}\n{server}221 x\n"
    said = [HELLO[0], f"= {remark}", *HELLO[1:], f"= {remark}", *BYE]
    assert rows(text) == said


def test_what_a_log_adds_behind_the_goodbye_is_a_note() -> None:
    assert rows("5 > 220 m\n5 < QUIT\n5 > 221 x\n5 > [EOF]\n")[-2:] == ["S: 221 x", "= [EOF]"]
    assert rows("  SMTP<< 220 m\n  SMTP>> QUIT\n  SMTP<< 221 x\n  SMTP(close)>>\n")[-1] == "= SMTP(close)>>"


def test_openssl_shows_the_end_of_a_reply_before_tls() -> None:
    text = "CONNECTED(00000003)\n---\nNew, TLSv1.3\n---\n250 HELP\nEHLO me\n250 m\nQUIT\n221 x\n"
    assert rows(text)[4:7] == ["= 250 HELP", f"= {GREETING_NOT_SHOWN}", "S: 220"]
    assert rows(text)[-4:] == ["C: EHLO me", "S: 250 m", *BYE]


def test_a_message_without_its_dot_in_which_both_say_goodbye_is_refused() -> None:
    envelope = ["MAIL FROM:<a@b>", "250 x", "RCPT TO:<c@d>", "250 x", "DATA", "354 x"]
    with pytest.raises(ValueError, match=r"line 12, 'QUIT'.*dot"):
        Transcript.parse(session(*envelope, "hi", "250 x"))


def test_a_reply_behind_a_name_is_the_word_of_a_student_where_the_server_does_not_know_it() -> None:
    assert "C: hello: 250 x" in rows(session("hello: 250 x", "500 what"))


@pytest.mark.parametrize("remark", ["(it is queued)", "now the server answers:", "Server:"])
def test_a_remark_between_the_dot_and_its_reply_is_a_note(remark: str) -> None:
    envelope = ["MAIL FROM:<a@b>", "250 x", "RCPT TO:<c@d>", "250 x", "DATA", "354 x"]
    read = rows(session(*envelope, "hi", ".", remark, "250 queued"))
    assert read[-5:] == ["C: .", f"= {remark}", "S: 250 queued", *BYE]
