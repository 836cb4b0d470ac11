"""The kernel over its wire: what Jupyter asks of every kernel, and what this one adds."""

from __future__ import annotations

import os
import time
from tempfile import TemporaryDirectory
from typing import Any

import jupyter_kernel_test
import pytest

from smtplab.jupyter.language import ILLEGAL, LEGAL
from support.cells import LAB, TO_THE_MESSAGE
from support.jupyter_kernel import start_kernel
from support.odd_server import OddServer, line, say, silence
from support.python import printed_by

TELNET = f"telnet {LAB} 25"
HELO = "HELO c.example"


class KernelTests(jupyter_kernel_test.KernelTests):
    """What the Jupyter protocol asks of every kernel, with samples of SMTP; one start for all of it."""

    kernel_name = "smtp"
    language_name = "smtp"
    file_extension = ".smtp"
    code_hello_world = "%%py\nprint('hello, world')"
    code_stderr = "%%py\nimport sys\nprint('oops', file=sys.stderr)"
    completion_samples = (
        {"text": "tel", "matches": ["telnet"]},
        {"text": "%mailb", "matches": ["%mailbox"]},
        {"text": f"{TELNET}\nHE", "matches": ["HELO", "HELP"]},
        {"text": f"{TELNET}\n{HELO}\nMAIL FR", "matches": ["FROM:<"]},
        {"text": f"{TELNET}\nRCPT TO:<fra", "matches": ["frank@campus.example>"]},
        {"text": "%%py\nimport colle", "matches": ["collections"]},
    )
    complete_code_samples = (
        TELNET,
        HELO,
        "%legal",
        f"{TELNET}\n{HELO}\n{TO_THE_MESSAGE}\nSubject: Hi\n\nHi\n.",
    )
    incomplete_code_samples = (
        f"{TELNET}\n{HELO}\n{TO_THE_MESSAGE}",
        f"{TELNET}\n{HELO}\n{TO_THE_MESSAGE}\nSubject: Hi\n\n..",
    )
    invalid_code_samples = ("%stat", f"{TELNET}\n%nonsense")
    code_inspect_sample = "MAIL"
    code_generate_error = "%stat"
    code_execute_result = ({"code": "%%py\n40 + 2", "result": "42"},)
    code_display_data = (
        {"code": TELNET, "mime": "text/html"},
        {"code": "%legal", "mime": "text/plain"},
        {"code": "%ladder", "mime": "text/html"},
    )
    code_history_pattern = "*40 + ?*"
    supported_history_operations = ("tail", "search")  # of a range IPython calls the session 0, not by its number
    code_page_something = "%%py\nlen?"
    code_clear_output = "%%py\nfrom IPython.display import clear_output\nclear_output()"

    @classmethod
    def setUpClass(cls) -> None:
        """Start the kernel."""
        environment = os.environ | {"IPYTHONDIR": cls.enterClassContext(TemporaryDirectory())}
        cls.km, cls.kc = start_kernel(cls.kernel_name, env=environment)

    # What is not in that protocol's tests

    def shown(self, cell: str) -> tuple[str, str, dict[str, Any]]:
        """Execute a cell; return its status, what it displays as text, and the error if it has one."""
        self.flush_channels()
        reply, messages = self.execute_helper(code=cell, timeout=30)
        texts = [
            message["content"]["data"]["text/plain"] for message in messages if message["msg_type"] == "display_data"
        ]
        errors = [message["content"] for message in messages if message["msg_type"] == "error"]
        assert [message for message in messages if message["msg_type"] == "stream"] == []
        assert len(texts) < 2, "a cell is displayed once"
        return reply["content"]["status"], "".join(texts), errors[0] if errors else {}

    def test_a_session_lives_across_cells(self) -> None:
        assert self.shown(TELNET)[1].split("\n")[-1][:6] == "S: 220"
        assert self.shown(HELO) == ("ok", "S: 250 mail.lab.example greets c.example", {})
        assert self.shown("MAIL FROM:<a@b.example>\nRCPT TO:<bob@lab.example>\nDATA\n%expect 354")[0] == "ok"
        assert self.shown("Subject: Over several cells\n\n# no remark\n   indented\n>>> not a prompt")[0] == "ok"
        assert self.shown(".\n%expect 250")[0] == "ok"
        text = self.shown("%mailbox bob@lab.example")[1]
        assert text.endswith("\n# no remark\n   indented\n>>> not a prompt")
        assert self.shown("QUIT")[1].startswith("S: 221")

    def test_a_refusal_is_no_error_and_a_lost_session_is_one_sentence(self) -> None:
        self.shown(TELNET)
        status, text, _ = self.shown("MALE FROM:<a@b.example>")
        assert (status, text[:6]) == ("ok", "S: 500")
        self.shown("QUIT")
        status, text, error = self.shown("NOOP")
        assert (status, text) == ("error", "")
        assert error["traceback"] == [error["evalue"]]
        assert error["evalue"].endswith(".")

    def test_only_the_cell_itself_is_smtp(self) -> None:
        self.shown(TELNET)
        self.flush_channels()
        _, messages = self.execute_helper(code="%%py\n%timeit -n1 -r1 pass", timeout=30)
        assert any(message["msg_type"] == "stream" for message in messages)
        assert "pass" not in self.shown("%transcript")[1]

    def interrupted(self) -> float:
        """Interrupt a cell that waits for a reply; return how many seconds its own reply took."""
        with OddServer(say("220 Hi"), line, silence) as server:
            self.shown("%timeout 60\ntelnet {} {}".format(*server.address))
            asked = self.kc.execute("NOOP")
            while not server.heard:
                time.sleep(0.01)
            begin = time.monotonic()
            self.km.interrupt_kernel()
            reply = self.kc.get_shell_msg(timeout=30)
            seconds = time.monotonic() - begin
        assert reply["parent_header"]["msg_id"] == asked
        assert reply["content"]["ename"] == "Interrupted"
        assert "the server still owes a reply" in reply["content"]["evalue"]
        return seconds

    def test_an_interrupt_returns_at_once_and_leaves_a_session_that_is_told(self) -> None:
        # Of some tries one, for the machine may be busy; the cell itself waits for a minute.
        assert any(self.interrupted() < 1 for _ in range(5))
        assert self.shown(TELNET)[0] == "ok"

    def test_a_silent_server_is_given_up_with_an_explanation(self) -> None:
        with OddServer(silence) as server:
            status, _, error = self.shown("%timeout 0.3\ntelnet {} {}".format(*server.address))
        assert status == "error"
        assert "gave no greeting within 0.3 s" in error["evalue"]

    def test_other_machines_are_not_called(self) -> None:
        error = self.shown("telnet 198.51.100.99 25")[2]
        assert error["evalue"].startswith("198.51.100.99 is another machine")

    def test_a_cell_of_points_is_a_result_that_nbgrader_reads(self) -> None:
        self.shown("%exercise 01-hold-your-own-session mia")
        self.flush_channels()
        _, messages = self.execute_helper(code="%check 01-hold-your-own-session session", timeout=30)
        (result,) = [m["content"]["data"]["text/plain"] for m in messages if m["msg_type"] == "execute_result"]
        assert result == "0"
        self.shown("%exercise off")

    def test_it_says_beside_a_verb_whether_it_may_come_now(self) -> None:
        self.kc.complete(f"{TELNET}\n{HELO}\nR")
        content = self.kc.get_shell_msg(timeout=30)["content"]
        assert content["matches"] == ["RSET", "RCPT"]
        kinds = [(each["text"], each["type"]) for each in content["metadata"]["_jupyter_types_experimental"]]
        assert kinds == [("RSET", LEGAL), ("RCPT", ILLEGAL)]

    def test_cells_with_the_same_text_are_told_apart_by_the_ids_that_jupyterlab_gives(self) -> None:
        def run(code: str, cell_id: str) -> str:
            self.flush_channels()
            content = {"code": code, "silent": False, "user_expressions": {}, "stop_on_error": True}
            message = self.kc.session.msg("execute_request", content, metadata={"cellId": cell_id})
            self.kc.shell_channel.send(message)
            assert self.kc.get_shell_msg(timeout=30)["content"]["status"] == "ok"
            messages = iter(lambda: self.kc.get_iopub_msg(timeout=30), None)
            return next(m["content"]["data"]["text/plain"] for m in messages if m["msg_type"] == "display_data")

        self.shown("%lab new")
        run(TELNET, "a")
        run(HELO, "b")
        assert "ran before" not in run(HELO, "c")
        assert "ran before" in run(HELO, "b")
        assert "given up" in run(TELNET, "d")
        assert "given up" not in run(TELNET, "a")

    def test_help_stands_under_shift_tab_with_its_brackets(self) -> None:
        self.kc.inspect("MAIL FROM:<a@b.example>", 12)
        content = self.kc.get_shell_msg(timeout=30)["content"]
        assert content["found"]
        assert "MAIL FROM:<reverse-path>" in content["data"]["text/plain"]
        assert "&lt;reverse-path&gt;" in content["data"]["text/html"]


def test_a_kernel_warns_of_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    manager, client = start_kernel("smtp")
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    assert capfd.readouterr().err == ""


def test_a_kernel_loads_no_pandas_and_no_matplotlib_before_they_are_used() -> None:
    script = "import sys, smtplab.jupyter.kernel; print(sorted({'pandas', 'matplotlib', 'numpy'} & {*sys.modules}))"
    assert printed_by(script) == "[]\n"


del jupyter_kernel_test  # so that its own class is not collected once more
