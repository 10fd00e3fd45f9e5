"""The card of an encoder: what it is, what it read, how well it guesses."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
import transformers
from torch import nn

from jointbert import __version__
from jointbert.config import PretrainConfig


def encoder_card(config: PretrainConfig, model: nn.Module, record: Mapping[str, Any]) -> str:
    """The card as Markdown.

    Args:
        config: What it was made with.
        model: The encoder with its heads.
        record: What the run measured.
    """
    settings: Any = model.config
    size = sum(parameter.numel() for parameter in model.parameters())
    tasks = "masked pieces and next sentences (MLM + NSP)" if config.objective.nsp else "masked pieces (MLM)"
    begun = "random weights" if record["start"] is None else f"`{_code(str(record['start']))}`"
    sources = "\n".join(f"- `{_code(Path(source.path).name)}`" for source in config.corpus.sources)
    nsp = f"| NSP accuracy, % | {100 * record['nsp_accuracy']:.1f} |\n" if "nsp_accuracy" in record else ""
    return f"""# BERT encoder

{settings.num_hidden_layers} layers of {settings.hidden_size}, {settings.vocab_size:,} pieces, {size:,} parameters with
both heads. Trained from {begun} on {tasks} by jointbert {__version__}, torch {torch.__version__}, transformers
{transformers.__version__}; the exact config is in `pretraining.yaml`, the curve in `pretraining_curve.csv`.

| held-out documents | |
|---|---|
| MLM perplexity | {record["mlm_perplexity"]:.2f} |
| MLM accuracy, % | {100 * record["mlm_accuracy"]:.1f} |
{nsp}
{record["steps"]:,} steps on {record["documents"]:,} documents ({record["pieces"]:,} pieces a pass) of:

{sources}

Open it with `jointbert encoder try FOLDER "the [MASK] leaves at noon"`, or name its folder as `encoder:` in a config.
"""


def _code(name: str) -> str:
    """A name that cannot end its own code span or its line."""
    return name.replace("`", "'").replace("\n", " ")
