"""Which commands hosts refused in a student's sessions, and with which codes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ...protocol.codes import Severity
from ...protocol.states import MESSAGE
from ...transcript import Transcript
from .outcome import Refusal

END_OF_DATA = "end of data"
_REFUSALS = (Severity.TRANSIENT_NEGATIVE, Severity.PERMANENT_NEGATIVE)


def refusals_in(transcripts: Iterable[Transcript]) -> tuple[Refusal, ...]:
    """Return what was refused in some conversations, each command and code once, in their order.

    Args:
        transcripts: the conversations, such as those of an exercise's wires.
    """
    counts: Counter[tuple[str, int]] = Counter()
    for transcript in transcripts:
        for exchange in transcript.commands():
            if exchange.reply is not None and exchange.reply.severity in _REFUSALS:
                command = END_OF_DATA if exchange.verb == MESSAGE else exchange.verb
                counts[command, exchange.reply.code] += 1
    return tuple(Refusal(command, code, count) for (command, code), count in sorted(counts.items()))
