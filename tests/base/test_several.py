"""One value or several."""

from collections.abc import Iterator

import pytest

from smtplab.base.several import is_several


def test_a_list_and_whatever_yields_values_holds_several() -> None:
    def names() -> Iterator[str]:
        yield "alice"

    for given in (["alice"], ("alice", "bob"), {"alice": 1}, set(), names()):
        assert is_several(given)


@pytest.mark.parametrize("given", ["alice", "", b"alice", bytearray(b"alice"), None, 5])
def test_a_text_octets_and_what_yields_nothing_are_one_value(given: object) -> None:
    assert not is_several(given)
