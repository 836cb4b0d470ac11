"""The command line: its frame, and the commands around the course."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import click
import pytest
from jupyter_client.session import Session
from tornado.websocket import websocket_connect

from smtplab.base.resources import MANIFEST
from smtplab.cli import frame
from smtplab.course.copies import course_files
from support.paths import ROOT
from support.processors import seconds_of_children
from support.python import printed_by

Run = Callable[..., subprocess.CompletedProcess[str]]
FIRST = next(iter(course_files()))


def test_help_lists_every_command_with_its_summary(smtplab: Run) -> None:
    for arguments in ([], ["--help"], ["-h"]):
        done = smtplab(*arguments)
        assert done.returncode == 0
        assert done.stderr == ""
        for name, entry in frame.COMMANDS.items():
            assert f"  {name}" in done.stdout
            assert entry.summary in " ".join(done.stdout.split())


@pytest.mark.parametrize("name", frame.COMMANDS)
def test_the_summary_in_the_table_opens_the_commands_own_help(name: str) -> None:
    command = frame.LazyGroup().get_command(click.Context(frame.smtplab), name)
    assert command is not None
    assert command.name == name
    assert command.help is not None
    assert " ".join(command.help.split()).startswith(frame.COMMANDS[name].summary)


def test_help_answers_in_less_than_three_tenths_of_a_second(smtplab: Run) -> None:
    """A busy machine makes everything late, so what counts are the seconds that processors have worked."""

    def seconds() -> float:
        before = seconds_of_children()
        assert smtplab("--help").returncode == 0
        return seconds_of_children() - before

    assert min(seconds() for _ in range(3)) < 0.3


def test_help_imports_no_command_and_nothing_slow() -> None:
    script = (
        "import sys\n"
        "from smtplab.cli.frame import run\n"
        "run(['--help'])\n"
        "slow = {'asyncio', 'rich', 'pandas', 'socket', 'smtplab.cli.course', 'smtplab.course.doctor'}\n"
        "print('slow:', sorted(slow & set(sys.modules)))\n"
    )
    assert printed_by(script).endswith("slow: []\n")


def test_version_names_the_program(smtplab: Run) -> None:
    done = smtplab("--version")
    assert done.returncode == 0
    assert done.stdout.startswith("smtplab")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["strat"], "No such command 'strat' (did you mean start?)"),
        (["Talk"], "No such command 'Talk' (did you mean talk?)"),
        (["code"], "No such command 'code' (did you mean codes?)"),
        (["xyzzy"], "No such command 'xyzzy';"),
        (["--colour"], "No such option"),
        (["start", "--lab"], "No such option"),
        (["start", "a", "b"], "unexpected extra argument"),
        (["reset"], "Missing argument 'NN'"),
        (["reset", ""], "''"),
        (["reset", "99"], "'99'"),
    ],
)
def test_a_wrong_command_line_is_one_sentence_and_exit_2(smtplab: Run, arguments: list[str], sentence: str) -> None:
    done = smtplab(*arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (frame.CommandError("550 No such user here.", frame.ExitCode.REFUSED), 1, "550 No such user here.\n"),
        (PermissionError(13, "Permission denied", "course"), 3, "course: Permission denied.\n"),
        (TimeoutError(), 3, "TimeoutError.\n"),
        (click.ClickException("It is not to be had"), 3, "It is not to be had\n"),
    ],
)
def test_what_a_command_raises_becomes_one_sentence_and_a_code(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception,
    code: int,
    sentence: str,
) -> None:
    @click.command()
    def start() -> None:
        raise error

    monkeypatch.setattr("smtplab.cli.course.start", start)
    assert frame.run(["start"]) == code
    assert capsys.readouterr() == ("", sentence)


def test_a_command_may_return_its_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    def start() -> int:
        return frame.ExitCode.REFUSED

    monkeypatch.setattr("smtplab.cli.course.start", start)
    assert frame.run(["start"]) == 1


def test_ctrl_c_ends_a_command_with_130_and_no_traceback(tmp_path: Path) -> None:
    # The command that is interrupted waits in the place of `start`, and says when it waits.
    script = (
        "import time, click\n"
        "import smtplab.cli.course as course\n"
        "from smtplab.cli import main\n"
        "@click.command()\n"
        "def start():\n"
        "    print('waiting', flush=True)\n"
        "    time.sleep(60)\n"
        "course.start = start\n"
        "main(['start'])\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "waiting\n"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert errors.strip() == ""


@pytest.mark.parametrize("missing", ["click", "pandas"])
def test_a_missing_package_is_one_sentence_that_says_how_to_mend_it(missing: str) -> None:
    # None in sys.modules makes Python say that the module is not there.
    script = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "from smtplab.cli import main\n"
        f"if {missing!r} != 'click':\n"
        "    import click, smtplab.cli.course as course\n"
        f"    course.start = click.command('start')(lambda: __import__({missing!r}))\n"
        "main(['start'])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert f"{missing} is missing" in done.stderr
    assert f"-m pip install {missing}" in done.stderr
    assert done.stderr.count("\n") == 1


def test_start_copies_the_course_and_says_so(smtplab: Run, tmp_path: Path) -> None:
    done = smtplab("start", "--no-lab")
    assert (done.returncode, done.stderr) == (0, "")
    folder = tmp_path / "smtplab-course"
    copied = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.ipynb")}
    assert copied == course_files()
    lines = [f"The course is in {folder}", *(f"copied    {name}" for name in course_files())]
    assert done.stdout.splitlines() == lines


def test_start_again_leaves_changed_and_deleted_notebooks_alone(smtplab: Run, tmp_path: Path) -> None:
    folder = tmp_path / "my course"
    assert smtplab("start", "--no-lab", "my course").returncode == 0
    (folder / FIRST).write_text("my answers")
    done = smtplab("start", "my course", "--no-lab")
    assert done.returncode == 0
    assert f"kept      {FIRST} (you changed it; `smtplab reset 00` gives a fresh copy)" in done.stdout
    assert (folder / FIRST).read_text() == "my answers"
    (folder / FIRST).unlink()
    done = smtplab("start", "my course", "--no-lab")
    assert f"left out  {FIRST} (you deleted it; `smtplab reset 00` brings it back)" in done.stdout
    assert not (folder / FIRST).exists()
    (folder / FIRST).mkdir()
    done = smtplab("start", "my course", "--no-lab")
    assert (
        f"left out  {FIRST} (a folder has that name; rename it, then `smtplab reset 00` puts it there)" in done.stdout
    )


def test_a_number_that_two_notebooks_have_is_answered_with_commands_that_work(smtplab: Run, tmp_path: Path) -> None:
    assert smtplab("start", "--no-lab").returncode == 0
    done = smtplab("reset", "01")
    assert (done.returncode, done.stdout) == (2, "")
    names = re.findall(r"`smtplab reset ([\w/-]+)`", done.stderr)
    assert names == ["01-the-lectures-session", "01-type-the-lectures-session"]
    assert [smtplab("reset", name).returncode for name in names] == [0, 0]
    (tmp_path / "smtplab-course" / f"{names[1]}.ipynb").unlink()
    told = smtplab("start", "--no-lab").stdout
    assert f"(you deleted it; `smtplab reset {names[1]}` brings it back)" in told


def test_start_updates_an_untouched_notebook(smtplab: Run, tmp_path: Path) -> None:
    assert smtplab("start", "--no-lab").returncode == 0
    folder = tmp_path / "smtplab-course"
    # Make the delivered copy an older edition: another text, and the manifest that goes with it.
    (folder / FIRST).write_bytes(b"")
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["files"][FIRST] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    (folder / MANIFEST).write_text(json.dumps(manifest))
    assert f"updated   {FIRST} (you had not changed it)" in smtplab("start", "--no-lab").stdout
    assert (folder / FIRST).read_bytes() == course_files()[FIRST]
    assert f"{len(course_files())} of {len(course_files())} notebooks were up to date" in (
        smtplab("start", "--no-lab").stdout
    )


def test_start_where_no_folder_can_be_made_is_exit_3(smtplab: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = smtplab("start", "--no-lab", "file/course")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == "file/course: Not a directory.\n"


def test_start_opens_jupyterlab_on_the_first_notebook(smtplab: Run, tmp_path: Path) -> None:
    # A stand-in for JupyterLab tells how it was called.
    package = tmp_path / "stand-in" / "jupyterlab"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(
        "import json, os, sys; print(os.environ['JUPYTER_CONFIG_PATH']); print(json.dumps(sys.argv[1:]))"
    )
    path = os.pathsep.join([str(package.parent), str(ROOT)])
    done = smtplab("start", "here", "--no-browser", env={"PYTHONPATH": path, "JUPYTER_CONFIG_PATH": "theirs"})
    assert done.returncode == 0, done.stderr
    called = json.loads(done.stdout.splitlines()[-1])
    assert done.stdout.splitlines()[-2] == os.pathsep.join(["theirs", str(ROOT / "data" / "jupyter")])
    assert f"--ServerApp.root_dir={tmp_path / 'here'}" in called
    assert f"--LabApp.default_url=/lab/tree/{FIRST}" in called
    assert "--no-browser" in called
    assert ("--allow-root" in called) == (os.geteuid() == 0)
    (tmp_path / "here" / FIRST).unlink()
    called = json.loads(smtplab("start", "here", env={"PYTHONPATH": path}).stdout.splitlines()[-1])
    assert f"--LabApp.default_url=/lab/tree/{FIRST}" not in called
    assert "--no-browser" not in called


def test_start_without_jupyterlab_copies_the_course_and_says_what_is_missing(tmp_path: Path) -> None:
    script = (
        "import sys; sys.modules['jupyterlab'] = None\nfrom smtplab.cli import main\nmain(['start', sys.argv[1]])\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "course")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert done.stderr.startswith("JupyterLab")
    assert (tmp_path / "course" / FIRST).is_file()


@pytest.mark.timeout(300)
def test_start_serves_the_course_for_real(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    homes = ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR", "HOME")
    environment = os.environ | {name: str(tmp_path / name) for name in homes}
    environment |= {
        "JUPYTER_PORT": str(port),
        "JUPYTER_TOKEN": "secret",
        "PYTHONPATH": str(ROOT),
        "PATH": "/usr/bin:/bin",  # no environment is activated
        "SHELL": "/bin/sh",
    }
    command = [sys.executable, "-m", "smtplab", "start", "course", "--no-browser"]
    log = (tmp_path / "log").open("w+")
    with log, subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=log, stderr=log) as process:
        try:
            found = _ask(f"http://127.0.0.1:{port}/api/contents?token=secret", process)
            setting = "@jupyterlab/apputils-extension:notification"
            asked = _ask(f"http://127.0.0.1:{port}/lab/api/settings/{setting}?token=secret", process)
            typed = asyncio.run(_typed_in_a_terminal(port, "pwd; command -v smtplab"))
            states = [asyncio.run(_executed_in_a_kernel(port, name)) for name in ("python3", "smtp")]
        finally:
            process.terminate()
            process.wait(30)
        log.seek(0)
        said = log.read()
    assert {entry["name"] for entry in found["content"]} == {name.partition("/")[0] for name in course_files()}
    assert f"/lab/tree/{FIRST}?token=" in said
    after = said.partition("press Ctrl-C here to stop it\n")[2]
    running, _, _ = after.partition("received signal 15")  # what the libraries below say of their end is theirs
    assert [line.partition("/lab")[0] for line in running.splitlines()] == [
        f"JupyterLab is at http://localhost:{port}"
    ], said
    assert f"{tmp_path / 'course'}\r\n" in typed
    assert f"{Path(sys.executable).parent / 'smtplab'}\r\n" in typed
    assert states == ["ok", "ok"]
    assert asked["schema"]["properties"]["fetchNews"]["default"] == "false"  # "none" would ask the student


async def _typed_in_a_terminal(port: int, line: str) -> str:
    """Return what a terminal of JupyterLab shows after a line was typed there."""
    name = _post(port, "terminals", {})["name"]
    socket = await websocket_connect(f"ws://127.0.0.1:{port}/terminals/websocket/{name}?token=secret")
    await socket.write_message(json.dumps(["stdin", f"{line}; echo en''d\r"]))
    shown = ""
    while "end\r\n" not in shown:
        kind, *content = json.loads(await socket.read_message() or "")
        shown += content[0] if kind == "stdout" else ""
    return shown


async def _executed_in_a_kernel(port: int, name: str) -> str:
    """Return the status of a cell that a kernel of JupyterLab executed."""
    kernel = _post(port, "kernels", {"name": name})["id"]
    socket = await websocket_connect(f"ws://127.0.0.1:{port}/api/kernels/{kernel}/channels?token=secret")
    session = Session()
    message = session.msg("execute_request", {"code": "%%py\n1" if name == "smtp" else "1"})
    await socket.write_message(json.dumps(message | {"channel": "shell"}, default=str))
    while True:
        answer = json.loads(await socket.read_message() or "")
        if answer["msg_type"] == "execute_reply":
            return str(answer["content"]["status"])


def _post(port: int, what: str, values: dict[str, Any]) -> dict[str, Any]:
    address = f"http://127.0.0.1:{port}/api/{what}?token=secret"
    with urlopen(Request(address, json.dumps(values).encode(), {"Content-Type": "application/json"})) as answer:
        return dict(json.load(answer))


def _ask(url: str, process: subprocess.Popen[bytes]) -> dict[str, Any]:
    """Ask until the server answers or has ended; a busy machine takes its time, up to that of the test."""
    while process.poll() is None:
        try:
            with urlopen(url, timeout=10) as answer:
                return dict(json.load(answer))
        except OSError:
            time.sleep(0.1)
    pytest.fail("JupyterLab ended before it answered")


def test_reset_gives_a_fresh_copy_and_keeps_the_old_one(smtplab: Run, tmp_path: Path) -> None:
    folder = tmp_path / "smtplab-course"
    smtplab("start", "--no-lab")
    (folder / FIRST).write_text("my answers")
    done = smtplab("reset", "00")
    assert (done.returncode, done.stderr) == (0, "")
    (kept,) = folder.glob("00-*.20*.ipynb")
    assert kept.read_text() == "my answers"
    assert (folder / FIRST).read_bytes() == course_files()[FIRST]
    assert done.stdout.splitlines() == [
        f"kept your version as {kept.name}",
        f"{FIRST} is as it was delivered",
        "If it is open in JupyterLab, choose File, Reload Notebook from Disk, before you save it there.",
    ]


def test_reset_works_from_inside_the_course_and_on_a_named_folder(smtplab: Run, tmp_path: Path) -> None:
    smtplab("start", "--no-lab", "elsewhere")
    (tmp_path / "elsewhere" / FIRST).unlink()
    assert smtplab("reset", "0", "elsewhere").returncode == 0
    assert (tmp_path / "elsewhere" / FIRST).is_file()
    smtplab("start", "--no-lab", ".")
    (tmp_path / FIRST).unlink()
    assert smtplab("reset", FIRST).returncode == 0
    assert (tmp_path / FIRST).is_file()


def test_reset_without_a_course_is_exit_3(smtplab: Run, tmp_path: Path) -> None:
    done = smtplab("reset", "00")
    assert (done.returncode, done.stdout) == (3, "")
    assert str(tmp_path / "smtplab-course") in done.stderr


def test_doctor_finds_a_sound_installation_in_order(smtplab: Run) -> None:
    smtplab("start", "--no-lab")
    done = smtplab("doctor")
    assert (done.returncode, done.stderr) == (0, "")
    *checks, end = done.stdout.splitlines()
    assert end == "Everything is in order."
    assert all(line.startswith("ok       ") for line in checks)


def test_doctor_reports_a_kernel_of_another_python_and_an_old_copy(smtplab: Run, tmp_path: Path) -> None:
    smtplab("start", "--no-lab")
    (tmp_path / "smtplab-course" / MANIFEST).write_text("{")
    spec = {
        "argv": ["/nowhere/python", "-m", "ipykernel_launcher"],
        "display_name": "x",
        "language": "python",
    }
    kernel = tmp_path / "jupyter" / "kernels" / "python3"
    kernel.mkdir(parents=True)
    (kernel / "kernel.json").write_text(json.dumps(spec))
    done = smtplab("doctor", env={"JUPYTER_PATH": str(tmp_path / "jupyter")})
    assert done.returncode == 3
    assert "2 problems" in done.stderr
    problems = [line for line in done.stdout.splitlines() if line.startswith("PROBLEM")]
    assert [line.split(":")[0] for line in problems] == ["PROBLEM  kernel python3", "PROBLEM  your copy"]
    assert all("to fix it: " in line for line in problems)


def test_a_python_that_is_too_old_is_told_so_before_all_else() -> None:
    script = (
        "import runpy, sys, smtplab.course.python_version\n"
        "smtplab.course.python_version.OLDEST_PYTHON = (4, 0)\n"
        "sys.modules['click'] = None\n"
        "runpy.run_module('smtplab', run_name='__main__')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert done.stderr.startswith("PROBLEM  Python: ")
    assert "make a new virtual environment with Python 4.0 or newer" in done.stderr
