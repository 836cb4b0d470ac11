"""Read what a program has logged within quotation marks, or with line ends that are written out."""

import re

QUOTES = ('"', "'")

# The end of a line within quotation marks, and what a program has logged behind it.
END_IN_QUOTES = re.compile(r"""\\r\\n["'].*""")
# What may stand behind the closing mark, as in a call or in JSON.
_CLOSING = {mark: re.compile(rf"(?<!\\){mark}(?=$|[,)}}\]])") for mark in QUOTES}
_LINE_END = "\\r\\n"
# Between two lines of a reply, in a log with one row for all of them.
_BETWEEN_LINES = re.compile(r"(?:\\r\\n|\\n|\[nl\]|<CRLF>|<CR><LF>|<br ?/?>)(?=[2-5][0-9]{2}(?:[- ]|$))", re.IGNORECASE)


def unquoted(text: str, mark: str) -> str:
    """Return a text up to its closing mark, as it was between such marks, without the line end written there.

    Args:
        text: what stands behind the opening mark.
        mark: the quotation mark, one of `QUOTES`.
    """
    end = _CLOSING[mark].search(text)
    inner = text[: end.start()] if end else text
    return inner.replace(f"\\{mark}", mark).removesuffix(_LINE_END)


def lines_within(text: str, *, is_quoted: bool) -> list[str]:
    """Return the lines in a text whose line ends are written out.

    Args:
        text: the text, without quotation marks.
        is_quoted: True if it stood between marks, so that each line end in it is one; else only lines of a reply are
            told apart, because somebody may type a backslash.
    """
    text = text.removesuffix(_LINE_END)
    return text.split(_LINE_END) if is_quoted else _BETWEEN_LINES.split(text)
