"""Why an open cell has not reached its goal, and how to go on: what a verdict says beside the goal's own sentence.

The way back depends on what the server keeps. An open transaction ends with RSET; what was sent can often be undone; a
session that is over is opened again by the lesson, before the next cell that speaks in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..base.printed import sentence
from ..lab.client_end import SessionClosed, Silence
from ..lab.session import Session
from ..protocol.states import MESSAGE, State
from ..transcript import Exchange, Side
from . import sentences
from .cells import SMTP_TASK, Kind, LessonCell
from .evidence import Verdict
from .given_cells import line_that_acts
from .goals import is_about_a_message
from .lost_mail import cell_to_run_again, is_lost_mail, with_the_cell_to_run_again
from .marks import Mark
from .progress import LessonProgress, exchanges_since, rows_of, session_names
from .python_slips import call_alone, error_slip, unfilled
from .reasons import advises_rset, without_advice
from .reopening import how_it_ended, is_about_the_end, names_in
from .typed_slips import percent_too_much, raw_forgotten
from .workspace import Workspace

_RSET = "RSET"
_IN_TRANSACTION = (State.SENDER, State.RECIPIENT)
_CLOSES = re.compile(r"\w\.close\(")
_BEGINS_AN_OUTAGE, _ENDS_AN_OUTAGE = "lab.down(", "lab.up("
_NOTHING_SENT = sentence(sentences.NOTHING_SENT)
_SENTENCES = re.compile(r"(?<=[.?]) ")


@dataclass(frozen=True, slots=True)
class Advice:
    """What helps a student whose cell has not done its step.

    Args:
        progress: how far the student has come.
    """

    _progress: LessonProgress

    def reason(
        self, cell: LessonCell, text: str, verdict: Verdict, workspace: Workspace, error: BaseException | None
    ) -> str:
        """Return why a cell with this text has not reached its goal; a slip in Python comes before what was sent."""
        if error is not None:
            return self._fault(cell, text, verdict, error, workspace)
        if alone := call_alone(text, session_names(self._progress.cells)):
            return sentence(alone)
        if cell.function and (line := unfilled(text, cell.given)):
            place = sentences.ON_A_LINE if line == "..." else sentences.IN_THE_LINE.format(line=line)
            return sentence(sentences.STILL_DOTS.format(place=place))
        if verdict.reason == _NOTHING_SENT and _is_blank_line(cell, text, workspace.session(cell.session)):
            return sentence(sentences.BLANKS_ALONE)
        if verdict.reason == _NOTHING_SENT and (other := self._session_spoken_in(cell, workspace)):
            return sentence(sentences.OTHER_SESSION.format(other=other, session=cell.session))
        if outage := self._outage_ended_by(cell, text):
            return sentence(sentences.OUTAGE_ENDED.format(line=outage))
        if sentences.SEND_IT_AGAIN in verdict.reason:
            return with_the_cell_to_run_again(cell, verdict.reason, self._progress, workspace)
        if cell.given.startswith(SMTP_TASK) and (slip := self._slip_of_a_typed_cell(cell, text)):
            return f"{sentence(slip)} {verdict.reason}"
        return verdict.reason

    def _slip_of_a_typed_cell(self, cell: LessonCell, text: str) -> str:
        """Return a sentence about octets without ``%raw``, or a directive in the place of a verb; empty for neither."""
        wanted = () if cell.goal is None else (each.verb for each in cell.goal.said)
        return raw_forgotten(text) or percent_too_much(text, wanted)

    def _outage_ended_by(self, cell: LessonCell, text: str) -> str:
        """Return the line of a cell above that begins an outage, which a cell ends though its task does not; or ""."""
        if _ENDS_AN_OUTAGE not in text or _ENDS_AN_OUTAGE in cell.answer:
            return ""
        above = self._progress.cells[: self._progress.cells.index(cell)]
        lines = (line_that_acts(each) for each in reversed(above) if each.kind is Kind.RUN)
        return next((line for line in lines if _BEGINS_AN_OUTAGE in line), "")

    def in_message_again(self, cell: LessonCell, workspace: Workspace) -> str:
        """Say that a given cell that is about to run sends its lines into the same message once more; else empty."""
        found = [(name, said) for (cell_id, name), said in self._progress.said.items() if cell_id == cell.id]
        for name, said in found if cell.kind is Kind.RUN and cell.id in self._progress.was_run else ():
            session = workspace.session(name)
            if session is not None and session.in_message and said.is_in_message and said.stands_in(session):
                return sentences.IN_MESSAGE_AGAIN.format(call=workspace.undo(name, 1))
        return ""

    def go_on(self, cell: LessonCell, verdict: Verdict, workspace: Workspace) -> list[str]:
        """Return how to go on where a step can be taken only once, or the session is over."""
        session = workspace.session(cell.session)
        over = session is not None and session.state is State.CLOSED
        if cell.opens_its_session and (over or verdict.answered):
            return [sentence(sentences.BEGIN_ANEW.format(session=cell.session))]
        if got := self._got_into_a_message(cell, workspace):
            return [got]
        can_be_undone = self._progress.can_be_taken_back(cell, workspace) and not _begins_with_rset(cell)
        if verdict.spoiled or (advises_rset(verdict.reason) and can_be_undone):
            return self.way_back(cell, workspace)
        if session is not None and over and cell.needs_its_session:
            return [session_ended(session)]
        return []

    def _got_into_a_message(self, cell: LessonCell, workspace: Workspace) -> str:
        """Say that a session takes a message, and how to leave it, if the step was to lead elsewhere; else empty."""
        session = workspace.session(cell.session)
        mark = self._progress.marks.of(session)
        if session is None or mark is None or session.state is not State.DATA or mark.state is State.DATA:
            return ""
        if cell.goal is None or is_about_a_message(cell.goal) or not self._progress.can_be_taken_back(cell, workspace):
            return ""
        return f"{sentence(sentences.IN_A_MESSAGE)} {self._take_back(cell, workspace)}"

    def way_back(self, cell: LessonCell, workspace: Workspace) -> list[str]:
        """Return how to be without what the server has kept of a try, by what is possible in the state."""
        session = workspace.session(cell.session)
        mark = self._progress.marks.of(session)
        if session is None:
            return []
        can_be_undone = self._progress.can_be_taken_back(cell, workspace)
        if can_be_undone and mark is not None and not _rset_is_enough(cell, mark):
            return [self._take_back(cell, workspace)]
        if session.state in (State.SENDER, State.RECIPIENT):
            kept = "" if cell.goal is None else cell.goal.message.wrong_in_envelope(self._sent(session))
            return [sentence(sentences.SAY_RSET.format(kept=kept or "the sender and the recipients"))]
        if session.state is State.CLOSED:
            return [session_ended(session)]
        if session.state is State.DATA:
            call = workspace.call(cell.session, session.host)
            return [sentence(sentences.OPEN_ANEW.format(call=call))]
        return [sentence(sentences.GO_ON)]

    def _take_back(self, cell: LessonCell, workspace: Workspace) -> str:
        """Return how an undo takes back all that was sent for a step, and what was wrong before it."""
        steps = self._progress.steps_back(cell, workspace)
        mark = self._progress.marks.of(workspace.session(cell.session))
        template = sentences.TAKE_BACK if mark is not None and steps == mark.steps_since else sentences.TAKE_MORE_BACK
        call = workspace.undo(cell.session, steps)
        return sentence(template.format(call=call, steps=workspace.steps(steps)))

    def _sent(self, session: Session) -> list[Exchange]:
        """Return what was sent in a session for the step that is under way."""
        return exchanges_since(session, self._progress.marks.length(session))

    def session_over(self, cell: LessonCell, workspace: Workspace) -> Verdict | None:
        """Say how to go on if the session in which a cell wanted to speak is over."""
        for name in names_in(cell):
            session = workspace.session(name)
            if session is not None and session.closed:
                if self._progress.is_behind(cell, name, workspace):
                    return Verdict(False, sentence(sentences.OVER_BEHIND_IT), before=True)
                return Verdict(False, session_ended(session))
        return None

    def nothing_but_the_way_back(
        self, cell: LessonCell, text: str, verdict: Verdict, workspace: Workspace, error: BaseException | None
    ) -> str:
        """Return how to go on if an open cell with this text sent nothing, as its session is over; else empty."""
        session = workspace.session(cell.session)
        unsent = verdict.reason == _NOTHING_SENT or is_about_the_end(error)
        if not unsent or session is None or not session.closed or not cell.needs_its_session:
            return ""
        if cell.opens_its_session or self._session_spoken_in(cell, workspace):
            return ""
        if _CLOSES.search(text) and cell.ends_its_session:
            return sentence(sentences.CLOSED_WITHOUT_GOODBYE.format(ended=session_ended(session)))
        return session_ended(session)

    def own_refusal(self, cell: LessonCell, verdict: Verdict, workspace: Workspace) -> str:
        """Return why a line was refused that the student himself sent for a step that was done for him; else empty."""
        session = workspace.session(cell.session)
        sent = [] if session is None else exchanges_since(session, self._progress.start_of(session))
        return verdict.reason if any(each.refused and each.data for each in sent) else ""

    def done_before(self, cell: LessonCell, reason: str, workspace: Workspace, error: BaseException | None) -> Verdict:
        """Return the verdict on a step that was done before and is not taken rightly this time.

        Args:
            cell: the open cell.
            reason: why it is not right this time.
            workspace: the notebook.
            error: the error with which the cell ended; None if it ran to its end.
        """
        session = workspace.session(cell.session)
        mark = self._progress.marks.of(session)
        if session is None or mark is None or not mark.is_left:
            if error is not None and not is_about_the_end(error):
                return self._unchanged(reason)
            told = sentences.NOTHING_THIS_TIME if error is None else sentences.OVER_BEHIND_IT
            return Verdict(False, sentence(told), before=True)
        if error is None and reason == _NOTHING_SENT:
            return Verdict(False, sentence(sentences.NOTHING_THIS_TIME), before=True)
        if not mark.is_changed or (error is not None and not self.has_spoken(cell, workspace)):
            return self._unchanged(reason)
        told = sentence(sentences.CHANGED.format(reason=_inside(without_advice(reason))))
        if (way := self._may_stay(cell, mark, workspace)) and error is None:
            return Verdict(False, told, way, before=True)
        if self._progress.can_be_taken_back(cell, workspace):
            call = workspace.undo(cell.session, self._progress.steps_back(cell, workspace))
            return Verdict(False, told, sentence(sentences.TAKE_THIS_BACK.format(call=call)))
        if session.closed:
            return Verdict(False, told, sentence(sentences.ENDED_THIS_TIME))
        return Verdict(False, told, " ".join(self.way_back(cell, workspace)))

    def _may_stay(self, cell: LessonCell, mark: Mark, workspace: Workspace) -> str:
        """Say that the step can be left as it is, if the server took only lines of the step; empty if it did more."""
        goal, session = cell.goal, mark.session
        since = exchanges_since(session, self._progress.start_of(session))
        taken = [each for each in since if each.accepted]
        if goal is None or session.state is not mark.state or any(each.verb == MESSAGE for each in since):
            return ""
        if not all(any(wanted.fits(each) for wanted in goal.said) for each in taken):
            return ""
        if not self._progress.can_be_taken_back(cell, workspace):
            return ""
        call = workspace.undo(cell.session, self._progress.steps_back(cell, workspace))
        return sentence(sentences.GO_ON_OR_TAKE_BACK.format(call=call))

    def _unchanged(self, reason: str) -> Verdict:
        told = sentence(sentences.UNCHANGED.format(reason=_inside(reason)))
        return Verdict(False, told, sentence(sentences.NOTHING_CHANGED), before=True)

    def has_spoken(self, cell: LessonCell, workspace: Workspace) -> bool:
        """Return True if the cell that runs has sent something in the session of a cell."""
        session = workspace.session(cell.session)
        start = 0 if session is None else self._progress.start_of(session)
        return any(row.side is Side.CLIENT for row in rows_of(session)[start:])

    def needs_a_step(self, cell: LessonCell) -> Verdict | None:
        """Return the verdict on a given cell that ended in an error below a step that could not be done."""
        above = self._progress.cells[: self._progress.cells.index(cell)]
        missing = [each for each in above if each.id in self._progress.failed and each.task]
        if not missing:
            return None
        return Verdict(False, sentence(sentences.NEEDS_STEP.format(task=missing[-1].task)))

    def hint(self, cell: LessonCell, workspace: Workspace | None) -> str:
        """Return the hint of an open cell, without what does not help inside a message: RSET is a line of it."""
        session = None if workspace is None else workspace.session(cell.session)
        if session is not None and workspace is not None and is_lost_mail(cell, self._progress, workspace):
            return f"{cell_to_run_again(cell, self._progress, workspace)} {cell.hint}"
        if session is None or session.state is not State.DATA or _RSET in cell.answer:
            return cell.hint
        told = [each for each in _SENTENCES.split(cell.hint) if _RSET not in each]
        return " ".join(told) or cell.hint

    def answer(self, cell: LessonCell, workspace: Workspace | None) -> str:
        """Return the reference answer of an open cell, in the order in which it is typed: what takes tries back first.

        Args:
            cell: the open cell.
            workspace: the notebook; None if nothing was sent.
        """
        told = sentences.ANSWER.format(task=cell.task, answer=cell.answer)
        call = "" if workspace is None else self._undo_of_tries(cell, workspace)
        return sentences.AFTER_THE_UNDO.format(call=call, answer=_inside(told)) if call else told

    def _undo_of_tries(self, cell: LessonCell, workspace: Workspace) -> str:
        """Return the call that takes back what was sent for the step; empty if it changed nothing, as refusals do."""
        mark = self._progress.marks.of(workspace.session(cell.session))
        if cell.opens_its_session or mark is None or not mark.is_left or _rset_is_enough(cell, mark):
            return ""
        session = mark.session
        is_under_way = session.in_message or session.transcript.unfinished(Side.CLIENT)
        if not (mark.is_changed or is_under_way) or not self._progress.can_be_taken_back(cell, workspace):
            return ""
        return workspace.undo(cell.session, self._progress.steps_back(cell, workspace))

    def _session_spoken_in(self, cell: LessonCell, workspace: Workspace) -> str:
        """Return the name of another session in which something was said while the cell ran; empty if in none."""
        for name in sorted(set(workspace.session_names()) - {cell.session}):
            session = workspace.session(name)
            rows = rows_of(session)[0 if session is None else self._progress.start_of(session) :]
            if session is not workspace.session(cell.session) and any(row.side is Side.CLIENT for row in rows):
                return name
        return ""

    def _fault(self, cell: LessonCell, text: str, verdict: Verdict, error: BaseException, workspace: Workspace) -> str:
        """Say what helps after an error in a cell; a slip in Python comes before what was sent."""
        if cell.guess is not None:
            return sentence(cell.guess.after(error))
        if checks_above(cell, text):
            return sentence(sentences.EXPECT_ABOVE.format(directive=cell.written[0]))
        if cell.function is not None:
            return sentence(sentences.ENDED_IN_AN_ERROR.format(error=told_error(error)))
        if slip := error_slip(text, error, cell.session, session_names(self._progress.cells)):
            return sentence(slip)
        if cell.needs_its_session and verdict.reason != _NOTHING_SENT:
            return verdict.reason
        if isinstance(error, Silence):
            return sentence(error)
        session = workspace.session(cell.session)
        if isinstance(error, SessionClosed) and session is not None and session.state is not State.CLOSED:
            return sentence(sentences.CLOSED_SESSION.format(session=cell.session))
        return sentence(sentences.ENDED_IN_AN_ERROR.format(error=told_error(error)))


def _is_blank_line(cell: LessonCell, text: str, session: Session | None) -> bool:
    """Return True if an open cell of the SMTP kernel has an empty line below its task, inside a message."""
    blank = text.strip() == cell.given.strip() and text.count("\n") > cell.given.count("\n")
    return blank and cell.typed and session is not None and session.in_message


def checks_above(cell: LessonCell, text: str) -> bool:
    """Return True if the directive that checks the reply of a cell stands above the line that is to be sent."""
    lines = [line for line in text.split("\n") if line.strip() and not line.startswith(SMTP_TASK)]
    return bool(cell.written) and cell.typed and len(lines) > 1 and lines[0] == cell.written[0]


def told_error(error: BaseException) -> str:
    """Return an error as it stands inside a sentence; one that says nothing is named by its type."""
    return str(error).rstrip(".") or type(error).__name__


def _inside(told: str) -> str:
    """Return a sentence as it stands behind a colon: with a small letter at its beginning."""
    return f"{told[:1].lower()}{told[1:]}"


def session_ended(session: Session) -> str:
    """Say that a session ended, and that the lesson opens it again if the cell is run again."""
    return sentence(sentences.SESSION_ENDED.format(how=how_it_ended(session)))


def _begins_with_rset(cell: LessonCell) -> bool:
    """Return True if RSET is what the task is about, so that the reference answer begins with it."""
    return cell.answer_lines[:1] == [_RSET]


def _rset_is_enough(cell: LessonCell, mark: Mark) -> bool:
    """Return True if the RSET with which an answer begins forgets all that was sent; it takes no message back."""
    return _begins_with_rset(cell) and mark.session.state in (State.SENDER, State.RECIPIENT) and not mark.has_sent
