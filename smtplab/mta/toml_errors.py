"""Say in plain words what is wrong with a text that is not TOML, in which line, and what to do."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import NamedTuple

from . import sentences

# Where TOML's reader stopped; at the end of the document it gives no number.
_PLACE = re.compile(r" \((?:at line (?P<line>\d+), column (?P<column>\d+)|at end of document)\)$")

# What it says of a text that has no end on its line, and of one that has none at all.
_OPEN_IN_LINE = re.compile(r"(?:Illegal|Found invalid) character '\\n'")
_OPEN = re.compile(r"(?:Unterminated string|Expected \"('+)\")$")

# What it says of a key, or of a table, that is there already.
_TWICE = re.compile(r"Cannot (?:overwrite a value|declare .* twice|mutate .*)|Duplicate inline table key .*")

# What a row has between straight quotation marks, or in a comment; and the marks that word processors write.
_QUOTED = r"\"\"\"|'''|\"(?:[^\"\\]|\\.)*\"|'[^']*'"
_ELSEWHERE = re.compile(rf"{_QUOTED}|#.*")
_CURLY = re.compile("[“”„‟‘’‚‛«»]")
_ODD = ("Cc", "Cf", "Zs", "Zl", "Zp")  # control characters, characters without a shape, blanks
_TOKEN = re.compile(rf"{_QUOTED}|#[^\n]*|[\[\]{{}}]|\n|[^\"'#\[\]{{}}\n]+|.", re.DOTALL)
# What begins a key or a table, as no value in a list does.
_NEW_ROW = re.compile(r"\s*(?:\[|[\w.\"'-]+\s*=)")
_BOOLEANS = ("true", "false")


class _Stop(NamedTuple):
    """Where TOML's reader stopped: what it said, the number of the row, the row, and what is left of it."""

    said: str
    line: int
    row: str
    rest: str
    brackets: tuple[tuple[str, int], ...]  # those that are open there, each with its line


def in_words(error: str, text: str) -> str:
    """Return a sentence about the error of TOML's reader.

    Args:
        error: what the reader said.
        text: the text that it read.
    """
    if line := _open_text(error, text):
        return sentences.TOML_TEXT_OPEN.format(line=line)
    stop = _stop(error, text)
    if _TWICE.match(error):  # its number is behind the value that it could not keep
        return sentences.TOML_KEY_TWICE.format(line=stop.line)
    for say in _SAYINGS:
        if sentence := say(stop):
            return sentence
    return sentences.TOML_WRONG.format(line=stop.line, reason=stop.said)


def _stop(error: str, text: str) -> _Stop:
    lines = text.split("\n")
    found = _PLACE.search(error)
    if found is None or found["line"] is None:
        line = len(text.rstrip().split("\n"))
        return _Stop(_PLACE.sub("", error), line, lines[line - 1], "", _open_brackets(text))
    line, column = int(found["line"]), int(found["column"])
    row = lines[line - 1] if line <= len(lines) else ""
    before = "\n".join([*lines[: line - 1], row[: column - 1]])
    rest = _without_comment(row[column - 1 :])
    return _Stop(error[: found.start()], line, row, rest, _open_brackets(before))


def _without_comment(row: str) -> str:
    return "".join(token for token in _TOKEN.findall(row) if token[0] != "#").strip()


def _open_brackets(text: str) -> tuple[tuple[str, int], ...]:
    """Return the brackets of lists and tables that are open at the end of a text, the innermost last."""
    found: list[tuple[str, int]] = []
    line = 1
    for token in _TOKEN.findall(text):
        if token in ("[", "{"):
            found.append((token, line))
        elif token in ("]", "}") and found:
            found.pop()
        line += token.count("\n")
    return tuple(found)


def _open_text(error: str, text: str) -> int:
    """Return the line of a text without its closing quotation mark; 0 if the error is another one."""
    place = _PLACE.search(error)
    if place is not None and place["line"] and _OPEN_IN_LINE.match(error):
        return int(place["line"])
    if (found := _OPEN.match(_PLACE.sub("", error))) is None:
        return 0
    mark = found[1] or ('"""' if text.count('"""') % 2 else '"')
    return text.count("\n", 0, text.rindex(mark)) + 1


# Each says what is wrong if it is that, and is empty else. The first one counts.


def _curly(stop: _Stop) -> str:
    found = _CURLY.search(_ELSEWHERE.sub("", stop.row))
    return sentences.TOML_CURLY.format(line=stop.line, mark=found[0]) if found else ""


def _odd(stop: _Stop) -> str:
    """Name a character outside texts that an editor shows as a blank, or as nothing."""
    outside = _ELSEWHERE.sub("", stop.row)
    odd = next((each for each in outside if unicodedata.category(each) in _ODD and each not in "\t "), None)
    return "" if odd is None else sentences.TOML_ODD_CHARACTER.format(line=stop.line, code=f"U+{ord(odd):04X}")


def _backslash(stop: _Stop) -> str:
    is_one = stop.said.startswith(("Invalid hex value", "Unescaped '\\'"))
    return sentences.TOML_BACKSLASH.format(line=stop.line) if is_one else ""


def _name(stop: _Stop) -> str:
    if stop.said.startswith("Expected '='") and "=" not in stop.rest:
        return sentences.TOML_NO_EQUALS.format(line=stop.line)
    is_one = stop.said.startswith(("Expected '='", "Invalid statement", "Invalid initial character")) and stop.rest
    return sentences.TOML_NAME.format(line=stop.line) if is_one else ""


def _bracket(stop: _Stop) -> str:
    """Say where the bracket opens that is not closed."""
    if stop.said.startswith("Expected ']'"):
        return sentences.TOML_HEADER_OPEN.format(line=stop.line)
    if not stop.brackets:
        return ""
    mark, line = stop.brackets[0]
    if mark == "{":
        return "" if stop.rest else sentences.TOML_TABLE_OPEN.format(line=line)
    if not stop.rest or (line < stop.line and _NEW_ROW.match(stop.row)):
        return sentences.TOML_LIST_OPEN.format(line=line)
    value = _TOKEN.findall(stop.rest)[0]
    return sentences.TOML_NO_COMMA.format(line=stop.line, value=value) if value[0] in "\"'" else ""


def _value(stop: _Stop) -> str:
    """Say what is wrong with a value."""
    key, _, value = stop.row.partition("=")
    value = _without_comment(value)
    if not value and "=" in stop.row:
        return sentences.TOML_NO_VALUE.format(line=stop.line, key=key.strip())
    if value.lower() in _BOOLEANS:
        return sentences.TOML_BOOLEAN.format(line=stop.line, value=value, meant=value.lower())
    if stop.brackets and stop.rest:
        value = _first_value(stop.row, stop.rest)
    if value and value[0] not in "\"'[{" and stop.said.startswith(("Invalid value", "Expected newline", "Unclosed")):
        return sentences.TOML_UNQUOTED.format(line=stop.line, value=value)
    if stop.said.startswith("Expected newline"):
        return sentences.TOML_BEHIND.format(line=stop.line, rest=stop.rest)
    return ""


def _first_value(row: str, rest: str) -> str:
    """Return the value of a list in which the reader stopped: from the mark before it to the one behind it."""
    before = re.split(r"[\[{,=]", row[: row.rindex(rest)] if rest in row else "")[-1]
    return (before.strip() + re.split(r"[\]},]", rest)[0]).strip()


_SAYINGS: Iterable[Callable[[_Stop], str]] = (_curly, _odd, _backslash, _name, _bracket, _value)
