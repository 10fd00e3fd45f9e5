"""Scope in training: what is out of scope trains no intent, scorers and thresholds come from train and dev alone."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import toy

from jointbert.checkpoint.folder import load_folder, make_predictor
from jointbert.cli.main import main
from jointbert.codec.scope import SCORERS
from jointbert.config import Config, ScopeConfig
from jointbert.data import read
from jointbert.errors import ConfigError, DataError
from jointbert.evaluation.scope import auroc
from jointbert.inference.nlu import NLU
from jointbert.training.corpus import Corpus, Outside, load_corpus, read_splits
from jointbert.training.run import train
from jointbert.training.scope import BY_DEV, fit_scope, see

ODD = ["2 + 2", "why is the sky blue", "xylophone quartz jumbled", "zzz", "who won", "is it art"]
OOS = [{"text": text, "intent": "oos"} for text in ODD]


def settings(folder: Path, scope: dict[str, Any], **data: Any) -> Config:
    """A config on 24 utterances in scope and 3 out of it, and on 8 and 3 of dev."""
    plain = toy.config(folder, toy.rows(24, 1) + OOS[:3], toy.rows(8, 2) + OOS[3:], data=data)
    return Config.model_validate(plain.model_dump() | {"scope": scope})


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scoped")
    train(settings(folder, {"scorer": "auto", "outside_share": 0.2}, out_of_scope_intent="oos"), folder / "model")
    return folder


@pytest.fixture
def copy(trained: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(trained / "model", tmp_path / "model"))


def fit(folder: Path, corpus: Corpus, **config: Any) -> Any:
    model, contents = load_folder(folder)
    return fit_scope(make_predictor(model, contents.codec, states=True), corpus, ScopeConfig(**config))


def corpus(trained: Path, outside: Outside) -> Corpus:
    given, _, _ = read_splits(settings(trained, {}, out_of_scope_intent="oos").data)
    dev = [item for item in read(trained / "dev.jsonl") if item.intent != "oos"]
    return Corpus(given, dev, load_folder(trained / "model")[1].labels, outside)


def test_training_fits_what_its_config_asks_for(trained: Path) -> None:
    nlu = NLU.load(trained / "model")
    assert nlu.labels.intents is not None and "oos" not in nlu.labels.intents
    assert nlu.scope is not None and nlu.scope.intent == "oos"
    chosen = nlu.scope.chosen
    counts = [chosen[key] for key in ("train", "train_out_of_scope", "dev", "dev_out_of_scope")]
    assert counts == [24, 3, 8, 3] and (chosen["rule"], chosen["outside_share"]) == (BY_DEV.format(share=20), 0.2)
    assert [row["scorer"] for row in chosen["scores"]] == list(SCORERS)
    best = max(chosen["scores"], key=lambda row: row["auroc"])
    assert (nlu.scope.scorer.name, nlu.scope.threshold) == (best["scorer"], best["threshold"])
    card = (trained / "model" / "model_card.md").read_text()
    assert "Scope: out of scope is what" in card and "if 20 % of all are out of scope" in card
    parse = nlu.parse("fly to Rome")
    assert isinstance(parse.in_scope, bool) and parse.to_dict()["scope_score"] == parse.scope_score


def test_the_numbers_are_those_of_the_parses(trained: Path) -> None:
    nlu = NLU.load(trained / "model")
    assert nlu.scope is not None
    dev = read(trained / "dev.jsonl")
    scores = {True: [], False: []}  # type: ignore[var-annotated]
    for item in dev:
        scores[item.intent == "oos"].append(nlu.parse(item.text).scope_score)
    row = next(row for row in nlu.scope.chosen["scores"] if row["scorer"] == nlu.scope.scorer.name)
    assert auroc(np.array(scores[False]), np.array(scores[True])) == pytest.approx(row["auroc"], abs=0.07)


def test_no_scope_is_fitted_unless_asked_for(tmp_path: Path) -> None:
    found = load_corpus(settings(tmp_path, {}, out_of_scope_intent="oos").data)
    assert found.labels.intents is not None and "oos" not in found.labels.intents
    assert (len(found.train), len(found.dev), len(found.outside.train), len(found.outside.dev)) == (24, 8, 3, 3)
    plain = load_corpus(settings(tmp_path, {}).data)
    assert plain.labels.intents is not None and "oos" in plain.labels.intents and plain.outside == Outside()


def test_files_of_their_own_are_all_out_of_scope(tmp_path: Path) -> None:
    more = toy.write(tmp_path / "more.jsonl", [{"text": "tell me a joke"}, {"text": "what is art", "intent": "fun"}])
    found = load_corpus(
        settings(tmp_path, {}, out_of_scope_intent="oos", out_of_scope_train=more, out_of_scope_dev=more).data
    )
    assert [item.text for item in found.outside.dev][-2:] == ["tell me a joke", "what is art"]
    assert len(found.outside.train) == 5 and "fun" not in (found.labels.intents or ())
    own = settings(tmp_path, {}, out_of_scope_intent="oos", out_of_scope_as_intent=True, out_of_scope_train=more).data
    trained_too = load_corpus(own)
    assert trained_too.labels.intents is not None and "oos" in trained_too.labels.intents
    assert (
        len(trained_too.train) == 24 + 5 and len(trained_too.dev) == 8 + 3 and "fun" not in trained_too.labels.intents
    )


def test_what_cannot_be_asked_for_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"out_of_scope_as_intent: is true, and no intent marks"):
        load_corpus(settings(tmp_path, {}).data.model_copy(update={"out_of_scope_as_intent": True}))
    only = toy.config(tmp_path, OOS, OOS, data={"out_of_scope_intent": "oos"})
    with pytest.raises(DataError, match=r"train\.jsonl: holds no utterance in scope"):
        load_corpus(only.data)


def test_without_anything_out_of_scope_a_share_of_dev_is_kept(trained: Path) -> None:
    for keep in (0.5, 1.0):
        scope = fit(trained / "model", corpus(trained, Outside("oos")), scorer="auto", keep=keep)
        row = next(row for row in scope.chosen["scores"] if row["scorer"] == "mahalanobis")
        assert scope.scorer.name == "mahalanobis" and row["kept"] >= keep and row["auroc"] is None
        assert f"keeps {100 * keep:g} % of" in scope.chosen["rule"]
        assert "knn-contrast" not in [row["scorer"] for row in scope.chosen["scores"]]


def test_a_scorer_by_name_and_one_that_lacks_what_it_needs(trained: Path) -> None:
    assert fit(trained / "model", corpus(trained, Outside("oos")), scorer="energy").scorer.name == "energy"
    with pytest.raises(DataError, match=r"knn-contrast cannot be used: no training utterance is out of scope"):
        fit(trained / "model", corpus(trained, Outside("oos")), scorer="knn-contrast")


@pytest.mark.parametrize(
    ("scorer", "intents", "message"),
    [
        ("knn-contrast", True, "knn-contrast cannot be used: no training utterance is out of scope"),
        ("max-probability", False, "max-probability cannot be used: the model gives no intents"),
    ],
)
def test_a_scorer_that_cannot_work_is_refused_before_training(
    tmp_path: Path, scorer: str, intents: bool, message: str
) -> None:
    plain = toy.config(tmp_path, toy.rows(24, 1, intents=intents), toy.rows(8, 2, intents=intents))
    config = Config.model_validate(plain.model_dump() | {"scope": {"scorer": scorer}})
    with pytest.raises(DataError, match=message):
        train(config, tmp_path / "model")
    assert not (tmp_path / "model").exists(), "something was trained, or an older model was touched"


def test_states_come_in_the_order_of_the_utterances(trained: Path) -> None:
    model, contents = load_folder(trained / "model")
    predictor = make_predictor(model, contents.codec, states=True)
    some = read(trained / "dev.jsonl")
    together, alone = see(predictor, some), [see(predictor, [item]) for item in some]
    np.testing.assert_allclose(together.states, np.concatenate([one.states for one in alone]), atol=1e-4)
    assert see(predictor, []).states.shape == (0, 0)


def leave(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as leaving:
        main([str(argument) for argument in arguments])
    return int(leaving.value.code or 0)


def test_the_command_gives_another_scope_and_takes_it_away(
    copy: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert leave("scope", copy, "--scorer", "knn", "--outside-share", "0.3", "--json", tmp_path / "s.json") == 0
    out, err = capfd.readouterr()
    assert "knn *" in out and "knn from " in out and "if 30 % of all are out of scope" in out and err == ""
    found = json.loads((tmp_path / "s.json").read_text())
    assert (found["scorer"], found["outside_share"]) == ("knn", 0.3)
    scope = NLU.load(copy).scope
    assert scope is not None and scope.scorer.name == "knn" and scope.intent == "oos"
    card = (copy / "model_card.md").read_text()
    assert f"\n- Scope: out of scope is what `knn` scores below {scope.threshold:.6g}, chosen on 8 dev" in card
    assert card.count("Scope:") == 1 and "if 30 % of all" in card and "if 20 % of all" not in card
    assert leave("scope", copy, "--remove") == 0
    assert NLU.load(copy).scope is None
    removed = (copy / "model_card.md").read_text()
    assert removed.endswith("\n- Scope: the model does not tell what is out of scope\n") and "knn" not in removed
    assert removed.splitlines()[:15] == card.splitlines()[:15], "the rest of the card stays"
    assert leave("scope", copy, "--scorer", "knn", "--outside-share", "0.3") == 0
    assert (copy / "model_card.md").read_text() == card


def test_the_intent_that_marks_what_is_out_of_scope_is_remembered(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A model that was trained without one, given it once: forgotten, out of scope would count as in scope."""
    train(settings(tmp_path, {}), tmp_path / "model")
    assert leave("scope", tmp_path / "model", "--scorer", "knn", "--out-of-scope", "oos") == 0
    first = NLU.load(tmp_path / "model").scope
    assert leave("scope", tmp_path / "model", "--scorer", "knn", "--outside-share", "0.4") == 0
    out, err = capfd.readouterr()
    assert "'oos' marks what is out of scope, as in the scope that the model has" in err
    assert "if 40 % of all are out of scope" in out
    second = NLU.load(tmp_path / "model").scope
    assert first is not None and second is not None and first.intent == second.intent == "oos"
    assert leave("scope", tmp_path / "model", "--remove") == 0
    assert leave("scope", tmp_path / "model", "--scorer", "knn") == 0
    forgotten = NLU.load(tmp_path / "model").scope
    assert forgotten is not None and forgotten.intent is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--scorer", "oracle"], "error: --scorer: 'oracle' is wrong"),
        (["--keep", "1.5"], "error: --keep: 1.5 is wrong"),
        (["--outside-share", "1"], "error: --outside-share: 1.0 is wrong (Input should be less than 1)"),
        (["--dev", "nowhere.jsonl"], "error: nowhere.jsonl: is not there"),
    ],
)
def test_the_users_mistakes_exit_2(
    copy: Path, arguments: list[str], message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert leave("scope", copy, *arguments) == 2
    assert message in capfd.readouterr().err


def test_a_folder_that_does_not_say_what_it_was_trained_on(copy: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (copy / "training.yaml").unlink()
    assert leave("scope", copy) == 2
    assert "training.yaml: does not name the training data" in capfd.readouterr().err


def test_evaluate_leaves_out_what_is_out_of_scope_and_shows_how_it_is_told(
    trained: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    model, dev, scores = trained / "model", trained / "dev.jsonl", tmp_path / "s.json"
    assert leave("evaluate", model, dev, "--json", scores) == 0
    out = capfd.readouterr().out
    assert "Scope: 8 utterances in scope, 3 out of scope" in out and "left out of intent" in out
    found = json.loads(scores.read_text())
    assert found["utterances"] == 8 and found["scope"]["outside"] == 3
    assert leave("evaluate", model, dev, "--out-of-scope-data", dev, "--brief", "--json", scores) == 0
    assert json.loads(scores.read_text())["scope"]["outside"] == 3 + 11
    alone = toy.write(tmp_path / "alone.jsonl", OOS)
    assert leave("evaluate", model, alone) == 2
    assert "holds only utterances out of scope" in capfd.readouterr().err


def test_a_mistyped_intent_is_warned_of_wherever_it_is_given(
    copy: Path, trained: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    said = "no utterance has the intent 'ooss' that is to mark what is out of scope. Did you mean 'oos'?"
    load_corpus(settings(tmp_path, {}, out_of_scope_intent="ooss").data)
    assert f"{tmp_path / 'train.jsonl'} and {tmp_path / 'dev.jsonl'}: {said}" in caplog.text
    assert leave("scope", copy, "--out-of-scope", "ooss", "--scorer", "knn") == 0
    assert f"warning: {trained / 'train.jsonl'} and {trained / 'dev.jsonl'}: {said}" in capfd.readouterr().err
    assert leave("scope", copy, "--remove") == 0
    assert leave("evaluate", copy, trained / "dev.jsonl", "--out-of-scope", "ooss", "--brief") == 0
    assert f"warning: {trained / 'dev.jsonl'}: {said}" in capfd.readouterr().err


def test_an_intent_that_one_split_alone_has_is_not_mistyped(
    trained: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    given = {"out_of_scope_intent": "oos"}
    load_corpus(toy.config(tmp_path, toy.rows(24, 1), toy.rows(8, 2) + OOS, data=given).data)
    load_corpus(toy.config(tmp_path, toy.rows(24, 1) + OOS, toy.rows(8, 2), data=given).data)
    more = toy.write(tmp_path / "more.jsonl", [{"text": text} for text in ODD])
    named = given | {"out_of_scope_as_intent": True, "out_of_scope_train": more}
    load_corpus(toy.config(tmp_path, toy.rows(24, 1), toy.rows(8, 2), data=named).data)
    inside = toy.write(tmp_path / "inside.jsonl", toy.rows(8, 2))
    assert leave("evaluate", trained / "model", inside, "--out-of-scope", "oos", "--brief") == 0
    assert "no utterance has the intent" not in caplog.text + capfd.readouterr().err


def test_evaluate_says_that_a_model_cannot_tell(copy: Path, trained: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert leave("scope", copy, "--remove") == 0
    assert leave("evaluate", copy, trained / "dev.jsonl", "--out-of-scope", "oos") == 0
    out = " ".join(capfd.readouterr().out.split())
    assert "The model does not tell what is out of scope; teach it with: jointbert scope" in out


def test_an_intent_of_its_own_is_an_intent_and_never_in_scope(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    own = settings(tmp_path, {"scorer": "auto"}, out_of_scope_intent="oos", out_of_scope_as_intent=True)
    train(own, tmp_path / "model")
    nlu = NLU.load(tmp_path / "model")
    assert nlu.labels.intents is not None and "oos" in nlu.labels.intents
    assert nlu.scope is not None and nlu.scope.outside_id == nlu.labels.intents.id("oos")
    chosen = nlu.scope.chosen
    counts = [chosen[key] for key in ("train", "train_out_of_scope", "dev", "dev_out_of_scope")]
    assert counts == [24, 3, 8, 3]
    parses = nlu.parse_many([item.text for item in read(tmp_path / "train.jsonl")])
    assert not any(parse.in_scope for parse in parses if parse.intent == "oos")
    assert leave("evaluate", tmp_path / "model", tmp_path / "dev.jsonl", "--json", tmp_path / "s.json") == 0
    scores = json.loads((tmp_path / "s.json").read_text())
    assert scores["utterances"] == 11 and (scores["scope"]["inside"], scores["scope"]["outside"]) == (8, 3)
    assert "left out of" not in capfd.readouterr().out
