"""How a particular host words its replies. The code decides which reply is given, a personality only what it says.

A personality is a TOML file: under ``[replies]`` a template for each canonical reply that is worded its own way, and
under ``[help]`` the texts of HELP. Fields in braces stand for facts; `FACTS` says which reply knows which.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from string import Formatter
from typing import Any, Self

from ..base.failure import Failure
from ..base.resources import data_path
from ..protocol import replies
from ..protocol.replies import EnhancedCode, Reply

# RFC 5321 4.5.3.1.5: a reply line has at most 512 octets, its code and CRLF included.
_MAX_LINE_OCTETS = 512
# A character has four octets at most, so a text of this length fits beside the codes.
_SURELY_SHORT = 120


def _facts(names: str) -> frozenset[str]:
    return frozenset(names.split())


# The facts that the server gives for each canonical reply. Addresses come without brackets. For VRFY and EXPN,
# `recipient` is what was asked for. `detail` is the reason, or what was found; it alone may have several lines, and the
# line of the template in which it stands is then repeated for each. For a broken rule it is the sentence of the error.
FACTS: Mapping[str, frozenset[str]] = {
    "SYSTEM_STATUS": _facts("host helo peer detail"),
    "HELP_MESSAGE": _facts("host detail"),
    "SERVICE_READY": _facts("host peer date"),
    "CLOSING": _facts("host helo peer"),
    "OK": _facts("host"),
    "HELO_OK": _facts("host helo peer"),
    "SENDER_OK": _facts("host helo sender sender_domain"),
    "RECIPIENT_OK": _facts("host helo recipient"),
    "RESET_OK": _facts("host"),
    "NOOP_OK": _facts("host"),
    "VERIFIED": _facts("host recipient detail"),
    "MEMBERS": _facts("host recipient detail"),
    "MESSAGE_ACCEPTED": _facts("host helo sender sender_domain queue_id octets"),
    "TURN_OK": _facts("host helo"),
    "WILL_FORWARD": _facts("host recipient forward"),
    "CANNOT_VERIFY": _facts("host recipient detail"),
    "START_MAIL": _facts("host"),
    "SHUTTING_DOWN": _facts("host"),
    "TOO_BUSY": _facts("host peer limit"),
    "IDLE_TIMEOUT": _facts("host limit"),
    "TOO_MANY_ERRORS": _facts("host limit"),
    "MAILBOX_BUSY": _facts("host recipient detail"),
    "LOCAL_ERROR": _facts("host detail"),
    "INSUFFICIENT_STORAGE": _facts("host detail"),
    "TOO_MANY_RECIPIENTS": _facts("host limit"),
    "UNRECOGNIZED": _facts("host detail"),
    "LINE_TOO_LONG": _facts("host detail"),
    "BAD_ARGUMENT": _facts("host detail"),
    "NOT_IMPLEMENTED": _facts("host verb"),
    "BAD_SEQUENCE": _facts("host detail"),
    "PARAMETER_NOT_IMPLEMENTED": _facts("host detail"),
    "NO_SUCH_MAILBOX": _facts("host recipient detail"),
    "RELAY_DENIED": _facts("host recipient"),
    "TRY_FORWARD_PATH": _facts("host recipient forward"),
    "MAILBOX_FULL": _facts("host recipient detail"),
    "MESSAGE_TOO_BIG": _facts("host detail"),
    "MAILBOX_NAME_NOT_ALLOWED": _facts("host recipient detail"),
    "AMBIGUOUS": _facts("host recipient detail"),
    "NON_ASCII_ADDRESS": _facts("host detail"),
    "TRANSACTION_FAILED": _facts("host detail"),
    "NO_SERVICE": _facts("host peer"),
    "MAIL_LOOP": _facts("host limit"),
    "CONTENT_REFUSED": _facts("host detail"),
    "PARAMETER_NOT_RECOGNIZED": _facts("host detail"),
}
# Those that `Handler.word` adds, for whatever reply.
SESSION_FACTS = frozenset({"host", "helo", "peer"})


class PersonalityError(Failure):
    """A personality cannot be read or says what no reply can. The message is a sentence for who wrote it."""


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """The lines of a reply with their fields, as `str.format` has them, checked."""

    code: int
    enhanced: EnhancedCode | None
    lines: tuple[str, ...]
    fields: tuple[str, ...]
    name: str  # that of the canonical reply
    speaks_of_session: bool = field(init=False)  # whether a field is one of `SESSION_FACTS`
    # Returns the values of the fields, of one field alone its value; twice as fast as asking for each.
    _values: Callable[[Mapping[str, str]], tuple[str, ...] | str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "speaks_of_session", not SESSION_FACTS.isdisjoint(self.fields))
        object.__setattr__(self, "_values", itemgetter(*self.fields))

    def word(self, facts: Mapping[str, str]) -> Reply:
        """Return the reply; a fact that is missing leaves its place empty."""
        try:
            values = self._values(facts)
        except KeyError:
            values = self._values({name: facts.get(name, "") for name in self.fields})
        return _fill(self, values)


@lru_cache(maxsize=1024)
def _fill(template: Template, values: tuple[str, ...] | str) -> Reply:
    """Put the facts into the template; a host says the same to the same people, so the last replies are remembered."""
    values = (values,) if isinstance(values, str) else values
    facts = dict(zip(template.fields, values, strict=True))
    if "\n" in facts.get("detail", ""):
        texts = [text for line in template.lines for text in _repeat(line, facts)]
    else:
        texts = [line.format_map(facts) for line in template.lines]
    return _say(template.code, texts, template.enhanced, template.name)


def _say(code: int, texts: list[str], enhanced: EnhancedCode | None, name: str) -> Reply:
    return Reply(code, [_fit(text, enhanced) for text in texts], enhanced, name)


def _fit(text: str, enhanced: EnhancedCode | None) -> str:
    """Return `text` as one line that is printable and not too long."""
    if len(text) <= _SURELY_SHORT and text.isprintable():
        return text
    text = "".join(character if character.isprintable() else _escape(character) for character in text)
    # Beside the text stand the code, a space or hyphen, perhaps the enhanced code and a space, and CRLF.
    room = _MAX_LINE_OCTETS - len(f"250 {enhanced or ''} \r\n")
    octets = text.encode()
    return text if len(octets) <= room else octets[: room - 3].decode(errors="ignore") + "..."


def _repeat(line: str, facts: Mapping[str, str]) -> list[str]:
    """Fill `line` once for each line of ``detail``, if it speaks of it."""
    details = facts["detail"].split("\n") if "{detail}" in line else [""]
    return [line.format_map({**facts, "detail": detail}) for detail in details]


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode()


@dataclass(frozen=True, slots=True)
class Personality:
    """How a host speaks.

    Args:
        name: what it is called.
        templates: for the names of canonical replies (`smtplab.protocol.replies.NAMES`) the text, one line or more.
            Replies that are not among them keep their canonical wording.
        help_texts: for verbs in upper case, and for ``general``, what HELP says.

    Attributes:
        wordings: for the canonical replies that are worded here, a template, or the very reply if it has no field.

    Raises:
        PersonalityError: if a name is not that of a canonical reply, a template has a field that its reply does not
            know, or a text is not printable ASCII, which RFC 5321 4.2 demands.
    """

    name: str
    templates: Mapping[str, str]
    help_texts: Mapping[str, str] = field(default_factory=dict)
    wordings: Mapping[Reply, Reply | Template] = field(init=False, repr=False, compare=False)
    _help: dict[str, Reply] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        canonical = {name: reply for reply, name in replies.NAMES.items()}
        for name in self.templates:
            if name not in canonical:
                raise PersonalityError(f"there is no reply {name!r} to word; the names are those of NAMES in replies")
        wordings = {canonical[name]: _compile(name, canonical[name], text) for name, text in self.templates.items()}
        helps = {
            topic.upper(): _help_message(_lines(f"the help for {topic}", text))
            for topic, text in self.help_texts.items()
        }
        object.__setattr__(self, "wordings", wordings)
        object.__setattr__(self, "_help", helps)

    @classmethod
    def load(cls, name_or_path: str | Path) -> Self:
        """Read a personality: one that comes with smtplab by its name, any other by the path of its ``.toml`` file.

        Raises:
            PersonalityError: with the name of the file, if it cannot be read, is no TOML, or says what no reply can.
        """
        import tomllib

        path = Path(name_or_path)
        if path.suffix != ".toml":
            path = _supplied(str(name_or_path))
        try:
            return cls(path.stem, **_tables(tomllib.loads(path.read_text("utf-8"))))
        except OSError as error:
            raise PersonalityError(f"the personality {path} cannot be read: {error.strerror}") from None
        except ValueError as error:  # not UTF-8, or not TOML
            raise PersonalityError(f"the personality {path} is not a TOML file: {error}") from None
        except PersonalityError as error:
            raise PersonalityError(f"the personality {path} is wrong: {error}") from None

    def word(self, reply: Reply, **facts: str) -> Reply:
        """Return `reply` in this host's words; its code, enhanced code and name stay.

        A reply that is not canonical, or that the personality does not word, is returned as it is. Control characters
        in facts become escapes, and a line that would exceed 512 octets is cut (RFC 5321 4.5.3.1.5).

        Args:
            reply: which reply it is.
            facts: those that `FACTS` lists for it; one that is left out leaves its place empty.
        """
        wording = self.wordings.get(reply, reply)
        return wording if isinstance(wording, Reply) else wording.word(facts)

    def help(self, topic: str = "") -> Reply | None:
        """Return the answer to HELP about `topic`, a verb in any case or nothing; None if this host has none."""
        return self._help.get(topic.upper() or "GENERAL")


def _help_message(lines: list[str]) -> Reply:
    canonical = replies.HELP_MESSAGE
    return Reply(canonical.code, lines, canonical.enhanced, canonical.name)


def available() -> list[str]:
    """Return the names of the personalities that come with smtplab."""
    return sorted(file.stem for file in data_path("personalities").glob("*.toml"))


def _supplied(name: str) -> Path:
    if name not in available():
        raise PersonalityError(f"there is no personality {name!r}; there are {', '.join(available())}")
    return data_path("personalities", f"{name}.toml")


def _tables(table: dict[str, Any]) -> dict[str, Mapping[str, str]]:
    """Return the arguments of `Personality` that a file's table stands for."""
    arguments = {"templates": table.pop("replies", {}), "help_texts": table.pop("help", {})}
    if table:
        raise PersonalityError(f"it cannot have {next(iter(table))!r}; it may have the tables replies and help")
    for texts in arguments.values():
        if not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
            raise PersonalityError("replies and help must be tables of texts")
    return arguments


def _compile(name: str, reply: Reply, text: str) -> Reply | Template:
    """Return what `word` needs for one canonical reply: the finished reply if its template has no field."""
    lines = _lines(name, text)
    fields = tuple(dict.fromkeys(field for line in lines for field in _fields(name, line)))
    if fields:
        return Template(reply.code, reply.enhanced, tuple(lines), fields, name)
    return _say(reply.code, [line.format() for line in lines], reply.enhanced, name)


def _lines(what: str, text: str) -> list[str]:
    """Return the lines of a text in a file; a line feed at its end ends the last line."""
    lines = text.removesuffix("\n").split("\n")
    for line in lines:
        if not (line.isascii() and line.isprintable()):
            raise PersonalityError(f"{what} has {line!r}, which is not printable ASCII (RFC 5321 4.2)")
    return lines


def _fields(name: str, line: str) -> list[str]:
    """Return the fields in the line of a template; raise `PersonalityError` if one is not among its reply's facts."""
    try:
        parts = [part[1:] for part in Formatter().parse(line) if part[1] is not None]
    except ValueError as error:
        raise PersonalityError(f"{name} has {line!r}: {error}; a brace that is meant is doubled") from None
    for field_name, format_spec, conversion in parts:
        if field_name not in FACTS[name] or format_spec or conversion:
            allowed = ", ".join(f"{{{fact}}}" for fact in sorted(FACTS[name]))
            raise PersonalityError(f"{name} has {line!r}; its fields may be {allowed}")
    return [str(field_name) for field_name, _, _ in parts]
