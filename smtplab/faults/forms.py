"""Read and write small values as English phrases, by one list of forms for both directions.

A class lists its forms in ``FORMS``, the canonical one first. A form is words and slots::

    "delay {replies:Replies} by {duration:duration}"

A slot names a field of the class and a kind: a reader of `KINDS`, or another class with forms. A word may have a mark:
``the!`` may be left out and is written, ``the?`` may be left out and is not written, and ``to|at`` allows both and
writes the first. A form may set further fields to constants: ``("hold replies", {"count": 2})``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from difflib import get_close_matches
from functools import cache
from typing import Any

from ..base.duration import DAY, HOUR, MINUTE, UNITS, format_exactly
from . import sentences

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\d{1,2}:\d\d|\d[\d,]*(?:\.\d+)?|[A-Za-z][A-Za-z0-9_]*|\S')
_TIME_OF_DAY = re.compile(r"(\d{1,2}):(\d\d)")
_SLOT = re.compile(r"\{(\w+):(\w+)\}")
_PIECE = re.compile(r"\{\w+:\w+\}|-|[^\s{}-]+")

_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth",
)  # fmt: skip
_ESCAPES = {"r": b"\r", "n": b"\n", "t": b"\t", "0": b"\0", "\\": b"\\", '"': b'"'}
_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|.)", re.DOTALL)
_SHOWN = {octets: f"\\{letter}" for letter, octets in _ESCAPES.items()}

# Words that an error need not list where they may be left out.
_ARTICLES = ("the", "a", "an")

# Yields values and the position behind each.
Found = Iterator[tuple[Any, int]]


class FormError(ValueError):
    """A text has none of the forms that it may have."""


class Text:
    """A text as tokens, and how far a reader came in it.

    Args:
        text: what a person wrote.
    """

    def __init__(self, text: str) -> None:
        self.tokens: Sequence[str] = _TOKEN.findall(text)
        self._furthest = 0
        self._expected: dict[str, None] = {}
        self._meant: dict[str, None] = {}

    def word(self, at: int) -> str:
        """Return the token at a position, in lower case; empty behind the last."""
        return self.tokens[at].lower() if at < len(self.tokens) else ""

    def miss(self, at: int, *expected: str, also: Iterable[str] = ()) -> None:
        """Note what may stand at a position, for the error.

        Args:
            at: the position.
            expected: what the error lists.
            also: words that may stand there, too, and that a slip may have meant.
        """
        if at > self._furthest:
            self._furthest, self._expected, self._meant = at, {}, {}
        if at == self._furthest:
            self._expected.update(dict.fromkeys(expected))
            self._meant.update(dict.fromkeys((*expected, *also)))

    def error(self) -> FormError:
        """Return the error about the furthest position that a reader reached: what may stand there."""
        before = self.written(0, self._furthest)
        place = sentences.AFTER.format(before=before) if before else sentences.AT_START
        got = self.tokens[self._furthest] if self._furthest < len(self.tokens) else ""
        near = get_close_matches(got, self._meant, n=1) or get_close_matches(got.lower(), self._meant, n=1)
        instead = sentences.GOT.format(got=got) if got else sentences.ENDS
        meant = ""
        if near and got:
            meant, instead, place = sentences.MEANT.format(meant=near[0], got=got), "", place[0].upper() + place[1:]
        expected = ", ".join(self._expected or self._meant)
        return FormError(sentences.SYNTAX.format(place=place, expected=expected, instead=instead, meant=meant))

    def written(self, start: int, end: int) -> str:
        """Return the text between two positions."""
        return " ".join(self.tokens[start:end]).replace(" - ", "-")


@dataclass(frozen=True, slots=True)
class SlotKind:
    """A kind of slot.

    Args:
        read: yields the values that may stand at a position.
        write: returns the phrase for a value.
        shown: what stands for it in the grammar.
        examples: phrases that may stand there.
        fits: True if the kind can be written for a value.
    """

    read: Callable[[Text, int], Found]
    write: Callable[[Any], str]
    shown: str
    examples: tuple[str, ...]
    fits: Callable[[Any], bool] = bool


def _read_count(text: Text, at: int) -> Found:
    word = text.word(at)
    if word in _NUMBERS:
        yield _NUMBERS.index(word), at + 1
    elif re.fullmatch(r"\d+(,\d{3})*", word):
        yield int(word.replace(",", "")), at + 1
    else:
        text.miss(at, "a number")


def _read_ordinal(text: Text, at: int) -> Found:
    word = "second" if text.word(at) == "other" else text.word(at)
    if word in ORDINALS:
        yield ORDINALS.index(word) + 1, at + 1
    elif word.isdecimal() and int(word) and text.word(at + 1) in ("st", "nd", "rd", "th"):
        yield int(word), at + 2
    else:
        text.miss(at, f"an ordinal such as {ORDINALS[1]}", also=ORDINALS[:9])


def write_ordinal(number: int) -> str:
    """Return a number as an ordinal: ``second``, ``21st``."""
    if number <= len(ORDINALS):
        return ORDINALS[number - 1]
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _read_code(text: Text, at: int) -> Found:
    if re.fullmatch(r"[0-9]+", text.word(at)):
        yield text.word(at), at + 1
    else:
        text.miss(at, "a code")


def _read_duration(text: Text, at: int) -> Found:
    total, here = 0, at
    while re.fullmatch(r"\d+(,\d{3})*", text.word(here)):
        if text.word(here + 1) not in UNITS:
            text.miss(here + 1, "a unit of time such as min", also=UNITS)
            break
        total += int(text.word(here).replace(",", "")) * UNITS[text.word(here + 1)]
        here += 2
    if here > at:
        yield total, here
    else:
        text.miss(at, "a duration such as 30 s")


def _read_time(text: Text, at: int) -> Found:
    found = _TIME_OF_DAY.fullmatch(text.word(at))
    if found and int(found[2]) < 60 and (time := int(found[1]) * HOUR + int(found[2]) * MINUTE) <= DAY:
        yield time, at + 1
    else:
        text.miss(at, "a time of day such as 22:00")


def _write_time(microseconds: int) -> str:
    return f"{microseconds // HOUR}:{microseconds % HOUR // MINUTE:02}"


def _read_chance(text: Text, at: int) -> Found:
    number = text.word(at).replace(",", "")
    percent = text.word(at + 1) in ("%", "percent")
    try:
        millionths = round(float(number) * (10_000 if percent else 1_000_000))
    except ValueError:
        millionths = -1
    if 0 <= millionths <= 1_000_000:
        yield millionths, at + 1 + percent
    else:
        text.miss(at, "a probability from 0 to 1")


def _write_chance(millionths: int) -> str:
    return f"{millionths / 1_000_000:.6f}".rstrip("0").rstrip(".") or "0"


def _read_octets(text: Text, at: int) -> Found:
    token = text.tokens[at] if at < len(text.tokens) else ""
    if len(token) > 1 and token.startswith('"'):
        yield _ESCAPE.sub(_unescaped, token[1:-1]).encode("utf-8", "surrogateescape"), at + 1
    else:
        text.miss(at, 'a text in "quotation marks"')


def _unescaped(found: re.Match[str]) -> str:
    escape = found[1]
    octets = bytes([int(escape[1:], 16)]) if len(escape) == 3 else _ESCAPES.get(escape, escape.encode())
    return octets.decode("utf-8", "surrogateescape")


def _write_octets(octets: bytes) -> str:
    text = octets.decode("utf-8", "surrogateescape")
    return f'"{"".join(_SHOWN.get(char.encode("utf-8", "surrogateescape")) or _printable(char) for char in text)}"'


def _printable(char: str) -> str:
    octets = char.encode("utf-8", "surrogateescape")
    return char if char.isprintable() else "".join(f"\\x{octet:02x}" for octet in octets)


def _read_texts(text: Text, at: int) -> Found:
    texts: list[bytes] = []
    while found := next(_read_octets(text, at), None):
        texts.append(found[0])
        at = found[1]
    yield tuple(texts), at


def _write_texts(texts: tuple[bytes, ...]) -> str:
    return " ".join(map(_write_octets, texts))


def _is_natural(value: Any) -> bool:
    return isinstance(value, int) and value >= 0


def _is_ordinal(value: Any) -> bool:
    return isinstance(value, int) and value > 0


KINDS: dict[str, SlotKind] = {
    "count": SlotKind(
        _read_count,
        lambda number: f"{number:,}",
        "NUMBER",
        ("1", "two", "20", "1,000"),
        _is_natural,
    ),
    "ordinal": SlotKind(_read_ordinal, write_ordinal, "ORDINAL", ("second", "21st"), _is_ordinal),
    "code": SlotKind(_read_code, str, "CODE", ("451",)),
    "duration": SlotKind(_read_duration, format_exactly, "TIME", ("30 s", "1 h 30 min"), _is_natural),
    "time": SlotKind(_read_time, _write_time, "TIME-OF-DAY", ("22:00",), lambda value: isinstance(value, int)),
    "chance": SlotKind(_read_chance, _write_chance, "PROBABILITY", ("0.3", "30 %", "30 percent"), lambda value: True),
    "octets": SlotKind(
        _read_octets, _write_octets, "TEXT", ('"ok"', r'"\r\n\t\0\xff\"\\"'), lambda value: isinstance(value, bytes)
    ),
    "texts": SlotKind(_read_texts, _write_texts, "[TEXT ...]", ("", '"ok"', '"two" "lines"'), lambda value: True),
}


def phrases(table: Mapping[str, Sequence[str]], shown: str, *, such: str = "") -> SlotKind:
    """Return the kind of slot that takes one of several phrases, each of one word or more.

    Args:
        table: the value to its phrases, the canonical one first.
        shown: what stands for it in the grammar.
        such: what an error lists in place of all of them.
    """
    rows = [(value, tuple(_TOKEN.findall(phrase))) for value, all_of in table.items() for phrase in all_of]
    rows.sort(key=lambda row: -len(row[1]))  # one phrase may begin with another, so the longest is tried first

    def read(text: Text, at: int) -> Found:
        for value, words in rows:
            same = 0
            while same < len(words) and text.word(at + same) == words[same].lower():
                same += 1
            if same == len(words):
                yield value, at + same
            elif same:
                text.miss(at + same, words[same])
            else:
                text.miss(at, such or table[value][0], also=words[:1])

    examples = tuple(phrase for all_of in table.values() for phrase in all_of)
    return SlotKind(read, lambda value: table[value][0], shown, examples, lambda value: value in table)


@dataclass(frozen=True, slots=True)
class _Form:
    """One form of a class: words as tuples of what may stand there, and slots."""

    pieces: tuple[tuple[str, Any], ...]  # "word", (words, may be left out, is written); or the slot's name, its kind
    constants: Mapping[str, Any]

    def read(self, text: Text, at: int, number: int = 0) -> Iterator[tuple[dict[str, Any], int]]:
        """Yield the fields that the form has at a position."""
        if number == len(self.pieces):
            yield dict(self.constants), at
            return
        name, what = self.pieces[number]
        if name:
            for value, behind in read_slot(what, text, at):
                for more, end in self.read(text, behind, number + 1):
                    yield {name: value, **more}, end
            return
        words, optional, written = what
        if text.word(at) in (word.lower() for word in words):
            yield from self.read(text, at + 1, number + 1)
        else:
            is_listed = not optional or (written and words[0] not in _ARTICLES)
            text.miss(at, *words[:is_listed], also=words)
        if optional:
            yield from self.read(text, at, number + 1)

    def fits(self, value: Any) -> bool:
        """True if the form says all that `value` holds."""
        kinds = {name: kind for name, kind in self.pieces if name}
        for each in fields(value):
            held = getattr(value, each.name)
            if each.name in kinds:
                kind = KINDS.get(kinds[each.name]) if isinstance(kinds[each.name], str) else None
                if not (kind.fits(held) if kind else isinstance(held, kinds[each.name]) and _can_write(held)):
                    return False
            elif held != self.constants.get(each.name, each.default):
                return False
        return True

    @property
    def shown(self) -> str:
        """The form in the grammar: ``[ ]`` around what may be left out, ``/`` between words, capitals for slots."""
        parts = []
        for name, what in self.pieces:
            if name:
                parts.append(KINDS[what].shown if isinstance(what, str) else what.SHOWN)
            else:
                words, optional, _ = what
                parts.append(f"[{'/'.join(words)}]" if optional else "/".join(words))
        return " ".join(parts).replace(" - ", "-")

    def write(self, value: Any) -> str:
        """Return the phrase for a value that fits."""
        parts = []
        for name, what in self.pieces:
            if not name:
                parts.append(what[0][0] if what[2] else "")
            else:
                held = getattr(value, name)
                parts.append(KINDS[what].write(held) if isinstance(what, str) else write(held))
        return " ".join(filter(None, parts)).replace(" - ", "-")


def read_slot(kind: Any, text: Text, at: int) -> Found:
    """Yield the values of a kind, or of a class with forms, at a position.

    Raises:
        FormError: if a phrase can be read, but its value is out of range.
    """
    if isinstance(kind, str):
        yield from KINDS[kind].read(text, at)
        return
    for form in forms_of(kind):
        for values, behind in form.read(text, at):
            try:
                yield kind(**values), behind
            except ValueError as error:
                phrase = text.written(at, behind)
                raise FormError(sentences.SENSELESS.format(phrase=phrase, reason=error)) from None


@cache
def forms_of(kind: type) -> tuple[_Form, ...]:
    """Return the forms of a class, compiled."""
    classes = {each.__name__: each for each in getattr(kind, "PARTS", ())}
    compiled = []
    for form in kind.FORMS:  # type: ignore[attr-defined]
        template, constants = (form, {}) if isinstance(form, str) else form
        compiled.append(_Form(tuple(_piece(piece, classes) for piece in _PIECE.findall(template)), constants))
    return tuple(compiled)


def _piece(piece: str, classes: Mapping[str, type]) -> tuple[str, Any]:
    if slot := _SLOT.fullmatch(piece):
        return slot[1], classes.get(slot[2], slot[2])
    mark = piece[-1] if piece[-1] in "!?" else ""
    return "", (tuple(piece.removesuffix(mark).split("|")), mark != "", mark != "?")


def _can_write(value: Any) -> bool:
    return any(form.fits(value) for form in forms_of(value.__class__))


def write(value: Any) -> str:
    """Return the canonical phrase for a value of a class with forms; raise `FormError` if no form fits."""
    form = next((form for form in forms_of(value.__class__) if form.fits(value)), None)
    if form is None:
        raise FormError(sentences.WITHOUT_FORM.format(value=value))
    return form.write(value)
