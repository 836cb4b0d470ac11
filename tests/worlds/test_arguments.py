"""The name and the port of a host, as every world takes them."""

import pytest

from smtplab.worlds.arguments import check_name, check_port_type


def test_text_is_a_name_and_a_number_is_a_port() -> None:
    check_name("", example="mail.example")
    check_port_type(-1, example=25)


@pytest.mark.parametrize("name", [None, 25, b"mail.example"])
def test_whatever_else_is_given_for_a_name_is_refused_with_an_example(name: object) -> None:
    with pytest.raises(TypeError, match=r"mail\.example"):
        check_name(name, example="mail.example")


@pytest.mark.parametrize("port", [None, "25", 25.0])
def test_whatever_else_is_given_for_a_port_is_refused_with_an_example(port: object) -> None:
    with pytest.raises(TypeError, match="25"):
        check_port_type(port, example=25)
