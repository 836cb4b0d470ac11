"""Make a new exercise, which works at once, by copying the smallest one under another name.

Exercise 00 has all that an exercise needs: a task, its variant, a part, rules, a hidden rule, a notebook in both
languages, and a bank. A copy of it passes every test, so its author begins with something that is graded, and changes
it step by step. There is no template that could grow old.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from keyword import iskeyword
from pathlib import Path

from . import sentences

_NAME = re.compile(r"[0-9]{2}-([a-z][a-z0-9]*(?:-[a-z0-9]+)*)")
_EXERCISES = Path("smtplab/grading/exercises")
_SOURCE = Path("notebooks/exercises/source")
_BANKS = Path("tests/exercises")
_CATALOGUE = _EXERCISES / "__init__.py"
# The exercise that is copied: its names, and its number.
_HELD, _TYPED, _NUMBER = "00-send-one-message", "00-type-one-message", "00"
_PACKAGE, _CLASS = "one_message", "OneMessage"
_TITLES = ("Send one message", "Type one message")


class SkeletonError(Exception):
    """No exercise can be made. ``str(error)`` is a sentence that says why, and what to do."""


def skeleton(name: str, root: Path) -> Mapping[Path, str]:
    """Return the files of a new exercise, and the catalogue of exercises with its names in it.

    Args:
        name: ``NN-title`` in small letters, such as ``04-write-a-client``.
        root: a copy of the repository.

    Returns:
        For each file, relative to `root`, its text. Only the catalogue is there already.

    Raises:
        SkeletonError: if this is not a name, the folder is not a copy of the repository, or a file is there already.
    """
    found = _NAME.fullmatch(name)
    if found is None or iskeyword(found[1]):
        raise SkeletonError(sentences.NOT_AN_EXERCISE_NAME.format(name=name))
    if not all((root / place).is_dir() for place in (_EXERCISES / _PACKAGE, _SOURCE / _HELD, _BANKS)):
        raise SkeletonError(sentences.NOT_A_CHECKOUT.format(folder=root))
    words = _words_for(name)
    files = {
        Path(_replaced(str(path.relative_to(root)), words)): _replaced(path.read_text("utf-8"), words)
        for path in _copied(root)
    }
    for path in files:
        if (root / path).exists():
            raise SkeletonError(sentences.EXERCISE_IS_THERE.format(file=path))
    return files | {_CATALOGUE: _entered((root / _CATALOGUE).read_text("utf-8"), words)}


def typed_name(name: str) -> str:
    """Return the name of the same exercise in a notebook of the SMTP kernel."""
    number, _, title = name.partition("-")
    return f"{number}-type-{title}"


def _words_for(name: str) -> Mapping[str, str]:
    """Return what stands in the copy for each of the words that name the exercise which is copied."""
    number, *words = name.split("-")
    title = " ".join(words).capitalize()
    return {
        _HELD: name,
        _TYPED: typed_name(name),
        _PACKAGE: "_".join(words),
        _CLASS: "".join(word.capitalize() for word in words),
        f"bank_{_NUMBER}": f"bank_{number}",
        f"xercise {_NUMBER}": f"xercise {number}",
        f"utorial {_NUMBER}": f"utorial {number}",
        _TITLES[0]: title,
        _TITLES[1]: f"{title}, typed",
    }


def _copied(root: Path) -> Iterator[Path]:
    """Yield the files of the exercise that is copied."""
    yield from sorted((root / _EXERCISES / _PACKAGE).glob("*.py"))
    yield from (root / _SOURCE / each / f"{each}.ipynb" for each in (_HELD, _TYPED))
    yield from sorted((root / _BANKS).glob(f"bank_{_NUMBER}*.py"))


def _replaced(text: str, words: Mapping[str, str]) -> str:
    """Return a text with the new words; "exercise 00" before a hyphen is the beginning of a name, which comes first."""
    pattern = "|".join(rf"{re.escape(word)}(?!-)" for word in words)
    return re.sub(pattern, lambda found: words[found[0]], text)


def _entered(catalogue: str, words: Mapping[str, str]) -> str:
    """Return the catalogue with the new names, each table in order."""
    for table, entry in (
        ("_HOMES", f'    "{words[_HELD]}": "{words[_PACKAGE]}",'),
        ("_TYPED", f'    "{words[_TYPED]}": "{words[_HELD]}",'),
    ):
        head, rows, tail = re.split(rf"(?<=^{table} = {{\n)(.*?)(?=^}})", catalogue, maxsplit=1, flags=re.M | re.S)
        catalogue = f"{head}{''.join(f'{row}{chr(10)}' for row in sorted([*rows.splitlines(), entry]))}{tail}"
    return catalogue
