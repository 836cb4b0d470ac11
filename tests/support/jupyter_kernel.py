"""A Jupyter kernel that runs, and a client that is connected to it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel

SECONDS = 60  # that a start may take
STARTS = 3


def start_kernel(name: str, **options: Any) -> tuple[KernelManager, BlockingKernelClient]:
    """Start a kernel; on a machine that has much to do, one may die before it has begun, so it is tried again.

    Raises:
        RuntimeError: if none begins.
    """
    for _ in range(STARTS - 1):
        with suppress(RuntimeError):
            return start_new_kernel(SECONDS, name, **options)
    return start_new_kernel(SECONDS, name, **options)
