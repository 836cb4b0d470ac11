"""Copies are found among honest works, and no two honest works are named."""

import re
import tokenize
import warnings
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from itertools import cycle, islice

import pytest

from smtplab.grading.exercises import design_of
from smtplab.grading.results.course_code import course_cells
from smtplab.grading.results.outcome import CellShown, StudentResult
from smtplab.grading.results.resemblance import resemblances
from support import written_programs
from support.graded_class import class_of, handed_in

SHEET = CellShown(0, "code", "mine", "Write send_mail(sock, sender, recipients, message).", is_locked=True)


def honest(bank: str, count: int) -> list[StudentResult]:
    """Return students who answer as a bank does: right in several ways, and wrong in many."""
    module = import_module(f"exercises.{bank}")
    tasks = {name: design_of(module.NAME).task(name, "smtplab") for name in module.STUDENTS}
    names = list(tasks)

    def answers(name: str) -> Iterator[object]:
        yield from module.right(tasks[name])
        yield from module.wrong(tasks[name], tasks[names[names.index(name) - 1]])

    made = []
    for number in range(count):
        name = names[number % len(names)]
        answer = next(islice(cycle(answers(name)), number, None))
        made.append(handed_in(module.NAME, f"s{number:02}", name, answer.cells))
    return made


def by(name: str, program: str) -> StudentResult:
    """Return a student who has written a program."""
    return StudentResult(name, cells=(SHEET, CellShown(1, "code", program)), drawn=(f"{name}.example",))


def pairs(students: list[StudentResult]) -> set[tuple[str, str]]:
    return {each.students for each in resemblances(class_of(students))}


def renamed(program: str) -> str:
    """Return a program with other names, other sentences and without comments."""
    names = dict.fromkeys(re.findall(r"(?m)(?:def |class |for |as |^ *)(\w+)(?= =|\(| in |:)", program))
    for number, name in enumerate(each for each in names if each not in ("send_mail", "__init__")):
        program = re.sub(rf"\b{name}\b", f"thing{number}", program)
    return re.sub(r" *#[^\n]*", "", program).replace("the ", "a ").replace("no ", "not any ")


@pytest.mark.parametrize("bank", ["bank_01", "bank_01_typed", "bank_04", "bank_05", "bank_07"])
def test_no_two_of_forty_honest_students_are_named(bank: str) -> None:
    assert pairs(honest(bank, 40)) == set()


def test_programs_by_people_who_have_not_met_are_not_alike() -> None:
    assert pairs([by(f"s{number}", program) for number, program in enumerate(written_programs.ALL)]) == set()


def test_three_copies_among_forty_are_found_and_nobody_else() -> None:
    first, second, third, fourth = written_programs.ALL
    assert renamed(second) != second
    reworded = (
        third.replace("target", "mailbox").replace("rejected", "refused_ones").replace("\n\n\n", "\n\n# mine\n\n")
    )
    mine = [
        by("anna", first),
        by("bert", second),
        by("cleo", third),
        by("dora", fourth),
        by("xaver", first),
        by("yara", renamed(second)),
        by("zeno", reworded),
    ]
    students = [*honest("bank_04", 33), *mine]
    assert len(students) == 40
    assert pairs(students) == {("anna", "xaver"), ("bert", "yara"), ("cleo", "zeno")}


def test_a_copy_with_other_names_is_told_from_one_with_equal_text() -> None:
    first, second, *_ = written_programs.ALL
    students = [by("anna", first), by("bert", second), by("xaver", first), by("yara", renamed(second))]
    assert {each.students: each.renamed for each in resemblances(class_of(students))} == {
        ("anna", "xaver"): False,
        ("bert", "yara"): True,
    }


def test_the_order_of_the_students_does_not_matter() -> None:
    students = [by(name, program) for name, program in zip("abcd", written_programs.ALL * 2, strict=False)]
    students += [by("e", written_programs.BY_LINES)]
    there = resemblances(class_of(students))
    assert [each.students for each in there] == [("a", "e")]
    assert there == resemblances(class_of(students[::-1]))


def test_what_everybody_has_counts_for_nothing() -> None:
    assert pairs([by(f"s{number}", written_programs.BY_LINES) for number in range(9)]) == set()


def test_equal_words_of_the_exercise_or_of_the_task_count_for_nothing() -> None:
    text = " ".join(f"word{number}" for number in range(100))
    given = CellShown(0, "code", "print(mine)", text, is_locked=True)
    own = CellShown(1, "code", text)
    assert pairs([StudentResult(name, cells=(own,)) for name in "ab"]) == {("a", "b")}
    assert pairs([StudentResult(name, cells=(given, own)) for name in "ab"]) == set()
    assert pairs([StudentResult(name, cells=(own,), drawn=tuple(text.split())) for name in "ab"]) == set()
    story = replace(given, kind="markdown", source=text, is_locked=False)
    assert pairs([StudentResult(name, cells=(story, own)) for name in "ab"]) == set()
    assert pairs([StudentResult(name, cells=(story,)) for name in "ab"]) == set()


def test_a_copy_does_not_hide_behind_a_text_that_its_student_adds() -> None:
    text = written_programs.BY_LINES
    hiding = CellShown(2, "markdown", text)
    students = [by("anna", text), replace(by("bert", text), cells=(*by("bert", text).cells, hiding))]
    assert pairs([*students, by("cleo", written_programs.BY_STATES)]) == {("anna", "bert")}


def test_code_of_the_tutorials_is_nobodys_own() -> None:
    programs = [cell for cell in course_cells() if "def " in cell or "class " in cell]
    assert len(programs) >= 3
    for program in programs:
        assert pairs([by(name, f"{program}\n{program}") for name in "ab"]) == set()
        assert pairs([by("a", program), by("b", renamed(program))]) == set()


def test_texts_that_differ_by_the_students_names_are_equal() -> None:
    def work(name: str, host: str) -> StudentResult:
        words = (f"{name} writes unusual{number} to {host}" for number in range(0, 80, 2))
        return StudentResult(name, cells=(CellShown(1, "code", " ".join(words)),), drawn=(host,))

    (found,) = resemblances(class_of([work("mia", "a.example"), work("noah", "mail.b.example")]))
    assert found.students == ("mia", "noah")
    assert found.share == 1.0


@pytest.mark.parametrize(
    "source",
    ["", "\0", "\ud800", "(" * 10000, "-" * 100000 + "1", "x" + ".a" * 50000, "'''", "if 1:\n\tx\n        y", "\\"],
)
def test_no_source_is_too_odd_to_compare(source: str) -> None:
    assert pairs([StudentResult(name, cells=(CellShown(0, "code", source),)) for name in "ab"]) == set()


def test_of_a_huge_work_only_the_beginning_is_compared_and_padding_hides_no_copy() -> None:
    program = CellShown(1, "code", written_programs.BY_LINES)
    huge = CellShown(0, "code", "x = 1\n" * 17_000)
    padding = CellShown(2, "code", "".join(f"word{number} = 1\n" for number in range(2_000)))
    assert pairs([StudentResult("a", cells=(huge, program)), StudentResult("b", cells=(program,))]) == set()
    assert pairs([StudentResult("a", cells=(program, padding, huge)), by("b", program.source)]) == {("a", "b")}


def test_odd_escapes_in_a_program_are_not_told_to_the_instructor() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert pairs([by(name, "x = '\\d'") for name in "ab"]) == set()


def test_programs_that_cannot_be_divided_are_still_compared_by_their_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> Iterator[object]:
        raise tokenize.TokenError("odd")

    monkeypatch.setattr(tokenize, "generate_tokens", fail)
    assert pairs([by(name, written_programs.BY_LINES) for name in ("anna", "bert")]) == {("anna", "bert")}
