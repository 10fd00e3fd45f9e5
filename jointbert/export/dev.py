"""The dev set that a model was chosen on, found again through the config in its folder."""

from __future__ import annotations

from pathlib import Path

from jointbert.config.origin import CONFIG, first_problem, read_origin
from jointbert.data import read
from jointbert.errors import ConfigError, DataError
from jointbert.labels import Labels
from jointbert.utterance import Utterance

_GIVE = "Give the utterances to prove it on: --data PATH."


def read_dev(folder: Path, labels: Labels, data: Path | None = None) -> tuple[str, list[Utterance]]:
    """Where the utterances are that an export proves itself on, and the utterances.

    Args:
        folder: The model folder; its ``training.yaml`` names the dev set, relative to where training was started.
        labels: What the model can say.
        data: Takes the dev set's place: a file or folder of any known format.

    Raises:
        DataError: They are not there, cannot be read, or have no label of a kind that the model gives.
    """
    if data is not None:
        where, utterances = str(data), read(data)
    else:
        where, source_format = _dev_of(folder)
        utterances = read(where, source_format)
    with_intents = labels.intents is not None and any(utterance.intent is not None for utterance in utterances)
    with_slots = labels.slots is not None and any(utterance.spans for utterance in utterances)
    if not with_intents and not with_slots:
        kinds = [name for name, known in (("intents", labels.intents), ("slots", labels.slots)) if known is not None]
        what = f"has no {' and no '.join(kinds)} in its {len(utterances)} utterances"
        raise DataError(where, what, "labelled utterances", "Label some, or give others: --data PATH.")
    return where, utterances


def _dev_of(folder: Path) -> tuple[str, str | None]:
    """The path and the format of the dev set."""
    path = folder / CONFIG
    try:
        named = read_origin(folder).data
    except ConfigError as error:
        what = "is missing" if not path.is_file() else f"does not name a dev set ({first_problem(error)})"
        raise DataError(str(path), what, "the config that the model was trained from", _GIVE) from error
    if not Path(named.dev).exists():
        what = f"names the dev set {named.dev!r}, which is not there"
        raise DataError(str(path), what, "a file or folder, seen from here", _GIVE)
    return named.dev, named.format
