"""A failure in a notebook is its sentence and the lines that led to it; nothing of the insides of smtplab."""

import pytest
from IPython.core.interactiveshell import InteractiveShell

from smtplab import Irrevocable, SessionClosed, Silence
from smtplab.delivery import ConnectionLost
from smtplab.failure import Failure
from smtplab.grading.handout import ExerciseError


def shown(cell: str, capsys: pytest.CaptureFixture[str]) -> str:
    shell = InteractiveShell.instance()
    try:
        shell.run_cell(cell)
    finally:
        InteractiveShell.clear_instance()
    return capsys.readouterr().out


@pytest.mark.parametrize("kind", [ConnectionLost, SessionClosed, Silence, Irrevocable, ExerciseError])
def test_what_a_student_may_run_into_is_a_failure(kind: type[Exception]) -> None:
    assert issubclass(kind, Failure)


def test_a_cell_shows_its_line_and_the_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    cell = "import smtplab\nlab = smtplab.Lab()\nlab.telnet('nowhere.example')"
    first, second = shown(cell, capsys).splitlines()
    assert first == "line 3: lab.telnet('nowhere.example')"
    assert second.startswith("ConnectionLost: there is no host 'nowhere.example' here, only ")


def test_a_function_of_the_notebook_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    cell = "import smtplab\ndef call(host):\n    return smtplab.Lab().telnet(host)\ncall('nowhere.example')"
    assert shown(cell, capsys).splitlines()[:2] == [
        "line 4: call('nowhere.example')",
        "line 3 of call: return smtplab.Lab().telnet(host)",
    ]


def test_other_errors_keep_their_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Traceback" in shown("1 / 0", capsys)
