"""A training run: from a checked config to a model folder."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from transformers import EarlyStoppingCallback, TrainerCallback
from transformers.trainer_callback import PrinterCallback

from jointbert.checkpoint.folder import check_no_encoder, make_predictor, save_folder
from jointbert.checkpoint.scope_file import scope_files
from jointbert.codec import Calibration, Codec, Encoded
from jointbert.codec.pretrained import tokenizer_print
from jointbert.codec.scope import Scope
from jointbert.config import Config, DataConfig
from jointbert.config.origin import CONFIG
from jointbert.errors import ConfigError
from jointbert.evaluation.score import Scores, evaluate
from jointbert.fitting.attention import plain_attention
from jointbert.fitting.bar import ProgressBar
from jointbert.fitting.tensorboard import close_tensorboard, tensorboard
from jointbert.fitting.work import WORK, close_work, epochs_done, open_work
from jointbert.model.encoder import quiet
from jointbert.model.joint import JointBert
from jointbert.training.arguments import NO_BETTER, training_arguments
from jointbert.training.augmentation import Augmentation
from jointbert.training.build import Fresh, build_model
from jointbert.training.calibrate import calibrate
from jointbert.training.card import model_card
from jointbert.training.corpus import Corpus, load_corpus, report_notices
from jointbert.training.curve import draw_curve
from jointbert.training.journal import JOURNAL, Journal
from jointbert.training.kept import fingerprint
from jointbert.training.lean import lean
from jointbert.training.scope import fit_scope, usable_scorers
from jointbert.training.trainer import JointTrainer
from jointbert.training.value_lists import ValueLists, read_value_lists


@dataclass(frozen=True)
class Result:
    """What a run gave.

    Args:
        folder: The model folder.
        dev: Dev scores of the model that was kept.
        epochs: Epochs trained (early stopping may end a run before its last).
        steps: Times that the weights were moved.
        seconds: Wall time of training, in seconds.
    """

    folder: Path
    dev: Scores
    epochs: float
    steps: int
    seconds: float


def train(
    config: Config,
    output: Path | str,
    *,
    resume: bool = False,
    corpus: Corpus | None = None,
    followers: Sequence[TrainerCallback] | None = None,
) -> Result:
    """Train a model and write its folder; the epoch with the best dev sentence accuracy is kept, of equals the last.

    Args:
        config: The checked config.
        output: The model folder to write. Checkpoints and logs go into ``work/`` inside it, and ``progress.jsonl``
            tells other programs how far the run is.
        resume: Go on from the last checkpoint of a run that was stopped; the same config and data end in the same
            model. Other data and a finished run are refused, and nothing is touched.
        corpus: What to train on and choose by; None reads what the config names.
        followers: The library's callbacks that follow the run in place of a progress bar; what one of them raises ends
            it. None shows the bar.

    Raises:
        ConfigError, DataError, ModelError: Before any training, if something is wrong.
    """
    output = Path(output)
    check_no_encoder(output)
    corpus = load_corpus(config.data) if corpus is None else corpus
    if config.scope.scorer != "none":  # one that cannot work is refused now, not when the model is trained
        usable_scorers(config.scope.scorer, corpus.labels, outside=bool(corpus.outside.train))
    lists = _value_lists(config.data, corpus)
    fresh = build_model(config, corpus)
    augmentation = _augmentation(config, corpus, fresh, lists)
    encoded, notices = fresh.codec.encode(corpus.train, config.data.on_misfit, config.data.on_overlong)
    report_notices(notices)
    last = open_work(output, config.to_yaml(), resume, _prints(corpus, fresh, lists))
    if last is None:
        (output / JOURNAL).unlink(missing_ok=True)
    start = time.perf_counter()
    trainer = _fit(config, corpus, fresh, encoded, (output / WORK).resolve(), last, augmentation, followers)
    seconds = time.perf_counter() - start
    scores, calibration = score(fresh.model, fresh.codec, corpus)
    scope = None
    if config.scope.scorer != "none":
        scope = fit_scope(make_predictor(fresh.model, fresh.codec, states=True), corpus, config.scope)
    _save(output, config, corpus, fresh, scores, calibration, scope)
    draw_curve(trainer.state.log_history, output / "training_curve.png")
    close_work(output)
    return Result(output, scores, float(trainer.state.epoch or 0.0), trainer.state.global_step, seconds)


def _prints(corpus: Corpus, fresh: Fresh, lists: ValueLists | None) -> dict[str, str]:
    """What a run to resume must have read too: the name of each thing → its fingerprint."""
    return {"data": fingerprint(json.dumps(lists), corpus), "tokenizer": tokenizer_print(fresh.tokenizer)}


def _value_lists(data: DataConfig, corpus: Corpus) -> ValueLists | None:
    """The lists of values that the config names, or None.

    Raises:
        ConfigError: Nothing is to be swapped for them (a config that was changed after its check).
        DataError: A list is wrong.
    """
    if data.values is None:
        return None
    if not data.substitution:
        what = f"names {data.values!r}, and data.substitution is 0"
        raise ConfigError("data.values", what, "a share of spans to swap", "Set data.substitution, for example to 0.5.")
    return read_value_lists(data.values, tuple(corpus.labels.slots or ()))


def _augmentation(config: Config, corpus: Corpus, fresh: Fresh, lists: ValueLists | None) -> Augmentation | None:
    """What gives each epoch its own training utterances, or None."""
    data = config.data
    if not data.substitution and not data.typos:
        return None
    return Augmentation(
        corpus.train,
        fresh.codec,
        config.training.seed,
        substitution=data.substitution,
        typos=data.typos,
        more=lists,
        on_misfit=data.on_misfit,
    )


def _fit(
    config: Config,
    corpus: Corpus,
    fresh: Fresh,
    encoded: Sequence[Encoded],
    work: Path,
    last: Path | None,
    augmentation: Augmentation | None,
    followers: Sequence[TrainerCallback] | None,
) -> JointTrainer:
    """The trainer after its run; the fresh model then holds the best epoch's weights.

    Args:
        config, corpus, fresh, encoded: What to train.
        work: Absolute path of the work folder, for the best epoch is found again by it.
        last: The checkpoint to go on from, or None.
        augmentation: Gives each epoch its own training utterances, or None.
        followers: Who follows it in place of a progress bar, or None.
    """
    settings, bar = config.training, ProgressBar()
    logs = tensorboard(work / "logs")
    callbacks: list[TrainerCallback] = [Journal(work.parent / JOURNAL), logs]
    callbacks += [bar] if followers is None else followers
    if settings.patience:
        callbacks.append(EarlyStoppingCallback(settings.patience, early_stopping_threshold=NO_BETTER))
    arguments = training_arguments(settings, work)
    stopped = None if last is None else epochs_done(last, settings.patience)
    if stopped is not None:  # killed after its last epoch: nothing is left but to take the best one
        arguments.num_train_epochs = stopped
    try:
        with quiet(), lean(fresh.model, encoded), plain_attention(fresh.model, arguments.bf16):
            trainer = JointTrainer(
                fresh.model, arguments, settings, fresh.codec, encoded, corpus.dev, callbacks, augmentation
            )
            trainer.remove_callback(PrinterCallback)
            trainer.train(resume_from_checkpoint=None if last is None else str(last))
    finally:
        bar.close()
        close_tensorboard(logs)
    return trainer


def score(model: JointBert, codec: Codec, corpus: Corpus) -> tuple[Scores, Calibration]:
    """Dev scores of a model, and the calibration that dev asks for."""
    model.train(False)
    predictor = make_predictor(model, codec)
    scores = evaluate(corpus.dev, predictor.parse_many([item.text for item in corpus.dev]))
    learned = None if model.crf is None else model.crf.scores()
    return scores, calibrate(predictor, corpus.dev, learned)


def _save(
    output: Path,
    config: Config,
    corpus: Corpus,
    fresh: Fresh,
    scores: Scores,
    calibration: Calibration,
    scope: Scope | None,
) -> None:
    files: dict[str, str | bytes] = {
        "calibration.json": calibration.to_json(),
        CONFIG: config.to_yaml(),
        "model_card.md": model_card(config, corpus, scores, scope),
    }
    if scope is not None:
        files |= scope_files(scope)
    save_folder(output, fresh.model, fresh.tokenizer, corpus.labels, files)
