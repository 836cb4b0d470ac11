"""What every store promises, in memory and on disk alike, and the switches of the one in memory."""

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from smtplab.mta.maildir import MaildirStore
from smtplab.mta.store import InsufficientStorageError, LocalError, MemoryStore
from smtplab.protocol import replies

CONTENT = b"Subject: x\r\n\r\n.dot\r\nbare\nand\rand\0 \xff\r\n"


@pytest.fixture(params=["memory", "disk"])
def store(request, tmp_path):
    return MemoryStore() if request.param == "memory" else MaildirStore(tmp_path / "mail")


def written(store, *chunks, to=("alice",)):
    draft = store.begin(list(to))
    for chunk in chunks:
        draft.write(chunk)
    return draft


def test_committed_message_is_in_its_mailbox_byte_for_byte(store):
    store.commit_all([written(store, CONTENT[:7], CONTENT[7:])])
    assert store.messages("alice") == [CONTENT]


def test_message_without_octets_is_a_message(store):
    store.commit_all([written(store)])
    assert store.messages("alice") == [b""]


def test_nothing_is_in_the_mailbox_before_the_commit(store):
    draft = written(store, CONTENT)
    assert store.messages("alice") == []
    draft.abort()


def test_message_for_several_mailboxes_is_in_each_of_them_once(store):
    store.commit_all([written(store, CONTENT, to=["alice", "bob", "alice"])])
    assert (store.messages("alice"), store.messages("bob")) == ([CONTENT], [CONTENT])


def test_message_for_no_mailbox_is_refused(store):
    with pytest.raises(ValueError, match="mailbox"):
        store.begin([])


def test_aborted_message_is_nowhere_and_cannot_be_committed(store):
    draft = written(store, CONTENT)
    draft.abort()
    draft.abort()
    draft.write(b"more")
    with pytest.raises(LocalError, match="ended"):
        store.commit_all([draft])
    assert store.messages("alice") == []


def test_abort_after_the_commit_changes_nothing(store):
    draft = written(store, CONTENT)
    store.commit_all([draft])
    draft.abort()
    assert store.messages("alice") == [CONTENT]


def test_message_is_committed_once(store):
    draft = written(store, CONTENT)
    store.commit_all([draft])
    draft.write(b"more")
    with pytest.raises(LocalError, match="ended"):
        store.commit_all([draft])
    assert store.messages("alice") == [CONTENT]


def test_messages_are_in_the_order_in_which_they_came(store):
    for number in range(12):
        store.commit_all([written(store, b"%d" % number)])
    assert store.messages("alice") == [b"%d" % number for number in range(12)]


def test_group_commits_each_of_its_drafts(store):
    drafts = [written(store, b"%d" % number, to=[f"user{number % 3}"]) for number in range(7)]
    store.commit_all(drafts)
    assert store.messages("user0") == [b"0", b"3", b"6"]


def test_draft_that_has_ended_fails_its_group_and_none_of_it_is_kept(store):
    drafts = [written(store, b"first"), written(store, b"second"), written(store, b"third")]
    drafts[1].abort()
    with pytest.raises(LocalError, match="ended"):
        store.commit_all(drafts)
    assert store.messages("alice") == []
    for draft in drafts:
        with pytest.raises(LocalError, match="stored"):
            store.commit_all([draft])


def test_group_may_be_empty(store):
    store.commit_all([])


def test_octets_in_a_mailbox_are_those_of_its_messages(store):
    store.commit_all([written(store, CONTENT, to=["alice", "bob"])])
    store.commit_all([written(store, CONTENT)])
    written(store, CONTENT).abort()
    assert [store.octets_in(name) for name in ("alice", "bob", "carol")] == [2 * len(CONTENT), len(CONTENT), 0]


def test_mailbox_that_nobody_wrote_to_is_empty(store):
    assert store.messages("nobody") == []


def test_list_of_messages_is_the_callers_own(store):
    store.commit_all([written(store, CONTENT)])
    store.messages("alice").clear()
    assert store.messages("alice") == [CONTENT]


def test_full_memory_store_has_no_room_and_takes_what_fits_later():
    store = MemoryStore(capacity_octets=10)
    with pytest.raises(InsufficientStorageError, match=r"12 .* 10") as caught:
        store.commit_all([written(store, b"sixsix", to=["alice", "bob"])])
    assert caught.value.reply is replies.INSUFFICIENT_STORAGE
    assert (store.messages("alice"), store.messages("bob")) == ([], [])
    store.commit_all([written(store, b"tententen!")])
    store.capacity_octets = None
    store.commit_all([written(store, b"more")])
    assert store.messages("alice") == [b"tententen!", b"more"]


def test_group_that_does_not_fit_as_a_whole_is_not_kept_in_part():
    store = MemoryStore(capacity_octets=10)
    with pytest.raises(InsufficientStorageError, match=r"12 .* 10"):
        store.commit_all([written(store, b"sixsix"), written(store, b"other6", to=["bob"])])
    assert (store.messages("alice"), store.messages("bob"), store.kept) == ([], [], 0)


def test_read_only_memory_store_has_a_local_error():
    store = MemoryStore(read_only=True)
    with pytest.raises(LocalError, match="read-only") as caught:
        store.commit_all([written(store, CONTENT)])
    assert caught.value.reply is replies.LOCAL_ERROR
    assert store.messages("alice") == []


def test_what_was_kept_in_between_is_taken_back_from_every_mailbox():
    store = MemoryStore()
    store.commit_all([written(store, b"first")])
    begin = store.kept
    store.commit_all([written(store, b"second", to=("alice", "bob"))])
    end = store.kept
    store.commit_all([written(store, b"third", to=("bob",))])
    store.take_back(begin, end)
    assert (store.messages("alice"), store.messages("bob")) == ([b"first"], [b"third"])
    assert (store.octets_in("alice"), store.octets_in("bob")) == (5, 5)
    store.take_back(begin, end)
    assert store.octets_in("bob") == 5


def test_what_was_not_kept_is_not_counted():
    store = MemoryStore(read_only=True)
    with pytest.raises(LocalError):
        store.commit_all([written(store, CONTENT)])
    assert store.kept == 0


def test_threads_that_commit_at_the_same_time_lose_no_message():
    store = MemoryStore()
    contents = [b"%d" % number for number in range(20_000)]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda content: store.commit_all([written(store, content)]), contents))
    finally:
        sys.setswitchinterval(before)
    assert store.kept == len(contents)
    assert sorted(store.messages("alice")) == sorted(contents)
    assert store.octets_in("alice") == sum(map(len, contents))


def test_one_mailbox_alone_is_one_mailbox():
    store = MemoryStore()
    draft = store.begin("alice")
    draft.write(CONTENT)
    store.commit_all([draft])
    assert store.messages("alice") == [CONTENT]
    assert store.messages("a") == []
