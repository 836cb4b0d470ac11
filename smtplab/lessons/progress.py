"""How far a student has come in a tutorial: the steps that are done, and where the sessions stood at each.

A step begins where the one before it ended. It is judged by what was sent since then, in one cell or in several.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..base.printed import sentence
from ..lab.predict import Question
from ..lab.session import Session
from ..protocol.states import State
from ..transcript import Exchange, Side, Transcript
from . import sentences
from .cells import Kind, LessonCell
from .evidence import StepEvidence, Verdict
from .goals import DEFAULT_SESSION
from .marks import Marks
from .workspace import Workspace

_QUIT = "QUIT"


class LessonProgress:
    """The steps of a tutorial that are done.

    Args:
        cells: the code cells of the tutorial.

    Attributes:
        done: the ids of the cells whose step is done, by the student or by the lesson.
        done_for_you: those whose step the lesson has done.
        was_run: those that the student has run.
        questions: the questions that predictions have asked, by cell.
        marks: how the transcripts stood when a step was last done.
        starts: the same for the cell that runs.
        done_unmarked: steps that were found done after the marks.
    """

    def __init__(self, cells: Sequence[LessonCell]) -> None:
        self.cells = tuple(cells)
        self.done: set[str] = set()
        self.done_for_you: set[str] = set()
        self.failed: set[str] = set()  # what the lesson tried to do and could not
        self.passed: set[str] = set()  # a message with a slip, which cannot be undone
        self.was_run: set[str] = set()
        self.questions: dict[str, Question] = {}
        self.marks = Marks()
        self.starts = Marks()
        self.done_unmarked: list[LessonCell] = []

    def is_done(self, cell: LessonCell, workspace: Workspace) -> bool:
        """Return True if a step is done, or cannot be done again."""
        if cell.id in self.done | self.passed:
            return True
        if cell.kind is Kind.PREDICTION:
            question = self.questions.get(cell.id)
            done = question is not None and question.answered
            said = self._said_since_the_last_step(cell, workspace)
            done = done or cell.lines_asked_about[-1] in said
            return self._keep(cell, done, workspace, said[-1:] == [cell.lines_asked_about[-1]])
        verdict = self.verdict(cell, workspace)
        if verdict.answered and cell.id in self.was_run and not self.can_be_taken_back(cell, workspace):
            self.passed.add(cell.id)
        return self._keep(cell, verdict.ok, workspace, self._ends_with(cell, workspace)) or cell.id in self.passed

    def _keep(self, cell: LessonCell, done: bool, workspace: Workspace, at_its_end: bool) -> bool:
        """Note that a step is done, because what shows it is older than the next step, and return `done`.

        Args:
            cell: the step.
            done: True if it is done.
            workspace: the notebook.
            at_its_end: True if nothing was said behind it, so that the next step begins here.
        """
        if done:
            self.done.add(cell.id)
            self.done_unmarked.append(cell)
            if at_its_end:
                self.mark(workspace)
        return done

    def _ends_with(self, cell: LessonCell, workspace: Workspace) -> bool:
        """Return True if the last exchange of a session is the last one of the goal."""
        session = workspace.session(cell.session)
        if session is None or cell.goal is None or not cell.goal.said or session.transcript.last_exchange is None:
            return False
        return cell.goal.said[-1].fits(session.transcript.last_exchange)

    def verdict(self, cell: LessonCell, workspace: Workspace) -> Verdict:
        """Return the verdict of the goal of an open cell on what was sent since a step was last done."""
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
        evidence = self._evidence(session, self.marks.length(session), workspace)
        verdict = cell.goal.judge(evidence, self._evidence(session, self.start_of(session), workspace))
        if verdict.ok and not cell.ends_its_session and _ended_by_quit(evidence):
            return Verdict(False, sentence(sentences.ENDED_BY_QUIT), answered=True, spoiled=True)
        return verdict

    def start_of(self, session: Session) -> int:
        """Return the row of the transcript with which the cell began; if the step began later, with which it did."""
        return max(self.marks.length(session), self.starts.length(session))

    def _evidence(self, session: Session, since: int, workspace: Workspace) -> StepEvidence:
        """Return what happened in a session from a row on."""
        unfinished, rows = session.transcript.unfinished(Side.CLIENT), session.transcript[since:]
        exchanges = exchanges_since(session, since)
        return StepEvidence(exchanges, rows, workspace.mailbox, unfinished, workspace.waiting(), workspace.value)

    def note_prediction(self, cell: LessonCell, question: Question | None, workspace: Workspace) -> None:
        """Keep the question that the cell has left open; without one, the line was sent unless the cell failed."""
        if question is not None:
            self.questions[cell.id] = question
        elif self._has_sent(cell, workspace):
            self.done.add(cell.id)

    def _has_sent(self, cell: LessonCell, workspace: Workspace) -> bool:
        """Return True if what was said last in the session, after the last step, is the line to be predicted."""
        return self._said_since_the_last_step(cell, workspace)[-1:] == [cell.lines_asked_about[-1]]

    def _said_since_the_last_step(self, cell: LessonCell, workspace: Workspace) -> list[str]:
        """Return the lines that the client has sent in the session of a cell since a step was last done."""
        session = workspace.session(cell.session)
        since = 0 if session is None else self.marks.length(session)
        return [row.text for row in rows_of(session)[since:] if row.side is Side.CLIENT]

    def can_be_taken_back(self, cell: LessonCell, workspace: Workspace) -> bool:
        """Return True if what was sent in the session of a cell since the last step can be undone."""
        session = workspace.session(cell.session)
        mark = self.marks.of(cell.session, session)
        return session is not None and mark is not None and mark.session is session and mark.can_be_reached

    def mark(self, workspace: Workspace) -> None:
        """Note where the sessions stand, because a step begins where the one before has ended."""
        self.marks.mark(self.sessions(workspace))
        self.done_unmarked.clear()

    def sessions(self, workspace: Workspace) -> list[tuple[str, Session]]:
        """Return the sessions of the notebook, each with its variable."""
        names = sorted({cell.session for cell in self.cells if cell.session} | set(workspace.session_names()))
        return [(name, session) for name in names if (session := workspace.session(name)) is not None]

    @property
    def session_names(self) -> list[str]:
        """The variables in which the open cells expect their sessions."""
        return [each.session for each in self.cells if each.session]


def exchanges_since(session: Session, since: int) -> list[Exchange]:
    """Return the exchanges of a session that ended at a row or later; a message may have begun before."""
    return [each for each in session.transcript.exchanges() if each.last >= since]


def rows_of(session: Session | None) -> Transcript:
    """Return the transcript of a session; an empty one if there is none."""
    return Transcript() if session is None else session.transcript


def _ended_by_quit(evidence: StepEvidence) -> bool:
    """Return True if the client has said QUIT, and the session is over."""
    quits = (each for each in evidence.exchanges if each.verb == _QUIT and each.side is Side.CLIENT)
    return any(each.after is State.CLOSED for each in quits)
