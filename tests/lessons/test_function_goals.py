"""Open cells in which a student writes a function: it is called, and what it does is judged."""

from contextlib import suppress
from typing import Any

import pytest

from smtplab.lessons import function_tools as tools
from smtplab.lessons.bounded_call import call
from smtplab.lessons.cells import cells_of, delivered
from smtplab.lessons.evidence import StepEvidence
from smtplab.lessons.function_goals import Try
from smtplab.lessons.function_tools import SESSION, TEXT, codes, feed_in_pieces, host, mail_in, octet_by_octet
from smtplab.lessons.goals import Goal
from smtplab.lessons.reference_answers import answers
from smtplab.transcript import Side
from support.lesson_sentences import says
from support.student import StudentNotebook
from support.tutorials import tutorial

TASK = "# Now you: write ended, which returns a line with its CRLF."
RIGHT = 'def ended(line):\n    return line + b"\\r\\n"'
TRIES: list[dict[str, Any]] = [
    {"call": "ended(b'NOOP')", "gives": "b'NOOP\\r\\n'", "slips": {"b'NOOP\\n'": "LF alone ends no line"}},
    {"call": "ended(b'')", "gives": "b'\\r\\n'", "because": "an empty line also ends"},
    {"call": "ended('NOOP')", "raises": "TypeError"},
]
SETTINGS = {"goal": {"function": {"name": "ended", "tries": TRIES}}, "hint": "Add two octets."}
BELOW = "octets = ended(b'QUIT')"
CELLS = ((f"{TASK}\n{RIGHT}", SETTINGS), BELOW)


@pytest.fixture
def notebook() -> StudentNotebook:
    return StudentNotebook(cells_of(tutorial(*CELLS)))


def written(notebook: StudentNotebook, answer: str) -> str:
    return notebook.cell(f"{TASK}\n{answer}")[1]


# The verdict


@pytest.mark.parametrize(
    "answer",
    [
        RIGHT,
        'def ended(line):\n    print("here")\n    return bytearray(line + b"\\r\\n")',
        'def ended(text, end=b"\\r\\n"):\n    for octet in end:\n        text += bytes([octet])\n    return text',
        "ended = lambda line: b'%b\\r\\n' % line",
    ],
)
def test_whatever_gives_the_right_values_is_right(notebook: StudentNotebook, answer: str) -> None:
    assert says(written(notebook, answer), "ALL_CALLS_RIGHT", "ok: ", "all 3 calls")
    assert notebook.cell(BELOW)[0] == ""
    assert notebook.names["octets"] == b"QUIT\r\n"


@pytest.mark.parametrize(
    ("answer", "names", "words"),
    [
        ("", "NO_FUNCTION", ("`ended`",)),
        ('def ended(line):\n    return line + b"\\n"', "SLIP_OF_A_CALL", ("LF alone", "ended(b'NOOP')")),
        ("def ended(line):\n    ...", "STILL_DOTS", ()),
        ("def ended(line):\n    pass", "WRONG_CALL GAVE MUST_GIVE", ("`None`", "b'NOOP\\r\\n'")),
        (
            'def ended(line):\n    return line and line + b"\\r\\n"',
            "WRONG_CALL CALLS_RIGHT",
            ("an empty line also ends", "1 call before it was"),
        ),
        ('def ended(line):\n    return b"NOOP\\r\\n"[4 - len(line):]', "MUST_RAISE", ("`TypeError`", "gives `b'")),
        ("def ended(line):\n    return line[9]", "ENDED_IN IN_YOUR_LINE", ("IndexError", "line 3: return line[9]")),
        ("def ended(line):\n    while True:\n        pass", "NEVER_ENDED IN_YOUR_LINE", ("line ",)),
        ("def ended(line):\n    raise SystemExit", "ENDED_IN", ("SystemExit",)),
        ("def ended():\n    return b''", "ENDED_IN", ("TypeError", "takes 0 positional")),
        ("def ended(line):\n    return 'x' * 1000", "WRONG_CALL", ("xx ...",)),
        ("ended = 3", "ENDED_IN", ("not callable",)),
        ("def ended(line)\n    return line", "ENDED_IN_AN_ERROR", ("expected ':'",)),
    ],
)
def test_a_wrong_function_is_told_by_its_first_wrong_call(
    notebook: StudentNotebook, answer: str, names: str, words: tuple[str, ...]
) -> None:
    told = written(notebook, answer)
    assert says(told, names, "not yet: ", *words)


def test_after_two_tries_the_verdict_has_the_hint_and_the_second_hint_is_the_answer(notebook: StudentNotebook) -> None:
    written(notebook, "")
    assert "Hint: Add two octets." in written(notebook, "")
    assert notebook.lesson.hint(notebook).endswith("Add two octets.")
    assert notebook.lesson.hint(notebook).endswith(RIGHT)


# The cells below


def test_the_function_of_the_lesson_stands_in_for_one_that_is_not_written(notebook: StudentNotebook) -> None:
    done, _ = notebook.cell(BELOW)
    assert says(done, "STANDS_IN", "`ended`")
    assert notebook.names["octets"] == b"QUIT\r\n"


def test_it_stands_in_for_a_wrong_one_until_the_student_writes_his_again(notebook: StudentNotebook) -> None:
    written(notebook, 'def ended(line):\n    return line + b"\\n"')
    done, _ = notebook.cell(BELOW)
    assert says(done, "STANDS_IN_FOR_YOURS")
    assert notebook.names["octets"] == b"QUIT\r\n"
    assert says(written(notebook, RIGHT), "ALL_CALLS_RIGHT", "ok: ")
    assert notebook.cell(BELOW)[0] == ""
    assert says(written(notebook, "def ended(line):\n    return line"), "WRONG_CALL", "not yet: ")
    assert says(notebook.cell(BELOW)[0], "STANDS_IN_FOR_YOURS")


def test_one_written_in_a_cell_of_the_students_own_counts(notebook: StudentNotebook) -> None:
    written(notebook, "")
    assert says(notebook.cell(RIGHT)[1], "ALL_CALLS_RIGHT", "ok: ")
    assert notebook.cell(BELOW)[0] == ""


def test_a_cell_that_fails_leaves_no_older_function_behind(notebook: StudentNotebook) -> None:
    written(notebook, RIGHT)
    assert says(written(notebook, "def ended(line):\n    return ("), "ENDED_IN_AN_ERROR", "not yet: ")
    assert says(notebook.cell(BELOW)[0], "STANDS_IN_FOR_YOURS")


def test_a_function_that_is_right_stays_though_the_cell_fails_below_it(notebook: StudentNotebook) -> None:
    assert says(written(notebook, f"{RIGHT}\nended()"), "DONE_BUT_FAILED", "not yet: ")
    assert notebook.cell(BELOW)[0] == ""


def test_the_lesson_begins_without_the_functions_of_an_earlier_run(notebook: StudentNotebook) -> None:
    written(notebook, RIGHT)
    notebook.lesson.begin(notebook)
    assert "ended" not in notebook.names


# What is delivered


@pytest.mark.parametrize(
    ("answer", "settings", "given"),
    [
        (RIGHT, SETTINGS, f"{TASK}\ndef ended(line):\n    ...\n"),
        (
            RIGHT,
            SETTINGS | {"begun": "def ended(line):\n    return None"},
            f"{TASK}\ndef ended(line):\n    return None\n",
        ),
        ("ended = bytes", SETTINGS, f"{TASK}\n"),
    ],
)
def test_a_function_is_delivered_begun(answer: str, settings: dict[str, Any], given: str) -> None:
    content = tutorial((f"{TASK}\n{answer}", settings))
    assert cells_of(content)[0].given == given
    assert b"smtplab" not in delivered(content)


# The goal as it is written


@pytest.mark.parametrize(
    "function",
    [
        {},
        {"name": "a"},
        {"name": "a", "tries": []},
        {"name": "a", "tries": [{"call": "a()"}]},
        {"name": "a", "tries": [{"gives": "1"}]},
        {"name": "a", "tries": [{"call": "a()", "gives": "1", "raises": "ValueError"}]},
        {"name": "a", "tries": [{"call": "a()", "gives": "1", "why": ""}]},
    ],
)
def test_a_goal_that_is_not_understood_names_the_cell(function: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="here"):
        Goal.read({"function": function}, cell="here")


@pytest.mark.parametrize(
    ("got", "wanted", "right"),
    [
        ("(1, [b'a'])", "(1, [b'a'])", True),
        ("[1, (bytearray(b'a'),)]", "(1, [b'a'])", True),
        ("(1, 'a')", "(1, b'a')", False),
        ("[1]", "(1, 2)", False),
        ("1", "True", False),
        ("True", "True", True),
        ("'ab'", "('a', 'b')", False),
    ],
)
def test_values_are_compared_as_a_student_means_them(got: str, wanted: str, right: bool) -> None:
    fault, _ = Try("f()", gives=wanted).fault("f", lambda: eval(got))
    assert bool(fault) is not right


def test_what_cannot_be_compared_or_shown_is_wrong_and_breaks_nothing() -> None:
    class Odd:
        def __eq__(self, other: object) -> bool:
            raise ValueError

        __hash__ = None  # type: ignore[assignment]

        def __repr__(self) -> str:
            raise ValueError

    assert "<Odd>" in Try("f()", "f()", gives="1").fault("f", Odd)[0]


def test_what_is_made_before_the_call_is_new_for_each() -> None:
    each = Try("f(rest)", gives="[1]", made=(("rest", "[]"),))

    def append(rest: list[int]) -> list[int]:
        return [*rest, 1]

    assert each.fault("f", append) == each.fault("f", append) == ("", ())


def test_what_cannot_be_made_is_told_as_the_call() -> None:
    def fails() -> None:
        raise OSError("no")

    fault, _ = Try("f().feed(b'')", gives="1", made=(("server", "f()"),)).fault("f", fails)
    assert "`OSError: no`" in fault


def test_a_wrong_client_is_told_with_what_was_said() -> None:
    def shy(sock: Any) -> None:
        sock.sendall(b"HELO a\r\n")

    goal = {"function": {"name": "shy", "tries": [{"with": {"sock": "host()"}, "call": "shy(sock)", "gives": "220"}]}}
    verdict = Goal.read(goal, cell="c").judge(StepEvidence([], [], lambda _: [], value={"shy": shy}.get))
    assert [str(row)[:6] for row in verdict.rows if row.side is not Side.NOTE] == ["S: 220", "C: HEL"]
    assert "C: HELO a" in str(verdict)
    assert "C: HELO a" in verdict._repr_html_()


def test_what_was_said_is_not_shown_where_the_reason_is_another_one() -> None:
    goal = {"function": {"name": "hello", "tries": [{"with": {"sock": "host()"}, "call": "hello(sock)", "gives": "1"}]}}
    task, answer = "# Now you: write hello.\n", "def hello(sock):\n    sock.sendall(b'HELO a\\r\\n')\n    return 1"
    begun = answer.replace("1", "...")
    notebook = StudentNotebook(cells_of(tutorial((task + answer, {"goal": goal, "begun": begun}))))
    assert "C: HELO a" in notebook.cell(task + answer.replace("1", "2"))[1]
    told = notebook.cell(task + begun)[1]
    assert says(told, "STILL_DOTS", "not yet: ")
    assert "C: " not in told


# The call


def test_a_call_is_stopped_after_so_many_lines_although_the_code_takes_every_exception() -> None:
    def stubborn() -> None:
        while True:
            with suppress(Exception):
                pass

    outcome = call("stubborn()", {"stubborn": stubborn}, most_lines=1000)
    assert outcome.endless
    assert outcome.value is None


def test_the_lines_of_smtplab_and_of_python_do_not_count() -> None:
    names = {"feed_in_pieces": feed_in_pieces, "server": Echo()}
    assert call("feed_in_pieces(server, b'a' * 300)", names, most_lines=301).value == b"a" * 300
    assert call("feed_in_pieces(server, b'a' * 300)", names, most_lines=200).endless


def test_the_tracer_that_was_set_before_is_set_again() -> None:
    import sys

    before = sys.gettrace()
    call("1 / 0", {})
    assert sys.gettrace() is before


class Echo:
    def feed(self, octets: bytes) -> bytes:
        return octets


# What the tries use


def test_a_speaker_says_its_pieces_and_closes_or_is_silent() -> None:
    sock = tools.says(b"220 a", b"\r\n", closes=True)
    assert [sock.recv(100) for _ in range(3)] == [b"220 a", b"\r\n", b""]
    sock = octet_by_octet(b"ab")
    sock.settimeout(1)
    sock.sendall(b"anything")
    assert [sock.recv(100), sock.recv(100)] == [b"a", b"b"]
    with pytest.raises(TimeoutError):
        sock.recv(100)
    assert sock.now == pytest.approx(1.002)


def test_a_host_has_its_fault_and_its_mail() -> None:
    sock = host("reply 451 to NOOP")
    sock.sendall(b"NOOP\r\n" + SESSION.replace(b"you@own", b"bob@lab"))
    assert codes(sock.recv(5000)) == [220, 451, 250, 250, 250, 354, 250, 221]
    assert mail_in(sock) == [b"Subject: Test\r\n\r\nQUIT\r\n.dot\r\n"]
    assert mail_in(sock, "alice") == []


def test_what_the_answers_of_a_tutorial_write_can_be_used_in_another_one() -> None:
    client = answers("04-a-client-from-bytes")
    assert client.stuffed(b".a\r\n") == b"..a\r\n.\r\n"
    sock = host()
    client.send_mail(sock, "alice@lab.example", ["bob@lab.example"], TEXT)
    assert mail_in(sock) == [TEXT]


def test_octets_are_fed_in_pieces_and_replies_counted_once() -> None:
    assert feed_in_pieces(Echo(), b"abcde", 2) == b"abcde"
    assert codes(b"250-a\r\n250 b\r\n354 go\r\n2") == [250, 354]
    assert codes(b"ok\r\n\r\n") == []


def test_the_functions_of_a_tutorial_find_what_its_cells_give_to_read() -> None:
    server = answers("05-a-server-from-states").Server()
    assert server.feed(b"helo a\r\nMAIL FROM:<b@c>\r\n").count(b"250 ") == 2
    assert server.feed(b"RSET\r\n").startswith(b"502 ")
