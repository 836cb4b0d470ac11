"""The grammar of command arguments: RFC 5321 4.1.2 and 4.1.3 as named patterns, and the values they describe.

Each pattern has the name of its rule and stands under the rule in the RFC's notation. A comment that begins
with "Here:" says where we differ, and why. Arguments are `str`: octets from the wire are decoded as UTF-8 with
`surrogateescape`, and octets that are not UTF-8 are refused everywhere. Whether a session may use UTF-8 at
all (SMTPUTF8) is not decided here; `Path.is_ascii` tells whether an address needs it.

The strict reading is the grammar. The lenient one also takes what people type and what the field sends: an
address without angle brackets, blanks around it, an underscore in a domain, and any word as the name in HELO.

Repetitions are possessive (`++`, `*+`, `?+`): what they have taken they do not give back. So a pattern looks
at each character a bounded number of times, whatever the peer sends.
"""

import re
from dataclasses import dataclass, field

from . import replies
from .errors import LocalProtocolError

# The sizes that RFC 5321 obliges everyone to accept and lets everyone refuse to exceed, in octets of UTF-8.
MAX_LOCAL_PART = 64  # 4.5.3.1.1. Here: the name itself, without the quotation marks and backslashes around it
MAX_DOMAIN = 255  # 4.5.3.1.2
MAX_PATH = 256  # 4.5.3.1.3, with the brackets and the @. Here: without the source route, which is dropped

# UTF8-non-ascii, RFC 6532 3.1. Here: any character from U+00A0 on. `check_string` takes out what must not be
# there: octets that are not UTF-8, the controls, and the separators that could break the lines of a log.
UTF8_NON_ASCII = r"[^\x00-\x9f]"
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# In what `repr` and `ascii` return: a backslash, which they double, or an octet that is not UTF-8.
_BACKSLASH_OR_OCTET = re.compile(r"\\(\\|udc(?=[89a-f]))")

# Let-dig = ALPHA / DIGIT; Ldh-str = *( ALPHA / DIGIT / "-" ) Let-dig
LDH_STR = "(?:-*+[A-Za-z0-9]++)++"
# sub-domain = Let-dig [Ldh-str] / U-label, the latter from RFC 6531 3.3; that is, letters joined by hyphens.
# Here: UTF-8 may stand wherever a letter may, because it takes the tables of IDNA to know a valid U-label; and
# a label's limit of 63 octets is left to the DNS.
_LETTERS = f"(?:[A-Za-z0-9]++|{UTF8_NON_ASCII}++)"
SUB_DOMAIN = f"{_LETTERS}(?:-*+{_LETTERS})*+"
# Domain = sub-domain *("." sub-domain)
DOMAIN = rf"{SUB_DOMAIN}(?:\.{SUB_DOMAIN})*+"
# Here, lenient: an underscore passes for a letter. RFC 5321 4.1.2 forbids it, but names in the field hold it.
LENIENT_DOMAIN = DOMAIN.replace("A-Z", "_A-Z")

# Snum = 1*3DIGIT with a value from 0 to 255; IPv4-address-literal = Snum 3("." Snum)
SNUM = "(?:25[0-5]|2[0-4][0-9]|[01]?[0-9]{1,2})"
IPV4_ADDRESS = rf"{SNUM}(?:\.{SNUM}){{3}}"
# IPv6-hex = 1*4HEXDIG; IPv6-full = IPv6-hex 7(":" IPv6-hex)
IPV6_HEX = "[0-9A-Fa-f]{1,4}"
IPV6_FULL = f"{IPV6_HEX}(?::{IPV6_HEX}){{7}}"
# IPv6v4-full = IPv6-hex 5(":" IPv6-hex) ":" IPv4-address-literal
IPV6V4_FULL = f"(?:{IPV6_HEX}:){{6}}{IPV4_ADDRESS}"
# IPv6-comp = [IPv6-hex *5(":" IPv6-hex)] "::" [IPv6-hex *5(":" IPv6-hex)], six groups at most in all; a look
# ahead refuses a seventh.
_LEFT_OF_GAP = f"(?:{IPV6_HEX}(?::{IPV6_HEX})*+)?+::"
IPV6_COMP = f"(?!(?::*+[0-9A-Fa-f]++){{7}}){_LEFT_OF_GAP}(?:{IPV6_HEX}(?::{IPV6_HEX})*+)?+"
# IPv6v4-comp = [IPv6-hex *3(":" IPv6-hex)] "::" [IPv6-hex *3(":" IPv6-hex) ":"] IPv4-address-literal, four
# groups at most in all; a look ahead refuses a sixth, because the first Snum looks like a fifth.
IPV6V4_COMP = f"(?!(?::*+[0-9A-Fa-f]++){{6}}){_LEFT_OF_GAP}(?:{IPV6_HEX}:)*+{IPV4_ADDRESS}"
# IPv6-address-literal = "IPv6:" IPv6-addr. Here: not by the module `ipaddress`, in which "::" may stand for
# one group and a zone may follow; and so a whole path stays one match.
IPV6_ADDRESS = f"(?ai:IPv6:)(?:{IPV6_FULL}|{IPV6V4_FULL}|{IPV6_COMP}|{IPV6V4_COMP})"
# General-address-literal = Standardized-tag ":" 1*dcontent; Standardized-tag = Ldh-str;
# dcontent = %d33-90 / %d94-126. Here: not with the tag IPv6, or each wrong IPv6 address would be a general one.
GENERAL_ADDRESS = f"(?!(?ai:IPv6:)){LDH_STR}:[!-Z^-~]++"
# address-literal = "[" ( IPv4-address-literal / IPv6-address-literal / General-address-literal ) "]"
ADDRESS_LITERAL = rf"\[(?:{IPV4_ADDRESS}|{IPV6_ADDRESS}|{GENERAL_ADDRESS})\]"

# Atom = 1*atext, which RFC 5322 3.2.3 lists and RFC 6531 3.3 extends; Dot-string = Atom *("." Atom)
ATOM = f"(?:[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~-]++|{UTF8_NON_ASCII}++)++"
DOT_STRING = rf"{ATOM}(?:\.{ATOM})*+"
# Quoted-string = DQUOTE *( qtextSMTP / quoted-pairSMTP ) DQUOTE; quoted-pairSMTP = %d92 %d32-126;
# qtextSMTP = %d32-33 / %d35-91 / %d93-126 / UTF8-non-ascii, the latter from RFC 6531 3.3
QUOTED_STRING = rf'"(?:[ !#-\[\]-~]++|{UTF8_NON_ASCII}++|\\[ -~])*+"'
# Local-part = Dot-string / Quoted-string
LOCAL_PART = f"(?:{DOT_STRING}|{QUOTED_STRING})"
# Mailbox = Local-part "@" ( Domain / address-literal )
MAILBOX = f"({LOCAL_PART})@({DOMAIN}|{ADDRESS_LITERAL})"
# A-d-l = At-domain *( "," At-domain ); At-domain = "@" Domain. The source route: 4.1.1.3 has it ignored.
A_D_L = f"@{DOMAIN}(?:,@{DOMAIN})*+"
# Path = "<" [ A-d-l ":" ] Mailbox ">"; Reverse-path = Path / "<>"; RCPT takes "<Postmaster>" too.
# Here: one pattern for the three. Its groups: 1 bracket, 2 local part, 3 domain, 4 Postmaster in any case.
_IN_BRACKETS = f"(?:(?:{A_D_L}:)?+{MAILBOX}|((?ai:Postmaster))|(?<=<))"
PATH = f"(<){_IN_BRACKETS}>"
# Here, lenient: blanks before it, no brackets around it unless it is the null path, and LENIENT_DOMAIN.
_LOOSE_PATH = rf"[ \t]*+(<)?+{_IN_BRACKETS}(?(1)>)"
LENIENT_PATH = _LOOSE_PATH.replace(DOMAIN, LENIENT_DOMAIN)
# mail = "MAIL FROM:" Reverse-path [SP Mail-parameters] CRLF, and rcpt alike. Here: any number of blanks, which
# 4.1.1 wants tolerated at least at the end of a line. Group 5: what follows them.
_REST = r"(?:[ \t]++((?s:.*+)))?+"

# esmtp-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")
ESMTP_KEYWORD = "[A-Za-z0-9][A-Za-z0-9-]*+"
# esmtp-value = 1*(%d33-60 / %d62-126 / UTF8-non-ascii), the latter from RFC 6531 3.3
ESMTP_VALUE = f"(?:[!-<>-~]|{UTF8_NON_ASCII})++"

_STRICT_PATH_AND_REST = re.compile(PATH + _REST)
_LENIENT_PATH_AND_REST = re.compile(LENIENT_PATH + _REST)
_DOT_STRING = re.compile(DOT_STRING)
_HOST = re.compile(f"{DOMAIN}|{ADDRESS_LITERAL}")
_LENIENT_HOST = re.compile(f"{LENIENT_DOMAIN}|{ADDRESS_LITERAL}")
_ESMTP_KEYWORD = re.compile(ESMTP_KEYWORD)
_ESMTP_VALUE = re.compile(ESMTP_VALUE)

Parameters = tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class Path:
    """Where a message comes from or goes to: a mailbox, the null path ``<>``, or the bare ``<Postmaster>``.

    Args:
        local_part: the name before the @ as a value, ``john doe`` and not ``"john doe"``; at most 64 octets.
        domain: a domain name or an address literal as it was typed, at most 255 octets; an underscore is
            allowed, as in the lenient reading. Empty only in the null path and in the bare Postmaster.

    Raises:
        LocalProtocolError: with 501, if it cannot be written as a path of at most 256 octets.

    Attributes:
        address: the path without brackets: ``a@b``, ``"john doe"@b``, ``Postmaster``; empty for the null path.
        is_ascii: False if the path may be sent only where SMTPUTF8 was agreed on (RFC 6531).
    """

    local_part: str
    domain: str
    address: str = field(init=False, repr=False, compare=False)
    is_ascii: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.domain:
            self._settle_without_domain()
        object.__setattr__(self, "address", _join(self.local_part, self.domain))
        object.__setattr__(self, "is_ascii", self.address.isascii())
        text = check_string(str(self), "the address")
        if self.domain and not _LENIENT_HOST.fullmatch(self.domain):
            raise _bad_domain(self.domain)
        _check_size(self.local_part, "the local part", MAX_LOCAL_PART, "4.5.3.1.1")
        _check_size(self.domain, "the domain", MAX_DOMAIN, "4.5.3.1.2")
        _check_size(text, "the path", MAX_PATH, "4.5.3.1.3")

    def _settle_without_domain(self) -> None:
        """Give Postmaster its one spelling; only it and the null path do without a domain."""
        if self.local_part.lower() == "postmaster":
            object.__setattr__(self, "local_part", "Postmaster")
        elif self.local_part:
            raise refusal(f"{show(self.local_part)} has no domain; only Postmaster may stand without one")

    @staticmethod
    def parse(text: str, *, strict: bool = False) -> "Path":
        """Return the path that `text` is, or raise `LocalProtocolError` with 501: ``Path.parse("<a@b>")``."""
        path, rest = split_path(check_string(text, "the address"), strict)  # no tab at its ends either
        if rest:
            raise refusal(f"{show(rest)} stands behind the address, where nothing may")
        return path

    @property
    def is_null(self) -> bool:
        """True for ``<>``, the reverse-path of a notification, which nobody answers (RFC 5321 4.5.5)."""
        return not self.local_part and not self.domain

    def __str__(self) -> str:
        return f"<{self.address}>"


def _join(local_part: str, domain: str) -> str:
    """Write a local part, quoted if it needs that, and a domain as one address."""
    if not domain:
        return local_part
    if _DOT_STRING.fullmatch(local_part):
        return f"{local_part}@{domain}"
    quoted = local_part.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}"@{domain}'


def split_path(text: str, strict: bool) -> tuple[Path, str]:
    """Return the path that `text` begins with and what stands behind it, such as ``SIZE=10 BODY=7BIT``.

    The rest comes without the blanks around it and is not checked: `check_parameters` does that.

    Raises:
        LocalProtocolError: with 501, if `text` does not begin with a path, or something is glued to the path.
    """
    match = (_STRICT_PATH_AND_REST if strict else _LENIENT_PATH_AND_REST).fullmatch(text)
    if match is None:
        raise _bad_path(text, strict)
    _, local_part, domain, postmaster, rest = match.groups("")
    if local_part.startswith('"'):
        local_part = re.sub(r"\\(.)", r"\1", local_part[1:-1])
    return Path(local_part or postmaster, domain), rest.rstrip(" \t")


def split_parameters(text: str) -> Parameters:
    """Return the parameters in `text`: ``(("SIZE", "10"), ("smtputf8", None))`` for ``SIZE=10 smtputf8``.

    RFC 5321 4.1.2: Mail-parameters = esmtp-param *(SP esmtp-param). Several spaces count as one.
    Whether they are well formed, `check_parameters` says.
    """
    words = (word.partition("=") for word in text.split(" ") if word)
    return tuple((keyword, value if equals else None) for keyword, equals, value in words)


def check_parameters(parameters: Parameters) -> Parameters:
    """Return `parameters` with their keywords in upper case and their values as they are.

    Raises:
        LocalProtocolError: with 501, if a keyword or a value is not well formed, or a keyword comes twice.
    """
    checked: dict[str, str | None] = {}
    for keyword, value in parameters:
        if not _ESMTP_KEYWORD.fullmatch(keyword):
            raise refusal(f"{show(keyword)} cannot name a parameter; use letters, digits and, further on, hyphens")
        if value is not None and not _ESMTP_VALUE.fullmatch(check_string(value, f"the value of {keyword}")):
            raise refusal(f'{show(value)} cannot be the value of {keyword}; use printable text without space or "="')
        if keyword.upper() in checked:
            raise refusal(f"the parameter {keyword.upper()} is given twice; give it once")
        checked[keyword.upper()] = value
    return tuple(checked.items())


def check_domain(text: str, *, strict: bool) -> str:
    """Return `text` if it may be the name that a client gives itself in HELO or EHLO, RFC 5321 4.1.1.1.

    Args:
        text: the name; at most 255 octets.
        strict: take only a domain name or an address literal, and only ASCII, since nobody has agreed on
            SMTPUTF8 yet (RFC 6531 3.7.1). Otherwise take any printable word, such as ``my_laptop``.

    Raises:
        LocalProtocolError: with 501, if it may not, or is missing.
    """
    check_string(text, "the host name")
    if not text:
        raise refusal("the host name is missing; say who you are, as in HELO client.example.com")
    if " " in text:
        raise refusal(f"the host name {show(text)} holds a space; it is one word, such as client.example.com")
    if strict and not (text.isascii() and _HOST.fullmatch(text)):
        raise _bad_domain(text)
    _check_size(text, "the host name", MAX_DOMAIN, "4.5.3.1.2")
    return text


def check_string(text: str, what: str = "the argument") -> str:
    """Return `text` if it is printable, as an argument of VRFY, EXPN, HELP or NOOP must be; it may be empty.

    RFC 5321 4.1.2: String = Atom / Quoted-string. Here: any printable text, as in ``VRFY John Doe``.

    Raises:
        LocalProtocolError: with 501, if `text`, named `what`, holds a control character or octets not UTF-8.
    """
    if found := _UNPRINTABLE.search(text):
        code = ord(found[0])
        cause = "octets that are not UTF-8" if 0xD800 <= code <= 0xDFFF else f"the control character U+{code:04X}"
        raise refusal(f"{what} holds {cause}; only printable text may stand there")
    return text


def _check_size(text: str, what: str, limit: int, section: str) -> None:
    if (octets := len(text.encode())) > limit:
        raise refusal(f"{what} has {octets} octets; at most {limit} are allowed (RFC 5321 {section})")


# How far a wrong path is right. The last group that matched is the key to what should stand behind it.
_PROGRESS = (
    rf"[ \t]*+<?+(?:{A_D_L}:)?+(?:(?P<local_part>{LOCAL_PART})"
    rf"(?:(?P<at>@)(?P<domain>{DOMAIN}|{ADDRESS_LITERAL})?+)?+)?+"
).replace(DOMAIN, LENIENT_DOMAIN)
_WANTED_BEHIND = {
    None: "an address should begin",
    "local_part": "@ and a domain should follow; only Postmaster does without a domain",
    "at": "a domain should follow, or an address literal such as [192.0.2.1] or [IPv6:2001:db8::1]",
    "domain": "> should close the address",
}
# What people write instead of a path, and the sentence for it.
_MISTAKEN = (
    (re.compile(r"[ \t]*+[^ \t<@][^<@]*+<"), "a name stands before the address, and SMTP takes the address alone"),
    (re.compile(r'[^<>"]*+>'), "the address ends with > but does not begin with <"),
    (re.compile(r"[ \t]*+<?+[^ \t<@]++ "), "a space stands in the address, where only quotation marks allow one"),
)


def _what_strict_wants(text: str) -> str:
    """Say what the strict grammar misses in a path that the lenient one takes."""
    wants = {
        "the brackets < > around the address": not text.lstrip(" \t").startswith("<"),
        "no blank before it": text.startswith((" ", "\t")),
        "no _ in a domain": not re.fullmatch(_LOOSE_PATH + _REST, text),
    }
    return " and ".join(want for want, missed in wants.items() if missed)


def _bad_path(text: str, strict: bool) -> LocalProtocolError:
    """Say where a text that does not begin with a path leaves the grammar, and what should stand there."""
    check_string(text.strip(" \t"), "the address")
    if strict and _LENIENT_PATH_AND_REST.fullmatch(text):
        cause = f"{show(text)} needs {_what_strict_wants(text)}"
    elif mistake := next((sentence for pattern, sentence in _MISTAKEN if pattern.match(text)), None):
        cause = mistake
    elif match := re.match(LENIENT_PATH, text):
        rest = text[match.end() :]
        wrong = "begins a second address; one command takes one"
        if "@" not in rest:
            wrong = "stands right behind the address, where only a space and parameters may"
        cause = f"{show(rest)} {wrong}"
    else:
        progress = re.match(_PROGRESS, text)
        assert progress is not None, "every part of the pattern may be missing"
        cause = f"{show(text[progress.end() :])} stands where {_WANTED_BEHIND[progress.lastgroup]}"
    return refusal(f"{cause}; write it as in <user@example.com>")


def _bad_domain(text: str) -> LocalProtocolError:
    return refusal(f"{show(text)} is not a domain; write it as in example.com, xn--bcher-kva.example or [192.0.2.1]")


def refusal(sentence: str) -> LocalProtocolError:
    """Return the error that says what is wrong with an argument; a server answers it with 501."""
    return LocalProtocolError(sentence, replies.BAD_ARGUMENT)


def show(text: str) -> str:
    """Quote `text` for a sentence: cut to a readable length, with control characters made visible."""
    return with_octets(repr(text if len(text) <= 60 else text[:57] + "...")) if text else "nothing"


def with_octets(quoted: str) -> str:
    """Return what `repr` made of a text, with octets that are not UTF-8 as ``\\xff``, not ``\\udcff``."""
    return _BACKSLASH_OR_OCTET.sub(lambda found: r"\x" if found[1] == "udc" else found[0], quoted)


NULL_PATH = Path("", "")
POSTMASTER = Path("Postmaster", "")
