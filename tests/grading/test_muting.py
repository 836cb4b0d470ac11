"""While it is quiet nothing reaches standard output or standard error, whichever way it goes; afterwards it does."""

from __future__ import annotations

import subprocess
import sys

import pytest

from support.python import printed_by

WAYS = {
    "print": "print('secret'); print('secret', file=sys.stderr)",
    "a stream that was kept": "print('secret', file=OUT); print('secret', file=ERR)",
    "a handler that keeps the stream": "logging.debug('secret')",
    "the first streams": "sys.__stdout__.write('secret'); sys.__stderr__.write('secret')",
    "the descriptors": "os.write(1, b'secret'); os.write(2, b'secret')",
    "a process": "subprocess.run([sys.executable, '-c', 'import sys; print(1); print(2, file=sys.stderr)'])",
}
SCRIPT = """
import logging, os, subprocess, sys
from smtplab.grading.muting import muted_output
OUT, ERR = sys.stdout, sys.stderr
logging.basicConfig(level=logging.DEBUG)
print("before", end=" ")
with muted_output():
    {way}
print("after")
print("after", file=sys.stderr)
"""


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_nothing_is_seen_of_what_is_written_meanwhile(way: str) -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT.format(way=way)], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("before after\n", "after\n")


def test_a_stream_of_ipykernel_is_muted_wherever_it_was_kept() -> None:
    script = """
import sys
from smtplab.grading.muting import muted_output
class Stream:
    def write(self, text): print("wrote", text)
kept = real = sys.stderr
sys.stderr = kept = Stream()
with muted_output():
    kept.write("secret")
kept.write("after")
sys.stderr = real
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("wrote after\n", "")


def test_silence_within_a_silence_does_not_end_it() -> None:
    script = """
from smtplab.grading.muting import muted_output
with muted_output():
    import sys
    kept = sys.__stdout__
    with muted_output():
        pass
    kept.write("secret")
print("after")
"""
    assert printed_by(script) == "after\n"


def test_a_stream_that_writes_in_a_way_of_its_own_does_so_again() -> None:
    script = """
import sys
from smtplab.grading.muting import muted_output
write = sys.stdout.write
sys.stdout.write = lambda text: write(text.upper())
with muted_output():
    print("secret")
print("after")
"""
    assert printed_by(script) == "AFTER\n"


def test_what_was_written_before_is_seen_though_it_is_flushed_meanwhile() -> None:
    script = """
import sys
from smtplab.grading.muting import muted_output
kept = sys.stdout
kept.reconfigure(line_buffering=False, write_through=False)
print("before")
with muted_output():
    kept.flush()
"""
    assert printed_by(script) == "before\n"


def test_an_error_passes_through_and_the_noise_comes_back() -> None:
    script = """
import os
from smtplab.grading.muting import muted_output
try:
    with muted_output():
        1 / 0
except ZeroDivisionError:
    os.write(2, b"after")
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "after")


def test_descriptors_that_are_closed_are_left_closed() -> None:
    imports = "import os; from smtplab.grading.muting import muted_output"
    script = f"{imports}\nos.close(2)\nwith muted_output(): pass\nprint('went on')"
    assert printed_by(script) == "went on\n"
