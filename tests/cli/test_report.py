"""jointbert report: the files it writes, where it finds the training data, and what it says when it cannot."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from jointbert.cli.main import main

FILES = ["report.html", "report.md", "confusions.png", "slots.png", "reliability.png"]


def leave(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as leaving:
        main([str(argument) for argument in arguments])
    return int(leaving.value.code or 0)


def test_it_writes_a_page_markdown_and_pictures_and_says_where(
    toy_folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "new" / "report"
    wanted = ["--data", toy_folder / "dev.jsonl", "--output", folder]
    assert leave("report", toy_folder / "model", *wanted) == 0
    out, err = capfd.readouterr()
    assert out.splitlines() == [str(folder / name) for name in FILES]
    assert err == ""
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    assert all((folder / name).read_bytes().startswith(b"\x89PNG") for name in FILES[2:])
    page = (folder / "report.html").read_text(encoding="utf-8")
    text = (folder / "report.md").read_text(encoding="utf-8")
    assert f"of {toy_folder / 'train.jsonl'}." in page
    assert all(f"![{name.removesuffix('.png')}]({name})" in text for name in FILES[2:])
    assert "raw ECE" in page and "calibrated ECE" in page
    assert leave("evaluate", toy_folder / "model", toy_folder / "dev.jsonl", "--brief") == 0
    (sentence,) = re.findall(r"sentence ([\d.]+)", capfd.readouterr().out)
    assert f"Sentence accuracy<b>{sentence}</b>" in page


def test_without_its_training_data_it_says_so_and_train_names_it(
    toy_folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    model = tmp_path / "model"
    shutil.copytree(toy_folder / "model", model)
    config = (model / "training.yaml").read_text(encoding="utf-8")
    data = ["--data", toy_folder / "dev.jsonl", "--output", tmp_path / "out"]

    def page() -> str:
        assert leave("report", model, *data) == 0
        return (tmp_path / "out" / "report.html").read_text(encoding="utf-8")

    (model / "training.yaml").write_text(config.replace("train.jsonl", "gone.jsonl"), encoding="utf-8")
    assert "gone.jsonl, which is not here; name it with --train" in page()
    (model / "training.yaml").write_text("nonsense: 1\n", encoding="utf-8")
    assert (
        f"Training data: {model}/training.yaml cannot be used (data: is missing; expected a value); name it" in page()
    )
    (model / "training.yaml").unlink()
    assert f"Training data: {model}/training.yaml is missing; name it with --train." in page()
    data += ["--train", toy_folder / "train.jsonl"]
    assert f"of {toy_folder / 'train.jsonl'}." in page()
    assert capfd.readouterr().err == ""


def test_labels_that_the_model_does_not_know_are_told_as_evaluate_tells_them(
    toy_folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    rows = [json.loads(row) for row in (toy_folder / "dev.jsonl").read_text(encoding="utf-8").splitlines()]
    strange, model = tmp_path / "strange.jsonl", tmp_path / "model"
    new = [row | {"intent": "new_one"} for row in rows[:5]]
    strange.write_text("".join(json.dumps(row) + "\n" for row in new + rows[5:]), encoding="utf-8")
    shutil.copytree(toy_folder / "model", model)
    (model / "training.yaml").unlink()
    assert leave("report", model, "--data", strange, "--output", tmp_path / "out") == 0
    assert leave("evaluate", model, strange, "--json", tmp_path / "s.json") == 0
    (note,) = [
        each for each in json.loads((tmp_path / "s.json").read_text(encoding="utf-8"))["notes"] if "know" in each
    ]
    words, listed = note.split(": ", 1)
    text = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert f"Note: {words}: `{listed}`" in text and listed.startswith("'new_one' (5 utterances, the first at ")
    assert "**The model does not know 1 intent of this data.** (at most 12.5 points) `new_one`." in text
    assert "Read these: correct labels" not in text
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert words in page and "&#39;new_one&#39; (5 utterances" in page


def test_a_text_that_is_cut_is_advised_on_with_the_encoders_room(toy_folder: Path, tmp_path: Path) -> None:
    rows = [json.loads(row) for row in (toy_folder / "dev.jsonl").read_text(encoding="utf-8").splitlines()]
    long, model = tmp_path / "long.jsonl", tmp_path / "model"
    cut = [{"text": f"{'bye ' * 40}{number}", "intent": "order", "slots": []} for number in range(3)]
    long.write_text("".join(json.dumps(row) + "\n" for row in rows + cut), encoding="utf-8")
    assert leave("report", toy_folder / "model", "--data", long, "--output", tmp_path) == 0
    assert "Train with a larger `encoder.max_pieces`." in (tmp_path / "report.md").read_text(encoding="utf-8")
    shutil.copytree(toy_folder / "model", model)
    config = (model / "training.yaml").read_text(encoding="utf-8")
    (model / "training.yaml").write_text(config.replace("name: scratch", "name: models/x"), encoding="utf-8")
    assert leave("report", model, "--data", long, "--output", tmp_path) == 0
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert "Split such texts: the encoder has room for 32 pieces and no more." in text


def test_mistakes_of_the_user_exit_2(toy_folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file, empty = tmp_path / "file", tmp_path / "empty.jsonl"
    file.touch()
    empty.touch()
    model, dev = toy_folder / "model", toy_folder / "dev.jsonl"
    assert leave("report", model, "--data", dev, "--output", file) == 2
    assert f"error: {file}: cannot be written (File exists); expected a folder to write to." in capfd.readouterr().err
    assert leave("report", model, "--data", tmp_path / "none.jsonl") == 2
    assert leave("report", model, "--data", empty) == 2
    assert leave("report", model, "--data", dev, "--train", tmp_path / "none.jsonl") == 2
    assert leave("report", tmp_path / "none", "--data", dev) == 2
    assert leave("report", model) == 2
    err = capfd.readouterr().err
    assert err.count("error: ") == 4
    assert "Traceback" not in err


def test_a_picture_that_is_not_drawn_anew_does_not_stay(toy_folder: Path, tmp_path: Path) -> None:
    from jointbert.report.build import build_findings
    from jointbert.report.findings import Subject
    from jointbert.report.run import write_report
    from jointbert.utterance import Parse, Utterance

    assert leave("report", toy_folder / "model", "--data", toy_folder / "dev.jsonl", "--output", tmp_path) == 0
    gold, parses = [Utterance("hi", "a")], [Parse("hi", "a")]
    files = write_report(build_findings(Subject("m", "d"), gold, parses), gold, parses, tmp_path)
    assert [path.name for path in files] == FILES[:3]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES[:3])


# what is out of scope ------------------------------------------------------------------------------------------------

OOS = [{"text": text, "intent": "oos"} for text in ("2 + 2", "why is the sky blue", "xylophone quartz jumbled")]


@pytest.fixture(scope="module")
def scoped(toy_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a train and a dev file of which three utterances each are out of scope, and a model that tells."""
    folder = tmp_path_factory.mktemp("scoped")
    shutil.copytree(toy_folder / "model", folder / "model")
    for name in ("train", "dev"):
        inside = (toy_folder / f"{name}.jsonl").read_text(encoding="utf-8")
        (folder / f"{name}.jsonl").write_text(inside + "".join(json.dumps(row) + "\n" for row in OOS), encoding="utf-8")
    config = folder / "model" / "training.yaml"
    content = config.read_text(encoding="utf-8").replace(str(toy_folder), str(folder))
    config.write_text(content.replace("out_of_scope_intent: null", "out_of_scope_intent: oos"), encoding="utf-8")
    assert leave("scope", folder / "model", "--scorer", "max-probability") == 0
    return folder


def test_what_is_out_of_scope_is_counted_told_of_and_no_part_of_training(
    scoped: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert leave("report", scoped / "model", "--data", scoped / "dev.jsonl", "--output", tmp_path) == 0
    assert capfd.readouterr().err == ""
    page, text = ((tmp_path / name).read_text(encoding="utf-8") for name in FILES[:2])
    for form in (page, text):
        assert "Utterances out of scope, left out of intent, slot and sentence scores: 3." in form
        assert "40 utterances in scope, 3 out of it. What max-probability scores below " in form
        assert "oos&#39;" not in form and "'oos'" not in form, "the linter speaks of the intent that marks"
    assert f"Trained on 200 utterances of {scoped / 'train.jsonl'}, without 3 out of scope." in page
    assert f"Trained on 200 utterances of `{scoped / 'train.jsonl'}`, without 3 out of scope." in text
    assert leave("evaluate", scoped / "model", scoped / "dev.jsonl", "--json", tmp_path / "s.json") == 0
    scores = json.loads((tmp_path / "s.json").read_text(encoding="utf-8"))
    assert re.search(rf"\| AUROC \| .* \| {100 * scores['scope']['auroc']:.1f} \|", text)
    assert f"| Sentence accuracy | {100 * scores['sentence_accuracy']:.1f} |" in text
    more = ["--out-of-scope-data", scoped / "dev.jsonl", "--from", "jsonl", "--output", tmp_path]
    assert leave("report", scoped / "model", "--data", scoped / "dev.jsonl", *more) == 0
    assert "40 utterances in scope, 46 out of it." in (tmp_path / "report.md").read_text(encoding="utf-8")


def test_a_model_that_cannot_tell_still_leaves_out_what_is_marked_by_hand(
    toy_folder: Path, scoped: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    wanted = ["report", toy_folder / "model", "--data", scoped / "dev.jsonl", "--output", tmp_path]
    assert leave(*wanted, "--out-of-scope", "oos", "--train", scoped / "train.jsonl") == 0
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert "left out of intent, slot and sentence scores: 3." in text and "## Out of scope" not in text
    assert "The model does not tell what is out of scope; teach it with: jointbert scope" in text
    assert "Trained on 200 utterances of" in text
    assert leave(*wanted, "--out-of-scope", "ooss") == 0
    assert "no utterance has the intent 'ooss'" in capfd.readouterr().err


def test_a_file_that_is_all_out_of_scope_is_refused_as_evaluate_refuses_it(
    scoped: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    alone = tmp_path / "alone.jsonl"
    alone.write_text("".join(json.dumps(row) + "\n" for row in OOS), encoding="utf-8")
    assert leave("evaluate", scoped / "model", alone) == 2
    refused = capfd.readouterr().err
    assert f"error: {alone}: holds only utterances out of scope; expected some in scope." in refused
    assert leave("report", scoped / "model", "--data", alone, "--output", tmp_path / "out") == 2
    assert capfd.readouterr().err == refused
    assert not (tmp_path / "out").exists()
    assert leave("report", scoped / "model", "--data", scoped / "dev.jsonl", "--from", "conll") == 2
    assert leave("report", scoped / "model", "--data", scoped / "dev.jsonl", "--from", "nonsense") == 2
    assert capfd.readouterr().err.count("error: ") == 2


def test_it_has_the_options_of_evaluate(capfd: pytest.CaptureFixture[str]) -> None:
    told = []
    for command in ("report", "evaluate"):
        assert leave(command, "--help") == 0
        lines = " ".join(capfd.readouterr().out.split())
        told.append([re.search(rf"{option} <\w+> (.*?\.) ", lines) for option in ("--from", "--out-of-scope-data")])
    assert all(found is not None for row in told for found in row)
    assert [found[1] for found in told[0] if found] == [found[1] for found in told[1] if found]


# asking back --------------------------------------------------------------------------------------------------------


def test_the_code_that_asks_back_asks_below_its_threshold(repository: Path, toy_folder: Path) -> None:
    from jointbert import NLU

    document = (repository / "docs" / "parse-json.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```python\n(.*?)```", document, re.DOTALL)
    names: dict[str, Any] = {}
    exec(block, names)
    nlu = NLU.load(toy_folder / "model")
    sure = nlu.parse("fly to Rome").frame_confidence or 0.0
    names["ASK_BELOW"] = sure
    assert names["answer"](nlu, "fly to Rome") == "travel: city=Rome"
    names["ASK_BELOW"] = sure + 1e-6
    assert names["answer"](nlu, "fly to Rome") == "Sorry, could you say that in other words?"
