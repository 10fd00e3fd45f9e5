"""``jointbert scope``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jointbert.cli.writing import write_json

if TYPE_CHECKING:
    from jointbert.codec.scope import Scope
    from jointbert.config import ScopeConfig


SCORERS = "auto, max-probability, energy, mahalanobis, knn or knn-contrast."
TrainOption = Annotated[
    str | None, typer.Option("--train", help="Training utterances; by default those that training.yaml names.")
]
DevOption = Annotated[
    str | None, typer.Option("--dev", help="Dev utterances; by default those that training.yaml names.")
]
IntentOption = Annotated[
    str | None, typer.Option("--out-of-scope", help="The intent that marks utterances as out of scope, e.g. oos.")
]
MoreTrainOption = Annotated[
    str | None, typer.Option("--out-of-scope-train", help="More training utterances, all out of scope.")
]
MoreDevOption = Annotated[str | None, typer.Option("--out-of-scope-dev", help="More dev utterances, all out of scope.")]
ScorerOption = Annotated[str, typer.Option("--scorer", help=SCORERS)]
OutsideShareOption = Annotated[
    float, typer.Option("--outside-share", help="Share of what users send that is out of scope, as your logs say.")
]
KeepOption = Annotated[
    float, typer.Option("--keep", help="Share of dev to keep in scope, where nothing in it is out of scope.")
]


def scope(
    model: Annotated[Path, typer.Argument(help="A model folder.")],
    train: TrainOption = None,
    dev: DevOption = None,
    intent: IntentOption = None,
    more_train: MoreTrainOption = None,
    more_dev: MoreDevOption = None,
    scorer: ScorerOption = "auto",
    outside_share: OutsideShareOption = 0.1,
    keep: KeepOption = 0.95,
    remove: Annotated[bool, typer.Option("--remove", help="Take the model's scope away.")] = False,
    json_path: Annotated[Path | None, typer.Option("--json", help="Write how every scorer did on dev.")] = None,
) -> None:
    """Teach a trained model to tell what is out of scope, or teach it anew; its network stays as it is.

    Scorers are fitted on the training utterances. With dev utterances that are out of scope, the scorer with the best
    AUROC is taken, at the threshold that would deal with most of your users' utterances rightly if a share of them,
    --outside-share, were out of scope; without any, the threshold keeps a share of dev in scope.

    \b
    Examples:
      jointbert scope models/clinc150 --out-of-scope-dev datasets/clinc150/oos_dev.jsonl --outside-share 0.05
      jointbert scope models/atis --scorer mahalanobis --keep 0.98
    """
    if remove:
        _remove(model)
        return
    names = ("train", "dev", "out_of_scope_intent", "out_of_scope_train", "out_of_scope_dev")
    given = zip(names, (train, dev, intent, more_train, more_dev), strict=True)
    config = _checked({"scorer": scorer, "outside_share": outside_share, "keep": keep})
    _fit(model, config, {name: value for name, value in given if value is not None}, json_path)


def _remove(model: Path) -> None:
    from jointbert.cli.logs import plain_logs

    with plain_logs():
        from jointbert.training.refit import remove_scope

        remove_scope(model)
    typer.echo(f"{model}: no longer tells what is out of scope")


def _fit(model: Path, config: ScopeConfig, data: dict[str, str], json_path: Path | None) -> None:
    from jointbert.cli.logs import plain_logs

    with plain_logs():
        from jointbert.training.refit import refit_scope

        found, old = refit_scope(model, config, data)
    if json_path is not None:
        write_json(json_path, {"scorer": found.scorer.name, "threshold": found.threshold} | dict(found.chosen))
    _show(model, found)
    for name in old:
        typer.echo(f"{model / name} gives no [CLS] state; write it again with: jointbert export {model}", err=True)


def _checked(options: dict[str, str | float]) -> ScopeConfig:
    from pydantic import ValidationError

    from jointbert.config import ScopeConfig
    from jointbert.errors import ConfigError

    try:
        if options["scorer"] == "none":
            raise typer.BadParameter("none is for training; take a scope away with --remove")
        return ScopeConfig.model_validate(options)
    except ValidationError as error:
        first = error.errors()[0]
        what = f"{first['input']!r} is wrong ({first['msg']})"
        raise ConfigError(f"--{first['loc'][0]}".replace("_", "-"), what, None, "See: jointbert scope --help") from None


def _show(model: Path, scope: Scope) -> None:
    """The scorers side by side, and which of them was taken."""
    from rich.console import Console

    from jointbert.evaluation.scope_view import scope_table
    from jointbert.visible import visible

    chosen: Mapping[str, Any] = scope.chosen
    Console().print(scope_table("On dev, each scorer at its own threshold", chosen["scores"], scope.scorer.name))
    typer.echo(f"{visible(str(model))}: {scope.scorer.name} from {scope.threshold:.6g} on, {chosen['rule']}")
