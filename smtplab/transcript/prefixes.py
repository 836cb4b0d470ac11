"""Remove what stands before the lines of a pasted session, and read there whose line each is.

swaks, curl, PHPMailer, sendmail, Exim, Postfix, smtplib and people write arrows, names, times or numbers before a line.
No table lists these prefixes: the prefix of the greeting is the server's, and that of the first command the client's.
If both are the same, as with quoted mail, times or line numbers, the prefix says nothing and is removed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from .rows import Side

# How a command begins, written in full or split after its verb or its colon. A sentence that begins with the same
# word, such as "Data is next:", does not match.
_PARAMETERS = r"(?:\s+(?:[a-z0-9-]+=\S*|smtputf8))*"
_PATH = rf"\s*:\s*(?:<[^>]*>?|\S*){_PARAMETERS}"
_COMMAND = (
    rf"(?:(?:helo|ehlo|lhlo|noop|help|etrn)(?:\s+\S+)?|(?:mail|send|soml|saml)(?:\s+from(?:{_PATH})?)?"
    rf"|rcpt(?:\s+to(?:{_PATH})?)?|data|quit|rset|turn|starttls|(?:vrfy|expn)(?:\s+\S+){{0,3}}"
    r"|auth\s+\S+(?:\s+\S+)?|bdat\s+[0-9]+(?:\s+last)?)\s*$"
)
_DASHES = (
    "\\-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d\udc96\udc97"  # the last two are those of Windows-1252
)
BLANKS = dict.fromkeys(
    map(ord, "\xa0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u202f\u3000\udca0"), " "
)
# A reply or a command may stand at the beginning of a line or behind one of these characters.
_BEHIND = r"(?:^|(?<=[\s<>:\])|\"'}*\u2190\u2192]))"
_REPLY = re.compile(rf"\s*([0-9]{{3}})(?:([{_DASHES}])|\s|$)")
_SAID_BY_SERVER = re.compile(rf"{_BEHIND}([245][0-9]{{2}})(?:[{_DASHES}\s]|$)")
_SAID_BY_CLIENT = re.compile(rf"{_BEHIND}{_COMMAND}", re.IGNORECASE)
# A number in a prefix. A clock may leave out the fraction of a second where it is 0.
_NUMBER = r"[0-9]+(?:[.,][0-9]+)*"
_LONGEST = 120  # columns of a prefix
_WHOLE_COMMAND = re.compile(rf"\s*{_COMMAND}", re.IGNORECASE)
_PROSE = re.compile(r"(?:[^\W\d_]+ ){3}")
_ARROW = re.compile(rf"[\s<>*~=|{_DASHES}]*[<>][\s<>*~=|{_DASHES}]*")
# What the client is called where the server is called so.
_OTHER_SIDE = {"server": "client", "client": "server", "s": "c", "r": "s", "sent": "received", "out": "in"}
_OTHER_ARROW = {"<": ">", "<<": ">>", "<<<": ">>>", ">": "<", ">>": "<<", ">>>": "<<<"}

# What stands before a note: telnet, swaks, curl and a shell.
TOOL = re.compile(
    r"=|\$ |\*\*\* |\* [A-Z]|telnet> |\^\]|Trying |Connect(?:ed|ing) to |Escape character is "
    r"|Connection (?:closed|to .* lost)",
    re.IGNORECASE,
)
# smtplib with set_debuglevel(1) prints Python strings, and each reply a second time as a whole.
_SMTPLIB = re.compile(r"\s*(?P<name>send|reply): (?P<text>b?(?:'.*'|\".*\"))\s*$")
_SMTPLIB_AGAIN = re.compile(r"\s*(?:reply: retcode \(|data: \()")


@dataclass(frozen=True, slots=True)
class PastedLine:
    """One line of a pasted session.

    Args:
        number: where it stands in the text, from 1.
        text: the line without its prefix, with its indentation.
        side: the side that its prefix names; None if it has no prefix.
    """

    number: int
    text: str
    side: Side | None = None

    @property
    def words(self) -> str:
        """The line as somebody would type it: plain blanks, no indentation."""
        return self.text.translate(BLANKS).strip()

    @property
    def indentation(self) -> int:
        """How many blanks it begins with."""
        return len(self.text) - len(self.text.lstrip())

    @property
    def is_command(self) -> bool:
        """True if it has the form of a command, or of the first piece of a command that was split."""
        return is_command(self.text)

    @property
    def reply(self) -> str | None:
        """The line as a server sends it, with a plain hyphen or blank after the code; None if it is not a reply."""
        found = _REPLY.match(self.text.translate(BLANKS))
        if found is None:
            return None
        rest = self.text[found.end() :].translate(BLANKS).rstrip()
        return f"{found[1]}-{rest}" if found[2] else f"{found[1]} {rest}" if rest else found[1]


def is_command(text: str) -> bool:
    """Return True if a line has the form of a command, or of the first piece of a command that was split."""
    return _WHOLE_COMMAND.match(text.translate(BLANKS)) is not None


def without_prefixes(lines: Sequence[str]) -> list[PastedLine]:
    """Remove what stands before the lines of a session, and return each line with the side that it names.

    Args:
        lines: the lines of the text, without line ends.
    """
    found = [PastedLine(number, line) for number, line in enumerate(lines, 1)]
    first = next((line for line in found if line.reply or _SMTPLIB.match(line.text)), None)
    if first is not None and not first.reply:
        return list(_without_python(found))
    for _ in range(3):  # mail may be quoted twice and have line numbers
        server, client = _prefixes(found)
        if server is None or client is None or server.key != client.key:
            break
        found = [replace(line, text=_behind(client, line.text)) for line in found]
    return [_told(line, server, client) for line in found]


def _without_python(lines: Iterable[PastedLine]) -> Iterator[PastedLine]:
    """Yield the lines within the Python strings that smtplib prints."""
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


class _Prefix:
    """What stands before the lines of one side.

    Args:
        sample: the prefix of one line; other lines may differ in numbers and blanks.
        side: whose lines have it.

    Attributes:
        key: a text that is the same for all prefixes with the same meaning.
    """

    def __init__(self, sample: str, side: Side) -> None:
        self.side = side
        self._is_quoted = sample.count('"') % 2 == 1
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
        return rest.removesuffix('"') if self._is_quoted else rest


def _arrow_of(sample: str) -> str:
    return "<" if "<" in sample else ">"


def _arrow_pattern(head: str, heads: int) -> str:
    """Return a pattern for arrows with at most so many heads; swaks has several shafts."""
    return rf"[*~=|{_DASHES}]*{head}{{1,{heads}}}[*~=|{_DASHES}]*"


def _pattern(sample: str) -> str:
    """Return a pattern for prefixes that differ from `sample` in numbers and blanks only."""
    pieces = re.findall(rf"{_NUMBER}|\s+|[^0-9\s]+", sample.strip())
    return "".join(_NUMBER if each[0].isdigit() else r"\s*" if each.isspace() else re.escape(each) for each in pieces)


def _behind(prefix: _Prefix, text: str) -> str:
    removed = prefix.removed(text)
    return text if removed is None else removed


def _told(line: PastedLine, server: _Prefix | None, client: _Prefix | None) -> PastedLine:
    """Return a line without its prefix, and with the side that this names."""
    for prefix in filter(None, (server, client)):
        text = prefix.removed(line.text)
        if text is not None:
            return PastedLine(line.number, text.removesuffix("\\r\\n"), prefix.side)
    if (server or client) and TOOL.match(line.words):
        return replace(line, side=Side.NOTE)
    return line


def _prefixes(lines: Sequence[PastedLine]) -> tuple[_Prefix | None, _Prefix | None]:
    """Find the prefix of the server's lines and that of the client's; None for a side whose lines have none."""
    heard = [found for line in lines if (found := _candidate(_SAID_BY_SERVER, line.text))]
    greeting = next((before for before, code in heard if code == "220"), heard[0][0] if heard else None)
    if greeting is None:
        return None, None
    server = _Prefix(greeting, Side.SERVER) if greeting.strip() else None
    said = (line for line in lines if (server.removed(line.text) is None if server else line.reply is None))
    commands = [found[0] for line in said if (found := _candidate(_SAID_BY_CLIENT, line.text))]
    if server is None:
        is_plain = not commands or any(not each.strip() for each in commands)
        return None, None if is_plain else _Prefix(commands[0], Side.CLIENT)
    return server, _client_prefix(greeting, server, commands, lines)


def _candidate(pattern: re.Pattern[str], line: str) -> tuple[str, str] | None:
    """Return what stands before a reply or a command, and its beginning; None for the line of a tool, or for prose."""
    text = line.translate(BLANKS)
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
            if not (mirrored.removed(each) or "").strip() and mirrored.removed(each) is not None
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
