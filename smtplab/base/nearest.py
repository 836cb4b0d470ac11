"""Guess which known word was meant by a word that is misspelt, for sentences such as "did you mean ...?"."""

from collections.abc import Iterable

_ALIKE = 0.6  # of 1: how alike two words are that may be taken for each other


def nearest(word: str, known: Iterable[str], alike: float = _ALIKE) -> str:
    """Return the known word that is most like `word`; empty if none is close.

    Capital letters differ from small ones, so give both words in the same case if that does not matter.

    Args:
        word: the word that is misspelt.
        known: the words that may be meant.
        alike: how alike they must be, from 0 to 1; see ``difflib.get_close_matches``.
    """
    from difflib import get_close_matches  # here, because most runs have nothing misspelt

    return next(iter(get_close_matches(word, list(known), 1, alike)), "")
