"""A student's program, tried in the student's own process: what it did is kept as data, and rules judge only that.

The referee never runs the program. The kernel that is graded tries it in every way that rules may ask for, and writes
each trial into the journal. The referee plays our end of the conversation anew, so the record has what the program did
and nothing of what it was told.

Not proof against forgery: the record says what some code in that kernel did. Other code may have answered in place of
the program, as for the functions of `recording`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import takewhile
from typing import Any, Protocol

from ..base.line_limit import LineLimit
from . import sentences
from .recording import RecordedData, Unasked
from .rules import RuleFailure, text_of, visible

# What a program may do in one trial: lines of the student's code, and seconds of the process's own time in one call.
_MOST_LINES, _MOST_SECONDS = 2_000_000, 1.0
_SHORTER = 4  # times, once a trial of the program has not come to an end; a check of a hundred trials must end, too
_MOST_SHOWN = 200  # characters of a line


class ProgramTrials(Protocol):
    """The ways in which a program of one task is tried.

    Attributes:
        names: the name of each trial, in the order in which they are made.
    """

    @property
    def names(self) -> Sequence[str]: ...

    def perform(self, name: str, program: TriedProgram) -> dict[str, Any]:
        """Try `program.code` in one way, and return as data what it did; JSON must be able to hold it."""


class TriedProgram:
    """A program that was handed in, with the records of its trials.

    Args:
        code: the student's function or class; None where only its records are there.
        trials: the ways in which it can be tried.

    Attributes:
        records: for each trial that was made, what the program did.
        judged: what rules have worked out from the records, so that it is done once.
        was_endless: True once a trial had to be stopped.
    """

    def __init__(self, code: Any, trials: ProgramTrials) -> None:
        self.code = code
        self.trials = trials
        self.records: dict[str, RecordedData] = {}
        self.judged: dict[Any, Any] = {}
        self.was_endless = False

    def record(self, name: str) -> RecordedData:
        """Return what the program did in a trial. It is made when it is asked for first, and those before it are, too.

        So trials always come in one order, whoever asks for them: a program may keep something from one to the next.

        Raises:
            Unasked: if the trial was not made, and the program is not there.
        """
        if name not in self.records and self.code is None:
            raise Unasked(sentences.NO_TRIAL_RECORDED.format(trial=name))
        for each in takewhile(lambda before: name not in self.records, self.trials.names):
            if each not in self.records:
                self.records[each] = self.trials.perform(each, self)
        return self.records[name]

    def limit(self) -> LineLimit:
        """Return the limit for one trial, in which the program must come to its end."""
        shorter = _SHORTER if self.was_endless else 1
        return LineLimit(_MOST_LINES // shorter, _MOST_SECONDS / shorter)

    def endless(self, limit: LineLimit) -> dict[str, Any]:
        """Return what the record of a trial has besides if the program was stopped in it."""
        self.was_endless = True
        return {"endless": limit.place}

    def once(self, key: Any, work: Callable[[], Any]) -> Any:
        """Return what `work` returned when it was called first under this key."""
        if key not in self.judged:
            self.judged[key] = work()
        return self.judged[key]


def never_ended(record: RecordedData, subject: str) -> RuleFailure | None:
    """Return that a program did not come to an end in a trial; None if it did.

    Args:
        record: of the trial; a student may have written it.
        subject: what the program is called: ``Your server``.
    """
    if "endless" not in record:
        return None
    line = text_of(record["endless"]) or ""
    place = sentences.IN_YOUR_LINE.format(place=visible(line[:_MOST_SHOWN])) if line else ""
    return RuleFailure(sentences.NEVER_ENDED.format(subject=subject, place=place), hint=sentences.LOOK_FOR_A_LOOP)
