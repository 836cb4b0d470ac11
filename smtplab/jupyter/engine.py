"""Run cells of SMTP. The kernel and the magics share the engine, and a test needs no Jupyter::

    engine = Engine()
    engine.run("telnet mail.adelphia.net 25").text
    engine.run("HELO mail.adelphia.net").text        # 'S: 250 ...'

A cell is read line by line. ``telnet HOST PORT`` opens a session. A line with ``%`` and the name of a directive runs
the directive. Outside a message, empty lines and lines with ``#`` are not sent. Every other line is sent as it stands;
inside a message, so are all lines but directives, to the lone dot. The first line of a cell that says something may
open a session also inside a message. Empty lines directly behind a directive are room to read, and are sent nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from ..client.outcomes import ClientError
from ..client.session import SMTP_PORT
from ..lab.client_end import SessionClosed, Silence
from ..lab.recorded import polled
from ..lessons.cells import SMTP_TASK
from ..protocol.replies import ProtocolError, Reply
from ..protocol.states import State
from ..transcript import Side
from . import sentences
from .cell_result import CellError, CellResult, Interrupted, Judged, Shown
from .directives import Directive, directive_in, nearest_directive
from .misplaced_lines import refuse_what_no_host_reads
from .notebook_state import OPENERS, NotebookState, RunningCell
from .pasted_cell import lines_to_send

_LONE_DOT = "."
_PART_LINES = 2000  # of a message; they are sent within a tenth of a second
_IN_MESSAGE = "= no reply: the message goes on, until a line that holds one dot and nothing else"


class Engine(NotebookState):
    """Run cells of SMTP in the sessions of a notebook."""

    def run(self, cell: str, name: str = "", *, cell_id: str | None = "") -> CellResult:
        """Run a cell.

        If the cell that opened the first session runs again, everything starts over; see `start_over`. If another cell
        runs again and the session has moved on meanwhile, a remark says so.

        Args:
            cell: its lines, any text.
            name: the session to use from now on; empty for the current one.
            cell_id: the front end's id of the cell; empty if there is none, and cells are the same if their texts are.
                None for a line that is not a cell.

        Returns:
            The result. Nothing is raised: `CellResult.failure` is why the cell could not go on.
        """
        key = None if cell_id is None else (cell_id, cell)
        if key is not None and key == self._opened_by:
            self.start_over()
        self.question = None
        work = self._work = RunningCell(key)
        failure = None
        try:
            if name:
                self.use(name)
            with work.step:
                before = self._compare_with_earlier_run()
                self._do(self._lines_of(cell))
            self._remember(before)
        except CellError as error:
            failure = error
        except Silence as error:
            failure = CellError(sentences.STANDING_AFTER.format(error=error, standing=self.standing()))
        except SessionClosed as error:
            failure = CellError(self._in_this_language(error))
        except (ClientError, ProtocolError, LookupError, ValueError) as error:
            failure = CellError(error)
        except KeyboardInterrupt:
            failure = Interrupted(sentences.INTERRUPTED.format(standing=self.standing()))
        self._report()
        if work.lines and failure is None and self._has_begun_the_message:
            work.parts.append(Shown(_IN_MESSAGE))
        return CellResult(tuple(work.parts), work.lines, work.result, work.value, failure)

    @property
    def _has_begun_the_message(self) -> bool:
        """True if the current session is in a message that has a line already."""
        return self.in_message and self.open_session().transcript[-1].side is Side.CLIENT

    def _in_this_language(self, error: SessionClosed) -> SessionClosed:
        """Return the error with the line of a cell that opens a new session, or goes to one that is open."""
        session = self.current.session
        again = "telnet" if session is None else f"telnet {session.host} {session.port}"
        others = (name for name, each in self.sessions.items() if each.session is not None and not each.session.closed)
        switch = "".join(f", or go to {name} with %switch {name}" for name in islice(others, 1))
        return SessionClosed(error.why, f"{again}{switch}")

    def _compare_with_earlier_run(self) -> State | None:
        """Return the state, and add a remark if this cell ran in the session before and the state was another one."""
        now = self.state
        then = self.current.ran.get(self._work.key)
        if then is not None and now is not None and now not in (then, State.CLOSED):
            self._work.parts.append(Shown(sentences.RUN_AGAIN.format(then=then.value, now=now.value)))
        return now

    def _remember(self, before: State | None) -> None:
        """Note the state in which this cell did its work; a refused line did none, and a new session begins anew."""
        work = self._work
        refused = isinstance(work.result, Reply) and not work.result.is_positive
        if before is not None and work.key is not None and work.lines and not (work.opened or refused):
            self.current.ran.setdefault(work.key, before)

    def _lines_of(self, cell: str) -> Sequence[str]:
        """Return the lines to run. Of a pasted page these are the client's; inside a message, every line is sent.

        Below a task, empty lines at the end are room for an answer, and no part of a message.
        """
        lines = (cell.rstrip() if cell.startswith(SMTP_TASK) else cell).split("\n")
        if self.in_message:
            return lines
        typed, remark = lines_to_send(lines)
        if remark:
            self._work.parts.append(Shown(remark))
        return typed

    # Line by line

    def _do(self, lines: Sequence[str]) -> None:
        at = 0
        while at < len(lines):
            at += self._take(lines, at)

    def _take(self, lines: Sequence[str], at: int) -> int:
        """Run the line `at`, and return how many lines that has used up."""
        line = lines[at].removesuffix("\r")
        if (found := directive_in(line)) is not None:
            return self._direct(lines, at, *found)
        if self.in_message and not self._work.lines and self._begins_with_a_call(lines[at:]):
            if not says_something(line):
                return 1
        elif self.in_message:
            message = list(_rest_of_message(lines, at))
            self.say("\n".join(message) + "\n")  # where the last line is empty, it is a line all the same
            return len(message)
        if line.startswith("%"):
            raise CellError(nearest_directive(line))
        if says_something(line):
            words = line.split()
            if words[0].lower() in OPENERS:
                self._open(words)
            else:
                if self.exercise is not None:
                    refuse_what_no_host_reads(line, self.exercise.design.questions)
                self.say(line)
        return 1

    def _begins_with_a_call(self, lines: Sequence[str]) -> bool:
        """Return True if the first of some lines that says something opens a session; directives are passed over."""
        return self.dials(next((line for line in lines if says_something(line) and directive_in(line) is None), ""))

    def _direct(self, lines: Sequence[str], at: int, directive: Directive, argument: str) -> int:
        """Run a directive; lines below it may belong to it."""
        if argument and not directive.argument:
            raise CellError(sentences.TAKES_NO_ARGUMENT.format(syntax=directive.syntax, argument=argument[:40]))
        used = 1 + directive.below(lines[at + 1 :])
        self._work.end_step()
        self._report()
        shown = directive.run(self, "\n".join([argument, *lines[at + 1 : at + used]]))
        self._report()
        if shown is not None:
            self._work.result = shown
            self._work.parts.append(Shown.of(shown))
        if isinstance(shown, Judged):
            self._work.value = shown.points
        return used + self._blanks_to_skip(lines[at + used :])

    def _blanks_to_skip(self, lines: Sequence[str]) -> int:
        """Return how many blank lines below a directive are room to read.

        All are, but for one: in a message whose header goes on, the last one with text below it ends the header.
        """
        blanks = _blanks(lines)
        return blanks - (0 < blanks < len(lines) and self._has_begun_the_message and self._is_in_header)

    @property
    def _is_in_header(self) -> bool:
        """True if the message has no empty line yet."""
        transcript = self.open_session().transcript
        begun = max((at for at, row in enumerate(transcript) if row.side is Side.SERVER), default=0)
        return all(row.text or row.side is not Side.CLIENT for row in transcript[begun:])

    def _open(self, words: Sequence[str]) -> None:
        """Run ``telnet HOST PORT``."""
        opener, *arguments = words
        if not 1 <= len(arguments) <= 2:
            raise CellError(sentences.OPENER_SYNTAX.format(opener=opener, invitation=self.invitation()))
        port = _port(arguments[1]) if len(arguments) == 2 else SMTP_PORT
        before = polled(self.session)
        self._work.end_step()
        try:
            session = self.telnet(arguments[0], port)
        except Exception:
            if before is not None and not before.closed:
                self._work.parts.append(Shown(f"= {self.standing()}; it is still the one in use"))
            raise
        if before is not None and not before.closed:
            self._report()
            before.close()
            note = f"= the session {self.name} was still open, and is given up without QUIT"
            self._work.parts.append(Shown(note))
        self.current.hold(session)
        self._opened_by = self._opened_by or self._work.key
        self._work.opened = True
        self._work.lines += 1
        self._work.result = session.greeting


def says_something(line: str) -> bool:
    """Return False for an empty line and for a comment, which outside a message are not sent."""
    return bool(line.strip()) and not line.startswith("#")


def _blanks(lines: Sequence[str]) -> int:
    """Return how many of the first lines are blank."""
    return next((number for number, line in enumerate(lines) if line.strip()), len(lines))


def _rest_of_message(lines: Sequence[str], at: int) -> Iterator[str]:
    """Yield the lines from `at` on that belong to the message, up to the lone dot or the next directive.

    A very long message is sent in parts, so that an interrupt need not wait for all of it.
    """
    for number in range(at, min(at + _PART_LINES, len(lines))):
        line = lines[number].removesuffix("\r")
        if directive_in(line) is not None:
            return
        yield line
        if line == _LONE_DOT:
            return


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 5):
        raise CellError(sentences.BAD_PORT.format(text=text, smtp=SMTP_PORT))
    return int(text)
