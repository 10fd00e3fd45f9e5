"""What the OpenAPI document says of each route; the shapes are those that requests are checked against."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from jointbert.serve import rasa, shapes
from jointbert.serve.keys import OPEN_PATHS

REASONS = {
    401: "The key is missing or wrong.",
    403: "The server has no keys, and this needs one.",
    404: "No model goes by that name.",
    408: "The body did not come in time.",
    409: "A model is bad, and the old one goes on; the message names the file.",
    413: "The body is too long.",
    422: "A field is wrong; the message says which and why.",
    429: "The queue is full; `Retry-After` says in how many seconds to come again.",
    503: "The server is on its way out, or broken.",
    504: "The answer did not come before the deadline.",
}
STAMP = {
    "X-Model": {"description": "The model that answered.", "schema": {"type": "string"}},
    "X-Model-Version": {"description": "Its version.", "schema": {"type": "string"}},
}
RETRY = {"Retry-After": {"description": "Whole seconds, 1 at least.", "schema": {"type": "integer", "minimum": 1}}}
PARSE_REASONS = (401, 404, 408, 413, 422, 429, 503, 504)

SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}
TOKEN = {"type": "apiKey", "in": "query", "name": "token"}


def parse_route(shape: type[BaseModel]) -> dict[str, Any]:
    """What is said of ``POST /parse``."""
    examples = {"one": {"value": shapes.ONE}, "many": {"value": shapes.MANY}}
    answers = {"one": {"value": shapes.PARSE}, "many": {"value": {"parses": [shapes.PARSE]}}}
    success: dict[str, Any] = {
        "model": shapes.ParseAnswer | shapes.ParseAnswers,
        "description": "The parse, or the parses.",
    }
    success |= {"headers": STAMP, "content": {"application/json": {"examples": answers}}}
    return {"responses": {200: success} | _reasons(*PARSE_REASONS), "openapi_extra": _body(shape, examples)}


def rasa_route(shape: type[BaseModel]) -> dict[str, Any]:
    """What is said of ``POST /model/parse``."""
    examples = {"rasa": {"value": {"text": shapes.ONE["text"], "message_id": "user-7", "token": None}}}
    success: dict[str, Any] = {"description": "The parse in Rasa's shape.", "headers": STAMP}
    success |= {"content": {"application/json": {"schema": {"type": "object"}, "example": rasa.EXAMPLE}}}
    return {"responses": {200: success} | _reasons(*PARSE_REASONS), "openapi_extra": _body(shape, examples)}


def reload_route() -> dict[str, Any]:
    """What is said of ``POST /reload``."""
    example = {"reloaded": [{"name": "atis", "previous": "0f3a9c81d2e4", "version": "77b1c0a95e62"}]}
    success = {"description": "What was swapped in.", "content": {"application/json": {"example": example}}}
    reasons = _reasons(401, 403, 404, 408, 409, 413, 422)
    extra = _body(shapes.ReloadRequest, {"one": {"value": {"model": "atis"}}, "all": {"value": {}}}, required=False)
    return {"responses": {200: success} | reasons, "openapi_extra": extra}


def plain_route(*reasons: int, example: object = None, kind: str = "application/json") -> dict[str, Any]:
    """What is said of a route that takes nothing."""
    shown = {"example": example} if example is not None else {"schema": {"type": "string"}}
    return {"responses": {200: {"description": "Success", "content": {kind: shown}}} | _reasons(*reasons)}


def with_security(document: dict[str, Any]) -> dict[str, Any]:
    """The document of a server that has keys."""
    document.setdefault("components", {})["securitySchemes"] = SECURITY | {"token": TOKEN}
    document["security"] = [{name: []} for name in SECURITY]
    for path, operations in document["paths"].items():
        for operation in operations.values():
            if path in OPEN_PATHS:
                operation["security"] = []
            elif path == "/model/parse":
                operation["security"] = [{name: []} for name in (*SECURITY, "token")]
    return document


def _body(shape: type[BaseModel], examples: dict[str, Any], required: bool = True) -> dict[str, Any]:
    content = {"application/json": {"schema": shape.model_json_schema(), "examples": examples}}
    return {"requestBody": {"required": required, "content": content}}


def _reasons(*statuses: int) -> dict[int | str, dict[str, Any]]:
    found: dict[int | str, dict[str, Any]] = {}
    for status in statuses:
        found[status] = {"model": shapes.ErrorAnswer, "description": REASONS[status]}
        if status == 429:
            found[status]["headers"] = RETRY
    return found
