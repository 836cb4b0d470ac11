"""A list that only grows, whose copies cost the same however long it is.

A step in the lab keeps a snapshot of all that was said before it. With lists, the snapshots of n steps would take room
for n * n / 2 items; with logs they share one list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar, overload

ItemT = TypeVar("ItemT")


class Log(Sequence[ItemT]):
    """A sequence to append to. A copy shares the items; what either appends later is not seen in the other.

    The log that made the list appends in place. A copy takes a list of its own when it first appends, so copies may
    be used in different threads. The items must be values that nobody changes: `copy.deepcopy` does not copy them.

    Args:
        items: what it begins with.
    """

    __slots__ = ("_items", "_length", "_owned")

    def __init__(self, items: Iterable[ItemT] = ()) -> None:
        self._items = list(items)
        self._length = len(self._items)
        self._owned = True

    def append(self, item: ItemT) -> None:
        """Add an item at the end."""
        if not self._owned:
            self._items = self._items[: self._length]
            self._owned = True
        self._items.append(item)
        self._length += 1

    def cut(self, length: int) -> None:
        """Drop the items from index `length` on; copies made before keep them."""
        self._length = min(length, self._length)
        self._owned = False

    def copy(self) -> Log[ItemT]:
        """Return a log with the same items, in constant time."""
        twin: Log[ItemT] = Log.__new__(Log)
        twin._items, twin._length, twin._owned = self._items, self._length, False
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
            return [self._items[at] for at in range(*index.indices(self._length))]
        return self._items[range(self._length)[index]]

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[ItemT]:
        return islice(self._items, self._length)

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, Log) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Log({list(self)!r})"
