"""JupyterLab as ``smtplab start`` starts it, with a home of its own, so that no setting of yours takes part."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import urlopen

from support.paths import ROOT

SECONDS_TO_START = 110.0
SECONDS_TO_END = 20.0

# The configuration of a server that only tests talk to: any free port, no token, and the page tells its application.
SERVER_CONFIG = {
    "ServerApp": {"ip": "127.0.0.1", "port": 0, "disable_check_xsrf": True},
    "IdentityProvider": {"token": ""},
    "LabApp": {"expose_app_in_browser": True, "extension_manager": "readonly"},
}
# A cell that is out of sight is drawn all the same, and no notification covers one.
SETTINGS = {
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
    "@jupyterlab/apputils-extension/notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
}


class LabServer(NamedTuple):
    """A running JupyterLab: its address, and the student's folder that it shows."""

    url: str
    folder: Path


@contextmanager
def started(home: Path) -> Iterator[LabServer]:
    """Run ``smtplab start`` with everything it writes in the folder `home`; stop it at the end.

    Raises:
        RuntimeError: with what JupyterLab logged, if it does not answer within `SECONDS_TO_START`.
    """
    environment = os.environ | _prepare(home) | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "smtplab", "start", "course", "--no-browser"]
    log = home / "jupyterlab.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=home, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    try:
        url = _address(home / "runtime" / f"jpserver-{process.pid}.json", process)
        if url is None:
            raise RuntimeError(f"JupyterLab did not start:\n{log.read_text(errors='replace')}")
        yield LabServer(url, home / "course")
    finally:
        _end(process)


def _prepare(home: Path) -> dict[str, str]:
    """Write the configuration and the settings, and return the environment that leads Jupyter to them."""
    folders = {
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_DATA_DIR": home / "data",
        "JUPYTER_RUNTIME_DIR": home / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": home / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": home / "workspaces",
        "IPYTHONDIR": home / "ipython",
        "MPLCONFIGDIR": home / "matplotlib",
    }
    _write(folders["JUPYTER_CONFIG_DIR"] / "jupyter_server_config.json", SERVER_CONFIG)
    for name, values in SETTINGS.items():
        _write(folders["JUPYTERLAB_SETTINGS_DIR"] / f"{name}.jupyterlab-settings", values)
    return {name: str(folder) for name, folder in folders.items()}


def _write(path: Path, values: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(values, indent=1), encoding="utf-8")


def _address(told: Path, process: subprocess.Popen[bytes]) -> str | None:
    """Wait until the server answers at the address that the file `told` holds; None if it ends or takes too long."""
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and process.poll() is None:
        try:
            url = str(json.loads(told.read_text(encoding="utf-8"))["url"]).rstrip("/")
            with urlopen(f"{url}/api/status", timeout=5):
                return url
        except (OSError, ValueError):  # not written yet, half written, not listening yet
            time.sleep(0.1)
    return None


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask JupyterLab to end, which shuts its kernels down; insist if it does not."""
    process.terminate()
    try:
        process.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
