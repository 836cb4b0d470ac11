"""What a faulty server has to send leaves in order, in pieces, and with its pauses."""

from smtplab.faults.outbox import Break, DelayedOctets, Endless, Outbox, Pause
from smtplab.faults.reply_draft import ReplyDraft


def test_octets_leave_together_unless_they_are_to_be_alone() -> None:
    outbox = Outbox()
    for item in (DelayedOctets(b"a", ("x",)), DelayedOctets(b"b"), DelayedOctets(b"c", ("y",), alone=True)):
        outbox.push(item)
    assert outbox.take() == (b"ab", ["x"], None)
    assert outbox.has_piece
    assert outbox.take() == (b"c", ["y"], None)
    assert not outbox


def test_nothing_leaves_behind_a_pause_before_it_has_ended() -> None:
    outbox = Outbox()
    outbox.push(DelayedOctets(b"a"))
    outbox.push(Pause(5))
    outbox.push(DelayedOctets(b"b"))
    assert [outbox.take()[0], outbox.take()[0]] == [b"a", b""]
    assert (outbox.pause, outbox.pauses, outbox.barriers) == (5, 1, 1)
    outbox.end_pause()
    assert (outbox.pause, outbox.pauses, outbox.barriers) == (None, 2, 0)
    assert outbox.take()[0] == b"b"


def test_a_rest_comes_behind_its_reply_and_before_the_break() -> None:
    outbox = Outbox()
    outbox.push_reply(ReplyDraft(b"250 ok\r\n", "RCPT", 1, rest=5, how="cut"), ("ok",))
    assert outbox.take() == (b"250 ok\r\n", ["ok"], None)
    assert outbox.pause == 5
    outbox.end_pause()
    assert outbox.take() == (b"", [], Break("cut"))


def test_a_break_drops_what_is_behind_it() -> None:
    outbox = Outbox()
    for item in (DelayedOctets(b"a"), Break("cut"), DelayedOctets(b"b")):
        outbox.push(item)
    assert outbox.take() == (b"a", [], Break("cut"))
    assert not outbox


def test_an_endless_line_comes_again_after_each_pause() -> None:
    outbox = Outbox()
    outbox.push(Endless(b"250-x\r\n"))
    first = outbox.take()[0]
    outbox.end_pause()
    assert outbox.is_endless
    assert outbox.take()[0] == first != b""


def test_a_reply_that_is_held_goes_with_the_next_one() -> None:
    outbox = Outbox()
    outbox.push_reply(ReplyDraft(b"250 a\r\n", "MAIL", 1, held=True), ("a",))
    assert not outbox
    outbox.push_reply(ReplyDraft(b"250 b\r\n", "RCPT", 2, before=b"<", after=b">"), ("b",))
    assert outbox.take() == (b"250 a\r\n<250 b\r\n>", ["a", "b"], None)


def test_a_reply_in_pieces_has_its_name_with_the_last() -> None:
    outbox = Outbox()
    outbox.push_reply(ReplyDraft(b"abc", "MAIL", 1, size=2, pause=7), ("a",))
    assert outbox.take() == (b"ab", [], None)
    assert outbox.take() == (b"", [], None)
    outbox.end_pause()
    assert outbox.take() == (b"c", ["a"], None)


def test_a_lost_reply_sends_nothing() -> None:
    outbox = Outbox()
    outbox.push_reply(ReplyDraft(b"", "MAIL", 1), ())
    assert not outbox
