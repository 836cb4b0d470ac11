"""What is wrong with a line, in words: where a text leaves the grammar, and what should stand there.

The patterns of `abnf` only say that a text is wrong. Nothing here decides that: each function is called with a text
that has been refused, and returns the error for it. So a server that does not care for words would need none of this.

>>> print(no_path("MAIL", "FROM", "bob@b.example"))
MAIL is followed by FROM: and a path, not by 'bob@b.example'; write MAIL FROM:<user@example.com>
>>> print(bad_path("<bob@b.example", strict=True))
nothing stands where > should close the address; write it as in <user@example.com>

How does one find out what somebody meant? In three steps, the surest first: is the text right but for the strict
reading; is it one of the mistakes that people are known to make (`_MISTAKEN`); and if neither, how far is it right
(`_AS_FAR_AS_RIGHT`)? A sentence says what stands at that place and what should.
"""

import re
from collections.abc import Iterable, Mapping

from . import abnf, replies, sentences
from .replies import LocalProtocolError, RemoteProtocolError

# In what `repr` and `ascii` return: a backslash of the text, which they double, or an octet that is not UTF-8, which
# they write as the surrogate that stands for it. The first comes first, so that a text in which somebody has typed the
# six characters of "\\udc80" is not taken for an octet.
_BACKSLASH_OR_OCTET = re.compile(r"\\(\\|udc(?=[89a-f]))")


# The verbs of extensions that are not part of this kernel, and where each is defined.
EXTENSION_VERBS: Mapping[str, str] = {
    "AUTH": "RFC 4954 4",
    "BDAT": "RFC 3030 2",
    "ETRN": "RFC 1985 5",
    "STARTTLS": "RFC 3207 4",
}

# How a sentence quotes what was typed


def refusal(sentence: str) -> LocalProtocolError:
    """Return the error that says what is wrong with an argument; a server answers it with 501."""
    return LocalProtocolError(sentence, replies.BAD_ARGUMENT)


def show(text: str) -> str:
    """Quote `text` for a sentence: cut to a readable length, with control characters made visible."""
    return with_octets(repr(text if len(text) <= 60 else text[:57] + "...")) if text else "nothing"


def with_octets(quoted: str) -> str:
    """Return what `repr` made of a text, with octets that are not UTF-8 as ``\\xff``, not ``\\udcff``."""
    # "udc" becomes "x"; the two digits behind it are those of the octet.
    return _BACKSLASH_OR_OCTET.sub(lambda found: r"\x" if found[1] == "udc" else found[0], quoted)


# The first word of a line


def no_verb(text: str, word: str, verbs: Iterable[str]) -> RemoteProtocolError:
    """Say why a line does not begin with a verb; a server answers with 500 (RFC 5321 4.1.1).

    A verb of an extension that this kernel does not have gets 502 (RFC 5321 4.2.4): it is known, and not offered.

    Args:
        text: the line.
        word: what stands before its first space.
        verbs: the verbs there are, in capitals.
    """
    if rfc := EXTENSION_VERBS.get(word.upper()):
        sentence = sentences.EXTENSION_NOT_OFFERED.format(verb=word.upper(), rfc=rfc)
        return RemoteProtocolError(sentence, replies.NOT_IMPLEMENTED)
    return RemoteProtocolError(_why_no_verb(text, word, verbs), replies.UNRECOGNIZED)


# These say what is near: a space too many before a verb or too few behind it. Otherwise the word is just not a verb.
def _why_no_verb(text: str, word: str, verbs: Iterable[str]) -> str:
    begun = text.lstrip()
    if not begun:
        return sentences.EMPTY_LINE
    if begun != text:
        return sentences.BLANK_BEFORE_VERB.format(word=_show_word(begun.split()[0]))
    if word.isascii() and (verb := next(filter(word.upper().startswith, verbs), "")):
        rest = word[len(verb) :]
        shown = "a tab" if rest.startswith("\t") else _show_word(rest)
        return sentences.GLUED_TO_VERB.format(rest=shown, verb=verb)
    return sentences.NOT_A_VERB.format(word=_show_word(word))


def _show_word(word: str) -> str:
    """Quote a word for a sentence, cut to 20 characters."""
    return with_octets(repr(word if len(word) <= 20 else word[:20] + "..."))


# The argument of MAIL and RCPT


def no_path(verb: str, word: str, argument: str) -> LocalProtocolError:
    """Say why an argument does not begin with ``FROM:`` or ``TO:``, which `word` is without its colon."""
    # RFC 5321 4.1.1.2 and 4.1.1.3: MAIL and FROM: are two words, and the colon stands right behind the second.
    sentence = sentences.WRONG_WORD
    if not argument:
        sentence = sentences.WORD_MISSING
    elif argument.upper().startswith(word):
        sentence = sentences.COLON_MISSING
    return refusal(sentence.format(verb=verb, word=word, argument=show(argument)))


# What people write instead of a path, and the sentence for it. These come first, because the place where such a text
# leaves the grammar tells little: in "Bob <b@c>" that is the space, and in "b@c>" the last character.
_MISTAKEN = (
    # words, and then a bracket: Bob <bob@b.example>
    (re.compile(r"[ \t]*+[^ \t<@][^<@]*+<"), sentences.NAME_BEFORE_ADDRESS),
    # a bracket that closes and none before it: bob@b.example>
    (re.compile(r'[^<>"]*+>'), sentences.BRACKET_NOT_OPENED),
    # a space before the @: <bob miller@b.example>
    (re.compile(r"[ \t]*+<?+[^ \t<@]++ "), sentences.SPACE_IN_ADDRESS),
)

# An IPv6 address in brackets without the tag that RFC 5321 4.1.3 wants.
_UNTAGGED_IPV6 = re.compile(rf"\[(?P<address>{abnf.IPV6_ADDRESS.removeprefix('(?ai:IPv6:)')})\]")

# A path whose parts may all be missing. It matches any text as far as that is right, and the last part that it finds is
# the key to the sentence about what should have followed: "<bob" ends in a local part, so the @ is missing; "<bob@"
# ends in the @, so a domain is; and "<bob@b.example" ends in a domain, so the bracket is.
_AS_FAR_AS_RIGHT = re.compile(
    rf"[ \t]*+<?+(?:{abnf.a_d_l(abnf.LENIENT_DOMAIN)}:)?+(?:(?P<local_part>{abnf.LOCAL_PART})"
    rf"(?:(?P<at>@)(?P<domain>{abnf.LENIENT_DOMAIN}|{abnf.ADDRESS_LITERAL})?+)?+)?+"
)
_WANTED_BEHIND = {
    None: sentences.ADDRESS_MISSING,
    "local_part": sentences.AT_MISSING,
    "at": sentences.DOMAIN_EXPECTED,
    "domain": sentences.BRACKET_NOT_CLOSED,
}


def bad_path(text: str, strict: bool) -> LocalProtocolError:
    """Say where a text that does not begin with a path leaves the grammar, and what should stand there."""
    # It is right but for the strictness: then what the strict reading misses is all there is to say.
    if strict and re.fullmatch(abnf.LENIENT_PATH + abnf.REST, text):
        return refusal(sentences.STRICT_WANTS.format(text=show(text), wants=_what_strict_wants(text)))
    # It is a common mistake.
    if mistake := next((sentence for pattern, sentence in _MISTAKEN if pattern.match(text)), None):
        return refusal(mistake)
    # It begins with a path, and goes on without a space. With one, it would be parameters, which are judged elsewhere.
    if match := re.match(abnf.LENIENT_PATH, text):
        rest = text[match.end() :]
        sentence = sentences.SECOND_ADDRESS if "@" in rest else sentences.GLUED_TO_ADDRESS
        return refusal(sentence.format(rest=show(rest)))
    # It is right up to some point, if only up to its beginning.
    progress = _AS_FAR_AS_RIGHT.match(text)
    assert progress is not None, "every part of the pattern may be missing"
    if untagged := _UNTAGGED_IPV6.match(text[progress.end() :]):
        return bad_domain(untagged[0])
    return refusal(_WANTED_BEHIND[progress.lastgroup].format(rest=show(text[progress.end() :])))


def _what_strict_wants(text: str) -> str:
    """Say what the strict grammar misses in a path that the lenient one takes."""
    wants = {
        "the brackets < > around the address": not text.lstrip(" \t").startswith("<"),
        "no blank before it": text.startswith((" ", "\t")),
        "no _ in a domain": not re.fullmatch(abnf.lenient_path(abnf.DOMAIN) + abnf.REST, text),
    }
    return " and ".join(want for want, missed in wants.items() if missed)


# Parts of any argument


def is_untagged_ipv6(text: str) -> bool:
    """True for an IPv6 address in brackets without the tag of RFC 5321 4.1.3, as in ``[2001:db8::1]``."""
    return _UNTAGGED_IPV6.fullmatch(text) is not None


def bad_domain(text: str) -> LocalProtocolError:
    """Say that a text is neither a domain nor an address literal."""
    if untagged := _UNTAGGED_IPV6.fullmatch(text):
        return refusal(sentences.IPV6_TAG_MISSING.format(text=show(text), address=untagged["address"]))
    return refusal(sentences.NOT_A_DOMAIN.format(text=show(text)))


def unprintable(character: str, what: str) -> LocalProtocolError:
    """Say which character must not stand in `what`; octets that are not UTF-8 are held as surrogates."""
    code = ord(character)
    sentence = sentences.NOT_UTF_8 if 0xD800 <= code <= 0xDFFF else sentences.CONTROL_CHARACTER
    return refusal(sentence.format(what=what, code=code))
