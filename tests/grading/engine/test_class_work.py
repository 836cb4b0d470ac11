"""What was collected is joined with the roster: names, times, extensions, other ids, and who is left out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from smtplab.grading.engine.class_work import Chosen, ClassWork, class_work
from smtplab.grading.results.outcome import IncidentKind, StudentStatus
from smtplab.roster.collected import Absent, Collected, HandInProblem, ProblemKind, Submission
from smtplab.roster.roster import RosterEntry, roster_of

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
ROSTER = roster_of(
    [
        RosterEntry("mia", "Mia M", "17"),
        RosterEntry("noah", "Noah", "18", "2026-11-30T12:30:00+00:00"),
        RosterEntry("eve"),
    ]
)


def submission(student: str, data: bytes = b"{}", *problems: HandInProblem, at: datetime | None = NOON) -> Submission:
    return Submission(student, "01", f"{student}.ipynb", data, problems, at)


def works(*found: Submission | Absent, **more: object) -> dict[str, ClassWork]:
    collected = Collected(
        tuple(each for each in found if isinstance(each, Submission)),
        tuple(each for each in found if isinstance(each, Absent)),
    )
    given = {"courses": (), "chosen": Chosen(), "due": None, **more}
    made = class_work("01", collected, ROSTER, **given)  # type: ignore[arg-type]
    return {each.student: each for each in made}


def test_everybody_of_the_class_is_there_with_name_and_key() -> None:
    odd = HandInProblem(ProblemKind.UNREADABLE, "not a notebook")
    found = works(submission("mia"), submission("noah", b"", odd), Absent("eve", "01", "nothing"), submission("t0"))
    assert [(each, found[each].result.status) for each in found] == [
        ("mia", StudentStatus.GRADED),
        ("noah", StudentStatus.NOT_GRADED),
        ("t0", StudentStatus.GRADED),
        ("eve", StudentStatus.ABSENT),
    ]
    assert (found["mia"].result.name, found["mia"].result.platform_key) == ("Mia M", "17")
    assert found["noah"].result.reason == found["noah"].result.incidents[0].sentence == "not a notebook"
    assert found["noah"].result.incidents[0].kind is IncidentKind.UNREADABLE


def test_the_names_of_what_cannot_be_graded_are_kept() -> None:
    odd = HandInProblem(ProblemKind.UNREADABLE, "no notebook")
    assert works(Submission("mia", "01", "", b"", (odd,), files=("a.pdf",)))["mia"].result.files == ("a.pdf",)


def test_another_exercise_is_left_to_another_run() -> None:
    assert works(Submission("mia", "02", "", b"{}")) == {}


@pytest.mark.parametrize(
    ("student", "due", "late"),
    [
        ("mia", None, 0),
        ("mia", NOON, 0),
        ("mia", NOON - timedelta(hours=1), 3600),
        ("noah", NOON - timedelta(hours=1), 0),
        ("noah", None, 0),
    ],
)
def test_how_late_it_is_depends_on_the_due_date_and_the_extension(
    student: str, due: datetime | None, late: int
) -> None:
    assert works(submission(student), due=due)[student].result.late_seconds == late


def test_an_extension_never_shortens_the_time() -> None:
    assert (
        works(submission("noah", at=NOON + timedelta(hours=1)), due=NOON + timedelta(hours=2))[
            "noah"
        ].result.late_seconds
        == 0
    )


def test_the_platforms_mark_goes_if_the_work_came_within_an_extension() -> None:
    mark = HandInProblem(ProblemKind.LATE, "marked")
    assert works(submission("noah", b"{}", mark))["noah"].result.incidents == ()
    assert len(works(submission("mia", b"{}", mark))["mia"].result.incidents) == 1


def test_what_has_no_time_is_not_late() -> None:
    result = works(submission("mia", at=None), due=NOON - timedelta(days=9))["mia"].result
    assert (result.submitted, result.late_seconds) == ("", 0)


@pytest.mark.parametrize(
    ("chosen", "taken"),
    [
        (Chosen(), True),
        (Chosen(("MIA ",)), True),
        (Chosen(("noah",)), False),
        (Chosen((), NOON), True),
        (Chosen((), NOON + timedelta(seconds=1)), False),
        (Chosen(("mia",), NOON + timedelta(seconds=1)), False),
    ],
)
def test_who_is_not_chosen_is_left_out(chosen: Chosen, taken: bool) -> None:
    assert works(submission("mia"), chosen=chosen)["mia"].is_left_out is not taken


def test_two_students_with_one_id_are_both_named(tmp_path: Path) -> None:
    """Their tasks are the same, so a copy would earn all points and fit its owner."""
    (tmp_path / "ids.csv").write_text("student,id\nmia,noah\n")
    found = works(submission("mia"), submission("noah"), submission("t0"), courses=[tmp_path])
    kinds = {name: [each.kind for each in found[name].result.incidents] for name in ("mia", "noah", "t0")}
    assert kinds == {"mia": [IncidentKind.ID_MISMATCH], "noah": [IncidentKind.ID_MISMATCH], "t0": []}


def test_the_table_of_ids_says_whose_task_it_is(tmp_path: Path) -> None:
    (tmp_path / "ids.csv").write_text("student,id\nmia,mia@uni.example\n")
    assert works(submission("mia"), courses=[tmp_path])["mia"].task_of == "mia@uni.example"
