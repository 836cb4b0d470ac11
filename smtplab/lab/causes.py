"""Why a server gives each of its replies: a table of causes, each of which can be brought about in the lab.

No reply is given for the sake of a magic address. A cause is a true state of a host (its disk is full, a mailbox is
held, Dora has moved away) or something that the client really does, and the reply follows from it::

    for cause in causes_of(452):
        print(cause.sentence)
        print(provoke(cause))          # the transcript; the reply to its last line has the code

`provoke` runs in a new lab, in memory. `hold` does the same in any session, over a socket as well.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace

from ..mta.session import Policy
from ..mta.trace import HOP_LIMIT
from ..protocol import replies
from ..protocol.replies import Reply
from ..protocol.states import GREETING, MESSAGE
from ..transcript import Transcript, verb_of
from .internet import Lab, LabHost
from .session import Session

# The host on which everything happens, and its next hop. Who lives there stands in data/directories.
HOST, NEXT_HOP = "mail.lab.example", "mail.campus.example"

Prepare = Callable[[Lab], None]


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause of one reply.

    Args:
        reply: the canonical reply that follows from it; the host words it in its own way.
        sentence: the cause, in words.
        lines: what the client types, message included. The reply to the last line is the one; without any line it is
            the greeting.
        rfc: where this is written.
        prepare: brings the cause about in a lab that is well; None if it is the client's doing alone.
        others: how many other clients are connected before.
        stops: whether the host shuts down behind the last line; the reply then comes unasked.
    """

    reply: Reply
    sentence: str
    lines: tuple[str, ...]
    rfc: str
    prepare: Prepare | None = None
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

    @property
    def verb(self) -> str:
        """The verb whose reply it is, `GREETING` or `MESSAGE`; empty for a reply that nobody asked for."""
        if not self.lines:
            return GREETING
        return MESSAGE if self.said == "." else verb_of(self.said.encode()) if self.said else ""


def causes_of(code: int) -> tuple[Cause, ...]:
    """Return the causes of replies with `code`, in the table's order; none if this server never gives it."""
    return tuple(cause for cause in CAUSES if cause.code == code)


def provoke(cause: Cause) -> Transcript:
    """Bring `cause` about in a new lab, and return the transcript of what follows."""
    lab = Lab()
    if cause.prepare is not None:
        cause.prepare(lab)
    return hold(cause, lambda: lab.telnet(HOST), lab.host(HOST).stop)


def hold(cause: Cause, connect: Callable[[], Session], stop: Callable[[], object]) -> Transcript:
    """Type what `cause` has the client type, and return the transcript.

    Args:
        cause: it has been brought about already.
        connect: opens a session with the host.
        stop: shuts the host down.

    Raises:
        ClientError: as `Session.send` does.
    """
    with ExitStack() as sessions:
        for _ in range(cause.others):
            sessions.enter_context(connect())
        session = sessions.enter_context(connect())
        for line in cause.lines:
            session.send_bytes(line.encode() + b"\r\n")
        if cause.stops:
            stop()
        session.poll()
        return Transcript(session.transcript)


# The causes that lie with the hosts


def _host(lab: Lab) -> LabHost:
    return lab.host(HOST)


def fill_disk(lab: Lab) -> None:
    """Leave no room for any message."""
    _host(lab).store.capacity_octets = 0


def break_disk(lab: Lab) -> None:
    """Let nothing be written any more."""
    _host(lab).store.read_only = True


def hold_mailbox_of_bob(lab: Lab) -> None:
    """Let another program hold Bob's mailbox."""
    _host(lab).mailboxes["bob"].busy = True


def fill_mailbox_of_carol(lab: Lab) -> None:
    """Use up Carol's quota."""
    host = _host(lab)
    draft = host.store.begin(["carol"])
    draft.write(b"Subject: Holidays\r\n\r\n" + b"So many pictures!\r\n" * 110)
    draft.commit()
    host.mailboxes["carol"].quota_octets = host.store.octets_in("carol")


def fill_mailbox_of_carol_for_now(lab: Lab) -> None:
    """Use up Carol's quota, and expect her to make room soon."""
    fill_mailbox_of_carol(lab)
    _host(lab).mailboxes["carol"].quota_is_soft = True


def leave_carol_little_room(lab: Lab) -> None:
    """Give Carol a quota that a short message exceeds."""
    _host(lab).mailboxes["carol"].quota_octets = 50


def close_to_everybody(lab: Lab) -> None:
    """Take no mail at all."""
    _host(lab).handler.open = False


def allow_two_sessions(lab: Lab) -> None:
    """Let no more than two clients in at once."""
    _host(lab).policy = replace(_host(lab).policy, max_sessions=2)


def allow_small_messages_only(lab: Lab) -> None:
    """Set the limit of the extension SIZE to 1000 octets."""
    policy = _host(lab).policy
    _host(lab).policy = replace(policy, offer={**policy.offer, "SIZE": "1000"})


def be_strict(lab: Lab) -> None:
    """Take only what RFC 5321's grammar allows."""
    _host(lab).policy = replace(_host(lab).policy, strict=True)


def keep_users_secret(lab: Lab) -> None:
    """Do not tell by VRFY who lives here."""
    _host(lab).handler.answers_vrfy = False


def keep_lists_secret(lab: Lab) -> None:
    """Do not tell by EXPN who is on a list."""
    _host(lab).handler.answers_expn = False


def agree_to_turn(lab: Lab) -> None:
    """Swap roles with anyone who asks."""
    _host(lab).handler.turns = True


def forget_the_way(lab: Lab) -> None:
    """Know no next hop for any other domain."""
    _host(lab).handler.relay = None


def take_next_hop_down(lab: Lab) -> None:
    """Let the next hop for campus.example not answer."""
    lab.host(NEXT_HOP).up = False


# What a client types on the way to the line that matters.
_HELO = ("HELO client.example",)
_EHLO = ("EHLO client.example",)
_MAIL = (*_HELO, "MAIL FROM:<forouzanb@adelphia.net>")
_TO_ALICE = (*_MAIL, "RCPT TO:<alice@lab.example>")
_TO_BOB = (*_MAIL, "RCPT TO:<bob@lab.example>")
_TO_CAROL = (*_MAIL, "RCPT TO:<carol@lab.example>")
_TO_DORA = (*_MAIL, "RCPT TO:<dora@lab.example>")
_TO_STAFF = (*_MAIL, "RCPT TO:<staff@lab.example>")
_MESSAGE = ("DATA", "From: Forouzan", "Subject: Hello", "", "This is a test message.", ".")
_LONG_MESSAGE = ("DATA", "Subject: Long", "", *["This goes far beyond what the host is willing to take."] * 20, ".")
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
          (*_HELO, "SEND FROM:<forouzanb@adelphia.net>"), "RFC 821 3.4"),
    Cause(replies.SENDER_OK, "A message is announced for terminals, or else mailboxes.",
          (*_HELO, "SOML FROM:<forouzanb@adelphia.net>"), "RFC 821 3.4"),
    Cause(replies.SENDER_OK, "A message is announced for terminals and mailboxes.",
          (*_HELO, "SAML FROM:<forouzanb@adelphia.net>"), "RFC 821 3.4"),
    Cause(replies.RECIPIENT_OK, "Alice lives here.",
          _TO_ALICE, "RFC 5321 4.1.1.3"),
    Cause(replies.RECIPIENT_OK, "Every host has a Postmaster, who needs no domain.",
          (*_MAIL, "RCPT TO:<Postmaster>"), "RFC 5321 4.5.1"),
    Cause(replies.RECIPIENT_OK, "There is a mailing list of this name; each of its members gets a copy.",
          _TO_STAFF, "RFC 5321 3.9.2"),
    Cause(replies.RECIPIENT_OK, "The domain is not ours, but the host knows the next hop for it.",
          (*_MAIL, "RCPT TO:<frank@campus.example>"), "RFC 5321 3.6.2"),
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
          (*_HELO, "TURN"), "RFC 821 3.8", agree_to_turn),
    Cause(replies.WILL_FORWARD, "Dora has moved away; the host knows where to, and can get there.",
          _TO_DORA, "RFC 5321 3.4"),
    Cause(replies.CANNOT_VERIFY, "The host does not tell who lives here.",
          ("VRFY alice",), "RFC 5321 7.3", keep_users_secret),
    Cause(replies.CANNOT_VERIFY, "The client asks for a user in a domain that is not ours, but the way is known.",
          ("VRFY forouzanb@adelphia.net",), "RFC 5321 3.5.3"),
    # 3yz: the server waits for the rest.
    Cause(replies.START_MAIL, "There is a recipient, and the message may come.",
          (*_TO_ALICE, "DATA"), "RFC 5321 4.1.1.4"),
    # 4yz: not now.
    Cause(replies.TOO_BUSY, "As many clients as the host takes are connected already.",
          (), "RFC 5321 4.2.3", allow_two_sessions, others=2),
    Cause(replies.SHUTTING_DOWN, "The host is shut down while the client thinks.",
          _MAIL, "RFC 5321 3.8", stops=True),
    Cause(replies.TOO_MANY_ERRORS, "The client has made more mistakes than the host puts up with.",
          ("VERFY alice",) * (Policy().max_errors + 1), "RFC 5321 3.8"),
    Cause(replies.MAILBOX_BUSY, "Another program holds Bob's mailbox.",
          _TO_BOB, "RFC 5321 4.2.3", hold_mailbox_of_bob),
    Cause(replies.MAILBOX_BUSY, "The message is for Bob's terminal alone, and Bob is not logged in.",
          (*_HELO, "SEND FROM:<forouzanb@adelphia.net>", "RCPT TO:<bob@lab.example>"), "RFC 821 3.4"),
    Cause(replies.LOCAL_ERROR, "The disk cannot be written any more.",
          (*_TO_ALICE, *_MESSAGE), "RFC 5321 4.2.3", break_disk),
    Cause(replies.LOCAL_ERROR, "Dora's new host does not answer at present.",
          (*_TO_DORA, *_MESSAGE), "RFC 5321 4.2.3", take_next_hop_down),
    Cause(replies.LOCAL_ERROR, "A member of the list lives in a domain to which this host knows no way.",
          _TO_STAFF, "RFC 5321 4.2.3", forget_the_way),
    Cause(replies.INSUFFICIENT_STORAGE, "The disk is full.",
          (*_TO_ALICE, *_MESSAGE), "RFC 5321 4.2.3", fill_disk),
    Cause(replies.INSUFFICIENT_STORAGE, "Carol's mailbox is full, and she is expected to make room soon.",
          _TO_CAROL, "RFC 5321 4.2.3", fill_mailbox_of_carol_for_now),
    Cause(replies.TOO_MANY_RECIPIENTS, "The client names more recipients than one message may have here.",
          (*_MAIL, *("RCPT TO:<alice@lab.example>",) * (Policy().max_recipients + 1)), "RFC 5321 4.5.3.1.10"),
    # 5yz: not so.
    Cause(replies.UNRECOGNIZED, "VERFY, as the lecture spells it, is no verb.",
          ("VERFY alice",), "RFC 5321 4.2.4"),
    Cause(replies.LINE_TOO_LONG, "The command line is longer than 512 octets.",
          ("NOOP " + "x" * 510,), "RFC 5321 4.5.3.1.4"),
    Cause(replies.BAD_ARGUMENT, "The client does not say who it is.",
          ("HELO",), "RFC 5321 4.1.1.1"),
    Cause(replies.BAD_ARGUMENT, "The address has no domain.",
          (*_MAIL, "RCPT TO:<alice>"), "RFC 5321 4.1.2"),
    Cause(replies.BAD_ARGUMENT, "A strict host wants the path in angle brackets, and the lecture has none.",
          (*_HELO, "MAIL FROM: forouzanb@adelphia.net"), "RFC 5321 4.1.1.2", be_strict),
    Cause(replies.NOT_IMPLEMENTED, "The host swaps roles with nobody, because nothing proves who takes the mail.",
          (*_HELO, "TURN"), "RFC 5321 F.1"),
    Cause(replies.NOT_IMPLEMENTED, "The host does not tell who is on its lists.",
          ("EXPN staff",), "RFC 5321 7.3", keep_lists_secret),
    Cause(replies.BAD_SEQUENCE, "The client opens a transaction before it has said who it is.",
          ("MAIL FROM:<forouzanb@adelphia.net>",), "RFC 5321 4.1.4"),
    Cause(replies.BAD_SEQUENCE, "The client wants to send a message to nobody.",
          (*_MAIL, "DATA"), "RFC 5321 4.1.4"),
    Cause(replies.PARAMETER_NOT_IMPLEMENTED, "There is no help for what the client asks about.",
          ("HELP POSTAGE",), "RFC 5321 4.3.2"),
    Cause(replies.NO_SUCH_MAILBOX, "Nobody of that name lives here.",
          (*_MAIL, "RCPT TO:<zoe@lab.example>"), "RFC 5321 3.3"),
    Cause(replies.RELAY_DENIED, "The domain is not ours, and the host knows no way to it.",
          (*_MAIL, "RCPT TO:<zoe@elsewhere.example>"), "RFC 5321 3.6.2"),
    Cause(replies.TRY_FORWARD_PATH, "Erin has moved away, and wants her mail sent to the new address directly.",
          (*_MAIL, "RCPT TO:<erin@lab.example>"), "RFC 5321 3.4"),
    Cause(replies.TRY_FORWARD_PATH, "Dora has moved away, and this host knows no way to the new one.",
          _TO_DORA, "RFC 5321 3.4", forget_the_way),
    Cause(replies.MAILBOX_FULL, "Carol's mailbox is full.",
          _TO_CAROL, "RFC 5321 4.2.3", fill_mailbox_of_carol),
    Cause(replies.MAILBOX_FULL, "There was room in Carol's mailbox, but not for a message of this size.",
          (*_TO_CAROL, *_MESSAGE), "RFC 5321 4.2.3", leave_carol_little_room),
    Cause(replies.MESSAGE_TOO_BIG, "The client says beforehand that the message exceeds the host's limit.",
          (*_EHLO, "MAIL FROM:<forouzanb@adelphia.net> SIZE=1001"), "RFC 1870 6.1", allow_small_messages_only),
    Cause(replies.MESSAGE_TOO_BIG, "The message turns out to exceed the host's limit.",
          (*_TO_ALICE, *_LONG_MESSAGE), "RFC 1870 6.3", allow_small_messages_only),
    Cause(replies.MAILBOX_NAME_NOT_ALLOWED, "The name belongs to the system; it is not for mail.",
          (*_MAIL, "RCPT TO:<root@lab.example>"), "RFC 5321 4.2.3"),
    Cause(replies.AMBIGUOUS, "The client asks for a user by the name of Example, and there are two.",
          ("VRFY Example",), "RFC 5321 3.5.1"),
    Cause(replies.NON_ASCII_ADDRESS, "The address is not ASCII, and the client has not asked for SMTPUTF8.",
          (*_EHLO, "MAIL FROM:<jürgen@client.example>"), "RFC 6531 3.5"),
    Cause(replies.NO_SERVICE, "The host takes no mail from anybody.",
          (), "RFC 5321 3.1", close_to_everybody),
    Cause(replies.TRANSACTION_FAILED, "The next hop, to which the host handed the message on, refused it for good.",
          (*_MAIL, "RCPT TO:<zoe@campus.example>", *_MESSAGE), "RFC 5321 4.2.3"),
    Cause(replies.MAIL_LOOP, "The message has passed through so many hosts that it must go round in a circle.",
          (*_TO_ALICE, *_LOOPING), "RFC 5321 6.3"),
    Cause(replies.CONTENT_REFUSED, "The message holds a bare LF, and the host is strict.",
          (*_TO_ALICE, "DATA", "Subject: Hello", "", "one\ntwo", "."), "RFC 5321 2.3.8", be_strict),
    Cause(replies.PARAMETER_NOT_RECOGNIZED, "After HELO no extension is in force, and so SIZE means nothing.",
          (*_HELO, "MAIL FROM:<forouzanb@adelphia.net> SIZE=1000"), "RFC 5321 4.1.1.11"),
)
# fmt: on
