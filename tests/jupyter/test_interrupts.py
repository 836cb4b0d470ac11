"""An interrupt waits until what is done is done, and then it comes."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from smtplab.jupyter.interrupts import interrupts_delayed


def test_an_interrupt_comes_after_the_work_and_not_within() -> None:
    worked = []

    def work() -> None:
        with interrupts_delayed():
            os.kill(os.getpid(), signal.SIGINT)
            worked.append(True)

    with pytest.raises(KeyboardInterrupt):
        work()
    assert worked == [True]


def test_without_an_interrupt_nothing_comes_and_the_handler_is_as_before() -> None:
    before = signal.getsignal(signal.SIGINT)
    with interrupts_delayed():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_an_error_in_the_work_puts_the_handler_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ValueError, match="work"), interrupts_delayed():
        raise ValueError("work")
    assert signal.getsignal(signal.SIGINT) is before


def test_a_thread_that_gets_no_signals_just_works() -> None:
    worked = []

    def work() -> None:
        with interrupts_delayed():
            worked.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(30)
    assert worked == [signal.getsignal(signal.SIGINT)]


def test_a_process_that_ignores_interrupts_gets_none() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with interrupts_delayed():
            os.kill(os.getpid(), signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    except KeyboardInterrupt:
        pytest.fail("it was interrupted")
    finally:
        signal.signal(signal.SIGINT, before)
