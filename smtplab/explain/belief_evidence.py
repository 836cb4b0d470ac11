"""Find wrong beliefs in conversations, by what was said and answered.

A slip has other readings: a finger that missed a key, curiosity, a test. So a belief is *named* only after a second
slip. Before that, and for beliefs that the wire alone never proves, one question comes first; see `inquiry`. The same
line again in the same conversation is no second slip, because a cell that runs again sends it again.

The functions are pure: transcripts go in, and slips come out. A detector yields signs in one transcript; one that
compares a conversation with the next looks at all of them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..protocol.codes import Category
from ..protocol.commands import HELLOS, OPENINGS
from ..protocol.states import MESSAGE, State
from ..transcript import Exchange, Side, Transcript
from ..transcript.dialogue import END_OF_DATA
from ..transcript.rows import CRLF
from .explainer import strict_objection
from .spelling import MAILBOX_VERBS

_SLIPS_OF_A_BELIEF = 2
_INSIDE = (State.SENDER, State.RECIPIENT)
_PATH_WITHOUT_BRACKETS = re.compile(rb"(?i)[A-Z]+ +(?:FROM|TO):(?: +<| *[^< ])")
_BACKSPACE = re.compile(rb"[\x08\x7f]")
_SINGLE_DOT = re.compile(rb"^\.[^.\s].*", re.MULTILINE)
_MORE_FOLLOWS = re.compile(rb"[2-5][0-9]{2}-")
_FETCHING = re.compile(rf"(?i)(?:[A-Z]?[0-9]+ +)?(?:{'|'.join(MAILBOX_VERBS)})\b".encode())
_BLIND_COPY = re.compile(rb"(?i)(?:RCPT +)?B?CC\b")
_REPORT = re.compile(rb"(?im)^Content-Type:\s*multipart/report|report-type=\"?delivery-status")
_NULL_PATH = re.compile(rb"(?i)[A-Z]+ +FROM: *<>")
_RELAY = re.compile(r"(?i)\brelay")
_SENT_AGAIN = "no-reply-means-not-delivered"  # the belief that shows in two conversations
NEVER_PROVEN = frozenset(
    {
        "success-is-250",
        "one-refusal-ends-the-message",
        "any-server-forwards",
        "vrfy-proves-an-address",
        _SENT_AGAIN,
    }
)
"""Beliefs that no number of slips proves: who is curious, careful, or asked to get a refusal says the same lines."""


@dataclass(frozen=True, slots=True)
class Slip:
    """Something said that fits a belief.

    Args:
        belief: the id of the belief.
        row: the index of the last row of the exchange that shows it.
        transcript: in which transcript, counted from 0.
        said: what was said; slips of one transcript that say the same count once.
    """

    belief: str
    row: int
    transcript: int
    said: bytes


_BeliefSign = tuple[int, bytes]  # the row of a slip, and what was said


def slips_in(*transcripts: Transcript) -> list[Slip]:
    """Return the slips in conversations of one client, in the order in which they were made."""
    found: list[Slip] = []
    for number, transcript in enumerate(transcripts):
        said = transcript.exchanges()
        for belief, find in _DETECTORS.items():
            found += [Slip(belief, row, number, line.lower()) for row, line in find(said)]
        for belief, look in _DETECTORS_OF_ROWS.items():
            found += [Slip(belief, row, number, line.lower()) for row, line in look(transcript)]
    found += _sent_again(transcripts)
    return sorted(found, key=lambda slip: (slip.transcript, slip.row))


def named_in(*transcripts: Transcript) -> tuple[str, ...]:
    """Return the ids of the beliefs that conversations prove, in the order of the first slips."""
    return named_by(slips_in(*transcripts))


def named_by(slips: Sequence[Slip]) -> tuple[str, ...]:
    """Return the ids of the beliefs that have slips enough to be named."""
    counted = Counter(belief for belief, *_ in {(slip.belief, slip.transcript, slip.said): None for slip in slips})
    return tuple(
        belief for belief, count in counted.items() if count >= _SLIPS_OF_A_BELIEF and belief not in NEVER_PROVEN
    )


def _code(exchange: Exchange) -> int:
    return 0 if exchange.reply is None else exchange.reply.code


def _commands(said: Sequence[Exchange]) -> list[Exchange]:
    """Return the exchanges that a client began with a command."""
    return [each for each in said if each.data and each.verb != MESSAGE]


def _sign(exchange: Exchange) -> _BeliefSign:
    return exchange.last, exchange.data


def _messages(said: Sequence[Exchange]) -> list[Exchange]:
    return [each for each in said if each.verb == MESSAGE and each.data]


def _blind_copy_commands(said: Sequence[Exchange]) -> Iterator[_BeliefSign]:
    return (_sign(each) for each in _commands(said) if _BLIND_COPY.match(each.data) and each.refused)


def _fetching_commands(said: Sequence[Exchange]) -> Iterator[_BeliefSign]:
    """Find the commands of POP3 and IMAP that read a mailbox (RFC 1939, RFC 9051)."""
    return (_sign(each) for each in _commands(said) if _FETCHING.match(each.data) and _code(each) in (500, 502))


def _paths_without_brackets(said: Sequence[Exchange]) -> Iterator[_BeliefSign]:
    """Find paths that a strict server refuses for their form alone; a lenient one would have taken them."""
    for each in _commands(said):
        line = each.data.removesuffix(CRLF)
        if _code(each) == 501 and _PATH_WITHOUT_BRACKETS.match(line) and strict_objection(line) is not None:
            yield _sign(each)


def _backspaces(said: Sequence[Exchange]) -> Iterator[_BeliefSign]:
    return (_sign(each) for each in _commands(said) if _BACKSPACE.search(each.data))


def _single_dots(said: Sequence[Exchange]) -> Iterator[_BeliefSign]:
    return ((each.last, dot[0]) for each in _messages(said) for dot in _SINGLE_DOT.finditer(each.data))


def _given_up_after_251(said: Sequence[Exchange]) -> Iterator[_BeliefSign]:
    for before, after in pairwise(_commands(said)):
        again = before.data.lower() == after.data.lower()
        if before.verb == "RCPT" and _code(before) == 251 and (after.verb in ("RSET", "QUIT") or again):
            yield after.last, before.data


def _same_again_after_5yz(said: Sequence[Exchange]) -> Iterator[_BeliefSign]:
    """Find lines that come again, with the same refusal, although nothing was accepted in between.

    Only refusals about mail count. An unknown verb that is said again is a matter of spelling.
    """
    refused: set[tuple[bytes, int]] = set()
    for each in said:
        if not each.refused:
            refused.clear()
            continue
        key = (each.data.lower(), _code(each))
        if each.reply is not None and _code(each) >= 550 and each.reply.category is Category.MAIL_SYSTEM:
            if key in refused:
                yield each.last, b"%d" % each.last  # here it is the same line that counts each time
            refused.add(key)


def _given_up_after_one_refusal(said: Sequence[Exchange]) -> Iterator[_BeliefSign]:
    """Find transactions with an accepted recipient that end right behind a refused one."""
    accepted = False
    for before, after in pairwise(_commands(said)):
        if before.verb in OPENINGS or before.verb in (*HELLOS, "RSET", "DATA"):
            accepted = False
        accepted = accepted or (before.verb == "RCPT" and before.accepted)
        refused = before.verb == "RCPT" and before.refused and before.before is State.RECIPIENT
        if accepted and refused and after.verb in ("RSET", "QUIT"):
            yield after.last, before.data


def _second_openings(said: Sequence[Exchange]) -> Iterator[_BeliefSign]:
    opened = (each for each in _commands(said) if each.verb in OPENINGS and each.before in _INSIDE)
    return (_sign(each) for each in opened if _code(each) == 503)


def _going_on_after_hello(said: Sequence[Exchange]) -> Iterator[_BeliefSign]:
    for before, after in pairwise(_commands(said)):
        is_reset = before.verb in HELLOS and before.accepted and before.before in _INSIDE
        if is_reset and after.verb in ("RCPT", "DATA") and _code(after) == 503:
            yield _sign(after)


def _asked_to_relay(said: Sequence[Exchange]) -> Iterator[_BeliefSign]:
    """Find refusals to relay, one for each domain."""
    domains: set[bytes] = set()
    for each in _commands(said):
        is_refused = each.verb == "RCPT" and _code(each) in (550, 551, 554) and each.reply is not None
        if not is_refused or each.reply is None or not _is_about_relaying(each.reply.name, str(each.reply)):
            continue
        domain = each.data.lower().rpartition(b"@")[2].strip(b"> \r\n")
        if domain not in domains:
            yield _sign(each)
        domains.add(domain)


def _is_about_relaying(name: str, text: str) -> bool:
    return name == "RELAY_DENIED" or (not name and _RELAY.search(text) is not None)


def _verified_after_252(said: Sequence[Exchange]) -> Iterator[_BeliefSign]:
    asked = [each for each in _commands(said) if each.verb == "VRFY" and _code(each) == 252]
    return map(_sign, asked[1:])


def _reports_with_a_sender(said: Sequence[Exchange]) -> Iterator[_BeliefSign]:
    for each in _messages(said):
        header_section = each.data.partition(b"\r\n\r\n")[0]
        if _REPORT.search(header_section) and each.opening and not _NULL_PATH.match(each.opening):
            yield _sign(each)


def _bare_line_feeds(transcript: Transcript) -> Iterator[_BeliefSign]:
    """Find line feeds without CR, also in a line whose CRLF has not come yet."""
    sent = [row.data if row.side is Side.CLIENT and not row.literal else b"" for row in transcript]
    sent.append(transcript.unfinished(Side.CLIENT))
    for at, data in enumerate(sent):
        for line in data.split(b"\n")[:-1]:  # the last piece has no line feed behind it
            if not line.endswith(b"\r"):
                yield at, line


def _between_two_lines(transcript: Transcript) -> Iterator[_BeliefSign]:
    """Find commands that came before the last line of a reply; a client that may pipeline need not wait."""
    rows = [(at, row) for at, row in enumerate(transcript) if row.side is not Side.NOTE and not row.literal]
    pipelines = False
    for (_, before), (at, after) in pairwise(rows):
        pipelines = pipelines or (before.side is Side.SERVER and b"PIPELINING" in before.data.upper())
        cut = before.side is Side.SERVER and _MORE_FOLLOWS.match(before.data) is not None
        if cut and after.side is Side.CLIENT and not pipelines:
            yield at, after.data


def _sent_again(transcripts: Sequence[Transcript]) -> Iterator[Slip]:
    """Find messages that come again in the next conversation, after one that ended without a reply to the dot."""
    for number, (before, after) in enumerate(pairwise(transcripts), start=1):
        unanswered = {each.data for each in _messages(before.exchanges()) if each.reply is None}
        for each in _messages(after.exchanges()):
            if each.data in unanswered and each.data.endswith(CRLF + END_OF_DATA):
                yield Slip(_SENT_AGAIN, each.last, number, each.data)


_DETECTORS: dict[str, Callable[[Sequence[Exchange]], Iterator[_BeliefSign]]] = {
    "bcc-is-a-command": _blind_copy_commands,
    "brackets-may-be-left-out": _paths_without_brackets,
    "backspace-corrects-the-line": _backspaces,
    "only-the-lone-dot-is-doubled": _single_dots,
    "success-is-250": _given_up_after_251,
    "any-refusal-may-be-retried": _same_again_after_5yz,
    "one-refusal-ends-the-message": _given_up_after_one_refusal,
    "mail-again-starts-anew": _second_openings,
    "second-ehlo-resets-nothing": _going_on_after_hello,
    "smtp-fetches-mail": _fetching_commands,
    "any-server-forwards": _asked_to_relay,
    "vrfy-proves-an-address": _verified_after_252,
    "bounce-has-a-sender": _reports_with_a_sender,
}
_DETECTORS_OF_ROWS: dict[str, Callable[[Transcript], Iterator[_BeliefSign]]] = {
    "lf-ends-a-line": _bare_line_feeds,
    "first-line-is-the-reply": _between_two_lines,
}
SEEN_ON_THE_WIRE = frozenset({*_DETECTORS, *_DETECTORS_OF_ROWS, _SENT_AGAIN})
"""The beliefs that have a detector; all others show in an answer alone."""
