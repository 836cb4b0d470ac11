"""The SMTP kernel in a browser, in this process: pyodide-kernel is played by a kernel of the same form."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from smtplab.jupyter import lite
from smtplab.jupyter.lesson_hooks import LessonMagics
from support.cells import LAB, TO_THE_MESSAGE

TELNET = f"telnet {LAB} 25"


class _Shell(InteractiveShell):
    """The shell of pyodide-kernel, which keeps the last error for the reply."""

    _last_traceback: dict[str, Any] | None = None

    def _showtraceback(self, etype: type[BaseException], evalue: BaseException, stb: list[str]) -> None:
        self._last_traceback = {"ename": etype.__name__, "evalue": str(evalue), "traceback": stb}


class PyodideKernel:
    """The kernel of pyodide-kernel, as far as `lite` uses it; it notes what it was given."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.interpreter = shell
        self.cell = ""  # the id of the running cell
        self.given: list[Any] = []
        shell.kernel = self

    def get_parent(self) -> dict[str, Any]:
        return {"header": {}, "metadata": {"cellId": self.cell} if self.cell else {}}

    async def run(self, code: str) -> dict[str, Any]:
        self.given.append(code)
        self.interpreter.run_cell(code, store_history=True)
        return {"status": "ok"}

    def complete(self, code: str, cursor: int) -> dict[str, Any]:
        self.given.append((code, cursor))
        return {"status": "ok", "matches": ["collections"], "cursor_start": 7, "cursor_end": cursor}

    def inspect(self, code: str, cursor: int, detail_level: int) -> dict[str, Any]:
        self.given.append((code, cursor, detail_level))
        return {"status": "ok", "found": True}

    def is_complete(self, code: str) -> dict[str, Any]:
        self.given.append(code)
        return {"status": "incomplete"}


@pytest.fixture
def kernel() -> Iterator[Any]:
    """A kernel whose language has become SMTP."""
    InteractiveShell.clear_instance()
    shell = _Shell.instance()
    shell.history_manager.enabled = False
    kernel = PyodideKernel(shell)
    lite.boot(kernel)
    yield kernel
    _Shell.clear_instance()


def shown(kernel: Any, cell: str, cell_id: str = "") -> tuple[dict[str, Any], str]:
    """Execute a cell; return the reply, and what it displays as text."""
    kernel.cell = cell_id
    with capture_output() as captured:
        reply = asyncio.run(kernel.run(cell))
    texts = [output.data["text/plain"] for output in captured.outputs]
    return reply, "".join(texts) + captured.stdout


def test_a_session_lives_across_cells_and_octets_are_as_typed(kernel: Any) -> None:
    assert shown(kernel, TELNET)[1].split("\n")[-1][:6] == "S: 220"
    assert shown(kernel, "HELO c.example")[1] == "S: 250 mail.lab.example greets c.example"
    shown(kernel, TO_THE_MESSAGE)
    shown(kernel, "Subject: Typed\n\n   indented\n>>> not a prompt\n%pip list\nimport antigravity\n.")
    text = shown(kernel, "%mailbox bob@lab.example")[1]
    assert text.endswith("\n   indented\n>>> not a prompt\n%pip list\nimport antigravity")
    assert kernel.given == [], "the kernel of Python has seen nothing of it"


def test_a_cell_that_fails_says_so_in_its_reply_and_the_next_one_is_well(kernel: Any) -> None:
    reply, text = shown(kernel, "NOOP")
    assert (reply["status"], reply["ename"], text) == ("error", "CellError", "")
    assert "telnet" in reply["evalue"]
    assert reply["traceback"] == [reply["evalue"]]
    assert shown(kernel, TELNET)[0] == {"status": "ok", "payload": []}


def test_a_cell_of_python_goes_to_the_kernel_of_python_without_its_first_line(kernel: Any) -> None:
    assert shown(kernel, "%%py\nprint(40 + 2)")[1] == "42\n"
    assert kernel.given == ["print(40 + 2)"]


def test_cells_are_counted_from_1(kernel: Any) -> None:
    assert kernel.interpreter.execution_count == 1
    shown(kernel, TELNET)
    assert kernel.interpreter.execution_count == 2


def test_cells_with_the_same_text_are_told_apart_by_the_ids_that_the_kernel_has(kernel: Any) -> None:
    shown(kernel, TELNET, "a")
    shown(kernel, "HELO c.example", "b")
    assert "ran before" not in shown(kernel, "HELO c.example", "c")[1]
    assert "ran before" in shown(kernel, "HELO c.example", "b")[1]


def test_tab_offers_smtp_with_its_kinds_and_python_in_a_cell_of_python(kernel: Any) -> None:
    shown(kernel, f"{TELNET}\nHELO c.example")
    offered = kernel.complete("R", 1)
    assert offered["matches"] == ["RSET", "RCPT"]
    kinds = offered["metadata"]["_jupyter_types_experimental"]
    assert [each["text"] for each in kinds] == ["RSET", "RCPT"]
    assert kernel.complete("HE")["matches"] == ["HELP", "HELO"]
    python = kernel.complete("%%py\nimport colle", 17)
    assert (python["cursor_start"], python["cursor_end"]) == (12, 17)
    assert kernel.given == [("import colle", 12)]


def test_shift_tab_shows_a_page_and_pythons_help_in_a_cell_of_python(kernel: Any) -> None:
    assert "MAIL FROM:<reverse-path>" in kernel.inspect("MAIL", 2)["data"]["text/plain"]
    assert kernel.inspect("nothing of ours", 2) == {"status": "ok", "found": False, "data": {}, "metadata": {}}
    assert kernel.inspect("%%py\nlen", 7, 1)["found"]
    assert kernel.given == [("len", 2, 1)]


def test_a_console_waits_for_the_end_of_a_message_and_for_python(kernel: Any) -> None:
    assert kernel.is_complete(TELNET)["status"] == "complete"
    assert kernel.is_complete(f"{TELNET}\nHELO c.example\n{TO_THE_MESSAGE}")["status"] == "incomplete"
    assert kernel.is_complete("%nonsense")["status"] == "invalid"
    assert kernel.is_complete("%%py\nfor each in x:")["status"] == "incomplete"
    assert kernel.given == ["for each in x:"]


def test_a_lesson_knows_its_cells_by_their_ids(kernel: Any) -> None:
    assert shown(kernel, "%lesson 01-type-the-lectures-session")[0]["status"] == "ok"
    lesson = kernel.interpreter.magics_manager.registry[LessonMagics.__name__].lesson
    cell = lesson.cells[3]
    assert not lesson._finder.has_ids
    shown(kernel, "%state", cell.id)
    assert lesson._finder.has_ids
