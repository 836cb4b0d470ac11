"""Our end of the trials of programs, and what the student's process does with it.

`PeerOfPrograms` runs in a process of ours, which runs nothing of a student's. It decides what is sent and answered, and
notes what a program did. `DistantPeer` is its stand-in in the student's process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress

from .design import ExerciseError
from .exercises import design_of
from .journal import WriteLine, journal_line, objects
from .recording import RecordedData
from .trial_line import Begun, TrialLine
from .trials import ProgramRecords, TriedProgram

_TRIED = "try"
_MOST_PROGRAMS = 20  # of one notebook


class PeerOfPrograms:
    """Tries the programs of one notebook.

    Args:
        student: whose notebook it is.
        write: takes each record as a line, as soon as there is one.
    """

    def __init__(self, student: str, write: WriteLine) -> None:
        self._student = student
        self._write = write
        self._count = 0

    def serve(self, line: TrialLine) -> None:
        """Try each program with which the student's process begins, until that has ended.

        Raises:
            LineEnded: then.
        """
        begun: Begun | None = None
        while True:
            try:
                if begun is None:
                    line.wait()
                self._try(begun, line)
                begun = None
            except Begun as next_one:
                begun = next_one

    def _try(self, begun: Begun, line: TrialLine) -> None:
        try:
            design = design_of(begun.exercise)
            trials = design.trials[begun.question](design.task(self._student, begun.course))
        except (ExerciseError, LookupError):
            line.tell(begun=0)
            return
        self._count += 1
        if self._count > _MOST_PROGRAMS:
            line.tell(begun=0)
            return
        line.tell(begun=self._count)
        self.note(begun.exercise, begun.question, TriedProgram(None, trials, line))
        line.tell(over=True)

    def try_program(
        self, exercise: str, course: str, question: str, program: TriedProgram, begun: Callable[[int], None]
    ) -> None:
        """Try a program that is in this process; see `trials.TrialPeer`."""
        self._count += 1
        begun(self._count)
        self.note(exercise, question, program)

    def note(self, exercise: str, question: str, program: TriedProgram) -> None:
        """Try a program in all ways, and note what it did."""
        key = {"exercise": exercise, "question": question, "program": self._count}
        with suppress(Exception):  # what comes from the student's process may be anything
            for name in program.trials.names:
                self._write(journal_line(_TRIED, **key, trial=name, record=program.record(name)))


class DistantPeer:
    """Lets the process of ours try programs, in the student's process; see `trials.TrialPeer`.

    Args:
        line: to that process.
    """

    def __init__(self, line: TrialLine) -> None:
        self._line = line

    def try_program(
        self, exercise: str, course: str, question: str, program: TriedProgram, begun: Callable[[int], None]
    ) -> None:
        """Let a program be tried in all ways.

        Raises:
            BrokenOff: if the process of ours has ended.
        """
        number = self._line.begin(exercise, course, question)
        begun(number)
        if number:
            self._line.serve(program.trials.served(program, self._line))


def records_of(lines: Iterable[bytes]) -> ProgramRecords:
    """Return the records that a peer wrote."""
    found: dict[tuple[str, str, int], dict[str, RecordedData]] = {}
    for entry in objects(lines):
        key = (entry["exercise"], entry["question"], entry["program"])
        found.setdefault(key, {})[entry["trial"]] = entry["record"]
    return found
