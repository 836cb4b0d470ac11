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
    wide = content.find(_NUL)
    try:
        if wide < 0:
            return content.decode("utf-8-sig")
        fault = 0
    except UnicodeDecodeError as error:
        fault = error.start
    line = content.count(b"\n", 0, fault) + 1
    raise ValueError(sentences.TOML_NOT_UTF_8.format(line=line, encoding=_PROBABLY if wide < 0 else _WIDE))
