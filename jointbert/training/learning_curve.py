"""The learning curve of a config: what shares of the training data give, and so what more of it would."""

from __future__ import annotations

import json
import logging
import math
import random
import shutil
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from jointbert.checkpoint.folder import load_predictor
from jointbert.config import Config
from jointbert.errors import DataError
from jointbert.evaluation.learning import LearningCurve, read_off
from jointbert.evaluation.learning_view import draw_learning_curve, write_csv
from jointbert.fitting.work import is_stopped
from jointbert.training.corpus import Corpus, load_corpus, make_corpus
from jointbert.training.kept import open_kept, run_print
from jointbert.training.run import train
from jointbert.utterance import Parse, Utterance

log = logging.getLogger("jointbert.training")

SHARES = (10.0, 25.0, 50.0, 100.0)
CSV, PICTURE, REPORT = "curve.csv", "curve.png", "curve.json"
"""The names of what a learning curve leaves in its folder."""

_MARKER = "shares.json"
_MOST_TIMES = 8
"""How many times the config's epochs the smallest shares are trained at most."""


def learning_curve(config: Config, output: Path | str, shares: Sequence[float] = SHARES) -> LearningCurve:
    """What the config's model scores on dev when it is trained on growing shares of the training data.

    Each share holds the smaller ones, and every intent in its due part (one utterance at least). A smaller one has more
    epochs, up to eight times as many, so that all are trained for as many steps: what it lacks is data, not training.

    The dev parses of a finished share are kept, in ``share-50.jsonl`` and so on: a run that was stopped goes on where
    it was, and one with other shares trains only those that are new, if neither the config nor the data (value lists
    and the files of the encoder among them) have changed; else all start anew.

    Args:
        config: The checked config.
        output: The folder to write: ``curve.csv``, ``curve.png`` and ``curve.json``.
        shares: In percent, each above 0 and up to 100; two at least.

    Raises:
        ConfigError, DataError, ModelError: Before any training, if something is wrong.
    """
    output, percents = Path(output), _checked(shares)
    corpus = load_corpus(config.data)
    _open(output, run_print(config, corpus, f"as many steps: {_MOST_TIMES}"))
    trained = []
    for percent in percents:
        part = [corpus.train[index] for index in take_share(corpus.train, percent, config.training.seed)]
        path = output / f"share-{percent:g}.jsonl"
        parses = _finished(path, corpus.dev)
        if parses is None:
            parses = _run(config, corpus, part, path)
        if path.with_suffix("").exists():
            shutil.rmtree(path.with_suffix(""))
        trained.append((percent, part, parses))
    curve = read_off(corpus.dev, trained)
    content = json.dumps(curve.to_dict(), ensure_ascii=False, indent=1) + "\n"
    (output / REPORT).write_bytes(content.encode("utf-8", "backslashreplace"))
    write_csv(curve, output / CSV)
    draw_learning_curve(curve, output / PICTURE)
    return curve


def take_share(utterances: Sequence[Utterance], percent: float, seed: int) -> list[int]:
    """The positions of a share of the utterances, stratified by intent; a larger share holds every smaller one.

    Args:
        utterances: What to take from.
        percent: How much of each intent, above 0 and up to 100; it is rounded up.
        seed: Chooses among the shares of that size.

    Example:
        >>> many = [Utterance(f"call {n}", "call") for n in range(6)] + [Utterance("bye", "leave")]
        >>> take_share(many, 50, seed=1)
        [1, 4, 5, 6]
    """
    strata: dict[str, list[int]] = defaultdict(list)
    for position, utterance in enumerate(utterances):
        strata[utterance.intent or ""].append(position)
    taken: list[int] = []
    for intent, positions in strata.items():
        random.Random(f"{seed} {intent}").shuffle(positions)
        taken += positions[: math.ceil(len(positions) * percent / 100 - 1e-9)]
    return sorted(taken)


def trained_as_long(config: Config, times: float) -> Config:
    """The config for a part of its data: epochs and patience that many times longer, eight times at most.

    Args:
        config: For all of the data.
        times: How many times larger all of the data is; 1 at least.
    """
    times, own = min(times, _MOST_TIMES), config.training
    longer = {"epochs": round(times * own.epochs), "patience": round(times * own.patience)}
    return config.model_copy(update={"training": own.model_copy(update=longer)})


def _checked(shares: Sequence[float]) -> list[float]:
    found = sorted(set(shares))
    if len(found) < 2 or not all(0 < percent <= 100 for percent in found):
        listing = ", ".join(f"{percent:g}" for percent in shares) or "none"
        hint = "10,25,50,100 is usual."
        raise DataError("shares", f"are {listing}", "two different ones at least, above 0 and up to 100", hint)
    return found


def _open(output: Path, name: str) -> None:
    """Make the folder ready: what an equal config and data left is kept, what others left is removed."""
    open_kept(
        output / _MARKER,
        {"fingerprint": name},
        lambda: sorted(output.glob("share-*")),
        lambda: [output / file for file in (CSV, PICTURE, REPORT)],
        writer="a learning curve",
        differs="another config, other data or another encoder",
    )


def _finished(path: Path, dev: Sequence[Utterance]) -> list[Parse] | None:
    """The parses that a finished share left; None where there are none, or not those of dev."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        parses = [Parse.from_dict(json.loads(line)) for line in lines]
    except (OSError, ValueError, DataError):
        return None
    return parses if [parse.text for parse in parses] == [utterance.text for utterance in dev] else None


def _run(config: Config, corpus: Corpus, part: Sequence[Utterance], path: Path) -> list[Parse]:
    """Train on a share and parse dev; the parses are put in place whole or not at all."""
    folder = path.with_suffix("")
    log.info("%s: training on %d of %d utterances", folder.name, len(part), len(corpus.train))
    config = trained_as_long(config, len(corpus.train) / len(part))
    corpus = make_corpus([*part], corpus.dev, config.data.dev, corpus.outside)
    train(config, folder, resume=is_stopped(folder), corpus=corpus)
    parses = load_predictor(folder).parse_many([utterance.text for utterance in corpus.dev])
    scratch = folder / "dev.part"
    scratch.write_text("".join(json.dumps(parse.to_dict()) + "\n" for parse in parses), encoding="utf-8")
    scratch.replace(path)
    return parses
