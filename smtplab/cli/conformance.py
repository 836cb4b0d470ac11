"""Show a conformance run at a terminal while it goes on, and its report at the end."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from ..conformance.report import ConformanceReport
from ..conformance.rule import ConformanceFinding
from ..conformance.stages import Stage
from . import sentences
from .frame import ExitCode, fail
from .output import echo


class ConformanceScreen:
    """Print each stage of a run as soon as it has ended.

    Args:
        report: returns the report so far; its argument is True once the run is complete.
        as_json: True to print only the report, as JSON.
        page: a file for the report as HTML; None for no file.
    """

    def __init__(
        self, report: Callable[[bool], ConformanceReport], *, as_json: bool = False, page: Path | None = None
    ) -> None:
        self._report = report
        self._as_json = as_json
        self._page = page
        self._width = 0

    def show(self, findings: Iterable[ConformanceFinding]) -> ExitCode:
        """Take the findings of a run as they come, print what is known, and return the exit code.

        Ctrl-C ends the run; the report tells what was found until then.
        """
        shown: list[Stage] = []
        complete = False
        try:
            for finding in findings:
                self._progress(finding)
                self._show_stages(shown, finding.rule.stage)
            complete = True
        except KeyboardInterrupt:
            pass
        self._clear()
        report = self._report(complete)
        self._show_stages(shown, "")
        self._end(report)
        if not complete:
            return ExitCode.INTERRUPTED
        return ExitCode.DONE if report.passed else ExitCode.REFUSED

    def _show_stages(self, shown: list[Stage], current: str) -> None:
        """Print the stages that have ended; the one named `current` goes on."""
        if self._as_json:
            return
        report = self._report(True)
        for stage in report.reached[len(shown) :]:
            if stage.name == current:
                return
            self._clear()
            echo(report.stage_line(stage))
            shown.append(stage)

    def _end(self, report: ConformanceReport) -> None:
        if self._page is not None:
            try:
                self._page.write_text(report.to_html(), encoding="utf-8")
            except OSError as error:
                fail(sentences.PAGE_NOT_SAVED.format(file=self._page, reason=error.strerror))
        echo(report.to_json() if self._as_json else report.closing)

    def _progress(self, finding: ConformanceFinding) -> None:
        """Show the last rule at a terminal, in a line that the next one replaces."""
        if sys.stderr.isatty() and not self._as_json:
            line = f"        {finding.rule.stage}: {finding.rule.id}"
            sys.stderr.write(f"\r{line:<{self._width}}")
            sys.stderr.flush()
            self._width = len(line)

    def _clear(self) -> None:
        if self._width:
            sys.stderr.write(f"\r{' ' * self._width}\r")
            sys.stderr.flush()
            self._width = 0
