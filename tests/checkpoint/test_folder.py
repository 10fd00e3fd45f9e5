"""The model folder: what is saved is what is loaded, and every way of breaking it is refused by the file's name."""

from __future__ import annotations

import json
import os
import pickle
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from tiny import ENGLISH, LABELS, byte_level, chinese, codec, contrary, english, folder, model

from jointbert.checkpoint.contents import FILES, FORMAT_VERSION, open_contents
from jointbert.checkpoint.folder import load_folder, load_predictor, make_predictor, save_folder
from jointbert.checkpoint.manifest import EXPORT_FILES, MANIFEST, check_seals, read_seals, seal, sha256
from jointbert.errors import ModelError
from jointbert.inference.nlu import NLU
from jointbert.labels import Labels, LabelSet
from jointbert.model.encoder import load_encoder

TEXTS = [*ENGLISH, "", "帮我订12月3号CA1234的票", "las vegas " * 60]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folder(tmp_path_factory.mktemp("saved") / "model")


@pytest.fixture
def copy(saved: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(saved, tmp_path / "copy"))


@pytest.mark.parametrize("settings", [{}, {"crf": True, "pooling": "mean"}, {"crf": True, "intent_conditioned": True}])
def test_what_is_saved_is_what_is_loaded(settings: dict[str, Any], tmp_path: Path) -> None:
    place = folder(tmp_path / "model", **settings)
    expected = make_predictor(model(**settings), codec()).parse_many(TEXTS)
    assert load_predictor(place).parse_many(TEXTS) == expected
    assert (place / "model_card.md").read_text() == "# tiny\n"
    assert not list(place.glob("*.bin")) and all((place / name).is_file() for name in FILES)


def test_a_loaded_model_stays_what_it_is_when_its_file_is_written_over(copy: Path, tmp_path: Path) -> None:
    """The library maps the file: as it is rewritten in place, weights would change, and reading past its end kills."""
    loaded = load_predictor(copy)
    expected = loaded.parse_many(TEXTS)
    other = (contrary(tmp_path / "other") / "model.safetensors").read_bytes()
    with (copy / "model.safetensors").open("r+b") as file:
        file.write(other)
        file.flush()
        assert loaded.parse_many(TEXTS) == expected
        file.truncate(4096)
    assert loaded.parse_many(TEXTS) == expected


def test_an_encoder_stays_what_it_is_when_its_file_is_written_over(copy: Path, tmp_path: Path) -> None:
    place = tmp_path / "encoder"
    load_folder(copy)[0].encoder.save_pretrained(place)
    loaded = load_encoder(str(place))
    with (place / "model.safetensors").open("r+b") as file:
        file.truncate(4096)
    assert all(bool(torch.isfinite(tensor).all()) for tensor in loaded.parameters())


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"nowhere: is not there; .* Train one with: jointbert train"):
        NLU.load(tmp_path / "nowhere")
    (tmp_path / "file").touch()
    with pytest.raises(ModelError, match=r"file: is a file; expected a model folder\. Give the folder that config"):
        NLU.load(tmp_path / "file")


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(name: str, copy: Path) -> None:
    (copy / name).unlink()
    with pytest.raises(ModelError, match=rf"{name}: is missing; .* Copy the whole model folder again"):
        NLU.load(copy)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("share", [0.0, 0.5, 0.95])
def test_a_truncated_file_is_named(name: str, share: float, copy: Path) -> None:
    content = (copy / name).read_bytes()
    (copy / name).write_bytes(content[: int(len(content) * share)])
    with pytest.raises(ModelError, match=rf"{name}: .*(cannot be read|has \d+ bytes; expected the \d+)"):
        NLU.load(copy)
    seal(copy)  # by whoever cut it
    with pytest.raises(ModelError, match=rf"{name}: .*cannot be read"):
        NLU.load(copy)


@pytest.mark.parametrize("mask", [0o022, 0o027, 0o077])
def test_every_file_has_the_mode_that_the_umask_gives(mask: int, tmp_path: Path) -> None:
    before = os.umask(mask)
    try:
        place = folder(tmp_path / "model")
    finally:
        os.umask(before)
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in place.iterdir()}
    assert "model.safetensors" in modes and set(modes.values()) == {oct(0o666 & ~mask)}, modes


def test_a_file_that_cannot_be_read_is_named(copy: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"inside: cannot be read \(Is a directory\)\. Copy the whole model folder"):
        (tmp_path / "inside").mkdir()
        sha256(tmp_path / "inside")
    seals = read_seals(copy)
    assert seals is not None
    (copy / "labels.json").unlink()
    with pytest.raises(ModelError, match=r"labels\.json: cannot be read \(No such file or directory\)"):
        check_seals(copy, seals, ["labels.json"])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_weights_of_another_user_are_named(copy: Path) -> None:
    (copy / "model.safetensors").chmod(0)
    with pytest.raises(ModelError, match=r"model\.safetensors: cannot be read \(Permission denied\)\. Give the user"):
        NLU.load(copy)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_of_another_user_is_named(copy: Path) -> None:
    copy.chmod(0)
    with pytest.raises(ModelError, match=r"copy: may not be looked into by this user; .* chmod u\+rx"):
        NLU.load(copy)
    copy.chmod(0o755)


def test_a_folder_without_its_manifest_is_refused(copy: Path) -> None:
    (copy / MANIFEST).unlink()
    with pytest.raises(ModelError, match=r"manifest\.json: is missing; expected the manifest that"):
        NLU.load(copy)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"files": {"config.json": 3}}', '{"files": {"config.json": {}}}'])
def test_a_broken_manifest_is_refused(content: str, copy: Path) -> None:
    (copy / MANIFEST).write_text(content)
    with pytest.raises(ModelError, match=r"manifest\.json: cannot be read as a manifest"):
        NLU.load(copy)


def test_a_manifest_that_leaves_a_file_out_is_refused(copy: Path) -> None:
    seals = json.loads((copy / MANIFEST).read_text())
    del seals["files"]["labels.json"]
    (copy / MANIFEST).write_text(json.dumps(seals))
    with pytest.raises(ModelError, match=r"labels\.json: is not in the folder's manifest"):
        NLU.load(copy)


@pytest.mark.parametrize("name", [*FILES, MANIFEST])
def test_a_file_of_another_model_is_refused(name: str, copy: Path, tmp_path: Path) -> None:
    other = folder(tmp_path / "other", pooling="mean", dropout=0.2)
    with torch.no_grad():
        twin, _ = load_folder(other)
        twin.intent_head.classifier.bias.add_(1.0)  # type: ignore[union-attr]
    renamed = Labels(LabelSet("intent", ("book", "play", "sunny")), LABELS.slots)
    save_folder(other, twin, byte_level(), renamed, {})
    shutil.copy(other / name, copy)
    with pytest.raises(ModelError, match=rf"{'config.json' if name == MANIFEST else name}: ") as caught:
        NLU.load(copy)
    assert "Copy the whole model folder again" in str(caught.value)


def test_a_version_names_the_model_and_changes_with_it(copy: Path, saved: Path) -> None:
    version = open_contents(saved).version
    assert version == open_contents(copy).version and re.fullmatch("[0-9a-f]{12}", version)
    model, contents = load_folder(copy)
    with torch.no_grad():
        model.intent_head.classifier.bias.add_(1.0)  # type: ignore[union-attr]
    save_folder(copy, model, english(), contents.labels, {})
    assert open_contents(copy).version != version


def test_training_anew_leaves_no_stale_export(copy: Path) -> None:
    for name in EXPORT_FILES:
        (copy / name).touch()
    model, contents = load_folder(copy)
    save_folder(copy, model, english(), contents.labels, {})
    assert not any((copy / name).exists() for name in EXPORT_FILES)


def test_weights_of_another_model_are_refused(copy: Path, tmp_path: Path) -> None:
    other = folder(tmp_path / "other", crf=True)
    shutil.copy(other / "model.safetensors", copy)
    seal(copy)
    with pytest.raises(ModelError, match=r"model\.safetensors: 3 unexpected keys, such as crf"):
        NLU.load(copy)


def test_weights_that_lack_some_are_refused(tmp_path: Path, copy: Path) -> None:
    other = folder(tmp_path / "other", crf=True)
    shutil.copy(copy / "model.safetensors", other)
    seal(other)
    with pytest.raises(ModelError, match=r"model\.safetensors: 3 missing keys, such as crf"):
        NLU.load(other)


def test_weights_of_other_shapes_are_refused(copy: Path) -> None:
    edit(copy / "config.json", intents=4)
    Labels(LabelSet("intent", ("a", "b", "c", "d")), LABELS.slots).save(copy / "labels.json")
    seal(copy)
    with pytest.raises(ModelError, match=r"model\.safetensors: "):
        NLU.load(copy)


def test_labels_of_another_model_are_refused(copy: Path) -> None:
    Labels(LABELS.intents, LabelSet("slot", ("city",))).save(copy / "labels.json")
    with pytest.raises(ModelError, match=r"labels\.json: names 3 tags but config\.json has 7"):
        NLU.load(copy)


def test_a_tokenizer_of_another_model_is_refused(copy: Path) -> None:
    chinese().save_pretrained(copy)
    with pytest.raises(ModelError, match=r"tokenizer\.json: has a piece with id \d+ but the encoder .* knows \d+"):
        NLU.load(copy)


def edit(path: Path, **changes: Any) -> None:
    """Change a JSON file; None removes a key."""
    content = json.loads(path.read_text()) | changes
    path.write_text(json.dumps({key: value for key, value in content.items() if value is not None}))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"format_version": FORMAT_VERSION + 1},
            "has format version 3, and this jointbert reads up to 2. Upgrade",
        ),
        ({"format_version": "new"}, "has format version 'new'"),
        ({"model_type": "bert"}, "model_type is 'bert'; expected 'jointbert'"),
        ({"tags": None, "intents": None}, "lacks intents, tags"),
        ({"max_pieces": "many"}, "max_pieces is 'many'; expected a whole number"),
        ({"intents": -1}, "intents is -1; expected a whole number"),
        ({"encoder": {}}, "encoder is '{}'; expected an encoder's own configuration"),
        ({"encoder": "bert"}, "encoder is 'bert'"),
    ],
)
def test_a_config_that_cannot_be_is_refused(changes: dict[str, Any], message: str, copy: Path) -> None:
    edit(copy / "config.json", **changes)
    with pytest.raises(ModelError) as caught:
        NLU.load(copy)
    assert str(caught.value).startswith(f"{copy / 'config.json'}: ") and message in str(caught.value)


def test_a_config_that_is_no_object_is_refused(copy: Path) -> None:
    (copy / "config.json").write_text("[1]")
    with pytest.raises(ModelError, match=r"config\.json: model_type is 'list'"):
        NLU.load(copy)


def test_an_older_folder_without_a_version_is_read(copy: Path) -> None:
    edit(copy / "config.json", format_version=None)
    (copy / MANIFEST).unlink()
    assert NLU.load(copy).parse("hi").intent is not None


class Payload:
    """Unpickling this creates a file."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.target,))


@pytest.mark.parametrize("beside_safetensors", [True, False])
def test_a_pickle_is_never_opened(beside_safetensors: bool, copy: Path, tmp_path: Path) -> None:
    target = tmp_path / "owned"
    for name in ("pytorch_model.bin", "training_args.bin", "labels.pkl", "tokenizer.pkl"):
        (copy / name).write_bytes(pickle.dumps(Payload(target)))
    if beside_safetensors:
        NLU.load(copy).parse("hi")
    else:
        (copy / "model.safetensors").unlink()
        with pytest.raises(ModelError, match=r"model\.safetensors: is missing"):
            NLU.load(copy)
    assert not target.exists()
    pickle.loads((copy / "pytorch_model.bin").read_bytes())
    assert target.exists()  # the trap was armed


def test_weights_that_are_a_pickle_by_another_name_are_refused(copy: Path, tmp_path: Path) -> None:
    target = tmp_path / "owned"
    torch.save({"x": Payload(target)}, copy / "model.safetensors")
    seal(copy)
    with pytest.raises(ModelError, match=r"model\.safetensors: cannot be read"):
        NLU.load(copy)
    assert not target.exists()


def test_code_in_the_folder_is_never_run(copy: Path, tmp_path: Path) -> None:
    target = tmp_path / "owned"
    (copy / "evil.py").write_text(f"open({str(target)!r}, 'w')\nclass Evil: ...\n")
    config = json.loads((copy / "config.json").read_text())
    config["encoder"]["auto_map"] = {"AutoModel": "evil.Evil", "AutoConfig": "evil.Evil"}
    edit(
        copy / "config.json", auto_map={"AutoModel": "evil.Evil", "AutoConfig": "evil.Evil"}, encoder=config["encoder"]
    )
    seal(copy)
    NLU.load(copy).parse("hi")
    assert not target.exists()
