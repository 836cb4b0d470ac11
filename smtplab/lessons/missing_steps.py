"""Do a step for a student who has left it out, so that the cells below it find what they build on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ..base.printed import Printed, plural, sentence
from ..client.outcomes import ClientError
from ..lab.session import Session
from ..show import style
from ..transcript import Row
from . import sentences
from .advice import Advice
from .cells import Kind, LessonCell, tasks
from .marks import Mark
from .messages import offered
from .progress import LessonProgress, exchanges_since, rows_of
from .workspace import Workspace


@dataclass(frozen=True, slots=True)
class DoneForYou(Printed):
    """A step that the lesson has done because the student had not; ``str`` gives its text.

    Args:
        sentence: which step.
        rows: what was said in it.
    """

    sentence: str
    rows: tuple[Row, ...] = ()

    def __str__(self) -> str:
        return "\n".join([self._told, *map(str, self.rows)])

    def _repr_html_(self) -> str:
        """Show the step in a notebook."""
        said = "<br>".join(style.code(str(row)) for row in self.rows)
        return style.panel("<br>".join(filter(None, [style.prose(self._told), said])))

    @property
    def _told(self) -> str:
        return self.sentence if self.rows else sentence(self.sentence.removesuffix(":"))


@dataclass(frozen=True, slots=True)
class MissingSteps:
    """The steps that a student has left out, which the lesson does.

    Args:
        progress: how far the student has come.
        advice: how to go on if a step cannot be done.
    """

    _progress: LessonProgress
    _advice: Advice

    def do(self, above: Sequence[LessonCell], workspace: Workspace) -> Iterator[DoneForYou]:
        """Do the steps that are not done, and yield each; of those that fail, tell of the first one and count.

        Args:
            above: the cells above the one that is about to run.
            workspace: the notebook.
        """
        failed: list[tuple[LessonCell, str]] = []
        for cell in tasks(above):
            if self._progress.is_done(cell, workspace):
                continue
            self._progress.done.add(cell.id)
            self._progress.done_for_you.add(cell.id)
            step = self._do(cell, workspace)
            if isinstance(step, str):
                self._progress.failed.add(cell.id)
                failed.append((cell, step))
            else:
                yield step
        if failed:
            (first, problem), *others = failed
            if way := self._advice.reopening(first, above, workspace):
                yield DoneForYou(way)
                return
            more = sentences.MORE_FAILED.format(steps=plural(len(others), "step")) if others else ""
            yield DoneForYou(sentences.COULD_NOT_BE_DONE.format(task=first.task, problem=problem, more=more))

    def _do(self, cell: LessonCell, workspace: Workspace) -> DoneForYou | str:
        """Do a step for the student, and return what was said in it; or a sentence, if it failed."""
        if cell.goal is not None and cell.goal.guess is not None:
            return DoneForYou(sentences.NOT_PREDICTED.format(task=cell.task))
        first = self._lead_back(cell, workspace)
        before = workspace.session(cell.session)
        rows = 0 if before is None else len(before.transcript)
        problem = self._take(cell, workspace)
        if problem:
            return problem
        session = workspace.session(cell.session)
        if session is not None and session is not before:  # a new one, or one that was left earlier
            rows = self._progress.marks.length(session)
        said = rows_of(session)[rows:]
        verdict = self._progress.verdict(cell, workspace) if cell.kind is Kind.OPEN and cell.needs_its_session else None
        self._progress.mark(workspace)
        if verdict is not None and not verdict.ok:
            return verdict.reason
        template = sentences.DONE_FOR_YOU if cell.kind is Kind.OPEN else sentences.SENT_UNPREDICTED
        return DoneForYou(template.format(task=cell.task, line=cell.task, first=first), tuple(said))

    def _lead_back(self, cell: LessonCell, workspace: Workspace) -> str:
        """Lead the session back to where the step begins, after tries that led elsewhere.

        Returns:
            What was done first, as the end of a sentence; empty if nothing was.
        """
        session = workspace.session(cell.session)
        mark = self._progress.marks.of(cell.session, session)
        if session is None or mark is None or cell.opens_its_session or not cell.needs_its_session:
            return ""
        if session is mark.session and not mark.is_left:
            return ""
        steps = list(self._progress.done_unmarked)
        if self._progress.can_be_taken_back(cell, workspace):
            workspace.take_back(cell.session, mark.steps_since)
            told = sentences.TRIES_TAKEN_BACK
        else:
            left = sentences.TRIES_LEFT if self._message_was_taken(session) else ""
            told = f"{sentences.OPENED_FIRST if self._open_anew(cell, mark, workspace) else ''}{left}"
        for step in steps:
            workspace.run(step.answer)
        return told

    def _open_anew(self, cell: LessonCell, mark: Mark, workspace: Workspace) -> bool:
        """Open a session and say the lines that lead to where the step begins; return False if that failed."""
        problem = workspace.run(workspace.call(cell.session, mark.session.host))
        session = workspace.session(cell.session)
        if problem or session is None:
            return False
        self._progress.questions.pop(cell.id, None)  # it would send its line in the session before
        return not mark.lines or not _failure_of(lambda: session.send("\n".join(mark.lines), remarks=False))

    def _message_was_taken(self, session: Session) -> bool:
        """Return True if a message was accepted in a session since a step was last done."""
        exchanges = exchanges_since(session, self._progress.marks.length(session))
        return any(message.accepted for message in offered(exchanges))

    def _take(self, cell: LessonCell, workspace: Workspace) -> str:
        question = self._progress.questions.get(cell.id)
        if question is None:
            return workspace.run(cell.answer)
        return _failure_of(lambda: workspace.skip(question))


def _failure_of(action: Callable[[], object]) -> str:
    """Run an action and return why it failed, as a sentence; empty if it did not."""
    try:
        action()
    except (ClientError, ValueError) as error:
        return sentence(error)
    return ""
