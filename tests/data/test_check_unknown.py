"""The share of pieces that an encoder does not know."""

from __future__ import annotations

from pathlib import Path

import pytest
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from jointbert.data.check import Options, check_utterances
from jointbert.data.check.unknown import open_tokenizer
from jointbert.errors import DataError
from jointbert.utterance import Utterance


@pytest.fixture
def encoder(tmp_path: Path) -> Path:
    """A folder with a WordPiece tokenizer that knows three words."""
    vocabulary = {"[UNK]": 0, "fly": 1, "to": 2, "rome": 3}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    return tmp_path


def rules(encoder: Path | str, *texts: str) -> list[tuple[str, str]]:
    utterances = [Utterance(text, where=f"train.jsonl:{n}") for n, text in enumerate(texts, 1)]
    problems = check_utterances({"train": utterances}, Options(encoder=str(encoder)))
    return [(problem.where, problem.message) for problem in problems if problem.rule == "unknown-pieces"]


def test_a_vocabulary_of_another_language_is_reported(encoder: Path) -> None:
    assert rules(encoder, "去北京", "北京 fly") == [
        (
            "train.jsonl",
            f"83% of the pieces of train are unknown to {encoder}; expected at most 5%; the commonest: "
            "'北' (2), '京' (2), '去' (1)",
        )
    ]


@pytest.mark.parametrize("length", [None, 12])
def test_what_a_tokenizer_fills_up_or_cuts_off_is_not_counted(encoder: Path, length: int | None) -> None:
    wanted = rules(encoder, "去北京" * 9, "北京 fly")
    tokenizer = Tokenizer.from_file(str(encoder / "tokenizer.json"))
    tokenizer.enable_padding(pad_id=3, pad_token="rome", length=length)
    tokenizer.enable_truncation(12)
    tokenizer.save(str(encoder / "tokenizer.json"))
    assert rules(encoder, "去北京" * 9, "北京 fly") == wanted


def test_the_tokenizers_file_may_be_named_itself(encoder: Path) -> None:
    assert len(rules(encoder / "tokenizer.json", "北京")) == 1


def test_a_few_unknown_words_are_fine(encoder: Path) -> None:
    assert rules(encoder, *["fly to rome"] * 10, "paris") == []


def test_nothing_to_count(encoder: Path) -> None:
    assert rules(encoder) == rules(encoder, "", " ") == []


def test_a_lone_surrogate_does_not_stop_it(encoder: Path) -> None:
    assert len(rules(encoder, "a\ud800b")) == 1


def test_a_vocabulary_without_an_unknown_piece_has_no_findings(tmp_path: Path) -> None:
    Tokenizer(models.BPE({"a": 0}, [])).save(str(tmp_path / "tokenizer.json"))
    assert rules(tmp_path, "zzz") == []


@pytest.mark.parametrize("content", [None, "{}", "no json"])
def test_an_encoder_without_a_tokenizer_is_refused(content: str | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "tokenizer.json").write_text(content)
    with pytest.raises(DataError, match=r"has no tokenizer that can be read \(.*Check the path or the name given"):
        open_tokenizer(str(tmp_path))


def test_a_path_that_is_not_there_is_no_hub_id(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nope: does not exist; expected a tokenizer\.json"):
        open_tokenizer(str(tmp_path / "nope"))
