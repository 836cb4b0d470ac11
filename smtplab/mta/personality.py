"""Word the replies of a particular host. The code decides which reply is given; a personality decides its text only.

A personality is a TOML file. Under ``[replies]`` it has a template for each canonical reply that it words, and under
``[help]`` the texts of HELP. Fields in braces are replaced by facts; `FACTS` lists those of each reply.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from operator import itemgetter
from pathlib import Path
from string import Formatter
from typing import Any, Self

from ..base.failure import Failure
from ..base.nearest import nearest
from ..base.resources import data_path
from ..protocol import replies
from ..protocol.replies import EnhancedCode, Reply
from . import sentences
from .toml_file import read_toml

# RFC 5321 4.5.3.1.5: a reply line has at most 512 octets, its code and CRLF included.
_MAX_LINE_OCTETS = 512
# A character has four octets at most, so a text of this length fits beside the codes.
_SURELY_SHORT = 120


def _facts(names: str) -> frozenset[str]:
    return frozenset(names.split())


# The facts that the server gives for each canonical reply. Addresses come without brackets. For VRFY and EXPN,
# `recipient` is the argument. `detail` is the reason, or the result; for a broken rule it is the error's sentence. Only
# `detail` may have several lines: the line of the template that contains it is then repeated for each.
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
    "NOT_IMPLEMENTED": _facts("host verb detail"),
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
# The facts that `Handler.word` adds to every reply.
SESSION_FACTS = frozenset({"host", "helo", "peer"})


class PersonalityError(Failure):
    """A personality cannot be read, or has a text that no reply can have. The message is a sentence for its author."""


class UnknownPersonality(PersonalityError):
    """No personality that comes with smtplab has this name. The message names the nearest one, or all of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """The lines of a reply, checked, with their fields in the form of `str.format`."""

    code: int
    enhanced: EnhancedCode | None
    lines: tuple[str, ...]
    fields: tuple[str, ...]
    name: str  # the canonical name of the reply
    speaks_of_session: bool = field(init=False)  # True if a field is one of `SESSION_FACTS`
    # Returns a tuple of the fields' values, or the value itself for one field; twice as fast as a look-up for each.
    _values: Callable[[Mapping[str, str]], tuple[str, ...] | str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "speaks_of_session", not SESSION_FACTS.isdisjoint(self.fields))
        object.__setattr__(self, "_values", itemgetter(*self.fields))

    def word(self, facts: Mapping[str, str]) -> Reply:
        """Return the reply with `facts` filled in; the place of a missing fact stays empty."""
        try:
            values = self._values(facts)
        except KeyError:
            values = self._values({name: facts.get(name, "") for name in self.fields})
        return _fill(self, values)


@lru_cache(maxsize=1024)
def _fill(template: Template, values: tuple[str, ...] | str) -> Reply:
    """Fill the template with facts. A host repeats itself to the same people, so the last replies are cached."""
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
    # The line also holds the code, a space or hyphen, perhaps the enhanced code and a space, and CRLF.
    room = _MAX_LINE_OCTETS - len(f"250 {enhanced or ''} \r\n")
    octets = text.encode()
    return text if len(octets) <= room else octets[: room - 3].decode(errors="ignore") + "..."


def _repeat(line: str, facts: Mapping[str, str]) -> list[str]:
    """Fill `line` once for each line of ``detail`` if it contains that field, else once."""
    details = facts["detail"].split("\n") if "{detail}" in line else [""]
    return [line.format_map({**facts, "detail": detail}) for detail in details]


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode()


@dataclass(frozen=True, slots=True)
class Personality:
    """The wording of one host's replies.

    Args:
        name: the name of the personality.
        templates: by the name of a canonical reply (`smtplab.protocol.replies.NAMES`), its text in one or more lines.
            All other replies keep their canonical wording.
        help_texts: by verb, and by ``general``, the text of HELP.

    Attributes:
        wordings: by canonical reply, its template, or the finished reply if the text has no field.

    Raises:
        PersonalityError: if a canonical reply has no such name, a template has a field that is not among its reply's
            facts, or a text is not printable ASCII, which RFC 5321 4.2 demands.
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
                raise PersonalityError(sentences.UNKNOWN_REPLY.format(name=name))
        wordings = {canonical[name]: _compile(name, canonical[name], text) for name, text in self.templates.items()}
        helps = {
            topic.upper(): _help_message(_lines(f"the help for {topic}", text))
            for topic, text in self.help_texts.items()
        }
        object.__setattr__(self, "wordings", wordings)
        object.__setattr__(self, "_help", helps)

    @classmethod
    def load(cls, name_or_path: str | Path) -> Self:
        """Read a personality by its name if it comes with smtplab, else by the path of its ``.toml`` file.

        Raises:
            UnknownPersonality: if no personality that comes with smtplab has the name.
            PersonalityError: if the file cannot be read, is not TOML, or has a text that no reply can have; it names
                the file.
        """
        path = Path(name_or_path)
        return cls._read(path) if path.suffix == ".toml" else cls._load_supplied(str(name_or_path))

    @classmethod
    @cache
    def _load_supplied(cls, name: str) -> Self:
        """Read a personality that comes with smtplab once, because a simulation has a thousand hosts that share it."""
        return cls._read(_supplied(name))

    @classmethod
    def _read(cls, path: Path) -> Self:
        try:
            return cls(path.stem, **_tables(read_toml(path)))
        except OSError as error:
            text = sentences.PERSONALITY_UNREADABLE.format(path=path, reason=error.strerror)
        except ValueError as error:  # not UTF-8, or not TOML
            text = sentences.PERSONALITY_NOT_TOML.format(path=path, reason=error)
        except PersonalityError as error:
            text = sentences.PERSONALITY_WRONG.format(path=path, reason=error)
        raise PersonalityError(text)

    def word(self, reply: Reply, **facts: str) -> Reply:
        """Return `reply` in this host's words; its code, enhanced code and name stay.

        A reply that is not canonical, or has no template here, is returned unchanged. Control characters in facts are
        escaped, and a line longer than 512 octets is cut (RFC 5321 4.5.3.1.5).

        Args:
            reply: the canonical reply.
            facts: the facts that `FACTS` lists for it; the place of a missing fact stays empty.
        """
        wording = self.wordings.get(reply, reply)
        return wording if isinstance(wording, Reply) else wording.word(facts)

    def help(self, topic: str = "") -> Reply | None:
        """Return the answer to HELP about `topic`, a verb or the empty text; None if this host has no such text."""
        return self._help.get(topic.upper() or "GENERAL")


def _help_message(lines: list[str]) -> Reply:
    canonical = replies.HELP_MESSAGE
    return Reply(canonical.code, lines, canonical.enhanced, canonical.name)


def available() -> list[str]:
    """Return the names of the personalities that come with smtplab."""
    return sorted(file.stem for file in data_path("personalities").glob("*.toml"))


def _supplied(name: str) -> Path:
    if name not in available():
        near = nearest(name.lower(), available())
        template = sentences.PERSONALITY_MEANT if near else sentences.UNKNOWN_PERSONALITY
        raise UnknownPersonality(template.format(name=name, near=near, names=", ".join(available())))
    return data_path("personalities", f"{name}.toml")


def _tables(table: dict[str, Any]) -> dict[str, Mapping[str, str]]:
    """Return the arguments of `Personality` for a file's table."""
    arguments = {"templates": table.pop("replies", {}), "help_texts": table.pop("help", {})}
    if table:
        raise PersonalityError(sentences.UNKNOWN_TABLE.format(key=next(iter(table))))
    for texts in arguments.values():
        if not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
            raise PersonalityError(sentences.NOT_TEXTS)
    return arguments


def _compile(name: str, reply: Reply, text: str) -> Reply | Template:
    """Return the wording of one canonical reply: the finished reply if its text has no field, else a template."""
    lines = _lines(name, text)
    fields = tuple(dict.fromkeys(field for line in lines for field in _fields(name, line)))
    if fields:
        return Template(reply.code, reply.enhanced, tuple(lines), fields, name)
    return _say(reply.code, [line.format() for line in lines], reply.enhanced, name)


def _lines(what: str, text: str) -> list[str]:
    """Split a text of a file into lines; a line feed at its end adds no line."""
    lines = text.removesuffix("\n").split("\n")
    for line in lines:
        if not (line.isascii() and line.isprintable()):
            raise PersonalityError(sentences.NOT_PRINTABLE.format(what=what, line=line))
    return lines


def _fields(name: str, line: str) -> list[str]:
    """Return the fields in the line of a template; raise `PersonalityError` if one is not among its reply's facts."""
    try:
        parts = [part[1:] for part in Formatter().parse(line) if part[1] is not None]
    except ValueError as error:
        raise PersonalityError(sentences.BAD_TEMPLATE.format(name=name, line=line, reason=error)) from None
    for field_name, format_spec, conversion in parts:
        if field_name not in FACTS[name] or format_spec or conversion:
            allowed = ", ".join(f"{{{fact}}}" for fact in sorted(FACTS[name]))
            raise PersonalityError(sentences.UNKNOWN_FIELD.format(name=name, line=line, allowed=allowed))
    return [str(field_name) for field_name, _, _ in parts]
