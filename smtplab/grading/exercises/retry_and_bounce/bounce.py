"""The bounce that is handed in for exercise 07, as text, octets, parts and fields.

What is wrong with it is said by the rules.
"""

from __future__ import annotations

import re
from email import message_from_bytes, message_from_string, policy
from email.message import Message
from functools import lru_cache
from textwrap import dedent

from ...rules import Judge, RuleFailure, shown, text_of
from ..answer_evidence import kind_of, not_handed_in
from .bounce_structure import BounceStructure, read_structure
from .task import RetryEvidence

STATUS_TYPE = "message/delivery-status"


def octets_of(evidence: RetryEvidence) -> bytes:
    """Return the bounce as octets; a text gets its line ends here.

    A text also loses the empty lines above it, and an indentation that all of its lines have.
    """
    answer = evidence.answers.get("bounce")
    if type(answer) is bytes:
        return answer
    lines = re.split(r"\r\n|\r|\n", dedent(text_of(answer) or "").lstrip("\n"))
    lines = lines[:-1] if lines[-1] == "" else lines
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8", "surrogatepass")


def structure_of(evidence: RetryEvidence) -> BounceStructure:
    """Return the structure of the bounce."""
    return read_structure(octets_of(evidence).decode("utf-8", "surrogateescape"))


@lru_cache(maxsize=64)
def parsed(text: str) -> Message:
    """Return a message as the `email` package reads it."""
    return message_from_bytes(text.encode("utf-8", "surrogateescape"), policy=policy.compat32)


def message_of(evidence: RetryEvidence) -> Message:
    """Return the bounce as a message; empty lines that are missing in it are put in."""
    return parsed(structure_of(evidence).repaired)


def parts_of(evidence: RetryEvidence) -> list[Message]:
    """Return the parts of the bounce; none if it is a message of one piece."""
    payload = message_of(evidence).get_payload()
    return [part for part in payload if isinstance(part, Message)] if isinstance(payload, list) else []


def blocks_of(evidence: RetryEvidence) -> list[Message]:
    """Return the blocks of fields in the part for programs: about the message, then one for each recipient.

    If no part has the right type, they are looked for in texts, so that a wrong type is one mistake and not five.
    """
    parts = parts_of(evidence)
    for part in parts:
        payload = part.get_payload()
        if part.get_content_type() == STATUS_TYPE and isinstance(payload, list):
            return [block for block in payload if isinstance(block, Message) and block.keys()]
    for text in (part.get_payload() for part in parts if part.get_content_maintype() == "text"):
        blocks = [message_from_string(block) for block in re.split(r"\r?\n\r?\n", str(text).strip())]
        if any("Final-Recipient" in block or "Reporting-MTA" in block for block in blocks):
            return [block for block in blocks if block.keys()]
    return []


def field_of(blocks: list[Message], name: str) -> str | None:
    """Return the value of the first field with a name, with single blanks; None if there is none."""
    found = next((str(block[name]) for block in blocks if name in block), None)
    return None if found is None else " ".join(found.split())


def no_bounce(evidence: RetryEvidence) -> RuleFailure | None:
    """Return why there is no bounce of this student to be judged; None if there is one."""
    answer = evidence.answers.get("bounce")
    if answer is None:
        return not_handed_in(evidence, "bounce", "No bounce has been handed in yet.")
    if type(answer) is not bytes and text_of(answer) is None:
        return RuleFailure(
            "The bounce that you handed in is neither text nor octets.",
            "str or bytes",
            kind_of(answer),
            "a message of the email package becomes text by its as_string(), and octets by as_bytes(policy=SMTP)",
        )
    return None if _is_about(evidence) else _somebody_elses(evidence)


def _is_about(evidence: RetryEvidence) -> bool:
    """Return True if the bounce names somebody of this student's task outside of a copy of the message."""
    task = evidence.task
    said = octets_of(evidence).decode("utf-8", "replace")
    for line in task.original.splitlines():  # a copy may have this student's own message in it
        said = said.replace(line, "") if line else said
    return any(name in said.casefold() for name in (task.recipient, task.sender, task.host))


def _somebody_elses(evidence: RetryEvidence) -> RuleFailure:
    return RuleFailure(
        "The bounce is not about your message.",
        f"{evidence.task.recipient} in it",
        shown(octets_of(evidence)) or "nothing",
        f"everybody's message is different; {evidence.wording.sheet} shows your own",
    )


def on_bounce(judge: Judge[RetryEvidence]) -> Judge[RetryEvidence]:
    """Return a judge that looks at the bounce if this student has handed one in, and else says so."""

    def judge_bounce(evidence: RetryEvidence) -> RuleFailure | None:
        missing = no_bounce(evidence)
        return judge(evidence) if missing is None else missing

    return judge_bounce
