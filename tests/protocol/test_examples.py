"""The examples in the kernel's docstrings are carried out, and give what stands below them."""

import doctest
from importlib import import_module

import pytest

from support.paths import ROOT

MODULES = sorted(path.stem for path in (ROOT / "smtplab" / "protocol").glob("[!_]*.py"))
# They hold no code that could be shown: sentences alone.
WITHOUT_EXAMPLES = {"sentences"}


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_give_what_they_show(name):
    module = import_module(f"smtplab.protocol.{name}")
    result = doctest.testmod(module, optionflags=doctest.ELLIPSIS)
    assert result.failed == 0
    assert bool(result.attempted) is (name not in WITHOUT_EXAMPLES), "each module shows itself at work in its head"
