"""The rules for servers about the envelope: MAIL, RCPT, DATA, and the forms of addresses."""

from __future__ import annotations

from .server_rule import StageRules
from .server_trial import DATA, MAIL, ServerTrial

SENDER, RECIPIENT, TEXT_DUE, ADDRESSES = (StageRules(name) for name in ("sender", "recipient", "data", "addresses"))

_LOCAL = b"a" * 64  # octets, the most of a local part (RFC 5321 4.5.3.1.1)


# MAIL


SENDER.asks(
    "mail-is-answered-250",
    "RFC 5321 4.1.1.2",
    "MAIL FROM:<address> is answered with 250.",
    "Read what stands between < and >, and answer 250.",
    at=ServerTrial.ready,
    send=MAIL,
    codes="250",
)
SENDER.asks(
    "mail-takes-the-null-sender",
    "RFC 5321 4.5.5",
    "MAIL FROM:<> is accepted; reports about mail come from this empty sender.",
    "Allow nothing between < and >. Do not take an empty sender for a missing one.",
    at=ServerTrial.ready_for_mail,
    send=b"MAIL FROM:<>\r\n",
    codes="2yz",
)
SENDER.asks(
    "mail-needs-an-address",
    "RFC 5321 4.1.1.2",
    "MAIL without FROM and an address is answered with 501.",
    "Check that there is an argument before you use it.",
    at=ServerTrial.ready,
    send=b"MAIL\r\n",
    codes="501 500",
)
SENDER.asks(
    "mail-needs-from",
    "RFC 5321 4.1.1.2",
    "MAIL with another word than FROM is answered with 501 or 500.",
    "Compare what is behind MAIL with FROM and a colon.",
    at=ServerTrial.ready,
    send=b"MAIL TO:<carol@client.example>\r\n",
    codes="501 500",
    needs=("mail-needs-an-address",),
)


# RCPT


@RECIPIENT.probe(
    "rcpt-is-answered-250",
    "RFC 5321 4.1.1.3",
    "RCPT TO:<address> is answered with 250, or 251 if the mail is passed on.",
    "Read what stands between < and >, and answer 250. If your server has its own list of mailboxes, give the "
    "check one of them as its mailbox.",
)
def _(trial: ServerTrial) -> None:
    trial.with_sender().ask(trial.rcpt, "250", "251")


@RECIPIENT.probe(
    "rcpt-may-come-again",
    "RFC 5321 3.3",
    "A second and a third RCPT are answered with 250.",
    "Keep the recipients in a list, and stay ready for more.",
)
def _(trial: ServerTrial) -> None:
    session = trial.with_recipient()
    session.ask(trial.rcpt, "2yz")
    session.ask(trial.rcpt, "2yz")


RECIPIENT.asks(
    "rcpt-refuses-the-null-address",
    "RFC 5321 4.1.1.3",
    "RCPT TO:<> is refused; only a sender may be empty.",
    "Answer 501 or 550 if nothing stands between < and >.",
    at=ServerTrial.with_sender,
    send=b"RCPT TO:<>\r\n",
    codes="5yz",
)
RECIPIENT.asks(
    "rcpt-needs-an-address",
    "RFC 5321 4.1.1.3",
    "RCPT without TO and an address is answered with 501.",
    "Check that there is an argument before you use it.",
    at=ServerTrial.with_sender,
    send=b"RCPT\r\n",
    codes="501 500",
)
RECIPIENT.asks(
    "rcpt-needs-to",
    "RFC 5321 4.1.1.3",
    "RCPT with another word than TO is answered with 501 or 500.",
    "Compare what is behind RCPT with TO and a colon.",
    at=ServerTrial.with_sender,
    send=b"RCPT FROM:<alice@lab.example>\r\n",
    codes="501 500",
    needs=("rcpt-needs-an-address",),
)


@RECIPIENT.probe(
    "refused-rcpt-changes-nothing",
    "RFC 5321 3.3",
    "After a RCPT that was refused, the next one is answered with 250.",
    "Leave sender and recipients as they are when a command is refused.",
    needs=("rcpt-needs-an-address",),
)
def _(trial: ServerTrial) -> None:
    session = trial.with_sender()
    session.ask(b"RCPT\r\n", "5yz")
    session.ask(trial.rcpt, "2yz")


# DATA


TEXT_DUE.asks(
    "data-is-answered-354",
    "RFC 5321 4.1.1.4",
    "DATA is answered with 354: the text may come now.",
    "Answer 354. 250 would say that the message is already taken.",
    at=ServerTrial.with_recipient,
    send=DATA,
    codes="354",
)


TEXT_DUE.asks(
    "data-needs-a-recipient",
    "RFC 5321 3.3",
    "DATA before a recipient was accepted is answered with 503 or 554.",
    "Answer 354 only if there is at least one recipient.",
    at=ServerTrial.with_sender,
    send=DATA,
    codes="503 554",
)
TEXT_DUE.asks(
    "data-needs-a-sender",
    "RFC 5321 4.1.4",
    "DATA before MAIL is answered with 503.",
    "Answer 354 only if there is a sender and at least one recipient.",
    at=ServerTrial.ready,
    send=DATA,
    codes="503",
    needs=("data-needs-a-recipient",),
)


@TEXT_DUE.probe(
    "data-needs-an-accepted-recipient",
    "RFC 5321 3.3",
    "DATA is answered with 503 or 554 if the only RCPT was refused.",
    "Count the recipients that were accepted, not the commands.",
    needs=("data-needs-a-recipient", "rcpt-needs-an-address"),
)
def _(trial: ServerTrial) -> None:
    session = trial.with_sender()
    session.ask(b"RCPT\r\n", "5yz")
    session.ask(DATA, "503", "554")


# Addresses


def _sender(
    name: str, demand: str, look: str, address: bytes, section: str = "RFC 5321 4.1.2", needs: tuple[str, ...] = ()
) -> None:
    line = b"MAIL FROM:<%s>\r\n" % address
    ADDRESSES.asks(name, section, demand, look, at=ServerTrial.ready_for_mail, send=line, codes="2yz", needs=needs)


_sender(
    "address-with-signs",
    "An address may have signs such as + / = in its local part.",
    "Take every character of RFC 5321's `atext`, not letters and digits only.",
    b"carol+news/list=a@client.example",
)
_sender(
    "address-with-quotes",
    "The local part may be a quoted string with blanks in it.",
    "Do not cut the line at its blanks; read up to the > that stands outside quotes.",
    b'"carol the client"@client.example',
)
_sender(
    "address-with-quoted-bracket",
    "In a quoted string, > and @ belong to the name.",
    "Such addresses are rare. Read a quoted string to its closing quote before you look for @ and >.",
    b'"a>b@c"@client.example',
    needs=("address-with-quotes",),
)
_sender(
    "address-with-a-literal",
    "The domain may be an address in brackets, such as [192.0.2.1].",
    "Take a domain in brackets as it is.",
    b"carol@[192.0.2.1]",
    "RFC 5321 4.1.3",
)
_sender(
    "address-with-64-octets",
    "A local part may have 64 octets.",
    "Set no smaller limit on addresses.",
    _LOCAL + b"@client.example",
    "RFC 5321 4.5.3.1.1",
)
_sender(
    "domain-of-one-word",
    "A domain may be one word.",
    "Do not ask for a dot in the domain.",
    b"carol@localhost",
    "RFC 5321 4.1.2",
)
ADDRESSES.asks(
    "postmaster-needs-no-domain",
    "RFC 5321 4.5.1",
    "RCPT TO:<Postmaster> is accepted, without a domain.",
    "Take Postmaster, in capitals or not, as a recipient that is always there.",
    at=ServerTrial.with_recipient,
    send=b"RCPT TO:<Postmaster>\r\n",
    codes="2yz",
    needs=("rcpt-may-come-again",),
)


@ADDRESSES.probe(
    "source-route-is-no-error",
    "RFC 5321 4.1.1.3 and appendix C",
    "A route before the address, <@a.example:bob@b.example>, is read; the recipient behind it is taken or refused.",
    "Skip what stands before the colon, and look at the address behind it.",
)
def _(trial: ServerTrial) -> None:
    address = b"<@relay.example:%s>" % trial.mailbox.encode()
    trial.with_sender().ask(b"RCPT TO:%s\r\n" % address, "2yz", "550", "551", "552", "553", "554")


ADDRESSES.asks(
    "address-needs-its-bracket",
    "RFC 5321 4.1.2",
    "An address that begins with < and has no > is refused.",
    "Look for the > before you use what is behind <.",
    at=ServerTrial.ready,
    send=b"MAIL FROM:<carol@client.example\r\n",
    codes="501 500 553",
)
ADDRESSES.asks(
    "address-ends-at-its-bracket",
    "RFC 5321 4.1.2",
    "MAIL FROM:<carol@client.example>x is refused: behind > come blanks and parameters, or nothing.",
    "Look at what is behind the >.",
    at=ServerTrial.ready,
    send=b"MAIL FROM:<carol@client.example>x\r\n",
    codes="501 500 553 555",
)


@ADDRESSES.probe(
    "unknown-parameter-is-refused",
    "RFC 5321 4.1.1.11",
    "MAIL with a parameter that the server has not offered is answered with 555, or 501.",
    "Look at what is behind the >: each parameter that you do not have gets 555.",
)
def _(trial: ServerTrial) -> None:
    trial.extended_or_ready().ask(b"MAIL FROM:<carol@client.example> X-UNKNOWN=1\r\n", "555", "501", "500", "504")


LISTS = (SENDER, RECIPIENT, TEXT_DUE, ADDRESSES)
