"""ClientJudge the text of a client: where its lines and the text itself end, and what became of the message."""

from __future__ import annotations

from ...protocol.states import MESSAGE
from ...transcript.dialogue import END_OF_DATA
from . import client_wording as wording
from .hangs import HangKind
from .judge_commands import ClientJudge, last_lines
from .message_difference import Difference, Flaw, difference, stuffed
from .played import PASSED, PlayedClient, RuleVerdict, failed, skipped

_WHOLE = frozenset(
    {Flaw.OTHER, Flaw.BEGINNING_LOST, Flaw.END_LOST, Flaw.SUFFIX, Flaw.LINES_CUT, Flaw.NUL}
)  # what no other rule is about


def sends_the_text(client: PlayedClient) -> RuleVerdict:
    """A text comes after 354."""
    if hang := client.hang(HangKind.TEXT_EXPECTED, HangKind.REPLY_TO_TEXT):
        expected = wording.EXPECT_WHOLE_TEXT if hang.pending else wording.EXPECT_TEXT
        return failed(_reply_to_data(client), last_lines(hang.pending), wording.SILENT, expected, hang.sentence)
    if any(client.texts):
        return PASSED
    if client.texts:
        return failed(came=END_OF_DATA, expected=wording.EXPECT_TEXT)
    return client.missing(wording.EXPECT_TEXT)


def _reply_to_data(client: PlayedClient) -> bytes:
    data = client.first("DATA")
    return data.reply if data else b""


def dot_ends_the_text(client: PlayedClient) -> RuleVerdict:
    """A dot ends the text, and nothing else is taken for an end."""
    hang = client.hang(HangKind.NO_DOT, HangKind.QUIT_IN_TEXT, HangKind.COMMAND_IN_TEXT)
    if hang is not None:
        return failed(came=last_lines(hang.pending), note=wording.SILENT, expected=wording.EXPECT_DOT,
                      sentence=hang.sentence)  # fmt: skip
    return PASSED  # without a dot there is no text, and an earlier rule is about that


def dot_stands_between_crlf(client: PlayedClient) -> RuleVerdict:
    """The line with the dot is whole."""
    hang = client.hang(HangKind.TEXT_LF, HangKind.TEXT_HALF_LINE)
    if hang is None:
        return PASSED
    return failed(came=last_lines(hang.pending), note=wording.SILENT, expected=wording.EXPECT_DOT,
                  sentence=hang.sentence)  # fmt: skip


def sends_one_message(client: PlayedClient) -> RuleVerdict:
    """The message goes once."""
    texts = [each for each in client.heard if each.step == MESSAGE]
    if len(texts) > 1:
        return failed(texts[0].reply, texts[1].data, expected=wording.EXPECT_ONCE)
    return PASSED


def has_not(*flaws: Flaw, needs_hello: str = "") -> ClientJudge:
    """Return the judge that the message has none of these flaws.

    Args:
        flaws: the flaws.
        needs_hello: EHLO if only a client that sent it can send such a message.
    """

    def judge(client: PlayedClient) -> RuleVerdict:
        if needs_hello and client.first(needs_hello) is None:
            return skipped(wording.ONLY_WITH_EHLO)
        if not client.texts:
            return _no_message(client)
        return _flawed(client.difference, flaws)

    return judge


def _flawed(found: Difference, flaws: tuple[Flaw, ...]) -> RuleVerdict:
    seen = next((flaw for flaw in flaws if flaw in found.flaws), None)
    if seen is None:
        return PASSED
    line, sent = found.lines[seen]
    given = wording.EXPECT_LINE.format(line=_shown(line)) if line else wording.EXPECT_END
    return failed(came=sent, note=f"({seen.value})", expected=given)


def _shown(line: bytes) -> str:
    from ..wire_text import wire_lines

    return wire_lines(line)[0]


def _no_message(client: PlayedClient) -> RuleVerdict:
    return client.missing(wording.EXPECT_TEXT)


def arrives_whole(client: PlayedClient) -> RuleVerdict:
    """The message is the one that was given, as far as no other rule is about the difference."""
    if not client.texts:
        return _no_message(client)
    return _flawed(client.difference, tuple(_WHOLE))


def keeps_or_removes_bcc(client: PlayedClient) -> RuleVerdict:
    """A Bcc field is kept, or removed with all its lines."""
    if not client.texts:
        return _no_message(client)
    lines = client.play.message.split(b"\r\n")
    without = [line for line in lines if not line.startswith((b"Bcc:", b" <eve@"))]
    if client.texts[0] == stuffed(b"\r\n".join(without)):
        return PASSED
    bcc = difference(b"\r\n".join(without), client.texts[0])
    if Flaw.BCC not in bcc.flaws or client.difference.flaws.isdisjoint({Flaw.BCC}):
        return PASSED
    return _flawed(client.difference, (Flaw.BCC,))


def doubles_a_lone_dot(client: PlayedClient) -> RuleVerdict:
    """A line that is a dot alone does not end the message."""
    if not client.texts:
        return _no_message(client)
    behind = next(client.after(MESSAGE), None)
    if Flaw.END_LOST in client.difference.flaws or Flaw.DOT_LOST in client.difference.flaws:
        return failed(behind.reply if behind else b"", behind.data if behind else b"", wording.LOST_BEHIND_THE_DOT,
                      wording.EXPECT_LINE.format(line="..<CRLF>"))  # fmt: skip
    return PASSED
