"""The error of this room."""


class LiteError(Exception):
    """The course cannot be made into a site, or not be served; ``str(error)`` is a sentence for the user."""
