"""The version of the installed distribution."""


def version() -> str:
    """Return the version of smtplab; of a checkout that is not installed, ``0+unknown``."""
    from importlib import metadata

    try:
        return metadata.version("smtplab")
    except metadata.PackageNotFoundError:
        return "0+unknown"
