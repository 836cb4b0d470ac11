"""Every error sentence of the command line is printed somewhere, in exactly these words."""

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from smtplab.cli import course as course_commands
from smtplab.cli import frame, sentences
from smtplab.cli import queue as queue_commands
from smtplab.cli.grading_progress import GradingProgress
from smtplab.cli.talk import misspelling
from smtplab.client.outcomes import ClientError
from smtplab.course.copies import course_files, hand_out
from smtplab.grading.engine.run import ClassRun
from smtplab.grading.exercises import NAMES
from smtplab.grading.results.outcome import Report, StudentResult
from smtplab.grading.results.result_files import write_results
from smtplab.mta.spool_folder import FolderSpool
from support import captures
from support.fake_grader import FakeGrader, FakeGraders
from support.handed_in import NAME, answered
from support.odd_server import OddServer, Step, before, line, say, silence
from support.templates import names_of

Run = Callable[..., subprocess.CompletedProcess[str]]
TO_ALICE = ("--from", "x@client.example", "--to", "alice@lab.example", "--file", "message.txt", "--quiet")
BOTH = (*TO_ALICE, "--to", "bob@lab.example")


@dataclass(frozen=True)
class Row:
    """A command line that prints a sentence.

    Args:
        command: its words, one string for a command without blanks in its arguments.
        code: the exit code.
        text: what standard error holds, without the last line end.
        steps: what a server says, whose address is added to the command.
        stdin: what is typed in; None to run the command in this process.
        before: what is done first.
    """

    command: str | tuple[str, ...]
    code: int
    text: str
    steps: tuple[Step, ...] | None = None
    stdin: str | None = None
    before: Callable[[pytest.MonkeyPatch], Any] = lambda monkeypatch: None

    def arguments(self, address: tuple[str, int]) -> list[str]:
        words = self.command.split() if isinstance(self.command, str) else list(self.command)
        if self.steps is None:
            return words
        host, port = address[0], str(address[1])
        return (
            [*words, host, port] if words[0] in ("talk", "check-server") else [*words, "--host", host, "--port", port]
        )


def without_notebooks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(course_commands.course, "course_files", dict)


def without_jupyterlab(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(course_commands, "find_spec", lambda name: None)


def without_pandas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    monkeypatch.setattr(frame, "run", lambda arguments: __import__("pandas"))


def with_one_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    from smtplab.course import doctor

    monkeypatch.setattr(doctor, "examine", lambda folder: [doctor.Finding("Python", False, "old", "take a new one")])


def where_the_screen_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    from smtplab.cli import screen

    def full(text: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(screen, "echo", full)
    monkeypatch.setattr(screen, "print_no_more", lambda: None)


def where_nothing_can_be_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")


def on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame, "os", SimpleNamespace(name="nt"))


def where_a_class_is(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("class/submitted/mia").mkdir(parents=True)
    Path("class.csv").write_text("id\nmia\n")


def where_an_exercise_was_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    where_an_exercise_is(monkeypatch)
    path = Path("exercises") / "03-every-reply-has-a-cause.ipynb"
    book = json.loads(path.read_bytes())
    book["cells"][-1]["source"] = "changed"
    path.write_text(json.dumps(book))


def where_an_exercise_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JUPYTERHUB_USER", raising=False)
    hand_out(Path(), {name: data for name, data in course_files().items() if name.startswith("exercises/03")})


def where_nothing_is_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    where_a_class_is(monkeypatch)
    monkeypatch.setattr("smtplab.cli.purge._removed", lambda thing: False)


def with_a_zip_beside_source(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("class/source").mkdir(parents=True)
    Path("class/moodle.zip").touch()


def where_work_is_graded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smtplab.grading.engine.starting.StartedGraders", FakeGraders)
    for student in ("mia", "noah"):
        Path(f"class/submitted/{student}").mkdir(parents=True)
        Path(f"class/submitted/{student}/{NAME}.ipynb").write_bytes(answered(student, {}))


def where_work_is_graded_and_ctrl_c_pressed(monkeypatch: pytest.MonkeyPatch) -> None:
    where_work_is_graded(monkeypatch)
    init = ClassRun.__init__

    def stopped(self: ClassRun, *arguments: Any) -> None:
        init(self, *arguments)
        self.stop()

    monkeypatch.setattr(ClassRun, "__init__", stopped)
    monkeypatch.setattr(GradingProgress, "say", lambda self, line: signal.raise_signal(signal.SIGINT))


def where_nbgrader_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    where_work_is_graded(monkeypatch)
    Path("class/gradebook.db").touch()
    monkeypatch.setitem(sys.modules, "smtplab.grading.engine.gradebook", None)


def where_no_host_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def check_reach(host: str, port: int, *, allow_remote: bool) -> None:
        raise ClientError("no such host")

    monkeypatch.setattr("smtplab.cli.reach.check_reach", check_reach)
    monkeypatch.setattr("smtplab.cli.server.check_reach", check_reach)


def where_the_spool_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_commands, "_PATIENCE", 0)
    monkeypatch.setattr(queue_commands, "held", FolderSpool("spool"), raising=False)


# A `*` at the end of a text stands for the words of another package.
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("smtplab.cli.lite.gather", lambda *_, **__: {})
    monkeypatch.setattr("smtplab.lite.build.marker", lambda *_: {"build": "new"})
    monkeypatch.setattr("smtplab.lite.build.built_site", lambda *_: nullcontext(Path("built")))
    monkeypatch.setattr("smtplab.lite.placing.place", refuses)


ROWS = {
    "PACKAGE_MISSING": Row(
        "start",
        3,
        f"The Python package pandas is missing; to fix it: {sys.executable} -m pip install pandas",
        before=without_pandas,
    ),
    "JUPYTERLAB_MISSING": Row(
        "start",
        3,
        f"JupyterLab is missing; to fix it: {sys.executable} -m pip install jupyterlab",
        before=without_jupyterlab,
    ),
    "NO_NOTEBOOKS": Row(
        "start", 3, "This installation has no notebooks; install smtplab again.", before=without_notebooks
    ),
    "NEEDS_POSIX": Row(
        "serve",
        3,
        "`smtplab serve` does not run on Windows; use Linux, macOS or WSL. "
        "The notebooks, the lab in them and `smtplab send` work here.",
        before=on_windows,
    ),
    "PROBLEMS_FOUND": Row("doctor", 3, "1 problem found.", before=with_one_problem),
    "SYSTEM_ERROR": Row("start message.txt/course", 3, "message.txt/course: Not a directory."),
    "FILE_UNREADABLE": Row(
        "send --from x@y.example --to a@b.example --file none.txt",
        2,
        "none.txt cannot be read: No such file or directory.",
    ),
    "FOLDER_UNUSABLE": Row(
        "serve --maildir message.txt",
        3,
        "Mail cannot be kept in message.txt: Not a directory; name a folder that you may write.",
    ),
    "NOT_SAVED": Row(
        "talk --save /dev/full",
        3,
        "The transcript could not be saved: /dev/full: No space left on device.",
        steps=(*before("EHLO"), say("250 ok"), line, say("221 bye")),
        stdin="EHLO me\nQUIT\n",
        before=where_nothing_can_be_saved,
    ),
    "NOT_PRINTED": Row(
        ("send", *TO_ALICE[:-1]),
        3,
        "The message was delivered, but the conversation could not be printed: No space left on device.",
        steps=(*before("QUIT"), say("221 bye")),
        before=where_the_screen_is_full,
    ),
    "SEE_HELP": Row("codes 1 2", 2, "Got unexpected extra argument (2); see `smtplab codes --help`."),
    "SEE_HELP_AFTER": Row("queue shwo", 2, "No such command 'shwo'. Did you mean 'show'? See `smtplab queue --help`."),
    "NO_COMMAND": Row("xyzzy", 2, "No such command 'xyzzy'; see `smtplab --help`."),
    "DID_YOU_MEAN": Row("strat", 2, "No such command 'strat' (did you mean start?); see `smtplab --help`."),
    "NO_SCENARIO": Row("simulate", 2, "Name a scenario: greylisting, *"),
    "SEEDS_NEED_NUMBER": Row(
        "simulate lost-250 --seed x --seeds 2", 2, "--seeds counts from a number, and --seed 'x' is none; use --seed 1."
    ),
    "PCAP_OF_ONE_RUN": Row(
        "simulate lost-250 --seeds 2 --pcap x.pcap", 2, "--pcap writes the sessions of one run; leave --seeds out."
    ),
    "OTHER_TRACE": Row("simulate lost-250 --expect 0", 1, "The trace has the hash *"),
    "NO_REPLY_CODE": Row(
        "codes 999", 1, "999 is not a reply code of SMTP, whose first digit is 2 to 5 (RFC 5321 4.2.1)."
    ),
    "NOT_SECONDS": Row(
        "serve --idle 0",
        2,
        "Invalid value for '--idle': '0' is not a number of seconds above 0 and up to 86400; "
        "see `smtplab serve --help`.",
    ),
    "NO_DOMAIN": Row(
        ("serve", "--domain", ""),
        2,
        "Invalid value for '--domain': a domain needs a name, such as lab.example; see `smtplab serve --help`.",
    ),
    "NOT_A_USER": Row(
        "serve --user a@b",
        2,
        "Invalid value for '--user': 'a@b' is not the part of an address before the @, such as alice; "
        "see `smtplab serve --help`.",
    ),
    "NO_FOLDER": Row(
        ("serve", "--maildir", ""),
        2,
        "Invalid value for '--maildir': a folder needs a name; . is the current folder; see `smtplab serve --help`.",
    ),
    "NO_PORT_IN_COMMAND": Row(
        ("check-client", "--cmd", "client {host}"),
        2,
        "--cmd does not say where the port goes; write {port} where your program takes it.",
    ),
    "NOT_A_COMMAND": Row(
        ("check-client", "--cmd", "client '{port}"),
        2,
        "--cmd cannot be split into words: No closing quotation; check the quotes.",
    ),
    "NOT_STARTED": Row(
        ("check-client", "--cmd", "/no/such/client {port}"),
        3,
        "/no/such/client cannot be started: No such file or directory; check the command, or name the whole path.",
    ),
    "NOT_A_ROUTE": Row(
        "serve --route a.example",
        2,
        "Invalid value for '--route': 'a.example' is not of the form DOMAIN=HOST:PORT; see `smtplab serve --help`.",
    ),
    "NO_ADDRESS": Row(("serve", "--host", ""), 2, "--host needs an address; 127.0.0.1 is this machine alone."),
    "NO_EFFECT": Row("serve --discard --user alice", 2, "--user has no effect with --discard; leave one of them out."),
    "NOT_SENDABLE": Row(
        "send --from x --to a@b.example --file message.txt",
        2,
        "--from 'x' cannot be sent: *",
    ),
    "NO_MESSAGE": Row(
        "send --from x@y.example --to a@b.example --file empty.txt", 2, "There is no message in empty.txt; it is empty."
    ),
    "BYTE_ORDER_MARK": Row(
        "send --from x@y.example --to a@b.example --file marked.txt",
        2,
        "The message in marked.txt begins with a byte order mark, where its first field should; "
        "save it as UTF-8 without the mark.",
    ),
    "SUBJECT_NEEDS_FROM": Row(
        ("send", "--from", "", "--to", "a@b.example", "--file", "message.txt", "--subject", "x"),
        2,
        "--subject makes a From field, and --from is empty; give the whole message instead.",
    ),
    "NO_HEADER_FIELD": Row(
        "send --from x@client.example --to alice@lab.example --file body.txt --quiet",
        0,
        "The message in body.txt does not begin with a header field; with --subject, a header section is made for it.",
        steps=(*before("QUIT"), say("221 bye")),
    ),
    "LONG_LINE": Row(
        "send --from x@client.example --to alice@lab.example --file long.txt --quiet",
        0,
        "Line 3 of long.txt has 999 octets, and a server need not take more than 998 (RFC 5321 4.5.3.1.6); "
        "it may refuse or cut it.",
        steps=(*before("QUIT"), say("221 bye")),
    ),
    "OTHER_MACHINE": Row("talk 192.0.2.1 25", 2, "192.0.2.1 is another machine; --allow-remote lets you talk to it."),
    "NEEDS_ALLOW_REMOTE": Row(
        "talk nowhere.invalid 25",
        3,
        "No such host; another machine would need --allow-remote too.",
        before=where_no_host_is_known,
    ),
    "ROUTE_TO_OTHER_MACHINE": Row(
        "serve --route a.example=192.0.2.1:25",
        2,
        "The route for a.example leads to another machine, 192.0.2.1; --allow-remote allows that.",
    ),
    "ROUTE_UNUSABLE": Row(
        "serve --route a.example=nowhere.invalid:25",
        3,
        "The route for a.example cannot be used: no such host.",
        before=where_no_host_is_known,
    ),
    "NEEDS_CONFIG": Row(
        "mta",
        2,
        "--config needs the file of a mail host; `smtplab mta --example FOLDER` writes one to begin with; "
        "see `smtplab mta --help`.",
    ),
    "SPOOL_UNUSABLE": Row(
        "mta --config near.toml",
        3,
        "The queue cannot be kept in message.txt: Not a directory; name a folder that you may write as `spool`.",
    ),
    "HOST_BUSY": Row(
        "queue --config far.toml",
        3,
        "The host of spool does not answer; it starts or stops, or another command holds its spool. Try again.",
        before=where_the_spool_is_held,
    ),
    "OUT_UNUSABLE": Row(
        "simulate lost-250 --out message.txt",
        3,
        "The files cannot be written into message.txt: it is a file; name a folder that you may write with --out.",
    ),
    "NO_CONFIG": Row(
        "mta --config none.toml",
        2,
        "There is no file none.toml; `smtplab mta --example FOLDER` writes one to begin with.",
    ),
    "CONFIG_MEANT": Row(
        "mta near.toml",
        2,
        "Got unexpected extra argument (near.toml); give the file behind --config; see `smtplab mta --help`.",
    ),
    "MAILDIR_UNUSABLE": Row(
        "mta --config taken.toml",
        3,
        "Mail cannot be kept in message.txt: Not a directory; name a folder that you may write as `maildir`.",
    ),
    "NO_ENTRIES": Row(
        "queue retry --config far.toml A B",
        1,
        "There is no 'A' or 'B' in the queue; what was delivered, given up or dropped is no longer there.",
    ),
    "EXAMPLE_UNUSABLE": Row(
        "mta --example message.txt",
        2,
        "The example cannot be written into message.txt: it is a file; name a folder that you may write.",
    ),
    "EXAMPLE_THERE": Row("mta --example .", 2, "near.toml is there already, and is not replaced; name another folder."),
    "SENDER_REFUSED": Row(
        ("send", *TO_ALICE),
        1,
        "The sender was refused: 550 not you",
        steps=(*before("MAIL"), say("550 not you"), line, say("221 bye")),
    ),
    "RECIPIENT_REFUSED": Row(
        ("send", *TO_ALICE),
        1,
        "alice@lab.example was refused: 550 unknown",
        steps=(*before("RCPT"), say("550 unknown"), line, say("221 bye")),
    ),
    "RECIPIENT_UNANSWERED": Row(
        ("send", *BOTH),
        1,
        "alice@lab.example was refused: 421 enough\n"
        "bob@lab.example was not answered, because the session had ended; try again later.\n"
        "The message was accepted for 0 of 2 recipients.",
        steps=(*before("RCPT"), say("421 enough")),
    ),
    "ACCEPTED_FOR": Row(
        ("send", *BOTH),
        1,
        "The message was refused: 554 spam\nThe message was accepted for 0 of 2 recipients.",
        steps=(*before("DATA"), say("250 ok"), line, say("554 spam"), line, say("250 ok"), line, say("221 bye")),
    ),
    "MESSAGE_REFUSED": Row(
        ("send", *TO_ALICE),
        1,
        "The message was refused: 554 spam",
        steps=(*before("message"), say("554 spam"), line, say("221 bye")),
    ),
    "MESSAGE_WITHOUT_END": Row(
        "talk",
        1,
        "The message has no end, which is a line with one dot; the server drops it.",
        steps=(*before("MAIL"), say("250 ok"), line, say("250 ok"), line, say("354 go on"), silence),
        stdin="EHLO me\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nDATA\nhello\n",
    ),
    "CLOSED_WITHOUT_REPLY": Row(
        "talk",
        3,
        "The server closed the connection without a reply.",
        steps=(*before("EHLO"), say("250 ok")),
        stdin="EHLO me\n",
    ),
    "SESSION_ENDED": Row(
        "talk",
        1,
        "The server ended the session: 421 enough",
        steps=(*before("EHLO"), say("421 enough")),
        stdin="EHLO me\n",
    ),
    "NO_SMTP_CONNECTION": Row(
        "transcript web.pcap",
        1,
        "There is no SMTP connection in web.pcap; name the server's port with --port if it is an odd one.",
    ),
    "NO_CONNECTION_TO_PORT": Row("transcript web.pcap --port 25", 1, "There is no connection to port 25 in web.pcap."),
    "NO_SUCH_CONNECTION": Row(
        "transcript web.pcap --port 80 --connection 2", 2, "There is no connection 2 in web.pcap, which has 1."
    ),
    "NO_EXERCISES": Row(
        "release", 3, "There are no exercises in source; name the folder that holds them with --source."
    ),
    "UNKNOWN_EXERCISE": Row("release 77 --source ROOT", 2, f"There is no exercise '77'; there are {', '.join(NAMES)}."),
    "NOT_A_TIME": Row(
        "grade results --since yesterday",
        2,
        "Invalid value for '--since': 'yesterday' is not a date and a time, such as 2026-11-30T18:00; "
        "see `smtplab grade --help`.",
    ),
    "NO_SUCH_STUDENT": Row(
        "grade class --source ROOT --exercise 3 --only zoe",
        2,
        "No student has the id 'zoe'; the class has 0 students, and roster.csv their ids.",
        before=lambda monkeypatch: Path("class").mkdir(),
    ),
    "NOTHING_HANDED_IN": Row(
        "grade class --source ROOT --exercise 3",
        3,
        "There is no notebook of 03-every-reply-has-a-cause in what you named; look at the sentences above.",
        before=lambda monkeypatch: Path("class").mkdir(),
    ),
    "NOT_ONE_NOTEBOOK": Row(
        "grade class --as mia",
        2,
        "--as grades one notebook; name its file, and nothing else.",
        before=lambda monkeypatch: Path("class").mkdir(),
    ),
    "NO_IDS": Row(
        "grade own.ipynb --as ,",
        2,
        "--as ',' names no student; write the ids with commas between, such as mia,noah.",
        before=lambda monkeypatch: Path("own.ipynb").touch(),
    ),
    "NAME_THE_ZIP": Row(
        "grade class --source ROOT",
        2,
        "There is no folder submitted in class; name what was handed in, as in `smtplab grade class/moodle.zip`.",
        before=with_a_zip_beside_source,
    ),
    "NO_TIMES": Row(
        f"grade class --source ROOT --exercise {NAME} --due 2026-01-01T00:00",
        0,
        "Nothing tells when the work was handed in: a platform's zip may give all files the time of the download. So "
        f"nobody is named as late; the platform has the times.\n{FakeGrader.border}",
        before=where_work_is_graded,
    ),
    "GRADING_STOPS": Row(
        "grade class --source ROOT --exercise 1",
        130,
        "Finishing the submissions that run; press Ctrl-C again to end at once.\n*",
        before=where_work_is_graded_and_ctrl_c_pressed,
    ),
    "GRADING_STOPPED": Row(
        "grade class --source ROOT --exercise 1",
        130,
        "Finishing the submissions that run; press Ctrl-C again to end at once.\n"
        "0 of 2 are done, the absent among them, and results are kept. Run the same command again to go on.",
        before=where_work_is_graded_and_ctrl_c_pressed,
    ),
    "NO_NBGRADER": Row(
        f"grade class --source ROOT --exercise {NAME}",
        0,
        f"{FakeGrader.border}\nclass/gradebook.db was not changed, because nbgrader is missing; "
        "to install it: pip install 'smtplab[grading]'",
        before=where_nbgrader_is_missing,
    ),
    "EXERCISE_UNUSABLE": Row("release --source bad", 1, "bad/x/x.ipynb: it is not a notebook of format 4."),
    "NOT_RELEASED": Row(
        "feedback bad",
        1,
        "there are no results in bad: No such file or directory; grade the exercise first, and name the folder with "
        "report.json.",
    ),
    "NOT_IN_THE_ZIP": Row(
        "feedback results --zip moodle.zip",
        1,
        "These students are not in the zip, because the roster has no platform key of theirs: mia and noah. Give them "
        "their pages in another way.",
    ),
    "NOT_IN_CANVAS_ZIP": Row(
        "feedback canvas --zip canvas.zip",
        1,
        "These students are not in the zip, because what they handed in did not come from a zip of Canvas: noah. Give "
        "them their pages in another way.",
    ),
    "NOT_A_MAILBOX": Row(
        "check-server 127.0.0.1 2525 --mailbox alice",
        2,
        "--mailbox 'alice' is not an address, such as alice@lab.example: *",
    ),
    "NO_MAILDIR": Row(
        "check-server 127.0.0.1 2525 --maildir missing",
        2,
        "--maildir missing: there is no such folder. Name the one into which your server writes mail.",
    ),
    "NOT_A_MAILDIR": Row(
        "check-server 127.0.0.1 2525 --maildir bad",
        2,
        "--maildir bad: neither it nor a folder in it has a folder new, so it is no Maildir. "
        "Make bad/new, or name the folder into which your server writes mail.",
    ),
    "PAGE_NOT_SAVED": Row(
        "check-server --html message.txt/page.html",
        3,
        "The report could not be saved: message.txt/page.html: Not a directory.",
        steps=(),
    ),
    "NOT_A_ZIP": Row("submit --out x.ipynb", 2, "--out x.ipynb is not the name of a zip; let it end in .zip."),
    "ZIP_UNUSABLE": Row(
        "submit --exercise 3 --out message.txt/x.zip --anyway",
        3,
        "The zip cannot be written to message.txt/x.zip: it is a file; name a file that you may write with --out.",
        before=where_an_exercise_is,
    ),
    "UNTOUCHED": Row(
        "submit --exercise 3",
        1,
        "Nothing was changed in 03-every-reply-has-a-cause yet, so nothing was packed. Answer it and save it, or add "
        "--anyway.",
        before=where_an_exercise_is,
    ),
    "FOR_NOBODY": Row(
        "submit --exercise 3",
        1,
        "03-every-reply-has-a-cause has no student id, so nothing was packed. Write your id into it, run it and save "
        "it, or add --anyway.",
        before=where_an_exercise_was_begun,
    ),
    "MISSING_IN_ZIP": Row(
        "submit --exercise 3 --anyway",
        1,
        "Missing: 3 things. You can hand the zip in like this; better mend the notebook, and run this again.",
        before=where_an_exercise_is,
    ),
    "ROSTER_UNUSABLE": Row(
        "roster class.csv --out message.txt/x.csv",
        3,
        "The roster cannot be written to message.txt/x.csv: it is a file; name a file that you may write with --out.",
        before=where_a_class_is,
    ),
    "OLD_ROSTER": Row(
        "roster class.csv --out message.txt",
        1,
        "message.txt has no column id, its title is 'Subject: x'; make a roster with `smtplab roster FILE`. "
        "message.txt was not replaced, because its extensions would be lost; mend it, or name another --out.",
        before=where_a_class_is,
    ),
    "NOT_A_COURSE": Row(
        "purge bad",
        2,
        "bad does not look like the folder of a course: it has no source, submitted, gradebook.db or roster.csv. "
        "Name the folder that holds them.",
    ),
    "NOTHING_REMOVED": Row(
        "purge class", 1, "Nothing was removed; --yes removes without asking.", stdin="n\n", before=where_a_class_is
    ),
    "NOT_ALL_REMOVED": Row("purge class --yes", 3, "1 entry could not be removed.", before=where_nothing_is_removed),
    "NO_NEW_EXERCISE": Row(
        "new-exercise 04-write-a-client bad",
        2,
        "bad is not a copy of the repository; run this in one, or name its folder.",
    ),
    "NOT_A_PORT_TO_SERVE": Row(
        "lite site --serve x", 2, "--serve 'x': a port is a number from 0 to 65535. Name the folder before --serve."
    ),
    "HOST_NEEDS_SERVE": Row("lite site --host 127.0.0.1", 2, "--host says where to serve; add --serve."),
    "PARTS_UNUSABLE": Row(
        "lite site --parts /dev/null/parts",
        3,
        "The parts cannot be kept in /dev/null/parts: Not a directory; name a folder that you may write with --parts.",
    ),
    "SITE_UNUSABLE": Row(
        "lite site",
        3,
        "building the site\nThe site cannot be written to site: No space left on device; "
        "name a folder that you may write.",
        before=full_disk,
    ),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with files for the commands."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "message.txt").write_text("Subject: x\n\nhello\n")
    (tmp_path / "body.txt").write_text("hello\n")
    (tmp_path / "long.txt").write_text(f"Subject: x\n\n{'x' * 999}\n")
    (tmp_path / "empty.txt").touch()
    (tmp_path / "marked.txt").write_bytes("Subject: x\n\nx\n".encode("utf-8-sig"))
    (tmp_path / "near.toml").write_text("directory.domains = ['near.example']\nspool = 'message.txt'\n")
    (tmp_path / "taken.toml").write_text("directory.domains = ['near.example']\nmaildir = 'message.txt'\n")
    (tmp_path / "far.toml").write_text("directory.domains = ['far.example']\n")
    (tmp_path / "web.pcap").write_bytes(
        captures.pcap(captures.held(captures.Wire(server=("192.0.2.80", 80)), []).packets)
    )
    (tmp_path / "bad" / "x").mkdir(parents=True)
    (tmp_path / "bad" / "x" / "x.ipynb").write_text("{}")
    keyless = (StudentResult("mia"), StudentResult("noah"))
    write_results(Report(exercise="01", title="", possible=0, parts=(), students=keyless), tmp_path / "results")
    canvas = (StudentResult("mia", canvas_prefix="mia_4711_9_"), StudentResult("noah"))
    write_results(Report(exercise="01", title="", possible=0, parts=(), students=canvas), tmp_path / "canvas")
    return tmp_path


# A line that is typed in `talk`, and what it is told.
HINTS = {
    "DIRECTIVE": (
        "%whi",
        "%whi looks like a directive, and directives work only in a notebook of the SMTP kernel; "
        "talk sends every line to the server. Did you mean %why?",
    ),
}


def test_every_sentence_has_a_row() -> None:
    assert {*ROWS, *HINTS} == set(names_of(sentences))


@pytest.mark.parametrize("name", HINTS)
def test_the_hint_is_told_word_by_word(name: str) -> None:
    line, text = HINTS[name]
    assert misspelling(line) == text


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.usefixtures("folder")
def test_the_sentence_is_printed_word_by_word(
    name: str, root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], smtplab: Run
) -> None:
    row = ROWS[name]
    row.before(monkeypatch)
    with OddServer(*(row.steps or ())) as server:
        exercises = root / "notebooks" / "exercises" / "source"
        arguments = [str(exercises) if word == "ROOT" else word for word in row.arguments(server.address)]
        if row.stdin is not None:
            done = smtplab(*arguments, stdin=row.stdin)
            code, errors = done.returncode, done.stderr
        else:
            code, errors = _in_this_process(arguments, capsys)
    assert code == row.code
    assert errors == f"{row.text}\n" or (row.text.endswith("*") and errors.startswith(row.text[:-1]))


def _in_this_process(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    from smtplab.cli import main

    with pytest.raises(SystemExit) as ended:
        main(arguments)
    code = ended.value.code
    assert isinstance(code, int)
    return int(code), capsys.readouterr().err
