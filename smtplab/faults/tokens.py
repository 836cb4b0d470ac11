"""Split a line of the language into tokens, and note how far a reader came, for the error."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher

from ..base.nearest import nearest
from . import sentences

_TEXT = r'"(?:[^"\\]|\\.)*"' + "|" + r"'(?:[^'\\]|\\.)*'"
_ENHANCED = r"[245]\.\d{1,3}\.\d{1,3}(?![\d.])"
_NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"
_WORD = r"[A-Za-z][A-Za-z0-9_]*(?:'[tT]\b)?"
ADDRESS = r"<[^<>\s]*>|[\w.+-]+@[\w.-]*\w"
"""The pattern of an address, in angle brackets or not, or of the null reverse-path: a text without quotation marks."""
_TOKEN = re.compile(rf"{_TEXT}|{ADDRESS}|\d{{1,2}}:\d\d|{_ENHANCED}|{_NUMBER}|{_WORD}|\S")

# How a word ends in the third person, and without it: replies, pushes, sends.
_THIRD_PERSON = (("ies", "y"), ("es", ""), ("s", ""))

# An error lists so many words that may come.
_MOST_LISTED = 12

# How alike a slip and its word are at least: more than "point" and "ninth", which share three letters of five.
_ALIKE = 0.61

# A reader skips them.
ADVERBS = ("only", "always", "just", "right", "immediately", "silently", "simply")
# What a person may write, and what the rules have in its place.
SYNONYMS = {
    "byte": "octet",
    "bytes": "octets",
    "do not": "never",
    "does not": "never",
    "don't": "never",
    "doesn't": "never",
    "no more than": "at most",
    "if there are more than": "above",
    "when there are more than": "above",
    "if more than": "above",
    "when more than": "above",
    "more than": "above",
    "larger than": "above",
    "longer than": "above",
    "remove": "drop",
    "fail": "refuse",
    "when the message is": "",
    "when the message has": "",
    "if the message is": "",
    "if the message has": "",
    "in the middle of": "amid",
    "upon": "on",
    "without a dot in the name": 'not containing "."',
    "without a dot in its name": 'not containing "."',
    "without a dot": 'not containing "."',
    "without dots": 'not containing "."',
    "mail from :": "MAIL from",
    "rcpt to :": "RCPT to",
    "mail from the null sender": "MAIL from <>",
    "mail with the null sender": "MAIL from <>",
    "the null sender": "MAIL from <>",
    "to the dot when the message contains": "to the dot containing",
    "to the dot if the message contains": "to the dot containing",
    "when the message contains": "to the dot containing",
    "if the message contains": "to the dot containing",
    "when it contains": "containing",
    "if it contains": "containing",
    "while the message is being sent": "amid the message",
    "message after the dot": "dot",
    "unless": "without",
    "recipients per message": "recipients",
    "recipients per transaction": "recipients",
    "mail to": "RCPT to",
    "refuse mail for": "refuse RCPT for",
    "reject mail for": "reject RCPT for",
    "refuse bounces": "refuse MAIL from <>",
    "reject bounces": "reject MAIL from <>",
    "everything": "every command",
    "bare LF": "LF",
    "bare CR": "CR",
    "pipelined commands": "commands when pipelined",
    "send a RST": "reset",
    "send RST": "reset",
    "accept connections and": "",
    "accept connections but": "",
    "accept the connection and": "",
    "accept the connection but": "",
}
SIZES = {"kb": 1_000, "mb": 1_000_000}
_SYNONYMS = {
    tuple(said.lower().split()): meant.split()
    for said, meant in sorted(SYNONYMS.items(), key=lambda row: -len(row[0].split()))  # the longest first
}
_LONGEST_SYNONYM = max(map(len, _SYNONYMS))


class FormError(ValueError):
    """A text has none of the forms that it may have."""


def tokens_of(text: str) -> list[str]:
    """Return the words, numbers, quoted texts and marks of a text."""
    return _TOKEN.findall(text)


class Text:
    """A text as tokens, and how far a reader came in it.

    Args:
        text: what a person wrote. A full stop at its end does not count.

    Attributes:
        rule: the rule that is tried now, as the grammar shows it.
    """

    def __init__(self, text: str) -> None:
        self.tokens = list(_without_synonyms([each for each in tokens_of(text) if each.lower() not in ADVERBS]))
        if self.tokens[-1:] == ["."]:
            self.tokens.pop()
        self.tokens = _without_shares(self.tokens)
        self._words = [each.lower() for each in self.tokens]
        self.rule = ""
        self._furthest = 0
        self._expected: dict[str, None] = {}
        self._meant: dict[str, None] = {}
        self._rules: dict[str, None] = {}

    def word(self, at: int) -> str:
        """Return the token at a position, in lower case; empty behind the last."""
        return self._words[at] if at < len(self._words) else ""

    def has(self, at: int, words: tuple[str, ...]) -> bool:
        """True if these words, in lower case, stand at a position."""
        return all(self.word(at + number) == word for number, word in enumerate(words))

    def to_imperative(self, at: int, verbs: Iterable[str]) -> None:
        """Put a verb at a position into the form that the rules have: reply, where a person wrote replies."""
        word = self.word(at)
        for ending, base in _THIRD_PERSON:
            stem = word.removesuffix(ending) + base
            if word.endswith(ending) and stem in verbs and word not in verbs:
                self.tokens[at] = self._words[at] = stem

    def miss(self, at: int, *expected: str, also: Iterable[str] = ()) -> None:
        """Note what may stand at a position, for the error.

        Args:
            at: the position.
            expected: what the error lists.
            also: words that may stand there, too, and that a slip may have meant.
        """
        if at < self._furthest:
            return
        if at > self._furthest:
            self._furthest, self._expected, self._meant, self._rules = at, {}, {}, {}
        for word in expected:
            self._expected[word] = self._meant[word] = None
        for word in also:
            self._meant[word] = None
        self._rules[self.rule] = None

    def error(self) -> FormError:
        """Return the error about the furthest position that a reader reached: what may stand there."""
        before = self.written(0, self._furthest)
        place = sentences.AFTER.format(before=before) if before else sentences.AT_START
        got = self.tokens[self._furthest] if self._furthest < len(self.tokens) else ""
        near = nearest(got, self._meant, _ALIKE) or nearest(got.lower(), self._meant, _ALIKE)
        instead = sentences.GOT.format(got=got) if got else sentences.ENDS
        meant = ""
        if near and got:
            meant, instead, place = sentences.MEANT.format(meant=near, got=got), "", place[0].upper() + place[1:]
        expected = _listed([*(self._expected or self._meant)]) if before else sentences.AN_ACTION
        sentence = sentences.SYNTAX.format(place=place, expected=expected, instead=instead, meant=meant)
        if _has_two_codes(self.tokens):
            return FormError(sentence + sentences.TWO_FAULTS)
        rule = self._nearest(near)
        return FormError(sentence + (sentences.NEAREST.format(rule=rule) if rule else ""))

    def written(self, start: int, end: int) -> str:
        """Return the text between two positions."""
        return " ".join(self.tokens[start:end]).replace(" - ", "-").replace(" ,", ",")

    def _nearest(self, near: str) -> str:
        """Return the rule that is most like the text, among those that a reader followed the furthest; empty for none.

        Args:
            near: what the next word may have meant; empty for nothing.
        """
        behind = self.tokens[self._furthest + bool(near) :]
        words = [_kind_of(token) for token in (*self.tokens[: self._furthest], *filter(None, [near]), *behind)]
        likeness, rule = max((_likeness(words, re.findall(r"[A-Za-z]+", rule.lower())), rule) for rule in self._rules)
        return rule if likeness[0] else ""


def _has_two_codes(tokens: list[str]) -> bool:
    """True if codes stand in front of a conjunction and behind it, as in two faults."""
    for at, token in enumerate(tokens):
        if token in ("and", "but", ",", ";"):
            return all(any(_kind_of(each) == "code" for each in part) for part in (tokens[:at], tokens[at:]))
    return False


def _listed(words: list[str]) -> str:
    """Return words in a row; of many, the first ones."""
    return ", ".join(words if len(words) <= _MOST_LISTED + 2 else [*words[:_MOST_LISTED], "..."])


def _without_synonyms(tokens: list[str]) -> Iterator[str]:
    """Yield tokens as the rules have them."""
    at = 0
    while at < len(tokens):
        words = tuple(token.lower() for token in tokens[at : at + _LONGEST_SYNONYM])
        said = next((said for said in _SYNONYMS if words[: len(said)] == said), ())
        if said:
            yield from _SYNONYMS[said]
        elif words[0].isdecimal() and words[1:2] and words[1] in SIZES:
            yield from (str(int(words[0]) * SIZES[words[1]]), "octets")
            said = words[:2]
        else:
            yield tokens[at]
        at += len(said) or 1


def _without_shares(tokens: list[str]) -> list[str]:
    """Return tokens with ``with probability 25 %`` at their end, in place of ``25 % of`` in front of what is meant."""
    words = [token.lower() for token in tokens]
    for at in range(len(words) - 3):
        is_share = words[at][0].isdecimal() and words[at + 1] in ("%", "percent") and words[at + 2] == "of"
        if is_share and not {*words[at + 3 : at + 5]} & {"cases", "time"}:
            return [*tokens[:at], *tokens[at + 3 :], "with", "probability", *tokens[at : at + 2]]
    return tokens


def _kind_of(token: str) -> str:
    """Return what stands for a token in the grammar; a word stands for itself."""
    if token[0] in "\"'":
        return "text"
    if token.isdecimal():
        return "code" if len(token) == 3 else "number"
    return "place" if token.isupper() else token.lower()


def _likeness(words: list[str], rule: list[str]) -> tuple[int, float]:
    return len(set(words) & set(rule)), SequenceMatcher(None, words, rule).ratio()
