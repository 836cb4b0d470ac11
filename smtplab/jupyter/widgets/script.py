"""Write a client's side of a conversation so that it can be repeated: as a cell of SMTP, and as Python.

Both forms open a session with the same host and send the same lines; the server may answer differently.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...protocol.states import MESSAGE, is_legal
from ...transcript import Row, Side, Transcript
from ...transcript.rows import CRLF
from ..notebook_state import OPENERS


def smtp_cell(transcript: Transcript, host: str, port: int) -> str:
    """Return the conversation as a cell for the SMTP kernel.

    Args:
        transcript: the conversation.
        host, port: the server's.
    """
    lines = [f"telnet {host} {port}"]
    for row in transcript:
        if row.side is Side.CLIENT:
            lines.append(_cell_line(row, below_a_directive=lines[-1].startswith("%")))
    return "\n".join(lines)


def python(transcript: Transcript, opened: str) -> str:
    """Return the conversation as Python.

    Args:
        transcript: the conversation.
        opened: the expression that opens the session, such as ``smtplab.Lab().telnet("mail.adelphia.net", 25)``.
    """
    return "\n".join(["import smtplab", "", f"session = {opened}", *_calls(transcript)])


def _cell_line(row: Row, *, below_a_directive: bool) -> str:
    """Return a line as it is typed in a cell; with a directive if the cell would read it in another way."""
    text = _text(row.data)
    if below_a_directive and not text.strip():  # the cell would not send it
        return "%raw " + "".join(map(_numbered, row.data)) if text else "%send"
    if not _is_plain(row.data):
        return f"%raw {''.join(map(_escaped, row.data))}"
    read_otherwise = not text.strip() or text.startswith("#") or text.split()[0].lower() in OPENERS
    if text.startswith("%") or (read_otherwise and not is_legal(row.state, MESSAGE)):
        return f"%send {text}".rstrip(" ")
    return text


def _is_plain(line: bytes) -> bool:
    """Return True if a line is text that ends in CRLF."""
    return line.endswith(CRLF) and _text(line).isprintable()


def _escaped(octet: int) -> str:
    character = chr(octet)
    return character if character.isascii() and character.isprintable() and character != "\\" else _numbered(octet)


def _numbered(octet: int) -> str:
    return f"\\x{octet:02x}"


def _calls(transcript: Transcript) -> Iterator[str]:
    for line in transcript.lines(Side.CLIENT):
        if _is_plain(line):
            yield f"session.send({_quoted(_text(line))})"
        else:
            yield f"session.send_bytes({line!r})"


def _text(line: bytes) -> str:
    return line.removesuffix(CRLF).decode("utf-8", "surrogateescape")


def _quoted(text: str) -> str:
    """Return a string as Python writes it, in double quotes where that is as simple."""
    return repr(text) if '"' in text or "\\" in text else f'"{text}"'
