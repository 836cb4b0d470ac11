"""A policy is valid when it is made, and does not change."""

from dataclasses import replace

import pytest

from smtplab.mta.policy import Policy


def test_policy_can_be_varied_but_not_changed() -> None:
    assert replace(Policy(), strict=True).strict
    with pytest.raises(AttributeError):
        Policy().strict = True


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan")])
def test_idle_time_is_above_0(seconds: float) -> None:
    with pytest.raises(ValueError, match="idle_seconds"):
        Policy(idle_seconds=seconds)


@pytest.mark.parametrize("size", ["lots", "-1", "1.5", " 10", "\u0661"])
def test_size_on_offer_is_a_number(size: str) -> None:
    with pytest.raises(ValueError, match="SIZE"):
        Policy(offer={"SIZE": size})


def test_size_may_be_offered_without_a_limit() -> None:
    assert Policy(offer={"SIZE": ""}).max_message_octets == 0


def test_size_on_offer_is_the_limit_of_a_message() -> None:
    assert Policy(offer={"SIZE": "1000"}).max_message_octets == 1000


@pytest.mark.parametrize(
    "limit",
    [{"max_errors": -1}, {"max_recipients": 0}, {"max_sessions": 0}, {"max_sessions": -5}, {"max_errors": None}],
)
def test_limit_that_no_server_can_keep_is_refused(limit: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="limit"):
        Policy(**limit)
