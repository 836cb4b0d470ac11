"""The declarations of a directory, checked against each other, and where each name leads.

A name is a mailbox, a group (alias or mailing list) or a user who has moved. Its route is worked out once, when the
directory is made, so a circle or a missing name is found before the first mail comes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from unicodedata import normalize

from ..base.domains import domain_key, to_ascii
from ..base.several import is_several
from ..protocol import replies
from ..protocol.grammar import Path
from ..protocol.replies import ProtocolError, Reply
from . import sentences
from .accounts import DirectoryError, Forward, Mailbox, MailingList


@dataclass(frozen=True, slots=True)
class Answer:
    """A canonical reply, and facts for its wording.

    Args:
        reply: the canonical reply.
        facts: ``forward`` is the new address of a user who has moved. ``detail`` is the reason in a few words, or the
            mailboxes found, one a line.
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
        owners: other reverse-paths than `owner`, by mailbox and path, for the members of lists inside this name.
    """

    mailboxes: tuple[str, ...] = ()
    terminals: tuple[str, ...] = ()
    remote: tuple[Path, ...] = ()
    owner: Path | None = None
    owners: Mapping[str | Path, Path] = field(default_factory=dict, hash=False)

    def owner_of(self, member: str | Path) -> Path | None:
        """Return the reverse-path of one copy, so that its bounces go to the owner of the list (RFC 5321 3.9.2).

        Args:
            member: one of `mailboxes` or `remote`.

        Returns:
            The owner of the innermost list that leads to the member; None to keep the sender's reverse-path.
        """
        return self.owners.get(member, self.owner)

    def sender_of(self, member: str | Path, sender: Path) -> Path:
        """Return the reverse-path of a member's copy of a message.

        The null path stays: its mail is a report, and a report about that one would go to the owner of the list, then
        to the list that he may be a member of, and so on (RFC 5321 3.9.2, 4.5.5, 6.1).

        Args:
            member: one of `mailboxes` or `remote`.
            sender: the reverse-path of the message.
        """
        return sender if sender.is_null else self.owner_of(member) or sender


@dataclass(frozen=True, slots=True)
class Group:
    """An alias, or a mailing list if it has an owner. Members and owner are keys of local entries or remote paths."""

    name: str
    members: tuple[str | Path, ...]
    owner: str | Path | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """A forward, and the answer that its address gives."""

    name: str
    answer: Resolution


Entry = Mailbox | Group | Moved


def names_in(given: object, what: str, *, also: type = str) -> tuple[Any, ...]:
    """Return names as a tuple; one name alone becomes a tuple of one.

    Args:
        given: the names, or one of them.
        what: how a sentence calls them.
        also: what a name may be besides text.

    Raises:
        TypeError: if they are neither.
    """
    names = tuple(given) if is_several(given) else (given,)
    for name in names:
        if not isinstance(name, str | also):
            raise TypeError(sentences.NOT_NAMES.format(what=what, type=type(name).__name__))
    return names


def key_of(name: str) -> str:
    """Return what two spellings of a local part have in common.

    Case makes no difference here (RFC 5321 2.4), nor does a letter that is written as a base letter and an accent, as
    some keyboards do (RFC 6532 3.1).
    """
    folded = name.casefold()
    return folded if folded.isascii() else normalize("NFC", folded)


class Declarations:
    """Collect the declared names of a directory, and work out where each leads.

    Postmaster is always declared, as RFC 5321 4.5.1 demands: as a mailbox, unless something else has the name.

    Args:
        domains: the local domains; the first one appears in answers.

    Attributes:
        entries: the declared entries by their keys, in the order of declaration.

    Raises:
        DirectoryError: if there is no domain, or one is not valid. The methods raise it for a name that is declared
            twice or not valid, for an unknown member or owner, and for a name that leads, or an owner of a list who
            leads, back to it.
    """

    def __init__(self, domains: tuple[str, ...]) -> None:
        if not domains:
            raise DirectoryError(sentences.NO_DOMAIN, "domains")
        for domain in domains:
            _check_address("postmaster", domain, "domains")
        self.entries: dict[str, Entry] = {}
        self._routes: dict[str, Resolution] = {}  # as far as they are worked out
        self._places: dict[str, tuple[str, str]] = {}  # of each entry in a file: the kind of it, and its name
        self._domains = domains
        self._local_domains = frozenset({"", *(domain_key(domain) for domain in domains)})

    def is_local(self, domain: str) -> bool:
        """Return True if `domain` is one of ours; the empty domain of a bare ``<Postmaster>`` always is."""
        return domain_key(domain) in self._local_domains

    def add_mailboxes(self, mailboxes: str | Mailbox | Iterable[str | Mailbox]) -> None:
        """Declare mailboxes, given as names or values."""
        for mailbox in names_in(mailboxes, "the mailboxes", also=Mailbox):
            self._add("mailboxes", mailbox if isinstance(mailbox, Mailbox) else Mailbox(mailbox))

    def add_aliases(self, aliases: Mapping[str, str | Sequence[str]]) -> None:
        """Declare aliases, each with its member or members."""
        for name, members in aliases.items():
            self._add("aliases", self._group("aliases", name, members))

    def add_lists(self, lists: Mapping[str, MailingList | Sequence[str]]) -> None:
        """Declare mailing lists, each with its members or as a `MailingList`."""
        for name, listed in lists.items():
            listed = listed if isinstance(listed, MailingList) else MailingList(listed)
            owner = self._target(listed.owner, "lists", name)
            self._add("lists", self._group("lists", name, listed.members, owner))

    def add_forwards(self, forwards: Mapping[str, Forward | str]) -> None:
        """Declare users who have moved, each with the new address or a `Forward`."""
        for name, forward in forwards.items():
            self._add("forwards", self._moved(name, forward if isinstance(forward, Forward) else Forward(forward)))

    def routes(self) -> dict[str, Resolution]:
        """Return where each name leads if no mailbox is busy or full, by the key of the name."""
        self.entries.setdefault("postmaster", Mailbox("postmaster"))
        self._routes.clear()
        routes = {key: self._route(key) for key in self.entries}
        for key in self.entries:
            self._check_owner(key)
        return routes

    def _add(self, kind: str, entry: Entry) -> None:
        if not entry.name:
            raise DirectoryError(sentences.EMPTY_NAME, kind)
        if _is_address(entry.name):
            local_part = entry.name.rpartition("@")[0]
            raise DirectoryError(
                sentences.NAME_WITH_DOMAIN.format(name=entry.name, local_part=local_part), kind, entry.name
            )
        _check_address(entry.name, self._domains[0], kind, entry.name)
        self._places.setdefault(key_of(entry.name), (kind, entry.name))
        if self.entries.setdefault(key_of(entry.name), entry) is not entry:
            raise DirectoryError(self._twice(kind, entry.name), kind, entry.name)

    def _twice(self, kind: str, name: str) -> str:
        """Say where a name is declared already, and what else could be meant."""
        first = self._places[key_of(name)][0]
        if first == kind:
            return sentences.SAME_IN_LOWER_CASE.format(name=name, first=first)
        template = sentences.KEEPS_A_COPY if first == "mailboxes" and kind != "lists" else sentences.DECLARED_TWICE
        return template.format(name=name, first=first, second=kind, mailbox=f"{name}-here")

    def _group(self, kind: str, name: str, members: str | Sequence[str], owner: str | Path | None = None) -> Group:
        names = names_in(members, f"the members of {name!r}")
        if not names:
            raise DirectoryError(sentences.NO_MEMBER.format(name=name), kind, name)
        return Group(name, tuple(self._target(each, kind, name) for each in names), owner)

    def _moved(self, name: str, forward: Forward) -> Moved:
        to = self._target(forward.to, "forwards", name)
        if not isinstance(to, Path):
            raise DirectoryError(sentences.NOT_ELSEWHERE.format(name=name, to=forward.to), "forwards", name)
        facts = {"forward": to.address}
        if forward.accepted:
            return Moved(name, Resolution(replies.WILL_FORWARD, facts, remote=(to,)))
        return Moved(name, Resolution(replies.TRY_FORWARD_PATH, facts))

    def _target(self, text: str, kind: str, name: str) -> str | Path:
        """Return the key of a local name, or the path of an address in another domain.

        Args:
            text: what an entry leads to.
            kind, name: the entry, for an error.
        """
        if "@" not in text:
            return key_of(text)
        try:
            path = Path.parse(f"<{text}>")
        except ProtocolError as error:
            sentence = sentences.NOT_AN_ADDRESS.format(name=name, text=text, reason=error)
            raise DirectoryError(sentence, kind, name) from None
        return key_of(path.local_part) if self.is_local(path.domain) else path

    def _route(self, key: str, trail: tuple[str, ...] = ()) -> Resolution:
        """Return where a local name leads; `trail` holds the names that led to it.

        Each name is followed once, however many ways lead to it.
        """
        if (known := self._routes.get(key)) is None:
            known = self._routes[key] = self._follow(key, trail)
        return known

    def _follow(self, key: str, trail: tuple[str, ...]) -> Resolution:
        entry = self.entries.get(key)
        if entry is None:
            raise self._wrong(sentences.LEADS_TO_UNDECLARED.format(name=trail[-1], to=key), trail[-1])
        if entry.name in trail:
            circle = " -> ".join((*trail, entry.name))
            raise self._wrong(sentences.LEADS_IN_A_CIRCLE.format(name=trail[0], trail=circle), trail[0])
        if isinstance(entry, Mailbox):
            return Resolution(replies.RECIPIENT_OK, mailboxes=(entry.name,))
        if isinstance(entry, Moved):
            return entry.answer
        return self._merge(entry, (*trail, entry.name))

    def _merge(self, group: Group, trail: tuple[str, ...]) -> Resolution:
        """Return where all members of a group lead, each mailbox and path once."""
        owners: dict[str | Path, Path | None] = {}
        for member in group.members:
            if isinstance(member, Path):
                route = Resolution(replies.RECIPIENT_OK, remote=(member,))
            else:
                route = self._route(member, trail)
            if not route.reply.is_positive:
                raise self._wrong(sentences.LEADS_TO_REFUSED.format(name=group.name, to=member), group.name)
            led_to: tuple[str | Path, ...] = (*route.mailboxes, *route.remote)
            for each in led_to:
                # Who is a member of this group as well gets its copy, and not that of a list inside it.
                if (owner := route.owner_of(each)) is None or each not in owners:
                    owners[each] = owner
        return Resolution(
            replies.RECIPIENT_OK,
            mailboxes=tuple(each for each in owners if isinstance(each, str)),
            remote=tuple(each for each in owners if isinstance(each, Path)),
            owner=self._owner(group),
            owners={each: owner for each, owner in owners.items() if owner is not None},
        )

    def _owner(self, group: Group) -> Path | None:
        if not isinstance(group.owner, str):
            return group.owner
        entry = self.entries.get(group.owner)
        if entry is None:
            raise self._wrong(sentences.OWNER_UNDECLARED.format(name=group.name, owner=group.owner), group.name)
        return Path(entry.name, to_ascii(self._domains[0]))

    def _check_owner(self, key: str) -> None:
        """Raise if the owner of a list leads back to it: those who fail would get the reports about themselves."""
        seen: dict[str, None] = {}
        group = self.entries[key]
        trails: list[tuple[str, ...]] = [(group.name, each) for each in _owner_in(group)]
        while trails:
            *trail, name = trails.pop()
            if name == key:
                circle = " -> ".join((*trail, group.name))
                raise self._wrong(sentences.OWNED_IN_A_CIRCLE.format(name=group.name, trail=circle), group.name)
            if name not in seen:
                seen[name] = None
                entry = self.entries[name]
                trails += [(*trail, entry.name, each) for each in (*_members_in(entry), *_owner_in(entry))]

    def _wrong(self, sentence: str, name: str) -> DirectoryError:
        """Return an error about an entry, with its place in a file."""
        return DirectoryError(sentence, *self._places[key_of(name)])


def _owner_in(entry: Entry) -> tuple[str, ...]:
    """Return the key of the owner of a list, if it is a name here."""
    return (entry.owner,) if isinstance(entry, Group) and isinstance(entry.owner, str) else ()


def _members_in(entry: Entry) -> tuple[str, ...]:
    """Return the keys of the members of an alias or list who are names here."""
    members = entry.members if isinstance(entry, Group) else ()
    return tuple(each for each in members if isinstance(each, str))


def _is_address(name: str) -> bool:
    """Return True if a name is a whole address, as in a slip such as ``eve@lab.example`` for ``eve``."""
    try:
        return "@" in name and bool(Path.parse(f"<{name}>").domain)
    except ProtocolError:
        return False


def _check_address(local_part: str, domain: str, *place: str) -> None:
    """Raise `DirectoryError`, with its place in a file, if the two do not make a valid address."""
    try:
        Path(local_part, domain)
    except ProtocolError as error:
        text = sentences.NOT_IN_AN_ADDRESS.format(local_part=local_part, domain=domain, reason=error)
        raise DirectoryError(text, *place) from None
    if not to_ascii(domain).isascii():
        raise DirectoryError(sentences.NO_A_LABELS.format(domain=domain), *place)
