"""Which tests a machine for continuous integration may skip, and why.

Elsewhere a test skips what it cannot have, such as the mail program of another maker. With ``SMTPLAB_SKIPS=named`` in
the environment, which ``.ci/run`` sets once it has installed everything, only the reasons in `NAMED` are taken; any
other skip fails, so that no test is lost unseen.
"""

import os

import pytest

# How the reason of a skip begins, and what the machine lacks.
NAMED = {
    "only root can start Postfix": "root",
    "a file system can be mounted here only by root": "root, or the right to mount",
    "a network of its own": "network namespaces",
    "this machine gives no border of": "namespaces or Landlock, which a container forbids",
    "only root is kept out of everything here": "root",
    "no Python here is open to another user": "a Python outside root's home",
    "tcpdump may not capture here": "the right to capture packets",
    "strace may not trace here": "the right to trace a process",
    "no IPv6 on this machine": "IPv6",
    "History range not supported": "a kernel that gives a range of its history",
    "this is no git checkout": "git's list of the files of the project",
}


def is_named(reason: str) -> bool:
    """Return True if a machine for continuous integration may skip a test for this reason."""
    return reason.removeprefix("Skipped: ").startswith(tuple(NAMED))


def refuse_unnamed(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn the report of a skip into that of a failure if its reason is not named and has to be."""
    if os.environ.get("SMTPLAB_SKIPS") != "named" or not report.skipped or hasattr(report, "wasxfail"):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if not is_named(reason):
        report.outcome = "failed"
        report.longrepr = f"Skipped, but tests/support/skips.py does not name the reason: {reason}"
