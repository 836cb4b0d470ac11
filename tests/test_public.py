"""The public names: there, documented, loaded when they are used, and the same to a type checker."""

import ast
import inspect

import pytest

import smtplab
from support.paths import ROOT
from support.python import printed_by

SOURCE = (ROOT / "smtplab" / "__init__.py").read_text(encoding="utf-8")


def test_what_notebooks_use_is_public() -> None:
    assert {"Lab", "Client", "serve", "connect", "classify", "Transcript", "Reply", "Session"} <= set(smtplab.__all__)


@pytest.mark.parametrize("name", smtplab.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(smtplab, name) is getattr(smtplab, name)
    assert name in dir(smtplab)


@pytest.mark.parametrize("name", [name for name in smtplab.__all__ if name != "__version__"])
def test_every_public_name_explains_itself(name: str) -> None:
    value = getattr(smtplab, name)
    assert inspect.getdoc(value)
    assert getattr(value, "__name__", type(value).__name__.lower()).rpartition(".")[2] == name


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"^module 'smtplab' has no attribute 'Sesion'$"):
        smtplab.Sesion  # noqa: B018
    with pytest.raises(ImportError):
        exec("from smtplab import Sesion")


def test_importing_smtplab_loads_nothing_of_it_and_using_a_name_only_what_it_needs() -> None:
    script = (
        "import sys, smtplab\n"
        "def ours(): return sorted(name for name in sys.modules if name.startswith('smtplab.'))\n"
        "before = ours()\n"
        "smtplab.classify(250)\n"
        "print(before, [name for name in ours() if not name.startswith('smtplab.protocol')])\n"
    )
    assert printed_by(script) == "[] []\n"


def test_a_star_import_brings_every_public_name() -> None:
    names = printed_by("from smtplab import *\nprint(*dir())").split()
    assert set(smtplab.__all__) <= set(names)


def test_a_type_checker_is_told_the_same_homes() -> None:
    block = next(node for node in ast.parse(SOURCE).body if isinstance(node, ast.If))
    told = {
        alias.asname: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name == alias.asname
    }
    assert told == {name: vars(smtplab)["_HOME_OF"][name] for name in smtplab.__all__ if name != "__version__"}


def test_the_version_is_that_of_the_installed_distribution(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib import metadata

    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    for version, answer in [("7.8.9", lambda name: "7.8.9"), ("0+unknown", missing)]:
        monkeypatch.delitem(vars(smtplab), "__version__", raising=False)
        monkeypatch.setattr(metadata, "version", answer)
        assert smtplab.__version__ == version
    monkeypatch.delitem(vars(smtplab), "__version__")
