"""The kernel over its wire: what Jupyter asks of every kernel, and what this one adds."""

from __future__ import annotations

import os
from tempfile import TemporaryDirectory
from typing import Any

import jupyter_kernel_test
from jupyter_client.manager import start_new_kernel

LAB = "telnet mail.lab.example 25"
KINDS = ("display_data", "error", "stream")
TO_THE_MESSAGE = "HELO c.example\nMAIL FROM:<a@b.example>\nRCPT TO:<bob@lab.example>\nDATA"


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
        {"text": f"{LAB}\nHE", "matches": ["HELO", "HELP"]},
        {"text": f"{LAB}\nHELO c.example\nMAIL FR", "matches": ["FROM:<"]},
        {"text": f"{LAB}\nRCPT TO:<fra", "matches": ["TO:<frank@campus.example>"]},
        {"text": "%%py\nimport colle", "matches": ["collections"]},
    )
    complete_code_samples = (LAB, "HELO c.example", "%legal", f"{LAB}\n{TO_THE_MESSAGE}\nSubject: Hi\n\nHi\n.")
    incomplete_code_samples = (f"{LAB}\n{TO_THE_MESSAGE}", f"{LAB}\n{TO_THE_MESSAGE}\nSubject: Hi\n\n..")
    invalid_code_samples = ("%stat", f"{LAB}\n%nonsense")
    code_inspect_sample = "MAIL"
    code_generate_error = "%stat"
    code_execute_result = ({"code": "%%py\n40 + 2", "result": "42"},)
    code_display_data = (
        {"code": LAB, "mime": "text/html"},
        {"code": "%legal", "mime": "text/plain"},
        {"code": "%ladder", "mime": "text/html"},
    )
    code_history_pattern = "*40 + ?*"
    supported_history_operations = ("tail", "search")

    @classmethod
    def setUpClass(cls) -> None:
        """Start the kernel; on a busy machine a start can die, so it is tried twice."""
        environment = os.environ | {"IPYTHONDIR": cls.enterClassContext(TemporaryDirectory())}
        for attempt in (1, 2):
            try:
                cls.km, cls.kc = start_new_kernel(60, cls.kernel_name, env=environment)
                return
            except RuntimeError:
                if attempt == 2:
                    raise

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
        assert self.shown(LAB)[1].split("\n")[-1][:6] == "S: 220"
        assert self.shown("HELO c.example") == ("ok", "S: 250 mail.lab.example greets c.example", {})
        assert self.shown("MAIL FROM:<a@b.example>\nRCPT TO:<bob@lab.example>\nDATA\n%expect 354")[0] == "ok"
        assert self.shown("Subject: Over several cells\n\n# no remark\n   indented\n>>> not a prompt")[0] == "ok"
        assert self.shown(".\n%expect 250")[0] == "ok"
        text = self.shown("%mailbox bob@lab.example")[1]
        assert text.endswith("\n# no remark\n   indented\n>>> not a prompt")
        assert self.shown("QUIT")[1].startswith("S: 221")

    def test_a_refusal_is_no_error_and_a_lost_session_is_one_sentence(self) -> None:
        self.shown(LAB)
        status, text, _ = self.shown("MALE FROM:<a@b.example>")
        assert (status, text[:6]) == ("ok", "S: 500")
        self.shown("QUIT")
        status, text, error = self.shown("NOOP")
        assert (status, text) == ("error", "")
        assert error["traceback"] == [error["evalue"]]
        assert error["evalue"].endswith(".")

    def test_only_the_cell_itself_is_smtp(self) -> None:
        self.shown(LAB)
        self.flush_channels()
        _, messages = self.execute_helper(code="%%py\n%timeit -n1 -r1 pass", timeout=30)
        assert any(message["msg_type"] == "stream" for message in messages)
        assert "pass" not in self.shown("%transcript")[1]

    def test_help_stands_under_shift_tab_with_its_brackets(self) -> None:
        self.kc.inspect("MAIL FROM:<a@b.example>", 12)
        content = self.kc.get_shell_msg(timeout=30)["content"]
        assert content["found"]
        assert "MAIL FROM:<reverse-path>" in content["data"]["text/plain"]
        assert "&lt;reverse-path&gt;" in content["data"]["text/html"]


del jupyter_kernel_test  # so that its own class is not collected once more
