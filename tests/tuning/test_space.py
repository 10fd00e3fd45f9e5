"""The space of a search: what a file may say, every mistake at once, and what is searched where no file is given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jointbert.config import Config
from jointbert.config.space import Dimension, check_space, read_space, value_of, with_values
from jointbert.errors import ConfigError
from jointbert.tuning.defaults import default_space
from jointbert.tuning.trial import rounded, settings_of, trial_config


def a_config(**sections: dict[str, Any]) -> Config:
    base = {"data": {"train": "t.jsonl", "dev": "d.jsonl"}, "encoder": {"name": "mini-en"}}
    return Config.model_validate({**base, **sections})


def read(folder: Path, text: str, config: Config | None = None) -> dict[str, Dimension]:
    (folder / "space.yaml").write_text(text, encoding="utf-8")
    return read_space(folder / "space.yaml", config or a_config())


def test_values_are_what_their_keys_take_and_keys_stand_in_the_config_s_order(tmp_path: Path) -> None:
    space = read(
        tmp_path,
        "training.epochs: {low: 4, high: 12, step: 2}\n"
        "training.weight_decay: {choices: [0, 0.01]}\n"
        "model.dropout: {low: 0, high: 0.4, step: 0.1}\n"
        "model.crf: {choices: [true, false]}\n"
        "encoder.name: {choices: [mini-en, minilm-l6]}\n",
    )
    assert list(space) == ["encoder.name", "model.crf", "model.dropout", "training.epochs", "training.weight_decay"]
    assert space["training.epochs"] == Dimension(low=4, high=12, step=2)
    assert space["training.weight_decay"].choices == [0.0, 0.01]
    assert type(space["model.dropout"].low) is float and type(space["training.epochs"].low) is int


WRONG = {
    "training.epochs: {low: 4.5, high: 12}": "expected a valid integer, not 4.5",
    "training.patience: {low: -1, high: 5}": "expected greater than or equal to 0, not -1",
    "training.batch_size: {low: 8, high: 64, step: 7.5}": "high to be a whole number of steps 7.5 above low",
    "training.accumulation: {low: 1, high: 4, step: 1.5}": "expected a whole number as step",
    "training.learning_rate: {low: 0.0, high: 1e-2, log: true}": "expected low above 0 for a log scale",
    "training.head_learning_rate: {low: 1e-2, high: 1e-1}": "holds the config's own value, 0.001",
    "training.warmup: {low: 0.3, high: 0.1}": "expected low 0.3 to be less than high 0.1",
    "training.layer_decay: {low: 0.7}": "expected low and high, or choices",
    "training.weight_decay: {low: 1e-3, high: 1, log: true, step: 1e-3}": "log or step, not both",
    "training.seed: {low: 1, high: 20}": "a lucky seed is no better setting",
    "training.precision: [fp32, bf16]": "expected a section with the keys low, high, log, step, choices",
    "training.max_grad_norm: {choices: [1, 1.0]}": "expected choices that differ",
    "model.crf: {choices: [true, 0]}": "expected a valid boolean, not 0",
    "model.pooling: {choices: [mean, max]}": "expected 'first' or 'mean', not 'max'",
    "model.dropout: {low: 0, high: .inf}": "inf is wrong; expected a number",
    "model.slot_weight: {low: 1, high: 2, choices: [1.0, 2.0]}": "expected choices alone, or a range alone",
    "model.intent_conditioned: {low: 0, high: 1}": "expected a valid boolean, not 0",
    "model.piece_dropout: {choices: [0.0]}": "expected 2 to 100 choices",
    "data.substitution: {low: 0, hihg: 1}": "data.substitution.hihg: unknown key with value 1; did you mean 'high'?",
    "data.dev: {choices: [d.jsonl, test.jsonl]}": "learn from the same data and be scored on the same",
    "scope.keep: {low: 0.5, high: 0.99}": "what is maximised does not depend on scope",
    "encoder.dropout: {low: 0.0, high: 0.2}": "expected encoder.dropout to be set in the config first, for the search",
    "encoder.size: {choices: [[mini], tiny]}": "encoder.size.choices.0: ['mini'] is wrong; expected a single value",
    "training.learning_rat: {low: 1, high: 2}": "did you mean 'training.learning_rate'?",
}


def test_every_mistake_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, "\n".join(WRONG))
    lines = str(caught.value).splitlines()
    assert lines[0].endswith(f"space.yaml: {len(WRONG)} problems")
    for entry, complaint in WRONG.items():
        key = entry.partition(":")[0]
        assert [line for line in lines if line.strip().startswith(key) and complaint in line], entry


@pytest.mark.parametrize("values", ["{low: 0.0, high: 0.2}", "{choices: [0.0, 0.1]}"])
def test_a_key_that_the_config_leaves_open_has_to_be_set_there_first(tmp_path: Path, values: str) -> None:
    with pytest.raises(ConfigError, match=r"encoder\.dropout: .* is wrong; expected encoder\.dropout to be set in"):
        read(tmp_path, f"encoder.dropout: {values}")
    config = a_config(encoder={"name": "mini-en", "dropout": 0.1})
    assert read(tmp_path, f"encoder.dropout: {values}", config)["encoder.dropout"].holds(0.1)


@pytest.mark.parametrize("value", [None, True, "1", [1]])
def test_what_is_no_number_lies_in_no_range(value: object) -> None:
    assert not Dimension(low=0, high=2).holds(value)


def test_a_value_that_does_not_go_with_another_key_is_refused(tmp_path: Path) -> None:
    config = a_config(data={"train": "t", "dev": "d", "substitution": 0.5, "values": "v.yaml"})
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, "data.substitution: {low: 0.0, high: 1.0}", config)
    assert "expected data.values to be null, or data.substitution above 0, not 0.0\n" in str(caught.value)
    assert "data.substitution" in read(tmp_path, "data.substitution: {low: 0.1, high: 1.0}", config)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "is empty"),
        ("{}", "names no key; expected a range or choices for one at least. docs/tuning.md shows an example."),
        ("[training.epochs]", "holds a list"),
        ("model.dropout: {low: 0, high: 1e300}", "expected a number, from -1e+12 to 1e+12"),
        ("model.crf: &a {choices: [true, false]}\nmodel.intent_conditioned: *a", "aliases"),
    ],
)
def test_a_file_that_is_no_space_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=r"space\.yaml: ") as caught:
        read(tmp_path, text)
    assert complaint in str(caught.value)


# where no file is given -----------------------------------------------------------------------------------------------

shares = st.floats(0.0, 1.0)
rates = st.floats(1e-9, 1e3)


@given(
    st.builds(
        lambda name, model, training: a_config(encoder={"name": name}, model=model, training=training),
        st.sampled_from(["scratch", "mini-en"]),
        st.fixed_dictionaries({"crf": st.booleans(), "dropout": shares, "slot_weight": rates}),
        st.fixed_dictionaries(
            {
                "epochs": st.integers(1, 500),
                "learning_rate": rates,
                "head_learning_rate": rates,
                "layer_decay": st.floats(0.01, 1.0),
                "warmup": shares,
            }
        ),
    ),
    st.booleans(),
    st.booleans(),
)
def test_the_default_space_lies_around_any_config(config: Config, intents: bool, slots: bool) -> None:
    space = default_space(config, intents=intents, slots=slots)
    assert check_space(space, config) == space
    assert ("model.crf" in space) is ("model.pooling" in space) is slots
    assert ("model.slot_weight" in space) is (slots and intents)
    assert ("training.layer_decay" in space) is (config.encoder.name != "scratch")
    assert space["training.epochs"].holds(config.training.epochs)
    if config.training.layer_decay > 0.7 and "training.layer_decay" in space:
        assert space["training.layer_decay"].low == 0.7


@given(rates, st.floats(0.0, 1.0))
def test_what_is_drawn_is_rounded_and_stays_inside(own: float, share: float) -> None:
    space = default_space(a_config(training={"learning_rate": own, "layer_decay": 0.123456}))
    drawn: dict[str, Any] = {
        key: dimension.choices[0] if dimension.choices else dimension.low for key, dimension in space.items()
    }
    for key, dimension in space.items():
        if isinstance(dimension.low, float) and dimension.high is not None:
            drawn[key] = dimension.low + share * (dimension.high - dimension.low)
    settings = rounded(space, drawn)
    for key, dimension in space.items():
        assert dimension.holds(settings[key]), (key, settings[key])
        if isinstance(drawn[key], float):
            assert settings[key] == pytest.approx(drawn[key], rel=1e-3)
    assert with_values(a_config(), settings).training.learning_rate == settings["training.learning_rate"]


def test_a_trial_s_config_is_the_config_with_its_settings_and_without_scope() -> None:
    config = a_config(scope={"scorer": "auto"}, training={"epochs": 7})
    settings = settings_of(default_space(config), config)
    assert settings["training.epochs"] == 7 and settings["model.pooling"] == "first"
    wanted = trial_config(config, {"training.epochs": 3, "encoder.name": "x\x1b[31m"})
    assert (wanted.training.epochs, wanted.scope.scorer, wanted.encoder.name) == (3, "none", "x\x1b[31m")
    assert value_of(config, "training.epochs") == 7, "the config itself is left alone"
    assert wanted.model == config.model and wanted.data == config.data
