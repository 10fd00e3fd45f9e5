"""Formats are recognised, errors are raised or reported, and nothing half-written is left."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jointbert.data import FORMATS, Problem, detect, read, write
from jointbert.errors import DataError
from jointbert.utterance import Span, Utterance

TEXT = "fly to Rome"
FLIGHT = Utterance(TEXT, "fly", (Span.of(TEXT, "city", 7, 11),))
SAMPLES = {name: [FLIGHT if name != "csv" else Utterance(TEXT, "fly")] for name in FORMATS}


def test_names_are_the_documented_ones() -> None:
    assert list(FORMATS) == ["jsonl", "goo", "conll", "rasa", "snips", "csv", "labelstudio", "doccano"]


@pytest.mark.parametrize("name", FORMATS)
def test_recognised_by_suffix_and_by_content_alone(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"data{FORMATS[name].suffix}"
    write(path, SAMPLES[name])
    assert detect(path).name == name
    other = path.rename(tmp_path / "data.txt")
    assert detect(other).name == name
    assert [utterance.text for utterance in read(other)] == [TEXT]


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "goo"])
def test_only_its_own_sniffs_a_file(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"data{FORMATS[name].suffix}"
    write(path, SAMPLES[name])
    assert [other for other in FORMATS if FORMATS[other].sniff(path)] == [name]


def test_content_wins_over_a_wrong_suffix_and_suffix_names_the_error(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    write(path, [FLIGHT], "jsonl")
    assert detect(path).name == "jsonl"
    path.write_text("no,header\n")
    with pytest.raises(DataError, match="has no column text"):
        read(path)


def test_unknown_content_lists_the_formats(tmp_path: Path) -> None:
    path = tmp_path / "data.bin"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(
        DataError, match=r"is in no format that is known; expected one of jsonl .* with --from: jsonl, goo"
    ):
        read(path)


def test_folder_of_parts_names_them(tmp_path: Path) -> None:
    write(tmp_path / "train", [FLIGHT], "goo")
    with pytest.raises(DataError, match=re.escape(f"Name one of its parts: {tmp_path / 'train'}.")):
        read(tmp_path)


def test_missing_path_names_near_names(tmp_path: Path) -> None:
    write(tmp_path / "train.jsonl", [FLIGHT])
    with pytest.raises(DataError, match=re.escape(f"Did you mean {tmp_path / 'train.jsonl'}?")):
        read(tmp_path / "trian.jsonl")
    with pytest.raises(DataError, match=r"does not exist; expected a file or folder\. Check the path"):
        read(tmp_path / "nowhere" / "x")


@pytest.mark.parametrize("name", ["atis", "snips", "snips-original", "cais", "clinc150"])
def test_known_dataset_says_how_to_fetch_it(name: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=f"Fetch it: jointbert data get {name}$"):
        read(tmp_path / "datasets" / name / "train")


@pytest.mark.parametrize("text", ["book a flight " * 99, "a\x00b", "a\nb"])
def test_a_text_given_as_a_path_is_an_error(text: str) -> None:
    with pytest.raises(DataError, match="does not exist"):
        read(text)


def test_unknown_names_and_suffixes(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"format 'jsonnl': is unknown; .* Did you mean 'jsonl'\?"):
        write(tmp_path / "a", [], "jsonnl")
    with pytest.raises(DataError, match=r"no format goes by the suffix '\.docx'; expected one of \.jsonl"):
        write(tmp_path / "a.docx", [])
    with pytest.raises(DataError, match="is not a folder; expected a folder for goo"):
        write(Path(__file__), [FLIGHT], "goo")
    with pytest.raises(DataError, match="is a file; expected a folder"):
        read(__file__, "goo")
    with pytest.raises(DataError, match="is a folder; expected a file"):
        read(tmp_path, "jsonl")


def test_warnings_are_one_line_of_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "seq.in").write_text("a b\nc\n")
    (tmp_path / "seq.out").write_text("O I-x\nI-y\n")
    with caplog.at_level(logging.WARNING, "jointbert.data"):
        assert len(read(tmp_path)) == 2
    [record] = caplog.records
    assert f"{tmp_path}: 2 warnings (orphan-i 2). The first: {tmp_path}/seq.out:1: I-x" in record.getMessage()


def test_report_gets_everything_and_the_rest_is_read(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "a"}\noops\n{"text": "b"}\n')
    found: list[Problem] = []
    assert [utterance.text for utterance in read(path, report=found.append)] == ["a", "b"]
    assert [problem.where for problem in found] == [f"{path}:2"]
    assert caplog.records == []


def test_failed_write_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    write(path, [FLIGHT])

    def failing() -> Iterator[Utterance]:
        yield Utterance("new")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write(path, failing())
    assert read(path) == [FLIGHT]
    assert list(tmp_path.iterdir()) == [path]


def test_what_the_system_refuses_is_a_data_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"a\.jsonl: cannot be written \((File exists|Not a directory)\)"):
        write(tmp_path / "file" / "a.jsonl", [FLIGHT])
    folder = tmp_path / "folder"
    (folder / "seq.in").mkdir(parents=True)
    (folder / "seq.out").mkdir()
    with pytest.raises(DataError, match="is missing"):
        read(folder, "goo")


def test_folder_is_replaced_part_by_part(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "train"
    write(folder, [FLIGHT])
    (folder / "README").write_text("mine")
    write(folder, [Utterance("hi")])
    assert sorted(path.name for path in folder.iterdir()) == ["README", "seq.in", "seq.out"]
    assert [utterance.intent for utterance in read(folder)] == [None]
    assert [path.name for path in folder.parent.iterdir()] == ["train"]


def test_left_out_ids_are_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write(tmp_path / "a", [Utterance("hi", id="7"), Utterance("ho", id="8")])
    assert "goo has no place for them, so they were left out: 2 ids. jsonl carries all." in caplog.text


def test_import_is_light() -> None:
    heavy = "torch", "pydantic", "matplotlib", "transformers"
    code = f"import sys, jointbert.data; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
