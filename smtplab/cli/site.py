"""The command ``site``: the course as static pages."""

from __future__ import annotations

from pathlib import Path

import click

from ..base.printed import plural
from .frame import fail, smtplab
from .output import echo
from .progress_line import ProgressLine


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--lite",
    metavar="URL",
    default="../lite",
    show_default=True,
    help="Where the course in the browser is: an address, or a path seen from the site's first page.",
)
@click.option("--no-lite", is_flag=True, help="Make no links to a course in the browser.")
def site(folder: Path, lite: str, no_lite: bool) -> None:
    """Build the course as static pages: tutorials, exercises, slides and reference.

    The pages go into DIR, for any web server, or to be opened as files; they load nothing from another host. Answers
    to the tasks are folded. Run it again after an update: it replaces its own files and touches no other. It needs
    the extra "site": pip install 'smtplab[site]'.
    """
    from ..site.build import build_site
    from ..site.site_error import SiteError

    line = ProgressLine()
    try:
        with line:
            count = build_site(
                folder,
                smtplab,
                lite=None if no_lite else lite,
                progress=lambda doing: line.show_line(lambda seconds: f"{seconds:3.0f} s  {doing}"),
            )
    except SiteError as error:
        fail(str(error))
    echo(f"built     {plural(count, 'file')} in {folder}")
    echo(f"Open {folder / 'index.html'}, or put the folder on a web server.")
