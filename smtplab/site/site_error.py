"""The error of this room."""

from ..base.failure import Failure


class SiteError(Failure):
    """The pages cannot be built. ``str(error)`` is a sentence."""
