"""The bank of exercise 05: servers that are right, and the mistakes of real ones, each in a server of few lines."""

from __future__ import annotations

from collections.abc import Iterator

from smtplab.grading.exercises.server_from_states.task import ServerTask
from smtplab.lessons.reference_answers import program
from support.bank import Answer

NAME = "05-a-server-from-states"
STUDENTS = ("mia", "ada", "ben")
FULL = {"check-server": 30}
HAND_IN = '\nmine.hand_in("server", Server)\n'

# A right server, with functions and a table as in tutorial 05. Mistakes are made by replacing some of its words.
SERVER = """\
import re

BOXES = ["MAILBOXES", "postmaster", "postmaster@DOMAIN"]
ADDRESS = r'<((?:@[^:<>]+:)?((?:"(?:[^"]|\\\\\\\\.)*"|[^<>"@ ]+)(?:@[^<>"@ ]+)?)?)>'
ALL = {"HELO": "ready", "EHLO": "ready"}
TABLE = {
    "greeted": {**ALL, "RSET": "greeted"},
    "ready": {**ALL, "RSET": "ready", "MAIL": "sender"},
    "sender": {**ALL, "RSET": "ready", "RCPT": "recipients"},
    "recipients": {**ALL, "RSET": "ready", "RCPT": "recipients", "DATA": "text"},
}
CODES = {"DATA": 354, "QUIT": 221, "VRFY": 252}


def address_in(argument, word):
    found = re.fullmatch(word + ":" + ADDRESS, argument, re.IGNORECASE)
    return None if found is None else found[2] or ""


def code_for(state, verb, argument):
    if verb not in ("NOOP", "VRFY", "QUIT", "RSET", "HELO", "EHLO", "MAIL", "RCPT", "DATA"):
        return 500
    if verb not in ("NOOP", "VRFY", "QUIT") and verb not in TABLE[state]:
        return 503
    if verb in ("HELO", "EHLO") and not argument:
        return 501
    if verb == "MAIL" and address_in(argument, "FROM") is None:
        return 501
    if verb == "RCPT":
        address = address_in(argument, "TO")
        if not address:
            return 501
        if address.lower() not in BOXES:
            return 550
    return CODES.get(verb, 250)


class Server:
    greeting = b"220 HOST ready\\r\\n"

    def __init__(self):
        self.state, self.rest, self.text = "greeted", b"", []
        self.messages, self.closed, self.count = [], False, 0

    def feed(self, octets):
        *lines, self.rest = (self.rest + octets).split(b"\\r\\n")
        return b"".join(self.answer(line) for line in lines if not self.closed)

    def answer(self, line):
        if self.state == "text":
            return self.keep(line)
        verb, _, argument = line.decode("latin-1").rstrip().partition(" ")
        verb = verb.upper()
        code = 500 if len(line) > 510 else code_for(self.state, verb, argument)
        if code == 250 and verb == "RCPT" and self.count == MANY:
            code = 452
        if code < 400:
            self.count = 0 if verb == "MAIL" else self.count + (verb == "RCPT")
            self.state = TABLE[self.state].get(verb, self.state)
        self.closed = code == 221
        return f"{code} HOST\\r\\n".encode()

    def keep(self, line):
        if line != b".":
            self.text.append(line.removeprefix(b".") + b"\\r\\n")
            return b""
        if sum(map(len, self.text)) > LARGE:
            self.state, self.text = "ready", []
            return b"552 too large\\r\\n"
        self.messages.append(b"".join(self.text))
        self.state, self.text = "ready", []
        return b"250 kept\\r\\n"
"""
# Octet by octet, an EHLO of several lines with two extensions, one list of messages for all, no `greeting`.
OTHER = """\
class Session:
    pass


MESSAGES = []


class Server:
    def __init__(self):
        self.messages = MESSAGES
        self.closed = self.begun = self.reading = False
        self.line, self.octets, self.name, self.sender, self.recipients = bytearray(), bytearray(), None, None, 0

    def feed(self, octets):
        if not self.begun:
            self.begun = True
            return b"220-HOST\\r\\n220 welcomes you\\r\\n"
        said = []
        for octet in octets:
            self.line.append(octet)
            if self.line.endswith(b"\\r\\n") and not self.closed:
                line = bytes(self.line[:-2])
                self.line.clear()
                said += self.text(line) if self.reading else self.command(line)
        return "".join(f"{each}\\r\\n" for each in said).encode()

    def text(self, line):
        if line == b".":
            self.reading, self.sender, self.recipients = False, None, 0
            if len(self.octets) > LARGE:
                return ["552 too much"]
            MESSAGES.append(bytes(self.octets))
            return ["250 kept"]
        self.octets += line[1:] if line[:1] == b"." else line
        self.octets += b"\\r\\n"
        return []

    def command(self, line):
        if any(octet > 126 or octet < 32 for octet in line) or len(line) > 510:
            return ["500 what?"]
        words = line.decode().strip().split(" ", 1)
        try:
            action = getattr(self, "on_" + words[0].lower())
        except AttributeError:
            return ["500 what?"]
        return action(*[word.strip() for word in words[1:]])

    def on_helo(self, name=""):
        if not name:
            return ["501 who?"]
        self.name, self.sender, self.recipients = name, None, 0
        return ["250 HOST"]

    def on_ehlo(self, name=""):
        said = self.on_helo(name)
        return ["250-HOST", "250-8BITMIME", "250 SIZE LARGE"] if name else said

    def path(self, word, argument):
        import re
        quoted = r'(?:"(?:[^"]|\\\\\\\\.)*"|[^\\s<>"@]+)(?:@[^\\s<>"@]+)?'
        found = re.fullmatch(word + r":\\s*<(?:@[^<>:]*:)?(" + quoted + r")?>\\s*(.*)", argument, re.I)
        return found and (found[1] or "", found[2].upper().split())

    def on_mail(self, argument=""):
        if self.name is None or self.sender is not None:
            return ["503 not now"]
        path = self.path("FROM", argument)
        if not path:
            return ["501 from whom?"]
        for each in path[1]:
            key, _, value = each.partition("=")
            if key == "SIZE" and value.isdigit():
                if int(value) > LARGE:
                    return ["552 too large"]
            elif each not in ("BODY=8BITMIME", "BODY=7BIT"):
                return ["555 what is that?"]
        self.sender = path[0]
        return ["250 go on"]

    def on_rcpt(self, argument=""):
        if self.sender is None:
            return ["503 not now"]
        path = self.path("TO", argument)
        if not path or path[1] or not path[0]:
            return ["501 to whom?"]
        name, _, domain = path[0].partition("@")
        if name.lower() == "postmaster" and domain.lower() in ("", "DOMAIN") or path[0].lower() in ["MAILBOXES"]:
            if self.recipients == MANY:
                return ["452 enough"]
            self.recipients += 1
            return ["250 go on"]
        return ["553 nobody here has that name"]

    def on_data(self, argument=""):
        if self.sender is None or not self.recipients:
            return ["503 not now"]
        self.reading, self.octets = True, bytearray()
        return ["354 go on"]

    def on_rset(self, argument=""):
        self.sender, self.recipients = None, 0
        return ["250 forgotten"]

    def on_noop(self, argument=""):
        return ["250 nothing done"]

    def on_quit(self, argument=""):
        self.closed = True
        return ["221 bye"]
"""
# As programs for a course have it: one piece is one command, capitals only, no states, and LF.
TEXTBOOK = """\
class Server:
    greeting = b"220 HOST\\r\\n"

    def __init__(self):
        self.messages, self.closed, self.data, self.text = [], False, False, ""

    def feed(self, octets):
        data = octets.decode()
        if self.data:
            self.text += data
            if self.text.endswith("\\r\\n.\\r\\n"):
                self.messages.append(self.text[:-3].encode())
                self.data, self.text = False, ""
                return b"250 OK\\r\\n"
            return b""
        if data.startswith("HELO"):
            return b"250 HOST\\r\\n"
        if data.startswith("MAIL FROM") or data.startswith("RCPT TO"):
            return b"250 OK\\r\\n"
        if data.startswith("DATA"):
            self.data = True
            return b"354 End with a dot\\r\\n"
        if data.startswith("QUIT"):
            self.closed = True
            return b"221 Bye\\r\\n"
        return b"500 What?\\r\\n"
"""


# The server of tutorial 05 with the entries that the tutorial adds to its table, and what a student changes in it.
TUTORIAL = program(NAME) + "\nfor row in TABLE.values():\n    row.update(AGAIN)\n"
COMPLETED = (
    ("own.example", "HOST"),
    ('"MAIL", "RCPT", "DATA", "NOOP"', '"MAIL", "RCPT", "DATA", "RSET", "NOOP"'),
    ('{"HELO": "ready", "EHLO": "ready"},', '{"HELO": "ready", "EHLO": "ready", "RSET": "greeted"},'),
    ('AGAIN = {"HELO"', 'AGAIN = {"RSET": "ready", "HELO"'),
    ('re.match(rf"{word}:<([^<>]*)>", ', 're.fullmatch(rf\'{word}:<((?:"[^"]*"|[^<>" ])*)>\', '),
    ("return found and found[1]", 'return None if not found or (word == "TO" and not found[1]) else found[1]'),
    (
        '    if verb == "HELP"',
        '    if verb in ("HELO", "EHLO") and not argument:\n        return 501\n'
        '    if verb == "RCPT" and address_in(argument, "TO").lower() not in BOXES:\n        return 550\n'
        '    if verb == "HELP"',
    ),
    ("import re\n", 'import re\nBOXES = ["MAILBOXES", "postmaster", "postmaster@DOMAIN"]\n'),
    (
        "    server.messages.append(",
        "    if sum(len(each) + 2 for each in server.text) > LARGE:\n"
        '        server.text, server.state = [], "ready"\n'
        '        return b"552 Too large\\r\\n"\n'
        "    server.messages.append(",
    ),
    (
        "    if code is None:\n",
        "    if len(line) > 510:\n        code = 500\n"
        '    if code is None and verb == "RCPT" and server.recipients == MANY:\n        code = 452\n'
        "    if code is None:\n"
        '        server.recipients = 0 if verb == "MAIL" else server.recipients + (verb == "RCPT")\n'
        '        server.closed = verb == "QUIT"\n',
    ),
    ("    def __init__(self):\n", "    closed, recipients = False, 0\n\n    def __init__(self):\n"),
    ("for line in lines)", "for line in lines if not self.closed)"),
)


def code(task: ServerTask, text: str = SERVER, *changes: tuple[str, str]) -> str:
    """Return a server with some of its words replaced, and handed in."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    text = text.replace("MAILBOXES", '", "'.join(task.mailboxes)).replace("\\\\\\\\.", "\\\\.")
    text = text.replace("MANY", str(task.most_recipients)).replace("LARGE", str(task.most_octets))
    return text.replace("DOMAIN", task.domain).replace("HOST", task.host) + HAND_IN


def tutorial_server(task: ServerTask) -> str:
    """Return what a student brings who has done tutorial 05: it has a third of the points."""
    return code(task, TUTORIAL, ("own.example", "HOST"))


def completed(task: ServerTask) -> str:
    """Return the server of tutorial 05 with what it lacks."""
    return code(task, TUTORIAL, *COMPLETED)


def right(task: ServerTask) -> Iterator[Answer]:
    """Yield answers that differ and are all right."""

    def answer(name: str, text: str, *changes: tuple[str, str]) -> Answer:
        return Answer(name, {"server": code(task, text, *changes)}, FULL)

    yield answer("a table, as in tutorial 05", SERVER)
    yield Answer("the server of tutorial 05, completed", {"server": completed(task)}, FULL)
    yield answer("octet by octet, with extensions, one list for all", OTHER)
    yield answer(
        "a function that makes the object; greeting and closed are methods",
        SERVER,
        ("self.closed", "self.ended"),
        (
            '    greeting = b"220 HOST ready\\r\\n"\n',
            '    def greeting(self):\n        return b"220 HOST\\r\\n"\n\n'
            "    def closed(self):\n        return self.ended\n",
        ),
        ("class Server:", "class Any:"),
        ('return b"250 kept\\r\\n"\n', 'return b"250 kept\\r\\n"\n\n\ndef Server():\n    return Any()\n'),
    )
    yield answer(
        "VRFY and HELP are not offered; 553 for strangers; each line and each half of one is kept in a list",
        SERVER,
        ("return 550", "return 553"),
        ('"VRFY": 252', '"VRFY": 502, "HELP": 502'),
        ('("NOOP", "VRFY", "QUIT"', '("NOOP", "VRFY", "HELP", "QUIT"'),
        ('self.rest, self.text = "greeted", b""', 'self.rest, self.text = "greeted", [b""]'),
        ("*lines, self.rest = (self.rest + octets)", '*lines, last = (b"".join(self.rest) + octets)'),
        ('        return b"".join(self.answer', '        self.rest = [last]\n        return b"".join(self.answer'),
    )


def wrong(task: ServerTask, other: ServerTask) -> Iterator[Answer]:
    """Yield the mistakes, each with what it costs.

    Args:
        task: what is asked for.
        other: what another student is asked for.
    """

    def lost(name: str, points: int, changes: list[tuple[str, str]], *sentences: str, text: str = SERVER) -> Answer:
        return Answer(name, {"server": code(task, text, *changes)}, {"check-server": 30 - points}, sentences)

    yield Answer("nothing is handed in", {"server": ""}, {"check-server": 0}, ("No server has been handed in yet.",))
    yield Answer(
        "an object, and no class",
        {"server": code(task).replace(", Server)", ", Server())")},
        {"check-server": 0},
        ("What you handed in is not a class.",),
    )
    yield Answer(
        "somebody else's server",
        {"server": code(other)},
        {"check-server": 0},
        ("This does not hold: The server greets with 220 and its name.",),
    )
    yield lost(
        "one piece is one command",
        2,
        [
            (
                '*lines, self.rest = (self.rest + octets).split(b"\\r\\n")',
                'lines = [octets.rstrip(b"\\r\\n")] if self.state != "text" else '
                'octets.removesuffix(b"\\r\\n").split(b"\\r\\n")',
            )
        ],
        "This does not hold: A command that arrives octet by octet gets one reply, when its CRLF has come.",
    )
    yield lost(
        "the rest is dropped",
        2,
        [("*lines, self.rest = (self.rest + octets)", "*lines, _ = octets")],
        "This does not hold: A command that arrives octet by octet gets one reply, when its CRLF has come.",
    )
    yield lost(
        "only the first command of a piece",
        1,
        [("for line in lines if", "for line in lines[:1 if self.state != 'text' else None] if")],
        "This does not hold: Two commands that arrive in one piece get two replies, in order.",
    )
    yield lost(
        "capitals only",
        1,
        [("        verb = verb.upper()\n", "")],
        "This does not hold: Verbs may be written in small letters: helo, mail from, rcpt to, data, quit.",
    )
    yield lost(
        "addresses in capitals only",
        1,
        [(", argument, re.IGNORECASE", ", argument")],
        "This does not hold: Verbs may be written in small letters: helo, mail from, rcpt to, data, quit.",
    )
    yield lost(
        "any order",
        5,
        [
            ('    if verb not in ("NOOP", "VRFY", "QUIT") and verb not in TABLE[state]:\n        return 503\n', ""),
            ("TABLE[self.state].get(verb, self.state)", "'text' if verb == 'DATA' else 'ready'"),
        ],
        "This does not hold: MAIL before HELO and EHLO is answered with 503.",
        "This has the same cause as another mistake: RCPT before MAIL is answered with 503.",
    )
    yield lost(
        "MAIL without HELO",
        1,
        [('{**ALL, "RSET": "greeted"}', '{**ALL, "RSET": "greeted", "MAIL": "sender"}')],
        "This does not hold: MAIL before HELO and EHLO is answered with 503.",
    )
    yield lost(
        "MAIL again and again",
        1,
        [('"sender": {**ALL,', '"sender": {**ALL, "MAIL": "sender",')],
        "This does not hold: A second MAIL in a transaction is answered with 503.",
    )
    yield lost(
        "DATA without a recipient",
        1,
        [('"sender": {**ALL,', '"sender": {**ALL, "DATA": "text",')],
        "This does not hold: DATA before a recipient was accepted is answered with 503 or 554.",
    )
    yield lost(
        "a refused command moves the state",
        2,
        [("if code < 400:", "if True:")],
        "This does not hold: In a session drawn at random, codes begin as those of our server, and",
    )
    yield lost(
        "an empty message is not stored",
        1,
        [("        self.messages.append(", "        if self.text:\n            self.messages.append(")],
        "This does not hold: In a session drawn at random, codes begin as those of our server, and",
    )
    yield lost(
        "replies end in LF",
        1,
        [('HOST\\r\\n".encode', 'HOST\\n".encode'), ("ready\\r\\n", "ready\\n"), ("kept\\r\\n", "kept\\n")],
        "This does not hold: Each line of a reply ends in CRLF, the two octets 0d 0a.",
    )
    yield lost(
        "replies end in nothing",
        3,
        [('HOST\\r\\n".encode', 'HOST".encode'), ("kept\\r\\n", "kept")],
        "This does not hold: Each line of a reply ends in CRLF, the two octets 0d 0a.",
    )
    yield lost(
        "a colon behind the code",
        2,
        [('f"{code} HOST', 'f"{code}: HOST')],
        "This does not hold: Each line of a reply begins with three digits: "
        "the first from 2 to 5, the second from 0 to 5.",
        "This has the same cause as another mistake: Each line of a reply "
        "begins with three digits: the first from 2 to 5, the second from 0 to "
        "5.",
    )
    yield lost(
        "250 for DATA",
        1,
        [('"DATA": 354, ', "")],
        "This does not hold: DATA is answered with 354: the text may come now.",
    )
    yield lost(
        "no 221",
        2,
        [('"QUIT": 221', '"QUIT": 250'), ("code == 221", 'verb == "QUIT"')],
        "This does not hold: QUIT is answered with 221.",
    )
    yield lost(
        "stays open after QUIT",
        2,
        [("self.closed = code == 221", "self.closed = False")],
        "This does not hold: The server closes the connection after it has answered QUIT.",
    )
    yield lost(
        "a stuffed dot is kept",
        1,
        [('line.removeprefix(b".")', "line")],
        "This does not hold: A line that comes with two dots at its beginning is stored with one.",
    )
    yield lost(
        "all leading dots are removed",
        1,
        [('line.removeprefix(b".")', 'line.lstrip(b".")')],
        "This does not hold: A line that comes with two dots at its beginning is stored with one.",
    )
    yield lost(
        "a dot between blanks ends the text",
        1,
        [('if line != b".":', 'if line.strip() != b".":')],
        "This does not hold: A line with a blank and a dot does not end the text.",
    )
    yield lost(
        "a dot with blanks behind it ends the text",
        1,
        [('if line != b".":', 'if line.rstrip() != b".":')],
        "This does not hold: A line with a dot and a blank does not end the text.",
    )
    yield lost(
        "LF ends lines",
        1,
        [('.split(b"\\r\\n")', '.replace(b"\\r\\n", b"\\n").split(b"\\n")')],
        "This does not hold: LF, dot, LF in the text does not end it.",
    )
    yield lost(
        "QUIT ends the text",
        1,
        [
            (
                'if line != b".":',
                'if line == b"QUIT":\n            self.closed = True\n'
                '            return b"221 bye\\r\\n"\n        if line != b".":',
            )
        ],
        "This does not hold: A line QUIT in the text is text.",
    )
    yield lost(
        "each line of the text is answered",
        6,
        [('            return b""\n', '            return b"250 ok\\r\\n"\n')],
        "This does not hold: The server sends nothing while the text comes.",
        "This has the same cause as another mistake: The server sends nothing while the text comes.",
    )
    yield lost(
        "an empty line ends the text",
        14,
        [('if line != b".":', "if line:")],
        "This does not hold: The server sends nothing while the text comes.",
        "This has the same cause as another mistake: The server sends nothing while the text comes.",
    )
    yield lost(
        "lines are stripped",
        1,
        [('+ b"\\r\\n")\n', '.strip() + b"\\r\\n")\n')],
        "This does not hold: Blanks at the beginning and at the end of lines are stored.",
    )
    yield lost(
        "LF is stored",
        1,
        [('removeprefix(b".") + b"\\r\\n"', 'removeprefix(b".") + b"\\n"')],
        "This does not hold: Lines of the stored text end in CRLF, as they came.",
    )
    yield lost(
        "the dot is stored",
        1,
        [('b"".join(self.text))', 'b"".join(self.text) + b".\\r\\n")')],
        "This does not hold: The text is stored octet by octet, with the CRLF "
        "of its last line and without the dot that ended it.",
    )
    yield lost(
        "nothing is stored",
        8,
        [('        self.messages.append(b"".join(self.text))\n', "")],
        "This does not hold: A message that was answered with 250 is stored, once.",
        "This has the same cause as another mistake: A message that was answered with 250 is stored, once.",
    )
    yield lost(
        "the text of the first message stays",
        5,
        [('self.state, self.text = "ready", []', 'self.state = "ready"')],
        "This does not hold: Three messages of a session are stored as three, each with its own text.",
    )
    yield lost(
        "an empty line crashes",
        3,
        [
            (
                'verb, _, argument = line.decode("latin-1").rstrip().partition(" ")',
                'verb, *words = line.decode("latin-1").split()\n        argument = " ".join(words)',
            )
        ],
        "This does not hold: An empty line is answered with 500, and the session goes on.",
    )
    yield lost(
        "a missing argument crashes",
        3,
        [
            (
                '    if verb in ("HELO", "EHLO") and not argument:\n        return 501\n',
                '    if verb in ("HELO", "EHLO") and argument[0] == \'?\':\n        return 501\n',
            )
        ],
        "This does not hold: HELO without a name is answered with 501.",
    )
    yield lost(
        "octets above 127 crash",
        1,
        [('decode("latin-1")', 'decode("ascii")')],
        "This does not hold: A line of octets that are not ASCII is answered with 500 or 501, and the session goes on.",
    )
    yield lost(
        "no RSET", 2, [('"QUIT", "RSET", "HELO"', '"QUIT", "HELO"')], "This does not hold: RSET is answered with 250."
    )
    yield lost(
        "RSET forgets HELO",
        2,
        [('"RSET": "ready"', '"RSET": "greeted"')],
        "This does not hold: After RSET, MAIL is accepted without another HELO.",
    )
    yield lost(
        "NOOP gives up the transaction",
        2,
        [("self.state = TABLE", 'self.state = "ready" if verb == "NOOP" else TABLE')],
        "This does not hold: NOOP in a transaction leaves it as it is.",
    )
    yield lost(
        "no EHLO",
        1,
        [('"RSET", "HELO", "EHLO", "MAIL"', '"RSET", "HELO", "MAIL"')],
        "This does not hold: EHLO with the name of the client is answered with 250.",
    )
    yield lost(
        "502 for unknown commands",
        3,
        [("        return 500\n", "        return 502\n")],
        "This does not hold: A command that the server does not recognize is answered with 500.",
    )
    yield lost(
        "no empty sender",
        2,
        [('address_in(argument, "FROM") is None', 'not address_in(argument, "FROM")')],
        "This does not hold: MAIL FROM:<> is accepted; reports about mail come from this empty sender.",
    )
    yield lost(
        "an empty recipient",
        2,
        [("if not address:", "if address is None:"), ("BOXES = [", 'BOXES = ["", ')],
        "This does not hold: RCPT TO:<> is refused; only a sender may be empty.",
    )
    yield lost(
        "everybody is a recipient",
        2,
        [("        if address.lower() not in BOXES:\n            return 550\n", "")],
        "This does not hold: The mailboxes of the sheet are taken, and no other address.",
    )
    yield lost(
        "no Postmaster",
        2,
        [('"postmaster", "postmaster@DOMAIN"', "")],
        "This does not hold: The mailboxes of the sheet are taken, and no other address.",
        "postmaster is taken with the domain of your sheet and without any",
    )
    for kind, points, new in (("a str", 29, ".decode()"), ("None", 3, " or None")):
        change = ("lines if not self.closed)", f"lines if not self.closed){new}")
        yield lost(f"feed returns {kind}", points, [change], f"feed must return octets; it returned {kind}")
    yield lost(
        "sessions share their state",
        1,
        [
            (
                'self.state, self.rest, self.text = "greeted", b"", []',
                'Server.state, self.rest, self.text = "greeted", b"", []',
            ),
            ("self.state = TABLE", "Server.state = TABLE"),
            ('self.state, self.text = "ready", []', 'Server.state, self.text = "ready", []'),
        ],
        "This does not hold: What one client has said is not known to another: "
        "RCPT without its own MAIL is answered with 503.",
    )
    yield lost(
        "all connections share their text",
        1,
        [
            ('b"", []\n        self.messages', 'b"", TEXT\n        self.messages'),
            ("class Server:", "TEXT = []\n\n\nclass Server:"),
            ('"ready", []\n        return', '"ready", TEXT\n        TEXT.clear()\n        return'),
            ('"ready", []\n            return', '"ready", TEXT\n            TEXT.clear()\n            return'),
        ],
        "This does not hold: Two clients that send their texts at the same "
        "time get two messages stored, each with its own text.",
    )
    yield lost(
        "what is left is a message",
        1,
        [
            (
                "    def keep(self",
                "    def close(self):\n        if self.text:\n"
                "            self.messages.append(b''.join(self.text))\n\n"
                "    def keep(self",
            )
        ],
        "This does not hold: If a client vanishes in its text, nothing is stored, and the next client is greeted.",
    )
    yield lost(
        "at most ten recipients",
        6,
        [
            (
                "    def answer(self, line):\n",
                "    count = 0\n\n    def answer(self, line):\n"
                '        self.count += line.upper().startswith(b"RCPT")\n'
                '        if self.count > 10 and line.upper().startswith(b"RCPT"):\n'
                '            return b"452 too many\\r\\n"\n',
            )
        ],
        "This does not hold: A message may have 100 recipients.",
    )
    yield lost(
        "no limits at all",
        4,
        [("== MANY", "== 100_000"), ("> LARGE", "> 10**9"), ("len(line) > 510", "len(line) > 10**9")],
        "This does not hold: A recipient more than the sheet allows gets 452, and the message goes to the others.",
        "to recipient 112; the sheet allows 111",
    )
    yield lost(
        "no limit for a line",
        3,
        [("len(line) > 510", "len(line) > 10**9")],
        "This does not hold: A command line of more than 512 octets, with its CRLF, gets 500, and the session goes on.",
    )
    yield lost(
        "the line is counted without its CRLF",
        3,
        [("len(line) > 510", "len(line) > 512")],
        "This does not hold: A command line of more than 512 octets, with its CRLF, gets 500, and the session goes on.",
    )
    yield lost(
        "552 for a recipient too many",
        4,
        [("code = 452", "code = 552")],
        "This does not hold: A recipient more than the sheet allows gets 452, and the message goes to the others.",
    )
    yield lost(
        "a recipient too many ends the transaction",
        4,
        [("code = 452\n", 'code = 452\n            self.state = "ready"\n')],
        "This does not hold: A recipient more than the sheet allows gets 452, and the message goes to the others.",
    )
    yield lost(
        "a message that is too large ends before its dot",
        3,
        [
            (
                '.removeprefix(b".") + b"\\r\\n")\n            return',
                '.removeprefix(b".") + b"\\r\\n")\n            if sum(map(len, self.text)) > LARGE:\n'
                '                self.state, self.text = "ready", []\n                return b"552 too large\\r\\n"\n'
                "            return",
            )
        ],
        "This does not hold: A message with more octets than the sheet allows gets 552 for its dot, and is not stored.",
    )
    yield lost(
        "a message that is too large is stored",
        3,
        [
            (
                '            self.state, self.text = "ready", []\n            return b"552',
                '            self.messages.append(b"".join(self.text))\n'
                '            self.state, self.text = "ready", []\n            return b"552',
            )
        ],
        "This does not hold: A message with more octets than the sheet allows gets 552 for its dot, and is not stored.",
        "2 are stored",
    )
    yield lost(
        "a limit of 65,536 octets",
        3,
        [("> LARGE", "> 65_536")],
        "This does not hold: A message with as many octets as the sheet allows is taken.",
    )
    yield lost(
        "recipients are counted from HELO on",
        1,
        [('self.count = 0 if verb == "MAIL"', "self.count = 0 if verb in ALL")],
        "This does not hold: Each message may have as many recipients as the sheet allows.",
    )
    yield Answer(
        "the server of tutorial 05 as it is, with the name of the sheet",
        {"server": tutorial_server(task)},
        {"check-server": 11},
        ("This does not hold: The mailboxes of the sheet are taken, and no other address.",),
    )
    yield lost(
        "the recipients of the first message stay",
        2,
        [("self.reading, self.sender, self.recipients = False, None, 0", "self.reading, self.sender = False, None")],
        "This does not hold: The recipients of a message are not those of the next one: DATA right after MAIL is "
        "refused.",
        text=OTHER,
    )
    yield lost(
        "HELO goes on with the transaction",
        3,
        [('"sender": {**ALL,', '"sender": {"HELO": "sender", "EHLO": "sender",')],
        "This does not hold: HELO in a transaction gives it up: RCPT after it is answered with 503.",
    )
    yield lost(
        "something behind the bracket",
        1,
        [("re.fullmatch(word", "re.match(word")],
        "This does not hold: MAIL FROM:<carol@client.example>x is refused: "
        "behind > come blanks and parameters, or nothing.",
    )
    yield lost(
        "no quoted names",
        1,
        [('"(?:[^"]|\\\\\\\\.)*"|', "")],
        "This does not hold: The local part may be a quoted string with blanks in it.",
    )
    yield lost(
        "feed returns a list",
        29,
        [
            (
                'return b"".join(self.answer(line) for line in lines if not self.closed)',
                "return [self.answer(line) for line in lines if not self.closed]",
            )
        ],
        "feed must return octets; it returned a list",
        "This does not hold: HELO with the name of the client is answered with 250.",
        "This cannot be judged. The server has no positive reply to EHLO client.example<CRLF>.",
    )
    yield lost(
        "two replies to DATA",
        1,
        [
            (
                'return f"{code} HOST\\r\\n".encode()',
                'return f"{code} HOST\\r\\n".encode() + (b"250 go on\\r\\n" if code == 354 else b"")',
            )
        ],
        "This does not hold: The server sends exactly one reply to the connection and to each command.",
    )
    yield lost(
        "a server of a course",
        26,
        [],
        "This does not hold: EHLO with the name of the client is answered with 250.",
        "This has the same cause as another mistake: RCPT before MAIL is answered with 503.",
        text=TEXTBOOK,
    )
