"""Whether a server that the command line names may be called: asked before anything is sent to it."""

from __future__ import annotations

from ..client.outcomes import ClientError
from ..worlds.addresses import RemoteAddressRefused, check_reach
from .frame import ExitCode, fail, sentence


def check_host(host: str, port: int, *, allow_remote: bool, purpose: str) -> None:
    """See that a host has an address and may be called; else end the command, with what ``--allow-remote`` is for."""
    try:
        check_reach(host, port, allow_remote=allow_remote)
    except RemoteAddressRefused:
        fail(f"{host} is another machine; --allow-remote lets {purpose}.", ExitCode.USAGE)
    except ClientError as error:
        hint = "" if allow_remote else "; another machine would need --allow-remote too"
        fail(sentence(f"{error}{hint}"))
