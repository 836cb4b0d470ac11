"""The header section of the bounce of exercise 07, as people and programs read it (RFC 5322 3.6)."""

from __future__ import annotations

import re
from datetime import datetime
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from ...rules import RuleFailure, shown
from .bounce import message_of, on_bounce
from .task import RetryEvidence

FIELDS = ("From", "To", "Date", "Subject", "MIME-Version")
# RFC 5322 3.3, with the zones of 4.3
_DATE = re.compile(r"([A-Z][a-z]{2},\s*)?\d{1,2}\s+[A-Z][a-z]{2}\s+\d{4}\s+\d\d:\d\d(:\d\d)?\s+([+-]\d{4}|[A-Z]{1,3})")


@on_bounce
def has_its_fields(evidence: RetryEvidence) -> RuleFailure | None:
    """Return which fields of the header section are missing, or what is wrong with the first wrong one."""
    header = message_of(evidence)
    if missing := [name for name in FIELDS if name not in header]:
        return RuleFailure(f"The header section of the bounce has no field {' and no field '.join(missing)}.")
    for name in FIELDS:
        sentence = _mistake(name, header, evidence)
        if sentence is not None:
            hint = f"a date looks like this: {evidence.task.arrived}" if name == "Date" else ""
            return RuleFailure(sentence, got=shown(f"{name}: {_text(header, name)}"), hint=hint)
    return None


def _mistake(name: str, header: Message, evidence: RetryEvidence) -> str | None:
    """Return what is wrong with a field, as a sentence."""
    text = _text(header, name)
    match name:
        case "From":
            return _from_the_mail_system(_addresses(header, name), evidence)
        case "To":
            return _to_the_sender(_addresses(header, name), evidence)
        case "Date":
            return None if _is_a_date(text) else "Date is not a date as RFC 5322 3.3 has it."
        case "MIME-Version":
            return None if text.startswith("1.0") else "MIME-Version is not 1.0."
        case _:
            return None if text else f"{name} is empty."


def _text(header: Message, name: str) -> str:
    return " ".join(str(header[name]).split())


def _addresses(header: Message, name: str) -> list[str]:
    return [address.casefold() for _, address in getaddresses([_text(header, name)]) if "@" in address]


def _from_the_mail_system(addresses: list[str], evidence: RetryEvidence) -> str | None:
    task = evidence.task
    if not addresses:
        return "From has no address."
    if {task.sender, task.author, task.recipient} & {*addresses}:
        return "From names a person; a bounce is written by a host."
    return None


def _to_the_sender(addresses: list[str], evidence: RetryEvidence) -> str | None:
    task = evidence.task
    if task.sender in addresses:
        return None
    if task.author in addresses:
        return "To names the author of the message; the bounce is for its sender in the envelope."
    return "To names somebody else than the sender."


def _is_a_date(text: str) -> bool:
    try:
        found: datetime | None = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        found = None
    return found is not None and _DATE.fullmatch(re.sub(r"\s*\(.*\)$", "", text)) is not None
