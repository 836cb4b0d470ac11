"""Read and write small values as English phrases, by one list of forms for both directions.

A class lists its forms in ``FORMS``, the canonical one first. A form is words and slots::

    "delay {replies:Replies} by {duration:duration}"

A slot names a field of the class and a kind: a reader of `slots.KINDS`, or another class with forms. A word may have a
mark: ``the!`` may be left out and is written, ``the?`` may be left out and is not written, and ``to|at`` allows both
and writes the first. A form may set further fields to constants: ``("hold replies", {"count": 2})``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

from . import sentences
from .slots import KINDS, Found
from .tokens import FormError, Text

_SLOT = re.compile(r"\{(\w+):(\w+)\}")
_PIECE = re.compile(r"\{\w+:\w+\}|-|[^\s{}-]+")

# Words that an error need not list where they may be left out.
_ARTICLES = ("the", "a", "an")


@dataclass(frozen=True, slots=True)
class _Form:
    """One form of a class: words as tuples of what may stand there, and slots.

    Args:
        pieces: of words "", (the words, may be left out, is written); of a slot its name, its kind.
        constants: what the form sets further fields to.
        shown: the form in the grammar: ``[ ]`` around what may be left out, ``/`` between words, capitals for slots.
        lower: for each piece its words in lower case; none for a slot.
    """

    pieces: tuple[tuple[str, Any], ...]
    constants: Mapping[str, Any]
    shown: str
    lower: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, pieces: tuple[tuple[str, Any], ...], constants: Mapping[str, Any]) -> _Form:
        """Return the form with what follows from its pieces, which every try to read it needs."""
        lower = tuple(() if name else tuple(word.lower() for word in what[0]) for name, what in pieces)
        return cls(pieces, constants, " ".join(map(_shown, pieces)).replace(" - ", "-"), lower)

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
        if text.word(at) in self.lower[number]:
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
    def first_words(self) -> tuple[str, ...]:
        """The words with which it may begin; none if a slot comes first."""
        name, what = self.pieces[0]
        return () if name else what[0]

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
            yield _made(kind, values, text, at, behind), behind


def read_rule(kind: type, text: Text, at: int) -> Found:
    """Yield as `read_slot` does, and note for the error which form of an action or a condition is tried."""
    for form in forms_of(kind):
        found = form.read(text, at)
        while True:
            text.rule = form.shown  # again, because rules for what follows have been tried meanwhile
            if (each := next(found, None)) is None:
                break
            yield _made(kind, each[0], text, at, each[1]), each[1]


def _made(kind: type, values: dict[str, Any], text: Text, at: int, behind: int) -> Any:
    try:
        return kind(**values)
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
        compiled.append(_Form.of(tuple(_piece(piece, classes) for piece in _PIECE.findall(template)), constants))
    return tuple(compiled)


def _piece(piece: str, classes: Mapping[str, type]) -> tuple[str, Any]:
    if slot := _SLOT.fullmatch(piece):
        return slot[1], classes.get(slot[2], slot[2])
    mark = piece[-1] if piece[-1] in "!?" else ""
    return "", (tuple(piece.removesuffix(mark).split("|")), mark != "", mark != "?")


def _shown(piece: tuple[str, Any]) -> str:
    name, what = piece
    if name:
        return str(KINDS[what].shown if isinstance(what, str) else what.SHOWN)
    words, optional, _ = what
    return f"[{'/'.join(words)}]" if optional else "/".join(words)


def _can_write(value: Any) -> bool:
    return any(form.fits(value) for form in forms_of(value.__class__))


def write(value: Any) -> str:
    """Return the canonical phrase for a value of a class with forms; raise `FormError` if no form fits."""
    form = next((form for form in forms_of(value.__class__) if form.fits(value)), None)
    if form is None:
        raise FormError(sentences.WITHOUT_FORM.format(value=value))
    return form.write(value)
