"""Who lives on a mail host: mailboxes, aliases, mailing lists and forwards, and what to answer about each.

It decides where a forward-path leads and which canonical reply that deserves (RFC 5321 3.3 to 3.9). It neither delivers
nor words a reply: facts for the wording stand beside the reply, and a personality puts the two together.

Every name is known in each domain of the directory. Local parts are compared without regard to case: RFC 5321 2.4
leaves it to the host that owns the mailbox, and advises against mailboxes that differ in case alone.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import translate
from pathlib import Path as FilePath
from types import MappingProxyType
from typing import Any, Self

from ..base.failure import Failure
from ..protocol import replies
from ..protocol.errors import ProtocolError
from ..protocol.grammar import Path
from ..protocol.replies import Reply

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class DirectoryError(Failure):
    """A directory contradicts itself or its file cannot be read. The message is a sentence for who wrote it."""


class Terminal:
    """What a user sees who is logged in: the lines that SEND, SOML and SAML write there (RFC 821 3.4)."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def show(self, content: bytes) -> None:
        """Write the lines of a message. Control characters appear as ``\\x1b``: nobody's mail moves the cursor."""
        text = content.decode("utf-8", "replace").removesuffix("\r\n")
        self.lines += ["".join(map(_visible, line)) for line in text.split("\r\n")]


def _visible(character: str) -> str:
    return character if character.isprintable() or character == "\t" else f"\\x{ord(character):02x}"


@dataclass(slots=True)
class Mailbox:
    """A local mailbox. Everything but its name may change while the server runs.

    Args:
        name: the local part.
        full_name: the user's name, for VRFY and EXPN.
        quota_octets: how much the mailbox may hold; None for no limit.
        quota_is_soft: answer 452, try again later, when the quota is exceeded, rather than 552.
        busy: somebody else holds the mailbox: 450.
        terminal: where the user is logged in; None if nowhere.
    """

    name: str
    full_name: str = ""
    quota_octets: int | None = None
    quota_is_soft: bool = False
    busy: bool = False
    terminal: Terminal | None = None


@dataclass(frozen=True, slots=True)
class MailingList:
    """A mailing list, RFC 5321 3.9.2.

    Args:
        members: local names, or addresses anywhere.
        owner: a local name or an address. The copies for the members take it as their reverse-path, so that bounces go
            to who keeps the list and not to who wrote to it.
    """

    members: Sequence[str]
    owner: str = "postmaster"


@dataclass(frozen=True, slots=True)
class Forward:
    """A user who has moved away, RFC 5321 3.4.

    Args:
        to: the new address.
        accepted: take the message and send it on (251), or have the sender do it (551).
    """

    to: str
    accepted: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """A canonical reply and what the directory knows for its wording.

    Args:
        facts: ``forward``, the new address of a user who has moved; ``detail``, the reason in a few words, or the
            mailboxes found, one a line. Which address was asked for, the caller knows.
    """

    reply: Reply
    facts: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Resolution(Answer):
    """Where a forward-path leads. If the reply refuses it, it leads nowhere.

    Args:
        mailboxes: the names of the mailboxes to deliver to.
        terminals: the names of the mailboxes on whose terminals to show the message.
        remote: the forward-paths to relay to.
        owner: the reverse-path that the copies for a mailing list take on; None keeps the sender's.
    """

    mailboxes: tuple[str, ...] = ()
    terminals: tuple[str, ...] = ()
    remote: tuple[Path, ...] = ()
    owner: Path | None = None


@dataclass(frozen=True, slots=True)
class _Group:
    """An alias, or a mailing list if it has an owner. All are keys of local entries or paths elsewhere."""

    name: str
    members: tuple[str | Path, ...]
    owner: str | Path | None = None


@dataclass(frozen=True, slots=True)
class _Moved:
    """A forward, with its address read."""

    name: str
    answer: Resolution


_Entry = Mailbox | _Group | _Moved

_FOREIGN = Resolution(replies.RELAY_DENIED)


def _nothing_stored(mailbox: str) -> int:
    return 0


def _key(name: str) -> str:
    return name.casefold()


class Directory:
    """Who lives here. The people stay the same for its life; what is set in a `Mailbox` may change.

    Postmaster is always there, as RFC 5321 4.5.1 demands: a mailbox, unless the name is declared otherwise.

    Args:
        domains: the domains whose mail is delivered here; the first one appears in answers.
        mailboxes: names, or `Mailbox` values.
        aliases: for each name the local names or addresses that it stands for; the sender stays the same.
        lists: for each name a `MailingList`, or its members.
        forwards: for each name a `Forward`, or the new address of mail that is taken and sent on.
        reserved: names that are not allowed here (553) unless declared; ``*`` and ``?`` stand for any letters or one.

    Raises:
        DirectoryError: if a name is declared twice or cannot stand in an address, a member is unknown, or an alias or
            list leads back to itself.
    """

    def __init__(
        self,
        domains: Iterable[str],
        mailboxes: Iterable[str | Mailbox] = (),
        *,
        aliases: Mapping[str, str | Sequence[str]] = _NOTHING,
        lists: Mapping[str, MailingList | Sequence[str]] = _NOTHING,
        forwards: Mapping[str, Forward | str] = _NOTHING,
        reserved: Iterable[str] = (),
    ) -> None:
        self.domains = tuple(domains)
        if not self.domains:
            raise DirectoryError("a directory needs at least one domain")
        for domain in self.domains:
            self._path("postmaster", domain)
        self._local_domains = frozenset({"", *(domain.lower() for domain in self.domains)})
        self._reserved = re.compile("|".join(translate(_key(name)) for name in reserved) or r"(?!)")
        self._entries: dict[str, _Entry] = {}
        for mailbox in mailboxes:
            self._declare(mailbox if isinstance(mailbox, Mailbox) else Mailbox(mailbox))
        for name, members in aliases.items():
            self._declare(self._group(name, members))
        for name, listed in lists.items():
            self._declare(self._list(name, listed))
        for name, forward in forwards.items():
            self._declare(self._moved(name, forward))
        self._entries.setdefault("postmaster", Mailbox("postmaster"))
        self.mailboxes: Mapping[str, Mailbox] = {
            entry.name: entry for entry in self._entries.values() if isinstance(entry, Mailbox)
        }
        self._routes = {key: self._route(key) for key in self._entries}

    @property
    def names(self) -> tuple[str, ...]:
        """All that is declared, in that order: mailboxes, aliases, lists, forwards, and Postmaster if nobody was."""
        return tuple(entry.name for entry in self._entries.values())

    @property
    def lists(self) -> tuple[str, ...]:
        """The names of the mailing lists."""
        groups = (entry for entry in self._entries.values() if isinstance(entry, _Group))
        return tuple(group.name for group in groups if group.owner is not None)

    @classmethod
    def load(cls, path: FilePath | str) -> Self:
        """Read a directory from a TOML file::

            domains = ["lab.example"]
            reserved = ["root", "test-*"]

            [mailboxes.alice]               # or, where names are enough: mailboxes = ["alice", "bob"]
            full_name = "Alice Example"
            quota_octets = 1000000          # and: quota_is_soft, busy, terminal = true
            [mailboxes.bob]

            [aliases]
            sales = ["alice", "bob"]

            [lists.staff]                   # or, with Postmaster as owner: staff = [...] under [lists]
            members = ["alice", "carol@elsewhere.example"]
            owner = "bob"

            [forwards]
            dora = "dora@new.example"
            eve = { to = "eve@new.example", accepted = false }

        Raises:
            DirectoryError: with the name of the file, if it cannot be read, is no TOML, or declares what cannot be.
        """
        import tomllib

        try:
            table = tomllib.loads(FilePath(path).read_text("utf-8"))
            return cls(**_arguments(table))
        except OSError as error:
            raise DirectoryError(f"the directory {path} cannot be read: {error.strerror}") from None
        except ValueError as error:  # not UTF-8, or not TOML
            raise DirectoryError(f"the directory {path} is not a TOML file: {error}") from None
        except DirectoryError as error:
            raise DirectoryError(f"the directory {path} is wrong: {error}") from None

    # Reading the declarations

    def _path(self, local_part: str, domain: str) -> Path:
        try:
            return Path(local_part, domain)
        except ProtocolError as error:
            raise DirectoryError(f"{local_part!r} at {domain!r} is no address: {error}") from None

    def _declare(self, entry: _Entry) -> None:
        if not entry.name:
            raise DirectoryError("a name is empty")
        self._path(entry.name, self.domains[0])
        if self._entries.setdefault(_key(entry.name), entry) is not entry:
            raise DirectoryError(f"{entry.name!r} is declared twice; case makes no difference in a name")

    def _group(self, name: str, members: str | Sequence[str], owner: str | Path | None = None) -> _Group:
        members = [members] if isinstance(members, str) else members
        if not members:
            raise DirectoryError(f"{name!r} stands for nobody; give it a member")
        return _Group(name, tuple(map(self._target, members)), owner)

    def _list(self, name: str, listed: MailingList | Sequence[str]) -> _Group:
        listed = listed if isinstance(listed, MailingList) else MailingList(listed)
        return self._group(name, listed.members, self._target(listed.owner))

    def _moved(self, name: str, forward: Forward | str) -> _Moved:
        forward = forward if isinstance(forward, Forward) else Forward(forward)
        to = self._target(forward.to)
        if not isinstance(to, Path):
            raise DirectoryError(f"{name!r} is forwarded to {forward.to!r}, which is no address elsewhere")
        facts = {"forward": to.address}
        if forward.accepted:
            return _Moved(name, Resolution(replies.WILL_FORWARD, facts, remote=(to,)))
        return _Moved(name, Resolution(replies.TRY_FORWARD_PATH, facts))

    def _target(self, text: str) -> str | Path:
        """Return the key of a local name, or the path of an address that is not ours."""
        if "@" not in text:
            return _key(text)
        try:
            path = Path.parse(f"<{text}>")
        except ProtocolError as error:
            raise DirectoryError(f"{text!r} is no address: {error}") from None
        return _key(path.local_part) if self.is_local(path.domain) else path

    def _route(self, key: str, trail: tuple[str, ...] = ()) -> Resolution:
        """Return where the local name leads when nobody is busy and no mailbox full."""
        entry = self._entries.get(key)
        if entry is None:
            raise DirectoryError(f"{trail[-1]!r} leads to {key!r}, which is not declared")
        if entry.name in trail:
            raise DirectoryError(f"{trail[0]!r} leads in a circle: {' -> '.join((*trail, entry.name))}")
        if isinstance(entry, Mailbox):
            return Resolution(replies.RECIPIENT_OK, mailboxes=(entry.name,))
        if isinstance(entry, _Moved):
            return entry.answer
        return self._merge(entry, (*trail, entry.name))

    def _merge(self, group: _Group, trail: tuple[str, ...]) -> Resolution:
        """Return where all members of a group lead, each mailbox and path once."""
        mailboxes: dict[str, None] = {}
        remote: dict[Path, None] = {}
        for member in group.members:
            if isinstance(member, Path):
                remote[member] = None
                continue
            route = self._route(member, trail)
            if not route.reply.is_positive:
                raise DirectoryError(f"{group.name!r} leads to {member!r}, for whom no mail is taken here")
            mailboxes |= dict.fromkeys(route.mailboxes)
            remote |= dict.fromkeys(route.remote)
        return Resolution(
            replies.RECIPIENT_OK, mailboxes=tuple(mailboxes), remote=tuple(remote), owner=self._owner(group)
        )

    def _owner(self, group: _Group) -> Path | None:
        if not isinstance(group.owner, str):
            return group.owner
        entry = self._entries.get(group.owner)
        if entry is None:
            raise DirectoryError(f"{group.name!r} is owned by {group.owner!r}, which is not declared")
        return Path(entry.name, self.domains[0])

    # Answering

    def is_local(self, domain: str) -> bool:
        """Say whether mail for `domain` is delivered here; the bare Postmaster's empty domain is always ours."""
        return domain.lower() in self._local_domains

    def has_quota(self, path: Path) -> bool:
        """Say whether what lies in a mailbox has to be counted before `resolve` can decide about a path of ours."""
        route = self._routes.get(_key(path.local_part)) if self.is_local(path.domain) else None
        return route is not None and any(self.mailboxes[name].quota_octets is not None for name in route.mailboxes)

    def resolve(
        self,
        path: Path,
        *,
        verb: str = "MAIL",
        octets_in: Callable[[str], int] = _nothing_stored,
        size: int = 0,
    ) -> Resolution:
        """Decide about a forward-path, the argument of RCPT (RFC 5321 3.3).

        One mailbox that is busy or full refuses the whole of an alias or list: half a delivery could be neither
        repeated nor reported. Postmaster's mail is taken even then.

        Args:
            verb: what opened the transaction. SEND goes to terminals alone, and finds 450 where nobody is logged in;
                SOML to the terminal of who is logged in, and to the mailbox of who is not; SAML to both (RFC 821 3.4).
            octets_in: tells how much a mailbox holds; asked for mailboxes with a quota alone.
            size: the size declared in MAIL (RFC 1870), 0 if none was.

        Returns:
            250, or 251 for a known forward; 450, 452 or 552 for a mailbox in trouble; 550, 551 or 553. A domain that is
            not ours gets `RELAY_DENIED`: whoever has a route for it asks `is_local` first.
        """
        if not self.is_local(path.domain):
            return _FOREIGN
        key = _key(path.local_part)
        route = self._routes.get(key)
        if route is None:
            return self._unknown(key)
        if verb != "MAIL":
            route = self._aim(route, verb)
        if key != "postmaster":
            for name in route.mailboxes:
                trouble = self.trouble(name, octets_in=octets_in, size=size)
                if trouble is not None:
                    return trouble
        return route

    def _aim(self, route: Resolution, verb: str) -> Resolution:
        """Return `route` with its mailboxes parted into terminals and mailboxes as `verb` wants it."""
        logged_in = tuple(name for name in route.mailboxes if self.mailboxes[name].terminal is not None)
        if verb == "SAML":
            return replace(route, terminals=logged_in)
        rest = tuple(name for name in route.mailboxes if name not in logged_in)
        if verb == "SEND" and rest:
            return Resolution(replies.MAILBOX_BUSY, {"detail": f"{rest[0]} is not logged in"})
        return replace(route, mailboxes=rest, terminals=logged_in)

    def trouble(
        self, name: str, *, octets_in: Callable[[str], int] = _nothing_stored, size: int = 0
    ) -> Resolution | None:
        """Return the refusal if the mailbox `name` cannot take `size` octets more at this time, or None.

        The arguments are those of `resolve`. Ask again when the size of the message is known, after the data.
        """
        mailbox = self.mailboxes[name]
        if mailbox.busy:
            return Resolution(replies.MAILBOX_BUSY, {"detail": f"{name} is in use"})
        quota = mailbox.quota_octets
        if quota is None:
            return None
        stored = octets_in(name)
        if stored + max(size, 1) <= quota:
            return None
        reply = replies.INSUFFICIENT_STORAGE if mailbox.quota_is_soft else replies.MAILBOX_FULL
        used = f"{stored} of {quota} octets are used"
        return Resolution(reply, {"detail": f"{used}, and the message has {size}" if size else used})

    def _unknown(self, name: str, detail: str = "no such mailbox here") -> Resolution:
        if self._reserved.fullmatch(_key(name)):
            return Resolution(replies.MAILBOX_NAME_NOT_ALLOWED, {"detail": "the name is reserved"})
        return Resolution(replies.NO_SUCH_MAILBOX, {"detail": detail})

    def verify(self, text: str) -> Answer:
        """Answer VRFY: `text` is a local name, an address, or words of a user's full name (RFC 5321 3.5.1).

        Returns:
            250 with the mailbox in ``detail``; 251 or 551 with the new address in ``forward``; 252 for a mailing list;
            501 for what is no address; 550; 553 if the name is reserved, or if several users have it, who stand in
            ``detail``. 252, too, with the path in ``remote``, for a domain that is not ours. A name that leads
            elsewhere has those paths in ``remote``: whoever has no route there may not say 250 or 252 (RFC 5321
            3.5.3).
        """
        try:
            name = self._name_in(text)
        except ProtocolError as error:
            return Answer(replies.BAD_ARGUMENT, {"detail": str(error)})
        if isinstance(name, Path):
            return Resolution(replies.CANNOT_VERIFY, {"detail": "the domain is not ours"}, remote=(name,))
        entry = self._entries.get(_key(name))
        if entry is None:
            return self._find_by_full_name(name)
        if isinstance(entry, _Moved):
            return entry.answer
        route = self._routes[_key(name)]
        if route.owner is not None:
            return replace(route, reply=replies.CANNOT_VERIFY, facts={"detail": "it is a mailing list"})
        return replace(route, reply=replies.VERIFIED, facts={"detail": self._line(entry)})

    def _find_by_full_name(self, name: str) -> Answer:
        words = set(name.casefold().split())
        found = [mailbox for mailbox in self.mailboxes.values() if words <= set(mailbox.full_name.casefold().split())]
        if not words or not found:
            return self._unknown(name)
        reply = replies.VERIFIED if len(found) == 1 else replies.AMBIGUOUS
        return Answer(reply, {"detail": "\n".join(map(self._line, found))})

    def expand(self, text: str) -> Answer:
        """Answer EXPN: the members of a mailing list or alias, RFC 5321 3.5.2 and 3.9.

        Returns:
            250 with the members in ``detail``, one a line; or 550, 553 or 501.
        """
        try:
            name = self._name_in(text)
        except ProtocolError as error:
            return Answer(replies.BAD_ARGUMENT, {"detail": str(error)})
        entry = None if isinstance(name, Path) else self._entries.get(_key(name))
        if isinstance(entry, _Group):
            members = (
                str(member) if isinstance(member, Path) else self._line(self._entries[member])
                for member in entry.members
            )
            return Answer(replies.MEMBERS, {"detail": "\n".join(members)})
        if isinstance(entry, Mailbox):
            return self._unknown("", "it is a user, not a mailing list")
        return self._unknown("" if isinstance(name, Path) else name, "no such mailing list here")

    def _name_in(self, text: str) -> str | Path:
        """Return the local name that `text` asks for, or the path if it is an address elsewhere."""
        if "@" not in text:
            return text.strip(' \t<>"')
        path = Path.parse(text[text.find("<") :] if "<" in text else f"<{text.strip()}>")
        return path.local_part if self.is_local(path.domain) else path

    def _line(self, entry: _Entry) -> str:
        """Return an entry as VRFY and EXPN show it: ``Full Name <name@domain>``."""
        path = str(Path(entry.name, self.domains[0]))
        return f"{entry.full_name} {path}" if isinstance(entry, Mailbox) and entry.full_name else path


# What the tables of a file may hold, and what kind of value each key has.
_FILE = {
    "domains": (list,),
    "reserved": (list,),
    "mailboxes": (dict, list),
    "aliases": (dict,),
    "lists": (dict,),
    "forwards": (dict,),
}
_MAILBOX = {
    "full_name": (str,),
    "quota_octets": (int,),
    "quota_is_soft": (bool,),
    "busy": (bool,),
    "terminal": (bool,),
}
_LIST = {"members": (list,), "owner": (str,)}
_FORWARD = {"to": (str,), "accepted": (bool,)}
_KINDS = {str: "a text", int: "a whole number", bool: "true or false", list: "a list of texts", dict: "a table"}


def _arguments(table: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of `Directory` that a file's table stands for."""
    arguments = {"domains": [], **_checked("the file", table, _FILE)}
    readers = {"mailboxes": _read_mailbox, "aliases": _read_alias, "lists": _read_list, "forwards": _read_forward}
    for key, reader in readers.items():
        entries = arguments.get(key)
        if isinstance(entries, dict):
            arguments[key] = {name: reader(name, value) for name, value in entries.items()}
    if isinstance(arguments.get("mailboxes"), dict):
        arguments["mailboxes"] = arguments["mailboxes"].values()
    return arguments


def _read_mailbox(name: str, value: object) -> Mailbox:
    table = _checked(f"mailbox {name!r}", value, _MAILBOX)
    terminal = Terminal() if table.pop("terminal", False) else None
    return Mailbox(name, terminal=terminal, **table)


def _read_alias(name: str, value: object) -> str | Sequence[str]:
    members: str | Sequence[str] = _checked("aliases", {name: value}, {name: (str, list)})[name]
    return members


def _read_list(name: str, value: object) -> MailingList:
    value = {"members": value} if isinstance(value, list) else value
    return MailingList(**{"members": [], **_checked(f"list {name!r}", value, _LIST)})


def _read_forward(name: str, value: object) -> Forward:
    value = {"to": value} if isinstance(value, str) else value
    return Forward(**{"to": "", **_checked(f"forward {name!r}", value, _FORWARD)})


def _checked(where: str, table: object, kinds: Mapping[str, tuple[type, ...]]) -> dict[str, Any]:
    """Return a copy of `table` if its keys and the kinds of its values are those in `kinds`."""
    if not isinstance(table, dict):
        raise DirectoryError(f"{where} must be a table, not {table!r}")
    for key, value in table.items():
        if key not in kinds:
            raise DirectoryError(f"{where} cannot have {key!r}; it may have {', '.join(kinds)}")
        texts = value if isinstance(value, list) else ()
        if type(value) not in kinds[key] or not all(isinstance(text, str) for text in texts):
            wanted = " or ".join(_KINDS[kind] for kind in kinds[key])
            raise DirectoryError(f"{key!r} in {where} must be {wanted}, not {value!r}")
    return dict(table)
