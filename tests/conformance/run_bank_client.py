"""Run a client of the bank as a program: ``run_bank_client.py NAME HOST PORT FROM TO FILE``."""

import socket
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from conformance.bank_clients import WRONG

name, host, port, sender, recipient, file = sys.argv[1:]
client = next(each for each in WRONG if each.name == name)
with socket.create_connection((host, int(port))) as sock:
    sys.exit(client(sock, sender, recipient, Path(file).read_bytes()) is False)
