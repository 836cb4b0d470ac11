"""Which tests run when no test is named: all of them, or with ``--fast`` all but the slow ones listed here.

A plain ``pytest`` runs everything in several processes at a time. ``pytest --fast`` is for the minutes between two
edits: it leaves out what starts browsers, kernels and graders, and takes about a minute on two processors. This module
is the only place that decides it.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

# What `--fast` leaves out, and why: a folder or file below the repository's root.
SLOW = {
    "notebooks/tutorials": "nbval starts a kernel for each notebook",
    "tests/border/test_border.py": "submissions in processes of their own",
    "tests/border/test_escapes.py": "submissions in processes of their own, and two Pythons",
    "tests/border/test_leftovers.py": "submissions in processes of their own",
    "tests/border/test_limits.py": "submissions that run to their limits",
    "tests/browser": "JupyterLab in a real browser",
    "tests/cli": "servers and terminals in processes of their own",
    "tests/conformance/test_other_servers.py": "mail servers of other makers",
    "tests/conformance/test_peers.py": "waits for the time limits of real servers",
    "tests/conformance/test_server.py": "a server in a process of its own",
    "tests/course/test_doctor.py": "looks at installations and starts kernels",
    "tests/exercises": "right and wrong answers to each exercise, and nbgrader grades two classes",
    "tests/faults/test_grammar.py": "every phrase of the language of faults",
    "tests/grading/engine/test_cluster.py": "a cluster of two workers",
    "tests/grading/engine/test_gradebook.py": "makes a gradebook of nbgrader",
    "tests/grading/engine/test_grader.py": "runs submissions behind the border, in processes of their own",
    "tests/grading/engine/test_starting.py": "starts processes of graders",
    "tests/grading/test_referee.py": "patched checkers run in a Python of their own",
    "tests/grading/test_submissions.py": "nbgrader grades submissions",
    "tests/interop": "mail programs of other makers",
    "tests/jupyter/test_kernel.py": "a real kernel",
    "tests/lab/diagrams/test_every_figure.py": "every figure of every session, in two themes",
    "tests/notebooks": "runs every notebook again, some of them three times",
    "tests/simulation/test_cost.py": "counts events and objects in long runs",
    "tests/simulation/test_determinism.py": "runs scenarios again and again, some in other processes",
    "tests/simulation/test_invariants.py": "tests everything after every event of every scenario, and of random ones",
    "tests/site/test_built_site.py": "builds all pages, and looks at them in a real browser",
    "tests/test_bench.py": "runs every benchmark once",
    "tests/test_cli.py": "each test runs `smtplab` in a process of its own",
    "tests/test_coverage.py": "runs the tests of the kernel, drivers, captures, faults, beliefs and a relay traced",
    "tests/test_lint.py": "mypy reads the whole package; `ruff check`, `ruff format --check` and `mypy` do the same",
    "tests/test_packaging.py": "builds the archives and installs them",
    "tests/test_selection.py": "collects all the tests again",
    "tests/test_soak.py": "hostile octets and a crowd of 700 clients",
    "tests/worlds/test_blocking.py": "waits for the time limits of a real client",
    "tests/worlds/test_client_process.py": "each test runs a program and waits for it",
    "tests/worlds/test_control.py": "waits for the time limits of a control socket",
    "tests/worlds/test_every_code.py": "a session for each code that a server may give",
    "tests/worlds/test_every_command.py": "a session for each command in each state",
    "tests/worlds/test_every_mistake.py": "a session for each mistake",
    "tests/worlds/test_faulty_server.py": "waits for servers that are slow or never answer",
    "tests/worlds/test_task_runner.py": "waits for jobs and their end",
    "tests/worlds/test_tcp.py": "waits for the time limits of a real server",
    "tests/worlds/test_tcp_async.py": "waits for the time limits of a real client",
}

# The slow tests in files that are quick but for them, and why: by file, then by the name of the test.
_SLOW_IN = {
    "tests/capture/test_sentences.py": {"test_an_error_says_what_is_wrong[TOO_MANY]": "too many packets"},
    "tests/capture/test_capture_writer.py": {"test_all_ports_of_a_client_are_used_and_none_twice": "every port"},
    "tests/jupyter/test_builder.py": {
        "test_what_is_shown_at_once_fits_together_whenever_the_server_goes_away": "many sessions",
    },
    "tests/jupyter/test_engine.py": {
        "test_a_message_of_a_hundred_thousand_lines_arrives": "a long message",
        "test_any_text_gives_output_or_one_sentence": "many sessions",
    },
    "tests/lab/test_history.py": {
        "test_a_step_after_an_undo_keeps_hardly_more_late_than_early": "memory is traced",
        "test_a_step_keeps_as_much_late_as_early": "memory is traced",
        "test_after_any_steps_back_and_forth_it_is_as_if_only_what_is_left_had_been_said": "many sessions",
        "test_half_a_line_that_grows_keeps_no_more_for_each_piece": "memory is traced",
    },
    "tests/lab/test_internet.py": {"test_another_process_sees_the_same": "a Python of its own"},
    "tests/lab/test_tables.py": {
        "test_pandas_is_loaded_by_the_first_table_and_not_before": "a Python of its own",
    },
    "tests/mta/test_queue.py": {
        "test_a_hundred_thousand_entries_cost_little_more_each_than_a_thousand": "a hundred thousand entries",
    },
    "tests/mta/test_relaying.py": {
        "test_two_processes_with_different_hash_seeds_have_the_same_history": "two Pythons of their own",
    },
    "tests/mta/test_spool_folder.py": {
        "test_killed_at_any_step_each_committed_entry_is_there_until_it_is_removed": "Pythons of their own",
        "test_killed_while_threads_change_a_message_each_entry_is_as_it_was_said_last": "Pythons of their own",
    },
    "tests/protocol/test_connection.py": {"TestConversation::runTest": "many conversations"},
    "tests/simulation/test_simulation.py": {
        "test_a_second_mx_takes_mail_while_the_first_is_down": "a long run",
        "test_pandas_is_loaded_by_the_first_table_and_not_before": "a Python of its own",
        "test_without_keeping_anything_a_run_holds_what_is_queued_alone": "memory is traced",
    },
    "tests/faults/test_odd_wires.py": {
        "test_an_odd_server_does_the_same_on_a_socket": "waits for servers that say nothing",
    },
    "tests/faults/test_session.py": {
        "test_two_processes_with_different_hash_seeds_see_the_same_octets": "two Pythons of their own",
    },
    "tests/worlds/test_virtual.py": {
        "test_a_message_passes_a_thousand_hosts_under_the_default_recursion_limit": "a thousand hosts",
    },
}
SLOW_TESTS = frozenset(f"{path}::{name}" for path, names in _SLOW_IN.items() for name in names)

# What other tests run in a process of their own, so a full run need not run it a second time: `test_coverage` runs the
# tests of the kernel, the drivers, captures, scripted faults, wrong beliefs and the decisions of a relay traced, and
# `test_notebooks` runs nbval over the tutorials twice.
RUN_ELSEWHERE = (
    "notebooks/tutorials",
    "tests/base/test_duration.py",
    "tests/base/test_seed.py",
    "tests/capture",
    "tests/client/test_arguments.py",
    "tests/client/test_session.py",
    "tests/client/test_transfer.py",
    "tests/explain/test_belief_evidence.py",
    "tests/explain/test_choice_question.py",
    "tests/explain/test_inquiry.py",
    "tests/explain/test_question_sheet.py",
    "tests/faults",
    "tests/mta/test_attempt.py",
    "tests/mta/test_bounce.py",
    "tests/mta/test_durable.py",
    "tests/mta/test_entry_files.py",
    "tests/mta/test_entry_record.py",
    "tests/mta/test_hop_session.py",
    "tests/mta/test_host_names.py",
    "tests/mta/test_message_files.py",
    "tests/mta/test_next_hop.py",
    "tests/mta/test_outlook.py",
    "tests/mta/test_policy.py",
    "tests/mta/test_queue.py",
    "tests/mta/test_queue_control.py",
    "tests/mta/test_queue_entry.py",
    "tests/mta/test_queue_ids.py",
    "tests/mta/test_queue_manager.py",
    "tests/mta/test_queue_table.py",
    "tests/mta/test_relay_policy.py",
    "tests/mta/test_remarks.py",
    "tests/mta/test_report_fields.py",
    "tests/mta/test_retry_schedule.py",
    "tests/mta/test_session.py",
    "tests/mta/test_settling.py",
    "tests/mta/test_spool.py",
    "tests/mta/test_spool_folder.py",
    "tests/mta/test_transmission.py",
    "tests/mta/test_triplets.py",
    "tests/mta/test_zone.py",
    "tests/mta/test_zone_file.py",
    "tests/protocol",
    "tests/recall",
    "tests/worlds/test_host_jobs.py",
    "tests/worlds/test_scheduler.py",
    "tests/worlds/test_virtual.py",
)

# The longest files, longest first. Processes that begin with them end at about the same time.
LONGEST = (
    "tests/exercises/test_nbgrader.py",
    "tests/browser",
    "tests/test_coverage.py",
    "tests/notebooks/test_notebooks.py",
    "tests/exercises/test_banks.py",
    "tests/exercises/test_beliefs.py",
    "tests/exercises/test_feedback.py",
    "tests/test_lint.py",
    "tests/test_bench.py",
    "tests/test_cli.py",
    "tests/cli/test_mta.py",
    "tests/cli/test_serve.py",
    "tests/worlds/test_tcp.py",
    "tests/worlds/test_tcp_async.py",
    "tests/lab/diagrams/test_every_figure.py",
)

# What one process runs together, because it shares what takes long to make: a JupyterLab, or all banks, graded.
TOGETHER = (
    ("tests/browser",),
    ("tests/exercises/test_banks.py", "tests/exercises/test_beliefs.py", "tests/exercises/test_feedback.py"),
)

MOST_PROCESSES = 4  # each holds what its tests import, and sockets, browsers and graders run beside them


def processes(processors: int, *, fast: bool) -> int:
    """Return how many processes run the tests on this many processors.

    In a full run there are two for each processor, because many tests wait: for the time limit of a peer, a page of
    the browser or the graders. A fast run hardly waits, and each process has to collect all the tests.
    """
    return min(processors if fast else 2 * processors, MOST_PROCESSES)


def left_out(*, fast: bool) -> tuple[str, ...]:
    """Return the folders and files that a run does not collect when the command line names no tests."""
    return tuple(SLOW) if fast else RUN_ELSEWHERE


def is_slow(nodeid: str) -> bool:
    """Return True if `SLOW_TESTS` names a test, with its parameters or, to name all of them, without."""
    return nodeid in SLOW_TESTS or nodeid.partition("[")[0] in SLOW_TESTS


def places(root: Path, folders: Sequence[str]) -> list[str]:
    """Return what lies in these folders: the files of tests, and the folders that hold some."""
    found = [path for folder in folders for path in sorted((root / folder).iterdir()) if _tests_in(path)]
    return [path.relative_to(root).as_posix() for path in found]


def turned(root: Path, places: Sequence[str], share: float) -> list[str]:
    """Return the places in the order in which a process collects them: it begins behind this share of all test files.

    Each process collects everything, but pytest has to compile a file of tests only where no other has done so.
    """
    ends = list(accumulate(_tests_in(root / place) for place in places))
    first = bisect_right(ends, share * ends[-1])
    return [*places[first:], *places[:first]]


def _tests_in(path: Path) -> int:
    """Return how many files of tests a place holds, or 1 for such a file."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.match("test_*.py") or file.suffix == ".ipynb" for file in files)


def position(path: str) -> tuple[int, str]:
    """Return where a test file comes in a run: the longest first, all others after them by their names."""
    return next((number for number, name in enumerate(LONGEST) if is_in(path, name)), len(LONGEST)), path


def group(path: str) -> str:
    """Return the name of the tests that one process runs together: a file, or the first of the places in `TOGETHER`.

    nbval keeps one kernel for all the cells of a notebook.
    """
    return next((places[0] for places in TOGETHER if any(is_in(path, place) for place in places)), path)


def is_in(path: str, place: str) -> bool:
    """Return True if `place` is the file `path` or a folder that holds it; both are relative to the root."""
    return path == place or path.startswith(f"{place}/")
