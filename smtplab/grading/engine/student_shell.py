"""Run the cells of a student's notebook in IPython's shell, and send what they show down a pipe.

The shell is the one in front of which ipykernel puts a kernel: magics, ``!`` and top-level ``await`` work. It shows
text only, and of each cell at most `LONGEST_OUTPUT` octets. Nobody answers ``input()``.
"""

from __future__ import annotations

import builtins
import io
import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable
from functools import cache
from typing import IO, Any, NoReturn

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

from ..journal import WriteLine, journal_line
from ..results.outcome import LONGEST_OUTPUT
from . import sentences
from .student_notebook import CUT, ERROR, SHOWN

_PIECE = 8 * 1024  # characters that are gathered before they are sent


class CellOutput:
    """What the running cell shows, sent as lines of the journal.

    Args:
        write: takes a line.
    """

    def __init__(self, write: WriteLine) -> None:
        self._write = write
        self._stream, self._text = "", io.StringIO()
        self._cell = self._room = 0
        self._descriptors = _Descriptors()

    def begin(self, cell: int) -> None:
        """Begin with a cell, by its place in the notebook."""
        self._cell, self._room = cell, LONGEST_OUTPUT

    def end(self) -> None:
        """Send what is left, also of what went past Python to the standard streams."""
        self.show("stdout", self._descriptors.news())
        self._flush()
        if self._room < 0:
            self._write(journal_line(CUT, cell=self._cell))

    def show(self, stream: str, text: str) -> None:
        """Show text on a stream, in the order of the calls; what is too much is dropped."""
        if not text or self._room < 0:
            return
        if stream != self._stream or self._text.tell() > _PIECE:
            self._flush()
        self._stream = stream
        self._text.write(text[: self._room])
        self._room -= len(text)

    def show_error(self, name: str, value: str, traceback: str) -> None:
        """Show an exception."""
        self._flush()
        self._write(
            journal_line(
                SHOWN,
                cell=self._cell,
                stream=ERROR,
                name=name[:LONGEST_OUTPUT],
                value=value[:LONGEST_OUTPUT],
                text=traceback[:LONGEST_OUTPUT],
            )
        )

    def _flush(self) -> None:
        if text := self._text.getvalue():
            self._text = io.StringIO()
            self._write(journal_line(SHOWN, cell=self._cell, stream=self._stream, text=text))


class _Descriptors:
    """Standard output and standard error of this process, as a file that is read after each cell."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  it lives as long as the process
        with open(os.devnull, "rb") as nothing:
            os.dup2(nothing.fileno(), 0)
        for descriptor in (1, 2):
            os.dup2(self._file.fileno(), descriptor)
        self._read = 0

    def news(self) -> str:
        data = os.pread(self._file.fileno(), LONGEST_OUTPUT + 1, self._read)
        self._read = os.fstat(self._file.fileno()).st_size
        return data.decode("utf-8", "replace")


class _ShownStream(io.TextIOBase):
    """A standard stream of the student's; it cannot be closed."""

    encoding = "utf-8"

    def __init__(self, name: str, output: CellOutput) -> None:
        self.name = name
        self._output = output

    def write(self, text: str) -> int:
        self._output.show(self.name, str(text))
        return len(text)

    def writable(self) -> bool:
        return True

    def close(self) -> None:
        """Stay open: what a student closes, later cells need."""


class _Publisher(DisplayPublisher):
    """Shows the text of what is displayed."""

    def publish(self, data: Any, metadata: Any = None, source: Any = None, **options: Any) -> None:
        _output_of(self.shell).show("display", _as_line(data.get("text/plain", "")))


class _Hook(DisplayHook):
    """Shows the text of a cell's value."""

    def write_output_prompt(self) -> None:
        """Show no prompt."""

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        _output_of(self.shell).show("result", _as_line(format_dict.get("text/plain", "")))

    def finish_displayhook(self) -> None:
        """Write nothing after it."""


class StudentShell(InteractiveShell):
    """IPython's shell for one notebook.

    Attributes:
        output: where it shows; set before the first cell runs.
        translate: turns a cell into Python; a language that is not Python replaces it.
    """

    displayhook_class = Type(_Hook)
    display_pub_class = Type(_Publisher)
    output: CellOutput
    translate: Callable[[str], str] = staticmethod(str)

    def run(self, cell: str) -> None:
        """Run a cell, and show what it raises."""
        self.run_cell(self.translate(cell), store_history=True)  # type: ignore[no-untyped-call]

    def load(self, extension: str) -> None:
        """Load an extension of IPython."""
        assert self.extension_manager is not None
        self.extension_manager.load_extension(extension)

    def enable_gui(self, gui: Any = None) -> None:
        """Do nothing: there is no window, and ``%matplotlib inline`` needs none."""

    def system(self, cmd: str) -> None:
        """Run ``!cmd``, and show what it says."""
        command = self.var_expand(cmd, depth=1)  # type: ignore[no-untyped-call]
        done = subprocess.run(command, shell=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        print(done.stdout.decode("utf-8", "replace"), end="")
        self.user_ns["_exit_code"] = done.returncode

    system_piped = system_raw = system

    def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
        """Show an exception; a syntax error comes with its lines as one text."""
        lines = stb if isinstance(stb, list) else [str(stb)]
        self.output.show_error(str(etype.__name__), _said(evalue), "\n".join(map(str, lines)))


def _output_of(shell: Any) -> CellOutput:
    output: CellOutput = shell.output
    return output


@cache
def warm_shell() -> StudentShell:
    """Return the shell of this process; it has no history, so that it has no thread and no file.

    It has done once what the first cell of each notebook would do, such as compiling patterns.
    """
    settings = Config()
    settings.HistoryManager.enabled = False
    settings.InteractiveShell.colors = "nocolor"
    settings.InteractiveShell.cache_size = 0
    shell = StudentShell.instance(config=settings)
    shell.run_cell("None", silent=True, store_history=False)  # type: ignore[no-untyped-call]
    shell.displayhook.compute_format_data("text")
    return shell


def redirect(shell: StudentShell, output: CellOutput) -> None:
    """Let everything that this process shows go to `output`, and let nobody be asked."""
    shell.output = output
    sys.stdin = open(os.devnull)  # noqa: SIM115  as long as the process lives
    sys.stdout, sys.stderr = _ShownStream("stdout", output), _ShownStream("stderr", output)
    vars(sys).update(__stdout__=sys.stdout, __stderr__=sys.stderr)
    builtins.input = _refuse_input
    warnings.filterwarnings("ignore", "To exit: use")  # IPython's remark on exit(), which names a file of this machine
    shell.user_ns |= {"exit": sys.exit, "quit": sys.exit, "student": ""}


def _refuse_input(prompt: object = "") -> NoReturn:
    raise RuntimeError(sentences.NO_INPUT)


def _as_line(text: object) -> str:
    return f"{text}\n" if text else ""


def _said(error: object) -> str:
    try:
        return str(error)
    except BaseException:  # a student's exception may raise when it is asked
        return ""
