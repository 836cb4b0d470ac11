"""The SMTP kernel in a browser: JupyterLite's Python kernel, pyodide-kernel, with another language in front.

``labextension/static/remoteEntry.js`` starts a Python kernel and calls `boot` in it. From then on the kernel's four
answers are those of `front`. Nothing here needs ipykernel, a thread or a signal. An interrupt cannot reach a running
cell in a browser; the extension says so, and offers a restart.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any

from .front import KernelFront, KernelReply


class LiteKernel:
    """What a kernel of pyodide-kernel answers once its language is SMTP.

    Args:
        kernel: the kernel; its shell is ``kernel.interpreter``.
    """

    def __init__(self, kernel: Any) -> None:
        self._shell = kernel.interpreter
        self._front = KernelFront(self._shell)
        self._run_python: Callable[[str], Awaitable[KernelReply]] = kernel.run
        self._python = kernel.complete, kernel.inspect, kernel.is_complete
        kernel.run, kernel.complete, kernel.inspect, kernel.is_complete = (
            self.run,
            self.complete,
            self.inspect,
            self.is_complete,
        )

    async def run(self, code: str) -> KernelReply:
        """Execute a cell, and return the reply of the kernel.

        Before a cell of Python, pyodide-kernel obeys ``%pip`` and loads what is imported. In SMTP these are lines like
        any others, so such a cell goes to the shell at once.
        """
        if (head := self._front.python_head(code)) is not None:
            return await self._run_python(code[head:])
        self._shell._last_traceback = None
        with self._front.running(code):
            self._shell.run_cell(code, store_history=True)
        payload = self._shell.payload_manager.read_payload()
        self._shell.payload_manager.clear_payload()
        failed = self._shell._last_traceback
        return {"payload": payload, "status": "ok"} | ({} if failed is None else {**failed, "status": "error"})

    def complete(self, code: str, cursor: int | None = None) -> KernelReply:
        """Complete SMTP, or Python in a Python cell."""
        return self._front.complete(code, cursor, self._python[0])

    def inspect(self, code: str, cursor: int, detail_level: int = 0) -> KernelReply:
        """Show the page of a verb, a code or a directive, or Python's help in a Python cell."""
        python = self._python[1]
        return self._front.inspect(code, cursor, lambda code, cursor: python(code, cursor, detail_level))

    def is_complete(self, code: str) -> KernelReply:
        """Say if a console should wait for more lines."""
        return self._front.is_complete(code, self._python[2])


def boot(kernel: Any = None) -> LiteKernel:
    """Turn a kernel of pyodide-kernel into one for SMTP, and count its cells from 1.

    Args:
        kernel: the kernel; None for the running one.
    """
    if kernel is None:
        kernel = import_module("pyodide_kernel").kernel_instance  # only a browser has it
    made = LiteKernel(kernel)
    kernel.interpreter.execution_count = 1
    return made
