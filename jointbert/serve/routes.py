"""What the server answers, route by route."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from jointbert import __version__
from jointbert.errors import ModelError
from jointbert.labels import LabelSet
from jointbert.serve.door import HUNG_UP, Condition, Note
from jointbert.serve.gate import queue_full
from jointbert.serve.keys import Keys, key_of
from jointbert.serve.metrics import Metrics
from jointbert.serve.models import Models, Served, UnknownModelError
from jointbert.serve.rasa import EXTRACTOR, to_rasa
from jointbert.serve.rasa_payload import read_payload
from jointbert.serve.reading import read_body, read_shape
from jointbert.serve.refusal import Refusal, json_response
from jointbert.serve.settings import Settings
from jointbert.serve.shapes import ReloadRequest, limited
from jointbert.serve.ticket import ClosedError, DeadlineError, GoneError, QueueFullError
from jointbert.utterance import Parse

RELOAD_BODY_SECONDS = 10.0


class Routes:
    """The server's answers.

    Args:
        models: What parses.
        settings: Limits and deadline.
        keys: What a token or a reload has to bring.
        metrics: What ``/metrics`` shows.
        condition: Whether the server is on its way out.
    """

    def __init__(self, models: Models, settings: Settings, keys: Keys, metrics: Metrics, condition: Condition) -> None:
        self._models = models
        self._settings = settings
        self._keys = keys
        self._metrics = metrics
        self._condition = condition
        self.parse_shape, self.rasa_shape = limited(settings)

    async def parse(self, request: Request) -> Response:
        """Parse one text or many."""
        shape = read_shape(self.parse_shape, await self._body(request))
        served = self._served(shape.model)
        parses = await self._ask(request, served, shape.asked)
        found = [_listed(parse, shape.ranking) for parse in parses]
        return json_response({"parses": found} if shape.is_many else found[0], headers=_stamp(served))

    async def rasa(self, request: Request) -> Response:
        """Parse a text for Rasa: the default model, in Rasa's shape; what a button says needs no model."""
        token = key_of(request.headers) or request.query_params.get("token") or None
        if token is not None:
            self._keys.check(token)
        shape = read_shape(self.rasa_shape, await self._body(request))
        if token is None:
            self._keys.check(shape.token)
        served = self._served(None)
        _note(request).texts = [shape.text]
        said = read_payload(shape.text, _names(served.nlu.labels.intents), EXTRACTOR)
        if said is None:
            (parse,) = await self._ask(request, served, [shape.text])
            said = to_rasa(parse)
        return json_response(said, headers=_stamp(served))

    async def reload(self, request: Request) -> Response:
        """Load models anew from their folders, and swap them in."""
        if not self._keys:
            raise Refusal(
                403, "no_keys", "Reloading needs a key, and this server has none: start it with --api-key-file."
            )
        limit = self._settings.max_body_bytes
        body = await read_body(request.headers, request.receive, limit, RELOAD_BODY_SECONDS)
        shape = read_shape(ReloadRequest, body or b"{}")
        try:
            changes = await self._models.reload(shape.model)
        except UnknownModelError as error:
            raise Refusal.of(404, "unknown_model", error, "model") from None
        except ModelError as error:
            raise Refusal.of(409, "bad_model", error) from None
        rows = [{"name": it.name, "previous": it.previous, "version": it.version} for it in changes]
        return json_response({"reloaded": rows})

    async def livez(self, request: Request) -> Response:
        """Whether the server is worth keeping."""
        if not self._models.are_alive:
            raise Refusal(503, "not_alive", "A model's queue is not being worked on.")
        return json_response({"status": "alive"})

    async def readyz(self, request: Request) -> Response:
        """Whether the server should be sent requests."""
        if self._condition.is_draining:
            raise Refusal(503, "draining", "The server is on its way out.")
        if not self._models.are_alive:
            raise Refusal(503, "not_alive", "A model's queue is not being worked on.")
        return json_response({"status": "ready"})

    async def info(self, request: Request) -> Response:
        """What is served, and within which limits."""
        settings = self._settings
        limits = {
            "deadline_ms": settings.deadline_ms,
            "max_batch": settings.max_batch,
            "max_body_bytes": settings.max_body_bytes,
            "max_characters": settings.max_characters,
            "max_queue": settings.max_queue,
            "max_texts": settings.texts_per_request,
        }
        models = [_about(self._models.get(name)) for name in self._models.names]
        return json_response({"jointbert": __version__, "models": models, "limits": limits})

    async def metrics(self, request: Request) -> Response:
        """The counters, for Prometheus."""
        served = [self._models.get(name) for name in self._models.names]
        self._metrics.show_models({it.name: (it.nlu.version, it.nlu.engine) for it in served})
        return Response(self._metrics.page(), headers={"Content-Type": self._metrics.content_type})

    async def _body(self, request: Request) -> bytes:
        limit = self._settings.max_body_bytes
        return await read_body(request.headers, request.receive, limit, self._time_left(request))

    def _time_left(self, request: Request) -> float:
        """Seconds until the deadline, which counts from the request's arrival."""
        return self._settings.deadline - (time.monotonic() - _note(request).began)

    def _served(self, name: str | None) -> Served:
        try:
            return self._models.get(name)
        except UnknownModelError as error:
            raise Refusal.of(404, "unknown_model", error, "model") from None

    async def _ask(self, request: Request, served: Served, texts: list[str]) -> Sequence[Parse]:
        """The parses of the texts, or the refusal that says why there are none."""
        note = _note(request)
        note.texts = texts
        try:
            ticket = served.batcher.submit(texts, self._time_left(request))
            leaving = asyncio.ensure_future(request.receive())  # after the body, all that can come is a hang-up
            leaving.add_done_callback(lambda _: ticket.drop())
            try:
                answer = await ticket.answer()
            finally:
                leaving.cancel()
        except QueueFullError as error:
            raise queue_full(error) from None
        except DeadlineError as error:
            raise Refusal.of(504, "deadline", error) from None
        except ClosedError as error:
            raise Refusal.of(503, "draining", error) from None
        except GoneError as error:
            raise Refusal.of(HUNG_UP, "hung_up", error) from None
        note.batch = answer.batch
        return answer.parses


def _note(request: Request) -> Note:
    note: Note = request.scope["jointbert.note"]
    return note


def _listed(parse: Parse, ranking: int) -> dict[str, Any]:
    """The parse's JSON with so many intents."""
    shape = parse.to_dict()
    shape["intent_ranking"] = shape["intent_ranking"][:ranking]
    return shape


def _stamp(served: Served) -> dict[str, str]:
    """The headers that say which model answered."""
    return {"X-Model": served.name, "X-Model-Version": served.nlu.version}


def _about(served: Served) -> dict[str, Any]:
    labels = served.nlu.labels
    return {
        "name": served.name,
        "version": served.nlu.version,
        "engine": served.nlu.engine,
        "loaded_at": served.loaded_at.isoformat(timespec="seconds"),
        "intents": _names(labels.intents),
        "slots": _names(labels.slots),
    }


def _names(labels: LabelSet | None) -> list[str]:
    return [] if labels is None else list(labels.names)
