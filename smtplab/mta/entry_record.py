"""An entry of the queue as one line of JSON in ASCII, as a spool keeps it."""

from __future__ import annotations

from typing import Any

from ..protocol.grammar import Path
from ..protocol.replies import EnhancedCode, ProtocolError, Reply
from . import sentences
from .attempt import Action, RecipientResult
from .queue_entry import QueueEntry

_FORMAT = "smtplab queue entry 1"


def write_entry(entry: QueueEntry) -> str:
    """Return an entry as a line of JSON without its line end."""
    import json

    record = {
        "format": _FORMAT,
        "id": entry.id,
        "queue_id": entry.queue_id,
        "sender": str(entry.sender),
        "recipients": [str(path) for path in entry.recipients],
        "next_hop": entry.next_hop,
        "arrived": entry.arrived,
        "due": entry.due,
        "attempts": entry.attempts,
        "warned": entry.warned,
        "last": [_result_record(each) for each in entry.last],
    }
    return json.dumps(record)


def read_entry(text: str) -> QueueEntry:
    """Return the entry that `write_entry` wrote.

    Raises:
        ValueError: if the text is anything else.
    """
    import json

    try:
        record = json.loads(text)
        if record["format"] != _FORMAT:
            raise ValueError(_FORMAT)
        return QueueEntry(
            id=_text(record["id"]),
            queue_id=_text(record["queue_id"]),
            sender=Path.parse(record["sender"]),
            recipients=tuple(map(Path.parse, record["recipients"])),
            next_hop=_text(record["next_hop"]),
            arrived=_number(record["arrived"]),
            due=_number(record["due"]),
            attempts=_number(record["attempts"]),
            warned=record["warned"] is True,
            last=tuple(map(_result, record["last"])),
        )
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError, ProtocolError) as error:
        raise ValueError(sentences.BAD_ENTRY.format(text=text[:60])) from error


def _result_record(result: RecipientResult) -> dict[str, Any]:
    return {
        "path": str(result.path),
        "action": result.action.value,
        "status": list(result.status),
        "words": result.words,
        "host": result.host,
        "reply": None if result.reply is None else result.reply.serialize().decode("utf-8", "surrogateescape"),
        "possible_duplicate": result.possible_duplicate,
    }


def _result(record: dict[str, Any]) -> RecipientResult:
    reply = record["reply"]
    return RecipientResult(
        Path.parse(record["path"]),
        Action(record["action"]),
        EnhancedCode(*map(_number, record["status"])),
        _text(record["words"]),
        _text(record["host"]),
        None if reply is None else Reply.parse(reply.encode("utf-8", "surrogateescape")),
        record["possible_duplicate"] is True,
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _number(value: object) -> int:
    if type(value) is not int:
        raise TypeError
    return value
