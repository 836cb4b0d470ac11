"""Read the TOML file of a directory, a personality or a zone, as editors of all systems write it.

Its tables are checked for keys and kinds of values. What the values mean is checked by those who read them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from ..base.failure import Failure
from ..base.nearest import nearest
from ..protocol.replies import ProtocolError
from . import sentences
from .toml_errors import in_words

# An encoding other than UTF-8 is most probably that of Windows. In UTF-16 half of each ASCII character is a NUL, which
# stands in no TOML.
_PROBABLY = "Windows-1252"
_WIDE, _WIDEST, _NUL = "UTF-16", "UTF-32", b"\0"
_NULS_OF_UTF_32 = 0.6  # the share of NUL in it is at least this; in UTF-16 it is about a half

_KINDS = {str: "a text", int: "a whole number", bool: "true or false", list: "a list of texts", dict: "a table"}

ValueT = TypeVar("ValueT")

_HEADER = re.compile(r"\s*(\[.*\])\s*(?:#.*)?")


class TableError(Failure):
    """A table has a key that it cannot have, or a value of the wrong kind.

    Attributes:
        place: the keys that lead to it, the outermost first.
    """

    def __init__(self, sentence: str, *place: str) -> None:
        super().__init__(sentence)
        self.place = place


class UnknownKeyError(TableError):
    """A table has a key that it cannot have; the last one of `place`."""


def read_toml(path: Path) -> dict[str, Any]:
    """Return the table in a TOML file, whose text may begin with a byte order mark, as Windows writes it.

    Raises:
        OSError: if the file cannot be read.
        ValueError: if it is not TOML, or not UTF-8; the sentence then names the line and the probable encoding.
    """
    return parse_toml(read_text(path))


def read_text(path: Path) -> str:
    """Return the text of a file, without a byte order mark.

    Raises:
        OSError: if the file cannot be read.
        ValueError: if it is not UTF-8, or holds the octet NUL; the sentence names the line and the probable encoding.
    """
    return _decoded(path.read_bytes())


def parse_toml(text: str) -> dict[str, Any]:
    """Return the table of a TOML file from its text; raise `ValueError` if it is not TOML."""
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(in_words(str(error), text)) from None


def _decoded(content: bytes) -> str:
    if content.count(_NUL) * 4 > len(content):  # a few letters of it may have no NUL
        encoding = _WIDEST if content.count(_NUL) > _NULS_OF_UTF_32 * len(content) else _WIDE
        raise ValueError(sentences.TOML_NOT_UTF_8.format(line=1, encoding=encoding))
    if (nul := content.find(_NUL)) >= 0:
        raise ValueError(sentences.TOML_WITH_NUL.format(line=content.count(b"\n", 0, nul) + 1))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ValueError(sentences.TOML_NOT_UTF_8.format(line=line, encoding=_PROBABLY)) from None
    return text if "\n" in text else text.replace("\r", "\n")  # the line ends of old Macs


def check_table(where: str, table: object, kinds: Mapping[str, tuple[type, ...]], *place: str) -> dict[str, Any]:
    """Return a copy of a table after a check of its keys and the kinds of its values.

    Args:
        where: what a sentence calls the table.
        table: the table; a list in it must be one of texts.
        kinds: the keys that it may have, each with the kinds of its value.
        place: the keys that lead to the table in its file.

    Raises:
        TableError: if it is not a table, or something in it is not in `kinds`.
    """
    if not isinstance(table, dict):
        raise TableError(sentences.NOT_A_TABLE.format(where=where, value=table), *place)
    for key, value in table.items():
        if key not in kinds:
            raise UnknownKeyError(_unknown_key(where, key, kinds), *place, key)
        texts = value if isinstance(value, list) else ()
        if type(value) not in kinds[key] or not all(isinstance(text, str) for text in texts):
            wanted = " or ".join(_KINDS[kind] for kind in kinds[key])
            text = sentences.WRONG_VALUE.format(key=key, where=where, wanted=wanted, value=value)
            raise TableError(text, *place, key)
    return dict(table)


def check_names(where: str, table: object, keys: Collection[str], *place: str) -> None:
    """Raise `TableError` if a name in a table has a dot, and no quotation marks: TOML then makes a table of each part.

    Args:
        where: what a sentence calls the table.
        table: the table, whose keys are names that a person chose.
        keys: the keys that the table of a name may have.
        place: the keys that lead to the table in its file.
    """
    for name, value in table.items() if isinstance(table, dict) else ():
        parts = [name]
        while isinstance(value, dict) and value and not any(key in keys for key in value):
            part, value = next(iter(value.items()))
            parts.append(part)
        if len(parts) > 1 and "." not in name and not nearest(parts[1], keys):
            raise TableError(sentences.NAME_WITHOUT_QUOTES.format(name=".".join(parts), where=where), *place, *parts)


def _unknown_key(where: str, key: str, kinds: Iterable[str]) -> str:
    """Say that a table cannot have a key, and which one is meant."""
    allowed = ", ".join(kinds)
    joined = {each.replace("_", ""): each for each in kinds}
    near = nearest(key.lower().replace("_", ""), joined)
    if not near:
        return sentences.UNKNOWN_KEY.format(where=where, key=key, allowed=allowed)
    return sentences.UNKNOWN_KEY_MEANT.format(where=where, key=key, near=joined[near], allowed=allowed)


def in_place(make: Callable[[], ValueT], *place: str) -> ValueT:
    """Return what `make` returns; its error becomes a `TableError` with a place in the file."""
    try:
        return make()
    except (Failure, ValueError, ProtocolError) as error:
        raise TableError(str(error), *place, *getattr(error, "place", ())) from None


def with_texts(value: object, *keys: str) -> object:
    """Return a table with texts where a number was written without its unit, so that the error says what is missing."""
    if not isinstance(value, dict):
        return value
    return {key: _as_text(each) if key in keys else each for key, each in value.items()}


def _as_text(value: object) -> object:
    if isinstance(value, list):
        return [_as_text(each) for each in value]
    return str(value) if type(value) in (int, float) else value


def located(error: Exception, text: str, place: tuple[str, ...]) -> str:
    """Return the sentence of an error, behind the number of the line that it is about.

    Args:
        error: what is wrong.
        text: the TOML file.
        place: the keys that lead to what is wrong; in a row such as ``[[links]]`` its number, from 1, comes behind its
            table. A key inside a value has the line of that value. Without a line the sentence stands alone.
    """
    lines = dict(_lines(text))
    for depth in range(len(place), 0, -1):
        if place[:depth] in lines:
            return sentences.IN_LINE.format(line=lines[place[:depth]], reason=error)
    return str(error)


def _lines(text: str) -> Iterator[tuple[tuple[str, ...], int]]:
    """Yield the keys that begin on a line of their own, and the number of that line."""
    table: tuple[str, ...] = ()
    rows: dict[tuple[str, ...], int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        header = _HEADER.fullmatch(line)
        if header is not None and (keys := _keys(header[1])):
            table = keys
            if header[1].startswith("[["):  # a row of a table, which its number names
                rows[keys] = rows.get(keys, 0) + 1
                table = (*keys, str(rows[keys]))
            yield table, number
        elif keys := _key_before_equals(line):
            yield (*table, *keys), number


def _key_before_equals(line: str) -> tuple[str, ...]:
    """Return the dotted key that a line begins with; none if it begins with something else."""
    for found in re.finditer("=", line):
        if keys := _keys(f"{line[: found.start()]}= 0"):
            return keys
    return ()


def _keys(text: str) -> tuple[str, ...]:
    """Return the keys, the outermost first, of a line of TOML that has one header or one key."""
    try:
        table: object = parse_toml(text)
    except ValueError:
        return ()
    keys = []
    while isinstance(table, dict) and table:
        ((key, table),) = table.items()
        keys.append(key)
        if isinstance(table, list) and table:
            table = table[0]
    return tuple(keys)
