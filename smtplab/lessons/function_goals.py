"""The goal of an open cell in which a student writes a function, a class or a table: what it does in some tries.

::

    {"function": {"name": "next_line", "tries": [
        {"call": "next_line(b'NOOP\\r\\nQU')", "gives": "(b'NOOP', b'QU')", "because": "the rest waits for more octets",
         "slips": {"(b'NOOP\\r\\n', b'QU')": "the line comes without its CRLF"}},
        {"with": {"sock": "peer(b'220 a')"}, "call": "read_line(sock)", "raises": "ConnectionError"}]}}

All of it is Python. ``call`` may use what ``with`` makes first, the helpers of `function_tools`, and the function; what
else the function uses is the student's own. Whatever gives the right values is right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from ..base.printed import plural, sentence
from ..base.students_line import error_in_words
from ..transcript import Row
from ..worlds.memory_socket import EndlessWait, MemorySocket
from . import sentences
from .bounded_call import CallOutcome, call
from .evidence import Verdict
from .function_tools import TOOLS, NotOctets

_MOST_SHOWN = 100  # characters of a value
_MOST_ROWS = 12  # of a conversation


@dataclass(frozen=True, slots=True)
class Try:
    """One call of what a student has written, and what it must come to.

    Args:
        call: the call, an expression.
        shown: the call as the student reads it; what is code in it stands between backticks, unless all of it is.
        gives: what it must give, an expression.
        raises: the name of the error that it must raise; empty for none.
        made: what is made before the call: name and expression.
        because: why, as the end of a sentence; empty for no reason.
        slips: what a mistake gives, as an expression or the name of an error, and the sentence about it; behind the
            name may stand how the error begins, as in ``RuntimeError: DATA: 354``.
    """

    call: str
    shown: str = "the call"
    gives: str = "None"
    raises: str = ""
    made: tuple[tuple[str, str], ...] = ()
    because: str = ""
    slips: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, settings: Mapping[str, Any]) -> Self:
        """Read the settings of one try; raise `ValueError` if they are not understood."""
        if set(settings) - {"call", "shown", "gives", "raises", "with", "because", "slips"}:
            raise ValueError(settings)
        if "call" not in settings or ("gives" in settings) == ("raises" in settings):
            raise ValueError(settings)
        return cls(
            settings["call"],
            _marked(settings.get("shown", settings["call"])),
            settings.get("gives", "None"),
            settings.get("raises", ""),
            tuple(settings.get("with", {}).items()),
            settings.get("because", ""),
            tuple(sorted(settings.get("slips", {}).items(), key=lambda slip: ": " not in slip[0])),
        )

    def fault(self, name: str, value: object) -> tuple[str, Sequence[Row]]:
        """Return what is wrong with what a student has written, and what was said on a socket; "" if nothing is.

        Args:
            name: its variable.
            value: what is in the variable.
        """
        names: dict[str, Any] = {**TOOLS, name: value}
        outcome = CallOutcome()
        for made, expression in self.made:
            outcome = call(expression, names)
            names[made] = outcome.value
            if outcome.is_broken_off:
                break
        else:
            outcome = call(self.call, names)
        if self._is_right(outcome):
            return "", ()
        because = f", because {self.because}" if self.because else ""
        said = [row for each in names.values() if isinstance(each, MemorySocket) for row in each.transcript]
        return self._slip(outcome) or f"{self._told(outcome)}{because}", said[-_MOST_ROWS:]

    def _is_right(self, outcome: CallOutcome) -> bool:
        if self.raises:
            return _is_called(outcome.error, self.raises)
        return _has_given(outcome, self.gives)

    def _slip(self, outcome: CallOutcome) -> str:
        """Return the sentence about a mistake that the authors have foreseen; empty if it is another one."""
        for wrong, told in self.slips:
            kind, _, says = wrong.partition(": ")
            if outcome.error is not None:
                seen = _is_called(outcome.error, kind) and str(outcome.error).startswith(says)
            else:
                is_value = wrong == "None" or not kind.isidentifier()
                seen = is_value and not outcome.endless and _same(outcome.value, eval(wrong, dict(TOOLS)))
            if seen:
                return sentences.SLIP_OF_A_CALL.format(call=self.shown, got=self._got(outcome), slip=told)
        return ""

    def _told(self, outcome: CallOutcome) -> str:
        wanted = sentences.MUST_RAISE.format(error=self.raises) if self.raises else ""
        wanted = wanted or sentences.MUST_GIVE.format(value=self._in_words(eval(self.gives, dict(TOOLS))))
        return sentences.WRONG_CALL.format(call=self.shown, got=self._got(outcome), wanted=wanted)

    def _got(self, outcome: CallOutcome) -> str:
        """Return what the call has come to, as the part of a sentence."""
        if isinstance(outcome.error, NotOctets):
            return sentences.GAVE_NO_OCTETS.format(kind=outcome.error)
        return _broken_off(outcome) or sentences.GAVE.format(value=self._in_words(outcome.value))

    def _in_words(self, value: object) -> str:
        """Return a value as a sentence names it; the codes of replies come first, and in words."""
        if "codes(" not in self.call:
            return f"`{_shown(value)}`"
        first, *others = value if isinstance(value, tuple) and value else (value,)
        return ", and ".join([_codes_in_words(first), *(f"`{_shown(each)}`" for each in others)])


@dataclass(frozen=True, slots=True)
class FunctionGoal:
    """What a student writes into a variable, and is called.

    Args:
        name: the variable.
        tries: the calls.
    """

    name: str
    tries: tuple[Try, ...]

    @classmethod
    def read(cls, settings: Mapping[str, Any]) -> Self:
        """Read the settings of a goal; raise `ValueError` if they are not understood."""
        if set(settings) != {"name", "tries"} or not settings["tries"]:
            raise ValueError(settings)
        return cls(settings["name"], tuple(map(Try.read, settings["tries"])))

    def judge(self, value_of: Callable[[str], object]) -> Verdict:
        """Return the verdict: the first call that is wrong, or that all are right.

        Args:
            value_of: returns the value of a variable, None if there is none.
        """
        value = value_of(self.name)
        if value is None:
            return Verdict(False, sentence(sentences.NO_FUNCTION.format(name=self.name)))
        for at, each in enumerate(self.tries):
            fault, said = each.fault(self.name, value)
            if fault:
                right = f" {_told_before(at)}" if at else ""
                return Verdict(False, f"{sentence(fault)}{right}", rows=tuple(said))
        return Verdict(True, sentence(self._told_right))

    @property
    def _told_right(self) -> str:
        count = len(self.tries)
        template = sentences.ALL_CALLS_RIGHT if count > 1 else sentences.VALUE_RIGHT
        return template.format(name=self.name, count=count)


def _told_before(count: int) -> str:
    return sentences.CALLS_RIGHT.format(calls=plural(count, "call"), were="were" if count > 1 else "was")


def _marked(shown: str) -> str:
    """Return a call as a sentence names it."""
    return shown if "`" in shown else f"`{shown}`"


def _has_given(outcome: CallOutcome, wanted: str) -> bool:
    """Return True if a call has given the value of an expression."""
    return not outcome.is_broken_off and _same(outcome.value, eval(wanted, dict(TOOLS)))


def _same(got: object, wanted: object) -> bool:
    """Return True if two values are equal; octets may be bytes or a bytearray, a row a list or a tuple."""
    if isinstance(got, Sequence) and isinstance(wanted, tuple | list) and not isinstance(got, str | bytes | bytearray):
        return len(got) == len(wanted) and all(map(_same, got, wanted))
    try:
        return bool(got == wanted) and isinstance(got, bool) == isinstance(wanted, bool)
    except Exception:  # a class of the student may compare in any way
        return False


def _is_called(error: BaseException | None, name: str) -> bool:
    """Return True if an error is of the class with this name, or of one below it."""
    return any(kind.__name__ == name for kind in type(error).__mro__)


def _codes_in_words(value: object) -> str:
    """Return a list of codes in words; anything else as it is shown."""
    if not isinstance(value, list) or not all(isinstance(each, int) for each in value):
        return f"`{_shown(value)}`"
    if not value:
        return sentences.NO_REPLY
    template = sentences.THE_CODES if len(value) > 1 else sentences.THE_CODE
    return template.format(code=value[0], codes=", ".join(map(str, value)))


def _broken_off(outcome: CallOutcome) -> str:
    """Return why a call has come to no value, as the part of a sentence; empty if it has."""
    place = sentences.IN_YOUR_LINE.format(place=outcome.place) if outcome.place else ""
    if outcome.endless:
        return sentences.NEVER_ENDED.format(place=place)
    if isinstance(outcome.error, EndlessWait):
        return sentences.WAITS_FOR_EVER.format(place=place)
    if outcome.error is not None:
        return sentences.ENDED_IN.format(error=error_in_words(outcome.error), place=place)
    return ""


def _shown(value: object) -> str:
    """Return a value as Python writes it, with its control characters visible, and not too long."""
    try:
        text = repr(value)
    except Exception:
        text = f"<{type(value).__name__}>"
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]} ..."
