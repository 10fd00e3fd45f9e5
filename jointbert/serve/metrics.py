"""What a server counts, for Prometheus to fetch."""

from __future__ import annotations

from collections import Counter as Tally
from collections import deque
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from jointbert.serve.batcher import Batch

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
TEXTS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
RECENT = 1000
"""How many of a model's latest texts the share of the unsure ones is taken of."""


class Metrics:
    """The counters of one server, in a registry of their own.

    Args:
        low_confidence: An intent less probable than that (0..1) counts as unsure.
    """

    content_type = CONTENT_TYPE_LATEST

    def __init__(self, low_confidence: float) -> None:
        self._low = low_confidence
        self._recent: dict[str, deque[bool]] = {}
        self.registry = registry = CollectorRegistry()
        self._requests = Counter(
            "jointbert_requests", "Requests by route and status.", ["route", "status"], registry=registry
        )
        self._request_seconds = Histogram(
            "jointbert_request_seconds", "From request to answer.", ["route"], buckets=SECONDS, registry=registry
        )
        self._batch_texts = Histogram(
            "jointbert_batch_texts", "Texts computed at once.", ["model"], buckets=TEXTS, registry=registry
        )
        self._batch_seconds = Histogram(
            "jointbert_batch_seconds", "What a batch took.", ["model"], buckets=SECONDS, registry=registry
        )
        self._queue_texts = Gauge("jointbert_queue_texts", "Texts that wait to be computed.", registry=registry)
        self._intents = Counter("jointbert_intents", "Texts by intent.", ["model", "intent"], registry=registry)
        self._unsure = Counter(
            "jointbert_low_confidence_texts", "Texts whose intent is unsure.", ["model"], registry=registry
        )
        self._unsure_share = Gauge(
            "jointbert_low_confidence_share",
            f"Share (0 to 1) of the unsure among the latest {RECENT} texts.",
            ["model"],
            registry=registry,
        )
        self._models = Gauge(
            "jointbert_model_info", "1 for the version that answers.", ["model", "version", "engine"], registry=registry
        )

    def watch_queue(self, depth: Callable[[], int]) -> None:
        """Ask this for the depth of the queue whenever Prometheus does."""
        self._queue_texts.set_function(depth)

    def show_models(self, versions: dict[str, tuple[str, str]]) -> None:
        """Show which version and engine (name → both) answers; earlier ones are gone."""
        self._models.clear()
        for name, (version, engine) in versions.items():
            self._models.labels(name, version, engine).set(1)

    def count_request(self, route: str, status: int, seconds: float) -> None:
        """One request more, with what it took."""
        self._requests.labels(route, str(status)).inc()
        self._request_seconds.labels(route).observe(seconds)

    def count_batch(self, model: str, batch: Batch) -> None:
        """One batch more, with the intents that were seen in it."""
        self._batch_texts.labels(model).observe(batch.size)
        self._batch_seconds.labels(model).observe(batch.seconds)
        for intent, count in Tally(parse.intent or "" for parse in batch.parses).items():
            self._intents.labels(model, intent).inc(count)
        sure = [parse.intent_confidence for parse in batch.parses if parse.intent_confidence is not None]
        unsure = [confidence < self._low for confidence in sure]
        self._unsure.labels(model).inc(sum(unsure))
        recent = self._recent.setdefault(model, deque(maxlen=RECENT))
        recent.extend(unsure)
        if recent:
            self._unsure_share.labels(model).set(sum(recent) / len(recent))

    def page(self) -> bytes:
        """All of it, the way Prometheus reads it."""
        return generate_latest(self.registry)
