"""Check an installation: each check finds one kind of problem and says how to mend it.

A check is a function that returns a `Finding`. It gets what it examines as arguments, so that a test can show it each
problem without breaking the machine. The module needs only the standard library, because other packages may be missing.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import shlex
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from ..base.printed import plural
from ..base.resources import MANIFEST
from .copies import CopyOutcome, CourseError, course_files, read_manifest, survey
from .python_version import Finding, check_python

# The packages that smtplab declares as its dependencies; a test holds the two lists together.
PACKAGES = (
    "anywidget",
    "click",
    "idna",
    "ipykernel",
    "ipywidgets",
    "jupyterlab",
    "matplotlib",
    "pandas",
    "prompt_toolkit",
    "rich",
)
# The kernels of the notebooks: Python's comes with ipykernel, that of SMTP with smtplab.
KERNELS = ("python3", "smtp")
_PATIENCE = 5.0  # seconds; the loopback answers in microseconds, a kernel's Python within a second


def check_package(name: str, load: Callable[[str], object] = importlib.import_module) -> Finding:
    """Find a package that is missing, or that is there and cannot be imported."""
    try:
        load(name)
    except ModuleNotFoundError as error:
        missing = error.name or name
        return Finding(name, False, f"the package {missing} is missing", _pip(missing.partition(".")[0]))
    except Exception as error:  # a broken package may raise anything at all when it is imported
        seen = f"it is installed but cannot be imported ({_brief(error)})"
        return Finding(name, False, seen, _pip("--force-reinstall", name))
    return Finding(name, True, importlib.metadata.version(name))


def check_loopback(connect: Callable[..., socket.socket] = socket.create_connection) -> Finding:
    """Find a machine that cannot connect to itself, by sending a few octets through a socket on 127.0.0.1."""
    greeting = b"220 lab.example\r\n"
    try:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(_PATIENCE)
            with connect(listener.getsockname(), timeout=_PATIENCE) as client:
                server, _ = listener.accept()
                with server:
                    server.sendall(greeting)
                heard = client.recv(len(greeting))
    except OSError as error:
        mend = "bring the loopback interface up (`sudo ip link set lo up`) and let the firewall pass 127.0.0.1"
        return Finding("loopback", False, f"127.0.0.1 cannot be reached ({_brief(error)})", mend)
    if heard != greeting:
        mend = "turn off the proxy or security program that intercepts connections to 127.0.0.1"
        return Finding("loopback", False, "127.0.0.1 does not answer with what was sent", mend)
    return Finding("loopback", True, "127.0.0.1 answers")


def check_localhost(resolve: Callable[[str], str] = socket.gethostbyname) -> Finding:
    """Find a machine on which the name localhost, which JupyterLab uses, is not this machine."""
    mend = "put the line `127.0.0.1 localhost` into /etc/hosts"
    try:
        address = resolve("localhost")
    except OSError as error:
        return Finding("localhost", False, f"the name is not known ({_brief(error)})", mend)
    if not address.startswith("127."):
        return Finding("localhost", False, f"the name means {address}, which is another machine", mend)
    return Finding("localhost", True, address)


def check_folder(subject: str, folder: Path) -> Finding:
    """Find a folder that cannot be written; if it does not exist yet, check its nearest parent."""
    folder = folder.resolve()
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=nearest) as file:
            file.write(b"250 OK\r\n")
    except OSError as error:
        mend = "choose a folder of your own, or make this one writable and free some space"
        return Finding(subject, False, f"{nearest} cannot be written ({_brief(error)})", mend)
    return Finding(subject, True, f"{nearest} can be written")


def kernel_command(name: str) -> list[str]:
    """Return the command with which Jupyter starts a kernel."""
    from jupyter_client.kernelspec import KernelSpecManager

    command: list[str] = KernelSpecManager().get_kernel_spec(name).argv
    return command


def check_kernel(name: str = "python3", find: Callable[[str], list[str]] = kernel_command) -> Finding:
    """Find a kernel that is missing, or that starts a Python without smtplab."""
    subject = f"kernel {name}"
    ipykernel = f"{shlex.quote(sys.executable)} -m ipykernel install --sys-prefix"
    mend = ipykernel if name == "python3" else "install smtplab again, which brings it"
    try:
        python = find(name)[0]
    except Exception as error:  # Jupyter has many ways to say that it is missing or damaged
        return Finding(subject, False, f"Jupyter does not find it ({_brief(error)})", mend)
    if python in ("python", "python3"):  # Jupyter then takes the Python that it runs on itself
        python = sys.executable
    try:
        probe = [python, "-c", "import ipykernel, smtplab"]
        subprocess.run(probe, check=True, capture_output=True, timeout=12 * _PATIENCE)
    except (OSError, subprocess.SubprocessError):
        seen = f"it starts {python}, which does not run or has no smtplab"
        return Finding(subject, False, seen, f"remove that kernel, then {mend}")
    return Finding(subject, True, f"starts {python}")


def check_course(files: Mapping[str, bytes]) -> Finding:
    """Find an installation that came without its notebooks."""
    if not files:
        return Finding("course", False, "this installation has no notebooks", "install smtplab again")
    return Finding("course", True, f"{plural(len(files), 'notebook')} to hand out")


def check_copy(folder: Path, files: Mapping[str, bytes]) -> Finding:
    """Find a student's copy of the course that is old, or has a damaged manifest."""
    mend = f"smtplab start --no-lab {shlex.quote(str(folder))} (it leaves your own work alone)"
    if not (folder / MANIFEST).is_file():
        return Finding("your copy", True, f"none in {folder} yet; `smtplab start` makes one")
    try:
        outcomes = list(survey(folder, files, read_manifest(folder)).values())
    except (CourseError, OSError) as error:
        return Finding("your copy", False, _brief(error), mend)
    old = outcomes.count(CopyOutcome.UPDATED) + outcomes.count(CopyOutcome.COPIED)
    if old:
        return Finding("your copy", False, f"this installation has {plural(old, 'notebook')} newer than yours", mend)
    changed = plural(outcomes.count(CopyOutcome.CHANGED), "notebook")
    return Finding("your copy", True, f"up to date, {changed} with your changes")


def examine(folder: Path) -> Iterator[Finding]:
    """Yield the findings of all checks, for an installation whose student works in `folder`."""
    files = course_files()
    yield check_python()
    for name in PACKAGES:
        yield check_package(name)
    for name in KERNELS:
        yield check_kernel(name)
    yield check_loopback()
    yield check_localhost()
    with contextlib.suppress(ImportError):  # then the packages' own lines have said so
        from jupyter_core.paths import jupyter_runtime_dir

        yield check_folder("Jupyter's folder", Path(jupyter_runtime_dir()))
    yield check_folder("course folder", folder)
    yield check_course(files)
    yield check_copy(folder, files)


def _pip(*arguments: str) -> str:
    return shlex.join([sys.executable, "-m", "pip", "install", *arguments])


def _brief(error: Exception) -> str:
    """Return the text of the error on one line and without a full stop."""
    words = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return " ".join(words.split()).rstrip(".") or type(error).__name__
