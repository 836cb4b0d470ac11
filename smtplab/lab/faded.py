"""Fill in the blanks of a session; what is filled in is really sent, and the codes are predicted.

    puzzle = FadedPuzzle.of(session, hide="verbs")
    puzzle.fill(3, "RCPT")             # line 3 is sent with this verb, all other lines as in the session

A verb, an argument or a whole line is right if the server answers as it did in the session and the same mail arrives. A
code is right if it is the one that comes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Self

from ..base.printed import Printed, in_a_row
from ..protocol.codes import classify
from ..show import style
from ..transcript import Side
from ..transcript.rows import CRLF, from_printable
from . import sentences
from .blank_lines import GREETING_STEP, HIDE_WORDS, BlankLine, Hidden, lines_of
from .recorded import Recorded
from .rehearsal import RecordedSession, Rehearsal, SentPiece

HOW = "Write the number of a line and what belongs there, as in {example}, and run the cell again"
TASK = "Fill in the blanks. What you fill in is sent to a server; codes are compared with what it answers."
RIGHT_CODE = "line {line}: right, {code} came"
OTHER_CODE = "line {line}: not so, you wrote {filling}, and {code} came; {filling} would mean: {meaning}"
NO_CODE = "line {line}: not so, no reply came here, because an earlier line has changed the session"
RIGHT_LINE = "line {line}: right, the server answered {sent} with {code}"
RIGHT_TEXT = "line {line}: right, the message arrives as in the session"
OTHER_REPLY = "line {line}: not so, the server answered {sent} with {code}, and in the session it answered {expected}"
OTHER_MAIL = "line {line}: not so, the server took {sent}, but other mail arrives than in the session"
SILENCE = "nothing"
ELSEWHERE = "..."  # stands in a reply for what is hidden in a line of the client
_TELLING = 3  # characters; a shorter word gives nothing away


@dataclass(frozen=True, slots=True)
class Filling:
    """What was filled in, and what came of it.

    Args:
        line: the number of the line.
        text: what was filled in.
        right: True if it is right.
        verdict: why, in half a sentence.
    """

    line: int
    text: str
    right: bool
    verdict: str


@dataclass(frozen=True, slots=True)
class FadedOutcome(Printed):
    """What came of all that was filled in; ``str`` gives its text.

    Args:
        fillings: by the order of the lines; the last one counts for each.
        blanks: how many blanks there are.
    """

    fillings: tuple[Filling, ...]
    blanks: int

    @property
    def right(self) -> bool:
        """True if each blank is filled, and rightly."""
        return self.right_ones == self.blanks

    @property
    def right_ones(self) -> int:
        """How many blanks are filled rightly."""
        return sum(filling.right for filling in self.fillings)

    @property
    def credit(self) -> float:
        """What it earns, from 0 to 1."""
        return self.right_ones / self.blanks

    def points(self, most: int) -> int:
        """Return whole points, rounded down, for the test cell of an exercise.

        Args:
            most: the points if each blank is right.
        """
        return self.right_ones * most // self.blanks

    @property
    def verdict(self) -> str:
        """How many are right, in a sentence."""
        open_ones = self.blanks - len(self.fillings)
        rest = f"; {open_ones} still to fill" if open_ones else ""
        return f"{self.right_ones} of {self.blanks} blanks right{rest}."

    def __str__(self) -> str:
        return "\n".join([self.verdict, *(f"  {filling.verdict}" for filling in self.fillings)])

    def _repr_html_(self) -> str:
        """Show the verdicts in a notebook."""
        told = "".join(f"<div>{style.escape(filling.verdict)}</div>" for filling in self.fillings)
        return style.panel(f"<b>{style.escape(self.verdict)}</b>{told}")


class FadedPuzzle(Printed):
    """A session with blanks.

    Args:
        recording: the session.
        hide: "verbs", "codes", "arguments", or the numbers of lines; of a server's line its code is hidden, of a
            client's all.

    Attributes:
        lines: the lines, blanks and all.
        fillings: what was filled in, by the numbers of the lines.

    Raises:
        ValueError: if nothing is hidden by this.
    """

    def __init__(self, recording: RecordedSession, hide: str | Collection[int] = "verbs") -> None:
        self.recording = recording
        self.lines = self._faded(hide)
        if not self.blanks:
            words = ", ".join(f'"{word}"' for word in HIDE_WORDS)
            raise ValueError(sentences.NOTHING_TO_HIDE.format(hide=hide, words=words))
        self.fillings: dict[int, str] = {}

    @classmethod
    def of(cls, session: Recorded | str, hide: str | Collection[int] = "verbs", *, host: str = "") -> Self:
        """Make a puzzle of a session, of a transcript, or of text that was copied from somewhere.

        Args:
            session: any of these.
            hide: as above.
            host: the host to send the lines to; see `RecordedSession.of`.

        Raises:
            ValueError: also if no host is found, or the text cannot be read.
        """
        return cls(RecordedSession.of(session, host), hide)

    @property
    def blanks(self) -> tuple[BlankLine, ...]:
        """The lines with a blank."""
        return tuple(line for line in self.lines if line.hidden is not None and not line.goes_on)

    def fill(self, line: int | str | Mapping[int, object], filling: object = None) -> FadedOutcome:
        """Fill in a blank, or several, send the session with them to new hosts, and judge all that is filled in.

        Args:
            line: the number of the line, or what belongs into several lines, by their numbers.
            filling: what belongs there, as text, or as a number for a code.

        Raises:
            ValueError: if a line has no blank, or nothing is filled in; nothing is sent.
        """
        given = line if isinstance(line, Mapping) else {line: filling}
        new = {}
        for number, text in given.items():
            blank = self._blank(number)
            new[blank.number] = _text(text)
            if blank.hidden is Hidden.CODE and new[blank.number]:
                new[blank.number] = f"{classify(new[blank.number]).number:03d}"
        if not new or not all(new.values()):
            raise ValueError(sentences.NO_FILLING.format(example=self.example))
        self.fillings |= new
        return self.outcome

    @property
    def outcome(self) -> FadedOutcome:
        """What came of all that was filled in so far."""
        judged = (self._judged(line) for line in self.blanks if line.number in self.fillings)
        return FadedOutcome(tuple(judged), len(self.blanks))

    def _blank(self, number: object) -> BlankLine:
        found = next((line for line in self.blanks if str(line.number) == str(number).strip()), None)
        if found is None:
            blanks = in_a_row(str(line.number) for line in self.blanks)
            raise ValueError(sentences.NO_SUCH_BLANK.format(line=number, blanks=f"line {blanks}"))
        return found

    # How a blank is judged: alone, with all other lines as in the session

    def _judged(self, line: BlankLine) -> Filling:
        text = self.fillings[line.number]
        right, verdict = self._code(line, text) if line.hidden is Hidden.CODE else self._line(line, text)
        return Filling(line.number, text, right, verdict)

    def _code(self, line: BlankLine, text: str) -> tuple[bool, str]:
        code = _code_in(self._played(), line)
        if code is None:
            return False, NO_CODE.format(line=line.number)
        if text == str(code):
            return True, RIGHT_CODE.format(line=line.number, code=code)
        meaning = classify(text).meaning
        return False, OTHER_CODE.format(line=line.number, filling=text, code=code, meaning=meaning)

    def _line(self, line: BlankLine, text: str) -> tuple[bool, str]:
        expected, played = self._played(), self._played({line.number: text})
        sent = line.filled(text)
        before, after = _code_in(expected, line), _code_in(played, line)
        told = {"line": line.number, "sent": sent, "code": after or SILENCE, "expected": before or SILENCE}
        if before != after:
            return False, OTHER_REPLY.format(**told)
        if expected.delivered != played.delivered or expected.closed != played.closed:
            return False, OTHER_MAIL.format(**told)
        return True, (RIGHT_LINE if after else RIGHT_TEXT).format(**told)

    def _played(self, fillings: Mapping[int, str] | None = None) -> Rehearsal:
        """Send the client's lines to new hosts, with some blanks filled in and the others as in the session."""
        fillings = fillings or {}
        return self.recording.rehearse(
            SentPiece(
                from_printable(line.filled(fillings[line.number])) + CRLF if line.number in fillings else line.row.data
            )
            for line in self._said
        )

    @property
    def _said(self) -> list[BlankLine]:
        return [line for line in self.lines if line.row.side is Side.CLIENT]

    # What is hidden

    def _faded(self, hide: str | Collection[int]) -> tuple[BlankLine, ...]:
        lines = tuple(lines_of(self.recording.transcript))
        if isinstance(hide, str):
            kind = Hidden(hide) if hide in HIDE_WORDS else None
            return tuple(replace(line, hidden=kind) if kind in line.may_hide else line for line in lines)
        replies = {line.step for line in lines if line.row.side is Side.SERVER and line.number in hide}
        return tuple(
            replace(line, hidden=line.all_of_it)
            if line.number in hide or (line.row.side is Side.SERVER and line.step in replies)
            else line
            for line in lines
        )

    # What there is to see

    @property
    def example(self) -> str:
        """How a blank is filled in; not with what belongs there."""
        first = self.blanks[0]
        return f".fill({first.number}, {'451' if first.hidden is Hidden.CODE else repr('...')})"

    def shown(self, line: BlankLine) -> str:
        """Return a line as it is shown; a reply does not give away what is hidden in the lines of the client."""
        shown = line.shown
        if line.row.side is Side.SERVER:
            for blank in self.blanks:
                hidden = blank.parts[1].strip("<>")
                if blank.row.side is Side.CLIENT and len(hidden) >= _TELLING:
                    shown = shown.replace(hidden, ELSEWHERE)
        return shown

    @property
    def text(self) -> str:
        """The puzzle, also after an answer; blanks have their numbers."""
        shown = [f"  {line.number:>2}  {self.shown(line)}".rstrip() for line in self.lines]
        return "\n".join([TASK, *shown, f"{HOW.format(example=self.example)}."])

    def __str__(self) -> str:
        return f"{self.text}\n\n{self.outcome}" if self.fillings else self.text

    def __repr__(self) -> str:
        return f"<FadedPuzzle with {len(self.blanks)} blanks>"

    def _repr_html_(self) -> str:
        """Show the puzzle in a notebook, and what came of what was filled in."""
        return self.to_html() + (self.outcome._repr_html_() if self.fillings else "")

    def to_html(self) -> str:
        """Return the puzzle as HTML, without what was filled in."""
        lines = "".join(f"<div>{line.number}. {style.code(self.shown(line))}</div>" for line in self.lines)
        how = style.escape(HOW.format(example=self.example))
        return style.panel(f"<b>{style.escape(TASK)}</b>{lines}<div>{how}.</div>")


def _code_in(played: Rehearsal, line: BlankLine) -> int | None:
    """Return the code that answers a line of the client, or that stands in the place of a line of the server."""
    if line.step == GREETING_STEP:
        greeting = played.transcript.answered[0].reply
        return greeting.code if greeting is not None else None
    if line.step is None or line.step >= len(played.steps):
        return None
    reply = played.steps[line.step].reply
    return None if reply is None else reply.code


def _text(filling: object) -> str:
    return "" if filling is None else str(filling).strip("\r\n")
