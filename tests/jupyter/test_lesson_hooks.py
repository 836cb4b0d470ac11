"""In a notebook a lesson judges each open cell below it, and says above a cell which steps it has done."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import RichOutput, capture_output

import smtplab
from smtplab import Lab
from smtplab.base.printed import sentence
from smtplab.base.resources import course_root
from smtplab.jupyter import lesson_hooks, sentences
from smtplab.jupyter.cell_result import Said
from smtplab.jupyter.directives.lessons import _TypedWorkspace
from smtplab.jupyter.engine import Engine
from smtplab.lessons.cells import LessonError, cells_of, delivered
from smtplab.lessons.lesson import Lesson
from smtplab.recall.record import NAME, read_cards
from support.cells import LAB, done, failure
from support.lesson_sentences import says
from support.paths import ROOT
from support.shell import notebook_shell
from support.tutorials import tutorial

BOB = "bob@lab.example"
FIRST = f'import smtplab\nlab = smtplab.Lab()\nsession = lab.telnet("{LAB}", 25)'
HELO = (
    '# Now you: say who you are.\nsession.send("HELO laptop.example")',
    {"goal": {"said": ["250 HELO"]}, "hint": "It is short for hello."},
)
MAIL = 'session.predict("MAIL FROM:<alice@lab.example>").answer("done")'
BOX = (
    "# Now you: send Bob a message with the subject Lunch.\n"
    'session.send("RCPT TO:<bob@lab.example>\\nDATA\\nSubject: Lunch\\n.")',
    {"goal": {"mail": "bob@lab.example: Lunch"}, "hint": "Three steps."},
)
SOURCE = tutorial(FIRST, HELO, MAIL, BOX, "session.state")
TYPED = tutorial(
    f"telnet {LAB} 25",
    ("%now you: say who you are\nHELO laptop.example", {"goal": {"said": ["250 HELO"]}, "hint": "It is short."}),
    "%predict done MAIL FROM:<alice@lab.example>",
    "%state",
    language="smtp",
)


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    with notebook_shell() as shell:
        yield shell
    smtplab.cards.reset()


def begin(shell: InteractiveShell, source: bytes = SOURCE) -> None:
    magics = lesson_hooks.LessonMagics(shell)
    shell.register_magics(magics)
    magics.begin(Lesson("a", cells_of(source)), lesson_hooks._PythonWorkspace(shell))


def run(shell: InteractiveShell, cell: str) -> list[RichOutput]:
    with capture_output() as captured:
        assert shell.run_cell(cell).error_in_exec is None
    outputs: list[RichOutput] = captured.outputs
    return outputs


def texts(shell: InteractiveShell, notebook: bytes) -> list[list[str]]:
    """Run all cells; return the first line of what each displays besides its value."""
    cells = ["".join(cell["source"]) for cell in json.loads(notebook)["cells"]]
    return [[shown.data["text/plain"].split("\n")[0] for shown in run(shell, cell)] for cell in cells]


def test_the_source_is_judged_below_its_open_cells(shell: InteractiveShell) -> None:
    begin(shell)
    shown = texts(shell, SOURCE)
    assert says(shown[1][-1], "ANSWERED", "ok: `HELO laptop.example`")
    assert says(shown[3][-1], "MAIL_ARRIVED", "ok: ", "'Lunch'")


def test_what_is_delivered_runs_to_its_end(shell: InteractiveShell) -> None:
    begin(shell)
    shown = texts(shell, delivered(SOURCE))
    assert says(shown[1][0], "NOTHING_SENT", "not yet: ")
    assert says(shown[2][0], "DONE_FOR_YOU", "“say who you are”")
    assert says(shown[3][0], "SENT_UNPREDICTED")
    assert says(shown[4][0], "DONE_FOR_YOU", "“send Bob a message with the subject Lunch”")
    assert len(shell.user_ns["lab"].mailbox("bob@lab.example")) == 1


def test_a_cell_that_fails_is_judged_too(shell: InteractiveShell) -> None:
    begin(shell)
    run(shell, FIRST)
    with capture_output() as captured:
        shell.run_cell("# Now you: say who you are.\n1 / 0")
    assert captured.outputs[-1].data["text/plain"].startswith("not yet")


@pytest.mark.parametrize(
    ("slip", "help_"),
    [("QUIT", "stands in quotes"), ("HELO laptop.example", "stands in quotes"), ("sesion", "`session`")],
)
def test_a_slip_in_python_has_one_line_and_the_verdict_says_what_helps(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], slip: str, help_: str
) -> None:
    begin(shell)
    run(shell, FIRST)
    capsys.readouterr()
    usual = shell.InteractiveTB.mode
    with capture_output(stdout=False, stderr=False) as captured:
        shell.run_cell(f"# Now you: say who you are.\n{slip}")
    assert "Traceback" not in capsys.readouterr().out
    assert help_ in captured.outputs[-1].data["text/plain"]
    assert shell.InteractiveTB.mode == usual


def test_a_cell_that_ends_its_session_has_one_line_and_the_way_back(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    end = 'session.send("QUIT")\nsession.send("NOOP")'
    begin(shell, tutorial(FIRST, end))
    run(shell, FIRST)
    with capture_output() as captured:
        shell.run_cell(end)
    assert "SessionClosed: " in captured.stdout
    assert "Traceback" not in captured.stdout
    [verdict] = captured.outputs
    assert says(verdict.data["text/plain"], "SESSION_ENDED")


def test_a_cell_after_the_end_of_its_session_finds_it_open_again(shell: InteractiveShell) -> None:
    begin(shell, tutorial(FIRST, 'session.send("NOOP")'))
    run(shell, FIRST)
    run(shell, 'session.send("QUIT")')
    [told] = run(shell, 'session.send("NOOP")')[:1]
    assert says(told.data["text/plain"], "OPEN_AGAIN", "QUIT")


def test_a_silence_in_an_open_cell_is_a_verdict_and_no_error(shell: InteractiveShell) -> None:
    begin(shell)
    run(shell, FIRST)
    usual = shell.custom_exceptions, shell.CustomTB
    with capture_output() as captured:
        shell.run_cell("# Now you: say who you are.\nsession.send_bytes(b'')")
    assert captured.outputs[-1].data["text/plain"].startswith("not yet: The server says nothing")
    with capture_output() as captured:
        shell.run_cell("# Now you: say who you are.\nsession.send_bytes(b'HELO a')")
    assert captured.stdout == ""
    assert says(captured.outputs[-1].data["text/plain"], "LINE_NOT_ENDED", "not yet: `HELO a`")
    with capture_output() as captured:
        shell.run_cell("session.send_bytes(b'b')")
    assert "Silence" in captured.stdout  # in a cell of the student's own there is no verdict
    assert (shell.custom_exceptions, shell.CustomTB) == usual


def test_the_end_of_a_session_in_an_open_cell_is_a_verdict_and_no_error(shell: InteractiveShell) -> None:
    begin(shell)
    run(shell, FIRST)
    with capture_output() as captured:
        shell.run_cell('# Now you: say who you are.\nsession.send("QUIT")\nsession.send("HELO laptop.example")')
    assert captured.stdout == ""
    assert says(captured.outputs[-1].data["text/plain"], "SESSION_ENDED", "QUIT")


PYTHON_TUTORIALS = [
    path
    for path in sorted((course_root() / "notebooks" / "tutorials").glob("*.ipynb"))
    if json.loads(path.read_bytes())["metadata"]["kernelspec"]["language"] == "python"
]


@pytest.mark.parametrize("path", PYTHON_TUTORIALS, ids=lambda path: path.stem)
@pytest.mark.parametrize("place", [0.3, 0.6, 0.99])
def test_a_student_may_go_from_the_first_cell_to_any_other(shell: InteractiveShell, path: Path, place: float) -> None:
    first, *cells = (each for each in cells_of(path.read_bytes()) if each.id != "review")
    cell = cells[int(place * len(cells))]
    with capture_output():
        shell.run_cell(first.source, cell_id=first.id)
    with capture_output() as captured:
        assert shell.run_cell(cell.source, cell_id=cell.id).success
    texts = [shown.data["text/plain"] for shown in captured.outputs if "text/plain" in shown.data]  # not the view
    assert [text for text in texts if " failed: " in text.split("\n")[0] or text.startswith("not yet")] == []
    assert any("for you" in text for text in texts)
    assert "Error" not in captured.stdout


def test_hint_is_a_line_magic(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    begin(shell)
    shell.run_cell("%hint")
    assert says(capsys.readouterr().out, "HINT_FOR", "“say who you are”", "short for hello")


def test_a_reference_answer_that_fails_is_a_sentence(shell: InteractiveShell) -> None:
    assert lesson_hooks._PythonWorkspace(shell).run("1 / 0") == "Division by zero."
    assert lesson_hooks._PythonWorkspace(shell).run("print(1)") == ""


def test_a_mailbox_is_found_through_the_lab_or_a_session(shell: InteractiveShell) -> None:
    workspace = lesson_hooks._PythonWorkspace(shell)
    with pytest.raises(LookupError):
        workspace.mailbox("bob@lab.example")
    shell.user_ns["a"] = smtplab.Lab().telnet(LAB)
    assert workspace.mailbox("bob@lab.example") == []


def test_a_lesson_begins_by_its_name_and_begins_the_cards_anew(shell: InteractiveShell) -> None:
    smtplab.cards.level = "digits"
    smtplab.lesson("00-start-here")
    assert smtplab.cards.level == "words"
    smtplab.lesson("01-the-lectures-session")
    [magics] = [each for each in shell.magics_manager.registry.values() if isinstance(each, lesson_hooks.LessonMagics)]
    assert magics.lesson is not None
    assert magics.lesson.name == "01-the-lectures-session"
    with pytest.raises(LessonError, match="00-start-here"):
        smtplab.lesson("77")


def test_outside_ipython_a_lesson_does_nothing() -> None:
    InteractiveShell.clear_instance()
    smtplab.lesson("00-start-here")
    assert lesson_hooks.hint() == sentence(sentences.NO_LESSON)


# The SMTP kernel


def typed(cells: bytes, engine: Engine) -> list[tuple[list[str], str]]:
    """Run cells as the kernel does; return the steps that were done for the student, and the verdicts."""
    lesson, workspace = Lesson("a", cells_of(TYPED)), _TypedWorkspace(engine)
    said = []
    for cell in json.loads(cells)["cells"]:
        text = "".join(cell["source"])
        steps = [str(step).split("\n")[0] for step in lesson.before(text, "", workspace)]
        done(engine, text.rstrip("\n"))
        said.append((steps, str(lesson.after(None, workspace) or "")))
    return said


def test_typed_cells_are_judged_as_well() -> None:
    said = typed(TYPED, Engine(seconds=0.5))
    assert [steps for steps, _ in said] == [[]] * 4
    assert says(said[1][1], "ANSWERED", "ok: `HELO laptop.example`")


def test_a_typed_notebook_that_nobody_filled_in_runs_to_its_end() -> None:
    engine = Engine(seconds=0.5)
    said = typed(delivered(TYPED), engine)
    assert says(said[1][1], "NOTHING_SENT", "not yet: ")
    [step], [prediction] = said[2][0], said[3][0]
    assert says(step, "DONE_FOR_YOU", "“say who you are”")
    assert says(prediction, "SENT_UNPREDICTED", "MAIL FROM:<alice@lab.example>")
    assert engine.session is not None
    assert engine.session.transcript.commands()[-1].verb == "MAIL"


def test_what_a_skipped_prediction_has_said_is_not_shown_by_the_next_cell_again() -> None:
    engine = Engine(seconds=0.5)
    done(engine, f"telnet {LAB} 25\nHELO a\n%predict ? MAIL FROM:<a@lab.example>")
    workspace = _TypedWorkspace(engine)
    question = workspace.question(None)
    assert question is not None
    workspace.skip(question)
    assert "MAIL" not in done(engine, "NOOP\nNOOP").text


def test_a_wrong_prediction_is_made_and_its_line_is_not_sent_again() -> None:
    engine = Engine(seconds=0.5)
    said = typed(TYPED.replace(b"%predict done", b"%predict never"), engine)
    assert [steps for steps, _ in said] == [[]] * 4
    assert engine.session is not None
    assert [each.verb for each in engine.session.transcript.commands()] == ["HELO", "MAIL"]


def test_a_prediction_that_failed_is_not_made() -> None:
    engine = Engine(seconds=0.5)
    workspace = _TypedWorkspace(engine)
    lesson = Lesson("a", cells_of(TYPED))
    for cell in lesson.cells[:2]:
        list(lesson.before(cell.source, "", workspace))
        done(engine, cell.source)
        lesson.after(None, workspace)
    line = lesson.cells[2].source.replace("done", "perhaps")
    assert list(lesson.before(line, "", workspace)) == []
    failure(engine, line)
    lesson.after(None, workspace)
    [step] = lesson.before(lesson.cells[3].source, "", workspace)
    assert says(str(step), "SENT_UNPREDICTED", "MAIL FROM")


def test_a_typed_cell_after_the_end_of_its_session_finds_it_open_again() -> None:
    engine = Engine(seconds=0.5)
    workspace = _TypedWorkspace(engine)
    lesson = Lesson("a", cells_of(tutorial(f"telnet {LAB} 25", "HELO a", "NOOP", language="smtp")))
    for cell in (f"telnet {LAB} 25", "HELO a"):
        list(lesson.before(cell, "", workspace))
        done(engine, cell)
        lesson.after(None, workspace)
    assert engine.session is not None
    engine.session.close()
    [told] = [str(step) for step in lesson.before("NOOP", "", workspace)]
    assert says(told, "OPEN_AGAIN", "\nC: HELO a\nS: 250 ")
    assert done(engine, "NOOP").text == "S: 250 Nothing done, as you asked"
    assert lesson.after(None, workspace) is None


def test_octets_without_raw_are_told_as_letters_in_a_typed_cell() -> None:
    engine = Engine(seconds=0.5)
    workspace = _TypedWorkspace(engine)
    goal = {"goal": {"lines": ["NOOP\\x0a"], "slips": {"NOOP\\x0a?*": "run the cell above again"}}, "hint": "a."}
    begin, ask = f"telnet {LAB} 25\n%raw NOOP\\n", "%now you: send the end.\n%raw \\r\\n"
    lesson = Lesson("a", cells_of(tutorial(begin, (ask, goal), language="smtp")))
    for cell, answer in ((lesson.cells[0], begin), (lesson.cells[1], f"{lesson.cells[1].given}\\r\\n")):
        list(lesson.before(answer, cell.id, workspace))
        engine.run(answer)
        verdict = lesson.after(None, workspace)
    assert says(str(verdict), "RAW_FORGOTTEN", "not yet: `\\r\\n`", "Run the cell above again.")


CHECKS = "%now you: say HELO and let the cell check itself\nHELO a\n%expect 250"
CHECKS_ITSELF = tutorial(
    f"telnet {LAB} 25",
    (CHECKS, {"goal": {"said": ["250 HELO"]}, "hint": "Two lines.", "written": ["%expect 250"]}),
    "MAIL FROM:<>",
    language="smtp",
)


def judged_when_typed(*answers: str) -> list[str]:
    """Return the verdict on each answer to the task above, and what the lesson then does for the next cell."""
    engine = Engine(seconds=0.5)
    workspace = _TypedWorkspace(engine)
    lesson = Lesson("a", cells_of(CHECKS_ITSELF))
    verdicts = []
    answered = [("cell-1", f"{lesson.cells[1].given}{answer}") for answer in answers]
    for cell_id, text in [("cell-0", f"telnet {LAB} 25"), *answered]:
        list(lesson.before(text, cell_id, workspace))
        engine.run(text)
        verdicts.append(str(lesson.after(None, workspace)))
    steps = [str(step) for step in lesson.before("MAIL FROM:<>", "cell-2", workspace)]
    return [*verdicts[1:], *steps]


@pytest.mark.parametrize("check", ["%expect 250", "%EXPECT 2yz", "  %expect 250 251"])
def test_a_task_to_check_the_reply_is_ok_with_the_directive_alone(check: str) -> None:
    without, with_it = judged_when_typed("HELO a", check)
    assert says(without, "NOT_WRITTEN", "`%expect 250`")
    assert with_it.startswith("ok: ")
    [at_once] = judged_when_typed(f"HELO a\n{check}")
    assert at_once.startswith("ok: ")


@pytest.mark.parametrize("answer", ["HELO a", "HELO a\nexpect 250", "HELO a\n%expected 250", "HELO a\n%why"])
def test_a_task_to_check_the_reply_is_not_praised_without_the_directive(answer: str) -> None:
    verdict, *steps = judged_when_typed(answer)
    assert verdict.startswith("not yet: ")
    assert steps == []  # what was sent counts, so the lesson does not send it again


def test_a_lesson_of_the_kernel_starts_over() -> None:
    InteractiveShell.clear_instance()
    engine = Engine(seconds=0.5)
    done(engine, f"telnet {LAB} 25\nHELO a")
    done(engine, "%lesson 01-type-the-lectures-session")
    assert engine.session is None
    assert "first cell" in done(engine, "%hint").text
    assert "00-start-here" in failure(engine, "%lesson 77")


def test_a_step_that_the_server_ended_fails_in_a_sentence() -> None:
    engine = Engine(seconds=0.5)
    done(engine, f"telnet {LAB} 25\nQUIT")
    assert "closed" in _TypedWorkspace(engine).run("HELO a")


def test_how_a_session_is_opened_is_said_with_the_names_of_the_notebook(shell: InteractiveShell) -> None:
    workspace = lesson_hooks._PythonWorkspace(shell)
    assert workspace.call("mine", LAB) == f'mine = lab.telnet("{LAB}", 25)'
    run(shell, f'import smtplab\nsession = smtplab.Lab().telnet("{LAB}", 25)')
    call = workspace.call("session", LAB)
    assert call == f'session = session.lab.telnet("{LAB}", 25)'
    run(shell, f"lab = smtplab.Lab()\n{call}")
    assert workspace.call("session", LAB) == f'session = lab.telnet("{LAB}", 25)'
    assert _TypedWorkspace(Engine()).call("session", LAB) == f"telnet {LAB} 25"


def test_a_workspace_says_what_waits_and_how_a_step_is_taken_back(shell: InteractiveShell) -> None:
    workspace = lesson_hooks._PythonWorkspace(shell)
    assert workspace.waiting() is None
    lab = shell.user_ns["lab"] = Lab(queues=True)
    assert workspace.waiting() == []
    session = lab.telnet(LAB)
    session.send("HELO a\nMAIL FROM:<>\nRCPT TO:<forouzanb@adelphia.net>\nDATA\n.")
    assert workspace.waiting() == [LAB]
    assert workspace.undo("session", 2) == "session.undo(2)"
    assert workspace.value("lab") is lab
    assert workspace.value("nothing") is None


def test_a_typed_workspace_says_what_waits_and_how_a_step_is_taken_back() -> None:
    engine = Engine()
    workspace = _TypedWorkspace(engine)
    assert workspace.waiting() is None
    engine.run("%lab new queues")
    assert workspace.waiting() == []
    assert workspace.undo("session", 2) == "%undo 2"
    assert workspace.value("lab") is None


def test_a_typed_workspace_runs_cells_of_python_as_well(shell: InteractiveShell) -> None:
    workspace = _TypedWorkspace(Engine())
    assert workspace.run("%%py\nnumber = 1\nprint(number)") == ""
    assert shell.user_ns["number"] == 1
    assert workspace.run("%%py\n1 / 0") == "Division by zero."


def test_what_is_said_again_for_a_typed_cell_is_not_shown_as_its_own() -> None:
    engine = Engine()
    workspace = _TypedWorkspace(engine)
    assert workspace.all_sessions() == ()
    done(engine, f"telnet {LAB} 25")
    [session] = workspace.all_sessions()
    session.send("HELO a")
    workspace.seen("session")
    assert done(engine, "NOOP").text == "S: 250 Nothing done, as you asked"


def test_a_step_that_is_done_with_buttons_shows_its_lines(shell: InteractiveShell) -> None:
    build = f'import smtplab\nbuilder = smtplab.SessionBuilder(smtplab.Lab(), "{LAB}")\nlab = builder.lab'
    lines = f"HELO a\\nMAIL FROM:<>\\nRCPT TO:<{BOB}>\\nDATA\\nSubject: Clicked\\n."
    click = f'# Now you: send it.\nbuilder.connect()\nbuilder.type("{lines}")'
    begin(shell, tutorial(build, (click, {"goal": {"mail": f"{BOB}: Clicked"}}), "lab.hosts"))
    run(shell, build)
    shell.user_ns["session"] = shell.user_ns["lab"].telnet(LAB)
    run(shell, "# Now you: send it.")
    [told, *_] = run(shell, "lab.hosts")
    text = told.data["text/plain"]
    assert says(text, "DONE_FOR_YOU", "“send it”", "C: HELO a\nS: 250 ")
    workspace = lesson_hooks._PythonWorkspace(shell)
    assert workspace.all_sessions() == [shell.user_ns["session"], shell.user_ns["builder"].session]
    assert workspace.session_names() == ["session"]


def test_what_is_taken_back_for_a_typed_step_is_not_shown_as_said() -> None:
    engine = Engine()
    done(engine, f"telnet {LAB} 25")
    done(engine, "HELO a\nMAIL FROM:<>\nRCPT TO:<bob@lab.example>")
    _TypedWorkspace(engine).take_back("session", 1)
    [part] = [each for each in engine.run("HELO b").parts if isinstance(each, Said)]
    assert [row.text for row in part.rows] == ["HELO b", f"250 {LAB} greets b"]


def test_a_cell_of_the_students_own_with_the_text_of_a_later_cell_does_no_step(shell: InteractiveShell) -> None:
    begin(shell)
    first, *_, state = (each.source for each in cells_of(SOURCE))
    with capture_output() as captured:
        shell.run_cell(first, cell_id="cell-0")
        shell.run_cell(state, cell_id="fresh")
    assert not any("done for you" in shown.data["text/plain"] for shown in captured.outputs)
    with capture_output() as captured:
        shell.run_cell(state, cell_id="cell-4")
    assert sum("done for you" in shown.data["text/plain"] for shown in captured.outputs) == 2


def test_a_lesson_that_begins_forgets_the_predictions_of_the_run_before(shell: InteractiveShell) -> None:
    shell.user_ns["number"] = 10
    guess = {"name": "number", "right": 10, "from": [10, 20]}
    begin(shell, tutorial(("# Now you: which?\nnumber = 10", {"goal": {"guess": guess}})))
    assert "number" not in shell.user_ns
    _TypedWorkspace(Engine()).forget("number")  # a typed notebook has no variables


@pytest.mark.parametrize("checkout", [False, True])
def test_a_belief_that_open_cells_show_is_noted_for_the_review_and_not_in_a_checkout(
    shell: InteractiveShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, checkout: bool
) -> None:
    monkeypatch.chdir(ROOT if checkout else tmp_path)
    begin(shell)
    run(shell, FIRST)
    run(shell, HELO[0] + '\nsession.send("BCC TO:<bob@lab.example>")')
    assert not (tmp_path / NAME).exists()
    run(shell, HELO[0] + '\nsession.send("CC TO:<bob@lab.example>")')
    assert [*read_cards(tmp_path / NAME)[0]] == ([] if checkout else ["bcc-is-a-command"])
    assert not (ROOT / NAME).exists()
