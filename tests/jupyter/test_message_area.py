"""The message area: its lines leave it one by one or all at once, and stay if they could not be sent."""

from typing import Any

import pytest

from smtplab.jupyter.widgets.message_area import MessageArea, lecture_message
from support.views import part

SENT: list[str] = []


@pytest.fixture
def area() -> MessageArea:
    def send(text: str, rest: str) -> None:
        SENT.append(text)
        area.text = rest

    SENT.clear()
    area = MessageArea(send, lambda: SENT.append("."))
    return area


def buttons(area: MessageArea) -> tuple[Any, ...]:
    return tuple(part(area.view, f"smtplab-{name}") for name in ("next", "all", "dot"))


def test_it_begins_with_the_lectures_message(area: MessageArea) -> None:
    assert area.text == lecture_message()
    assert lecture_message() == "From: Forouzan\nTO: Forouzan\n\nThis is a test message\nto show SMTP in action."


def test_lines_leave_it_one_by_one_and_all_at_once(area: MessageArea) -> None:
    area.text = "one\n\ntwo\nthree"
    next_line, all_lines, dot = buttons(area)
    for button in (next_line, next_line, all_lines, dot):
        button.click()
    assert SENT == ["one", "", "two\nthree", "."]
    assert area.text == ""


def test_an_empty_area_has_nothing_to_send_but_the_dot(area: MessageArea) -> None:
    area.text = ""
    next_line, all_lines, dot = buttons(area)
    assert (next_line.disabled, all_lines.disabled, dot.disabled) == (True, True, False)
    assert next_line.tooltip == "The area is empty."
    area.text = "one"
    assert (next_line.disabled, all_lines.disabled) == (False, False)


def test_it_is_there_only_while_a_message_is_taken(area: MessageArea) -> None:
    area.refresh(False)
    assert area.view.layout.display == "none"
    area.refresh(True)
    assert area.view.layout.display is None
