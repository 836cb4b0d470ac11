"""Forbid the system calls that no submission needs: those that change mounts, namespaces, keys, clocks or the kernel.

Most are refused for want of rights anyway. The filter (seccomp) is there for a fault in Linux or in the other layers,
and for memory that no other limit counts (``memfd_create``, System V). It knows two kinds of processors.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys

from .system_calls import SECCOMP, is_linux, prctl

_FILTER_MODE = 2
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000  # the latter with the number of the error
_EPERM, _ENOSYS, _EAFNOSUPPORT = 1, 38, 97

# Instructions of a packet filter: load a word, compare and jump, return.
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16  # where they lie in what is judged

# By `os.uname().machine`: the architecture's name for the kernel, and the columns of the tables below.
_MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
_FORBIDDEN = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "swapon": (167, 224),
    "quotactl": (179, 60),
    "acct": (163, 89),
    "reboot": (169, 142),
    "kexec_load": (246, 104),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "memfd_create": (319, 279),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "syslog": (103, 116),
}
# What Landlock leaves open to the owner of a file: its mode and owner. Programs set these of their own files, and stop
# if they cannot, so the calls do nothing and succeed. -1: not on this processor.
_OF_OWNERS = {
    "chmod": (90, -1),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, -1),
    "fchown": (93, 55),
    "lchown": (94, -1),
    "fchownat": (260, 54),
}
# The attributes of files, which are refused.
_ATTRIBUTES = {
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "setxattrat": (463, 463),
    "removexattrat": (466, 466),
    "file_setattr": (469, 469),
}
# io_uring, the new calls for mounts, pidfd_getfd, mount_setattr, memfd_secret: the same number everywhere.
_FORBIDDEN_EVERYWHERE = (425, 426, 427, 428, 429, 430, 431, 432, 433, 438, 442, 447)
_CLONE, _CLONE3, _SOCKET = (56, 220), 435, (41, 198)
_NEW_NAMESPACES = 0x7E020000  # any of the flags of clone that ask for one
_FAMILIES = (1, 2, 10, 16)  # Unix, IPv4, IPv6, netlink; no other is confined to a namespace
_X32 = 0x40000000  # calls of another kind of program on x86_64 begin here


def is_known_here() -> bool:
    """Return True if the filter knows this machine's system calls."""
    return is_linux and os.uname().machine in _MACHINES and sys.maxsize > 2**32


def install(*, keeps_user: bool) -> None:
    """Forbid the calls to this process and its children for good. It must have given up new privileges before.

    Args:
        keeps_user: True if the process owns files that it must not change. Then modes and owners of files stay as
            they are.

    Raises:
        OSError: if this Linux takes no filter.
    """
    program = b"".join(_program(*_MACHINES[os.uname().machine], keeps_user))
    code = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("@HP", len(program) // 8, ctypes.addressof(code))
    prctl(SECCOMP, _FILTER_MODE, head)


def _program(architecture: int, column: int, keeps_user: bool) -> list[bytes]:
    forbidden = [numbers[column] for numbers in _FORBIDDEN.values()] + list(_FORBIDDEN_EVERYWHERE)
    pretended = []
    if keeps_user:
        forbidden += [numbers[column] for numbers in _ATTRIBUTES.values()]
        pretended = [numbers[column] for numbers in _OF_OWNERS.values() if numbers[column] >= 0]
    return [
        _step(_LOAD, _ARCHITECTURE),
        _step(_EQUAL, architecture, then=1),
        _refuse(_EPERM),
        _step(_LOAD, _NUMBER),
        *([_step(_AT_LEAST, _X32, otherwise=1), _refuse(_EPERM)] if not column else []),
        *(each for number in forbidden for each in (_step(_EQUAL, number, otherwise=1), _refuse(_EPERM))),
        *(each for number in pretended for each in (_step(_EQUAL, number, otherwise=1), _refuse(0))),
        # The C library falls back on clone, whose flags can be judged.
        _step(_EQUAL, _CLONE3, otherwise=1),
        _refuse(_ENOSYS),
        _step(_EQUAL, _CLONE[column], otherwise=4),
        _step(_LOAD, _FIRST_ARGUMENT),
        _step(_ANY_BIT, _NEW_NAMESPACES, otherwise=1),
        _refuse(_EPERM),
        _step(_RETURN, _ALLOW),
        _step(_EQUAL, _SOCKET[column], then=1),
        _step(_RETURN, _ALLOW),
        _step(_LOAD, _FIRST_ARGUMENT),
        *(each for family in _FAMILIES for each in (_step(_EQUAL, family, otherwise=1), _step(_RETURN, _ALLOW))),
        _refuse(_EAFNOSUPPORT),
    ]


def _step(code: int, value: int, *, then: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("=HBBI", code, then, otherwise, value)


def _refuse(error: int) -> bytes:
    return _step(_RETURN, _REFUSE | error)
