"""The outputs of a graded notebook, in the form of a notebook's JSON, as formgrader and nbgrader's feedback show them.

They are plain text, because a student's HTML would be live in the instructor's browser.
"""

from __future__ import annotations

from typing import Any

from .grader import ShownText

NotebookOutput = dict[str, Any]


def of_test_cell(report: str, points: int) -> list[NotebookOutput]:
    """Return what a test cell shows: what students read, and the number that nbgrader reads."""
    return [stream(report), _with_data("execute_result", str(points))]


def stream(text: str, name: str = "stdout") -> NotebookOutput:
    """Return text of a standard stream."""
    return {"output_type": "stream", "name": name, "text": text}


def error(name: str, value: str, traceback: str) -> NotebookOutput:
    """Return an exception."""
    return {"output_type": "error", "ename": name, "evalue": value, "traceback": traceback.split("\n")}


def of_shown(shown: ShownText) -> NotebookOutput:
    """Return a piece of what a cell showed."""
    match shown.stream:
        case "stdout" | "stderr":
            return stream(shown.text, shown.stream)
        case "error":
            return error(shown.name, shown.value, shown.text)
        case "result":
            return _with_data("execute_result", shown.text.rstrip("\n"))
    return _with_data("display_data", shown.text.rstrip("\n"))


def _with_data(kind: str, text: str) -> NotebookOutput:
    count = {"execution_count": None} if kind == "execute_result" else {}
    return {"output_type": kind, "data": {"text/plain": text}, "metadata": {}, **count}
