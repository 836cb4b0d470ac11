"""The list of eight replies in exercise 03: the codes for each place, and the drawing of a student's task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...variants import PEOPLE, WORDS, Draw
from .causes import CAUSES
from .task import ReplyCausesTask

# The places of the list, each with the digits that its codes have in common.
MASKS: Mapping[str, str] = {
    "help": "21z",
    "elsewhere": "25z",
    "later-1": "4yz",
    "later-2": "4yz",
    "refused-1": "50z",
    "refused-2": "50z",
    "refused-3": "55z",
    "refused-4": "55z",
}


def _codes(mask: str) -> tuple[int, ...]:
    """Return the codes with these digits that have a cause, in order."""
    digits = mask.rstrip("yz")
    return tuple(sorted({cause.code for cause in CAUSES.values() if str(cause.code).startswith(digits)}))


# The places, each with the codes from which it is drawn; two places never have the same code.
SLOTS: Mapping[str, tuple[int, ...]] = {slot: _codes(mask) for slot, mask in MASKS.items()}


def draw(lots: Draw) -> ReplyCausesTask:
    """Draw a student's task."""
    words = lots.picks("domains", WORDS, 6)
    domain, next_domain, lost_domain = (f"{words[each]}-{words[each + 1]}.example" for each in (0, 2, 4))
    client = f"{lots.word('client 1')}-{lots.word('client 2')}.students.example"
    people = (f"{name}@{domain}" for name in lots.picks("people", PEOPLE, 7))
    return ReplyCausesTask(client, domain, next_domain, lost_domain, tuple(_draw_causes(lots)), *people)


def _draw_causes(lots: Draw) -> Iterator[str]:
    """Yield a cause for each place, and no code twice."""
    taken: set[int] = set()
    for slot, codes in SLOTS.items():
        code = lots.pick(f"code {slot}", [code for code in codes if code not in taken])
        taken.add(code)
        yield lots.pick(f"cause {slot}", [name for name, cause in CAUSES.items() if cause.code == code])
