"""One front over three engines: the same parses, no torch where none is needed, and a wrong file is named."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import tiny
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny import CHINESE, ENGLISH, folder, nlu

from jointbert.checkpoint import engines
from jointbert.checkpoint.engine_names import ENGINES, GRAPHS, EngineName
from jointbert.checkpoint.manifest import EXPORT_FILES, MANIFEST, seal
from jointbert.errors import MissingExtraError, ModelError
from jointbert.inference.nlu import NLU
from jointbert.utterance import Parse

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime: pip install 'jointbert[onnx]'")
pytest.importorskip("onnxscript", reason="needs the exporter: pip install 'jointbert[onnx]'")

TEXTS = [*ENGLISH, *CHINESE, "", "hi", "las vegas " * 40, "a\ud800b 😀"]
GRAPH_ENGINES = ("onnx", "onnx-int8")


@pytest.fixture(scope="module")
def softmax(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.exported(tmp_path_factory.mktemp("softmax") / "model", int8=True)


@pytest.fixture(scope="module")
def crf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.exported(tmp_path_factory.mktemp("crf") / "model", int8=True, crf=True, pooling="mean")


@pytest.fixture(params=["softmax", "crf"])
def saved(request: pytest.FixtureRequest) -> Path:
    return Path(request.getfixturevalue(request.param))


@pytest.fixture
def copy(softmax: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(softmax, tmp_path / "copy"))


def close(found: Parse, expected: Parse) -> None:
    """The same parse, but for the last digits of its probabilities."""
    assert found.to_dict().keys() == expected.to_dict().keys()
    assert (found.text, found.intent, found.truncated_at) == (expected.text, expected.intent, expected.truncated_at)
    assert found.frame_confidence == pytest.approx(expected.frame_confidence, abs=1e-4)
    assert [(s.start, s.end, s.slot) for s in found.spans] == [(s.start, s.end, s.slot) for s in expected.spans]
    for one, other in zip(found.spans, expected.spans, strict=True):
        assert one.confidence == pytest.approx(other.confidence, abs=1e-4)
    assert dict(found.ranking) == pytest.approx(dict(expected.ranking), abs=1e-4)


def test_onnx_parses_as_torch_does(saved: Path) -> None:
    torch, onnx = NLU.load(saved, "torch"), NLU.load(saved, "onnx", threads=1)
    assert (torch.engine, onnx.engine) == ("torch", "onnx")
    assert torch.version == onnx.version and len(onnx.version) == 12
    assert torch.labels == onnx.labels
    for found, expected in zip(onnx.parse_many(TEXTS), torch.parse_many(TEXTS), strict=True):
        close(found, expected)
    for found, expected in zip(onnx.stream(TEXTS), onnx.parse_many(TEXTS), strict=True):
        close(found, expected)


def test_onnx_parses_any_text_as_torch_does(softmax: Path) -> None:
    torch, onnx = NLU.load(softmax, "torch"), NLU.load(softmax, "onnx", threads=1)

    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.text(st.characters(exclude_categories=()), max_size=30), min_size=1, max_size=8))
    def each(texts: list[str]) -> None:
        for found, expected in zip(onnx.parse_many(texts), torch.parse_many(texts), strict=True):
            close(found, expected)

    each()


def test_int8_parses_are_of_the_same_kind(saved: Path) -> None:
    subject = NLU.load(saved, "onnx-int8", threads=1)
    for parse in subject.parse_many(TEXTS):
        assert sum(chance for _, chance in parse.ranking) == pytest.approx(1.0)
        assert all(parse.text[span.start : span.end] == span.value for span in parse.spans)


def test_many_threads_and_asyncio_are_as_one(crf: Path) -> None:
    subject = NLU.load(crf, "onnx", threads=1)
    expected = [subject.parse(text) for text in TEXTS]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(subject.parse, TEXTS * 5)) == expected * 5

    async def together() -> list[Parse]:
        return await asyncio.gather(*(subject.aparse(text) for text in TEXTS * 5))

    assert asyncio.run(together()) == expected * 5


def test_aparse_serves_the_torch_engine_too() -> None:
    assert asyncio.run(nlu().aparse("book a flight")) == nlu().parse("book a flight")


@pytest.mark.parametrize("engine", GRAPH_ENGINES)
def test_an_onnx_engine_loads_neither_torch_nor_transformers(engine: str, crf: Path) -> None:
    code = (
        "import sys\nfrom jointbert import NLU\n"
        f"print(NLU.load({str(crf)!r}, engine={engine!r}).parse('book a flight').intent)\n"
        "print([name for name in ('torch', 'transformers', 'sklearn', 'pydantic') if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.splitlines()[1] == "[]"


def test_auto_takes_the_fastest_that_is_there(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert NLU.load(copy).engine == "onnx-int8"
    (copy / "model.int8.onnx").unlink()
    assert NLU.load(copy).engine == "onnx"
    with monkeypatch.context() as without:
        without.setattr(engines, "find_spec", lambda name: None)
        assert NLU.load(copy).engine == "torch"
    (copy / "model.onnx").unlink()
    assert NLU.load(copy).engine == "torch"


def test_an_engine_that_is_not_known_is_refused(softmax: Path) -> None:
    with pytest.raises(ModelError, match=r"engine: 'gpu' is not known; expected one of auto, torch, onnx, onnx-int8"):
        NLU.load(softmax, "gpu")  # type: ignore[arg-type]


@pytest.mark.parametrize("engine", ["torch", "onnx"])
@pytest.mark.parametrize("threads", [0, -1])
def test_a_number_of_threads_that_computes_nothing_is_refused(engine: EngineName, threads: int, softmax: Path) -> None:
    with pytest.raises(ModelError, match=rf"threads: is {threads}; expected at least 1"):
        NLU.load(softmax, engine, threads=threads)


def test_without_the_runtime_the_extra_is_named(softmax: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'jointbert\[onnx\]'"):
        NLU.load(softmax, "onnx")


@pytest.mark.parametrize("engine", GRAPH_ENGINES)
def test_what_was_not_exported_says_how(engine: str, tmp_path: Path) -> None:
    place = folder(tmp_path / "model")
    with pytest.raises(ModelError, match=rf"is missing; .* Write it again with: jointbert export {place}"):
        NLU.load(place, engine)  # type: ignore[arg-type]


NEEDED = ("config.json", "tokenizer.json", "labels.json", "export.json", MANIFEST)


@pytest.mark.parametrize("engine", GRAPH_ENGINES)
@pytest.mark.parametrize("name", [*NEEDED, "graph"])
@pytest.mark.parametrize("how", ["truncated", "missing", "of another model"])
def test_a_wrong_file_is_refused_by_name(engine: str, name: str, how: str, copy: Path, crf: Path) -> None:
    name = GRAPHS[engine] if name == "graph" else name
    path = copy / name
    if how == "missing":
        path.unlink()
    elif how == "truncated":
        path.write_bytes(path.read_bytes()[: path.stat().st_size * 9 // 10])
    else:
        if name in ("tokenizer.json", "labels.json", "export.json"):  # both models have the same: make it another
            content = json.loads(path.read_text())
            key = "slots" if name == "labels.json" else "added"
            content[key] = list(reversed(content.get(key, []))) or None
            path.write_text(json.dumps(content))
        else:
            shutil.copy(crf / name, path)
    with pytest.raises(ModelError) as caught:
        NLU.load(copy, engine)  # type: ignore[arg-type]
    named = str(caught.value).split(": ")[0]
    allowed = {name} if not (name == MANIFEST and how == "of another model") else {*NEEDED, GRAPHS[engine]}
    assert Path(named).name in allowed


def test_a_graph_that_is_sealed_but_broken_is_refused(copy: Path) -> None:
    (copy / "model.onnx").write_bytes(b"\x80\x04 no graph")
    seal(copy)
    with pytest.raises(ModelError, match=r"model\.onnx: cannot be read \(.*\); expected an ONNX graph"):
        NLU.load(copy, "onnx")


def test_weights_that_an_onnx_engine_needs_for_its_crf_are_checked(crf: Path, softmax: Path, tmp_path: Path) -> None:
    place = Path(shutil.copytree(crf, tmp_path / "copy"))
    shutil.copy(softmax / "model.safetensors", place)
    with pytest.raises(ModelError, match=r"model\.safetensors: "):
        NLU.load(place, "onnx")
    plain = Path(shutil.copytree(softmax, tmp_path / "plain"))
    (plain / "model.safetensors").unlink()
    assert NLU.load(plain, "onnx").parse("hi").intent  # a softmax model's graph says it all


def test_every_export_has_an_engine() -> None:
    assert set(GRAPHS.values()) == set(EXPORT_FILES) - {"export.json"}
    assert set(ENGINES) == {"auto", "torch", *GRAPHS}
