"""The names of hosts: what may be said in a greeting, and what a zone may have."""

import pytest

from smtplab.mta.host_names import own_name, zone_name


@pytest.mark.parametrize(
    "text",
    ["mail a", "mail\r\nX", "mail\0", "-", "a" * 300, "", "a..b", "mail.example.", "xn--ü.example", "a_b"],
)
def test_a_name_that_is_neither_a_domain_nor_a_literal_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"valid|name"):
        own_name(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mail.lab.example", "mail.lab.example"),
        ("localhost", "localhost"),
        ("[192.0.2.1]", "[192.0.2.1]"),
        ("[IPv6:2001:db8::1]", "[IPv6:2001:db8::1]"),
        ("bücher.example", "xn--bcher-kva.example"),
    ],
)
def test_a_domain_or_literal_is_said_in_ascii(text: str, said: str) -> None:
    assert own_name(text) == said


def test_a_name_of_a_zone_may_have_what_other_hosts_have() -> None:
    for text in ("my_host.example", "mail.example.", "bücher.example"):
        assert zone_name(text) == text
    for text in ("mail a", "mail\x01", "", "."):
        with pytest.raises(ValueError, match="name"):
            zone_name(text)
