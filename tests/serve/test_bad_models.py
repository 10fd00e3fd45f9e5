"""A bad model is refused with a message that names the file, the old one goes on, and nothing is ever unpickled."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from serving import KEY, Server, save_other, serving
from typer.testing import CliRunner

from jointbert.checkpoint.manifest import seal
from jointbert.cli.main import app as command_line
from jointbert.errors import ModelError
from jointbert.inference.nlu import NLU
from jointbert.serve.golden import GOLDEN, check_golden

FILES = ("config.json", "model.safetensors", "tokenizer.json", "labels.json", "manifest.json")
DAMAGES = ("truncated", "missing", "of another model")


@pytest.fixture(scope="module")
def folder(tiny_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the server was started with."""
    return Path(shutil.copytree(tiny_folder, tmp_path_factory.mktemp("served") / "model"))


@pytest.fixture(scope="module")
def second(tiny_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a second model on the same server."""
    return Path(shutil.copytree(tiny_folder, tmp_path_factory.mktemp("served") / "second"))


@pytest.fixture(scope="module")
def server(folder: Path, second: Path, key_file: Path) -> Iterator[Server]:
    with serving(folder, second, "--api-key-file", key_file) as found:
        yield found


@pytest.fixture
def whole(folder: Path, tiny_folder: Path) -> Iterator[None]:
    """The folder is whole again afterwards."""
    yield
    shutil.rmtree(folder)
    shutil.copytree(tiny_folder, folder)


def damage(path: Path, kind: str, other: Path) -> None:
    if kind == "missing":
        path.unlink()
    elif kind == "truncated":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    else:
        shutil.copyfile(other / path.name, path)


def reload(server: Server, asked: Any = {"model": "model"}) -> Any:  # noqa: B006
    return server.ask("POST", "/reload", headers={"X-API-Key": KEY}, json=asked)


def version(server: Server) -> str:
    """The version that answers a parse."""
    answer = server.ask("POST", "/parse", headers={"X-API-Key": KEY}, json={"text": "hi"})
    assert answer.status_code == 200
    return str(answer.headers["x-model-version"])


@pytest.mark.parametrize("kind", DAMAGES)
@pytest.mark.parametrize("name", FILES)
@pytest.mark.usefixtures("whole")
def test_a_damaged_folder_is_refused_by_name_and_the_old_model_goes_on(
    server: Server, folder: Path, other_folder: Path, offline: NLU, name: str, kind: str
) -> None:
    damage(folder / name, kind, other_folder)
    answer = reload(server)
    assert answer.status_code == 409
    error = answer.json()["error"]
    assert error["code"] == "bad_model"
    assert str(folder) in error["message"]
    # another model's manifest makes strangers of all of this model's files: the first is told
    suspects = FILES if (name, kind) == ("manifest.json", "of another model") else [name]
    assert any(suspect in error["message"] for suspect in suspects), error["message"]
    assert version(server) == offline.version


def test_a_server_is_not_started_with_a_damaged_folder(tiny_folder: Path, tmp_path: Path) -> None:
    broken = Path(shutil.copytree(tiny_folder, tmp_path / "broken"))
    damage(broken / "model.safetensors", "truncated", broken)
    done = CliRunner().invoke(command_line, ["serve", str(broken), "--port", "0"])
    assert done.exit_code == 2
    assert f"error: {broken / 'model.safetensors'}: " in done.stderr and "Traceback" not in done.stderr


@pytest.mark.usefixtures("whole")
def test_a_model_whose_weights_are_no_numbers_fails_the_golden_utterances(
    server: Server, folder: Path, offline: NLU
) -> None:
    weights = load_file(folder / "model.safetensors")
    save_file(
        {name: torch.full_like(value, torch.nan) for name, value in weights.items()}, folder / "model.safetensors"
    )
    seal(folder)
    answer = reload(server)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "bad_model")
    assert str(folder) in answer.json()["error"]["message"]
    assert version(server) == offline.version


class Bomb:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.marker,)


@pytest.mark.usefixtures("whole")
def test_a_pickle_in_the_folder_is_never_opened(
    server: Server, folder: Path, tiny_folder: Path, offline: NLU, tmp_path: Path
) -> None:
    marker = tmp_path / "unpickled"
    bomb = pickle.dumps(Bomb(marker))
    pickle.loads(bomb)
    assert marker.exists(), "the bomb works"
    marker.unlink()
    for name in ("pytorch_model.bin", "training_args.bin", "optimizer.pt", "model.pkl", "model.safetensors.pkl"):
        (folder / name).write_bytes(bomb)
    assert reload(server).status_code == 200, "what else lies in the folder does not matter"
    for missing in (False, True):
        (folder / "model.safetensors").unlink()
        if not missing:
            (folder / "model.safetensors").write_bytes(bomb)
        if missing:
            (folder / "manifest.json").unlink()
        answer = reload(server)
        assert answer.status_code == 409 and str(folder) in answer.json()["error"]["message"]
    assert not marker.exists()
    assert version(server) == offline.version


@pytest.mark.usefixtures("whole")
def test_of_two_models_none_is_swapped_where_one_is_bad(
    server: Server, folder: Path, second: Path, tiny_folder: Path, offline: NLU
) -> None:
    shutil.rmtree(folder)
    save_other(folder)
    (second / "labels.json").unlink()
    assert reload(server, {}).status_code == 409
    assert version(server) == offline.version
    answer = reload(server, {"model": "model"})
    assert [row["name"] for row in answer.json()["reloaded"]] == ["model"]
    assert version(server) not in ("", offline.version)
    shutil.rmtree(folder)
    shutil.copytree(tiny_folder, folder)
    assert reload(server, {"model": "model"}).json()["reloaded"][0]["version"] == offline.version


# the golden utterances ------------------------------------------------------------------------------------------------


class Stand:
    """Stands in for a model: changes what the real one says."""

    def __init__(self, nlu: NLU, change: Any) -> None:
        self.labels = nlu.labels
        self.parse_many = lambda texts: [change(parse) for parse in nlu.parse_many(texts)]


def altered(**changes: Any) -> Any:
    from dataclasses import replace

    return lambda parse: replace(parse, **changes)


def crash(_: Any) -> Any:
    raise RuntimeError("shapes do not fit\nmany lines")


STRANGE: dict[str, tuple[Any, str]] = {
    "it crashes": (
        crash,
        "cannot parse 'book a table for two in Rome tomorrow at seven' (RuntimeError: shapes do not fit)",
    ),
    "another text": (altered(text="other", spans=()), "the text 'other'"),
    "no intents": (altered(intent=None, ranking=()), "no intents; expected intents and slots of its own"),
    "a strange intent": (altered(intent="x", ranking=(("x", 1.0),)), "intent 'x'"),
    "no number": (altered(intent="book", ranking=(("book", float("nan")),)), "intent 'book' with confidence nan"),
    "no number for all of it": (altered(frame_confidence=float("nan")), "all of it with confidence nan"),
}


@pytest.mark.parametrize(("change", "said"), STRANGE.values(), ids=STRANGE.keys())
def test_what_no_sound_model_says_is_refused(offline: NLU, change: Any, said: str) -> None:
    stand: Any = Stand(offline, change)
    with pytest.raises(ModelError) as caught:
        check_golden(stand, Path("models/x"))
    assert str(caught.value).startswith("models/x: ") and said in str(caught.value)


def test_a_sound_model_passes(offline: NLU) -> None:
    check_golden(offline, Path("models/x"))
    assert len(GOLDEN) == 3
