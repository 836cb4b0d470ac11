"""What people type wrongly, in both worlds, leniently and strictly read: each reply names that mistake and the way out.

The reply of the host, what `session.why()` says of it, and the advice there are three readings of one sentence.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from smtplab.explain.causes import HOST, STRICT
from smtplab.lab.internet import Lab
from smtplab.lab.provoking import set_up
from smtplab.lab.session import Session
from smtplab.protocol import sentences
from smtplab.worlds.background import BackgroundServer
from smtplab.worlds.tcp import Server
from smtplab.worlds.tcp_client import dial

HELO, MAIL, RCPT = "HELO a.example", "MAIL FROM:<a@b.example>", "RCPT TO:<bob@lab.example>"
BEFORE = {
    "HELO": (),
    "MAIL": (HELO,),
    "RCPT": (HELO, MAIL),
    "DATA": (HELO, MAIL, RCPT),
    "NOOP": (HELO,),
    "SOML": (HELO,),
}


def of(template: str) -> str:
    """Return a template of the kernel without its RFC, its fields to be filled in by position."""
    return re.sub(r"\{\w+\}", "{}", re.sub(r" \(RFC [^)]*\)$", "", template))


ONE_SPACE, GLUED, NO_WORD = of(sentences.MORE_BLANKS), of(sentences.GLUED_TO_VERB), of(sentences.WRONG_WORD)
COLON, ALONE, BLANK = of(sentences.COLON_MISSING), of(sentences.NO_ARGUMENT), of(sentences.BLANK_BEFORE_VERB)
NO_VERB, NEEDS_ARGUMENT = of(sentences.NOT_A_VERB), of(sentences.ARGUMENT_MISSING)
BRACKETS, NO_BLANK = "the brackets < > around the address", "no blank before it"
NO_ADDRESS, NOT_CLOSED = of(sentences.ADDRESS_MISSING), of(sentences.BRACKET_NOT_CLOSED)

# The verb that was meant, the line, and the sentence; in any reading, and then in the strict one alone.
MISTAKES = [
    ("HELO", " HELO a.example", BLANK.format("'HELO'")),
    ("HELO", "\tHELO a.example", BLANK.format("'HELO'")),
    ("HELO", "HELO\ta.example", GLUED.format("a tab", "HELO")),
    ("HELO", "HELO: a.example", GLUED.format("':'", "HELO")),
    ("HELO", "HELO", of(sentences.HOST_MISSING)),
    ("HELO", "HELO a b", of(sentences.HOST_WITH_SPACE).format("'a b'")),
    ("HELO", "HELLO a.example", NO_VERB.format("'HELLO'")),
    ("HELO", "\x08HELO a.example", NO_VERB.format(r"'\x08HELO'")),
    ("MAIL", " MAIL FROM:<a@b.example>", BLANK.format("'MAIL'")),
    ("MAIL", "MAILFROM:<a@b>", GLUED.format("'FROM:<a@b>'", "MAIL")),
    ("MAIL", "FROM:<a@b.example>", NO_VERB.format("'FROM:<a@b.example>'")),
    ("MAIL", "MAIL", of(sentences.WORD_MISSING).format("FROM", "MAIL", "MAIL", "FROM")),
    ("MAIL", "MAIL FROM :<a@b.example>", COLON.format("FROM", "MAIL", "FROM")),
    ("MAIL", "MAIL FROM <a@b.example>", COLON.format("FROM", "MAIL", "FROM")),
    ("MAIL", "MAIL FROM=<a@b.example>", COLON.format("FROM", "MAIL", "FROM")),
    ("MAIL", "MAIL a@b.example", NO_WORD.format("MAIL", "FROM", "'a@b.example'", "MAIL", "FROM")),
    ("MAIL", "MAIL TO:<a@b.example>", NO_WORD.format("MAIL", "FROM", "'TO:<a@b.example>'", "MAIL", "FROM")),
    ("MAIL", "MAIL FROM:", NO_ADDRESS.format("nothing")),
    ("MAIL", "MAIL FROM:<a@b", NOT_CLOSED.format("nothing")),
    ("MAIL", "MAIL FROM:a@b>", sentences.BRACKET_NOT_OPENED),
    ("MAIL", "MAIL FROM:Alice <a@b>",
     sentences.NAME_BEFORE_ADDRESS),
    ("MAIL", "MAIL FROM:<a b@c>",
     sentences.SPACE_IN_ADDRESS),
    ("MAIL", "MAIL FROM:<< a@b>>", NO_ADDRESS.format("'< a@b>>'")),
    ("RCPT", "RCPT TO:", NO_ADDRESS.format("nothing")),
    ("RCPT", "RCPT a@b", NO_WORD.format("RCPT", "TO", "'a@b'", "RCPT", "TO")),
    ("RCPT", "RCPT TO <bob@lab.example>", COLON.format("TO", "RCPT", "TO")),
    ("RCPT", "RCPT TO:<>", sentences.NULL_RECIPIENT),
    ("RCPT", "RCPT TO:<bob>",
     of(sentences.AT_MISSING).format("'>'")),
    ("RCPT", "RCPT TO:<a@b>, <c@d>", of(sentences.SECOND_ADDRESS).format("', <c@d>'")),
    ("RCPT", "RCPT TO:<a@b>;",
     of(sentences.GLUED_TO_ADDRESS).format("';'")),
    ("DATA", "DATA now", ALONE.format("DATA", "'now'")),
    ("DATA", "DATA <CRLF>", ALONE.format("DATA", "'<CRLF>'")),
    ("DATA", "DATA.", GLUED.format("'.'", "DATA")),
    ("DATA", "DATE", NO_VERB.format("'DATE'")),
    ("VRFY", "VERFY alice", NO_VERB.format("'VERFY'")),
    ("VRFY", "VRFY", NEEDS_ARGUMENT.format("VRFY", "VRFY <user or mailbox>")),
    ("EXPN", "EXPN", NEEDS_ARGUMENT.format("EXPN", "EXPN <list>")),
    ("QUIT", "QUIT.", GLUED.format("'.'", "QUIT")),
    ("QUIT", "exit", NO_VERB.format("'exit'")),
    ("RSET", "RSET;", GLUED.format("';'", "RSET")),
    ("SOML", "SMOL FROM:<a@b.example>", NO_VERB.format("'SMOL'")),
]  # fmt: skip
STRICT_MISTAKES = [
    ("HELO", "HELO <a.example>",
     of(sentences.NOT_A_DOMAIN).format("'<a.example>'")),
    ("MAIL", "MAIL FROM:a@b.example", of(sentences.STRICT_WANTS).format("'a@b.example'", BRACKETS)),
    ("MAIL", "MAIL FROM: <a@b.example>", of(sentences.STRICT_WANTS).format("' <a@b.example>'", NO_BLANK)),
    ("HELO", "HELO  a.example", ONE_SPACE.format("HELO")),
    ("MAIL", "MAIL  FROM:<a@b.example>", ONE_SPACE.format("MAIL")),
    ("NOOP", "NOOP  now", ONE_SPACE.format("NOOP")),
    ("RCPT", "RCPT TO:bob@lab.example", of(sentences.STRICT_WANTS).format("'bob@lab.example'", BRACKETS)),
]  # fmt: skip
# They look like mistakes.
RIGHT = [
    ("HELO", "helo a.example"), ("HELO", "HELO a.example "), ("MAIL", "mail from:<a@b.example>"),
    ("RCPT", "Rcpt To:<bob@lab.example>\t"), ("NOOP", "NOOP now"),
]  # fmt: skip


@contextmanager
def in_memory(lab: Lab) -> Iterator[Session]:
    yield lab.telnet(HOST)


@contextmanager
def over_tcp(lab: Lab) -> Iterator[Session]:
    host = lab.host(HOST)
    with (
        BackgroundServer(Server(host.handler, policy=host.policy)) as server,
        Session(dial(*server.address), seconds=10) as session,
    ):
        yield session


@pytest.fixture(params=[in_memory, over_tcp])
def session(request: pytest.FixtureRequest, strict: bool) -> Iterator[Session]:
    lab = Lab()
    if strict:
        set_up(lab, STRICT)
    with request.param(lab) as session:
        yield session


def check(session: Session, verb: str, line: str, sentence: str) -> None:
    for earlier in BEFORE.get(verb, ()):
        session.send(earlier)
    state = session.state
    reply = session.send(line)
    assert reply is not None
    assert reply.code == (501 if line.upper().startswith(f"{verb} ") or line == verb else 500)
    assert reply.text.endswith((f": {sentence}", f": {sentence} (RFC 5321 4.1.1)"))
    assert session.state is state
    why = session.why()
    assert why.reason == f"{sentence[0].upper()}{sentence[1:]}."
    assert why.suggestion == (verb if reply.code == 500 else "")
    assert reply.code == 501 or verb in f"{why.lines['why']} {why.lines.get('lecture', '')}"
    assert why.advice.startswith(f"Write {verb}")


@pytest.mark.parametrize("strict", [False, True], ids=["lenient", "strict"])
@pytest.mark.parametrize(("verb", "line", "sentence"), MISTAKES)
def test_a_mistake_is_named_with_the_way_out(session: Session, verb: str, line: str, sentence: str) -> None:
    check(session, verb, line, sentence)


@pytest.mark.parametrize("strict", [True], ids=["strict"])
@pytest.mark.parametrize(("verb", "line", "sentence"), STRICT_MISTAKES)
def test_a_strict_host_names_what_a_lenient_one_takes(session: Session, verb: str, line: str, sentence: str) -> None:
    check(session, verb, line, sentence)


@pytest.mark.parametrize("strict", [False], ids=["lenient"])
@pytest.mark.parametrize(("verb", "line", "sentence"), STRICT_MISTAKES)
def test_a_lenient_host_takes_it_and_says_so_in_a_note(session: Session, verb: str, line: str, sentence: str) -> None:
    for earlier in BEFORE[verb]:
        session.send(earlier)
    reply = session.send(line)
    assert reply is not None
    assert reply.code == 250
    assert session.note == sentence


@pytest.mark.parametrize("strict", [False, True], ids=["lenient", "strict"])
@pytest.mark.parametrize(("verb", "line"), RIGHT)
def test_what_only_looks_like_a_mistake_is_taken_without_a_word(session: Session, verb: str, line: str) -> None:
    for earlier in BEFORE[verb]:
        session.send(earlier)
    reply = session.send(line)
    assert reply is not None
    assert reply.code == 250
    assert session.note is None


@pytest.mark.parametrize("strict", [False, True], ids=["lenient", "strict"])
@pytest.mark.parametrize("line", ["", "  ", "\xa0"])
def test_an_empty_line_is_said_to_be_empty(session: Session, line: str) -> None:
    reply = session.send(line)
    assert reply is not None
    assert reply.code == 500
    empty = of(sentences.EMPTY_LINE)
    assert session.why().reason == f"{empty[0].upper()}{empty[1:]}."
    assert "HELP" in session.why().advice
