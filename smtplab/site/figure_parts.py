"""Cut a figure that is higher than a slide into parts, one below the other, so that its text can be read far away.

A slide is wide, and a ladder or a state machine is about square: as a whole it fits only when it is small.
"""

from __future__ import annotations

import math
import re

_SIZE = re.compile(r'width="(?P<width>[\d.]+)" height="(?P<height>[\d.]+)" viewBox="0 0 (?P=width) (?P=height)"')
# Shares of the width.
_HIGHEST = 0.6  # of a figure that stays whole
_PART = 0.53  # of a part
_OVERLAP = 0.04  # of two parts, so that no line of text is cut in both


def parts_of(html: str) -> list[str]:
    """Return the figure of an output in parts, from top to bottom; empty if it fits on a slide, or there is none.

    Args:
        html: an output with one drawing.
    """
    found = _SIZE.search(html)
    if found is None:
        return []
    width, height = float(found["width"]), float(found["height"])
    if height <= _HIGHEST * width:
        return []
    part, overlap = _PART * width, _OVERLAP * width
    count = math.ceil((height - overlap) / (part - overlap))
    step = (height - part) / (count - 1)
    sizes = (
        f'width="{found["width"]}" height="{part:.0f}" viewBox="0 {number * step:.0f} {found["width"]} {part:.0f}"'
        for number in range(count)
    )
    return [f"{html[: found.start()]}{size}{html[found.end() :]}" for size in sizes]
