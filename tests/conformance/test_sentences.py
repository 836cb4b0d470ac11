"""Every sentence of a conformance run is told somewhere, in exactly these words. Those of the rules are in `golden`."""

from collections.abc import Callable
from typing import Any

import pytest

from conformance.bank_servers import SLIPS, WRONG, Right
from smtplab.client.outcomes import ConnectionLost
from smtplab.conformance import sentences
from smtplab.conformance.report import ConformanceReport
from smtplab.conformance.rule import ConformanceFinding, RuleOutcome
from smtplab.conformance.servers.check import check_conformance
from smtplab.conformance.servers.memory_peer import MemoryPeer
from smtplab.conformance.servers.server_rules import SERVER_RULES, ServerCheck
from smtplab.conformance.servers.stored_message import difference
from smtplab.conformance.servers.tcp_peer import TcpPeer
from smtplab.worlds.background import serve
from support.odd_server import OddServer, silence
from support.templates import is_made_of, names_of

SENT = b"From: a@b.example\r\nSubject: test\r\n\r\none\r\ntwo\r\n"


def named(name: str) -> type[Any]:
    return WRONG[name].server


def report_of(server: Any) -> str:
    return str(check_conformance(server, all=True))


def judged(server: Any, rule: str) -> tuple[str, str, str]:
    """Return what is expected, noted and said about one rule of a server."""
    return _first(ServerCheck(MemoryPeer(server), rules=[each for each in SERVER_RULES if each.rule.id == rule]))


def judged_at(address: tuple[str, int], rule: str) -> tuple[str, str, str]:
    rules = [each for each in SERVER_RULES if each.rule.id == rule]
    return _first(ServerCheck(TcpPeer(*address, patience=0.2), rules=rules))


def _first(check: ServerCheck) -> tuple[str, str, str]:
    (finding,) = check.run(all=True)
    return finding.expected, finding.note, finding.look


class Hidden:
    """Shows neither what it stores nor that it closes."""

    def __init__(self) -> None:
        self._server = Right()

    def feed(self, octets: bytes) -> bytes:
        return self._server.feed(octets)


class NoLimit(Right):
    def ehlo(self, argument: bytes) -> bytes:
        return super().ehlo(argument).replace(b" 1000000", b"")


class GivesNumbers:
    def feed(self, octets: bytes) -> int:
        return 250


class NeverEnds(Right):
    def greet(self) -> bytes:
        return b"220-" + b"x" * 1_000_001


class TwoCrashes(Right):
    def rset(self, argument: bytes) -> bytes:
        return self.lost()

    noop = rset

    def lost(self) -> bytes:
        raise KeyError("lost")


class RefusesWithOneCode(Right):
    def command(self, line: bytes) -> bytes:
        reply = super().command(line)
        return self.say("550 no") if reply.startswith(b"50") else reply


class Crashes(Right):
    def noop(self, argument: bytes) -> bytes:
        self.closed = True
        return b""


class Gone(MemoryPeer):
    """A server that takes the first connection only."""

    def connect(self) -> Any:
        if getattr(self, "taken", False):
            raise ConnectionLost("nobody listens")
        self.taken = True
        return super().connect()


def gone(first: str = "noop-needs-no-helo") -> list[ConformanceFinding]:
    """Return the findings about two rules; the server took a client for `first`, and is gone since."""
    rules = [
        each
        for name in (first, "noop-needs-no-helo", "help-is-answered")
        for each in SERVER_RULES
        if each.rule.id == name
    ]
    check = ServerCheck(Gone(Right), rules=rules)
    return sorted(check.run(all=True), key=lambda finding: finding.passed)[:2]


class Stuck(MemoryPeer):
    """A server that serves one client at a time, and stays with the one that leaves without QUIT."""

    patience = 0.1
    busy = False

    def connect(self) -> Any:
        connection = super().connect()
        connection.close = lambda: setattr(self, "busy", self.busy or not connection.server.closed)
        if self.busy:
            connection.receive = lambda seconds: None
        return connection


def stuck(rule: str) -> ConformanceFinding:
    """Return the finding about the rule at which it is seen that the server is stuck since another."""
    rules = [each for each in SERVER_RULES if each.rule.id in ("greeting-comes-first", rule, "noop-is-answered-250")]
    rules = rules[:1] * 2 + rules[1:]  # the last one is the next
    check = ServerCheck(Stuck(Right), rules=rules)
    for finding in check.run(all=True):
        if finding.instead:
            return finding
    raise AssertionError("it was not seen")


def ended() -> str:
    """Return the note about a server that has ended while it should answer."""
    rules = [each for each in SERVER_RULES if each.rule.id == "noop-is-answered-250"]
    peer = Gone(Crashes)
    peer.patience = 0.1
    (finding,) = ServerCheck(peer, rules=rules).run(all=True)
    return finding.note


def of_odd_server(*steps: Any) -> str:
    with OddServer(*steps) as server:
        return " ".join(judged_at(server.address, "greeting-comes-first"))


def unseen_storage() -> str:
    with serve() as server:
        return judged_at(server.address, "message-is-stored")[2]


def disk() -> str:
    with serve() as server:
        store = server.handler.store  # type: ignore[attr-defined]
        peer = TcpPeer(*server.address, messages=lambda: list(store.messages("alice")))
        return _first(ServerCheck(peer, rules=[each for each in SERVER_RULES if each.rule.id == "crlf-is-stored"]))[2]


def not_a_server() -> str:
    with pytest.raises(TypeError) as raised:
        check_conformance(5)
    return str(raised.value)


def alike(count: int) -> str:
    rule = next(each.rule for each in SERVER_RULES if each.rule.id == "noop-changes-nothing")
    return str(ConformanceReport([ConformanceFinding(rule, RuleOutcome.FAIL, play="It refuses.")] * count))


def interrupted() -> str:
    return str(ConformanceReport((), complete=False))


# What is told, and the words in it.
ROWS: dict[str, tuple[Callable[[], Any], str]] = {
    "NEEDS": (
        lambda: [each.look for each in check_conformance(named("has-no-ehlo"), all=True).findings],
        "This rule needs ehlo-is-answered-250.",
    ),
    "SAME_CAUSE": (lambda: report_of(TwoCrashes), "This has the same cause as rset-is-answered-250."),
    "SAME_LOOK": (lambda: report_of(named("halves-dots-everywhere")), "The same as for one-dot-only-is-removed."),
    "ALIKE": (lambda: alike(3), "2 more rules fail in the same way: noop-changes-nothing, noop-changes-nothing."),
    "ONE_ALIKE": (lambda: alike(2), "One more rule fails in the same way: noop-changes-nothing."),
    "SUMMARY": (lambda: report_of(Right), "Right: 142 rules passed, 0 failed, 0 skipped."),
    "STOPPED": (
        lambda: check_conformance(named("stays-after-quit")),
        "The run stopped after stage 3 of 20, quit.",
    ),
    "INTERRUPTED": (interrupted, "The run was interrupted."),
    "UNDER_WAY": (
        lambda: ConformanceReport((), complete=False, under_way="noop-takes-an-argument"),
        "The run was interrupted at the rule noop-takes-an-argument.",
    ),
    "FEED_GAVE": (
        lambda: judged(GivesNumbers, "greeting-comes-first")[1],
        "feed must return octets; it returned an int",
    ),
    "GREETING_IS": (
        lambda: judged(type("Text", (Right,), {"greeting": "220 a\r\n"}), "greeting-comes-first")[1],
        "greeting must be octets; it is a str",
    ),
    "LOOK_AT_OCTETS": (
        lambda: judged(GivesNumbers, "greeting-comes-first")[2],
        'Return bytes, b"" where there is nothing to say, and encode text: f"{code} ok\\r\\n".encode().',
    ),
    "CRASH_AT": (
        lambda: judged(named("crashes-at-an-empty-line"), "empty-line-gets-500")[1],
        "IndexError: list index out of range, in command: verb = line.split()[0]",
    ),
    "NO_SERVER": (
        not_a_server,
        "int is not a server; give a class or an object with feed(octets), or an address (host, port)",
    ),
    "SILENCE": (lambda: judged(named("waits-for-the-client"), "greeting-comes-first")[1], "(nothing)"),
    "SILENCE_FOR": (lambda: of_odd_server(silence), "(nothing more for 0.2 s)"),
    "TOO_MUCH": (
        lambda: judged(NeverEnds, "greeting-is-220")[1],
        "(and more; the run hung up after 1,000,000 octets)",
    ),
    "CLOSED": (of_odd_server, "(the server closed the connection)"),
    "STILL_OPEN": (
        lambda: judged(named("stays-after-quit"), "quit-closes-the-connection")[1],
        "(the connection stays open)",
    ),
    "CLOSING_UNSEEN": (
        lambda: judged(Hidden, "quit-closes-the-connection")[2],
        "The server has no attribute `closed`, so it cannot be seen if it closes.",
    ),
    "STORAGE_UNSEEN": (
        unseen_storage,
        "They look at the stored text. Name the folder of its Maildir with --maildir DIR, to have it checked.",
    ),
    "MESSAGES_UNSEEN": (
        lambda: judged(Hidden, "message-is-stored")[2],
        "They look at the stored text. Give the server a list `messages`, to have it checked.",
    ),
    "STEP_REFUSED": (
        lambda: judged(named("waits-for-the-client"), "mail-is-answered-250")[2],
        "The server has no positive reply to the connection.",
    ),
    "STORED_COUNT": (lambda: judged(named("stores-nothing"), "message-is-stored")[0], "1 stored"),
    "FOUND_COUNT": (lambda: judged(named("stores-nothing"), "message-is-stored")[1], "(0 stored)"),
    "MIXED_LINE_ENDS": (
        lambda: difference(SENT + b"three\n", SENT),
        "Some lines are stored with CRLF and others with LF. Store the CRLF of each line.",
    ),
    "LAST_LINE_END_LOST": (
        lambda: difference(SENT[:-2], SENT),
        "The CRLF of the last line is lost. It belongs to the text; only the dot and its CRLF do not.",
    ),
    "EMPTY_LINE_ADDED": (
        lambda: difference(SENT + b"\r\n", SENT),
        "There is an empty line too many at the end. The CRLF before the dot ends the last line of the text.",
    ),
    "DOT_STORED": (
        lambda: difference(SENT + b".\r\n", SENT),
        "The dot that ends the text is stored. It does not belong to the text.",
    ),
    "TEXT_STRIPPED": (
        lambda: difference(SENT[:-2], SENT + b"\r\n"),
        "Blanks or empty lines at the beginning or the end are lost. Do not strip the text.",
    ),
    "LINE_ENDS_LOST": (
        lambda: difference(SENT.replace(b"\r\n", b""), SENT),
        "The line ends are lost. Put CRLF between the lines again, or do not split the text.",
    ),
    "TEXT_IN_CAPITALS": (
        lambda: difference(SENT.upper(), SENT),
        "The text is in capitals. Turn only the verb of a command into capitals.",
    ),
    "DOTS_DIFFER": (
        lambda: difference(SENT.replace(b"two", b"..two"), SENT),
        "The dots differ. Remove the first dot of each line that begins with one, and no other.",
    ),
    "BLANKS_DIFFER": (
        lambda: difference(SENT.replace(b"two", b" two"), SENT),
        "Blanks or empty lines differ. Store each line of the text as it came.",
    ),
    "TEXT_DIFFERS": (
        lambda: difference(b"other", SENT),
        "Another text is stored. Compare it with what was sent, octet by octet.",
    ),
    "LINE_ENDS_ON_DISK": (disk, "Mail on disk may have LF at the end of its lines."),
    "CLOSED_AFTER_TEXT": (
        lambda: judged(named("reads-one-message-only"), "session-goes-on-after-the-text")[2],
        "The server closes the connection after a message. Stay in the loop that reads commands until QUIT comes: "
        "the client may send another message.",
    ),
    "NOT_OFFERED": (
        lambda: judged(named("ends-each-line-of-ehlo"), "offered-size-is-read")[2],
        "The server does not offer SIZE.",
    ),
    "NO_SIZE_LIMIT": (
        lambda: judged(NoLimit, "offered-size-is-a-limit")[2],
        "The server offers SIZE without a limit.",
    ),
    "A_CONNECTION": (lambda: gone()[0].expected, "a connection for the next client"),
    "GONE": (
        lambda: gone()[0].look,
        "The server takes no connection any more. Look at its own output: it ended with an error, or after one "
        "client. A server that is done with a client waits for the next one.",
    ),
    "GONE_IN_TEXT": (
        lambda: gone("data-is-answered-354")[0].look,
        "The server takes no connection any more since a client hung up after 354, before the dot. Then recv returns "
        "b'', again and again: leave the loop that reads the text, and wait for the next client.",
    ),
    "GONE_SINCE": (lambda: gone()[1].look, "The server takes no connection since noop-needs-no-helo. Start it again."),
    "ENDED_AFTER": (lambda: gone()[0].instead, "the server takes no connection after noop-needs-no-helo"),
    "STUCK_SINCE": (
        lambda: stuck("data-is-answered-354").instead,
        "the server takes no connection since data-is-answered-354",
    ),
    "STUCK": (
        lambda: stuck("client-vanishes-at-once").note,
        "(then this client left, and the next one is not greeted)",
    ),
    "STUCK_AFTER_CODE": (
        lambda: stuck("data-is-answered-354").note,
        "(this client left after 354, and the next one is not greeted)",
    ),
    "LOOK_STUCK": (
        lambda: stuck("data-is-answered-354").look,
        "Your server is still with the client that has left. Look for a loop that goes on when recv returns nothing, "
        "b'' in Python: that is the end of the connection. Leave the loop then, and accept the next client.",
    ),
    "ENDED": (ended, "(the server closed the connection, and takes no other)"),
    "CRASHED": (
        lambda: judged(named("crashes-at-an-empty-line"), "empty-line-gets-500")[2],
        "Your program raised this error. Mend the line that is shown: a client must not be able to end the server.",
    ),
    "OTHER_THAN_503": (
        lambda: judged(RefusesWithOneCode, "rcpt-needs-mail")[2],
        "The refusal is right, but not its code: 550. 503 says that a command comes at the wrong time.",
    ),
    "OTHER_THAN_501": (
        lambda: judged(RefusesWithOneCode, "helo-needs-a-name")[2],
        "The refusal is right, but not its code: 550. 501 says that an argument is missing or wrong.",
    ),
    "NO_LINE_END": (lambda: judged(named("replies-end-in-nothing"), "replies-end-in-crlf")[1], "(and no line end)"),
    "NO_LINE_ENDS": (
        lambda: judged(named("replies-end-in-nothing"), "two-commands-together")[2],
        "The replies have no line ends, so it cannot be seen where one ends.",
    ),
    "NO_FAREWELL": (
        lambda: judged(named("leaves-without-a-word"), "session-goes-on-after-the-text")[2],
        "The server does not answer QUIT, so it cannot be seen if there are replies too many.",
    ),
    "FAREWELL": (
        lambda: judged(named("reads-one-message-only"), "session-goes-on-after-the-text")[0],
        "221 to QUIT as the next reply",
    ),
    "ANY_CODE": (lambda: judged(SLIPS["letters-may-be-mixed"], "letters-may-be-mixed")[0], "a code that begins with 2"),
}


def test_every_sentence_has_a_row() -> None:
    assert set(ROWS) == set(names_of(sentences))


@pytest.mark.parametrize("name", ROWS)
def test_the_sentence_is_told_word_by_word(name: str) -> None:
    tell, words = ROWS[name]
    told = tell()
    assert any(words in each for each in (told if isinstance(told, list) else [str(told)]))
    assert is_made_of(words, getattr(sentences, name))
