"""Whose a file is, for any id and any name."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtplab.roster.matching import FileOwner, NoOwner, OwnerFinder
from smtplab.roster.roster import RosterEntry, roster_of
from smtplab.roster.student_ids import folder_id
from support.handed_in_class import CLASS, EXERCISE

NAME = f"{EXERCISE}.ipynb"
IDS = st.text(st.characters(blacklist_categories=("C",)), min_size=1, max_size=20).map(folder_id)
# A sign at the end of an id cannot be told from the one that parts it from the exercise, nor numbers from a platform's.
PLAIN_IDS = IDS.filter(lambda id: bool(id) and id.strip(" _-") == id and not re.search(r"_\d", id))
FORMS = ["{id}/{name}", "{id}/x/{name}", "{id}/{exercise}/x.ipynb", "{exercise}/{id}/{name}", "{id}_{name}"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("is_known", [False, True])
@given(PLAIN_IDS)
def test_any_id_is_found_in_every_layout(form: str, is_known: bool, id: str) -> None:
    roster = roster_of([RosterEntry(id), RosterEntry(f"{id}x")]) if is_known else None
    parts = tuple(form.format(id=id, name=NAME, exercise=EXERCISE).split("/"))
    owner = OwnerFinder((EXERCISE,), roster).owner(parts)
    assert isinstance(owner, FileOwner)
    assert owner.student == id
    assert owner.inner[-1] == ("x.ipynb" if "x.ipynb" in form else NAME)


@pytest.mark.parametrize("ending", [".ipynb", ".IPYNB.txt", ".pdf", ".zip"])
@given(PLAIN_IDS.filter(lambda id: "." not in id))
def test_an_id_with_a_dot_is_not_the_id_before_the_dot(ending: str, id: str) -> None:
    finder = OwnerFinder((EXERCISE,), roster_of([RosterEntry(id), RosterEntry(f"{id}.k")]))
    for student in (id, f"{id}.k"):
        owner = finder.owner((f"{student}{ending}",))
        assert isinstance(owner, FileOwner)
        assert owner.student == student


@given(st.lists(st.text(max_size=20).map(lambda part: part.replace("/", "")), min_size=1, max_size=4))
def test_any_path_has_an_owner_of_the_class_or_none(parts: list[str]) -> None:
    roster = roster_of(RosterEntry(each.id, each.name, str(each.key)) for each in CLASS)
    for finder in (OwnerFinder((EXERCISE,)), OwnerFinder((EXERCISE,), roster)):
        owner = finder.owner(tuple(parts))
        assert isinstance(owner, NoOwner) or finder.roster is None or owner.student in roster.by_id


def test_of_namesakes_the_key_decides_and_without_it_nobody_is_guessed() -> None:
    finder = OwnerFinder((EXERCISE,), roster_of(RosterEntry(each.id, each.name, str(each.key)) for each in CLASS))
    for student in CLASS:
        owner = finder.owner((f"{student.moodle}_", NAME))
        assert isinstance(owner, FileOwner)
        assert owner.student == student.id
    assert isinstance(finder.owner(("Jane Doe_1_assignsubmission_file_", NAME)), NoOwner)
    assert isinstance(finder.owner(("Jane Doe", NAME)), NoOwner)


def test_an_id_goes_before_a_name() -> None:
    roster = roster_of([RosterEntry("ada", "Mia"), RosterEntry("mia", "Ada")])
    owner = OwnerFinder((EXERCISE,), roster).owner(("ada", NAME))
    assert isinstance(owner, FileOwner)
    assert owner.student == "ada"
