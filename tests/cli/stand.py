"""A stand-in for a model: what `jointbert compare` asks of one, with parses that are known beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from jointbert.codec.scope import Scope
from jointbert.codec.scope_logits import MaxProbability
from jointbert.labels import Labels, LabelSet
from jointbert.utterance import Parse, Span


def scoped(marker: str | None = "oos") -> Scope:
    """A scope by whose marker data is judged; what is refused, the stand-in is told beforehand."""
    return Scope(MaxProbability(), 0.5, marker)


class Stand:
    """A model that gives its first intent unless it is told otherwise.

    Args:
        intents: Those that it knows.
        said: The intent by text, where it is another.
        spans: The spans by text, where there are any.
        scope: Its scope, or None where it cannot tell.
        refused: The texts that it holds for out of scope.
    """

    def __init__(
        self,
        intents: tuple[str, ...] = ("x",),
        *,
        said: Mapping[str, str] | None = None,
        spans: Mapping[str, tuple[Span, ...]] | None = None,
        scope: Scope | None = None,
        refused: tuple[str, ...] = (),
        engine: str = "torch",
        version: str = "",
    ) -> None:
        self.engine, self.version, self.intents = engine, version, intents
        self.labels = Labels(LabelSet("intent", intents), None)
        self.said, self.spans, self.scope, self.refused = said or {}, spans or {}, scope, refused

    def parse_many(self, texts: list[str]) -> list[Parse]:
        return [self.parse(text) for text in texts]

    def parse(self, text: str) -> Parse:
        intent, spans = self.said.get(text, self.intents[0]), self.spans.get(text, ())
        if self.scope is None:
            return Parse(text, intent, spans=spans)
        inside = text not in self.refused
        return Parse(text, intent, spans=spans, in_scope=inside, scope_score=0.9 if inside else 0.1)


def load(monkeypatch: pytest.MonkeyPatch, a: Stand, b: Stand) -> None:
    """Have the folders ``a`` and ``b`` be these models."""
    models = {"a": a, "b": b}
    monkeypatch.setattr("jointbert.inference.nlu.NLU.load", lambda folder, engine: models[Path(folder).name])
