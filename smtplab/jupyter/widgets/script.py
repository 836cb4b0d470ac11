"""What a client has said, written so that it can be said again: as a cell of SMTP, and as Python.

Both forms open a session with the same host and send the same lines; what the server answers is for the server to say.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...transcript import Side, Transcript

_CRLF = b"\r\n"


def smtp_cell(transcript: Transcript, host: str, port: int) -> str:
    """Return the conversation as a cell for the SMTP kernel.

    Args:
        transcript: what was said.
        host, port: with whom.
    """
    return "\n".join([f"telnet {host} {port}", *(_text(line) for line in transcript.lines(Side.CLIENT))])


def python(transcript: Transcript, host: str, port: int, *, in_lab: bool) -> str:
    """Return the conversation as Python.

    Args:
        transcript: what was said.
        host, port: with whom.
        in_lab: whether the host is one of a `Lab`, and not reached over a socket.
    """
    opened = f'smtplab.Lab().telnet("{host}", {port})' if in_lab else f'smtplab.connect("{host}", {port})'
    return "\n".join(["import smtplab", "", f"session = {opened}", *_calls(transcript)])


def _calls(transcript: Transcript) -> Iterator[str]:
    for line in transcript.lines(Side.CLIENT):
        text = _text(line)
        if line.endswith(_CRLF) and text.isprintable():
            yield f"session.send({_quoted(text)})"
        else:
            yield f"session.send_bytes({line!r})"


def _text(line: bytes) -> str:
    return line.removesuffix(_CRLF).decode("utf-8", "surrogateescape")


def _quoted(text: str) -> str:
    """Return a string as Python writes it, in double quotes where that is as simple."""
    return repr(text) if '"' in text or "\\" in text else f'"{text}"'
