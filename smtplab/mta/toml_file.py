"""Read the TOML file of a directory or a personality, as editors of all systems write it."""

from pathlib import Path
from typing import Any

from . import sentences

# An encoding other than UTF-8 is most probably that of Windows. In UTF-16 half of each ASCII character is a NUL, which
# stands in no TOML.
_PROBABLY = "Windows-1252"
_WIDE, _NUL = "UTF-16", b"\0"


def read_toml(path: Path) -> dict[str, Any]:
    """Return the table in a TOML file, whose text may begin with a byte order mark, as Windows writes it.

    Raises:
        OSError: if the file cannot be read.
        ValueError: if it is not TOML, or not UTF-8; the sentence then names the line and the probable encoding.
    """
    import tomllib

    return tomllib.loads(_text(path.read_bytes()))


def _text(content: bytes) -> str:
    if content.count(_NUL) * 4 > len(content):  # a few letters of it may have no NUL
        raise ValueError(sentences.TOML_NOT_UTF_8.format(line=1, encoding=_WIDE))
    if (nul := content.find(_NUL)) >= 0:
        raise ValueError(sentences.TOML_WITH_NUL.format(line=content.count(b"\n", 0, nul) + 1))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ValueError(sentences.TOML_NOT_UTF_8.format(line=line, encoding=_PROBABLY)) from None
