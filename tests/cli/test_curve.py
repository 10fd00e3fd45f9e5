"""jointbert curve: growing shares, what the last step gained, a stopped run goes on; and the reading of a curve."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from pathlib import Path

import pytest
import toy
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from jointbert.cli.main import main
from jointbert.config import Config
from jointbert.errors import DataError, ModelError
from jointbert.evaluation.learning import FEW, TOP, Gain, LearningCurve, read_off
from jointbert.evaluation.learning_view import draw_learning_curve, render_curve, statement, write_csv
from jointbert.evaluation.significance import Interval
from jointbert.training import learning_curve as module
from jointbert.training.learning_curve import learning_curve, take_share
from jointbert.utterance import Parse, Span, Utterance


def leave(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as leaving:
        main(["curve", *(str(argument) for argument in arguments)])
    return int(leaving.value.code or 0)


# shares -------------------------------------------------------------------------------------------------------------


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=60), st.integers(0, 3))
def test_shares_are_nested_and_stratified(intents: list[str], seed: int) -> None:
    everything = [Utterance(f"t{number}", intent) for number, intent in enumerate(intents)]
    shares = {percent: take_share(everything, percent, seed) for percent in (0.5, 10, 25, 50, 100)}
    assert shares[100] == list(range(len(everything)))
    for small, large in ((0.5, 10), (10, 25), (25, 50), (50, 100)):
        assert set(shares[small]) <= set(shares[large])
    totals = Counter(intents)
    for percent, share in shares.items():
        counts = Counter(intents[index] for index in share)
        assert all(0 <= counts[name] - totals[name] * percent / 100 < 1 for name in totals)
        assert set(counts) == set(totals)
    assert shares[50] == take_share(everything, 50, seed)


# the command --------------------------------------------------------------------------------------------------------


def test_a_run_tells_what_the_last_step_gained_and_goes_on_after_a_stop(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    config, output = tmp_path / "c.yaml", tmp_path / "curve"
    config.write_text(
        toy.config(tmp_path, toy.rows(160, 1), toy.rows(60, 2), training={"epochs": 4}).to_yaml(), encoding="utf-8"
    )
    command = [config, "-o", output, "--shares", "100,2"]
    original, stopped = module.load_predictor, []

    def stop_once(folder: Path) -> object:
        stopped.append(folder.name)
        if len(stopped) == 2:
            raise KeyboardInterrupt
        return original(folder)

    monkeypatch.setattr(module, "load_predictor", stop_once)
    assert leave(*command) == 130
    kept = (output / "share-2.jsonl").read_bytes()
    assert stopped == ["share-2", "share-100"] and not (output / "curve.csv").exists()
    assert leave(*command) == 0
    out, err = capfd.readouterr()
    assert stopped == ["share-2", "share-100", "share-100"], "what was finished is not trained again"
    assert (output / "share-2.jsonl").read_bytes() == kept
    assert "From 2 % to 100 % of the training data (" in out and "sentence accuracy +" in out
    assert "These gained from that step and " in out
    assert "interrupted" in err and "Traceback" not in err
    names = {path.name for path in output.iterdir()}
    assert names == {"shares.json", "share-2.jsonl", "share-100.jsonl", "curve.csv", "curve.png", "curve.json"}
    found = json.loads((output / "curve.json").read_text(encoding="utf-8"))
    assert [step["percent"] for step in found["steps"]] == [2, 100]
    assert found["steps"][1]["utterances"] == 160
    assert found["steps"][1]["scores"]["sentence_accuracy"] > found["steps"][0]["scores"]["sentence_accuracy"]
    assert any(gain["sure"] for gain in found["gains"])
    assert all(gain["climbing"] == (gain["sure"] and gain["after"] < TOP) for gain in found["gains"])
    assert (output / "curve.png").read_bytes().startswith(b"\x89PNG")
    (output / "share-2").mkdir()  # as a stop after the parses leaves it
    assert leave(*command) == 0 and len(stopped) == 3, "nothing was left to train"
    assert {path.name for path in output.iterdir()} == names


def test_mistakes_exit_2(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    config, output = tmp_path / "c.yaml", tmp_path / "curve"
    config.write_text(toy.small(tmp_path).to_yaml(), encoding="utf-8")
    for shares in ("100", "0,100", "50,101", "nan,100", "50,half"):
        assert leave(config, "-o", output, "--shares", shares) == 2
    err = capfd.readouterr().err
    assert err.count("error: shares: are ") == 5
    assert "error: shares: are 100; expected two different ones at least, above 0 and up to 100." in err
    assert "error: shares: are '50,half'; expected numbers with commas between them." in err
    assert leave(tmp_path / "none.yaml", "-o", output) == 2
    assert not output.exists()


@pytest.fixture
def guessed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The shares that are run; their parses are guesses, so that no time is spent on training."""
    names: list[str] = []

    def guess(config: object, corpus: module.Corpus, part: object, path: Path) -> list[Parse]:
        names.append(path.stem)
        parses = [Parse(utterance.text, "bye") for utterance in corpus.dev]
        path.write_text("".join(json.dumps(parse.to_dict()) + "\n" for parse in parses), encoding="utf-8")
        return parses

    monkeypatch.setattr(module, "_run", guess)
    return names


def test_without_an_output_the_folder_is_named_after_the_config(
    tmp_path: Path, guessed: list[str], capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my.demo.yaml").write_text(toy.small(tmp_path).to_yaml(), encoding="utf-8")
    assert leave("my.demo.yaml", "--shares", "50,100") == 0 and guessed == ["share-50", "share-100"]
    out, err = capfd.readouterr()
    assert err == "writing to curves/my.demo (another place: --output FOLDER)\n" and "Learning curve" in out
    assert (tmp_path / "curves" / "my.demo" / "curve.csv").is_file()
    assert leave("my.demo.yaml", "--shares", "50,100") == 0 and len(guessed) == 2, "what is finished is kept"
    assert leave("none.yaml") == 2 and "writing to" not in capfd.readouterr().err.splitlines()[-1]


def test_new_shares_are_added_broken_ones_run_again_and_other_configs_start_anew(
    tmp_path: Path, guessed: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    output = tmp_path / "curve"
    learning_curve(toy.small(tmp_path), output, (50, 100))
    learning_curve(toy.small(tmp_path), output, (12.5, 50, 100))
    assert guessed == ["share-50", "share-100", "share-12.5"]
    broken = output / "share-50.jsonl"
    broken.write_text(broken.read_text(encoding="utf-8")[:-30], encoding="utf-8")
    learning_curve(toy.small(tmp_path), output, (50, 100))
    assert guessed[3:] == ["share-50"]
    learning_curve(toy.small(tmp_path, training={"seed": 6}), output, (50, 100))
    assert guessed[4:] == ["share-50", "share-100"]
    assert not (output / "share-12.5.jsonl").exists()
    assert f"{output}: is of another config, other data or another encoder; starting anew" in caplog.messages


def test_other_value_lists_or_another_encoder_in_the_same_place_start_anew(tmp_path: Path, guessed: list[str]) -> None:
    values, encoder = tmp_path / "values.yaml", tmp_path / "mine" / "model.safetensors"
    encoder.parent.mkdir()
    encoder.write_bytes(b"weights")
    values.write_text("city: [Paris]\n", encoding="utf-8")
    sections = {"data": {"substitution": 0.5, "values": str(values)}, "encoder": {"name": str(encoder.parent)}}
    for content, weights, trained in (("Paris", b"weights", 2), ("Berlin", b"weights", 4), ("Berlin", b"others", 6)):
        values.write_text(f"city: [{content}]\n", encoding="utf-8")
        encoder.write_bytes(weights)
        for _ in range(2):
            learning_curve(toy.small(tmp_path, **sections), tmp_path / "curve", (50, 100))
            assert len(guessed) == trained


def test_a_smaller_share_is_trained_for_as_many_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def train(config: Config, folder: Path, *, corpus: module.Corpus, **_: object) -> None:
        asked.append((len(corpus.train), config.training.epochs, config.training.patience))
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "train", train)
    config = toy.small(tmp_path, training={"epochs": 5, "patience": 2})
    corpus = module.load_corpus(config.data)
    for count in (1, 3, 12, 24):
        with pytest.raises(KeyboardInterrupt):
            module._run(config, corpus, corpus.train[:count], tmp_path / "share.jsonl")
    assert asked == [(1, 40, 16), (3, 40, 16), (12, 10, 4), (24, 5, 2)]
    assert config.training.epochs == 5
    assert module.trained_as_long(config.model_copy(update={"training": config.training}), 1.0) == config


def test_what_others_have_written_is_never_removed(tmp_path: Path, guessed: list[str]) -> None:
    mine = tmp_path / "curve" / "share-prices.txt"
    mine.parent.mkdir()
    mine.write_text("precious", encoding="utf-8")
    with pytest.raises(ModelError, match="was not written by a learning curve; expected a free place"):
        learning_curve(toy.small(tmp_path), tmp_path / "curve")
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ModelError, match="cannot be used"):
        learning_curve(toy.small(tmp_path), tmp_path / "file")
    assert mine.read_text(encoding="utf-8") == "precious" and guessed == []


# reading a curve ----------------------------------------------------------------------------------------------------

CITY, RARE = "[b]city$", "rare"


def known(missed: int = 0) -> tuple[list[Utterance], list[Parse], list[Parse]]:
    """Dev of 40 utterances; the slot of 30 is learned in the last step but for those missed, that of 5 is in both."""
    dev, before, after = [], [], []
    for number in range(40):
        text = f"to rome {number}"
        slot = CITY if number < 30 else RARE if number < 35 else None
        spans = (Span.of(text, slot, 3, 7),) if slot else ()
        dev.append(Utterance(text, "x" if number % 2 else "y", spans))
        before.append(Parse(text, "x" if number % 2 else "y", spans=() if 10 <= number < 30 else spans))
        after.append(Parse(text, "x" if number % 2 else "y", spans=() if number < missed else spans))
    return dev, before, after


def test_the_label_that_climbs_is_named_with_its_numbers() -> None:
    dev, before, after = known(missed=3)
    curve = read_off(dev, [(50, dev[:20], before), (100, dev, after)])
    assert [(gain.kind, gain.name, gain.is_climbing) for gain in curve.gains] == [
        ("slot", CITY, True),
        ("intent", "x", False),
        ("intent", "y", False),
        ("slot", RARE, False),
    ]
    city, rare = curve.gains[0], curve.gains[-1]
    after_it = 2 * 27 / (30 + 27)
    assert (city.before, city.after, city.in_train, city.in_dev) == (0.5, pytest.approx(after_it), 30, 30)
    assert city.change is not None and city.change.value == pytest.approx(after_it - 0.5)
    assert rare.change is None and rare.in_dev < FEW
    said = statement(curve)
    assert said[0].startswith("From 50 % to 100 % of the training data (20 to 40 utterances): sentence accuracy +42.5")
    assert "would probably gain most from more data: slot [b]city$ (F1 +44.7 to 94.7, 95 % interval +" in said[1]
    assert said[1].endswith("; 30 examples in train, 30 in dev).")
    assert said[2] == "In fewer than 10 dev utterances, so not judged: rare."


def test_what_is_at_the_top_is_promised_nothing_more() -> None:
    dev, before, after = known()
    curve = read_off(dev, [(50, dev[:20], before), (100, dev, after)])
    assert curve.climbing == () and [gain.name for gain in curve.arrived] == [CITY]
    said = statement(curve)
    assert said[1].startswith("These gained from that step and are at the top, so there is little left to gain: slot ")
    assert "(F1 +50.0 to 100.0, 95 % interval +" in said[1] and "more data" not in " ".join(said)


def test_what_would_gain_most_is_what_climbs_and_still_has_room() -> None:
    scores = {"all but there": (0.2, 0.98), "there": (0.2, 0.99), "on the way": (0.5, 0.7), "slowly": (0.5, 0.55)}
    gains = [
        Gain("slot", name, before, after, Interval(after - before, 0.01, 0.9), 50, 50)
        for name, (before, after) in scores.items()
    ]
    curve = LearningCurve((), (), tuple(gains))
    assert [gain.name for gain in curve.climbing] == ["on the way", "slowly", "all but there"]
    assert [gain.name for gain in curve.arrived] == ["there"]


@pytest.mark.parametrize(("places", "judged"), [(1, False), (FEW - 1, False), (FEW, True)])
def test_many_examples_in_few_utterances_are_not_judged(places: int, judged: bool) -> None:
    """Resamples draw utterances: they cannot differ where one holds all examples, nor where all gain alike."""
    dev, before = [], []
    for number in range(20):
        text = "rome " * 20 + str(number)
        many = 20 // places if number < places else 0
        spans = tuple(Span.of(text, CITY, 5 * place, 5 * place + 4) for place in range(many))
        dev.append(Utterance(text, "x", spans))
        before.append(Parse(text, "x"))
    after = [Parse(each.text, "x", spans=each.spans) for each in dev]
    [gain] = [each for each in read_off(dev, [(50, dev, before), (100, dev, after)]).gains if each.kind == "slot"]
    assert gain.in_dev >= FEW and (gain.change is not None) == gain.is_sure == judged
    assert gain.change is None or gain.change.low == pytest.approx(1.0 - 2 * 3 / FEW), "the rule of three"


def test_a_flat_curve_says_so() -> None:
    dev, _, after = known()
    said = statement(read_off(dev, [(50, dev[:20], after), (100, dev, after)]))
    assert said[1] == "No intent and no slot gained more from that step than the choice of dev utterances explains."
    with pytest.raises(DataError, match="0 parses for 40 gold utterances"):
        read_off(dev, [(50, dev, []), (100, dev, after)])


def test_more_shares_than_a_terminal_has_room_for_stand_in_tables_one_below_the_other() -> None:
    dev, before, after = known()
    percents = (1, 5, 10, 12.5, 25, 50, 75)
    trained = [(percent, dev[: round(0.4 * percent)], before) for percent in percents]
    out = io.StringIO()
    render_curve(read_off(dev, [*trained, (100, dev, after)]), Console(file=out, width=80))
    heads = [
        line.split() for line in out.getvalue().splitlines() if "%" in line and line.startswith("┃") and "┃  " in line
    ]
    shown = [word for head in heads for word in head if word.replace(".", "").isdigit()]
    assert shown == [f"{percent:g}" for percent in (*percents, 100)]
    assert out.getvalue().count("│ slot [b]city$ ") == out.getvalue().count("│ sentence accuracy ") == 2
    assert "…" not in out.getvalue() and max(map(len, out.getvalue().splitlines())) <= 80


def test_table_csv_and_picture_show_names_as_text(tmp_path: Path) -> None:
    dev, before, after = known()
    curve, out = read_off(dev, [(50, dev[:20], before), (100, dev, after)]), io.StringIO()
    render_curve(curve, Console(file=out, width=120))
    assert "slot [b]city$" in out.getvalue() and "+50.0 *" in out.getvalue() and "0.0 ?" in out.getvalue()
    write_csv(curve, tmp_path / "c.csv")
    rows = list(csv.DictReader((tmp_path / "c.csv").open(encoding="utf-8", newline="")))
    assert len(rows) == 2 * (3 + 4)
    [row] = [row for row in rows if row["name"] == CITY and row["percent"] == "50"]
    assert (row["score"], row["train_examples"], row["dev_examples"]) == ("0.500000", "20", "30")
    overall = next(row for row in rows if row["name"] == "sentence accuracy")
    assert float(overall["low"]) < float(overall["score"]) == 0.5 < float(overall["high"])
    draw_learning_curve(curve, tmp_path / "c.png")
    assert (tmp_path / "c.png").read_bytes().startswith(b"\x89PNG")
