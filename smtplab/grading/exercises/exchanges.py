"""Read exchanges for the rules of all exercises, and for the hidden rules in the instructors' notebooks."""

from __future__ import annotations

import re
from typing import Protocol

from ...explain.spelling import meant_verb
from ...protocol.commands import VERBS, Mail, Opening, Rcpt, parse_command
from ...protocol.replies import RemoteProtocolError
from ...protocol.states import MESSAGE
from ...show.style import SEVERITY_WORDS
from ...transcript import Exchange
from ..evidence import Wire
from ..hint_wording import HintWording
from ..rules import RuleFailure, visible

# It has no pattern for the line before it, because searching for a whole line takes the square of its length.
_BARE_LINE_END = re.compile(rb"\r(?!\n)|(?<!\r)\n")


class WireEvidence(Protocol):
    """Evidence with a session that counts."""

    @property
    def wire(self) -> Wire: ...


def all_of(evidence: WireEvidence, verb: str) -> list[Exchange]:
    """Return the exchanges of the last session that began with a verb, or with `MESSAGE`."""
    return [exchange for exchange in evidence.wire.transcript.commands() if exchange.verb == verb]


def meant_as(wire: Wire, *verbs: str) -> Exchange | None:
    """Return the last line of a session that has no verb and was probably meant to begin with one of these."""
    lines = (each for each in wire.transcript.commands() if each.data and each.verb not in (*VERBS, MESSAGE))
    return next((each for each in reversed(list(lines)) if meant_verb(each.data) in verbs), None)


def accepted(exchange: Exchange) -> bool:
    """Return True if the host answered with 2yz or 3yz."""
    return exchange.accepted


def code_of(exchange: Exchange) -> str:
    """Return the code of the reply for a sentence; "nothing" if there is none."""
    return "nothing" if exchange.reply is None else str(exchange.reply.code)


def reply_of(exchange: Exchange) -> str:
    """Return the class of the reply in a word, and its code; "nothing" if there is none."""
    if exchange.reply is None:
        return code_of(exchange)
    return f"{SEVERITY_WORDS[exchange.reply.severity]} ({exchange.reply.code})"


def line_of(exchange: Exchange) -> str:
    """Return what the client sent, without its CRLF, as `visible` shows it."""
    return visible(exchange.data.removesuffix(b"\r\n"))


def line_and_reply(exchange: Exchange) -> str:
    """Return what the client sent, and the class and the code of the reply."""
    return f"{line_of(exchange)}, answered {reply_of(exchange)}"


def argument_of(exchange: Exchange) -> str:
    """Return the text after the verb."""
    return exchange.data.decode("utf-8", "replace").strip().partition(" ")[2].strip()


def address_of(exchange: Exchange) -> str:
    """Return the address in a MAIL, RCPT, SEND, SOML or SAML in lower case; empty if there is none."""
    try:
        command = parse_command(exchange.data.removesuffix(b"\r\n"))
    except RemoteProtocolError:
        return ""
    return command.path.address.casefold() if isinstance(command, Opening | Rcpt) else ""


def is_mail_command(line: bytes) -> bool:
    """Return True if a line is a MAIL or RCPT without a fault, CRLF left out."""
    try:
        return isinstance(parse_command(line), Mail | Rcpt)
    except RemoteProtocolError:
        return False


def badly_ended(wire: Wire, wording: HintWording) -> RuleFailure | None:
    """Return what is wrong with the first line that does not end in CRLF (RFC 5321 2.3.8); None if all do."""
    bare = _BARE_LINE_END.search(wire.sent)
    if bare:
        begin = max(wire.sent.rfind(end, 0, bare.start()) for end in (b"\r", b"\n")) + 1
        line = wire.sent[begin : bare.start()]
        return RuleFailure(
            "A line of yours does not end in CRLF.",
            visible(line + b"\r\n"),
            visible(line + bare[0]),
            wording.line_ends,
        )
    if wire.sent and not wire.sent.endswith(b"\r\n"):
        return RuleFailure("Your last line was never ended.", visible(b"\r\n"), visible(wire.sent[-40:]))
    return None
