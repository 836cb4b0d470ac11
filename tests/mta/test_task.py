"""Work as values: what a task of the disk comes to, and a job of one task."""

import pytest

from smtplab.client.session import DeliverySession
from smtplab.mta.task import DiskTask, HostTask, Job, TaskFailed, next_task, on_disk


def _break(error: BaseException) -> None:
    raise error


def test_outcome_of_work_is_its_result() -> None:
    assert DiskTask(lambda: 42).outcome() == 42
    assert DiskTask(lambda: None).outcome() is None


@pytest.mark.parametrize("error", [OSError("the disk is gone"), SystemExit(1)])
def test_outcome_of_work_that_breaks_carries_the_error(error: BaseException) -> None:
    outcome = DiskTask(lambda: _break(error)).outcome()
    assert isinstance(outcome, TaskFailed)
    assert outcome.error is error


def test_interrupt_is_no_outcome() -> None:
    with pytest.raises(KeyboardInterrupt):
        DiskTask(lambda: _break(KeyboardInterrupt())).outcome()


def test_job_on_disk_is_one_task_and_returns_its_outcome() -> None:
    done = []
    job = on_disk(lambda: done.append("work"))
    task = next(job)
    assert isinstance(task, DiskTask)
    assert done == []
    task.run()
    assert done == ["work"]
    with pytest.raises(StopIteration) as end:
        job.send("its outcome")
    assert end.value.value == "its outcome"


def test_job_on_disk_raises_what_is_thrown_into_it() -> None:
    job = on_disk(lambda: None)
    next(job)
    with pytest.raises(OSError, match="the disk is gone"):
        job.throw(OSError("the disk is gone"))


def test_the_tasks_of_a_job_come_one_after_the_other_until_it_ends() -> None:
    outcomes: list[object] = []

    def two_tasks() -> Job:
        outcomes.append((yield first))
        outcomes.append((yield second))
        return None

    first, second = DiskTask(lambda: 1), DiskTask(lambda: 2)
    job = two_tasks()
    assert [next_task(job, None), next_task(job, 1), next_task(job, 2)] == [first, second, None]
    assert outcomes == [1, 2]


@pytest.mark.parametrize("outcome", [TaskFailed(OSError("the disk is gone")), None])
def test_a_job_that_breaks_is_logged_and_has_no_next_task(outcome: object, caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> Job:
        yield DiskTask(lambda: None)
        raise OSError("the disk is gone")

    job = broken()
    assert next_task(job, None) is not None
    assert next_task(job, outcome) is None
    assert "the disk is gone" in caplog.text


def test_pieces_of_a_conversation_are_told_apart_and_open_no_connection_unless_they_say_so() -> None:
    session = DeliverySession("client.example")
    first, second = (HostTask("lab.example", 25, session, "AB12") for _ in range(2))
    assert first != second
    assert len({first, second}) == 2
    assert not first.opens
