"""The handler that refuses nothing and keeps nothing: the server behind ``serve --discard``."""

from datetime import UTC, datetime, timedelta

import pytest

from smtplab.mta.handler import Envelope, Handler, now
from smtplab.mta.personality import Personality
from smtplab.mta.policy import Policy
from smtplab.mta.session import ServerSession
from smtplab.protocol.commands import VERBS, Mail
from smtplab.protocol.grammar import NULL_PATH
from support.hosts import in_memory
from support.raw_client import RawClient


@pytest.fixture
def handler() -> Handler:
    """A handler whose clock stands still."""
    return Handler("lab.example", clock=lambda: datetime(2004, 8, 6, 10, 25, tzinfo=UTC))


@pytest.fixture
def client(handler: Handler) -> RawClient:
    """A session with it, greeted."""
    connected = in_memory(handler)
    connected.reply()
    return connected


def test_greeting_names_the_host_and_the_date_of_its_clock(handler: Handler) -> None:
    assert in_memory(handler).reply() == "220 lab.example SMTP service ready Fri, 6 Aug 2004 10:25:00 +0000"


def test_every_sender_recipient_and_message_is_taken(client: RawClient) -> None:
    assert client.say("HELO client.example").startswith("250")
    for sender, recipient in (("<>", "<a@b.example>"), ("<x@y.example>", "<Postmaster>"), ("<q@[192.0.2.1]>", "<z@z>")):
        assert client.say(f"MAIL FROM:{sender}", f"RCPT TO:{recipient}").startswith("250")
        assert client.say("DATA").startswith("354")
        client.send(b"x" * 100_000 + b"\r\n")
        assert client.say(".") == "250 Message accepted as DROPPED, 100002 octets"


def test_addresses_are_neither_verified_nor_expanded(client: RawClient) -> None:
    assert client.say("VRFY alice").startswith("252 Cannot verify alice")
    assert client.say("EXPN staff").startswith("502 EXPN is not implemented here")


def test_turn_is_refused(client: RawClient) -> None:
    assert client.say("HELO client.example", "TURN").startswith("502 TURN is not implemented here")


def test_help_lists_every_verb(client: RawClient) -> None:
    reply = client.say("HELP")
    assert reply.startswith("211-lab.example is ready\n")
    assert set(VERBS) <= set(reply.split())


@pytest.mark.parametrize("verb", VERBS)
def test_help_about_a_verb_gives_its_syntax(client: RawClient, verb: str) -> None:
    reply = client.say(f"HELP {verb.lower()}")
    assert [line[:3] for line in reply.split("\n")] == ["214", "214"]
    assert VERBS[verb].syntax in reply


def test_help_about_anything_else_is_504(client: RawClient) -> None:
    reply = client.say("HELP VERFY")
    assert reply.startswith("504")
    assert "'VERFY'" in reply


def test_help_of_the_personality_comes_first() -> None:
    personality = Personality(
        "own", {"HELP_MESSAGE": "{detail}"}, {"GENERAL": "Ask the postmaster", "NOOP": "It does nothing"}
    )
    client = in_memory(Handler("lab.example", personality=personality))
    client.reply()
    assert client.say("HELP") == "214 Ask the postmaster"
    assert client.say("HELP noop") == "214 It does nothing"
    assert client.say("HELP DATA").startswith("214-DATA")


def test_envelope_knows_where_failures_are_reported_to() -> None:
    envelope = Envelope(Mail(NULL_PATH))
    assert (envelope.reverse_path, envelope.recipients, envelope.octets, envelope.memo) == (NULL_PATH, [], 0, None)


def test_clock_of_the_machine_knows_its_time_zone_and_counts_whole_seconds() -> None:
    assert now().utcoffset() is not None
    assert now().microsecond == 0
    assert abs(now() - datetime.now(UTC)) < timedelta(seconds=2)


def test_each_greeting_has_the_date_of_its_own_moment() -> None:
    moments = [datetime(2004, 8, 6, 10, 25, 0, tzinfo=UTC), datetime(2004, 8, 6, 10, 25, 1, tzinfo=UTC)]
    asked = [moments[0], moments[0], moments[1], moments[0]]
    handler = Handler("lab.example", clock=lambda: asked.pop(0))
    texts = [handler.connect(ServerSession(handler, Policy())).text for _ in range(4)]
    assert [text[-8:-6] for text in texts] == ["00", "00", "01", "00"]


@pytest.mark.parametrize("blanks", ["  ", "   "])
def test_help_is_given_whatever_blanks_stand_before_the_verb(client: RawClient, blanks: str) -> None:
    assert client.say(f"HELP{blanks}MAIL") == client.say("HELP MAIL")
