"""The rules for the student's server that `conformance` does not have, because they are about the task's names."""

from __future__ import annotations

from ....conformance.rule import ConformanceRule
from ....conformance.servers.probe_session import ProbeFailure, ProbeSession
from ....conformance.servers.server_rule import Probe, ServerRule
from ....conformance.servers.server_trial import DATA, DOT, HEAD, INTERMEDIATE, MAIL, ServerTrial
from .task import ServerTask

GREETING, MAILBOXES, FIRST_HELO = "greeting-has-your-name", "mailboxes-are-known", "mail-needs-helo"
RECIPIENTS, SIZE, FULL_SIZE = "recipients-are-limited", "message-is-limited", "long-message-is-taken"
LINE, LIMITS_ANEW, SECOND_MAIL = "line-is-limited", "limits-begin-anew", "mail-not-after-rcpt"
OWN_IDS = (GREETING, MAILBOXES, FIRST_HELO, RECIPIENTS, SIZE, FULL_SIZE, LINE, LIMITS_ANEW, SECOND_MAIL)
_POSTMASTER = "Postmaster is taken with the domain of your sheet and without any, in capital and small letters."
_LINE = 72  # octets of each line of a large text
_UNKNOWN = ("550", "551", "553")


def own_rules(task: ServerTask) -> tuple[ServerRule, ...]:
    """Return the rules about a task."""
    return (
        _rule(
            GREETING,
            "greet",
            "The server greets with 220 and its name.",
            "The first word after 220 is the name on your sheet.",
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
        _rule(
            RECIPIENTS,
            "limits",
            "A recipient more than the sheet allows gets 452, and the message goes to the others.",
            "Count the recipients that you have taken since MAIL; 452 leaves them as they are.",
            lambda trial: _limits_recipients(trial, task),
        ),
        _rule(
            SIZE,
            "limits",
            "A message with more octets than the sheet allows gets 552 for its dot, and is not stored.",
            "Read on until the dot, then count the octets that you would store; the session goes on.",
            lambda trial: _limits_octets(trial, task),
        ),
        _rule(
            FULL_SIZE,
            "limits",
            "A message with as many octets as the sheet allows is taken.",
            "Count the octets that you store: not those of the commands, nor those of an earlier message.",
            lambda trial: _offer(trial.in_data(), task.most_octets - len(DOT), "250"),
        ),
        _rule(
            LINE,
            "limits",
            "A command line of more than 512 octets, with its CRLF, gets 500, and the session goes on.",
            "Look at the length of the line before you look for its verb.",
            _limits_lines,
        ),
        _rule(
            LIMITS_ANEW,
            "limits",
            "Each message may have as many recipients as the sheet allows.",
            "Begin to count again at each MAIL.",
            lambda trial: _begins_to_count_anew(trial, task),
        ),
        _rule(
            SECOND_MAIL,
            "order",
            "A second MAIL after RCPT is answered with 503, too.",
            "The row of your table for a transaction with recipients has no MAIL.",
            _refuses_second_mail,
        ),
    )


def _rule(id: str, stage: str, demand: str, look: str, probe: Probe) -> ServerRule:
    return ServerRule(ConformanceRule(id, stage, "the task", demand, look), probe)


def _needs_helo(trial: ServerTrial) -> None:
    trial.greeted().ask(b"MAIL FROM:<carol@client.example>\r\n", "503")


def _refuses_second_mail(trial: ServerTrial) -> None:
    session = trial.with_sender()
    session.ask(trial.rcpt, "2yz")
    session.ask(MAIL, "503")


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


def _limits_recipients(trial: ServerTrial, task: ServerTask) -> None:
    session = trial.with_sender()
    _fill(session, trial.rcpt, task)
    session.ask(DATA, *INTERMEDIATE)
    session.ask(HEAD + DOT, "2yz")


def _fill(session: ProbeSession, rcpt: bytes, task: ServerTask) -> None:
    """Name as many recipients as a message may have, and one more."""
    most = task.most_recipients
    for number in range(1, most + 2):
        try:
            session.ask(rcpt, "250" if number <= most else "452")
        except ProbeFailure as failure:
            note = failure.note or f"(to recipient {number}; the sheet allows {most})"
            raise ProbeFailure(failure.expected, note=note) from None


def _limits_octets(trial: ServerTrial, task: ServerTask) -> None:
    session = trial.in_data()
    _offer(session, task.most_octets + 2000, "552")
    trial.begin_message(session)
    session.ask(HEAD + DOT, "2yz")
    found = len(trial.stored(1))
    if found != 1:
        raise ProbeFailure("the next message, a short one, is stored alone", came=b"", note=f"{found} are stored")


def _offer(session: ProbeSession, octets: int, code: str) -> None:
    """Send a text of some octets.

    What is offered is a little less than the limit, or more than that: who stores the last dot, or LF for CRLF, counts
    others than we, and is told so by the rules about storage alone.
    """
    lines, rest = divmod(octets - len(HEAD), _LINE)
    text = HEAD + (b"x" * (_LINE - 2) + b"\r\n") * (lines - 1) + b"x" * (_LINE + rest - 2) + b"\r\n"
    try:
        session.ask(text + DOT, code)
        session.expect_silence(f"{code} to the dot, and no other reply")
    except ProbeFailure as failure:
        sent = HEAD + b"... (%d octets)" % octets
        raise ProbeFailure(failure.expected, sent=sent, came=session.came, note=failure.note) from None


def _limits_lines(trial: ServerTrial) -> None:
    session = trial.ready()
    try:
        session.ask(b"NOOP " + b"x" * (513 - 7) + b"\r\n", "500")
    except ProbeFailure as failure:
        sent = b"NOOP xxxxx... (a line of 513 octets)"
        raise ProbeFailure(failure.expected, sent=sent, came=session.came, note=failure.note) from None
    session.ask(b"NOOP\r\n", "250")


def _begins_to_count_anew(trial: ServerTrial, task: ServerTask) -> None:
    session = trial.with_sender()
    for _ in range(2):
        _fill(session, trial.rcpt, task)
        session.ask(DATA, *INTERMEDIATE)
        session.ask(HEAD + DOT, "2yz")
        session.ask(MAIL, "2yz")
