"""The code of the tutorials, which every student has: what is taken from there is nobody's own."""

from __future__ import annotations

import json
from functools import cache

from ...base.resources import course_root


@cache
def course_cells() -> tuple[str, ...]:
    """Return the sources of all code cells of the tutorials, as this installation has them."""
    folder = course_root() / "notebooks" / "tutorials"
    notebooks = (json.loads(path.read_bytes()) for path in sorted(folder.glob("*.ipynb")))
    return tuple(
        "".join(cell["source"]) for notebook in notebooks for cell in notebook["cells"] if cell["cell_type"] == "code"
    )
