"""A kernel that goes on: while a notebook is graded, a cell that ends Python has failed, and the next cell runs.

In a notebook ``exit()`` stops the kernel, and then nothing behind it would be graded. nbgrader's configuration in
``notebooks/exercises`` calls `go_on` in every kernel, before the first cell. It is meant for mistakes: a process that
wants to end finds other ways.

A notebook without the cell that says ``student = ...`` goes on, too: whose work it is says the folder.
"""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from IPython.core.getipython import get_ipython


def go_on() -> None:
    """Let ``exit``, ``quit`` and ``os._exit`` raise SystemExit in this kernel, as ``sys.exit`` does."""
    shell = get_ipython()
    if shell is not None:
        shell.user_ns["exit"] = shell.user_ns["quit"] = sys.exit
        shell.user_ns.setdefault("student", "")
    end, kernel = os._exit, os.getpid()

    def raise_in_kernel(status: int) -> NoReturn:
        if os.getpid() == kernel:
            raise SystemExit(status)
        end(status)  # a process that was forked has to end

    os._exit = raise_in_kernel
