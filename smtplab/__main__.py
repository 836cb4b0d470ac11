"""``python -m smtplab`` is the command line."""

import sys

from .course.python_version import check_python


def main() -> None:
    """Run the command line, unless this Python is too old to read it: then say so."""
    python = check_python()
    if not python.ok:
        print(python, file=sys.stderr)
        sys.exit(3)
    from .cli import main as command_line

    command_line()


if __name__ == "__main__":
    main()
