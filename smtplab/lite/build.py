"""Build the site with ``jupyter lite build``, in a folder of its own that is removed afterwards."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from ..base.version import version
from . import pyodide_files as pyodide
from . import sentences
from .contents import fingerprints, site_notebooks
from .failure import LiteError
from .first_page import first_page, told_about_files
from .own_wheel import packed
from .parts import APPLICATION, Lock, digest
from .programs import RunProgram, last_line, run_quietly

MARKER = "smtplab-lite.json"
"""The file of a site that says which course it holds. JupyterLab compares saved notebooks with it."""

_HERE = Path(__file__).parent
# The extension of every JupyterLab, and that of the site alone.
_OWN_EXTENSIONS = (_HERE.parent / "jupyter" / "labextension", _HERE / "labextension")
_KERNEL_PLUGIN = "@jupyterlite/pyodide-kernel-extension:kernel"
_SETTINGS = {
    # A browser may be closed at any time.
    "@jupyterlab/docmanager-extension:plugin": {"autosave": True, "autosaveInterval": 10},
}


def marker(lock: Lock, content: Mapping[str, bytes]) -> dict[str, Any]:
    """Return what the marker of the site says that `built_site` would make, but for its list of files."""
    made_of = {name: digest(each) for name, each in _all_sources(lock, content).items()}
    names = fingerprints()
    build = digest(json.dumps(made_of, sort_keys=True).encode())
    return {"smtplab": version(), "build": build, "first": next(iter(names)), "notebooks": names}


@contextmanager
def built_site(lock: Lock, content: Mapping[str, bytes], *, run: RunProgram = run_quietly) -> Iterator[Path]:
    """Build the site and give its folder, which is removed at the end of the ``with``.

    Args:
        lock: the parts.
        content: the checked content of each part, by its name.
        run: runs ``jupyter lite build``.

    Raises:
        LiteError: if the build fails, or the site would load Pyodide from another host.
    """
    with tempfile.TemporaryDirectory(prefix="smtplab-lite-") as place:
        folder = Path(place).resolve()
        _lay_out(folder, lock, content)
        config = folder / "jupyter_lite_config.json"
        config.write_text(json.dumps({"LiteBuildConfig": _config(folder, lock)}), "utf-8")
        command = [sys.executable, "-m", "jupyterlite_core", "build", "--config", str(config)]
        done = run(command, cwd=folder, env=_environment(folder))
        if done.returncode:
            raise LiteError(sentences.BUILD_FAILED.format(reason=last_line(done.stderr or done.stdout)))
        site = folder / "site"
        _check_pyodide(site)
        _add_pages(site)
        _mark(site, marker(lock, content))
        yield site


def _all_sources(lock: Lock, content: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return all that decides what a site is like, by any names."""
    own = {path.relative_to(_HERE.parent).as_posix(): path.read_bytes() for path in _files_of_extensions()}
    return {**content, **pyodide.pyodide_files(lock, content), **site_notebooks(), **own}


def _files_of_extensions() -> Iterator[Path]:
    for folder in _OWN_EXTENSIONS:
        yield from (path for path in sorted(folder.rglob("*")) if path.is_file())


def _lay_out(folder: Path, lock: Lock, content: Mapping[str, bytes]) -> None:
    """Write what the build reads."""
    for part in lock.parts:
        if part.extends or part.name == APPLICATION:
            _write(folder / "parts" / part.file, content[part.name])
    for name, data in site_notebooks().items():
        _write(folder / "contents" / name, data)
    for name, data in pyodide.pyodide_files(lock, content).items():
        _write(folder / "lite" / pyodide.FOLDER / name, data)
    _write(folder / "lite" / "jupyter-lite.json", json.dumps(_site_config()).encode())
    _write(folder / "lite" / "overrides.json", json.dumps(_SETTINGS).encode())


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _site_config() -> dict[str, Any]:
    options = {"packages": list(pyodide.LOADED_FIRST), "lockFileURL": f"./{pyodide.FOLDER}/{pyodide.LOCK_FILE}"}
    data = {
        "appName": "smtplab",
        "defaultKernelName": "python",
        "exposeAppInBrowser": True,  # as in JupyterLab's own tests
        "litePluginSettings": {_KERNEL_PLUGIN: {"disablePyPIFallback": True, "loadPyodideOptions": options}},
    }
    return {"jupyter-lite-schema-version": 0, "jupyter-config-data": data}


def _config(folder: Path, lock: Lock) -> dict[str, Any]:
    """Return the configuration of the build: what it reads and writes, and nothing of the user's environment."""
    wheels = [str(folder / "parts" / part.file) for part in lock.parts if part.extends]
    return {
        "apps": ["lab"],
        "no_sourcemaps": True,
        "ignore_sys_prefix": ["federated_extensions"],
        "ignore_contents": [],  # by default, names such as `build` in the path
        "federated_extensions": [*wheels, *map(str, _OWN_EXTENSIONS)],
        "app_archive": str(folder / "parts" / lock[APPLICATION].file),
        "contents": [str(folder / "contents")],
        "lite_dir": str(folder / "lite"),
        "cache_dir": str(folder / "cache"),
        "output_dir": str(folder / "site"),
    }


def _environment(folder: Path) -> dict[str, str]:
    """Return the environment of the build: no settings of the user's Jupyter, and temporary files in the folder."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "SOURCE_DATE"))}
    places = dict.fromkeys(("TMPDIR", "TEMP", "TMP", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"), str(folder))
    return own | places | {"JUPYTER_NO_CONFIG": "1"}


def _check_pyodide(site: Path) -> None:
    """Refuse a site whose kernel would fetch Python from another host."""
    data = json.loads((site / "jupyter-lite.json").read_text("utf-8"))["jupyter-config-data"]
    url = str(data["litePluginSettings"][_KERNEL_PLUGIN].get("pyodideUrl", "the network"))
    if not url.startswith(f"./{pyodide.FOLDER}/"):
        raise LiteError(sentences.FOREIGN_PYODIDE.format(url=url))


def _add_pages(site: Path) -> None:
    for path in (*site.glob("rspack.config*.js"), site / "package.json"):  # for the builders of JupyterLite
        path.unlink(missing_ok=True)
    (site / "index.html").write_text(first_page(list(fingerprints())), "utf-8")
    lab = site / "lab" / "index.html"
    lab.write_text(told_about_files(lab.read_text("utf-8")), "utf-8")


def _mark(site: Path, marked: Mapping[str, Any]) -> None:
    own = sorted([*(path.name for path in site.iterdir()), MARKER])
    text = json.dumps({**marked, "files": own}, indent=1)
    (site / MARKER).write_text(text + "\n", "utf-8")


def zipped(site: Path) -> bytes:
    """Return a site as a zip, without a folder around it, as static hosts take it.

    Its files have the time of now: by it a plain web server tells a browser that what it has is old.
    """
    paths = sorted(path for path in site.rglob("*") if path.is_file())
    return packed({path.relative_to(site).as_posix(): path.read_bytes() for path in paths}, datetime.now())
