"""A transcript as JSON, for a file or another program."""

from collections.abc import Iterable, Iterator
from typing import Any

from . import sentences
from .rows import Row, Side, check_row

_FORMAT, _VERSION = "smtplab transcript", 1


def written(rows: Iterable[Row]) -> str:
    """Return rows as JSON in ASCII."""
    import json

    document = {"format": _FORMAT, "version": _VERSION, "rows": [_row_to_json(row) for row in rows]}
    return json.dumps(document, indent=1)


def read(text: str) -> Iterator[tuple[Side, bytes, float | None, str, bool]]:
    """Yield the side, the data, the time and the name of each row, and True for a literal; the rest follows from them.

    Raises:
        ValueError: if the text is not what `written` returns; the sentence says what is wrong.
    """
    import json

    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(sentences.NOT_JSON.format(reason=error)) from None
    if not isinstance(document, dict) or document.get("format") != _FORMAT:
        raise ValueError(sentences.NO_FORMAT.format(format=_FORMAT))
    if document.get("version") != _VERSION:
        version = document.get("version")
        raise ValueError(sentences.OTHER_VERSION.format(found=version, version=_VERSION))
    if not isinstance(document.get("rows"), list):
        raise ValueError(sentences.NO_ROWS)
    for number, row in enumerate(document["rows"], 1):
        try:
            yield _row_from_json(row)
        except ValueError as error:
            raise ValueError(sentences.DAMAGED_ROW.format(number=number, reason=error)) from None


def _row_to_json(row: Row) -> dict[str, Any]:
    """Return a row for JSON: ``data`` as text where it is UTF-8, otherwise ``hex``; ``literal`` only for a literal."""
    try:
        data = {"data": row.data.decode()}
    except UnicodeDecodeError:
        data = {"hex": row.data.hex()}
    moment = {"state": row.state.name, "phase": row.phase.name}
    name = {"name": row.name} if row.name else {}
    literal = {"literal": True} if row.literal else {}
    return {"time": row.time, "side": row.side.value} | data | moment | name | literal


def _row_from_json(row: Any) -> tuple[Side, bytes, float | None, str, bool]:
    """Return the side, the data, the time and the name of a row, and True for a literal.

    Raises:
        ValueError: with a sentence that says what is wrong with the row.
    """
    if not isinstance(row, dict):
        raise ValueError(sentences.ROW_IS_NOT_AN_OBJECT.format(found=row))
    time, side, data, octets = (row.get(key) for key in ("time", "side", "data", "hex"))
    name = row.get("name", "")
    if isinstance(time, bool) or not isinstance(time, int | float | None):
        raise ValueError(sentences.WRONG_TIME.format(found=time))
    if side not in [known.value for known in Side]:
        raise ValueError(sentences.WRONG_SIDE.format(found=side))
    if not isinstance(name, str):
        raise ValueError(sentences.WRONG_NAME.format(found=name))
    if isinstance(octets, str):
        line = bytes.fromhex(octets)
    elif isinstance(data, str):
        line = data.encode()
    else:
        raise ValueError(sentences.NO_DATA)
    literal = row.get("literal", False)
    if not isinstance(literal, bool):
        raise ValueError(sentences.WRONG_LITERAL.format(found=literal))
    check_row(Side(side), line, literal=literal)
    return Side(side), line, time, name, literal
