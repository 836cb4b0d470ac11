"""Odd servers that people have reported, each said in a line or a few, with what a client by hand sees on the wire.

`odd_faults` has what our own client makes of odd servers; here nobody stands between the test and the octets.
"""

from dataclasses import dataclass, field

CALL = None
"""In place of what a client sends: it connects."""

EHLO, FROM = "EHLO me.example", "MAIL FROM:<me@far.example>"
TO, TO_BOB = "RCPT TO:<alice@lab.example>", "RCPT TO:<bob@lab.example>"
TEXT = b"Subject: x\r\n\r\nhello\r\n.\r\n"

Step = tuple[str | bytes | float | tuple[bytes, ...] | None, str | bytes]
"""What the client does: `CALL`, a line, octets, octets in pieces, or seconds of silence. And what it hears then.

It hears reply lines by their first four characters, those that are alike once, and then FIN or RST; behind ``+`` the
seconds that passed; or, as bytes, octets among those that came.
"""

GREETED: tuple[Step, ...] = ((CALL, "220"),)
HELLO: tuple[Step, ...] = (*GREETED, (EHLO, "250- 250"))
SENDER: tuple[Step, ...] = (*HELLO, (FROM, "250"))
ONE: tuple[Step, ...] = (*SENDER, (TO, "250"))
DATA: tuple[Step, ...] = (*ONE, ("DATA", "354"))
SENT: tuple[Step, ...] = (*DATA, (TEXT, "250"))
AGAIN: tuple[Step, ...] = ((FROM, "250"), (TO, "250"), ("DATA", "354"), (TEXT, "250"))


@dataclass(frozen=True, slots=True)
class OddWire:
    """An odd server, and a conversation with it.

    Args:
        seen: where such servers were seen.
        faults: the lines that say what it does.
        talk: the conversation.
        kept: how many messages the recipient has in the end; -1 if that does not matter.
        holds: octets that the last one has.
    """

    seen: str
    faults: tuple[str, ...]
    talk: tuple[Step, ...] = field(default=GREETED)
    kept: int = -1
    holds: bytes = b""


ODD_WIRES: dict[str, OddWire] = {
    # The greeting.
    "greets after 40 s": OddWire("hosts that look up the client first", ("greet after 40 s",), ((CALL, "+40 220"),)),
    "never greets": OddWire("a port that another program has", ("never greet",), ((CALL, ""), (EHLO, "250- 250"))),
    "is silent for ever": OddWire("a proxy whose server is down", ("hang at once",), ((CALL, ""), (EHLO, ""))),
    "greets line by line": OddWire(
        "tarpits of BSD",
        ("reply 220 in 4 lines to the greeting", "send the greeting line by line every 10 s"),
        ((CALL, "+30 220- 220"),),
    ),
    "greets octet by octet": OddWire(
        "tarpits that stutter",
        ("write the greeting at one octet a second", 'greet with "220 x\\r\\n"'),
        ((CALL, "+6 220"),),
    ),
    "greets with two codes": OddWire(
        "a report to a client's tracker", ("mix the codes of the greeting",), ((CALL, "221- 220"),)
    ),
    "greets in HTML": OddWire(
        "a web server on the port", ('greet with "<html>busy</html>\\r\\n"',), ((CALL, b"<html>"),)
    ),
    "greets in lower case": OddWire(
        "embedded devices", ("put the greeting in lower case",), ((CALL, b"smtp service"),)
    ),
    "greets with a BOM": OddWire(
        "a server whose texts were edited", ("send BOM before the greeting",), ((CALL, b"\xef\xbb\xbf220"),)
    ),
    "greets with 554 and waits": OddWire(
        "RFC 5321 3.1", ("greet with 554",), ((CALL, "554"), (EHLO, "503"), ("QUIT", "221 FIN"))
    ),
    "greets with 554 and closes": OddWire("block lists", ("greet with 554 and close",), ((CALL, "554 FIN"),)),
    "greets with 451": OddWire("a filtering proxy", ('greet with 451 "Server is not available"',), ((CALL, "451"),)),
    "greets with 421": OddWire("busy hosts", ('greet with 421 "Too busy"',), ((CALL, "421 FIN"),)),
    "resets new connections": OddWire("overloaded firewalls", ("reset at once",), ((CALL, "RST"),)),
    "greets twice": OddWire("a proxy before a server", ("greet twice",), ((CALL, "220"), (EHLO, "250- 250"))),
    "refuses who talks first": OddWire(
        "hosts that enforce synchronization",
        ("delay the greeting by 2 s", "when pipelined, reply 554 to EHLO and close"),
        ((CALL, "+2 220"), (b"EHLO a\r\nEHLO b\r\n", "250- 250 554 FIN")),
    ),
    # EHLO.
    "knows HELO alone": OddWire(
        "old servers", ("refuse EHLO with 500",), (*GREETED, (EHLO, "500"), ("HELO me", "250"))
    ),
    "does not implement EHLO": OddWire(
        "old servers", ("EHLO gets 502",), (*GREETED, (EHLO, "502"), ("HELO me", "250"))
    ),
    "EHLO 503": OddWire("a gateway", ("503 to EHLO",), (*GREETED, (EHLO, "503"))),
    "EHLO 550 and closes": OddWire(
        "policies on names", ("reject EHLO with 550 and close the connection",), (*GREETED, (EHLO, "550 FIN"))
    ),
    "EHLO 421": OddWire("a provider that compares DNS", ("421 to EHLO",), (*GREETED, (EHLO, "421 FIN"))),
    "closes at EHLO": OddWire("very old servers", ("close the connection at EHLO",), (*GREETED, (EHLO, "FIN"))),
    "keywords without a code": OddWire(
        "a test server for developers",
        ('answer EHLO with "250 Nice.\\r\\nSIZE\\r\\n"',),
        (*GREETED, (EHLO, b"\r\nSIZE\r\n")),
    ),
    "AUTH=": OddWire(
        "hosts for very old clients", ('advertise "AUTH=LOGIN"',), (*GREETED, (EHLO, b"250 AUTH=LOGIN\r\n"))
    ),
    "SIZE without a number": OddWire(
        "mail gateways", ("hide SIZE", "advertise SIZE"), (*GREETED, (EHLO, b"250 SIZE\r\n"))
    ),
    "keywords with a trailing blank": OddWire(
        "a mail gateway", ('end lines of the reply to EHLO with " \\r\\n"',), (*GREETED, (EHLO, b"PIPELINING \r\n"))
    ),
    "keywords in lower case": OddWire(
        "embedded devices", ("put the reply to EHLO in lower case",), (*GREETED, (EHLO, b"250-size"))
    ),
    "no last line": OddWire(
        "a report to a client's tracker", ("drop the last line of the reply to EHLO",), (*GREETED, (EHLO, "250-"))
    ),
    "EHLO in a packet for each line": OddWire("a server in Python", ("send the reply to EHLO line by line",), HELLO),
    "a different code amid": OddWire(
        "a proxy", ("mix the codes of the reply to EHLO",), (*GREETED, (EHLO, "251- 250"))
    ),
    "STARTTLS advertised and refused": OddWire(
        "a host without a certificate",
        ("advertise STARTTLS", "454 to STARTTLS"),
        (*GREETED, (EHLO, b"STARTTLS"), ("STARTTLS", "454")),
    ),
    "AUTH in two steps, then refused": OddWire(
        "providers that moved on",
        ("advertise 'AUTH LOGIN'", "reply 334 'VXNlcm5hbWU6' to AUTH", "535 5.7.8 to any command after AUTH"),
        (*GREETED, (EHLO, b"AUTH LOGIN"), ("AUTH LOGIN", "334"), ("bWU=", "535")),
    ),
    # The form of replies.
    "334 without a blank": OddWire(
        "a server for tests", ("reply 334 to AUTH", "answer AUTH without text"), (*HELLO, ("AUTH LOGIN", b"334\r\n"))
    ),
    "no blank after the code": OddWire(
        "a device", ("drop the blank after the code in the reply to MAIL",), (*HELLO, (FROM, b"2502.1.0"))
    ),
    "bare LF": OddWire(
        "scripts as servers", ("end the lines of all replies with LF",), ((CALL, b"\n"), (EHLO, b"PIPELINING\n"))
    ),
    "empty lines between": OddWire(
        "a broken relay", ("send CRLF after every reply",), ((CALL, b"\r\n\r\n"), ("NOOP", b"\r\n\r\n"))
    ),
    "tabs for blanks": OddWire("a device", ('replace "250 " by "250\\t" in replies',), (*GREETED, ("NOOP", b"250\t"))),
    "NUL and ESC": OddWire(
        "a console as a server", ('reply 250 "\\0\\x1b[0m" to NOOP',), (*GREETED, ("NOOP", b"250 \0\x1b[0m\r\n"))
    ),
    "over 512 octets": OddWire(
        "greetings with a policy", ("pad the greeting to 2,000 octets",), ((CALL, b"x" * 1900),)
    ),
    "200 lines": OddWire(
        "a policy in a reply",
        ("reply 550 in 200 lines to RCPT",),
        (*SENDER, (TO, b"550-")),
    ),
    "200": OddWire("servers after HTTP", ("reply 200 to NOOP",), (*GREETED, ("NOOP", "200"))),
    "000": OddWire("a proxy", ("reply 000 to NOOP",), (*GREETED, ("NOOP", "000"))),
    "two digits": OddWire("a device", ("reply 25 'ok' to NOOP",), (*GREETED, ("NOOP", b"25 ok\r\n"))),
    "enhanced code that contradicts": OddWire(
        "filters", ("reply 250 5.7.1 'rejected' to MAIL",), (*HELLO, (FROM, b"250 5.7.1 rejected"))
    ),
    "no end of a reply": OddWire("attacks on clients", ("endless reply to NOOP",), (*GREETED, ("NOOP", b"250-"))),
    "half a reply, then FIN": OddWire(
        "crashing servers", ("close after half of the 250 to the dot",), (*DATA, (TEXT, b"250")), 1
    ),
    # Replies that come at another time.
    "answers late": OddWire("hosts that scan", ("answer the dot after 6 min",), (*DATA, (TEXT, "+360 250")), 1),
    "354 late": OddWire("hosts that scan", ("delay the 354 by 1 min",), (*ONE, ("DATA", "+60 354"))),
    "two replies at once": OddWire(
        "a relay that buffers", ("hold the reply to MAIL",), (*HELLO, (FROM, ""), (TO, "250"))
    ),
    "replies out of order": OddWire(
        "a server with threads",
        ("swap the reply to MAIL with the next one", "550 to RCPT"),
        (*HELLO, (FROM, ""), (TO, "550 250")),
    ),
    "two for one": OddWire("a proxy", ("answer RCPT twice",), (*SENDER, (TO, b"ok\r\n250"))),
    "loses each third reply": OddWire(
        "a lossy proxy", ("lose every third reply",), (*HELLO, ("NOOP", ""), ("NOOP", "250"))
    ),
    "a reply for each recipient": OddWire(
        "LMTP on port 25",
        ("send the 250 to the dot for each recipient",),
        (*ONE, (TO_BOB, "250"), ("DATA", "354"), (TEXT, b"\r\n250 ")),
    ),
    "250 before the dot": OddWire(
        "a server that counts wrongly",
        ('send "250 early\\r\\n" after 5 octets of DATA',),
        (*DATA, (b"Subject", "250"), (b": x\r\n.\r\n", "250")),
    ),
    "421 amid the message": OddWire(
        "hosts that restart", ("reply 421 amid the message after 4 octets",), (*DATA, (b"Subject", "421 FIN")), 0
    ),
    "221 unasked": OddWire(
        "a host with one message a session",
        ("send '221 bye\\r\\n' after the 250 to the dot", "close after the reply to the dot"),
        (*DATA, (TEXT, "250 221 FIN")),
        1,
    ),
    # Silence.
    "no answer to RCPT": OddWire(
        "greylisting by silence", ("never answer RCPT",), (*SENDER, (TO, ""), ("NOOP", "250"))
    ),
    "no answer to the second RCPT": OddWire(
        "a report", ("do not answer the second RCPT",), (*ONE, (TO_BOB, ""), ("DATA", "354"))
    ),
    "no answer to QUIT": OddWire("many servers", ("no answer to QUIT",), (*GREETED, ("QUIT", "FIN"))),
    "silence at DATA": OddWire("hosts behind a bad link", ("silence at DATA",), (*ONE, ("DATA", ""), ("NOOP", ""))),
    "stops answering": OddWire(
        "a leaky proxy", ("stop answering after 3 commands",), (*ONE, ("NOOP", ""), ("QUIT", ""))
    ),
    "goes silent amid the message": OddWire(
        "path MTU black holes", ("go silent after 5 octets of DATA",), (*DATA, (TEXT, "")), 0
    ),
    "pauses amid the message": OddWire(
        "a full window", ("stop reading for 30 s after 5 octets of DATA",), (*DATA, (TEXT, "+30 250")), 1
    ),
    "waits before each reply": OddWire(
        "tarpits", ("wait 5 s before replies",), ((CALL, "+5 220"), (EHLO, "+5 250- 250"))
    ),
    "waits longer for each error": OddWire(
        "tarpits",
        ("delay replies by 2 s more after each error",),
        (*GREETED, ("X", "500"), ("X", "+2 500"), ("X", "+4 500")),
    ),
    "waits after errors": OddWire(
        "Postfix's soft limit",
        ("after 2 errors, delay every reply by 1 s",),
        (*GREETED, ("X", "500"), ("X", "500"), ("NOOP", "+1 250")),
    ),
    "delays refusals": OddWire(
        "guards against harvesting", ("550 to RCPT", "delay errors by 10 s"), (*SENDER, (TO, "+10 550"))
    ),
    # The connection ends.
    "closes behind a refusal": OddWire(
        "strict hosts", ("550 to RCPT", "close after any 5yz"), (*SENDER, (TO, "550 FIN"))
    ),
    "closes right after the dot": OddWire("crashing filters", ("close right at the dot",), (*DATA, (TEXT, "FIN")), 0),
    "takes a bare LF": OddWire(
        "lenient servers",
        ("accept bare LF at the end of commands",),
        (*GREETED, (b"EHLO me.example\n", "250- 250"), (b"NOOP\nNOOP\r\n", b"you asked\r\n250 ")),
    ),
    "refuses a bare LF": OddWire(
        "Postfix", ("500 to commands ending in LF",), (*GREETED, (b"NOOP\n", "500"), ("NOOP", "250"))
    ),
    "waits behind a bare LF": OddWire("strict servers", ("lose the reply to HELP",), (*GREETED, (b"NOOP\n", ""))),
    "half-closes": OddWire(
        "proxies that have lost their server",
        ("shut down the sending side after the reply to EHLO",),
        (*GREETED, (EHLO, "250- 250 FIN"), (FROM, "FIN"), (TO, "FIN")),
    ),
    "closes behind a message": OddWire(
        "one message a session", ("close after the first message",), (*DATA, (TEXT, "250 FIN")), 1
    ),
    "goes silent behind RCPT": OddWire("proxies", ("stop answering after RCPT",), (*SENDER, (TO, "250"), ("DATA", ""))),
    "greets with 421 instead": OddWire("full hosts", ("send 421 instead of the greeting",), ((CALL, "421 FIN"),)),
    "refuses instead of 354": OddWire(
        "filters", ("send 451 instead of the 354",), (*ONE, ("DATA", "451"), ("QUIT", "221 FIN")), 0
    ),
    "another code than its refusal, and closes": OddWire(
        "hosts that guard addresses",
        ("550 to the first RCPT", "send 421 instead of the 550 to RCPT"),
        (*SENDER, (TO, "421 FIN")),
    ),
    "rests behind RCPT": OddWire(
        "tarpits", ("wait 5 s after the first RCPT",), (*SENDER, (TO, "+5 250"), ("DATA", "354"))
    ),
    "refuses above two connections": OddWire(
        "small hosts", ("refuse connections above 2 sessions",), (*GREETED, *GREETED, (CALL, "RST"))
    ),
    "resets behind 221": OddWire("TLS endpoints", ("reset after the 221",), (*GREETED, ("QUIT", "221 RST"))),
    "stays open behind 221": OddWire(
        "a server without a timeout", ("hang after the 221",), (*GREETED, ("QUIT", "221"), ("NOOP", ""))
    ),
    "closes an idle client": OddWire(
        "providers with short timeouts",
        ("421 after 10 s of silence",),
        (*GREETED, (5.0, ""), ("NOOP", "250"), (5.0, ""), (5.0, "421 FIN")),
    ),
    "closes without a word when idle": OddWire("firewalls", ("close after 1 min of silence",), (*HELLO, (60.0, "FIN"))),
    "closes old sessions": OddWire(
        "firewalls", ("421 after 2 min",), (*HELLO, (60.0, ""), ("NOOP", "250"), (60.0, "421 FIN"))
    ),
    # Limits.
    "421 after 2 messages": OddWire(
        "providers", ("421 after 2 messages per session",), (*SENT, *AGAIN, (FROM, "421 FIN")), 2
    ),
    "452 to DATA after a message": OddWire(
        "a mail server in Rust", ("reply 452 4.4.5 to DATA after 1 message",), (*SENT, *AGAIN[:2], ("DATA", "452")), 1
    ),
    "452 for recipients": OddWire("common limits", ("452 after 1 recipient",), (*ONE, (TO_BOB, "452"))),
    "552 for recipients": OddWire("RFC 5321 4.5.3.1.10", ("552 above 1 recipient",), (*ONE, (TO_BOB, "552"))),
    "recipients of a session": OddWire(
        "providers",
        ("421 above 2 recipients of every session",),
        (*ONE, (TO_BOB, "250"), ("RSET", "250"), (FROM, "250"), (TO, "421 FIN")),
    ),
    "421 after errors": OddWire(
        "guards", ("421 after 2 errors",), (*GREETED, ("X", "500"), ("X", "500"), ("NOOP", "421 FIN"))
    ),
    "closes after errors": OddWire(
        "guards", ("the server closes after 2 errors",), (*GREETED, ("X", "500"), ("X", "500"), ("NOOP", "FIN"))
    ),
    "connections a minute": OddWire(
        "providers",
        ("421 above 2 connections per minute",),
        (*GREETED, *GREETED, (CALL, "421 FIN"), (60.0, "FIN"), *GREETED),
    ),
    "messages an hour": OddWire(
        "hosting providers",
        ("450 above 1 message per hour per client",),
        (*SENT, (FROM, "450"), (3600.0, "421 FIN"), *HELLO, (FROM, "250")),
    ),
    "one session of a client": OddWire("guards", ("421 above 1 connection per client",), (*GREETED, (CALL, "421 FIN"))),
    "each third connection": OddWire(
        "a bad load balancer", ("refuse every third connection",), (*GREETED, *GREETED, (CALL, "RST"), *GREETED)
    ),
    "size at MAIL": OddWire(
        "RFC 1870",
        ("552 to MAIL above 1,000 octets",),
        (*HELLO, (f"{FROM} SIZE=2000", "552"), (f"{FROM} SIZE=900", "250")),
    ),
    "size at RCPT": OddWire(
        "quotas",
        ("552 to RCPT above 1,000 octets of the message",),
        (*HELLO, (f"{FROM} SIZE=2000", "250"), (TO, "552")),
    ),
    "size at the dot": OddWire("quotas", ("552 above 20 octets of DATA",), (*DATA, (TEXT, "552")), 0),
    "long command lines": OddWire(
        "a device", ("500 above 20 octets of the command",), (*HELLO, (FROM, "500"), ("NOOP", "250"))
    ),
    # Commands.
    "RSET unknown": OddWire("minimal servers", ("refuse RSET with 502",), (*GREETED, ("RSET", "502"))),
    "NOOP refused": OddWire("minimal servers", ("500 to NOOP",), (*GREETED, ("NOOP", "500"))),
    "VRFY 252": OddWire("most hosts", ("252 to VRFY",), (*HELLO, ("VRFY alice", "252"))),
    "refuses after RSET": OddWire("a gateway", ("503 to MAIL after RSET",), (*SENDER, ("RSET", "250"), (FROM, "503"))),
    "needs HELP first": OddWire(
        "a joke on a list", ("503 to MAIL without HELP",), (*HELLO, (FROM, "503"), ("HELP", b"211"), (FROM, "250"))
    ),
    "capital verbs alone": OddWire(
        "a relay in C", ('500 to any command with exactly "ehlo"',), (*GREETED, ("ehlo me", "500"), (EHLO, "250- 250"))
    ),
    "no blank behind the colon": OddWire(
        "strict hosts", ('501 to MAIL containing ": "',), (*HELLO, ("MAIL FROM: <a@b.example>", "501"), (FROM, "250"))
    ),
    "angle brackets needed": OddWire(
        "strict hosts", ('501 to MAIL without "<"',), (*HELLO, ("MAIL FROM:a@b.example", "501"))
    ),
    "BODY refused": OddWire("a relay", ('555 to MAIL containing "BODY="',), (*HELLO, (f"{FROM} BODY=8BITMIME", "555"))),
    "one recipient refused": OddWire(
        "all hosts", ("550 5.1.1 'no such user' to RCPT for 'bob@'",), (*ONE, (TO_BOB, b"550 5.1.1 no such"))
    ),
    "greylists": OddWire("RFC 6647", ("greylist for 5 min with 450",), (*SENDER, (TO, "450"), (300.0, b"421"), *ONE)),
    "greylists with 421": OddWire(
        "some filters", ("421 to RCPT at the first attempt of a triplet",), (*SENDER, (TO, "421 FIN"), *ONE)
    ),
    "refuses each other time": OddWire(
        "a bad balancer", ("451 to RCPT every second time",), (*ONE, (TO, "451"), (TO, "250"))
    ),
    "421 once in each session": OddWire(
        "a report", ("451 to MAIL once per session",), (*HELLO, (FROM, "451"), (FROM, "250"), *HELLO, (FROM, "451"))
    ),
    "accepts at night alone": OddWire(
        "dial-up hosts", ("refuse connections from 6:00 to 22:00",), (*GREETED, (6 * 3600.0, b"421"), (CALL, "RST"))
    ),
    # Pipelining.
    "drops what is pipelined": OddWire(
        "a filtering service",
        ("hide PIPELINING", "swallow commands when pipelined"),
        (*GREETED, (b"NOOP\r\nRSET\r\n", "250"), ("NOOP", "250")),
    ),
    "ignores all but the last of a group": OddWire(
        "a filtering service",
        ("swallow any command when followed by others",),
        (*GREETED, (b"NOOP\r\nNOOP\r\nQUIT\r\n", "221 FIN")),
    ),
    "resets pipelining clients": OddWire(
        "a firewall", ("reset when pipelined",), (*GREETED, (b"NOOP\r\nRSET\r\n", "250 RST"))
    ),
    "wants a line in a packet": OddWire(
        "servers that read once",
        ("500 to any command when split",),
        (*GREETED, ((b"NO", b"OP\r\n"), "500"), ("NOOP", "250")),
    ),
    # DATA.
    "250 to DATA": OddWire(
        "a device", ("a wrong code 250 in the reply to DATA",), (*ONE, ("DATA", "250"), (TEXT, "250")), 1
    ),
    "354 in lines": OddWire(
        "a filter", ("reply 354 in 3 lines to DATA",), (*ONE, ("DATA", "354- 354"), (TEXT, "250")), 1
    ),
    "DATA refused": OddWire("filters", ("451 4.3.0 'later' to DATA",), (*ONE, ("DATA", "451"), ("NOOP", "250"))),
    "LF.LF ends the message": OddWire(
        "servers open to smuggling",
        ("end of data at LF.LF",),
        (*DATA, (b"x\n.\nMAIL FROM:<evil@x.example>\r\n", b"\r\n250 2.1.0")),
        1,
    ),
    "CRLF.LF ends the message": OddWire(
        "servers open to smuggling",
        ("take CRLF.LF for the end of data",),
        (*DATA, (b"x\r\n.\nNOOP\r\n", b"\r\n250 ")),
        1,
    ),
    "a line that begins with a dot ends it": OddWire(
        "a report", ('end of data at "\\r\\n."',), (*DATA, (b"x\r\n.y\r\n", b"500")), 1
    ),
    "misses a dot in two packets": OddWire(
        "PIX firewalls",
        ("ignore the dot when split",),
        (*DATA, ((b"x\r\n.", b"\r\n"), ""), (b"y\r\n.\r\n", "250")),
        1,
        b"\r\ny\r\n",
    ),
    "keeps doubled dots": OddWire(
        "servers in scripts",
        ("leave the dots doubled in the message",),
        (*DATA, (b"..x\r\n.\r\n", "250")),
        1,
        b"\r\n..x\r\n",
    ),
    "drops leading dots": OddWire(
        "FakeSMTP", ("strip the leading dots of the message",), (*DATA, (b"..x\r\n.\r\n", "250")), 1, b"\r\nx\r\n"
    ),
    "cuts lines": OddWire(
        "old mailers",
        ("cut the lines of the message at 10 octets",),
        (*DATA, (b"0123456789ab\r\n.\r\n", "250")),
        1,
        b"\r\n0123456789\r\n",
    ),
    "breaks lines": OddWire(
        "old mailers",
        ("break the lines of the message at 10 octets",),
        (*DATA, (b"0123456789ab\r\n.\r\n", "250")),
        1,
        b"\r\n0123456789\r\nab\r\n",
    ),
    "refuses long lines": OddWire(
        "strict hosts", ("500 to the dot above 998 octets of a line",), (*DATA, (b"x" * 999 + b"\r\n.\r\n", "500")), 0
    ),
    "strips the eighth bit": OddWire(
        "relays of the 1990s",
        ("strip the eighth bit of the message",),
        (*DATA, (b"\xe4\r\n.\r\n", "250")),
        1,
        b"\r\nd\r\n",
    ),
    "refuses 8-bit text": OddWire(
        "strict hosts", ("554 to the dot with 8-bit octets",), (*DATA, (b"\xe4\r\n.\r\n", "554")), 0
    ),
    "refuses words": OddWire(
        "content filters",
        ("554 5.7.1 'spam' to the dot containing 'viagra'",),
        (*DATA, (b"Viagra\r\n.\r\n", b"554 5.7.1 spam")),
        0,
    ),
    "loses octets": OddWire(
        "a driver",
        ("drop 2 octets of the message after 1 octet",),
        (*DATA, (b"abcd\r\n.\r\n", "250")),
        1,
        b"\r\nad\r\n",
    ),
    "adds a footer": OddWire(
        "mail gateways",
        ('end the message with "-- \\r\\nscanned\\r\\n"',),
        (*DATA, (TEXT, "250")),
        1,
        b"hello\r\n-- \r\nscanned\r\n",
    ),
    "loses what it accepted": OddWire("filters", ("silently discard the message",), (*DATA, (TEXT, "250")), 0),
    "keeps what it does not acknowledge": OddWire("RFC 1047", ("lose the 250 after the dot",), (*DATA, (TEXT, "")), 1),
    "refuses at the dot": OddWire("content filters", ("550 to the dot",), (*DATA, (TEXT, "550"), ("NOOP", "250")), 0),
    "accepts every recipient, refuses later": OddWire(
        "hosts that hide addresses",
        ("250 to RCPT", "354 to DATA", "550 to the dot"),
        (*SENDER, ("RCPT TO:<nobody@lab.example>", "250"), ("DATA", "354"), (TEXT, "550")),
        0,
    ),
    "takes the last recipient for one too many": OddWire(
        "hosts with a wrong limit",
        ("452 to the last RCPT",),
        (*HELLO, ("\r\n".join((FROM, TO, TO_BOB, "DATA")), "250 452 354"), (TEXT, "250")),
        1,
    ),
    "has no last recipient without pipelining": OddWire(
        "hosts with a wrong limit", ("452 to the last RCPT",), (*ONE, (TO_BOB, "250"), ("DATA", "354"))
    ),
    "says 421 and stays": OddWire(
        "hosts under load",
        ("421 to the first RCPT but stay open",),
        (*SENDER, (TO, "421"), (TO, "250"), ("DATA", "354"), (TEXT, "250"), ("QUIT", "221 FIN")),
        1,
    ),
    "says 421 amid the message and stays": OddWire(
        "hosts under load",
        ("send 421 amid the message but stay open",),
        (*DATA, (b"x\r\n", "421"), (b".\r\n", "250")),
        1,
    ),
    "says 421 when idle and stays": OddWire(
        "hosts under load", ("421 after 5 s of silence but stay open",), (*HELLO, (6.0, "421"), ("NOOP", "250"))
    ),
    "stores twice": OddWire("clusters without locks", ("store the message twice",), (*SENT, ("QUIT", "221 FIN")), 2),
    "stores the second message three times": OddWire(
        "clusters without locks", ("store every second message 3 times",), (*SENT, *AGAIN), 4
    ),
    "accepts and bounces": OddWire(
        "hosts that check addresses too late",
        ('accept, then bounce with 550 5.1.1 "nobody here"',),
        (
            *HELLO,
            ("MAIL FROM:<alice@lab.example>", "250"),
            (TO_BOB, "250"),
            ("DATA", "354"),
            (TEXT, "250"),
            ("QUIT", "221 FIN"),
        ),
        1,
        b"Status: 5.1.1",
    ),
    "bounces nothing from the null path": OddWire(
        "hosts that check addresses too late",
        ("send backscatter",),
        (*HELLO, ("MAIL FROM:<>", "250"), (TO, "250"), ("DATA", "354"), (TEXT, "250")),
        0,
    ),
    "takes any word": OddWire("honeypots", ("250 to unknown commands",), (*HELLO, ("XYZZY", "250"), (FROM, "250"))),
    "writes a tab after the code": OddWire(
        "scripts as servers", ("a tab after the code",), ((CALL, b"220\t"), (EHLO, b"250-"))
    ),
    "answers in Latin-1": OddWire("national hosts", ("8-bit text in replies",), ((CALL, b"\xe4\xf6\xfc\r\n"),)),
    "leaves out the end of the reply to EHLO": OddWire(
        "scripts as servers", ("EHLO reply without a last line",), (*GREETED, (EHLO, "250-"))
    ),
    "forgets how to say hello": OddWire(
        "hosts under load", ("500 to EHLO", "421 to HELO"), (*GREETED, (EHLO, "500"), ("HELO me.example", "421 FIN"))
    ),
    "has the code 000": OddWire("broken proxies", ("reply 000 to the greeting",), ((CALL, b"000 "),)),
    "invites in many lines": OddWire(
        "chatty hosts", ("answer DATA with 354 in 3 lines",), (*ONE, ("DATA", "354- 354"), (TEXT, "250")), 1
    ),
    "gets slower with each reply": OddWire(
        "tarpits", ("tarpit of 5 s",), ((CALL, "+5 220"), (EHLO, "+10 250- 250"), ("NOOP", "+15 250"))
    ),
    "is full later in the session": OddWire(
        "hosts with quotas",
        ('452 4.2.2 "mailbox full" to RCPT after 1 message',),
        (*SENT, (FROM, "250"), (TO, b"452 4.2.2 mailbox full")),
        1,
    ),
}
