"""The bank of exercise 03: right answers of several kinds, and the mistakes that students make.

How each cause is brought about stands in the instructor's notebook, once for all; what is said here is what students
make of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from smtplab.grading.exercises import design_of
from smtplab.grading.exercises.reply_causes.causes import CAUSES
from smtplab.grading.exercises.reply_causes.slots import SLOTS
from smtplab.grading.exercises.reply_causes.task import ReplyCausesTask
from support.bank import Answer, notebook, run

NAME = "03-every-reply-has-a-cause"
COURSE = "smtplab"
# Between them they are asked for every cause there is; a test holds it.
STUDENTS = ("mia", "noah", "uma", "bela", "emeka", "quinn", "chen")
FULL = {"check-classify": 5, "check-provoke": 20}

HAND_IN = '\nmine.hand_in("classify", classify)\n'
CLASSIFY = (
    """\
def classify(code):
    if not 200 <= code <= 559 or code // 10 % 10 > 5:
        raise ValueError("this is no reply code")
    severity, action = {
        2: ("positive completion", "go on"),
        3: ("positive intermediate", "send more"),
        4: ("transient negative completion", "try again later"),
        5: ("permanent negative completion", "give up"),
    }[code // 100]
    return severity, ["syntax", "information", "connections", "unspecified", "unspecified", "mail system"][
        code // 10 % 10
    ], action
"""
    + HAND_IN
)

# The task allows it: who can fill such a table has read the digits.
TABLE = (
    """\
from smtplab import classify as ask
does = dict(zip((2, 3, 4, 5), ("go on", "send more", "try again later", "give up")))
known = [ask(code) for code in range(200, 600) if code // 10 % 10 < 6]
table = {each.number: (each.severity.phrase, each.category.phrase, does[each.number // 100]) for each in known}
def classify(code):
    if code not in table:
        raise ValueError(code)
    return table[code]
"""
    + HAND_IN
)


# Pieces of answers


@cache
def _lines() -> Mapping[tuple[ReplyCausesTask, str], tuple[str, ...]]:
    """Return what the instructor's notebook has each of the students say, for every cause."""
    found = {}
    for student in STUDENTS:
        book = notebook(NAME)
        (cell,) = (cell for cell in book["cells"] if cell["id"] == "student")
        cell["source"] = [f"student = {student!r}"]
        ways = run(book).variables["ways"]
        found |= {(design_of(NAME).task(student, COURSE), cause): ways[cause] for cause in CAUSES}
    return found


def way(task: ReplyCausesTask, cause: str) -> tuple[str, ...]:
    """Return the lines that bring a cause about, in a session that has been introduced."""
    return _lines()[task, cause]


def host(task: ReplyCausesTask, cause: str) -> str:
    """Return the host where it can be brought about."""
    return task.next_host if cause in ("disk full", "lists are not told") else task.host


def session(where: str, lines: Iterable[str]) -> str:
    """Return code that holds a session line by line."""
    sends = f"for line in {list(lines)!r}:\n    session.send(line)\n"
    return f"session = mine.telnet({where!r}, 25)\n{sends}"


def ended(cause: str) -> tuple[str, ...]:
    """Return what is said in the end; a host that has heard too many errors has ended the session itself."""
    return () if cause == "too many errors" else ("QUIT",)


def one(task: ReplyCausesTask, cause: str, *, hello: str = "") -> str:
    """Return code that brings one cause about in a session of its own."""
    return session(host(task, cause), (hello or f"EHLO {task.client}", *way(task, cause), *ended(cause)))


def all_of_them(task: ReplyCausesTask, **instead: str) -> str:
    """Return code that brings the eight about; for a slot, its hyphen an underscore, other code may stand instead."""
    slots = dict(zip(SLOTS, task.causes, strict=True))
    return "".join(instead.get(slot.replace("-", "_"), one(task, cause)) for slot, cause in slots.items())


# Right answers


def right(task: ReplyCausesTask) -> Iterator[Answer]:
    """Yield answers that differ and are all right."""
    yield Answer(
        "arithmetic; a session for each reply",
        {"classify": CLASSIFY, "provoke": all_of_them(task)},
        FULL,
    )
    yield Answer(
        "a table of one's own, filled from smtplab's classify beforehand",
        {"classify": TABLE, "provoke": all_of_them(task)},
        FULL,
    )
    yield Answer(
        "characters; as few sessions as possible",
        {
            "classify": """\
def classify(code):
    text = str(code)
    if len(text) != 3 or text[0] not in "2345" or text[1] not in "012345":
        raise ValueError(text)
    table = {
        "2": ("Positive Completion", "Go on"),
        "3": ("Positive Intermediate", "Send  more"),
        "4": ("Transient negative completion", "Try again later"),
        "5": ("Permanent negative completion", "Give up"),
    }
    category = "Mail system" if text[1] == "5" else ("Syntax", "Information", "Connections")[int(text[1])] \\
        if text[1] in "012" else "Unspecified"
    return table[text[0]][0], category, table[text[0]][1]
"""
            + HAND_IN,
            "provoke": _in_few_sessions(task),
        },
        FULL,
    )
    yield Answer(
        "an object that can be called; groups of octets, as a client that pipelines",
        {
            "classify": """\
class Classifier:
    def __call__(self, code):
        match divmod(code, 100):
            case 2, rest: words = "positive completion", self.category(rest), "go on"
            case 3, rest: words = "positive intermediate", self.category(rest), "send more"
            case 4, rest: words = "transient negative completion", self.category(rest), "try again later"
            case 5, rest: words = "permanent negative completion", self.category(rest), "give up"
            case _: raise ValueError(code)
        return words

    def category(self, rest):
        names = {0: "syntax", 1: "information", 2: "connections", 3: "unspecified", 4: "unspecified", 5: "mail system"}
        if rest // 10 not in names:
            raise ValueError(rest)
        return names[rest // 10]

mine.hand_in("classify", Classifier())
""",
            "provoke": "".join(_in_one_piece(task, cause) for cause in task.causes),
        },
        FULL,
    )
    yield Answer(
        "a first try that fails; mistakes in between",
        {
            "classify": 'mine.hand_in("classify", print)\n' + CLASSIFY,
            "provoke": session(task.host, ("HELLO", "QUIT"))
            + session(task.next_host, (f"HELO {task.client}", "RSET", "NOOP"))
            + all_of_them(task),
        },
        FULL,
    )


def _in_few_sessions(task: ReplyCausesTask) -> str:
    """Return code for a session with each host; the host that hears too many errors ends the one with it."""
    code = ""
    for where in (task.host, task.next_host):
        here = [cause for cause in task.causes if host(task, cause) == where and cause != "too many errors"]
        code += session(
            where, (f"ehlo {task.client.upper()}", *(line for cause in here for line in (*way(task, cause), "RSET")))
        )
        if where == task.host and "too many errors" in task.causes:
            code += "while not session.closed:\n    session.send('VERFY')\n"
        else:
            code += "session.send('QUIT')\n"
    return code


def _in_one_piece(task: ReplyCausesTask, cause: str) -> str:
    lines = (f"EHLO {task.client}", *way(task, cause), *ended(cause))
    octets = "".join(f"{line}\r\n" for line in lines).encode()
    return f"mine.telnet({host(task, cause)!r}).send_bytes({octets!r})\n"


# Wrong answers


def wrong(task: ReplyCausesTask, other: ReplyCausesTask) -> Iterator[Answer]:
    """Yield the mistakes, each with what it costs.

    Args:
        task: what is asked for.
        other: what another student is asked for.
    """
    yield from _wrong_functions(task)
    yield from _wrong_sessions(task, other)
    yield from _wrong_causes(task)


def _wrong_functions(task: ReplyCausesTask) -> Iterator[Answer]:
    provoke = all_of_them(task)

    def lost(name: str, code: str, points: int, *sentences: str) -> Answer:
        return Answer(name, {"classify": code, "provoke": provoke}, FULL | {"check-classify": 5 - points}, sentences)

    def changed(*changes: str) -> str:
        """Return the right function with something else in it."""
        code = CLASSIFY
        for old, new in zip(changes[::2], changes[1::2], strict=True):
            assert old in code
            code = code.replace(old, new)
        return code

    yield lost("no function", "", 5, "No function has been handed in yet.")
    yield lost(
        "what the function returns handed in, and not the function",
        CLASSIFY + 'mine.hand_in("classify", classify(552))',
        5,
        "What you handed in is not a function.",
        "a value of the type tuple",
    )
    yield lost(
        "smtplab's own classify asked",
        """\
from smtplab import classify as ask
def classify(code):
    known = ask(code)
    return known.severity.phrase, known.category.phrase, "give up"
"""
        + HAND_IN,
        5,
        "Your function calls smtplab's own classify",
    )
    yield lost(
        "504 for transient, as the lecture words it",
        changed("    severity, action", "    code = 404 if code == 504 else code\n    severity, action"),
        2,
        "You take a code for transient that is permanent; the lecture's word for 504 is a slip.",
        "You try again what was refused for good.",
    )
    yield lost(
        "giving up on 4yz",
        changed('"try again later"', '"give up"'),
        2,
        "You give up where trying again later may help.",
        "give up for 421",
    )
    yield lost(
        "354 for a command that is done",
        changed('"positive intermediate", "send more"', '"positive completion", "go on"'),
        3,
        "You take a command for done that waits for more.",
        "You go on with another command where the server waits for the message.",
    )
    yield lost(
        "the category from the third digit",
        changed("code // 10 % 10\n", "code % 10 if code % 10 < 6 else 0\n"),
        2,
        "Your category is that of other codes.",
    )
    yield lost(
        "220, 221 and 421 for mail",
        changed('"connections"', '"mail system"'),
        2,
        "Whether a host talks at all is not yet about mail.",
    )
    yield lost(
        "x4z for mail",
        changed('"unspecified", "unspecified", "mail system"', '"unspecified", "mail system", "mail system"'),
        2,
        "Your category is that of other codes.",
        "mail system for 240",
    )
    yield lost(
        "no word for x4z",
        changed("code // 10 % 10 > 5", "code // 10 % 10 in (4, 6, 7, 8, 9)"),
        2,
        "Your function raises ValueError for 240.",
    )
    yield lost(
        "severity and category in the wrong order",
        changed("def classify(code)", "def wrong(code)", HAND_IN, "")
        + "def classify(code):\n    s, c, a = wrong(code)\n    return c, s, a\n"
        + HAND_IN,
        3,
        "You return the category instead of the severity.",
        "You return the severity instead of the category.",
    )
    yield lost(
        "words of one's own",
        changed('"go on"', '"fine"'),
        2,
        "That is not a valid action.",
        "one of go on, send more, try again later, give up",
    )
    yield lost(
        "a function that refuses every number",
        changed("    if not", '    raise ValueError("no")\n    if not'),
        5,
        "Your function raises ValueError for 211.",
        "Your function raises an error for each number, also for reply codes.",
    )
    yield lost(
        "a list of the lecture's codes, and no digits",
        changed("    if not", "    if code not in known:\n        raise KeyError(code)\n    if not")
        + f"known = {_lecture()!r}\n",
        3,
        "Your function raises KeyError for 230.",
        "Your function raises KeyError for 200.",
        "Your function raises KeyError for 0.",
    )
    yield lost(
        "a list of the lecture's codes, and the rest is refused as no code",
        changed("    if not", "    if code not in known:\n        raise ValueError(code)\n    if not")
        + f"known = {_lecture()!r}\n",
        2,
        "Your function raises ValueError for 230.",
        "Your function raises ValueError for 200.",
    )
    yield lost(
        "printed, not returned",
        changed("    return severity", "    found = severity"),
        4,
        "Your function returns nothing for 211. Is return missing?",
    )
    yield lost(
        "a list, not a tuple",
        changed("    return severity", "    return [severity", "], action\n", "], action]\n"),
        4,
        "for 211 a value of the type list",
    )
    yield lost("two of the three", changed("], action\n", "]\n"), 4, "Your function does not return three things.")
    yield lost(
        "numbers, not words",
        changed("    return severity", "    return code // 100"),
        4,
        "Your function returns something that is not text.",
    )
    yield lost(
        "numbers that are no codes get words, too",
        changed("if not 200 <= code <= 559 or code // 10 % 10 > 5", "if code // 100 not in (2, 3, 4, 5)"),
        1,
        "Your function raises IndexError for 260.",
    )
    yield lost(
        "None for what is no code",
        changed('raise ValueError("this is no reply code")', "return None"),
        1,
        "Your function returns nothing for 0, where it should raise an error.",
    )
    yield lost(
        "None for x4z",
        changed("    severity, action", "    if code // 10 % 10 == 4:\n        return None\n    severity, action"),
        2,
        "Your function returns nothing for 240. Is return missing?",
    )
    yield lost(
        "the number taken for a text",
        changed("    if not", "    first = code[0]\n    if not"),
        5,
        "Your function raises TypeError for 211.",
        "the code is a number; str(code) gives its digits",
    )
    yield lost(
        "a method of a text on the number",
        changed("    if not", "    code.startswith('5')\n    if not"),
        5,
        "Your function raises AttributeError for 211.",
        "the code is a number; str(code) gives its digits",
    )
    yield lost(
        "an answer that equals everything",
        """\
class Yes(str):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __hash__(self): return 0
    def casefold(self): return "go on"
def classify(code):
    return Yes("yes"), Yes("yes"), Yes("yes")
"""
        + HAND_IN,
        5,
        "That is not a valid severity.",
        "yes for 211",
        "Your function takes 0 for a reply code.",
    )


def _lecture() -> list[int]:
    from smtplab.grading.exercises.reply_causes.classify import LECTURE

    return list(LECTURE)


def _lost(name: str, code: str, points: int, *sentences: str) -> Answer:
    cells = {"classify": CLASSIFY, "provoke": code}
    return Answer(name, cells, FULL | {"check-provoke": 20 - points}, sentences)


def _wrong_sessions(task: ReplyCausesTask, other: ReplyCausesTask) -> Iterator[Answer]:
    yield _lost("no session at all", "", 20, "No session has been opened yet.")
    yield _lost("somebody else's sessions", all_of_them(other), 20, "None of your calls was answered.")
    yield _lost(
        "somebody else's sessions with the own hosts",
        all_of_them(other).replace(other.domain, task.domain).replace(other.next_domain, task.next_domain),
        20,
        "You have given a name, but not that of your machine.",
    )
    yield _lost(
        "a greeting with the host's name, as in the lecture",
        all_of_them(task).replace(f"EHLO {task.client}", f"EHLO {task.host}"),
        20,
        "You have given a name, but not that of your machine.",
    )
    yield _lost(
        "no greeting in any session",
        all_of_them(task).replace(f"EHLO {task.client}", "NOOP"),
        20,
        "You have not given your name in any session.",
    )
    yield _lost(
        "LF instead of CRLF",
        f'session = mine.telnet("{task.host}", 25)\nsession.send_bytes(b"HELO {task.client}\\n")\n',
        20,
        "A line of yours does not end in CRLF.",
    )
    yield _lost(
        "help in a session without a name",
        all_of_them(task, help=one(task, task.causes[0], hello="NOOP")),
        2,
        f"{CAUSES[task.causes[0]].code} came in an earlier session, in which you did not say who you are.",
    )
    yield _lost(
        "a session and nothing in it",
        session(task.host, (f"HELO {task.client}", "QUIT")),
        20,
        "No reply of the list has come yet.",
    )
    yield _lost(
        "sessions that are left open",
        all_of_them(task).replace(", 'QUIT'", ""),
        2,
        "A session that counts was not ended with QUIT.",
    )
    yield _lost(
        "a message delivered on the way",
        all_of_them(task)
        + session(
            task.host,
            (
                f"HELO {task.client}",
                f"MAIL FROM:<me@{task.client}>",
                f"RCPT TO:<{task.plain}>",
                "DATA",
                "Hello",
                ".",
                "QUIT",
            ),
        ),
        2,
        f"A message of yours lies in the mailbox of {task.plain}.",
    )


def _wrong_causes(task: ReplyCausesTask) -> Iterator[Answer]:
    """Yield, for each of the eight, what goes wrong with it alone."""
    for slot, cause in zip(SLOTS, task.causes, strict=True):
        code, place = CAUSES[cause].code, slot.replace("-", "_")
        yield _lost(f"{slot} left out", all_of_them(task, **{place: ""}), 2, f"No host has answered {code} yet.")
        yield _lost(
            f"{slot} in a session with another name",
            all_of_them(task, **{place: one(task, cause, hello="HELO localhost")}),
            2,
            "in which you gave another name than that of your machine.",
        )
        yield _lost(
            f"{slot} said, and not heard",
            all_of_them(task, **{place: session(task.host, (f"HELO {task.client}", f"NOOP {code}", "QUIT"))}),
            2,
            f"You sent {code} yourself; it counts only when a host answers with it.",
        )
        yield _lost(
            f"{slot} printed",
            all_of_them(task, **{place: f"print('S: {code} it is so')\n"}),
            2,
            f"No host has answered {code} yet.",
        )
        if elsewhere := other_way(task, cause):
            yield _lost(
                f"{slot} from another cause",
                all_of_them(task, **{place: session(*elsewhere)}),
                2,
                f"{code} came from another cause.",
            )


def other_way(task: ReplyCausesTask, cause: str) -> tuple[str, tuple[str, ...]] | None:
    """Return where and how a cause's code comes from another cause; None if there is none."""
    code = CAUSES[cause].code
    others = [name for name, other in CAUSES.items() if other.code == code and name != cause]
    if others and code not in (211, 214):
        return host(task, others[0]), (f"EHLO {task.client}", *way(task, others[0]), *ended(others[0]))
    said = {
        "forwarded": (f"VRFY {task.forwarded}",),
        "moved": (f"VRFY {task.moved}",),
        "mailbox in use": (f"SEND FROM:<me@{task.client}>", f"RCPT TO:<{task.plain}>"),
        "name reserved": ("VRFY root",),
    }
    return (task.host, (f"EHLO {task.client}", *said[cause], "QUIT")) if cause in said else None
