"""Uploads looked at before they are stored: what is recognised, what is reported, what is refused."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from jointbert.annotation import intake
from jointbert.annotation.intake import Finding, file_formats, preview_lines, preview_upload
from jointbert.errors import DataError

GOO = {"seq.in": "fly to rome\nhi\n", "seq.out": "O O B-city\nO\n", "label": "flight\ngreet\n"}


def packed(files: dict[str, str], how: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", how) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def line(text: str, intent: str) -> str:
    return json.dumps({"text": text, "intent": intent, "slots": []}) + "\n"


def test_good_lines_are_kept_and_bad_ones_reported_with_their_line() -> None:
    found = preview_upload("talks.jsonl", (line("hi", "greet") + '{"text": 3}\n' + line("bye", "leave")).encode())
    assert found.format == "jsonl" and [utterance.text for utterance in found.utterances] == ["hi", "bye"]
    assert found.labelled == 2
    assert [(finding.place, finding.severity) for finding in found.findings] == [("line 2", "error")]
    assert "expected a string" in found.findings[0].reason


def test_plain_text_is_one_utterance_a_line() -> None:
    found = preview_upload("notes.TXT", "\ufeffgood morning\r\n\n  早上好 \n".encode())
    assert (found.format, found.labelled) == ("lines", 0)
    assert [utterance.text for utterance in found.utterances] == ["good morning", "早上好"]
    assert preview_lines("good morning\n早上好").utterances == found.utterances


def test_plain_text_that_is_not_utf8_is_refused() -> None:
    with pytest.raises(DataError, match=r"notes\.txt: byte 2 is not UTF-8; expected a text file in UTF-8"):
        preview_upload("notes.txt", b"ab\xff")


@pytest.mark.parametrize("folder", ["", "data/train/", "../../"])
def test_a_folder_format_comes_as_a_zip(folder: str) -> None:
    extra = {"__MACOSX/seq.in": "x", "data/.DS_Store": "x", "SOURCE": "x"}
    found = preview_upload("atis.zip", packed({folder + name: content for name, content in GOO.items()} | extra))
    assert found.format == "goo"
    assert [(utterance.intent, len(utterance.spans)) for utterance in found.utterances] == [("flight", 1), ("greet", 0)]


def test_a_problem_in_a_folder_names_its_file_and_line() -> None:
    found = preview_upload("atis.zip", packed(GOO | {"seq.out": "O O I-city\nO\n"}))
    assert [(finding.place, finding.severity) for finding in found.findings] == [("seq.out, line 1", "warning")]


def test_one_file_of_another_format_may_be_zipped() -> None:
    assert preview_upload("x.zip", packed({"a/b.jsonl": line("hi", "greet")})).format == "jsonl"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04 broken", "cannot be unpacked"),
        (packed({"a.jsonl": "", "b.jsonl": ""}), "holds 2 files and none is known"),
        (packed({"train/seq.in": "a\n", "test/seq.in": "a\n"}), "holds more than one split"),
        (b"\x00\x01\xff", "x.zip: is in no format that is known"),
    ],
)
def test_what_cannot_be_used_is_refused_under_its_own_name(content: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        preview_upload("x.zip", content)
    assert "jointbert-upload" not in str(caught.value) and "--from" not in str(caught.value)


FILE, ENTRY, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
"""What a file in a zip begins with, its entry in the list of files, and the end of that list."""

DAMAGE = {
    "deflated data": (zipfile.ZIP_DEFLATED, FILE, {40: 0xFF, 41: 0xFF, 42: 0xFF}, "zlib.error"),
    "bzip2 data": (zipfile.ZIP_BZIP2, FILE, {50: 0xFF, 51: 0xFF, 52: 0xFF}, "OSError"),
    "LZMA data": (zipfile.ZIP_LZMA, FILE, {60: 0xFF, 61: 0xFF, 62: 0xFF}, "_lzma.LZMAError"),
    "LZMA properties": (zipfile.ZIP_LZMA, FILE, {41: 0xFF}, "_lzma.LZMAError"),
    "a check sum": (zipfile.ZIP_STORED, FILE, {60: 0xFF}, "zipfile.BadZipFile"),
    "an unknown compression": (zipfile.ZIP_STORED, ENTRY, {10: 97}, "NotImplementedError"),
    "an encrypted file": (zipfile.ZIP_STORED, ENTRY, {8: 1}, "RuntimeError"),
    "the place of a file": (zipfile.ZIP_STORED, ENTRY, {45: 0xFF}, "zipfile.BadZipFile"),
    "a name": (zipfile.ZIP_STORED, ENTRY, {9: 8, 46: 0xFF}, "UnicodeDecodeError"),
    "the place of the list": (zipfile.ZIP_STORED, END, {19: 0xFF}, "ValueError"),
}
"""What is damaged -> the compression, the part, the new bytes in it, and what zipfile raises."""


@pytest.mark.parametrize("what", DAMAGE)
def test_a_damaged_archive_is_refused_in_words(what: str) -> None:
    how, part, changes, kind = DAMAGE[what]
    content = bytearray(packed({"a.jsonl": line("hello there my friend", "greet") * 200}, how))
    start = content.rindex(part)
    for place, byte in changes.items():
        content[start + place] = byte
    with pytest.raises(DataError, match=rf"x\.zip: cannot be unpacked \({kind}\); expected a zip file\. Pack it"):
        preview_upload("x.zip", bytes(content))


def test_a_large_archive_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "MOST_BYTES", 10)
    with pytest.raises(DataError, match="holds more than"):
        preview_upload("x.zip", packed(GOO))


def test_a_hostile_name_is_no_path() -> None:
    found = preview_upload("../../etc/\x00.jsonl", (line("hi", "greet") + "{").encode())
    assert len(found.utterances) == 1
    assert found.findings[0].place == "line 2"


def test_a_finding_never_shows_the_scratch_folder() -> None:
    found = preview_upload("x.zip", packed({"seq.in": "a\nb\n", "seq.out": "O\n", "label": "x\n"}))
    assert found.findings and isinstance(found.findings[0], Finding)
    assert "jointbert-upload" not in repr(found.findings)


def test_every_format_says_what_its_file_is_called() -> None:
    known = file_formats()
    assert known["goo"].suffix == ".zip" and known["jsonl"].suffix == ".jsonl"
    assert all(format.suffix.startswith(".") and format.about for format in known.values())
