"""Each widget does its work in JupyterLab, by clicks alone and by keys alone, and leaves a picture where it is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smtplab import Lab, Parsons, SessionBuilder
from smtplab.jupyter.widgets.message_area import lecture_message
from support.axe import grave_violations
from support.lab_page import THEMES, LabPage, NotebookPage, ThemeName

if TYPE_CHECKING:
    from playwright.sync_api import Locator

LINES = len(lecture_message().split("\n"))
# Of an empty area, the one line is empty, too.
_LINES_LEFT = """
(left) => {
  const text = document.querySelector(".smtplab-message textarea").value;
  return (text ? text.split("\\n").length : 0) === left;
}
"""
SAID = "print(builder.smtp_cell, *(exchange.reply.code for exchange in builder.transcript.exchanges()), sep='\\n')"


def lectures_session() -> str:
    """Return what `SAID` prints after the lecture's session, held by the methods of the widget."""
    builder = SessionBuilder()
    for verb in ("HELO", "MAIL", "RCPT", "DATA"):
        builder.click(verb)
    builder.send_lines()
    builder.end_message()
    builder.click("QUIT")
    codes = [str(exchange.reply.code) for exchange in builder.transcript.exchanges() if exchange.reply]
    return "\n".join([builder.smtp_cell, *codes])


@pytest.fixture
def builder(lab: LabPage) -> NotebookPage:
    notebook = lab.new(
        "import smtplab\nsmtplab.cards.level = 'states'\nbuilder = smtplab.SessionBuilder()\nbuilder", SAID
    )
    assert notebook.run(0).errors == []
    notebook.outputs(0).get_by_role("button", name="HELO", exact=True).wait_for()
    return notebook


def live(notebook: NotebookPage, cell: int = 0) -> Locator:
    """Return the live view of a widget, without the picture of it."""
    return notebook.outputs(cell).locator(".smtplab-live")


def reads(notebook: NotebookPage, text: str, *, exact: bool = False) -> None:
    """Wait until the live view has this text where it can be seen."""
    live(notebook).get_by_text(text, exact=exact).locator("visible=true").first.wait_for()


def wait_for_picture(notebook: NotebookPage, text: str) -> None:
    """Wait until the hidden picture has this text; it comes behind the view."""
    picture = notebook.outputs(0).locator(".smtplab-still")
    picture.get_by_text(text, exact=True).wait_for(state="attached")


def click(notebook: NotebookPage, name: str, cell: int = 0) -> None:
    """Click a button as soon as it is on."""
    live(notebook, cell).get_by_role("button", name=name, exact=True).click()


def wait_for_focus(notebook: NotebookPage, name: str) -> None:
    """Wait until the focus is on the button with this name."""
    notebook.lab.page.wait_for_function("(name) => document.activeElement.textContent === name", arg=name)


def tab_to(notebook: NotebookPage, name: str) -> None:
    """Press Tab until the focus is on the control with this name."""
    page = notebook.lab.page
    here = "() => document.activeElement.labels?.[0]?.textContent ?? document.activeElement.textContent"
    for _ in range(60):
        if page.evaluate(here) == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never comes to {name}")


# The session builder


def test_the_lectures_session_is_held_by_clicks_alone(builder: NotebookPage) -> None:
    for verb in ("HELO", "MAIL", "RCPT", "DATA"):
        click(builder, verb)
    for left in reversed(range(LINES)):
        click(builder, "send line")
        builder.lab.page.wait_for_function(_LINES_LEFT, arg=left)
    click(builder, "end with a lone dot")
    click(builder, "QUIT")
    reads(builder, "closed", exact=True)
    assert builder.run(1).text == lectures_session()


def test_the_lectures_session_is_held_by_keys_alone(builder: NotebookPage) -> None:
    keys = builder.lab.page.keyboard
    tab_to(builder, "HELO")
    for verb, after in (("HELO", "MAIL"), ("MAIL", "RCPT"), ("RCPT", "DATA"), ("DATA", "send line")):
        wait_for_focus(builder, verb)
        keys.press("Enter")
        wait_for_focus(builder, after)
    tab_to(builder, "send all lines")
    keys.press("Space")
    wait_for_focus(builder, "end with a lone dot")
    keys.press("Enter")
    wait_for_focus(builder, "MAIL")
    tab_to(builder, "QUIT")
    keys.press("Enter")
    wait_for_focus(builder, "telnet to port 25")
    assert builder.run(1).text == lectures_session()


def test_a_field_is_chosen_and_a_line_typed_by_keys_alone(builder: NotebookPage) -> None:
    keys = builder.lab.page.keyboard
    tab_to(builder, "domain")
    keys.type("client")
    tab_to(builder, "raw line")
    keys.type("VERFY forouzanb")
    keys.press("Enter")
    reads(builder, "the verb is VRFY.")
    click(builder, "HELO")
    reads(builder, "ready for a mail transaction")
    assert "VERFY forouzanb\nHELO client.example\n220\n500\n250" in builder.run(1).text


def test_a_button_that_is_off_says_why_on_it_and_beside_it(builder: NotebookPage) -> None:
    button = builder.outputs(0).get_by_role("button", name="DATA", exact=True)
    reason = "First say HELO <domain>, then MAIL FROM:<reverse-path>, then RCPT TO:<forward-path>."
    assert button.is_disabled()
    assert button.get_attribute("title") == f"Not here. {reason}"
    assert live(builder).get_by_text(f"DATA: {reason}").is_visible()
    assert button.evaluate("(button) => getComputedStyle(button).borderStyle") == "dashed"


def test_a_reply_is_said_to_a_screen_reader(builder: NotebookPage) -> None:
    click(builder, "HELO")
    builder.outputs(0).get_by_role("status").get_by_text("250 mta13.adelphia.net Now: ready for").wait_for()
    assert builder.outputs(0).get_by_role("group", name="Session builder").count() == 1


def test_copies_come_to_the_clipboard(builder: NotebookPage) -> None:
    page = builder.lab.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    click(builder, "HELO")
    reads(builder, "ready for a mail transaction")
    for name, begin in (
        ("copy as SMTP cell", "telnet mail.adelphia.net 25\nHELO"),
        ("copy as Python", "import smtplab"),
    ):
        click(builder, name)
        builder.outputs(0).locator(".smtplab-done").get_by_text("Copied.").first.wait_for()
        assert page.evaluate("() => navigator.clipboard.readText()").startswith(begin)


# The others


def test_the_explorer_takes_a_typed_code_and_provokes_it(lab: LabPage) -> None:
    notebook = lab.new("import smtplab\nsmtplab.ReplyExplorer()")
    notebook.run(0)
    tab_to(notebook, "or type it")
    lab.page.keyboard.type("552")
    lab.page.keyboard.press("Enter")
    reads(notebook, "Exceeded storage allocation")
    tab_to(notebook, "cause")
    lab.page.keyboard.press("ArrowDown")
    tab_to(notebook, "make it happen")
    lab.page.keyboard.press("Enter")
    reads(notebook, "0 octets are used, 50 are allowed")


def test_the_player_steps_plays_and_pauses(lab: LabPage) -> None:
    held = "session = smtplab.Lab().telnet('mail.adelphia.net')\nsession.send('HELO x.example')"
    notebook = lab.new(f"import smtplab\n{held}\nplayer = smtplab.SessionPlayer(session, seconds=0.2)\nplayer")
    notebook.run(0)
    slider = live(notebook).get_by_role("slider", name="line")
    for line in (1, 2, 3):
        click(notebook, "forward")
        reads(notebook, f"{line} of 5")
    reads(notebook, "0 -0400")
    click(notebook, "back")
    reads(notebook, "2 of 5")
    slider.press("Home")
    reads(notebook, "0 of 5")
    assert slider.get_attribute("aria-valuetext") == "before the first line"
    click(notebook, "play")
    click(notebook, "pause")
    click(notebook, "play")
    reads(notebook, "5 of 5")
    live(notebook).get_by_role("button", name="play", exact=True).wait_for()


def test_the_queue_player_steps_plays_and_pauses(lab: LabPage) -> None:
    notebook = lab.new(f"import smtplab\n{ALL[4]}")
    notebook.run(0)
    slider = live(notebook).get_by_role("slider", name="moment")
    slider.press("Home")
    reads(notebook, "0 of ")
    assert slider.get_attribute("aria-valuetext") == "6 Aug 10:25:00. The lab begins."
    slider.press("ArrowRight")
    reads(notebook, "1 of ")
    click(notebook, "forward")
    reads(notebook, "2 of ")
    click(notebook, "back")
    reads(notebook, "1 of ")
    click(notebook, "play")
    reads(notebook, "handed on")
    live(notebook).get_by_role("button", name="play", exact=True).wait_for()


def test_a_prediction_is_answered_on_the_page(lab: LabPage) -> None:
    ask = "smtplab.Lab().telnet('mail.adelphia.net').predict('DATA')"
    notebook = lab.new(f"import smtplab\nsmtplab.cards.level = 'digits'\nsmtplab.Prediction({ask})")
    notebook.run(0)
    tab_to(notebook, "or type it")
    lab.page.keyboard.type("503")
    lab.page.keyboard.press("Enter")
    reads(notebook, "Right: 503 (never) came.")


def test_after_an_answer_the_focus_is_on_the_outcome_and_the_keys_lead_on(lab: LabPage) -> None:
    notebook = lab.new('import smtplab\nsmtplab.review("02-the-fourteen-commands")', "1")
    notebook.run(0)
    keys = lab.page.keyboard
    tab_to(notebook, "1 b")
    keys.press("Enter")
    lab.page.wait_for_function("() => document.activeElement.matches('.smtplab-question-1')")
    keys.press("Tab")
    wait_for_focus(notebook, "2 a")
    keys.press("Escape")
    lab.page.wait_for_function("() => document.activeElement.matches('.jp-Cell')")
    keys.press("ArrowDown")
    assert notebook.evaluate("({panel}) => panel.content.activeCellIndex") == 1


PUZZLED = (
    "import smtplab\nsession = smtplab.Lab().telnet('mail.lab.example')\nsession.send('HELO a.example\\nNOOP\\nQUIT')\n"
)


def test_lines_are_ordered_by_keys_alone_and_the_focus_goes_with_the_line(lab: LabPage) -> None:
    notebook = lab.new(f"{PUZZLED}puzzle = smtplab.Parsons(session, ['EHLO'])\npuzzle")
    notebook.run(0)
    keys = lab.page.keyboard
    order = [piece.name for piece in Parsons(text_of_a_session(), ["EHLO"]).puzzle.pieces]
    numbers = {name: number for number, name in enumerate(order, 1)}
    for place, name in enumerate(("HELO a.example", "NOOP", "QUIT")):
        there, number = order.index(name), numbers[name]
        tab_to(notebook, f"{number} up" if there else f"{number} down")
        for step in range(there, place, -1):
            keys.press("Enter")
            notebook.outputs(0).get_by_role("status").get_by_text(f"Line {number} is now {step} of 4").wait_for()
            wait_for_focus(notebook, f"{number} {'up' if step - 1 else 'down'}")
        order.insert(place, order.pop(there))
    tab_to(notebook, f"{numbers['EHLO']} out")
    keys.press("Space")
    wait_for_focus(notebook, f"{numbers['EHLO']} in")
    notebook.outputs(0).get_by_role("status").get_by_text("is left out: EHLO").wait_for()
    click(notebook, "send in this order")
    reads(notebook, "Right: the server took these lines as in the session.", exact=True)
    wait_for_picture(notebook, "Right: the server took these lines as in the session.")


def text_of_a_session() -> str:
    """Return the session of `PUZZLED` as text."""
    session = Lab().telnet("mail.lab.example")
    session.send("HELO a.example\nNOOP\nQUIT")
    return str(session.transcript)


def test_blanks_are_filled_by_keys_alone(lab: LabPage) -> None:
    notebook = lab.new(f"{PUZZLED}smtplab.Faded(session)")
    notebook.run(0)
    for number, verb in ((2, "HELO"), (4, "NOPE"), (6, "QUIT")):
        tab_to(notebook, f"line {number}")
        lab.page.keyboard.type(verb)
    lab.page.keyboard.press("Tab")
    lab.page.keyboard.press("Enter")
    reads(notebook, "2 of 3 blanks right.", exact=True)
    reads(notebook, "line 4: not so, the server answered NOPE with 500")
    wait_for_picture(notebook, "2 of 3 blanks right.")


SCROLLING = """
() => [...document.querySelectorAll('.jp-OutputArea .smtplab-live, .jp-OutputArea .smtplab-live .widget-box')]
  .filter((box) => box.scrollHeight > box.clientHeight || box.scrollWidth > box.clientWidth)
  .map((box) => box.className)
"""


@pytest.mark.parametrize("width", [1280, 640])
def test_a_prediction_has_no_scroll_bar_before_and_after_its_answer(lab: LabPage, width: int) -> None:
    lab.page.set_viewport_size({"width": width, "height": 900})
    ask = "smtplab.Lab().telnet('mail.adelphia.net').predict('DATA')"
    notebook = lab.new(f"import smtplab\nsmtplab.cards.level = 'digits'\nsmtplab.Prediction({ask})")
    notebook.run(0)
    reads(notebook, "What will the server answer?")
    assert lab.evaluate(SCROLLING) == []
    click(notebook, "never")
    reads(notebook, "Right: never (503) came.")
    assert lab.evaluate(SCROLLING) == []


def test_in_a_narrow_window_the_drawing_scrolls_and_not_the_widget(lab: LabPage) -> None:
    lab.page.set_viewport_size({"width": 640, "height": 900})
    notebook = lab.new("import smtplab\nsmtplab.SessionBuilder()")
    notebook.run(0)
    drawing = live(notebook).locator(".smtplab-drawing").last
    drawing.wait_for()
    assert drawing.evaluate("(box) => box.scrollWidth > box.clientWidth")
    assert lab.evaluate(SCROLLING) == []


def test_a_widget_works_in_the_smtp_kernel_too(lab: LabPage) -> None:
    notebook = lab.new("%%py\nimport smtplab\nsmtplab.cards.level = 'states'\nsmtplab.SessionBuilder()", kernel="smtp")
    notebook.run(0)
    click(notebook, "HELO")
    reads(notebook, "ready for a mail transaction")


# All of them

ALL = [
    "import smtplab\nsmtplab.cards.level = 'digits'\nbuilder = smtplab.SessionBuilder()\n"
    "builder.click('HELO')\nbuilder.click('DATA')\nbuilder",
    "explorer = smtplab.ReplyExplorer(552)\nexplorer.provoke()\nexplorer",
    "player = smtplab.SessionPlayer(builder)\nplayer.go_to(4)\nplayer",
    "smtplab.Prediction(builder.session.predict('DATA'))",
    "lab = smtplab.Lab(queues=True)\nlab.down('mail.campus.example', hours=2)\n"
    "lab.telnet('mail.lab.example').send("
    "'HELO a.example\\nMAIL FROM:<>\\nRCPT TO:<dora@campus.example>\\nDATA\\n.')\n"
    "lab.run()\nqueues = smtplab.QueuePlayer(lab, seconds=0.3)\nqueues.go_to(len(queues))\nqueues",
    "review = smtplab.review('07-spool-retry-bounce')\nreview",
    "held = smtplab.Lab().telnet('mail.lab.example')\nheld.send('HELO a.example\\nNOOP\\nQUIT')\n"
    "puzzle = smtplab.Parsons(held)\npuzzle.order(2, 1)\npuzzle",
    "blanks = smtplab.Faded(held)\nblanks.fill(2, 'EHLO')\nblanks",
]


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_serious_in_a_widget(lab: LabPage, theme: ThemeName) -> None:
    notebook = lab.new(*ALL)
    assert [result.errors for result in notebook.run_all()] == [[]] * len(ALL)
    notebook.outputs(3).get_by_role("button", name="answer, and send the line").wait_for()
    lab.theme(theme)
    assert grave_violations(lab.page) == []
    for number in range(len(ALL)):
        notebook.cell(number).scroll_into_view_if_needed()
        lab.screenshot(f"widget-{number}-{theme}")


def test_what_was_done_on_the_page_is_in_the_saved_notebook(builder: NotebookPage) -> None:
    click(builder, "HELO")
    wait_for_picture(builder, "ready for a mail transaction")
    saved = builder.results()[0]
    assert "C: HELO mail.adelphia.net\nS: 250 mta13.adelphia.net" in saved.text
    assert not builder.outputs(0).locator(".smtplab-still").first.is_visible()


def test_where_the_kernel_is_gone_the_picture_is_there(builder: NotebookPage) -> None:
    click(builder, "HELO")
    wait_for_picture(builder, "ready for a mail transaction")
    builder.evaluate("({panel}) => panel.sessionContext.session.kernel.restart()")
    still = builder.outputs(0).locator(".smtplab-still")
    still.get_by_text("a picture of it; run the cell to work with it").wait_for()
    still.get_by_text("ready for a mail transaction", exact=True).wait_for()
    assert not builder.outputs(0).get_by_role("button", name="HELO", exact=True).is_visible()


def test_where_a_widget_was_closed_the_picture_is_there(lab: LabPage) -> None:
    notebook = lab.new(
        "import smtplab\nsmtplab.cards.level = 'states'\nbuilder = smtplab.SessionBuilder()\nbuilder", "builder.close()"
    )
    notebook.run(0)
    click(notebook, "HELO")
    wait_for_picture(notebook, "ready for a mail transaction")
    notebook.run(1)
    still = notebook.outputs(0).locator(".smtplab-still")
    still.get_by_text("ready for a mail transaction", exact=True).wait_for()
    assert not notebook.outputs(0).get_by_role("button", name="HELO", exact=True).is_visible()
    assert notebook.results()[1].errors == []


def test_a_question_that_is_asked_anew_can_be_answered_and_leaves_nothing_of_the_last_one(lab: LabPage) -> None:
    begin = "%load_ext smtplab\nimport smtplab\nsmtplab.cards.level = 'digits'\n"
    ask = f"{begin}smtplab.Lab().telnet('mail.adelphia.net').predict('DATA')"
    notebook = lab.new(ask, "from ipywidgets.widgets import widget\nlen(widget._instances)")
    notebook.run(0)
    parts = notebook.run(1).text
    for _ in range(2):
        notebook.run(0)
    assert notebook.run(1).text == parts
    live(notebook).get_by_label("or type it").fill("503")
    click(notebook, "answer, and send the line")
    reads(notebook, "Right: 503 (never) came.")
