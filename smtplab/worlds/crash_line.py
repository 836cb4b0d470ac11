"""Find the line with which a program that crashed says why, whatever language it is written in.

Only some runtimes say it in the last line: others write the frames of the call, advice or their version below it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from . import sentences

_SHOWN = 300  # characters of a line
_READ = 8000  # characters, the last ones, in which the error is looked for
_LIBRARY = re.compile(r"/lib/python|/site-packages/|/dist-packages/|/node_modules/|^node:|/rustc/|/go/src/")


@dataclass(frozen=True, slots=True)
class _Runtime:
    """How a runtime tells of an error that nobody caught.

    Args:
        error: matches it; the group ``error`` is what to show.
        place: matches a place in a source, with the groups ``file`` and ``line``.
        innermost: True if the last place is the one where it happened, False if the first is.
    """

    error: re.Pattern[str]
    place: re.Pattern[str] | None = None
    innermost: bool = False


def _runtime(error: str, place: str = "", *, innermost: bool = False) -> _Runtime:
    found = re.compile(place, re.MULTILINE) if place else None
    return _Runtime(re.compile(error, re.MULTILINE), found, innermost)


_SHELL_ERRORS = (
    r"(?:command )?not found|unbound variable|parameter not set|bad substitution|[Ss]yntax error.*|unexpected EOF.*"
)

_RUNTIMES = (
    _runtime(  # Python, before it runs
        r'^ +File "[^"]+", line \d+\n(?:.*\n)*(?P<error>(?:Syntax|Indentation|Tab)Error: .+)\Z',
        r'^ +File "(?P<file>[^"<]+)", line (?P<line>\d+)',
    ),
    _runtime(  # Python
        r"^Traceback \(most recent call last\)(?:.*\n)*(?P<error>.+)\Z",
        r'^ +File "(?P<file>[^"<]+)", line (?P<line>\d+)',
        innermost=True,
    ),
    _runtime(  # Java, before it runs
        r"^\S+\.java:\d+: error: (?P<error>.+)", r"^(?P<file>\S+\.java):(?P<line>\d+): error:"
    ),
    _runtime(  # Java
        r'^Exception in thread "[^"]*" (?P<error>.+)',
        r"^\tat (?!java\.|jdk\.|sun\.).*\((?P<file>[^():]+):(?P<line>\d+)\)",
    ),
    _runtime(  # Node
        r"^(?P<error>(?:Uncaught )?\w*Error\b.*)\n(?:.*\n)*? +at .*",
        r"^ +at (?:.*[ (])?(?:file://)?(?P<file>[^()\s]+):(?P<line>\d+):\d+\)?$",
    ),
    _runtime(r"^Unhandled exception\. (?P<error>.+)", r"^ +at .* in (?P<file>.+):line (?P<line>\d+)"),  # C#
    _runtime(r"^(?P<error>panic: .+)", r"^\t(?P<file>\S+\.go):(?P<line>\d+)"),  # Go
    _runtime(  # Rust
        r"^thread '.*' (?:\(\d+\) )?panicked at .+:\d+:\d+:\n(?P<error>.+)",
        r"panicked at (?P<file>.+):(?P<line>\d+):\d+:$",
    ),
    _runtime(  # Tcl
        r"^(?P<error>.+)\n    (?:while executing|invoked from within|\(procedure )",
        r'\(file "(?P<file>[^"]+)" line (?P<line>\d+)\)',
    ),
    _runtime(  # PHP
        r"^(?:PHP )?Fatal error: +(?P<error>.+?) in \S+(?::| on line )\d+$",
        r" in (?P<file>\S+?)(?::| on line )(?P<line>\d+)$",
    ),
    _runtime(  # Ruby
        r"^\S+?:\d+:in .+?: (?P<error>.+ \([A-Z][\w:]*\))$", r"^(?P<file>\S+?):(?P<line>\d+):in "
    ),
    _runtime(  # Lua
        r"^\S*lua\S*: \S+?:\d+: (?P<error>.+)\nstack traceback:", r"^\S*lua\S*: (?P<file>\S+?):(?P<line>\d+): "
    ),
    _runtime(  # Perl, before it runs
        r"^(?P<error>.+?) at \S+ line \d+(?:, near .*|\.)\n(?:.*\n)*(?:BEGIN failed|Execution of ).*aborted.*\Z",
        r" at (?P<file>\S+) line (?P<line>\d+)",
    ),
    _runtime(  # Perl
        r"^(?P<error>.+) at \S+ line \d+(?:, <.+> (?:line|chunk) \d+)?\.\Z",
        r" at (?P<file>\S+) line (?P<line>\d+)(?:, <.+)?\.$",
    ),
    _runtime(  # a shell
        rf"^\S+: (?:line )?\d+: (?P<error>(?:.+: )?(?:{_SHELL_ERRORS}))(?:\n\S+: line \d+: `.*)?\Z",
        r"^(?P<file>\S+): (?:line )?(?P<line>\d+): ",
    ),
)
_OTHERS = re.compile(r"Traceback|^Exception in|Segmentation|core dumped|^Unhandled|Uncaught|panicked at", re.MULTILINE)


def crash_line(text: str) -> str:
    """Return the error that ended a program, with its place in the program if the runtime names it.

    Args:
        text: what the program has written.

    Returns:
        The error; the last line if there is an error in no known form; empty if there is none.
    """
    text = text.rstrip()[-_READ:]
    for runtime in _RUNTIMES:
        if error := runtime.error.search(text):
            return _told(error["error"].strip()[:_SHOWN], text[error.start() :], runtime)
    return last_line(text) if _OTHERS.search(text) else ""


def last_line(text: str) -> str:
    """Return the last line of what a program has written."""
    return text.strip().rpartition("\n")[2][:_SHOWN]


def _told(error: str, text: str, runtime: _Runtime) -> str:
    found = runtime.place.finditer(text) if runtime.place else ()
    places = [each for each in found if not _LIBRARY.search(each["file"])]
    if not places:
        return error
    place = places[-1 if runtime.innermost else 0]
    return sentences.CRASH_PLACE.format(error=error, file=place["file"].rpartition("/")[2], number=place["line"])
