"""The commands for the course: ``start`` copies it, ``reset`` restores a notebook, ``doctor`` looks for problems."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import click

from ..base.resources import data_path
from ..course import copies as course
from ..course.copies import CopyOutcome, CourseError
from . import sentences
from .frame import ExitCode, fail
from .output import echo

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.argument("folder", metavar="[DIR]", type=_FOLDER, default=course.DEFAULT_FOLDER)
@click.option("--no-browser", is_flag=True, help="Start JupyterLab without opening a browser.")
@click.option("--no-lab", is_flag=True, help="Only copy the course.")
def start(folder: Path, no_browser: bool, no_lab: bool) -> None:
    """Copy the course into a folder and open JupyterLab on it.

    DIR is "smtplab-course" unless you name another. Run it as often as you like: notebooks that you
    changed or deleted stay as they are, the others are brought up to date.
    """
    files = course.course_files()
    if not files:
        fail(sentences.NO_NOTEBOOKS)
    outcomes = course.hand_out(folder, files)
    course.trust_copies(folder, files)
    echo(f"The course is in {folder.resolve()}")
    for line in _told(outcomes):
        echo(line)
    if not no_lab:
        _open_lab(folder, browser=not no_browser)


def _told(outcomes: Mapping[str, CopyOutcome]) -> Iterator[str]:
    """Yield a line for each file that was written or kept on purpose, and one for all the others."""
    for name, outcome in outcomes.items():
        short = course.shortest_name(name, outcomes)
        if outcome is CopyOutcome.COPIED:
            yield f"copied    {name}"
        elif outcome is CopyOutcome.UPDATED:
            yield f"updated   {name} (you had not changed it)"
        elif outcome is CopyOutcome.CHANGED:
            yield f"kept      {name} (you changed it; `smtplab reset {short}` gives a fresh copy)"
        elif outcome is CopyOutcome.IN_THE_WAY:
            yield f"left out  {name} (a folder has that name; rename it, then `smtplab reset {short}` puts it there)"
        elif outcome is CopyOutcome.DELETED:
            yield f"left out  {name} (you deleted it; `smtplab reset {short}` brings it back)"
    current = sum(outcome is CopyOutcome.CURRENT for outcome in outcomes.values())
    if current:
        yield f"{current} of {len(outcomes)} notebooks were up to date"


def _open_lab(folder: Path, *, browser: bool) -> None:
    """Replace this process by JupyterLab, so that Ctrl-C and the exit code are JupyterLab's own."""
    if find_spec("jupyterlab") is None:
        fail(sentences.JUPYTERLAB_MISSING.format(python=sys.executable))
    echo("Opening JupyterLab; press Ctrl-C here to stop it")
    sys.stdout.flush()
    # Our defaults come after those of the installation, and a student's own settings come before both.
    _extend("JUPYTER_CONFIG_PATH", [str(data_path("jupyter"))])
    # Terminals and kernels inherit the PATH, so that `smtplab` is found there although no environment is activated.
    _extend("PATH", script_folders(), first=True)
    arguments = _lab_arguments(folder, browser=browser)
    os.chdir(folder)  # where a terminal opens
    os.execv(sys.executable, [sys.executable, *arguments])


def _extend(variable: str, folders: Iterable[str], *, first: bool = False) -> None:
    """Add folders to a variable of the environment that lists some; those that it has already are not repeated."""
    before = [folder for folder in os.environ.get(variable, "").split(os.pathsep) if folder]
    more = [folder for folder in folders if folder not in before[: 1 if first else None]]
    os.environ[variable] = os.pathsep.join(more + before if first else before + more)


def script_folders() -> list[str]:
    """Return the folder of the command ``smtplab`` of this Python; empty if it is not installed as a command."""
    schemes = (sysconfig.get_default_scheme(), sysconfig.get_preferred_scheme("user"))
    folders = [sysconfig.get_path("scripts", scheme) for scheme in schemes]
    return [folder for folder in folders if shutil.which("smtplab", path=folder)][:1]


def _lab_arguments(folder: Path, *, browser: bool) -> list[str]:
    notebooks = [name for name in course.course_files() if (folder / name).is_file()]
    arguments = [
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={folder.resolve()}",
        f"--LabApp.default_url=/lab{''.join(f'/tree/{quote(name)}' for name in notebooks[:1])}",
        # Nothing is fetched from the network. The settings in data/jupyter turn off the question about news, and make
        # one line with the address of all that the server logs.
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.news_url=None",
    ]
    if not browser:
        arguments.append("--no-browser")
    if os.name == "posix":
        # By default it is a login shell if this is not a terminal, and a login shell may set another PATH.
        shell = os.environ.get("SHELL") or "sh"
        arguments.append(f"--ServerApp.terminado_settings=shell_command={shell}")
    if _can_encrypt():
        arguments.append("--KernelManager.transport_encryption=auto")
    # JupyterLab refuses to run as root by default. In most containers the user is root, on purpose.
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--allow-root")
    return arguments


def _can_encrypt() -> bool:
    """Return True if kernels can encrypt what they send; newer ones warn of eavesdropping if they do not."""
    try:
        import zmq
        from ipykernel.kernelapp import IPKernelApp
        from jupyter_client.manager import KernelManager
    except ImportError:  # `smtplab doctor` says what is missing
        return False
    traits = KernelManager.class_traits(), IPKernelApp.class_traits()
    return "transport_encryption" in traits[0] and "curve_secretkey" in traits[1] and bool(zmq.has("curve"))


@click.command()
@click.argument("notebook", metavar="NN")
@click.argument("folder", metavar="[DIR]", type=_FOLDER, required=False)
def reset(notebook: str, folder: Path | None) -> None:
    """Give one notebook back as it was delivered.

    NN is its number, such as 02, or exercises/03 for an exercise; where two notebooks share a number, it
    is the name. Your own version is kept beside it, with its date in the name. DIR is this folder if it
    holds a course, else "smtplab-course".
    """
    files = course.course_files()
    try:
        name = course.find_notebook(notebook, files)
        place = course.student_folder() if folder is None else folder
        fresh = course.reset(place, name, files[name])
        course.trust_copies(place, {name: files[name]})
    except course.UnknownNotebookError as error:
        fail(str(error), ExitCode.USAGE)
    except CourseError as error:
        fail(str(error))
    if fresh.kept is not None:
        echo(f"kept your version as {fresh.kept.name}")
    echo(f"{fresh.path.name} is as it was delivered")
    if fresh.kept is not None:
        echo("If it is open in JupyterLab, choose File, Reload Notebook from Disk, before you save it there.")


@click.command()
@click.argument("folder", metavar="[DIR]", type=_FOLDER, required=False)
def doctor(folder: Path | None) -> int:
    """Say what is wrong with this installation, and how to fix it.

    DIR is the course's folder: this one if it holds a course, else "smtplab-course". One line per
    check, each with the word ok or PROBLEM.
    """
    from ..base.printed import plural
    from ..course.doctor import examine

    problems = 0
    for finding in examine(course.student_folder() if folder is None else folder):
        echo(str(finding))
        problems += not finding.ok
    if problems:
        fail(sentences.PROBLEMS_FOUND.format(problems=plural(problems, "problem")))
    echo("Everything is in order.")
    return ExitCode.DONE
