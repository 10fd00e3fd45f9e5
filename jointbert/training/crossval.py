"""Cross-validation: every training utterance parsed by a model that was trained without it."""

from __future__ import annotations

import json
import logging
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from jointbert.checkpoint.folder import load_predictor
from jointbert.checkpoint.manifest import MANIFEST, break_seal
from jointbert.config import Config
from jointbert.data.formats.jsonl import dumps, to_object
from jointbert.data.out_of_fold import OutOfFold, read_out_of_fold, to_line
from jointbert.data.split import folds as share_out
from jointbert.data.words import normalise
from jointbert.evaluation.doubt import rank_labels
from jointbert.evaluation.score import evaluate
from jointbert.fitting.work import is_stopped
from jointbert.training.corpus import Corpus, load_corpus, make_corpus
from jointbert.training.fold import lay_out
from jointbert.training.kept import open_kept, run_print
from jointbert.training.run import train
from jointbert.utterance import Utterance

log = logging.getLogger("jointbert.training")

OUT_OF_FOLD, SCORES, LABEL_ERRORS = "out_of_fold.jsonl", "scores.json", "label_errors.jsonl"
"""The names of what a cross-validation leaves in its folder."""

_MARKER = "cv.json"


def cross_validate(config: Config, output: Path | str, folds: int = 5, *, keep_models: bool = False) -> list[OutOfFold]:
    """The utterances of ``config.data.train``, each with the parse of a model that was not trained on it.

    The training utterances are shared out into folds, stratified by intent, by the config's seed. For each fold a model
    is trained with this config on the others, the best epoch chosen and the confidences fitted on ``config.data.dev``
    as ever, and the fold is parsed. What dev shares with the training utterances is not learned from: confidences that
    are fitted on what a model knows are wrong for all else (for the exceptions see
    :func:`jointbert.training.fold.lay_out`).

    ``out_of_fold.jsonl`` grows by a fold at a time, ``scores.json`` holds the scores over all of it and
    ``label_errors.jsonl`` the utterances whose labels are doubtful, the most suspicious first (see
    :func:`jointbert.evaluation.doubt.rank_labels`). A run that was stopped goes on where it was, if neither the config
    nor the data (value lists and the files of the encoder among them) have changed; else it starts anew.

    Args:
        config: The checked config.
        output: The folder to write.
        folds: How many; 2 at least.
        keep_models: Keep each fold's model in ``fold-1``, ``fold-2`` and so on; a finished fold without its model is
            trained anew. Otherwise the models that this call trains are deleted; those kept before stay.

    Returns:
        One item for each training utterance, in their order.

    Raises:
        ConfigError, DataError, ModelError: Before any training, if something is wrong.
    """
    output = Path(output)
    corpus = load_corpus(config.data)
    parts = share_out(corpus.train, folds, config.training.seed)
    _report_lonely(corpus.train)
    _report_shared(config, corpus)
    _open(output, run_print(config, corpus, f"{folds} folds, dev apart"), folds)
    found = _finished(output / OUT_OF_FOLD, corpus.train, parts, keep_models=keep_models)
    for number, part in enumerate(parts, start=1):
        folder = output / f"fold-{number}"
        if number not in found:
            found[number] = _fold(config, corpus, part, number, output)
            if not keep_models:
                break_seal(folder)  # before its lines are written: a stop in between leaves no model that looks kept
            with (output / OUT_OF_FOLD).open("a", encoding="utf-8", newline="\n") as file:
                file.writelines(map(to_line, found[number]))
        if folder.exists() and not _is_model(folder):
            shutil.rmtree(folder)
    return _score(output, [found[number] for number in range(1, folds + 1)], parts)


def _report_lonely(utterances: Sequence[Utterance]) -> None:
    """Warn of intents with a single text: where that is held out, nothing is left to learn them from."""
    texts = {(utterance.intent, normalise(utterance.text)) for utterance in utterances if utterance.intent is not None}
    lonely = sorted(str(intent) for intent, count in Counter(intent for intent, _ in texts).items() if count == 1)
    if lonely:
        listing = ", ".join(lonely[:5]) + (f" and {len(lonely) - 5} more" if len(lonely) > 5 else "")
        log.warning("intents with a single text count as wrong, for it is held out from learning: %s", listing)


def _report_shared(config: Config, corpus: Corpus) -> None:
    """Say how many training utterances are in dev as well: the folds do without most of them."""
    texts = {normalise(utterance.text) for utterance in corpus.dev}
    shared = sum(normalise(utterance.text) in texts for utterance in corpus.train)
    if shared:
        what = "%s: %d of %d utterances are in %s as well; the folds choose their epoch by these, "
        what += "and learn from them only where others are missing"
        log.warning(what, config.data.train, shared, len(corpus.train), config.data.dev)


def _open(output: Path, name: str, folds: int) -> None:
    """Make the folder ready: what an equal run left is kept, what another one left is removed."""
    whole = output / OUT_OF_FOLD
    open_kept(
        output / _MARKER,
        {"fingerprint": name, "folds": folds},
        lambda: [path for path in (whole, *output.glob("fold-*")) if path.exists()],
        lambda: [output / SCORES, output / LABEL_ERRORS],
        writer="a cross-validation",
        differs="another config, other data, another encoder or other folds",
    )


def _finished(
    path: Path, utterances: Sequence[Utterance], parts: Sequence[Sequence[int]], *, keep_models: bool
) -> dict[int, list[OutOfFold]]:
    """Fold number → what it gave, of the folds that are whole; the lines of others are taken out of the file.

    With ``keep_models`` a fold without its model is not whole.
    """
    found: dict[int, list[OutOfFold]] = {}
    if path.is_file():
        for item in read_out_of_fold(path):
            found.setdefault(item.fold, []).append(item)
    whole = {}
    for number, part in enumerate(parts, start=1):
        if [item.gold for item in found.get(number, [])] == [utterances[index] for index in part]:
            whole[number] = found[number]
    bare = [number for number in whole if keep_models and not _is_model(path.parent / f"fold-{number}")]
    if bare:
        listing = ", ".join(map(str, bare))
        log.warning("%s: these folds are finished and have no model, they are trained anew: %s", path.parent, listing)
    whole = {number: items for number, items in whole.items() if number not in bare}
    _keep_only(path, whole)
    return whole


def _keep_only(path: Path, whole: dict[int, list[OutOfFold]]) -> None:
    """Take the lines of folds that are not whole out of the file; it is replaced at once or stays as it was."""
    scratch = path.with_suffix(".part")
    lines = [to_line(item) for items in whole.values() for item in items]
    scratch.write_text("".join(lines), encoding="utf-8", newline="\n")
    scratch.replace(path)


def _is_model(folder: Path) -> bool:
    """Whether a fold's folder holds a whole model."""
    return (folder / MANIFEST).is_file()


def _fold(config: Config, corpus: Corpus, part: Sequence[int], number: int, output: Path) -> list[OutOfFold]:
    """Train without a part of the utterances, and parse that part."""
    folder, held = output / f"fold-{number}", set(part)
    rest = [utterance for index, utterance in enumerate(corpus.train) if index not in held]
    fold = lay_out(rest, corpus.dev, config.training.seed)
    log.info("fold %d: training on %d utterances, %d held out", number, len(fold.train), len(part))
    if not fold.is_apart:
        what = "fold %d: its confidences are fitted on utterances that it learns from: too few others have their labels"
        log.warning(what, number)
    train(
        config,
        folder,
        resume=is_stopped(folder),
        corpus=make_corpus(fold.train, fold.dev, config.data.dev, corpus.outside),
    )
    gold = [corpus.train[index] for index in part]
    parses = load_predictor(folder).parse_many([utterance.text for utterance in gold])
    return [OutOfFold(utterance, parse, number) for utterance, parse in zip(gold, parses, strict=True)]


def _score(output: Path, found: Sequence[Sequence[OutOfFold]], parts: Sequence[Sequence[int]]) -> list[OutOfFold]:
    """Everything in the order of the training data, its scores written."""
    placed = {
        index: item for part, items in zip(parts, found, strict=True) for index, item in zip(part, items, strict=True)
    }
    items = [placed[index] for index in sorted(placed)]
    scores = evaluate([item.gold for item in items], [item.parse for item in items])
    content = json.dumps(scores.to_dict(), ensure_ascii=False, indent=1) + "\n"
    (output / SCORES).write_bytes(content.encode("utf-8", "backslashreplace"))
    (output / LABEL_ERRORS).write_text("".join(_doubtful(items)), encoding="utf-8", newline="\n")
    return items


def _doubtful(items: Sequence[OutOfFold]) -> Iterator[str]:
    """A JSON line for each doubtful utterance, the most suspicious first."""
    for suspect in rank_labels([item.gold for item in items], [item.parse for item in items]):
        if suspect.doubtful:
            gold = items[suspect.place].gold
            head = {"suspicion": suspect.suspicion, "what": suspect.in_words(), "where": gold.where}
            yield dumps(gold, head | to_object(gold)) + "\n"
