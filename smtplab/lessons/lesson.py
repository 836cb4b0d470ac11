"""A tutorial while a student works through it: which steps are done, and how they are judged.

A front end calls `Lesson.before` with the text of each cell before it runs, and `Lesson.after` when it has run. A cell
of the tutorial builds on the open cells, the predictions and the given cells above it. If one of them is not done, the
lesson does the step itself and says so. So *Run All* of a notebook that nobody has filled in ends without an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ..base.printed import in_a_row, sentence
from ..base.resources import course_root
from ..lab.predict import Question
from . import own_cells, sentences
from .advice import Advice, checks_above, told_error
from .cell_finder import CellFinder
from .cells import SMTP_TASK, Kind, LessonCell, LessonError, cells_of
from .done_for_you import DoneForYou
from .evidence import Verdict
from .given_cells import begins_the_lesson, lets_time_pass, set_anew_below, undoes
from .guess_outcomes import GuessOutcomes
from .guesses import GuessOutcome
from .missing_steps import MissingSteps
from .other_sessions import misnamed
from .prediction_reruns import PredictionReruns
from .progress import LessonProgress
from .reasons import without_advice
from .reopening import Reopening, is_about_the_end
from .side_remarks import SideRemarks
from .used_up import UsedUp
from .workspace import Workspace

_HINT = "%hint"


class Lesson:
    """A tutorial, and how far a student has come in it.

    Args:
        name: the name of its file, without ``.ipynb``.
        cells: its code cells.
    """

    def __init__(self, name: str, cells: Sequence[LessonCell]) -> None:
        self.name = name
        self.cells = tuple(cells)
        self._progress = LessonProgress(self.cells)
        self._finder = CellFinder(self.cells, self._progress)
        self._advice, self._remarks = Advice(self._progress), SideRemarks(self._progress)
        self._missing_steps = MissingSteps(self._progress, self._advice)
        self._reruns, self._used_up = PredictionReruns(), UsedUp(self.cells)
        self._tries: dict[str, int] = {}
        self._hints: dict[str, int] = {}
        self._at = -1  # the cell that ran last
        self._current: LessonCell | None = None
        self._last: LessonCell | None = None
        self._text = ""  # of the cell that runs
        self._outcomes = GuessOutcomes(self._progress)

    @classmethod
    def open(cls, name: str) -> Lesson:
        """Return the tutorial of that name, from its beginning.

        Raises:
            LessonError: if there is none, or its file is damaged.
        """
        folder = course_root() / "notebooks" / "tutorials"
        names = sorted(path.stem for path in folder.glob("[!.]*.ipynb"))
        if name not in names:
            raise LessonError(sentences.NO_LESSON.format(name=name, names=", ".join(names)))
        return cls(name, _cells_in(folder / f"{name}.ipynb"))

    def begin(self, workspace: Workspace) -> None:
        """Forget what is left of an earlier run of the notebook: predictions in variables, and its sessions.

        Other variables keep their sessions, but what was said in them before counts for no step.
        """
        for name in {cell.session for cell in self.cells}:
            if workspace.session(name) is not None:
                workspace.forget(name)
        self._progress.marks.note(workspace.all_sessions())
        for at, cell in enumerate(self.cells):
            self._forget_variable(cell, workspace)
            if begins_the_lesson(cell):
                self._at = at  # it runs already

    def meet(self, cell_id: str) -> None:
        """Note the id of a cell that runs: if it is one of the tutorial, cells are known by their ids alone."""
        self._finder.meet(cell_id)

    def before(self, text: str, cell_id: str, workspace: Workspace) -> Iterator[DoneForYou]:
        """Do the open steps above a cell that is about to run, and yield each."""
        self._current, self._text = self._finder.find(text, cell_id, self._at, self._last), text
        cell = self._current
        if cell is None:
            self._progress.was_run |= own_cells.with_id(cell_id, self._progress)
            if not self._finder.has_ids:
                self._progress.was_run |= own_cells.with_text(text, self._at, self._progress, workspace)
            return
        self._forget_variable(cell, workspace)
        at = self.cells.index(cell)
        self._progress.note_sessions(workspace, self._at_last)
        Reopening(self._progress).mark_hello(workspace)
        self._progress.is_tried_again = bool(self._progress.failed)
        self._progress.failed -= {each.id for each in self.cells[at:]}  # what runs now may be what they lacked
        if not self._progress.stands(cell, workspace):
            self._progress.forget(cell)
        yield from self._missing_steps.do(cell, text, workspace)
        if cell.kind is Kind.PREDICTION and cell.id in self._progress.done_for_you:
            yield DoneForYou(sentence(sentences.DONE_BEFORE))
        if cell.kind is Kind.PREDICTION and (moved_on := self._reruns.remark(cell, text, workspace)):
            yield DoneForYou(moved_on)
        if again := self._advice.in_message_again(cell, workspace):
            yield DoneForYou(again)
        if lets_time_pass(cell) and cell.id in self._progress.was_run:
            yield DoneForYou(sentences.TIME_PASSES_AGAIN)
        yield from self._used_up.make_ready(cell, workspace)
        self._at = max(self._at, at)
        if cell.id in self._progress.was_run:
            self._progress.was_run -= {each.id for each in set_anew_below(cell, self.cells)}
        _note_run(self._progress, cell, text)
        self._used_up.note(cell)
        self._last = cell
        self._progress.note_sessions(workspace, at)
        self._progress.starts.mark(self._progress.sessions(workspace))

    def after(
        self, value: object, workspace: Workspace, error: BaseException | None = None
    ) -> Verdict | GuessOutcome | None:
        """Note what a cell has done, and return the verdict on it.

        Args:
            value: the value of the cell.
            workspace: the notebook.
            error: the error with which it ended; None if it ran to its end.

        Returns:
            The verdict, or how a prediction came out; None if the cell is not an open one, unless it failed because
            its session is over.
        """
        cell, self._current = self._current, None
        new, held = self._progress.new_sessions(workspace), self._progress.marks.held
        wrong_name = "" if cell is None else misnamed(cell, new, held, workspace)
        if cell is None:
            self._progress.note_own_sessions(workspace)
        self._progress.note_sessions(workspace, self._at_last)
        own_or_open = cell is None or cell.kind is Kind.OPEN
        if own_or_open and (too_far := self._undone_too_far(workspace)):
            return too_far
        if cell is None:
            return self._judged_later(workspace)
        verdict: Verdict | None
        if cell.kind is Kind.OPEN:
            if self._asks_for_the_hint():
                return None
            was_done, by_lesson = cell.id in self._progress.done, cell.id in self._progress.done_for_you
            if wrong_name:
                return self._not_yet(cell, Verdict(False, wrong_name), wrong_name, workspace)
            verdict = self._remarks.with_replies(cell, self._judged(cell, workspace, error), workspace)
            if error is not None and was_done and verdict.ok and not self._advice.has_spoken(cell, workspace):
                return self._done_before_the_error(cell, verdict, workspace, error, by_lesson=by_lesson)
            if error is not None:
                return self._ended_in_an_error(cell, verdict, workspace, error)
        else:
            verdict = self._after_a_given_cell(cell, workspace.question(value), workspace, error)
        if verdict is None or verdict.ok:
            self._progress.mark(workspace, cell)
            return self._outcomes.add_to(verdict, cell, workspace)
        return verdict

    def _undone_too_far(self, workspace: Workspace) -> Verdict | None:
        """Return what an undo of the student took back that an earlier step had sent; None if nothing."""
        for name, session in self._progress.sessions(workspace):
            lost = self._progress.marks.lost(session)
            if lost and self._progress.has_lost(name, session):
                self._progress.marks.mark([(name, session)])
                lines = in_a_row(f"`{line}`" for line in lost if line)
                return Verdict(False, sentence(sentences.UNDONE_TOO_FAR.format(lines=lines)))
        return None

    def _ended_in_an_error(
        self, cell: LessonCell, verdict: Verdict, workspace: Workspace, error: BaseException
    ) -> Verdict:
        """Return the verdict on an open cell that ended in an error; it is never ok, but what was sent stays sent."""
        if cell.guess is not None:
            self._forget_variable(cell, workspace)
        if not verdict.ok:
            return verdict
        self._progress.mark(workspace, cell)
        return Verdict(False, sentence(sentences.DONE_BUT_FAILED.format(error=told_error(error))))

    def _done_before_the_error(
        self, cell: LessonCell, verdict: Verdict, workspace: Workspace, error: BaseException, *, by_lesson: bool
    ) -> Verdict:
        """Return the verdict on an open cell that ended in an error and sent nothing; its step was done before."""
        reason = self._advice.reason(cell, self._text, replace(verdict, reason=""), workspace, error)
        if not by_lesson:
            return Verdict(False, reason, sentence(sentences.NOTHING_THIS_TIME))
        self._progress.done_for_you.add(cell.id)
        return Verdict(False, reason, sentence(sentences.DONE_BEFORE))

    def _forget_variable(self, cell: LessonCell, workspace: Workspace) -> None:
        """Forget what a cell asks for in a variable, because the cell is to write it anew."""
        if cell.variable:
            workspace.forget(cell.variable)

    def _after_a_given_cell(
        self, cell: LessonCell, question: Question | None, workspace: Workspace, error: BaseException | None
    ) -> Verdict | None:
        """Note what a cell has asked; return a verdict only if it wants to speak in a session that is over."""
        if cell.kind is Kind.PREDICTION:
            self._progress.note_prediction(cell, question, workspace)
            if question is None and error is None:
                self._reruns.note(cell, self._text)
        elif undoes(cell):
            self._progress.keep_undone(cell)
        if question is not None or is_about_the_end(error):
            return self._advice.session_over(cell, workspace)
        return None if error is None else self._advice.needs_a_step(cell)

    def _judged_later(self, workspace: Workspace) -> Verdict | None:
        """Return the verdict on the open cell above a cell of the student's own that has reached its goal."""
        cell = self._last
        if cell is None or cell.kind is not Kind.OPEN or cell.id in self._progress.done | self._progress.passed:
            return None
        if not self._progress.verdict(cell, workspace).ok or cell.unwritten(self._text):
            return None
        verdict = self._judged(cell, workspace, None)
        self._progress.mark(workspace, cell)
        return verdict

    def _asks_for_the_hint(self) -> bool:
        """Return True if a cell has nothing but its task and ``%hint``."""
        lines = [line.strip() for line in self._text.split("\n") if not line.startswith(("#", SMTP_TASK))]
        return [line for line in lines if line] == [_HINT]

    @property
    def is_under_way(self) -> bool:
        """True while a cell of the tutorial runs."""
        return self._current is not None

    @property
    def open_cell(self) -> LessonCell | None:
        """The open cell that runs, below which a verdict will stand; None if no such cell does."""
        return self._current if self._current is not None and self._current.kind is Kind.OPEN else None

    def hint(self, workspace: Workspace | None = None) -> str:
        """Return the hint for the task in hand; asked again, the reference answer.

        Args:
            workspace: the notebook, so that the answer fits what was sent before; None if nothing was.
        """
        if self._awaits_a_prediction:
            return sentences.PREDICT_FIRST
        cell = self._in_hand()
        if cell is None:
            return sentences.NOTHING_TO_HINT
        asked = self._hints[cell.id] = self._hints.get(cell.id, 0) + 1
        if asked == 1 and cell.hint:
            told = sentences.HINT_FOR.format(task=cell.task, hint=self._advice.hint(cell, workspace))
        else:
            told = self._advice.answer(cell, workspace)
        is_over = cell.id in self._progress.done_for_you and cell.function is None
        return f"{told}\n{sentence(sentences.DONE_BEFORE)}" if is_over else told

    @property
    def _awaits_a_prediction(self) -> bool:
        """True if the cell that ran last has asked for a prediction, and none is made."""
        question = None if self._last is None else self._progress.questions.get(self._last.id)
        return question is not None and not question.answered

    # Which cell it is, and how it stands

    @property
    def _at_last(self) -> int:
        """The place of the cell that ran last, at which a new session was opened; the first one at the beginning."""
        return 0 if self._last is None else self.cells.index(self._last)

    def _judged(self, cell: LessonCell, workspace: Workspace, error: BaseException | None) -> Verdict:
        """Return the verdict on an open cell that has run, and note if its step is done."""
        verdict = self._progress.verdict(cell, workspace)
        name = workspace.current_name()
        if not verdict.ok and cell.switch and not cell.switch.endswith(f" {name}"):
            return Verdict(False, sentence(sentences.SWITCH_FIRST.format(name=name, switch=cell.switch)))
        if cell.variable and not (verdict.ok and (error is None or cell.function is not None)):
            self._progress.done.discard(cell.id)  # it stands as the cell has it now
            self._progress.done_for_you.discard(cell.id)
            verdict = replace(verdict, ok=False)
        if verdict.ok and (unwritten := cell.unwritten(self._text)):
            return Verdict(False, sentence(sentences.NOT_WRITTEN.format(directive=unwritten)))
        if verdict.ok and checks_above(cell, self._text):
            return Verdict(False, sentence(sentences.EXPECT_ABOVE.format(directive=cell.written[0])))
        if verdict.ok:
            self._progress.done.add(cell.id)
            self._progress.done_for_you.discard(cell.id)
            verdict = self._remarks.with_the_standard_form(cell, verdict, workspace)
            verdict = self._remarks.with_the_usual_reset(cell, verdict, workspace)
            return self._remarks.with_earlier_messages(cell, verdict, workspace)
        return self._not_reached(cell, verdict, workspace, error)

    def _not_reached(
        self, cell: LessonCell, verdict: Verdict, workspace: Workspace, error: BaseException | None
    ) -> Verdict:
        """Return the verdict on an open cell whose goal is not reached; a step that was done before stays done."""
        if cell.id in self._progress.done_for_you and not self._progress.has_changed(cell, workspace):
            own = self._advice.own_refusal(cell, verdict, workspace)
            return Verdict(False, f"{own} {sentence(sentences.DONE_BEFORE)}".lstrip())
        way = self._advice.nothing_but_the_way_back(cell, self._text, verdict, workspace, error)
        if way and cell.id not in self._progress.done:
            return Verdict(False, way)
        reason = self._advice.reason(cell, self._text, verdict, workspace, error)
        if cell.id in self._progress.done:
            return self._advice.done_before(cell, reason, workspace, error)
        return self._not_yet(cell, verdict, reason, workspace)

    def _not_yet(self, cell: LessonCell, verdict: Verdict, reason: str, workspace: Workspace) -> Verdict:
        """Return the verdict on a step that is not done, with the way on; after some tries it has the hint."""
        tries = self._tries[cell.id] = self._tries.get(cell.id, 0) + 1
        more = sentences.HINT_HELPS
        way_on = self._advice.go_on(cell, verdict, workspace)
        in_a_message = any(each.startswith(sentence(sentences.IN_A_MESSAGE)) for each in way_on)
        if tries >= cell.hint_at and cell.hint and not in_a_message:
            more = sentences.HINT.format(hint=self._advice.hint(cell, workspace))
        told = without_advice(reason) if way_on else reason
        rows = verdict.rows if reason == verdict.reason else ()  # they show that reason
        return Verdict(False, told, " ".join([*way_on, more]), rows=rows)

    def _in_hand(self) -> LessonCell | None:
        """Return the open cell that ran last if the student has not done it, else the next one that is not done."""
        if self._last is not None and self._last.kind is Kind.OPEN and self._last.id in self._progress.done_for_you:
            return self._last
        left = [cell for cell in self.cells if cell.kind is Kind.OPEN and cell.id not in self._progress.done]
        tried = [cell for cell in left if cell.id in self._progress.was_run]
        return next(iter([*tried[-1:], *left]), None)


def _note_run(progress: LessonProgress, cell: LessonCell, text: str) -> None:
    """Note that a cell runs, and if the student has written nothing in it."""
    progress.was_run.add(cell.id)
    progress.untouched.discard(cell.id)
    if text.strip() == cell.given.strip():
        progress.untouched.add(cell.id)


def _cells_in(path: Path) -> list[LessonCell]:
    try:
        return cells_of(path.read_bytes())
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        raise LessonError(sentences.DAMAGED_LESSON.format(name=path.stem)) from None
