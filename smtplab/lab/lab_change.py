"""What a call has changed at the hosts of a lab, as a sentence that a notebook shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from ..base.printed import Printed
from . import sentences

if TYPE_CHECKING:  # a lab without queues does without them
    from .queues import LabQueues


@dataclass(frozen=True, slots=True)
class LabChange(Printed):
    """What a call such as ``lab.down`` has changed; ``str`` gives its sentence.

    Args:
        told: the sentence.
    """

    told: str

    @classmethod
    def of_outage(cls, host: str, queues: LabQueues | None, microseconds: int | None) -> Self:
        """Say from when until when a host is down.

        Args:
            host: its name.
            queues: the queues of the lab; None in a lab in which no time passes.
            microseconds: how long; None until somebody brings it up.
        """
        if queues is None:
            return cls(sentences.DOWN_UNTIL_UP.format(host=host))
        if microseconds == 0:
            return cls(sentences.DOWN_AND_UP.format(host=host))
        began, ends = queues.time_in(0), queues.time_in(microseconds or 0)
        template = sentences.DOWN_FROM_UNTIL_UP if microseconds is None else sentences.DOWN_FROM_UNTIL
        return cls(template.format(host=host, began=began, ends=ends))

    def __str__(self) -> str:
        return self.told
