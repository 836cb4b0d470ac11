"""Width, fonts, colours and wording that all diagrams share."""

from ...protocol.codes import severity_of
from ...protocol.states import State
from ...show.figure import Font
from ...show.style import NEUTRAL, SEVERITY_COLORS

WIDTH = 760.0  # of every figure: the width of an output in a window of 1280 pixels

HEAD, LABEL, SMALL = Font(14, bold=True), Font(12, bold=True), Font(12)
TINY, TINY_BOLD, ASIDE = Font(11), Font(11, bold=True), Font(12, italic=True)
CODE, CODE_BOLD = Font(12.5, mono=True), Font(12.5, mono=True, bold=True)
CODE_SMALL, CODE_SMALL_BOLD = Font(11, mono=True), Font(11, mono=True, bold=True)
VERB, VERB_BOLD = Font(12, mono=True), Font(12, mono=True, bold=True)


def color_of(code: int) -> str:
    """Return the colour of a code's severity; a neutral one if the number is not a reply code of SMTP."""
    return SEVERITY_COLORS[severity_of(code)] if 100 <= code <= 599 else NEUTRAL


def about_state(state: State) -> str:
    """Describe a state in one line."""
    return f"{state.name}: {state.value}."
