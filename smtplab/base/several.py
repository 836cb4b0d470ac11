"""One value or several: what a caller may give for a list."""

from collections.abc import Iterable
from typing import Any, TypeGuard

# They can be taken apart, and yet each is one value. A tuple, because a union is made anew each time it is looked at.
_ONE = (str, bytes, bytearray)


def is_several(given: object) -> TypeGuard[Iterable[Any]]:
    """Return True if `given` holds several values, and is not one value alone.

    A text is one value, because its letters would be taken for values otherwise. Octets are one value as well: their
    items are numbers, so that an error would be about a number that nobody wrote.
    """
    return not isinstance(given, _ONE) and isinstance(given, Iterable)
