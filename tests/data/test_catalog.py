"""Known datasets: whole and verified, or not there at all; every refusal says what to do next."""

from __future__ import annotations

import hashlib
import http.server
import json
import logging
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from jointbert.data import fetch, read
from jointbert.data.catalog import CATALOG, Dataset, known
from jointbert.data.unpack import CLINC150_PARTS, cais_files
from jointbert.errors import DataError, DownloadError

COMMIT = "0" * 40
CONTENT = {"train/seq.in": b"fly to boston\n", "train/seq.out": b"O O B-city\n", "train/label": b"fly\n"}
BIES = "我 O B\n唱 B-song B\n小 I-song B\n歌 E-song E\nPlayMusic\n\n唱 O B\n小 S-song B\nPlayMusic\n\n".encode()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def dataset(name: str, content: dict[str, bytes], upstream: dict[str, str] | None = None) -> Dataset:
    return Dataset(
        name=name,
        about="a few lines",
        language="English",
        sizes={"train": 1},
        licence="CC0 1.0",
        citation="@misc{tiny}",
        repository="owner/tiny",
        commit=COMMIT,
        mirror=name,
        sha256={path: sha256(body) for path, body in content.items()},
        upstream=upstream or {path: f"data/{path}" for path in content},
    )


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> Dataset:
    """A dataset of three files in the catalog, and an upstream that nobody answers at."""
    made = dataset("tiny", CONTENT)
    monkeypatch.setitem(CATALOG, "tiny", made)
    monkeypatch.setattr(fetch, "RAW", "http://127.0.0.1:9")
    return made


@pytest.fixture
def mirror_folder(tmp_path: Path) -> Path:
    """A mirror in a folder, with the tiny dataset."""
    for path, body in CONTENT.items():
        target = tmp_path / "mirror" / "tiny" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(body)
    return tmp_path / "mirror"


class Server:
    """A server of a few files on this machine; it can announce more bytes than it sends."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.cut: set[str] = set()
        self.asked: list[str] = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = self.path.lstrip("/")
                outer.asked.append(path)
                if path not in outer.files:
                    self.send_error(404)
                    return
                body = outer.files[path]
                self.send_response(200)
                self.send_header("Content-Length", str(len(body) + (100 if path in outer.cut else 0)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.http.server_port}"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    made = Server()
    thread = threading.Thread(target=made.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield made
    made.http.shutdown()
    made.http.server_close()
    thread.join()


def leftovers(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_the_catalog_is_complete_and_pinned() -> None:
    assert list(CATALOG) == ["atis", "snips", "snips-original", "cais", "clinc150"]
    for name, entry in CATALOG.items():
        assert entry.name == name
        assert re.fullmatch(r"[0-9a-f]{40}", entry.commit)
        assert all(re.fullmatch(r"[0-9a-f]{64}", checksum) for checksum in entry.sha256.values())
        assert entry.upstream.keys() == entry.sha256.keys()
        assert entry.licence
        assert entry.citation.startswith("@")


def test_addresses_upstream_and_in_a_mirror() -> None:
    atis, original = known("atis"), known("snips-original")
    assert atis.upstream_url("train/seq.in", "https://raw") == (
        f"https://raw/MiuLab/SlotGated-SLU/{atis.commit}/data/atis/train/seq.in"
    )
    assert original.upstream["train/PlayMusic.json"].endswith("/PlayMusic/train_PlayMusic_full.json")
    assert original.upstream["test/PlayMusic.json"].endswith("/PlayMusic/validate_PlayMusic.json")
    assert original.mirror_path("train/PlayMusic.json") == "snips_original/train_PlayMusic_full.json"


def test_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(DataError, match=r"dataset 'snips_orginal': is not known; .* Did you mean 'snips-original'\?"):
        known("snips_orginal")
    with pytest.raises(DataError, match="jointbert data list"):
        known("zzz")


@pytest.mark.parametrize("form", ["folder", "file", "http"])
def test_a_mirror_gives_the_whole_dataset(
    form: str, tiny: Dataset, mirror_folder: Path, tmp_path: Path, server: Server
) -> None:
    server.files = {f"copy/tiny/{path}": body for path, body in CONTENT.items()}
    address = {"folder": str(mirror_folder), "file": mirror_folder.as_uri(), "http": f"{server.address}/copy/"}[form]
    received: list[tuple[str, int]] = []
    fetched = fetch.get("tiny", tmp_path / "out" / "tiny", address, lambda name, size: received.append((name, size)))
    assert fetched.origin == address
    assert [utterance.intent for utterance in read(fetched.folder / "train")] == ["fly"]
    assert leftovers(tmp_path / "out") == ["tiny"]
    assert received == [(path, len(body)) for path, body in CONTENT.items()]
    note = json.loads((fetched.folder / "SOURCE.json").read_text())
    assert note["licence"] == "CC0 1.0"
    assert note["sha256"] == tiny.sha256


def test_upstream_is_pinned_to_the_commit(
    tiny: Dataset, tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "RAW", server.address)
    server.files = {f"owner/tiny/{COMMIT}/data/{path}": body for path, body in CONTENT.items()}
    assert fetch.get("tiny", tmp_path / "tiny").origin == tiny.home
    assert server.asked == list(server.files)


def test_upstream_is_asked_when_the_mirror_fails_and_that_is_said(
    tiny: Dataset, tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(fetch, "RAW", server.address)
    server.files = {f"owner/tiny/{COMMIT}/data/{path}": body for path, body in CONTENT.items()}
    with caplog.at_level(logging.WARNING, logger="jointbert.data"):
        assert fetch.get("tiny", tmp_path / "tiny", str(tmp_path / "nowhere")).origin == tiny.home
    assert "tiny/train/seq.in" in caplog.text
    assert "nowhere gave no file" in caplog.text


def test_what_is_there_and_whole_is_left_alone(tiny: Dataset, mirror_folder: Path, tmp_path: Path) -> None:
    fetch.get("tiny", tmp_path / "tiny", str(mirror_folder))
    assert fetch.get("tiny", tmp_path / "tiny").origin is None


def test_an_empty_folder_is_filled(tiny: Dataset, mirror_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "tiny").mkdir()
    assert fetch.get("tiny", tmp_path / "tiny", str(mirror_folder)).origin


@pytest.mark.parametrize("flaw", ["train/label is missing", "train/seq.in was changed"])
def test_a_changed_folder_is_neither_used_nor_touched(
    flaw: str, tiny: Dataset, mirror_folder: Path, tmp_path: Path
) -> None:
    folder = fetch.get("tiny", tmp_path / "tiny", str(mirror_folder)).folder
    if "missing" in flaw:
        (folder / "train/label").unlink()
    else:
        (folder / "train/seq.in").write_text("mine\n")
    with pytest.raises(DownloadError, match=rf"is in the way: {flaw}; expected the verified tiny.* --output\."):
        fetch.get("tiny", folder, str(mirror_folder))
    assert leftovers(folder) == ["SOURCE.json", "train"]


def test_a_wrong_file_is_refused_by_its_checksum(tiny: Dataset, mirror_folder: Path, tmp_path: Path) -> None:
    (mirror_folder / "tiny/train/seq.out").write_bytes(b"O O O\n")
    with pytest.raises(DownloadError) as caught:
        fetch.get("tiny", tmp_path / "out" / "tiny", str(mirror_folder))
    message = str(caught.value)
    assert message.startswith("tiny/train/seq.out: the mirror gave 6 bytes with the sha256 ")
    assert f"expected sha256 {tiny.sha256['train/seq.out']}" in message
    assert message.endswith("jointbert data get tiny --mirror FOLDER_OR_URL")
    assert leftovers(tmp_path / "out") == []


def test_a_cut_download_is_refused(tiny: Dataset, tmp_path: Path, server: Server) -> None:
    server.files = {f"tiny/{path}": body for path, body in CONTENT.items()}
    server.cut = {"tiny/train/label"}
    with pytest.raises(DownloadError, match=r"tiny/train/label: the mirror gave (4 bytes, cut off|no file \(Incomp)"):
        fetch.get("tiny", tmp_path / "out" / "tiny", server.address)
    assert leftovers(tmp_path / "out") == []


def test_a_server_without_the_file_says_404(tiny: Dataset, tmp_path: Path, server: Server) -> None:
    with pytest.raises(DownloadError, match="the mirror gave HTTP 404"):
        fetch.get("tiny", tmp_path / "out" / "tiny", server.address)


def test_a_file_without_end_is_refused(
    tiny: Dataset, mirror_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jointbert.data.download._LIMIT", 5)
    with pytest.raises(DownloadError, match="more than 5 bytes"):
        fetch.get("tiny", tmp_path / "tiny", str(mirror_folder))


def test_without_a_network_the_mirror_is_suggested(tiny: Dataset, tmp_path: Path) -> None:
    with pytest.raises(
        DownloadError, match=r"tiny/train/seq\.in: upstream gave no file \(.*\).*--mirror FOLDER_OR_URL"
    ):
        fetch.get("tiny", tmp_path / "out" / "tiny")
    assert leftovers(tmp_path / "out") == []


def test_a_folder_that_cannot_be_written(tiny: Dataset, mirror_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DownloadError, match=r"file/tiny: cannot be written \(.*\); .* Choose another with --output\."):
        fetch.get("tiny", tmp_path / "file" / "tiny", str(mirror_folder))


def test_cais_becomes_bio_and_is_fetched_once_a_split(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = {f"train/{name}": body for name, body in cais_files(BIES).items()}
    monkeypatch.setitem(CATALOG, "cais", dataset("cais", content, dict.fromkeys(content, "data/train.txt")))
    monkeypatch.setattr(fetch, "RAW", server.address)
    server.files = {f"owner/tiny/{COMMIT}/data/train.txt": BIES}
    folder = fetch.get("cais", tmp_path / "cais").folder
    assert (folder / "train/seq.out").read_text() == "O B-song I-song I-song\nO B-song\n"
    assert [span.value for utterance in read(folder / "train") for span in utterance.spans] == ["唱小歌", "小"]
    assert len(server.asked) == 1


def test_cais_in_another_shape_is_refused(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CATALOG, "cais", dataset("cais", {"train/label": b"x"}, {"train/label": "data/train.txt"}))
    monkeypatch.setattr(fetch, "RAW", server.address)
    server.files = {f"owner/tiny/{COMMIT}/data/train.txt": b"one line\n"}
    with pytest.raises(DownloadError, match="cais block 1: 'one line' is not a tagged utterance"):
        fetch.get("cais", tmp_path / "cais")


def test_clinc150_becomes_six_splits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = {part: [[f"text of {part}", "oos" if "oos" in part else "bill"]] for part in CLINC150_PARTS}
    body = json.dumps(parts).encode()
    monkeypatch.setitem(CATALOG, "clinc150", dataset("clinc150", {"data_full.json": body}))
    (tmp_path / "mirror/clinc150").mkdir(parents=True)
    (tmp_path / "mirror/clinc150/data_full.json").write_bytes(body)
    folder = fetch.get("clinc150", tmp_path / "clinc150", str(tmp_path / "mirror")).folder
    assert [(u.text, u.intent) for u in read(folder / "oos_dev.jsonl")] == [("text of oos_val", "oos")]
    assert len(list(folder.glob("*.jsonl"))) == 6
    assert fetch.get("clinc150", folder).origin is None
    (folder / "test.jsonl").write_text("")
    with pytest.raises(DownloadError, match=r"test\.jsonl was changed"):
        fetch.get("clinc150", folder)
    (folder / "SOURCE.json").unlink()
    with pytest.raises(DownloadError, match=r"SOURCE\.json is missing"):
        fetch.get("clinc150", folder)


@pytest.mark.mirror
@pytest.mark.parametrize("name", list(CATALOG))
def test_the_real_files_have_the_sizes_and_checksums_of_the_catalog(name: str, mirror: Path, tmp_path: Path) -> None:
    fetched = fetch.get(name, tmp_path / name, str(mirror))
    for split, size in CATALOG[name].sizes.items():
        path = fetched.folder / split
        assert len(read(path if path.is_dir() else path.with_suffix(".jsonl"))) == size
