"""A pretraining run: from a checked config to an encoder's folder."""

from __future__ import annotations

import json
import logging
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from accelerate import PartialState
from accelerate.utils import broadcast_object_list
from transformers import TrainerCallback, set_seed
from transformers.trainer_callback import PrinterCallback

from jointbert.codec.pairs import PairCodec
from jointbert.codec.pretrained import FastTokenizer, load_tokenizer
from jointbert.config import PretrainConfig
from jointbert.errors import ConfigError, DataError, ModelError
from jointbert.fitting.bar import ProgressBar, Shown
from jointbert.fitting.dropout import lean_dropout
from jointbert.fitting.tensorboard import tensorboard
from jointbert.fitting.work import WORK, close_work, open_work
from jointbert.model.encoder import quiet
from jointbert.model.names import locate
from jointbert.model.pretraining import (
    MLM_HEAD,
    NSP_HEAD,
    PretrainingBert,
    fresh_pretraining_model,
    load_pretraining_model,
    save_pretraining_model,
    start_embeddings,
)
from jointbert.pretraining.arguments import pretraining_arguments
from jointbert.pretraining.batches import MaskedExamples
from jointbert.pretraining.card import encoder_card
from jointbert.pretraining.cooccurrence import count_near, embed_counts, piece_runs
from jointbert.pretraining.curve import CurveFiles
from jointbert.pretraining.documents import located
from jointbert.pretraining.examples import Examples, build_examples
from jointbert.pretraining.masking import Masking
from jointbert.pretraining.shards import cannot_write, require_arrow
from jointbert.pretraining.trainer import PretrainTrainer

log = logging.getLogger("jointbert.pretraining")

RECORD = "pretraining.json"
"""What a run measured, inside the encoder's folder."""

_MOST_HELD_OUT = 4096
"""Held-out examples that are measured."""

_SHOWN: Shown = {
    "loss": lambda value: f"loss {value:.3f}",
    "mlm_accuracy": lambda value: f"MLM {100 * value:.1f} %",
    "nsp_accuracy": lambda value: f"NSP {100 * value:.1f} %",
    "pieces_per_second": lambda value: f"{value:,.0f} pieces/s",
}


@dataclass(frozen=True)
class Pretrained:
    """What a run gave.

    Args:
        folder: The encoder's folder.
        perplexity: MLM perplexity on the held-out documents.
        mlm_accuracy: Share of the held-out chosen pieces that were guessed (0..1).
        nsp_accuracy: Share of the held-out pairs that were told right (0..1); None without NSP.
        documents: How many documents the corpus has.
        pieces: How many pieces one pass over it has.
        seconds: Wall time of training, in seconds.
    """

    folder: Path
    perplexity: float
    mlm_accuracy: float
    nsp_accuracy: float | None
    documents: int
    pieces: int
    seconds: float


def pretrain(
    config: PretrainConfig, output: Path | str, *, start: str | None = None, resume: bool = False
) -> Pretrained:
    """Train an encoder on plain text with MLM + NSP, and write its folder.

    Started by ``torchrun`` it runs on several processes; the result is that of one process with as many times the
    batch size, but for the order in which numbers are added up.

    Args:
        config: The checked config.
        output: The encoder's folder to write. Examples and checkpoints go into ``work/`` inside it.
        start: A BERT checkpoint to go on from (a folder, a known name, a hub id), with its own tokenizer; None starts
            from random weights.
        resume: Go on from the last checkpoint of a run that was stopped.

    Raises:
        ConfigError, DataError, ModelError, MissingExtraError: Something is wrong; a run that was stopped by it can be
            resumed.
    """
    require_arrow()
    output, state = Path(output), _processes()
    sources = [source.model_copy(update={"path": located(source.path)}) for source in config.corpus.sources]
    config = config.model_copy(update={"corpus": config.corpus.model_copy(update={"sources": sources})})
    set_seed(config.training.seed)
    tokenizer, model = _begin(config, start)
    last: list[str | None] = [None]
    with state.main_process_first():
        if state.is_main_process:
            found = open_work(output, f"start: {json.dumps(start)}\n{config.to_yaml()}", resume)
            last = [None if found is None else str(found)]
            tokenizer.save_pretrained(output)
        examples = build_examples(config, str(output), output / WORK / "examples")
    last = broadcast_object_list(last)
    if start is None and config.model.embeddings == "counts" and last[0] is None:
        _count_embeddings(model, examples, config.training.seed)
    _check_size(config, examples, state.num_processes)
    seconds = time.perf_counter()
    try:
        measured = _fit(config, model, PairCodec(tokenizer), examples, output, last[0])
        seconds = time.perf_counter() - seconds
        if state.is_main_process:
            _save(config, output, model, examples, measured, start, seconds)
    except OSError as error:
        raise cannot_write(output, error) from error
    return _result(output, examples, measured, seconds)


def _processes() -> PartialState:
    """The processes of this run, all of which must have found each other."""
    state = PartialState(cpu=not torch.cuda.is_available())  # type: ignore[no-untyped-call]
    wanted = int(os.environ.get("WORLD_SIZE", "1"))
    if state.num_processes != wanted:
        what = f"are {wanted} by WORLD_SIZE, and {state.num_processes} found each other"
        raise ConfigError("processes", what, "as many as were started", "Start them with torchrun.")
    return state


def _begin(config: PretrainConfig, start: str | None) -> tuple[FastTokenizer, PretrainingBert]:
    """The tokenizer and the model that the run starts from."""
    shape, length = config.model, config.objective.length
    if start is None and shape.tokenizer is None:
        hint = "Make one: jointbert tokenizer train TEXT --output tokenizers/mine."
        raise ConfigError("model.tokenizer", "is missing", "a tokenizer's folder, or --from CHECKPOINT", hint)
    tokenizer = load_tokenizer(locate(start or shape.tokenizer or ""))
    if tokenizer.mask_token_id is None:
        raise ModelError(f"tokenizer of {start or shape.tokenizer!r}", "has no [MASK] piece", "a BERT tokenizer")
    if start is None:
        model = fresh_pretraining_model(
            shape.size, len(tokenizer), int(tokenizer.pad_token_id), shape.max_pieces, shape.dropout
        )
    else:
        model, missing = load_pretraining_model(start, dropout=shape.dropout)
        wanted = {MLM_HEAD, NSP_HEAD} if config.objective.nsp else {MLM_HEAD}
        for head in sorted(missing & wanted):
            log.warning("%s was saved without %s; that head starts from random weights", start, head)
        if len(tokenizer) > model.config.vocab_size:
            what = f"gives {len(tokenizer)} pieces, and its encoder knows {model.config.vocab_size}"
            raise ModelError(f"tokenizer of {start!r}", what, "a tokenizer that belongs to the encoder")
    if length > model.config.max_position_embeddings:
        what = f"is {length}, and the encoder has {model.config.max_position_embeddings} positions"
        raise ConfigError("objective.length", what, "at most as many pieces as positions", "Set model.max_pieces.")
    return tokenizer, model


def _count_embeddings(model: PretrainingBert, examples: Examples, seed: int) -> None:
    """Give a fresh model the vectors that counting finds."""
    vocabulary, hidden = model.config.vocab_size, model.config.hidden_size
    if vocabulary < hidden:
        what = f"has {vocabulary} pieces, fewer than the {hidden} values of a vector"
        raise ConfigError("model.embeddings", what, "a larger vocabulary for counts", "Set model.embeddings: random.")
    near = count_near(piece_runs(examples.documents, examples.learned), vocabulary)
    start_embeddings(model, embed_counts(near, hidden, seed), near.sum(axis=1))


def _check_size(config: PretrainConfig, examples: Examples, processes: int) -> None:
    step = config.training.batch_size * processes
    if len(examples.train) < step:
        what = f"hold {len(examples.train)} examples, and a batch takes {step}"
        raise DataError("corpus.sources", what, "at least one whole batch", "Give more text, or set a smaller batch.")


def _fit(
    config: PretrainConfig, model: PretrainingBert, codec: PairCodec, examples: Examples, output: Path, last: str | None
) -> dict[str, float]:
    """Train the model; what it is worth on the held-out documents."""
    objective, seed = config.objective, config.training.seed
    masking = Masking(objective.mlm_share, objective.whole_words, codec.mask_id, codec.ordinary_ids, codec.special_ids)
    measured = examples.held_out.select(range(min(_MOST_HELD_OUT, len(examples.held_out))))
    work = (output / WORK).resolve()
    bar = ProgressBar(title="pretraining", shown=_SHOWN)
    callbacks: list[TrainerCallback] = [bar, CurveFiles(output), tensorboard(work / "logs")]
    try:
        with quiet(), lean_dropout(model):
            trainer = PretrainTrainer(
                model,
                pretraining_arguments(config.training, work),
                MaskedExamples(examples.train, masking, seed),
                MaskedExamples(measured, masking, seed),
                codec.pad_id,
                seed,
                callbacks,
            )
            trainer.remove_callback(PrinterCallback)
            trainer.train(resume_from_checkpoint=last)
            return trainer.evaluate()
    finally:
        bar.close()


def _save(
    config: PretrainConfig,
    output: Path,
    model: PretrainingBert,
    examples: Examples,
    measured: dict[str, float],
    start: str | None,
    seconds: float,
) -> None:
    save_pretraining_model(model, output, config.model.weights)
    record = {
        "start": start,
        "documents": len(examples.documents),
        "pieces": examples.pieces,
        "steps": config.training.steps,
        "seconds": round(seconds, 1),
        **{name.removeprefix("eval_"): round(value, 6) for name, value in measured.items()},
    }
    (output / RECORD).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    (output / "pretraining.yaml").write_text(config.to_yaml(), encoding="utf-8")
    (output / "README.md").write_text(encoder_card(config, model, record), encoding="utf-8")
    close_work(output)
    shutil.rmtree(output / WORK / "examples")


def _result(output: Path, examples: Examples, measured: dict[str, float], seconds: float) -> Pretrained:
    return Pretrained(
        output,
        measured["eval_mlm_perplexity"],
        measured["eval_mlm_accuracy"],
        measured.get("eval_nsp_accuracy"),
        len(examples.documents),
        examples.pieces,
        seconds,
    )
