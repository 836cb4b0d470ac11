"""The table of causes: why a server gives each of its replies, and what must hold on a host for it to come.

Every reply follows from a true state of a host (its disk is full, a mailbox is busy, Dora has moved away) or from
something that the client really does; no address is magic::

    for cause in causes_of(452):
        print(cause.sentence, cause.conditions, cause.lines)

This module is data. `smtplab.lab.provoking` sets up the conditions in a lab and types the lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ..mta.policy import Policy
from ..mta.trace import HOP_LIMIT
from ..protocol import replies
from ..protocol.replies import Reply
from ..protocol.states import GREETING, MESSAGE
from ..transcript import verb_of

# The host that gives the replies, and its next hop. data/directories lists the people who live there.
HOST, NEXT_HOP = "mail.lab.example", "mail.campus.example"


class Setting(Enum):
    """What a condition can be about: facts that hold on `HOST`, and limits that it keeps."""

    CLOSED = "the host takes no mail at all"
    STRICT = "the host accepts only what RFC 5321's grammar allows"
    HIDES_USERS = "VRFY does not reveal who lives here"
    HIDES_LISTS = "EXPN does not reveal who is on a list"
    SWAPS_ROLES = "TURN is granted to any client"
    NO_ROUTES = "the host has no next hop for other domains"
    NEXT_HOP_DOWN = "the next hop does not answer"
    MAX_SESSIONS = "how many clients may be connected at once"
    MAX_ERRORS = "how many mistakes a session may have"
    MAX_MESSAGE_OCTETS = "how large a message may be, as the extension SIZE announces it"
    DISK_READ_ONLY = "the disk cannot be written"
    DISK_OCTETS = "how many octets of mail fit on the disk"
    MAILBOX_BUSY = "another program holds the mailbox"
    MAILBOX_FULL = "the mailbox has used up its quota"
    QUOTA_OCTETS = "how many octets the mailbox may hold"
    QUOTA_IS_SOFT = "the mailbox will have room again soon, so a full one means 452, not 552"


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that must hold on a host before the client connects.

    Args:
        setting: what it is about.
        limit: the number of octets, sessions or mistakes, for a setting that is a limit; ignored for a fact.
        mailbox: the local part of the mailbox, for a setting that concerns one.
    """

    setting: Setting
    limit: int = 0
    mailbox: str = ""


CLOSED, STRICT = Condition(Setting.CLOSED), Condition(Setting.STRICT)
HIDES_USERS, HIDES_LISTS = Condition(Setting.HIDES_USERS), Condition(Setting.HIDES_LISTS)
SWAPS_ROLES = Condition(Setting.SWAPS_ROLES)
NO_ROUTES, NEXT_HOP_DOWN = Condition(Setting.NO_ROUTES), Condition(Setting.NEXT_HOP_DOWN)
TWO_SESSIONS = Condition(Setting.MAX_SESSIONS, 2)
FEW_ERRORS = Condition(Setting.MAX_ERRORS, 10)
SMALL_MESSAGES = Condition(Setting.MAX_MESSAGE_OCTETS, 1000)
DISK_READ_ONLY, DISK_FULL = Condition(Setting.DISK_READ_ONLY), Condition(Setting.DISK_OCTETS, 0)
BOB_BUSY = Condition(Setting.MAILBOX_BUSY, mailbox="bob")
CAROL_FULL = Condition(Setting.MAILBOX_FULL, mailbox="carol")
CAROL_SOFT = Condition(Setting.QUOTA_IS_SOFT, mailbox="carol")
CAROL_ALMOST_FULL = Condition(Setting.QUOTA_OCTETS, 50, mailbox="carol")  # less than the short message below


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause of one reply.

    Args:
        reply: the canonical reply that follows from the cause; a host words it in its own way.
        sentence: the cause, in words.
        lines: what the client types, message included. The reply to the last line is `reply`; without lines, `reply`
            is the greeting.
        rfc: the section that says so.
        conditions: what must hold on a lab host that otherwise works; none if the client alone is the cause.
        others: how many other clients are connected already.
        stops: True if the host shuts down after the last line; the reply then comes unasked.
    """

    reply: Reply
    sentence: str
    lines: tuple[str, ...]
    rfc: str
    conditions: tuple[Condition, ...] = ()
    others: int = 0
    stops: bool = False

    @property
    def code(self) -> int:
        """The code of the reply."""
        return self.reply.code

    @property
    def said(self) -> str:
        """The line that the code answers; empty if the server speaks unasked."""
        return self.lines[-1] if self.lines and not self.stops else ""

    @property
    def verb(self) -> str:
        """The verb that is answered, `GREETING` or `MESSAGE`; empty if the reply comes unasked."""
        if not self.lines:
            return GREETING
        return MESSAGE if self.said == "." else verb_of(self.said.encode()) if self.said else ""


def causes_of(code: int) -> tuple[Cause, ...]:
    """Return the causes of replies with `code`, in the table's order; empty if the lab's server never gives it."""
    return tuple(cause for cause in CAUSES if cause.code == code)


# The lines that lead to the one that is answered.
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
    Cause(replies.SYSTEM_STATUS, "The client asks for help without naming a command.",
          ("HELP",), "RFC 5321 4.1.1.8"),
    Cause(replies.HELP_MESSAGE, "The client asks what DATA is for.",
          ("HELP DATA",), "RFC 5321 4.1.1.8"),
    Cause(replies.SERVICE_READY, "A client has connected, and the host accepts mail.",
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
    Cause(replies.RECIPIENT_OK, "The domain is not ours, but the host has a next hop for it.",
          (*_MAIL, "RCPT TO:<frank@campus.example>"), "RFC 5321 3.6.2"),
    Cause(replies.MESSAGE_ACCEPTED, "The message is stored, and the server is responsible for it from now on.",
          (*_TO_ALICE, *_MESSAGE), "RFC 5321 4.2.5"),
    Cause(replies.RESET_OK, "The client has changed its mind.",
          (*_TO_ALICE, "RSET"), "RFC 5321 4.1.1.5"),
    Cause(replies.NOOP_OK, "The client checks that the server is still there.",
          ("NOOP",), "RFC 5321 4.1.1.9"),
    Cause(replies.VERIFIED, "The client asks about a user, and there is one.",
          ("VRFY alice",), "RFC 5321 3.5.1"),
    Cause(replies.MEMBERS, "The client asks who is on a mailing list.",
          ("EXPN staff",), "RFC 5321 3.5.2"),
    Cause(replies.TURN_OK, "The client wants to be the server, and this host swaps roles with anyone.",
          (*_HELO, "TURN"), "RFC 821 3.8", (SWAPS_ROLES,)),
    Cause(replies.WILL_FORWARD, "Dora has moved away; the host has her new address and can reach it.",
          _TO_DORA, "RFC 5321 3.4"),
    Cause(replies.CANNOT_VERIFY, "The host does not reveal who lives here.",
          ("VRFY alice",), "RFC 5321 7.3", (HIDES_USERS,)),
    Cause(replies.CANNOT_VERIFY, "The client asks about a user in a domain that is not ours, but the host has a route.",
          ("VRFY forouzanb@adelphia.net",), "RFC 5321 3.5.3"),
    # 3yz: the server waits for the rest.
    Cause(replies.START_MAIL, "There is a recipient, so the message may come.",
          (*_TO_ALICE, "DATA"), "RFC 5321 4.1.1.4"),
    # 4yz: not now.
    Cause(replies.TOO_BUSY, "The host already has as many clients connected as it allows.",
          (), "RFC 5321 4.2.3", (TWO_SESSIONS,), others=2),
    Cause(replies.SHUTTING_DOWN, "The host is shut down while the client thinks.",
          _MAIL, "RFC 5321 3.8", stops=True),
    Cause(replies.TOO_MANY_ERRORS, "The client has made more mistakes than the host allows.",
          ("VERFY alice",) * (FEW_ERRORS.limit + 1), "RFC 5321 3.8", (FEW_ERRORS,)),
    Cause(replies.MAILBOX_BUSY, "Another program holds Bob's mailbox.",
          _TO_BOB, "RFC 5321 4.2.3", (BOB_BUSY,)),
    Cause(replies.MAILBOX_BUSY, "The message is for Bob's terminal alone, and Bob is not logged in.",
          (*_HELO, "SEND FROM:<forouzanb@adelphia.net>", "RCPT TO:<bob@lab.example>"), "RFC 821 3.4"),
    Cause(replies.LOCAL_ERROR, "The disk cannot be written any more.",
          (*_TO_ALICE, *_MESSAGE), "RFC 5321 4.2.3", (DISK_READ_ONLY,)),
    Cause(replies.LOCAL_ERROR, "Dora's new host does not answer at present.",
          (*_TO_DORA, *_MESSAGE), "RFC 5321 4.2.3", (NEXT_HOP_DOWN,)),
    Cause(replies.LOCAL_ERROR, "A member of the list lives in a domain to which this host has no route.",
          _TO_STAFF, "RFC 5321 4.2.3", (NO_ROUTES,)),
    Cause(replies.INSUFFICIENT_STORAGE, "The disk is full.",
          (*_TO_ALICE, *_MESSAGE), "RFC 5321 4.2.3", (DISK_FULL,)),
    Cause(replies.INSUFFICIENT_STORAGE, "Carol's mailbox is full, and she is expected to make room soon.",
          _TO_CAROL, "RFC 5321 4.2.3", (CAROL_FULL, CAROL_SOFT)),
    Cause(replies.TOO_MANY_RECIPIENTS, "The client names more recipients than one message may have here.",
          (*_MAIL, *("RCPT TO:<alice@lab.example>",) * (Policy().max_recipients + 1)), "RFC 5321 4.5.3.1.10"),
    # 5yz: not so.
    Cause(replies.UNRECOGNIZED, "VERFY, as the lecture spells it, is not a verb.",
          ("VERFY alice",), "RFC 5321 4.2.4"),
    Cause(replies.LINE_TOO_LONG, "The command line is longer than 512 octets.",
          ("NOOP " + "x" * 510,), "RFC 5321 4.5.3.1.4"),
    Cause(replies.BAD_ARGUMENT, "The client does not say who it is.",
          ("HELO",), "RFC 5321 4.1.1.1"),
    Cause(replies.BAD_ARGUMENT, "The address has no domain.",
          (*_MAIL, "RCPT TO:<alice>"), "RFC 5321 4.1.2"),
    Cause(replies.BAD_ARGUMENT, "A strict host requires angle brackets around the path, and the lecture has none.",
          (*_HELO, "MAIL FROM: forouzanb@adelphia.net"), "RFC 5321 4.1.1.2", (STRICT,)),
    Cause(replies.NOT_IMPLEMENTED, "The host swaps roles with no one, because nothing proves who takes the mail.",
          (*_HELO, "TURN"), "RFC 5321 F.1"),
    Cause(replies.NOT_IMPLEMENTED, "The host does not reveal who is on its lists.",
          ("EXPN staff",), "RFC 5321 7.3", (HIDES_LISTS,)),
    Cause(replies.BAD_SEQUENCE, "The client opens a transaction before it has said who it is.",
          ("MAIL FROM:<forouzanb@adelphia.net>",), "RFC 5321 4.1.4"),
    Cause(replies.BAD_SEQUENCE, "The client wants to send a message to nobody.",
          (*_MAIL, "DATA"), "RFC 5321 4.1.4"),
    Cause(replies.PARAMETER_NOT_IMPLEMENTED, "There is no help for what the client asks about.",
          ("HELP POSTAGE",), "RFC 5321 4.3.2"),
    Cause(replies.NO_SUCH_MAILBOX, "Nobody of that name lives here.",
          (*_MAIL, "RCPT TO:<zoe@lab.example>"), "RFC 5321 3.3"),
    Cause(replies.RELAY_DENIED, "The domain is not ours, and the host has no route to it.",
          (*_MAIL, "RCPT TO:<zoe@elsewhere.example>"), "RFC 5321 3.6.2"),
    Cause(replies.TRY_FORWARD_PATH, "Erin has moved away, and wants her mail sent to the new address directly.",
          (*_MAIL, "RCPT TO:<erin@lab.example>"), "RFC 5321 3.4"),
    Cause(replies.TRY_FORWARD_PATH, "Dora has moved away, and this host has no route to her new address.",
          _TO_DORA, "RFC 5321 3.4", (NO_ROUTES,)),
    Cause(replies.MAILBOX_FULL, "Carol's mailbox is full.",
          _TO_CAROL, "RFC 5321 4.2.3", (CAROL_FULL,)),
    Cause(replies.MAILBOX_FULL, "There was room in Carol's mailbox, but not for a message of this size.",
          (*_TO_CAROL, *_MESSAGE), "RFC 5321 4.2.3", (CAROL_ALMOST_FULL,)),
    Cause(replies.MESSAGE_TOO_BIG, "The client announces a message that exceeds the host's limit.",
          (*_EHLO, "MAIL FROM:<forouzanb@adelphia.net> SIZE=1001"), "RFC 1870 6.1", (SMALL_MESSAGES,)),
    Cause(replies.MESSAGE_TOO_BIG, "The message turns out to exceed the host's limit.",
          (*_TO_ALICE, *_LONG_MESSAGE), "RFC 1870 6.3", (SMALL_MESSAGES,)),
    Cause(replies.MAILBOX_NAME_NOT_ALLOWED, "The name belongs to the system; it is not for mail.",
          (*_MAIL, "RCPT TO:<root@lab.example>"), "RFC 5321 4.2.3"),
    Cause(replies.AMBIGUOUS, "The client asks about a user named Example, and there are two.",
          ("VRFY Example",), "RFC 5321 3.5.1"),
    Cause(replies.NON_ASCII_ADDRESS, "The address is not ASCII, and the client has not asked for SMTPUTF8.",
          (*_EHLO, "MAIL FROM:<jürgen@client.example>"), "RFC 6531 3.5"),
    Cause(replies.NO_SERVICE, "The host accepts no mail from anyone.",
          (), "RFC 5321 3.1", (CLOSED,)),
    Cause(replies.TRANSACTION_FAILED, "The next hop, to which the host relayed the message, refused it permanently.",
          (*_MAIL, "RCPT TO:<zoe@campus.example>", *_MESSAGE), "RFC 5321 4.2.3"),
    Cause(replies.MAIL_LOOP, "The message has passed through so many hosts that it must be in a loop.",
          (*_TO_ALICE, *_LOOPING), "RFC 5321 6.3"),
    Cause(replies.CONTENT_REFUSED, "The message holds a bare LF, and the host is strict.",
          (*_TO_ALICE, "DATA", "Subject: Hello", "", "one\ntwo", "."), "RFC 5321 2.3.8", (STRICT,)),
    Cause(replies.CONTENT_REFUSED, "The message holds a bare LF, and the host would have to send it on.",
          (*_TO_DORA, "DATA", "Subject: Hello", "", "one\ntwo", "."), "RFC 5321 2.3.8"),
    Cause(replies.PARAMETER_NOT_RECOGNIZED, "After HELO no extension is in force, so SIZE means nothing.",
          (*_HELO, "MAIL FROM:<forouzanb@adelphia.net> SIZE=1000"), "RFC 5321 4.1.1.11"),
)
# fmt: on
