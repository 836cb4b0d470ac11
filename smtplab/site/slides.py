"""Slides of a tutorial, by rule: a heading, one or two sentences, a cell, and what it shows. The rest are the notes.

A cell of the notebook becomes a slide, or two where the students are asked something: the question first, what comes
after it. The whole text of the notebook is in the speaker's notes. A cell or text whose metadata have Jupyter's
``"slideshow": {"slide_type": "skip"}`` is left out; nothing else has to be written by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..show.style import escape
from .figure_parts import parts_of
from .folded_answers import ANSWER

MOST_WORDS = 60
"""The most words of text on a slide; what is longer cannot be read from the last row."""
MOST_LINES = 14
"""The most lines of an output that stand below each other; more are in two columns."""
MOST_ROWS = 16
"""The most rows of a table."""
_ROWS_BESIDE = 8  # of a table on the slide of its cell
TOO_LONG = "<p>This output is too long for a slide. It is on the page of this tutorial.</p>"
_CODE_TWICE = 3  # a cell of more lines is not shown a second time
_LEAD_WORDS = 34  # beside a cell
_HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
_DETAILS = re.compile(r"<details>\s*<summary>.*?</summary>\s*(.*?)\s*</details>", re.DOTALL)
_SENTENCE = re.compile(r"(?:(?<=[.?!])|(?<=[.?!][)\"*_]))\s+(?=[\"(`*_]*[A-Z0-9])")
_TABLE = re.compile(r"^\|", re.MULTILINE)
_ITEM = re.compile(r"^(?:[-*]|\d+\.) ", re.MULTILINE)
_FENCE = re.compile(r"^```\w*\n(.*?)\n```$", re.DOTALL | re.MULTILINE)
# A widget needs a kernel; its static form is too small and too long for a slide.
_WIDGET = re.compile(
    r"smtplab\.(?:SessionPlayer|SessionBuilder|ReplyExplorer|Parsons|Faded|QueuePlayer|review)\(|^builder\b"
)
_ASIDE = re.compile(r"\s*\([A-Z`][^()]*(?:\([^()]*\)[^()]*)*[.?!]\)")
_WORD = re.compile(r"\w[\w'@.-]*")


@dataclass(frozen=True, slots=True)
class Slide:
    """A slide.

    Args:
        section: the heading above it; the slides of one section stand below each other.
        text: a few sentences, a list or a table as Markdown.
        code: a cell; empty if there is none.
        outputs: what the cell shows, as HTML.
        notes: the whole text of the notebook there, as Markdown, for the speaker.
        label: what stands above a cell, such as "An answer".
        below: a sentence or two below the outputs, which reads them.
    """

    section: str
    text: str = ""
    code: str = ""
    outputs: tuple[str, ...] = ()
    notes: str = ""
    label: str = ""
    below: str = ""

    @property
    def words(self) -> int:
        """How many words of text it has, besides code and outputs."""
        return words_in(self.text) + words_in(self.below)


def words_in(text: str) -> int:
    """Return how many words a text has."""
    return len(_WORD.findall(text))


def slides_of(notebook: Mapping[str, Any]) -> list[Slide]:
    """Return the slides of a tutorial whose answers are folded.

    Args:
        notebook: as `folded_answers.readable_notebook` returns it.
    """
    cells = [cell for cell in notebook["cells"] if not _is_skipped(cell)]
    opening = list(_opening(_source(cells[0])))
    return [*opening, *_with_readings(_of_cells(cells[1:], opening[0].section))]


def _with_readings(slides: Iterator[Slide]) -> Iterator[Slide]:
    """Yield the slides; a text of its own right behind outputs stands below these."""
    last: Slide | None = None
    for slide in slides:
        if last is not None and _reads(slide, last):
            notes = "\n\n".join(filter(None, [last.notes, slide.notes]))
            last = replace(last, below=slide.text, notes=notes)
            continue
        if last is not None:
            yield last
        last = slide
    if last is not None:
        yield last


def _reads(slide: Slide, last: Slide) -> bool:
    """Return True if a slide is a text about the outputs of the one before it, and both fit on one."""
    alone = not slide.code and slide.section == last.section and not _stands_alone(slide.text)
    has_room = bool(last.outputs) and not is_large(last.outputs) and not last.below
    return alone and has_room and last.words + slide.words <= MOST_WORDS


def _is_skipped(cell: Mapping[str, Any]) -> bool:
    skipped = cell["metadata"].get("slideshow", {}).get("slide_type") == "skip"
    return skipped or (cell["cell_type"] == "code" and _WIDGET.search(_source(cell)) is not None)


def _source(cell: Mapping[str, Any]) -> str:
    return "".join(cell["source"])


def _opening(text: str) -> Iterator[Slide]:
    """Yield the slides of the first text: the title with what is learnt, and the question on the wire."""
    title, _, rest = text.partition("\n")
    title = title.removeprefix("# ").strip()
    blocks = _blocks(rest)
    goals = next((block for block in blocks if _ITEM.match(block)), "")
    head = next((block for block in blocks if block.startswith("**In this")), "")
    yield Slide(title, f"{head}\n\n{goals}".strip(), notes=rest)
    if question := next((block for block in blocks if block.startswith("**The question")), ""):
        yield Slide(title, question)


def _of_cells(cells: Sequence[Mapping[str, Any]], title: str) -> Iterator[Slide]:
    section, waiting = title, ""
    for cell in cells:
        if cell["cell_type"] == "code":
            yield from _of_code(cell, section, waiting)
            waiting = ""
            continue
        for heading, text in _sections(_source(cell)):
            if heading:
                yield from _of_text(section, waiting)
                section, waiting = heading, ""
            for block, is_answer in _answers_apart(text):
                if is_answer:
                    yield from _of_text(section, waiting)
                    yield from _of_text(section, block)
                    waiting = ""
                else:
                    waiting = "\n\n".join(filter(None, [waiting, block]))
    yield from _of_text(section, waiting)


def _sections(text: str) -> Iterator[tuple[str, str]]:
    """Yield the headings of a text, each with what stands below it; the first may have none."""
    first, *others = _HEADING.split(text)
    yield "", first.strip()
    yield from zip(others[::2], (each.strip() for each in others[1::2]), strict=True)


def _answers_apart(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the parts of a text, each with True if it is a folded answer."""
    for at, part in enumerate(_DETAILS.split(text)):
        if part.strip():
            yield part.strip(), bool(at % 2)


def _of_code(cell: Mapping[str, Any], section: str, text: str) -> Iterator[Slide]:
    """Yield the slide of a cell; if its output is folded, one without it and one with it."""
    tags = cell["metadata"].get("tags", [])
    outputs = tuple(filter(None, map(_html, cell["outputs"])))
    code = _source(cell).rstrip()
    *before, last = _fitting(section, text, _LEAD_WORDS) or [Slide(section)]
    yield from before
    if words_in(last.text) > _LEAD_WORDS and outputs:
        yield last
        last = replace(last, text="", notes="")
    whole = replace(last, code=code, outputs=outputs)
    if "hide-output" in tags:
        yield replace(whole, outputs=())
        after = replace(whole, text="", notes="")
        stood_above = is_large(outputs) or code.count("\n") >= _CODE_TWICE
        yield from _in_parts(replace(after, code="")) if stood_above else [after]
    else:
        is_answer = cell["metadata"].get("mystnb", {}).get("code_prompt_show") == ANSWER
        label = ANSWER.removeprefix("Show ").capitalize() if is_answer else ""
        yield from _with_room(replace(whole, label=label))


def _with_room(slide: Slide) -> Iterator[Slide]:
    """Yield a slide; if its outputs are large, they come on the next one, with all the room there is."""
    if is_large(slide.outputs):
        yield replace(slide, outputs=())
        yield from _in_parts(Slide(slide.section, outputs=slide.outputs))
    else:
        yield slide


def _in_parts(slide: Slide) -> Iterator[Slide]:
    """Yield a slide of outputs, and behind it the parts of a high figure."""
    yield slide
    if len(slide.outputs) == 1:
        parts = parts_of(slide.outputs[0])
        for number, part in enumerate(parts, 1):
            yield replace(slide, outputs=(part,), label=f"Part {number} of {len(parts)}")


def is_large(outputs: Iterable[str]) -> bool:
    """Return True if outputs hold a figure, a long table or a long text."""
    html = "".join(outputs)
    return "<svg" in html or '<div class="columns">' in html or html.count("<tr") > _ROWS_BESIDE


def _of_text(section: str, text: str) -> list[Slide]:
    return _fitting(section, text, MOST_WORDS)


def _fitting(section: str, text: str, most: int) -> list[Slide]:
    """Return the slides of a text; the last one has its sentences, as many as `most` words allow."""
    if not text:
        return []
    parts = [block for block in _blocks(text) if _stands_alone(block) and words_in(block) <= MOST_WORDS]
    prose = " ".join(block for block in _blocks(text) if not _stands_alone(block))
    found = [Slide(section, part) for part in parts]
    if lead := _lead(prose, most):
        found.append(Slide(section, lead))
    if not found:
        return []
    return [replace(found[0], notes=text), *found[1:]]


def _blocks(text: str) -> list[str]:
    """Return the paragraphs, lists, tables and fenced texts of a text."""
    parts: list[str] = []
    at = 0
    for fence in _FENCE.finditer(text):
        parts += [*text[at : fence.start()].split("\n\n"), fence[0]]
        at = fence.end()
    return [part.strip() for part in (*parts, *text[at:].split("\n\n")) if part.strip()]


def _stands_alone(block: str) -> bool:
    """Return True if a block is no prose: it is shown whole or not at all."""
    return bool(_TABLE.match(block) or _ITEM.match(block) or _FENCE.match(block))


def _lead(prose: str, most: int) -> str:
    """Return the sentences of a text that a slide shows: the question that it ends in, else those at its front."""
    sentences = [each for each in _SENTENCE.split(_ASIDE.sub("", prose).strip()) if each]
    asks = bool(sentences) and sentences[-1].rstrip("*_ ").endswith("?")
    kept: list[str] = []
    for sentence in reversed(sentences) if asks else sentences:
        if kept and words_in(" ".join([*kept, sentence])) > most:
            break
        kept.append(sentence)
    return " ".join(reversed(kept) if asks else kept)


def _html(output: Mapping[str, Any]) -> str:
    """Return an output of a cell as HTML."""
    if output["output_type"] == "error":
        return f"<pre>{escape(output['evalue'])}</pre>"
    data = output.get("data", {})
    text = "".join(data.get("text/plain", output.get("text", ""))).rstrip()
    html = "".join(data.get("text/html", "")) or f"<pre>{escape(text)}</pre>"
    return html if "<svg" in html else _short_enough(html, text.count("\n") + 1)


def _short_enough(html: str, lines: int) -> str:
    """Return an output of so many lines as a slide has room for it: in two columns, or only where to find it."""
    if html.count("<tr") > MOST_ROWS or lines > 3 * MOST_LINES:
        return TOO_LONG
    in_columns = lines > MOST_LINES and "<table" not in html
    return f'<div class="columns">{html}</div>' if in_columns else html
