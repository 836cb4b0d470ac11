"""Part ``bounce`` of exercise 07: a bounce that the student has built, judged as programs read it (RFC 3464, RFC 6522).

Each rule looks at one thing, and finds it also in a message that is wrong elsewhere. The module is long because it is
one list of rules: a function for each, all on the same reading of the message's parts.
"""

from __future__ import annotations

import re
from email.message import Message

from ....base.printed import in_a_row
from ...rules import ExercisePart, Rule, RuleFailure, RuleList, shown, visible
from .bounce import STATUS_TYPE, blocks_of, field_of, message_of, octets_of, on_bounce, parts_of, structure_of
from .envelope import chooses, goes_to_the_sender, has_the_null_reverse_path, is_yours
from .header_section import has_its_fields
from .task import RetryEvidence

RULES = RuleList[RetryEvidence]("bounce")
QUESTIONS = ("bounce", "MAIL FROM", "RCPT TO", "bounces")

_TYPES = (
    ("text/plain", "text/html", "multipart/alternative"),
    (STATUS_TYPE,),
    ("message/rfc822", "text/rfc822-headers"),
)
_NAMES = ("words for people", "the status for programs", "the message that came back")
_STATUS = re.compile(r"([245])\.\d{1,3}\.\d{1,3}")
_ABOUT_RECIPIENT = ("Final-Recipient", "Action", "Status", "Diagnostic-Code")


RULES.rule("null", 2, "RFC 5321 4.5.5", "Nobody gets a bounce about the bounce.")(
    RULES.asks("To whom would a bounce of this bounce go?")(has_the_null_reverse_path)
)
RULES.rule("sender", 1, "RFC 5321 6.1", "The bounce goes to the one who has sent the message.")(
    RULES.asks("Which line of the envelope says where bounces go?")(goes_to_the_sender)
)


@RULES.rule("type", 2, "RFC 6522 3", "The bounce is of the type for reports, and says which kind it is.")
@RULES.asks("What does the Content-Type field of the bounce say, with its parameters?")
@on_bounce
def _is_a_report(evidence: RetryEvidence) -> RuleFailure | None:
    message, octets = message_of(evidence), octets_of(evidence)
    if octets[:1] in (b"\r", b"\n"):
        return RuleFailure(
            "The bounce begins with an empty line, so it has no header section.", "a field in the first line"
        )
    if (indented := structure_of(evidence).indented) is not None:
        return indented
    got = shown(f"Content-Type: {message['Content-Type']}") if "Content-Type" in message else "no Content-Type field"
    kind, parameter = "multipart/report", "report-type=delivery-status"
    is_report = message.get_content_type() == kind
    is_of_the_kind = str(message.get_param("report-type", "")).casefold() == "delivery-status"
    if not is_report and not is_of_the_kind:
        sentence = "The bounce is not of the type for reports, and does not say which kind of report it is."
        return RuleFailure(sentence, f"{kind}; {parameter}", got)
    if not is_report:
        return RuleFailure("The bounce is not of the type for reports.", kind, got)
    if not is_of_the_kind:
        return RuleFailure("The type does not say which kind of report it is.", parameter, got)
    return None


@RULES.rule(
    "parts",
    2,
    "RFC 6522 3",
    "It has three parts: for people, with the address that failed; for programs; and what came back.",
)
@RULES.asks("Where does each part begin and end, and what does its Content-Type say?")
@on_bounce
def _has_three_parts(evidence: RetryEvidence) -> RuleFailure | None:
    if (fault := structure_of(evidence).fault) is not None:
        return fault
    types = [part.get_content_type() for part in parts_of(evidence)]
    got = "\n".join(types) or "no parts"
    if len(types) != len(_TYPES):
        return RuleFailure("The bounce does not have three parts.", ", ".join(_NAMES), got)
    for name, wanted, found in zip(_NAMES, _TYPES, types, strict=True):
        if found not in wanted:
            return RuleFailure(f"Where {name} should stand is a part of another type.", " or ".join(wanted), got)
    return _tells_people_whom(evidence, parts_of(evidence)[0])


def _tells_people_whom(evidence: RetryEvidence, part: Message) -> RuleFailure | None:
    """Return that the words for people do not name the address that failed; a sender may have written to many."""
    pieces = [each.get_payload(decode=True) or b"" for each in part.walk() if not each.is_multipart()]
    if any(evidence.task.recipient.encode() in bytes(piece).lower() for piece in pieces):
        return None
    sentence = "The words for people do not say who has not got the message."
    return RuleFailure(sentence, "the address of the recipient in them", shown(part.as_bytes()))


@RULES.rule("host", 1, "RFC 3464 2.2.2", "It names the host that reports.")
@RULES.asks("Which host writes the bounce?")
@on_bounce
def _names_the_reporting_host(evidence: RetryEvidence) -> RuleFailure | None:
    task, found = evidence.task, field_of(blocks_of(evidence), "Reporting-MTA")
    return _typed(
        evidence, "Reporting-MTA", found, "dns", task.host, {task.far_host: "You name the host that refused."}
    )


@RULES.rule(
    "recipient", 1, "RFC 3464 2.3.2", "It names the recipient who has not got the message, in a block of its own."
)
@RULES.asks("What stands before Final-Recipient, and what behind it?")
@on_bounce
def _names_the_recipient(evidence: RetryEvidence) -> RuleFailure | None:
    blocks, task = blocks_of(evidence), evidence.task
    if blocks and "Final-Recipient" in blocks[0] and len(blocks) > 1:
        return RuleFailure("The block about the recipient stands first.", "Reporting-MTA in the first block")
    if blocks and "Final-Recipient" in blocks[0]:
        return RuleFailure(
            "The fields about the recipient stand in the block about the message.",
            "an empty line between Reporting-MTA and what is about the recipient",
        )
    others = {task.sender: "You name the sender as the recipient who failed."}
    wrong = _typed(evidence, "Final-Recipient", field_of(blocks, "Final-Recipient"), "rfc822", task.recipient, others)
    return wrong or _divided(blocks)


def _divided(blocks: list[Message]) -> RuleFailure | None:
    """Return that the fields about the recipient stand in several blocks, if they do."""
    about = next(block for block in blocks if "Final-Recipient" in block)
    strays = [name for name in _ABOUT_RECIPIENT if name not in about and field_of(blocks, name) is not None]
    if not strays:
        return None
    return RuleFailure(
        f"{strays[0]} does not stand in the block of its recipient.", "no empty line between the fields of a block"
    )


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
        sentence = f"The value of {name} must not be in brackets."
        return None if "<" not in value else RuleFailure(sentence, expected, got)
    sentence = others.get(value.strip().casefold(), f"{name} names somebody else.")
    return RuleFailure(sentence, expected, got)


def _missing(evidence: RetryEvidence, name: str, expected: str) -> RuleFailure:
    """Return that a field is missing, or why none can be found."""
    if not blocks_of(evidence):
        return RuleFailure(
            "No part of the bounce is for programs, or it has no fields.",
            f"a part of the type {STATUS_TYPE}",
        )
    return RuleFailure(f"The part for programs has no field {name}.", expected)


@RULES.rule("action", 1, "RFC 3464 2.3.3", "It says what was done about the recipient.")
@RULES.asks("Which of the five actions is it when nobody tries again?")
@on_bounce
def _says_failed(evidence: RetryEvidence) -> RuleFailure | None:
    found = field_of(blocks_of(evidence), "Action")
    expected = "one of the five actions of RFC 3464: failed, delayed, delivered, relayed, expanded"
    if found is None:
        return _missing(evidence, "Action", expected)
    word = found.partition("(")[0].strip().casefold()
    if word == "failed":
        return None
    if word == "delayed":
        return RuleFailure(
            "A warning says delayed. It is about a message that will be tried again, and yours will not.",
            expected,
            visible(found),
        )
    if word in ("delivered", "relayed", "expanded"):
        return RuleFailure("The action says that the message has arrived or gone on.", expected, visible(found))
    return RuleFailure("That is not an action.", expected, visible(found))


@RULES.rule("status", 2, "RFC 3464 2.3.4", "It has the status code of the refusal.")
@RULES.asks("Which of the numbers in the host's reply has dots in it?")
@on_bounce
def _has_the_status(evidence: RetryEvidence) -> RuleFailure | None:
    found, task = field_of(blocks_of(evidence), "Status"), evidence.task
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
    sentence = f"Your Status is {visible(code)}, and the reply of the next host has another one."
    return RuleFailure(sentence, expected, got)


@RULES.rule("returned", 1, "RFC 6522 3", "The message comes back, or its header section.")
@RULES.asks("Which lines of the message are in the third part?")
@on_bounce
def _returns_the_message(evidence: RetryEvidence) -> RuleFailure | None:
    parts, task = parts_of(evidence), evidence.task
    returned = b"".join(part.as_bytes() for part in parts if part.get_content_type() in _TYPES[-1])
    wanted = {
        "From": f"From: {task.author}",
        "To": f"To: {task.recipient}",
        "Subject": "Subject: The plan for Monday",
        "Message-ID": task.message_id,
    }
    missing = {name: line for name, line in wanted.items() if line.encode() not in returned}
    if not missing:
        return None
    if not returned:
        return RuleFailure(
            "The message does not come back with the bounce.", f"a part of type {' or '.join(_TYPES[-1])}"
        )
    names = in_a_row(missing)
    return RuleFailure(
        f"The message that comes back has not the {names} of yours.",
        "\n".join(line if ":" in line else f"{name}: {line}" for name, line in missing.items()),
        shown(returned),
    )


@RULES.rule("lines", 1, "RFC 5321 2.3.8", "Its lines end in CRLF, are in ASCII, and have at most 998 octets.")
@RULES.asks("Which octets end the lines of your bounce?")
@on_bounce
def _has_sound_lines(evidence: RetryEvidence) -> RuleFailure | None:
    octets = octets_of(evidence)
    if not parts_of(evidence):
        return RuleFailure("The bounce has no parts yet, so its lines are not looked at.", "a bounce of several parts")
    bare = re.search(rb"\r(?!\n)|(?<!\r)\n", octets)
    if bare is not None:
        name = "CR" if bare[0] == b"\r" else "LF"
        before = re.split(rb"[\r\n]", octets[: bare.start()])[-1]
        return RuleFailure(
            "A line of your octets does not end in CRLF.",
            "CR and LF at the end of each line",
            f"{shown(before) or 'an empty line'}\nand then {name} alone",
            "a text gets its line ends by itself; octets are sent as they are",
        )
    if not octets.isascii():
        line = next(line for line in octets.split(b"\r\n") if not line.isascii())
        return RuleFailure("The bounce is not in ASCII, so not every host can take it.", "US-ASCII alone", shown(line))
    longest = max(octets.split(b"\r\n"), key=len)
    if len(longest) > 998:
        return RuleFailure("A line is longer than 998 octets.", got=f"{len(longest)} octets")
    return None


RULES.rule("header", 1, "RFC 5322 3.6", "Its header section has From, To, Date, Subject and MIME-Version.")(
    RULES.asks("Who writes a bounce, to whom, and when?")(has_its_fields)
)


@RULES.rule("diagnostic", 1, "RFC 3464 2.3.6", "It quotes what the next host said.")
@RULES.asks("What did the host that refused say, from its first digit on?")
@on_bounce
def _quotes_the_reply(evidence: RetryEvidence) -> RuleFailure | None:
    found, task = field_of(blocks_of(evidence), "Diagnostic-Code"), evidence.task
    expected = "Diagnostic-Code: smtp; ..."
    if found is None:
        return _missing(evidence, "Diagnostic-Code", expected)
    kind, semicolon, text = found.partition(";")
    got = shown(f"Diagnostic-Code: {found}")
    if not semicolon or kind.strip().casefold() != "smtp":
        return RuleFailure("Diagnostic-Code has no type before the reply.", expected, got)
    if text.strip() == task.refusal:
        return None
    return RuleFailure("Diagnostic-Code does not quote the whole reply of the next host.", "its code and its text", got)


RULES.rule(
    "numbers",
    0,
    "RFC 5321 6.1",
    "The numbers of your choice can be read. Grading says if the choice is right (2 points).",
)(RULES.asks("Which of the numbers 1 to 4 do you want to name?")(chooses))


PART = ExercisePart(
    "bounce",
    RULES.in_order(),
    hidden=1,
    hidden_points=2,
    beyond="It looks at the numbers that you chose.",
    question="What does a program read in this place of your bounce?",
    needs=Rule("bounce.yours", 0, "your task sheet", "The bounce is about your message.", is_yours),
    questions=QUESTIONS,
)
