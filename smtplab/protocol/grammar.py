r"""The arguments of commands as values, read by the patterns of `abnf`: paths, parameters, host names, strings.

`Path` is a value; the functions whose names begin with `check` return what they were given, or raise. An error carries
501, the reply to a wrong argument (RFC 5321 4.2.2), and its sentence comes from `diagnosis`.

Here is the argument of ``MAIL FROM:<@relay.example:bob@b.example> SIZE=10``, behind the colon. It is split at the end
of the path. The source route (``@relay.example:``) is read and dropped, because RFC 5321 4.1.1.3 has it ignored. Then
the parameters are taken apart:

>>> path, rest = split_path("<@relay.example:bob@b.example> SIZE=10", strict=True)
>>> path, rest
(Path(local_part='bob', domain='b.example'), 'SIZE=10')
>>> check_parameters(split_parameters("size=10 body=8bitmime"))
(('SIZE', '10'), ('BODY', '8bitmime'))

Quotation marks and backslashes are a way to write a local part, and no part of it. The value has the name itself, so
two spellings of one mailbox are equal, and are written in one way:

>>> Path.parse(r'<"john\ doe"@b.example>') == Path("john doe", "b.example")
True
>>> str(Path("john doe", "b.example")), str(Path("bob", "b.example"))
('<"john doe"@b.example>', '<bob@b.example>')

Arguments are `str`: octets from the wire are decoded as UTF-8 with `surrogateescape`, and octets that are not UTF-8 are
refused everywhere. `extensions` decides if a session may use UTF-8 at all (SMTPUTF8); `Path.is_ascii` is True for an
address that does not need it.
"""

import re
from dataclasses import dataclass, field

from . import abnf, diagnosis, sentences
from .diagnosis import refusal, show

# The sizes that RFC 5321 obliges everyone to accept and lets everyone refuse to exceed, in octets of UTF-8.
MAX_LOCAL_PART = 64  # 4.5.3.1.1. Here: the name itself, without the quotation marks and backslashes around it
MAX_DOMAIN = 255  # 4.5.3.1.2
MAX_LABEL = 63  # RFC 1035 2.3.4, to which RFC 5321 2.3.5 refers
MAX_PATH = 256  # 4.5.3.1.3, with the brackets and the @. Here: without the source route, which is dropped

_STRICT_PATH_AND_REST = re.compile(abnf.PATH + abnf.REST)
_LENIENT_PATH_AND_REST = re.compile(abnf.LENIENT_PATH + abnf.REST)
_DOT_STRING = re.compile(abnf.DOT_STRING)
_HOST = re.compile(f"{abnf.DOMAIN}|{abnf.ADDRESS_LITERAL}")
_LENIENT_HOST = re.compile(f"{abnf.LENIENT_DOMAIN}|{abnf.ADDRESS_LITERAL}")
_ESMTP_KEYWORD = re.compile(abnf.ESMTP_KEYWORD)
_ESMTP_VALUE = re.compile(abnf.ESMTP_VALUE)

# The parameters of MAIL and RCPT in the order in which they came: keyword and value, None for one without a value.
Parameters = tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class Path:
    """Where a message comes from or goes to: a mailbox, the null path ``<>``, or the bare ``<Postmaster>``.

    Args:
        local_part: the name before the @ as a value, ``john doe`` and not ``"john doe"``. It may have more than
            the 64 octets of RFC 5321 4.5.3.1.1, because every server in the field takes that; `split_path` refuses it
            where it is strict.
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
    # Both are read for each message, so they are worked out once. The dataclass is frozen; object.__setattr__ is the
    # way past that, here and below. Two paths are equal if their parts are, so these do not count (compare=False).
    address: str = field(init=False, repr=False, compare=False)
    is_ascii: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Every path passes these checks, from the wire or made by hand. So every path that exists can be sent.
        if not self.domain:
            self._settle_without_domain()
        object.__setattr__(self, "address", _join(self.local_part, self.domain))
        object.__setattr__(self, "is_ascii", self.address.isascii())
        text = check_string(str(self), "the address")
        # RFC 5321 4.1.2: the domain as `split_path` would take it, or it would be read as something else on the way
        # back.
        if self.domain and not _LENIENT_HOST.fullmatch(self.domain):
            raise diagnosis.bad_domain(self.domain)
        _check_size(self.domain, "the domain", MAX_DOMAIN, "4.5.3.1.2")
        _check_size(text, "the path", MAX_PATH, "4.5.3.1.3")

    def _settle_without_domain(self) -> None:
        """Give Postmaster its one spelling; only it and the null path do without a domain.

        RFC 5321 4.1.1.3: <Postmaster> needs no domain, and is not case-sensitive, as no other local part is (2.4).
        """
        if self.local_part.lower() == "postmaster":
            object.__setattr__(self, "local_part", "Postmaster")
        elif self.local_part:
            raise refusal(sentences.DOMAIN_MISSING.format(text=show(self.local_part)))

    @staticmethod
    def parse(text: str, *, strict: bool = False) -> "Path":
        """Return the path that `text` is, or raise `LocalProtocolError` with 501: ``Path.parse("<a@b>")``.

        Args:
            text: the path alone, without a verb before it or parameters behind it.
            strict: take only what RFC 5321's grammar allows, with its angle brackets.
        """
        # `split_path` lets blanks around a path go, and a tab is one; here it is a control character.
        path, rest = split_path(check_string(text, "the address"), strict)
        if rest:
            raise refusal(sentences.BEHIND_THE_ADDRESS.format(rest=show(rest)))
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
    # RFC 5321 4.1.2: in quotation marks, a backslash stands before each " and \ that is meant as it is. Nothing else
    # needs one, and a path has one spelling only if nothing else gets one.
    quoted = local_part.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}"@{domain}'


def split_path(text: str, strict: bool) -> tuple[Path, str]:
    """Return the path that `text` begins with and what stands behind it, such as ``SIZE=10 BODY=7BIT``.

    The rest comes without the blanks around it and is not checked: `check_parameters` does that.

    Raises:
        LocalProtocolError: with 501, if `text` does not begin with a path, or something is glued to the path.
            If `strict`, also for a local part over 64 octets, a label over 63, and anything but one space before
            each parameter (RFC 5321 4.1.2).
    """
    # RFC 5321 4.1.2: one match finds the path, its parts and the rest, so a text is looked at once. `abnf` explains how
    # the pattern is made.
    match = (_STRICT_PATH_AND_REST if strict else _LENIENT_PATH_AND_REST).fullmatch(text)
    if match is None:
        # A control character is the fault, wherever else the text leaves the grammar. A path that matches is checked
        # when the value is built.
        check_string(text.strip(" \t"), "the address")
        raise diagnosis.bad_path(text, strict)
    _, route, local_part, domain, postmaster, rest = match.groups("")
    if local_part.startswith('"'):
        # RFC 5321 4.1.2: a backslash says that the next character is meant as it is. The value holds that alone.
        local_part = re.sub(r"\\(.)", r"\1", local_part[1:-1])
    path, rest = Path(local_part or postmaster, domain), rest.rstrip(" \t")
    if strict:
        _check_strictly(path, route, rest, text[: match.start("rest")] if rest else "")
    return path, rest


def _check_strictly(path: Path, route: str, rest: str, before: str) -> None:
    """Refuse what only the lenient reading takes in a path and in the blanks before its parameters.

    Args:
        path: the path.
        route: the source route before it, such as ``@a,@b``; empty if there is none.
        rest: the parameters.
        before: the text of the path and the blanks behind it.
    """
    _check_size(path.local_part, "the local part", MAX_LOCAL_PART, "4.5.3.1.1")
    for domain in (*route.replace("@", "").split(","), path.domain):
        _check_labels(domain)
    # RFC 5321 4.1.2: [SP Mail-parameters], and Mail-parameters = esmtp-param *(SP esmtp-param).
    blanks = before[len(before.rstrip(" \t")) :]
    if rest and (blanks != " " or "  " in rest or "\t" in rest):
        raise refusal(sentences.BLANKS_BEFORE_PARAMETER)


def _check_labels(domain: str) -> None:
    """Refuse a label of more than 63 octets, as the DNS holds it (RFC 5321 2.3.5, RFC 1035 2.3.4)."""
    if domain.startswith("["):
        return
    for label in domain.split("."):
        # RFC 5890 2.3.2.1: a U-label is measured as the A-label that it becomes, because the DNS holds that: "xn--" and
        # Punycode.
        octets = len(label) if label.isascii() else len("xn--") + len(label.encode("punycode"))
        if octets > MAX_LABEL:
            raise refusal(sentences.LABEL_TOO_LONG.format(label=show(label), octets=octets, limit=MAX_LABEL))


def split_parameters(text: str) -> Parameters:
    """Return the parameters in `text`: ``(("SIZE", "10"), ("smtputf8", None))`` for ``SIZE=10 smtputf8``.

    RFC 5321 4.1.2: Mail-parameters = esmtp-param *(SP esmtp-param). Several spaces count as one.
    `check_parameters` raises for those that are not well formed.
    """
    # RFC 5321 4.1.2: esmtp-param = esmtp-keyword ["=" esmtp-value]. "SIZE" has no value, and "SIZE=" an empty one,
    # which is not well formed.
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
            raise refusal(sentences.BAD_KEYWORD.format(keyword=show(keyword)))
        # RFC 5321 4.1.2: what a value may be for this keyword is decided in `extensions`; here only its characters.
        if value is not None and not _ESMTP_VALUE.fullmatch(check_string(value, f"the value of {keyword}")):
            raise refusal(sentences.BAD_VALUE.format(value=show(value), keyword=keyword))
        if keyword.upper() in checked:
            raise refusal(sentences.GIVEN_TWICE.format(keyword=keyword.upper()))
        checked[keyword.upper()] = value  # RFC 5321 2.4: keywords are not case-sensitive; values may be
    return tuple(checked.items())


def check_domain(text: str, *, strict: bool) -> str:
    """Return `text` if it may be the name that a client gives itself in HELO or EHLO, RFC 5321 4.1.1.1.

    Args:
        text: the name; at most 255 octets.
        strict: take only a domain name or an address literal, and only ASCII, since nobody has agreed on
            SMTPUTF8 yet (RFC 6531 3.7.1). Otherwise take any printable word, such as ``my_laptop``, but in brackets
            only an address literal (RFC 5321 4.1.3): they say that an address follows, and a wrong one misleads.

    Raises:
        LocalProtocolError: with 501, if it may not, or is missing.
    """
    check_string(text, "the host name")
    # RFC 5321 4.1.1.1: HELO needs a name, and a name is one word. The lenient reading, too, holds to that.
    if not text:
        raise refusal(sentences.HOST_MISSING)
    if " " in text:
        raise refusal(sentences.HOST_WITH_SPACE.format(text=show(text)))
    in_brackets = text.startswith("[") and text.endswith("]")
    if (strict or in_brackets) and not (text.isascii() and _HOST.fullmatch(text)):
        raise diagnosis.bad_domain(text)
    if strict:
        _check_labels(text)
    _check_size(text, "the host name", MAX_DOMAIN, "4.5.3.1.2")
    return text


def check_string(text: str, what: str = "the argument") -> str:
    """Return `text` if it is printable, as an argument of VRFY, EXPN, HELP or NOOP must be; it may be empty.

    RFC 5321 4.1.2: String = Atom / Quoted-string. Here: any printable text, as in ``VRFY John Doe``. A control
    character could move the cursor of the terminal in which somebody reads the log, or begin a line of its own there.

    Raises:
        LocalProtocolError: with 501, if `text`, named `what`, holds a control character or octets not UTF-8.
    """
    if found := abnf.UNPRINTABLE.search(text):
        raise diagnosis.unprintable(found[0], what)
    return text


def _check_size(text: str, what: str, limit: int, section: str) -> None:
    """Refuse a text of more octets than `limit`; a character beyond ASCII has two octets or more (RFC 6531 3.3)."""
    if (octets := len(text.encode())) > limit:
        raise refusal(sentences.TOO_MANY_OCTETS.format(what=what, octets=octets, limit=limit, section=section))


# The two paths without a domain: the sender of a bounce (RFC 5321 4.5.5), and the person who answers for a host
# (4.5.1).
NULL_PATH = Path("", "")
POSTMASTER = Path("Postmaster", "")
