"""Do a step for a student who has left it out, so that the cells below it find what they build on.

A step is what a student does in an open cell or says for a prediction, and also a given cell that does something. It
counts as done only if its goal holds afterwards. One that fails is told with the cell that it needs, and is tried again
when the student has run a cell above it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from ..base.printed import plural, sentence
from ..client.outcomes import ClientError
from ..lab.predict import Question
from ..lab.session import Session
from ..transcript import Row, Side
from . import sentences
from .advice import Advice
from .cells import Kind, LessonCell
from .done_for_you import DoneForYou
from .given_cells import acts, begins_the_lesson, forks, line_that_acts, lines_sent, may_fail, opens
from .lost_mail import cell_to_run_again
from .marks import Mark
from .messages import offered
from .progress import LessonProgress, exchanges_since
from .reopening import Reopening, said_again
from .turned_roles import TURN, has_turned, turns
from .workspace import Workspace

_CELLS_NAMED = 3


@dataclass(frozen=True, slots=True)
class _Problem:
    """A step that could not be done, and why, as a sentence."""

    cell: LessonCell
    told: str


@dataclass(frozen=True, slots=True)
class _GivenCell:
    """A given cell that the lesson has run, and what was said in it."""

    line: str
    rows: tuple[Row, ...]


_Outcome = DoneForYou | _GivenCell | _Problem


@dataclass(frozen=True, slots=True)
class MissingSteps:
    """The steps that a student has left out, which the lesson does.

    Args:
        progress: how far the student has come.
        advice: how to go on if a step cannot be done.
    """

    _progress: LessonProgress
    _advice: Advice

    def do(self, cell: LessonCell, text: str, workspace: Workspace) -> Iterator[DoneForYou]:
        """Do the steps that are not done, and yield each; of those that fail, tell of the first one and count.

        Args:
            cell: the cell that is about to run.
            text: what the student has written in it.
            workspace: the notebook.
        """
        above = self._progress.cells[: self._progress.cells.index(cell)]
        opened: list[DoneForYou] = []
        for told, problem in self._open_sessions(cell, text, above, workspace):
            opened.append(told)
            if problem:
                yield from opened
                return  # nothing can be said, and what is missing is done when the session can be opened
        problems: list[_Problem] = []
        stay_open = self._speaks_in(cell, text, workspace)
        for step in _joined(chain(opened, self._each(above, stay_open, workspace))):
            if isinstance(step, _Problem):
                problems.append(step)
            else:
                yield step
        if problems:
            yield self._told_of(problems, workspace)

    def _told_of(self, problems: Sequence[_Problem], workspace: Workspace) -> DoneForYou:
        first, *others = problems
        more = sentences.MORE_FAILED.format(steps=plural(len(others), "step")) if others else ""
        way = cell_to_run_again(first.cell, self._progress, workspace)
        if first.cell.kind is Kind.RUN:
            told = sentences.COULD_NOT_BE_RUN.format(line=line_that_acts(first.cell), problem=first.told)
            return DoneForYou(f"{told}{more} {way}")
        problem = first.told.replace(sentences.SEND_IT_AGAIN, "")  # the way says which cells
        return DoneForYou(
            sentences.COULD_NOT_BE_DONE.format(task=first.cell.task, problem=problem, more=f"{more} {way}")
        )

    def _open_sessions(
        self, cell: LessonCell, text: str, above: Sequence[LessonCell], workspace: Workspace
    ) -> Iterator[tuple[DoneForYou, bool]]:
        """Open the sessions again that have ended and are needed; yield what was done, and True if that failed."""
        reopening = Reopening(self._progress)
        for _, session in self._progress.sessions(workspace):
            session.poll()
        if not any(session.closed or not session.steps for _, session in self._progress.sessions(workspace)):
            return
        missing = [each for each in above if not self._is_done(each, workspace)]
        for name in reopening.needed(cell, text, missing, workspace):
            turned = self._has_to_turn(cell, name, text, workspace)
            told, problem = reopening.lead_back(name, workspace)
            opened = workspace.session(name)
            assert opened is not None
            said = opened.transcript[self._progress.marks.length(opened) :]
            self._progress.note_sessions(workspace, self._progress.cells.index(cell))
            if problem:
                yield DoneForYou(problem), True
            else:
                self._progress.marks.mark([(name, opened)])
                if turned:  # it is said for the step that is under way, so it stands behind the mark
                    said = [*said, *self._turn(name, opened, workspace)]
                yield DoneForYou(told, tuple(row for row in said if row.side is not Side.NOTE)), False

    def _has_to_turn(self, cell: LessonCell, name: str, text: str, workspace: Workspace) -> bool:
        """Return True if the student was the server when a session ended, and goes on as the server."""
        session = workspace.session(name)
        if session is None or cell.kind is not Kind.OPEN or turns(text) or not turns(cell.answer):
            return False
        return has_turned(exchanges_since(session, self._progress.marks.length(session)))

    def _turn(self, name: str, session: Session, workspace: Workspace) -> Sequence[Row]:
        rows = len(session.transcript)
        said_again(session, [f"{TURN}\r\n".encode()])
        workspace.seen(name)
        return session.transcript[rows:]

    def _speaks_in(self, cell: LessonCell, text: str, workspace: Workspace) -> list[str]:
        """Return the sessions that a cell needs open."""
        reopening = Reopening(self._progress)
        names = [name for name, _ in self._progress.sessions(workspace)]
        return [name for name in names if reopening.needs(cell, name, text, workspace)]

    # Step by step

    def _each(self, above: Iterable[LessonCell], stay_open: Sequence[str], workspace: Workspace) -> Iterator[_Outcome]:
        """Do the missing steps, and yield each; what ends a session that has to stay open is not said again."""
        for cell in above:
            if lost := self._progress.lost(cell, workspace) if self._was_taken(cell, workspace) else []:
                for name in lost:
                    if (again := self._say_again(cell, name, workspace, ends=name not in stay_open)) is not None:
                        yield again
            elif self._is_done(cell, workspace) or self._progress.is_passed_by(cell, workspace):
                continue
            else:
                self._progress.starts.mark(self._progress.sessions(workspace))
                yield (self._run if cell.kind is Kind.RUN else self._do_and_note)(cell, workspace)
            self._progress.note_sessions(workspace, self._progress.cells.index(cell))

    def _was_taken(self, cell: LessonCell, workspace: Workspace) -> bool:
        """Return True if a step was done once, and is not taken again since its session has lost it."""
        if cell.kind is Kind.RUN:
            return cell.id in self._progress.was_run and not self._was_typed(cell, workspace)
        return cell.id in self._progress.done and not self._progress.is_done(cell, workspace)

    def _is_done(self, cell: LessonCell, workspace: Workspace) -> bool:
        if cell.id in self._progress.failed:
            return True  # it is tried again when something has changed
        if cell.kind is not Kind.RUN:
            return self._progress.is_done(cell, workspace)
        if cell.id in self._progress.was_run:
            return self._progress.stands(cell, workspace)
        return begins_the_lesson(cell) or not acts(cell) or self._was_typed(cell, workspace)

    def _was_typed(self, cell: LessonCell, workspace: Workspace) -> bool:
        """Return True if the student has done what a given cell does in a cell of his own."""
        lines = lines_sent(cell)
        for name, session in self._progress.sessions(workspace):
            since = self._progress.marks.length(session)
            said = [row.text for row in session.transcript[since:] if row.side is Side.CLIENT]
            if lines and all(line in said for line in lines):
                return True
            if opens(cell.source, name, typed=cell.typed) and cell.id not in self._progress.was_run and not lines:
                return self._is_first_to_open(cell, name)
        return False

    def _is_first_to_open(self, cell: LessonCell, name: str) -> bool:
        """Return True if no cell above this one opens a session of this name."""
        above = self._progress.cells[: self._progress.cells.index(cell)]
        return not any(opens(each.source, name, typed=each.typed) for each in above)

    def _say_again(self, cell: LessonCell, name: str, workspace: Workspace, *, ends: bool) -> _Outcome | None:
        """Say again what a step had said in a session, because an undo took it back, or the session is a new one.

        Args:
            cell: the step.
            name: the variable of the session.
            workspace: the notebook.
            ends: True if a line that ended the session is said again, too.

        Returns:
            What was said; None if nothing was, because it would get into a message in which it did not stand.
        """
        session, said = workspace.session(name), self._progress.said[cell.id, name]
        assert session is not None
        template = sentences.SAID_AGAIN if said.mark.session is session else sentences.SAID_IN_NEW_ONE
        mark = self._progress.marks.of(session)
        assert mark is not None
        if mark.is_left and session.can_undo(mark.steps_since):
            workspace.take_back(name, mark.steps_since)
        rows = len(session.transcript)
        if session.in_message and not said.is_in_message:
            del self._progress.said[cell.id, name]
            return None
        problem = said_again(session, said.lost_in(session) if ends else said.lost_before_the_end(session))
        workspace.seen(name)
        if problem:
            return self._failed(cell, problem)
        self._progress.marks.mark([(name, session)])
        self._progress.said[cell.id, name] = replace(said, mark=Mark.of(session), since=min(said.since, rows))
        if len(session.transcript) == rows:
            return None
        return DoneForYou(template, tuple(session.transcript[rows:]))

    def _run(self, cell: LessonCell, workspace: Workspace) -> _Outcome:
        """Run a given cell that the student has left out."""
        before = self._lengths(workspace)
        problem = workspace.run(cell.source)
        if problem and not may_fail(cell):
            return self._failed(cell, problem)
        self._progress.was_run.add(cell.id)
        rows = () if forks(cell) else self._rows_since(before, workspace)  # a copy has said all of it before
        self._progress.mark(workspace, cell)
        return _GivenCell(line_that_acts(cell), rows)

    def _failed(self, cell: LessonCell, problem: str) -> _Problem:
        self._progress.failed.add(cell.id)
        return _Problem(cell, problem)

    def _do_and_note(self, cell: LessonCell, workspace: Workspace) -> _Outcome:
        step = self._do(cell, workspace)
        if isinstance(step, str):
            return self._failed(cell, step)
        self._progress.done.add(cell.id)
        self._progress.done_for_you.add(cell.id)
        return step

    def _do(self, cell: LessonCell, workspace: Workspace) -> DoneForYou | str:
        """Do a step for the student, and return what was said in it; or a sentence, if it failed."""
        if cell.guess is not None:
            return DoneForYou(sentences.NOT_PREDICTED.format(task=cell.task))
        if cell.function is not None:
            return self._stand_in(cell, cell.function.name, workspace)
        first = self._lead_back(cell, workspace)
        before = self._lengths(workspace)
        problem = self._take(cell, workspace)
        if problem:
            return problem
        said = self._rows_since(before, workspace)
        verdict = self._progress.verdict(cell, workspace, by_lesson=True) if cell.kind is Kind.OPEN else None
        self._progress.mark(workspace, cell)
        if verdict is not None and not verdict.ok:
            return verdict.reason
        template = sentences.DONE_FOR_YOU if cell.kind is Kind.OPEN else sentences.SENT_UNPREDICTED
        return DoneForYou(template.format(task=cell.task, line=cell.task, first=first), said)

    def _stand_in(self, cell: LessonCell, name: str, workspace: Workspace) -> DoneForYou | str:
        """Write the function of a cell in place of the student's; return a sentence if it failed."""
        problem = workspace.run(cell.answer)
        if problem:
            return problem
        is_written = cell.id in self._progress.was_run - self._progress.untouched
        template = sentences.STANDS_IN_FOR_YOURS if is_written else sentences.STANDS_IN
        return DoneForYou(template.format(task=cell.task, name=name))

    def _lengths(self, workspace: Workspace) -> dict[int, int]:
        """Return how long the transcript of each session is, by identity."""
        return {id(session): len(session.transcript) for session in workspace.all_sessions()}

    def _rows_since(self, before: dict[int, int], workspace: Workspace) -> tuple[Row, ...]:
        """Return what was said since in all sessions: in one that is new or was left earlier, since its last step."""
        length = self._progress.marks.length
        starts = [(session, before.get(id(session), length(session))) for session in workspace.all_sessions()]
        return tuple(row for session, start in starts for row in session.transcript[start:])

    def _lead_back(self, cell: LessonCell, workspace: Workspace) -> str:
        """Lead the session back to where the step begins, after tries that led elsewhere.

        Returns:
            What was done first, as the end of a sentence; empty if nothing was.
        """
        session = workspace.session(cell.session)
        mark = self._progress.marks.of(session)
        if session is None or mark is None or cell.opens_its_session or not cell.needs_its_session:
            return ""
        if not mark.is_left:
            return ""
        steps = list(self._progress.done_unmarked)
        if self._progress.can_be_taken_back(cell, workspace):
            workspace.take_back(cell.session, self._progress.steps_back(cell, workspace))
            told = sentences.TRIES_TAKEN_BACK
        else:
            left = sentences.TRIES_LEFT if self._message_was_taken(session) else ""
            told = f"{sentences.OPENED_FIRST if self._open_anew(cell, mark, workspace) else ''}{left}"
        Reopening(self._progress).hello_again(cell.session, workspace)
        for step in steps:
            workspace.run(step.answer)
        return told

    def _open_anew(self, cell: LessonCell, mark: Mark, workspace: Workspace) -> bool:
        """Open a session and say the lines that lead to where the step begins; return False if that failed."""
        problem = workspace.run(workspace.call(cell.session, mark.session.host))
        session = workspace.session(cell.session)
        if problem or session is None:
            return False
        failed = said_again(session, [f"{line}\r\n".encode() for line in mark.lines])
        workspace.seen(cell.session)
        self._progress.note_sessions(workspace, self._progress.cells.index(cell))
        self._progress.move(mark.session, session)
        return not failed

    def _message_was_taken(self, session: Session) -> bool:
        """Return True if a message was accepted in a session since a step was last done."""
        exchanges = exchanges_since(session, self._progress.marks.length(session))
        return any(message.accepted for message in offered(exchanges))

    def _take(self, cell: LessonCell, workspace: Workspace) -> str:
        question = self._progress.question(cell, workspace)
        return workspace.run(cell.answer) if question is None else _skip(question, workspace)


def _skip(question: Question, workspace: Workspace) -> str:
    """Send the line of a question, and return why it failed, as a sentence; empty if it did not."""
    try:
        workspace.skip(question)
    except (ClientError, ValueError) as error:
        return sentence(error)
    return ""


def _joined(steps: Iterable[_Outcome]) -> Iterator[DoneForYou | _Problem]:
    """Join the given cells that follow each other, and what was said again, so that each is told once."""
    given: list[_GivenCell] = []
    last: DoneForYou | None = None
    for step in steps:
        if given and not isinstance(step, _GivenCell):
            yield _told_given(given)
            given = []
        if last is not None and isinstance(step, DoneForYou) and _is_of_one(last, step):
            last = replace(last, rows=(*last.rows, *step.rows))
            continue
        if last is not None:
            yield last
            last = None
        if isinstance(step, _GivenCell):
            given.append(step)
        elif isinstance(step, DoneForYou):
            last = step
        else:
            yield step
    if last is not None:
        yield last
    if given:
        yield _told_given(given)


def _is_of_one(last: DoneForYou, step: DoneForYou) -> bool:
    """Return True if two steps are told in one sentence: they have the same, or a session was opened for both."""
    begin = sentences.OPEN_AGAIN.partition("{")[0]
    return step.sentence == last.sentence or (step.sentence == sentences.SAID_AGAIN and last.sentence.startswith(begin))


def _told_given(given: Sequence[_GivenCell]) -> DoneForYou:
    named = ", ".join(f"`{each.line}`" for each in given[:_CELLS_NAMED])
    more = len(given) - _CELLS_NAMED
    rows = tuple(row for each in given for row in each.rows)
    if len(given) == 1:
        return DoneForYou(sentences.RUN_FOR_YOU.format(line=named), rows)
    others = f" and {more} more" if more > 0 else ""
    return DoneForYou(sentences.SEVERAL_RUN_FOR_YOU.format(lines=f"{named}{others}"), rows)
