"""Where a fault happens: places in a session, and replies. Each is a value, and a phrase."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from ..protocol.commands import VERBS
from ..protocol.diagnosis import EXTENSION_VERBS
from ..protocol.states import GREETING, MESSAGE
from .forms import read_slot, write
from .slots import KINDS, Found, SlotKind, phrases, read_ordinal, write_ordinal
from .tokens import Text

COMMAND = "command"
"""Stands for any command; neither for the greeting nor for the message."""
ANY = ""
"""Stands for the greeting, any command and the message."""
ERROR = "error"
"""Stands for every code that refuses."""

_NOUNS = {
    GREETING: ("greeting", "banner", "connection", "connect"),
    MESSAGE: ("dot", "lone dot", "final dot", "end of the message", "message", "messages", "end of DATA"),
    COMMAND: ("command", "commands"),
}
_DETERMINERS = ("the", "a", "an", "any", "every", "each", "all")
_VERBS = {verb: (verb,) for verb in (*VERBS, *EXTENSION_VERBS)}

NOUNS, VERB = phrases(_NOUNS, "NOUN"), phrases(_VERBS, "VERB", such="a verb such as RCPT")
_OTHERWISE = {"RCPT": ("recipient", "recipients")}
_VERBS_OR_PLURALS = phrases(
    {verb: (verb, f"{verb}s", *_OTHERWISE.get(verb, ())) for verb in _VERBS}, "VERB", such="a verb such as RCPT"
)


def _read_noun(text: Text, at: int) -> Found:
    yield from NOUNS.read(text, at)
    for verb, behind in _VERBS_OR_PLURALS.read(text, at):
        yield verb, behind
        if text.word(behind) in ("command", "commands"):
            yield verb, behind + 1


def _write_noun(verb: str) -> str:
    return (NOUNS if NOUNS.fits(verb) else VERB).write(verb)


def _write_several(verb: str) -> str:
    return {MESSAGE: "messages", COMMAND: "commands"}.get(verb) or _write_noun(verb)


def _is_noun(verb: str) -> bool:
    return NOUNS.fits(verb) or VERB.fits(verb)


def _read_repeated(text: Text, at: int) -> Found:
    """Yield what may come more than once in a session, as a greeting does not."""
    return ((verb, behind) for verb, behind in _read_noun(text, at) if verb != GREETING)


_REPEATED = (*_NOUNS[MESSAGE], *_NOUNS[COMMAND], *VERB.examples, "RCPTs", "RCPT command", "recipients")
KINDS["verb"] = SlotKind(_read_repeated, _write_noun, "NOUN", _REPEATED, _is_noun)
KINDS["verbs"] = SlotKind(_read_repeated, _write_several, "NOUN", _REPEATED, _is_noun)


KINDS["verb_name"] = VERB


def _read_place(text: Text, at: int) -> Found:
    yield from _read_noun(text, at + 1 if text.word(at) in _DETERMINERS else at)


def _write_place(verb: str) -> str:
    article = {GREETING: "the ", MESSAGE: "the ", COMMAND: "any "}.get(verb, "")
    return f"{article}{_write_noun(verb)}"


KINDS["place"] = SlotKind(
    _read_place,
    _write_place,
    f"[{'/'.join(_DETERMINERS)}] NOUN",
    ("dot", *(f"{each} RCPT" for each in _DETERMINERS)),
    _is_noun,
)


_PER_SESSION = "of|in|per a|the! session|connection"


def _read_counted_in_session(text: Text, at: int) -> Found:
    """Yield what is counted in a session, as RCPT is not."""
    return ((verb, behind) for verb, behind in _read_repeated(text, at) if verb != "RCPT")


KINDS["session_verb"] = SlotKind(
    _read_counted_in_session, _write_several, "NOUN", ("command", "MAIL", "messages"), _is_noun
)

# What comes more than once in a group, so that there is a last one.
KINDS["grouped"] = phrases({"RCPT": ("RCPT", "RCPT command", "recipient")}, "RCPT")
KINDS["message"] = phrases({MESSAGE: ("message", "messages")}, "message")
KINDS["messages"] = phrases({MESSAGE: ("messages", "message")}, "messages")


def _counted(noun: str) -> tuple[Any, ...]:
    """Return the forms of a place that say which of many; `noun` is the kind of slot for what is counted.

    The kind for several of them has an s more.
    """
    return (
        f"every|each {{every:ordinal}} {{verb:{noun}}}",
        f"the|a! {{nth:ordinal}} {{verb:{noun}}}",
        f"the! first {{first:positive}} {{verb:{noun}s}}",
        f"every|each|all! {{verb:{noun}}} after the! {{beyond:ordinal}}",
        (f"every|each|all! {{verb:{noun}}} but|except the! first", {"beyond": 1}),
        (f"all|every? but|except the! first {{verb:{noun}}}", {"beyond": 1}),
        f"all but|except the! first {{beyond:positive}} {{verb:{noun}s}}",
    )


@dataclass(frozen=True, slots=True)
class At:
    """Where in a session: at the greeting, a command, or the end of the message.

    Args:
        verb: a verb, `states.GREETING`, `states.MESSAGE`, `COMMAND` or `ANY`.
        nth: which of them in the session; 0 for all. RCPT is counted in its transaction.
        every: 2 for every second one; 0 for all.
        first: only the first so many; 0 for all.
        beyond: only those behind the first so many.
        last: only the last one. Another command must have come behind it, so only a client that pipelines has it.
    """

    verb: str = ANY
    nth: int = 0
    every: int = 0
    first: int = 0
    beyond: int = 0
    last: bool = False

    SHOWN: ClassVar[str] = "PLACE"
    FORMS: ClassVar[tuple[Any, ...]] = (
        *_counted("verb"),
        ("the! last|final {verb:grouped}", {"last": True}),
        "{verb:place}",
        f"the|a! {{nth:ordinal}} {{verb:session_verb}} {_PER_SESSION}",
        f"the! first {{first:positive}} {{verb:session_verb}} {_PER_SESSION}",
    )

    def takes(self, verb: str, count: int) -> bool:
        """True if the `count`-th `verb` of a session is here; for `COMMAND`, `count` is that of all commands."""
        if self.verb not in (ANY, verb) and not (self.verb == COMMAND and verb not in (GREETING, MESSAGE)):
            return False
        if count <= self.beyond or (self.first and count > self.first):
            return False
        return not (self.nth and count != self.nth) and not (self.every and count % self.every)


EVERYWHERE = At()


def _read_counted(text: Text, at: int) -> Found:
    """Yield the place of the third reply, or of every third reply."""
    all_of_them = text.word(at) in ("every", "each")
    for number, behind in read_ordinal(text, at + (all_of_them or text.word(at) == "the")):
        if text.word(behind) in ("reply", "answer", "response"):
            yield At(every=number) if all_of_them else At(nth=number), behind + 1
        else:
            text.miss(behind, "reply")


def _write_counted(at: At) -> str:
    return f"{'every' if at.every else 'the'} {write_ordinal(at.every or at.nth)} reply"


KINDS["counted"] = SlotKind(
    _read_counted,
    _write_counted,
    "the/every ORDINAL reply",
    ("every third reply", "the second reply", "each second answer"),
    lambda at: isinstance(at, At) and at.verb == ANY and bool(at.every or at.nth),
)


@dataclass(frozen=True, slots=True)
class Messages(At):
    """Which messages of a session; see `At`."""

    verb: str = MESSAGE

    SHOWN: ClassVar[str] = "MESSAGES"
    FORMS: ClassVar[tuple[Any, ...]] = (*_counted("message"), "the|a|any|every|each|all! {verb:message}")


ALL_MESSAGES = Messages()


@dataclass(frozen=True, slots=True)
class Replies:
    """Which replies.

    Args:
        at: what they answer.
        code: the code that they must have; empty for any. ``5yz`` is any that begins with 5, and `ERROR` any that
            refuses.
    """

    at: At = EVERYWHERE
    code: str = ""

    SHOWN: ClassVar[str] = "REPLIES"
    PARTS: ClassVar[tuple[type, ...]] = (At,)
    # The longer form first: "after the dot" behind a reply says which one, and is no condition.
    FORMS: ClassVar[tuple[Any, ...]] = (
        ("the! reply|answer|response after the dot", {"at": At(MESSAGE)}),
        "the|a! reply|answer|response to|after|at|for {at:At}",
        "{at:At} reply|answer|response",
        "the|all! replies|answers|responses to|after|at|for {at:At}",
        "replies",
        "the|all|every? replies",
        "every|each|any|the reply",
        ("the|a! greeting", {"at": At(GREETING)}),
        ("the! banner", {"at": At(GREETING)}),
        ("the! {code:codes} after the dot", {"at": At(MESSAGE)}),
        "the! {code:codes} to|after|at|for {at:At}",
        "the|every|any! {code:codes}",
        ("the|all! errors|refusals to|after|at|for {at:At}", {"code": ERROR}),
        ("the|all! errors|refusals", {"code": ERROR}),
        ("the|every|each|any error|refusal", {"code": ERROR}),
        "{at:counted}",
    )

    @property
    def is_refusal(self) -> bool:
        """True if they are replies that refuse."""
        return self.code == ERROR or self.code[:1] in ("4", "5")

    def takes(self, code: str) -> bool:
        """True if a reply with this code is meant."""
        if self.code == ERROR:
            return code[:1] in ("4", "5")
        return self.code in ("", code) or (self.code.endswith("yz") and self.code[0] == code[:1])


ALL_REPLIES = Replies()


def _read_answers(text: Text, at: int) -> Found:
    for place, behind in read_slot(At, text, at):
        yield Replies(place), behind


def _places_alone(replies: Any) -> bool:
    """True if the replies are those to a place; the forms of `Replies` have a phrase for all others."""
    return isinstance(replies, Replies) and not replies.code and _is_noun(replies.at.verb)


KINDS["answers"] = SlotKind(
    _read_answers, lambda replies: write(replies.at), "PLACE", ("RCPT", "the second MAIL", "the dot"), _places_alone
)
