"""Why a server gives each of its replies: a table of causes, each of which can be brought about on the lab's host.

No reply is given for the sake of a magic address. A cause is a true state of the host (its disk is full, a mailbox is
held, Dora has moved away) or something that the client really does, and the reply follows from it::

    for cause in causes_of(452):
        print(cause.sentence)
        print(provoke(cause))          # the transcript; the reply to its last line has the code

`provoke` runs in memory. `hold` is the same over any stream of octets, to a server on a socket as well.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from ..client import ConnectionLost, MailClient, Stream
from ..mta.directory import Directory, Forward, Mailbox, MailingList, Terminal
from ..mta.handler import Clock, Handler
from ..mta.host import MailHost
from ..mta.personality import Personality
from ..mta.relay import Relay
from ..mta.session import Policy
from ..mta.store import MemoryStore, Store
from ..mta.trace import HOP_LIMIT
from ..protocol import replies
from ..protocol.replies import Reply
from ..protocol.states import State
from ..transcript import Side, Transcript
from ..worlds.memory import Host, Network

# How long a client waits for a reply over a socket; in memory nobody waits.
_SECONDS = 10.0


def _the_day_of_the_lecture() -> datetime:
    return datetime(2004, 8, 6, 12, 0, tzinfo=UTC)


class LabHost:
    """The mail host of lab.example, whole and well until one of its methods brings something about.

    Alice, Bob and Barbara live here. Alice sits at a terminal. Dora and Eve have moved to new.example; mail to Dora is
    sent on, mail to Eve is not. ``staff`` is a mailing list, ``team`` one with a member in another domain.

    Args:
        personality: how the host words its replies; the plain one by default.
        store: where the mail is kept; in memory by default.
        clock: tells the time; by default it is always noon on the day of the lecture's example.

    Attributes:
        directory: who lives here.
        store: where the mail is kept.
        handler: who decides, made of the two.
        policy: the server's limits and extensions.
    """

    def __init__(
        self,
        *,
        personality: Personality | None = None,
        store: Store[Any] | None = None,
        clock: Clock = _the_day_of_the_lecture,
    ) -> None:
        self.directory = Directory(
            ["lab.example"],
            [
                Mailbox("alice", "Alice Young", terminal=Terminal()),
                Mailbox("bob", "Bob Smith"),
                Mailbox("barbara", "Barbara Smith"),
            ],
            aliases={"sales": ["alice", "bob"]},
            lists={
                "staff": MailingList(["alice", "bob", "barbara"]),
                "team": MailingList(["alice", "carol@client.example"]),
            },
            forwards={"dora": Forward("dora@new.example"), "eve": Forward("eve@new.example", accepted=False)},
            reserved=["root", "daemon"],
        )
        self.store = MemoryStore() if store is None else store
        self.handler = MailHost(self.directory, self.store, personality=personality, clock=clock)
        self.policy = Policy()

    def in_memory(self) -> Host:
        """Return this host as one of the memory world."""
        return Host(self.handler.hostname, "192.0.2.25", self.handler, self.policy)

    # The disk

    def fill_disk(self) -> None:
        """Leave no room for any message."""
        self._memory().capacity_octets = 0

    def break_disk(self) -> None:
        """Let nothing be written any more."""
        self._memory().read_only = True

    # The people

    def hold_mailbox_of_bob(self) -> None:
        """Let another program hold Bob's mailbox."""
        self.directory.mailboxes["bob"].busy = True

    def fill_mailbox_of_bob(self) -> None:
        """Give Bob a quota, and mail that uses all of it."""
        mail = b"Subject: Holidays\r\n\r\nSee the pictures.\r\n"
        draft = self.store.begin(["bob"])
        draft.write(mail)
        draft.commit()
        self.directory.mailboxes["bob"].quota_octets = len(mail)

    def fill_mailbox_of_bob_for_now(self) -> None:
        """Fill Bob's mailbox, and expect him to make room soon."""
        self.fill_mailbox_of_bob()
        self.directory.mailboxes["bob"].quota_is_soft = True

    def leave_bob_little_room(self) -> None:
        """Give Bob a quota that a short message exceeds."""
        self.directory.mailboxes["bob"].quota_octets = 50

    # The policy

    def close_to_everybody(self) -> None:
        """Take no mail at all."""
        self.handler.open = False

    def allow_two_sessions(self) -> None:
        """Let no more than two clients in at once."""
        self.policy = replace(self.policy, max_sessions=2)

    def allow_small_messages_only(self) -> None:
        """Set the limit of the extension SIZE to 1000 octets."""
        self.policy = replace(self.policy, offer={**self.policy.offer, "SIZE": "1000"})

    def be_strict(self) -> None:
        """Take only what RFC 5321's grammar allows."""
        self.policy = replace(self.policy, strict=True)

    def keep_users_secret(self) -> None:
        """Do not tell by VRFY who lives here."""
        self.handler.answers_vrfy = False

    def keep_lists_secret(self) -> None:
        """Do not tell by EXPN who is on a list."""
        self.handler.answers_expn = False

    def agree_to_turn(self) -> None:
        """Swap roles with anyone who asks."""
        self.handler.turns = True

    # The next hop

    def route_to_next_hop(self) -> None:
        """Know a next hop for new.example that takes everything."""
        self._route_to(Handler("mx.new.example"))

    def route_to_next_hop_that_is_down(self) -> None:
        """Know a next hop for new.example that does not answer."""
        self._route_to(Handler("mx.new.example")).up = False

    def route_to_next_hop_without_dora(self) -> None:
        """Know a next hop for new.example where nobody has heard of Dora."""
        self._route_to(MailHost(Directory(["new.example"]), MemoryStore(), hostname="mx.new.example"))

    def _route_to(self, handler: Handler) -> Host:
        network = Network()
        host = network.add(Host(handler.hostname, "192.0.2.26", handler, Policy()))
        self.handler.relay = Relay(
            {"new.example": (host.name, 25)},
            lambda name, port: MailClient(network.dial(name, port), self.handler.hostname, name=name),
        )
        return host

    def _memory(self) -> MemoryStore:
        if not isinstance(self.store, MemoryStore):
            raise TypeError("a real disk cannot be filled or broken by a switch; this is for mail kept in memory")
        return self.store


def _nothing(host: LabHost) -> None:
    """The host is well; it is the client's doing."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause of one reply.

    Args:
        reply: the canonical reply that follows from it; the host words it in its own way.
        sentence: the cause, in words.
        lines: what the client types, message included. The reply to the last line is the one; without any line it is
            the greeting.
        rfc: where this is written.
        prepare: brings the cause about on a host that is well.
        others: how many other clients are connected before.
        stops: whether the host shuts down behind the last line; the reply then comes unasked.
    """

    reply: Reply
    sentence: str
    lines: tuple[str, ...]
    rfc: str
    prepare: Callable[[LabHost], None] = _nothing
    others: int = 0
    stops: bool = False

    @property
    def code(self) -> int:
        """The code of the reply."""
        return self.reply.code

    @property
    def said(self) -> str:
        """The line that is answered with the code; empty if the server speaks unasked."""
        return self.lines[-1] if self.lines and not self.stops else ""


def causes_of(code: int) -> tuple[Cause, ...]:
    """Return the causes of replies with `code`, in the table's order; none if this server never gives it."""
    return tuple(cause for cause in CAUSES if cause.code == code)


def provoke(cause: Cause) -> Transcript:
    """Bring `cause` about on a new host in memory, and return the transcript of what follows."""
    lab = LabHost()
    cause.prepare(lab)
    host = lab.in_memory()
    return hold(cause, lambda: host.answer("192.0.2.1"), host.stop)


def hold(cause: Cause, dial: Callable[[], Stream], stop: Callable[[], object]) -> Transcript:
    """Hold the conversation of `cause` with a host that has been prepared for it.

    Args:
        cause: what to type.
        dial: opens a connection to the host.
        stop: shuts the host down.

    Raises:
        ConnectionLost: if the server closes without the reply that is due.
    """
    with contextlib.ExitStack() as streams:
        for _ in range(cause.others):
            other = dial()
            streams.callback(other.close)
            _await_reply(other, Transcript())
        stream = dial()
        streams.callback(stream.close)
        transcript = Transcript()
        _await_reply(stream, transcript)
        for line in cause.lines:
            _type(stream, transcript, line)
        if cause.stops:
            stop()
            _await_reply(stream, transcript)
        return transcript


def _type(stream: Stream, transcript: Transcript, line: str) -> None:
    """Type one line, and wait for its reply unless it is a line of the message."""
    octets = line.encode() + b"\r\n"
    is_content = transcript.state is State.DATA and line != "."
    transcript.feed(Side.CLIENT, octets)
    stream.send(octets, _SECONDS)
    if not is_content:
        _await_reply(stream, transcript)


def _await_reply(stream: Stream, transcript: Transcript) -> None:
    answered = _answered(transcript)
    while _answered(transcript) == answered:
        octets = stream.receive(_SECONDS)
        if not octets:
            raise ConnectionLost("the server closed the connection and owes a reply")
        transcript.feed(Side.SERVER, octets)


def _answered(transcript: Transcript) -> int:
    return sum(exchange.reply is not None for exchange in transcript.exchanges())


# What a client types on the way to the line that matters.
_HELO = ("HELO client.example",)
_EHLO = ("EHLO client.example",)
_MAIL = (*_HELO, "MAIL FROM:<carol@client.example>")
_TO_ALICE = (*_MAIL, "RCPT TO:<alice@lab.example>")
_TO_BOB = (*_MAIL, "RCPT TO:<bob@lab.example>")
_TO_DORA = (*_MAIL, "RCPT TO:<dora@lab.example>")
_MESSAGE = ("DATA", "From: carol@client.example", "Subject: Hello", "", "This is a test message.", ".")
_ONE_LINE_OF_50 = "This line has, with its end, just fifty octets.."
_LOOPING = ("DATA", *["Received: from b.example by a.example; Fri, 6 Aug 2004 12:00:00 +0000"] * HOP_LIMIT, "", ".")

# fmt: off
CAUSES: tuple[Cause, ...] = (
    # 2yz: the server has done it.
    Cause(replies.SYSTEM_STATUS, "The client asks for help, and does not say with what.",
          ("HELP",), "RFC 5321 4.1.1.8"),
    Cause(replies.HELP_MESSAGE, "The client asks what DATA is for.",
          ("HELP DATA",), "RFC 5321 4.1.1.8"),
    Cause(replies.SERVICE_READY, "A client has opened a connection, and the host takes mail.",
          (), "RFC 5321 3.1"),
    Cause(replies.CLOSING, "The client wants to leave.",
          ("QUIT",), "RFC 5321 4.1.1.10"),
    Cause(replies.HELO_OK, "The client has said who it is.",
          _HELO, "RFC 5321 4.1.1.1"),
    Cause(replies.HELO_OK, "The client has said who it is, and asked what the server can do.",
          _EHLO, "RFC 5321 4.1.1.1"),
    Cause(replies.SENDER_OK, "A transaction is opened; nothing in SMTP proves who the sender is.",
          _MAIL, "RFC 5321 4.1.1.2"),
    Cause(replies.SENDER_OK, "A bounce is announced: its reverse-path is null, so nobody answers it.",
          (*_HELO, "MAIL FROM:<>"), "RFC 5321 4.5.5"),
    Cause(replies.SENDER_OK, "A message is announced for terminals only.",
          (*_HELO, "SEND FROM:<carol@client.example>"), "RFC 821 3.4"),
    Cause(replies.SENDER_OK, "A message is announced for terminals, or else mailboxes.",
          (*_HELO, "SOML FROM:<carol@client.example>"), "RFC 821 3.4"),
    Cause(replies.SENDER_OK, "A message is announced for terminals and mailboxes.",
          (*_HELO, "SAML FROM:<carol@client.example>"), "RFC 821 3.4"),
    Cause(replies.RECIPIENT_OK, "Alice lives here.",
          _TO_ALICE, "RFC 5321 4.1.1.3"),
    Cause(replies.RECIPIENT_OK, "Every host has a Postmaster, who needs no domain.",
          (*_MAIL, "RCPT TO:<Postmaster>"), "RFC 5321 4.5.1"),
    Cause(replies.RECIPIENT_OK, "A mailing list lives here; each of its members gets a copy.",
          (*_MAIL, "RCPT TO:<staff@lab.example>"), "RFC 5321 3.9.2"),
    Cause(replies.MESSAGE_ACCEPTED, "The message is stored, and the server answers for it from now on.",
          (*_TO_ALICE, *_MESSAGE), "RFC 5321 4.2.5"),
    Cause(replies.RESET_OK, "The client has thought better of it.",
          (*_TO_ALICE, "RSET"), "RFC 5321 4.1.1.5"),
    Cause(replies.NOOP_OK, "The client wants to know whether the server is still there.",
          ("NOOP",), "RFC 5321 4.1.1.9"),
    Cause(replies.VERIFIED, "The client asks for a user, and there is one.",
          ("VRFY alice",), "RFC 5321 3.5.1"),
    Cause(replies.MEMBERS, "The client asks who is on a mailing list.",
          ("EXPN staff",), "RFC 5321 3.5.2"),
    Cause(replies.TURN_OK, "The client wants to be the server, and this host agrees with anyone.",
          (*_HELO, "TURN"), "RFC 821 3.8", LabHost.agree_to_turn),
    Cause(replies.WILL_FORWARD, "Dora has moved away; the host knows where to, and can get there.",
          _TO_DORA, "RFC 5321 3.4", LabHost.route_to_next_hop),
    Cause(replies.CANNOT_VERIFY, "The host does not tell who lives here.",
          ("VRFY alice",), "RFC 5321 7.3", LabHost.keep_users_secret),
    Cause(replies.CANNOT_VERIFY, "The client asks for a user in a domain that is not ours.",
          ("VRFY carol@client.example",), "RFC 5321 3.5.3"),
    # 3yz: the server waits for the rest.
    Cause(replies.START_MAIL, "There is a recipient, and the message may come.",
          (*_TO_ALICE, "DATA"), "RFC 5321 4.1.1.4"),
    # 4yz: not now.
    Cause(replies.TOO_BUSY, "As many clients as the host takes are connected already.",
          (), "RFC 5321 4.2.3", LabHost.allow_two_sessions, others=2),
    Cause(replies.SHUTTING_DOWN, "The host is shut down while the client thinks.",
          _MAIL, "RFC 5321 3.8", stops=True),
    Cause(replies.TOO_MANY_ERRORS, "The client has made more mistakes than the host puts up with.",
          ("VERFY alice",) * (Policy().max_errors + 1), "RFC 5321 3.8"),
    Cause(replies.MAILBOX_BUSY, "Another program holds Bob's mailbox.",
          _TO_BOB, "RFC 5321 4.2.3", LabHost.hold_mailbox_of_bob),
    Cause(replies.MAILBOX_BUSY, "The message is for Bob's terminal alone, and Bob is not logged in.",
          (*_HELO, "SEND FROM:<carol@client.example>", "RCPT TO:<bob@lab.example>"), "RFC 821 3.4"),
    Cause(replies.LOCAL_ERROR, "The disk cannot be written any more.",
          (*_TO_ALICE, *_MESSAGE), "RFC 5321 4.2.3", LabHost.break_disk),
    Cause(replies.LOCAL_ERROR, "Dora's new host does not answer at present.",
          (*_TO_DORA, *_MESSAGE), "RFC 5321 4.2.3", LabHost.route_to_next_hop_that_is_down),
    Cause(replies.LOCAL_ERROR, "A member of the list lives in a domain to which this host knows no way.",
          (*_MAIL, "RCPT TO:<team@lab.example>"), "RFC 5321 4.2.3"),
    Cause(replies.INSUFFICIENT_STORAGE, "The disk is full.",
          (*_TO_ALICE, *_MESSAGE), "RFC 5321 4.2.3", LabHost.fill_disk),
    Cause(replies.INSUFFICIENT_STORAGE, "Bob's mailbox is full, and he is expected to make room soon.",
          _TO_BOB, "RFC 5321 4.2.3", LabHost.fill_mailbox_of_bob_for_now),
    Cause(replies.TOO_MANY_RECIPIENTS, "The client names more recipients than one message may have here.",
          (*_MAIL, *("RCPT TO:<alice@lab.example>",) * (Policy().max_recipients + 1)), "RFC 5321 4.5.3.1.10"),
    # 5yz: not so.
    Cause(replies.UNRECOGNIZED, "VERFY, as the lecture spells it, is no verb.",
          ("VERFY alice",), "RFC 5321 4.2.4"),
    Cause(replies.LINE_TOO_LONG, "The command line is longer than 512 octets.",
          ("NOOP " + "x" * 600,), "RFC 5321 4.5.3.1.4"),
    Cause(replies.BAD_ARGUMENT, "The client does not say who it is.",
          ("HELO",), "RFC 5321 4.1.1.1"),
    Cause(replies.BAD_ARGUMENT, "The address has no domain.",
          (*_MAIL, "RCPT TO:<alice>"), "RFC 5321 4.1.2"),
    Cause(replies.BAD_ARGUMENT, "A strict host wants the path in angle brackets, and the lecture has none.",
          (*_HELO, "MAIL FROM: forouzanb@adelphia.net"), "RFC 5321 4.1.1.2", LabHost.be_strict),
    Cause(replies.NOT_IMPLEMENTED, "The host swaps roles with nobody, because nothing proves who takes the mail.",
          (*_HELO, "TURN"), "RFC 5321 F.1"),
    Cause(replies.NOT_IMPLEMENTED, "The host does not tell who is on its lists.",
          ("EXPN staff",), "RFC 5321 7.3", LabHost.keep_lists_secret),
    Cause(replies.BAD_SEQUENCE, "The client opens a transaction before it has said who it is.",
          ("MAIL FROM:<carol@client.example>",), "RFC 5321 4.1.4"),
    Cause(replies.BAD_SEQUENCE, "The client wants to send a message to nobody.",
          (*_MAIL, "DATA"), "RFC 5321 4.1.4"),
    Cause(replies.PARAMETER_NOT_IMPLEMENTED, "There is no help for what the client asks about.",
          ("HELP POSTAGE",), "RFC 5321 4.2.4"),
    Cause(replies.NO_SUCH_MAILBOX, "Nobody of that name lives here.",
          (*_MAIL, "RCPT TO:<zoe@lab.example>"), "RFC 5321 3.3"),
    Cause(replies.RELAY_DENIED, "The domain is not ours, and the host hands on mail for nobody.",
          (*_MAIL, "RCPT TO:<carol@client.example>"), "RFC 5321 3.6.2"),
    Cause(replies.TRY_FORWARD_PATH, "Eve has moved away, and wants her mail sent to the new address directly.",
          (*_MAIL, "RCPT TO:<eve@lab.example>"), "RFC 5321 3.4"),
    Cause(replies.TRY_FORWARD_PATH, "Dora has moved away, and this host cannot get to the new one.",
          _TO_DORA, "RFC 5321 3.4"),
    Cause(replies.MAILBOX_FULL, "Bob's mailbox is full.",
          _TO_BOB, "RFC 5321 4.2.3", LabHost.fill_mailbox_of_bob),
    Cause(replies.MAILBOX_FULL, "There was room in Bob's mailbox, but not for a message of this size.",
          (*_TO_BOB, *_MESSAGE), "RFC 5321 4.2.3", LabHost.leave_bob_little_room),
    Cause(replies.MESSAGE_TOO_BIG, "The client says beforehand that the message exceeds the host's limit.",
          (*_EHLO, "MAIL FROM:<carol@client.example> SIZE=1001"), "RFC 1870 6.1", LabHost.allow_small_messages_only),
    Cause(replies.MESSAGE_TOO_BIG, "The message turns out to exceed the host's limit.",
          (*_TO_ALICE, "DATA", "Subject: Long", "", *(_ONE_LINE_OF_50,) * 20, "."), "RFC 1870 6.3",
          LabHost.allow_small_messages_only),
    Cause(replies.MAILBOX_NAME_NOT_ALLOWED, "The name belongs to the system; it is not for mail.",
          (*_MAIL, "RCPT TO:<root@lab.example>"), "RFC 5321 4.2.3"),
    Cause(replies.AMBIGUOUS, "The client asks for Smith, and there are two.",
          ("VRFY Smith",), "RFC 5321 3.5.1"),
    Cause(replies.NON_ASCII_ADDRESS, "The address is not ASCII, and the client has not asked for SMTPUTF8.",
          (*_EHLO, "MAIL FROM:<jürgen@client.example>"), "RFC 6531 3.5"),
    Cause(replies.NO_SERVICE, "The host takes no mail from anybody.",
          (), "RFC 5321 3.1", LabHost.close_to_everybody),
    Cause(replies.TRANSACTION_FAILED, "The next hop does not know Dora, and says so for good.",
          (*_TO_DORA, *_MESSAGE), "RFC 5321 4.2.3", LabHost.route_to_next_hop_without_dora),
    Cause(replies.MAIL_LOOP, "The message has passed through so many hosts that it must go round in a circle.",
          (*_TO_ALICE, *_LOOPING), "RFC 5321 6.3"),
    Cause(replies.CONTENT_REFUSED, "The message holds a bare LF, and the host is strict.",
          (*_TO_ALICE, "DATA", "Subject: Hello", "", "one\ntwo", "."), "RFC 5321 2.3.8", LabHost.be_strict),
    Cause(replies.PARAMETER_NOT_RECOGNIZED, "After HELO no extension is in force, and so SIZE means nothing.",
          (*_HELO, "MAIL FROM:<carol@client.example> SIZE=1000"), "RFC 5321 4.1.1.11"),
)
# fmt: on
