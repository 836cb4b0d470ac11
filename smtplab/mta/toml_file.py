"""Read the TOML file of a directory or a personality, as editors of all systems write it."""

from pathlib import Path
from typing import Any

from . import sentences

# How a file of another encoding begins. Anything else that is not UTF-8 is most probably of Windows.
_MARKS = ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))
_PROBABLY = "Windows-1252"


def read_toml(path: Path) -> dict[str, Any]:
    """Return the table in a TOML file, whose text may begin with a byte order mark, as Windows writes it.

    Raises:
        OSError: if the file cannot be read.
        ValueError: if it is not TOML, or not UTF-8; the sentence then names the line and the probable encoding.
    """
    import tomllib

    return tomllib.loads(_text(path.read_bytes()))


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        encoding = next((name for mark, name in _MARKS if content.startswith(mark)), _PROBABLY)
        line = content.count(b"\n", 0, error.start) + 1
        raise ValueError(sentences.TOML_NOT_UTF_8.format(line=line, encoding=encoding)) from None
