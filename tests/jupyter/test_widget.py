"""A widget leaves a picture in the notebook, which keeps up with what is done on the page, and there alone."""

from collections.abc import Callable, Iterator
from queue import Empty
from typing import Any

import pytest
from ipywidgets.widgets.widget import _instances
from jupyter_client.blocking.client import BlockingKernelClient

from smtplab import Lab, Prediction, QueuePlayer, ReplyExplorer, SessionBuilder, SessionPlayer
from smtplab.jupyter.widgets.widget import VIEW, on_the_page
from support.jupyter_kernel import start_kernel
from support.paths import ROOT
from support.python import printed_by

PATIENCE = 60  # seconds; a busy machine may be slow


class Kernel:
    """A kernel with the public names of smtplab, spoken to as a page does it."""

    def __init__(self, client: BlockingKernelClient) -> None:
        self.client = client

    def run(self, code: str, cell: str | None = None) -> list[dict[str, Any]]:
        """Run a cell, as JupyterLab does with its id or as others do without; return the contents of what it shows."""
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
        return self._tell("execute_request", content, {} if cell is None else {"cellId": cell})

    def parts(self) -> int:
        """Return how many parts of widgets the kernel keeps."""
        return int(self.value("len(__import__('ipywidgets').widgets.widget._instances)"))

    def value(self, expression: str) -> str:
        """Return what an expression is, as text."""
        reply = self.client.execute("", user_expressions={"it": f"str({expression})"}, reply=True, timeout=PATIENCE)
        text: str = reply["content"]["user_expressions"]["it"]["data"]["text/plain"]
        return text.strip("'\"")

    def click(self, button: str) -> list[dict[str, Any]]:
        """Click a button, as the page tells it."""
        return self._say(button, {"method": "custom", "content": {"event": "click"}})

    def set(self, widget: str, **state: object) -> list[dict[str, Any]]:
        """Set what the page can set in a widget."""
        return self._say(widget, {"method": "update", "state": state, "buffer_paths": []})

    def _say(self, widget: str, data: dict[str, Any]) -> list[dict[str, Any]]:
        return self._tell("comm_msg", {"comm_id": self.value(f"{widget}.model_id"), "data": data})

    def _tell(self, kind: str, content: dict[str, Any], metadata: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        message = self.client.session.msg(kind, content, metadata=metadata)
        self.client.shell_channel.send(message)
        return self._answers(message["header"]["msg_id"])

    def _answers(self, asked: str) -> list[dict[str, Any]]:
        shown = []
        while True:
            try:
                message = self.client.get_iopub_msg(timeout=PATIENCE)
            except Empty:
                raise AssertionError("the kernel says nothing") from None
            if message["parent_header"].get("msg_id") != asked:
                continue
            if message["content"].get("execution_state") == "idle":
                return shown
            if message["msg_type"] in ("display_data", "execute_result", "update_display_data", "error", "stream"):
                shown.append(message["content"] | {"type": message["msg_type"]})


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    manager, client = start_kernel("python3", cwd=str(ROOT))
    try:
        kernel = Kernel(client)
        kernel.run("from smtplab import *\nfrom smtplab.jupyter.widgets import register\nregister(get_ipython())")
        yield kernel
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@pytest.mark.parametrize(
    "code",
    [
        "SessionBuilder()",
        "ReplyExplorer(552)",
        "SessionPlayer(Lab().telnet('mail.adelphia.net'))",
        "QueuePlayer(Lab(queues=True))",
        "Prediction(Lab().telnet('mail.adelphia.net').predict('NOOP'))",
        "Lab().telnet('mail.adelphia.net').predict('NOOP')",
    ],
)
def test_a_cell_shows_a_picture_in_text_and_html_and_then_the_view(kernel: Kernel, code: str) -> None:
    first, second = (kernel.run(code) for _ in range(2))
    assert [content["type"] for content in first] == ["display_data"] * 2
    picture, view = (content["data"] for content in first)
    assert set(picture) == {"text/plain", "text/html"}
    assert set(view) == {VIEW}
    assert view[VIEW]["model_id"] != second[1]["data"][VIEW]["model_id"]
    assert picture == second[0]["data"]
    assert '<div class="smtplab-still">' in picture["text/html"]
    assert "0x" not in picture["text/html"]


def test_a_click_on_the_page_reaches_the_session_and_the_picture_in_the_notebook(kernel: Kernel) -> None:
    picture, _ = kernel.run("builder = SessionBuilder(); builder")
    (update,) = kernel.click("builder.buttons['HELO']")
    assert update["type"] == "update_display_data"
    assert update["transient"] == picture["transient"]
    assert "C: HELO mail.adelphia.net\nS: 250 mta13.adelphia.net" in update["data"]["text/plain"]
    assert kernel.value("builder.state.name") == "READY"
    assert kernel.value("builder._frontend.said") == "250 mta13.adelphia.net Now: ready for a mail transaction."


def test_a_cell_that_does_the_same_changes_no_other_cell(kernel: Kernel) -> None:
    kernel.run("builder = SessionBuilder(); builder")
    assert kernel.run("_ = builder.click('HELO')") == []
    assert kernel.value("builder._frontend.said") == ""


def test_the_slider_of_the_page_moves_the_player_and_the_picture_changes_once(kernel: Kernel) -> None:
    kernel.run("player = SessionPlayer(Lab().telnet('mail.adelphia.net')); player")
    (update,) = kernel.set("player._slider", value=3)
    assert kernel.value("player.position") == "3"
    assert "line       3 of 3" in update["data"]["text/plain"]


def test_what_goes_wrong_on_the_page_is_in_the_picture_and_not_in_a_log(kernel: Kernel) -> None:
    kernel.run("builder = SessionBuilder(); builder")
    kernel.run("builder.session.close()")
    (update,) = kernel.click("builder._area._dot")
    assert "problem    The session is closed" in update["data"]["text/plain"]


def test_a_question_goes_when_its_cell_shows_another_and_no_other_does(kernel: Kernel) -> None:
    ask = "Lab().telnet('mail.adelphia.net').predict('NOOP')"
    kernel.run(ask, cell="a")
    one = kernel.parts()
    for _ in range(3):
        kernel.run(ask, cell="a")
    assert kernel.parts() == one
    kernel.run(ask, cell="b")
    two = kernel.parts()
    parts = two - one
    assert parts > 10
    kernel.run(f"display({ask}, {ask})", cell="b")
    assert kernel.parts() == two + parts
    kernel.run(f"1; {ask}")
    assert kernel.parts() == two + 2 * parts


@pytest.mark.parametrize(
    "make",
    [
        SessionBuilder,
        ReplyExplorer,
        lambda: SessionPlayer(Lab().telnet("mail.adelphia.net")),
        lambda: QueuePlayer(Lab(queues=True)),
        lambda: Prediction(Lab().telnet("mail.adelphia.net").predict("NOOP")),
    ],
)
def test_a_widget_that_is_closed_leaves_its_words_and_its_picture_and_nothing_else(
    make: Callable[[], SessionBuilder | ReplyExplorer | SessionPlayer | QueuePlayer | Prediction],
) -> None:
    before = set(_instances)
    shown = make()
    assert len(_instances) > len(before) + 10
    shown.close()
    shown.close()
    assert set(_instances) == before
    assert shown.picture
    assert str(shown)


def test_a_closed_widget_shows_its_picture_alone(kernel: Kernel) -> None:
    (picture,) = kernel.run("builder = SessionBuilder(); builder.close(); builder")
    assert "S: 220 mta13.adelphia.net" in picture["data"]["text/plain"]


def test_a_session_outlives_the_view_of_its_builder() -> None:
    builder = SessionBuilder()
    builder.close()
    assert str(builder.click("HELO")).startswith("250 ")


def test_outside_a_kernel_nothing_happens_on_a_page() -> None:
    assert not on_the_page()


def test_a_widget_outside_a_notebook_prints_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    builder = SessionBuilder()
    print(builder)
    assert capsys.readouterr().out == f"{builder}\n"


def test_ipywidgets_is_loaded_with_the_first_widget_and_not_before() -> None:
    script = (
        "import sys, smtplab, smtplab.jupyter.widgets\n"
        "smtplab.Lab().telnet('mail.adelphia.net').predict('NOOP')\n"
        "print('ipywidgets' in sys.modules)\n"
        "smtplab.ReplyExplorer\n"
        "print('ipywidgets' in sys.modules)\n"
    )
    assert printed_by(script) == "False\nTrue\n"
