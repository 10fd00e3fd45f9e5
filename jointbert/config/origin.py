"""What a model folder's ``training.yaml`` says of where the model is from, as far as any version can read it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from jointbert.config import DataConfig
from jointbert.config.reading import read_config
from jointbert.errors import ConfigError

CONFIG = "training.yaml"


class Origin(BaseModel):
    """The part of a training config that tells where a model is from.

    How the model was trained besides, another version may have had other keys for: they are not looked at.

    Args:
        data: Where the utterances were, and what was done with them.
        encoder: The section on the encoder, unchecked.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    data: DataConfig
    encoder: Any = None

    @property
    def from_scratch(self) -> bool:
        """Whether training made the encoder, too."""
        return isinstance(self.encoder, dict) and self.encoder.get("name") == "scratch"


def read_origin(folder: Path) -> Origin:
    """What a model folder says of where the model is from.

    Raises:
        ConfigError: There is no ``training.yaml``, or its section ``data`` is wrong.
    """
    return read_config(folder / CONFIG, Origin)


def first_problem(error: ConfigError) -> str:
    """The first problem that the error names, on one line, and how many more there are.

    Example:
        >>> first_problem(ConfigError("a.yaml", "2 problems\\n  data.trian: unknown key\\n  data.dev: is missing"))
        'data.trian: unknown key, and 1 more'
        >>> first_problem(ConfigError("a.yaml", "is empty"))
        'is empty'
    """
    head, *listed = error.what.splitlines() or [""]
    counted = re.fullmatch(r"(\d+) problems?", head)
    if counted is None or not listed:
        return head
    more = int(counted[1]) - 1
    return listed[0].strip() + (f", and {more} more" if more else "")
