"""RFC 5321 4.1.2 and 4.1.3 as regular expressions. Each pattern stands under its rule, in the RFC's notation.

A comment that begins with "Here:" says where we differ, and why. `grammar` makes values of what the patterns find, and
`diagnosis` says in words where a text leaves them.

The strict reading is the grammar. The lenient one also takes what people type and what the field sends: an
address without angle brackets, blanks around it, an underscore in a domain.

>>> match = re.fullmatch(PATH + REST, "<bob@b.example> SIZE=10")
>>> match["local_part"], match["domain"], match["rest"]
('bob', 'b.example', 'SIZE=10')
>>> re.fullmatch(PATH, "bob@b.example") is None, re.fullmatch(LENIENT_PATH, "bob@b.example")["domain"]
(True, 'b.example')

The patterns are strings, and a longer one is put together from shorter ones, as the rules are in the RFC. So nobody has
to read ``PATH`` as one long regular expression. It is made of these rules, and you find each of them below::

    PATH                  <  ...  >
      _between_brackets   a source route or none, and a mailbox; or Postmaster; or nothing
        a_d_l             @one.example,@two.example:
        LOCAL_PART        DOT_STRING or QUOTED_STRING
          ATOM            letters, digits, 19 other characters, and UTF-8
        DOMAIN            sub-domains with dots between them
        ADDRESS_LITERAL   [192.0.2.1] or [IPv6:2001:db8::1]

To hold a pattern against its rule:

- ``1*X`` is ``X++``, ``*X`` is ``X*+`` and ``[X]`` is ``X?+``. The second plus sign makes a repetition possessive: what
  it has taken it does not give back. So a pattern looks at each character a bounded number of times, whatever the peer
  sends. Without it, a long atom before a wrong character would be cut in every possible way first.
- ``ALPHA / DIGIT`` is ``[A-Za-z0-9]``, and ``%d33-90`` is ``[!-Z]``: the class names the first and the last character.
- ``(?ai:WORD)`` takes WORD in any case. Without the ``a``, Unicode's rules of case would also take a long s for an s.
"""

import re

# UTF8-non-ascii, RFC 6532 3.1. Here: any character from U+00A0 on. `grammar.check_string` takes out what must not be
# there: octets that are not UTF-8, the controls, and the separators that could break the lines of a log.
UTF8_NON_ASCII = r"[^\x00-\x9f]"
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

# Let-dig = ALPHA / DIGIT
# Ldh-str = *( ALPHA / DIGIT / "-" ) Let-dig
# The rule says that the last character is not a hyphen. The pattern says the same without going back: hyphens, as many
# as there are, always come with a letter or digit behind them.
LDH_STR = "(?:-*+[A-Za-z0-9]++)++"


def _domain(alpha: str) -> str:
    """Return the rule Domain, in which `alpha` are the characters that pass for ASCII letters."""
    letters = f"(?:[{alpha}0-9]++|{UTF8_NON_ASCII}++)"
    sub_domain = f"{letters}(?:-*+{letters})*+"
    return rf"{sub_domain}(?:\.{sub_domain})*+"


# Domain = sub-domain *("." sub-domain)
# sub-domain = Let-dig [Ldh-str], and in RFC 6531 3.3: sub-domain =/ U-label
# A sub-domain is letters and digits, and hyphens between them only; see Ldh-str for how the pattern says so.
# Here: UTF-8 may stand wherever a letter may, because it takes the tables of IDNA to tell a valid U-label; and a
# label's limit of 63 octets is left to the DNS.
DOMAIN = _domain("A-Za-z")
# Here, lenient: an underscore passes for a letter. RFC 5321 4.1.2 forbids it, but names in the field hold it.
LENIENT_DOMAIN = _domain("A-Za-z_")

# Snum = 1*3DIGIT, with a value from 0 to 255. So: 250 to 255, 200 to 249, and the rest, also with zeros before it.
SNUM = "(?:25[0-5]|2[0-4][0-9]|[01]?[0-9]{1,2})"
# IPv4-address-literal = Snum 3("." Snum)
IPV4_ADDRESS = rf"{SNUM}(?:\.{SNUM}){{3}}"
# IPv6-hex = 1*4HEXDIG
IPV6_HEX = "[0-9A-Fa-f]{1,4}"
# IPv6-full = IPv6-hex 7(":" IPv6-hex)
IPV6_FULL = f"{IPV6_HEX}(?::{IPV6_HEX}){{7}}"
# IPv6v4-full = IPv6-hex 5(":" IPv6-hex) ":" IPv4-address-literal
IPV6V4_FULL = f"(?:{IPV6_HEX}:){{6}}{IPV4_ADDRESS}"
# IPv6-comp = [IPv6-hex *5(":" IPv6-hex)] "::" [IPv6-hex *5(":" IPv6-hex)]
# The "::" stands for two groups or more, so at most six are written, on both sides together. A pattern cannot count
# over the gap; a look ahead does it first, passing over the colons, and refuses a seventh group.
_LEFT_OF_GAP = f"(?:{IPV6_HEX}(?::{IPV6_HEX})*+)?+::"
IPV6_COMP = f"(?!(?::*+[0-9A-Fa-f]++){{7}}){_LEFT_OF_GAP}(?:{IPV6_HEX}(?::{IPV6_HEX})*+)?+"
# IPv6v4-comp = [IPv6-hex *3(":" IPv6-hex)] "::" [IPv6-hex *3(":" IPv6-hex) ":"] IPv4-address-literal
# Four groups at most, because the IPv4 address is as long as two. The look ahead refuses the sixth, because to it the
# first Snum looks like the fifth.
IPV6V4_COMP = f"(?!(?::*+[0-9A-Fa-f]++){{6}}){_LEFT_OF_GAP}(?:{IPV6_HEX}:)*+{IPV4_ADDRESS}"
# IPv6-address-literal = "IPv6:" IPv6-addr
# IPv6-addr = IPv6-full / IPv6-comp / IPv6v4-full / IPv6v4-comp
# Four ways to write an address: in full, or with "::" for groups of zeros; and each of these with the last two groups
# as an IPv4 address or not.
# Here: not by the module `ipaddress`, in which "::" may stand for one group and a zone may follow; and so a whole path
# stays one match.
IPV6_ADDRESS = f"(?ai:IPv6:)(?:{IPV6_FULL}|{IPV6V4_FULL}|{IPV6_COMP}|{IPV6V4_COMP})"
# General-address-literal = Standardized-tag ":" 1*dcontent
# Here: none. RFC 5321 4.1.3 takes only a tag that IANA has registered, and IPv6 is the only one.
# address-literal = "[" ( IPv4-address-literal / IPv6-address-literal / General-address-literal ) "]"
ADDRESS_LITERAL = rf"\[(?:{IPV4_ADDRESS}|{IPV6_ADDRESS})\]"

# Atom = 1*atext; atext is listed in RFC 5322 3.2.3, and in RFC 6531 3.3: atext =/ UTF8-non-ascii
ATOM = f"(?:[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~-]++|{UTF8_NON_ASCII}++)++"
# Dot-string = Atom *("." Atom)
DOT_STRING = rf"{ATOM}(?:\.{ATOM})*+"
# Quoted-string = DQUOTE *QcontentSMTP DQUOTE; QcontentSMTP = qtextSMTP / quoted-pairSMTP
# qtextSMTP = %d32-33 / %d35-91 / %d93-126: printable but for " and \. In RFC 6531 3.3: qtextSMTP =/ UTF8-non-ascii
# quoted-pairSMTP = %d92 %d32-126: a backslash, and any printable character, which it strips of its meaning.
QUOTED_STRING = rf'"(?:[ !#-\[\]-~]++|{UTF8_NON_ASCII}++|\\[ -~])*+"'
# Local-part = Dot-string / Quoted-string: john.doe or "john doe". Only the host that has the mailbox may read a meaning
# into it (RFC 5321 2.3.11).
LOCAL_PART = f"(?:{DOT_STRING}|{QUOTED_STRING})"


def a_d_l(domain: str) -> str:
    """Return the rule of a source route: the hosts that a message should take. RFC 5321 4.1.1.3 has it ignored.

    A-d-l = At-domain *( "," At-domain ); At-domain = "@" Domain
    """
    return f"@{domain}(?:,@{domain})*+"


def _between_brackets(domain: str) -> str:
    """Return what may stand between < and >: a mailbox behind an optional source route, Postmaster, or nothing."""
    # Mailbox = Local-part "@" ( Domain / address-literal )
    mailbox = f"(?P<local_part>{LOCAL_PART})@(?P<domain>{domain}|{ADDRESS_LITERAL})"
    # A match has the groups local_part and domain, or postmaster, or none of these for the null path.
    # The null path is the empty alternative (?<=<): it takes nothing, and stands only right behind a <. So a lenient
    # path without brackets cannot be empty.
    return f"(?:(?:(?P<route>{a_d_l(domain)}):)?+{mailbox}|(?P<postmaster>(?ai:Postmaster))|(?<=<))"


def lenient_path(domain: str) -> str:
    """Return the rule of a path as people type it: blanks before it, and brackets around it or none."""
    # (?(bracket)>) wants a > if the group `bracket` has found a <, and nothing otherwise.
    return rf"[ \t]*+(?P<bracket><)?+{_between_brackets(domain)}(?(bracket)>)"


# Path = "<" [ A-d-l ":" ] Mailbox ">"
# Reverse-path = Path / "<>"; Forward-path = Path
# rcpt = "RCPT TO:" ( "<Postmaster@" Domain ">" / "<Postmaster>" / Forward-path ) ..., Postmaster in any case.
# Here: one pattern for all of them; `commands` refuses <> as a recipient and <Postmaster> as a sender. Its groups are
# those of the lenient path: bracket, source route, local part, domain, Postmaster.
PATH = f"(?P<bracket><){_between_brackets(DOMAIN)}>"
# Here, lenient: see above, and an underscore in the domain.
LENIENT_PATH = lenient_path(LENIENT_DOMAIN)
# mail = "MAIL FROM:" Reverse-path [SP Mail-parameters] CRLF, and rcpt alike.
# Here: any number of blanks, which 4.1.1 wants tolerated at least at the end of a line. The rest may be anything, also
# line feeds (?s:...), because `grammar` says what is wrong with it.
REST = r"(?:[ \t]++(?P<rest>(?s:.*+)))?+"

# esmtp-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")
ESMTP_KEYWORD = "[A-Za-z0-9][A-Za-z0-9-]*+"
# esmtp-value = 1*(%d33-60 / %d62-126 / UTF8-non-ascii), the latter from RFC 6531 3.3: printable, without space and "=".
ESMTP_VALUE = f"(?:[!-<>-~]|{UTF8_NON_ASCII})++"
