"""Giving a trained model a scope, or another one, or none: nothing of its network changes."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from jointbert.checkpoint.contents import open_contents
from jointbert.checkpoint.engine_names import GRAPHS
from jointbert.checkpoint.folder import load_folder, make_predictor
from jointbert.checkpoint.scope_file import write_scope
from jointbert.checkpoint.session import gives_state
from jointbert.codec.scope import Scope
from jointbert.config import DataConfig, ScopeConfig
from jointbert.config.origin import CONFIG, first_problem, read_origin
from jointbert.errors import ConfigError, DataError
from jointbert.training.card import card_with_scope
from jointbert.training.corpus import Corpus, read_splits, report_unmarked, report_unseen
from jointbert.training.scope import fit_scope

log = logging.getLogger("jointbert.training")


def refit_scope(folder: Path | str, config: ScopeConfig, data: dict[str, Any]) -> tuple[Scope, list[str]]:
    """Fit a scope to a model folder and keep it there, its card brought up to date.

    Args:
        folder: The model folder.
        config: Which scorer, what share is out of scope, and what share to keep.
        data: Keys of the config's section ``data`` that take the place of those in the folder's ``training.yaml``;
            where neither names the intent that marks what is out of scope, the scope that the model has does.

    Returns:
        The scope, and the names of the graphs in the folder that are too old for it.

    Raises:
        ModelError: The folder is broken.
        ConfigError, DataError: The utterances cannot be had, or the scorer cannot be used with them.
    """
    folder = Path(folder)
    model, contents = load_folder(folder)
    where = data_of(folder, data)
    known = None if contents.scope is None else contents.scope.intent
    if where.out_of_scope_intent is None and known is not None:
        log.warning("%r marks what is out of scope, as in the scope that the model has; --remove forgets it", known)
        where = where.model_copy(update={"out_of_scope_intent": known})
    train, dev, outside = read_splits(where)
    report_unmarked(where, train, dev, outside, contents.labels.intents or ())
    report_unseen(dev, contents.labels, where.dev)
    corpus = Corpus(train, dev, contents.labels, outside)
    scope = fit_scope(make_predictor(model, contents.codec, states=True), corpus, config)
    write_scope(folder, scope, card_with_scope(folder, scope))
    graphs = [folder / file for file in GRAPHS.values() if (folder / file).is_file()]
    return scope, [path.name for path in graphs if scope.needs_state and not gives_state(path)]


def remove_scope(folder: Path | str) -> None:
    """Take a model folder's scope away, its card brought up to date.

    Raises:
        ModelError: The folder is broken.
    """
    folder = open_contents(folder).folder
    write_scope(folder, None, card_with_scope(folder, None))


def data_of(folder: Path, data: dict[str, Any]) -> DataConfig:
    """Where a folder's training and dev utterances are, some keys replaced; those it was trained on where none are.

    Raises:
        DataError: The folder does not say, and not all is given.
        ConfigError: A value is wrong.
    """
    try:
        known = read_origin(folder).data.model_dump()
    except ConfigError as error:
        if not {"train", "dev"} <= data.keys():
            what = f"does not name the training data ({first_problem(error)})"
            raise DataError(str(folder / CONFIG), what, "a config", "Give it: --train PATH --dev PATH.") from error
        known = {}
    fresh = DataConfig(**(known | data | {"out_of_scope_as_intent": False}))
    for path in filter(None, (fresh.train, fresh.dev, fresh.out_of_scope_train, fresh.out_of_scope_dev)):
        if not Path(path).exists():
            raise DataError(path, "is not there", "a file or folder, seen from here", "Give it: --train and --dev.")
    return fresh
