"""The fields about one recipient are written in ASCII, short enough for a line, and read again."""

import email
import email.policy
from email.message import Message

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smtplab.mta.attempt import Action, RecipientResult, answered
from smtplab.mta.report_fields import OWN_TYPE, NotAReport, RecipientReport, field, typed
from smtplab.protocol.grammar import Path
from smtplab.protocol.replies import EnhancedCode, Reply

BOB = Path("bob", "far.example")


def block_of(row: RecipientReport) -> bytes:
    """Return the block of a report about one recipient."""
    block = Message(policy=email.policy.compat32)
    for name, value in row.fields():
        block[name] = value
    return block.as_bytes()


def read(block: bytes) -> RecipientReport:
    return RecipientReport.parse(email.message_from_bytes(block))


def test_where_no_host_was_tried_none_is_named() -> None:
    own = RecipientResult(BOB, Action.FAILED, EnhancedCode(5, 4, 6), "it loops")
    assert [name for name, _ in RecipientReport.of(own).fields()] == [
        "Final-Recipient",
        "Action",
        "Status",
        "Diagnostic-Code",
    ]
    assert len(RecipientReport("a@b", Action.RELAYED, EnhancedCode(2, 0, 0)).fields()) == 3


@pytest.mark.parametrize(
    ("diagnostic", "host", "kind", "said"),
    [
        ("550 No", "mx.far.example", "smtp", ": mx.far.example said 550 No"),
        ("it is down", "mx.far.example", OWN_TYPE, ": mx.far.example: it is down"),
        ("550 No", "", "smtp", ": 550 No"),
        ("", "mx.far.example", "smtp", ": mx.far.example"),
        ("", "", "smtp", ""),
        ("550 \x1b[2J", "", "smtp", ": 550 \\x1b[2J"),
        ("550 \ud800", "", "smtp", ": 550 \\xed\\xa0\\x80"),
    ],
)
def test_the_status_of_a_recipient_is_one_line_of_text(diagnostic: str, host: str, kind: str, said: str) -> None:
    row = RecipientReport("bob@far.example", Action.FAILED, EnhancedCode(5, 1, 1), diagnostic, host, "rfc822", kind)
    assert str(row) == f"bob@far.example: failed (5.1.1){said}"


ATOM = st.text("abcxyz0123456789.-", min_size=1, max_size=80)
WORDS = st.lists(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=90), max_size=8)


@given(
    st.builds(
        RecipientReport,
        address=ATOM,
        action=st.sampled_from(Action),
        status=st.builds(EnhancedCode, st.sampled_from([2, 4, 5]), st.integers(0, 999), st.integers(0, 999)),
        diagnostic=WORDS.map(" ".join),
        remote_mta=ATOM,
    )
)
def test_what_is_written_about_a_recipient_is_read_again(row: RecipientReport) -> None:
    assert read(block_of(row)) == row


@example("x" * 2000, "x")
@example("\U0001f600" * 2000, "x")
@given(st.text(max_size=2000), st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=50))
def test_every_field_is_ascii_and_fits_into_a_line(words: str, local_part: str) -> None:
    result = RecipientResult(BOB, Action.FAILED, EnhancedCode(5, 0, 0), words, local_part)
    block = block_of(RecipientReport.of(result))
    assert block.isascii()
    assert max(map(len, block.splitlines())) <= 998


@pytest.mark.parametrize(
    ("diagnostic", "kind", "reply"),
    [
        ("550 5.1.1 No", "smtp", Reply(550, "5.1.1 No")),
        ("550-5.1.1 No 550 5.1.1 such", "smtp", Reply(550, ["5.1.1 No", "5.1.1 such"])),
        ("550 5.1.1 No", "x-postfix", None),
        ("no code", "smtp", None),
        ("550-No end", "smtp", None),
        ("550 half \ud800", "smtp", None),
        ("", "smtp", None),
    ],
)
def test_what_a_host_said_is_a_reply_if_it_has_the_form_of_one(diagnostic: str, kind: str, reply: Reply | None) -> None:
    assert RecipientReport("a@b", Action.FAILED, EnhancedCode(5, 0, 0), diagnostic, "", "rfc822", kind).reply == reply


def test_the_reply_that_was_given_is_reported_whole() -> None:
    reply = Reply(550, ["5.1.1 No", "5.1.1 such"])
    row = RecipientReport.of(answered([BOB], "mx.far.example", reply).recipients[0])
    assert row.reply == reply
    assert row.remote_mta == "mx.far.example"


FIELDS = b"Final-Recipient: rfc822; bob@far.example\nAction: FAILED\nStatus: 5.1.1 (unknown)\n"


def test_a_field_is_read_in_any_case_with_comments_and_folds() -> None:
    row = read(FIELDS + b"diagnostic-code: SMTP; 550\n  No\n")
    assert row == RecipientReport("bob@far.example", Action.FAILED, EnhancedCode(5, 1, 1), "550 No")
    block = email.message_from_bytes(b"A: x\n\ty; z\nB: no type\n\n")
    assert (field(block, "a"), typed(block, "A"), typed(block, "B"), field(block, "C")) == (
        "x y; z",
        ("x y", "z"),
        ("", "no type"),
        "",
    )


def test_an_address_without_its_type_is_taken_for_one_of_mail() -> None:
    assert read(FIELDS.replace(b"rfc822; ", b"")).address_type == "rfc822"


def test_an_address_that_is_not_ascii_is_unescaped_and_any_other_is_not() -> None:
    for kind, address in (("utf-8", "\u00fc\\x{FFFFFF}"), ("rfc822", "\\x{FC}\\x{FFFFFF}")):
        block = FIELDS.replace(b"rfc822; bob", f"{kind}; \\x{{FC}}\\x{{FFFFFF}}".encode())
        assert read(block).address == f"{address}@far.example"


@pytest.mark.parametrize("line", FIELDS.splitlines(keepends=True))
def test_recipient_action_and_status_are_needed(line: bytes) -> None:
    with pytest.raises(NotAReport):
        read(FIELDS.replace(line, b""))
    with pytest.raises(NotAReport):
        read(FIELDS.replace(line, line.partition(b":")[0] + b": ;\n"))
