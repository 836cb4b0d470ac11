"""A reply knows where it was given, and equals the one that the kernel has read."""

import copy

from smtplab import Lab, Transcript
from smtplab.lab.reply import SessionReply, reply_in
from smtplab.protocol.replies import Reply


def test_a_sessions_reply_equals_the_kernels_in_both_orders() -> None:
    shown, plain = SessionReply(250, "2.0.0 Ok"), Reply(250, "2.0.0 Ok")
    assert shown == plain
    assert plain == shown
    assert hash(shown) == hash(plain)
    assert {plain: "found"}[shown] == "found"
    assert shown == SessionReply(250, "2.0.0 Ok")
    assert shown != Reply(250, "Ok")
    assert shown != "250 2.0.0 Ok"


def test_a_reply_made_by_hand_or_copied_has_no_context() -> None:
    for reply in (SessionReply(250, "ok"), copy.copy(Lab().telnet("mail.lab.example").greeting)):
        assert reply is not None
        assert reply.explanation is None
        assert reply._repr_html_() is None


def test_the_reply_in_a_transcript_is_the_servers_last_one() -> None:
    transcript = Transcript.parse("S: 220 ready")
    assert reply_in(Transcript()) is None
    assert reply_in(transcript) == Reply(220, "ready")
    for text in ("C: NOOP", "C: NOOP\nS: 250-half"):
        assert reply_in(Transcript.parse(f"S: 220 ready\n{text}")) == Reply(220, "ready")


def test_after_turn_the_replies_are_ours() -> None:
    turned = "S: 220 a.example\nC: HELO b.example\nS: 250 hello\nC: TURN\nS: 250 your turn"
    assert reply_in(Transcript.parse(turned)) == Reply(250, "your turn")
    assert reply_in(Transcript.parse(f"{turned}\nC: 220 b.example")) is None
