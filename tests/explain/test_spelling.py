"""Which verb was meant, and what a line is that is no command."""

import pytest

from smtplab.explain.spelling import meant_verb, nearest_verb, no_verb_of_ours
from smtplab.protocol.commands import VERBS


@pytest.mark.parametrize(
    ("word", "verb"),
    [
        ("VERFY", "VRFY"), ("SMOL", "SOML"), ("SMAL", "SAML"), ("verfy", "VRFY"), ("HALO", "HELO"), ("EHELO", "EHLO"),
        ("MIAL", "MAIL"), ("RCTP", "RCPT"), ("DTAA", "DATA"), ("QIUT", "QUIT"), ("MAILFROM:<a@b.example>", "MAIL"),
        ("HELO:", "HELO"), ("NOP", "NOOP"), ("XYZZY", ""), ("", ""), ("250", ""),
        ("RETR", ""), ("list", ""), ("STAT", ""), ("FETCH", ""), ("RESTR", "RSET"),
        ("EXIT", "QUIT"), ("END", "QUIT"), ("end", "QUIT"), ("SEN", "SEND"),
        ("bye", "QUIT"), ("?", "HELP"), ("RESET", "RSET"), ("VERIFY", "VRFY"), ("EXPAND", "EXPN"),
        ("FROM:<a@b.example>", "MAIL"), ("to:<a@b.example>", "RCPT"), ("From:", ""), ("TO:", ""), ("Subject:", ""),
    ],
)  # fmt: skip
def test_the_nearest_verb_is_found(word: str, verb: str) -> None:
    assert nearest_verb(word) == verb


@pytest.mark.parametrize(
    ("line", "verb"),
    [
        (" HELO a", "HELO"), ("\tHALO a", "HELO"), ("\xa0NOOP", "NOOP"), ("C: NOOP", "NOOP"), ("c:NOOP", "NOOP"),
        ("$ QUIT", "QUIT"), ("> DATE", "DATA"), ("HELO\ta", "HELO"), ("C:", ""), ("", ""), ("   ", ""),
    ],
)  # fmt: skip
def test_what_stands_before_the_verb_does_not_hide_it(line: str, verb: str) -> None:
    assert meant_verb(line.encode()) == verb


def test_every_octet_may_be_typed() -> None:
    assert meant_verb(bytes(range(256))) == ""
    assert no_verb_of_ours(bytes(range(256))) == ""


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"STARTTLS", "(RFC 3207 4)"), (b"auth PLAIN", "AUTH belongs to an extension that is not offered"),
        (b".", "ends a message"), (b"250 ok", "250 begins a reply"), (b"250-ok", "reply"),
        (b"354", "reply"), (b"C: NOOP", "marks"),
    ],
)  # fmt: skip
def test_what_is_no_command_but_known_is_called_by_its_name(line: bytes, words: str) -> None:
    assert words in no_verb_of_ours(line)


@pytest.mark.parametrize("line", [b"", b"XYZZY", b"2500 ok", b"..", b"600 no", b"199 no", *map(str.encode, VERBS)])
def test_of_anything_else_nothing_is_said(line: bytes) -> None:
    assert no_verb_of_ours(line) == ""
