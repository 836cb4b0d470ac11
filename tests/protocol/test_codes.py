"""The digits of a reply code, the known codes, and what is said about the unknown ones."""

import dataclasses
from types import SimpleNamespace

import pytest

from smtplab.protocol.codes import CODES, Category, Code, Severity, classify, severity_of

# RFC 821 4.2.2 and RFC 5321 4.2.3, typed from the RFCs and not from the table under test.
RFC_821 = {
    211,
    214,
    220,
    221,
    250,
    251,
    354,
    421,
    450,
    451,
    452,
    500,
    501,
    502,
    503,
    504,
    550,
    551,
    552,
    553,
    554,
}
ADDED_BY_RFC_5321 = {252, 455, 555}
ADDED_BY_EXTENSIONS = {
    "RFC 1845": {355},
    "RFC 1985": {253, 458, 459},
    "RFC 2645": {453},
    "RFC 3207": {454, 530},
    "RFC 4954": {235, 334, 432, 454, 530, 534, 535, 538},
    "RFC 7504": {521, 556},
}

EVERY_NUMBER = range(1000)


# Severity: the first digit


def test_severity_is_the_first_digit_of_known_and_unknown_codes() -> None:
    for code in range(100, 600):
        assert severity_of(code) is Severity(code // 100)


@pytest.mark.parametrize("code", [-250, -1, 0, 1, 25, 99, 600, 999, 2500])
def test_numbers_outside_100_to_599_have_no_severity(code: int) -> None:
    with pytest.raises(ValueError, match=f"{code} has no severity"):
        severity_of(code)


@pytest.mark.parametrize(
    ("severity", "phrase", "lecture_phrase"),
    [
        (Severity.POSITIVE_PRELIMINARY, "Positive Preliminary", None),
        (Severity.POSITIVE_COMPLETION, "Positive Completion", "Positive Completion Reply"),
        (Severity.POSITIVE_INTERMEDIATE, "Positive Intermediate", "Positive Intermediate Reply"),
        (Severity.TRANSIENT_NEGATIVE, "Transient Negative Completion", "Transient Negative Completion Reply"),
        (Severity.PERMANENT_NEGATIVE, "Permanent Negative Completion", "Permanent Negative Completion Reply"),
    ],
)
def test_severity_carries_the_terms_of_the_rfc_and_of_the_lecture(
    severity: Severity, phrase: str, lecture_phrase: str | None
) -> None:
    assert (severity.phrase, severity.lecture_phrase) == (phrase, lecture_phrase)


@pytest.mark.parametrize("digit", [*Severity, *Category], ids=repr)
def test_each_digit_explains_itself_in_sentences(digit: Severity | Category) -> None:
    assert_sentence(digit.meaning)
    assert digit.summary == f"{digit.phrase}. {digit.meaning}"


@pytest.mark.parametrize("digit", [*Severity, *Category])
def test_no_digit_is_false_so_that_a_missing_one_is_not_mistaken_for_0(digit: Severity | Category) -> None:
    assert digit


@pytest.mark.parametrize(
    ("digit", "mask"), [(Severity.POSITIVE_COMPLETION, "2yz"), (Category.SYNTAX, "x0z"), (Category.MAIL_SYSTEM, "x5z")]
)
def test_a_digit_stands_for_all_codes_that_have_it(digit: Severity | Category, mask: str) -> None:
    assert digit.mask == mask


def test_only_a_transient_refusal_advises_to_try_again_later() -> None:
    for severity in Severity:
        assert_sentence(severity.advice)
    assert [severity for severity in Severity if "again later" in severity.advice] == [Severity.TRANSIENT_NEGATIVE]


# Category: the second digit


@pytest.mark.parametrize(
    ("code", "category"),
    [
        (500, Category.SYNTAX),
        (211, Category.INFORMATION),
        (421, Category.CONNECTIONS),
        (535, Category.UNSPECIFIED_3),
        (240, Category.UNSPECIFIED_4),
        (354, Category.MAIL_SYSTEM),
    ],
)
def test_category_is_the_second_digit(code: int, category: Category) -> None:
    assert classify(code).category is category


@pytest.mark.parametrize("code", [260, 479, 580, 599, 999])
def test_second_digits_6_to_9_have_no_category(code: int) -> None:
    assert classify(code).category is None


def test_categories_carry_the_terms_of_rfc_5321() -> None:
    assert [category.phrase for category in Category] == [
        "Syntax",
        "Information",
        "Connections",
        "Unspecified",
        "Unspecified",
        "Mail system",
    ]


# The known codes


def test_the_known_codes_are_those_of_rfc_5321_and_its_extensions_and_no_others() -> None:
    assert set(CODES) == RFC_821 | ADDED_BY_RFC_5321 | set().union(*ADDED_BY_EXTENSIONS.values())


def test_the_known_codes_ascend_and_stand_under_their_own_number() -> None:
    assert list(CODES) == sorted(CODES)
    assert all(code.number == number for number, code in CODES.items())


@pytest.mark.parametrize("number", sorted(RFC_821 | ADDED_BY_RFC_5321))
def test_codes_of_rfc_5321_name_its_list(number: int) -> None:
    assert CODES[number].rfc == "RFC 5321 4.2.3"


@pytest.mark.parametrize(("rfc", "number"), [(rfc, n) for rfc, numbers in ADDED_BY_EXTENSIONS.items() for n in numbers])
def test_codes_of_an_extension_name_its_rfc(rfc: str, number: int) -> None:
    source = "RFC 4954" if (rfc, number) == ("RFC 3207", 530) else rfc  # 530 is in both; the text speaks of both
    assert source in CODES[number].rfc
    assert source == rfc or rfc in CODES[number].meaning


def test_the_lectures_codes_are_those_of_rfc_821() -> None:
    assert {number for number, code in CODES.items() if code.lecture is not None} == RFC_821


def test_the_lectures_words_are_kept_with_their_slips() -> None:
    assert CODES[504].lecture == "Command temporarily not implemented"
    assert CODES[552].lecture == "Requested action aborted; exceeded storage location"


@pytest.mark.parametrize("code", CODES.values(), ids=str)
def test_each_known_code_explains_itself_in_sentences(code: Code) -> None:
    assert code.phrase
    assert not code.phrase.endswith(".")
    assert_sentence(code.meaning)
    assert_sentence(code.advice)


@pytest.mark.parametrize("code", CODES.values(), ids=str)
def test_each_known_code_begins_with_a_digit_that_the_grammar_allows(code: Code) -> None:
    # RFC 5321 4.2: Reply-code = %x32-35 %x30-35 %x30-39
    assert code.severity in set(Severity) - {Severity.POSITIVE_PRELIMINARY}
    assert code.category is not None


def test_the_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        CODES[250] = CODES[550]  # type: ignore[index]
    with pytest.raises(dataclasses.FrozenInstanceError):
        CODES[250].number = 550  # type: ignore[misc]


# classify


def test_any_three_digits_are_classified_alike_as_number_and_as_text() -> None:
    for number in EVERY_NUMBER:
        code = classify(number)
        assert classify(f"{number:03d}") == code
        assert code.number == number
        assert code.known is (number in CODES)
        assert str(code) == f"{number:03d} {code.phrase}"


def test_an_unknown_code_says_so_and_is_explained_in_sentences() -> None:
    for number in sorted(set(EVERY_NUMBER) - set(CODES)):
        code = classify(number)
        assert code.meaning.startswith("Not a code of RFC 5321; ")
        assert code.lecture is None
        assert_sentence(code.meaning)
        assert_sentence(code.advice)


def test_an_unknown_code_is_explained_by_its_digits() -> None:
    for number in sorted(set(range(100, 600)) - set(CODES)):
        code = classify(number)
        assert code.severity is not None
        assert (code.phrase, code.advice) == (code.severity.phrase, code.severity.advice)
        assert code.severity.meaning in code.meaning
        assert ("second digit" in code.meaning) is (code.category is not None)
        assert code.category is None or code.meaning.endswith(code.category.meaning)


def test_a_first_digit_outside_1_to_5_is_no_reply_code() -> None:
    for number in [*range(100), *range(600, 1000)]:
        code = classify(number)
        assert code.severity is None
        assert code.phrase == "Not a reply code"
        assert code.meaning.endswith("a reply code begins with 2, 3, 4 or 5.")


@pytest.mark.parametrize(
    "code",
    [-1, 1000, "", "25", "2500", " 250", "250 ", "25O", "+25", "-25", "2.5", "２５０", "²⁵⁰", True, 2.5, None, b"250"],
)
def test_anything_but_three_digits_is_refused_with_a_sentence(code: int | str) -> None:
    with pytest.raises(ValueError, match="code"):
        classify(code)


def test_a_code_prints_as_number_and_phrase() -> None:
    assert str(classify(552)) == "552 Exceeded storage allocation"
    assert str(classify(7)) == "007 Not a reply code"


def test_the_summary_is_one_line() -> None:
    assert classify(7).summary == f"007 Not a reply code. {classify(7).meaning}"


def test_the_facts_are_what_is_known_each_under_its_name() -> None:
    assert list(classify(504).facts) == ["severity", "category", "meaning", "advice", "lecture", "defined in"]
    assert classify(504).facts["lecture"] == "Command temporarily not implemented"
    assert list(classify(294).facts) == ["severity", "meaning", "advice", "defined in"]


def test_the_explanation_has_a_line_for_each_thing_that_is_known() -> None:
    assert classify(504).explanation.splitlines() == [
        "504 Command parameter not implemented",
        f"  severity   Permanent Negative Completion. {Severity.PERMANENT_NEGATIVE.meaning}",
        f"  category   Syntax. {Category.SYNTAX.meaning}",
        f"  meaning    {CODES[504].meaning}",
        f"  advice     {CODES[504].advice}",
        "  lecture    Command temporarily not implemented",
        "  defined in RFC 5321 4.2.3",
    ]
    names = [line[2:13].strip() for line in classify(999).explanation.splitlines()[1:]]
    assert names == ["meaning", "advice", "defined in"]


def test_a_notebook_shows_the_explanation() -> None:
    shown: list[str] = []
    classify(552)._repr_pretty_(SimpleNamespace(text=shown.append), cycle=False)
    assert shown == [classify(552).explanation]


def assert_sentence(text: str) -> None:
    assert text[0].isupper()
    assert text.endswith(".")
    assert "  " not in text
