"""What a terminal, an editor or a page adds to all lines of a session is removed."""

import time

import pytest

from smtplab.transcript import Transcript
from smtplab.transcript.cleaning import cleaned, lines_of
from support.written_session import LINES, SESSION, told, wire

FORMS = [
    ("", ""),
    ("S: ", "C: "),
    ("S:", "C:"),
    ("<-  ", " -> "),
    ("> S: ", "> C: "),
    ("12:00:{n:02} ", "12:00:{n:02} "),
]
ENDS = ["^M", "^M$", "$", "<CRLF>", "<CR><LF>", "\\r\\n", "\\n", "\u00b6", "\u23ce", "<br>", "\\"]
INVISIBLE = ["\u200b", "\u200e", "\u200f", "\u2060", "\u2066", "\ufeff", "\xad", "\0"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("end", [*ENDS, *INVISIBLE, "\x1b[0m", "\x1b[K", "\x1b[39;49m", "^[[0m", "\x1b[m"])
def test_what_stands_at_the_end_of_every_line_is_not_of_the_session(form: tuple[str, str], end: str) -> None:
    text = "\n".join(line + end for line in told(*form).split("\n"))
    assert wire(Transcript.parse(text)) == wire(SESSION)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("colour", ["\x1b[32m", "\x1b[1;31m", "\x1b[38;5;196m", "\x1b]0;title\x07"])
def test_colours_are_removed(form: tuple[str, str], colour: str) -> None:
    text = "\n".join(f"{colour}{line}\x1b[0m" for line in told(*form).split("\n"))
    assert wire(Transcript.parse(text)) == wire(SESSION)


@pytest.mark.parametrize("end", ["^M", "<CRLF>"])
@pytest.mark.parametrize("side", ["S", "C"])
def test_the_lines_of_one_side_may_have_the_mark_alone(side: str, end: str) -> None:
    lines = told("S: ", "C: ").split("\n")
    text = "\n".join(line + end * line.startswith(side) for line in lines)
    assert wire(Transcript.parse(text)) == wire(SESSION)


def test_a_mark_that_only_some_lines_have_is_theirs() -> None:
    text = "\n".join(LINES).replace("354 go", "354 end with <CRLF>").replace("body", "5$")
    rows = [str(row) for row in Transcript.parse(text)]
    assert "S: 354 end with <CRLF>" in rows
    assert "C: 5$" in rows


@pytest.mark.parametrize("form", FORMS[:4])
@pytest.mark.parametrize("gap", ["\n\n", "\r\n\r\n", "\r\r", "\n  \n"])
def test_a_double_spaced_page_gains_no_lines(form: tuple[str, str], gap: str) -> None:
    assert wire(Transcript.parse(told(*form).replace("\n", gap))) == wire(SESSION)


def test_line_ends_turned_round_are_line_ends() -> None:
    assert wire(Transcript.parse("\n\r".join(LINES))) == wire(SESSION)
    assert lines_of("a\n\rb\n\r\n\rc") == ["a", "b", "", "c"]


@pytest.mark.parametrize("mark", ["> ", ">", ">> ", "> > ", "* ", ">>"])
@pytest.mark.parametrize("form", [("<-  ", " -> "), ("<<< ", ">>> "), ("S: ", "C: "), ("", "")])
def test_marks_of_quoted_mail_are_removed_whatever_stands_behind_them(form: tuple[str, str], mark: str) -> None:
    text = "\n".join(mark + line for line in told(*form).split("\n"))
    assert wire(Transcript.parse(text)) == wire(SESSION)


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_byte_order_mark_is_read_as_what_it_says(order: str) -> None:
    text = "\n".join(LINES).encode(order).decode("utf-8")
    assert wire(Transcript.parse(text)) == wire(SESSION)


def test_a_line_keeps_its_number_when_others_are_removed() -> None:
    assert [line.number for line in cleaned(["a", "", "b", "", "c"])] == [1, 3, 5]
    with pytest.raises(ValueError, match="line 7"):
        Transcript.parse("220 x\n\nNOOP\n\n250 x\n\n250 y\n\nQUIT\n\n221 x")


def test_paths_from_the_source_of_a_page_have_their_brackets() -> None:
    page = told("", "").replace("<", "&lt;").replace(">", "&gt;")
    assert wire(Transcript.parse(page)) == wire(SESSION)


@pytest.mark.parametrize(
    ("before", "each", "behind"),
    [
        ("<pre>", "{}", "</pre>"),
        ("<pre>", "{}<br>", ""),
        ('<div class="x"><pre><code>\n', "{}", "\n</code></pre></div>"),
        ("", "<p>{}</p>", ""),
        ("<body>\n", "<li>{}</li>", "\n</body>"),
    ],
)
def test_tags_around_a_session_are_removed(before: str, each: str, behind: str) -> None:
    lines = ["220 m", "HELO me", "250 m", "QUIT", "221 x"]
    text = before + "\n".join(each.format(line) for line in lines) + behind
    assert [row.data.decode() for row in Transcript.parse(text)] == [f"{line}\r\n" for line in lines]


def test_a_message_keeps_its_tags() -> None:
    lines = ["220 m", "HELO m", "250 m", "MAIL FROM:<a@b>", "250 k", "RCPT TO:<a@b>", "250 k", "DATA", "354 k"]
    text = "\n".join(["<pre>" + lines[0], *lines[1:], "", "<p>hello</p>", ".", "250 k", "</pre>"])
    assert "C: <p>hello</p>" in str(Transcript.parse(text))


@pytest.mark.parametrize("typed", ["HEXX\b\bLO me", "HEXX\b \b\b \bLO me", "\b\bHELO me"])
def test_what_somebody_has_erased_is_not_of_the_session(typed: str) -> None:
    assert "C: HELO me" in str(Transcript.parse(f"220 m\n{typed}\n250 m\n"))


def test_a_next_line_ends_a_line_only_where_nothing_else_does() -> None:
    assert lines_of("220 m\x85QUIT\x85221 x") == ["220 m", "QUIT", "221 x"]
    assert lines_of("220 m\x85\nQUIT\n") == ["220 m\x85", "QUIT", ""]


def test_a_long_row_of_tags_takes_no_long_time() -> None:
    begin = time.process_time()
    Transcript.parse("<pre>220 m\nHELO " + "<p> " * 10_000 + "x\n250 m\n</pre>")
    assert time.process_time() - begin < 5  # with a pattern that begins anew at each tag it was half a minute
