"""Clients as students write them: functions ``send_mail(sock, sender, recipient, message)``.

`RIGHT` keep every rule. Each of `WRONG` makes one mistake, or one that brings others along, and names the rules that it
must fail in a run to the end, in their order.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Send = Callable[[Any, str, str, bytes], object]


class Reader:
    """Reads replies as a right client does."""

    def __init__(self, sock: Any) -> None:
        self.sock, self.held = sock, b""

    def line(self) -> bytes:
        while b"\r\n" not in self.held:
            data = self.sock.recv(1024)
            if not data:
                raise ConnectionError("the server has closed")
            self.held += data
        line, _, self.held = self.held.partition(b"\r\n")
        return line

    def code(self) -> int:
        while True:
            line = self.line()
            if line[3:4] != b"-":
                return int(line[:3])


def stuff(message: bytes) -> bytes:
    return re.sub(rb"(?m)^\.", b"..", message)


class Client:
    """A right client; wrong ones override what they get wrong."""

    timeout: float | None = 60
    hello = b"EHLO client.example"
    end = b".\r\n"
    quit = b"QUIT"

    def __init__(self, sock: Any, sender: str, recipient: str, message: bytes) -> None:
        self.sock, self.sender, self.recipient, self.message = sock, sender, recipient, message
        self.reader = Reader(sock)

    def __call__(self) -> object:
        return self.deliver()

    def deliver(self) -> object:
        self.sock.settimeout(self.timeout)
        try:
            self.expect(self.read(), 220)
            self.greet()
            self.transaction()
        except AssertionError:
            self.say_quit()
            return self.failure()
        self.say_quit()
        return True

    def failure(self) -> object:
        return False

    def transaction(self) -> None:
        self.ask(self.mail(), 250)
        self.ask(self.rcpt(), 250)
        self.ask(b"DATA", 354)
        self.send(self.body() + self.end)
        self.expect(self.read(), 250)

    def greet(self) -> None:
        code = self.ask_any(self.hello)
        if code // 100 == 5 and self.hello.startswith(b"EHLO"):
            code = self.ask_any(b"HELO client.example")
        self.expect(code, 250)

    def mail(self) -> bytes:
        return b"MAIL FROM:<%s>" % self.sender.encode()

    def rcpt(self) -> bytes:
        return b"RCPT TO:<%s>" % self.recipient.encode()

    def body(self) -> bytes:
        return stuff(self.message)

    def say_quit(self) -> None:
        with contextlib.suppress(OSError):
            self.ask_any(self.quit)
        self.sock.close()

    def ask_any(self, line: bytes) -> int:
        self.command(line)
        return self.read()

    def ask(self, line: bytes, code: int) -> None:
        self.expect(self.ask_any(line), code)

    def command(self, line: bytes) -> None:
        self.send(line + b"\r\n")

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def read(self) -> int:
        return self.reader.code()

    def expect(self, code: int, wanted: int) -> None:
        assert code // 100 == wanted // 100


@dataclass(frozen=True)
class Wrong:
    """A wrong client and the rules that it fails."""

    name: str
    client: type[Client]
    fails: tuple[str, ...]

    def __call__(self, sock: Any, sender: str, recipient: str, message: bytes) -> object:
        return self.client(sock, sender, recipient, message)()

    @property
    def __name__(self) -> str:
        return self.name


WRONG: list[Wrong] = []


def fails(*rules: str) -> Callable[[type[Client]], type[Client]]:
    def note(client: type[Client]) -> type[Client]:
        name = re.sub(r"(?<=.)(?=[A-Z])|(?<=\D)(?=\d)", " ", client.__name__).lower()
        WRONG.append(Wrong(name, client, rules))
        return client

    return note


def as_written(client: type[Client]) -> Send:
    def send_mail(sock: Any, sender: str, recipient: str, message: bytes) -> object:
        return client(sock, sender, recipient, message)()

    return send_mail


class SaysHelo(Client):
    hello = b"HELO Alice"


class ReadsWithAFile(Client):
    def read(self) -> int:
        if not hasattr(self, "file"):
            self.file = self.sock.makefile("rb")
        while True:
            line = self.file.readline()
            if not line.endswith(b"\r\n"):
                raise ConnectionError("the server has closed")
            if line[3:4] != b"-":
                return int(line[:3])


class RemovesBccAndSendsLines(Client):
    def body(self) -> bytes:
        return stuff(re.sub(rb"(?m)^Bcc:.*\r\n([ \t].*\r\n)*", b"", self.message))

    def send(self, data: bytes) -> None:
        for line in data.splitlines(keepends=True):
            self.sock.sendall(line)


class Groups(Client):
    """Sends a group where PIPELINING is offered."""

    def greet(self) -> None:
        self.command(self.hello)
        lines = []
        while True:
            lines.append(self.reader.line())
            if lines[-1][3:4] != b"-":
                break
        if lines[-1].startswith(b"5"):
            self.expect(self.ask_any(b"HELO client.example"), 250)
        else:
            self.expect(int(lines[-1][:3]), 250)
        self.groups = any(line[4:] == b"PIPELINING" for line in lines)

    def transaction(self) -> None:
        if not self.groups:
            return super().transaction()
        self.send(b"\r\n".join([self.mail(), self.rcpt(), b"DATA", b""]))
        codes = [self.read() for _ in range(3)]
        for code, wanted in zip(codes, (250, 250, 354), strict=True):
            self.expect(code, wanted)
        self.send(self.body() + self.end)
        self.expect(self.read(), 250)
        return None


RIGHT: list[type[Client]] = [Client, SaysHelo, ReadsWithAFile, RemovesBccAndSendsLines, Groups]


# Commands.


@fails("begins-with-hello")
class ForgetsHello(Client):
    def greet(self) -> None:
        pass


@fails("begins-with-hello")
class SaysNothing(Client):
    def greet(self) -> None:
        self.read()


@fails("lines-end-in-crlf")
class EndsLinesInCr(Client):
    def command(self, line: bytes) -> None:
        self.send(line + b"\r")


@fails("lines-end-in-crlf")
class MixesLineEnds(Client):
    def greet(self) -> None:
        super().greet()
        self.send(b"NOOP\nNOOP\r\n")
        self.read()
        self.read()


@fails("names-itself")
class HelloWithoutName(Client):
    hello = b"HELO"


@fails("lines-end-in-crlf")
class EndsLinesInLf(Client):
    def command(self, line: bytes) -> None:
        self.send(line + b"\n")


@fails("lines-end-in-crlf")
class SpellsCrlfOut(Client):
    def command(self, line: bytes) -> None:
        self.send(line + b"\\r\\n")


@fails("lines-have-an-end")
class ForgetsCrlf(Client):
    def command(self, line: bytes) -> None:
        self.send(line)


@fails("no-empty-commands")
class SendsAnEmptyLine(Client):
    def greet(self) -> None:
        super().greet()
        self.ask_any(b"")


@fails("known-verbs")
class SaysHi(Client):
    def greet(self) -> None:
        super().greet()
        self.ask_any(b"HI")


@fails("commands-are-ascii")
class UsesAnUmlaut(Client):
    def greet(self) -> None:
        super().greet()
        self.ask_any("NOOP Grüße".encode())


@fails("commands-are-ascii")
class SendsTheWholeBuffer(Client):
    def command(self, line: bytes) -> None:
        self.send(line + b"\r\n\0\0\0")


@fails("stops-or-says-helo")
class GoesOnAfterRefusedEhlo(Client):
    def greet(self) -> None:
        code = self.ask_any(self.hello)
        self.expect(250 if code == 502 else code, 250)


@fails("sends-mail")
class ForgetsFrom(Client):
    def mail(self) -> bytes:
        return b"MAIL <%s>" % self.sender.encode()


@fails("mail-has-angle-brackets")
class ForgetsBracketsAroundTheSender(Client):
    def mail(self) -> bytes:
        return b"MAIL FROM:%s" % self.sender.encode()


@fails("mail-has-angle-brackets")
class WritesABlankInPlaceOfTheBracket(Client):
    def mail(self) -> bytes:
        return b"MAIL FROM: %s" % self.sender.encode()


@fails("mail-has-no-blank")
class WritesBlanks(Client):
    def mail(self) -> bytes:
        return b"MAIL FROM: <%s>" % self.sender.encode()

    def rcpt(self) -> bytes:
        return b"RCPT TO: <%s>" % self.recipient.encode()


@fails("mail-has-the-sender")
class HasASenderOfItsOwn(Client):
    def mail(self) -> bytes:
        return b"MAIL FROM:<me@client.example>"


@fails("only-what-is-offered")
class LogsInWhereNobodyAsks(Client):
    def greet(self) -> None:
        super().greet()
        self.ask_any(b"AUTH LOGIN")


@fails("only-what-is-offered")
class LogsInToTheEnd(Client):
    def greet(self) -> None:
        super().greet()
        for line in (b"AUTH LOGIN", b"Y2Fyb2w=", b"c2VjcmV0"):
            self.ask_any(line)


@fails("only-what-is-offered")
class GivesASizeThatIsNotOffered(Client):
    def mail(self) -> bytes:
        return super().mail() + b" SIZE=%d" % len(self.message)


@fails("sends-rcpt")
class ForgetsTo(Client):
    def rcpt(self) -> bytes:
        return b"RCPT <%s>" % self.recipient.encode()


@fails("rcpt-has-angle-brackets")
class ForgetsBracketsAroundTheRecipient(Client):
    def rcpt(self) -> bytes:
        return b"RCPT TO:%s" % self.recipient.encode()


@fails("rcpt-has-angle-brackets")
class WritesATabInPlaceOfTheBracket(Client):
    def rcpt(self) -> bytes:
        return b"RCPT TO:\t%s" % self.recipient.encode()


@fails("rcpt-has-no-blank")
class WritesABlankBeforeTheRecipient(Client):
    def rcpt(self) -> bytes:
        return b"RCPT TO: <%s>" % self.recipient.encode()


@fails("rcpt-has-the-recipient")
class HasARecipientOfItsOwn(Client):
    def rcpt(self) -> bytes:
        return b"RCPT TO:<bob@mail.example>"


@fails("commands-in-order")
class NamesTheRecipientFirst(Client):
    def greet(self) -> None:
        super().greet()
        self.ask_any(self.rcpt())


@fails("sends-data")
class ForgetsData(Client):
    def transaction(self) -> None:
        self.ask(self.mail(), 250)
        self.ask(self.rcpt(), 250)
        self.send(self.body() + self.end)
        self.expect(self.read(), 250)


@fails("data-stands-alone")
class WritesTheSubjectBehindData(Client):
    def ask(self, line: bytes, code: int) -> None:
        super().ask(line + b" lunch" if line == b"DATA" else line, code)


# The end of the text, and of the session.


@fails("sends-the-text")
class SendsNoText(Client):
    def body(self) -> bytes:
        return b""


@fails("sends-the-text")
class CrashesBeforeTheText(Client):
    def body(self) -> bytes:
        raise FileNotFoundError("message.txt")


@fails("sends-the-text")
class CrashesInTheText(Client):
    def transaction(self) -> None:
        self.ask(self.mail(), 250)
        self.ask(self.rcpt(), 250)
        self.ask(b"DATA", 354)
        self.send(self.body()[:100])
        raise UnicodeEncodeError("ascii", "é", 0, 1, "ordinal not in range")


@fails("sends-the-text")
class WaitsForAReplyToEachLine(Client):
    def send(self, data: bytes) -> None:
        lines = data.splitlines(keepends=True)
        for line in lines[:-1]:
            super().send(line)
            self.read()
        super().send(lines[-1])


@fails("text-lines-end-in-crlf")
class SendsLf(Client):
    end = b"\r\n.\r\n"

    def body(self) -> bytes:
        return super().body().replace(b"\r\n", b"\n").removesuffix(b"\n")


@fails("text-lines-end-in-crlf", "no-empty-line-added")
class SendsLfAndAnEmptyLine(Client):
    end = b"\r\n.\r\n"

    def body(self) -> bytes:
        return super().body().replace(b"\r\n", b"\n")


@fails("one-cr-a-line")
class ReplacesLfTwice(Client):
    def body(self) -> bytes:
        return super().body().replace(b"\n", b"\r\n")


@fails("dot-ends-the-text")
class ForgetsTheDot(Client):
    end = b""


@fails("dot-ends-the-text")
class SaysQuitInItsText(Client):
    def transaction(self) -> None:
        self.ask(self.mail(), 250)
        self.ask(self.rcpt(), 250)
        self.ask(b"DATA", 354)
        self.send(self.body())


@fails("dot-stands-alone")
class EndsTheDotInLf(Client):
    end = b".\n"


@fails("dot-stands-alone")
class DoesNotEndTheDot(Client):
    end = b"."


@fails("sends-one-message")
class SendsTwice(Client):
    def transaction(self) -> None:
        super().transaction()
        super().transaction()


@fails("sends-quit")
class HangsUp(Client):
    def say_quit(self) -> None:
        self.sock.close()


@fails("exits-with-0")
class AlwaysReportsAFailure(Client):
    def deliver(self) -> object:
        return super().deliver() and False


@fails("exits-with-0")
class CrashesAtTheEnd(Client):
    def deliver(self) -> object:
        super().deliver()
        raise KeyError("code")


@fails("waits-for-each-reply")
class SaysEverythingAtOnce(Client):
    def deliver(self) -> object:
        lines = (self.hello, self.mail(), self.rcpt(), b"DATA", self.body() + b".", b"QUIT")
        self.send(b"\r\n".join(lines[:4]) + b"\r\n" + lines[4] + b"\r\nQUIT\r\n")
        while self.sock.recv(1024):
            pass
        return True


@fails("waits-for-each-reply")
class NeverReadsTheGreeting(Client):
    def expect(self, code: int, wanted: int) -> None:
        pass

    def deliver(self) -> object:
        self.greet()
        self.transaction()
        self.say_quit()
        return True


@fails("sends-quit", "waits-for-each-reply")
class LeavesBehindTheDot(Client):
    def transaction(self) -> None:
        self.ask(self.mail(), 250)
        self.ask(self.rcpt(), 250)
        self.ask(b"DATA", 354)
        self.send(self.body() + self.end)

    def say_quit(self) -> None:
        self.sock.close()


@fails("waits-for-each-reply")
class DoesNotWaitFor354(Client):
    def transaction(self) -> None:
        self.ask(self.mail(), 250)
        self.ask(self.rcpt(), 250)
        self.command(b"DATA")
        self.send(self.body() + self.end)
        self.expect(self.read(), 354)
        self.expect(self.read(), 250)


@fails("waits-for-slow-replies")
class SleepsInPlaceOfReading(Client):
    def read(self) -> int:
        self.sock.settimeout(1)
        try:
            return super().read()
        except TimeoutError:
            return 250
        finally:
            self.sock.settimeout(self.timeout)


@fails("waits-for-221")
class ClosesBehindQuit(Client):
    def say_quit(self) -> None:
        self.command(b"QUIT")
        self.sock.close()


# The message.


@fails("whole-message")
class SendsATextOfItsOwn(Client):
    def body(self) -> bytes:
        return b"I love computer networks!\r\n"


@fails("whole-message")
class SendsTheBodyAlone(Client):
    def body(self) -> bytes:
        return stuff(self.message.partition(b"\r\n\r\n")[2])


@fails("nothing-before")
class AddsASubject(Client):
    def body(self) -> bytes:
        return b"Subject: from my program\r\n" + super().body()


@fails("fields-before-the-empty-line")
class EndsTheHeaderSectionTooEarly(Client):
    def body(self) -> bytes:
        return b"\r\n" + super().body()


@fails("nothing-before")
class WritesAHeaderSectionOfItsOwn(Client):
    def body(self) -> bytes:
        return b"Subject: from my program\r\n\r\n" + super().body()


@fails("sends-the-text")
class WaitsForAReplyToTheWholeText(Client):
    """Sends the text, waits for a reply, and then sends the dot and waits again."""

    def transaction(self) -> None:
        self.ask(self.mail(), 250)
        self.ask(self.rcpt(), 250)
        self.ask(b"DATA", 354)
        self.send(self.body())
        self.expect(self.read(), 250)
        self.send(b"\r\n.\r\n")
        self.expect(self.read(), 250)


@fails("empty-line-stays")
class LosesTheFirstEmptyLine(Client):
    def body(self) -> bytes:
        return super().body().replace(b"\r\n\r\n", b"\r\n", 1)


@fails("no-empty-line-added")
class AddsAnEmptyLine(Client):
    end = b"\r\n.\r\n"


@fails("no-empty-line-lost")
class StripsTheMessage(Client):
    def body(self) -> bytes:
        return super().body().strip() + b"\r\n"


@fails("blanks-stay")
class StripsEachLine(Client):
    def body(self) -> bytes:
        return b"".join(line.rstrip() + b"\r\n" for line in super().body().splitlines())


@fails("bcc-as-a-whole")
class RemovesHalfOfBcc(Client):
    def body(self) -> bytes:
        return re.sub(rb"(?m)^Bcc:.*\r\n", b"", super().body())


@fails("leading-dots-doubled")
class DoublesNoDot(Client):
    def body(self) -> bytes:
        return self.message


@fails("lone-dot-doubled")
class DoublesOnlyDotsBeforeText(Client):
    def body(self) -> bytes:
        return re.sub(rb"(?m)^\.(?=[^\r])", b"..", self.message)


@fails("other-dots-stay")
class DoublesEachDot(Client):
    def body(self) -> bytes:
        lines = self.message.splitlines(keepends=True)
        return b"".join(line.replace(b".", b"..") if line.startswith((b".", b"\t")) else line for line in lines)


@fails("large-message")
class ReadsOnly64Kilobytes(Client):
    def body(self) -> bytes:
        return super().body()[:65536] + (b"\r\n" if len(self.message) > 65536 else b"")


@fails("long-lines")
class CutsLongLines(Client):
    def body(self) -> bytes:
        return re.sub(rb"(.{512})(?=.)", rb"\1\r\n", super().body())


@fails("octets-above-127")
class ReplacesWhatIsNotAscii(Client):
    def body(self) -> bytes:
        return super().body().decode("ascii", "replace").encode("ascii", "replace")


@fails("sends-all-octets")
class UsesSend(Client):
    def send(self, data: bytes) -> None:
        if data.endswith(self.end):
            self.sock.send(data[: -len(self.end)])
            self.sock.sendall(b"\r\n" + self.end if not data.endswith(b"\r\n" + self.end) else self.end)
        else:
            super().send(data)


# Replies.


@fails("joins-pieces")
class TakesOneRecvForOneReply(Client):
    def read(self) -> int:
        data = self.sock.recv(1024)
        return int(data[:3]) if data[:3].isdigit() else 0


@fails("reads-several-lines")
class TakesOneLineForOneReply(Client):
    def read(self) -> int:
        return int(self.reader.line()[:3])


@fails("reads-long-replies")
class ReadsAtMost4096Octets(Client):
    def read(self) -> int:
        data = b""
        while len(data) < 4096 and not re.search(rb"(?m)^\d{3}(?: .*)?\r\n\Z", data):
            data += self.sock.recv(4096) or b"421 closed\r\n"
        return int(data[:3])


@fails("takes-251")
class WantsExactly250(Client):
    def expect(self, code: int, wanted: int) -> None:
        assert code == wanted


@fails("takes-bare-codes")
class WantsABlankBehindTheCode(Client):
    def read(self) -> int:
        line = self.reader.line()
        while line[3:4] == b"-":
            line = self.reader.line()
        return int(line[: line.index(b" ")])


@fails("looks-at-the-code")
class SearchesForARefusal(Client):
    def read(self) -> int:
        line = self.reader.line()
        while line[3:4] == b"-":
            line = self.reader.line()
        found = re.search(rb"\b(55[0-9])\b", line)
        return int(found[1] if found else line[:3])


@fails("is-not-fooled")
class SearchesForOk(Client):
    def read(self) -> int:
        line = self.reader.line()
        while line[3:4] == b"-":
            line = self.reader.line()
        return 250 if b"not 250 OK" in line else int(line[:3])


@fails("quits-after-refusal")
class ForgetsQuitAfterARefusal(Client):
    def failure(self) -> object:
        return False

    def deliver(self) -> object:
        self.sock.settimeout(self.timeout)
        try:
            self.expect(self.read(), 220)
            self.greet()
            self.transaction()
        except AssertionError:
            self.sock.close()
            return False
        self.say_quit()
        return True


@fails("takes-421")
class Takes421ForSuccess(Client):
    def transaction(self) -> None:
        code = self.ask_any(self.mail())
        if code != 421:
            self.expect(code, 250)
            self.ask(self.rcpt(), 250)
            self.ask(b"DATA", 354)
            self.send(self.body() + self.end)
            self.expect(self.read(), 250)


@fails("lost-221-is-no-failure")
class FailsWithout221(Client):
    def say_quit(self) -> None:
        self.ask_any(self.quit)


@fails("notices-close-at-greeting", "lost-221-is-no-failure")
class ReadsOnBehindTheEnd(Client):
    def read(self) -> int:
        data = b""
        while not re.search(rb"(?m)^\d{3}(?: .*)?\r\n\Z", data):
            data += self.sock.recv(1024)
        return int(data[:3])


class At(Client):
    """A client that does something odd at one step."""

    step = ""

    def read(self) -> int:
        step = self.steps[0] if self.steps else ""
        self.steps = self.steps[1:]
        return self.odd() if step == self.step else super().read()

    def odd(self) -> int:
        return super().read()

    steps: tuple[str, ...] = ()

    def deliver(self) -> object:
        self.steps = ("greeting", "hello", "mail", "rcpt", "data", "dot", "quit")
        return super().deliver()


class TakesTheEndForSuccess(At):
    def odd(self) -> int:
        try:
            return super().odd()
        except ConnectionError:
            self.done = True
            raise

    def deliver(self) -> object:
        try:
            return super().deliver()
        except ConnectionError:
            return getattr(self, "done", False)


class WaitsForEver(At):
    def odd(self) -> int:
        self.sock.settimeout(None)
        try:
            return super().odd()
        finally:
            self.sock.settimeout(60)


for _step in ("greeting", "rcpt", "dot"):
    _close = type(f"TakesTheEndForSuccessAt{_step.title()}", (TakesTheEndForSuccess,), {"step": _step})
    fails(f"notices-close-at-{_step}")(_close)
    _wait = type(f"WaitsForEverAt{_step.title()}", (WaitsForEver,), {"step": _step})
    fails(f"times-out-at-{_step}")(_wait)


# Refusals: for each one that a play has, a client that goes on, and one that stops but reports no failure.


class GoesOn(Client):
    """Goes on after one code at one step, and never says that something failed there."""

    refusal = ("", 0)

    def deliver(self) -> object:
        self.steps = iter(("greeting", "hello", "mail", "rcpt", "data", "dot", "quit"))
        return super().deliver()

    def read(self) -> int:
        code = super().read()
        step = next(self.steps, "")
        if code >= 500 and step == "hello":
            self.steps = iter(("hello", "mail", "rcpt", "data", "dot", "quit"))
        return self.seen(code) if (step, code) == self.refusal else code

    def seen(self, code: int) -> int:
        return {"data": 354}.get(self.refusal[0], 250)


class HidesTheRefusal(GoesOn):
    hidden = False

    def seen(self, code: int) -> int:
        self.hidden = True
        return code

    def failure(self) -> object:
        return self.hidden


REFUSALS = ("greeting-421", "greeting-554", "hello-550", "mail-451", "mail-550", "rcpt-450", "rcpt-550", "data-451",
            "data-554", "dot-452", "dot-554")  # fmt: skip
for _play in REFUSALS:
    _step, _, _code = _play.partition("-")
    _at = {"refusal": (_step, int(_code))}
    _name = f"{_step.title()}{_code}"
    if _play != "greeting-421" and _step != "dot":
        fails(f"stops-at-{_play}")(type(f"GoesOnAfter{_name}", (GoesOn,), _at))
    fails(f"exit-code-of-{_play}")(type(f"Hides{_name}", (HidesTheRefusal,), _at))


@fails(
    *(f"stops-at-{play}" for play in REFUSALS[1:-2]),
    "exit-code-of-dot-452",
    "exit-code-of-dot-554",
    "group-with-refusal",
)
class LooksAtNoCode(Client):
    def expect(self, code: int, wanted: int) -> None:
        pass


@fails("short-commands")
class PadsItsName(Client):
    def greet(self) -> None:
        super().greet()
        self.ask_any(b"NOOP " + b"x" * 600)


# Pipelining.


@fails("groups-end-well")
class SendsTheTextInTheGroup(Groups):
    def transaction(self) -> None:
        if not self.groups:
            return super().transaction()
        self.send(b"\r\n".join([self.mail(), self.rcpt(), b"DATA", self.body() + self.end]))
        for code, wanted in zip([self.read() for _ in range(4)], (250, 250, 354, 250), strict=True):
            self.expect(code, wanted)
        return None


@fails("reads-replies-of-a-group")
class ReadsOneReplyTooFew(Groups):
    def transaction(self) -> None:
        if not self.groups:
            return super().transaction()
        self.send(b"\r\n".join([self.mail(), self.rcpt(), b"DATA", b""]))
        codes = [self.read() for _ in range(2)]
        self.expect(codes[-1], 354)
        return None


@fails("group-with-refusal")
class LooksAtTheLastReplyOfAGroup(Groups):
    def transaction(self) -> None:
        if not self.groups:
            return super().transaction()
        self.send(b"\r\n".join([self.mail(), self.rcpt(), b"DATA", b""]))
        codes = [self.read() for _ in range(3)]
        if codes[2] == 354:
            self.send(self.body() + self.end)
            self.read()
        return None
