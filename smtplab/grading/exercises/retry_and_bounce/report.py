"""Part ``bounce`` of exercise 07: a bounce that the student has built, judged as programs read it (RFC 3464, RFC 6522).

Each rule looks at one thing, and finds it also in a message that is wrong elsewhere. The module is long because it is
one list of rules: a function for each, all on the same reading of the message's parts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from email import message_from_bytes, message_from_string, policy
from email.message import Message
from functools import lru_cache
from textwrap import dedent

from ...rules import ExercisePart, Rule, RuleFailure, text_of, visible
from ..answers import handed_text
from .task import RetryEvidence

QUESTIONS = ("bounce", "MAIL FROM", "RCPT TO", "bounces")

_STATUS_TYPE = "message/delivery-status"
_TYPES = (
    ("text/plain", "text/html", "multipart/alternative"),
    (_STATUS_TYPE,),
    ("message/rfc822", "text/rfc822-headers"),
)
_NAMES = ("words for people", "the status for programs", "the message that came back")
_STATUS = re.compile(r"([245])\.\d{1,3}\.\d{1,3}")


def octets_of(evidence: RetryEvidence) -> bytes:
    """Return the bounce as octets; a text gets its line ends here.

    A text also loses the empty lines above it, and an indentation that all of its lines have.
    """
    answer = evidence.answers.get("bounce")
    if type(answer) is bytes:
        return answer
    lines = dedent(text_of(answer) or "").lstrip("\n").splitlines()
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8", "surrogatepass")


@lru_cache(maxsize=64)
def parsed(octets: bytes) -> Message:
    """Return a message as the `email` package reads it, without empty lines above it."""
    return message_from_bytes(octets.lstrip(b"\r\n"), policy=policy.compat32)


def _parts_of(evidence: RetryEvidence) -> list[Message]:
    """Return the parts of the bounce; none if it is a message of one piece."""
    payload = parsed(octets_of(evidence)).get_payload()
    return [part for part in payload if isinstance(part, Message)] if isinstance(payload, list) else []


def blocks_of(evidence: RetryEvidence) -> list[Message]:
    """Return the blocks of fields in the part for programs: about the message, then one for each recipient.

    If no part has the right type, they are looked for in texts, so that a wrong type is one mistake and not five.
    """
    parts = _parts_of(evidence)
    for part in parts:
        payload = part.get_payload()
        if part.get_content_type() == _STATUS_TYPE and isinstance(payload, list):
            return [block for block in payload if isinstance(block, Message) and block.keys()]
    for text in (part.get_payload() for part in parts if part.get_content_maintype() == "text"):
        blocks = [message_from_string(block) for block in re.split(r"\r?\n\r?\n", str(text).strip())]
        if any("Final-Recipient" in block or "Reporting-MTA" in block for block in blocks):
            return [block for block in blocks if block.keys()]
    return []


def _field(blocks: list[Message], name: str) -> str | None:
    """Return the value of the first field with a name, with single blanks; None if there is none."""
    found = next((str(block[name]) for block in blocks if name in block), None)
    return None if found is None else " ".join(found.split())


# The rules


def _is_yours(evidence: RetryEvidence) -> RuleFailure | None:
    """The bounce is about this student's message."""
    answer, task = evidence.answers.get("bounce"), evidence.task
    if answer is None:
        hint = f"hand in with {evidence.wording.answer.format(question='bounce')}"
        return RuleFailure("No bounce has been handed in yet.", hint=hint, undone=True)
    if type(answer) is not bytes and text_of(answer) is None:
        got = f"a value of the type {type(answer).__name__}"
        return RuleFailure("The bounce that you handed in is neither text nor octets.", "str or bytes", got)
    said = octets_of(evidence).decode("utf-8", "replace")
    for line in task.original.splitlines():  # a copy may have this student's own message in it
        said = said.replace(line, "") if line else said
    said = said.casefold()
    if any(name in said for name in (task.recipient, task.sender, task.host)):
        return None
    return RuleFailure(
        "The bounce is not about your message.",
        f"{task.recipient} in it",
        visible(said.strip()) or "nothing",
        f"everybody's message is different; {evidence.wording.sheet} shows your own",
    )


def _path(evidence: RetryEvidence, question: str) -> str | RuleFailure:
    """Return the path that was handed in, without brackets, or what is wrong with it."""
    text = handed_text(evidence, question, "a path with its brackets")
    if isinstance(text, RuleFailure):
        return text
    words = re.sub(rf"^\s*{question}\s*:?", "", text.strip(), flags=re.IGNORECASE).strip()
    if not (words.startswith("<") and words.endswith(">")):
        return RuleFailure(f'Your answer to "{question}" has no brackets.', "a path in < and >", visible(text))
    return words[1:-1].strip().casefold()


def _has_the_null_reverse_path(evidence: RetryEvidence) -> RuleFailure | None:
    path, task = _path(evidence, "MAIL FROM"), evidence.task
    if isinstance(path, RuleFailure) or not path:
        return path or None
    if path == task.sender:
        sentence = "The bounce is sent in the name of the one who gets it; if it fails, it comes once more."
    elif path.endswith((f"@{task.host}", f"@{task.domain}")):
        sentence = "A bounce of this bounce would come to your own host, and so on without an end."
    else:
        sentence = "The bounce has a reverse-path, so it can be answered by another bounce."
    return RuleFailure(sentence, "a reverse-path to which nothing comes back", visible(f"<{path}>"))


def _goes_to_the_sender(evidence: RetryEvidence) -> RuleFailure | None:
    path, task = _path(evidence, "RCPT TO"), evidence.task
    if isinstance(path, RuleFailure):
        return path
    if path == task.sender:
        return None
    got = visible(f"<{path}>")
    if path == task.author:
        return RuleFailure(
            "You took the address from the From field; a bounce goes to the reverse-path.", "the envelope's sender", got
        )
    if path == task.recipient:
        return RuleFailure("You sent the bounce to the one who could not be reached.", "the envelope's sender", got)
    return RuleFailure("The bounce goes to somebody else.", "the sender of the envelope", got)


def _is_a_report(evidence: RetryEvidence) -> RuleFailure | None:
    message, octets = parsed(octets_of(evidence)), octets_of(evidence)
    if octets[:1] in (b"\r", b"\n"):
        return RuleFailure(
            "The bounce begins with an empty line, so it has no header section.", "a field in the first line"
        )
    got = visible(str(message.get("Content-Type", "no Content-Type field")))
    if message.get_content_type() != "multipart/report":
        return RuleFailure("The bounce is not of the type for reports.", "multipart/report", got)
    if str(message.get_param("report-type", "")).casefold() != "delivery-status":
        return RuleFailure("The type does not say which kind of report it is.", "report-type=delivery-status", got)
    return None


def _has_three_parts(evidence: RetryEvidence) -> RuleFailure | None:
    types = [part.get_content_type() for part in _parts_of(evidence)]
    got = ", ".join(types) or "no parts"
    if len(types) != len(_TYPES):
        return RuleFailure("The bounce does not have three parts.", ", ".join(_NAMES), got)
    for name, wanted, found in zip(_NAMES, _TYPES, types, strict=True):
        if found not in wanted:
            return RuleFailure(f"Where {name} should stand is a part of another type.", " or ".join(wanted), got)
    return None


def _names_the_reporting_host(evidence: RetryEvidence) -> RuleFailure | None:
    task, found = evidence.task, _field(blocks_of(evidence), "Reporting-MTA")
    return _typed(
        evidence, "Reporting-MTA", found, "dns", task.host, {task.far_host: "You name the host that refused."}
    )


def _names_the_recipient(evidence: RetryEvidence) -> RuleFailure | None:
    blocks, task = blocks_of(evidence), evidence.task
    if blocks and "Final-Recipient" in blocks[0]:
        return RuleFailure(
            "The fields about the recipient stand in the block about the message.",
            "an empty line between Reporting-MTA and what is about the recipient",
        )
    others = {task.sender: "You name the sender as the recipient who failed."}
    return _typed(evidence, "Final-Recipient", _field(blocks, "Final-Recipient"), "rfc822", task.recipient, others)


def _typed(
    evidence: RetryEvidence, name: str, found: str | None, kind: str, wanted: str, others: dict[str, str]
) -> RuleFailure | None:
    """Return what is wrong with a field that has a type before its value."""
    expected = f"{name}: {kind}; ..."
    if found is None:
        return _missing(evidence, name, expected)
    before, semicolon, value = found.partition(";")
    got = visible(f"{name}: {found}")
    if not semicolon or before.strip().casefold() != kind:
        return RuleFailure(f"{name} has no type before its value.", expected, got)
    if value.strip().casefold().strip("<>") == wanted:
        return None if "<" not in value else RuleFailure(f"{name} has no brackets.", expected, got)
    sentence = others.get(value.strip().casefold(), f"{name} names somebody else.")
    return RuleFailure(sentence, expected, got)


def _missing(evidence: RetryEvidence, name: str, expected: str) -> RuleFailure:
    """Return that a field is missing, or why none can be found."""
    if not blocks_of(evidence):
        return RuleFailure(
            "No part of the bounce is for programs, or it has no fields.",
            f"a part of the type {_STATUS_TYPE}",
            hint="an empty line stands between the Content-Type of a part and its content",
        )
    return RuleFailure(f"The part for programs has no field {name}.", expected)


def _says_failed(evidence: RetryEvidence) -> RuleFailure | None:
    found = _field(blocks_of(evidence), "Action")
    expected = "one of the five actions of RFC 3464 2.3.3"
    if found is None:
        return _missing(evidence, "Action", expected)
    word = found.partition("(")[0].strip().casefold()
    if word == "failed":
        return None
    if word == "delayed":
        return RuleFailure(
            "The action is that of a warning; this message is not tried again.", expected, visible(found)
        )
    if word in ("delivered", "relayed", "expanded"):
        return RuleFailure("The action says that the message has arrived or gone on.", expected, visible(found))
    return RuleFailure("That is not an action.", expected, visible(found))


def _has_the_status(evidence: RetryEvidence) -> RuleFailure | None:
    found, task = _field(blocks_of(evidence), "Status"), evidence.task
    expected = "three numbers with dots between, as the host has said them"
    if found is None:
        return _missing(evidence, "Status", expected)
    code = found.partition("(")[0].strip()
    if code == task.status:
        return None
    got = visible(f"Status: {found}")
    if re.match(r"\d{3}\b", code):
        return RuleFailure("You give the reply code, which is not a status code.", expected, got)
    if not _STATUS.fullmatch(code):
        return RuleFailure("That is not a status code.", expected, got)
    if not code.startswith("5."):
        return RuleFailure("The class of the status does not fit a failure.", expected, got)
    return RuleFailure("The status is not that of the refusal.", expected, got)


def _returns_the_message(evidence: RetryEvidence) -> RuleFailure | None:
    parts, task = _parts_of(evidence), evidence.task
    returned = b"".join(part.as_bytes() for part in parts if part.get_content_type() in _TYPES[-1])
    wanted = [task.message_id, f"From: {task.author}", f"To: {task.recipient}", "Subject: The plan for Monday"]
    missing = [line for line in wanted if line.encode() not in returned]
    if not missing:
        return None
    if not returned:
        return RuleFailure("The message does not come back with the bounce.", f"a part of type {_TYPES[-1][0]}")
    return RuleFailure("The header section that comes back is not that of the message.", missing[0])


def _has_sound_lines(evidence: RetryEvidence) -> RuleFailure | None:
    octets = octets_of(evidence)
    bare = re.search(rb"[^\r\n]{0,60}(?:\r(?!\n)|(?<!\r)\n)", octets)
    if bare is not None:
        return RuleFailure(
            "A line of your octets does not end in CRLF.",
            visible(b"\r\n"),
            visible(bare[0]),
            "a text gets its line ends by itself; octets are sent as they are",
        )
    if not octets.isascii():
        return RuleFailure("The bounce is not in ASCII, so not every host can take it.", "US-ASCII alone")
    longest = max(octets.split(b"\r\n"), key=len)
    if len(longest) > 998:
        return RuleFailure("A line is longer than 998 octets.", got=f"{len(longest)} octets")
    return None


def _chooses(evidence: RetryEvidence) -> RuleFailure | None:
    answer, task = evidence.answers.get("bounces"), evidence.task
    if answer is None:
        hint = f"hand in with {evidence.wording.answer.format(question='bounces')}"
        return RuleFailure('"bounces" has not been handed in yet.', hint=hint, undone=True)
    text = str(answer) if type(answer) is int else text_of(answer)
    if text is None:
        got = f"a value of the type {type(answer).__name__}"
        return RuleFailure('Your answer to "bounces" is not text.', 'numbers, such as "1, 2, 3"', got)
    numbers = set(map(int, re.findall(r"\b[1-9]\b", text)))
    places = range(1, len(task.undelivered) + 1)
    if not numbers or not numbers <= set(places):
        return RuleFailure("That does not name any of the four.", 'their numbers, such as "1, 2, 3"', visible(text))
    got = ", ".join(map(str, sorted(numbers)))
    for number, each in zip(places, task.undelivered, strict=True):
        if number in numbers and each.reverse_path == "<>":
            return RuleFailure("You answer a bounce, or another message that must not be answered.", got=got)
        if number in numbers and not each.is_over:
            return RuleFailure("You write a bounce for a message that is tried again.", got=got)
        if number not in numbers and each.is_over and each.reverse_path != "<>":
            return RuleFailure("A sender does not hear that the message will never arrive.", got=got)
    return None


def has_field(
    name: str, fits: Callable[[RetryEvidence, str], bool], sentence: str
) -> Callable[..., RuleFailure | None]:
    """Return a judge for a field in the header section of the bounce.

    Args:
        name: the field.
        fits: returns True if its value is right.
        sentence: what is wrong if it is not.
    """

    def judge(evidence: RetryEvidence) -> RuleFailure | None:
        found = _field([parsed(octets_of(evidence))], name)
        if found is None:
            return RuleFailure(f"The header section of the bounce has no field {name}.")
        return None if fits(evidence, found) else RuleFailure(sentence, got=visible(f"{name}: {found}"))

    return judge


def diagnostic_of(evidence: RetryEvidence) -> str:
    """Return the Diagnostic-Code in the part for programs; empty if there is none."""
    return _field(blocks_of(evidence), "Diagnostic-Code") or ""


PART = ExercisePart(
    "bounce",
    (
        Rule(
            "bounce.null",
            2,
            "RFC 5321 4.5.5",
            "No bounce can come of the bounce.",
            _has_the_null_reverse_path,
            "To whom would a bounce of this bounce go?",
        ),
        Rule(
            "bounce.sender",
            1,
            "RFC 5321 6.1",
            "The bounce goes to the one who has sent the message.",
            _goes_to_the_sender,
            "Which line of the envelope says where bounces go?",
        ),
        Rule(
            "bounce.type",
            2,
            "RFC 6522 3",
            "The bounce is of the type for reports, and says which kind it is.",
            _is_a_report,
            "What does the Content-Type field of the bounce say, with its parameters?",
        ),
        Rule(
            "bounce.parts",
            2,
            "RFC 6522 3",
            "It has three parts in their order: for people, for programs, and what came back.",
            _has_three_parts,
            "Where does each part begin and end, and what does its Content-Type say?",
        ),
        Rule(
            "bounce.host",
            1,
            "RFC 3464 2.2.2",
            "It names the host that reports.",
            _names_the_reporting_host,
            "Which host writes the bounce?",
        ),
        Rule(
            "bounce.recipient",
            1,
            "RFC 3464 2.3.2",
            "It names the recipient who has not got the message, in a block of its own.",
            _names_the_recipient,
            "What stands before Final-Recipient, and what behind it?",
        ),
        Rule(
            "bounce.action",
            1,
            "RFC 3464 2.3.3",
            "It says what was done about the recipient.",
            _says_failed,
            "Which of the five actions is it when nobody tries again?",
        ),
        Rule(
            "bounce.status",
            2,
            "RFC 3464 2.3.4",
            "It has the status code of the refusal.",
            _has_the_status,
            "Which of the numbers in the host's reply has dots in it?",
        ),
        Rule(
            "bounce.returned",
            1,
            "RFC 6522 3",
            "The message comes back, or its header section.",
            _returns_the_message,
            "Which lines of the message are in the third part?",
        ),
        Rule(
            "bounce.lines",
            1,
            "RFC 5321 2.3.8",
            "Every host can take its lines.",
            _has_sound_lines,
            "Which octets end the lines of your bounce?",
        ),
        Rule(
            "bounce.which",
            2,
            "RFC 5321 6.1",
            "You choose the messages whose senders get a bounce.",
            _chooses,
            "Who would get each of the four bounces, and is the message tried again?",
        ),
    ),
    hidden=2,
    hidden_points=2,
    question="What does a program read in this place of your bounce?",
    needs=Rule("bounce.yours", 0, "your task sheet", "The bounce is about your message.", _is_yours),
)
