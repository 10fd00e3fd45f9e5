"""``jointbert data similar``: what it lists, in which order, as JSON, and that no text steers the terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tiny import family
from typer.testing import CliRunner, Result

from jointbert.cli.main import app

UTTERANCES = (
    ("book a flight from boston to las vegas", "book"),
    ("play some jazz by miles davis, please", "play"),
    ("Book a  flight from Boston to Las Vegas", "cancel"),
    ("cafe hotel zurich tomorrow at noon", "book"),
    ("[bold red]jazz[/] \x1b[31m", "play"),
)
PLACES = (("train.jsonl", 2), ("dev.jsonl", 1))  # of the second one


def line(text: str, intent: str) -> str:
    return json.dumps({"text": text, "intent": intent, "slots": []}) + "\n"


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> str:
    place = tmp_path_factory.mktemp("encoder")
    network, tokenizer = family("bert")
    network.save_pretrained(place)
    tokenizer.save_pretrained(place)
    return str(place)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    Path("train.jsonl").write_text("".join(line(*item) for item in UTTERANCES))
    Path("dev.jsonl").write_text(line(*UTTERANCES[1]) + line("what is a dev_hand", "play"))
    Path("dev_hand.jsonl").write_text(line(*UTTERANCES[1]))
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["data", "similar", *arguments])


def test_pairs_are_listed_the_most_alike_first(data: Path, encoder: str) -> None:
    result = run(".", "--encoder", encoder, "--threshold", "0.9999")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [
        "1.000  different intents",
        "  train.jsonl:1 book: book a flight from boston to las vegas",
        "  train.jsonl:3 cancel: Book a  flight from Boston to Las Vegas",
        "1.000",
        "  train.jsonl:2 play: play some jazz by miles davis, please",
        "  dev.jsonl:1 play: play some jazz by miles davis, please",
        "2 pairs at 0.9999 or above among 7 utterances, 1 of them with different intents; 2 shown",
    ]
    note, unknown, few = result.stderr.splitlines()
    assert note == "note: dev_hand is a part of dev and is left out"
    assert unknown.startswith("warning: ") and "unknown to the encoder's vocabulary" in unknown
    assert few.startswith("warning: 6 different texts are too few to tell what all have in common")


def test_json_has_the_pairs_and_their_numbers(data: Path, encoder: str) -> None:
    arguments = ("train.jsonl", "--encoder", encoder, "--threshold", "0.9999", "--json")
    shape = json.loads(run(*arguments).stdout)
    assert {key: shape[key] for key in ("encoder", "utterances", "total", "conflicts")} == {
        "encoder": encoder,
        "utterances": 5,
        "total": 1,
        "conflicts": 1,
    }
    [pair] = shape["pairs"]
    assert (pair["cosine"], pair["conflict"]) == (pytest.approx(1.0, abs=1e-5), True)
    assert pair["first"] == {"text": UTTERANCES[0][0], "intent": "book", "where": "train.jsonl:1"}
    assert pair["second"] == {"text": UTTERANCES[2][0], "intent": "cancel", "where": "train.jsonl:3"}


def test_top_and_conflicts_choose_what_is_shown(data: Path, encoder: str) -> None:
    everything = run("train.jsonl", "dev.jsonl", "--encoder", encoder, "--threshold", "-1", "--top", "3")
    assert "16 pairs at -1 or above among 7 utterances" in everything.stdout
    assert everything.stdout.count("train.jsonl:") + everything.stdout.count("dev.jsonl:") == 6
    clashes = run("train.jsonl", "dev.jsonl", "--encoder", encoder, "--threshold", "0.9999", "--conflicts")
    assert "dev.jsonl" not in clashes.stdout and "2 pairs at 0.9999" in clashes.stdout


def test_the_nearest_to_a_text(data: Path, encoder: str) -> None:
    text = "PLAY some jazz by miles davis, please"
    result = run("train.jsonl", "dev.jsonl", "--encoder", encoder, "--text", text, "--top", "2")
    assert result.exit_code == 0, result.output
    head, first, second = result.stdout.splitlines()
    assert head == f"nearest to {text}"
    assert first.split("  ", 1)[1] in (f"{file}:{line} play: {UTTERANCES[1][0]}" for file, line in PLACES)
    assert float(first.split()[0]) > float(second.split()[0]) > -1
    shape = json.loads(run("train.jsonl", "--encoder", encoder, "--text", UTTERANCES[1][0], "--json").stdout)
    assert shape["text"] == UTTERANCES[1][0]
    first = shape["nearest"][0]
    assert first == {
        "cosine": pytest.approx(1.0, abs=1e-5),
        "count": 1,
        "text": UTTERANCES[1][0],
        "intent": "play",
        "where": "train.jsonl:2",
    }
    cosines = [item["cosine"] for item in shape["nearest"]]
    assert len(cosines) == 5 and cosines == sorted(cosines, reverse=True)


def test_no_text_is_markup_or_steers_the_terminal(data: Path, encoder: str) -> None:
    pairs = run("train.jsonl", "--encoder", encoder, "--threshold", "-1")
    near = run("train.jsonl", "--encoder", encoder, "--text", "\x1b[2J [bold]hi")
    for shown in (pairs.output, near.output):
        assert r"[bold red]jazz[/] \x1b[31m" in shown
        assert "\x1b" not in shown
    assert r"nearest to \x1b[2J [bold]hi" in near.stdout


def test_mistakes_are_one_message(data: Path, encoder: str) -> None:
    missing = run("nowhere.jsonl", "--encoder", encoder)
    assert (missing.exit_code, missing.stderr.count("\n")) == (2, 1)
    assert missing.stderr.startswith("error: nowhere.jsonl: ")
    unknown = run("train.jsonl", "--encoder", str(data / "nothing"))
    assert unknown.exit_code == 2 and unknown.stderr.startswith("error: encoder ")
    assert run("train.jsonl", "--threshold", "2").exit_code == 2
    assert run("train.jsonl", "--top", "0").exit_code == 2


def test_what_the_encoder_could_not_read_is_said(data: Path, encoder: str) -> None:
    Path("long.jsonl").write_text(line("las vegas " * 40, "book") + line("hi", "book"))
    assert "1 of 2 texts are longer than the encoder's 40 pieces" in run("long.jsonl", "--encoder", encoder).stderr


@pytest.mark.parametrize("language", ["en", "zh"])
def test_by_itself_it_takes_an_encoder_of_the_package_and_few_pairs_are_alike(language: str, repository: Path) -> None:
    dev = repository / f"datasets/demo-{language}/dev.jsonl"
    result = run(str(dev), "--json")
    assert result.exit_code == 0, result.output
    assert result.stderr == (
        f"note: the encoder is mini-{language}, by the script of the texts; choose another with --encoder\n"
    )
    shape = json.loads(result.stdout)
    assert (shape["encoder"], shape["utterances"]) == (f"mini-{language}", 300)
    assert shape["total"] < 0.01 * 300 * 299 / 2, "unrelated texts count as near-duplicates"


def test_a_named_encoder_is_taken_without_a_word(data: Path, encoder: str) -> None:
    assert "the encoder is" not in run("train.jsonl", "--encoder", encoder).stderr
