"""Say in one or two sentences why an order of lines is right, or where it first goes wrong."""

from __future__ import annotations

from collections.abc import Iterator

from ..base.printed import plural
from ..explain.verb_order import what_first
from ..protocol.commands import VERBS
from ..protocol.replies import BAD_SEQUENCE
from ..protocol.states import State
from .rehearsal import Delivered, Rehearsal, SentStep

RIGHT = "Right: the server took every line, and the mail arrived as in the session."
RIGHT_WITHOUT_MAIL = "Right: the server took these lines as in the session."
TOO_EARLY = "{line} came too early: the server answered {code}. {first}."
TEXT_AS_COMMAND = "{line} is text of the message, and the server read it as a command ({code}), because {because}."
NOT_INVITED = "no DATA had been accepted before it"
ENDED_ALREADY = "the lone dot had ended the message already"
REFUSED = "The server refused {line} with {code}. {reason}"
NO_LINE_OF_IT = "{line} became a line of the message, and the message of the session has no such line."
BECAME_TEXT = "{line} became text of the message, because no lone dot had ended it."
UNFINISHED = "{line} does not end in CRLF, so the server still waited for the end of that line."
AFTER_THE_END = "{line} ended the session, so {rest} behind it never left."
NOTHING_DELIVERED = "The server took every line, and yet no mail was delivered: {missing}."
NEVER_ENDED = "the message has no lone dot"
NO_MESSAGE = "there is no message between DATA and the lone dot"
OTHER_SENDER = "The server took every line, but the mail has another sender: {sender}."
OTHER_RECIPIENTS = "The server took every line, but the mail does not have the recipients of the session."
OTHER_TEXT = "The server took every line, but the text of the mail is not that of the session."
NOT_CLOSED = "The mail arrived, but nobody said QUIT, so the session is still open."
TOO_FEW = "The server took every line, but a line of the session is missing."
CREDIT = "{in_place} of {lines} stand as in the nearest right order."


def verdict_of(rehearsal: Rehearsal, reference: Rehearsal, *, right: bool, in_place: int, lines: int) -> str:
    """Return the sentences about an order.

    Args:
        rehearsal: what came of it.
        reference: what came of the order of the recording.
        right: True if it is right.
        in_place: how many lines stand as in the nearest right order.
        lines: how many lines that order has.
    """
    if right:
        return RIGHT if reference.delivered else RIGHT_WITHOUT_MAIL
    trouble = next(_troubles(rehearsal, reference), None) or _what_differs(rehearsal, reference)
    return f"{trouble} {CREDIT.format(in_place=in_place, lines=plural(lines, 'line'))}"


def _troubles(rehearsal: Rehearsal, reference: Rehearsal) -> Iterator[str]:
    """Yield what went wrong on the way, first things first."""
    expected = reference.refused
    for number, step in enumerate(rehearsal.steps):
        if step.unfinished:
            yield UNFINISHED.format(line=step.piece.name)
        elif step.into_message and not step.piece.in_message:
            is_command = _first_word(step) in VERBS
            yield (BECAME_TEXT if is_command else NO_LINE_OF_IT).format(line=step.piece.name)
        elif step.reply and step.refused and not expected[step.piece.data, step.reply.code]:
            yield _refusal(step, rehearsal.steps[:number])
    if rehearsal.unsent and rehearsal.steps:
        last = rehearsal.steps[-1].piece.name
        yield AFTER_THE_END.format(line=last, rest=plural(len(rehearsal.unsent), "line"))


def _refusal(step: SentStep, before: tuple[SentStep, ...]) -> str:
    assert step.reply is not None
    line, code = step.piece.name, step.reply.code
    if step.piece.in_message and not step.into_message:
        invited = any(each.piece.in_message and each.into_message for each in before)
        return TEXT_AS_COMMAND.format(line=line, code=code, because=ENDED_ALREADY if invited else NOT_INVITED)
    explanation = step.reply.explanation
    if explanation is None:
        return REFUSED.format(line=line, code=code, reason="").rstrip()
    if code == BAD_SEQUENCE.code and (first := what_first(_first_word(step), explanation.before)):
        return TOO_EARLY.format(line=line, code=code, first=first)
    return REFUSED.format(line=line, code=code, reason=explanation.reason)


def _first_word(step: SentStep) -> str:
    return step.piece.lines[0].split(" ")[0].upper()


def _what_differs(rehearsal: Rehearsal, reference: Rehearsal) -> str:
    """Say what is missing if the server refused nothing."""
    if reference.delivered and not rehearsal.delivered:
        unended = rehearsal.transcript.in_message
        return NOTHING_DELIVERED.format(missing=NEVER_ENDED if unended else NO_MESSAGE)
    if other := next(iter(rehearsal.delivered - reference.delivered), None):
        return _other_mail(other, next(iter(reference.delivered - rehearsal.delivered), None))
    if rehearsal.transcript.state is not State.CLOSED and reference.closed:
        return NOT_CLOSED
    return TOO_FEW


def _other_mail(mail: Delivered, wanted: Delivered | None) -> str:
    if wanted is not None and mail.sender != wanted.sender:
        return OTHER_SENDER.format(sender=mail.sender or "<>")
    if wanted is not None and mail.recipients != wanted.recipients:
        return OTHER_RECIPIENTS
    return OTHER_TEXT
