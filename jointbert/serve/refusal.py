"""A request that is not answered with a parse: the status, and the one JSON shape that says why."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response

from jointbert.errors import JointBertError


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a request: the field, and what is the matter with it."""

    where: str
    message: str


@dataclass(eq=False)
class Refusal(Exception):
    """An answer that says why there is no other.

    Args:
        status: The HTTP status.
        code: A word for programs; it stays the same between versions.
        message: A sentence for people.
        where: The field at fault, such as ``texts.3``; None where it is no field's fault.
        problems: All that is wrong, where that is more than one thing.
        headers: Further headers of the answer.
    """

    status: int
    code: str
    message: str
    where: str | None = None
    problems: Sequence[Problem] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        """The answer to send."""
        shape: dict[str, Any] = {"code": self.code, "message": self.message, "where": self.where}
        if self.problems:
            shape["problems"] = [{"where": it.where, "message": it.message} for it in self.problems]
        return json_response({"error": shape}, self.status, self.headers)

    @classmethod
    def of(cls, status: int, code: str, error: JointBertError, where: str | None = None) -> Refusal:
        """The refusal that passes on what an error says."""
        return cls(status, code, str(error), where)


def json_response(shape: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer that is valid UTF-8 whatever strings are in it: a lone surrogate is written as its escape.

    Raises:
        ValueError: A number is not finite, which JSON has no word for.
    """
    body = json.dumps(shape, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(body.encode("utf-8", "backslashreplace"), status, headers, "application/json")
