"""The rules for servers about commands: their order, their spelling, and the small verbs RSET, NOOP, HELP and VRFY."""

from __future__ import annotations

from .probe_session import QUIT
from .server_rule import StageRules
from .server_trial import DATA, HELO, MAIL, ServerTrial

ORDER, SYNTAX, RESET = StageRules("order"), StageRules("syntax"), StageRules("reset")

_UNKNOWN = b"XYZZY\r\n"
_NOOP_OK, _RSET_OK, _REFUSES = ("noop-is-answered-250",), ("rset-is-answered-250",), ("unknown-command-is-refused",)


# Order


@ORDER.probe(
    "rcpt-needs-mail",
    "RFC 5321 4.1.4",
    "RCPT before MAIL is answered with 503.",
    "A transaction is one message, from MAIL to the dot. Note after MAIL that one is open, and take RCPT only then.",
)
def _(trial: ServerTrial) -> None:
    trial.ready().ask(trial.rcpt, "503")


@ORDER.probe(
    "rcpt-needs-helo",
    "RFC 5321 4.1.4",
    "RCPT as the first command is answered with 503.",
    "Take RCPT only in an open transaction.",
    needs=("rcpt-needs-mail",),
)
def _(trial: ServerTrial) -> None:
    trial.greeted().ask(trial.rcpt, "503")


ORDER.asks(
    "data-needs-helo",
    "RFC 5321 4.1.4",
    "DATA as the first command is answered with 503.",
    "Take DATA only after a recipient.",
    at=ServerTrial.greeted,
    send=DATA,
    codes="503",
    needs=("data-needs-a-sender",),
)
ORDER.asks(
    "mail-only-once",
    "RFC 5321 4.1.4",
    "A second MAIL in a transaction is answered with 503.",
    "Take MAIL only if no transaction is open.",
    at=ServerTrial.with_sender,
    send=MAIL,
    codes="503",
)


@ORDER.probe(
    "refusal-changes-nothing",
    "RFC 5321 4.1.4",
    "After a 503 the session is where it was before.",
    "Change the state only after a command was accepted.",
    needs=("mail-only-once",),
)
def _(trial: ServerTrial) -> None:
    session = trial.with_sender()
    session.ask(MAIL, "503")
    session.ask(trial.rcpt, "2yz")


@ORDER.probe(
    "helo-resets",
    "RFC 5321 4.1.4",
    "HELO in a transaction gives it up: RCPT after it is answered with 503.",
    "Do for HELO what you do for RSET.",
    needs=("rcpt-needs-mail", "helo-may-come-again"),
)
def _(trial: ServerTrial) -> None:
    session = trial.with_sender()
    session.ask(HELO, "250")
    session.ask(trial.rcpt, "503")


@ORDER.probe(
    "next-message-begins-empty",
    "RFC 5321 4.1.1.4",
    "After a message, sender and recipients are forgotten: RCPT before the next MAIL is answered with 503.",
    "Clear sender, recipients and text when the dot has come.",
    needs=("second-message-is-taken", "rcpt-needs-mail"),
)
def _(trial: ServerTrial) -> None:
    session = trial.in_data()
    trial.send_message(session)
    session.ask(trial.rcpt, "503")


ORDER.asks(
    "quit-ends-a-transaction",
    "RFC 5321 4.1.1.10",
    "QUIT is accepted after MAIL as well, and gives up the transaction.",
    "Take QUIT in every state.",
    at=ServerTrial.with_sender,
    send=QUIT,
    codes="221",
    needs=("quit-is-answered-221",),
)


# Spelling


SYNTAX.asks(
    "unknown-command-is-refused",
    "RFC 5321 4.2.4",
    "A command that the server does not recognize is refused.",
    "Give the last branch of your commands a refusal, 500.",
    at=ServerTrial.ready,
    send=_UNKNOWN,
    codes="5yz",
)
SYNTAX.asks(
    "unknown-command-gets-500",
    "RFC 5321 4.2.4",
    "A command that the server does not recognize is answered with 500.",
    "Give the last branch of your commands the answer 500. 502 is for a command that is known and not implemented.",
    at=ServerTrial.ready,
    send=_UNKNOWN,
    codes="500",
    needs=_REFUSES,
)


@SYNTAX.probe(
    "unknown-command-changes-nothing",
    "RFC 5321 4.2.4",
    "After an unknown command the transaction goes on.",
    "Answer 500 and leave everything as it is.",
    needs=_REFUSES,
)
def _(trial: ServerTrial) -> None:
    session = trial.with_sender()
    session.ask(_UNKNOWN, "5yz")
    session.ask(trial.rcpt, "2yz")


def _one_refusal(id: str, section: str, demand: str, look: str, line: bytes, *needs: str) -> None:
    """Add a rule that a line gets one reply, a refusal, and that QUIT is answered after it."""

    def probe(trial: ServerTrial) -> None:
        session = trial.ready()
        session.ask(line, "5yz")
        session.quit()

    SYNTAX.probe(id, section, demand, look, needs=(*_REFUSES, *needs))(probe)


_one_refusal(
    "empty-line-gets-500",
    "RFC 5321 4.1.1",
    "An empty line is answered with 500, and the session goes on.",
    "Check that a line has a first word before you use it. An empty line is not the end of the connection.",
    b"\r\n",
)
_one_refusal(
    "line-of-blanks-gets-500",
    "RFC 5321 4.1.1",
    "A line of blanks is answered with 500, and the session goes on.",
    "Check that a line has a first word before you use it.",
    b"   \r\n",
    "empty-line-gets-500",
)
_one_refusal(
    "verb-is-a-whole-word",
    "RFC 5321 4.1.1",
    "QUITE is not QUIT; it is answered with 500.",
    "Compare the whole first word. A line that begins with the letters of a verb may be something else.",
    b"QUITE\r\n",
)
_one_refusal(
    "verb-ends-at-a-blank",
    "RFC 5321 4.1.1",
    "HELOclient.example is not HELO; it is answered with 500.",
    "Compare the whole first word. A line that begins with the letters of a verb may be something else.",
    b"HELOclient.example\r\n",
    "verb-is-a-whole-word",
)
_one_refusal(
    "octets-above-127-get-500",
    "RFC 5321 4.1.2",
    "A line of octets that are not ASCII is answered with 500 or 501, and the session goes on.",
    'Do not decode with "ascii" or "utf-8" alone; add errors="replace", or compare octets.',
    b"\xff\xfe\xe9\r\n",
)
_one_refusal(
    "nul-gets-500",
    "RFC 5321 4.1.2",
    "A line with NUL is answered with 500 or 501, and the session goes on.",
    "Answer 500 for every line that is no command.",
    b"\0\0\0\r\n",
    "octets-above-127-get-500",
)
SYNTAX.asks(
    "helo-needs-a-name",
    "RFC 5321 4.1.1.1",
    "HELO without a name is answered with 501.",
    "Check that there is an argument before you use it.",
    at=ServerTrial.greeted,
    send=b"HELO\r\n",
    codes="501",
    needs=("helo-is-answered-250",),
)


@SYNTAX.probe(
    "small-letters-are-commands",
    "RFC 5321 2.4",
    "Verbs may be written in small letters: helo, mail from, rcpt to, data, quit.",
    "Compare the verb, and FROM: and TO: behind it, without regard to case, in capitals for example.",
    needs=("helo-is-answered-250",),
)
def _(trial: ServerTrial) -> None:
    address = trial.mailbox.encode()
    session = trial.greeted()
    session.ask(b"helo client.example\r\n", "2yz")
    session.ask(b"mail from:<carol@client.example>\r\n", "2yz")
    session.ask(b"rcpt to:<%s>\r\n" % address, "2yz")
    session.ask(b"data\r\n", "2yz", "3yz")
    trial.send_message(session)


@SYNTAX.probe(
    "letters-may-be-mixed",
    "RFC 5321 2.4",
    "Verbs may be written in small and capital letters: Mail From.",
    "Compare the verb, and FROM: and TO: behind it, without regard to case, in capitals for example.",
    needs=("small-letters-are-commands",),
)
def _(trial: ServerTrial) -> None:
    session = trial.ready()
    session.ask(b"Mail From:<carol@client.example>\r\n", "2yz")
    session.ask(b"rCpT tO:<%s>\r\n" % trial.mailbox.encode(), "2yz")


@SYNTAX.probe(
    "blanks-at-the-end-are-nothing",
    "RFC 5321 4.1.1",
    "Blanks before the CRLF of a command are ignored.",
    "Remove blanks at the end of a command, but not at the end of a line of the text.",
)
def _(trial: ServerTrial) -> None:
    session = trial.ready()
    session.ask(MAIL.replace(b"\r\n", b"  \r\n"), "2yz")
    session.ask(trial.rcpt.replace(b"\r\n", b" \r\n"), "2yz")
    session.ask(b"DATA \r\n", "2yz", "3yz")


@SYNTAX.probe(
    "lf-ends-no-command",
    "RFC 5321 2.3.8",
    "LF ends no command: two lines with LF between them are one line, and get one reply.",
    "Look for CRLF, and leave a bare LF in the line.",
)
def _(trial: ServerTrial) -> None:
    session = trial.ready()
    session.drain()
    session.send(b"NOOP\nNOOP\r\n")
    expected = "one reply to the line, then the one to QUIT"
    session.reply(expected)
    session.quit(expected)


# RSET, NOOP, HELP, VRFY


RESET.asks(
    "rset-is-answered-250",
    "RFC 5321 4.1.1.5",
    "RSET is answered with 250.",
    "Every server must have RSET: forget sender, recipients and text, and answer 250.",
    at=ServerTrial.ready,
    send=b"RSET\r\n",
    codes="250",
)
RESET.asks(
    "rset-needs-no-helo",
    "RFC 5321 4.1.1.5",
    "RSET is answered with 250 at any time, also before HELO.",
    "Take RSET in every state.",
    at=ServerTrial.greeted,
    send=b"RSET\r\n",
    codes="250",
    needs=_RSET_OK,
)


@RESET.probe(
    "rset-gives-up-the-transaction",
    "RFC 5321 4.1.1.5",
    "After RSET, RCPT is answered with 503: sender and recipients are forgotten.",
    "Set the state back to the one after HELO.",
    needs=(*_RSET_OK, "rcpt-needs-mail"),
)
def _(trial: ServerTrial) -> None:
    session = trial.with_recipient()
    session.ask(b"RSET\r\n", "2yz")
    session.ask(trial.rcpt, "503")


@RESET.probe(
    "rset-keeps-helo",
    "RFC 5321 4.1.1.5",
    "After RSET, MAIL is accepted without another HELO.",
    "RSET ends the transaction, not the session.",
    needs=_RSET_OK,
)
def _(trial: ServerTrial) -> None:
    session = trial.with_sender()
    session.ask(b"RSET\r\n", "2yz")
    session.ask(MAIL, "2yz")


RESET.asks(
    "noop-is-answered-250",
    "RFC 5321 4.1.1.9",
    "NOOP is answered with 250.",
    "Every server must have NOOP: answer 250 and do nothing.",
    at=ServerTrial.ready,
    send=b"NOOP\r\n",
    codes="250",
)
RESET.asks(
    "noop-takes-an-argument",
    "RFC 5321 4.1.1.9",
    "NOOP with text after it is answered with 250.",
    "Do not look at what is behind NOOP.",
    at=ServerTrial.ready,
    send=b"NOOP still there?\r\n",
    codes="250",
    needs=_NOOP_OK,
)
RESET.asks(
    "noop-needs-no-helo",
    "RFC 5321 4.1.4",
    "NOOP is answered with 250 before HELO.",
    "Take NOOP in every state.",
    at=ServerTrial.greeted,
    send=b"NOOP\r\n",
    codes="250",
    needs=_NOOP_OK,
)


@RESET.probe(
    "noop-changes-nothing",
    "RFC 5321 4.1.1.9",
    "NOOP in a transaction leaves it as it is.",
    "Answer 250, and touch neither sender nor recipients.",
    needs=_NOOP_OK,
)
def _(trial: ServerTrial) -> None:
    session = trial.with_sender()
    session.ask(b"NOOP\r\n", "2yz")
    session.ask(trial.rcpt, "2yz")


RESET.asks(
    "vrfy-is-known",
    "RFC 5321 3.5.3, 4.5.1",
    "VRFY is known: it is answered with 250, 251 or 252, or refused with 502, 504, 550, 551 or 553.",
    "Answer 252, which says that you will not tell. 500 would say that there is no such command.",
    at=ServerTrial.ready,
    send=b"VRFY alice\r\n",
    codes="250 251 252 502 504 550 551 553",
)
RESET.asks(
    "help-is-answered",
    "RFC 5321 4.1.1.8",
    "HELP is answered with 214 or 211, or refused with 502 or 500.",
    "Answer 214 and a line about your commands, or 502.",
    at=ServerTrial.ready,
    send=b"HELP\r\n",
    codes="211 214 502 500",
)

LISTS = (ORDER, SYNTAX, RESET)
