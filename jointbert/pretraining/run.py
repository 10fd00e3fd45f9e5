"""A pretraining run: from a checked config to an encoder's folder."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from transformers import TrainerCallback, set_seed

from jointbert.codec.pairs import PairCodec
from jointbert.codec.pretrained import FastTokenizer
from jointbert.config import PretrainConfig
from jointbert.errors import ConfigError
from jointbert.fitting.bar import Shown
from jointbert.fitting.work import WORK
from jointbert.model.pretraining import (
    MLM_HEAD,
    NSP_HEAD,
    PretrainingBert,
    fresh_pretraining_model,
    save_pretraining_model,
    start_embeddings,
    start_positions,
)
from jointbert.pretraining.arguments import pretraining_arguments
from jointbert.pretraining.batches import MaskedExamples
from jointbert.pretraining.card import encoder_card
from jointbert.pretraining.cooccurrence import count_near, embed_counts, piece_runs
from jointbert.pretraining.curve import PRETRAINING
from jointbert.pretraining.disk import writing
from jointbert.pretraining.examples import Examples, build_examples
from jointbert.pretraining.fit import MOST_HELD_OUT, SHOWN, check_size, fit, found_processes, measures
from jointbert.pretraining.folder import encoder_folder, examples_folder, finish_folder, open_folder
from jointbert.pretraining.masking import Masking
from jointbert.pretraining.shards import require_arrow
from jointbert.pretraining.sources import locate_sources
from jointbert.pretraining.start import check_length, check_unset, masking_tokenizer, open_start
from jointbert.pretraining.trainer import PretrainTrainer

_SHOWN: Shown = SHOWN | {"nsp_accuracy": lambda value: f"NSP {100 * value:.1f} %"}


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
            anew. Keys of the model that it brings itself are refused.
        resume: Go on from the last checkpoint of a run that was stopped. Another tokenizer, other text and a
            finished run are refused, and nothing is touched.

    Raises:
        ConfigError, DataError, ModelError, MissingExtraError: Something is wrong; a run that was stopped by it can be
            resumed.
    """
    require_arrow()
    output, state = Path(output), found_processes()
    given, config = config, config.model_copy(update={"corpus": locate_sources(config.corpus)})
    set_seed(config.training.seed)
    tokenizer, model = _begin(config, start)
    with writing(output):
        last = open_folder(state, output, tokenizer, config, start, resume)
    with state.main_process_first():
        examples = build_examples(config, str(encoder_folder(output)), examples_folder(output))
    if start is None and config.model.embeddings == "counts" and last is None:
        _count_embeddings(model, examples, config.training.seed)
    check_size(len(examples.train), config.training.batch_size, state.num_processes)
    seconds = time.perf_counter()
    with writing(output):
        measured = _fit(config, model, PairCodec(tokenizer), examples, output, last)
        seconds = time.perf_counter() - seconds
        if state.is_main_process:
            _save(given, output, model, examples, measured, start, seconds)
    return _result(output, examples, measured, seconds)


def _begin(config: PretrainConfig, start: str | None) -> tuple[FastTokenizer, PretrainingBert]:
    """The tokenizer and the model that the run starts from."""
    shape = config.model
    if start is None and shape.tokenizer is None:
        hint = "Make one: jointbert tokenizer train TEXT --output tokenizers/mine."
        raise ConfigError("model.tokenizer", "is missing", "a tokenizer's folder, or --from CHECKPOINT", hint)
    if start is None:
        tokenizer = masking_tokenizer(shape.tokenizer or "")
        model = fresh_pretraining_model(
            shape.size, len(tokenizer), int(tokenizer.pad_token_id), shape.max_pieces, shape.dropout
        )
        if shape.positions == "sinusoidal":
            start_positions(model)
    else:
        check_unset(shape)
        tokenizer, model = open_start(
            start, shape.dropout, {MLM_HEAD, NSP_HEAD} if config.objective.nsp else {MLM_HEAD}
        )
    hint = "Set model.max_pieces." if start is None else "Lower objective.length."
    check_length(config.objective.length, model, hint)
    return tokenizer, model


def _count_embeddings(model: PretrainingBert, examples: Examples, seed: int) -> None:
    """Give a fresh model the vectors that counting finds."""
    vocabulary, hidden = model.config.vocab_size, model.config.hidden_size
    if vocabulary < hidden:
        what = f"has {vocabulary} pieces, fewer than the {hidden} values of a vector"
        raise ConfigError("model.embeddings", what, "a larger vocabulary for counts", "Set model.embeddings: random.")
    near = count_near(piece_runs(examples.documents, examples.learned), vocabulary)
    start_embeddings(model, embed_counts(near, hidden, seed), near.sum(axis=1))


def _fit(
    config: PretrainConfig, model: PretrainingBert, codec: PairCodec, examples: Examples, output: Path, last: str | None
) -> dict[str, float]:
    """Train the model; what it is worth on the held-out documents."""
    objective, seed = config.objective, config.training.seed
    masking = Masking.of(codec, objective.mlm_share, objective.whole_words)
    measured = examples.held_out.select(range(min(MOST_HELD_OUT, len(examples.held_out))))

    def trainer(callbacks: list[TrainerCallback]) -> PretrainTrainer:
        return PretrainTrainer(
            model,
            pretraining_arguments(config.training, (output / WORK).resolve(), idle=not objective.nsp),
            MaskedExamples(examples.train, masking, seed),
            MaskedExamples(measured, masking, seed),
            codec.pad_id,
            seed,
            callbacks,
        )

    return fit(model, trainer, output, PRETRAINING, "pretraining", _SHOWN, last)


def _save(
    config: PretrainConfig,
    output: Path,
    model: PretrainingBert,
    examples: Examples,
    measured: dict[str, float],
    start: str | None,
    seconds: float,
) -> None:
    save_pretraining_model(model, encoder_folder(output), config.model.weights, nsp=config.objective.nsp)
    record = {
        "start": start,
        "documents": len(examples.documents),
        "pieces": examples.pieces,
        "steps": config.training.steps,
        "seconds": round(seconds, 1),
        **measures(measured),
    }
    finish_folder(output, "pretraining", config.used_yaml(start), record, encoder_card(config, model, record))


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
