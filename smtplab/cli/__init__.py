"""The command line, ``smtplab``. This is its entry point; `frame` has the table of commands.

Each command is in a module of its own, which is imported only when the command runs. So ``smtplab --help`` is fast.
"""

import sys
from collections.abc import Sequence
from typing import NoReturn

from . import sentences

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run `arguments`, by default those of ``sys.argv``, and exit with a code of `frame.ExitCode`."""
    try:
        from .frame import run

        sys.exit(run(arguments))
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] == "smtplab":
            raise
        command = f"{sys.executable} -m pip install {error.name.partition('.')[0]}"
        print(sentences.PACKAGE_MISSING.format(name=error.name, command=command), file=sys.stderr)
        sys.exit(3)
    except KeyboardInterrupt:
        sys.exit(130)
