"""The keys that open a server: read from a file, compared in constant time, asked for on all but the health routes."""

from __future__ import annotations

import hashlib
import hmac
import stat
from collections.abc import Iterable
from pathlib import Path

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from jointbert.errors import ConfigError
from jointbert.serve.refusal import Refusal

OPEN_PATHS = frozenset({"/livez", "/readyz"})
TOKEN_PATH = "/model/parse"
"""Here the key may also come as ``?token=`` or in the body, the way Rasa sends it."""

SHORTEST = 8


class Keys:
    """The keys of a server, of which only digests are kept.

    Args:
        keys: Any one of them opens; none leaves the server open.

    Example:
        >>> Keys(["correct horse battery"]).opens("correct horse battery"), Keys(["a key of mine"]).opens("guess")
        (True, False)
    """

    def __init__(self, keys: Iterable[str] = ()) -> None:
        self._digests = [_digest(key) for key in keys]

    def __bool__(self) -> bool:
        return bool(self._digests)

    def opens(self, candidate: str) -> bool:
        """Whether it is one of the keys; how long that takes does not depend on how much of it is right."""
        digest = _digest(candidate)
        return sum([hmac.compare_digest(digest, known) for known in self._digests]) > 0

    def check(self, candidate: str | None) -> None:
        """Raise Refusal (401) unless the candidate opens, or no key is needed."""
        if not self._digests:
            return
        if candidate is None:
            raise _refusal("missing_key", "A key is needed: send it as Authorization: Bearer KEY, or as X-API-Key.")
        if not self.opens(candidate):
            raise _refusal("wrong_key", "The key is not one of this server's.")


def read_keys(path: Path) -> Keys:
    """The keys in a file, one a line; empty lines and lines that begin with # are passed over.

    Raises:
        ConfigError: The file cannot be read, has no key, or a key is too short or no plain ASCII.
    """
    where = str(path)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        hint = "Check the path given with --api-key-file."
        raise ConfigError(where, f"cannot be read ({why})", "a text file with a key a line", hint) from error
    keys = []
    for number, line in enumerate(lines, start=1):
        key = line.strip()
        if key and not key.startswith("#"):
            if len(key) < SHORTEST or not key.isascii() or " " in key or not key.isprintable():
                what = f"a key of {len(key)} characters that is too short or has odd characters"
                expected = f"{SHORTEST} or more printable ASCII characters without spaces"
                raise ConfigError(f"{where}:{number}", what, expected, "Make one with: openssl rand -hex 32")
            keys.append(key)
    if not keys:
        raise ConfigError(where, "holds no key", "a key a line", "Make one with: openssl rand -hex 32")
    return Keys(keys)


def is_open_to_others(path: Path) -> bool:
    """Whether other users of this machine can read the file."""
    return bool(path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))


def key_of(headers: Headers) -> str | None:
    """The key that a request's headers carry, or None."""
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and credentials.strip():
        return credentials.strip()
    return headers.get("x-api-key")


class KeyGuard:
    """Lets only those requests through that carry a key; the health routes are open.

    Args:
        app: What is guarded.
        keys: The keys; with none, everything is let through.
    """

    def __init__(self, app: ASGIApp, keys: Keys) -> None:
        self._app = app
        self._keys = keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._keys and scope["path"] not in OPEN_PATHS:
            candidate = key_of(Headers(scope=scope))
            if candidate is not None or scope["path"] != TOKEN_PATH:
                self._keys.check(candidate)
        await self._app(scope, receive, send)


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


def _refusal(code: str, message: str) -> Refusal:
    return Refusal(401, code, message, headers={"WWW-Authenticate": "Bearer"})
