"""SMTP has its colours in JupyterLab's editors, by what each word is, and they are read well in light and in dark."""

from itertools import combinations

import pytest

from support.contrast import contrast
from support.lab_page import THEMES, LabPage, ThemeName

ENOUGH = 4.5  # the contrast of text in WCAG 2.2, 1.4.3

# Lines of a session, and the pieces of each that have a colour: (piece, what it is).
SESSION = [
    ("# a comment", [("# a comment", "comment")]),
    ("telnet mail.lab.example 25", [("telnet", "tool")]),
    ("%expect 220", [("%expect", "tool"), ("220", "value")]),
    ("EHLO laptop.example.org", [("EHLO", "verb")]),
    (
        "mail from:<alice@example.org> SIZE=181 SMTPUTF8",
        [
            ("mail", "verb"),
            ("from:", "name"),
            ("<alice@example.org>", "path"),
            ("SIZE=181", "value"),
            ("SMTPUTF8", "value"),
        ],
    ),
    ("RCPT TO: bob@lab.example", [("RCPT", "verb"), ("TO:", "name"), ("bob@lab.example", "path")]),
    ("VERFY bob", []),
    ("VRFYING bob", []),
    (".", [(".", "verb")]),
    ("NOOP <hello>", [("NOOP", "verb")]),
    ("DATA", [("DATA", "verb")]),
    ("Subject: one", [("Subject:", "name"), ("one", "message")]),
    (" folded", [("folded", "message")]),
    ("X: two", [("X:", "name"), ("two", "message")]),
    ("", []),
    ("To: is no field", [("To: is no field", "message")]),
    ("QUIT", [("QUIT", "message")]),
    ("%state", [("%state", "tool")]),
    ("%stat", [("%stat", "message")]),
    ("# no comment", [("# no comment", "message")]),
    ("S: no mark", [("S: no mark", "message")]),
    ("..", [("..", "message")]),
    (".", [(".", "verb")]),
    ("DATA and more", [("DATA", "verb")]),
    ("QUIT", [("QUIT", "verb")]),
    ("%stat", []),
    ("%%py", []),
    ("%answer banner QUIT", [("%answer", "tool")]),
    ("QUIT", []),
    ("%check 01", [("%check", "tool")]),
]
PYTHON = [("%%py", [("%%py", "tool")]), ('DATA = "HELO"', []), ("QUIT", [])]
# The same of a transcript, with who speaks in front.
TRANSCRIPT = [
    ("= connection opened", [("= connection opened", "comment")]),
    ("===== Connection Establishment =====", [("===== Connection Establishment =====", "comment")]),
    ("S: 220 DATA", [("S:", "mark"), ("220", "value")]),
    ("C: HELO DATA", [("C:", "mark"), ("HELO", "verb")]),
    ("S: 250-first", [("S:", "mark"), ("250", "value")]),
    ("C: DATA", [("C:", "mark"), ("DATA", "verb")]),
    ("S: 354 go on", [("S:", "mark"), ("354", "value")]),
    ("C: Subject: one", [("C:", "mark"), ("Subject:", "name"), ("one", "message")]),
    ("C:", [("C:", "mark")]),
    ("C: S: is in the message", [("C:", "mark"), ("S: is in the message", "message")]),
    ("C: .", [("C:", "mark"), (".", "verb")]),
    ("S: 250 accepted", [("S:", "mark"), ("250", "value")]),
]
# Where SMTP is written: in a cell, in the cell that is in use, in a file.
GROUNDS = ["--jp-cell-editor-background", "--jp-cell-editor-active-background", "--jp-layout-color0"]

_OPEN = """
async (path) => {
  const editor = await window.jupyterapp.commands.execute('docmanager:open', {path, factory: 'Editor'});
  await editor.context.ready;
  await editor.revealed;
}
"""
# Colours upon grounds as six hexadecimal digits, whatever CSS calls them.
_DIGITS = """
(pairs) => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  return pairs.map((pair) => {
    for (const color of pair.reverse()) {
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
    }
    const parts = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
    return '#' + parts.map((part) => part.toString(16).padStart(2, '0')).join('');
  });
}
"""
_VALUES = "(names) => names.map((name) => getComputedStyle(document.body).getPropertyValue(name))"
_PIECES = """
(spans) => spans.map((span) => [
  span.textContent.trim(), getComputedStyle(span).color, getComputedStyle(span).fontWeight,
])
"""


def pieces(lab: LabPage, lines: list[str]) -> list[tuple[str, str, str]]:
    """Open the lines as a file that ends in .smtp; return each piece that is set off, its colour and its weight."""
    name = "written-by-a-test.smtp"
    (lab.server.folder / name).write_text("\n".join(lines), encoding="utf-8")
    lab.evaluate(_OPEN, name)
    spans = lab.page.locator(".jp-FileEditor .cm-line > span")
    spans.first.wait_for()
    return [(text, color, weight) for text, color, weight in spans.evaluate_all(_PIECES)]


@pytest.mark.parametrize("session", [SESSION, TRANSCRIPT, PYTHON], ids=["session", "transcript", "Python"])
def test_each_kind_of_word_looks_its_own_way_and_the_rest_is_plain(
    lab: LabPage, session: list[tuple[str, list[tuple[str, str]]]]
) -> None:
    found = pieces(lab, [line for line, _ in session])
    expected = [piece for _, line in session for piece in line]
    assert [text for text, *_ in found] == [text for text, _ in expected]
    looks: dict[str, set[tuple[str, str]]] = {}
    for (_, *look), (_, kind) in zip(found, expected, strict=True):
        looks.setdefault(kind, set()).add((look[0], look[1]))
    assert {kind: len(ways) for kind, ways in looks.items()} == dict.fromkeys(looks, 1)
    assert [(one, other) for one, other in combinations(looks, 2) if looks[one] == looks[other]] == []


@pytest.mark.parametrize("theme", THEMES)
def test_every_colour_stands_out_from_every_ground(lab: LabPage, theme: ThemeName) -> None:
    lab.theme(theme)
    found = pieces(lab, [line for line, _ in TRANSCRIPT + SESSION])
    lab.screenshot(f"colours-{theme}")
    grounds = lab.evaluate(_VALUES, GROUNDS)
    pairs = [(color, ground) for _, color, _ in found for ground in grounds]
    digits = zip(
        lab.evaluate(_DIGITS, pairs), lab.evaluate(_DIGITS, [(ground, ground) for _, ground in pairs]), strict=True
    )
    assert [(pair, pale) for pair, pale in zip(pairs, digits, strict=True) if contrast(*pale) < ENOUGH] == []
    assert len(set(grounds)) > 1
