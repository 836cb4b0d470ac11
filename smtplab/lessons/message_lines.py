"""How the lines of a message differ from those of the task: what is too many, what is nearly right, what is missing.

The order of header fields does not matter, nor does the case of their names. A line that was meant to end the message,
such as a bullet, does no harm: the student is told to send the dot, and then the message has ended. Nor does a line of
the task that stands in the message more often than in the task, because a cell that runs twice sends its lines twice.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from ..base.nearest import nearest
from ..base.printed import in_a_row
from ..protocol.commands import VERBS
from ..transcript.rows import BULLETS, FOREIGN_DOTS
from . import sentences
from .evidence import LONE_DOT
from .typed_slips import slip_of_the_cell

_CRLF_SPELT = "<CRLF>"
_FIELD = re.compile(r"([!-9;-~]+)\s*:\s*(.*)")
_WITH_ADDRESS = {"from", "to", "cc", "sender", "reply-to"}
_ADDRESS = re.compile(r"[^\s<>]+@[^\s<>]+")
_BLIND_COPY = re.compile(r"bcc\s*:", re.IGNORECASE)
_QUOTES = "\"'“”„‘’"


def differences(wanted: Sequence[str], lines: Sequence[str]) -> Iterator[str]:
    """Yield how the lines of a message that has ended differ from those of the task, as sentences without full stop."""
    yield from lines_too_many(wanted, lines, ended=True)
    got = [normal(line) for line in lines]
    if missing := missing_lines(wanted, lines):
        template = sentences.MESSAGE_LACKS if len(missing) == 1 else sentences.MESSAGE_LACKS_SEVERAL
        yield template.format(lines=_in_words(missing))
    header = got[: got.index("")] if "" in got else got
    for line in wanted[: wanted.index("")] if "" in wanted else wanted:
        if normal(line) not in header:
            yield sentences.BEHIND_EMPTY_LINE.format(line=f"`{line}`")
    if not _are_in_order(_body(wanted), _body(lines)):
        yield sentences.TEXT_IN_OTHER_ORDER


def doubled(wanted: Sequence[str], lines: Sequence[str]) -> str:
    """Say that lines of the task stand in the message more often than in the task; empty if none does."""
    extra = Counter(map(normal, lines)) - Counter(map(normal, wanted))
    twice = [line for line in wanted if line.strip() and normal(line) in extra]
    if not twice:
        return ""
    told = sentences.TWICE_IN_MESSAGE if len(twice) == 1 else sentences.SEVERAL_TWICE_IN_MESSAGE
    return told.format(lines=in_a_row(f"`{line}`" for line in twice))


def lines_too_many(wanted: Sequence[str], lines: Sequence[str], *, ended: bool = False) -> Iterator[str]:
    """Yield a sentence about the lines that the task does not want at all, and one for each that is nearly right.

    Args:
        wanted: the lines of the task.
        lines: the lines of the message.
        ended: True if the message has ended.
    """
    near, foreign = _sorted_out(wanted, lines)
    yield from _foreign(foreign, ended=ended)
    yield from (near_line(line, meant) for line, meant in near)


def _sorted_out(wanted: Sequence[str], lines: Sequence[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """Return the lines that are nearly those of the task, each with the line that is meant, and the foreign ones."""
    right = set(map(normal, wanted))
    near: list[tuple[str, str]] = []
    foreign: list[str] = []
    for line in lines:
        if not line.strip() or is_slip_of_the_end(line) or normal(line) in right:
            continue
        meant = nearest(line.strip().strip(_QUOTES), wanted)
        if meant and not (_is_command(line) or _BLIND_COPY.match(line) or slip_of_the_cell(line)):
            near.append((line, meant))
        else:
            foreign.append(line)
    return near, foreign


def near_line(line: str, meant: str) -> str:
    """Say in which way a line differs from that of the task."""
    told = f"`{line}`"
    bare = line.strip()
    if bare.strip(_QUOTES) != bare and normal(bare.strip(_QUOTES)) == normal(meant):
        return sentences.IN_QUOTATION_MARKS.format(line=told)
    if bare == f"{meant}{LONE_DOT}":
        return sentences.DOT_AT_ITS_END.format(line=told)
    if f"{bare}{LONE_DOT}" == meant:
        return sentences.NO_DOT_AT_ITS_END.format(line=told)
    if line.rstrip() == meant:
        return sentences.TEXT_IN_OTHER_ORDER
    if bare == meant:
        return sentences.BLANK_BEFORE_IT.format(line=told)
    if bare.casefold() == meant.casefold():
        return sentences.OTHER_CAPITALS.format(line=told, meant=f"`{meant}`")
    return sentences.NEAR_LINE.format(line=told, meant=f"`{meant}`")


def foreign_line(line: str) -> str:
    """Say that a line does not belong into a message, and if it is a command, that nobody reads it as one."""
    if slip := slip_of_the_cell(line):
        return slip
    if told := blind_copy([line]):
        return told
    told = sentences.COMMAND_IN_MESSAGE if _is_command(line) else sentences.LINE_TOO_MUCH
    return told.format(line=f"`{line}`")


def blind_copy(lines: Sequence[str]) -> str:
    """Say that the recipients can read a Bcc field, if one of the lines is such a field; else empty."""
    found = next((line for line in lines if _BLIND_COPY.match(line)), "")
    return sentences.BLIND_COPY.format(line=f"`{found}`") if found else ""


def _foreign(lines: Sequence[str], *, ended: bool) -> Iterator[str]:
    """Yield the sentence about lines that do not belong into a message, if there are any."""
    lines = list(dict.fromkeys(lines))
    listed = ", ".join(f"`{line}`" for line in lines)
    if told := blind_copy(lines) or next(filter(None, map(slip_of_the_cell, lines)), ""):
        yield told
    elif len(lines) == 1:
        yield sentences.ENDED_WITH_A_LINE.format(line=listed) if ended else foreign_line(lines[0])
    elif lines:
        yield (sentences.ENDED_WITH_LINES if ended else sentences.LINES_TOO_MANY).format(lines=listed)


def is_slip_of_the_end(line: str) -> bool:
    """Return True if a line of a message was meant to end it."""
    return bool(slip_of_the_end(line))


def slip_of_the_end(line: str) -> str:
    """Say why a line of a message that was meant to end it does not; empty if it was not meant so."""
    slips = [
        (_CRLF_SPELT in line.upper(), sentences.CRLF_IN_MESSAGE),
        (line.strip() in BULLETS, sentences.BULLET_IN_MESSAGE),
        (line.strip() in FOREIGN_DOTS, sentences.FOREIGN_DOT_IN_MESSAGE),
        (line.strip(' \t"') == LONE_DOT, sentences.DOT_IN_MESSAGE),
    ]
    return next((told.format(line=f"`{line}`") for is_made, told in slips if is_made), "")


def _body(lines: Sequence[str]) -> list[str]:
    """Return the lines behind the header, without empty ones and without slips of the end."""
    behind = lines[list(lines).index("") :] if "" in lines else ()
    return [line.rstrip() for line in behind if line.strip() and not is_slip_of_the_end(line)]


def _are_in_order(wanted: Sequence[str], lines: Sequence[str]) -> bool:
    """Return True if the lines have those that are wanted in their order; others may stand between."""
    rest = iter(lines)
    return all(line in rest for line in wanted)


def _is_command(line: str) -> bool:
    words = line.split()
    return bool(words) and words[0].upper() in VERBS


def normal(line: str) -> str:
    """Return a line as it is compared: the name of a field in small letters, and of an address field its address."""
    found = _FIELD.fullmatch(line.rstrip())
    if found is None:
        return line.rstrip()
    name, value = found[1].lower(), found[2]
    addresses = _ADDRESS.findall(value.lower()) if name in _WITH_ADDRESS else []
    return f"{name}: {', '.join(addresses) or value}"


def missing_lines(wanted: Sequence[str], lines: Sequence[str]) -> list[str]:
    """Return the lines of the task that a message does not have."""
    got = [normal(line) for line in lines]
    return [line for line in wanted if normal(line) not in got]


def not_yet_in_message(missing: Sequence[str]) -> str:
    """Return what to do about lines that a message, which goes on, does not have yet; empty if it has all."""
    if not missing:
        return ""
    if len(missing) > 1:
        return sentences.SEVERAL_NOT_IN_MESSAGE_YET.format(lines=_in_words(missing))
    return sentences.NOT_IN_MESSAGE_YET.format(wanted=missing[0]) if missing[0] else sentences.NO_EMPTY_LINE_YET


def said_too_late(wanted: Sequence[str], lines: Sequence[str]) -> str:
    """Say which lines of the header, or the empty line behind it, are missing before text that stands there; or ""."""
    if "" not in wanted:
        return ""
    text = [line for line in wanted[wanted.index("") :] if line and line in lines]
    missing = [line for line in missing_lines(wanted, lines) if line in wanted[: wanted.index("") + 1]]
    if not text or not missing:
        return ""
    return sentences.TOO_LATE.format(text=f"`{text[0]}`", missing=_in_words(missing))


def stuffed_line(line: str, pattern: str) -> str:
    """Say what stands in the mailbox of a line that was to have one more dot in front; empty for other lines."""
    if not pattern.startswith("..") or "*" in pattern:
        return ""
    kept = line.removeprefix(LONE_DOT)
    template = sentences.NO_DOT_TO_TAKE if kept == line else sentences.DOT_TAKEN
    return template.format(line=f"`{line}`", kept=f"`{kept}`", meant=f"`{pattern[1:]}`")


def _in_words(lines: Sequence[str]) -> str:
    """Name lines of a message; one alone is called a line."""
    named = [f"`{line}`" if line else "the empty line after the header" for line in lines]
    return f"the line {named[0]}" if len(lines) == 1 and lines[0] else in_a_row(named)


def first_missing(patterns: Sequence[str], lines: Sequence[str]) -> str | None:
    """Return the first pattern that no line fits behind those of the patterns before; None if all have one."""
    rest = [line.rstrip() for line in lines]
    for pattern in patterns:
        at = next((at for at, line in enumerate(rest) if fnmatchcase(line, pattern) or is_twice(line, pattern)), None)
        if at is None:
            return pattern
        del rest[: at + 1]
    return None


def is_twice(line: str, pattern: str) -> bool:
    """Return True if a line is a pattern without stars more than once, because a cell that begins it ran twice."""
    return len(line) > len(pattern) > 0 and line == pattern * (len(line) // len(pattern))
