"""How faults change the octets of replies, as values and phrases; `reply_draft` does it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar

from .places import ALL_REPLIES, At, Replies
from .reply_actions import SAY

# Commands that the host does not know.
_UNKNOWN, _NOT_KNOWN = "unknown commands|command|verbs|verb|words", Replies(code="500")


class Edit(Enum):
    """How the octets of a reply are changed; the value says it in words."""

    CODE = "a wrong code"
    MIX = "mix the codes"
    END = "end the lines with other octets"
    BEGIN = "begin the lines with more octets"
    STRIP = "strip the text"
    GLUE = "drop the blank after the code"
    GAP = "put other octets after the code"
    EIGHT_BIT = "put octets above 127 into the text"
    LOWER = "put into lower case"
    UPPER = "put into upper case"
    PAD = "pad to a length"
    DROP = "drop the last octets"
    OPEN = "drop the last line"
    KEEP = "keep the first octets"
    REPLACE = "replace octets"


@dataclass(frozen=True, slots=True)
class EditReply:
    """Change the octets of replies.

    Args:
        edit: how they are changed.
        replies: the replies.
        octets: what is written.
        old: what is replaced.
        count: how many octets.
        code: the digits that are written.
    """

    edit: Edit
    replies: Replies = ALL_REPLIES
    octets: bytes = b""
    old: bytes = b""
    count: int = 0
    code: str = ""

    PARTS: ClassVar[tuple[type, ...]] = (Replies, At)
    FORMS: ClassVar[tuple[Any, ...]] = (
        ("a! wrong code", {"edit": Edit.CODE, "code": "999"}),
        ("a! wrong code in|to|for {replies:Replies}", {"edit": Edit.CODE, "code": "999"}),
        ("send? a|the! wrong code to {replies:answers}", {"edit": Edit.CODE, "code": "999"}),
        ("a! wrong code {code:code} in|to|for {replies:Replies}", {"edit": Edit.CODE}),
        (f"{SAY} {{code:consent}} instead of {{replies:Replies}}", {"edit": Edit.CODE}),
        (f"{SAY} {{code:consent}} to|for {_UNKNOWN}", {"edit": Edit.CODE, "replies": _NOT_KNOWN}),
        (f"answer|reply! to? {_UNKNOWN} with {{code:consent}}", {"edit": Edit.CODE, "replies": _NOT_KNOWN}),
        ("end the? lines of {replies:Replies} with {octets:octets}", {"edit": Edit.END}),
        ("end {replies:Replies} with {octets:octets}", {"edit": Edit.END}),
        ("send|end {replies:Replies} without CRLF", {"edit": Edit.END}),
        ("use|send {octets:octets} instead of CRLF", {"edit": Edit.END, "replies": ALL_REPLIES}),
        ("begin the? lines of {replies:Replies} with {octets:octets}", {"edit": Edit.BEGIN}),
        ("begin|start|prefix {replies:Replies} with {octets:octets}", {"edit": Edit.BEGIN}),
        ("strip|drop the? text from|of {replies:Replies}", {"edit": Edit.STRIP}),
        ("answer|reply to? {replies:answers} without text", {"edit": Edit.STRIP}),
        ("drop|omit the! blank|space after the! code in|of|from {replies:Replies}", {"edit": Edit.GLUE}),
        ("no blank|space after the! code in|of|from {replies:Replies}", {"edit": Edit.GLUE}),
        ("no blank|space after the! code", {"edit": Edit.GLUE}),
        ("no text in|of {replies:Replies}", {"edit": Edit.STRIP}),
        ("put|write|send|use a? {octets:octets} after|behind the! code in|of {replies:Replies}", {"edit": Edit.GAP}),
        ("put|write|send|use a? {octets:octets} after|behind the! code", {"edit": Edit.GAP}),
        (
            "put|write|send|use a? {octets:octets} instead of the? blank|space after|behind the! code",
            {"edit": Edit.GAP},
        ),
        ("a? {octets:octets} after|behind the! code in|of {replies:Replies}", {"edit": Edit.GAP}),
        ("a? {octets:octets} after|behind the! code", {"edit": Edit.GAP}),
        ("put|write|send! 8-bit text|characters|octets in|into {replies:Replies}", {"edit": Edit.EIGHT_BIT}),
        ("put|write|send {replies:Replies} in lower case", {"edit": Edit.LOWER}),
        ("put|write|send {replies:Replies} in upper case", {"edit": Edit.UPPER}),
        ("pad {replies:Replies} to {count:count} octets|octet", {"edit": Edit.PAD}),
        ("drop|omit the last line of|from {replies:Replies}", {"edit": Edit.OPEN}),
        ("never send the? last line of|from {replies:Replies}", {"edit": Edit.OPEN}),
        ("leave out the? last line of|from {replies:Replies}", {"edit": Edit.OPEN}),
        ("send! {replies:Replies} without the|a? last line", {"edit": Edit.OPEN}),
        ("truncate {replies:Replies} at|after|to {count:count} octets|octet", {"edit": Edit.KEEP}),
        ("drop the? last? {count:count} octets|octet of|from {replies:Replies}", {"edit": Edit.DROP}),
        ("replace {old:octets} by|with {octets:octets} in {replies:Replies}", {"edit": Edit.REPLACE}),
        ("mix the? codes of|in {replies:Replies}", {"edit": Edit.MIX}),
    )
