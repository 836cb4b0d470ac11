"""Nothing leaves the machine: a lab and all exercises work with the network cut, and call no other host."""

import shutil
import subprocess
import sys
from pathlib import Path

from smtplab.grading.exercises import NAMES

# What a notebook does, with every address that is called written down; the last line says which.
_WORK = """
import sys
called = []
def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "urllib.Request"):
        called.append((event, *map(str, arguments)))
sys.addaudithook(watch)
import smtplab
lab = smtplab.Lab()
session = lab.telnet("mail.adelphia.net")
for line in ("HELO cnri.reston.va.us", "MAIL FROM:<a@b.example>", "RCPT TO:<nobody@else.example>", "NOOP", "QUIT"):
    session.send(line)
session.why()
for name in NAMES:
    mine = smtplab.exercise(name, "mia")
    str(mine), smtplab.check(name)
print(called)
"""


def worked(folder: Path, *prefix: str) -> str:
    """Do the work of a notebook in a process of its own, and return the addresses that it called."""
    command = [*prefix, sys.executable, "-c", f"NAMES = {NAMES!r}\n{_WORK}"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def test_a_lab_and_all_exercises_work_with_the_network_cut(tmp_path: Path) -> None:
    unshare = shutil.which("unshare")
    cut = [unshare, "--map-root-user", "--net"] if unshare else []
    if not cut or subprocess.run([*cut, "true"], capture_output=True, check=False).returncode:
        cut = []  # the addresses that are called are seen without it, too
    assert worked(tmp_path, *cut) == "[]"
