"""Runs several nbgrader commands one after the other, in this folder, and prints what each of them says.

``python nbgrader_commands.py "autograde 01-title" "export"`` does what typing ``nbgrader autograde 01-title`` and
``nbgrader export`` would do, but imports nbgrader once and not each time.
"""

import shlex
import sys

from nbgrader.apps.nbgraderapp import NbGraderApp


def run(command: str) -> int:
    """Run one command and return its exit code."""
    try:
        NbGraderApp.launch_instance(shlex.split(command))
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 1
    finally:
        NbGraderApp.clear_instance()
        for application, _ in NbGraderApp().subcommands.values():
            application.clear_instance()  # else the next command of this name has none that is said to be running
    return 0


if __name__ == "__main__":
    for each in sys.argv[1:]:
        print(f"$ nbgrader {each}", flush=True)
        print(f"exit code {run(each)}", flush=True)
