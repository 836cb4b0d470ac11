"""A failure in a notebook is its sentence and the lines that led to it; nothing of the insides of smtplab."""

import pytest

import smtplab
from smtplab import Irrevocable, SessionClosed, Silence
from smtplab.base.failure import Failure
from smtplab.client.outcomes import ConnectionLost
from smtplab.grading.design import ExerciseError
from smtplab.mta.directory import DirectoryError
from smtplab.mta.personality import PersonalityError
from support.shell import notebook_shell


def shown(cell: str, capsys: pytest.CaptureFixture[str], *before: str) -> str:
    """Return what the last of some cells shows, where the names of smtplab are loaded for the first time."""
    for name in smtplab.__all__:
        vars(smtplab).pop(name, None)
    with notebook_shell() as shell:
        for each in ("import smtplab", *before):
            shell.run_cell(each)
        capsys.readouterr()
        shell.run_cell(cell)
    return capsys.readouterr().out


@pytest.mark.parametrize(
    "kind", [ConnectionLost, SessionClosed, Silence, Irrevocable, ExerciseError, DirectoryError, PersonalityError]
)
def test_what_a_student_may_run_into_is_a_failure(kind: type[Exception]) -> None:
    assert issubclass(kind, Failure)


def test_a_cell_shows_its_line_and_the_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    cell = "import smtplab\nlab = smtplab.Lab()\nlab.telnet('nowhere.example')"
    first, second = shown(cell, capsys).splitlines()
    assert first == "line 3: lab.telnet('nowhere.example')"
    assert second.startswith("ConnectionLost: ")
    assert "'nowhere.example'" in second


def test_a_function_of_the_notebook_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    cell = "import smtplab\ndef call(host):\n    return smtplab.Lab().telnet(host)\ncall('nowhere.example')"
    assert shown(cell, capsys).splitlines()[:2] == [
        "line 4: call('nowhere.example')",
        "line 3 of call: return smtplab.Lab().telnet(host)",
    ]


def test_other_errors_keep_their_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Traceback" in shown("1 / 0", capsys)


@pytest.mark.parametrize(
    ("cell", "kind", "word"),
    [
        ("smtplab.classify(1000)", "ValueError", "1000"),
        ("smtplab.Lab().mailbox('a@@b')", "LocalProtocolError", "'@b'"),
        ("smtplab.Lab().mailbox('zoe@lab.example')", "LookupError", "'zoe'"),
        ("smtplab.Lab().telnet('mail.lab.example').send(5)", "TypeError", "text"),
        ("smtplab.Reply(250, 'a\\nb')", "LocalProtocolError", "reply text"),
        ("smtplab.Directory(['a..b'])", "DirectoryError", "'a..b'"),
        ("smtplab.serve(personality='plian')", "UnknownPersonality", "'plian'"),
    ],
)
def test_a_wrong_argument_is_shown_as_a_failure_is(
    cell: str, kind: str, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = shown(cell, capsys).splitlines()
    assert first == f"line 1: {cell}"
    assert second.startswith(f"{kind}: ")
    assert word in second


@pytest.mark.parametrize(
    "cell",
    [
        "int('x')",
        "{}['x']",
        "raise smtplab.LocalProtocolError('x')",
        "smtplab.Directory(map(int, ['x']))",
        "def domains():\n    raise ValueError('x')\n    yield\nsmtplab.Directory(domains())",
        "import pandas; pandas.Series([1000]).map(smtplab.classify)",
    ],
)
def test_what_smtplab_did_not_refuse_itself_keeps_its_traceback(cell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "Traceback" in shown(cell, capsys, "smtplab.Lab")


def test_the_whole_traceback_is_there_for_who_asks(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Traceback" in shown("%tb", capsys, "smtplab.classify(1000)")


def test_a_shell_that_has_its_own_way_with_exceptions_keeps_it(capsys: pytest.CaptureFixture[str]) -> None:
    own = "get_ipython().set_custom_exc((ValueError,), lambda shell, *_, **__: print('mine'))"
    assert shown("smtplab.classify(1000)", capsys, own) == "mine\n"
