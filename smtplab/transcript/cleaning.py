"""Clean the lines of a pasted text of what a terminal, an editor or a web page has added to all of them.

These are colours, characters that do not show, marks of line ends, empty lines in between, and a common indentation.
Each line keeps its number.
"""

import html
import re
import textwrap
from collections.abc import Sequence

from .lines import BLANKS, COMMAND, PastedLine

# Unix, Windows, old Macs, a Windows line end that was translated twice, a word processor's line break, and Unicode's.
_LINE_END = re.compile(r"\r*\n|\r|\v|\u2028|\u2029")
_NEXT_LINE = re.compile("\x85")  # of EBCDIC; beside other line ends it is a character
_OTHER_CR = re.compile(r"(?<!\n)\r")
# ECMA-48: a control sequence (colours, cursor), and a string for the window's title; xterm ends it with BEL. A pager
# shows ESC as two characters.
_ESCAPE_SEQUENCE = re.compile(r"(?:\x1b|\^\[|\u241b)(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_=>])")
# Byte order marks, joiners, soft hyphens, marks of the direction of writing; NUL stands between the letters of UTF-16.
_INVISIBLE = dict.fromkeys(
    (0x00, 0xAD, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, *range(0x2066, 0x206A), 0xFEFF)
)
# How editors, `cat -A`, slides and pages show the end of a line. Longer ones come before those that they end with.
_END_MARKS = (
    "^M$",
    "^M",
    "<CRLF>",
    "<CR><LF>",
    "\\r\\n",
    "\\n",
    "<br>",
    "<br/>",
    "$",
    "\\",
    "¶",
    "⏎",
    "↵",
    "␍␊",
    "**",
    "`",
)
_SAID_BY_SERVER = re.compile(r"(?:^|[\s<>:;\])|\"'`{}*\uff1a])[245][0-9]{2}(?:[-\s]|$)")
_SAID_BY_CLIENT = re.compile(rf"(?:^|[\s<>:;\])|\"'`{{}}*\uff1a]){COMMAND}", re.IGNORECASE)
# Tags around a session; what somebody writes in such brackets about it has a blank in it.
_TAG = re.compile(r"</?(?:html|body|pre|code|samp|tt|div|p|span|li)(?:\s[^<>]*)?>", re.IGNORECASE)
_MOST_TAGS = 8  # before a line, and behind it
# The path of a command in the source of a page.
_PATH_IN_HTML = re.compile(r"(?:from|to)\s*:\s*&(?:lt|#60|#x3c);", re.IGNORECASE)
_FEWEST = 2  # lines of a side that must have the same end before it is taken for a mark
_SHARE = 0.75  # and their share; a message may hold lines that look like replies


def lines_of(text: str) -> list[str]:
    """Return the lines of a text, as octets were read, without line ends and the byte order mark before the first."""
    if "\n\r" in text and not _OTHER_CR.search(text):
        text = text.replace("\n\r", "\n")  # a telnet client that turns the two round
    ends = _LINE_END if _LINE_END.search(text.strip()) else _NEXT_LINE
    return ends.split(text.removeprefix("\ufeff"))


def cleaned(lines: Sequence[str]) -> list[PastedLine]:
    """Return the lines of a session without what a program has added to all of them, each with its number.

    Args:
        lines: the lines of the text, without line ends.
    """
    shown = [_ESCAPE_SEQUENCE.sub("", line).translate(_INVISIBLE) for line in lines]
    shown = _without_tags([_retyped(line) if "\b" in line else line for line in shown])
    if any(_PATH_IN_HTML.search(line) for line in shown):
        shown = [html.unescape(line) for line in shown]
    for mark in _END_MARKS:
        if _is_mark_of_the_end(mark, shown):
            shown = [line.rstrip().removesuffix(mark) for line in shown]
    shown = _without_quotes(textwrap.dedent("\n".join(shown)).split("\n"))
    return _without_gaps([PastedLine(number, line) for number, line in enumerate(shown, 1)])


def _retyped(line: str) -> str:
    """Return what a line shows after its backspaces, as `script` records them."""
    shown: list[str] = []
    for character in line:
        if character != "\b":
            shown.append(character)
        elif shown:
            shown.pop()
    return "".join(shown)


def _without_tags(lines: list[str]) -> list[str]:
    """Remove what the source of a page has around a session, or around each of its lines, such as ``<pre>``."""
    first = next((line for line in lines if line.strip()), "")
    return [_without_tags_around(line) for line in lines] if _TAG.match(first.lstrip()) else lines


def _without_tags_around(line: str) -> str:
    inner = line.strip()
    for _ in range(_MOST_TAGS):
        if found := _TAG.match(inner):
            inner = inner[found.end() :].strip()
        at = inner.rfind("<")
        if at >= 0 and _TAG.fullmatch(inner, at):
            inner = inner[:at].rstrip()
    if inner == line.strip():
        return line
    is_said = _SAID_BY_SERVER.match(inner) or _SAID_BY_CLIENT.match(inner) or not inner
    return inner if is_said else line  # a message may be HTML


def _without_quotes(lines: list[str]) -> list[str]:
    """Remove the mark of quoted mail, or a bullet, that stands before every line."""
    said = [line.rstrip() for line in lines if line.strip()]
    for mark in ("> ", ">", "* "):
        if said and all(f"{line} ".startswith(mark) for line in said):
            return _without_quotes([line.removeprefix(mark) if line.strip() != ">" else "" for line in lines])
    return lines


def _is_mark_of_the_end(mark: str, lines: Sequence[str]) -> bool:
    """Return True if nearly all that looks like a reply ends with a mark, or nearly all that looks like a command."""
    ends = [line.rstrip().endswith(mark) for line in lines]
    if not any(ends):
        return False
    heard, said = [], []
    for line, has_mark in zip(lines, ends, strict=True):
        text = line.translate(BLANKS).rstrip().removesuffix(mark)
        if _SAID_BY_SERVER.search(text):
            heard.append(has_mark)
        elif _SAID_BY_CLIENT.search(text):
            said.append(has_mark)
    return any(sum(side) >= max(_FEWEST, _SHARE * len(side)) for side in (heard, said))


def _without_gaps(lines: Sequence[PastedLine]) -> list[PastedLine]:
    """Remove the empty lines that a page puts between all lines; if one is missing, they are the session's own."""
    first = next((at for at, line in enumerate(lines) if line.words), 0)
    said, gaps = lines[first::2], lines[first + 1 :: 2]
    is_double_spaced = len(said) > _FEWEST and not any(line.words for line in gaps)
    return [*lines[:first], *said] if is_double_spaced else list(lines)
