"""The trace fields of RFC 5321 4.4 and the count of hops of 6.3."""

import re
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes, policy
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtplab.mta.trace import (
    HOP_LIMIT,
    count_received,
    format_date,
    received,
    return_path,
    strip_return_path,
)
from smtplab.protocol.grammar import NULL_PATH, POSTMASTER, Path

LECTURE_DAY = datetime(2004, 8, 6, 10, 25, tzinfo=timezone(timedelta(hours=-4)))
ALICE, BOB = Path("alice", "lab.example"), Path("bob", "lab.example")


def stamp(**changes):
    facts = {
        "helo": "mail.adelphia.net",
        "peer": "68.168.78.100",
        "host": "mta13.adelphia.net",
        "protocol": "SMTP",
        "queue_id": "q1",
        "date": LECTURE_DAY,
    }
    return received(**(facts | changes))


def unfolded(field):
    return re.sub(rb"\r\n[ \t]+", b" ", field).decode()


def test_date_has_the_form_of_rfc_5322_without_a_leading_zero():
    assert format_date(LECTURE_DAY) == "Fri, 6 Aug 2004 10:25:00 -0400"
    assert format_date(datetime(2026, 12, 31, 23, 59, 58, tzinfo=UTC)) == "Thu, 31 Dec 2026 23:59:58 +0000"
    assert format_date(LECTURE_DAY.astimezone(timezone(timedelta(hours=5, minutes=45)))).endswith(" +0545")


def test_date_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        format_date(datetime(2004, 8, 6))


@given(st.datetimes(min_value=datetime(1000, 1, 1)), st.integers(-23 * 60, 23 * 60))
def test_date_agrees_with_the_standard_library_but_for_the_leading_zero(moment, minutes):
    moment = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert format_date(moment) == re.sub(r"^(..., )0", r"\1", format_datetime(moment))


def test_return_path_carries_the_reverse_path():
    assert return_path(ALICE) == b"Return-Path: <alice@lab.example>\r\n"
    assert return_path(NULL_PATH) == b"Return-Path: <>\r\n"
    assert return_path(Path("zoë", "lab.example")) == "Return-Path: <zoë@lab.example>\r\n".encode()


def test_received_follows_the_grammar_of_4_4():
    assert unfolded(stamp()) == (
        "Received: from mail.adelphia.net ([68.168.78.100]) by mta13.adelphia.net with SMTP id q1;"
        " Fri, 6 Aug 2004 10:25:00 -0400\r\n"
    )


def test_received_is_folded_under_78_columns():
    lines = stamp(recipients=[ALICE]).decode().split("\r\n")
    assert len(lines) > 2
    assert all(len(line) <= 78 for line in lines)
    assert all(line.startswith(" ") for line in lines[1:-1])
    assert lines[-1] == ""


def test_received_keeps_a_long_name_whole_on_its_own_line():
    host = ".".join(["label" * 8] * 5)
    lines = stamp(host=host).decode().split("\r\n")
    assert f"        by {host}" in lines
    assert all(len(line) <= 78 for line in lines if host not in line)


def test_received_names_a_single_recipient():
    assert "id q1 for <alice@lab.example>; Fri" in unfolded(stamp(recipients=[ALICE]))


def test_received_names_no_recipient_when_there_are_several():
    assert "for" not in unfolded(stamp(recipients=[ALICE, BOB]))


def test_received_does_not_name_a_recipient_whom_a_hop_without_smtputf8_could_not_take():
    assert "for" not in unfolded(stamp(recipients=[Path("zoë", "lab.example")]))
    assert "for <a@xn--bcher-kva.example>" in unfolded(stamp(recipients=[Path("a", "bücher.example")]))


def test_received_leaves_out_the_bare_postmaster_for_the_grammar_wants_a_domain():
    assert "for" not in unfolded(stamp(recipients=[POSTMASTER]))


def test_received_writes_an_ipv6_peer_as_a_literal():
    assert "([IPv6:::1])" in unfolded(stamp(peer="::1"))


@pytest.mark.parametrize(
    ("helo", "peer", "begins"),
    [
        ("localhost", "127.0.0.1", "Received: from localhost ([127.0.0.1]) by"),
        ("[127.0.0.1]", "127.0.0.1", "Received: from [127.0.0.1] ([127.0.0.1]) by"),
        ("me;you", "127.0.0.1", "Received: from [127.0.0.1] ([127.0.0.1]) by"),
        ("(x)", "::1", "Received: from [IPv6:::1] ([IPv6:::1]) by"),
        ("a.example", "", "Received: from a.example by"),
        ("", "", "Received: from unknown by"),
    ],
)
def test_received_puts_the_peer_where_the_helo_name_is_no_domain(helo, peer, begins):
    assert unfolded(stamp(helo=helo, peer=peer)).startswith(begins)


def test_received_is_one_field_for_the_standard_library():
    message = message_from_bytes(stamp(recipients=[ALICE]) + b"Subject: x\r\n\r\n", policy=policy.SMTP)
    assert message.keys() == ["Received", "Subject"]


def test_count_received_counts_the_header_section_alone():
    header = stamp() + b"Subject: Received: x\r\n" + b"RECEIVED : from a by b\r\n" + b"X-Received: c\r\n"
    assert count_received(header) == 2
    assert count_received(header + b"\r\n" + stamp()) == 2
    assert count_received(b"\r\n" + stamp()) == 0
    assert count_received(b"") == 0


def test_count_received_reaches_the_limit_that_rfc_5321_6_3_asks_for():
    assert count_received(stamp() * HOP_LIMIT) == HOP_LIMIT == 100


def test_count_received_is_not_fooled_by_a_bare_line_feed():
    assert count_received(b"Subject: x\nReceived: y\r\n\r\n") == 0


@pytest.mark.parametrize(
    ("content", "left"),
    [
        (b"Return-Path: <a@b>\r\nSubject: x\r\n\r\nbody\r\n", b"Subject: x\r\n\r\nbody\r\n"),
        (b"Subject: x\r\nRETURN-PATH :\r\n <a@b>\r\n\r\nbody", b"Subject: x\r\n\r\nbody"),
        (b"Return-Path: <a@b>\r\nReturn-Path: <c@d>\r\nA: b\r\n\r\n", b"A: b\r\n\r\n"),
        (b"Return-Path: <a@b>\r\n", b""),
        (b"Return-Path: <a@b>", b""),
        (b"Subject: x\r\n\r\nReturn-Path: <a@b>\r\n", b"Subject: x\r\n\r\nReturn-Path: <a@b>\r\n"),
        (b"\r\nReturn-Path: <a@b>\r\n", b"\r\nReturn-Path: <a@b>\r\n"),
        (b"X-Return-Path: <a@b>\r\n\r\n", b"X-Return-Path: <a@b>\r\n\r\n"),
        (b"", b""),
    ],
)
def test_strip_return_path_takes_the_field_from_the_header_section_alone(content, left):
    assert strip_return_path(content) == left
