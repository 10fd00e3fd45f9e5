"""Tokenizers learned from files: the folder, the report, what is refused, and that nothing half-written is left."""

from __future__ import annotations

import gzip
import hashlib
import lzma
import os
import subprocess
import sys
from pathlib import Path

import pytest
from transformers import AutoTokenizer

from jointbert.errors import ConfigError, DataError
from jointbert.pretraining import tokenizer as module
from jointbert.pretraining.held_out import HeldOut
from jointbert.pretraining.tokenizer import train_tokenizer
from jointbert.pretraining.tokenizer_folder import save_tokenizer

LINES = [f"call number {index % 97} {'abcdefghij'[index % 7 :]} at noon" for index in range(400)]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    path = tmp_path / "corpus.txt"
    path.write_text("\n".join([*LINES[:200], "", *LINES[200:]]) + "\n", encoding="utf-8")
    return path


def digests(folder: Path) -> dict[str, str]:
    return {item.name: hashlib.sha256(item.read_bytes()).hexdigest() for item in folder.iterdir()}


# the folder ---------------------------------------------------------------------------------------------------------


def test_a_file_is_looked_up_on_the_shelf_of_corpora(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOINTBERT_CORPORA", str(tmp_path))
    train_tokenizer([corpus], tmp_path / "named", "en", 400)
    train_tokenizer(["corpus.txt"], tmp_path / "found", "en", 400)
    assert digests(tmp_path / "found") == digests(tmp_path / "named")


def test_the_folder_opens_with_autotokenizer_and_gives_bert_input(corpus: Path, tmp_path: Path) -> None:
    report = train_tokenizer([corpus], tmp_path / "made", "en", 400)
    opened = AutoTokenizer.from_pretrained(str(tmp_path / "made"))
    assert len(opened) == report.vocabulary <= 400
    assert opened.convert_ids_to_tokens(range(5)) == ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    specials = [opened.pad_token, opened.unk_token, opened.cls_token, opened.sep_token, opened.mask_token]
    assert specials == ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    assert opened.model_max_length == 512
    pair = opened("Call NUMBER", "at noon")
    assert opened.convert_ids_to_tokens(pair.input_ids) == ["[CLS]", "call", "number", "[SEP]", "at", "noon", "[SEP]"]
    assert pair.token_type_ids == [0, 0, 0, 0, 1, 1, 1]
    assert opened("call [MASK] at noon").input_ids.count(opened.mask_token_id) == 1


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_process_writes_the_same_bytes(repository: Path, tmp_path: Path, language: str) -> None:
    texts = [repository / "datasets" / f"demo-{language}" / f"{part}.jsonl" for part in ("train", "test")]
    program = (
        "import sys; from jointbert.pretraining.tokenizer import train_tokenizer;"
        "train_tokenizer(sys.argv[3:], sys.argv[1], sys.argv[2], 2500)"
    )
    for seed in ("0", "1", "4242"):
        environment = os.environ | {"PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", program, str(tmp_path / seed), language, *map(str, texts)]
        subprocess.run(command, check=True, env=environment, timeout=300)
    made = [digests(tmp_path / seed) for seed in ("0", "1", "4242")]
    assert made[0] == made[1] == made[2]
    assert made[0].keys() >= {"tokenizer.json", "tokenizer_config.json"}


def test_packed_text_gives_what_the_text_gives(corpus: Path, tmp_path: Path) -> None:
    train_tokenizer([corpus], tmp_path / "plain", "en", 400)
    for suffix, pack in ((".gz", gzip.compress), (".xz", lzma.compress)):
        packed = tmp_path / f"corpus.txt{suffix}"
        packed.write_bytes(pack(corpus.read_bytes()))
        train_tokenizer([packed], tmp_path / suffix[1:], "en", 400)
        assert digests(tmp_path / suffix[1:]) == digests(tmp_path / "plain")


def test_zstd_text_gives_what_the_text_gives(corpus: Path, tmp_path: Path) -> None:
    zstandard = pytest.importorskip("zstandard", reason="the pretrain extra is not installed")
    packed = tmp_path / "corpus.txt.zst"
    packed.write_bytes(zstandard.ZstdCompressor().compress(corpus.read_bytes()))
    train_tokenizer([corpus], tmp_path / "plain", "en", 400)
    train_tokenizer([packed], tmp_path / "made", "en", 400)
    assert digests(tmp_path / "made") == digests(tmp_path / "plain")


def test_an_older_tokenizer_is_replaced_and_nothing_is_left_beside_it(corpus: Path, tmp_path: Path) -> None:
    place = tmp_path / "deep" / "made"
    train_tokenizer([corpus], place, "en", 300)
    before = digests(place)
    train_tokenizer([corpus], place, "zh", 300)
    assert digests(place) != before
    assert [item.name for item in place.parent.iterdir()] == ["made"]
    assert place.stat().st_mode & 0o777 == place.parent.stat().st_mode & 0o777


# the report ---------------------------------------------------------------------------------------------------------


def test_the_report_is_on_lines_that_were_not_learned_from(corpus: Path, tmp_path: Path) -> None:
    corpus.write_text("ab cd\nab cd\nunseen жж\n" * 4, encoding="utf-8")
    steps: list[tuple[str, int, int]] = []
    report = train_tokenizer(
        [corpus], tmp_path / "made", "en", 300, held_out=3, progress=lambda *state: steps.append(state)
    )
    pieces = AutoTokenizer.from_pretrained(str(tmp_path / "made")).get_vocab()
    assert "ab" in pieces and "cd" in pieces
    assert not {"unseen", "##ns", "##se", "ж"} & pieces.keys()
    assert (report.lines, report.bytes) == (12, corpus.stat().st_size)
    assert report.held_out.texts == 4
    assert report.held_out.words == 8
    assert report.held_out.pieces == 4 * (len("unseen") + 1)
    assert report.to_dict()["held_out"] == {
        "lines": 4,
        "characters": 32,
        "words": 8,
        "pieces": 28,
        "pieces_per_word": 3.5,
        "pieces_per_character": 0.875,
        "unknown_share": pytest.approx(1 / 7),
        "unknown_characters": {"ж": 8},
    }
    assert [step for step, _, _ in steps] == ["reading corpus.txt", "learning", "measuring"]
    assert steps[-1][1:] == (12, corpus.stat().st_size)


def test_too_few_lines_to_hold_one_out_leave_the_report_empty(corpus: Path, tmp_path: Path) -> None:
    corpus.write_text("one line\n", encoding="utf-8")
    held_out = train_tokenizer([corpus], tmp_path / "made").to_dict()["held_out"]
    assert held_out["lines"] == 0 and held_out["pieces_per_word"] is None


def test_the_held_out_slice_stays_small_and_comes_from_all_over() -> None:
    lines = [f"{number:09}" for number in range(10_000)]
    held = HeldOut(every=10, most=9 * 100)
    learned = list(held.sift(lines))
    assert 50 <= len(held.lines) <= 100
    kept = [int(line) + 1 for line in held.lines]
    assert kept == list(range(kept[0], 10_001, kept[0])), "every n-th line, from the first to the last"
    assert sorted([*learned, *held.lines]) == lines, "a line given up is learned from"


# what is refused ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("vocabulary", [-1, 299, 100_001, 10**12])
def test_a_vocabulary_that_cannot_work_is_refused(corpus: Path, tmp_path: Path, vocabulary: int) -> None:
    with pytest.raises(ConfigError, match=f"vocabulary: {vocabulary:,} pieces; expected 300 to 100,000"):
        train_tokenizer([corpus], tmp_path / "made", "en", vocabulary)


@pytest.mark.parametrize("every", [-3, 0, 1])
def test_a_held_out_rate_that_leaves_nothing_is_refused(corpus: Path, tmp_path: Path, every: int) -> None:
    with pytest.raises(ConfigError, match=f"held out: one line of {every}; expected one of 2 or more"):
        train_tokenizer([corpus], tmp_path / "made", held_out=every)


def test_text_that_is_only_white_space_is_refused(tmp_path: Path) -> None:
    blank = tmp_path / "blank.txt"
    blank.write_text("\n  \n\u3000\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"blank\.txt: 3 lines without text; expected a paragraph or a turn a line"):
        train_tokenizer([blank], tmp_path / "made")
    with pytest.raises(DataError, match="the corpus: 0 lines without text"):
        train_tokenizer([], tmp_path / "made")
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("content", [b"", b"a\0b\n", b"caf\xe9\n" * 3])
def test_a_file_that_is_no_text_leaves_nothing_behind(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.txt").write_bytes(content)
    with pytest.raises(DataError, match=r"bad\.txt"):
        train_tokenizer([tmp_path / "bad.txt"], tmp_path / "made")
    assert [item.name for item in tmp_path.iterdir()] == ["bad.txt"]


def test_a_folder_of_something_else_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    for name in ("tokenizer.json", "config.json"):
        (model / name).write_text("{}", encoding="utf-8")
    with pytest.raises(DataError, match=r"model: holds 'config\.json'; expected a new or empty folder, or one with"):
        train_tokenizer([tmp_path / "missing.txt"], model)
    assert (model / "tokenizer.json").read_text(encoding="utf-8") == "{}"
    with pytest.raises(DataError, match=r"config\.json: cannot be read \(Not a directory\)"):
        train_tokenizer([tmp_path / "missing.txt"], model / "config.json")


class Breaking:
    """A tokenizer that gets half of itself onto the disk."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def save_pretrained(self, save_directory: Path) -> None:
        (save_directory / "tokenizer_config.json").write_text("{}", encoding="utf-8")
        raise self.error


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), Exception("No space left on device")])
def test_a_disk_that_runs_full_leaves_the_older_tokenizer(corpus: Path, tmp_path: Path, error: Exception) -> None:
    train_tokenizer([corpus], tmp_path / "made", "en", 300)
    before = digests(tmp_path / "made")
    with pytest.raises(DataError, match=r"made: cannot be written \(.*No space left on device\); expected a folder"):
        save_tokenizer(Breaking(error), tmp_path / "made")
    assert digests(tmp_path / "made") == before
    assert sorted(item.name for item in tmp_path.iterdir()) == ["corpus.txt", "made"]


def test_a_place_that_was_taken_meanwhile_is_not_overwritten(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "check_place", lambda folder: (folder.mkdir(), (folder / "notes.txt").touch()))
    with pytest.raises(DataError, match=r"holds 'notes\.txt'"):
        train_tokenizer([corpus], tmp_path / "made", "en", 300)
    assert sorted(item.name for item in tmp_path.iterdir()) == ["corpus.txt", "made"]
