"""The bank of exercise 04: clients that are right, and the mistakes of real ones, each in a client of few lines."""

from __future__ import annotations

from collections.abc import Iterator

from smtplab.grading.exercises.client_from_bytes.task import ClientTask
from smtplab.lessons.cells import cells_of
from support.bank import Answer
from support.paths import ROOT

NAME = "04-a-client-from-bytes"
STUDENTS = ("mia", "ada", "ben")
FULL = {"check-send": 36}
HAND_IN = '\nmine.hand_in("send_mail", send_mail)\n'

# A right client, as tutorial 04 has it. Mistakes are made by replacing some of its words.
CLIENT = """\
def read_line(sock, rest):
    while b"\\r\\n" not in rest:
        piece = sock.recv(1000)
        if not piece:
            raise ConnectionError("the server has closed the connection")
        rest += piece
    line, _, rest[:] = rest.partition(b"\\r\\n")
    return bytes(line)


def read_reply(sock, rest):
    line = read_line(sock, rest)
    while line[3:4] == b"-":
        line = read_line(sock, rest)
    return int(line[:3])


def ask(sock, rest, line, digit):
    if line:
        sock.sendall(line.encode() + b"\\r\\n")
    code = read_reply(sock, rest)
    if code // 100 != digit:
        raise RuntimeError(line, code)


def word_for(error):
    return "never" if error.args[1] // 100 == 5 else "later"


def stuffed(message):
    lines = message.split(b"\\r\\n")
    return b"\\r\\n".join(b"." + line if line.startswith(b".") else line for line in lines) + b".\\r\\n"


def send_mail(sock, sender, recipients, message):
    sock.settimeout(300)
    rest, refused, word = bytearray(), {}, "later"
    try:
        ask(sock, rest, "", 2)
        ask(sock, rest, "HELO CLIENT", 2)
        ask(sock, rest, f"MAIL FROM:<{sender}>", 2)
        for each in recipients:
            try:
                ask(sock, rest, f"RCPT TO:<{each}>", 2)
            except RuntimeError as error:
                refused[each] = word_for(error)
        if len(refused) == len(recipients):
            return refused
        ask(sock, rest, "DATA", 3)
        sock.sendall(stuffed(message))
        word = "unknown"
        sock.settimeout(600)
        ask(sock, rest, "", 2)
        word = "sent"
        ask(sock, rest, "QUIT", 2)
    except RuntimeError as error:
        word = word if word == "sent" else word_for(error)
    except OSError:
        pass
    return {each: refused.get(each, word) for each in recipients}
"""
# Where it reads the reply to the dot, and what stands there in two clients that do not take silence as they should.
DOT_IS_READ = """\
        sock.settimeout(600)
        ask(sock, rest, "", 2)
"""
DOT_IS_TRIED = """\
        sock.settimeout(600)
        try:
            ask(sock, rest, "", 2)
        except OSError:
            pass
"""
SENT_AGAIN = """\
        sock.settimeout(600)
        try:
            ask(sock, rest, "", 2)
        except TimeoutError:
            sock.sendall(stuffed(message))
            ask(sock, rest, "", 2)
"""
# The client that courses hand out, in a function: it sends a constant text, and looks at few codes.
SKELETON = """\
def send_mail(sock, sender, recipients, message):
    sock.settimeout(600)
    recv = sock.recv(1024).decode()
    if recv[:3] != "220":
        raise RuntimeError(recv)
    for line in ["HELO CLIENT", f"MAIL FROM: <{sender}>", f"RCPT TO: <{recipients[0]}>", "DATA"]:
        sock.send(f"{line}\\r\\n".encode())
        recv = sock.recv(1024).decode()
        if recv[:3] not in ("250", "354"):
            print("no 250 reply")
    sock.send(message)
    sock.send(b"\\r\\n.\\r\\n")
    recv = sock.recv(1024).decode()
    if recv[:3] != "250":
        raise RuntimeError(recv)
    sock.send(b"QUIT\\r\\n")
    sock.recv(1024)
    return {recipients[0]: "sent"}
"""
BY_FILE = """\
import re

def send_mail(sock, sender, recipients, message):
    def read():
        while True:
            line = file.readline()
            if not line.endswith(b"\\n"):
                raise EOFError
            if line[3:4] != b"-":
                return {b"2": "sent", b"5": "never"}.get(line[:1], "later"), line[:1]

    def must(line, digit=b"2"):
        file_out.write(line.encode("ascii"))
        file_out.flush()
        word, first = read()
        if first != digit:
            raise ValueError(word)

    sock.settimeout(600)
    file, file_out = sock.makefile("rb"), sock.makefile("wb")
    outcome, is_out = {}, False
    others = lambda word: {**dict.fromkeys(recipients, word), **outcome}
    try:
        must("")
        must("ehlo CLIENT\\r\\n")
        must(f"mail from:<{sender}>\\r\\n")
        for each in recipients:
            try:
                must(f"rcpt to:<{each}>\\r\\n")
            except ValueError as error:
                outcome[each] = str(error)
        if set(outcome) == set(recipients):
            return outcome
        must("data\\r\\n", b"3")
        is_out = True
        file_out.write(re.sub(rb"(?m)^\\.", b"..", message))
        must(".\\r\\n")
    except ValueError as error:
        return others(str(error))
    except (EOFError, OSError):
        return others("unknown" if is_out else "later")
    try:
        must("quit\\r\\n")
    except Exception:
        pass
    return others("sent")
"""
BY_CLASS = """\
class Client:
    def __init__(self, sock):
        self.sock, self.buffer = sock, b""
        sock.settimeout(700.0)

    def __call__(self, octets):
        for start in range(0, len(octets), 512):
            self.sock.sendall(octets[start : start + 512])
        more = True
        while more:
            while b"\\n" not in self.buffer:
                data = self.sock.recv(1)
                if data == b"":
                    raise ConnectionAbortedError
                self.buffer += data
            line, self.buffer = self.buffer.split(b"\\n", 1)
            code, more = line[:3].decode(), line[3:4] == b"-"
        return code


class Outcomes(dict):
    def all_others(self, code):
        word = {"2": "sent", "5": "never"}.get(code[0], "later")
        for each in self:
            self[each] = word if self[each] == "open" else self[each]


def send_mail(sock, sender, recipients, message):
    client, outcomes, silence = Client(sock), Outcomes({each: "open" for each in recipients}), "later"

    def steps():
        yield b""
        yield b"EHLO CLIENT\\r\\n"
        yield f"MAIL FROM:<{sender}>\\r\\n".encode()

    try:
        for step in steps():
            code = client(step)
            if code[0] != "2" and step[:4] == b"EHLO":
                code = client(step.replace(b"EHLO", b"HELO"))
            if code[0] != "2":
                outcomes.all_others(code)
                break
        else:
            for each in recipients:
                code = client(f"RCPT TO:<{each}>\\r\\n".encode())
                if code[0] != "2":
                    outcomes[each] = "never" if code[0] == "5" else "later"
            if "open" in outcomes.values():
                code = client(b"DATA\\r\\n")
                if code == "354":
                    text = b""
                    for line in message.splitlines(keepends=True):
                        text += b"." * line.startswith(b".") + line
                    silence = "unknown"
                    code = client(text + b".\\r\\n")
                outcomes.all_others(code)
        client(b"QUIT\\r\\n")
    except OSError:
        for each in outcomes:
            outcomes[each] = silence if outcomes[each] == "open" else outcomes[each]
    sock.close()
    return outcomes
"""
# What the library of Python does, behind the function that is asked for.
SMTPLIB = """\
import smtplib

def send_mail(sock, sender, recipients, message):
    client = smtplib.SMTP(local_hostname="CLIENT")
    client.sock, client.file = sock, None
    sock.settimeout(600)
    client.getreply()
    refused = client.sendmail(sender, recipients, message)
    client.quit()
    return {each: "never" if each in refused else "sent" for each in recipients}
"""
# The last program of tutorial 04 with the name of the sheet; and again, with what is asked for if all goes well.
OF_THE_TUTORIAL = "\n\n".join(
    each.answer.replace("laptop.example", "CLIENT")
    for each in cells_of((ROOT / "notebooks" / "tutorials" / f"{NAME}.ipynb").read_bytes())
    if each.function is not None
)
OF_THE_TUTORIAL_WITH_A_WORD = f"""\
{OF_THE_TUTORIAL}

deliver = send_mail

def send_mail(sock, sender, recipients, message):
    deliver(sock, sender, recipients, message)
    return dict.fromkeys(recipients, "sent")
"""


def code(task: ClientTask, text: str = CLIENT, *changes: tuple[str, str]) -> str:
    """Return a client with some of its words replaced, and handed in."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text.replace("CLIENT", task.client) + HAND_IN


def right(task: ClientTask) -> Iterator[Answer]:
    """Yield answers that differ and are all right."""

    def answer(name: str, text: str, *changes: tuple[str, str]) -> Answer:
        return Answer(name, {"send": code(task, text, *changes)}, FULL)

    yield answer("the functions of tutorial 04, with an outcome for each recipient", CLIENT)
    yield answer("files of the socket, small letters, a regular expression", BY_FILE)
    yield answer("a class, octet by octet, EHLO then HELO, QUIT when it gives up", BY_CLASS)
    yield answer(
        "the text in many sends, and the end behind the last line",
        CLIENT,
        (
            "sock.sendall(stuffed(message))",
            "for place in range(0, len(octets := stuffed(message)), 99): sock.sendall(octets[place : place + 99])",
        ),
        ("HELO CLIENT", "HELO  CLIENT "),
    )


def wrong(task: ClientTask, other: ClientTask) -> Iterator[Answer]:
    """Yield the mistakes, each with what it costs.

    Args:
        task: what is asked for.
        other: what another student is asked for.
    """

    def lost(name: str, points: int, changes: list[tuple[str, str]], *sentences: str, text: str = CLIENT) -> Answer:
        return Answer(name, {"send": code(task, text, *changes)}, {"check-send": 36 - points}, sentences)

    yield Answer("nothing is handed in", {"send": ""}, {"check-send": 0}, ("No function has been handed in yet.",))
    yield Answer(
        "a value, and no function",
        {"send": 'mine.hand_in("send_mail", "send_mail")'},
        {"check-send": 0},
        ("What you handed in is not a function.",),
    )
    yield Answer(
        "somebody else's client",
        {"send": code(other)},
        {"check-send": 0},
        ("Your client introduces itself with another name than that on your sheet.",),
    )
    yield lost(
        "speaks before the greeting, so each reply is one behind",
        24,
        [('        ask(sock, rest, "", 2)\n        ask(sock, rest, "HELO', '        ask(sock, rest, "HELO')],
        "Your client speaks before the reply has come.",
        "every reply is one behind",
    )
    yield lost(
        "never reads the greeting, and looks at no code",
        23,
        [
            ('        ask(sock, rest, "", 2)\n        ask(sock, rest, "HELO', '        ask(sock, rest, "HELO'),
            ("raise RuntimeError(line, code)", "pass"),
        ],
        "every reply is one behind",
        "This has the same cause as another mistake: The client waits for a reply before it speaks again.",
    )
    yield lost(
        "one recv is one reply",
        9,
        [],
        "Your client takes a piece for the whole reply.",
        "This has the same cause as another mistake: A reply that comes in pieces is read to its end.",
        text=ONE_RECV,
    )
    yield lost(
        "reads the first line of each reply",
        2,
        [('while line[3:4] == b"-":', "while False:")],
        "Your client takes the first lines for the whole reply.",
    )
    yield lost(
        "takes the hyphen for a part of the code",
        2,
        [('while line[3:4] == b"-":', "while False:"), ("return int(line[:3])", "return int(line.split()[0])")],
        "Your client takes the first lines for the whole reply.",
    )
    yield lost(
        "no dot is doubled",
        1,
        [('if line.startswith(b".")', "if False")],
        "The dots of the message are not protected as they should be.",
        "put a dot before each line that begins with one",
    )
    yield lost(
        "only a lone dot is doubled",
        1,
        [('if line.startswith(b".")', 'if line == b"."')],
        "The message has lines that begin with a dot.",
    )
    yield lost(
        "every dot is doubled",
        1,
        [
            ("lines = message", 'lines = message.replace(b".", b"..")'),
            ('b"." + line if line.startswith(b".") else line', "line"),
        ],
        "double a dot only where it is the first octet of a line",
    )
    yield lost(
        "LF behind commands",
        1,
        [('line.encode() + b"\\r\\n"', 'line.encode() + b"\\n"')],
        "your line ends in LF alone, so for the server it goes on.",
    )
    yield lost(
        "LF in the text",
        1,
        [("sock.sendall(stuffed(message))", 'sock.sendall(stuffed(message).replace(b"\\r\\n", b"\\n"))')],
        "A line does not end in CRLF.",
    )
    yield lost(
        "no line end behind commands",
        1,
        [('line.encode() + b"\\r\\n"', "line.encode()")],
        "your line has no end, so the server waits for the rest of it.",
    )
    yield lost(
        "MAIL FROM: and a blank",
        1,
        [("FROM:<", "FROM: <"), ("TO:<", "TO: <")],
        "A line has more in it than the standard has; many servers forgive that.",
    )
    yield lost(
        "no angle brackets",
        1,
        [("FROM:<{sender}>", "FROM:{sender}"), ("TO:<{each}>", "TO:{each}")],
        "The address does not stand in angle brackets.",
    )
    yield lost(
        "a sender that is no address",
        34,
        [("FROM:<{sender}>", "FROM:<me@{sender}>")],
        "The server cannot read this line.",
    )
    yield lost(
        "always the same sender",
        1,
        [("FROM:<{sender}>", "FROM:<alice@lab.example>")],
        "Your client names another address than the one given.",
    )
    yield lost(
        "goes on after a refusal",
        14,
        [("raise RuntimeError(line, code)", "print(code)")],
        "Your client goes on after the refusal.",
    )
    yield lost(
        "awaits 250, whatever is asked for",
        1,
        [("code // 100 != digit", "code not in {2: (220, 250, 221), 3: (354,)}[digit]")],
        "Your client does not take 251 for a success.",
    )
    yield lost(
        "sends all the same after 251, and lists the recipient as refused",
        1,
        [
            ("    if code // 100", "    ask.code = code\n    if code // 100"),
            (
                ", 2)\n            except RuntimeError as error:",
                ", 2)\n                refused |= {each: ''} if ask.code != 250 else {}\n"
                "            except RuntimeError as error:",
            ),
            (
                "if len(refused) == len(recipients):",
                "if any(refused.values()) and len(refused) == len(recipients):",
            ),
        ],
        "The server answers RCPT with 251. Your function returns something else.",
    )
    yield lost(
        "the sender of the sheet is a constant",
        1,
        [("FROM:<{sender}>", f"FROM:<{task.sender}>")],
        f"Another call has the sender {task.recipient}",
        "take the addresses from sender and recipients",
    )
    yield lost(
        "the recipient of the sheet is a constant",
        1,
        [("TO:<{each}>", f"TO:<{{each if each == '{task.stranger}' else '{task.recipient}'}}>")],
        "Your client names another address.",
    )
    yield lost(
        "an empty line before the dot",
        1,
        [('+ b".\\r\\n"', '+ b"\\r\\n.\\r\\n"')],
        "The message does not arrive as it was given.",
        "the last line has its CRLF already.",
    )
    yield lost(
        "no dot at the end",
        5,
        [(' + b".\\r\\n"', "")],
        "your text has no end, so the server waits for more of it.",
        "Your client never ends the text, so nobody gets it.",
    )
    yield lost(
        "QUIT in place of the dot",
        5,
        [(' + b".\\r\\n"', ' + b"QUIT\\r\\n"')],
        "Your client never ends the text, so nobody gets it.",
    )
    yield lost(
        "a dot that ends in nothing",
        1,
        [(' + b".\\r\\n"', ' + b"."')],
        "A line does not end in CRLF.",
    )
    yield lost(
        "no timeout",
        2,
        [("    sock.settimeout(300)\n", ""), ("    sock.settimeout(600)\n", "    pass\n")],
        "Your function waits for ever.",
        "sock.settimeout(...) says how long recv waits",
    )
    yield lost(
        "five seconds are enough",
        2,
        [("settimeout(300)", "settimeout(5)"), ("settimeout(600)", "settimeout(5)")],
        "Your client gives up too early.",
    )
    yield lost(
        "a timeout is no reason to fail",
        2,
        [
            (
                "piece = sock.recv(1000)",
                "try:\n            piece = sock.recv(1000)\n        except TimeoutError:\n            continue",
            )
        ],
        "The server never answers RCPT. Your function waits for ever.",
    )
    yield lost(
        "a closed connection is read again and again",
        2,
        [("if not piece:", "if False:")],
        "The server closes without a greeting. Your function waits for ever.",
    )
    yield lost("returns nothing", 16, [("    return {each", "    {each")], "Your function returns something else.")
    yield lost(
        "gives up if one recipient is refused",
        4,
        [("refused[each] = word_for(error)", "raise")],
        "Your client sends no message.",
        "The server takes one of two recipients, and refuses the other.",
    )
    yield lost(
        "the reply to the dot is not read",
        13,
        [(DOT_IS_READ, "")],
        "nothing until the reply to the dot has come",
        "This has the same cause as another mistake: The client waits for a reply before it speaks again.",
    )
    yield lost(
        "closes without QUIT",
        1,
        [('ask(sock, rest, "QUIT", 2)', "sock.close()")],
        "Your client does not end the session as it should.",
        "send QUIT when the reply to the dot has come",
    )
    yield lost(
        "does not wait for 221",
        1,
        [('ask(sock, rest, "QUIT", 2)', 'sock.sendall(b"QUIT\\r\\n")')],
        "the client stays until 221 has come",
    )
    yield lost(
        "the outcome is unknown until 221 has come",
        2,  # only the hidden rule looks at 221
        [('word = "sent"\n        ask(sock, rest, "QUIT", 2)', 'ask(sock, rest, "QUIT", 2)\n        word = "sent"')],
        "The server closes in place of its reply to QUIT. Your function returns something else.",
        'the server has answered the dot with 2yz, so "sent" for each recipient that it took',
    )
    yield lost(
        "a lost reply to the dot means later",
        4,
        [('        word = "unknown"\n', "")],
        "The server closes in place of its reply to the dot. Your function returns something else.",
        "nobody can know if the message was taken",
    )
    yield lost(
        "every error means later",
        6,  # two for the dot that can be seen, two that cannot, and two for the ten minutes
        [
            ("        sock.settimeout(600)\n", ""),
            ("except OSError:\n        pass", "except OSError:\n        word = 'later'"),
        ],
        "If the dot was sent and no reply comes, the outcome is unknown.",
    )
    yield lost(
        "unknown, although the dot was not sent",
        4,
        [('{}, "later"', '{}, "unknown"')],
        "The server closes without a greeting. Your function returns something else.",
        "for no reply although the dot was not sent yet",
    )
    yield lost(
        "every refusal means never",
        3,
        [('"never" if error.args[1] // 100 == 5 else "later"', '"never"')],
        "The server answers RCPT with 450. Your function returns something else.",
        '"later" is for a code that begins with 4',
    )
    yield lost(
        "every refusal means later",
        3,
        [('"never" if error.args[1] // 100 == 5 else "later"', '"later"')],
        "The server answers RCPT with 550. Your function returns something else.",
        '"never" is for a code that begins with 5',
    )
    yield lost(
        "refused recipients get the word of the message",
        4,
        [("refused.get(each, word)", "word")],
        "The server takes one of two recipients, and refuses the other. Your function returns something else.",
    )
    yield lost(
        "returns the list of the refused",
        16,
        [("return {each: refused.get(each, word) for each in recipients}", "return list(refused)")],
        "The server accepts everything",
    )
    yield lost(
        "the last program of tutorial 04",
        24,
        [],
        "The server answers RCPT with 450. Your function raises an exception.",
        "The server accepts everything, and takes a moment for each reply. Your function returns something else.",
        text=OF_THE_TUTORIAL,
    )
    yield lost(
        "the last program of tutorial 04, with a word if all goes well",
        24,
        [],
        "The server closes without a greeting. Your function raises an exception.",
        text=OF_THE_TUTORIAL_WITH_A_WORD,
    )
    yield lost(
        "the library of Python",
        36,
        [],
        "Your client has the very lines that Python's smtplib sends.",
        "write the verbs in capitals",
        text=SMTPLIB,
    )
    yield lost(
        "a silence after the dot is taken for success",
        4,
        [
            (
                DOT_IS_READ,
                DOT_IS_TRIED,
            )
        ],
        "The server closes in place of its reply to the dot. Your function returns something else.",
    )
    yield lost(
        "the text is sent again if the dot gets no reply",
        2,  # after a silence, which only the hidden rule has
        [
            (
                DOT_IS_READ,
                SENT_AGAIN,
            )
        ],
        "Your client sends the message again, in the same session.",
    )
    yield lost(
        "at most 64 KiB, and strip",
        1,
        [("lines = message", 'lines = (message[:65536].rpartition(b"\\r\\n")[0] + b"\\r\\n")')],
        "The message has 180,000 octets. Such a message does not arrive as it was given.",
    )
    yield lost("send, and not sendall", 1, [("sendall", "send")], "Each send takes only a part of the octets.")
    yield lost(
        "looks for the code anywhere",
        1,
        [("return int(line[:3])", 'import re\n    return int(re.findall(rb"[2-5][0-5][0-9]", line)[-1])')],
        "look at the first three octets of the line, not for digits anywhere in it",
    )
    yield lost(
        "a text behind the code is expected",
        1,
        [("return int(line[:3])", 'return int(line[: line.index(b" ")])')],
        "Replies are a code and nothing more. Your client does not get through.",
    )
    yield lost(
        "no word if the reply to the dot has no text",
        1,
        [
            ("return int(line[:3])", "read_reply.text = line[4:]\n    return int(line[:3])"),
            ('word = "sent"\n', 'word = "sent" if read_reply.text else ""\n'),
        ],
        "Replies are a code and nothing more. Your function returns something else.",
    )
    yield lost(
        "the skeleton of a course",
        29,
        [],
        "A line has more in it than the standard has; many servers forgive that.",
        "Your client takes a piece for the whole reply.",
        "Your client goes on after the refusal.",
        text=SKELETON,
    )
    yield lost(
        "all in one sending",
        31,
        [],
        "Your client speaks before the reply has come.",
        "This has the same cause as another mistake: The client waits for a reply before it speaks again.",
        text=NEVER_WAITS,
    )
    yield lost(
        "a loop without an end",
        36,
        [],
        "Your client never says EHLO or HELO.",
        text=ENDLESS,
    )
    yield lost(
        "an error in the code",
        36,
        [("sock.settimeout(300)", "sock.settimeout(300)\n    sock.sendall('HELO CLIENT')")],
        "Your client never says EHLO or HELO.",
        "a bytes-like object is required",
    )
    yield lost("HELLO", 36, [("HELO CLIENT", "HELLO CLIENT")], "Your client never says EHLO or HELO.")


ONE_RECV = (
    CLIENT.replace(
        """\
    while b"\\r\\n" not in rest:
        piece = sock.recv(1000)
        if not piece:
            raise ConnectionError("the server has closed the connection")
        rest += piece
    line, _, rest[:] = rest.partition(b"\\r\\n")
    return bytes(line)
""",
        """\
    return sock.recv(1024)
""",
    )
    .replace("while line", "if line")
    .replace("line = read_line(sock, rest)\n    return", "pass\n    return")
)
NEVER_WAITS = """\
def send_mail(sock, sender, recipients, message):
    sock.settimeout(60)
    for line in ["EHLO CLIENT", f"MAIL FROM:<{sender}>", *(f"RCPT TO:<{each}>" for each in recipients), "DATA"]:
        sock.sendall(line.encode() + b"\\r\\n")
    sock.sendall(message + b".\\r\\nQUIT\\r\\n")
    sock.recv(10000)
    return []
"""
ENDLESS = """\
def send_mail(sock, *more):
    while True:
        try:
            sock.recv(1)
        except Exception:
            pass
"""
