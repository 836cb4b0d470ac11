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
