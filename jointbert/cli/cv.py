"""``jointbert cv``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jointbert.cli.place import place_of


def cv(
    config: Annotated[Path, typer.Argument(help="A YAML config, for example configs/demo-en.yaml.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The folder to write; cv/NAME for NAME.yaml when not given."),
    ] = None,
    folds: Annotated[int, typer.Option("--folds", min=2, help="Into how many parts the training data is shared.")] = 5,
    assignments: Annotated[
        list[str] | None, typer.Option("--set", help="Override a key: training.epochs=5. May be repeated.")
    ] = None,
    keep_models: Annotated[bool, typer.Option("--keep-models", help="Keep the model of each fold.")] = False,
) -> None:
    """Parse every training utterance by a model trained without it.

    Writes FOLDER/out_of_fold.jsonl, FOLDER/scores.json and FOLDER/label_errors.jsonl: the utterances whose labels
    these models doubt, the most suspicious first (docs/cross-validation.md). Run it again to go on after a stop.

    \b
    Example:
      jointbert cv configs/demo-en.yaml --folds 5
    """
    from jointbert.training.run_config import load_run_config

    checked, place = load_run_config(config, assignments or []), place_of(output, "cv", config)
    from jointbert.cli.logs import plain_logs
    from jointbert.evaluation.render import headline
    from jointbert.evaluation.score import evaluate

    with plain_logs():
        from jointbert.training.crossval import LABEL_ERRORS, cross_validate

        items = cross_validate(checked, place, folds, keep_models=keep_models)
    scores = evaluate([item.gold for item in items], [item.parse for item in items])
    typer.echo(f"{place}: out-of-fold {headline(scores)} of {len(items)} utterances in {folds} folds")
    doubtful = len((place / LABEL_ERRORS).read_bytes().splitlines())
    typer.echo(f"{place / LABEL_ERRORS}: {doubtful} with doubtful labels, the most suspicious first")
