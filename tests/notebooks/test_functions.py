"""The functions of tutorials 04 and 05: other right answers are right, and real mistakes get their own sentences."""

import re
from functools import cache
from typing import Any

import pytest

import smtplab
from notebooks.execute import find
from smtplab.lessons.cells import LessonCell, cells_of
from smtplab.lessons.evidence import StepEvidence, Verdict
from smtplab.lessons.function_goals import FunctionGoal

READ_LINE = """
def read_line(sock, rest):
    while b"\\r\\n" not in rest:
        piece = sock.recv(SIZE)
        CHECK
        rest.extend(piece)
    end = rest.index(b"\\r\\n")
    line = rest[:end]
    del rest[:end + 2]
    return line
"""
CHECK = "if not piece: raise ConnectionResetError"
SEND_MAIL = """
def send_mail(sock, sender, recipients, message):
    sock.settimeout(300)
    rest = bytearray()
    GREET
    ask(sock, rest, "EHLO laptop.example", 2)
    ask(sock, rest, f"MAIL FROM:<{sender}>", 2)
    RECIPIENTS
    ask(sock, rest, "DATA", 3)
    sock.sendall(MESSAGE)
    LAST
    return ask(sock, rest, "QUIT", 2) and recipients
"""
EACH = "[ask(sock, rest, f'RCPT TO:<{each}>', 2) for each in recipients]"
LAST = 'ask(sock, rest, "", 2)'


def send_mail(
    greet: str = "read_reply(sock, rest)[0] == 220 or exit()",
    each: str = EACH,
    message: str = "stuffed(message)",
    last: str = LAST,
    wait: str = "300",
) -> str:
    text = SEND_MAIL.replace("GREET", greet).replace("MESSAGE", message).replace("LAST", last)
    return text.replace("settimeout(300)", f"settimeout({wait})").replace("RECIPIENTS", each)


SERVER = """
class Server:
    greeting = b"220 own.example\\r\\n"

    def __init__(self):
        self.state, self.rest, self.text, self.messages = "greeted", b"", [], []

    def feed(self, octets):
        out = b""
        for octet in octets:
            self.rest += bytes([octet])
            if self.rest.endswith(b"\\r\\n"):
                line, self.rest = self.rest[:-2], b""
                out += answer(self, line)
        return out
"""
ONE_REPLY = SERVER.replace("out += answer(self, line)", "return answer(self, line)")
SHARED = SERVER.replace(
    "    def __init__(self):\n        self.state, self.rest, self.text, self.messages = ", "    x = "
)

RIGHT = {
    "missing": ["missing = bytes([13, 10])"],
    "read_line": [READ_LINE.replace("SIZE", size).replace("CHECK", CHECK) for size in ("1", "65536")],
    "read_reply": [
        'def read_reply(sock, rest):\n    texts = []\n    while True:\n        line = read_line(sock, rest)\n        '
        'texts.append(line[4:])\n        if not line[3:].startswith(b"-"):\n            return int(line[:3]), texts',
    ],
    "ask": [
        'def ask(sock, rest, line, digit):\n    line and sock.sendall(bytes(line + "\\r\\n", "utf-8"))\n    '
        "code, _ = read_reply(sock, rest)\n    assert_ = str(code)[0] == str(digit)\n    if not assert_:\n        "
        "raise RuntimeError(code)\n    return code",
    ],
    "stuffed": [
        'def stuffed(message):\n    return re.sub(rb"(?m)^\\.", b"..", message) + b".\\r\\n"',
        'def stuffed(message):\n    text = b""\n    for line in message.splitlines(True):\n        '
        'text += b"." * (line[:1] == b".") + line\n    return text + b".\\r\\n"',
    ],
    "send_mail": [send_mail(), send_mail().replace("MAIL FROM", "mail from")],
    "lines_in": [
        'def lines_in(octets):\n    lines = []\n    while b"\\r\\n" in octets:\n        '
        'line, _, octets = octets.partition(b"\\r\\n")\n        lines.append(line)\n    return lines, octets',
    ],
    "TABLE": [
        'known = dict.fromkeys(["HELO", "EHLO", "RSET"], "ready")\nTABLE = {"greeted": {**known, "RSET": "greeted"}, '
        '"ready": {**known, "MAIL": "sender"}, "sender": {**known, "RCPT": "recipients"}, '
        '"recipients": {**known, "RCPT": "recipients", "DATA": "message"}, "message": {}}',
    ],
    "keep": [
        'def keep(server, line):\n    if line == b".":\n        '
        'server.messages += [b"".join(each + b"\\r\\n" for each in server.text)]\n        server.text = []\n        '
        'server.state = "ready"\n        return b"250-kept\\r\\n250 thank you\\r\\n"\n    '
        'server.text += [line[1:] if line[:1] == b"." else line]\n    return b""',
    ],
    "Server": [SERVER],
    "AGAIN": ['AGAIN = dict.fromkeys(("HELO", "EHLO"), "ready")', 'AGAIN = {**TABLE["greeted"], "RSET": "ready"}'],
}  # fmt: skip

STUFF = "def stuffed(message):\n    return message.replace(b'\\r\\n.', b'\\r\\n..') + "
LOUD = """
def answer(server, line):
    verb = parse(line)[0]
    server.state = TABLE[server.state].get(verb, server.state)
    return b"LINE\\r\\n"
"""
SILENT = """
def keep(server, line):
    if line == b".":
        server.messages.append(b"".join(each + b"\\r\\n" for each in server.text))
        return b""
    server.text.append(line.removeprefix(b"."))
    return b""
"""
KEEP_ON = """
def keep(server, line):
    if line != b".":
        server.text.append(line.removeprefix(b"."))
    server.messages.append(b"".join(each + b"\\r\\n" for each in server.text))
    server.text, server.state = [], "ready"
    return b"250 Kept\\r\\n"
"""
CODE_FOR = """
def code_for(state, verb, argument):
    if verb not in VERBS: return 500
    if verb not in OFFERED: return 502
    if verb not in ANY_TIME and verb not in TABLE[state]: return 503
    if verb in WORDS and address_in(argument, WORDS[verb]) is None: return 501
    return 504 if verb == "HELP" and argument else None
"""
ANSWER = """
def answer(server, line):
    if server.state == "message":
        return keep(server, line)
    verb, argument = parse(line)
    code = code_for(server.state, verb, argument)
    if code is None:
        code = {"DATA": 354, "HELP": 214, "QUIT": 221}.get(verb, 250)
        server.state = TABLE[server.state].get(verb, server.state)
    return f"{code} {TEXT[code]}\\r\\n".encode()
"""
CHECKED = """
def ask(sock, rest, line, digit):
    if line:
        sock.sendall(line.encode() + b"\\r\\n")
    code, texts = read_reply(sock, rest)
    if WRONG:
        raise RuntimeError(code)
    return code
"""
STUFFED = "def stuffed(message):\n    return b'\\r\\n'.join([line for line in message.split(b'\\r\\n') if not "
ASK = "def ask(sock, rest, line, digit):\n    if line: sock.sendall(line.encode() + "
WRONG = [
    ("missing", 'missing = b"\\n"', "LF alone"),
    ("read_line", "def read_line(sock, rest):\n    return sock.recv(1000)", "without its CRLF"),
    ("read_line", "def read_line(sock, rest):\n    return sock.recv(1000)[:-2]", "octet by octet"),
    ("read_line", READ_LINE.replace("SIZE", "1000").replace("CHECK", "pass"), "raise ConnectionError then"),
    ("read_line", READ_LINE.replace("SIZE", "1000").replace("CHECK", "rest = rest[:]"), "keep it in rest"),
    (
        "read_line",
        f"{READ_LINE.replace('SIZE', '1000').replace('CHECK', CHECK)}    return line.decode()".replace(
            "    return line\n", ""
        ),
        "as octets",
    ),
    (
        "read_line",
        READ_LINE.replace("SIZE", "1000")
        .replace("CHECK", CHECK)
        .replace('b"\\r\\n" not in rest', 'not rest.endswith(b"\\r\\n")'),
        "not only at its end",
    ),
    ("read_line", READ_LINE.replace("SIZE", "1000").replace("CHECK", "if not piece: return rest"), "half a line"),
    (
        "read_reply",
        "def read_reply(sock, rest):\n    lines = [read_line(sock, rest)]\n    while lines[-1][3:] and lines[-1][3] "
        "== '-':\n        lines += [read_line(sock, rest)]\n    return int(lines[0][:3]), [line[4:] for line in lines]",
        "take a slice",
    ),
    (
        "read_reply",
        "def read_reply(sock, rest):\n    line = read_line(sock, rest)\n    return int(line[:3]), [line[4:]]",
        "a hyphen behind the code",
    ),
    (
        "read_reply",
        "def read_reply(sock, rest):\n    lines = [read_line(sock, rest)]\n    while lines[-1][3] == 45:\n        "
        "lines += [read_line(sock, rest)]\n    return int(lines[0][:3]), [line[4:] for line in lines]",
        "no fourth octet",
    ),
    ("ask", CHECKED.replace("WRONG", "code / 100 != digit"), "220 / 100 is 2.2"),
    ("ask", f"{ASK}b'\\n')\n    return read_reply(sock, rest)[0]", "waits for the end of your line"),
    (
        "ask",
        f"{ASK}b'\\r\\n')\n    code, _ = read_reply(sock, rest)\n    if code not in (220, 250): raise KeyError\n    "
        "return code",
        "251 is a success",
    ),
    ("ask", CHECKED.replace("WRONG", "code >= 400"), "354 is no refusal"),
    ("ask", CHECKED.replace("WRONG", "code // 100 > digit"), "250 is no refusal"),
    ("ask", CHECKED.replace("WRONG", "str(code)[0] != digit"), "raise if they differ"),
    ("stuffed", f"{STUFFED}line[0] == 46]) + b'.\\r\\n'", "an empty line has no first octet"),
    ("stuffed", f"{STUFFED}line.startswith('.')]) + b'.\\r\\n'", "put a b in front"),
    ("stuffed", "def stuffed(message):\n    return message + b'.\\r\\n'", "would end the message"),
    ("stuffed", "def stuffed(message):\n    return message + b'\\r\\n.\\r\\n'", "an empty line too many"),
    ("stuffed", "def stuffed(message):\n    return message", "the end is missing"),
    ("stuffed", "def stuffed(message):\n    return b'.' + message + b'.\\r\\n'", "no line begins with a dot"),
    (
        "stuffed",
        "def stuffed(message):\n    text = re.sub(rb'(?m)^\\.', b'..', message)\n    "
        "return text + (b'' if text.endswith(b'\\r\\n') else b'\\r\\n') + b'.\\r\\n'",
        "only the end goes",
    ),
    ("stuffed", f"{STUFF}b'.\\r\\n'", "not only the lone dot"),
    ("stuffed", f"{STUFF}b'\\r\\n.\\r\\n'", "an empty line too many"),
    ("send_mail", send_mail(greet="pass"), "which line is this reply to"),
    ("send_mail", send_mail().replace('"DATA", 3', '"DATA", 2'), "DATA is asked with the digit 3"),
    ("send_mail", send_mail(message="b''", last="ask(sock, rest, stuffed(message), 2)"), "ask takes text"),
    ("send_mail", send_mail().replace("<{sender}>", "{sender}"), "stands between < and >"),
    ("send_mail", send_mail().replace("<{each}>", "{each}"), "stands between < and >"),
    ("send_mail", send_mail().replace("<{each}>", "{each}").replace("<{sender}>", "{sender}"), "between < and >"),
    ("send_mail", send_mail().replace("TO:<", "TO: <"), "no blank"),
    ("send_mail", send_mail(message="message + b'.\\r\\n'"), "goes through stuffed"),
    ("send_mail", send_mail(message="message + b'.\\r\\n'", last="pass"), "has ended the message"),
    ("send_mail", send_mail(message="b''", last="pass"), "both sides wait now"),
    ("send_mail", send_mail(each=EACH.replace("recipients]", "recipients[:1]]")), "a RCPT of his own"),
    ("send_mail", send_mail(each=EACH.replace("{each}", "bob@lab.example")), "a RCPT of his own"),
    ("send_mail", send_mail().replace("{sender}", "alice@lab.example"), "in the variable sender"),
    ("send_mail", send_mail().replace("FROM:<", "FROM: <"), "no blank"),
    ("send_mail", send_mail().replace("{sender}", "zoe@lab.example"), "Carol is the sender"),
    ("send_mail", send_mail(last="read_reply(sock, rest)"), "decides"),
    ("send_mail", send_mail(last="pass"), "read it before QUIT"),
    ("send_mail", send_mail(last="sock.recv(1000)"), "if the host writes octet by octet"),
    ("send_mail", send_mail(last="pass").replace('"QUIT", 2', '"QUIT", 2) and ask(sock, rest, "", 2'), "before QUIT"),
    ("send_mail", send_mail(wait="5"), "200 s are less than"),
    ("send_mail", send_mail(wait="600"), "waits no longer"),
    ("send_mail", send_mail(wait="None"), "waits no longer"),
    ("lines_in", "def lines_in(octets):\n    return octets.split(b'\\r\\n')", "second value"),
    ("lines_in", "def lines_in(octets):\n    return octets.splitlines(), b''", "no CRLF has come"),
    ("AGAIN", "AGAIN = {'HELO': 'ready'}", "the entry for EHLO is missing"),
    ("AGAIN", "AGAIN = dict.fromkeys(('HELO', 'EHLO'), 'greeted')", "knows who the client is"),
    ("AGAIN", "AGAIN = {**TABLE['greeted'], **TABLE['recipients']}", "do not come in each row"),
    (
        "TABLE",
        "TABLE = dict.fromkeys(['greeted', 'ready', 'sender', 'recipients'], {'HELO': 'ready', 'MAIL': 'sender'})",
        "first says who it is",
    ),
    (
        "code_for",
        "def code_for(state, verb, argument):\n    return None if verb in TABLE[state] else 503",
        "must give `None`",
    ),
    ("keep", "def keep(server, line):\n    server.text.append(line)\n    return b''", "take it away"),
    ("code_for", CODE_FOR.replace("verb not in ANY_TIME and ", ""), "NOOP may come at any time"),
    ("code_for", CODE_FOR.replace("verb in WORDS and ", ""), "ask `verb in WORDS`"),
    ("code_for", CODE_FOR.replace("is None", "in (None, '')"), "compare with None"),
    ("TABLE", "TABLE = {'greeted': {'HELO': 'ready'}, 'ready': {'MAIL': 'sender'}, 'sender': {'RCPT'}}", "is a dict"),
    ("keep", KEEP_ON, "before the lines about"),
    ("answer", ANSWER.replace("return keep", "keep"), "return what keep returns"),
    ("answer", ANSWER.replace(".get(verb, server.state)", "[verb]"), "server.state stays as it is"),
    ("Server", SERVER.replace("octets:", "pieces:"), "write the missing line"),
    (
        "answer",
        "def answer(server, line):\n    verb, argument = parse(line)\n    "
        "return f'{code_for(server.state, verb, argument) or 250} ok\\r\\n'.encode()",
        "'ready'",
    ),
    (
        "answer",
        "def answer(server, line):\n    return b'250 ok\\r\\n' if TABLE[server.state][parse(line)[0]] else 0",
        "NOOP is not",
    ),
    ("answer", LOUD.replace("LINE", "250 ok"), "it must give the code 503, and `'ready'`"),
    ("keep", SILENT, "gives no reply, and"),
    ("Server", ONE_REPLY, "one reply"),
    ("Server", SERVER.replace("return out", "return [out]"), "must return octets; it returned a list"),
    ("Server", SERVER.replace("return out", "return out.decode()"), "must return octets; it returned a str"),
    ("Server", SERVER.replace("return out", "self.out = out"), "must return octets; it returned None"),
    ("Server", SERVER.replace("return out", "return out or None"), "where there is nothing to say"),
    ("Server", SHARED, "AttributeError"),
]


@cache
def written() -> dict[str, tuple[LessonCell, FunctionGoal, str]]:
    """The cells of both tutorials in which a student writes something, each with the reference answers above it."""
    found, above = {}, ""
    for path in find(["04", "05"]):
        for cell in cells_of(path.read_bytes()):
            if cell.function is not None:
                found.setdefault(cell.variable, (cell, cell.function, above))
                above += f"{cell.answer}\n"
            elif cell.gives_code:
                above += f"{cell.source}\n"
    return found


def verdict(variable: str, answer: str) -> Verdict:
    cell, _, above = written()[variable]
    names: dict[str, Any] = {"re": re, "smtplab": smtplab}
    exec(above.replace("client = smtplab.answers", "0 and ").replace("send_mail = client.send_mail", ""), names)
    exec(answer, names)
    assert cell.goal is not None
    return cell.goal.judge(StepEvidence([], [], lambda _: [], value=names.get))


def test_all_functions_are_here() -> None:
    assert {*RIGHT, *(variable for variable, *_ in WRONG)} == set(written())


@pytest.mark.parametrize(("variable", "answer"), [(name, each) for name, several in RIGHT.items() for each in several])
def test_another_right_answer_is_right(variable: str, answer: str) -> None:
    assert str(verdict(variable, answer)).startswith("ok: ")


@pytest.mark.parametrize(("variable", "answer", "word"), WRONG)
def test_a_real_mistake_gets_the_sentence_about_it(variable: str, answer: str, word: str) -> None:
    told = verdict(variable, answer)
    assert not told.ok
    assert word in told.reason


@pytest.mark.parametrize("variable", [*RIGHT, "code_for", "answer"])
def test_the_reference_answer_is_right_and_what_is_delivered_is_not(variable: str) -> None:
    cell, _, _ = written()[variable]
    assert verdict(variable, cell.answer).ok
    begun = "\n".join(line for line in cell.given.split("\n") if not line.startswith("#"))
    assert not verdict(variable, begun).ok
