"""The web application: routes, guards and the queues behind them, put together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from jointbert import __version__
from jointbert.serve.door import Condition, Door
from jointbert.serve.gate import Gate
from jointbert.serve.keys import KeyGuard, Keys
from jointbert.serve.metrics import Metrics
from jointbert.serve.models import Models
from jointbert.serve.openapi import parse_route, plain_route, rasa_route, reload_route, with_security
from jointbert.serve.refusal import Refusal
from jointbert.serve.routes import Routes
from jointbert.serve.settings import Settings

ABOUT = "Intent and slots of what people say. Every answer that is no success has the shape `{error: {code, message}}`."
NO_TELEMETRY: Any = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
PARSING = ("/parse", "/model/parse")
CODES = {404: "not_found", 405: "method_not_allowed"}
INFO = {
    "jointbert": __version__,
    "models": [
        {"name": "atis", "version": "77b1c0a95e62", "engine": "torch", "intents": ["travel"], "slots": ["city"]}
    ],
    "limits": {"deadline_ms": 2000.0, "max_texts": 256},
}


class _App(FastAPI):
    """FastAPI whose document tells of keys where there are some."""

    has_keys = False

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None and self.has_keys:
            self.openapi_schema = with_security(super().openapi())
        return super().openapi()


def build_app(
    models: Models, settings: Settings, keys: Keys, metrics: Metrics, condition: Condition | None = None
) -> FastAPI:
    """The application that answers for loaded models; its queues start and stop with its lifespan.

    Args:
        models: Loaded already.
        settings: Limits, deadline and logs.
        keys: What requests have to bring; none leaves the server open.
        metrics: Where everything is counted; the models' batches should be counted there too.
        condition: Set by whoever runs the server once it is on its way out.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        models.start()
        yield
        await models.close()

    condition = condition or Condition()
    app = _App(
        title="jointbert",
        version=__version__,
        description=ABOUT,
        lifespan=lifespan,
        docs_url=None,  # FastAPI's pages load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        exception_handlers={HTTPException: _no_route},
        telemetry=NO_TELEMETRY,
    )
    app.has_keys = bool(keys)
    metrics.watch_queue(lambda: models.waiting)
    paths = _add_routes(app, Routes(models, settings, keys, metrics, condition))
    app.add_middleware(Gate, paths=PARSING, check_room=models.check_room, settings=settings)
    app.add_middleware(KeyGuard, keys=keys)
    app.add_middleware(Door, paths=paths, settings=settings, metrics=metrics, condition=condition)
    return app


def _add_routes(app: FastAPI, routes: Routes) -> set[str]:
    """Mount the routes; their paths."""
    table: list[tuple[str, str, Any, dict[str, Any]]] = [
        ("POST", "/parse", routes.parse, parse_route(routes.parse_shape)),
        ("POST", "/model/parse", routes.rasa, rasa_route(routes.rasa_shape)),
        ("POST", "/reload", routes.reload, reload_route()),
        ("GET", "/livez", routes.livez, plain_route(503, example={"status": "alive"})),
        ("GET", "/readyz", routes.readyz, plain_route(503, example={"status": "ready"})),
        ("GET", "/info", routes.info, plain_route(401, example=INFO)),
        ("GET", "/metrics", routes.metrics, plain_route(401, kind="text/plain")),
    ]
    for method, path, endpoint, said in table:
        said.setdefault("response_class", Response)
        app.add_api_route(path, endpoint, methods=[method], operation_id=endpoint.__name__, **said)
    return {path for _, path, _, _ in table} | {"/openapi.json"}


async def _no_route(request: Request, error: Exception) -> Response:
    """404 and 405 in the shape of every other error."""
    assert isinstance(error, HTTPException)
    code = CODES.get(error.status_code, "refused")
    message = f"{error.detail}. GET /openapi.json lists what there is."
    return Refusal(error.status_code, code, message, headers=error.headers or {}).response()
