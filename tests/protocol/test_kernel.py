"""What holds for the kernel as a whole: few caches, and functions that fit on a screen."""

import ast
import re

import pytest

from support.paths import ROOT

MODULES = sorted((ROOT / "smtplab" / "protocol").glob("*.py"))


def test_there_are_three_caches_at_most_and_each_has_its_measured_gain_beside_it():
    text = "\n".join(module.read_text(encoding="utf-8") for module in MODULES)
    caches = re.findall(r"^@(?:functools\.)?(?:lru_cache|cache|cached_property)\b", text, re.MULTILINE)
    measured = re.findall(r"Measured: [^@]*?^@lru_cache", text, re.MULTILINE)
    assert len(caches) == len(measured) <= 3


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_no_function_is_longer_than_the_longest_of_h11(module):
    tree = ast.parse(module.read_text(encoding="utf-8"))
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        assert function.end_lineno - function.lineno < 64, function.name


def test_the_kernel_lists_its_modules_in_the_order_in_which_they_are_read():
    text = (ROOT / "smtplab" / "protocol" / "__init__.py").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("- `")]
    listed = [name for line in lines for name in re.findall(r"`(\w+)`", line.partition(":")[0])]
    assert sorted(listed) == [module.stem for module in MODULES if module.stem != "__init__"]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_no_module_of_the_kernel_needs_another_for_its_types_alone(module):
    """Such an import stands under ``if TYPE_CHECKING`` to hide a circle."""
    assert "TYPE_CHECKING" not in module.read_text(encoding="utf-8")
