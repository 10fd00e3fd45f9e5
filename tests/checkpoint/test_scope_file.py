"""A folder's scope: what is kept is what is read, for every scorer; every way of breaking it is refused by name."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file
from tiny import ENGLISH, codec, folder, model

from jointbert.checkpoint.contents import open_contents
from jointbert.checkpoint.folder import load_predictor, make_predictor, save_folder
from jointbert.checkpoint.manifest import MANIFEST, seal
from jointbert.checkpoint.scope_file import ARRAYS, FILE, scope_files, write_scope
from jointbert.codec.scope import SCORERS, Scope
from jointbert.codec.scope_scorer import Evidence
from jointbert.errors import ModelError
from jointbert.inference.nlu import NLU
from jointbert.utterance import Parse

TEXTS = [*ENGLISH, "", "帮我订12月3号CA1234的票"]


def scope(name: str, width: int = 32, threshold: float = 0.0) -> Scope:
    random = np.random.default_rng(3)
    states = random.normal(size=(12, width)).astype(np.float32)
    evidence = Evidence(states, np.arange(12, dtype=np.int64) % 3, states[:4] + 5)
    return Scope(SCORERS[name].fit(evidence), threshold, "oos", None, {"rule": "none"})


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = folder(tmp_path_factory.mktemp("saved") / "model")
    write_scope(place, scope("mahalanobis", threshold=-40.0))
    return place


@pytest.fixture
def copy(saved: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(saved, tmp_path / "copy"))


@pytest.mark.parametrize("name", SCORERS)
def test_what_is_kept_is_what_is_read(name: str, copy: Path) -> None:
    expected = scope(name, threshold=0.25)
    before = open_contents(copy).version
    write_scope(copy, expected)
    contents = open_contents(copy)
    assert contents.scope is not None and contents.version != before
    assert (contents.scope.threshold, contents.scope.intent, contents.scope.chosen) == (0.25, "oos", {"rule": "none"})
    assert (copy / ARRAYS).exists() == expected.needs_state and not list(copy.glob("*.part"))
    path = make_predictor(model(), codec(), None, expected)
    parses = load_predictor(copy).parse_many(TEXTS)
    for found, parse in zip(parses, path.parse_many(TEXTS), strict=True):
        assert found.in_scope == parse.in_scope and found.scope_score == pytest.approx(parse.scope_score)


def bare(parse: Parse) -> tuple[Any, ...]:
    return (parse.text, parse.intent, parse.ranking, parse.spans, parse.frame_confidence)


def test_a_scope_changes_nothing_else_and_can_be_left_or_taken_away(copy: Path) -> None:
    scoped, plain = NLU.load(copy), NLU.load(copy, scoped=False)
    assert scoped.scope is not None and plain.scope is None
    for one, other in zip(scoped.parse_many(TEXTS), plain.parse_many(TEXTS), strict=True):
        assert bare(one) == bare(other)
        assert isinstance(one.in_scope, bool) and isinstance(one.scope_score, float)
        assert other.in_scope is None and other.scope_score is None
    assert scoped.uncalibrated().parse(ENGLISH[0]).scope_score == pytest.approx(scoped.parse(ENGLISH[0]).scope_score)
    write_scope(copy, None)
    assert NLU.load(copy).scope is None and not (copy / FILE).exists() and not (copy / ARRAYS).exists()


def test_files_that_speak_of_the_scope_are_written_along_with_it(copy: Path) -> None:
    write_scope(copy, None, {"model_card.md": b"# none\n"})
    assert (copy / "model_card.md").read_bytes() == b"# none\n" and NLU.load(copy).scope is None
    write_scope(copy, scope("knn"), {"model_card.md": b"# knn\n"})
    assert (copy / "model_card.md").read_bytes() == b"# knn\n" and not list(copy.glob("*.part"))
    assert NLU.load(copy).scope is not None


def test_a_model_without_a_scope_asks_for_no_states() -> None:
    joint = model()
    asked: list[bool] = []
    score = joint.score
    joint.score = lambda arrays, state=False: (asked.append(state), score(arrays, state))[1]  # type: ignore[method-assign]
    make_predictor(joint, codec()).parse_many(TEXTS)
    make_predictor(joint, codec(), None, scope("energy")).parse_many(TEXTS)
    assert set(asked) == {False}
    make_predictor(joint, codec(), None, scope("knn")).parse_many(TEXTS)
    assert asked[-1]


def test_training_anew_takes_an_old_scope_away(copy: Path) -> None:
    from tiny import LABELS, english

    save_folder(copy, model(), english(), LABELS, {})
    assert NLU.load(copy).scope is None and not (copy / ARRAYS).exists()


@pytest.mark.parametrize("name", [FILE, ARRAYS])
@pytest.mark.parametrize("how", ["missing", "truncated", "foreign"])
def test_a_broken_file_is_named(name: str, how: str, copy: Path) -> None:
    path = copy / name
    if how == "missing":
        path.unlink()
    elif how == "truncated":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    else:
        path.write_bytes(scope_files(scope("mahalanobis", 16, threshold=-3.0))[name])
    with pytest.raises(ModelError, match=name.replace(".", r"\.") + ": "):
        NLU.load(copy)


FOREIGN: dict[str, tuple[str, Any]] = {
    "a width of another model": (ARRAYS, scope("mahalanobis", 16)),
    "arrays of another scorer": (ARRAYS, scope("knn")),
    "no scorer": (FILE, {"threshold": 1.0}),
    "an unknown scorer": (FILE, {"scorer": "oracle", "threshold": 1.0, "intent": None}),
    "no number": (FILE, {"scorer": "mahalanobis", "threshold": "much", "intent": None}),
    "no finite number": (FILE, {"scorer": "mahalanobis", "threshold": float("inf"), "intent": None}),
    "an intent of another kind": (FILE, {"scorer": "mahalanobis", "threshold": 1.0, "intent": 3}),
    "a list": (FILE, []),
}


@pytest.mark.parametrize("how", FOREIGN)
def test_what_is_sealed_but_wrong_is_named(how: str, copy: Path) -> None:
    name, content = FOREIGN[how]
    good = scope_files(content)[name] if isinstance(content, Scope) else json.dumps(content).encode()
    (copy / name).write_bytes(good)
    seal(copy)
    with pytest.raises(ModelError, match=name.replace(".", r"\.") + ": .*(scope|scorer|learned)"):
        NLU.load(copy)


def test_an_array_that_is_no_matrix_is_named(copy: Path) -> None:
    save_file({"whitener": np.ones(32, np.float32), "means": np.ones((2, 32), np.float32)}, copy / ARRAYS)
    seal(copy)
    with pytest.raises(ModelError, match=r"scope\.safetensors: cannot be read .* Fit it again with: jointbert scope"):
        NLU.load(copy)


def test_a_scope_on_intents_does_not_fit_a_model_without_any(tmp_path: Path) -> None:
    from tiny import LABELS, english

    from jointbert.labels import Labels

    labels = Labels(None, LABELS.slots)
    save_folder(tmp_path / "m", model(labels), english(), labels, scope_files(scope("energy")))
    with pytest.raises(ModelError, match=r"scope\.json: has the scorer 'energy', and the model gives no intents"):
        NLU.load(tmp_path / "m")


def test_a_record_of_exports_keeps_up_with_the_version(copy: Path) -> None:
    version = open_contents(copy).version
    (copy / "export.json").write_text(json.dumps({"version": version, "graphs": {}}))
    seal(copy)
    write_scope(copy, scope("knn"))
    assert json.loads((copy / "export.json").read_text())["version"] == open_contents(copy).version != version
    (copy / "export.json").write_text(json.dumps({"version": "another", "graphs": {}}))
    write_scope(copy, None)
    assert json.loads((copy / "export.json").read_text())["version"] == "another"


def test_a_folder_of_the_first_format_can_have_one(tmp_path: Path) -> None:
    place = folder(tmp_path / "old")
    settings = json.loads((place / "config.json").read_text())
    del settings["format_version"]
    (place / "config.json").write_text(json.dumps(settings))
    (place / MANIFEST).unlink()
    assert NLU.load(place).scope is None
    write_scope(place, scope("energy"))
    assert NLU.load(place).parse("hi").in_scope is not None
