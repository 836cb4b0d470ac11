"""ClientJudge the commands of a client: what a plain server heard until the message had gone."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from ...protocol.commands import VERBS, WithPath, parse_command
from ...protocol.replies import ProtocolError
from ...protocol.states import MESSAGE
from ...transcript.dialogue import END_OF_DATA
from . import client_wording as wording
from .hangs import HangKind
from .played import PASSED, PlayedClient, RuleVerdict, failed, skipped
from .played_server import EMPTY_LINE, Heard
from .plays import RECIPIENT, SENDER

MAX_COMMAND_OCTETS = 512  # RFC 5321 4.5.3.1.4, with the CRLF
_OF_EXTENSIONS = ("AUTH", "STARTTLS", "BDAT")
_ALONE = ("DATA", "QUIT", "RSET")
_PATHS = {"MAIL": (b"FROM", SENDER), "RCPT": (b"TO", RECIPIENT)}
_BLANK = re.compile(rb":[ \t]")  # behind FROM or TO

ClientJudge = Callable[[PlayedClient], RuleVerdict]


def connects(client: PlayedClient) -> RuleVerdict:
    """The client connects."""
    return PASSED if client.end.connected else client.missing(wording.EXPECT_CONNECTION)


def begins_with_hello(client: PlayedClient) -> RuleVerdict:
    """The first command is EHLO or HELO."""
    commands = [each for each in client.commands if each.step != EMPTY_LINE]
    if not commands:
        return client.missing(wording.EXPECT_HELLO)
    first = commands[0]
    if first.step in ("EHLO", "HELO"):
        return PASSED
    return failed(first.reply, first.data, expected=wording.EXPECT_HELLO)


def names_itself(client: PlayedClient) -> RuleVerdict:
    """EHLO and HELO have a name; any word will do, for HELO Alice is legal."""
    hello = client.first("EHLO", "HELO")
    assert hello is not None  # an earlier rule demands it
    words = hello.line.split()
    if len(words) == 2:
        return PASSED
    return failed(hello.reply, hello.data, expected=wording.EXPECT_NAME)


def ends_lines_in_crlf(client: PlayedClient) -> RuleVerdict:
    """Each command ends in CRLF, and in nothing else."""
    kinds = (HangKind.LF, HangKind.CR, HangKind.ESCAPES)
    if hang := client.hang(*kinds):
        return failed(came=hang.pending, note=wording.SILENT, expected=wording.EXPECT_CRLF, sentence=hang.sentence)
    for each in client.commands:
        if each.finished and not each.data.endswith(b"\r\n"):
            return failed(came=each.data, expected=wording.EXPECT_CRLF, sentence=HangKind.LF.value)
        if b"\r" in each.line or b"\\r\\n" in each.line:
            return failed(came=each.data, expected=wording.EXPECT_CRLF)
    return PASSED


def ends_each_line(client: PlayedClient) -> RuleVerdict:
    """No command is left without an end."""
    if hang := client.hang(HangKind.HALF_LINE):
        return failed(came=hang.pending, note=wording.SILENT, expected=wording.EXPECT_CRLF, sentence=hang.sentence)
    return PASSED


def last_lines(text: bytes, count: int = 3) -> bytes:
    """Return the last lines of a text, and what stands behind them without an end."""
    return b"".join(line + b"\n" for line in text.split(b"\n")[-count - 1 : -1]) + text.rpartition(b"\n")[2]


def _end_of(heard: Heard | None) -> bytes:
    """Return the last line of what was heard: of a text, the dot."""
    if heard is None:
        return b""
    return END_OF_DATA if heard.step == MESSAGE else heard.data


def sends_no_empty_line(client: PlayedClient) -> RuleVerdict:
    """No command is an empty line."""
    for before, each in zip([None, *client.heard], client.heard, strict=False):
        if each.step == EMPTY_LINE and each.finished and not client.is_stray_text(each):
            came = _end_of(before) + each.data
            return failed(each.reply, came, expected=wording.EXPECT_NO_EMPTY_LINE)
    return PASSED


def uses_known_verbs(client: PlayedClient) -> RuleVerdict:
    """Each command is one of SMTP; lines of the message that came as commands are for another rule."""
    for each in client.commands:
        if (
            each.line
            and not client.is_stray_text(each)
            and each.step not in VERBS
            and each.step not in ("AUTH", "STARTTLS", "BDAT")
        ):
            return failed(each.reply, each.data, expected=wording.EXPECT_VERB)
    return PASSED


def uses_only_what_is_offered(client: PlayedClient) -> RuleVerdict:
    """No AUTH, no STARTTLS, and no parameter unless the reply to EHLO offers it."""
    for each in client.commands:
        if each.step in _OF_EXTENSIONS or each.code == 555:
            return failed(each.reply, each.data, expected=wording.EXPECT_OFFERED)
    return PASSED


def keeps_the_order(client: PlayedClient) -> RuleVerdict:
    """No command comes where it gets 503."""
    for each in client.commands:
        if not each.in_order and each.step in VERBS and each.code == 503:
            return failed(each.reply, each.data, expected=wording.EXPECT_ORDER)
    return PASSED


def sends(verb: str, expected: str) -> ClientJudge:
    """Return the judge that a command of a verb comes and is accepted."""

    def judge(client: PlayedClient) -> RuleVerdict:
        sent = [each for each in client.commands if each.step == verb]
        if not sent:
            return client.missing(expected)
        if any(each.code < 400 for each in sent):
            return PASSED
        return failed(sent[0].reply, sent[0].data, expected=expected)

    return judge


def names_the_address(verb: str) -> ClientJudge:
    """Return the judge that MAIL has the sender that was given, or RCPT the recipient."""
    word, address = _PATHS[verb]

    def judge(client: PlayedClient) -> RuleVerdict:
        for each in (each for each in client.commands if each.step == verb):
            try:
                command = parse_command(each.line)
            except ProtocolError:
                continue
            if isinstance(command, WithPath) and command.path.address != address:
                expected = wording.EXPECT_ADDRESS.format(verb=verb, word=word.decode(), address=address)
                return failed(came=each.data, expected=expected)
        return PASSED

    return judge


def has_angle_brackets(verb: str) -> ClientJudge:
    """Return the judge that an address stands in angle brackets."""
    word, address = _PATHS[verb]
    expected = wording.EXPECT_ADDRESS.format(verb=verb, word=word.decode(), address=address)
    judge = _for_each(verb, lambda each: b"<" in each.line and b">" in each.line, expected)

    def judge_with_blank(client: PlayedClient) -> RuleVerdict:
        verdict = judge(client)
        if verdict is PASSED or not _BLANK.search(verdict.came):
            return verdict
        return replace(verdict, sentence=wording.LOOK_BRACKETS_AND_BLANK)

    return judge_with_blank


def has_no_blank(verb: str) -> ClientJudge:
    """Return the judge that no blank stands before the address."""
    word, address = _PATHS[verb]
    expected = wording.EXPECT_ADDRESS.format(verb=verb, word=word.decode(), address=address)
    return _for_each(verb, lambda each: not _BLANK.search(each.line), expected)


def _for_each(verb: str, holds: Callable[[Heard], bool], expected: str) -> ClientJudge:
    def judge(client: PlayedClient) -> RuleVerdict:
        wrong = next((each for each in client.commands if each.step == verb and not holds(each)), None)
        return PASSED if wrong is None else failed(came=wrong.data, expected=expected)

    return judge


def has_no_argument(client: PlayedClient) -> RuleVerdict:
    """DATA, QUIT and RSET stand alone."""
    for each in client.commands:
        if each.step in _ALONE and each.line.upper() != each.step.encode():
            return failed(each.reply, each.data, expected=wording.EXPECT_ALONE.format(verb=each.step))
    return PASSED


def keeps_lines_short(client: PlayedClient) -> RuleVerdict:
    """No command is longer than the standard allows."""
    for each in client.commands:
        if len(each.data) > MAX_COMMAND_OCTETS:
            return failed(came=each.data, expected=wording.EXPECT_SHORT.format(octets=MAX_COMMAND_OCTETS))
    return PASSED


def is_ascii(client: PlayedClient) -> RuleVerdict:
    """Commands are ASCII without control characters."""
    if padded := client.server.padded:
        return failed(came=padded, expected=wording.EXPECT_ASCII, sentence=wording.LOOK_NUL)
    for each in client.commands:
        if not each.line.isascii() or any(octet < 32 and octet != 9 for octet in each.line.replace(b"\r", b"")):
            return failed(came=each.data, expected=wording.EXPECT_ASCII)
    return PASSED


def goes_without_ehlo(client: PlayedClient) -> RuleVerdict:
    """A client whose EHLO is refused tries HELO or stops."""
    refused = client.first("EHLO")
    if refused is None:
        return skipped(wording.HELO_AT_ONCE)
    for each in client.after("EHLO"):
        if each.step == "HELO":
            return PASSED
        if each.step != "QUIT":
            return failed(refused.reply, each.data, expected=wording.EXPECT_HELLO)
    return PASSED
