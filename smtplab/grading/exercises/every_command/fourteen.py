"""Part ``fourteen`` of exercise 02: a positive reply from each of the 14 commands, judged on the wire."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ....protocol.commands import OPENINGS
from ....transcript import Exchange, Side
from ...evidence import Wire
from ...rules import ExercisePart, Judge, Rule, RuleFailure, visible
from ..exchanges import address_of, line_and_reply, line_of, meant_as, reply_of
from ..introduction import is_introduced, needs_your_name
from .task import EveryCommandEvidence

# The lecture's fourteen, in its order, each with the section that defines it.
FOURTEEN: Mapping[str, str] = {
    "HELO": "RFC 5321 4.1.1.1",
    "MAIL": "RFC 5321 4.1.1.2",
    "RCPT": "RFC 5321 4.1.1.3",
    "DATA": "RFC 5321 4.1.1.4",
    "QUIT": "RFC 5321 4.1.1.10",
    "RSET": "RFC 5321 4.1.1.5",
    "VRFY": "RFC 5321 4.1.1.6",
    "NOOP": "RFC 5321 4.1.1.9",
    "TURN": "RFC 821 3.8",
    "EXPN": "RFC 5321 4.1.1.7",
    "HELP": "RFC 5321 4.1.1.8",
    "SEND": "RFC 821 3.4",
    "SOML": "RFC 821 3.4",
    "SAML": "RFC 821 3.4",
}
# For a refusal, what to look at.
_HINTS = {
    "500": "is the verb spelled as on the list?",
    "501": "what follows the verb, and is it written as the host expects it?",
    "502": "this host knows the command and does not offer it; your sheet has another host",
    "503": "another command must come first, or the state is not the right one",
    "550": "your sheet says who has a mailbox, and what is a list",
}


def said(evidence: EveryCommandEvidence, verb: str) -> Iterator[tuple[Wire, Exchange]]:
    """Yield the exchanges that the student began with a verb, in order, each with its session."""
    for wire in evidence.wires:
        for exchange in wire.transcript.commands():
            if exchange.verb == verb and exchange.side is Side.CLIENT:
                yield wire, exchange


def counting(evidence: EveryCommandEvidence, verb: str) -> list[Exchange]:
    """Return the exchanges that count: with a positive reply, in a session that is introduced."""
    return [
        exchange
        for wire, exchange in said(evidence, verb)
        if exchange.accepted and is_introduced(evidence.task.client, wire)
    ]


def wrongly_named(evidence: EveryCommandEvidence) -> Iterator[tuple[str, Exchange]]:
    """Yield commands with a positive reply, none of which names the address of the sheet; with that address."""
    task = evidence.task
    wanted = dict.fromkeys(OPENINGS, (task.sender,)) | {"RCPT": (task.sender, task.recipient, task.other)}
    for verb, addresses in wanted.items():
        found = counting(evidence, verb)
        if found and not any(address_of(exchange) in addresses for exchange in found):
            yield addresses[0] if verb in OPENINGS else "somebody on your sheet", found[-1]


def _says_yes_to(verb: str) -> Judge[EveryCommandEvidence]:
    """Return a judge for one of the commands."""

    def judge(evidence: EveryCommandEvidence) -> RuleFailure | None:
        if counting(evidence, verb):
            return None
        tried = list(said(evidence, verb))
        if not tried:
            meant = [line for line in (meant_as(wire, verb) for wire in evidence.wires) if line is not None]
            got = line_and_reply(meant[-1]) if meant else ""
            return RuleFailure(f"You have not said {verb} to any host yet.", got=got, undone=not meant)
        if any(exchange.accepted for _, exchange in tried):
            return RuleFailure(
                "A host said yes, but in a session in which you did not say who you are.",
                f"HELO or EHLO with {evidence.task.client} in the same session",
            )
        wire, last = tried[-1]
        if last.reply is None:
            return RuleFailure(f"{verb} has not been answered.", got=line_of(last))
        got = f'{wire.host}: {line_of(last)}, answered {reply_of(last)} "{visible(last.reply.lines[0])}"'
        return RuleFailure(f"No host has said yes to {verb} yet.", got=got, hint=_HINTS.get(str(last.reply.code), ""))

    return judge


def _names_the_addresses(evidence: EveryCommandEvidence) -> RuleFailure | None:
    """At least one command with an address was taken, so that there is something that grading looks at."""
    if any(counting(evidence, verb) for verb in (*OPENINGS, "RCPT")):
        return None
    return RuleFailure("No host has taken an address from you yet.", "MAIL or RCPT with an address", undone=True)


PART = ExercisePart(
    "fourteen",
    (
        *(
            Rule(f"fourteen.{verb.lower()}", 1, rfc, f"A host says yes to {verb}.", _says_yes_to(verb), label=verb)
            for verb, rfc in FOURTEEN.items()
        ),
        Rule(
            "fourteen.address",
            0,
            "your task sheet",
            "A host has taken an address from you. 2 points for the right addresses come at grading.",
            _names_the_addresses,
            label="an address is taken",
        ),
    ),
    hidden=1,
    hidden_points=2,
    beyond="It looks at the addresses in MAIL, RCPT, SEND, SOML and SAML.",
    question="In which state may this command come, what follows its verb, and which host of your sheet offers it?",
    needs=needs_your_name("fourteen"),
)
