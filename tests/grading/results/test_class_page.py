"""The page of a class says what happened and what was not understood, and nothing in it is live."""

from dataclasses import replace

import pytest

from smtplab.explain.misconceptions import beliefs
from smtplab.grading.results import wording
from smtplab.grading.results.class_page import class_page
from smtplab.grading.results.outcome import CellShown, Incident, IncidentKind, Refusal, Report
from support.graded_class import MIA, NO_QUIT, NOAH, PARTS, REPORT, UMA, ZOE, part, student
from support.written_html import WrittenHtml, live_parts, read

BELIEF = next(iter(beliefs()))


def page(report: Report) -> WrittenHtml:
    return read(class_page(report))


def test_a_page_has_a_language_landmarks_one_first_heading_and_links_to_its_sections_only() -> None:
    found = page(REPORT)
    assert live_parts(found) == []
    assert [found.count(tag) for tag in ("h1", "header", "main", "footer", "nav")] == [1] * 5
    places = {each["id"] for _, each in found.elements if "id" in each}
    assert {each["href"].removeprefix("#") for tag, each in found.elements if tag == "a"} == places
    assert len(places) == len(wording.CLASS_SECTIONS)


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "'\"></table><b>", "<!--"]
)
def test_nothing_that_a_student_wrote_is_live(text: str) -> None:
    hostile = replace(
        NOAH,
        student=text,
        name=text,
        submitted=text,
        extension=text,
        parts=(part("session", replace(NO_QUIT, rule=text, demand=text, mistake=text)),),
        incidents=(Incident(IncidentKind.RENAMED, text),),
        refusals=(Refusal(text, 500),),
    )
    found = page(replace(REPORT, students=(hostile, replace(hostile, student="x"), MIA)))
    assert live_parts(found) == []
    assert found.tags() <= page(REPORT).tags()
    assert found.open == []


def test_the_page_says_who_handed_in_what_and_when() -> None:
    text = page(REPORT).text
    assert "01-session: 4 students, 2 graded, 1 absent, 1 not graded and 1 late." in text
    assert REPORT.border in text
    for told in ("Mia Groß", "2026-11-20 18:00 UTC", "(1 d 1 h late)", "(extension until 2026-11-20 00:00 UTC)"):
        assert told in text, told


def test_work_that_was_not_graded_has_no_points() -> None:
    assert "4242" not in page(replace(REPORT, students=(replace(ZOE, points=4242), replace(UMA, points=4242)))).text


def test_the_page_says_how_the_points_are_spread() -> None:
    assert "2 students: 3.0 points in the mean, 3 in the middle, 0 to 6 of 6." in page(REPORT).text
    assert wording.NOBODY_IS_GRADED in page(replace(REPORT, students=())).text


def test_each_drawing_says_the_same_in_words() -> None:
    found = page(replace(REPORT, students=(replace(NOAH, beliefs=(BELIEF,)), MIA)))
    assert found.count("svg") == found.count("desc") == found.count("figure") == 3
    for told in ("0 points: 1 student", f"{NO_QUIT.demand}: 1 of 2", f"{beliefs()[BELIEF].belief}: 1 of 2"):
        assert told in found.text, told


def test_rules_codes_and_commands_that_fail_are_counted() -> None:
    text = page(REPORT).text
    for told in (NO_QUIT.demand, NO_QUIT.mistake, wording.FAILED_COMMANDS, wording.FAILED_CODES, wording.REFUSAL_CODES):
        assert told in text, told
    calm = page(replace(REPORT, students=(MIA,))).text
    for told in (wording.NO_RULE_FAILS, wording.NO_BELIEF, wording.NO_INCIDENT, wording.NOBODY_IS_ALIKE):
        assert told in calm, told


def test_a_question_that_is_too_hard_or_too_easy_is_named_in_words() -> None:
    many = [student(f"s{number:02}", part("session", NO_QUIT), *MIA.parts[1:]) for number in range(12)]
    text = page(replace(REPORT, students=tuple(many))).text
    assert text.count(wording.TOO_EASY) == text.count(wording.TOO_HARD) == 2
    few = page(replace(REPORT, students=tuple(many[:9]))).text
    assert wording.TOO_EASY not in few
    assert wording.TOO_HARD not in few


def test_works_that_are_alike_are_a_hint_and_change_no_points() -> None:
    cell = CellShown(0, "code", " ".join(f"word{number}" for number in range(100)))
    pair = tuple(replace(each, cells=(cell,)) for each in (MIA, NOAH))
    with_hint = page(replace(REPORT, students=pair)).text
    assert wording.A_HINT in with_hint
    assert wording.EQUAL_TEXT in with_hint
    assert wording.EQUAL_TEXT not in page(REPORT).text


def test_a_copy_under_incidents_is_referred_to_where_no_two_works_are_alike() -> None:
    assert wording.SEE_INCIDENTS in page(REPORT).text
    assert wording.SEE_INCIDENTS not in page(replace(REPORT, students=(MIA,))).text


def test_a_column_without_words_is_left_out() -> None:
    assert "discriminationin words" not in page(REPORT).text


def test_the_page_is_the_same_in_any_order_and_at_any_time() -> None:
    later = replace(REPORT, students=REPORT.students[::-1], begun="2027", ended="2027")
    slower = replace(later, students=tuple(replace(each, wall_seconds=9.0, cpu_seconds=1.0) for each in later.students))
    assert class_page(slower) == class_page(REPORT)


def test_a_part_without_a_title_has_its_name() -> None:
    heads = tuple(replace(head, title="") for head in PARTS)
    assert "banner" in page(replace(REPORT, parts=heads, title="", border="")).text
