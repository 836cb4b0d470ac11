"""Serve a site on this machine, so that a browser always has the newest files and takes each for what it is.

The types of files do not depend on the system, whose table may be wrong. Nothing is logged: nobody's address is kept.
"""

from __future__ import annotations

import errno
import os
import socket
import socketserver
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from urllib.parse import quote, unquote, urlsplit

from . import sentences
from .failure import LiteError

DEFAULT_PORT = 8000
LOOPBACK = "127.0.0.1"

# The types of the files of a site, by the ends of their names.
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".eot": "application/vnd.ms-fontobject",
    ".gif": "image/gif",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/vnd.microsoft.icon",
    ".ipynb": "application/json",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".whl": "application/zip",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".zip": "application/zip",
}
_OTHER_TYPE = "application/octet-stream"
_CHUNK = 1 << 16  # octets


class SiteServer(ThreadingHTTPServer):
    """A web server for one site. It listens from the start; `serve_forever` answers.

    Args:
        folder: the site.
        host: an address of this machine.
        port: 0 takes a free one.

    Raises:
        LiteError: if the address or the port cannot be had.
    """

    daemon_threads = True
    allow_reuse_address = os.name == "posix"  # on Windows it would let two servers share a port
    request_queue_size = 128  # a class begins at the same time

    def __init__(self, folder: Path, host: str = LOOPBACK, port: int = DEFAULT_PORT) -> None:
        self.folder = folder.resolve()
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            super().__init__((host, port), _SiteHandler)
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            reason = "another program uses it" if taken else str(error.strerror or error)
            shown = f"{host}:{port}"
            raise LiteError(sentences.NO_PORT.format(address=shown, reason=reason, other=port + 1)) from None

    def server_bind(self) -> None:
        """Bind the socket, and look up no name of this machine, which may take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a browser that goes away in the middle of a file is no error."""

    def url(self, path: str = "") -> str:
        """Return the address of a path below the root of the site."""
        host, port = self.server_address[:2]
        name = str(host)
        return f"http://{f'[{name}]' if ':' in name else name}:{port}/{path}"


class _SiteHandler(BaseHTTPRequestHandler):
    """Answers GET and HEAD with the files of the site."""

    server: SiteServer
    protocol_version = "HTTP/1.1"  # one connection for many files

    def do_GET(self) -> None:
        """Send a file."""
        self._answer(with_content=True)

    def do_HEAD(self) -> None:
        """Send what is said about a file."""
        self._answer(with_content=False)

    def log_message(self, *_: object) -> None:
        """Keep no log."""

    def _answer(self, *, with_content: bool) -> None:
        path = urlsplit(self.path).path
        found = file_of(self.server.folder, path)
        if found is None:
            return self._say(HTTPStatus.NOT_FOUND)
        if found.is_dir():
            return self._send_on(path)
        try:
            file = found.open("rb")
        except OSError:
            return self._say(HTTPStatus.NOT_FOUND)
        with file:
            return self._send(found, file, with_content=with_content)

    def _send(self, path: Path, file: BinaryIO, *, with_content: bool) -> None:
        about = os.fstat(file.fileno())
        tag = f'"{about.st_mtime_ns:x}-{about.st_size:x}"'
        if tag in (self.headers.get("If-None-Match") or ""):
            return self._head(HTTPStatus.NOT_MODIFIED, {"ETag": tag})
        self._head(
            HTTPStatus.OK,
            {
                "Content-Type": TYPES.get(path.suffix.lower(), _OTHER_TYPE),
                "Content-Length": str(about.st_size),
                "Last-Modified": formatdate(about.st_mtime, usegmt=True),
                "ETag": tag,
            },
        )
        left = about.st_size if with_content else 0
        while left and (octets := file.read(min(_CHUNK, left))):
            self.wfile.write(octets)
            left -= len(octets)
        if left:  # the file has become shorter
            self.close_connection = True
        return None

    def _send_on(self, path: str) -> None:
        """Send a browser that named a folder to its address with a slash at the end, so that links in it are right."""
        name = PurePosixPath(unquote(path)).name
        self._head(HTTPStatus.MOVED_PERMANENTLY, {"Location": f"{quote(name)}/", "Content-Length": "0"})

    def _say(self, status: HTTPStatus) -> None:
        text = f"{status.value} {status.phrase}\n".encode()
        self._head(status, {"Content-Type": TYPES[".txt"], "Content-Length": str(len(text))})
        if self.command != "HEAD":
            self.wfile.write(text)

    def _head(self, status: HTTPStatus, headers: dict[str, str]) -> None:
        self.send_response_only(status)
        # Ask each time if a file has changed: else a browser keeps the notebooks of last week.
        for name, value in ({"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"} | headers).items():
            self.send_header(name, value)
        self.end_headers()


def file_of(folder: Path, path: str) -> Path | None:
    """Return the file or folder of a site that an address names; None if there is none inside the site.

    Args:
        folder: the site, resolved.
        path: the path of the address, as it was sent; with a slash at its end it names the page of a folder.
    """
    wanted = unquote(path)
    parts = [part for part in wanted.split("/") if part]
    # A backslash and a colon mean something in the paths of Windows; no file of a site has them.
    if any(part in (".", "..") or set(part) & set("\\:\0") for part in parts):
        return None
    found = folder.joinpath(*parts)
    if wanted.endswith("/"):
        found /= "index.html"
    try:
        is_inside = found.resolve(strict=True).is_relative_to(folder)
    except (OSError, ValueError):
        return None
    return found if is_inside else None
