"""A process of tests looks for garbage when it has grown, also where few objects hold many octets."""

import gc
import sys
import threading
import weakref

import pytest

from support import memory
from support.shell import notebook_shell


class _Held:
    """An object in a circle."""

    def __init__(self) -> None:
        self.circle = self


def _left_by_a_test() -> weakref.ref[_Held]:
    return weakref.ref(_Held())


@pytest.mark.parametrize(("grown", "is_there"), [(memory.MUCH // 2, True), (memory.MUCH + 1, False)])
def test_what_stays_in_a_circle_goes_once_the_process_has_grown(
    grown: int, is_there: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    gc.disable()
    try:
        octets = [100 << 20]
        monkeypatch.setattr(memory, "resident", lambda: octets[0])
        watch, left = memory.Watch(), _left_by_a_test()
        octets[0] += grown
        watch.look()
        assert (left() is not None) is is_there
    finally:
        gc.enable()


def test_growth_is_counted_from_the_least_that_the_process_held(monkeypatch: pytest.MonkeyPatch) -> None:
    octets, looks = [100 << 20], []
    monkeypatch.setattr(memory, "resident", lambda: octets[0])
    monkeypatch.setattr(memory.gc, "collect", lambda: looks.append(octets[0]))
    watch = memory.Watch()
    for octets[0] in (50 << 20, 60 << 20, 70 << 20, 80 << 20):
        watch.look()
    assert looks == [70 << 20]


def test_a_large_block_that_is_free_goes_back_to_the_system() -> None:
    before = memory.resident()
    if not before:
        pytest.skip("this system does not say what a process holds")
    for _ in range(3):
        block = b"x" * (32 << 20)
        assert memory.resident() - before > 30 << 20
        del block
        assert memory.resident() - before < 8 << 20


def test_nothing_keeps_a_widget_of_a_file_that_has_ended() -> None:
    import ipywidgets

    left = weakref.ref(ipywidgets.Button())
    gc.collect()
    assert left() is not None
    memory.forget_widgets()
    gc.collect()
    assert left() is None


def test_nothing_keeps_a_shell_and_its_variables() -> None:
    main, threads = sys.modules["__main__"], threading.active_count()
    for _ in range(2):
        with notebook_shell() as shell:
            shell.run_cell("%load_ext smtplab\nvalue = {1}")
            left = weakref.ref(shell.user_ns["value"])
        del shell
        gc.collect()
        assert left() is None
    assert (sys.modules["__main__"], threading.active_count()) == (main, threads)
