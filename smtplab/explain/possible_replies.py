"""List the codes that may answer each verb, for help pages; a session itself acts on the first digit alone."""

from collections.abc import Mapping

from ..protocol.commands import OPENINGS
from ..protocol.states import GREETING, MESSAGE

# RFC 5321 4.3.2 lists the codes command by command, RFC 821 4.3 those of the verbs that have been dropped since: a
# server that still has SEND, SOML and SAML answers them as it answers MAIL. After a greeting that refuses, every verb
# but QUIT gets 503 (RFC 5321 3.1).
_TO_MAIL = (250, 451, 452, 455, 503, 550, 552, 553, 555)
_REPLIES: Mapping[str, tuple[int, ...]] = {
    GREETING: (220, 421, 554),
    MESSAGE: (250, 421, 450, 451, 452, 500, 550, 552, 554),
    "HELO": (250, 502, 503, 504, 550),
    "EHLO": (250, 502, 503, 504, 550),
    "RCPT": (250, 251, 450, 451, 452, 455, 503, 550, 551, 552, 553, 555),
    "DATA": (354, 503, 554),
    "QUIT": (221,),
    "RSET": (250, 503),
    "VRFY": (250, 251, 252, 502, 503, 504, 550, 551, 553),
    "NOOP": (250, 503),
    "TURN": (250, 502, 503),
    "EXPN": (250, 252, 502, 503, 504, 550),
    "HELP": (211, 214, 502, 503, 504),
} | {verb: _TO_MAIL if verb == "MAIL" else (*_TO_MAIL, 502) for verb in OPENINGS}
# The server must stop, the line is too long, the argument is wrong (RFC 5321 4.3.2).
_REPLIES_TO_ANY = (421, 500, 501)


def replies_to(verb: str) -> tuple[int, ...]:
    """Return the codes that may answer a verb, `GREETING` or `MESSAGE`, ascending.

    A server may send others (RFC 5321 4.3.2); a client then goes by their first digit.
    """
    anywhere = () if verb in (GREETING, MESSAGE) else _REPLIES_TO_ANY
    return tuple(sorted({*_REPLIES[verb], *anywhere}))
