"""Run a client of the bank as a program: ``run_bank_client.py NAME HOST PORT FROM TO FILE``."""

import socket
import sys
from pathlib import Path


def main(name: str, host: str, port: str, sender: str, recipient: str, file: str) -> int:
    """Send the message in a file; return the exit code."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from conformance.bank_clients import WRONG

    client = next(each for each in WRONG if each.name == name)
    with socket.create_connection((host, int(port))) as sock:
        return int(client(sock, sender, recipient, Path(file).read_bytes()) is False)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
