"""Code of a student's that would run for ever: it is stopped, whatever it does, and the line is told."""

from __future__ import annotations

import linecache
import signal
import sys
import threading

import pytest

from smtplab.base import line_limit
from smtplab.base.line_limit import LineLimit, TooManyLines

LINES = 2000
ENDLESS = {
    "while True: pass": "line 1: while True: pass",
    "while True:\n    x = 1": "line",
    "while True:\n    try:\n        x = 1\n    except:\n        pass": "line",
    "while True:\n    try: x = 1\n    except BaseException: x = 2": "line",
    "try:\n    while True: pass\nexcept:\n    pass": "line 2: while True: pass",
    "def f():\n    try:\n        while True: pass\n    except:\n        return b''\nf()": "line 3: while True: pass",
    "def f():\n    try:\n        while True: x = 1\n    except: pass\nwhile True: f()": "line 3: while True: x = 1",
}


def ran(text: str, limit: LineLimit) -> None:
    name = f"<{text}>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    code = compile(text, name, "exec")
    with limit:
        exec(code, {"__name__": "__main__"})


@pytest.mark.parametrize("text", ENDLESS)
def test_an_endless_loop_is_stopped_also_if_it_catches_everything(text: str) -> None:
    limit = LineLimit(LINES, seconds=0.05)
    with pytest.raises(TooManyLines):
        ran(text, limit)
    assert limit.place.startswith(ENDLESS[text])


@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit on addresses")
@pytest.mark.parametrize("text", ["x = b'a' * 1000\nwhile True:\n    x += x", "list(iter(int, 1))"])
def test_a_loop_that_grows_gets_no_more_memory(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_limit, "_MOST_OCTETS", 16 * 1024 * 1024)
    with pytest.raises(MemoryError):
        ran(text, LineLimit(LINES, seconds=60.0))


@pytest.mark.parametrize(("text", "is_late"), [("while True: pass", True), ("while True:\n    x = 1", False)])
def test_a_stop_by_the_clock_is_told_from_one_by_the_number_of_lines(text: str, is_late: bool) -> None:
    limit = LineLimit(LINES, seconds=0.05 if is_late else 60.0)
    with pytest.raises(TooManyLines):
        ran(text, limit)
    assert limit.is_late is is_late


def test_all_calls_inside_one_limit_count_together() -> None:
    limit = LineLimit(10)
    ran("x = 1\n" * 6, limit)
    with pytest.raises(TooManyLines):
        ran("x = 1\n" * 6, limit)


def test_nothing_is_left_of_a_limit_behind_it() -> None:
    before = sys.gettrace(), signal.getsignal(signal.SIGVTALRM), line_limit._limit_memory(0)
    line_limit._restore_memory(before[2])
    with pytest.raises(TooManyLines):
        ran("while True: x = 1", LineLimit(LINES))
    after = sys.gettrace(), signal.getsignal(signal.SIGVTALRM), line_limit._limit_memory(0)
    line_limit._restore_memory(after[2])
    assert after == before
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)


def test_an_interrupt_of_the_student_stays_one() -> None:
    with pytest.raises(KeyboardInterrupt):
        ran("try:\n    while True: x = 1\nexcept: raise KeyboardInterrupt", LineLimit(LINES))


def test_an_error_behind_a_caught_stop_is_the_stop() -> None:
    with pytest.raises(TooManyLines):
        ran("try:\n    while True: x = 1\nexcept: raise ValueError", LineLimit(LINES))


def test_a_thread_that_is_not_the_main_one_counts_lines_as_well() -> None:
    ended = []

    def work() -> None:
        try:
            ran("while True:\n    x = 1", LineLimit(LINES))
        except TooManyLines:
            ended.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(20)
    assert ended == [True]
