"""What a step that is done had besides: a line that was refused, or one too many in its message. It did no harm."""

from __future__ import annotations

from collections.abc import Sequence

from ..base.printed import sentence
from ..protocol.commands import OPENINGS
from ..protocol.states import MESSAGE, State
from ..transcript import Exchange
from . import sentences
from .evidence import StepEvidence, Wanted
from .message_lines import is_slip_of_the_end
from .messages import offered
from .reasons import named, refusals, told_reply


def also_refused(said: Sequence[Wanted], evidence: StepEvidence, latest: StepEvidence) -> str:
    """Return a sentence about a line that was refused besides; empty if none was.

    Args:
        said: the exchanges that the goal wants.
        evidence: what happened since the step began.
        latest: what happened in the last cell alone.
    """
    wrong = [each for each in refusals(latest) if not any(one.fits(each) for one in said)]
    if not said or not wrong:
        return ""
    told = {"line": named(wrong[-1]), "reply": told_reply(wrong[-1])}
    if wrong[-1].verb in OPENINGS and wrong[-1].before in (State.SENDER, State.RECIPIENT):
        stayed = _sender_before(wrong[-1], [*evidence.earlier, *evidence.exchanges])
        return sentence(sentences.ALSO_REFUSED_IN_TRANSACTION.format(**told, sender=stayed))
    return sentence(sentences.ALSO_REFUSED.format(**told))


def _sender_before(refused: Exchange, exchanges: Sequence[Exchange]) -> str:
    """Return the sender that a transaction had, as a sentence names it; empty if nobody saw it given."""
    sender = offered([each for each in exchanges if each.last < refused.first])[-1].sender
    return "" if sender is None else f", `<{sender}>`"


def also_in_message(said: Sequence[Wanted], evidence: StepEvidence, *, no_empty_line: bool) -> str:
    """Return a sentence about a line with which the student tried to end the message; empty if there is none.

    Args:
        said: the exchanges that the goal wants.
        evidence: what happened since the step began.
        no_empty_line: True if the step is to end a message that is under way, without an empty line.
    """
    if not any(each.verb == MESSAGE for each in said):
        return ""
    slips = [line for line in evidence.lines_of_message if is_slip_of_the_end(line)]
    if slips:
        return sentence(sentences.ALSO_IN_MESSAGE.format(line=f"`{slips[-1]}`"))
    return sentence(sentences.ALSO_EMPTY_LINE) if no_empty_line and "" in evidence.lines_of_message else ""
