"""The arguments by which every world takes a host: its name is text, and its port a number."""

from . import sentences


def check_name(name: object, *, example: str) -> None:
    """Raise `TypeError` if the name of a host is not text; the error shows `example`, a name that this world has."""
    if not isinstance(name, str):
        raise TypeError(sentences.NAME_IS_TEXT.format(example=example, value=name))


def check_port_type(port: object, *, example: int) -> None:
    """Raise `TypeError` if a port is not a number; which numbers are ports, each world decides itself.

    Args:
        port: the port.
        example: a port for the error to show.
    """
    if not isinstance(port, int):
        raise TypeError(sentences.PORT_IS_NUMBER.format(example=example, value=port))
