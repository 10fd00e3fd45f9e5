"""A training run: from a checked config to a model folder."""

from __future__ import annotations

import logging
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from transformers import EarlyStoppingCallback
from transformers.trainer_callback import PrinterCallback
from transformers.trainer_utils import get_last_checkpoint

from jointbert.checkpoint.folder import make_predictor, save_folder
from jointbert.codec import Codec
from jointbert.config import Config
from jointbert.errors import ModelError
from jointbert.evaluation.score import Scores, evaluate
from jointbert.model.joint import JointBert
from jointbert.training.arguments import training_arguments
from jointbert.training.build import Fresh, build_model
from jointbert.training.card import model_card
from jointbert.training.corpus import Corpus, load_corpus, report_notices
from jointbert.training.curve import draw_curve
from jointbert.training.progress import ProgressBar
from jointbert.training.trainer import JointTrainer

log = logging.getLogger("jointbert.training")

WORK = "work"
"""Where a run keeps its checkpoints and TensorBoard logs, inside the model folder."""


@dataclass(frozen=True)
class Result:
    """What a run gave.

    Args:
        folder: The model folder.
        dev: Dev scores of the model that was kept.
        epochs: Epochs trained (early stopping may end a run before its last).
        seconds: Wall time of training, in seconds.
    """

    folder: Path
    dev: Scores
    epochs: float
    seconds: float


def train(config: Config, output: Path | str, *, resume: bool = False) -> Result:
    """Train a model and write its folder; the epoch with the best dev sentence accuracy is kept.

    Args:
        config: The checked config.
        output: The model folder to write. Checkpoints and logs go into ``work/`` inside it.
        resume: Go on from the last checkpoint of a run that was stopped; the same config ends in the same model.

    Raises:
        ConfigError, DataError, ModelError: Before any training, if something is wrong.
    """
    output = Path(output)
    corpus = load_corpus(config.data)
    fresh = build_model(config, corpus)
    encoded, notices = fresh.codec.encode(corpus.train, config.data.on_misfit, config.data.on_overlong)
    report_notices(notices)
    last = _checkpoint(output, config, resume)
    bar = ProgressBar()
    callbacks = [bar, EarlyStoppingCallback(config.training.patience)] if config.training.patience else [bar]
    arguments = training_arguments(config.training, output / WORK)
    trainer = JointTrainer(fresh.model, arguments, config.training, fresh.codec, encoded, corpus.dev, callbacks)
    trainer.remove_callback(PrinterCallback)
    start = time.perf_counter()
    try:
        trainer.train(resume_from_checkpoint=last)
    finally:
        bar.close()
    seconds = time.perf_counter() - start
    scores = score(fresh.model, fresh.codec, corpus)
    _save(output, config, corpus, fresh, scores)
    draw_curve(trainer.state.log_history, output / "training_curve.png")
    for folder in (output / WORK).glob("checkpoint-*"):
        shutil.rmtree(folder)
    return Result(output, scores, float(trainer.state.epoch or 0.0), seconds)


def score(model: JointBert, codec: Codec, corpus: Corpus) -> Scores:
    """Dev scores of a model."""
    model.train(False)
    return evaluate(corpus.dev, make_predictor(model, codec).parse_many([item.text for item in corpus.dev]))


def _checkpoint(output: Path, config: Config, resume: bool) -> str | None:
    """The checkpoint to go on from; an old run's leftovers are cleared when a run starts anew."""
    work, marker = output / WORK, output / WORK / "config.yaml"
    if resume and marker.is_file():
        before = marker.read_text(encoding="utf-8")
        if before != config.to_yaml():
            hint = "Resume with the same config and --set, or start anew without --resume."
            raise ModelError(str(marker), "is of another config", "the config of the run to resume", hint)
        last = get_last_checkpoint(str(work))
        return None if last is None else str(last)
    if resume:
        log.warning("%s: there is no run to resume; starting anew", output)
    if work.exists():
        shutil.rmtree(work)
    work.mkdir(parents=True)
    marker.write_text(config.to_yaml(), encoding="utf-8")
    return None


def _save(output: Path, config: Config, corpus: Corpus, fresh: Fresh, scores: Scores) -> None:
    texts = {"training.yaml": config.to_yaml(), "model_card.md": model_card(config, corpus, scores)}
    save_folder(output, fresh.model, corpus.labels, texts)
    fresh.tokenizer.save_pretrained(output)
