"""A request's body: read up to a limit, then checked against its shape, with every fault named by its field."""

from __future__ import annotations

import asyncio
import json
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from starlette.datastructures import Headers
from starlette.types import Receive

from jointbert.serve.refusal import Problem, Refusal

MOST_PROBLEMS = 20
HUGE = 10**30
Shape = TypeVar("Shape", bound=BaseModel)


async def read_body(headers: Headers, receive: Receive, limit: int, timeout: float) -> bytes:
    """The whole body.

    Args:
        headers: What the request says of it: one that is said to be too long is not read at all.
        receive: Where its parts come from.
        limit: How many bytes it may have.
        timeout: Seconds until it has to be there.

    Raises:
        Refusal: 413 for a longer body, as soon as it is longer; 408 for one that does not come.
    """
    if int(headers.get("content-length") or 0) > limit:
        raise _too_large(limit)
    parts: list[bytes] = []
    room = limit
    try:
        async with asyncio.timeout(timeout):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Refusal(408, "hung_up", "The body ended before it was whole.")
                part = message.get("body", b"")
                room -= len(part)
                if room < 0:
                    raise _too_large(limit)
                parts.append(part)
                if not message.get("more_body", False):
                    return parts[0] if len(parts) == 1 else b"".join(parts)
    except TimeoutError:
        raise Refusal(408, "body_timeout", f"The body was not there within {round(timeout * 1000)} ms.") from None


def _too_large(limit: int) -> Refusal:
    """The refusal of a body that is longer than the limit; the connection is closed, for the rest of it is not read."""
    message = f"The body is longer than {limit} bytes. Send fewer texts at once."
    return Refusal(413, "too_large", message, headers={"Connection": "close"})


def read_shape(shape: type[Shape], body: bytes) -> Shape:
    """The body as its shape.

    Raises:
        Refusal: 422; it says which fields are wrong, and why.
    """
    try:
        return shape.model_validate_json(body)
    except ValidationError as error:
        raise _refusal(error, ", ".join(shape.model_fields)) from None


def _refusal(error: ValidationError, keys: str) -> Refusal:
    count = error.error_count()
    if count > MOST_PROBLEMS:
        return Refusal(422, "invalid", f"body: has {count} faults; expected an object with the keys {keys}.", "body")
    problems = [_problem(detail, keys) for detail in error.errors(include_url=False)]
    return Refusal(422, "invalid", problems[0].message, problems[0].where, problems)


def _problem(detail: ErrorDetails, keys: str) -> Problem:
    where = ".".join(map(str, detail["loc"])) or "body"
    if len(where) > 80:
        where = f"{where[:80]}..."
    where = where.encode("utf-8", "backslashreplace").decode("utf-8")
    return Problem(where, f"{where}: {_said(detail, keys)}.")


def _said(detail: ErrorDetails, keys: str) -> str:
    """What is wrong with a field and what was expected, in this project's words."""
    kind, given, limits = detail["type"], detail["input"], detail.get("ctx", {})
    if kind == "json_invalid":
        reason = str(limits.get("error"))
        if "hex escape" in reason or "surrogate" in reason:
            reason += "; an escape such as \\ud83d alone is half a character: cut texts between whole ones"
        return f"is no valid JSON ({reason})"
    if kind == "extra_forbidden":
        return f"is no known key; expected one of {keys}"
    if kind == "missing":
        return "is missing"
    if kind == "value_error":
        return f"{limits.get('error')}; expected either text or texts"
    if kind == "string_too_long":
        return f"has {len(given)} characters; expected at most {limits.get('max_length')}"
    if kind == "too_long":
        return f"has more than {limits.get('max_length')} texts; expected at most that many"
    if kind == "too_short":
        return "is empty; expected at least one text"
    wanted = "an object" if kind == "model_type" else detail["msg"].removeprefix("Input should be ").rstrip(".")
    return f"is {_shown(given)}; expected {wanted}"


def _shown(given: Any) -> str:
    """A value in a few characters; of what may be long only the kind."""
    if isinstance(given, dict | list | str):
        return {dict: "an object", list: "a list", str: "a string"}[type(given)]
    if isinstance(given, int) and abs(given) > HUGE:
        return "a huge number"
    return json.dumps(given, default=str)[:40]
