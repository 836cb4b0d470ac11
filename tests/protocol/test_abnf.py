"""The rules of RFC 5321 4.1.2 and 4.1.3, one by one: what each pattern takes, and what it does not take."""

import ipaddress
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtplab.protocol import abnf

RULES = {
    "LDH_STR": (["a", "a1", "-a", "a--b", "--9"], ["", "-", "a-", "a_b", "é"]),
    "DOMAIN": (
        [
            *["localhost", "example.com", "a.b.c.d", "1.2", "3com.example", "bücher.example", "例え.テスト"],
            *["a", "1", "a-b", "a--b", "xn--bcher-kva"],
        ],
        ["", ".", ".a", "a.", "a..b", "a_b.c", "a b", "a-.b", "[1.2.3.4]", "a\x80b", "-a", "a-", "a_b"],
    ),
    "LENIENT_DOMAIN": (["my_laptop", "_dmarc.example.com", "a_"], ["", "a..b", "a b", "a@b", "-a"]),
    "SNUM": (["0", "7", "00", "007", "99", "199", "249", "255"], ["", "256", "260", "300", "1000", "-1"]),
    "IPV4_ADDRESS": (["192.0.2.1", "0.0.0.0", "255.255.255.255"], ["1.2.3", "1.2.3.4.5", "1.2.3.256", "1..2.3"]),
    "IPV6_HEX": (["0", "fe80", "FFFF", "00a"], ["", "12345", "g"]),
    "IPV6_FULL": (["1:2:3:4:5:6:7:8", "2001:DB8:0:0:8:800:200C:417A"], ["1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "::"]),
    "IPV6V4_FULL": (["0:0:0:0:0:ffff:192.0.2.1"], ["0:0:0:0:ffff:192.0.2.1", "1:2:3:4:5:6:7:192.0.2.1"]),
    "IPV6_COMP": (
        ["::", "::1", "1::", "fe80::1:2", "1:2:3::4:5:6", "1:2:3:4:5:6::", "::1:2:3:4:5:6"],
        ["1:2:3:4:5:6:7::", "::1:2:3:4:5:6:7", "1:2:3:4::5:6:7", "1::2::3", ":::", "1:2", "::12345", ":1::2"],
    ),
    "IPV6V4_COMP": (
        ["::192.0.2.1", "::ffff:192.0.2.1", "1::192.0.2.1", "1:2::3:4:192.0.2.1", "1:2:3:4::192.0.2.1"],
        ["1:2:3::4:5:192.0.2.1", "::1:2:3:4:5:192.0.2.1", "::192.0.2.256", "1::2::192.0.2.1", "192.0.2.1"],
    ),
    "ADDRESS_LITERAL": (
        ["[192.0.2.1]", "[IPv6:::1]", "[ipv6:2001:db8::1]", "[IPv6:::ffff:192.0.2.1]"],
        [
            *["[]", "192.0.2.1", "[192.0.2.1", "[192.0.2.999]", "[::1]", "[IPv6:1:2]", "[IPv6:fe80::1%eth0]"],
            *["[IPv6:]", "[tag:]", "[tag-:x]", "[tag:a]b]", "[tag:a b]", "[tag:a[b]", "[tag:a\\b]", "[ıPv6:::1]"],
        ],
    ),
    "ATOM": (["a", "!#$%&'*+-/=?^_`{|}~", "A0", "δοκιμή"], ["", "a.b", "a b", 'a"', "a@b", "(a)", "a,b", "[", "\\"]),
    "DOT_STRING": (["a", "a.b", "a.b.c", "user+tag", "用户.名"], ["", ".a", "a.", "a..b", "a b"]),
    "QUOTED_STRING": (
        ['""', '"a"', '" "', '"a@b"', '"a>b"', r'"\""', r'"\\"', r'"\a"', '"é"', '"a..b"'],
        ["", '"', '"a', 'a"', r'"\"', r'"\é"', '"a\tb"', '"a"b"', '"\x7f"'],
    ),
    "PATH": (
        [
            *["<>", "<a@b>", "<@a:b@c>", "<@a,@b.example:c@d>", "<Postmaster>", "<postMASTER>", "<postmaster@b>"],
            *["<user@example.com>", '<"john doe"@x>', "<a@[192.0.2.1]>", "<用户@例え.テスト>"],
        ],
        [
            *["", "a@b", "<a@b", "a@b>", "< a@b>", "<a@b >", "<a>", "<<a@b>>", "<@a:postmaster>", "<poſtmaster>"],
            *["<@b>", "<a@>", "<a@@b>", "<a@b@c>", "<a b@c>", "<a@b c>"],
            *["<@a:>", "<@a,b:c@d>", "<@a,:c@d>", "<@a::c@d>", "<a:c@d>", "<:c@d>"],
        ],
    ),
    "LENIENT_PATH": (
        ["a@b", " a@b", "\t<a@b>", "postmaster", "<>", "a@b_c", "<@a_a:b@c>"],
        ["", " ", "<a@b", "a@b>", "< >", "joe", "< a@b>"],
    ),
    "ESMTP_KEYWORD": (["SIZE", "8BITMIME", "x-a-", "1"], ["", "-A", "A_B", "A=B", "É"]),
    "ESMTP_VALUE": (["1", "<a+40b>", "a;b", "é"], ["", "a=b", "a b", "a\x7f", "\t"]),
}


@pytest.mark.parametrize(("rule", "text"), [(rule, text) for rule, (right, _) in RULES.items() for text in right])
def test_the_rule_takes(rule, text):
    assert re.fullmatch(getattr(abnf, rule), text)


@pytest.mark.parametrize(("rule", "text"), [(rule, text) for rule, (_, wrong) in RULES.items() for text in wrong])
def test_the_rule_does_not_take(rule, text):
    assert not re.fullmatch(getattr(abnf, rule), text)


def is_ipv6_for_rfc_5321(text):
    """Ask `ipaddress`, and add the RFC's own rule: "::" stands for two groups at least."""
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    written = len([group for group in text.split(":") if group]) + ("." in text)
    return "::" not in text or written <= 6


@given(st.lists(st.sampled_from(["", "", "0", "1", "fe80", "12345", "g", "192.0.2.1"]), max_size=10).map(":".join))
def test_ipv6_addresses_are_those_of_the_module_ipaddress(text):
    assert bool(re.fullmatch(abnf.IPV6_ADDRESS, f"IPv6:{text}")) == is_ipv6_for_rfc_5321(text)
