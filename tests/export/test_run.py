"""export: what it leaves behind when all is well, when int8 is refused or forced, when something is missing."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tiny
import toy

from jointbert.checkpoint.contents import open_contents
from jointbert.checkpoint.folder import make_predictor
from jointbert.checkpoint.manifest import read_seals
from jointbert.errors import DataError, MissingExtraError, ModelError
from jointbert.export import run
from jointbert.export.quantise import PLANS, write_int8
from jointbert.export.record import Exported
from jointbert.export.run import export
from jointbert.inference.nlu import NLU

pytestmark = pytest.mark.usefixtures("traced")
Row = dict[str, Any]


def texts(count: int) -> list[str]:
    words, chance = " ".join(tiny.ENGLISH).split(), random.Random(3)
    return [" ".join(chance.choices(words, k=chance.randint(1, 12))) for _ in range(count)]


@pytest.fixture(scope="session")
def strict() -> list[Row]:
    """400 utterances whose labels are what PyTorch says: whoever differs, loses. Some int8 logits do turn a label."""
    parses = make_predictor(tiny.model(), tiny.codec()).parse_many(texts(400))
    return [
        {
            "text": parse.text,
            "intent": parse.intent,
            "slots": [{"slot": span.slot, "start": span.start, "end": span.end} for span in parse.spans],
        }
        for parse in parses
    ]


@pytest.fixture(scope="session")
def lenient() -> list[Row]:
    """Utterances on which nobody is right, so that nobody can lose."""
    return [{"text": text, "intent": "nowhere"} for text in texts(20)]


@pytest.fixture
def place(tmp_path: Path) -> Callable[[list[Row]], Path]:
    """A saved tiny model whose ``training.yaml`` names the given dev set."""

    def make(dev: list[Row]) -> Path:
        folder = tiny.folder(tmp_path / "model")
        config = toy.config(tmp_path, toy.rows(4, 1), dev)
        (folder / "training.yaml").write_text(config.to_yaml(), encoding="utf-8")
        return folder

    return make


def record(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "export.json").read_text(encoding="utf-8"))
    return content


def seals(folder: Path) -> set[str]:
    return set(read_seals(folder) or ())


def check_tidy(folder: Path) -> None:
    assert not [path.name for path in folder.iterdir() if path.suffix in (".part", ".new")]


def test_both_graphs_are_written_proven_and_sealed(place: Any, lenient: list[Row], tmp_path: Path) -> None:
    folder, lines, shown = place(lenient), [], []
    version = open_contents(folder).version
    done = export(folder, int8=True, tell=lines.append, show=shown.append)
    assert [item.proof.engine for item in done] == ["onnx", "onnx-int8"] and shown == done and len(lines) == 4
    graphs = record(folder)["graphs"]
    assert record(folder)["version"] == version == open_contents(folder).version
    for item in done:
        entry = graphs[item.proof.engine]
        assert entry == item.to_dict() | {"data": str(tmp_path / "dev.jsonl")}
        assert entry["bytes"] == (folder / entry["file"]).stat().st_size
        assert (entry["kept"], entry["forced"], entry["utterances"]) == (True, False, 20)
        assert entry["changes"]["sentence_accuracy"] == 0.0 == entry["pytorch"]["sentence_accuracy"]
    assert graphs["onnx"]["largest_difference"] < 1e-3 and graphs["onnx"]["identical"] == 1.0
    assert graphs["onnx-int8"]["left_in_fp32"] == ["heads"] and "left_in_fp32" not in graphs["onnx"]
    assert {"model.onnx", "model.int8.onnx", "export.json"} <= seals(folder)
    check_tidy(folder)


def test_all_engines_parse_alike(place: Any, lenient: list[Row]) -> None:
    folder = place(lenient)
    export(folder, int8=True)
    some = texts(30)
    expected = NLU.load(folder, engine="torch").parse_many(some)
    for engine, share in (("onnx", 1.0), ("onnx-int8", 0.8)):
        nlu = NLU.load(folder, engine=engine)  # type: ignore[arg-type]
        found = nlu.parse_many(some)
        same = sum(one.intent == other.intent for one, other in zip(found, expected, strict=True))
        assert nlu.engine == engine and same >= share * len(some)
    assert NLU.load(folder).engine == "onnx-int8"


def test_int8_that_loses_too_much_is_refused_and_an_older_one_goes(place: Any, strict: list[Row]) -> None:
    folder, shown = place(strict), []
    (folder / "model.int8.onnx").write_bytes(b"older")
    with pytest.raises(
        ModelError, match=r"model\.int8\.onnx: was refused: it loses \d+\.\d+ points .* at most 0\.3"
    ) as it:
        export(folder, int8=True, show=shown.append)
    assert "--force" in str(it.value) and [item.kept for item in shown] == [True, False]
    assert not (folder / "model.int8.onnx").exists() and (folder / "model.onnx").is_file()
    graphs = record(folder)["graphs"]
    assert graphs["onnx-int8"]["kept"] is False and graphs["onnx-int8"]["changes"]["sentence_accuracy"] < -0.3
    assert graphs["onnx"]["kept"] is True and graphs["onnx"]["changes"]["sentence_accuracy"] == 0.0
    assert "model.int8.onnx" not in seals(folder)
    assert NLU.load(folder).engine == "onnx"
    with pytest.raises(ModelError, match=r"model\.int8\.onnx: is missing"):
        NLU.load(folder, engine="onnx-int8")
    check_tidy(folder)


def test_force_keeps_it_and_says_so(place: Any, strict: list[Row]) -> None:
    folder = place(strict)
    done = export(folder, int8=True, force=True)
    assert (done[1].kept, done[1].forced, done[1].spared) == (True, True, PLANS[-1])
    assert record(folder)["graphs"]["onnx-int8"]["forced"] is True
    assert NLU.load(folder).engine == "onnx-int8"


def test_force_does_not_mark_what_needs_none(place: Any, lenient: list[Row]) -> None:
    assert export(place(lenient), int8=True, force=True)[1].forced is False


def test_a_gentler_plan_is_tried_before_refusing(
    place: Any, strict: list[Row], tiny_graph: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    def write(source: Path, target: Path, spared: tuple[str, ...]) -> None:
        tried.append(spared)
        if spared == PLANS[0]:
            write_int8(source, target, spared)
        else:
            target.write_bytes(tiny_graph.read_bytes())  # loses nothing

    monkeypatch.setattr(run, "write_int8", write)
    done = export(place(strict), int8=True)
    assert tried == list(PLANS[:2]) and done[1].spared == PLANS[1] and done[1].kept


def test_an_int8_graph_stays_with_its_record_when_only_fp32_is_asked_for(place: Any, lenient: list[Row]) -> None:
    folder = place(lenient)
    export(folder, int8=True)
    before = record(folder)["graphs"]["onnx-int8"]
    export(folder)
    assert record(folder)["graphs"]["onnx-int8"] == before and NLU.load(folder).engine == "onnx-int8"


def test_an_int8_graph_that_no_record_vouches_for_goes(place: Any, lenient: list[Row]) -> None:
    folder = place(lenient)
    export(folder, int8=True)
    (folder / "export.json").write_text("[]", encoding="utf-8")
    export(folder)
    assert not (folder / "model.int8.onnx").exists() and set(record(folder)["graphs"]) == {"onnx"}


def test_data_takes_the_dev_sets_place(place: Any, strict: list[Row], lenient: list[Row], tmp_path: Path) -> None:
    other = Path(toy.write(tmp_path / "other.jsonl", lenient))
    done = export(place(strict), int8=True, data=other)
    assert done[1].proof.utterances == 20 and done[1].kept


def test_nothing_is_left_of_an_export_that_fails(
    place: Any, lenient: list[Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = place(lenient)
    before = sorted(path.name for path in folder.iterdir())

    def fail(source: Path, target: Path, spared: tuple[str, ...]) -> None:
        target.write_bytes(b"half")
        raise ModelError("graph", "cannot be quantised")

    monkeypatch.setattr(run, "write_int8", fail)
    with pytest.raises(ModelError, match="cannot be quantised"):
        export(folder, int8=True)
    assert sorted(path.name for path in folder.iterdir()) == before
    assert NLU.load(folder).engine == "torch"


def test_a_missing_dev_set_is_found_out_before_anything_is_written(place: Any) -> None:
    folder = place([])
    (folder.parent / "dev.jsonl").unlink()
    with pytest.raises(DataError, match=r"training\.yaml: names the dev set .* --data PATH"):
        export(folder)
    assert not (folder / "model.onnx").exists()


@pytest.mark.parametrize("missing", run.NEEDED)
def test_what_is_not_installed_is_named_with_its_command(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "find_spec", lambda name: None if name == missing else object())
    with pytest.raises(MissingExtraError, match=r"jointbert export: .*pip install 'jointbert\[onnx\]'"):
        export("anywhere")


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_a_truncated_graph_is_refused_by_its_name(share: float, place: Any, lenient: list[Row]) -> None:
    folder = place(lenient)
    export(folder)
    content = (folder / "model.onnx").read_bytes()
    (folder / "model.onnx").write_bytes(content[: int(len(content) * share)])
    with pytest.raises(ModelError, match=r"model\.onnx: has \d+ bytes; .* Write it again with: jointbert export"):
        NLU.load(folder, engine="onnx")


def test_a_written_entry_knows_what_it_is(place: Any, lenient: list[Row]) -> None:
    done: list[Exported] = export(place(lenient))
    assert json.loads(json.dumps(done[0].to_dict())) == done[0].to_dict()
    assert done[0].file == "model.onnx" and done[0].size > 1000
