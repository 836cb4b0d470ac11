"""The accounts that a directory declares: mailboxes, terminals, mailing lists and forwards.

They are values without behaviour. `declarations` checks how they fit together, `directory` answers about them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ..base.failure import Failure


class DirectoryError(Failure):
    """A directory contradicts itself, or its file cannot be read. The message is a sentence for its author.

    Attributes:
        place: the keys of its file that lead to what is wrong, the outermost first; empty if that is not known.
    """

    def __init__(self, sentence: str, *place: str) -> None:
        super().__init__(sentence)
        self.place = place


class Terminal:
    """The terminal of a user who is logged in, where SEND, SOML and SAML write lines (RFC 821 3.4)."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def show(self, content: bytes) -> None:
        """Write the lines of a message, with control characters as ``\\x1b`` so that no mail moves the cursor."""
        text = content.decode("utf-8", "replace").removesuffix("\r\n")
        self.lines += ["".join(map(_visible, line)) for line in text.split("\r\n")]


def _visible(character: str) -> str:
    return character if character.isprintable() or character == "\t" else f"\\x{ord(character):02x}"


@dataclass(slots=True)
class Mailbox:
    """Describe a local mailbox. Everything but its name may change while the server runs.

    Args:
        name: the local part.
        full_name: the user's name, for VRFY and EXPN.
        quota_octets: the most octets that the mailbox may hold; None for no limit.
        quota_is_soft: over the quota, answer 452 (try again later) instead of 552.
        busy: True if another program holds the mailbox; the answer is 450.
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
    """Describe a mailing list, RFC 5321 3.9.2.

    Args:
        members: local names, or addresses anywhere; one alone needs no list.
        owner: a local name or an address. It is the reverse-path of the members' copies, so bounces go to the owner of
            the list and not to the author of the message. A message from the null path stays one.
    """

    members: str | Sequence[str]
    owner: str = "postmaster"


@dataclass(frozen=True, slots=True)
class Forward:
    """Describe a user who has moved to another domain, RFC 5321 3.4.

    Args:
        to: the new address.
        accepted: True to accept the message and forward it (251), False to refuse it and name the address (551).
    """

    to: str
    accepted: bool = True
