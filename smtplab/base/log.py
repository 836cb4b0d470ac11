"""A list that only grows, whose copies cost nearly the same however long it is.

A step in the lab keeps a snapshot of all that was said before it. With lists, the snapshots of n steps would take room
for n * n / 2 items; logs share their items.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any, TypeVar, overload

ItemT = TypeVar("ItemT")

# Items in a block. A copy that is appended to takes a list of the blocks and the items behind the last whole block of
# its own: of 3,500 items it copies 54 blocks and 44 items, which are pointers.
_BLOCK = 64


class Log(Sequence[ItemT]):
    """A sequence to append to. A copy shares the items; what either appends later is not seen in the other.

    The log that made the blocks appends to them. A copy takes lists of its own when it first appends, so copies may be
    used in different threads. The items must be values that nobody changes: `copy.deepcopy` does not copy them.

    Args:
        items: what it begins with.
    """

    __slots__ = ("_blocks", "_length", "_owned", "_rest", "_whole")

    def __init__(self, items: Iterable[ItemT] = ()) -> None:
        self._blocks: list[list[ItemT]] = []
        self._whole = 0  # how many of the blocks are ours
        self._rest: list[ItemT] = []  # the block that is being filled
        self._length = 0
        self._owned = True
        for item in items:
            self.append(item)

    def append(self, item: ItemT) -> None:
        """Add an item at the end."""
        if not self._owned:
            self._own()
        self._rest.append(item)
        self._length += 1
        if len(self._rest) == _BLOCK:
            self._blocks.append(self._rest)
            self._whole, self._rest = self._whole + 1, []

    def _own(self) -> None:
        """Take lists of our own, to which nobody else appends."""
        self._blocks = self._blocks[: self._whole]
        self._rest = self._rest[: self._length % _BLOCK]
        self._owned = True

    def cut(self, length: int) -> None:
        """Drop the items from index `length` on; copies made before keep them."""
        if length >= self._length:
            return
        whole, self._length = length // _BLOCK, length
        if whole < self._whole:
            self._rest, self._whole = self._blocks[whole], whole
        self._owned = False

    def copy(self) -> Log[ItemT]:
        """Return a log with the same items, in constant time."""
        twin: Log[ItemT] = Log.__new__(Log)
        twin._blocks, twin._whole, twin._rest = self._blocks, self._whole, self._rest
        twin._length, twin._owned = self._length, False
        return twin

    def __copy__(self) -> Log[ItemT]:
        return self.copy()

    def __deepcopy__(self, memo: dict[int, Any]) -> Log[ItemT]:
        return self.copy()

    @overload
    def __getitem__(self, index: int) -> ItemT: ...
    @overload
    def __getitem__(self, index: slice) -> list[ItemT]: ...
    def __getitem__(self, index: int | slice) -> ItemT | list[ItemT]:
        if isinstance(index, slice):
            return [self._at(position) for position in range(*index.indices(self._length))]
        return self._at(range(self._length)[index])

    def _at(self, position: int) -> ItemT:
        block, place = divmod(position, _BLOCK)
        return (self._blocks[block] if block < self._whole else self._rest)[place]

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[ItemT]:
        whole = chain.from_iterable(islice(self._blocks, self._whole))
        return chain(whole, islice(self._rest, self._length % _BLOCK))

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, Log) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Log({list(self)!r})"
