"""The SMTP kernel in JupyterLab: its card, a session cell by cell, completion, help, and an interrupt."""

import pytest

from smtplab.jupyter.language import ILLEGAL, LEGAL
from smtplab.jupyter.notebook_state import OPENERS
from smtplab.protocol.commands import VERBS
from smtplab.protocol.states import State, legal_verbs
from support.axe import grave_violations
from support.lab_page import THEMES, LabPage, NotebookPage, ThemeName
from support.odd_server import OddServer, say, silence

LECTURE = [
    "telnet mail.adelphia.net 25",
    "HELO mail.adelphia.net",
    "MAIL FROM:<forouzanb@adelphia.net>",
    "RCPT TO:<nobody@adelphia.net>\nRCPT TO:<forouzanb@adelphia.net>",
    "DATA",
    "Subject: over several cells\n\nThis is a test message",
    ".",
    "%expect 250\n%state",
    "QUIT",
]

# Interrupt the cell that runs, and return after how many milliseconds it has ended.
_INTERRUPT = """
async () => {
  const begin = performance.now();
  await window.jupyterapp.commands.execute('notebook:interrupt-kernel');
  await window.runningCell;
  return performance.now() - begin;
}
"""


def offered(notebook: NotebookPage, number: int, typed: str, *, then: str = "Escape") -> dict[str, str]:
    """Type into a code cell, press Tab, and return what is offered, in its order, and what stands beside each.

    `then` is the key that closes the list again.
    """
    page = notebook.lab.page
    notebook.write(number, "")
    notebook.cell(number).locator(".cm-content").click()
    page.keyboard.type(typed)
    page.keyboard.press("Tab")
    items = page.locator(".jp-Completer:visible .jp-Completer-item")
    items.first.wait_for()
    words = items.locator(".jp-Completer-match").all_inner_texts()
    kinds = items.locator(".jp-Completer-typeExtended").all_inner_texts()
    notebook.lab.screenshot("kernel-completion")
    page.keyboard.press(then)
    return dict(zip(words, kinds, strict=True)) if kinds else dict.fromkeys(words, "")


def test_the_launcher_shows_the_card_with_its_logo(lab: LabPage) -> None:
    lab.command("launcher:create")
    cards = lab.page.locator(".jp-LauncherCard[data-category='Notebook']:visible", has_text="SMTP")
    cards.first.wait_for()
    assert cards.count() == 1
    assert cards.locator("img").evaluate("async (logo) => { await logo.decode(); return logo.naturalWidth; }") > 0
    cards.click()
    lab.page.locator(".jp-NotebookPanel-toolbar", has_text="SMTP").wait_for()


@pytest.mark.parametrize("theme", THEMES)
def test_the_lectures_session_runs_as_a_whole(lab: LabPage, theme: ThemeName) -> None:
    lab.theme(theme)
    notebook = lab.new(*LECTURE, kernel="smtp")
    results = notebook.run_all()
    lab.screenshot(f"kernel-{theme}")
    assert [result.errors for result in results if result.errors] == []
    codes = [line[3:6] for result in results for line in result.text.splitlines() if line.startswith("S: ")]
    assert codes == ["220", "250", "250", "550", "250", "354", "250", "221"]
    assert notebook.outputs(3).get_by_text("never", exact=True).count() == 1
    assert notebook.outputs(7).locator("svg").is_visible()
    assert notebook.cell(1).locator(".cm-line > span", has_text="HELO").count() == 1  # it is coloured
    assert grave_violations(lab.page) == []


def test_tab_offers_the_verbs_of_the_state_that_the_session_is_in(lab: LabPage) -> None:
    notebook = lab.new(*LECTURE[:3], "", kernel="smtp")
    assert list(offered(notebook, 3, "t")) == ["telnet", "TURN"]
    for cells, state in [([0, 1], State.READY), ([2], State.SENDER)]:
        for number in cells:
            assert notebook.run(number).errors == []
        verbs = {word: kind for word, kind in offered(notebook, 3, "").items() if word in VERBS}
        legal = legal_verbs(state)
        assert list(verbs)[: len(legal)] == list(legal)
        assert verbs == {verb: LEGAL if verb in legal else ILLEGAL for verb in VERBS}
    assert offered(notebook, 3, "r") == {"RCPT": LEGAL, "RSET": LEGAL}
    assert offered(notebook, 3, "d") == {"DATA": ILLEGAL}


def test_tab_offers_no_word_of_the_cell(lab: LabPage) -> None:
    """JupyterLab would offer the directives of the cell, which are no lines of SMTP."""
    notebook = lab.new(*LECTURE[:2], "", kernel="smtp")
    notebook.run(0)
    above = "%now you: say who you are\nNOOP\n%why\n"
    for typed, words in [("H", {"HELO", "HELP"}), ("r", {"RSET", "RCPT"}), ("", set(VERBS) | set(OPENERS))]:
        assert set(offered(notebook, 2, f"{above}{typed}")) == words


def test_tab_goes_on_to_the_argument(lab: LabPage) -> None:
    notebook = lab.new(*LECTURE[:2], "", kernel="smtp")
    notebook.run(0)
    assert "TO:<" in offered(notebook, 2, "RCPT ")
    assert next(iter(offered(notebook, 2, "RCPT TO:<f", then="Enter"))) == "forouzanb@adelphia.net>"
    assert notebook.results()[2].source == "RCPT TO:<forouzanb@adelphia.net>"


def test_shift_tab_shows_the_page_of_a_verb(lab: LabPage) -> None:
    notebook = lab.new("MAIL FROM:<alice@lab.example>", kernel="smtp")
    notebook.cell(0).locator(".cm-line").click()
    lab.page.keyboard.press("Shift+Tab")
    page = lab.page.locator(".jp-Tooltip")
    page.get_by_text(VERBS["MAIL"].syntax).wait_for()  # with its brackets
    assert VERBS["MAIL"].summary in page.inner_text()
    lab.screenshot("kernel-help")


def test_an_interrupt_ends_the_wait_for_a_silent_server_within_a_second(lab: LabPage) -> None:
    with OddServer(say("220 mail.odd.example"), silence) as server:
        _, port = server.address
        notebook = lab.new(f"telnet 127.0.0.1 {port}", "HELO c.example", "%transcript", kernel="smtp")
        assert notebook.run(0).errors == []
        notebook.start(1)
        while not server.heard:
            lab.page.wait_for_timeout(20)
        assert notebook.evaluate(_INTERRUPT) < 1000
        (error,) = notebook.results()[1].errors
        assert error.startswith("Interrupted")
        assert notebook.run(2).text.endswith("C: HELO c.example")
