"""A distilling run: from a checked config, a student and a teacher to an encoder's folder."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from accelerate import PartialState
from torch import Tensor
from transformers import TrainerCallback, set_seed

from jointbert.codec.matching import match_words
from jointbert.codec.pairs import PairCodec
from jointbert.codec.pretrained import FastTokenizer, load_tokenizer
from jointbert.codec.texts import TextCodec
from jointbert.config import DistillConfig
from jointbert.errors import ConfigError, ModelError
from jointbert.fitting.bar import Shown
from jointbert.fitting.precision import use_bf16
from jointbert.fitting.work import WORK
from jointbert.model.distilling import DistillingBert, LeastSquares, Teacher, distilling_model
from jointbert.model.names import locate
from jointbert.model.pretraining import MLM_HEAD, PretrainingBert, save_pretraining_model
from jointbert.pretraining.arguments import pretraining_arguments
from jointbert.pretraining.card import distilled_card
from jointbert.pretraining.curve import Curve
from jointbert.pretraining.disk import writing
from jointbert.pretraining.distill_batches import DistillCollator, LengthOrder, Texts
from jointbert.pretraining.distill_trainer import DistillTrainer, asking, state_names, with_targets
from jointbert.pretraining.fit import SHOWN, check_size, fit, found_processes, measures
from jointbert.pretraining.folder import encoder_folder, examples_folder, finish_folder, open_folder, records
from jointbert.pretraining.kept import Ask, KeptStates, fill
from jointbert.pretraining.masking import Masking
from jointbert.pretraining.next_sentence import NextSentence
from jointbert.pretraining.segments import Ints, Segments, build_segments
from jointbert.pretraining.shards import require_arrow
from jointbert.pretraining.sources import locate_sources
from jointbert.pretraining.start import check_length, open_start

log = logging.getLogger("jointbert.pretraining")

_MOST_HELD_OUT = 2048
"""Held-out texts that are measured."""

_SAMPLE = 1024
"""Texts that the maps are first fitted on."""

_STATES = "states"
"""Name of the folder that keeps what the teacher makes of the texts."""

_LEAST_AGREEMENT = 0.3
"""The smallest share of the student's words that a teacher must have too."""

_SHOWN: Shown = SHOWN | {"mean_loss": lambda value: f"text {value:.3f}"}


@dataclass(frozen=True)
class Distilled:
    """What a run gave.

    Args:
        folder: The encoder's folder.
        state_losses: Mean squared difference to the teacher on the held-out documents, by state; 1 is no better than a
            constant.
        mlm_accuracy: Share of the held-out chosen pieces that were guessed (0..1).
        nsp_accuracy: Share of held-out pairs that the NSP head, fitted anew, tells right (0..1); None without a head,
            or without such a pair.
        agreement: Share of the student's words that the teacher has too (0..1).
        texts: How many texts one pass over the corpus has.
        seconds: Wall time of training, in seconds.
    """

    folder: Path
    state_losses: dict[str, float]
    mlm_accuracy: float
    nsp_accuracy: float | None
    agreement: float
    texts: int
    seconds: float


def distill(config: DistillConfig, output: Path | str, *, start: str, resume: bool = False) -> Distilled:
    """Teach a small BERT the states of a larger encoder on plain text, and write its folder.

    Args:
        config: The checked config.
        output: The encoder's folder to write. Texts and checkpoints go into ``work/`` inside it.
        start: The student: a BERT checkpoint (a folder, a known name, a hub id) with its own tokenizer.
        resume: Go on from the last checkpoint of a run that was stopped. Another tokenizer, other text and a
            finished run are refused, and nothing is touched.

    Raises:
        ConfigError, DataError, ModelError, MissingExtraError: Something is wrong; a run that was stopped by it can be
            resumed.
    """
    require_arrow()
    output, state, seed = Path(output), found_processes(), config.training.seed
    corpus, objective = locate_sources(config.corpus), config.objective
    if output.resolve() == Path(locate(start)).resolve():
        what = f"is {str(output)!r}, the folder of the student itself"
        raise ConfigError("--output", what, "another folder", "Keep the student: a run may have to be resumed.")
    set_seed(seed)
    tokenizer, student = open_start(start, config.student.dropout, {MLM_HEAD})
    check_length(objective.length, student, "Lower objective.length.")
    teacher = Teacher(config.teacher.name, config.teacher.depths, use_bf16(config.training.precision), state.device)
    codecs = _Codecs(config, tokenizer, teacher.max_pieces)
    located = config.model_copy(update={"corpus": corpus})
    with writing(output):
        last = open_folder(state, output, tokenizer, located, start, resume)
    with state.main_process_first():
        segments = build_segments(corpus, objective, seed, str(encoder_folder(output)), examples_folder(output))
    check_size(len(segments.train), config.training.batch_size, state.num_processes)
    run = _Run(config, segments, codecs)
    agreement = run.agreement()
    model = distilling_model(student, config.teacher.depths, teacher.width)
    seconds = time.perf_counter()
    with writing(output):
        ask = run.asking(teacher, examples_folder(output))
        if last is None:
            run.fit_maps(model.to(state.device), ask)
        measured = run.train(model, ask, output, last) | {"agreement": agreement}
        seconds = time.perf_counter() - seconds
        if state.is_main_process:
            student = model.student().to(state.device)
            measured |= run.fit_next_sentence(student)
            _save(config, output, student, run, measured, start, seconds)
    losses = {name: measured[f"eval_{name}_loss"] for name in state_names(model.layers)}
    accuracy, told = measured["eval_mlm_accuracy"], measured.get("nsp_accuracy")
    return Distilled(output, losses, accuracy, told, agreement, len(run.segments.train), seconds)


class _Codecs:
    """Both codecs, and the collator on them.

    Args:
        config: The checked config.
        tokenizer: The student's.
        positions: Longest input of the teacher, which may need more pieces for the same text.
    """

    def __init__(self, config: DistillConfig, tokenizer: FastTokenizer, positions: int) -> None:
        objective = config.objective
        theirs = load_tokenizer(locate(config.teacher.name))
        if theirs.pad_token_id is None:
            raise ModelError(f"tokenizer of {config.teacher.name!r}", "has no padding piece", "a BERT tokenizer")
        self.student = TextCodec(tokenizer.backend_tokenizer, objective.length)
        self.teacher = TextCodec(theirs.backend_tokenizer, min(positions, 2 * objective.length))
        self.pairs = PairCodec(tokenizer)
        masking = Masking.of(self.pairs, objective.mlm_share, objective.whole_words)
        pad_ids = (self.pairs.pad_id, int(theirs.pad_token_id))
        self.collate = DistillCollator(self.student, self.teacher, masking, pad_ids, config.training.seed)


class _Run:
    """The parts of a run that look at the texts."""

    def __init__(self, config: DistillConfig, segments: Segments, codecs: _Codecs) -> None:
        self._lengths = np.asarray(segments.rows.data.column("pieces").to_numpy())
        rng = np.random.default_rng(config.training.seed)
        if config.teacher.keep is not None:
            train = np.sort(rng.permutation(segments.train)[: config.teacher.keep])
            segments = replace(segments, train=train, pieces=int(self._lengths[train].sum()))
        self._config, self.segments, self._codecs = config, segments, codecs
        sample = rng.permutation(segments.train)[:_SAMPLE]
        measured = rng.permutation(segments.held_out)[:_MOST_HELD_OUT]
        self._sample, self._measured = self._by_length(sample), self._by_length(measured)

    def _by_length(self, rows: Ints) -> Ints:
        return rows[np.argsort(self._lengths[rows], kind="stable")]

    def agreement(self) -> float:
        """The share of the student's words that the teacher has too.

        Raises:
            ModelError: It is so small that there is next to nothing to learn from.
        """
        texts = [text for _, text in self._batch(self._sample)]
        matched = match_words(self._codecs.student.encode_texts(texts), self._codecs.teacher.encode_texts(texts))
        share = len(matched) / max(matched.of_first, 1)
        if share < _LEAST_AGREEMENT:
            what = f"cuts text into other words: {len(matched)} of the student's {matched.of_first} are the same"
            hint = "Choose a teacher for this language whose tokenizer parts words as BERT's does."
            raise ModelError(f"teacher {self._config.teacher.name!r}", what, "most of them", hint)
        return share

    def asking(self, teacher: Teacher, folder: Path) -> Ask:
        """The teacher, or what it made of all texts of this run, kept in a folder.

        Raises:
            OSError: What it makes of them cannot be written.
        """
        config, ask, state = self._config, asking(teacher), PartialState()
        if config.teacher.keep is None:
            return ask
        rows = np.union1d(self.segments.train, self._measured)
        depths, pieces = len(config.teacher.depths), self._lengths[rows]
        with state.main_process_first():
            kept = KeptStates(folder / _STATES, rows, pieces, depths, teacher.width, state.is_main_process)

        def collate(rows: Ints) -> Mapping[str, Tensor]:
            batch = self._codecs.collate(self._batch(rows))
            return {name: tensor.to(state.device) for name, tensor in batch.items()}

        fill(kept, self._by_length(rows), config.training.batch_size, collate, ask)
        return kept

    def _batch(self, rows: Ints) -> list[tuple[tuple[int, int], str]]:
        texts = Texts(self.segments.rows, rows)
        return [texts[key] for key in range(len(texts))]

    @torch.no_grad()
    def fit_maps(self, model: DistillingBert, ask: Ask) -> None:
        """Start the maps where least squares puts them, on a sample of the texts."""
        size, gathered = self._config.training.batch_size, LeastSquares(model)
        model.train(False)
        for begin in range(0, len(self._sample), size):
            batch = self._codecs.collate(self._batch(self._sample[begin : begin + size]))
            inputs = with_targets({name: tensor.to(model.device) for name, tensor in batch.items()}, ask)
            gathered.add(model.states(inputs)[0], inputs["targets"])
        gathered.solve()

    def train(self, model: DistillingBert, ask: Ask, output: Path, last: str | None) -> dict[str, float]:
        """Train the student; what it is worth on the held-out documents."""
        training, segments = self._config.training, self.segments

        def trainer(callbacks: list[TrainerCallback]) -> DistillTrainer:
            return DistillTrainer(
                model,
                pretraining_arguments(training, (output / WORK).resolve()),
                Texts(segments.rows, segments.train),
                Texts(segments.rows, self._measured),
                LengthOrder(self._lengths[segments.train], training.batch_size, training.seed),
                self._codecs.collate,
                ask,
                self._config.objective,
                callbacks,
            )

        return fit(model, trainer, output, distilling_curve(model.layers), "distilling", _SHOWN, last)

    def fit_next_sentence(self, student: PretrainingBert) -> dict[str, float]:
        """Fit the NSP head on what the student has become; on how many pairs, and what it is worth on held-out ones.

        Returns:
            Nothing where there are no pairs to fit it on: the head is of no use then. How many pairs alone where none
            is held out: the head is as good as ever, and nobody has seen how good.
        """
        config, segments = self._config, self.segments
        seed, most = config.training.seed, config.objective.nsp_pairs
        task = NextSentence(student, self._codecs.pairs, segments.rows, config.objective.length, seed)
        if not most:
            return {}
        pairs = task.fit(segments.train, most)
        if not pairs:
            log.warning("there is no document of two texts beside another one to fit the NSP head on; it is left out")
            return {}
        accuracy = task.measure(segments.held_out, _MOST_HELD_OUT)
        if accuracy is None:
            log.warning("there is no held-out pair to measure the NSP head on; it was fitted on %d pairs", pairs)
        return {"nsp_pairs": float(pairs)} | ({} if accuracy is None else {"nsp_accuracy": accuracy})


def distilling_curve(layers: Sequence[int]) -> Curve:
    """The curve of a run whose states are those of the student's given layers."""
    names = [f"{name}_loss" for name in state_names(layers)]
    columns = [*names, "mlm_loss", "mlm_accuracy", "pieces_per_second"]
    columns += [f"eval_{name}" for name in (*names, "mlm_loss", "mlm_perplexity", "mlm_accuracy")]
    states = {name: name.removesuffix("_loss").replace("_", " ") for name in names}
    panels = (("difference to the teacher", states), ("accuracy", {"mlm_accuracy": "MLM"}))
    return Curve("distillation_curve", tuple(columns), panels)


def _save(
    config: DistillConfig,
    output: Path,
    student: PretrainingBert,
    run: _Run,
    measured: dict[str, float],
    start: str,
    seconds: float,
) -> None:
    save_pretraining_model(student, encoder_folder(output), config.student.weights, nsp="nsp_pairs" in measured)
    record = {
        "start": start,
        "teacher": config.teacher.name,
        "documents": run.segments.documents,
        "texts": len(run.segments.train),
        "pieces": run.segments.pieces,
        "steps": config.training.steps,
        "batch_size": config.training.batch_size,
        "seconds": round(seconds, 1),
        **measures(measured),
    }
    for name in records("pretraining"):  # the student's own go along
        if (Path(locate(start)) / name).is_file():
            shutil.copyfile(Path(locate(start)) / name, encoder_folder(output) / name)
    finish_folder(output, "distillation", config.to_yaml(), record, distilled_card(config, student, record))
