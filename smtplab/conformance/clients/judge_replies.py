"""ClientJudge what a client makes of replies: how it waits for them, reads them, and ends where they refuse."""

from __future__ import annotations

from collections.abc import Callable

from ...protocol.states import GREETING, MESSAGE
from ...transcript import Side
from . import client_wording as wording
from .judge_commands import ClientJudge
from .played import PASSED, PlayedClient, RuleVerdict, failed, skipped
from .turns import is_one_behind

_TOLD = {GREETING: "the greeting", MESSAGE: "the dot", "HELO": "EHLO and HELO"}


def waits_for_each_reply(client: PlayedClient) -> RuleVerdict:
    """Nothing is sent before the reply to what came before."""
    early = client.early
    if not early:
        return _waits_for_the_dot(client)
    first = early[0].heard
    which = early[0].number
    expected = wording.EXPECT_WAIT_FOR_GREETING
    if which:
        expected = wording.EXPECT_WAIT.format(step=_told_by(client.heard[which - 1].step))
    if is_one_behind(early, client.heard):
        return failed(came=first.data, expected=expected, sentence=wording.ONE_BEHIND)
    if len(early) == len(client.heard) > 1:
        return failed(came=first.data, note=wording.NEVER_WAITS, expected=expected)
    return failed(came=first.data, expected=expected)


def _waits_for_the_dot(client: PlayedClient) -> RuleVerdict:
    last = client.heard[-1] if client.heard else None
    if last is None or last.step != MESSAGE or last.reply in _said_before_close(client):
        return PASSED
    return failed(note=wording.CLOSED_EARLY, expected=wording.EXPECT_WAIT_FOR.format(step=_TOLD[MESSAGE]))


def _said_before_close(client: PlayedClient) -> bytes:
    """Return what the server had said when the client closed."""
    closes = [number for number, chunk in enumerate(client.chunks) if chunk.side is Side.CLIENT and not chunk.data]
    return b"".join(chunk.data for chunk in client.chunks[: min(closes, default=None)] if chunk.side is Side.SERVER)


def _told_by(step: str) -> str:
    return _TOLD[MESSAGE] if step == MESSAGE else step


def waits_for_221(client: PlayedClient) -> RuleVerdict:
    """The client reads the reply to QUIT before it closes."""
    quit_said = client.first("QUIT")
    if quit_said is None:
        return skipped(wording.NO_QUIT)
    if quit_said.reply in _said_before_close(client):
        return PASSED
    return failed(came=quit_said.data, note=wording.CLOSED_AT_ONCE, expected=wording.EXPECT_221)


def ends_well(client: PlayedClient) -> RuleVerdict:
    """The exit code is 0 after all went well."""
    end = client.end
    if end.crash:
        return failed(note=end.crash, expected=wording.EXPECT_0, sentence=wording.LOOK_CRASH)
    if end.stopped:
        return failed(note=end.waits, expected=wording.EXPECT_0, sentence=wording.LOOK_STUCK)
    return PASSED if end.succeeded else failed(note=wording.ENDED.format(code=end.code), expected=wording.EXPECT_0)


def gets_through(client: PlayedClient) -> RuleVerdict:
    """The client reads the replies as they are, and delivers the message."""
    if early := client.early:
        number = early[0].number
        reply = client.heard[number - 1].reply if number else client.server.greeting
        return failed(reply, early[0].heard.data, wording.BEFORE_THE_END)
    if client.delivered:
        return PASSED
    last = client.last
    note, sentence = client.story()
    return failed(last.reply if last else client.server.greeting, note=note,
                  expected=wording.EXPECT_DELIVERY, sentence=sentence)  # fmt: skip


def stops_at(step: str) -> ClientJudge:
    """Return the judge that a client does not go on after a refusal."""
    allowed = {"QUIT", "RSET", "NOOP"} | ({"EHLO", "HELO"} if step == "HELO" else set())

    def judge(client: PlayedClient) -> RuleVerdict:
        refused = _refusal(client, step)
        if refused is None:
            return skipped(wording.NOT_REACHED.format(step=_TOLD.get(step, step)))
        since = client.after(step if step != "HELO" or client.first("HELO") else "EHLO")
        on = next((each for each in since if each.step not in allowed), None)
        if on is None:
            return PASSED
        return failed(refused, on.data, expected=wording.EXPECT_STOP)

    return judge


def _refusal(client: PlayedClient, step: str) -> bytes | None:
    """Return the reply that refused a step; None if the client did not come so far."""
    if step == GREETING:
        return client.play.replies.get(GREETING)
    steps = ("HELO", "EHLO") if step == "HELO" else (step,)
    return next((each.reply for each in reversed(client.heard) if each.step in steps), None)


def tells_of(step: str) -> ClientJudge:
    """Return the judge that a refusal, a close or a silence makes another exit code than 0."""

    def judge(client: PlayedClient) -> RuleVerdict:
        refused = _refusal(client, step)
        if refused is None and step != GREETING:
            return skipped(wording.NOT_REACHED.format(step=_TOLD.get(step, step)))
        return _tells(client, refused or b"")

    return judge


def _tells(client: PlayedClient, sent: bytes) -> RuleVerdict:
    end = client.end
    if end.stopped:
        sentence = "" if client.play.silent_at else client.story()[1]
        return failed(sent, note=end.waits, expected=wording.EXPECT_END_NOT_0, sentence=sentence)
    if end.succeeded:
        return failed(sent, note=wording.ENDED.format(code=0), expected=wording.EXPECT_NOT_0)
    return PASSED


def says_quit(client: PlayedClient) -> RuleVerdict:
    """A client that gives up says QUIT."""
    if client.first("QUIT"):
        return PASSED
    last = client.last
    return failed(last.reply if last else b"", note=client.story()[0], expected=wording.EXPECT_QUIT)


def is_content_without_221(client: PlayedClient) -> RuleVerdict:
    """A connection that closes in place of 221 does not make a delivered message fail."""
    if client.first("QUIT") is None:
        return skipped(wording.NO_QUIT)
    verdict = ends_well(client)
    if verdict is PASSED:
        return PASSED
    return failed(b"250 message kept\r\n", note=verdict.note, expected=wording.EXPECT_0)


def groups(judge: Callable[[PlayedClient], RuleVerdict]) -> ClientJudge:
    """Return a judge for clients that send commands together if PIPELINING is offered; others are skipped."""

    def judged(client: PlayedClient) -> RuleVerdict:
        return judge(client) if client.early else skipped(wording.SENDS_ONE_BY_ONE)

    return judged


def delivers(client: PlayedClient) -> RuleVerdict:
    """The message arrives, and the client says so."""
    if client.delivered:
        return PASSED
    note, sentence = client.story()
    return failed(note=note, expected=wording.EXPECT_DELIVERY, sentence=sentence)


def sends_no_text_in_vain(client: PlayedClient) -> RuleVerdict:
    """A group whose recipient is refused brings no message, and the client says so."""
    return _tells(client, b"550 no such mailbox\r\n")


def groups_as_allowed(client: PlayedClient) -> RuleVerdict:
    """EHLO, DATA, the text and QUIT stand at the end of a group (RFC 2920 3.1)."""
    for each in client.early:
        before = client.heard[max(each.number - 1, 0)]
        if before.step in ("EHLO", "HELO", "DATA", "QUIT") or each.heard.step == MESSAGE:
            return failed(came=before.data + each.heard.data, expected=wording.EXPECT_LAST_OF_GROUP)
    return PASSED
