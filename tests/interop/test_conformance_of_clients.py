"""Clients of other makers, tried as a student's is: each rule that one of them fails is in the standard.

Only some plays are performed here, because each starts the program. A run of all of them takes up to half a minute.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from smtplab.conformance.clients.client_rules import CLIENT_RULES
from smtplab.conformance.clients.client_run import ClientRun
from smtplab.conformance.clients.program_client import ProgramClient
from support import peers

PLAYS = {"plain", "dots", "edges", "several", "bare-codes", "rcpt-550"}
RULES = tuple(each for each in CLIENT_RULES if each.play in PLAYS)

_SMTPLIB = """
import smtplib, sys
host, port, sender, recipient, file = sys.argv[1:]
with smtplib.SMTP(host, int(port), "client.example") as client:
    client.sendmail(sender, [recipient], open(file, "rb").read())
"""
_AIOSMTPLIB = """
import aiosmtplib, asyncio, sys
host, port, sender, recipient, file = sys.argv[1:]
async def send():
    async with aiosmtplib.SMTP(hostname=host, port=int(port), local_hostname="client.example") as client:
        await client.sendmail(sender, [recipient], open(file, "rb").read())
asyncio.run(send())
"""
_PLACES = "{host} {port} {from} {to} {file}"
_SWAKS = "swaks --server {host} --port {port} --helo client.example --from {from} --to {to} --data -"
_MSMTP = (
    "msmtp --file=/dev/null --host={host} --port={port} --auth=off --tls=off --domain=client.example --from={from} {to}"
)

# The rules that each fails. swaks and msmtp want a blank behind the code, which RFC 5321 4.2 lets a server leave out
# with the text. msmtp closes after a refusal without QUIT, which 4.1.1.10 forbids.
FAILS = {
    "smtplib": set(),
    "aiosmtplib": set(),
    "curl": set(),
    "swaks": {"takes-bare-codes"},
    "msmtp": {"takes-bare-codes", "quits-after-refusal"},
    "ours": set(),
}


def client(name: str, folder: Path) -> ProgramClient:
    """Return a client of another maker, or ours."""
    if name in ("curl", "swaks", "msmtp"):
        peers.program(name)
    elif name == "aiosmtplib":
        pytest.importorskip("aiosmtplib")
    script = folder / "client.py"
    script.write_text({"smtplib": _SMTPLIB, "aiosmtplib": _AIOSMTPLIB}.get(name, ""))
    commands = {
        "smtplib": f"{sys.executable} {script} {_PLACES}",
        "aiosmtplib": f"{sys.executable} {script} {_PLACES}",
        "curl": "curl -sS --mail-from {from} --mail-rcpt {to} -T {file} smtp://{host}:{port}/client.example",
        "swaks": f"sh -c '(cat {{file}}; echo .) | {_SWAKS}'",
        "msmtp": f"sh -c '{_MSMTP} < {{file}}'",
        "ours": f"{sys.executable} -m smtplab send --quiet --host {{host}} --port {{port}} --from {{from}} --to {{to}} "
        "--file {file}",
    }
    return ProgramClient(commands[name], unix_file=name == "msmtp")


@pytest.mark.parametrize("name", FAILS)
def test_client_fails_only_what_the_standard_says(name: str, tmp_path: Path) -> None:
    run = ClientRun(client(name, tmp_path), RULES)
    found = list(run.run(all=True))
    assert {finding.rule.id for finding in found if finding.failed} == FAILS[name], str(run.report())
    assert sum(finding.passed for finding in found) > 30
