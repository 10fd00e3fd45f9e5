"""What a model was trained on, as its folder or the user names it, without what is out of its scope."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from jointbert.config import DataConfig
from jointbert.config.origin import CONFIG, Origin, first_problem, read_origin
from jointbert.data import read
from jointbert.errors import ConfigError
from jointbert.inference.nlu import NLU
from jointbert.inference.parted import gives, in_scope
from jointbert.training.corpus import named
from jointbert.utterance import Utterance


@dataclass(frozen=True, slots=True)
class TrainedOn:
    """The training utterances, or why there are none.

    Args:
        where: Where they are from; None where they were not found.
        utterances: Those that trained intents and slots; None likewise.
        outside: How many more there are, marked as out of scope.
        why_none: Why they were not found; None where they were.
        origin: What the folder's ``training.yaml`` says; None where it cannot be read.
    """

    where: str | None = None
    utterances: list[Utterance] | None = None
    outside: int = 0
    why_none: str | None = None
    origin: Origin | None = None


def find_training(model: Path, train: Path | str | None, nlu: NLU, marker: str | None) -> TrainedOn:
    """What a model was trained on.

    Args:
        model: Its folder.
        train: Where the utterances are; None looks it up in the folder's ``training.yaml``.
        nlu: The model itself; what is marked as out of scope was trained only where it gives that intent.
        marker: The intent that marks, where ``training.yaml`` names none.

    Raises:
        DataError: The utterances cannot be read, or all are marked as out of scope.
    """
    origin, why = _origin(model)
    config = None if origin is None else origin.data
    marker = marker if config is None or config.out_of_scope_intent is None else config.out_of_scope_intent
    if train is not None:
        found = _without(read(train), str(train), nlu, marker)
    elif config is None:
        found = TrainedOn(why_none=f"{why}; name it with --train")
    else:
        found = _named(config, model / CONFIG, nlu, marker)
    return replace(found, origin=origin)


def _origin(model: Path) -> tuple[Origin | None, str]:
    """What the folder says, or why it says nothing."""
    path = model / CONFIG
    try:
        return read_origin(model), ""
    except ConfigError as error:
        return None, f"{path} cannot be used ({first_problem(error)})" if path.is_file() else f"{path} is missing"


def _named(config: DataConfig, path: Path, nlu: NLU, marker: str | None) -> TrainedOn:
    """What the config names, where it is here."""
    extra = config.out_of_scope_train if config.out_of_scope_as_intent else None
    for place in filter(None, (config.train, extra)):
        if not Path(place).exists():
            return TrainedOn(why_none=f"{path} names {place}, which is not here; name it with --train")
    return _without(_read(config, extra), config.train, nlu, marker)


def _read(config: DataConfig, extra: str | None) -> list[Utterance]:
    """The training utterances, and those that were trained under the intent for what is out of scope."""
    more = [] if extra is None else named(read(extra, config.format), config.out_of_scope_intent)
    return read(config.train, config.format) + more


def _without(utterances: list[Utterance], where: str, nlu: NLU, marker: str | None) -> TrainedOn:
    trained = None if gives(nlu, marker) else marker
    inside, outside = in_scope(utterances, [trained], where, "Name what the model was trained on: --train PATH.")
    return TrainedOn(where, inside, len(outside))
