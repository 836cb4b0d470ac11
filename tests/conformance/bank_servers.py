"""The bank of servers: a right one, written as a student would, and wrong ones, modelled on real programs.

Each wrong server has one mistake. `WRONG` says which rules it fails, in which stage the run at the terminal stops, and
is compared with the report in the folder `golden`. `SLIPS` are servers that give one wrong answer; each fails one rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

_ADDRESS = re.compile(rb'<((?:@[^:<>]+:)?(?:"(?:[^"\\]|\\.)*"|[^<>@" ]+)(?:@[^<>@ ]+)?)?>(.*)', re.DOTALL)
_NAME = b"mail.lab.example"


class Right:
    """A right server."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.closed = False
        self.greeted = False
        self.known = False  # True after HELO
        self.esmtp = False
        self.in_text = False
        self.buffer = bytearray()
        self.start = 0  # of the next line in the buffer
        self.reset()

    def reset(self) -> None:
        self.sender: bytes | None = None
        self.recipients: list[bytes] = []
        self.text: list[bytes] = []

    def feed(self, octets: bytes) -> bytes:
        if not self.greeted:
            self.greeted = True
            return self.greet()
        self.buffer += octets
        replies = b""
        while not self.closed and (line := self.next_line()) is not None:
            replies += self.text_line(line) if self.in_text else self.command(line)
        del self.buffer[: self.start]
        self.start = 0
        return replies

    def greet(self) -> bytes:
        return self.say("220 mail.lab.example ready")

    def next_line(self) -> bytes | None:
        end = self.buffer.find(b"\r\n", self.start)
        if end < 0:
            return None
        line = bytes(self.buffer[self.start : end])
        self.start = end + 2
        return line

    def say(self, *lines: str) -> bytes:
        return b"".join(line.encode("latin-1") + b"\r\n" for line in lines)

    def command(self, line: bytes) -> bytes:
        verb, _, argument = line.rstrip(b" ").partition(b" ")
        answer: Callable[[bytes], bytes] | None = self.verbs().get(verb.upper())
        return self.say("500 unknown command") if answer is None else answer(argument)

    def verbs(self) -> dict[bytes, Any]:
        return {
            b"HELO": self.helo,
            b"EHLO": self.ehlo,
            b"MAIL": self.mail,
            b"RCPT": self.rcpt,
            b"DATA": self.data,
            b"RSET": self.rset,
            b"NOOP": self.noop,
            b"QUIT": self.quit,
            b"VRFY": self.vrfy,
            b"HELP": self.help,
        }

    def helo(self, argument: bytes) -> bytes:
        if not argument:
            return self.say("501 name missing")
        self.reset()
        self.known, self.esmtp = True, False
        return self.say("250 mail.lab.example")

    def ehlo(self, argument: bytes) -> bytes:
        if not argument:
            return self.say("501 name missing")
        self.reset()
        self.known = self.esmtp = True
        return self.say("250-mail.lab.example", "250-SIZE 1000000", "250 8BITMIME")

    def mail(self, argument: bytes) -> bytes:
        found = _ADDRESS.fullmatch(argument[5:])
        if argument[:5].upper() != b"FROM:" or found is None:
            return self.say("501 write MAIL FROM:<address>")
        if not self.known or self.sender is not None:
            return self.say("503 bad sequence")
        if refused := self.refuse_parameters(found[2].split()):
            return refused
        self.sender = found[1] or b""
        return self.say("250 sender ok")

    def refuse_parameters(self, parameters: list[bytes]) -> bytes:
        for each in parameters:
            key, _, value = each.upper().partition(b"=")
            if key == b"SIZE" and value.isdigit():
                if int(value) > 1_000_000:
                    return self.say("552 too large")
            elif each.upper() != b"BODY=8BITMIME":
                return self.say("555 unknown parameter")
        return b""

    def rcpt(self, argument: bytes) -> bytes:
        if self.sender is None and self.in_order():
            return self.say("503 bad sequence")
        found = _ADDRESS.fullmatch(argument[3:])
        if argument[:3].upper() != b"TO:" or found is None:
            return self.say("501 write RCPT TO:<address>")
        if not found[1]:
            return self.say("550 nobody")
        self.recipients.append(found[1])
        return self.say("250 recipient ok")

    def in_order(self) -> bool:
        return True

    def data(self, argument: bytes) -> bytes:
        if not self.recipients:
            return self.say("503 bad sequence")
        self.in_text = True
        return self.say("354 go on")

    def text_line(self, line: bytes) -> bytes:
        if line == b".":
            return self.end_of_text()
        self.text.append(line.removeprefix(b"."))
        return b""

    def end_of_text(self) -> bytes:
        self.in_text = False
        self.store(b"".join(line + b"\r\n" for line in self.text))
        self.reset()
        return self.say("250 message taken")

    def store(self, text: bytes) -> None:
        self.messages.append(text)

    def rset(self, argument: bytes) -> bytes:
        self.reset()
        return self.say("250 forgotten")

    def noop(self, argument: bytes) -> bytes:
        return self.say("250 ok")

    def quit(self, argument: bytes) -> bytes:
        self.closed = True
        return self.say("221 bye")

    def vrfy(self, argument: bytes) -> bytes:
        return self.say("252 try and see")

    def help(self, argument: bytes) -> bytes:
        return self.say("214 HELO EHLO MAIL RCPT DATA RSET NOOP QUIT VRFY HELP")


@dataclass(frozen=True)
class Wrong:
    """A wrong server.

    Args:
        server: its class.
        stage: where the run at the terminal stops.
        rules: all rules that it fails.
    """

    server: type[Any]
    stage: str
    rules: tuple[str, ...]


WRONG: dict[str, Wrong] = {}


def wrong(stage: str, *rules: str) -> Callable[[type[Any]], type[Any]]:
    """Put a server into the bank."""

    def add(server: type[Any]) -> type[Any]:
        name = re.sub("(?<!^)(?=[A-Z])", "-", server.__name__).lower()
        WRONG[name] = Wrong(server, stage, rules)
        return server

    return add


# Replies


@wrong("greet", "replies-end-in-crlf")
class RepliesEndInLf(Right):
    def say(self, *lines: str) -> bytes:
        return b"".join(line.encode() + b"\n" for line in lines)


@wrong("greet", "replies-end-in-crlf")
class RepliesEndInNothing(Right):
    def say(self, *lines: str) -> bytes:
        return b"\r\n".join(line.encode() for line in lines)


@wrong("greet", "greeting-is-220")
class GreetsWithTwoHundredFifty(Right):
    def greet(self) -> bytes:
        return self.say("250 mail.lab.example ready")


@wrong("greet", "greeting-comes-first")
class WaitsForTheClient(Right):
    def greet(self) -> bytes:
        return b""


@wrong("greet", "greeting-names-the-host")
class GreetsWithoutAName(Right):
    def greet(self) -> bytes:
        return self.say("220 <server>!")


@wrong("greet", "replies-begin-with-a-code")
class RepliesWithAColon(Right):
    def say(self, *lines: str) -> bytes:
        return super().say(*(f"{line[:3]}: {line[4:]}" for line in lines))


@wrong("greet", "one-reply-to-each-command")
class AnswersDataTwice(Right):
    def data(self, argument: bytes) -> bytes:
        reply = super().data(argument)
        return reply + self.say("250 ok") if self.in_text else reply


# The session


@wrong("quit", "quit-is-answered-221")
class LeavesWithoutAWord(Right):
    def quit(self, argument: bytes) -> bytes:
        self.closed = True
        return b""


@wrong("quit", "quit-closes-the-connection")
class StaysAfterQuit(Right):
    def quit(self, argument: bytes) -> bytes:
        return self.say("221 bye")


@wrong("sender", "mail-takes-the-null-sender")
class RefusesTheNullSender(Right):
    def mail(self, argument: bytes) -> bytes:
        return self.say("501 who are you?") if b"<>" in argument else super().mail(argument)


@wrong("sender", "mail-needs-an-address")
class CrashesWithoutAnArgument(Right):
    def mail(self, argument: bytes) -> bytes:
        if argument.split()[0]:
            return super().mail(argument)
        return b""


@wrong("data", "data-needs-a-recipient")
class AsksForTextWithoutARecipient(Right):
    def data(self, argument: bytes) -> bytes:
        if self.sender is None:
            return self.say("503 bad sequence")
        self.in_text = True
        return self.say("354 go on")


@wrong("data", "data-is-answered-354")
class AnswersDataWithTwoHundredFifty(Right):
    def data(self, argument: bytes) -> bytes:
        reply = super().data(argument)
        return self.say("250 go on") if self.in_text else reply


# The text


@wrong("message", "text-is-taken-in-silence")
class AnswersEachLineOfText(Right):
    def text_line(self, line: bytes) -> bytes:
        return super().text_line(line) or self.say("250 ok")


@wrong("message", "session-goes-on-after-the-text")
class ReadsOneMessageOnly(Right):
    def end_of_text(self) -> bytes:
        reply = super().end_of_text()
        self.closed = True
        return reply


@wrong("dots", "doubled-dot-is-undone")
class KeepsTheDoubledDot(Right):
    def text_line(self, line: bytes) -> bytes:
        return super().text_line(b"." + line if line.startswith(b"..") else line)


@wrong("dots", "doubled-dot-is-undone")
class RemovesAllDots(Right):
    def text_line(self, line: bytes) -> bytes:
        return super().text_line(b"." + line.lstrip(b".") if line.startswith(b"..") else line)


@wrong("dots", "one-dot-only-is-removed", "dots-inside-lines-stay")
class HalvesDotsEverywhere(Right):
    def text_line(self, line: bytes) -> bytes:
        halved = line.replace(b"..", b".")
        return super().text_line(b"." + halved if halved.startswith(b".") and line != b"." else halved)


@wrong("dots", "first-line-with-a-dot")
class KeepsTheDotOfTheFirstLine(Right):
    def text_line(self, line: bytes) -> bytes:
        return super().text_line(b"." + line if line.startswith(b"..") and not self.text else line)


@wrong("storage", "text-is-stored-as-sent")
class AddsAnEmptyLine(Right):
    def store(self, text: bytes) -> None:
        super().store(text + b"\r\n")


@wrong("storage", "text-is-stored-as-sent")
class LosesTheLastLineEnd(Right):
    def store(self, text: bytes) -> None:
        super().store(text.removesuffix(b"\r\n"))


@wrong("storage", "blanks-are-kept")
class StripsLines(Right):
    def text_line(self, line: bytes) -> bytes:
        return super().text_line(line.strip())


@wrong("storage", "crlf-is-stored")
class StoresLf(Right):
    def store(self, text: bytes) -> None:
        super().store(text.replace(b"\r\n", b"\n"))


@wrong("storage", "text-is-stored-as-sent", "crlf-is-stored")
class StoresLfBelowItsOwnFields(Right):
    def store(self, text: bytes) -> None:
        super().store(b"Received: from client.example by mail.lab.example\r\n" + text.replace(b"\r\n", b"\n"))


@wrong("storage", "case-is-kept")
class StoresCapitals(Right):
    def store(self, text: bytes) -> None:
        super().store(text.upper())


@wrong("storage", "text-is-stored-as-sent")
class StoresTheDot(Right):
    def store(self, text: bytes) -> None:
        super().store(text + b".\r\n")


@wrong("storage", "message-is-stored")
class StoresNothing(Right):
    def store(self, text: bytes) -> None:
        pass


@wrong("line-ends", "lf-dot-lf-is-text", "lf-ends-no-command")
class SplitsLinesAtLf(Right):
    def next_line(self) -> bytes | None:
        end = self.buffer.find(b"\n", self.start)
        if end < 0:
            return None
        line = bytes(self.buffer[self.start : end]).removesuffix(b"\r")
        self.start = end + 1
        return line


@wrong("line-ends", "quit-in-the-text-is-text")
class TakesQuitInTheText(Right):
    def text_line(self, line: bytes) -> bytes:
        return self.quit(b"") if line == b"QUIT" else super().text_line(line)


# Commands


@wrong("data", "data-needs-a-recipient", "rcpt-needs-mail", "mail-only-once")
class TakesAnyOrder(Right):
    def in_order(self) -> bool:
        return False

    def mail(self, argument: bytes) -> bytes:
        self.known, self.sender = True, None
        return super().mail(argument)

    def data(self, argument: bytes) -> bytes:
        self.recipients = self.recipients or [b"somebody"]
        return super().data(argument)


@wrong("syntax", "small-letters-are-commands")
class ReadsCapitalsOnly(Right):
    def command(self, line: bytes) -> bytes:
        return self.say("500 unknown command") if line != line.upper() and line[:4].islower() else super().command(line)


@wrong("syntax", "unknown-command-is-refused")
class AnswersUnknownWithTwoHundredFifty(Right):
    def command(self, line: bytes) -> bytes:
        reply = super().command(line)
        return self.say("250 ok") if reply.startswith(b"500") else reply


@wrong("syntax", "empty-line-gets-500")
class CrashesAtAnEmptyLine(Right):
    def command(self, line: bytes) -> bytes:
        verb = line.split()[0]
        return super().command(line) if verb else b""


@wrong("syntax", "verb-is-a-whole-word")
class ComparesTheFirstLetters(Right):
    def command(self, line: bytes) -> bytes:
        return super().command(line[:4] + b" " + line[4:].lstrip())


@wrong("syntax", "octets-above-127-get-500")
class DecodesAscii(Right):
    def command(self, line: bytes) -> bytes:
        return super().command(line.decode("ascii").encode())


@wrong("reset", "rset-is-answered-250", "noop-is-answered-250", "vrfy-is-known")
class HasNoRsetOrNoop(Right):
    def verbs(self) -> dict[bytes, Any]:
        return {verb: answer for verb, answer in super().verbs().items() if verb not in (b"RSET", b"NOOP", b"VRFY")}


@wrong("reset", "rset-keeps-helo")
class RsetForgetsTheClient(Right):
    def rset(self, argument: bytes) -> bytes:
        self.known = False
        return super().rset(argument)


@wrong("hello", "helo-is-answered-250")
class HasNoHelo(Right):
    def verbs(self) -> dict[bytes, Any]:
        return {verb: answer for verb, answer in super().verbs().items() if verb != b"HELO"}


@wrong("extended", "ehlo-is-answered-250")
class HasNoEhlo(Right):
    def verbs(self) -> dict[bytes, Any]:
        return {verb: answer for verb, answer in super().verbs().items() if verb != b"EHLO"}


@wrong("extended", "ehlo-lines-have-hyphens")
class EndsEachLineOfEhlo(Right):
    def ehlo(self, argument: bytes) -> bytes:
        return super().ehlo(argument).replace(b"250-", b"250 ")


# The stream


@wrong("pieces", "command-in-octets")
class TakesOnePieceForOneCommand(Right):
    def feed(self, octets: bytes) -> bytes:
        if not self.greeted or self.in_text or self.buffer:
            return super().feed(octets)
        return self.command(octets.removesuffix(b"\r\n").partition(b"\r\n")[0])


@wrong("pieces", "end-in-five-pieces")
class LooksForTheEndInOnePiece(Right):
    def feed(self, octets: bytes) -> bytes:
        if not self.in_text:
            return super().feed(octets)
        if not octets.endswith(b"\r\n.\r\n") and octets != b".\r\n":
            self.text.append(octets)
            return b""
        lines = b"".join([*self.text, octets[:-3]]).removesuffix(b"\r\n").split(b"\r\n")
        self.text = [line.removeprefix(b".") for line in lines]
        return self.end_of_text()


class EndsAtAPiece(Right):
    """Looks at the pieces of the text as they come, and ends it at some of them as well."""

    form: ClassVar[re.Pattern[bytes]]

    def feed(self, octets: bytes) -> bytes:
        if not (self.in_text and self.is_an_end(octets)):
            return super().feed(octets)
        return super().feed(octets) + self.end_of_text()

    def is_an_end(self, octets: bytes) -> bool:
        return not octets.endswith(b"\r\n.\r\n") and self.form.search(octets) is not None


@wrong("pieces", "sentence-in-a-piece-of-its-own")
class EndsAtAPieceWithADot(EndsAtAPiece):
    form = re.compile(rb"[^.\r\n]\.\r\n\Z")


@wrong("pieces", "sentence-in-a-piece-of-its-own")
class StripsAPieceAndLooksForADot(EndsAtAPiece):
    form = re.compile(rb"\w\.\s*\Z")


@wrong("pieces", "rest-of-a-sentence-in-a-piece")
class EndsAtAPieceOfDotAndCrlf(EndsAtAPiece):
    form = re.compile(rb"\A\.\r\n\Z")

    def is_an_end(self, octets: bytes) -> bool:
        return super().is_an_end(octets) and bool(self.buffer)


@wrong("pieces", "dot-of-a-sentence-in-a-piece")
class EndsAtAPieceOfOneDot(EndsAtAPiece):
    form = re.compile(rb"\A\.\Z")

    def is_an_end(self, octets: bytes) -> bool:
        return super().is_an_end(octets) and self.buffer.endswith(b"e")


@wrong("pieces", "doubled-dot-in-two-pieces")
class EndsAtADotBehindADot(EndsAtAPieceOfDotAndCrlf):
    def is_an_end(self, octets: bytes) -> bool:
        return super().is_an_end(octets) and self.buffer == b"."


@wrong("limits", "hundred-recipients")
class TakesTenRecipients(Right):
    def rcpt(self, argument: bytes) -> bytes:
        return self.say("452 too many") if len(self.recipients) == 10 else super().rcpt(argument)


@wrong("limits", "text-line-of-1000-octets")
class CutsLongLines(Right):
    def text_line(self, line: bytes) -> bytes:
        return super().text_line(line[:500])


@wrong("clients", "sessions-are-apart")
class SharesItsState(Right):
    shared: ClassVar[dict[str, Any]] = {}

    def mail(self, argument: bytes) -> bytes:
        self.sender = self.shared.get("sender")
        reply = super().mail(argument)
        self.shared["sender"] = self.sender
        return reply

    def rcpt(self, argument: bytes) -> bytes:
        self.sender = self.shared.get("sender")
        return super().rcpt(argument)

    def reset(self) -> None:
        super().reset()
        self.shared["sender"] = None


@wrong("clients", "texts-are-apart")
class SharesItsText(Right):
    shared: ClassVar[list[bytes]] = []

    def reset(self) -> None:
        super().reset()
        self.text = self.shared
        self.text.clear()


@wrong("clients", "second-client-is-greeted")
class ServesOneClient(Right):
    busy: ClassVar[list[Any]] = []

    def greet(self) -> bytes:
        if self.busy:
            return self.say("421 mail.lab.example busy")
        self.busy.append(self)
        return super().greet()

    def close(self) -> None:
        if self in self.busy:
            self.busy.remove(self)

    def quit(self, argument: bytes) -> bytes:
        self.close()
        return super().quit(argument)


@wrong("clients", "client-vanishes-in-the-text")
class StoresWhatIsLeft(Right):
    def close(self) -> None:
        if self.in_text:
            self.end_of_text()


@wrong("clients", "client-vanishes-at-once")
class CrashesWhenTheClientIsGone(Right):
    def close(self) -> None:
        raise ConnectionResetError(104, "Connection reset by peer")


@wrong("pieces", "half-a-command-is-kept")
class DropsWhatFollowsACommand(Right):
    def feed(self, octets: bytes) -> bytes:
        if self.in_text or not self.greeted:
            return super().feed(octets)
        self.buffer += octets
        line = self.next_line()
        if line is None:
            return b""
        self.buffer.clear()
        self.start = 0
        return self.command(line)


@wrong("pipelining", "command-behind-the-dot")
class DropsWhatFollowsTheDot(Right):
    def end_of_text(self) -> bytes:
        self.start = len(self.buffer)
        return super().end_of_text()


@wrong("storage", "message-is-stored")
class StoresAtQuit(Right):
    kept: ClassVar[list[bytes]]

    def store(self, text: bytes) -> None:
        self.kept = [*getattr(self, "kept", []), text]

    def quit(self, argument: bytes) -> bytes:
        self.messages += getattr(self, "kept", [])
        return super().quit(argument)


@wrong("pipelining", "two-commands-together")
class AnswersOneLineOfEachRead(Right):
    def feed(self, octets: bytes) -> bytes:
        if not self.greeted or self.in_text:
            return super().feed(octets)
        self.buffer += octets
        line = self.next_line()
        return b"" if line is None else self.command(line)


@wrong("again", "recipients-are-forgotten")
class KeepsTheRecipients(Right):
    def end_of_text(self) -> bytes:
        recipients = self.recipients
        reply = super().end_of_text()
        self.recipients = recipients
        return reply

    def rset(self, argument: bytes) -> bytes:
        self.recipients = []
        return super().rset(argument)


@wrong("again", "messages-are-stored-apart")
class KeepsTheText(Right):
    def store(self, text: bytes) -> None:
        super().store(b"".join(self.messages) + text)


@wrong("order", "next-message-begins-empty")
class KeepsTheSender(Right):
    def end_of_text(self) -> bytes:
        reply = super().end_of_text()
        self.sender = b"carol@client.example"
        return reply

    def mail(self, argument: bytes) -> bytes:
        if self.messages:
            self.sender = None
        return super().mail(argument)


@wrong(
    "greet",
    "replies-end-in-crlf",
    "quit-closes-the-connection",
    "rcpt-refuses-the-null-address",
    "data-needs-a-recipient",
    "empty-text-is-answered",
    "text-is-stored-as-sent",
    "doubled-dot-is-undone",
    "rcpt-needs-mail",
    "mail-only-once",
    "verb-is-a-whole-word",
    "octets-above-127-get-500",
    "helo-needs-a-name",
    "small-letters-are-commands",
    "address-needs-its-bracket",
    "address-ends-at-its-bracket",
    "unknown-parameter-is-refused",
    "rset-is-answered-250",
    "noop-is-answered-250",
    "vrfy-is-known",
    "ehlo-is-answered-250",
    "command-in-octets",
)
class TextbookServer:
    """A server as in many a first exercise: one read is one command, compared by its first letters."""

    def __init__(self) -> None:
        self.messages: list[str] = []
        self.closed = False
        self.started = False
        self.text: str | None = None

    def feed(self, octets: bytes) -> bytes:
        return self.reply(octets).encode()

    def reply(self, octets: bytes) -> str:
        if not self.started:
            self.started = True
            return "220 Welcome\n"
        line = octets.decode()
        if self.text is not None:
            self.text += line
            if "\r\n.\r\n" not in self.text:
                return ""
            self.messages.append(self.text)
            self.text = None
            return "250 OK\n"
        if line.startswith("HELO"):
            return f"250 Hello {line.split()[1]}\n"
        if line.startswith("MAIL FROM"):
            return f"250 {line.split(':')[1].strip()} ok\n"
        if line.startswith("RCPT TO"):
            return "250 ok\n"
        if line.startswith("DATA"):
            self.text = ""
            return "354 End data with <CR><LF>.<CR><LF>\n"
        if line.startswith("QUIT"):
            return "221 Bye\n"
        return "500 Error\n"


# One wrong answer each

SLIPS: dict[str, type[Right]] = {}
_Condition = Callable[[Any], bool]


def always(server: Any) -> bool:
    return True


def answers(rule: str, line: bytes, answer: str, when: _Condition = always) -> None:
    """Add a server that answers a line of this form, a regular expression, wrongly under a condition."""

    class Slip(Right):
        def command(self, found: bytes) -> bytes:
            if re.fullmatch(line, found, re.DOTALL) and when(self):
                return self.say(answer)
            return super().command(found)

    SLIPS[rule] = Slip


def recodes(rule: str, verb: bytes, right: str, odd: str, when: _Condition = always) -> None:
    """Add a server that does what a command says, but answers with another code, or with another text."""

    class Slip(Right):
        def command(self, found: bytes) -> bytes:
            held = when(self)
            reply = super().command(found)
            return reply.replace(right.encode(), odd.encode("latin-1"), 1) if held and found.startswith(verb) else reply

    SLIPS[rule] = Slip


def reads(rule: str, verb: bytes, form: bytes, argument: bytes, when: _Condition = always) -> None:
    """Add a server that reads a command as if other octets stood in it: `form`, a regular expression, as `argument`."""

    class Slip(Right):
        def command(self, found: bytes) -> bytes:
            if found.startswith(verb) and when(self):
                found = re.sub(form, lambda _: argument, found)
            return super().command(found)

    SLIPS[rule] = Slip


def ends(rule: str, form: bytes) -> None:
    """Add a server that takes octets in the text, a regular expression, for the end of it."""

    class Slip(Right):
        def feed(self, octets: bytes) -> bytes:
            return super().feed(re.sub(form, b"\r\n.\r\n", octets) if self.in_text else octets)

    SLIPS[rule] = Slip


def stores(rule: str, form: bytes, odd: bytes) -> None:
    """Add a server that changes the text that it stores."""

    class Slip(Right):
        def store(self, text: bytes) -> None:
            super().store(re.sub(form, odd, text))

    SLIPS[rule] = Slip


def _known(server: Right) -> bool:
    return server.known


def _new(server: Right) -> bool:
    return not server.known


def _idle(server: Right) -> bool:
    return server.known and server.sender is None


def _in_mail(server: Right) -> bool:
    return server.sender is not None


def _has_recipient(server: Right) -> bool:
    return bool(server.recipients)


def _no_recipient(server: Right) -> bool:
    return server.sender is not None and not server.recipients


recodes("replies-are-plain-text", b"NOOP", "ok", "na\xefve")
recodes("reply-lines-are-short", b"NOOP", "ok", "x" * 600)
recodes("helo-is-answered-250", b"HELO", "250", "200")
answers("helo-takes-any-name", b"HELO Alice", "501 no such host")
answers("helo-takes-an-address", rb"HELO \[.*", "501 no such host")
answers("helo-may-come-again", b"HELO .*", "503 you have said so", _known)
answers("quit-needs-no-helo", b"QUIT", "503 say HELO first", _new)
answers("quit-ends-a-transaction", b"QUIT", "503 send the message first", _in_mail)
recodes("mail-is-answered-250", b"MAIL", "250", "200")
reads("mail-needs-from", b"MAIL", b"TO:", b"FROM:")
recodes("rcpt-is-answered-250", b"RCPT", "250", "200")
answers("rcpt-may-come-again", b"RCPT .*", "503 one is enough", _has_recipient)
answers("rcpt-refuses-the-null-address", b"RCPT TO:<>", "250 ok")
reads("rcpt-needs-to", b"RCPT", b"FROM:", b"TO:")
answers("rcpt-needs-an-address", b"RCPT", "250 ok")
answers("data-needs-a-sender", b"DATA", "354 go on", _idle)
answers("rcpt-needs-helo", b"RCPT .*", "250 ok", _new)
answers("data-needs-helo", b"DATA", "354 go on", _new)
answers("mail-only-once", b"MAIL .*", "250 ok", _in_mail)
answers("rcpt-needs-mail", b"RCPT TO.*", "250 ok", _idle)
recodes("unknown-command-gets-500", b"XYZZY", "500", "502")
answers("line-of-blanks-gets-500", b" +", "250 ok")
answers("verb-ends-at-a-blank", b"HELOc.*", "250 ok")
answers("nul-gets-500", b"\0+", "250 ok")
answers("helo-needs-a-name", b"HELO", "250 ok")
answers("letters-may-be-mixed", b"Mail.*", "500 what?")
answers("blanks-at-the-end-are-nothing", b".* ", "501 what?")
answers("address-with-signs", rb"MAIL .*\+.*", "501 what?")
answers("address-with-quotes", b'MAIL .*" ?carol.*', "501 what?")
answers("address-with-quoted-bracket", b'MAIL .*"a>b.*', "501 what?")
answers("address-with-a-literal", rb"MAIL .*@\[.*", "501 what?")
answers("address-with-64-octets", b"MAIL .*a{64}.*", "501 what?")
answers("domain-of-one-word", b"MAIL .*@localhost.*", "501 what?")
answers("postmaster-needs-no-domain", b"RCPT TO:<Postmaster>", "501 what?")
answers("source-route-is-no-error", b"RCPT TO:<@.*", "501 what?")
reads("address-needs-its-bracket", b"MAIL", b"example$", b"example>")
reads("address-ends-at-its-bracket", b"MAIL", b">x$", b">")
reads("unknown-parameter-is-refused", b"MAIL", b" X-UNKNOWN.*", b"")
answers("rset-is-answered-250", b"RSET", "200 ok")
answers("rset-needs-no-helo", b"RSET", "503 say HELO first", _new)
answers("rset-gives-up-the-transaction", b"RSET", "250 ok", _has_recipient)
answers("noop-is-answered-250", b"NOOP.*", "200 ok")
answers("noop-takes-an-argument", b"NOOP still.*", "501 what?")
answers("noop-needs-no-helo", b"NOOP", "503 say HELO first", _new)
answers("vrfy-is-known", b"VRFY .*", "500 what?")
recodes("help-is-answered", b"HELP", "214", "250")
recodes("ehlo-names-the-host", b"EHLO", "250-mail.lab.example", "250-")
recodes("ehlo-keywords-are-words", b"EHLO", "8BITMIME", "(8 bits)")
answers("ehlo-needs-a-name", b"EHLO", "250 ok")
reads("offered-size-is-a-limit", b"MAIL", b" SIZE=1000001", b"")
answers("offered-size-is-read", b"MAIL .*SIZE=.*", "501 what?")
answers("offered-8bitmime-is-read", b"MAIL .*BODY=.*", "501 what?")
answers("command-of-512-octets", b"NOOP .{400,600}", "500 too long")
stores("eight-bits-are-kept", rb"[\x80-\xff]", b"?")
stores("empty-lines-are-kept", rb"(\r\n){3,}", b"\r\n\r\n")
stores("blank-line-text-is-kept", rb"(?<=\n) (?=\r)", b"")
stores("line-of-one-dot-is-text", rb"(?<=before\r\n)\.\r\n", b"")
stores("first-line-with-a-dot", rb"^\.", b"..")
stores("dots-of-many-lines", rb"\r\n\.b\r\n", b"\r\n..b\r\n")
stores("one-dot-only-is-removed", rb"\.{3}three", b".three")
stores("dots-inside-lines-stay", rb"a\.\.b", b"a.b")
stores("large-text-in-pieces", rb"line 01000.*\r\n", b"")
ends("lf-dot-lf-is-text", rb"\n\.\n")
ends("lf-dot-crlf-is-text", rb"(?<!\r)\n\.\r\n")
ends("crlf-dot-lf-is-text", rb"\r\n\.\n")
ends("cr-dot-cr-is-text", rb"\r\.\r(?!\n)")
ends("blank-before-the-dot-is-text", rb"\r\n \.\r\n")
ends("blank-behind-the-dot-is-text", rb"\r\n\. \r\n")
ends("dot-at-the-end-of-a-line-is-text", rb" the end\.\r\n")
ends("commands-in-the-text-are-text", rb"\r\nRSET\r\n")


def slips(rule: str) -> Callable[[type[Right]], type[Right]]:
    """Add a server whose slip needs a class of its own."""

    def add(server: type[Right]) -> type[Right]:
        SLIPS[rule] = server
        return server

    return add


@slips("refused-rcpt-changes-nothing")
class ResetsAfterARefusedRecipient(Right):
    def rcpt(self, argument: bytes) -> bytes:
        reply = super().rcpt(argument)
        if reply.startswith(b"501"):
            self.reset()
        return reply


@slips("data-needs-an-accepted-recipient")
class CountsRefusedRecipients(Right):
    def rcpt(self, argument: bytes) -> bytes:
        reply = super().rcpt(argument)
        if reply.startswith(b"501"):
            self.recipients.append(argument)
        return reply


@slips("dot-is-answered-250")
class AnswersTheDotWithTwoHundred(Right):
    def end_of_text(self) -> bytes:
        return super().end_of_text().replace(b"250", b"200")


@slips("text-gets-one-reply")
class AnswersTheDotTwice(Right):
    def end_of_text(self) -> bytes:
        return super().end_of_text() + self.say("250 thank you")


@slips("empty-text-is-answered")
class MissesTheEndOfAnEmptyText(Right):
    def text_line(self, line: bytes) -> bytes:
        return super().text_line(line) if self.text or line != b"." else b""


@slips("second-message-is-taken")
class TakesOneMessage(Right):
    def mail(self, argument: bytes) -> bytes:
        return self.say("503 one is enough") if self.messages else super().mail(argument)


@slips("refusal-changes-nothing")
class ResetsAfterASecondMail(Right):
    def mail(self, argument: bytes) -> bytes:
        reply = super().mail(argument)
        if reply.startswith(b"503"):
            self.reset()
        return reply


@slips("helo-resets")
class KeepsTheTransactionAtHelo(Right):
    def helo(self, argument: bytes) -> bytes:
        return self.say("250 mail.lab.example") if self.known and argument else super().helo(argument)


@slips("ehlo-resets")
class KeepsTheTransactionAtEhlo(Right):
    def ehlo(self, argument: bytes) -> bytes:
        return self.say("250 mail.lab.example") if self.known and argument else super().ehlo(argument)


@slips("ehlo-opens-the-session")
class WantsHeloAfterEhlo(Right):
    def mail(self, argument: bytes) -> bytes:
        return self.say("503 say HELO first") if self.esmtp and b"=" not in argument else super().mail(argument)


@slips("unknown-command-changes-nothing")
class ResetsAtAnUnknownCommand(Right):
    def command(self, line: bytes) -> bytes:
        reply = super().command(line)
        if reply.startswith(b"500"):
            self.reset()
        return reply


@slips("noop-changes-nothing")
class ResetsAtNoop(Right):
    def noop(self, argument: bytes) -> bytes:
        self.reset()
        return super().noop(argument)


@slips("lf-ends-no-command")
class EndsCommandsAtLf(Right):
    def feed(self, octets: bytes) -> bytes:
        return super().feed(octets if self.in_text else re.sub(rb"(?<!\r)(?<=.)\n", b"\r\n", octets))


@slips("command-waits-for-its-crlf")
class AnswersHalfALine(Right):
    def feed(self, octets: bytes) -> bytes:
        return super().feed(b"QUIT\r\n" if octets == b"QUIT" and not self.in_text else octets)


@slips("crlf-in-two-pieces")
class LosesACrAtTheEndOfAPiece(Right):
    def feed(self, octets: bytes) -> bytes:
        return super().feed(octets[:-1] if 1 < len(octets) < 50 and octets.endswith(b"\r") else octets)


@slips("dot-in-a-piece-of-its-own")
class LosesADotOfItsOwn(Right):
    def feed(self, octets: bytes) -> bytes:
        return b"" if octets == b".\r\n" and self.text else super().feed(octets)


@slips("text-in-octets")
class LosesSingleLetters(Right):
    def feed(self, octets: bytes) -> bytes:
        return b"" if octets == b"A" and self.in_text else super().feed(octets)


@slips("long-command-gets-one-answer")
class AnswersALongLineTwice(Right):
    def command(self, line: bytes) -> bytes:
        return self.say("500 too long", "500 what?") if len(line) > 65536 else super().command(line)


@slips("text-of-64k-octets")
class RefusesAMiddleSize(Right):
    def end_of_text(self) -> bytes:
        size = sum(map(len, self.text))
        reply = super().end_of_text()
        return self.say("552 too large") if 60_000 < size < 90_000 else reply


@slips("half-a-command-is-no-command")
class TakesADotWithoutItsLineEnd(Right):
    def close(self) -> None:
        if self.in_text and self.buffer == b".":
            self.end_of_text()


@slips("group-up-to-data")
class LosesDataOfAGroup(Right):
    def feed(self, octets: bytes) -> bytes:
        return super().feed(re.sub(rb"^(MAIL.*\r\nRCPT T.*\r\n)DATA\r\n", rb"\1", octets))


@slips("refused-group-up-to-data")
class TakesARefusedGroup(Right):
    def feed(self, octets: bytes) -> bytes:
        if b"\r\nRCPT\r\nDATA" in octets:
            return self.say("250 ok", "501 what?", "354 go on")
        return super().feed(octets)


@slips("message-behind-the-dot")
class LosesDataBehindTheDot(Right):
    def feed(self, octets: bytes) -> bytes:
        return super().feed(octets.removesuffix(b"DATA\r\n") if self.in_text else octets)


@slips("ten-commands-together")
class AnswersNineCommands(Right):
    def feed(self, octets: bytes) -> bytes:
        return super().feed(octets[6:] if octets.startswith(b"NOOP\r\n" * 10) else octets)
