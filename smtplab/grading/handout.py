"""An exercise as one student holds it: the sheet, a ``telnet`` to the hosts, and a place for answers.

How it is designed, for all students, is in `design`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from ..base.printed import Printed
from ..client.outcomes import ConnectionLost
from ..client.session import SMTP_PORT
from ..lab.default_hosts import LAPTOP, LAPTOP_ADDRESS
from ..lab.lab_host import MailboxContents, Message
from ..lab.session import Session
from ..lab.telnet import notes_of
from ..mta.host import MailHost
from ..show import style
from ..transcript import Transcript
from ..worlds.memory import Network
from . import sentences
from .answer_words import words_for
from .design import Design, ExerciseError, GivenTexts
from .evidence import Evidence, Tap, Wire
from .hint_wording import PYTHON
from .journal import SAVED, ExerciseJournal, JournalEntry
from .opening_questions import OpeningQuestions
from .recording import portable, record, restored
from .rules import Repeats
from .students import id_of, normal
from .trials import ProgramRecords, TriedProgram, peer_of_this_process
from .tries import CheckedAnswers, fingerprint

# The answer of a call that gives none.
_NOTHING = object()


class Exercise(Printed):
    """An exercise in a student's hands. A notebook shows its task sheet, and so does ``print``.

    Args:
        design: what it is made of.
        student: the id of the student who has the task.
        course: the course's salt.
        anew: True if the student had begun it already, and what was done then no longer counts.
        said: the id that the notebook gives. It differs from `student` if somebody else's notebook was handed in.
        journal: a record of what the student does; None outside grading.
        tries: the answers that were checked before the exercise began anew.
    """

    def __init__(
        self,
        design: Design[Any],
        student: str,
        course: str = "",
        *,
        said: str = "",
        anew: bool = False,
        journal: ExerciseJournal | None = None,
        tries: CheckedAnswers | None = None,
    ) -> None:
        self.design = design
        self.student = normal(student)
        self.course = course
        self.said = id_of(said) or self.student
        self._anew = anew
        self._task = design.task(student, course)
        self._network = Network()
        for host in design.hosts(self._task):
            self._network.add(host)
        self._calls: dict[int, Tap | Wire] = {}  # by their numbers; a wire is a call that nobody took
        self._answers: dict[str, object] = {}
        self._asked: dict[str, object] = {}
        self.repeats = Repeats()
        self.tries = tries or CheckedAnswers()
        self._journal = journal
        self._note("hand out", said=self.said, course=course)
        for part, answer in self.tries:
            self._note("check", part=part, answer=answer)

    @property
    def given(self) -> Mapping[str, str]:
        """The texts of the task, by their names; print one to work on it."""
        return GivenTexts(self.design.name, self.design.given(self._task))

    @property
    def is_begun(self) -> bool:
        """True once a host was called or an answer was handed in."""
        return bool(self._calls or self._answers)

    @property
    def host_names(self) -> tuple[str, ...]:
        """The names of the hosts that `telnet` calls; none if the exercise is not about a session."""
        return tuple(host.name for host in self._network.hosts)

    @property
    def mailboxes(self) -> tuple[str, ...]:
        """The addresses of the mailboxes on those hosts."""
        return tuple(self._mail())

    def telnet(self, host: str, port: int = SMTP_PORT) -> Session:
        """Open a session with a host of the exercise. Open as many as you like; all of them count.

        Args:
            host: the host's name, as in the task sheet.
            port: 25, where mail servers listen (RFC 5321 4.5.4.2).

        Raises:
            ConnectionLost: if there is no such host, or it does not listen on the port; the sentence says so.
        """
        number = len(self._calls)
        self._note("dial", call=number, host=host, port=port)
        tap = self._dial(number, host, port)
        found = self._network.find(host)
        notes = notes_of(host, found.address)
        return Session(
            tap,
            notes=notes,
            caller=LAPTOP,
            called=(found.name, port),
            final=sentences.IRREVOCABLE,
            opener="mine.telnet",
        )

    def mailbox(self, address: str) -> MailboxContents:
        """Return the messages in a mailbox of the exercise, oldest first.

        Raises:
            LookupError: if no host here has this mailbox; the sentence lists the mailboxes.
        """
        mail = self._mail()
        if address.casefold() not in mail:
            raise LookupError(sentences.NO_MAILBOX.format(address=address, addresses=", ".join(mail)))
        return MailboxContents(address, map(Message, mail[address.casefold()]))

    def hand_in(self, question: str = "", answer: object = _NOTHING, *more: object) -> None:
        """Hand in the answer to a question; a new answer replaces the old one. A line says what was taken.

        Raises:
            ExerciseError: if the exercise has no such question, the answer is missing, or `more` follows it; the
                sentence says what to do.
        """
        if more:
            text = ", ".join(words_for(each) for each in (answer, *more))
            call = f'mine.hand_in("{question}", "{text}")'
            raise ExerciseError(sentences.SEVERAL_ANSWERS.format(call=call))
        if question == "" or (answer is _NOTHING and question in self.design.questions):
            example = question or next(iter(self.design.questions), "question")
            call = self.design.wording.answer.format(question=example)
            raise ExerciseError(sentences.NO_ANSWER.format(call=call))
        if question not in self.design.questions:
            asked = ", ".join(map(repr, self.design.questions)) or "none"
            exercise = self.design.name
            raise ExerciseError(sentences.NO_QUESTION.format(exercise=exercise, question=question, questions=asked))
        self._answers[question] = self._tried(question, answer) if callable(answer) else answer
        if self._journal is not None and not callable(answer):
            self._note("answer", question=question, answer=portable(answer))
        if self._journal is None and self.design.wording == PYTHON:  # the SMTP kernel says it in its own way
            print(f'"{question}" is handed in: {words_for(answer)}')

    def keep(self, question: str, answer: str) -> None:
        """Keep an answer that no rule of the parts asks for, such as one of the defence; the first one stays."""
        self._answers.setdefault(question, answer)

    def ask(self) -> OpeningQuestions:
        """Ask the questions with which the exercise begins, without points; raise `ExerciseError` if it has none."""
        if not self.design.opening:
            raise ExerciseError(sentences.NO_OPENING.format(exercise=self.design.name))
        return OpeningQuestions(self.design.opening, self._answers, self.keep)

    def note_check(self, part: str) -> None:
        """Count the answer to a part, or to each of them, as checked."""
        for each in (self.design.part(part),) if part else self.design.parts:
            answer = fingerprint(each, self.design.questions, self.evidence())
            if self.tries.note(each.name, answer):
                self._note("check", part=each.name, answer=answer)

    def note_answers(self) -> None:
        """Note the answers given so far in the journal.

        The functions that were handed in are called with every number that rules will ask about, each function once,
        and programs are tried in all ways by a process of ours. That comes last, because a function may never return.
        """
        if self._journal is None:
            return
        unasked: dict[str, Callable[[int], object]] = {}
        untried: dict[str, TriedProgram] = {}
        for question, answer in self._answers.items():
            if isinstance(answer, TriedProgram):
                if self._asked.get(question) is not answer:
                    untried[question] = answer
                    self._note("hand in", question=question, answer={"program": 0})
            elif not (question in self.design.asked and callable(answer)):
                self._note("hand in", question=question, answer=portable(answer))
            elif self._asked.get(question) is not answer:
                unasked[question] = answer
                self._note("hand in", question=question, answer={"function": {}})
        self._note(SAVED)
        for question, function in unasked.items():
            self._asked[question] = function
            self._note("hand in", question=question, answer={"function": record(function, self.design.asked[question])})
        peer = peer_of_this_process()
        for question, program in untried.items():
            if peer is None:
                return
            self._asked[question] = program
            begun = partial(self._note_program, question)
            peer.try_program(self.design.name, self.course, question, program, begun)

    def _note_program(self, question: str, number: int) -> None:
        """Note under which number the peer keeps the records of a program."""
        self._note("hand in", question=question, answer={"program": number})

    def do_again(self, entries: Iterable[JournalEntry], records: ProgramRecords | None = None) -> None:
        """Repeat what a journal records; skip what these hosts cannot do.

        Args:
            entries: what a student's process wrote.
            records: what the peer of that process noted of programs.
        """
        for entry in entries:
            with suppress(ConnectionLost, OSError, LookupError, UnicodeError):
                self._do(entry, records or {})

    def evidence(self) -> Evidence[Any]:
        """Return all the evidence until now."""
        lost = (call for call in self._calls.values() if isinstance(call, Wire))
        wires = (*lost, *(call.wire for call in self._calls.values() if isinstance(call, Tap)))
        return Evidence(self._task, wires, self._mail(), dict(self._answers), self.design.wording)

    def _dial(self, number: int, host: str, port: int) -> Tap:
        def write(did: str, data: bytes) -> None:
            self._note(did, call=number, data=data.decode("latin-1"))

        try:
            tap = Tap(host, self._network.dial(host, port, peer=LAPTOP_ADDRESS), write)
        except ConnectionLost:
            self._calls[number] = Wire(host, Transcript(), b"", closed=True)
            raise
        self._calls[number] = tap
        return tap

    def _do(self, entry: JournalEntry, records: ProgramRecords) -> None:
        """Repeat one entry of a journal."""
        match entry:
            case {"did": "hand out", "said": str(said)}:
                self.said = id_of(said) or self.student
            case {"did": "dial", "call": int(number), "host": str(host), "port": int(port)}:
                self._dial(number, host, port)
            case {"did": "send", "call": int(number), "data": str(data)}:
                self._send_again(number, data.encode("latin-1"))
            case {"did": "close", "call": int(number)}:
                call = self._calls[number]
                if isinstance(call, Tap):
                    call.close()
            case {"did": "hand in", "question": str(question), "answer": {"program": int(number)}}:
                answer = self._answers[question] = self._tried(question, None)
                if isinstance(answer, TriedProgram):
                    answer.records |= records.get((self.design.name, question, number), {})
            case {"did": "hand in" | "answer", "question": str(question), "answer": answer}:
                self._answers[question] = restored(answer)
            case {"did": "check", "part": str(part), "answer": str(answer)}:
                self.tries.note(part, answer)

    def _tried(self, question: str, code: object) -> object:
        """Return a program with its trials, if the question is answered with one; else the answer itself."""
        trials = self.design.trials.get(question)
        return code if trials is None else TriedProgram(code, trials(self._task))

    def _send_again(self, number: int, data: bytes) -> None:
        call = self._calls[number]
        if isinstance(call, Tap):
            call.send(data)
        else:  # somebody said this to a host of another task, which took the call there
            self._calls[number] = replace(call, sent=call.sent + data)

    def _note(self, did: str, **more: Any) -> None:
        if self._journal is not None:
            self._journal.write(did, self.design.name, **more)

    def _mail(self) -> Mapping[str, tuple[bytes, ...]]:
        found = {}
        for host in self._network.hosts:
            if isinstance(host.handler, MailHost):
                directory, store = host.handler.directory, host.handler.store
                for name in directory.mailboxes:
                    found[f"{name}@{directory.domains[0]}".casefold()] = tuple(store.messages(name))
        return found

    def __str__(self) -> str:
        name = self.design.name
        head = f"Task sheet of {self.student}. `smtplab submit` packs {name}.ipynb, and says where to hand it in."
        told = [head, sentences.BEGUN_ANEW] if self._anew else [head]
        return "\n\n".join([*told, self.design.sheet(self._task)])

    def _repr_html_(self) -> str:
        """Show the task sheet in a notebook, its lines broken between words."""
        return style.columns(str(self))

    def __repr__(self) -> str:
        return f"<Exercise {self.design.name} for {self.student}>"
