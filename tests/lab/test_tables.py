"""The tables: derived from what the code runs on, held against the lecture, tried on a real server, and stable."""

import csv

import pandas
import pytest

from smtplab import Lab, Session, State, Transcript, tables
from smtplab.explain.causes import CAUSES, CLOSED, SWAPS_ROLES
from smtplab.explain.possible_replies import replies_to
from smtplab.lab.provoking import set_up
from smtplab.protocol.codes import CODES, classify
from smtplab.protocol.commands import VERBS
from smtplab.protocol.states import GREETING, MESSAGE, TRANSITIONS, is_legal, legal_verbs, next_state
from smtplab.transcript import Side
from support.paths import DATA
from support.python import printed_by

LECTURE = DATA / "lecture"
HOST = "mail.lab.example"


def rows_of(name: str) -> list[dict[str, str]]:
    with (LECTURE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def lecture_session() -> Session:
    session = Lab().telnet("mail.adelphia.net")
    session.send("HELO mail.adelphia.net\nMAIL FROM: forouzanb@adelphia.net\nRCPT TO: forouzanb@adelphia.net\nDATA")
    session.send("From: Forouzan\n\nThis is a test message\n.\nQUIT")
    return session


ALL = {
    "commands": tables.commands,
    "codes": tables.codes,
    "categories": tables.categories,
    "transitions": tables.transitions,
    "matrix": tables.matrix,
    "causes": tables.causes,
    "transcript": lambda: tables.transcript(lecture_session()),
    "exchanges": lambda: tables.exchanges(lecture_session()),
}
each = pytest.mark.parametrize("make", ALL.values(), ids=ALL.keys())


@each
def test_a_table_is_a_plain_data_frame_without_holes(make) -> None:
    table = make()
    assert type(table) is pandas.DataFrame
    assert not table.isna().any(axis=None)
    assert None not in table.index.names
    assert all(pandas.api.types.is_integer_dtype(kind) or str(kind) in ("str", "object") for kind in table.dtypes)


@each
def test_a_table_is_the_same_every_time(make) -> None:
    pandas.testing.assert_frame_equal(make(), make())
    assert make().to_html() == make().to_html()


@each
def test_the_text_of_a_table_has_every_word_of_it(make) -> None:
    table = make()
    text = " ".join(repr(table).split())
    for column in table:
        for value in table[column]:
            assert " ".join(str(value).split()) in text


def test_small_tables_fit_a_page() -> None:
    for table in (tables.matrix(), tables.transitions(), tables.codes()[["severity", "category", "phrase"]]):
        assert max(map(len, table.to_string().splitlines())) <= 125
    assert max(map(len, tables.matrix().to_string().splitlines())) <= 80


# The lecture's commands and codes


def test_commands_holds_the_lectures_rows_as_they_are_and_the_kernels_beside_them() -> None:
    table = tables.commands()
    assert list(table.index) == list(VERBS)
    for row in rows_of("commands.csv"):
        mine = table.loc[row["verb"]]
        assert [mine["lecture"], mine["argument"], mine["tier"], mine["slip"]] == [
            row[name] for name in ("keyword", "argument", "tier", "slip")
        ]
        verb = VERBS[row["verb"]]
        assert (mine["rfc821"], mine["rfc5321"]) == (row["rfc821_status"], row["rfc5321_status"])
        assert (mine["syntax"], mine["purpose"]) == (verb.syntax, verb.summary)


def test_of_the_commands_ehlo_alone_is_not_the_lectures() -> None:
    table = tables.commands()
    assert list(table.index[table["lecture"] == ""]) == ["EHLO"]
    assert dict(table["tier"].value_counts()) == {"mandatory": 5, "recommended": 3, "seldom used": 6, "": 1}


def test_codes_holds_all_known_codes_and_marks_the_lectures_21() -> None:
    table = tables.codes()
    assert list(table.index) == list(CODES)
    told = table[table["lecture"] != ""]
    assert [(str(code), row["lecture"], row["slip"]) for code, row in told.iterrows()] == [
        (row["code"], row["description"], row["slip"]) for row in rows_of("codes.csv")
    ]
    assert len(told) == 21


def test_codes_says_what_the_digits_say() -> None:
    row = tables.codes().loc[552]
    assert (row["severity"], row["category"]) == ("Permanent Negative Completion", "Mail system")
    assert (row["phrase"], row["rfc"]) == (classify(552).phrase, classify(552).rfc)


def test_codes_says_so_where_the_second_digit_is_a_0() -> None:
    assert tables.codes().loc[500, "category"] == "Syntax"


def test_the_four_categories_have_6_1_4_and_10_codes() -> None:
    table = tables.categories()
    assert list(table.index) == [2, 3, 4, 5]
    assert list(table["count"]) == [6, 1, 4, 10]
    counted: dict[str, list[str]] = {}
    for row in rows_of("codes.csv"):
        counted.setdefault(row["category"], []).append(row["code"])
    assert dict(zip(table["lecture"], table["codes"], strict=True)) == {
        name: " ".join(numbers) for name, numbers in counted.items()
    }


# The table of states


def test_transitions_has_a_row_for_each_entry_and_agrees_with_the_one_reader() -> None:
    table = tables.transitions()
    seen = set()
    for (state, verb), row in table.iterrows():
        before, after = State[state], State[row["next"]]
        assert is_legal(before, verb)
        if row["reply"]:
            assert next_state(before, verb, int(row["reply"][0]) * 100 + 50) is after
            seen.add((before, verb, int(row["reply"][0])))
        else:
            assert not TRANSITIONS[before][verb]
            assert before is after
    assert seen == {(s, verb, sev) for s, moves in TRANSITIONS.items() for verb, to in moves.items() for sev in to}
    assert set(table.index) == {(state.name, verb) for state, moves in TRANSITIONS.items() for verb in moves}


# A conversation


def test_transcript_has_a_row_for_each_line() -> None:
    session = lecture_session()
    table = tables.transcript(session)
    assert list(table.columns) == ["side", "text", "state", "phase"]
    for number, row in enumerate(session.transcript):
        mine = table.loc[number]
        expected = [row.side.value, row.text, row.state.name, row.phase.value]
        assert [mine["side"], mine["text"], mine["state"], mine["phase"]] == expected
    assert len(table) == len(session.transcript)


def test_transcript_takes_a_transcript_as_well() -> None:
    session = lecture_session()
    pandas.testing.assert_frame_equal(tables.transcript(session), tables.transcript(session.transcript))


def test_an_empty_conversation_has_the_same_columns() -> None:
    for make in (tables.transcript, tables.exchanges):
        assert list(make(Transcript()).columns) == list(make(lecture_session()).columns)
        assert len(make(Transcript())) == 0


def test_times_come_last_where_there_are_any() -> None:
    transcript = Transcript()
    transcript.note("Trying 192.0.2.25 . . .")
    transcript.add(Side.SERVER, b"220 ready\r\n", 0.25)
    table = tables.transcript(transcript)
    assert table.columns[-1] == "time"
    assert table["time"].isna().tolist() == [True, False]
    assert table["time"][1] == 0.25


def test_exchanges_pairs_what_was_said_with_its_reply() -> None:
    table = tables.exchanges(lecture_session())
    assert list(table["code"]) == [220, 250, 250, 250, 354, 250, 221]
    assert list(table["verb"]) == ["(connection)", "HELO", "MAIL", "RCPT", "DATA", "(message)", "QUIT"]
    assert table.loc[3, "said"] == "MAIL FROM: forouzanb@adelphia.net"
    assert table.loc[6, "said"] == "45 octets of message"
    assert table.loc[5, ["severity", "before", "after"]].tolist() == ["Positive Intermediate", "RECIPIENT", "DATA"]
    assert table.loc[6, "phase"] == "Mail Transfer"


def test_a_command_without_a_reply_has_no_code() -> None:
    transcript = Transcript.parse("S: 220 ready\nC: " + "NOOP " + "x" * 100)
    row = tables.exchanges(transcript).loc[2]
    assert (row["code"], row["severity"], row["reply"]) == (0, "", "")
    assert row["said"] == "NOOP " + "x" * 52 + "..."


def test_what_is_no_conversation_is_named() -> None:
    with pytest.raises(TypeError, match=r"not str$"):
        tables.transcript("C: NOOP")  # type: ignore[arg-type]


# What a server really does


def test_the_matrix_has_every_command_and_every_state_that_takes_one() -> None:
    table = tables.matrix()
    assert list(table.index) == list(VERBS)
    assert [State[name] for name in table.columns] == [state for state in State if legal_verbs(state)]


def test_the_matrix_differs_from_the_table_of_states_nowhere_in_legality() -> None:
    table = tables.matrix()
    for state in table.columns:
        for verb in table.index:
            assert bool(table.loc[verb, state] != 503) is is_legal(State[state], verb), (verb, state)


def test_every_reply_of_the_lab_is_among_those_that_the_verb_may_have() -> None:
    caused = {(cause.verb, cause.code) for cause in CAUSES if cause.verb in {*VERBS, GREETING, MESSAGE}}
    answered = {(verb, code) for verb, row in tables.matrix().iterrows() for code in row}
    assert {pair for pair in caused | answered if pair[1] not in replies_to(str(pair[0]))} == set()


def test_the_matrix_shows_the_server_that_is_there() -> None:
    lab = Lab()
    set_up(lab, SWAPS_ROLES)
    lab.host(HOST).handler.answers_expn = False
    changed, usual = tables.matrix(lab), tables.matrix()
    assert (changed.loc["TURN", "READY"], usual.loc["TURN", "READY"]) == (250, 502)
    assert (changed.loc["EXPN", "READY"], usual.loc["EXPN", "READY"]) == (502, 250)
    assert (changed != usual).sum(axis=None) == 5


def test_the_matrix_leaves_the_lab_as_it_was() -> None:
    lab = Lab()
    tables.matrix(lab)
    assert lab.mailbox("alice@lab.example") == []
    assert lab.host(HOST).sessions == ()
    assert lab.telnet(HOST).state is State.GREETED


def test_the_matrix_says_which_state_cannot_be_reached() -> None:
    lab = Lab()
    set_up(lab, CLOSED)
    with pytest.raises(ValueError, match="GREETED"):
        tables.matrix(lab)
    assert not lab.host(HOST).handler.open


def test_each_of_the_21_codes_was_provoked_once() -> None:
    assert list(tables.causes().index) == [int(row["code"]) for row in rows_of("codes.csv")]


def test_causes_of_some_codes_are_all_of_them_in_the_order_asked_for() -> None:
    table = tables.causes(555, 452)
    assert list(table["cause"]) == [c.sentence for code in (555, 452) for c in CAUSES if c.code == code]
    assert list(table.index) == [555] + [452] * (len(table) - 1)


def test_a_cause_comes_with_the_line_and_the_reply() -> None:
    row = tables.causes(551).iloc[0]
    assert row["said"] == "RCPT TO:<erin@lab.example>"
    assert row["reply"] == "<erin@lab.example> is not here; please try <erin@campus.example>"
    assert row["rfc"] == "RFC 5321 3.4"


@pytest.mark.parametrize(
    ("code", "verbs"),
    [
        (220, ["(connection)"]),
        (354, ["DATA"]),
        (421, ["(connection)", "(unasked)", "VERFY"]),
        (451, ["RCPT", "(message)"]),
        (502, ["TURN", "EXPN"]),
    ],
)
def test_a_cause_names_the_verb_that_was_answered(code: int, verbs: list[str]) -> None:
    assert sorted(set(tables.causes(code)["verb"])) == sorted(verbs)


def test_a_code_without_a_cause_is_named() -> None:
    with pytest.raises(ValueError, match="299"):
        tables.causes(299)


# pandas


def test_pandas_is_loaded_by_the_first_table_and_not_before() -> None:
    script = (
        "import sys\nfrom smtplab import tables\nbefore = 'pandas' in sys.modules\ntables.codes()\n"
        "print(before, 'pandas' in sys.modules)\n"
    )
    assert printed_by(script) == "False True\n"


def test_limits_that_you_have_set_stay() -> None:
    script = (
        "import pandas\nfrom smtplab import tables\npandas.set_option('display.max_colwidth', 20)\ntables.codes()\n"
        "print(pandas.get_option('display.max_colwidth'), pandas.get_option('display.max_columns'))\n"
    )
    assert printed_by(script) == "20 None\n"


def test_a_table_as_wide_as_a_page_is_written_in_one_piece() -> None:
    script = "from smtplab import tables\ntable = tables.commands()[['lecture', 'slip']]\nprint(len(table), table)\n"
    lines = printed_by(script).splitlines()
    assert 80 < max(map(len, lines)) <= 125
    assert len(lines) == 2 + 15
