"""`nbgrader zip_collect` finds in an LMS's download whose notebook a file is, and which exercise it answers."""

from __future__ import annotations

import re
from functools import cache

import pytest
from traitlets.config.loader import PyFileConfigLoader

from smtplab.grading.exercises import NAMES
from support.bank import SOURCE

FOLDER = "/home/ada_b/course/downloaded/01-x/extracted"


@cache
def pattern() -> str:
    """Return the pattern of the course's configuration, which loads nbgrader."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(SOURCE.parent)).load_config()
    return str(config["FileNameCollectorPlugin"]["named_regexp"])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "path",
    [
        "mia_{}.ipynb",
        "smtp_course/mia_{}.ipynb",
        "smtp_course/mia_12345_678_{}-1.ipynb",
        "smtp_course/mia_12345_assignsubmission_file_/{}.ipynb",
        "mia_12345_assignsubmission_file/{} (2).ipynb",
        "mia_{}-Copy1.ipynb",
    ],
)
def test_the_id_stands_before_the_first_low_line(name: str, path: str) -> None:
    found = re.match(pattern(), f"{FOLDER}/{path.format(name)}")
    assert found is not None
    assert found.groupdict() == {"student_id": "mia", "file_id": name}


@pytest.mark.parametrize("path", ["mia_final.ipynb", "{}.ipynb", "smtp_course/{}.ipynb"])
def test_a_file_that_tells_too_little_is_skipped(path: str) -> None:
    assert re.match(pattern(), f"{FOLDER}/{path.format(NAMES[0])}") is None
