"""The chart of replies: every reply is counted once in each section, and bars are as long as their numbers say."""

import re

import pytest

from smtplab import Lab, Transcript, diagrams
from smtplab.explain.causes import CAUSES
from smtplab.lab.provoking import provoke
from smtplab.protocol.codes import CODES, Category, Severity
from smtplab.show.figure import Figure
from support.drawing import ODD, SVG, lecture, number, relayed, root_of, troubled, turned, words

EVERYTHING = [provoke(cause) for cause in CAUSES]


def counts(figure: Figure) -> dict[str, int]:
    """Return what the words say: the digits of each bar and its number."""
    return {line[1]: int(line[2]) for line in re.finditer(r"^  (\w{3}) .*: (\d+)$", figure.text, re.MULTILINE)}


def test_the_replies_of_the_lecture_are_counted_by_each_digit() -> None:
    assert counts(diagrams.reply_chart(lecture())) == {
        "2yz": 6,
        "3yz": 1,
        "4yz": 0,
        "5yz": 0,
        "x0z": 0,
        "x1z": 0,
        "x2z": 2,
        "x5z": 5,
        "220": 1,
        "221": 1,
        "250": 4,
        "354": 1,
    }
    assert diagrams.reply_chart(lecture()).text.startswith("7 replies in 1 conversation.\n")


@pytest.mark.parametrize("sources", [[], [lecture().transcript], [troubled(), turned()], EVERYTHING], ids=len)
def test_each_section_counts_every_reply_once(sources) -> None:
    transcripts = [each if isinstance(each, Transcript) else each.transcript for each in sources]
    total = sum(exchange.reply is not None for each in transcripts for exchange in each.exchanges())
    figure = diagrams.reply_chart(*sources)
    for digits in (r"\dyz", r"x\dz", r"\d\d\d"):
        assert sum(count for name, count in counts(figure).items() if re.fullmatch(digits, name)) == total
    assert figure.title == f"{total} replies in {len(sources)} conversation{'' if len(sources) == 1 else 's'}"


def test_several_sources_are_counted_together() -> None:
    one, other = counts(diagrams.reply_chart(lecture())), counts(diagrams.reply_chart(troubled()))
    both = counts(diagrams.reply_chart(lecture(), troubled()))
    assert both == {digits: one.get(digits, 0) + other.get(digits, 0) for digits in both}


def test_of_a_lab_it_counts_what_its_hosts_have_said_to_each_other() -> None:
    lab = Lab()
    relayed(lab=lab)
    assert diagrams.reply_chart(lab) == diagrams.reply_chart(*lab.conversations)
    assert diagrams.reply_chart(lab).title == "7 replies in 1 conversation"


def test_the_digits_are_called_what_the_rfc_calls_them() -> None:
    figure = diagrams.reply_chart(*EVERYTHING)
    for severity in (severity for severity in Severity if severity > 1):
        assert f"  {int(severity)}yz {severity.phrase}: " in figure.text
        assert severity.phrase in words(figure)
    for category in (0, 1, 2, 5):
        phrase = next(each.phrase for each in Category if each == category)
        assert f"  x{category}z {phrase}: " in figure.text
        assert phrase in words(figure)
    assert f"  552 {CODES[552].phrase}: " in figure.text


def test_every_number_of_the_words_stands_behind_a_bar_of_that_length() -> None:
    figure = diagrams.reply_chart(troubled())
    bars = []
    for group in root_of(figure).iter(f"{SVG}g"):
        *_, count = (element.text for element in group.iter(f"{SVG}text"))
        long = [number(rect, "width") for rect in group.iter(f"{SVG}rect") if rect.get("height") == "14"]
        bars.append((int(count or ""), sum(long)))
    assert [count for count, _ in bars] == [*counts(figure).values()]
    severities = bars[:4]
    for count, length in severities:
        assert length == pytest.approx(370 * count / max(count for count, _ in severities), abs=0.1)


def test_odd_codes_have_bars_of_their_own() -> None:
    figure = diagrams.reply_chart(ODD)
    assert "  x9z no category: 1" in figure.text
    assert "  x8z no category: 1" in figure.text
    assert counts(figure)["599"] == 1


def test_where_nothing_was_replied_it_says_so() -> None:
    assert "(no reply yet)" in words(diagrams.reply_chart())
    assert set(counts(diagrams.reply_chart()).values()) == {0}


def test_one_reply_is_no_plural() -> None:
    assert diagrams.reply_chart(Transcript.parse("S: 220 ready")).title == "1 reply in 1 conversation"


def test_what_has_no_replies_to_count_is_refused() -> None:
    with pytest.raises(TypeError, match="not int"):
        diagrams.reply_chart(250)  # type: ignore[arg-type]
