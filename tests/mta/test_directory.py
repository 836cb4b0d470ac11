"""Who lives on a host, and what the directory answers about each: 250, 251, 252, 450, 452, 550, 551, 552 and 553."""

import pytest

from smtplab.mta import sentences
from smtplab.mta.directory import Directory, Forward, Mailbox, MailingList, Terminal
from smtplab.protocol import replies
from smtplab.protocol.grammar import NULL_PATH, POSTMASTER, Path

CAROL = Path("carol", "elsewhere.example")


@pytest.fixture
def directory():
    return Directory(
        ["lab.example", "[127.0.0.1]"],
        [
            Mailbox("alice", "Alice Smith"),
            Mailbox("bob", "Bob Smith"),
            Mailbox("frank", "Frank Miller", terminal=Terminal()),
            "J.Doe",
        ],
        aliases={"sales": ["alice", "bob"], "desk": "sales", "away": ["alice", "carol@elsewhere.example"]},
        lists={
            "staff": MailingList(["alice", "J.DOE@LAB.example", "carol@elsewhere.example"], owner="bob"),
            "all": ["staff", "sales", "frank"],
        },
        forwards={"dora": "dora@new.example", "eve": Forward("eve@new.example", accepted=False)},
        reserved=["root", "test-*"],
    )


def at(name, domain="lab.example"):
    return Path(name, domain)


# Where a forward-path leads


def test_local_mailbox_takes_mail(directory):
    resolution = directory.resolve(at("alice"))
    assert resolution.reply is replies.RECIPIENT_OK
    assert (resolution.mailboxes, resolution.remote, resolution.terminals) == (("alice",), (), ())
    assert resolution.owner is None


@pytest.mark.parametrize("path", [at("ALICE"), at("Alice", "LAB.Example"), at("alice", "[127.0.0.1]")])
def test_case_makes_no_difference_and_every_domain_has_every_name(directory, path):
    assert directory.resolve(path).mailboxes == ("alice",)


def test_mailbox_keeps_the_name_it_was_declared_with(directory):
    assert directory.resolve(at("j.doe")).mailboxes == ("J.Doe",)


def test_it_tells_all_names_and_which_of_them_are_lists():
    directory = Directory(
        ["a.example"],
        ["Bob"],
        aliases={"sales": ["bob"]},
        lists={"staff": ["bob"]},
        forwards={"dora": "dora@b.example"},
    )
    assert directory.names == ("Bob", "sales", "staff", "dora", "postmaster")
    assert directory.lists == ("staff",)
    assert directory.forwards == ("dora",)


def test_unknown_user_gets_550(directory):
    resolution = directory.resolve(at("nobody"))
    assert resolution.reply is replies.NO_SUCH_MAILBOX
    assert resolution.mailboxes == ()


def test_null_path_is_no_mailbox(directory):
    assert directory.resolve(NULL_PATH).reply is replies.NO_SUCH_MAILBOX


def test_foreign_domain_is_not_relayed(directory):
    assert not directory.is_local("elsewhere.example")
    assert directory.resolve(CAROL).reply is replies.RELAY_DENIED


def test_local_domain_is_known_in_any_case(directory):
    assert directory.is_local("LAB.EXAMPLE")
    assert directory.is_local("")  # the bare Postmaster's


@pytest.mark.parametrize("name", ["root", "ROOT", "test-1", "Test-"])
def test_reserved_name_gets_553(directory, name):
    assert directory.resolve(at(name)).reply is replies.MAILBOX_NAME_NOT_ALLOWED


def test_declared_name_is_allowed_though_its_pattern_is_reserved():
    directory = Directory(["lab.example"], ["test-1"], reserved=["test-*"])
    assert directory.resolve(at("test-1")).reply is replies.RECIPIENT_OK


def test_reserved_pattern_holds_for_the_whole_name(directory):
    assert directory.resolve(at("roots")).reply is replies.NO_SUCH_MAILBOX


def test_alias_leads_to_its_mailboxes_and_keeps_the_sender(directory):
    resolution = directory.resolve(at("sales"))
    assert (resolution.reply, resolution.mailboxes) == (replies.RECIPIENT_OK, ("alice", "bob"))
    assert resolution.owner is None


def test_alias_of_an_alias_leads_to_the_same_mailboxes(directory):
    assert directory.resolve(at("desk")).mailboxes == ("alice", "bob")


def test_alias_may_lead_away(directory):
    resolution = directory.resolve(at("away"))
    assert (resolution.reply, resolution.mailboxes, resolution.remote) == (replies.RECIPIENT_OK, ("alice",), (CAROL,))


def test_list_leads_to_local_and_remote_members_and_its_owner_becomes_the_sender(directory):
    resolution = directory.resolve(at("staff"))
    assert resolution.reply is replies.RECIPIENT_OK
    assert resolution.mailboxes == ("alice", "J.Doe")
    assert resolution.remote == (CAROL,)
    assert resolution.owner == at("bob")


def test_list_of_lists_reaches_each_member_once_and_is_owned_by_postmaster(directory):
    resolution = directory.resolve(at("all"))
    assert resolution.mailboxes == ("alice", "J.Doe", "bob", "frank")
    assert resolution.remote == (CAROL,)
    assert resolution.owner == at("postmaster")


def test_each_member_is_owned_by_the_innermost_list_that_leads_to_it():
    directory = Directory(
        ["lab.example"],
        ["alice", "bob", "carl", "inner-owner", "outer-owner"],
        aliases={"everybody": ["outer", "bob", "dan@elsewhere.example"]},
        lists={
            "inner": MailingList(["alice", "bob", "carol@elsewhere.example"], owner="inner-owner"),
            "outer": MailingList(["inner", "carl", "dan@elsewhere.example"], owner="outer-owner"),
        },
    )
    outer, everybody = directory.resolve(at("outer")), directory.resolve(at("everybody"))
    dan = at("dan", "elsewhere.example")
    owners = {"alice": at("inner-owner"), CAROL: at("inner-owner"), "carl": at("outer-owner"), dan: at("outer-owner")}
    assert {each: outer.owner_of(each) for each in owners} == owners
    assert everybody.owner is None
    # An alias changes no reverse-path, so its own members get the sender's, also those who are in a list as well.
    assert {each: everybody.owner_of(each) for each in (*owners, "bob")} == owners | {"bob": None, dan: None}
    assert sorted(everybody.mailboxes) == ["alice", "bob", "carl"]


def test_owner_of_a_list_may_live_elsewhere():
    directory = Directory(["lab.example"], ["a"], lists={"l": MailingList(["a"], owner="carol@elsewhere.example")})
    assert directory.resolve(at("l")).owner == CAROL


def test_known_forward_is_taken_with_251(directory):
    resolution = directory.resolve(at("dora"))
    assert resolution.reply is replies.WILL_FORWARD
    assert resolution.facts == {"forward": "dora@new.example"}
    assert resolution.remote == (Path("dora", "new.example"),)


def test_forward_left_to_the_sender_gets_551_and_leads_nowhere(directory):
    resolution = directory.resolve(at("eve"))
    assert resolution.reply is replies.TRY_FORWARD_PATH
    assert resolution.facts == {"forward": "eve@new.example"}
    assert (resolution.mailboxes, resolution.remote) == ((), ())


# Postmaster, RFC 5321 4.5.1


@pytest.mark.parametrize("path", [POSTMASTER, at("postmaster"), at("POSTMASTER"), at("PostMaster", "[127.0.0.1]")])
def test_postmaster_is_always_there(directory, path):
    resolution = directory.resolve(path)
    assert (resolution.reply, resolution.mailboxes) == (replies.RECIPIENT_OK, ("postmaster",))


def test_postmaster_of_another_domain_is_not_ours(directory):
    assert directory.resolve(at("postmaster", "elsewhere.example")).reply is replies.RELAY_DENIED


def test_postmaster_may_be_an_alias():
    directory = Directory(["lab.example"], ["alice"], aliases={"Postmaster": "alice"})
    assert directory.resolve(POSTMASTER).mailboxes == ("alice",)
    assert "postmaster" not in directory.mailboxes


def test_postmasters_mail_is_taken_though_the_mailbox_is_busy_and_full():
    directory = Directory(
        ["lab.example"], [Mailbox("alice", busy=True, quota_octets=0)], aliases={"postmaster": "alice"}
    )
    assert directory.resolve(POSTMASTER).reply is replies.RECIPIENT_OK
    assert directory.resolve(at("alice")).reply is replies.MAILBOX_BUSY


# Mailboxes in trouble


def test_busy_mailbox_gets_450_until_it_is_free(directory):
    directory.mailboxes["alice"].busy = True
    assert directory.resolve(at("alice")).reply is replies.MAILBOX_BUSY
    directory.mailboxes["alice"].busy = False
    assert directory.resolve(at("alice")).reply is replies.RECIPIENT_OK


@pytest.mark.parametrize("name", ["sales", "desk", "staff", "all"])
def test_one_busy_mailbox_refuses_the_whole_alias_or_list(directory, name):
    directory.mailboxes["alice"].busy = True
    resolution = directory.resolve(at(name))
    assert resolution.reply is replies.MAILBOX_BUSY
    assert (resolution.mailboxes, resolution.remote) == ((), ())


@pytest.mark.parametrize(("soft", "reply"), [(False, replies.MAILBOX_FULL), (True, replies.INSUFFICIENT_STORAGE)])
@pytest.mark.parametrize(
    ("stored", "size", "fits"), [(99, 0, True), (100, 0, False), (60, 40, True), (60, 41, False), (0, 101, False)]
)
def test_quota_counts_what_is_stored_and_what_is_announced(stored, size, fits, soft, reply):
    directory = Directory(["lab.example"], [Mailbox("alice", quota_octets=100, quota_is_soft=soft)])
    resolution = directory.resolve(at("alice"), octets_in={"alice": stored}.__getitem__, size=size)
    assert resolution.reply is (replies.RECIPIENT_OK if fits else reply)
    trouble = directory.trouble("alice", octets_in={"alice": stored}.__getitem__, size=size)
    assert (trouble is None) == fits
    assert fits or trouble.facts["detail"].startswith(f"{stored} octets are used, ")
    assert fits or (f"message has {size}" in trouble.facts["detail"]) == (size > 0)


def test_store_is_not_asked_about_a_mailbox_without_quota(directory):
    def octets_in(name):
        raise AssertionError(name)

    assert directory.resolve(at("alice"), octets_in=octets_in, size=1 << 40).reply is replies.RECIPIENT_OK


# SEND, SOML and SAML, RFC 821 3.4


@pytest.mark.parametrize(
    ("verb", "name", "terminals", "mailboxes"),
    [
        ("MAIL", "frank", (), ("frank",)),
        ("SEND", "frank", ("frank",), ()),
        ("SOML", "frank", ("frank",), ()),
        ("SAML", "frank", ("frank",), ("frank",)),
        ("SOML", "alice", (), ("alice",)),
        ("SAML", "alice", (), ("alice",)),
        ("SOML", "all", ("frank",), ("alice", "J.Doe", "bob")),
        ("SAML", "all", ("frank",), ("alice", "J.Doe", "bob", "frank")),
    ],
)
def test_verb_decides_between_terminal_and_mailbox(directory, verb, name, terminals, mailboxes):
    resolution = directory.resolve(at(name), verb=verb)
    assert resolution.reply is replies.RECIPIENT_OK
    assert (resolution.terminals, resolution.mailboxes) == (terminals, mailboxes)


@pytest.mark.parametrize("name", ["alice", "all"])
def test_send_to_who_is_not_logged_in_gets_450(directory, name):
    resolution = directory.resolve(at(name), verb="SEND")
    assert resolution.reply is replies.MAILBOX_BUSY
    assert resolution.facts == {"detail": sentences.NOT_LOGGED_IN.format(name="alice")}


def test_who_logs_out_is_reached_at_the_mailbox(directory):
    directory.mailboxes["frank"].terminal = None
    assert directory.resolve(at("frank"), verb="SOML").mailboxes == ("frank",)


def test_send_needs_no_room_in_the_mailbox(directory):
    directory.mailboxes["frank"].quota_octets = 0
    assert directory.resolve(at("frank"), verb="SEND").reply is replies.RECIPIENT_OK
    assert directory.resolve(at("frank"), verb="SAML").reply is replies.MAILBOX_FULL


@pytest.mark.parametrize(("name", "reply"), [("dora", replies.WILL_FORWARD), ("eve", replies.TRY_FORWARD_PATH)])
@pytest.mark.parametrize("verb", ["SEND", "SOML", "SAML"])
def test_forward_is_a_forward_for_every_verb(directory, verb, name, reply):
    assert directory.resolve(at(name), verb=verb).reply is reply


def test_terminal_shows_lines_and_no_control_characters():
    terminal = Terminal()
    terminal.show(b"From: x\r\n\r\n\x1b[2Jtab\there\xff\nzo\xc3\xab\r\n")
    terminal.show(b"")
    assert terminal.lines == ["From: x", "", "\\x1b[2Jtab\there\ufffd\\x0azoë", ""]


# VRFY and EXPN


@pytest.mark.parametrize(
    ("text", "reply", "facts"),
    [
        ("alice", replies.VERIFIED, {"detail": "Alice Smith <alice@lab.example>"}),
        ("<Alice@Lab.Example>", replies.VERIFIED, {"detail": "Alice Smith <alice@lab.example>"}),
        ("Alice <alice@lab.example>", replies.VERIFIED, {"detail": "Alice Smith <alice@lab.example>"}),
        (" j.doe@[127.0.0.1] ", replies.VERIFIED, {"detail": "<J.Doe@lab.example>"}),
        ('"Frank Miller"', replies.VERIFIED, {"detail": "Frank Miller <frank@lab.example>"}),
        ("miller", replies.VERIFIED, {"detail": "Frank Miller <frank@lab.example>"}),
        ("postmaster", replies.VERIFIED, {"detail": "<postmaster@lab.example>"}),
        ("sales", replies.VERIFIED, {"detail": "<sales@lab.example>"}),
        ("dora", replies.WILL_FORWARD, {"forward": "dora@new.example"}),
        ("eve", replies.TRY_FORWARD_PATH, {"forward": "eve@new.example"}),
        ("staff", replies.CANNOT_VERIFY, {"detail": sentences.IS_A_LIST}),
        ("carol@elsewhere.example", replies.CANNOT_VERIFY, {"detail": sentences.DOMAIN_NOT_OURS}),
        ("nobody", replies.NO_SUCH_MAILBOX, {"detail": sentences.NO_SUCH_MAILBOX}),
        ("Smi", replies.NO_SUCH_MAILBOX, {"detail": sentences.NO_SUCH_MAILBOX}),
        ("", replies.NO_SUCH_MAILBOX, {"detail": sentences.NO_SUCH_MAILBOX}),
        ("root", replies.MAILBOX_NAME_NOT_ALLOWED, {"detail": sentences.NAME_RESERVED}),
        (
            "Smith",
            replies.AMBIGUOUS,
            {"detail": "Alice Smith <alice@lab.example>\nBob Smith <bob@lab.example>"},
        ),
    ],
)
def test_vrfy(directory, text, reply, facts):
    answer = directory.verify(text)
    assert (answer.reply, answer.facts) == (reply, facts)


@pytest.mark.parametrize("ask", ["verify", "expand"])
def test_what_is_no_address_gets_501_and_why(directory, ask):
    answer = getattr(directory, ask)("<alice@>")
    assert answer.reply is replies.BAD_ARGUMENT
    assert answer.facts["detail"]


@pytest.mark.parametrize("text", ["staff", "STAFF", "<staff@lab.example>"])
def test_expn_names_the_members(directory, text):
    answer = directory.expand(text)
    assert answer.reply is replies.MEMBERS
    assert answer.facts["detail"].split("\n") == [
        "Alice Smith <alice@lab.example>",
        "<J.Doe@lab.example>",
        "<carol@elsewhere.example>",
    ]


def test_expn_shows_a_list_in_a_list_by_its_name(directory):
    assert directory.expand("all").facts["detail"].split("\n")[0] == "<staff@lab.example>"


def test_expn_of_an_alias_names_who_it_stands_for(directory):
    assert directory.expand("desk").facts == {"detail": "<sales@lab.example>"}


@pytest.mark.parametrize(
    ("text", "reply", "detail"),
    [
        ("alice", replies.NO_SUCH_MAILBOX, sentences.IS_A_USER),
        ("dora", replies.NO_SUCH_MAILBOX, sentences.NO_SUCH_LIST),
        ("nobody", replies.NO_SUCH_MAILBOX, sentences.NO_SUCH_LIST),
        ("staff@elsewhere.example", replies.NO_SUCH_MAILBOX, sentences.NO_SUCH_LIST),
        ("root", replies.MAILBOX_NAME_NOT_ALLOWED, sentences.NAME_RESERVED),
    ],
)
def test_expn_of_what_is_no_list_is_refused(directory, text, reply, detail):
    answer = directory.expand(text)
    assert (answer.reply, answer.facts) == (reply, {"detail": detail})


def test_name_that_needs_quotes_gets_them():
    directory = Directory(["lab.example"], ["john doe"])
    assert directory.verify("john doe").facts == {"detail": '<"john doe"@lab.example>'}
    assert directory.resolve(at("John Doe")).mailboxes == ("john doe",)


# Names in other shapes


@pytest.mark.parametrize("one", ["alice", Mailbox("alice"), ["alice"], ("alice",), {"alice": 1}, iter(["alice"])])
def test_one_mailbox_alone_is_one_mailbox(one):
    assert list(Directory("lab.example", one).mailboxes) == ["alice", "postmaster"]


def test_one_name_alone_is_one_name_wherever_names_are_taken():
    directory = Directory(
        "lab.example",
        "alice",
        aliases={"desk": "alice"},
        lists={"staff": "alice", "board": MailingList("alice")},
        reserved="root",
    )
    assert directory.domains == ("lab.example",)
    assert directory.names == ("alice", "desk", "staff", "board", "postmaster")
    assert {directory.resolve(at(name)).mailboxes for name in ("desk", "staff", "board")} == {("alice",)}
    assert directory.resolve(at("root")).reply is replies.MAILBOX_NAME_NOT_ALLOWED
    assert directory.resolve(at("r")).reply is replies.NO_SUCH_MAILBOX


@pytest.mark.parametrize(
    "arguments",
    [
        {"domains": 5},
        {"domains": [b"lab.example"]},
        {"mailboxes": b"alice"},
        {"mailboxes": [5]},
        {"reserved": 5},
        {"reserved": [None]},
        {"aliases": {"desk": 5}},
        {"lists": {"staff": [5]}},
    ],
)
def test_what_is_no_name_is_a_type_error_with_a_sentence(arguments):
    with pytest.raises(TypeError, match="text"):
        Directory(**{"domains": "lab.example", **arguments})
