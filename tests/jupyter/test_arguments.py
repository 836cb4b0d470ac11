"""Every verb has a place that fits its syntax, and what is offered for it is known to the hosts of the lab."""

import pytest

from smtplab import Lab
from smtplab.jupyter.arguments import SLOT_OF, SLOTS, choices
from smtplab.protocol.commands import VERBS, parse_command

LECTURE, OURS = "mail.adelphia.net", "mail.lab.example"


def test_every_verb_has_a_place_and_verbs_of_one_syntax_share_it() -> None:
    assert set(SLOT_OF) == set(VERBS)
    assert [slot.verbs for slot in SLOTS] == [
        ("HELO", "EHLO"),
        ("MAIL", "SEND", "SOML", "SAML"),
        ("RCPT",),
        ("DATA", "QUIT", "RSET", "TURN"),
        ("VRFY",),
        ("NOOP",),
        ("EXPN",),
        ("HELP",),
    ]
    assert (SLOT_OF["SEND"].word, SLOT_OF["SEND"].what) == ("FROM:", "reverse-path")


@pytest.mark.parametrize("lab", [Lab(), None], ids=["in the lab", "over a socket"])
@pytest.mark.parametrize("host", [LECTURE, OURS])
def test_every_choice_makes_a_command_that_the_strict_grammar_takes(lab: Lab | None, host: str) -> None:
    for slot in SLOTS:
        known = choices(slot, lab.hosts if lab else (), host)
        assert known
        assert len(set(known)) == len(known)
        for verb in slot.verbs:
            for argument in known:
                assert not slot.word or not argument.startswith(slot.word)
                line = slot.line(verb, argument)
                assert str(parse_command(line.encode(), strict=True)) == line


def test_the_first_recipient_lives_on_the_host_and_all_others_follow() -> None:
    assert choices(SLOT_OF["RCPT"], Lab().hosts, LECTURE)[0] == "<forouzanb@adelphia.net>"
    ours = choices(SLOT_OF["RCPT"], Lab().hosts, OURS)
    assert ours[:2] == ("<alice@lab.example>", "<bob@lab.example>")
    assert {"<staff@lab.example>", "<frank@campus.example>", "<Postmaster>"} <= set(ours)


def test_a_bounce_has_the_null_reverse_path_and_a_list_is_offered_where_the_host_has_none() -> None:
    assert choices(SLOT_OF["MAIL"], Lab().hosts, LECTURE)[-1] == "<>"
    assert choices(SLOT_OF["EXPN"], Lab().hosts, LECTURE) == ("staff",)


@pytest.mark.parametrize(
    ("verb", "argument", "line"),
    [
        ("MAIL", "<a@b.example>", "MAIL FROM:<a@b.example>"),
        ("MAIL", "FROM:<a@b.example> SIZE=10", "MAIL FROM:<a@b.example> SIZE=10"),
        ("MAIL", "from: a@b.example", "MAIL from: a@b.example"),
        ("NOOP", "", "NOOP"),
        ("HELO", "x", "HELO x"),
    ],
)
def test_the_word_before_a_path_stands_once(verb: str, argument: str, line: str) -> None:
    assert SLOT_OF[verb].line(verb, argument) == line
