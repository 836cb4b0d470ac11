"""The directory of a mail host: its mailboxes, aliases, mailing lists and forwards, and the answer about each.

It decides where a forward-path leads and which canonical reply it gets (RFC 5321 3.3 to 3.9). It does not deliver, and
it does not word replies: it gives facts beside the reply, and a personality puts the two together.

Every name is valid in each domain of the directory. Upper and lower case are the same in a local part: RFC 5321 2.4
leaves this to the host that owns the mailbox, and advises against mailboxes that differ in case alone.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from fnmatch import translate
from pathlib import Path as FilePath
from types import MappingProxyType
from typing import Any, Self

from ..base.domains import address_to_ascii, to_ascii
from ..protocol import replies
from ..protocol.grammar import Path
from ..protocol.replies import ProtocolError, Reply
from . import directory_file, sentences
from .accounts import DirectoryError, Forward, Mailbox, MailingList, Terminal
from .declarations import Answer, Declarations, Entry, Group, Moved, Resolution, key_of, names_in
from .toml_file import TableError, located, parse_toml, read_text

__all__ = ["Answer", "Directory", "DirectoryError", "Forward", "Mailbox", "MailingList", "Resolution", "Terminal"]

_NOTHING: Mapping[str, Any] = MappingProxyType({})

_FOREIGN = Resolution(replies.RELAY_DENIED)


# What stands in place of an answer that cannot be written in ASCII (RFC 6531 3.7.4.2).
_NOT_ASCII = Reply(252, f"2.6.8 {sentences.ANSWER_NOT_ASCII}", name=replies.CANNOT_VERIFY.name)
_REFUSAL_NOT_ASCII = Reply(550, f"5.6.8 {sentences.FORWARD_NOT_ASCII}")


def in_ascii(answer: Answer, *, verb: str) -> Answer:
    """Return an answer for a client that has not asked for SMTPUTF8, without an address that nobody has.

    A domain is written in A-labels, and a name beside an address is left out. A local part has no form in ASCII. So if
    one is not ASCII, the answer only says that there is an answer (RFC 6531 3.7.4.2).

    Args:
        answer: what `Directory` returned.
        verb: the verb that is answered, ``RCPT``, ``VRFY`` or ``EXPN``. Only RCPT is answered with 250 for an address
            to which the message will be forwarded and that cannot be told.
    """
    if all(fact.isascii() for fact in answer.facts.values()):
        return answer
    facts = dict(answer.facts)
    if "forward" in facts:
        facts["forward"] = address_to_ascii(facts["forward"])
    elif answer.reply in _LISTINGS:
        facts["detail"] = "\n".join(map(_line_in_ascii, facts["detail"].split("\n")))
    if all(fact.isascii() for fact in facts.values()):
        return replace(answer, facts=facts)
    if answer.reply == replies.TRY_FORWARD_PATH or answer.reply == replies.AMBIGUOUS:
        return replace(answer, reply=_REFUSAL_NOT_ASCII, facts={})
    if verb == "RCPT":
        return answer if answer.reply != replies.WILL_FORWARD else replace(answer, reply=replies.RECIPIENT_OK, facts={})
    return replace(answer, reply=_NOT_ASCII, facts={}) if answer.reply.is_positive else answer


# The answers whose detail is one mailbox a line, as `Directory` writes them.
_LISTINGS = (replies.VERIFIED, replies.MEMBERS, replies.AMBIGUOUS)


def _line_in_ascii(line: str) -> str:
    """Return a mailbox as VRFY and EXPN show it; if it is not ASCII, without the name and in A-labels."""
    return line if line.isascii() else f"<{address_to_ascii(line.rpartition('<')[2].removesuffix('>'))}>"


def _nothing_stored(mailbox: str) -> int:
    return 0


class Directory:
    """Decide where mail goes and what to answer about a name. Its names never change; a `Mailbox` may.

    Postmaster always exists, as RFC 5321 4.5.1 demands: as a mailbox, unless the name is declared otherwise.

    Args:
        domains: the domains whose mail is delivered here; the first one appears in answers. One alone, here and below,
            needs no list.
        mailboxes: names, or `Mailbox` values.
        aliases: for each name the local names or addresses that get its mail; the reverse-path stays the same.
        lists: for each name a `MailingList`, or its members.
        forwards: for each name a `Forward`, or the new address to which mail is forwarded.
        reserved: names that are refused with 553 unless declared; ``*`` and ``?`` are wildcards, as for files.

    Raises:
        DirectoryError: if there is no domain, a name is declared twice or not valid, a member or owner is unknown, or
            an alias or list, or the owner of a list, leads back to itself.
        TypeError: if a name is not text.
    """

    def __init__(
        self,
        domains: str | Iterable[str],
        mailboxes: str | Mailbox | Iterable[str | Mailbox] = (),
        *,
        aliases: Mapping[str, str | Sequence[str]] = _NOTHING,
        lists: Mapping[str, MailingList | Sequence[str]] = _NOTHING,
        forwards: Mapping[str, Forward | str] = _NOTHING,
        reserved: str | Iterable[str] = (),
    ) -> None:
        self.domains = names_in(domains, "the domains")
        declared = Declarations(self.domains)
        declared.add_mailboxes(mailboxes)
        declared.add_aliases(aliases)
        declared.add_lists(lists)
        declared.add_forwards(forwards)
        self._routes = declared.routes()
        self._declared = declared
        self._entries = declared.entries
        patterns = (translate(key_of(name)) for name in names_in(reserved, "the reserved names"))
        self._reserved = re.compile("|".join(patterns) or r"(?!)")
        self.mailboxes: Mapping[str, Mailbox] = {
            entry.name: entry for entry in self._entries.values() if isinstance(entry, Mailbox)
        }

    @property
    def names(self) -> tuple[str, ...]:
        """All names in the order of declaration: mailboxes, aliases, lists, forwards. Postmaster is last by default."""
        return tuple(entry.name for entry in self._entries.values())

    @property
    def lists(self) -> tuple[str, ...]:
        """The names of the mailing lists."""
        groups = (entry for entry in self._entries.values() if isinstance(entry, Group))
        return tuple(group.name for group in groups if group.owner is not None)

    @property
    def lists_of_postmaster(self) -> tuple[str, ...]:
        """The names of the mailing lists that have no other owner than Postmaster."""
        groups = (entry for entry in self._entries.values() if isinstance(entry, Group))
        return tuple(group.name for group in groups if group.owner == "postmaster")

    @property
    def forwards(self) -> tuple[str, ...]:
        """The names of those who have their mailbox elsewhere."""
        return tuple(entry.name for entry in self._entries.values() if isinstance(entry, Moved))

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
            DirectoryError: if the file cannot be read, is not TOML, or its declarations are wrong; it names the file,
                the line and the key.
        """
        try:
            text = read_text(FilePath(path))
            return cls(**directory_file.arguments_of(parse_toml(text)))
        except OSError as error:
            sentence = sentences.DIRECTORY_UNREADABLE.format(path=path, reason=error.strerror)
        except (TableError, DirectoryError) as error:
            reason = located(error, text, error.place)
            sentence = sentences.DIRECTORY_WRONG.format(path=path, reason=reason)
        except ValueError as error:  # not UTF-8, or not TOML
            sentence = sentences.DIRECTORY_NOT_TOML.format(path=path, reason=error)
        raise DirectoryError(sentence)

    # Answering

    def is_local(self, domain: str) -> bool:
        """Return True if `domain` is one of ours; the empty domain of a bare ``<Postmaster>`` always is."""
        return self._declared.is_local(domain)

    def has_quota(self, path: Path) -> bool:
        """Return True if `resolve` has to count what is stored in a mailbox before it can decide about `path`."""
        route = self._routes.get(key_of(path.local_part)) if self.is_local(path.domain) else None
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

        One mailbox that is busy or full refuses a whole alias or list, because half a delivery could not be repeated
        or reported. Postmaster's mail is accepted even then.

        Args:
            path: the forward-path.
            verb: the verb that opened the transaction. SEND goes to terminals alone, and gets 450 if a user is not
                logged in. SOML goes to the terminals of users who are, and to the mailboxes of the others. SAML goes to
                both (RFC 821 3.4).
            octets_in: returns the octets stored in a mailbox; called for mailboxes with a quota only.
            size: the size declared in MAIL (RFC 1870), in octets; 0 if none was.

        Returns:
            250, or 251 for a known forward; 450, 452 or 552 for a busy or full mailbox; 550, 551 or 553. A domain that
            is not ours gets `RELAY_DENIED`; a host that has a route for it calls `is_local` first.
        """
        if not self.is_local(path.domain):
            return _FOREIGN
        key = key_of(path.local_part)
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
        """Divide the mailboxes of `route` into terminals and mailboxes for SEND, SOML or SAML."""
        logged_in = tuple(name for name in route.mailboxes if self.mailboxes[name].terminal is not None)
        if verb == "SAML":
            return replace(route, terminals=logged_in)
        rest = tuple(name for name in route.mailboxes if name not in logged_in)
        if verb == "SEND" and rest:
            return Resolution(replies.MAILBOX_BUSY, {"detail": sentences.NOT_LOGGED_IN.format(name=rest[0])})
        return replace(route, mailboxes=rest, terminals=logged_in)

    def trouble(
        self, name: str, *, octets_in: Callable[[str], int] = _nothing_stored, size: int = 0
    ) -> Resolution | None:
        """Return the refusal if the mailbox `name` cannot take `size` more octets now, else None.

        The arguments are those of `resolve`. Call it again after the data, when the size of the message is known.
        """
        mailbox = self.mailboxes[name]
        if mailbox.busy:
            return Resolution(replies.MAILBOX_BUSY, {"detail": sentences.MAILBOX_IN_USE.format(name=name)})
        quota = mailbox.quota_octets
        if quota is None:
            return None
        stored = octets_in(name)
        if stored + max(size, 1) <= quota:
            return None
        reply = replies.INSUFFICIENT_STORAGE if mailbox.quota_is_soft else replies.MAILBOX_FULL
        detail = sentences.OCTETS_USED_AND_SIZE if size else sentences.OCTETS_USED
        return Resolution(reply, {"detail": detail.format(used=stored, quota=quota, size=size)})

    def _unknown(self, name: str, detail: str = sentences.NO_SUCH_MAILBOX) -> Resolution:
        if self._reserved.fullmatch(key_of(name)):
            return Resolution(replies.MAILBOX_NAME_NOT_ALLOWED, {"detail": sentences.NAME_RESERVED})
        return Resolution(replies.NO_SUCH_MAILBOX, {"detail": detail})

    def verify(self, text: str) -> Answer:
        """Answer VRFY about a local name, an address, or words of a user's full name (RFC 5321 3.5.1).

        Returns:
            250 with the mailbox in ``detail``; 251 or 551 with the new address in ``forward``; 252 for a mailing list;
            501 for an invalid address; 550; 553 if the name is reserved, or if several users have it, with all of them
            in ``detail``. A domain that is not ours gets 252 and its path in ``remote``. A name that leads elsewhere
            has those paths in ``remote``; a host without a route to them must not answer 250 or 252 (RFC 5321 3.5.3).
        """
        try:
            name = self._name_in(text)
        except ProtocolError as error:
            return Answer(replies.BAD_ARGUMENT, {"detail": str(error)})
        if isinstance(name, Path):
            return Resolution(replies.CANNOT_VERIFY, {"detail": sentences.DOMAIN_NOT_OURS}, remote=(name,))
        entry = self._entries.get(key_of(name))
        if entry is None:
            return self._find_by_full_name(name)
        if isinstance(entry, Moved):
            return entry.answer
        route = self._routes[key_of(name)]
        if route.owner is not None:
            return replace(route, reply=replies.CANNOT_VERIFY, facts={"detail": sentences.IS_A_LIST})
        return replace(route, reply=replies.VERIFIED, facts={"detail": self._line(entry)})

    def _find_by_full_name(self, name: str) -> Answer:
        words = set(name.casefold().split())
        found = [mailbox for mailbox in self.mailboxes.values() if words <= set(mailbox.full_name.casefold().split())]
        if not words or not found:
            return self._unknown(name)
        reply = replies.VERIFIED if len(found) == 1 else replies.AMBIGUOUS
        return Answer(reply, {"detail": "\n".join(map(self._line, found))})

    def expand(self, text: str) -> Answer:
        """Answer EXPN with the members of a mailing list or alias, RFC 5321 3.5.2 and 3.9.

        Returns:
            250 with the members in ``detail``, one a line; or 550, 553 or 501.
        """
        try:
            name = self._name_in(text)
        except ProtocolError as error:
            return Answer(replies.BAD_ARGUMENT, {"detail": str(error)})
        entry = None if isinstance(name, Path) else self._entries.get(key_of(name))
        if isinstance(entry, Group):
            members = (
                str(member) if isinstance(member, Path) else self._line(self._entries[member])
                for member in entry.members
            )
            return Answer(replies.MEMBERS, {"detail": "\n".join(members)})
        if isinstance(entry, Mailbox):
            return self._unknown("", sentences.IS_A_USER)
        return self._unknown("" if isinstance(name, Path) else name, sentences.NO_SUCH_LIST)

    def _name_in(self, text: str) -> str | Path:
        """Return the local name in `text`, or the path if it is an address in another domain."""
        if "@" not in text:
            return text.strip(' \t<>"')
        path = Path.parse(text[text.find("<") :] if "<" in text else f"<{text.strip()}>")
        return path.local_part if self.is_local(path.domain) else path

    def _line(self, entry: Entry) -> str:
        """Return an entry as VRFY and EXPN show it: ``Full Name <name@domain>``."""
        path = str(Path(entry.name, to_ascii(self.domains[0])))
        return f"{entry.full_name} {path}" if isinstance(entry, Mailbox) and entry.full_name else path
