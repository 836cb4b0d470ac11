"""A student's page has all that the student should read, nothing of others, and nothing in it is live."""

from dataclasses import replace

import pytest

from smtplab.explain.misconceptions import beliefs
from smtplab.grading.results import wording
from smtplab.grading.results.feedback_page import feedback_page
from smtplab.grading.results.outcome import CellShown, Incident, IncidentKind, PartResult, RuleStatus, StudentResult
from support.graded_class import MIA, NO_BANNER, NO_QUIT, NOAH, PARTS, REPORT, UMA, ZOE, part
from support.written_html import WrittenHtml, live_parts, read

BELIEF = next(iter(beliefs()))
HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    "</pre></main><style>*{display:none}</style>",
    '<svg onload="alert(1)"><animate onbegin=alert(1)>',
    "<!--",
    "]]><?php",
    "&lt;script&gt;&#60;b&#62;",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "\x00<\x00script>",
    "＜script＞",
    "'\"><b onclick=alert(1)>",
)


def page(result: StudentResult) -> WrittenHtml:
    return read(feedback_page(REPORT, result))


def printed(text: str) -> StudentResult:
    return replace(MIA, cells=(CellShown(1, "code", "1", text),))


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_a_student_writes_or_prints_is_live(text: str) -> None:
    everywhere = replace(
        MIA,
        name=text,
        student=text,
        reason=text,
        submitted=text,
        extension=text,
        parts=(part("session", replace(NO_QUIT, mistake=text, expected=text, got=text, hint=text, demand=text)),),
        cells=(CellShown(1, "code", text, text), CellShown(2, "code", text, text)),
    )
    plain = page(MIA)
    for hostile in (everywhere, replace(everywhere, status=ZOE.status)):
        found = page(hostile)
        assert live_parts(found) == []
        assert found.tags() <= plain.tags() | {"pre", "h3"}
        assert found.open == []
    assert page(printed(text)).text.count(text.replace("\x00", "\\x00")) == 1


def test_a_page_loads_nothing_and_its_policy_forbids_it() -> None:
    found = page(NOAH)
    assert live_parts(found) == []
    assert not found.tags() & {"a", "img", "svg", "script"}
    policies = [each["content"] for tag, each in found.elements if each.get("http-equiv") == "Content-Security-Policy"]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"]


def test_a_page_has_a_language_landmarks_and_one_heading_of_the_first_rank() -> None:
    found = page(NOAH)
    assert found.elements[0] == ("html", {"lang": "en"})
    assert [found.count(tag) for tag in ("h1", "header", "main", "footer", "title")] == [1] * 5


def test_each_part_has_its_title_its_points_and_what_is_wrong_with_it() -> None:
    text = page(NOAH).text
    assert "Your own session: 0 of 3 points" in text
    assert "The banners & more: 0 of 3 points" in text
    for told in ("You say HELO.", "No HELO.", "Expected", "HELO x", "Got", "<b>MAIL</b>", "Hint", "greet"):
        assert text.count(told) == 1, told
    assert "0 of 6 points" in text


def test_rules_that_fail_by_one_mistake_have_one_explanation() -> None:
    twice = part("session", NO_QUIT, replace(NO_QUIT, rule="session.bye", demand="You say goodbye."))
    text = page(replace(NOAH, parts=(twice,))).text
    assert text.count(NO_QUIT.mistake) == 1
    assert "You say goodbye." in text


def test_rules_that_were_not_reached_have_one_line_and_idle_ones_none() -> None:
    idle = replace(NO_BANNER, rule="banner.idle", demand="It is idle.", possible=0, outcome=RuleStatus.HOLDS)
    text = page(replace(NOAH, parts=(part("banner", NO_BANNER, NO_BANNER, idle),))).text
    assert "2 more rules of this part are looked at once the work is about your task." in text
    assert NO_BANNER.demand not in text
    assert idle.demand not in text


def test_a_part_without_rules_shows_its_report_and_one_without_a_result_says_so() -> None:
    text = page(replace(MIA, parts=(PartResult("session", 1, 3, "line 1\nline 2"),))).text
    assert "line 1\nline 2" in text
    assert f"{PARTS[1].title}: not judged" in text
    assert wording.WAS_NOT_JUDGED in page(replace(MIA, parts=(PartResult("session", 0, 3),))).text


def test_a_hidden_rule_shows_its_demand_and_that_it_comes_at_grading() -> None:
    assert f"You name the banner. {wording.AT_GRADING}" in page(MIA).text


def test_a_page_never_shows_hidden_tests_or_solutions() -> None:
    source = "a = 1\n### BEGIN HIDDEN TESTS\nsecret()\n### END HIDDEN TESTS\nb = 2"
    text = page(replace(MIA, cells=(CellShown(0, "code", source, source),))).text
    assert "secret" not in text
    assert text.count("a = 1") == text.count("b = 2") == 2
    without_end = source.replace("### END HIDDEN TESTS\n", "")
    assert "secret" not in page(replace(MIA, cells=(CellShown(0, "code", without_end),))).text
    solution = source.replace("HIDDEN TESTS", "SOLUTION")
    assert "secret" not in page(replace(MIA, cells=(CellShown(0, "code", solution),))).text
    locked = CellShown(0, "code", "secret()", "secret", is_locked=True)
    assert "secret" not in page(replace(MIA, cells=(locked,))).text


def test_the_texts_of_the_exercise_are_left_out() -> None:
    assert "Once upon" not in page(replace(MIA, cells=(CellShown(0, "markdown", "Once upon a time"),))).text


def test_a_page_names_no_classmate_and_tells_only_incidents_that_are_about_oneself() -> None:
    assert "mia" not in page(NOAH).text.lower()
    for kind, sentence in wording.FOR_STUDENTS.items():
        assert sentence in page(replace(MIA, incidents=(Incident(kind, "noah"),))).text
    assert not set(wording.FOR_STUDENTS) & {IncidentKind.WORK_OF_ANOTHER, IncidentKind.MANY_CHECKS}
    everything = replace(MIA, incidents=tuple(Incident(kind, "noah did it") for kind in IncidentKind))
    assert "noah" not in page(everything).text


def test_a_page_says_which_id_the_notebook_gave() -> None:
    mismatch = Incident(IncidentKind.ID_MISMATCH, "for the instructor")
    text = page(replace(MIA, incidents=(mismatch,), other_id="mia@uni.example")).text
    assert "The id in your notebook is mia@uni.example, and you handed in as mia." in text
    assert wording.FOR_STUDENTS[IncidentKind.ID_MISMATCH] not in text


def test_late_work_and_extensions_are_shown_and_cost_nothing() -> None:
    text = page(NOAH).text
    assert "2026-11-21 18:00 UTC" in text
    assert "2026-11-20 00:00 UTC, with your extension" in text
    assert "1 d 1 h after that time. No points were taken off for it here." in text
    assert "Late" not in page(MIA).text


def test_work_that_was_not_graded_says_so_and_names_no_file_of_the_instructors() -> None:
    unreadable = Incident(IncidentKind.UNREADABLE, "/home/teacher/submitted/zoe/x.ipynb: the file is empty")
    text = page(replace(ZOE, reason=unreadable.sentence, incidents=(unreadable,))).text
    assert wording.NOT_GRADED in text
    assert wording.FOR_STUDENTS[IncidentKind.UNREADABLE] in text
    assert "teacher" not in text
    assert wording.FOR_STUDENTS[IncidentKind.NOT_JUDGED] in page(ZOE).text
    assert "Nothing was handed in." in page(UMA).text
    assert "points" not in page(ZOE).text + page(UMA).text


def test_wrong_beliefs_are_told_with_the_tutorial_that_teaches_them() -> None:
    text = page(replace(MIA, beliefs=(BELIEF, BELIEF, "no-such-belief"))).text
    assert text.count(beliefs()[BELIEF].told) == 1
    assert beliefs()[BELIEF].notebook in text
    assert wording.TO_LOOK_AT not in page(MIA).text


def test_a_cell_without_a_source_shows_its_output_and_an_empty_one_is_left_out() -> None:
    cells = (CellShown(4, "code", "", "only printed"), CellShown(5, "code", "", "\n"))
    text = page(replace(MIA, cells=cells)).text
    assert "only printed" in text
    assert "Cell 5" in text
    assert "Cell 6" not in text


def test_an_output_has_at_most_64_kib_and_a_page_at_most_about_a_mebibyte() -> None:
    long = "ß" * 100_000
    assert page(printed(long)).text.count("ß") == 32 * 1024 + MIA.name.count("ß")
    many = tuple(CellShown(number, "code", "print()", long) for number in range(20))
    whole = feedback_page(REPORT, replace(MIA, cells=many))
    assert len(whole) < 1_200_000
    assert read(whole).text.count(wording.LEFT_OUT.format(number=16)) == 1


def test_a_page_is_the_same_whoever_else_is_in_the_class() -> None:
    alone = replace(REPORT, students=(NOAH,), begun="", border="", ended="")
    assert feedback_page(alone, NOAH) == feedback_page(REPORT, NOAH)
