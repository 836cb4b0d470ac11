"""Find out who said each line of a pasted session, where its lines do not say it themselves.

The state machine decides what may come, and the next replies how many of the lines before them were commands. What
fits in one way only is read; a line with two readings is an error, because a wrong guess would shift every reply
behind it by one command.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence

from ..base.printed import plural
from ..protocol.states import GREETING, MESSAGE, State, is_legal
from . import sentences
from .dialogue import Dialogue
from .lines import BLANKS, TOOL, PastedLine
from .pairing import Pairing
from .rows import BULLETS, CRLF, FOREIGN_DOTS, Side, encode
from .text_form import BANNERS

_DOTS = BULLETS | FOREIGN_DOTS | {"."}
_REMARK = re.compile(r"[(\[{#;*…]|//|/\*|--|\.\.|<-|\S+>>$")
_PARAMETER = re.compile(r"<|[A-Za-z0-9-]+=\S|\S+@\S+$")
# A command whose argument is missing, because the line was broken there.
_OPEN = re.compile(r"(?:mail|send|soml|saml|rcpt|helo|ehlo|vrfy|expn|auth)$|.*\b(?:from|to)\s*:?$", re.IGNORECASE)
_WRAPPED_FROM = 40  # columns: a reply that goes on in a next line, not indented, is at least so long
# What is noted before a line that the text lacks and that must have been said.
NOT_SHOWN = "The message is not shown here, only its end."
END_NOT_SHOWN = "The end of the message is not shown here."
GREETING_NOT_SHOWN = "The greeting is not shown here, only its code."
# What somebody writes about the session, such as <open connection to server>.
_STAGE_DIRECTION = re.compile(r"[<\[({][^<>@]*\s[^<>@]*[>\])}]$")
# What a program says itself, such as "mail: not sent" or "c@d... Sent".
_PROGRAM = re.compile(r"\S*[@-]\S*:\s|\S+\.\.\.\s")
# A log of replies, each behind the name of the step that it answers.
_REPLY_BEHIND_A_NAME = re.compile(r"[a-z]+: [2-5][0-9]{2}[- ]", re.IGNORECASE)
# The end of a line that goes on in the next one, however short it is.
_GOES_ON = ("...", ",", ";", "(")
# How a wrapped 354 ends.
_REST_OF_INVITATION = re.compile(r"(?:[a-z]+ )*(?:<CRLF>|<CR><LF>)\.(?:<CRLF>|<CR><LF>)$")


class PastedReader:
    """Reads the lines of a session in their order.

    The class is long because it is one thing: each kind of line has its method, and all of them share one place in the
    text and one dialogue.

    Args:
        lines: the lines, without prefixes.

    Attributes:
        rows: the side and the text of each row so far.
    """

    def __init__(self, lines: Sequence[PastedLine]) -> None:
        self.rows: list[tuple[Side, str]] = []
        self._lines = lines
        self._at = 0
        self._dialogue = Dialogue()
        self._has_sides = {side: any(line.side is side for line in lines) for side in Side}
        self._pairing = Pairing(self._dialogue)
        self._unfinished: PastedLine | None = None  # the last line of a reply that goes on
        self._data_indentation = 0

    def read(self) -> list[tuple[Side, str]]:
        """Return the side and the text of each row.

        Raises:
            ValueError: if a line has two readings, or a line is missing; the sentence names the line.
        """
        while self._at < len(self._lines):
            self._take(self._lines[self._at])
        self._pairing.check_end()
        return self.rows

    def _take(self, line: PastedLine) -> None:
        if self._dialogue.in_message:
            self._read_message()
        elif self._is_layout(line):
            self._at += 1
        elif self._dialogue.state is State.CLOSED and self._is_behind_the_end(line):
            self._read_epilogue(line)
        elif self._is_note(line):
            self._note(line)
        elif self._is_reply(line):
            self._read_reply(line)
        elif self._unfinished is not None:
            self._go_on(line)
        elif is_legal(self._dialogue.state, GREETING):
            self._read_preamble(line)
        else:
            self._read_run()

    # Kinds of lines

    def _is_layout(self, line: PastedLine) -> bool:
        return line.side is None and (not line.words or line.words in BANNERS)

    def _is_behind_the_end(self, line: PastedLine) -> bool:
        return line.side is None or line.reply is not None or _REMARK.match(line.words) is not None

    def _is_note(self, line: PastedLine) -> bool:
        return line.side is Side.NOTE or (line.side is None and TOOL.match(line.words) is not None)

    def _is_reply(self, line: PastedLine) -> bool:
        """Return True for a line of a reply; one without a prefix may continue the reply above it."""
        if line.side is not None:
            return line.side is self._dialogue.server
        return line.reply is not None and (not self._has_sides[Side.SERVER] or self._unfinished is not None)

    # Rows

    def _add(self, side: Side, text: str) -> None:
        self._dialogue.take(side, encode(text) + (b"" if side is Side.NOTE else CRLF))
        self.rows.append((side, text))

    def _note(self, line: PastedLine) -> None:
        self._at += 1
        self.rows.append((Side.NOTE, line.words.strip("= ")))

    def _extend(self, text: str) -> None:
        """Join a text to the last row, which was wrapped."""
        side, beginning = self.rows[-1]
        self.rows[-1] = side, f"{beginning} {text}"

    def _read_preamble(self, line: PastedLine) -> None:
        """Read a line before the greeting."""
        is_command = line.is_command and not self._has_sides[Side.CLIENT]
        if (line.side is not self._dialogue.client and not is_command) or _STAGE_DIRECTION.match(line.words):
            self._note(line)
            return
        first = next((each.reply for each in self._lines[self._at :] if each.reply and self._is_reply(each)), None)
        if first is not None and not first.startswith("220"):
            self._add(Side.NOTE, GREETING_NOT_SHOWN)
            self._add(self._dialogue.server, "220")
        elif line.side is None or self._is_early_for_nothing(line, first):
            raise ValueError(sentences.BEFORE_THE_GREETING.format(number=line.number, line=line.words))
        elif not line.is_command:
            self._note(line)
            return
        self._read_run()

    def _is_early_for_nothing(self, line: PastedLine, first: str | None) -> bool:
        """Return True if a command before the greeting is not one that a client sends too early.

        Its 220 answers STARTTLS; or there is no reply at all, though lines are left whose side is unknown.
        """
        is_unread = any(each.side is None and each.words for each in self._lines)
        return line.words.upper() == "STARTTLS" if first else is_unread

    def _read_epilogue(self, line: PastedLine) -> None:
        """Read a line behind the end; the first may be the rest of the last reply."""
        if (line.reply or "").startswith("220"):
            raise ValueError(sentences.SECOND_SESSION.format(number=line.number, line=line.words))
        is_next = self._lines[self._at - 1].words != "" and self.rows[-1][0] is self._dialogue.server
        if is_next and not self._is_note(line) and self._is_wrapped(line, self.rows[-1][1]):
            self._at += 1
            self._extend(line.words)
        else:
            self._note(line)

    # Replies

    def _read_reply(self, line: PastedLine) -> None:
        if line.reply is None:
            self._read_rest_of_reply(line)
            return
        if self._ends_a_handshake(line):
            self._note(line)
            return
        self._check(line, line.reply)
        self._at += 1
        self._unfinished = line if line.reply[3:4] == "-" else None
        self._add(self._dialogue.server, line.reply)
        self._pairing.settle(line.reply[:3])

    def _ends_a_handshake(self, line: PastedLine) -> bool:
        """Return True for the last line of the reply to EHLO before TLS, which openssl shows behind the handshake."""
        is_first = self._dialogue.awaited == GREETING and (line.reply or "").startswith("250 ")
        return is_first and self._at > 0 and self._lines[self._at - 1].words == "---"

    def _read_rest_of_reply(self, line: PastedLine) -> None:
        """Read a line with the server's prefix that has no code: the rest of a reply that was wrapped."""
        if is_legal(self._dialogue.state, GREETING) and self._unfinished is None:
            self._note(line)
            return
        self._at += 1
        if self.rows[-1][0] is self._dialogue.server:
            self._extend(line.words)
        else:
            self._add(self._dialogue.server, line.words)

    def _go_on(self, line: PastedLine) -> None:
        """Read a line that stands within a reply of several lines."""
        assert self._unfinished is not None
        if line.side is not None or (line.is_command and not line.indentation):
            reply = self._unfinished.number
            raise ValueError(sentences.UNFINISHED_REPLY.format(number=line.number, line=line.words, reply=reply))
        self._at += 1
        self._extend(line.words)

    def _check(self, line: PastedLine, text: str) -> None:
        """Raise a `ValueError` if a reply cannot belong to the command that waits for one."""
        if self._unfinished is not None:
            return
        awaited, code = self._dialogue.awaited, text[:3]
        if awaited == GREETING:
            if code[0] in "23" and code != "220":
                raise ValueError(sentences.GREETING_MISSING.format(number=line.number, line=line.words))
        elif awaited is None:
            self._check_unasked(line, code)
        else:
            self._pairing.check(line, code)

    def _check_unasked(self, line: PastedLine, code: str) -> None:
        """Accept a reply that no command asked for if the server hangs up with it."""
        is_last = not any(each.side is self._dialogue.client or each.is_command for each in self._lines[self._at + 1 :])
        says_goodbye = code[0] in "45" and not code.startswith("50")  # 500 to 504 are about a command (4.2.3)
        if code != "421" and not (is_last and says_goodbye):
            raise ValueError(sentences.REPLY_TO_NOTHING.format(number=line.number, line=line.words))

    # Messages

    def _read_message(self) -> None:
        """Read a message to its lone dot; where the server's lines have prefixes, the next of them ends it, too."""
        self._read_rest_of_invitation()
        lines = self._lines[self._at : self._end_of_message()]
        self._at += len(lines)
        is_typed = not self._has_sides[Side.CLIENT] or any(not each.side and each.words for each in lines)
        shown = [each for each in lines if is_typed or each.side is not None]
        for line in shown:
            if line.side is Side.NOTE:
                self._add(Side.NOTE, line.words.strip("= "))
            else:
                is_end = line is lines[-1] and line.words in _DOTS
                self._add(self._dialogue.client, "." if is_end else self._message_line(line))
        self._pairing.last_of_message = None if self._dialogue.in_message else lines[-1] if lines else None
        if self._dialogue.in_message and self._at == len(self._lines):
            self._check_end_of_message(lines)
        elif self._dialogue.in_message:
            self._end_message(any(each.side is not Side.NOTE for each in shown))

    def _check_end_of_message(self, lines: Sequence[PastedLine]) -> None:
        """Refuse a message that goes on to the end of the text, if the client and the server say goodbye in it."""
        for line, following in itertools.pairwise(lines):
            if line.words.upper().split()[:1] == ["QUIT"] and (following.reply or "").startswith("221"):
                raise ValueError(sentences.NO_DOT.format(number=line.number, line=line.words))

    def _read_rest_of_invitation(self) -> None:
        """Join the end of a 354 that was wrapped to its beginning."""
        line = self._lines[self._at]
        if line.side is None and self.rows[-1][1].startswith("354") and _REST_OF_INVITATION.match(line.words):
            self._at += 1
            self._extend(line.words)

    def _end_message(self, is_shown: bool) -> None:
        """End a message whose dot is not in the text, because the server replies; a 421 comes at any time."""
        line = self._lines[self._at]
        if (line.reply or "").startswith("421"):
            self._read_reply(line)
            return
        self._add(Side.NOTE, END_NOT_SHOWN if is_shown else NOT_SHOWN)
        self._add(self._dialogue.client, ".")

    def _end_of_message(self) -> int:
        """Return the index behind the last line of the message; an indented dot ends it only if no other does."""
        is_marked = self._has_sides[Side.CLIENT] and not self._has_sides[Side.SERVER]
        for at in range(self._at, len(self._lines)):
            line = self._lines[at]
            if line.side is self._dialogue.server or (is_marked and self._is_reply(line)):
                return at
            if self._message_line(line) == "." and line.side is not Side.NOTE:
                return at + 1
            is_marked = is_marked and line.side is self._dialogue.client  # a message without prefixes may hold replies
        indented = (at for at in range(self._at, len(self._lines)) if self._lines[at].words in _DOTS)
        return next((at + 1 for at in indented), len(self._lines))

    def _message_line(self, line: PastedLine) -> str:
        margin = min(line.indentation, self._data_indentation) if line.side is None else 0
        text = line.text[margin:].rstrip()
        return "." if text in _DOTS else text

    # Commands and what stands between them

    def _read_run(self) -> None:
        """Read the lines up to the next reply."""
        end = next(
            (at for at in range(self._at, len(self._lines)) if self._is_reply(self._lines[at])), len(self._lines)
        )
        run, self._at = [line for line in self._lines[self._at : end] if not self._is_layout(line)], end
        commands = set(self._commands_in(run))
        self._check_words(commands)
        is_short = self._replies_ahead() < self._replies_due + len(commands)
        said = False
        if commands:
            self._pairing.go_on()
        for line in run:
            if line in commands and not (said and self._is_rest(line, is_short=is_short)):
                self._say(line)
                said = True
            elif self._is_note(line) or not self._attach(line, said):
                self.rows.append((Side.NOTE, line.words.strip("= ")))

    def _is_rest(self, line: PastedLine, *, is_short: bool) -> bool:
        """Return True if a line with the client's prefix is the rest of the command above it.

        Args:
            line: the line.
            is_short: True if there are fewer replies than such lines.
        """
        goes_on = _is_open(self.rows[-1][1]) or (is_short and _PARAMETER.match(line.words) is not None)
        return line.side is not None and not line.is_command and goes_on

    def _say(self, line: PastedLine) -> None:
        self._pairing.say(line)
        self._data_indentation = 0 if line.side else line.indentation
        if line.remark:
            self.rows.append((Side.NOTE, line.remark))
        is_typed = line.side is None or line.is_command
        said = line.words if is_typed else line.text.translate(BLANKS)
        self._add(self._dialogue.client, said.removesuffix(line.remark).rstrip())

    def _attach(self, line: PastedLine, said: bool) -> bool:
        """Join a line to the command or the reply above it, if it goes on there."""
        side, above = self.rows[-1]
        if said and side is self._dialogue.client:
            if goes_on := _is_open(above) or _PARAMETER.match(line.words) is not None:
                self.rows[-1] = side, above + ("" if above.rfind("<") > above.rfind(">") else " ") + line.words
            return goes_on
        if said or side is not self._dialogue.server or not self._is_wrapped(line, above):
            return False
        self._extend(line.words)
        return True

    def _is_wrapped(self, line: PastedLine, above: str) -> bool:
        """Return True if a line looks like the rest of the reply above it."""
        is_unindented_rest = line.words[:1].islower() and len(above) >= _WRAPPED_FROM and not _PROGRAM.match(line.words)
        is_rest = line.indentation > 0 or is_unindented_rest or above.endswith(_GOES_ON)
        return not _REMARK.match(line.words) and is_rest

    def _commands_in(self, run: Sequence[PastedLine]) -> Sequence[PastedLine]:
        """Return those lines of a run that are commands.

        Raises:
            ValueError: if the replies that follow do not say which.
        """
        sure = [line for line in run if line.side is self._dialogue.client]
        if self._has_sides[Side.CLIENT]:
            self._check_unmarked(run)
            return sure
        sure += [line for line in run if line.side is None and line.is_command]
        others = [line for line in run if line.side is None and not line.is_command and not self._is_note(line)]
        replies = self._replies_ahead()
        if replies == 0:
            return sure if sure or len(self._pairing) else _likely(others)
        missing = replies - self._replies_due - len(sure)
        return sure if missing <= 0 or not others else [*sure, *self._chosen(others, missing, replies, run)]

    @property
    def _replies_due(self) -> int:
        """How many replies the commands above and a whole message wait for."""
        return len(self._pairing) + (self._dialogue.awaited == MESSAGE)

    def _chosen(
        self, others: Sequence[PastedLine], missing: int, replies: int, run: Sequence[PastedLine]
    ) -> Sequence[PastedLine]:
        """Return as many of the `others` as replies are left; they are words that SMTP does not have."""
        likely = _likely(others)
        if len(likely) == missing:
            return likely
        chosen = others if len(likely) < missing else likely
        reply = self._lines[self._at].reply or ""
        if len(chosen) > missing or reply.startswith(("2", "3")):
            counts = {"replies": plural(replies, "reply", "replies"), "lines": plural(len(run), "line")}
            line = chosen[0]
            raise ValueError(
                sentences.TWO_READINGS.format(number=line.number, line=line.words, first=run[0].number, **counts)
            )
        return chosen

    def _check_words(self, commands: Iterable[PastedLine]) -> None:
        """Refuse a command that is a reply behind the name of a step, unless the server did not understand it."""
        reply = self._lines[self._at].reply if self._at < len(self._lines) else None
        for line in commands:
            is_one = line.side is None and _REPLY_BEHIND_A_NAME.match(line.words) and not (reply or "").startswith("5")
            if is_one:
                raise ValueError(sentences.REPLY_BEHIND_A_NAME.format(number=line.number, line=line.words))

    def _check_unmarked(self, run: Sequence[PastedLine]) -> None:
        """Refuse a command without a prefix where the others have one."""
        for line in run:
            if line.side is None and line.is_command and not line.indentation:
                raise ValueError(sentences.NO_MARK.format(number=line.number, line=line.words))

    def _replies_ahead(self) -> int:
        """Count the replies up to the next command; one that asks for the message is the last."""
        count, goes_on = 0, False
        for line in self._lines[self._at :]:
            if self._is_layout(line) or self._is_note(line):
                continue
            reply = line.reply if line.side in (None, self._dialogue.server) else None
            if reply is None and (line.side or line.is_command or not (goes_on or line.indentation)):
                break
            if reply is not None:
                goes_on = reply[3:4] == "-"
                count += not goes_on
                if reply.startswith("354"):
                    break
        return count


def _likely(lines: Sequence[PastedLine]) -> list[PastedLine]:
    """Return the lines that look neither like a remark nor like the rest of a line that was wrapped."""
    return [line for line in lines if not line.indentation and not _REMARK.match(line.words)]


def _is_open(command: str) -> bool:
    """Return True if a command goes on in the next line: its argument is missing, or its path is not closed."""
    return _OPEN.match(command) is not None or command.rfind("<") > command.rfind(">")
