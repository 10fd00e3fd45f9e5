"""``jointbert data``: what each command prints, writes and refuses."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from jointbert.cli.data import app
from jointbert.data import read
from jointbert.data.catalog import CATALOG, Dataset
from jointbert.errors import JointBertError

FLY = '{"text": "fly to boston", "intent": "fly", "slots": [{"slot": "city", "start": 7, "end": 13}]}\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, wide enough to read."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JOINTBERT_MIRROR", raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def lines(count: int, intent: str = "fly") -> str:
    return "".join(json.dumps({"text": f"fly {n}", "intent": intent, "slots": []}) + "\n" for n in range(count))


def fails(*arguments: str | Path) -> str:
    """The message of the mistake that a command reports."""
    result = run(*arguments)
    assert isinstance(result.exception, JointBertError), result.output
    return str(result.exception)


@pytest.fixture
def tiny(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    """A one-file dataset in the catalog, and a mirror of it in ``mirror/``."""
    body = FLY.encode()
    checksum = hashlib.sha256(body).hexdigest()
    made = Dataset(
        "tiny", "a line", "English", {"train": 1}, "CC0 1.0", "@misc{tiny}", "owner/tiny", "0" * 40, "tiny",
        {"train.jsonl": checksum}, {"train.jsonl": "train.jsonl"},
    )  # fmt: skip
    monkeypatch.setitem(CATALOG, "tiny", made)
    (folder / "mirror/tiny").mkdir(parents=True)
    (folder / "mirror/tiny/train.jsonl").write_bytes(body)
    return made


def test_list_shows_every_known_dataset_and_whether_it_is_here(tiny: Dataset) -> None:
    before = run("list")
    assert before.exit_code == 0
    for dataset in CATALOG.values():
        for fact in (dataset.about, dataset.language, dataset.licence, dataset.home):
            assert fact in before.stdout
    assert "no; jointbert data get tiny" in before.stdout
    run("get", "tiny", "--mirror", "mirror")
    assert "datasets/tiny, verified" in run("list").stdout
    Path("datasets/tiny/train.jsonl").write_text("")
    assert "datasets/tiny, but train.jsonl was changed" in run("list").stdout


def test_get_says_where_from_and_under_which_licence(tiny: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOINTBERT_MIRROR", "mirror")
    result = run("get", "tiny")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "datasets/tiny: 1 utterances, verified, from mirror",
        "licence: CC0 1.0",
        f"upstream: {tiny.home}",
        "please cite:",
        "@misc{tiny}",
    ]
    assert Path("datasets/tiny/train.jsonl").read_text() == FLY
    assert "already complete and verified; nothing to do" in run("get", "tiny").stdout


def test_get_elsewhere(tiny: Dataset) -> None:
    assert run("get", "tiny", "--mirror", "mirror", "--output", "here/it").exit_code == 0
    assert Path("here/it/train.jsonl").exists()


def test_get_of_an_unknown_name(folder: Path) -> None:
    assert "Did you mean 'atis'?" in fails("get", "atiss")


def test_convert(folder: Path) -> None:
    Path("a.jsonl").write_text(FLY)
    result = run("convert", "a.jsonl", "out", "--to", "goo")
    assert (result.exit_code, result.stdout) == (0, "out: 1 utterances\n")
    assert Path("out/seq.out").read_text() == "O O B-city\n"
    assert run("convert", "out", "b.jsonl", "--from", "goo").exit_code == 0
    assert read("b.jsonl")[0].spans == read("a.jsonl")[0].spans


def test_convert_replaces_nothing_unless_forced(folder: Path) -> None:
    Path("a.jsonl").write_text(FLY)
    Path("b.jsonl").write_text("mine")
    assert fails("convert", "a.jsonl", "b.jsonl") == (
        "b.jsonl: exists already; expected a new path. Add --force to replace it."
    )
    assert Path("b.jsonl").read_text() == "mine"
    assert run("convert", "a.jsonl", "b.jsonl", "--force").exit_code == 0
    assert read("b.jsonl") == read("a.jsonl")


NLU = """nlu:
- intent: fly
  examples: |
    - fly to [NYC](city)
- synonym: New York
  examples: |
    - NYC
    - big apple
- lookup: city
  examples: |
    - Rome
- regex: zip
  examples: |
    - [0-9]{5}
- lookup: airport
  examples: |
    - JFK
"""
LEFT_OUT = [
    "warning: nlu.yml: 2 left out (lookup-section: nlu.yml:9, nlu.yml:15). The first: the lookup section 'city' was "
    "skipped; this package trains on utterances.",
    "warning: nlu.yml: 1 left out (regex-section: nlu.yml:12). The first: the regex section 'zip' was skipped; this "
    "package trains on utterances.",
    "warning: nlu.yml: 1 left out (unused-synonym: nlu.yml:5). The first: no slot needs 1 of the 2 texts of the "
    "synonym 'New York': 'big apple'.",
]


@pytest.mark.parametrize("target", ["b.yml", "b.jsonl"])
def test_convert_warns_of_what_rasa_has_beside_utterances(target: str, folder: Path) -> None:
    Path("nlu.yml").write_text(NLU)
    result = run("convert", "nlu.yml", target)
    assert (result.exit_code, result.stdout) == (0, f"{target}: 1 utterances\n")
    assert result.stderr.splitlines() == LEFT_OUT
    assert read(target) == read("nlu.yml")


def test_split_warns_of_it_too(folder: Path) -> None:
    Path("nlu.yml").write_text(NLU)
    result = run("split", "nlu.yml", "out", "--ratios", "1,0")
    assert result.exit_code == 0
    assert result.stderr.splitlines() == LEFT_OUT


def test_convert_warns_of_many_places_in_one_line(folder: Path) -> None:
    Path("a.jsonl").write_text('{"text": "hi", "cats": ["greet"], "Comments": ["old"]}\n' * 7)
    [line] = run("convert", "a.jsonl", "b.jsonl", "--from", "doccano").stderr.splitlines()
    places = ", ".join(f"a.jsonl:{number}" for number in range(1, 6))
    assert line == (
        f"warning: a.jsonl: 7 left out (other-key: {places} and 2 more). The first: the key 'Comments' was skipped."
    )


def test_convert_counts_what_is_no_text_intent_or_slot_and_cannot_be_carried(folder: Path) -> None:
    slots = [{"slot": "city", "start": 7, "end": 13, "canonical": "Boston, MA", "confidence": 0.5}]
    line = {"text": "fly to boston", "intent": "fly", "slots": slots, "id": "7", "tokens": ["fly", "to", "boston"]}
    Path("a.jsonl").write_text(json.dumps(line) + "\n")
    assert run("convert", "a.jsonl", "b.json", "--to", "snips").stderr == (
        "warning: snips has no place for them, so they were left out: 1 ids, 1 canonical values, 1 confidences, "
        "1 token offsets. jsonl carries all.\n"
    )
    Path("c.jsonl").write_text('{"text": " hi ", "intent": "greet", "slots": []}\n')
    assert "left out: 1 outer blanks" in run("convert", "c.jsonl", "c.yml").stderr


@pytest.mark.parametrize(
    ("line", "target", "why"),
    [
        (FLY, "b.csv", "'fly to boston' has slots, which csv cannot carry"),
        ('{"text": "a\\nb", "intent": "x"}', "b.yml", "holds a line break, which rasa cannot carry"),
        ('{"text": "fly to boston"}', "b.json", "'fly to boston' has no intent, which snips cannot carry"),
    ],
)
def test_convert_refuses_to_lose_a_text_an_intent_or_a_slot(line: str, target: str, why: str, folder: Path) -> None:
    Path("a.jsonl").write_text(line)
    assert why in fails("convert", "a.jsonl", target)
    assert not Path(target).exists()


def test_split_says_the_sizes(folder: Path) -> None:
    Path("a.jsonl").write_text(lines(20))
    result = run("split", "a.jsonl", "out", "--ratios", "0.7,0.2,0.1", "--seed", "3")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "out/train.jsonl: 14 utterances (70.0%)",
        "out/dev.jsonl: 4 utterances (20.0%)",
        "out/test.jsonl: 2 utterances (10.0%)",
    ]
    assert "exists already" in fails("split", "a.jsonl", "out")


def test_split_leaves_no_part_of_a_former_one(folder: Path) -> None:
    Path("a.jsonl").write_text(lines(20))
    run("split", "a.jsonl", "out")
    Path("out/dev_hand.jsonl").write_text(FLY)
    wanted = "out: a split exists already: train.jsonl, dev.jsonl, test.jsonl; expected a new folder. Add --force"
    for more in ([], ["--ratios", "0.7,0.3"], ["--to", "goo"]):
        assert fails("split", "a.jsonl", "out", *more).startswith(wanted)
    result = run("split", "a.jsonl", "out", "--ratios", "0.7,0.3", "--force")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "out/dev.jsonl: removed, left from a former split"
    assert sorted(part.name for part in Path("out").iterdir()) == ["dev_hand.jsonl", "test.jsonl", "train.jsonl"]


def test_split_removes_nothing_that_is_no_data(folder: Path) -> None:
    Path("a.jsonl").write_text(lines(20))
    Path("out").mkdir()
    config = "data: {train: a.jsonl}\nencoder: mini-en\n"
    others = {"train.yml": config, "test.json": '{"accuracy": 0.93}', "dev.csv": "a,b\n"}
    for name, content in others.items():
        Path("out", name).write_text(content)
    assert run("split", "a.jsonl", "out").exit_code == 0
    removed = run("split", "a.jsonl", "out", "--to", "goo", "--force").stdout.splitlines()[3:]
    assert removed == [f"out/{name}.jsonl: removed, left from a former split" for name in ("train", "dev", "test")]
    assert {name: Path("out", name).read_text() for name in others} == others


def test_split_into_another_format_replaces_the_former_one_whole(folder: Path) -> None:
    Path("a.jsonl").write_text(lines(20))
    run("split", "a.jsonl", "out", "--to", "goo")
    Path("out/dev/notes.txt").write_text("mine")
    assert "a split exists already: train, dev, test;" in fails("split", "a.jsonl", "out")
    assert run("split", "a.jsonl", "out", "--force").exit_code == 0
    kept = ["dev", "dev.jsonl", "notes.txt", "test.jsonl", "train.jsonl"]
    assert sorted(part.name for part in Path("out").rglob("*")) == kept


def test_a_split_that_fails_leaves_the_former_one_whole(folder: Path) -> None:
    """Half of one split beside half of another is leakage."""
    Path("a.jsonl").write_text(lines(20))
    Path("b.jsonl").write_text(lines(20).replace('"slots": []', '"slots": [{"slot": "n", "start": 4, "end": 5}]'))
    assert run("split", "a.jsonl", "out", "--to", "csv").exit_code == 0
    before = {part.name: part.read_bytes() for part in Path("out").iterdir()}
    Path("c.jsonl").write_text(Path("a.jsonl").read_text() + Path("b.jsonl").read_text().splitlines()[7])
    for seed in range(6):  # wherever the line with a slot lands
        said = fails("split", "c.jsonl", "out", "--to", "csv", "--seed", str(seed), "--force")
        assert "which csv cannot carry" in said
        assert {part.name: part.read_bytes() for part in Path("out").iterdir()} == before
    fails("split", "c.jsonl", "fresh", "--to", "csv")
    assert not list(Path("fresh").iterdir())
    assert "which csv cannot carry" in fails("split", "c.jsonl", "fresh", "--to", "csv"), "again, and no former split"


def test_split_removes_not_what_it_splits(folder: Path) -> None:
    Path("train.jsonl").write_text(lines(20))
    for source, to in (("train.jsonl", "goo"), ("train.jsonl", "rasa")):
        assert "is the data to split, and would be removed" in fails("split", source, ".", "--to", to, "--force")
    assert [part.name for part in folder.iterdir()] == ["train.jsonl"]


def test_split_says_what_cannot_be_removed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    Path("a.jsonl").write_text(lines(20))
    run("split", "a.jsonl", "out")
    monkeypatch.setattr("jointbert.data.former.remove_part", refuse)
    said = fails("split", "a.jsonl", "out", "--ratios", "0.7,0.3", "--force")
    assert said == "out/dev.jsonl: cannot be removed (Permission denied). Remove it: it is of a former split."


def test_split_says_which_parts_got_nothing(folder: Path) -> None:
    Path("a.jsonl").write_text(lines(2))
    result = run("split", "a.jsonl", "out", "--ratios", "0.8,0.2,0")
    assert "warning: dev got no utterances: each intent has too few." in result.stderr
    assert "test got" not in result.stderr


def test_split_into_another_format(folder: Path) -> None:
    Path("a.jsonl").write_text(lines(10))
    assert run("split", "a.jsonl", "out", "--to", "goo").exit_code == 0
    assert len(read("out/train")) == 8


@pytest.mark.parametrize(("ratios", "message"), [("a,b", "--ratios: 'a,b' is no list"), ("1,1", "ratios: are 1, 1;")])
def test_split_refuses_wrong_ratios(ratios: str, message: str, folder: Path) -> None:
    Path("a.jsonl").write_text(lines(3))
    assert message in fails("split", "a.jsonl", "out", "--ratios", ratios)
    assert not Path("out").exists()


def test_stats_as_tables(folder: Path) -> None:
    Path("train.jsonl").write_text(FLY)
    Path("test.jsonl").write_text(lines(3, "walk"))
    output = run("stats", ".").stdout
    assert "2 intents, in utterances" in output
    assert "1 slots, in spans" in output
    rows = [[cell.strip() for cell in line.strip("│").split("│")] for line in output.splitlines() if "│" in line]
    assert ["walk", "0", "3"] in rows
    assert ["city", "1", "1", "0", "0"] in rows
    assert ["train", "1", "1", "1", "3 / 3 / 3 / 3 / 3", "13 / 13 / 13 / 13 / 13"] in rows


def test_stats_with_many_intents_says_what_it_leaves_out(folder: Path) -> None:
    Path("a.jsonl").write_text("".join(lines(1, f"intent_{n}") for n in range(45)))
    assert "… and 5 more; --json lists them all" in run("stats", "a.jsonl").stdout


def test_stats_as_json(folder: Path) -> None:
    Path("train.jsonl").write_text(FLY)
    found = json.loads(run("stats", "train.jsonl", "--json").stdout)
    assert found["train"]["slots"]["city"] == {"spans": 1, "values": 1, "commonest": [["boston", 1]]}


def test_stats_as_a_picture(folder: Path) -> None:
    Path("a.jsonl").write_text(FLY)
    assert "a.png: drawn" in run("stats", "a.jsonl", "--picture", "a.png").stdout
    assert Path("a.png").read_bytes().startswith(b"\x89PNG")


def test_check_of_good_data_exits_0(folder: Path) -> None:
    Path("a.jsonl").write_text(lines(5))
    result = run("check", "a.jsonl")
    assert (result.exit_code, result.stdout) == (0, "0 errors, 0 warnings, 0 infos\n")


def test_infos_alone_exit_0(folder: Path) -> None:
    Path("a.jsonl").write_text(lines(5) + lines(1))
    result = run("check", "a.jsonl")
    assert result.exit_code == 0
    assert result.stdout.endswith("0 errors, 0 warnings, 1 infos\n")


def test_an_empty_file_is_an_error(folder: Path) -> None:
    Path("empty.jsonl").touch()
    result = run("check", "empty.jsonl")
    assert result.exit_code == 2
    assert "empty.jsonl there are 0 utterances; expected at least one" in result.stdout
    assert result.stdout.endswith("1 errors, 0 warnings, 0 infos\n")


@pytest.mark.parametrize("to", ["labelstudio", "doccano"])
def test_what_split_writes_can_be_checked_and_counted(to: str, folder: Path) -> None:
    Path("a.jsonl").write_text(lines(60))
    assert run("split", "a.jsonl", "out", "--to", to).exit_code == 0
    assert run("check", "out").stdout == "0 errors, 0 warnings, 0 infos\n"
    assert list(json.loads(run("stats", "out", "--json").stdout)) == ["train", "dev", "test"]


def test_leaks_from_training_are_found_by_its_longer_name(folder: Path) -> None:
    for name in ("training", "test"):
        Path(f"{name}.jsonl").write_text(lines(40))
    result = run("check", ".")
    assert (result.exit_code, result.stderr) == (2, "")
    assert result.stdout.startswith("warning leak (40)")


@pytest.mark.parametrize("command", ["check", "stats"])
def test_data_without_the_name_of_a_split_is_told_of(command: str, folder: Path) -> None:
    for name in ("train", "more"):
        Path(f"{name}.jsonl").write_text(lines(5))
    result = run(command, ".", "--json")
    assert result.exit_code == 0
    assert result.stderr == (
        "warning: .: left out, for the name says neither train, dev nor test: more.jsonl. "
        "Name it beside the folder to take it in.\n"
    )
    assert json.loads(result.stdout) is not None


def test_check_lists_findings_by_rule_and_counts_them(folder: Path) -> None:
    Path("train.jsonl").write_text(lines(5))
    Path("test.jsonl").write_text(lines(3))
    result = run("check", ".", "--show", "2")
    assert result.exit_code == 2
    printed = result.stdout.splitlines()
    assert printed[:5] == [
        "warning leak (3)",
        "  test.jsonl:1 'fly 0' is in more than one split (train 1, test 1): train.jsonl:1, test.jsonl:1",
        "      → Keep it in one, or the score counts what was learned by heart.",
        "  test.jsonl:2 'fly 1' is in more than one split (train 1, test 1): train.jsonl:2, test.jsonl:2",
        "  … and 1 more (--show 0 lists them all)",
    ]
    assert printed[-1] == "0 errors, 3 warnings, 0 infos"
    assert [cell.strip() for cell in printed[-3].strip("│").split("│")] == ["leak", "warning", "3"]
    assert "more (--show" not in run("check", ".", "--show", "0").stdout


def test_check_as_json(folder: Path) -> None:
    Path("a.jsonl").write_text(lines(1))
    result = run("check", "a.jsonl", "--json")
    assert result.exit_code == 2
    assert json.loads(result.stdout) == [
        {
            "where": "a.jsonl:1",
            "rule": "few-utterances",
            "severity": "warning",
            "message": "intent 'fly' has 1 utterance; expected at least 5",
            "suggestion": "Write more, or merge it with another intent.",
        }
    ]


@pytest.mark.parametrize(("name", "unknown"), [("mini-zh", False), ("mini-en", True)])
def test_check_takes_the_known_names_of_encoders(name: str, unknown: bool, folder: Path) -> None:
    Path("a.jsonl").write_text(json.dumps({"text": "我要听周杰伦的歌", "intent": "play", "slots": []}) + "\n")
    result = run("check", "a.jsonl", "--encoder", name, "--min-count", "1")
    assert (result.exit_code, "unknown-pieces" in result.stdout) == (2 * unknown, unknown), result.output


def test_check_looks_for_encoders_on_the_shelf(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from jointbert.model.names import SHIPPED

    (folder / "shelf").mkdir()
    (folder / "shelf/gte-small-en").symlink_to(SHIPPED / "mini-en")
    monkeypatch.setenv("JOINTBERT_ENCODERS", "shelf")
    Path("a.jsonl").write_text(lines(5))
    assert run("check", "a.jsonl", "--encoder", "gte-small").exit_code == 0
    assert "nowhere: does not exist" in fails("check", "a.jsonl", "--encoder", "./nowhere")


def test_check_with_a_known_name_loads_no_torch(folder: Path) -> None:
    Path("a.jsonl").write_text(lines(5))
    program = (
        "import sys, atexit\natexit.register(lambda: print('torch' in sys.modules))\n"
        "from jointbert.cli.main import main\nmain(['data', 'check', 'a.jsonl', '--encoder', 'mini-en'])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "False"), done.stderr


def test_thresholds_reach_the_rules(folder: Path) -> None:
    Path("a.jsonl").write_text(lines(1))
    assert run("check", "a.jsonl", "--min-count", "1").exit_code == 0
    assert "long-text" in run("check", "a.jsonl", "--min-count", "1", "--max-chars", "3").stdout
    assert "min_count: is 0" in fails("check", "a.jsonl", "--min-count", "0")


def test_broken_lines_are_findings_not_the_end(folder: Path) -> None:
    Path("a.jsonl").write_text(lines(5) + "{broken\n")
    result = run("check", "a.jsonl")
    assert result.exit_code == 2
    assert "a.jsonl:6" in result.stdout
    assert result.stdout.endswith("1 errors, 0 warnings, 0 infos\n")


def test_a_path_that_does_not_exist_is_an_error(folder: Path) -> None:
    for command in ("check", "stats"):
        assert "does not exist" in fails(command, "nothing.jsonl")


@pytest.mark.parametrize("evil", ["\x1b[2J", "\x9b2J", "\u202e", "[bold]x[/bold]", "[/nonsense]", ":smile:"])
def test_user_text_neither_steers_the_terminal_nor_is_markup(evil: str, folder: Path) -> None:
    name = f"a{evil}b"
    slots = [{"slot": name, "start": 0, "end": 1}]
    line = json.dumps({"text": f"x {evil}", "intent": name, "slots": slots}) + "\n"
    Path("a.jsonl").write_text(line)
    for arguments in (["check", "a.jsonl"], ["check", "a.jsonl", "--json"], ["stats", "a.jsonl"]):
        output = run(*arguments).stdout
        assert all(character.isprintable() or character == "\n" for character in output)
        if evil.isprintable():
            assert evil in output
