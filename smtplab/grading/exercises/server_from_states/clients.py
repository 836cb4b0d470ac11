"""The rules for the student's server that `conformance` does not have, because they are about the task's names."""

from __future__ import annotations

from ....conformance.rule import ConformanceRule
from ....conformance.servers.probe_session import ProbeFailure
from ....conformance.servers.server_rule import Probe, ServerRule
from ....conformance.servers.server_trial import ServerTrial
from .task import ServerTask

GREETING, MAILBOXES, FIRST_HELO = "greeting-has-your-name", "mailboxes-are-known", "mail-needs-helo"
OWN_IDS = (GREETING, MAILBOXES, FIRST_HELO)
_POSTMASTER = "Postmaster is taken with the domain of your sheet and without any, in capital and small letters."
_UNKNOWN = ("550", "551", "553")


def own_rules(task: ServerTask) -> tuple[ServerRule, ...]:
    """Return the rules about a task."""
    return (
        _rule(
            GREETING,
            "greet",
            "The server greets with 220 and its name.",
            "The first word behind 220 is the name on your sheet.",
            lambda trial: _greets(trial, task),
        ),
        _rule(
            MAILBOXES,
            "recipient",
            "The mailboxes of the sheet are taken, and no other address.",
            "Compare the address with the mailboxes of your sheet; anybody else gets 550.",
            lambda trial: _knows_mailboxes(trial, task),
        ),
        _rule(
            FIRST_HELO,
            "order",
            "MAIL before HELO and EHLO is answered with 503.",
            "The state after the greeting has no MAIL in your table.",
            _needs_helo,
        ),
    )


def _rule(id: str, stage: str, demand: str, look: str, probe: Probe) -> ServerRule:
    return ServerRule(ConformanceRule(id, stage, "the task", demand, look), probe)


def _needs_helo(trial: ServerTrial) -> None:
    trial.greeted().ask(b"MAIL FROM:<carol@client.example>\r\n", "503")


def _greets(trial: ServerTrial, task: ServerTask) -> None:
    session = trial.connected()
    reply = session.expect("220")
    name = reply.lines[0][4:].split()[:1]
    if name != [task.host.encode()]:
        raise ProbeFailure(f"220 {task.host} and perhaps more")


def _knows_mailboxes(trial: ServerTrial, task: ServerTask) -> None:
    session = trial.with_sender()
    for address in task.mailboxes:
        session.ask(f"RCPT TO:<{address}>\r\n".encode(), "250")
    for address in (f"Postmaster@{task.domain}", "Postmaster", "postmaster"):
        try:
            session.ask(f"RCPT TO:<{address}>\r\n".encode(), "250")
        except ProbeFailure as failure:
            raise ProbeFailure(failure.expected, note=failure.note, look=_POSTMASTER) from None
    user = task.mailbox.partition("@")[0]
    for address in (task.stranger, f"{user}@elsewhere.example", f"{user}@{task.host}"):
        session.ask(f"RCPT TO:<{address}>\r\n".encode(), *_UNKNOWN)
