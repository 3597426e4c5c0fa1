"""Static files from memory, under a path that changes whenever any of them does.

Nested imports of ES modules follow, since the version is in the path and not in a query.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

STATIC_DIR = Path(__file__).parents[1] / "static"
VERSION_LENGTH = 12  # 48 bits: two builds never meet by chance
# Below one packet compression saves nothing.
_COMPRESS_OVER_BYTES = 1_200
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
}
_TEXT = frozenset({".js", ".css", ".svg", ".json", ".webmanifest", ".txt", ".html"})


@dataclass(frozen=True, slots=True)
class _File:
    body: bytes
    compressed: bytes | None
    content_type: str
    etag: str


class StaticFiles:
    """All files below `directory`, read once; a megabyte or two."""

    def __init__(self, directory: Path = STATIC_DIR) -> None:
        self._files: dict[str, _File] = {}
        digest = hashlib.sha256()
        for path in sorted(directory.rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                name, body = path.relative_to(directory).as_posix(), path.read_bytes()
                digest.update(name.encode() + b"\0" + hashlib.sha256(body).digest())
                self._files[name] = _read(path, body)
        self.version = digest.hexdigest()[:VERSION_LENGTH]

    def url(self, name: str) -> str:
        """`/static/{version}/{name}`; a name that does not exist is a programming error."""
        if name not in self._files:
            raise LookupError(f"no static file {name!r}")
        return f"/static/{self.version}/{name}"

    @property
    def base_url(self) -> str:
        return f"/static/{self.version}/"

    async def serve(self, request: web.Request) -> web.Response:
        file = self._files.get(request.match_info["path"])
        if file is None:
            raise web.HTTPNotFound
        # A page opened before an upgrade still finds its late modules, but keeps none of them.
        current = request.match_info["version"] == self.version
        headers = {
            "Content-Type": file.content_type,
            "ETag": file.etag,
            "Cache-Control": "public, max-age=31536000, immutable" if current else "no-cache",
        }
        if request.headers.get("If-None-Match") == file.etag:
            return web.Response(status=304, headers=headers)
        body = file.body
        if file.compressed is not None:
            headers["Vary"] = "Accept-Encoding"
            if "gzip" in request.headers.get("Accept-Encoding", ""):
                headers["Content-Encoding"] = "gzip"
                body = file.compressed
        return web.Response(body=body, headers=headers)


def _read(path: Path, body: bytes) -> _File:
    guessed = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    worth = path.suffix in _TEXT and len(body) > _COMPRESS_OVER_BYTES
    return _File(
        body=body,
        compressed=gzip.compress(body, 9, mtime=0) if worth else None,
        content_type=_TYPES.get(path.suffix, guessed),
        etag=f'"{hashlib.sha256(body).hexdigest()[:16]}"',
    )


@functools.cache
def of_this_build() -> StaticFiles:
    """The files that belong to this code, read and compressed once in a process."""
    return StaticFiles()


STATIC = web.AppKey("static", StaticFiles)


async def serve(request: web.Request) -> web.Response:
    """GET /static/{version}/{path}"""
    return await request.app[STATIC].serve(request)
