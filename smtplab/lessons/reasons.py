"""Why an open cell has not reached its goal, in a sentence about the nearest thing that was sent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches

from ..base.printed import in_a_row
from ..explain.explainer import explain_exchange
from ..explain.spelling import lecture_spelling, meant_verb
from ..protocol.codes import classify
from ..protocol.commands import OPENINGS, VERBS
from ..protocol.replies import Reply
from ..protocol.states import GREETING, MESSAGE, State
from ..show import style
from ..transcript import Exchange, Side
from ..transcript.rows import printable
from . import sentences
from .evidence import FORGETS, LONE_DOT, StepEvidence, Wanted, in_groups, line_of
from .message_lines import slip_of_the_end
from .messages import address_in
from .missing_colon import second_mistake
from .typed_slips import slip_of_the_cell

_WORDS = {str(int(severity)): word for severity, word in style.SEVERITY_WORDS.items()}  # by the first digit
_DATA = "DATA"
_OUT_OF_ORDER = "503"
_RCPT = "RCPT"
_ENVELOPE = (*OPENINGS, _RCPT, _DATA)
_IN_TRANSACTION = (State.SENDER, State.RECIPIENT)
_LOOKUPS = {("VRFY", "EXPN"): sentences.USER_NOT_LIST, ("EXPN", "VRFY"): sentences.LIST_NOT_USER}
_FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*:")
_UP_TO_DATA = {
    State.GREETED: ("HELO", "MAIL", _RCPT, _DATA),
    State.READY: ("MAIL", _RCPT, _DATA),
    State.SENDER: (_RCPT, _DATA),
    State.RECIPIENT: (_DATA,),
}
# What must come first, by the state in which a verb was refused; HELO stands for EHLO as well.
_FIRST = {
    State.GREETED: dict.fromkeys(_ENVELOPE, "HELO"),
    State.READY: dict.fromkeys((_RCPT, _DATA), "MAIL"),
    State.SENDER: {_DATA: _RCPT},
}
_ON_THE_WAY = ("HELO", "EHLO", "DATA", "RSET", MESSAGE)  # what leads to a goal though it does not name it
_RULE = re.compile(r" \(RFC [^()]*\)\Z")
_GO_ON = re.compile(sentences.GO_ON_WITH.format(verb=".*?") + r"(?=\.\Z)")
_NOT_RECOGNIZED = "500"
_EMPTY_WORDS = {"command", "is", "not", "executed", "available", "requested", "action", "taken"}  # as hosts use them
_NEAR_ADDRESS = 0.9  # so much of an address must be right, so that the rest is taken for a slip
_LONG_REASON = 100  # octets; behind it a reply says what to do


def refusals(evidence: StepEvidence) -> list[Exchange]:
    """Return the exchanges in which a line was refused; a reply that nobody asked for, such as a 421, refuses none."""
    return [each for each in evidence.exchanges if each.refused and each.data]


def why_missing(wanted: Wanted, goal: Sequence[Wanted], evidence: StepEvidence, latest: StepEvidence) -> str:
    """Say why an exchange that is wanted did not happen, by the nearest thing that did."""
    if not latest.lines:
        return why_nothing_came(latest)
    left = _left(goal, evidence.exchanges)
    now = latest.exchanges[-1].after if latest.exchanges else None
    foreign = [each for each in latest.exchanges if each.data and not any(other.fits(each) for other in goal)]
    for each in foreign:
        if told := _slip_of_an_argument(each, goal) or _other_lookup(each, wanted):
            return told
    refused = next((each for each in foreign if each.refused), None)
    if refused is not None:  # the first fault: what was refused behind it may be due to it
        is_other = refused.verb == wanted.verb and wanted.fits_code(refused)
        return _other_argument(refused, wanted) if is_other else why_refused(refused, wanted, left, now)
    if latest.open_message is not None and wanted.verb != _DATA:
        return why_not_ended(latest.open_message)
    said = [each for each in latest.exchanges if each.data]
    for each in reversed(said):
        same = wanted.fits_line(each) or (wanted.is_a_mistake and each.verb == wanted.verb)
        if same and not wanted.fits_code(each):
            return _other_code(each, wanted, now)
    for each in reversed(foreign):
        if each.verb == wanted.verb:
            return _other_argument(each, wanted)
    return _not_said(said, wanted, goal, left)


def _slip_of_an_argument(said: Exchange, goal: Sequence[Wanted]) -> str:
    """Say that a line names several where each needs a line of its own; empty if it does not."""
    line = line_of(said).lower()
    several = [each for each in goal if each.verb == said.verb and each.given and each.given.lower() in line]
    return sentences.ONE_AT_A_TIME.format(line=named(said), verb=said.verb) if len(several) > 1 else ""


def _other_lookup(said: Exchange, wanted: Wanted) -> str:
    """Say which verb asks for lists and which for users, if the other one was said; else empty."""
    return _LOOKUPS.get((said.verb, wanted.verb), "")


def _other_argument(said: Exchange, wanted: Wanted) -> str:
    if wanted.is_a_mistake and (other := second_mistake(line_of(said))):
        return other
    if slip := slip_of_the_cell(line_of(said)):
        return slip
    if wanted.bare:
        return sentences.NO_ARGUMENT.format(line=named(said), verb=wanted.verb)
    told = sentences.OTHER_ARGUMENT if " " in line_of(said).strip() else sentences.ARGUMENT_MISSING
    reply = ""
    if said.reply is not None and said.refused and wanted.fits_code(said):
        reply = sentences.REPLY_IS_RIGHT.format(code=said.reply.code)
    return told.format(line=named(said), reply=reply)


def _left(goal: Sequence[Wanted], exchanges: Sequence[Exchange]) -> list[Wanted]:
    """Return what is still missing of a goal; what the server has forgotten since is missing again."""
    forgot = max((at for at, each in enumerate(exchanges) if each.accepted and each.verb in FORGETS), default=0)
    taken = max((at for at, each in enumerate(exchanges[:forgot]) if each.verb == MESSAGE), default=-1)
    kept = [*exchanges[: taken + 1], *(each for each in exchanges[taken + 1 : forgot] if not _is_forgotten(each))]
    kept += exchanges[forgot:]
    forgets = max((at for at, each in enumerate(goal) if each.verb in FORGETS), default=-1)
    return [
        wanted
        for at, wanted in enumerate(goal)
        if not any(map(wanted.fits, exchanges if at < forgets or wanted.verb in FORGETS else kept))
    ]


def _is_forgotten(exchange: Exchange) -> bool:
    """Return True if an exchange before a RSET is one of the envelope."""
    return exchange.verb in _ENVELOPE and not exchange.refused


def _not_said(said: Sequence[Exchange], wanted: Wanted, goal: Sequence[Wanted], left: Sequence[Wanted]) -> str:
    """Say which line is wrong, or if none is, what is missing."""
    for each in reversed(said):
        if each.verb == "EHLO" and any(one.verb == "HELO" and not one.either_hello for one in left):
            return sentences.EHLO_FOR_HELO.format(line=named(each))
    forgotten = _was_forgotten(said)
    wrong = [each for each in said if not _leads_on(each, forgotten) and not any(other.fits(each) for other in goal)]
    if said and not wrong and not left:
        return _said_too_early(wanted, goal)
    if wrong and not wrong[-1].refused and wanted.code[0] in "45":
        return _other_code(wrong[-1], wanted, said[-1].after)
    if wrong or not said:
        return sentences.NOT_SAID.format(said=named((wrong or said)[-1]) if said else "a line")
    verbs = [_spoken_of(each, goal) for each in left]
    first = _FIRST.get(said[-1].after, {}).get(left[0].verb)
    if first == "MAIL" and forgotten:
        verbs.insert(0, _spoken(first))
    if not _stands_before_what_was_said(left, goal):
        return sentences.STILL_MISSING.format(verbs=in_a_row(verbs))
    if said[-1].verb == MESSAGE:
        return sentences.MESSAGE_BEFORE_IT.format(verbs=in_a_row(verbs))
    return sentences.MISSING_BEFORE.format(said=named(said[-1]), verbs=in_a_row(verbs))


def _leads_on(said: Exchange, forgotten: bool) -> bool:
    """Return True if a line leads to a goal though the goal does not name it."""
    if said.verb in ("HELO", "EHLO"):  # a second one, outside a transaction, leads nowhere
        return said.before in (State.GREETED, *_IN_TRANSACTION)
    return said.verb in (*_ON_THE_WAY, *(OPENINGS if forgotten else ()))


def _said_too_early(wanted: Wanted, goal: Sequence[Wanted]) -> str:
    """Say what is right so far of a step whose lines were all said in another order, and what comes next."""
    at = goal.index(wanted)
    said, again = ([_spoken_of(each, goal) for each in part] for part in (goal[:at], goal[at:]))
    return sentences.SAY_AGAIN.format(said=in_a_row(said), verbs=in_a_row(again))


def _was_forgotten(said: Sequence[Exchange]) -> bool:
    """Return True if a sender that an earlier step gave is forgotten since."""
    return bool(said) and said[-1].verb != MESSAGE and any(each.verb in FORGETS and each.accepted for each in said)


def _stands_before_what_was_said(left: Sequence[Wanted], goal: Sequence[Wanted]) -> bool:
    """Return True if something that stands in the goal behind the first that is missing was said."""
    groups = in_groups(goal)
    at = next(at for at, group in enumerate(groups) if left[0] in group)
    return any(each not in left for group in groups[at + 1 :] for each in group)


def why_refused(refused: Exchange, wanted: Wanted, left: Sequence[Wanted], now: State | None = None) -> str:
    """Say that a line was refused, and if another had to come before it, which one.

    Args:
        refused: what was refused.
        wanted: what is wanted next.
        left: all that is still wanted.
        now: the state of the session after the cell; None if nothing was said.
    """
    line, code = named(refused), _code(refused)
    if slip := slip_of_the_cell(line_of(refused)):
        return slip
    if refused.verb == "EHLO" and wanted.verb == "HELO" and not wanted.either_hello:
        return sentences.EHLO_FOR_HELO.format(line=line)
    if code == _OUT_OF_ORDER and wanted.code != code and (told := _why_out_of_order(refused, wanted, left, now)):
        return told
    if code == wanted.code and refused.verb != wanted.verb:
        return sentences.OTHER_VERB.format(line=line, reply=told_reply(refused), verb=_spoken(wanted.verb))
    if line_of(refused) == LONE_DOT and code == _NOT_RECOGNIZED and wanted.verb not in (*_ENVELOPE, MESSAGE):
        return sentences.DOT_OUTSIDE.format(line=line, reply=told_reply(refused))
    if code == _NOT_RECOGNIZED and _is_of_a_message(refused):
        verbs = in_a_row([f"`{verb}`" for verb in _UP_TO_DATA[refused.before]])
        return sentences.LINE_OF_A_MESSAGE.format(line=line, reply=told_reply(refused), verbs=verbs)
    told = sentences.REFUSED.format(line=line, reply=told_reply(refused), text=_reason_of(refused))
    meant = _meant(refused) if code == _NOT_RECOGNIZED else ""
    if near := _near_path(refused, left):
        return told + sentences.MEANT.format(verb=near)
    if not meant:
        return told
    word = lecture_spelling(line_of(refused))
    return told + (sentences.LECTURE_HAS.format(word=word, verb=meant) if word else sentences.MEANT.format(verb=meant))


def _near_path(refused: Exchange, left: Sequence[Wanted]) -> str:
    """Return the address of the task that a refused one was meant to be; empty if none is near."""
    given = address_in(line_of(refused))
    wanted = [each.given for each in left if each.verb == refused.verb and each.has_path and each.given != given]
    return next(iter(get_close_matches(given, wanted, n=1, cutoff=_NEAR_ADDRESS)), "")


def _why_out_of_order(refused: Exchange, wanted: Wanted, left: Sequence[Wanted], now: State | None) -> str:
    """Say what has to come before a line that got a 503, or that a transaction is open; empty if neither is clear."""
    line = named(refused)
    if refused.verb in OPENINGS and refused.before in _IN_TRANSACTION:
        told = sentences.TRANSACTION_OPEN.format(line=line)
        if now in _IN_TRANSACTION and wanted in left and not any(each.verb in OPENINGS for each in left):
            return f"{told}{sentences.GO_ON_WITH.format(verb=_spoken(wanted.verb))}"
        return f"{told}{sentences.RSET_FIRST}" if now in _IN_TRANSACTION else told
    verb = _FIRST.get(refused.before, {}).get(refused.verb)
    if verb is None and wanted in left and wanted.verb != refused.verb:
        verb = wanted.verb
    if verb is None:
        return ""
    return sentences.REFUSED_FOR_ORDER.format(line=line, reply=told_reply(refused), verbs=_spoken(verb))


def _is_of_a_message(refused: Exchange) -> bool:
    """Return True if a line that was read as a command is a field of a header, or the dot, and DATA has not come."""
    line = line_of(refused)
    if line == LONE_DOT:
        return refused.before in _UP_TO_DATA
    name = line.partition(":")[0]
    is_path = name.upper() in ("FROM", "TO") and refused.before is not State.RECIPIENT
    is_field = _FIELD_NAME.match(line) is not None and not is_path and name.upper() not in VERBS
    return is_field and refused.before in _UP_TO_DATA and (not _meant(refused) or name.upper() in ("FROM", "TO"))


def _meant(refused: Exchange) -> str:
    """Return the command that a line with an unknown verb was meant to be; empty if none is near."""
    verb = meant_verb(refused.data.rstrip().replace(b":", b" ", 1)) or meant_verb(refused.data.rstrip())
    path = next((word for word in (" FROM:", " TO:") if verb and f"{verb}{word}" in VERBS[verb].syntax), "")
    return f"{verb}{path}" if b":" in refused.data.split(b" ", 1)[0] else verb


def _other_code(said: Exchange, wanted: Wanted, now: State | None) -> str:
    opened = said.verb in OPENINGS and not said.refused and now in _IN_TRANSACTION
    told = sentences.OTHER_CODE.format(line=named(said), reply=told_reply(said), wanted=_in_words(wanted.code))
    return f"{told}{sentences.RSET_BEFORE_AGAIN}" if opened else told


def advises_rset(reason: str) -> bool:
    """Return True if a reason has the advice to say RSET."""
    return any(advice in reason for advice in (sentences.RSET_FIRST, sentences.RSET_BEFORE_AGAIN))


def without_advice(reason: str) -> str:
    """Return a reason without its advice how to go on, where another way works and is told."""
    reason = _GO_ON.sub("", reason)
    for advice in (sentences.RSET_FIRST, sentences.RSET_BEFORE_AGAIN, sentences.SEND_THE_DOT):
        reason = reason.replace(advice, "")
    return reason


def _spoken_of(wanted: Wanted, goal: Sequence[Wanted]) -> str:
    """Return what is wanted as a sentence names it, with its argument if the goal has the verb more than once."""
    several = sum(each.verb == wanted.verb for each in goal) > 1
    told = _spoken(wanted.verb)
    return f"{told} for {wanted.given}" if several and wanted.given else told


def _spoken(verb: str) -> str:
    """Return a verb as a sentence names it."""
    return "the message" if verb == MESSAGE else f"`{verb}`"


def why_nothing_came(latest: StepEvidence) -> str:
    """Say that nothing was sent, or nothing that ends a line."""
    if latest.unfinished.endswith(b"\r"):
        return sentences.HALF_OF_CRLF
    if latest.unfinished:
        return sentences.LINE_NOT_ENDED.format(octets=f"`{printable(latest.unfinished)}`")
    return sentences.NOTHING_SENT


def why_not_ended(line: str) -> str:
    """Say that a message goes on, and what its last line has to do with it."""
    named = f"`{line}`" if line else "an empty line"
    return slip_of_the_end(line) or f"{sentences.NO_END.format(line=named)}{sentences.SEND_THE_DOT}"


def _reason_of(exchange: Exchange) -> str:
    """Return the server's own reason, without what follows if it is long; if it says nothing, that of the card."""
    text = "" if exchange.reply is None else _RULE.sub("", exchange.reply.lines[0])
    if exchange.reply is not None and _says_nothing(exchange.reply):
        text = explain_exchange(exchange).reason.rstrip(".")
    return text if len(text) <= _LONG_REASON else text[: max(text.rfind("; ", 0, _LONG_REASON), 0)] or text


def _says_nothing(reply: Reply) -> bool:
    """Return True if the text of a reply has no word more than the standard's text for its code."""
    return _words(" ".join(reply.lines)) <= _words(classify(reply.code).phrase) | _EMPTY_WORDS


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z]+", text.lower()))


def named(exchange: Exchange) -> str:
    """Return the line as a sentence shows it."""
    if exchange.verb == GREETING:
        return "the connection"
    if exchange.verb == MESSAGE:
        return "the message"
    return f"`{line}`" if (line := line_of(exchange)) else "an empty line"


def _code(exchange: Exchange) -> str:
    return "no reply" if exchange.reply is None else str(exchange.reply.code)


def told_answer(exchange: Exchange) -> str:
    """Return how a line was answered, as a sentence without its full stop."""
    template = sentences.REFUSED_AS_WANTED if exchange.refused else sentences.ANSWERED
    if exchange.side is Side.SERVER and exchange.data:  # the roles are swapped
        template = sentences.ANSWERED_BY_YOU
    return template.format(line=named(exchange), reply=told_reply(exchange))


def told_reply(exchange: Exchange) -> str:
    """Return the reply as a sentence names it: its class in a word, and its code."""
    return _in_words(_code(exchange)) if exchange.reply is not None else _code(exchange)


def _in_words(code: str) -> str:
    """Return a code, or a class such as ``2yz``, behind the word for its first digit."""
    return f"{_WORDS[code[0]]} ({code})"
