"""An IPython of this process for one test, of which nothing stays.

IPython makes one shell for a process, with a thread that saves the history, a last word at the exit, and a module in
place of `__main__`. Each of these keeps the shell, and with it all that its cells have made, while other tests run.
"""

import atexit
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config


@contextmanager
def notebook_shell() -> Iterator[InteractiveShell]:
    """Give a new shell, without a history on the disk, and let go of it in the end."""
    InteractiveShell.clear_instance()
    main = sys.modules["__main__"]
    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    try:
        yield shell
    finally:
        InteractiveShell.clear_instance()
        sys.modules["__main__"] = shell._orig_sys_modules_main_mod = main
        atexit.unregister(shell.atexit_operations)
        shell.user_ns.clear()
