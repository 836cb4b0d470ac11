"""Read the bounce of exercise 07 as MIME has it, and name the first mistake in its structure (RFC 2046 5.1).

The `email` package guesses where an empty line is missing. Here each such line is a mistake. It is put in for the other
rules, so that it costs its own points only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_string
from functools import lru_cache

from ...rules import RuleFailure, shown

_FIELD = re.compile(r"([!-9;-~]+)[ \t]*:")
_OF_A_PART = re.compile(r"content-|mime-version$|x-", re.IGNORECASE)  # what may stand in the header section of a part
_BEGIN = re.compile(r"--([^\s-]\S*)\s*$")  # a line that looks like the first boundary
_MOST_PARTS = 50  # more are not read, because that would take long
_LIKE_A_PART = "each part is like a message: its fields, an empty line, its content"
_BOUNDARIES = 'after boundary="xyz" each part begins with the line --xyz, and the last one ends with the line --xyz--'


@dataclass(frozen=True)
class BounceStructure:
    """The structure of a bounce, as MIME has it.

    Args:
        repaired: its text with the empty lines that were missing, and without blanks before all of its lines.
        indented: what is wrong with the beginning of its lines; None if nothing is.
        fault: the first mistake in its structure; None if it has none.
    """

    repaired: str
    indented: RuleFailure | None
    fault: RuleFailure | None


@lru_cache(maxsize=64)
def read_structure(text: str) -> BounceStructure:
    """Read a bounce.

    Args:
        text: its lines, whatever ends them; empty lines above the first one are left out.
    """
    lines = re.split(r"\r\n|\r|\n", text.lstrip("\r\n"))
    indented = _indented(lines[0])
    if indented is not None:
        lines = list(_moved(lines, len(lines[0]) - len(lines[0].lstrip())))
    reader = _StructureReader(lines)
    reader.read()
    return BounceStructure("\n".join(reader.out), indented, reader.faults[0] if reader.faults else None)


def _indented(line: str) -> RuleFailure | None:
    if line.lstrip() == line:
        return None
    return RuleFailure(
        "Your lines begin with spaces, and a line of a header section that begins with a space goes on with the field "
        "above it.",
        "lines that begin at the left margin",
        shown(line),
        "also between triple quotes each line begins where it stands in the cell",
    )


def _moved(lines: list[str], width: int) -> Iterator[str]:
    """Yield lines without the blanks of the first line; other lines lose as many at most."""
    for line in lines:
        blank = len(line) - len(line.lstrip())
        yield line[min(width, blank) :]


class _StructureReader:
    """Goes through the lines once.

    Attributes:
        out: the lines, with empty ones put in.
        faults: the mistakes, in their order.
    """

    def __init__(self, lines: list[str]) -> None:
        self.out: list[str] = []
        self.faults: list[RuleFailure] = []
        self._lines = lines

    def read(self) -> None:
        body = self._take_fields(self._lines, within="")
        header = message_from_string("\n".join(self.out))
        if header.get_content_maintype() != "multipart":
            self.out += body
            return
        boundary, seen = header.get_boundary(), next((found[1] for found in map(_BEGIN.match, body) if found), "")
        if not boundary:
            self._fault(
                "The Content-Type of the bounce names no boundary.",
                'a parameter such as boundary="xyz"',
                shown(f"Content-Type: {header['Content-Type']}"),
                _BOUNDARIES,
            )
            self._name_boundary(seen)
        elif not any(line.rstrip() == f"--{boundary}" for line in body):
            body = self._with_boundaries(body, boundary, seen)
        self._take_parts(body, boundary or seen)

    def _with_boundaries(self, body: list[str], boundary: str, seen: str) -> list[str]:
        """Note that no line is the boundary that was named, and return lines in which some are.

        Args:
            body: the lines below the header section.
            boundary: what the type names.
            seen: what stands in the lines; empty if there is nothing like a boundary.
        """
        near = next((line for line in body if boundary in line), "")
        if near.lstrip().startswith(f"--{boundary}") and (indented := _indented(near)) is not None:
            self.faults.append(indented)
            return list(_moved(body, len(near) - len(near.lstrip())))
        got = f"--{seen}" if seen else near
        self._fault("No line of the bounce begins a part.", f"--{boundary}", shown(got) or "no such line", _BOUNDARIES)
        named = {f"--{seen}": f"--{boundary}", f"--{seen}--": f"--{boundary}--"} if seen else {}
        return [named.get(line.rstrip(), line) for line in body]

    def _name_boundary(self, boundary: str) -> None:
        """Add a boundary to the type of the bounce."""
        place = next(number for number, line in enumerate(self.out) if line.lower().startswith("content-type"))
        while self.out[place + 1][:1] in (" ", "\t"):
            place += 1
        self.out[place] = f'{self.out[place].rstrip().rstrip(";")}; boundary="{boundary}"'

    def _fault(self, sentence: str, expected: str, got: str = "", hint: str = "") -> None:
        self.faults.append(RuleFailure(sentence, expected, got, hint))

    def _take_fields(self, lines: list[str], within: str) -> list[str]:
        """Take a header section and the empty line behind it; return the lines after it.

        Args:
            lines: those that begin with the header section.
            within: the type of the part that has it; empty for the bounce itself.
        """
        for number, line in enumerate(lines):
            if not line.strip():
                self.out.append("")
                return lines[number + 1 :]
            field = _FIELD.match(line)
            goes_on = number > 0 and line[0] in " \t"
            if not goes_on and (field is None or (within and not _OF_A_PART.match(field[1]))):
                self._missing_line(line, lines[number - 1] if number else "", within)
                if not within and any(map(_FIELD.match, lines[number + 1 : number + 2])):
                    continue  # a stray line between two fields
                self.out.append("")
                return lines[number:]
            self.out.append(line)
        self.out.append("")
        return []

    def _missing_line(self, line: str, before: str, within: str) -> None:
        """Note that an empty line is missing before a line."""
        got = shown(f"{before}\n{line}")
        if within and not before:
            self._fault(
                "A part begins with its content: its fields are missing.", "Content-Type: ... and an empty line", got,
                _LIKE_A_PART,
            )  # fmt: skip
        elif within:
            self._fault(
                f"No empty line stands between the fields of the part {within} and its content.",
                "an empty line between these two",
                got,
                _LIKE_A_PART,
            )
        elif line.startswith("--"):
            self._fault(
                "No empty line stands between the header section of the bounce and its first boundary.",
                "an empty line between these two",
                got,
                "an empty line ends every header section",
            )
        else:
            self._fault(
                "A line in the header section of the bounce is not a field.", "a name, a colon and a value", shown(line)
            )

    def _take_parts(self, body: list[str], boundary: str) -> None:
        begins, end = f"--{boundary}", f"--{boundary}--"
        marks = [number for number, line in enumerate(body) if line.rstrip() in (begins, end)]
        if not marks:
            self.out += body
            return
        if len(marks) > _MOST_PARTS:
            self._fault("The bounce has too many parts.", "three parts", f"{len(marks)} boundaries")
            body, marks = body[: marks[_MOST_PARTS]], marks[:_MOST_PARTS]
        self.out += body[: marks[0]]
        for mark, following in zip(marks, [*marks[1:], len(body)], strict=True):
            content, is_last = body[mark + 1 : following], following == len(body)
            if body[mark].rstrip() == end and is_last:
                self.out += [end, *content]
                return
            if body[mark].rstrip() == end:
                self._fault("A part stands behind the closing boundary.", f"{end} behind the last part alone")
            if not is_last or any(line.strip() for line in content):
                self.out.append(begins)
                self._take_part(content)
        self.out.append(end)
        self._fault("No line closes the last part.", end, shown(body[marks[-1]]), _BOUNDARIES)

    def _take_part(self, lines: list[str]) -> None:
        begin = len(self.out)
        lines = self._without_empty_beginning(lines)
        within = _type_of(lines)
        content = self._take_fields(lines, within)
        self.out += content
        maintype = message_from_string("\n".join(self.out[begin:])).get_content_maintype()
        if maintype == "text" and within != "text/rfc822-headers" and not any(line.strip() for line in content):
            self._fault("The part for people has no words.", "a sentence or two that say what was not delivered")

    def _without_empty_beginning(self, lines: list[str]) -> list[str]:
        """Return the lines of a part without empty ones above its Content-Type."""
        full = next((number for number, line in enumerate(lines) if line.strip()), 0)
        if not full or not lines[full].lower().startswith("content-type"):
            return lines
        self._fault(
            "An empty line stands between a boundary and the fields of its part, so the fields are content.",
            "Content-Type in the line below the boundary",
            shown(lines[full]),
            _LIKE_A_PART,
        )
        return lines[full:]


def _type_of(lines: list[str]) -> str:
    """Return the type that the fields of a part name, wherever they end."""
    fields = []
    for line in lines:
        if not line.strip():
            break
        fields.append(line)
    found = re.search(r"^content-type[ \t]*:[ \t]*([\w.+-]+/[\w.+-]+)", "\n".join(fields), re.IGNORECASE | re.MULTILINE)
    return found[1].lower() if found else "without a type"
