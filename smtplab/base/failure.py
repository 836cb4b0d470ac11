"""Failures that a notebook shows as one sentence, without the frames of smtplab.

Elsewhere they are exceptions like all others, with the whole traceback. A wrong argument raises an exception of Python
or of the protocol kernel, which are independent of notebooks; `show_refusals` makes IPython show these briefly, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import dropwhile
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from traceback import FrameSummary


class Failure(Exception):
    """Something cannot be done. ``str(error)`` says why, in a sentence that needs no traceback."""

    def _render_traceback_(self) -> list[str]:
        """Return for IPython the lines of the notebook that led here, and the sentence."""
        return _brief(self)


def show_refusals(shell: Any, kinds: tuple[type[Exception], ...]) -> None:
    """Make an IPython shell show exceptions that smtplab raises for a wrong call as briefly as a `Failure`.

    This holds for exceptions that a statement of smtplab raises when a cell calls it directly, with no other package in
    between. ``%tb`` still shows the whole traceback. A shell that already has custom exceptions keeps them.

    Args:
        shell: the IPython shell.
        kinds: the exception classes to show briefly.
    """
    if not shell.custom_exceptions:
        shell.set_custom_exc(kinds, _show)


def _show(shell: Any, kind: type[Exception], error: Any, trace: TracebackType, tb_offset: int | None = None) -> None:
    """Show an exception; IPython passes the arguments."""
    refused = _is_refused(shell.user_global_ns, trace)
    if refused:
        error._render_traceback_ = lambda: _brief(error)
    try:
        shell.showtraceback((kind, error, trace), tb_offset=tb_offset, running_compiled_code=True)
    finally:
        if refused:
            del error._render_traceback_


def _is_refused(names: dict[str, Any], trace: TracebackType) -> bool:
    """Return True if a cell with the global names `names` called smtplab, and smtplab itself raised the exception."""
    *_, (last, line) = _frames(trace)
    # After the frames of IPython come those of the cell, and directly after them ours.
    frames = (frame for frame, _ in _frames(trace))
    behind_ipython = dropwhile(lambda frame: frame.f_globals is not names, frames)
    called = next(dropwhile(lambda frame: frame.f_globals is names, behind_ipython), None)
    return called is not None and _is_ours(called) and _is_ours(last) and str(line.line).startswith("raise ")


def _brief(error: BaseException) -> list[str]:
    lines: list[str] = []
    for frame, line in _frames(error.__traceback__):
        if _is_ours(frame):
            break
        within = "" if line.name == "<module>" else f" of {line.name}"
        # IPython's own frames come before those of the cell.
        lines = [] if _package(frame) == "IPython" else [*lines, f"line {line.lineno}{within}: {line.line}"]
    return [*lines, f"{type(error).__name__}: {error}"]


def _frames(trace: TracebackType | None) -> Iterator[tuple[FrameType, FrameSummary]]:
    """Yield the frames of a traceback and their source lines, the outermost first."""
    import traceback

    for (frame, _), line in zip(traceback.walk_tb(trace), traceback.extract_tb(trace), strict=True):
        yield frame, line


def _is_ours(frame: FrameType) -> bool:
    return _package(frame) == __name__.partition(".")[0]


def _package(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__")).partition(".")[0]
