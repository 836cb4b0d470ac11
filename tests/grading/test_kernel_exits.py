"""While a notebook is graded, nothing but a kill ends its kernel; `test_nbgrader` sees it in a real one."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

START = "import os, sys\nfrom smtplab.grading.kernel_exits import survive_exits\nsurvive_exits()\n"


def said(script: str) -> tuple[int, str]:
    done = subprocess.run([sys.executable, "-c", START + script], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_os_exit_raises_what_sys_exit_raises() -> None:
    script = "try:\n    os._exit(3)\nexcept SystemExit as error:\n    print('went on', error.code)"
    assert said(script) == (0, "went on 3\n")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_process_still_ends() -> None:
    script = (
        "child = os.fork()\nif not child:\n    os._exit(4)\nprint(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))"
    )
    assert said(script) == (0, "4\n")


@pytest.mark.parametrize("name", ["exit", "quit"])
def test_exit_and_quit_raise_in_a_shell_as_sys_exit_does(name: str) -> None:
    script = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        f"survive_exits()\nprint(shell.user_ns[{name!r}] is sys.exit)"
    )
    assert said(script) == (0, "True\n")


def test_a_notebook_that_does_not_say_whose_it_is_runs() -> None:
    script = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "survive_exits()\nprint(repr(shell.user_ns['student']))"
    )
    assert said(script) == (0, "''\n")
