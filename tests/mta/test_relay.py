"""The second of SMTP's two uses: a host hands a message to the next hop, in either world."""

import time
from collections.abc import Iterator, Sequence

import pytest

from smtplab.mta import sentences
from smtplab.mta.directory import Forward, MailingList
from smtplab.mta.host import MailHost
from smtplab.mta.policy import Policy
from smtplab.mta.relay import Handovers, NotRelayed, Relay, RelayedMessage, RelayResult
from smtplab.mta.store import StorageError
from smtplab.mta.trace import HOP_LIMIT
from smtplab.protocol import replies
from smtplab.protocol.grammar import Path
from smtplab.protocol.replies import Reply
from support.hosts import ForgettingStore, TcpWorld, World, carry_out, mail_host, world_of
from support.odd_server import OddServer, Step, before, line, message, say, silence
from support.raw_client import RawClient, behind_the_trace

CONTENT = b"Subject: x\r\n\r\n.x\r\nx\r\n"
SENDER, FAR, FAR_TOO = "someone@client.example", "alice@far.example", "bob@far.example"


@pytest.fixture(params=["memory", "tcp"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """The world in which the hosts of a test run."""
    with world_of(request.param) as opened:
        yield opened


@pytest.fixture
def far() -> MailHost:
    """The receiver's mail server, for alice and bob at far.example."""
    return mail_host(domain="far.example")


@pytest.fixture
def near(world: World, far: MailHost) -> MailHost:
    """The sender's mail server: it relays to far.example, and keeps mail for alice and bob at lab.example."""
    relay = Relay({"far.example": world.start(far)})
    return mail_host(
        store=ForgettingStore(),
        relay=relay,
        aliases={"both": ["alice", FAR]},
        lists={"staff": MailingList(["bob", FAR_TOO], owner="alice")},
        forwards={"carol": Forward("carol@far.example"), "dora": Forward(FAR), "erin": Forward(FAR, accepted=False)},
    )


@pytest.fixture
def client(world: World, near: MailHost) -> RawClient:
    """A session with the sender's server, after EHLO."""
    connected = world.connect(world.start(near))
    connected.reply()
    connected.say("EHLO client.example")
    return connected


def _send(client: RawClient, *recipients: str, sender: str = SENDER) -> str:
    """Send the message to recipients, all of whom must be accepted; return the reply to it."""
    assert client.say(f"MAIL FROM:<{sender}>").startswith("250")
    assert {client.say(f"RCPT TO:<{recipient}>")[:2] for recipient in recipients} == {"25"}
    assert client.say("DATA").startswith("354")
    client.send(CONTENT.replace(b"\r\n.", b"\r\n.."))
    return client.say(".")


def _relayed(paths: Sequence[Path]) -> RelayedMessage:
    return RelayedMessage(Path.parse(SENDER), paths, CONTENT, "relay.example", "A000001")


def _received(message: bytes) -> list[str]:
    """Return the names of the hosts that wrote the Received fields, the last one first."""
    unfolded = message.partition(b"\r\n\r\n")[0].replace(b"\r\n ", b"").decode()
    return [line.split(" by ")[1].split()[0] for line in unfolded.split("\r\n") if line.startswith("Received: ")]


def test_smtp_is_used_twice(client: RawClient, far: MailHost, near: MailHost) -> None:
    assert _send(client, FAR).startswith("250")
    (stored,) = far.store.messages("alice")
    assert stored.startswith(b"Return-Path: <someone@client.example>\r\nReceived: from ")
    assert stored.endswith(b"\r\n" + CONTENT)
    assert stored.count(b"Return-Path:") == 1
    assert _received(stored) == ["far.example", "lab.example"]
    assert near.store.messages("alice") == []


def test_message_for_here_and_elsewhere_goes_to_both(client: RawClient, far: MailHost, near: MailHost) -> None:
    assert _send(client, "bob@lab.example", FAR, FAR_TOO).startswith("250")
    assert behind_the_trace(near.store.messages("bob")[0]) == CONTENT
    assert len(far.store.messages("alice")) == len(far.store.messages("bob")) == 1


def test_alias_leads_here_and_elsewhere(client: RawClient, far: MailHost, near: MailHost) -> None:
    assert _send(client, "both@lab.example").startswith("250")
    assert len(near.store.messages("alice")) == len(far.store.messages("alice")) == 1


def test_forward_is_answered_with_251_and_sent_on(client: RawClient, far: MailHost) -> None:
    client.say(f"MAIL FROM:<{SENDER}>")
    assert (
        client.say("RCPT TO:<dora@lab.example>")
        == "251 2.1.5 <dora@lab.example> is not here; will forward to <alice@far.example>"
    )
    client.say("DATA")
    client.send(CONTENT.replace(b"\r\n.", b"\r\n.."))
    assert client.say(".").startswith("250")
    assert len(far.store.messages("alice")) == 1


def test_forward_that_is_not_accepted_is_answered_with_551(client: RawClient) -> None:
    client.say(f"MAIL FROM:<{SENDER}>")
    assert client.say("RCPT TO:<erin@lab.example>").startswith("551 5.1.6 <erin@lab.example> is not here; please try")


def test_list_goes_to_its_members_with_its_owner_as_reverse_path(client, far: MailHost, near: MailHost) -> None:
    assert _send(client, "staff@lab.example", "alice@lab.example").startswith("250")
    owner = b"Return-Path: <alice@lab.example>\r\n"
    assert near.store.messages("bob")[0].startswith(owner)
    assert far.store.messages("bob")[0].startswith(owner)
    assert near.store.messages("alice")[0].startswith(b"Return-Path: <someone@client.example>\r\n")


def test_bounce_is_relayed_with_the_null_reverse_path(client: RawClient, far: MailHost) -> None:
    assert _send(client, FAR, sender="").startswith("250")
    assert far.store.messages("alice")[0].startswith(b"Return-Path: <>\r\n")


def test_domain_without_a_route_is_refused(client: RawClient) -> None:
    client.say(f"MAIL FROM:<{SENDER}>")
    assert client.say("RCPT TO:<a@nowhere.example>").startswith("550 5.7.1 <a@nowhere.example> is not ours")


def test_vrfy_says_252_only_where_mail_would_be_tried(client: RawClient) -> None:
    assert client.say("VRFY nobody@far.example").startswith("252 2.0.0 Cannot verify nobody@far.example")
    assert client.say("VRFY a@nowhere.example").startswith("550 5.7.1 <a@nowhere.example> is not ours")


@pytest.mark.parametrize("name", ["x", "y", "z"])
def test_vrfy_of_a_name_that_leads_where_no_way_leads_is_answered_as_rcpt(world: World, name: str) -> None:
    host = mail_host(aliases={"x": ["alice", "x@nowhere.example"], "y": "z"}, lists={"z": ["bob", "z@nowhere.example"]})
    client = world.connect(world.start(host))
    client.reply()
    vrfy = client.say("EHLO client.example", f"VRFY {name}")
    assert vrfy.startswith("451 4.3.0 ")
    assert "nowhere.example" in vrfy
    assert client.say(f"MAIL FROM:<{SENDER}>", f"RCPT TO:<{name}@lab.example>") == vrfy


def test_vrfy_of_a_name_that_leads_where_a_way_leads_says_what_it_is(client: RawClient) -> None:
    assert client.say("VRFY both") == "250 2.1.5 <both@lab.example>"
    assert client.say("VRFY staff").startswith("252 2.0.0 Cannot verify staff: it is a mailing list")


def test_forward_without_a_route_is_told_to_the_sender() -> None:
    host = mail_host(forwards={"dora": Forward("dora@nowhere.example")}, aliases={"x": ["alice", "x@nowhere.example"]})
    with world_of("memory") as world:
        client = world.connect(world.start(host))
        client.reply()
        client.say("HELO c.example", "MAIL FROM:<>")
        assert client.say("RCPT TO:<dora@lab.example>").startswith("551")
        assert client.say("RCPT TO:<x@lab.example>").startswith("451")


# When the next hop does not take it


def test_next_hop_that_is_down_is_451_and_nothing_is_stored(world: World, client: RawClient, near: MailHost) -> None:
    near.relay = Relay({"far.example": world.nobody()})
    reply = _send(client, "bob@lab.example", FAR)
    assert reply.startswith("451 4.3.0 Local error: alice@far.example: ")
    _nothing_stored(near)
    assert client.say("NOOP").startswith("250")


@pytest.mark.parametrize(("code", "answer"), [(550, "554"), (450, "451")])
@pytest.mark.parametrize("method", ["mail", "rcpt", "data", "deliver"])
def test_next_hop_that_refuses_is_told_and_nothing_is_stored(client, near, far, method, code: int, answer: str) -> None:
    setattr(far, method, lambda *_: Reply(code, "not today"))
    reply = _send(client, "bob@lab.example", FAR)
    assert reply.startswith(answer)
    assert str(code) in reply
    assert "alice@far.example" in reply
    _nothing_stored(near)
    _nothing_stored(far)
    assert client.say("NOOP").startswith("250")


def test_one_recipient_who_may_be_tried_again_makes_it_worth_trying_again(client, near, far: MailHost) -> None:
    def rcpt(session, envelope, rcpt) -> Reply:
        return Reply(550 if rcpt.path.local_part == "alice" else 450, "no")

    far.rcpt = rcpt
    assert _send(client, FAR, FAR_TOO).startswith("451")


@pytest.mark.parametrize(("code", "answer"), [(550, "554"), (450, "451")])
def test_one_recipient_refused_there_means_that_nobody_gets_it(client, near, far, code: int, answer: str) -> None:
    """The sender is told one thing about all of them, and it is true of all."""
    taken = far.rcpt
    far.rcpt = lambda session, envelope, rcpt: (
        Reply(code, "not her") if rcpt.path.local_part == "alice" else taken(session, envelope, rcpt)
    )
    assert _send(client, "bob@lab.example", FAR_TOO, FAR).startswith(answer)
    _nothing_stored(near)
    _nothing_stored(far)
    assert _send(client, "bob@lab.example", FAR_TOO).startswith("250")


LATE_REFUSALS = [Reply(550, "no"), Reply(554, "I have changed my mind"), Reply(451, "later"), Reply(452, "full")]


def _relays_also_to(world: World, near: MailHost, refusal: Reply) -> None:
    """Give the host a second next hop, which refuses the message behind the dot."""
    other = mail_host(["x"], domain="other.example")
    other.deliver = lambda *_: refusal
    near.relay = Relay({"far.example": near.relay.next_hop("far.example"), "other.example": world.start(other)})


@pytest.mark.parametrize("refusal", LATE_REFUSALS)
def test_message_that_one_next_hop_has_taken_is_not_asked_for_again(
    world, client, near, far: MailHost, refusal: Reply
) -> None:
    """Each retry would put one more copy there, so the client is told not to repeat it, and who lacks it."""
    _relays_also_to(world, near, refusal)
    answer = _send(client, FAR, "x@other.example", "bob@lab.example")
    _nothing_stored(near)
    assert answer.startswith("554")
    assert "1 of 2 recipients elsewhere have the message already, but not x@other.example" in answer
    assert f"said {refusal.code} {refusal.text}" in answer
    assert len(far.store.messages("alice")) == 1


@pytest.mark.parametrize("refusal", LATE_REFUSALS)
def test_message_that_the_first_next_hop_has_refused_goes_to_no_other(world, client, near, far, refusal: Reply) -> None:
    """Nobody has it, so the reply is true of all recipients, and a retry makes no second copy."""
    _relays_also_to(world, near, refusal)
    answer = _send(client, "x@other.example", FAR, "bob@lab.example")
    assert answer.startswith("451" if refusal.code < 500 else "554")
    assert "have the message already" not in answer
    _nothing_stored(near)
    _nothing_stored(far)


def test_members_of_a_list_are_handed_on_only_if_the_recipients_before_them_were(world, client, near, far) -> None:
    """A list has a reverse-path of its own, so its members get the message in a transaction of their own."""
    _relays_also_to(world, near, Reply(451, "later"))
    assert _send(client, "x@other.example", "staff@lab.example").startswith("451")
    _nothing_stored(far)


_LOSES_ITS_REPLY = [*[line, say("250 ok")] * 2, line, say("354 go on"), message]
_ASKED = [line, say("250 ok")] * 3  # MAIL, RCPT and RSET


@pytest.mark.parametrize(
    ("recipients", "asked", "answer", "copies"),
    [
        pytest.param(["x@odd.example"], [], "451", 0, id="alone"),
        pytest.param(["x@odd.example", "bob@lab.example"], [], "451", 0, id="with a mailbox here"),
        pytest.param(["x@odd.example", FAR], _ASKED, "451", 0, id="before another next hop"),
        pytest.param([FAR, "x@odd.example"], _ASKED, "554", 1, id="behind another next hop"),
    ],
)
def test_lost_reply_to_the_message_is_as_a_refusal_for_a_while(
    recipients: list[str], asked: list[Step], answer: str, copies: int
) -> None:
    """A duplicate at the hop that may have it is better than a loss; but nobody else gets the message twice."""
    with (
        world_of("tcp") as world,
        OddServer(*before("EHLO"), say("250 odd.example"), *asked, *_LOSES_ITS_REPLY) as odd,
    ):
        far = mail_host(domain="far.example")
        near = mail_host(relay=Relay({"far.example": world.start(far), "odd.example": odd.address}))
        client = world.connect(world.start(near))
        client.reply()
        client.say("EHLO client.example")
        said = _send(client, *recipients)
        _nothing_stored(near)
        assert len(far.store.messages("alice")) == copies
    assert said.startswith(answer)
    assert "not known" in said
    assert ("already, and perhaps x@odd.example" in said) == bool(copies)


def test_message_that_could_not_be_named_here_after_the_next_hop_took_it_is_not_asked_for_again(
    client, near: MailHost, far: MailHost
) -> None:
    def fail(drafts: object) -> None:
        raise StorageError("the disk is gone")

    near.store.commit_all = fail
    answer = _send(client, FAR, "bob@lab.example")
    assert answer.startswith("554")
    assert "the disk is gone" in answer
    assert len(far.store.messages("alice")) == 1
    assert near.store.open_drafts == 0


_OK, _NO = [line, say("250 ok")], [line, say("550 no")]


@pytest.mark.parametrize(
    ("recipients", "steps"),
    [
        pytest.param([FAR], [*_NO], id="MAIL"),
        pytest.param([FAR], [*_OK, *_NO], id="RCPT"),
        pytest.param([FAR], [*_OK, *_OK, *_NO], id="DATA"),
        pytest.param([FAR, FAR_TOO], [*_OK, *_NO, *_NO], id="both RCPT"),
        pytest.param([FAR, FAR_TOO], [*_OK, *_OK, *_NO], id="the second RCPT"),
    ],
)
def test_refusal_is_told_although_the_next_hop_answers_nothing_more(recipients: list[str], steps: list[Step]) -> None:
    with world_of("tcp") as world, OddServer(*before("EHLO"), say("250 odd.example"), *steps, line, silence) as odd:
        client = world.connect(world.start(mail_host(relay=Relay({"far.example": odd.address}))))
        client.reply()
        client.say("EHLO client.example")
        began = time.monotonic()
        assert _send(client, *recipients).startswith("554")
        assert time.monotonic() - began < 4
        assert b"RSET\r\n" not in odd.heard


def test_next_hop_whose_reply_is_lost_is_worth_trying_again() -> None:
    job = Relay({"*": ("far.example", 25)}).deliver(_relayed([Path.parse(FAR)]))
    task = next(job)
    for said in (b"220 far.example\r\n", b"250 far.example\r\n"):
        task.session.receive(said)
    task = job.send(None)
    for said in (b"250 ok\r\n", b"250 ok\r\n", b"354 go on\r\n", b""):
        task.session.data_to_send()
        task.session.receive(said)
    with pytest.raises(StopIteration) as ended:
        job.send(None)
    ((failure,), taken) = ended.value.value.failures, ended.value.value.taken
    assert (failure.permanent, taken) == (False, False)
    assert "not known" in failure.reason


def test_next_hop_that_closes_after_it_was_asked_is_worth_trying_again() -> None:
    asked = [line, say("250 ok")] * 4  # MAIL, two RCPT and RSET
    with world_of("tcp") as world, OddServer(*before("EHLO"), say("250 odd.example"), *asked) as odd:
        near = mail_host(relay=Relay({"far.example": odd.address}))
        client = world.connect(world.start(near))
        client.reply()
        client.say("EHLO client.example")
        assert _send(client, FAR, FAR_TOO).startswith("451")
    assert odd.heard[-1] in (b"RSET\r\n", b"MAIL FROM:<someone@client.example>\r\n")


def test_relay_that_breaks_is_451_and_the_log_says_why(client: RawClient, near: MailHost, caplog) -> None:
    class Broken(Relay):
        def deliver(self, relayed: RelayedMessage) -> Handovers:
            raise OSError("broken on purpose")
            yield

    near.relay = Broken({"far.example": ("far.example", 25)})
    assert _send(client, "bob@lab.example", FAR).startswith("451")
    _nothing_stored(near)
    assert ["broken on purpose" in record.exc_text for record in caplog.records] == [True]
    caplog.clear()


def test_message_that_the_next_hop_cannot_be_sent_is_554(world: World, near: MailHost, far: MailHost, client) -> None:
    """A lenient host takes a bare LF from a client, but must not send it (RFC 5321 2.3.8)."""
    client.say(f"MAIL FROM:<{SENDER}>", f"RCPT TO:<{FAR}>", "DATA")
    client.send(b"bare\nline feed\r\n")
    reply = client.say(".")
    assert reply.startswith("554")
    assert "bare" in reply
    _nothing_stored(far)


def test_next_hop_that_lacks_an_extension_is_told(world: World) -> None:
    far = mail_host(domain="far.example")
    address = world.start(far, Policy(offer={}))
    near = mail_host(relay=Relay({"*": address}))
    client = world.connect(world.start(near))
    client.reply()
    client.say("EHLO c.example", "MAIL FROM:<> BODY=8BITMIME", f"RCPT TO:<{FAR}>", "DATA")
    client.send("\r\ngrüße\r\n".encode())
    reply = client.say(".")
    assert reply.startswith("554")
    assert "8BITMIME" in reply
    _nothing_stored(far)


@pytest.mark.parametrize(("code", "answer"), [(554, "554"), (421, "451")])
def test_next_hop_that_takes_no_mail_from_us_is_told_by_its_greeting(client, near, far, code: int, answer: str) -> None:
    far.connect = lambda session: Reply(code, "not for you")
    assert _send(client, FAR).startswith(answer)
    _nothing_stored(near)


def test_recipient_whom_the_next_hop_does_not_answer_has_not_got_the_message(world: World, far: MailHost) -> None:
    far.rcpt = lambda session, envelope, rcpt: Reply(421, "going down")
    relay = Relay({"*": world.start(far)})
    paths = [Path.parse(FAR), Path.parse(FAR_TOO)]
    outcome = carry_out(relay.deliver(_relayed(paths)), world)
    assert [(each.path, each.permanent) for each in outcome.failures] == [(path, False) for path in paths]
    assert [each.reason.partition(" said ")[2] for each in outcome.failures] == ["421 going down"] * 2
    assert not outcome.taken


def test_next_hop_that_mail_may_not_reach_is_not_worth_trying_again(world, client, near: MailHost) -> None:
    near.relay = Relay({"*": ("192.0.2.1", 25)})
    assert _send(client, FAR).startswith("554" if isinstance(world, TcpWorld) else "451")


def _nothing_stored(host: MailHost) -> None:
    assert {name for name in host.directory.mailboxes if host.store.messages(name)} == set()
    assert getattr(host.store, "open_drafts", 0) == 0


# Loops


def test_two_hosts_that_relay_to_each_other_are_found_out(caplog: pytest.LogCaptureFixture) -> None:
    with world_of("memory") as world:
        one, two = (mail_host(domain=name) for name in ("one.example", "two.example"))
        one.relay, two.relay = Relay({"*": world.start(two)}), Relay({"*": world.start(one)})
        client = world.connect(("one.example", 25))
        client.reply()
        client.say("HELO client.example")
        reply = _send(client, "a@nowhere.example")
    assert reply.startswith("554 Transaction failed: a@nowhere.example: two.example said 554 ")
    assert f"{HOP_LIMIT} hops" in reply  # the reason is told, however long the chain
    assert one.ids.issued + two.ids.issued == HOP_LIMIT + 1
    assert caplog.records == []


# The table


def test_next_hop_is_found_by_domain_and_else_by_the_star() -> None:
    relay = Relay({"Far.Example": ("a", 1), "*": ("b", 2)})
    assert relay.next_hop("far.EXAMPLE") == ("a", 1)
    assert relay.next_hop("other.example") == ("b", 2)
    assert Relay({}).next_hop("far.example") is None


def test_message_goes_to_no_next_hop_if_one_recipient_would_not_get_it_and_each_failure_is_told() -> None:
    with world_of("memory") as world:
        handler = mail_host(domain="far.example")
        address = world.start(handler)
        relay = Relay({"far.example": address, "down.example": ("down.example", 25)})
        paths = [Path.parse(name) for name in (FAR, "no@far.example", "x@down.example", "y@none.example", FAR_TOO)]
        outcome = carry_out(relay.deliver(_relayed(paths)), world)
        assert {failure.path.address: failure.permanent for failure in outcome.failures} == {
            "no@far.example": True,
            "x@down.example": False,
            "y@none.example": True,
        }
        assert NotRelayed(paths[3], True, sentences.NO_ROUTE) in outcome.failures
        assert not outcome.taken
        _nothing_stored(handler)
        assert carry_out(relay.deliver(_relayed([paths[0], paths[4]])), world) == RelayResult((), taken=True)
    assert len(handler.store.messages("alice")) == len(handler.store.messages("bob")) == 1


@pytest.mark.parametrize("answer", [Reply(421, "going down"), Reply(451, "not now")])
def test_next_hop_that_ends_the_session_after_the_question_is_worth_trying_again(
    world, client, near, far, answer
) -> None:
    """With two recipients there, the question ends in RSET, and RFC 5321 3.8 lets a server say 421 to anything."""
    far.word = lambda session, reply, **facts: (
        answer if reply is replies.RESET_OK else MailHost.word(far, session, reply, **facts)
    )
    assert _send(client, FAR, FAR_TOO).startswith("451")
    _nothing_stored(far)
    assert client.say("NOOP").startswith("250")


@pytest.mark.parametrize("recipients", [("alice@lab.example", FAR), (FAR, "bob@lab.example"), ("both@lab.example",)])
@pytest.mark.parametrize(("fault", "code"), [("read_only", "451"), ("capacity_octets", "452")])
def test_a_full_disk_here_refuses_the_message_before_the_next_hop_has_it(
    client: RawClient, near: MailHost, far: MailHost, recipients: tuple[str, ...], fault: str, code: str
) -> None:
    setattr(near.store, fault, 1)
    for _ in range(3):
        assert _send(client, *recipients).startswith(code)
    assert far.store.messages("alice") == []
    assert near.store.open_drafts == 0
    near.store.read_only, near.store.capacity_octets = False, None
    assert _send(client, *recipients).startswith("250")
    assert len(far.store.messages("alice")) == 1


def test_a_host_that_cannot_write_still_hands_mail_on(client: RawClient, near: MailHost, far: MailHost) -> None:
    near.store.read_only = True
    assert _send(client, FAR).startswith("250")
    assert len(far.store.messages("alice")) == 1
    assert _send(client, "alice@lab.example").startswith("451")
