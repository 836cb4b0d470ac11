"""The rules for servers about the text: how it ends, what is stored, and that another may follow."""

from __future__ import annotations

from .. import sentences
from .probe_session import NoGround, ProbeFailure, ProbeSession
from .server_rule import StageRules
from .server_trial import DOT, HEAD, MAIL, ServerTrial
from .stored_message import as_expected, check_stored

MESSAGE, STORAGE, DOTS, LINE_ENDS, AGAIN = (
    StageRules(name) for name in ("message", "storage", "dots", "line-ends", "again")
)

_ONE_REPLY, _GOES_ON = ("text-gets-one-reply",), ("session-goes-on-after-the-text",)
_STORED_OK = ("message-is-stored",)
_EXACT = ("text-is-stored-as-sent",)
_UNDONE = ("doubled-dot-is-undone",)
_TEXT = HEAD + b"Hello Alice,\r\nthe dot ends it\r\n"


# The reply to the text


@MESSAGE.probe(
    "dot-is-answered-250",
    "RFC 5321 4.1.1.4",
    "The dot on a line of its own ends the text, and is answered with 250.",
    "Look for CRLF, dot, CRLF, and answer 250 once the message is stored.",
)
def _(trial: ServerTrial) -> None:
    trial.in_data().ask(_TEXT + DOT, "250")


@MESSAGE.probe(
    "text-is-taken-in-silence",
    "RFC 5321 4.1.1.4",
    "The server sends nothing while the text comes.",
    "In the text, do not answer lines; they are no commands.",
)
def _(trial: ServerTrial) -> None:
    session = trial.in_data()
    session.drain()
    session.send(_TEXT)
    session.expect_silence("nothing, until the dot has come")


@MESSAGE.probe(
    "text-gets-one-reply",
    "RFC 5321 4.1.1.4",
    "The whole text gets one reply; the next one is for the next command.",
    "Answer the dot, not the lines before it.",
    needs=("text-is-taken-in-silence",),
)
def _(trial: ServerTrial) -> None:
    session = trial.in_data()
    session.ask(_TEXT + DOT, "2yz")
    session.expect_silence("one reply to the text")


@MESSAGE.probe(
    "session-goes-on-after-the-text",
    "RFC 5321 4.1.1.4",
    "After the text, the server reads commands again.",
    "Leave the state in which lines are text as soon as the dot has come.",
    needs=_ONE_REPLY,
)
def _(trial: ServerTrial) -> None:
    session = trial.in_data()
    trial.send_message(session)
    try:
        session.quit()
    except ProbeFailure as failure:
        failure.look = sentences.CLOSED_AFTER_TEXT if session.closed else ""  # else the rule says it
        raise


@MESSAGE.probe(
    "empty-text-is-answered",
    "RFC 5321 4.1.1.4",
    "A dot right after DATA ends an empty text, and gets a reply.",
    "After 354 a text may be empty: the CRLF of the DATA line is the one before the dot, so dot, CRLF ends it.",
    needs=_GOES_ON,
)
def _(trial: ServerTrial) -> None:
    session = trial.in_data()
    session.ask(DOT, "2yz", "5yz")
    session.quit()


# What is stored


def _stores(
    stage: StageRules, id: str, section: str, demand: str, look: str, text: bytes, needs: tuple[str, ...] = ()
) -> None:
    """Add a rule that a text is stored as it was sent.

    Args:
        text: as it is on the wire, with its dots doubled.
    """

    def probe(trial: ServerTrial) -> None:
        check_stored(trial.deliver(text), text, exact=id in _EXACT or needs == _EXACT, case=id == "case-is-kept")

    stage.probe(id, section, demand, look, needs=(*_STORED_OK, *needs))(probe)


@STORAGE.probe(
    "message-is-stored",
    "RFC 5321 4.2.5",
    "A message that was answered with 250 is stored, once.",
    "Store the text when the dot has come, before you answer: append it to `messages` in memory, or write it as a file "
    "into the folder `new` of the Maildir.",
)
def _(trial: ServerTrial) -> None:
    stored = trial.deliver(_TEXT)
    if len(stored) != 1:
        note = sentences.FOUND_COUNT.format(count=len(stored))
        raise ProbeFailure(sentences.STORED_COUNT.format(count=1), sent=_TEXT + DOT, note=note)


_stores(
    STORAGE,
    "text-is-stored-as-sent",
    "RFC 5321 4.1.1.4",
    "The text is stored octet by octet, with the CRLF of its last line and without the dot that ended it.",
    "Compare what is stored with what was sent.",
    _TEXT,
)


@STORAGE.probe(
    "crlf-is-stored",
    "RFC 5321 2.3.8",
    "Lines of the stored text end in CRLF, as they came.",
    "Do not turn CRLF into LF when you keep a text in memory.",
    needs=_STORED_OK,
)
def _(trial: ServerTrial) -> None:
    stored = trial.deliver(_TEXT)
    if trial.peer.patience:
        raise NoGround(sentences.LINE_ENDS_ON_DISK)
    if stored and b"\n" in stored[0].replace(b"\r\n", b""):
        raise ProbeFailure(as_expected(_TEXT, b""), sent=_TEXT + DOT, came=stored[0])


_stores(
    STORAGE,
    "blanks-are-kept",
    "RFC 5321 4.1.1.4",
    "Blanks at the beginning and at the end of lines are stored.",
    "Do not strip lines of the text.",
    HEAD + b"  two blanks before\r\nand behind  \r\n\ta tab\t\r\n",
)
_stores(
    STORAGE,
    "empty-lines-are-kept",
    "RFC 5321 4.1.1.4",
    "Empty lines are stored, also the last ones.",
    "Do not strip the text, and add no line to it.",
    HEAD + b"\r\none\r\n\r\n\r\ntwo\r\n\r\n",
    _EXACT,
)
_stores(
    STORAGE,
    "case-is-kept",
    "RFC 5321 2.4",
    "Small letters and capitals of the text are stored as they are.",
    "Turn only the verb of a command into capitals, and never the text.",
    HEAD + b"Small and CAPITAL, mail from:<x> and DATA.\r\n",
)
_stores(
    STORAGE,
    "blank-line-text-is-kept",
    "RFC 5321 4.1.1.4",
    "A line with one blank is stored as it is.",
    "Do not strip lines of the text.",
    HEAD + b" \r\nend\r\n",
    ("blanks-are-kept",),
)


# Dots


_stores(
    DOTS,
    "doubled-dot-is-undone",
    "RFC 5321 4.5.2",
    "A line that comes with two dots at its beginning is stored with one.",
    "Remove the first dot of each line of the text that begins with one.",
    HEAD + b"..one dot\r\n",
)
_stores(
    DOTS,
    "one-dot-only-is-removed",
    "RFC 5321 4.5.2",
    "Only the first dot of a line is removed.",
    "Remove one dot, not all of them.",
    HEAD + b"....three dots\r\n",
    _UNDONE,
)
_stores(
    DOTS,
    "dots-inside-lines-stay",
    "RFC 5321 4.5.2",
    "Dots inside a line and at its end are stored.",
    "Look at the first octet of a line only. Do not replace `..` everywhere.",
    HEAD + b"a..b ... c..\r\nthe end.\r\n",
)
_stores(
    DOTS,
    "line-of-one-dot-is-text",
    "RFC 5321 4.5.2",
    "A line of two dots does not end the text; it is stored as a line of one dot.",
    "Look for the end of the text before you remove a dot.",
    HEAD + b"before\r\n..\r\nbehind\r\n",
    _UNDONE,
)
_stores(
    DOTS,
    "first-line-with-a-dot",
    "RFC 5321 4.5.2",
    "The dot is removed from the first line of the text as well.",
    "The first line of the text has no CRLF before it in the text; look at the beginning of lines.",
    b"..first: line\r\n" + HEAD + b"text\r\n",
    _UNDONE,
)
_stores(
    DOTS,
    "dots-of-many-lines",
    "RFC 5321 4.5.2",
    "The dot is removed from each line that begins with one.",
    "Treat each line, not only the first one that has a dot.",
    HEAD + b"..a\r\n..b\r\n..\r\n..\r\nc\r\n",
    _UNDONE,
)


# What does not end the text


def _goes_on(id: str, section: str, demand: str, look: str, part: bytes, *needs: str) -> None:
    """Add a rule that something in the text does not end it."""

    def probe(trial: ServerTrial) -> None:
        session = trial.in_data()
        text = HEAD + b"before" + part + b"behind\r\n" + DOT
        _ends_once(session, text)

    LINE_ENDS.probe(id, section, demand, look, needs=(*_GOES_ON, *needs))(probe)


def _ends_once(session: ProbeSession, text: bytes) -> None:
    """Send a text with its end, and QUIT when the reply has come: two replies, the second of them 221."""
    expected = "one reply to the text, then the one to QUIT"
    session.drain()
    session.send(text)
    session.reply(expected)
    session.quit(expected)


for _id, _part, _what in (
    ("lf-dot-lf-is-text", b"\n.\n", "LF, dot, LF"),
    ("lf-dot-crlf-is-text", b"\n.\r\n", "LF, dot, CRLF"),
    ("crlf-dot-lf-is-text", b"\r\n.\n", "CRLF, dot, LF"),
    ("cr-dot-cr-is-text", b"\r.\r", "CR, dot, CR"),
):
    _goes_on(
        _id,
        "RFC 5321 4.1.1.4",
        f"{_what} in the text does not end it.",
        "Only CRLF ends a line. Compare with CRLF, dot, CRLF, and do not replace or split line ends before.",
        _part,
        *(() if _part == b"\n.\n" else ("lf-dot-lf-is-text",)),
    )
_goes_on(
    "blank-before-the-dot-is-text",
    "RFC 5321 4.1.1.4",
    "A line with a blank and a dot does not end the text.",
    "Do not strip the line before you compare it with a dot.",
    b"\r\n .\r\n",
    "blanks-are-kept",
)
_goes_on(
    "blank-behind-the-dot-is-text",
    "RFC 5321 4.1.1.4",
    "A line with a dot and a blank does not end the text.",
    "Do not strip the line before you compare it with a dot.",
    b"\r\n. \r\n",
    "blank-before-the-dot-is-text",
)
_goes_on(
    "dot-at-the-end-of-a-line-is-text",
    "RFC 5321 4.1.1.4",
    "A line that ends in a dot does not end the text.",
    "The dot must be alone: look at the CRLF before it, too.",
    b" the end.\r\n",
)
_goes_on(
    "quit-in-the-text-is-text",
    "RFC 5321 4.1.1.4",
    "A line QUIT in the text is text.",
    "In the text, look for the dot only; there are no commands in it.",
    b"\r\nQUIT\r\n",
)
_goes_on(
    "commands-in-the-text-are-text",
    "RFC 5321 4.1.1.4",
    "Lines such as RSET, DATA and MAIL FROM:<a@b.example> in the text are text.",
    "In the text, look for the dot only; there are no commands in it.",
    b"\r\nRSET\r\nDATA\r\nMAIL FROM:<a@b.example>\r\n",
    "quit-in-the-text-is-text",
)


# Several messages


@AGAIN.probe(
    "second-message-is-taken",
    "RFC 5321 3.3",
    "After a message, MAIL begins the next one in the same session.",
    "When the dot has come, return to the state after HELO, and stay in the loop.",
    needs=_GOES_ON,
)
def _(trial: ServerTrial) -> None:
    session = trial.in_data()
    trial.send_message(session)
    session.ask(MAIL, "2yz")
    session.ask(trial.rcpt, "2yz")
    session.ask(b"DATA\r\n", "2yz", "3yz")
    session.ask(_TEXT + DOT, "2yz")


@AGAIN.probe(
    "recipients-are-forgotten",
    "RFC 5321 4.1.1.4",
    "The recipients of a message are not those of the next one: DATA right after MAIL is refused.",
    "Clear the list of recipients when the dot has come.",
    needs=("second-message-is-taken", "data-needs-a-recipient"),
)
def _(trial: ServerTrial) -> None:
    session = trial.in_data()
    trial.send_message(session)
    session.ask(MAIL, "2yz")
    session.ask(b"DATA\r\n", "503", "554")


@AGAIN.probe(
    "messages-are-stored-apart",
    "RFC 5321 4.1.1.4",
    "Three messages of a session are stored as three, each with its own text.",
    "Begin each text with an empty buffer.",
    needs=("second-message-is-taken", *_STORED_OK),
)
def _(trial: ServerTrial) -> None:
    texts = [HEAD + b"message %d\r\n" % number for number in (1, 2, 3)]
    session = trial.ready()
    for text in texts:
        trial.begin_message(session)
        trial.send_message(session, text)
    check_stored(trial.stored(len(texts)), *texts)


LISTS = (MESSAGE, STORAGE, DOTS, LINE_ENDS, AGAIN)
