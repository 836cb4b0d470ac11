"""The extension in JupyterLite: it brings the SMTP kernel there, and no cell stays busy where that cannot start.

Node runs the extension with played kernels (``lite_extension.mjs``); a real page is a matter of the browser's tests.
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from smtplab.jupyter.engine import Engine
from smtplab.jupyter.front import KernelFront
from smtplab.jupyter.language_info import SMTP_LANGUAGE
from support.paths import ROOT

JUPYTER = ROOT / "smtplab" / "jupyter"
SCRIPT = JUPYTER / "labextension" / "static" / "remoteEntry.js"
PLAY = Path(__file__).with_name("lite_extension.mjs")

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="Node runs the extension, and is not here")


@cache
def came(*arguments: str) -> Any:
    done = subprocess.run(["node", PLAY, SCRIPT, *arguments], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@needs_node
def test_jupyterlab_gets_the_language_alone() -> None:
    assert came() == {"plugins": ["smtplab:language"]}


@needs_node
def test_jupyterlite_gets_a_kernel_that_is_that_of_the_desktop() -> None:
    spec, info = came("lite")["spec"], came("lite")["well"]["info"]
    desktop = json.loads((JUPYTER / "kernelspec" / "kernel.json").read_text(encoding="utf-8"))
    assert all(spec[name] == desktop[name] for name in ("display_name", "language"))
    logo = base64.b64decode(spec["resources"]["logo-svg"].partition(",")[2])
    assert logo == (JUPYTER / "kernelspec" / "logo-svg.svg").read_bytes()
    assert info["language_info"] == SMTP_LANGUAGE
    assert (info["implementation"], info["protocol_version"]) == ("smtplab", "5.3")


@needs_node
def test_the_banner_is_that_of_the_kernel() -> None:
    front = KernelFront.__new__(KernelFront)
    front.engine = Engine()
    assert came("lite")["well"]["info"]["banner"] == front.banner


@needs_node
def test_a_kernel_that_has_started_answers_itself() -> None:
    well = came("lite")["well"]
    assert well["execute"] == {"status": "ok", "executed": "NOOP"}
    assert (well["complete"]["matches"], well["inspect"]["found"], well["published"]) == (["HELO"], True, [])


@needs_node
@pytest.mark.parametrize(
    ("boots", "why"), [("fails", "ImportError: no smtplab"), ("no Pyodide", "cannot load pyodide")]
)
def test_where_it_cannot_start_a_cell_ends_with_a_sentence_that_says_why_and_what_to_do(boots: str, why: str) -> None:
    failed = came("lite")[boots]
    assert failed["execute"]["status"] == "error"
    ((error, parent),) = failed["published"]
    assert why in error["evalue"]
    assert "Restart" in error["evalue"]
    assert error["traceback"] == [error["evalue"]]
    assert parent == {"msg_id": "asked"}
    assert (failed["complete"]["matches"], failed["inspect"]["found"]) == ([], False)
    assert failed["isComplete"] == {"status": "unknown"}


@needs_node
def test_an_interrupt_is_said_to_be_a_restart_and_other_commands_say_nothing() -> None:
    first, second = came("lite")["notified"]
    assert first == second
    assert "Restart" in first[0]
    assert first[1] == ["Restart"]
