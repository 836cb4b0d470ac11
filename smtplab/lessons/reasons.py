"""Why an open cell has not reached its goal, in a sentence about the nearest thing that was sent."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..explain.spelling import meant_verb
from ..protocol.states import GREETING, MESSAGE, State
from ..show import style
from ..transcript import Exchange
from ..transcript.rows import BULLETS, printable
from . import sentences
from .evidence import StepEvidence, Wanted, line_of

_WORDS = {str(int(severity)): word for severity, word in style.SEVERITY_WORDS.items()}  # by the first digit
_LONE_DOT = "."
_DATA = "DATA"
_OUT_OF_ORDER = "503"
_OPENS = ("MAIL", "SEND", "SOML", "SAML")  # a transaction
_ON_THE_WAY = ("HELO", "EHLO", "DATA", "RSET", MESSAGE)  # what leads to a goal though it does not name it
_CRLF_SPELT = "<CRLF>"
_RULE = re.compile(r" \(RFC [^()]*\)\Z")
_NOT_RECOGNIZED = "500"
_LONG_REASON = 100  # octets; behind it a reply says what to do


def refusals(evidence: StepEvidence) -> list[Exchange]:
    """Return the exchanges in which a line was refused; a reply that nobody asked for, such as a 421, refuses none."""
    return [each for each in evidence.exchanges if each.refused and each.data]


def why_missing(wanted: Wanted, goal: Sequence[Wanted], evidence: StepEvidence, latest: StepEvidence) -> str:
    """Say why an exchange that is wanted did not happen, by the nearest thing that did."""
    if not latest.lines:
        return why_nothing_came(latest)
    left = [each.verb for each in goal if not any(map(each.fits, evidence.exchanges))]
    for each in refusals(latest):  # the first fault: what was refused behind it may be due to it
        if not any(other.fits(each) for other in goal):
            return why_refused(each, wanted, left)
    if latest.open_message is not None and wanted.verb != _DATA:
        return why_not_ended(latest.open_message)
    said = [each for each in latest.exchanges if each.data]
    for each in reversed(said):
        if wanted.fits_line(each) and not wanted.fits_code(each):
            return _other_code(each, wanted)
    for each in reversed(said):
        if each.verb == wanted.verb and not any(other.fits(each) for other in goal):
            return sentences.OTHER_ARGUMENT.format(line=named(each))
    return _not_said(said, goal, left)


def _not_said(said: Sequence[Exchange], goal: Sequence[Wanted], left: Sequence[str]) -> str:
    """Say which line is wrong, or if none is, what is missing."""
    for each in reversed(said):
        if each.verb == "EHLO" and "HELO" in left:
            return sentences.EHLO_FOR_HELO.format(line=named(each))
    wrong = [each for each in said if each.verb not in _ON_THE_WAY and not any(other.fits(each) for other in goal)]
    if said and not wrong and not left:
        return sentences.OTHER_ORDER
    if wrong or not said:
        return sentences.NOT_SAID.format(said=named((wrong or said)[-1]) if said else "a line")
    verbs = " and ".join(map(_spoken, left))
    if [each.verb for each in goal].index(left[0]) < len(goal) - len(left):
        return sentences.MISSING_BEFORE.format(said=named(said[-1]), verbs=verbs)
    return sentences.STILL_MISSING.format(verbs=verbs)


def why_refused(refused: Exchange, wanted: Wanted, left: Sequence[str]) -> str:
    """Say that a line was refused, and if another had to come before it, which one."""
    line, code = named(refused), _code(refused)
    if refused.verb == "EHLO" and wanted.verb == "HELO":
        return sentences.EHLO_FOR_HELO.format(line=line)
    if code == _OUT_OF_ORDER and wanted.code != code:
        if refused.verb in _OPENS and refused.before in (State.SENDER, State.RECIPIENT):
            return sentences.TRANSACTION_OPEN.format(line=line)
        if wanted.verb in left and wanted.verb != refused.verb:
            return sentences.REFUSED_FOR_ORDER.format(line=line, reply=told_reply(refused), verbs=_spoken(wanted.verb))
    if code == wanted.code and refused.verb != wanted.verb:
        return sentences.OTHER_VERB.format(line=line, reply=told_reply(refused), verb=_spoken(wanted.verb))
    told = sentences.REFUSED.format(line=line, reply=told_reply(refused), text=_reason_of(refused))
    meant = meant_verb(refused.data.rstrip()) if code == _NOT_RECOGNIZED else ""
    return f"{told}{sentences.MEANT.format(verb=meant)}" if meant else told


def _other_code(said: Exchange, wanted: Wanted) -> str:
    opened = said.verb in _OPENS and not said.refused
    told = sentences.OTHER_CODE_AND_OPEN if opened else sentences.OTHER_CODE
    return told.format(line=named(said), reply=told_reply(said), wanted=_in_words(wanted.code))


def _spoken(verb: str) -> str:
    """Return a verb as a sentence names it."""
    return "the message" if verb == MESSAGE else f"`{verb}`"


def why_nothing_came(latest: StepEvidence) -> str:
    if latest.unfinished:
        return sentences.LINE_NOT_ENDED.format(octets=f"`{printable(latest.unfinished)}`")
    return sentences.NOTHING_SENT


def is_slip_of_the_end(line: str) -> bool:
    """Return True if a line of a message was meant to end it."""
    return _CRLF_SPELT in line.upper() or line.strip() in BULLETS or line.strip(' \t"') == _LONE_DOT


def why_not_ended(line: str) -> str:
    """Say that a message goes on, and what its last line has to do with it."""
    named = f"`{line}`" if line else "an empty line"
    if _CRLF_SPELT in line.upper():
        return sentences.CRLF_IN_MESSAGE.format(line=named)
    if line.strip() in BULLETS:
        return sentences.BULLET_IN_MESSAGE.format(line=named)
    if line.strip(' \t"') == _LONE_DOT:
        return sentences.DOT_IN_MESSAGE.format(line=named)
    return sentences.NO_END.format(line=named)


def _reason_of(exchange: Exchange) -> str:
    """Return the server's own reason, without what follows if it is long."""
    text = "" if exchange.reply is None else _RULE.sub("", exchange.reply.lines[0])
    return text if len(text) <= _LONG_REASON else text[: max(text.rfind("; ", 0, _LONG_REASON), 0)] or text


def named(exchange: Exchange) -> str:
    """Return the line as a sentence shows it."""
    if exchange.verb == GREETING:
        return "the connection"
    return "the message" if exchange.verb == MESSAGE else f"`{line_of(exchange)}`"


def _code(exchange: Exchange) -> str:
    return "no reply" if exchange.reply is None else str(exchange.reply.code)


def told_reply(exchange: Exchange) -> str:
    """Return the reply as a sentence names it: its class in a word, and its code."""
    return _in_words(_code(exchange)) if exchange.reply is not None else _code(exchange)


def _in_words(code: str) -> str:
    """Return a code, or a class such as ``2yz``, behind the word for its first digit."""
    return f"{_WORDS[code[0]]} ({code})"
