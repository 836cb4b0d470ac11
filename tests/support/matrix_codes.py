"""The right codes of exercise 02's cells, as the student's first host gives them. The package has no such list."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from smtplab.grading.exercises.every_command.task import EveryCommandTask, MatrixCell, hosts
from smtplab.lab.session import Session
from smtplab.worlds.memory import Network

_WAYS = {"GREETED": (), "READY": ("HELO",), "SENDER": ("HELO", "MAIL"), "RECIPIENT": ("HELO", "MAIL", "RCPT")}


@cache
def right_codes(task: EveryCommandTask) -> Mapping[MatrixCell, int]:
    """Say each command in its state to the student's first host, and return the codes of the replies."""
    said = {verb: f"{verb} FROM:<{task.sender}>" for verb in ("MAIL", "SEND", "SOML", "SAML")} | {
        "HELO": f"HELO {task.client}",
        "RCPT": f"RCPT TO:<{task.recipient}>",
        "VRFY": f"VRFY {task.recipient}",
        "EXPN": f"EXPN {task.group}",
    }
    codes = {}
    for cell in task.cells:
        network = Network()
        network.add(hosts(task)[0])
        session = Session(network.dial(task.host, peer="198.51.100.7"))
        for verb in _WAYS[cell.state]:
            session.send(said[verb])
        assert session.state.name == cell.state
        reply = session.send(said.get(cell.verb, cell.verb))
        assert reply is not None
        codes[cell] = reply.code
    return codes
