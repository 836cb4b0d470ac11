"""A refusal that only follows from an earlier one names that one, and how many recipients were accepted."""

import pytest

from smtplab import Lab
from smtplab.explain.explainer import explain

MESSAGE = "DATA\nSubject: x\n\nhi\n."
REFUSED_MAIL = "MAIL FROM:<a@b.example> SIZE=99999999999"
A, ALICE, NOBODY = "MAIL FROM:<a@b.example>", "RCPT TO:<alice@lab.example>", "RCPT TO:<nobody@lab.example>"


def because(*lines: str) -> str:
    session = Lab().telnet("mail.lab.example")
    session.send("\n".join(["EHLO laptop.example", *lines]))
    return explain(session.transcript).lines.get("because", "")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((A, NOBODY, "DATA"), f"It follows from the refusal of {NOBODY}, which got 550; 0 of 1 recipients accepted."),
        (
            (A, NOBODY, NOBODY, MESSAGE),
            f"It follows from the refusal of {NOBODY}, which got 550; 0 of 2 recipients accepted.",
        ),
        (
            (REFUSED_MAIL, ALICE),
            f"It follows from the refusal of {REFUSED_MAIL}, which got 552; 0 of 1 recipients accepted.",
        ),
        (
            (REFUSED_MAIL, ALICE, NOBODY, MESSAGE),
            f"It follows from the refusal of {REFUSED_MAIL}, which got 552; 0 of 2 recipients accepted.",
        ),
        ((REFUSED_MAIL, "DATA"), f"It follows from the refusal of {REFUSED_MAIL}, which got 552."),
        (
            (A, ALICE, "DATA x", "hello"),
            "It follows from the refusal of DATA x, which got 501; 1 of 1 recipients accepted.",
        ),
    ],
)
def test_the_refusal_that_counts_is_named(lines: tuple[str, ...], said: str) -> None:
    assert because(*lines) == said


@pytest.mark.parametrize(
    "lines",
    [
        (A, NOBODY),  # a cause, and no consequence
        (A, NOBODY, ALICE, "DATA"),
        ("DATA",),
        ("FOO", "DATA"),  # two mistakes
        (ALICE, "DATA"),  # both lack MAIL
        (A, NOBODY, A),
        (A, NOBODY, "BAR"),
        ("VRFY nobody", "RCPT TO:<x@y.example>"),
        (A, NOBODY, "NOOP", "DATA"),
    ],
)
def test_a_refusal_of_its_own_names_none(lines: tuple[str, ...]) -> None:
    assert because(*lines) == ""
