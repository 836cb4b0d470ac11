"""Each of the lecture's 14 commands, and EHLO, on the lab's host: what it does, its syntax error, its bad sequence.

Every test runs in both worlds through one driver, so the worlds cannot differ without a test that says so.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from smtplab.explain.causes import CLOSED, STRICT, SWAPS_ROLES
from smtplab.lab.internet import Lab
from smtplab.lab.lab_host import LabHost
from smtplab.lab.provoking import set_up
from smtplab.protocol.commands import VERBS, Tier
from smtplab.protocol.replies import Reply, ReplyParser
from smtplab.protocol.states import TRANSITIONS, State, next_state
from smtplab.worlds.background import BackgroundServer
from smtplab.worlds.blocking import Stream
from smtplab.worlds.tcp import Server
from smtplab.worlds.tcp_client import dial

SENDER = "MAIL FROM:<forouzanb@adelphia.net>"
ALICE = "RCPT TO:<alice@lab.example>"
MESSAGE = ("DATA", "Subject: Hello\r\n\r\nHello Alice.\r\n.")

# How to come into each state in which a client may speak.
WAY_TO: dict[State, tuple[str, ...]] = {
    State.REFUSED: (),
    State.GREETED: (),
    State.READY: ("HELO client.example",),
    State.SENDER: ("HELO client.example", SENDER),
    State.RECIPIENT: ("HELO client.example", SENDER, ALICE),
}
# A line that is right for each verb, and the code it gets where it may come.
RIGHT = {
    "HELO": ("HELO client.example", 250),
    "EHLO": ("EHLO client.example", 250),
    "MAIL": (SENDER, 250),
    "RCPT": (ALICE, 250),
    "DATA": ("DATA", 354),
    "QUIT": ("QUIT", 221),
    "RSET": ("RSET", 250),
    "VRFY": ("VRFY alice", 250),
    "NOOP": ("NOOP", 250),
    "TURN": ("TURN", 502),
    "EXPN": ("EXPN staff", 250),
    "HELP": ("HELP", 211),
    "SEND": ("SEND FROM:<forouzanb@adelphia.net>", 250),
    "SOML": ("SOML FROM:<forouzanb@adelphia.net>", 250),
    "SAML": ("SAML FROM:<forouzanb@adelphia.net>", 250),
}
# Where each verb is at home, and a few lines that are wrong for it.
WRONG = {
    "HELO": (State.GREETED, ["HELO", "HELO two words", "HELO client\x01example", "HELO " + "x" * 256]),
    "EHLO": (State.GREETED, ["EHLO", "EHLO two words", "EHLO client\x01example", "EHLO " + "x" * 256]),
    "MAIL": (
        State.READY,
        ["MAIL", "MAIL <a@b.example>", "MAIL TO:<a@b.example>", "MAIL FROM:<a@b", "MAIL FROM:<a>", "MAIL FROM:",
         "MAIL FROM:<a@b.example>x", "MAIL FROM:<a b@c.example>", "MAIL FROM:<a@b..example>",
         "MAIL FROM:<@>", "MAIL FROM:<a@[1.2.3.256]>", "MAIL FROM:<a\x00@b.example>", "MAIL FROM:<postmaster>"],
    ),
    "RCPT": (
        State.SENDER,
        ["RCPT", "RCPT TO", "RCPT TO:", "RCPT TO:<>", "RCPT TO:<alice>", "RCPT FROM:<alice@lab.example>",
         "RCPT TO:<alice@lab.example", "RCPT TO:<al ice@lab.example>", "RCPT TO:<alice@lab.example> <bob@lab.example>"],
    ),
    "DATA": (State.RECIPIENT, ["DATA now"]),
    "QUIT": (State.GREETED, ["QUIT now"]),
    "RSET": (State.GREETED, ["RSET all"]),
    "VRFY": (State.GREETED, ["VRFY", "VRFY al\x01ice", "VRFY alice@@lab.example"]),
    "NOOP": (State.GREETED, ["NOOP \x01"]),
    "TURN": (State.READY, ["TURN round"]),
    "EXPN": (State.GREETED, ["EXPN", "EXPN sta\x01ff", "EXPN staff@@lab.example"]),
    "HELP": (State.GREETED, ["HELP \x01"]),
    "SEND": (State.READY, ["SEND", "SEND <a@b.example>", "SEND TO:<a@b.example>", "SEND FROM:<a@b"]),
    "SOML": (State.READY, ["SOML", "SOML <a@b.example>", "SOML TO:<a@b.example>", "SOML FROM:<a@b"]),
    "SAML": (State.READY, ["SAML", "SAML <a@b.example>", "SAML TO:<a@b.example>", "SAML FROM:<a@b"]),
}  # fmt: skip


class Conversation:
    """Types lines, and reads the reply to each."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.greeting = self.read()

    def __call__(self, *lines: str) -> Reply:
        """Type `lines`, each of which is answered; return the last reply."""
        for line in lines:
            self.stream.send(line.encode() + b"\r\n", 10)
            reply = self.read()
        return reply

    def read(self) -> Reply:
        parser, octets = ReplyParser(), b""
        while not octets.endswith(b"\r\n"):
            octets += self.octets()
        *first, last = [parser.feed(line) for line in octets.split(b"\r\n")[:-1]]
        assert first == [None] * len(first), f"more than one reply: {octets!r}"
        assert last is not None
        return last

    def octets(self) -> bytes:
        """What the server says next; none once it has closed."""
        return self.stream.receive(10)


@pytest.fixture
def lab() -> Lab:
    return Lab()


@pytest.fixture
def host(lab: Lab) -> LabHost:
    return lab.host("mail.lab.example")


@pytest.fixture(params=["memory", "tcp"])
def connect(request: pytest.FixtureRequest, lab: Lab, host: LabHost) -> Iterator[Callable[[], Conversation]]:
    """Connect to the lab's host in one world or the other, as the host is at that moment."""
    with ExitStack() as open_until_the_end:

        def in_memory() -> Stream:
            return lab._network.dial(host.name, peer="192.0.2.1")

        def over_tcp() -> Stream:
            server = open_until_the_end.enter_context(BackgroundServer(Server(host.handler, policy=host.policy)))
            return dial(*server.address)

        def conversation() -> Conversation:
            stream = in_memory() if request.param == "memory" else over_tcp()
            open_until_the_end.callback(stream.close)
            return Conversation(stream)

        yield conversation


@pytest.fixture
def connected(connect: Callable[[], Conversation]) -> Conversation:
    return connect()


def come_to(state: State, lab: Lab, connect: Callable[[], Conversation]) -> Conversation:
    if state is State.REFUSED:
        set_up(lab, CLOSED)
    conversation = connect()
    for line in WAY_TO[state]:
        assert conversation(line).code == 250
    return conversation


@pytest.fixture
def ready(connected: Conversation) -> Conversation:
    connected("HELO client.example")
    return connected


def test_the_tables_here_cover_the_lecture_and_ehlo() -> None:
    of_the_lecture = {name for name, verb in VERBS.items() if isinstance(verb.tier, Tier)}
    assert len(of_the_lecture) == 14
    assert set(RIGHT) == set(WRONG) == of_the_lecture | {"EHLO"}


@pytest.mark.parametrize("verb", RIGHT)
def test_a_right_command_gets_its_reply(verb, lab, connect):
    line, code = RIGHT[verb]
    home = State.RECIPIENT if verb == "DATA" else WRONG[verb][0]
    assert come_to(home, lab, connect)(line).code == code


@pytest.mark.parametrize("verb", RIGHT)
def test_a_verb_is_known_in_any_case_and_blanks_behind_it_do_no_harm(verb, lab, connect):
    line, code = RIGHT[verb]
    line = f"{line[:4].lower()}{line[4:]} \t "
    assert come_to(WRONG[verb][0], lab, connect)(line).code == code


@pytest.mark.parametrize(("verb", "line"), [(verb, line) for verb, (_, lines) in WRONG.items() for line in lines])
def test_a_syntax_error_gets_501_and_changes_nothing(verb, line, lab, connect):
    conversation = come_to(WRONG[verb][0], lab, connect)
    assert conversation(line).code == 501
    assert conversation(RIGHT[verb][0]).code == RIGHT[verb][1]


@pytest.mark.parametrize("state", WAY_TO, ids=lambda state: state.name.lower())
@pytest.mark.parametrize("verb", RIGHT)
def test_503_answers_exactly_the_verbs_that_the_table_lacks(verb, state, lab, connect):
    conversation = come_to(state, lab, connect)
    line, code = RIGHT[verb]
    assert conversation(line).code == (code if verb in TRANSITIONS[state] else 503)


@pytest.mark.parametrize("state", [state for state in WAY_TO if state is not State.REFUSED], ids=lambda s: s.name)
@pytest.mark.parametrize("verb", [verb for verb in RIGHT if verb not in ("DATA", "QUIT")])
def test_after_the_reply_the_session_is_where_the_table_says(verb, state, lab, connect):
    conversation = come_to(state, lab, connect)
    line, _ = RIGHT[verb]
    after = next_state(state, verb, conversation(line).code)
    assert (conversation("RCPT").code == 501) is ("RCPT" in TRANSITIONS[after])
    assert (conversation("DATA now").code == 501) is ("DATA" in TRANSITIONS[after])
    assert (conversation("MAIL").code == 501) is ("MAIL" in TRANSITIONS[after])


# What each command does


def test_helo_is_answered_in_one_line_and_ehlo_with_the_extensions(connected):
    assert connected("HELO client.example").lines == ("mail.lab.example greets client.example",)
    greeting, *extensions = connected("EHLO client.example").lines
    assert greeting == "mail.lab.example greets client.example"
    assert [line.split()[0] for line in extensions] == [
        "PIPELINING", "SIZE", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES",
    ]  # fmt: skip


def test_a_refused_ehlo_changes_nothing(ready):
    ready(SENDER, ALICE)
    assert ready("EHLO").code == 501
    assert ready("DATA").code == 354


def test_mail_rcpt_and_data_bring_the_message_into_the_mailboxes(ready, host):
    assert ready(SENDER, ALICE, "RCPT TO:<bob@lab.example>", *MESSAGE).code == 250
    (message,) = host.store.messages("alice")
    assert host.store.messages("bob") == [message]
    assert message.startswith(b"Return-Path: <forouzanb@adelphia.net>\r\nReceived: from client.example")
    assert message.endswith(b"Subject: Hello\r\n\r\nHello Alice.\r\n")


def test_a_refused_recipient_does_not_spoil_the_others(ready, host):
    assert ready(SENDER, ALICE, "RCPT TO:<zoe@lab.example>").code == 550
    assert ready(*MESSAGE).code == 250
    assert len(host.store.messages("alice")) == 1


def test_a_mailbox_that_the_message_does_not_fit_into_is_named_with_the_numbers(ready, host):
    host.mailboxes["carol"].quota_octets = 20
    reply = ready(SENDER, "RCPT TO:<carol@lab.example>", *MESSAGE)
    assert reply.lines == (
        "The mailbox of carol@lab.example is full: 0 octets are used, 20 are allowed, and the message has 32",
    )
    assert host.store.messages("carol") == []


def test_quit_is_answered_before_the_server_closes(connected):
    assert connected("QUIT").code == 221
    assert connected.octets() == b""


def test_rset_forgets_the_transaction(ready, host):
    assert ready(SENDER, ALICE, "RSET").code == 250
    assert ready("DATA").code == 503
    assert ready(SENDER, "RCPT TO:<bob@lab.example>", *MESSAGE).code == 250
    assert (host.store.messages("alice"), len(host.store.messages("bob"))) == ([], 1)


@pytest.mark.parametrize(
    ("asked", "code", "found"),
    [
        ("alice", 250, ("Alice Example <alice@lab.example>",)),
        ("ALICE@LAB.EXAMPLE", 250, ("Alice Example <alice@lab.example>",)),
        ("<alice@lab.example>", 250, ("Alice Example <alice@lab.example>",)),
        ("Alice Example", 250, ("Alice Example <alice@lab.example>",)),
        ("Example", 553, ("Alice Example <alice@lab.example>", "Bob Example <bob@lab.example>")),
        ("dora", 251, ("dora@campus.example",)),
        ("erin", 551, ("erin@campus.example",)),
        ("staff", 252, ("mailing list",)),
        ("zoe@campus.example", 252, ("zoe@campus.example", "the domain is not ours")),
        ("zoe", 550, ("no such mailbox",)),
        ("root", 553, ("reserved",)),
    ],
)
def test_vrfy_tells_who_lives_here(connected, asked, code, found):
    reply = connected(f"VRFY {asked}")
    assert reply.code == code
    for words in found:
        assert words in reply.text


@pytest.mark.parametrize("asked", ["zoe@elsewhere.example", "<zoe@elsewhere.example>", "Zoe <zoe@elsewhere.example>"])
def test_vrfy_is_refused_as_rcpt_where_no_way_leads_to_the_domain(ready, asked):
    vrfy = ready(f"VRFY {asked}")
    ready(SENDER)
    rcpt = ready("RCPT TO:<zoe@elsewhere.example>")
    assert (vrfy.code, vrfy.lines) == (550, rcpt.lines)


@pytest.mark.parametrize(
    ("asked", "code", "found"),
    [
        ("staff", 250, ["Alice Example <alice@lab.example>", "Bob Example <bob@lab.example>",
                        "<dora@campus.example>"]),
        ("sales@lab.example", 250, ["Alice Example <alice@lab.example>", "Bob Example <bob@lab.example>"]),
        ("alice", 550, ["alice: it is a user, not a mailing list"]),
        ("nobody", 550, ["nobody: no such mailing list here"]),
    ],
)  # fmt: skip
def test_expn_tells_who_is_on_a_list(connected, asked, code, found):
    reply = connected(f"EXPN {asked}")
    assert (reply.code, list(reply.lines)) == (code, found)


def test_octets_that_are_not_utf_8_are_shown_as_what_they_are(connected):
    connected.stream.send(b"\xff\xfe hello\r\n", 10)
    assert connected.read().text == r"Command not recognized: '\xff\xfe' is not a command of SMTP (RFC 5321 4.1.1)"


@pytest.mark.parametrize("line", ["NOOP", "NOOP are you there?"])
def test_noop_does_nothing_but_answer(ready, line):
    ready(SENDER, ALICE)
    assert ready(line).code == 250
    assert ready("DATA").code == 354


@pytest.mark.parametrize("verb", VERBS)
def test_help_explains_every_verb(connected, verb):
    reply = connected(f"HELP {verb.lower()}")
    assert (reply.code, reply.lines) == (214, (VERBS[verb].syntax, VERBS[verb].summary))


def test_help_alone_names_every_verb(connected):
    reply = connected("HELP")
    assert reply.code == 211
    assert set(VERBS) <= set(reply.text.split())


# Whether the message comes to the terminal and to the mailbox, for Alice, who is logged in, and for Bob, who is not.
@pytest.mark.parametrize(
    ("verb", "user", "code", "on_terminal", "in_mailbox"),
    [
        ("MAIL", "alice", 250, False, True),
        ("SEND", "alice", 250, True, False),
        ("SOML", "alice", 250, True, False),
        ("SAML", "alice", 250, True, True),
        ("MAIL", "bob", 250, False, True),
        ("SEND", "bob", 450, False, False),
        ("SOML", "bob", 250, False, True),
        ("SAML", "bob", 250, False, True),
    ],
)
def test_send_soml_and_saml_reach_terminals_and_mailboxes(ready, host, verb, user, code, on_terminal, in_mailbox):
    assert ready(f"{verb} FROM:<forouzanb@adelphia.net>", f"RCPT TO:<{user}@lab.example>").code == code
    assert ready(*MESSAGE[: 2 if code == 250 else 1]).code == (250 if code == 250 else 503)
    terminal = host.mailboxes["alice"].terminal
    assert ("Hello Alice." in terminal.lines) is on_terminal
    assert bool(host.store.messages(user)) is in_mailbox


def test_turn_swaps_the_roles_on_a_host_that_agrees(lab, connect):
    set_up(lab, SWAPS_ROLES)
    conversation = connect()
    assert conversation("HELO client.example", "TURN").code == 250
    conversation.stream.send(b"220 client.example now takes mail\r\n", 10)
    assert conversation.octets() == b"HELO mail.lab.example\r\n"
    conversation.stream.send(b"250 client.example\r\n", 10)
    assert conversation.octets() == b"QUIT\r\n"
    conversation.stream.send(b"221 goodbye\r\n", 10)
    assert conversation.octets() == b""


@pytest.mark.parametrize("answer", ["221 goodbye", "500 no", "250 stay", "354 go on"])
def test_turned_host_leaves_after_whatever_answers_its_helo_and_its_quit(lab, connect, answer):
    set_up(lab, SWAPS_ROLES)
    conversation = connect()
    conversation("HELO client.example", "TURN")
    conversation.stream.send(b"220 client.example now takes mail\r\n", 10)
    assert conversation.octets() == b"HELO mail.lab.example\r\n"
    conversation.stream.send(b"502 no\r\n", 10)
    assert conversation.octets() == b"QUIT\r\n"
    conversation.stream.send(f"{answer}\r\n".encode(), 10)
    assert conversation.octets() == b""


@pytest.mark.parametrize(("before", "code"), [("RSET", 502), (SENDER, 503)])
def test_turn_is_refused_by_default_and_then_nothing_has_changed(ready, before, code):
    ready(before)
    assert ready("TURN").code == code
    assert ready("RSET", SENDER).code == 250


@pytest.mark.parametrize(
    "line",
    ["MAIL FROM: forouzanb@adelphia.net", "MAIL FROM:forouzanb@adelphia.net", "MAIL FROM: <forouzanb@adelphia.net>"],
)
def test_a_lenient_host_takes_what_people_type_and_a_strict_one_does_not(lab, connect, line):
    assert come_to(State.READY, lab, connect)(line).code == 250
    set_up(lab, STRICT)
    assert come_to(State.READY, lab, connect)(line).code == 501
