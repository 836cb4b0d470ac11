"""Check that a server may be called before anything is sent to it."""

from __future__ import annotations

from ..client.outcomes import ClientError
from ..worlds.addresses import RemoteAddressRefused, check_reach
from . import sentences
from .frame import ExitCode, fail, sentence


def check_host(host: str, port: int, *, allow_remote: bool, purpose: str) -> None:
    """End the command if a host has no address, or may not be called without ``--allow-remote``.

    Args:
        host: its name or address.
        port: its port.
        allow_remote: True if it may be another machine.
        purpose: what ``--allow-remote`` is for, such as ``you talk to it``.
    """
    try:
        check_reach(host, port, allow_remote=allow_remote)
    except RemoteAddressRefused:
        fail(sentences.OTHER_MACHINE.format(host=host, purpose=purpose), ExitCode.USAGE)
    except ClientError as error:
        fail(sentence(error if allow_remote else sentences.NEEDS_ALLOW_REMOTE.format(reason=error)))
