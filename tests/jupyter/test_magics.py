"""The magics, in an IPython of this process: the same words and the same engine as in the kernel."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import RichOutput, capture_output

from smtplab import Reply, Session
from smtplab.jupyter.cell_result import CellError
from support.shell import notebook_shell


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    """A Python notebook in which the extension is loaded."""
    with notebook_shell() as shell:
        shell.run_line_magic("load_ext", "smtplab")
        yield shell


@pytest.fixture
def ready(shell: InteractiveShell) -> InteractiveShell:
    """A session that has said HELO."""
    run(shell, "%smtp telnet mail.lab.example 25")
    run(shell, "%smtp HELO client.example")
    return shell


def run(shell: InteractiveShell, cell: str) -> list[RichOutput]:
    """Execute a cell, and return what it displays; it must not fail."""
    with capture_output() as captured:
        done = shell.run_cell(cell)
    assert done.success, captured.stdout
    assert captured.stderr == ""
    return [output for output in captured.outputs if output.data]


def test_a_line_hands_the_reply_to_python(ready: InteractiveShell) -> None:
    run(ready, "reply = %smtp NOOP")
    reply = ready.user_ns["reply"]
    assert isinstance(reply, Reply)
    assert reply.code == 250


def test_a_line_alone_is_the_reply_and_shows_nothing_else(ready: InteractiveShell) -> None:
    assert run(ready, "%smtp NOOP;") == []
    formatted, _ = ready.display_formatter.format(ready.run_line_magic("smtp", "NOOP"))
    assert formatted["text/plain"].startswith("250 ")
    assert ">done</span>" in formatted["text/html"]


def test_a_prediction_is_shown_with_a_field_for_the_answer(ready: InteractiveShell) -> None:
    run(ready, "session = %smtp")
    picture, view = run(ready, "session.predict('DATA')")
    assert picture.data["text/plain"] == str(ready.user_ns["session"].predict("DATA"))
    assert list(view.data) == ["application/vnd.jupyter.widget-view+json"]


def test_python_values_stand_in_a_line(ready: InteractiveShell) -> None:
    run(ready, "sender = 'a@b.example'\nreply = %smtp MAIL FROM:<{sender}>")
    assert "a@b.example" in str(ready.user_ns["reply"])


def test_a_cell_shows_the_transcript_once(ready: InteractiveShell) -> None:
    (shown,) = run(ready, "%%smtp\nMAIL FROM:<a@b.example>\nRCPT TO:<bob@lab.example>")
    lines = shown.data["text/plain"].split("\n")
    assert [line[:6] for line in lines] == ["C: MAI", "S: 250", "C: RCP", "S: 250"]


def test_a_cell_has_no_empty_line_at_its_end(ready: InteractiveShell) -> None:
    run(ready, "%%smtp\nMAIL FROM:<a@b.example>\nRCPT TO:<bob@lab.example>\nDATA")
    run(ready, "%%smtp\nSubject: Hi\n\nHello")
    run(ready, "%%smtp\n.")
    (message,) = ready.run_line_magic("smtp", "").lab.mailbox("bob@lab.example")
    assert message.endswith(b"\r\nSubject: Hi\r\n\r\nHello\r\n")


def test_a_cell_can_name_its_session(ready: InteractiveShell) -> None:
    run(ready, "%%smtp second\ntelnet mail.campus.example")
    (shown,) = run(ready, "%%smtp main\nNOOP")
    assert shown.data["text/plain"].startswith("S: 250")


def test_nothing_but_the_magic_is_the_session(ready: InteractiveShell) -> None:
    run(ready, "session = %smtp")
    assert isinstance(ready.user_ns["session"], Session)


def test_a_directive_hands_its_table_to_python(ready: InteractiveShell) -> None:
    run(ready, "table = %smtp %table codes")
    assert 250 in ready.user_ns["table"].index


@pytest.mark.parametrize("cell", ["%smtp %stat", "%%smtp\n%stat", "%smtp telnet nowhere.example", "%smtp NOOP"])
def test_what_goes_wrong_is_one_sentence(shell: InteractiveShell, cell: str) -> None:
    with capture_output() as captured:
        done = shell.run_cell(cell)
    assert not done.success
    assert "Traceback" not in captured.stdout + captured.stderr
    assert captured.stdout.count("\n") == 1


def test_loading_it_again_keeps_the_session(ready: InteractiveShell) -> None:
    ready.run_line_magic("reload_ext", "smtplab")
    assert ready.run_line_magic("smtp", "NOOP").code == 250


SWAKS = "<-  220 m\n -> EHLO x\n<-  250 m\n -> DATA\n<** 503 no\n -> QUIT\n<-  221 bye\n"


def test_a_pasted_session_is_explained(shell: InteractiveShell) -> None:
    run(shell, f"%%transcript\n{SWAKS}")
    diagnosis = shell.user_ns["_"]
    assert [each.reply.code for each in diagnosis.refusals] == [503]
    formatted, _ = shell.display_formatter.format(diagnosis)
    assert formatted["text/plain"] == str(diagnosis)
    assert "503" in formatted["text/html"]


@pytest.mark.parametrize(("first", "cell"), [("", "hello"), ("", "220 m\nthis\nthat\n500 x"), ("foo", SWAKS)])
def test_a_pasted_session_that_cannot_be_explained_is_one_sentence(
    shell: InteractiveShell, first: str, cell: str
) -> None:
    with pytest.raises(CellError):
        shell.run_cell_magic("transcript", first, cell)
