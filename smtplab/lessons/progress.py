"""How far a student has come in a tutorial: the steps that are done, and where the sessions stood at each.

A step begins where the one before it ended. It is judged by what was sent since then, in one cell or in several.

A step that is done stays done as long as its session has what the step said there. If an undo takes it back, or the
student opens the session anew, it is missing again. In a lab whose hosts queue, a step also stands in a new session,
because what it sent is with the hosts, and to send it twice would make two messages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..base.printed import sentence
from ..lab.internet import LabSession
from ..lab.predict import Question
from ..lab.session import Session
from ..protocol.states import State
from ..transcript import Exchange, Side, Transcript
from . import sentences
from .cells import Kind, LessonCell
from .evidence import StepEvidence, Verdict
from .given_cells import is_taken_back, opens, speaks, undone_by
from .goals import DEFAULT_SESSION, Goal
from .marks import Mark, Marks, StepRows
from .messages import WantedMessage, offered
from .other_sessions import OwnSessions, wrong_host
from .workspace import Workspace, hosts_with_mail

_QUIT = "QUIT"
_NOWHERE = -1  # the place of a session that nobody has seen open


class LessonProgress:
    """The steps of a tutorial that are done.

    Args:
        cells: the code cells of the tutorial.

    Attributes:
        done: the ids of the cells whose step is done, by the student or by the lesson.
        done_for_you: those whose step the lesson has done.
        was_run: those that the student has run.
        untouched: those of them that ran as they were delivered.
        questions: the questions that predictions have asked, by cell.
        marks: how the transcripts stood when a step was last done.
        starts: the same for the cell that runs.
        done_unmarked: steps that were found done after the marks.
        failed: the steps that the lesson tried to do and could not.
        is_tried_again: True if a step could not be done, so that those that are done may be taken again.
        sent_twice: steps of which the hosts had an earlier message, too.
        said: what a step has said, by its cell and the variable of the session.
        begun: the row with which a step first began in a session, by its cell and the identity of the session.
    """

    def __init__(self, cells: Sequence[LessonCell]) -> None:
        self.cells = tuple(cells)
        self.done: set[str] = set()
        self.done_for_you: set[str] = set()
        self.failed: set[str] = set()
        self.is_tried_again = False
        self.passed: set[str] = set()  # a message with a slip, which cannot be undone
        self.was_run: set[str] = set()
        self.untouched: set[str] = set()
        self.sent_twice: set[str] = set()
        self.questions: dict[str, Question] = {}
        self._asked_in: dict[str, Session | None] = {}
        self.said: dict[tuple[str, str], StepRows] = {}
        self.begun: dict[tuple[str, int], tuple[Session, int]] = {}
        self._own, self._opened_at = OwnSessions(), dict[int, tuple[Session, int]]()  # the cell that ran then
        self.marks = Marks()
        self.starts = Marks()
        self.done_unmarked: list[LessonCell] = []

    def is_done(self, cell: LessonCell, workspace: Workspace) -> bool:
        """Return True if a step is done, or cannot be done again."""
        if cell.id in self.passed or (cell.id in self.done and self.stands(cell, workspace)):
            return True
        if cell.kind is Kind.PREDICTION:
            question = self.questions.get(cell.id)
            done = question is not None and question.answered and cell.id not in self.done
            said = self._said_since_the_last_step(cell, workspace)
            done = done or cell.lines_asked_about[-1] in said
            return self._keep(cell, done, workspace, said[-1:] == [cell.lines_asked_about[-1]])
        verdict = self.verdict(cell, workspace, since=self._lost_since(cell, workspace))
        if verdict.answered and cell.id in self.was_run and not self.can_be_taken_back(cell, workspace):
            self.passed.add(cell.id)
        return (
            self._keep(cell, verdict.ok, workspace, _ends_with(cell, workspace.session(cell.session)))
            or cell.id in self.passed
        )

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
                self.mark(workspace, cell)
            elif (session := workspace.session(cell.session)) is not None and cell.session:
                # What follows has begun already, so it will be said again with the next step.
                since = self.marks.length(session)
                self.said[cell.id, cell.session] = StepRows(replace(Mark.of(session), rows=since), since)
        return done

    # What a step has said, and if the session still has it

    def stands(self, cell: LessonCell, workspace: Workspace) -> bool:
        """Return True if what a step has said in its sessions is still there."""
        return not self.lost(cell, workspace)

    def lost(self, cell: LessonCell, workspace: Workspace) -> list[str]:
        """Return the variables of the sessions that lack what a step has said: after an undo, or in a new session."""
        said = {name: each for (cell_id, name), each in self.said.items() if cell_id == cell.id}
        return [name for name, each in said.items() if self._is_lost(cell, name, each, workspace)]

    def _is_lost(self, cell: LessonCell, name: str, said: StepRows, workspace: Workspace) -> bool:
        session = workspace.session(name)
        if session is None or said.stands_in(session):
            return False
        if said.mark.session is session:
            return True
        if said.mark.session.host != session.host or session in self._own:
            return False  # what was said to one host is said to no other one
        return workspace.waiting() is None and self.is_of_section(cell, name, session)

    def has_lost(self, name: str, session: Session) -> bool:
        """Return True if an undo has taken back what a step has said in a session."""
        said = (each for (_, held), each in self.said.items() if held == name)
        return any(each.mark.session is session and not each.stands_in(session) for each in said)

    def is_of_section(self, cell: LessonCell, name: str, session: Session) -> bool:
        """Return True if a session was opened between the cell that opens it for this one, and the next that does."""
        at = self.cells.index(cell)
        openers = [number for number, each in enumerate(self.cells) if opens(each.source, name, typed=each.typed)]
        first = max((number for number in openers if number <= at), default=0)
        last = min((number for number in openers if number > at), default=len(self.cells))
        _, opened_at = self._opened_at.get(id(session), (session, _NOWHERE))
        return first <= opened_at < last

    def is_passed_by(self, cell: LessonCell, workspace: Workspace) -> bool:
        """Return True if a later step has been taken in the session of a step, so that this one comes too late."""
        later = {each.id for each in self.cells[self.cells.index(cell) + 1 :]}
        for (cell_id, name), said in self.said.items():
            session = workspace.session(name)
            speaks_here = speaks(cell, name) and not opens(cell.source, name, typed=cell.typed)
            if cell_id in later and speaks_here and session is not None and said.stands_in(session):
                return True
        return False

    def note_own_sessions(self, workspace: Workspace) -> None:
        """Note which sessions the student has begun for himself, after a cell of his own."""
        said, new = {line for each in self.said.values() for line in each.lines}, self.new_sessions(workspace)
        self._own.note(new.values(), lambda each, line: self.marks.has(each) or line in said)

    def new_sessions(self, workspace: Workspace) -> dict[str, Session]:
        """Return the sessions that are new since the last cell, by their variables."""
        return {name: each for name, each in self.sessions(workspace) if id(each) not in self._opened_at}

    def note_sessions(self, workspace: Workspace, at: int) -> None:
        """Note at which cell the sessions were opened that are new."""
        for _, session in self.sessions(workspace):
            self._opened_at.setdefault(id(session), (session, at))

    def is_behind(self, cell: LessonCell, name: str, workspace: Workspace) -> bool:
        """Return True if a task was done, and nothing was sent in its session since the last step."""
        mark = self.marks.of(workspace.session(name))
        is_left = mark is not None and mark.is_left
        return cell.id in self.done and self.stands(cell, workspace) and not is_left and not self.is_tried_again

    def move(self, old: Session, new: Session) -> None:
        """Note that a new session stands where another one stood."""
        for key, said in self.said.items():
            if said.mark.session is old:
                self.said[key] = StepRows(Mark.of(new), len(new.transcript))

    def forget(self, cell: LessonCell) -> None:
        """Forget that a step is done, so that it is judged anew."""
        self.done.discard(cell.id)
        self.done_for_you.discard(cell.id)

    def keep_undone(self, cell: LessonCell) -> None:
        """Note what a given cell takes back, so that it is not missed; if it takes back more, that is missed."""
        undone = {each.id for each in undone_by(cell, self.cells)}
        for cell_id, name in [key for key, said in self.said.items() if said.mark.length < said.mark.rows]:
            if cell_id in undone:
                del self.said[cell_id, name]

    def _lost_since(self, cell: LessonCell, workspace: Workspace) -> int | None:
        """Return the row from which on a step may have been taken again after an undo; None if nothing was undone."""
        said, session = self.said.get((cell.id, cell.session)), workspace.session(cell.session)
        if said is None or session is None or said.mark.session is not session:
            return None
        return min(max(said.mark.length, said.since), self.marks.length(session))

    def verdict(
        self, cell: LessonCell, workspace: Workspace, *, since: int | None = None, by_lesson: bool = False
    ) -> Verdict:
        """Return the verdict of the goal of an open cell on what was sent.

        Args:
            cell: the cell.
            workspace: the notebook.
            since: the row from which on it counts; by default, the end of the last step.
            by_lesson: True if the lesson has taken the step, so that the cell that ran last says nothing about it.
        """
        assert cell.goal is not None
        if cell.goal.variable:
            return cell.goal.judge(StepEvidence([], [], workspace.mailbox, value=workspace.value))
        session = workspace.session(cell.session)
        if session is None:
            called = "" if cell.session == DEFAULT_SESSION else f" called {cell.session}"
            return Verdict(False, sentence(sentences.NO_SESSION.format(called=called)))
        session.poll()
        if cell.goal.host and session.host != cell.goal.host:
            return wrong_host(cell, session, cell.goal.host, workspace)
        since = self.marks.length(session) if since is None else since
        evidence = _evidence(cell.goal, session, since, workspace)
        latest = None if by_lesson else _evidence(cell.goal, session, self.start_of(session), workspace)
        verdict = cell.goal.judge(evidence, latest)
        before = self.marks.before(cell.session, session)
        if not verdict.ok and not cell.opens_its_session and before is not None and before.session.host != session.host:
            return wrong_host(cell, session, before.session.host, workspace)
        if verdict.ok and not cell.ends_its_session and _ended_by_quit(evidence):
            return Verdict(False, sentence(sentences.ENDED_BY_QUIT), answered=True, spoiled=True)
        return verdict

    def start_of(self, session: Session) -> int:
        """Return the row of the transcript with which the cell began; if the step began later, with which it did."""
        return max(self.marks.length(session), self.starts.length(session))

    def note_prediction(self, cell: LessonCell, question: Question | None, workspace: Workspace) -> None:
        """Keep the question that the cell has left open; without one, the line was sent unless the cell failed."""
        if question is not None:
            self.questions[cell.id] = question
            self._asked_in[cell.id] = workspace.session(cell.session)
        elif self._has_sent(cell, workspace):
            self.done.add(cell.id)

    def question(self, cell: LessonCell, workspace: Workspace) -> Question | None:
        """Return the question of a prediction that is open; None if there is none, or only in another session."""
        question = self.questions.get(cell.id)
        here = self._asked_in.get(cell.id) is workspace.session(cell.session)
        return question if question is not None and here and not question.answered else None

    def _has_sent(self, cell: LessonCell, workspace: Workspace) -> bool:
        """Return True if what was said last in the session, after the last step, is the line to be predicted."""
        return self._said_since_the_last_step(cell, workspace)[-1:] == [cell.lines_asked_about[-1]]

    def _said_since_the_last_step(self, cell: LessonCell, workspace: Workspace) -> list[str]:
        """Return the lines that the client has sent in the session of a cell since a step was last done."""
        session = workspace.session(cell.session)
        since = 0 if session is None else self.marks.length(session)
        lost = self._lost_since(cell, workspace)
        since = since if lost is None else lost
        return [row.text for row in rows_of(session)[since:] if row.side is Side.CLIENT]

    def can_be_taken_back(self, cell: LessonCell, workspace: Workspace) -> bool:
        """Return True if what was sent in the session of a cell since the last step can be undone."""
        session = workspace.session(cell.session)
        return session is not None and session.can_undo(self.steps_back(cell, workspace))

    def steps_back(self, cell: LessonCell, workspace: Workspace) -> int:
        """Return how many steps of the session of a cell an undo takes back, so that its step can be taken rightly.

        These are the steps since the last one of the tutorial; more if the message that is under way was wrong by then.
        """
        mark = self.marks.of(workspace.session(cell.session))
        wanted = cell.goal.message if cell.goal else WantedMessage()
        return 0 if mark is None else mark.steps_to(lambda rows: not wanted.fault_of_text(rows.exchanges()))

    def has_changed(self, cell: LessonCell, workspace: Workspace) -> bool:
        """Return True if what was sent since the last step has changed where the session stands."""
        mark = self.marks.of(workspace.session(cell.session))
        return mark is not None and mark.is_left and mark.is_changed

    def mark(self, workspace: Workspace, cell: LessonCell | None = None) -> None:
        """Note where the sessions stand, because a step begins where the one before has ended.

        A session in which the cell has done nothing keeps its mark: what the student said there in a cell of his own
        is no part of this step.

        Args:
            workspace: the notebook.
            cell: the cell whose step has ended; None if it is none.
        """
        sessions = self.sessions(workspace)
        if cell is not None:
            sessions = [each for each in sessions if self._is_of_step(cell, *each)]
        for name, session in sessions if cell is not None else ():
            assert cell is not None
            self.begun.setdefault((cell.id, id(session)), (session, self.marks.length(session)))
            since = self.marks.length(session)
            pending = session.transcript.unfinished(Side.CLIENT)
            if pending or any(row.side is Side.CLIENT for row in session.transcript[since:]):
                self._note_said(cell, name, StepRows(Mark.of(session), since, pending))
        self.marks.mark(sessions)
        held = {id(session) for _, session in self.sessions(workspace)}
        self.marks.note(session for session, _ in self._opened_at.values() if id(session) not in held)
        self.done_unmarked.clear()

    def _note_said(self, cell: LessonCell, name: str, said: StepRows) -> None:
        """Keep what a step has said in a session, unless it only repeats what an earlier run of the cell has said."""
        before = self.said.get((cell.id, name))
        if is_taken_back(cell, self.was_run, self.cells):
            return
        if before is None or not before.is_repeated_by(said):
            self.said[cell.id, name] = said

    def _is_of_step(self, cell: LessonCell, name: str, session: Session) -> bool:
        """Return True if a cell is about a session, or has done something in it."""
        return (cell.kind is Kind.OPEN and name == cell.session) or self.starts.is_left(session)

    def messages_of_the_step(self) -> dict[int, int]:
        """Return how many messages the hosts have taken since the last step, by the identity of the session."""
        opened = (session for session, _ in self._opened_at.values())
        since = {id(session): exchanges_since(session, self.marks.length(session)) for session in opened}
        return {key: sum(message.accepted for message in offered(each)) for key, each in since.items()}

    def sessions(self, workspace: Workspace) -> list[tuple[str, Session]]:
        """Return the sessions of the notebook, each with its variable."""
        names = sorted({cell.session for cell in self.cells if cell.session} | set(workspace.session_names()))
        return [(name, session) for name in names if (session := workspace.session(name)) is not None]


def _ends_with(cell: LessonCell, session: Session | None) -> bool:
    """Return True if the last exchange of a session is the last one of the goal."""
    if session is None or cell.goal is None or not cell.goal.said or session.transcript.last_exchange is None:
        return False
    return cell.goal.said[-1].fits(session.transcript.last_exchange)


def session_names(cells: Sequence[LessonCell]) -> list[str]:
    """Return the variables in which the open cells expect their sessions."""
    return [each.session for each in cells if each.session]


def _evidence(goal: Goal, session: Session, since: int, workspace: Workspace) -> StepEvidence:
    """Return what happened in a session from a row on, and before.

    Mail that is to come from this session is looked for in its own lab: a student may have made another one.
    """
    lab = session.lab if goal.said and isinstance(session, LabSession) else None
    unfinished, rows = session.transcript.unfinished(Side.CLIENT), session.transcript[since:]
    earlier = [each for each in session.transcript.exchanges() if each.last < since]
    return StepEvidence(
        exchanges_since(session, since),
        rows,
        workspace.mailbox if lab is None else lab.mailbox,
        unfinished,
        workspace.waiting() if lab is None else hosts_with_mail(lab),
        earlier,
        _of_widgets(workspace),
        workspace.value,
    )


def _of_widgets(workspace: Workspace) -> list[Exchange]:
    """Return the exchanges of the session that a widget holds; of several, of the last one that was spoken in."""
    named = {id(workspace.session(name)) for name in workspace.session_names()}
    held = [each.transcript for each in workspace.all_sessions() if id(each) not in named]
    spoken = [rows for rows in held if any(row.side is Side.CLIENT for row in rows)]
    return list(spoken[-1].exchanges()) if spoken else []


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
