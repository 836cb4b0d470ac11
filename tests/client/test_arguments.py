"""The arguments of a client, before anything is connected."""

from typing import Any

import pytest

from smtplab.client.arguments import check_arguments, own_name
from smtplab.client.outcomes import Timeouts
from smtplab.client.session import DeliverySession
from smtplab.protocol.replies import LocalProtocolError
from smtplab.transcript import Transcript


def test_right_arguments_give_the_name_for_ehlo() -> None:
    assert check_arguments("bücher.example", Timeouts(), Transcript()) == "xn--bcher-kva.example"
    assert check_arguments("client.example", None) == "client.example"


@pytest.mark.parametrize(
    ("names", "what"), [({"helo": b"client.example"}, "bytes"), ({"helo": "client.example", "timeouts": 5}, "int")]
)
def test_an_argument_of_the_wrong_type_is_named_before_a_session_begins(names: dict[str, Any], what: str) -> None:
    with pytest.raises(TypeError, match=what):
        DeliverySession(**names)


def test_transcript_of_another_type_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="Transcript"):
        check_arguments("client.example", None, 5)


@pytest.mark.parametrize("helo", ["[2001:db8::1]", "[::1]", "[fe80::1:2]", "[::ffff:192.0.2.1]"])
def test_ipv6_address_without_its_tag_is_not_sent(helo: str) -> None:
    with pytest.raises(LocalProtocolError, match=r"write \[IPv6:"):
        own_name(helo)


@pytest.mark.parametrize("helo", ["xn--ü.example", "a..ü"])
def test_a_name_without_a_labels_is_not_sent(helo: str) -> None:
    with pytest.raises(LocalProtocolError, match="ASCII"):
        own_name(helo)
