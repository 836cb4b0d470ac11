"""Slides have few words, the question before the answer, and the whole text of the notebook in the notes."""

from typing import Any

import pytest

from smtplab.site.course_pages import CoursePage, course_pages
from smtplab.site.folded_answers import ANSWER, OUTCOME
from smtplab.site.slide_pages import slides_page
from smtplab.site.slides import MOST_ROWS, MOST_WORDS, TOO_LONG, Slide, is_large, slides_of, words_in

DECKS = [page for page in course_pages() if page.has_slides]
OPENING = "# A tutorial\n\n**In this notebook you will**\n\n- see something.\n\n**The question on the wire:** what?"


def text(source: str, **metadata: Any) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": source, "metadata": metadata}


def code(source: str, *outputs: str, **metadata: Any) -> dict[str, Any]:
    shown = [{"output_type": "display_data", "data": {"text/html": each, "text/plain": each}} for each in outputs]
    return {"cell_type": "code", "source": source, "outputs": shown, "metadata": metadata}


def slides(*cells: dict[str, Any]) -> list[Slide]:
    """Return the slides behind the two of the opening."""
    return slides_of({"cells": [text(OPENING), *cells]})[2:]


def test_the_first_slides_are_what_is_learnt_and_the_question() -> None:
    first, second = slides_of({"cells": [text(OPENING)]})
    assert first.section == second.section == "A tutorial"
    assert "- see something." in first.text
    assert second.text.startswith("**The question on the wire:**")


def test_a_cell_has_the_sentences_above_it_and_the_text_below_its_output() -> None:
    (slide,) = slides(
        text("## Say hello\n\nThe client speaks."), code("session.send('HELO x')", "250"), text("It is 250.")
    )
    assert (slide.section, slide.text, slide.code) == ("Say hello", "The client speaks.", "session.send('HELO x')")
    assert (slide.outputs, slide.below) == (("250",), "It is 250.")


def test_of_a_long_text_the_first_sentences_stay_and_all_of_it_is_in_the_notes() -> None:
    long = " ".join(f"This is sentence number {number} of the text." for number in range(30))
    (slide,) = slides(text(long), code("look()"))
    assert slide.text.startswith("This is sentence number 0 ")
    assert slide.words <= MOST_WORDS
    assert slide.notes == long


def test_of_a_long_text_that_asks_the_question_stays() -> None:
    long = " ".join(f"This is sentence number {number} of the text." for number in range(30))
    (slide,) = slides(text(f"{long} What comes?"), code("look()"))
    assert slide.text.endswith("What comes?")
    assert "number 0" not in slide.text


def test_the_question_comes_before_the_output_that_answers_it() -> None:
    before, after = slides(text("What comes?"), code("look()", "250", tags=["hide-output"]))
    assert (before.outputs, after.outputs) == ((), ("250",))


def test_an_answer_says_that_it_is_one_and_an_outcome_does_not() -> None:
    def folded(prompt: str) -> dict[str, Any]:
        return code("line", "250", tags=["hide-cell"], mystnb={"code_prompt_show": prompt})

    assert [slide.label for slide in slides(folded(ANSWER), folded(OUTCOME))] == ["An answer", ""]


def test_a_long_cell_is_not_shown_a_second_time() -> None:
    before, after = slides(text("What comes?"), code("a\nb\nc\nd", "250", tags=["hide-output"]))
    assert (before.code, after.code, after.outputs) == ("a\nb\nc\nd", "", ("250",))


def test_a_sentence_keeps_the_bracket_behind_its_full_stop() -> None:
    (slide,) = slides(text("Say **hello.** Then (as you know) wait (or not?)  Go on."), code("look()"))
    assert slide.text == "Say **hello.** Then (as you know) wait (or not?) Go on."


def test_a_folded_text_comes_after_what_it_answers() -> None:
    cells = (text("What comes?"), text("<details><summary>Open</summary>\n\nNothing.\n\n</details>"))
    assert [slide.text for slide in slides(*cells)] == ["What comes?", "Nothing."]


@pytest.mark.parametrize("output", ["<svg></svg>", "<table>" + "<tr></tr>" * 9 + "</table>", "line\n" * 15])
def test_a_large_output_has_a_slide_of_its_own(output: str) -> None:
    before, after = slides(text("Look."), code("draw()", output))
    assert (before.code, before.outputs) == ("draw()", ())
    assert (after.code, after.text, len(after.outputs)) == ("", "", 1)
    assert is_large(after.outputs)


def test_an_output_that_nobody_could_read_is_named_and_not_shown() -> None:
    (slide,) = slides(code("table", "<tr></tr>" * (MOST_ROWS + 1)))
    assert slide.outputs == (TOO_LONG,)


def test_a_widget_and_what_the_authors_skip_are_left_out() -> None:
    skip = {"slideshow": {"slide_type": "skip"}}
    assert slides(code("smtplab.SessionPlayer(session)", "x"), code("more()", **skip), text("More.", **skip)) == []


def test_a_table_is_a_slide_and_a_remark_in_brackets_is_not() -> None:
    table = "| a | b |\n|---|---|\n| 1 | 2 |"
    first, second = slides(text(f"Read this. (A remark.)\n\n{table}"), code("look()"))
    assert first.text == table
    assert second.text == "Read this."


@pytest.mark.parametrize("page", DECKS, ids=lambda page: page.stem)
def test_no_slide_of_the_course_is_a_paragraph(page: CoursePage) -> None:
    found = slides_of(page.shown)
    assert len(found) > 30
    assert [slide for slide in found if slide.words > MOST_WORDS] == []
    assert all(slide.section for slide in found)
    assert all(slide.text or slide.code or slide.outputs for slide in found)


@pytest.mark.parametrize("page", DECKS, ids=lambda page: page.stem)
def test_the_page_has_every_slide_once_and_its_links_lead_to_pages(page: CoursePage) -> None:
    found = slides_of(page.shown)
    html = slides_page(page.title, found, f"../{page.path}.html")
    assert html.count("<h2>") == len(found)
    assert ".ipynb" not in html
    assert f'href="../{page.path}.html"' in html


def test_words_are_counted_as_people_read_them() -> None:
    assert words_in("Say `MAIL FROM:<bob@lab.example>`, then *wait*.") == 6
