"""A development container starts the course as the README does, and takes nothing that nobody here has checked."""

import json
import re
import tomllib
from typing import Any

from support.paths import ROOT

CONTAINER: dict[str, Any] = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_it_runs_the_command_of_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"^python3 -m venv \.venv && .*smtplab start$", readme, re.MULTILINE)
    steps = f"{CONTAINER['postCreateCommand']} && {CONTAINER['postAttachCommand']}"
    assert steps == f"{command} --no-browser"  # a container has no browser; the address stands in the terminal


def test_its_python_is_one_that_smtplab_supports() -> None:
    image, _, version = CONTAINER["image"].rpartition(":")
    assert image == "mcr.microsoft.com/devcontainers/python"
    assert f"Programming Language :: Python :: {version}" in PROJECT["classifiers"]


def test_it_forwards_the_port_of_jupyterlab_alone() -> None:
    assert CONTAINER["forwardPorts"] == [8888]
    assert list(CONTAINER["portsAttributes"]) == ["8888"]


def test_it_adds_no_feature_and_no_extension_of_others() -> None:
    known = {"name", "image", "postCreateCommand", "postAttachCommand", "forwardPorts", "portsAttributes"}
    assert set(CONTAINER) == known
