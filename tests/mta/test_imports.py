"""Importing what a host needs stays cheap: TOML is read only by who loads a file."""

import subprocess
import sys

HEAVY = {"tomllib", "email", "mailbox", "socket", "asyncio", "pandas"}


def test_importing_the_mta_loads_nothing_heavy():
    modules = ["directory", "personality", "maildir", "store", "trace"]
    code = "import sys\n" + "".join(f"import smtplab.mta.{name}\n" for name in modules) + "print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "smtplab.mta.trace" in loaded
    assert not HEAVY & set(loaded)
