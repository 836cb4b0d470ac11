"""What odd servers in the wild do, as faults: what is odd, the lines that say it, and what our client reports."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Odd:
    """An odd server, and what becomes of one delivery or more to two recipients.

    Args:
        faults: what the server does.
        reports: what the client reports of each delivery: the codes, or the class of the error and words of it.
        kept: how many messages the first recipient has in the end; by default one for each accepted delivery.
        hours: the time between two deliveries, each in a session of its own; 0 for all in one session.
        others: how many other sessions the client's machine keeps open.
    """

    faults: tuple[str, ...]
    reports: str | tuple[str, ...]
    kept: int = -1
    hours: int = 0
    others: int = 0


ACCEPTED = "MAIL 250; RCPT 250 250; end 250"

ODD_SERVERS: dict[str, Odd] = {
    # The greeting.
    "greets late": Odd(("delay the greeting by 20 s",), ACCEPTED),
    "never greets": Odd(("lose the greeting",), "ConnectionLost: greeting within 300 s"),
    "greets in three lines": Odd(('reply 220 "mx" "be" "patient" to the greeting',), ACCEPTED),
    "greets with 250": Odd(("wrong code 250 in the greeting",), ACCEPTED),
    "greets with text before the code": Odd(
        ('begin lines of the greeting with "hello "',), "ConnectionLost: is not a reply"
    ),
    "sends a banner first": Odd(('send "Welcome to mx!\\r\\n" before the greeting',), "ConnectionLost: is not a reply"),
    "greets with 554": Odd(('reply 554 "No SMTP service here" to the greeting',), "ServiceRefused: 554"),
    "greets with 421": Odd(("greet with 421",), "ServiceRefused: 421"),
    "closes before it greets": Odd(("cut at once",), "ConnectionLost: without a greeting"),
    "resets before it greets": Odd(("reset at the connection",), "ConnectionLost: reset by peer"),
    "greets and closes": Odd(("cut after the greeting",), "ConnectionLost: without an answer to EHLO"),
    "greets twice": Odd(("repeat the greeting",), "ConnectionLost: though nothing was asked"),
    # EHLO.
    "EHLO 500": Odd(("reply 500 to EHLO",), ACCEPTED),
    "EHLO 502": Odd(("reply 502 to EHLO",), ACCEPTED),
    "EHLO 550": Odd(("reply 550 to EHLO",), ACCEPTED),
    "EHLO 421": Odd(("reply 421 to EHLO",), "ServiceRefused: 421"),
    "EHLO hangs": Odd(("hang at EHLO",), "ConnectionLost: EHLO within 300 s"),
    "EHLO closes": Odd(("cut at EHLO",), "ConnectionLost: without an answer to EHLO"),
    "EHLO and HELO 500": Odd(("reply 500 to EHLO", "reply 500 to HELO"), "ServiceRefused: neither EHLO nor HELO"),
    "junk keywords": Odd(('advertise "!! junk"', 'advertise ""'), ACCEPTED),
    "keywords in lower case": Odd(
        ('answer "250-mx\\r\\n250-pipelining\\r\\n250 size 100000\\r\\n" to EHLO',), ACCEPTED
    ),
    "SIZE=": Odd(('hide "SIZE"', 'advertise "SIZE="'), ACCEPTED),
    "duplicate keywords": Odd(('advertise "8BITMIME"',), ACCEPTED),
    "STARTTLS advertised and refused": Odd(('advertise "STARTTLS"', "reply 454 to STARTTLS"), ACCEPTED),
    "no keywords": Odd(('answer "250 mx\\r\\n" to EHLO',), ACCEPTED),
    # The form of replies.
    "no text": Odd(("strip text from replies",), ACCEPTED),
    "LF alone": Odd(('end lines of replies with "\\n"',), "ConnectionLost: LF alone"),
    "CR alone": Odd(('end lines of replies with "\\r"',), "ConnectionLost: greeting within 300 s"),
    "NUL": Odd(('replace "ok" by "o\\0k" in replies',), ACCEPTED),
    "8-bit text": Odd(('reply 250 "\\xfcber" to MAIL',), ACCEPTED),
    "over 512 octets": Odd(("pad the reply to MAIL to 600 octets",), ACCEPTED),
    "100,000 continuation lines": Odd(
        ("reply 250 in 100,000 lines to MAIL",), "ConnectionLost: longer than 65536 octets"
    ),
    "endless continuation": Odd(("an endless continuation to MAIL",), "ConnectionLost: longer than 65536 octets"),
    "codes that differ": Odd(("mix codes of the reply to MAIL",), "ConnectionLost: two codes"),
    "last line missing": Odd(("drop the last line of the reply to EHLO",), "ConnectionLost: EHLO within 300 s"),
    "250- and closes": Odd(
        ("drop the last line of the reply to MAIL", "cut after the reply to MAIL"),
        "ConnectionLost: without an answer to MAIL",
    ),
    "code 099": Odd(("wrong code 099 in the reply to MAIL",), "ConnectionLost: is not a reply"),
    "code 600": Odd(("reply 600 to MAIL",), "ConnectionLost: is not a reply"),
    "code 25": Odd(("reply 25 to MAIL",), "ConnectionLost: is not a reply"),
    "code 2500": Odd(("wrong code 2500 in the reply to MAIL",), "ConnectionLost: is not a reply"),
    "code 999 for all": Odd(("a wrong code",), "ConnectionLost: is not a reply"),
    "text before the code": Odd(('begin lines of the reply to MAIL with "ok "',), "ConnectionLost: is not a reply"),
    "leading blank": Odd(('begin lines of the reply to MAIL with " "',), "ConnectionLost: is not a reply"),
    "no CRLF": Odd(("drop 2 octets of the reply to MAIL",), "ConnectionLost: 354 answers RCPT"),
    "empty line first": Odd(('send "\\r\\n" before the reply to MAIL',), "ConnectionLost: is not a reply"),
    # Octets on their way.
    "octet by octet": Odd(("one-octet writes",), ACCEPTED),
    "octet by octet, slowly": Odd(("one-octet writes every 10 ms",), ACCEPTED),
    "in threes": Odd(("writes of 3 octets",), ACCEPTED),
    "held for the next": Odd(("hold the reply to the first RCPT",), ACCEPTED),
    "two replies to one command, none to the next": Odd(
        ("repeat the reply to MAIL", "lose the reply to the first RCPT"), ACCEPTED
    ),
    "reply before the command": Odd(
        ('send "250 early\\r\\n" after the reply to EHLO', "lose the reply to MAIL"),
        "ConnectionLost: though nothing was asked",
    ),
    "RCPT answered twice": Odd(("repeat the reply to RCPT",), "ConnectionLost: though nothing was asked"),
    # Wrong replies.
    "250 after the 354": Odd(
        ('send "250 already\\r\\n" after the 354 to DATA',), "ConnectionLost: though nothing was asked"
    ),
    "250 to DATA": Odd(("reply 250 to DATA",), "ConnectionLost: 250 answers DATA"),
    "354 without a recipient": Odd(("reply 550 to RCPT", "reply 354 to DATA"), "MAIL 250; RCPT 550 550; end 554"),
    "354 to MAIL": Odd(("reply 354 to MAIL",), "ConnectionLost: 354 answers MAIL"),
    "354 to the dot": Odd(("reply 354 to the dot",), "OutcomeUnknown: 354 answers the end", kept=1),
    "251 to RCPT": Odd(("reply 251 to RCPT",), "MAIL 250; RCPT 251 251; end 250"),
    "refuses amid the message": Odd(
        ('send "554 stop\\r\\n" after 10 octets of DATA',), "OutcomeUnknown: though nothing was asked", kept=1
    ),
    # The connection ends.
    "closes after MAIL": Odd(("cut at MAIL",), "ConnectionLost: without an answer to MAIL"),
    "closes after the second RCPT": Odd(("cut at the second RCPT",), "ConnectionLost: without an answer to RCPT"),
    "closes after DATA": Odd(("cut at DATA",), "ConnectionLost: without an answer to DATA"),
    "closes after the 354": Odd(("cut after the 354 to DATA",), "ConnectionLost: without an answer to the end"),
    "closes amid the message": Odd(("cut after 1,000 octets of DATA",), "OutcomeUnknown: without an answer to the end"),
    "closes at the dot": Odd(("cut at the dot",), "OutcomeUnknown: without an answer to the end"),
    "closes before the 250": Odd(
        ("cut before the 250 to the dot",), "OutcomeUnknown: without an answer to the end", kept=1
    ),
    "closes after half the 250": Odd(
        ("cut after half of the 250 to the dot",), "OutcomeUnknown: without an answer to the end", kept=1
    ),
    "closes after 3 octets": Odd(
        ("cut after 3 octets of the reply to MAIL",), "ConnectionLost: without an answer to MAIL"
    ),
    "resets at MAIL": Odd(("reset at MAIL",), "ConnectionLost: reset by peer"),
    "resets amid the message": Odd(("reset after 100 octets of DATA",), "OutcomeUnknown: reset by peer"),
    "resets before the 250": Odd(("reset before the 250 to the dot",), "OutcomeUnknown: reset by peer", kept=1),
    "the 250 is lost": Odd(("lose the 250 after the dot",), "OutcomeUnknown: without an answer to the end", kept=1),
    "closes after 2 s": Odd(("delay replies by 1 s", "cut after 2 s"), "ConnectionLost: without an answer to MAIL"),
    "QUIT closes": Odd(("cut at QUIT",), ACCEPTED),
    "QUIT hangs": Odd(("hang at QUIT",), ACCEPTED),
    "QUIT 500": Odd(("reply 500 to QUIT",), ACCEPTED),
    "RSET refused": Odd(("reply 550 to RCPT", "reply 502 to RSET"), "MAIL 250; RCPT 550 550; end 503"),
    # Refusals for a time, and limits.
    "421 to MAIL": Odd(("reply 421 to MAIL",), "MAIL 421; RCPT ; end -"),
    "421 to the second RCPT": Odd(("reply 421 to the second RCPT",), "MAIL 250; RCPT 250 421; end 421"),
    "421 to DATA": Odd(("reply 421 to DATA",), "MAIL 250; RCPT 250 250; end 421"),
    "421 to the dot": Odd(("reply 421 to the dot",), "MAIL 250; RCPT 250 250; end 421"),
    "451 at each odd attempt": Odd(
        ("451 at every odd attempt of a triplet",), ("MAIL 250; RCPT 451 451; end 503", ACCEPTED)
    ),
    "greylisting": Odd(("greylist for 5 min",), ("MAIL 250; RCPT 451 451; end 503", ACCEPTED), hours=1),
    "452 after one recipient": Odd(("452 above 1 recipient",), "MAIL 250; RCPT 250 452; end 250"),
    "452 at the dot": Odd(('reply 452 "disk full" to the dot',), "MAIL 250; RCPT 250 250; end 452"),
    "552 after 1,000 octets": Odd(("552 above 1,000 octets of DATA",), "MAIL 250; RCPT 250 250; end 552"),
    "one message a session": Odd(("421 after 1 message",), (ACCEPTED, "MAIL 421; RCPT ; end -")),
    "two commands a session": Odd(("421 after 2 commands",), "MAIL 250; RCPT 421; end 421; unanswered 1"),
    "20 sessions": Odd(("421 above 20 sessions",), "ServiceRefused: 421", others=20),
    "one of 20 sessions": Odd(("421 above 20 sessions",), ACCEPTED, others=19),
    "one session of a client": Odd(("421 above 1 session of a client",), "ServiceRefused: 421", others=1),
    "every third connection": Odd(
        ("refuse every third connection",), (ACCEPTED, ACCEPTED, "ConnectionLost: refuses", ACCEPTED), hours=1
    ),
    "in the night only": Odd(
        ("refuse connections from 6:00 to 22:00",),
        (ACCEPTED, "ConnectionLost: refuses", "ConnectionLost: refuses", ACCEPTED),
        hours=8,
    ),
    "down for three hours": Odd(
        ("down from 2 h to 5 h",), (ACCEPTED, "ConnectionLost: refuses", "ConnectionLost: refuses", ACCEPTED), hours=2
    ),
    "one connection in three": Odd(
        ("reset at the connection with probability 0.33",),
        (ACCEPTED, ACCEPTED, "ConnectionLost: reset by peer", ACCEPTED),
        hours=1,
    ),
    # Slow ones.
    "tarpit": Odd(("delay replies by 1 s more each time",), ACCEPTED),
    "30 s for each reply": Odd(("delay replies by 30 s",), ACCEPTED),
    "now fast, now slow": Odd(("delay replies by 1 s to 40 s",), ACCEPTED),
    "silent at the dot for 11 min": Odd(
        ("delay the 250 to the dot by 11 min",), "OutcomeUnknown: within 600 s", kept=1
    ),
    "reads nothing": Odd(("stop reading at the connection",), "ConnectionLost: greeting within 300 s"),
    "stops reading": Odd(("stop reading after 100 octets of DATA",), "OutcomeUnknown: within 600 s"),
    "reads slowly": Odd(("read 500 octets a second",), ACCEPTED),
    # Pipelining.
    "only the first of a group is answered": Odd(
        ("swallow any command when pipelined",), "ConnectionLost: RCPT within 300 s"
    ),
    "a command is swallowed": Odd(("swallow the second RCPT",), "ConnectionLost: 354 answers RCPT"),
    "no PIPELINING": Odd(('hide "PIPELINING"',), ACCEPTED),
}
