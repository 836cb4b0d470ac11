"""The arguments of a client, checked before anything is connected."""

from ..base.domains import to_ascii
from ..protocol.diagnosis import bad_domain, is_untagged_ipv6
from ..protocol.replies import LocalProtocolError
from ..transcript import Transcript
from . import sentences
from .outcomes import Timeouts


def check_arguments(helo: object, timeouts: object, transcript: object = None) -> str:
    """Return the name for EHLO if the arguments of a client are right, before anything is connected.

    Raises:
        TypeError: if one of them is of another type.
        LocalProtocolError: as `own_name` does.
    """
    if not isinstance(helo, str):
        raise TypeError(sentences.NOT_A_NAME.format(type=type(helo).__name__))
    if timeouts is not None and not isinstance(timeouts, Timeouts):
        raise TypeError(sentences.NOT_TIMEOUTS.format(type=type(timeouts).__name__))
    if transcript is not None and not isinstance(transcript, Transcript):
        raise TypeError(sentences.NOT_A_TRANSCRIPT.format(type=type(transcript).__name__))
    return own_name(helo)


def own_name(helo: str) -> str:
    """Return the name for EHLO in A-labels, because no SMTPUTF8 is agreed on before its reply (RFC 6531 3.7.1).

    Raises:
        LocalProtocolError: if it is neither ASCII nor has A-labels, or is an IPv6 address without its tag.
    """
    name = to_ascii(helo)
    if is_untagged_ipv6(name):
        raise bad_domain(name)
    if not name.isascii():
        raise LocalProtocolError(sentences.NO_A_LABELS.format(name=helo))
    return name
