"""The rules for servers about the stream: pieces, limits, and commands that arrive together."""

from __future__ import annotations

from .probe_session import ProbeFailure
from .server_rule import StageRules
from .server_trial import DATA, DOT, HEAD, INTERMEDIATE, MAIL, ServerTrial
from .stored_message import check_stored

PIECES, LIMITS, PIPELINING = StageRules("pieces"), StageRules("limits"), StageRules("pipelining")

_TEXT = HEAD + b"Hello Alice\r\n"
_FULL = HEAD + b"".join(b"line %05d of a text that is longer than one read\r\n" % each for each in range(1300))
_LARGE = _FULL[: _FULL.rindex(b"line 01200")]  # not more than the 64,000 octets that each server takes, 4.5.3.1.7
_MANY = 100  # recipients, RFC 5321 4.5.3.1.8
_COLLECT = "Collect octets until CRLF has come. TCP keeps the octets in order, but cuts them as it likes."
_DOT_LOOK = (
    "Collect the text, and look for CRLF, dot, CRLF in all of it, not in the last piece alone. "
    "An empty text is dot, CRLF right after 354."
)
_WHOLE = ("command-in-octets",)
_GOES_ON = ("session-goes-on-after-the-text",)
_TOGETHER = ("two-commands-together",)


def _check_kept(trial: ServerTrial, *texts: bytes) -> None:
    """Raise a failure unless these texts were stored, where that can be seen."""
    stored = trial.peer.stored(len(texts))
    if stored is not None:
        check_stored(stored, *texts)


# Pieces


@PIECES.probe(
    "command-in-octets",
    "RFC 5321 2.3.8",
    "A command that arrives octet by octet gets one reply, when its CRLF has come.",
    _COLLECT,
)
def _(trial: ServerTrial) -> None:
    session = trial.ready()
    session.drain()
    session.send_in_pieces(MAIL)
    session.expect("2yz")
    session.expect_silence("one reply")


@PIECES.probe(
    "command-waits-for-its-crlf",
    "RFC 5321 2.3.8",
    "A command is not answered before its CRLF has come.",
    "Look at a line when its CRLF has come, not at what one read gives.",
    needs=_WHOLE,
)
def _(trial: ServerTrial) -> None:
    session = trial.ready()
    session.drain()
    session.send(b"QUIT")
    session.expect_silence("nothing, until the CRLF has come")


@PIECES.probe(
    "crlf-in-two-pieces",
    "RFC 5321 2.3.8",
    "CR and LF may arrive in two pieces.",
    _COLLECT,
    needs=_WHOLE,
)
def _(trial: ServerTrial) -> None:
    session = trial.ready()
    session.drain()
    session.send(MAIL[:-1])
    session.pause()
    session.send(MAIL[-1:], goes_on=True)
    session.expect("2yz")
    session.expect_silence("one reply")


@PIECES.probe(
    "half-a-command-is-kept",
    "RFC 5321 2.3.8",
    "If a command and half of the next one arrive together, the half waits for its end.",
    "Keep what is behind the CRLF for the next line.",
    needs=_WHOLE,
)
def _(trial: ServerTrial) -> None:
    session = trial.ready()
    session.drain()
    session.send(MAIL + trial.rcpt[:7])
    session.pause()
    session.send(trial.rcpt[7:], goes_on=True)
    session.expect_each(("2yz",), ("2yz",))


def _text_in_pieces(id: str, demand: str, text: bytes, size: int, *needs: str) -> None:
    """Add a rule about a text that is sent in pieces: it gets one reply, and is stored."""

    def probe(trial: ServerTrial) -> None:
        session = trial.in_data()
        session.drain()
        session.send_in_pieces(text + DOT, size)
        session.expect("2yz")
        session.quit()
        _check_kept(trial, text)

    PIECES.probe(id, "RFC 5321 4.1.1.4", demand, _DOT_LOOK, needs=(*_GOES_ON, "message-is-stored", *needs))(probe)


def _split_end(id: str, demand: str, *cuts: int, needs: tuple[str, ...] = ()) -> None:
    """Add a rule about the end of a text that is cut at some octets from its end."""

    def probe(trial: ServerTrial) -> None:
        session = trial.in_data()
        session.drain()
        whole, start = _TEXT + DOT, 0
        for end in (*(len(_TEXT + DOT) - cut for cut in cuts), len(_TEXT + DOT)):
            session.send(whole[start:end], goes_on=start > 0)
            session.pause()
            start = end
        session.expect("2yz")
        session.quit()

    PIECES.probe(id, "RFC 5321 4.1.1.4", demand, _DOT_LOOK, needs=(*_GOES_ON, *needs))(probe)


_OWN_PIECE = ("dot-in-a-piece-of-its-own",)
_split_end(*_OWN_PIECE, "The dot and its CRLF may arrive in a piece of their own.", 3)
_split_end("end-in-five-pieces", "CR, LF, dot, CR and LF may arrive in five pieces.", 5, 4, 3, 2, 1, needs=_OWN_PIECE)


def _goes_on_behind(id: str, demand: str, *pieces: bytes, needs: tuple[str, ...] = ()) -> None:
    """Add a rule that no piece of a text ends it, whatever it ends in; the dot comes when the server was silent."""

    def probe(trial: ServerTrial) -> None:
        session = trial.in_data()
        session.drain()
        session.send(HEAD)
        for piece in pieces:
            session.pause()
            session.send(piece, goes_on=True)
        session.expect_silence("nothing, until a dot has come on a line of its own")
        session.send(b"behind\r\n" + DOT, goes_on=True)
        session.expect("2yz")
        session.quit()

    look = (
        "A dot at the end of a piece may be the end of a sentence, and a piece may be any part of a line. "
        "Look for CRLF, dot, CRLF in all of the text, not at the end or in one piece of it."
    )
    PIECES.probe(id, "RFC 5321 4.1.1.4", demand, look, needs=(*_GOES_ON, *needs))(probe)


_SENTENCE = ("sentence-in-a-piece-of-its-own",)
_goes_on_behind(
    *_SENTENCE, "A piece that ends in a sentence, its dot and CRLF does not end the text.", b"This is a sentence.\r\n"
)
_goes_on_behind(
    "rest-of-a-sentence-in-a-piece",
    "A piece of dot and CRLF does not end the text if it is the rest of a line.",
    b"This is a sentence",
    b".\r\n",
    needs=(*_SENTENCE, "end-in-five-pieces"),
)
_goes_on_behind(
    "dot-of-a-sentence-in-a-piece",
    "A piece of one dot does not end the text if it is part of a line.",
    b"This is a sentence",
    b".",
    b"\r\n",
    needs=_SENTENCE,
)
_goes_on_behind(
    "doubled-dot-in-two-pieces",
    "A line of two dots that is cut between them does not end the text.",
    b"before\r\n.",
    b".\r\n",
    needs=("rest-of-a-sentence-in-a-piece", "line-of-one-dot-is-text"),
)
_text_in_pieces("text-in-octets", "A text may arrive octet by octet.", _TEXT, 1, "end-in-five-pieces")
_text_in_pieces(
    "large-text-in-pieces",
    "A text of 60,000 octets may arrive in pieces of 1,000.",
    _LARGE,
    1000,
    "dot-in-a-piece-of-its-own",
)


# Limits


@LIMITS.probe(
    "command-of-512-octets",
    "RFC 5321 4.5.3.1.4",
    "A command line of 512 octets, with its CRLF, is read.",
    "Take at least 512 octets for a line.",
    needs=("noop-takes-an-argument",),
)
def _(trial: ServerTrial) -> None:
    line = b"NOOP " + b"x" * (512 - 7) + b"\r\n"
    trial.ready().ask(line, "250")


@LIMITS.probe(
    "long-command-gets-one-answer",
    "RFC 5321 4.5.3.1.9",
    "A command line of 100,000 octets gets one reply, 500 for example, or the connection is closed.",
    "Count the octets of a line. If there are more than you allow, drop the rest up to the CRLF, and answer 500 once.",
    needs=("noop-takes-an-argument", *_WHOLE),
)
def _(trial: ServerTrial) -> None:
    expected = "one reply, then the one to QUIT; or the end of the connection"
    session = trial.ready()
    session.drain()
    session.send(b"NOOP " + b"x" * 100_000 + b"\r\n")
    reply = session.next_reply()
    if reply is None and (not session.closed or session.crash):
        raise ProbeFailure(expected, note=session.what_happened())
    if reply is None or session.closed or reply.code == "421":
        return
    session.quit(expected)


@LIMITS.probe(
    "text-line-of-1000-octets",
    "RFC 5321 4.5.3.1.6",
    "A line of the text may have 1,000 octets, with its CRLF.",
    "Set no smaller limit on lines of the text, and do not cut them.",
    needs=("message-is-stored",),
)
def _(trial: ServerTrial) -> None:
    text = HEAD + b"x" * 998 + b"\r\n"
    session = trial.in_data()
    session.ask(text + DOT, "2yz")
    _check_kept(trial, text)


@LIMITS.probe(
    "hundred-recipients",
    "RFC 5321 4.5.3.1.8",
    "A message may have 100 recipients.",
    "Set no smaller limit on the recipients of a message.",
    needs=("rcpt-may-come-again",),
)
def _(trial: ServerTrial) -> None:
    session = trial.with_sender()
    for number in range(_MANY):
        session.drain()
        session.send(trial.rcpt)
        if session.reply("250").digit != "2":
            raise ProbeFailure("250", note=f"(for recipient {number + 1} of {_MANY})")


@LIMITS.probe(
    "text-of-64k-octets",
    "RFC 5321 4.5.3.1.7",
    "A text of 64,000 octets is taken.",
    "Set no smaller limit on the text.",
    needs=("large-text-in-pieces",),
)
def _(trial: ServerTrial) -> None:
    trial.in_data().ask(_FULL[:63_000] + b"\r\n" + DOT, "2yz")


# Pipelining


@PIPELINING.probe(
    "two-commands-together",
    "RFC 5321 2.3.8 and RFC 2920 3.2",
    "Two commands that arrive in one piece get two replies, in order.",
    "Answer each line that a read has brought, not the first one alone, and drop nothing.",
    needs=("half-a-command-is-kept", *_WHOLE),
)
def _(trial: ServerTrial) -> None:
    session = trial.ready()
    session.drain()
    session.send(MAIL + trial.rcpt)
    session.expect_each(("2yz",), ("2yz",))


@PIPELINING.probe(
    "group-up-to-data",
    "RFC 2920 3.1",
    "MAIL, RCPT and DATA in one piece get three replies: 250, 250, 354.",
    "Answer each line that a read has brought, in order.",
    needs=_TOGETHER,
)
def _(trial: ServerTrial) -> None:
    session = trial.ready()
    session.drain()
    session.send(MAIL + trial.rcpt + DATA)
    session.expect_each(("2yz",), ("2yz",), INTERMEDIATE)
    session.send(_TEXT + DOT)
    session.expect("2yz")


@PIPELINING.probe(
    "refused-group-up-to-data",
    "RFC 2920 3.1",
    "If the only RCPT of a group is refused, DATA behind it is refused as well, and what follows are commands.",
    "Judge each command in the state that the one before has led to.",
    needs=(*_TOGETHER, "data-needs-an-accepted-recipient", "quit-ends-a-transaction"),
)
def _(trial: ServerTrial) -> None:
    session = trial.ready()
    session.drain()
    session.send(MAIL + b"RCPT\r\n" + DATA)
    session.expect_each(("2yz",), ("5yz",), ("503", "554"))
    session.quit()


@PIPELINING.probe(
    "command-behind-the-dot",
    "RFC 2920 3.1",
    "A command in the same piece as the dot is answered after the text.",
    "Keep what is behind CRLF, dot, CRLF, and read it as commands.",
    needs=(*_WHOLE, "end-in-five-pieces", "second-message-is-taken"),
)
def _(trial: ServerTrial) -> None:
    session = trial.in_data()
    session.drain()
    session.send(_TEXT + DOT + MAIL)
    session.expect_each(("2yz",), ("2yz",))


@PIPELINING.probe(
    "message-behind-the-dot",
    "RFC 2920 3.1",
    "MAIL, RCPT and DATA in the same piece as the dot before them begin the next message.",
    "Keep what is behind CRLF, dot, CRLF, and read it as commands.",
    needs=(*_TOGETHER, "command-behind-the-dot", "messages-are-stored-apart"),
)
def _(trial: ServerTrial) -> None:
    session = trial.in_data()
    session.drain()
    session.send(_TEXT + DOT + MAIL + trial.rcpt + DATA)
    session.expect_each(("2yz",), ("2yz",), ("2yz",), INTERMEDIATE)
    session.send(_TEXT + DOT)
    session.expect("2yz")
    _check_kept(trial, _TEXT, _TEXT)


@PIPELINING.probe(
    "ten-commands-together",
    "RFC 2920 3.2",
    "Ten NOOPs in one piece get ten replies.",
    "Answer each line that a read has brought, in order.",
    needs=(*_TOGETHER, "noop-is-answered-250"),
)
def _(trial: ServerTrial) -> None:
    session = trial.ready()
    session.drain()
    session.send(b"NOOP\r\n" * 10)
    session.expect_each(*[("2yz",)] * 10)


LISTS = (PIECES, LIMITS, PIPELINING)
