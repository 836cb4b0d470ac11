"""The command ``lite``: make the course a site for browsers, and serve it."""

from __future__ import annotations

import signal
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import click

from ..grading.release import write_whole
from ..lite import build, placing
from ..lite.failure import LiteError
from ..lite.fetching import gather, parts_folder
from ..lite.first_page import deep_link
from ..lite.parts import read_lock
from ..lite.serving import DEFAULT_PORT, LOOPBACK, SiteServer
from . import sentences
from .frame import ExitCode, fail, reason_of
from .output import complain, echo


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--zip", "archive", is_flag=True, help="Also write DIR.zip, to be unpacked on a static host.")
@click.option(
    "--serve",
    "port",
    metavar="[PORT]",
    is_flag=False,
    flag_value=str(DEFAULT_PORT),
    help=f"Serve the site until Ctrl-C; 0 takes a free port.  [{DEFAULT_PORT}]",
)
@click.option(
    "--host",
    metavar="ADDRESS",
    help=f"Serve on this address of your machine, so that others reach it.  [{LOOPBACK}]",
)
@click.option(
    "--pyodide",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The tarball of Pyodide, where npm is missing.",
)
@click.option(
    "--parts",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Where the fetched parts are kept; by default in your cache.",
)
def lite(
    folder: Path, archive: bool, port: str | None, host: str | None, pyodide: Path | None, parts: Path | None
) -> None:
    """Make the course a site that runs in a browser, with nothing installed there.

    DIR is a new or an empty folder, or one with an older site, which is replaced. What is missing is fetched with pip
    and npm, once; with all parts there no network is needed. Put the folder on any static host, or serve it from here.
    """
    number = _port(port, host)
    try:
        placing.check_folder(folder)
        if archive:
            placing.check_zip(_zip_of(folder))
        _make(folder, _zip_of(folder) if archive else None, pyodide, parts or parts_folder())
        if number is not None:
            _serve(SiteServer(folder, host or LOOPBACK, number))
    except LiteError as error:
        fail(str(error))


def _port(value: str | None, host: str | None) -> int | None:
    """Return the port to serve on; None if nothing is served."""
    if value is None:
        if host is not None:
            fail(sentences.HOST_NEEDS_SERVE, ExitCode.USAGE)
        return None
    if not (value.isascii() and value.isdigit() and int(value) < 65536):
        fail(sentences.NOT_A_PORT_TO_SERVE.format(value=value), ExitCode.USAGE)
    return int(value)


def _zip_of(folder: Path) -> Path:
    """Return the zip of a site: beside its folder."""
    whole = folder.resolve()
    return folder.parent / f"{folder.name}.zip" if folder.name else whole.parent / f"{whole.name}.zip"


def _make(folder: Path, archive: Path | None, pyodide: Path | None, parts: Path) -> None:
    """Write the site, unless the folder holds exactly this one, and the zip."""
    lock = read_lock()
    try:
        content = gather(lock, parts, pyodide=pyodide, say=complain)
    except OSError as error:
        fail(sentences.PARTS_UNUSABLE.format(folder=parts, reason=reason_of(error)))
    echo(f"checked  {len(lock.parts)} parts, kept in {parts}")
    found = placing.marker_of(folder)
    is_current = found is not None and found.get("build") == build.marker(lock, content)["build"]
    if is_current and archive is None:
        echo(f"current  {folder}")
        return
    complain("building the site")
    with build.built_site(lock, content) as site:
        try:
            placing.place(site, folder)
        except OSError as error:
            fail(sentences.SITE_UNUSABLE.format(folder=folder, reason=reason_of(error)))
        echo(f"written  {folder}")
        if archive is not None:
            _write_zip(site, archive)


def _write_zip(site: Path, archive: Path) -> None:
    data = build.zipped(site)
    try:
        write_whole(archive, data)
    except OSError as error:
        fail(sentences.SITE_UNUSABLE.format(folder=archive, reason=reason_of(error)))
    echo(f"written  {archive}, {len(data) / 1e6:.1f} MB")


def _serve(server: SiteServer) -> None:
    """Serve until Ctrl-C or SIGTERM."""
    found = placing.marker_of(server.folder)
    first = str(found["first"]) if found else ""
    echo(f"serving  {server.url()}")
    echo(f"open     {server.url(deep_link(first))}")
    echo("Press Ctrl-C to stop. Work is kept in each browser for this address, so use the same one next time.")
    signal.signal(signal.SIGTERM, _stop)
    with server, suppress(KeyboardInterrupt):
        server.serve_forever()


def _stop(*_: object) -> NoReturn:
    raise KeyboardInterrupt
