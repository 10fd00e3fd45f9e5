"""Run every rule over the splits of a dataset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from jointbert.data.check.duplicates import duplicates
from jointbert.data.check.labels import labels
from jointbert.data.check.options import Options, Rule, Splits
from jointbert.data.check.spans import spans
from jointbert.data.check.texts import texts
from jointbert.data.check.unknown import unknown
from jointbert.data.check.values import values
from jointbert.data.problem import Problem
from jointbert.data.registry import read
from jointbert.utterance import Utterance

RULES: tuple[Rule, ...] = (texts, spans, labels, duplicates, values, unknown)


def check(splits: Mapping[str, Path | str], options: Options | None = None) -> list[Problem]:
    """Everything that readers and rules find wrong with a dataset.

    Where a reader finds no error, and no utterance either, that is the finding ``empty-split``.

    Args:
        splits: Name -> file or folder; what a split is for is read from its name (train, dev, test).
        options: Thresholds and choices; the defaults when None.

    Raises:
        DataError: A path does not exist or is in no known format, or the encoder has no tokenizer.

    Example:
        >>> import tempfile; path = Path(tempfile.mkdtemp()) / "train.jsonl"
        >>> _ = path.write_text('{"text": " ", "intent": "greet", "slots": []}\\n')
        >>> [problem.rule for problem in check({"train": path})]
        ['empty-text', 'few-utterances']
    """
    options = options or Options()
    problems: list[Problem] = []
    utterances: dict[str, Sequence[Utterance]] = {}
    for name, path in splits.items():
        found: list[Problem] = []
        utterances[name] = read(path, options.format, found.append)
        if not utterances[name] and not any(problem.severity == "error" for problem in found):
            found.append(_empty(path))
        problems += found
    return problems + check_utterances(utterances, options)


def _empty(path: Path | str) -> Problem:
    message = "there are 0 utterances; expected at least one"
    return Problem(str(path), "empty-split", "error", message, "Add some, or leave it out.")


def check_utterances(splits: Splits, options: Options | None = None) -> list[Problem]:
    """What the rules find wrong with utterances that were read already."""
    options = options or Options()
    return [problem for rule in RULES for problem in rule(splits, options)]
