"""The config: one message names every problem, files may extend files, --set reaches every key, YAML is data only."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest
import yaml

from jointbert.config import Config, load_config, load_distill_config, load_pretrain_config
from jointbert.config.shape import FormatName
from jointbert.data import FORMATS
from jointbert.errors import ConfigError

REPOSITORY = Path(__file__).resolve().parent.parent
SHIPPED = sorted((REPOSITORY / "configs").glob("*.yaml"))
GOOD = "data: {train: a.jsonl, dev: b.jsonl}\nencoder: {name: scratch, size: tiny}\n"


def put(folder: Path, content: str, name: str = "c.yaml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def load(folder: Path, content: str = GOOD, *overrides: str) -> Config:
    return load_config(put(folder, content), overrides)


def problem(folder: Path, content: str = GOOD, *overrides: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load(folder, content, *overrides)
    return str(caught.value)


def test_every_problem_is_named_at_once_with_key_value_and_expectation(tmp_path: Path) -> None:
    message = problem(
        tmp_path,
        "data: {train: 7}\nencoder: {name: scratch, size: huge}\ntrainig: {}\n"
        "training: {epochs: 0, batchsize: 8, learning_rate: fast, seed: -1}\nmodel: {dropout: 2}\n",
    )
    head, *lines = message.splitlines()
    assert head == f"{tmp_path / 'c.yaml'}: 9 problems"
    assert lines == [
        "  data.train: 7 is wrong; expected a valid string",
        "  data.dev: is missing; expected a value",
        "  encoder.size: 'huge' is wrong; expected 'tiny', 'mini', 'small', 'medium', 'base' or 'large'",
        "  model.dropout: 2 is wrong; expected less than or equal to 1",
        "  training.epochs: 0 is wrong; expected greater than or equal to 1",
        "  training.learning_rate: 'fast' is wrong; expected a valid number",
        "  training.seed: -1 is wrong; expected greater than or equal to 0",
        "  training.batchsize: unknown key with value 8; did you mean 'batch_size'?",
        "  trainig: unknown key with value {}; did you mean 'training'?",
        "  Every key is described in docs/config.md.",
    ]


@pytest.mark.parametrize(
    ("load", "page"), [(load_pretrain_config, "pretrain-config"), (load_distill_config, "distill-config")]
)
def test_other_configs_have_pages_of_their_own(tmp_path: Path, load: Callable[[Path], object], page: str) -> None:
    with pytest.raises(ConfigError, match=f"described in docs/{page}.md") as caught:
        load(put(tmp_path, "corpus: {}\ntraining: {steps: 0}\n"))
    assert (REPOSITORY / "docs" / f"{page}.md").is_file()
    assert "training.steps: 0 is wrong" in str(caught.value)


@pytest.mark.parametrize(("objective", "right"), [("", False), (", whole_words: true", True)])
def test_a_segmenter_needs_whole_words(tmp_path: Path, objective: str, right: bool) -> None:
    path = put(
        tmp_path,
        f"corpus: {{sources: [{{path: a.txt}}]}}\ntraining: {{steps: 1}}\nobjective: {{segmenter: jieba{objective}}}\n",
    )
    if right:
        assert load_pretrain_config(path).objective.segmenter == "jieba"
        return
    with pytest.raises(ConfigError) as caught:
        load_pretrain_config(path)
    assert "objective.segmenter: 'jieba' is wrong; expected null, or objective.whole_words: true" in str(caught.value)


def test_an_unknown_key_unlike_any_other_lists_the_known_ones(tmp_path: Path) -> None:
    message = problem(tmp_path, GOOD + "model: {zzz: 1}\n")
    assert "model.zzz: unknown key with value 1; known: crf, pooling, dropout" in message


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("training: {epochs: true}", "training.epochs: True is wrong; expected a valid integer"),
        ("training: {epochs: '5'}", "training.epochs: '5' is wrong; expected a valid integer"),
        ("training: {epochs: 2.5}", "training.epochs: 2.5 is wrong; expected a valid integer"),
        ("training: {epochs: [1, 2]}", "training.epochs: [1, 2] is wrong; expected a valid integer"),
        ("training: {epochs: }", "training.epochs: None is wrong; expected a valid integer"),
        ("training: {learning_rate: .inf}", "training.learning_rate: inf is wrong; expected a finite number"),
        ("training: {learning_rate: .nan}", "training.learning_rate: nan is wrong; expected a finite number"),
        ("training: {warmup: .nan}", "training.warmup: nan is wrong; expected "),
        ("training: {seed: 4294967296}", "expected less than or equal to 4294967295"),
        ("model: {crf: 1}", "model.crf: 1 is wrong; expected a valid boolean"),
        ("model: {crf: 'yes'}", "model.crf: 'yes' is wrong; expected a valid boolean"),
        ("model: 3", "model: 3 is wrong; expected a section with the keys crf, pooling"),
        ("5: 6", "5: 5 is wrong; expected a word as the key"),
    ],
)
def test_a_value_of_another_kind_is_refused(tmp_path: Path, line: str, wanted: str) -> None:
    assert wanted in problem(tmp_path, GOOD + line + "\n")


def test_a_long_wrong_value_is_cut_in_the_message(tmp_path: Path) -> None:
    message = problem(tmp_path, GOOD + f"training: {{epochs: [{'1, ' * 5000}1]}}\n")
    assert len(message) < 400
    assert "…" in message


def test_numbers_may_be_written_with_an_exponent_alone(tmp_path: Path) -> None:
    config = load(tmp_path, GOOD + "training: {learning_rate: 2e-5, head_learning_rate: 1E-3, weight_decay: 0}\n")
    assert config.training.learning_rate == 2e-5
    assert config.training.head_learning_rate == 1e-3
    assert config.training.weight_decay == 0.0


# keys that go together, names that are near ---------------------------------------------------------------------------


UNSWAPPED = "data.values: 'v.yaml' is wrong; expected null, or data.substitution above 0"
UNNAMED = (
    "data.out_of_scope_as_intent: True is wrong; "
    "expected false, or data.out_of_scope_intent to name it, for example oos"
)


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        ("values: v.yaml", [UNSWAPPED]),
        ("values: v.yaml, substitution: 0", [UNSWAPPED]),
        ("values: v.yaml, typos: 0.5", [UNSWAPPED]),
        ("out_of_scope_as_intent: true", [UNNAMED]),
        ("out_of_scope_as_intent: true, out_of_scope_train: o.jsonl, values: v.yaml", [UNSWAPPED, UNNAMED]),
        ("values: v.yaml, train: 7, epoch: 3, on_misfit: no", [UNSWAPPED]),
    ],
)
def test_keys_that_need_another_say_so_beside_what_else_is_wrong(tmp_path: Path, data: str, wanted: list[str]) -> None:
    message = problem(tmp_path, f"data: {{dev: b.jsonl, {data}}}\nencoder: scratch\ntraining: {{seed: -1}}\n")
    assert [line.strip() for line in message.splitlines() if line.strip() in (UNSWAPPED, UNNAMED)] == wanted
    assert "training.seed: -1 is wrong" in message and "data.train: " in message


@pytest.mark.parametrize(
    "data",
    [
        "values: v.yaml, substitution: 0.5",
        "values: null",
        "out_of_scope_as_intent: true, out_of_scope_intent: oos",
        "out_of_scope_as_intent: false",
    ],
)
def test_keys_that_go_together_are_taken(tmp_path: Path, data: str) -> None:
    assert load(tmp_path, f"data: {{train: a, dev: b, {data}}}\nencoder: scratch\n").data.train == "a"


def test_of_a_key_that_is_wrong_itself_no_other_is_blamed(tmp_path: Path) -> None:
    message = problem(
        tmp_path,
        GOOD,
        "data.values=v.yaml",
        "data.substitution=half",
        "data.out_of_scope_as_intent=true",
        "data.out_of_scope_intent=7",
    )
    assert message.splitlines()[1:-1] == [
        "  data.substitution: 'half' is wrong; expected a valid number",
        "  data.out_of_scope_intent: 7 is wrong; expected a valid string",
    ]


def test_a_format_is_a_known_one_or_null(tmp_path: Path) -> None:
    assert get_args(FormatName) == tuple(FORMATS), "add the name of a new format to FormatName"
    for name in (*FORMATS, None):
        assert load(tmp_path, GOOD, f"data.format={name or 'null'}").data.format == name
    known = "'jsonl', 'goo', 'conll', 'rasa', 'snips', 'csv', 'labelstudio' or 'doccano'"
    near = problem(tmp_path, GOOD, "data.format=jsnl")
    assert f"data.format: 'jsnl' is wrong; expected {known}; did you mean 'jsonl'?" in near
    assert f"data.format: 'xml' is wrong; expected {known}\n" in problem(tmp_path, GOOD, "data.format=xml")


def test_the_nearest_choice_is_suggested_for_any_key(tmp_path: Path) -> None:
    message = problem(tmp_path, GOOD, "scope.scorer=mahalanobs", "training.precision=[fp32]")
    assert "or 'knn-contrast'; did you mean 'mahalanobis'?" in message
    assert "training.precision: ['fp32'] is wrong; expected 'auto', 'fp32' or 'bf16'" in message


def test_what_a_shape_cannot_see_joins_the_list(tmp_path: Path) -> None:
    path, seen = put(tmp_path, GOOD), []

    def look(content: object) -> list[str]:
        seen.append(content)
        return ["data.train: is odd"]

    with pytest.raises(ConfigError) as caught:
        load_config(path, ["training.epochs=0"], look)
    assert str(caught.value).splitlines()[:-1] == [
        f"{path}: 2 problems",
        "  training.epochs: 0 is wrong; expected greater than or equal to 1",
        "  data.train: is odd",
    ]
    with pytest.raises(ConfigError, match=r"1 problem\n  data\.train: is odd"):
        load_config(path, (), look)
    assert seen[1] == yaml.safe_load(GOOD)
    assert load_config(path, (), lambda content: []) == load(tmp_path)


def test_nothing_heavy_is_imported() -> None:
    heavy = "torch", "transformers", "tokenizers", "numpy", "sklearn"
    code = f"import sys, jointbert.config; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip() == "[]"


# extends ------------------------------------------------------------------------------------------------------------


def test_a_file_lays_its_values_over_those_it_extends(tmp_path: Path) -> None:
    put(tmp_path, GOOD + "training: {epochs: 4, seed: 7}\n", "base/base.yaml")
    put(tmp_path, "extends: ../base/base.yaml\ntraining: {epochs: 5}\n", "mid/mid.yaml")
    config = load(tmp_path, "extends: mid/mid.yaml\nmodel: {crf: true}\n")
    assert (config.training.epochs, config.training.seed, config.model.crf) == (5, 7, True)
    assert config.encoder.size == "tiny"


def test_an_absolute_path_may_be_extended(tmp_path: Path) -> None:
    base = put(tmp_path, GOOD, "base.yaml")
    assert load(tmp_path, f"extends: {base}\n").data.train == "a.jsonl"


@pytest.mark.parametrize("base", ["encoder: minilm-l6", "encoder: {name: minilm-l6, size: base}"])
def test_the_short_form_of_the_encoder_is_a_name_in_every_file_of_a_chain(tmp_path: Path, base: str) -> None:
    put(tmp_path, f"data: {{train: a, dev: b}}\n{base}\n", "base.yaml")
    assert load(tmp_path, "extends: base.yaml\nencoder: {max_pieces: 64}\n").encoder.name == "minilm-l6"
    config = load(tmp_path, "extends: base.yaml\nencoder: gte-small\n")
    assert config.encoder.name == "gte-small"


def test_a_circle_of_files_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "extends: c.yaml\n", "other.yaml")
    assert "c.yaml: extends itself; expected a chain of files that ends" in problem(tmp_path, "extends: other.yaml\n")


def test_a_missing_base_is_named_with_the_nearest_one(tmp_path: Path) -> None:
    put(tmp_path, GOOD, "atis.yaml")
    message = problem(tmp_path, "extends: atsi.yaml\n")
    assert f"{tmp_path / 'atsi.yaml'}: cannot be read (No such file or directory); expected a YAML file" in message
    assert f"Did you mean {tmp_path / 'atis.yaml'}?" in message


@pytest.mark.parametrize("base", ["", "5", "[a.yaml, b.yaml]", '"a\\0b"'])
def test_extends_takes_one_path(tmp_path: Path, base: str) -> None:
    assert "expected the path of one YAML file" in problem(tmp_path, f"extends: {base}\n")


# --set --------------------------------------------------------------------------------------------------------------


def test_set_reaches_every_kind_of_value(tmp_path: Path) -> None:
    assignments = ["training.epochs=3", "training.learning_rate=2e-5", "model.crf=true", "data.format=goo"]
    config = load(tmp_path, GOOD, *assignments, "data.on_misfit=error", "data.train=dir with blanks/a=b.jsonl")
    assert (config.training.epochs, config.training.learning_rate, config.model.crf) == (3, 2e-5, True)
    assert (config.data.format, config.data.on_misfit) == ("goo", "error")
    assert config.data.train == "dir with blanks/a=b.jsonl"


def test_set_clears_a_value_with_null_and_keeps_words_words(tmp_path: Path) -> None:
    config = load(tmp_path, GOOD + "training: {patience: 2}\n", "data.format=null", "data.train=nan")
    assert config.data.format is None
    assert config.data.train == "nan"


def test_set_takes_the_short_form_of_the_encoder(tmp_path: Path) -> None:
    content = "data: {train: a, dev: b}\nencoder: minilm-l6\n"
    assert load(tmp_path, content, "encoder=scratch", "encoder.size=tiny").encoder.size == "tiny"
    assert load(tmp_path, content, "encoder.size=small", "encoder=scratch").encoder.size == "small"
    assert load(tmp_path, content, "encoder.max_pieces=64").encoder.name == "minilm-l6"


def test_the_last_set_wins(tmp_path: Path) -> None:
    assert load(tmp_path, GOOD, "training.epochs=3", "training.epochs=4").training.epochs == 4


@pytest.mark.parametrize(
    ("assignment", "wanted"),
    [
        ("training.epochs", "--set training.epochs: is not an assignment; expected section.key=value"),
        ("=5", "is not an assignment"),
        ("training..epochs=5", "is not an assignment"),
        ("training=5", "'training' is a section; expected section.key=value"),
        ("training.epochs.more=5", "training.epochs"),
        ("training.epochs=[1, 2]", "training.epochs: [1, 2] is wrong; expected a valid integer"),
        ("training.epochs=[", "'[' is not YAML"),
        ("training.seed=2024-13-45", "is not YAML (month must be in 1..12)"),
        ("trainin.epochs=5", "trainin: unknown key with value {'epochs': 5}; did you mean 'training'?"),
        ("training.epoch=5", "training.epoch: unknown key with value 5; did you mean 'epochs'?"),
        ("data.train.deep=5", "'train' is no section"),
        ("extends=other.yaml", "extends belongs into the file"),
    ],
)
def test_a_wrong_set_is_refused_by_name(tmp_path: Path, assignment: str, wanted: str) -> None:
    assert wanted in problem(tmp_path, GOOD, assignment)


# YAML is data -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ("training: !!python/object/apply:os.system ['true']", "could not determine a constructor for the tag"),
        ("a: &a [1, 2]\nb: [*a, *a]", "aliases (*name) are not taken"),
        ("a: &a [*a]", "aliases (*name) are not taken"),
        ("model: &m {crf: true}\nother: {<<: *m}", "aliases (*name) are not taken"),
        ("training: {epochs: 2, epochs: 3}", "'epochs' stands here twice"),
        ("data: {}\ndata: {}", "'data' stands here twice"),
        ("training: {seed: 2024-13-45}", "month must be in 1..12"),
        ("[" * 5000, "nested too deeply"),
        ("a: b: c", "mapping values are not allowed here"),
        ("a: \x07", "special characters are not allowed"),
    ],
)
def test_what_is_more_than_data_or_no_yaml_is_refused(tmp_path: Path, content: str, wanted: str) -> None:
    message = problem(tmp_path, content)
    assert message.startswith(f"{tmp_path / 'c.yaml'}: is not YAML: ")
    assert wanted in message


def test_a_bomb_of_aliases_is_refused_before_it_grows(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    assert len(problem(tmp_path, "\n".join(lines))) < 400


@pytest.mark.parametrize(("content", "what"), [("", "is empty"), ("- a", "holds a list"), ("word", "holds a str")])
def test_a_file_without_sections_is_refused(tmp_path: Path, content: str, what: str) -> None:
    assert f"{what}; expected sections" in problem(tmp_path, content)


def test_a_file_that_is_not_utf_8_or_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes(b"data: caf\xe9")
    with pytest.raises(ConfigError, match="is not YAML: 'utf-8' codec"):
        load_config(tmp_path / "latin.yaml")
    with pytest.raises(ConfigError, match="cannot be read \\(Is a directory\\)"):
        load_config(tmp_path)


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    assert load(tmp_path, "\ufeff" + GOOD).data.dev == "b.jsonl"


# what is written can be read ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SHIPPED, ids=[path.name for path in SHIPPED])
def test_a_shipped_config_loads_round_trips_and_its_header_trains_that_very_file(tmp_path: Path, path: Path) -> None:
    config = load_config(path)
    assert load(tmp_path, config.to_yaml()) == config
    header = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    assert any(f"jointbert train configs/{path.name} --output models/{path.stem}" in line for line in header)


def test_to_yaml_spells_out_defaults_and_keeps_odd_values(tmp_path: Path) -> None:
    config = load(
        tmp_path, GOOD, "data.train='字 #1: \"x\"'", "training.learning_rate=1.2345678901e-7", "data.dev='no'"
    )
    assert load(tmp_path, config.to_yaml()) == config
    assert yaml.safe_load(config.to_yaml())["training"]["patience"] == 3
    assert config.data.dev == "no"


def test_a_config_does_not_change(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="frozen"):
        load(tmp_path).training.epochs = 5  # type: ignore[misc]
