"""The table of causes is data: in order, in sentences, each with its RFC, and its conditions in a small vocabulary."""

import pytest

from smtplab.explain.causes import CAUSES, Cause, Setting, causes_of
from smtplab.protocol.states import GREETING, MESSAGE
from smtplab.transcript import verb_of

every_cause = pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.sentence)


def test_the_causes_are_in_the_order_of_their_codes() -> None:
    codes = [cause.code for cause in CAUSES]
    assert codes == sorted(codes)


@every_cause
def test_a_cause_is_a_sentence_and_names_its_section(cause: Cause) -> None:
    assert cause.sentence[0].isupper()
    assert cause.sentence.endswith(".")
    assert cause.rfc.startswith("RFC ")


def test_no_two_causes_have_the_same_sentence_for_the_same_lines() -> None:
    assert len({(cause.sentence, cause.lines) for cause in CAUSES}) == len(CAUSES)


def test_every_setting_is_a_condition_of_some_cause() -> None:
    used = {condition.setting for cause in CAUSES for condition in cause.conditions}
    assert used == set(Setting)


@every_cause
def test_a_condition_names_a_mailbox_exactly_if_its_setting_is_about_one(cause: Cause) -> None:
    of_mailboxes = {Setting.MAILBOX_BUSY, Setting.MAILBOX_FULL, Setting.QUOTA_OCTETS, Setting.QUOTA_IS_SOFT}
    assert all(bool(each.mailbox) == (each.setting in of_mailboxes) for each in cause.conditions)


@every_cause
def test_the_verb_is_that_of_the_last_line(cause: Cause) -> None:
    if not cause.lines:
        assert cause.verb == GREETING
    elif cause.stops:
        assert (cause.said, cause.verb) == ("", "")
    else:
        assert cause.verb == (MESSAGE if cause.lines[-1] == "." else verb_of(cause.lines[-1].encode()))


def test_a_code_that_this_server_never_gives_has_no_cause() -> None:
    assert causes_of(455) == ()
    assert {cause.code for cause in causes_of(550)} == {550}
