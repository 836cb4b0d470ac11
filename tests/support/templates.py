"""A package's error sentences: which there are, and if one was made of a template."""

import re
from types import ModuleType


def names_of(sentences: ModuleType) -> list[str]:
    """Return the names of the sentences in a module."""
    return [name for name, value in vars(sentences).items() if name.isupper() and isinstance(value, str)]


def is_made_of(sentence: str, template: str) -> bool:
    """Return True if a sentence holds a template, its fields filled in."""
    parts = re.split(r"\{[^}]*\}", template)
    return re.search(".*".join(map(re.escape, parts)), sentence) is not None


def says(sentences: ModuleType, told: str, names: str, *words: str) -> bool:
    """Return True if a text has sentences, whatever their words, also at the beginning of a line.

    Args:
        sentences: the module with the sentences of a package.
        told: the text.
        names: the names of the sentences, with a blank between.
        words: what else stands in the text: a verdict, or what fills the fields of a sentence.
    """
    templates = [getattr(sentences, name) for name in names.split()]
    said = all(is_made_of(told, each) or is_made_of(told, f"{each[:1].upper()}{each[1:]}") for each in templates)
    return said and all(word in told for word in words)
