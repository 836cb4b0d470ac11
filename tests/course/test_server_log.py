"""The log of JupyterLab, of which ``smtplab start`` shows the address and errors."""

from __future__ import annotations

import logging

import pytest

from smtplab.course.server_log import AddressOnly

INFO, WARNING, ERROR, CRITICAL = logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL
LOCAL = "http://localhost:8888/lab/tree/00-start-here.ipynb?token=secret"
NUMERIC = "http://127.0.0.1:8888/lab/tree/00-start-here.ipynb?token=secret"
BANNER = (
    f"\n\nTo access the server, open this file in a browser:\n    file:///a.html\nOr ...:\n    {LOCAL}\n    {NUMERIC}"
)


def shown(*records: tuple[int, str]) -> list[str]:
    only = AddressOnly()
    made = [logging.LogRecord("ServerApp", level, "", 0, "%s", (text,), None) for level, text in records]
    return [record.getMessage() for record in made if only.filter(record)]


@pytest.mark.parametrize(
    "records",
    [
        [(INFO, "Jupyter Server 2.21 is running at:"), (INFO, LOCAL), (INFO, f"    {NUMERIC}"), (CRITICAL, BANNER)],
        [(INFO, "Serving notebooks"), (INFO, LOCAL)],
        [(CRITICAL, BANNER), (CRITICAL, BANNER)],
        [(INFO, "Use Control-C to stop this server"), (WARNING, "Some extension is old"), (INFO, LOCAL)],
    ],
)
def test_one_line_shows_the_address(records: list[tuple[int, str]]) -> None:
    assert shown(*records) == [f"JupyterLab is at {LOCAL}"]


@pytest.mark.parametrize("level", [ERROR, CRITICAL])
def test_an_error_is_shown_as_it_is(level: int) -> None:
    text = f"500 GET {LOCAL} failed"
    assert shown((level, text)) == [text]


@pytest.mark.parametrize("text", ["200 GET /lab", "Kernel started", f"302 GET {LOCAL}", f"Redirecting to {LOCAL}"])
def test_nothing_else_is_shown_and_no_other_line_is_taken_for_the_address(text: str) -> None:
    assert shown((INFO, text), (WARNING, text), (INFO, LOCAL)) == [f"JupyterLab is at {LOCAL}"]
