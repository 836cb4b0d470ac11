"""A student's program, tried against our end of a conversation: what it did is kept as data, and rules judge only that.

At a student's desk both ends are in one process. While a notebook is graded, the program alone is in the student's.
Our end, with its decisions and its record, is a process of ours at the other end of a socket (`trial_peer`),
so the student's process can neither see which trial it is in nor write the record. What it answers is all that counts,
as for a program on another machine.

The referee plays our end once more with the record. So what a rule sees follows from what the program did, and from
nothing that anybody says about it. That some other code in that process answered in place of the program cannot be
seen; it would have to answer the octets that come, which is what the exercise asks for.

Trials come in one order, because a program may keep something from one to the next, and `check` must say at the desk
what grading will say. So a program may count its trials. That helps only who has a dialogue that fits each of them
octet for octet, and those come from a program that works.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile
from typing import Any, Protocol

from ..base.line_limit import LineLimit
from . import sentences
from .recording import RecordedData, Unasked
from .rules import RuleFailure, text_of, visible
from .trial_line import ProgramStopped, Served, TrialLine

# What a program may do in one trial: lines of the student's code, and seconds of the process's own time in one call.
_MOST_LINES, _MOST_SECONDS = 2_000_000, 1.0
_SHORTER = 4  # times, once a trial of the program has not come to an end; a check of a hundred trials must end, too
_MOST_SHOWN = 200  # characters of a line


# What programs did in their trials, by exercise, question and the number of the program.
ProgramRecords = Mapping[tuple[str, str, int], Mapping[str, RecordedData]]


class ProgramTrials(Protocol):
    """The ways in which a program of one task is tried.

    Attributes:
        names: the name of each trial, in the order in which they are made.
    """

    @property
    def names(self) -> Sequence[str]: ...

    def perform(self, name: str, program: TriedProgram) -> dict[str, Any]:
        """Try a program in one way, and return as data what it did; JSON must be able to hold it."""

    def served(self, program: TriedProgram, line: TrialLine) -> Served:
        """Return what a peer may call in the student's process, where `program.code` is."""


class TrialPeer(Protocol):
    """Tries the programs of a notebook that is graded."""

    def try_program(
        self, exercise: str, course: str, question: str, program: TriedProgram, begun: Callable[[int], None]
    ) -> None:
        """Try a program in all ways.

        Args:
            exercise, course: whose task it is tried for; the course's salt.
            question: which it answers.
            program: the program.
            begun: called with the number under which its records are kept, before it is tried.
        """


class _TrialsKept:
    """What tries the programs in this process; nothing outside grading."""

    peer: TrialPeer | None = None


def keep_trials(peer: TrialPeer | None) -> None:
    """Let a peer try the programs that are handed in from now on; with None, let nobody try them."""
    _TrialsKept.peer = peer


def peer_of_this_process() -> TrialPeer | None:
    """Return what tries programs here; None outside grading."""
    return _TrialsKept.peer


class TriedProgram:
    """A program that was handed in, with the records of its trials.

    Args:
        code: the student's function or class; None where it is not in this process.
        trials: the ways in which it can be tried.
        line: to the process where it is; None if it is here, or if only its records are there.

    Attributes:
        records: for each trial that was made, what the program did.
        judged: what rules have worked out from the records, so that it is done once.
        was_endless: True once a trial had to be stopped.
    """

    def __init__(self, code: Any, trials: ProgramTrials, line: TrialLine | None = None) -> None:
        self.code = code
        self.trials = trials
        self.line = line
        self.records: dict[str, RecordedData] = {}
        self.judged: dict[Any, Any] = {}
        self.was_endless = False

    def record(self, name: str) -> RecordedData:
        """Return what the program did in a trial. It is made when it is asked for first, and those before it are, too.

        So trials always come in one order, whoever asks for them: a program may keep something from one to the next.

        Raises:
            Unasked: if the trial was not made, and the program is not there.
        """
        if name not in self.records and self.code is None and self.line is None:
            raise Unasked(sentences.NO_TRIAL_RECORDED.format(trial=name))
        for each in takewhile(lambda before: name not in self.records, self.trials.names):
            if each not in self.records:
                self.records[each] = self.trials.perform(each, self)
        return self.records[name]

    def limit(self) -> LineLimit:
        """Return the limit for one trial, in which the program must come to its end."""
        shorter = _SHORTER if self.was_endless else 1
        return LineLimit(_MOST_LINES // shorter, _MOST_SECONDS / shorter)

    def stopped(self, limit: LineLimit) -> ProgramStopped:
        """Return what to raise if the program was stopped in a trial."""
        self.was_endless = True
        return ProgramStopped(limit.place, limit.seconds if limit.is_late else 0.0)

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
    said, hint = sentences.NEVER_ENDED, sentences.LOOK_FOR_A_LOOP
    seconds = record.get("seconds")
    if seconds and isinstance(seconds, float):
        said, hint = sentences.TOOK_TOO_LONG, sentences.LOOK_FOR_WHAT_IS_SLOW
    return RuleFailure(said.format(subject=subject, place=place, seconds=seconds), hint=hint)
