"""What an editor is told: completions in the order of the state, pages, and where a cell is complete."""

from __future__ import annotations

import re

import pytest

import smtplab
from smtplab.explain.possible_replies import replies_to
from smtplab.grading.exercises import design_of
from smtplab.jupyter import language
from smtplab.jupyter.directives import DIRECTIVES
from smtplab.jupyter.engine import Engine
from smtplab.jupyter.notebook_state import OPENERS
from smtplab.protocol.codes import CODES
from smtplab.protocol.commands import VERBS
from smtplab.protocol.states import MESSAGE
from support.cells import LAB, LECTURE, TO_THE_MESSAGE, done


def offered(engine: Engine, code: str) -> list[str]:
    """Return what is offered at the end of a cell; each of it begins as what is typed there."""
    found = language.complete(code, len(code), engine)
    typed = code[found.start : found.end]
    assert code.endswith(typed)
    assert all(match.lower().startswith(typed.lower()) for match in found.matches)
    return list(found.matches)


# Verbs


def test_before_the_first_telnet_it_is_offered_first(engine: Engine) -> None:
    assert offered(engine, "")[: len(OPENERS)] == list(OPENERS)


@pytest.mark.parametrize("state", ["greeted", "ready"])
def test_the_verbs_that_are_legal_now_come_first(state: str, request: pytest.FixtureRequest) -> None:
    engine: Engine = request.getfixturevalue(state)
    legal = engine.open_session().legal
    matches = offered(engine, "")
    assert set(matches[: len(legal)]) == set(legal)
    assert set(VERBS) <= set(matches)


def test_the_order_follows_the_session(ready: Engine) -> None:
    assert offered(ready, "R")[0] == "RSET"
    done(ready, "MAIL FROM:<a@b.example>")
    assert offered(ready, "R")[0] == "RCPT"


def test_lines_above_that_were_not_sent_yet_count(engine: Engine) -> None:
    assert offered(engine, f"telnet {LAB} 25\nHELO c.example\nM")[0] == "MAIL"
    assert offered(engine, f"telnet {LAB} 25\nHELO c.example\nMAIL FROM:<a@b.example>\nR")[0] == "RCPT"
    assert engine.session is None


@pytest.mark.parametrize(
    ("said", "first"),
    [
        ("RSET", "MAIL"),
        ("MAIL FROM:<a@b.example>", "RCPT"),
        ("MAIL FROM:<a@b.example>\nRCPT TO:<bob@lab.example>", "DATA"),
    ],
)
def test_tab_and_a_503_name_the_verb_that_leads_on_first(ready: Engine, said: str, first: str) -> None:
    done(ready, said)
    assert offered(ready, "")[0] == first
    early = "DATA" if first != "DATA" else "MAIL FROM:<c@b.example>"
    told = done(ready, early).text
    assert f"; what leads on is {first}" in told
    assert "NOOP" not in told


def test_each_verb_is_told_to_be_legal_or_not(ready: Engine) -> None:
    found = language.complete("", 0, ready)
    kinds = dict(zip(found.matches, found.kinds, strict=True))
    legal = ready.open_session().legal
    assert kinds == {verb: "legal" if verb in legal else "not here" for verb in VERBS} | dict.fromkeys(OPENERS, "opens")
    assert set(language.complete("%", 1, ready).kinds) == {""}


def test_small_letters_are_completed_too(ready: Engine) -> None:
    assert offered(ready, "ma") == ["MAIL"]


def test_amid_a_message_nothing_is_offered_but_directives(in_data: Engine) -> None:
    assert offered(in_data, "R") == []
    assert offered(in_data, "%und") == ["%undo"]


# Arguments


def test_hosts_are_offered_to_telnet_and_then_the_port(engine: Engine) -> None:
    assert offered(engine, "telnet ") == [*(host.name for host in engine.lab.hosts), "127.0.0.1"]
    assert offered(engine, "telnet mail.l") == [LAB]
    assert offered(engine, f"telnet {LAB} ") == ["25"]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("MAIL ", "FROM:<"),
        ("MAIL fr", "FROM:<"),
        ("SOML ", "FROM:<"),
        ("RCPT ", "TO:<"),
        ("RCPT TO:", "TO:<"),
        ("MAIL FROM:<ali", "alice@lab.example>"),
        ("MAIL FROM:<>", ">"),
        ("rcpt to:<car", "carol@lab.example>"),
        ("VRFY bo", "bob"),
        ("EXPN ", "staff"),
        ("HELP sa", "SAML"),
    ],
)
def test_arguments_are_offered_from_the_tables_and_the_hosts(ready: Engine, typed: str, expected: str) -> None:
    assert offered(ready, typed) == [expected]


def test_the_people_of_the_connected_host_come_first(engine: Engine) -> None:
    done(engine, f"telnet {LECTURE}")
    assert offered(engine, "RCPT TO:<")[0] == "forouzanb@adelphia.net>"
    done(engine, f"telnet {LAB}")
    assert offered(engine, "RCPT TO:<")[0] == "alice@lab.example>"


def test_parameters_are_offered_as_far_as_ehlo_has_offered_them(ready: Engine) -> None:
    line = "MAIL FROM:<alice@lab.example> "
    assert offered(ready, line) == []
    done(ready, "EHLO client.example")
    assert offered(ready, line) == ["SIZE=", "BODY=7BIT", "BODY=8BITMIME", "SMTPUTF8"]
    assert offered(ready, f"{line}SIZE=100 BO") == ["BODY=7BIT", "BODY=8BITMIME"]
    assert offered(ready, "RCPT TO:<bob@lab.example> ") == []


def test_over_a_socket_nobody_is_known(engine: Engine) -> None:
    with smtplab.serve(domain="lab.example", mailboxes=["bob"]) as server:
        done(engine, "telnet {} {}\nHELO c.example".format(*server.address))
        assert "bob@lab.example>" not in offered(engine, "RCPT TO:<")
        assert offered(engine, "RCPT TO:<")


def test_a_word_in_the_middle_of_a_line_is_completed_there(ready: Engine) -> None:
    code = "RCPT TO:<bo, and more"
    assert language.complete(code, len("RCPT TO:<bo"), ready).matches == ("bob@lab.example>",)


# Directives


def test_directives_are_offered_and_what_may_follow_them(ready: Engine) -> None:
    assert offered(ready, "%") == [*(f"%{name}" for name in DIRECTIVES), "%%py"]
    assert offered(ready, "NOOP\n%") == [f"%{name}" for name in DIRECTIVES]
    assert offered(ready, "%strict o") == ["on", "off"]
    assert offered(ready, "%table co") == ["commands", "codes"]
    assert offered(ready, "%mailbox car") == ["carol@lab.example"]
    assert offered(ready, "%switch ") == ["main"]
    assert offered(ready, "%help MA") == ["MAIL"]
    assert offered(ready, "%help %MA") == ["%mailbox"]
    assert offered(ready, "%check 01") == ["01-hold-your-own-session", "01-type-your-own-session"]
    parts = [part.name for part in design_of("03").parts]
    assert offered(ready, "%check 03 ") == offered(ready, f"%check {design_of('03').name} ") == parts
    assert offered(ready, f"%check 03 {parts[0]} ") == offered(ready, "%check nothing ") == offered(ready, "%fork a ")
    assert offered(ready, "%fork a ") == []
    assert offered(ready, "%nothing x") == []


# Pages


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_has_a_page_with_what_the_tables_know(engine: Engine, verb: str) -> None:
    page = language.inspect(verb.lower(), 1, engine)
    assert page is not None
    text = str(page)
    known = VERBS[verb]
    for fact in (known.syntax, known.summary, known.section, known.tier.value if known.tier else "not in the lecture"):
        assert fact in text
    assert ("2yz" if verb != "DATA" else "3yz") in text
    assert "<domain>" not in page._repr_html_()


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_has_the_replies_that_may_come_and_no_others(engine: Engine, verb: str) -> None:
    told = {code for code in CODES if re.search(rf"\b{code} [A-Z]", str(language.inspect(verb, 1, engine)))}
    assert told == {*replies_to(verb), *(replies_to(MESSAGE) if verb == "DATA" else ())}


@pytest.mark.parametrize("code", [code for code in CODES if code < 600])
def test_a_code_has_a_page(engine: Engine, code: int) -> None:
    line = f"%expect {code}"
    page = language.inspect(line, len(line), engine)
    assert page is not None
    assert page.title == str(CODES[code])
    assert CODES[code].meaning in str(page)


@pytest.mark.parametrize(
    ("line", "at", "title"),
    [
        ("MAIL FROM:<a@b.example>", 14, "MAIL"),
        ("RCPT TO:<a@b.example>", 6, "RCPT"),
        ("%expect 250", 3, "%expect CODE"),
        ("HELP MAIL", 7, "MAIL"),
    ],
)
def test_the_word_at_the_cursor_decides_then_the_first_of_the_line(
    engine: Engine, line: str, at: int, title: str
) -> None:
    page = language.inspect(line, at, engine)
    assert page is not None
    assert page.title == title


def test_there_is_no_page_for_a_message_or_for_nothing(in_data: Engine) -> None:
    assert language.inspect("MAIL", 2, in_data) is None
    assert language.inspect("%undo", 2, in_data) is not None
    assert language.inspect("", 0, Engine()) is None
    assert language.inspect("hello", 2, Engine()) is None


# Completeness


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("", "complete"),
        ("NOOP", "complete"),
        ("DATA", "complete"),  # it is refused here
        (TO_THE_MESSAGE, "incomplete"),
        (f"{TO_THE_MESSAGE}\nHi\n..\n. ", "incomplete"),
        (f"{TO_THE_MESSAGE}\nHi\n.", "complete"),
        (f"{TO_THE_MESSAGE}\r\nHi\r\n.\r\n", "complete"),
        (f"{TO_THE_MESSAGE}\n%nonsense", "incomplete"),
        ("%nonsense", "invalid"),
        (f"{TO_THE_MESSAGE}\n.\n%nonsense", "invalid"),
    ],
)
def test_a_cell_is_incomplete_inside_a_message_until_the_lone_dot(ready: Engine, code: str, status: str) -> None:
    assert language.is_complete(code, ready) == status


def test_a_cell_goes_on_in_the_message_of_the_cell_before(in_data: Engine) -> None:
    assert language.is_complete("Subject: Hi", in_data) == "incomplete"
    assert language.is_complete("Subject: Hi\n\nHi\n.", in_data) == "complete"
    assert language.is_complete(f"telnet {LAB} 25", in_data) == "complete"
