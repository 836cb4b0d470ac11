"""The roster made of a class of 40, from the tables of both platforms and from plain ones."""

import pytest

from smtplab.roster import sentences
from smtplab.roster.making import RosterMade, make_roster
from smtplab.roster.roster import RosterError, read_roster
from smtplab.roster.student_ids import key_number
from support.handed_in_class import CLASS, canvas_gradebook, moodle_worksheet
from support.templates import says

GERMAN = {
    "title": "ID,Vollständiger Name,Matrikelnummer,E-Mail-Adresse,Status,Bewertung,Maximum",
    "participant": "Teilnehmer/in",
}
UNKNOWN = {"title": "Α,Β,Γ,Δ,Ε,Ζ,Η", "participant": "Συμμετέχων"}


def made(*texts: str, id_column: str = "", before: str = "") -> RosterMade:
    files = {f"{number}.csv": text.encode() for number, text in enumerate(texts)}
    old = read_roster(before.encode()) if before else None
    return make_roster(files, id_column=id_column, before=old)


def told(remarks: RosterMade, names: str, *words: str) -> bool:
    return says(sentences, "\n".join(remarks.remarks), names, *words)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("words", [{}, GERMAN, UNKNOWN], ids=["English", "German", "unknown"])
def test_moodles_worksheet_is_read_in_any_language(words: dict[str, str], delimiter: str, encoding: str) -> None:
    found = make_roster({"w.csv": moodle_worksheet(delimiter, **words).encode(encoding)})
    assert [(each.student, each.name, key_number(each.platform_key)) for each in found.roster] == [
        (each.id, each.name, str(each.key)) for each in CLASS
    ]
    assert not any(each.platform_key.isdigit() for each in found.roster)
    assert told(found, "IDS_TAKEN", "Moodle", "40 students", "before the @")


@pytest.mark.parametrize("title", ["Identifier,Status,Grade", "ID,Status der Abgabe,Bewertung"])
def test_a_state_is_no_name_where_the_assignment_is_anonymous(title: str) -> None:
    states = ("Submitted for grading - Not graded", "No submission", "No submission", "No submission")
    lines = "".join(f"Participant {at},{state},\n" for at, state in enumerate(states, 1))
    found = made(f"{title}\n{lines}")
    assert [each.name for each in found.roster] == [""] * 4
    assert told(found, "NO_NAMES")


def test_canvas_gradebook_is_read_without_its_points_and_its_test_student() -> None:
    found = made(canvas_gradebook())
    assert [(each.student, each.name, each.platform_key) for each in found.roster] == [
        (each.id, each.sortable, str(each.key)) for each in CLASS
    ]
    assert told(found, "IDS_TAKEN TEST_STUDENT", "Canvas", "'SIS Login ID'", "'Student, Test'")


def test_a_real_student_of_the_name_test_stays() -> None:
    text = 'Student,ID,SIS User ID,SIS Login ID,Section\n"Student, Test",7,u7,tstudent,A\n'
    assert [each.student for each in made(text).roster] == ["tstudent"]


@pytest.mark.parametrize(("column", "id"), [("SIS User ID", "u4700"), ("ID", "4700"), (" sis login id ", "s00")])
def test_the_column_of_the_ids_can_be_named(column: str, id: str) -> None:
    assert id in made(canvas_gradebook(), id_column=column).roster.by_id


def test_a_named_column_in_which_two_share_an_id_is_refused_with_both() -> None:
    with pytest.raises(RosterError, match="Doe, Jane and Doe, Jane"):
        made(canvas_gradebook(), id_column="Student")


def test_moodles_own_number_is_the_id_where_nothing_else_is() -> None:
    found = made("Identifier,Full name,Status\nParticipant 7,Mia,x\nParticipant 8,Noah,x\n")
    assert [each.student for each in found.roster] == ["7", "8"]


@pytest.mark.parametrize(
    ("text", "students"),
    [
        ("id\nmia\nnoah\n", [("mia", "")]),
        ("mia\nnoah\n", [("mia", "")]),
        ("name;login\nMia M;mia\nNoah N;noah\n", [("mia", "Mia M")]),
        (
            "First name,Last name,Email address\nMia,Meyer,mia@x.example\nNoah,N,noah@x.example\n",
            [("mia", "Mia Meyer")],
        ),
        ("Student ID,Student\nmia,Mia M\nnoah,N\n", [("mia", "Mia M")]),
        ("student,note\nmia,x\nnoah,y\n", [("mia", "")]),
        ("who,what\nmia,x\nnoah,y\n", [("mia", "")]),
    ],
)
def test_a_plain_table_is_read(text: str, students: list[tuple[str, str]]) -> None:
    found = made(text)
    assert [(each.student, each.name) for each in found.roster][:1] == students
    assert len(found.roster) == 2


def test_a_column_that_few_have_is_not_the_id_and_this_is_told() -> None:
    text = "Student,ID,SIS User ID,SIS Login ID,Section\n" + "".join(f"N{n},{n},u{n},,A\n" for n in range(5))
    found = made(text)
    assert [each.student for each in found.roster] == [f"u{n}" for n in range(5)]
    assert told(found, "COLUMN_EMPTY IDS_TAKEN", "'SIS User ID'")


def test_one_missing_id_turns_no_class_to_another_column() -> None:
    found = made("Student,ID,SIS Login ID\nA,1,a\nB,2,\nC,3,c\nD,4,a/b\n")
    assert [each.student for each in found.roster] == ["a", "c"]
    assert told(found, "STUDENT_WITHOUT_ID UNUSABLE_ID", "line 3", "'a/b'")


def test_a_column_that_two_share_is_not_the_id() -> None:
    found = made("Student,ID,SIS User ID,SIS Login ID\nA,1,u1,x\nB,2,u2,X\n")
    assert [each.student for each in found.roster] == ["u1", "u2"]
    assert told(found, "ID_SHARED", "A and B")


@pytest.mark.parametrize(
    ("texts", "column", "name"),
    [
        (["Student,ID,Section\n"], "", "NO_STUDENTS"),
        ([""], "", "NO_STUDENTS"),
        (["id\nmia\n"], "login", "NO_COLUMN"),
        (["id\nmia\nMIA\n"], "", "ID_SHARED"),
        (["id,x\n,a\n,b\n"], "", "COLUMN_EMPTY"),
        (["id,name\nmia,Mia A\n", "id,name\nmia,Mia B\n"], "", "ID_OF_TWO_NAMES"),
    ],
)
def test_tables_that_give_no_roster_are_refused(texts: list[str], column: str, name: str) -> None:
    with pytest.raises(RosterError) as caught:
        made(*texts, id_column=column)
    assert says(sentences, str(caught.value), name)


def test_a_student_in_two_tables_is_one_and_the_last_key_counts() -> None:
    second = "Identifier,Full name,Email address\nParticipant 9001,Ada Lovelace,s00@uni.example\n"
    found = made(moodle_worksheet(), second)
    assert len(found.roster) == 40
    assert found.roster.by_id["s00"].platform_key == "Participant 9001"
    assert told(found, "NEW_KEY", "s00", "9001")


OLD = "id,name,platform key,extension\ns00,A,1,2026-12-01T18:00\nold,B,4703,2026-12-02\ngone,C,3,2026-12-03\nx,D,4,\n"


def test_extensions_are_kept_by_id_or_by_key_and_a_lost_one_is_told() -> None:
    found = made(moodle_worksheet(), before=OLD)
    extensions = {each.student: each.extension for each in found.roster if each.extension}
    assert extensions == {"s00": "2026-12-01T18:00", "s03": "2026-12-02"}
    assert told(found, "EXTENSION_LOST", "gone", "2026-12-03")


def test_a_roster_is_a_table_to_make_one_from() -> None:
    first = made(moodle_worksheet(), before=OLD).roster
    again = made(first.to_csv().decode("utf-8-sig"))
    assert again.roster == first


def test_an_extension_that_is_no_date_is_told() -> None:
    assert told(made("id,extension\nmia,friday\n"), "NOT_A_DATE", "'friday'")


# Times in Moodle's worksheet

SHEET = "Identifier,Full name,Status,Grade,Last modified (submission),Last modified (grade)\n"
SUBMITTED = '"Friday, 20 November 2026, 5:03 PM",-'


def test_moodles_worksheet_says_when_students_handed_in() -> None:
    found = made(f"{SHEET}Participant 7,Mia,Submitted,,{SUBMITTED}\nParticipant 8,Noah,No submission,,-,-\n")
    assert [each.submitted for each in found.roster] == ["2026-11-20T17:03", ""]
    assert told(found, "IDS_TAKEN TIMES_TAKEN", "1 student", "'Last modified (submission)'")
    assert read_roster(found.roster.to_csv()) == found.roster


def test_the_times_are_found_in_a_language_of_which_only_the_months_are_known() -> None:
    title = "ID,Nome completo,Stato,Valutazione,Ultima modifica (consegna),Ultima modifica (valutazione)\n"
    line = 'Partecipante 7,Mia,Consegnato,,"venerdì, 20 novembre 2026, 17:03","sabato, 21 novembre 2026, 17:03"\n'
    assert [each.submitted for each in made(f"{title}{line}").roster] == ["2026-11-20T17:03"]


def test_a_time_that_cannot_be_read_is_told_with_its_cell() -> None:
    found = made(f"{SHEET}Participant 7,Mia,Submitted,,11/20/2026 17:03,-\n")
    assert told(found, "IDS_TAKEN TIMES_UNREAD", "'11/20/2026 17:03'")
    assert not found.roster.entries[0].submitted


@pytest.mark.parametrize("tail", ["", " - Graded"])
def test_an_extension_that_moodle_granted_is_in_the_roster(tail: str) -> None:
    state = f'"No submission - Extension granted until: Friday, 27 November 2026, 6:00 PM{tail}"'
    found = made(f"{SHEET}Participant 7,Mia,{state},,-,-\nParticipant 8,Noah,No submission,,-,-\n")
    assert [each.extension for each in found.roster] == ["2026-11-27T18:00", ""]
    assert told(found, "IDS_TAKEN EXTENSIONS_TAKEN", "Mia")


def test_a_due_date_is_an_extension_only_where_it_is_later_than_that_of_most() -> None:
    dues = ["20 November 2026, 6:00 PM"] * 3 + ["27 November 2026, 6:00 PM", "19 November 2026, 6:00 PM", "-"]
    lines = "".join(f'Participant {at},N{at},x,"{due}"\n' for at, due in enumerate(dues))
    found = made(f"Identifier,Full name,Status,Due date\n{lines}")
    assert [each.extension for each in found.roster] == ["", "", "", "2026-11-27T18:00", "", ""]


def test_an_extension_that_the_instructor_wrote_stays_and_the_other_is_told() -> None:
    state = '"Extension granted until: Friday, 27 November 2026, 6:00 PM"'
    before = "id,extension\n7,2026-12-01\n"
    found = made(f"{SHEET}Participant 7,Mia,{state},,-,-\n", before=before)
    assert [each.extension for each in found.roster] == ["2026-12-01"]
    assert told(found, "IDS_TAKEN EXTENSIONS_TAKEN EXTENSION_DIFFERS", "2026-12-01", "2026-11-27T18:00")


def test_the_times_of_an_earlier_assignment_are_not_kept() -> None:
    before = "id,platform key,submitted\n7,Participant 7,2026-11-01T12:00\n"
    assert [each.submitted for each in made(f"{SHEET}Participant 7,Mia,x,,-,-\n", before=before).roster] == [""]
