"""What the three digits of a reply mean: severity, category, and every code of RFC 5321 and its extensions.

The first digit decides what a client does next, so it is a type of its own. The second says what the reply is
about. The third only tells codes apart. A client that meets a code it does not know must act on the first
digit alone (RFC 5321 4.2), and `classify` says what that means. The texts that a server writes beside a code
are not here: they belong to `replies`.

Take 452. The 4 says that it may work later, the 5 that it is about the mail system, and the 2 distinguishes it from
450 and 451:

>>> code = classify(452)
>>> code.severity.phrase, code.category.phrase
('Transient Negative Completion', 'Mail system')
>>> print(code)
452 Requested action not taken: insufficient system storage

No RFC defines 499, and a client knows all the same what to do:

>>> classify(499).advice
'Keep the message and send the same command again later.'

The module is long because it holds one table: a row for each code, in a student's words.

Most of this is for people: a student's table, a sentence beside a reply. For the session itself the first digit is
enough, so code that decides what to do next reads `Severity`. The module is long because half of it is the table of
codes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType
from typing import Any, Self

from . import sentences


class _Digit(IntEnum):
    """A digit of a reply code, and what it says."""

    phrase: str
    meaning: str
    advice: str  # to the client; the first digit alone has it

    def __new__(cls, digit: int, phrase: str, meaning: str, advice: str = "") -> Self:
        # Enum calls this with the tuple that stands behind each name below. The digit alone is the member's value, so
        # that members compare as numbers (``severity < Severity.TRANSIENT_NEGATIVE`` is any positive one) and
        # ``Severity(5)`` finds one; the words are attributes.
        member = int.__new__(cls, digit)
        member._value_ = digit
        member.phrase, member.meaning, member.advice = phrase, meaning, advice
        return member

    def __bool__(self) -> bool:
        """True: also the digit 0 says something, namely `Category.SYNTAX`."""
        return True

    @property
    def summary(self) -> str:
        """The phrase and the meaning, in a line."""
        return f"{self.phrase}. {self.meaning}"


class Severity(_Digit):
    """The first digit: if the command succeeded, and if not, whether saying it again can help (RFC 5321 4.2.1).

    What the lecture calls category is this digit; RFC 5321 means the second.

    Each row is a digit, the phrase of RFC 5321 4.2.1, what it means, and what a client should do about a reply of which
    it knows nothing more.
    """

    # fmt: off
    # RFC 821 had this class although no command used it; in RFC 5321 it is not part of SMTP.
    POSITIVE_PRELIMINARY = (1, "Positive Preliminary",
        "The server waits to be told whether to go on; no command of SMTP has such a reply.",
        "Take it for a fatal error and end the mail transaction.")
    POSITIVE_COMPLETION = (2, "Positive Completion", "The command was carried out.", "Go on with the next command.")
    POSITIVE_INTERMEDIATE = (3, "Positive Intermediate",
        "The command was accepted, and the server waits for more before it acts.",
        "Send what the command announced, such as the message after DATA.")
    TRANSIENT_NEGATIVE = (4, "Transient Negative Completion",
        "The command was refused for now, and the reason may pass.",
        "Keep the message and send the same command again later.")
    PERMANENT_NEGATIVE = (5, "Permanent Negative Completion",
        "The command was refused, and saying it again unchanged will not help.",
        "Do not repeat the command as it is; correct it, or report the failure to the sender.")
    # fmt: on

    @property
    def lecture_phrase(self) -> str | None:
        """What the lecture calls it; None where it does not have it."""
        return None if self is Severity.POSITIVE_PRELIMINARY else f"{self.phrase} Reply"

    @property
    def mask(self) -> str:
        """How RFC 5321 4.2.1 writes all codes of this severity, such as ``5yz``: any second and third digit."""
        return f"{self.value}yz"


class Category(_Digit):
    """The second digit: what the reply is about (RFC 5321 4.2.1). The digits 6 to 9 have no category."""

    # fmt: off
    SYNTAX = (0, "Syntax",
        "The reply is about the command itself: its spelling, its argument, its place in the sequence, "
        "or that the server does not offer it.")
    INFORMATION = (1, "Information", "The reply gives information that was asked for, as HELP does.")
    CONNECTIONS = (2, "Connections", "The reply is about the connection between the two hosts.")
    UNSPECIFIED_3 = (3, "Unspecified", "RFC 5321 leaves this digit open; the extension for authentication uses it.")
    UNSPECIFIED_4 = (4, "Unspecified", "RFC 5321 leaves this digit open, and no extension uses it.")
    MAIL_SYSTEM = (5, "Mail system",
        "The reply is about the mail: the mailbox, the message, or the host that stores or forwards it.")
    # fmt: on

    @property
    def mask(self) -> str:
        """How RFC 5321 4.2.1 writes all codes of this category, such as ``x5z``."""
        return f"x{self.value}z"


NO_CATEGORY = "RFC 5321 gives this digit no meaning."
"""Describes a second digit from 6 to 9."""


# Code -> severity, for every code from 100 to 599. `Severity(code // 100)` would do, at six times the cost.
_SEVERITIES: Mapping[int, Severity] = {100 * severity + rest: severity for severity in Severity for rest in range(100)}
# Second digit -> category.
_CATEGORIES: Mapping[int, Category] = {int(category): category for category in Category}


def severity_of(code: int) -> Severity:
    """Return the severity of a code from 100 to 599, known or not; raise `ValueError` for any other number."""
    try:
        return _SEVERITIES[code]
    except KeyError:
        raise ValueError(sentences.NO_SEVERITY.format(code=code)) from None


@dataclass(frozen=True, slots=True)
class Code:
    """One reply code: what it says, what it means, and what a client should do about it.

    Args:
        number: the three digits.
        phrase: the words of the RFC that defines it.
        meaning: what has happened, in a sentence.
        advice: what a client should do, in a sentence.
        rfc: where it is defined.
        lecture: the lecture's own description, slips included; None if it is not among its 21 codes.
    """

    number: int
    phrase: str
    meaning: str
    advice: str
    rfc: str
    lecture: str | None = None

    @property
    def severity(self) -> Severity | None:
        """What the first digit says, or None where it is not 1 to 5."""
        return _SEVERITIES.get(self.number)

    @property
    def category(self) -> Category | None:
        """What the second digit says, or None where it is not 0 to 5."""
        return _CATEGORIES.get(self.number // 10 % 10)

    @property
    def known(self) -> bool:
        """True if RFC 5321 or an extension defines this code."""
        return self.number in CODES

    @property
    def summary(self) -> str:
        """The number, the phrase and the meaning, in a line."""
        return f"{self}. {self.meaning}"

    @property
    def facts(self) -> Mapping[str, str]:
        """All there is to know about the code, each thing under its name; what is not known is left out."""
        lines = {
            "severity": "" if self.severity is None else self.severity.summary,
            "category": "" if self.category is None else self.category.summary,
            "meaning": self.meaning,
            "advice": self.advice,
            "lecture": self.lecture,
            "defined in": self.rfc,
        }
        return {name: line for name, line in lines.items() if line}

    @property
    def explanation(self) -> str:
        """The facts, a line for each."""
        return "\n".join([str(self), *(f"  {name:<11}{line}" for name, line in self.facts.items())])

    def __str__(self) -> str:
        return f"{self.number:03d} {self.phrase}"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Show the explanation in IPython."""
        printer.text(self.explanation)


# The lecture's 21 codes are all the codes of RFC 821. Its descriptions stand here word for word, two slips
# included: a server that answers 504 will not do better later, and 552 means an allocation, not a location.
_LECTURE: Mapping[int, str] = {
    211: "System status or help reply",
    214: "Help message",
    220: "Service ready",
    221: "Service closing transmission channel",
    250: "Request command completed",
    251: "User not local; the message will be forwarded",
    354: "Start mail input",
    421: "Service not available",
    450: "Mailbox not available",
    451: "Command aborted: local error",
    452: "Command aborted: insufficient storage",
    500: "Syntax error; unrecognized command",
    501: "Syntax error in parameters or arguments",
    502: "Command not implemented",
    503: "Bad sequence of commands",
    504: "Command temporarily not implemented",
    550: "Command is not executed; mailbox unavailable",
    551: "User not local",
    552: "Requested action aborted; exceeded storage location",
    553: "Requested action not taken; mailbox name not allowed",
    554: "Transaction failed",
}

# By number: the phrase of the RFC, what it means, and what a client should do, as in `Code`.
_Rows = Mapping[int, tuple[str, str, str]]

# fmt: off
_RFC_5321: _Rows = {
    211: ("System status or system help reply", "The server reports on its own state.",
          "Show the text to the person who asked."),
    214: ("Help message", "The server explains itself or one of its commands, in words meant for people.",
          "Show the text to the person who asked."),
    220: ("Service ready", "The server is there and gives its name; after STARTTLS, it is ready to begin TLS.",
          "Say EHLO, or HELO to an old server; after STARTTLS, begin the TLS handshake."),
    221: ("Service closing transmission channel", "The server has heard QUIT and closes the connection.",
          "Close the connection too."),
    250: ("Requested mail action okay, completed",
          "The command was carried out; after the final dot, the server has taken over the duty to deliver.",
          "Go on; after the final dot, forget the message, for it is now the server's."),
    251: ("User not local; will forward",
          "The mailbox has moved, and this server passes the mail on to the new address itself.",
          "Go on as after 250; you may note the new address that the text names."),
    252: ("Cannot verify the user, but will accept the message and attempt delivery",
          "The server does not say whether the mailbox exists, yet would take mail for it.",
          "Take it neither for yes nor for no: send the mail and see."),
    354: ("Start mail input; end with <CRLF>.<CRLF>", "The server is ready for the message.",
          "Send the message, double each dot that begins a line, and end with a line that holds one dot."),
    421: ("Service not available, closing transmission channel",
          "The server must stop or is too busy, and closes the connection; any command may get this reply.",
          "Close the connection, keep the message, and connect again later."),
    450: ("Requested mail action not taken: mailbox unavailable",
          "The mailbox cannot be used at this moment, because it is busy or blocked for a while.",
          "Keep the message for this recipient and try again later."),
    451: ("Requested action aborted: local error in processing", "Something went wrong inside the server.",
          "Keep the message and try again later."),
    452: ("Requested action not taken: insufficient system storage",
          "The server lacks room, or takes no more recipients in this transaction.",
          "Send to the recipients that were accepted, if any; send to the others later, in a new transaction."),
    455: ("Server unable to accommodate parameters",
          "The server knows the parameters of MAIL or RCPT but cannot honour them at this moment.",
          "Try again later, or without the parameter if the message can do without it."),
    500: ("Syntax error, command unrecognized", "The server does not know the command, or the line was too long.",
          "Check the spelling; after EHLO, say HELO instead."),
    501: ("Syntax error in parameters or arguments", "The server knows the command but cannot read what follows it.",
          "Correct the argument: check the angle brackets, the address and the spaces."),
    502: ("Command not implemented", "The server knows the name of the command but does not offer it.",
          "Do without the command; after EHLO, say HELO instead."),
    503: ("Bad sequence of commands", "The command is well written, but another must come first.",
          "Send the missing command first: EHLO or HELO, MAIL, RCPT, then DATA."),
    504: ("Command parameter not implemented",
          "The server offers the command but not this parameter of it, and will not do so later either.",
          "Send the command without the parameter, or with another one that the server offers."),
    550: ("Requested action not taken: mailbox unavailable",
          "There is no such mailbox, or you may not use it, or a rule of the server forbids it.",
          "Give up this recipient and tell the sender."),
    551: ("User not local; please try another path",
          "The mailbox has moved, and this server does not forward; its text may name the new address.",
          "Report the new address to the sender, or try it if your policy trusts this server."),
    552: ("Exceeded storage allocation",
          "The mailbox has used up its share of storage, or the message is larger than the server takes.",
          "Tell the sender; but after RCPT, when it means too many recipients, treat it as 452."),
    553: ("Mailbox name not allowed",
          "The address is one that this server cannot accept: badly written, ambiguous, or of the wrong kind.",
          "Correct the address or tell the sender."),
    554: ("Transaction failed",
          "The server refuses the message as a whole; as a greeting, it means that no SMTP is offered here.",
          "Give up the message and tell the sender; after such a greeting, say QUIT."),
    555: ("MAIL or RCPT parameters not recognized or not implemented",
          "The server does not know a parameter that came with MAIL or RCPT.",
          "Send the command without the parameter, and use only those that the reply to EHLO offers."),
}

_EXTENSIONS: Mapping[str, _Rows] = {
    # CHECKPOINT: take up a message where the connection broke off.
    "RFC 1845": {
        355: ("Octet offset of the transaction",
              "The server kept a part of this message from an earlier connection and says how many octets.",
              "Send the rest of the message from that octet on."),
    },
    # ETRN: ask a server to send the mail that waits for a host.
    "RFC 1985": {
        253: ("Pending messages for the node started",
              "The server begins to send the mail that waited for the host you named; the text counts it.",
              "Expect connections from the server."),
        458: ("Unable to queue messages for the node",
              "The server cannot begin to send the mail that waits for the host you named.", "Ask again later."),
        459: ("Node not allowed", "The server does not do this for the host you named; the text gives the reason.",
              "Check the name, or ask the people who run the server to allow it."),
    },
    # ATRN: the same over the connection at hand, with the sides swapped.
    "RFC 2645": {
        453: ("You have no mail", "No mail waits for the domains that you asked for.", "Say QUIT and ask again later."),
    },
    "RFC 4954 6": {
        235: ("Authentication succeeded", "The server accepts that you are who you say.", "Go on with MAIL."),
        432: ("A password transition is needed",
              "The account must first be moved to this mechanism by one log-in with the plain password.",
              "Authenticate once with the PLAIN mechanism, under TLS, then as before."),
        530: ("Authentication required",
              "The command is open only to clients that have authenticated or, as RFC 3207 has it, begun TLS.",
              "Use STARTTLS or AUTH, as the text says, then send the command again."),
        534: ("Authentication mechanism is too weak", "The server's rules want a stronger mechanism for this account.",
              "Authenticate with a stronger mechanism from the reply to EHLO."),
        535: ("Authentication credentials invalid", "The user name or the password is wrong.",
              "Ask the person for the right ones; repeating the same ones may lock the account."),
        538: ("Encryption required for the requested authentication mechanism",
              "This mechanism would show the password on an open line.", "Use STARTTLS first, then authenticate."),
    },
    "RFC 4954 4": {
        334: ("Server challenge", "The authentication goes on: the text is the server's next question in base64.",
              "Send the answer in base64, or a line with one * to give up."),
    },
    "RFC 3207 4, RFC 4954 6": {
        454: ("Temporary failure of TLS or of authentication", "STARTTLS or AUTH does not work at this moment.",
              "Try again later; whether to go on without it is for your own policy to decide."),
    },
    # 521 and 556 tell at once that mail is not wanted, so that nobody retries for days.
    "RFC 7504 3": {
        521: ("Host does not accept mail",
              "This host takes no mail at all; it says so as its greeting or in reply to a command.",
              "Say QUIT, do not try this host again, and tell the sender."),
    },
    "RFC 7504 4": {
        556: ("Domain does not accept mail",
              "The recipient's domain takes no mail at all; it says so with a null MX record (RFC 7505).",
              "Give up this recipient and tell the sender."),
    },
}
# fmt: on


_SOURCES = {"RFC 5321 4.2.3": _RFC_5321, **_EXTENSIONS}
_CODES = {
    number: Code(number, *row, rfc, _LECTURE.get(number))
    for rfc, rows in _SOURCES.items()
    for number, row in rows.items()
}
CODES: Mapping[int, Code] = MappingProxyType(dict(sorted(_CODES.items())))
"""Every code that RFC 5321 or a registered extension defines, by number, in ascending order."""


def classify(code: int | str) -> Code:
    """Return the description of any three digits, such as ``552`` or ``"552"``.

    A code outside `CODES` is described by its digits, as a client has to read it (RFC 5321 4.2). Anything
    that is not three digits, as a number or a text, raises `ValueError`.

    >>> classify("552").known, classify(599).known
    (True, False)
    """
    number = _three_digits(code)
    return CODES.get(number) or _describe_by_digits(number)


def _three_digits(code: int | str) -> int:
    # A bool is an int to `isinstance`, and is not a code. `isdigit` alone would also take the digits of other scripts.
    text = f"{code:03d}" if type(code) is int else code
    if not (isinstance(text, str) and len(text) == 3 and text.isascii() and text.isdigit()):
        raise ValueError(sentences.NOT_A_CODE.format(code=code))
    return int(text)


def _describe_by_digits(number: int) -> Code:
    # RFC 5321 4.2.1: a client that does not know a code acts on its first digit. The second tells a person what it is
    # about, where it has a meaning.
    severity = _SEVERITIES.get(number)
    if severity is None:
        return Code(
            number,
            "Not a reply code",
            "Not a code of RFC 5321; a reply code begins with 2, 3, 4 or 5.",
            "Take it for a fatal error and end the mail transaction.",
            "RFC 5321 4.2",
        )
    category = _CATEGORIES.get(number // 10 % 10)
    about = "" if category is None else f" Its second digit says: {category.meaning}"
    meaning = f"Not a code of RFC 5321; its first digit says: {severity.meaning}{about}"
    return Code(number, severity.phrase, meaning, severity.advice, "RFC 5321 4.2.1")
