"""Shards: rows written to Arrow files by several processes, and read back memory-mapped as one data set."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import track

from jointbert.errors import DataError, MissingExtraError
from jointbert.pretraining.disk import cannot_write
from jointbert.pretraining.worker_logs import heard, send_logs

if TYPE_CHECKING:
    from datasets import Dataset

SHARDS = 8
"""How many parts a corpus has, whatever the number of processes: the same input gives the same rows."""

_ROWS = 256
"""Rows that are in memory at a time."""

Row = Mapping[str, Any]
Maker = Callable[[int], Iterable[Row]]
"""A shard's number → its rows: columns of numpy arrays or numbers. It goes to other processes by pickle."""


def require_arrow() -> None:
    """See that the libraries of this module are there.

    Raises:
        MissingExtraError: They are not.
    """
    try:
        import datasets

        datasets.Dataset  # noqa: B018  a folder of that name would pass for the library
    except (ImportError, AttributeError):
        raise MissingExtraError("pretrain", "jointbert pretrain") from None


def build_shards(folder: Path, name: str, make: Maker, processes: int | None) -> Dataset:
    """The rows that ``make`` gives for every shard, as one memory-mapped data set; finished shards are kept.

    Args:
        folder: Where the Arrow files go.
        name: Of the files, and on the progress bar.
        make: Gives a shard's rows.
        processes: How many at once; None takes one per core.

    Raises:
        DataError: No shard has a row, or reading failed.
        ModelError: The files cannot be written.
    """
    from datasets import Dataset, concatenate_datasets

    files = [folder / f"{name}-{shard:02}.arrow" for shard in range(SHARDS)]
    missing = [(shard, file) for shard, file in enumerate(files) if not file.is_file()]
    processes = min(processes or os.cpu_count() or 1, len(missing))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        console = Console(stderr=True)
        done = _run(make, missing, processes)
        for _ in track(done, f"{name}", len(missing), console=console, transient=True, disable=not console.is_terminal):
            pass
    except OSError as error:
        raise cannot_write(folder, error) from error
    parts = [Dataset.from_file(str(file)) for file in files if file.stat().st_size]
    if not parts:
        raise DataError(name, "are none: the corpus holds no text", "lines of text", "Look at corpus.sources.")
    whole: Dataset = concatenate_datasets(parts).with_format("numpy")
    return whole


def _run(make: Maker, missing: list[tuple[int, Path]], processes: int) -> Iterator[None]:
    if processes <= 1:
        for shard, file in missing:
            _write(make, shard, file)
            yield
        return
    context = multiprocessing.get_context("spawn")
    with (
        heard(context) as queue,
        ProcessPoolExecutor(processes, mp_context=context, initializer=_begin, initargs=(queue,)) as pool,
    ):
        try:
            yield from pool.map(_write, [make] * len(missing), *zip(*missing, strict=True))
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _begin(logs: Any) -> None:
    """Prepare a worker: one thread, and its logs where they are heard."""
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    send_logs(logs)


def _write(make: Maker, shard: int, file: Path) -> None:
    """One shard's file, whole or not at all. A shard without rows is an empty file."""
    import pyarrow

    unfinished = file.with_suffix(".unfinished")
    writer = None
    with unfinished.open("wb") as sink:
        for rows in _batches(make(shard)):
            table = pyarrow.table({key: pyarrow.array([row[key] for row in rows]) for key in rows[0]})
            if writer is None:
                writer = pyarrow.ipc.new_stream(sink, table.schema)
            writer.write_table(table)
        if writer is not None:
            writer.close()
    unfinished.replace(file)


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _ROWS:
            yield batch
            batch = []
    if batch:
        yield batch
