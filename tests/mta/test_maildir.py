"""Delivery to Maildirs: durable after the commit, invisible before, and safe whatever fails or dies in between."""

import errno
import mailbox
import os
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtplab.mta import durable
from smtplab.mta.maildir import MaildirStore, folder_name
from smtplab.mta.store import InsufficientStorageError, LocalError
from support.file_calls import MORTAL_OS, WatchedOs

CONTENT = b"Subject: x\r\n\r\n" + b"0123456789" * 50


@pytest.fixture
def watched(monkeypatch):
    """`os` as the module under test sees it."""
    watched = WatchedOs()
    monkeypatch.setattr(durable, "os", watched)
    return watched


@pytest.fixture
def store(tmp_path):
    """A store in which alice and bob have had their folders made already."""
    store = MaildirStore(tmp_path / "mail")
    store.folder("alice")
    store.folder("bob")
    return store


def write(draft, *chunks):
    """Write chunks, and take the step that a draft wants to be taken before the next one."""
    for chunk in chunks:
        if (step := draft.write(chunk)) is not None:
            step()


def written(store, content=CONTENT, to=("alice",)):
    draft = store.begin(list(to))
    write(draft, content)
    return draft


def files(store, *folders):
    return sorted(file.name for folder in folders for file in store.root.glob(f"*/{folder}/*"))


# Names


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("alice", "alice"),
        ("john.doe+list@lab-1_x=y", "john.doe+list@lab-1_x=y"),
        ("../x", "%2E.%2Fx"),
        ("..", "%2E."),
        (".", "%2E"),
        ("/etc/passwd", "%2Fetc%2Fpasswd"),
        ("a\0b", "a%00b"),
        ("john doe", "john%20doe"),
        ("%2E", "%252E"),
        ("zoë", "zo%C3%AB"),
        ("a\\b:c", "a%5Cb%3Ac"),
    ],
)
def test_folder_name_is_safe(name, folder):
    assert folder_name(name) == folder


def test_empty_mailbox_name_is_refused():
    with pytest.raises(ValueError, match="name"):
        folder_name("")


@given(st.text(min_size=1), st.text(min_size=1))
def test_folder_names_hold_one_plain_component_and_differ_for_different_mailboxes(one, other):
    name = folder_name(one)
    assert name.isascii()
    assert name.isprintable()
    assert not set(name) & set('/\\:*?"<>| ')
    assert not name.startswith(".")
    assert (name == folder_name(other)) == (one == other)


def test_hostile_mailbox_stays_in_the_store(store):
    store.commit_all([written(store, to=["../../outside"])])
    assert store.messages("../../outside") == [CONTENT]
    assert [path.name for path in store.root.parent.iterdir()] == ["mail"]


def test_file_name_follows_the_maildir_convention(tmp_path):
    numbers = count(1)
    store = MaildirStore(
        tmp_path,
        clock=lambda: datetime(2004, 8, 6, 14, 25, 0, 42, tzinfo=UTC),
        hostname="a/b:c",
        unique=lambda: f"P7Q{next(numbers)}",
    )
    store.commit_all([written(store)])
    store.commit_all([written(store)])
    assert files(store, "new") == [f"1091802300.M000042P7Q{n}.a\\057b\\072c,S=514" for n in (1, 2)]


def test_standard_library_reads_what_we_deliver(store):
    store.commit_all([written(store)])
    (message,) = mailbox.Maildir(store.root / "alice", create=False)
    assert message["Subject"] == "x"
    assert message.get_subdir() == "new"


def test_message_that_a_mail_program_has_seen_is_still_a_message(store):
    store.commit_all([written(store, b"first")])
    store.commit_all([written(store, b"second")])
    (name, _) = files(store, "new")
    alice = store.root / "alice"
    (alice / "new" / name).rename(alice / "cur" / f"{name}:2,S")
    assert store.messages("alice") == [b"first", b"second"]
    assert store.octets_in("alice") == len(b"firstsecond")


def test_message_of_another_program_counts_by_the_size_of_its_file(store):
    mailbox.Maildir(store.root / "alice").add(b"Subject: y\n\nz\n")
    assert store.octets_in("alice") == len(b"Subject: y\n\nz\n")


def test_name_that_is_taken_is_never_overwritten(tmp_path):
    store = MaildirStore(tmp_path, clock=lambda: datetime(2004, 8, 6, tzinfo=UTC), unique=lambda: "same")
    store.commit_all([written(store, b"first")])
    with pytest.raises(LocalError, match="File exists"):
        store.commit_all([written(store, b"other")])  # as long as the first, so that the whole name is the same
    assert store.messages("alice") == [b"first"]
    assert files(store, "tmp") == []


def test_two_drafts_of_one_name_do_not_take_each_others_file(tmp_path):
    store = MaildirStore(tmp_path, clock=lambda: datetime(2004, 8, 6, tzinfo=UTC), unique=lambda: "same")
    big = b"x" * 100_000
    first, second = written(store, big), written(store, big)
    with pytest.raises(LocalError, match="File exists"):
        store.commit_all([second])
    store.commit_all([first])
    assert store.messages("alice") == [big]


def test_default_names_are_unique_across_stores_of_one_process(tmp_path):
    stores = [MaildirStore(tmp_path, clock=lambda: datetime(2004, 8, 6, tzinfo=UTC)) for _ in range(2)]
    for store in stores:
        store.commit_all([written(store)])
    assert len(files(store, "new")) == 2


# On the way


def test_small_message_needs_no_file_before_the_commit(store):
    draft = written(store)
    assert files(store, "tmp") == []
    store.commit_all([draft])


def test_writing_touches_no_disk_before_the_step_that_it_asks_for(store, watched):
    draft = store.begin(["alice"])
    assert draft.write(b"x" * 60_000) is None
    step = draft.write(b"x" * 60_000)
    assert (watched.calls, files(store, "tmp")) == ([], [])
    step()
    assert len(files(store, "tmp")) == 1
    assert draft.write(b"x" * 60_000) is None
    store.commit_all([draft])
    assert store.messages("alice") == [b"x" * 180_000]


def test_step_that_is_left_out_is_made_up_for_by_the_commit(store):
    draft = store.begin(["alice"])
    for number in range(3):
        draft.write(bytes([number]) * 100_000)
    store.commit_all([draft])
    assert store.messages("alice") == [b"".join(bytes([number]) * 100_000 for number in range(3))]


def test_big_message_is_streamed_into_tmp(store):
    draft = store.begin(["alice"])
    write(draft, *(bytes([number]) * 10_000 for number in range(40)))
    (name,) = files(store, "tmp")
    assert (store.root / "alice" / "tmp" / name).stat().st_size > 300_000
    assert files(store, "new") == []
    store.commit_all([draft])
    assert store.messages("alice") == [b"".join(bytes([number]) * 10_000 for number in range(40))]
    assert files(store, "tmp") == []


def test_abort_removes_what_was_streamed(store):
    draft = written(store, b"x" * 100_000)
    assert len(files(store, "tmp")) == 1
    draft.abort()
    assert files(store, "tmp", "new") == []


def test_several_mailboxes_share_one_file(store):
    store.commit_all([written(store, to=["alice", "bob"])])
    (alice,), (bob,) = ((store.root / name / "new").iterdir() for name in ("alice", "bob"))
    assert alice.samefile(bob)
    assert alice.stat().st_mode & 0o777 == 0o600


def test_mailboxes_get_copies_where_the_file_system_has_no_links(store, watched):
    watched.fails["link"] = (None, errno.EXDEV)
    content = b"x" * 150_000
    store.commit_all([written(store, content, to=["alice", "bob"])])
    assert (store.messages("alice"), store.messages("bob")) == ([content], [content])
    assert files(store, "tmp") == []
    assert watched.calls.count("fsync") == 5  # the file, two copies, two folders


def test_failing_copy_leaves_nothing(store, watched):
    watched.fails = {"link": (None, errno.EPERM), "rename": (2, errno.EIO)}
    with pytest.raises(LocalError):
        store.commit_all([written(store, to=["alice", "bob"])])
    assert files(store, "tmp", "new") == []


def test_folder_that_was_removed_is_made_again(store):
    store.commit_all([written(store)])
    for folder in ("tmp", "new"):
        for file in (store.root / "alice" / folder).iterdir():
            file.unlink()
        (store.root / "alice" / folder).rmdir()
        store.commit_all([written(store, folder.encode())])
    assert store.messages("alice") == [b"new"]


def test_store_may_be_used_after_it_was_closed(store):
    store.close()
    store.commit_all([written(store)])
    assert store.messages("alice") == [CONTENT]


def test_closed_store_holds_no_folder_open(store):
    before = len(os.listdir("/proc/self/fd"))
    store.close()
    assert len(os.listdir("/proc/self/fd")) == before - 4


def test_many_mailboxes_hold_few_folders_open(store):
    names = [f"user{number}" for number in range(100)]
    before = len(os.listdir("/proc/self/fd"))
    begun = written(store, b"first", to=["user0"])
    for name in names:
        store.commit_all([written(store, to=[name])])
    assert len(os.listdir("/proc/self/fd")) < before + 100  # of several hundred
    store.commit_all([begun])
    assert store.messages("user0") == [b"first", CONTENT]
    assert all(store.messages(name) for name in names)


def test_what_a_crash_left_in_tmp_is_removed_after_36_hours(store):
    tmp = store.root / "alice" / "tmp"
    for name, hours in [("stale", 37), ("fresh", 35)]:
        (tmp / name).write_bytes(CONTENT)
        then = time.time() - hours * 3600
        os.utime(tmp / name, (then, then))
    MaildirStore(store.root)
    assert files(store, "tmp") == ["fresh"]


def test_mailboxes_of_nobody_are_named_and_other_folders_are_not(store):
    for name in ("alice", "dora", "á"):
        store.commit_all([written(store, to=[name])])
    (store.root / "notes").mkdir()
    assert store.others(["alice", "bob", "postmaster"]) == [folder_name("á"), "dora"]
    assert store.others(["alice", "bob", "dora", "á"]) == []


def test_threads_commit_side_by_side(store):
    contents = [b"%d" % number for number in range(200)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda content: store.commit_all([written(store, content, to=["alice", "carol"])]), contents))
    assert sorted(store.messages("alice")) == sorted(store.messages("carol")) == sorted(contents)


# The order of the steps


def test_file_is_synced_before_it_is_shown_and_the_folder_before_commit_returns(store, watched):
    store.commit_all([written(store, to=["alice", "bob"])])
    assert watched.calls == ["open", "write", "fsync", "close", "link", "link", "unlink", "fsync", "fsync"]


def test_group_syncs_each_file_and_each_folder_once(store, watched):
    drafts = [written(store, b"%d" % number, to=["alice"]) for number in range(5)]
    store.commit_all(drafts)
    assert watched.calls.count("fsync") == 5 + 1
    assert watched.calls.index("link") > 5 - 1 + watched.calls.index("fsync")


def test_store_whose_folder_is_a_file_is_refused_at_once(tmp_path):
    (tmp_path / "mail").touch()
    with pytest.raises(NotADirectoryError):
        MaildirStore(tmp_path / "mail")


def test_new_mailbox_is_synced_into_the_folder_above(tmp_path, watched):
    store = MaildirStore(tmp_path / "a" / "b")
    assert watched.calls == ["mkdir", "open", "fsync", "close"] * 2
    watched.calls.clear()
    store.folder("alice")
    assert watched.calls[:16] == ["mkdir", "open", "fsync", "close"] * 4


# Failures


@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC])
@pytest.mark.parametrize(
    ("call", "number"),
    [("open", 1), ("write", 1), ("fsync", 1), ("close", 1), ("link", 1), ("link", 2), ("fsync", 2), ("fsync", 3)],
)
def test_failure_at_any_step_shows_nothing_and_leaves_nothing(store, watched, call, number, code):
    watched.fails[call] = (number, code)
    expected = InsufficientStorageError if code == errno.ENOSPC else LocalError
    with pytest.raises(expected, match="stored: " + os.strerror(code)):
        store.commit_all([written(store, to=["alice", "bob"])])
    assert files(store, "new", "tmp") == []
    watched.fails.clear()
    store.commit_all([written(store, to=["alice", "bob"])])
    assert store.messages("alice") == store.messages("bob") == [CONTENT]


def test_file_that_stays_in_tmp_does_no_harm(store, watched):
    watched.fails["unlink"] = (1, errno.EIO)
    store.commit_all([written(store)])
    assert store.messages("alice") == [CONTENT]


def test_write_never_raises_and_commit_tells_what_failed(store, watched):
    watched.fails["write"] = (1, errno.EDQUOT)
    draft = store.begin(["alice"])
    write(draft, *[b"x" * 100_000] * 5)
    assert watched.calls.count("write") == 1
    assert files(store, "tmp") == []
    with pytest.raises(InsufficientStorageError):
        store.commit_all([draft])


@pytest.mark.parametrize(
    ("call", "number"), [("open", 2), ("write", 2), ("fsync", 2), ("link", 2), ("link", 3), ("fsync", 5)]
)
def test_one_failure_in_a_group_withdraws_all_of_it(store, watched, call, number):
    watched.fails[call] = (number, errno.EIO)  # the fifth fsync is that of the second folder, after three files
    drafts = [written(store, name.encode(), to=[name]) for name in ("alice", "bob", "alice")]
    with pytest.raises(LocalError):
        store.commit_all(drafts)
    assert files(store, "tmp", "new") == []


def test_file_where_the_mailbox_should_be_is_a_local_error(store):
    (store.root / "carol").write_text("not a folder")
    with pytest.raises(LocalError, match="Not a directory"):
        store.commit_all([written(store, to=["alice", "carol"])])
    assert files(store, "new", "tmp") == []


def test_disk_below_its_floor_has_no_room(store):
    store.free_octets = 1 << 62
    with pytest.raises(InsufficientStorageError, match="free"):
        store.commit_all([written(store)])
    with pytest.raises(InsufficientStorageError):
        store.require_room()
    store.free_octets = 1
    store.require_room(1)
    store.commit_all([written(store)])
    assert store.messages("alice") == [CONTENT]


# Sudden death

# Delivers messages to two mailboxes and names each that is committed; dies without a word before the call number N.
VICTIM = MORTAL_OS + textwrap.dedent(
    """
    import sys
    from smtplab.mta import durable, maildir

    durable.os = MortalOs(int(sys.argv[2]))
    store = maildir.MaildirStore(sys.argv[1])
    number = 0
    while True:
        drafts = [store.begin(["alice", "bob"]) for _ in range(2)]
        for draft in drafts:
            draft.write(b"%d:" % number + b"x" * 70_000)()
            draft.write(b":end")
            number += 1
        store.commit_all(drafts)
        print(number - 2, number - 1, flush=True)
    """
)


@pytest.mark.parametrize("steps", [*range(1, 20), 33, 50, 81])
def test_killed_at_any_step_each_committed_message_is_whole_and_no_torn_one_is_seen(tmp_path, steps):
    store = MaildirStore(tmp_path)
    for name in ("alice", "bob"):
        store.folder(name)
    died = subprocess.run(
        [sys.executable, "-c", VICTIM, str(tmp_path), str(steps + 4)], capture_output=True, check=False
    )
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    committed = died.stdout.split()
    for name in ("alice", "bob"):
        messages = store.messages(name)
        assert all(message.endswith(b":end") and len(message) > 70_000 for message in messages)
        seen = [message.partition(b":")[0] for message in messages]
        assert seen[: len(committed)] == committed
        assert len(seen) <= len(committed) + 2


def _files_below(store):
    return sorted(path for path in store.root.rglob("*") if path.is_file())


def test_a_draft_that_is_prepared_is_synced_and_only_named_when_it_is_committed(store, watched):
    drafts = [store.begin(["alice"]), store.begin(["bob", "alice"])]
    for draft in drafts:
        draft.write(CONTENT)
    store.prepare(drafts)
    assert watched.calls.count("fsync") == 2
    assert "link" not in watched.calls
    assert store.messages("alice") == store.messages("bob") == []
    watched.calls.clear()
    store.commit_all(drafts)
    assert not {"write", "open"} & set(watched.calls)
    assert store.messages("alice") == [CONTENT, CONTENT]
    assert store.messages("bob") == [CONTENT]


@pytest.mark.parametrize("step", ["open", "write", "fsync", "close"])
def test_a_draft_that_cannot_be_prepared_leaves_nothing(store, watched, step):
    watched.fails[step] = (None, errno.ENOSPC)
    drafts = [store.begin(["alice"]), store.begin(["bob"])]
    for draft in drafts:
        draft.write(CONTENT)
    with pytest.raises(InsufficientStorageError):
        store.prepare(drafts)
    assert _files_below(store) == []
    with pytest.raises(InsufficientStorageError):
        store.commit_all(drafts)


def test_a_draft_that_is_prepared_and_aborted_leaves_nothing(store):
    draft = store.begin(["alice"])
    draft.write(CONTENT)
    store.prepare([draft])
    draft.abort()
    assert _files_below(store) == []


@pytest.mark.parametrize("part", ["", "alice", "alice/tmp", "alice/new"])
def test_a_folder_that_cannot_be_written_is_named_before_any_mail_comes(store, monkeypatch, part):
    store.folder("alice")
    store.require_writable(["alice", "bob", "not made yet"])
    folder = store.root / part
    writable = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: path != folder and writable(path, mode))
    with pytest.raises(PermissionError) as caught:
        store.require_writable(["alice"])
    assert caught.value.filename == str(folder)


def test_a_mailbox_that_is_a_file_is_named_before_any_mail_comes(store):
    (store.root / "eve").touch()
    with pytest.raises(NotADirectoryError) as caught:
        store.require_writable(["eve"])
    assert caught.value.filename == str(store.root / "eve")
