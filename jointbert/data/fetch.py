"""Fetch a known dataset: from a mirror or upstream, verified before anything of it is seen under its name."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from jointbert.data.catalog import Dataset, known
from jointbert.data.download import Failed, Progress, address, download
from jointbert.data.unpack import CLINC150_PARTS, cais_files, unpack_clinc150
from jointbert.errors import DownloadError

RAW = "https://raw.githubusercontent.com"
"""The server of raw upstream files."""

SOURCE = "SOURCE.json"
"""The file in a dataset's folder that says where it came from and what it may be used for."""

_logger = logging.getLogger("jointbert.data")


@dataclass(frozen=True, slots=True)
class Fetched:
    """Where a dataset lies now.

    Args:
        dataset: What it is.
        folder: Where it lies.
        origin: The mirror or the upstream page it came from; None when it was there already.
    """

    dataset: Dataset
    folder: Path
    origin: str | None


def get(
    name: str, output: Path | str | None = None, mirror: str | None = None, progress: Progress | None = None
) -> Fetched:
    """A known dataset on this disk, whole and verified.

    Args:
        name: Its name in the catalog.
        output: Where to put it; ``datasets/<name>`` when None. The folder appears whole or not at all.
        mirror: A folder, or a ``file://`` or ``http(s)://`` address, that is tried before upstream.
        progress: Called as bytes come in.

    Raises:
        DataError: No dataset has that name.
        DownloadError: It can be had neither from the mirror nor from upstream, or not be written.
    """
    dataset = known(name)
    folder = Path(output) if output is not None else Path("datasets") / name
    if os.path.lexists(folder) and not _is_empty(folder):
        flaw = find_flaw(dataset, folder)
        if flaw is None:
            return Fetched(dataset, folder, None)
        raise DownloadError(
            str(folder), f"is in the way: {flaw}", f"the verified {name}, or nothing", "Move it away, or use --output."
        )
    try:
        return _fetch(dataset, folder, mirror, progress or (lambda _name, _size: None))
    except OSError as error:
        raise DownloadError(
            str(folder),
            f"cannot be written ({error.strerror or error})",
            "a folder that may be written to and has room",
            "Choose another with --output.",
        ) from error


def find_flaw(dataset: Dataset, folder: Path) -> str | None:
    """What keeps a folder from being the whole and unchanged dataset; None when nothing does."""
    expected = _made_here(dataset, folder) | dict(dataset.sha256)
    for path, checksum in expected.items():
        try:
            content = (folder / path).read_bytes()
        except OSError:
            return f"{path} is missing"
        if hashlib.sha256(content).hexdigest() != checksum:
            return f"{path} was changed"
    return None


def _made_here(dataset: Dataset, folder: Path) -> dict[str, str]:
    """The checksums that were noted when a folder was filled, of the files that are made here; else of none."""
    if not _derived(dataset):
        return {}
    try:
        noted = json.loads((folder / SOURCE).read_text(encoding="utf-8"))["sha256"]
        return {path: noted[path] for path in _derived(dataset)}
    except (OSError, ValueError, KeyError, TypeError):
        return {SOURCE: ""}


def _derived(dataset: Dataset) -> tuple[str, ...]:
    """The files that are made here from the downloaded ones."""
    return tuple(f"{split}.jsonl" for split in CLINC150_PARTS.values()) if dataset.name == "clinc150" else ()


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and next(folder.iterdir(), None) is None


def _fetch(dataset: Dataset, folder: Path, mirror: str | None, progress: Progress) -> Fetched:
    """Try the mirror and then upstream; each attempt fills a hidden neighbour that is renamed when it is whole."""
    failures: list[Failed] = []
    folder.parent.mkdir(parents=True, exist_ok=True)
    for origin, content in _origins(dataset, mirror, progress):
        scratch = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".part", dir=folder.parent))
        try:
            _fill(dataset, scratch, content)
            _describe(dataset, scratch, origin)
            scratch.chmod(0o755)
            os.replace(scratch, folder)
            _tell(dataset, mirror, failures)
            return Fetched(dataset, folder, origin)
        except Failed as failure:
            failures.append(failure)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    raise _explain(dataset, failures)


Content = Callable[[str], bytes]
"""The content of a local file, fetched."""


def _origins(dataset: Dataset, mirror: str | None, progress: Progress) -> Iterator[tuple[str, Content]]:
    """Where to fetch from, in order, and how."""
    if mirror:
        yield mirror, lambda path: download(address(mirror, dataset.mirror_path(path)), path, progress)
    yield dataset.home, _upstream(dataset, progress)


def _upstream(dataset: Dataset, progress: Progress) -> Content:
    unpacked: dict[str, bytes] = {}

    def content(path: str) -> bytes:
        if dataset.name != "cais":
            return download(dataset.upstream_url(path, RAW), path, progress)
        if path not in unpacked:
            split = path.partition("/")[0]
            url = dataset.upstream_url(path, RAW)
            try:
                files = cais_files(download(url, f"{split}.txt", progress))
            except (DownloadError, UnicodeDecodeError) as error:
                raise Failed(path, url, str(error), "a split of CAIS") from error
            unpacked.update({f"{split}/{name}": text for name, text in files.items()})
        return unpacked[path]

    return content


def _fill(dataset: Dataset, scratch: Path, content: Content) -> None:
    """Fetch and verify every file of a dataset, then make what is made from them."""
    for path, checksum in dataset.sha256.items():
        body = content(path)
        found = hashlib.sha256(body).hexdigest()
        if found != checksum:
            raise Failed(path, "", f"{len(body)} bytes with the sha256 {found}", f"sha256 {checksum}")
        target = scratch / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(body)
    if dataset.name == "clinc150":
        unpack_clinc150(scratch)


def _describe(dataset: Dataset, scratch: Path, origin: str) -> None:
    """Write down beside the files where they come from, under which licence, and their checksums."""
    paths = (*dataset.sha256, *_derived(dataset))
    content = {
        "name": dataset.name,
        "upstream": dataset.home,
        "fetched_from": origin,
        "licence": dataset.licence,
        "citation": dataset.citation,
        "sha256": {path: hashlib.sha256((scratch / path).read_bytes()).hexdigest() for path in paths},
    }
    (scratch / SOURCE).write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _tell(dataset: Dataset, mirror: str | None, failures: list[Failed]) -> None:
    """Log that the mirror was of no use, when upstream stood in for it."""
    for failure in failures:
        _logger.warning("%s/%s: %s gave %s; it was taken from upstream", dataset.name, failure.path, mirror, failure)


def _explain(dataset: Dataset, failures: list[Failed]) -> DownloadError:
    """The error that says what each origin answered."""
    names = ["upstream"] if len(failures) == 1 else ["the mirror", "upstream"]
    told = "; ".join(
        f"{name} gave {failure.what}" + (f" ({failure.url})" if failure.url.startswith("http") else "")
        for name, failure in zip(names, failures, strict=True)
    )
    return DownloadError(
        f"{dataset.name}/{failures[0].path}",
        told,
        failures[0].expected,
        f"Nothing was written. Try again, or fetch it from a copy: "
        f"jointbert data get {dataset.name} --mirror FOLDER_OR_URL",
    )
