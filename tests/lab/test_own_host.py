"""A student's own server as a host of the lab: who talks to it, what it keeps, and how its errors are told."""

import re
from typing import Any

import pytest

from smtplab import Lab, Session, SessionClosed
from smtplab.client.outcomes import ConnectionLost
from smtplab.jupyter.engine import Engine
from smtplab.lab import sentences
from smtplab.lab.session import Irrevocable
from smtplab.protocol.states import State
from support.cells import done
from support.templates import is_made_of

NAME = "own.example"
MESSAGE = "MAIL FROM:<alice@lab.example>\nRCPT TO:<you@own.example>\nDATA\nSubject: For you\n\nHello\n."


class Small:
    """A server that says 250 to nearly everything."""

    def __init__(self) -> None:
        self.greeted = False
        self.rest = b""
        self.text: list[bytes] | None = None
        self.messages: list[list[bytes]] = []

    def feed(self, octets: bytes) -> bytes:
        if not self.greeted:
            self.greeted = True
            return b"220 own.example ready\r\n"
        *lines, self.rest = (self.rest + octets).split(b"\r\n")
        return b"".join(map(self.answer, lines))

    def answer(self, line: bytes) -> bytes:
        if self.text is not None:
            return self.keep(self.text, line)
        replies = {b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n", b"EHLO": b"502 not here\r\n"}
        if line == b"DATA":
            self.text = []
        if line == b"VRFY a":
            return {}["a"]
        return replies.get(line[:4], b"250 ok\r\n")

    def keep(self, text: list[bytes], line: bytes) -> bytes:
        if line != b".":
            text.append(line)
            return b""
        self.messages.append(text)
        self.text = None
        return b"250 kept\r\n"


@pytest.fixture
def lab() -> Lab:
    return Lab()


def talk(lab: Lab, server: Any) -> Session:
    lab.add_host(NAME, server)
    return lab.telnet(NAME)


# Who talks to it


def test_a_session_by_hand_is_held_with_it(lab: Lab) -> None:
    own = lab.add_host(NAME, Small)
    session = lab.telnet("Own.Example.")
    assert session.greeting is not None
    assert session.greeting.text == "own.example ready"
    reply = session.send(f"HELO laptop.example\n{MESSAGE}")
    assert reply is not None
    assert reply.text == "kept"
    assert own.messages == [[b"Subject: For you", b"", b"Hello"]]
    session.send("QUIT")
    assert session.state is State.CLOSED
    assert [row.text for row in session.transcript][-1] == "Connection closed by foreign host."


def test_each_connection_has_an_object_of_its_own(lab: Lab) -> None:
    own = lab.add_host(NAME, Small)
    first, second = lab.telnet(NAME), lab.telnet(NAME)
    first.send("HELO a\nMAIL FROM:<a@b.example>\nDATA")
    assert str(second.send("NOOP")) == "250 ok"
    assert len(own.servers) == 2


def test_a_mail_client_delivers_to_it(lab: Lab) -> None:
    own = lab.add_host(NAME, Small)
    with lab.client(NAME) as client:
        assert client.deliver("a@b.example", ["you@own.example"], b"Subject: x\r\n\r\n.dot\r\n").accepted
    assert own.messages == [[b"Subject: x", b"", b"..dot"]]


def test_the_socket_of_a_students_client_leads_to_it(lab: Lab) -> None:
    lab.add_host(NAME, Small)
    sock = lab.socket(NAME)
    sock.sendall(b"NOOP\r\nQUIT\r\n")
    assert sock.recv(1000) == b"220 own.example ready\r\n250 ok\r\n221 bye\r\n"
    assert sock.recv(1000) == b""


@pytest.mark.parametrize("queues", [False, True])
def test_the_hosts_of_the_lab_relay_to_it(queues: bool) -> None:
    lab = Lab(queues=queues)
    own = lab.add_host(NAME, Small)
    other = lab.add_host("second.example", Small)
    lab.telnet("mail.campus.example").send(f"HELO laptop.example\n{MESSAGE}")
    if queues:
        lab.run()
    assert own.messages[0][-1] == b"Hello"
    assert other.messages == []


def test_the_smtp_kernel_calls_it_by_its_name() -> None:
    engine = Engine()
    engine.lab.add_host(NAME, Small)
    assert str(done(engine, f"telnet {NAME}\nHELO a").result) == "250 ok"
    assert "your own server" in done(engine, "%hosts").text


def test_a_fork_of_another_session_has_a_copy_of_it(lab: Lab) -> None:
    own = lab.add_host(NAME, Small)
    fork = lab.telnet("mail.lab.example").fork()
    fork.send(f"HELO laptop.example\n{MESSAGE}")
    assert [each.messages[0][0] for each in fork.lab.own_hosts] == [fork.lab.own_hosts[0].messages[0][0]]  # type: ignore[attr-defined]
    assert own.messages == []


# The life of the host


def test_a_host_that_is_added_again_is_replaced(lab: Lab) -> None:
    first = lab.add_host(NAME, Small)
    session = lab.telnet(NAME)
    second = lab.add_host(NAME, Small)
    assert str(session.send("NOOP")) == "250 ok"
    assert lab.own_hosts == (second,)
    assert (len(first.servers), len(second.servers)) == (1, 0)
    assert second.address == first.address != lab.add_host("b.example", Small).address


def test_a_host_that_stops_says_so_and_takes_no_more_calls(lab: Lab) -> None:
    own = lab.add_host(NAME, Small)
    session = lab.telnet(NAME)
    own.stop()
    assert str(session.poll()) == "421 own.example is shut down"
    with pytest.raises(ConnectionLost, match=re.escape(NAME)):
        lab.telnet(NAME)


def test_it_does_not_go_back(lab: Lab) -> None:
    session = talk(lab, Small)
    session.send("NOOP")
    with pytest.raises(Irrevocable, match="own server"):
        session.undo()
    assert not session.can_undo()


def test_the_client_hangs_up_and_the_object_hears_nothing_of_it(lab: Lab) -> None:
    session = talk(lab, Small)
    session.close()
    assert lab.own_hosts[0].failure == ""


# How it greets and closes


class Greets(Small):
    greeting: Any = b"220 by attribute\r\n"
    closed = False

    def feed(self, octets: bytes) -> bytes:
        self.closed = octets.startswith(b"RSET")
        return b"221 not yet\r\n" if octets.startswith(b"QUIT") else b"250 ok\r\n"


def test_an_attribute_may_greet_and_another_one_closes(lab: Lab) -> None:
    session = talk(lab, Greets)
    assert session.greeting is not None
    assert session.greeting.text == "by attribute"
    assert str(session.send("RSET")) == "250 ok"
    session.poll()
    assert session.closed


def test_a_server_that_tells_when_it_closes_goes_on_after_its_221(lab: Lab) -> None:
    lab.add_host(NAME, Greets)
    sock = lab.socket(NAME)
    sock.sendall(b"QUIT\r\n")
    sock.sendall(b"NOOP\r\n")
    assert sock.recv(100).endswith(b"221 not yet\r\n250 ok\r\n")


def test_a_method_may_greet(lab: Lab) -> None:
    class Method(Greets):
        def greeting(self) -> bytes:
            return b"220 by method\r\n"

    assert str(talk(lab, Method).greeting) == "220 by method"


def test_a_method_may_say_that_it_has_closed(lab: Lab) -> None:
    class Method(Greets):
        def closed(self) -> bool:  # type: ignore[override]
            return self.over

        over = False

        def feed(self, octets: bytes) -> bytes:
            self.over = octets.startswith(b"RSET")
            return b"250 ok\r\n"

    session = talk(lab, Method)
    assert str(session.send("NOOP")) == "250 ok"
    assert not session.closed
    session.send("RSET")
    session.poll()
    assert session.closed


def test_a_method_that_fails_when_it_is_asked_for_its_end_is_told_as_feed_is(lab: Lab) -> None:
    class Method(Small):
        def closed(self) -> bool:
            return bool({}["gone"])

    lab.add_host(NAME, Method)
    assert b"failed with KeyError" in lab.socket(NAME).recv(500)


# What is said about its replies


def card(lab: Lab, line: str, server: Any = Small) -> str:
    session = talk(lab, server)
    session.send("HELO a\nMAIL FROM:<alice@lab.example>")
    reply = session.send(line)
    assert reply is not None
    return str(reply.explanation)


@pytest.mark.parametrize("line", ["RCPT TO:<you@own.example>", "RSET", "NOOP", "HELO b"])
def test_a_card_names_no_verb_that_only_the_labs_hosts_have(lab: Lab, line: str) -> None:
    told = card(lab, line)
    assert not re.search(r"\b(?:EXPN|HELP|TURN|SEND|SOML|SAML)\b", told)
    assert re.search(r"legal now .*\bQUIT\b", told)


class Refuses(Small):
    def answer(self, line: bytes) -> bytes:
        codes = {b"RCPT TO:<busy@own.example>": b"450 no\r\n", b"RCPT TO:<zoe@own.example>": b"550-no\r\n550 no\r\n"}
        return codes.get(line) or (b"500 what\r\n" if line == b"BREAD" else b"250 ok\r\n")


@pytest.mark.parametrize(
    ("line", "claims"),
    [
        ("RCPT TO:<you@own.example>", "has the mailbox"),
        ("RCPT TO:<zoe@own.example>", "among its users"),
        ("RCPT TO:<busy@own.example>", "another program"),
        ("VRFY bob", "names the mailbox"),
        ("BREAD", "HELP"),
    ],
)
def test_a_card_claims_nothing_about_the_inside_of_a_students_server(lab: Lab, line: str, claims: str) -> None:
    lines = {
        "RCPT TO:<you@own.example>": "RCPT TO:<bob@lab.example>",
        "RCPT TO:<zoe@own.example>": "RCPT TO:<zoe@lab.example>",
    }
    assert claims not in card(lab, line, Refuses)
    if line in lines:  # a host of the lab is known inside
        session = lab.telnet("mail.lab.example")
        session.send("HELO a\nMAIL FROM:<alice@lab.example>")
        assert claims in str(session.send(lines[line]).explanation)  # type: ignore[union-attr]


def test_an_error_of_a_students_server_is_not_told_as_a_shutdown(lab: Lab) -> None:
    told = card(lab, "VRFY a")
    assert "KeyError" in told
    assert "shutting down, and says so" not in told


# Errors


def test_an_error_in_feed_is_a_421_with_the_error_and_the_students_line(lab: Lab) -> None:
    session = talk(lab, Small)
    reply = session.send("VRFY a")
    assert reply is not None
    assert reply.code == 421
    assert is_made_of(reply.text, sentences.SERVER_FAILED)
    assert "KeyError: 'a', in your line " in reply.text
    assert reply.text.endswith('return {}["a"]')
    assert session.closed
    assert lab.own_hosts[0].failure in reply.text
    with pytest.raises(SessionClosed):
        session.send("NOOP")


@pytest.mark.parametrize("value", ["250 ok\r\n", None, 250])
def test_what_is_not_octets_is_told(lab: Lab, value: object) -> None:
    class Wrong(Small):
        def feed(self, octets: bytes) -> Any:
            return value if octets else b"220 hi\r\n"

    reply = talk(lab, Wrong).send("NOOP")
    assert reply is not None
    assert is_made_of(reply.text.replace("\\\\", "\\"), sentences.FEED_GIVES_OCTETS)
    assert repr(value) in reply.text


def test_a_server_that_fails_at_its_greeting_says_so_too(lab: Lab) -> None:
    class Broken(Small):
        def __init__(self, needed: int) -> None:
            super().__init__()

    assert "TypeError" in str(talk(lab, Broken).greeting)


def test_a_long_error_fits_into_a_reply(lab: Lab) -> None:
    class Long(Small):
        def answer(self, line: bytes) -> bytes:
            raise ValueError("a\r\nb" * 1000)

    session = talk(lab, Long)
    reply = session.send("NOOP")
    assert reply is not None
    assert len(reply.text) < 500
    assert "a b" in reply.text


class NoFeed:
    pass


@pytest.mark.parametrize("server", [Small(), NoFeed, 3, None, "Small"])
def test_what_makes_no_server_is_refused_at_once(lab: Lab, server: Any) -> None:
    with pytest.raises(TypeError):
        lab.add_host(NAME, server)


def test_the_names_of_the_labs_own_hosts_are_taken(lab: Lab) -> None:
    for name in ("mail.lab.example", "MTA13.adelphia.net."):
        with pytest.raises(ValueError, match="already"):
            lab.add_host(name, Small)


def test_it_has_no_directory_faults_or_queue(lab: Lab) -> None:
    lab.add_host(NAME, Small)
    for call in (lab.host, lambda name: lab.fault("lose the 250 after the dot", name)):
        with pytest.raises(ValueError, match="your own server"):
            call(NAME)
    assert NAME not in lab.host_names
