"""The house holds: arrows go down only, the kernel is pure, what is public exists, and nothing lies about.

The imports are read from the source, not observed: an import inside a function counts as well. One that only a type
checker reads, under ``if TYPE_CHECKING``, counts inside the package, where it is a dependency like any other; what is
installed and what a browser loads is a question of what is carried out.
"""

import ast
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from support.offenders import no_offender
from support.paths import ROOT
from support.python import printed_by

PACKAGE = ROOT / "smtplab"

# From the ground up: a module imports from its own floor and from those before it, never from one after it.
FLOORS = [
    "base",
    "roster",
    "border",
    "protocol",
    "transcript",
    "capture",
    "client",
    "mta",
    "faults",
    "worlds",
    # An explanation is shown as a table in a notebook, so it stands above the room that makes the HTML.
    "show",
    "explain",
    "conformance",
    "simulation",
    "lab",
    "recall",
    "grading",
    "lessons",
    "jupyter",
    "course",
    "site",
    "lite",
    "cli",
]
# The roof, the public names and `python -m smtplab`: it sees every floor, and nothing imports it.
ROOF = ["__init__", "__main__"]

# Inside the kernel, in the same sense.
KERNEL = [
    "sentences",
    "codes",
    "replies",
    "abnf",
    "diagnosis",
    "grammar",
    "commands",
    "extensions",
    "states",
    "buffer",
    "body",
    "events",
    "connection",
    "server",
    "client",
]
# All that the kernel may know of the world: values, text, tables. No socket, thread, clock, file or chance.
PURE = {
    "__future__",
    "abc",
    "base64",
    "binascii",
    "codecs",
    "collections",
    "dataclasses",
    "enum",
    "functools",
    "ipaddress",
    "itertools",
    "operator",
    "re",
    "string",
    "textwrap",
    "types",
    "typing",
}

# What decides about mail: time and chance come in as arguments, and nothing waits. A directory may be read from a file.
DECISIONS = [
    "accounts",
    "attempt",
    "bounce",
    "declarations",
    "directory",
    "local_delivery",
    "next_hop",
    "outlook",
    "queue",
    "queue_entry",
    "relay",
    "report_fields",
    "retry_schedule",
    "settling",
    "trace",
    "transmission",
    "zone",
]
FOR_DECISIONS = {
    *PURE,
    "datetime",
    "email",
    "fnmatch",
    "heapq",
    "logging",
    "pathlib",
    "types",
    "unicodedata",
}

# What a floor may import beyond the standard library; one that is not named may import anything installed.
OUTSIDE: dict[str, set[str]] = {
    "base": {"idna"},
    "roster": set(),
    "border": set(),
    "protocol": set(),
    "transcript": set(),
    "capture": set(),
    "client": set(),
    "mta": {"dns"},
    "faults": set(),
    "worlds": {"uvloop"},
    "show": set(),
    "explain": set(),
    "conformance": {"pandas"},
    "recall": set(),
    "simulation": {"pandas"},
    "course": {"jupyter_client", "jupyter_core"},
    "lite": set(),
}
# They also run in a browser, where there are no threads, sockets or signals, and where pandas is too heavy to load.
BROWSER = [
    "base",
    "protocol",
    "transcript",
    "capture",
    "client",
    "mta",
    "faults",
    "worlds.scheduler",
    "worlds.wire",
    "worlds.connections",
    "worlds.virtual",
    "worlds.memory",
    "worlds.blocking",
    "worlds.peer_script",
    "worlds.memory_socket",
    "show",
    "explain",
    "conformance.servers.check",
    "lab",
    "lessons",
]
NOT_IN_A_BROWSER = {
    "asyncio",
    "concurrent",
    "multiprocessing",
    "pandas",
    "select",
    "selectors",
    "signal",
    "socket",
    "ssl",
    "threading",
}
# The imports that a browser never carries out, or that do no harm there: who imports what, and why it may.
BROWSER_DOES_WITHOUT = {
    ("smtplab.base.line_limit", "smtplab.base.process_clock"): "not loaded in a browser",
    ("smtplab.base.process_clock", "signal"): "not loaded in a browser",
    ("smtplab.base.process_clock", "threading"): "not loaded in a browser",
    ("smtplab.lab.tables", "pandas"): "loaded with the first table, and without pandas there are no tables",
    ("smtplab.conformance.report", "pandas"): "loaded with the first table, and without pandas there are no tables",
    (
        "smtplab.conformance.servers.check",
        "smtplab.conformance.servers.tcp_peer",
    ): "loaded for an address, which needs a socket",
    ("smtplab.lab.session", "smtplab.worlds.tcp_client"): "loaded by `connect`, which opens a socket",
    ("smtplab.mta.store", "threading"): "a lock, which every Python has; no thread is started",
    ("smtplab.mta.durable", "threading"): "a lock, which every Python has; no thread is started",
    ("smtplab.mta.entry_files", "threading"): "a lock, which every Python has; no thread is started",
    ("smtplab.mta.spool", "threading"): "a lock, which every Python has; no thread is started",
    ("smtplab.mta.spool_folder", "threading"): "a lock, which every Python has; no thread is started",
    ("smtplab.mta.maildir", "threading"): "a lock, which every Python has; no thread is started",
}

ALLOWED_AT_THE_TOP = {
    ".ci",
    ".devcontainer",
    ".gitattributes",
    ".gitignore",
    "ACCESSIBILITY.md",
    "CHANGELOG.md",
    "CITATION.cff",
    "CONTRIBUTING.md",
    "LICENSE",
    "LICENSE-CONTENT",
    "PRIVACY.md",
    "README.md",
    "data",
    "hatch_build.py",
    "notebooks",
    "pyproject.toml",
    "smtplab",
    "tests",
}


def _modules(folder: Path) -> dict[str, Path]:
    """Return every module under `folder` by its dotted name."""
    found = {}
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts)] = path
    return found


MODULES = _modules(PACKAGE)


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def _nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the tree without what only a type checker reads."""
    yield node
    for child in node.orelse if isinstance(node, ast.If) and _is_type_checking(node) else ast.iter_child_nodes(node):
        yield from _nodes(child)


def imports(source: str, module: str, modules: set[str], *, typed: bool = False) -> set[str]:
    """Return the dotted names that the source of `module` imports; of its own package, down to the module.

    `modules` are the dotted names of the package's modules, with ``__init__`` for a package itself. With `typed`, what
    only a type checker reads counts as well.
    """
    return _imports_of(ast.parse(source), module, modules, typed=typed)


def _imports_of(tree: ast.Module, module: str, modules: set[str], *, typed: bool) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree) if typed else _nodes(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(module.split(".")[: -node.level]) if node.level else ""
            base = ".".join(filter(None, [base, node.module]))
            for alias in node.names:
                deeper = f"{base}.{alias.name}"
                found.add(deeper if {deeper, f"{deeper}.__init__"} & modules else base)
    return found


@dataclass(frozen=True)
class _Facts:
    """What the rules of the house need of a module, so that its source is parsed once and its tree not kept.

    Args:
        imports: the dotted names that it imports.
        typed_imports: these, and those that only a type checker reads.
        class_names: the names of its classes and type aliases.
        docstring: how it begins.
        must_say_so: True if it is long, or has a long class.
        docstrings: its own and those of its classes, each in one line.
    """

    imports: frozenset[str]
    typed_imports: frozenset[str]
    class_names: frozenset[str]
    docstring: str
    must_say_so: bool
    docstrings: tuple[str, ...]


@cache
def _facts(module: str) -> _Facts:
    source = MODULES[module].read_text(encoding="utf-8")
    tree = ast.parse(source)
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    long_classes = [each for each in classes if (each.end_lineno or 0) - each.lineno >= 300]
    plain, typed = (_imports_of(tree, module, set(MODULES), typed=typed) for typed in (False, True))
    return _Facts(
        imports=frozenset(plain),
        typed_imports=frozenset(typed),
        class_names=frozenset(_class_names_of(tree)),
        docstring=ast.get_docstring(tree) or "",
        must_say_so=bool(long_classes) or len(source.splitlines()) > 400,
        docstrings=tuple(" ".join((ast.get_docstring(node) or "").split()) for node in (tree, *classes)),
    )


def _imports(module: str, *, typed: bool = False) -> frozenset[str]:
    return _facts(module).typed_imports if typed else _facts(module).imports


def _in(*floors: str) -> list[str]:
    """Return the modules that stand on these floors."""
    return [module for module in MODULES if _floor(module) in floors]


def test_the_reader_of_imports_sees_every_kind() -> None:
    source = (
        "import os.path, smtplab.protocol.codes\n"
        "from . import replies, NAME\n"
        "from .codes import Severity\n"
        "from ..mta import handler\n"
        "from smtplab.worlds.tcp import serve\n"
        "from .. import protocol\n"
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import socket\nelse:\n    import select\n"
        "def lazy():\n    import pandas\n"
    )
    modules = {"smtplab.protocol.__init__", "smtplab.protocol.replies", "smtplab.mta.handler"}
    found = imports(source, "smtplab.protocol.states", modules)
    assert imports(source, "smtplab.protocol.states", modules, typed=True) == found | {"socket"}
    assert found == {
        "os.path",
        "smtplab.protocol.codes",
        "smtplab.protocol.replies",
        "smtplab.protocol",
        "smtplab.mta.handler",
        "smtplab.worlds.tcp",
        "select",
        "typing",
        "pandas",
    }


def _floor(module: str) -> str:
    """Return the floor of a dotted name inside the package; "__init__" for the package itself."""
    return [*module.split("."), "__init__"][1]


def test_every_module_has_a_floor() -> None:
    # Say in this test, and in the design, on which floor a module stands.
    no_offender(MODULES, lambda module: {_floor(module)} - {*FLOORS, *ROOF})


def test_arrows_go_down() -> None:
    def upward(module: str) -> set[str]:
        lower = FLOORS[: FLOORS.index(_floor(module)) + 1]
        ours = {name for name in _imports(module, typed=True) if name.split(".")[0] == "smtplab"}
        return {name for name in ours if _floor(name) not in lower}

    no_offender(_in(*FLOORS), upward)


def test_how_things_look_depends_on_no_server_client_or_world() -> None:
    allowed = {"base", "protocol", "transcript", "show"}
    ours = "smtplab"
    no_offender(
        _in("show"),
        lambda module: {_floor(name) for name in _imports(module) if name.split(".")[0] == ours} - allowed,
    )


def test_every_module_of_the_kernel_has_its_place() -> None:
    # Say in this test where a module stands.
    assert {module.split(".")[2] for module in _in("protocol")} == {*KERNEL, "__init__"}


@pytest.mark.parametrize("part", KERNEL)
def test_arrows_go_down_inside_the_kernel(part: str) -> None:
    names = [name for name in _imports(f"smtplab.protocol.{part}") if _floor(name) == "protocol"]
    assert {name.split(".")[2] if name.count(".") > 1 else "" for name in names} <= {*KERNEL[: KERNEL.index(part)]}


def test_the_kernel_knows_nothing_of_the_world() -> None:
    no_offender(_in("protocol"), lambda module: {name.split(".")[0] for name in _imports(module)} - {"smtplab"} - PURE)


@pytest.mark.parametrize("name", DECISIONS)
def test_what_decides_about_mail_has_no_socket_thread_clock_or_chance_of_its_own(name: str) -> None:
    module = f"smtplab.mta.{name}"
    assert {each.split(".")[0] for each in _imports(module)} - {"smtplab"} <= FOR_DECISIONS
    called = {ast.unparse(node.func) for node in ast.walk(_tree(module)) if isinstance(node, ast.Call)}
    assert not {each for each in called if re.fullmatch(r"now|(.+\.)?(utcnow|today)|(.*\.)?datetime\.now", each)}


def test_the_lower_floors_need_the_standard_library_alone() -> None:
    def others(module: str) -> set[str]:
        tops = {name.split(".")[0] for name in _imports(module)}
        return tops - {"smtplab"} - sys.stdlib_module_names - OUTSIDE[_floor(module)]

    no_offender(_in(*OUTSIDE), others)


def _tree(module: str) -> ast.AST:
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


def _imported_modules(module: str) -> set[str]:
    """Return the modules of the package that the source of `module` names in an import, also a lazy or typed one."""
    named = {name if name in MODULES else f"{name}.__init__" for name in _imports(module, typed=True)}
    return named & set(MODULES) - {module}


def circle(arrows: Mapping[str, set[str]]) -> list[str]:
    """Return one circle of `arrows`, in its order; empty if there is none."""
    done: set[str] = set()

    def walk(here: str, way: list[str]) -> list[str]:
        if here in way:
            return way[way.index(here) :]
        if here in done:
            return []
        found = next(filter(None, (walk(there, [*way, here]) for there in sorted(arrows[here]))), [])
        done.add(here)
        return found

    return next(filter(None, (walk(start, []) for start in arrows)), [])


def test_the_finder_of_circles_finds_one() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c"]
    assert circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_no_module_imports_itself_by_way_of_others() -> None:
    arrows = {module: _imported_modules(module) for module in MODULES}
    assert circle(arrows) == []


def _runs_in_a_browser(module: str) -> bool:
    rooms = tuple(f"smtplab.{room}." for room in BROWSER)
    return f"{module}.".startswith(rooms)


def _loaded_with(*first: str) -> set[tuple[str, str]]:
    """Return all imports that follow from importing modules, those that a browser does without left out.

    To import a module is to import the packages around it, too.
    """
    found: set[tuple[str, str]] = set()
    modules = [*first]
    seen = {*first}
    for each in modules:
        parts = each.split(".")
        around = {".".join([*parts[:depth], "__init__"]) for depth in range(2, len(parts))} - {each}
        arrows = {(each, name) for name in _imports(each)} - set(BROWSER_DOES_WITHOUT)
        found |= arrows
        named = {name if name in MODULES else f"{name}.__init__" for _, name in arrows}
        new = ((named | around) & MODULES.keys()) - seen
        modules += sorted(new)
        seen |= new
    return found


def test_what_runs_in_a_browser_loads_nothing_that_a_browser_lacks() -> None:
    loaded = _loaded_with(*(module for module in MODULES if _runs_in_a_browser(module)))
    no_offender(sorted(loaded), lambda arrow: arrow[1].split(".")[0] in NOT_IN_A_BROWSER)


@pytest.mark.parametrize(("module", "name"), BROWSER_DOES_WITHOUT)
def test_an_exception_for_the_browser_is_still_needed(module: str, name: str) -> None:
    assert name in _imports(module)


@pytest.mark.parametrize("driver", ["smtplab.client.session", "smtplab.mta.session"])
def test_a_driver_has_no_socket_thread_or_clock(driver: str) -> None:
    worldly = NOT_IN_A_BROWSER | {"datetime", "os", "pathlib", "random", "time"}
    assert not {name.split(".")[0] for name in _imports(driver)} & worldly


def test_all_that_the_driver_of_a_client_loads_has_no_socket_thread_or_clock() -> None:
    loaded = {name.split(".")[0] for _, name in _loaded_with("smtplab.client.session")} - {"smtplab"}
    assert not loaded & (NOT_IN_A_BROWSER | {"datetime", "os", "pathlib", "random", "time"})


def class_names(source: str) -> set[str]:
    """Return the names of classes and type aliases in a source, without leading underscores.

    A type alias is a name in CapWords that a module gives to something that is not the result of a call.
    """
    return _class_names_of(ast.parse(source))


def _class_names_of(tree: ast.Module) -> set[str]:
    names = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        if targets and not isinstance(node.value, ast.Call):
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return {name.lstrip("_") for name in names if re.fullmatch(r"_*[A-Z][A-Za-z]*[a-z][A-Za-z]*", name)}


def test_the_reader_of_class_names_sees_private_ones_nested_ones_and_aliases() -> None:
    source = (
        "class _Own:\n    class Inner: pass\n"
        "Offer = dict[str, str]\n"
        "_Made: TypeAlias = 'Offer'\n"
        "EndT = TypeVar('EndT')\n"
        "MAX = 1\nlower = int\n"
    )
    assert class_names(source) == {"Own", "Inner", "Offer", "Made"}


def test_a_class_name_has_one_meaning_in_the_whole_package() -> None:
    counts = Counter(name for module in MODULES for name in _facts(module).class_names)
    assert {name for name, count in counts.items() if count > 1} == set()


def test_a_type_variable_ends_in_t_so_that_it_is_taken_for_no_class() -> None:
    made = re.compile(r"^(\w+) = (?:TypeVar|ParamSpec)\(", re.MULTILINE)
    names = {name for path in MODULES.values() for name in made.findall(path.read_text(encoding="utf-8"))}
    assert {name for name in names if not re.fullmatch(r"[A-Z]\w*[a-z]T", name)} == set()


# File names that could stand on any file.
SAYS_NOTHING = re.compile(
    "answers|common|frames|guard|helpers|idiom|misc|moment|order|patience|place|quiet|reading|tools|utils?|way|writing"
)


def test_what_is_long_is_one_thing_and_says_so() -> None:
    says_so = re.compile(r"is (one )?long (class )?because|is one class, because|in one module because")
    no_offender(
        [module for module in MODULES if _facts(module).must_say_so],
        lambda module: not any(says_so.search(text) for text in _facts(module).docstrings),
    )


def test_a_file_name_says_what_is_inside() -> None:
    no_offender(MODULES, lambda module: SAYS_NOTHING.fullmatch(module.rpartition(".")[2]))


def threads_in(source: str) -> set[str]:
    """Return the names in a module's source by which it could get hold of a thread or an executor."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        names = [value for _, value in ast.iter_fields(node) if isinstance(value, str)]
        if isinstance(node, ast.Constant) and not re.fullmatch(r"\w+", str(node.value)):
            continue  # prose, as in a docstring
        found.update(name for name in names if re.search("thread|executor", name, re.IGNORECASE))
    return found


def test_the_reader_of_threads_sees_every_kind() -> None:
    source = (
        '"""No thread here."""\n'
        "import threading\n"
        "from concurrent.futures import ThreadPoolExecutor as Pool\n"
        "asyncio.to_thread(f)\n"
        "loop.run_in_executor(None, f)\n"
        "f(executor=None)\n"
        "getattr(loop, 'set_default_executor')\n"
    )
    assert threads_in(source) == {
        "threading",
        "ThreadPoolExecutor",
        "to_thread",
        "run_in_executor",
        "executor",
        "set_default_executor",
    }


def test_the_client_on_a_loop_uses_no_thread_and_no_executor() -> None:
    assert threads_in(MODULES["smtplab.worlds.tcp_async"].read_text(encoding="utf-8")) == set()


def test_what_a_module_calls_public_is_there() -> None:
    def missing_or_twice(module: str) -> list[str]:
        loaded = import_module(module.removesuffix(".__init__"))
        names = vars(loaded).get("__all__", [])
        return [name for name in names if not hasattr(loaded, name) or names.count(name) > 1]

    no_offender([module for module in MODULES if not module.endswith("__main__")], missing_or_twice)


def test_a_module_begins_by_saying_what_it_is_for() -> None:
    no_offender(MODULES, lambda module: not _facts(module).docstring)


def test_importing_smtplab_loads_the_standard_library_alone() -> None:
    script = (
        "import sys\n"
        "before = set(sys.modules)\n"
        "import smtplab\n"
        "tops = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(sorted(tops - set(sys.stdlib_module_names)))\n"
    )
    assert printed_by(script) == "['smtplab']\n"


def test_importing_smtplab_takes_no_time_to_speak_of() -> None:
    def seconds(script: str) -> float:
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)
        return time.perf_counter() - begin

    # The benchmark measures; this finds out what loads pandas or asks the network, on a busy machine too.
    bare, ours = (min(seconds(script) for _ in range(3)) for script in ("pass", "import smtplab"))
    assert ours - bare < 0.6


def test_importing_a_mail_host_loads_nothing_heavy() -> None:
    modules = ["directory", "personality", "maildir", "store", "trace"]
    script = "import sys\n" + "".join(f"import smtplab.mta.{name}\n" for name in modules) + "print(*sys.modules)"
    loaded = set(printed_by(script).split())
    assert "smtplab.mta.trace" in loaded
    assert not {"tomllib", "email", "mailbox", "socket", "asyncio", "pandas"} & loaded


def test_the_top_of_the_repository_holds_what_the_design_names() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout, so nothing says which files belong to the project")
    git = ["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(git, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    assert {name.partition("/")[0] for name in names if name} <= ALLOWED_AT_THE_TOP


def test_what_tests_share_lies_in_support() -> None:
    files = [path for path in (ROOT / "tests").rglob("*.py") if path.parent.name != "support"]
    shared = [path for path in files if not re.match(r"test_|bank_|conftest|__init__", path.name)]
    assert [path.name for path in shared if "__main__" not in path.read_text("utf-8")] == []  # the rest are programs
    index = re.findall(r"`(\w+)`", (ROOT / "tests" / "support" / "__init__.py").read_text("utf-8").split("\n\n")[1])
    assert sorted(index) == sorted(path.stem for path in (ROOT / "tests" / "support").glob("[!_]*.py"))
    from_tests = re.compile(r"^(?:from|import) test_", re.MULTILINE)
    assert [path.name for path in files if from_tests.search(path.read_text("utf-8"))] == []


def test_ci_runs_exactly_the_test_command_of_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"^.*bin/pytest$", readme, re.MULTILINE)
    assert command in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


def test_the_picture_of_the_house_in_contributing_has_every_floor_in_its_order() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (picture,) = re.findall(r"^smtplab/\n((?:  \w+ .*\n)+)", page, re.MULTILINE)
    rooms = [line.split()[0] for line in picture.splitlines()]
    assert rooms == FLOORS
