"""Remove what stands before the lines of a pasted session, and read there whose line each is.

swaks, curl, PHPMailer, sendmail, Exim, Postfix, smtplib and people write arrows, names, times or numbers before a line.
No table lists these prefixes: the prefix of the greeting is the server's, and that of the first command the client's.
If both are the same, as with quoted mail, times or line numbers, the prefix says nothing and is removed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from .lines import BLANKS, COMMAND, DASHES, TOOL, PastedLine, is_command
from .quoted import END_IN_QUOTES, QUOTES, lines_within, unquoted
from .rows import Side

# A reply or a command may stand at the beginning of a line or behind one of these characters.
_BEHIND = r"(?:^|(?<=[\s<>:;\])|\"'`{}*\uff1a\u2190\u2192])|(?<=[<>][-=])|(?<=[<>][-=]{2}))"
_SAID_BY_SERVER = re.compile(rf"{_BEHIND}([245][0-9]{{2}})(?:[{DASHES}\s]|$)")
_SAID_BY_CLIENT = re.compile(rf"{_BEHIND}{COMMAND}", re.IGNORECASE)
# A number in a prefix. A clock may leave out the fraction of a second where it is 0.
_NUMBER = r"[0-9]+(?:[.,][0-9]+)*"
_FEWEST_REPLIES = 2  # without the prefix of the greeting, after which it is not the server's
_LONGEST = 120  # columns of a prefix
_WORD = re.compile(r"[^\W\d_]{2,}")
_PROSE = re.compile(r"(?:[^\W\d_]+ ){3}")
_ARROW = re.compile(rf"[\s<>*~=|{DASHES}]*[<>][\s<>*~=|{DASHES}]*")
# What may stand between a prefix and a command: blanks, and the beginning of a string in Python.
_OPENING = " \tb'\""
# What the client is called where the server is called so.
_OTHER_SIDE = {"server": "client", "client": "server", "s": "c", "r": "s", "sent": "received", "out": "in"}
_OTHER_ARROW = {"<": ">", "<<": ">>", "<<<": ">>>", ">": "<", ">>": "<<", ">>>": "<<<"}


def without_prefixes(lines: Sequence[PastedLine]) -> list[PastedLine]:
    """Remove what stands before the lines of a session, and return each line with the side that it names.

    Args:
        lines: the lines of the text, without line ends.
    """
    found = list(lines)
    for _ in range(3):  # mail may be quoted twice and have line numbers
        server, client = _prefixes(found)
        if server is None or client is None or server.key != client.key:
            break
        found = [replace(line, text=_behind(client, line.text)) for line in found]
    if server is not None and client is None:
        if _is_prose(found, server):
            return [replace(line, side=Side.NOTE) for line in found]
        if plain := _without_stray_prefix(found, server):
            found, server = plain, None
    return [said for line in found for said in _told(line, server, client)]


def _is_prose(lines: Sequence[PastedLine], server: _Prefix) -> bool:
    """Return True for a text that only quotes refusals, as a bounce does, or what a server logs of a session."""
    behind = [text for line in lines if (text := server.removed(line.text)) is not None]
    is_refusal = all(text[:1] in ("4", "5") for text in behind)
    return server.is_wordy and is_refusal and not any(line.is_command or line.reply for line in lines)


def _without_stray_prefix(lines: Sequence[PastedLine], server: _Prefix) -> list[PastedLine] | None:
    """Return the lines without a prefix that only the greeting has; None if it is the server's.

    If the greeting stands in the text a second time, what has the prefix is a remark.
    """
    marked = [at for at, line in enumerate(lines) if server.removed(line.text) is not None]
    replies = [line.reply for line in lines if line.reply is not None]
    if len(marked) != 1 or len(replies) < _FEWEST_REPLIES:
        return None
    if any(reply.startswith("220") for reply in replies):
        return list(lines)
    return [replace(line, text=_behind(server, line.text)) for line in lines]


class _Prefix:
    """What stands before the lines of one side.

    Args:
        sample: the prefix of one line; other lines may differ in numbers and blanks.
        side: whose lines have it.

    Attributes:
        key: a text that is the same for all prefixes with the same meaning.
        is_wordy: True if it has several words, as a sentence has.
    """

    def __init__(self, sample: str, side: Side) -> None:
        self.side = side
        self.is_wordy = len(_WORD.findall(sample)) > 1
        self._quote = next((mark for mark in QUOTES if sample.count(mark) % 2 == 1), "")
        self._ends_in_quote = bool(self._quote) and sample.rstrip().endswith(self._quote)
        is_arrow = _ARROW.fullmatch(sample) is not None and len(sample.split()) == 1
        self.key = _arrow_of(sample) if is_arrow else re.sub(_NUMBER, "0", "".join(sample.split())).casefold()
        pattern = _arrow_pattern(self.key, sample.count(self.key)) if is_arrow else _pattern(sample)
        room = len(sample) - len(sample.rstrip())
        behind = rf"\s{{0,{room}}}" if side is Side.CLIENT else r"\s*"
        self._pattern = re.compile(rf"\s*{pattern}{behind}", re.IGNORECASE)

    def removed(self, text: str) -> str | None:
        """Return the text behind the prefix; None if the line does not have it."""
        found = self._pattern.match(text.translate(BLANKS))
        if found is None:
            return None
        rest = text[found.end() :]
        return unquoted(rest, self._quote) if self._ends_in_quote else rest.removesuffix(self._quote)

    def lines(self, text: str) -> list[str]:
        """Return the lines in a text from which the prefix is removed; within quotation marks several may stand."""
        return lines_within(text, is_quoted=self._ends_in_quote)


def _arrow_of(sample: str) -> str:
    return "<" if "<" in sample else ">"


def _arrow_pattern(head: str, heads: int) -> str:
    """Return a pattern for arrows with at most so many heads; swaks has several shafts."""
    return rf"[*~=|{DASHES}]*{head}{{1,{heads}}}[*~=|{DASHES}]*"


def _pattern(sample: str) -> str:
    """Return a pattern for prefixes that differ from `sample` in numbers and blanks only."""
    pieces = re.findall(rf"{_NUMBER}|\s+|[^0-9\s]+", sample.strip())
    return "".join(_NUMBER if each[0].isdigit() else r"\s*" if each.isspace() else re.escape(each) for each in pieces)


def _behind(prefix: _Prefix, text: str) -> str:
    removed = prefix.removed(text)
    return text if removed is None else removed


def _told(line: PastedLine, server: _Prefix | None, client: _Prefix | None) -> Iterator[PastedLine]:
    """Yield what a line says, without its prefix, and with the side that this names."""
    for prefix in filter(None, (server, client)):
        text = prefix.removed(line.text)
        if text is not None:
            yield from (PastedLine(line.number, each, prefix.side) for each in prefix.lines(text))
            return
    is_tool = (server or client) and TOOL.match(line.words)
    yield replace(line, side=Side.NOTE) if is_tool else line


def _prefixes(lines: Sequence[PastedLine]) -> tuple[_Prefix | None, _Prefix | None]:
    """Find the prefix of the server's lines and that of the client's; None for a side whose lines have none."""
    heard = [found for line in lines if (found := _candidate(_SAID_BY_SERVER, line.text))]
    if not heard:
        return None, None
    greeting = _greeting(heard, lines)
    server = _Prefix(greeting, Side.SERVER) if greeting.strip() else None
    said = (line for line in lines if (server.removed(line.text) is None if server else line.reply is None))
    commands = [found[0] for line in said if (found := _candidate(_SAID_BY_CLIENT, line.text))]
    if server is None:
        is_plain = not commands or any(not each.strip() for each in commands)
        return None, None if is_plain else _Prefix(commands[0], Side.CLIENT)
    return server, _client_prefix(greeting, server, commands, lines)


def _greeting(heard: Sequence[tuple[str, str]], lines: Sequence[PastedLine]) -> str:
    """Return what stands before the greeting, or before another reply if the greeting is not in the text.

    A remark may begin with a number, too. So a prefix with which two lines begin, and whose counterpart begins a line
    of the client, is the better one; a message, which may hold anything, is not counted.
    """
    end = next((at + 1 for at, (_, code) in enumerate(heard) if code == "354"), len(heard))
    prefixes = [before for before, _ in heard[:end]]
    first = next((before for before, code in heard if code == "220"), None)
    if first is not None and first.strip():
        return first
    counts = Counter(_Prefix(before, Side.SERVER).key for before in prefixes if before.strip())
    arrows = [before for before in prefixes if before.strip() and _has_counterpart(before, lines)]
    plain = sum(1 for before in prefixes if not before.strip())
    best = max(arrows, key=lambda before: counts[_Prefix(before, Side.SERVER).key], default=None)
    if best is not None and (first is None or counts[_Prefix(best, Side.SERVER).key] > plain):
        return best
    return heard[0][0] if first is None else first


def _has_counterpart(greeting: str, lines: Sequence[PastedLine]) -> bool:
    """Return True if some lines begin with the client's prefix that usually goes with a server's."""
    mirrored = _mirrored(greeting)
    return mirrored is not None and any(mirrored.removed(line.text) is not None for line in lines)


def _candidate(pattern: re.Pattern[str], line: str) -> tuple[str, str] | None:
    """Return what stands before a reply or a command, and its beginning; None for the line of a tool, or for prose."""
    text = END_IN_QUOTES.sub("", line.translate(BLANKS))
    found = pattern.search(text)
    if found is None or found.start() > _LONGEST or TOOL.match(text.strip()):
        return None
    before = text[: found.start()]
    return None if _PROSE.match(before.strip()) else (before, found[0][:3])


def _client_prefix(
    greeting: str, server: _Prefix, commands: Sequence[str], lines: Sequence[PastedLine]
) -> _Prefix | None:
    """Return the prefix of the client's lines, where the server's have one."""
    behind = (server.removed(line.text) for line in lines)
    if any(text is not None and is_command(text) for text in behind):
        return _Prefix(greeting, Side.CLIENT)
    mirrored = _mirrored(greeting)
    if mirrored is not None and any(mirrored.removed(line.text) is not None for line in lines):
        samples = (
            each
            for each in commands
            if mirrored.removed(each) is not None and not (mirrored.removed(each) or "").strip(_OPENING)
        )
        sample = next(samples, None)  # with the blanks that these lines have
        return mirrored if sample is None else _Prefix(sample, Side.CLIENT)
    return _Prefix(commands[0], Side.CLIENT) if commands and commands[0].strip() else None


def _mirrored(greeting: str) -> _Prefix | None:
    """Return the client's prefix that usually goes with a server's, such as ``C:`` with ``S:``; None if none does."""
    pieces = re.findall(r"[A-Za-z]+|[<>]+|[^A-Za-z<>]+", greeting)
    for table in (_OTHER_SIDE, _OTHER_ARROW):
        swapped = [table.get(piece.casefold(), piece) for piece in pieces]
        if swapped != pieces:
            return _Prefix("".join(swapped), Side.CLIENT)
    return None
