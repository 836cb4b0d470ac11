"""Keep the kernel of a graded notebook alive, so that a cell that ends Python fails and the next cell runs.

In a notebook ``exit()`` stops the kernel, and no later cell would be graded. The nbgrader configuration in
``notebooks/exercises`` calls `survive_exits` in every kernel, before the first cell. It protects against mistakes, not
against attacks: a process that wants to end finds other ways.

A notebook without the cell ``student = ...`` also runs: the folder of the submission names the student.
"""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from IPython.core.getipython import get_ipython


def survive_exits() -> None:
    """Make ``exit``, ``quit`` and ``os._exit`` raise SystemExit in this kernel, as ``sys.exit`` does."""
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
