"""What people type wrongly, in both worlds, leniently and strictly read: each reply names that mistake and the way out.

The reply of the host, what `session.why()` says of it, and the advice there are three readings of one sentence.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from smtplab.explain.causes import HOST, STRICT
from smtplab.lab.internet import Lab
from smtplab.lab.provoking import set_up
from smtplab.lab.session import Session
from smtplab.worlds.background import BackgroundServer
from smtplab.worlds.tcp import Server
from smtplab.worlds.tcp_client import dial

HELO, MAIL, RCPT = "HELO a.example", "MAIL FROM:<a@b.example>", "RCPT TO:<bob@lab.example>"
BEFORE = {"HELO": (), "MAIL": (HELO,), "RCPT": (HELO, MAIL), "DATA": (HELO, MAIL, RCPT), "NOOP": (HELO,)}
ONE_SPACE = "more than one blank stands behind {}; put one space there"
GLUED = "{} stands right behind {}, where only a space or the end of the line may"
NO_WORD = "{} is followed by {}: and a path, not by {}; write {} {}:<user@example.com>"
COLON = "the colon must stand right behind {}; write {} {}:<user@example.com>"
ADDRESS = "{}; write it as in <user@example.com>"
ALONE = "{} takes no argument; write it alone, without {}"

# The verb that was meant, the line, and the sentence; in any reading, and then in the strict one alone.
MISTAKES = [
    ("HELO", " HELO a.example", "a blank stands before 'HELO'; begin the line with the verb"),
    ("HELO", "\tHELO a.example", "a blank stands before 'HELO'; begin the line with the verb"),
    ("HELO", "HELO  a.example", ONE_SPACE.format("HELO")),
    ("HELO", "HELO\ta.example", GLUED.format("a tab", "HELO")),
    ("HELO", "HELO: a.example", GLUED.format("':'", "HELO")),
    ("HELO", "HELO", "the host name is missing; say who you are, as in HELO client.example.com"),
    ("HELO", "HELO a b", "the host name 'a b' holds a space; it is one word, such as client.example.com"),
    ("HELO", "HELLO a.example", "'HELLO' is not a command of SMTP"),
    ("HELO", "\x08HELO a.example", r"'\x08HELO' is not a command of SMTP"),
    ("MAIL", " MAIL FROM:<a@b.example>", "a blank stands before 'MAIL'; begin the line with the verb"),
    ("MAIL", "MAIL  FROM:<a@b.example>", ONE_SPACE.format("MAIL")),
    ("MAIL", "MAILFROM:<a@b>", GLUED.format("'FROM:<a@b>'", "MAIL")),
    ("MAIL", "FROM:<a@b.example>", "'FROM:<a@b.example>' is not a command of SMTP"),
    ("MAIL", "MAIL", "FROM: and a path are missing behind MAIL; write MAIL FROM:<user@example.com>"),
    ("MAIL", "MAIL FROM <a@b.example>", COLON.format("FROM", "MAIL", "FROM")),
    ("MAIL", "MAIL FROM=<a@b.example>", COLON.format("FROM", "MAIL", "FROM")),
    ("MAIL", "MAIL a@b.example", NO_WORD.format("MAIL", "FROM", "'a@b.example'", "MAIL", "FROM")),
    ("MAIL", "MAIL TO:<a@b.example>", NO_WORD.format("MAIL", "FROM", "'TO:<a@b.example>'", "MAIL", "FROM")),
    ("MAIL", "MAIL FROM:", ADDRESS.format("nothing stands where an address should begin")),
    ("MAIL", "MAIL FROM:<a@b", ADDRESS.format("nothing stands where > should close the address")),
    ("MAIL", "MAIL FROM:a@b>", ADDRESS.format("the address ends with > but does not begin with <")),
    ("MAIL", "MAIL FROM:Alice <a@b>",
     ADDRESS.format("a name stands before the address, and SMTP takes the address alone")),
    ("MAIL", "MAIL FROM:<a b@c>",
     ADDRESS.format("a space stands in the address, where only quotation marks allow one")),
    ("MAIL", "MAIL FROM:<< a@b>>", ADDRESS.format("'< a@b>>' stands where an address should begin")),
    ("RCPT", "RCPT TO:", ADDRESS.format("nothing stands where an address should begin")),
    ("RCPT", "RCPT a@b", NO_WORD.format("RCPT", "TO", "'a@b'", "RCPT", "TO")),
    ("RCPT", "RCPT TO <bob@lab.example>", COLON.format("TO", "RCPT", "TO")),
    ("RCPT", "RCPT TO:<>", "the null path <> cannot be a recipient; name one, as in <user@example.com>"),
    ("RCPT", "RCPT TO:<bob>",
     ADDRESS.format("'>' stands where @ and a domain should follow; only Postmaster does without a domain")),
    ("RCPT", "RCPT TO:<a@b>, <c@d>", ADDRESS.format("', <c@d>' begins a second address; one command takes one")),
    ("RCPT", "RCPT TO:<a@b>;",
     ADDRESS.format("';' stands right behind the address, where only a space and parameters may")),
    ("DATA", "DATA now", ALONE.format("DATA", "'now'")),
    ("DATA", "DATA <CRLF>", ALONE.format("DATA", "'<CRLF>'")),
    ("DATA", "DATA.", GLUED.format("'.'", "DATA")),
    ("DATA", "DATE", "'DATE' is not a command of SMTP"),
    ("VRFY", "VERFY alice", "'VERFY' is not a command of SMTP"),
    ("VRFY", "VRFY", "VRFY needs an argument; write VRFY <user or mailbox>"),
    ("EXPN", "EXPN", "EXPN needs an argument; write EXPN <list>"),
    ("QUIT", "QUIT.", GLUED.format("'.'", "QUIT")),
    ("QUIT", "exit", "'exit' is not a command of SMTP"),
    ("RSET", "RSET;", GLUED.format("';'", "RSET")),
    ("SOML", "SMOL FROM:<a@b.example>", "'SMOL' is not a command of SMTP"),
]  # fmt: skip
STRICT_MISTAKES = [
    ("HELO", "HELO <a.example>",
     "'<a.example>' is not a domain; write it as in example.com, xn--bcher-kva.example or [192.0.2.1]"),
    ("MAIL", "MAIL FROM:a@b.example", ADDRESS.format("'a@b.example' needs the brackets < > around the address")),
    ("MAIL", "MAIL FROM: <a@b.example>", ADDRESS.format("' <a@b.example>' needs no blank before it")),
    ("MAIL", "MAIL FROM :<a@b.example>", COLON.format("FROM", "MAIL", "FROM")),
    ("RCPT", "RCPT TO:bob@lab.example", ADDRESS.format("'bob@lab.example' needs the brackets < > around the address")),
]  # fmt: skip
# They look like mistakes.
RIGHT = [
    ("HELO", "helo a.example"), ("HELO", "HELO a.example "), ("MAIL", "mail from:<a@b.example>"),
    ("RCPT", "Rcpt To:<bob@lab.example>\t"), ("NOOP", "NOOP  now"),
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
    assert reply.code == 501 or verb in why.lines["why"]
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
    assert session.why().reason == "The line is empty, and a command begins with a verb, such as HELP."
    assert "HELP" in session.why().advice
