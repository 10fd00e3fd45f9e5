"""The card of an encoder: what it is, what it read, how well it guesses."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
import transformers
from torch import nn

from jointbert import __version__
from jointbert.config import DistillConfig, PretrainConfig


def encoder_card(config: PretrainConfig, model: nn.Module, record: Mapping[str, Any]) -> str:
    """The card as Markdown.

    Args:
        config: What it was made with.
        model: The encoder with its heads.
        record: What the run measured.
    """
    tasks = "masked pieces and next sentences (MLM + NSP)" if config.objective.nsp else "masked pieces (MLM)"
    return f"""# BERT encoder

{_shape(model)}. Trained from {_begun(config, record["start"])}
on {tasks} by jointbert {__version__}, torch {torch.__version__}, transformers
{transformers.__version__}; the exact config is in `pretraining.yaml`, the curve in `pretraining_curve.csv`.

{_guesses(record)}

{record["steps"]:,} steps on {record["documents"]:,} documents ({record["pieces"]:,} pieces a pass) of:

{_end(config)}"""


def distilled_card(config: DistillConfig, model: nn.Module, record: Mapping[str, Any]) -> str:
    """The card of an encoder that learned from another one, as Markdown.

    Args:
        config: What it was made with.
        model: The encoder with its heads.
        record: What the run measured.
    """
    layers = [name for name in record if name.startswith("layer_")]
    called = {name: f"words at layer {name.removeprefix('layer_').removesuffix('_loss')}" for name in layers}
    called |= {"cls_loss": "text, [CLS]", "mean_loss": "text, mean of pieces"}
    head = "It has no NSP head."
    if "nsp_pairs" in record:
        head = f"Its NSP head was fitted anew on {int(record['nsp_pairs']):,} pairs of texts."
    states = "\n".join(f"| {title} | {record[name]:.3f} |" for name, title in called.items())
    return f"""# BERT encoder

{_shape(model)}. Trained from `{_code(Path(str(record["start"])).name)}` to give the states of
`{_code(Path(str(record["teacher"])).name)}` on masked text, by jointbert {__version__}, torch {torch.__version__},
transformers {transformers.__version__}; the exact config is in `distillation.yaml`, the curve in
`distillation_curve.csv`. Files that are called `pretraining` are of the encoder that it started from.
{head}

| held-out documents: difference to the teacher (1: no better than a constant) | |
|---|---|
{states}

{_guesses(record)}

{record["steps"]:,} steps of {record["batch_size"]:,} texts, on {record["texts"]:,} texts of {record["documents"]:,}
documents ({record["pieces"]:,} pieces a pass) of:

{_end(config)}"""


def _begun(config: PretrainConfig, start: str | None) -> str:
    """What the encoder was before its first step."""
    if start is not None:
        return f"`{_code(start)}`"
    given = {
        "piece vectors counted in the corpus": config.model.embeddings == "counts",
        "sinusoidal position vectors": config.model.positions == "sinusoidal",
    }
    others = " and ".join(name for name, is_so in given.items() if is_so)
    return f"random weights but for {others}" if others else "random weights"


def _shape(model: nn.Module) -> str:
    settings: Any = model.config
    size = sum(parameter.numel() for parameter in model.parameters())
    shape = f"{settings.num_hidden_layers} layers of {settings.hidden_size}, {settings.vocab_size:,} pieces"
    return f"{shape}, {size:,} parameters with\nits heads"


def _guesses(record: Mapping[str, Any]) -> str:
    nsp = f"\n| NSP accuracy, % | {100 * record['nsp_accuracy']:.1f} |" if "nsp_accuracy" in record else ""
    return f"""| held-out documents | |
|---|---|
| MLM perplexity | {record["mlm_perplexity"]:.2f} |
| MLM accuracy, % | {100 * record["mlm_accuracy"]:.1f} |{nsp}"""


def _end(config: PretrainConfig | DistillConfig) -> str:
    """What was read, and what to do with the encoder."""
    sources = "\n".join(f"- `{_code(Path(source.path).name)}`" for source in config.corpus.sources)
    return f"""{sources}

Open it with `jointbert encoder try FOLDER "the [MASK] leaves at noon"`, or name its folder as `encoder:` in a config.
"""


def _code(name: str) -> str:
    """A name that cannot end its own code span or its line."""
    return name.replace("`", "'").replace("\n", " ")
