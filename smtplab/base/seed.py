"""All randomness of a run, drawn from one seed that is forked by labels.

A pseudo-random generator is a stream: one more draw moves every later one. Here each draw has a name instead. It is a
hash of the seed, of the labels on the way to it, and of its name. So one more host, link or fault changes no draw of
another, and the same seed draws the same on every machine, whatever PYTHONHASHSEED is.

>>> seed = Seed(7)
>>> link = seed.fork("link", "campus.example")
>>> link.number("delay", 1000) == Seed(7).fork("link", "campus.example").number("delay", 1000)
True
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from random import Random

ItemT = TypeVar("ItemT")


class Seed:
    """A seed, and the draws that are made from it. It has no state: the same name draws the same value again.

    Args:
        text: what the user gave, as a number or as text. Two seeds of the same text are equal.

    Attributes:
        text: the seed and the labels of its forks, separated by NUL.
    """

    __slots__ = ("_hash", "text")

    def __init__(self, text: str | int) -> None:
        self.text = str(text)
        self._hash: hashlib._Hash | None = None  # made with the first draw; many forks draw nothing

    def __eq__(self, other: object) -> bool:
        return self.text == other.text if isinstance(other, Seed) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Seed({self.text!r})"

    def __deepcopy__(self, memo: object) -> Seed:
        return self  # it never changes, and a hash object of hashlib cannot be copied that way

    def __reduce__(self) -> tuple[type[Seed], tuple[str]]:
        return Seed, (self.text,)

    def fork(self, *labels: str | int) -> Seed:
        """Return the seed of one part of a run, such as ``fork("host", "mail.lab.example")``.

        Args:
            labels: what the part is; any text. Forks of different labels draw independently.
        """
        return Seed("\0".join((self.text, *map(_escaped, labels))))

    def number(self, name: str | int, below: int) -> int:
        """Draw a whole number from 0 to ``below - 1`` under a name.

        Args:
            name: what is drawn; no fork of the same seed should have this label.
            below: 1 or more, far less than 2**256.
        """
        return int.from_bytes(self._digest(name), "big") % below

    def choice(self, name: str | int, items: Sequence[ItemT]) -> ItemT:
        """Draw one of several items under a name."""
        return items[self.number(name, len(items))]

    def sample(self, name: str, items: Iterable[ItemT], count: int) -> tuple[ItemT, ...]:
        """Draw several different items under a name, in a drawn order."""
        left = list(items)
        return tuple(left.pop(self.number(f"{name} {turn}", len(left))) for turn in range(count))

    def shuffled(self, name: str, items: Iterable[ItemT]) -> tuple[ItemT, ...]:
        """Return all items in an order that is drawn under a name."""
        items = tuple(items)
        return self.sample(name, items, len(items))

    def stream(self) -> Random:
        """Return a generator of random numbers for one consumer that draws many, such as a scheduler.

        Its draws have no names: one more moves all later ones of this stream, and of no other.
        """
        from random import Random

        return Random(int.from_bytes(hashlib.sha256(b"stream\0" + self._begun().digest()).digest(), "big"))

    def _digest(self, name: str | int) -> bytes:
        drawn = (self._hash or self._begun()).copy()
        drawn.update(f"\0{_escaped(name)}".encode("utf-8", "surrogatepass"))
        return drawn.digest()

    def _begun(self) -> hashlib._Hash:
        """Return the hash of the seed, which its draws go on with."""
        if self._hash is None:
            self._hash = hashlib.sha256(self.text.encode("utf-8", "surrogatepass"))
        return self._hash


def _escaped(label: str | int) -> str:
    """Return a label without NUL, which separates labels, so that no two lists of labels have the same text."""
    text = str(label)
    return text.replace("\\", "\\\\").replace("\0", "\\0") if "\\" in text or "\0" in text else text
