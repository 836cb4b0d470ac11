"""Sessions whose lines have something before them: arrows, names, times, numbers, quote marks."""

import pytest

from smtplab.protocol.states import State
from smtplab.transcript import Side, Transcript
from support.written_session import LINES, SESSION, SIDES, said, told, wire


@pytest.mark.parametrize(
    ("server", "client"),
    [
        ("", ""),
        ("S:", "C:"),
        ("<Server>: ", "<Client>: "),
        ("<Server>:", "<Client>:"),
        ("Server: ", "Client: "),
        ("[S] ", "[C] "),
        ("server> ", "client> "),
        ("mail.example: ", "me.example: "),
        ("R: ", "S: "),
        ("<<< ", ">>> "),
        ("<<<", ">>>"),
        ("< ", "> "),
        ("> ", "< "),
        ("<- ", "-> "),
        ("<-  ", " -> "),
        ("\u2190 ", "\u2192 "),
        ("SERVER -> CLIENT: ", "CLIENT -> SERVER: "),
        ("  SMTP<< ", "  SMTP>> "),
        (" Out: ", " In:  "),
        ("Server\uff1a", "Client\uff1a"),
        ("server;", "client;"),
        ("Serveur\xa0: ", "Client\xa0: "),
        ("**Server:** `", "**Client:** `"),
        ("S: ", ""),
        ("> ", "> "),
        (">> ", ">> "),
        ("> > ", "> > "),
        ("| ", "| "),
        ("> S: ", "> C: "),
        ("{n}: ", "{n}: "),
        ("{n:3}  ", "{n:3}  "),
        ("{n:02}. ", "{n:02}. "),
        ("12:00:{n:02} ", "12:00:{n:02} "),
        ("12:00:{n:02} S: ", "12:00:{n:02} C: "),
        ("[2024-05-01 12:00:{n:02}.5{n}] << ", "[2024-05-01 12:00:{n:02}.5{n}] >> "),
        ("2024-05-01T12:00:{n:02}.12{n}Z <- ", "2024-05-01T12:00:{n:02}.12{n}Z -> "),
        ("(0.{n:03}) ", "(0.{n:03}) "),
        ("> {n} S: ", "> {n} C: "),
        ("Aug  6 12:00:{n:02} h smtpd[{n}]: > x[1.2.3.4]: ", "Aug  6 12:00:{n:02} h smtpd[{n}]: < x[1.2.3.4]: "),
    ],
)
def test_a_prefix_is_removed_whoever_writes_it(server: str, client: str) -> None:
    assert wire(Transcript.parse(told(server, client))) == wire(SESSION)


def test_trailing_quotation_marks_of_a_server_log_are_removed() -> None:
    log = "\n".join(f'{line}"' for line in told('"SMTPD"\t{n}\t"SENT: ', '"SMTPD"\t{n}\t"RECEIVED: ').split("\n"))
    assert wire(Transcript.parse(log)) == wire(SESSION)


@pytest.mark.parametrize("end", ["\r", "\r\n", "\r\r\n", "\v", "\u2028", "\u2029"])
def test_any_line_end_ends_a_line(end: str) -> None:
    assert wire(Transcript.parse(end.join(LINES))) == wire(SESSION)


SWAKS = """\
=== Trying 127.0.0.1:2525...
=== Connected to 127.0.0.1.
<-  220 lab.example ESMTP
 -> EHLO client.example
<-  250-lab.example
<-  250 SIZE 1000
 -> MAIL FROM:<a@b.example>
<-  250 2.1.0 OK
 -> RCPT TO:<c@d.example>
<** 550 5.1.1 no such user
 -> QUIT
<-  221 2.0.0 bye
=== Connection closed with remote host.
"""
SWAKS_TLS = """\
<-  220 m ESMTP
 -> STARTTLS
<-  220 ready
=== TLS started with cipher x
 ~> EHLO me
<~  250 m
 ~> MAIL FROM:<a@b>
<~* 550 no
 ~> QUIT
<~  221 bye
"""
PHPMAILER = """\
SERVER -> CLIENT: 220 mail.example ESMTP
CLIENT -> SERVER: EHLO me
SERVER -> CLIENT: 250-mail.example
250 SIZE
CLIENT -> SERVER: QUIT
SERVER -> CLIENT: 221 bye
"""
SENDMAIL = """\
c@d... Connecting to m via esmtp...
220 m ESMTP
>>> EHLO x
250-m
250 HELP
>>> MAIL From:<a@b> SIZE=5
250 ok
>>> RCPT To:<c@d>
>>> DATA
250 ok
354 Enter mail
>>> .
250 accepted
c@d... Sent (accepted)
>>> QUIT
221 bye
"""
POSTFIX = """\
Transcript of session follows.

 Out: 220 m ESMTP
 In:  HELO x
 Out: 250 m
 In:  MAIL FROM:<a@b>
 Out: 250 ok
 In:  RCPT TO:<c@d>
 Out: 250 ok
 In:  DATA
 Out: 354 End data with <CR><LF>.<CR><LF>
 Out: 250 ok: queued
 In:  QUIT
 Out: 221 bye
"""
CURL = """\
* Trying 127.0.0.1:25...
< 220 m ESMTP
> EHLO me
< 250-m
< 250 SIZE
> MAIL FROM:<a@b>
< 250 ok
> RCPT TO:<a@b>
< 250 ok
> DATA
< 354 go
} [100 bytes data]
< 250 ok
> QUIT
< 221 bye
* Closing connection 0
"""
EXIM = """\
  SMTP<< 220 m ESMTP
  SMTP>> EHLO me
  SMTP<< 250-m
         250-SIZE 10
         250 HELP
  SMTP>> QUIT
  SMTP<< 221 bye
"""
SMTPLIB = r"""connect: ('localhost', 25)
reply: b'220 m ESMTP\r\n'
reply: retcode (220); Msg: b'm ESMTP'
send: 'ehlo me\r\n'
reply: b'250-m\r\n'
reply: b'250 SIZE\r\n'
reply: retcode (250); Msg: b'm\nSIZE'
send: 'mail FROM:<a@b> size=3\r\n'
reply: b'250 ok\r\n'
send: 'rcpt TO:<b@c>\r\n'
reply: b'250 ok\r\n'
send: 'data\r\n'
reply: b'354 go\r\n'
data: (354, b'go')
send: b'Subject: x\r\n\r\nhi\r\n.\r\n'
reply: b'250 ok\r\n'
send: 'QUIT\r\n'
reply: b'221 bye\r\n'
"""
ONE_MESSAGE = [("MAIL", 250), ("RCPT", 250), ("DATA", 354), ("(message)", 250), ("QUIT", 221)]


@pytest.mark.parametrize(
    ("text", "verbs"),
    [
        (SWAKS, [("EHLO", 250), ("MAIL", 250), ("RCPT", 550), ("QUIT", 221)]),
        (SWAKS_TLS, [("STARTTLS", 220), ("EHLO", 250), ("MAIL", 550), ("QUIT", 221)]),
        (PHPMAILER, [("EHLO", 250), ("QUIT", 221)]),
        (SENDMAIL, [("EHLO", 250), *ONE_MESSAGE]),
        (POSTFIX, [("HELO", 250), *ONE_MESSAGE]),
        (CURL, [("EHLO", 250), *ONE_MESSAGE]),
        (EXIM, [("EHLO", 250), ("QUIT", 221)]),
        (SMTPLIB, [("EHLO", 250), *ONE_MESSAGE]),
    ],
    ids=["swaks", "swaks-tls", "phpmailer", "sendmail", "postfix", "curl", "exim", "smtplib"],
)
def test_what_a_program_prints_is_read(text: str, verbs: list[tuple[str, int]]) -> None:
    assert said(Transcript.parse(text)) == verbs


def test_a_message_that_a_log_leaves_out_is_noted() -> None:
    assert "= The message is not shown here, only its end.\nC: ." in str(Transcript.parse(POSTFIX))


def test_a_session_with_client_lines_that_nobody_understands_has_the_mirrored_prefix() -> None:
    assert wire(Transcript.parse("<- 220 hi\n-> WHAT\n<- 500 no\n"))[1] == (Side.CLIENT, b"WHAT\r\n")


def test_a_python_string_that_was_cut_is_a_note() -> None:
    text = SMTPLIB.replace("reply: retcode (220); Msg: b'm ESMTP'", "send: 'it's cut'")
    assert said(Transcript.parse(text)) == [("EHLO", 250), *ONE_MESSAGE]
    assert "= send: 'it's cut'" in str(Transcript.parse(text))


def test_a_message_may_hold_what_a_program_prints() -> None:
    text = "220 m\nHELO x\n250 m\nMAIL FROM:<a@b>\n250 m\nRCPT TO:<a@b>\n250 m\nDATA\n354 m\n"
    text += "send: 'QUIT\\r\\n'\n<- 220 x\n-> QUIT\n.\n250 m\nQUIT\n221 x"
    assert said(Transcript.parse(text)) == [("HELO", 250), *ONE_MESSAGE]


@pytest.mark.parametrize("server", ["S: ", ""])
@pytest.mark.parametrize(
    "times",
    [
        ("2024-01-02T12:01:03.1Z ", "2024-01-02T12:01:03Z "),
        ("2024-01-02 12:01:03,250 ", "2024-01-02 12:01:04 "),
        ("[12:01:03] ", "[12:01:03.5] "),
        ("0 ", "0.25 "),
    ],
)
def test_a_clock_may_leave_out_the_fraction_of_a_second(times: tuple[str, str], server: str) -> None:
    client = server.replace("S", "C")
    rows = enumerate(zip(SIDES, LINES, strict=True))
    text = "\n".join(f"{times[n % 2]}{server if side == 'S' else client}{line}" for n, (side, line) in rows)
    assert wire(Transcript.parse(text)) == wire(SESSION)


@pytest.mark.parametrize(("server", "client"), [("<--", "-->"), ("<-", "->"), ("<==", "==>"), ("<= ", "=> ")])
def test_an_arrow_needs_no_blank_behind_it(server: str, client: str) -> None:
    assert wire(Transcript.parse(told(server, client))) == wire(SESSION)


@pytest.mark.parametrize(
    "remark", ["220 volts", "550 errors since Monday:", "220 volts\n550 errors", "(see 550 below)"]
)
@pytest.mark.parametrize(
    ("server", "client"), [("<-  ", " -> "), ("<<< ", ">>> "), ("S: ", "C: "), ("Server: ", "Client: ")]
)
def test_a_remark_that_begins_as_a_reply_is_no_greeting(remark: str, server: str, client: str) -> None:
    assert wire(Transcript.parse(f"{remark}\n{told(server, client)}")) == wire(SESSION)


def test_a_bounce_repeats_a_reply_in_its_own_words() -> None:
    text = "(reason: 550 5.1.1 <a@b>... User unknown)\n... while talking to b:\n>>> RCPT To:<a@b>\n"
    text += "<<< 550 5.1.1 <a@b>... User unknown\n550 5.1.1 <a@b>... User unknown\n>>> DATA\n<<< 503 Need RCPT"
    assert said(Transcript.parse(text)) == [("RCPT", 550), ("DATA", 503)]


MSMTP = """\
host = 127.0.0.1
auth = none
data = off
help
<-- 220 m
--> EHLO x
<-- 250 m
"""


def test_settings_before_a_session_with_prefixes_are_notes() -> None:
    assert said(Transcript.parse(MSMTP)) == [("EHLO", 250)]


@pytest.mark.parametrize("form", [("<-  ", " -> "), ("<", ">"), ("", "")])
def test_a_copy_may_begin_at_ehlo(form: tuple[str, str]) -> None:
    whole = wire(Transcript.parse(told(*form)))
    piece = wire(Transcript.parse(told(*form).partition("\n")[2]))
    assert piece == [(Side.SERVER, b"220\r\n"), *whole[1:]]


def test_what_a_program_says_next_is_no_rest_of_a_reply() -> None:
    text = "220 m\n>>> HELO x\n250 m\n>>> MAIL From:<a@b>\n550 5.1.1 a long reply that ends at the end of a line\n"
    for remark in ("alice@lab.example... Sent (x)", "s-nail: SMTP server: 550 no"):
        rows = [str(row) for row in Transcript.parse(text + remark)]
        assert rows[-1] == f"= {remark}"


@pytest.mark.parametrize("before", ["Server says ", "> ", "Here: ", "mars ", "S: "])
def test_what_only_the_greeting_has_before_it_is_no_prefix(before: str) -> None:
    transcript = Transcript.parse(f"{before}220 m\nHELO me\n250 m\nQUIT\n221 x\n")
    assert said(transcript) == [("HELO", 250), ("QUIT", 221)]
    assert str(next(iter(transcript))) == "S: 220 m"


def test_a_remark_that_repeats_the_greeting_is_a_note() -> None:
    transcript = Transcript.parse("It said 220 m, so:\n220 m\nHELO me\n250 m\nQUIT\n221 x\n")
    assert str(next(iter(transcript))) == "= It said 220 m, so:"
    assert said(transcript) == [("HELO", 250), ("QUIT", 221)]


@pytest.mark.parametrize(
    "text",
    [
        "Jan  1 10:00:00 h postfix/smtpd[9]: connect from x[192.0.2.1]\n"
        "Jan  1 10:00:01 h postfix/smtpd[9]: NOQUEUE: reject: RCPT from x[192.0.2.1]: 550 5.1.1 <a@b>: User unknown\n"
        "Jan  1 10:00:02 h postfix/smtpd[9]: NOQUEUE: reject: RCPT from x[192.0.2.1]: 554 5.7.1 <c@d>: Relay access\n",
        "<bob@b.example>: host b.example[192.0.2.1] said: 550 5.1.1 no such user (in reply to RCPT TO command)\n",
        "Action: failed\nRemote-MTA: dns; b.example\nDiagnostic-Code: smtp; 550 5.1.1 no such user\n",
    ],
)
def test_who_only_quotes_refusals_has_no_session(text: str) -> None:
    assert {row.side for row in Transcript.parse(text)} == {Side.NOTE}


@pytest.mark.parametrize("before", ["S: ", "<** ", "Server: "])
def test_a_refusal_with_a_mark_is_the_greeting_of_a_session(before: str) -> None:
    assert Transcript.parse(f"{before}554 no service\n").state is State.REFUSED
