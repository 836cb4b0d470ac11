"""Four programs that send mail, as four people write them who have not met. They are compared, and never run."""

BY_LINES = '''
class Refused(Exception):
    """The host said no, and there is nobody left to write to."""


def answer(sock):
    # collect octets until a complete reply has come; a hyphen means that more lines follow
    buffer = b""
    while True:
        octet = sock.recv(1)
        if octet == b"":
            raise Refused("the line went dead")
        buffer += octet
        if buffer.endswith(b"\\r\\n"):
            last = buffer.split(b"\\r\\n")[-2]
            if last[3:4] != b"-":
                return int(last[:3])


def demand(sock, line, digit):
    sock.sendall(line.encode() + b"\\r\\n")
    code = answer(sock)
    if code // 100 != digit:
        raise Refused(f"{line} -> {code}")
    return code


def send_mail(sock, sender, recipients, message):
    if answer(sock) != 220:
        raise Refused("no greeting")
    demand(sock, "HELO me.example", 2)
    demand(sock, f"MAIL FROM:<{sender}>", 2)
    unlucky = []
    for person in recipients:
        try:
            demand(sock, f"RCPT TO:<{person}>", 2)
        except Refused:
            unlucky.append(person)
    if len(unlucky) == len(recipients):
        raise Refused("all of them were refused")
    demand(sock, "DATA", 3)
    stuffed = [b"." + row if row[:1] == b"." else row for row in message.split(b"\\r\\n")]
    sock.sendall(b"\\r\\n".join(stuffed).removesuffix(b"\\r\\n") + b"\\r\\n.\\r\\n")
    if answer(sock) // 100 != 2:
        raise Refused("after the dot")
    demand(sock, "QUIT", 2)
    return unlucky
'''

WITH_A_CLASS = '''
import re

COMPLETE = re.compile(rb"\\d{3} [^\\n]*\\n")


class Conversation:
    def __init__(self, link):
        self.link, self.pending = link, bytearray()

    def hear(self):
        """Wait for the final line of what the server tells us."""
        while (match := COMPLETE.search(self.pending)) is None:
            chunk = self.link.recv(4096)
            assert chunk, "hung up"
            self.pending.extend(chunk)
        number = bytes(self.pending[match.start():match.start() + 3])
        del self.pending[:match.end()]
        return number

    def ask(self, *words):
        self.link.sendall(b" ".join(words) + b"\\r\\n")
        return self.hear()


def send_mail(sock, sender, recipients, message):
    talk = Conversation(sock)
    steps = [(talk.hear, ()), (talk.ask, (b"EHLO", b"home"))]
    for step, arguments in steps:
        if not step(*arguments).startswith(b"2"):
            raise OSError("introduction failed")
    envelope = {who: talk.ask(b"RCPT", b"TO:<" + who.encode() + b">") for who in recipients if
                talk.ask(b"MAIL", b"FROM:<" + sender.encode() + b">")}
    failed = {who for who, number in envelope.items() if number[:1] in b"45"}
    if failed == set(recipients):
        raise OSError("nobody wants it")
    if talk.ask(b"DATA") == b"354":
        body = re.sub(rb"(?m)^\\.", b"..", message)
        ending = b".\\r\\n" if body.endswith(b"\\r\\n") else b"\\r\\n.\\r\\n"
        sock.sendall(body + ending)
        verdict = talk.hear()
    talk.ask(b"QUIT")
    return failed
'''

BY_STATES = """
def read_reply(connection, leftovers):
    code = None
    for raw in iter(lambda: leftovers.pop(0) if leftovers else connection.recv(512), b""):
        for piece in raw.splitlines():
            text = piece.decode("ascii", "replace")
            code = text[:3]
            if text[3:4] == " ":
                return code
    raise ConnectionError("server vanished before finishing its reply " + str(code))


def send_mail(sock, sender, recipients, message):
    leftovers, state, rejected, queue = [], "greet", set(), list(recipients)
    script = {"greet": None, "hello": "HELO laptop", "from": "MAIL FROM:<%s>" % sender, "go": "DATA"}
    follow = {"greet": "hello", "hello": "from", "from": "to", "to": "go", "go": "text"}
    while state != "text":
        if state == "to":
            while queue:
                target = queue.pop(0)
                sock.sendall(("RCPT TO:<%s>\\r\\n" % target).encode())
                if read_reply(sock, leftovers) > "399":
                    rejected.add(target)
            if len(rejected) >= len(set(recipients)):
                raise ValueError("not a single mailbox accepted")
        else:
            if script[state]:
                sock.sendall(script[state].encode("ascii") + b"\\r\\n")
            if read_reply(sock, leftovers)[0] not in "23":
                raise ValueError("stuck while in " + state)
        state = follow[state]
    output = []
    for number, original in enumerate(message.split(b"\\n")):
        output.append(original.rstrip(b"\\r") if not original.startswith(b".") else b"." + original.rstrip(b"\\r"))
    while output and not output[-1]:
        output.pop()
    sock.sendall(b"\\r\\n".join(output + [b".", b"QUIT", b""]))
    for expected in ("250", "221"):
        if read_reply(sock, leftovers) != expected:
            raise ValueError("unfriendly ending")
    return rejected
"""

WITH_A_GENERATOR = '''
from contextlib import closing


def replies(stream):
    """Each complete reply as a pair, (status, lines); continuation lines are gathered first."""
    gathered = []
    with closing(stream.makefile("rb")) as incoming:
        for line in incoming:
            status, separator, rest = line[:3], line[3:4], line[4:].strip()
            gathered.append(rest)
            if separator != b"-":
                yield int(status), gathered
                gathered = []


def send_mail(sock, sender, recipients, message):
    inbox = replies(sock)

    def exchange(command):
        if command is not None:
            sock.sendall(command + b"\\r\\n")
        status, explanation = next(inbox, (None, ["closed"]))
        if status is None or status >= 400:
            raise RuntimeError(explanation)
        return status

    exchange(None)
    exchange(b"HELO " + sender.partition("@")[2].encode())
    exchange(f"MAIL FROM:<{sender}>".encode())
    bounced = set()
    for address in recipients:
        try:
            exchange(f"RCPT TO:<{address}>".encode())
        except RuntimeError as reason:
            bounced.add(address)
            if len(bounced) == len(recipients):
                raise RuntimeError("no recipient is left") from reason
    exchange(b"DATA")
    if not message.endswith(b"\\r\\n"):
        message += b"\\r\\n"
    dotted = message.replace(b"\\r\\n.", b"\\r\\n..")
    exchange((b"." if dotted.startswith(b".") else b"") + dotted + b".")
    exchange(b"QUIT")
    return bounced
'''

ALL = (BY_LINES, WITH_A_CLASS, BY_STATES, WITH_A_GENERATOR)
