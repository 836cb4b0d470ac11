"""A tutorial while a student works through it: which steps are done, and how they are judged.

A front end calls `Lesson.before` with the text of each cell before it runs, and `Lesson.after` when it has run. A cell
of the tutorial builds on the open cells and the predictions above it. If one of them is not done, the lesson does the
step itself and says so. So *Run All* of a notebook that nobody has filled in ends without an error.

A cell is recognised by its id, or else by its text. A cell that the student has added is nobody's: nothing is judged
there, but what is sent there counts for the open cell above it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..base.printed import Printed, plural, sentence
from ..base.resources import course_root
from ..client.outcomes import ClientError
from ..lab.client_end import SessionClosed
from ..lab.predict import Question
from ..lab.session import Session
from ..protocol.states import State
from ..show import style
from ..transcript import Exchange, Row, Side, Transcript
from . import sentences
from .cells import SMTP_TASK, Kind, LessonCell, LessonError, cells_of, tasks
from .goals import DEFAULT_SESSION, StepEvidence, Verdict
from .guesses import GuessOutcome
from .marks import Mark, Marks
from .messages import offered
from .python_slips import call_alone, error_slip
from .workspace import Workspace

_TRIES_BEFORE_THE_HINT = 2
_HINT = "%hint"
_QUIT = "QUIT"


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


class Lesson:
    """A tutorial, and how far a student has come in it.

    Args:
        name: the name of its file, without ``.ipynb``.
        cells: its code cells.
    """

    def __init__(self, name: str, cells: Sequence[LessonCell]) -> None:
        self.name = name
        self.cells = tuple(cells)
        self._done: set[str] = set()
        self._done_for_you: set[str] = set()
        self._passed: set[str] = set()  # a message with a slip, which cannot be undone
        self._was_run: set[str] = set()
        self._tries: dict[str, int] = {}
        self._hints: dict[str, int] = {}
        self._questions: dict[str, Question] = {}
        # How the transcripts stood when a step was last done.
        self._marks = Marks()
        self._starts = Marks()  # the same for the cell that runs
        self._at = -1  # the cell that ran last
        self._current: LessonCell | None = None
        self._last: LessonCell | None = None
        self._done_unmarked: list[LessonCell] = []  # steps that were found done after the marks
        self._text = ""  # of the cell that runs
        self._told: set[str] = set()  # predictions in variables whose outcome has been told

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

    def before(self, text: str, cell_id: str, workspace: Workspace) -> Iterator[DoneForYou]:
        """Do the open steps above a cell that is about to run, and yield each."""
        self._current, self._text = self._find(text, cell_id), text
        cell = self._current
        if cell is None:
            return
        at = self.cells.index(cell)
        yield from self._do_the_rest(tasks(self.cells[:at]), workspace)
        if cell.kind is Kind.PREDICTION and cell.id in self._done_for_you:
            yield DoneForYou(sentence(sentences.DONE_BEFORE))
        if at > self._at:
            self._at = at
        self._was_run.add(cell.id)
        self._last = cell
        self._starts.mark(self._sessions(workspace))

    def after(
        self, value: object, workspace: Workspace, error: BaseException | None = None
    ) -> Verdict | GuessOutcome | None:
        """Note what a cell has done, and return the verdict on it.

        Args:
            value: the value of the cell.
            workspace: the notebook.
            error: the error with which it ended; None if it ran to its end.

        Returns:
            The verdict, or how a prediction came out; None if the cell is not an open one.
        """
        cell, self._current = self._current, None
        if cell is None:
            return self._judged_later(workspace)
        verdict = None
        if cell.kind is Kind.OPEN:
            if self._asks_for_the_hint():
                return None
            verdict = self._judged(cell, workspace, error)
        elif cell.kind is Kind.PREDICTION:
            self._note_prediction(cell, workspace.question(value), workspace)
        if verdict is None or verdict.ok:
            self._mark(workspace)
            return self._with_guess(cell, verdict, workspace)
        return verdict

    def _judged_later(self, workspace: Workspace) -> Verdict | None:
        """Return the verdict on the open cell above a cell of the student's own that has reached its goal."""
        cell = self._last
        if cell is None or cell.kind is not Kind.OPEN or cell.id in self._done | self._passed:
            return None
        if not self._verdict(cell, workspace).ok:
            return None
        verdict = self._judged(cell, workspace, None)
        self._mark(workspace)
        return verdict

    def _asks_for_the_hint(self) -> bool:
        """Return True if a cell has nothing but its task and ``%hint``."""
        lines = [line.strip() for line in self._text.split("\n") if not line.startswith(("#", SMTP_TASK))]
        return [line for line in lines if line] == [_HINT]

    def _with_guess(
        self, cell: LessonCell, verdict: Verdict | None, workspace: Workspace
    ) -> Verdict | GuessOutcome | None:
        """Add to the verdict how the prediction in the cell above came out, once."""
        at = self.cells.index(cell)
        asked = self.cells[at - 1] if at else cell
        guess = None if asked.goal is None else asked.goal.guess
        if guess is None or asked is cell or asked.id not in self._done - self._done_for_you - self._told:
            return verdict
        self._told.add(asked.id)
        outcome = GuessOutcome.of(guess, workspace.value(guess.name))
        if verdict is None:
            return outcome
        return replace(verdict, more=" ".join(filter(None, [str(outcome), verdict.more])))

    @property
    def is_answered_now(self) -> bool:
        """True while an open cell runs."""
        return self._current is not None and self._current.kind is Kind.OPEN

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
            told = sentences.HINT_FOR.format(task=cell.task, hint=cell.hint)
        else:
            first = "" if workspace is None else self._before_the_answer(cell, workspace)
            told = f"{sentences.ANSWER.format(task=cell.task, answer=cell.answer)}{first}"
        return f"{told}\n{sentence(sentences.DONE_BEFORE)}" if cell.id in self._done_for_you else told

    @property
    def _awaits_a_prediction(self) -> bool:
        """True if the cell that ran last has asked for a prediction, and none is made."""
        question = None if self._last is None else self._questions.get(self._last.id)
        return question is not None and not question.answered

    def _before_the_answer(self, cell: LessonCell, workspace: Workspace) -> str:
        """Return what has to be done before the reference answer is sent, in a line of its own; empty for nothing."""
        mark = self._marks.of(cell.session, workspace.session(cell.session))
        if cell.opens_its_session or mark is None or not mark.is_left or not self._can_be_taken_back(cell, workspace):
            return ""
        return f"\n{sentence(sentences.BEFORE_THE_ANSWER.format(call=workspace.undo(cell.session, mark.steps_since)))}"

    # Which cell it is, and how it stands

    def _find(self, text: str, cell_id: str) -> LessonCell | None:
        """Return the cell of the tutorial that is run; of several with the same text, the next one."""
        by_id = [cell for cell in self.cells if cell_id and cell.id == cell_id]
        if by_id and (by_id[0].kind is Kind.OPEN or by_id[0].is_run_as(text)):
            return by_id[0]  # also without the task, which a student may have deleted
        by_text = [cell for cell in self.cells if cell.is_run_as(text)]
        below = [cell for cell in by_text if self.cells.index(cell) > self._at]
        return next(iter(below + by_text), None)

    def _is_done(self, cell: LessonCell, workspace: Workspace) -> bool:
        if cell.id in self._done | self._passed:
            return True
        if cell.kind is Kind.PREDICTION:
            question = self._questions.get(cell.id)
            done = question is not None and question.answered
            said = self._said_since_the_last_step(cell, workspace)
            done = done or cell.lines_asked_about[-1] in said
            return self._keep(cell, done, workspace, said[-1:] == [cell.lines_asked_about[-1]])
        verdict = self._verdict(cell, workspace)
        if verdict.answered and cell.id in self._was_run and not self._can_be_taken_back(cell, workspace):
            self._passed.add(cell.id)
        return self._keep(cell, verdict.ok, workspace, self._ends_with(cell, workspace)) or cell.id in self._passed

    def _keep(self, cell: LessonCell, done: bool, workspace: Workspace, at_its_end: bool) -> bool:
        """Note that a step is done, because what shows it is older than the next step, and return `done`.

        Args:
            cell: the step.
            done: True if it is done.
            workspace: the notebook.
            at_its_end: True if nothing was said behind it, so that the next step begins here.
        """
        if done:
            self._done.add(cell.id)
            self._done_unmarked.append(cell)
            if at_its_end:
                self._mark(workspace)
        return done

    def _ends_with(self, cell: LessonCell, workspace: Workspace) -> bool:
        """Return True if the last exchange of a session is the last one of the goal."""
        session = workspace.session(cell.session)
        if session is None or cell.goal is None or not cell.goal.said or session.transcript.last_exchange is None:
            return False
        return cell.goal.said[-1].fits(session.transcript.last_exchange)

    def _verdict(self, cell: LessonCell, workspace: Workspace) -> Verdict:
        assert cell.goal is not None
        if cell.goal.guess is not None:
            return cell.goal.judge(StepEvidence([], [], workspace.mailbox, value=workspace.value))
        session = workspace.session(cell.session)
        if session is None:
            called = "" if cell.session == DEFAULT_SESSION else f" called {cell.session}"
            return Verdict(False, sentence(sentences.NO_SESSION.format(called=called)))
        session.poll()
        if cell.goal.host and session.host != cell.goal.host:
            names = {"session": cell.session, "host": session.host, "wanted": cell.goal.host}
            call = workspace.call(cell.session, cell.goal.host)
            return Verdict(False, sentence(sentences.WRONG_HOST.format(call=call, **names)))
        evidence = self._evidence(session, self._marks.length(session), workspace)
        verdict = cell.goal.judge(evidence, self._evidence(session, self._start_of(session), workspace))
        if verdict.ok and not cell.ends_its_session and _ended_by_quit(evidence):
            return Verdict(False, sentence(sentences.ENDED_BY_QUIT), answered=True, spoiled=True)
        return verdict

    def _start_of(self, session: Session) -> int:
        """Return the row of the transcript with which the cell began; after an undo, the step."""
        marks = self._marks if self._starts.undone(session) else self._starts
        return marks.length(session)

    def _evidence(self, session: Session, since: int, workspace: Workspace) -> StepEvidence:
        """Return what happened in a session from a row on."""
        unfinished, rows = session.transcript.unfinished(Side.CLIENT), session.transcript[since:]
        exchanges = _exchanges(session, since)
        return StepEvidence(exchanges, rows, workspace.mailbox, unfinished, workspace.waiting(), workspace.value)

    def _judged(self, cell: LessonCell, workspace: Workspace, error: BaseException | None) -> Verdict:
        """Return the verdict on an open cell that has run; after some tries that failed it has the hint."""
        verdict = self._verdict(cell, workspace)
        if verdict.ok:
            self._done.add(cell.id)
            self._done_for_you.discard(cell.id)
            return self._with_earlier_messages(cell, verdict, workspace)
        if cell.id in self._done_for_you:
            return Verdict(False, sentence(sentences.DONE_BEFORE))
        reason = self._reason(cell, verdict, workspace, error)
        if cell.id in self._done:
            return Verdict(True, sentence(sentences.DONE_ALREADY.format(reason=f"{reason[:1].lower()}{reason[1:]}")))
        tries = self._tries[cell.id] = self._tries.get(cell.id, 0) + 1
        more = sentences.HINT_HELPS
        if tries >= _TRIES_BEFORE_THE_HINT and cell.hint:
            more = sentences.HINT.format(hint=cell.hint)
        return Verdict(False, reason, " ".join([*self._go_on(cell, verdict, workspace), more]))

    def _reason(self, cell: LessonCell, verdict: Verdict, workspace: Workspace, error: BaseException | None) -> str:
        """Return why a cell has not reached its goal; a slip in Python comes before what was sent."""
        names = [each.session for each in self.cells if each.session]
        if error is not None:
            return self._fault(cell, verdict, error, workspace)
        if alone := call_alone(self._text, names):
            return sentence(alone)
        if verdict.reason == sentence(sentences.NOTHING_SENT) and (other := self._session_spoken_in(cell, workspace)):
            return sentence(sentences.OTHER_SESSION.format(other=other, session=cell.session))
        return verdict.reason

    def _with_earlier_messages(self, cell: LessonCell, verdict: Verdict, workspace: Workspace) -> Verdict:
        """Add to a verdict that the host has taken more than one message in the step, and how to be without."""
        assert cell.goal is not None
        session = workspace.session(cell.session)
        if session is None or not cell.goal.message.ended:
            return verdict
        exchanges = _exchanges(session, self._marks.length(session))
        if sum(message.accepted for message in offered(exchanges)) < 2:
            return verdict
        more = [verdict.more, sentence(sentences.EARLIER_MESSAGE), *self._way_back(cell, workspace)]
        return replace(verdict, more=" ".join(filter(None, more)))

    def _go_on(self, cell: LessonCell, verdict: Verdict, workspace: Workspace) -> list[str]:
        """Return how to go on where a step can be taken only once, or the session is over."""
        session = workspace.session(cell.session)
        over = session is not None and session.state is State.CLOSED
        if cell.opens_its_session and (over or verdict.answered):
            return [sentence(sentences.BEGIN_ANEW.format(session=cell.session))]
        if verdict.spoiled:
            return self._way_back(cell, workspace)
        if session is not None and over and cell.needs_its_session:
            return [sentence(sentences.SESSION_OVER.format(call=workspace.call(cell.session, session.host)))]
        return []

    def _way_back(self, cell: LessonCell, workspace: Workspace) -> list[str]:
        """Return how to be without what the server has kept of a try, by what is possible in the state."""
        session = workspace.session(cell.session)
        mark = self._marks.of(cell.session, session)
        if session is None:
            return []
        if session.state in (State.SENDER, State.RECIPIENT):
            return [sentence(sentences.SAY_RSET)]
        if mark is not None and self._can_be_taken_back(cell, workspace):
            call = workspace.undo(cell.session, mark.steps_since)
            return [sentence(sentences.TAKE_BACK.format(call=call))]
        if session.state in (State.DATA, State.CLOSED):
            return [sentence(sentences.OPEN_ANEW.format(call=workspace.call(cell.session, session.host)))]
        return [sentence(sentences.GO_ON)]

    def _can_be_taken_back(self, cell: LessonCell, workspace: Workspace) -> bool:
        """Return True if what was sent in the session of a cell since the last step can be undone."""
        session = workspace.session(cell.session)
        mark = self._marks.of(cell.session, session)
        return session is not None and mark is not None and mark.session is session and mark.can_be_reached

    def _session_spoken_in(self, cell: LessonCell, workspace: Workspace) -> str:
        """Return the name of another session in which something was said while the cell ran; empty if in none."""
        for name in sorted(set(workspace.session_names()) - {cell.session}):
            session = workspace.session(name)
            rows = _rows_of(session)[0 if session is None else self._start_of(session) :]
            if session is not workspace.session(cell.session) and any(row.side is Side.CLIENT for row in rows):
                return name
        return ""

    def _fault(self, cell: LessonCell, verdict: Verdict, error: BaseException, workspace: Workspace) -> str:
        """Say what helps after an error in a cell; a slip in Python comes before what was sent."""
        if cell.goal is not None and cell.goal.guess is not None:
            return sentence(cell.goal.guess.how)
        names = [each.session for each in self.cells if each.session]
        if slip := error_slip(self._text, error, cell.session, names):
            return sentence(slip)
        if cell.needs_its_session and verdict.reason != sentence(sentences.NOTHING_SENT):
            return verdict.reason
        session = workspace.session(cell.session)
        if isinstance(error, SessionClosed) and session is not None and session.state is not State.CLOSED:
            return sentence(sentences.CLOSED_SESSION.format(session=cell.session))
        return sentence(sentences.ENDED_IN_AN_ERROR.format(error=str(error).rstrip(".") or type(error).__name__))

    def _note_prediction(self, cell: LessonCell, question: Question | None, workspace: Workspace) -> None:
        """Keep the question that the cell has left open; without one, the line was sent unless the cell failed."""
        if question is not None:
            self._questions[cell.id] = question
        elif self._has_sent(cell, workspace):
            self._done.add(cell.id)

    def _has_sent(self, cell: LessonCell, workspace: Workspace) -> bool:
        """Return True if what was said last in the session, after the last step, is the line to be predicted."""
        return self._said_since_the_last_step(cell, workspace)[-1:] == [cell.lines_asked_about[-1]]

    def _said_since_the_last_step(self, cell: LessonCell, workspace: Workspace) -> list[str]:
        """Return the lines that the client has sent in the session of a cell since a step was last done."""
        session = workspace.session(cell.session)
        since = 0 if session is None else self._marks.length(session)
        return [row.text for row in _rows_of(session)[since:] if row.side is Side.CLIENT]

    def _in_hand(self) -> LessonCell | None:
        """Return the open cell that ran last if the student has not done it, else the next one that is not done."""
        if self._last is not None and self._last.kind is Kind.OPEN and self._last.id in self._done_for_you:
            return self._last
        left = [cell for cell in self.cells if cell.kind is Kind.OPEN and cell.id not in self._done]
        tried = [cell for cell in left if cell.id in self._was_run]
        return next(iter([*tried[-1:], *left]), None)

    # What the lesson does itself

    def _do_the_rest(self, steps: Sequence[LessonCell], workspace: Workspace) -> Iterator[DoneForYou]:
        """Do the steps that are not done, and yield each; of those that fail, tell of the first one and count."""
        failed: list[tuple[LessonCell, str]] = []
        for cell in steps:
            if self._is_done(cell, workspace):
                continue
            self._done.add(cell.id)
            self._done_for_you.add(cell.id)
            step = self._do(cell, workspace)
            if isinstance(step, str):
                failed.append((cell, step))
            else:
                yield step
        if failed:
            (first, problem), *others = failed
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
            rows = self._marks.length(session)
        said = _rows_of(session)[rows:]
        self._mark(workspace)
        template = sentences.DONE_FOR_YOU if cell.kind is Kind.OPEN else sentences.SENT_UNPREDICTED
        return DoneForYou(template.format(task=cell.task, line=cell.task, first=first), tuple(said))

    def _lead_back(self, cell: LessonCell, workspace: Workspace) -> str:
        """Lead the session back to where the step begins, after tries that led elsewhere.

        Returns:
            What was done first, as the end of a sentence; empty if nothing was.
        """
        session = workspace.session(cell.session)
        mark = self._marks.of(cell.session, session)
        if session is None or mark is None or cell.opens_its_session or not cell.needs_its_session:
            return ""
        if session is mark.session and not mark.is_left:
            return ""
        steps = list(self._done_unmarked)
        if self._can_be_taken_back(cell, workspace):
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
        self._questions.pop(cell.id, None)  # it would send its line in the session before
        return not mark.lines or not _failure_of(lambda: session.send("\n".join(mark.lines), remarks=False))

    def _message_was_taken(self, session: Session) -> bool:
        """Return True if a message was accepted in a session since a step was last done."""
        since = self._marks.length(session)
        return any(
            message.accepted for message in offered([x for x in session.transcript.exchanges() if x.last >= since])
        )

    def _take(self, cell: LessonCell, workspace: Workspace) -> str:
        question = self._questions.get(cell.id)
        if question is None:
            return workspace.run(cell.answer)
        return _failure_of(lambda: workspace.skip(question))

    # Where the sessions stood

    def _mark(self, workspace: Workspace) -> None:
        """Note where the sessions stand, because a step begins where the one before has ended."""
        self._marks.mark(self._sessions(workspace))
        self._done_unmarked.clear()

    def _sessions(self, workspace: Workspace) -> list[tuple[str, Session]]:
        """Return the sessions of the notebook, each with its variable."""
        names = sorted({cell.session for cell in self.cells if cell.session} | set(workspace.session_names()))
        return [(name, session) for name in names if (session := workspace.session(name)) is not None]


def _exchanges(session: Session, since: int) -> list[Exchange]:
    """Return the exchanges of a session that ended at a row or later; a message may have begun before."""
    return [each for each in session.transcript.exchanges() if each.last >= since]


def _ended_by_quit(evidence: StepEvidence) -> bool:
    """Return True if the client has said QUIT, and the session is over."""
    quits = (each for each in evidence.exchanges if each.verb == _QUIT and each.side is Side.CLIENT)
    return any(each.after is State.CLOSED for each in quits)


def _cells_in(path: Path) -> list[LessonCell]:
    try:
        return cells_of(path.read_bytes())
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        raise LessonError(sentences.DAMAGED_LESSON.format(name=path.stem)) from None


def _rows_of(session: Session | None) -> Transcript:
    return Transcript() if session is None else session.transcript


def _failure_of(action: Callable[[], object]) -> str:
    """Run an action and return why it failed, as a sentence; empty if it did not."""
    try:
        action()
    except (ClientError, ValueError) as error:
        return sentence(error)
    return ""
