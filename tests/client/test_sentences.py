"""The exact error sentences of the client, each as a user meets it."""

from collections.abc import Callable
from email.message import EmailMessage

import pytest

from smtplab.client import sentences
from smtplab.client.arguments import check_arguments
from smtplab.client.message import as_mail, make
from smtplab.client.outcomes import Delivery, Timeouts
from smtplab.client.session import DeliverySession
from smtplab.client.transfer import Planner
from smtplab.protocol.grammar import Path
from smtplab.protocol.replies import Reply
from support.scripted_server import play
from support.templates import is_made_of, names_of

Situation = Callable[[], DeliverySession]
Step = Callable[[DeliverySession], object]

ALICE = "alice@lab.example"
GREETING, HELLO, OK, GO_ON, BYE = b"220 x\r\n", b"250 odd.example\r\n", b"250 ok\r\n", b"354 go on\r\n", b"221 bye\r\n"
PIPELINED = b"250-odd.example\r\n250 PIPELINING\r\n"


def greeted_by(*answers: bytes) -> Situation:
    """Return what opens a session with a server that gives these answers and then closes."""

    def situation() -> DeliverySession:
        session = _waiting()
        for answer in (*answers, b""):
            session.receive(answer)
        return session

    return situation


def ready(*steps: Step, hello: bytes = HELLO) -> Situation:
    """Return what takes steps in a session that is open."""

    def situation() -> DeliverySession:
        options = {"server": "the host", "timeouts": Timeouts.all(0.5)}
        session: DeliverySession = play((GREETING, hello), **options).session
        for step in steps:
            step(session)
        return session

    return situation


def noop(session: DeliverySession) -> None:
    """Begin to say NOOP."""
    session.command("NOOP")


def deliver(*recipients: str, sender: str = "", content: bytes = b"x\r\n") -> Step:
    """Return the step that begins to deliver a message."""
    return lambda session: session.deliver(sender, recipients, content)


def hear(*answers: bytes) -> Step:
    """Return the step in which the server gives these answers."""
    return lambda session: [(session.data_to_send(), session.receive(answer)) for answer in answers]


def _waiting() -> DeliverySession:
    session = DeliverySession("client.example", timeouts=Timeouts.all(300), server="the host")
    session.open()
    return session


def _silent_from_the_start() -> DeliverySession:
    session = _waiting()
    session.timed_out()
    return session


def _batch(hello: bytes, last: bytes) -> tuple[DeliverySession, Step]:
    """Return a session that has delivered the first message of a batch, and the step that goes on with it."""
    session = ready(hello=hello)()
    batch = session.batch([("", [ALICE], b""), ("", [ALICE], b"")])
    session.deliver_next(batch)
    hear(OK, OK, GO_ON, last)(session)
    session.outcome()
    return session, lambda session: session.deliver_next(batch)


def _batch_goes_on_after_421() -> DeliverySession:
    session, go_on = _batch(HELLO, b"421 bye\r\n")
    go_on(session)
    return session


def _other_message_within_a_batch() -> DeliverySession:
    session, _ = _batch(PIPELINED, OK)
    deliver(ALICE)(session)
    return session


NOT_KNOWN = "the message is not known to be delivered: "


# The constants that a situation brings up, the situation, and the sentence that the user reads.
def _with_a_wrong_cc() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Cc"] = "carol@lab.example", ALICE, "bob@lab.example."
    return message


TABLE: list[tuple[str, Situation, str]] = [
    ("CLOSED", greeted_by(), "the host closed the connection without a greeting"),
    ("CLOSED", ready(noop, hear(b"")), "the host closed the connection without an answer to NOOP"),
    (
        "BROKEN",
        ready(noop, lambda session: session.broken("Connection reset by peer")),
        "the connection to the host broke: Connection reset by peer",
    ),
    ("NO_ANSWER", ready(noop, DeliverySession.timed_out), "the host did not answer NOOP within 0.5 s"),
    ("NO_ANSWER", _silent_from_the_start, "the host did not answer the connection with a greeting within 300 s"),
    ("TOOK_NOTHING", ready(noop, DeliverySession.took_nothing), "the host took no data for 0.5 s"),
    ("ENDED_BEFORE_NEXT", _batch_goes_on_after_421, "the host ended the session before the next message"),
    (
        "ABANDONED",
        ready(noop, DeliverySession.close),
        "the session with the host was closed before NOOP was answered",
    ),
    (
        "NOT_SMTP LF_ALONE",
        ready(noop, hear(b"250 ok\n"), DeliverySession.timed_out),
        "the host does not speak SMTP as it should: "
        "it ends its lines with LF alone, and only CRLF ends a line (RFC 5321 2.3.8)",
    ),
    (
        "NOT_SMTP WRONG_KIND",
        ready(noop, hear(GO_ON)),
        "the host does not speak SMTP as it should: 354 answers NOOP",
    ),
    ("NO_SERVICE", greeted_by(b"554 no mail today\r\n"), "the host does not take mail now: 554 no mail today"),
    (
        "CLOSED_AT_EHLO",
        greeted_by(GREETING, b"421 not now\r\n"),
        "the host closed the session at EHLO: 421 not now",
    ),
    (
        "NEITHER_HELLO",
        greeted_by(GREETING, b"502 no\r\n", b"550 never\r\n"),
        "the host takes neither EHLO nor HELO: 550 never",
    ),
    (
        "NOT_KNOWN CLOSED",
        ready(deliver(ALICE), hear(OK, OK, GO_ON, b"")),
        f"{NOT_KNOWN}the host closed the connection without an answer to the end of the message",
    ),
    (
        "NOT_OFFERED NEEDS_8BITMIME",
        ready(deliver(ALICE, content=b"\r\n\xe9\r\n")),
        "the message holds octets above 127, and the host does not offer 8BITMIME",
    ),
    (
        "NOT_OFFERED ADDRESS_NEEDS_SMTPUTF8",
        ready(deliver(ALICE, sender="zoë@client.example")),
        "the address zoë@client.example is not ASCII, and the host does not offer SMTPUTF8",
    ),
    (
        "NOT_OFFERED HEADER_NEEDS_SMTPUTF8",
        ready(deliver(ALICE, content="Subject: ö\r\n\r\n".encode())),
        "the header section is not ASCII, and the host does not offer SMTPUTF8",
    ),
    ("NO_RECIPIENT", ready(deliver()), "a message needs at least one recipient"),
    (
        "NO_SENDER",
        ready(lambda session: as_mail(EmailMessage(), None, [ALICE], session.extensions)),
        'the message names no sender in Sender or From; give one, or sender="" for a message that nobody answers '
        "(RFC 5321 4.5.5)",
    ),
    (
        "BAD_FIELD",
        ready(lambda session: as_mail(_with_a_wrong_cc(), None, None, session.extensions)),
        "the address 'bob@lab.example.' in the field Cc is not valid: '.' stands right behind the address, where only "
        "a space and parameters may; write it as in <user@example.com>",
    ),
    (
        "NOT_AN_ADDRESS",
        ready(lambda session: session.deliver("", [5], b"")),
        "a recipient is an address as text, or a Path, not int",
    ),
    (
        "NOT_AN_ADDRESS",
        ready(lambda session: session.deliver(None, [ALICE], b"")),
        "the sender is an address as text, or a Path, not NoneType",
    ),
    (
        "NOT_RECIPIENTS",
        ready(lambda session: session.deliver("", ALICE.encode(), b"")),
        "the recipients are a list of addresses, or one address as text, not bytes",
    ),
    (
        "NOT_OCTETS",
        ready(lambda session: session.deliver("", [ALICE], "x")),
        "the content is bytes, not str; encode text first, as in text.encode()",
    ),
    (
        "NOT_A_MESSAGE",
        ready(lambda session: as_mail(b"x", "", [ALICE], session.extensions)),
        "send_message takes a message of the email package, not bytes; call deliver for bytes",
    ),
    (
        "NOT_A_COMMAND",
        ready(lambda session: session.command(b"NOOP")),
        'a command is text such as "NOOP", or a Command, not bytes',
    ),
    (
        "NOT_A_NAME",
        lambda: DeliverySession(None),
        "helo is the name of this host as text, such as client.example.com, not NoneType",
    ),
    (
        "NOT_TIMEOUTS",
        lambda: DeliverySession("client.example", timeouts=5),
        "timeouts is a Timeouts, such as Timeouts.all(5), not int",
    ),
    (
        "ANNOUNCED",
        _other_message_within_a_batch,
        "the next message of deliver_all has been announced; end that loop before you deliver another",
    ),
    (
        "NOT_MAIL",
        ready(lambda session: session.batch(5)),
        "each message of deliver_all is a sender, the recipients and the content, as in "
        "('a@x.example', ['b@y.example'], b'...'), not 5",
    ),
    (
        "NOT_A_TRANSCRIPT",
        lambda: check_arguments("x.example", None, 5),
        "transcript is a Transcript, as smtplab.Transcript() makes it, not int",
    ),
    (
        "NOT_SECONDS",
        lambda: Timeouts(command=-1.0),
        "command: -1.0 is not a number of seconds; use 0 or more, such as 30",
    ),
    (
        "NO_A_LABELS",
        lambda: DeliverySession("xn--ü.example"),
        "'xn--ü.example' is not a valid domain, because it has no form in ASCII (RFC 5890 2.3.2.1); "
        "give EHLO another name, such as client.example.com",
    ),
    ("OPENED", ready(DeliverySession.open), "the session has been opened before; make a new one"),
    (
        "BUSY",
        ready(noop, noop),
        "the session is busy; wait for the outcome of one operation before you begin the next",
    ),
]


@pytest.mark.parametrize(("names", "situation", "sentence"), TABLE)
def test_error_says(names: str, situation: Situation, sentence: str) -> None:
    with pytest.raises(Exception) as error:  # noqa: PT011 - which class it is, is told by the tests of each module
        situation().outcome()
    assert str(error.value) == sentence
    assert [name for name in names.split() if not is_made_of(sentence, getattr(sentences, name))] == []


def test_body_that_is_not_utf_8_says() -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011 - the next line holds the whole sentence
        make("a@x.example", ["b@y.example"], "x", b"\xff")
    assert str(error.value) == "the body is not UTF-8 text; send it as a whole message, without --subject"
    assert str(error.value) == sentences.BODY_NOT_UTF_8


def test_recipient_who_was_not_answered_says() -> None:
    end = Reply(421, "bye")
    delivery = Delivery(Reply(250), (), end, (Path.parse(ALICE),))
    assert str(delivery).endswith(f"\n{ALICE}: not answered, because the session had ended; try again later")
    assert str(delivery).endswith(sentences.UNANSWERED)


def test_delivery_of_a_long_line_says() -> None:
    (note,) = Planner("the host").plan(("", ALICE, b"Subject: x\r\n\r\n" + b"y" * 999 + b"\r\n"), {}).notes
    assert note == (
        "line 3 of the message has 999 octets, and servers may refuse or cut a line of more than 998 "
        "(RFC 5321 4.5.3.1.6)"
    )
    assert is_made_of(note, sentences.LONG_LINE)


@pytest.mark.parametrize(
    ("delivery", "said"),
    [
        (
            Delivery(Reply(550), consequences=(Reply(503), Reply(503))),
            "no recipient was accepted: every later 503 follows from the refusal of the sender, because the commands "
            "went out in one group (RFC 2920 3.1)",
        ),
        (
            Delivery(Reply(250), ((Path.parse(ALICE), Reply(550)),), Reply(554), consequences=(Reply(554),)),
            "the 554 to DATA follows from that, because DATA went out in one group with the recipients (RFC 2920 3.1)",
        ),
    ],
)
def test_delivery_says_which_refusals_follow_from_which(delivery: Delivery, said: str) -> None:
    assert delivery.explained == (said,)
    template = sentences.NO_RECIPIENT_LEFT if delivery.sender_reply.is_positive else sentences.SENDER_CONSEQUENCES
    assert is_made_of(said, template)


def test_each_sentence_has_its_row() -> None:
    elsewhere = {"BODY_NOT_UTF_8", "UNANSWERED", "LONG_LINE", "SENDER_CONSEQUENCES", "NO_RECIPIENT_LEFT"}
    rows = {name for names, *_ in TABLE for name in names.split()} | elsewhere
    assert sorted(rows) == sorted(names_of(sentences))
