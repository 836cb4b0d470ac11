"""The message area: its lines leave it one by one or all at once, and stay if they could not be sent."""

import pytest

from smtplab.jupyter.widgets.message_area import MessageArea, lecture_message

SENT: list[str] = []


@pytest.fixture
def area() -> MessageArea:
    def send(text: str, rest: str) -> None:
        SENT.append(text)
        area.text = rest

    SENT.clear()
    area = MessageArea(send, lambda: SENT.append("."))
    return area


def test_it_begins_with_the_lectures_message(area: MessageArea) -> None:
    assert area.text == lecture_message()
    assert lecture_message() == "From: Forouzan\nTO: Forouzan\n\nThis is a test message\nto show SMTP in action."


def test_lines_leave_it_one_by_one_and_all_at_once(area: MessageArea) -> None:
    area.text = "one\n\ntwo\nthree"
    for button in (area._next, area._next, area._all, area._dot):
        button.click()
    assert SENT == ["one", "", "two\nthree", "."]
    assert area.text == ""


def test_an_empty_area_has_nothing_to_send_but_the_dot(area: MessageArea) -> None:
    area.text = ""
    assert (area._next.disabled, area._all.disabled, area._dot.disabled) == (True, True, False)
    assert area._next.tooltip == "The area is empty."
    area.text = "one"
    assert (area._next.disabled, area._all.disabled) == (False, False)


def test_it_is_there_only_while_a_message_is_taken(area: MessageArea) -> None:
    area.refresh(False)
    assert area.view.layout.display == "none"
    area.refresh(True)
    assert area.view.layout.display is None
