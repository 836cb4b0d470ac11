"""Small tutorials for tests: notebooks in memory, in Python or in SMTP."""

import json
from typing import Any

Written = str | tuple[str, dict[str, Any]]


def tutorial(*cells: Written, language: str = "python") -> bytes:
    """Return a notebook with these code cells, ``cell-0`` and so on; a cell with a task comes with its settings."""
    return json.dumps(
        {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {"kernelspec": {"name": language, "language": language, "display_name": language}},
            "cells": [_cell(number, cell) for number, cell in enumerate(cells)],
        }
    ).encode()


def _cell(number: int, cell: Written) -> dict[str, Any]:
    source, settings = (cell, {}) if isinstance(cell, str) else cell
    return {
        "cell_type": "code",
        "id": f"cell-{number}",
        "source": source.splitlines(keepends=True),
        "metadata": {"smtplab": settings} if settings else {},
        "outputs": [{"output_type": "stream", "name": "stdout", "text": ["of the authors"]}],
        "execution_count": number + 1,
    }
