"""The command line, ``smtplab``. Here is only its door; `frame` holds the table of commands.

Each command lives in a module of its own, which is imported when the command runs and not before, so that
``smtplab --help`` answers at once.
"""

import sys
from collections.abc import Sequence
from typing import NoReturn

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run `arguments`, or else ``sys.argv``, and exit with a code that `frame.ExitCode` explains."""
    try:
        from .frame import run

        sys.exit(run(arguments))
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] == "smtplab":
            raise
        mend = f"{sys.executable} -m pip install {error.name.partition('.')[0]}"
        print(f"The Python package {error.name} is missing; to mend it: {mend}", file=sys.stderr)
        sys.exit(3)
    except KeyboardInterrupt:
        sys.exit(130)
