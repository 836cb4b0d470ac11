"""Read logs whose lines are not those of the session: Python strings, dumps of octets, tables.

Each function reads one kind of log, and returns None for a text of another kind. Lines of a log that were not on the
wire become notes.
"""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from .lines import PastedLine
from .rows import Side

# smtplib with set_debuglevel(1) prints Python strings, and each reply a second time as a whole. With level 2 the time
# stands before them; other programs may add a prefix of their own.
_SMTPLIB = re.compile(r"(?:|.{0,120}?[\s:>|\])])(?P<name>send|reply): (?P<text>b?(?:'.*'|\".*\"))\s*$")
_SMTPLIB_AGAIN = re.compile(r"(?:|.{0,120}?[\s:>|\])])(?:reply: retcode \(|data: \(|connect: b?['\"])")
# curl --trace and --trace-ascii: a head for each piece, then its octets, 16 or 64 a line, and how many came before.
_CURL_HEAD = re.compile(r".{0,40}?(?P<arrow><=|=>) (?:Recv|Send) (?:header|data), [0-9]+ bytes \(0x[0-9a-f]+\)\s*$")
_CURL_INFO = re.compile(r".{0,40}?== Info: ")
_CURL_PIECE = re.compile(r"[0-9a-f]{4}:\s?(?P<octets>.*)$")
_CURL_HEX = re.compile(r"(?:[0-9a-f]{2} ){1,16}")
_CURL_WIDTH = 64
# Exchange's protocol log: time, connector, session, number, two addresses, event, data, context.
_EXCHANGE = re.compile(r"[0-9T:.Z-]+,[^,]*,[^,]*,[0-9]+,[^,]*,[^,]*,[-+*<>],")
_EVENT, _DATA = 6, 7
# What stands below the head of a table in Markdown.
_RULE = re.compile(r":?-+:?")
_MOST_NAMES = 3  # two speakers, and the head of their column; more are numbers or times
_NumberedCells = tuple[PastedLine, list[str]]
_CODE = re.compile(r"\s*[2-5][0-9]{2}(?:[-\s]|$)")


def read_log(lines: Sequence[PastedLine]) -> list[PastedLine] | None:
    """Return the lines of the session that a program has logged, with their sides; None if it is no such log.

    Args:
        lines: the lines of the text, without line ends.
    """
    readers: tuple[Callable[[Sequence[PastedLine]], list[PastedLine] | None], ...]
    readers = (_smtplib, _curl_trace, _exchange, _table)
    return next((found for reader in readers if (found := reader(lines)) is not None), None)


def _smtplib(lines: Sequence[PastedLine]) -> list[PastedLine] | None:
    """Read what smtplib prints; its first string comes before anything that looks like a reply."""
    first = next((line for line in lines if line.reply or _SMTPLIB.match(line.text)), None)
    return list(_without_python(lines)) if first is not None and _SMTPLIB.match(first.text) else None


def _without_python(lines: Sequence[PastedLine]) -> Iterator[PastedLine]:
    """Yield the lines within the Python strings."""
    for line in lines:
        found = _SMTPLIB.match(line.text)
        text = _python_string(found["text"]) if found else None
        if found and text is not None:
            side = Side.CLIENT if found["name"] == "send" else Side.SERVER
            yield from (PastedLine(line.number, each, side) for each in text.removesuffix("\r\n").split("\r\n"))
        elif line.words and not _SMTPLIB_AGAIN.match(line.text):
            yield replace(line, side=Side.NOTE)


def _python_string(source: str) -> str | None:
    """Return the text of a string as Python prints it; None if it was cut."""
    try:
        said = ast.literal_eval(source)
    except (SyntaxError, ValueError):
        return None
    return said.decode("utf-8", "surrogateescape") if isinstance(said, bytes) else str(said)


def _curl_trace(lines: Sequence[PastedLine]) -> list[PastedLine] | None:
    """Read what curl writes with --trace and --trace-ascii."""
    return list(_pieces(lines)) if any(_CURL_HEAD.match(line.text) for line in lines) else None


def _pieces(lines: Sequence[PastedLine]) -> Iterator[PastedLine]:
    """Yield notes, and the lines in the octets below each head."""
    side, octets = None, list[PastedLine]()
    for line in [*lines, PastedLine(0, "== Info: ")]:
        if side and (found := _CURL_PIECE.match(line.text.lstrip())):
            octets.append(replace(line, text=found[0], side=side))
            continue
        yield from _octets(octets)
        head = _CURL_HEAD.match(line.text)
        side, octets = (Side.SERVER if head["arrow"] == "<=" else Side.CLIENT) if head else None, []
        if head is None and line.number and line.words:
            yield replace(line, text=_CURL_INFO.sub("", line.text), side=Side.NOTE)


def _octets(pieces: Sequence[PastedLine]) -> Iterator[PastedLine]:
    """Yield the lines in the octets of one dump."""
    read = [(each, _CURL_PIECE.match(each.text)) for each in pieces]
    texts = [found["octets"] for _, found in read if found]
    if texts and all(_CURL_HEX.match(each) for each in texts):
        data = b"".join(bytes.fromhex(found[0]) for each in texts if (found := _CURL_HEX.match(each)))
        text = data.decode("utf-8", "surrogateescape").removesuffix("\r\n")
        yield from (replace(pieces[0], text=each) for each in re.split("\r?\n", text))
        return
    text = ""
    for line, each in zip(pieces, texts, strict=True):
        text += each
        if len(each) < _CURL_WIDTH:  # --trace-ascii begins a new line at each CRLF
            yield replace(line, text=text)
            text = ""
    if text:
        yield replace(pieces[-1], text=text)


def _exchange(lines: Sequence[PastedLine]) -> list[PastedLine] | None:
    """Read the protocol log of Exchange, of its receiving and of its sending side."""
    if not any(_EXCHANGE.match(line.words) for line in lines):
        return None
    return list(_events(lines))


def _events(lines: Sequence[PastedLine]) -> Iterator[PastedLine]:
    logged = (line for line in lines if _EXCHANGE.match(line.words) and len(line.words) < csv.field_size_limit())
    fields = {line.number: next(csv.reader([line.words])) for line in logged}
    sent_by_server = next((each[_EVENT] for each in fields.values() if _CODE.match(each[_DATA])), ">")
    for line in lines:
        if line.number not in fields:
            yield replace(line, side=Side.NOTE)
            continue
        event, *data = fields[line.number][_EVENT:]
        text = ",".join(data[:-1] or data)  # the last field is the context; data with commas may lack quotation marks
        side = Side.SERVER if event == sent_by_server else Side.CLIENT if event in "<>" else Side.NOTE
        yield replace(line, text=text, side=side)


def _table(lines: Sequence[PastedLine]) -> list[PastedLine] | None:
    """Read a table with a column for each side, whose rows are read from left to right, or with the speakers' names."""
    rows = [(line, _cells(line.text)) for line in lines if line.words]
    width = len(rows[0][1]) if rows else 0
    if width < 2 or any(len(cells) != width for _, cells in rows):
        return None
    columns = [[cells[at] for _, cells in rows] for at in range(width)]
    said = [at for at, column in enumerate(columns) if any(PastedLine(0, each).is_command for each in column)]
    heard = [at for at, column in enumerate(columns) if any(_CODE.match(each) for each in column)]
    if len(said) != 1 or len(heard) != 1:
        return None
    shown = [(line, cells) for line, cells in rows if not all(_RULE.fullmatch(each) for each in cells)]
    if said != heard:
        return list(_side_by_side(shown, said[0], heard[0]))
    names = {cells[said[0] - 1] for line, cells in shown if line.words.startswith("|")}  # else a tab in a prefix
    return list(_named(shown, said[0])) if said[0] > 0 and 1 < len(names) <= _MOST_NAMES else None


def _side_by_side(rows: Sequence[_NumberedCells], client: int, server: int) -> Iterator[PastedLine]:
    """Yield the lines of a table with a column for each side."""
    sides = {client: Side.CLIENT, server: Side.SERVER}
    for line, cells in rows:
        yield from (replace(line, text=cells[at], side=sides[at]) for at in sorted(sides) if cells[at])


def _named(rows: Sequence[_NumberedCells], said: int) -> Iterator[PastedLine]:
    """Yield the lines of a table with one column for what was said, and the name of the speaker before it."""
    name = said - 1
    server = next(cells[name] for _, cells in rows if _CODE.match(cells[said]))
    for line, cells in rows:
        yield replace(line, text=cells[said], side=Side.SERVER if cells[name] == server else Side.CLIENT)


def _cells(text: str) -> list[str]:
    """Return the cells of a row of a table; none of a line that is no such row."""
    inner = re.fullmatch(r"\s*\|(.*)\|\s*", text)
    return [each.strip() for each in (inner[1].split("|") if inner else text.split("\t"))]
