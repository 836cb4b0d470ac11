"""What a verdict adds beside its goal: all replies, the usual way to write or do something, and earlier messages."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..base.printed import sentence
from ..protocol.states import State
from . import sentences
from .cells import SMTP_TASK, LessonCell
from .earlier_messages import messages_before
from .evidence import FORGETS, Verdict, line_of
from .given_cells import list_deliveries, show_all_mail
from .messages import last_recipients
from .progress import LessonProgress, exchanges_since
from .typed_slips import in_standard_form
from .workspace import Workspace

_RSET = "RSET"
_IN_TRANSACTION = (State.SENDER, State.RECIPIENT)


@dataclass(frozen=True, slots=True)
class SideRemarks:
    """What the wire shows beside the step, added to verdicts.

    Args:
        progress: how far the student has come.
    """

    _progress: LessonProgress

    def with_replies(self, cell: LessonCell, verdict: Verdict, workspace: Workspace) -> Verdict:
        """Add all replies to a verdict on several lines, because a cell of Python shows only the last one."""
        session = workspace.session(cell.session)
        if session is None or cell.given.startswith(SMTP_TASK):
            return verdict
        exchanges = exchanges_since(session, self._progress.start_of(session))
        codes = [str(each.reply.code) for each in exchanges if each.reply is not None and each.data]
        if len(codes) < 2:
            return verdict
        told = sentences.REPLIES.format(codes=", ".join(codes))
        return replace(verdict, more="").with_more(told, verdict.more)

    def with_the_standard_form(self, cell: LessonCell, verdict: Verdict, workspace: Workspace) -> Verdict:
        """Add to a verdict how the standard writes a path that was written otherwise, unless the task taught that."""
        session = workspace.session(cell.session)
        if session is None or any(in_standard_form(line) for line in cell.answer_lines):
            return verdict
        sent = exchanges_since(session, self._progress.start_of(session))
        forms = [form for each in sent if each.accepted and (form := in_standard_form(line_of(each)))]
        if not forms:
            return verdict
        return verdict.with_more(sentences.STANDARD_FORM.format(line=forms[0]))

    def with_the_usual_reset(self, cell: LessonCell, verdict: Verdict, workspace: Workspace) -> Verdict:
        """Add to a verdict that RSET is the usual way, if the step was taken with HELO or EHLO in its place."""
        session = workspace.session(cell.session)
        if session is None or cell.answer_lines[:1] != [_RSET]:
            return verdict
        forgot = [
            each.verb
            for each in exchanges_since(session, self._progress.marks.length(session))
            if each.accepted and each.before in _IN_TRANSACTION
        ]
        verbs = [verb for verb in forgot if verb in FORGETS]
        if not verbs or _RSET in verbs:
            return verdict
        return verdict.with_more(sentences.USUAL_RESET.format(verb=verbs[0]))

    def with_earlier_messages(self, cell: LessonCell, verdict: Verdict, workspace: Workspace) -> Verdict:
        """Add to a verdict that the host has taken more than one message in the step, and how to be without."""
        assert cell.goal is not None
        session = workspace.session(cell.session)
        mark = self._progress.marks.of(session)
        if session is None or mark is None or not cell.goal.message.ended:
            return verdict
        taken, again = self._progress.messages_of_the_step(), messages_before(cell, self._progress)
        if sum(taken.values()) + again < 2:
            return verdict
        below = self._progress.cells[self._progress.cells.index(cell) + 1 :]
        recipients = cell.goal.message.recipients or last_recipients(session.transcript.exchanges())
        if show_all_mail(below, recipients):
            told = sentences.EARLIER_MESSAGE
        elif list_deliveries(below):
            told = sentences.EARLIER_MESSAGE_IN_LISTS
        else:
            return verdict.with_more(sentence(sentences.EARLIER_MESSAGE_UNSEEN))
        self._progress.sent_twice.add(cell.id)
        way = ""
        if taken.get(id(session), 0) + min(again, 1) > 1 and self._progress.can_be_taken_back(cell, workspace):
            way = sentences.WITHOUT_THIS_ONE if again else sentences.WITHOUT_THE_EARLIER
            way = way.format(call=workspace.undo(cell.session, mark.steps_since))
        return verdict.with_more(sentence(told.format(way=way)))
