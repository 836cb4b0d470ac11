"""What came of a play: what the client said, when, and how it ended; and the verdict about a rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from ...protocol.states import GREETING, MESSAGE
from ...transcript import Transcript
from ...worlds.peer_script import Chunk, WireLog
from ...worlds.program_end import ProgramEnd
from ..rule import RuleOutcome
from . import client_wording as wording
from .hangs import Hang, HangKind
from .message_difference import Difference, difference
from .played_server import Heard, PlayedServer
from .plays import Play
from .turns import EarlyCommand, early_commands


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """What a judge says about a rule; the fields are those of `ConformanceFinding`."""

    outcome: RuleOutcome
    sent: bytes = b""
    came: bytes = b""
    note: str = ""
    expected: str = ""
    sentence: str = ""


PASSED = RuleVerdict(RuleOutcome.PASS)


def failed(sent: bytes = b"", came: bytes = b"", note: str = "", expected: str = "", sentence: str = "") -> RuleVerdict:
    """Return that a rule does not hold."""
    return RuleVerdict(RuleOutcome.FAIL, sent, came, note, expected, sentence)


def skipped(sentence: str) -> RuleVerdict:
    """Return that there is no ground to judge a rule."""
    return RuleVerdict(RuleOutcome.SKIP, sentence=sentence)


class PlayedClient:
    """A client and how it did in one play.

    Args:
        play: the play.
        server: what the server understood.
        log: everything on the wire.
        end: how the client ended.
    """

    def __init__(self, play: Play, server: PlayedServer, log: WireLog, end: ProgramEnd) -> None:
        self.play, self.server, self.log, self.end = play, server, log, end

    @property
    def transcript(self) -> Transcript:
        """The conversation, also the lines that have no end."""
        transcript = self.log.transcript.snapshot()
        transcript.flush()
        return transcript

    @property
    def chunks(self) -> list[Chunk]:
        """Everything on the wire, with its time."""
        return self.log.chunks

    @property
    def heard(self) -> list[Heard]:
        """What the client said, in order."""
        return self.server.heard

    @property
    def commands(self) -> list[Heard]:
        """What it said without the texts."""
        return [each for each in self.heard if each.step != MESSAGE]

    def first(self, *steps: str) -> Heard | None:
        """Return the first command of a verb; None if it sent none."""
        return next((each for each in self.heard if each.step in steps), None)

    def after(self, step: str) -> Iterator[Heard]:
        """Yield what it said after the last command of a verb; everything for the greeting."""
        places = [number for number, each in enumerate(self.heard) if each.step == step]
        yield from self.heard[places[-1] + 1 if places else 0 :] if places or step == GREETING else ()

    @property
    def texts(self) -> list[bytes]:
        """The texts of messages that arrived, as on the wire."""
        return [each.data for each in self.heard if each.step == MESSAGE]

    @cached_property
    def difference(self) -> Difference:
        """How the first message differs from the one that was given."""
        return difference(self.play.message, self.texts[0] if self.texts else b"")

    @cached_property
    def early(self) -> tuple[EarlyCommand, ...]:
        """What came too early; not what was taken for a command or followed a line without an end by a mistake."""
        heard = self.heard
        return tuple(
            each
            for each in early_commands(self.chunks, heard)
            if not self.is_stray_text(each.heard) and not (each.number and self._goes_wrong(heard[each.number - 1]))
        )

    def _goes_wrong(self, heard: Heard) -> bool:
        """True if replies are out of step behind this, because of a mistake that another rule is about."""
        return not heard.finished or self.is_stray_text(heard)

    def is_stray_text(self, heard: Heard) -> bool:
        """True if a command is a line of the message, which came where no text may come."""
        return heard.step != MESSAGE and heard.line in self._message_lines

    @cached_property
    def _message_lines(self) -> frozenset[bytes]:
        return frozenset(line for line in (*self.play.message.split(b"\r\n"), b".") if self.first("DATA") is None)

    def hang(self, *kinds: HangKind) -> Hang | None:
        """Return the first silence of one of these kinds; of any kind without an argument."""
        return next((hang for hang in self.server.hangs if not kinds or hang.kind in kinds), None)

    @property
    def delivered(self) -> bool:
        """True if a message arrived, was accepted, and the client says so."""
        accepted = any(each.step == MESSAGE and each.code == 250 for each in self.heard)
        return accepted and self.end.succeeded

    def missing(self, expected: str) -> RuleVerdict:
        """Return the failure of a rule because the client did not send something; the note says how it went on.

        Args:
            expected: what was expected, in a sentence.
        """
        refused = next((each for each in self.heard if each.code >= 400), None)
        told = refused or self.last
        came = self.server.pending or (refused.data if refused else b"")
        note, sentence = self.story()
        return failed(told.reply if told else b"", came, note, expected, sentence)

    @property
    def last(self) -> Heard | None:
        """The last thing that the client said, apart from QUIT; None if it said nothing."""
        return next((each for each in reversed(self.heard) if each.step != "QUIT"), None)

    def story(self) -> tuple[str, str]:
        """Return how the client went on, and what to look at if that explains a failure."""
        end = self.end
        if not end.connected:
            early = wording.ENDED_EARLY_SAYING if end.said else wording.ENDED_EARLY
            note = end.crash or end.waits or early.format(code=end.code, line=end.said)
            look = wording.LOOK_SAID if end.said else wording.LOOK_CONNECT
            return note, wording.LOOK_CRASH if end.crash else look
        if hang := self.hang():
            return wording.SILENT, hang.sentence
        if end.crash:
            return end.crash, wording.LOOK_CRASH
        if end.stopped:
            return end.waits, wording.LOOK_STUCK
        return wording.ENDED.format(code=end.code), ""
