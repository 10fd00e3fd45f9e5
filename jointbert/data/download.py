"""One file from one address, whole or not at all."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO

_LIMIT = 64 * 2**20  # bytes; every known file is far smaller
_CHUNK = 2**16
_SECONDS = 30  # without a byte, before a server is given up

Progress = Callable[[str, int], None]
"""Called with a file's name and the number of bytes that were just received of it."""


class Failed(Exception):
    """One origin did not give one file.

    Args:
        path: The file, as the dataset calls it.
        url: Where it was looked for; empty when it came and was wrong.
        what: What came instead.
        expected: What should have come.
    """

    def __init__(self, path: str, url: str, what: str, expected: str) -> None:
        super().__init__(what)
        self.path, self.url, self.what, self.expected = path, url, what, expected


def address(mirror: str, path: str) -> str:
    """A path below a mirror as an address; a mirror without a scheme is a folder.

    Example:
        >>> address("https://host/data/", "atis/train/seq.in")
        'https://host/data/atis/train/seq.in'
    """
    if mirror.partition("://")[0] in ("http", "https", "file"):
        return f"{mirror.rstrip('/')}/{path}"
    return (Path(mirror).expanduser().resolve() / path).as_uri()


def download(url: str, path: str, progress: Progress) -> bytes:
    """The whole content of an address.

    Raises:
        Failed: There is none, it is cut off, or it does not end.
    """
    request = urllib.request.Request(url, headers={"User-Agent": "jointbert"})
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as response:
            announced = response.headers.get("Content-Length")
            body = _drain(response, path, progress)
    except urllib.error.HTTPError as error:
        raise Failed(path, url, f"HTTP {error.code} {error.reason}", "the file") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise Failed(path, url, f"no file ({reason})", "the file") from error
    if announced is not None and announced.isdigit() and len(body) < int(announced):
        raise Failed(path, url, f"{len(body)} bytes, cut off", f"{announced} bytes")
    if len(body) > _LIMIT:
        raise Failed(path, url, f"more than {_LIMIT} bytes", "a smaller file")
    return body


def _drain(response: IO[bytes], path: str, progress: Progress) -> bytes:
    """What a response holds, up to a little more than the limit."""
    body = bytearray()
    while len(body) <= _LIMIT and (chunk := response.read(_CHUNK)):
        body += chunk
        progress(path, len(chunk))
    return bytes(body)
