"""What `check` says about several sessions, about other messages, and about a mistake that is made again."""

from __future__ import annotations

import re
import sys
from html import unescape
from types import SimpleNamespace

import pytest
from IPython.core.formatters import DisplayFormatter

from smtplab import Silence
from smtplab.client.outcomes import ConnectionLost
from smtplab.grading import sentences
from smtplab.grading.check import check, exercise, judged
from smtplab.grading.handout import Exercise
from smtplab.grading.report import ReportLine, _failed, to_html
from smtplab.grading.rules import Repeats, RuleFailure, RuleResult
from smtplab.protocol.codes import Severity
from smtplab.show import style
from support.marked_sessions import marked_lines

NAME = "01-hold-your-own-session"


@pytest.fixture
def mine(monkeypatch: pytest.MonkeyPatch) -> Exercise:
    monkeypatch.delenv("SMTPLAB_STUDENT", raising=False)
    return exercise(NAME, "mia")


def hold(mine: Exercise, *message: str, end: str = "QUIT") -> None:
    """Hold a session with the envelope of the task, and send a message."""
    own = mine.evidence().task
    session = mine.telnet(own.host)
    envelope = f"HELO {own.client}\nMAIL FROM:<{own.sender}>\nRCPT TO:<{own.recipient}>\nDATA\n"
    session.send(envelope + "\n".join(message) + f"\n.\n{end}")


def asked(mine: Exercise) -> tuple[str, ...]:
    message: tuple[str, ...] = mine.evidence().task.message
    return message


def report(mine: Exercise) -> str:
    return judged(NAME, "session").report


def line_about(report: str, what: str) -> str:
    return next(line for line in report.splitlines() if what in line)


# Which session


def test_one_session_needs_no_number(mine: Exercise) -> None:
    hold(mine, *asked(mine))
    assert " counts" not in report(mine)


def test_of_several_sessions_the_latest_is_explained_and_then_the_one_that_counts_is_named(mine: Exercise) -> None:
    hold(mine, *asked(mine))
    hold(mine, *asked(mine), end="NOOP")
    said = report(mine)
    latest = said.index("Your latest session, number 2, has 9 points. An earlier one counts, see below.")
    counts = said.index("\nSession 1 counts, with 10 points\n")
    assert latest < said.index("The session is still open.") < counts
    assert "Every rule that can be seen here holds in session 1, but" in said


def test_later_sessions_that_say_nothing_of_the_task_are_not_explained(mine: Exercise) -> None:
    hold(mine, *asked(mine), end="NOOP")
    mine.telnet(mine.host_names[0]).send("NOOP")
    said = report(mine)
    assert "Session 1 of 2 counts; the later ones say nothing of your task." in said
    assert "The session is still open." in said


def test_the_latest_session_about_the_task_is_explained(mine: Exercise) -> None:
    hold(mine, *asked(mine))
    hold(mine, *asked(mine), end="NOOP")
    mine.telnet(mine.host_names[0])
    said = report(mine)
    assert "Your latest session about your task, number 2, has 9 points. An earlier one counts" in said
    assert "The session is still open." in said


def test_a_latest_session_that_is_the_best_is_named(mine: Exercise) -> None:
    mine.telnet(mine.host_names[0]).send("NOOP")
    hold(mine, *asked(mine))
    assert "Your latest session, number 2, counts; no other did better." in report(mine)


def test_what_the_session_that_counts_still_needs_is_told_below_the_latest(mine: Exercise) -> None:
    hold(mine, *asked(mine), end="NOOP")
    hold(mine, "Subject: Hello", "", "Hello", end="NOOP")
    _, below = report(mine).split("Session 1 counts, with 9 points. In it this is not yet right:\n")
    assert below.startswith("  not yet 0/1 You end the session with QUIT.\n1 more rule runs")


def test_a_session_with_the_message_asked_for_counts_before_one_with_another(mine: Exercise) -> None:
    hold(mine, *asked(mine))
    hold(mine, *asked(mine), "Bye")
    assert "Session 1 counts, with 10 points" in report(mine)


def test_the_question_after_three_equal_failures_is_about_the_latest_session(mine: Exercise) -> None:
    hold(mine, *asked(mine))
    hold(mine, *asked(mine), end="NOOP")
    reports = [report(mine) for _ in range(3)]
    assert ["question: What was the last reply of the host" in said for said in reports] == [False, False, True]


# What costs a point only at grading


def test_refused_commands_are_counted_and_their_price_is_told(mine: Exercise) -> None:
    own = mine.evidence().task
    mine.telnet(own.host).send("VERFY\nEHLO\nQUIT " + own.token)
    hold(mine, *asked(mine))
    session = mine.telnet(own.host)
    session.send(f"VERFY\nHELO\nHELO {own.client}\nMAIL FROM:<{own.sender}>\nRCPT TO:<{own.recipient}>\nDATA")
    session.send("\n".join(asked(mine)) + "\n.\nQUIT")
    said = report(mine)
    assert "number 3, has 10 points" in said
    assert "2 commands were refused. This costs the point" in said
    assert "got:      VERFY, answered never (500)" in said
    assert "Session 2 counts, with 10 points\n" in said


def test_a_refused_command_is_told_beside_all_the_points(mine: Exercise) -> None:
    own = mine.evidence().task
    session = mine.telnet(own.host)
    session.send(f"HELO {own.client}\nMAIL\nMAIL FROM:<{own.sender}>\nRCPT TO:<{own.recipient}>\nDATA")
    session.send("\n".join(asked(mine)) + "\n.\nQUIT")
    said = report(mine)
    assert "10 of 10 points that can be seen, but not yet “no refusal”; 1 more at grading" in said
    assert line_about(said, "The host refuses no command. 1 point for this comes at grading.").startswith("  not yet")
    assert "1 command was refused." in said
    assert "Every rule" not in said


def test_a_call_that_nobody_took_is_no_session(mine: Exercise) -> None:
    hold(mine, *asked(mine))
    with pytest.raises(ConnectionLost, match="nowhere"):
        mine.telnet("nowhere.example")
    assert " counts" not in report(mine)


# Which message


def test_the_message_asked_for_is_ok(mine: Exercise) -> None:
    hold(mine, *asked(mine))
    assert "Every rule that can be seen here holds" in report(mine)


@pytest.mark.parametrize("change", ["another", "no header section", "a line more", "a line less", "a field changed"])
def test_no_other_message_is_praised(mine: Exercise, change: str) -> None:
    message = list(asked(mine))
    match change:
        case "another":
            message = ["Subject: Hello", "", "Hello"]
        case "no header section":
            message = message[message.index("") + 1 :]
        case "a line more":
            message.append("Bye")
        case "a line less":
            message.pop()
        case _:
            message[2] = "Subject: Hello"
    hold(mine, *message)
    said = report(mine)
    assert line_about(said, "The message is the one asked for").startswith("  not yet")
    assert "Every rule" not in said
    assert "got:" in said


def test_what_was_got_is_named(mine: Exercise) -> None:
    own = mine.evidence().task
    session = mine.telnet(own.host)
    session.send(f"NOOP {own.token}")
    assert f"got:      NOOP {own.token}, answered done (250)" in report(mine)


# The same mistake again


def test_from_the_third_equal_failure_on_a_question_is_asked(mine: Exercise) -> None:
    hold(mine, *asked(mine), end="NOOP")
    first, second, third, fourth = (report(mine) for _ in range(4))
    assert first == second
    assert third == fourth
    assert "The session is still open." in second
    assert "The session is still open." not in third
    assert "What was the last reply of the host, and to which line?" in third
    assert "?" not in second.replace("which command ends it?", "")


def test_the_question_takes_the_place_of_the_explanation_which_the_page_still_has_in_a_fold(mine: Exercise) -> None:
    own = mine.evidence().task
    mine.telnet(own.host).send(f"NOOP {own.token}")
    first, _, third = (judged(NAME, "session") for _ in range(3))
    assert "got:      NOOP" in first.report
    assert "got:      NOOP" in third.report
    assert "question: What was the last reply" in third.report
    assert "hint:" in first.report
    assert "hint:" not in third.report
    assert "<details>" not in first.html
    assert "hint:" in third.html.partition("<details>")[2]


def test_a_session_without_a_message_says_that_nothing_was_refused(mine: Exercise) -> None:
    own = mine.evidence().task
    mine.telnet(own.host).send(f"HELO {own.client}\nMAIL FROM:<{own.sender}>")
    assert "No command was refused, but the host has taken no message yet." in report(mine)


def test_another_failure_of_the_same_rule_is_explained_again(mine: Exercise) -> None:
    hold(mine, *asked(mine), end="NOOP")
    for _ in range(3):
        report(mine)
    hold(mine, *asked(mine), end="RSET")
    said = report(mine)
    assert "The session is still open." in said
    assert "question:" not in said


def test_an_exercise_that_is_handed_out_again_begins_anew(mine: Exercise) -> None:
    hold(mine, *asked(mine), end="NOOP")
    for _ in range(3):
        report(mine)
    assert "question:" in report(mine)
    again = exercise(NAME, "mia")
    hold(again, *asked(again), end="NOOP")
    assert "question:" not in report(again)


def test_work_that_has_not_begun_is_no_failure_and_keeps_its_hint(mine: Exercise) -> None:
    reports = [judged(NAME).report for _ in range(4)]
    assert reports[0] == reports[3]
    assert "No session has been opened yet." in reports[3]
    assert "No phases have been handed in yet." in reports[3]
    assert "?" not in reports[3]


@pytest.mark.parametrize(
    ("question", "answer", "asks"),
    [
        ("phases", "? 220 hello", "Which line comes before this one"),
        ("banner", "nothing", "Which line of the lecture is right below"),
    ],
)
def test_each_part_asks_about_its_own_matter(mine: Exercise, question: str, answer: str, asks: str) -> None:
    mine.hand_in(question, answer)
    reports = [judged(NAME).report for _ in range(3)]
    assert asks not in reports[1]
    assert asks in reports[2]


def test_equal_failures_are_counted_in_a_row() -> None:
    wrong, other = RuleFailure("wrong"), RuleFailure("other")
    repeats = Repeats()

    def often(failure: RuleFailure | None) -> bool:
        result = RuleResult("a.b", 1, "RFC 0", "It is right.", failure)
        repeats.count([result])
        return repeats.often(result)

    assert [often(each) for each in (wrong, wrong, wrong, wrong)] == [False, False, True, True]
    assert [often(each) for each in (other, other, wrong, wrong, None, wrong, wrong, wrong)] == [False] * 7 + [True]


# In colour


def blocks(html: str) -> list[str]:
    """Return the HTML of each line of a report."""
    return re.findall(r"<div[^>]*>((?:(?!</?div).)*)</div>", html, re.DOTALL)


def test_a_notebook_shows_ok_and_not_yet_in_colour_and_in_words() -> None:
    lines = blocks(
        to_html(
            [
                ReportLine("1 of 2 points", whole=True),
                ReportLine("You said a < b.", "  ok      1/1 "),
                ReportLine("You said QUIT.", "  not yet 0/1 "),
                ReportLine("ok so far", " " * 14),
            ]
        )
    )
    assert [re.sub("<[^>]*>", "", line) for line in lines[:2]] == ["1 of 2 points", "  ok      1/1 You said a &lt; b."]
    assert [len(re.findall("background-color", line)) for line in lines] == [0, 1, 1, 0]
    assert style.chip("ok", style.SEVERITY_COLORS[Severity.POSITIVE_COMPLETION]) in lines[1]
    assert style.chip("not yet", style.SEVERITY_COLORS[Severity.TRANSIENT_NEGATIVE]) in lines[2]


def test_the_sections_of_the_rfcs_are_faint() -> None:
    html = to_html([ReportLine("hello", "  ok      1/1 "), ReportLine("RFC 5321 " + "4.1.1, " * 30, "rules: ")])
    assert [style.quiet("x").split(">")[0] in line for line in blocks(html)] == [False, True]


def test_a_broken_line_is_indented_as_far_in_html_as_in_text(mine: Exercise) -> None:
    hold(mine, *asked(mine), end="NOOP")
    assessment = judged(NAME)
    assert str(assessment.lines[0]) == assessment.report.splitlines()[0]
    indented = [line for line in assessment.lines if line.first]
    assert len(indented) > 3
    for line in indented:
        far = len(line.first)
        assert f'<div style="padding-left: {far}ch; text-indent: -{far}ch">' in line.to_html()
        assert all(more.startswith(" " * far) and more[far] != " " for more in str(line).splitlines()[1:])
    shown = unescape(re.sub("<[^>]*>", "", assessment.html))
    assert shown == "".join(f"{each.first}{each.text}" for each in assessment.lines)


def test_html_breaks_no_line_itself_and_keeps_an_empty_one() -> None:
    long = ReportLine("word " * 60, " " * 14)
    assert len(str(long).splitlines()) > 3
    assert "\n" not in long.to_html()
    assert ReportLine("").to_html() == "<div><br></div>"


def test_in_a_kernel_check_publishes_both_forms_and_elsewhere_it_prints(
    mine: Exercise, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module = sys.modules["smtplab.grading.check"]
    published: list[dict[str, str]] = []
    publisher = SimpleNamespace(publish=lambda data: published.append(data))
    monkeypatch.setattr(module, "running_shell", lambda: SimpleNamespace(user_ns={}, kernel=1, display_pub=publisher))
    assert check(NAME, "session") == 0
    assert capsys.readouterr().out == ""
    (forms,) = published
    assert list(forms) == ["text/plain", "text/html"]
    monkeypatch.setattr(module, "running_shell", lambda: SimpleNamespace(user_ns={}))
    exercise(NAME, "mia")
    check(NAME, "session")
    said = capsys.readouterr().out
    assert forms["text/plain"].rpartition("\n") == (said.rstrip("\n"), "\n", sentences.NUMBER_BELOW)
    assert sentences.NUMBER_BELOW not in forms["text/html"]


def test_the_number_below_a_report_is_explained_to_students_alone(
    mine: Exercise, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = sys.modules["smtplab.grading.check"]
    published: list[dict[str, str]] = []
    publisher = SimpleNamespace(publish=lambda data: published.append(data))
    monkeypatch.setattr(module, "running_shell", lambda: SimpleNamespace(user_ns={}, kernel=1, display_pub=publisher))
    check(NAME, "session")
    monkeypatch.setenv("SMTPLAB_STUDENT", "mia")
    check(NAME, "session")
    assert [sentences.NUMBER_BELOW in each["text/plain"] for each in published] == [True, False]


def test_a_notebook_shows_the_points_in_words_and_the_grading_program_reads_a_number(
    mine: Exercise, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = sys.modules["smtplab.grading.check"]
    publisher = SimpleNamespace(publish=lambda data: None)
    monkeypatch.setattr(module, "running_shell", lambda: SimpleNamespace(user_ns={}, kernel=1, display_pub=publisher))
    hold(mine, *asked(mine))
    shown, _ = DisplayFormatter().format(check(NAME, "session"))
    assert shown["text/plain"] == "10"
    assert shown["text/html"] == "Points of this cell: 10 of 10 points that can be seen; 1 more at grading."
    monkeypatch.setenv("SMTPLAB_STUDENT", "mia")
    assert type(check(NAME, "session")) is int


# One mistake, and what follows from it


@pytest.fixture
def with_two_messages(monkeypatch: pytest.MonkeyPatch) -> Exercise:
    monkeypatch.delenv("SMTPLAB_STUDENT", raising=False)
    students = (f"student-{number}" for number in range(100))
    mine = (exercise(NAME, student) for student in students)
    return next(each for each in mine if each.evidence().task.shown.twist == "second message")


@pytest.mark.parametrize("at", [0, 1])
def test_the_reply_to_each_message_counts(with_two_messages: Exercise, at: int) -> None:
    lines = marked_lines(with_two_messages.evidence().task.shown)
    ends = [number for number, line in enumerate(lines) if line.group == "end"]
    slip = ends[2 * at + 1]  # the dot, then the reply
    marks = ["T" if number == slip else line.mark for number, line in enumerate(lines)]
    with_two_messages.hand_in(
        "phases", "\n".join(f"{mark} {line.text}" for mark, line in zip(marks, lines, strict=True))
    )
    said = judged(NAME, "phases").report
    assert line_about(said, "The lone dot of each message").startswith("  not yet 0/1")
    assert line_about(said, "envelope").startswith("  ok")


def test_a_refusal_is_explained_once_for_the_rules_that_fail_by_it(mine: Exercise) -> None:
    own = mine.evidence().task
    session = mine.telnet(own.host)
    session.send(f"HELO {own.client}\nMAIL FROM {own.sender}\nRCPT TO:<{own.recipient}>\nDATA\nQUIT")
    said = report(mine)
    assert said.count("The first refusal of the session came here; begin with it.") == 1


def test_a_command_that_ends_in_lf_is_named_and_not_missed(mine: Exercise) -> None:
    own = mine.evidence().task
    session = mine.telnet(own.host)
    session.send(f"HELO {own.client}")
    with pytest.raises(Silence):
        session.send_bytes(f"MAIL FROM:<{own.sender}>\n".encode())
    said = report(mine)
    assert "no MAIL at all" not in said
    assert said.count("A line of yours does not end in CRLF.") == 1
    assert said.count("  not yet") >= 4


def test_lines_that_were_got_stand_below_each_other() -> None:
    failure = RuleFailure("No.", got="one\n\ntwo")
    result = RuleResult("a.b", 1, "RFC 0", "It is right.", failure)
    assert list(map(str, _failed([result], failure, "")))[-3:] == [f"{' ' * 14}got:      one", "", f"{' ' * 24}two"]


# Marks that no visible rule with points looks at


@pytest.fixture
def with_unknown_recipient(monkeypatch: pytest.MonkeyPatch) -> Exercise:
    monkeypatch.delenv("SMTPLAB_STUDENT", raising=False)
    return exercise(NAME, "ada")


def mark_reply_550(mine: Exercise, mark: str) -> tuple[int, str]:
    """Hand in right phases, with another mark at the 550; return its number, and the report."""
    lines = marked_lines(mine.evidence().task.shown)
    number = next(number for number, line in enumerate(lines, 1) if line.text.startswith("S: 550"))
    marks = [mark if at == number else line.mark for at, line in enumerate(lines, 1)]
    mine.hand_in("phases", "\n".join(f"{mark} {line.text}" for mark, line in zip(marks, lines, strict=True)))
    return number, judged(NAME, "phases").report


def test_lines_with_one_wrong_mark_are_counted(with_unknown_recipient: Exercise) -> None:
    lines = marked_lines(with_unknown_recipient.evidence().task.shown)
    wrong = [line for line in lines if line.group == "envelope"]
    marks = "\n".join(f"{'E' if line in wrong else line.mark} {line.text}" for line in lines)
    with_unknown_recipient.hand_in("phases", marks)
    said = " ".join(judged(NAME, "phases").report.split())
    assert f"marked as connection establishment; so in {len(wrong)} lines" in said


def test_lines_that_are_not_those_of_the_session_are_counted(with_unknown_recipient: Exercise) -> None:
    lines = marked_lines(with_unknown_recipient.evidence().task.shown)
    marks = "\n".join(f"{line.mark} {line.text}{'x' if at < 8 else ''}" for at, line in enumerate(lines))
    with_unknown_recipient.hand_in("phases", marks)
    assert (
        "Line 1 of your session is not there as it was shown. It is so with 7 other lines, too."
        in judged(NAME, "phases").report
    )


def test_each_line_that_is_left_out_costs_at_most_its_own_point(with_unknown_recipient: Exercise) -> None:
    lines = marked_lines(with_unknown_recipient.evidence().task.shown)
    for left_out in range(len(lines)):
        rows = [f"{line.mark} {line.text}" for at, line in enumerate(lines) if at != left_out]
        with_unknown_recipient.hand_in("phases", "\n".join(rows))
        assert judged(NAME, "phases").points >= 4, lines[left_out].text


def test_a_line_twice_costs_nothing_and_is_named(with_unknown_recipient: Exercise) -> None:
    rows = [f"{line.mark} {line.text}" for line in marked_lines(with_unknown_recipient.evidence().task.shown)]
    with_unknown_recipient.hand_in("phases", "\n".join([*rows[:6], *rows[5:]]))
    found = judged(NAME, "phases")
    assert (found.points, "There are too many lines." in found.report) == (5, True)


@pytest.mark.parametrize("mark", ["?", ""])
def test_a_line_without_a_mark_is_named_also_where_a_hidden_rule_looks(
    with_unknown_recipient: Exercise, mark: str
) -> None:
    number, said = mark_reply_550(with_unknown_recipient, mark)
    assert "5 of 5 points that can be seen, but not yet “a mark in every line”; 1 more at grading" in said
    assert f"Line {number} has no mark." in said
    assert "Every rule" not in said


def test_a_letter_that_is_no_phase_is_named_also_where_a_hidden_rule_looks(with_unknown_recipient: Exercise) -> None:
    number, said = mark_reply_550(with_unknown_recipient, "X")
    assert "X is none of E, M, T." in said
    assert f"line {number}, S: 550" in said
    assert "has no mark" not in said


@pytest.mark.parametrize("form", ["({}) ", "{}: ", "[{}]\t", "**{}** | ", "3. {} - ", "{} – ", "`{}` ", " {}", "{}) "])
def test_a_mark_is_read_whatever_stands_around_it(with_unknown_recipient: Exercise, form: str) -> None:
    lines = marked_lines(with_unknown_recipient.evidence().task.shown)
    with_unknown_recipient.hand_in("phases", "\n".join(form.format(line.mark) + line.text for line in lines))
    assert "Every rule that can be seen here holds" in judged(NAME, "phases").report


@pytest.mark.parametrize(
    ("form", "sentence"),
    [("{mark} -> {host}", "None of the lines"), ("x = {line}", "The letters do not stand in front of the lines")],
)
def test_lines_that_cannot_be_read_are_missed_only_if_they_are_not_there(
    with_unknown_recipient: Exercise, form: str, sentence: str
) -> None:
    task = with_unknown_recipient.evidence().task
    text = "\n".join(
        f"0 0 {form.format(mark=each.mark, host='x', line=each.text)}" for each in marked_lines(task.shown)
    )
    with_unknown_recipient.hand_in("phases", text)
    assert sentence in judged(NAME, "phases").report


def test_what_was_got_is_shown_once_if_it_is_long(mine: Exercise) -> None:
    own = mine.evidence().task
    session = mine.telnet(own.host)
    session.send(f"HELO {own.client}\nMAIL FROM:<{own.sender}>\nRCPT TO:<{'a' * 90}")
    said = report(mine)
    told = " ".join(said.split())
    assert told.count("got: RCPT TO:<aaa") >= 2
    assert told.count("a" * 80) == 1
    assert told.count("aaa ... (shown in full above)") >= 1


def test_an_open_message_is_counted_and_not_shown_line_by_line(mine: Exercise) -> None:
    own = mine.evidence().task
    session = mine.telnet(own.host)
    session.send(f"HELO {own.client}\nMAIL FROM:<{own.sender}>\nRCPT TO:<{own.recipient}>\nDATA")
    session.send("\n".join(asked(mine)))
    said = report(mine)
    assert f"a message that goes on, with {len(asked(mine))} lines so far" in said
    assert "got:      From: calendar" not in said


@pytest.mark.parametrize(
    ("lines", "hint"),
    [
        ("DATA", "say MAIL and RCPT first"),
        ("RCPT TO:<b@c.example>", "say MAIL first"),
        ("MAIL FROM:<>\nDATA", "say RCPT first"),
        ("MAIL FROM:<>\nMAIL FROM:<>", "with RSET; then MAIL may come again"),
    ],
)
def test_a_command_that_came_too_early_is_told_with_what_comes_first(mine: Exercise, lines: str, hint: str) -> None:
    own = mine.evidence().task
    rest = f"RSET\nMAIL FROM:<{own.sender}>\nRCPT TO:<{own.recipient}>"
    mine.telnet(own.host).send(f"HELO {own.client}\n{lines}\n{rest}")
    assert hint in " ".join(report(mine).split())


@pytest.mark.parametrize("mark", ["T", "E"])
def test_of_two_marks_that_clash_neither_is_blamed_alone(with_unknown_recipient: Exercise, mark: str) -> None:
    number, said = mark_reply_550(with_unknown_recipient, mark)
    above, below = (number, number + 1) if mark == "T" else (number - 1, number)
    marks = (mark, "M") if mark == "T" else ("M", mark)
    assert f"Line {above} is marked {marks[0]}, and line {below} below it {marks[1]}; one of the two is wrong." in said
    assert f"line {number}, S: 550" in said
    assert "Every rule" not in said


def test_words_do_not_praise_what_is_not_looked_at_yet(with_unknown_recipient: Exercise) -> None:
    _, said = mark_reply_550(with_unknown_recipient, "M")
    assert "holds, but not everything is looked at here. 1 more rule" in said
