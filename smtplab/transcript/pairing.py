"""Refuse a pasted session in which a line is missing, because every reply after it would answer the wrong command.

The kernel's tables say which command a reply answers, and by which digits it may be positive (RFC 5321 4.3.2). A reply
with another digit, and a client that goes on before it has all replies, are the signs of a missing line.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from ..protocol.states import MESSAGE, POSITIVE_DIGITS
from . import sentences
from .dialogue import Dialogue
from .lines import PastedLine
from .rows import encode, printable, verb_of

# The replies that only these get. No message is accepted with them, nor with a greeting.
_ASKED_BY = {"221": "QUIT", "354": "DATA"}
_NOT_TO_A_MESSAGE = {"220", "221"}


class Pairing:
    """The commands of a session that wait for a reply, as their lines in the text.

    Args:
        dialogue: pairs commands and replies by the table.

    Attributes:
        last_of_message: the last line of the message that waits for a reply; None if its dot is not in the text.
    """

    def __init__(self, dialogue: Dialogue) -> None:
        self.last_of_message: PastedLine | None = None
        self._dialogue = dialogue
        self._due: deque[PastedLine] = deque()
        self._run: Sequence[PastedLine] = ()  # the commands that waited when the last one of them was said
        self._owed: PastedLine | None = None  # had no reply when the client went on
        self._hung_up = False

    def __len__(self) -> int:
        return len(self._due)

    def go_on(self) -> None:
        """Note that the client speaks again; it seldom does so before the replies to all it has said."""
        if self._due and self._owed is None:
            self._owed = self._due[0]

    def say(self, line: PastedLine) -> None:
        """Add a command."""
        self._due.append(line)
        self._run = tuple(self._due)

    def settle(self, code: str) -> None:
        """Remove the command that a reply has answered."""
        while len(self._due) > self._dialogue.waiting:
            self._due.popleft()
        if not self._due:
            self._owed = None
        self._hung_up = code == "421"

    def check(self, line: PastedLine, code: str) -> None:
        """Raise a `ValueError` if a reply cannot answer what waits for it.

        Args:
            line: the last line of the reply, or its only one.
            code: the code of the reply.
        """
        if self._dialogue.awaited == MESSAGE:
            self._check_message(line, code)
        elif self._due and not self._is_possible(_verb_of(self._due[0]), code):
            raise ValueError(self._owed_sentence() or _wrong_pair(line, self._due[0]))

    def check_end(self) -> None:
        """Raise a `ValueError` at the end of the text if a reply is missing before others.

        With PIPELINING (RFC 2920) a session that was cut may have several commands without a reply; else it has two
        readings, because any of the commands may be the one that has none.
        """
        if not self._due or self._hung_up:
            return
        is_cut = len(self._due) == len(self._run) or "PIPELINING" in self._dialogue.extensions
        sentence = self._owed_sentence() or ("" if is_cut else _no_reply(self._run[0]))
        if sentence:
            raise ValueError(sentence)

    def _check_message(self, line: PastedLine, code: str) -> None:
        if _has_possible_digit(MESSAGE, code) and code not in _NOT_TO_A_MESSAGE:
            return
        if self.last_of_message is None:
            raise ValueError(sentences.NO_DOT.format(number=line.number, line=line.words))
        raise ValueError(_wrong_pair(line, self.last_of_message))

    def _is_possible(self, verb: str, code: str) -> bool:
        """Return True if `verb` may be answered with `code`; a 221 without a QUIT may be that of any server."""
        asked_by = _ASKED_BY.get(code, verb)
        if asked_by != verb and (code == "354" or any(_verb_of(each) == asked_by for each in self._due)):
            return False
        return _has_possible_digit(verb, code)

    def _owed_sentence(self) -> str:
        return _no_reply(self._owed) if self._owed else ""


def _has_possible_digit(verb: str, code: str) -> bool:
    """Return True if a reply to `verb` may begin so; any verb may be refused, and an unknown one answered as well."""
    digits = POSITIVE_DIGITS.get(verb)
    return code[0] in "45" or digits is None or int(code[0]) in digits


def _verb_of(line: PastedLine) -> str:
    return verb_of(encode(line.words))


def _no_reply(line: PastedLine) -> str:
    return sentences.NO_REPLY.format(number=line.number, line=printable(encode(line.words)))


def _wrong_pair(line: PastedLine, command: PastedLine) -> str:
    said = printable(encode(command.words))
    return sentences.WRONG_PAIR.format(number=line.number, line=line.words, said=said, command=command.number)
