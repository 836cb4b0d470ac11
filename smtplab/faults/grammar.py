"""Print the grammar of the language of faults, as ``smtplab faults`` shows it.

It is derived from the forms that the reader uses: those of `actions`, `reply_actions`, `conditions` and `places`.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterable, Iterator
from typing import get_args

from .actions import BREAKS, FaultAction, Then, WithCode
from .conditions import CONDITIONS, MEASURES, SCOPES
from .forms import forms_of
from .places import NOUNS, VERB, At, Messages, Replies
from .short_forms import SHORT_FORMS
from .slots import NAMED_PHRASES, OCTET_NAMES, SlotKind
from .tokens import ADVERBS, SYNONYMS

_WIDTH = 100

_OPENING = """\
A fault is a line of ACTION [CONDITION ...]: what happens and where, and when. Conditions may also come first.
Case does not matter. "the server replies" may stand for "reply". Of several faults that answer in place of
the host the first one counts; all others add up, in their order.
A break, a wait or octets at or before a PLACE come when it has come: a break then leaves it undone and without
a reply. After a PLACE they come behind its reply; a reply, or a CODE, after a PLACE is the one to it.
[ ] may be left out, a/b is either, and capitals stand for what is explained below."""

# What stands for a value, and how it is written.
_VALUES = {
    "NUMBER": "a whole number, such as 20, 1,000 or two",
    "ORDINAL": "first, second, third ... or 1st, 2nd, 21st ...",
    "CODE": "digits, of a reply code that is legal or not",
    "CODES": "a CODE, or 4yz or 5yz for all that begin so",
    "TIME": "whole numbers with units, such as 30 s, 1 h 30 min or five days; behind per or every, a unit alone",
    "TIME-OF-DAY": "such as 22:00",
    "PROBABILITY": "such as 0.3, 30 % or 30 percent",
    "TEXT": r"in quotation marks, with the escapes \r \n \t \0 \xff \" \\; or names such as LF.LF, of "
    f"{', '.join(name.upper() for name in OCTET_NAMES)}; "
    f"or {', '.join(NAMED_PHRASES)}; an enhanced code in front needs no marks",
    "KEYWORD": "a TEXT, or a known one such as SIZE, PIPELINING or STARTTLS",
}


def grammar() -> str:
    """Return the grammar for a person to read, one form of a phrase a line."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield from _OPENING.splitlines()
    yield from ("", "ACTION")
    yield from _forms_of_each((*get_args(FaultAction), *SHORT_FORMS))
    yield from ("", "CONDITION")
    yield from _forms_of_each((*CONDITIONS, Then, WithCode))
    for kind, what in ((At, "where in a session"), (Messages, "which messages"), (Replies, "which replies")):
        yield from ("", f"{kind.SHOWN}, {what}")
        yield from (f"    {form.shown}" for form in forms_of(kind))
    yield ""
    yield from _explained("NOUN", f"{_phrases(NOUNS)}; or a VERB")
    for words in (VERB, BREAKS, MEASURES, SCOPES):
        yield from _explained(words.shown, _phrases(words))
    for name, text in _VALUES.items():
        yield from _explained(name, text)
    yield ""
    said = ", ".join(f"{said!r} is {meant!r}" if meant else f"{said!r} is left out" for said, meant in SYNONYMS.items())
    share = "'25 % of' is 'with probability 25 %' at the end"
    left_out = f"{', '.join(ADVERBS)} are left out"
    yield from _wrapped(f"Also read: {said}; {share}; {left_out}; 1 kB is 1,000 octets, 1 MB a million")


def _forms_of_each(kinds: Iterable[type]) -> Iterator[str]:
    """Yield what each kind does, by the first line of its docstring, and its forms below."""
    for kind in kinds:
        yield f"  {(inspect.getdoc(kind) or kind.__name__).splitlines()[0]}"
        yield from (f"      {form.shown}" for form in forms_of(kind))


def _phrases(words: SlotKind) -> str:
    return ", ".join(words.examples)


def _explained(name: str, text: str) -> Iterator[str]:
    yield from _wrapped(f"{name}: {text}")


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, subsequent_indent="    ", break_on_hyphens=False)
