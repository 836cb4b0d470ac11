"""Each sentence of the border, as whoever grades reads it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from unittest import mock

import pytest

from smtplab.base.failure import Failure
from smtplab.border import Border, Budget, Level, guard_process, sentences, strongest
from support.templates import is_made_of, names_of

NAMESPACES = (
    "Border: namespaces. A submission sees Python and one empty folder. It sees no other file, no other process and no "
    "network, and nothing that it starts outlives it. "
)
WAY_OUT = (
    "Namespaces failed here: Operation not permitted. To get them, run as root outside a container, or set "
    "user.max_user_namespaces above 0 (on Ubuntu, kernel.apparmor_restrict_unprivileged_userns to 0)."
)
ELSEWHERE = "A border needs Linux: grade on a machine with Linux, or in a virtual machine with Linux."
LANDLOCK = (
    "Border: Landlock without namespaces. A submission can read Python and the system's programs, and can write to one "
    "folder. It can still see which processes run. "
)
NONE = (
    "There is no border here. A submission can read, change and send whatever you can; only time, memory and output "
    "are limited. Grade only work that you trust. "
)


def said(
    level: Level, *, landlock: int = 7, calls: bool = True, platform: str = "linux", keeps_user: bool = False
) -> str:
    """Return what a border says on a machine that has this version of Landlock."""
    with (
        mock.patch("smtplab.border.landlock.version", return_value=landlock),
        mock.patch("smtplab.border.call_filter.is_known_here", return_value=calls),
        mock.patch.object(sys, "platform", platform),
        mock.patch.object(sys, "base_prefix", "/opt/python"),
    ):
        return Border(level, keeps_user=keeps_user, reason="Operation not permitted").sentence


def failing(reason: str) -> Callable[..., object]:
    def enter(*arguments: object) -> None:
        raise PermissionError(1, reason)

    return enter


def not_crossed() -> str:
    with mock.patch.object(guard_process, "_do", failing("Operation not permitted")), pytest.raises(Failure) as caught:
        Border(Level.NONE).run(lambda pipe: None, Budget())
    return str(caught.value)


def no_level() -> str:
    strongest.cache_clear()
    try:
        with mock.patch.object(os, "fork", failing("no memory")), pytest.raises(Failure) as caught:
            strongest()
    finally:
        strongest.cache_clear()
    return str(caught.value)


def on_windows() -> str:
    with mock.patch.object(sys, "platform", "win32"), pytest.raises(Failure) as caught:
        Border(Level.NONE)
    return str(caught.value)


# What is said -> what brings it about.
ROWS: dict[str, tuple[str, Callable[[], str]]] = {
    "NO_FORK": (
        "Submissions are run in processes that are made by fork, and Windows has no fork. Grade in WSL (Windows "
        "Subsystem for Linux), or on a machine with Linux.",
        on_windows,
    ),
    "NOT_CROSSED": (
        "The process for a submission could not be closed off (Operation not permitted), so nothing of the submission "
        "was run. Run it again; if that fails as well, look if the machine lacks memory or allows too few namespaces.",
        not_crossed,
    ),
    "NO_LEVEL": ("Not even a process with limits can be started here: [Errno 1] no memory.", no_level),
    "NAMESPACES": (NAMESPACES.strip(), lambda: said(Level.NAMESPACES, calls=False, landlock=0)[: len(NAMESPACES) - 1]),
    "SECOND_LAYER": (
        NAMESPACES + "Behind it, as a second layer: Landlock and a filter of system calls.",
        lambda: said(Level.NAMESPACES),
    ),
    "NO_LANDLOCK": (
        NAMESPACES + "Behind it, as a second layer: a filter of system calls. This machine's Linux has no Landlock.",
        lambda: said(Level.NAMESPACES, landlock=0),
    ),
    "LANDLOCK": (
        LANDLOCK + "It has no network over TCP. " + WAY_OUT,
        lambda: said(Level.LANDLOCK),
    ),
    "NETWORK_IS_CLOSED": (
        LANDLOCK + "It has no network over TCP. " + WAY_OUT,
        lambda: said(Level.LANDLOCK, landlock=4),
    ),
    "NETWORK_IS_OPEN": (
        LANDLOCK + "It can use the network. " + WAY_OUT,
        lambda: said(Level.LANDLOCK, landlock=3),
    ),
    "SAME_USER": (
        LANDLOCK
        + "It has no network over TCP. "
        + WAY_OUT
        + " It keeps your user id, because another one could not read Python in /opt/python.",
        lambda: said(Level.LANDLOCK, keeps_user=True),
    ),
    "USER": (
        "Border: another user id without namespaces and Landlock. A submission can read what every user of this "
        "machine can read, and can use the network. Close the course folder to others: chmod -R go-rwx FOLDER. "
        + WAY_OUT,
        lambda: said(Level.USER),
    ),
    "NONE": (NONE + WAY_OUT, lambda: said(Level.NONE)),
    "WAY_OUT_LINUX": (NONE + WAY_OUT, lambda: said(Level.NONE)),
    "WAY_OUT_ELSEWHERE": (NONE + ELSEWHERE, lambda: said(Level.NONE, platform="darwin")),
}


def test_every_sentence_has_a_row() -> None:
    assert ROWS.keys() == set(names_of(sentences))


@pytest.mark.parametrize("name", ROWS)
def test_the_sentence_is_said_word_by_word(name: str) -> None:
    text, trigger = ROWS[name]
    told = trigger()
    assert told == text
    assert is_made_of(told, getattr(sentences, name))
