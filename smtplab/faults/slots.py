"""Read and write what stands in the slots of a form, such as numbers, durations, codes and quoted texts.

`KINDS` here has the kinds that need no other module. `places`, `conditions`, `actions` and `short_forms` add theirs
when they are imported; `fault` imports them all, so read faults through it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..base.duration import DAY, HOUR, MINUTE, UNITS, format_exactly
from ..protocol.extensions import EXTENSIONS
from .tokens import ADDRESS, Text, tokens_of

_TIME_OF_DAY = re.compile(r"(\d{1,2}):(\d\d)")
_ENHANCED_CODE = re.compile(r"[245](\.\d{1,3}){2}")
_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth",
)  # fmt: skip
_ESCAPES = {"r": b"\r", "n": b"\n", "t": b"\t", "0": b"\0", "\\": b"\\", '"': b'"'}
_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|.)", re.DOTALL)
_SHOWN = {octets: f"\\{letter}" for letter, octets in _ESCAPES.items()}
# Octets that have a name, in any order and number: LF.LF
OCTET_NAMES = {
    "crlf": b"\r\n", "cr": b"\r", "lf": b"\n", "nul": b"\0", "tab": b"\t", "esc": b"\x1b", "bom": b"\xef\xbb\xbf",
    ".": b".",
}  # fmt: skip

# And octets that stand for themselves, with an article or without.
NAMED_PHRASES = {
    "garbage": b"\xff\x00garbage\r\n", "empty line": b"\r\n", "blank line": b"\r\n", "empty reply": b"\r\n",
    "malformed reply": b"malformed\r\n", "malformed line": b"malformed\r\n",
}  # fmt: skip

# Yields values and the position behind each.
Found = Iterator[tuple[Any, int]]


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


def phrases(table: Mapping[Any, Sequence[str]], shown: str, *, such: str = "", written: bool = True) -> SlotKind:
    """Return the kind of slot that takes one of several phrases, each of one word or more.

    Args:
        table: the value to its phrases, the canonical one first.
        shown: what stands for it in the grammar.
        such: what an error lists in place of all of them.
        written: False if a value is never written as such a phrase.
    """
    rows = [(value, tuple(tokens_of(phrase))) for value, all_of in table.items() for phrase in all_of]
    rows.sort(key=lambda row: -len(row[1]))  # one phrase may begin with another, so the longest is tried first
    lowered = [(value, words, [word.lower() for word in words]) for value, words in rows]

    def read(text: Text, at: int) -> Found:
        first = text.word(at)
        for value, words, lower in lowered:
            if first != lower[0]:
                text.miss(at, such or table[value][0], also=words[:1])
                continue
            same = 1
            while same < len(words) and text.word(at + same) == lower[same]:
                same += 1
            if same == len(words):
                yield value, at + same
            else:
                text.miss(at + same, words[same])

    examples = tuple(phrase for all_of in table.values() for phrase in all_of)
    return SlotKind(read, lambda value: table[value][0], shown, examples, lambda value: written and value in table)


def _read_count(text: Text, at: int) -> Found:
    word = text.word(at)
    if word in _NUMBERS:
        yield _NUMBERS.index(word), at + 1
    elif re.fullmatch(r"\d+(,\d{3})*", word):
        yield int(word.replace(",", "")), at + 1
    else:
        text.miss(at, "a number")


def _read_positive(text: Text, at: int) -> Found:
    for number, behind in _read_count(text, at):
        if number:
            yield number, behind
        else:
            text.miss(at, "a number above 0")


def read_ordinal(text: Text, at: int) -> Found:
    """Yield the ordinal at a position, if there is one."""
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


def _read_refusal(text: Text, at: int) -> Found:
    return ((code, behind) for code, behind in _read_code(text, at) if code[0] in "45")


def _read_failure(text: Text, at: int) -> Found:
    return ((code, behind) for code, behind in _read_code(text, at) if re.fullmatch("5[0-9][0-9]", code))


def _read_consent(text: Text, at: int) -> Found:
    return ((code, behind) for code, behind in _read_code(text, at) if code[0] not in "45")


def _read_codes(text: Text, at: int) -> Found:
    """Yield a code, or a digit and ``yz`` for all codes that begin with it, as RFC 5321 4.2.1 writes them."""
    if re.fullmatch(r"[1-5]", text.word(at)) and text.word(at + 1) in ("yz", "xx"):
        yield f"{text.word(at)}yz", at + 2
    else:
        yield from _read_code(text, at)


def _read_duration(text: Text, at: int) -> Found:
    total, here = 0, at
    while re.fullmatch(r"\d+(,\d{3})*", text.word(here)) or text.word(here) in _NUMBERS:
        if text.word(here + 1) not in UNITS:
            text.miss(here + 1, "a unit of time such as min", also=UNITS)
            break
        total += next(_read_count(text, here))[0] * UNITS[text.word(here + 1)]
        here += 2
    if here == at and text.word(at) in ("a", "an") and text.word(at + 1) in UNITS:  # a minute
        total, here = UNITS[text.word(at + 1)], at + 2
    if here > at:
        yield total, here
    else:
        text.miss(at, "a duration such as 30 s")


def _read_window(text: Text, at: int) -> Found:
    """Yield a duration; a unit alone is one of it."""
    if text.word(at) in UNITS:
        yield UNITS[text.word(at)], at + 1
    else:
        yield from _read_duration(text, at)


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
    if re.fullmatch(ADDRESS, token):
        yield token.encode("utf-8", "surrogateescape"), at + 1
    elif len(token) > 1 and token[0] in "\"'":
        yield _ESCAPE.sub(_unescaped, token[1:-1]).encode("utf-8", "surrogateescape"), at + 1
    else:
        yield from _read_named_octets(text, at)


def _read_named_octets(text: Text, at: int) -> Found:
    here = at + (text.word(at) in ("a", "an"))
    for name, octets in NAMED_PHRASES.items():
        words = tuple(name.split())
        if text.has(here, words):
            yield octets, here + len(words)
            return
    named, here = b"", at
    while text.word(here) in OCTET_NAMES and (here > at or text.word(here) != "."):
        named += OCTET_NAMES[text.word(here)]
        here += 1
    if named:
        yield named, here
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
    """Yield the texts at a position; an enhanced code in front of them is the begin of the first."""
    enhanced = text.word(at) if _ENHANCED_CODE.fullmatch(text.word(at)) else ""
    at += bool(enhanced)
    texts: list[bytes] = []
    while found := next(_read_octets(text, at), None):
        texts.append(found[0])
        at = found[1]
    if enhanced:
        texts[:1] = [b" ".join((enhanced.encode(), *texts[:1]))]
    yield tuple(texts), at


def _write_texts(texts: tuple[bytes, ...]) -> str:
    return " ".join(map(_write_octets, texts))


_MORE_KEYWORDS = ("STARTTLS", "AUTH", "ETRN", "CHUNKING", "BINARYMIME", "DSN", "VRFY", "EXPN", "HELP")
_KEYWORDS = phrases(
    {keyword.encode(): (keyword,) for keyword in (*EXTENSIONS, *_MORE_KEYWORDS)},
    "KEYWORD",
    such="a keyword such as SIZE",
)


def _read_keyword(text: Text, at: int) -> Found:
    yield from _read_octets(text, at)
    for keyword, behind in _KEYWORDS.read(text, at):
        yield keyword, behind
        while _is_parameter(text, behind):
            keyword, behind = keyword + b" " + text.tokens[behind].encode(), behind + 1
            yield keyword, behind


def _is_parameter(text: Text, at: int) -> bool:
    """True if the word at a position is a parameter of a keyword: a number, or in capitals."""
    word = text.word(at)
    return word.isalnum() and word != "from" and text.tokens[at] == word.upper()


def _is_natural(value: Any) -> bool:
    return isinstance(value, int) and value >= 0


def _is_ordinal(value: Any) -> bool:
    return isinstance(value, int) and value > 0


def _is_octets(value: Any) -> bool:
    return isinstance(value, bytes)


_KEYWORD_EXAMPLES = ('"X-ODD 1"', "SIZE", "8BITMIME", "AUTH PLAIN LOGIN")
_TEXT_EXAMPLES = ('"ok"', "'ok'", r'"\r\n\t\0\xff\"\\"', "LF.LF", "CRLF")
KINDS: dict[str, SlotKind] = {
    "count": SlotKind(
        _read_count, lambda number: f"{number:,}", "NUMBER", ("1", "two", "20", "1,000"), _is_natural
    ),
    "positive": SlotKind(_read_positive, lambda number: f"{number:,}", "NUMBER", ("1", "two", "20"), _is_ordinal),
    "ordinal": SlotKind(read_ordinal, write_ordinal, "ORDINAL", ("second", "21st"), _is_ordinal),
    "code": SlotKind(_read_code, str, "CODE", ("451",)),
    "refusal": SlotKind(_read_refusal, str, "CODE", ("451", "550")),
    "failure": SlotKind(_read_failure, str, "CODE", ("550", "554")),
    "consent": SlotKind(_read_consent, str, "CODE", ("250", "999")),
    "codes": SlotKind(_read_codes, str, "CODES", ("451", "5yz", "4xx"), lambda value: value not in ("", "error")),
    "duration": SlotKind(_read_duration, format_exactly, "TIME", ("30 s", "1 h 30 min", "five minutes"), _is_natural),
    "window": SlotKind(_read_window, format_exactly, "TIME", ("minute", "10 min"), _is_ordinal),
    "time": SlotKind(_read_time, _write_time, "TIME-OF-DAY", ("22:00",), lambda value: isinstance(value, int)),
    "chance": SlotKind(_read_chance, _write_chance, "PROBABILITY", ("0.3", "30 %", "30 percent"), lambda value: True),
    "octets": SlotKind(_read_octets, _write_octets, "TEXT", _TEXT_EXAMPLES, _is_octets),
    "keyword": SlotKind(_read_keyword, _write_octets, "KEYWORD", _KEYWORD_EXAMPLES, _is_octets),
    "texts": SlotKind(
        _read_texts, _write_texts, "[TEXT ...]", ("", '"ok"', '"two" "lines"', '5.1.1 "no"'), lambda value: True
    ),
}  # fmt: skip
"""What a slot of a form may take, by the name that the form uses."""
