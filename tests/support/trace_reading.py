"""The right answers of exercise 06's part ``trace``, as the hidden rules in the instructor's notebook work them out."""

from __future__ import annotations

import re
from typing import Any

from support.bank import graded, notebook

_BOOK = notebook("06-smtp-is-used-twice")
_NAMES: dict[str, Any] = {}
for _cell in _BOOK["cells"]:
    if graded(_cell).get("grade_id") == "check-trace":
        _hidden = re.search(r"### BEGIN HIDDEN TESTS\n(.*?)### END", "".join(_cell["source"]), re.DOTALL)
        assert _hidden is not None
        exec(compile(_hidden[1], "<hidden tests>", "exec"), _NAMES)

reading: Any = _NAMES["reading"]
JUDGES: Any = _NAMES["JUDGES"]
